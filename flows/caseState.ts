import { POLICY } from './policy.ts';
import type {
  CaseOutcome,
  ClosedCase,
  ConversationState,
  HeardMessage,
  Intent,
  OpenCase,
  StaffRef,
  Team,
} from './types.ts';

/** What becomes of the cases that a conversation knows: closed, opened again, resting. Pure. */

/** What the buyer writes within this time after a case was closed opens it again. */
const REOPENS_HOURS = 72;
const CLOSED_KEPT = 5;
/** The buyer's thanks, and what they do without words, wake nobody. */
const WAKES_NOBODY: ReadonlySet<HeardMessage['content']> = new Set(['reaction', 'sticker', 'revoked']);

/** What of a case outlasts its being closed. */
export type CaseAgain = Pick<OpenCase, 'id' | 'team' | 'openedAt' | 'pausesReminders'>;

/** The cases without this one, which is remembered among the closed ones. */
export function withoutCase(
  { cases, closed = [] }: ConversationState,
  caseId: string,
  how: { by: StaffRef; outcome?: CaseOutcome; at: Date },
): Pick<ConversationState, 'cases' | 'closed'> {
  const closing = cases.find(({ id }) => id === caseId);
  const others = closed.filter(({ id }) => id !== caseId);
  const { at: closedAt, ...rest } = how;
  const kept = closing ? [...others, { ...lasting(closing), closedAt, ...rest }] : others;
  return { cases: cases.filter((each) => each !== closing), closed: kept.slice(-CLOSED_KEPT) };
}

/** The latest case that was closed not long ago, of a team or of any; undefined when there is none. */
export function lastClosed(
  { closed = [] }: ConversationState,
  now: Date,
  team?: Team,
): ClosedCase | undefined {
  const since = now.getTime() - REOPENS_HOURS * 3_600_000;
  return closed.filter((each) => each.closedAt.getTime() > since && (team ?? each.team) === each.team).at(-1);
}

/** The cases with this one, which nobody has acknowledged to the buyer since. */
export function withCaseAgain(
  { cases, closed = [] }: ConversationState,
  { id, team, openedAt, pausesReminders }: CaseAgain,
  now: Date,
): Pick<ConversationState, 'cases' | 'closed'> {
  const again: OpenCase = { id, team, openedAt, pausesReminders, acknowledged: [], acknowledgedAt: now };
  return { cases: [...cases, again], closed: closed.filter((each) => each.id !== id) };
}

/** True for what a case that rests wakes up for: whatever a buyer writes but thanks. */
export function wakes({ content, isQuiet, understanding }: HeardMessage): boolean {
  if (isQuiet || WAKES_NOBODY.has(content)) return false;
  const [meant] = understanding.intents;
  return !(meant?.name === 'thanks' && meant.confidence >= POLICY.thanks.confidenceFloor);
}

/** When `team` answers a case that it takes over: by its own policy for such a matter, else as soon as it ever does. */
export function respondWithinMinutes(team: Team, intent: Intent): number {
  const own = POLICY[intent];
  if (own.owner === team) return own.respondWithinMinutes;
  const usual = Object.values(POLICY).filter((each) => each.owner === team && each.handling === 'case');
  const minutes = Math.min(...usual.map((each) => each.respondWithinMinutes));
  // What is urgent stays urgent, whoever has it.
  return own.handling === 'first' ? Math.min(minutes, own.respondWithinMinutes) : minutes;
}

function lasting({ id, team, openedAt, pausesReminders }: OpenCase): CaseAgain {
  return { id, team, openedAt, pausesReminders };
}
