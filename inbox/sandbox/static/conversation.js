import { composer } from './composer.js';
import { h, icon, reconcile } from './dom.js';
import { renderMessage } from './message.js';
import { attempt } from './overlays.js';
import { closeThread, route } from './route.js';
import { channelTitle } from './sidebar.js';
import { act, channelMessages, isReply, newestTs, state, threadMessages } from './store.js';

/** A channel's messages in the middle, and a thread on the right. */

const GROUP_WITHIN_S = 5 * 60;
const NEAR_END_PX = 80;

/** What the member had read when the channel was opened; replies newer than that are marked as news. */
let openedAt = { channel: '', readUpTo: '0' };
/** By member and thread: the newest reply seen in the thread's pane. */
const seenInThread = new Map();
let readAlready = '';

/** Whether a stage is read at its end, and should stay there while it grows or shrinks. */
const atEnd = new WeakMap();
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const stage = target.closest('.stage');
    if (stage && atEnd.get(stage)) stage.scrollTop = stage.scrollHeight;
  }
});

/** Shows a channel and its composer. */
export function showChannel(channel) {
  const stage = document.getElementById('stage');
  const key = `${state.me}/${channel.id}`;
  if (openedAt.channel !== key) openedAt = { channel: key, readUpTo: state.reads[channel.id] ?? '0' };
  if (stage.dataset.key !== key) {
    stage.dataset.key = key;
    stage.className = 'stage';
    putLog(stage, `Messages in ${channelTitle(channel)}`);
    const label =
      channel.kind === 'private' ? `Message #${channel.name}` : `Message ${channelTitle(channel)}`;
    document.getElementById('composer').replaceChildren(composer(channel.id, label));
  }
  fill(stage, channelMessages(channel.id), false);
  markRead(channel.id);
}

/** Shows the thread the address names, or hides the pane. */
export function showThread() {
  const { place, threadTs } = route();
  const pane = document.getElementById('thread');
  const channel = state.channels.get(place);
  pane.hidden = !(channel && threadTs);
  document.getElementById('app').classList.toggle('with-thread', !pane.hidden);
  if (pane.hidden) {
    pane.dataset.key = '';
    pane.replaceChildren();
    return;
  }
  const key = `${state.me}/${place}/${threadTs}`;
  if (pane.dataset.key !== key) {
    pane.dataset.key = key;
    const stage = h('div', { class: 'stage' });
    putLog(stage, 'Messages in this thread');
    pane.replaceChildren(threadBar(channel), stage, composer(place, 'Reply…', threadTs));
    pane.querySelector('textarea').focus();
  }
  const messages = threadMessages(place, threadTs);
  seenInThread.set(`${state.me}/${threadTs}`, messages.at(-1)?.ts ?? '0');
  fill(pane.querySelector('.stage'), messages, true);
}

/** Puts an empty list of messages on a stage, to be read from its end. */
function putLog(stage, label) {
  const log = h('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-label': label });
  if (!atEnd.has(stage)) {
    sizes.observe(stage);
    stage.addEventListener('scroll', () => {
      atEnd.set(stage, stage.scrollHeight - stage.scrollTop - stage.clientHeight < NEAR_END_PX);
    });
  }
  stage.replaceChildren(log);
  sizes.observe(log);
  atEnd.set(stage, true);
}

function threadBar(channel) {
  return h(
    'header',
    { class: 'bar' },
    h(
      'div',
      { class: 'bar-title' },
      h('h2', {}, 'Thread'),
      h('p', { class: 'soft' }, `#${channelTitle(channel)}`),
    ),
    h(
      'button',
      { type: 'button', class: 'ghost', 'aria-label': 'Close the thread', onclick: closeThread },
      icon('close'),
    ),
  );
}

function fill(stage, messages, inThread) {
  const list = stage.querySelector('.log');
  const focus = route().focus;
  const rows = rowsOf(messages, inThread, focus);
  reconcile(
    list,
    rows,
    (row) => row.key,
    (row) => row.signature,
    (row) => row.build(),
  );
  if (rows.length === 0) list.append(emptyState());
  const newest = messages.at(-1);
  if (newest?.user === state.me && stage.dataset.newest !== newest.ts) stage.scrollTop = stage.scrollHeight;
  stage.dataset.newest = newest?.ts ?? '';
  const target = focus && list.querySelector('.focused');
  if (target && stage.dataset.focused !== focus) {
    stage.dataset.focused = focus;
    atEnd.set(stage, false);
    target.scrollIntoView({ block: 'center' });
  }
}

function rowsOf(messages, inThread, focus) {
  const rows = [];
  const latest = messages[0] ? latestReplies(messages[0].channel) : new Map();
  let previous;
  for (const message of messages) {
    const day = dayOf(message.ts);
    if (!previous || dayOf(previous.ts) !== day) {
      rows.push({
        key: `day-${day}`,
        signature: day,
        build: () => h('div', { class: 'day' }, h('span', {}, day)),
      });
      previous = undefined;
    }
    const where = {
      inThread,
      grouped: !!previous && follows(previous, message),
      focused: message.ts === focus,
      unread:
        (latest.get(message.ts) ?? '0') >
        (seenInThread.get(`${state.me}/${message.ts}`) ?? openedAt.readUpTo),
    };
    const signature = JSON.stringify([message, where, state.me]);
    rows.push({ key: message.ts, signature, build: () => renderMessage(message, where) });
    previous = message;
  }
  return rows;
}

/** By thread: the newest reply of someone else. */
function latestReplies(channelId) {
  const latest = new Map();
  for (const message of state.messages.get(channelId)?.values() ?? []) {
    if (isReply(message) && message.user !== state.me) latest.set(message.thread_ts, message.ts);
  }
  return latest;
}

function follows(previous, message) {
  return (
    previous.user === message.user &&
    previous.username === message.username &&
    !previous.ephemeral === !message.ephemeral &&
    !message.blocks &&
    !previous.blocks &&
    Number(message.ts) - Number(previous.ts) < GROUP_WITHIN_S
  );
}

function emptyState() {
  return h(
    'div',
    { class: 'empty', dataset: { key: 'empty' } },
    h('p', {}, 'Nothing here yet.'),
    h(
      'p',
      { class: 'soft' },
      'Write as a buyer on the phone, and what needs a person will arrive in a channel.',
    ),
  );
}

function markRead(channelId) {
  const newest = newestTs(channelId);
  const mark = `${state.me}/${channelId}/${newest}`;
  if (document.hidden || newest <= (state.reads[channelId] ?? '0') || mark === readAlready) return;
  readAlready = mark;
  attempt(() => act('read', { channel: channelId, ts: newest }));
}

function dayOf(ts) {
  const at = new Date(Number(ts) * 1000);
  if (at.toDateString() === new Date().toDateString()) return 'Today';
  return new Intl.DateTimeFormat('en-IN', { weekday: 'long', day: 'numeric', month: 'long' }).format(at);
}
