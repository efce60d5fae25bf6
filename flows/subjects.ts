import type { Facts, FlowEvent, HeardMessage, Run } from './types.ts';

/** What runs are about, as people name it: a project, or a unit that was sold. */

/** A shorter word of a name ("The", "Park") tells too little. */
const TELLING_LETTERS = 5;
/** What people say around a name when they answer which one they mean. */
const FILLERS = new Set(
  (
    'the a one that this my mine for of in at about it is i mean please pls flat unit project yes ok ' +
    'wala wali vala vali ka ki ke ko mera meri haan ji wo woh yeh वाला वाली का की के को मेरा मेरी हाँ जी वो वह यह'
  ).split(' '),
);

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
export function labelOf(run: Run, facts: Facts): string {
  const booking = facts.bookings.find(({ id }) => id === subjectOf(run));
  const slug = projectOf(run, facts);
  const project = facts.projects.find((each) => each.slug === slug)?.name ?? slug;
  return booking ? `${project}, ${booking.unit}` : project;
}

/**
 * The runs whose project or unit a text names: by the unit where one is named, else by the project, of which a word
 * is enough that none of the others has in its name.
 */
export function runsNamed(text: string, runs: Run[], facts: Facts): Run[] {
  const folded = text.toLowerCase();
  const byUnit = runs.filter((run) => {
    const unit = facts.bookings.find(({ id }) => id === subjectOf(run))?.unit.toLowerCase();
    return unit !== undefined && holdsWord(folded, unit);
  });
  if (byUnit.length > 0) return byUnit;
  const byName = runs.filter((run) => {
    const slug = projectOf(run, facts);
    return facts.projects.some((project) => project.slug === slug && isNamed(folded, project));
  });
  if (byName.length > 0) return byName;
  const said = new Set(wordsOf(folded));
  const namesOf = (run: Run) => wordsOf(labelOf(run, facts)).filter((word) => word.length >= TELLING_LETTERS);
  return runs.filter((run) => {
    const others = new Set(runs.filter((each) => each !== run).flatMap(namesOf));
    return namesOf(run).some((word) => said.has(word) && !others.has(word));
  });
}

/** True for a text that does no more than name projects or units: `the Skyline Residency one, please`. */
export function onlyNames(text: string, { projects, bookings }: Facts): boolean {
  const names = new Set([
    ...projects.flatMap(({ name }) => wordsOf(name)),
    // A unit is also written in one word.
    ...bookings.flatMap(({ unit }) => [...wordsOf(unit), wordsOf(unit).join('')]),
  ]);
  const words = wordsOf(text);
  return words.some((word) => names.has(word)) && words.every((word) => names.has(word) || FILLERS.has(word));
}

/** Whether a text names a project or one of the buyer's units, and none that the run is about. */
export function isOther(run: Run, text: string, facts: Facts): boolean {
  const folded = text.toLowerCase();
  const bookings = facts.bookings.filter(({ unit }) => holdsWord(folded, unit.toLowerCase()));
  const projects = facts.projects.filter((project) => isNamed(folded, project));
  const subject = subjectOf(run);
  const booking = facts.bookings.find(({ id }) => id === subject);
  const isOtherUnit = booking && bookings.length > 0 && !bookings.includes(booking);
  const slug = projectOf(run, facts);
  return Boolean(isOtherUnit) || (projects.length > 0 && projects.every((each) => each.slug !== slug));
}

/** The slug of the one project that a message, or the choice tapped with it, names; undefined of none, or several. */
export function projectNamed(
  { text, choiceId = '' }: Pick<HeardMessage, 'text' | 'choiceId'>,
  { projects }: Facts,
): string | undefined {
  const folded = `${text} ${choiceId}`.toLowerCase();
  const [only, ...others] = projects.filter((project) => isNamed(folded, project));
  return others.length === 0 ? only?.slug : undefined;
}

/** The slug of the project that a run is about, or its unit is in. */
function projectOf(run: Run, { bookings }: Facts): string {
  const subject = subjectOf(run);
  return `${bookings.find(({ id }) => id === subject)?.project ?? run.data.project ?? subject}`;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

function isNamed(folded: string, { name, slug }: Facts['projects'][number]): boolean {
  return folded.includes(name.toLowerCase()) || folded.includes(slug);
}

/** `b-1203` in `about b-1203, please`, and not in `b-12034`; also as `b1203` and `b 1203`. */
function holdsWord(text: string, unit: string): boolean {
  const pattern = unit.split(/[^\p{L}\p{N}]+/u).join('[^\\p{L}\\p{N}]?');
  return new RegExp(`(?<![\\p{L}\\p{N}])${pattern}(?![\\p{L}\\p{N}])`, 'u').test(text);
}
