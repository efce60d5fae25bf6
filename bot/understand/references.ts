import { readNumber } from './numbers.ts';
import { romanise } from './spelling.ts';
import type { Token } from './tokens.ts';

/** Four letters of the bank, then the transfer's number: `SBIN426011234567`, `HDFCR52026112300451278`. */
const BANK_REFERENCE = /(?<![A-Z0-9])[A-Z]{4}[A-Z]?\d{11,17}(?![A-Z0-9])/u;
/** A UPI or IMPS reference: twelve digits, sometimes written in groups. */
const TWELVE_DIGITS = /(?<![\dA-Z])(?<!\d[ -])\d{12}(?![\dA-Z])/u;
const NAMED =
  /\b(?:UTR|REF(?:ERENCE)?|RRN|TXN|TRANSACTION|TRN|UPI|IMPS|NEFT|RTGS)(?:\s*(?:NO|NUMBER|ID|REF|IS|HAI|KA|NUM))*\s*[.:#-]*\s*((?=[A-Z]*\d)[A-Z0-9]{10,25}|\d{4}[ -]\d{4}[ -]\d{4})(?![A-Z0-9])/u;
const PHONE = /^91[6-9]\d{9}$/u;
const IDENTITY = /AA?DHAA?R|ADHAR|ACCOUNT|AKAAUNT|KHAA?TAA?|A\/C/u;
const LONG_CODE =
  /(?:\+?91[\s-]?)?[6-9]\d{4}[\s-]?\d{5}(?!\d)|(?<![\p{L}\d])(?=[a-z]*\d)[a-z0-9]*\d{6}[a-z0-9]*\d{3}[a-z0-9]*|\d{4}[ -]\d{4}[ -]\d{4}/giu;

/** The bank transfer or UPI reference in a message, in capitals; identity and account numbers are not taken for one. */
export function readUtr(text: string): string | undefined {
  const plain = romanise(text).toUpperCase().replace(/यूटीआर/gu, 'UTR');
  const named = NAMED.exec(plain)?.[1]?.replace(/[ -]/gu, '');
  if (named !== undefined && /\d{6}/u.test(named)) return named;
  const bank = BANK_REFERENCE.exec(plain)?.[0];
  if (bank !== undefined && bank.length >= 16 && bank.length <= 22) return bank;
  const digits = TWELVE_DIGITS.exec(plain)?.[0];
  return digits === undefined || PHONE.test(digits) || IDENTITY.test(plain) ? undefined : digits;
}

/** The message without phone numbers, references and account numbers, whose digits are neither money nor dates. */
export function withoutReferences(text: string): string {
  return romanise(text).replace(LONG_CODE, ' ');
}

/** The size of home that is asked for: "2BHK", "do bhk", "3 bedroom" and "1 RK" become `2BHK`, `3BHK`, `1RK`. */
export function readConfiguration(tokens: Token[]): string | undefined {
  for (let i = 0; i < tokens.length; i++) {
    const number = readNumber(tokens, i);
    const at = number !== undefined && tokens[number.next]?.raw === '-' ? number.next + 1 : number?.next;
    const kind = at === undefined ? undefined : kindAt(tokens, at);
    const isSize = number !== undefined && number.value >= 1 && number.value <= 9 && number.value % 0.5 === 0;
    if (kind !== undefined && isSize) return `${number.value}${kind}`;
  }
  return undefined;
}

function kindAt(tokens: Token[], at: number): 'BHK' | 'RK' | undefined {
  const [first = '', ...rest] = tokens.slice(at, at + 5).flatMap(({ raw }) => (raw === '.' ? [] : [raw]));
  if (/^(?:bhk|bkh|bedrooms?|bedrum|beds?|bed|kamr[aeo]|kamron)$/u.test(first)) return 'BHK';
  if (first === 'b' && rest[0] === 'h' && rest[1] === 'k') return 'BHK';
  return first === 'rk' ? 'RK' : undefined;
}
