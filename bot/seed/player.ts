import type { Context } from '../context.ts';
import { Sweep } from '../sweep.ts';

/** What somebody does, step by step; what is yielded are milliseconds until the next step. */
export type Story = AsyncGenerator<number, void>;

/** A clock that a player moves, and everything else reads. */
export type Clock = { now: Date };

type Running = { story: Story; at: Date };

/** Everything that is due is looked at so often, if nothing is known to be due sooner. */
const LONGEST_LEAP_MS = 12 * 3_600_000;
/** What is due, but waits for something else, is looked at again after this. */
const LEAST_LEAP_MS = 60_000;

/** Plays many stories at once on the real product, under a clock of its own: months pass in a minute. */
export class Player {
  private readonly context: Context;
  private readonly clock: Clock;
  private readonly longestLeapMs: number;
  private readonly sweep: Sweep;

  constructor(context: Context, clock: Clock, longestLeapMs: number = LONGEST_LEAP_MS) {
    this.context = context;
    this.clock = clock;
    this.longestLeapMs = longestLeapMs;
    this.sweep = new Sweep(context.sweepTasks, context.log);
  }

  /** Plays every story from its beginning to its end or to `until`, each step at its time; then time is `until`. */
  async play(stories: Running[], until: Date, onDay: (day: Date) => void = () => undefined): Promise<void> {
    const running = [...stories];
    for (;;) {
      running.sort((one, other) => one.at.getTime() - other.at.getTime());
      const next = running[0];
      if (!next || next.at > until) break;
      await this.passTo(next.at, onDay);
      const step = await next.story.next();
      await this.rest();
      if (step.done) running.shift();
      else next.at = new Date(this.clock.now.getTime() + step.value);
    }
    await this.passTo(until, onDay);
  }

  /** Lets time pass to `to`; what becomes due on the way happens at its moment. */
  async passTo(to: Date, onDay: (day: Date) => void = () => undefined): Promise<void> {
    while (this.clock.now < to) {
      const before = this.clock.now;
      const at = Math.min(await this.nextMomentMs(), to.getTime());
      this.clock.now = new Date(Math.max(at, Math.min(before.getTime() + LEAST_LEAP_MS, to.getTime())));
      if (before.toISOString().slice(0, 10) !== this.clock.now.toISOString().slice(0, 10))
        onDay(this.clock.now);
      await this.sweep.once();
      await this.rest();
    }
  }

  /** Resolves when everything that was woken has come to rest. */
  async rest(): Promise<void> {
    const { media, campaignTurns, turns } = this.context;
    await media.idle();
    await campaignTurns.idle();
    await turns.idle();
  }

  private async nextMomentMs(): Promise<number> {
    const { model } = this.context.models.conversations;
    const next = await model
      .findOne({ dueAt: { $exists: true, $gt: this.clock.now } }, { dueAt: 1 })
      .sort({ dueAt: 1 })
      .lean<{ dueAt: Date }>();
    const leapMs = this.clock.now.getTime() + this.longestLeapMs;
    return Math.min(next?.dueAt.getTime() ?? leapMs, leapMs);
  }
}
