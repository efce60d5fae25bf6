import { DateTime } from 'luxon';
import type { Logger } from 'pino';
import type { Team } from '../flows/types.ts';
import type { Notices } from '../models/notice.ts';

export type NoticeParts = {
  notices: Notices;
  /** Lets Slack be told; returns at once. */
  noticeRaised: (team: Team) => void;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

/** How the running product speaks to its people about itself; what concerns one buyer is a case instead. */
export class Announcer {
  private readonly parts: NoticeParts;

  constructor(parts: NoticeParts) {
    this.parts = parts;
  }

  /** Tells a team something, once per key, whoever raises it and however often. */
  async raise(key: string, team: Team, text: string): Promise<void> {
    const { notices, noticeRaised, now } = this.parts;
    if (await notices.raise(key, team, text, now())) noticeRaised(team);
  }

  /** Tells the support team of a trouble, at most once per key and day. Never rejects: trouble has no time for more. */
  async alert(key: string, text: string): Promise<void> {
    const { timeZone, now, log } = this.parts;
    const day = DateTime.fromJSDate(now(), { zone: timeZone }).toISODate();
    try {
      await this.raise(`alert:${key}:${day}`, 'support', text);
    } catch (error) {
      log.error({ err: error, alert: key }, 'an alert could not be put on record');
    }
  }
}
