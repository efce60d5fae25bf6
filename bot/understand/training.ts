import type { Intent } from '../../flows/types.ts';
import { chooseOffset, chooseTemperature, type Judged } from './calibration.ts';
import { type Example, fingerprint } from './examples.ts';
import { COLUMNS, featuresOf, measureRarity, weigh } from './features.ts';
import { foldsOf } from './folds.ts';
import { readMessages } from './messages.ts';
import { type Model, outsideProbability, quantise, strangeness } from './model.ts';
import { type Regression, scoreRow, softmax, trainRegression } from './regression.ts';
import { misspell } from './typos.ts';

const FOLDS = 3;
const EPOCHS = 8;
const PENALTY = 1e-4;
const OUTSIDE_WEIGHT = 3;
const SEED = 20_261_122;

/** How confident a model may be: chosen on messages that it had not seen. */
type Calibration = { temperature: number; outsideTemperature: number; outsideOffset: number };

/** Two classifiers over the same features: which intent, and whether it is any of them. */
type Trained = { intents: Intent[]; rarity: Float32Array; inside: Regression; outside: Regression };

/** An example as features, and as features of its misspelt copy where it is long enough for one. */
type Lesson = { example: Example; columns: Int32Array; misspelt?: Int32Array };

/** What the classifiers say about a message that they have not seen. */
type Unseen = { example: Example; scores: Float32Array; strange: number };

/** What a training starts from: the examples that come with the product, and what people have corrected since. */
export type Lessons = { examples: Example[]; corrections: Example[] };

/**
 * The model that these lessons make, its confidence set by the messages of `calibration.jsonl`. The same lessons make
 * the same model.
 */
export function teach({ examples, corrections }: Lessons): Model {
  const trained = train(prepare(joined({ examples, corrections })));
  const apart = readMessages('calibration')
    .filter(({ intent }) => intent === 'other' || trained.intents.includes(intent))
    .map((example) => unseenBy(trained, example, featuresOf(example.text)));
  return assemble(trained, calibrate(apart, trained.intents), {
    examples: fingerprint(examples),
    corrections: corrections.length,
    crossValidated: {},
  });
}

/**
 * How well examples like these are understood when they have not been seen: each is judged by a model that was
 * trained on the others, near-duplicates left out.
 */
export function crossValidate(lessons: Lessons): Judged[] {
  const prepared = prepare(joined(lessons));
  const intents = intentsOf(prepared);
  const unseen = judgeUnseen(prepared);
  const calibration = calibrate(unseen, intents);
  return unseen.map((each) => judge(each, intents, calibration));
}

/** A person's word about a message counts more than an example with the same words. */
function joined({ examples, corrections }: Lessons): Example[] {
  const corrected = new Set(corrections.map(({ text }) => text.toLowerCase()));
  return [...examples.filter(({ text }) => !corrected.has(text.toLowerCase())), ...corrections];
}

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

function judgeUnseen(lessons: Lesson[]): Unseen[] {
  const folds = foldsOf(
    lessons.map(({ example }) => example.text),
    FOLDS,
    SEED,
  );
  return Array.from({ length: FOLDS }, (_, fold) => {
    const trained = train(lessons.filter((_, i) => folds[i] !== fold));
    return lessons
      .filter((_, i) => folds[i] === fold)
      .map(({ example, columns }) => unseenBy(trained, example, columns));
  }).flat();
}

function unseenBy(trained: Trained, example: Example, columns: Int32Array): Unseen {
  const row = weigh(columns, trained.rarity);
  const scores = scoreRow(trained.inside, row);
  const [inScope = 0, outOfScope = 0] = scoreRow(trained.outside, row);
  return { example, scores, strange: strangeness(outOfScope - inScope, scores) };
}

function train(lessons: Lesson[]): Trained {
  const intents = intentsOf(lessons);
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

/** The classes: everything but `other`, which the detector finds. */
function intentsOf(lessons: Lesson[]): Intent[] {
  return [...new Set(lessons.map(({ example }) => example.intent))]
    .filter((intent) => intent !== 'other')
    .sort();
}

function calibrate(unseen: Unseen[], intents: Intent[]): Calibration {
  const inScope = unseen.filter(({ example }) => example.intent !== 'other');
  const temperature = chooseTemperature(
    inScope.map(({ example, scores }) => ({ scores, label: intents.indexOf(example.intent) })),
  );
  const scale = chooseOffset(
    unseen.map(({ example, strange }) => ({
      score: strange,
      positive: example.intent === 'other',
    })),
  );
  return { temperature, outsideTemperature: scale.temperature, outsideOffset: scale.offset };
}

function judge(unseen: Unseen, intents: Intent[], calibration: Calibration): Judged {
  const { outsideTemperature: temperature, outsideOffset: offset } = calibration;
  const other = outsideProbability(unseen.strange, { temperature, offset });
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

function assemble(
  trained: Trained,
  calibration: Calibration,
  origin: Pick<Model['header'], 'examples' | 'corrections' | 'crossValidated'>,
): Model {
  const inside = quantise(trained.inside);
  const outside = quantise(asDetector(trained.outside));
  return {
    header: {
      intents: trained.intents,
      columns: COLUMNS,
      ...origin,
      temperature: calibration.temperature,
      biases: [...trained.inside.biases],
      scales: inside.scales,
      outside: {
        bias: (trained.outside.biases[1] ?? 0) - (trained.outside.biases[0] ?? 0),
        scale: outside.scales[0] ?? 0,
        temperature: calibration.outsideTemperature,
        offset: calibration.outsideOffset,
      },
      rarityScale: trained.rarity.reduce((most, each) => Math.max(most, each), 0) / 255,
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
