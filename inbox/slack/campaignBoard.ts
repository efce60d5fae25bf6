import type { StaffRef, Team } from '../../flows/types.ts';
import type { Campaign } from '../../models/campaign.ts';
import type { Tally } from '../../models/recipient.ts';
import type { Place } from './posts.ts';

/** What the bot's side and a surface that shows campaigns say to each other. */

/** A campaign as it is shown. */
export type CampaignView = { campaign: Campaign; tally: Tally[] };

/** It stands there; or it is not shown yet, and may be tried again. `mayBeThere`: nobody knows whether it is. */
export type Told = { place: Place } | { retryAfterMs: number; mayBeThere: boolean };

/** Shows a campaign to its team: one message, written again as it goes on. Never throws for a surface that is away. */
export interface CampaignBoard {
  /** Whether this process is the one that tells; if not, another one finds what is owed. */
  isTeller(): Promise<boolean>;
  /** `mayBeThere`: an earlier attempt was cut short, so it is looked for first. */
  post(view: CampaignView, mayBeThere: boolean): Promise<Told>;
  update(place: Place, view: CampaignView): Promise<Told>;
  /** Hands over the result per recipient; `refused` when trying again is of no use. */
  attach(place: Place, file: { name: string; text: string }): Promise<'given' | 'later' | 'refused'>;
}

export const CAMPAIGN_ACTS = ['confirm', 'cancel', 'pause', 'resume', 'stop'] as const;
export type CampaignAct = (typeof CAMPAIGN_ACTS)[number];

/** What people do to a campaign; given by the bot's side. Who may is checked by who calls. */
export type CampaignActions = {
  /** The team whose members may act on it; undefined for none that exists. */
  teamOf(campaign: string): Promise<Team | undefined>;
  /** What came of it, in words for who asked; undefined when the message in the channel says it all. */
  act(act: CampaignAct, campaign: string, staff: StaffRef): Promise<string | undefined>;
};
