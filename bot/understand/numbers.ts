import { foldVowels } from './spelling.ts';
import type { Token } from './tokens.ts';

/** A number and the index of the token after it. */
export type NumberRead = { value: number; next: number };

const NAMES = new Map<string, number>();
name(
  'one ek',
  'two do',
  'three teen tin',
  'four char chaar',
  'five paanch panch',
  'six chhe che chah chhah',
  'seven saat',
  'eight aath',
  'nine nau',
  'ten das dus',
  'eleven gyarah gyara',
  'twelve barah bara baarah',
  'thirteen terah tera',
  'fourteen chaudah chauda',
  'fifteen pandrah pandra',
  'sixteen solah sola',
  'seventeen satrah satra',
  'eighteen atharah athara',
  'nineteen unnis',
  'twenty bees bis',
  '',
  '',
  '',
  '',
  'pachis pachees pachchis',
  '',
  '',
  '',
  '',
  'thirty tees tis',
  '',
  '',
  '',
  '',
  'paintis paintees',
  '',
  '',
  '',
  '',
  'forty fourty chalis chaalis',
  '',
  '',
  '',
  '',
  'paintalis pantalis',
  '',
  '',
  '',
  '',
  'fifty pachas pachaas',
  '',
  '',
  '',
  '',
  'pachpan',
  '',
  '',
  '',
  '',
  'sixty saath saanth',
  '',
  '',
  '',
  '',
  'painsath',
  '',
  '',
  '',
  '',
  'seventy sattar',
  '',
  '',
  '',
  '',
  'pachattar pachhattar pichattar',
  '',
  '',
  '',
  '',
  'eighty assi',
  '',
  '',
  '',
  '',
  'pachasi',
  '',
  '',
  '',
  '',
  'ninety nabbe',
  '',
  '',
  '',
  '',
  'pachanve pachaanve',
);
const ALONE = new Map([
  ...keys('dedh ded derh', 1.5),
  ...keys('dhai adhai dhaai', 2.5),
  ...keys('aadha adha half', 0.5),
]);
const QUARTER_MORE = new Map(keys('sava savaa sawa', 0.25));
const HALF_MORE = new Map(keys('saadhe sadhe saade sade sarhe', 0.5));
const QUARTER_LESS = new Map(keys('paune pauna pone', -0.25));

/** Reads digits or number words, English or Hindi ("80", "twenty five", "dedh", "sava do") starting at a token. */
export function readNumber(tokens: Token[], start: number): NumberRead | undefined {
  const token = tokens[start];
  if (token === undefined) return undefined;
  const alone = ALONE.get(token.key);
  if (alone !== undefined) return { value: alone, next: start + 1 };
  const shift = QUARTER_MORE.get(token.key) ?? HALF_MORE.get(token.key) ?? QUARTER_LESS.get(token.key);
  return shift === undefined ? readPlainNumber(tokens, start) : readShifted(tokens, start, shift);
}

/** "Sava" alone is one and a quarter, "paune" alone three quarters; "sadhe" needs its number. */
function readShifted(tokens: Token[], start: number, shift: number): NumberRead | undefined {
  const base = readPlainNumber(tokens, start + 1);
  if (base !== undefined) return { value: base.value + shift, next: base.next };
  return shift === 0.5 ? undefined : { value: 1 + shift, next: start + 1 };
}

function readPlainNumber(tokens: Token[], start: number): NumberRead | undefined {
  const value = numberAt(tokens[start]);
  if (value === undefined) return undefined;
  const unit = numberAt(tokens[start + 1]);
  const isTens = tokens[start]?.value === undefined && value >= 20 && value % 10 === 0;
  const joins = isTens && unit !== undefined && unit < 10 && tokens[start + 1]?.value === undefined;
  return joins ? { value: value + unit, next: start + 2 } : { value, next: start + 1 };
}

function numberAt(token: Token | undefined): number | undefined {
  return token === undefined ? undefined : (token.value ?? NAMES.get(token.key));
}

function name(...rows: string[]): void {
  rows.forEach((words, i) => {
    for (const word of words.split(' ')) if (word !== '') NAMES.set(foldVowels(word), i + 1);
  });
}

function keys(words: string, value: number): Array<[string, number]> {
  return words.split(' ').map((word) => [foldVowels(word), value]);
}
