import { type Connection, type Model, Schema } from 'mongoose';
import type { MilestoneState, Team } from '../flows/types.ts';
import type { Whose } from './belongings.ts';
import { isDuplicateKey } from './error.ts';

/** What a run has to reach, as managers see it: late while it is open past `dueAt`. */
export type MilestoneRecord = MilestoneState & {
  /** `<run>:<name>`. */
  _id: string;
  buyer: string;
  conversation: string;
  run: string;
  flow: string;
  /** A project's slug, or a booking's id. */
  subject: string;
  name: string;
  owner: Team;
  /** While nobody has reached it and it has not been dropped. */
  isOpen: boolean;
  /** When this was decided: an older record never overwrites a later one. */
  decidedAt: Date;
};

/** How much a team owes: how many milestones are late, and since when the oldest is. */
export type MilestoneDebt = { owner: Team; late: number; oldestDueAt: Date };

const schema = new Schema<MilestoneRecord>(
  {
    _id: { type: String, required: true },
    buyer: { type: String, required: true },
    conversation: { type: String, required: true },
    run: { type: String, required: true },
    flow: { type: String, required: true },
    subject: { type: String, default: '' },
    name: { type: String, required: true },
    owner: { type: String, required: true },
    isOpen: { type: Boolean, required: true },
    openedAt: { type: Date, required: true },
    dueAt: Date,
    reachedAt: Date,
    droppedAt: Date,
    escalatedAt: Date,
    decidedAt: { type: Date, required: true },
  },
  { collection: 'milestones', versionKey: false },
);
schema.index({ isOpen: 1, dueAt: 1 });
schema.index({ buyer: 1, openedAt: 1 });

/** The milestones of all runs, for whoever looks across buyers; what counts stands on the runs. */
export class Milestones {
  readonly model: Model<MilestoneRecord>;

  constructor(connection: Connection) {
    this.model = connection.model<MilestoneRecord>('Milestone', schema);
  }

  /** Writes down how a milestone stands; repeating it, or an older state after a later one, changes nothing. */
  async record(
    {
      state,
      ...milestone
    }: Omit<MilestoneRecord, '_id' | 'isOpen' | keyof MilestoneState | 'decidedAt'> & {
      state: MilestoneState;
    },
    decidedAt: Date,
  ): Promise<void> {
    const _id = `${milestone.run}:${milestone.name}`;
    const isOpen = !state.reachedAt && !state.droppedAt;
    const older = { _id, decidedAt: { $lte: decidedAt } };
    const change = { $set: { ...milestone, ...state, isOpen, decidedAt } };
    try {
      await this.model.updateOne(older, change, { upsert: true });
    } catch (error) {
      // A later state is there, or one was written at this very moment.
      if (!isDuplicateKey(error)) throw error;
      await this.model.updateOne(older, change);
    }
  }

  /** What is late at `now`, the oldest first, at most `limit`; of these teams, or of all. */
  async late(now: Date, limit: number, owners?: Team[]): Promise<MilestoneRecord[]> {
    return this.model
      .find({ isOpen: true, dueAt: { $lte: now }, ...(owners && { owner: { $in: owners } }) })
      .sort({ dueAt: 1 })
      .limit(limit)
      .lean<MilestoneRecord[]>();
  }

  /** What each team owes at `now`; teams that owe nothing are left out. */
  async debt(now: Date): Promise<MilestoneDebt[]> {
    return this.model.aggregate<MilestoneDebt>([
      { $match: { isOpen: true, dueAt: { $lte: now } } },
      { $group: { _id: '$owner', late: { $sum: 1 }, oldestDueAt: { $min: '$dueAt' } } },
      { $project: { _id: 0, owner: '$_id', late: 1, oldestDueAt: 1 } },
      { $sort: { owner: 1 } },
    ]);
  }

  /** All of one buyer's, as they were opened. */
  async ofBuyer(buyer: string): Promise<MilestoneRecord[]> {
    return this.model.find({ buyer }).sort({ openedAt: 1 }).lean<MilestoneRecord[]>();
  }

  /** Gives those of one conversation to another. Idempotent. */
  async passTo(from: Whose, to: Whose): Promise<void> {
    await this.model.updateMany(from, { $set: to });
  }
}
