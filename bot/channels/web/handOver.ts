import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ChannelEvents, DeliveryReport, Echo, Inbound } from '../channel.ts';

type Handlers = Pick<ChannelEvents, 'inbound' | 'echo' | 'delivery'>;

type Event = Inbound | Echo | DeliveryReport;

/** What happened, once it is known in full; undefined when it turned out to be none of our business. */
type Item = { kind: keyof Handlers; of: Promise<Event | undefined> };

const MOST_AT_ONCE = 100;

/** Hands events to the application: in order, awaited, and again until it has taken them. */
export class HandOver {
  readonly #handlers: Handlers;
  readonly #againMs: { least: number; most: number };
  readonly #log: Logger;
  readonly #waiting: Item[] = [];
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;

  constructor(handlers: Handlers, againMs: { least: number; most: number }, log: Logger) {
    this.#handlers = handlers;
    this.#againMs = againMs;
    this.#log = log;
  }

  inbound(of: Promise<Inbound | undefined>): void {
    this.#add('inbound', of);
  }

  echo(of: Promise<Echo | undefined>): void {
    this.#add('echo', of);
  }

  delivery(report: DeliveryReport): void {
    this.#add('delivery', Promise.resolve(report));
  }

  /** Ends after the attempt under way. What was not taken is found by the next backfill. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  #add(kind: Item['kind'], event: Promise<Event | undefined>): void {
    if (this.#stopped.signal.aborted) return;
    const of = event.catch((error: unknown) => {
      this.#log.error({ err: error }, 'an event of WhatsApp could not be read');
      return undefined;
    });
    this.#waiting.push({ kind, of });
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (this.#waiting.length > 0 && !this.#stopped.signal.aborted) {
      const batch = this.#nextBatch();
      try {
        await this.#give(batch);
        this.#waiting.splice(0, batch.length);
        failures = 0;
      } catch (error) {
        if (failures === 0)
          this.#log.error({ err: error }, 'events of WhatsApp wait: they could not be taken in');
        await this.#restAfter(failures++);
      }
    }
    this.#running = undefined;
  }

  /** What waits in front and is of one kind. */
  #nextBatch(): Item[] {
    const other = this.#waiting.findIndex(({ kind }) => kind !== this.#waiting[0]?.kind);
    return this.#waiting.slice(0, Math.min(other < 0 ? MOST_AT_ONCE : other, MOST_AT_ONCE));
  }

  async #give(batch: Item[]): Promise<void> {
    const events = await Promise.all(batch.map(({ of }) => of));
    const known = events.filter((event) => event !== undefined);
    const handler = this.#handlers[batch[0]?.kind ?? 'inbound'] as (events: Event[]) => Promise<void>;
    if (known.length > 0) await handler(known);
  }

  async #restAfter(failures: number): Promise<void> {
    const { least, most } = this.#againMs;
    const { signal } = this.#stopped;
    await delay(Math.min(least * 2 ** failures, most), undefined, { signal }).catch(() => undefined);
  }
}
