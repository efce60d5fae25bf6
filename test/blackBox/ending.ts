import { execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeRunDir } from '../../models/embeddedStart.ts';

/** How a run of the product ended, and the words it left. */
export type Ending = { code: number | null; signal: NodeJS.Signals | null; stderr: string };

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MOST_MS = 40_000;

/** Runs the product until it ends by itself, or by a signal that `meanwhile` sends. */
export async function runToEnd(
  env: Record<string, string>,
  meanwhile: (kill: (signal: NodeJS.Signals) => void) => Promise<void> = async () => undefined,
): Promise<Ending> {
  const { PATH = '', HOME = '', XDG_CACHE_HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'bot/main.ts'], {
    cwd: ROOT,
    env: { PATH, HOME, XDG_CACHE_HOME, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: MOST_MS,
    killSignal: 'SIGKILL',
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stderr }));
  });
  await meanwhile((signal) => void child.kill(signal));
  return ended;
}

/** The processes that have `text` in their command line. */
export function processesWith(text: string): string[] {
  const all = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
  return all.split('\n').filter((line) => line.includes(text) && !line.includes('ps -eo'));
}

/** Removes a data folder and the folder of its engine's sockets; for when the engine has ended. */
export function removeData(dataDir: string): void {
  rmSync(makeRunDir(join(dataDir, 'mongodb')), { recursive: true });
  rmSync(dataDir, { recursive: true });
}
