import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { SandboxChannel } from '../bot/channels/sandbox/sandboxChannel.ts';
import { type Config, readConfig } from '../bot/config.ts';
import { type Context, createContext, type Overrides, prepareDatabase } from '../bot/context.ts';
import { Sweep } from '../bot/sweep.ts';
import type { Conversation } from '../models/conversation.ts';
import type { TimelineEntry } from '../models/timeline.ts';
import { templateText } from '../templates/messages/message.ts';

/** The address of a database of its own on the engine of this test run. */
export function databaseUri(name: string = `t${randomUUID().replaceAll('-', '').slice(0, 20)}`): string {
  const uri = process.env.TEST_MONGODB_URI;
  if (!uri) throw new Error('TEST_MONGODB_URI is not set: the tests run under jest');
  return uri.replace('/?', `/${name}?`);
}

/**
 * Databases of worlds that have closed. Their collections and indexes take a second to make, and the engine keeps a file
 * open for each, more than it may have open for the worlds of all tests.
 */
const emptied: string[] = [];

/** Opens the vault of every world: one that joins another must read what that one sealed. */
const SECRET_KEY = 'only for the tests of this project';

/** Monday, 10:00 in the project's zone. */
export const MONDAY = new Date('2026-11-23T04:30:00Z');

/**
 * A product of its own in this process: real database, real understanding, real flows and outbox, the sandbox
 * transport, time in the test's hand, and no Slack (cases stay owed to it).
 */
export class World {
  readonly context: Context;
  readonly phone: SandboxChannel;
  /** Moved by who lets time pass. */
  readonly clock: { now: Date };
  private readonly folder: string;
  private readonly ownsPhone: boolean;

  private constructor(
    context: Context,
    phone: SandboxChannel,
    clock: { now: Date },
    folder: string,
    ownsPhone: boolean,
  ) {
    this.context = context;
    this.phone = phone;
    this.clock = clock;
    this.folder = folder;
    this.ownsPhone = ownsPhone;
  }

  /**
   * `joins` shares the database, the phones and the clock of another world, as a second process would. `lines`
   * are our numbers instead of the sandbox's, the primary one first: a paired phone, or one of the Cloud API.
   */
  static async open(
    options: { joins?: World; lines?: LineName[]; config?: Partial<Config>; overrides?: Overrides } = {},
  ): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'baton-world-'));
    const { joins } = options;
    const clock = joins?.clock ?? { now: MONDAY };
    const config: Config = {
      ...readConfig({ DATA_DIR: folder, SECRET_KEY, BURST_WINDOW_MS: '0', ROLES: 'gateway,worker' }),
      mongodbUri: joins?.uri ?? emptied.pop() ?? databaseUri(),
      ...options.config,
    };
    const now = () => clock.now;
    const channels = joins
      ? { channels: joins.lines, sandbox: joins.phone }
      : options.lines && linesNamed(options.lines, now);
    const context = await createContext(config, pino({ level: 'silent' }), {
      now,
      ...(channels && { channels }),
      ...options.overrides,
    });
    await prepareDatabase(context);
    if (!context.sandbox) throw new Error('the world runs on the sandbox transport');
    const world = new World(context, context.sandbox, clock, folder, joins === undefined);
    if (world.ownsPhone) await world.connect();
    return world;
  }

  /** Our second number, in a world that has one. */
  get cloud(): SandboxChannel {
    const [, cloud] = this.lines;
    if (!cloud) throw new Error('this world has one line');
    return cloud;
  }

  get uri(): string {
    return this.context.config.mongodbUri ?? '';
  }

  get now(): Date {
    return this.clock.now;
  }

  /** Lets time pass, then does what has become due, again and again until nothing is. */
  async pass(ms: number): Promise<void> {
    this.clock.now = new Date(this.clock.now.getTime() + ms);
    await this.sweep();
  }

  async sweep(): Promise<void> {
    const sweep = new Sweep(this.context.sweepTasks, this.context.log);
    await sweep.once();
    await this.rest();
  }

  /** Resolves when everything that was woken has come to rest. */
  async rest(): Promise<void> {
    await this.context.media.idle();
    await this.context.campaignTurns.idle();
    await this.context.erasureTurns.idle();
    await this.context.turns.idle();
  }

  /** A buyer writes and the world comes to rest. */
  async write(number: string, text: string): Promise<void> {
    await this.phone.writeAs(number, text);
    await this.rest();
  }

  async tap(number: string, choiceId: string): Promise<void> {
    await this.phone.tapAs(number, choiceId);
    await this.rest();
  }

  /** What the buyer's phone shows of us, oldest first. */
  answers(number: string, line: SandboxChannel = this.phone): string[] {
    return line.transcript(number).flatMap((message) => {
      if (message.from !== 'desk') return [];
      const { body } = message;
      return [
        body.kind === 'file'
          ? `[${body.fileName}] ${body.caption ?? ''}`
          : 'text' in body
            ? body.text
            : body.kind,
      ];
    });
  }

  async conversation(number: string): Promise<Conversation> {
    const buyer = await this.context.models.buyers.model
      .findOne({ handles: `pn:${number}` })
      .lean<{ _id: string }>();
    const found = buyer && (await this.context.models.conversations.fresh(`${this.phone.id}/${buyer._id}`));
    if (!found) throw new Error(`no conversation of ${number}`);
    return found;
  }

  async timeline(number: string): Promise<TimelineEntry[]> {
    return this.context.models.timeline.latest((await this.conversation(number)).buyer, 500);
  }

  async close(): Promise<void> {
    await this.context.campaignTurns.drain();
    await this.context.erasureTurns.drain();
    await this.context.turns.drain();
    await this.context.media.drain();
    if (this.ownsPhone) for (const line of this.lines) await line.stop();
    if (this.ownsPhone) await this.leaveDatabase();
    await this.context.database.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The next world of this file finds the database empty, with its collections and indexes. */
  private async leaveDatabase(): Promise<void> {
    const collections = await this.context.database.connection.db?.collections();
    await Promise.all((collections ?? []).map((each) => each.deleteMany({})));
    emptied.push(this.uri);
  }

  private get lines(): [SandboxChannel, ...SandboxChannel[]] {
    return this.context.channels as [SandboxChannel, ...SandboxChannel[]];
  }

  private async connect(): Promise<void> {
    await this.context.gateway.start();
    for (const line of this.lines) await line.goOnline();
  }
}

type LineName = 'web' | 'cloud';

const LINE_CAPS = {
  web: { templates: false, window24h: false, backfill: true },
  cloud: { templates: true, window24h: true, backfill: false },
};

function linesNamed(names: LineName[], now: () => Date): NonNullable<Overrides['channels']> {
  const [sandbox, ...others] = names.map((name) => {
    const caps = { ...LINE_CAPS[name], maxChoices: 10, maxDocumentBytes: 64 * 1024 * 1024 };
    const parts = { log: pino({ level: 'silent' }), now, newId: randomUUID, templateText };
    return new SandboxChannel({ ...parts, id: name, kind: name, caps });
  });
  if (!sandbox) throw new Error('a world needs a line');
  return { channels: [sandbox, ...others], sandbox };
}
