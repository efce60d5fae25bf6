import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeRunDir } from '../models/embeddedStart.ts';

/** The product as a process of its own, for tests that measure or kill it. */
export type AppProcess = {
  readonly url: string;
  readonly pid: number;
  /** Resolves once `/ready` answers 200. Rejects with its last words when the process ends first. */
  ready(): Promise<void>;
  isRunning(): boolean;
  /** Sends the signal and resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
};

export type AppStart = {
  /** Also DATA_DIR; the output goes to `app.log` in it. Must exist. */
  dataDir: string;
  port: number;
  /** The settings, as in `.env.example`; nothing else of this process's environment reaches the app. */
  env: Record<string, string>;
  /** For node, before the program: such as `--cpu-prof`. */
  nodeArgs?: string[];
};

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const POLL_MS = 10;
const READY_WITHIN_MS = 60_000;

const running = new Set<AppProcess>();

/** Starts the app and returns at once; `ready` says when it can be used. */
export function startApp({ dataDir, port, env, nodeArgs = [] }: AppStart): AppProcess {
  const logPath = join(dataDir, 'app.log');
  const output = openSync(logPath, 'a');
  const { PATH = '', HOME = '', XDG_CACHE_HOME = '' } = process.env;
  const child = spawn(process.execPath, [...nodeArgs, '--import', 'tsx', 'bot/main.ts'], {
    cwd: ROOT,
    env: { PATH, HOME, XDG_CACHE_HOME, ...env, DATA_DIR: dataDir, PORT: String(port) },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void ended.then(() => running.delete(app));
  const url = `http://127.0.0.1:${port}`;
  const app: AppProcess = {
    url,
    pid: child.pid ?? 0,
    isRunning: () => isRunning(child),
    ready: () => waitReady(url, child, logPath),
    async end(signal) {
      child.kill(signal);
      await ended;
    },
  };
  running.add(app);
  return app;
}

/** Kills every app that a failed test has left running. */
export async function endApps(): Promise<void> {
  await Promise.all([...running].map((app) => app.end('SIGKILL')));
}

/** Removes a data folder, and the place of its engine's sockets. */
export function removeData(dataDir: string): void {
  const engine = join(dataDir, 'mongodb');
  if (existsSync(engine)) rmSync(makeRunDir(engine), { recursive: true });
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function waitReady(url: string, child: ChildProcess, logPath: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while ((await statusOf(`${url}/ready`)) !== 200) {
    if (!isRunning(child) || Date.now() > deadline) {
      const words = readFileSync(logPath, 'utf8').trim().split('\n').slice(-3).join('\n');
      throw new Error(`the app ${isRunning(child) ? 'did not get ready' : 'ended'}: ${words}`);
    }
    await delay(POLL_MS);
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** The HTTP status; 0 when nobody answers. */
function statusOf(url: string): Promise<number> {
  return new Promise((resolve) => {
    const request = get(url, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', () => resolve(0));
    });
    request.on('error', () => resolve(0));
  });
}
