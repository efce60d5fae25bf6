import { z } from 'zod';

/** What stands in a bubble. Files are kept apart, by the SHA-256 of their bytes. */
const bodySchema = z.discriminatedUnion('kind', [
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
    media: z.enum(['image', 'document', 'audio']),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    fileName: z.string(),
    mimeType: z.string(),
    sizeBytes: z.number().int().nonnegative(),
    caption: z.string(),
  }),
]);

/** The buyer's own messages: `sent` waits while the channel is offline, `undelivered` waits for a tap. */
const buyerMessageSchema = z.object({
  /** The key under which the message is handed to the app. */
  id: z.string(),
  from: z.literal('buyer'),
  at: z.iso.datetime(),
  state: z.enum(['sending', 'undelivered', 'sent', 'delivered', 'read']),
  body: bodySchema,
  /** Id of the message this one answers. */
  quoted: z.string().optional(),
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
  body: bodySchema,
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

export type Body = z.infer<typeof bodySchema>;
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
