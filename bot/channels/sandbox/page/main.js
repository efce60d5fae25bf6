import { makeChoice } from './bubble.js';
import { Chat } from './chat.js';
import { Composer } from './composer.js';
import { byId, icon, initials, make } from './element.js';
import * as server from './server.js';
import { closeSheet, openSheet, prepareSheet, sheetIsOpen } from './sheet.js';
import { Switcher } from './switcher.js';

const FIRST_NUMBER = '+919999900001';

/** Whose phone is shown, so that late answers for another phone are left alone. */
let number;
let drawn = false;
let seen;
let unfollow = () => {};
/** Messages leave this page one after the other: their order is the order they were written in. */
let line = Promise.resolve();

const composer = new Composer({
  send: write,
  edit: ({ id }, text) => act(server.sendEdit, { to: id, text }),
  locate: (place) => act(server.sendPlace, place),
  contact: (card) => act(server.sendContact, card),
});
const chat = new Chat(
  {
    reply: (message) => composer.reply(message),
    edit: (message) => composer.edit(message),
    react: ({ id }, emoji) => act(server.sendReaction, { to: id, emoji }),
    revoke: ({ id }) => act(server.sendRevocation, { to: id }),
    retry,
    tap,
    choose,
    earlier,
  },
  tellSeen,
);
const switcher = new Switcher(show, addPhone);
prepareSheet();
prepareCalls();
window.addEventListener('hashchange', () => show(numberInAddress()));
show(numberInAddress());

function numberInAddress() {
  const wanted = decodeURIComponent(location.hash.slice(1));
  return /^\+[1-9]\d{6,14}$/.test(wanted) ? wanted : FIRST_NUMBER;
}

function show(wanted) {
  if (wanted === number) return;
  number = wanted;
  drawn = false;
  seen = undefined;
  history.replaceState(null, '', `#${number}`);
  unfollow();
  unfollow = server.follow(number, take, (up) => setStatus(up ? 'online' : 'reconnecting…'));
}

function take(name, data) {
  if (name === 'snapshot') drawSnapshot(data);
  else if (name === 'message') chat.put(data);
  else if (name === 'typing') chat.typing(data.on);
  else switcher.put(data);
}

function drawSnapshot(snapshot) {
  byId('desk-name').textContent = snapshot.deskName;
  byId('desk-avatar').textContent = initials(snapshot.deskName);
  switcher.reset(snapshot.phones, number);
  seen = undefined;
  chat.reset(snapshot, drawn);
  if (!drawn) composer.reset(switcher.get(number)?.samples ?? [], snapshot.deskName);
  drawn = true;
}

function setStatus(words) {
  byId('desk-status').textContent = words;
}

function prepareCalls() {
  byId('call').append(icon('phone'));
  byId('call').addEventListener('click', () => act(server.sendCall, { video: false }));
  byId('video-call').append(icon('video'));
  byId('video-call').addEventListener('click', () => act(server.sendCall, { video: true }));
}

/** Sends what needs no bubble before the sandbox has it. */
function act(send, what) {
  const to = number;
  const key = server.newKey();
  line = line.then(async () => {
    try {
      await send(to, { key, ...what });
    } catch (error) {
      if (to !== number) return;
      composer.tell(error.status === undefined ? 'Not sent. Please try again.' : error.message);
    }
  });
}

function write({ text, quoted, file, voice }) {
  const key = server.newKey();
  const body = file
    ? {
        kind: 'file',
        media: 'document',
        fileName: file.name,
        mimeType: file.type,
        sizeBytes: file.size,
        caption: text,
        voice: voice || undefined,
      }
    : { kind: 'text', text };
  const to = number;
  const message = {
    id: key,
    from: 'buyer',
    at: new Date().toISOString(),
    state: 'sending',
    body,
    quoted,
    local: true,
  };
  message.post = () =>
    file
      ? server.sendFile(to, { key, file, caption: text, voice })
      : server.sendText(to, { key, text, quoted });
  chat.put(message);
  queue(to, message);
}

/** Posts a message when those before it are done; what the sandbox never got can be retried from here. */
function queue(to, message) {
  line = line.then(async () => {
    try {
      await message.post();
    } catch (error) {
      const reached = error.status !== undefined;
      if (reached && to === number) composer.tell(error.message);
      const known = to === number ? chat.get(message.id) : undefined;
      if (known?.local) chat.put({ ...message, state: 'undelivered' });
    }
  });
}

function retry(message) {
  const to = number;
  if (message.local) chat.put({ ...message, state: 'sending' });
  const again = message.local ? message : { ...message, post: () => server.sendAgain(to, message.id) };
  queue(to, again);
}

function tap(message, choice) {
  const to = number;
  const key = server.newKey();
  chat.put({ ...message, body: { ...message.body, chosen: choice.id } });
  line = line.then(async () => {
    try {
      await server.sendTap(to, { key, messageId: message.id, choiceId: choice.id });
    } catch (error) {
      if (to !== number) return;
      if (error.status !== 409) chat.put(message);
      composer.tell(error.status === undefined ? 'Not sent. Please tap again.' : error.message);
    }
  });
}

function choose(message) {
  const pick = (choice) => {
    closeSheet();
    tap(message, choice);
  };
  const rows = message.body.choices.map((choice) => makeChoice(choice, undefined, () => pick(choice)));
  openSheet('Choose one', make('div', { class: 'sheet-choices' }, ...rows));
}

async function earlier(before) {
  const from = number;
  const page = await server.fetchEarlier(from, before);
  if (from === number) chat.prepend(page);
}

async function addPhone() {
  const { phone } = await server.addPhone();
  if (sheetIsOpen()) closeSheet();
  show(phone.number);
  byId('text').focus();
}

function tellSeen(id) {
  if (id === seen) return;
  seen = id;
  // Best effort: the next message or visit tells it again.
  server.markRead(number, id).catch(() => {
    seen = undefined;
  });
}
