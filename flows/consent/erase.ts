import { type Decision, type DecisionContext, Draft } from '../draft.ts';
import { subjectOf } from '../engine.ts';
import type { ConversationState, StaffRef } from '../types.ts';
import { withOptOut } from './consent.ts';

/** A person has decided that a buyer's data goes. `bookings`: what is sold to them stays under way. */
export type ErasureDecision = {
  staff: StaffRef;
  reason: string;
  caseId?: string;
  bookings: readonly string[];
};

/**
 * What an erasure does to a conversation: nothing more is sent unasked, the flows of an interest end, and what the
 * buyer said is not remembered. They are told once, as the word of who decided it.
 */
export function decideErasure(
  state: ConversationState,
  { staff, reason, caseId = '', bookings }: ErasureDecision,
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  for (const run of [...draft.state.runs]) if (!bookings.includes(subjectOf(run))) draft.end(run);
  const { promise: _promise, unclear: _unclear, ...kept } = withOptOut(draft.state, context.now);
  draft.state = kept;
  draft.note('erasure of personal data decided', reason, { who: staff.name });
  draft.owe({ kind: 'sendTemplate', template: 'data_erased', data: {}, category: 'reply', staff, caseId });
  return draft.done();
}
