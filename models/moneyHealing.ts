import type { Models } from './models.ts';

/**
 * Finishes what a crash cut short before `before`: bookings that have not heard from their unit, accounts that owe
 * records. Each is tried, also when another fails. Throws the first error.
 */
export async function healMoney(models: Models, now: Date, before: Date, limit: number): Promise<void> {
  const { accounts, bookings, payments } = models;
  const unfinished = await bookings.unfinished(before, limit);
  const owing = await accounts.owing(before, limit);
  const tries = [
    ...unfinished.map((id) => () => bookings.finish(id, now)),
    ...owing.map((booking) => () => payments.publish(booking)),
  ];
  const failures: unknown[] = [];
  for (const attempt of tries) await attempt().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
