import type { Sends } from '../models/send.ts';
import type { Channel } from './channels/channel.ts';
import type { LimitsConfig } from './config.ts';

/**
 * How fast and how much may be sent. The buckets live in memory and are filled again from the ledger of sends
 * after a restart, so that they cost no write of their own. Each process counts what it sent itself since it
 * started and what everybody had sent before: with several processes the limits are approximate, and at worst
 * as many times as high as there are processes.
 */
export type LimitsParts = {
  sends: Sends;
  config: LimitsConfig;
  /** Buyers have reported this transport's messages: what nobody waits for pauses now. */
  onSpam: (channel: string) => void;
  /** In [0, 1): spreads what has to wait. */
  random?: () => number;
};

/** Who wants to send what. `cold`: we speak first; `isReminder`: nobody waits for it. */
export type Wish = { cold: boolean; isReminder: boolean };

/** It may go now (and is counted), or not before that moment and for that reason. */
export type Permit = { ok: true } | { waitUntil: Date; reason: string };

/** `cold`: the message was one that began a conversation. */
type Refusal = { code: string; retryAfterMs?: number | undefined; cold?: boolean | undefined };

type Transport = Pick<Channel, 'id' | 'kind'>;

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const KEPT_BUYERS = 20_000;
const FIRST_BACKOFF_MS = 1 * SECOND;
const LONGEST_BACKOFF_MS = 5 * 60 * SECOND;
/** 4^6 s are 68 minutes. */
const MOST_PAIR_REFUSALS = 6;
/** Longer than a paired phone usually takes to send one message. */
const LONGEST_BEGINNING_MS = 15 * SECOND;
const SPAM_PAUSE_MS = 1 * HOUR;

/** Codes with which the whole number is told to slow down. */
const SLOW_DOWN = new Set(['130429', '80007', '4', 'http_429']);
/** This buyer was written to too often. */
const PAIR_LIMIT = '131056';
/** Buyers have reported us: what nobody waits for must stop. */
const SPAM_LIMIT = '131048';
/** The paired phone may begin no more conversations for now. */
const COLD_REFUSED = '463';

/** Limits of every transport: by its kind, from the configuration. */
export class Limits {
  private readonly parts: LimitsParts;
  private readonly channels = new Map<string, Promise<ChannelLimits>>();

  constructor(parts: LimitsParts) {
    this.parts = parts;
  }

  /** Takes one message's worth from every bucket, or from none. */
  async take(channel: Transport, conversation: string, wish: Wish, now: Date): Promise<Permit> {
    return (await this.of(channel, now)).take(conversation, wish, now);
  }

  /** From when a reminder that begins a conversation may go; what is being begun at this moment is not counted. */
  async mayBeginAt(channel: Transport, now: Date): Promise<Date> {
    return new Date((await this.of(channel, now)).mayBeginAt(now));
  }

  /** The message that `take` allowed at `now` was not sent after all. */
  async giveBack(channel: Transport, conversation: string, wish: Wish, now: Date): Promise<void> {
    (await this.of(channel, now)).giveBack(conversation, wish, now);
  }

  /** The provider took a message: whoever was told to slow down may go on as before. */
  async accepted(channel: Transport, conversation: string, now: Date): Promise<void> {
    (await this.of(channel, now)).accepted(conversation);
  }

  /** The provider refused a message with this code, at once or in a report. */
  async refused(channel: Transport, conversation: string, refusal: Refusal, now: Date): Promise<void> {
    (await this.of(channel, now)).refused(conversation, refusal, now);
  }

  private of(channel: Transport, now: Date): Promise<ChannelLimits> {
    const known = this.channels.get(channel.id);
    if (known) return known;
    const made = this.rebuilt(channel, now);
    this.channels.set(channel.id, made);
    // A database that was away for a moment must not leave this number without limits, or without sends.
    made.catch(() => this.channels.delete(channel.id));
    return made;
  }

  private async rebuilt({ id, kind }: Transport, now: Date): Promise<ChannelLimits> {
    const { sends } = this.parts;
    const limits = new ChannelLimits(id, kind, this.parts);
    const ago = (ms: number) => new Date(now.getTime() - ms);
    const { config } = this.parts;
    if (kind === 'cloud') {
      const sinceMs = Math.max(config.cloudBuyerBurst * config.cloudBuyerSeconds * SECOND, SECOND);
      for await (const { conversation, startedAt } of sends.startedSince(id, ago(sinceMs)))
        limits.replay(conversation, false, startedAt);
      limits.spamReportedAt(await sends.refusedAt(id, SPAM_LIMIT));
    }
    if (kind === 'web') {
      for await (const { conversation, startedAt } of sends.coldSince(id, ago(DAY)))
        limits.replay(conversation, true, startedAt);
      limits.coldRefusedAt(await sends.refusedAt(id, COLD_REFUSED));
    }
    return limits;
  }
}

/** The limits of one transport. */
class ChannelLimits {
  private readonly id: string;
  private readonly parts: LimitsParts;
  private readonly number: Bucket | undefined;
  private readonly perBuyer: Buckets | undefined;
  private readonly cold: ColdCap | undefined;
  private readonly backoff = { refusals: 0, until: 0 };
  private readonly pairs = new Map<string, { refusals: number; until: number }>();
  private spamUntil = 0;
  /** The ledger may know of the reports before anybody was told. */
  private spamToldUntil = 0;

  constructor(id: string, kind: Channel['kind'], parts: LimitsParts) {
    this.id = id;
    this.parts = parts;
    const { config } = parts;
    if (kind === 'cloud') {
      const { cloudBuyerBurst, cloudBuyerSeconds } = config;
      const perSecond = Math.max(config.cloudPerSecond, 1);
      this.number = new Bucket({ burst: perSecond, everyMs: SECOND / perSecond });
      this.perBuyer = new Buckets({ burst: cloudBuyerBurst, everyMs: cloudBuyerSeconds * SECOND });
    }
    if (kind === 'web') this.cold = new ColdCap(config.coldPerDay);
  }

  take(conversation: string, wish: Wish, now: Date): Permit {
    const at = now.getTime();
    const waits = [
      { until: this.backoff.until, reason: 'WhatsApp asked this number to slow down' },
      { until: this.pairs.get(conversation)?.until ?? 0, reason: 'too many messages to this buyer' },
      { until: wish.isReminder ? this.spamUntil : 0, reason: 'reminders pause after spam reports' },
      {
        until: wish.cold ? (this.cold?.freeAt(conversation, at) ?? 0) : 0,
        reason: 'enough conversations begun for now',
      },
      { until: this.perBuyer?.freeAt(conversation, at) ?? 0, reason: 'too many messages to this buyer' },
      { until: this.number?.freeAt(at) ?? 0, reason: 'too many messages at once' },
    ];
    const longest = waits.reduce((a, b) => (b.until > a.until ? b : a));
    if (longest.until > at) return { waitUntil: new Date(longest.until), reason: longest.reason };
    this.spend(conversation, wish.cold, at);
    return { ok: true };
  }

  mayBeginAt(now: Date): number {
    const at = now.getTime();
    return Math.max(at, this.backoff.until, this.spamUntil, this.cold?.roomAt(at) ?? 0);
  }

  giveBack(conversation: string, { cold }: Wish, now: Date): void {
    this.number?.giveBack();
    this.perBuyer?.of(conversation).giveBack();
    if (cold) this.cold?.giveBack(conversation, now.getTime());
  }

  replay(conversation: string, cold: boolean, startedAt: Date): void {
    this.spend(conversation, cold, startedAt.getTime());
  }

  accepted(conversation: string): void {
    this.cold?.ended(conversation);
    this.backoff.refusals = 0;
    this.pairs.delete(conversation);
  }

  refused(conversation: string, { code, retryAfterMs = 0, cold }: Refusal, now: Date): void {
    const at = now.getTime();
    this.cold?.ended(conversation);
    if (SLOW_DOWN.has(code)) this.slowDown(retryAfterMs, at);
    if (code === PAIR_LIMIT) this.slowPair(conversation, at);
    if (code === COLD_REFUSED && cold) this.coldRefusedAt(now);
    if (code !== SPAM_LIMIT) return;
    if (this.spamToldUntil <= at) this.parts.onSpam(this.id);
    this.spamReportedAt(now);
    this.spamToldUntil = this.spamUntil;
  }

  spamReportedAt(at: Date | undefined): void {
    if (at) this.spamUntil = Math.max(this.spamUntil, at.getTime() + SPAM_PAUSE_MS);
  }

  coldRefusedAt(at: Date | undefined): void {
    if (at) this.cold?.pause(at.getTime() + this.parts.config.coldPauseHours * HOUR);
  }

  private spend(conversation: string, cold: boolean, at: number): void {
    this.number?.spend(at);
    this.perBuyer?.of(conversation).spend(at);
    if (cold) this.cold?.spend(conversation, at);
  }

  /** What was under way when the first refusal came in is refused as well, and counts as one. */
  private slowDown(retryAfterMs: number, at: number): void {
    if (this.backoff.until > at) return;
    this.backoff.refusals += 1;
    const { random = Math.random } = this.parts;
    const doubledMs = FIRST_BACKOFF_MS * 2 ** (this.backoff.refusals - 1);
    const waitMs = Math.min(Math.max(doubledMs, retryAfterMs), LONGEST_BACKOFF_MS);
    this.backoff.until = at + waitMs * (1 + random() / 2);
  }

  private slowPair(conversation: string, at: number): void {
    const before = this.pairs.get(conversation)?.refusals ?? 0;
    const refusals = Math.min(before + 1, MOST_PAIR_REFUSALS);
    if (this.pairs.size >= KEPT_BUYERS) forget(this.pairs, ({ until }) => until <= at);
    this.pairs.set(conversation, { refusals, until: at + 4 ** refusals * SECOND });
  }
}

type Rate = { burst: number; everyMs: number };

/** A token bucket as one number: the moment at which it is full again. */
class Bucket {
  private readonly rate: Rate;
  fullAt = 0;

  constructor({ burst, everyMs }: Rate) {
    this.rate = { burst: Math.max(burst, 1), everyMs };
  }

  /** When the next message may go; not after `at` when it may go now. */
  freeAt(at: number): number {
    const { burst, everyMs } = this.rate;
    return Math.max(this.fullAt, at) - (burst - 1) * everyMs;
  }

  spend(at: number): void {
    this.fullAt = Math.max(this.fullAt, at) + this.rate.everyMs;
  }

  giveBack(): void {
    this.fullAt -= this.rate.everyMs;
  }
}

/** A bucket per buyer; a full one says nothing and need not be kept. */
class Buckets {
  private readonly rate: Rate;
  private readonly buckets = new Map<string, Bucket>();

  constructor(rate: Rate) {
    this.rate = rate;
  }

  freeAt(key: string, at: number): number {
    if (this.buckets.size >= KEPT_BUYERS) forget(this.buckets, ({ fullAt }) => fullAt <= at);
    return this.buckets.get(key)?.freeAt(at) ?? 0;
  }

  of(key: string): Bucket {
    const known = this.buckets.get(key) ?? new Bucket(this.rate);
    this.buckets.set(key, known);
    return known;
  }
}

/**
 * The conversations that we began in the last 24 hours, and the pause after one that was refused. They are begun
 * one at a time, so that a refusal stops the next one.
 */
class ColdCap {
  private readonly perDay: number;
  private readonly begun = new Map<string, number>();
  private pausedUntil = 0;
  private beginning: { conversation: string; until: number } | undefined;

  constructor(perDay: number) {
    this.perDay = perDay;
  }

  /** Saying more in a conversation that was begun today begins no other. */
  freeAt(conversation: string, at: number): number {
    forget(this.begun, (startedAt) => startedAt + DAY <= at, false);
    if (this.begun.has(conversation)) return this.pausedUntil;
    return Math.max(this.roomAt(at), this.beginning?.until ?? 0);
  }

  /** From when one more may be begun today. */
  roomAt(at: number): number {
    forget(this.begun, (startedAt) => startedAt + DAY <= at, false);
    const [oldest = at] = this.begun.values();
    return Math.max(this.pausedUntil, this.begun.size >= this.perDay ? oldest + DAY : 0);
  }

  spend(conversation: string, at: number): void {
    if (this.begun.has(conversation)) return;
    this.begun.set(conversation, at);
    this.beginning = { conversation, until: at + LONGEST_BEGINNING_MS };
  }

  /** The provider has taken or refused a message of this conversation. */
  ended(conversation: string): void {
    if (this.beginning?.conversation === conversation) this.beginning = undefined;
  }

  giveBack(conversation: string, at: number): void {
    if (this.begun.get(conversation) !== at) return;
    this.begun.delete(conversation);
    this.ended(conversation);
  }

  pause(until: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, until);
  }
}

/** Drops what no longer matters and, when that is not enough, the oldest. */
function forget<T>(map: Map<string, T>, isOver: (value: T) => boolean, alsoOldest = true): void {
  for (const [key, value] of map) if (isOver(value)) map.delete(key);
  const [oldest] = map.keys();
  if (alsoOldest && map.size >= KEPT_BUYERS && oldest !== undefined) map.delete(oldest);
}
