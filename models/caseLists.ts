import type { QueryFilter } from 'mongoose';
import type { Team } from '../flows/types.ts';
import type { Case, Cases } from './case.ts';

/** The lists in which a member of the team finds their cases. */
export type CaseListName = 'mine' | 'unassigned' | 'snoozed';
export type HomeListName = CaseListName | 'atRisk';

/** Who looks: a list holds what is theirs, or of their teams. */
export type Viewer = { id: string; teams: Team[] };

/** The last case of a page: the next one begins behind it. */
export type CaseCursor = { dueAt: Date; id: string };

/** Lists of cases, soonest deadline first. */
export class CaseLists {
  private readonly cases: Cases;

  constructor(cases: Cases) {
    this.cases = cases;
  }

  /** At most `limit` cases of a list, behind `after`. */
  async page(
    list: HomeListName,
    viewer: Viewer,
    now: Date,
    limit: number,
    after?: CaseCursor,
  ): Promise<Case[]> {
    const filter = filterOf(list, viewer, now);
    const behind = after && {
      dueAt: { $gte: after.dueAt },
      $or: [{ dueAt: { $gt: after.dueAt } }, { _id: { $gt: after.id } }],
    };
    return this.cases.model
      .find({ ...filter, ...behind })
      .sort({ dueAt: 1, _id: 1 })
      .limit(limit)
      .lean<Case[]>();
  }

  async count(list: HomeListName, viewer: Viewer, now: Date): Promise<number> {
    return this.cases.model.countDocuments(filterOf(list, viewer, now));
  }

  async byTicket(ticket: string): Promise<Case | null> {
    return this.cases.model.findOne({ ticket }).lean<Case>();
  }

  /** Everything that is not resolved, of all these buyers. */
  async openOf(buyers: string[]): Promise<Case[]> {
    return this.cases.model.find({ buyer: { $in: buyers }, status: { $ne: 'resolved' } }).lean<Case[]>();
  }

  /** Open cases whose buyer has promised to pay in [from, to). */
  async promised(teams: Team[], from: Date, to: Date): Promise<Case[]> {
    const day = { $gte: from.toISOString(), $lt: to.toISOString() };
    const found = await this.cases.model
      .find({ 'details.promisedAt': day })
      .sort({ 'details.promisedAt': 1 })
      .lean<Case[]>();
    return found.filter(({ team, status }) => teams.includes(team) && status !== 'resolved');
  }

  /** Remembers the link to a card; it holds for the place where the card stood when it was asked for. */
  async keepLink(id: string, link: NonNullable<Case['link']>): Promise<void> {
    await this.cases.model.updateOne({ _id: id }, { $set: { link } });
  }
}

/** Since when the time for an answer runs: anew for a case that was opened again, or went to another team. */
const BEGAN = { $ifNull: ['$clock.from', '$openedAt'] };

function filterOf(list: HomeListName, { id, teams }: Viewer, now: Date): QueryFilter<Case> {
  switch (list) {
    case 'mine':
      return { status: 'open', 'owner.id': id };
    case 'unassigned':
      return { status: 'open', 'owner.id': null, team: { $in: teams } };
    case 'snoozed':
      return { status: 'snoozed', team: { $in: teams } };
    case 'atRisk':
      return {
        status: 'open',
        team: { $in: teams },
        respondedAt: { $exists: false },
        $expr: { $lte: [{ $avg: [{ $toLong: BEGAN }, { $toLong: '$dueAt' }] }, now.getTime()] },
      };
  }
}
