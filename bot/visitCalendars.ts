import type { Language } from '../flows/types.ts';
import type { Visit, Visits } from '../models/visit.ts';
import type { Project } from '../templates/documents/project.ts';
import { CALENDAR_MIME_TYPE, visitCalendar } from '../templates/documents/visitCalendar.ts';
import type { Portfolio } from './portfolio.ts';

/** A visit's entry for a calendar, as a file that can be sent or downloaded. */
export type CalendarFile = { fileName: string; mimeType: string; bytes: Buffer };

/** Makes the file of a visit as it stands at `now`; undefined when there is no such visit. */
export type CalendarOf = (visit: string, language: Language, now: Date) => Promise<CalendarFile | undefined>;

/** Finds the visit and its project, and makes the file. */
export function createCalendarOf(visits: Visits, portfolio: Portfolio): CalendarOf {
  return async (id, language, now) => {
    const visit = await visits.byId(id);
    const project = visit && (await portfolio.project(visit.project, now));
    return visit && project && calendarFile(visit, project, language, now);
  };
}

/** The .ics file of a visit: an entry that stays when the visit is over, and goes when it is cancelled. */
function calendarFile(visit: Visit, project: Project, language: Language, now: Date): CalendarFile {
  const { _id, at, minutes = project.visits.slotMinutes, associate = project.associate, status } = visit;
  const { uid = _id, sequence = 0 } = visit.calendar ?? {};
  const { name, developer, address, mapUrl, slug } = project;
  const text = visitCalendar({
    ...{ uid, sequence, at, minutes, isCancelled: status === 'cancelled' },
    ...{ project: name, developer, address, mapUrl, associate: associate.name, language, stampedAt: now },
  });
  return { fileName: `${slug}-visit.ics`, mimeType: CALENDAR_MIME_TYPE, bytes: Buffer.from(text) };
}
