import { PassThrough } from 'node:stream';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Collection } from 'mongoose';
import { pino } from 'pino';
import { connectDatabase, type Database } from '../models/connect.ts';
import { type JobHandlers, Scheduler } from '../scheduler/agenda.ts';
import { type JobName, RECURRING, type Recurring } from '../scheduler/recurring.ts';
import { until } from './until.ts';
import { databaseUri } from './world.ts';

/** The real Agenda on the real engine. It looks for due jobs when it starts, and then every five seconds. */

const ZONE = 'Asia/Kolkata';
const YEARLY = '0 0 1 1 *';
const HOUR_MS = 3_600_000;
const LOCK_MS = 60_000;

const job = (name: JobName, stale: Recurring['stale'], cron = YEARLY): Recurring => ({
  name,
  cron,
  stale,
  lockMs: LOCK_MS,
});

/** A record as Agenda keeps it. */
type Job = {
  name: JobName;
  repeatInterval: string;
  repeatTimezone: string;
  nextRunAt: Date | null;
  lockedAt: Date | null;
  lastRunAt: Date | null;
  lastFinishedAt: Date | null;
  failCount: number | null;
};

beforeAll(() => {
  // Agenda goes on watching a job for seconds after its end: that must not keep the whole run of tests waiting.
  const { setTimeout } = globalThis;
  jest.spyOn(globalThis, 'setTimeout').mockImplementation((...args) => setTimeout(...args).unref());
});

const places: Place[] = [];
afterEach(async () => {
  for (const place of places.splice(0)) await place.close();
});

/** A database with the schedulers that run on it, and what their jobs did. */
class Place {
  readonly ran: JobName[] = [];
  readonly logged: { msg: string; job?: string; err?: { message: string } }[] = [];
  private readonly database: Database;
  private readonly started: Scheduler[] = [];

  private constructor(database: Database) {
    this.database = database;
  }

  static async open(): Promise<Place> {
    const log = pino({ level: 'silent' });
    const place = new Place(await connectDatabase({ uri: databaseUri(), dataDir: '', log }));
    places.push(place);
    return place;
  }

  scheduler(
    recurring: readonly Recurring[],
    { handlers = {}, timeZone = ZONE }: { handlers?: Partial<JobHandlers>; timeZone?: string } = {},
  ): Scheduler {
    const { db } = this.database.connection;
    if (!db) throw new Error('the database is not connected');
    const sink = new PassThrough();
    sink.on('data', (line) => this.logged.push(JSON.parse(`${line}`)));
    const noting = (name: JobName) => async () => {
      this.ran.push(name);
      await handlers[name]?.();
    };
    const scheduler = new Scheduler({
      database: db,
      recurring,
      handlers: {
        watchWaiting: noting('watchWaiting'),
        auditDatabase: noting('auditDatabase'),
        validateDatabase: noting('validateDatabase'),
        purgeRejected: noting('purgeRejected'),
        purgeSlackEvents: noting('purgeSlackEvents'),
        restartBrowser: noting('restartBrowser'),
        tidyMedia: noting('tidyMedia'),
      },
      timeZone,
      now: () => new Date(),
      log: pino({ level: 'info' }, sink),
    });
    this.started.push(scheduler);
    return scheduler;
  }

  /** Starts a scheduler and stops it again: the table is in force then. */
  async schedule(recurring: readonly Recurring[]): Promise<void> {
    const scheduler = this.scheduler(recurring);
    await scheduler.start();
    await scheduler.stop();
  }

  get collection(): Collection<Job> {
    return this.database.connection.collection<Job>('jobs') as unknown as Collection<Job>;
  }

  async jobs(): Promise<Job[]> {
    return (await this.collection.find({}, { sort: { name: 1 } }).toArray()) as unknown as Job[];
  }

  async job(name: JobName): Promise<Job> {
    const found = (await this.jobs()).find((each) => each.name === name);
    if (!found) throw new Error(`no job ${name}`);
    return found;
  }

  async alter(name: JobName, change: Partial<Job>): Promise<void> {
    await this.collection.updateOne({ name }, { $set: change });
  }

  async close(): Promise<void> {
    for (const scheduler of this.started) await scheduler.stop();
    await this.database.close();
  }
}

const ago = (ms: number) => new Date(Date.now() - ms);

describe('the table', () => {
  it('names every job once, with a lock that it cannot outlive', () => {
    expect(new Set(RECURRING.map(({ name }) => name)).size).toBe(RECURRING.length);
    for (const { lockMs } of RECURRING) expect(lockMs).toBeGreaterThanOrEqual(60_000);
  });

  it.each(['Asia/Kolkata', 'America/New_York'])('is put into force in the zone %s', async (timeZone) => {
    const place = await Place.open();
    await place.scheduler(RECURRING, { timeZone }).start();
    const jobs = await place.jobs();
    expect(jobs.map(({ name }) => name)).toEqual(RECURRING.map(({ name }) => name).sort());
    for (const { name, cron } of RECURRING) {
      const { repeatInterval, repeatTimezone, nextRunAt } = await place.job(name);
      expect({ repeatInterval, repeatTimezone }).toEqual({ repeatInterval: cron, repeatTimezone: timeZone });
      const [minute = '', hour = ''] = cron.split(' ');
      const clock = nextRunAt?.toLocaleTimeString('en-GB', { timeZone }) ?? '';
      if (/^\d+$/.test(hour)) expect(clock).toBe(`${hour.padStart(2, '0')}:${minute.padStart(2, '0')}:00`);
      expect(nextRunAt?.getTime()).toBeGreaterThan(Date.now() - 1_000);
    }
  });

  it('is there once, however often it is put into force', async () => {
    const place = await Place.open();
    const table = [job('watchWaiting', 'skip'), job('purgeRejected', 'run')];
    await place.schedule(table);
    const first = await place.jobs();
    await place.schedule(table);
    expect(await place.jobs()).toEqual(first);
    expect(first).toHaveLength(2);
  });

  it('is there once when several processes start at once', async () => {
    const place = await Place.open();
    const schedulers = [1, 2, 3, 4].map(() => place.scheduler(RECURRING));
    await Promise.all(schedulers.map((scheduler) => scheduler.start()));
    expect(await place.jobs()).toHaveLength(RECURRING.length);
  });

  it('changes with its cron and with the zone', async () => {
    const place = await Place.open();
    await place.schedule([job('purgeRejected', 'run')]);
    const yearly = await place.job('purgeRejected');
    await place.schedule([job('purgeRejected', 'run', '0 0 1 7 *')]);
    const changed = await place.job('purgeRejected');
    expect(changed.repeatInterval).toBe('0 0 1 7 *');
    expect(changed.nextRunAt).not.toEqual(yearly.nextRunAt);
    await place.scheduler([job('purgeRejected', 'run', '0 0 1 7 *')], { timeZone: 'Asia/Dubai' }).start();
    const moved = await place.job('purgeRejected');
    expect(moved.repeatTimezone).toBe('Asia/Dubai');
    expect((moved.nextRunAt?.getTime() ?? 0) - (changed.nextRunAt?.getTime() ?? 0)).toBe(1.5 * HOUR_MS);
    expect(place.ran).toEqual([]);
  });

  it('leaves a job alone that another process is running', async () => {
    const place = await Place.open();
    await place.schedule([job('watchWaiting', 'skip'), job('purgeRejected', 'run')]);
    const running = { lockedAt: new Date(), lastRunAt: new Date(), nextRunAt: ago(HOUR_MS) };
    await place.alter('watchWaiting', running);
    await place.alter('purgeRejected', running);
    const before = await place.jobs();
    // With a changed cron too: it comes into force at a later start.
    await place.schedule([job('watchWaiting', 'skip'), job('purgeRejected', 'run', '0 0 1 7 *')]);
    expect(await place.jobs()).toEqual(before);
    expect(place.ran).toEqual([]);
  });

  it('is not touched by a process that does not run it', async () => {
    const place = await Place.open();
    await place.scheduler(RECURRING).stop();
    expect(await place.jobs()).toEqual([]);
  });
});

describe('a run that was missed', () => {
  it('is made up for once, or skipped, as the table says', async () => {
    const place = await Place.open();
    const table = [job('watchWaiting', 'skip'), job('purgeRejected', 'run')];
    await place.schedule(table);
    await place.alter('watchWaiting', { nextRunAt: ago(HOUR_MS) });
    await place.alter('purgeRejected', { nextRunAt: ago(HOUR_MS) });
    const scheduler = place.scheduler(table);
    await scheduler.start();
    await until(
      'the missed run is made up for',
      async () => (await place.job('purgeRejected')).lastFinishedAt,
    );
    await scheduler.stop();
    expect(place.ran).toEqual(['purgeRejected']);
    for (const { nextRunAt, lockedAt } of await place.jobs()) {
      expect(nextRunAt?.getTime()).toBeGreaterThan(Date.now());
      expect(lockedAt).toBeNull();
    }
  });

  it('is made up for by one of several processes', async () => {
    const place = await Place.open();
    const table = [job('purgeRejected', 'run')];
    await place.schedule(table);
    await place.alter('purgeRejected', { nextRunAt: ago(HOUR_MS) });
    const schedulers = [1, 2, 3].map(() => place.scheduler(table));
    await Promise.all(schedulers.map((scheduler) => scheduler.start()));
    await until('it has run', async () => (await place.job('purgeRejected')).lastFinishedAt);
    await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
    expect(place.ran).toEqual(['purgeRejected']);
  });
});

describe('a job that fails', () => {
  it('is logged, tried again later, and stops no other', async () => {
    const place = await Place.open();
    const table = [job('auditDatabase', 'run'), job('purgeRejected', 'run')];
    await place.schedule(table);
    await place.alter('auditDatabase', { nextRunAt: ago(2 * HOUR_MS) });
    await place.alter('purgeRejected', { nextRunAt: ago(HOUR_MS) });
    const auditDatabase = async () => {
      throw new Error('the disk is full');
    };
    await place.scheduler(table, { handlers: { auditDatabase } }).start();
    await until('both have ended', async () =>
      (await place.jobs()).every(({ lastFinishedAt, lockedAt }) => lastFinishedAt && !lockedAt),
    );
    expect(place.ran.sort()).toEqual(['auditDatabase', 'purgeRejected']);
    const [failure] = await until('it is logged', () => place.logged.length > 0 && place.logged);
    expect(failure).toMatchObject({ job: 'auditDatabase', err: { message: 'the disk is full' } });
    const { failCount, nextRunAt } = await place.job('auditDatabase');
    expect(failCount).toBe(1);
    expect(nextRunAt?.getTime()).toBeLessThanOrEqual(Date.now() + 60_000);
  });
});

describe('stopping', () => {
  it('waits for the job that is running, and for its record', async () => {
    const place = await Place.open();
    const table = [job('purgeRejected', 'run')];
    await place.schedule(table);
    await place.alter('purgeRejected', { nextRunAt: ago(HOUR_MS) });
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const scheduler = place.scheduler(table, { handlers: { purgeRejected: () => held } });
    await scheduler.start();
    await until('it runs', () => place.ran.length > 0);
    let stopped = false;
    const stopping = scheduler.stop().then(() => {
      stopped = true;
    });
    // Whatever stop() does besides waiting would have come about by now.
    await place.jobs();
    expect(stopped).toBe(false);
    release();
    await stopping;
    const { lastFinishedAt, lockedAt } = await place.job('purgeRejected');
    expect(lastFinishedAt).toBeInstanceOf(Date);
    expect(lockedAt).toBeNull();
  });

  it('frees what was taken early but has not begun, so that the next process runs it in time', async () => {
    const place = await Place.open();
    const table = [job('purgeRejected', 'run')];
    await place.schedule(table);
    await place.alter('purgeRejected', { nextRunAt: new Date(Date.now() + 4_500) });
    const scheduler = place.scheduler(table);
    await scheduler.start();
    await until('it is taken', async () => (await place.job('purgeRejected')).lockedAt);
    await scheduler.stop();
    const freed = await place.job('purgeRejected');
    expect(freed.lockedAt).toBeNull();
    expect(freed.lastRunAt ?? null).toBeNull();
    expect(place.ran).toEqual([]);
  });

  it('twice, or without a start, does nothing', async () => {
    const place = await Place.open();
    const scheduler = place.scheduler([job('purgeRejected', 'run')]);
    await scheduler.stop();
    await scheduler.start();
    await scheduler.stop();
    await scheduler.stop();
    expect(place.logged).toEqual([]);
  });
});
