import type { Logger } from 'pino';

/** One thing to look for: returns keys of which something is due, at most a batch. */
export type SweepTask = { name: string; find: () => Promise<string[]>; wake: (key: string) => void };

const EVERY_MS = 1_000;

/**
 * The safety net under the in-process wake-up: once a second, by index, whatever is due is woken. After a
 * crash this is how everything unfinished goes on.
 */
export class Sweep {
  private readonly tasks: SweepTask[];
  private readonly log: Logger;
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> = Promise.resolve();
  private failing = false;

  constructor(tasks: SweepTask[], log: Logger) {
    this.tasks = tasks;
    this.log = log;
  }

  start(): void {
    const next = () => {
      this.timer = setTimeout(() => {
        this.current = this.once().then(next);
      }, EVERY_MS);
    };
    this.current = this.once().then(next);
  }

  /** Looks once through everything. */
  async once(): Promise<void> {
    for (const { name, find, wake } of this.tasks) {
      try {
        for (const key of await find()) wake(key);
        this.failing = false;
      } catch (error) {
        if (!this.failing) this.log.error({ err: error, task: name }, 'sweep failed, going on');
        this.failing = true;
      }
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.current;
    clearTimeout(this.timer);
  }
}
