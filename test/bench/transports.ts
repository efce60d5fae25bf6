import { mkdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { pino } from 'pino';
import { connectDatabase } from '../../models/connect.ts';
import { createModels, type Models } from '../../models/models.ts';
import { startApp } from '../app.ts';
import { until } from '../until.ts';
import { type Figures, usageOf } from './figures.ts';
import { setUpLine, type Transport } from './lines.ts';
import { Load } from './load.ts';

/** What one transport does, with the whole product behind it. */
export type TransportMeasured = {
  transport: Transport;
  /** Brochures to first-time buyers: a PDF and a question each. */
  brochures: Figures;
  /** Questions, each answered before the same buyer asks again. */
  questions: Figures;
  flood: { messages: number; storedPerS: number; concludedPerS: number; lost: number; disordered: number };
  appMb: number;
  browserMb: number | undefined;
};

const BUYERS = 40;
const CONCURRENCY = 8;
const QUESTIONS = 400;
const FLOOD = 1_000;
const FLOOD_WITHIN_MS = 60_000;

/** Runs the product on one transport, with data of its own in `dataDir`. */
export async function measureTransport(transport: Transport, dataDir: string): Promise<TransportMeasured> {
  mkdirSync(dataDir);
  const line = await setUpLine(transport, (to) => load.heard(to));
  const load = new Load(line, BUYERS);
  try {
    const app = startApp({ dataDir, port: line.port, env: line.env });
    await app.ready();
    await line.connect(app);
    const brochures = await load.begin(CONCURRENCY);
    const questions = await load.run(QUESTIONS, CONCURRENCY);
    const flood = await measureFlood(load, line.channel, dataDir);
    const memory = { appMb: usageOf(app.pid).rssMb, browserMb: line.browserMb(app.pid) };
    await app.end('SIGTERM');
    return { transport, brochures, questions, flood, ...memory };
  } finally {
    await line.stop();
  }
}

async function measureFlood(
  load: Load,
  channel: string,
  dataDir: string,
): Promise<TransportMeasured['flood']> {
  const database = await connectDatabase({ dataDir, log: pino({ level: 'silent' }) });
  try {
    const models = createModels(database.connection, 'bench');
    const before = await models.inbound.model.countDocuments();
    const start = performance.now();
    const perS = () => FLOOD / ((performance.now() - start) / 1_000);
    const stored = until(
      'every message stored',
      async () => (await models.inbound.model.countDocuments()) >= before + FLOOD && perS(),
      FLOOD_WITHIN_MS,
    );
    const keys = await load.flood(FLOOD);
    const storedPerS = await stored;
    const pending = { pendingSince: { $exists: true } };
    const concludedPerS = await until(
      'every message concluded',
      async () => (await models.inbound.model.countDocuments(pending)) === 0 && perS(),
      FLOOD_WITHIN_MS,
    );
    return { messages: FLOOD, storedPerS, concludedPerS, ...(await compare(models, channel, keys)) };
  } finally {
    await database.close();
  }
}

/** What each buyer wrote beside what is stored, in the order in which it is read. */
async function compare(
  { inbound }: Models,
  channel: string,
  keys: string[][],
): Promise<{ lost: number; disordered: number }> {
  let [lost, disordered] = [0, 0];
  for (const written of keys) {
    const ids = written.map((key) => `${channel}:${key}`);
    const stored = await inbound.model
      .find({ _id: { $in: ids } }, { _id: 1 })
      .sort({ at: 1, seq: 1 })
      .lean<{ _id: string }[]>();
    lost += ids.length - stored.length;
    const kept = ids.filter((id) => stored.some(({ _id }) => _id === id));
    disordered += stored.filter(({ _id }, index) => _id !== kept[index]).length;
  }
  return { lost, disordered };
}
