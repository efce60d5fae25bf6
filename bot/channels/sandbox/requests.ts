import { z } from 'zod';

/** Longest text a buyer may write, in UTF-16 units: far above any messenger, so that the app meets the worst. */
const MAX_TEXT_CHARS = 65_000;
/** Largest attachment a buyer may send. */
export const MAX_ATTACHMENT_BYTES = 16 * 1024 * 1024;

const key = z.string().regex(/^[A-Za-z0-9._:-]{8,80}$/, 'Must be 8 to 80 letters, digits or . _ : -');
const messageId = z.string().min(1).max(120);
const number = z.string().regex(/^\+[1-9]\d{6,14}$/, 'Must be a number such as +919999900001');
const name = z.string().trim().min(1).max(60);

/** The number in a path. */
export const numberParameter = z.object({ number });

/** `POST /api/phones` */
export const newPhone = z.object({ name: name.optional() });

/** `POST /api/chats/:number/messages` */
export const newText = z.object({
  key,
  text: z
    .string()
    .max(MAX_TEXT_CHARS)
    .refine((text) => text.trim() !== '', 'Must not be empty'),
  quoted: messageId.optional(),
});

/** `POST /api/chats/:number/taps` */
export const newTap = z.object({ key, messageId, choiceId: z.string().min(1).max(512) });

/** The query of `POST /api/chats/:number/attachments`; the body is the file's bytes. */
export const newAttachment = z.object({
  key,
  fileName: z.string().trim().min(1).max(240),
  caption: z.string().max(1024).default(''),
  voice: z
    .literal('1')
    .transform((): true => true)
    .optional(),
});

const OFFICE =
  'msword|vnd\\.ms-excel|vnd\\.openxmlformats-officedocument\\.(wordprocessingml\\.document|spreadsheetml\\.sheet)';

/** The content type of an attachment: what people send each other. SVG is out: it can carry scripts. */
export const attachmentType = z
  .string()
  .transform((type) => type.split(';', 1)[0]?.trim().toLowerCase() ?? '')
  .pipe(
    z
      .string()
      .regex(
        new RegExp(
          `^(image/(jpeg|png|webp|gif|heic)|application/(pdf|${OFFICE})|text/(plain|csv)|(audio|video)/[a-z0-9.+-]{1,40})$`,
        ),
      ),
  );

/** `POST /api/chats/:number/locations` */
export const newLocation = z.object({
  key,
  latitudeDeg: z.number().min(-90).max(90),
  longitudeDeg: z.number().min(-180).max(180),
  name: name.optional(),
});

/** `POST /api/chats/:number/contacts` */
export const newContact = z.object({ key, name, phones: z.array(number).min(1).max(5) });

/** `POST /api/chats/:number/calls` */
export const newCall = z.object({ key, video: z.boolean() });

/** `POST /api/chats/:number/reactions`; null takes the reaction back. */
export const newReaction = z.object({ key, to: messageId, emoji: z.emoji().max(32).nullable() });

/** `POST /api/chats/:number/edits` */
export const newEdit = z.object({ key, to: messageId, text: newText.shape.text });

/** `POST /api/chats/:number/revocations` */
export const newRevocation = z.object({ key, to: messageId });

/** `POST /api/chats/:number/retries` */
export const retry = z.object({ key });

/** `POST /api/chats/:number/read` */
export const readUpTo = z.object({ upTo: messageId });

/** The query of `GET /api/chats/:number`. */
export const chatPage = z.object({ before: messageId.optional() });

/** The query of `GET /api/stream`. */
export const streamQuery = z.object({ phone: number });
