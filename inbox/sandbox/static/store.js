/** What the page knows, kept current by the server's stream, and how it asks the server to act. */

export const state = {
  ready: false,
  connected: false,
  me: '',
  workspace: '',
  app: { name: '', userId: '' },
  members: new Map(),
  channels: new Map(),
  /** Messages by channel and ts. */
  messages: new Map(),
  ephemerals: new Map(),
  /** The member's modals, the topmost last. */
  views: [],
  home: null,
  /** Members who have the page open. */
  present: new Set(),
  reads: {},
  commands: [],
  shortcuts: [],
};

const CHOSEN = 'teamInbox.member';
const listeners = new Set();
let source;

/** Calls the listener after every change, with the event that made it. */
export function onChange(listener) {
  listeners.add(listener);
}

/** Starts, or starts again, as this member. Without one: as the address says, as last time, or as the first. */
export function actAs(memberId) {
  const asked = new URLSearchParams(location.search).get('as');
  const chosen = memberId ?? asked ?? localStorage.getItem(CHOSEN) ?? '';
  if (memberId) localStorage.setItem(CHOSEN, memberId);
  source?.close();
  source = new EventSource(`page/stream?as=${encodeURIComponent(chosen)}`);
  source.onmessage = ({ data }) => apply(JSON.parse(data));
  source.onerror = () => apply({ kind: 'lost' });
}

/** Asks the server to do something as the acting member. Resolves with its answer. @throws Error in plain words */
export async function act(action, body = {}) {
  const response = await fetch(`page/do/${action}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ as: state.me, ...body }),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? 'That did not work.');
  return answer;
}

/** A person's or the app's name. */
export function userName(id) {
  if (id === state.app.userId) return state.app.name;
  return state.members.get(id)?.realName;
}

export const names = {
  user: userName,
  channel: (id) => state.channels.get(id)?.name,
};

/** The messages of a channel outside threads, the member's ephemeral ones included, oldest first. */
export function channelMessages(channelId) {
  const stored = [...(state.messages.get(channelId)?.values() ?? [])].filter(
    (message) => !isReply(message) || message.subtype === 'thread_broadcast',
  );
  const own = ephemerals(channelId).filter((message) => !message.thread_ts);
  return [...stored, ...own].sort(byTs);
}

/** A thread's first message and replies, oldest first. */
export function threadMessages(channelId, threadTs) {
  const stored = [...(state.messages.get(channelId)?.values() ?? [])].filter(
    (message) => message.ts === threadTs || message.thread_ts === threadTs,
  );
  return [...stored, ...ephemerals(channelId).filter((message) => message.thread_ts === threadTs)].sort(byTs);
}

/** How many messages of a channel others wrote since the member last looked. */
export function unreadCount(channelId) {
  const readUpTo = state.reads[channelId] ?? '0';
  let count = 0;
  for (const message of state.messages.get(channelId)?.values() ?? []) {
    if (message.ts > readUpTo && message.user !== state.me) count += 1;
  }
  return count;
}

/** The ts of a channel's newest message. */
export function newestTs(channelId) {
  return [...(state.messages.get(channelId)?.keys() ?? [])].reduce(
    (newest, ts) => (ts > newest ? ts : newest),
    '',
  );
}

export function isReply(message) {
  return message.thread_ts !== undefined && message.thread_ts !== message.ts;
}

function ephemerals(channelId) {
  return [...state.ephemerals.values()].filter((message) => message.channel === channelId);
}

function apply(event) {
  const change = CHANGES[event.kind];
  if (change) change(event);
  if (event.kind !== 'lost') state.connected = true;
  for (const listener of listeners) listener(event);
}

const CHANGES = {
  snapshot: (event) => {
    Object.assign(state, {
      ready: true,
      me: event.me,
      workspace: event.workspace,
      app: event.app,
      members: new Map(event.members.map((member) => [member.id, member])),
      channels: new Map(event.channels.map((channel) => [channel.id, channel])),
      messages: new Map(),
      ephemerals: new Map(),
      views: event.views,
      home: event.home,
      present: new Set(event.present),
      reads: event.reads,
      commands: event.commands,
      shortcuts: event.shortcuts,
    });
    for (const message of event.messages) keep(message);
    for (const message of event.ephemerals) state.ephemerals.set(message.ts, { ...message, ephemeral: true });
  },
  message: (event) => keep(event.message),
  removed: (event) => state.messages.get(event.channel)?.delete(event.ts),
  ephemeral: (event) => state.ephemerals.set(event.message.ts, { ...event.message, ephemeral: true }),
  ephemeralGone: (event) => state.ephemerals.delete(event.ts),
  channel: (event) => state.channels.set(event.channel.id, event.channel),
  views: (event) => {
    state.views = event.views;
  },
  home: (event) => {
    state.home = event.view;
  },
  presence: (event) => {
    state.present = new Set(event.present);
  },
  read: (event) => {
    state.reads[event.channel] = event.ts;
  },
  lost: () => {
    state.connected = false;
  },
};

function keep(message) {
  const byTime = state.messages.get(message.channel) ?? new Map();
  state.messages.set(message.channel, byTime.set(message.ts, message));
}

function byTs(a, b) {
  return a.ts < b.ts ? -1 : 1;
}
