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

/** Answers with which Slack blames itself; the work may be done nevertheless. */
const SLACKS_FAULTS: ReadonlySet<string> = new Set([
  'fatal_error',
  'internal_error',
  'request_timeout',
  'service_unavailable',
]);
/** Refusals that meet everything we send, until a person mends the token, the scopes or the channel. */
const SHUT_OUT: ReadonlySet<string> = new Set([
  'access_denied',
  'account_inactive',
  'channel_not_found',
  'invalid_auth',
  'is_archived',
  'missing_scope',
  'not_authed',
  'not_in_channel',
  'team_access_not_granted',
  'token_expired',
  'token_revoked',
]);

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

/** What a failed call means. */
export type Failure = {
  /** The client's code, and Slack's own word where it gave one. */
  code: string;
  reason: string;
  /** How long to leave alone what failed. */
  retryAfterMs: number;
  /** Slack has certainly done nothing. */
  isRefusal: boolean;
  /** The fault lies in this message: others may go on. */
  isOnlyThis: boolean;
  /** Slack is out of reach for us, not just busy. */
  isOutage: boolean;
};

/** Reads what a call threw. Anything but Slack's client's errors is no word about Slack: nobody knows what was done. */
export function readFailure(error: unknown): Failure {
  const code = codeOf(error);
  const reason = reasonOf(error) ?? code;
  const isSlacks = SLACKS_FAULTS.has(reason);
  const isShut = SHUT_OUT.has(reason);
  const isAnswer = code === 'slack_webapi_platform_error' && !isSlacks;
  const isBusy = code === 'slack_webapi_rate_limited_error';
  return {
    code,
    reason,
    retryAfterMs: retryAfterMsOf(error) ?? AFTER_FAILURE_MS,
    isRefusal: isAnswer || isBusy,
    isOnlyThis: isAnswer && !isShut,
    isOutage: code.startsWith('slack_webapi_') && !isBusy && (!isAnswer || isShut),
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

/** Slack's own word for a refusal, such as `invalid_blocks`. */
function reasonOf(error: unknown): string | undefined {
  const data = typeof error === 'object' && error !== null && 'data' in error ? error.data : undefined;
  const word = typeof data === 'object' && data !== null && 'error' in data ? data.error : undefined;
  return typeof word === 'string' ? word : undefined;
}

function retryAfterMsOf(error: unknown): number | undefined {
  const seconds =
    typeof error === 'object' && error !== null && 'retryAfter' in error
      ? Number(error.retryAfter)
      : Number.NaN;
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}

/** True when a view was not replaced because it is newer than the one that was to be replaced. */
export function isHashConflict(error: unknown): boolean {
  const data = typeof error === 'object' && error !== null && 'data' in error ? error.data : undefined;
  return typeof data === 'object' && data !== null && 'error' in data && data.error === 'hash_conflict';
}
