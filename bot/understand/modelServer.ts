import { setTimeout as delay } from 'node:timers/promises';
import OpenAI from 'openai';
import { ContentFilterFinishReasonError, LengthFinishReasonError } from 'openai/error';
import type { Logger } from 'pino';

/** Where models are asked, and which one for what: OpenAI, or any server that speaks its protocol. */
export type OpenAiConfig = { apiKey: string; baseUrl: string; model: string; transcriptionModel: string };

/** Whom to ask, and who hears of it. */
export type ModelServerOptions = Pick<OpenAiConfig, 'apiKey' | 'baseUrl' | 'model'> & {
  /** Hears of every question, also of those that were not put because the model had failed too often. */
  onCall: (call: ModelCall) => void;
  now: () => Date;
  log: Logger;
};

export type ModelLimits = {
  /** For the first attempt, the pause and the second one together. */
  limitMs: number;
  /** For one attempt. */
  attemptLimitMs: number;
};

/** What became of one question, retry included. Tokens are known only of what could be read. */
export type ModelCall = { outcome: ModelOutcome; tookMs: number; tokens?: Tokens };
/** What is paid for; `cached` are those of the prompt that cost less. */
export type Tokens = { prompt: number; cached: number; completion: number };
/**
 * answered: in the agreed shape. refused: the model would not. truncated, misshapen: an answer of no use. rejected:
 * our request or key was. skipped: not asked, because it failed too often just now.
 */
export type ModelOutcome =
  | 'answered'
  | 'refused'
  | 'truncated'
  | 'misshapen'
  | 'rejected'
  | 'limited'
  | 'failed'
  | 'unreachable'
  | 'timeout'
  | 'skipped';

/** What was read out of a response; `value` where the outcome is `answered`. */
export type Answer<T> = { outcome: ModelOutcome; value?: T; tokens?: Tokens };
/** Puts one question; it must end when `signal` aborts. */
export type Put<T> = (client: OpenAI, signal: AbortSignal) => Promise<Answer<T>>;

type Attempt<T> = Answer<T> & { status?: number; retryAfterMs?: number };

const PAUSE_MS = 200;
const FAILURES_UNTIL_OPEN = 5;
const OPEN_MS = 30_000;
const WORTH_RETRYING: ReadonlySet<ModelOutcome> = new Set(['limited', 'failed', 'unreachable', 'timeout']);

/** Asks a model within a time limit: once more where that may help, and not at all while it keeps failing. */
export class ModelServer {
  private readonly options: ModelServerOptions & ModelLimits;
  private readonly client: OpenAI;
  private readonly breaker: Breaker;

  constructor(options: ModelServerOptions & ModelLimits) {
    this.options = options;
    this.breaker = new Breaker(options.now);
    this.client = new OpenAI({
      apiKey: options.apiKey,
      baseURL: options.baseUrl,
      organization: null,
      project: null,
      maxRetries: 0,
      // Its debug level would write down what buyers say.
      logLevel: 'off',
    });
  }

  /**
   * What the model answers, or undefined when it gave no answer of use. Never throws, and never takes longer than
   * its limit. What `stop` breaks off counts neither for nor against the model.
   */
  async ask<T>(put: Put<T>, stop?: AbortSignal): Promise<T | undefined> {
    const { model, onCall, log } = this.options;
    if (stop?.aborted) return undefined;
    if (!this.breaker.lets()) {
      onCall({ outcome: 'skipped', tookMs: 0 });
      return undefined;
    }
    const startedMs = performance.now();
    const { outcome, value, tokens, status } = await this.attempts(put, stop);
    if (stop?.aborted) return undefined;
    onCall({ outcome, tookMs: performance.now() - startedMs, ...(tokens && { tokens }) });
    if (outcome !== 'answered') log.warn({ model, outcome, status }, 'the model gave no answer of use');
    // To refuse one message is no sign of trouble with the next.
    if (outcome === 'answered' || outcome === 'refused') this.breaker.close();
    else if (this.breaker.fail())
      log.error({ model, outcome }, 'the model fails: it is left alone for a while');
    return value;
  }

  private async attempts<T>(put: Put<T>, stop: AbortSignal | undefined): Promise<Attempt<T>> {
    const { limitMs } = this.options;
    const endsMs = performance.now() + limitMs;
    const timeout = AbortSignal.timeout(limitMs);
    const deadline = stop ? AbortSignal.any([timeout, stop]) : timeout;
    const first = await this.attempt(put, deadline);
    const pauseMs = first.retryAfterMs ?? PAUSE_MS;
    if (!WORTH_RETRYING.has(first.outcome) || performance.now() + pauseMs >= endsMs) return first;
    await delay(pauseMs, undefined, { signal: deadline }).catch(() => undefined);
    return this.attempt(put, deadline);
  }

  private async attempt<T>(put: Put<T>, deadline: AbortSignal): Promise<Attempt<T>> {
    // The client's own time limit ends with the headers; a body may come slowly too.
    const signal = AbortSignal.any([deadline, AbortSignal.timeout(this.options.attemptLimitMs)]);
    try {
      return await put(this.client, signal);
    } catch (error) {
      return signal.aborted ? { outcome: 'timeout' } : failure(error);
    }
  }
}

function failure(error: unknown): Attempt<never> {
  if (error instanceof OpenAI.APIConnectionError) return { outcome: 'unreachable' };
  if (error instanceof OpenAI.APIError) return refusedRequest(error);
  if (error instanceof LengthFinishReasonError) return { outcome: 'truncated' };
  if (error instanceof ContentFilterFinishReasonError) return { outcome: 'refused' };
  return { outcome: isCut(error) ? 'unreachable' : 'misshapen' };
}

/** A connection that breaks within the body is told by fetch itself, with the socket's error as its cause. */
function isCut(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'cause' in error && error.cause !== undefined;
}

function refusedRequest({ status, headers }: InstanceType<typeof OpenAI.APIError>): Attempt<never> {
  const outcome = status === 429 ? 'limited' : (status ?? 500) >= 500 ? 'failed' : 'rejected';
  const retryAfterMs = Number(headers?.get('retry-after') ?? Number.NaN) * 1_000;
  return {
    outcome,
    ...(status !== undefined && { status }),
    ...(retryAfterMs >= 0 && { retryAfterMs }),
  };
}

/** Leaves a failing server alone: open after so many failures in a row, then one question at a time tries again. */
class Breaker {
  private readonly now: () => Date;
  private failures = 0;
  private opensAgainAt = 0;

  constructor(now: () => Date) {
    this.now = now;
  }

  /** Whether a question may be put now. Once the time is over the first one is let through, and the others wait for it. */
  lets(): boolean {
    if (this.failures < FAILURES_UNTIL_OPEN) return true;
    const nowMs = this.now().getTime();
    if (nowMs < this.opensAgainAt) return false;
    this.opensAgainAt = nowMs + OPEN_MS;
    return true;
  }

  close(): void {
    this.failures = 0;
  }

  /** True when this failure is the one that opens it. */
  fail(): boolean {
    this.failures++;
    if (this.failures >= FAILURES_UNTIL_OPEN) this.opensAgainAt = this.now().getTime() + OPEN_MS;
    return this.failures === FAILURES_UNTIL_OPEN;
  }
}
