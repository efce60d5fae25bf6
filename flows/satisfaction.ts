import { POLICY } from './policy.ts';
import type { HeardMessage, Intent, ScoredIntent } from './types.ts';

/** What buyers answer when they are asked how something was, and whom they recommend us to. Pure readings of text. */

const SCORE = /^\s*([1-5])(?:\s*(?:\/|out of)\s*5)?\s*(?:stars?|⭐)?\s*[.!]*\s*$/iu;
const KIND_WORDS: ReadonlySet<Intent> = new Set([
  'other',
  'thanks',
  'affirm',
  'deny',
  'greeting',
  'complaint',
]);

const ACQUAINTANCE =
  /\b(?:friend|colleague|cousin|neighbou?r|relative|brother|sister|uncle|aunt|boss|dost|saheli|padosi|rishtedaar?|(?:mer[aei]|apn[aei]) (?:bhai|behen))\b|दोस्त|मित्र|सहेली|पड़ोसी|रिश्तेदार|(?:मेर[ेाी]|अपन[ेाी]) (?:भाई|बहन)/iu;
/** An Indian mobile number, however it is grouped. */
const MOBILE = /(?<!\d)(?:\+?91[\s-]?|0)?[6-9](?:[\s-]?\d){9}(?!\d)/u;
const WANTS =
  /\b(?:flat|home|house|apartment|property|interested|looking|buy|chahiye|dhoo?n?d|khari?d|lena)|फ़?्?लैट|घर|मकान|चाहिए|ख़?रीद/iu;

/** `4`, `4/5`, `4 stars`: the digit, or undefined. */
export function readScore(text: string): string | undefined {
  return SCORE.exec(text)?.[1];
}

/** Words about how it was, and not clearly about another matter. */
export function readsAsOwnWords({
  content,
  text,
  understanding: { entities, intents },
}: HeardMessage): boolean {
  if (content !== 'text' || !/\p{L}/u.test(text) || entities.bargains) return false;
  return surely(intents).every((name) => KIND_WORDS.has(name));
}

/** Words of somebody who is not content. */
export function isUnhappy({ understanding: { intents, sentiment } }: HeardMessage): boolean {
  return sentiment === 'negative' || surely(intents).includes('complaint');
}

/**
 * Whether a text names somebody who may want a home: an acquaintance with a number, or, to who `wasAsked` for one, an
 * acquaintance who wants a home.
 */
export function namesSomebody(text: string, wasAsked: boolean): boolean {
  if (!ACQUAINTANCE.test(text)) return false;
  return MOBILE.test(text) || (wasAsked && WANTS.test(text));
}

function surely(intents: ScoredIntent[]): Intent[] {
  return intents.flatMap(({ name, confidence }) =>
    confidence >= POLICY[name].confidenceFloor ? [name] : [],
  );
}
