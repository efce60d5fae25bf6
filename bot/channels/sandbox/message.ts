import { z } from 'zod';

/** What stands in a bubble. Files are kept apart, by the SHA-256 of their bytes. */
const said = [
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({
    kind: z.literal('choices'),
    text: z.string(),
    choices: z.array(z.object({ id: z.string(), title: z.string() })),
    /** The choice the buyer tapped; a question is answered once. */
    chosen: z.string().optional(),
  }),
  z.object({ kind: z.literal('choice'), id: z.string(), title: z.string() }),
  z.object({
    kind: z.literal('file'),
    media: z.enum(['image', 'document', 'audio', 'video']),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    fileName: z.string(),
    mimeType: z.string(),
    sizeBytes: z.number().int().nonnegative(),
    caption: z.string(),
    /** Recorded for this chat, not a file that was at hand. */
    voice: z.literal(true).optional(),
  }),
] as const;

/** What only a buyer does: the first three have a bubble too, the others change an earlier one. */
const done = [
  z.object({
    kind: z.literal('location'),
    latitudeDeg: z.number(),
    longitudeDeg: z.number(),
    name: z.string().optional(),
  }),
  z.object({ kind: z.literal('contact'), name: z.string(), phones: z.array(z.string()) }),
  z.object({ kind: z.literal('call'), video: z.boolean() }),
  z.object({ kind: z.literal('reaction'), to: z.string(), emoji: z.string().nullable() }),
  z.object({ kind: z.literal('edited'), to: z.string(), text: z.string() }),
  z.object({ kind: z.literal('revoked'), to: z.string() }),
] as const;

const deskBodySchema = z.discriminatedUnion('kind', said);
const buyerBodySchema = z.discriminatedUnion('kind', [...said, ...done]);

/** The buyer's own messages: `sent` waits while the channel is offline, `undelivered` waits for a tap. */
const buyerMessageSchema = z.object({
  /** The key under which the message is handed to the app. */
  id: z.string(),
  from: z.literal('buyer'),
  at: z.iso.datetime(),
  state: z.enum(['sending', 'undelivered', 'sent', 'delivered', 'read']),
  body: buyerBodySchema,
  /** Id of the message this one answers. */
  quoted: z.string().optional(),
  /** The buyer's own emoji on it. */
  reaction: z.string().optional(),
  edited: z.literal(true).optional(),
  revoked: z.literal(true).optional(),
});

const reportedStates = ['accepted', 'sent', 'delivered', 'read'] as const;

/** What the app sent; `reported` is how much of `state` the app has taken in. */
const deskMessageSchema = z.object({
  /** The provider id that `send` returned. */
  id: z.string(),
  from: z.literal('desk'),
  at: z.iso.datetime(),
  state: z.enum(reportedStates),
  reported: z.enum(reportedStates),
  body: deskBodySchema,
  reaction: z.string().optional(),
  outboxId: z.string(),
  /** Name of the template it was made from. */
  template: z.string().optional(),
});

const messageSchema = z.discriminatedUnion('from', [buyerMessageSchema, deskMessageSchema]);

const phoneSchema = z.object({
  /** E.164, such as `+919999900001`. */
  number: z.string(),
  /** The profile name; absent for a number the app wrote to first. */
  name: z.string().optional(),
  /** Things this buyer might say, offered above the keyboard. */
  samples: z.array(z.string()),
  messages: z.array(messageSchema),
});

/** What the state file holds. */
export const phonesStateSchema = z.object({ version: z.literal(1), phones: z.array(phoneSchema) });

/** What the desk can send. */
export type DeskBody = z.infer<typeof deskBodySchema>;
/** What a buyer can send or do. */
export type Body = z.infer<typeof buyerBodySchema>;
export type FileBody = Extract<Body, { kind: 'file' }>;
export type BuyerMessage = z.infer<typeof buyerMessageSchema>;
export type DeskMessage = z.infer<typeof deskMessageSchema>;
/** One bubble on a phone. */
export type PhoneMessage = z.infer<typeof messageSchema>;
/** One buyer's phone with its whole chat, oldest message first. */
export type Phone = z.infer<typeof phoneSchema>;

const BUYER_RANK: Record<BuyerMessage['state'], number> = {
  sending: 0,
  undelivered: 1,
  sent: 2,
  delivered: 3,
  read: 4,
};

/** Whether `next` is further than `state`: ticks on the buyer's messages only rise. */
export function rises(state: BuyerMessage['state'], next: BuyerMessage['state']): boolean {
  return BUYER_RANK[next] > BUYER_RANK[state];
}
