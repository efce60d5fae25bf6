import type { ConsentKind, ConsentSource } from '../../flows/types.ts';
import { escaped, shortTime } from './blocks.ts';
import type { BuyerConsent } from './listening.ts';

/** How a buyer's consent is spoken of to the team. */

/** Where it came from, in words. */
export const SOURCE: Record<ConsentSource, string> = {
  lead_form: 'a lead form',
  click_to_chat: 'a click-to-chat advertisement',
  inbound_message: 'they wrote to us',
  chat: 'they asked for it in chat',
  staff_entry: 'entered by the team',
  import: 'an import',
};

const KIND: Record<ConsentKind, string> = { service: 'messages about their own matter', promotion: 'offers' };

/** One line: what may be sent unasked, since when and by what. */
export function consentText(
  { consent = {}, optedOutAt, promotionsOffAt }: BuyerConsent,
  timeZone: string,
): string {
  if (optedOutAt) return `:no_entry: wants no messages, since ${shortTime(optedOutAt, timeZone)}`;
  const given = (Object.keys(KIND) as ConsentKind[]).flatMap((kind) => {
    const { at, source, by } = consent[kind] ?? {};
    if (!at || !source) return [];
    const who = by ? `, ${escaped(by.name)}` : '';
    return [`${KIND[kind]} (${SOURCE[source]}${who}, ${shortTime(at, timeZone)})`];
  });
  const off = promotionsOffAt ? [`no offers since ${shortTime(promotionsOffAt, timeZone)}`] : [];
  const hasOffers = consent.promotion !== undefined || promotionsOffAt !== undefined;
  return [...given, ...off, ...(hasOffers ? [] : ['no opt-in to offers'])].join('; ');
}
