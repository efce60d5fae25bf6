import type { Case } from '../../models/case.ts';
import { clipped, escaped, shortTime } from './blocks.ts';
import { MATTER } from './words.ts';

/** A case in one line of a list, and times as people say them. */

const NAME_CHARACTERS = 80;
const HOURS_WITH_MINUTES = 3;

export type RowContext = { links: Map<string, string>; now: Date; timeZone: string };

/** `L-12 · Asha Verma · Legal threat`, then its age and its deadline; the ticket links to the card. */
export function caseRow(found: Case, { links, now, timeZone }: RowContext): string {
  const link = links.get(found._id);
  const ticket = link ? `<${link}|${found.ticket}>` : found.ticket;
  const who = escaped(clipped(found.buyerName || 'Unknown buyer', NAME_CHARACTERS));
  return `*${ticket}* · ${who} · ${MATTER[found.intent]}\n${clock(found, now, timeZone)}`;
}

/** How old a case is, and how it stands with its deadline. */
export function clock(found: Case, now: Date, timeZone: string): string {
  return `opened ${span(found.openedAt, now)} ago · ${deadline(found, now, timeZone)}`;
}

function deadline(found: Case, now: Date, timeZone: string): string {
  if (found.status === 'resolved') return 'resolved';
  if (found.status === 'snoozed') {
    const until = found.snoozedUntil;
    return until ? `snoozed until ${shortTime(until, timeZone)}` : 'snoozed until the buyer writes';
  }
  if (found.respondedAt) return `answered ${span(found.respondedAt, now)} ago`;
  if (found.dueAt <= now) return `:red_circle: overdue by ${span(found.dueAt, now)}`;
  return `answer by ${shortTime(found.dueAt, timeZone)}, in ${span(now, found.dueAt)}`;
}

/** How long it is between two moments, as people say it: `25 min`, `1 h 59 min`, `7 h`, `2 d`. */
export function span(from: Date, to: Date): string {
  const minutes = Math.max(0, Math.floor((to.getTime() - from.getTime()) / 60_000));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  // Near a deadline, a minute under two hours is no "1 h".
  if (hours < HOURS_WITH_MINUTES && minutes % 60 > 0) return `${hours} h ${minutes % 60} min`;
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
