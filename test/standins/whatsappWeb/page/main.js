import { changeMessage, fill, keepContact, keepHistory, keepNews, revokeMessage } from './account.js';
import { connection, socket } from './connection.js';
import { expectReuploads } from './media.js';
import { acknowledge, commands, requireModule, takeCall, takeReaction, takeVote } from './modules.js';
import { ask, follow, standStill } from './site.js';

/** The page of WhatsApp Web, as far as the library looks at it. It says nothing; the server decides everything. */

const VERSION = '2.3000.1017054665';
const SESSION = 'session';

/** What to do with each event of the server. `silent` ones happened while this page could not hear. */
const takers = {
  hello(event) {
    expectReuploads(event.reuploads);
    if (event.account) {
      fill(event.account);
      connection.set({ pushname: event.account.me.pushname });
      if (event.fastSync) socket.sync({ fast: true });
      else setTimeout(() => socket.sync({ fast: false }));
    } else {
      connection.set({ ref: event.ref });
      socket.set({ state: 'UNPAIRED' });
    }
    window.require = requireModule;
    window.Debug = { VERSION };
  },

  paired({ sessionKey, account, fastSync }) {
    localStorage.setItem(SESSION, sessionKey);
    fill(account);
    connection.set({ pushname: account.me.pushname });
    socket.set({ state: 'PAIRING' });
    socket.sync({ fast: fastSync });
  },

  ref({ ref }) {
    connection.set({ ref });
  },

  state({ state }) {
    socket.set({ state });
  },

  contact({ contact }) {
    keepContact(contact);
  },

  message({ message, chat, silent }) {
    if (silent) keepHistory(message, chat);
    else keepNews(message, chat);
  },

  change({ id, changes, silent }) {
    changeMessage(id, changes, silent);
  },

  revoke({ id, revokedAs, silent }) {
    revokeMessage(id, revokedAs, silent);
  },

  ack({ id, ack, silent }) {
    void acknowledge(id, ack, silent);
  },

  reaction({ reaction, silent }) {
    if (!silent) takeReaction(reaction);
  },

  vote({ vote, silent }) {
    if (!silent) takeVote(vote);
  },

  call({ call, silent }) {
    if (!silent) takeCall(call);
  },

  reuploads({ left }) {
    expectReuploads(left);
  },

  logout() {
    localStorage.removeItem(SESSION);
    commands.trigger('logout_from_bridge');
    location.assign('/?post_logout=1');
  },

  reload() {
    location.reload();
  },

  standStill() {
    standStill();
  },

  /** Text without end fills the memory of the page's process and ends it; looking at its end makes it real. */
  crash() {
    const kept = [];
    for (;;) {
      const text = `${'x'.repeat(2 ** 28)}${kept.length}`;
      text.charCodeAt(text.length - 1);
      kept.push(text);
    }
  },
};

follow(localStorage.getItem(SESSION) ?? '', (event) => {
  takers[event.kind]?.(event);
  if (event.receipt) void ask('receipt', { receipt: event.receipt });
});
