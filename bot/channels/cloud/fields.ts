import { z } from 'zod';

/** Fields that many of Meta's webhook objects share, read permissively: what is odd counts as absent. */

/** A text that may be absent; anything odd in its place counts as absent. */
export const optionalText = z.string().min(1).optional().catch(undefined);

/** One of Meta's errors, as webhooks carry them. */
export const errorSchema = z.object({
  code: z.union([z.number(), z.string()]).transform(String).catch('unknown'),
  title: optionalText,
  message: optionalText,
  error_data: z.object({ details: optionalText }).optional().catch(undefined),
});

/** The most telling words of an error; empty when it has none. */
export function detailOf(error: z.infer<typeof errorSchema>): string {
  return error.error_data?.details ?? error.message ?? error.title ?? '';
}

/** WhatsApp writes times as a string of seconds since 1970; `now` stands in for one that cannot be read. */
export function timeOf(timestamp: unknown, now: Date): Date {
  const at = new Date(Number(timestamp) * 1000);
  return at.getTime() > 0 ? at : now;
}
