import { DateTime } from 'luxon';
import type { Visit } from '../../../models/visit.ts';
import type { Project } from '../../../templates/documents/project.ts';
import { type BuyerFacts, upcomingVisits } from '../facts.ts';
import { type Html, html, type Piece, safeUrl } from '../html.ts';
import { icon } from '../icons.ts';
import { form, notice, type View } from '../page.ts';
import { momentText, timeText, weekdayText } from '../writing.ts';

/** Further days than these are one click away. */
const FIRST_DAYS = 4;
/** Who wants to come later than so many days with free times writes to us. */
const MOST_DAYS = 9;

export type VisitsState = {
  /** The project whose times are shown, and those times; none while it is not known which project. */
  choosing?: { project: Project; slots: Date[] } | undefined;
  message?: { kind: 'good' | 'bad'; text: string } | undefined;
  newKey: () => string;
};

/** The next visit, the times that can be booked, and the visits before. */
export function visitsPage(view: View, facts: BuyerFacts, state: VisitsState): Piece {
  const { visits: words } = view.words;
  const { choosing, message } = state;
  const next = upcomingVisits(facts);
  const onSale = [...facts.projects.values()];
  return html`<p class="lead">${words.lead}</p>${message && notice(message.kind, message.text)}
${next.map((visit) => visitCard(view, facts, visit, state.newKey))}
${
  choosing
    ? times(
        view,
        choosing,
        next.some(({ project }) => project === choosing.project.slug),
        state.newKey,
      )
    : html`<section><h2>${words.which}</h2><ul class="cards">${onSale.map(
        ({ slug, name, locality, city }) =>
          html`<li class="card"><a class="more" href="/portal/visits?project=${encodeURIComponent(slug)}">${name}</a><p class="soft">${locality}, ${city}</p></li>`,
      )}</ul></section>`
}
${earlier(view, facts, next)}`;
}

function visitCard(view: View, { projects }: BuyerFacts, visit: Visit, newKey: () => string): Html {
  const { visits: words } = view.words;
  const project = projects.get(visit.project);
  const map = project && safeUrl(project.mapUrl);
  const id = encodeURIComponent(visit._id);
  return html`<section class="house"><p class="eyebrow">${words.next}</p><p class="unit">${momentText(view, visit.at)}</p><p>${project?.name ?? visit.project}${
    project && html`<br>${project.address}`
  }</p>${project && html`<p>${words.with(associateOf(visit, project))}</p>`}<p class="links">${
    map !== undefined && html`<a href="${map}" rel="noreferrer">${icon('map')}${words.map}</a>`
  }<a href="/portal/visits/visit.ics?visit=${id}">${icon('visits')}${words.calendar}</a></p><details><summary>${words.cancel}</summary>${form(
    view,
    '/portal/visits/cancel',
    html`<input type="hidden" name="visit" value="${visit._id}"><button class="button quiet">${words.cancelSure}</button>`,
    { key: newKey() },
  )}</details></section>`;
}

/** Who meets the buyer: whoever leads this very visit, else the project's associate. */
export function associateOf(visit: Visit & { associate?: { name: string } }, project: Project): string {
  return visit.associate?.name ?? project.associate.name;
}

function times(
  view: View,
  { project, slots }: NonNullable<VisitsState['choosing']>,
  isMove: boolean,
  newKey: () => string,
): Html {
  const { visits: words } = view.words;
  const title = isMove ? words.move : words.book;
  if (slots.length === 0)
    return html`<section><h2>${title}</h2><p class="card">${words.noSlots}</p></section>`;
  const days = byDay(slots, view.timeZone).slice(0, MOST_DAYS);
  const [first, later] = [days.slice(0, FIRST_DAYS), days.slice(FIRST_DAYS)];
  const content = html`<input type="hidden" name="project" value="${project.slug}">${first.map((day) => dayOfSlots(view, day))}${
    later.length > 0 &&
    html`<details><summary>${words.moreSlots}</summary>${later.map((day) => dayOfSlots(view, day))}</details>`
  }<button class="button">${isMove ? words.moveNow : words.bookNow}</button>`;
  return html`<section class="card"><h2>${title}</h2><p class="soft">${project.name}</p>${form(view, '/portal/visits', content, { key: newKey() })}</section>`;
}

function dayOfSlots(view: View, slots: readonly Date[]): Html {
  const [first] = slots;
  return html`<fieldset class="slots"><legend>${first && weekdayText(view, first)}</legend>${slots.map(
    (at) => {
      const value = at.toISOString();
      return html`<label><input type="radio" name="at" value="${value}" required><span>${timeText(view, at)}</span></label>`;
    },
  )}</fieldset>`;
}

function byDay(slots: readonly Date[], zone: string): Date[][] {
  const days = new Map<string, Date[]>();
  for (const at of slots) {
    const day = DateTime.fromJSDate(at, { zone }).toFormat('yyyy-MM-dd');
    days.set(day, [...(days.get(day) ?? []), at]);
  }
  return [...days.values()];
}

function earlier(view: View, { visits, projects }: BuyerFacts, next: readonly Visit[]): Piece {
  const { visits: words } = view.words;
  const rest = visits.filter((visit) => !next.includes(visit));
  if (rest.length === 0) return undefined;
  return html`<section><h2>${words.past}</h2><ul class="plainlist">${rest
    .slice(0, 5)
    .map(
      ({ at, project, status }) =>
        html`<li>${momentText(view, at)}, ${projects.get(project)?.name ?? project} <span class="soft">(${words.states[status] ?? words.states.booked})</span></li>`,
    )}</ul></section>`;
}
