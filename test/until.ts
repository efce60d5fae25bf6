import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 10;

/** Resolves with the first value that is neither undefined, null nor false. Throws after `withinMs`, naming what was awaited. */
export async function until<T>(
  awaited: string,
  look: () => T | Promise<T>,
  withinMs = 10_000,
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) {
      return seen as Exclude<T, undefined | null | false>;
    }
    if (Date.now() > deadline) throw new Error(`did not come about within ${withinMs} ms: ${awaited}`);
    await delay(POLL_MS);
  }
}
