import type { Content, MediaKind } from '../channel.ts';
import type { WebMessage } from './message.ts';

const MEDIA: Record<string, MediaKind> = {
  image: 'image',
  document: 'document',
  audio: 'audio',
  ptt: 'audio',
  video: 'video',
  ptv: 'video',
  sticker: 'sticker',
};

/**
 * What WhatsApp itself puts into a chat: nobody wrote it. An album only announces its pictures; a call in the log was
 * told as a call; reactions and votes have events of their own.
 */
const NOBODYS = new Set([
  'e2e_notification',
  'notification',
  'notification_template',
  'gp2',
  'group_notification',
  'broadcast_notification',
  'protocol',
  'debug',
  'call_log',
  'album',
  'reaction',
  'pinned_message',
]);

/** Kinds that are shown to a person, by what they are. */
const UNSUPPORTED: Record<string, string> = {
  order: 'an order from the catalogue',
  product: 'a product from the catalogue',
  payment: 'a payment through WhatsApp',
  groups_v4_invite: 'an invitation to a group',
  poll_creation: 'a poll',
  scheduled_event_creation: 'an event',
  event_creation: 'an event',
  interactive: 'an interactive message',
  native_flow: 'an interactive message',
  list: 'a list',
  hsm: 'a business message',
  oversized: 'a message too large for WhatsApp Web',
  ciphertext: 'a message that could not be decrypted: it can be read on the phone',
};

/** Answers to buttons and lists, which other programs can still send. */
const PICKED = new Set(['buttons_response', 'list_response', 'template_button_reply']);

/** What a message carries; undefined when nobody wrote it. */
export function contentOf(message: WebMessage): Content | undefined {
  const { type } = message;
  if (NOBODYS.has(type) || message.isNotification) return undefined;
  if (type === 'chat' || PICKED.has(type)) return { kind: 'text', text: message.body ?? '' };
  const media = MEDIA[type];
  if (media) return mediaOf(message, media);
  if (type === 'location') return locationOf(message);
  if (type === 'vcard') return { kind: 'contacts', contacts: [contactOf(message.body ?? '')] };
  if (type === 'multi_vcard')
    return { kind: 'contacts', contacts: message.vcardList.map(({ vcard }) => contactOf(vcard)) };
  return { kind: 'unsupported', reason: UNSUPPORTED[type] ?? `a message of the kind ${type}` };
}

function mediaOf(message: WebMessage, media: MediaKind): Content {
  if (message.isViewOnce)
    return { kind: 'unsupported', reason: 'a file to be seen once: it opens on the phone only' };
  const caption = captionOf(message);
  return {
    kind: 'media',
    media,
    ref: message.id._serialized ?? serializedOf(message.id),
    mimeType: message.mimetype ?? 'application/octet-stream',
    ...(message.filename && { fileName: message.filename }),
    ...(caption && { caption }),
    ...(message.size !== undefined && { sizeBytes: message.size }),
    ...(message.type === 'ptt' && { voice: true as const }),
  };
}

/** The words with a file. A document without any comes with its name in their place. */
export function captionOf({ caption, filename, isCaptionByUser }: WebMessage): string {
  if (!caption || isCaptionByUser === false || caption === filename) return '';
  return caption;
}

function locationOf({ lat, lng, loc }: WebMessage): Content {
  if (lat === undefined || lng === undefined)
    return { kind: 'unsupported', reason: 'a location without a place' };
  const name = loc?.split('\n').filter(Boolean).join(', ');
  return { kind: 'location', latitudeDeg: lat, longitudeDeg: lng, ...(name && { name }) };
}

/** The name and the numbers of a vCard. */
function contactOf(vcard: string): { name: string; phones: string[] } {
  const name = /^FN[^:\n]*:(.*)$/im.exec(vcard)?.[1]?.trim() ?? '';
  const lines = vcard.matchAll(/^(?:item\d+\.)?TEL[^:\n]*:(.*)$/gim);
  return { name, phones: [...lines].map(([, phone = '']) => phone.trim()).filter(Boolean) };
}

function serializedOf({ fromMe, remote, id }: WebMessage['id']): string {
  return `${fromMe}_${remote}_${id}`;
}
