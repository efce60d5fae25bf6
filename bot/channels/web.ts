import type { Logger } from 'pino';
import type { PairingSource } from '../../inbox/desk/connect.ts';
import type { Caps, Channel, ChannelEvents, DeliveryReport, Handle, Inbound } from './channel.ts';
import { backfill } from './web/backfill.ts';
import { findChromium } from './web/browser.ts';
import type { WebClient } from './web/client.ts';
import { HandOver } from './web/handOver.ts';
import { within } from './web/limit.ts';
import { fetchFile } from './web/media.ts';
import {
  chatOfHandle,
  isPrivate,
  readCall,
  readMessage,
  readReaction,
  readVote,
  type WebMessage,
} from './web/message.ts';
import { showTyping } from './web/page.ts';
import { PairingState } from './web/pairing.ts';
import {
  callOf,
  echoOf,
  editedOf,
  inboundOf,
  isEdit,
  type Party,
  partyOf,
  reactionOf,
  revokedOf,
  voteOf,
} from './web/parse.ts';
import { People } from './web/people.ts';
import { Sender } from './web/send.ts';
import { Session } from './web/session.ts';
import { MAX_DOCUMENT_BYTES } from './web/shape.ts';
import { WEB_TIMINGS, type WebTimings } from './web/timings.ts';

/** A paired phone as a channel: whatsapp-web.js in a Chromium of our own. */
export interface WebChannel extends Channel, PairingSource {
  /** Closes the browser, which saves the session, and begins with a new one: memory grows over the days. */
  restart(reason: string): Promise<void>;
  /** The process of the browser that runs now. */
  browserPid(): number | undefined;
}

export type WebOptions = {
  /** Default `web`. */
  id?: string;
  /** Where the session is kept, for this process alone. */
  sessionDir: string;
  /** Absent: looked for where systems put it. */
  chromiumPath?: string | undefined;
  /** Added to our own arguments. */
  chromiumArgs: string[];
  /** Pairs by a code typed on this phone instead of a QR code. */
  pairPhone?: string | undefined;
  /** Each send waits between these, with typing shown; no wait when `most` is 0. */
  delayMs: { least: number; most: number };
  log: Logger;
  now: () => Date;
  timings?: Partial<WebTimings>;
};

const CAPS: Caps = {
  templates: false,
  /** Polls are the quick replies of this channel. */
  maxChoices: 12,
  window24h: false,
  backfill: true,
  maxDocumentBytes: MAX_DOCUMENT_BYTES,
};

/** Throws AppError `config` when there is no Chromium; nothing is started yet. */
export function createWebChannel(options: WebOptions): WebChannel {
  return new WhatsAppWeb(options);
}

class WhatsAppWeb implements WebChannel {
  readonly id: string;
  readonly kind = 'web';
  readonly caps = CAPS;
  readonly #now: () => Date;
  readonly #log: Logger;
  readonly #timings: WebTimings;
  readonly #pairing: PairingState;
  readonly #session: Session;
  readonly #people: People;
  readonly #sender: Sender;
  readonly #chats = new RecentChats();
  #handOver: HandOver | undefined;

  constructor(options: WebOptions) {
    const { log, now } = options;
    this.id = options.id ?? 'web';
    this.#now = now;
    this.#log = log;
    this.#timings = { ...WEB_TIMINGS, ...options.timings };
    this.#pairing = new PairingState(now, log);
    this.#session = new Session({
      sessionDir: options.sessionDir,
      chromium: findChromium(options.chromiumPath),
      chromiumArgs: options.chromiumArgs,
      pairPhone: options.pairPhone,
      timings: this.#timings,
      pairing: this.#pairing,
      listen: (client) => this.#listen(client),
      log,
    });
    this.#people = new People();
    this.#sender = new Sender({
      session: this.#session,
      delayMs: options.delayMs,
      sendLimitMs: this.#timings.sendLimitMs,
      onForeign: (message) => this.#echoed(message),
    });
  }

  /** Begins and returns: pairing may take days. Throws AppError `session_in_use`. */
  async start(events: ChannelEvents): Promise<void> {
    this.#handOver = new HandOver(events, this.#timings.handOverAgainMs, this.#log);
    this.#pairing.onHealth = (health) => events.state(health);
    await this.#session.start();
  }

  async stop(): Promise<void> {
    await this.#patiently(this.#sender.stop());
    await this.#session.stop();
    await this.#handOver?.stop();
  }

  health = () => this.#pairing.get().health;

  pairing = () => this.#pairing.get();

  onPairing: PairingSource['onPairing'] = (listener) => this.#pairing.listen(listener);

  retry = () => this.#session.retry();

  pairWithCode = (phone: string) => this.#session.pairWithCode(phone);

  logout = () => this.#session.logout();

  async restart(reason: string): Promise<void> {
    await this.#patiently(this.#sender.idle());
    await this.#session.restart(reason);
  }

  browserPid = () => this.#session.browserPid();

  send: Channel['send'] = (message) => this.#sender.send(message);

  reconcile: Channel['reconcile'] = (message, since) => this.#sender.reconcile(message, since);

  fetchMedia: Channel['fetchMedia'] = (ref) => fetchFile(this.#session, ref, this.#timings.mediaLimitMs);

  async markRead(messageKey: string, typing: boolean): Promise<void> {
    const chatId = this.#chats.of(messageKey);
    if (!chatId) return;
    try {
      await this.#session.ask('marking a chat as read', async (client) => {
        await client.sendSeen(chatId);
        if (typing && client.pupPage) await showTyping(client.pupPage, chatId);
      });
    } catch (error) {
      this.#log.debug({ err: error }, 'a chat could not be marked as read');
    }
  }

  async *backfill(since: Date) {
    const parts = {
      session: this.#session,
      people: this.#people,
      isOurs: (id: string) => this.#sender.outboxIdOf(id) !== undefined,
      limitMs: this.#timings.mediaLimitMs,
      now: this.#now,
    };
    for await (const batch of backfill(parts, since)) {
      for (const { key, from } of batch.messages) this.#chats.remember(key, chatOfHandle(from));
      yield batch;
    }
  }

  /** A send under way may end, but is not waited for as long as it might take. */
  async #patiently(ending: Promise<void>): Promise<void> {
    await within(this.#timings.closeLimitMs, 'the last send', ending).catch(() => undefined);
  }

  #listen(client: WebClient): void {
    this.#people.ask(client);
    client.on('message_create', ({ rawData }) => this.#created(readMessage(rawData)));
    client.on('message_ciphertext_failed', ({ rawData }) => this.#created(readMessage(rawData)));
    client.on('message_edit', ({ rawData }, newBody, previousBody) => {
      const message = readMessage(rawData);
      if (!message || !isEdit(message, newBody, previousBody)) return;
      this.#give(message.id.remote, (party) => editedOf(message, party, this.#now()));
    });
    client.on('message_revoke_everyone', ({ rawData }) => {
      const message = readMessage(rawData);
      const at = this.#now();
      if (message) this.#give(message.id.remote, (party) => revokedOf(message, party, at));
    });
    client.on('message_reaction', (event) => {
      const reaction = readReaction(event);
      if (reaction) this.#give(reaction.msgId.remote, (party) => reactionOf(reaction, party, this.#now()));
    });
    client.on('vote_update', (event) => {
      const vote = readVote(event);
      if (!vote || vote.voter === client.info?.wid._serialized) return;
      this.#give(vote.parentMsgKey.remote, (party) => voteOf(vote, party, this.#now()));
    });
    client.on('call', (event) => {
      const call = readCall(event);
      if (call) this.#give(call.from, (party) => callOf(call, party, this.#now()));
    });
    client.on('message_ack', ({ rawData }, ack) => this.#acknowledged(readMessage(rawData), ack));
  }

  #created(message: WebMessage | undefined): void {
    if (!message || !this.#isBuyers(message.id.remote) || message.isStatusV3) return;
    if (message.id.fromMe) {
      this.#sender.saw(message);
      return;
    }
    this.#chats.remember(message.id.id, message.id.remote);
    this.#give(message.id.remote, (party) => inboundOf(message, party, this.#now()));
  }

  /** Whether somebody else is in this chat, alone; the owner's notes to themselves are nobody's business. */
  #isBuyers(chatId: string): boolean {
    return isPrivate(chatId) && chatId !== this.#session.ownChat();
  }

  /** Hands over what happened in a private chat, in the order in which it happened. */
  #give(chatId: string, read: (party: Party) => Inbound | undefined): void {
    if (!this.#isBuyers(chatId)) return;
    this.#handOver?.inbound(this.#inChat(chatId, read));
  }

  #echoed(message: WebMessage): void {
    const chatId = message.id.remote;
    this.#handOver?.echo(this.#inChat(chatId, (party) => echoOf(message, party, this.#now())));
  }

  async #inChat<T>(chatId: string, read: (party: Party) => T | undefined): Promise<T | undefined> {
    const alsoKnownAs: Handle[] = await this.#people.alsoKnownAs(chatId);
    const party = partyOf(chatId, alsoKnownAs);
    return party && read(party);
  }

  #acknowledged(message: WebMessage | undefined, ack: number): void {
    const state = ACKS[ack];
    if (!message?.id.fromMe || !state || !this.#isBuyers(message.id.remote)) return;
    const providerId = message.id.id;
    if (state === 'failed' && this.#sender.tellsRefusalOf(providerId)) return;
    const outboxId = this.#sender.outboxIdOf(providerId);
    this.#handOver?.delivery({
      providerId,
      ...(outboxId && { outboxId }),
      state,
      at: this.#now(),
      ...(state === 'failed' && { error: { code: 'refused', detail: 'WhatsApp refused the message' } }),
    });
  }
}

const ACKS: Record<number, DeliveryReport['state']> = {
  [-1]: 'failed',
  1: 'sent',
  2: 'delivered',
  3: 'read',
  4: 'played',
};

/** In which chat a message came, for the newest ones: only their chats are marked as read. */
class RecentChats {
  readonly #chats = new Map<string, string>();

  remember(key: string, chatId: string | undefined): void {
    const [oldest] = this.#chats.keys();
    if (this.#chats.size >= MOST_RECENT && oldest !== undefined) this.#chats.delete(oldest);
    if (chatId) this.#chats.set(key, chatId);
  }

  of(key: string): string | undefined {
    return this.#chats.get(key);
  }
}

const MOST_RECENT = 10_000;
