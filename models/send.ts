import { type Connection, type Model, Schema } from 'mongoose';
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

/** The ledger of one outgoing message: written before the provider is called, settled by what comes back. */
export type Send = {
  /** Id of the outbox item; also the provider's echo, where it has one. */
  _id: string;
  conversation: string;
  buyer: string;
  status: SendStatus;
  /** Position of `status`; it only rises. */
  rank: number;
  /** Which process is at it, and since when. */
  instance: string;
  startedAt: Date;
  attempts: number;
  providerId?: string;
  unknownAt?: Date;
  error?: string;
  deliveries: { state: string; at: Date }[];
};

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
    status: { type: String, required: true },
    rank: { type: Number, required: true },
    instance: { type: String, required: true },
    startedAt: { type: Date, required: true },
    attempts: { type: Number, required: true },
    providerId: String,
    unknownAt: Date,
    error: String,
    deliveries: { type: [Schema.Types.Mixed], default: [] } as never,
  },
  { collection: 'sends', versionKey: false },
);
schema.index({ providerId: 1 }, { unique: true, partialFilterExpression: { providerId: { $exists: true } } });
schema.index({ conversation: 1 });

/** A process elsewhere that has not answered for this long is dead: its sends have an unknown outcome. */
const ABANDONED_AFTER_MS = 15_000;
/** How long an unknown outcome waits for the provider's own report before it is acted on. */
const RECONCILE_MS = 10_000;

/**
 * What may be done about an outbox item now: call the provider (`go`), nothing any more (`settled`), or look
 * again later. `unknown` means that the provider may have sent it and no report came in time.
 */
export type Claim =
  | { kind: 'go' }
  | { kind: 'settled'; status: SendStatus }
  | { kind: 'wait'; until: Date }
  | { kind: 'unknown' };

/** Outgoing messages: at most one call to the provider at a time, whatever crashes in between. */
export class Sends {
  readonly model: Model<Send>;
  private readonly instance: string;

  constructor(connection: Connection, instance: string) {
    this.model = connection.model<Send>('Send', schema);
    this.instance = instance;
  }

  /** Claims the right to call the provider for `id`; the mark is durable before this resolves. */
  async claim(id: string, conversation: string, buyer: string, now: Date): Promise<Claim> {
    const mark = { status: 'sending', rank: RANK.sending, instance: this.instance, startedAt: now } as const;
    try {
      await this.model.collection.insertOne({
        _id: id,
        conversation,
        buyer,
        ...mark,
        attempts: 1,
        deliveries: [],
      } as never);
      return { kind: 'go' };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const retried = await this.model.updateOne(
      { _id: id, status: 'queued' },
      { $set: mark, $inc: { attempts: 1 } },
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

  /** It certainly did not go out; it may be tried again. */
  async putBack(id: string, error: string): Promise<number> {
    const back = await this.model
      .findOneAndUpdate(
        { _id: id, status: 'sending' },
        { $set: { status: 'queued', rank: RANK.queued, error } },
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

  /** It will not go out. */
  async failed(id: string, error: string): Promise<void> {
    await this.model.updateOne(
      { _id: id, rank: { $lt: RANK.failed } },
      { $set: { status: 'failed', rank: RANK.failed, error } },
    );
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
  }): Promise<Send | undefined> {
    const who = report.outboxId ? { _id: report.outboxId } : { providerId: report.providerId };
    const raised = await this.model
      .findOneAndUpdate(
        { ...who, rank: { $lt: RANK[report.state] } },
        {
          $set: {
            status: report.state,
            rank: RANK[report.state],
            providerId: report.providerId,
            ...(report.error !== undefined && { error: report.error }),
          },
          $push: { deliveries: { state: report.state, at: report.at } },
        },
        { returnDocument: 'after' },
      )
      .lean<Send>();
    return raised ?? undefined;
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
      return deadline > now ? { kind: 'wait', until: deadline } : { kind: 'unknown' };
    }
    return { kind: 'settled', status: send.status };
  }
}
