import type { RateRow, State } from './rates.ts';

const LAKH_PAISE = 1_00_000_00;
const FOUND = 'as found 2025–26; the day from which it holds was not stated, so the financial year is taken';
const UNSURE = `domain.md section 2: ${FOUND} (medium)`;
const CHECKED = `domain.md section 2: ${FOUND} (checked; high)`;
const SINCE = '2025-04-01';

type Row = [
  variant: string,
  valueBps: number,
  more?: Partial<Pick<RateRow, 'terms' | 'source' | 'verified' | 'note' | 'effectiveFrom'>>,
];

/**
 * Stamp duty and registration by state (domain.md section 2), of the higher of price and circle value. Variants are
 * `<where>/<whose names>`; a duty in slabs carries `valueUpToPaise`. domain.md asks to verify every row before it is
 * relied upon, so a person confirms what is computed, also from rows that were checked once.
 */
export const STAMP_ROWS: readonly RateRow[] = [
  ...rows('stamp_duty', 'MH', CHECKED, true, [
    ['mumbai/any', 600, { note: 'Includes the metro cess.' }],
    ['mumbai/women', 500, { note: 'Residential, and all owners are women.' }],
    ['urban/any', 700, { note: 'Pune, Thane and Nagpur.' }],
    ['urban/women', 600, { note: 'Residential, and all owners are women. Pune, Thane and Nagpur.' }],
  ]),
  ...rows('registration_fee', 'MH', CHECKED, true, [['any', 100, { terms: { mostPaise: 30_000_00 } }]]),

  ...rows('stamp_duty', 'UP', CHECKED, true, [['any/any', 700]]),
  ...rows('stamp_rebate', 'UP', 'domain.md section 2: July 2025 (checked; high)', true, [
    [
      'women',
      100,
      {
        effectiveFrom: '2025-07-01',
        terms: { valueUpToPaise: 100 * LAKH_PAISE, mostPaise: LAKH_PAISE },
        note: 'Women as owners. Whether joint owners have it is disputed.',
      },
    ],
  ]),
  ...rows('registration_fee', 'UP', CHECKED, true, [['any', 100]]),

  ...rows('stamp_duty', 'HR', CHECKED, true, [
    ['urban/men', 700],
    ['urban/women', 500],
    ['urban/joint', 600],
    ['rural/men', 500],
    ['rural/women', 300],
    ['rural/joint', 400],
  ]),

  ...rows('stamp_duty', 'KA', UNSURE, false, [
    ['any/any/1', 200, { terms: { valueUpToPaise: 20 * LAKH_PAISE } }],
    ['any/any/2', 300, { terms: { valueUpToPaise: 45 * LAKH_PAISE } }],
    ['any/any/3', 500, { source: CHECKED, verified: true }],
  ]),
  ...rows('stamp_cess', 'KA', CHECKED, true, [
    ['3', 60, { note: 'Cess 0.5 % and surcharge 0.1 %: found for the slab of 5 % only.' }],
  ]),
  ...rows('registration_fee', 'KA', 'domain.md section 2: from 31-Aug-2025 (checked; high)', true, [
    ['any', 200, { effectiveFrom: '2025-08-31' }],
  ]),

  ...rows('stamp_duty', 'DL', UNSURE, false, [
    ['any/men', 600],
    ['any/women', 400],
    ['any/joint', 500],
  ]),
  ...rows('registration_fee', 'DL', UNSURE, false, [['any', 100]]),

  ...rows('stamp_duty', 'TN', UNSURE, false, [
    ['any/any', 700, { note: 'New flats have composite slabs that differ.' }],
  ]),
  ...rows('registration_fee', 'TN', UNSURE, false, [['any', 400]]),
  ...rows('registration_fee', 'TN', 'domain.md section 2: April 2025 (checked; high)', true, [
    ['women', 300, { terms: { valueUpToPaise: 10 * LAKH_PAISE } }],
  ]),

  ...rows('stamp_duty', 'TG', UNSURE, false, [['any/any', 550, { note: 'Sources conflict.' }]]),
  ...rows('stamp_cess', 'TG', UNSURE, false, [['any', 150, { note: 'Transfer duty. Sources conflict.' }]]),
  ...rows('registration_fee', 'TG', UNSURE, false, [['any', 50, { note: 'Sources conflict.' }]]),

  ...rows('stamp_duty', 'GJ', 'domain.md section 2 (The Hindu, 2024)', false, [
    ['any/any', 490, { effectiveFrom: '2024-04-01', note: 'The day in 2024 was not stated.' }],
  ]),
  ...rows('registration_fee', 'GJ', 'domain.md section 2 (The Hindu, 2024)', false, [
    ['any', 100, { effectiveFrom: '2024-04-01' }],
    ['women', 0, { effectiveFrom: '2024-04-01' }],
  ]),
];

function rows(
  kind: RateRow['kind'],
  jurisdiction: State,
  source: string,
  verified: boolean,
  each: readonly Row[],
): RateRow[] {
  return each.map(([variant, valueBps, more]) => ({
    kind,
    jurisdiction,
    variant,
    effectiveFrom: SINCE,
    valueBps,
    source,
    verified,
    ...more,
  }));
}
