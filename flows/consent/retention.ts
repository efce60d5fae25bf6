import { DateTime } from 'luxon';
import type { Day } from '../money/day.ts';

/**
 * What the law lets or makes us keep when somebody wants their data erased, and for how long: dated rows with their
 * source. Counsel and a chartered accountant sign off; what has no row is erased.
 */

/** Kinds of record that outlive a request for erasure, each for its time. */
export const RETAINED = [
  'identity_papers',
  'money_records',
  'booking_records',
  'audit_trail',
  'objection',
] as const;
export type Retained = (typeof RETAINED)[number];

/** The time runs from the end of the booking, from that of the financial year it ended in, or from the erasure. */
export type RetentionRow = {
  kind: Retained;
  /** In words for the team, and the law in short. */
  what: string;
  law: string;
  keepYears: number;
  from: 'booking_end' | 'financial_year_end' | 'erasure';
  /** First day on which it holds, YYYY-MM-DD. */
  effectiveFrom: Day;
  source: string;
};

const ROWS: readonly RetentionRow[] = [
  {
    kind: 'identity_papers',
    what: 'identity papers of a booking, sealed in the vault',
    law: 'PMLA s. 12',
    keepYears: 5,
    from: 'booking_end',
    effectiveFrom: '2013-02-15',
    source:
      'PMLA 2002 s. 12: five years after the business relationship has ended. Whether a developer is a reporting entity is disputed (SCC): adopted.',
  },
  {
    kind: 'money_records',
    what: 'demands, payments, receipts and the ledger',
    law: 'Companies Act s. 128',
    keepYears: 8,
    from: 'financial_year_end',
    effectiveFrom: '2014-04-01',
    source:
      'Companies Act 2013 s. 128(5): books of account for eight financial years; it covers CGST s. 36 (72 months from the annual return). From general knowledge: a chartered accountant confirms.',
  },
  {
    kind: 'booking_records',
    what: 'the booking, its applicants and what was agreed',
    law: 'RERA s. 14',
    keepYears: 5,
    from: 'booking_end',
    effectiveFrom: '2016-05-01',
    source: 'RERA Act 2016 s. 14(3): claims about defects for five years from possession; counsel confirms.',
  },
  {
    kind: 'audit_trail',
    what: 'the timeline without any words: what happened when, and who decided it',
    law: 'DPDP Rules r. 8',
    keepYears: 1,
    from: 'erasure',
    effectiveFrom: '2025-11-14',
    source: 'DPDP Rules 2025 r. 8(3): logs for a year, from 2027-05-13; adopted before that.',
  },
  {
    kind: 'objection',
    what: 'the phone number, marked as not to be written to',
    law: 'DPDP Act s. 6',
    keepYears: 10,
    from: 'erasure',
    effectiveFrom: '2025-11-14',
    source: 'DPDP Act 2023 s. 6(4): a withdrawal of consent can be honoured only by who remembers it.',
  },
];

/** The row in force on a day; before the first one, that one: what is not yet regulated is kept no shorter. */
export function retentionOf(kind: Retained, on: Day): RetentionRow {
  const rows = ROWS.filter((row) => row.kind === kind).sort((one, other) =>
    one.effectiveFrom < other.effectiveFrom ? -1 : 1,
  );
  const row = rows.findLast(({ effectiveFrom }) => effectiveFrom <= on) ?? rows[0];
  if (!row) throw new RangeError(`no retention of ${kind}`);
  return row;
}

/** What stays of a customer when they want their data erased, in short, for whoever has to tell them. */
export function retentionNote(on: Day): string {
  const [papers, money, booking] = (['identity_papers', 'money_records', 'booking_records'] as const).map(
    (kind) => retentionOf(kind, on),
  );
  const years = (row: RetentionRow | undefined) => `${row?.keepYears} years (${row?.law})`;
  return `of a booking stay papers for ${years(papers)}, money records ${years(money)}, the booking ${years(booking)}; marketing data goes`;
}

/**
 * The last day on which something is kept; undefined while the booking that it belongs to stands. `endedOn` is when
 * the booking ended, `erasedOn` when the erasure was decided.
 */
export function keptUntil(
  { keepYears, from }: RetentionRow,
  { endedOn, erasedOn }: { endedOn?: Day | undefined; erasedOn: Day },
): Day | undefined {
  if (from === 'erasure') return yearsLater(erasedOn, keepYears);
  if (endedOn === undefined) return undefined;
  return yearsLater(from === 'financial_year_end' ? financialYearEnd(endedOn) : endedOn, keepYears);
}

/** The 31st of March on which the financial year of a day ends. */
function financialYearEnd(on: Day): Day {
  const [year = 0, month = 0] = on.split('-').map(Number);
  return `${month <= 3 ? year : year + 1}-03-31`;
}

function yearsLater(on: Day, years: number): Day {
  return DateTime.fromISO(on).plus({ years }).toISODate() ?? on;
}
