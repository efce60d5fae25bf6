import type { Decision, DecisionContext } from '../flows/decide.ts';
import { decidePageMessage, type PageMessage } from '../flows/portal.ts';
import { decideBegin, decideHappening } from '../flows/runs.ts';
import type { ConversationState, FlowEvent } from '../flows/types.ts';
import type { Buyers } from '../models/buyer.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import { apply, blankConversation } from './turn.ts';

export type HappeningParts = {
  buyers: Pick<Buyers, 'byId' | 'handlesOf'>;
  conversations: Conversations;
  /** The line that buyers' conversations belong to. */
  line: string;
  contextOf: (conversation: Conversation, now: Date) => Promise<DecisionContext>;
  /** Has the conversation pay what it owes. */
  wake: (conversation: string) => void;
  now: () => Date;
};

/**
 * What happens outside the chat reaches the flows here: a unit is sold, a paper accepted, a payment confirmed. Each
 * happening has a key, under which it is decided once, whoever repeats it.
 */
export class Happenings {
  private readonly parts: HappeningParts;

  constructor(parts: HappeningParts) {
    this.parts = parts;
  }

  /** Lets the runs that it concerns hear of an event; resolves when what follows from it is owed. */
  async tell(buyer: string, key: string, event: FlowEvent): Promise<void> {
    const isOfSale = 'subject' in event;
    await this.decide(buyer, key, isOfSale, (state, context) => decideHappening(state, event, context));
  }

  /** Begins a flow about a booking; one of the same flow about the same booking ends. */
  async begin(
    buyer: string,
    key: string,
    run: { flow: string; subject: string; data: Record<string, unknown> },
  ): Promise<void> {
    await this.decide(buyer, key, true, (state, context) => decideBegin(state, run, context));
  }

  /** Sends what the buyer asked for on their own page. */
  async answerPage(buyer: string, key: string, message: PageMessage): Promise<void> {
    await this.decide(buyer, key, false, (state, context) => decidePageMessage(state, message, context));
  }

  /**
   * Carries out a decision about the buyer's conversation, once per key; `isOfSale` when bookings matter to it. Returns
   * the conversation's id, or undefined when there is no such buyer.
   */
  async decide(
    buyer: string,
    key: string,
    isOfSale: boolean,
    decide: (state: ConversationState, context: DecisionContext) => Decision,
  ): Promise<string | undefined> {
    const { buyers, conversations, contextOf, line, now, wake } = this.parts;
    const person = await buyers.byId(buyer);
    if (!person) return undefined;
    const id = `${line}/${person._id}`;
    const [replyTo = ''] = await buyers.handlesOf(person._id);
    const changed = await conversations.change(
      id,
      async (current) => {
        if (current.seen.includes(key)) return undefined;
        const at = now();
        const known = isOfSale ? { ...current, hasBookings: true as const } : current;
        const decision = decide(known.state, await contextOf(known, at));
        return { ...apply(known, decision, at), seen: [...known.seen, key] };
      },
      () => blankConversation(id, { channel: line, buyer: person._id, replyTo }, now()),
    );
    wake(changed._id);
    return changed._id;
  }
}
