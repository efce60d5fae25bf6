import type { CampaignRef } from '../../flows/types.ts';
import type { Models } from '../../models/models.ts';
import type { RecipientStatus } from '../../models/recipient.ts';
import type { SendStatus } from '../../models/send.ts';

export type OutcomeParts = {
  models: Pick<Models, 'campaigns' | 'recipients'>;
  /** There is room for more of this campaign's reminders. Returns at once. */
  hasRoom: (campaign: string) => void;
  now: () => Date;
};

/** What has become of a reminder. */
export type ReminderOutcome = { status: 'sent' | 'failed' | 'saved'; reason?: string };

/** A message in Slack is edited at most this often. */
export const BOARD_EVERY_MS = 3_000;
/** More is owed as soon as so many have come to an end. */
const REFILL_AFTER = 25;
const KEPT = 100;

const RAISED: Partial<Record<SendStatus, RecipientStatus>> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  played: 'read',
  failed: 'failed',
};

/** Writes down what becomes of each recipient, and lets the campaign and its message in Slack know. */
export class Outcomes {
  private readonly parts: OutcomeParts;
  private readonly ended = new Map<string, number>();
  private readonly told = new Map<string, number>();

  constructor(parts: OutcomeParts) {
    this.parts = parts;
  }

  /** The outbox is done with a reminder; repeating it is a no-op. */
  async settled({ id, recipient }: CampaignRef, outcome: ReminderOutcome): Promise<void> {
    await this.raise(id, recipient, outcome);
    const ended = (this.ended.get(id) ?? 0) + 1;
    this.remember(this.ended, id, ended % REFILL_AFTER);
    if (ended >= REFILL_AFTER) this.parts.hasRoom(id);
  }

  /** A delivery report has come in. */
  async reported({ id, recipient }: CampaignRef, state: SendStatus, reason?: string): Promise<void> {
    const status = RAISED[state];
    if (status) await this.raise(id, recipient, { status, ...(reason && { reason }) });
  }

  private async raise(
    id: string,
    recipient: string,
    outcome: { status: RecipientStatus; reason?: string },
  ): Promise<void> {
    const { campaigns, recipients } = this.parts.models;
    const now = this.parts.now();
    if (!(await recipients.raise(recipient, outcome, now))) return;
    // One write per few seconds is enough to have the message written again.
    if (now.getTime() - (this.told.get(id) ?? Number.NEGATIVE_INFINITY) < BOARD_EVERY_MS) return;
    this.remember(this.told, id, now.getTime());
    await campaigns.oweBoard(id, new Date(now.getTime() + BOARD_EVERY_MS));
  }

  private remember(map: Map<string, number>, id: string, value: number): void {
    if (map.size >= KEPT && !map.has(id)) map.clear();
    map.set(id, value);
  }
}
