import type { Decision, DecisionContext } from '../flows/decide.ts';
import type { ConversationState } from '../flows/types.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import { apply } from './turn.ts';

export type OnceParts = {
  conversations: Conversations;
  contextOf: (conversation: Conversation, now: Date) => Promise<DecisionContext>;
  /** Has the conversation pay what it owes. */
  wake: (conversation: string) => void;
  now: () => Date;
};

/**
 * Decides what an input other than a message means to a conversation, once: not again under `input`, and not where
 * one of `others` says that it is settled.
 */
export async function decideOnce(
  { conversations, contextOf, wake, now }: OnceParts,
  conversation: string,
  [input, ...others]: readonly [string, ...string[]],
  decide: (state: ConversationState, context: DecisionContext) => Decision,
): Promise<void> {
  await conversations.change(conversation, async (current) => {
    if ([input, ...others].some((each) => current.seen.includes(each))) return undefined;
    const at = now();
    const decision = decide(current.state, await contextOf(current, at));
    return { ...apply(current, decision, at), seen: [...current.seen, input] };
  });
  wake(conversation);
}
