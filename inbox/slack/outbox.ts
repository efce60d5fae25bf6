import type { SlackAlarm } from './alarm.ts';
import { Lines } from './lines.ts';
import type { Pace } from './pace.ts';
import type { Failure } from './posts.ts';

/** What became of one call of Slack; `unchanged`: it was not needed. `elsewhere`: another process is at it. */
export type Told = 'done' | 'unchanged' | 'elsewhere' | Failure;

/** One message that is owed to a channel. `tell` keeps its own record, also of a failure. */
export type Posting = { channel: string; tell(): Promise<Told> };

/** One kind of posting: the next that is due in a channel, or undefined. */
export type Lane = (channel: string) => Promise<Posting | undefined>;

/** The next message of any channel that shows something outdated, or how long until there is one. */
export type Updates = () => Promise<Posting | { waitMs: number } | undefined>;

export type OutboxParts = {
  pace: Pace;
  alarm: SlackAlarm;
  lanes: Lane[];
  updates: Updates;
  /** Whether this process is the one that tells the workspace, as the limits need. */
  isTeller: () => Promise<boolean>;
  /** Calls `empty` with this key again, that much later. */
  wakeAfter: (key: string, delayMs: number) => void;
  now: () => Date;
};

/** The key for outdated messages of all channels, whose limit is the workspace's; no channel is called so. */
const UPDATES = 'updates';

/**
 * Gives each channel what it is owed, at Slack's pace and one at a time: the kinds of posting in turn, so that none
 * keeps another waiting, and outdated cards after what is new. What has to wait is woken again, or found by the
 * sweep; nothing waits here.
 */
export class Outbox {
  private readonly parts: OutboxParts;
  private readonly lines = new Lines();
  private readonly waiting = new Map<string, Promise<void>>();
  /** By channel, the lane that had its turn last. */
  private readonly served = new Map<string, Lane>();

  constructor(parts: OutboxParts) {
    this.parts = parts;
  }

  /** Tells a channel everything that may go now, then updates whatever may be updated. */
  async empty(key: string): Promise<void> {
    if (key !== UPDATES) await this.inLine(key, () => this.post(key));
    await this.inLine(UPDATES, () => this.update());
  }

  /** A run that has not begun yet serves everyone who asks for it. */
  private inLine(key: string, work: () => Promise<void>): Promise<void> {
    const known = this.waiting.get(key);
    if (known) return known;
    const run = this.lines.run(key, async () => {
      await Promise.resolve();
      this.waiting.delete(key);
      await work();
    });
    this.waiting.set(key, run);
    return run;
  }

  private async post(channel: string): Promise<void> {
    const { pace, wakeAfter, isTeller } = this.parts;
    while (!pace.isLeftAlone(channel) && (await isTeller())) {
      const waitMs = pace.waitToPost(channel);
      if (waitMs > 0) return wakeAfter(channel, waitMs);
      const next = await this.nextPosting(channel);
      if (!next) return;
      pace.post(channel);
      if (!(await this.tell(next))) return;
    }
  }

  /** The lane after the one that was served last comes first. */
  private async nextPosting(channel: string): Promise<Posting | undefined> {
    const { lanes } = this.parts;
    const last = this.served.get(channel);
    const from = last ? lanes.indexOf(last) + 1 : 0;
    for (const lane of [...lanes.slice(from), ...lanes.slice(0, from)]) {
      const next = await lane(channel);
      if (!next) continue;
      this.served.set(channel, lane);
      return next;
    }
    return undefined;
  }

  private async update(): Promise<void> {
    const { pace, updates, wakeAfter, isTeller } = this.parts;
    while (await isTeller()) {
      const waitMs = pace.waitToUpdate();
      if (waitMs > 0) return wakeAfter(UPDATES, waitMs);
      const next = await updates();
      if (!next) return;
      if ('waitMs' in next) return wakeAfter(UPDATES, next.waitMs);
      pace.update();
      // A channel that is left alone now has no part in what comes next.
      if (!(await this.tell(next)) && !pace.isLeftAlone(next.channel)) return;
    }
  }

  /** False when this channel gets nothing more for now. */
  private async tell({ channel, tell }: Posting): Promise<boolean> {
    const { pace, alarm, now } = this.parts;
    const told = await tell();
    if (told === 'elsewhere') return false;
    if (told === 'unchanged') {
      pace.notUpdated();
      return true;
    }
    if (told === 'done') {
      await alarm.clear();
      return true;
    }
    if (told.isOnlyThis) return true;
    pace.leaveAlone(channel, new Date(now().getTime() + told.retryAfterMs));
    if (told.isOutage) await alarm.raise(told.reason);
    return false;
  }
}
