import { projectNamed } from '../subjects.ts';
import type { Facts, FlowEvent, HeardMessage } from '../types.ts';
import type { Context, Data, Heard } from './data.ts';
import { namesImpossibleDay } from './times.ts';

/** When a buyer wants to come, as far as they say. */

/** What a visit starts from: the project that is meant, and a time if one was named. */
export function visitData(
  message: HeardMessage,
  project: string,
  { facts, now }: { facts: Facts; now: Date },
): Data {
  const [, of, tapped] = SLOT.exec(message.choiceId ?? '') ?? [];
  const at = new Date(tapped ?? '');
  // The offer that it was tapped in is over, but it says exactly what is wanted.
  if (of === project && !Number.isNaN(at.getTime())) return chosenVisitData(project, at);
  return { project, offer: 'first', ...wishOf(message, { facts, now }) };
}

/** What a visit starts from whose time was chosen already. */
export function chosenVisitData(project: string, at: Date): Data {
  return { project, offer: 'first', wanted: at, isAgreed: true };
}

/** The time that a message names, as it goes into the run. */
export function wishOf(
  { text, understanding: { entities } }: HeardMessage,
  { facts, now }: Pick<Context, 'facts' | 'now'>,
): Pick<Partial<Data>, 'wanted' | 'day' | 'offer'> {
  if (namesImpossibleDay(text, now, facts.timeZone)) return { offer: 'impossible' };
  if (entities.at) return { wanted: entities.at, offer: 'other_day' };
  return entities.date ? { day: entities.date, offer: 'other_day' } : {};
}

/** True when the buyer names another project than that of this visit. */
export function isElsewhere({ message, data, facts }: Heard): boolean {
  const named = projectNamed(message, facts);
  return named !== undefined && named !== data.project;
}

/** What a visit starts from whose time was chosen on the buyer's page. */
export function chosen(event: FlowEvent): Partial<Data> {
  const { at } = chosenAt(event);
  return at ? { wanted: at, isAgreed: true } : {};
}

/** The time of such a choice. */
export function chosenAt(event: FlowEvent): { at?: Date } {
  return event.name === 'slotChosen' ? { at: event.at } : {};
}

/** `visit.slot.<project>.<iso>`; before several visits were possible, without the project. */
export const SLOT = /^visit\.slot\.(?:([a-z0-9-]+)\.)?(\d{4}-\d\d-\d\dT.+)$/;
