import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Team } from '../../flows/types.ts';
import type { Case, Cases } from '../../models/case.ts';
import { caseCard, threadPost } from './blocks.ts';
import { Lines } from './lines.ts';
import { findPosted, idAt, type Place, post, postedInThread, readFailure } from './posts.ts';

export type ThreadParts = {
  client: WebClient;
  cases: Cases;
  channelOf: Record<Team, string>;
  instance: string;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

type Telling = { found: Case; interrupted: boolean };

/** Shows cases in Slack: one card each, updated in place, and what follows in its thread, in order. */
export class CaseThreads {
  /** The case whose card stands there. People may be quicker than Slack's answer to our posting: then it is asked. */
  async caseAt(place: Place): Promise<Case | null> {
    const { cases, client } = this.parts;
    const known = await cases.byThread(place.channel, place.ts);
    if (known) return known;
    // Put on record between the two questions, it is found by asking again.
    if (!(await cases.hasUnposted())) return cases.byThread(place.channel, place.ts);
    const id = await idAt(client, place);
    return id === undefined ? null : cases.byId(id);
  }

  private readonly parts: ThreadParts;
  private readonly lines = new Lines();
  /** Until when a channel is left alone: as long as Slack asked for, or for a while after it was out of reach. */
  private readonly quietUntil = new Map<string, Date>();

  constructor(parts: ThreadParts) {
    this.parts = parts;
  }

  /** Tells Slack everything that it does not know of this case yet. A failure is kept and tried again. */
  async tell(caseId: string): Promise<void> {
    const known = await this.parts.cases.byId(caseId);
    if (!known?.slackOwedAt) return;
    // One at a time per channel, as Slack counts by channel: after its first "not now" the others wait unasked.
    await this.lines.run(this.channelOf(known), () => this.tellInLine(caseId));
  }

  private async tellInLine(caseId: string): Promise<void> {
    const { cases, instance, now } = this.parts;
    const telling = await cases.startTelling(caseId, instance, now());
    if (!telling) return;
    const { found, interrupted } = telling;
    const quietUntil = this.quietUntil.get(this.channelOf(found));
    if (quietUntil && quietUntil > now()) return this.wait(telling, quietUntil);
    try {
      const slack = await this.showCard(found, interrupted);
      await this.postLines(found, slack, interrupted);
      const isDone = await cases.caughtUp(caseId, found.cardRevision);
      // More came in while Slack was being told: once again, from the latest state.
      if (!isDone) await cases.postpone(caseId, now());
    } catch (error) {
      await this.tryLater(telling, error);
    }
  }

  private channelOf({ slack, team }: Case): string {
    return slack?.channel ?? this.parts.channelOf[team];
  }

  private async showCard(found: Case, interrupted: boolean): Promise<Place> {
    const { client, cases, timeZone } = this.parts;
    const { text, blocks } = caseCard(found, timeZone);
    if (found.slack) {
      if (found.shownRevision < found.cardRevision) {
        await client.chat.update({ ...found.slack, text, blocks });
        await cases.shown(found._id, found.slack, found.cardRevision);
      }
      return found.slack;
    }
    const channel = this.channelOf(found);
    const before = interrupted ? await findPosted(client, channel, found._id) : undefined;
    const ts = before ?? (await post(client, { channel, id: found._id }, { text, blocks }));
    await cases.shown(found._id, { channel, ts }, found.cardRevision);
    return { channel, ts };
  }

  private async postLines(found: Case, slack: Place, interrupted: boolean): Promise<void> {
    const { client, cases, timeZone } = this.parts;
    const isToLook = interrupted && found.posts.length > 0;
    const known = isToLook ? await postedInThread(client, slack) : new Set<string>();
    for (const line of found.posts) {
      if (!known.has(line.id)) {
        const place = { channel: slack.channel, thread: slack.ts, id: line.id };
        await post(client, place, threadPost(line, timeZone));
      }
      await cases.posted(found._id, line.id);
    }
  }

  private async tryLater(telling: Telling, error: unknown): Promise<void> {
    const { now, log } = this.parts;
    const { found, interrupted } = telling;
    const { code, retryAfterMs, isOurFault, isRefusal } = readFailure(error);
    log.warn({ caseId: found._id, code, retryAfterMs }, 'Slack was not told; the case waits');
    const at = new Date(now().getTime() + retryAfterMs);
    if (!isOurFault) this.quietUntil.set(this.channelOf(found), at);
    await this.wait({ found, interrupted: interrupted || !isRefusal }, at);
  }

  /**
   * A refusal certainly told nothing; after anything else nobody knows, and the next attempt looks first. That
   * stays so until an attempt has looked: a refusal in between answers nothing.
   */
  private async wait({ found, interrupted }: Telling, until: Date): Promise<void> {
    const { cases } = this.parts;
    if (interrupted) await cases.doubt(found._id, until);
    else await cases.postpone(found._id, until);
  }
}
