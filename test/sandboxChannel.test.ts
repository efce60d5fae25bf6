import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { pino } from 'pino';
import request from 'supertest';
import {
  ChannelError,
  type DeliveryReport,
  type Inbound,
  type OutboundContent,
} from '../bot/channels/channel.ts';
import { createSandboxChannel, type SandboxChannel } from '../bot/channels/sandbox/sandboxChannel.ts';

const ASHA = '+919999900001';
const ROHAN = '+919999900002';
const HOUR_MS = 60 * 60 * 1000;
const PDF = Buffer.concat([
  Buffer.from('%PDF-1.7\n'),
  Buffer.from(Array.from({ length: 4096 }, (_, i) => i % 256)),
]);

type World = {
  sandbox: SandboxChannel;
  app: express.Express;
  inbound: Inbound[];
  batches: string[][];
  reports: DeliveryReport[];
  clock: { now: Date };
  /** What the app does with messages: replaced to refuse or to be slow. */
  take: { inbound: (messages: Inbound[]) => Promise<void>; delivery: () => Promise<void> };
};

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function makeWorld(options: { stateFile?: string; started?: boolean } = {}): Promise<World> {
  const clock = { now: new Date('2026-11-23T04:30:00Z') };
  const take: World['take'] = { inbound: async () => {}, delivery: async () => {} };
  const inbound: Inbound[] = [];
  const batches: string[][] = [];
  const reports: DeliveryReport[] = [];
  const sandbox = createSandboxChannel({
    log: pino({ level: 'silent' }),
    now: () => clock.now,
    newId: randomUUID,
    ...(options.stateFile && { stateFile: options.stateFile }),
  });
  const app = express().use('/sandbox/phone', sandbox.router);
  const world = { sandbox, app, inbound, batches, reports, clock, take };
  if (options.started !== false) await start(world);
  cleanups.push(() => sandbox.stop());
  return world;
}

function start({ sandbox, take, inbound, batches, reports }: World): Promise<void> {
  return sandbox.start({
    inbound: async (messages) => {
      await take.inbound(messages);
      inbound.push(...messages);
      batches.push(messages.map(({ key }) => key));
    },
    delivery: async (items) => {
      await take.delivery();
      reports.push(...items);
    },
    echo: async () => undefined,
    state: () => undefined,
  });
}

function chatPath(number: string, rest: string): string {
  return `/sandbox/phone/api/chats/${encodeURIComponent(number)}/${rest}`;
}

function postText(world: World, key: string, text: string, number = ASHA) {
  return request(world.app).post(chatPath(number, 'messages')).send({ key, text });
}

let sent = 0;
function sendTo(world: World, content: OutboundContent, number = ASHA) {
  sent += 1;
  return world.sandbox.send({ to: { kind: 'pn', value: number }, outboxId: `outbox-${sent}`, content });
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('The condition never came true.');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function refusal(sending: Promise<unknown>): Promise<ChannelError> {
  const error = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ChannelError) return error;
  throw new Error('The send was not refused by the channel.');
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'phones-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('what a buyer writes', () => {
  it('reaches the app in the order written, also when the first is slow', async () => {
    const world = await makeWorld();
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.take.inbound = async ([message]) => (message?.key === 'key-0001' ? gate : undefined);
    const texts = ['one', 'two', 'three'].map((text, index) =>
      world.sandbox.writeAs(ASHA, text, { key: `key-000${index + 1}` }),
    );
    const other = await world.sandbox.writeAs(ROHAN, 'another phone does not wait');
    expect(other.state).toBe('delivered');
    expect(world.sandbox.transcript(ASHA).map(({ state }) => state)).toEqual([
      'sending',
      'sending',
      'sending',
    ]);
    release();
    await Promise.all(texts);
    const fromAsha = world.inbound.filter(({ from }) => from.value === ASHA);
    expect(fromAsha.map(({ key }) => key)).toEqual(['key-0001', 'key-0002', 'key-0003']);
    expect(fromAsha[0]).toMatchObject({
      from: { kind: 'pn', value: ASHA },
      profileName: 'Asha Verma',
      at: world.clock.now,
      content: { kind: 'text', text: 'one' },
    });
  });

  it('is handed over once under one key, however often and however fast it is posted', async () => {
    const world = await makeWorld();
    const answers = await Promise.all([1, 2, 3, 4].map(() => postText(world, 'key-0001', 'Hi')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(world.inbound.map(({ key }) => key)).toEqual(['key-0001']);
    expect(world.sandbox.transcript(ASHA)).toHaveLength(1);
    const taken = await postText(world, 'key-0001', 'Hi', ROHAN);
    expect(taken.status).toBe(409);
    expect(taken.body.error.field).toBe('key');
  });

  it('is ticked only once the app has it; a refused one is retried under its key', async () => {
    const world = await makeWorld();
    world.take.inbound = async () => {
      throw new Error('the database is away');
    };
    const refused = await postText(world, 'key-0001', 'Hi');
    expect(refused.status).toBe(502);
    expect(refused.body.message.state).toBe('undelivered');
    world.take.inbound = async () => {};
    const later = await postText(world, 'key-0002', 'Anyone?');
    expect(later.body.message.state).toBe('delivered');
    const retried = await request(world.app).post(chatPath(ASHA, 'retries')).send({ key: 'key-0001' });
    expect(retried.status).toBe(200);
    expect(world.inbound.map(({ key }) => key)).toEqual(['key-0002', 'key-0001']);
    expect(world.sandbox.transcript(ASHA).map(({ state }) => state)).toEqual(['delivered', 'delivered']);
  });

  it('gets blue ticks that never turn grey again', async () => {
    const world = await makeWorld();
    // The app may mark a message read before it has acknowledged it.
    world.take.inbound = async ([message]) => world.sandbox.markRead(message?.key ?? '', true);
    await world.sandbox.writeAs(ASHA, 'Hi', { key: 'key-0001' });
    expect(world.sandbox.transcript(ASHA)[0]?.state).toBe('read');
    await postText(world, 'key-0001', 'Hi');
    await world.sandbox.markRead('no-such-key', true);
    expect(world.sandbox.transcript(ASHA)[0]?.state).toBe('read');
  });

  it('waits with one tick while the line is cut, then comes as one batch in order', async () => {
    const world = await makeWorld();
    world.sandbox.goOffline();
    expect(world.sandbox.health()).toBe('degraded');
    expect((await postText(world, 'key-0001', 'Hi')).status).toBe(202);
    await world.sandbox.writeAs(ASHA, 'Hello?', { key: 'key-0002' });
    expect(world.sandbox.transcript(ASHA).map(({ state }) => state)).toEqual(['sent', 'sent']);
    expect((await refusal(sendTo(world, { kind: 'text', text: 'Hi' }))).class).toBe('retry');
    await Promise.all([world.sandbox.goOnline(), world.sandbox.goOnline()]);
    expect(world.batches).toEqual([['key-0001', 'key-0002']]);
    expect(world.sandbox.transcript(ASHA).map(({ state }) => state)).toEqual(['delivered', 'delivered']);
  });

  it('is kept as text, whatever is in it', async () => {
    const world = await makeWorld();
    const texts = [
      '<script>alert(1)</script><img src=x onerror=alert(1)>',
      'null \u0000 byte',
      'مرحبا \u202Eright to left\u202C שלום',
      'मुझे ब्रोशर भेजिए 🙏🏽',
      `${'x'.repeat(64_999)}y`,
    ];
    for (const [index, text] of texts.entries()) await postText(world, `key-000${index}`, text).expect(200);
    expect(world.inbound.map(({ content }) => content.kind === 'text' && content.text)).toEqual(texts);
    const shown = await request(world.app).get(chatPath(ASHA, '').slice(0, -1));
    expect(shown.type).toBe('application/json');
    expect(shown.headers['x-content-type-options']).toBe('nosniff');
    expect(shown.body.messages.map(({ body }: { body: { text: string } }) => body.text)).toEqual(texts);
  });

  it('is refused with the field named when it is not valid, and 413 when it is too large', async () => {
    const world = await makeWorld();
    const cases: [object, number, string][] = [
      [{ key: 'key-0001' }, 400, 'text'],
      [{ key: 'key-0001', text: ' \n ' }, 400, 'text'],
      [{ key: 'x y', text: 'Hi' }, 400, 'key'],
      [{ key: 'key-0001', text: 'Hi', quoted: 'nothing' }, 400, 'quoted'],
      [{ key: 'key-0001', text: 'x'.repeat(65_001) }, 413, 'text'],
      [{ key: 'key-0001', text: 'x'.repeat(600_000) }, 413, 'body'],
    ];
    for (const [body, status, field] of cases) {
      const answer = await request(world.app).post(chatPath(ASHA, 'messages')).send(body);
      expect([answer.status, answer.body.error.field]).toEqual([status, field]);
    }
    const nobody = await postText(world, 'key-0001', 'Hi', 'asha');
    expect([nobody.status, nobody.body.error.field]).toEqual([400, 'number']);
    const broken = await request(world.app)
      .post(chatPath(ASHA, 'messages'))
      .type('application/json')
      .send('{"key":');
    expect([broken.status, broken.body.error.field]).toEqual([400, 'body']);
    expect((await request(world.app).get('/sandbox/phone/api/nothing')).status).toBe(404);
    expect(world.inbound).toEqual([]);
  });
});

describe('attachments', () => {
  it('reach the app as media and come back byte for byte', async () => {
    const world = await makeWorld();
    const answer = await request(world.app)
      .post(chatPath(ASHA, 'attachments'))
      .query({ key: 'key-0001', fileName: 'पैन कार्ड.pdf', caption: 'My PAN' })
      .type('application/pdf')
      .send(PDF);
    expect(answer.status).toBe(200);
    const content = world.inbound[0]?.content;
    expect(content).toMatchObject({
      kind: 'media',
      media: 'document',
      mimeType: 'application/pdf',
      fileName: 'पैन कार्ड.pdf',
      caption: 'My PAN',
    });
    const media = await world.sandbox.fetchMedia(content?.kind === 'media' ? content.ref : '');
    if (media.kind !== 'media') throw new Error('the file was not there');
    expect(media.mimeType).toBe('application/pdf');
    expect((await buffer(media.bytes)).equals(PDF)).toBe(true);
    expect(await world.sandbox.fetchMedia('../../etc/passwd')).toMatchObject({ kind: 'gone' });
  });

  it('are refused when they are empty, too large or of a kind that could run', async () => {
    const world = await makeWorld();
    const attach = (type: string, bytes: Buffer) =>
      request(world.app)
        .post(chatPath(ASHA, 'attachments'))
        .query({ key: 'key-0001', fileName: 'a' })
        .type(type)
        .send(bytes);
    expect((await attach('image/png', Buffer.alloc(0))).status).toBe(400);
    expect((await attach('image/png', Buffer.alloc(16 * 1024 * 1024 + 1))).status).toBe(413);
    expect((await attach('image/svg+xml', Buffer.from('<svg/>'))).status).toBe(415);
    expect((await attach('text/html', Buffer.from('<p>'))).status).toBe(415);
    expect((await attach('audio/ogg; codecs=opus', Buffer.from('OggS'))).status).toBe(200);
    expect(world.inbound.map(({ content }) => content.kind === 'media' && content.media)).toEqual(['audio']);
  });
});

describe('what else a phone can do', () => {
  const contents = (world: World) => world.inbound.map(({ content }) => content);

  it('is to share a place or a contact, to ring, and to speak into it', async () => {
    const world = await makeWorld();
    const place = { latitudeDeg: 19.0669, longitudeDeg: 72.8656, name: 'Bandra Kurla Complex' };
    await world.sandbox.locateAs(ASHA, place);
    await world.sandbox.contactAs(ASHA, { name: 'Ravi Kumar', phones: ['+919999900011'] });
    await world.sandbox.callAs(ASHA);
    await world.sandbox.callAs(ASHA, true);
    const note = { fileName: 'note.ogg', mimeType: 'audio/ogg', caption: '', voice: true } as const;
    await world.sandbox.attachAs(ASHA, { ...note, bytes: Buffer.from('OggS') });
    expect(contents(world)).toMatchObject([
      { kind: 'location', ...place },
      { kind: 'contacts', contacts: [{ name: 'Ravi Kumar', phones: ['+919999900011'] }] },
      { kind: 'call', video: false },
      { kind: 'call', video: true },
      { kind: 'media', media: 'audio', voice: true, mimeType: 'audio/ogg', sizeBytes: 4 },
    ]);
  });

  it('is to react to a message of either side, to change the reaction and to take it back', async () => {
    const world = await makeWorld();
    const own = await world.sandbox.writeAs(ASHA, 'Hi');
    const { providerId } = await sendTo(world, { kind: 'text', text: 'Will you need a loan?' });
    await world.sandbox.reactAs(ASHA, own.id, '❤️');
    await world.sandbox.reactAs(ASHA, providerId, '👎');
    await world.sandbox.reactAs(ASHA, providerId, '👍');
    const reactions = () =>
      world.sandbox
        .transcript(ASHA)
        .slice(0, 2)
        .map(({ reaction }) => reaction);
    expect(reactions()).toEqual(['❤️', '👍']);
    await world.sandbox.reactAs(ASHA, providerId, null);
    expect(reactions()).toEqual(['❤️', undefined]);
    expect(contents(world).slice(1)).toEqual([
      { kind: 'reaction', to: own.id, emoji: '❤️' },
      { kind: 'reaction', to: providerId, emoji: '👎' },
      { kind: 'reaction', to: providerId, emoji: '👍' },
      { kind: 'reaction', to: providerId, emoji: null },
    ]);
  });

  it('is to edit and to delete what was written, of their own only', async () => {
    const world = await makeWorld();
    const { id } = await world.sandbox.writeAs(ASHA, 'I want to viist');
    const { providerId } = await sendTo(world, { kind: 'text', text: 'Welcome' });
    await world.sandbox.editAs(ASHA, id, 'I want to visit');
    expect(world.sandbox.transcript(ASHA)[0]).toMatchObject({
      body: { text: 'I want to visit' },
      edited: true,
    });
    await world.sandbox.revokeAs(ASHA, id);
    expect(world.sandbox.transcript(ASHA)[0]).toMatchObject({ revoked: true });
    expect(contents(world).slice(1)).toEqual([
      { kind: 'edited', to: id, text: 'I want to visit' },
      { kind: 'revoked', to: id },
    ]);
    await expect(world.sandbox.editAs(ASHA, providerId, 'Go away')).rejects.toMatchObject({ status: 409 });
    await expect(world.sandbox.revokeAs(ASHA, providerId)).rejects.toMatchObject({ status: 409 });
    await expect(world.sandbox.editAs(ASHA, id, 'back again')).rejects.toMatchObject({ status: 404 });
    await expect(world.sandbox.reactAs(ROHAN, providerId, '👍')).rejects.toMatchObject({ status: 404 });
  });

  it('is posted by the page, once per key, and refused with the field named', async () => {
    const world = await makeWorld();
    const { id } = await world.sandbox.writeAs(ASHA, 'Hi');
    const post = (rest: string, body: object) => request(world.app).post(chatPath(ASHA, rest)).send(body);
    const place = { key: 'key-0001', latitudeDeg: 19, longitudeDeg: 72 };
    const card = { key: 'key-0002', name: 'Ravi Kumar', phones: ['+919999900011'] };
    const good: [string, object][] = [
      ['locations', place],
      ['contacts', card],
      ['calls', { key: 'key-0003', video: true }],
      ['reactions', { key: 'key-0004', to: id, emoji: '👍🏽' }],
      ['edits', { key: 'key-0005', to: id, text: 'Hello' }],
      ['revocations', { key: 'key-0006', to: id }],
    ];
    for (const [rest, body] of [...good, ...good]) expect((await post(rest, body)).status).toBe(200);
    expect(contents(world).map(({ kind }) => kind)).toEqual([
      'text',
      'location',
      'contacts',
      'call',
      'reaction',
      'edited',
      'revoked',
    ]);
    const bad: [string, object, number, string][] = [
      ['locations', { ...place, key: 'key-0011', latitudeDeg: 'north' }, 400, 'latitudeDeg'],
      ['contacts', { ...card, key: 'key-0012', phones: ['12'] }, 400, 'phones.0'],
      ['reactions', { key: 'key-0013', to: id, emoji: 'thumbs up' }, 400, 'emoji'],
      ['reactions', { key: 'key-0014', to: 'nothing', emoji: '👍' }, 404, 'to'],
      ['edits', { key: 'key-0015', to: id, text: ' ' }, 400, 'text'],
      ['revocations', { key: 'key-0016', to: 'nothing' }, 404, 'to'],
    ];
    for (const [rest, body, status, field] of bad) {
      const answer = await post(rest, body);
      expect([rest, answer.status, answer.body.error.field]).toEqual([rest, status, field]);
    }
  });

  it('waits with one tick like a message, and survives a restart', async () => {
    const stateFile = join(await makeFolder(), 'phones.json');
    const before = await makeWorld({ stateFile });
    const { id } = await before.sandbox.writeAs(ASHA, 'Hi');
    before.sandbox.goOffline();
    await before.sandbox.reactAs(ASHA, id, '👍', 'key-0001');
    await before.sandbox.callAs(ASHA, false, 'key-0002');
    await before.sandbox.editAs(ASHA, id, 'Hello', 'key-0003');
    await before.sandbox.stop();
    const after = await makeWorld({ stateFile });
    await until(() => after.batches.length === 1);
    expect(after.batches).toEqual([['key-0001', 'key-0002', 'key-0003']]);
    expect(after.sandbox.transcript(ASHA)[0]).toMatchObject({
      reaction: '👍',
      edited: true,
      body: { text: 'Hello' },
    });
    const { body } = await request(after.app).get('/sandbox/phone/api/phones');
    expect(body.phones[0].last.text).toBe('Edited: Hello');
  });
});

describe('what the app sends', () => {
  it('stands on the phone at once, and its ticks only rise', async () => {
    const world = await makeWorld();
    await world.sandbox.writeAs(ASHA, 'Hi');
    const first = await sendTo(world, { kind: 'text', text: 'Welcome' });
    const second = await sendTo(world, { kind: 'text', text: 'to the project' });
    expect(first.state).toBe('accepted');
    expect(world.reports).toEqual([]);
    expect(world.sandbox.transcript(ASHA).slice(1)).toMatchObject([
      { id: first.providerId, body: { text: 'Welcome' } },
      { id: second.providerId, body: { text: 'to the project' } },
    ]);
    await until(() => world.reports.length === 4);
    await request(world.app).post(chatPath(ASHA, 'read')).send({ upTo: second.providerId }).expect(204);
    await request(world.app).post(chatPath(ASHA, 'read')).send({ upTo: first.providerId }).expect(204);
    await until(() => world.reports.length === 6);
    const statesOf = (id: string) =>
      world.reports.filter(({ providerId }) => providerId === id).map(({ state }) => state);
    expect(statesOf(first.providerId)).toEqual(['sent', 'delivered', 'read']);
    expect(statesOf(second.providerId)).toEqual(['sent', 'delivered', 'read']);
    expect(world.reports[0]?.outboxId).toMatch(/^outbox-/);
  });

  it('owes the app every report until it is taken in', async () => {
    const world = await makeWorld();
    await world.sandbox.writeAs(ASHA, 'Hi');
    let refusals = 0;
    world.take.delivery = async () => {
      refusals += 1;
      throw new Error('the database is away');
    };
    const { providerId } = await sendTo(world, { kind: 'text', text: 'Welcome' });
    await until(() => refusals === 1);
    world.take.delivery = async () => {};
    await request(world.app).post(chatPath(ASHA, 'read')).send({ upTo: providerId }).expect(204);
    await until(() => world.reports.length === 3);
    expect(world.reports.map(({ state }) => state)).toEqual(['sent', 'delivered', 'read']);
  });

  it('must be a template outside 24 hours', async () => {
    const world = await makeWorld();
    const text: OutboundContent = { kind: 'text', text: 'Hi' };
    expect(await refusal(sendTo(world, text))).toMatchObject({ class: 'window', code: '131047' });
    await world.sandbox.writeAs(ASHA, 'Hi');
    world.clock.now = new Date(world.clock.now.getTime() + 24 * HOUR_MS);
    await sendTo(world, text);
    world.clock.now = new Date(world.clock.now.getTime() + 1);
    expect(await refusal(sendTo(world, text))).toMatchObject({ class: 'window', code: '131047' });
    const template: OutboundContent = {
      kind: 'template',
      name: 'visit_reminder',
      languageCode: 'en',
      parameters: ['Asha', '4 pm'],
    };
    await sendTo(world, template);
    expect(world.sandbox.transcript(ASHA).at(-1)?.body).toEqual({
      kind: 'text',
      text: '[visit_reminder]\nAsha\n4 pm',
    });
    await sendTo(world, template, '+919999900777');
    expect(world.sandbox.transcript('+919999900777')).toHaveLength(1);
  });

  it('carries documents byte for byte, shown in a tab only when that is safe', async () => {
    const world = await makeWorld();
    await world.sandbox.writeAs(ASHA, 'Brochure?');
    const document = { fileName: 'Brochure "A".pdf', mimeType: 'application/pdf', bytes: PDF };
    const { providerId } = await sendTo(world, { kind: 'document', document, caption: 'Here you are' });
    const shown = await request(world.app).get(`/sandbox/phone/api/files/${providerId}`).buffer(true);
    expect(Buffer.isBuffer(shown.body) && shown.body.equals(PDF)).toBe(true);
    expect(shown.headers['content-type']).toBe('application/pdf');
    expect(shown.headers['content-disposition']).toMatch(/^inline; filename="Brochure \\"A\\".pdf"/);
    expect(shown.headers['x-content-type-options']).toBe('nosniff');
    const page = {
      fileName: 'page.html',
      mimeType: 'text/html',
      bytes: Buffer.from('<script>alert(1)</script>'),
    };
    const html = await sendTo(world, { kind: 'document', document: page, caption: '' });
    const saved = await request(world.app).get(`/sandbox/phone/api/files/${html.providerId}`);
    expect(saved.headers['content-type']).toBe('application/octet-stream');
    expect(saved.headers['content-disposition']).toMatch(/^attachment/);
    expect((await request(world.app).get('/sandbox/phone/api/files/nothing')).status).toBe(404);
  });

  it('offers quick replies that can be tapped once', async () => {
    const world = await makeWorld();
    await world.sandbox.writeAs(ASHA, 'Hi');
    const choices = [
      { id: 'enquiry.configuration.2BHK', title: '2 BHK' },
      { id: 'enquiry.configuration.3BHK', title: '3 BHK' },
    ];
    const { providerId } = await sendTo(world, { kind: 'choices', text: 'Which one?', choices });
    const tap = { key: 'key-0001', messageId: providerId, choiceId: 'enquiry.configuration.2BHK' };
    const post = (body: object, number = ASHA) =>
      request(world.app).post(chatPath(number, 'taps')).send(body);
    expect((await post({ ...tap, choiceId: 'enquiry.configuration.9BHK' })).status).toBe(404);
    expect((await post(tap, ROHAN)).status).toBe(404);
    expect((await post(tap)).status).toBe(200);
    expect((await post(tap)).status).toBe(200);
    expect((await post({ ...tap, key: 'key-0002', choiceId: 'enquiry.configuration.3BHK' })).status).toBe(
      409,
    );
    expect(world.inbound.slice(1)).toMatchObject([
      { key: 'key-0001', quoted: providerId, content: { kind: 'choice', id: tap.choiceId, title: '2 BHK' } },
    ]);
    expect(world.sandbox.transcript(ASHA)[1]?.body).toMatchObject({ chosen: tap.choiceId });
    await sendTo(world, { kind: 'choices', text: 'Sure?', choices: [{ id: 'yes', title: 'Yes' }] });
    expect((await world.sandbox.tapAs(ASHA, 'yes')).body).toEqual({
      kind: 'choice',
      id: 'yes',
      title: 'Yes',
    });
  });

  it('fails on demand, and only an unknown outcome went out', async () => {
    const world = await makeWorld();
    await world.sandbox.writeAs(ASHA, 'Hi');
    world.sandbox.failNextSend('rate');
    world.sandbox.failNextSend('unknown');
    const text: OutboundContent = { kind: 'text', text: 'Hello' };
    expect(await refusal(sendTo(world, text))).toMatchObject({ class: 'rate', retryAfterMs: 1_000 });
    expect(world.sandbox.transcript(ASHA)).toHaveLength(1);
    expect((await refusal(sendTo(world, text))).class).toBe('unknown');
    expect(world.sandbox.transcript(ASHA)).toHaveLength(2);
    await until(() => world.reports.length === 2);
    expect(world.reports[0]?.outboxId).toBe(`outbox-${sent}`);
    await sendTo(world, text);
  });

  it('is refused when it cannot be carried', async () => {
    const world = await makeWorld();
    await world.sandbox.writeAs(ASHA, 'Hi');
    const choices = Array.from({ length: 11 }, (_, index) => ({ id: `c${index}`, title: `Choice ${index}` }));
    expect((await refusal(sendTo(world, { kind: 'choices', text: '?', choices }))).class).toBe('template');
    const group = world.sandbox.send({
      to: { kind: 'group', value: '123@g.us' },
      outboxId: 'outbox-group',
      content: { kind: 'text', text: 'Hi' },
    });
    expect((await refusal(group)).class).toBe('recipient');
  });
});

describe('phones', () => {
  it('survive a restart with chats and files, and hand over what was on its way', async () => {
    const stateFile = join(await makeFolder(), 'deep', 'phones.json');
    const before = await makeWorld({ stateFile });
    await before.sandbox.writeAs(ASHA, 'Hi', { key: 'key-0001' });
    const document = { fileName: 'Brochure.pdf', mimeType: 'application/pdf', bytes: PDF };
    const { providerId } = await sendTo(before, { kind: 'document', document, caption: '' });
    before.sandbox.goOffline();
    await before.sandbox.writeAs(ASHA, 'Still there?', { key: 'key-0002' });
    await before.sandbox.stop();
    expect(before.sandbox.health()).toBe('stopped');
    expect((await postText(before, 'key-0003', 'Hi')).status).toBe(503);

    const after = await makeWorld({ stateFile, started: false });
    expect(after.sandbox.health()).toBe('starting');
    expect(after.sandbox.transcript(ASHA)).toEqual(before.sandbox.transcript(ASHA));
    await start(after);
    await until(() => after.inbound.length === 1);
    expect(after.inbound[0]?.key).toBe('key-0002');
    const shown = await request(after.app).get(`/sandbox/phone/api/files/${providerId}`).buffer(true);
    expect(Buffer.isBuffer(shown.body) && shown.body.equals(PDF)).toBe(true);
  });

  it('start anew when the saved file is damaged, which is set aside', async () => {
    const stateFile = join(await makeFolder(), 'phones.json');
    await writeFile(stateFile, '{"version":1,"phones":[{');
    const world = await makeWorld({ stateFile });
    expect(world.sandbox.transcript(ASHA)).toEqual([]);
    expect(await readFile(`${stateFile}.broken`, 'utf8')).toBe('{"version":1,"phones":[{');
  });

  it('can be added, and count what the buyer has not seen', async () => {
    const world = await makeWorld();
    const added = await request(world.app).post('/sandbox/phone/api/phones').send({ name: 'Meena Iyer' });
    expect(added.status).toBe(201);
    expect(added.body.phone).toMatchObject({ number: '+919999900005', name: 'Meena Iyer', unread: 0 });
    await world.sandbox.writeAs('+919999900005', 'Hi');
    await sendTo(world, { kind: 'text', text: 'Welcome' }, '+919999900005');
    const { body } = await request(world.app).get('/sandbox/phone/api/phones');
    expect(body.phones).toHaveLength(5);
    expect(body.phones[0]).toMatchObject({ number: '+919999900005', unread: 1, last: { text: 'Welcome' } });
    world.sandbox.readAs('+919999900005');
    const seen = await request(world.app).get('/sandbox/phone/api/phones');
    expect(seen.body.phones[0].unread).toBe(0);
  });

  it('give long chats in pages', async () => {
    const world = await makeWorld();
    for (let index = 0; index < 205; index += 1) await world.sandbox.writeAs(ASHA, `message ${index}`);
    const path = chatPath(ASHA, '').slice(0, -1);
    const newest = (await request(world.app).get(path)).body;
    expect([newest.messages.length, newest.hasEarlier]).toEqual([200, true]);
    const earlier = (await request(world.app).get(path).query({ before: newest.messages[0].id })).body;
    expect([earlier.messages.length, earlier.hasEarlier]).toEqual([5, false]);
    expect(earlier.messages[0].body.text).toBe('message 0');
  });
});

describe('the page', () => {
  it('is served without inline code, for this origin only', async () => {
    const world = await makeWorld();
    const page = await request(world.app).get('/sandbox/phone/');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'self'");
    expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/);
    const redirected = await request(world.app).get('/sandbox/phone');
    expect([redirected.status, redirected.headers.location]).toEqual([308, '/sandbox/phone/']);
    const assets = [...page.text.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, path]) => path ?? '');
    expect(assets.length).toBeGreaterThan(1);
    for (const path of assets) await request(world.app).get(`/sandbox/phone/${path}`).expect(200);
  });

  it('is fed live: a snapshot first, then each change of its phone', async () => {
    const world = await makeWorld();
    await world.sandbox.writeAs(ASHA, 'before');
    const stream = await openStream(world.app, ASHA);
    expect(await stream.next('snapshot')).toMatchObject({
      number: ASHA,
      messages: [{ body: { text: 'before' } }],
    });
    await world.sandbox.writeAs(ROHAN, 'not on this phone');
    expect(await stream.next('phone')).toMatchObject({ number: ROHAN });
    const { id } = await world.sandbox.writeAs(ASHA, 'line\nbreak\u2028<b>');
    expect(await stream.next('message')).toMatchObject({
      id,
      state: 'sending',
      body: { text: 'line\nbreak\u2028<b>' },
    });
    expect(await stream.next('message')).toMatchObject({ id, state: 'delivered' });
    await world.sandbox.markRead(id, true);
    expect(await stream.next('message')).toMatchObject({ state: 'read', body: { text: 'before' } });
    expect(await stream.next('message')).toMatchObject({ id, state: 'read' });
    expect(await stream.next('typing')).toEqual({ on: true });
    await sendTo(world, { kind: 'text', text: 'Welcome' });
    expect(await stream.next('message')).toMatchObject({ from: 'desk', body: { text: 'Welcome' } });
    expect(await stream.next('typing')).toEqual({ on: false });
    await world.sandbox.stop();
    expect(await stream.ended).toBe(true);
    expect((await request(world.app).get('/sandbox/phone/api/stream?phone=x')).status).toBe(503);
  });
});

type Stream = { next(event: string): Promise<unknown>; ended: Promise<boolean> };

/** Reads server-sent events from a real server; `next` skips to the next event of a name. */
async function openStream(app: express.Express, number: string): Promise<Stream> {
  const server: Server = createServer(app).listen(0, '127.0.0.1');
  cleanups.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  await until(() => server.listening);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/sandbox/phone/api/stream?phone=${encodeURIComponent(number)}`;
  const response = await fetch(url);
  const events: { event: string; data: unknown }[] = [];
  const ended = readEvents(response, (event) => events.push(event)).catch(() => false);
  return {
    ended,
    next: async (name) => {
      await until(() => events.some(({ event }) => event === name));
      const index = events.findIndex(({ event }) => event === name);
      return events.splice(0, index + 1).at(-1)?.data;
    },
  };
}

async function readEvents(
  response: Response,
  take: (event: { event: string; data: unknown }) => void,
): Promise<boolean> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/s.exec(block) ?? [];
      if (event && data) take({ event, data: JSON.parse(data) });
    }
  }
  return true;
}
