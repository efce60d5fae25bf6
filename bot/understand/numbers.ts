import { foldVowels } from './spelling.ts';
import type { Token } from './tokens.ts';

/** A number and the index of the token after it. */
export type NumberRead = { value: number; next: number };

const NAMES = new Map(
  Object.entries({
    1: 'one ek',
    2: 'two do don',
    3: 'three teen tin',
    4: 'four char chaar',
    5: 'five paanch panch paach',
    6: 'six saha chhe che chah chhah chha cha',
    7: 'seven saat',
    8: 'eight aath',
    9: 'nine nau',
    10: 'ten das dus daha',
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
    21: 'ikkis ikis',
    22: 'bais baais',
    23: 'teis teyis ties',
    24: 'chaubis chobis',
    25: 'pachis pachees pachchis',
    26: 'chhabbis chabbis',
    27: 'sattais sataais',
    28: 'atthais athais',
    29: 'untis unatis',
    30: 'thirty tees tis',
    31: 'iktis ikattis',
    32: 'battis',
    33: 'taintis tentis',
    34: 'chauntis chautis',
    35: 'paintis paintees',
    36: 'chhattis chattis',
    37: 'saintis',
    38: 'adtis artis',
    39: 'untalis',
    40: 'forty fourty chalis chaalis',
    41: 'iktalis',
    42: 'bayalis bayaalis',
    43: 'taintalis',
    44: 'chauvalis chavalis',
    45: 'paintalis pantalis',
    46: 'chhiyalis chiyalis',
    47: 'saintalis',
    48: 'adtalis artalis',
    49: 'unchas',
    50: 'fifty pachas pachaas',
    51: 'ikyavan ikyaavan ikyawan ikavan',
    52: 'bavan baavan',
    53: 'tirpan',
    54: 'chauvan chavan',
    55: 'pachpan',
    56: 'chhappan chappan',
    57: 'sattavan satavan',
    58: 'atthavan athavan',
    59: 'unsath',
    60: 'sixty saath saanth',
    61: 'iksath',
    62: 'basath',
    63: 'tirsath tiresath',
    64: 'chaunsath chausath',
    65: 'painsath paisath',
    66: 'chhiyasath chiyasath',
    67: 'sadsath sarsath',
    68: 'adsath arsath',
    69: 'unhattar',
    70: 'seventy sattar',
    71: 'ikhattar',
    72: 'bahattar',
    73: 'tihattar',
    74: 'chauhattar',
    75: 'pachattar pachhattar pichattar pachahattar',
    76: 'chhihattar chihattar',
    77: 'sathattar',
    78: 'athattar',
    79: 'unyasi unasi',
    80: 'eighty assi',
    81: 'ikyasi',
    82: 'bayasi',
    83: 'tirasi',
    84: 'chaurasi',
    85: 'pachasi',
    86: 'chhiyasi chiyasi',
    87: 'sattasi satasi',
    88: 'atthasi athasi',
    89: 'navasi',
    90: 'ninety nabbe',
    91: 'ikyanve ikyaanve',
    92: 'banve baanve',
    93: 'tiranve',
    94: 'chauranve',
    95: 'pachanve pachaanve',
    96: 'chhiyanve chiyanve',
    97: 'sattanve',
    98: 'atthanve',
    99: 'ninyanve ninyaanve',
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

/** Reads digits or number words ("80", "twenty five", "two and a half", "one point two", "dedh", "sava do"). */
export function readNumber(tokens: Token[], start: number): NumberRead | undefined {
  const token = tokens[start];
  if (token === undefined) return undefined;
  const alone = ALONE.get(token.key);
  if (alone !== undefined) return { value: alone, next: start + 1 };
  const shift = QUARTER_MORE.get(token.key) ?? HALF_MORE.get(token.key) ?? QUARTER_LESS.get(token.key);
  if (shift !== undefined) return readShifted(tokens, start, shift);
  const joined = readJoined(token);
  if (joined !== undefined) return { value: joined, next: start + 1 };
  const whole = readPlainNumber(tokens, start);
  return whole === undefined ? undefined : (withHalf(tokens, whole) ?? withDecimals(tokens, whole) ?? whole);
}

/** Marathi writes in one word what Hindi writes in two: साडेपाच, पावणेतीन. */
function readJoined({ key, raw }: Token): number | undefined {
  if (raw === 'deed') return 1.5;
  const [, shift = '', rest = ''] = /^(sade|sava|paune|pavne)(.+)$/u.exec(key) ?? [];
  const value = NAMES.get(rest);
  if (value === undefined) return undefined;
  return value + ({ sade: 0.5, sava: 0.25 }[shift] ?? -0.25);
}

/** "Two and a half"; "two and half a lakh" is not told from it. */
function withHalf(tokens: Token[], { value, next }: NumberRead): NumberRead | undefined {
  const joint = tokens[next]?.raw;
  if (joint !== 'and' && joint !== 'n' && joint !== '&') return undefined;
  const at = tokens[next + 1]?.raw === 'a' ? next + 2 : next + 1;
  return tokens[at]?.raw === 'half' ? { value: value + 0.5, next: at + 1 } : undefined;
}

/** "One point two", "1 point 25", as people speak and phones write it. */
function withDecimals(tokens: Token[], { value, next }: NumberRead): NumberRead | undefined {
  const decimals = tokens[next]?.raw === 'point' ? readPlainNumber(tokens, next + 1) : undefined;
  if (decimals === undefined || !Number.isInteger(value) || !Number.isInteger(decimals.value))
    return undefined;
  return { value: Number(`${value}.${decimals.value}`), next: decimals.next };
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
