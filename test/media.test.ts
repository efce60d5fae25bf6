import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { fileTypeOf, safeName } from '../bot/fileType.ts';
import { MediaFetcher } from '../bot/media.ts';
import { auditDatabase } from '../models/audit.ts';
import type { Case } from '../models/case.ts';
import type { Media } from '../models/media.ts';
import { until } from './until.ts';
import { databaseUri, World } from './world.ts';

/** The files of buyers' messages, from the channel into the database, with everything that can go wrong. */

const ASHA = '+919999900001';
const ROHAN = '+919999900002';
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const PDF = Buffer.concat([
  Buffer.from('%PDF-1.7\n'),
  Buffer.from(Array.from({ length: 120_000 }, (_, i) => (i * 31) % 256)),
]);
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const PDF_FILE = { bytes: PDF, fileName: 'plan.pdf', mimeType: 'application/pdf', caption: '' };

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0).reverse()) {
    await world.context.media.drain();
    await world.close();
  }
});

async function open(options: Parameters<typeof World.open>[0] = {}): Promise<World> {
  const world = await World.open(options);
  worlds.push(world);
  return world;
}

/** Resolves when nothing is being fetched and every conversation has said what it had to say. */
async function rest(world: World): Promise<void> {
  await world.context.media.idle();
  await world.rest();
}

async function pass(world: World, ms: number): Promise<void> {
  await world.pass(ms);
  await rest(world);
}

/** A buyer sends a file and the world comes to rest; what is known of the file then. */
async function send(world: World, file = PDF_FILE, number = ASHA): Promise<Media> {
  const { id } = await world.phone.attachAs(number, file);
  await world.rest();
  await rest(world);
  const media = await record(world, id);
  const isUntold = media.status !== 'owed' && media.nextAt !== undefined;
  // It ended before its message was taken up, and is told a moment later.
  if (isUntold) await pass(world, 5 * SECOND_MS);
  return isUntold ? record(world, id) : media;
}

async function record(world: World, key: string): Promise<Media> {
  const found = await world.context.models.media.model.findById(`sandbox:${key}`).lean<Media>();
  if (!found) throw new Error('the file is not on record');
  return found;
}

async function contentOf(world: World, { _id }: Media): Promise<Buffer> {
  const opened = await world.context.models.media.open(_id);
  if (!opened) throw new Error('the file cannot be opened');
  return buffer(opened.bytes);
}

async function counts(world: World): Promise<{ files: number; chunks: number }> {
  const db = world.context.database.connection.db;
  return {
    files: (await db?.collection('files.files').countDocuments()) ?? -1,
    chunks: (await db?.collection('files.chunks').countDocuments()) ?? -1,
  };
}

/** What the people of this buyer's cases have been told of files. */
async function told(world: World): Promise<string[]> {
  const cases = await world.context.models.cases.model.find().lean<Case[]>();
  return cases
    .flatMap(({ posts, details }) => [...posts.map(({ text }) => text), ...Object.values(details)])
    .filter((text) => text.startsWith("The buyer's"));
}

async function timeline(world: World): Promise<string[]> {
  return (await world.timeline(ASHA)).map(({ what, why }) => (why ? `${what} (${why})` : what));
}

const later = { kind: 'later', reason: 'the phone is away' } as const;

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('a file', () => {
  it('is fetched at once, kept byte for byte, and stands on the timeline', async () => {
    const world = await open();
    const media = await send(world);
    expect(media).toMatchObject({
      status: 'stored',
      kind: 'document',
      attempts: 0,
      mimeType: 'application/pdf',
      sizeBytes: PDF.length,
      sha256: hash(PDF),
    });
    expect(media.nextAt).toBeUndefined();
    expect(media.lease).toBeUndefined();
    expect(media.uploads).toBeUndefined();
    const opened = await world.context.models.media.open(media._id);
    expect(opened).toMatchObject({
      mimeType: 'application/pdf',
      fileName: 'plan.pdf',
      sizeBytes: PDF.length,
    });
    expect((await contentOf(world, media)).equals(PDF)).toBe(true);
    expect(await timeline(world)).toContain('document plan.pdf stored, application/pdf, 120 kB');
    expect(await told(world)).toEqual([]);
    expect(await world.context.metrics.registry.metrics()).toContain('baton_media_total{outcome="stored"} 1');
    expect(await world.context.models.media.open('sandbox:unheard-of')).toBeUndefined();
  });

  it('is called a voice note when it is one', async () => {
    const world = await open();
    const spoken = Buffer.concat([Buffer.from('OggS'), Buffer.alloc(24), Buffer.from('OpusHead')]);
    const note = { fileName: 'PTT-20261123.opus', mimeType: 'audio/ogg; codecs=opus', caption: '' };
    await world.phone.attachAs(ASHA, { ...note, bytes: spoken, voice: true }, 'key-0001');
    await rest(world);
    expect(await record(world, 'key-0001')).toMatchObject({ status: 'stored', mimeType: 'audio/ogg' });
    expect(await timeline(world)).toContain('voice note stored, audio/ogg, 36 bytes');
  });

  it('is written down in the journal, chunk by chunk', async () => {
    const commands: Record<string, unknown>[] = [];
    const connection = mongoose.createConnection();
    await connection.openUri(databaseUri(), { monitorCommands: true, autoIndex: false });
    connection.getClient().on('commandStarted', ({ commandName, command }) => {
      if (commandName === 'insert' && `${command.insert}`.startsWith('files.')) commands.push(command);
    });
    const database = {
      connection,
      embedded: true,
      ping: async () => true,
      close: () => connection.close(),
    };
    const world = await open({ overrides: { database } });
    await send(world);
    expect(commands.map(({ insert, writeConcern }) => [insert, writeConcern])).toEqual([
      ['files.chunks', { w: 'majority', j: true }],
      ['files.files', { w: 'majority', j: true }],
    ]);
  });

  it('is fetched once, however often its message is delivered', async () => {
    const world = await open();
    const { id } = await world.phone.attachAs(ASHA, PDF_FILE);
    await rest(world);
    const [inbound] = await world.context.models.inbound.model.find().lean();
    const message = {
      key: id,
      from: { kind: 'pn', value: ASHA } as const,
      alsoKnownAs: [],
      at: world.now,
      content: inbound?.content as never,
      raw: {},
    };
    world.phone.answerNextFetch({ kind: 'gone', reason: 'asked twice' });
    await world.context.receiver.receive('sandbox', [message, message]);
    await rest(world);
    await pass(world, HOUR_MS);
    expect(await record(world, id)).toMatchObject({ status: 'stored' });
    expect(await counts(world)).toEqual({ files: 1, chunks: 1 });
    expect((await timeline(world)).filter((what) => what.includes('stored'))).toHaveLength(1);
  });

  it('is kept once when two buyers send the same, and each can open it', async () => {
    const world = await open();
    const one = await send(world);
    const other = await send(world, { ...PDF_FILE, fileName: 'other.pdf' }, ROHAN);
    expect(other.fileId).toBe(one.fileId);
    expect(await counts(world)).toEqual({ files: 1, chunks: 1 });
    expect((await contentOf(world, other)).equals(PDF)).toBe(true);
    expect((await world.context.models.media.open(other._id))?.fileName).toBe('other.pdf');
    await pass(world, 2 * HOUR_MS);
    await world.context.media.tidy();
    expect((await contentOf(world, one)).equals(PDF)).toBe(true);
    expect(await record(world, other._id.slice('sandbox:'.length))).not.toHaveProperty('uploads');
  });

  it('is kept once when it comes several times at the same moment', async () => {
    const world = await open();
    const sent = await Promise.all(
      ['key-0001', 'key-0002', 'key-0003', 'key-0004', 'key-0005'].map((key) =>
        world.phone.attachAs(ASHA, PDF_FILE, key),
      ),
    );
    await rest(world);
    await pass(world, SECOND_MS);
    const records = await Promise.all(sent.map(({ id }) => record(world, id)));
    expect(records.map(({ status }) => status)).toEqual(Array(5).fill('stored'));
    expect(new Set(records.map(({ fileId }) => fileId)).size).toBe(1);
    expect(await counts(world)).toEqual({ files: 1, chunks: 1 });
  });

  it('goes through without ever being whole in memory', async () => {
    const total = 64 * 1024 * 1024;
    const piece = Buffer.alloc(64 * 1024, 7);
    let drawn = 0;
    let written = 0;
    let mostUnderWay = 0;
    const connection = mongoose.createConnection();
    await connection.openUri(databaseUri(), { monitorCommands: true, autoIndex: false });
    connection.getClient().on('commandStarted', ({ commandName, command }) => {
      if (commandName !== 'insert' || command.insert !== 'files.chunks') return;
      for (const { data } of command.documents) written += data.length;
    });
    const database = { connection, embedded: true, ping: async () => true, close: () => connection.close() };
    const world = await open({ overrides: { database } });
    const source = async function* () {
      yield Buffer.from('%PDF-1.7\n');
      drawn += 9;
      while (drawn < total) {
        drawn += piece.length;
        mostUnderWay = Math.max(mostUnderWay, drawn - written);
        yield piece;
      }
    };
    const bytes = Readable.from(source(), { objectMode: false, highWaterMark: 64 * 1024 });
    world.phone.answerNextFetch({ kind: 'media', bytes, mimeType: 'application/pdf' });
    const media = await send(world, { ...PDF_FILE, bytes: Buffer.from('%PDF-1.7 on the phone') });
    expect(media).toMatchObject({ status: 'stored', sizeBytes: drawn });
    expect(written).toBe(drawn);
    expect(mostUnderWay).toBeGreaterThan(0);
    expect(mostUnderWay).toBeLessThan(2 * 1024 * 1024);
  });
});

describe('a channel that does not hand the file over', () => {
  it('is asked again after 5 s, 30 s, 2 min, 10 min, 1 h, then every hour for seven days', async () => {
    const world = await open();
    const attempts: number[] = [];
    const start = world.now.getTime();
    world.phone.fetchMedia = async () => {
      attempts.push((world.now.getTime() - start) / SECOND_MS);
      return later;
    };
    await world.phone.attachAs(ASHA, PDF_FILE, 'key-0001');
    await rest(world);
    const waitMs = async () =>
      ((await record(world, 'key-0001')).nextAt?.getTime() ?? 0) - world.now.getTime();
    while (attempts.length < 8) {
      await pass(world, (await waitMs()) - 1);
      await pass(world, 1);
    }
    expect(attempts).toEqual([0, 5, 35, 155, 755, 4_355, 7_955, 11_555]);
    // Half an hour before the seven days are over: the last attempt is at their end.
    await pass(world, start + 7 * DAY_MS - HOUR_MS / 2 - world.now.getTime());
    expect((await record(world, 'key-0001')).status).toBe('owed');
    await pass(world, await waitMs());
    expect(attempts).toHaveLength(10);
    expect(attempts.at(-1)).toBe((7 * DAY_MS) / SECOND_MS);
    expect(await record(world, 'key-0001')).toMatchObject({ status: 'gone', reason: 'gone after 7 days' });
    expect(await told(world)).toEqual([
      "The buyer's document plan.pdf could not be downloaded yet (the phone is away): it is tried again and again",
      "The buyer's document plan.pdf could not be downloaded (gone after 7 days): please ask for it again",
    ]);
    await pass(world, DAY_MS);
    expect(attempts.at(-1)).toBe((7 * DAY_MS) / SECOND_MS);
    expect(await counts(world)).toEqual({ files: 0, chunks: 0 });
  });

  it('bothers nobody when it does after two failures', async () => {
    const world = await open();
    world.phone.answerNextFetch(later);
    world.phone.answerNextFetch(new Error('the line broke'));
    const media = await send(world);
    expect(media).toMatchObject({ status: 'owed', attempts: 1, reason: 'the phone is away' });
    expect(await world.context.models.media.open(media._id)).toBeUndefined();
    await pass(world, 5 * SECOND_MS);
    await pass(world, 30 * SECOND_MS);
    expect(await record(world, media._id.slice(8))).toMatchObject({ status: 'stored', attempts: 2 });
    expect(await told(world)).toEqual([]);
  });

  it('is reported after three failures, once, and again when the file came after all', async () => {
    const world = await open();
    for (let failures = 0; failures < 4; failures += 1) world.phone.answerNextFetch(later);
    await send(world);
    for (const seconds of [5, 30, 120, 600]) await pass(world, seconds * SECOND_MS);
    expect(await told(world)).toEqual([
      "The buyer's document plan.pdf could not be downloaded yet (the phone is away): it is tried again and again",
      "The buyer's document plan.pdf has been downloaded after all",
    ]);
  });

  it('opens a case where none is open', async () => {
    const world = await open();
    world.phone.answerNextFetch({ kind: 'gone', reason: 'the provider has it no more' });
    await world.write(ASHA, 'Hi, please send the brochure');
    const media = await send(world, { ...PDF_FILE, caption: '2BHK' });
    expect(media).toMatchObject({ status: 'gone', reason: 'the provider has it no more' });
    const cases = await world.context.models.cases.model.find().lean<Case[]>();
    expect(cases).toMatchObject([
      {
        reason: 'media_unavailable',
        details: {
          file: "The buyer's document plan.pdf could not be downloaded (the provider has it no more): please ask for it again",
        },
      },
    ]);
    expect(await timeline(world)).toContain(
      "The buyer's document plan.pdf could not be downloaded (the provider has it no more): please ask for it again (what became of a file)",
    );
  });

  it('waits for the conversation to begin before it is reported', async () => {
    const world = await open({ config: { burstWindowMs: 60_000 } });
    world.phone.answerNextFetch({ kind: 'gone', reason: 'the provider has it no more' });
    await world.phone.attachAs(ASHA, PDF_FILE, 'key-0001');
    await world.context.media.idle();
    const before = await record(world, 'key-0001');
    expect(before.status).toBe('gone');
    expect(before.nextAt?.getTime()).toBe(world.now.getTime() + 5 * SECOND_MS);
    worlds.splice(worlds.indexOf(world), 1);
    await world.context.media.drain();
    const next = await open({ joins: world });
    await pass(next, 2 * MINUTE_MS);
    await pass(next, 5 * SECOND_MS);
    expect(await told(next)).toHaveLength(1);
    expect((await record(next, 'key-0001')).nextAt).toBeUndefined();
    worlds.unshift(world);
  });

  it('may hang for ever without holding up the end of the process', async () => {
    const world = await open();
    world.phone.fetchMedia = () => new Promise(() => undefined);
    await world.phone.attachAs(ASHA, PDF_FILE, 'key-0001');
    await until('an attempt', async () => (await record(world, 'key-0001')).lease);
    await world.context.media.drain();
    const media = await record(world, 'key-0001');
    expect(media).toMatchObject({ status: 'owed', attempts: 0 });
    expect(media.lease).toBeUndefined();
  });

  it('may hang for ever without holding up the other files', async () => {
    const world = await open();
    await world.context.media.drain();
    const outcomes: string[] = [];
    const media = new MediaFetcher({
      ...world.context.models,
      channels: new Map([['sandbox', world.phone]]),
      vaulting: { attend: async () => true },
      contextOf: world.context.decisionContext,
      wake: () => undefined,
      onAttempt: (outcome) => outcomes.push(outcome),
      maxBytes: 1024 * 1024,
      fetchLimitMs: 20,
      instance: 'impatient',
      now: () => world.now,
      newId: randomUUID,
      log: world.context.log,
    });
    const endless = new Readable({ read: () => undefined });
    endless.push('%PDF-1.7');
    world.phone.answerNextFetch({ kind: 'media', bytes: endless, mimeType: 'application/pdf' });
    await world.phone.attachAs(ASHA, PDF_FILE, 'key-0001');
    media.wake('sandbox:key-0001');
    await media.idle();
    expect(outcomes).toEqual(['retry']);
    expect(endless.destroyed).toBe(true);
    expect(await record(world, 'key-0001')).toMatchObject({ status: 'owed', reason: 'it took too long' });
  });

  it('may break off in the middle: nothing of it is left', async () => {
    const world = await open();
    const broken = async function* () {
      for (let pieces = 0; pieces < 40; pieces += 1) yield Buffer.concat([Buffer.from('%PDF-'), PDF]);
      throw new Error('the line broke');
    };
    world.phone.answerNextFetch({ kind: 'media', bytes: Readable.from(broken()), mimeType: '' });
    // Ends without an error, but too early.
    const part = Readable.from([PDF.subarray(0, 50_000)]);
    world.phone.answerNextFetch({ kind: 'media', bytes: part, mimeType: 'application/pdf' });
    const media = await send(world);
    expect(media).toMatchObject({ status: 'owed', attempts: 1, reason: 'the download failed' });
    await pass(world, 5 * SECOND_MS);
    expect(await record(world, media._id.slice(8))).toMatchObject({ status: 'owed', attempts: 2 });
    expect(await counts(world)).toEqual({ files: 0, chunks: 0 });
    await pass(world, 30 * SECOND_MS);
    expect((await contentOf(world, await record(world, media._id.slice(8)))).equals(PDF)).toBe(true);
  });
});

describe('a file that is not wanted', () => {
  it.each([
    ['a program', 'setup.pdf', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(500)]), 'x-msdownload'],
    ['a page', 'kyc.txt', Buffer.from('hello <script>alert(1)</script>'), 'text/html'],
  ])('because it is %s is refused, not kept, and people are told', async (_what, fileName, bytes, reason) => {
    const world = await open();
    const media = await send(world, { ...PDF_FILE, fileName, bytes });
    expect(media).toMatchObject({ status: 'refused', reason: expect.stringContaining(reason) });
    expect(await counts(world)).toEqual({ files: 0, chunks: 0 });
    expect(await told(world)).toEqual([
      `The buyer's document ${fileName} was not kept (${media.reason}): please ask for it in another form`,
    ]);
    await pass(world, DAY_MS);
    expect(await told(world)).toHaveLength(1);
  });

  it('because it is too large is not even fetched when the channel says so, and cut off when it does not', async () => {
    const mebibyte = 1024 * 1024;
    const world = await open({ config: { mediaMaxBytes: mebibyte } });
    const said = await send(world, { ...PDF_FILE, bytes: Buffer.concat([PDF, Buffer.alloc(mebibyte)]) });
    expect(said).toMatchObject({ status: 'refused', reason: 'larger than 1 MB' });
    let drawn = 0;
    const endless = async function* () {
      for (;;) {
        drawn += PDF.length;
        yield PDF;
      }
    };
    world.phone.answerNextFetch({ kind: 'media', bytes: Readable.from(endless()), mimeType: '' });
    const unsaid = await send(world, { ...PDF_FILE, fileName: 'more.pdf' });
    expect(unsaid).toMatchObject({ status: 'refused', reason: 'larger than 1 MB' });
    expect(drawn).toBeLessThan(4 * mebibyte);
    expect(await counts(world)).toEqual({ files: 0, chunks: 0 });
  });

  it('as declared is kept as what it is, and that is noted', async () => {
    const world = await open();
    const media = await send(world, { ...PDF_FILE, bytes: PNG });
    expect(media).toMatchObject({
      status: 'stored',
      mimeType: 'image/png',
      mismatch: 'declared application/pdf, named .pdf',
    });
    expect((await world.context.models.media.open(media._id))?.fileName).toBe('plan.pdf.png');
    expect(await timeline(world)).toContain(
      `document plan.pdf stored, image/png, ${PNG.length} bytes (declared application/pdf, named .pdf)`,
    );
  });
});

describe('two processes', () => {
  it('never fetch the same file at once', async () => {
    const world = await open();
    const other = await open({ joins: world });
    let fetches = 0;
    const fetchMedia = world.phone.fetchMedia.bind(world.phone);
    world.phone.fetchMedia = async (ref) => {
      fetches += 1;
      await until('the other process had its chance', async () => (await record(world, 'key-0001')).lease);
      await other.sweep();
      await other.context.media.idle();
      return fetchMedia(ref);
    };
    await world.phone.attachAs(ASHA, PDF_FILE, 'key-0001');
    await rest(world);
    expect(fetches).toBe(1);
    expect((await record(world, 'key-0001')).status).toBe('stored');
  });

  it('make up for each other: what one had begun and not ended is done by the other', async () => {
    const world = await open();
    // The bytes are all there when the process stops for good, just before it writes that down.
    world.context.models.media.end = () => new Promise(() => undefined);
    await world.phone.attachAs(ASHA, PDF_FILE, 'key-0001');
    await until('the upload', async () => (await counts(world)).files === 1);
    const other = await open({ joins: world });
    await pass(other, MINUTE_MS);
    expect((await record(other, 'key-0001')).status).toBe('owed');
    await pass(other, 6 * MINUTE_MS);
    const media = await record(other, 'key-0001');
    expect(media.status).toBe('stored');
    expect((await contentOf(other, media)).equals(PDF)).toBe(true);
    await pass(other, 2 * HOUR_MS);
    await other.context.media.tidy();
    expect(await counts(other)).toEqual({ files: 1, chunks: 1 });
    expect(await record(other, 'key-0001')).not.toHaveProperty('uploads');
    expect((await contentOf(other, media)).equals(PDF)).toBe(true);
    // The stopped one would never come to rest.
    world.context.media.drain = async () => undefined;
  });

  it('that lost its lease cannot end what another has taken over', async () => {
    const world = await open();
    const { media } = world.context.models;
    world.phone.answerNextFetch(later);
    const { _id } = await send(world);
    await world.context.media.drain();
    await world.pass(MINUTE_MS);
    const lease = (by: string, minutes: number) => ({
      by,
      until: new Date(world.now.getTime() + minutes * MINUTE_MS),
      file: `file of ${by}`,
    });
    const slow = await media.take(_id, lease('slow', 5), world.now);
    expect(await media.take(_id, lease('quick', 5), world.now)).toBeUndefined();
    await world.pass(6 * MINUTE_MS);
    const quick = await media.take(_id, lease('quick', 5), world.now);
    if (!slow || !quick) throw new Error('the file could not be taken');
    expect(await media.end(slow, { status: 'gone', reason: 'too slow' }, world.now)).toBeUndefined();
    expect(await media.retry(slow, 'too slow', world.now)).toBeUndefined();
    expect(await media.end(quick, { status: 'gone', reason: 'really' }, world.now)).toMatchObject({
      status: 'gone',
      reason: 'really',
    });
  });
});

describe('what broken attempts leave behind', () => {
  it('is removed after a while, and nothing that is used', async () => {
    const world = await open();
    const kept = await send(world);
    // Half an upload of a process that ended: chunks, and no file that they belong to.
    const db = world.context.database.connection.db;
    await db
      ?.collection('files.chunks')
      .insertOne({ files_id: 'half' as never, n: 0, data: Buffer.from('x') });
    await world.context.models.media.model.updateOne(
      { _id: kept._id },
      { $set: { uploads: ['half', kept.fileId ?? ''], untidySince: world.now } },
    );
    expect(await world.context.media.tidy()).toBe(0);
    await pass(world, 2 * HOUR_MS);
    expect(await world.context.media.tidy()).toBe(1);
    expect(await counts(world)).toEqual({ files: 1, chunks: 1 });
    expect((await contentOf(world, kept)).equals(PDF)).toBe(true);
  });

  it('can no longer be found by others with the same content', async () => {
    const world = await open();
    const { files } = world.context.models;
    const signal = new AbortController().signal;
    const { sha256 } = await files.write('lost', Readable.from([PDF]), signal);
    expect(await files.claim('lost', sha256)).toBe('lost');
    await files.write('mine', Readable.from([PDF]), signal);
    expect(await files.claim('mine', sha256)).toBe('lost');
    expect(await files.holds('lost', sha256)).toBe(true);
    await files.disown('lost');
    expect(await files.holds('lost', sha256)).toBe(false);
    expect(await files.claim('mine', sha256)).toBe('mine');
  });
});

describe('a flood of files', () => {
  it('is fetched three at a time, and none is forgotten', async () => {
    const world = await open();
    let atOnce = 0;
    let mostAtOnce = 0;
    const fetchMedia = world.phone.fetchMedia.bind(world.phone);
    world.phone.fetchMedia = async (ref) => {
      atOnce += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      const fetched = await fetchMedia(ref);
      atOnce -= 1;
      return fetched;
    };
    const files = Array.from({ length: 130 }, (_, index) => ({
      ...PDF_FILE,
      bytes: Buffer.from(`%PDF-1.7 number ${index}`),
    }));
    await Promise.all(files.map((file) => world.phone.attachAs(ASHA, file)));
    await rest(world);
    await pass(world, SECOND_MS);
    await pass(world, SECOND_MS);
    const { media } = world.context.models;
    expect(await media.model.countDocuments({ status: 'stored' })).toBe(files.length);
    expect(await media.model.countDocuments({ nextAt: { $exists: true } })).toBe(0);
    expect(mostAtOnce).toBe(3);
  });
});

describe('the audit', () => {
  it('finds files that are owed for more than a day and stored ones that are missing', async () => {
    const world = await open();
    const stored = await send(world);
    world.phone.fetchMedia = async () => later;
    const owed = await send(world, { ...PDF_FILE, bytes: PNG, fileName: 'photo.png' });
    const found = async () =>
      (await auditDatabase(world.context.models, world.now)).filter(({ rule }) => rule.includes('file'));
    expect(await found()).toEqual([]);
    await pass(world, DAY_MS);
    expect(await found()).toEqual([{ rule: 'file owed for more than a day', id: owed._id }]);
    await world.context.models.files.drop(stored.fileId ?? '');
    expect(await found()).toContainEqual({ rule: 'stored file is missing', id: stored._id });
  });
});

describe('the type of a file', () => {
  const zip = (first: string) => {
    const header = Buffer.alloc(30);
    header.write('PK\x03\x04', 'latin1');
    header.writeUInt16LE(first.length, 26);
    return Buffer.concat([header, Buffer.from(first), Buffer.alloc(60)]);
  };
  const oldOffice = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]);
  const ogg = Buffer.concat([
    Buffer.from('OggS'),
    Buffer.alloc(24),
    Buffer.from('OpusHead'),
    Buffer.alloc(9),
  ]);
  const mp4 = Buffer.concat([Buffer.from('0000001866747970', 'hex'), Buffer.from('mp42'), Buffer.alloc(40)]);

  it.each<[string, Buffer, string, string, string]>([
    ['a PDF', PDF, 'application/pdf', 'a.pdf', 'application/pdf'],
    ['a PDF after blanks', Buffer.concat([Buffer.from('\ufeff\r\n '), PDF]), '', '', 'application/pdf'],
    ['a picture', PNG, 'image/png', '', 'image/png'],
    ['a voice note', ogg, 'audio/ogg; codecs=opus', '', 'audio/ogg'],
    ['sound in a film container', mp4, 'audio/mp4', 'a.m4a', 'audio/mp4'],
    ['a film', mp4, 'video/mp4', '', 'video/mp4'],
    ['a table', Buffer.from('name,amount\nAsha,5'), 'text/csv', 'dues.csv', 'text/csv'],
    ['a text', Buffer.from('पैन कार्ड'), 'text/plain', 'a.txt', 'text/plain'],
    ['a wide text', Buffer.from('\ufeffAadhaar', 'utf16le'), '', 'a.txt', 'text/plain'],
    ['a contact card', Buffer.from('BEGIN:VCARD\nFN:Ravi'), 'text/vcard', 'ravi.vcf', 'text/vcard'],
    ['an old letter', oldOffice, 'application/msword', 'a.doc', 'application/msword'],
    ['an old table by its name', oldOffice, '', 'a.xls', 'application/vnd.ms-excel'],
    [
      'a new table',
      zip('[Content_Types].xml'),
      '',
      'a.xlsx',
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    ],
  ])('is found for %s', async (_what, bytes, mimeType, fileName, expected) => {
    expect(await fileTypeOf(bytes, { mimeType, fileName })).toEqual({
      isKept: true,
      mimeType: expected,
      extension: expect.any(String),
    });
  });

  it.each<[string, Buffer, string]>([
    ['an archive', zip('readme.txt'), 'a.zip'],
    ['an archive named as a letter', zip('setup.exe'), 'a.docx'],
    ['an old office file of no kind', oldOffice, 'setup.msi'],
    ['a page with a mark before it', Buffer.from('\ufeff\n<!DOCTYPE html><p>'), 'a.txt'],
    ['a drawing with scripts', Buffer.from('<svg xmlns="x" onload="alert(1)"/>'), 'plan.png'],
    ['a script by its name', Buffer.from('del *.*'), 'run.bat'],
    ['nothing known', Buffer.from([1, 2, 3, 4, 5, 0, 0, 9]), 'plan.pdf'],
    ['nothing', Buffer.alloc(0), 'plan.pdf'],
    ['an XML page', Buffer.from('<?xml version="1.0"?><html/>'), 'a.xml'],
    ['a shell script', Buffer.from('#!/bin/sh\nrm -rf ~'), 'a.txt'],
    ['a program of another system', Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(99)]), 'a.png'],
  ])('is refused for %s', async (_what, bytes, fileName) => {
    expect(await fileTypeOf(bytes, { mimeType: 'application/pdf', fileName })).toMatchObject({
      isKept: false,
    });
  });

  it('gives the name an ending that fits, and takes out what deceives', () => {
    expect(safeName('', 'image', 'image/jpeg')).toBe('image.jpg');
    expect(safeName('KYC form.PDF', 'document', 'application/pdf')).toBe('KYC form.PDF');
    expect(safeName('पैन कार्ड.pdf', 'document', 'application/pdf')).toBe('पैन कार्ड.pdf');
    expect(safeName('../../etc/passwd', 'document', 'text/plain')).toBe('_.._etc_passwd.txt');
    expect(safeName('kyc\u202Efdp.exe', 'document', 'application/pdf')).toBe('kyc_fdp.exe.pdf');
  });
});
