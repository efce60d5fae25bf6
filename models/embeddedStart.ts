import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { isAlive } from './instance.ts';

const ENGINE_PROGRAM = fileURLToPath(new URL('./embeddedEngine.js', import.meta.url));
const EXIT_FOLDER_IN_USE = 3;
const OPEN_LIMIT_MS = 120_000;
const PROGRESS_AFTER_MS = 1000;
const POLL_MS = 20;
const SOCKET_PATH_LIMIT_BYTES = 104;
const LOG_LIMIT_BYTES = 1_000_000;

/** What starting or joining the engine of one data folder needs. */
export type EngineStart = {
  /** The folder of the data files. */
  dataDir: string;
  /** The private folder of its sockets, from `makeRunDir`. */
  runDir: string;
  /** What to put before `node`, from `loaderCommand`. */
  loader: string[];
  /** How long the engine outlives its last user when that one just disappeared. */
  graceMs: number;
  log: Logger;
  /** Ends the wait. */
  signal: AbortSignal;
};

/** This process's share in a running engine: it lasts as long as the control connection. */
export type EngineUse = { pid: number; control: Socket };

/**
 * Joins the engine that serves the folder, and starts one where none does. Rivals need no lock of their
 * own: each may start an engine, the lock on the data folder (which no crash leaves behind) picks one, and
 * all join that.
 *
 * @throws Error in one line when another program holds the folder, or it does not open within two minutes
 */
export async function joinEngine(start: EngineStart): Promise<EngineUse> {
  const deadline = Date.now() + OPEN_LIMIT_MS;
  const progress = setTimeout(() => start.log.info('Database is recovering…'), PROGRESS_AFTER_MS);
  let child: ChildProcess | undefined;
  try {
    while (Date.now() < deadline) {
      const use = await greet(start.runDir);
      if (use) return use;
      start.signal.throwIfAborted();
      if (!child || (hasEnded(child) && shouldStartAgain(child, start))) child = startEngine(start);
      await delay(POLL_MS);
    }
    throw new Error(
      `The database in ${start.dataDir} did not open within ${OPEN_LIMIT_MS / 1000} s. ${seeLog(start)}`,
    );
  } finally {
    clearTimeout(progress);
  }
}

/** Gives the engine up. Resolves at once while others use it, else when it has closed the data folder. */
export async function leaveEngine({ control }: EngineUse): Promise<void> {
  if (control.destroyed) return;
  control.ref();
  await new Promise<void>((resolve) => {
    control.once('close', () => resolve());
    control.write('leave\n');
  });
}

/**
 * The private folder (0700) for the sockets of a data folder: always the same for the same folder and user,
 * and short, since a Unix socket's path is limited to 104 bytes.
 *
 * @throws Error when somebody else made a folder of that name
 */
export function makeRunDir(dataDir: string): string {
  const uid = process.getuid?.() ?? 0;
  const key = createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 12);
  const name = `baton-${uid}-${key}`;
  const longest = join(tmpdir(), name, 'embedded-mongodb-XXXXXX', 'mongodb.sock');
  const runDir = join(Buffer.byteLength(longest) < SOCKET_PATH_LIMIT_BYTES ? tmpdir() : '/tmp', name);
  mkdirSync(runDir, { recursive: true, mode: 0o700 });
  const { mode, uid: owner } = lstatSync(runDir);
  if (owner !== uid || (mode & 0o777) !== 0o700) {
    throw new Error(`${runDir} must be a private folder of this user (mode 700); remove it and start again.`);
  }
  return runDir;
}

/** Asks for a share in the engine; undefined when none is ready there. */
function greet(runDir: string): Promise<EngineUse | undefined> {
  return new Promise((resolve) => {
    const control = connect(join(runDir, 'control.sock'));
    control.once('error', () => resolve(undefined));
    control.once('close', () => resolve(undefined));
    control.once('data', (greeting) => {
      control.on('error', () => {});
      // The connection alone must not keep a finished process alive.
      control.unref();
      resolve({ pid: Number(greeting.toString()), control });
    });
  });
}

/** The engine gets a life of its own (group, files) and none of our environment, which holds secrets. */
function startEngine({ dataDir, loader, graceMs, log }: EngineStart): ChildProcess {
  const runDir = makeRunDir(dataDir);
  const [command = process.execPath, ...args] = [
    ...loader,
    process.execPath,
    ENGINE_PROGRAM,
    dataDir,
    runDir,
    String(graceMs),
  ];
  const logPath = join(runDir, 'engine.log');
  const isLong = existsSync(logPath) && statSync(logPath).size > LOG_LIMIT_BYTES;
  const logFile = openSync(logPath, isLong ? 'w' : 'a');
  const child = spawn(command, args, {
    detached: true,
    cwd: runDir,
    env: { TMPDIR: runDir },
    stdio: ['ignore', logFile, logFile],
  });
  closeSync(logFile);
  // A program that cannot be run has ended too, with a negative exit code.
  child.on('error', () => {});
  // Only who started it learns how it ended: a crash leaves no word of its own.
  child.once('exit', (exitCode, signal) => {
    const isCrash = signal !== null || (exitCode !== 0 && exitCode !== EXIT_FOLDER_IN_USE);
    if (isCrash)
      log.warn({ enginePid: child.pid, exitCode, signal }, 'The process of the database engine ended');
  });
  child.unref();
  return child;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** After the end of an engine that never greeted us: false while another of ours holds the folder. */
function shouldStartAgain(child: ChildProcess, start: EngineStart): boolean {
  if (child.exitCode === 0) return true;
  if (child.exitCode !== EXIT_FOLDER_IN_USE) throw new Error(whyItEnded(child, start));
  const holder = folderHolder(start.dataDir);
  if (holder === undefined || !isAlive(holder)) return true;
  if (existsSync(join(start.runDir, `engine-${holder}`))) return false;
  throw new Error(
    `The database folder ${start.dataDir} is held by another program (process ${holder}). ` +
      'End it, or use another DATA_DIR.',
  );
}

/** The process that has the folder open: the engine keeps its id in the lock file. */
function folderHolder(dataDir: string): number | undefined {
  const pid = Number.parseInt(readFileSync(join(dataDir, 'mongod.lock'), 'utf8'), 10);
  return Number.isNaN(pid) ? undefined : pid;
}

function whyItEnded(child: ChildProcess, start: EngineStart): string {
  const how = child.signalCode ? `was ended by ${child.signalCode}` : `failed (exit code ${child.exitCode})`;
  return `The database engine of ${start.dataDir} ${how} while opening. ${seeLog(start)}`;
}

function seeLog({ runDir }: EngineStart): string {
  const path = join(runDir, 'engine.log');
  const lastLine = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').at(-1) : '';
  return lastLine ? `Its last words: ${lastLine} (${path})` : `It left nothing in ${path}.`;
}
