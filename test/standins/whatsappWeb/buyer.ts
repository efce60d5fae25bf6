import { createHash, randomBytes } from 'node:crypto';
import { type Account, keyOf, secondsOf, type WebMessage } from './account.ts';

/** How a message answers or is dated: `quoted` is the id of the message that it answers. */
type MessageOptions = { quoted?: string; at?: Date };

/** A file as a buyer sends it. */
export type BuyerMedia = {
  kind: 'image' | 'document' | 'audio' | 'voice' | 'video' | 'sticker';
  bytes: Buffer;
  mimeType: string;
  fileName?: string;
  caption?: string;
};

/**
 * What a buyer does on their phone. Ids are taken as stanza ids or as whole serialized ids; each message resolves
 * with its stanza id once it is in the history and, if a page is open, on its way to it.
 */
export type BuyerOfWeb = {
  /** The chat as the page knows it: `919999900001@c.us` or `…@lid`. */
  chat: string;
  text(body: string, options?: MessageOptions): Promise<string>;
  /** A document without caption carries its file name as caption, with `isCaptionByUser` false. */
  media(media: BuyerMedia, options?: MessageOptions): Promise<string>;
  location(
    place: { latitude: number; longitude: number; name?: string; address?: string },
    options?: MessageOptions,
  ): Promise<string>;
  /** One vCard or several in one message. */
  contact(...vcards: string[]): Promise<string>;
  /** An empty emoji takes the reaction back. */
  react(messageId: string, emoji: string): Promise<void>;
  edit(messageId: string, newBody: string): Promise<void>;
  /** Deletes one of their messages for everyone. */
  revoke(messageId: string): Promise<void>;
  /** Ticks exactly these options of a poll; none takes the vote back. */
  vote(pollId: string, optionNames: string[]): Promise<void>;
  call(options?: { video?: boolean }): Promise<void>;
  /** Is seen typing, which the library does not tell. */
  typing(): Promise<void>;
};

/** A buyer who writes in that chat. */
export function createBuyer(account: Account, chat: string, now: () => Date): BuyerOfWeb {
  return {
    chat,
    text: async (body, options) => receive({ type: 'chat', body }, options),
    media: async (media, options) => receive(mediaAttributes(account.keepMedia(media.bytes), media), options),
    async location({ latitude, longitude, name, address }, options) {
      const loc = [name, address].filter(Boolean).join('\n');
      return receive({ type: 'location', lat: latitude, lng: longitude, loc, body: THUMBNAIL }, options);
    },
    contact: async (...vcards) => receive(vcardAttributes(vcards)),
    react: async (messageId, emoji) => account.react(messageId, chat, emoji),
    async edit(messageId, newBody) {
      account.change(messageId, {
        body: newBody,
        latestEditSenderTimestampMs: now().getTime(),
        latestEditMsgKey: keyOf(false, chat),
      });
    },
    revoke: async (messageId) => account.revoke(messageId),
    vote: async (pollId, optionNames) => account.vote(pollId, chat, optionNames),
    call: async ({ video = false } = {}) => account.ring(chat, video),
    async typing() {},
  };

  function receive(attributes: Attributes, { quoted, at = now() }: MessageOptions = {}): string {
    return account.receive({
      id: keyOf(false, chat),
      from: chat,
      to: account.me.pn,
      t: secondsOf(at),
      ack: 1,
      notifyName: account.nameOf(chat),
      ...attributes,
      ...(quoted ? quotation(account, quoted) : {}),
    });
  }
}

type Attributes = { type: string; body?: string; [attribute: string]: unknown };

/** What the real page keeps as the body of pictures and places: a small preview. */
const THUMBNAIL = '/9j/4AAQSkZJRgABAQAAAQABAAD';

const TYPES = {
  image: 'image',
  document: 'document',
  audio: 'audio',
  voice: 'ptt',
  video: 'video',
  sticker: 'sticker',
} as const;

function mediaAttributes(directPath: string, media: BuyerMedia): Attributes {
  const { kind, bytes, mimeType, fileName, caption } = media;
  const hash = createHash('sha256').update(bytes).digest('base64');
  const isCaptionByUser = caption !== undefined;
  return {
    type: TYPES[kind],
    ...(kind === 'image' || kind === 'video' ? { body: THUMBNAIL } : {}),
    caption: caption ?? (kind === 'document' ? fileName : undefined),
    isCaptionByUser,
    mimetype: mimeType,
    filename: fileName,
    size: bytes.length,
    directPath,
    filehash: hash,
    encFilehash: hash,
    mediaKey: randomBytes(32).toString('base64'),
    mediaKeyTimestamp: 0,
    ...(kind === 'audio' || kind === 'voice' ? { duration: '3' } : {}),
  };
}

function vcardAttributes(vcards: string[]): Attributes {
  const vcardList = vcards.map((vcard) => ({
    displayName: /^FN:(.*)$/m.exec(vcard)?.[1]?.trim() ?? '',
    vcard,
  }));
  const [first] = vcardList;
  if (vcardList.length !== 1 || !first) return { type: 'multi_vcard', vcardList };
  return { type: 'vcard', body: first.vcard, vcardFormattedName: first.displayName };
}

/** What a message carries of the one that it answers. */
function quotation(account: Account, quoted: string): Partial<WebMessage> {
  const { id, from, author, type, body, caption } = account.message(quoted);
  return {
    quotedMsg: { type, body, caption },
    quotedStanzaID: id.id,
    quotedParticipant: author ?? from,
  };
}
