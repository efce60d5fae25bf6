import { type Connection, type Model, Schema } from 'mongoose';
import { isDuplicateKey } from './error.ts';
import { hasEnded } from './instance.ts';

/** What Slack delivered: kept before anything is done about it, so that it is handled once, whatever crashes. */
export type SlackEvent = {
  /** Slack's own id of it: the same delivery always has the same. */
  _id: string;
  /** What is handled in order; by itself where nothing else concerns the same thread. */
  line: string;
  /** Slack's time of it, by which the line is ordered. */
  order: string;
  /** As it came, as JSON text; gone once it is handled. */
  body?: string;
  receivedAt: Date;
  /** Attempts that failed. */
  attempts: number;
  /** Who is at it. */
  by?: string;
  /** Present until it is handled: when somebody else may take it up, or when to try again. */
  nextAt?: Date;
  /** It could not be handled in all its attempts. */
  givenUp?: true;
};

const schema = new Schema<SlackEvent>(
  {
    _id: { type: String, required: true },
    line: { type: String, required: true },
    order: { type: String, required: true },
    body: String,
    receivedAt: { type: Date, required: true },
    attempts: { type: Number, required: true },
    by: String,
    nextAt: Date,
    givenUp: Boolean,
  },
  { collection: 'slackEvents', versionKey: false },
);
schema.index({ nextAt: 1 }, { partialFilterExpression: { nextAt: { $exists: true } } });
schema.index({ receivedAt: 1 });

/** Longer than the handling of anything takes. */
const LEASE_MS = 60_000;

/** What Slack delivered, each once. */
export class SlackEvents {
  readonly model: Model<SlackEvent>;

  constructor(connection: Connection) {
    this.model = connection.model<SlackEvent>('SlackEvent', schema);
  }

  /** Keeps what was delivered, to be handled by `by`; false when it was delivered before. */
  async storeOnce(
    event: Pick<SlackEvent, '_id' | 'line' | 'order'> & { body: string },
    by: string,
    now: Date,
  ): Promise<boolean> {
    try {
      const stored = { ...event, receivedAt: now, attempts: 0, by, nextAt: leaseOf(now) };
      await this.model.collection.insertOne(stored as never);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** Nothing is left to do about it. */
  async handled(id: string): Promise<void> {
    await this.model.updateOne({ _id: id }, { $unset: { nextAt: '', body: '', by: '' } });
  }

  /** The attempt failed; the next one is at `at`. Returns how many have failed. */
  async failed(id: string, at: Date): Promise<number> {
    const failed = await this.model
      .findOneAndUpdate(
        { _id: id },
        { $inc: { attempts: 1 }, $set: { nextAt: at } },
        { returnDocument: 'after' },
      )
      .lean<SlackEvent>();
    return failed?.attempts ?? 0;
  }

  /** No further attempt is made. */
  async giveUp(id: string): Promise<void> {
    await this.model.updateOne(
      { _id: id },
      { $set: { givenUp: true }, $unset: { nextAt: '', body: '', by: '' } },
    );
  }

  /** What is to be handled by `now`, oldest first; at most `limit`. */
  async due(now: Date, limit: number): Promise<string[]> {
    const due = await this.model
      .find({ nextAt: { $exists: true, $lte: now } }, { _id: 1 })
      .sort({ nextAt: 1 })
      .limit(limit)
      .lean<{ _id: string }[]>();
    return due.map(({ _id }) => _id);
  }

  /** Lets what processes that have certainly ended left unhandled be due now. */
  async release(now: Date): Promise<void> {
    const held = await this.model.find({ nextAt: { $exists: true } }, { by: 1 }).lean<SlackEvent[]>();
    const left = held.filter(({ by }) => by !== undefined && hasEnded(by)).map(({ _id }) => _id);
    if (left.length > 0)
      await this.model.updateMany(
        { _id: { $in: left }, nextAt: { $exists: true } },
        { $set: { nextAt: now } },
      );
  }

  /** Takes the right to handle what is due; undefined when it is handled, or somebody else is at it. */
  async take(id: string, by: string, now: Date): Promise<SlackEvent | undefined> {
    const taken = await this.model
      .findOneAndUpdate(
        { _id: id, nextAt: { $exists: true, $lte: now } },
        { $set: { by, nextAt: leaseOf(now) } },
        { returnDocument: 'after' },
      )
      .lean<SlackEvent>();
    return taken ?? undefined;
  }

  /** Removes what came in before `before`; returns how many. Nothing is delivered again after so long. */
  async purge(before: Date): Promise<number> {
    return (await this.model.deleteMany({ receivedAt: { $lt: before } })).deletedCount;
  }
}

function leaseOf(now: Date): Date {
  return new Date(now.getTime() + LEASE_MS);
}
