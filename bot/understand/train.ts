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

const FOLDS = 4;
const EPOCHS = 8;
const PENALTY = 1e-4;
const OUTSIDE_WEIGHT = 3;
const SEED = 20_261_122;
const MODEL_PATH = fileURLToPath(new URL('./model.bin', import.meta.url));

/** Two classifiers over the same features: which intent, and whether it is any of them. */
type Trained = { intents: Intent[]; rarity: Float32Array; inside: Regression; outside: Regression };

/** An example as features, and as features of its misspelt copy where it is long enough for one. */
type Lesson = { example: Example; columns: Int32Array; misspelt?: Int32Array };

/** What the classifiers say about a message that they have not seen. */
type Unseen = { example: Example; scores: Float32Array; outsideScore: number };

function run(): void {
  const examples = readExamples();
  const started = performance.now();
  const lessons = prepare(examples);
  const unseen = crossValidate(lessons);
  const trained = train(lessons);
  const calibration = calibrate(unseen, trained.intents);
  const crossValidated = report(unseen, trained.intents, calibration);
  const bytes = encodeModel(assemble(trained, calibration, crossValidated, fingerprint(examples)));
  writeFileSync(MODEL_PATH, bytes);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  print(`${examples.length} examples, ${(bytes.length / 1e6).toFixed(2)} MB, ${seconds} s`);
}

type Calibration = { temperature: number; outsideTemperature: number; outsideOffset: number };

/** Reads the features of every example and of its misspelt copy once, for all the trainings that follow. */
function prepare(examples: Example[]): Lesson[] {
  const copies = misspell(examples, SEED);
  return examples.map((example, i) => {
    const copy = copies[i];
    return {
      example,
      columns: featuresOf(example.text),
      ...(copy === undefined ? {} : { misspelt: featuresOf(copy) }),
    };
  });
}

function crossValidate(lessons: Lesson[]): Unseen[] {
  const folds = foldsOf(
    lessons.map(({ example }) => example.text),
    FOLDS,
    SEED,
  );
  return Array.from({ length: FOLDS }, (_, fold) => {
    const trained = train(lessons.filter((_, i) => folds[i] !== fold));
    return lessons
      .filter((_, i) => folds[i] === fold)
      .map(({ example, columns }) => {
        const row = weigh(columns, trained.rarity);
        const scores = scoreRow(trained.inside, row);
        const [inScope = 0, outOfScope = 0] = scoreRow(trained.outside, row);
        return { example, scores, outsideScore: outOfScope - inScope };
      });
  }).flat();
}

function train(lessons: Lesson[]): Trained {
  const intents: Intent[] = [...new Set(lessons.map(({ example }) => example.intent))]
    .filter((intent) => intent !== 'other')
    .sort();
  const rarity = measureRarity(lessons.map(({ columns }) => columns));
  const taught = lessons.flatMap(({ example: { intent }, columns, misspelt }) =>
    (misspelt === undefined ? [columns] : [columns, misspelt]).map((each) => ({ intent, columns: each })),
  );
  const rows = taught.map(({ columns }) => weigh(columns, rarity));
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

/** Prints the figures of the cross-validation, and gives the ones that the model keeps. */
function report(unseen: Unseen[], intents: Intent[], calibration: Calibration): Record<string, number> {
  const judged = unseen.map((each) => judge(each, intents, calibration));
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
  return figures;
}

function assemble(
  trained: Trained,
  calibration: Calibration,
  crossValidated: Record<string, number>,
  examples: string,
): Model {
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
      crossValidated,
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
