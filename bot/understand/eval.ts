import { parseArgs } from 'node:util';
import { POLICY } from '../../flows/policy.ts';
import { INTENTS, type Intent } from '../../flows/types.ts';
import { calibrationError, type Judged } from './calibration.ts';
import { readCorrections } from './corrections.ts';
import { readExamples } from './examples.ts';
import { createLocalUnderstander } from './local.ts';
import { type LabelledMessage, readMessages } from './messages.ts';
import { loadModel, type Model } from './model.ts';
import { PHRASE_FILES, type PhraseFile, readPhrases } from './phraseFiles.ts';
import { teach } from './training.ts';

/**
 * `npm run eval`: what the local understander makes of the test messages, which were written apart from the examples.
 * Beside it the cross-validated figures of the examples, as the last training found them.
 *
 * `npm run eval -- --corrections`: what the corrections of the team would change, before `npm run train --
 * --corrections` makes it so: the figures without and with them, and each message that is read otherwise.
 */

const USAGE = 'usage: npm run eval -- [--corrections]';

type Answered = Judged & { language: string; milliseconds: number };

const NOW = new Date('2026-11-23T04:30:00Z');
const FLOOR = 0.7;
const WORST = 30;

async function run(): Promise<number> {
  try {
    const options = { corrections: { type: 'boolean' } } as const;
    if (parseArgs({ options }).values.corrections) await evaluateCorrections();
    else await evaluate();
    return 0;
  } catch (error) {
    process.stderr.write(`eval: ${error instanceof Error ? error.message : error}\n${USAGE}\n`);
    return 2;
  }
}

async function evaluate(): Promise<void> {
  const model = loadModel();
  const answered = await answer(readMessages('test'), model);
  print(`${answered.length} test messages\n`);
  for (const [name, figure] of figuresOf(answered)) row(name, figure);
  printCost(answered);
  printGroups(
    'intent',
    INTENTS.map((intent) => [intent, scoresOf(intent, answered)]),
  );
  printLanguages(answered);
  printConfusions(answered);
  printPhrases();
  print('\nThe examples, cross-validated by the last training');
  for (const [name, value] of Object.entries(model.header.crossValidated)) row(name, value.toFixed(3));
}

/** The same lessons with and without the corrections, so that nothing else makes the difference. */
async function evaluateCorrections(): Promise<void> {
  const corrections = await readCorrections(process.env);
  print(`${corrections.length} corrections`);
  if (corrections.length === 0) return;
  const without = teach({ examples: readExamples(), corrections: [] });
  const withThem = teach({ examples: readExamples(), corrections });
  const messages = readMessages('test');
  const before = await answer(messages, without);
  const after = await answer(messages, withThem);
  print(`\n  ${`${messages.length} test messages`.padEnd(28)} without  with`);
  const figuresAfter = new Map(figuresOf(after));
  for (const [name, figure] of figuresOf(before))
    row(name, `${figure.padEnd(8)} ${figuresAfter.get(name) ?? ''}`);
  printChanges('test messages read otherwise', before, after);
  const corrected = corrections.map((each) => ({ ...each, language: '' }));
  printChanges(
    'corrected messages read otherwise',
    await answer(corrected, without),
    await answer(corrected, withThem),
  );
}

function printChanges(title: string, before: Answered[], after: Answered[]): void {
  const changes = before.flatMap((was, i) => {
    const is = after[i];
    return is && is.guess !== was.guess ? [{ was, is }] : [];
  });
  print(`\n${title}: ${changes.length} of ${before.length}`);
  for (const { was, is } of changes) {
    const verdict =
      is.guess === is.expected ? 'right now' : was.guess === was.expected ? 'wrong now' : 'wrong still';
    print(`  ${verdict}: ${was.guess} -> ${is.guess}, meant ${is.expected}: ${is.text}`);
  }
}

async function answer(messages: Omit<LabelledMessage, 'id'>[], model: Model): Promise<Answered[]> {
  const understander = createLocalUnderstander(model);
  const context = { now: NOW, timeZone: 'Asia/Kolkata' };
  // The first messages of a process are slow for the engine's sake, and no buyer is measured by them.
  for (const { text } of messages) await understander.understand(text, context);
  const answered: Answered[] = [];
  for (const { text, intent, language } of messages) {
    const started = performance.now();
    const { intents } = await understander.understand(text, context);
    const milliseconds = performance.now() - started;
    const { name: guess, confidence } = intents[0] ?? { name: 'other' as const, confidence: 0 };
    answered.push({ text, expected: intent, guess, confidence, language, milliseconds });
  }
  return answered;
}

/** The figures by name, as they are printed. */
function figuresOf(answered: Answered[]): [string, string][] {
  const kept = answered.filter(({ confidence }) => confidence >= FLOOR);
  const routed = answered.filter(({ expected, guess }) => POLICY[expected].owner === POLICY[guess].owner);
  const scores = INTENTS.map((intent) => scoresOf(intent, answered));
  return [
    ['top-1', share(right(answered), answered)],
    ['macro F1', (scores.reduce((sum, { f1 }) => sum + f1, 0) / scores.length).toFixed(3)],
    ['right owner', share(routed, answered)],
    ['calibration error', calibrationError(answered).toFixed(3)],
    [`kept at ${FLOOR}`, share(kept, answered)],
    ['right among the kept', share(right(kept), kept)],
    ['out of scope: recall', scoresOf('other', answered).recall.toFixed(3)],
    ['out of scope: precision', scoresOf('other', answered).precision.toFixed(3)],
    ['opt_out recall', scoresOf('opt_out', answered).recall.toFixed(3)],
    ['payment_claim precision', scoresOf('payment_claim', answered).precision.toFixed(3)],
  ];
}

function printCost(answered: Answered[]): void {
  const times = answered.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  row('latency p50, ms', (times[Math.floor(times.length * 0.5)] ?? 0).toFixed(2));
  row('latency p99, ms', (times[Math.floor(times.length * 0.99)] ?? 0).toFixed(2));
  row('memory (RSS), MB', (process.memoryUsage().rss / 1e6).toFixed(0));
}

type Scores = { count: number; precision: number; recall: number; f1: number };

function scoresOf(intent: Intent, answered: Answered[]): Scores {
  const own = answered.filter(({ expected }) => expected === intent);
  const guessed = answered.filter(({ guess }) => guess === intent);
  const precision = right(guessed).length / Math.max(1, guessed.length);
  const recall = right(own).length / Math.max(1, own.length);
  return {
    count: own.length,
    precision,
    recall,
    f1: (2 * precision * recall) / (precision + recall || 1),
  };
}

function printLanguages(answered: Answered[]): void {
  const languages = [...new Set(answered.map(({ language }) => language))].sort();
  printGroups(
    'language, averaged over its intents',
    languages.map((language) => {
      const own = answered.filter((each) => each.language === language);
      const intents = [...new Set(own.map(({ expected }) => expected))];
      const scores = intents.map((intent) => scoresOf(intent, own));
      const mean = (pick: (each: Scores) => number) =>
        scores.reduce((sum, each) => sum + pick(each), 0) / scores.length;
      return [
        language,
        {
          count: own.length,
          precision: mean((each) => each.precision),
          recall: mean((each) => each.recall),
          f1: mean((each) => each.f1),
        },
      ];
    }),
  );
}

function printGroups(title: string, groups: Array<[string, Scores]>): void {
  print(`\n${title.padEnd(40)} n  precision  recall     F1`);
  for (const [name, { count, precision, recall, f1 }] of groups) {
    const figures = [precision, recall, f1].map((figure) => figure.toFixed(2).padStart(7)).join('  ');
    print(`  ${name.padEnd(36)} ${String(count).padStart(3)}   ${figures}`);
  }
}

/** The wrong answers, the surest of themselves first: those do the most harm. */
function printConfusions(answered: Answered[]): void {
  print('\nworst confusions');
  const wrong = answered.filter(({ expected, guess }) => expected !== guess);
  wrong.sort((a, b) => b.confidence - a.confidence);
  for (const { expected, guess, confidence, language, text } of wrong.slice(0, WORST)) {
    print(`  ${confidence.toFixed(2)} ${expected} -> ${guess} [${language}]: ${text}`);
  }
}

/** Beside today's figure the one of the first reading, before anybody had seen what was misread. */
function printPhrases(): void {
  print(`\n${'dates, amounts and references'.padEnd(36)} n  at first     now`);
  for (const [file, { firstRead }] of Object.entries(PHRASE_FILES)) {
    const { count, misses } = readPhrases(file as PhraseFile);
    const shares = [firstRead, count - misses.length].map((read) => (read / count).toFixed(3).padStart(8));
    print(`  ${`${file} phrases, exactly`.padEnd(32)} ${String(count).padStart(4)}  ${shares.join('')}`);
  }
}

function right<T extends Judged>(judged: T[]): T[] {
  return judged.filter(({ expected, guess }) => expected === guess);
}

function share(part: unknown[], whole: unknown[]): string {
  return (part.length / Math.max(1, whole.length)).toFixed(3);
}

function row(name: string, figure: string): void {
  print(`  ${name.padEnd(28)} ${figure}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exit(await run());
