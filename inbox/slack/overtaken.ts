import type { CardPlace } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
import { escaped } from './blocks.ts';
import type { ListenerParts, TeamOutcome } from './listening.ts';
import { OUTCOME, teamName } from './words.ts';

/** What an input is answered with that came too late: who did what before it. */
export async function overtakenText(
  { actions }: Pick<ListenerParts, 'actions'>,
  { _id: caseId, ticket }: Case,
  at: CardPlace,
): Promise<string> {
  const { closed, moved, paymentMissing } = await actions.overtaken({ caseId, at });
  if (moved) return `${ticket} was handed to ${teamName(moved.to)} by ${escaped(moved.by.name)}.`;
  if (closed) {
    const how = closed.outcome ? ` (${OUTCOME[closed.outcome].toLowerCase()})` : '';
    return `${ticket} is resolved: ${escaped(closed.by.name)} did that already${how}.`;
  }
  if (paymentMissing) return `${ticket}: ${escaped(paymentMissing.name)} has told the buyer so already.`;
  return `${ticket} is not open any more.`;
}

/** True for an input that changed nothing because something else had happened before. */
export function isOvertaken(outcome: TeamOutcome): boolean {
  return outcome === 'closed' || outcome === 'moved';
}
