import { DateTime } from 'luxon';
import type { Purpose } from './types.ts';

/**
 * The hours at which a message that nobody asked for may go out: [fromHour, toHour) in the project's zone, as dated
 * rows. A new rule is a new row; what was sent before it is judged by the row of its day.
 */
export type QuietHoursRow = {
  purpose: Purpose;
  fromHour: number;
  toHour: number;
  /** First local day on which it holds, YYYY-MM-DD. */
  effectiveFrom: string;
  source: string;
};

const QUIET_HOURS: readonly QuietHoursRow[] = [
  {
    purpose: 'dunning',
    fromHour: 8,
    toHour: 19,
    effectiveFrom: '2022-08-12',
    source:
      'RBI hours for recovery contacts, 8:00-19:00. They bind lenders, not developers: adopted as our own courtesy.',
  },
  {
    purpose: 'promotion',
    fromHour: 10,
    toHour: 21,
    effectiveFrom: '2018-07-19',
    source:
      'TRAI TCCCPR 2018, default window as vendors read it (9-21 or 10-21: the stricter). WhatsApp is outside TCCCPR: adopted all the same.',
  },
  {
    purpose: 'service',
    fromHour: 8,
    toHour: 21,
    effectiveFrom: '2018-07-19',
    source: 'Our own courtesy for reminders of what the buyer has arranged; no rule names hours for them.',
  },
];

/** The row in force at `now`; before the first one, that one: an unknown past is no licence to send at night. */
export function hoursOf(purpose: Purpose, now: Date, timeZone: string): QuietHoursRow {
  const day = DateTime.fromJSDate(now, { zone: timeZone }).toISODate() ?? '';
  const rows = QUIET_HOURS.filter((row) => row.purpose === purpose).sort((a, b) =>
    a.effectiveFrom < b.effectiveFrom ? -1 : 1,
  );
  const row = rows.findLast(({ effectiveFrom }) => effectiveFrom <= day) ?? rows[0];
  if (!row) throw new RangeError(`no hours for ${purpose}`);
  return row;
}

/** When it may go out: undefined when now. */
export function endOfQuiet(purpose: Purpose, now: Date, timeZone: string): Date | undefined {
  const { fromHour, toHour } = hoursOf(purpose, now, timeZone);
  const local = DateTime.fromJSDate(now, { zone: timeZone });
  const morning = local.set({ hour: fromHour, minute: 0, second: 0, millisecond: 0 });
  if (local.hour < fromHour) return morning.toJSDate();
  return local.hour >= toHour ? morning.plus({ days: 1 }).toJSDate() : undefined;
}
