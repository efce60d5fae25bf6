import type { DocumentKind } from './documents.ts';

/**
 * How long the law wants papers kept, whoever asks for their erasure. The rules are data: which papers, how long, from
 * when on, and where the rule comes from. They say what a person has to weigh; counsel signs off what is erased.
 */

/** One rule. `years` count from the end of the sale: its cancellation, or the conveyance of the unit. */
export type RetentionRule = {
  id: string;
  kinds: readonly DocumentKind[];
  years: number;
  /** YYYY-MM-DD from which the rule holds. */
  effectiveFrom: string;
  source: string;
};

/** What is kept, under which rules; `until` (YYYY-MM-DD) is unknown while the sale goes on. */
export type Retention = { kind: 'free' } | { kind: 'kept'; until?: string; rules: readonly RetentionRule[] };

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
export const RETENTION_RULES: readonly RetentionRule[] = [
  {
    id: 'pmla',
    kinds: IDENTITY,
    years: 5,
    effectiveFrom: '2013-02-15',
    source:
      'PMLA s. 12, Rules r. 10: five years after the relation ends; whether developers are covered, counsel says',
  },
  {
    id: 'tax',
    kinds: ['pan', 'company_pan', 'huf_pan', 'karta_pan', 'gst_certificate'],
    years: 6,
    effectiveFrom: '2017-07-01',
    source:
      'CGST Act s. 36: 72 months after the annual return; the numbers stand on invoices and TDS statements',
  },
  {
    id: 'rera',
    kinds: [
      'power_of_attorney',
      'board_resolution',
      'loan_sanction',
      'tripartite_agreement',
      'disbursement_request',
    ],
    years: 5,
    effectiveFrom: '2017-05-01',
    source: 'RERA Act s. 14(3): the developer answers for defects for five years from possession',
  },
];

/**
 * What the law says of a paper on a day (YYYY-MM-DD). Only what was accepted for a sale that came about is kept: a
 * paper that was sent back, or belongs to no sale, proves nothing. `endedOn`: when the sale ended, if it has.
 */
export function retentionOf(
  paper: { kind: DocumentKind; isAccepted: boolean },
  sale: { endedOn?: string } | undefined,
  today: string,
): Retention {
  if (!sale || !paper.isAccepted) return { kind: 'free' };
  const rules = RETENTION_RULES.filter(
    ({ kinds, effectiveFrom, years }) =>
      kinds.includes(paper.kind) &&
      effectiveFrom <= today &&
      (sale.endedOn === undefined || yearsAfter(sale.endedOn, years) > today),
  );
  if (rules.length === 0) return { kind: 'free' };
  const { endedOn } = sale;
  if (endedOn === undefined) return { kind: 'kept', rules };
  const ends = rules.map(({ years }) => yearsAfter(endedOn, years)).sort();
  return { kind: 'kept', until: ends.at(-1) ?? endedOn, rules };
}

/** `2026-02-29` of no leap year is read as a text, and compares as the day after the 28th: a day later is no harm. */
function yearsAfter(day: string, years: number): string {
  return `${Number(day.slice(0, 4)) + years}${day.slice(4)}`;
}
