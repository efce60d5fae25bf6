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
  kind: 'message' | 'decision' | 'case' | 'visit' | 'delivery' | 'note' | 'call' | 'payment' | 'document';
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
schema.index({ buyer: 1, at: 1, _id: 1 });

/** Where a page of the timeline begins or ends. */
export type TimelineCursor = { at: Date; id: string };

/** Some entries, newest first, and whether there are others on either side of them. */
export type TimelinePage = { entries: TimelineEntry[]; hasOlder: boolean; hasNewer: boolean };

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

  /** The latest page of a buyer, or the one that is next to a cursor. */
  async page(
    buyer: string,
    limit: number,
    from?: { side: 'older' | 'newer'; cursor: TimelineCursor },
  ): Promise<TimelinePage> {
    const isNewer = from?.side === 'newer';
    const found = await this.besides(buyer, limit + 1, isNewer, from?.cursor);
    const entries = found.slice(0, limit);
    const hasMore = found.length > limit;
    if (!isNewer) return { entries, hasOlder: hasMore, hasNewer: from !== undefined };
    // A page that is not full is at the top: then it is the latest one that is shown, in full.
    if (!hasMore) return this.page(buyer, limit);
    return { entries: entries.reverse(), hasOlder: true, hasNewer: true };
  }

  /** At most `limit` entries on one side of a cursor, the nearest first: those of its very moment, then the others. */
  private async besides(
    buyer: string,
    limit: number,
    isNewer: boolean,
    cursor?: TimelineCursor,
  ): Promise<TimelineEntry[]> {
    const order = isNewer ? 1 : -1;
    const beyond = isNewer ? '$gt' : '$lt';
    // Two questions instead of one with an "or": each is one stretch of the index, however long the life.
    const find = (filter: object, most: number) =>
      this.model
        .find({ buyer, ...filter })
        .sort({ at: order, _id: order })
        .limit(most)
        .lean<TimelineEntry[]>();
    if (!cursor) return find({}, limit);
    const near = await find({ at: cursor.at, _id: { [beyond]: cursor.id } }, limit);
    if (near.length >= limit) return near;
    return [...near, ...(await find({ at: { [beyond]: cursor.at } }, limit - near.length))];
  }
}
