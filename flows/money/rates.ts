import { GST_ROWS, RERA_ROWS, TDS_ROWS } from './centralRates.ts';
import { type Day, requireDay } from './day.ts';
import { INTEREST_ROWS, PLAN_CAP_ROWS } from './reraRates.ts';
import { STAMP_ROWS } from './stampRates.ts';

/** What a rate is of. Every value is in basis points. */
export const RATE_KINDS = [
  'gst',
  'tds',
  'interest_base',
  'interest_margin',
  'rera_cap',
  'plan_cap',
  'stamp_duty',
  'stamp_cess',
  'stamp_rebate',
  'registration_fee',
] as const;
export type RateKind = (typeof RATE_KINDS)[number];

/** India, or a state of it by its two letters. */
export const STATES = ['MH', 'UP', 'HR', 'KA', 'DL', 'TN', 'TG', 'GJ'] as const;
export type State = (typeof STATES)[number];
export type Jurisdiction = 'IN' | State;

/**
 * One rate or rule as it stood from a day on, until the next row of the same kind, jurisdiction and variant.
 * Example: `{kind: 'interest_margin', jurisdiction: 'UP', variant: 'allottee', effectiveFrom: '2017-05-01', valueBps: 100, source: '…', verified: true}`
 */
export type RateRow = {
  kind: RateKind;
  jurisdiction: Jurisdiction;
  /** Which of the rates of this kind: `affordable`, `mumbai/women`. */
  variant: string;
  effectiveFrom: Day;
  valueBps: number;
  /** What else the rule says: thresholds in paise, names of forms, counts of days. */
  terms?: Readonly<Record<string, string | number>>;
  /** Where it was found, and how sure that is. */
  source: string;
  /** Checked against a source. What is not is confirmed by a person before a buyer relies on it. */
  verified: boolean;
  /** What a person who confirms it must know. */
  note?: string;
};

/** What a rate is looked up by. */
export type RateQuestion = Pick<RateRow, 'kind' | 'jurisdiction' | 'variant'>;

/** No row answers: the message and `missing` say which rate, where and for what day. A person has to find it. */
export class MissingRate extends Error {
  readonly code = 'missing_rate';
  /** Such as `interest_base IN sbi_mclr_highest on 2024-01-01`. */
  readonly missing: string;

  constructor({ kind, jurisdiction, variant }: RateQuestion, on: Day, reason: string) {
    const missing = `${kind} ${jurisdiction} ${variant} on ${on}`;
    super(`no rate is known for ${missing}: ${reason}`);
    this.name = 'MissingRate';
    this.missing = missing;
  }
}

/** Every rate as published with the product. A database holds its own copy, to which newer rows are added. */
export const RATES: readonly RateRow[] = [
  ...GST_ROWS,
  ...TDS_ROWS,
  ...RERA_ROWS,
  ...INTEREST_ROWS,
  ...PLAN_CAP_ROWS,
  ...STAMP_ROWS,
];

/** The row in force on a day. Throws MissingRate when there is none, RangeError when it is no day. */
export function rateOn(rows: readonly RateRow[], asked: RateQuestion, on: Day): RateRow {
  requireDay(on);
  const known = rowsFor(rows, asked);
  const inForce = known.findLast((row) => row.effectiveFrom <= on);
  if (inForce) return inForce;
  const [first] = known;
  throw new MissingRate(
    asked,
    on,
    first ? `the first row is of ${first.effectiveFrom}` : 'there is no such row',
  );
}

/** Whether anything is known of this rate, whatever the day. */
export function isRateKnown(rows: readonly RateRow[], asked: RateQuestion): boolean {
  return rowsFor(rows, asked).length > 0;
}

/** A number that the rule of a row names, such as a threshold in paise. Throws Error when it does not. */
export function numberOf(row: RateRow, term: string): number {
  const value = row.terms?.[term];
  if (typeof value === 'number') return value;
  throw new Error(`the ${row.kind} row ${row.variant} of ${row.effectiveFrom} has no number ${term}`);
}

/** Words that the rule of a row names, such as a form. Throws Error when it does not. */
export function wordsOf(row: RateRow, term: string): string {
  const value = row.terms?.[term];
  if (typeof value === 'string') return value;
  throw new Error(`the ${row.kind} row ${row.variant} of ${row.effectiveFrom} has no words ${term}`);
}

/** Oldest first. */
function rowsFor(rows: readonly RateRow[], { kind, jurisdiction, variant }: RateQuestion): RateRow[] {
  return rows
    .filter((row) => row.kind === kind && row.jurisdiction === jurisdiction && row.variant === variant)
    .sort((one, other) => (one.effectiveFrom < other.effectiveFrom ? -1 : 1));
}
