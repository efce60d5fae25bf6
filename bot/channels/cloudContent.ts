import { z } from 'zod';
import type { Content, MediaKind } from './channel.ts';

/** What one of Meta's messages carries, type by type; whatever is new or odd is `unsupported`. */

/** A text that may be absent; anything odd in its place counts as absent. */
export const optionalText = z.string().min(1).optional().catch(undefined);

/** One of Meta's errors, as webhooks carry them. */
export const errorSchema = z.object({
  code: z.union([z.number(), z.string()]).transform(String).catch('unknown'),
  title: optionalText,
  message: optionalText,
  error_data: z.object({ details: optionalText }).optional().catch(undefined),
});

/** What a message says. `message` is Graph's whole message object; its part named by `type` is read. */
export function contentOf(message: { type: string }): Content {
  const schema = CONTENT.get(message.type);
  if (!schema) return { kind: 'unsupported', reason: message.type };
  const content = schema.safeParse(message);
  return content.success ? content.data : { kind: 'unsupported', reason: `${message.type} of unknown shape` };
}

const replySchema = z.object({ id: z.string(), title: z.string() });

/** How each type of message is read; a type that is not here is `unsupported` by its own name. */
const CONTENT: ReadonlyMap<string, z.ZodType<Content>> = new Map<string, z.ZodType<Content>>([
  [
    'text',
    z
      .object({ text: z.object({ body: z.string() }) })
      .transform((m) => ({ kind: 'text', text: m.text.body })),
  ],
  [
    'interactive',
    z
      .object({
        interactive: z.union([
          z.object({ button_reply: replySchema }).transform((reply) => reply.button_reply),
          z.object({ list_reply: replySchema }).transform((reply) => reply.list_reply),
        ]),
      })
      .transform((m) => ({ kind: 'choice', id: m.interactive.id, title: m.interactive.title })),
  ],
  [
    'button',
    z
      .object({ button: z.object({ text: z.string(), payload: optionalText }) })
      .transform((m) => ({ kind: 'choice', id: m.button.payload ?? m.button.text, title: m.button.text })),
  ],
  ['image', z.object({ image: mediaSchema('image') }).transform((m) => m.image)],
  ['document', z.object({ document: mediaSchema('document') }).transform((m) => m.document)],
  ['audio', z.object({ audio: mediaSchema('audio') }).transform((m) => m.audio)],
  ['video', z.object({ video: mediaSchema('video') }).transform((m) => m.video)],
  ['sticker', z.object({ sticker: mediaSchema('sticker') }).transform((m) => m.sticker)],
  [
    'location',
    z
      .object({ location: z.object({ latitude: z.number(), longitude: z.number(), name: optionalText }) })
      .transform(({ location }) => ({
        kind: 'location',
        latitudeDeg: location.latitude,
        longitudeDeg: location.longitude,
        ...(location.name ? { name: location.name } : {}),
      })),
  ],
  [
    'reaction',
    z
      .object({ reaction: z.object({ message_id: z.string(), emoji: optionalText }) })
      .transform(({ reaction }) => ({
        kind: 'reaction',
        to: reaction.message_id,
        emoji: reaction.emoji ?? null,
      })),
  ],
  [
    'unsupported',
    z.object({ errors: z.array(errorSchema).min(1) }).transform((m) => ({
      kind: 'unsupported',
      reason: m.errors.map((error) => `${error.code} ${detailOf(error)}`.trim()).join('; '),
    })),
  ],
]);

function mediaSchema(media: MediaKind): z.ZodType<Content> {
  return z
    .object({
      id: z.string().min(1),
      mime_type: z.string().catch('application/octet-stream'),
      filename: optionalText,
      caption: optionalText,
    })
    .transform((file) => ({
      kind: 'media',
      media,
      ref: file.id,
      mimeType: file.mime_type,
      ...(file.filename ? { fileName: file.filename } : {}),
      ...(file.caption ? { caption: file.caption } : {}),
    }));
}

/** The most telling words of an error; empty when it has none. */
export function detailOf(error: z.infer<typeof errorSchema>): string {
  return error.error_data?.details ?? error.message ?? error.title ?? '';
}
