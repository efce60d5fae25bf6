import { setTimeout as delay } from 'node:timers/promises';
import type { SendStatus } from '../../../models/send.ts';
import { ChannelError, type Outbound, type Reconciled } from '../channel.ts';
import type { WebClient } from './client.ts';
import { chatOfHandle, readMessage, type WebMessage } from './message.ts';
import { hasChat, showTyping } from './page.ts';
import { says } from './parse.ts';
import { refusal, sendFailure } from './refusal.ts';
import type { Session } from './session.ts';
import { assertSendable, type Shape, shapesOf } from './shape.ts';

/** How long a send of unknown outcome is recognised when it shows up in the chat after all. */
const DOUBT_MS = 10 * 60_000;
const MOST_REMEMBERED = 10_000;
/** Clocks differ: a message may seem a little older than its send. */
const SKEW_MS = 2 * 60_000;
const MOST_READ_BACK = 500;

export type SenderParts = {
  session: Session;
  delayMs: { least: number; most: number };
  sendLimitMs: number;
  /** A message from our number that this did not send. */
  onForeign: (message: WebMessage) => void;
};

type Sending = { message: Outbound; chatId: string; held: WebMessage[]; id?: string };

/** Sends one message at a time, as a person would, and knows its own messages from those typed on the phone. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #stopped = new AbortController();
  readonly #outboxIds = new Map<string, string>();
  readonly #refusedIds = new Set<string>();
  #line: Promise<unknown> = Promise.resolve();
  #sending: Sending | undefined;
  #doubtful: Sending[] = [];

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Hands one message to WhatsApp, when those before it have gone. Throws `ChannelError`. */
  send(message: Outbound): Promise<{ providerId: string; state: SendStatus }> {
    const sent = this.#line.then(() => this.#deliver(message));
    this.#line = sent.catch(() => undefined);
    return sent;
  }

  /** Resolves when nothing is being sent. */
  async idle(): Promise<void> {
    await this.#line;
  }

  /** What waits is not sent any more; what is under way ends. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#line;
  }

  /** The outbox id of a message that this run sent. */
  outboxIdOf(providerId: string): string | undefined {
    return this.#outboxIds.get(providerId);
  }

  /** Whether `send` itself tells, or has told, that this message was refused: then no report need say so. */
  tellsRefusalOf(providerId: string): boolean {
    return this.#sending?.id === providerId || this.#refusedIds.has(providerId);
  }

  /** A message from our number has come up on the page: ours, or typed on the phone. */
  saw(message: WebMessage): void {
    if (this.#outboxIds.has(message.id.id)) return;
    const sending = this.#sending;
    if (sending) {
      // Which of those that come up meanwhile is ours is certain only with the answer.
      sending.held.push(message);
      if (!sending.id && isOf(sending, message)) this.#know(sending, message.id.id);
      return;
    }
    const doubtful = this.#doubtful.find((each) => isOf(each, message));
    if (doubtful) {
      this.#doubtful = this.#doubtful.filter((each) => each !== doubtful);
      this.#know(doubtful, message.id.id);
    } else {
      this.#parts.onForeign(message);
    }
  }

  /** Looks for a send of unknown outcome in its chat. Never throws. */
  async reconcile(message: Outbound, since: Date): Promise<Reconciled> {
    const chatId = chatOfHandle(message.to);
    if (!chatId) return { kind: 'absent' };
    const earliest = (since.getTime() - SKEW_MS) / 1000;
    try {
      const ours = await this.#readBack(chatId, earliest);
      if (!ours) return { kind: 'unclear' };
      const found = ours.find((each) => this.#isAnswer(each, message, earliest));
      if (!found) return { kind: 'absent' };
      // It is on the page, but WhatsApp has not taken it yet.
      if ((found.ack ?? 0) < 1) return { kind: 'unclear' };
      this.#remember(found.id.id, message.outboxId);
      return { kind: 'sent', providerId: found.id.id };
    } catch {
      return { kind: 'unclear' };
    }
  }

  async #deliver(message: Outbound): Promise<{ providerId: string; state: SendStatus }> {
    assertSendable(message.content);
    const chatId = chatOfHandle(message.to);
    if (!chatId)
      throw refusal('recipient', 'unusable_handle', `WhatsApp Web cannot write to a ${message.to.kind}`);
    await this.#assertReachable(chatId);
    await this.#behaveLikeAPerson(chatId);
    const [first, fallback] = shapesOf(message.content);
    try {
      return await this.#attempt(message, chatId, first);
    } catch (error) {
      const isRefused = error instanceof ChannelError && error.code === REFUSED;
      if (!isRefused || !fallback) throw error;
      return await this.#attempt(message, chatId, fallback);
    }
  }

  /** A number that we never met may have no WhatsApp. */
  async #assertReachable(chatId: string): Promise<void> {
    if (!chatId.endsWith('@c.us')) return;
    const isKnown = await this.#question('looking a number up', async (client) => {
      const page = client.pupPage;
      if (page && (await hasChat(page, chatId))) return true;
      return (await client.getNumberId(chatId)) !== null;
    });
    if (!isKnown) throw refusal('recipient', 'not_on_whatsapp', 'this number has no WhatsApp');
  }

  /** Before anything is sent, whatever goes wrong is worth another attempt. */
  #question<T>(what: string, question: (client: WebClient) => Promise<T>): Promise<T> {
    return this.#parts.session.ask(what, question).catch((cause: unknown) => {
      if (cause instanceof ChannelError) throw cause;
      throw refusal('retry', 'no_answer', `${what} failed`, cause);
    });
  }

  /** Waits a little, and shows meanwhile that something is being written. */
  async #behaveLikeAPerson(chatId: string): Promise<void> {
    const { least, most } = this.#parts.delayMs;
    const { signal } = this.#stopped;
    if (most > 0) {
      const typing = ({ pupPage }: WebClient) => (pupPage ? showTyping(pupPage, chatId) : Promise.resolve());
      await this.#parts.session.ask('typing', typing).catch(() => undefined);
      const waitMs = least + Math.random() * (most - least);
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
    if (signal.aborted) throw refusal('retry', 'stopped', 'the channel is being stopped');
  }

  async #attempt(
    message: Outbound,
    chatId: string,
    shape: Shape,
  ): Promise<{ providerId: string; state: SendStatus }> {
    const sending: Sending = { message, chatId, held: [] };
    this.#sending = sending;
    try {
      const sent = await this.#handToPage(sending, shape);
      this.#know(sending, sent.id.id);
      if (sent.ack === -1) {
        this.#refusedIds.add(sent.id.id);
        throw await this.#refused(chatId);
      }
      return { providerId: sent.id.id, state: STATES[sent.ack ?? 0] ?? 'accepted' };
    } catch (error) {
      if (error instanceof ChannelError && error.class === 'unknown') this.#doubt(sending);
      throw error;
    } finally {
      this.#sending = undefined;
      for (const held of sending.held) this.saw(held);
    }
  }

  async #handToPage({ chatId }: Sending, { content, options }: Shape): Promise<WebMessage> {
    const { session, sendLimitMs } = this.#parts;
    const send = (client: WebClient) =>
      client.sendMessage(chatId, content, {
        sendSeen: false,
        linkPreview: false,
        parseVCards: false,
        waitUntilMsgSent: true,
        ...options,
      });
    const answer = await session.ask('a send', send, sendLimitMs).catch((error: unknown) => {
      throw sendFailure(error);
    });
    const sent = readMessage(answer?.rawData);
    if (sent) return sent;
    throw refusal('unknown', 'no_answer', 'WhatsApp did not say what became of the message');
  }

  /** WhatsApp took the message into the chat and then refused it. */
  async #refused(chatId: string): Promise<ChannelError> {
    const isCold = await this.#parts.session
      .ask('reading a chat', async (client) => {
        const chat = await client.getChatById(chatId);
        const theirs = await chat.fetchMessages({ limit: 1, fromMe: false });
        return theirs.length === 0;
      })
      .catch(() => false);
    return isCold
      ? refusal('recipient', COLD, 'WhatsApp refused a message to somebody who never wrote to us')
      : refusal('retry', REFUSED, 'WhatsApp refused the message');
  }

  /** Our messages in a chat back to a time (seconds since 1970); undefined when there are too many to be sure. */
  async #readBack(chatId: string, earliest: number): Promise<WebMessage[] | undefined> {
    for (let limit = 50; limit <= MOST_READ_BACK; limit *= 2) {
      const messages = await this.#parts.session.ask('reading a chat', async (client) => {
        const chat = await client.getChatById(chatId);
        return chat.fetchMessages({ limit, fromMe: true });
      });
      const ours = messages.flatMap(({ rawData }) => readMessage(rawData) ?? []);
      if (messages.length < limit || ours.some(({ t }) => t !== undefined && t < earliest)) return ours;
    }
    return undefined;
  }

  #isAnswer(found: WebMessage, message: Outbound, earliest: number): boolean {
    const { outboxId, content } = message;
    const sentAs = this.#outboxIds.get(found.id.id);
    const isAnothers = sentAs !== undefined && sentAs !== outboxId;
    return !isAnothers && (found.t ?? 0) >= earliest && found.ack !== -1 && says(found, content);
  }

  #know(sending: Sending, id: string): void {
    sending.id = id;
    this.#remember(id, sending.message.outboxId);
  }

  #remember(id: string, outboxId: string): void {
    const [oldest] = this.#outboxIds.keys();
    if (this.#outboxIds.size >= MOST_REMEMBERED && oldest !== undefined) this.#outboxIds.delete(oldest);
    this.#outboxIds.set(id, outboxId);
  }

  /** It may show up later; unless it has already. */
  #doubt(sending: Sending): void {
    if (sending.id) return;
    this.#doubtful.push(sending);
    const forget = (): void => {
      this.#doubtful = this.#doubtful.filter((each) => each !== sending);
    };
    setTimeout(forget, DOUBT_MS).unref();
  }
}

const REFUSED = 'refused';
/** WhatsApp's own number for a message refused because the chat is new. */
const COLD = '463';

const STATES: Record<number, SendStatus> = {
  0: 'accepted',
  1: 'sent',
  2: 'delivered',
  3: 'read',
  4: 'played',
};

/** Whether this may be the message that a send put into the chat; a number's chat may be kept under its lid. */
function isOf({ message, chatId }: Sending, seen: WebMessage): boolean {
  const isOtherName = seen.id.remote.split('@')[1] !== chatId.split('@')[1];
  return (seen.id.remote === chatId || isOtherName) && says(seen, message.content);
}
