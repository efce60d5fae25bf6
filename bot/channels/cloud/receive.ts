import type { Logger } from 'pino';
import type { ChannelEvents } from '../channel.ts';
import { parseWebhook, type WebhookBatch } from './parse.ts';

/** Takes signed webhook bodies: messages first, then echoes and delivery reports, then what could not be used. */
export type CloudReceiver = {
  /** Resolves once everything in `body` is stored; throws when something could not be. */
  receive(body: Buffer, events: ChannelEvents): Promise<void>;
  /** How many parts were not understood or not for us, by reason. */
  readonly rejections: ReadonlyMap<string, number>;
};

/** `onFailure` hears the code of every failure that is reported, and is awaited. */
export function createCloudReceiver(options: {
  phoneNumberId: string;
  log: Logger;
  now: () => Date;
  keepRejected: (payload: { reason: string; body: Buffer }) => Promise<void>;
  onFailure: (code: string) => Promise<void>;
}): CloudReceiver {
  const { phoneNumberId, log, now, keepRejected, onFailure } = options;
  const rejections = new Map<string, number>();

  function count(reason: string, times: number): void {
    rejections.set(reason, (rejections.get(reason) ?? 0) + times);
  }

  async function reject(reason: string, body: Buffer): Promise<void> {
    await keepRejected({ reason, body });
    count(reason, 1);
    log.warn({ reason, bytes: body.length }, 'webhook payload kept, not used');
  }

  async function take(batch: WebhookBatch, events: ChannelEvents): Promise<void> {
    if (batch.messages.length > 0) await events.inbound(batch.messages);
    if (batch.echoes.length > 0) await events.echo(batch.echoes);
    if (batch.reports.length > 0) await events.delivery(batch.reports);
    for (const code of batch.errorCodes) await onFailure(code);
    for (const { reason, part } of batch.rejected) await reject(reason, Buffer.from(JSON.stringify(part)));
    if (batch.unknownStatuses > 0) count('unknown status', batch.unknownStatuses);
  }

  return {
    rejections,
    async receive(body, events) {
      const payload = parseJson(body);
      const batch = parseWebhook(payload, { phoneNumberId, now: now() });
      if (batch) await take(batch, events);
      else await reject(payload === undefined ? 'malformed JSON' : 'unknown shape', body);
    },
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
