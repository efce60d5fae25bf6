import type { Day } from './day.ts';
import {
  isRateKnown,
  MissingRate,
  numberOf,
  type RateKind,
  type RateRow,
  rateOn,
  type State,
} from './rates.ts';
import { requirePaise, shareOf, sumPaise, TAX_ROUNDING } from './rounding.ts';

/** Where the unit is and in whose names it is bought: what duty depends on. */
export type StampCase = {
  state: State;
  /** `mumbai` in Maharashtra only; states that make no difference take any. */
  area: 'mumbai' | 'urban' | 'rural';
  owners: 'men' | 'women' | 'joint';
  /** The higher of price and circle (ready reckoner) value. */
  valuePaise: number;
};

/**
 * Stamp duty and registration fee, as computed: a person confirms both before a buyer pays. `rows` are those used,
 * `notes` what they say beside.
 */
export type StampDuty = {
  dutyPaise: number;
  registrationPaise: number;
  rows: RateRow[];
  notes: string[];
  /** Every row used was checked against a source. */
  verified: boolean;
};

/**
 * Computes stamp duty (with cess, surcharge or transfer duty, less a rebate) and registration, each to the nearest
 * rupee. Throws MissingRate when the state, the area, the owners or the day have no row: nothing is guessed.
 */
export function stampDuty(rows: readonly RateRow[], sale: StampCase, on: Day): StampDuty {
  requirePaise(sale.valuePaise, 'A value');
  const duty = dutyRow(rows, sale, on);
  const cess = cessRow(rows, sale, duty, on);
  const rebate = rebateRow(rows, sale, on);
  const fee = feeRow(rows, sale, on);
  const used = [duty, cess, rebate, fee].filter((row) => row !== undefined);
  return {
    dutyPaise:
      sumPaise([duty, cess].map((row) => (row ? amountBy(row, sale) : 0))) -
      (rebate ? amountBy(rebate, sale) : 0),
    registrationPaise: amountBy(fee, sale),
    rows: used,
    notes: used.flatMap(({ note }) => (note ? [note] : [])),
    verified: used.every((row) => row.verified),
  };
}

/** So many basis points of the value, at most what the row says. */
function amountBy(row: RateRow, { valuePaise }: StampCase): number {
  const most = row.terms?.mostPaise === undefined ? Number.MAX_SAFE_INTEGER : numberOf(row, 'mostPaise');
  return Math.min(shareOf(valuePaise, row.valueBps, TAX_ROUNDING), most);
}

/** The most exact row that there is for place and owners; in slabs the first that the value fits in. */
function dutyRow(rows: readonly RateRow[], sale: StampCase, on: Day): RateRow {
  const places = [sale.area, 'any'].flatMap((area) => [`${area}/${sale.owners}`, `${area}/any`]);
  const variants = places.flatMap((place) => [place, `${place}/1`, `${place}/2`, `${place}/3`]);
  const found = firstFitting(rows, 'stamp_duty', variants, sale, on);
  if (found) return found;
  throw missing('stamp_duty', `${sale.area}/${sale.owners}`, sale, on);
}

/** Cess belongs to a slab where duty has slabs; one without its cess would be a sum too low. */
function cessRow(rows: readonly RateRow[], sale: StampCase, duty: RateRow, on: Day): RateRow | undefined {
  const levies = rows.some((row) => row.kind === 'stamp_cess' && row.jurisdiction === sale.state);
  if (!levies) return undefined;
  const [, , slab = 'any'] = duty.variant.split('/');
  return rateOn(rows, { kind: 'stamp_cess', jurisdiction: sale.state, variant: slab }, on);
}

/** A rebate that cannot be had yet, or not for this value, is none. */
function rebateRow(rows: readonly RateRow[], sale: StampCase, on: Day): RateRow | undefined {
  const asked = { kind: 'stamp_rebate', jurisdiction: sale.state, variant: sale.owners } as const;
  const begun = rows.filter((row) => row.effectiveFrom <= on);
  const row = isRateKnown(begun, asked) ? rateOn(begun, asked, on) : undefined;
  return row && fits(row, sale) ? row : undefined;
}

function feeRow(rows: readonly RateRow[], sale: StampCase, on: Day): RateRow {
  const found = firstFitting(rows, 'registration_fee', [sale.owners, 'any'], sale, on);
  if (found) return found;
  throw missing('registration_fee', sale.owners, sale, on);
}

function firstFitting(
  rows: readonly RateRow[],
  kind: RateKind,
  variants: readonly string[],
  sale: StampCase,
  on: Day,
): RateRow | undefined {
  return variants
    .map((variant) => ({ kind, jurisdiction: sale.state, variant }))
    .filter((asked) => isRateKnown(rows, asked))
    .map((asked) => rateOn(rows, asked, on))
    .find((row) => fits(row, sale));
}

function fits(row: RateRow, { valuePaise }: StampCase): boolean {
  return row.terms?.valueUpToPaise === undefined || valuePaise <= numberOf(row, 'valueUpToPaise');
}

function missing(kind: RateKind, variant: string, { state }: StampCase, on: Day): MissingRate {
  return new MissingRate({ kind, jurisdiction: state, variant }, on, 'domain.md gives none for it');
}
