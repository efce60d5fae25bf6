import type { Logger } from 'pino';
import { isWithin, shareUsed } from '../flows/hours.ts';
import { type StaffRef, TEAMS, type Team } from '../flows/types.ts';
import type { Case, Cases } from '../models/case.ts';
import { Caseload } from '../models/caseload.ts';
import type { Notice, Notices, Nudge, NudgeLine } from '../models/notice.ts';
import type { StaffMembers } from '../models/staff.ts';
import type { Timeline } from '../models/timeline.ts';
import type { Assigner } from './assigning.ts';
import type { TeamSetup } from './teamFile.ts';
import type { TeamBook } from './teams.ts';

export type NudgeParts = {
  cases: Cases;
  notices: Notices;
  staff: StaffMembers;
  timeline: Timeline;
  teams: TeamBook;
  assigner: Assigner;
  caseChanged: (caseId: string) => void;
  onBreach: (team: Team) => void;
  now: () => Date;
  log: Logger;
};

/** A case with the time of its present deadline. */
type Timed = Case & Required<Pick<Case, 'clock'>>;

/** How often the clocks are read. */
const LOOK_MS = 5_000;
/** A team is told about its cases together, and not more often than this. */
const PAUSE_MS = 10 * 60_000;
const MOST_CASES = 2_000;

const LEVEL = { half: 1, most: 2, breach: 3 } as const;

/**
 * Cases that wait for an answer: at half of their time the owner is called, or the team where there is none, at four
 * fifths the lead, and when it has run out whoever leads. What a team is told is one notice for all of its cases; that
 * it is on record, under a key that follows from the one before, is the claim that makes it happen once.
 */
export class Nudges {
  private readonly parts: NudgeParts;
  private readonly caseload: Caseload;
  private lookedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: NudgeParts) {
    this.parts = parts;
    this.caseload = new Caseload(parts.cases);
  }

  /** For the sweep: tells people what is due, and gives the teams that are owed a notice now. */
  async look(): Promise<Team[]> {
    const now = this.parts.now();
    if (Math.abs(now.getTime() - this.lookedAt) < LOOK_MS) return [];
    this.lookedAt = now.getTime();
    await this.parts.assigner.passOnOwed();
    const waiting = await this.caseload.unanswered(MOST_CASES);
    const told: Team[] = [];
    for (const team of TEAMS) {
      const ofTeam = waiting.filter((each) => each.team === team);
      if (ofTeam.length > 0 && (await this.lookAt(team, ofTeam, now))) told.push(team);
    }
    return told;
  }

  private async lookAt(team: Team, waiting: Case[], now: Date): Promise<boolean> {
    const { notices, teams } = this.parts;
    const setup = await teams.team(team, now);
    const last = await notices.lastNudge(team);
    // Its maker died before everything had followed from it.
    if (last?.nudge?.isUnmarked) await this.follow(last, team, now);
    const known = new Map(last?.nudge?.lines.map((line) => [line.caseId, line]));
    const lines: NudgeLine[] = [];
    for (const each of waiting) {
      const found = await this.withClock(each, now);
      const level = levelOf(found, setup, now);
      if (level === 0 || wasTold(found, level, known.get(found._id))) continue;
      if (found.owner && level === LEVEL.half) await this.callOwner(found, found.owner, now);
      else lines.push(lineOf(found, level));
    }
    return lines.length > 0 && this.tellTeam(setup, lines, last, now);
  }

  /** A deadline that was set since (the case went to another team, or was opened again) has a time of its own. */
  private async withClock(found: Case, now: Date): Promise<Timed> {
    const { clock, openedAt, dueAt } = found;
    if (clock?.dueAt.getTime() === dueAt.getTime()) return { ...found, clock };
    const started = { from: clock ? now : openedAt, dueAt, told: 0 };
    await this.caseload.start(found._id, started);
    return { ...found, clock: started };
  }

  private async callOwner(found: Case, owner: StaffRef, now: Date): Promise<void> {
    const post = {
      id: `${found._id}:half:${found.dueAt.toISOString()}`,
      who: 'bot' as const,
      text: 'half of the time for an answer is used',
      mention: owner.id,
      at: now,
    };
    if (await this.caseload.callOwner(found, LEVEL.half, post)) this.parts.caseChanged(found._id);
  }

  /** While Slack has not been told the last one, what is due since is added to it: after an outage it is one word. */
  private async tellTeam(
    setup: TeamSetup,
    lines: NudgeLine[],
    last: Notice | undefined,
    now: Date,
  ): Promise<boolean> {
    const { notices } = this.parts;
    const mentions = await this.calledFor(setup, lines, now);
    if (last?.slackOwedAt && last.nudge) {
      const nudge = merged(last.nudge, lines, mentions);
      if (!(await notices.amend(last, textOf(nudge.lines), nudge, now))) return false;
      await this.follow({ ...last, nudge }, setup.team, now);
      return true;
    }
    if (last && now.getTime() - last.at.getTime() < PAUSE_MS) return false;
    const key = `nudge:${setup.team}:${last ? last.at.toISOString() : 'first'}`;
    const nudge: Nudge = { revision: 1, mentions, lines, isUnmarked: true };
    const more = { nudge, nudges: setup.team };
    if (!(await notices.raise(key, setup.team, textOf(lines), now, more))) return false;
    await this.follow({ _id: key, nudge }, setup.team, now);
    return true;
  }

  /**
   * What follows from a notice, each step once however often it is taken: those who lead are told in person as well,
   * and the cases know how far people were told.
   */
  private async follow({ _id, nudge }: Pick<Notice, '_id' | 'nudge'>, team: Team, now: Date): Promise<void> {
    const { mentions = [], lines = [] } = nudge ?? {};
    const pressing = lines.filter(({ level }) => level >= LEVEL.most);
    for (const to of mentions) {
      const own = { revision: 1, mentions: [], lines: pressing };
      await this.parts.notices.raise(`${_id}:${to}`, team, textOf(pressing), now, { to, nudge: own });
    }
    for (const line of lines) {
      await this.caseload.told(line.caseId, line.dueAt, line.level);
      if (line.level === LEVEL.breach && (await this.caseload.breach(line.caseId, now)))
        await this.breached(line, team, now);
    }
    if (nudge) await this.parts.notices.marked(_id, nudge);
  }

  private async breached({ caseId, ticket, dueAt }: NudgeLine, team: Team, now: Date): Promise<void> {
    const { cases, timeline, caseChanged, onBreach, log } = this.parts;
    onBreach(team);
    caseChanged(caseId);
    log.warn({ caseId, team }, 'nobody has answered a case in time');
    const found = await cases.byId(caseId);
    if (!found) return;
    const { buyer, conversation } = found;
    const _id = `${caseId}:breach:${dueAt.toISOString()}`;
    const what = `case ${ticket} was not answered in time`;
    await timeline.append([{ _id, buyer, conversation, at: now, who: 'bot', kind: 'case', what }]);
  }

  /**
   * Whom the cases call: the lead from four fifths of the time on, the deputy too when it has run out. Who is away is
   * spared; where nobody leads, those who lead support are called.
   */
  private async calledFor({ lead, deputy }: TeamSetup, lines: NudgeLine[], now: Date): Promise<string[]> {
    const highest = Math.max(...lines.map(({ level }) => level));
    if (highest < LEVEL.most) return [];
    const support = await this.parts.teams.team('support', now);
    for (const leading of [
      [lead, deputy],
      [support.lead, support.deputy],
    ]) {
      const present = await this.presentOf(leading, now);
      if (present.length > 0) return highest === LEVEL.breach ? present : present.slice(0, 1);
    }
    return [];
  }

  private async presentOf(people: (string | undefined)[], now: Date): Promise<string[]> {
    const ids = people.filter((each) => each !== undefined);
    if (ids.length === 0) return [];
    const known = await this.parts.staff.byIds(ids);
    const isAbsent = (id: string) =>
      known.some(({ _id, active, awayUntil }) => _id === id && (!active || (awayUntil && awayUntil > now)));
    return ids.filter((id, index) => !isAbsent(id) && ids.indexOf(id) === index);
  }
}

/** How pressing a case is; 0 while it is not, or while nobody is there to be told. */
function levelOf(found: Timed, { hours }: TeamSetup, now: Date): number {
  if (!found.roundTheClock && !isWithin(now, hours)) return 0;
  const { clock, dueAt } = found;
  const share = shareUsed({ openedAt: clock.from, dueAt }, now, found.roundTheClock ? undefined : hours);
  if (share >= 1) return LEVEL.breach;
  if (share >= 0.8) return LEVEL.most;
  return share >= 0.5 ? LEVEL.half : 0;
}

function wasTold({ clock, dueAt }: Timed, level: number, line: NudgeLine | undefined): boolean {
  return clock.told >= level || (line?.dueAt.getTime() === dueAt.getTime() && line.level >= level);
}

function lineOf({ _id, ticket, buyerName, owner, dueAt, slack }: Case, level: number): NudgeLine {
  return {
    caseId: _id,
    ticket,
    buyerName,
    dueAt,
    level,
    ...(owner && { owner }),
    ...(slack && { slack }),
  };
}

/** The later word about a case stands. */
function merged(before: Nudge, lines: NudgeLine[], mentions: string[]): Nudge {
  const kept = before.lines.filter((line) => !lines.some(({ caseId }) => caseId === line.caseId));
  return {
    revision: before.revision + 1,
    mentions: [...new Set([...before.mentions, ...mentions])],
    lines: [...kept, ...lines],
    isUnmarked: true,
  };
}

function textOf(lines: NudgeLine[]): string {
  const late = lines.filter(({ level }) => level === LEVEL.breach).length;
  const cases = (count: number) => (count === 1 ? '1 case' : `${count} cases`);
  if (late === lines.length) return `${cases(late)} not answered in time`;
  const waiting = `${cases(lines.length)} waiting for an answer`;
  return late === 0 ? waiting : `${waiting}, ${late} of them late`;
}
