import { foldVowels, romanise } from './spelling.ts';

/** A word, number or sign of a message as the entity rules see it. */
export type Token = {
  /** The word with its vowels folded, for comparing. */
  key: string;
  /** The word as typed, in lower-case Latin letters. */
  raw: string;
  /** The number it is, when it is written in digits. */
  value?: number;
  /** Stands directly after the token before it: the "k" of "10k". */
  glued: boolean;
  /** Written with thousands separators: "5,00,000". */
  grouped?: boolean;
};

const TOKEN = /\d{1,3}(?:,\d{2,3})+(?:\.\d+)?|\d+(?:\.\d+)?|[\p{L}\p{M}]+|[₹:/\-–—.?!,%&@~]/gu;

/** The tokens of a message in order; apostrophes are dropped and dotted dates become slashed ones. */
export function tokenise(text: string): Token[] {
  const plain = romanise(text)
    .replace(/'/gu, '')
    .replace(/(\d{1,2})\.(\d{1,2})\.(\d{2,4})/gu, '$1/$2/$3');
  const tokens: Token[] = [];
  let end = 0;
  for (const match of plain.matchAll(TOKEN)) {
    const raw = match[0];
    const glued = match.index === end && match.index > 0;
    end = match.index + raw.length;
    if (/^\d/u.test(raw)) tokens.push(numberToken(raw, glued));
    else tokens.push({ key: foldVowels(raw), raw, glued });
  }
  return tokens;
}

/** Words written as buyers spell them, as a set of keys to compare tokens with. */
export function keySet(words: string): ReadonlySet<string> {
  return new Set(words.split(' ').map(foldVowels));
}

function numberToken(raw: string, glued: boolean): Token {
  return { key: '#', raw, value: Number(raw.replaceAll(',', '')), glued, grouped: raw.includes(',') };
}
