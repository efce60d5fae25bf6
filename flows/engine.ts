import type { z } from 'zod';
import { debtOf, followMilestones, type Milestone, nextDebtAt } from './milestones.ts';
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

/**
 * The flow engine: a pure function from (flow, run, input, context) to (run, effects). It never reads a
 * clock, never does I/O and never throws for bad stored state: a run that cannot go on is parked with a
 * reason, for a person to look at.
 */

/** What a handler may look at. */
export type StageContext<D> = { data: D; run: Run; facts: Facts; now: Date };

/** What a handler wants to happen. `to` may name the stage itself, to enter it again. */
export type Move<D> = { to?: string; data?: Partial<D>; effects?: Effect[]; question?: Question };

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
  intents?: Partial<Record<Intent, (context: MessageContext<D>) => Move<D>>>;
  events?: Partial<Record<FlowEvent['name'], (context: EventContext<D>) => Move<D>>>;
  reminders?: Reminder<D>[];
  deadline?: { at: (context: StageContext<D>) => Date; move: (context: StageContext<D>) => Move<D> };
  /** Every stage that handlers may move to: drawn by `npm run flows`, enforced at run time. */
  leadsTo: string[];
  /** The run is over once this stage has been entered. */
  ends?: boolean;
};

/** A governed process. Saved runs name its version: a changed stage list needs a new version and a migration. */
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
  | { kind: 'intent'; intent: Intent; message: HeardMessage }
  | { kind: 'event'; event: FlowEvent }
  | { kind: 'due' };

/**
 * `handled` is false when the stage has nothing to say to this input (then run and effects are unchanged).
 * `run` is undefined when the flow has ended. `parked` tells why a person must look at this run.
 */
export type Stepped = { handled: boolean; run: Run | undefined; effects: Effect[]; parked?: string };

export type StepContext = { facts: Facts; now: Date };

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

/** What a run is about; a run of an older version knows only its project. */
export function subjectOf({ subject, data }: Run): string {
  return subject ?? (typeof data.project === 'string' ? data.project : '');
}

/** Advances one run by one input. Pure; see `Stepped`. A paused run takes note of events alone. */
export function step(flow: Flow, saved: Run, input: StepInput, context: StepContext): Stepped {
  if (saved.paused && input.kind !== 'event') return { handled: false, run: saved, effects: [] };
  const run = migrate(flow, saved);
  const stage = run && flow.stages[run.stage];
  if (!run || !stage) return park(`no stage ${saved.stage} in ${saved.flow}@${saved.version}`);
  const data = flow.data.safeParse(run.data);
  if (!data.success) return park(`stored data of ${run.flow} does not fit its schema`);
  if (isOrphan(data.data, context.facts)) return park(`project ${data.data.project} left the portfolio`);
  const at: StageContext<Record<string, unknown>> = { data: data.data, run, ...context };
  if (input.kind === 'start') return follow(flow, run, { to: run.stage }, context);
  if (input.kind === 'due') return wake(flow, stage, at, context);
  const reaction = react(stage, at, input);
  return reaction ? follow(flow, run, reaction, context) : { handled: false, run, effects: [] };
}

/** A person lets a run rest: no reminder, no deadline and no message moves it until it is resumed. */
export function pauseRun(run: Run, by: StaffRef, reason: string, now: Date): Run {
  const { dueAt: _due, ...rest } = run;
  return { ...rest, paused: run.paused ?? { at: now, by, reason } };
}

/** A run goes on where it stood: the time that it rested does not count for its reminders and deadline. */
export function resumeRun(flow: Flow, run: Run, { facts, now }: StepContext): Run {
  const { paused, ...rest } = run;
  if (!paused) return run;
  const restedMs = now.getTime() - paused.at.getTime();
  return withDue(flow, { ...rest, enteredAt: new Date(run.enteredAt.getTime() + restedMs) }, facts);
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

/** A person moves a run on to a stage that lies before it. Anything else is not `handled`. */
export function skipRun(flow: Flow, saved: Run, stage: string, context: StepContext): Stepped {
  const run = migrate(flow, saved);
  if (!run || !stagesAhead(flow, run).includes(stage)) return { handled: false, run: saved, effects: [] };
  const { paused: _paused, ...awake } = run;
  return follow(flow, enterStage(awake, stage, context.now), { to: stage }, context);
}

/** The earliest moment at which `run` needs waking, or undefined when only people can move it. */
export function dueAt(flow: Flow, run: Run, facts: Facts): Date | undefined {
  const stage = flow.stages[run.stage];
  if (!stage || stage.ends || run.paused) return undefined;
  const at = { data: run.data, run, facts, now: run.enteredAt };
  const moments = pendingReminders(stage, at).map((pending) => pending.at);
  if (stage.deadline) moments.push(stage.deadline.at(at));
  const debtAt = nextDebtAt(run);
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
    case 'intent':
      return stage.intents?.[input.intent]?.({ ...at, message: input.message });
    case 'event':
      return stage.events?.[input.event.name]?.({ ...at, event: input.event });
  }
}

/** After an outage only the latest of several missed reminders goes out; a passed deadline beats them all. */
function wake(flow: Flow, stage: AnyStage, at: AnyContext, context: StepContext): Stepped {
  const late = debtOf(flow.milestones ?? {}, at.run, at.now);
  if (stage.deadline && stage.deadline.at(at) <= at.now) {
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
    if (arriving) take(followMilestones(flow.milestones ?? {}, at));
    if (arriving && stage?.ends) {
      effects.push(...(move?.effects ?? []));
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
  if (move.to === undefined) return { ...run, data, ...asked };
  const from = flow.stages[run.stage];
  if (!flow.stages[move.to]) return undefined;
  if (move.to !== run.stage && !from?.leadsTo.includes(move.to)) return undefined;
  return { ...enterStage(run, move.to, now), data, ...asked };
}

/** The run at the beginning of a stage: with a fresh base time, and no question asked. */
function enterStage(run: Run, stage: string, now: Date): Run {
  const { question: _question, askedAt: _askedAt, ...rest } = run;
  return { ...rest, stage, enteredAt: now, reminded: [] };
}
