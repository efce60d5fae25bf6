import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import type { Config } from './config.ts';
import { readConfig } from './config.ts';
import { createContext, prepareDatabase } from './context.ts';
import { DEMO_PROJECT } from './demo.ts';
import { Baton } from './main.ts';
import { Actor } from './seed/actor.ts';
import { PEOPLE } from './seed/people.ts';
import { type Clock, Player } from './seed/player.ts';
import { DAYS_AGO, storyOf } from './seed/stories.ts';
import { UNITS } from './seed/units.ts';

const DAY_MS = 86_400_000;
/** The first of them writes at this hour before today's, the others one after the other. */
const APART_MS = 11 * 60_000;
const SHOWN_WITHIN_MS = 180_000;
const LOOK_AGAIN_MS = 500;

/** What the demonstration came to, for whoever asked for it. */
export type Seeded = { buyers: number; units: number; booked: number };

/**
 * Fills an empty sandbox with the demo project's ninety homes and sixty buyers in every stage: their months are
 * played on the real product under a clock of its own that ends at `now`. Throws an Error that says why when the
 * database has buyers already, or WhatsApp or Slack is not in the sandbox.
 */
export async function seed(config: Config, now: Date, onDay?: (day: Date) => void): Promise<Seeded> {
  if (config.whatsapp.transport !== 'sandbox' || config.slack.mode !== 'sandbox')
    throw new Error('only the sandbox is filled: WHATSAPP_TRANSPORT and SLACK_MODE must be sandbox');
  const seeded = await playMonths(config, now, onDay);
  await showTeam(config);
  return seeded;
}

async function playMonths(
  config: Config,
  now: Date,
  onDay: ((day: Date) => void) | undefined,
): Promise<Seeded> {
  const clock: Clock = { now: new Date(now.getTime() - (Math.max(...Object.values(DAYS_AGO)) + 1) * DAY_MS) };
  const quiet = pino({ level: 'silent' });
  const roles = new Set(['gateway', 'worker'] as const);
  const context = await createContext({ ...config, roles, burstWindowMs: 0 }, quiet, {
    now: () => clock.now,
  });
  const { sandbox: phone, models, database, gateway } = context;
  try {
    if (!phone) throw new Error('the sandbox has no phones');
    await prepareDatabase(context);
    await requireEmpty(models.buyers);
    await models.units.list(UNITS);
    await gateway.start();
    const stories = PEOPLE.map((person, index) => ({
      story: storyOf(new Actor(person, { context, phone, clock })),
      at: new Date(now.getTime() - DAYS_AGO[person.ending] * DAY_MS - (PEOPLE.length - index) * APART_MS),
    }));
    await new Player(context, clock).play(stories, now, onDay);
    const booked = await models.bookings.model.countDocuments({ status: 'open' });
    return { buyers: PEOPLE.length, units: UNITS.length, booked };
  } finally {
    await context.turns.drain();
    await context.media.drain();
    await gateway.stop();
    await database.close();
  }
}

async function requireEmpty(buyers: { model: { estimatedDocumentCount(): PromiseLike<number> } }) {
  if ((await buyers.model.estimatedDocumentCount()) > 0)
    throw new Error(`there are buyers already: DATA_DIR must be empty, or MONGODB_URI name a new database`);
}

/** Posts the cards that the months left, so that the team's page is full when it is first opened. */
async function showTeam(config: Config): Promise<void> {
  const pace = { postsPerSecond: 1_000, updatesPerMinute: 60_000 };
  const baton = await Baton.create({ ...config, slackPace: pace }, pino({ level: 'silent' }));
  try {
    await baton.start();
    const { cases } = baton.context.models;
    const endsAt = Date.now() + SHOWN_WITHIN_MS;
    while ((await cases.owedToSlack(new Date())).length > 0 && Date.now() < endsAt)
      await delay(LOOK_AGAIN_MS);
  } finally {
    await baton.destroy();
  }
}

async function run(): Promise<void> {
  const config = readConfig(process.env);
  await requireStopped(config.port);
  const write = (words: string) => process.stderr.write(words);
  write(`Playing the months of ${PEOPLE.length} buyers at ${DEMO_PROJECT.name} `);
  const { buyers, units, booked } = await seed(config, new Date(), () => write('.'));
  write(`\n${buyers} buyers, ${units} homes, ${booked} of them booked. Now: npm start\n`);
}

/** Two at once would each save their own phones. */
async function requireStopped(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
  if (answer) throw new Error(`something answers on port ${port}: stop Baton first`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  run().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`\nseed: ${error instanceof Error ? error.message : error}\n`);
      process.exit(2);
    },
  );
}
