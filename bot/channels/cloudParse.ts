import { z } from 'zod';
import type { DeliveryReport, Handle, Inbound } from './channel.ts';
import { contentOf, detailOf, errorSchema, optionalText } from './cloudContent.ts';

/** Meta's webhook payloads into our words. Permissive: what is odd becomes `unsupported` or is kept, never lost. */

/** What one webhook carried, over all its entries and changes. */
export type WebhookBatch = {
  messages: Inbound[];
  reports: DeliveryReport[];
  /** Parts that could not be understood or are not for this number, each to be kept as it came. */
  rejected: { reason: string; part: unknown }[];
  /** Statuses with a name we do not know; they say nothing about delivery. */
  unknownStatuses: number;
};

const envelopeSchema = z.object({
  object: z.literal('whatsapp_business_account'),
  entry: z.array(z.unknown()),
});
const entrySchema = z.object({ changes: z.array(z.unknown()) });
const changeSchema = z.object({ field: z.string(), value: z.unknown() });
const valueSchema = z.object({
  metadata: z.object({ phone_number_id: z.string() }),
  contacts: z.array(z.unknown()).catch([]),
  messages: z.array(z.unknown()).default([]),
  statuses: z.array(z.unknown()).default([]),
  errors: z.array(z.unknown()).default([]),
});
const contactSchema = z.object({
  wa_id: optionalText,
  user_id: optionalText,
  profile: z.object({ name: optionalText }).optional().catch(undefined),
});
const messageSchema = z.looseObject({
  id: z.string().min(1),
  from: optionalText,
  from_user_id: optionalText,
  timestamp: z.unknown(),
  type: z.string().catch('unknown'),
  context: z.object({ id: optionalText }).optional().catch(undefined),
});
const statusSchema = z.object({
  id: z.string().min(1),
  status: z.string(),
  timestamp: z.unknown(),
  biz_opaque_callback_data: optionalText,
  errors: z.array(errorSchema).catch([]),
});
const knownStatus = z.enum(['sent', 'delivered', 'read', 'played', 'failed']);

type Contact = z.infer<typeof contactSchema>;
type Message = z.infer<typeof messageSchema>;

/**
 * Reads a webhook's JSON. Returns null when it is no WhatsApp webhook at all.
 * `now` stands in for a time that is missing or unreadable.
 */
export function parseWebhook(
  payload: unknown,
  options: { phoneNumberId: string; now: Date },
): WebhookBatch | null {
  const envelope = envelopeSchema.safeParse(payload);
  if (!envelope.success) return null;
  const batch: WebhookBatch = { messages: [], reports: [], rejected: [], unknownStatuses: 0 };
  for (const part of envelope.data.entry) {
    const entry = entrySchema.safeParse(part);
    if (!entry.success) batch.rejected.push({ reason: 'unknown entry', part });
    for (const change of entry.data?.changes ?? []) readChange(change, options, batch);
  }
  return batch;
}

function readChange(part: unknown, options: { phoneNumberId: string; now: Date }, batch: WebhookBatch): void {
  const value = changedValue(part, options.phoneNumberId);
  if (typeof value === 'string') {
    batch.rejected.push({ reason: value, part });
    return;
  }
  const contacts = value.contacts.flatMap((contact) => contactSchema.safeParse(contact).data ?? []);
  for (const each of value.messages) {
    const message = messageOf(each, contacts, options.now);
    if (typeof message === 'string') batch.rejected.push({ reason: message, part: each });
    else batch.messages.push(message);
  }
  for (const status of value.statuses) readStatus(status, options.now, batch);
  for (const error of value.errors) batch.rejected.push({ reason: 'account error', part: error });
}

/** What a change is about, or why it is none of ours. */
function changedValue(part: unknown, phoneNumberId: string): z.infer<typeof valueSchema> | string {
  const change = changeSchema.safeParse(part);
  if (!change.success) return 'unknown change';
  // News about the account and its templates: nobody's message, but worth keeping.
  if (change.data.field !== 'messages') return 'other field';
  const value = valueSchema.safeParse(change.data.value);
  if (!value.success) return 'unknown change';
  return value.data.metadata.phone_number_id === phoneNumberId ? value.data : 'foreign number';
}

/** The message, or why it cannot be stored under a key and a person. */
function messageOf(part: unknown, contacts: Contact[], now: Date): Inbound | string {
  const parsed = messageSchema.safeParse(part);
  if (!parsed.success) return 'message without id';
  const message = parsed.data;
  const contact = contactOf(message, contacts);
  const [from, ...alsoKnownAs] = handlesOf(message, contact);
  if (!from) return 'message without sender';
  return {
    key: message.id,
    from,
    alsoKnownAs,
    ...(contact?.profile?.name ? { profileName: contact.profile.name } : {}),
    at: timeOf(message.timestamp, now),
    content: contentOf(message),
    ...(message.context?.id ? { quoted: message.context.id } : {}),
    raw: part,
  };
}

function contactOf(message: Message, contacts: Contact[]): Contact | undefined {
  const { from, from_user_id: userId } = message;
  if (from === undefined && userId === undefined) return contacts.length === 1 ? contacts[0] : undefined;
  return contacts.find((contact) =>
    from === undefined ? contact.user_id === userId : contact.wa_id === from,
  );
}

/** The handle to answer first: the one that wrote. A person with a username may show no phone number. */
function handlesOf(message: Message, contact: Contact | undefined): Handle[] {
  const userId = message.from_user_id ?? contact?.user_id;
  const bsuid: Handle[] = userId === undefined ? [] : [{ kind: 'bsuid', value: userId }];
  if (message.from !== undefined) return [phoneOf(message.from), ...bsuid];
  return contact?.wa_id === undefined ? bsuid : [...bsuid, phoneOf(contact.wa_id)];
}

function phoneOf(waId: string): Handle {
  const digits = waId.replace(/^\+/, '');
  return /^\d+$/.test(digits) ? { kind: 'pn', value: `+${digits}` } : { kind: 'bsuid', value: waId };
}

/** WhatsApp writes times as a string of seconds since 1970. */
function timeOf(timestamp: unknown, now: Date): Date {
  const at = new Date(Number(timestamp) * 1000);
  return at.getTime() > 0 ? at : now;
}

function readStatus(part: unknown, now: Date, batch: WebhookBatch): void {
  const parsed = statusSchema.safeParse(part);
  if (!parsed.success) {
    batch.rejected.push({ reason: 'status of unknown shape', part });
    return;
  }
  const state = knownStatus.safeParse(parsed.data.status);
  if (state.success) batch.reports.push(reportOf(parsed.data, state.data, now));
  else batch.unknownStatuses += 1;
}

function reportOf(
  status: z.infer<typeof statusSchema>,
  state: z.infer<typeof knownStatus>,
  now: Date,
): DeliveryReport {
  const error = status.errors[0];
  return {
    providerId: status.id,
    ...(status.biz_opaque_callback_data ? { outboxId: status.biz_opaque_callback_data } : {}),
    state,
    at: timeOf(status.timestamp, now),
    ...(error ? { error: { code: error.code, detail: detailOf(error) } } : {}),
  };
}
