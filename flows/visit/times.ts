import { DateTime } from 'luxon';
import type { VisitingHours } from '../types.ts';

/** Why a time that somebody asks for is none at which a project can be visited. */
export const UNFIT = [
  'impossible',
  'past',
  'too_soon',
  'too_far',
  'holiday',
  'closed_day',
  'outside_hours',
] as const;
export type Unfit = (typeof UNFIT)[number];

/** A moment, or a day as YYYY-MM-DD in the project's zone. */
export type WishedTime = { at: Date } | { day: string };

const HOUR_MS = 3_600_000;

/** What a buyer can be told about a wished time; undefined when the calendar allows it, whether it is free or not. */
export function whyUnfit(
  wished: WishedTime,
  { visiting, visitMinutes }: { visiting: VisitingHours; visitMinutes: number },
  { now, timeZone }: { now: Date; timeZone: string },
): Unfit | undefined {
  const today = DateTime.fromJSDate(now, { zone: timeZone }).startOf('day');
  const begins =
    'at' in wished
      ? DateTime.fromJSDate(wished.at, { zone: timeZone })
      : DateTime.fromISO(wished.day, { zone: timeZone });
  if (!begins.isValid) return 'impossible';
  const day = begins.startOf('day');
  if (day < today || ('at' in wished && wished.at < now)) return 'past';
  if (day >= today.plus({ days: visiting.daysAhead })) return 'too_far';
  if (visiting.holidays.includes(day.toISODate() ?? '')) return 'holiday';
  if (visiting.closedWeekdays.includes(day.weekday)) return 'closed_day';
  if (!('at' in wished)) return undefined;
  const closes = day.set({ hour: visiting.toHour });
  if (begins < day.set({ hour: visiting.fromHour }) || begins.plus({ minutes: visitMinutes }) > closes)
    return 'outside_hours';
  return wished.at.getTime() - now.getTime() < visiting.noticeHours * HOUR_MS ? 'too_soon' : undefined;
}

/** The day of a moment, as YYYY-MM-DD in the zone. */
export function localDay(at: Date, timeZone: string): string {
  return DateTime.fromJSDate(at, { zone: timeZone }).toISODate() ?? '';
}

const TIME_WORDS = new RegExp(
  `^(?:${[
    '\\d{1,4}(?:[:/.-]\\d{1,4})*(?:st|nd|rd|th|am|pm)?',
    "am|pm|a\\.m\\.?|p\\.m\\.?|o'?clock|baje|baj|बजे|noon|morning|afternoon|evening|subah|sham|shaam|dopahar|dopahr|सुबह|शाम|दोपहर",
    'yesterday|today|tomorrow|tmrw|kal|aaj|parso|कल|आज|परसों|next|this|last|coming|agle|pichle|week|month|hafte|mahine',
    '(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|somvar|mangalvar|budhvar|guruvar|shukravar|shanivar|ravivar|itvar',
    'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?',
    'at|on|by|of|the|around|ko|ki|ke|को|tareek|tarikh|तारीख|please|pls|ok',
  ].join('|')})$`,
  'u',
);

/** Whether a text names a time and nothing else: as an answer to "when?" it is about nothing else either. */
export function isOnlyTime(text: string): boolean {
  const words = text
    .toLowerCase()
    .split(/[\s,!?]+/u)
    .filter(Boolean);
  return words.length > 0 && words.every((word) => TIME_WORDS.test(word.replace(/\.$/, '')));
}

/** `10:00–18:00` */
export function hoursText({ fromHour, toHour }: VisitingHours): string {
  return `${hourText(fromHour)}–${hourText(toHour)}`;
}

function hourText(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}

const MONTHS = [
  'jan(?:uary|uari)?|janvari|janwari|जनवरी',
  'feb(?:ruary|uary)?|farvari|farwari|pharvari|फ़रवरी|फरवरी',
  'mar(?:ch)?|मार्च',
  'apr(?:il)?|aprail|अप्रैल',
  'may|मई',
  'june?|जून',
  'july?|julai|जुलाई',
  'aug(?:ust)?|agast|अगस्त',
  'sept?(?:ember)?|sitambar|सितंबर|सितम्बर',
  'oct(?:ober)?|aktubar|अक्टूबर|अक्तूबर',
  'nov(?:ember)?|navambar|नवंबर|नवम्बर',
  'dec(?:ember)?|disambar|दिसंबर|दिसम्बर',
];
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const EDGE = '(?![\\p{L}\\p{M}\\p{N}])';
const START = '(?<![\\p{L}\\p{M}\\p{N}])';
const ORDINAL = '(?:st|nd|rd|th)?';
const NAMED = MONTHS.map((names, index) => ({
  month: index + 1,
  dayFirst: new RegExp(
    `${START}(\\d{1,2})\\s*${ORDINAL}\\s*(?:of\\s+)?(?:${names})${EDGE}\\.?,?\\s*(\\d{4})?`,
    'u',
  ),
  monthFirst: new RegExp(
    `${START}(?:${names})\\.?\\s+(\\d{1,2})${ORDINAL}(?![\\p{N}:])(?!\\s*(?:am|pm|baje|बजे))(?:,?\\s+(\\d{4}))?`,
    'u',
  ),
}));
const SLASHED = /(?<![\p{N}/-])(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}|\d{2}))?(?![\p{N}/-])/u;
const DAY_ALONE = /(?<![\p{N}:])(3[2-9]|[4-9]\d)\s*(?:tarikh|tareekh|tareek|tarik|तारीख)/u;
const DIGITS = '०१२३४५६७८९';

/**
 * Whether a message names a day that no calendar has: "31 February", "31/4", "29 Feb" when the next February is
 * short, "32 tareek".
 */
export function namesImpossibleDay(text: string, now: Date, timeZone: string): boolean {
  const words = text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[०-९]/gu, (digit) => `${DIGITS.indexOf(digit)}`);
  if (DAY_ALONE.test(words)) return true;
  const today = DateTime.fromJSDate(now, { zone: timeZone });
  for (const { month, dayFirst, monthFirst } of NAMED) {
    const [, day, year] = dayFirst.exec(words) ?? monthFirst.exec(words) ?? [];
    if (day && isImpossible(Number(day), month, year, today)) return true;
  }
  const [, day = '', month = '', year] = SLASHED.exec(words) ?? [];
  // "24/7" and "50/50" are no dates, or possible ones.
  const isDate = Number(day) >= 1 && Number(day) <= 31 && Number(month) >= 1 && Number(month) <= 12;
  return isDate && isImpossible(Number(day), Number(month), year, today);
}

function isImpossible(day: number, month: number, year: string | undefined, today: DateTime): boolean {
  const longest = LONGEST[month - 1] ?? 31;
  if (day < 1 || day > longest) return true;
  if (month !== 2 || day < 29) return false;
  return !today.set({ year: yearOf(year, month, today), month: 1, day: 1 }).isInLeapYear;
}

/** Without a year, the next such month to come or under way. */
function yearOf(year: string | undefined, month: number, today: DateTime): number {
  if (year) return Number(year) + (year.length === 2 ? 2000 : 0);
  return month < today.month ? today.year + 1 : today.year;
}
