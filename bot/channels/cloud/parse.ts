import { z } from 'zod';
import type { DeliveryReport, Echo, Inbound } from '../channel.ts';
import { errorSchema, optionalText } from './fields.ts';
import { callOf, echoOf, messageOf } from './messages.ts';
import { contactSchema } from './people.ts';
import { reportOf } from './statuses.ts';

/** Meta's webhook payloads into our words. Permissive: what is odd becomes `unsupported` or is kept, never lost. */

/** What one webhook carried, over all its entries and changes. */
export type WebhookBatch = {
  messages: Inbound[];
  echoes: Echo[];
  reports: DeliveryReport[];
  /** Codes of every failure that was reported, of a delivery or of the account. */
  errorCodes: string[];
  /** Parts that could not be understood or are not for this number, each to be kept as it came. */
  rejected: { reason: string; part: unknown }[];
  /** Statuses with a name we do not know; they say nothing about delivery. */
  unknownStatuses: number;
};

type ParseOptions = { phoneNumberId: string; now: Date };

const envelopeSchema = z.object({
  object: z.literal('whatsapp_business_account'),
  entry: z.array(z.unknown()),
});
const entrySchema = z.object({ changes: z.array(z.unknown()) });
const changeSchema = z.object({ field: z.string(), value: z.unknown() });
const valueSchema = z.object({
  metadata: z.object({ phone_number_id: z.string(), display_phone_number: optionalText }),
  contacts: z.array(z.unknown()).catch([]),
  messages: z.array(z.unknown()).default([]),
  statuses: z.array(z.unknown()).default([]),
  calls: z.array(z.unknown()).default([]),
  message_echoes: z.array(z.unknown()).default([]),
  errors: z.array(z.unknown()).default([]),
});

type Value = z.infer<typeof valueSchema>;

/**
 * Reads a webhook's JSON. Returns null when it is no WhatsApp webhook at all.
 * `now` stands in for a time that is missing or unreadable.
 */
export function parseWebhook(payload: unknown, options: ParseOptions): WebhookBatch | null {
  const envelope = envelopeSchema.safeParse(payload);
  if (!envelope.success) return null;
  const batch: WebhookBatch = {
    messages: [],
    echoes: [],
    reports: [],
    errorCodes: [],
    rejected: [],
    unknownStatuses: 0,
  };
  for (const part of envelope.data.entry) {
    const entry = entrySchema.safeParse(part);
    if (!entry.success) batch.rejected.push({ reason: 'unknown entry', part });
    for (const change of entry.data?.changes ?? []) readChange(change, options, batch);
  }
  return batch;
}

/** How each kind of change is read. Any other is news about the account: nobody's message, but kept. */
const FIELDS: ReadonlyMap<string, (value: Value, now: Date, batch: WebhookBatch) => void> = new Map([
  ['messages', readMessages],
  ['calls', readCalls],
  ['smb_message_echoes', readEchoes],
]);

function readChange(part: unknown, { phoneNumberId, now }: ParseOptions, batch: WebhookBatch): void {
  const change = changeSchema.safeParse(part).data;
  const read = change && FIELDS.get(change.field);
  const value = valueSchema.safeParse(change?.value).data;
  if (change && !read) batch.rejected.push({ reason: 'other field', part });
  else if (!read || !value) batch.rejected.push({ reason: 'unknown change', part });
  else if (value.metadata.phone_number_id !== phoneNumberId)
    batch.rejected.push({ reason: 'foreign number', part });
  else read(value, now, batch);
}

function readMessages(value: Value, now: Date, batch: WebhookBatch): void {
  const contacts = contactsOf(value);
  for (const part of value.messages) sort(messageOf(part, contacts, now), part, batch.messages, batch);
  for (const part of value.statuses) readStatus(part, now, batch);
  for (const part of value.errors) {
    batch.rejected.push({ reason: 'account error', part });
    batch.errorCodes.push(...codesOf(part));
  }
}

function readStatus(part: unknown, now: Date, batch: WebhookBatch): void {
  const report = reportOf(part, now);
  if (report === 'unknown status') batch.unknownStatuses += 1;
  else sort(report, part, batch.reports, batch);
  if (typeof report === 'object' && report.error) batch.errorCodes.push(report.error.code);
}

function readCalls(value: Value, now: Date, batch: WebhookBatch): void {
  const contacts = contactsOf(value);
  const ownPhone = value.metadata.display_phone_number;
  for (const part of value.calls)
    sort(callOf(part, { contacts, ownPhone, now }), part, batch.messages, batch);
  // How calls go that we place: this program places none.
  for (const part of value.statuses) batch.rejected.push({ reason: 'status of a call', part });
}

function readEchoes(value: Value, now: Date, batch: WebhookBatch): void {
  for (const part of value.message_echoes) sort(echoOf(part, now), part, batch.echoes, batch);
}

/** Puts what was understood with its kind, and the rest, with the reason it came as, with what is kept. */
function sort<T extends object>(result: T | string, part: unknown, kind: T[], batch: WebhookBatch): void {
  if (typeof result === 'string') batch.rejected.push({ reason: result, part });
  else kind.push(result);
}

function contactsOf(value: Value) {
  return value.contacts.flatMap((contact) => contactSchema.safeParse(contact).data ?? []);
}

function codesOf(error: unknown): string[] {
  const { data } = errorSchema.safeParse(error);
  return data ? [data.code] : [];
}
