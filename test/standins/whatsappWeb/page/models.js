/** The shapes in which the page of WhatsApp Web keeps what it knows: observable models and collections of them. */

export class Emitter {
  #listeners = new Map();

  /** `names` may be several, separated by spaces. */
  on(names, listener) {
    for (const name of names.split(' ')) {
      this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    }
  }

  off(name, listener) {
    const kept = (this.#listeners.get(name) ?? []).filter((known) => known !== listener);
    this.#listeners.set(name, kept);
  }

  once(name, listener) {
    const only = (...values) => {
      this.off(name, only);
      listener(...values);
    };
    this.on(name, only);
  }

  trigger(name, ...values) {
    for (const listener of this.#listeners.get(name) ?? []) listener(...values);
  }

  hears(name) {
    return (this.#listeners.get(name) ?? []).length > 0;
  }
}

/** Its attributes are its own enumerable properties, as the library spreads and serializes them. */
export class Model extends Emitter {
  #collection;

  constructor(attributes) {
    super();
    Object.assign(this, attributes);
  }

  belongTo(collection) {
    this.#collection = collection;
  }

  /** Changes attributes and tells whoever listens to this model or to its collection, unless `silent`. */
  set(changes, { silent = false } = {}) {
    const changed = Object.entries(changes).filter(([name, value]) => this[name] !== value);
    const before = Object.fromEntries(changed.map(([name]) => [name, this[name]]));
    Object.assign(this, Object.fromEntries(changed));
    if (silent || changed.length === 0) return;
    for (const [name, value] of changed) this.#tell(`change:${name}`, this, value, before[name]);
    this.#tell('change', this);
  }

  serialize() {
    return { ...this };
  }

  #tell(name, ...values) {
    this.trigger(name, ...values);
    this.#collection?.trigger(name, ...values);
  }
}

/** Models by the serialized form of their `id`. */
export class Collection extends Emitter {
  #models = new Map();

  get(id) {
    return this.#models.get(keyOf(id));
  }

  /** Keeps the model; listeners of `add` decide by `isNewMsg` whether it is news. */
  add(model) {
    model.belongTo(this);
    this.#models.set(keyOf(model.id), model);
    this.trigger('add', model);
    return model;
  }

  /** Keeps a model under the id that it has now. */
  rename(oldId, model) {
    this.#models.delete(keyOf(oldId));
    this.#models.set(keyOf(model.id), model);
  }

  getModelsArray() {
    return [...this.#models.values()];
  }
}

function keyOf(id) {
  return typeof id === 'string' ? id : id._serialized;
}

/** The id of a person, a group or a broadcast: `919999900001@c.us`. As JSON it is that string. */
export class Wid {
  constructor(serialized) {
    const [user, server] = serialized.split('@');
    this.server = server;
    this.user = user;
    this._serialized = serialized;
  }

  isUser() {
    return this.server === 'c.us' || this.server === 'lid';
  }

  isLid() {
    return this.server === 'lid';
  }

  isGroup() {
    return this.server === 'g.us';
  }

  isStatus() {
    return this._serialized === 'status@broadcast';
  }

  equals(other) {
    return this._serialized === other?._serialized;
  }

  toJid() {
    return this._serialized.replace('@c.us', '@s.whatsapp.net');
  }

  toString() {
    return this._serialized;
  }

  toJSON() {
    return this._serialized;
  }
}

export function widOf(value) {
  if (value === undefined || value === null || value instanceof Wid) return value;
  return new Wid(typeof value === 'string' ? value : value._serialized);
}

/** The id of a message: `true_919999900001@c.us_3EB0…`, for groups with the participant behind. */
export class MsgKey {
  constructor({ fromMe, from, to, remote, id, participant, selfDir }) {
    const chat = remote ?? (selfDir === 'out' ? to : from);
    this.fromMe = fromMe ?? selfDir === 'out';
    this.remote = widOf(chat);
    this.id = id;
    if (participant) this.participant = widOf(participant);
    this._serialized = [this.fromMe, this.remote, id, ...(participant ? [participant] : [])].join('_');
  }

  static async newId() {
    return `3EB0${randomHex(9)}`;
  }

  static fromString(serialized) {
    const [fromMe, remote, id, participant] = serialized.split('_');
    return new MsgKey({ fromMe: fromMe === 'true', remote, id, participant });
  }

  toString() {
    return this._serialized;
  }
}

function randomHex(length) {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}
