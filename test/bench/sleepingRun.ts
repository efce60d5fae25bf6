import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { pino } from 'pino';
import { SandboxChannel } from '../../bot/channels/sandbox/sandboxChannel.ts';
import { readConfig } from '../../bot/config.ts';
import { type Context, createContext, prepareDatabase } from '../../bot/context.ts';
import { DEMO_PROJECT } from '../../bot/demo.ts';
import { boundHeap } from '../../bot/heap.ts';
import { newConversation } from '../../flows/decide.ts';
import { templateText } from '../../templates/messages/message.ts';
import { type Figures, figuresOf } from './figures.ts';

/**
 * So many conversations whose runs sleep, of which 100 are due at a time: what it costs to find them, and to wake them
 * (each is claimed by its revision, decides, and owes what follows). Prints JSON. Arguments: the size, a data folder.
 */

export type SleepingMeasured = {
  sleeping: number;
  due: number;
  /** Documents that the engine read for one look. */
  examined: number;
  find: Figures;
  /** A look with all that is woken by it. */
  wake: Figures;
  /** A look when nothing is due. */
  nothing: Figures;
};

const BEGIN_MS = new Date('2026-11-23T04:30:00Z').getTime();
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DUE = 100;
const ROUNDS = 8;
const LOOKS = 100;
const SEEDED_AT_ONCE = 5_000;

async function measure(sleeping: number, dataDir: string): Promise<SleepingMeasured> {
  const clock = { now: new Date(BEGIN_MS) };
  const context = await openContext(dataDir, () => clock.now);
  const { conversations } = context.models;
  for (let first = 0; first < sleeping; first += SEEDED_AT_ONCE) {
    const count = Math.min(SEEDED_AT_ONCE, sleeping - first);
    const batch = Array.from({ length: count }, (_, place) => sleeper(first + place));
    await conversations.model.collection.insertMany(batch as never[]);
  }
  const nothing = await measured(LOOKS, async () => {
    if ((await conversations.due(clock.now, 2 * DUE)).length > 0) throw new Error('something was due early');
  });
  clock.now = new Date(BEGIN_MS + MINUTE_MS);
  const find = await measured(LOOKS, async () => {
    const due = await conversations.due(clock.now, 2 * DUE);
    if (due.length !== DUE) throw new Error(`${due.length} were due`);
  });
  const examined = await examinedFor(context, clock.now);
  const wake = await measured(ROUNDS, async (round) => {
    clock.now = new Date(BEGIN_MS + (round + 1) * MINUTE_MS);
    const due = await conversations.due(clock.now, 2 * DUE);
    for (const id of due) context.turns.wake(id);
    await context.turns.idle();
    if (due.length !== DUE) throw new Error(`${due.length} were due in round ${round}`);
  });
  await context.turns.drain();
  await context.database.close();
  return { sleeping, due: DUE, examined, find, wake, nothing };
}

async function openContext(dataDir: string, now: () => Date): Promise<Context> {
  const log = pino({ level: 'error' }, pino.destination(2));
  const sandbox = new SandboxChannel({ log, now, newId: randomUUID, templateText });
  const config = { ...readConfig({ DATA_DIR: dataDir, ROLES: 'gateway,worker' }) };
  const context = await createContext(config, log, { now, channels: { channels: [sandbox], sandbox } });
  await prepareDatabase(context);
  await context.gateway.start();
  await sandbox.goOnline();
  return context;
}

async function measured(times: number, work: (round: number) => Promise<void>): Promise<Figures> {
  const latenciesMs: number[] = [];
  const begun = performance.now();
  for (let round = 0; round < times; round += 1) {
    const start = performance.now();
    await work(round);
    latenciesMs.push(performance.now() - start);
  }
  return figuresOf(latenciesMs, performance.now() - begun);
}

/** What the engine says that it read for the sweep's own query. */
async function examinedFor({ models }: Context, now: Date): Promise<number> {
  const plan = await models.conversations.model.collection
    .find({ dueAt: { $exists: true, $lte: now } }, { projection: { v: 1 } })
    .sort({ dueAt: 1 })
    .limit(2 * DUE)
    .explain('executionStats');
  return Number(plan.executionStats.totalDocsExamined);
}

/** The first few hundred become due a minute after one another, 100 at a time; the others a day later. */
function sleeper(serial: number): object {
  const round = Math.floor(serial / DUE) + 1;
  const dueAt = new Date(BEGIN_MS + (round <= ROUNDS ? round * MINUTE_MS : DAY_MS + serial));
  const enteredAt = new Date(dueAt.getTime() - DAY_MS);
  const at = new Date(dueAt.getTime() + DAY_MS);
  return {
    _id: `sandbox/buyer-${serial}`,
    channel: 'sandbox',
    buyer: `buyer-${serial}`,
    replyTo: `pn:+9199999${String(serial).padStart(5, '0')}`,
    v: 1,
    state: {
      ...newConversation(),
      lastInboundAt: new Date(dueAt.getTime() - DAY_MS / 2),
      runs: [
        {
          id: `visit:${serial}`,
          flow: 'visit',
          subject: DEMO_PROJECT.slug,
          version: 1,
          stage: 'booked',
          data: { project: DEMO_PROJECT.slug, at, visit: `visit-${serial}` },
          reminded: [],
          enteredAt,
          dueAt,
        },
      ],
    },
    outbox: [],
    outcomes: [],
    timeline: [],
    seen: [],
    changedAt: enteredAt,
    dueAt,
  };
}

boundHeap();
const [size, dataDir = ''] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await measure(Number(size), dataDir)));
process.exit(0);
