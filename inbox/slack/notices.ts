import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Team } from '../../flows/types.ts';
import type { Notice, Notices } from '../../models/notice.ts';
import { escaped } from './blocks.ts';
import { Lines } from './lines.ts';
import { directChannel, nudgeMessage } from './nudges.ts';
import { findPosted, post, readFailure } from './posts.ts';

export type TeamNoticeParts = {
  client: WebClient;
  notices: Notices;
  channelOf: Record<Team, string>;
  instance: string;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

/** Slack cuts a message at 40,000 characters; nobody reads a notice of that length. */
const TEXT_CHARACTERS = 3_000;

/** Posts notices in their team's channel: each once, in the order in which they were raised. */
export class TeamNotices {
  private readonly parts: TeamNoticeParts;
  private readonly lines = new Lines();

  constructor(parts: TeamNoticeParts) {
    this.parts = parts;
  }

  /** Posts everything that a team is owed and may be given now. A failure is kept and tried again. */
  async tell(team: Team): Promise<void> {
    await this.lines.run(team, async () => {
      while (await this.tellNext(team));
    });
  }

  /** False when nothing is left, or when the next one has to wait: what comes after it waits too. */
  private async tellNext(team: Team): Promise<boolean> {
    const { notices, instance, now } = this.parts;
    const next = await notices.nextOf(team);
    if (!next?.slackOwedAt || next.slackOwedAt > now()) return false;
    const telling = await notices.startTelling(next._id, instance, now());
    if (!telling) return false;
    const { notice, interrupted } = telling;
    try {
      await notices.posted(notice._id, await this.show(notice, interrupted));
      return true;
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
    return { channel, ts: before ?? (await post(client, { channel, id }, message)) };
  }

  /**
   * After anything but a refusal nobody knows whether Slack was told: the next attempt looks first. True when there
   * will be none, so that what comes after it need not wait.
   */
  private async tryLater({ _id: id, to }: Notice, interrupted: boolean, error: unknown): Promise<boolean> {
    const { notices, now, log } = this.parts;
    const { code, retryAfterMs, isRefusal, isOurFault } = readFailure(error);
    if (to !== undefined && isOurFault) {
      // Their team's channel says the same: a person who takes no direct messages holds nobody up.
      log.warn({ notice: id, code }, 'Slack takes no direct message to this person');
      await notices.abandon(id);
      return true;
    }
    log.warn({ notice: id, code, retryAfterMs }, 'Slack was not told; the notice waits');
    const at = new Date(now().getTime() + retryAfterMs);
    if (interrupted || !isRefusal) await notices.doubt(id, at);
    else await notices.postpone(id, at);
    return false;
  }
}
