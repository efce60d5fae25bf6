import type { Decision } from './draft.ts';
import type { ConversationState, Effect } from './types.ts';

/** A campaign owes a buyer one reminder. It changes nothing else; whether it may be said is checked when it is sent. */
export function decideReminder(
  state: ConversationState,
  reminder: Extract<Effect, { kind: 'sendTemplate' }>,
): Decision {
  return { state, effects: [reminder], outcomes: [], notes: [] };
}
