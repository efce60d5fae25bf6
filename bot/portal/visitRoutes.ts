import type { Request, Response, Router } from 'express';
import { AppError } from '../../models/error.ts';
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
const SAID = { booked: 'good', cancelled: 'good', pending: 'info', taken: 'bad', closed: 'bad' } as const;
type Said = keyof typeof SAID;

/** The buyer's visits: booking, moving, cancelling, and the entry for their calendar. */
export class VisitRoutes {
  private readonly door: Door;
  private readonly parts: VisitRouteParts;
  private readonly changed = new Limiter(CHANGES_PER_HOUR, HOUR_MS);

  constructor(door: Door, parts: VisitRouteParts) {
    this.door = door;
    this.parts = parts;
  }

  mount(router: Router): void {
    router.get('/visits', async (request, response) => {
      const caller = await this.door.enter(request, response);
      if (!caller) return;
      const { project, done } = request.query;
      const said = isSaid(done) ? { kind: SAID[done], text: caller.view.words.visits[done] } : undefined;
      await this.show(response, caller, typeof project === 'string' ? project : undefined, said);
    });
    router.post('/visits', (request, response) => this.book(request, response));
    router.post('/visits/cancel', (request, response) => this.cancel(request, response));
    router.get('/visits/visit.ics', (request, response) => this.calendar(request, response));
  }

  private async show(
    response: Response,
    caller: Caller,
    slug: string | undefined,
    message?: VisitsState['message'],
    status = 200,
  ): Promise<void> {
    const { visits, newId } = this.parts;
    const project = chosenIn(caller, slug);
    const choosing = project && { project, slots: await visits.openSlots(project.slug) };
    const content = visitsPage(caller.view, caller.facts, { choosing, message, newKey: newId });
    const page = { title: caller.view.words.visits.title, tab: 'visits', content } as const;
    this.door.show(response, caller, page, status);
  }

  private async book(request: Request, response: Response): Promise<void> {
    const caller = await this.door.enter(request, response, '/portal/visits');
    const form = caller && (await this.door.form(request, response, caller));
    if (!caller || !form) return;
    const slug = form.fields.get('project') ?? '';
    if (!caller.facts.projects.has(slug)) return this.door.refuse(request, response, 404, 'notFound');
    const at = new Date(form.fields.get('at') ?? '');
    const { visits: words } = caller.view.words;
    if (Number.isNaN(at.getTime()))
      return this.show(response, caller, slug, { kind: 'bad', text: words.chooseFirst }, 422);
    if (!this.changed.take(caller.session.buyer, this.parts.now()))
      return this.door.refuse(request, response, 429, 'tooOften');
    const buyer = caller.facts.buyer.id;
    const key = `portal-visit:${buyer}:${form.fields.get('key') ?? ''}:${at.toISOString()}`;
    const result = await this.parts.visits.choose({ buyer, project: slug, at, key }).catch(pendingOnly);
    if (result === 'booked' || result === 'pending')
      return response.redirect(303, `/portal/visits?project=${encodeURIComponent(slug)}&done=${result}`);
    await this.show(response, caller, slug, { kind: 'bad', text: words[result] }, 409);
  }

  private async cancel(request: Request, response: Response): Promise<void> {
    const caller = await this.door.enter(request, response, '/portal/visits');
    const form = caller && (await this.door.form(request, response, caller));
    if (!caller || !form) return;
    const { facts } = caller;
    const isMeant = ({ _id }: Visit) => _id === form.fields.get('visit');
    const visit = upcomingVisits(facts).find(isMeant);
    // Cancelled by the same form a moment ago: that is what was wanted.
    const isDone = facts.visits.some((each) => isMeant(each) && each.status === 'cancelled');
    if (!visit && !isDone) return this.door.refuse(request, response, 404, 'notFound');
    const key = `portal-cancel:${visit?._id}`;
    if (visit) await this.parts.visits.cancel({ buyer: facts.buyer.id, visit: visit._id, key });
    response.redirect(303, '/portal/visits?done=cancelled');
  }

  private async calendar(request: Request, response: Response): Promise<void> {
    const caller = await this.door.enter(request, response);
    if (!caller) return;
    const visit = caller.facts.visits.find(({ _id }) => _id === request.query.visit);
    const project = visit && caller.facts.projects.get(visit.project);
    if (!visit || !project) return this.door.refuse(request, response, 404, 'notFound');
    response.set('Content-Disposition', 'attachment; filename="visit.ics"');
    response.type(CALENDAR_MIME_TYPE).send(calendarOf(caller, visit, project));
  }
}

/** The flow has the wish and will answer in the chat: nothing failed. Any other error goes on its way. */
function pendingOnly(error: unknown): 'pending' {
  if (error instanceof AppError && error.code === 'visit_pending') return 'pending';
  throw error;
}

/** The project that is asked for, that the next visit is to, that was booked, or the only one there is. */
function chosenIn({ facts }: Caller, slug: string | undefined): Project | undefined {
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
