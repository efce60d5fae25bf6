import type { Logger } from 'pino';

/**
 * One chain per key: `work` never runs twice at a time for the same key, and a wake during its run makes it
 * run once more. This is the order within the process; across processes the revision keeps it.
 */
export class Wakeups {
  private readonly work: (key: string) => Promise<void>;
  private readonly log: Logger;
  private readonly running = new Map<string, Promise<void>>();
  private readonly again = new Set<string>();
  private readonly timers = new Map<string, { at: number; timer: NodeJS.Timeout }>();
  private stopped = false;

  constructor(work: (key: string) => Promise<void>, log: Logger) {
    this.work = work;
    this.log = log;
  }

  /** Runs the work for `key` soon. */
  wake(key: string): void {
    if (this.stopped) return;
    if (this.running.has(key)) {
      this.again.add(key);
      return;
    }
    const run = this.run(key);
    this.running.set(key, run);
  }

  /** Runs the work for `key` at `at`; a later date for the same key replaces an earlier one. */
  wakeAt(key: string, at: Date): void {
    if (this.stopped) return;
    const known = this.timers.get(key);
    if (known) clearTimeout(known.timer);
    const timer = setTimeout(
      () => {
        this.timers.delete(key);
        this.wake(key);
      },
      Math.max(0, at.getTime() - Date.now()),
    );
    this.timers.set(key, { at: at.getTime(), timer });
  }

  /** How many keys are being worked on or wait for their time. */
  get busy(): number {
    return this.running.size + this.timers.size;
  }

  /** Resolves when nothing runs and nothing waits for its time. */
  async idle(): Promise<void> {
    while (this.busy > 0) {
      await Promise.all(this.running.values());
      await new Promise((resolve) => setImmediate(resolve));
      if (this.running.size === 0 && this.timers.size > 0) {
        const next = Math.min(...[...this.timers.values()].map(({ at }) => at));
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - Date.now())));
      }
    }
  }

  /** Takes no more work and resolves when what runs has ended; what waits is left to the next start. */
  async drain(): Promise<void> {
    this.stopped = true;
    for (const { timer } of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    await Promise.all(this.running.values());
  }

  private async run(key: string): Promise<void> {
    do {
      this.again.delete(key);
      try {
        await this.work(key);
      } catch (error) {
        // The sweep finds it again; nothing was lost.
        this.log.error({ err: error, conversation: key }, 'work failed and will be tried again');
      }
    } while (this.again.has(key) && !this.stopped);
    this.running.delete(key);
  }
}
