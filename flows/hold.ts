import { type Decision, type DecisionContext, Draft } from './draft.ts';
import type { ConversationState, StaffRef } from './types.ts';

/**
 * A person takes the word from the bot without writing to the buyer, under the case they name, else under the newest
 * one, or gives it back. The flows stand still or go on.
 */
export function decideHold(
  state: ConversationState,
  hold: { act: 'pause' | 'resume'; staff: StaffRef; caseId?: string },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  if (hold.act === 'pause') {
    const under = state.cases.find(({ id }) => id === hold.caseId) ?? state.cases.at(-1);
    draft.take(under?.id ?? '', hold.staff);
    draft.note('the bot is paused', `by ${hold.staff.name}`, { who: hold.staff.name });
  } else {
    draft.state.owner = { kind: 'bot' };
    draft.note('the bot has the word again', `by ${hold.staff.name}`, { who: hold.staff.name });
  }
  return draft.done();
}
