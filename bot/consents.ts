import { type ConsentChange, decideConsent } from '../flows/consent/decide.ts';
import type { DecisionContext } from '../flows/decide.ts';
import type { StaffRef } from '../flows/types.ts';
import type { BuyerConsent, ConsentEntry, TeamConsent } from '../inbox/slack/listening.ts';
import type { Buyers } from '../models/buyer.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import { apply, blankConversation } from './turn.ts';

export type ConsentParts = {
  buyers: Pick<Buyers, 'byId' | 'handlesOf'>;
  conversations: Conversations;
  /** The line that buyers' conversations belong to. */
  line: string;
  contextOf: (conversation: Conversation, now: Date) => Promise<DecisionContext>;
  /** Has the conversation pay what it owes. */
  wake: (conversation: string) => void;
  now: () => Date;
};

/** Consent that comes from outside the chat: from forms, imports, and members of the team whom the buyer told. */
export class Consents implements TeamConsent {
  private readonly parts: ConsentParts;

  constructor(parts: ConsentParts) {
    this.parts = parts;
  }

  async of(buyer: string): Promise<BuyerConsent | undefined> {
    const person = await this.parts.buyers.byId(buyer);
    const known = person && (await this.parts.conversations.fresh(`${this.parts.line}/${person._id}`));
    if (!known) return undefined;
    const { consent, optedOutAt, promotionsOffAt } = known.state;
    return {
      ...(consent && { consent }),
      ...(optedOutAt && { optedOutAt }),
      ...(promotionsOffAt && { promotionsOffAt }),
    };
  }

  async enter({
    entry,
    staff,
    ...input
  }: {
    buyer: string;
    inputId: string;
    staff: StaffRef;
    entry: ConsentEntry;
  }) {
    return this.record({ ...input, change: { ...entry, by: staff } });
  }

  /**
   * Records a change once per input, with a line on the timeline. `refused`: the buyer's own word stands against it;
   * `unknown`: there is no such buyer.
   */
  async record({
    buyer,
    inputId,
    change,
  }: {
    buyer: string;
    inputId: string;
    change: ConsentChange;
  }): Promise<'done' | 'refused' | 'unknown'> {
    const { buyers, conversations, contextOf, line, wake, now } = this.parts;
    const person = await buyers.byId(buyer);
    if (!person) return 'unknown';
    const id = `${line}/${person._id}`;
    const [replyTo = ''] = await buyers.handlesOf(person._id);
    let isRefused = false;
    const changed = await conversations.change(
      id,
      async (current) => {
        isRefused = false;
        if (current.seen.includes(inputId)) return undefined;
        const decision = decideConsent(current.state, change, await contextOf(current, now()));
        isRefused = decision === undefined;
        return decision && { ...apply(current, decision, now()), seen: [...current.seen, inputId] };
      },
      () => blankConversation(id, { channel: line, buyer: person._id, replyTo }, now()),
    );
    wake(changed._id);
    return isRefused ? 'refused' : 'done';
  }
}
