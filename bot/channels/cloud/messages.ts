import { z } from 'zod';
import type { Echo, Handle, Inbound } from '../channel.ts';
import { contentOf } from './content.ts';
import { optionalText, timeOf } from './fields.ts';
import { type Contact, contactOf, handlesOf, movedHandles, type Person } from './people.ts';

/** Meta's messages, calls and echoes, one by one, in our words; or, as a string, why one cannot be used. */

const messageSchema = z.looseObject({
  id: z.string().min(1),
  from: optionalText,
  from_user_id: optionalText,
  group_id: optionalText,
  timestamp: z.unknown(),
  type: z.string().catch('unknown'),
  context: z.object({ id: optionalText }).optional().catch(undefined),
  referral: z.looseObject({}).optional().catch(undefined),
});

/** A buyer's message under its key; a number or id that has changed makes one person of two handles. */
export function messageOf(part: unknown, contacts: Contact[], now: Date): Inbound | string {
  const message = messageSchema.safeParse(part).data;
  if (!message) return 'message without id';
  // Answered, it would come to the person alone.
  if (message.group_id) return 'message of a group';
  const person = { phone: message.from, userId: message.from_user_id };
  const contact = contactOf(person, contacts);
  const handles = movedHandles(part, person) ?? handlesOf(person, contact);
  const heard = heardFrom(handles, contact);
  if (!heard) return 'message without sender';
  return {
    key: message.id,
    ...heard,
    at: timeOf(message.timestamp, now),
    content: contentOf(message),
    ...(message.context?.id ? { quoted: message.context.id } : {}),
    ...(message.referral && { fromAdvertisement: true as const }),
    raw: part,
  };
}

const callSchema = z.object({
  id: z.string().min(1),
  event: z.enum(['connect', 'terminate']),
  direction: optionalText,
  from: optionalText,
  to: optionalText,
  from_user_id: optionalText,
  timestamp: z.unknown(),
});

/**
 * A call from a buyer. Its beginning and its end come under one key, so that they are one message, and either
 * of them is enough. `ownPhone` is our number: on which side of a call it stands is not reliable.
 */
export function callOf(
  part: unknown,
  { contacts, ownPhone, now }: { contacts: Contact[]; ownPhone: string | undefined; now: Date },
): Inbound | string {
  const call = callSchema.safeParse(part).data;
  if (!call) return 'call of unknown shape';
  if (call.direction === 'BUSINESS_INITIATED') return 'call of ours';
  const ownDigits = ownPhone?.replace(/\D/g, '');
  const person: Person = {
    phone: [call.from, call.to].find(
      (phone) => phone !== undefined && phone.replace(/\D/g, '') !== ownDigits,
    ),
    userId: call.from_user_id,
  };
  const contact = contactOf(person, contacts);
  const heard = heardFrom(handlesOf(person, contact), contact);
  if (!heard) return 'call without caller';
  const at = timeOf(call.timestamp, now);
  return { key: call.id, ...heard, at, content: { kind: 'call', video: false }, raw: part };
}

const echoSchema = z.looseObject({
  id: z.string().min(1),
  to: optionalText,
  to_user_id: optionalText,
  timestamp: z.unknown(),
  type: z.string().catch('unknown'),
});

/** What somebody wrote in the WhatsApp Business app on the same number. */
export function echoOf(part: unknown, now: Date): Echo | string {
  const echo = echoSchema.safeParse(part).data;
  if (!echo) return 'echo without id';
  const [to, ...alsoKnownAs] = handlesOf({ phone: echo.to, userId: echo.to_user_id });
  if (!to) return 'echo without recipient';
  return { key: echo.id, to, alsoKnownAs, at: timeOf(echo.timestamp, now), content: contentOf(echo) };
}

function heardFrom(
  [from, ...alsoKnownAs]: Handle[],
  contact: Contact | undefined,
): Pick<Inbound, 'from' | 'alsoKnownAs' | 'profileName'> | undefined {
  const profileName = contact?.profile?.name;
  return from && { from, alsoKnownAs, ...(profileName ? { profileName } : {}) };
}
