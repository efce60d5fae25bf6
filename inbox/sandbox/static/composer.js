import { h, icon } from './dom.js';
import { attempt, notice } from './overlays.js';
import { act, state } from './store.js';

/** The place to write: text, files, and slash commands. Drafts stay with their channel or thread. */

const drafts = new Map();
const previews = new WeakMap();
const MAX_FILE_BYTES = 20 * 1024 * 1024;

/** Makes a composer for a channel or, with `threadTs`, for a thread. */
export function composer(channelId, label, threadTs) {
  const key = `${state.me}/${channelId}/${threadTs ?? ''}`;
  const draft = drafts.get(key) ?? { text: '', files: [] };
  drafts.set(key, draft);

  const chips = h('div', { class: 'chips' });
  const hint = h('div', { class: 'command-hint', hidden: true });
  const area = h('textarea', { rows: 1, placeholder: label, 'aria-label': label, value: draft.text });
  const send = h(
    'button',
    { type: 'submit', class: 'send', 'aria-label': 'Send', title: 'Send' },
    icon('send'),
  );
  const picker = h('input', {
    type: 'file',
    multiple: true,
    hidden: true,
    tabindex: -1,
    'aria-hidden': 'true',
  });
  const attach = h(
    'button',
    { type: 'button', class: 'attach', 'aria-label': 'Attach files', title: 'Attach files' },
    icon('attach'),
  );

  const refresh = () => {
    area.style.height = 'auto';
    area.style.height = `${Math.min(area.scrollHeight, 180)}px`;
    send.disabled = area.value.trim() === '' && draft.files.length === 0;
    showCommands(hint, area, threadTs);
    chips.replaceChildren(...draft.files.map((file) => chip(file, draft, refresh)));
  };
  const submit = async (event) => {
    event?.preventDefault();
    if (send.disabled) return;
    const sent = { text: area.value, files: draft.files };
    Object.assign(draft, { text: '', files: [] });
    area.value = '';
    refresh();
    const done = await attempt(() => deliver(channelId, threadTs, sent));
    if (!done) restore(draft, sent, area, refresh);
  };

  area.addEventListener('input', () => {
    draft.text = area.value;
    refresh();
  });
  area.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
  });
  attach.addEventListener('click', () => picker.click());
  picker.addEventListener('change', () => {
    takeFiles(draft, picker.files, refresh);
    picker.value = '';
  });
  const form = h(
    'form',
    { class: 'composer', onsubmit: submit },
    chips,
    hint,
    h('div', { class: 'composer-row' }, attach, picker, area, send),
  );
  acceptFiles(form, area, (files) => takeFiles(draft, files, refresh));
  requestAnimationFrame(refresh);
  return form;
}

async function deliver(channelId, threadTs, { text, files }) {
  const command = /^(\/\w+)(?:\s+([\s\S]*))?$/.exec(text.trim());
  if (command && files.length === 0) {
    if (threadTs) throw new Error(`${command[1]} can only be used in a channel, not in a thread.`);
    await act('command', { channel: channelId, command: command[1], text: command[2] ?? '' });
    return true;
  }
  const attached = await Promise.all(
    files.map(async (file) => ({ name: file.name, base64: await base64(file) })),
  );
  await act('post', { channel: channelId, text, files: attached, ...(threadTs ? { threadTs } : {}) });
  return true;
}

function restore(draft, sent, area, refresh) {
  if (area.value === '') area.value = sent.text;
  Object.assign(draft, { text: area.value, files: [...sent.files, ...draft.files] });
  refresh();
}

function showCommands(hint, area, threadTs) {
  const typed = area.value.split(/\s/)[0];
  const matching = state.commands.filter(
    (command) => typed !== '' && command.startsWith(typed) && area.value.length <= typed.length,
  );
  hint.hidden = threadTs !== undefined || matching.length === 0 || !typed.startsWith('/');
  hint.replaceChildren(
    ...matching.map((command) =>
      h(
        'button',
        {
          type: 'button',
          onclick: () => {
            area.value = `${command} `;
            area.dispatchEvent(new Event('input'));
            area.focus();
          },
        },
        h('strong', {}, command),
        h('span', { class: 'soft' }, `${state.app.name} · type ${command} help to see what it can do`),
      ),
    ),
  );
}

function takeFiles(draft, files, refresh) {
  for (const file of files) {
    if (file.size > MAX_FILE_BYTES) notice(`${file.name} is larger than 20 MB.`);
    else draft.files = [...draft.files, file];
  }
  refresh();
}

function chip(file, draft, refresh) {
  const remove = () => {
    draft.files = draft.files.filter((known) => known !== file);
    refresh();
  };
  const close = h(
    'button',
    { type: 'button', 'aria-label': `Remove ${file.name}`, onclick: remove },
    icon('close'),
  );
  const picture = file.type.startsWith('image/') ? preview(file) : icon('file');
  return h('span', { class: 'chip' }, picture, h('span', { class: 'grow' }, file.name), close);
}

/** A picture that is about to be sent. Read once: the chips are drawn anew with every letter. */
function preview(file) {
  const image = h('img', { alt: '' });
  const known = previews.get(file) ?? base64(file).then((bytes) => `data:${file.type};base64,${bytes}`);
  previews.set(file, known);
  known.then(
    (address) => {
      image.src = address;
    },
    () => image.remove(),
  );
  return image;
}

/** Files may be dropped anywhere on the channel or thread that the composer belongs to. */
export function acceptDrops() {
  const over = (event, isOver) => {
    const pane = event.target.closest?.('.main, .thread');
    for (const other of document.querySelectorAll('.dropping')) other.classList.remove('dropping');
    if (!pane?.querySelector('.composer') || !event.dataTransfer?.types.includes('Files')) return undefined;
    event.preventDefault();
    pane.classList.toggle('dropping', isOver);
    return pane;
  };
  addEventListener('dragover', (event) => over(event, true));
  addEventListener('dragleave', (event) => over(event, false));
  addEventListener('drop', (event) => {
    const form = over(event, false)?.querySelector('.composer');
    form?.dispatchEvent(new CustomEvent('files', { detail: event.dataTransfer.files }));
  });
}

function acceptFiles(form, area, take) {
  form.addEventListener('files', ({ detail }) => {
    take(detail);
    area.focus();
  });
  area.addEventListener('paste', (event) => {
    if (event.clipboardData.files.length > 0) take(event.clipboardData.files);
  });
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '');
    reader.onerror = () => reject(new Error(`${file.name} could not be read.`));
    reader.readAsDataURL(file);
  });
}
