import { z } from 'zod';
import type { DeliveryReport } from './channel.ts';
import { detailOf, errorSchema, optionalText, timeOf } from './cloudFields.ts';

/** What Meta reports of a message of ours. */

const statusSchema = z.object({
  id: z.string().min(1),
  status: z.string(),
  timestamp: z.unknown(),
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
  return {
    providerId: status.id,
    ...(status.biz_opaque_callback_data ? { outboxId: status.biz_opaque_callback_data } : {}),
    state,
    at: timeOf(status.timestamp, now),
    ...(error ? { error: { code: error.code, detail: detailOf(error) } } : {}),
    // Older versions bill by conversation: then it belongs to the price.
    ...(pricing || conversation ? { pricing: { ...pricing, ...(conversation && { conversation }) } } : {}),
  };
}
