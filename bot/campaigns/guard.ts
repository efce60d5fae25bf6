import type { CampaignRef, Effect } from '../../flows/types.ts';
import type { Campaign } from '../../models/campaign.ts';
import type { Conversation } from '../../models/conversation.ts';
import type { Models } from '../../models/models.ts';
import type { Spared } from '../../models/recipient.ts';
import type { AudienceSource, Audiences } from './audience.ts';
import { isRepetition, reasonAgainst } from './checks.ts';

export type GuardParts = {
  models: Pick<Models, 'campaigns' | 'sends'>;
  audiences: Audiences;
  remindedWithinDays: number;
  timeZone: string;
};

/** It may go; it must not, and why; or its campaign is paused, to be looked at again. */
export type Verdict = 'go' | { spared: Spared } | { holdUntil: Date };

type Reminder = Extract<Effect, { kind: 'sendTemplate' }> & { campaign: CampaignRef };

/** How long another process may not know that a campaign was paused or stopped; this one knows at once. */
const FRESH_MS = 1_000;
const PAUSED_MS = 30_000;
const DAY_MS = 86_400_000;
const KEPT = 50;

/** Asks about each reminder of a campaign once more, at the moment of sending. */
export class Guard {
  private readonly parts: GuardParts;
  private readonly known = new Map<string, { campaign: Campaign; at: number }>();

  constructor(parts: GuardParts) {
    this.parts = parts;
  }

  /** Whether this reminder may go out now. `own` is its id in the ledger. */
  async check(conversation: Conversation, own: string, effect: Reminder, now: Date): Promise<Verdict> {
    const campaign = await this.campaign(effect.campaign.id);
    if (!campaign || campaign.status === 'stopped') return { spared: 'stopped' };
    if (campaign.status === 'paused') return { holdUntil: new Date(now.getTime() + PAUSED_MS) };
    const { purpose, template } = campaign;
    const { timeZone } = this.parts;
    const { about } = effect.campaign;
    const source = this.parts.audiences[campaign.command.audience.kind] as AudienceSource;
    const since = new Date(now.getTime() - this.parts.remindedWithinDays * DAY_MS);
    const [facts, sent] = await Promise.all([
      source.recheck(about, now),
      this.parts.models.sends.reminders([conversation._id], { template, purpose }, since),
    ]);
    const wasReminded = isRepetition(sent, { about, data: effect.data, own });
    const spared = reasonAgainst({ state: conversation.state, facts, purpose, wasReminded, timeZone, now });
    return spared ? { spared } : 'go';
  }

  /** Its state has been changed here: what is known of it is old. */
  changed(id: string): void {
    this.known.delete(id);
  }

  private async campaign(id: string): Promise<Campaign | undefined> {
    const known = this.known.get(id);
    // By the real clock: it is about how old what we know may be, not about the buyer's time.
    if (known && performance.now() - known.at < FRESH_MS) return known.campaign;
    const campaign = await this.parts.models.campaigns.byId(id);
    if (this.known.size >= KEPT) this.known.clear();
    if (campaign) this.known.set(id, { campaign, at: performance.now() });
    return campaign;
  }
}
