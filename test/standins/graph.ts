import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { createFiles, type FileFault, type Files, type StoredMedia, sendFile } from './graphFiles.ts';
import { type GraphError, graphError, refusalOf } from './graphRules.ts';
import {
  callValue,
  createWebhookSender,
  type EchoedText,
  echoValue,
  type InboundCall,
  type InboundMessage,
  type InboundText,
  messageValue,
  signedWebhook,
  textValue,
  type WebhookTarget,
  webhookPayload,
} from './graphWebhooks.ts';

/**
 * A stand-in for Meta's Graph API, as far as one WhatsApp number needs it: it takes and checks messages and
 * uploads, hands out buyers' files, reports deliveries by signed webhook, plays the buyers, and misbehaves on
 * request.
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
  /** What buyers sent, by media id; delete one and it has expired. */
  files: Files['files'];
  /** Where files may be fetched from now; clear it and every address has run out. */
  addresses: Files['addresses'];
  /** What is said of the number when asked, and the fields of every question; nothing is taken with a revoked token. */
  number: { canSend: 'AVAILABLE' | 'LIMITED' | 'BLOCKED'; asked: string[]; isTokenRevoked: boolean };
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
  /** A buyer sends a message of any type. */
  inbound(message: InboundMessage): Promise<number>;
  /** A buyer sends a file: `type` is image, document, audio, video or sticker. */
  inboundFile(message: InboundFile): Promise<number>;
  /** A buyer calls, or the call ends. */
  inboundCall(call: InboundCall): Promise<number>;
  /** Somebody answers a buyer from the Business app on our number. */
  echoText(echo: EchoedText): Promise<number>;
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

/** `from` in digits; the name is told for documents only, as by WhatsApp. */
export type InboundFile = StoredMedia & {
  from: string;
  id?: string;
  at?: Date;
  type: 'image' | 'document' | 'audio' | 'video' | 'sticker';
  caption?: string;
  voice?: boolean;
};

/**
 * `on` is what is asked for: to send a message (unless said otherwise) or to upload media, a file's address, the
 * file itself, or how the number is. error: refuse with this answer. timeout: never answer; taken only if `accept`. cut: take it, then drop the
 * connection (before answering, or `midAnswer`). garbled: take it, then answer 200 with something else than JSON.
 * slow: take it and answer late.
 */
export type Fault = { on?: Route['kind'] } & (
  | { kind: 'error'; status: number; errorBody: unknown; headers?: Record<string, string> }
  | { kind: 'timeout'; accept?: boolean }
  | { kind: 'cut'; midAnswer?: boolean }
  | { kind: 'garbled' }
  | { kind: 'slow'; delayMs: number }
  | FileFault
);

type Route =
  | { kind: 'messages' | 'media' | 'file' }
  | { kind: 'address'; id: string }
  | { kind: 'number'; fields: string };

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
  const files = createFiles(media);
  const number: GraphStandIn['number'] = { canSend: 'AVAILABLE', asked: [], isTokenRevoked: false };
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
    if (number.isTokenRevoked || request.headers.authorization !== `Bearer ${accessToken}`) {
      return json(response, 401, graphError(190, 'The access token could not be decrypted'));
    }
    const route = routeOf(request);
    if (!route) {
      return json(response, 404, graphError(100, `Unsupported request: ${request.method} ${request.url}`));
    }
    const at = faults.findIndex((fault) => (fault.on ?? 'messages') === route.kind);
    const fault = at < 0 ? undefined : faults.splice(at, 1)[0];
    if (fault?.kind === 'error') return json(response, fault.status, fault.errorBody, fault.headers);
    if (fault?.kind === 'timeout' && !fault.accept) return;
    const file = route.kind === 'file' ? files.at(request.url ?? '') : undefined;
    if (file && (fault === undefined || fault.kind === 'short' || fault.kind === 'stalled'))
      return sendFile(response, file, fault);
    await reply(response, await take(route, request, bytes, fault), fault);
  }

  function routeOf({ method, url = '', headers }: IncomingMessage): Route | undefined {
    const { pathname, searchParams } = new URL(url, `http://${headers.host}`);
    if (method === 'POST' && pathname === `${base}/messages`) return { kind: 'messages' };
    if (method === 'POST' && pathname === `${base}/media`) return { kind: 'media' };
    if (method !== 'GET') return undefined;
    if (pathname.startsWith('/attachments/')) return { kind: 'file' };
    if (pathname === base) return { kind: 'number', fields: searchParams.get('fields') ?? '' };
    const [, first, id, ...more] = pathname.split('/');
    return first === version && id && more.length === 0 ? { kind: 'address', id } : undefined;
  }

  async function take(
    route: Route,
    request: IncomingMessage,
    bytes: Buffer,
    fault: Fault | undefined,
  ): Promise<Taken> {
    switch (route.kind) {
      case 'messages':
        return takeMessage(bytes, fault);
      case 'media':
        return takeUpload(request, bytes);
      case 'address': {
        const address = files.addressOf(route.id, `http://${request.headers.host}`);
        return address ? { status: 200, body: address } : { status: 400, body: unknownObject(route.id) };
      }
      case 'file':
        return { status: 404, body: {} };
      case 'number': {
        number.asked.push(route.fields);
        const health = { health_status: { can_send_message: number.canSend, entities: [] } };
        return {
          status: 200,
          body: { id: phoneNumberId, ...(/health_status/.test(route.fields) && health) },
        };
      }
    }
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
    return tell({ statuses: [status] });
  }

  function tell(value: object, field?: string): Promise<number> {
    return webhooks.deliver(webhookPayload(phoneNumberId, value, field));
  }

  return {
    sent,
    reads,
    media,
    faults,
    files: files.files,
    addresses: files.addresses,
    number,
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
    inboundText: (message) => tell(textValue(message)),
    inbound: (message) => tell(messageValue(message)),
    inboundFile({ bytes, mimeType, filename, from, id, at, type, ...more }) {
      const file = { ...files.receive({ bytes, mimeType, filename }), ...more };
      const part = type === 'document' ? { ...file, filename } : file;
      return tell(messageValue({ from, type, [type]: part, ...(id && { id }), ...(at && { at }) }));
    },
    inboundCall: (call) => tell(callValue(call), 'calls'),
    echoText: (echo) => tell(echoValue(echo), 'smb_message_echoes'),
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

/** As Graph says of an id that never was or has expired. */
function unknownObject(id: string): GraphError {
  const refusal = graphError(100, `Object with ID '${id}' does not exist`, 'Unsupported get request');
  return { error: { ...refusal.error, error_subcode: 33 } };
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
