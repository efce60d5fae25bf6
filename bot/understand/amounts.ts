import { readNumber } from './numbers.ts';
import { keySet, type Token } from './tokens.ts';

/** The money in a message, in integer paise, and the places of the tokens it was read from. */
export type Money = { amountPaise?: number; budgetPaise?: number; used: ReadonlySet<number> };

type Amount = { paise: number; start: number; next: number; isRange: boolean };

const CRORE = keySet('crore crores cr crs karod karor carore carod croer koti kotee');
const LAKH = keySet('lakh lakhs lac lacs laakh lk lkh l lakhon');
const THOUSAND = keySet('thousand thousands hazar hazaar hajar hajaar hzr hzar k');
const HUNDRED = keySet('hundred sau');
const CURRENCY = keySet('₹ rs inr rupees rupee rupye rupae rupaye rupay rupe rupaya rupiya');
const TO = keySet('- – — se to and aur');
const LIMIT_BEFORE = keySet(
  'under below upto within range max maximum around approx lagbhag kareeb than near',
);
const LIMIT_AFTER = keySet('tak range max maximum andar bheetar bhitar neeche approx');
const LIMIT_FILLER = keySet('ke k ki ka se hi is my the like rs');
const PAYING = keySet(
  'paid pay payment transfer transferred bheja bhej bheje bhejunga daal daale daala debited credited deposit deposited jama ' +
    'neft rtgs imps upi gpay phonepe paytm cheque emi kist demand refund return wapas token receipt bhugtan amount receive sent ' +
    'dal dale interest byaj penalty charged balance due pese paise paisa',
);
/** Giving, which makes an amount a payment, though not every number a payment's amount. */
const GIVING = keySet('dunga dungi denge diya diye dedunga bharunga bharungi bharenge clear');

const NUMBERED = keySet(
  'no number ticket flat unit booking receipt tower cheque room pin code pincode phone clause case form plot id',
);
const RUPEE = 100;
const LARGEST_RUPEES = 1_000_000_000;

/**
 * Reads amounts ("5 lakh", "₹ 5,00,000", "sava karod", "one lakh twenty thousand"). Of a range the upper end counts.
 * An amount is also a budget when the message says so, or gives a range, and does not speak of paying.
 */
export function readAmounts(tokens: Token[]): Money {
  const amounts = findAmounts(tokens);
  const used = new Set(
    amounts.flatMap(({ start, next }) => Array.from({ length: next - start }, (_, i) => start + i)),
  );
  const first = amounts.find((amount) => !isRefused(amount, tokens)) ?? amounts[0];
  if (first === undefined) return { used };
  const budget = budgetAmong(amounts, tokens);
  return { amountPaise: first.paise, ...(budget === undefined ? {} : { budgetPaise: budget.paise }), used };
}

/** "1 lakh nahi, 1.5 lakh" sets the first aside. */
function isRefused({ start, next }: Amount, tokens: Token[]): boolean {
  return tokens[start - 1]?.key === 'not' || /^(?:nahi|nahin|nhi|nai)$/u.test(tokens[next]?.key ?? '');
}

function budgetAmong(amounts: Amount[], tokens: Token[]): Amount | undefined {
  const budgetWord = tokens.findIndex(({ key }) => key === 'budget' || key === 'bajat');
  if (budgetWord >= 0) return amounts.find(({ start }) => start > budgetWord) ?? amounts.at(-1);
  if (tokens.some(({ key }) => PAYING.has(key))) return undefined;
  if (tokens.some(({ key }) => GIVING.has(key))) return undefined;
  return amounts.find(({ isRange }) => isRange) ?? amounts.find((amount) => isLimited(amount, tokens));
}

/** "Under 80 lakh", "80 lakh tak", "80 lakh ke andar"; in "80 lakh kal tak" it is the day that is limited. */
function isLimited({ start, next }: Amount, tokens: Token[]): boolean {
  if (tokens[next]?.key === 'se' && tokens[next + 1]?.key === 'kam') return true;
  const before = tokens.slice(Math.max(0, start - 2), start);
  const after = tokens.slice(next, next + 3).find(({ key }) => !LIMIT_FILLER.has(key));
  return (
    before.some(({ key }) => LIMIT_BEFORE.has(key)) || (after !== undefined && LIMIT_AFTER.has(after.key))
  );
}

function findAmounts(tokens: Token[]): Amount[] {
  const speaksOfPaying = tokens.some(({ key }) => PAYING.has(key));
  const amounts: Amount[] = [];
  for (let i = 0; i < tokens.length; ) {
    const amount =
      readRange(tokens, i) ?? readAmount(tokens, i) ?? (speaksOfPaying ? readBare(tokens, i) : undefined);
    if (amount !== undefined && amount.paise > 0 && amount.paise <= LARGEST_RUPEES * RUPEE)
      amounts.push(amount);
    i = amount?.next ?? i + 1;
  }
  return amounts;
}

/** "80-85 lakh", "80 se 85 lakh", "80 lakh to 1 crore". */
function readRange(tokens: Token[], start: number): Amount | undefined {
  const low = readAmount(tokens, start) ?? readNumber(tokens, skipCurrency(tokens, start));
  const joint = tokens[low?.next ?? -1];
  if (low === undefined || joint === undefined || !TO.has(joint.key)) return undefined;
  const isList = joint.key === 'and' || joint.key === 'aur';
  const isBetween = tokens.slice(0, start).some(({ raw }) => raw === 'between' || raw === 'beech');
  const high = readAmount(tokens, low.next + 1);
  if (high === undefined || (isList && !isBetween)) return undefined;
  return { ...high, start, isRange: true };
}

/** A number with a unit or a currency; units may follow each other downwards ("1 cr 20 lakh"). */
function readAmount(tokens: Token[], start: number): Amount | undefined {
  let next = skipCurrency(tokens, start);
  let hasMark = next > start;
  let rupees = 0;
  let lastUnit = Number.POSITIVE_INFINITY;
  for (;;) {
    const number = readNumber(tokens, next) ?? impliedOne(tokens, next);
    const unit = number === undefined ? undefined : unitAt(tokens, number.next);
    if (number === undefined || unit === undefined || unit >= lastUnit) break;
    rupees += number.value * unit;
    lastUnit = unit;
    next = number.next + 1;
    hasMark = true;
  }
  if (lastUnit === Number.POSITIVE_INFINITY) {
    const token = tokens[next];
    if (token?.value === undefined) return undefined;
    rupees = token.value;
    next++;
    hasMark = hasMark || (token.grouped === true && token.value >= 1000);
  }
  const after = skipCurrency(tokens, next);
  if (!hasMark && after === next) return undefined;
  return { paise: Math.round(rupees * RUPEE), start, next: after, isRange: false };
}

/** A plain number of rupees counts only in talk of paying, and not when it names something ("flat 1203", "2026"). */
function readBare(tokens: Token[], start: number): Amount | undefined {
  const token = tokens[start];
  const before = tokens[start - 1];
  const isNumbering =
    before !== undefined && (NUMBERED.has(before.key) || before.key === '/' || before.key === '-');
  const value = token?.value ?? 0;
  const isYear = value >= 1990 && value <= 2099;
  if (value < 1000 || value > 99_999_999 || !Number.isInteger(value) || isNumbering || isYear)
    return undefined;
  return token?.raw.startsWith('0')
    ? undefined
    : { paise: value * RUPEE, start, next: start + 1, isRange: false };
}

/** "A crore", "a lakh". */
function impliedOne(tokens: Token[], at: number): { value: number; next: number } | undefined {
  return tokens[at]?.raw === 'a' && unitAt(tokens, at + 1) !== undefined
    ? { value: 1, next: at + 1 }
    : undefined;
}

function unitAt(tokens: Token[], at: number): number | undefined {
  const token = tokens[at];
  if (token === undefined) return undefined;
  if (CRORE.has(token.key)) return 10_000_000;
  // A lone "l" or "k" is a unit only behind digits; a spaced "k" is Hinglish for "ke" unless money follows.
  const after = tokens[at + 1]?.key;
  const meansMoney = after === undefined || CURRENCY.has(after) || PAYING.has(after) || GIVING.has(after);
  const isDecimal = !Number.isInteger(tokens[at - 1]?.value ?? 0);
  const standsFree = !token.glued && token.raw === 'k' && !meansMoney && !isDecimal;
  const lacksDigits = token.raw.length === 1 && tokens[at - 1]?.value === undefined;
  if (standsFree || lacksDigits) return undefined;
  if (LAKH.has(token.key)) return 100_000;
  if (THOUSAND.has(token.key)) return 1000;
  return HUNDRED.has(token.key) ? 100 : undefined;
}

/** Past "₹", "Rs." and "/-", wherever they stand. */
function skipCurrency(tokens: Token[], at: number): number {
  if (tokens[at]?.key === '/' && tokens[at + 1]?.key === '-') return at + 2;
  const token = tokens[at];
  if (token === undefined || !CURRENCY.has(token.key)) return at;
  return tokens[at + 1]?.key === '.' ? at + 2 : at + 1;
}
