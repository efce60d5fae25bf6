import type { z } from 'zod';
import {
  debtOf,
  dropped,
  followMilestones,
  type Milestone,
  nextDebtAt,
  withoutUnreachable,
} from './milestones.ts';
import type {
  Effect,
  Facts,
  FlowEvent,
  HeardMessage,
  Intent,
  Question,
  Run,
  StaffRef,
  Team,
} from './types.ts';

export { subjectOf } from './subjects.ts';

/**
 * The flow engine: a pure function from (flow, run, input, context) to (run, effects). It never reads a
 * clock, never does I/O and never throws for bad stored state: a run that cannot go on is parked with a
 * reason, for a person to look at.
 */

/** What a handler may look at; `beside` are the buyer's other runs under way. */
export type StageContext<D> = { data: D; run: Run; facts: Facts; now: Date; beside?: readonly Run[] };

/** What a handler wants to happen. `to` may name the stage itself, to enter it again. */
export type Move<D> = {
  to?: string;
  data?: Partial<D>;
  effects?: Effect[];
  question?: Question;
  toPeople?: ToPeople;
};

/**
 * The flow has taken note of what was said, and people answer it by policy. Whether reminders rest until then is
 * policy's too, unless the flow knows better what must rest.
 */
export type ToPeople = {
  reason: string;
  details?: Record<string, string>;
  pausesReminders?: false;
  /** Of an answer or a remark, which had no meaning looked up: as which matter people get it. */
  intent?: Intent;
};

type MessageContext<D> = StageContext<D> & { message: HeardMessage };
type EventContext<D> = StageContext<D> & { event: FlowEvent };

export type Reminder<D> = {
  name: string;
  /** Undefined when this run needs no such reminder. */
  at: (context: StageContext<D>) => Date | undefined;
  move: (context: StageContext<D>) => Move<D>;
};

/** One stage of a flow, written in the order in which a reader thinks of it. */
export type Stage<D> = {
  owner: Team;
  /** On arrival. */
  enter?: (context: StageContext<D>) => Move<D>;
  /** A reading of the reply to the question asked; undefined when the message is no answer to it. */
  answer?: (context: MessageContext<D>) => Move<D> | undefined;
  /** A reading of what the buyer says without being asked, before its meaning is looked at; undefined when it is nothing of the kind. */
  remark?: (context: MessageContext<D>) => Move<D> | undefined;
  /** Undefined when it is about something else after all. */
  intents?: Partial<Record<Intent, (context: MessageContext<D>) => Move<D> | undefined>>;
  events?: Partial<Record<FlowEvent['name'], (context: EventContext<D>) => Move<D>>>;
  reminders?: Reminder<D>[];
  /** Undefined where nothing is waited for; `move` may stay in the stage, and a later moment is its next deadline. */
  deadline?: {
    at: (context: StageContext<D>) => Date | undefined;
    move: (context: StageContext<D>) => Move<D>;
  };
  /** Every stage that handlers may move to: drawn by `npm run flows`, enforced at run time. */
  leadsTo: string[];
  /** The run is over once this stage has been entered. */
  ends?: boolean;
};

/**
 * A governed process. Saved runs name its version: a changed stage list needs a new version and a migration, which
 * may also rename what stands in `run.milestones`. Milestones may be added or taken away without either.
 */
export type FlowSpec<D> = {
  name: string;
  version: number;
  data: z.ZodType<D>;
  first: string;
  stages: Record<string, Stage<D>>;
  /** What has to be reached on the way, by whom and by when. */
  milestones?: Record<string, Milestone<D>>;
  /** From an older version to the next one. */
  migrations: Record<number, (run: Run) => Run>;
  /** Copy keys that its effects use, so that each is known to exist in every language. */
  copy: string[];
};
export type Flow = FlowSpec<Record<string, unknown>>;

/** Erases the type of a flow's data, which the engine checks by its schema whenever it touches a run. */
export function defineFlow<D>(spec: FlowSpec<D>): Flow {
  return spec as unknown as Flow;
}

export type StepInput =
  | { kind: 'start' }
  | { kind: 'answer'; message: HeardMessage }
  | { kind: 'remark'; message: HeardMessage }
  | { kind: 'intent'; intent: Intent; message: HeardMessage }
  | { kind: 'event'; event: FlowEvent }
  | { kind: 'due' };

/**
 * `handled` is false when the stage has nothing to say to this input (then run and effects are unchanged).
 * `run` is undefined when the flow has ended. `parked` tells why a person must look at this run.
 */
export type Stepped = {
  handled: boolean;
  run: Run | undefined;
  effects: Effect[];
  parked?: string;
  toPeople?: ToPeople;
};

export type StepContext = { facts: Facts; now: Date; beside?: readonly Run[] };

const MOST_STAGES_IN_ONE_STEP = 12;

/** A run of `flow` about `subject` at its first stage, before that stage has been entered. */
export function newRun(
  flow: Flow,
  id: string,
  { subject, data }: { subject: string; data: Record<string, unknown> },
  now: Date,
): Run {
  return {
    id,
    flow: flow.name,
    subject,
    version: flow.version,
    stage: flow.first,
    data,
    enteredAt: now,
    reminded: [],
  };
}

/**
 * Advances one run by one input. Pure; see `Stepped`. A paused run takes note of events alone, and holds what it
 * would have said. A run that was saved before its flow had a milestone gets it when it next enters a stage, if it
 * still lies ahead: its time counts from then. No new version of the flow is needed for that.
 */
export function step(flow: Flow, saved: Run, input: StepInput, context: StepContext): Stepped {
  if (saved.paused && input.kind !== 'event') return { handled: false, run: saved, effects: [] };
  const stands = standing(flow, saved, context);
  if ('parked' in stands) return park(stands.parked);
  const { stage, at } = stands;
  const { run } = at;
  if (input.kind === 'start') return follow(flow, run, { to: run.stage }, context);
  if (input.kind === 'due') return wake(flow, stage, at, context);
  const reaction = react(stage, at, input);
  if (!reaction) return { handled: false, run, effects: [] };
  const { toPeople } = reaction;
  const stepped = inSilence(run, follow(flow, run, reaction, context));
  return { ...stepped, ...(toPeople && { toPeople }) };
}

/** A person lets a run rest: no reminder, no deadline and no message moves it until it is resumed. */
export function pauseRun(run: Run, by: StaffRef, reason: string, now: Date): Run {
  const { dueAt: _due, ...rest } = run;
  return { ...rest, paused: run.paused ?? { at: now, by, reason } };
}

/**
 * A run goes on where it stood: the time that it rested does not count for its reminders and deadline. What it would
 * have said meanwhile is said now. Its milestones stay due when they were: people owe them, also while it rests.
 */
export function resumeRun(flow: Flow, saved: Run, context: StepContext): Stepped {
  const { paused } = saved;
  if (!paused) return { handled: false, run: saved, effects: [] };
  const stands = standing(flow, saved, context);
  if ('parked' in stands) return park(stands.parked);
  const { paused: _paused, ...rest } = stands.at.run;
  // A stage that was entered while the run rested has had no time yet.
  const from = Math.max(paused.at.getTime(), rest.enteredAt.getTime());
  const restedMs = context.now.getTime() - from;
  const run = { ...rest, enteredAt: new Date(rest.enteredAt.getTime() + restedMs) };
  return { handled: true, run: withDue(flow, run, context.facts), effects: paused.held ?? [] };
}

/** The stages that lie before `run`, nearest first: where a person may move it on to. */
export function stagesAhead(flow: Flow, run: Run): string[] {
  const ahead = new Set<string>();
  for (let next = leadsTo(flow, run.stage); next.length > 0; ) {
    for (const name of next) ahead.add(name);
    next = next.flatMap((name) => leadsTo(flow, name)).filter((name) => !ahead.has(name));
  }
  ahead.delete(run.stage);
  return [...ahead];
}

/**
 * A person moves a run on to a stage that lies before it; if it rested, that is over, and what it held is said,
 * its questions excepted. Milestones that cannot be reached from there are dropped. Anything else is not `handled`.
 */
export function skipRun(flow: Flow, saved: Run, stage: string, context: StepContext): Stepped {
  const stands = standing(flow, saved, context);
  if ('parked' in stands) return park(stands.parked);
  const { run } = stands.at;
  if (!stagesAhead(flow, run).includes(stage)) return { handled: false, run: saved, effects: [] };
  const { paused, ...awake } = run;
  const held = (paused?.held ?? []).filter((each) => !('asks' in each));
  const there = enterStage(awake, stage, context.now);
  const ahead = [stage, ...stagesAhead(flow, there)];
  const left = withoutUnreachable(flow.milestones ?? {}, there, ahead, context.now);
  const stepped = follow(flow, left.run, { to: stage }, context);
  return stepped.parked ? stepped : { ...stepped, effects: [...held, ...left.effects, ...stepped.effects] };
}

/** The earliest moment at which `run` needs waking, or undefined when only people can move it. */
export function dueAt(flow: Flow, run: Run, facts: Facts): Date | undefined {
  const stage = flow.stages[run.stage];
  if (!stage || stage.ends || run.paused) return undefined;
  const at = { data: run.data, run, facts, now: run.enteredAt };
  const moments = pendingReminders(stage, at).map((pending) => pending.at);
  const deadline = stage.deadline?.at(at);
  if (deadline) moments.push(deadline);
  const debtAt = nextDebtAt(flow.milestones ?? {}, run);
  if (debtAt) moments.push(debtAt);
  return moments.length === 0 ? undefined : new Date(Math.min(...moments.map((moment) => moment.getTime())));
}

function leadsTo(flow: Flow, stage: string): string[] {
  return flow.stages[stage]?.leadsTo ?? [];
}

function migrate(flow: Flow, saved: Run): Run | undefined {
  let run = saved;
  while (run.version < flow.version) {
    const next = flow.migrations[run.version];
    if (!next) return undefined;
    run = { ...next(run), version: run.version + 1 };
  }
  return run.version === flow.version ? run : undefined;
}

function park(reason: string): Stepped {
  return { handled: true, run: undefined, effects: [], parked: reason };
}

/** Every flow's data names its project; one that was taken off the portfolio leaves its runs to people. */
function isOrphan(data: Record<string, unknown>, facts: Facts): boolean {
  return typeof data.project === 'string' && !facts.projects.some((each) => each.slug === data.project);
}

type Standing = { stage: AnyStage; at: AnyContext } | { parked: string };

/** Where a saved run stands in its flow as this build knows it, or why it cannot go on. */
function standing(flow: Flow, saved: Run, context: StepContext): Standing {
  const run = migrate(flow, saved);
  const stage = run && flow.stages[run.stage];
  if (!run || !stage) return { parked: `no stage ${saved.stage} in ${saved.flow}@${saved.version}` };
  const data = flow.data.safeParse(run.data);
  if (!data.success) return { parked: `stored data of ${run.flow} does not fit its schema` };
  if (isOrphan(data.data, context.facts))
    return { parked: `project ${data.data.project} left the portfolio` };
  return { stage, at: { data: data.data, run, ...context } };
}

/** Whatever a paused run would say to the buyer waits until it is resumed; nothing else does. */
function inSilence({ paused }: Run, stepped: Stepped): Stepped {
  if (!paused || stepped.parked) return stepped;
  const said = stepped.effects.filter(isSaid);
  const effects = stepped.effects.filter((each) => !isSaid(each));
  if (!stepped.run || said.length === 0) return { ...stepped, effects };
  const held = [...(paused.held ?? []), ...said];
  return { ...stepped, run: { ...stepped.run, paused: { ...paused, held } }, effects };
}

function isSaid({ kind }: Effect): boolean {
  return kind === 'sendTemplate' || kind === 'sendDocument';
}

type AnyStage = Stage<Record<string, unknown>>;
type AnyContext = StageContext<Record<string, unknown>>;
type AnyMove = Move<Record<string, unknown>>;

function react(
  stage: AnyStage,
  at: AnyContext,
  input: Exclude<StepInput, { kind: 'start' | 'due' }>,
): AnyMove | undefined {
  switch (input.kind) {
    case 'answer':
      return stage.answer?.({ ...at, message: input.message });
    case 'remark':
      return stage.remark?.({ ...at, message: input.message });
    case 'intent':
      return stage.intents?.[input.intent]?.({ ...at, message: input.message });
    case 'event':
      return stage.events?.[input.event.name]?.({ ...at, event: input.event });
  }
}

/** After an outage only the latest of several missed reminders goes out; a passed deadline beats them all. */
function wake(flow: Flow, stage: AnyStage, at: AnyContext, context: StepContext): Stepped {
  const late = debtOf(flow.milestones ?? {}, at.run, at.now);
  const deadline = stage.deadline?.at(at);
  if (stage.deadline && deadline && deadline <= at.now) {
    return follow(flow, late.run, withEffects(late.effects, stage.deadline.move(at)), context);
  }
  const due = pendingReminders(stage, at).filter((pending) => pending.at <= at.now);
  const names = due.map((pending) => pending.reminder.name);
  const reminded = { ...late.run, reminded: [...at.run.reminded, ...names] };
  const move = due.at(-1)?.reminder.move(at) ?? {};
  return follow(flow, reminded, withEffects(late.effects, move), context);
}

function withEffects(first: Effect[], move: AnyMove): AnyMove {
  return { ...move, effects: [...first, ...(move.effects ?? [])] };
}

/** Not yet sent, soonest first; one that was already past when the stage was entered is never sent. */
function pendingReminders(stage: AnyStage, at: AnyContext) {
  return (stage.reminders ?? [])
    .flatMap((reminder) => {
      const moment = reminder.at(at);
      return moment && moment > at.run.enteredAt && !at.run.reminded.includes(reminder.name)
        ? [{ reminder, at: moment }]
        : [];
    })
    .sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** Applies a move, entering stages until one waits or ends the run. */
function follow(flow: Flow, run: Run, first: AnyMove, context: StepContext): Stepped {
  const effects: Effect[] = [];
  let current = run;
  let move: AnyMove | undefined = first;
  const take = (milestones: { run: Run; effects: Effect[] }) => {
    current = milestones.run;
    effects.push(...milestones.effects);
  };
  for (let entered = 0; move; entered += 1) {
    if (entered > MOST_STAGES_IN_ONE_STEP) return park(`${flow.name} runs in circles at ${current.stage}`);
    effects.push(...(move.effects ?? []));
    const arriving: boolean = move.to !== undefined;
    const next = arrive(flow, current, move, context.now);
    if (!next) return park(`${flow.name} has no way from ${current.stage} to ${move.to}`);
    current = next;
    const stage = flow.stages[current.stage];
    const at = { data: current.data, run: current, ...context };
    move = arriving ? stage?.enter?.(at) : undefined;
    if (arriving) take(followMilestones(flow.milestones ?? {}, at, stagesAhead(flow, current)));
    if (arriving && stage?.ends) {
      effects.push(...(move?.effects ?? []), ...dropped(flow.milestones ?? {}, current, context.now));
      return { handled: true, run: undefined, effects };
    }
  }
  return { handled: true, run: withDue(flow, current, context.facts), effects };
}

function withDue(flow: Flow, run: Run, facts: Facts): Run {
  const due = dueAt(flow, run, facts);
  const { dueAt: _before, ...rest } = run;
  return due ? { ...rest, dueAt: due } : rest;
}

/** The run after one move: in the new stage with a fresh base time, or where it was. */
function arrive(flow: Flow, run: Run, move: AnyMove, now: Date): Run | undefined {
  const data = { ...run.data, ...move.data };
  const asked = move.question ? { question: move.question, askedAt: now } : {};
  const known = { ...aboutProject(run, data), data };
  if (move.to === undefined) return { ...run, ...known, ...asked };
  const from = flow.stages[run.stage];
  if (!flow.stages[move.to]) return undefined;
  if (move.to !== run.stage && !from?.leadsTo.includes(move.to)) return undefined;
  return { ...enterStage(run, move.to, now), ...known, ...asked };
}

/** A run about a project that turns to another one is about that one from then on. */
function aboutProject({ subject, data: before }: Run, data: Run['data']): Pick<Run, 'subject'> {
  const isMoved = subject !== undefined && subject === before.project && typeof data.project === 'string';
  return isMoved ? { subject: `${data.project}` } : {};
}

/** The run at the beginning of a stage: with a fresh base time, and no question asked. */
function enterStage(run: Run, stage: string, now: Date): Run {
  const { question: _question, askedAt: _askedAt, ...rest } = run;
  return { ...rest, stage, enteredAt: now, reminded: [] };
}
