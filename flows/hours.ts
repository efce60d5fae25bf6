import { DateTime } from 'luxon';
import { type Shift, TEAMS, type Team, type WorkingHours } from './types.ts';

/**
 * The clock of a team: when it is at work, when it will be, and how much of the time for an answer has gone by.
 * Wherever hours may be left out, time counts around the clock. Pure; days begin and end in the team's zone.
 */

/** Longer than any run of days off; whoever has no hours within it has none at all. */
const LOOK_AHEAD_DAYS = 400;
const MINUTE_MS = 60_000;

const OFFICE_DAY: Shift[] = [{ fromMinute: 10 * 60, toMinute: 19 * 60 }];

/** The hours of a team that has published none: Monday to Saturday, 10:00 to 19:00. */
export function officeHours(timeZone: string): WorkingHours {
  return { timeZone, week: [...Array<Shift[]>(6).fill(OFFICE_DAY), []], holidays: [] };
}

/** The same hours for every team. */
export function allTeams(hours: WorkingHours): Record<Team, WorkingHours> {
  return Object.fromEntries(TEAMS.map((team) => [team, hours])) as Record<Team, WorkingHours>;
}

/** Whether a team is at work at this moment: from the first of its minutes on, and at closing time not any more. */
export function isWithin(at: Date, hours: WorkingHours): boolean {
  return nextOpening(at, hours)?.getTime() === at.getTime();
}

/** The first moment from `at` on at which a team is at work, `at` itself included; undefined when it never is. */
export function nextOpening(at: Date, hours: WorkingHours): Date | undefined {
  for (const { fromMs } of openings(at, hours)) return new Date(fromMs);
  return undefined;
}

/** On the next day of work, not today: at the usual hour, or at the first opening if that one is closed. */
export function nextWorkday(now: Date, hours: WorkingHours, usualHour: number): Date | undefined {
  const zone = hours.timeZone;
  const tomorrow = DateTime.fromJSDate(now, { zone }).plus({ days: 1 }).startOf('day');
  const opening = nextOpening(tomorrow.toJSDate(), hours);
  if (!opening) return undefined;
  const day = DateTime.fromJSDate(opening, { zone }).startOf('day');
  const usual = new Date(timeOf(day, usualHour * 60));
  return isWithin(usual, hours) ? usual : opening;
}

/** When `workingMinutes` have gone by since `openedAt`. A team that is never at work has no other clock than the wall's. */
export function dueAt(openedAt: Date, workingMinutes: number, hours?: WorkingHours): Date {
  let leftMs = workingMinutes * MINUTE_MS;
  for (const { fromMs, toMs } of hours ? openings(openedAt, hours) : []) {
    if (leftMs <= toMs - fromMs) return new Date(fromMs + leftMs);
    leftMs -= toMs - fromMs;
  }
  return new Date(openedAt.getTime() + workingMinutes * MINUTE_MS);
}

/** How much of the time for an answer is used at `now`: 0.5 is half of it, 1 says that the promise is broken. */
export function shareUsed(
  { openedAt, dueAt: due }: { openedAt: Date; dueAt: Date },
  now: Date,
  hours?: WorkingHours,
): number {
  if (now >= due) return 1;
  const wholeMs = workingMs(openedAt, due, hours);
  return wholeMs === 0 ? 0 : workingMs(openedAt, now, hours) / wholeMs;
}

/**
 * In how many minutes, by the clock on the wall, an answer is due that was promised within so many minutes of work:
 * just as many while the team is there all the time, else in full hours, never less than it takes.
 */
export function minutesThatHold(from: Date, workingMinutes: number, hours?: WorkingHours): number {
  const minutes = (dueAt(from, workingMinutes, hours).getTime() - from.getTime()) / MINUTE_MS;
  return minutes === workingMinutes ? minutes : Math.ceil(minutes / 60) * 60;
}

/** Whether both moments are of one day in this zone. */
export function isSameDay(one: Date, other: Date, timeZone: string): boolean {
  const [day, otherDay] = [one, other].map((at) => DateTime.fromJSDate(at, { zone: timeZone }).toISODate());
  return day === otherDay;
}

function workingMs(from: Date, to: Date, hours: WorkingHours | undefined): number {
  if (!hours) return Math.max(0, to.getTime() - from.getTime());
  let sumMs = 0;
  for (const { fromMs, toMs } of openings(from, hours)) {
    if (fromMs >= to.getTime()) break;
    sumMs += Math.min(toMs, to.getTime()) - fromMs;
  }
  return sumMs;
}

/** What is left of the stretch that is under way at `at`, then the ones that follow. */
function* openings(at: Date, hours: WorkingHours): Generator<{ fromMs: number; toMs: number }> {
  const { timeZone, week, holidays } = hours;
  const today = DateTime.fromJSDate(at, { zone: timeZone }).startOf('day');
  for (let ahead = 0; ahead <= LOOK_AHEAD_DAYS; ahead += 1) {
    const day = today.plus({ days: ahead }).startOf('day');
    if (holidays.includes(day.toISODate() ?? '')) continue;
    for (const shift of week[day.weekday - 1] ?? []) {
      const fromMs = Math.max(timeOf(day, shift.fromMinute), at.getTime());
      const toMs = timeOf(day, shift.toMinute);
      if (fromMs < toMs) yield { fromMs, toMs };
    }
  }
}

/** What the clock on the wall shows, also on the day on which it is changed. */
function timeOf(day: DateTime, minuteOfDay: number): number {
  return day.set({ hour: Math.floor(minuteOfDay / 60), minute: minuteOfDay % 60 }).toMillis();
}
