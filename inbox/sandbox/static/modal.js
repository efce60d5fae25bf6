import { makeForm, renderBlocks } from './blocks.js';
import { h, icon } from './dom.js';
import { textObject } from './mrkdwn.js';
import { attempt } from './overlays.js';
import { act, names, state } from './store.js';

/** The app's modals: the topmost is shown, what was entered stays while blocks keep their ids. */

const entriesByView = new Map();
let shown;

/** Shows the topmost modal of the member, or none. */
export function showModal() {
  const view = state.views.at(-1);
  const signature = view ? `${view.id}/${view.hash}/${state.views.length}` : '';
  if (shown?.signature === signature) return;
  const place = shown && shown.viewId === view?.id ? placeIn(shown.dialog) : undefined;
  shown?.dialog.close();
  shown?.dialog.remove();
  for (const id of entriesByView.keys()) {
    if (!state.views.some((known) => known.id === id)) entriesByView.delete(id);
  }
  shown = view ? { signature, viewId: view.id, dialog: open(view) } : undefined;
  if (place) restore(shown.dialog, place);
}

/** Where the member is in a modal that the app is about to update. */
function placeIn(dialog) {
  return { top: dialog.querySelector('.dialog-body').scrollTop, focused: document.activeElement?.id };
}

function restore(dialog, { top, focused }) {
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  dialog.querySelector('.dialog-body').scrollTop = top;
}

function open(view) {
  const entries = entriesByView.get(view.id) ?? {};
  entriesByView.set(view.id, entries);
  const form = makeForm(
    view.id,
    (use) => attempt(() => act('clickInView', { viewId: view.id, ...use })),
    entries,
  );
  const body = h('div', { class: 'dialog-body blocks' }, renderBlocks(view.blocks, form));
  const complaint = h('p', { class: 'error', role: 'alert', hidden: true });
  const submit = view.submit
    ? h('button', { type: 'submit', class: 'button primary' }, textObject(view.submit, names))
    : null;
  const dialog = h(
    'dialog',
    { class: 'dialog', 'aria-labelledby': `title-${view.id}` },
    h(
      'form',
      {
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          if (submit) send(view, form, { body, complaint, submit });
        },
      },
      heading(view),
      body,
      complaint,
      h('footer', {}, closeButton(view), submit),
    ),
  );
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    close(view, false);
  });
  document.getElementById('dialogs').append(dialog);
  dialog.showModal();
  (body.querySelector('[autofocus], input, textarea, select') ?? submit)?.focus();
  return dialog;
}

function heading(view) {
  const goBack = state.views.length > 1;
  return h(
    'header',
    {},
    goBack
      ? h(
          'button',
          { type: 'button', class: 'ghost', 'aria-label': 'Back', onclick: () => close(view, false) },
          icon('back'),
        )
      : null,
    h('h2', { id: `title-${view.id}` }, textObject(view.title, names)),
    h(
      'button',
      { type: 'button', class: 'ghost', 'aria-label': 'Close', onclick: () => close(view, true) },
      icon('close'),
    ),
  );
}

function closeButton(view) {
  const label = view.close ? textObject(view.close, names) : view.submit ? 'Cancel' : 'Close';
  return h('button', { type: 'button', class: 'button', onclick: () => close(view, false) }, label);
}

async function send(view, form, { body, complaint, submit }) {
  submit.disabled = true;
  const result = await attempt(() => act('submit', { viewId: view.id, entries: form.entries }));
  submit.disabled = false;
  complaint.hidden = result?.outcome !== 'failed';
  complaint.textContent = result?.reason ?? '';
  if (result?.outcome !== 'errors') return;
  body.replaceChildren(...renderBlocks(view.blocks, form, result.errors).filter(Boolean));
  body.querySelector('.wrong input, .wrong textarea, .wrong select')?.focus();
}

function close(view, all) {
  return attempt(() => act('closeView', { viewId: view.id, all }));
}
