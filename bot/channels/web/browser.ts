import { type ChildProcess, execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { readlink, rm } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type wweb from 'whatsapp-web.js';
import { AppError } from '../../../models/error.ts';
import { isAlive } from '../../../models/instance.ts';
import { within } from './limit.ts';

/** The Chromium that WhatsApp's page runs in: where it is, how it is started, and that it ends. */

export type Browser = NonNullable<wweb.Client['pupBrowser']>;

/** Where Debian, Ubuntu and macOS put it. */
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  join(homedir(), 'Applications/Google Chrome.app/Contents/MacOS/Google Chrome'),
];

const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--disable-extensions',
  '--disable-default-apps',
  '--disable-breakpad',
  '--disable-crash-reporter',
  '--disable-domain-reliability',
  '--mute-audio',
];

const DIES_WITHIN_MS = 5_000;
const VERSION_LIMIT_MS = 20_000;

const run = promisify(execFile);

/** The program to run: `path` if given, else where systems put it. Throws AppError `config` with what to install. */
export function findChromium(path?: string): string {
  if (path) {
    if (isProgram(path)) return path;
    throw new AppError('config', `CHROMIUM_PATH names no program that can be run: ${path}`);
  }
  const found = PLACES.find(isProgram);
  if (found) return found;
  throw new AppError(
    'config',
    'WhatsApp Web needs Chromium and there is none: install it (Debian and Ubuntu: sudo apt-get install chromium; macOS: brew install --cask chromium), or name it in CHROMIUM_PATH',
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What Chromium is started with; `extra` goes last, so that it wins. */
export function chromiumArguments(extra: string[]): string[] {
  // As root Chromium refuses to start with its sandbox.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return [...asRoot, ...ARGUMENTS, ...extra];
}

/** What this Chromium calls itself with a window. The library's own says a version of 2022. Throws when it cannot be run. */
export async function userAgentOf(chromium: string): Promise<string> {
  const { stdout } = await run(chromium, ['--version'], { timeout: VERSION_LIMIT_MS }).catch(
    (cause: unknown) => {
      throw new AppError('config', `Chromium cannot be run: ${chromium} --version fails`, { cause });
    },
  );
  const major = /(\d+)\.\d+\.\d+/.exec(stdout)?.[1];
  if (!major) throw new AppError('config', `${chromium} does not say which version of Chromium it is`);
  const system = process.platform === 'darwin' ? 'Macintosh; Intel Mac OS X 10_15_7' : 'X11; Linux x86_64';
  return `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`;
}

/**
 * Clears the way to a profile that an earlier run left as it fell: ends the browser that may still use it, and
 * removes Chromium's marks, which name a machine and a process. Only for who holds the session's lock.
 */
export async function freeProfile(profileDir: string): Promise<void> {
  const holder = await readlink(join(profileDir, 'SingletonLock')).catch(() => '');
  const [, host, pid] = /^(.*)-(\d+)$/.exec(holder) ?? [];
  if (host === hostname() && commandOf(Number(pid)).includes(profileDir)) await kill(Number(pid));
  for (const mark of ['SingletonLock', 'SingletonCookie', 'SingletonSocket'])
    await rm(join(profileDir, mark), { force: true });
}

/** The words a process was started with; empty when there is none. */
function commandOf(pid: number): string {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

async function kill(pid: number): Promise<void> {
  signalKill(pid);
  const deadline = performance.now() + DIES_WITHIN_MS;
  while (isAlive(pid) && performance.now() < deadline) await delay(20);
}

/**
 * Closes the browser, which saves the session, and kills it when it does not within `limitMs`. Resolves when the
 * process is gone.
 */
export async function endBrowser(browser: Browser, limitMs: number): Promise<void> {
  const child = browser.process();
  await within(limitMs, 'closing Chromium', browser.close()).catch(() => undefined);
  if (!child?.pid || hasExited(child)) return;
  const exited = once(child, 'exit');
  signalKill(child.pid);
  await within(DIES_WITHIN_MS, 'ending Chromium', exited).catch(() => undefined);
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** The browser leads a process group of its own, to which its renderers belong. */
function signalKill(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
