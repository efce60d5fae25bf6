import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Team } from '../../flows/types.ts';
import type { Case, Cases } from '../../models/case.ts';
import { caseCard, threadPost } from './blocks.ts';
import { Lines } from './lines.ts';

export type ThreadParts = {
  client: WebClient;
  cases: Cases;
  channelOf: Record<Team, string>;
  instance: string;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

const AFTER_FAILURE_MS = 5_000;
const PAGE_MESSAGES = 200;
/** How far back in a channel an interrupted attempt is looked for; a thread is read as a whole. */
const LOOK_BACK_PAGES = 5;

type Place = { channel: string; ts: string };
type Page = {
  messages?: { ts?: string; metadata?: { event_payload?: unknown } }[];
  response_metadata?: { next_cursor?: string };
};
type Telling = { found: Case; interrupted: boolean };

/** Shows cases in Slack: one card each, updated in place, and what follows in its thread, in order. */
export class CaseThreads {
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
    const before = interrupted ? await this.findCard(channel, found._id) : undefined;
    const ts = before ?? (await this.post(channel, undefined, found._id, { text, blocks }));
    await cases.shown(found._id, { channel, ts }, found.cardRevision);
    return { channel, ts };
  }

  private async postLines(found: Case, slack: Place, interrupted: boolean): Promise<void> {
    const known =
      interrupted && found.posts.length > 0 ? await this.postedInThread(slack) : new Set<string>();
    for (const line of found.posts) {
      if (!known.has(line.id)) {
        await this.post(slack.channel, slack.ts, line.id, threadPost(line, this.parts.timeZone));
      }
      await this.parts.cases.posted(found._id, line.id);
    }
  }

  /** The metadata carries our id, so that an attempt whose answer was lost can be recognised. */
  private async post(
    channel: string,
    thread: string | undefined,
    id: string,
    message: ReturnType<typeof threadPost>,
  ): Promise<string> {
    const posted = await this.parts.client.chat.postMessage({
      channel,
      ...message,
      ...(thread && { thread_ts: thread }),
      unfurl_links: false,
      unfurl_media: false,
      metadata: { event_type: 'baton', event_payload: { id } },
    });
    return posted.ts ?? '';
  }

  private async findCard(channel: string, id: string): Promise<string | undefined> {
    const { conversations } = this.parts.client;
    let pages = 0;
    for await (const page of pagesOf((paging) => conversations.history({ channel, ...paging }))) {
      const card = page.find((message) => idOf(message) === id);
      pages += 1;
      if (card || pages === LOOK_BACK_PAGES) return card?.ts;
    }
    return undefined;
  }

  private async postedInThread({ channel, ts }: Place): Promise<Set<string>> {
    const { conversations } = this.parts.client;
    const known = new Set<string>();
    for await (const page of pagesOf((paging) => conversations.replies({ channel, ts, ...paging }))) {
      for (const message of page) known.add(idOf(message) ?? '');
    }
    return known;
  }

  private async tryLater(telling: Telling, error: unknown): Promise<void> {
    const { now, log } = this.parts;
    const { found, interrupted } = telling;
    const code = codeOf(error);
    const retryAfterMs = retryAfterMsOf(error) ?? AFTER_FAILURE_MS;
    log.warn({ caseId: found._id, code, retryAfterMs }, 'Slack was not told; the case waits');
    const at = new Date(now().getTime() + retryAfterMs);
    const isOurFault = code === 'slack_webapi_platform_error';
    if (!isOurFault) this.quietUntil.set(this.channelOf(found), at);
    const isRefusal = isOurFault || code === 'slack_webapi_rate_limited_error';
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

/** The messages of a list, page by page, with their metadata. */
async function* pagesOf(
  ask: (paging: { limit: number; include_all_metadata: true; cursor?: string }) => Promise<Page>,
): AsyncGenerator<NonNullable<Page['messages']>> {
  let cursor: string | undefined;
  do {
    const paging = { limit: PAGE_MESSAGES, include_all_metadata: true } as const;
    const page = await ask({ ...paging, ...(cursor && { cursor }) });
    yield page.messages ?? [];
    cursor = page.response_metadata?.next_cursor;
  } while (cursor);
}

function idOf(message: { metadata?: { event_payload?: unknown } }): string | undefined {
  const payload = message.metadata?.event_payload;
  const id = typeof payload === 'object' && payload !== null && 'id' in payload ? payload.id : undefined;
  return typeof id === 'string' ? id : undefined;
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? `${error.code}` : 'unknown';
}

function retryAfterMsOf(error: unknown): number | undefined {
  const seconds =
    typeof error === 'object' && error !== null && 'retryAfter' in error
      ? Number(error.retryAfter)
      : Number.NaN;
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}
