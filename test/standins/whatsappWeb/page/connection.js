import { Model } from './models.js';
import { ask } from './site.js';

/** The page's connection to WhatsApp: its state, and what it shows while it is not linked. */

class Socket extends Model {
  #fast = false;

  constructor() {
    super({ state: 'OPENING', hasSynced: false });
  }

  /** The history comes at once when `fast`; else only when somebody listens, so that nobody can miss its end. */
  sync({ fast }) {
    this.#fast = fast;
    this.set({ state: 'CONNECTED' });
    this.#finish();
  }

  on(names, listener) {
    super.on(names, listener);
    if (names.includes('change:hasSynced')) setTimeout(() => this.#finish());
  }

  logout() {
    return ask('logout');
  }

  takeover() {
    return ask('takeover');
  }

  /** Begins the connection anew; the server answers with the state. */
  reconnect() {
    this.set({ state: 'OPENING' });
    return ask('reconnect');
  }

  #finish() {
    const isAwaited = this.#fast || this.hears('change:hasSynced');
    if (this.state === 'CONNECTED' && isAwaited) this.set({ hasSynced: true });
  }
}

class Connection extends Model {
  constructor() {
    super({
      ref: undefined,
      platform: 'android',
      pushname: undefined,
      battery: undefined,
      plugged: undefined,
    });
  }
}

export const socket = new Socket();
export const connection = new Connection();
