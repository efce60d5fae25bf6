import type { Logger } from 'pino';
import { type DecisionContext, decideUndelivered } from '../flows/decide.ts';
import type { CampaignRef } from '../flows/types.ts';
import type { Cases } from '../models/case.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import { isTemplateRetry, type Send, type Sends, templateRetryOf } from '../models/send.ts';
import type { Outcomes } from './campaigns/outcomes.ts';
import type { Channel, DeliveryReport, Handle } from './channels/channel.ts';
import { SHOWN_AFTER_MS } from './effects.ts';
import type { Limits } from './limits.ts';
import { caseOf, hasTemplate, inputOf, nameOf, personOf } from './outgoing.ts';
import { handleKey, handleOf } from './receive.ts';
import { apply } from './turn.ts';

export type DeliveryParts = {
  cases: Cases;
  sends: Sends;
  channels: ReadonlyMap<string, Channel>;
  limits: Limits;
  campaignOutcomes: Pick<Outcomes, 'reported'>;
  conversations: Conversations;
  contextOf: (conversation: Conversation, now: Date) => Promise<DecisionContext>;
  wake: (conversation: string) => void;
  /** Puts on record that these are handles of one person. */
  learnHandles: (from: Handle, alsoKnownAs: Handle[]) => Promise<unknown>;
  /** Lets the thread of a case be shown what became of something that a person said. */
  replyChanged: (input: string) => Promise<void>;
  now: () => Date;
  log: Logger;
};

/** The window had closed when the message came in at WhatsApp. */
const WINDOW_CLOSED = '131047';
/** A template that is missing, paused, or filled in wrongly. */
const TEMPLATE_ERROR = /^132\d{3}$/;

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
    const { outboxId, providerId, state, at, error, pricing } = report;
    const raised = await sends.report({
      providerId,
      state,
      at,
      ...(outboxId && { outboxId }),
      ...(error && { error: `${error.code} ${error.detail}`, errorCode: error.code }),
      ...(pricing !== undefined && { pricing }),
    });
    if (raised && error) await this.learn(raised, error.code);
    if (raised) await this.learnRecipient(raised, report);
    if (raised) await this.tellCampaign(raised, report);
    if (raised && personOf(raised.effect)) await this.showOnCard(raised);
    // Known as failed already: reported again, perhaps since nobody could be told the first time.
    const failed = state === 'failed' ? (raised ?? (await this.failedBefore(report))) : undefined;
    if (failed) await this.refused(failed, report);
    const input = raised && inputOf(raised.effect);
    if (input) await this.parts.replyChanged(input);
    // An outcome that was unknown is known now: the messages behind it may go.
    const settled = raised ?? failed;
    if (settled && (failed || (await this.isOwed(settled)))) wake(settled.conversation);
  }

  /** How far a person's words have come stands on the card of their case. */
  private async showOnCard({ effect }: Send): Promise<void> {
    const { cases, now } = this.parts;
    const caseId = caseOf(effect);
    if (caseId) await cases.refresh([caseId], new Date(now().getTime() + SHOWN_AFTER_MS));
  }

  /** What was taken at first and then refused counts towards the limits like any other refusal. */
  private async learn({ channel: id, conversation, cold }: Send, code: string): Promise<void> {
    const { channels, limits, now } = this.parts;
    const channel = channels.get(id);
    if (channel) await limits.refused(channel, conversation, { code, cold }, now());
  }

  private async learnRecipient({ to }: Send, { recipient = [] }: DeliveryReport): Promise<void> {
    const others = recipient.filter((handle) => handleKey(handle) !== to);
    // Somebody else's names, as when the number has been forwarded, must not make two people one.
    if (others.length === recipient.length) return;
    if (others.length > 0) await this.parts.learnHandles(handleOf(to), others);
  }

  /** How far a campaign's reminder has come; what goes out again as its template has not failed yet. */
  private async tellCampaign(send: Send, { state, error }: DeliveryReport): Promise<void> {
    const campaign = campaignOf(send);
    if (!campaign || mayTryTemplate(send, error)) return;
    await this.parts.campaignOutcomes.reported(campaign, state, error && `${error.code} ${error.detail}`);
  }

  /** Once per message: it goes out again as its template if only the window was in the way, or a person learns of it. */
  private async refused(send: Send, { error }: DeliveryReport): Promise<void> {
    const { conversations, contextOf, now, log } = this.parts;
    const { conversation, effect } = send;
    const reason = error ? `${error.code} ${error.detail}` : 'no reason given';
    const inputId = `failed:${send._id}`;
    const isOurBug = error !== undefined && TEMPLATE_ERROR.test(error.code);
    log[isOurBug ? 'error' : 'warn']({ outboxId: send._id, reason }, 'a message was not delivered');
    // The campaign's report names it: a case for each would bury what people must answer.
    if (campaignOf(send) && !mayTryTemplate(send, error)) return;
    await conversations.change(conversation, async (current) => {
      if (current.seen.includes(inputId)) return undefined;
      const at = now();
      const seen = [...current.seen, inputId];
      if (mayTryTemplate(send, error)) return { ...owedAsTemplate(current, send, at), seen };
      const caseId = current.state.cases.find(({ id }) => id === caseOf(effect))?.id;
      const reply = caseId && inputOf(effect);
      const failure = {
        what: nameOf(effect),
        reason,
        ...(caseId && { caseId }),
        ...(reply && { retry: { reply, failure: send._id } }),
      };
      return {
        ...apply(current, decideUndelivered(current.state, failure, await contextOf(current, at)), at),
        seen,
      };
    });
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
}

/** Only the window was in the way, and the approved template says the same. */
function mayTryTemplate({ _id, as, effect }: Send, error: DeliveryReport['error']): boolean {
  return error?.code === WINDOW_CLOSED && as === 'free' && hasTemplate(effect) && !isTemplateRetry(_id);
}

function campaignOf({ effect }: Send): CampaignRef | undefined {
  return effect.kind === 'sendTemplate' ? effect.campaign : undefined;
}

/** The message is owed once more, under an id of its own that says how it has to go. */
function owedAsTemplate(current: Conversation, { _id, effect }: Send, now: Date): Conversation {
  const again = { id: templateRetryOf(_id), effect, owedAt: now };
  return { ...current, outbox: [again, ...current.outbox], changedAt: now };
}
