import { type Connection, type Model, Schema } from 'mongoose';
import type { Choice, Effect, Language, Purpose } from '../flows/types.ts';
import { isDuplicateKey } from './error.ts';
import { hasEnded } from './instance.ts';

/** How far an outgoing message is known to have come. */
export type SendStatus =
  | 'queued'
  | 'sending'
  | 'unknown'
  | 'accepted'
  | 'sent'
  | 'failed'
  | 'delivered'
  | 'read'
  | 'played';

/** An effect that says something to the buyer. */
export type SendEffect = Extract<Effect, { kind: 'sendTemplate' | 'sendDocument' | 'sendText' | 'sendFile' }>;

/**
 * What is being sent, by which way, and to whom: everything that is needed to compose the very same message again.
 * Example: `{conversation: 'web/b1', buyer: 'b1', channel: 'web', to: 'lid:9911', as: 'free', language: 'en', effect: {…}}`
 */
export type Letter = {
  conversation: string;
  buyer: string;
  channel: string;
  /** The handle it goes to, as `kind:value`. */
  to: string;
  effect: SendEffect;
  /** Free words, or the approved template that says the same. */
  as: 'free' | 'template';
  language: Language;
  /** The quick replies of a message that has some, in their order. */
  choices?: Choice[];
  /** We speak first: the buyer has not written on this transport, or not in the last 24 hours. */
  cold?: true;
};

/** The ledger of one outgoing message: written before the provider is called, settled by what comes back. */
export type Send = Letter & {
  /** Id of the outbox item; also the provider's echo, where it has one. */
  _id: string;
  status: SendStatus;
  /** Position of `status`; it only rises. */
  rank: number;
  /** Which process is at it, and since when. */
  instance: string;
  startedAt: Date;
  attempts: number;
  providerId?: string;
  unknownAt?: Date;
  /** Why it did not go out, for people. */
  error?: string;
  /** The provider's code of that, such as `131047`. */
  errorCode?: string;
  /** What the provider charges for it, kept as it came. */
  pricing?: unknown;
  deliveries: { state: string; at: Date }[];
};

/** What the error of a send begins with that a person called off before it went out. */
export const CALLED_OFF = 'called off: ';

/** The id under which a refused message is owed once more, as its approved template. */
export function templateRetryOf(id: string): string {
  return `${id}${TEMPLATE_RETRY}`;
}

export function isTemplateRetry(id: string): boolean {
  return id.endsWith(TEMPLATE_RETRY);
}

const TEMPLATE_RETRY = ':t';

/** Position of each state. A failure counts even after `sent`; one that is reported after `delivered` is noise. */
export const RANK: Record<SendStatus, number> = {
  queued: 0,
  sending: 1,
  unknown: 2,
  accepted: 3,
  sent: 4,
  failed: 5,
  delivered: 6,
  read: 7,
  played: 8,
};

const schema = new Schema<Send>(
  {
    _id: { type: String, required: true },
    conversation: { type: String, required: true },
    buyer: { type: String, required: true },
    channel: { type: String, required: true },
    to: { type: String, required: true },
    effect: { type: Schema.Types.Mixed, required: true },
    as: { type: String, required: true },
    language: { type: String, required: true },
    choices: { type: [Schema.Types.Mixed], default: undefined } as never,
    cold: Boolean,
    status: { type: String, required: true },
    rank: { type: Number, required: true },
    instance: { type: String, required: true },
    startedAt: { type: Date, required: true },
    attempts: { type: Number, required: true },
    providerId: String,
    unknownAt: Date,
    error: String,
    errorCode: String,
    pricing: Schema.Types.Mixed,
    deliveries: { type: [Schema.Types.Mixed], default: [] } as never,
  },
  { collection: 'sends', versionKey: false },
);
schema.index({ providerId: 1 }, { unique: true, partialFilterExpression: { providerId: { $exists: true } } });
schema.index({ conversation: 1, startedAt: 1 });
schema.index({ channel: 1, startedAt: 1 });
schema.index({ cold: 1, channel: 1, startedAt: 1 }, { partialFilterExpression: { cold: { $exists: true } } });
schema.index(
  { errorCode: 1, channel: 1, startedAt: 1 },
  { partialFilterExpression: { errorCode: { $exists: true } } },
);

schema.index({ 'effect.input': 1 }, { partialFilterExpression: { 'effect.input': { $exists: true } } });

/** A process elsewhere that has not answered for this long is dead: its sends have an unknown outcome. */
const ABANDONED_AFTER_MS = 15_000;
/** How long an unknown outcome waits for the provider's own report before anybody is asked. */
export const RECONCILE_MS = 10_000;

/**
 * What may be done about an outbox item now: call the provider (`go`), nothing any more (`settled`), or look
 * again later. `unknown` means that the provider may have sent it and no report came in time.
 */
export type Claim =
  | { kind: 'go' }
  | { kind: 'settled'; send: Send }
  | { kind: 'wait'; until: Date }
  | { kind: 'unknown'; send: Send };

/** What a sum over past sends needs of each: a limit counts them again after a restart. */
export type SpentSend = Pick<Send, '_id' | 'conversation' | 'startedAt'>;

/** What says whether a reminder was about the same matter as another one. */
export type ReminderSent = Pick<Send, '_id' | 'conversation'> & {
  effect: Pick<Extract<SendEffect, { kind: 'sendTemplate' }>, 'data' | 'campaign'>;
};

const REPORTED: SendStatus[] = ['sent', 'delivered', 'read', 'played'];

/** Outgoing messages: at most one call to the provider at a time, whatever crashes in between. */
export class Sends {
  readonly model: Model<Send>;
  private readonly instance: string;

  constructor(connection: Connection, instance: string) {
    this.model = connection.model<Send>('Send', schema);
    this.instance = instance;
  }

  /**
   * Claims the right to call the provider for `id`; the mark, with all of the letter, is durable before this
   * resolves. An item that certainly did not go out may be claimed for another way than before.
   */
  async claim(id: string, letter: Letter, now: Date): Promise<Claim> {
    const mark = { status: 'sending', rank: RANK.sending, instance: this.instance, startedAt: now } as const;
    try {
      const send = { _id: id, ...letter, ...mark, attempts: 1, deliveries: [] };
      await this.model.collection.insertOne(send as never, { ignoreUndefined: true });
      return { kind: 'go' };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const { choices, cold, ...rest } = letter;
    const retried = await this.model.collection.updateOne(
      { _id: id as never, status: 'queued' },
      {
        $set: { ...rest, ...mark, ...(choices && { choices }), ...(cold && { cold }) },
        $unset: { ...(!choices && { choices: '' }), ...(!cold && { cold: '' }), errorCode: '' },
        $inc: { attempts: 1 },
      },
      { ignoreUndefined: true },
    );
    if (retried.modifiedCount === 1) return { kind: 'go' };
    return this.inspect(id, now);
  }

  /** The provider took it. A report that came in earlier has said more already, and stays. */
  async accepted(id: string, providerId: string): Promise<void> {
    await this.model.collection.updateOne(
      { _id: id as never, rank: { $lt: RANK.accepted } },
      { $set: { status: 'accepted', rank: RANK.accepted, providerId } },
    );
  }

  /** It certainly did not go out; it may be tried again. Returns how often it was tried. */
  async putBack(id: string, error: string, errorCode?: string): Promise<number> {
    const why = { error, ...(errorCode && { errorCode }) };
    const back = await this.model
      .findOneAndUpdate(
        { _id: id, status: 'sending' },
        { $set: { status: 'queued', rank: RANK.queued, ...why } },
        { returnDocument: 'after' },
      )
      .lean<Send>();
    return back?.attempts ?? 0;
  }

  /** It may have gone out: from here on only a report, a person, or the deadline that is returned decides. */
  async outcomeUnknown(id: string, now: Date): Promise<Date> {
    await this.model.updateOne(
      { _id: id, status: 'sending' },
      { $set: { status: 'unknown', rank: RANK.unknown, unknownAt: now } },
    );
    return new Date(now.getTime() + RECONCILE_MS);
  }

  /** It will not go out, or nobody will look any more whether it did. */
  async failed(id: string, error: string, errorCode?: string): Promise<void> {
    await this.model.updateOne(
      { _id: id, rank: { $lt: RANK.failed } },
      { $set: { status: 'failed', rank: RANK.failed, error, ...(errorCode && { errorCode }) } },
    );
  }

  async byId(id: string): Promise<Send | null> {
    return this.model.findById(id).lean<Send>();
  }

  /** Everything that was begun for what a person said. */
  async ofInput(input: string): Promise<Send[]> {
    return this.model.find({ 'effect.input': input }).lean<Send[]>();
  }

  /**
   * Sees to it that an item never goes out, unless it may have gone out already: then false. Doing it again for
   * the same `reason` is a no-op that succeeds.
   */
  async withdraw(id: string, letter: Letter, reason: string, now: Date): Promise<boolean> {
    const end = { status: 'failed', rank: RANK.failed, error: reason } as const;
    try {
      const never = { _id: id, ...letter, ...end, instance: this.instance, startedAt: now, attempts: 0 };
      await this.model.collection.insertOne({ ...never, deliveries: [] } as never, { ignoreUndefined: true });
      return true;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const withdrawn = await this.model.updateOne(
      { _id: id, $or: [{ status: 'queued' }, { status: 'failed', error: reason }] },
      { $set: end },
    );
    return withdrawn.matchedCount === 1;
  }

  /** An unknown item is to be sent again after all; the earlier attempt stays on the ledger. */
  async sendAgain(id: string, now: Date): Promise<boolean> {
    const again = await this.model.updateOne(
      { _id: id, status: 'unknown' },
      {
        $set: { status: 'queued', rank: RANK.queued },
        $unset: { unknownAt: '' },
        $push: { deliveries: { state: 'unknown', at: now } },
      },
    );
    return again.modifiedCount === 1;
  }

  /**
   * A delivery report, found by our own id or the provider's. Returns the send if the report raised its state,
   * undefined when it was old news or is not ours.
   */
  async report(report: {
    outboxId?: string;
    providerId: string;
    state: SendStatus;
    at: Date;
    error?: string;
    errorCode?: string;
    pricing?: unknown;
  }): Promise<Send | undefined> {
    const { outboxId, providerId, state, at, error, errorCode, pricing } = report;
    const who = outboxId ? { _id: outboxId } : { providerId };
    const why = { ...(error !== undefined && { error }), ...(errorCode !== undefined && { errorCode }) };
    const price = pricing === undefined ? undefined : { pricing };
    const raised = await this.model
      .findOneAndUpdate(
        { ...who, rank: { $lt: RANK[state] } },
        {
          $set: { status: state, rank: RANK[state], providerId, ...why, ...price },
          $push: { deliveries: { state, at } },
        },
        { returnDocument: 'after' },
      )
      .lean<Send>();
    // A report that was overtaken by a later state may still be the one that names the price.
    if (!raised && price)
      await this.model.updateOne({ ...who, pricing: { $exists: false } }, { $set: price });
    return raised ?? undefined;
  }

  /** Whether anything that was begun on this channel after `since` has been reported: its reports do come in. */
  async hasReportsSince(channel: string, since: Date): Promise<boolean> {
    const query = { channel, startedAt: { $gt: since }, status: { $in: REPORTED } };
    return (await this.model.findOne(query, { _id: 1 }).lean()) !== null;
  }

  /** The sends of a conversation, newest first; at most `limit`. */
  async latestOf(conversation: string, limit: number): Promise<Send[]> {
    return this.model.find({ conversation }).sort({ startedAt: -1 }).limit(limit).lean<Send[]>();
  }

  /** The latest copy of this template that was begun for a conversation after `since`. */
  async latestTemplate(conversation: string, template: string, since: Date): Promise<Send | null> {
    return this.model
      .findOne({ conversation, 'effect.template': template, startedAt: { $gte: since } })
      .sort({ startedAt: -1 })
      .lean<Send>();
  }

  /**
   * Reminders by this template that were begun for any of these conversations after `since` and did not fail; of a
   * demand for money those by any template.
   */
  async reminders(
    conversations: string[],
    { template, purpose }: { template: string; purpose: Purpose },
    since: Date,
  ): Promise<ReminderSent[]> {
    const query = {
      conversation: { $in: conversations },
      startedAt: { $gte: since },
      ...(purpose === 'dunning' ? { 'effect.purpose': purpose } : { 'effect.template': template }),
      status: { $ne: 'failed' as const },
    };
    const only = { conversation: 1, 'effect.data': 1, 'effect.campaign': 1 };
    return this.model.find(query, only).lean<ReminderSent[]>();
  }

  /** The latest send to a conversation after `since` that was refused with one of these codes. */
  async latestRefusal(conversation: string, codes: string[], since: Date): Promise<Send | null> {
    return this.model
      .findOne({ conversation, errorCode: { $in: codes }, startedAt: { $gte: since } })
      .sort({ startedAt: -1 })
      .lean<Send>();
  }

  /** What was begun on a channel after `since`, oldest first. */
  startedSince(channel: string, since: Date): AsyncIterable<SpentSend> {
    return this.spent({ channel, startedAt: { $gte: since } });
  }

  /** The conversations that we began on a channel after `since`, oldest first. */
  coldSince(channel: string, since: Date): AsyncIterable<SpentSend> {
    return this.spent({ cold: true, channel, startedAt: { $gte: since } });
  }

  /** When a send on this channel was last refused with this code. */
  async refusedAt(channel: string, code: string): Promise<Date | undefined> {
    const refused = await this.model
      .findOne({ errorCode: code, channel }, { startedAt: 1 })
      .sort({ startedAt: -1 })
      .lean<Pick<Send, 'startedAt'>>();
    return refused?.startedAt;
  }

  private spent(query: Record<string, unknown>): AsyncIterable<SpentSend> {
    return this.model
      .find(query, { conversation: 1, startedAt: 1 })
      .sort({ startedAt: 1 })
      .lean<SpentSend>()
      .cursor() as AsyncIterable<SpentSend>;
  }

  private async inspect(id: string, now: Date): Promise<Claim> {
    const send = await this.model.findById(id).lean<Send>();
    if (!send) return { kind: 'wait', until: now };
    if (send.status === 'sending') {
      const abandonedAt = hasEnded(send.instance)
        ? now
        : new Date(send.startedAt.getTime() + ABANDONED_AFTER_MS);
      if (abandonedAt > now && send.instance !== this.instance) return { kind: 'wait', until: abandonedAt };
      return { kind: 'wait', until: await this.outcomeUnknown(id, now) };
    }
    if (send.status === 'unknown') {
      const deadline = new Date((send.unknownAt ?? now).getTime() + RECONCILE_MS);
      return deadline > now ? { kind: 'wait', until: deadline } : { kind: 'unknown', send };
    }
    return { kind: 'settled', send };
  }
}
