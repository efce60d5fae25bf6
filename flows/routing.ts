import { isWithin } from './hours.ts';
import type { Language, StaffRef, WorkingHours } from './types.ts';

/** Whose a new case is: one pure choice, made again when somebody goes away. */

/** A member of the case's team. No languages or no projects means all of them. */
export type Candidate = StaffRef & {
  languages: Language[];
  projects: string[];
  isActive: boolean;
  awayUntil?: Date;
  /** Their own, or else the team's. */
  hours: WorkingHours;
  openCases: number;
  /** Grows with every case that the team is given; the member with the lowest has waited longest. */
  turn: number;
};

/** What is known of a case: who has looked after the buyer so far, what it is about, and how they write. */
export type Need = {
  relationshipManager?: string;
  project?: string;
  language: Language;
  /** Where the buyer came from: the channel they write on, and how they agreed to it (`lead_form`). */
  sources?: string[];
  /** What they may spend at most; of `above 90 lakh`, that sum. */
  budgetPaise?: number;
  /** Where they are looking. */
  city?: string;
};

/** Whose new buyers are that fit all criteria there are; what is not known of a buyer fits none. */
export type Route = { when: RouteCriteria; to: string[] };
export type RouteCriteria = {
  source?: string[] | undefined;
  project?: string[] | undefined;
  city?: string[] | undefined;
  language?: Language[] | undefined;
  /** From this sum on, and below that one. */
  budgetFromPaise?: number | undefined;
  budgetBelowPaise?: number | undefined;
};

/**
 * The member whose case it is: the buyer's own relationship manager if they are at work, else one of those whom the
 * first route that fits names, else one who knows the project, else one who speaks the language, of these the one with
 * the fewest open cases, and of equals the one who has waited longest. Undefined when nobody is at work.
 */
export function ownerFor<Member extends Candidate>(
  candidates: Member[],
  need: Need,
  now: Date,
  routes: Route[] = [],
): Member | undefined {
  const present = candidates.filter((each) => isAtWork(each, now));
  const own = present.find(({ id }) => id === need.relationshipManager);
  if (own) return own;
  const route = routes.find(({ when }) => fits(when, need));
  const routed = present.filter(({ id }) => route?.to.includes(id));
  if (routed.length > 0) return freest(routed);
  const knowing = preferred(present, (each) => knowsProject(each, need.project));
  return freest(preferred(knowing, (each) => speaks(each, need.language)));
}

function freest<Member extends Candidate>(members: Member[]): Member | undefined {
  return members.reduce<Member | undefined>(
    (best, each) => (best && !isFreer(each, best) ? best : each),
    undefined,
  );
}

function fits(when: RouteCriteria, need: Need): boolean {
  const { source, project, city, language, budgetFromPaise: from, budgetBelowPaise: below } = when;
  const { budgetPaise: budget } = need;
  const isOneOf = (values: string[] | undefined, known: (string | undefined)[]) =>
    !values || values.some((value) => known.some((each) => each?.toLowerCase() === value.toLowerCase()));
  return (
    isOneOf(source, need.sources ?? []) &&
    isOneOf(project, [need.project]) &&
    isOneOf(city, [need.city]) &&
    isOneOf(language, [need.language]) &&
    (from === undefined || (budget !== undefined && budget >= from)) &&
    (below === undefined || (budget !== undefined && budget < below))
  );
}

function isAtWork({ isActive, awayUntil, hours }: Candidate, now: Date): boolean {
  return isActive && !(awayUntil && awayUntil > now) && isWithin(now, hours);
}

/** Those who fit; all of them when nobody does, as a case with the wrong person is better off than with none. */
function preferred<Member>(members: Member[], fits: (member: Member) => boolean): Member[] {
  const fitting = members.filter(fits);
  return fitting.length > 0 ? fitting : members;
}

function knowsProject({ projects }: Candidate, project: string | undefined): boolean {
  return project === undefined || projects.length === 0 || projects.includes(project);
}

/** Hinglish is Hindi in other letters: who reads one reads the other. */
function speaks({ languages }: Candidate, language: Language): boolean {
  if (languages.length === 0 || languages.includes(language)) return true;
  return language !== 'en' && languages.some((each) => each !== 'en');
}

function isFreer(one: Candidate, other: Candidate): boolean {
  return one.openCases === other.openCases ? one.turn < other.turn : one.openCases < other.openCases;
}
