import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Team } from '../../flows/types.ts';
import type { Notice, Notices } from '../../models/notice.ts';
import { escaped } from './blocks.ts';
import { directChannel, nudgeMessage } from './nudges.ts';
import type { Lane, Told } from './outbox.ts';
import type { Pace } from './pace.ts';
import { findPosted, post, readFailure } from './posts.ts';

export type TeamNoticeParts = {
  client: WebClient;
  notices: Notices;
  channelOf: Record<Team, string>;
  pace: Pace;
  instance: string;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

/** Slack cuts a message at 40,000 characters; nobody reads a notice of that length. */
const TEXT_CHARACTERS = 3_000;

/** Posts notices in their team's channel: each once, in the order in which they were raised. */
export class TeamNotices {
  /** The oldest notice of the channel's teams that is due. A team's next one waits for the one before it. */
  readonly lane: Lane = async (channel) => {
    const { notices, channelOf, now } = this.parts;
    const teams = (Object.keys(channelOf) as Team[]).filter((team) => channelOf[team] === channel);
    const next = await Promise.all(teams.map((team) => notices.nextOf(team)));
    const [first] = next
      .filter((notice) => notice?.slackOwedAt !== undefined && notice.slackOwedAt <= now())
      .sort((one, other) => Number(one?.at) - Number(other?.at));
    return first && { channel, tell: () => this.tell(first._id) };
  };

  private readonly parts: TeamNoticeParts;

  constructor(parts: TeamNoticeParts) {
    this.parts = parts;
  }

  private async tell(id: string): Promise<Told> {
    const { notices, instance, now } = this.parts;
    const telling = await notices.startTelling(id, instance, now());
    if (!telling) return 'elsewhere';
    const { notice, interrupted } = telling;
    try {
      await notices.posted(notice._id, await this.show(notice, interrupted));
      return 'done';
    } catch (error) {
      return this.tryLater(notice, interrupted, error);
    }
  }

  private async show(notice: Notice, interrupted: boolean) {
    const { client, channelOf, timeZone } = this.parts;
    const { _id: id, team, text, to } = notice;
    const channel = to === undefined ? channelOf[team] : await directChannel(client, to);
    const before = interrupted ? await findPosted(client, channel, id) : undefined;
    if (before && !notice.nudge) return { channel, ts: before };
    const message = notice.nudge
      ? await nudgeMessage(client, notice, timeZone)
      : { text: escaped(text.slice(0, TEXT_CHARACTERS)) };
    // What got there before more was added is brought up to date.
    if (before) await client.chat.update({ channel, ts: before, ...message });
    this.parts.pace.leaves(channelOf[team]);
    return { channel, ts: before ?? (await post(client, { channel, id }, message)) };
  }

  /**
   * After anything but a refusal nobody knows whether Slack was told: the next attempt looks first. What a person does
   * not take is given up.
   */
  private async tryLater({ _id: id, to }: Notice, interrupted: boolean, error: unknown): Promise<Told> {
    const { notices, now, log } = this.parts;
    const failure = readFailure(error);
    const { code, reason, retryAfterMs, isRefusal, isOnlyThis } = failure;
    if (to !== undefined && isOnlyThis) {
      // Their team's channel says the same: a person who takes no direct messages holds nobody up.
      log.warn({ notice: id, code, reason }, 'Slack takes no direct message to this person');
      await notices.abandon(id);
      return 'done';
    }
    log.warn({ notice: id, code, reason, retryAfterMs }, 'Slack was not told; the notice waits');
    const at = new Date(now().getTime() + retryAfterMs);
    if (interrupted || !isRefusal) await notices.doubt(id, at);
    else await notices.postpone(id, at);
    return failure;
  }
}
