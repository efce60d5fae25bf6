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
  private readonly agenda: Agenda;

  constructor(options: SchedulerOptions) {
    this.options = options;
    this.agenda = new Agenda({
      backend: new MongoBackend({ mongo: options.database, collection: COLLECTION }),
      processEvery: 5_000,
      maxConcurrency: 2,
    });
    // Without a listener an error of the poll would end the process.
    this.agenda.on('error', (error: unknown) => options.log.error({ err: error }, 'the scheduler failed'));
    this.agenda.on('fail', (error: unknown, job: { attrs: { name: string } }) =>
      options.log.error({ err: error, job: job.attrs.name }, 'a recurring job failed'),
    );
  }

  /** Puts the table into force and begins to run it. */
  async start(): Promise<void> {
    await this.agenda.ready;
    for (const each of this.options.recurring) {
      this.agenda.define(each.name, () => this.options.handlers[each.name](), {
        concurrency: 1,
        lockLifetime: each.lockMs,
        backoff: backoffStrategies.exponential({ delay: 60_000, maxRetries: 3 }),
      });
      await this.schedule(each);
    }
    await this.agenda.start();
  }

  /** Lets running jobs end, for at most five seconds, and starts no more. */
  async stop(): Promise<void> {
    await this.agenda.drain(DRAIN_MS);
    await this.agenda.stop(false);
  }

  /**
   * Saving a job that is running would free its lock and run it twice, so an unchanged one is left alone. What
   * must go (a changed schedule, a missed run that is not to be made up for) goes only while it is unlocked.
   */
  private async schedule({ name, cron, stale }: Recurring): Promise<void> {
    const { database, timeZone, now } = this.options;
    const jobs = database.collection(COLLECTION);
    const changed = { $or: [{ repeatInterval: { $ne: cron } }, { repeatTimezone: { $ne: timeZone } }] };
    const missed = { nextRunAt: { $lt: now() } };
    await jobs.deleteMany({
      name,
      lockedAt: null,
      ...(stale === 'skip' ? { $or: [changed, missed] } : changed),
    });
    if (await jobs.findOne({ name })) return;
    await this.agenda.every(cron, name, undefined, { timezone: timeZone, skipImmediate: true });
  }
}
