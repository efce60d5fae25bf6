import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { pino } from 'pino';
import { SandboxChannel } from '../../bot/channels/sandbox/sandboxChannel.ts';
import { readConfig } from '../../bot/config.ts';
import { type Context, createContext, prepareDatabase } from '../../bot/context.ts';
import { Sweep } from '../../bot/sweep.ts';
import { newConversation } from '../../flows/decide.ts';
import { templateText } from '../../templates/messages/message.ts';
import { seedVisitors } from '../campaignSeed.ts';
import { until } from '../until.ts';
import { figuresOf, usageOf } from './figures.ts';

/** One measurement in a process of its own: `campaign` or `sweep`, a size, a data folder. Prints JSON. */

export type CampaignMeasured = {
  recipients: number;
  rehearsalMs: number;
  sentPerS: number;
  lost: number;
  doubled: number;
  peakMb: number;
  /** What is still in use afterwards, once the garbage is gone. */
  liveMb: number;
};
export type SweepMeasured = { sleeping: number; p50Ms: number; p99Ms: number };

const STAFF = { id: 'U-STAFF', name: 'Riya' };
const SECOND = { id: 'U-SECOND', name: 'Arjun' };
/** Monday, 10:00 in the project's zone: no quiet hours, whenever the bench runs. */
const BEGIN = new Date('2026-11-23T04:30:00Z').getTime();
const LOOK_MS = 250;
const DONE_WITHIN_MS = 15 * 60_000;
const LOOKS = 200;
const DUE = 100;

async function openContext(dataDir: string): Promise<{ context: Context; sandbox: SandboxChannel }> {
  const started = Date.now();
  const now = () => new Date(BEGIN + Date.now() - started);
  const log = pino({ level: 'error' }, pino.destination(2));
  // Without a file: writing ten thousand phones down again and again is no cost of ours.
  const sandbox = new SandboxChannel({ log, now, newId: randomUUID, templateText });
  const config = { ...readConfig({ DATA_DIR: dataDir, ROLES: 'gateway,worker' }) };
  const channels = { channels: [sandbox] as [SandboxChannel], sandbox };
  const context = await createContext(config, log, { now, channels });
  await prepareDatabase(context);
  return { context, sandbox };
}

async function measureCampaign(recipients: number, dataDir: string): Promise<CampaignMeasured> {
  const { context, sandbox } = await openContext(dataDir);
  const { models, campaigns, gateway } = context;
  await gateway.start();
  await sandbox.goOnline();
  await seedVisitors(models, recipients, { line: sandbox.id, now: new Date(BEGIN) });
  for (const { id, name } of [STAFF, SECOND]) await models.staff.meet(id, name, 'sales');
  const peak = new Peak();
  const begun = performance.now();
  const command = { kind: 'remind', audience: { kind: 'visits', day: 'tomorrow' }, filters: {} } as const;
  const answer = await campaigns.run(command, STAFF);
  const rehearsalMs = performance.now() - begun;
  const id = /^(k-\d+)/.exec(answer)?.[1] ?? '';
  const sweep = new Sweep(context.sweepTasks, context.log);
  sweep.start();
  const start = performance.now();
  for (const staff of [STAFF, SECOND]) await campaigns.act('confirm', id, staff);
  const isDone = async () => (await models.campaigns.byId(id))?.status === 'done';
  await until('the campaign is done', isDone, DONE_WITHIN_MS);
  const sentPerS = recipients / ((performance.now() - start) / 1_000);
  await sweep.stop();
  const peakMb = peak.end();
  globalThis.gc?.();
  const liveMb = process.memoryUsage().heapUsed / 1024 / 1024;
  const texts = Array.from(
    { length: recipients },
    (_, serial) => sandbox.transcript(`+9199999${String(serial + 1).padStart(5, '0')}`).length,
  );
  await close(context);
  return {
    recipients,
    rehearsalMs,
    sentPerS,
    lost: texts.filter((count) => count === 0).length,
    doubled: texts.filter((count) => count > 1).length,
    peakMb,
    liveMb,
  };
}

/** The highest memory of this process, looked at now and then. */
class Peak {
  private mb = 0;
  private readonly timer = setInterval(() => this.look(), LOOK_MS);

  end(): number {
    clearInterval(this.timer);
    this.look();
    return this.mb;
  }

  private look(): void {
    this.mb = Math.max(this.mb, usageOf(process.pid).rssMb);
  }
}

/** `sleeping` conversations with a timer far ahead, and 100 with one that is due. */
async function measureSweep(sleeping: number, dataDir: string): Promise<SweepMeasured> {
  const { context } = await openContext(dataDir);
  const { conversations } = context.models;
  const at = (serial: number) => new Date(serial < DUE ? BEGIN - 1_000 : BEGIN + 86_400_000 + serial);
  for (let first = 0; first < sleeping + DUE; first += 5_000) {
    const count = Math.min(5_000, sleeping + DUE - first);
    const batch = Array.from({ length: count }, (_, place) => sleeper(first + place, at(first + place)));
    await conversations.model.collection.insertMany(batch as never[]);
  }
  const latenciesMs: number[] = [];
  const begun = performance.now();
  for (let look = 0; look < LOOKS; look += 1) {
    const start = performance.now();
    const due = await conversations.due(new Date(BEGIN), 2 * DUE);
    latenciesMs.push(performance.now() - start);
    if (due.length !== DUE) throw new Error(`${due.length} were due`);
  }
  const { p50Ms, p99Ms } = figuresOf(latenciesMs, performance.now() - begun);
  await close(context);
  return { sleeping, p50Ms, p99Ms };
}

function sleeper(serial: number, dueAt: Date): object {
  const enteredAt = new Date(BEGIN - 86_400_000);
  const run = { id: `visit:${serial}`, flow: 'visit', version: 1, stage: 'booked', enteredAt, dueAt };
  return {
    _id: `sandbox/buyer-${serial}`,
    channel: 'sandbox',
    buyer: `buyer-${serial}`,
    replyTo: `pn:+9199999${serial}`,
    v: 1,
    state: {
      ...newConversation(),
      runs: [{ ...run, data: { project: 'greenfield-heights' }, reminded: [] }],
    },
    outbox: [],
    outcomes: [],
    timeline: [],
    seen: [],
    changedAt: enteredAt,
    dueAt,
  };
}

async function close(context: Context): Promise<void> {
  await context.campaignTurns.drain();
  await context.turns.drain();
  await context.gateway.stop();
  await context.database.close();
}

const [what, size, dataDir = ''] = process.argv.slice(2);
const measure = what === 'sweep' ? measureSweep : measureCampaign;
process.stdout.write(JSON.stringify(await measure(Number(size), dataDir)));
process.exit(0);
