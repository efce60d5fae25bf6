import { foldVowels } from './spelling.ts';
import type { Token } from './tokens.ts';

/** A number and the index of the token after it. */
export type NumberRead = { value: number; next: number };

const NAMES = new Map(
  Object.entries({
    1: 'one ek',
    2: 'two do',
    3: 'three teen tin',
    4: 'four char chaar',
    5: 'five paanch panch',
    6: 'six chhe che chah chhah',
    7: 'seven saat',
    8: 'eight aath',
    9: 'nine nau',
    10: 'ten das dus',
    11: 'eleven gyarah gyara',
    12: 'twelve barah bara baarah',
    13: 'thirteen terah tera',
    14: 'fourteen chaudah chauda',
    15: 'fifteen pandrah pandra',
    16: 'sixteen solah sola',
    17: 'seventeen satrah satra',
    18: 'eighteen atharah athara',
    19: 'nineteen unnis',
    20: 'twenty bees bis',
    25: 'pachis pachees pachchis',
    30: 'thirty tees tis',
    35: 'paintis paintees',
    40: 'forty fourty chalis chaalis',
    45: 'paintalis pantalis',
    50: 'fifty pachas pachaas',
    55: 'pachpan',
    60: 'sixty saath saanth',
    65: 'painsath',
    70: 'seventy sattar',
    75: 'pachattar pachhattar pichattar',
    80: 'eighty assi',
    85: 'pachasi',
    90: 'ninety nabbe',
    95: 'pachanve pachaanve',
  }).flatMap(([value, words]) => keys(words, Number(value))),
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

function keys(words: string, value: number): Array<[string, number]> {
  return words.split(' ').map((word) => [foldVowels(word), value]);
}
