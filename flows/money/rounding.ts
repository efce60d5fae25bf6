/** A rule of rounding: to the nearest multiple of `unitPaise`, one half up, or `down` to the one below. */
export type Rounding = { name: string; unitPaise: number; source: string; down?: true };

/**
 * GST to the nearest rupee, 50 paise and more up. CGST Act 2017, s. 170 (domain.md section 2). It rounds the tax of
 * a demand as a whole: who invoices CGST and SGST as two halves rounds each on the invoice.
 */
export const TAX_ROUNDING: Rounding = {
  name: 'tax to the nearest rupee',
  unitPaise: 100,
  source: 'CGST Act 2017, s. 170',
};

/** No rule for interest or for parts of a price was found: the nearest paisa, by our convention. */
export const PAISA_ROUNDING: Rounding = {
  name: 'to the nearest paisa',
  unitPaise: 1,
  source: 'our convention; domain.md names no rule',
};

/**
 * Instalments are asked for in whole rupees, by our convention; the last one balances the sum to the paisa. Down,
 * because a booking amount of 10 % that is rounded up is above the cap of s. 13(1).
 */
export const INSTALMENT_ROUNDING: Rounding = {
  name: 'instalments down to the rupee, the last one balances',
  unitPaise: 100,
  down: true,
  source: 'domain.md section 2, "balancing last instalment"',
};

/** 100 % in basis points. */
export const WHOLE_BPS = 10_000;

/** The amount unchanged. Throws RangeError unless it is a whole number of paise, not negative, that is exact. */
export function requirePaise(amountPaise: number, what = 'An amount'): number {
  if (Number.isSafeInteger(amountPaise) && amountPaise >= 0) return amountPaise;
  throw new RangeError(`${what} is a whole number of paise and not negative, unlike ${amountPaise}`);
}

/** So many basis points of an amount, rounded by a rule. */
export function shareOf(amountPaise: number, bps: number, rounding: Rounding): number {
  return proportion(amountPaise, [bps], [WHOLE_BPS], rounding);
}

/**
 * An amount times the product of `times` by the product of `by`, rounded once, at the end. Exact: no float is
 * involved. The factors are whole and not negative. Throws RangeError when they are not, or the result is not safe.
 */
export function proportion(
  amountPaise: number,
  times: readonly number[],
  by: readonly number[],
  rounding: Rounding,
): number {
  const above = product([requirePaise(amountPaise), ...times]);
  const unit = BigInt(rounding.unitPaise);
  const below = product(by) * unit;
  const units = rounding.down ? above / below : (2n * above + below) / (2n * below);
  return requirePaise(Number(units * unit));
}

/** The sum of amounts of paise. */
export function sumPaise(amounts: readonly number[]): number {
  return requirePaise(
    amounts.reduce((total, amount) => total + requirePaise(amount), 0),
    'A sum',
  );
}

function product(factors: readonly number[]): bigint {
  return factors.reduce((total, factor) => total * BigInt(requirePaise(factor, 'A factor')), 1n);
}
