import { createHash } from 'node:crypto';
import type { OutboundDocument } from './channel.ts';

const HOUR = 3600 * 1000;

/** Meta keeps a file for 30 days; a day is enough for a campaign and keeps clear of its end. */
const UPLOAD_LIFE_MS = 24 * HOUR;
const MAX_UPLOADS = 1000;

/** Media ids of documents already uploaded, by content: a brochure goes up once a day, not once a buyer. */
export type Uploads = {
  /** The id to send, uploading first if needed; two sends at once share one upload. */
  idOf(document: OutboundDocument): Promise<string>;
  /** Forgets the id Graph no longer accepts, unless it has been replaced since. */
  drop(document: OutboundDocument, staleId: string): Promise<void>;
  clear(): void;
};

/** `upload` puts a document on Graph and resolves with its id; failures are not remembered. */
export function createUploads(
  upload: (document: OutboundDocument) => Promise<string>,
  now: () => Date,
): Uploads {
  const known = new Map<string, { id: Promise<string>; expiresAtMs: number }>();

  function start(key: string, document: OutboundDocument): Promise<string> {
    const entry = { id: upload(document), expiresAtMs: now().getTime() + UPLOAD_LIFE_MS };
    known.delete(key);
    known.set(key, entry);
    const oldest = known.keys().next();
    if (known.size > MAX_UPLOADS && !oldest.done) known.delete(oldest.value);
    entry.id.catch(() => known.get(key) === entry && known.delete(key));
    return entry.id;
  }

  return {
    idOf(document) {
      const key = keyOf(document);
      const entry = known.get(key);
      return entry && entry.expiresAtMs > now().getTime() ? entry.id : start(key, document);
    },
    async drop(document, staleId) {
      const key = keyOf(document);
      const entry = known.get(key);
      if (entry && (await entry.id.catch(() => staleId)) === staleId && known.get(key) === entry)
        known.delete(key);
    },
    clear: () => known.clear(),
  };
}

function keyOf(document: OutboundDocument): string {
  return `${document.mimeType} ${createHash('sha256').update(document.bytes).digest('base64')}`;
}
