import type { StaffRef, Team } from '../flows/types.ts';
import type { Case, CasePost, Cases } from './case.ts';

const OPEN = { $in: ['open', 'snoozed'] };
const UNANSWERED = { status: 'open', respondedAt: { $exists: false } } as const;

/** People were not told yet that this deadline has passed; what is missing is less than any date. */
const NOT_BREACHED = { $expr: { $lt: ['$breachedAt', '$dueAt'] } };

/** Whose the open cases are, and how far those whose time runs out have been told of. */
export class Caseload {
  private readonly cases: Cases;

  constructor(cases: Cases) {
    this.cases = cases;
  }

  /** How many open cases each of these people has; those who have none are not in it. */
  async openOf(staff: string[]): Promise<Map<string, number>> {
    const counted = await this.cases.model.aggregate<{ _id: string; count: number }>([
      { $match: { 'owner.id': { $in: staff }, status: OPEN } },
      { $group: { _id: '$owner.id', count: { $sum: 1 } } },
    ]);
    return new Map(counted.map(({ _id, count }) => [_id, count]));
  }

  /** How many cases of each team are open; teams that have none are not in it. */
  async openByTeam(): Promise<Map<Team, number>> {
    const counted = await this.cases.model.aggregate<{ _id: Team; count: number }>([
      { $match: { status: OPEN } },
      { $group: { _id: '$team', count: { $sum: 1 } } },
    ]);
    return new Map(counted.map(({ _id, count }) => [_id, count]));
  }

  /** The one of `staff` who answered this buyer last in a case of sales. */
  async answeredLast(buyer: string, staff: string[]): Promise<StaffRef | undefined> {
    const found = await this.cases.model
      .find({ buyer, team: 'sales', respondedAt: { $exists: true } }, { owner: 1, respondedAt: 1 })
      .lean<Pick<Case, 'owner' | 'respondedAt'>[]>();
    const answered = found.sort((a, b) => timeOf(b.respondedAt) - timeOf(a.respondedAt));
    return answered.find(({ owner }) => owner && staff.includes(owner.id))?.owner;
  }

  /** Open cases that nobody has answered and nobody was told are late, the most pressing first; at most `limit`. */
  async unanswered(limit: number): Promise<Case[]> {
    return this.cases.model
      .find({ ...UNANSWERED, ...NOT_BREACHED }, { quotes: 0, posts: 0, postIds: 0, details: 0 })
      .sort({ dueAt: 1 })
      .limit(limit)
      .lean<Case[]>();
  }

  /** What somebody has not answered of what is theirs. */
  async unansweredOf(staff: string): Promise<Case[]> {
    return this.cases.model.find({ 'owner.id': staff, ...UNANSWERED }).lean<Case[]>();
  }

  /**
   * Takes a case from somebody who has not answered it, for another member or for whoever claims it, with a line in
   * its thread. False when it was answered, claimed or closed meanwhile.
   */
  async passOn({ _id }: Case, from: string, to: StaffRef | undefined, post: CasePost): Promise<boolean> {
    const passed = await this.cases.model.updateOne({ _id, ...UNANSWERED, 'owner.id': from }, {
      ...(to
        ? { $set: { owner: to, routedTo: to.id, slackOwedAt: post.at } }
        : { $unset: { owner: '', routedTo: '' }, $set: { slackOwedAt: post.at } }),
      $push: { posts: post, postIds: { $each: [post.id], $slice: -200 } },
      $inc: { cardRevision: 1 },
    } as never);
    return passed.modifiedCount === 1;
  }

  /** From now on the time of this deadline runs. */
  async start(id: string, clock: NonNullable<Case['clock']>): Promise<void> {
    const { dueAt } = clock;
    const isOther = { $or: [{ clock: { $exists: false } }, { 'clock.dueAt': { $ne: dueAt } }] };
    await this.cases.model.updateOne({ _id: id, dueAt, ...isOther }, { $set: { clock } });
  }

  /** Calls the owner in the thread, once per deadline. False when they were called, or have answered. */
  async callOwner({ _id, dueAt, owner }: Case, level: number, post: CasePost): Promise<boolean> {
    const called = await this.cases.model.updateOne(
      { _id, ...UNANSWERED, 'owner.id': owner?.id ?? '', ...untold(dueAt, level) },
      {
        $set: { 'clock.told': level, slackOwedAt: post.at },
        $push: { posts: post, postIds: { $each: [post.id], $slice: -200 } },
      } as never,
    );
    return called.modifiedCount === 1;
  }

  /** Notes how far people have been told that its time runs out; false when they were told so before. */
  async told(id: string, dueAt: Date, level: number): Promise<boolean> {
    const told = await this.cases.model.updateOne(
      { _id: id, ...untold(dueAt, level) },
      { $set: { 'clock.told': level } },
    );
    return told.modifiedCount === 1;
  }

  /** Its card says from now on that nobody has answered in time. False when it said so before, or somebody has. */
  async breach(id: string, now: Date): Promise<boolean> {
    const breached = await this.cases.model.updateOne(
      { _id: id, ...UNANSWERED, ...NOT_BREACHED },
      { $set: { breachedAt: now, slackOwedAt: now }, $inc: { cardRevision: 1 } },
    );
    return breached.modifiedCount === 1;
  }
}

/** Nobody was told as much of this deadline. */
function untold(dueAt: Date, level: number) {
  return { dueAt, 'clock.dueAt': dueAt, 'clock.told': { $lt: level } };
}

function timeOf(at: Date | undefined): number {
  return at?.getTime() ?? 0;
}
