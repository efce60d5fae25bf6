import { passesLuhn, passesVerhoeff } from '../../flows/kyc/checksums.ts';
import type { Entities } from '../../flows/types.ts';

type Identity = NonNullable<Entities['identity']>[number];
type Found = { kind: Identity; start: number; end: number };

/** Five letters, four digits, a letter; the fourth letter is one of the kinds of holder. */
const PAN = /(?<![A-Z0-9])[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z](?![A-Z0-9])/giu;
/** Two digits, the PAN, and three more: a GST number gives its holder's PAN away. */
const GSTIN = /(?<![A-Z0-9])\d{2}[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z][A-Z0-9]Z[A-Z0-9](?![A-Z0-9])/giu;
/** Only a message that speaks of a PAN may write it with gaps: "block 1204 b" has the same form. */
const SPACED_PAN =
  /(?<=(?<![A-Z])pan(?![A-Z]).*)(?<![A-Z0-9])[A-Z]{3}[ABCFGHJLPT][A-Z][ -]?\d{4}[ -]?[A-Z](?![A-Z0-9])/giu;
/** An account number has no check digit, so it counts only where the message says what it is. */
const ACCOUNT =
  /(?<![A-Z])(?:account|acct|acc|a\/c|ac|khata|खाता|अकाउंट)(?:[\s.:#-]*(?:no|num|number|nambar|sankhya|is|hai|mera|my|नंबर|संख्या|है))*[\s.:#-]*(\d(?:[ -]?\d){8,17})(?!\d)/giu;
/**
 * The ways to write an Aadhaar or a card number, longest first: what follows in a shorter one may be another number,
 * as in "2345 6789 0124 1203".
 */
const NUMBERS = [
  /(?<![A-Z0-9+])\d{12,19}(?![A-Z0-9])/giu,
  /(?<![A-Z0-9+])\d{4}([\s.-])\d{4}\1\d{4}\1\d{4}\1\d{3}(?![A-Z0-9])/giu,
  /(?<![A-Z0-9+])\d{4}([\s.-])\d{4}\1\d{4}\1\d{4}(?![A-Z0-9])/giu,
  /(?<![A-Z0-9+])\d{4}([\s.-])\d{6}\1\d{5}(?![A-Z0-9])/giu,
  /(?<![A-Z0-9+])\d{4}([\s.-])\d{4}\1\d{4}(?![A-Z0-9])/giu,
];
/** A number that the message calls a bank reference is one, whatever its digits add up to. */
const NAMED_REFERENCE =
  /(?:utr|ref(?:erence)?|rrn|txn|transaction|trn|upi|imps|neft|rtgs|यूटीआर|यूपीआई)[\s.:#-]*(?:(?:no|number|num|id|ref|is|hai|नंबर)[\s.:#-]*)*$/iu;
/** Who has paid sends a reference of twelve digits, one in ten of which would pass for an Aadhaar number. */
const PAYS =
  /(?<![a-z])(?:pay|paid|payments?|transferr?(?:ed)?|sent|credited|debited|bheja?|bhej|jama|gpay|phonepe|paytm|bhim|receipt|rs|inr)(?![a-z])|₹|भेज|भुगतान|पेमेंट|जमा|ट्रांसफर/iu;
const SAYS_AADHAAR = /a+dh?a+r|adhar|uid(?![a-z])|आधार/iu;
const PHONE = /^91[6-9]\d{9}$/u;

/** What `masked` puts in the place of a number. */
const HIDDEN = /\[(pan|aadhaar|card|account)\]/gu;

/** The kinds of identity and payment numbers that a message contains, by their form and check digits, or did. */
export function readIdentity(text: string): Entities['identity'] {
  const hidden = [...text.matchAll(HIDDEN)].map(([, kind]) => kind as Identity);
  const kinds = new Set([...findIdentities(text).map(({ kind }) => kind), ...hidden]);
  return kinds.size === 0 ? undefined : [...kinds];
}

/**
 * The message with PAN, Aadhaar, card and account numbers hidden.
 * Example: `masked('pan ABCPE1234F hai') === 'pan [pan] hai'`
 */
export function masked(text: string): string {
  let open = '';
  let end = 0;
  for (const found of findIdentities(text)) {
    open += `${text.slice(end, found.start)}[${found.kind}]`;
    end = found.end;
  }
  return open + text.slice(end);
}

/** In the order of the text, none overlapping another. */
function findIdentities(text: string): Found[] {
  if (!/\p{Nd}{4}/u.test(text)) return [];
  const plain = withAsciiDigits(text);
  const found = [...findAccounts(plain), ...findPans(plain), ...findNumbers(plain)];
  const kept: Found[] = [];
  for (const each of found) {
    if (!kept.some(({ start, end }) => each.start < end && start < each.end)) kept.push(each);
  }
  return kept.sort((a, b) => a.start - b.start);
}

function findAccounts(text: string): Found[] {
  return [...text.matchAll(ACCOUNT)].map((match) => {
    const end = match.index + match[0].length;
    return { kind: 'account', start: end - (match[1]?.length ?? 0), end };
  });
}

function findPans(text: string): Found[] {
  return [...text.matchAll(GSTIN), ...text.matchAll(PAN), ...text.matchAll(SPACED_PAN)].map(
    ({ 0: { length }, index }) => {
      return { kind: 'pan', start: index, end: index + length };
    },
  );
}

function findNumbers(text: string): Found[] {
  const written = NUMBERS.flatMap((pattern) => [...text.matchAll(pattern)]);
  return written.flatMap(({ 0: number, index }) => {
    const kind = NAMED_REFERENCE.test(text.slice(0, index)) ? undefined : kindOf(number.replace(/\D/gu, ''));
    if (kind === 'aadhaar' && isReference(number, text)) return [];
    return kind === undefined ? [] : [{ kind, start: index, end: index + number.length }];
  });
}

/** Twelve digits in one piece, in a message about a payment that says nothing of an Aadhaar. */
function isReference(number: string, text: string): boolean {
  return /^\d+$/u.test(number) && PAYS.test(text) && !SAYS_AADHAAR.test(text);
}

function kindOf(digits: string): 'aadhaar' | 'card' | undefined {
  if (digits.length === 12 && /^[2-9]/u.test(digits) && !PHONE.test(digits) && passesVerhoeff(digits))
    return 'aadhaar';
  return digits.length >= 13 && /^[3-6]/u.test(digits) && passesLuhn(digits) ? 'card' : undefined;
}

/** One character for one, so that places stay true; the blocks of Indian digits all begin at a 6. */
function withAsciiDigits(text: string): string {
  return text.replace(/[\u0900-\u0d7f]/gu, (sign) =>
    /\p{Nd}/u.test(sign) ? String((sign.charCodeAt(0) - 6) % 16) : sign,
  );
}
