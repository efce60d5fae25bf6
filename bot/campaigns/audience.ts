import { DateTime } from 'luxon';
import { addDays, type Day, dayOf } from '../../flows/money/day.ts';
import type { Purpose, Team, TemplateData } from '../../flows/types.ts';
import type { CampaignAudience, RemindCommand } from '../../models/campaign.ts';
import type { Dues, OpenDemand } from '../../models/dues.ts';
import type { Visit, Visits } from '../../models/visit.ts';
import type { VariableType } from '../../templates/messages/copy.ts';
import type { Portfolio } from '../portfolio.ts';
import { type PaperBooks, papersSource } from './papers.ts';
import { isInTower } from './towers.ts';

/** Where a campaign's recipients come from. A new kind of audience is one more source here. */

/** What holds for a matter, beyond what its conversation says. */
export type MatterFacts = {
  /** They have agreed to hear about this: they arranged it, or it is part of their contract. It covers no offers. */
  hasConsent: boolean;
  isPaid?: true;
  saidPaid?: true;
  /** There is nothing to remind of any more. */
  isGone?: true;
};

/** Somebody who might be reminded. `conversation` is known where the matter names one. */
export type Candidate = {
  buyer: string;
  conversation?: string;
  /** What it is about: the id of a visit, a demand, a booking. */
  about: string;
  data: TemplateData;
  facts: MatterFacts;
  expiresAt?: Date;
};

export type AudienceSource<Kind extends CampaignAudience = CampaignAudience> = {
  team: Team;
  purpose: Purpose;
  /** The templates that fit, the usual one first. */
  templates: readonly [string, ...string[]];
  /** The variables that it fills, by type; the buyer's name is filled for all. */
  gives: Record<string, VariableType>;
  hasTowers: boolean;
  /** Everybody it may concern, a batch at a time. */
  candidates(audience: Kind, filters: RemindCommand['filters'], now: Date): AsyncIterable<Candidate[]>;
  /** The same matter at the moment of sending. */
  recheck(about: string, now: Date): Promise<MatterFacts>;
};

type Of<Kind extends CampaignAudience['kind']> = Extract<CampaignAudience, { kind: Kind }>;

export type Audiences = { [Kind in CampaignAudience['kind']]: AudienceSource<Of<Kind>> };

export type AudienceParts = {
  visits: Visits;
  dues: Dues;
  /** Bookings and their papers. */
  books: PaperBooks;
  portfolio: Portfolio;
  timeZone: string;
};

const BATCH = 500;
const GONE: MatterFacts = { hasConsent: true, isGone: true };

/** The sources of every kind of audience. */
export function createAudiences(parts: AudienceParts): Audiences {
  const { timeZone } = parts;
  return {
    visits: visitsSource(parts),
    overdue: demandsSource<Of<'overdue'>>(parts, 'payment_overdue', ({ moreThanDays }, now) => ({
      before: addDays(dayOf(now, timeZone), -moreThanDays),
    })),
    due: demandsSource<Of<'due'>>(parts, 'payment_due', ({ withinDays }, now) => ({
      from: dayOf(now, timeZone),
      before: addDays(dayOf(now, timeZone), withinDays + 1),
    })),
    kycMissing: papersSource(parts),
  };
}

function visitsSource({ visits, portfolio, timeZone }: AudienceParts): Audiences['visits'] {
  return {
    team: 'sales',
    purpose: 'service',
    templates: ['visit_reminder', 'visit_bring_friends'],
    gives: { project: 'text', at: 'dateTime', mapUrl: 'text', associate: 'text' },
    hasTowers: false,
    async *candidates({ day }, { project }, now) {
      const ahead = day === 'today' ? 0 : 1;
      const from = day === 'today' ? now : beginningOf(now, ahead, timeZone);
      let batch: Candidate[] = [];
      for await (const visit of visits.eachBooked(from, beginningOf(now, ahead + 1, timeZone), project)) {
        batch.push(await visitCandidate(visit, portfolio, now));
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
      yield batch;
    },
    async recheck(about, now) {
      const visit = await visits.byId(about);
      return visit?.status === 'booked' && visit.at > now ? { hasConsent: true } : GONE;
    },
  };
}

async function visitCandidate(visit: Visit, portfolio: Portfolio, now: Date): Promise<Candidate> {
  const project = await portfolio.project(visit.project, now);
  return {
    buyer: visit.buyer,
    conversation: visit.conversation,
    about: visit._id,
    data: {
      project: project?.name ?? visit.project,
      at: visit.at,
      ...(project && {
        mapUrl: project.mapUrl,
        associate: visit.associate?.name ?? project.associate.name,
      }),
    },
    facts: { hasConsent: true },
    expiresAt: visit.at,
  };
}

/** `range` in whole local days: a demand is overdue from the day after its due date. */
function demandsSource<Kind extends CampaignAudience>(
  { dues, portfolio, timeZone }: AudienceParts,
  template: string,
  range: (audience: Kind, now: Date) => { from?: Day; before: Day },
): AudienceSource<Kind> {
  return {
    team: 'collections',
    purpose: 'dunning',
    templates: [template],
    gives: { project: 'text', unit: 'text', amountPaise: 'exactPaise', dueOn: 'day' },
    hasTowers: true,
    async *candidates(audience, { project, tower }, now) {
      const due = { ...range(audience, now), ...(project && { project }) };
      for await (const demands of dues.openDemands(due)) {
        const there = demands.filter(({ unit }) => isInTower(unit, tower));
        yield await Promise.all(there.map((demand) => demandCandidate(demand, { portfolio, timeZone, now })));
      }
    },
    async recheck(about) {
      const demand = await dues.demand(about);
      return demand ? demandFacts(demand) : GONE;
    },
  };
}

async function demandCandidate(
  demand: OpenDemand,
  { portfolio, timeZone, now }: Pick<AudienceParts, 'portfolio' | 'timeZone'> & { now: Date },
): Promise<Candidate> {
  const { _id, buyer, unit, duePaise } = demand;
  const dueOn = DateTime.fromISO(demand.dueOn, { zone: timeZone }).toJSDate();
  const project = (await portfolio.project(demand.project, now))?.name ?? demand.project;
  return {
    buyer,
    about: _id,
    data: { project, unit, amountPaise: duePaise, dueOn },
    facts: demandFacts(demand),
  };
}

function demandFacts({ duePaise, isClaimed }: OpenDemand): MatterFacts {
  return {
    hasConsent: true,
    ...(duePaise <= 0 && { isPaid: true }),
    ...(isClaimed && { saidPaid: true }),
  };
}

/** When the local day begins that is so many days from today. */
function beginningOf(now: Date, ahead: number, timeZone: string): Date {
  return DateTime.fromJSDate(now, { zone: timeZone }).startOf('day').plus({ days: ahead }).toJSDate();
}
