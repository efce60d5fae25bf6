import { z } from 'zod';
import type { Handle } from '../channel.ts';

/** Messages and events as the library has them, read permissively: what is odd is left out, never thrown. */

/** Ids come as texts or as objects, by version of the page. */
const widSchema = z.union([
  z.string(),
  z.object({ _serialized: z.string() }).transform((wid) => wid._serialized),
]);
const wid = widSchema.optional().catch(undefined);
const text = z.string().optional().catch(undefined);
const number = z.coerce.number().optional().catch(undefined);

/** `{fromMe: false, remote: '919999900001@c.us', id: '3EB0…', _serialized: 'false_919999900001@c.us_3EB0…'}` */
const keySchema = z.object({
  fromMe: z.boolean(),
  remote: widSchema,
  id: z.string().min(1),
  _serialized: text,
});

const messageSchema = z.object({
  id: keySchema,
  type: z.string().catch('unknown'),
  /** Seconds since 1970. */
  t: number,
  body: text,
  caption: text,
  isCaptionByUser: z.boolean().optional().catch(undefined),
  filename: text,
  mimetype: text,
  size: number,
  notifyName: text,
  isNotification: z.boolean().optional().catch(undefined),
  isViewOnce: z.boolean().optional().catch(undefined),
  isStatusV3: z.boolean().optional().catch(undefined),
  quotedStanzaID: text,
  lat: number,
  lng: number,
  loc: text,
  vcardList: z.array(z.object({ vcard: z.string() })).catch([]),
  pollName: text,
  pollOptions: z.array(z.object({ name: z.string(), localId: z.number() })).catch([]),
  protocolMessageKey: keySchema.partial({ _serialized: true }).optional().catch(undefined),
  revokeTimestamp: number,
  latestEditSenderTimestampMs: number,
  ack: number,
});

/** A message as the page has it. */
export type WebMessage = z.infer<typeof messageSchema> & {
  /** What the library handed over, without what would open or show the file. */
  raw: Record<string, unknown>;
};

const reactionSchema = z.object({
  id: keySchema,
  msgId: keySchema,
  /** Empty when it was taken back. */
  reaction: z.string().catch(''),
  senderId: wid,
  timestamp: number,
});
export type WebReaction = z.infer<typeof reactionSchema>;

const voteSchema = z.object({
  voter: widSchema,
  selectedOptions: z.array(z.object({ name: text, localId: z.number() })).catch([]),
  interractedAtTs: number,
  parentMsgKey: keySchema,
});
export type WebVote = z.infer<typeof voteSchema>;

const callSchema = z.object({
  id: z.string().min(1),
  from: widSchema,
  isVideo: z.boolean().catch(false),
  isGroup: z.boolean().catch(false),
  fromMe: z.boolean().catch(false),
});
export type WebCall = z.infer<typeof callSchema>;

/** The message, or undefined when it has no id by which it could be kept. */
export function readMessage(data: unknown): WebMessage | undefined {
  const parsed = messageSchema.safeParse(data);
  return parsed.success
    ? { ...parsed.data, raw: keptOf(data as Record<string, unknown>, parsed.data.type) }
    : undefined;
}

export function readReaction(data: unknown): WebReaction | undefined {
  return reactionSchema.safeParse(data).data;
}

export function readVote(data: unknown): WebVote | undefined {
  return voteSchema.safeParse(data).data;
}

export function readCall(data: unknown): WebCall | undefined {
  return callSchema.safeParse(data).data;
}

/** A buyer's documents do not live in the chat: neither their preview nor the key that opens them is kept. */
function keptOf(data: Record<string, unknown>, type: string): Record<string, unknown> {
  const { mediaKey, mediaKeyTimestamp, thumbnail, quotedMsg, messageSecret, body, ...kept } = data;
  return type === 'chat' || type === 'vcard' ? { ...kept, body } : kept;
}

/** Whether this is a chat with one person: no group, no status, no newsletter, and not WhatsApp itself (0). */
export function isPrivate(chatId: string): boolean {
  return /^[1-9]\d*(:\d+)?@(c\.us|lid)$/.test(chatId);
}

/** `919999900001@c.us` -> `+919999900001`; `123@lid` -> `123`. Undefined for groups and the like. */
export function handleOfChat(chatId: string): Handle | undefined {
  const [user = '', server] = chatId.split('@');
  const digits = user.split(':')[0] ?? '';
  if (!/^\d+$/.test(digits)) return undefined;
  if (server === 'c.us' || server === 's.whatsapp.net') return { kind: 'pn', value: `+${digits}` };
  return server === 'lid' ? { kind: 'lid', value: digits } : undefined;
}

/** The chat of this handle, or undefined when WhatsApp Web cannot write to it. */
export function chatOfHandle({ kind, value }: Handle): string | undefined {
  const digits = value.replace(/@.*$/, '').replace(/\D/g, '');
  if (!digits) return undefined;
  if (kind === 'pn') return `${digits}@c.us`;
  return kind === 'lid' ? `${digits}@lid` : undefined;
}

/** The channel's own time of a message. */
export function timeOf({ t }: { t?: number | undefined }, now: Date): Date {
  return t !== undefined && t > 0 ? new Date(t * 1000) : now;
}
