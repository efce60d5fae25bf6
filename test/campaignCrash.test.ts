import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { auditDatabase } from '../models/audit.ts';
import { connectDatabase } from '../models/connect.ts';
import { buildIndexes, createModels } from '../models/models.ts';
import type { Recipient } from '../models/recipient.ts';
import { type AppProcess, endApps, removeData, startApp } from './app.ts';
import { enginePidOf } from './bench/figures.ts';
import { seedCampaign, seedVisitors, zoneAtNoon } from './campaignSeed.ts';
import { drawFrom } from './crash/crowd.ts';
import { isQuiet } from './crash/proof.ts';
import { startSurroundings } from './surroundings.ts';
import { until } from './until.ts';

/** A campaign whose app and engine are killed again and again: everybody is reminded, and nobody twice. */

/** Set CRASH_SEED for other moments. */
const SEED = Number(process.env.CRASH_SEED ?? 20_261_127);
const RECIPIENTS = 300;
const LIVES = 4;
const WITHIN_MS = 90_000;

afterEach(endApps);

it('loses and doubles no reminder, however often the app and the engine are killed', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'baton-campaign-'));
  const retryDelaysMs = [50, 100, 200, ...new Array<number>(300).fill(400)];
  const surroundings = await startSurroundings({ retryDelaysMs, statuses: ['sent', 'delivered'] });
  const { graph, port, env } = surroundings;
  const draw = drawFrom(SEED);
  const log = pino({ level: 'silent' });
  const database = await connectDatabase({ dataDir, log });
  const models = createModels(database.connection, 'proof');
  await buildIndexes(models);
  const channel = `cloud-${env.WHATSAPP_CLOUD_PHONE_NUMBER_ID}`;
  const visitors = await seedVisitors(models, RECIPIENTS, { line: channel, now: new Date() });
  const campaign = await seedCampaign(models, visitors, new Date());

  const start = async (): Promise<AppProcess> => {
    const limits = { WHATSAPP_CLOUD_PER_SECOND: '1000', TIMEZONE: zoneAtNoon(new Date()) };
    const app = startApp({ dataDir, port, env: { ...env, ...limits, BURST_WINDOW_MS: '50' } });
    await app.ready();
    return app;
  };
  for (let life = 1; life <= LIVES; life += 1) {
    const app = await start();
    const target = Math.min(graph.sent.length + (RECIPIENTS / (LIVES + 2)) * (0.5 + draw()), RECIPIENTS - 5);
    // Graph takes a message, and its answer is lost on the way.
    if (life % 2 === 0) graph.faults.push({ kind: 'cut', midAnswer: true });
    await until('more are sent', () => graph.sent.length >= target, WITHIN_MS);
    if (life === LIVES / 2) process.kill(enginePidOf(dataDir), 'SIGKILL');
    await app.end('SIGKILL');
  }
  const app = await start();
  const isOver = async () => (await models.campaigns.byId(campaign))?.status === 'done' && isQuiet(models);
  await until('the campaign is done', isOver, WITHIN_MS);
  await graph.idle();

  const list = await models.recipients.model.find({ campaign }).lean<Recipient[]>();
  const arrived = new Map<string, number>();
  for (const { biz_opaque_callback_data: id = '' } of graph.sent) arrived.set(id, (arrived.get(id) ?? 0) + 1);
  const audit = await auditDatabase(models, new Date(Date.now() + 120_000));
  process.stdout.write(
    `campaign crash: ${LIVES} kills of the app, 1 of the engine; ${RECIPIENTS} recipients, ${graph.sent.length} arrived\n`,
  );
  await app.end('SIGTERM');
  await database.close();
  await surroundings.stop();
  removeData(dataDir);

  expect(list).toHaveLength(RECIPIENTS);
  expect(list.filter(({ _id }) => !arrived.has(_id)).map(({ _id }) => _id)).toEqual([]);
  expect([...arrived].filter(([, times]) => times > 1)).toEqual([]);
  expect(list.filter(({ status }) => status !== 'delivered' && status !== 'sent')).toEqual([]);
  expect(audit).toEqual([]);
}, 400_000);
