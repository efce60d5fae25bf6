import { addDays, type Day, monthEnd } from './day.ts';
import { numberOf, type RateRow, rateOn, wordsOf } from './rates.ts';
import { proportion, type Rounding, requirePaise, WHOLE_BPS } from './rounding.ts';

/**
 * Tax deducted to the nearest rupee: the practice of the forms. domain.md names CGST s. 170, which is of GST, so a
 * chartered accountant confirms it.
 */
const TDS_ROUNDING: Rounding = {
  name: 'TDS to the nearest rupee',
  unitPaise: 100,
  source: 'practice of Form 26QB and 141; domain.md section 2 ("tax nearest rupee")',
};

/** What decides about TDS: of all buyers of the unit together, without GST. */
export type TdsBase = {
  considerationPaise: number;
  /** The value for stamp duty, where it is known. */
  stampValuePaise?: number | undefined;
  sellerPanInoperative?: boolean | undefined;
};

/** What a buyer deducts from one instalment, and by which form it is told. */
export type Tds = { tdsPaise: number; section: string; form: string; certificate: string; row: RateRow };

/**
 * TDS on an instalment that is paid on a day: the rate times the instalment without GST. Where the stamp value is
 * the higher one, the instalment counts as its share of that, so that over all instalments the tax is that of the
 * higher value. Undefined when consideration and stamp value are both below the threshold. Throws MissingRate.
 */
export function tdsOn(
  rows: readonly RateRow[],
  base: TdsBase,
  instalmentPaise: number,
  on: Day,
): Tds | undefined {
  const variant = base.sellerPanInoperative ? 'seller_pan_inoperative' : 'ordinary';
  const row = rateOn(rows, { kind: 'tds', jurisdiction: 'IN', variant }, on);
  const { considerationPaise, stampValuePaise = 0 } = base;
  const higherPaise = Math.max(requirePaise(considerationPaise), requirePaise(stampValuePaise));
  if (higherPaise < numberOf(row, 'thresholdPaise') || considerationPaise === 0) return undefined;
  const tdsPaise = proportion(
    instalmentPaise,
    [row.valueBps, higherPaise],
    [WHOLE_BPS, considerationPaise],
    TDS_ROUNDING,
  );
  const [section, form, certificate] = ['section', 'form', 'certificate'].map((term) => wordsOf(row, term));
  return { tdsPaise, section: `${section}`, form: `${form}`, certificate: `${certificate}`, row };
}

/**
 * When what was deducted on a day is to be deposited (30 days from the end of that month) and the certificate due
 * (15 days after that).
 */
export function tdsDates(rows: readonly RateRow[], paidOn: Day): { depositBy: Day; certificateBy: Day } {
  const row = rateOn(rows, { kind: 'tds', jurisdiction: 'IN', variant: 'ordinary' }, paidOn);
  const depositBy = addDays(monthEnd(paidOn), numberOf(row, 'depositDays'));
  return { depositBy, certificateBy: addDays(depositBy, numberOf(row, 'certificateDays')) };
}
