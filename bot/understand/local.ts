import type { ScoredIntent, Understanding } from '../../flows/types.ts';
import { alarmsIn } from './alarms.ts';
import { clausesOf, withoutGreeting } from './clauses.ts';
import { readEntities } from './entities.ts';
import { readLanguage, readSentiment } from './language.ts';
import { classify, loadModel, type Model } from './model.ts';
import { isRefusalOfOffers } from './offers.ts';
import { foldedWords, wellKnownMeaning } from './phrases.ts';
import { inLightOf } from './question.ts';
import type { ReadingContext, Understander } from './understander.ts';

const CERTAIN = 0.99;
const MOST_INTENTS = 5;
const LEAST_CONFIDENCE = 0.05;
/** What a clause must reach to count beside the whole message, and what it loses for lacking the rest's context. */
const CLAUSE_FLOOR = 0.6;
const CLAUSE_DISCOUNT = 0.9;
/** A whole message this sure of itself stays ahead of its clauses. */
const WHOLE_IS_SURE = 0.5;

const SOCIAL: ReadonlySet<string> = new Set(['greeting', 'thanks', 'affirm', 'deny', 'other']);
/** "Can't come Saturday, make it Sunday" is one wish about a visit, not three. */
const ONE_WISH = [
  new Set(['visit_book', 'visit_reschedule', 'visit_cancel', 'inspection_book']),
  new Set(['payment_promise', 'payment_extension']),
  new Set(['kyc_submit', 'kyc_query']),
];

/** The understander that needs no network: exact phrases first, then our own classifier. Loads the model once. */
export function createLocalUnderstander(model: Model = loadModel()): Understander {
  return { understand: async (text, context) => read(model, text, context) };
}

function read(model: Model, text: string, { now, timeZone, question }: ReadingContext): Understanding {
  const facts = {
    entities: readEntities(text, { now, timeZone }),
    language: readLanguage(text),
    sentiment: readSentiment(text),
  };
  const words = foldedWords(text);
  const certain = isRefusalOfOffers(text, words) ? 'opt_out' : wellKnownMeaning(words);
  if (certain !== undefined) return { intents: [{ name: certain, confidence: CERTAIN }], ...facts };
  const intents = withAlarms(alarmsIn(words), readIntents(model, text, words));
  return {
    intents: shortList(question === undefined ? intents : inLightOf(question, text, intents)),
    ...facts,
  };
}

function readIntents(model: Model, text: string, words: string[]): ScoredIntent[] {
  // A bare number means nothing without its question.
  if (words.every((word) => /^\p{N}+$/u.test(word))) return [{ name: 'other', confidence: 0.4 }];
  const message = withoutGreeting(text);
  const whole = classify(model, message);
  const clauses = clausesOf(message);
  return clauses.length < 2
    ? whole
    : withClauses(
        whole,
        clauses.map((clause) => readClause(model, clause)),
      );
}

/** The surest meaning of a clause; a well-known phrase such as "stop" means little in the middle of a message. */
function readClause(model: Model, clause: string): ScoredIntent {
  const social = wellKnownMeaning(foldedWords(clause));
  if (social !== undefined) return { name: SOCIAL.has(social) ? social : 'other', confidence: CLAUSE_FLOOR };
  return classify(model, clause)[0] ?? { name: 'other', confidence: 0 };
}

/** Adds what single clauses say, after the whole message when that is sure of itself and about the matter. */
function withClauses(whole: ScoredIntent[], clauses: ScoredIntent[]): ScoredIntent[] {
  const [top] = whole;
  if (top === undefined) return clauses;
  const leads = top.confidence >= WHOLE_IS_SURE && !SOCIAL.has(top.name);
  const ceiling = leads ? top.confidence - 0.01 : 1;
  const sameWish = ONE_WISH.find((wish) => leads && wish.has(top.name));
  const said = clauses
    .filter(({ name, confidence }) => confidence >= CLAUSE_FLOOR && !SOCIAL.has(name) && !sameWish?.has(name))
    .map(({ name, confidence }) => ({ name, confidence: Math.min(ceiling, confidence * CLAUSE_DISCOUNT) }));
  const rest = said.length > 0 && SOCIAL.has(top.name) ? whole.map((each) => halve(each)) : whole;
  return surest([...said, ...rest]);
}

function halve({ name, confidence }: ScoredIntent): ScoredIntent {
  return { name, confidence: confidence / 2 };
}

/**
 * What an alarm says of its meaning stands: an opt-out with a condition stays as doubtful as the alarm made it. Who
 * tells of a death gets one answer, not one more for every other matter in it.
 */
function withAlarms(alarms: ScoredIntent[], intents: ScoredIntent[]): ScoredIntent[] {
  const rung = new Set(alarms.map(({ name }) => name));
  if (alarms.length === 0) return intents;
  if (rung.has('bereavement')) return alarms;
  return surest([...alarms, ...intents.filter(({ name }) => !rung.has(name))]);
}

/** Each intent once with its highest confidence, surest first. */
export function surest(intents: ScoredIntent[]): ScoredIntent[] {
  const best = new Map<ScoredIntent['name'], number>();
  for (const { name, confidence } of intents) best.set(name, Math.max(confidence, best.get(name) ?? 0));
  return [...best]
    .map(([name, confidence]) => ({ name, confidence }))
    .sort((a, b) => b.confidence - a.confidence);
}

function shortList(intents: ScoredIntent[]): ScoredIntent[] {
  return intents
    .filter(({ confidence }, i) => i === 0 || confidence >= LEAST_CONFIDENCE)
    .slice(0, MOST_INTENTS);
}
