import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { INTENTS } from '../../flows/types.ts';
import { readConfig } from '../config.ts';
import { calibrationError, type Judged } from './calibration.ts';
import { readCorrections } from './corrections.ts';
import { crossValidateAside } from './crossValidation.ts';
import { type Example, readExamples } from './examples.ts';
import { encodeModel, SHIPPED_PATH, taughtPath } from './model.ts';
import { teach } from './training.ts';

/**
 * `npm run train`: reads the examples, measures by cross-validation (near-duplicates kept in one fold), trains on
 * everything, chooses the scale of confidence on messages written apart and writes `model.bin`. The same examples give the same file.
 *
 * `npm run train -- --corrections` adds what people have corrected on cases and writes the model into DATA_DIR
 * instead, where the product finds it at its next start. `--errors` lists what the cross-validation got wrong.
 */

const USAGE = 'usage: npm run train -- [--corrections] [--errors]';

async function run(): Promise<number> {
  const wanted = readArguments();
  if (typeof wanted === 'string') {
    process.stderr.write(`${wanted}\n${USAGE}\n`);
    return 2;
  }
  const examples = readExamples();
  const corrections = wanted.corrections ? await readCorrections(process.env) : [];
  const path = wanted.corrections ? taughtPath(readConfig(process.env).dataDir) : SHIPPED_PATH;
  if (wanted.corrections && corrections.length === 0) {
    print('nobody has corrected anything yet: no model was written');
    return 0;
  }
  const started = performance.now();
  const judging = crossValidateAside({ examples, corrections });
  const model = teach({ examples, corrections });
  const crossValidated = report(await judging, wanted.errors);
  const bytes = encodeModel({ ...model, header: { ...model.header, crossValidated } });
  write(path, bytes);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  print(`${count({ examples, corrections })}, ${(bytes.length / 1e6).toFixed(2)} MB, ${seconds} s`);
  return 0;
}

/** What is wanted, or what is wrong with the arguments. */
function readArguments(): { corrections: boolean; errors: boolean } | string {
  try {
    const options = { corrections: { type: 'boolean' }, errors: { type: 'boolean' } } as const;
    const { corrections = false, errors = false } = parseArgs({ options }).values;
    return { corrections, errors };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whoever reads the file meanwhile gets the old one or the new one whole. */
function write(path: string, bytes: Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
}

function count({ examples, corrections }: { examples: Example[]; corrections: Example[] }): string {
  const taught = `${examples.length} examples`;
  return corrections.length === 0 ? taught : `${taught} and ${corrections.length} corrections`;
}

/** Prints the figures of the cross-validation, and gives the ones that the model keeps. */
function report(judged: Judged[], withErrors: boolean): Record<string, number> {
  const portion = (part: Judged[], whole: Judged[]) => part.length / Math.max(1, whole.length);
  const share = (part: Judged[], whole: Judged[]) => portion(part, whole).toFixed(3);
  const right = (list: Judged[]) => list.filter(({ expected, guess }) => expected === guess);
  const inScope = judged.filter(({ expected }) => expected !== 'other');
  const outOfScope = judged.filter(({ expected }) => expected === 'other');
  const sure = judged.filter(({ confidence }) => confidence >= 0.7);
  const figures = {
    accuracy: portion(right(judged), judged),
    'accuracy in scope': portion(right(inScope), inScope),
    'out of scope: recall': portion(right(outOfScope), outOfScope),
    'kept at 0.7': portion(sure, judged),
    'right among the kept': portion(right(sure), sure),
    'calibration error': calibrationError(judged),
  };
  for (const [name, figure] of Object.entries(figures)) print(`${name} ${figure.toFixed(3)}`);
  for (const intent of INTENTS) {
    const own = judged.filter(({ expected }) => expected === intent);
    const guessed = judged.filter(({ guess }) => guess === intent);
    print(
      `  ${intent.padEnd(20)} ${own.length}  recall ${share(right(own), own)}  precision ${share(right(guessed), guessed)}`,
    );
  }
  if (withErrors) {
    for (const { expected, guess, confidence, text } of judged) {
      if (expected !== guess) print(`${expected} -> ${guess} ${confidence.toFixed(2)}: ${text}`);
    }
  }
  return figures;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

run().then(
  // What waits in the database's client is of no use any more.
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`train: ${error instanceof Error ? error.message : error}\n`);
    process.exit(2);
  },
);
