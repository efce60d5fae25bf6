import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ChannelError, type OutboundDocument } from './channel.ts';
import { refusal } from './cloudErrors.ts';
import { createPost, type PostRequest } from './cloudRequest.ts';

/** The Graph calls of one business number. */
export type Graph = {
  /** POST /messages; resolves with the message's id (`wamid…`). Throws `ChannelError`. */
  sendMessage(body: object): Promise<string>;
  /** POST /messages for a read receipt. Throws `ChannelError`. */
  sendReceipt(body: object): Promise<void>;
  /** POST /media; resolves with the media id. Throws `ChannelError`, never of class `unknown`. */
  upload(document: OutboundDocument): Promise<string>;
};

/** Uploads are given extra time by size: 500 bytes a millisecond is 4 Mbit/s. */
const SLOWEST_UPLOAD_BYTES_PER_MS = 500;

const sentSchema = z.object({ messages: z.tuple([z.object({ id: z.string().min(1) })]).rest(z.unknown()) });
const uploadedSchema = z.object({ id: z.string().min(1) });

/** Every call ends, one way or the other, after `timeoutMs` (an upload later, by size). */
export function createGraph(options: {
  apiUrl: string;
  version: string;
  phoneNumberId: string;
  accessToken: string;
  timeoutMs: number;
}): Graph {
  const { timeoutMs } = options;
  const base = `/${options.version}/${options.phoneNumberId}`;
  const post = createPost(options.apiUrl, options.accessToken);

  async function accepted(request: PostRequest): Promise<unknown> {
    const answer = await post(request);
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw refusal(answer);
  }

  function postMessage(body: object): Promise<unknown> {
    const pieces = [JSON.stringify(body)];
    return accepted({ path: `${base}/messages`, contentType: 'application/json', pieces, timeoutMs });
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
  };
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
