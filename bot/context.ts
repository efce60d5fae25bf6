import { randomUUID } from 'node:crypto';
import type { Router } from 'express';
import type { Logger } from 'pino';
import type { Team } from '../flows/types.ts';
import { createDesk } from '../inbox/desk/desk.ts';
import type { LocalSlack } from '../inbox/sandbox/localSlack.ts';
import { type InboxParts, SlackInbox } from '../inbox/slack/app.ts';
import { connectDatabase, type Database } from '../models/connect.ts';
import { nameInstance } from '../models/instance.ts';
import { buildIndexes, createModels, type Models } from '../models/models.ts';
import type { Scheduler } from '../scheduler/agenda.ts';
import { Answers } from './answers.ts';
import { factsOfCase } from './caseFacts.ts';
import type { Config } from './config.ts';
import { Deliveries } from './deliveries.ts';
import { DEMO_PROJECT } from './demo.ts';
import { createScheduler, sweepTasks } from './duties.ts';
import { Echoes } from './echoes.ts';
import { Effects } from './effects.ts';
import { Gateway } from './gateway.ts';
import { Limits } from './limits.ts';
import { LINE_NAME, Lines } from './lines.ts';
import { MediaFetcher } from './media.ts';
import { Merges } from './merge.ts';
import { Metrics } from './metrics.ts';
import { Announcer } from './notices.ts';
import { OutageWatch } from './outages.ts';
import { Portfolio } from './portfolio.ts';
import { Receiver } from './receive.ts';
import type { SweepTask } from './sweep.ts';
import { type Channels, createChannels, createSlack } from './transports.ts';
import { Turns } from './turn.ts';
import { createCascade } from './understand/cascade.ts';
import { createLocalUnderstander } from './understand/local.ts';
import { loadTaughtModel } from './understand/model.ts';
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
  /** The managers' pages. */
  desk: Router;
  gateway: Gateway;
  receiver: Receiver;
  deliveries: Deliveries;
  echoes: Echoes;
  media: MediaFetcher;
  turns: Wakeups;
  caseTurns: Wakeups;
  noticeTurns: Wakeups;
  merges: Merges;
  outages: OutageWatch;
  /** Tells people of a trouble, at most once per key and day. */
  alert: (key: string, text: string) => void;
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
  const transports =
    overrides.channels ?? (await createChannels({ config, log, models, metrics, now, newId }));
  const channels = new Map(transports.channels.map((channel) => [channel.id, channel]));
  const portfolio = new Portfolio(models.projects, models.visits, config.timeZone, log);
  const understander = overrides.understander ?? (await createUnderstander(config, metrics, now, log));

  // Without the inbox role another process tells Slack; it finds the debt by its own sweep.
  const caseChanged = (id: string) => {
    if (config.roles.has('inbox')) caseTurns.wake(id);
  };
  const turns = new Wakeups((id) => merges.take(id), log);
  const caseTurns = new Wakeups((id) => inbox.tell(id), log);
  const noticeTurns = new Wakeups((team) => inbox.tellTeam(team as Team), log);
  const turn: Turns = new Turns({
    ...models,
    portfolio,
    understander,
    perform: (id) => effects.perform(id),
    wakeAfter: (id, delayMs) => turns.wakeAfter(id, delayMs),
    isLate: (record) => outages.isLate(record),
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
  const announcer = new Announcer({
    notices: models.notices,
    noticeRaised: (team) => {
      if (config.roles.has('inbox')) noticeTurns.wake(team);
    },
    timeZone: config.timeZone,
    now,
    log,
  });
  const alert = (key: string, text: string) => {
    log.error({ alert: key }, text);
    void announcer.alert(key, text);
  };
  const lines = new Lines({ channels, alert, onHeld: metrics.held.bind(metrics), now, log });
  const limits = new Limits({
    sends: models.sends,
    config: config.limits,
    onSpam: (channel) => {
      metrics.sent('spam', 0);
      const name = LINE_NAME[channels.get(channel)?.kind ?? 'cloud'];
      alert(`spam:${channel}`, `Buyers have reported messages of ${name}: reminders pause for an hour.`);
    },
  });
  const effects = new Effects({
    models,
    channels,
    lines,
    limits,
    failoverMs: config.failoverSeconds * 1_000,
    portfolio,
    contextOf: shared.contextOf,
    caseChanged,
    onSend: metrics.sent.bind(metrics),
    timeZone: config.timeZone,
    now,
    log,
  });
  const media = new MediaFetcher({
    ...models,
    channels,
    contextOf: shared.contextOf,
    wake: shared.wake,
    onAttempt: metrics.fetched.bind(metrics),
    maxBytes: config.mediaMaxBytes,
    instance,
    now,
    newId: randomUUID,
    log,
  });
  const line = transports.channels[0].id;
  const merges: Merges = new Merges({
    ...shared,
    models,
    line,
    takeTurn: (id) => turn.take(id),
    forget: (buyer) => receiver.forget(buyer),
  });
  const receiver = new Receiver({
    ...models,
    line,
    wake: shared.wake,
    onMerged: (absorbed, into) => merges.owe(absorbed, into),
    onStored: metrics.stored.bind(metrics),
    oweMedia: async (record, content) => {
      await media.owe(record, content);
      if (config.roles.has('worker')) media.wake(record._id);
    },
    now,
    newId,
  });
  const echoes = new Echoes({
    ...shared,
    conversationOf: receiver.conversationOf.bind(receiver),
    timeZone: config.timeZone,
  });
  const deliveries = new Deliveries({
    ...shared,
    channels,
    limits,
    learnHandles: (from, alsoKnownAs) => receiver.conversationOf({ from, alsoKnownAs }),
  });
  const outages: OutageWatch = new OutageWatch({
    ...shared,
    channels: transports.channels,
    isGateway: config.roles.has('gateway'),
    receive: (channel, messages) => gateway.receive(channel, messages),
    echoed: (channel, taken) => echoes.take(channel.id, taken),
    raise: (key, team, text) => announcer.raise(key, team, text),
    alert,
    staleAfterMs: config.staleAfterMinutes * 60_000,
    timeZone: config.timeZone,
  });
  const gateway = new Gateway({
    channels: transports.channels,
    receiver,
    deliveries,
    outages,
    echoed: (channel, taken) => echoes.take(channel.id, taken),
    stateChanged: (channel, health) => {
      lines.look(channel);
      outages.stateChanged(channel, health);
    },
  });
  const slack = createSlack(config, log, now);
  const projectName = async (slug: string) => (await portfolio.project(slug, now()))?.name ?? slug;
  const inbox = new SlackInbox({
    ...models,
    slack: slack.options,
    actions: new Answers(shared),
    factsOf: (found) => factsOfCase({ models, projectName, now }, found),
    notices: models.notices,
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
    desk: createDesk({
      transports: () =>
        transports.channels.map((channel) => {
          const { health, since } = lines.look(channel);
          return { id: channel.id, kind: channel.kind, health, since };
        }),
      pairing: transports.web,
      password: config.deskPassword,
      now,
      log,
    }),
    gateway,
    receiver,
    deliveries,
    echoes,
    media,
    portfolio,
    decisionContext: shared.contextOf,
    turns,
    caseTurns,
    noticeTurns,
    merges,
    outages,
    alert,
    sweepTasks: sweepTasks({ config, models, turns, caseTurns, noticeTurns, media, merges, outages, now }),
    scheduler: createScheduler({ config, database, models, media, web: transports.web, now, log }),
  };
}

/** Our own classifier, with a model behind it where one is configured. */
async function createUnderstander(
  config: Config,
  metrics: Metrics,
  now: () => Date,
  log: Logger,
): Promise<Understander> {
  const { model, stale } = loadTaughtModel(config.dataDir);
  if (stale)
    log.warn(
      'the model with the corrections was made by another version: run npm run train -- --corrections',
    );
  const local = createLocalUnderstander(model);
  if (!config.openai) return local;
  // The client takes most of a second to load: only who has a model waits for it.
  const { OpenAiReader } = await import('./understand/openai.ts');
  const onCall = metrics.asked.bind(metrics);
  return createCascade({ local, model: new OpenAiReader({ ...config.openai, onCall, now, log }) });
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
