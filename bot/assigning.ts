import { DateTime } from 'luxon';
import { z } from 'zod';
import { isWithin, nextOpening } from '../flows/hours.ts';
import { type Candidate, type Need, ownerFor } from '../flows/routing.ts';
import type { Run, StaffRef, Team } from '../flows/types.ts';
import type { Case, CasePost, Cases } from '../models/case.ts';
import { Caseload } from '../models/caseload.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import type { Leads } from '../models/lead.ts';
import type { Staff, StaffMembers } from '../models/staff.ts';
import type { Timeline } from '../models/timeline.ts';
import type { TeamMember } from './teamFile.ts';
import type { TeamBook } from './teams.ts';

export type AssignParts = {
  cases: Cases;
  conversations: Conversations;
  leads: Leads;
  staff: StaffMembers;
  timeline: Timeline;
  teams: TeamBook;
  /** Where a project stands; undefined when it is not on sale. */
  cityOf: (project: string) => Promise<string | undefined>;
  caseChanged: (caseId: string) => void;
  timeZone: string;
  now: () => Date;
};

/** Two who open cases at once may choose the same person; one of them chooses again. */
const MOST_LOST_TURNS = 20;
const SWEEP_BATCH = 20;

/** Whose cases are: given to a member when they open, and to another one when that member goes away. */
export class Assigner {
  private readonly parts: AssignParts;
  private readonly caseload: Caseload;

  constructor(parts: AssignParts) {
    this.parts = parts;
    this.caseload = new Caseload(parts.cases);
  }

  /**
   * The member whom a new case of this team falls to; undefined when nobody is at work or named in a team file, and
   * when the case has been opened before.
   */
  async ownerOf(
    caseId: string,
    team: Team,
    conversation: Conversation,
    now: Date,
  ): Promise<StaffRef | undefined> {
    const { members } = await this.parts.teams.team(team, now);
    if (members.length === 0 || (await this.parts.cases.byId(caseId))) return undefined;
    return this.nextOwnerOf(team, conversation, now);
  }

  /** The member to whom a case of this conversation falls next; undefined when nobody is there for it. */
  async nextOwnerOf(team: Team, conversation: Conversation, now: Date): Promise<StaffRef | undefined> {
    const { members } = await this.parts.teams.team(team, now);
    if (members.length === 0) return undefined;
    return this.choose(team, await this.needOf(conversation, members), now);
  }

  /** For the sweep: gives the unanswered cases of those who went away to others. */
  async passOnOwed(): Promise<void> {
    const now = this.parts.now();
    for (const away of await this.parts.staff.owingPassOn(now, SWEEP_BATCH)) await this.passOnFrom(away, now);
  }

  private async choose(team: Team, need: Need, now: Date, without?: string): Promise<StaffRef | undefined> {
    const { routes } = await this.parts.teams.team(team, now);
    for (let lost = 0; lost < MOST_LOST_TURNS; lost += 1) {
      const candidates = (await this.candidates(team, now)).filter(({ id }) => id !== without);
      const owner = ownerFor(candidates, need, now, routes);
      if (!owner) return undefined;
      const next = Math.max(...candidates.map(({ turn }) => turn)) + 1;
      if (await this.parts.staff.takeTurn(owner.id, owner.turn, next))
        return { id: owner.id, name: owner.name };
    }
    return undefined;
  }

  private async candidates(team: Team, now: Date): Promise<Candidate[]> {
    const { members } = await this.parts.teams.team(team, now);
    const ids = members.map(({ id }) => id);
    const records = new Map((await this.parts.staff.byIds(ids)).map((each) => [each._id, each]));
    const open = await this.caseload.openOf(ids);
    return members.map(({ awayUntil: _published, ...member }) => {
      const record = records.get(member.id);
      return {
        ...member,
        isActive: record?.active ?? false,
        // The record knows of the file's date as well as of what was said since.
        ...(record?.awayUntil && { awayUntil: record.awayUntil }),
        openCases: open.get(member.id) ?? 0,
        turn: record?.turn ?? 0,
      };
    });
  }

  private async needOf({ buyer, channel, state }: Conversation, members: TeamMember[]): Promise<Need> {
    const leads = await this.parts.leads.ofBuyer(buyer);
    const ids = members.map(({ id }) => id);
    const named = leads.flatMap(({ rm }) => rm ?? []).sort((a, b) => b.at.getTime() - a.at.getTime());
    const manager = named[0] ?? (await this.caseload.answeredLast(buyer, ids));
    const asked = state.runs.at(-1)?.data.project;
    const project = typeof asked === 'string' ? asked : leads.at(-1)?.project;
    const lead = leads.findLast((each) => each.project === project) ?? leads.at(-1);
    const answers = { ...lead?.answers, ...answersOf(state.runs, project) };
    const budgetPaise = budgetOf(answers.budget);
    const city = answers.city ?? (project && (await this.parts.cityOf(project)));
    return {
      language: state.language,
      sources: [lead?.source ?? channel, state.consent?.service?.source ?? ''].filter(Boolean),
      ...(budgetPaise !== undefined && { budgetPaise }),
      ...(city && { city }),
      ...(manager && { relationshipManager: manager.id }),
      ...(project !== undefined && { project }),
    };
  }

  /** While their team is closed the cases stay: nobody is there to take them, and the clock stands still. */
  private async passOnFrom(away: Staff, now: Date): Promise<void> {
    if (!away.awayUntil || away.awayUntil <= now) return this.parts.staff.passedOn(away);
    const waitUntil: Date[] = [];
    for (const found of await this.caseload.unansweredOf(away._id)) {
      const { hours } = await this.parts.teams.team(found.team, now);
      if (found.roundTheClock || isWithin(now, hours)) await this.passOn(found, away, away.awayUntil, now);
      else waitUntil.push(nextOpening(now, hours) ?? away.awayUntil);
    }
    const [soonest] = waitUntil.sort((a, b) => a.getTime() - b.getTime());
    await this.parts.staff.passedOn(away, soonest);
  }

  private async passOn(found: Case, away: Staff, until: Date, now: Date): Promise<void> {
    const talk = await this.parts.conversations.latest(found.conversation);
    const { members } = await this.parts.teams.team(found.team, now);
    const need: Need = talk ? await this.needOf(talk, members) : { language: 'en' };
    const to = await this.choose(found.team, need, now, away._id);
    const back = DateTime.fromJSDate(until, { zone: this.parts.timeZone }).toFormat('d MMM, h:mm a');
    const post: CasePost = {
      id: `${found._id}:away:${away._id}:${until.toISOString()}`,
      who: 'bot',
      text: `${away.name} is away until ${back}: ${to ? `${to.name} has this case now` : 'whoever claims this case has it'}`,
      ...(to && { mention: to.id }),
      at: now,
    };
    if (!(await this.caseload.passOn(found, away._id, to, post))) return;
    const { buyer, conversation } = found;
    const entry = { _id: post.id, buyer, conversation, at: now, who: 'bot', kind: 'case' as const };
    const what = `case ${found.ticket} ${to ? `passed on to ${to.name}` : 'has no owner any more'}`;
    await this.parts.timeline.append([{ ...entry, what, why: `${away.name} is away` }]);
    this.parts.caseChanged(found._id);
  }
}

/** What they have just answered is with the enquiry before it is with the lead. */
function answersOf(runs: Run[], project: string | undefined): Record<string, string | undefined> {
  const enquiry = runs.findLast(({ flow, data }) => flow === 'enquiry' && data.project === project);
  return z.record(z.string(), z.string()).safeParse(enquiry?.data.answers).data ?? {};
}

/** `9000000000`, or `above.9000000000`. */
function budgetOf(answer: string | undefined): number | undefined {
  const paise = /^(?:above\.)?(\d+)$/.exec(answer ?? '')?.[1];
  return paise === undefined ? undefined : Number(paise);
}
