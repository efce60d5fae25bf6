/** An amount for people, as they write it: `₹1,25,000.50`. Buyers read what `templates/money.ts` makes. */
export function rupees(paise: number): string {
  const sign = paise < 0 ? '-' : '';
  const magnitude = Math.abs(paise);
  const whole = Math.trunc(magnitude / 100).toLocaleString('en-IN');
  const rest = magnitude % 100;
  return rest === 0 ? `${sign}₹${whole}` : `${sign}₹${whole}.${`${rest}`.padStart(2, '0')}`;
}
