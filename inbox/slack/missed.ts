import { setTimeout as delay } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Case, Cases } from '../../models/case.ts';
import type { Conversations } from '../../models/conversation.ts';
import type { Replies } from '../../models/reply.ts';
import { readFailure } from './posts.ts';
import { inputIdOf } from './replies.ts';

/** What people wrote while nothing reached us: a socket that was down has no memory. */

export type MissedParts = {
  client: WebClient;
  cases: Cases;
  conversations: Conversations;
  replies: Replies;
  /** Takes a message in as if it had just been delivered. */
  take: (body: unknown) => Promise<void>;
  now: () => Date;
  log: Logger;
};

const DAY_MS = 24 * 3_600_000;
const LOOK_BACK_MS = 7 * DAY_MS;
const MOST_THREADS = 500;
const MOST_ATTEMPTS = 5;
/** So many threads at once are within Slack's limit; then one a little less often than it allows. */
const AT_ONCE = 20;
const PACE_MS = 1_300;

const page = z.object({
  messages: z.array(
    z.looseObject({ ts: z.string(), user: z.string().optional(), bot_id: z.string().optional() }),
  ),
});

export class MissedMessages {
  private readonly parts: MissedParts;
  private readonly stopping = new AbortController();
  private current: Promise<void> = Promise.resolve();

  constructor(parts: MissedParts) {
    this.parts = parts;
  }

  /** Reads the threads of open cases from what was known before `since`; one reading after the other. */
  catchUp(since: Date): Promise<void> {
    this.current = this.current
      .then(() => this.readAll(since))
      .catch((error: unknown) => {
        if (!this.stopping.signal.aborted)
          this.parts.log.error({ err: error }, 'missed messages were not read');
      });
    return this.current;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.current;
  }

  private async readAll(since: Date): Promise<void> {
    const { cases, now } = this.parts;
    const open = await cases.openInSlack(MOST_THREADS);
    const earliest = new Date(now().getTime() - LOOK_BACK_MS);
    const active = await this.parts.conversations.changedSince(
      open.map(({ conversation }) => conversation),
      earliest,
    );
    let read = 0;
    for (const found of open.filter(({ conversation }) => active.has(conversation))) {
      const { signal } = this.stopping;
      if (read >= AT_ONCE) await delay(PACE_MS, undefined, { signal });
      if (signal.aborted) return;
      await this.read(found, since);
      read += 1;
    }
  }

  private async read(found: Case, since: Date): Promise<void> {
    const { slack } = found;
    if (!slack) return;
    const last = await this.parts.replies.lastOf(found._id, since);
    const oldest = last?.place?.ts ?? slack.ts;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      try {
        return await this.takeSince(slack, oldest);
      } catch (error) {
        const { isOnlyThis, retryAfterMs, code } = readFailure(error);
        this.parts.log.warn({ caseId: found._id, code }, 'a thread could not be read');
        if (isOnlyThis) return;
        await delay(retryAfterMs, undefined, { signal: this.stopping.signal });
      }
    }
  }

  private async takeSince(slack: { channel: string; ts: string }, oldest: string): Promise<void> {
    const { client, replies, take } = this.parts;
    const { channel, ts } = slack;
    for await (const each of client.paginate('conversations.replies', { channel, ts, oldest, limit: 200 })) {
      const written = page
        .parse(each)
        .messages.filter(({ user, bot_id: bot, ts: at }) => user && !bot && at > oldest && at !== ts);
      const known = await replies.known(written.map((message) => inputIdOf({ channel, ts: message.ts })));
      for (const message of written) {
        const id = inputIdOf({ channel, ts: message.ts });
        if (!known.has(id)) await take(asEvent(id, { ...message, channel }));
      }
    }
  }
}

/** As Slack would have delivered it; the id is ours, and the same each time it is found. */
function asEvent(id: string, message: Record<string, unknown>): object {
  return { type: 'event_callback', event_id: `found:${id}`, event: { ...message, type: 'message' } };
}
