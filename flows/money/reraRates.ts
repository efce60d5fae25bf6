import type { RateRow, State } from './rates.ts';

const MARGIN_SOURCES: Partial<Record<State, [bps: number, source: string]>> = {
  MH: [200, 'Maharashtra Rules r. 18; domain.md section 1 (blogs; the rule number is general knowledge)'],
  KA: [200, 'Karnataka Rules r. 16; domain.md section 1 (blogs; the rule number is general knowledge)'],
  HR: [200, 'Haryana Rules r. 15; domain.md section 1 (blogs; the rule number is general knowledge)'],
  UP: [100, 'domain.md, finding 4 and section 1 (realtynmore, UP-RERA advisory; high): +1 %, not +2 %'],
};

/**
 * Interest on late payments, the same rate both ways (RERA Act s. 2(za)): the highest SBI MCLR and the margin of the
 * state. The Act's provision is in force from 1-May-2017; MCLR is known from 15-Dec-2025 only.
 */
export const INTEREST_ROWS: readonly RateRow[] = [
  ...Object.entries(MARGIN_SOURCES).map(
    ([state, [valueBps, source]]): RateRow => ({
      kind: 'interest_margin',
      jurisdiction: state as State,
      variant: 'allottee',
      effectiveFrom: '2017-05-01',
      valueBps,
      source,
      verified: true,
    }),
  ),
  {
    kind: 'interest_base',
    jurisdiction: 'IN',
    variant: 'sbi_mclr_highest',
    effectiveFrom: '2025-12-15',
    valueBps: 880,
    source: 'SBI, 3-year MCLR 8.80 % from 15-Dec-2025; domain.md section 1 (Business Today; high)',
    verified: true,
  },
  {
    kind: 'interest_base',
    jurisdiction: 'IN',
    variant: 'sbi_mclr_highest',
    effectiveFrom: '2026-01-15',
    valueBps: 880,
    source: 'domain.md section 1: "2026 resets unverified"',
    verified: false,
    note: 'The rate of December 2025 carried on. SBI resets it monthly: publish the true rows of 2026.',
  },
];

const DRAFTS = 'Maharashtra agreement for sale, cumulative caps; domain.md section 1 (drafts; high)';
const UNCHECKED = 'Maharashtra agreement for sale, cumulative caps; domain.md section 1 (general knowledge)';

/** How much of the price may have been asked for by each milestone, in all (Maharashtra, model agreement for sale). */
export const PLAN_CAP_ROWS: readonly RateRow[] = [
  cap('agreement', 3_000, DRAFTS, true),
  cap('plinth', 4_500, DRAFTS, true),
  cap('slabs', 7_000, DRAFTS, true),
  cap('walls', 7_500, DRAFTS, true),
  cap('sanitary', 8_000, DRAFTS, true),
  cap('external', 8_500, UNCHECKED, false),
  cap('lifts', 9_500, UNCHECKED, false),
  cap('possession', 10_000, DRAFTS, true),
];

function cap(variant: string, valueBps: number, source: string, verified: boolean): RateRow {
  return {
    kind: 'plan_cap',
    jurisdiction: 'MH',
    variant,
    effectiveFrom: '2017-05-01',
    valueBps,
    source,
    verified,
  };
}
