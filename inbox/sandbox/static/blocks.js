import { h } from './dom.js';
import { renderElement } from './elements.js';
import { mrkdwn, textObject } from './mrkdwn.js';
import { names } from './store.js';

/** Block Kit's layout blocks as nodes. */

/** Renders blocks; see elements.js for what a form is. `errors` are by block id. */
export function renderBlocks(blocks, form, errors = {}) {
  return blocks.map((block) => {
    const build = BUILDERS[block.type];
    return build ? build(block, form, errors[block.block_id]) : null;
  });
}

/** A form that remembers entries by block and action; `use` is called when an element is used. */
export function makeForm(id, use, entries = {}) {
  const form = {
    id,
    entries,
    labels: new Map(),
    get: (block, action) => entries[block]?.[action],
    set: (block, action, entry) => {
      entries[block] = { ...entries[block], [action]: entry };
    },
    use: (detail) => use({ ...detail, entries }),
  };
  return form;
}

const BUILDERS = {
  section: (block, form) =>
    h(
      'div',
      { class: 'block section' },
      h(
        'div',
        { class: 'section-body' },
        block.text ? h('div', { class: 'mrkdwn' }, textObject(block.text, names)) : null,
        block.fields
          ? h(
              'div',
              { class: 'fields' },
              block.fields.map((field) => h('div', { class: 'mrkdwn' }, textObject(field, names))),
            )
          : null,
      ),
      block.accessory
        ? h('div', { class: 'accessory' }, renderElement(block.accessory, block.block_id, form, true))
        : null,
    ),
  header: (block) => h('h3', { class: 'block header' }, textObject(block.text, names)),
  divider: () => h('hr', { class: 'block' }),
  context: (block) =>
    h(
      'div',
      { class: 'block context' },
      block.elements.map((element) =>
        element.type === 'image'
          ? h('img', { src: element.image_url, alt: element.alt_text })
          : h('span', { class: 'mrkdwn' }, textObject(element, names)),
      ),
    ),
  actions: (block, form) =>
    h(
      'div',
      { class: 'block actions' },
      block.elements.map((element) => renderElement(element, block.block_id, form, true)),
    ),
  image: (block) =>
    h(
      'figure',
      { class: 'block picture' },
      block.title ? h('figcaption', {}, textObject(block.title, names)) : null,
      h('img', { src: block.image_url, alt: block.alt_text, loading: 'lazy' }),
    ),
  input: (block, form, error) => inputBlock(block, form, error),
  rich_text: (block) => h('div', { class: 'block mrkdwn' }, mrkdwn(richWords(block.elements), names)),
};

function inputBlock(block, form, error) {
  form.labels.set(block.block_id, block.label.text);
  const { element } = block;
  const id = `${form.id}-${block.block_id}-${element.action_id}`;
  const ticking = ['checkboxes', 'radio_buttons', 'multi_static_select', 'multi_users_select'].includes(
    element.type,
  );
  const label = [textObject(block.label, names), block.optional ? h('small', {}, ' (optional)') : null];
  return h(
    ticking ? 'fieldset' : 'div',
    { class: `block field ${error ? 'wrong' : ''}` },
    ticking ? h('legend', {}, label) : h('label', { for: id }, label),
    renderElement(element, block.block_id, form, block.dispatch_action ?? false),
    error ? h('p', { class: 'error', role: 'alert' }, error) : null,
    block.hint ? h('p', { class: 'hint' }, textObject(block.hint, names)) : null,
  );
}

/** The words of a rich text block; its layout is left out. */
function richWords(elements) {
  return elements
    .map((element) => element.text ?? (Array.isArray(element.elements) ? richWords(element.elements) : ''))
    .join('');
}
