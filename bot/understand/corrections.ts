import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { connectDatabase } from '../../models/connect.ts';
import type { Correction } from '../../models/correction.ts';
import { createModels } from '../../models/models.ts';
import { readConfig } from '../config.ts';
import type { Example } from './examples.ts';

/**
 * `tsx bot/understand/corrections.ts > corrections.jsonl`: writes what people have corrected as one
 * `{"text","intent"}` per line. Exit code 2 when the database cannot be reached.
 */

/**
 * The examples that the corrections in the database of `env` make: of one case the latest, in the order in which
 * they were given. Throws when the database cannot be reached.
 */
export async function readCorrections(env: NodeJS.ProcessEnv): Promise<Example[]> {
  const config = readConfig(env);
  const log = pino({ level: 'warn' }, pino.destination(2));
  const database = await connectDatabase({ uri: config.mongodbUri, dataDir: config.dataDir, log });
  try {
    return examplesOf(await createModels(database.connection, 'corrections').corrections.all());
  } finally {
    await database.close();
  }
}

/** Two people may have judged the same words: the later one knew what the earlier one had said. */
function examplesOf(corrections: Correction[]): Example[] {
  const latest = new Map<string, Example>();
  for (const { case: caseId, text, meant } of corrections) {
    latest.delete(caseId);
    latest.set(caseId, { text, intent: meant });
  }
  return [...latest.values()];
}

async function write(): Promise<void> {
  for (const example of await readCorrections(process.env)) {
    process.stdout.write(`${JSON.stringify(example)}\n`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  write().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`corrections: ${error instanceof Error ? error.message : error}\n`);
      process.exit(2);
    },
  );
}
