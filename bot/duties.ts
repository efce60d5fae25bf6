import type { Logger } from 'pino';
import { auditDatabase, countWaiting } from '../models/audit.ts';
import type { Database } from '../models/connect.ts';
import { AppError } from '../models/error.ts';
import type { Models } from '../models/models.ts';
import { Scheduler } from '../scheduler/agenda.ts';
import { RECURRING } from '../scheduler/recurring.ts';
import type { WebChannel } from './channels/web.ts';
import type { Config } from './config.ts';
import type { MediaFetcher } from './media.ts';
import type { Merges } from './merge.ts';
import type { OutageWatch } from './outages.ts';
import type { SweepTask } from './sweep.ts';
import type { Wakeups } from './wakeups.ts';

/** What this process looks for once a second, and what all processes together do by the clock. */

const SWEEP_BATCH = 200;
/** A message that waits longer than its burst can last was left behind by a crash. */
const LEFT_BEHIND_MS = 2_000;
const WAITING_ALARM_MS = 5 * 60_000;
/** Kept for a year: DPDP Rules 2025, r. 8(3), logs and personal data of a breach inquiry, from 2027-05-13. */
const REJECTED_KEPT_DAYS = 365;

export type SweepParts = {
  config: Config;
  models: Models;
  turns: Wakeups;
  caseTurns: Wakeups;
  noticeTurns: Wakeups;
  media: MediaFetcher;
  merges: Merges;
  outages: OutageWatch;
  now: () => Date;
};

/** What is due, by role: conversations and messages for a worker, Slack's debts for an inbox. */
export function sweepTasks(parts: SweepParts): SweepTask[] {
  const { config, models, turns, caseTurns, noticeTurns, media, merges, outages, now } = parts;
  const leftBehindMs = config.burstWindowMs * 4 + LEFT_BEHIND_MS;
  const wakeTurn = (id: string) => turns.wake(id);
  const worker: SweepTask[] = [
    // First: a turn of either of two buyers who are one person must know of both.
    { name: 'merges owed', find: () => merges.findOwed(), wake: wakeTurn },
    { name: 'due conversations', find: () => models.conversations.due(now(), SWEEP_BATCH), wake: wakeTurn },
    {
      name: 'messages left behind',
      find: () => models.inbound.conversationsWaiting(new Date(now().getTime() - leftBehindMs), SWEEP_BATCH),
      wake: wakeTurn,
    },
    {
      name: 'files owed by a channel',
      find: () => models.media.due(now(), SWEEP_BATCH),
      wake: (id) => media.wake(id),
    },
  ];
  const inbox: SweepTask[] = [
    {
      name: 'cases that were not answered in time',
      find: () => models.cases.showOverdue(now(), SWEEP_BATCH),
      wake: (id) => caseTurns.wake(id),
    },
    {
      name: 'cases owed to Slack',
      find: () => models.cases.owedToSlack(now(), SWEEP_BATCH),
      wake: (id) => caseTurns.wake(id),
    },
    {
      name: 'notices owed to Slack',
      find: () => models.notices.teamsOwed(now()),
      wake: (team) => noticeTurns.wake(team),
    },
  ];
  const standing: SweepTask = {
    name: 'how the transports stand',
    find: async () => {
      await outages.look();
      return [];
    },
    wake: () => undefined,
  };
  return [
    standing,
    ...(config.roles.has('worker') ? worker : []),
    ...(config.roles.has('inbox') ? inbox : []),
  ];
}

export type SchedulerParts = {
  config: Config;
  database: Database;
  models: Models;
  media: MediaFetcher;
  /** The paired phone's browser, where there is one. */
  web: WebChannel | undefined;
  now: () => Date;
  log: Logger;
};

/** The recurring singletons with their work. */
export function createScheduler(parts: SchedulerParts): Scheduler {
  const { config, database, models, media, web, now, log } = parts;
  const db = database.connection.db;
  if (!db) throw new AppError('database_closed', 'the database is not connected');
  const ago = (ms: number) => new Date(now().getTime() - ms);
  return new Scheduler({
    database: db,
    recurring: RECURRING,
    timeZone: config.timeZone,
    now,
    log,
    handlers: {
      watchWaiting: async () => {
        const waiting = await countWaiting(models, ago(WAITING_ALARM_MS));
        if (waiting > 0) log.error({ waiting }, 'messages have waited more than five minutes');
      },
      auditDatabase: async () => {
        const findings = await auditDatabase(models, now());
        if (findings.length > 0)
          log.error({ findings: findings.slice(0, 20) }, 'the audit found broken promises');
      },
      validateDatabase: async () => {
        for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
          const { valid } = await db.command({ validate: name });
          if (!valid) log.fatal({ collection: name }, 'a collection is damaged: restore it from a backup');
        }
      },
      purgeRejected: async () => {
        const removed = await models.rejected.purge(ago(REJECTED_KEPT_DAYS * 86_400_000));
        log.info({ removed }, 'old unreadable payloads removed');
      },
      restartBrowser: async () => {
        await web?.restart('nightly');
      },
      tidyMedia: async () => {
        const removed = await media.tidy();
        if (removed > 0) log.info({ removed }, 'files that broken downloads left behind were removed');
      },
    },
  });
}
