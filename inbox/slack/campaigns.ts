import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Team } from '../../flows/types.ts';
import type { Authority } from './authority.ts';
import { escaped } from './blocks.ts';
import {
  CAMPAIGN_ACTS,
  type CampaignAct,
  type CampaignActions,
  type CampaignBoard,
  type CampaignView,
  type Told,
} from './campaignBoard.ts';
import { campaignAction, campaignMessage } from './campaignMessage.ts';
import type { Lines } from './lines.ts';
import type { Pace } from './pace.ts';
import { findPosted, type Place, post, readFailure } from './posts.ts';

/** Campaigns in the channel of their team: one message each, with buttons, and the results in its thread. */

export type SlackBoardParts = {
  client: WebClient;
  channelOf: Record<Team, string>;
  pace: Pace;
  isTeller: () => Promise<boolean>;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

/** A channel that is left alone is looked at again after this. */
const LEFT_ALONE_MS = 1_000;

export class SlackCampaignBoard implements CampaignBoard {
  private readonly parts: SlackBoardParts;

  constructor(parts: SlackBoardParts) {
    this.parts = parts;
  }

  isTeller(): Promise<boolean> {
    return this.parts.isTeller();
  }

  async post(view: CampaignView, mayBeThere: boolean): Promise<Told> {
    const { client, channelOf, pace } = this.parts;
    const { _id: id, team } = view.campaign;
    const channel = channelOf[team];
    const waitMs = this.waitMs(channel, pace.waitToPost(channel));
    if (waitMs > 0) return { retryAfterMs: waitMs, mayBeThere };
    pace.post(channel);
    let isAsked = false;
    try {
      const before = mayBeThere ? await findPosted(client, channel, id) : undefined;
      if (before) {
        const told = await this.update({ channel, ts: before }, view);
        // Its place is not on record yet: it is looked for again.
        return 'place' in told ? told : { ...told, mayBeThere };
      }
      isAsked = true;
      return { place: { channel, ts: await post(client, { channel, id }, this.message(view)) } };
    } catch (error) {
      return this.failure({ id, channel }, error, mayBeThere || isAsked);
    }
  }

  async update(place: Place, view: CampaignView): Promise<Told> {
    const { pace } = this.parts;
    const waitMs = this.waitMs(place.channel, pace.waitToUpdateCampaign());
    if (waitMs > 0) return { retryAfterMs: waitMs, mayBeThere: false };
    pace.update();
    try {
      await this.parts.client.chat.update({ ...place, ...this.message(view) });
      return { place };
    } catch (error) {
      return this.failure({ id: view.campaign._id, channel: place.channel }, error, true);
    }
  }

  async attach(place: Place, { name, text }: { name: string; text: string }) {
    try {
      await this.parts.client.filesUploadV2({
        channel_id: place.channel,
        thread_ts: place.ts,
        filename: name,
        content: text,
        initial_comment: 'The result of each recipient.',
      });
      return 'given' as const;
    } catch (error) {
      const { code, isOnlyThis } = readFailure(error);
      this.parts.log.warn({ file: name, code }, 'the results of a campaign were not handed over');
      return isOnlyThis ? ('refused' as const) : ('later' as const);
    }
  }

  private message(view: CampaignView) {
    return campaignMessage(view, this.parts.timeZone);
  }

  /** How long the pace asks to wait, at least a moment in a channel that is left alone. */
  private waitMs(channel: string, paceMs: number): number {
    return this.parts.pace.isLeftAlone(channel) ? Math.max(paceMs, LEFT_ALONE_MS) : paceMs;
  }

  private failure(
    { id: campaign, channel }: { id: string; channel: string },
    error: unknown,
    mayBeThere: boolean,
  ): Told {
    const { code, retryAfterMs, isRefusal, isOnlyThis } = readFailure(error);
    const { pace, now } = this.parts;
    if (!isOnlyThis) pace.leaveAlone(channel, new Date(now().getTime() + retryAfterMs));
    this.parts.log.warn({ campaign, code, retryAfterMs }, 'Slack was not shown a campaign; it waits');
    return { retryAfterMs, mayBeThere: mayBeThere && !isRefusal };
  }
}

export type CampaignListenerParts = {
  app: App;
  authority: Authority;
  lines: Lines;
  channelOf: Record<Team, string>;
  campaigns: CampaignActions;
  /** Whether somebody may act for a team: in its channel, or its lead. */
  isInTeam: (user: string, team: Team) => Promise<boolean>;
};

const press = z.object({
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: z.string() }),
  actions: z.tuple([z.object({ value: z.string() })]),
});
type Press = z.infer<typeof press>;

/** Takes in what people press under a campaign. Being in the channel of its team, or leading it, is the authority. */
export function listenToCampaigns(parts: CampaignListenerParts): void {
  for (const act of CAMPAIGN_ACTS) {
    parts.app.action(campaignAction(act), async ({ ack, body }) => {
      const pressed = press.parse(body);
      await parts.lines.run(pressed.message.ts, () => takePress(parts, act, pressed));
      await ack();
    });
  }
}

async function takePress(
  { authority, campaigns, channelOf, isInTeam }: CampaignListenerParts,
  act: CampaignAct,
  { user, channel, message, actions: [{ value: id }] }: Press,
): Promise<void> {
  const tell = async (text: string) => {
    await authority.whisper(channel.id, user.id, message.ts, escaped(text));
  };
  const team = await campaigns.teamOf(id);
  if (!team || channelOf[team] !== channel.id) return tell('This campaign is not known any more.');
  if (!(await isInTeam(user.id, team)))
    return tell('Only members of this channel and the lead of the team can do this.');
  const staff = await authority.staffMember(user.id, team);
  if (!staff) return tell('Only active staff can do this.');
  const words = await campaigns.act(act, id, staff);
  if (words !== undefined) await tell(words);
}
