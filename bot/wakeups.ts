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
  private readonly timers = new Map<string, NodeJS.Timeout>();
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

  /** Runs the work for `key` after a while; a later call for the same key replaces an earlier one. */
  wakeAfter(key: string, delayMs: number): void {
    if (this.stopped) return;
    clearTimeout(this.timers.get(key));
    const timer = setTimeout(() => {
      this.timers.delete(key);
      this.wake(key);
    }, delayMs);
    this.timers.set(key, timer);
  }

  /** Resolves when nothing runs and nothing waits for its time. */
  async idle(): Promise<void> {
    while (this.running.size + this.timers.size > 0) {
      await Promise.all(this.running.values());
      await new Promise((resolve) => setTimeout(resolve, this.timers.size > 0 ? 5 : 0));
    }
  }

  /** Takes no more work and resolves when what runs has ended; what waits is left to the next start. */
  async drain(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    await Promise.all(this.running.values());
  }

  private async run(key: string): Promise<void> {
    do {
      this.again.delete(key);
      // What this run finds it has to wait for, it says again.
      clearTimeout(this.timers.get(key));
      this.timers.delete(key);
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
