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
});

/** The content type of an attachment: photographs, PDFs and recordings. SVG is out: it can carry scripts. */
export const attachmentType = z
  .string()
  .transform((type) => type.split(';', 1)[0]?.trim().toLowerCase() ?? '')
  .pipe(z.string().regex(/^(image\/(jpeg|png|webp|gif|heic)|application\/pdf|audio\/[a-z0-9.+-]{1,40})$/));

/** `POST /api/chats/:number/retries` */
export const retry = z.object({ key });

/** `POST /api/chats/:number/read` */
export const readUpTo = z.object({ upTo: messageId });

/** The query of `GET /api/chats/:number`. */
export const chatPage = z.object({ before: messageId.optional() });

/** The query of `GET /api/stream`. */
export const streamQuery = z.object({ phone: number });
