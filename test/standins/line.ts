import { pino } from 'pino';
import {
  ChannelError,
  type ChannelEvents,
  type Delivery,
  type Echo,
  type Health,
  type Inbound,
  type Outbound,
} from '../../bot/channels/channel.ts';
import { SandboxChannel } from '../../bot/channels/sandbox/sandboxChannel.ts';

type Written = { kind: 'inbound'; message: Inbound } | { kind: 'echo'; message: Echo };

/**
 * A transport of whose outages a test decides, and which behaves as a paired phone does: what is written while it
 * is away makes no event, and is found in its history afterwards.
 */
export class LineStandIn extends SandboxChannel {
  /** What went out, oldest first. */
  readonly sent: Outbound[] = [];
  /** Since when history was asked for, each time. */
  readonly lookedSince: Date[] = [];
  private readonly history: Written[] = [];
  private events: ChannelEvents | undefined;
  private state: Health = 'starting';
  private failures = 0;
  private written = 0;

  constructor(now: () => Date, backfill = true) {
    super({
      log: pino({ level: 'silent' }),
      now,
      newId: () => crypto.randomUUID(),
      id: 'web',
      kind: 'web',
      caps: {
        templates: false,
        maxChoices: 12,
        window24h: false,
        backfill,
        maxDocumentBytes: 64 * 1024 * 1024,
      },
    });
  }

  override async start(events: ChannelEvents): Promise<void> {
    this.events = events;
    this.state = 'starting';
  }

  override async stop(): Promise<void> {
    this.state = 'stopped';
  }

  override async goOnline(): Promise<void> {
    // It is the test that says how the line is.
  }

  override health(): Health {
    return this.state;
  }

  /** Changes its health and says so, also when it is the same once more. */
  become(health: Health): void {
    this.state = health;
    this.events?.state(health);
  }

  /** The next `times` attempts to read its history fail. */
  failHistory(times: number): void {
    this.failures = times;
  }

  /** A buyer writes. */
  async write(number: string, text: string, at: Date): Promise<void> {
    this.written += 1;
    const message: Inbound = {
      key: `in${this.written}`,
      from: { kind: 'pn', value: number },
      alsoKnownAs: [],
      at,
      content: { kind: 'text', text },
      raw: null,
    };
    this.history.push({ kind: 'inbound', message });
    if (this.state === 'ready') await this.events?.inbound([message]);
  }

  /** The owner answers on the phone. */
  async answer(number: string, text: string, at: Date): Promise<void> {
    this.written += 1;
    const message: Echo = {
      key: `echo${this.written}`,
      to: { kind: 'pn', value: number },
      alsoKnownAs: [],
      at,
      content: { kind: 'text', text },
    };
    this.history.push({ kind: 'echo', message });
    if (this.state === 'ready') await this.events?.echo([message]);
  }

  override async send(message: Outbound): Promise<{ providerId: string; state: Delivery }> {
    if (this.state !== 'ready')
      throw new ChannelError({ class: 'retry', code: 'away', message: 'The line is away.' });
    this.sent.push(message);
    return { providerId: `out${this.sent.length}`, state: 'accepted' };
  }

  override async *backfill(since: Date): AsyncGenerator<{ messages: Inbound[]; echoes: Echo[] }> {
    this.lookedSince.push(since);
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('the page crashed');
    }
    const found = this.history.filter(({ message }) => message.at >= since);
    for (const number of new Set(found.map(numberOf))) {
      const chat = found.filter((each) => numberOf(each) === number);
      yield {
        messages: chat.flatMap((each) => (each.kind === 'inbound' ? [each.message] : [])),
        echoes: chat.flatMap((each) => (each.kind === 'echo' ? [each.message] : [])),
      };
    }
  }
}

function numberOf(written: Written): string {
  return written.kind === 'inbound' ? written.message.from.value : written.message.to.value;
}
