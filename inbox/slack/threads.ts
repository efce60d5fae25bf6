import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Team } from '../../flows/types.ts';
import type { Case, Cases } from '../../models/case.ts';
import { caseCard, threadPost } from './blocks.ts';

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
/** How far back an interrupted attempt is looked for. */
const LOOK_BACK_MESSAGES = 100;

/** Shows cases in Slack: one card each, updated in place, and what follows in its thread, in order. */
export class CaseThreads {
  private readonly parts: ThreadParts;

  constructor(parts: ThreadParts) {
    this.parts = parts;
  }

  /** Tells Slack everything that it does not know of this case yet. A failure is kept and tried again. */
  async tell(caseId: string): Promise<void> {
    const { cases, instance, now } = this.parts;
    const started = await cases.startTelling(caseId, instance, now());
    if (!started) return;
    try {
      const slack = await this.showCard(started.found, started.interrupted);
      await this.postLines(started.found, slack, started.interrupted);
      const isDone = await cases.caughtUp(caseId, started.found.cardRevision);
      // More came in while Slack was being told: once again, from the latest state.
      if (!isDone) await cases.postpone(caseId, now());
    } catch (error) {
      await this.tryLater(caseId, error);
    }
  }

  private async showCard(found: Case, interrupted: boolean): Promise<{ channel: string; ts: string }> {
    const { client, cases, channelOf, timeZone } = this.parts;
    const { text, blocks } = caseCard(found, timeZone);
    if (found.slack) {
      if (found.shownRevision < found.cardRevision) {
        await client.chat.update({ ...found.slack, text, blocks });
        await cases.shown(found._id, found.slack, found.cardRevision);
      }
      return found.slack;
    }
    const channel = channelOf[found.team];
    const before = interrupted ? await this.findCard(channel, found._id) : undefined;
    const ts = before ?? (await this.post(channel, undefined, found._id, { text, blocks }));
    await cases.shown(found._id, { channel, ts }, found.cardRevision);
    return { channel, ts };
  }

  private async postLines(
    found: Case,
    slack: { channel: string; ts: string },
    interrupted: boolean,
  ): Promise<void> {
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
    const { messages = [] } = await this.parts.client.conversations.history({
      channel,
      limit: LOOK_BACK_MESSAGES,
      include_all_metadata: true,
    });
    return messages.find((message) => idOf(message) === id)?.ts;
  }

  private async postedInThread({ channel, ts }: { channel: string; ts: string }): Promise<Set<string>> {
    const { messages = [] } = await this.parts.client.conversations.replies({
      channel,
      ts,
      limit: 200,
      include_all_metadata: true,
    });
    return new Set(messages.flatMap((message) => idOf(message) ?? []));
  }

  /** A refusal certainly told nothing; after anything else nobody knows, and the next attempt looks first. */
  private async tryLater(caseId: string, error: unknown): Promise<void> {
    const { cases, now, log } = this.parts;
    const code = codeOf(error);
    const retryAfterMs = retryAfterMsOf(error) ?? AFTER_FAILURE_MS;
    log.warn({ caseId, code, retryAfterMs }, 'Slack was not told; the case waits');
    const at = new Date(now().getTime() + retryAfterMs);
    const isRefusal = code === 'slack_webapi_platform_error' || code === 'slack_webapi_rate_limited_error';
    if (isRefusal) await cases.postpone(caseId, at);
    else await cases.doubt(caseId, at);
  }
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
