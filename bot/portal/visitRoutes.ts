import type { Response, Router } from 'express';
import type { Visit } from '../../models/visit.ts';
import type { Project } from '../../templates/documents/project.ts';
import { CALENDAR_MIME_TYPE, visitCalendar } from '../../templates/documents/visitCalendar.ts';
import type { VisitBook } from './desks.ts';
import type { Caller, Door } from './door.ts';
import { upcomingVisits } from './facts.ts';
import { Limiter } from './limiter.ts';
import { associateOf, type VisitsState, visitsPage } from './pages/visits.ts';

export type VisitRouteParts = { visits: VisitBook; newId: () => string; now: () => Date };

const HOUR_MS = 3_600_000;
const CHANGES_PER_HOUR = 20;

/** What a page says after a form, by the word in its address. */
const SAID = { booked: 'good', cancelled: 'good', taken: 'bad', closed: 'bad' } as const;
type Said = keyof typeof SAID;

/** The buyer's visits: booking, moving, cancelling, and the entry for their calendar. */
export function visitRoutes(router: Router, door: Door, { visits, newId, now }: VisitRouteParts): void {
  const changed = new Limiter(CHANGES_PER_HOUR, HOUR_MS);

  const show = async (
    response: Response,
    caller: Caller,
    slug: string | undefined,
    message?: VisitsState['message'],
    status = 200,
  ) => {
    const project = await chosenIn(caller, slug);
    const choosing = project && { project, slots: await visits.openSlots(project.slug) };
    const content = visitsPage(caller.view, caller.facts, { choosing, message, newKey: newId });
    door.show(response, caller, { title: caller.view.words.visits.title, tab: 'visits', content }, status);
  };

  router.get('/visits', async (request, response) => {
    const caller = await door.enter(request, response);
    if (!caller) return;
    const { project, done } = request.query;
    const said = isSaid(done) ? { kind: SAID[done], text: caller.view.words.visits[done] } : undefined;
    await show(response, caller, typeof project === 'string' ? project : undefined, said);
  });

  router.post('/visits', async (request, response) => {
    const caller = await door.enter(request, response, '/portal/visits');
    const form = caller && (await door.form(request, response, caller));
    if (!caller || !form) return;
    const slug = form.fields.get('project') ?? '';
    const project = caller.facts.projects.get(slug);
    if (!project) return door.refuse(request, response, 404, 'notFound');
    const at = new Date(form.fields.get('at') ?? '');
    const { visits: words } = caller.view.words;
    if (Number.isNaN(at.getTime()))
      return show(response, caller, slug, { kind: 'bad', text: words.chooseFirst }, 422);
    if (!changed.take(caller.session.buyer, now())) return door.refuse(request, response, 429, 'tooOften');
    const buyer = caller.facts.buyer.id;
    const key = `portal-visit:${buyer}:${form.fields.get('key') ?? ''}:${at.toISOString()}`;
    const result = await visits.choose({ buyer, project: slug, at, key });
    if (result === 'booked')
      return response.redirect(303, `/portal/visits?project=${encodeURIComponent(slug)}&done=booked`);
    await show(response, caller, slug, { kind: 'bad', text: words[result] }, 409);
  });

  router.post('/visits/cancel', async (request, response) => {
    const caller = await door.enter(request, response, '/portal/visits');
    const form = caller && (await door.form(request, response, caller));
    if (!caller || !form) return;
    const visit = upcomingVisits(caller.facts).find(({ _id }) => _id === form.fields.get('visit'));
    // Cancelled by the same form a moment ago: that is what was wanted.
    const isDone = caller.facts.visits.some(
      ({ _id, status }) => _id === form.fields.get('visit') && status === 'cancelled',
    );
    if (!visit && !isDone) return door.refuse(request, response, 404, 'notFound');
    const buyer = caller.facts.buyer.id;
    if (visit) await visits.cancel({ buyer, visit: visit._id, key: `portal-cancel:${visit._id}` });
    response.redirect(303, '/portal/visits?done=cancelled');
  });

  router.get('/visits/visit.ics', async (request, response) => {
    const caller = await door.enter(request, response);
    if (!caller) return;
    const visit = caller.facts.visits.find(({ _id }) => _id === request.query.visit);
    const project = visit && caller.facts.projects.get(visit.project);
    if (!visit || !project) return door.refuse(request, response, 404, 'notFound');
    response.set('Content-Disposition', 'attachment; filename="visit.ics"');
    response.type(CALENDAR_MIME_TYPE).send(calendarOf(caller, visit, project));
  });
}

/** The project that is asked for, that the next visit is to, that was booked, or the only one there is. */
async function chosenIn({ facts }: Caller, slug: string | undefined): Promise<Project | undefined> {
  const { projects, homes } = facts;
  const [next] = upcomingVisits(facts);
  const wanted = slug ?? next?.project ?? homes[0]?.booking.project;
  const found = wanted === undefined ? undefined : projects.get(wanted);
  return found ?? (projects.size === 1 ? [...projects.values()][0] : undefined);
}

function isSaid(done: unknown): done is Said {
  return typeof done === 'string' && Object.hasOwn(SAID, done);
}

/** As calendars know it: a visit that was moved keeps its name there. */
type CalendarVisit = Visit & { minutes?: number; calendar?: { uid?: string; sequence: number } };

function calendarOf({ view }: Caller, visit: CalendarVisit, project: Project): string {
  const { uid = visit._id, sequence } = visit.calendar ?? { sequence: 0 };
  return visitCalendar({
    uid,
    sequence,
    at: visit.at,
    minutes: visit.minutes ?? project.visits.slotMinutes,
    isCancelled: visit.status === 'cancelled',
    project: project.name,
    developer: project.developer,
    address: project.address,
    mapUrl: project.mapUrl,
    associate: associateOf(visit, project),
    language: view.language,
    stampedAt: view.now,
  });
}
