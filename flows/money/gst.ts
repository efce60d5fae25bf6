import { type Day, requireDay } from './day.ts';
import { numberOf, type RateRow, rateOn } from './rates.ts';
import { shareOf, TAX_ROUNDING } from './rounding.ts';

/** What a unit counts as for GST. */
export const GST_CATEGORIES = ['affordable', 'other', 'commercial', 'commercial_rrep'] as const;
export type GstCategory = (typeof GST_CATEGORIES)[number];

/** Tax on an amount, with the row that it was computed by. */
export type Tax = { taxPaise: number; row: RateRow };

/**
 * GST on an instalment that is asked for on a day; the category's rate of that day, or none when the sale as a whole
 * came after completion. To the nearest rupee (CGST s. 170). Throws MissingRate before 1-Apr-2019.
 */
export function gstOn(
  rows: readonly RateRow[],
  sale: { category: GstCategory; soldAfterCompletion: boolean },
  basePaise: number,
  on: Day,
): Tax {
  const variant = sale.soldAfterCompletion ? 'after_completion' : sale.category;
  const row = rateOn(rows, { kind: 'gst', jurisdiction: 'IN', variant }, on);
  return { taxPaise: shareOf(basePaise, row.valueBps, TAX_ROUNDING), row };
}

/**
 * Whether all of the consideration comes after the completion certificate or first occupation: then no GST is due.
 * Money that was received before makes the whole sale taxable, also what is paid after.
 */
export function isSoldAfterCompletion(firstPaidOn: Day, completedOn: Day | undefined): boolean {
  return completedOn !== undefined && requireDay(firstPaidOn) >= requireDay(completedOn);
}

/**
 * Affordable when the gross price, preferential location and parking included, is at most Rs 45 lakh and the carpet
 * area at most 60 sq m in a metro, 90 elsewhere (Notification 3/2019); otherwise other.
 */
export function homeCategory(
  rows: readonly RateRow[],
  home: { grossPaise: number; carpetAreaSqM: number; isMetro: boolean },
  on: Day,
): GstCategory {
  const row = rateOn(rows, { kind: 'gst', jurisdiction: 'IN', variant: 'affordable' }, on);
  const mostSqM = numberOf(row, home.isMetro ? 'metroUpToSqM' : 'elsewhereUpToSqM');
  const isAffordable = home.grossPaise <= numberOf(row, 'grossUpToPaise') && home.carpetAreaSqM <= mostSqM;
  return isAffordable ? 'affordable' : 'other';
}

/**
 * GST on interest for late payment: part of the value of the supply, so at the rate of the supply (CGST Act 2017,
 * s. 15(2)(d); domain.md section 1, general knowledge).
 */
export function gstOnInterest(
  rows: readonly RateRow[],
  sale: { category: GstCategory; soldAfterCompletion: boolean },
  interestPaise: number,
  collectedOn: Day,
): Tax {
  return gstOn(rows, sale, interestPaise, collectedOn);
}
