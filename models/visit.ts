import { type Connection, type Model, Schema } from 'mongoose';
import type { StaffRef } from '../flows/types.ts';
import { isDuplicateKey, isDuplicateOf } from './error.ts';

/**
 * Who leads a visit. With a `key` they lead one at a time, in whichever projects; `staff` is their id in Slack.
 * Example: `{name: 'Riya Malhotra', key: 'U1', staff: 'U1'}`
 */
export type Guide = { name: string; key?: string; staff?: string };

/** A visit to a project's site. */
export type Visit = {
  _id: string;
  project: string;
  buyer: string;
  conversation: string;
  at: Date;
  /** How long it takes; absent in what was booked before this was kept. */
  minutes?: number;
  status: 'booked' | 'visited' | 'no_show' | 'cancelled';
  /** `<project>/<time>/<seat>` while booked: unique, so that a seat is never given twice. */
  seat?: string;
  associate?: Guide;
  /** `<key>/<five minutes>` for all of the associate's time that it takes: unique, so that nobody is in two places. */
  holds?: string[];
  /** As calendars know it: a moved visit has the first one's id as its `uid`, and each change counts `sequence` on. */
  calendar?: { uid?: string; sequence: number };
  /** Who said what became of it, and when. */
  outcome?: { by: StaffRef; at: Date };
  bookedAt: Date;
};

/** What is asked for; `replaces` is the visit that it takes the place of. */
export type VisitWish = Pick<Visit, '_id' | 'project' | 'buyer' | 'conversation' | 'at' | 'bookedAt'> & {
  minutes?: number;
  replaces?: string;
};

const guide = { name: { type: String, required: true }, key: String, staff: String };
const schema = new Schema<Visit>(
  {
    _id: { type: String, required: true },
    project: { type: String, required: true },
    buyer: { type: String, required: true },
    conversation: { type: String, required: true },
    at: { type: Date, required: true },
    minutes: Number,
    status: { type: String, required: true },
    seat: String,
    associate: { type: guide, _id: false },
    holds: { type: [String], default: undefined },
    calendar: { type: { uid: String, sequence: Number }, _id: false },
    outcome: { type: { by: { id: String, name: String }, at: Date }, _id: false },
    bookedAt: { type: Date, required: true },
  },
  { collection: 'visits', versionKey: false },
);
schema.index({ seat: 1 }, { unique: true, partialFilterExpression: { seat: { $exists: true } } });
schema.index({ holds: 1 }, { unique: true, partialFilterExpression: { holds: { $exists: true } } });
schema.index({ project: 1, at: 1 });
schema.index({ buyer: 1, at: 1 });
schema.index({ status: 1, at: 1 });
schema.index({ 'associate.key': 1, at: 1 });

/** An associate's time is held in pieces of this length, begun ones in whole: at worst less is offered than could be. */
const HOLD_MS = 5 * 60_000;
/** No visit is longer. */
const LONGEST_MS = 4 * 3_600_000;
const MOST_OF_BUYER = 50;

/** Visits: the unique seat and the unique time of an associate make double booking impossible, whoever races. */
export class Visits {
  readonly model: Model<Visit>;

  constructor(connection: Connection) {
    this.model = connection.model<Visit>('Visit', schema);
  }

  /**
   * Books one of `capacity` seats, led by the first of `guides` who is free; undefined when all are taken.
   * Repeating the same id finds its own booking, also when the slot has closed meanwhile and `capacity` is 0.
   */
  async book(
    { minutes = 0, replaces, ...wish }: VisitWish,
    capacity: number,
    guides: readonly Guide[] = [],
  ): Promise<Visit | undefined> {
    const calendar = await this.calendarOf(wish._id, replaces);
    const leaders: readonly (Guide | undefined)[] = guides.length > 0 ? guides : [undefined];
    let seat = 1;
    let next = 0;
    while (seat <= capacity && next < leaders.length) {
      const associate = leaders[next];
      const holds = associate?.key ? holdsOf(associate.key, wish.at, minutes) : [];
      const visit: Visit = {
        ...wish,
        ...(minutes > 0 && { minutes }),
        status: 'booked',
        seat: `${wish.project}/${wish.at.toISOString()}/${seat}`,
        ...(associate && { associate }),
        ...(holds.length > 0 && { holds }),
        calendar,
      };
      try {
        await this.model.collection.insertOne(visit as never);
        return visit;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        const own = await this.byId(wish._id);
        if (own) return own;
        if (isDuplicateOf(error, 'holds')) next += 1;
        else seat += 1;
      }
    }
    return this.byId(wish._id);
  }

  /** Frees the seat and the associate; the visit stays on record as cancelled. One that is over stays as it is. */
  async cancel(id: string): Promise<void> {
    await this.model.updateOne(
      { _id: id, status: 'booked' },
      {
        $set: { status: 'cancelled' },
        $unset: { seat: '', holds: '' },
        $inc: { 'calendar.sequence': 1 },
      },
    );
  }

  /** What became of a visit, as a person says; false when that was said before, or it had been cancelled. */
  async conclude(id: string, status: 'visited' | 'no_show', by: StaffRef, at: Date): Promise<boolean> {
    const concluded = await this.model.updateOne(
      { _id: id, status: 'booked' },
      { $set: { status, outcome: { by, at } } },
    );
    return concluded.modifiedCount === 1;
  }

  /** Every visit of a buyer, latest first; of the last fifty. */
  async ofBuyer(buyer: string): Promise<Visit[]> {
    return this.model.find({ buyer }).sort({ at: -1 }).limit(MOST_OF_BUYER).lean<Visit[]>();
  }

  /** The time of these associates that is taken in [from, to), as `holdsOf` names it. */
  async heldTime(keys: string[], from: Date, to: Date): Promise<Set<string>> {
    const visits = await this.model
      .find(
        {
          'associate.key': { $in: keys },
          at: { $gte: new Date(from.getTime() - LONGEST_MS), $lt: to },
          status: 'booked',
        },
        { holds: 1 },
      )
      .lean<{ holds?: string[] }[]>();
    return new Set(visits.flatMap(({ holds = [] }) => holds));
  }

  /** How many visits each of these associates leads in [from, to). */
  async loadOf(keys: string[], from: Date, to: Date): Promise<Map<string, number>> {
    const visits = await this.model
      .find(
        { 'associate.key': { $in: keys }, at: { $gte: from, $lt: to }, status: 'booked' },
        { associate: 1 },
      )
      .lean<{ associate?: Guide }[]>();
    const load = new Map<string, number>();
    for (const { associate } of visits)
      if (associate?.key) load.set(associate.key, (load.get(associate.key) ?? 0) + 1);
    return load;
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

  /** A visit that takes another's place goes on in the same entry of people's calendars. */
  private async calendarOf(id: string, replaces: string | undefined): Promise<Visit['calendar'] & object> {
    const before = replaces ? await this.byId(replaces) : undefined;
    if (!before) return { uid: id, sequence: 0 };
    const { uid = before._id, sequence = 0 } = before.calendar ?? {};
    // Above what the cancellation of the one before makes of it.
    return { uid, sequence: sequence + 2 };
  }
}

/** The associate's time that a visit of so many minutes takes. */
export function holdsOf(key: string, at: Date, minutes: number): string[] {
  const first = Math.floor(at.getTime() / HOLD_MS);
  const end = Math.ceil((at.getTime() + minutes * 60_000) / HOLD_MS);
  return Array.from({ length: end - first }, (_, index) => `${key}/${first + index}`);
}

function bookedIn(from: Date, to: Date) {
  return { status: 'booked' as const, at: { $gte: from, $lt: to } };
}
