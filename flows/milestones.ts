import type { StageContext } from './engine.ts';
import { WORKING_DAY_MINUTES } from './policy.ts';
import { subjectOf } from './subjects.ts';
import type { Effect, MilestoneState, Run, Team } from './types.ts';

/**
 * Milestones: what a run has to reach, whose it is, and by when. What is past its deadline is milestone debt: its
 * owner is told once, and managers see it with its age until it is reached.
 */

/** One milestone of a flow, as its file states it. */
export type Milestone<D> = {
  owner: Team;
  /** Which runs owe it; all unless stated. */
  isOwedBy?: (data: D) => boolean;
  /** Counted from when it opens (`now`), and fixed then; undefined where this run has no deadline for it. */
  dueAt: (context: StageContext<D>) => Date | undefined;
  /** Entering one of these stages reaches it. */
  reachedIn: string[];
  /** Entering one of these ends it unreached: nobody owes it any more. So does the end of the run. */
  droppedIn?: string[];
  /** It opens only when these are reached, or when a person has moved the run on beyond them. */
  after?: string[];
  /** Who is told when it is late, and how soon they are to look; its owner within a working day by default. */
  escalation?: { team?: Team; respondWithinMinutes: number };
};
export type Milestones<D> = Record<string, Milestone<D>>;

type AnyMilestones = Milestones<Record<string, unknown>>;
type Followed = { run: Run; effects: Effect[] };

/**
 * What entering the stage that `at.run` is in means for its milestones: some are reached or dropped, some open. One
 * that no stage `ahead` reaches lies behind a run that was saved before its flow had it, and is never owed.
 */
export function followMilestones(
  milestones: AnyMilestones,
  at: StageContext<Record<string, unknown>>,
  ahead: string[],
): Followed {
  const before = at.run.milestones ?? {};
  const states = opened(milestones, ended(milestones, before, at.run.stage, at.now), at, ahead);
  const changed = Object.keys(milestones).filter((name) => states[name] && states[name] !== before[name]);
  if (changed.length === 0) return { run: at.run, effects: [] };
  const run = { ...at.run, milestones: states };
  return { run, effects: changed.flatMap((name) => recorded(milestones, run, name)) };
}

/** Tells once of each milestone that is late by `now`. */
export function debtOf(milestones: AnyMilestones, run: Run, now: Date): Followed {
  const late = Object.entries(run.milestones ?? {}).filter(
    ([name, state]) => milestones[name] && isOpen(state) && !state.escalatedAt && isPast(state, now),
  );
  const escalated = late.map(([name, state]) => [name, { ...state, escalatedAt: now }] as const);
  if (escalated.length === 0) return { run, effects: [] };
  const next = { ...run, milestones: { ...run.milestones, ...Object.fromEntries(escalated) } };
  const effects = escalated.flatMap(([name]) => [
    ...recorded(milestones, next, name),
    ...escalation(milestones, next, name),
  ]);
  return { run: next, effects };
}

/**
 * When the next milestone of `run` will be late; undefined when none will, or its people know already. One that was
 * taken away from its flow is nobody's: it never wakes the run.
 */
export function nextDebtAt(milestones: AnyMilestones, run: Run): Date | undefined {
  const moments = Object.entries(run.milestones ?? {}).flatMap(([name, state]) =>
    milestones[name] && isOpen(state) && !state.escalatedAt && state.dueAt ? [state.dueAt.getTime()] : [],
  );
  return moments.length === 0 ? undefined : new Date(Math.min(...moments));
}

/** True while it is still owed. */
export function isOpen({ reachedAt, droppedAt }: MilestoneState): boolean {
  return !reachedAt && !droppedAt;
}

/** Drops what is still open: the run is over. */
export function dropped(milestones: AnyMilestones, run: Run, now: Date): Effect[] {
  return drop(milestones, run, () => true, { droppedAt: now }).effects;
}

/** Drops what none of the stages `ahead` reaches: a person has moved the run on beyond it. */
export function withoutUnreachable(
  milestones: AnyMilestones,
  run: Run,
  ahead: string[],
  now: Date,
): Followed {
  const isBehind = (name: string) => !milestones[name]?.reachedIn.some((stage) => ahead.includes(stage));
  return drop(milestones, run, isBehind, { droppedAt: now, isPassed: true });
}

function drop(
  milestones: AnyMilestones,
  run: Run,
  isToDrop: (name: string) => boolean,
  how: Pick<MilestoneState, 'droppedAt' | 'isPassed'>,
): Followed {
  const open = Object.entries(run.milestones ?? {}).filter(
    ([name, state]) => isOpen(state) && isToDrop(name),
  );
  if (open.length === 0) return { run, effects: [] };
  const states = Object.fromEntries(open.map(([name, state]) => [name, { ...state, ...how }]));
  const next = { ...run, milestones: { ...run.milestones, ...states } };
  return { run: next, effects: open.flatMap(([name]) => recorded(milestones, next, name)) };
}

function isPast({ dueAt }: MilestoneState, now: Date): boolean {
  return dueAt !== undefined && dueAt <= now;
}

type States = Record<string, MilestoneState>;

function ended(milestones: AnyMilestones, before: States, stage: string, now: Date): States {
  const states = { ...before };
  for (const [name, { reachedIn, droppedIn = [] }] of Object.entries(milestones)) {
    const state = states[name];
    if (state && !isOpen(state)) continue;
    // One that was passed before it had opened is reached all the same.
    if (reachedIn.includes(stage)) states[name] = { openedAt: now, ...state, reachedAt: now };
    else if (state && droppedIn.includes(stage)) states[name] = { ...state, droppedAt: now };
  }
  return states;
}

function opened(
  milestones: AnyMilestones,
  before: States,
  at: StageContext<Record<string, unknown>>,
  ahead: string[],
): States {
  const states = { ...before };
  const isBehind = (name: string) => !milestones[name]?.reachedIn.some((stage) => ahead.includes(stage));
  const isSettled = (name: string) => {
    const state = states[name];
    return state ? Boolean(state.reachedAt || state.isPassed) : isBehind(name);
  };
  for (const [name, { after = [], droppedIn = [], dueAt, isOwedBy }] of Object.entries(milestones)) {
    if (isOwedBy?.(at.data) === false) continue;
    if (states[name] || isBehind(name) || droppedIn.includes(at.run.stage)) continue;
    if (!after.every(isSettled)) continue;
    const due = dueAt(at);
    states[name] = { openedAt: at.now, ...(due && { dueAt: due }) };
  }
  return states;
}

function recorded(milestones: AnyMilestones, run: Run, name: string): Effect[] {
  const state = run.milestones?.[name];
  const milestone = milestones[name];
  if (!state || !milestone) return [];
  const { id, flow } = run;
  const about = { run: id, flow, subject: subjectOf(run) };
  return [{ kind: 'recordMilestone', ...about, name, owner: milestone.owner, state }];
}

function escalation(milestones: AnyMilestones, run: Run, name: string): Effect[] {
  const milestone = milestones[name];
  const dueAt = run.milestones?.[name]?.dueAt;
  if (!milestone || !dueAt) return [];
  const { team = milestone.owner, respondWithinMinutes = WORKING_DAY_MINUTES } = milestone.escalation ?? {};
  return [
    {
      kind: 'openCase',
      caseId: '',
      team,
      intent: 'other',
      reason: 'milestone_late',
      respondWithinMinutes,
      quotes: [],
      details: { milestone: name, flow: run.flow, milestoneDueAt: dueAt.toISOString() },
    },
  ];
}
