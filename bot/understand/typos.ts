import type { Example } from './examples.ts';
import { seededRandom } from './regression.ts';

/**
 * A copy of each longer example as hurried thumbs would type it: a letter lost, doubled or swapped. In the order of the
 * examples; undefined for the short ones.
 */
export function misspell(examples: Example[], seed: number): (string | undefined)[] {
  const random = seededRandom(seed);
  return examples.map(({ text }) =>
    text.length < 12 ? undefined : text.replace(/\p{L}{4,}/gu, (word) => misspellWord(word, random)),
  );
}

function misspellWord(word: string, random: () => number): string {
  if (random() > 0.3) return word;
  const letters = [...word];
  const at = 1 + Math.floor(random() * (letters.length - 2));
  const kind = random();
  if (kind < 0.4) letters.splice(at, 1);
  else if (kind < 0.6) letters.splice(at, 0, letters[at] ?? '');
  else letters.splice(at, 2, letters[at + 1] ?? '', letters[at] ?? '');
  return letters.join('');
}
