import { DateTime } from 'luxon';
import type { Project } from '../templates/documents/project.ts';

const DAYS_AHEAD = 14;
/** The associate needs time to get ready. */
const NOTICE_HOURS = 2;

/** Every slot of a project that can still be booked at `now`, taken or not, soonest first; two weeks ahead. */
export function visitSlots(visits: Project['visits'], now: Date, timeZone: string): Date[] {
  const { fromHour, toHour, slotMinutes, closedWeekdays } = visits;
  const earliestMs = now.getTime() + NOTICE_HOURS * 3_600_000;
  const today = DateTime.fromJSDate(now, { zone: timeZone }).startOf('day');
  const slots: Date[] = [];
  for (let ahead = 0; ahead < DAYS_AHEAD; ahead += 1) {
    const day = today.plus({ days: ahead });
    if (closedWeekdays.includes(day.weekday)) continue;
    const closingMs = day.set({ hour: toHour }).toMillis();
    const slotMs = slotMinutes * 60_000;
    for (let at = day.set({ hour: fromHour }).toMillis(); at + slotMs <= closingMs; at += slotMs) {
      if (at >= earliestMs) slots.push(new Date(at));
    }
  }
  return slots;
}
