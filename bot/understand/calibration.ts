import type { Intent } from '../../flows/types.ts';
import { softmax } from './regression.ts';

/** A guess about a message whose meaning is known. */
export type Judged = { text: string; expected: Intent; guess: Intent; confidence: number };

/** The temperature under which the known labels are the least surprising. */
export function chooseTemperature(cases: Array<{ scores: Float32Array; label: number }>): number {
  const surprise = (temperature: number) =>
    cases.reduce(
      (sum, { scores, label }) => sum - Math.log((softmax(scores, temperature)[label] ?? 0) + 1e-9),
      0,
    );
  return lowest(range(0.2, 3, 0.05), surprise);
}

/** The offset and temperature under which a yes-or-no score is the least surprising. */
export function chooseOffset(cases: Array<{ score: number; positive: boolean }>): {
  temperature: number;
  offset: number;
} {
  const surprise = ({ temperature, offset }: { temperature: number; offset: number }) =>
    cases.reduce((sum, { score, positive }) => {
      const margin = ((score + offset) / temperature) * (positive ? 1 : -1);
      return sum + Math.log1p(Math.exp(-margin));
    }, 0);
  const choices = range(0.2, 4, 0.1).flatMap((temperature) =>
    range(-12, 6, 0.25).map((offset) => ({ temperature, offset })),
  );
  return lowest(choices, surprise);
}

/** Expected calibration error over ten bins: how far confidence is from being right, weighted by bin size. */
export function calibrationError(judged: Judged[]): number {
  let error = 0;
  for (let bin = 0; bin < 10; bin++) {
    const inBin = judged.filter(({ confidence }) => Math.min(9, Math.floor(confidence * 10)) === bin);
    const right = inBin.filter(({ expected, guess }) => expected === guess).length;
    const confidence = inBin.reduce((sum, each) => sum + each.confidence, 0);
    error += Math.abs(right - confidence) / judged.length;
  }
  return error;
}

function lowest<T>(choices: T[], cost: (choice: T) => number): T {
  const costs = choices.map(cost);
  const best = choices[costs.indexOf(Math.min(...costs))];
  if (best === undefined) throw new Error('nothing to choose from');
  return best;
}

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);
}
