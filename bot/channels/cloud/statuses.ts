import { z } from 'zod';
import type { DeliveryReport, Handle } from '../channel.ts';
import { detailOf, errorSchema, optionalText, timeOf } from './fields.ts';
import { phoneOf } from './people.ts';

/** What Meta reports of a message of ours. */

const statusSchema = z.object({
  id: z.string().min(1),
  status: z.string(),
  timestamp: z.unknown(),
  recipient_id: optionalText,
  recipient_user_id: optionalText,
  biz_opaque_callback_data: optionalText,
  pricing: z.looseObject({}).optional().catch(undefined),
  conversation: z.looseObject({}).optional().catch(undefined),
  errors: z.array(errorSchema).catch([]),
});
const knownStatus = z.enum(['sent', 'delivered', 'read', 'played', 'failed']);

/** The report, or why there is none: `unknown status` says nothing about delivery and need not be kept. */
export function reportOf(
  part: unknown,
  now: Date,
): DeliveryReport | 'status of unknown shape' | 'unknown status' {
  const status = statusSchema.safeParse(part).data;
  if (!status) return 'status of unknown shape';
  const state = knownStatus.safeParse(status.status).data;
  if (!state) return 'unknown status';
  const { pricing, conversation, errors } = status;
  const [error] = errors;
  const recipient = recipientOf(status);
  return {
    providerId: status.id,
    ...(status.biz_opaque_callback_data ? { outboxId: status.biz_opaque_callback_data } : {}),
    state,
    at: timeOf(status.timestamp, now),
    ...(recipient.length > 0 && { recipient }),
    ...(error ? { error: { code: error.code, detail: detailOf(error) } } : {}),
    // Older versions bill by conversation: then it belongs to the price.
    ...(pricing || conversation ? { pricing: { ...pricing, ...(conversation && { conversation }) } } : {}),
  };
}

/** A lead who was written to by phone may answer under a user name: the report names both. */
function recipientOf({
  recipient_id: phone,
  recipient_user_id: userId,
}: z.infer<typeof statusSchema>): Handle[] {
  return [...(phone ? [phoneOf(phone)] : []), ...(userId ? [{ kind: 'bsuid', value: userId } as const] : [])];
}
