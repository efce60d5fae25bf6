import type { DateTime } from 'luxon';
import { readNumber } from './numbers.ts';
import { keySet, type Token } from './tokens.ts';

/** A day that a message names, and the tokens it was read from. */
export type Day = { date: DateTime; start: number; next: number };

/** Today's midnight in the project's zone, and whether the message tells of something that has happened. */
export type DayContext = { today: DateTime; isPast: boolean };

type Reading = { date: DateTime; next: number };

const WEEKDAYS = [
  'monday somvar somvaar mon somavar mande manday',
  'tuesday mangalvar mangal mangalvaar tue tues tyuzade tuesde tyujde mangalbar',
  'wednesday budhvar budh budhvaar wed vednesde budhbar vensde wednesde',
  'thursday guruvar guruvaar brihaspativar veervar virvar jumerat thu thur thurs tharsde brihaspati',
  'friday shukravar shukrvar shukravaar shukr juma jumma fri fraide shukrbar fraaide fraiday',
  'saturday shanivar shanivaar shani sat saitarde saiterde saturde sanichar shanichar setarde',
  'sunday ravivar ravivaar itvar itvaar sun sande sanday ravi ravibar',
].map(keySet);
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
const TODAY = keySet('today aaj tdy tonight aj');
const TOMORROW = keySet(
  'tomorrow tomorow tommorow tommorrow tomorro tmrw tmr tmrow tom 2moro tmorrow tumaro',
);
const AFTER_TOMORROW = keySet('parso parson parsu parsun');
const THIRD_DAY = keySet('narso narson tarso tarson');
const YESTERDAY = keySet('yesterday ystrday yest');
const DAY_NUMBER = keySet('tarikh tarik tareekh tareek taarikh tarekh st nd rd th date');
const NEXT = keySet('next agle agla agli coming anevale');
const UNITS: ReadonlyArray<readonly [ReadonlySet<string>, 'days' | 'weeks' | 'months']> = [
  [keySet('day days din dino dinon roz'), 'days'],
  [keySet('week weeks hafte hafta hapte hapta wk saptah'), 'weeks'],
  [keySet('month months mahine mahina mahino maheene'), 'months'],
];
const LATER = keySet('baad bad later ke k me mein se');

/** The day named at a token, or undefined. A day of the past is named only in talk of the past. */
export function readDay(tokens: Token[], start: number, context: DayContext): Day | undefined {
  const read =
    readRelativeDay(tokens, start, context) ??
    readWeekday(tokens, start, context) ??
    readCalendarDate(tokens, start, context) ??
    readInterval(tokens, start, context) ??
    readPeriod(tokens, start, context);
  return read === undefined || !read.date.isValid ? undefined : { ...read, start };
}

function readRelativeDay(tokens: Token[], start: number, { today, isPast }: DayContext): Reading | undefined {
  const key = tokens[start]?.key ?? '';
  const inDays = (days: number, words = 1) => ({ date: today.plus({ days }), next: start + words });
  if (key === 'day' && tokens[start + 1]?.key === 'after') {
    return inDays(2, TOMORROW.has(tokens[start + 2]?.key ?? '') ? 3 : 2);
  }
  if (TODAY.has(key)) return inDays(0);
  if (TOMORROW.has(key)) return inDays(1);
  if (key === 'kal') return inDays(isPast ? -1 : 1);
  if (AFTER_TOMORROW.has(key)) return inDays(isPast ? -2 : 2);
  if (THIRD_DAY.has(key)) return inDays(isPast ? -3 : 3);
  return YESTERDAY.has(key) ? inDays(-1) : undefined;
}

function readWeekday(tokens: Token[], start: number, { today, isPast }: DayContext): Reading | undefined {
  const token = tokens[start];
  const isNext = token !== undefined && NEXT.has(token.key) && tokens[start + 1] !== undefined;
  const at = isNext ? start + 1 : start;
  const weekday = WEEKDAYS.findIndex((names) => names.has(tokens[at]?.key ?? '')) + 1;
  if (weekday === 0 || !isMeantAsWeekday(tokens, at)) return undefined;
  const ahead = (weekday - today.weekday + 7) % 7 || 7;
  const word = tokens[start]?.key;
  // In English "next Saturday" is the one of next week; "agle shanivar" and "coming Saturday" are simply the coming one.
  const isWeekLater = isNext && word === 'next' && weekday > today.weekday;
  const days = isPast ? ahead - 7 : ahead + (isWeekLater ? 7 : 0);
  return { date: today.plus({ days }), next: at + 1 };
}

/** "Sat", "sun", "mon", "ravi" are also Hindi words or names, so they need a date-like neighbour. */
function isMeantAsWeekday(tokens: Token[], at: number): boolean {
  const { raw = '', key = '' } = tokens[at] ?? {};
  // A short name must be typed as such: "saat" is seven and "free" is not Friday.
  if (key.length <= 3 && raw !== key) return false;
  if (!/^(?:sat|sun|mon|wed|ravi|shani|mangal|budh|shukr|juma|jumma|brihaspati)$/u.test(raw)) return true;
  const after = tokens[at + 1];
  const before = tokens[at - 1]?.key ?? '';
  if (after?.key === 'baje' || (raw === 'sat' && after?.key === 'sri')) return false;
  if (/^(?:on|this|next|coming|by|is|agle|or|ya|and|aur|every|till|tak|until)$/u.test(before)) return true;
  if (after === undefined) return raw === 'sat' || raw === 'mon' || tokens.length === 1;
  return (
    after.value !== undefined ||
    /^(?:ko|ke|ka|ki|morning|evening|afternoon|night|subah|sham|dopahar|at|ya|or|and|aur|please|pls|plz|visit|slot|ok|tak|noon|around|after|[?.,!/&])$/u.test(
      after.key,
    )
  );
}

function readCalendarDate(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  return (
    readSlashed(tokens, start, context) ??
    readMonthName(tokens, start, context) ??
    readDayNumber(tokens, start, context)
  );
}

/** "28/11", "28-11-2026". */
function readSlashed(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  const [day, sign, month, secondSign, year] = tokens.slice(start, start + 5);
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
function readDayNumber(tokens: Token[], start: number, { today, isPast }: DayContext): Reading | undefined {
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
      tokens[number.next + 1]?.key ?? '',
    );
  if (!isDay || isFloor) return undefined;
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

/** "2 din baad", "ek hafte baad", "after 3 days", "in two weeks". */
function readInterval(tokens: Token[], start: number, { today, isPast }: DayContext): Reading | undefined {
  const opener = tokens[start]?.key ?? '';
  const isOpened = /^(?:after|in|within)$/u.test(opener);
  const number = readNumber(tokens, isOpened ? start + 1 : start);
  if (number === undefined || number.value > 90 || isPast) return undefined;
  const unit = UNITS.find(([names]) => names.has(tokens[number.next]?.key ?? ''));
  const closer = tokens[number.next + 1]?.key ?? '';
  if (unit === undefined || !(isOpened || LATER.has(closer))) return undefined;
  return { date: today.plus({ [unit[1]]: Math.ceil(number.value) }), next: number.next + 1 };
}

/** "Next week", "agle mahine", "this weekend", "month end". */
function readPeriod(tokens: Token[], start: number, { today, isPast }: DayContext): Reading | undefined {
  const [first, second, third] = tokens.slice(start, start + 3).map(({ key }) => key);
  if (first === undefined || isPast) return undefined;
  if (first === 'vikend' || first === 'weekend' || first === 'veekend' || first === 'vikand') {
    return { date: today.weekday >= 6 ? today : today.set({ weekday: 6 }), next: start + 1 };
  }
  const unit = NEXT.has(first) ? UNITS.find(([names]) => names.has(second ?? '')) : undefined;
  if (unit !== undefined) return { date: today.plus({ [unit[1]]: 1 }), next: start + 2 };
  const isMonth = UNITS[2]?.[0].has(first) ?? false;
  const endsAt =
    second === 'end'
      ? 2
      : (second === 'ke' || second === 'k') && /^(?:end|akhir|aakhir|akhri)$/u.test(third ?? '')
        ? 3
        : 0;
  return isMonth && endsAt > 0
    ? { date: today.endOf('month').startOf('day'), next: start + endsAt }
    : undefined;
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
