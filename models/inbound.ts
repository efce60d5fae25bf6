import { type Connection, type Model, Schema } from 'mongoose';
import type { Outcome } from '../flows/types.ts';
import { isDuplicateKey } from './error.ts';

/** How a message reached us and what it said, as stored before it is acknowledged. */
export type InboundRecord = {
  /** `<channel>:<message key>`: storing the same message twice is refused by this key. */
  _id: string;
  channel: string;
  conversation: string;
  buyer: string;
  /** Handle that wrote, as `kind:value`. */
  from: string;
  /** The channel's own time. */
  at: Date;
  receivedAt: Date;
  /** Order of arrival within the same channel time. */
  seq: number;
  content: Record<string, unknown> & { kind: string };
  /** Key or provider id of the message this one answers. */
  quoted?: string;
  raw: unknown;
  /** Present until the message has its outcome. */
  pendingSince?: Date;
  outcome?: Outcome;
};

const schema = new Schema<InboundRecord>(
  {
    _id: { type: String, required: true },
    channel: { type: String, required: true },
    conversation: { type: String, required: true },
    buyer: { type: String, required: true },
    from: { type: String, required: true },
    at: { type: Date, required: true },
    receivedAt: { type: Date, required: true },
    seq: { type: Number, required: true },
    content: { type: Schema.Types.Mixed, required: true },
    quoted: String,
    raw: Schema.Types.Mixed,
    pendingSince: Date,
    outcome: Schema.Types.Mixed,
  },
  { collection: 'inbound', versionKey: false, minimize: false },
);
// $type in a partial index is ignored by the planner; $exists is used.
const PENDING = { partialFilterExpression: { pendingSince: { $exists: true } } };
schema.index({ conversation: 1, pendingSince: 1 }, { ...PENDING, name: 'pending_of_conversation' });
schema.index({ pendingSince: 1 }, { ...PENDING, name: 'pending' });
schema.index({ buyer: 1, at: 1 });

/** Inbound messages: stored once, and pending until they have exactly one outcome. */
export class Inbounds {
  readonly model: Model<InboundRecord>;

  constructor(connection: Connection) {
    this.model = connection.model<InboundRecord>('Inbound', schema);
  }

  /** Stores a message; false when the same message was stored before. */
  async storeOnce(record: InboundRecord): Promise<boolean> {
    try {
      await this.model.collection.insertOne(record as never);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** What a conversation has not answered yet, oldest first by the channel's time. */
  async pendingOf(conversation: string): Promise<InboundRecord[]> {
    const records = await this.model.collection
      .find<InboundRecord>({ conversation, pendingSince: { $exists: true } })
      .toArray();
    return records.sort((a, b) => a.at.getTime() - b.at.getTime() || a.seq - b.seq);
  }

  /** Conversations with a message that arrived by `before` and still has no outcome; at most `limit`. */
  async conversationsWaiting(before: Date, limit: number): Promise<string[]> {
    const waiting = await this.model
      .find({ pendingSince: { $exists: true, $lte: before } }, { conversation: 1 })
      .limit(limit)
      .lean<{ conversation: string }[]>();
    return [...new Set(waiting.map((each) => each.conversation))];
  }

  /** Writes outcomes down; idempotent, the first outcome of a message stays. */
  async conclude(outcomes: { message: string; outcome: Outcome }[]): Promise<void> {
    if (outcomes.length === 0) return;
    await this.model.collection.bulkWrite(
      outcomes.map(({ message, outcome }) => ({
        updateOne: {
          filter: { _id: message as never, outcome: { $exists: false } },
          update: { $set: { outcome }, $unset: { pendingSince: '' } },
        },
      })),
      { ordered: false },
    );
  }
}
