import { type Connection, type Model, Schema } from 'mongoose';
import { isDuplicateKey } from './error.ts';

/** A booked visit to a project's site. */
export type Visit = {
  _id: string;
  project: string;
  buyer: string;
  conversation: string;
  at: Date;
  status: 'booked' | 'cancelled';
  /** `<project>/<time>/<seat>` while booked: unique, so that a seat is never given twice. */
  seat?: string;
  bookedAt: Date;
};

const schema = new Schema<Visit>(
  {
    _id: { type: String, required: true },
    project: { type: String, required: true },
    buyer: { type: String, required: true },
    conversation: { type: String, required: true },
    at: { type: Date, required: true },
    status: { type: String, required: true },
    seat: String,
    bookedAt: { type: Date, required: true },
  },
  { collection: 'visits', versionKey: false },
);
schema.index({ seat: 1 }, { unique: true, partialFilterExpression: { seat: { $exists: true } } });
schema.index({ project: 1, at: 1 });
schema.index({ buyer: 1, at: 1 });
schema.index({ status: 1, at: 1 });

/** Visits: the unique seat makes double booking impossible, whoever races. */
export class Visits {
  readonly model: Model<Visit>;

  constructor(connection: Connection) {
    this.model = connection.model<Visit>('Visit', schema);
  }

  /**
   * Books one of `capacity` seats; undefined when all are taken. Repeating the same id finds its own booking,
   * also when the slot has closed meanwhile and `capacity` is 0.
   */
  async book(
    wish: Pick<Visit, '_id' | 'project' | 'buyer' | 'conversation' | 'at' | 'bookedAt'>,
    capacity: number,
  ): Promise<Visit | undefined> {
    for (let seat = 1; seat <= capacity; seat += 1) {
      const visit: Visit = {
        ...wish,
        status: 'booked',
        seat: `${wish.project}/${wish.at.toISOString()}/${seat}`,
      };
      try {
        await this.model.collection.insertOne(visit as never);
        return visit;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        const own = await this.byId(wish._id);
        if (own) return own;
      }
    }
    return this.byId(wish._id);
  }

  /** Frees the seat; the visit stays on record as cancelled. */
  async cancel(id: string): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { status: 'cancelled' }, $unset: { seat: '' } });
  }

  /** How many seats are taken per slot of a project in [from, to): epoch milliseconds -> count. */
  async takenSeats(project: string, from: Date, to: Date): Promise<Map<number, number>> {
    const visits = await this.model
      .find({ project, at: { $gte: from, $lt: to }, status: 'booked' }, { at: 1 })
      .lean<{ at: Date }[]>();
    const taken = new Map<number, number>();
    for (const { at } of visits) taken.set(at.getTime(), (taken.get(at.getTime()) ?? 0) + 1);
    return taken;
  }

  /** The buyer's next visit, if one is booked. */
  async nextOf(buyer: string, now: Date): Promise<Visit | undefined> {
    const next = await this.model
      .findOne({ buyer, at: { $gte: now }, status: 'booked' })
      .sort({ at: 1 })
      .lean<Visit>();
    return next ?? undefined;
  }

  /** The buyer's next visit, if one is booked, else their last one of any kind; undefined when they never had one. */
  async nextOrLastOf(buyer: string, now: Date): Promise<Visit | undefined> {
    const next = await this.nextOf(buyer, now);
    return next ?? (await this.model.findOne({ buyer }).sort({ at: -1 }).lean<Visit>()) ?? undefined;
  }

  /** Visits that are booked for [from, to), soonest first; at most `limit`. */
  async booked(from: Date, to: Date, limit: number): Promise<Visit[]> {
    return this.model.find(bookedIn(from, to)).sort({ at: 1 }).limit(limit).lean<Visit[]>();
  }

  async countBooked(from: Date, to: Date): Promise<number> {
    return this.model.countDocuments(bookedIn(from, to));
  }

  /** Every visit booked for [from, to), soonest first, one at a time; of one project if it is named. */
  eachBooked(from: Date, to: Date, project?: string): AsyncIterable<Visit> {
    return this.model
      .find({ status: 'booked', at: { $gte: from, $lt: to }, ...(project && { project }) })
      .sort({ at: 1 })
      .lean<Visit>()
      .cursor() as AsyncIterable<Visit>;
  }

  async byId(id: string): Promise<Visit | undefined> {
    return (await this.model.findById(id).lean<Visit>()) ?? undefined;
  }
}

function bookedIn(from: Date, to: Date) {
  return { status: 'booked' as const, at: { $gte: from, $lt: to } };
}
