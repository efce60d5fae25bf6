import { DateTime } from 'luxon';
import type { VisitingHours } from '../flows/types.ts';
import type { Guide } from '../models/visit.ts';
import type { Project } from '../templates/documents/project.ts';

const DAYS_AHEAD = 14;
/** The associate needs time to get ready. */
const NOTICE_HOURS = 2;

/** Every slot of a project that can still be booked at `now`, taken or not, soonest first; two weeks ahead. */
export function visitSlots(visits: Project['visits'], now: Date, timeZone: string): Date[] {
  const { fromHour, toHour, slotMinutes, closedWeekdays, holidays = [] } = visits;
  const earliestMs = now.getTime() + NOTICE_HOURS * 3_600_000;
  const today = DateTime.fromJSDate(now, { zone: timeZone }).startOf('day');
  const slots: Date[] = [];
  for (let ahead = 0; ahead < DAYS_AHEAD; ahead += 1) {
    const day = today.plus({ days: ahead });
    if (closedWeekdays.includes(day.weekday) || holidays.includes(day.toISODate() ?? '')) continue;
    const closingMs = day.set({ hour: toHour }).toMillis();
    const slotMs = slotMinutes * 60_000;
    for (let at = day.set({ hour: fromHour }).toMillis(); at + slotMs <= closingMs; at += slotMs) {
      if (at >= earliestMs) slots.push(new Date(at));
    }
  }
  return slots;
}

/** As `visitSlots`, without the slots for which nobody is there to lead the visit. */
export function ledSlots(project: Project, now: Date, timeZone: string): Date[] {
  const slots = visitSlots(project.visits, now, timeZone);
  return project.associates ? slots.filter((at) => guidesAt(project, at, timeZone).length > 0) : slots;
}

/**
 * Who may lead a visit that begins at `at`. Without `associates` the project's one associate stands for whoever
 * of the team is there: they lead as many visits as fit.
 */
export function guidesAt(project: Project, at: Date, timeZone: string): Guide[] {
  const { associates, slug, visits } = project;
  if (!associates) return [{ name: project.associate.name }];
  const begins = DateTime.fromJSDate(at, { zone: timeZone });
  const ends = begins.plus({ minutes: visits.slotMinutes });
  const isThere = ({ days, hours }: (typeof associates)[number]) =>
    (!days || days.includes(begins.weekday)) &&
    (!hours ||
      (begins >= begins.startOf('day').set({ hour: hours.fromHour }) &&
        ends <= begins.startOf('day').set({ hour: hours.toHour })));
  // Whoever is known by their Slack id is one person, whichever projects they work for.
  return associates
    .filter(isThere)
    .map(({ name, staff }) => ({ name, key: staff ?? `${slug}/${name}`, ...(staff && { staff }) }));
}

/** What decisions may know of a project's opening hours. */
export function visitingHours({ visits }: Project): VisitingHours {
  const { fromHour, toHour, closedWeekdays, holidays = [] } = visits;
  return { fromHour, toHour, closedWeekdays, holidays, daysAhead: DAYS_AHEAD, noticeHours: NOTICE_HOURS };
}
