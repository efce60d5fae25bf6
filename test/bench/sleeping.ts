import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inProcess, tableOfSizes } from './children.ts';
import type { SleepingMeasured } from './sleepingRun.ts';

/** What the wake-up sweep costs among few and among many runs that sleep, 100 of them being due. */

const SIZES = [1_000, 100_000];

/** Measures it in folders below `folder`; resolves with a table. Throws when finding what is due reads anything else. */
export async function benchSleeping(folder: string): Promise<string> {
  mkdirSync(folder);
  const measured: SleepingMeasured[] = [];
  for (const size of SIZES)
    measured.push(await inProcess<SleepingMeasured>('./sleepingRun.ts', size, join(folder, `of-${size}`)));
  for (const { sleeping, examined, due } of measured)
    if (examined > due) throw new Error(`${examined} documents read for ${due} due of ${sleeping}`);
  return tableOfSizes('the sweep, 100 due, conversations asleep', SIZES, [
    ['documents read to find what is due', measured.map(({ examined }) => `${examined}`)],
    ['finding it, p50 ms', measured.map(({ find }) => find.p50Ms.toFixed(1))],
    ['finding it, p99 ms', measured.map(({ find }) => find.p99Ms.toFixed(1))],
    ['finding and waking all of it, p50 ms', measured.map(({ wake }) => wake.p50Ms.toFixed(0))],
    ['one that is woken, ms', measured.map(({ wake, due }) => (wake.p50Ms / due).toFixed(1))],
    ['nothing due, p50 ms', measured.map(({ nothing }) => nothing.p50Ms.toFixed(1))],
  ]);
}
