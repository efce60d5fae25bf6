import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ChannelError, type OutboundDocument } from '../channel.ts';
import { refusal, saysMediaIsGone } from './errors.ts';
import type { Answer, Client, PostRequest } from './request.ts';

/** The Graph calls of one business number. */
export type Graph = {
  /** POST /messages; resolves with the message's id (`wamid…`). Throws `ChannelError`. */
  sendMessage(body: object): Promise<string>;
  /** POST /messages for a read receipt. Throws `ChannelError`. */
  sendReceipt(body: object): Promise<void>;
  /** POST /media; resolves with the media id. Throws `ChannelError`, never of class `unknown`. */
  upload(document: OutboundDocument): Promise<string>;
  /** GET /{media id}: where a buyer's file lies now, undefined when it is gone. Throws `ChannelError`. */
  media(id: string): Promise<MediaAddress | undefined>;
  /**
   * GET /{phone number id}: whether the number may send, as far as Graph says. Throws `ChannelError` when the
   * token is refused or nobody answers.
   */
  canSend(): Promise<boolean>;
};

/** Good for five minutes. */
export type MediaAddress = { url: URL; mimeType: string | undefined; sizeBytes: number | undefined };

/** Uploads are given extra time by size: 500 bytes a millisecond is 4 Mbit/s. */
const SLOWEST_UPLOAD_BYTES_PER_MS = 500;

const sentSchema = z.object({ messages: z.tuple([z.object({ id: z.string().min(1) })]).rest(z.unknown()) });
const uploadedSchema = z.object({ id: z.string().min(1) });
const mediaSchema = z.object({
  url: z.url().transform((url) => new URL(url)),
  mime_type: z.string().min(1).optional().catch(undefined),
  file_size: z.coerce.number().int().nonnegative().optional().catch(undefined),
});
const blockedSchema = z.object({ health_status: z.object({ can_send_message: z.literal('BLOCKED') }) });

/** Every call ends, one way or the other, after `timeoutMs` (an upload later, by size). */
export function createGraph(options: {
  client: Client;
  version: string;
  phoneNumberId: string;
  timeoutMs: number;
}): Graph {
  const { client, version, timeoutMs } = options;
  const base = `/${version}/${options.phoneNumberId}`;

  async function accepted(request: PostRequest): Promise<unknown> {
    const answer = await client.post(request);
    if (isSuccess(answer)) return answer.body;
    throw refusal(answer);
  }

  function postMessage(body: object): Promise<unknown> {
    const pieces = [JSON.stringify(body)];
    return accepted({ path: `${base}/messages`, contentType: 'application/json', pieces, timeoutMs });
  }

  async function askNumber(fields: string): Promise<boolean> {
    const answer = await client.get({ path: `${base}?fields=${fields}`, timeoutMs });
    if (isSuccess(answer)) return !blockedSchema.safeParse(answer.body).success;
    const error = refusal(answer);
    // Some gateways take messages and do not know this call.
    if (answer.status < 500 && (error.class === 'template' || error.class === 'retry')) return true;
    throw error;
  }

  return {
    async sendMessage(body) {
      const answer = sentSchema.safeParse(await postMessage(body));
      if (answer.success) return answer.data.messages[0].id;
      throw unreadableAnswer('unknown');
    },
    async sendReceipt(body) {
      await postMessage(body);
    },
    async upload(document) {
      const extraMs = Math.ceil(document.bytes.length / SLOWEST_UPLOAD_BYTES_PER_MS);
      const form = { ...uploadForm(document), path: `${base}/media`, timeoutMs: timeoutMs + extraMs };
      const answer = uploadedSchema.safeParse(await accepted(form).catch(rethrowAsUnsent));
      if (answer.success) return answer.data.id;
      throw unreadableAnswer('retry');
    },
    async media(id) {
      const answer = await client.get({ path: `/${version}/${encodeURIComponent(id)}`, timeoutMs });
      if (saysMediaIsGone(answer)) return undefined;
      if (!isSuccess(answer)) throw refusal(answer);
      const media = mediaSchema.safeParse(answer.body);
      if (!media.success) throw unreadableAnswer('retry');
      const { url, mime_type: mimeType, file_size: sizeBytes } = media.data;
      return { url, mimeType, sizeBytes };
    },
    async canSend() {
      try {
        return await askNumber('id,health_status');
      } catch (error) {
        if (!(error instanceof ChannelError) || error.class !== 'auth') throw error;
        // A token that may send need not be allowed to read how the account is.
        return askNumber('id');
      }
    },
  };
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

function uploadForm(document: OutboundDocument): Pick<PostRequest, 'contentType' | 'pieces'> {
  const boundary = `form-${randomUUID()}`;
  const field = (name: string, value: string): string =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const file = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${quotable(document.fileName)}"\r\ncontent-type: ${oneLine(document.mimeType)}\r\n\r\n`;
  const head = field('messaging_product', 'whatsapp') + field('type', oneLine(document.mimeType)) + file;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    pieces: [head, document.bytes, `\r\n--${boundary}--\r\n`],
  };
}

/** As browsers write file names in forms: only what would end the quotes or the line is encoded. */
function quotable(fileName: string): string {
  return fileName.replace(/["\r\n]/g, encodeURIComponent);
}

function oneLine(mimeType: string): string {
  return mimeType.replace(/[\r\n]/g, '');
}

/** However an upload ended, no message has gone out: trying again is safe. */
function rethrowAsUnsent(error: unknown): never {
  if (!(error instanceof ChannelError) || error.class !== 'unknown') throw error;
  const { code, message, retryAfterMs } = error;
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  throw new ChannelError({
    class: 'retry',
    code,
    message: `upload failed: ${message}`,
    cause: error,
    ...wait,
  });
}

function unreadableAnswer(errorClass: 'unknown' | 'retry'): ChannelError {
  return new ChannelError({
    class: errorClass,
    code: 'unreadable_answer',
    message: 'Graph answered without an id',
  });
}
