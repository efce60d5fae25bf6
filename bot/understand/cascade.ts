import { POLICY } from '../../flows/policy.ts';
import type { Entities, Intent, Question, ScoredIntent, Team, Understanding } from '../../flows/types.ts';
import { readEntities } from './entities.ts';
import { masked } from './identity.ts';
import { surest } from './local.ts';
import type { ModelReading, OpenAiReader } from './openai.ts';
import type { ReadingContext, Understander } from './understander.ts';

export type CascadeParts = {
  local: Understander;
  model: Pick<OpenAiReader, 'read'>;
  /** From this confidence on the local reading stands and nobody is asked; 0.8 unless told otherwise. */
  sureFrom?: number;
};

const SURE_FROM = 0.8;
/** How often each word of a model turns out right. */
const CONFIDENCE: Record<ModelReading['confidence'], number> = { high: 0.9, medium: 0.7, low: 0.4 };
/** A machine acts on these by itself: what only a model reads into a message stays below their floors. */
const NEEDS_BOTH: ReadonlySet<Intent> = new Set(['opt_out', 'opt_in']);
const ONE_WITNESS = 0.5;
/** A message that talks a model into every label does not open a case for each. */
const MOST_FURTHER = 2;
/** Never lost to another opinion. */
const ALARMS: ReadonlySet<Intent> = new Set(['opt_out', 'legal_threat', 'bereavement']);
/** Doubts about money and law are for people. */
const DELICATE: ReadonlySet<Team> = new Set(['collections', 'legal']);
const READABLE = /\p{L}|\p{Extended_Pictographic}/u;
const LONG_NUMBER = /\p{Nd}(?:[ -]?\p{Nd}){9,}/gu;
const REMEMBERED = 200;

/**
 * The local understander where it is sure, else what a model says of the message, joined with what may not be
 * overruled. Without an answer of the model the local reading stands as it is, and policy's floors decide.
 */
export function createCascade({ local, model, sureFrom = SURE_FROM }: CascadeParts): Understander {
  const ask = remembering(model);
  return {
    async understand(text, context) {
      const own = await local.understand(text, context);
      if (isSettled(own, text, context, sureFrom)) return own;
      const said = await ask(withoutNumbers(text), context.question);
      return said ? joined(own, said, text, context) : own;
    },
  };
}

function isSettled(
  { intents }: Understanding,
  text: string,
  { question }: ReadingContext,
  sureFrom: number,
): boolean {
  const [top] = intents;
  // To an open question a lone "other" means: the flow that asked reads this answer itself.
  const isLeftToFlow = question !== undefined && intents.length === 1 && top?.name === 'other';
  // "Other" is all that the classifier can say of a language it does not know, however sure it is.
  const isSure = top !== undefined && top.name !== 'other' && top.confidence >= sureFrom;
  return !READABLE.test(text) || isLeftToFlow || isSure;
}

/** A turn that is decided again, or an edit that is compared, does not ask a second time. */
function remembering(model: CascadeParts['model']): CascadeParts['model']['read'] {
  const known = new Map<string, Promise<ModelReading | undefined>>();
  return async (message, question?: Question) => {
    const key = JSON.stringify([message, question]);
    const reading = known.get(key) ?? model.read(message, question);
    known.set(key, reading);
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
    if ((await reading) === undefined) known.delete(key);
    return reading;
  };
}

/** The message without the numbers of people, papers and accounts: what is read in them is read here. */
function withoutNumbers(text: string): string {
  return masked(text).replace(LONG_NUMBER, (number) => number.replace(/\p{Nd}/gu, '#'));
}

function joined(
  own: Understanding,
  said: ModelReading,
  text: string,
  context: ReadingContext,
): Understanding {
  return {
    ...own,
    intents: surest([...intentsOf(said, own), ...own.intents.filter(isKept)]),
    entities: { ...spokenOf(said, text, own.entities, context), ...own.entities },
    sentiment: said.sentiment,
  };
}

function intentsOf(said: ModelReading, own: Understanding): ScoredIntent[] {
  const confidence = CONFIDENCE[said.confidence];
  const further = said.also
    .slice(0, MOST_FURTHER)
    .map((name) => ({ name, confidence: Math.min(confidence, CONFIDENCE.medium) }));
  return [{ name: said.intent, confidence }, ...further].map((each) =>
    NEEDS_BOTH.has(each.name) && own.intents[0]?.name !== each.name
      ? { ...each, confidence: Math.min(each.confidence, ONE_WITNESS) }
      : each,
  );
}

function isKept({ name, confidence }: ScoredIntent): boolean {
  const { owner, confidenceFloor } = POLICY[name];
  return ALARMS.has(name) || (DELICATE.has(owner) && confidence >= confidenceFloor);
}

/** What our own code reads in the words that the model points at, as far as the whole message left it open. */
function spokenOf(
  { amount, when }: ModelReading,
  text: string,
  own: Entities,
  context: ReadingContext,
): Entities {
  const { amountPaise } = readEntities(`₹ ${quoted(amount, text)}`, context);
  const { date, at } = readEntities(quoted(when, text), context);
  const isOpen = own.date === undefined && own.at === undefined;
  return {
    ...(amountPaise !== undefined && { amountPaise }),
    ...(isOpen && date !== undefined && { date }),
    ...(isOpen && at !== undefined && { at }),
  };
}

/** The span if it stands in the message, else nothing. */
function quoted(span: string | null, text: string): string {
  return span && text.includes(span) ? span : '';
}
