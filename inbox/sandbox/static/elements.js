import { h, icon } from './dom.js';
import { textObject } from './mrkdwn.js';
import { askToConfirm, showMenu } from './overlays.js';
import { names, state } from './store.js';

/**
 * Block Kit's interactive elements. A form remembers what was entered: `form.get(block, action)` and
 * `form.set(block, action, entry)`; `form.use(detail)` tells the app that an element was used.
 */

/** Renders one element of a block. `dispatches` says whether a change is told to the app at once. */
export function renderElement(element, blockId, form, dispatches) {
  const build = BUILDERS[element.type];
  if (!build)
    return h('span', { class: 'unsupported' }, `This kind of element (${element.type}) is not shown here.`);
  const actionId = element.action_id;
  const field = {
    value: form.get(blockId, actionId),
    set: (entry) => form.set(blockId, actionId, entry),
    dispatch: (entry) => (dispatches ? use(element, { actionId, blockId, entry }, form) : undefined),
    change: (entry) => {
      field.set(entry);
      return field.dispatch(entry);
    },
    press: (entry) => use(element, { actionId, blockId, entry }, form),
    label: form.labels?.get(blockId),
    id: `${form.id}-${blockId}-${actionId}`,
  };
  return build(element, field);
}

const TYPING_ENDS_MS = 1200;
const LABELS = { date: 'Day', time: 'Time', 'datetime-local': 'Day and time' };

const BUILDERS = {
  button: (element, field) =>
    h(
      'button',
      {
        type: 'button',
        class: `button ${element.style ?? ''}`,
        'aria-label': element.accessibility_label,
        onclick: () => {
          if (element.url && /^https?:/i.test(element.url)) open(element.url, '_blank', 'noopener');
          return field.press();
        },
      },
      textObject(element.text, names),
    ),
  static_select: (element, field) =>
    select(field, element, element.initial_option?.value, optionNodes(element)),
  users_select: (element, field) => select(field, element, element.initial_user, peopleOptions()),
  conversations_select: (element, field) =>
    select(field, element, element.initial_conversation, channelOptions()),
  multi_static_select: (element, field) =>
    ticks(field, 'checkbox', allOptions(element), initialValues(element), true),
  multi_users_select: (element, field) =>
    ticks(field, 'checkbox', people(), element.initial_users ?? [], true),
  checkboxes: (element, field) => ticks(field, 'checkbox', element.options, initialValues(element)),
  radio_buttons: (element, field) =>
    ticks(field, 'radio', element.options, element.initial_option ? [element.initial_option.value] : []),
  overflow: (element, field) => {
    const items = element.options.map((option) => ({
      label: option.text.text,
      choose: () => {
        if (option.url && /^https?:/i.test(option.url)) open(option.url, '_blank', 'noopener');
        field.press(option.value);
      },
    }));
    const button = h(
      'button',
      { type: 'button', class: 'button quiet', 'aria-label': 'More actions' },
      icon('more'),
    );
    button.addEventListener('click', () => showMenu(button, items));
    return button;
  },
  datepicker: (element, field) => input(field, element, 'date', element.initial_date),
  timepicker: (element, field) => input(field, element, 'time', element.initial_time),
  datetimepicker: (element, field) => {
    const seconds = (value) => (value ? String(new Date(value).getTime() / 1000) : null);
    const node = input(field, element, 'datetime-local', undefined, seconds);
    const at = Number(field.value ?? element.initial_date_time);
    if (at) node.value = localDateTime(new Date(at * 1000));
    return node;
  },
  plain_text_input: (element, field) => textInput(element, field, 'text'),
  email_text_input: (element, field) => textInput(element, field, 'email'),
  url_text_input: (element, field) => textInput(element, field, 'url'),
  number_input: (element, field) => textInput(element, field, element.is_decimal_allowed ? 'text' : 'number'),
  image: (element) =>
    h('img', { class: 'thumb', src: element.image_url, alt: element.alt_text, loading: 'lazy' }),
};

async function use(element, detail, form) {
  if (element.confirm && !(await askToConfirm(element.confirm))) return;
  await form.use(detail);
}

function textInput(element, field, type) {
  const value = field.value ?? element.initial_value ?? '';
  const tellsAll = element.dispatch_action_config?.trigger_actions_on.includes('on_character_entered');
  const props = {
    id: field.id,
    class: 'input',
    placeholder: element.placeholder?.text,
    maxlength: element.max_length,
    autofocus: element.focus_on_load,
    value,
    'aria-label': field.label ? undefined : (element.placeholder?.text ?? 'Text'),
    oninput: ({ target }) => (tellsAll ? field.change(target.value) : field.set(target.value)),
    onkeydown: (event) => {
      const isDone = event.key === 'Enter' && !event.shiftKey && !event.isComposing;
      if (isDone && !tellsAll && !element.multiline) field.dispatch(event.target.value);
    },
  };
  return element.multiline
    ? h('textarea', { ...props, rows: 4 })
    : h('input', { ...props, type, step: 'any' });
}

/** A day or time. Typed by keyboard it changes with every digit: it counts when the typing has ended. */
function input(field, element, type, initial, entryOf = (value) => value || null) {
  let ending;
  let isOwed = false;
  const tell = ({ target }) => {
    clearTimeout(ending);
    if (isOwed) field.dispatch(entryOf(target.value));
    isOwed = false;
  };
  return h('input', {
    id: field.id,
    class: 'input fit',
    type,
    value: field.value ?? initial ?? '',
    'aria-label': field.label ? undefined : (element.placeholder?.text ?? LABELS[type]),
    onchange: (event) => {
      field.set(entryOf(event.target.value));
      isOwed = true;
      clearTimeout(ending);
      ending = setTimeout(() => tell(event), TYPING_ENDS_MS);
    },
    onblur: tell,
    onkeydown: (event) => {
      if (event.key === 'Enter') tell(event);
    },
  });
}

function select(field, element, initial, options) {
  const placeholder = element.placeholder?.text ?? 'Choose…';
  const node = h(
    'select',
    {
      id: field.id,
      class: 'input fit',
      'aria-label': field.label ? undefined : placeholder,
      onchange: (event) => field.change(event.target.value || null),
    },
    h('option', { value: '' }, placeholder),
    options,
  );
  node.value = field.value ?? initial ?? '';
  return node;
}

function ticks(field, type, options, initial, boxed = false) {
  const chosen = new Set(field.value === undefined ? initial : [field.value ?? []].flat());
  const group = h('div', {
    class: boxed ? 'ticks boxed' : 'ticks',
    role: type === 'radio' ? 'radiogroup' : 'group',
  });
  const changed = () => {
    const values = [...group.querySelectorAll('input:checked')].map((tick) => tick.value);
    field.change(type === 'radio' ? (values[0] ?? null) : values);
  };
  for (const option of options) {
    const tick = h('input', { type, name: field.id, onchange: changed });
    tick.value = option.value;
    tick.checked = chosen.has(option.value);
    const detail = option.description ? h('small', {}, textObject(option.description, names)) : null;
    group.append(h('label', {}, tick, h('span', {}, textObject(option.text, names), detail)));
  }
  return group;
}

function optionNodes(element) {
  const nodes = (options) => options.map((option) => h('option', { value: option.value }, option.text.text));
  const groups = (element.option_groups ?? []).map((group) =>
    h('optgroup', { label: group.label.text }, nodes(group.options)),
  );
  return [...nodes(element.options ?? []), ...groups];
}

function allOptions(element) {
  return [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];
}

function initialValues(element) {
  return (element.initial_options ?? []).map((option) => option.value);
}

function people() {
  return [...state.members.values()].map((member) => ({
    value: member.id,
    text: { type: 'plain_text', text: member.realName },
  }));
}

function peopleOptions() {
  return [...state.members.values()].map((member) => h('option', { value: member.id }, member.realName));
}

function channelOptions() {
  return [...state.channels.values()]
    .filter((channel) => channel.kind === 'private')
    .map((channel) => h('option', { value: channel.id }, `#${channel.name}`));
}

function localDateTime(at) {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
