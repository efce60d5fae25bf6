const PAISE_PER_RUPEE = 100;
const PAISE_PER_LAKH = 100_000 * PAISE_PER_RUPEE;
const PAISE_PER_CRORE = 100 * PAISE_PER_LAKH;

const GROUPED = new Intl.NumberFormat('en-IN', { maximumFractionDigits: 0 });
const ROUNDED = new Intl.NumberFormat('en-IN', { maximumFractionDigits: 2 });

const SCALE_WORDS = {
  en: { crore: 'Cr', lakh: 'lakh' },
  hi: { crore: 'करोड़', lakh: 'लाख' },
  hinglish: { crore: 'Cr', lakh: 'lakh' },
} as const;

/**
 * An amount in full with Indian grouping: `₹12,34,56,789` or, with a part of a rupee, `₹149.50`.
 * `decimals: 'always'` writes whole rupees with their zeros too (`₹12,34,56,789.00`), for ledgers and receipts.
 * Throws RangeError unless the amount is a safe integer of paise.
 */
export function formatInr(amountPaise: number, options: { decimals?: 'auto' | 'always' } = {}): string {
  requirePaise(amountPaise);
  const magnitude = Math.abs(amountPaise);
  const paise = magnitude % PAISE_PER_RUPEE;
  const rupees = GROUPED.format((magnitude - paise) / PAISE_PER_RUPEE);
  const decimals = paise > 0 || options.decimals === 'always' ? `.${String(paise).padStart(2, '0')}` : '';
  return `${amountPaise < 0 ? '-' : ''}₹${rupees}${decimals}`;
}

/**
 * An amount as people say it, rounded to hundredths of a lakh or crore: `₹1.25 Cr`, `₹85 lakh`, `₹1.25 करोड़`.
 * Below one lakh it is written in full. Never use it where the exact sum matters.
 * Throws RangeError unless the amount is a safe integer of paise.
 */
export function formatInrShort(amountPaise: number, language: keyof typeof SCALE_WORDS): string {
  requirePaise(amountPaise);
  const magnitude = Math.abs(amountPaise);
  const sign = amountPaise < 0 ? '-' : '';
  const words = SCALE_WORDS[language];
  const lakhs = hundredths(magnitude, PAISE_PER_LAKH);
  // ₹99,99,999 rounds to 100 lakh, which is said as one crore.
  if (magnitude >= PAISE_PER_CRORE || lakhs >= 100) {
    return `${sign}₹${withoutZeros(hundredths(magnitude, PAISE_PER_CRORE))} ${words.crore}`;
  } else if (magnitude >= PAISE_PER_LAKH) {
    return `${sign}₹${withoutZeros(lakhs)} ${words.lakh}`;
  } else {
    return formatInr(amountPaise);
  }
}

/** Throws RangeError unless the amount is a safe integer of paise. */
export function requirePaise(amountPaise: number): void {
  if (!Number.isSafeInteger(amountPaise)) {
    throw new RangeError(`An amount of money is a whole number of paise, not ${amountPaise}`);
  }
}

function hundredths(amountPaise: number, unitPaise: number): number {
  return Math.round(amountPaise / (unitPaise / 100)) / 100;
}

/** At most two decimals, grouped: 1.5, 85, 1,250. */
function withoutZeros(value: number): string {
  return ROUNDED.format(value);
}
