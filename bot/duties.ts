import type { Logger } from 'pino';
import type { SlackInbox } from '../inbox/slack/app.ts';
import { auditDatabase, countWaiting } from '../models/audit.ts';
import type { Database } from '../models/connect.ts';
import { AppError } from '../models/error.ts';
import type { Models } from '../models/models.ts';
import { healMoney } from '../models/moneyHealing.ts';
import { Scheduler } from '../scheduler/agenda.ts';
import { RECURRING } from '../scheduler/recurring.ts';
import type { WebChannel } from './channels/web.ts';
import type { Config } from './config.ts';
import type { Vault } from './documents/vault.ts';
import type { Erasures } from './erasure.ts';
import type { MediaFetcher } from './media.ts';
import type { Merges } from './merge.ts';
import type { Nudges } from './nudging.ts';
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

/** Slack delivers again for an hour at most; the rest is for looking into a trouble. */
const SLACK_EVENTS_KEPT_DAYS = 7;

export type SweepParts = {
  config: Config;
  models: Models;
  turns: Wakeups;
  caseTurns: Wakeups;
  noticeTurns: Wakeups;
  homeTurns: Wakeups;
  nudges: Nudges;
  replyTurns: Wakeups;
  handOnTurns: Wakeups;
  showTurns: Wakeups;
  inbox: SlackInbox;
  media: MediaFetcher;
  merges: Merges;
  erasures: Pick<Erasures, 'owed'>;
  erasureTurns: Wakeups;
  outages: OutageWatch;
  now: () => Date;
};

/** What is due, by role: conversations and messages for a worker, Slack's debts for an inbox. */
export function sweepTasks(parts: SweepParts): SweepTask[] {
  const { config, models, turns, caseTurns, noticeTurns, homeTurns, nudges, media, merges, outages, now } =
    parts;
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
    {
      name: 'erasures under way',
      find: () => parts.erasures.owed(),
      wake: (buyer) => parts.erasureTurns.wake(buyer),
    },
    {
      name: 'bookings and accounts left half written',
      find: async () => {
        await healMoney(models, now(), new Date(now().getTime() - LEFT_BEHIND_MS), SWEEP_BATCH);
        return [];
      },
      wake: () => undefined,
    },
  ];
  const inbox: SweepTask[] = [
    // First: what it makes owed to Slack is found by the others.
    {
      name: 'cases that wait for an answer',
      find: () => nudges.look(),
      wake: (team) => noticeTurns.wake(team),
    },
    ...threadTasks(parts),
    {
      name: 'cases owed to Slack',
      find: () => models.cases.owedToSlack(now()),
      wake: (id) => caseTurns.wake(id),
    },
    {
      name: 'notices owed to Slack',
      find: () => models.notices.teamsOwed(now()),
      wake: (team) => noticeTurns.wake(team),
    },
    {
      name: 'Home tabs to be looked at',
      find: () => models.homes.due(now(), SWEEP_BATCH),
      wake: (user) => homeTurns.wake(user),
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

/** What people wrote and dropped in threads, and what is shown there. */
function threadTasks(parts: SweepParts): SweepTask[] {
  const { models, inbox, replyTurns, handOnTurns, showTurns, now } = parts;
  return [
    { name: 'unhandled input from Slack', find: () => inbox.inputDue(), wake: (id) => inbox.wakeInput(id) },
    {
      name: 'windows that closed',
      find: () => models.cases.closeWindows(now(), SWEEP_BATCH),
      wake: (id) => parts.caseTurns.wake(id),
    },
    {
      name: 'states of replies owed to Slack',
      find: () => models.replies.toTell(now(), SWEEP_BATCH),
      wake: (id) => replyTurns.wake(id),
    },
    {
      name: 'files of the team owed to buyers',
      find: () => models.replies.messagesToFetch(now(), SWEEP_BATCH),
      wake: (message) => handOnTurns.wake(message),
    },
    {
      name: 'files of buyers owed to Slack',
      find: () => models.media.conversationsToShow(now(), SWEEP_BATCH),
      wake: (conversation) => showTurns.wake(conversation),
    },
  ];
}

export type SchedulerParts = {
  config: Config;
  database: Database;
  models: Models;
  media: MediaFetcher;
  vault: Vault;
  /** The paired phone's browser, where there is one. */
  web: WebChannel | undefined;
  now: () => Date;
  log: Logger;
};

/** The recurring singletons with their work. */
export function createScheduler(parts: SchedulerParts): Scheduler {
  const { config, database, models, media, vault, web, now, log } = parts;
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
      purgeSlackEvents: async () => {
        const removed = await models.slackEvents.purge(ago(SLACK_EVENTS_KEPT_DAYS * 86_400_000));
        log.info({ removed }, 'old input from Slack removed');
      },
      restartBrowser: async () => {
        await web?.restart('nightly');
      },
      tidyMedia: async () => {
        const removed = await media.tidy();
        if (removed > 0) log.info({ removed }, 'files that broken downloads left behind were removed');
        const tidied = await vault.tidy();
        if (tidied > 0) log.info({ tidied }, 'what broken uploads to the vault left behind was removed');
      },
    },
  });
}
