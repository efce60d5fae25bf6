import { z } from 'zod';
import { projectOf } from '../asking.ts';
import type { Move, StageContext } from '../engine.ts';
import { WORKING_DAY_MINUTES } from '../policy.ts';
import type { Effect, FlowEvent, HeardMessage } from '../types.ts';
import { UNFIT } from './times.ts';

/** What a visit's run keeps, and what its stages share. */

export const HOUR_MS = 3_600_000;

/** What is stored of a visit; checked whenever the run is touched. */
export const dataSchema = z.object({
  project: z.string(),
  /** A time that the buyer asked for, not yet booked. */
  wanted: z.date().optional(),
  /** They chose `wanted` themselves elsewhere, or agreed on it: it is booked unasked. */
  isAgreed: z.boolean().optional(),
  /** Why the offer is made again: told to the buyer with it. */
  offer: z
    .enum(['first', 'not_open', 'taken', 'reschedule', 'other_day', 'missed', ...UNFIT])
    .default('first'),
  /** Only slots of this local day (YYYY-MM-DD) are offered. */
  day: z.string().optional(),
  visit: z.string().optional(),
  at: z.date().optional(),
  associate: z.object({ name: z.string(), staff: z.string().optional() }).optional(),
  /** A visit that is over or dropped, whose entry in the calendar the next one takes. */
  replaces: z.string().optional(),
  /** What the buyer said of the visit. */
  score: z.number().optional(),
  words: z.string().optional(),
});
export type Data = z.infer<typeof dataSchema>;
/** What its handlers are given: at any time, with a message, and with an event. */
export type Context = StageContext<Data>;
export type Heard = Context & { message: HeardMessage };
export type Happened = Context & { event: FlowEvent };

/** So many hours after the stage was entered. */
export function after(hours: number) {
  return ({ run }: Context): Date => new Date(run.enteredAt.getTime() + hours * HOUR_MS);
}

/** So many hours before the visit; undefined while none is booked. */
export function before(hours: number) {
  return ({ data }: Context): Date | undefined => data.at && new Date(data.at.getTime() - hours * HOUR_MS);
}

/** How long a visit to the project takes. */
export function visitMinutes(context: Context): number {
  return projectOf(context).visitMinutes;
}

/** Who leads the visit, as the buyer is told. */
export function associateOf(context: Context): string {
  return context.data.associate?.name ?? projectOf(context).associate;
}

/** Something for the sales team to know or do, on the buyer's case; the associate of the visit is called. */
export function task(
  context: Context,
  reason: string,
  more: Record<string, string> = {},
): Extract<Effect, { kind: 'openCase' }> {
  const { at, associate } = context.data;
  return {
    kind: 'openCase',
    caseId: '',
    team: 'sales',
    intent: 'visit_book',
    reason,
    respondWithinMinutes: WORKING_DAY_MINUTES,
    quotes: [],
    details: {
      project: projectOf(context).name,
      ...(at && { visitAt: at.toISOString() }),
      ...(associate?.staff && { associate: associate.name }),
      ...more,
    },
    ...(associate?.staff && { mention: associate.staff }),
  };
}

/** Frees the seat and the associate of a visit. */
export function cancel(id: string): Effect {
  return { kind: 'cancelVisit', visit: id };
}

/** The next visit to the same project, in a run of its own. */
export function anew({ project }: Data, data: Partial<Data>): Effect {
  return { kind: 'beginRun', flow: 'visit', subject: project, data: { project, offer: 'first', ...data } };
}

/** Nobody waits for it: it keeps to the hours and limits of what we begin ourselves. */
export function unasked(move: Move<Data>, expiresAt: Date): Move<Data> {
  const effects = (move.effects ?? []).map((effect) =>
    effect.kind === 'sendTemplate' ? { ...effect, category: 'reminder' as const, expiresAt } : effect,
  );
  return { ...move, effects };
}
