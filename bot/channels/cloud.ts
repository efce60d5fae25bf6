import type { Router } from 'express';
import type { Logger } from 'pino';
import { type Caps, type Channel, ChannelError, type ChannelEvents, type Outbound } from './channel.ts';
import { assertWithinLimits, documentOf, messageBody } from './cloud/body.ts';
import { errorClassOf, saysMediaIsStale } from './cloud/errors.ts';
import { createHealth } from './cloud/health.ts';
import { createMedia } from './cloud/media.ts';
import { createCloudReceiver } from './cloud/receive.ts';
import { createClient } from './cloud/request.ts';
import { createGraph, type Graph } from './cloud/send.ts';
import { createUploads, type UploadStore, type Uploads } from './cloud/uploads.ts';
import { cloudWebhook } from './cloud/webhook.ts';

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
  /** For one call; an upload or a download gets more by size. Default 10 s. */
  timeoutMs?: number;
  /** How often Graph is asked while the channel is down. Default 15 s. */
  probeEveryMs?: number;
  /** The largest file of a buyer that is fetched. Default 100 MB, which is WhatsApp's own limit. */
  maxMediaBytes?: number;
  /** Where the ids of uploaded documents outlive this process; without it they do not. */
  uploads?: UploadStore;
  /** Keeps what arrived signed but cannot be used; when it throws, Meta sends the webhook again. */
  keepRejected: (payload: { reason: string; body: Buffer }) => Promise<void>;
  now?: () => Date;
};

/** Throws when a setting is empty: an empty app secret would let anyone sign a webhook. */
export function createCloudChannel(options: CloudOptions): CloudChannel {
  assertConfigured(options);
  const { phoneNumberId, log, timeoutMs = 10_000, now = () => new Date() } = options;
  const id = `cloud-${phoneNumberId}`;
  const client = createClient(options.apiUrl, options.accessToken);
  const graph = createGraph({ ...options, client, timeoutMs });
  const uploads = createUploads({ channel: id, upload: graph.upload, store: options.uploads, now, log });
  let events: ChannelEvents | undefined;
  const health = createHealth({
    log,
    canSend: graph.canSend,
    probeEveryMs: options.probeEveryMs ?? 15_000,
    onChange: (state) => events?.state(state),
  });
  const onFailure = async (code: string): Promise<void> => {
    health.failed(errorClassOf(code), code);
    // The report does not say which file was at fault; uploading all of them again is cheap.
    if (code === MEDIA_UPLOAD_ERROR) await uploads.clear();
  };
  const receiver = createCloudReceiver({ ...options, now, onFailure });
  const fetchMedia = createMedia({
    graph: { media: (media) => observed(graph.media(media), health.reached) },
    client,
    maxBytes: options.maxMediaBytes ?? CAPS.maxDocumentBytes,
    timeoutMs,
  });

  async function receive(body: Buffer): Promise<void> {
    if (!events) throw new Error('the channel is not started');
    await receiver.receive(body, events);
  }

  /** Runs a Graph call and learns from its outcome how the account stands. */
  async function observed<T>(call: Promise<T>, succeeded: () => void): Promise<T> {
    try {
      const result = await call;
      succeeded();
      return result;
    } catch (error) {
      if (error instanceof ChannelError) health.failed(error.class, error.code);
      throw error;
    }
  }

  return {
    id,
    kind: 'cloud',
    caps: CAPS,
    router: cloudWebhook({ ...options, receive }),
    rejections: receiver.rejections,
    async start(handlers) {
      events = handlers;
      health.started();
    },
    async stop() {
      health.stopped();
      events = undefined;
    },
    health: health.state,
    async send(message) {
      const providerId = await observed(deliver(message, graph, uploads), health.sent);
      return { providerId, state: 'accepted' };
    },
    async reconcile() {
      // Graph cannot be asked: the status webhook that echoes our id is the only word.
      return { kind: 'unclear' };
    },
    fetchMedia,
    async *backfill() {
      // Meta itself sends again, for up to 7 days, what could not be delivered.
    },
    async markRead(messageKey, typing) {
      const sending = graph.sendReceipt(receiptBody(messageKey, typing));
      await observed(sending, health.reached).catch((error: unknown) => {
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
  // By Meta's reference of document messages: a calendar's file is refused at the upload.
  documentTypes: [
    'text/plain',
    'application/pdf',
    'application/msword',
    'application/vnd.ms-excel',
    'application/vnd.ms-powerpoint',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  ],
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
