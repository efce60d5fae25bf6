import type { DateTime } from 'luxon';
import { readNumber } from './numbers.ts';
import { keySet, type Token } from './tokens.ts';

/** Today's midnight in the project's zone, and whether the message tells of something that has happened. */
export type DayContext = { today: DateTime; isPast: boolean };

/** A day and the index of the token after it. */
export type Reading = { date: DateTime; next: number };

const MONTHS = [
  'january jan janvari',
  'february feb farvari pharvari',
  'march mar',
  'april apr aprail',
  'may mai',
  'june jun',
  'july jul julai',
  'august aug agast',
  'september sep sept sitambar',
  'october oct aktubar oktobar',
  'november nov navambar navamber',
  'december dec disambar disamber',
].map(keySet);
const DAY_NUMBER = keySet('tarikh tarik tareekh tareek taarikh tarekh st nd rd th date');
/** Words for the one to come: "next", "agle". */
export const NEXT = keySet('next agle agla agli coming anevale');
/** Words for days, weeks and months. */
export const UNITS: ReadonlyArray<readonly [ReadonlySet<string>, 'days' | 'weeks' | 'months']> = [
  [keySet('day days din dino dinon roz'), 'days'],
  [keySet('week weeks hafte hafta hapte hapta wk saptah'), 'weeks'],
  [keySet('month months mahine mahina mahino maheene'), 'months'],
];

/** Reads a date of the calendar, as "28/11", "28 Nov" or "10 tareek". */
export function readCalendarDate(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  return (
    readSlashed(tokens, start, context) ??
    readMonthName(tokens, start, context) ??
    readDayNumber(tokens, start, context)
  );
}

/** "28/11", "28-11-2026". */
function readSlashed(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  const [day, sign, month, secondSign, year] = tokens.slice(start, start + 5);
  if (/^(?:flat|unit|house|plot|tower|shop|no|case|clause)$/u.test(tokens[start - 1]?.raw ?? ''))
    return undefined;
  if (day?.value === undefined || month?.value === undefined || (sign?.key !== '/' && sign?.key !== '-'))
    return undefined;
  const hasYear = secondSign?.key === sign.key && year?.value !== undefined;
  // "10-11" alone is rather a range of hours or days.
  if (sign.key === '-' && !hasYear && day.value <= 12) return undefined;
  const full = hasYear ? (year.value ?? 0) + ((year.value ?? 0) < 100 ? 2000 : 0) : undefined;
  return dated(day.value, month.value, full, context, start + (hasYear ? 5 : 3));
}

/** "28 Nov", "28th of November 2026", "Nov 28". */
function readMonthName(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  const leading = monthAt(tokens, start);
  const trailing = tokens[start + 1]?.value;
  if (leading > 0 && trailing !== undefined && trailing <= 31) {
    const suffixed = /^(?:st|nd|rd|th)$/u.test(tokens[start + 2]?.key ?? '');
    return dated(trailing, leading, undefined, context, start + (suffixed ? 3 : 2));
  }
  const day = tokens[start]?.value;
  if (day === undefined) return undefined;
  let at = start + 1;
  while (at <= start + 2 && /^(?:st|nd|rd|th|of)$/u.test(tokens[at]?.key ?? '')) at++;
  const month = monthAt(tokens, at);
  if (month === 0 || (tokens[at]?.raw === 'mai' && tokens[at + 1]?.key !== 'ko')) return undefined;
  const year = tokens[at + 1]?.value;
  const hasYear = year !== undefined && year >= 2000 && year < 2100;
  return dated(day, month, hasYear ? year : undefined, context, at + (hasYear ? 2 : 1));
}

function monthAt(tokens: Token[], at: number): number {
  const key = tokens[at]?.key;
  return key === undefined ? 0 : MONTHS.findIndex((names) => names.has(key)) + 1;
}

/** "10 tareek", "22nd", "5 ko"; the day of this month, or of the next when it has passed. */
function readDayNumber(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  const isNextMonth =
    NEXT.has(tokens[start]?.key ?? '') && (UNITS[2]?.[0].has(tokens[start + 1]?.key ?? '') ?? false);
  const at = isNextMonth ? start + 2 + (/^(?:ki|ke|ka)$/u.test(tokens[start + 2]?.key ?? '') ? 1 : 0) : start;
  const number = readNumber(tokens, at);
  if (number === undefined || number.value < 1 || number.value > 31 || !Number.isInteger(number.value))
    return undefined;
  const after = tokens[number.next];
  const isDay =
    after !== undefined &&
    (DAY_NUMBER.has(after.key) || (after.key === 'ko' && tokens[at]?.value !== undefined));
  const isFloor =
    /^(?:floor|manzil|slab|tower|installment|instalment|kist|wing|phase|lane|road|cross)$/u.test(
      tokens[number.next + 1]?.raw ?? '',
    );
  if (!isDay || isFloor) return undefined;
  const { today, isPast } = context;
  const inMonth = (month: DateTime) => month.set({ day: number.value });
  if (isNextMonth)
    return { date: inMonth(today.startOf('month').plus({ months: 1 })), next: number.next + 1 };
  for (let step = 0; step < 3; step++) {
    const month = today.startOf('month').plus({ months: isPast ? -step : step });
    const date = inMonth(month);
    const fits = date.hasSame(month, 'month') && (isPast ? date <= today : date >= today);
    if (fits) return { date, next: number.next + 1 };
  }
  return undefined;
}

/** A checked calendar date; without a year the next one to come, or in talk of the past the last one gone. */
function dated(
  day: number,
  month: number,
  year: number | undefined,
  { today, isPast }: DayContext,
  next: number,
): Reading | undefined {
  const inYear = (y: number) => today.set({ year: y, month: 1, day: 1 }).set({ month }).set({ day });
  const isReal = (date: DateTime) => date.month === month && date.day === day;
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  const thisYear = inYear(year ?? today.year);
  if (!isReal(thisYear)) return undefined;
  if (year !== undefined) return { date: thisYear, next };
  if (isPast) return { date: thisYear > today ? inYear(today.year - 1) : thisYear, next };
  return { date: thisYear < today ? inYear(today.year + 1) : thisYear, next };
}
