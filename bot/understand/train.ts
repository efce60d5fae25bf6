import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Intent } from '../../flows/types.ts';
import { calibrationError, chooseOffset, chooseTemperature, type Judged } from './calibration.ts';
import { type Example, fingerprint, readExamples } from './examples.ts';
import { COLUMNS, featuresOf, measureRarity, weigh } from './features.ts';
import { foldsOf } from './folds.ts';
import { encodeModel, type Model, outsideProbability, quantise } from './model.ts';
import { type Regression, scoreRow, softmax, trainRegression } from './regression.ts';
import { misspell } from './typos.ts';

/**
 * `npm run train`: reads the examples, measures by cross-validation (near-duplicates kept in one fold), chooses
 * the temperatures, trains on everything and writes `model.bin`. The same examples give the same file.
 */

const FOLDS = 5;
const EPOCHS = 10;
const PENALTY = 1e-4;
const OUTSIDE_WEIGHT = 3;
const SEED = 20_261_122;
const MODEL_PATH = fileURLToPath(new URL('./model.bin', import.meta.url));

/** Two classifiers over the same features: which intent, and whether it is any of them. */
type Trained = { intents: Intent[]; rarity: Float32Array; inside: Regression; outside: Regression };

/** What the classifiers say about a message that they have not seen. */
type Unseen = { example: Example; scores: Float32Array; outsideScore: number };

function run(): void {
  const examples = readExamples();
  const started = performance.now();
  const unseen = crossValidate(examples);
  const trained = train(examples);
  const calibration = calibrate(unseen, trained.intents);
  report(unseen, trained.intents, calibration);
  const bytes = encodeModel(assemble(trained, calibration, fingerprint(examples)));
  writeFileSync(MODEL_PATH, bytes);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  print(`${examples.length} examples, ${(bytes.length / 1e6).toFixed(2)} MB, ${seconds} s`);
}

type Calibration = { temperature: number; outsideTemperature: number; outsideOffset: number };

function crossValidate(examples: Example[]): Unseen[] {
  const folds = foldsOf(
    examples.map((example) => example.text),
    FOLDS,
    SEED,
  );
  return Array.from({ length: FOLDS }, (_, fold) => {
    const trained = train(examples.filter((_, i) => folds[i] !== fold));
    return examples
      .filter((_, i) => folds[i] === fold)
      .map((example) => {
        const row = weigh(featuresOf(example.text), trained.rarity);
        const scores = scoreRow(trained.inside, row);
        const [inScope = 0, outOfScope = 0] = scoreRow(trained.outside, row);
        return { example, scores, outsideScore: outOfScope - inScope };
      });
  }).flat();
}

function train(examples: Example[]): Trained {
  const intents: Intent[] = [...new Set(examples.map(({ intent }) => intent))]
    .filter((intent) => intent !== 'other')
    .sort();
  const taught = [...examples, ...misspell(examples, SEED)];
  const columns = taught.map(({ text }) => featuresOf(text));
  const rarity = measureRarity(columns.slice(0, examples.length));
  const rows = columns.map((each) => weigh(each, rarity));
  const isInside = taught.map(({ intent }) => intent !== 'other');
  const options = { columns: COLUMNS, epochs: EPOCHS, penalty: PENALTY, seed: SEED };
  const inside = trainRegression(
    rows.filter((_, i) => isInside[i]),
    Int32Array.from(taught.filter((_, i) => isInside[i]).map(({ intent }) => intents.indexOf(intent))),
    { ...options, classes: intents.length },
  );
  const outside = trainRegression(
    rows,
    Int32Array.from(isInside, (is) => (is ? 0 : 1)),
    {
      ...options,
      classes: 2,
      exampleWeights: Float32Array.from(isInside, (is) => (is ? 1 : OUTSIDE_WEIGHT)),
    },
  );
  return { intents, rarity, inside, outside };
}

function calibrate(unseen: Unseen[], intents: Intent[]): Calibration {
  const inScope = unseen.filter(({ example }) => example.intent !== 'other');
  const temperature = chooseTemperature(
    inScope.map(({ example, scores }) => ({ scores, label: intents.indexOf(example.intent) })),
  );
  const scale = chooseOffset(
    unseen.map(({ example, outsideScore }) => ({
      score: outsideScore,
      positive: example.intent === 'other',
    })),
  );
  return { temperature, outsideTemperature: scale.temperature, outsideOffset: scale.offset };
}

function judge(unseen: Unseen, intents: Intent[], calibration: Calibration): Judged {
  const { outsideTemperature: temperature, outsideOffset: offset } = calibration;
  const other = outsideProbability(unseen.outsideScore, { temperature, offset });
  const inside = softmax(unseen.scores, calibration.temperature);
  const best = inside.indexOf(Math.max(...inside));
  const confidence = (inside[best] ?? 0) * (1 - other);
  const guess = other > confidence ? 'other' : (intents[best] ?? 'other');
  return {
    expected: unseen.example.intent,
    guess,
    confidence: Math.max(other, confidence),
    text: unseen.example.text,
  };
}

function report(unseen: Unseen[], intents: Intent[], calibration: Calibration): void {
  const judged = unseen.map((each) => judge(each, intents, calibration));
  const share = (part: Judged[], whole: Judged[]) => (part.length / Math.max(1, whole.length)).toFixed(3);
  const right = (list: Judged[]) => list.filter(({ expected, guess }) => expected === guess);
  const inScope = judged.filter(({ expected }) => expected !== 'other');
  const outOfScope = judged.filter(({ expected }) => expected === 'other');
  const sure = judged.filter(({ confidence }) => confidence >= 0.7);
  print(
    `cross-validated accuracy ${share(right(judged), judged)}, in scope ${share(right(inScope), inScope)}`,
  );
  print(`out of scope found ${share(right(outOfScope), outOfScope)}`);
  print(`at confidence 0.7: right ${share(right(sure), sure)}, coverage ${share(sure, judged)}`);
  print(
    `calibration error ${calibrationError(judged).toFixed(3)}, temperature ${calibration.temperature.toFixed(2)}`,
  );
  for (const intent of [...intents, 'other' as const]) {
    const own = judged.filter(({ expected }) => expected === intent);
    const guessed = judged.filter(({ guess }) => guess === intent);
    print(
      `  ${intent.padEnd(20)} ${own.length}  recall ${share(right(own), own)}  precision ${share(right(guessed), guessed)}`,
    );
  }
  if (process.argv.includes('--errors')) {
    for (const { expected, guess, confidence, text } of judged) {
      if (expected !== guess) print(`${expected} -> ${guess} ${confidence.toFixed(2)}: ${text}`);
    }
  }
}

function assemble(trained: Trained, calibration: Calibration, examples: string): Model {
  const inside = quantise(trained.inside);
  const outside = quantise(asDetector(trained.outside));
  return {
    header: {
      intents: trained.intents,
      columns: COLUMNS,
      examples,
      temperature: calibration.temperature,
      biases: [...trained.inside.biases],
      scales: inside.scales,
      outside: {
        bias: (trained.outside.biases[1] ?? 0) - (trained.outside.biases[0] ?? 0),
        scale: outside.scales[0] ?? 0,
        temperature: calibration.outsideTemperature,
        offset: calibration.outsideOffset,
      },
      rarityScale: Math.max(...trained.rarity) / 255,
    },
    rarity: trained.rarity,
    weights: inside.bytes,
    outsideWeights: outside.bytes,
  };
}

/** Two classes say no more than the difference of their weights. */
function asDetector({ weights, biases }: Regression): Regression {
  const differences = Float32Array.from(
    { length: weights.length / 2 },
    (_, i) => (weights[2 * i + 1] ?? 0) - (weights[2 * i] ?? 0),
  );
  return { classes: 1, weights: differences, biases };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

run();
