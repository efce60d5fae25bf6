import type { RateRow } from './rates.ts';

const LAKH_PAISE = 1_00_000_00;

const NOTIFICATION =
  'Notification 3/2019 Central Tax (Rate), from 1-Apr-2019; domain.md section 2 (gstindia, lawlegends; high)';
const GST_IN_2019 = { kind: 'gst', jurisdiction: 'IN', effectiveFrom: '2019-04-01', verified: true } as const;
const GST_SINCE_2025 = {
  kind: 'gst',
  jurisdiction: 'IN',
  effectiveFrom: '2025-10-01',
  verified: false,
  source: 'domain.md section 2: "2025–26 unchanged: unverified (M)"',
  note: 'The rate of 2019 carried on: whether it changed after September 2025 was not verified.',
} as const;

const AFFORDABLE_TERMS = { grossUpToPaise: 45 * LAKH_PAISE, metroUpToSqM: 60, elsewhereUpToSqM: 90 };

/**
 * GST on homes under construction (Notification 3/2019, from 1-Apr-2019): affordable 1 %, others 5 %, both without
 * input tax credit; shops 12 %, or 5 % within a residential project; nothing when all was paid after completion.
 * Projects that opted for the rates before 2019 (8 and 12 %) have no row: theirs are to be added by hand.
 */
export const GST_ROWS: readonly RateRow[] = [
  { ...GST_IN_2019, variant: 'affordable', valueBps: 100, source: NOTIFICATION, terms: AFFORDABLE_TERMS },
  { ...GST_IN_2019, variant: 'other', valueBps: 500, source: NOTIFICATION },
  { ...GST_IN_2019, variant: 'commercial', valueBps: 1_200, source: NOTIFICATION },
  { ...GST_IN_2019, variant: 'commercial_rrep', valueBps: 500, source: NOTIFICATION },
  { ...GST_IN_2019, variant: 'after_completion', valueBps: 0, source: NOTIFICATION },
  { ...GST_SINCE_2025, variant: 'affordable', valueBps: 100, terms: AFFORDABLE_TERMS },
  { ...GST_SINCE_2025, variant: 'other', valueBps: 500 },
  { ...GST_SINCE_2025, variant: 'commercial', valueBps: 1_200 },
  { ...GST_SINCE_2025, variant: 'commercial_rrep', valueBps: 500 },
  { ...GST_SINCE_2025, variant: 'after_completion', valueBps: 0 },
];

const OLD_TDS = {
  section: 'section 194-IA, Income-tax Act 1961',
  form: 'Form 26QB',
  certificate: 'Form 16B',
  thresholdPaise: 50 * LAKH_PAISE,
  depositDays: 30,
  certificateDays: 15,
};
const NEW_TDS = {
  ...OLD_TDS,
  section: 'section 393(1), Table Sl. 3(i), Income-tax Act 2025',
  form: 'Form 141 (Schedule B)',
  certificate: 'Form 132',
};
const TDS_FOUND = 'domain.md section 2 (caclubindia, taxscan, thanerealestatenews; high)';
const TDS_BEFORE = `${TDS_FOUND}; that the stamp value counts from 1-Apr-2022 is general knowledge`;

/**
 * TDS on immovable property: 1 % (20 % when the seller's PAN is inoperative) of the higher of consideration and stamp
 * value, on each instalment, unless both are below Rs 50 lakh. Section 194-IA with Form 26QB until 31-Mar-2026,
 * section 393 with Form 141 from 1-Apr-2026.
 */
export const TDS_ROWS: readonly RateRow[] = [
  {
    kind: 'tds',
    jurisdiction: 'IN',
    variant: 'ordinary',
    effectiveFrom: '2022-04-01',
    valueBps: 100,
    terms: OLD_TDS,
    source: TDS_BEFORE,
    verified: true,
  },
  {
    kind: 'tds',
    jurisdiction: 'IN',
    variant: 'ordinary',
    effectiveFrom: '2026-04-01',
    valueBps: 100,
    terms: NEW_TDS,
    source: TDS_FOUND,
    verified: true,
  },
  {
    kind: 'tds',
    jurisdiction: 'IN',
    variant: 'seller_pan_inoperative',
    effectiveFrom: '2022-04-01',
    valueBps: 2_000,
    terms: OLD_TDS,
    source: TDS_BEFORE,
    verified: true,
  },
  {
    kind: 'tds',
    jurisdiction: 'IN',
    variant: 'seller_pan_inoperative',
    effectiveFrom: '2026-04-01',
    valueBps: 2_000,
    terms: NEW_TDS,
    source: TDS_FOUND,
    verified: true,
  },
];

/** RERA Act 2016, s. 13(1): at most 10 % of the cost before the agreement for sale is registered. */
export const RERA_ROWS: readonly RateRow[] = [
  {
    kind: 'rera_cap',
    jurisdiction: 'IN',
    variant: 'before_registered_agreement',
    effectiveFrom: '2017-05-01',
    valueBps: 1_000,
    source: 'RERA Act 2016, s. 13(1); domain.md section 1 (UP-RERA advisory); in force from 1-May-2017',
    verified: true,
  },
];
