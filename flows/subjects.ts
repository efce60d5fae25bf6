import { subjectOf } from './engine.ts';
import type { Facts, FlowEvent, Run } from './types.ts';

/** What runs are about, as people name it: a project, or a unit that was sold. */

/** Whether an event concerns a run: named by it, or about the same project or booking. */
export function isAboutRun(event: FlowEvent, run: Run): boolean {
  if ('run' in event) return event.run === run.id;
  if (!('subject' in event)) return true;
  const subjects = event.name === 'bookingOpened' ? [event.subject, event.project] : [event.subject];
  return subjects.includes(subjectOf(run));
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
    const project = facts.projects.find(({ slug }) => slug === (run.data.project ?? subjectOf(run)));
    return project && (folded.includes(project.name.toLowerCase()) || folded.includes(project.slug));
  });
}

/** `b-1203` in `about b-1203, please`, and not in `b-12034`; also as `b1203` and `b 1203`. */
function holdsWord(text: string, unit: string): boolean {
  const pattern = unit.split(/[^\p{L}\p{N}]+/u).join('[^\\p{L}\\p{N}]?');
  return new RegExp(`(?<![\\p{L}\\p{N}])${pattern}(?![\\p{L}\\p{N}])`, 'u').test(text);
}
