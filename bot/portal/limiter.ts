type Count = { used: number; until: number };

/** More are never at work at once; the oldest is forgotten, so that trying costs us no memory. */
const MOST_KEYS = 10_000;

/** How often somebody may do something within a stretch of time, in this process. */
export class Limiter {
  private readonly most: number;
  private readonly withinMs: number;
  private readonly counts = new Map<string, Count>();

  constructor(most: number, withinMs: number) {
    this.most = most;
    this.withinMs = withinMs;
  }

  /** Counts one more for `key`; false when that is too often. */
  take(key: string, now: Date): boolean {
    const atMs = now.getTime();
    const known = this.counts.get(key);
    const count = known && known.until > atMs ? known : { used: 0, until: atMs + this.withinMs };
    count.used += 1;
    this.counts.delete(key);
    this.counts.set(key, count);
    const [oldest] = this.counts.keys();
    if (this.counts.size > MOST_KEYS && oldest !== undefined) this.counts.delete(oldest);
    return count.used <= this.most;
  }
}
