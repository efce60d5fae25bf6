import { pino } from 'pino';
import { auditDatabase } from '../models/audit.ts';
import { connectDatabase } from '../models/connect.ts';
import { createModels } from '../models/models.ts';
import { readConfig } from './config.ts';

/**
 * `npm run audit`: proves over the whole database that no message was forgotten. Exit code 0 when it holds, 1
 * with the list when it is broken, 2 when the database cannot be reached.
 */
async function audit(): Promise<number> {
  const config = readConfig(process.env);
  const log = pino({ level: 'warn' }, pino.destination(2));
  const database = await connectDatabase({ uri: config.mongodbUri, dataDir: config.dataDir, log });
  try {
    const models = createModels(database.connection, 'audit');
    const findings = await auditDatabase(models, new Date());
    for (const { rule, id } of findings) process.stdout.write(`${rule}: ${id}\n`);
    const messages = await models.inbound.model.estimatedDocumentCount();
    process.stdout.write(`${messages} messages, ${findings.length} without an outcome, owner or end\n`);
    return findings.length === 0 ? 0 : 1;
  } finally {
    await database.close();
  }
}

audit().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`audit: ${error instanceof Error ? error.message : error}\n`);
    process.exit(2);
  },
);
