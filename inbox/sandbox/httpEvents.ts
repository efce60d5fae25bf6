import { createHmac } from 'node:crypto';
import { type Attempt, type Envelope, NotAcknowledged, type Transport } from './transport.ts';

/** HTTP mode: signed POST requests to the app's one address for events, actions and commands. */

export type HttpEventsOptions = {
  eventsUrl: string;
  signingSecret: string;
  ackTimeoutMs: number;
  now: () => Date;
};

export class HttpEvents implements Transport {
  readonly #options: HttpEventsOptions;

  constructor(options: HttpEventsOptions) {
    this.#options = options;
  }

  async send(envelope: Envelope, attempt: Attempt): Promise<unknown> {
    const { body, contentType } = encode(envelope);
    const response = await this.#post(body, contentType, retryHeaders(attempt));
    if (!response.ok) {
      throw new NotAcknowledged('http_error', response.headers.get('x-slack-no-retry') !== '1');
    }
    const answer = await response.text();
    if (answer === '') return undefined;
    return response.headers.get('content-type')?.includes('json') ? JSON.parse(answer) : { text: answer };
  }

  reachable(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Slack's check of the address when it is entered: true when the app returns the challenge. */
  async verify(challenge: string): Promise<boolean> {
    const body = JSON.stringify({ type: 'url_verification', token: 'local', challenge });
    const response = await this.#post(body, 'application/json', {});
    return response.ok && (await response.text()).includes(challenge);
  }

  async #post(body: string, contentType: string, headers: Record<string, string>): Promise<Response> {
    const { eventsUrl, signingSecret, ackTimeoutMs, now } = this.#options;
    const timestampS = String(Math.floor(now().getTime() / 1000));
    try {
      return await fetch(eventsUrl, {
        method: 'POST',
        body,
        headers: {
          ...headers,
          'content-type': contentType,
          'x-slack-request-timestamp': timestampS,
          'x-slack-signature': signature(signingSecret, timestampS, body),
        },
        signal: AbortSignal.timeout(ackTimeoutMs),
      });
    } catch (error) {
      const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
      throw new NotAcknowledged(timedOut ? 'http_timeout' : 'connection_failed');
    }
  }
}

/** Slack's signature of a request: `v0=` and an HMAC over version, timestamp in seconds and body. */
export function signature(signingSecret: string, timestampS: string, body: string): string {
  return `v0=${createHmac('sha256', signingSecret).update(`v0:${timestampS}:${body}`).digest('hex')}`;
}

function encode(envelope: Envelope): { body: string; contentType: string } {
  if (envelope.type === 'events_api') {
    return { body: JSON.stringify(envelope.payload), contentType: 'application/json' };
  }
  const form = new URLSearchParams();
  if (envelope.type === 'interactive') form.set('payload', JSON.stringify(envelope.payload));
  else for (const [key, value] of Object.entries(envelope.payload)) form.set(key, String(value));
  return { body: form.toString(), contentType: 'application/x-www-form-urlencoded' };
}

function retryHeaders(attempt: Attempt): Record<string, string> {
  if (attempt.number === 0) return {};
  return { 'x-slack-retry-num': String(attempt.number), 'x-slack-retry-reason': attempt.reason ?? '' };
}
