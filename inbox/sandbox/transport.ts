import type { Wire } from './wire.ts';

/** The way to the app, by Socket Mode or by signed HTTP requests. */

/** Something for the app. Example: `{type: 'events_api', payload: {type: 'event_callback', event: {…}}}` */
export type Envelope = { type: 'events_api' | 'slash_commands' | 'interactive'; payload: Wire };

/** Which attempt this is: 0 at first, then 1 to 3 with Slack's reason for the retry. */
export type Attempt = { number: number; reason?: string };

/** The app did not acknowledge. `reason` is Slack's word, e.g. `timeout`, `http_error`, `not_connected`. */
export class NotAcknowledged extends Error {
  readonly reason: string;
  /** False when the app asked for no retries. */
  readonly retryable: boolean;

  constructor(reason: string, retryable = true) {
    super(`The app did not acknowledge: ${reason}`);
    this.name = 'NotAcknowledged';
    this.reason = reason;
    this.retryable = retryable;
  }
}

export type Transport = {
  /** Delivers once and resolves with what the app put into its acknowledgement, if anything. @throws NotAcknowledged */
  send(envelope: Envelope, attempt: Attempt): Promise<unknown>;
  /** Resolves when the app can be reached. */
  reachable(): Promise<void>;
  /** Ends connections. */
  close(): Promise<void>;
};
