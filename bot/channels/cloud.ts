import type { Router } from 'express';
import type { Logger } from 'pino';
import {
  type Caps,
  type Channel,
  ChannelError,
  type ChannelErrorClass,
  type ChannelEvents,
  type Health,
  type Outbound,
} from './channel.ts';
import { assertWithinLimits, documentOf, messageBody } from './cloudBody.ts';
import { errorClassOf, saysMediaIsStale } from './cloudErrors.ts';
import { createCloudReceiver } from './cloudReceive.ts';
import { createGraph, type Graph } from './cloudSend.ts';
import { createUploads, type Uploads } from './cloudUploads.ts';
import { cloudWebhook } from './cloudWebhook.ts';

/** WhatsApp's Cloud API as a channel: Graph for sending, a signed webhook for receiving. */
export interface CloudChannel extends Channel {
  /** The webhook, to be mounted at `/webhooks/whatsapp` before any body parser. */
  readonly router: Router;
  /** How many signed webhook parts were not understood, by reason. */
  readonly rejections: ReadonlyMap<string, number>;
}

export type CloudOptions = {
  /** `https://graph.facebook.com`, or where a test stands in for it. */
  apiUrl: string;
  /** Graph's version, such as `v25.0`. */
  version: string;
  phoneNumberId: string;
  accessToken: string;
  appSecret: string;
  verifyToken: string;
  log: Logger;
  /** For one call; an upload gets more by size. Default 10 s. */
  timeoutMs?: number;
  /** Keeps what arrived signed but cannot be used; when it throws, Meta sends the webhook again. */
  keepRejected: (payload: { reason: string; body: Buffer }) => Promise<void>;
  now?: () => Date;
};

/** Throws when a setting is empty: an empty app secret would let anyone sign a webhook. */
export function createCloudChannel(options: CloudOptions): CloudChannel {
  assertConfigured(options);
  const { phoneNumberId, log, now = () => new Date() } = options;
  const graph = createGraph({ ...options, timeoutMs: options.timeoutMs ?? 10_000 });
  const uploads = createUploads(graph.upload, now);
  const health = createHealth(log);
  const onFailure = (code: string): void => {
    health.failed(errorClassOf(code), code);
    // The report does not say which file was at fault; uploading all of them again is cheap.
    if (code === MEDIA_UPLOAD_ERROR) uploads.clear();
  };
  const receiver = createCloudReceiver({ ...options, now, onFailure });
  let events: ChannelEvents | undefined;

  async function receive(body: Buffer): Promise<void> {
    if (!events) throw new Error('the channel is not started');
    await receiver.receive(body, events);
  }

  /** Runs a Graph call and learns from its outcome how the account stands. */
  async function observed<T>(call: Promise<T>): Promise<T> {
    try {
      const result = await call;
      health.succeeded();
      return result;
    } catch (error) {
      if (error instanceof ChannelError) health.failed(error.class, error.code);
      throw error;
    }
  }

  return {
    id: `cloud-${phoneNumberId}`,
    kind: 'cloud',
    caps: CAPS,
    router: cloudWebhook({ ...options, receive }),
    rejections: receiver.rejections,
    async start(handlers) {
      events = handlers;
      health.started();
    },
    async stop() {
      events = undefined;
      health.stopped();
    },
    health: health.state,
    async send(message) {
      return { providerId: await observed(deliver(message, graph, uploads)), state: 'accepted' };
    },
    async reconcile() {
      // Graph cannot be asked: the status webhook that echoes our id is the only word.
      return { kind: 'unclear' };
    },
    async fetchMedia() {
      return { kind: 'later', reason: 'not fetched yet' };
    },
    async *backfill() {},
    async markRead(messageKey, typing) {
      await observed(graph.sendReceipt(receiptBody(messageKey, typing))).catch((error: unknown) => {
        log.debug({ code: error instanceof ChannelError ? error.code : 'unknown' }, 'read receipt not sent');
      });
    },
  };
}

const CAPS: Caps = {
  templates: true,
  maxChoices: 10,
  window24h: true,
  backfill: false,
  maxDocumentBytes: 100 * 1024 * 1024,
};

/** How a delivery report says that Meta could not use the uploaded file. */
const MEDIA_UPLOAD_ERROR = '131053';

function assertConfigured(options: CloudOptions): void {
  const needed = ['apiUrl', 'version', 'phoneNumberId', 'accessToken', 'appSecret', 'verifyToken'] as const;
  const missing = needed.filter((name) => !options[name]);
  if (missing.length > 0) throw new Error(`the Cloud API channel needs ${missing.join(', ')}`);
}

/** Sends, uploading the document first; an upload that Graph has lost is repeated once. */
async function deliver(message: Outbound, graph: Graph, uploads: Uploads): Promise<string> {
  assertWithinLimits(message.content, CAPS.maxDocumentBytes);
  const document = documentOf(message.content);
  if (!document) return graph.sendMessage(messageBody(message));
  const mediaId = await uploads.idOf(document);
  try {
    return await graph.sendMessage(messageBody(message, mediaId));
  } catch (error) {
    if (!saysMediaIsStale(error)) throw error;
    await uploads.drop(document, mediaId);
    return graph.sendMessage(messageBody(message, await uploads.idOf(document)));
  }
}

function receiptBody(messageId: string, typing: boolean): object {
  return {
    messaging_product: 'whatsapp',
    status: 'read',
    message_id: messageId,
    ...(typing ? { typing_indicator: { type: 'text' } } : {}),
  };
}

/** Ready until Graph refuses us, as opposed to a message; ready again on the next success. */
function createHealth(log: Logger) {
  let state: Health = 'starting';
  const isRunning = (): boolean => state !== 'starting' && state !== 'stopped';
  return {
    state: () => state,
    started(): void {
      state = 'ready';
    },
    stopped(): void {
      state = 'stopped';
    },
    succeeded(): void {
      if (state === 'ready' || !isRunning()) return;
      state = 'ready';
      log.info('Cloud API accepts messages again');
    },
    failed(errorClass: ChannelErrorClass | undefined, code: string): void {
      if ((errorClass !== 'auth' && errorClass !== 'blocked') || !isRunning()) return;
      state = errorClass === 'blocked' ? 'blocked' : 'degraded';
      log.error({ code, state }, 'Cloud API refuses this account');
    },
  };
}
