import { tokensOf } from './features.ts';
import { seededRandom, shuffle } from './regression.ts';
import { skeleton } from './spelling.ts';

/** Two messages whose words overlap this much count as the same message told twice. */
const NEAR = 0.5;

/**
 * The fold (0 to `count` - 1) of each text for cross-validation. Near-duplicates share a fold: otherwise a message
 * would be tested on its own twin and the figures would flatter.
 */
export function foldsOf(texts: string[], count: number, seed: number): number[] {
  const groups = groupNearDuplicates(texts);
  const ids = [...new Set(groups)];
  shuffle(ids, seededRandom(seed));
  const foldOfGroup = new Map(ids.map((id, i) => [id, i % count]));
  return groups.map((group) => foldOfGroup.get(group) ?? 0);
}

/** For each text the index of the first text that it is near to, directly or through others. */
function groupNearDuplicates(texts: string[]): number[] {
  const words = texts.map((text) => new Set(tokensOf(text).map((token) => skeleton(token) || token)));
  const groups = texts.map((_, i) => i);
  const groupOf = (i: number): number => (groups[i] === i ? i : groupOf(groups[i] ?? i));
  const textsWith = new Map<string, number[]>();
  words.forEach((own, i) => {
    const shared = new Uint16Array(i);
    for (const word of own) {
      const earlier = textsWith.get(word) ?? [];
      for (const j of earlier) shared[j] = (shared[j] ?? 0) + 1;
      earlier.push(i);
      textsWith.set(word, earlier);
    }
    shared.forEach((count, j) => {
      const all = own.size + (words[j]?.size ?? 0) - count;
      if (count > 0 && count >= NEAR * all) groups[groupOf(i)] = groupOf(j);
    });
  });
  return groups.map((_, i) => groupOf(i));
}
