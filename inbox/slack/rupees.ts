/** More than any flat costs: such an amount is a slip. */
const MOST_PAISE = 1_000_00_00_000_00;

/** An amount as a person typed it (`₹1,25,000.50`) in paise, or undefined when it is none that can be meant. */
export function paiseOf(typed: string): number | undefined {
  const [, rupees, paise = ''] =
    /^(?:₹|rs\.?|inr)?\s*(\d[\d,]*)(?:\.(\d{1,2}))?(?:\s*\/-)?$/i.exec(typed.trim()) ?? [];
  if (rupees === undefined) return undefined;
  const amount = Number(`${rupees.replaceAll(',', '')}${paise.padEnd(2, '0')}`);
  return amount > 0 && amount <= MOST_PAISE ? amount : undefined;
}
