import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { OutboundDocument } from '../channel.ts';

const DAY_MS = 24 * 3600 * 1000;

/** Meta keeps a file for 30 days; this stays clear of the end. */
const UPLOAD_LIFE_MS = 25 * DAY_MS;
const MAX_UPLOADS = 1000;

/** Where the ids of uploaded files outlive this process, by channel and by the key of their content. */
export type UploadStore = {
  find(channel: string, key: string, now: Date): Promise<StoredUpload | undefined>;
  keep(channel: string, key: string, upload: StoredUpload, now: Date): Promise<void>;
  /** Forgets the id unless it has been replaced since. */
  drop(channel: string, key: string, mediaId: string): Promise<void>;
  dropAll(channel: string): Promise<void>;
};

export type StoredUpload = { mediaId: string; expiresAt: Date };

/** Media ids of documents already uploaded, by content: a brochure goes up once a month, not once a buyer. */
export type Uploads = {
  /** The id to send, uploading first if needed; two sends at once share one upload. */
  idOf(document: OutboundDocument): Promise<string>;
  /** Forgets the id Graph no longer accepts, unless it has been replaced since. */
  drop(document: OutboundDocument, staleId: string): Promise<void>;
  clear(): Promise<void>;
};

/**
 * `upload` puts a document on Graph and resolves with its id; failures are not remembered. A store that is away
 * costs another upload, no message.
 */
export function createUploads(options: {
  channel: string;
  upload: (document: OutboundDocument) => Promise<string>;
  store: UploadStore | undefined;
  now: () => Date;
  log: Logger;
}): Uploads {
  const { channel, upload, store, now, log } = options;
  const known = new Map<string, { id: Promise<string>; expiresAt?: Date }>();

  function start(key: string, document: OutboundDocument): Promise<string> {
    const obtained = obtain(key, document);
    const entry: { id: Promise<string>; expiresAt?: Date } = { id: obtained.then(({ mediaId }) => mediaId) };
    known.delete(key);
    known.set(key, entry);
    const oldest = known.keys().next();
    if (known.size > MAX_UPLOADS && !oldest.done) known.delete(oldest.value);
    obtained.then(
      ({ expiresAt }) => Object.assign(entry, { expiresAt }),
      () => known.get(key) === entry && known.delete(key),
    );
    return entry.id;
  }

  async function obtain(key: string, document: OutboundDocument): Promise<StoredUpload> {
    const stored = await store?.find(channel, key, now()).catch(noted);
    if (stored) return stored;
    const expiresAt = new Date(now().getTime() + UPLOAD_LIFE_MS);
    const fresh = { mediaId: await upload(document), expiresAt };
    await store?.keep(channel, key, fresh, now()).catch(noted);
    return fresh;
  }

  function noted(error: unknown): undefined {
    log.warn({ err: error }, 'the store of uploads is away');
  }

  return {
    idOf(document) {
      const key = keyOf(document);
      const entry = known.get(key);
      const isGood = entry && (!entry.expiresAt || entry.expiresAt > now());
      return isGood ? entry.id : start(key, document);
    },
    async drop(document, staleId) {
      const key = keyOf(document);
      await store?.drop(channel, key, staleId).catch(noted);
      const entry = known.get(key);
      if (entry && (await entry.id.catch(() => staleId)) === staleId && known.get(key) === entry)
        known.delete(key);
    },
    async clear() {
      await store?.dropAll(channel);
      known.clear();
    },
  };
}

/** `<sha256>:<mime type>` */
function keyOf(document: OutboundDocument): string {
  return `${createHash('sha256').update(document.bytes).digest('hex')}:${document.mimeType}`;
}
