import { type Decision, type DecisionContext, decideReply, decideResolve } from '../flows/decide.ts';
import type { StaffRef } from '../flows/types.ts';
import type { Cases } from '../models/case.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import { apply } from './turn.ts';

export type AnswerParts = {
  cases: Cases;
  conversations: Conversations;
  contextOf: (conversation: Conversation, now: Date) => Promise<DecisionContext>;
  wake: (conversation: string) => void;
  now: () => Date;
};

/** What became of a person's input: done now, done before (a repeated delivery), or the case is closed. */
export type AnswerOutcome = 'done' | 'repeated' | 'closed';

/** What the team does to a conversation: each is one decision and one write, then the turn is woken. */
export class Answers {
  private readonly parts: AnswerParts;

  constructor(parts: AnswerParts) {
    this.parts = parts;
  }

  /** A person's reply to the buyer. `inputId` names this very input, so that a repeated delivery is a no-op. */
  async reply(input: {
    caseId: string;
    inputId: string;
    text: string;
    staff: StaffRef;
  }): Promise<AnswerOutcome> {
    return this.commit(input, (current, context) => decideReply(current.state, input, context));
  }

  /** A person closes the case; the bot has the word again. */
  async resolve(input: { caseId: string; inputId: string; staff: StaffRef }): Promise<AnswerOutcome> {
    return this.commit(input, (current, context) => decideResolve(current.state, input, context));
  }

  /** One decision about the conversation of an open case, made once per `inputId`. */
  async commit(
    input: { caseId: string; inputId: string },
    decide: (current: Conversation, context: DecisionContext) => Decision,
  ): Promise<AnswerOutcome> {
    const found = await this.parts.cases.byId(input.caseId);
    if (!found || found.status === 'resolved') return 'closed';
    let outcome: AnswerOutcome = 'repeated';
    await this.parts.conversations.change(found.conversation, async (current) => {
      outcome = 'repeated';
      if (current.seen.includes(input.inputId)) return undefined;
      // The case itself is closed a moment after its conversation.
      outcome = current.state.cases.some(({ id }) => id === input.caseId) ? 'done' : 'closed';
      if (outcome === 'closed') return undefined;
      const now = this.parts.now();
      const decision = decide(current, await this.parts.contextOf(current, now));
      return { ...apply(current, decision, now), seen: [...current.seen, input.inputId] };
    });
    this.parts.wake(found.conversation);
    return outcome;
  }
}
