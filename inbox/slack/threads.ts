import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Team } from '../../flows/types.ts';
import { type Case, type Cases, type FormerCard, leftFrom } from '../../models/case.ts';
import { threadPost } from './blocks.ts';
import { caseCard, formerCard } from './card.ts';
import type { CaseFacts } from './facts.ts';
import { Lines } from './lines.ts';
import { findPosted, idAt, type Place, post, postedInThread, readFailure } from './posts.ts';

export type ThreadParts = {
  client: WebClient;
  cases: Cases;
  /** What is known of a case besides its record, for its card. */
  factsOf: (found: Case) => Promise<CaseFacts>;
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
    const found = id === undefined ? null : await cases.byId(caseOfCard(id));
    return found && !leftFrom(found, place) ? found : null;
  }

  /** The case whose card stood there before another team took it over. */
  async formerAt({ channel, ts }: Place): Promise<Case | null> {
    return this.parts.cases.byFormerCard(channel, ts);
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
      await this.closeFormerCards(found, slack);
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
    const { client, cases, factsOf, timeZone, now } = this.parts;
    const card = async () => caseCard(found, { facts: await factsOf(found), timeZone, now: now() });
    if (found.slack) {
      if (found.shownRevision < found.cardRevision) {
        const { text, blocks } = await card();
        await client.chat.update({ ...found.slack, text, blocks });
        await cases.shown(found._id, found.slack, found.cardRevision);
      }
      return found.slack;
    }
    const channel = this.channelOf(found);
    const id = cardIdOf(found);
    const before = interrupted ? await findPosted(client, channel, id) : undefined;
    const ts = before ?? (await post(client, { channel, id }, await card()));
    await cases.shown(found._id, { channel, ts }, found.cardRevision);
    return { channel, ts };
  }

  /** The cards that the case has left say where it is now. */
  private async closeFormerCards(found: Case, place: Place): Promise<void> {
    for (const former of found.former ?? []) {
      if (!former.isTold) await this.closeFormerCard(found, former, place);
    }
  }

  private async closeFormerCard(found: Case, former: FormerCard, { channel, ts }: Place): Promise<void> {
    const { client, cases, log } = this.parts;
    const left = { channel: former.channel, ts: former.ts };
    try {
      const { permalink = '' } = await client.chat.getPermalink({ channel, message_ts: ts });
      await client.chat.update({ ...left, ...formerCard(found, former, permalink) });
    } catch (error) {
      // A card that is gone cannot say anything: no reason to hold up the one that counts.
      const { code, isOurFault } = readFailure(error);
      if (!isOurFault) throw error;
      log.warn({ caseId: found._id, code }, 'a card that its case has left could not be closed');
    }
    await cases.formerTold(found._id, left);
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

/** A card's own id: a case that moves gets another card, perhaps in the channel of an earlier one. */
function cardIdOf({ _id, former = [] }: Case): string {
  return former.length === 0 ? _id : `${_id}${CARD_NUMBER}${former.length}`;
}

function caseOfCard(id: string): string {
  return id.split(CARD_NUMBER)[0] ?? id;
}

const CARD_NUMBER = '#card';
