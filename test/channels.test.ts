import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import type { Channel, Health, Outbound, OutboundContent } from '../bot/channels/channel.ts';
import { ChannelError } from '../bot/channels/channel.ts';
import { readConfig } from '../bot/config.ts';
import { type Context, createContext } from '../bot/context.ts';
import type { InboundRecord } from '../models/inbound.ts';
import { buildIndexes } from '../models/models.ts';
import type { Letter } from '../models/send.ts';
import { type BuyerWrites, CHANNEL_CASES, type ChannelCase, type Provider } from './channelCases.ts';
import { until } from './until.ts';
import { databaseUri } from './world.ts';

/**
 * One contract for every transport: the same suite in front of each provider, with the product's own receiving and
 * delivery ledger behind it, on a real database.
 */

/** A browser takes its time on a machine that is busy with other tests. */
jest.setTimeout(120_000);
const PATIENCE_MS = 60_000;

const TEXT: OutboundContent = { kind: 'text', text: 'Namaste 🙏' };

const open: Line[] = [];
afterEach(async () => {
  for (const line of open.splice(0)) await line.close();
});

/** One transport between a provider and the part of the product that takes in; nothing here answers. */
class Line {
  readonly provider: Provider;
  /** Every state that the channel told, over all restarts. */
  private readonly states: Health[] = [];
  /** How many times the next messages cannot be stored. */
  failures = 0;
  private readonly clock: { now: Date };
  private readonly folder: string;
  private readonly mongodbUri = databaseUri();
  private running: { channel: Channel; context: Context } | undefined;
  private sends = 0;

  private constructor(provider: Provider, clock: { now: Date }, folder: string) {
    this.provider = provider;
    this.clock = clock;
    this.folder = folder;
  }

  static async open(kind: ChannelCase): Promise<Line> {
    // A browser dates what we send by the real time; what buyers write is dated by this clock, which stays behind it.
    const clock = { now: new Date(Date.now() - 60_000) };
    const folder = await mkdtemp(join(tmpdir(), 'baton-line-'));
    const line = new Line(await kind.open(() => clock.now), clock, folder);
    open.push(line);
    await line.start();
    return line;
  }

  /** The buyer has written once, as every window needs: free words may go out. */
  static async greeted(kind: ChannelCase): Promise<Line> {
    const line = await Line.open(kind);
    await line.write('Hello');
    await line.stored(1);
    return line;
  }

  async start(): Promise<void> {
    const channel = this.watch(this.provider.makeChannel());
    const config = readConfig({ DATA_DIR: this.folder, ROLES: 'gateway' });
    const context = await createContext(
      { ...config, mongodbUri: this.mongodbUri },
      pino({ level: 'silent' }),
      {
        now: () => this.clock.now,
        channels: { channels: [channel] },
      },
    );
    await buildIndexes(context.models);
    this.running = { channel, context };
    await context.gateway.start();
    await until('the channel to be ready', () => channel.health() === 'ready', PATIENCE_MS);
  }

  /** As a process ends: nothing is kept but what is durable. */
  async stop(): Promise<void> {
    const { context } = this.app;
    this.running = undefined;
    await context.gateway.stop();
    await context.database.close();
  }

  async close(): Promise<void> {
    if (this.running) await this.stop();
    await this.provider.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  get channel(): Channel {
    return this.app.channel;
  }

  get models(): Context['models'] {
    return this.app.context.models;
  }

  /** The buyer writes, a second after whatever happened last. */
  write(text: string): Promise<string> {
    return this.provider.write({ text, at: this.tick() });
  }

  attach(file: Extract<BuyerWrites, { file: unknown }>['file']): Promise<string> {
    return this.provider.write({ file, at: this.tick() });
  }

  tick(): Date {
    this.clock.now = new Date(this.clock.now.getTime() + 1_000);
    return this.clock.now;
  }

  /** What is stored, in the order in which it is answered; resolves once there are `count`. */
  async stored(count: number): Promise<InboundRecord[]> {
    const all = () => this.models.inbound.model.find().sort({ at: 1, seq: 1 }).lean<InboundRecord[]>();
    await until(`${count} stored messages`, async () => (await all()).length >= count, PATIENCE_MS);
    return all();
  }

  /** A message as the ledger has it before the provider is called. */
  async claim(content: OutboundContent = TEXT): Promise<Outbound> {
    this.sends += 1;
    const message = { to: this.provider.buyer, outboxId: `line/buyer:1:${this.sends}`, content };
    await this.models.sends.claim(message.outboxId, this.letter(), this.clock.now);
    return message;
  }

  /** Sends as the product does: the ledger first, then the provider, then the ledger. */
  async send(content: OutboundContent = TEXT): Promise<string> {
    const message = await this.claim(content);
    const { providerId } = await this.channel.send(message);
    await this.models.sends.accepted(message.outboxId, providerId);
    return message.outboxId;
  }

  /** Of these states, what the channel told, without repetitions. */
  told(...of: Health[]): Health[] {
    const told = this.states.filter((health) => of.includes(health));
    return told.filter((health, index) => health !== told[index - 1]);
  }

  /** Resolves when the ledger knows that much, with all that it has noted of deliveries. */
  async delivery(outboxId: string, status: string): Promise<string[]> {
    const find = () => this.models.sends.model.findById(outboxId).lean<{ status: string }>();
    await until(`${outboxId} ${status}`, async () => (await find())?.status === status, PATIENCE_MS);
    const send = await this.models.sends.model.findById(outboxId).lean();
    return send?.deliveries.map(({ state }) => state) ?? [];
  }

  private get app(): { channel: Channel; context: Context } {
    if (!this.running) throw new Error('the line is down');
    return this.running;
  }

  private letter(): Letter {
    const { kind, value } = this.provider.buyer;
    const staff = { id: 'U1', name: 'Riya' };
    return {
      conversation: 'line/buyer',
      buyer: 'buyer',
      channel: this.channel.id,
      to: `${kind}:${value}`,
      effect: { kind: 'sendText', text: 'Namaste', staff, caseId: 'case-1' },
      as: 'free',
      language: 'en',
    };
  }

  /** Listens in on what the channel tells, and lets storing fail. */
  private watch(channel: Channel): Channel {
    const start = channel.start.bind(channel);
    channel.start = (events) =>
      start({
        ...events,
        inbound: async (messages) => {
          if (this.failures > 0) {
            this.failures -= 1;
            throw new Error('the database is away');
          }
          await events.inbound(messages);
        },
        state: (health) => {
          this.states.push(health);
          events.state(health);
        },
      });
    return channel;
  }
}

function textsOf(records: InboundRecord[]): unknown[] {
  return records.map(({ content }) => content.text);
}

function somethingOf(sizeBytes: number): Buffer {
  return Buffer.from(Array.from({ length: sizeBytes }, (_, index) => (index * 31 + (index >> 8)) % 256));
}

describe.each(CHANNEL_CASES)('$name', (kind) => {
  const itHere = kind.isHere ? it : it.skip;

  itHere('stores what a buyer writes in the order of its time, whatever comes in first', async () => {
    const line = await Line.open(kind);
    const texts = Array.from({ length: 30 }, (_, index) => `message ${index}`);
    await Promise.all(texts.map((text) => line.write(text)));
    expect(textsOf(await line.stored(texts.length))).toEqual(texts);
  });

  itHere('stores a message once, however often it is handed over', async () => {
    const line = await Line.open(kind);
    const name = await line.write('Hello');
    await line.stored(1);
    await line.provider.again(name);
    await line.write('and more');
    expect(textsOf(await line.stored(2))).toEqual(['Hello', 'and more']);
  });

  itHere('does not take as read what could not be stored', async () => {
    const line = await Line.open(kind);
    line.failures = 2;
    const first = await line.write('Hello');
    await until('the first failure', () => line.failures < 2, PATIENCE_MS);
    await line.provider.again(first);
    await until('the second failure', () => line.failures === 0, PATIENCE_MS);
    await line.provider.again(first);
    await line.write('and more');
    expect((await line.stored(2)).map(({ content }) => content.kind)).toEqual(['text', 'text']);
  });

  itHere('hands over the file of a buyer byte for byte', async () => {
    const line = await Line.open(kind);
    const bytes = somethingOf(3 * 1024 * 1024 + 17);
    await line.attach({ bytes, mimeType: 'application/pdf', fileName: 'pan card.pdf', caption: 'my PAN' });
    const [record] = await line.stored(1);
    expect(record?.content).toMatchObject({ kind: 'media', media: 'document', fileName: 'pan card.pdf' });
    expect(record?.content).toMatchObject({ mimeType: 'application/pdf', caption: 'my PAN' });
    const media = await line.channel.fetchMedia(String(record?.content.ref));
    if (media.kind !== 'media') throw new Error(`no file: ${media.reason}`);
    expect((await buffer(media.bytes)).equals(bytes)).toBe(true);
    expect((await line.channel.fetchMedia('no-such-file')).kind).not.toBe('media');
  });

  itHere('brings texts and files to the buyer as they are, in the order sent', async () => {
    const line = await Line.greeted(kind);
    const bytes = somethingOf(1024 * 1024 + 3);
    const document = { fileName: 'Brochure – Tower B.pdf', mimeType: 'application/pdf', bytes };
    await line.send(TEXT);
    await line.send({ kind: 'document', document, caption: 'Your brochure' });
    await line.send({ kind: 'text', text: 'Two\nlines' });
    const seen = await line.provider.seen();
    expect(seen.map((each) => (each.kind === 'text' ? each.text : each.caption))).toEqual([
      'Namaste 🙏',
      'Your brochure',
      'Two\nlines',
    ]);
    expect(seen[1]).toMatchObject({ kind: 'file', fileName: document.fileName });
    expect(seen[1]?.kind === 'file' && seen[1].bytes.equals(bytes)).toBe(true);
  });

  itHere('offers choices, and tells which one was tapped', async () => {
    const line = await Line.greeted(kind);
    const choices = ['2 BHK', '3 BHK'].map((title, index) => ({ id: `home.${index}`, title }));
    const message = await line.claim({ kind: 'choices', text: 'Which home?', choices });
    const { providerId } = await line.channel.send(message);
    expect(await line.provider.seen()).toEqual([
      { kind: 'text', text: 'Which home?', choices: ['2 BHK', '3 BHK'] },
    ]);
    await line.provider.tap('3 BHK', line.tick());
    const [, record] = await line.stored(2);
    expect([
      { kind: 'choice', id: 'home.1', title: '3 BHK' },
      { kind: 'vote', to: providerId, titles: ['3 BHK'] },
    ]).toContainEqual(record?.content);
  });

  itHere('reports deliveries, and the ledger lets them only rise', async () => {
    const line = await Line.greeted(kind);
    const outboxId = await line.send();
    await line.provider.report('delivered');
    await line.delivery(outboxId, 'delivered');
    await line.provider.report('read');
    const upToRead = await line.delivery(outboxId, 'read');
    await line.provider.report('delivered');
    const next = await line.send();
    await line.provider.report('read');
    await line.delivery(next, 'read');
    expect(await line.delivery(outboxId, 'read')).toEqual(upToRead);
  });

  itHere('reports of a message whose sender has not heard of its own success yet', async () => {
    const line = await Line.greeted(kind);
    const message = await line.claim();
    const { providerId } = await line.channel.send(message);
    await line.provider.report('delivered');
    await line.delivery(message.outboxId, 'delivered');
    await line.models.sends.accepted(message.outboxId, providerId);
    expect(await line.delivery(message.outboxId, 'delivered')).toContain('delivered');
  });

  itHere('never says the opposite of what became of a message', async () => {
    const line = await Line.greeted(kind);
    const since = line.tick();
    const [sent, never] = [await line.claim(), await line.claim({ kind: 'text', text: 'never sent' })];
    const { providerId } = await line.channel.send(sent);
    const unclear = { kind: 'unclear' };
    expect([unclear, { kind: 'sent', providerId }]).toContainEqual(await line.channel.reconcile(sent, since));
    expect([unclear, { kind: 'absent' }]).toContainEqual(await line.channel.reconcile(never, since));
  });

  itHere('misses nothing while the process is away, and remembers what was before', async () => {
    const line = await Line.open(kind);
    const bytes = somethingOf(5_000);
    const first = await line.write('before');
    await line.attach({ bytes, mimeType: 'application/pdf', fileName: 'kyc.pdf', caption: '' });
    await line.stored(2);
    const sentBefore = await line.send();
    await line.stop();
    await line.write('meanwhile 1');
    await line.write('meanwhile 2');
    await line.start();
    await line.write('after');
    await line.provider.again(first);
    const records = await line.stored(5);
    expect(textsOf(records)).toEqual(['before', undefined, 'meanwhile 1', 'meanwhile 2', 'after']);
    const media = await line.channel.fetchMedia(String(records[1]?.content.ref));
    expect(media.kind === 'media' && (await buffer(media.bytes)).equals(bytes)).toBe(true);
    await line.provider.report('read');
    await line.delivery(sentBefore, 'read');
  });

  itHere('refuses while the line is cut, and recovers by itself', async () => {
    const line = await Line.greeted(kind);
    line.provider.cut();
    // Some see it at once, others by the first attempt.
    await line.channel.send(await line.claim()).catch(() => undefined);
    await until('the channel to be down', () => line.channel.health() !== 'ready', PATIENCE_MS);
    const seen = await line.provider.seen();
    const refusal = await line.channel.send(await line.claim()).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ChannelError);
    expect(['retry', 'auth']).toContain(refusal instanceof ChannelError && refusal.class);
    await line.channel.markRead('no-such-message', true);
    line.provider.restore();
    await until('the channel to be ready', () => line.channel.health() === 'ready', PATIENCE_MS);
    expect(await line.provider.seen()).toEqual(seen);
    await line.send();
    expect(await line.provider.seen()).toHaveLength(seen.length + 1);
  });

  itHere('tells every change of how it is', async () => {
    const line = await Line.greeted(kind);
    line.provider.cut();
    await line.channel.send(await line.claim()).catch(() => undefined);
    await until('the channel to be down', () => line.channel.health() !== 'ready', PATIENCE_MS);
    line.provider.restore();
    await until('the channel to be ready', () => line.channel.health() === 'ready', PATIENCE_MS);
    await line.stop();
    expect(line.told('ready', 'degraded', 'stopped')).toEqual(['ready', 'degraded', 'ready', 'stopped']);
  });
});
