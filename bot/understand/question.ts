import type { LabelledChoice, Question, ScoredIntent } from '../../flows/types.ts';
import { foldedWords, wellKnownMeaning } from './phrases.ts';

/** A short answer to a question is left to the flow's own reading unless it clearly means something else. */
const SHORT_ANSWER_WORDS = 3;
/** "1.3 crore tak" sounds like a promise to pay, "within 3 months" like a wish for time: they answer what was asked. */
const PLAIN_ANSWER_WORDS = 6;
const PLAIN_ANSWERS = ['payment_promise', 'payment_extension'];
const CLEARLY = 0.8;
const UNREAD_ANSWER: ScoredIntent = { name: 'other', confidence: 0.4 };
/** In these a short reply to a question is about the question, however sure the classifier is. */
const ABOUT_THE_ANSWER = [
  'visit_book',
  'visit_reschedule',
  'price_query',
  'project_query',
  'payment_promise',
  'payment_extension',
  'affirm',
  'other',
];
const CONTRAST = new Set(foldedWords('but lekin par magar however though except nahi not no'));

/** What the intents of a message become once it is known which question it may be answering. */
export function inLightOf(question: Question, text: string, intents: ScoredIntent[]): ScoredIntent[] {
  const words = foldedWords(text);
  if (question.kind === 'yesNo') return withLeadingAnswer(words, intents);
  if (namesAChoice(words, question.choices)) return [UNREAD_ANSWER];
  const [top] = intents;
  const soundsOfTimeOrMoney = top !== undefined && PLAIN_ANSWERS.includes(top.name);
  // Of a score neither a sum nor a day is an answer.
  const isPlain = soundsOfTimeOrMoney && !asksForScore(question.choices);
  const isShort = words.length <= (isPlain ? PLAIN_ANSWER_WORDS : SHORT_ANSWER_WORDS);
  const isAboutIt =
    top !== undefined && ABOUT_THE_ANSWER.includes(top.name) && isPlain === soundsOfTimeOrMoney;
  const isElsewhere = top !== undefined && top.confidence >= CLEARLY && !isAboutIt;
  return isShort && !isElsewhere ? [UNREAD_ANSWER] : intents;
}

/** "Haan, kal subah" answers the question with its first words; "haan lekin..." must be read as a whole. */
function withLeadingAnswer(words: string[], intents: ScoredIntent[]): ScoredIntent[] {
  for (let length = Math.min(3, words.length - 1); length > 0; length--) {
    const meaning = wellKnownMeaning(words.slice(0, length));
    if (meaning !== 'affirm' && meaning !== 'deny') continue;
    if (words.slice(length).some((word) => CONTRAST.has(word))) return intents;
    const answer: ScoredIntent = { name: meaning, confidence: 0.9 };
    return [answer, ...intents.filter(({ name }) => name !== meaning)].sort(
      (a, b) => b.confidence - a.confidence,
    );
  }
  return intents;
}

function asksForScore(choices: LabelledChoice[]): boolean {
  return choices.length > 0 && choices.every(({ data }) => /^\d$/.test(`${data?.value}`));
}

/** Whether a short message is one of the choices, in whole or by a telling word ("loan" of "home loan"). */
function namesAChoice(words: string[], choices: LabelledChoice[]): boolean {
  const isShort = words.length > 0 && words.length <= SHORT_ANSWER_WORDS;
  return isShort && choices.some((choice) => sharesAWord(words, wordsOfChoice(choice)));
}

function sharesAWord(words: string[], choiceWords: string[]): boolean {
  return (
    words.join('') === choiceWords.join('') ||
    words.some((word) => word.length > 2 && choiceWords.includes(word))
  );
}

/** What names a choice: the last part of its id, and what its label is filled with. */
function wordsOfChoice({ id, data = {} }: LabelledChoice): string[] {
  const fillings = Object.values(data).filter((value) => typeof value === 'string');
  return foldedWords([id.split('.').at(-1) ?? '', ...fillings].join(' '));
}
