import { type Connection, type Model, Schema } from 'mongoose';
import type { Team } from '../flows/types.ts';

/** The Home tab of one person: what it shows, and when it is looked at again. */
export type Home = {
  /** Slack's user id. */
  _id: string;
  openedAt: Date;
  /** When it is to be looked at again. */
  dueAt: Date;
  /** When it was looked at last: the next look waits a little, whatever happens. */
  lookedAt?: Date;
  publishedAt?: Date;
  /** Of what Slack shows, as we made it: what is equal is not published again. */
  hash?: string;
  /** Slack's own, of the view that we published: nothing newer is overwritten with it. */
  viewHash?: string;
  /** Of whose changes it must hear. */
  teams: Team[];
  /** The cases that it shows: they may leave the person's teams. */
  cases: string[];
};

const schema = new Schema<Home>(
  {
    _id: { type: String, required: true },
    openedAt: { type: Date, required: true },
    dueAt: { type: Date, required: true },
    lookedAt: Date,
    publishedAt: Date,
    hash: String,
    viewHash: String,
    teams: { type: [String], default: [] } as never,
    cases: { type: [String], default: [] },
  },
  { collection: 'homes', versionKey: false },
);
schema.index({ dueAt: 1 });
schema.index({ openedAt: 1 });

/** Who has not opened it for so long has gone elsewhere. */
const READ_FOR_MS = 7 * 24 * 3_600_000;
/** At most one look in this time per person. */
const PAUSE_MS = 5_000;

/** Home tabs: opened by people, kept fresh while they are read. */
export class Homes {
  readonly model: Model<Home>;

  constructor(connection: Connection) {
    this.model = connection.model<Home>('Home', schema);
  }

  /** The person looks at it. `isBlank`: Slack shows them nothing of ours, whatever we believe. */
  async open(user: string, now: Date, isBlank: boolean): Promise<void> {
    await this.model.updateOne(
      { _id: user },
      {
        $set: { openedAt: now, dueAt: now },
        $setOnInsert: { teams: [], cases: [] },
        ...(isBlank && { $unset: { hash: '', viewHash: '' } }),
      },
      { upsert: true },
    );
  }

  async byId(user: string): Promise<Home | null> {
    return this.model.findById(user).lean<Home>();
  }

  /** A case has changed: whoever is shown it, or has its team, is to be shown the change, not more often than every few seconds. */
  async caseChanged({ id, team }: { id: string; team: Team }, now: Date): Promise<void> {
    const soon = { $max: [now, { $add: [{ $ifNull: ['$lookedAt', new Date(0)] }, PAUSE_MS] }] };
    await this.model.updateMany(
      {
        openedAt: { $gte: new Date(now.getTime() - READ_FOR_MS) },
        dueAt: { $gt: now },
        $or: [{ teams: team }, { cases: id }],
      },
      [{ $set: { dueAt: { $min: ['$dueAt', soon] } } }],
      { updatePipeline: true },
    );
  }

  /** People whose Home tab is to be looked at by `now`; at most `limit`. */
  async due(now: Date, limit: number): Promise<string[]> {
    const due = await this.model
      .find({ dueAt: { $lte: now }, openedAt: { $gte: new Date(now.getTime() - READ_FOR_MS) } }, { _id: 1 })
      .sort({ dueAt: 1 })
      .limit(limit)
      .lean<{ _id: string }[]>();
    return due.map((each) => each._id);
  }

  /** Begins a look: what changes from here on asks for another one. */
  async look(user: string, now: Date, next: Date): Promise<Home | null> {
    return this.model
      .findOneAndUpdate({ _id: user }, { $set: { lookedAt: now, dueAt: next } }, { returnDocument: 'before' })
      .lean<Home>();
  }

  /** What a look found; with `published`, Slack shows it now. */
  async seen(
    user: string,
    found: Pick<Home, 'teams' | 'cases'>,
    published?: Pick<Home, 'hash' | 'viewHash' | 'publishedAt'>,
  ): Promise<void> {
    await this.model.updateOne({ _id: user }, { $set: { ...found, ...published } });
  }

  /** To be looked at again at `at`, and by no change before that; `forget`: nobody knows what Slack shows. */
  async lookAgain(user: string, at: Date, forget: boolean): Promise<void> {
    const lookedAt = new Date(at.getTime() - PAUSE_MS);
    await this.model.updateOne(
      { _id: user },
      { $set: { dueAt: at, lookedAt }, ...(forget && { $unset: { hash: '', viewHash: '' } }) },
    );
  }
}
