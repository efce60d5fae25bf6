import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { LocalSlack } from '../inbox/sandbox/localSlack.ts';
import { type InboxParts, SlackInbox } from '../inbox/slack/app.ts';
import { connectDatabase, type Database } from '../models/connect.ts';
import { nameInstance } from '../models/instance.ts';
import { buildIndexes, createModels, type Models } from '../models/models.ts';
import type { Scheduler } from '../scheduler/agenda.ts';
import { Answers } from './answers.ts';
import type { Config } from './config.ts';
import { Deliveries } from './deliveries.ts';
import { DEMO_PROJECT } from './demo.ts';
import { createScheduler, sweepTasks } from './duties.ts';
import { Effects } from './effects.ts';
import { Gateway } from './gateway.ts';
import { Metrics } from './metrics.ts';
import { Portfolio } from './portfolio.ts';
import { Receiver } from './receive.ts';
import type { SweepTask } from './sweep.ts';
import { type Channels, createChannels, createSlack } from './transports.ts';
import { Turns } from './turn.ts';
import { createLocalUnderstander } from './understand/local.ts';
import type { Understander } from './understand/understander.ts';
import { Wakeups } from './wakeups.ts';

/** Everything of one running process, made once and handed to whoever needs it. */
export type Context = Channels & {
  config: Config;
  log: Logger;
  database: Database;
  models: Models;
  metrics: Metrics;
  localSlack: LocalSlack | undefined;
  inbox: SlackInbox;
  gateway: Gateway;
  receiver: Receiver;
  deliveries: Deliveries;
  turns: Wakeups;
  caseTurns: Wakeups;
  portfolio: Portfolio;
  /** What a decision about a conversation may know. */
  decisionContext: Turns['context'];
  sweepTasks: SweepTask[];
  scheduler: Scheduler;
};

/** Parts a test replaces: time, ids, what a model would say, a database it watches, a transport it shares. */
export type Overrides = {
  now?: () => Date;
  newId?: () => string;
  understander?: Understander;
  database?: Database;
  channels?: Channels;
};

/** Connects the database and makes every part; nothing runs or listens yet. */
export async function createContext(
  config: Config,
  log: Logger,
  overrides: Overrides = {},
): Promise<Context> {
  const now = overrides.now ?? (() => new Date());
  const newId = overrides.newId ?? randomUUID;
  const instance = nameInstance(randomUUID());
  const database =
    overrides.database ?? (await connectDatabase({ uri: config.mongodbUri, dataDir: config.dataDir, log }));
  const models = createModels(database.connection, instance);
  const metrics = new Metrics();
  const transports = overrides.channels ?? createChannels({ config, log, models, metrics, now, newId });
  const channels = new Map(transports.channels.map((channel) => [channel.id, channel]));
  const portfolio = new Portfolio(models.projects, models.visits, config.timeZone, log);
  const understander = overrides.understander ?? createLocalUnderstander();

  // Without the inbox role another process tells Slack; it finds the debt by its own sweep.
  const caseChanged = (id: string) => {
    if (config.roles.has('inbox')) caseTurns.wake(id);
  };
  const turns = new Wakeups((id) => turn.take(id), log);
  const caseTurns = new Wakeups((id) => inbox.tell(id), log);
  const turn: Turns = new Turns({
    ...models,
    portfolio,
    understander,
    perform: (id) => effects.perform(id),
    wakeAfter: (id, delayMs) => turns.wakeAfter(id, delayMs),
    showReading: (channel, key) => void channels.get(channel)?.markRead(key, true),
    burstWindowMs: config.burstWindowMs,
    timeZone: config.timeZone,
    now,
    log,
  });
  const shared = {
    ...models,
    contextOf: turn.context.bind(turn),
    wake: (id: string) => {
      if (config.roles.has('worker')) turns.wake(id);
    },
    now,
    log,
  };
  const effects = new Effects({
    models,
    channels,
    portfolio,
    contextOf: shared.contextOf,
    caseChanged,
    onSend: metrics.sent.bind(metrics),
    timeZone: config.timeZone,
    now,
    log,
  });
  const receiver = new Receiver({
    ...models,
    line: transports.channels[0].id,
    wake: shared.wake,
    onStored: metrics.stored.bind(metrics),
    now,
    newId,
  });
  const deliveries = new Deliveries(shared);
  const slack = createSlack(config, log, now);
  const inbox = new SlackInbox({
    ...models,
    slack: slack.options,
    actions: new Answers(shared),
    caseChanged,
    instance,
    timeZone: config.timeZone,
    now,
    log,
  } satisfies InboxParts);

  return {
    config,
    log,
    database,
    models,
    metrics,
    ...transports,
    localSlack: slack.local,
    inbox,
    gateway: new Gateway({
      channels: transports.channels,
      receiver,
      deliveries,
      echoed: async () => undefined,
      stateChanged: () => undefined,
    }),
    receiver,
    deliveries,
    portfolio,
    decisionContext: shared.contextOf,
    turns,
    caseTurns,
    sweepTasks: sweepTasks({ config, models, turns, caseTurns, now }),
    scheduler: createScheduler({ config, database, models, now, log }),
  };
}

/**
 * Prepares an empty or older database: indexes, and the demo project while nothing else is on sale, so that a
 * new installation answers from its first minute.
 */
export async function prepareDatabase({ models, log }: Context): Promise<void> {
  await buildIndexes(models);
  if ((await models.projects.onSale()).length > 0) return;
  await models.projects.publish(DEMO_PROJECT.slug, DEMO_PROJECT);
  log.warn(
    'no project is on sale: the demo project stands in until you run npm run project -- publish <file>',
  );
}
