import type { DateTime } from 'luxon';
import { readNumber } from './numbers.ts';
import { keySet, type Token } from './tokens.ts';

/** Today's midnight in the project's zone, and whether the message tells of something that has happened. */
export type DayContext = { today: DateTime; isPast: boolean };

/** A day and the index of the token after it; `isVague` when the words span several days, so that none is named. */
export type Reading = { date: DateTime; next: number; isVague?: boolean };

const MONTHS = [
  'january jan janvari janavri',
  'february feb farvari pharvari pharavri farvri',
  'march mar',
  'april apr aprail',
  'may mai',
  'june jun',
  'july jul julai',
  'august aug agast',
  'september sep sept sitambar sitanbar',
  'october oct aktubar oktobar',
  'november nov navambar navamber navanbar',
  'december dec disambar disamber disanbar',
];
const MONTH_OF = new Map(MONTHS.flatMap((names, i) => [...keySet(names)].map((name) => [name, i + 1])));
const DAY_NUMBER = keySet('tarikh tarik tareekh tareek taarikh tarekh st nd rd th date');
/** "Pehli tareek" is the first; "dusri tareek" is rather another date than the second. */
const FIRST_DAY = keySet('pehli pahli paheli pahali');
const ORDINAL = /^(?:st|nd|rd|th)$/u;
/** "8th class", "2nd time": what an ordinal counts when it is not a day. */
const COUNTED =
  /^(?:floor|manzil|slab|tower|installment|instalment|kist|wing|phase|lane|road|cross|block|sector|avenue|class|std|standard|semester|year|time|baar|attempt|reminder|call|option|choice|row|gate|flat|house|home|sale|hand|party|point|clause|week|hafta|hafte|half|quarter)$/u;
const JOINT = /^(?:-|–|to|se|and|aur)$/u;
const END = /^(?:end|ending|akhir|aakhir|aakhri|akhri|akhiri|aakhiri|ant|last)$/u;
/** Words for the one to come: "next", "agle". */
export const NEXT = keySet('next agle agla agli agley aglay coming anevale pudhchya pudhchyaa pudhil');
/** Words for days, weeks and months. */
export const UNITS: ReadonlyArray<readonly [ReadonlySet<string>, 'days' | 'weeks' | 'months']> = [
  [keySet('day days din dino dinon roz'), 'days'],
  [
    keySet(
      'week weeks hafte hafta hafto hafton haphte haphta hapte hapta wk wks saptah athavda athavdyat aathvadyat aathavda athvadyat',
    ),
    'weeks',
  ],
  [keySet('month months mahine mahina mahino maheene'), 'months'],
];

/** Reads a date of the calendar, as "28/11", "28 Nov" or "10 tareek". */
export function readCalendarDate(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  return (
    readSpan(tokens, start, context) ??
    readSlashed(tokens, start, context) ??
    readMonthEnd(tokens, start, context) ??
    readMonthName(tokens, start, context) ??
    readDayNumber(tokens, start, context)
  );
}

/** "10 se 15 dec", "5-7 tareek": several days, of which none is meant alone. */
function readSpan(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  const first = tokens[start]?.value;
  const joint = tokens[start + 1]?.raw;
  if (first === undefined || first > 31 || joint === undefined || !JOINT.test(joint)) return undefined;
  const last = readMonthName(tokens, start + 2, context) ?? readDayNumber(tokens, start + 2, context);
  return last === undefined || tokens[start + 2]?.value === undefined
    ? undefined
    : { ...last, isVague: true };
}

/** "28/11", "28-11-2026". */
function readSlashed(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  const [day, sign, month, secondSign, year] = tokens.slice(start, start + 5);
  const before = tokens[start - 1]?.raw === '.' ? tokens[start - 2] : tokens[start - 1];
  if (/^(?:flat|unit|house|plot|tower|shop|no|case|clause|survey|gat|khasra)$/u.test(before?.raw ?? ''))
    return undefined;
  // The extract 7/12 of the land register.
  if (/^(?:utara|utaara|extract|satbara)$/u.test(tokens[start + 3]?.raw ?? '')) return undefined;
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
  // "Mai" before a number is rather "I" than May.
  const leading = tokens[start]?.raw === 'mai' ? 0 : monthAt(tokens, start);
  const trailing = tokens[start + 1]?.value;
  if (leading > 0 && trailing !== undefined && trailing <= 31) {
    const suffixed = ORDINAL.test(tokens[start + 2]?.key ?? '');
    if (suffixed && COUNTED.test(tokens[start + 3]?.raw ?? '')) return undefined;
    return dated(trailing, leading, undefined, context, start + (suffixed ? 3 : 2));
  }
  const number = readNumber(tokens, start);
  if (number === undefined || !Number.isInteger(number.value)) return undefined;
  const day = number.value;
  let at = number.next;
  while (at <= number.next + 1 && /^(?:st|nd|rd|th|of)$/u.test(tokens[at]?.key ?? '')) at++;
  const month = monthAt(tokens, at);
  // Marathi "paach jan" are five people.
  if (tokens[at]?.raw === 'jan' && /^(?:aahet|ahet|aahot|yeu|yenar|yetil)$/u.test(tokens[at + 1]?.raw ?? ''))
    return undefined;
  if (month === 0 || (tokens[at]?.raw === 'mai' && tokens[at + 1]?.key !== 'ko')) return undefined;
  const year = tokens[at + 1]?.value;
  const hasYear = year !== undefined && year >= 2000 && year < 2100;
  return dated(day, month, hasYear ? year : undefined, context, at + (hasYear ? 2 : 1));
}

function monthAt(tokens: Token[], at: number): number {
  return MONTH_OF.get(tokens[at]?.key ?? '') ?? 0;
}

/** "Dec end", "end of december", "mahine ke aakhir", "next month end", "mahine ki akhri tareek". */
function readMonthEnd(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  if (tokens[start]?.raw === 'end') {
    const at = tokens[start + 1]?.raw === 'of' ? start + 2 : start + 1;
    const month = monthAt(tokens, at);
    return month === 0 ? undefined : { date: endOfMonth(month, context), next: at + 1 };
  }
  const isNext = NEXT.has(tokens[start]?.key ?? '');
  const at = isNext ? start + 1 : start;
  const month = monthAt(tokens, at);
  if (month === 0 && !UNITS[2]?.[0].has(tokens[at]?.key ?? '')) return undefined;
  const end = /^(?:-|ke|ki|k|ka)$/u.test(tokens[at + 1]?.raw ?? '') ? at + 2 : at + 1;
  const isWeek = UNITS[1]?.[0].has(tokens[end + 1]?.key ?? '');
  if (!END.test(tokens[end]?.raw ?? '') || isWeek) return undefined;
  const next = DAY_NUMBER.has(tokens[end + 1]?.key ?? '') ? end + 2 : end + 1;
  if (month > 0) return { date: endOfMonth(month, context), next };
  return { date: lastDay(context.today.startOf('month').plus({ months: isNext ? 1 : 0 })), next };
}

/** The last day of that month, in the year that makes it the next to come or the last gone. */
function endOfMonth(month: number, { today, isPast }: DayContext): DateTime {
  const inYear = (years: number) => lastDay(today.set({ day: 1, month }).plus({ years }));
  if (isPast) return inYear(0) > today ? inYear(-1) : inYear(0);
  return inYear(0) < today ? inYear(1) : inYear(0);
}

function lastDay(month: DateTime): DateTime {
  return month.endOf('month').startOf('day');
}

/** "10 tareek", "22nd", "5 ko"; the day of this month, or of the next when it has passed. */
function readDayNumber(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  const leads = isNextMonthAt(tokens, start);
  const at = leads ? start + 2 + (/^(?:ki|ke|ka)$/u.test(tokens[start + 2]?.key ?? '') ? 1 : 0) : start;
  const number = readDayOfMonth(tokens, at);
  if (number === undefined || number.value < 1 || number.value > 31 || !Number.isInteger(number.value))
    return undefined;
  const after = tokens[number.next];
  const isDay =
    after !== undefined &&
    (DAY_NUMBER.has(after.key) ||
      (after.key === 'ko' && (tokens[at]?.value !== undefined || FIRST_DAY.has(tokens[at]?.key ?? ''))));
  if (!isDay || COUNTED.test(tokens[number.next + 1]?.raw ?? '')) return undefined;
  if (ORDINAL.test(after.key) && countsBefore(tokens, at)) return undefined;
  const trail = tokens[number.next + 1]?.raw === 'of' ? number.next + 2 : number.next + 1;
  const trails = isNextMonthAt(tokens, trail);
  const { today, isPast } = context;
  const inMonth = (month: DateTime) => month.set({ day: number.value });
  if (leads || trails) {
    const month = today.startOf('month').plus({ months: 1 });
    const date = inMonth(month);
    return date.hasSame(month, 'month') ? { date, next: trails ? trail + 2 : number.next + 1 } : undefined;
  }
  for (let step = 0; step < 3; step++) {
    const month = today.startOf('month').plus({ months: isPast ? -step : step });
    const date = inMonth(month);
    const fits = date.hasSame(month, 'month') && (isPast ? date <= today : date >= today);
    if (fits) return { date, next: number.next + 1 };
  }
  return undefined;
}

/** "12th floor or 15th?": what the first ordinal counts, the second one counts as well. */
function countsBefore(tokens: Token[], at: number): boolean {
  return tokens
    .slice(0, at)
    .some(({ key }, i) => ORDINAL.test(key) && COUNTED.test(tokens[i + 1]?.raw ?? ''));
}

function isNextMonthAt(tokens: Token[], at: number): boolean {
  return NEXT.has(tokens[at]?.key ?? '') && (UNITS[2]?.[0].has(tokens[at + 1]?.key ?? '') ?? false);
}

/** A day of the month in digits or words. */
function readDayOfMonth(tokens: Token[], at: number): { value: number; next: number } | undefined {
  return FIRST_DAY.has(tokens[at]?.key ?? '') ? { value: 1, next: at + 1 } : readNumber(tokens, at);
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
