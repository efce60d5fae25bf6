import { DateTime } from 'luxon';

/** A calendar day of the project's zone, as YYYY-MM-DD. Two of them compare as text. */
export type Day = string;

/** A moment, and the day that it falls on in the project's zone. */
export type Moment = { at: Date; on: Day };

/** The moment with its day. */
export function momentOf(at: Date, timeZone: string): Moment {
  return { at, on: dayOf(at, timeZone) };
}

/** The day unchanged. Throws RangeError when it is not a day of the calendar: `2026-02-30`, `1/2/2026`. */
export function requireDay(day: Day): Day {
  if (isDay(day)) return day;
  throw new RangeError(`A day is written YYYY-MM-DD and is in the calendar, unlike ${day}`);
}

/** Whether it is a day of the calendar, written so. */
export function isDay(day: string): day is Day {
  return /^\d{4}-\d{2}-\d{2}$/.test(day) && DateTime.fromISO(day, { zone: 'utc' }).isValid;
}

/** Whole days from one day to another; negative when `to` is earlier. A leap day counts like any other. */
export function daysBetween(from: Day, to: Day): number {
  return dateOf(to).diff(dateOf(from), 'days').days;
}

/** The day so many days later. */
export function addDays(day: Day, days: number): Day {
  return dateOf(day).plus({ days }).toFormat('yyyy-MM-dd');
}

/** The last day of the month that a day is in. */
export function monthEnd(day: Day): Day {
  return dateOf(day).endOf('month').toFormat('yyyy-MM-dd');
}

/** The day that it is at a moment, in a zone: 23:59 in Kolkata is still that day, whatever UTC says. */
export function dayOf(at: Date, timeZone: string): Day {
  return DateTime.fromJSDate(at, { zone: timeZone }).toFormat('yyyy-MM-dd');
}

/** The financial year of a day, April to March: `2026-27`. */
export function financialYear(day: Day): string {
  const { year, month } = dateOf(day);
  const first = month >= 4 ? year : year - 1;
  return `${first}-${`${(first + 1) % 100}`.padStart(2, '0')}`;
}

/** In UTC, where every day has 24 hours. */
function dateOf(day: Day): DateTime {
  return DateTime.fromISO(requireDay(day), { zone: 'utc' });
}
