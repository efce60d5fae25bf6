import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { type EmbeddedDatabase, openEmbedded } from '../models/embedded.ts';

/** What the teardown gets from the setup; both run in jest's own process. */
type TestEngine = { dataDir: string; database: EmbeddedDatabase };

declare global {
  var testEngine: TestEngine | undefined;
}

/**
 * One database engine for the whole run, at TEST_MONGODB_URI; each test file uses a database name of its
 * own in it. With TEST_MONGODB_URI set beforehand, that server is used instead.
 */
export default async function startEngine(): Promise<void> {
  if (process.env.TEST_MONGODB_URI) return;
  const dataDir = mkdtempSync(join(tmpdir(), 'baton-test-'));
  const database = await openEmbedded({ dataDir, log: pino({ level: 'warn' }) });
  globalThis.testEngine = { dataDir, database };
  process.env.TEST_MONGODB_URI = database.uri;
}
