import { type Connection, type Model, Schema } from 'mongoose';
import { isDuplicateKey } from './error.ts';

/** One thing that happened: who, what and why. Append-only; the id makes writing it twice a no-op. */
export type TimelineEntry = {
  _id: string;
  buyer: string;
  conversation: string;
  at: Date;
  /** `buyer`, `bot`, or a staff member's name. */
  who: string;
  kind: 'message' | 'decision' | 'case' | 'visit' | 'delivery' | 'call' | 'payment';
  what: string;
  why?: string;
};

const schema = new Schema<TimelineEntry>(
  {
    _id: { type: String, required: true },
    buyer: { type: String, required: true },
    conversation: { type: String, required: true },
    at: { type: Date, required: true },
    who: { type: String, required: true },
    kind: { type: String, required: true },
    what: { type: String, required: true },
    why: String,
  },
  { collection: 'timeline', versionKey: false },
);
schema.index({ buyer: 1, at: 1 });

/** The buyer's timeline: everything that happened, in one list per buyer. */
export class Timeline {
  readonly model: Model<TimelineEntry>;

  constructor(connection: Connection) {
    this.model = connection.model<TimelineEntry>('TimelineEntry', schema);
  }

  /** Appends entries; those that are already there are left alone. */
  async append(entries: TimelineEntry[]): Promise<void> {
    if (entries.length === 0) return;
    try {
      await this.model.collection.insertMany(entries as never[], { ordered: false });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  async byIds(ids: string[]): Promise<TimelineEntry[]> {
    return ids.length === 0 ? [] : this.model.find({ _id: { $in: ids } }).lean<TimelineEntry[]>();
  }

  /** The latest `limit` entries of a buyer, oldest first. */
  async latest(buyer: string, limit: number): Promise<TimelineEntry[]> {
    const entries = await this.model.find({ buyer }).sort({ at: -1 }).limit(limit).lean<TimelineEntry[]>();
    return entries.reverse();
  }
}
