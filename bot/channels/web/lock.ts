import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../models/error.ts';
import { hasEnded, nameInstance } from '../../../models/instance.ts';

/** The holder shows this often that it lives. Another machine or container cannot be asked whether it does. */
const BEAT_MS = 10_000;
const SILENT_MEANS_GONE_MS = 45_000;

/**
 * Takes the paired session of this folder for this process: two browsers on one session destroy it. Resolves with how
 * to give it back; throws AppError `session_in_use` naming the holder. What a dead process left is taken over.
 */
export async function lockSession(sessionDir: string, id: string): Promise<() => Promise<void>> {
  const path = join(sessionDir, 'baton.lock');
  const name = nameInstance(id);
  await mkdir(sessionDir, { recursive: true });
  if (!(await create(path, name))) {
    const holder = await livingHolder(path);
    if (holder) throw inUse(sessionDir, holder);
    await rm(path, { force: true });
    if (!(await create(path, name))) throw inUse(sessionDir, 'another process');
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT_MS);
  beat.unref();
  return async () => {
    clearInterval(beat);
    await rm(path, { force: true });
  };
}

async function create(path: string, name: string): Promise<boolean> {
  try {
    await writeFile(path, name, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function livingHolder(path: string): Promise<string | undefined> {
  try {
    const name = await readFile(path, 'utf8');
    const { mtimeMs } = await stat(path);
    if (hasEnded(name) || Date.now() - mtimeMs > SILENT_MEANS_GONE_MS) return undefined;
    const pid = name.split('/')[2];
    return pid ? `process ${pid}` : 'another process';
  } catch {
    return undefined;
  }
}

function inUse(sessionDir: string, holder: string): AppError {
  return new AppError(
    'session_in_use',
    `${holder} uses the WhatsApp session in ${sessionDir}; each process needs a DATA_DIR of its own`,
  );
}
