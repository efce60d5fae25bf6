import { z } from 'zod';
import type { Handle } from '../channel.ts';
import { optionalText } from './fields.ts';

/** Who a webhook speaks of. People with a username may show no phone, only an id of their own (BSUID). */

/** Somebody as Meta's `contacts` introduce them. */
export const contactSchema = z.object({
  wa_id: optionalText,
  user_id: optionalText,
  profile: z.object({ name: optionalText }).optional().catch(undefined),
});

export type Contact = z.infer<typeof contactSchema>;

/** The person on the other side of a message or call: `phone` in digits, or absent. */
export type Person = { phone: string | undefined; userId: string | undefined };

/** How the webhook introduces this person; one who is not named at all can only be the only one introduced. */
export function contactOf({ phone, userId }: Person, contacts: Contact[]): Contact | undefined {
  if (phone === undefined && userId === undefined) return contacts.length === 1 ? contacts[0] : undefined;
  return contacts.find((contact) =>
    phone === undefined ? contact.user_id === userId : contact.wa_id === phone,
  );
}

/** All handles of a person, the one to answer first; empty when there is none. */
export function handlesOf(person: Person, contact?: Contact): Handle[] {
  const userId = person.userId ?? contact?.user_id;
  const bsuid: Handle[] = userId === undefined ? [] : [{ kind: 'bsuid', value: userId }];
  if (person.phone !== undefined) return [phoneOf(person.phone), ...bsuid];
  return contact?.wa_id === undefined ? bsuid : [...bsuid, phoneOf(contact.wa_id)];
}

const moveSchema = z.object({
  system: z.object({
    type: z.enum(['user_changed_number', 'user_changed_user_id']),
    wa_id: optionalText,
    new_wa_id: optionalText,
    user_id: optionalText,
    previous_user_id: optionalText,
  }),
});

/**
 * The handles of a person whose number or id has changed, the new one first: the old one answers no more.
 * Undefined for any other message. The notice's text also names both, but the buyer's own profile name stands
 * in it, so that anybody could write another person's id there: it is not read.
 */
export function movedHandles(message: unknown, person: Person): Handle[] | undefined {
  const move = moveSchema.safeParse(message).data?.system;
  if (!move) return undefined;
  const now = handlesOf({ phone: move.wa_id ?? move.new_wa_id, userId: move.user_id });
  const before = handlesOf({ phone: person.phone, userId: person.userId });
  const previous = handlesOf({ phone: undefined, userId: move.previous_user_id });
  const all = [...now, ...before, ...previous];
  return all.filter((each, index) => index === all.findIndex((other) => isSame(each, other)));
}

function isSame(one: Handle, other: Handle): boolean {
  return one.kind === other.kind && one.value === other.value;
}

/** A phone as Meta writes it, in digits; what is none is an id of theirs. */
export function phoneOf(waId: string): Handle {
  const digits = waId.replace(/^\+/, '');
  return /^\d+$/.test(digits) ? { kind: 'pn', value: `+${digits}` } : { kind: 'bsuid', value: waId };
}
