import { z } from 'zod';
import type { Content, MediaKind } from '../channel.ts';
import { detailOf, errorSchema, optionalText } from './fields.ts';

/** What one of Meta's messages carries, type by type; whatever is new or odd is `unsupported`, with a reason. */

/**
 * What a message says. `message` is Graph's whole message object; its part named by `type` is read. Somebody
 * who comes from an advertisement and writes nothing is not lost: the reason names the advertisement.
 */
export function contentOf(message: { type: string }): Content {
  const schema = CONTENT.get(message.type);
  const content = schema?.safeParse(message);
  if (!content) return unreadable(message, message.type);
  if (!content.success) return unreadable(message, `${message.type} of unknown shape`);
  const { data } = content;
  if (data.kind === 'unsupported') return unreadable(message, data.reason);
  const isSilent = data.kind === 'text' && data.text.trim() === '';
  return isSilent && advertisementOf(message) ? unreadable(message, 'nothing was written') : data;
}

function unreadable(message: unknown, reason: string): Content {
  const advertisement = advertisementOf(message);
  return { kind: 'unsupported', reason: advertisement ? `${reason}; from ${advertisement}` : reason };
}

const referralSchema = z.object({
  referral: z.object({ headline: optionalText, body: optionalText, source_url: optionalText }),
});

function advertisementOf(message: unknown): string | undefined {
  const { data } = referralSchema.safeParse(message);
  if (!data) return undefined;
  const { headline, body, source_url: url } = data.referral;
  return ['the advertisement', quoted(headline ?? body), url && `(${url})`].filter(Boolean).join(' ');
}

function quoted(text: string | undefined): string | undefined {
  return text && `"${text}"`;
}

const replySchema = z.object({ id: z.string(), title: z.string() });

const text = z
  .object({ text: z.object({ body: z.string() }) })
  .transform((m): Content => ({ kind: 'text', text: m.text.body }));

const interactive = z
  .object({
    interactive: z.union([
      z.object({ button_reply: replySchema }).transform(({ button_reply: reply }) => choiceOf(reply)),
      z.object({ list_reply: replySchema }).transform(({ list_reply: reply }) => choiceOf(reply)),
      z
        .object({ nfm_reply: z.object({ name: optionalText }) })
        .transform(({ nfm_reply: { name } }) => unsupported(`a form filled in${name ? ` (${name})` : ''}`)),
      z.object({ type: z.string() }).transform(({ type }) => unsupported(`an answer of type ${type}`)),
    ]),
  })
  .transform((m): Content => m.interactive);

const button = z
  .object({ button: z.object({ text: z.string(), payload: optionalText }) })
  .transform((m): Content => choiceOf({ id: m.button.payload ?? m.button.text, title: m.button.text }));

const location = z
  .object({
    location: z.object({
      latitude: z.number(),
      longitude: z.number(),
      name: optionalText,
      address: optionalText,
    }),
  })
  .transform(({ location: { latitude, longitude, name, address } }): Content => {
    const place = [name, address].filter(Boolean).join(', ');
    return {
      kind: 'location',
      latitudeDeg: latitude,
      longitudeDeg: longitude,
      ...(place && { name: place }),
    };
  });

const cardSchema = z.object({
  name: z.object({ formatted_name: optionalText, first_name: optionalText }).catch({}),
  phones: z.array(z.object({ phone: optionalText, wa_id: optionalText })).catch([]),
});

const contacts = z.object({ contacts: z.array(cardSchema).min(1) }).transform(
  (m): Content => ({
    kind: 'contacts',
    contacts: m.contacts.map(({ name, phones }) => ({
      name: name.formatted_name ?? name.first_name ?? '',
      phones: phones.flatMap(({ phone, wa_id: waId }) => phone ?? (waId ? `+${waId}` : [])),
    })),
  }),
);

const reaction = z
  .object({ reaction: z.object({ message_id: z.string(), emoji: optionalText }) })
  .transform(
    (m): Content => ({ kind: 'reaction', to: m.reaction.message_id, emoji: m.reaction.emoji ?? null }),
  );

/** Only numbers that are also used in the WhatsApp Business app hear of edits: of a text, or of a file's caption. */
const edit = z
  .object({
    edit: z.object({ original_message_id: z.string().min(1), message: z.looseObject({ type: z.string() }) }),
  })
  .transform(({ edit: { original_message_id: to, message } }, context): Content => {
    const now = editedSchema.safeParse(message[message.type]).data;
    if (now) return { kind: 'edited', to, text: now };
    context.addIssue('the new words are missing');
    return z.NEVER;
  });

const editedSchema = z
  .object({ body: optionalText, caption: optionalText })
  .transform(({ body, caption }) => body ?? caption);

const revoke = z
  .object({ revoke: z.object({ original_message_id: z.string().min(1) }) })
  .transform((m): Content => ({ kind: 'revoked', to: m.revoke.original_message_id }));

const order = z
  .object({
    order: z.object({
      text: optionalText,
      product_items: z
        .array(z.object({ product_retailer_id: z.string().catch('?'), quantity: z.coerce.number().catch(1) }))
        .catch([]),
    }),
  })
  .transform((m): Content => {
    const items = m.order.product_items.map((item) => `${item.quantity} × ${item.product_retailer_id}`);
    const said = [items.join(', '), quoted(m.order.text)].filter(Boolean).join('; ');
    return unsupported(`an order from the catalogue${said && `: ${said}`}`);
  });

const system = z
  .object({ system: z.object({ body: optionalText, type: optionalText }) })
  .transform((m): Content => unsupported(`WhatsApp says: ${m.system.body ?? m.system.type ?? 'nothing'}`));

const unknownToMeta = z
  .object({ errors: z.array(errorSchema).min(1) })
  .transform(
    (m): Content =>
      unsupported(m.errors.map((error) => `${error.code} ${detailOf(error)}`.trim()).join('; ')),
  );

/** How each type of message is read; a type that is not here is `unsupported` by its own name. */
const CONTENT: ReadonlyMap<string, z.ZodType<Content>> = new Map<string, z.ZodType<Content>>([
  ['text', text],
  ['interactive', interactive],
  ['button', button],
  ['image', mediaSchema('image')],
  ['document', mediaSchema('document')],
  ['audio', mediaSchema('audio')],
  ['video', mediaSchema('video')],
  ['sticker', mediaSchema('sticker')],
  ['location', location],
  ['contacts', contacts],
  ['reaction', reaction],
  ['edit', edit],
  ['revoke', revoke],
  ['order', order],
  ['system', system],
  ['unsupported', unknownToMeta],
]);

function choiceOf(reply: { id: string; title: string }): Content {
  return { kind: 'choice', id: reply.id, title: reply.title };
}

function unsupported(reason: string): Content {
  return { kind: 'unsupported', reason };
}

function mediaSchema(media: MediaKind): z.ZodType<Content> {
  const file = z.object({
    id: z.string().min(1),
    mime_type: z.string().catch('application/octet-stream'),
    filename: optionalText,
    caption: optionalText,
    voice: z.boolean().catch(false),
    file_size: z.coerce.number().int().positive().optional().catch(undefined),
  });
  return z.looseObject({ [media]: file }).transform((message): Content => {
    const { id, mime_type: mimeType, filename, caption, voice, file_size: size } = file.parse(message[media]);
    return {
      kind: 'media',
      media,
      ref: id,
      mimeType,
      ...(filename && { fileName: filename }),
      ...(caption && { caption }),
      ...(size && { sizeBytes: size }),
      ...(voice && { voice }),
    };
  });
}
