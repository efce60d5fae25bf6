import { createHash, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Meta's side of a download: an id leads to an address that is good for a while, the address to the bytes. */

export type StoredMedia = { bytes: Buffer; mimeType: string; filename: string };

/**
 * What can be wrong with a file. short: half of it, then the connection is cut. stalled: half of it, then nothing
 * for `delayMs`.
 */
export type FileFault = { kind: 'short' } | { kind: 'stalled'; delayMs: number };

export type Files = {
  /** What buyers sent, by media id; delete one and it has expired. */
  files: Map<string, StoredMedia>;
  /** Which file lies at each address given out; clear it and every address has run out. */
  addresses: Map<string, StoredMedia>;
  /** Keeps a buyer's file; returns the media object of the message that carries it. */
  receive(file: StoredMedia): { id: string; mime_type: string; sha256: string };
  /** The answer to a question for a media id, with a new address below `baseUrl`; undefined for an unknown id. */
  addressOf(id: string, baseUrl: string): object | undefined;
  /** The file at an address' path. */
  at(path: string): StoredMedia | undefined;
};

/** `uploads` are found by their ids as well. */
export function createFiles(uploads: ReadonlyMap<string, StoredMedia>): Files {
  const files: Files['files'] = new Map();
  const addresses: Files['addresses'] = new Map();
  return {
    files,
    addresses,
    receive(file) {
      const id = `in.${randomUUID()}`;
      files.set(id, file);
      return { id, mime_type: file.mimeType, sha256: sha256(file, 'base64') };
    },
    addressOf(id, baseUrl) {
      const file = files.get(id) ?? uploads.get(id);
      if (!file) return undefined;
      const path = `/attachments/${randomUUID()}`;
      addresses.set(path, file);
      return {
        messaging_product: 'whatsapp',
        url: baseUrl + path,
        mime_type: file.mimeType,
        sha256: sha256(file, 'hex'),
        file_size: file.bytes.length,
        id,
      };
    },
    at: (path) => addresses.get(path),
  };
}

/** Writes the file out, or as much of it as the fault allows. */
export async function sendFile(
  response: ServerResponse,
  { bytes, mimeType }: StoredMedia,
  fault: FileFault | undefined,
): Promise<void> {
  response.writeHead(200, { 'content-type': mimeType, 'content-length': bytes.length });
  if (!fault) {
    response.end(bytes);
    return;
  }
  const half = Math.ceil(bytes.length / 2);
  await new Promise((resolve) => response.write(bytes.subarray(0, half), resolve));
  if (fault.kind === 'short') {
    response.destroy();
  } else {
    await delay(fault.delayMs, undefined, { ref: false });
    response.end(bytes.subarray(half));
  }
}

function sha256({ bytes }: StoredMedia, encoding: 'hex' | 'base64'): string {
  return createHash('sha256').update(bytes).digest(encoding);
}
