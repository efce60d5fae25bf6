import { z } from 'zod';
import { ChannelError, type ChannelErrorClass } from '../channel.ts';

/** What Graph's errors mean for a message: one table, used for answers and for delivery reports alike. */

type Rule = { class: ChannelErrorClass; retryAfterMs?: number };

const SECOND = 1000;
const HOUR = 3600 * SECOND;

const RULES: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [131047, { class: 'window' }],

  [131021, { class: 'recipient' }], // sender and recipient are the same number
  [131026, { class: 'recipient' }],
  [131030, { class: 'recipient' }], // not on a test number's allow list
  [131049, { class: 'recipient', retryAfterMs: 24 * HOUR }], // marketing cap of this person
  [131050, { class: 'recipient' }], // opted out of marketing
  [130472, { class: 'recipient' }], // part of an experiment of Meta's
  [130497, { class: 'recipient' }], // country not allowed

  [132000, { class: 'template' }],
  [132001, { class: 'template' }],
  [132012, { class: 'template' }],
  [132015, { class: 'template' }],
  [132016, { class: 'template' }],

  [4, { class: 'rate', retryAfterMs: 60 * SECOND }],
  [80007, { class: 'rate', retryAfterMs: 60 * SECOND }],
  [130429, { class: 'rate', retryAfterMs: 1 * SECOND }],
  [131048, { class: 'rate', retryAfterMs: 1 * HOUR }], // spam limit: campaigns must stop on this code
  // Meta asks for 4^n s; the first wait is ours to suggest, n belongs to whoever counts the attempts.
  [131056, { class: 'rate', retryAfterMs: 4 * SECOND }],

  [131057, { class: 'retry', retryAfterMs: 60 * SECOND }], // account in maintenance

  [0, { class: 'auth' }],
  [3, { class: 'auth' }],
  [10, { class: 'auth' }],
  [33, { class: 'auth' }], // the business number was deleted
  [190, { class: 'auth' }],
  [131005, { class: 'auth' }],
  [133010, { class: 'auth' }], // the business number is not registered

  [368, { class: 'blocked' }],
  [131031, { class: 'blocked' }],
  [131042, { class: 'blocked' }], // payment method of the account

  [1, { class: 'unknown' }],
  [2, { class: 'unknown' }],
  [131000, { class: 'unknown' }],
  [131016, { class: 'unknown' }],
]);

/** These waits belong to one recipient or are long anyway; spreading them out would help nobody. */
const WITHOUT_JITTER = new Set([131049, 131056]);

const answerSchema = z.object({
  error: z.object({
    code: z.number().optional().catch(undefined),
    error_subcode: z.number().optional().catch(undefined),
    message: z.string().catch(''),
    error_data: z
      .object({ details: z.string().catch('') })
      .optional()
      .catch(undefined),
  }),
});

/**
 * What an error code (`"131047"`) means; undefined for a code that says nothing about what to do.
 * Use it for codes of delivery reports, which arrive without an HTTP status.
 */
export function errorClassOf(code: string): ChannelErrorClass | undefined {
  return /^\d+$/.test(code) ? ruleOf(Number(code))?.class : undefined;
}

/**
 * The error for an answer outside 2xx. `body` is the parsed answer, undefined when it was not JSON;
 * `retryAfter` is that header. Graph's code decides; the HTTP status only where there is no known code.
 */
export function refusal(answer: {
  status: number;
  retryAfter: string | undefined;
  body: unknown;
  random?: () => number;
}): ChannelError {
  const error = answerSchema.safeParse(answer.body).data?.error;
  const rule = error && isMissingNumber(error) ? RULES.get(33) : ruleOf(error?.code);
  const retryAfterMs =
    waitOf(answer.retryAfter) ?? jittered(rule?.retryAfterMs, error?.code, answer.random ?? Math.random);
  return new ChannelError({
    class: rule?.class ?? classOfStatus(answer.status, error?.code !== undefined),
    code: error?.code === undefined ? `http_${answer.status}` : String(error.code),
    message: error?.error_data?.details || error?.message || `Graph answered ${answer.status}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** The error for a request that got no answer: `retry` only when it cannot have reached Graph. */
export function connectionFailure(error: unknown): ChannelError {
  const { code, syscall, errors } = systemErrorSchema.catch({}).parse(error);
  const failedToConnect = syscall === 'connect' || errors !== undefined;
  const neverConnected = failedToConnect || (code !== undefined && NOT_CONNECTED.test(code));
  return new ChannelError({
    class: neverConnected ? 'retry' : 'unknown',
    code: code ?? 'connection_lost',
    message: neverConnected
      ? 'Graph could not be reached'
      : 'Graph did not answer; the message may have gone out',
    cause: error,
  });
}

/** Whether Graph refused a message because the id of an uploaded file is no longer good. */
export function saysMediaIsStale(error: unknown): boolean {
  return error instanceof ChannelError && MEDIA_CODES.has(error.code) && /media|upload/i.test(error.message);
}

/** Whether Graph has no file under an id any more: it keeps what buyers send for 7 days. */
export function saysMediaIsGone({ status, body }: { status: number; body: unknown }): boolean {
  const error = answerSchema.safeParse(body).data?.error;
  return status === 404 || status === 410 || (status === 400 && error?.code === 100);
}

/** Codes under which Graph reports an unknown, expired or unreadable media id. */
const MEDIA_CODES = new Set(['100', '131009', '131052', '131053']);

const systemErrorSchema = z.object({
  code: z.string().optional().catch(undefined),
  syscall: z.string().optional().catch(undefined),
  /** One for each address that was tried: only connecting fails in several ways at once. */
  errors: z.array(z.unknown()).optional().catch(undefined),
});

/** Failures of name lookup, of connecting and of the TLS handshake: all before the first byte of a request. */
const NOT_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ECONNTIMEOUT|ERR_TLS_\w+|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/;

function ruleOf(code: number | undefined): Rule | undefined {
  if (code === undefined) return undefined;
  return RULES.get(code) ?? (code >= 200 && code <= 299 ? { class: 'auth' } : undefined);
}

/** Graph's "object does not exist": our own phone number id is wrong, which is no fault of the message. */
function isMissingNumber(error: { code?: number | undefined; error_subcode?: number | undefined }): boolean {
  return error.code === 100 && error.error_subcode === 33;
}

function classOfStatus(status: number, fromGraph: boolean): ChannelErrorClass {
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return 'rate';
  if (status >= 500 || status < 400 || status === 408) return 'unknown';
  // Graph itself refused the request as wrong; anything else came from something in between.
  return fromGraph ? 'template' : 'retry';
}

/** A Retry-After header (seconds or an HTTP date) as milliseconds. */
function waitOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  const seconds = Number(retryAfter);
  const waitMs = Number.isFinite(seconds) ? seconds * SECOND : Date.parse(retryAfter) - Date.now();
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}

/** Up to half as long again, so that many waiting messages do not come back at one instant. */
function jittered(waitMs: number | undefined, code: number | undefined, random: () => number) {
  if (waitMs === undefined || code === undefined || WITHOUT_JITTER.has(code)) return waitMs;
  return Math.round(waitMs * (1 + random() / 2));
}
