import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** How a command ended, and what it wrote. */
export type Ended = { code: number | null; out: string; err: string };

/** Runs one of our commands (`bot/audit.ts`) as npm does, with `env` alone as its environment. */
export async function runCommand(
  command: string,
  args: string[],
  env: Record<string, string>,
): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', command, ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...env },
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (part) => {
    said.out += part;
  });
  child.stderr.on('data', (part) => {
    said.err += part;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...said };
}
