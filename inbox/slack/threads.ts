import { createHash } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Team } from '../../flows/types.ts';
import { type Case, type Cases, type FormerCard, leftFrom, type OwedCase } from '../../models/case.ts';
import { threadPost } from './blocks.ts';
import { caseCard, formerCard } from './card.ts';
import type { CaseFacts } from './facts.ts';
import { Lines } from './lines.ts';
import type { Lane, Posting, Told, Updates } from './outbox.ts';
import type { Pace } from './pace.ts';
import { findPosted, idAt, type Place, post, postedInThread, readFailure } from './posts.ts';
import { nextOf, type Turns } from './turns.ts';

export type ThreadParts = {
  client: WebClient;
  cases: Cases;
  /** What is known of a case besides its record, for its card. */
  factsOf: (found: Case) => Promise<CaseFacts>;
  channelOf: Record<Team, string>;
  pace: Pace;
  instance: string;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

type Telling = { found: Case; interrupted: boolean };

/** The revision that the card shows from now on; `isUnchanged`: Slack did not have to be told anything. */
type Shown = { revision: number; isUnchanged?: boolean };

/** A message that Slack refuses is tried again after a while, ever longer. */
const MOST_RETRY_MS = 300_000;

/** Shows cases in Slack: one card each, updated in place, and what follows in its thread, in order. */
export class CaseThreads {
  /** New cards in the order in which their cases were opened, and in turn with them the lines of threads. */
  readonly postings: Lane = async (channel) => {
    const owed = await this.owedIn(channel);
    const card = byNumber(owed).find(({ slack }) => !slack);
    const isLinesTurn = this.lastWasCard.has(channel);
    const line = card && !isLinesTurn ? undefined : this.nextLine(owed);
    if (line) {
      this.lastWasCard.delete(channel);
      return this.posting(channel, line, (found) => this.showLine(found));
    }
    if (card) this.lastWasCard.add(channel);
    return card && this.posting(channel, card, (found) => this.showCard(found));
  };

  /** Cards that show something outdated: the channels in turn, and in each the card that was updated longest ago. */
  readonly updates: Updates = async () => {
    const { cases, instance, now, pace } = this.parts;
    const owed = await cases.owedUpdates(instance, now());
    if (owed.length === 0) return undefined;
    const news = await this.channelsWithNewCards();
    const waitMs = this.settling(owed);
    const free = owed.filter((one) => {
      const channel = this.channelToUpdate(one);
      return !pace.isLeftAlone(channel) && !news.has(channel);
    });
    const ready = free.filter(({ _id }) => waitMs(_id) === 0);
    const next = this.updateOf(ready);
    if (next || free.length === 0) return next;
    return { waitMs: Math.min(...free.map(({ _id }) => waitMs(_id))) };
  };

  private readonly parts: ThreadParts;
  private readonly perCase = new Lines();
  /** Channels that got a card before anything else of a case. */
  private readonly lastWasCard = new Set<string>();
  private readonly linesTurn: Turns = new Set();
  private readonly updatesTurn: Turns = new Set();
  /** Since when a card has been seen to be outdated. */
  private outdatedSince = new Map<string, Date>();
  /** How often in a row Slack refused a case's message. */
  private readonly refusals = new Map<string, number>();

  constructor(parts: ThreadParts) {
    this.parts = parts;
  }

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

  /** The channel that has to be told of a case; undefined when Slack knows everything. */
  async channelToTell(caseId: string): Promise<string | undefined> {
    const known = await this.parts.cases.byId(caseId);
    return known?.slackOwedAt ? this.channelOf(known) : undefined;
  }

  private channelOf({ slack, team }: Pick<Case, 'slack' | 'team'>): string {
    return slack?.channel ?? this.parts.channelOf[team];
  }

  /** Where the next of a case's cards is updated: the present one first, then those that it has left. */
  private channelToUpdate(one: OwedCase): string {
    const left = isOutdated(one) ? undefined : untold(one);
    return left?.channel ?? this.channelOf(one);
  }

  private owedIn(channel: string): Promise<OwedCase[]> {
    const { cases, channelOf, instance, now } = this.parts;
    const teams = (Object.keys(channelOf) as Team[]).filter((team) => channelOf[team] === channel);
    return cases.owedIn(channel, teams, instance, now());
  }

  /** A long thread does not keep a short one waiting. */
  private nextLine(owed: OwedCase[]): OwedCase | undefined {
    const waiting = owed.filter(({ slack, posts }) => slack && posts.length > 0);
    return nextOf(waiting, this.linesTurn, ({ posts }) => posts[0]?.at);
  }

  private updateOf(ready: OwedCase[]): Posting | undefined {
    const channels = [...new Set(ready.map((one) => this.channelToUpdate(one)))].map((_id) => ({ _id }));
    const channel = nextOf(channels, this.updatesTurn, () => undefined)?._id;
    const here = ready.filter((one) => this.channelToUpdate(one) === channel);
    const next = nextOf(here, this.updatesTurn, ({ slackOwedAt }) => slackOwedAt);
    return next && this.posting(this.channelToUpdate(next), next, (found) => this.updateCard(found));
  }

  /** What is new goes before what has changed: channels where a new card may be posted at this moment. */
  private async channelsWithNewCards(): Promise<Set<string>> {
    const { cases, channelOf, pace, now } = this.parts;
    const channels = (await cases.teamsUnposted(now())).map((team) => channelOf[team]);
    return new Set(channels.filter((channel) => pace.waitToPost(channel) === 0));
  }

  /** For each outdated card, how long its changes are still gathered. */
  private settling(outdated: OwedCase[]): (caseId: string) => number {
    const { now, pace } = this.parts;
    const at = now();
    const since = (id: string) => this.outdatedSince.get(id) ?? at;
    this.outdatedSince = new Map(outdated.map(({ _id }) => [_id, since(_id)]));
    return (id) => Math.max(0, since(id).getTime() + pace.settleMs - at.getTime());
  }

  /** A call of Slack for a case, made by `show`. */
  private posting(channel: string, { _id }: OwedCase, show: (found: Case) => Promise<Shown>): Posting {
    return { channel, tell: () => this.perCase.run(_id, () => this.tell(_id, show)) };
  }

  private async tell(caseId: string, show: (found: Case) => Promise<Shown>): Promise<Told> {
    const { cases, instance, now } = this.parts;
    const telling = await cases.startTelling(caseId, instance, now());
    if (!telling) return 'elsewhere';
    try {
      const found = telling.interrupted ? await this.lookedUp(telling.found) : telling.found;
      const { revision, isUnchanged } = await show(found);
      this.refusals.delete(caseId);
      // More is owed, or came in meanwhile: it has its turn like everything else.
      if (revision < found.cardRevision || !(await cases.caughtUp(caseId, revision)))
        await cases.postpone(caseId, found.slackOwedAt ?? now());
      return isUnchanged ? 'unchanged' : 'done';
    } catch (error) {
      return this.tryLater(telling, error);
    }
  }

  /** After an attempt that was cut short, nobody knows whether Slack was told: what is there is put on record first. */
  private async lookedUp(found: Case): Promise<Case> {
    const { client, cases } = this.parts;
    if (!found.slack) {
      const channel = this.channelOf(found);
      const ts = await findPosted(client, channel, cardIdOf(found));
      if (ts === undefined) return found;
      // What it shows is not known: the next update says it.
      await cases.shown(found._id, { channel, ts }, 0);
      return { ...found, slack: { channel, ts }, shownRevision: 0 };
    }
    // The attempt may have been at the card: what it says is not known.
    const { shownHash: _hash, ...unsure } = found;
    if (found.posts.length === 0) return unsure;
    const known = await postedInThread(client, found.slack);
    for (const line of found.posts.filter(({ id }) => known.has(id))) await cases.posted(found._id, line.id);
    return { ...unsure, posts: found.posts.filter(({ id }) => !known.has(id)) };
  }

  private async showCard(found: Case): Promise<Shown> {
    const { client, cases } = this.parts;
    if (found.slack) return { revision: found.shownRevision };
    const channel = this.channelOf(found);
    const card = await this.cardOf(found);
    this.parts.pace.leaves(channel);
    const ts = await post(client, { channel, id: cardIdOf(found) }, card);
    await cases.shown(found._id, { channel, ts }, found.cardRevision, hashOf(card));
    return { revision: found.cardRevision };
  }

  /** One of the case's cards: the present one, or, when that is up to date, one that the case has left. */
  private async updateCard(found: Case): Promise<Shown> {
    const { client, cases } = this.parts;
    const { slack, cardRevision: revision } = found;
    if (!slack) return { revision: found.shownRevision };
    if (!isOutdated(found)) {
      const left = untold(found);
      if (left) await this.closeFormerCard(found, left, slack);
      return { revision, isUnchanged: !left };
    }
    const card = await this.cardOf(found);
    const hash = hashOf(card);
    const isUnchanged = hash === found.shownHash;
    if (!isUnchanged) await client.chat.update({ ...slack, ...card });
    await cases.shown(found._id, slack, revision, hash);
    return { revision, isUnchanged };
  }

  private async cardOf(found: Case): Promise<ReturnType<typeof caseCard>> {
    const { factsOf, timeZone, now } = this.parts;
    return caseCard(found, { facts: await factsOf(found), timeZone, now: now() });
  }

  private async closeFormerCard(found: Case, former: FormerCard, { channel, ts }: Place): Promise<void> {
    const { client, cases, log } = this.parts;
    const left = { channel: former.channel, ts: former.ts };
    try {
      const { permalink = '' } = await client.chat.getPermalink({ channel, message_ts: ts });
      await client.chat.update({ ...left, ...formerCard(found, former, permalink) });
    } catch (error) {
      // A card that is gone cannot say anything: no reason to look at it again.
      const { code, isOnlyThis } = readFailure(error);
      if (!isOnlyThis) throw error;
      log.warn({ caseId: found._id, code }, 'a card that its case has left could not be closed');
    }
    await cases.formerTold(found._id, left);
  }

  /** The oldest line that the thread does not have. */
  private async showLine(found: Case): Promise<Shown> {
    const { client, cases, timeZone } = this.parts;
    const [line] = found.posts;
    if (!line || !found.slack) return { revision: found.shownRevision };
    const place = { channel: found.slack.channel, thread: found.slack.ts, id: line.id };
    this.parts.pace.leaves(place.channel);
    await post(client, place, threadPost(line, timeZone));
    await cases.posted(found._id, line.id);
    return { revision: found.shownRevision };
  }

  /**
   * A refusal certainly told nothing; after anything else nobody knows, and the next attempt looks first. That
   * stays so until an attempt has looked: a refusal in between answers nothing. What Slack refuses for its own
   * sake waits by itself; otherwise the channel waits, and this case keeps its place in it.
   */
  private async tryLater({ found, interrupted }: Telling, error: unknown): Promise<Told> {
    const { cases, now, log } = this.parts;
    const failure = readFailure(error);
    const { code, reason, retryAfterMs, isOnlyThis, isRefusal } = failure;
    log.warn({ caseId: found._id, code, reason, retryAfterMs }, 'Slack was not told; the case waits');
    const until = isOnlyThis ? this.afterRefusal(found._id, retryAfterMs) : (found.slackOwedAt ?? now());
    if (interrupted || !isRefusal) await cases.doubt(found._id, until);
    else await cases.postpone(found._id, until);
    return failure;
  }

  private afterRefusal(caseId: string, retryAfterMs: number): Date {
    const before = this.refusals.get(caseId) ?? 0;
    this.refusals.set(caseId, before + 1);
    return new Date(this.parts.now().getTime() + Math.min(retryAfterMs * 2 ** before, MOST_RETRY_MS));
  }
}

function isOutdated({ shownRevision, cardRevision }: OwedCase): boolean {
  return shownRevision < cardRevision;
}

/** A card that the case has left and that does not say so yet. */
function untold({ former = [] }: OwedCase): FormerCard | undefined {
  return former.find(({ isTold }) => !isTold);
}

function hashOf(card: ReturnType<typeof caseCard>): string {
  return createHash('sha256').update(JSON.stringify(card)).digest('hex');
}

/** As people number them: the counter behind a ticket says in which order cases were opened. */
function byNumber(owed: OwedCase[]): OwedCase[] {
  const number = ({ ticket }: OwedCase) => Number(ticket.split('-')[1]);
  return [...owed].sort((one, other) => number(one) - number(other));
}

/** A card's own id: a case that moves gets another card, perhaps in the channel of an earlier one. */
function cardIdOf({ _id, former = [] }: Case): string {
  return former.length === 0 ? _id : `${_id}${CARD_NUMBER}${former.length}`;
}

function caseOfCard(id: string): string {
  return id.split(CARD_NUMBER)[0] ?? id;
}

const CARD_NUMBER = '#card';
