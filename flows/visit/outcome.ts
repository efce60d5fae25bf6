import { ask, chosenValue, isForPeople, projectOf, say } from '../asking.ts';
import type { Move } from '../engine.ts';
import { POLICY } from '../policy.ts';
import type { Effect, HeardMessage, LabelledChoice, Run } from '../types.ts';
import {
  after,
  anew,
  associateOf,
  type Context,
  cancel,
  type Data,
  type Happened,
  type Heard,
  task,
  unasked,
} from './data.ts';
import { chosen, isElsewhere, wishOf } from './wish.ts';

/** A visit that is over: what became of it, and how it was. */

/** So long the question how it was stays open. */
export const FEEDBACK_HOURS = 72;
const FEEDBACK_CHARACTERS = 600;
const POOR_SCORE = 2;

/** The visit that is over and of which nobody has said what became of it; undefined for any other run. */
export function visitToLog({ flow, stage, data }: Run): string | undefined {
  return flow === 'visit' && stage === 'awaitingOutcome' && typeof data.visit === 'string'
    ? data.visit
    : undefined;
}

/** What the team says became of the visit. */
export function visitOutcome({ event, data }: Happened): Move<Data> {
  if (event.name !== 'visitOutcome' || !data.visit) return {};
  const { outcome, by, at } = event;
  const conclude = (status: 'visited' | 'no_show'): Effect[] => [
    { kind: 'concludeVisit', visit: data.visit ?? '', status, by },
  ];
  if (outcome === 'visited') return { to: 'feedback', effects: conclude('visited') };
  if (outcome === 'no_show') return { to: 'missed', effects: conclude('no_show') };
  if (outcome === 'late' || !at) return {};
  const next = anew(data, { wanted: at, isAgreed: true, replaces: data.visit });
  return { to: 'moved', effects: [cancel(data.visit), next] };
}

/** The buyer asks for another time before the team has said what became of this one: it was none. */
export function overtaken(context: Heard): Move<Data> | undefined {
  const { data, message } = context;
  if (isElsewhere(context)) return undefined;
  return overtakenBy(data, wishOf(message, context));
}

/** As `overtaken`, on their own page. */
export function overtakenElsewhere({ data, event }: Happened): Move<Data> {
  return overtakenBy(data, chosen(event));
}

/** Who has been there wants to come once more. */
export function anotherVisit(context: Heard): Move<Data> | undefined {
  const { data, message } = context;
  return isElsewhere(context)
    ? undefined
    : { to: 'visited', effects: [anew(data, wishOf(message, context))] };
}

/** Asks how the visit was. */
export function askFeedback(context: Context): Move<Data> {
  const { data, run } = context;
  const choices: LabelledChoice[] = ['1', '2', '3', '4', '5'].map((score) => ({
    id: `visit.feedback.${data.project}.${score}`,
    label: 'choice_value',
    data: { value: score },
  }));
  const variables = { project: projectOf(context).name, associate: associateOf(context) };
  return unasked(
    ask(run, 'visit_feedback', variables, { name: 'feedback', kind: 'choice', choices }),
    after(FEEDBACK_HOURS)(context),
  );
}

/** A score, or what they say in their own words; what is clearly about something else is left to others. */
export function takeFeedback(context: Heard): Move<Data> | undefined {
  const { message, run, data } = context;
  const id = message.choiceId ?? (run.question && chosenValue(run.question, message.text));
  const [, project, tapped] = /^visit\.feedback\.([a-z0-9-]+)\.([1-5])$/.exec(id ?? '') ?? [];
  if (id && project !== data.project) return undefined;
  const score = tapped ?? SCORE.exec(message.text)?.[1];
  if (score) return rated(context, { score: Number(score) });
  if (message.content !== 'text' || isForPeople(message) || meansElse(message)) return undefined;
  return rated(context, { words: message.text.slice(0, FEEDBACK_CHARACTERS) });
}

/** Thanks whoever said how it was. */
export function thank({ data }: Context): Move<Data> {
  return data.score || data.words ? { effects: [say('visit_feedback_thanks', {})] } : {};
}

function overtakenBy(data: Data, next: Partial<Data>): Move<Data> {
  const { visit: id } = data;
  return { to: 'overtaken', effects: [...(id ? [cancel(id)] : []), anew(data, { ...next, replaces: id })] };
}

const SCORE = /^\s*([1-5])(?:\s*(?:\/|out of)\s*5)?\s*(?:stars?|⭐)?\s*[.!]*\s*$/iu;

const KIND_WORDS = new Set(['other', 'thanks', 'affirm', 'deny', 'greeting']);

function meansElse({ text, understanding: { intents } }: HeardMessage): boolean {
  const surest = intents[0];
  const isSure = surest && surest.confidence >= POLICY[surest.name].confidenceFloor;
  return !/\p{L}/u.test(text) || (isSure === true && !KIND_WORDS.has(surest.name));
}

function rated(context: Heard, said: { score?: number; words?: string }): Move<Data> {
  const { data, run, message } = context;
  const isPoor =
    said.score === undefined ? message.understanding.sentiment === 'negative' : said.score <= POOR_SCORE;
  const poor = task(context, 'visit_poor', {
    ...(said.score && { score: `${said.score}` }),
    said: message.shown,
  });
  return {
    to: 'visited',
    data: said,
    effects: [
      { kind: 'recordSatisfaction', run: run.id, phase: 'visit', subject: data.project, ...said },
      ...(isPoor ? [poor] : []),
    ],
  };
}
