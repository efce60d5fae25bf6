import { randomBytes } from 'node:crypto';

/** What WhatsApp's servers and the phone keep of one account, with or without a page that shows it. */

/** The id of a message as the page knows it: `false_919999900001@c.us_3EB0…`, in groups with the participant. */
export type MessageKey = {
  fromMe: boolean;
  remote: string;
  id: string;
  participant?: string;
  _serialized: string;
};

/** A message with the attribute names of the real page. `t` in seconds, `ack` -1 to 4. */
export type WebMessage = {
  id: MessageKey;
  from: string;
  to: string;
  t: number;
  type: string;
  ack: number;
  body?: string;
  author?: string;
  [attribute: string]: unknown;
};

/** A person other than us. Hidden phones are in no lid map. */
export type Person = { phone: string; lid: string | undefined; name: string; hidePhone: boolean };

/** Tells the open page something; `receipt` is added where an answer is awaited. */
export type PageEvent = { kind: string; [attribute: string]: unknown };

type Chat = { id: string; name: string; unreadCount: number; messages: WebMessage[]; groupOf?: Set<string> };

const HISTORY_PAGE = 20;
const ME = { pn: '919999900000@c.us', lid: '100000000000000@lid', pushname: 'Palash Homes' };

export type Account = ReturnType<typeof createAccount>;

/**
 * An account without chats. `push` tells the page of each change. Each chat begins with the notice of its
 * encryption if `encryptionNotices`.
 */
export function createAccount(options: {
  push: (event: PageEvent) => void;
  encryptionNotices: boolean;
  now: () => Date;
}) {
  const { push, now } = options;
  const people = new Map<string, Person>();
  const chats = new Map<string, Chat>();
  const byStanza = new Map<string, WebMessage>();
  const media = new Map<string, Buffer>();
  const votes = new Map<string, Map<string, Record<string, unknown>>>();
  const unregistered = new Set<string>();

  return {
    me: ME,
    media,
    unregistered,

    /** Everything that a page shows when it has loaded: of each chat only the last message. */
    snapshot() {
      return { me: ME, contacts: [...people].map(contactOf), chats: [...chats.values()].map(chatOf) };
    },

    /** Adds the person, or gives what is known of them a new name. Returns the id of their chat. */
    meet(person: Person): string {
      const id = person.lid ?? pnOf(person.phone);
      people.set(id, person);
      push({ kind: 'contact', contact: contactOf([id, person]) });
      return id;
    },

    /** The chat with whoever has this phone: their lid chat if they write from a lid. */
    chatIdOf(phone: string): string {
      const known = [...people].find(([, person]) => person.phone === phone);
      return known?.[0] ?? pnOf(phone);
    },

    nameOf: (chatId: string): string => people.get(chatId)?.name ?? '',

    openChat,

    /** Puts a message into its chat's history, in the order of time, and tells the page. Returns its stanza id. */
    receive(message: WebMessage, chat?: { name: string }): string {
      if (message.id.remote !== 'status@broadcast') openChat(message.id.remote, chat?.name, message.t);
      keep(message);
      const held = chats.get(message.id.remote);
      if (held && !message.id.fromMe) held.unreadCount += 1;
      push({ kind: 'message', message, chat: held && { ...chatOf(held), lastMessage: undefined } });
      return message.id.id;
    },

    /** Puts a message that the page sent into the history; the page shows it by itself. */
    keepSent(message: WebMessage): void {
      openChat(message.id.remote);
      keep(message);
    },

    /** By stanza id or whole serialized id. Throws for an unknown one. */
    message: messageOf,

    find: (serialized: string): WebMessage | undefined => byStanza.get(stanzaOf(serialized)),

    /** Up to 20 messages before that one, oldest first; the newest without one. */
    history(chatId: string, before: string | undefined): WebMessage[] {
      const messages = chats.get(chatId)?.messages ?? [];
      const at = before === undefined ? -1 : messages.findIndex(({ id }) => id._serialized === before);
      const end = at < 0 ? messages.length : at;
      return messages.slice(Math.max(0, end - HISTORY_PAGE), end);
    },

    change(id: string, changes: Record<string, unknown>): void {
      const message = messageOf(id);
      Object.assign(message, changes);
      push({ kind: 'change', id: message.id._serialized, changes });
    },

    acknowledge(id: string, ack: number): void {
      const message = messageOf(id);
      message.ack = ack;
      push({ kind: 'ack', id: message.id._serialized, ack });
    },

    /** The message loses its content and takes the deletion's id; `protocolMessageKey` names the original. */
    revoke(id: string): void {
      const message = messageOf(id);
      const original = message.id;
      const revokedAs = keyOf(original.fromMe, original.remote, original.participant);
      const kept = { from: message.from, to: message.to, t: message.t, ack: message.ack };
      for (const attribute of Object.keys(message)) delete message[attribute];
      Object.assign(message, kept, { id: revokedAs, type: 'revoked', protocolMessageKey: original });
      byStanza.set(revokedAs.id, message);
      push({ kind: 'revoke', id: original._serialized, revokedAs });
    },

    /** Somebody reacts; an empty emoji takes the reaction back. */
    react(id: string, from: string, emoji: string): void {
      const message = messageOf(id);
      message.hasReaction = emoji !== '';
      const reaction = {
        id: keyOf(from === ME.pn, message.id.remote),
        reactionParentKey: message.id,
        reactionText: emoji,
        reactionTimestamp: now().getTime(),
        from,
        orphan: 0,
        read: false,
        ack: 2,
      };
      push({ kind: 'reaction', reaction });
    },

    /** Somebody ticks exactly these options of a poll. Throws if the poll has no such option. */
    vote(id: string, from: string, names: string[]): void {
      const poll = messageOf(id);
      const options = (poll.pollOptions ?? []) as { name: string; localId: number }[];
      const selectedOptionLocalIds = names.map((name) => {
        const option = options.find((offered) => offered.name === name);
        if (!option) throw new Error(`the poll offers no "${name}"`);
        return option.localId;
      });
      const vote = {
        id: keyOf(false, poll.id.remote),
        pollUpdateParentKey: poll.id,
        from,
        t: now().getTime(),
        senderTimestampMs: now().getTime(),
        selectedOptionLocalIds,
      };
      const ofPoll = votes.get(poll.id._serialized) ?? new Map();
      votes.set(poll.id._serialized, ofPoll.set(from, vote));
      push({ kind: 'vote', vote });
    },

    /** The phone rings; nothing of it stays in the history. */
    ring(from: string, isVideo: boolean): void {
      const id = randomBytes(16).toString('hex').toUpperCase();
      const rest = { isGroup: false, canHandleLocally: false, outgoing: false, webClientShouldHandle: false };
      push({ kind: 'call', call: { id, peerJid: from, isVideo, ...rest, participants: {} } });
    },

    votesOf: (poll: string): unknown[] => [...(votes.get(poll)?.values() ?? [])],

    markRead(chatId: string): void {
      const chat = chats.get(chatId);
      if (chat) chat.unreadCount = 0;
    },

    /** Whether somebody has this id on WhatsApp, and which lid and phone belong together if that may be known. */
    exists(id: string): { exists: boolean; lid?: string; phoneNumber?: string } {
      const person = [...people].find(([known, { phone }]) => known === id || pnOf(phone) === id)?.[1];
      if (!person) return { exists: id.endsWith('@c.us') && !unregistered.has(phoneOf(id)) };
      if (!person.lid || person.hidePhone) return { exists: true };
      return { exists: true, lid: person.lid, phoneNumber: pnOf(person.phone) };
    },

    /** Keeps a file; returns the path under which messages point to it. */
    keepMedia(bytes: Buffer): string {
      const directPath = `/v/t62.7119-24/${randomBytes(12).toString('hex')}`;
      media.set(directPath, bytes);
      return directPath;
    },
  };

  function openChat(id: string, name?: string, t = secondsOf(now())): ReturnType<typeof chatOf> {
    const known = chats.get(id);
    if (known) return chatOf(known);
    const chat: Chat = { id, name: name ?? people.get(id)?.name ?? '', unreadCount: 0, messages: [] };
    if (id.endsWith('@g.us')) chat.groupOf = new Set([ME.pn]);
    chats.set(id, chat);
    if (options.encryptionNotices) {
      const notice = encryptionNotice(id, t);
      keep(notice);
      push({ kind: 'message', message: notice, chat: chatOf(chat) });
    }
    return chatOf(chat);
  }

  function keep(message: WebMessage): void {
    byStanza.set(message.id.id, message);
    const chat = chats.get(message.id.remote);
    if (!chat) return;
    const before = chat.messages.findLastIndex(({ t }) => t <= message.t);
    chat.messages.splice(before + 1, 0, message);
    if (message.author) chat.groupOf?.add(message.author);
  }

  function messageOf(id: string): WebMessage {
    const message = byStanza.get(stanzaOf(id));
    if (!message) throw new Error(`no message ${id}`);
    return message;
  }

  function chatOf({ id, name, unreadCount, messages, groupOf }: Chat) {
    const lastMessage = messages.at(-1);
    const shown = { id, formattedTitle: name, unreadCount, t: lastMessage?.t ?? 0, lastMessage };
    return groupOf ? { ...shown, group: { name, participants: [...groupOf] } } : shown;
  }
}

/** A new message id in that chat. */
export function keyOf(fromMe: boolean, remote: string, participant?: string): MessageKey {
  const id = `3EB0${randomBytes(9).toString('hex').toUpperCase()}`;
  const parts = [fromMe, remote, id, ...(participant ? [participant] : [])];
  return { fromMe, remote, id, ...(participant ? { participant } : {}), _serialized: parts.join('_') };
}

/** '+919999900001' as '919999900001@c.us'. */
function pnOf(phone: string): string {
  return `${phone.replace('+', '')}@c.us`;
}

/** The stanza id within a serialized id; a stanza id is left as it is. */
function stanzaOf(id: string): string {
  return id.split('_')[2] ?? id;
}

/** WhatsApp counts seconds. */
export function secondsOf(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}

function phoneOf(pn: string): string {
  return `+${pn.split('@')[0]}`;
}

/** The page learns the phone behind a lid only by asking. */
function contactOf([id, { name }]: [string, Person]) {
  return { id, pushname: name, type: 'in' };
}

function encryptionNotice(chatId: string, t: number): WebMessage {
  const id = keyOf(false, chatId);
  return {
    id,
    from: chatId,
    to: ME.pn,
    t,
    type: 'e2e_notification',
    subtype: 'encrypt',
    ack: 1,
    isNotification: true,
  };
}
