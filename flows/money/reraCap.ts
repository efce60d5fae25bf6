import type { Day } from './day.ts';
import { type RateRow, rateOn } from './rates.ts';
import { PAISA_ROUNDING, requirePaise, shareOf } from './rounding.ts';

/** Whether money may be asked for or taken now; when not, how much may be, and why. */
export type CapCheck = { isWithin: boolean; mostPaise: number; row: RateRow };

/**
 * RERA Act s. 13(1): before the agreement for sale is registered not more than 10 % of the cost, without taxes. The
 * limit is rounded down: a paisa too much is too much. After the registration there is no limit, and nothing to ask.
 */
export function capBeforeAgreement(
  rows: readonly RateRow[],
  sale: { reraCostPaise: number; inAllPaise: number },
  on: Day,
): CapCheck {
  const row = rateOn(
    rows,
    { kind: 'rera_cap', jurisdiction: 'IN', variant: 'before_registered_agreement' },
    on,
  );
  const mostPaise = shareOf(sale.reraCostPaise, row.valueBps, { ...PAISA_ROUNDING, down: true });
  return { isWithin: requirePaise(sale.inAllPaise) <= mostPaise, mostPaise, row };
}
