import type { IncomingMessage } from 'node:http';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { ChannelError, type FetchedMedia } from '../channel.ts';
import type { Client } from './request.ts';
import type { Graph, MediaAddress } from './send.ts';

/** Buyers' files: Graph says where one lies, and from there it is streamed. */

export type MediaOptions = {
  graph: Pick<Graph, 'media'>;
  client: Pick<Client, 'open' | 'trusts'>;
  /** The largest file that is handed over. */
  maxBytes: number;
  timeoutMs: number;
};

/** A file is given extra time by size: 500 bytes a millisecond is 4 Mbit/s. */
const SLOWEST_DOWNLOAD_BYTES_PER_MS = 500;

const GONE: FetchedMedia = {
  kind: 'gone',
  reason: 'WhatsApp no longer has the file; it keeps files for 7 days',
};

/** Fetches the file of a media id; never throws. Its stream fails when the file is cut off or takes too long. */
export function createMedia(options: MediaOptions): (id: string) => Promise<FetchedMedia> {
  async function fetchFile(id: string): Promise<FetchedMedia> {
    // An address is good for five minutes: one that leads nowhere is asked for once more.
    for (let asked = 0; asked < 2; asked += 1) {
      const address = await options.graph.media(id);
      if (!address) return GONE;
      const media = await openFile(address, options);
      if (media) return media;
    }
    return GONE;
  }

  return async (id) => {
    try {
      return await fetchFile(id);
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      return { kind: 'later', reason: `${error.code}: ${error.message}` };
    }
  };
}

/** Undefined when nothing lies at the address. */
async function openFile(
  { url, mimeType, sizeBytes = 0 }: MediaAddress,
  { client, maxBytes, timeoutMs }: MediaOptions,
): Promise<FetchedMedia | undefined> {
  // Also keeps our requests away from any address that an answer could make up.
  if (!client.trusts(url)) return { kind: 'later', reason: `${url.host} is no host of WhatsApp's` };
  if (sizeBytes > maxBytes) return tooLarge(sizeBytes, maxBytes);
  const response = await client.open(url, timeoutMs);
  const status = response.statusCode ?? 0;
  const announcedBytes = Number(response.headers['content-length'] ?? sizeBytes);
  if (status === 200 && announcedBytes <= maxBytes) {
    const limitMs = timeoutMs + Math.ceil((announcedBytes || maxBytes) / SLOWEST_DOWNLOAD_BYTES_PER_MS);
    const type = mimeType ?? response.headers['content-type'] ?? 'application/octet-stream';
    return { kind: 'media', bytes: withinTime(response, limitMs), mimeType: type };
  }
  response.destroy();
  if (status === 404 || status === 410) return undefined;
  if (status === 200) return tooLarge(announcedBytes, maxBytes);
  return { kind: 'later', reason: `WhatsApp answered ${status} instead of the file` };
}

function tooLarge(sizeBytes: number, maxBytes: number): FetchedMedia {
  return { kind: 'gone', reason: `the file has ${sizeBytes} bytes, more than the ${maxBytes} allowed here` };
}

function withinTime(response: IncomingMessage, limitMs: number): Readable {
  const timer = setTimeout(() => response.destroy(new Error('the file took too long')), limitMs);
  timer.unref();
  return pipeline(response, new PassThrough(), () => clearTimeout(timer));
}
