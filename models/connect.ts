import { join } from 'node:path';
import mongoose, { type Connection, type ConnectOptions } from 'mongoose';
import type { Logger } from 'pino';
import { openEmbedded } from './embedded.ts';

const DEFAULT_NAME = 'baton';
// An election in a replica set takes about 12 s.
const SERVER_WAIT_MS = 20_000;
// A crashed engine may take 15 s and more to recover; writes wait for it rather than fail.
const ENGINE_WAIT_MS = 60_000;

/** Where the database is: the server at `uri`, or the embedded engine under `dataDir` when there is none. */
export type DatabaseOptions = {
  /** MONGODB_URI; empty or undefined chooses the embedded engine. */
  uri?: string | undefined;
  /** DATA_DIR; the engine keeps its files in `mongodb` below it. */
  dataDir: string;
  log: Logger;
  /** Database name; by default the one in `uri`, else "baton". */
  dbName?: string;
};

/** A connected database. */
export type Database = {
  /** Its own connection, not mongoose's global one: models are made on it. */
  connection: Connection;
  /** True when the engine of this machine serves it. */
  embedded: boolean;
  /** Whether it answers within the time; never throws. */
  ping(timeoutMs: number): Promise<boolean>;
  /** Closes the connection, and the embedded engine when nobody else uses it. */
  close(): Promise<void>;
};

/**
 * Connects, with every write acknowledged only when it is in the journal (and on a majority of a replica
 * set): what was acknowledged survives a crash.
 *
 * @throws Error in one line, naming MONGODB_URI and the host without credentials, when it is out of reach
 */
export async function connectDatabase(options: DatabaseOptions): Promise<Database> {
  if (options.uri) {
    const connection = await connectServer(options.uri, options.dbName);
    return { connection, embedded: false, ping: pinger(connection), close: () => connection.close() };
  }
  const engine = await openEmbedded({ dataDir: join(options.dataDir, 'mongodb'), log: options.log });
  try {
    const connection = await connect(engine.uri, ENGINE_WAIT_MS, options.dbName);
    const close = async () => {
      await connection.close();
      await engine.close();
    };
    return { connection, embedded: true, ping: pinger(connection), close };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/**
 * Whether an operation failed because the connection broke under it, so that nobody knows whether it was
 * applied. Nothing here repeats it by itself (the engine has no sessions, so the driver cannot): repeat what
 * is idempotent, read again before what is not. The next attempts wait for the database to come back.
 */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof mongoose.mongo.MongoNetworkError) return true;
  // The driver lets a broken pipe through as node's own error.
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EPIPE';
}

async function connectServer(uri: string, dbName: string | undefined): Promise<Connection> {
  try {
    return await connect(uri, SERVER_WAIT_MS, dbName);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Error(`MONGODB_URI: no connection to ${hostsOf(uri)}: ${reason}`, { cause: error });
  }
}

async function connect(uri: string, waitMs: number, dbName: string | undefined): Promise<Connection> {
  const given = new URLSearchParams(uri.split('?')[1]);
  const tuning = { serverSelectionTimeoutMS: waitMs, maxPoolSize: 32 };
  const name = dbName ?? (namesDatabase(uri) ? undefined : DEFAULT_NAME);
  const connection = mongoose.createConnection();
  try {
    return await connection.openUri(uri, {
      // What the address says itself wins.
      ...Object.fromEntries(Object.entries(tuning).filter(([name]) => !given.has(name))),
      ...(name ? { dbName: name } : {}),
      writeConcern: { w: 'majority', journal: true },
      autoIndex: false,
      // Nor are collections made behind our back: what nobody waits for may fail when the connection closes.
      autoCreate: false,
      // While the server is away the driver waits for it; mongoose's own buffer would give up earlier.
      bufferCommands: false,
    } satisfies ConnectOptions);
  } catch (error) {
    // Otherwise its monitor goes on looking for the server.
    await connection.destroy();
    throw error;
  }
}

function namesDatabase(uri: string): boolean {
  return /^mongodb(\+srv)?:\/\/[^/]+\/[^?]/.test(uri);
}

/** The hosts of an address. Everything up to the last @ goes, as a password may hold any character. */
function hostsOf(uri: string): string {
  const afterCredentials = uri.slice(uri.lastIndexOf('@') + 1).replace(/^mongodb(\+srv)?:\/\//, '');
  return decodeURIComponent(afterCredentials.split(/[/?]/)[0] ?? '');
}

function pinger(connection: Connection): Database['ping'] {
  return async (timeoutMs) => {
    const timeout = new Promise<boolean>((resolve) => setTimeout(resolve, timeoutMs, false).unref());
    const answer = connection.db?.command({ ping: 1 }).then(
      (reply) => reply.ok === 1,
      () => false,
    );
    return Promise.race([answer ?? false, timeout]);
  };
}
