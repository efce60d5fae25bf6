import { decideHold } from '../flows/hold.ts';
import type { StaffRef } from '../flows/types.ts';
import type { BotHold } from '../inbox/slack/listening.ts';
import type { AnswerParts } from './answers.ts';
import { apply } from './turn.ts';

/** Lets people stop the bot for a buyer, with or without a case, and give it the word again. */
export class Holds {
  private readonly parts: Omit<AnswerParts, 'cases'>;

  constructor(parts: Omit<AnswerParts, 'cases'>) {
    this.parts = parts;
  }

  /**
   * Pauses or resumes the bot in every conversation of a buyer; repeating it is a no-op. `unknown`: they have
   * never written.
   */
  async hold(input: {
    buyer: string;
    act: 'pause' | 'resume';
    inputId: string;
    staff: StaffRef;
    caseId?: string;
  }): Promise<BotHold> {
    const { conversations, contextOf, wake, now } = this.parts;
    let result: BotHold = { outcome: 'unknown' };
    for (const id of await conversations.idsOf(input.buyer)) {
      const left = await conversations.change(id, async (current) => {
        const { owner } = current.state;
        const isThere = (owner.kind === 'staff' && owner.until > now()) === (input.act === 'pause');
        if (isThere || current.seen.includes(input.inputId)) return undefined;
        const decision = decideHold(current.state, input, await contextOf(current, now()));
        return { ...apply(current, decision, now()), seen: [...current.seen, input.inputId] };
      });
      const { owner } = left.state;
      result = { outcome: 'done', ...(owner.kind === 'staff' && { by: owner.name, until: owner.until }) };
      wake(id);
    }
    return result;
  }
}
