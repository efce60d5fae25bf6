import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { SandboxChannel } from '../bot/channels/sandbox/sandboxChannel.ts';
import { readConfig } from '../bot/config.ts';
import { Baton } from '../bot/main.ts';
import type { Understander } from '../bot/understand/understander.ts';
import { TEAMS } from '../flows/types.ts';
import type { LocalSlack } from '../inbox/sandbox/localSlack.ts';
import type { Message } from '../inbox/sandbox/workspace.ts';
import type { Models } from '../models/models.ts';
import { freePort } from './app.ts';
import { createSlackSite, type SlackSite } from './slackSite.ts';
import { until } from './until.ts';
import { databaseUri } from './world.ts';

/** The whole product in this process: a phone to be the buyers, a local Slack to be the team, a real database. */
export type Product = {
  baton: Baton;
  url: string;
  models: Models;
  /** Throws when WhatsApp is not in the sandbox. */
  readonly phone: SandboxChannel;
  slack: LocalSlack;
  site: SlackSite;
  /** Moves the product's clock ahead. */
  advance(ms: number): void;
  now(): Date;
  /** A new buyer with a number and a name of their own. */
  buyer(): Buyer;
  /** Ends the product and removes what it kept. */
  stop(): Promise<void>;
};

export type Buyer = {
  number: string;
  name: string;
  write(text: string): Promise<void>;
  /** The words that the buyer was sent, oldest first. */
  heard(): string[];
  /** Cards about this buyer in a channel, oldest first. */
  cards(channel: string): Message[];
  /** Resolves with this buyer's only card in a channel, once it is there. */
  card(channel: string): Promise<Message>;
};

export type ProductOptions = {
  slackMode?: 'socket' | 'http' | 'sandbox';
  /** False: Slack does not answer until `site.open()`. */
  slackIsOpen?: boolean;
  env?: Record<string, string>;
  understander?: Understander;
};

/** Starts the product on a database of its own. Without a burst window, so that the clock alone says what is due. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const { slackMode = 'http', slackIsOpen = true, env = {}, understander } = options;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const site = await createSlackSite(slackMode === 'http' ? `${url}/slack/events` : undefined);
  if (slackIsOpen) await site.open();
  const dataDir = mkdtempSync(join(tmpdir(), 'baton-product-'));
  const config = readConfig({
    MONGODB_URI: databaseUri(),
    DATA_DIR: dataDir,
    PORT: `${port}`,
    BURST_WINDOW_MS: '0',
    ...(slackMode === 'sandbox' ? {} : site.env),
    ...env,
  });
  let aheadMs = 0;
  const now = () => new Date(Date.now() + aheadMs);
  const log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' });
  const baton = await Baton.create(config, log, { now, ...(understander && { understander }) });
  // Brochures are made when they are asked for: making them ahead would cost every test a second.
  baton.context.portfolio.warm = async () => undefined;
  // The clock is the machine's: what buyers are told must not depend on the hour at which the tests run.
  for (const team of TEAMS)
    await baton.context.models.teams.publish(team, {
      team,
      hours: { 'mon-sun': '00:00-24:00' },
      members: [],
    });
  await baton.start();
  const { sandbox, models, database } = baton.context;
  const phone = () => {
    if (!sandbox) throw new Error('this product has no sandbox phone');
    return sandbox;
  };
  let buyers = 0;
  return {
    baton,
    url,
    models,
    get phone() {
      return phone();
    },
    slack: site.slack,
    site,
    now,
    advance(ms) {
      aheadMs += ms;
    },
    buyer() {
      buyers += 1;
      return makeBuyer(phone(), site.slack, buyers);
    },
    async stop() {
      await database.connection.dropDatabase();
      await baton.destroy();
      await site.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

function makeBuyer(phone: SandboxChannel, slack: LocalSlack, serial: number): Buyer {
  const number = `+919999905${String(serial).padStart(3, '0')}`;
  const name = `Buyer ${String(serial).padStart(3, '0')}`;
  phone.addBuyer(number, name);
  const cards = (channel: string) =>
    slack.messages(channel).filter((message) => !message.threadTs && message.text.endsWith(`: ${name}`));
  return {
    number,
    name,
    cards,
    async write(text) {
      await phone.writeAs(number, text);
    },
    heard: () =>
      phone.transcript(number).flatMap(({ from, body }) => {
        if (from === 'buyer') return [];
        return body.kind === 'file' ? [`[${body.fileName}]`] : body.kind === 'choice' ? [] : [body.text];
      }),
    card: (channel) => until(`a card about ${name}`, () => cards(channel)[0]),
  };
}
