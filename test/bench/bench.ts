import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import mongoose from 'mongoose';
import { pino } from 'pino';
import { connectDatabase, type Database } from '../../models/connect.ts';
import { createModels } from '../../models/models.ts';
import { type AppProcess, endApps, removeData, startApp } from '../app.ts';
import { type Surroundings, startSurroundings } from '../surroundings.ts';
import { benchCampaigns } from './campaign.ts';
import { type Cost, costing, enginePidOf, usageOf } from './figures.ts';
import type { FloorOrder } from './floor.ts';
import { measureInbox } from './inbox.ts';
import { cloudLine, UNHURRIED } from './lines.ts';
import { Load } from './load.ts';
import { inboxTableOf, type Measured, machine, tableOf, transportsTableOf } from './report.ts';
import { takeSample } from './sample.ts';
import { benchSleeping } from './sleeping.ts';
import { measureTransport, type TransportMeasured } from './transports.ts';

/**
 * `npm run bench`: what one message costs, from the webhook to the answer's arrival at Graph, beside the floor:
 * the same reads and durable writes by the driver alone; then what each transport does, the team's side, campaigns, and the sweep
 * among sleeping runs. `npm run bench -- web` measures the named parts only: message, sandbox, cloud, web, inbox,
 * campaign, sleeping. Linux only.
 * BENCH_NODE_ARGS are options for the app's node, such
 * as `--cpu-prof`.
 */

const BUYERS = 64;
const WARM_UP = { messages: 600, concurrency: 8 };
const BUSY = { messages: 1_500, concurrency: 8 };
const ALONE = { messages: 300, concurrency: 1 };
/** Longer than the product waits before it makes brochures, then quiet between two looks. */
const IDLE = { everyMs: 500, leastLooks: 12, looks: 60, cpuMs: 40 };
/** Longer than what the product still writes after its last answer. */
const SETTLE_MS = 200;

const PARTS = ['message', 'sandbox', 'cloud', 'web', 'inbox', 'campaign', 'sleeping'] as const;
type Part = (typeof PARTS)[number];

async function bench(folder: string, parts: Part[]): Promise<void> {
  const tell = (text: string) => process.stdout.write(`${text}\n`);
  tell(machine());
  if (parts.includes('message')) tell(await benchMessage(folder));
  const measured: TransportMeasured[] = [];
  for (const part of parts)
    if (part === 'sandbox' || part === 'cloud' || part === 'web')
      measured.push(await measureTransport(part, join(folder, part)));
  if (measured.length > 0) tell(transportsTableOf(measured));
  if (parts.includes('inbox')) tell(inboxTableOf(await measureInbox(join(folder, 'inbox'))));
  if (parts.includes('campaign')) tell(await benchCampaigns(join(folder, 'campaign')));
  if (parts.includes('sleeping')) tell(await benchSleeping(join(folder, 'sleeping')));
}

async function benchMessage(folder: string): Promise<string> {
  const dataDir = join(folder, 'app');
  mkdirSync(dataDir);
  // Buyers' answers only: delivery reports are further messages of their own.
  const surroundings = await startSurroundings({ statuses: [], onSent: ({ to }) => load.heard(to) });
  const load = new Load(cloudLine(surroundings.graph), BUYERS);
  const first = await started(surroundings, dataDir);
  const ours = await measureApp(first.app, load, dataDir);
  await first.app.end('SIGTERM');
  const again = await started(surroundings, dataDir);
  await again.app.end('SIGTERM');
  await surroundings.stop();
  const floor = await measureFloor(join(folder, 'floor'), ours.sample);
  return tableOf({ ...ours, floor, coldStartMs: { empty: first.tookMs, existing: again.tookMs } });
}

async function started(
  { port, env }: Surroundings,
  dataDir: string,
): Promise<{ app: AppProcess; tookMs: number }> {
  const start = performance.now();
  const nodeArgs = process.env.BENCH_NODE_ARGS?.split(' ') ?? [];
  const app = startApp({ dataDir, port, env: { ...env, ...UNHURRIED }, nodeArgs });
  await app.ready();
  return { app, tookMs: performance.now() - start };
}

type AppMeasured = Pick<Measured, 'busy' | 'alone' | 'rssMb'> & { sample: string };

async function measureApp(app: AppProcess, load: Load, dataDir: string): Promise<AppMeasured> {
  const database = await connectDatabase({ dataDir, log: pino({ level: 'silent' }) });
  try {
    await load.begin();
    await load.run(WARM_UP.messages, WARM_UP.concurrency);
    await idle(app.pid);
    const enginePid = enginePidOf(dataDir);
    const run = ({ messages, concurrency }: typeof BUSY): Promise<Cost> =>
      costing({ appPid: app.pid, enginePid, connection: database.connection, messages }, async () => {
        const figures = await load.run(messages, concurrency);
        await delay(SETTLE_MS);
        return figures;
      });
    const [busy, alone] = [await run(BUSY), await run(ALONE)];
    const rssMb = { app: usageOf(app.pid).rssMb, engine: usageOf(enginePid).rssMb };
    return { busy, alone, rssMb, sample: await sampleOf(database) };
  } finally {
    await database.close();
  }
}

/** What the app does once after its start (making brochures) is no cost of a message. */
async function idle(pid: number): Promise<void> {
  let before = Number.NEGATIVE_INFINITY;
  for (let looked = 0; looked < IDLE.looks; looked += 1) {
    const { cpuMs } = usageOf(pid);
    if (looked >= IDLE.leastLooks && cpuMs - before <= IDLE.cpuMs) return;
    before = cpuMs;
    await delay(IDLE.everyMs);
  }
  throw new Error('the app never came to rest');
}

async function sampleOf({ connection }: Database): Promise<string> {
  return mongoose.mongo.BSON.EJSON.stringify(await takeSample(createModels(connection, 'bench')));
}

async function measureFloor(dataDir: string, sample: string): Promise<Measured['floor']> {
  mkdirSync(dataDir);
  const program = fileURLToPath(new URL('./floor.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const order: FloorOrder = { sample, buyers: BUYERS, runs: [WARM_UP, BUSY, ALONE] };
  child.stdin.end(JSON.stringify(order));
  const [, busy, alone] = (await json(child.stdout)) as Cost[];
  if (!busy || !alone) throw new Error('the floor measured nothing');
  return { busy, alone };
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !PARTS.some((part) => part === name));
if (unknown.length > 0) throw new Error(`no part ${unknown.join(', ')}; there are ${PARTS.join(', ')}`);
const folder = mkdtempSync(join(tmpdir(), 'baton-bench-'));
try {
  const parts = PARTS.filter((part) => asked.length === 0 || asked.includes(part));
  await bench(folder, parts);
} finally {
  await endApps();
  for (const name of ['app', 'floor', 'sandbox', 'cloud', 'web', 'inbox', 'campaign', 'sleeping', ''])
    removeData(join(folder, name));
}
