import type { Facts, FlowEvent, Run } from './types.ts';

/** What runs are about, as people name it: a project, or a unit that was sold. */

/** What a run is about; a run of an older version knows only its project. */
export function subjectOf({ subject, data }: Run): string {
  return subject ?? (typeof data.project === 'string' ? data.project : '');
}

/** Whether an event concerns a run: named by it, or about the same project or booking. */
export function isAboutRun(event: FlowEvent, run: Run): boolean {
  if ('run' in event) return event.run === run.id;
  if (!('subject' in event)) return true;
  const subjects = event.name === 'bookingOpened' ? [event.subject, event.project] : [event.subject];
  const { project, booking } = run.data;
  // An enquiry may have moved on to another project than it began with.
  const isAbout = [subjectOf(run), ...(typeof project === 'string' && !booking ? [project] : [])];
  return isAbout.some((each) => subjects.includes(each));
}

/** How a run's subject is called: `Greenfield Heights, B-1203`, or the project alone. */
export function labelOf(run: Run, { bookings, projects }: Facts): string {
  const subject = subjectOf(run);
  const booking = bookings.find(({ id }) => id === subject);
  const slug = booking?.project ?? run.data.project ?? subject;
  const project = projects.find((each) => each.slug === slug)?.name ?? `${slug}`;
  return booking ? `${project}, ${booking.unit}` : project;
}

/** The runs whose project or unit a text names: by the unit where one is named. */
export function runsNamed(text: string, runs: Run[], facts: Facts): Run[] {
  const folded = text.toLowerCase();
  const byUnit = runs.filter((run) => {
    const unit = facts.bookings.find(({ id }) => id === subjectOf(run))?.unit.toLowerCase();
    return unit !== undefined && holdsWord(folded, unit);
  });
  if (byUnit.length > 0) return byUnit;
  return runs.filter((run) => {
    const booking = facts.bookings.find(({ id }) => id === subjectOf(run));
    const slug = booking?.project ?? run.data.project ?? subjectOf(run);
    return facts.projects.some((project) => project.slug === slug && isNamed(folded, project));
  });
}

/** Whether a text names a project or one of the buyer's units, and none that the run is about. */
export function isOther(run: Run, text: string, facts: Facts): boolean {
  const folded = text.toLowerCase();
  const bookings = facts.bookings.filter(({ unit }) => holdsWord(folded, unit.toLowerCase()));
  const projects = facts.projects.filter((project) => isNamed(folded, project));
  const subject = subjectOf(run);
  const booking = facts.bookings.find(({ id }) => id === subject);
  const isOtherUnit = booking && bookings.length > 0 && !bookings.includes(booking);
  const slug = booking?.project ?? run.data.project ?? subject;
  return Boolean(isOtherUnit) || (projects.length > 0 && projects.every((each) => each.slug !== slug));
}

/** The slug of the one project that a text names; undefined when it names none, or several. */
export function projectNamed(text: string, { projects }: Facts): string | undefined {
  const [only, ...others] = projects.filter((project) => isNamed(text.toLowerCase(), project));
  return others.length === 0 ? only?.slug : undefined;
}

function isNamed(folded: string, { name, slug }: Facts['projects'][number]): boolean {
  return folded.includes(name.toLowerCase()) || folded.includes(slug);
}

/** `b-1203` in `about b-1203, please`, and not in `b-12034`; also as `b1203` and `b 1203`. */
function holdsWord(text: string, unit: string): boolean {
  const pattern = unit.split(/[^\p{L}\p{N}]+/u).join('[^\\p{L}\\p{N}]?');
  return new RegExp(`(?<![\\p{L}\\p{N}])${pattern}(?![\\p{L}\\p{N}])`, 'u').test(text);
}
