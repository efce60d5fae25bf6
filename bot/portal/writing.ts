import { DateTime } from 'luxon';
import type { Day } from '../../flows/money/day.ts';
import { dayInWords } from '../../templates/documents/papers/phrases.ts';
import { renderMessage } from '../../templates/messages/message.ts';
import { formatInr } from '../../templates/money.ts';
import type { View } from './page.ts';

/** How sums, days and moments are written on the pages. */

/** `₹12,34,567` or `₹149.50`: never rounded. */
export function money(amountPaise: number): string {
  return formatInr(amountPaise);
}

/** `23 November 2026`, `23 नवंबर 2026`. */
export function dayText({ language }: Pick<View, 'language'>, day: Day): string {
  return dayInWords(day, language);
}

/** The day that a moment falls on, in the project's zone. */
export function dayOfMoment({ language, timeZone }: Pick<View, 'language' | 'timeZone'>, at: Date): string {
  return dayInWords(DateTime.fromJSDate(at, { zone: timeZone }).toFormat('yyyy-MM-dd'), language);
}

/** `Saturday, 28 November, 4 pm`, as messages have it. */
export function momentText({ language, timeZone }: Pick<View, 'language' | 'timeZone'>, at: Date): string {
  const local = localOf({ language, timeZone }, at);
  return `${local.toFormat('cccc, d MMMM')}, ${timeText({ language, timeZone }, at)}`;
}

/** `Saturday, 28 November`. */
export function weekdayText({ language, timeZone }: Pick<View, 'language' | 'timeZone'>, at: Date): string {
  return localOf({ language, timeZone }, at).toFormat('cccc, d MMMM');
}

/** `4 pm`, `4:30 pm`, `शाम 4 बजे`. */
export function timeText({ language, timeZone }: Pick<View, 'language' | 'timeZone'>, at: Date): string {
  const local = localOf({ language, timeZone }, at);
  const clock = local.toFormat(local.minute === 0 ? 'h' : 'h:mm');
  if (language === 'hi') return `${dayPart(local.hour)} ${clock} बजे`;
  return `${clock} ${local.hour < 12 ? 'am' : 'pm'}`;
}

/** Approved copy that stands for itself: the name of a paper, a reason, how to send it again. */
export function copyText(
  { language, timeZone }: Pick<View, 'language' | 'timeZone'>,
  key: string,
  data: Record<string, string> = {},
): string {
  return renderMessage(key, language, { most: '15', ...data }, timeZone).text;
}

/** A copy text that begins a line. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function localOf({ language, timeZone }: Pick<View, 'language' | 'timeZone'>, at: Date): DateTime {
  return DateTime.fromJSDate(at, { zone: timeZone }).setLocale(language === 'hi' ? 'hi-IN' : 'en-IN');
}

function dayPart(hour: number): string {
  if (hour < 4 || hour >= 20) return 'रात';
  if (hour < 12) return 'सुबह';
  return hour < 16 ? 'दोपहर' : 'शाम';
}
