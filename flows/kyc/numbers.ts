import { gstinCheckCharacter, mrzCheckDigit, passesVerhoeff } from './checksums.ts';

/**
 * The numbers that a buyer types from their papers: whether each can be right, before a person looks at the paper.
 * A number that passes is well-formed, never proven: nobody is asked whether it exists.
 */

/** What is wrong with a number, as a copy key that says how to correct it. */
export type NumberProblem =
  | 'kyc_pan_form'
  | 'kyc_pan_holder'
  | 'kyc_aadhaar_form'
  | 'kyc_aadhaar_check'
  | 'kyc_gstin_form'
  | 'kyc_gstin_check'
  | 'kyc_gstin_pan'
  | 'kyc_ifsc_form'
  | 'kyc_pin_form'
  | 'kyc_mrz_form'
  | 'kyc_mrz_check'
  | 'kyc_mrz_expired';

/** `value` is the number as it is written on the paper; `warnings` are for the person who reviews it. */
export type NumberCheck<Extra = object> =
  | ({ ok: true; value: string; warnings: 'pan_name_initial'[] } & Extra)
  | { ok: false; problem: NumberProblem };

/** Who holds a PAN: its fourth letter (Income-tax Department, structure of the PAN). */
export const PAN_HOLDERS = {
  P: 'individual',
  C: 'company',
  H: 'huf',
  F: 'firm',
  A: 'association',
  B: 'body_of_individuals',
  G: 'government',
  J: 'artificial_person',
  L: 'local_authority',
  T: 'trust',
} as const;
export type PanHolder = (typeof PAN_HOLDERS)[keyof typeof PAN_HOLDERS];

const PAN = /^[A-Z]{3}([ABCFGHJLPT])([A-Z])\d{4}[A-Z]$/;
const GSTIN = /^(\d{2})([A-Z]{5}\d{4}[A-Z])[1-9A-Z]Z[0-9A-Z]$/;

/**
 * A PAN: its pattern, and its fourth letter against who should hold it. The fifth is the first letter of the surname
 * or of the name of a firm; people write their names in many ways, so that one only warns. Its last letter is a
 * checksum whose rule is not published.
 * Example: `checkPan('abcpe1234f', {holder: 'individual', name: 'Asha Elkunchwar'})` is ok, `ABCPE1234F`
 */
export function checkPan(
  typed: string,
  expected: { holder?: PanHolder; name?: string } = {},
): NumberCheck<{ holder: PanHolder }> {
  const value = compact(typed);
  const [, kind, initial = ''] = PAN.exec(value) ?? [];
  if (!kind) return { ok: false, problem: 'kyc_pan_form' };
  const holder = PAN_HOLDERS[kind as keyof typeof PAN_HOLDERS];
  if (expected.holder && expected.holder !== holder) return { ok: false, problem: 'kyc_pan_holder' };
  const warnings = mayBeInitial(initial, expected.name) ? [] : (['pan_name_initial'] as const);
  return { ok: true, value, holder, warnings: [...warnings] };
}

/** An Aadhaar number: twelve digits, the first from 2 to 9, the last by Verhoeff. Example: `9999 4105 7058` */
export function checkAadhaar(typed: string): NumberCheck<{ lastFour: string }> {
  const value = compact(typed);
  if (!/^[2-9]\d{11}$/.test(value)) return { ok: false, problem: 'kyc_aadhaar_form' };
  if (!passesVerhoeff(value)) return { ok: false, problem: 'kyc_aadhaar_check' };
  return { ok: true, value, lastFour: value.slice(-4), warnings: [] };
}

/**
 * All that is kept of an Aadhaar number which a buyer has typed. Throws when there are no four digits.
 * Example: `maskedAadhaar('999941057058') === 'XXXX XXXX 7058'`
 */
export function maskedAadhaar(typed: string): string {
  const lastFour = /(\d{4})$/.exec(compact(typed))?.[1];
  if (!lastFour) throw new RangeError('an Aadhaar number ends in four digits');
  return `XXXX XXXX ${lastFour}`;
}

/**
 * A GSTIN: state code, the holder's PAN, and a check character in base 36.
 * Example: `checkGstin('27AAPFU0939F1ZV', {pan: 'AAPFU0939F'})`
 */
export function checkGstin(typed: string, expected: { pan?: string } = {}): NumberCheck<{ pan: string }> {
  const value = compact(typed);
  const [, , pan] = GSTIN.exec(value) ?? [];
  if (!pan || !PAN.test(pan)) return { ok: false, problem: 'kyc_gstin_form' };
  if (gstinCheckCharacter(value.slice(0, 14)) !== value[14]) return { ok: false, problem: 'kyc_gstin_check' };
  if (expected.pan && compact(expected.pan) !== pan) return { ok: false, problem: 'kyc_gstin_pan' };
  return { ok: true, value, pan, warnings: [] };
}

/** The code of a bank's branch: four letters, a zero, six letters or digits. Example: `HDFC0001234` */
export function checkIfsc(typed: string): NumberCheck {
  const value = compact(typed);
  return /^[A-Z]{4}0[A-Z0-9]{6}$/.test(value)
    ? { ok: true, value, warnings: [] }
    : { ok: false, problem: 'kyc_ifsc_form' };
}

/** A postal index number: six digits, the first not a zero. Example: `411 045` */
export function checkPin(typed: string): NumberCheck {
  const value = compact(typed);
  return /^[1-9]\d{5}$/.test(value)
    ? { ok: true, value, warnings: [] }
    : { ok: false, problem: 'kyc_pin_form' };
}

/** What stands in the machine-readable zone of a passport; days as YYYY-MM-DD. */
export type Passport = {
  /** Three letters, `IND` for India. */
  issuer: string;
  nationality: string;
  surname: string;
  givenNames: string;
  bornOn: string;
  sex: 'F' | 'M' | 'X';
  expiresOn: string;
};

/**
 * The machine-readable zone of a passport (ICAO Doc 9303-4, TD3: two lines of 44 characters) with its five check
 * digits. `today` (YYYY-MM-DD) tells the century of the birthday, and whether the passport has expired.
 */
export function checkPassport(typed: string, today: string): NumberCheck<{ passport: Passport }> {
  const lines = typed
    .toUpperCase()
    .split(/\r?\n/)
    .map((line) => line.replace(/\s/g, ''))
    .filter(Boolean);
  const [first = '', second = ''] = lines.length === 1 ? halves(lines[0] ?? '') : lines;
  const [, issuer, names] = /^P[A-Z<]([A-Z<]{3})([A-Z<]{39})$/.exec(first) ?? [];
  const fields =
    /^([A-Z0-9<]{9})(\d)([A-Z<]{3})(\d{6})(\d)([MF<X])(\d{6})(\d)([A-Z0-9<]{14})([0-9<])(\d)$/.exec(second);
  if (!issuer || !names || !fields) return { ok: false, problem: 'kyc_mrz_form' };
  const [, number = '', , nationality = '', born = '', , sex = '', expires = ''] = fields;
  if (!hasRightDigits(second)) return { ok: false, problem: 'kyc_mrz_check' };
  const bornOn = dayOf(born, today, 'past');
  const expiresOn = dayOf(expires, today, 'any');
  if (!bornOn || !expiresOn) return { ok: false, problem: 'kyc_mrz_form' };
  if (expiresOn < today) return { ok: false, problem: 'kyc_mrz_expired' };
  const passport: Passport = {
    issuer: unfilled(issuer),
    nationality: unfilled(nationality),
    ...namesOf(names),
    bornOn,
    sex: sex === 'M' || sex === 'F' ? sex : 'X',
    expiresOn,
  };
  return { ok: true, value: unfilled(number), passport, warnings: [] };
}

/** Number, birth, expiry, personal number and all of them together; an empty personal number may have none. */
function hasRightDigits(line: string): boolean {
  const digitOf = (from: number, to: number) => mrzCheckDigit(line.slice(from, to));
  const isPersonalRight =
    digitOf(28, 42) === line[42] || (line[42] === '<' && /^<+$/.test(line.slice(28, 42)));
  const all = line.slice(0, 10) + line.slice(13, 20) + line.slice(21, 43);
  return (
    digitOf(0, 9) === line[9] &&
    digitOf(13, 19) === line[19] &&
    digitOf(21, 27) === line[27] &&
    isPersonalRight &&
    mrzCheckDigit(all) === line[43]
  );
}

/** `ERIKSSON<<ANNA<MARIA<<<` -> Eriksson's surname and given names, in capitals as they stand. */
function namesOf(field: string): Pick<Passport, 'surname' | 'givenNames'> {
  const [surname = '', givenNames = ''] = field.split('<<');
  return { surname: unfilled(surname), givenNames: unfilled(givenNames) };
}

/** YYMMDD -> YYYY-MM-DD. Nobody is born after today; a passport expires within the century of today. */
function dayOf(sixDigits: string, today: string, when: 'past' | 'any'): string | undefined {
  const [, year, month, day] = /^(\d{2})(\d{2})(\d{2})$/.exec(sixDigits) ?? [];
  const century = Number(today.slice(0, 2));
  const within = `${century}${year}-${month}-${day}`;
  const found = when === 'past' && within > today ? `${century - 1}${year}-${month}-${day}` : within;
  return isDay(found) ? found : undefined;
}

function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

function unfilled(field: string): string {
  return field.replace(/<+/g, ' ').trim();
}

function halves(line: string): string[] {
  return line.length === 88 ? [line.slice(0, 44), line.slice(44)] : [line];
}

/** Any word of the name may be the surname. Names that are not in Latin letters say nothing. */
function mayBeInitial(initial: string, name: string | undefined): boolean {
  const words = (name ?? '').toUpperCase().match(/[A-Z]+/g) ?? [];
  return words.length === 0 || words.some((word) => word.startsWith(initial));
}

/** As typed, without gaps, dots and hyphens, in capitals; Indian digits become ASCII ones. */
function compact(typed: string): string {
  return typed
    .replace(/[\u0900-\u0d7f]/gu, (sign) =>
      /\p{Nd}/u.test(sign) ? String((sign.charCodeAt(0) - 6) % 16) : sign,
    )
    .replace(/[\s.-]/g, '')
    .toUpperCase();
}
