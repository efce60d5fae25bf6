import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { connectDatabase } from '../../models/connect.ts';
import { createModels } from '../../models/models.ts';
import { readConfig } from '../config.ts';
import { Keyring } from './keys.ts';
import { secretsOf } from './secretKey.ts';
import { Vault } from './vault.ts';

/**
 * `npm run rewrap`, after a change of SECRET_KEY: wraps anew what SECRET_KEY_PREVIOUS had wrapped. Exit code 0 when
 * nothing needs the previous secret any more, 1 when some documents could not be opened, 2 when it could not run.
 */
async function rewrap(): Promise<number> {
  const config = readConfig(process.env);
  const log = pino({ level: 'error' }, pino.destination(2));
  const database = await connectDatabase({ uri: config.mongodbUri, dataDir: config.dataDir, log });
  try {
    const models = createModels(database.connection, 'rewrap');
    const keys = new Keyring(await secretsOf(config));
    const vault = new Vault({ ...models, keys, now: () => new Date(), newId: randomUUID, log });
    const { rewrapped, failed } = await vault.rewrap();
    process.stdout.write(`${rewrapped} documents wrapped anew, ${failed} could not be opened\n`);
    return failed === 0 ? 0 : 1;
  } finally {
    await database.close();
  }
}

rewrap().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`rewrap: ${error instanceof Error ? error.message : error}\n`);
    process.exit(2);
  },
);
