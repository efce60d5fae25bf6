import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../models/error.ts';
import type { Secrets } from './keys.ts';

/** No shorter secret is taken, from the environment or from the file. */
export const LEAST_SECRET_CHARACTERS = 32;

/**
 * The secrets as configured. Without one in the configuration an installation makes its own and keeps it in
 * `dataDir/secret.key`, for its owner alone; of several processes that start at once, all get the same.
 */
export async function secretsOf(config: {
  dataDir: string;
  secretKey: string | undefined;
  secretKeyPrevious: string | undefined;
}): Promise<Secrets> {
  const current = config.secretKey ?? (await keptSecret(config.dataDir));
  return { current, ...(config.secretKeyPrevious && { previous: config.secretKeyPrevious }) };
}

async function keptSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, 'secret.key');
  const known = await readSecret(path);
  if (known !== undefined) return known;
  await mkdir(dataDir, { recursive: true });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx', flush: true });
  try {
    // Whole or not at all, and never in the place of another one's.
    await link(draft, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const made = await readSecret(path);
  if (made === undefined) throw new AppError('secret_key', 'the secret key cannot be kept in DATA_DIR');
  return made;
}

async function readSecret(path: string): Promise<string | undefined> {
  try {
    const secret = (await readFile(path, 'utf8')).trim();
    if (secret.length < LEAST_SECRET_CHARACTERS)
      throw new AppError('secret_key', 'secret.key in DATA_DIR is damaged: restore it, or set SECRET_KEY');
    await chmod(path, 0o600);
    return secret;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
