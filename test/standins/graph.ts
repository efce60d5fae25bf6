import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { type GraphError, graphError, refusalOf } from './graphRules.ts';
import {
  createWebhookSender,
  type InboundText,
  signedWebhook,
  textValue,
  type WebhookTarget,
  webhookPayload,
} from './graphWebhooks.ts';

/**
 * A stand-in for Meta's Graph API, as far as one WhatsApp number needs it: it takes and checks messages and
 * uploads, reports their delivery by signed webhook, plays the buyers, and misbehaves on request.
 * Plain node, no test framework: it also runs in a process of its own.
 */
export type GraphStandIn = {
  /** Listens on a free local port; resolves with the URL to use as `apiUrl`. */
  start(): Promise<{ url: string }>;
  /** Ends open connections and pending webhooks. */
  stop(): Promise<void>;
  /** Every message accepted, in order, also those whose answer was cut. */
  sent: SentMessage[];
  /** Every read receipt. */
  reads: { messageId: string; typing: boolean }[];
  /** Uploaded files by media id; delete one and messages with it are refused. */
  media: Map<string, StoredMedia>;
  /** Misbehaviour to come: each request takes the first fault meant for its path. */
  faults: Fault[];
  /** Sends status webhooks (and `inboundText`) there from now on, signed. */
  webhook(url: string, appSecret: string): void;
  /** The bytes and headers of a webhook as Meta would send them. Needs `webhook`. */
  signed(payload: unknown): { body: string; headers: Record<string, string> };
  /** Sends any webhook JSON once; resolves with the HTTP status, 0 when nobody answered. */
  post(payload: unknown): Promise<number>;
  /** A buyer writes: sent again as Meta does until it is taken; resolves with the last HTTP status. */
  inboundText(message: InboundText): Promise<number>;
  /** Reports a status of a message, such as a late failure; again until it is taken. */
  status(message: SentMessage, state: string, error?: { code: number; title: string }): Promise<number>;
  /** Resolves when every webhook has been taken or given up. */
  idle(): Promise<void>;
};

export type SentMessage = {
  wamid: string;
  /** Phone in digits, or the BSUID. */
  to: string;
  biz_opaque_callback_data: string | undefined;
  body: Record<string, unknown>;
  at: Date;
  /** Accepted, but the caller never heard of it. */
  cut?: true;
};

export type StoredMedia = { bytes: Buffer; mimeType: string; filename: string };

/**
 * error: refuse with this answer. timeout: never answer; taken only if `accept`. cut: take it, then drop the
 * connection (before answering, or `midAnswer`). garbled: take it, then answer 200 with something else than JSON.
 * slow: take it and answer late.
 */
export type Fault = { on?: 'messages' | 'media' } & (
  | { kind: 'error'; status: number; errorBody: unknown; headers?: Record<string, string> }
  | { kind: 'timeout'; accept?: boolean }
  | { kind: 'cut'; midAnswer?: boolean }
  | { kind: 'garbled' }
  | { kind: 'slow'; delayMs: number }
);

export type GraphStandInOptions = {
  version?: string;
  phoneNumberId?: string;
  accessToken?: string;
  webhook?: WebhookTarget;
  /** What is reported of each accepted message, in this order. Default sent, delivered. */
  statuses?: readonly string[];
  /** Waits before a refused webhook is sent again; Meta goes on for days, a test for seconds. */
  retryDelaysMs?: readonly number[];
  /** Hears of each accepted message at once. */
  onSent?: (message: SentMessage) => void;
  /** 0, the default, is a free port. */
  port?: number;
};

const DEFAULT_RETRY_DELAYS_MS = [50, 100, 200, 400, 800, 1600, 3200, 3200, 3200];

/** Not yet listening; see `GraphStandIn`. */
function createGraphStandIn(options: GraphStandInOptions = {}): GraphStandIn {
  const { version = 'v25.0', phoneNumberId = '200000000000001', accessToken = 'stand-in-token' } = options;
  const statuses = options.statuses ?? ['sent', 'delivered'];
  const base = `/${version}/${phoneNumberId}`;
  const sent: SentMessage[] = [];
  const reads: GraphStandIn['reads'] = [];
  const media: GraphStandIn['media'] = new Map();
  const faults: Fault[] = [];
  let target = options.webhook;
  const webhooks = createWebhookSender({
    target: () => target,
    retryDelaysMs: options.retryDelaysMs ?? DEFAULT_RETRY_DELAYS_MS,
  });
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await readAll(request);
    const path = request.url?.startsWith(`${base}/`) ? request.url.slice(base.length + 1) : undefined;
    if (request.headers.authorization !== `Bearer ${accessToken}`) {
      return json(response, 401, graphError(190, 'The access token could not be decrypted'));
    }
    if (request.method !== 'POST' || (path !== 'messages' && path !== 'media')) {
      return json(response, 404, graphError(100, `Unsupported request: ${request.method} ${request.url}`));
    }
    const at = faults.findIndex((fault) => (fault.on ?? 'messages') === path);
    const fault = at < 0 ? undefined : faults.splice(at, 1)[0];
    if (fault?.kind === 'error') return json(response, fault.status, fault.errorBody, fault.headers);
    if (fault?.kind === 'timeout' && !fault.accept) return;
    const taken = path === 'media' ? await takeUpload(request, bytes) : takeMessage(bytes, fault);
    await reply(response, taken, fault);
  }

  function takeMessage(bytes: Buffer, fault: Fault | undefined): Taken {
    const body = parseObject(bytes);
    if (body?.status === 'read') return takeReceipt(body);
    const refusal = body ? refusalOf(body, (id) => media.has(id)) : graphError(100, 'Invalid JSON');
    if (!body || refusal) return { status: 400, body: refusal };
    const to = String(body.to ?? body.recipient);
    const wamid = `wamid.out.${sent.length + 1}`;
    const lost = fault?.kind === 'cut' || fault?.kind === 'timeout' || fault?.kind === 'garbled';
    const callbackData = body.biz_opaque_callback_data;
    const message: SentMessage = {
      wamid,
      to,
      biz_opaque_callback_data: typeof callbackData === 'string' ? callbackData : undefined,
      body,
      at: new Date(),
      ...(lost ? { cut: true } : {}),
    };
    sent.push(message);
    options.onSent?.(message);
    if (target) void reportAll(message);
    const contacts = [{ input: to, wa_id: to }];
    return { status: 200, body: { messaging_product: 'whatsapp', contacts, messages: [{ id: wamid }] } };
  }

  function takeReceipt(body: Record<string, unknown>): Taken {
    const { message_id: messageId, typing_indicator: typing } = body;
    if (typeof messageId !== 'string')
      return { status: 400, body: graphError(100, 'message_id is required') };
    reads.push({ messageId, typing: typing !== undefined });
    return { status: 200, body: { success: true } };
  }

  async function takeUpload(request: IncomingMessage, bytes: Buffer): Promise<Taken> {
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    const form = await new Response(bytes, { headers }).formData().catch(() => undefined);
    const file = form?.get('file');
    const type = form?.get('type');
    if (
      form?.get('messaging_product') !== 'whatsapp' ||
      !(file instanceof File) ||
      typeof type !== 'string'
    ) {
      return { status: 400, body: graphError(100, 'messaging_product, type and file are required') };
    }
    const id = `media.${media.size + 1}.${Date.now()}`;
    media.set(id, { bytes: Buffer.from(await file.arrayBuffer()), mimeType: type, filename: file.name });
    return { status: 200, body: { id } };
  }

  async function reportAll(message: SentMessage): Promise<void> {
    for (const state of statuses) await report(message, state);
  }

  function report(message: SentMessage, state: string, error?: { code: number; title: string }) {
    const callbackData = message.biz_opaque_callback_data;
    const status = {
      id: message.wamid,
      status: state,
      timestamp: String(Math.floor(Date.now() / 1000)),
      ...(message.body.recipient ? { recipient_user_id: message.to } : { recipient_id: message.to }),
      ...(callbackData === undefined ? {} : { biz_opaque_callback_data: callbackData }),
      ...(error ? { errors: [{ ...error, message: error.title }] } : {}),
    };
    return webhooks.deliver(webhookPayload(phoneNumberId, { statuses: [status] }));
  }

  return {
    sent,
    reads,
    media,
    faults,
    async start() {
      await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('the stand-in is not listening');
      return { url: `http://127.0.0.1:${address.port}` };
    },
    async stop() {
      webhooks.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await webhooks.idle();
    },
    webhook(url, appSecret) {
      target = { url, appSecret };
    },
    signed(payload) {
      if (!target) throw new Error('the stand-in has no webhook to sign for');
      return signedWebhook(payload, target.appSecret);
    },
    post: webhooks.post,
    inboundText: (message) => webhooks.deliver(webhookPayload(phoneNumberId, textValue(message))),
    status: report,
    idle: webhooks.idle,
  };
}

/** A stand-in that is already listening. */
export async function startGraphStandIn(
  options: GraphStandInOptions = {},
): Promise<GraphStandIn & { url: string }> {
  const standIn = createGraphStandIn(options);
  const { url } = await standIn.start();
  return { ...standIn, url };
}

type Taken = { status: number; body: GraphError | object | undefined };

async function reply(response: ServerResponse, taken: Taken, fault: Fault | undefined): Promise<void> {
  switch (fault?.kind) {
    case 'timeout':
      return;
    case 'cut':
      if (fault.midAnswer) await writeHalf(response, taken);
      response.destroy();
      return;
    case 'garbled':
      response.writeHead(200, { 'content-type': 'application/json' }).end('<html>not JSON');
      return;
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      return json(response, taken.status, taken.body);
    default:
      return json(response, taken.status, taken.body);
  }
}

/** The status line, the headers and the first byte of the body reach the caller, no more. */
function writeHalf(response: ServerResponse, taken: Taken): Promise<void> {
  const text = JSON.stringify(taken.body);
  response.writeHead(taken.status, { 'content-type': 'application/json', 'content-length': text.length });
  return new Promise((resolve) => response.write(text.slice(0, 1), () => resolve()));
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  const length = { 'content-type': 'application/json', 'content-length': bytes.length };
  response.writeHead(status, { ...length, ...headers }).end(bytes);
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(bytes.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
