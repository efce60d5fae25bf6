import { z } from 'zod';

/** A message that the page sent. */
export type SentByWeb = {
  /** Stanza id, and the whole id as the library has it. */
  id: string;
  serialized: string;
  /** `919999900001@c.us` or `…@lid`. */
  chat: string;
  /** 'chat', 'document', 'image', 'poll_creation' … */
  type: string;
  body: string;
  caption?: string;
  fileName?: string;
  mimeType?: string;
  bytes?: Buffer;
  /** Stanza id of the message that it answers. */
  quotedId?: string;
  pollOptions?: string[];
  at: Date;
};

/** The message as the page hands it over; everything else in it is kept as it came. */
export const sentMessage = z.looseObject({
  id: z.object({ remote: z.string(), id: z.string(), fromMe: z.literal(true), _serialized: z.string() }),
  from: z.string(),
  to: z.string(),
  t: z.number(),
  type: z.string(),
  body: z.string().nullish(),
  caption: z.string().nullish(),
  filename: z.string().nullish(),
  mimetype: z.string().nullish(),
  directPath: z.string().nullish(),
  quotedStanzaID: z.string().nullish(),
  pollName: z.string().nullish(),
  pollOptions: z.array(z.object({ name: z.string(), localId: z.number() })).nullish(),
});

export type SentMessage = z.infer<typeof sentMessage>;

/** The message as tests look at it; `media` are the files by path. */
export function sentOf(message: SentMessage, media: Map<string, Buffer>, at: Date): SentByWeb {
  const bytes = message.directPath ? media.get(message.directPath) : undefined;
  return {
    id: message.id.id,
    serialized: message.id._serialized,
    chat: message.id.remote,
    type: message.type,
    body: message.body || message.pollName || '',
    ...(message.caption ? { caption: message.caption } : {}),
    ...(message.filename ? { fileName: message.filename } : {}),
    ...(message.mimetype ? { mimeType: message.mimetype } : {}),
    ...(bytes ? { bytes } : {}),
    ...(message.quotedStanzaID ? { quotedId: message.quotedStanzaID } : {}),
    ...(message.pollOptions ? { pollOptions: message.pollOptions.map(({ name }) => name) } : {}),
    at,
  };
}
