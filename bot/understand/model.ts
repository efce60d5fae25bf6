import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { INTENTS, type ScoredIntent } from '../../flows/types.ts';
import { COLUMNS, featuresOf, weigh } from './features.ts';
import { type Regression, softmax } from './regression.ts';

/** What a trained model is, apart from its numbers. */
const Header = z.object({
  /** The classes in the order of the weights; everything but `other`, which the detector finds. */
  intents: z.array(z.enum(INTENTS)),
  columns: z.number(),
  /** Fingerprint of the examples it was trained on. */
  examples: z.string(),
  /** How many corrections it learned besides. */
  corrections: z.number(),
  temperature: z.number(),
  biases: z.array(z.number()),
  scales: z.array(z.number()),
  outside: z.object({ bias: z.number(), scale: z.number(), temperature: z.number(), offset: z.number() }),
  rarityScale: z.number(),
  /** Figures of the cross-validation on the examples, by name. */
  crossValidated: z.record(z.string(), z.number()),
});
type ModelHeader = z.infer<typeof Header>;

/** A trained classifier with its weights as signed bytes. */
export type Model = {
  header: ModelHeader;
  rarity: Float32Array;
  weights: Int8Array;
  outsideWeights: Int8Array;
};

/** The model that comes with the product. */
export const SHIPPED_PATH = fileURLToPath(new URL('./model.bin', import.meta.url));

/** Where a model stands that was taught by the corrections of the team as well. */
export function taughtPath(dataDir: string): string {
  return join(dataDir, 'taught-model.bin');
}

/**
 * The model that an installation works with: the one that its team has taught, as long as it was made from the
 * examples that this product comes with; else the product's own. `stale` says that a taught one was passed over.
 */
export function loadTaughtModel(dataDir: string): { model: Model; stale: boolean } {
  const shipped = loadModel();
  const path = taughtPath(dataDir);
  if (!existsSync(path)) return { model: shipped, stale: false };
  try {
    const taught = loadModel(path);
    if (taught.header.examples === shipped.header.examples) return { model: taught, stale: false };
  } catch {
    // Damaged, or of another version of the product: either way it is made anew by the same command.
  }
  return { model: shipped, stale: true };
}

/** Reads a model file; throws when it was trained with other features than these. */
export function loadModel(path = SHIPPED_PATH): Model {
  const bytes = readFileSync(path);
  const headerEnd = 4 + bytes.readUInt32LE(0);
  const header = Header.parse(JSON.parse(bytes.toString('utf8', 4, headerEnd)));
  if (header.columns !== COLUMNS)
    throw new Error('the model was trained with other features: run npm run train');
  const rarityEnd = headerEnd + COLUMNS;
  const weightsEnd = rarityEnd + COLUMNS * header.intents.length;
  return {
    header,
    rarity: Float32Array.from(bytes.subarray(headerEnd, rarityEnd), (byte) => byte * header.rarityScale),
    weights: new Int8Array(bytes.buffer, bytes.byteOffset + rarityEnd, weightsEnd - rarityEnd),
    outsideWeights: new Int8Array(bytes.buffer, bytes.byteOffset + weightsEnd, COLUMNS),
  };
}

/** The bytes of a model file: header length, header, rarities, weights of the classes, weights of the detector. */
export function encodeModel(model: Model): Buffer {
  const header = Buffer.from(JSON.stringify(model.header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const rarity = Buffer.from(model.rarity.map((value) => Math.round(value / model.header.rarityScale)));
  return Buffer.concat([
    length,
    header,
    rarity,
    Buffer.from(model.weights),
    Buffer.from(model.outsideWeights),
  ]);
}

/** One signed byte per weight, with a scale per class so that a class with small weights keeps its detail. */
export function quantise({ classes, weights }: Regression): { scales: number[]; bytes: Int8Array } {
  const scales = new Array<number>(classes).fill(0);
  weights.forEach((weight, i) => {
    scales[i % classes] = Math.max(scales[i % classes] ?? 0, Math.abs(weight) / 127);
  });
  return {
    scales,
    bytes: Int8Array.from(weights, (weight, i) => Math.round(weight / (scales[i % classes] || 1))),
  };
}

/** Every intent with its calibrated probability, surest first; the probabilities sum to one. */
export function classify(model: Model, text: string): ScoredIntent[] {
  const { header, rarity } = model;
  const row = weigh(featuresOf(text), rarity);
  const classes = header.intents.length;
  const sums = new Float32Array(classes);
  let outside = 0;
  for (let i = 0; i < row.columns.length; i++) {
    const column = row.columns[i] ?? 0;
    const value = row.values[i] ?? 0;
    const base = column * classes;
    for (let c = 0; c < classes; c++) sums[c] = (sums[c] ?? 0) + value * (model.weights[base + c] ?? 0);
    outside += value * (model.outsideWeights[column] ?? 0);
  }
  const scores = sums.map((sum, c) => sum * (header.scales[c] ?? 0) + (header.biases[c] ?? 0));
  const detector = outside * header.outside.scale + header.outside.bias;
  const other = outsideProbability(strangeness(detector, scores), header.outside);
  const inside = softmax(scores, header.temperature);
  return [
    ...header.intents.map((name, c) => ({ name, confidence: (inside[c] ?? 0) * (1 - other) })),
    { name: 'other' as const, confidence: other },
  ].sort((a, b) => b.confidence - a.confidence);
}

/**
 * How little a message looks like anything that we know: what the detector says of it, and how undecided (entropy)
 * and how cold (highest score) it leaves the classifier. The shares were chosen by cross-validation, where they told
 * strangers from ours with an AUROC of .89; the detector alone had .84.
 */
export function strangeness(detector: number, scores: Float32Array): number {
  let entropy = 0;
  for (const share of softmax(scores)) entropy -= share * Math.log(share + 1e-9);
  return detector + 2 * entropy - 0.3 * Math.max(...scores);
}

/** The calibrated probability that a message is about something else, from its strangeness. */
export function outsideProbability(
  score: number,
  { temperature, offset }: { temperature: number; offset: number },
): number {
  return 1 / (1 + Math.exp(-(score + offset) / temperature));
}
