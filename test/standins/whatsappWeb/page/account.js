import { ReceivedMedia } from './media.js';
import { Collection, Model, MsgKey, Wid, widOf } from './models.js';
import { ask } from './site.js';

/** What the page knows of the account: its chats, messages and people, filled by the server. */

/** Our own number and lid. */
export const me = { pn: undefined, lid: undefined, pushname: '' };

class Msg extends Model {
  #media;

  constructor({ id, from, to, author, ...rest }) {
    super({ ...rest, id: new MsgKey(id), from: widOf(from), to: widOf(to) });
    if (author) this.author = widOf(author);
    if (this.directPath) this.#media = new ReceivedMedia();
  }

  get mediaData() {
    return this.#media;
  }

  async downloadMedia() {
    await this.#media.resolve(this.directPath);
  }

  unsafe() {
    return this;
  }

  /** What a message carries that answers this one. */
  msgContextInfo() {
    const { type, body, caption, filename, mimetype } = this;
    return {
      quotedMsg: { type, body, caption, filename, mimetype },
      quotedStanzaID: this.id.id,
      quotedParticipant: this.author ?? this.from,
      quotedRemoteJid: this.id.remote,
    };
  }
}

class MsgCollection extends Collection {
  /** Also those of which this page has not yet heard; they come as history, not as news. */
  async getMessagesById(ids) {
    const unknown = ids.filter((id) => !this.get(id));
    const { messages } = unknown.length > 0 ? await ask('messages', { ids: unknown }) : { messages: [] };
    for (const message of messages) this.load(message);
    return { messages: ids.map((id) => this.get(id)).filter(Boolean) };
  }

  /** Adds a message of the past: nobody is told of it. */
  load(message) {
    return this.get(message.id) ?? this.add(new Msg({ ...message, isNewMsg: false }));
  }

  /** A message that is quoted but not loaded: known only by what the answer carries of it. */
  quoted(attributes) {
    return new Msg(attributes);
  }
}

class Chat extends Model {
  #messages = [];

  constructor({ id, group, ...rest }) {
    super({ ...rest, id: widOf(id) });
    if (group) this.groupMetadata = groupModel(widOf(id), group);
    this.mute = { expiration: 0 };
  }

  get msgs() {
    return { getModelsArray: () => [...this.#messages] };
  }

  /** Keeps a message in the order of time; of those of one second the last one to come is the last. */
  hold(msg) {
    if (this.#messages.includes(msg)) return;
    const before = this.#messages.findLastIndex((held) => held.t <= msg.t);
    this.#messages.splice(before + 1, 0, msg);
    this.set({ t: Math.max(this.t, msg.t) });
  }

  get lastReceivedKey() {
    return this.#messages.at(-1)?.id;
  }

  /** The messages before the oldest that is loaded; none when there are no more. */
  async loadEarlier() {
    const oldest = this.#messages[0];
    const { messages } = await ask('history', { chat: this.id._serialized, before: oldest?.id._serialized });
    const loaded = messages.map((message) => collections.Msg.load(message));
    this.#messages.unshift(...loaded);
    return loaded;
  }

  serialize() {
    return { ...super.serialize(), msgs: this.#messages.map(({ id }) => id._serialized) };
  }
}

function groupModel(id, group) {
  const participants = group.participants.map((participant) => ({ id: widOf(participant), isAdmin: false }));
  return new Model({ id, subject: group.name, participants, announce: false });
}

class ChatCollection extends Collection {
  /** The chat with this id; begins one if there is none. */
  async find(id) {
    const known = this.get(id);
    if (known) return known;
    const { chat } = await ask('chat', { id: widOf(id)._serialized });
    return keepChat(chat);
  }
}

class Contact extends Model {
  constructor({ id, phoneNumber, ...rest }) {
    super({ ...rest, id: widOf(id) });
    if (phoneNumber) this.phoneNumber = widOf(phoneNumber);
  }
}

class ContactCollection extends Collection {
  async find(id) {
    return this.get(id) ?? this.add(new Contact({ id: widOf(id)._serialized, type: 'in' }));
  }
}

export const collections = {
  Msg: new MsgCollection(),
  Chat: new ChatCollection(),
  Contact: new ContactCollection(),
  Blocklist: new Collection(),
  GroupMetadata: { update: async () => {} },
};

/** Fills the page with what the account holds at the moment of loading or pairing. */
export function fill(account) {
  Object.assign(me, {
    pn: new Wid(account.me.pn),
    lid: new Wid(account.me.lid),
    pushname: account.me.pushname,
  });
  account.contacts.forEach(keepContact);
  for (const chat of account.chats) keepChat(chat);
}

export function keepContact(contact) {
  collections.Contact.add(new Contact(contact));
}

/** Adds the chat, or takes over how many of its messages are unread. */
function keepChat({ lastMessage, ...chat }, { silent = false } = {}) {
  const known = collections.Chat.get(chat.id);
  if (known) known.set({ unreadCount: chat.unreadCount }, { silent });
  else collections.Chat.add(new Chat(chat));
  if (lastMessage) keepHistory(lastMessage);
  return collections.Chat.get(chat.id);
}

/** Keeps a message of the past: nobody is told of it. `chat` is its chat as it is now, where that may be news. */
export function keepHistory(message, chat) {
  if (chat) keepChat(chat, { silent: true });
  const msg = collections.Msg.load(message);
  collections.Chat.get(msg.id.remote)?.hold(msg);
}

/** Keeps a message that has come or gone just now, and tells of it. */
export function keepNews(message, chat) {
  const msg = new Msg({ ...message, isNewMsg: true });
  if (chat) keepChat(chat);
  collections.Chat.get(msg.id.remote)?.hold(msg);
  return collections.Msg.add(msg);
}

/** Changes a message; one that this page has not loaded has changed in the history already. */
export function changeMessage(id, changes, silent) {
  collections.Msg.get(id)?.set(changes, { silent });
}

/**
 * A message was deleted for everyone: it takes the id of the deletion first and then loses its content, as on
 * the real page, where only `protocolMessageKey` still names the original.
 */
export function revokeMessage(id, revokedAs, silent) {
  const msg = collections.Msg.get(id);
  if (!msg) return;
  const key = new MsgKey(revokedAs);
  msg.set({ id: key }, { silent });
  collections.Msg.rename(id, msg);
  const original = MsgKey.fromString(id);
  const { body, caption, directPath } = { body: undefined, caption: undefined, directPath: undefined };
  msg.set({ type: 'revoked', protocolMessageKey: original, body, caption, directPath }, { silent });
}
