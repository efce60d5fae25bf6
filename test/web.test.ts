import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import {
  ChannelError,
  type Content,
  type DeliveryReport,
  type Echo,
  type Health,
  type Inbound,
  type Outbound,
  type OutboundContent,
} from '../bot/channels/channel.ts';
import { findChromium, userAgentOf } from '../bot/channels/web/browser.ts';
import { readMessage, type WebMessage } from '../bot/channels/web/message.ts';
import { inboundOf, isEdit } from '../bot/channels/web/parse.ts';
import type { WebTimings } from '../bot/channels/web/timings.ts';
import { createWebChannel, type WebChannel, type WebOptions } from '../bot/channels/web.ts';
import { isAlive } from '../models/instance.ts';
import { chromiumFor } from './chromium.ts';
import { startWhatsAppWeb, type WhatsAppWebStandIn } from './standins/whatsappWeb.ts';
import { until } from './until.ts';

/** The real library in a real Chromium, against a page that stands in for WhatsApp's. */

const ASHA = '+919999900001';
const PDF = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(200_000, 'brochure ')]);
const QUICK: Partial<WebTimings> = {
  probeEveryMs: 250,
  pairingProbeEveryMs: 250,
  probeLimitMs: 5_000,
  backoff: { leastMs: 50, mostMs: 400 },
  closeLimitMs: 5_000,
  handOverAgainMs: { least: 20, most: 100 },
};

const withChromium = chromiumFor('WhatsApp Web') ? describe : describe.skip;

type World = {
  web: WhatsAppWebStandIn;
  channel: WebChannel;
  sessionDir: string;
  inbound: Inbound[];
  echoes: Echo[];
  reports: DeliveryReport[];
  states: Health[];
  /** What the application does with messages: replaced to refuse them. */
  take: { inbound: (messages: Inbound[]) => Promise<void> };
  /** Every batch of messages that was taken. */
  batches: number[];
  close: () => Promise<void>;
};

type WorldOptions = Partial<WebOptions> & {
  standIn?: Parameters<typeof startWhatsAppWeb>[0];
  web?: WhatsAppWebStandIn;
  begun?: false;
  /** Before the channel starts. */
  prepare?: (web: WhatsAppWebStandIn, sessionDir: string) => Promise<void> | void;
};

/** A channel on a linked account, ready unless it is asked not to wait. */
async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const {
    standIn,
    web = await startWhatsAppWeb({ linked: true, ...standIn }),
    begun,
    prepare,
    ...rest
  } = options;
  const sessionDir = rest.sessionDir ?? (await mkdtemp(join(tmpdir(), 'baton-web-')));
  const channel = createWebChannel({
    sessionDir,
    chromiumArgs: web.chromiumArgs,
    delayMs: { least: 0, most: 0 },
    log: pino({ level: 'silent' }),
    now: () => new Date(),
    ...rest,
    timings: { ...QUICK, ...rest.timings },
  });
  const world: World = {
    web,
    channel,
    sessionDir,
    inbound: [],
    echoes: [],
    reports: [],
    states: [],
    batches: [],
    take: { inbound: async () => undefined },
    async close() {
      await web.hang(false);
      await channel.stop();
      if (!options.web) await web.stop();
      if (!rest.sessionDir) await rm(sessionDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  await prepare?.(web, sessionDir);
  await start(world);
  if (begun !== false) await ready(world);
  return world;
}

function start(world: World): Promise<void> {
  const { channel, inbound, echoes, reports, states, batches, take } = world;
  return channel.start({
    inbound: async (messages) => {
      await take.inbound(messages);
      batches.push(messages.length);
      inbound.push(...messages);
    },
    echo: async (items) => void echoes.push(...items),
    delivery: async (items) => void reports.push(...items),
    state: (health) => void states.push(health),
  });
}

/** Resolves when the channel is ready with another browser than `before`. */
function ready({ channel }: World, before?: number): Promise<true> {
  return until(
    'the channel is ready',
    () => channel.health() === 'ready' && (before === undefined || channel.browserPid() !== before),
    25_000,
  );
}

const worlds: World[] = [];
async function ownWorld(options: WorldOptions = {}): Promise<World> {
  const world = await makeWorld(options);
  worlds.push(world);
  return world;
}
afterEach(async () => {
  for (const world of worlds.splice(0).reverse()) await world.close();
});

/** One browser for a group of tests; each talks to buyers of its own. */
function sharedWorld(options: WorldOptions = {}): () => World {
  let world: World | undefined;
  beforeAll(async () => {
    world = await makeWorld(options);
  }, 60_000);
  afterAll(async () => {
    await world?.close();
  }, 60_000);
  return () => {
    if (!world) throw new Error('the browser did not start');
    return world;
  };
}

let people = 100;
function newPhone(): string {
  people += 1;
  return `+9199999${String(people).padStart(5, '0')}`;
}

const TEXT: OutboundContent = { kind: 'text', text: 'Good morning' };
const CHOICES: OutboundContent = {
  kind: 'choices',
  text: 'When would you like to come?',
  choices: [
    { id: 'sat', title: 'Saturday' },
    { id: 'sun', title: 'Sunday' },
  ],
};
const BROCHURE: OutboundContent = {
  kind: 'document',
  document: { fileName: 'Greenfield-brochure.pdf', mimeType: 'application/pdf', bytes: PDF },
  caption: 'Our brochure',
};

function to(phone: string, content: OutboundContent = TEXT): Outbound {
  return { to: { kind: 'pn', value: phone }, outboxId: randomUUID(), content };
}

async function failureOf(work: Promise<unknown>): Promise<ChannelError> {
  const error = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof ChannelError) return error;
  throw error;
}

function keyed({ inbound }: World, key: string): Promise<Inbound> {
  return until(`message ${key}`, () => inbound.find((message) => message.key === key));
}

function contentFrom({ inbound }: World, phone: string, kind: Content['kind']): Promise<Inbound> {
  return until(`${kind} of ${phone}`, () =>
    inbound.find(
      ({ content, from, alsoKnownAs }) =>
        content.kind === kind && [from, ...alsoKnownAs].some(({ value }) => value === phone),
    ),
  );
}

async function historyOf(world: World, since: Date) {
  const messages: Inbound[] = [];
  const echoes: Echo[] = [];
  for await (const batch of world.channel.backfill(since)) {
    messages.push(...batch.messages);
    echoes.push(...batch.echoes);
  }
  return { messages, echoes };
}

function minutesAgo(minutes: number): Date {
  return new Date(Date.now() - minutes * 60_000);
}

describe('without a browser', () => {
  const BUYER = { from: { kind: 'pn', value: ASHA }, alsoKnownAs: [] } as const;
  const NOW = new Date('2026-11-23T04:30:00Z');

  function inboundFrom(data: Record<string, unknown>) {
    const id = {
      fromMe: false,
      remote: '919999900001@c.us',
      id: '3EB0A',
      _serialized: 'false_919999900001@c.us_3EB0A',
    };
    const message = readMessage({ id, t: 1_795_000_000, type: 'chat', ...data });
    return message && inboundOf(message, { ...BUYER, alsoKnownAs: [] }, NOW);
  }

  it('shows people what no program can read, and keeps out what nobody wrote', () => {
    const reasons = ['order', 'groups_v4_invite', 'a_kind_of_next_year'].map(
      (type) => inboundFrom({ type })?.content,
    );
    expect(reasons).toEqual([
      { kind: 'unsupported', reason: 'an order from the catalogue' },
      { kind: 'unsupported', reason: 'an invitation to a group' },
      { kind: 'unsupported', reason: 'a message of the kind a_kind_of_next_year' },
    ]);
    expect(inboundFrom({ type: 'image', isViewOnce: true })?.content.kind).toBe('unsupported');
    for (const type of ['e2e_notification', 'call_log', 'gp2', 'album', 'protocol'])
      expect(inboundFrom({ type })).toBeUndefined();
    expect(readMessage({ type: 'chat', body: 'no id' })).toBeUndefined();
  });

  it('takes an answer to a button as text, and a message decrypted later as a message of its own', () => {
    expect(inboundFrom({ type: 'buttons_response', body: 'Yes' })?.content).toEqual({
      kind: 'text',
      text: 'Yes',
    });
    expect(inboundFrom({ type: 'ciphertext' })?.key).toBe('3EB0A:unreadable');
    expect(inboundFrom({ body: 'Hello' })?.key).toBe('3EB0A');
  });

  it('tells an edit from a preview that came late and from a message that was decrypted', () => {
    const id = { fromMe: false, remote: '919999900001@c.us', id: '3EB0A' };
    const text = (data: object) => readMessage({ id, type: 'chat', body: 'New', ...data }) as WebMessage;
    const image = (data: object) =>
      readMessage({ id, type: 'image', body: '/9j/', caption: 'Mine', ...data }) as WebMessage;
    expect(isEdit(text({}), 'New', 'Old')).toBe(true);
    expect(isEdit(text({}), 'New', undefined)).toBe(false);
    expect(isEdit(text({ latestEditSenderTimestampMs: 1 }), 'New', undefined)).toBe(true);
    expect(isEdit(image({}), '/9j/', 'older preview')).toBe(false);
    expect(isEdit(image({}), 'Mine', 'Yours')).toBe(true);
  });

  it('says how to install Chromium when there is none', () => {
    expect(() => findChromium('/nowhere/chromium')).toThrow('CHROMIUM_PATH');
  });
});

withChromium('pairing', () => {
  it('calls itself by the version of the browser that runs', async () => {
    const userAgent = await userAgentOf(findChromium(process.env.CHROMIUM_PATH));
    expect(userAgent).toMatch(
      /^Mozilla\/5\.0 \(.+\) AppleWebKit\/537\.36 .* Chrome\/1\d\d\.0\.0\.0 Safari\/537\.36$/,
    );
  });

  it('shows a QR code, then who is paired', async () => {
    const world = await ownWorld({ standIn: { linked: false }, begun: false });
    const { web, channel, states } = world;
    const heard: string[] = [];
    channel.onPairing(({ health }) => heard.push(health));
    const first = await until('a QR code', () => channel.pairing().qr, 20_000);
    expect(channel.health()).toBe('pairing');
    expect(first.expiresAt.getTime()).toBeGreaterThan(Date.now());
    await web.refreshQr();
    await until('the next QR code', () => channel.pairing().qr?.text !== first.text);
    await web.scan();
    await ready(world);
    expect(channel.pairing()).toMatchObject({ health: 'ready', account: { name: expect.any(String) } });
    expect(channel.pairing()).not.toHaveProperty('qr');
    expect(states.slice(-3)).toEqual(['pairing', 'syncing', 'ready']);
    expect(heard).toContain('ready');
    expect((await failureOfCode(channel)).code).toBe('not_pairing');
  });

  it('shows a code for a phone instead, when it is asked for', async () => {
    const world = await ownWorld({ standIn: { linked: false }, begun: false });
    const { web, channel } = world;
    await until('a QR code', () => channel.pairing().qr, 20_000);
    await channel.pairWithCode(ASHA);
    const shown = await until('a code', () => channel.pairing().code, 20_000);
    expect(shown).toMatchObject({ phone: ASHA, code: web.pairingCodes[0]?.code });
    expect(web.pairingCodes[0]?.phone).toBe('919999900001');
    await web.refreshQr();
    expect(channel.pairing()).not.toHaveProperty('qr');
    await web.scan();
    await ready(world);
  });

  it('shows a code from the start where it is set up so; a retry begins anew', async () => {
    const world = await ownWorld({ standIn: { linked: false }, begun: false, pairPhone: ASHA });
    const { channel } = world;
    const first = await until('a code', () => channel.pairing().code, 20_000);
    const before = channel.browserPid();
    await channel.retry();
    const second = await until('another code', () => channel.pairing().code?.code !== first.code);
    expect(second).toBe(true);
    expect(channel.browserPid()).not.toBe(before);
    await until('the old browser is gone', () => !isAlive(before ?? 0));
  });

  it('pitfall 11: begins with a fresh QR code when nobody scanned (UNPAIRED_IDLE)', async () => {
    const world = await ownWorld({ standIn: { linked: false }, begun: false });
    const { web, channel } = world;
    await until('a QR code', () => channel.pairing().qr, 20_000);
    const before = channel.browserPid();
    await web.setState('UNPAIRED_IDLE');
    await until('another browser', () => channel.browserPid() !== before && channel.pairing().qr, 20_000);
    await web.scan();
    await ready(world);
  });

  it('pitfall 6: a stop right after pairing keeps the session', async () => {
    const world = await ownWorld({ standIn: { linked: false, pairingIn: 'profile' }, begun: false });
    const { web, channel, sessionDir } = world;
    await until('a QR code', () => channel.pairing().qr, 20_000);
    await web.scan();
    await ready(world);
    await channel.stop();
    const again = await ownWorld({ web, sessionDir });
    expect(again.states).not.toContain('pairing');
    expect(channel.health()).toBe('stopped');
  });

  it('pitfall 6: a kill right after pairing leads to a QR code with words, or to the session', async () => {
    const world = await ownWorld({ standIn: { linked: false, pairingIn: 'profile' }, begun: false });
    const { web, channel } = world;
    await until('a QR code', () => channel.pairing().qr, 20_000);
    await web.scan();
    await ready(world);
    const before = channel.browserPid() ?? 0;
    process.kill(before, 'SIGKILL');
    await until(
      'it is ready or can be paired',
      () => channel.browserPid() !== before && ['ready', 'pairing'].includes(channel.health()),
      20_000,
    );
    if (channel.health() === 'pairing') {
      expect(channel.pairing().reason).toBeDefined();
      await web.scan();
      await ready(world);
    }
  });

  it('pitfall 7: when the phone ends the session, a new client shows a QR code', async () => {
    const world = await ownWorld({ standIn: { pairingIn: 'profile', linked: false }, begun: false });
    const { web, channel, states } = world;
    await until('a QR code', () => channel.pairing().qr, 20_000);
    await web.scan();
    await ready(world);
    const before = channel.browserPid() ?? 0;
    await web.logoutFromPhone();
    await until('a new QR code', () => channel.browserPid() !== before && channel.pairing().qr, 20_000);
    expect(states).toContain('loggedOut');
    expect(channel.pairing().reason).toContain('phone');
    expect(isAlive(before)).toBe(false);
    await web.scan();
    await ready(world);
  });

  it('pitfall 8: a logout from here ends in a QR code', async () => {
    const world = await ownWorld();
    const { web, channel } = world;
    await channel.logout();
    await until('a QR code', () => channel.pairing().qr, 20_000);
    expect(web.isLinked()).toBe(false);
    expect(channel.pairing()).not.toHaveProperty('account');
  });
});

async function failureOfCode(channel: WebChannel): Promise<{ code?: string }> {
  return channel.pairWithCode(ASHA).then(
    () => ({}),
    (error: { code: string }) => error,
  );
}

withChromium('what buyers send', () => {
  const shared = sharedWorld();

  it('hands over texts with who wrote them, under their own keys', async () => {
    const { web } = shared();
    const phone = newPhone();
    const buyer = web.buyer(phone, { name: 'Asha' });
    const first = await buyer.text('Hello');
    const second = await buyer.text('Which flats?', { quoted: first });
    expect(await keyed(shared(), first)).toMatchObject({
      from: { kind: 'pn', value: phone },
      alsoKnownAs: [],
      profileName: 'Asha',
      content: { kind: 'text', text: 'Hello' },
    });
    expect(await keyed(shared(), second)).toMatchObject({ quoted: first });
  });

  it('pitfall 15: knows a buyer by lid and phone, and answers to the handle that wrote', async () => {
    const { web, channel } = shared();
    const phone = newPhone();
    const buyer = web.buyer(phone, { lid: '7001' });
    const message = await keyed(shared(), await buyer.text('Hello'));
    expect(message).toMatchObject({
      from: { kind: 'lid', value: '7001' },
      alsoKnownAs: [{ kind: 'pn', value: phone }],
    });
    const { providerId } = await channel.send({ ...to(phone), to: message.from });
    expect(web.sent.find(({ id }) => id === providerId)?.chat).toBe('7001@lid');
  });

  it('takes a person whose phone is hidden as they are', async () => {
    const { web } = shared();
    const buyer = web.buyer(newPhone(), { lid: '7002', hidePhone: true });
    expect(await keyed(shared(), await buyer.text('Hello'))).toMatchObject({
      from: { kind: 'lid', value: '7002' },
      alsoKnownAs: [],
    });
  });

  it('hands over files byte for byte, of every kind', async () => {
    const { web, channel } = shared();
    const buyer = web.buyer(newPhone());
    const kinds = [
      { kind: 'image', mimeType: 'image/jpeg', caption: 'My PAN card' },
      { kind: 'document', mimeType: 'application/pdf', fileName: 'kyc.pdf' },
      { kind: 'voice', mimeType: 'audio/ogg; codecs=opus' },
      { kind: 'audio', mimeType: 'audio/mpeg' },
      { kind: 'video', mimeType: 'video/mp4', caption: 'The leak' },
      { kind: 'sticker', mimeType: 'image/webp' },
    ] as const;
    for (const each of kinds) {
      const { content, raw } = await keyed(shared(), await buyer.media({ ...each, bytes: PDF }));
      if (content.kind !== 'media') throw new Error(`${each.kind} came as ${content.kind}`);
      expect(content).toMatchObject({
        media: each.kind === 'voice' ? 'audio' : each.kind,
        mimeType: each.mimeType,
        sizeBytes: PDF.length,
      });
      expect(content.voice).toBe(each.kind === 'voice' ? true : undefined);
      expect(content.caption).toBe('caption' in each ? each.caption : undefined);
      expect(content.fileName).toBe('fileName' in each ? each.fileName : undefined);
      expect(raw).not.toHaveProperty('mediaKey');
      expect(raw).not.toHaveProperty('body');
      const file = await channel.fetchMedia(content.ref);
      if (file.kind !== 'media') throw new Error(`${each.kind}: ${file.reason}`);
      expect((await buffer(file.bytes)).equals(PDF)).toBe(true);
    }
  });

  it('hands over places and people', async () => {
    const { web } = shared();
    const buyer = web.buyer(newPhone());
    const place = await buyer.location({
      latitude: 18.52,
      longitude: 73.85,
      name: 'Site office',
      address: 'Baner',
    });
    expect((await keyed(shared(), place)).content).toEqual({
      kind: 'location',
      latitudeDeg: 18.52,
      longitudeDeg: 73.85,
      name: 'Site office, Baner',
    });
    const card = (name: string, phone: string) =>
      `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nitem1.TEL;waid=919999900077:${phone}\nEND:VCARD`;
    const cards = await buyer.contact(card('Rohan', '+91 99999 00077'), card('Meera', '+91 99999 00078'));
    expect((await keyed(shared(), cards)).content).toEqual({
      kind: 'contacts',
      contacts: [
        { name: 'Rohan', phones: ['+91 99999 00077'] },
        { name: 'Meera', phones: ['+91 99999 00078'] },
      ],
    });
    const one = await buyer.contact(card('Rohan', '+91 99999 00077'));
    expect((await keyed(shared(), one)).content).toMatchObject({ contacts: [{ name: 'Rohan' }] });
  });

  it('hands over edits and deletions of their messages', async () => {
    const { web } = shared();
    const phone = newPhone();
    const buyer = web.buyer(phone);
    const id = await buyer.text('I paid 5 lakh');
    await buyer.edit(id, 'I paid 6 lakh');
    expect((await contentFrom(shared(), phone, 'edited')).content).toEqual({
      kind: 'edited',
      to: id,
      text: 'I paid 6 lakh',
    });
    await buyer.revoke(id);
    const revoked = await contentFrom(shared(), phone, 'revoked');
    expect(revoked).toMatchObject({ key: `${id}:revoked`, content: { to: id } });
    const { messages } = await historyOf(shared(), minutesAgo(1));
    const live = shared().inbound.map(({ key }) => key);
    const keys = messages.map(({ key }) => key).filter((key) => key.startsWith(id));
    expect(live).toEqual(expect.arrayContaining(keys));
  });

  it('sees an edit in the history under the key that it had live', async () => {
    const { web } = shared();
    const phone = newPhone();
    const buyer = web.buyer(phone);
    await buyer.edit(await buyer.text('2 BHK'), '3 BHK');
    const live = await contentFrom(shared(), phone, 'edited');
    const { messages } = await historyOf(shared(), minutesAgo(1));
    expect(messages.map(({ key }) => key)).toContain(live.key);
  });

  it('hands over reactions to our messages, and that one was taken back', async () => {
    const { web, channel, inbound } = shared();
    const phone = newPhone();
    const buyer = web.buyer(phone);
    const { providerId } = await channel.send(to(phone));
    await buyer.react(providerId, '👍');
    expect((await contentFrom(shared(), phone, 'reaction')).content).toMatchObject({
      to: providerId,
      emoji: '👍',
    });
    await buyer.react(providerId, '');
    await until('it was taken back', () =>
      inbound.some(
        ({ content }) => content.kind === 'reaction' && content.emoji === null && content.to === providerId,
      ),
    );
  });

  it('hands over calls', async () => {
    const { web } = shared();
    const phone = newPhone();
    await web.buyer(phone).call({ video: true });
    expect((await contentFrom(shared(), phone, 'call')).content).toEqual({ kind: 'call', video: true });
  });

  it('keeps out groups, statuses and what nobody wrote', async () => {
    const { web, inbound } = shared();
    const phone = newPhone();
    const group = await web.groupText('Society', phone, 'Meeting at 6');
    const status = await web.status(phone, 'On holiday');
    const own = await web.buyer(phone).text('Hello');
    await keyed(shared(), own);
    const keys = inbound.map(({ key }) => key);
    expect(keys).not.toContain(group);
    expect(keys).not.toContain(status);
    const { messages } = await historyOf(shared(), minutesAgo(1));
    expect(messages.map(({ key }) => key)).toEqual(expect.not.arrayContaining([group, status]));
    expect(messages.filter(({ from }) => from.value === phone).map(({ key }) => key)).toEqual([own]);
  });

  it('hands over a flood in order, in batches', async () => {
    const { web, inbound, batches } = shared();
    const phone = newPhone();
    const buyer = web.buyer(phone);
    const ids: string[] = [];
    for (let n = 0; n < 200; n++) ids.push(await buyer.text(`Message ${n}`));
    await keyed(shared(), ids.at(-1) ?? '');
    expect(inbound.filter(({ from }) => from.value === phone).map(({ key }) => key)).toEqual(ids);
    expect(batches.every((size) => size <= 100)).toBe(true);
  });

  it('offers again, in order, what the application could not take', async () => {
    const { web, inbound, take } = shared();
    const phone = newPhone();
    const buyer = web.buyer(phone);
    let refusals = 0;
    take.inbound = async () => {
      refusals += 1;
      throw new Error('the database is away');
    };
    const ids = [await buyer.text('One'), await buyer.text('Two'), await buyer.text('Three')];
    await until('it was refused more than once', () => refusals > 2);
    take.inbound = async () => undefined;
    await keyed(shared(), ids[2] ?? '');
    expect(inbound.filter(({ from }) => from.value === phone).map(({ key }) => key)).toEqual(ids);
  });

  it('marks a chat as read and shows typing', async () => {
    const { web, channel } = shared();
    const phone = newPhone();
    const buyer = web.buyer(phone);
    const { key } = await keyed(shared(), await buyer.text('Hello'));
    await channel.markRead(key, true);
    expect(web.reads).toContain(buyer.chat);
    await until('typing', () => web.typings.includes(buyer.chat));
    await channel.markRead('unheard of', true);
  });

  it('leaves the notes of the owner to themselves alone', async () => {
    const { web, echoes } = shared();
    const note = await web.ownerTypes('+919999900000', 'Buy milk');
    const phone = newPhone();
    await keyed(shared(), await web.buyer(phone).text('Hello'));
    expect(echoes.map(({ key }) => key)).not.toContain(note);
    const history = await historyOf(shared(), minutesAgo(1));
    expect(history.echoes.map(({ key }) => key)).not.toContain(note);
  });

  it('tells of what the owner types on the phone, but not of what this run sends', async () => {
    const { web, channel, echoes } = shared();
    const phone = newPhone();
    await keyed(shared(), await web.buyer(phone).text('Hello'));
    const [sent, typed] = await Promise.all([
      channel.send(to(phone)),
      web.ownerTypes(phone, 'I will call you'),
    ]);
    const echo = await until('the echo', () => echoes.find(({ key }) => key === typed));
    expect(echo).toMatchObject({
      to: { kind: 'pn', value: phone },
      content: { kind: 'text', text: 'I will call you' },
    });
    expect(echoes.map(({ key }) => key)).not.toContain(sent.providerId);
    const history = await historyOf(shared(), minutesAgo(1));
    const ours = history.echoes.filter(({ to: { value } }) => value === phone);
    expect(ours.map(({ key }) => key)).toEqual([typed]);
  });
});

withChromium('sends', () => {
  const shared = sharedWorld();

  /** A buyer who wrote to us before. */
  async function acquainted(): Promise<string> {
    const phone = newPhone();
    await keyed(shared(), await shared().web.buyer(phone).text('Hello'));
    return phone;
  }

  it('sends texts, one at a time and in order, and reports what becomes of them', async () => {
    const { web, channel, reports } = shared();
    const phone = await acquainted();
    const messages = Array.from({ length: 20 }, (_, n) => to(phone, { kind: 'text', text: `Line ${n}` }));
    const sent = await Promise.all(messages.map((message) => channel.send(message)));
    const bodies = web.sent.filter(({ chat }) => chat.startsWith(phone.slice(1))).map(({ body }) => body);
    expect(bodies).toEqual(messages.map((_, n) => `Line ${n}`));
    const first = sent[0]?.providerId ?? '';
    await web.ack(first, 3);
    await until('it is read', () =>
      reports.some(({ providerId, state }) => providerId === first && state === 'read'),
    );
    await web.ack(first, 4);
    const played = await until('it is played', () =>
      reports.find(({ providerId, state }) => providerId === first && state === 'played'),
    );
    expect(played.outboxId).toBe(messages[0]?.outboxId);
  });

  it('sends documents byte for byte', async () => {
    const { web, channel } = shared();
    const { providerId } = await channel.send(to(await acquainted(), BROCHURE));
    const sent = web.sent.find(({ id }) => id === providerId);
    expect(sent).toMatchObject({
      type: 'document',
      caption: 'Our brochure',
      fileName: 'Greenfield-brochure.pdf',
      mimeType: 'application/pdf',
    });
    expect(sent?.bytes?.equals(PDF)).toBe(true);
  });

  it('sends choices as a poll and takes the vote', async () => {
    const { web, channel } = shared();
    const phone = await acquainted();
    const { providerId } = await channel.send(to(phone, CHOICES));
    expect(web.sent.find(({ id }) => id === providerId)).toMatchObject({
      type: 'poll_creation',
      body: 'When would you like to come?',
      pollOptions: ['Saturday', 'Sunday'],
    });
    await web.buyer(phone).vote(providerId, ['Sunday']);
    const vote = await contentFrom(shared(), phone, 'vote');
    expect(vote.content).toEqual({ kind: 'vote', to: providerId, titles: ['Sunday'] });
    const { messages } = await historyOf(shared(), minutesAgo(1));
    expect(messages.map(({ key }) => key)).toContain(vote.key);
  });

  it('numbers the choices where they do not fit a poll, or WhatsApp refuses it', async () => {
    const { web, channel, reports } = shared();
    const phone = await acquainted();
    const lengthy: OutboundContent = { ...CHOICES, text: 'Please choose. '.repeat(20) } as OutboundContent;
    const numbered = await channel.send(to(phone, lengthy));
    expect(web.sent.find(({ id }) => id === numbered.providerId)?.body).toMatch(/1\. Saturday\n2\. Sunday$/);
    web.refuseNextSend('ack');
    const message = to(phone, CHOICES);
    const { providerId } = await channel.send(message);
    expect(web.sent.find(({ id }) => id === providerId)?.body).toBe(
      'When would you like to come?\n1. Saturday\n2. Sunday',
    );
    await until('it is delivered', () => reports.some((report) => report.providerId === providerId));
    expect(
      reports.filter(({ outboxId, state }) => outboxId === message.outboxId && state === 'failed'),
    ).toEqual([]);
  });

  it('pitfall 10: knows a refused send by its ack, and a cold one by the chat', async () => {
    const { web, channel } = shared();
    const phone = await acquainted();
    web.refuseNextSend('ack');
    expect(await failureOf(channel.send(to(phone)))).toMatchObject({ class: 'retry', code: 'refused' });
    web.refuseNextSend('ack');
    expect(await failureOf(channel.send(to(newPhone())))).toMatchObject({ class: 'recipient', code: '463' });
  });

  it('reports a message that is refused later', async () => {
    const { web, channel, reports } = shared();
    const { providerId } = await channel.send(to(await acquainted()));
    await web.ack(providerId, -1);
    await until('the failure', () =>
      reports.some((report) => report.providerId === providerId && report.state === 'failed'),
    );
  });

  it('refuses what cannot be sent', async () => {
    const { web, channel } = shared();
    const phone = newPhone();
    web.unregistered.add(phone);
    expect(await failureOf(channel.send(to(phone)))).toMatchObject({
      class: 'recipient',
      code: 'not_on_whatsapp',
    });
    const template: OutboundContent = { kind: 'template', name: 'x', languageCode: 'en', parameters: [] };
    expect((await failureOf(channel.send(to(newPhone(), template)))).class).toBe('template');
    const foreign: Outbound = { ...to(phone), to: { kind: 'bsuid', value: 'IN.134' } };
    expect((await failureOf(channel.send(foreign))).class).toBe('recipient');
  });

  it('reconciles a send whose outcome is unknown', async () => {
    const { web, channel, echoes } = shared();
    const phone = await acquainted();
    const began = new Date();
    for (const content of [TEXT, CHOICES, BROCHURE]) {
      const message = to(phone, content);
      expect(await channel.reconcile(message, began)).toEqual({ kind: 'absent' });
      const { providerId } = await channel.send(message);
      expect(await channel.reconcile(message, began)).toEqual({ kind: 'sent', providerId });
      expect(await channel.reconcile(to(phone, content), began)).toEqual({ kind: 'absent' });
    }
    web.refuseNextSend('throw');
    const thrown = to(phone, { kind: 'text', text: 'Never went out' });
    expect((await failureOf(channel.send(thrown))).class).toBe('unknown');
    expect(await channel.reconcile(thrown, began)).toEqual({ kind: 'absent' });
    expect(echoes.filter(({ to: { value } }) => value === phone)).toEqual([]);
  });

  it('waits like a person, with typing shown', async () => {
    const { web, channel } = await ownWorld({ delayMs: { least: 30, most: 60 } });
    const phone = newPhone();
    await channel.send(to(phone));
    expect(web.typings).toEqual([`${phone.slice(1)}@c.us`]);
    expect(web.reads).toEqual([]);
  });

  it('leaves a send that is not answered unknown, and knows its own message later', async () => {
    const world = await ownWorld({ timings: { sendLimitMs: 1_500 } });
    const { web, channel, echoes, reports } = world;
    const phone = newPhone();
    await keyed(world, await web.buyer(phone).text('Hello'));
    web.refuseNextSend('afterAccept');
    const message = to(phone);
    const began = new Date();
    expect(await failureOf(channel.send(message))).toMatchObject({ class: 'unknown', code: 'no_answer' });
    const sent = web.sent.at(-1);
    expect(await channel.reconcile(message, began)).toEqual({ kind: 'sent', providerId: sent?.id });
    await web.ack(sent?.id ?? '', 3);
    const read = await until('it is read', () => reports.find(({ state }) => state === 'read'));
    expect(read).toMatchObject({ providerId: sent?.id, outboxId: message.outboxId });
    web.refuseNextSend('hang');
    const hung = to(phone, { kind: 'text', text: 'Nobody gets this' });
    expect((await failureOf(channel.send(hung))).class).toBe('unknown');
    expect(await channel.reconcile(hung, began)).toEqual({ kind: 'absent' });
    expect((await channel.send(to(phone))).state).toMatch(/sent|delivered/);
    expect(echoes).toEqual([]);
  });
});

withChromium('files and the past', () => {
  const shared = sharedWorld();

  it('pitfall 14: a file that cannot be had now can be had later', async () => {
    const { web, channel } = shared();
    const sent = await web
      .buyer(newPhone())
      .media({ kind: 'document', bytes: PDF, mimeType: 'application/pdf', fileName: 'a.pdf' });
    const { content } = await keyed(shared(), sent);
    const ref = content.kind === 'media' ? content.ref : '';
    for (const fault of ['reuploading', 'error', '404'] as const) {
      await web.failMedia(1, fault);
      expect((await channel.fetchMedia(ref)).kind).toBe('later');
    }
    const file = await channel.fetchMedia(ref);
    expect(file).toMatchObject({ kind: 'media', mimeType: 'application/pdf', fileName: 'a.pdf' });
  });

  it('says that a file is gone with its message', async () => {
    const { web, channel } = shared();
    const buyer = web.buyer(newPhone());
    const sent = await buyer.media({ kind: 'document', bytes: PDF, mimeType: 'application/pdf' });
    const { content } = await keyed(shared(), sent);
    await buyer.revoke(sent);
    await until(
      'it is gone',
      async () => (await channel.fetchMedia(content.kind === 'media' ? content.ref : '')).kind === 'gone',
    );
    expect((await channel.fetchMedia('false_919999900001@c.us_NOBODY')).kind).toBe('gone');
  });

  it('hands over a large file in slices', async () => {
    const { web, channel } = shared();
    const bytes = Buffer.alloc(20 * 1024 * 1024 + 7, 'a long video ');
    const sent = await web.buyer(newPhone()).media({ kind: 'video', bytes, mimeType: 'video/mp4' });
    const { content } = await keyed(shared(), sent);
    const file = await channel.fetchMedia(content.kind === 'media' ? content.ref : '');
    if (file.kind !== 'media') throw new Error(file.reason);
    let largest = 0;
    const parts: Buffer[] = [];
    for await (const part of file.bytes as AsyncIterable<Buffer>) {
      largest = Math.max(largest, part.length);
      parts.push(part);
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect(largest).toBeLessThanOrEqual(4 * 1024 * 1024);
  });

  it('reads back as far as it is asked to, each chat oldest first', async () => {
    const { web } = shared();
    const phone = newPhone();
    const buyer = web.buyer(phone);
    await buyer.text('Long ago', { at: minutesAgo(600) });
    const ids: string[] = [];
    for (let n = 0; n < 120; n++) ids.push(await buyer.text(`Message ${n}`, { at: minutesAgo(30 - n / 10) }));
    await keyed(shared(), ids.at(-1) ?? '');
    const { messages } = await historyOf(shared(), minutesAgo(60));
    expect(messages.filter(({ from }) => from.value === phone).map(({ key }) => key)).toEqual(ids);
  });
});

withChromium('a session that breaks is back', () => {
  const shared = sharedWorld({ timings: { probeLimitMs: 1_500 } });

  /** The shared session as it stands when all is well, with nothing heard yet. */
  async function whole(): Promise<World> {
    const world = shared();
    await ready(world);
    for (const heard of [world.inbound, world.echoes, world.reports, world.states]) heard.length = 0;
    return world;
  }

  it('pitfalls 2 and 3: hears again after the page was reloaded, and everything once', async () => {
    const world = await whole();
    const { web, channel, inbound, states } = world;
    const before = channel.browserPid();
    const buyer = web.buyer(newPhone());
    for (const fastSync of [true, false, true]) {
      const readies = states.filter((state) => state === 'ready').length;
      await web.reloadPage({ fastSync });
      await until('ready is told again', () => states.filter((state) => state === 'ready').length > readies);
      await keyed(world, await buyer.text('Hello'));
    }
    expect(channel.browserPid()).toBe(before);
    expect(inbound.map(({ content }) => content.kind)).toEqual(['text', 'text', 'text']);
  });

  it('pitfalls 4 and 5: is back after a kill, and finds what came meanwhile', async () => {
    const world = await whole();
    const { web, channel, states, inbound } = world;
    const phone = newPhone();
    const buyer = web.buyer(phone);
    const seen = await keyed(world, await buyer.text('Hello'));
    const since = new Date(seen.at.getTime() - 1_000);
    const before = channel.browserPid() ?? 0;
    process.kill(before, 'SIGKILL');
    await until('the loss is known', () => channel.health() !== 'ready');
    const error = await failureOf(channel.send(to(phone)));
    expect(error).toMatchObject({ class: 'retry', retryAfterMs: expect.any(Number) });
    expect(await channel.reconcile(to(phone), since)).toEqual({ kind: 'unclear' });
    const missed = await buyer.text('Are you there?');
    const typed = await web.ownerTypes(phone, 'Yes');
    await ready(world, before);
    expect(states.filter((state) => state === 'ready').length).toBe(1);
    const { messages, echoes } = await historyOf(world, since);
    const keysOf = (items: (Inbound | Echo)[]) =>
      items.filter((item) => ('from' in item ? item.from : item.to).value === phone).map(({ key }) => key);
    expect(keysOf(messages)).toEqual([seen.key, missed]);
    expect(keysOf(echoes)).toEqual([typed]);
    expect(inbound.map(({ key }) => key)).toEqual([seen.key]);
    expect((await channel.send(to(phone))).state).toMatch(/sent|delivered/);
  });

  it('pitfall 5: is back after the page crashed', async () => {
    const world = await whole();
    const before = world.channel.browserPid() ?? 0;
    await world.web.crashPage();
    await ready(world, before);
    await until('the old browser is gone', () => !isAlive(before));
    await keyed(world, await world.web.buyer(newPhone()).text('Hello'));
  }, 60_000);

  it('pitfall 5: is back after the page stood still', async () => {
    const world = await whole();
    const { web, channel } = world;
    const before = channel.browserPid() ?? 0;
    await web.hang(true);
    await until('another browser', () => channel.browserPid() !== before, 20_000);
    await web.hang(false);
    await ready(world, before);
    expect(isAlive(before)).toBe(false);
  }, 60_000);

  it('pitfall 9: takes the session back in a conflict', async () => {
    const world = await whole();
    const { web, channel, states } = world;
    const before = channel.browserPid();
    await web.setState('CONFLICT');
    await until('the conflict was seen', () => states.includes('degraded'));
    await ready(world);
    expect(channel.browserPid()).toBe(before);
    await keyed(world, await web.buyer(newPhone()).text('Hello'));
  });

  it('pitfall 9: is degraded without a connection, and ready again with it', async () => {
    const world = await whole();
    const { web, channel, states } = world;
    const before = channel.browserPid();
    web.drop();
    await until('the loss is known', () => channel.health() === 'degraded');
    expect(channel.pairing().reason).toContain('network');
    await web.restore();
    await ready(world);
    expect(channel.browserPid()).toBe(before);
    expect(states.slice(-2)).toEqual(['degraded', 'ready']);
  });

  it('pitfall 9: says that WhatsApp refuses us, until a person tries again', async () => {
    const world = await whole();
    const { web, channel } = world;
    const before = channel.browserPid() ?? 0;
    await web.setState('PROXYBLOCK');
    await until('it is blocked', () => channel.health() === 'blocked' && !isAlive(before));
    expect(channel.pairing().reason).toContain('refuses');
    await channel.retry();
    await ready(world, before);
  });
});

withChromium('what goes wrong', () => {
  it('pitfall 1: is ready although the history came before the library listened', async () => {
    const world = await ownWorld({
      prepare: (web) => {
        web.fastSync = true;
      },
    });
    const id = await world.web.buyer(ASHA).text('Hello');
    await keyed(world, id);
    expect(world.inbound.length).toBe(1);
  });

  it('pitfall 9: begins anew when the connection stays away', async () => {
    const world = await ownWorld({ timings: { offlineLimitMs: 400 } });
    const before = world.channel.browserPid();
    world.web.drop();
    await ready(world, before);
  });

  it('pitfall 9: shows a QR code when the phone is UNPAIRED', async () => {
    const world = await ownWorld();
    await world.web.logoutFromPhone('state');
    await until('a QR code', () => world.channel.pairing().qr, 20_000);
    expect(world.states).toContain('loggedOut');
  });

  it('pitfall 12: starts on a profile that another machine left locked', async () => {
    const world = await ownWorld({
      prepare: async (_, sessionDir) => {
        const profile = join(sessionDir, 'session-baton');
        await mkdir(profile, { recursive: true });
        await symlink('another-machine-4711', join(profile, 'SingletonLock'));
        await symlink('/nowhere', join(profile, 'SingletonSocket'));
      },
    });
    const lock = await readlink(join(world.sessionDir, 'session-baton', 'SingletonLock'));
    expect(lock).toBe(`${hostname()}-${world.channel.browserPid()}`);
  });

  it('pitfall 12: ends the browser that an earlier run left on its profile', async () => {
    let left: ChildProcess | undefined;
    const world = await ownWorld({
      prepare: async (_, sessionDir) => {
        const profile = join(sessionDir, 'session-baton');
        await mkdir(profile, { recursive: true });
        left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', profile], { detached: true });
        await symlink(`${hostname()}-${left.pid}`, join(profile, 'SingletonLock'));
      },
    });
    await until('the one left is gone', () => left?.signalCode === 'SIGKILL');
    expect(world.channel.health()).toBe('ready');
  });

  it('does not share a session with another process', async () => {
    const world = await ownWorld();
    const { web, sessionDir } = world;
    await expect(makeWorld({ web, sessionDir, begun: false })).rejects.toMatchObject({
      code: 'session_in_use',
    });
    await world.channel.stop();
    expect(await readdir(sessionDir)).not.toContain('baton.lock');
    await writeFile(join(sessionDir, 'baton.lock'), `boot/ns/999999999/1/${randomUUID()}`);
    await expect(makeWorld({ web, sessionDir, begun: false })).rejects.toMatchObject({
      code: 'session_in_use',
    });
  });

  it('pitfall 13: a page that never loads is given up with its browser, and tried again', async () => {
    const world = await ownWorld({
      begun: false,
      timings: { authTimeoutMs: 700, startLimitMs: 3_000 },
      prepare: (web) => {
        web.neverSync = true;
      },
    });
    const { web, channel } = world;
    const before = await until('a browser', () => channel.browserPid());
    await until('it is known', () => channel.health() === 'degraded', 20_000);
    expect(channel.pairing().reason).toMatch(/did not (load|start)/);
    await until('the browser is gone', () => !isAlive(before));
    web.neverSync = false;
    await ready(world, before);
  });

  it('leaves no process behind when it is stopped while it starts', async () => {
    const web = await startWhatsAppWeb({ linked: true });
    try {
      for (const sayWhen of [
        () => true,
        (world: World) => world.channel.browserPid(),
        (world: World) => world.web.pageOpen(),
      ]) {
        const world = await makeWorld({ web, begun: false });
        await until('the moment', () => Boolean(sayWhen(world)));
        await world.close();
        expect(world.channel.health()).toBe('stopped');
        expect(existsSync(join(world.sessionDir, 'session-baton', 'SingletonLock'))).toBe(false);
        const pid = world.channel.browserPid();
        expect(pid === undefined || !isAlive(pid)).toBe(true);
      }
    } finally {
      await web.stop();
    }
  });

  it('begins anew when it is asked to, through a close that keeps the session', async () => {
    const world = await ownWorld({ standIn: { linked: false, pairingIn: 'profile' }, begun: false });
    const { web, channel, states } = world;
    await until('a QR code', () => channel.pairing().qr, 20_000);
    await web.scan();
    await ready(world);
    const before = channel.browserPid() ?? 0;
    await channel.restart('nightly');
    await ready(world, before);
    expect(isAlive(before)).toBe(false);
    expect(states.filter((state) => state === 'pairing').length).toBe(1);
  });
});
