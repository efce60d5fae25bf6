import type { Logger } from 'pino';
import { decideReminder } from '../../flows/campaign.ts';
import { endOfQuiet } from '../../flows/quietHours.ts';
import type { Effect } from '../../flows/types.ts';
import type { Campaign } from '../../models/campaign.ts';
import type { Conversation } from '../../models/conversation.ts';
import type { Models } from '../../models/models.ts';
import type { Recipient } from '../../models/recipient.ts';
import type { Channel } from '../channels/channel.ts';
import type { Limits } from '../limits.ts';
import { apply, blankConversation } from '../turn.ts';
import type { Pace } from './pace.ts';

export type RunnerParts = {
  models: Models;
  limits: Limits;
  /** The transport that conversations of the line begin on. */
  primary: Pick<Channel, 'id' | 'kind'>;
  pace: Pace;
  /** Pays what a conversation owes. Returns at once. */
  wake: (conversation: string) => void;
  boardOwed: (campaign: string) => void;
  instance: string;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

/** How soon a campaign is looked at again that waits for what is on its way. */
const LOOK_AGAIN_MS = 1_000;
const BATCH = 20;

/**
 * Runs campaigns: owes the next recipients their reminders, never more at a time than may be on their way. The
 * outbox sends them. Whatever dies in between, each is owed under one id, and the ledger sends an id once.
 */
export class CampaignRunner {
  private readonly parts: RunnerParts;

  constructor(parts: RunnerParts) {
    this.parts = parts;
  }

  /** Does what can be done for a campaign now. Idempotent: safe to call at any time. */
  async step(id: string): Promise<void> {
    const { campaigns } = this.parts.models;
    const { instance, now } = this.parts;
    const known = await campaigns.byId(id);
    if (known?.status === 'rehearsed' && known.expiresAt <= now()) return this.expire(known);
    const campaign = await campaigns.take(id, instance, now());
    if (!campaign) return;
    const begins = await this.notBefore(campaign);
    if (begins > now()) return campaigns.goOnAt(id, begins, now());
    if (await this.fill(campaign)) await campaigns.finish(id, now());
    else await campaigns.goOnAt(id, new Date(now().getTime() + LOOK_AGAIN_MS), now());
    this.parts.boardOwed(id);
  }

  private async expire({ _id }: Campaign): Promise<void> {
    await this.parts.models.campaigns.stop(_id, 'nobody', 'expired', this.parts.now());
    this.parts.boardOwed(_id);
  }

  /** The moment from which it may go on: its own start, the end of the quiet hours, and what the number allows. */
  private async notBefore({ startsAt, purpose }: Campaign): Promise<Date> {
    const { limits, primary, timeZone, now } = this.parts;
    const at = startsAt && startsAt > now() ? startsAt : now();
    const awake = endOfQuiet(purpose, at, timeZone) ?? at;
    const allowed = await limits.mayBeginAt(primary, now());
    return new Date(Math.max(allowed.getTime(), awake.getTime()));
  }

  /** Owes reminders until enough are on their way; true when every recipient has come to an end. */
  private async fill(campaign: Campaign): Promise<boolean> {
    const { recipients, campaigns } = this.parts.models;
    const { _id } = campaign;
    for (;;) {
      const owed = await recipients.countOwed(_id);
      const room = this.parts.pace.inFlight - owed;
      if (room <= 0) return false;
      const next = await recipients.waiting(_id, Math.min(room, BATCH));
      if (next.length === 0) return owed === 0;
      // Paused or stopped a moment ago: not one more.
      if ((await campaigns.byId(_id))?.status !== 'running') return false;
      await this.oweAll(campaign, next);
    }
  }

  /** One who cannot be owed anything (a record that is broken) keeps nobody else waiting. */
  private async oweAll(campaign: Campaign, batch: Recipient[]): Promise<void> {
    const { models, log, now, wake } = this.parts;
    const owed = await Promise.all(
      batch.map(async (recipient) => {
        try {
          return await this.owe(campaign, recipient);
        } catch (error) {
          log.error({ err: error, recipient: recipient._id }, 'a reminder could not be owed');
          const failure = { status: 'failed' as const, reason: 'it could not be owed' };
          await models.recipients.raise(recipient._id, failure, now());
          return undefined;
        }
      }),
    );
    // The conversation first: who dies before this line owes it again, under the same id.
    await models.recipients.owed(
      batch.filter((_each, index) => owed[index] !== undefined).map(({ _id }) => _id),
      now(),
    );
    for (const conversation of owed) if (conversation !== undefined) wake(conversation);
  }

  private async owe(campaign: Campaign, recipient: Recipient): Promise<string> {
    const { models, primary, now } = this.parts;
    const reminder = reminderOf(campaign, recipient);
    const { buyer, conversation } = recipient;
    const handles = (await models.conversations.latest(conversation))
      ? []
      : await models.buyers.handlesOf(buyer);
    const blank = { channel: primary.id, buyer, replyTo: handles[0] ?? '' };
    const changed = await models.conversations.change(
      conversation,
      (current) => withReminder(current, recipient._id, reminder, now()),
      () => blankConversation(conversation, blank, now()),
    );
    return changed._id;
  }
}

function reminderOf(
  { template, purpose }: Campaign,
  { _id, campaign, about, data, expiresAt }: Recipient,
): Extract<Effect, { kind: 'sendTemplate' }> {
  return {
    kind: 'sendTemplate',
    template,
    data,
    category: 'reminder',
    purpose,
    campaign: { id: campaign, recipient: _id, about },
    ...(expiresAt && { expiresAt }),
  };
}

/** The reminder is owed under the recipient's own id, so that the ledger knows it whoever owes it again. */
function withReminder(
  current: Conversation,
  id: string,
  reminder: Extract<Effect, { kind: 'sendTemplate' }>,
  now: Date,
): Conversation | undefined {
  if (current.seen.includes(id) || current.outbox.some((owed) => owed.id === id)) return undefined;
  const next = apply(current, decideReminder(current.state, reminder), now);
  const outbox = next.outbox.map((owed) => (owed.effect === reminder ? { ...owed, id } : owed));
  return { ...next, outbox, seen: [...next.seen, id] };
}
