import { mkdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { pino } from 'pino';
import { connectDatabase } from '../../models/connect.ts';
import { buildIndexes, createModels } from '../../models/models.ts';
import { startApp } from '../app.ts';
import { seedCampaign, seedVisitors, zoneAtNoon } from '../campaignSeed.ts';
import { isQuiet } from '../crash/proof.ts';
import { startSurroundings } from '../surroundings.ts';
import { until } from '../until.ts';

/** A campaign whose app is killed in the middle: what arrived, counted at a stand-in of Meta's Graph that lives on. */
export type KillMeasured = {
  recipients: number;
  /** How many had arrived when the app was killed. */
  before: number;
  lost: number;
  doubled: number;
  /** From the second start until the first reminder arrived. */
  resumedMs: number;
};

const WITHIN_MS = 5 * 60_000;

/** Runs it in `dataDir`, which is made. */
export async function measureKill(recipients: number, dataDir: string): Promise<KillMeasured> {
  mkdirSync(dataDir);
  const { graph, port, env, stop } = await startSurroundings({ statuses: ['sent', 'delivered'] });
  const database = await connectDatabase({ dataDir, log: pino({ level: 'silent' }) });
  const models = createModels(database.connection, 'bench');
  await buildIndexes(models);
  const line = `cloud-${env.WHATSAPP_CLOUD_PHONE_NUMBER_ID}`;
  const visitors = await seedVisitors(models, recipients, { line, now: new Date() });
  const campaign = await seedCampaign(models, visitors, new Date());
  const settings = { ...env, WHATSAPP_CLOUD_PER_SECOND: '1000', TIMEZONE: zoneAtNoon(new Date()) };
  const start = () => startApp({ dataDir, port, env: settings });
  const first = start();
  await until('half of it has arrived', () => graph.sent.length >= recipients / 2, WITHIN_MS);
  await first.end('SIGKILL');
  const before = graph.sent.length;
  const again = performance.now();
  const second = start();
  await until('it goes on', () => graph.sent.length > before, WITHIN_MS);
  const resumedMs = performance.now() - again;
  const isOver = async () => (await models.campaigns.byId(campaign))?.status === 'done' && isQuiet(models);
  await until('the campaign is done', isOver, WITHIN_MS);
  await graph.idle();
  const arrived = new Map<string, number>();
  for (const { biz_opaque_callback_data: id = '' } of graph.sent) arrived.set(id, (arrived.get(id) ?? 0) + 1);
  await second.end('SIGTERM');
  await database.close();
  await stop();
  return {
    recipients,
    before,
    lost: visitors.filter(({ _id }) => !arrived.has(`${campaign}:${_id}`)).length,
    doubled: [...arrived.values()].filter((times) => times > 1).length,
    resumedMs,
  };
}
