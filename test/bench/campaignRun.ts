import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { pino } from 'pino';
import { SandboxChannel } from '../../bot/channels/sandbox/sandboxChannel.ts';
import { readConfig } from '../../bot/config.ts';
import { type Context, createContext, prepareDatabase } from '../../bot/context.ts';
import { boundHeap } from '../../bot/heap.ts';
import { Sweep } from '../../bot/sweep.ts';
import type { RemindCommand } from '../../models/campaign.ts';
import { templateText } from '../../templates/messages/message.ts';
import { seedVisitors } from '../campaignSeed.ts';
import { until } from '../until.ts';
import { usageOf } from './figures.ts';

/**
 * A campaign of so many in a process of its own, after another one of a thousand that warms the process up: its
 * memory is looked at while it runs, from the rehearsal to the end. Prints JSON. Arguments: the size, a data folder.
 */

export type CampaignMeasured = {
  recipients: number;
  rehearsalMs: number;
  sentPerS: number;
  lost: number;
  doubled: number;
  /** Resident memory at its highest, garbage included. */
  peakMb: number;
  /** What is still in use afterwards, once the garbage is gone; the sandbox's phones with their chats are in it. */
  liveMb: number;
};

const STAFF = { id: 'U-STAFF', name: 'Riya' };
const SECOND = { id: 'U-SECOND', name: 'Arjun' };
/** Monday, 10:00 in the project's zone: no quiet hours, whenever the bench runs. */
const BEGIN = new Date('2026-11-23T04:30:00Z');
const WARM_UP = 1_000;
const SEEDED_AT_ONCE = 500;
const LOOK_MS = 100;
const DONE_WITHIN_MS = 5 * 60_000;

async function measure(recipients: number, dataDir: string): Promise<CampaignMeasured> {
  const { context, sandbox } = await openContext(dataDir);
  const { models, gateway } = context;
  await gateway.start();
  await sandbox.goOnline();
  for (const { id, name } of [STAFF, SECOND]) await models.staff.meet(id, name, 'sales');
  const sweep = new Sweep(context.sweepTasks, context.log);
  sweep.start();
  const line = { line: sandbox.id, now: BEGIN };
  await seed(context, WARM_UP, { ...line, from: 0, visitInHours: 3 });
  await seed(context, recipients, { ...line, from: WARM_UP });
  await runCampaign(context, 'today');
  globalThis.gc?.();
  const peak = new Peak();
  const { rehearsalMs, sentMs } = await runCampaign(context, 'tomorrow');
  const peakMb = peak.end();
  await sweep.stop();
  globalThis.gc?.();
  const liveMb = process.memoryUsage().heapUsed / 1024 / 1024;
  const texts = Array.from(
    { length: recipients },
    (_, index) => sandbox.transcript(`+9199999${String(WARM_UP + index + 1).padStart(5, '0')}`).length,
  );
  await close(context);
  return {
    recipients,
    rehearsalMs,
    sentPerS: recipients / (sentMs / 1_000),
    lost: texts.filter((count) => count === 0).length,
    doubled: texts.filter((count) => count > 1).length,
    peakMb,
    liveMb,
  };
}

async function openContext(dataDir: string): Promise<{ context: Context; sandbox: SandboxChannel }> {
  const started = Date.now();
  const now = () => new Date(BEGIN.getTime() + Date.now() - started);
  const log = pino({ level: 'error' }, pino.destination(2));
  // Without a file: writing ten thousand phones down again and again is no cost of ours.
  const sandbox = new SandboxChannel({ log, now, newId: randomUUID, templateText });
  const config = { ...readConfig({ DATA_DIR: dataDir, ROLES: 'gateway,worker' }) };
  const channels = { channels: [sandbox] as [SandboxChannel], sandbox };
  const context = await createContext(config, log, { now, channels });
  await prepareDatabase(context);
  return { context, sandbox };
}

async function seed(
  { models }: Context,
  count: number,
  crowd: { line: string; now: Date; from: number; visitInHours?: number },
): Promise<void> {
  for (let done = 0; done < count; done += SEEDED_AT_ONCE) {
    const some = Math.min(SEEDED_AT_ONCE, count - done);
    await seedVisitors(models, some, { ...crowd, from: crowd.from + done });
  }
}

/** From the command to the last report; two people confirm it. */
async function runCampaign(
  { models, campaigns }: Context,
  day: 'today' | 'tomorrow',
): Promise<{ rehearsalMs: number; sentMs: number }> {
  const command: RemindCommand = { kind: 'remind', audience: { kind: 'visits', day }, filters: {} };
  const begun = performance.now();
  const answer = await campaigns.run(command, STAFF);
  const rehearsalMs = performance.now() - begun;
  const id = /^(k-\d+) is rehearsed/.exec(answer)?.[1];
  if (!id) throw new Error(answer);
  const start = performance.now();
  for (const staff of [STAFF, SECOND]) await campaigns.act('confirm', id, staff);
  const isDone = async () => (await models.campaigns.byId(id))?.status === 'done';
  await until('the campaign is done', isDone, DONE_WITHIN_MS);
  return { rehearsalMs, sentMs: performance.now() - start };
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

async function close(context: Context): Promise<void> {
  await context.campaignTurns.drain();
  await context.turns.drain();
  await context.gateway.stop();
  await context.database.close();
}

boundHeap();
const [size, dataDir = ''] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await measure(Number(size), dataDir)));
process.exit(0);
