/** Multinomial logistic regression on sparse rows, trained by AdaGrad; the same seed gives the same weights. */

/** A sparse vector: `values[i]` stands at column `columns[i]`. */
export type SparseRow = { columns: Int32Array; values: Float32Array };

/** Weights laid out column by column: `weights[column * classes + class]`. */
export type Regression = { classes: number; weights: Float32Array; biases: Float32Array };

export type TrainingOptions = {
  classes: number;
  columns: number;
  epochs: number;
  /** L2 penalty per update of a touched weight. */
  penalty: number;
  seed: number;
  /** How much each example counts; absent means one each. */
  exampleWeights?: Float32Array;
};

const LEARNING_RATE = 0.15;

/** A class that errs by less than this on an example learns nothing from it: most classes, most of the time. */
const NEGLIGIBLE_ERROR = 2e-3;

/** Fits the rows to their class numbers. */
export function trainRegression(rows: SparseRow[], labels: Int32Array, options: TrainingOptions): Regression {
  const { classes, columns, epochs } = options;
  const model = { classes, weights: new Float32Array(columns * classes), biases: new Float32Array(classes) };
  const history = new Float32Array(columns * classes).fill(1e-6);
  const biasHistory = new Float32Array(classes).fill(1e-6);
  const random = seededRandom(options.seed);
  const order = rows.map((_, i) => i);
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random);
    for (const i of order) {
      const row = rows[i];
      if (row === undefined) continue;
      const errors = softmax(scoreRow(model, row));
      errors[labels[i] ?? 0] = (errors[labels[i] ?? 0] ?? 0) - 1;
      const weight = options.exampleWeights?.[i] ?? 1;
      for (let c = 0; c < classes; c++) errors[c] = (errors[c] ?? 0) * weight;
      updateWeights(model, row, errors, history, options.penalty);
      updateBiases(model, errors, biasHistory);
    }
  }
  return model;
}

/** The raw score (logit) of each class for one row. */
export function scoreRow(model: Regression, row: SparseRow): Float32Array {
  const { classes, weights } = model;
  const scores = Float32Array.from(model.biases);
  for (let i = 0; i < row.columns.length; i++) {
    const base = (row.columns[i] ?? 0) * classes;
    const value = row.values[i] ?? 0;
    for (let c = 0; c < classes; c++) scores[c] = (scores[c] ?? 0) + value * (weights[base + c] ?? 0);
  }
  return scores;
}

/** Probabilities that sum to one; a higher temperature makes them humbler. */
export function softmax(scores: Float32Array, temperature = 1): Float32Array {
  const result = new Float32Array(scores.length);
  let highest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < scores.length; c++) highest = Math.max(highest, scores[c] ?? 0);
  let sum = 0;
  for (let c = 0; c < scores.length; c++) {
    const value = Math.exp(((scores[c] ?? 0) - highest) / temperature);
    result[c] = value;
    sum += value;
  }
  for (let c = 0; c < scores.length; c++) result[c] = (result[c] ?? 0) / sum;
  return result;
}

/** A small fast generator of numbers in [0, 1), the same sequence for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Puts the items in a random order, in place (Fisher-Yates). */
export function shuffle<T>(items: T[], random: () => number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const [a, b] = [items[i], items[j]];
    if (a !== undefined && b !== undefined) [items[i], items[j]] = [b, a];
  }
}

function updateWeights(
  { classes, weights }: Regression,
  row: SparseRow,
  errors: Float32Array,
  history: Float32Array,
  penalty: number,
): void {
  const erring = Int32Array.from(errors.keys()).filter((c) => Math.abs(errors[c] ?? 0) > NEGLIGIBLE_ERROR);
  for (let i = 0; i < row.columns.length; i++) {
    const base = (row.columns[i] ?? 0) * classes;
    const value = row.values[i] ?? 0;
    for (let e = 0; e < erring.length; e++) {
      const c = erring[e] ?? 0;
      const at = base + c;
      const gradient = (errors[c] ?? 0) * value + penalty * (weights[at] ?? 0);
      const seen = (history[at] ?? 0) + gradient * gradient;
      history[at] = seen;
      weights[at] = (weights[at] ?? 0) - (LEARNING_RATE * gradient) / Math.sqrt(seen);
    }
  }
}

function updateBiases({ classes, biases }: Regression, errors: Float32Array, history: Float32Array): void {
  for (let c = 0; c < classes; c++) {
    const gradient = errors[c] ?? 0;
    const seen = (history[c] ?? 0) + gradient * gradient;
    history[c] = seen;
    biases[c] = (biases[c] ?? 0) - (0.1 * gradient) / Math.sqrt(seen);
  }
}
