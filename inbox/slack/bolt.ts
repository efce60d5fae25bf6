import { App, type Logger as BoltLogger, ExpressReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { SlackOptions } from './app.ts';

/** Slack's libraries, set up as the inbox needs them. */

type BoltParts = { slack: SlackOptions; log: Logger };

/** Shorter than the drain at the end of the process, which waits for calls under way. */
const CALL_MS = 5_000;

/** Takes what Slack posts to `/slack/events`. */
export function httpReceiver({ slack, log }: BoltParts): ExpressReceiver {
  return new ExpressReceiver({
    signingSecret: slack.signingSecret ?? '',
    endpoints: '/slack/events',
    // Store first, then acknowledge: what fails is delivered again by Slack.
    processBeforeResponse: true,
    logger: quietLogger(log),
  });
}

/** Dials in to Slack, once: whoever uses it connects again when it is disconnected. */
export function socketReceiver({ slack, log }: BoltParts): SocketModeReceiver {
  return new SocketModeReceiver({
    appToken: slack.appToken ?? '',
    // Its own way to connect again ends the process when Slack refuses the first attempt.
    autoReconnectEnabled: false,
    installerOptions: { clientOptions: clientOptions(slack) },
    logger: quietLogger(log),
  });
}

/** The app, not yet initialised: it may be made while Slack is away. */
export function boltApp({ slack, log }: BoltParts, receiver: ExpressReceiver | SocketModeReceiver): App {
  return new App({
    receiver,
    // Our own authorisation: Slack being away at start must not keep the product from starting.
    authorize: async () => ({ botToken: slack.botToken }),
    ignoreSelf: false,
    deferInitialization: true,
    convoStore: false,
    logger: quietLogger(log),
    clientOptions: clientOptions(slack),
  });
}

/** A client of Slack's Web API. Not Bolt's own: Socket Mode changes the options that it shares with that one. */
export function webClient({ slack, log }: BoltParts): WebClient {
  return new WebClient(slack.botToken, { ...clientOptions(slack), logger: quietLogger(log) });
}

/** The SDK's own retries would post twice, and one channel's limit would pause every call. */
function clientOptions({ apiUrl }: SlackOptions) {
  return { slackApiUrl: apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout: CALL_MS };
}

/** Bolt's debug output prints bodies and tokens: only its warnings pass, without their objects. */
function quietLogger(log: Logger): BoltLogger {
  const words = (parts: unknown[]) =>
    parts
      .filter((part) => typeof part === 'string')
      .join(' ')
      .slice(0, 300);
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...parts) => log.warn({ from: 'bolt' }, words(parts)),
    error: (...parts) => log.error({ from: 'bolt' }, words(parts)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}
