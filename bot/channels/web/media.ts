import { Readable } from 'node:stream';
import { ChannelError, type FetchedMedia } from '../channel.ts';
import type { WebClient } from './client.ts';
import { TookTooLong } from './limit.ts';
import { readMessage } from './message.ts';
import { holdFile, letGo, sliceOf } from './page.ts';
import type { Session } from './session.ts';

/** Up to this size a file comes whole, through the library; a larger one in slices of what the page holds. */
const WHOLE_BYTES = 16 * 1024 * 1024;
const SLICE_BYTES = 4 * 1024 * 1024;

/** Opens the file of a message by its serialized id. Never throws. */
export async function fetchFile(session: Session, ref: string, limitMs: number): Promise<FetchedMedia> {
  try {
    return await session.ask('fetching a file', (client) => open(session, client, ref), limitMs);
  } catch (error) {
    if (error instanceof ChannelError || error instanceof TookTooLong)
      return { kind: 'later', reason: error.message };
    return { kind: 'later', reason: 'WhatsApp could not hand over the file' };
  }
}

async function open(session: Session, client: WebClient, ref: string): Promise<FetchedMedia> {
  const message = (await client.getMessageById(ref)) ?? (await fromHistory(client, ref));
  if (!message) return { kind: 'gone', reason: 'the message is not on WhatsApp any more' };
  const { type, size = 0, mimetype, filename } = readMessage(message.rawData) ?? {};
  if (type === 'revoked') return { kind: 'gone', reason: 'the message was deleted' };
  const about = { mimeType: mimetype ?? 'application/octet-stream', ...(filename && { fileName: filename }) };
  if (size > WHOLE_BYTES) return large(session, client, ref, about);
  const media = await message.downloadMedia();
  // Expired on the servers, perhaps: the buyer's phone uploads it again.
  if (!media) return { kind: 'later', reason: 'WhatsApp does not have the file at the moment' };
  return { kind: 'media', bytes: Readable.from([Buffer.from(media.data, 'base64')]), ...about };
}

/** A message that the page has not loaded; its chat is in its id. */
async function fromHistory(client: WebClient, ref: string) {
  const chatId = ref.split('_')[1] ?? '';
  const chat = await client.getChatById(chatId);
  const messages = await chat?.fetchMessages({ limit: 200 });
  return messages?.find(({ id }) => id._serialized === ref);
}

async function large(
  session: Session,
  client: WebClient,
  ref: string,
  about: { mimeType: string; fileName?: string },
): Promise<FetchedMedia> {
  const page = client.pupPage;
  const sizeBytes = page && (await holdFile(page, ref));
  if (!page || sizeBytes === undefined)
    return { kind: 'later', reason: 'WhatsApp does not have the file at the moment' };
  async function* slices() {
    try {
      for (let from = 0; from < (sizeBytes ?? 0); from += SLICE_BYTES) {
        const slice = await session.ask('reading a file', ({ pupPage }) => {
          if (!pupPage || pupPage !== page) throw new Error('the page that held the file is gone');
          return sliceOf(pupPage, ref, from, from + SLICE_BYTES);
        });
        const bytes = Buffer.from(slice, 'base64');
        if (bytes.length === 0) throw new Error('the page holds the file no more');
        yield bytes;
      }
    } finally {
      letGo(page as NonNullable<typeof page>, ref).catch(() => undefined);
    }
  }
  return { kind: 'media', bytes: Readable.from(slices()), ...about };
}
