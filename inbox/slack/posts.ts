import type { WebClient } from '@slack/web-api';
import type { Block } from './blocks.ts';

/** Posting to Slack so that an attempt whose answer was lost can be recognised, and what its errors mean. */

/** Where a message stands: a channel and Slack's timestamp, which is its id. */
export type Place = { channel: string; ts: string };

type Page = {
  messages?: { ts?: string; metadata?: { event_payload?: unknown } }[];
  response_metadata?: { next_cursor?: string };
};

const PAGE_MESSAGES = 200;
/** How far back in a channel an interrupted attempt is looked for; a thread is read as a whole. */
const LOOK_BACK_PAGES = 5;
const AFTER_FAILURE_MS = 5_000;

/** Posts a message whose metadata carries our `id`; returns Slack's timestamp. Throws what the client throws. */
export async function post(
  client: WebClient,
  { channel, thread, id }: { channel: string; thread?: string | undefined; id: string },
  message: { text: string; blocks?: Block[] },
): Promise<string> {
  const posted = await client.chat.postMessage({
    channel,
    ...message,
    ...(thread && { thread_ts: thread }),
    unfurl_links: false,
    unfurl_media: false,
    metadata: { event_type: 'baton', event_payload: { id } },
  });
  return posted.ts ?? '';
}

/** The timestamp of our message `id` among the latest of a channel, or undefined when it is not there. */
export async function findPosted({ conversations }: WebClient, channel: string, id: string) {
  let pages = 0;
  for await (const page of pagesOf((paging) => conversations.history({ channel, ...paging }))) {
    const found = page.find((message) => idOf(message) === id);
    pages += 1;
    if (found || pages === LOOK_BACK_PAGES) return found?.ts;
  }
  return undefined;
}

/** The id under which we posted the message that stands there, or undefined when it is not ours. */
export async function idAt(
  { conversations }: WebClient,
  { channel, ts }: Place,
): Promise<string | undefined> {
  const page: Page = await conversations.replies({ channel, ts, limit: 1, include_all_metadata: true });
  const first = page.messages?.find((message) => message.ts === ts);
  return first && idOf(first);
}

/** The timestamp of our message `id` in a thread, or undefined when it is not there. */
export async function findInThread(
  { conversations }: WebClient,
  { channel, ts }: Place,
  id: string,
): Promise<string | undefined> {
  for await (const page of pagesOf((paging) => conversations.replies({ channel, ts, ...paging }))) {
    const found = page.find((message) => idOf(message) === id);
    if (found) return found.ts;
  }
  return undefined;
}

/** The ids of our messages in a thread. */
export async function postedInThread(
  { conversations }: WebClient,
  { channel, ts }: Place,
): Promise<Set<string>> {
  const known = new Set<string>();
  for await (const page of pagesOf((paging) => conversations.replies({ channel, ts, ...paging }))) {
    for (const message of page) known.add(idOf(message) ?? '');
  }
  return known;
}

/**
 * What a failed call means: how long to leave Slack alone, whether it has certainly done nothing (`isRefusal`),
 * and whether the fault lies in what was asked for rather than in Slack.
 */
export function readFailure(error: unknown): {
  code: string;
  retryAfterMs: number;
  isOurFault: boolean;
  isRefusal: boolean;
} {
  const code = codeOf(error);
  const isOurFault = code === 'slack_webapi_platform_error';
  return {
    code,
    retryAfterMs: retryAfterMsOf(error) ?? AFTER_FAILURE_MS,
    isOurFault,
    isRefusal: isOurFault || code === 'slack_webapi_rate_limited_error',
  };
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
