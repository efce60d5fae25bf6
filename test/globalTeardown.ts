import { rmSync } from 'node:fs';
import { makeRunDir } from '../models/embeddedStart.ts';

/** Closes the engine of the run and removes its folders. */
export default async function stopEngine(): Promise<void> {
  if (!globalThis.testEngine) return;
  const { dataDir, database } = globalThis.testEngine;
  await database.close();
  rmSync(makeRunDir(dataDir), { recursive: true });
  rmSync(dataDir, { recursive: true });
}
