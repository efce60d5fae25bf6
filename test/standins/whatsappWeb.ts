import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { createAccount, keyOf, type PageEvent, secondsOf, type WebMessage } from './whatsappWeb/account.ts';
import { type BuyerOfWeb, createBuyer } from './whatsappWeb/buyer.ts';
import { type SentByWeb, type SentMessage, sentMessage, sentOf } from './whatsappWeb/sent.ts';
import { type Answers, SiteError, startSite } from './whatsappWeb/site.ts';

export type { SentByWeb } from './whatsappWeb/sent.ts';

/**
 * A stand-in for web.whatsapp.com and the account behind it, which the unmodified whatsapp-web.js drives in a
 * real Chromium. Plain node, no test framework: it also runs in a process of its own.
 *
 *     const web = await startWhatsAppWeb();
 *     // a Client whose puppeteer.args include web.chromiumArgs; wait for its `qr`, then
 *     await web.scan();                                     // authenticated, ready
 *     const asha = web.buyer('+919999900001', { name: 'Asha' });
 *     await asha.text('Hello');                             // message
 *     web.sent                                              // what the client sent
 *     await web.stop();
 *
 * The account outlives pages and browsers, as WhatsApp's servers and the phone do. What happens while no page is
 * open emits nothing later: it is in the chats' history, of which a new page has loaded only the last message
 * (`fetchMessages({limit})` loads more). As on the real page a new chat begins with a message of the type
 * `e2e_notification`, a document without caption has its file name for a caption (`isCaptionByUser` is false),
 * and a message deleted for everyone takes the id of the deletion (`protocolMessageKey` is the original).
 * Ids are given as stanza ids; wherever one is taken, a whole serialized id does as well.
 */
export type WhatsAppWebStandIn = {
  port: number;
  /** What Chromium must be given to reach it; the limit of memory lets `crashPage` end in a second. */
  chromiumArgs: string[];
  /** The code on the page is scanned, or the pairing code typed, on the phone. Throws when no page shows one. */
  scan(): Promise<void>;
  /** The page shows another QR. */
  refreshQr(): Promise<void>;
  /** Every pairing code that was asked for; `phone` in digits, as the library gives it. */
  pairingCodes: { phone: string; code: string }[];
  /** True while a page is open and has loaded. */
  pageOpen(): boolean;
  isLinked(): boolean;
  /** A buyer by phone; with `lid` they write from `<lid>@lid`, and `hidePhone` keeps the phone from being looked up. */
  buyer(phone: string, options?: { lid?: string; name?: string; hidePhone?: boolean }): BuyerOfWeb;
  /** A message in a group, and a status: both are none of our business. */
  groupText(groupName: string, phone: string, body: string): Promise<string>;
  status(phone: string, body: string): Promise<string>;
  /** The owner types on the paired phone. */
  ownerTypes(toPhone: string, body: string): Promise<string>;
  /** Phones without WhatsApp; everybody else has it. */
  unregistered: Set<string>;
  /** What WhatsApp took from the page, in order. */
  sent: SentByWeb[];
  /** What it refused by `refuseNextSend('ack')`. */
  refused: SentByWeb[];
  /** Chats marked as read, in order, again each time. */
  reads: string[];
  /** Chats in which typing was shown, in order, again each time. */
  typings: string[];
  /** Our own reactions, in order. */
  reactions: { messageId: string; emoji: string }[];
  /** What we deleted for everyone, and edited. */
  revoked: string[];
  edits: { messageId: string; body: string }[];
  /** Reports a sent message: -1 refused, 1 sent, 2 delivered, 3 read, 4 played. */
  ack(id: string, ack: Ack): Promise<void>;
  /** The page reloads and is ready before the library listens again, unless `fastSync` is false. */
  reloadPage(options?: { fastSync?: boolean }): Promise<void>;
  /** A linked page has synced before the library listens. Default false: it syncs when the library listens. */
  fastSync: boolean;
  /** The page's process dies. Throws, as `reloadPage` does, when no page is open. */
  crashPage(): Promise<void>;
  /** The owner unlinks this device: the page logs out and shows a new QR. As `state`, it only becomes UNPAIRED. */
  logoutFromPhone(as?: 'logout' | 'state'): Promise<void>;
  /** The open page changes its state. In CONFLICT nothing reaches it until it takes over. */
  setState(state: string): Promise<void>;
  /**
   * What becomes of the next send; several wait in line. ack: shown, then refused with ack -1. throw: fails before
   * it is sent. hang: is never sent and never answered. afterAccept: is sent, but never answered.
   */
  refuseNextSend(how: Refusal): void;
  /** How long each upload and download takes. */
  slowMediaMs: number;
  /** The next downloads fail: the phone uploads the file again, the file is gone, or it cannot be decrypted. */
  failMedia(times: number, how: 'reuploading' | '404' | 'error'): Promise<void>;
  /** The page's own thread stands still, and with it whatever asks the page, until this is called with false. */
  hang(on: boolean): Promise<void>;
  /** The page loads, but shows neither QR nor chats. */
  neverSync: boolean;
  /** The open page loses its connection (TIMEOUT). What happens until `restore`, `resetState` or a reload is only history. */
  drop(): void;
  /** Ends `drop`. */
  restore(): Promise<void>;
  stop(): Promise<void>;
};

type Ack = -1 | 0 | 1 | 2 | 3 | 4;
type Refusal = 'ack' | 'throw' | 'hang' | 'afterAccept';

export type WhatsAppWebOptions = {
  /** What happens to each accepted send by itself, in this order. Default 1, 2: sent and delivered. */
  acks?: readonly Ack[];
  /**
   * Where the pairing is kept. `account`, the default: any page of any browser is linked after `scan`. `profile`: as
   * in reality only a browser whose profile was paired, and a browser killed within seconds of pairing forgets it.
   */
  pairingIn?: 'account' | 'profile';
  /** Already linked, so that no QR is shown. */
  linked?: boolean;
  /** Whether a new chat begins with an `e2e_notification`. Default true. */
  encryptionNotices?: boolean;
  /** The clock of what buyers and owner write. */
  now?: () => Date;
  /** 0, the default, is a free port. */
  port?: number;
};

/** Starts the site with an account that has no chats yet. */
export async function startWhatsAppWeb(options: WhatsAppWebOptions = {}): Promise<WhatsAppWebStandIn> {
  const { acks = [1, 2], pairingIn = 'account', encryptionNotices = true, now = () => new Date() } = options;
  const account = createAccount({ push: (event) => site.push(event), encryptionNotices, now });
  const refusals: Refusal[] = [];
  const pairingCodes: WhatsAppWebStandIn['pairingCodes'] = [];
  let sessionKey = options.linked ? 'linked from the start' : undefined;
  let ref = newRef();
  let isShowingCode = false;
  let nextLoad: { fastSync: boolean } | undefined;
  let reuploads = 0;
  let mediaFault: { times: number; how: '404' | 'error' } = { times: 0, how: '404' };

  const site = await startSite({
    port: options.port ?? 0,
    isDead: () => standIn.neverSync,
    greet,
    async upload(bytes) {
      await delay(standIn.slowMediaMs);
      return { directPath: account.keepMedia(bytes) };
    },
    async download(directPath) {
      await delay(standIn.slowMediaMs);
      if (takeMediaFault('404')) throw new SiteError(404, 'the file is gone');
      const bytes = account.media.get(directPath);
      if (!bytes) throw new SiteError(404, `no file ${directPath}`);
      return bytes;
    },
    answers: answers(),
  });

  const standIn: WhatsAppWebStandIn = {
    port: site.port,
    chromiumArgs: [
      '--ignore-certificate-errors',
      `--host-resolver-rules=MAP web.whatsapp.com 127.0.0.1:${site.port}, EXCLUDE 127.0.0.1`,
      '--js-flags=--max-old-space-size=1024',
    ],
    async scan() {
      if (!site.isOpen() || !isShowingCode) throw new Error('no page shows a code to scan');
      isShowingCode = false;
      sessionKey = randomBytes(16).toString('hex');
      const { fastSync } = standIn;
      await site.tell({ kind: 'paired', sessionKey, account: account.snapshot(), fastSync });
    },
    refreshQr: () => showNewQr(),
    pairingCodes,
    pageOpen: () => site.isOpen(),
    isLinked: () => sessionKey !== undefined,
    buyer(phone, { lid, name = 'Buyer', hidePhone = false } = {}) {
      const id = lid && (lid.includes('@') ? lid : `${lid}@lid`);
      return createBuyer(account, account.meet({ phone, lid: id, name, hidePhone }), now);
    },
    async groupText(groupName, phone, body) {
      const group = groupIdOf(groupName);
      const author = account.chatIdOf(phone);
      return account.receive(text(keyOf(false, group, author), { from: group, author, body }), {
        name: groupName,
      });
    },
    async status(phone, body) {
      const author = account.chatIdOf(phone);
      const id = keyOf(false, 'status@broadcast', author);
      return account.receive({ ...text(id, { from: 'status@broadcast', author, body }), isStatusV3: true });
    },
    async ownerTypes(toPhone, body) {
      const chat = account.chatIdOf(toPhone);
      return account.receive({ ...text(keyOf(true, chat), { from: account.me.pn, body }), to: chat });
    },
    unregistered: account.unregistered,
    sent: [],
    refused: [],
    reads: [],
    typings: [],
    reactions: [],
    revoked: [],
    edits: [],
    async ack(id, ack) {
      account.acknowledge(id, ack);
    },
    async reloadPage({ fastSync = true } = {}) {
      mustBeOpen();
      nextLoad = { fastSync };
      const opened = site.nextOpen();
      site.announce({ kind: 'reload' });
      await opened;
    },
    fastSync: false,
    async crashPage() {
      mustBeOpen();
      const gone = site.gone();
      site.announce({ kind: 'crash' });
      await gone;
    },
    async logoutFromPhone(as = 'logout') {
      sessionKey = undefined;
      if (!site.isOpen()) return;
      if (as === 'state') return site.tell({ kind: 'state', state: 'UNPAIRED' });
      const gone = site.gone();
      site.announce({ kind: 'logout' });
      await gone;
    },
    async setState(state) {
      if (state === 'CONFLICT') site.deafen();
      else if (state === 'CONNECTED') site.mend();
      await site.tell({ kind: 'state', state });
    },
    refuseNextSend: (how) => void refusals.push(how),
    slowMediaMs: 0,
    async failMedia(times, how) {
      if (how !== 'reuploading') {
        mediaFault = { times, how };
        return;
      }
      reuploads = times;
      await site.tell({ kind: 'reuploads', left: times });
    },
    hang: async (on) => (on ? site.standStill() : site.release()),
    neverSync: false,
    drop() {
      site.deafen();
      site.announce({ kind: 'state', state: 'TIMEOUT' });
    },
    restore: () => reconnect(),
    async stop() {
      site.release();
      await site.stop();
    },
  };
  return standIn;

  /** The first words to a page: the account if it is linked, else a QR. */
  function greet(pageKey: string): PageEvent {
    const isLinked = sessionKey !== undefined && (pairingIn === 'account' || pageKey === sessionKey);
    const fastSync = nextLoad?.fastSync ?? standIn.fastSync;
    nextLoad = undefined;
    isShowingCode = !isLinked;
    if (!isLinked) return { kind: 'hello', ref, reuploads };
    return { kind: 'hello', account: account.snapshot(), fastSync, reuploads };
  }

  function answers(): Answers {
    return {
      send: (question) => takeSent(z.object({ message: sentMessage }).parse(question).message),
      'refresh-qr': () => showNewQr(),
      'pairing-code'(question) {
        const { phone } = z.object({ phone: z.string() }).parse(question);
        const code = Array.from({ length: 8 }, () => CODE_LETTERS[randomInt(CODE_LETTERS.length)]).join('');
        pairingCodes.push({ phone, code });
        return { code };
      },
      history(question) {
        const { chat, before } = z
          .object({ chat: z.string(), before: z.string().optional() })
          .parse(question);
        return { messages: account.history(chat, before) };
      },
      messages(question) {
        const { ids } = z.object({ ids: z.array(z.string()) }).parse(question);
        return { messages: ids.map((id) => account.find(id)).filter(Boolean) };
      },
      chat(question) {
        const id = idIn(question);
        if (!account.exists(id).exists) throw new SiteError(400, 'No LID for user');
        return { chat: account.openChat(id) };
      },
      exists: (question) => account.exists(idIn(question)),
      votes: (question) => ({ votes: account.votesOf(z.object({ poll: z.string() }).parse(question).poll) }),
      seen(question) {
        const { chat } = z.object({ chat: z.string() }).parse(question);
        account.markRead(chat);
        standIn.reads.push(chat);
      },
      typing(question) {
        const { chat, state } = z.object({ chat: z.string(), state: z.string() }).parse(question);
        if (state === 'typing') standIn.typings.push(chat);
      },
      react(question) {
        const { id, emoji } = z.object({ id: z.string(), emoji: z.string() }).parse(question);
        standIn.reactions.push({ messageId: account.message(id).id.id, emoji });
        account.react(id, account.me.pn, emoji);
      },
      revoke(question) {
        const { id } = account.message(idIn(question));
        standIn.revoked.push(id.id);
        account.revoke(id._serialized);
      },
      edit(question) {
        const { id, body } = z.object({ id: z.string(), body: z.string() }).parse(question);
        standIn.edits.push({ messageId: account.message(id).id.id, body });
        account.change(id, { body, latestEditSenderTimestampMs: now().getTime() });
      },
      resolve: () => ({ stage: takeMediaFault('error') ? 'ERROR_UNKNOWN' : 'RESOLVED' }),
      reuploads(question) {
        reuploads = z.object({ left: z.number() }).parse(question).left;
      },
      logout() {
        sessionKey = undefined;
      },
      takeover: () => reconnect(),
      reconnect: () => reconnect(),
    };
  }

  /** A send of the page: refused as wished, or taken, kept and acknowledged. */
  function takeSent(message: SentMessage) {
    const outcome = refusals.shift() ?? 'taken';
    if (outcome === 'throw' || outcome === 'hang') return { outcome };
    const [first = 0, ...later] = outcome === 'ack' ? [-1] : acks;
    account.keepSent({ ...message, ack: first } as WebMessage);
    (outcome === 'ack' ? standIn.refused : standIn.sent).push(sentOf(message, account.media, now()));
    later.forEach((ack) => {
      setImmediate(() => account.acknowledge(message.id.id, ack));
    });
    return { outcome, ack: first };
  }

  async function reconnect(): Promise<void> {
    site.mend();
    await site.tell({ kind: 'state', state: 'CONNECTED' });
  }

  async function showNewQr(): Promise<void> {
    ref = newRef();
    await site.tell({ kind: 'ref', ref });
  }

  function mustBeOpen(): void {
    if (!site.isOpen()) throw new Error('no page is open');
  }

  function takeMediaFault(how: '404' | 'error'): boolean {
    if (mediaFault.how !== how || mediaFault.times === 0) return false;
    mediaFault.times -= 1;
    return true;
  }

  function text(id: WebMessage['id'], rest: { from: string; author?: string; body: string }): WebMessage {
    const notifyName = account.nameOf(rest.author ?? rest.from);
    return { id, to: account.me.pn, t: secondsOf(now()), type: 'chat', ack: 1, notifyName, ...rest };
  }
}

const CODE_LETTERS = '123456789ABCDEFGHJKLMNPQRSTVWXYZ';

function idIn(question: unknown): string {
  return z.object({ id: z.string() }).parse(question).id;
}

function newRef(): string {
  return `2@${randomBytes(48).toString('base64')}`;
}

/** The same group for the same name. */
function groupIdOf(name: string): string {
  const digits = [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1e12, 7);
  return `1203630${String(digits).padStart(12, '0')}@g.us`;
}
