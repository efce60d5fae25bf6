import type { Logger } from 'pino';
import { type DecisionContext, decideUndelivered } from '../flows/decide.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import type { Sends } from '../models/send.ts';
import type { DeliveryReport } from './channels/channel.ts';
import { apply } from './turn.ts';

export type DeliveryParts = {
  sends: Sends;
  conversations: Conversations;
  contextOf: (conversation: Conversation, now: Date) => Promise<DecisionContext>;
  wake: (conversation: string) => void;
  now: () => Date;
  log: Logger;
};

/** Takes delivery reports in: states only rise, every report is logged, and a refused message reaches a person. */
export class Deliveries {
  private readonly parts: DeliveryParts;

  constructor(parts: DeliveryParts) {
    this.parts = parts;
  }

  async report(reports: DeliveryReport[]): Promise<void> {
    for (const report of reports) await this.takeIn(report);
  }

  private async takeIn(report: DeliveryReport): Promise<void> {
    const { sends, wake } = this.parts;
    const error = report.error && `${report.error.code} ${report.error.detail}`;
    const { outboxId, providerId, state, at } = report;
    const raised = await sends.report({
      providerId,
      state,
      at,
      ...(outboxId && { outboxId }),
      ...(error && { error }),
    });
    if (!raised) return;
    if (state === 'failed')
      await this.tellPerson(raised._id, raised.conversation, error ?? 'no reason given');
    // An outcome that was unknown is known now: the messages behind it may go.
    wake(raised.conversation);
  }

  private async tellPerson(send: string, conversation: string, reason: string): Promise<void> {
    const { conversations, contextOf, now } = this.parts;
    this.parts.log.warn({ outboxId: send, reason }, 'a message was not delivered');
    await conversations.change(conversation, async (current) => {
      const inputId = `failed:${send}`;
      if (current.seen.includes(inputId)) return undefined;
      const at = now();
      const decision = decideUndelivered(
        current.state,
        { what: 'a message', reason },
        await contextOf(current, at),
      );
      return { ...apply(current, decision, at), seen: [...current.seen, inputId] };
    });
  }
}
