import { randomUUID } from 'node:crypto';
import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda, backoffStrategies } from 'agenda';
import type { Logger } from 'pino';
import type { JobName, Recurring } from './recurring.ts';

/** What each recurring job does. */
export type JobHandlers = Record<JobName, () => Promise<void>>;

type Database = Extract<ConstructorParameters<typeof MongoBackend>[0], { mongo: unknown }>['mongo'];

export type SchedulerOptions = {
  database: Database;
  recurring: readonly Recurring[];
  handlers: JobHandlers;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

const COLLECTION = 'jobs';
const DRAIN_MS = 5_000;

/** Runs the recurring singletons: once per due time over all processes, by Agenda's locks. */
export class Scheduler {
  private readonly options: SchedulerOptions;
  /** Under which Agenda signs the jobs that it takes. */
  private readonly signature = randomUUID();
  private agenda: Agenda | undefined;

  constructor(options: SchedulerOptions) {
    this.options = options;
  }

  /** Puts the table into force and begins to run it. */
  async start(): Promise<void> {
    // Two processes that start at once must not both enter the same job.
    await this.jobs.createIndex({ name: 1 }, { unique: true });
    const agenda = this.connect();
    this.agenda = agenda;
    await agenda.ready;
    for (const each of this.options.recurring) {
      agenda.define(each.name, () => this.options.handlers[each.name](), {
        concurrency: 1,
        // Else it looks at once for another job of this name, and might take again what stop() gives back.
        lockLimit: 1,
        lockLifetime: each.lockMs,
        backoff: backoffStrategies.exponential({ delay: 60_000, maxRetries: 3 }),
      });
      await this.schedule(agenda, each);
    }
    await agenda.start();
  }

  /** Lets running jobs end, for at most five seconds, and gives back what it took but has not begun. */
  async stop(): Promise<void> {
    if (!this.agenda) return;
    await this.agenda.drain(DRAIN_MS);
    this.agenda = undefined;
    // Agenda takes jobs up to five seconds early; kept, they would be due only when their lock expires.
    const isNotBegun = { $lt: ['$lastRunAt', '$lockedAt'] };
    await this.jobs.updateMany(
      { lastModifiedBy: this.signature, lockedAt: { $ne: null }, $expr: isNotBegun },
      { $set: { lockedAt: null } },
    );
  }

  private get jobs() {
    return this.options.database.collection(COLLECTION);
  }

  private connect(): Agenda {
    const { database, log } = this.options;
    const agenda = new Agenda({
      name: this.signature,
      backend: new MongoBackend({ mongo: database, collection: COLLECTION }),
      processEvery: 5_000,
      maxConcurrency: 2,
    });
    agenda.on('error', (error: unknown) => {
      // A look for due jobs that was under way when the process stopped is cut off with the database.
      if (this.agenda === agenda) log.error({ err: error }, 'the scheduler failed');
    });
    agenda.on('fail', (error: unknown, job: { attrs: { name: string } }) =>
      log.error({ err: error, job: job.attrs.name }, 'a recurring job failed'),
    );
    return agenda;
  }

  /**
   * What must go (a changed schedule, a missed run that is not to be made up for) goes only while it is
   * unlocked, and what is there is never saved: that would free the lock of a running job and run it twice.
   */
  private async schedule(agenda: Agenda, { name, cron, stale }: Recurring): Promise<void> {
    const { timeZone, now } = this.options;
    const changed = { $or: [{ repeatInterval: { $ne: cron } }, { repeatTimezone: { $ne: timeZone } }] };
    const missed = { nextRunAt: { $lt: now() } };
    await this.jobs.deleteMany({
      name,
      lockedAt: null,
      ...(stale === 'skip' ? { $or: [changed, missed] } : changed),
    });
    const { attrs } = agenda.create(name).repeatEvery(cron, { timezone: timeZone, skipImmediate: true });
    const { nextRunAt, repeatInterval, repeatTimezone, priority } = attrs;
    const entry = { type: 'single', nextRunAt, repeatInterval, repeatTimezone, priority, lockedAt: null };
    await this.jobs.updateOne({ name }, { $setOnInsert: entry }, { upsert: true });
  }
}
