import { type Decision, type DecisionContext, Draft } from './draft.ts';
import type { ConversationState, Effect } from './types.ts';

/** What the buyer has just asked for on their own page: it is their answer, whoever has the word in the chat. */
export type PageMessage = Pick<
  Extract<Effect, { kind: 'sendTemplate' }>,
  'template' | 'data' | 'link' | 'code' | 'expiresAt'
> & { why: string };

/** Owes a message that the buyer asked for on the portal. */
export function decidePageMessage(
  state: ConversationState,
  { why, ...message }: PageMessage,
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  draft.owe({ kind: 'sendTemplate', ...message, category: 'reply', isAskedOnPage: true });
  draft.note(`sends ${message.template}`, why);
  return draft.done();
}
