import { DateTime } from 'luxon';
import type { DocumentKind } from './kyc/documents.ts';
import type { Day } from './money/day.ts';

/**
 * What the law lets or makes us keep when somebody wants their data erased, and for how long: dated rows with their
 * source, the only home of these rules. A row holds for classes of record, for kinds of paper, or for both. Counsel
 * and a chartered accountant sign off; what has no row is erased.
 */

/** Classes of record that outlive a request for erasure, each for its time. */
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
  id: string;
  /** The class of record that it holds for. */
  record?: Retained;
  /** The papers of a sale that it holds for. */
  papers?: readonly DocumentKind[];
  /** In words for the team, and the law in short. */
  what: string;
  law: string;
  keepYears: number;
  from: 'booking_end' | 'financial_year_end' | 'erasure';
  /** First day on which it holds, YYYY-MM-DD. */
  effectiveFrom: Day;
  source: string;
};

/** What is kept, under which rows; `until`, its last day, is unknown while the sale goes on. */
export type Retention = { kind: 'free' } | { kind: 'kept'; until?: Day; rules: readonly RetentionRow[] };

const IDENTITY: readonly DocumentKind[] = [
  'pan',
  'aadhaar',
  'passport',
  'voter_id',
  'address_proof',
  'photo',
  'visa_or_oci',
  'overseas_address',
  'nre_nro_proof',
  'incorporation_certificate',
  'memorandum_articles',
  'company_pan',
  'signatory_id',
  'beneficial_owner',
  'huf_pan',
  'karta_pan',
  'karta_id',
  'huf_declaration',
];

/** As of 2026-11-27; domain rules, sections 3 and 4. */
export const RETENTION_ROWS: readonly RetentionRow[] = [
  {
    id: 'pmla',
    record: 'identity_papers',
    papers: IDENTITY,
    what: 'identity papers of a booking, sealed in the vault',
    law: 'PMLA s. 12',
    keepYears: 5,
    from: 'booking_end',
    effectiveFrom: '2013-02-15',
    source:
      'PMLA 2002 s. 12, Rules r. 10: five years after the business relationship has ended. Whether a developer is a reporting entity is disputed (SCC): adopted, counsel confirms.',
  },
  {
    id: 'tax',
    papers: ['pan', 'company_pan', 'huf_pan', 'karta_pan', 'gst_certificate'],
    what: 'papers whose numbers stand on invoices and TDS statements',
    law: 'CGST Act s. 36',
    keepYears: 6,
    from: 'booking_end',
    effectiveFrom: '2017-07-01',
    source:
      'CGST Act s. 36: 72 months after the annual return; the numbers stand on invoices and TDS statements',
  },
  {
    id: 'books',
    record: 'money_records',
    what: 'demands, payments, receipts and the ledger',
    law: 'Companies Act s. 128',
    keepYears: 8,
    from: 'financial_year_end',
    effectiveFrom: '2014-04-01',
    source:
      'Companies Act 2013 s. 128(5): books of account for eight financial years; it covers CGST s. 36 (72 months from the annual return). From general knowledge: a chartered accountant confirms.',
  },
  {
    id: 'rera',
    record: 'booking_records',
    papers: [
      'power_of_attorney',
      'board_resolution',
      'loan_sanction',
      'tripartite_agreement',
      'disbursement_request',
    ],
    what: 'the booking, its applicants and what was agreed',
    law: 'RERA s. 14',
    keepYears: 5,
    from: 'booking_end',
    // Section 14 came into force a year after the first sections of the Act.
    effectiveFrom: '2017-05-01',
    source: 'RERA Act 2016 s. 14(3): claims about defects for five years from possession; counsel confirms.',
  },
  {
    id: 'logs',
    record: 'audit_trail',
    what: 'the timeline without any words: what happened when, and who decided it',
    law: 'DPDP Rules r. 8',
    keepYears: 1,
    from: 'erasure',
    effectiveFrom: '2025-11-14',
    source: 'DPDP Rules 2025 r. 8(3): logs for a year, from 2027-05-13; adopted before that.',
  },
  {
    id: 'objection',
    record: 'objection',
    what: 'the phone number, marked as not to be written to',
    law: 'DPDP Act s. 6',
    keepYears: 10,
    from: 'erasure',
    effectiveFrom: '2025-11-14',
    source: 'DPDP Act 2023 s. 6(4): a withdrawal of consent can be honoured only by who remembers it.',
  },
];

/** A class's row in force on a day; before the first one, that one: what is not yet regulated is kept no shorter. */
export function retentionOf(record: Retained, on: Day): RetentionRow {
  const rows = RETENTION_ROWS.filter((row) => row.record === record).sort((one, other) =>
    one.effectiveFrom < other.effectiveFrom ? -1 : 1,
  );
  const row = rows.findLast(({ effectiveFrom }) => effectiveFrom <= on) ?? rows[0];
  if (!row) throw new RangeError(`no retention of ${record}`);
  return row;
}

/**
 * What the law says of a paper on a day. Only what was accepted for a sale that came about is kept: a paper that was
 * sent back, or belongs to no sale, proves nothing. `endedOn`: when the sale ended, if it has.
 */
export function paperRetention(
  paper: { kind: DocumentKind; isAccepted: boolean },
  sale: { endedOn?: Day } | undefined,
  today: Day,
): Retention {
  if (!sale || !paper.isAccepted) return { kind: 'free' };
  const last = (row: RetentionRow) => keptUntil(row, { ...sale, erasedOn: today });
  const rules = rowsOf(paper.kind, today).filter((row) => (last(row) ?? today) >= today);
  if (rules.length === 0) return { kind: 'free' };
  const until = latest(rules.map(last));
  return { kind: 'kept', ...(until && { until }), rules };
}

/**
 * The last day on which the sweep leaves a paper of a sale alone: by the rows of its kind, and never before what holds
 * for identity papers at large, since what nobody has sorted may be one. Undefined while the sale goes on.
 */
export function paperKeptUntil(
  kind: DocumentKind,
  ends: { endedOn?: Day | undefined; erasedOn: Day },
): Day | undefined {
  const rows = [retentionOf('identity_papers', ends.erasedOn), ...rowsOf(kind, ends.erasedOn)];
  return latest(rows.map((row) => keptUntil(row, ends)));
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

function rowsOf(kind: DocumentKind, today: Day): RetentionRow[] {
  return RETENTION_ROWS.filter(
    ({ papers, effectiveFrom }) => papers?.includes(kind) && effectiveFrom <= today,
  );
}

/** The latest of some days; unknown as soon as one of them is. */
function latest(days: readonly (Day | undefined)[]): Day | undefined {
  return days.includes(undefined) ? undefined : [...days].sort().at(-1);
}

/** The 31st of March on which the financial year of a day ends. */
function financialYearEnd(on: Day): Day {
  const [year = 0, month = 0] = on.split('-').map(Number);
  return `${month <= 3 ? year : year + 1}-03-31`;
}

function yearsLater(on: Day, years: number): Day {
  return DateTime.fromISO(on).plus({ years }).toISODate() ?? on;
}
