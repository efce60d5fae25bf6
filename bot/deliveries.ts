import type { Logger } from 'pino';
import { type DecisionContext, decideUndelivered } from '../flows/decide.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import type { Send, Sends } from '../models/send.ts';
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
    // Known as failed already: reported again, perhaps since nobody could be told the first time.
    const failed = state === 'failed' ? (raised ?? (await this.failedBefore(report))) : undefined;
    if (failed) await this.tellPerson(failed._id, failed.conversation, error ?? 'no reason given');
    // An outcome that was unknown is known now: the messages behind it may go.
    const settled = raised ?? failed;
    if (settled && (failed || (await this.isOwed(settled)))) wake(settled.conversation);
  }

  /** Most reports are about messages that were settled long ago, and change nothing for the conversation. */
  private async isOwed({ _id, conversation }: Send): Promise<boolean> {
    const latest = await this.parts.conversations.latest(conversation);
    return latest?.outbox.some((owed) => owed.id === _id) ?? false;
  }

  private async failedBefore({ outboxId, providerId }: DeliveryReport): Promise<Send | null> {
    const who = outboxId ? { _id: outboxId } : { providerId };
    return this.parts.sends.model.findOne({ ...who, status: 'failed' }).lean<Send>();
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
