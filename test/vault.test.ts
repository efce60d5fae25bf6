import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose, { type Connection } from 'mongoose';
import { pino } from 'pino';
import { takeIn } from '../bot/documents/intake.ts';
import { derivedKey, Keyring, type Secrets } from '../bot/documents/keys.ts';
import { seal, unseal } from '../bot/documents/sealing.ts';
import { secretsOf } from '../bot/documents/secretKey.ts';
import { Vault } from '../bot/documents/vault.ts';
import type { Upload, VaultDocument } from '../models/document.ts';
import { buildIndexes, createModels, type Models } from '../models/models.ts';
import { card } from './papers.ts';
import { databaseUri, MONDAY } from './world.ts';

const FIRST = 'the first secret, thirty-two and more';
const SECOND = 'the second secret, that replaces the first';
const RIYA = { id: 'U1', name: 'Riya' };
const DESK = { who: 'Riya', why: 'review' };
const HOUR_MS = 60 * 60_000;

let connection: Connection;
let models: Models;
beforeAll(async () => {
  connection = mongoose.createConnection();
  await connection.openUri(databaseUri(), { autoIndex: false });
  models = createModels(connection, 'here');
  await buildIndexes(models);
});
afterAll(async () => {
  await connection.dropDatabase();
  await connection.close();
});

const clock = { now: MONDAY };
/** What happens later stands later on the timeline. */
const tick = () => {
  clock.now = new Date(clock.now.getTime() + 1);
  return clock.now;
};
const logged: string[] = [];
const log = pino(
  { level: 'trace' },
  new Writable({
    write(line, _encoding, done) {
      logged.push(`${line}`);
      done();
    },
  }),
);

function vaultWith(secrets: Secrets = { current: FIRST }): Vault {
  return new Vault({ ...models, keys: new Keyring(secrets), now: tick, newId: randomUUID, log });
}

/** What is counted over all documents must not meet those of other tests. */
async function inOwnDatabase(work: () => Promise<void>): Promise<void> {
  const own = mongoose.createConnection();
  await own.openUri(databaseUri(), { autoIndex: false });
  const before = models;
  models = createModels(own, 'here');
  try {
    await buildIndexes(models);
    await work();
  } finally {
    models = before;
    await own.dropDatabase();
    await own.close();
  }
}

let serial = 0;
/** A paper of a buyer of its own. */
function upload(more: Partial<Upload> = {}): Upload {
  serial += 1;
  return {
    _id: `paper${serial}`,
    buyer: `buyer${serial}`,
    conversation: `sandbox/buyer${serial}`,
    kind: 'pan',
    source: 'portal',
    fileName: 'pan.pdf',
    mimeType: 'application/pdf',
    warnings: [],
    uploadedAt: clock.now,
    ...more,
  };
}

async function record(id: string): Promise<VaultDocument> {
  const found = await models.documents.byId(id);
  if (!found) throw new Error(`no document ${id}`);
  return found;
}

async function contentOf(vault: Vault, id: string): Promise<Buffer> {
  const opened = await vault.open(id, DESK);
  if (!opened) throw new Error(`${id} cannot be opened`);
  return buffer(opened.bytes);
}

async function timelineOf({ buyer }: Pick<Upload, 'buyer'>): Promise<string[]> {
  const entries = await models.timeline.latest(buyer, 100);
  return entries.map(({ who, what, why }) => `${who}: ${what} (${why})`);
}

async function chunksOf(blob: string) {
  return connection.collection('files.chunks').find({ files_id: blob as never });
}

/** Everything that the database holds, as one string of bytes. */
async function everything(): Promise<string> {
  const parts: string[] = [];
  for (const { name } of (await connection.db?.listCollections().toArray()) ?? []) {
    for (const document of await connection.collection(name).find().toArray()) {
      for (const value of Object.values(document)) {
        parts.push(value?._bsontype === 'Binary' ? Buffer.from(value.buffer).toString('latin1') : '');
      }
      parts.push(JSON.stringify(document));
    }
  }
  return parts.join('\n');
}

/** What a broken source gives before it breaks. */
async function* broken(before: Buffer): AsyncGenerator<Buffer> {
  yield before;
  throw new Error('the line broke');
}

const of = (bytes: Buffer | string) => Readable.from([Buffer.from(bytes)]);

describe('sealed bytes', () => {
  const key = randomBytes(32);
  const sealed = async (plain: Buffer, bound = 'a', pieceBytes = plain.length || 1) =>
    buffer(Readable.from(seal(key, bound, cut(plain, pieceBytes))));
  const opened = async (bytes: Buffer, bound = 'a', with_ = key, pieceBytes = 100_000) =>
    buffer(Readable.from(unseal(with_, bound, cut(bytes, pieceBytes))));

  async function* cut(bytes: Buffer, pieceBytes: number): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }

  const KB = 1024;
  it.each([0, 1, 64 * KB - 1, 64 * KB, 64 * KB + 1, 128 * KB, 1_000_003])(
    'of %i bytes come back as they were, however they are cut',
    async (size) => {
      const plain = randomBytes(size);
      for (const pieceBytes of [777, 64 * KB, 64 * KB + 16, 1_000_000]) {
        const bytes = await sealed(plain, 'a', pieceBytes);
        expect(bytes.length).toBe(size + 16 * Math.max(1, Math.ceil(size / (64 * KB))));
        expect((await opened(bytes, 'a', key, pieceBytes)).equals(plain)).toBe(true);
      }
    },
  );

  it('are found out when a bit, an end, an order, a name or a key is another', async () => {
    const plain = randomBytes(200 * KB);
    const bytes = await sealed(plain);
    const piece = 64 * KB + 16;
    const flipped = (at: number) => {
      const copy = Buffer.from(bytes);
      copy.writeUInt8((copy[at] ?? 0) ^ 1, at);
      return copy;
    };
    const swapped = Buffer.concat([
      bytes.subarray(piece, 2 * piece),
      bytes.subarray(0, piece),
      bytes.subarray(2 * piece),
    ]);
    const wrong = [
      flipped(0),
      flipped(bytes.length - 1),
      flipped(2 * piece + 5),
      swapped,
      bytes.subarray(0, piece),
      bytes.subarray(0, 2 * piece),
      bytes.subarray(0, bytes.length - 1),
      Buffer.concat([bytes, bytes.subarray(0, piece)]),
      Buffer.concat([bytes, Buffer.alloc(1)]),
      Buffer.alloc(0),
    ];
    for (const each of wrong) await expect(opened(each)).rejects.toMatchObject({ code: 'vault_tampered' });
    await expect(opened(bytes, 'b')).rejects.toMatchObject({ code: 'vault_tampered' });
    await expect(opened(bytes, 'a', randomBytes(32))).rejects.toMatchObject({ code: 'vault_tampered' });
  });

  it('hand out nothing that has not been verified', async () => {
    const bytes = await sealed(randomBytes(200 * KB));
    bytes.writeUInt8((bytes[70 * KB] ?? 0) ^ 1, 70 * KB);
    let seen = 0;
    const reading = (async () => {
      for await (const plain of unseal(key, 'a', cut(bytes, 1_000))) seen += plain.length;
    })();
    await expect(reading).rejects.toMatchObject({ code: 'vault_tampered' });
    expect(seen).toBe(64 * KB);
  });
});

describe('a paper', () => {
  it('is stored sealed, opens byte for byte, and nothing in the database reads like it', async () => {
    const vault = vaultWith();
    const wish = upload();
    const words = 'PERMANENT ACCOUNT NUMBER ABCPE1234F '.repeat(40_000);
    const { kind, document } = await vault.store(wish, of(words));
    expect(kind).toBe('stored');
    expect(document).toMatchObject({ status: 'received', sizeBytes: words.length, kind: 'pan' });
    expect(document).not.toHaveProperty('blobs');
    expect(document).not.toHaveProperty('untidySince');
    expect((await contentOf(vault, wish._id)).toString()).toBe(words);
    const held = await everything();
    expect(held).not.toContain('PERMANENT ACCOUNT');
    expect(held).not.toContain('ABCPE1234F');
    expect(logged.join('')).not.toContain('PERMANENT');
  });

  it('has a key and bytes of its own, also when two buyers send the same', async () => {
    const vault = vaultWith();
    const [one, other] = [upload(), upload()];
    const stored = [await vault.store(one, of('the same')), await vault.store(other, of('the same'))];
    const [a, b] = stored.map(({ document }) => document.sealed);
    expect(a?.key).not.toBe(b?.key);
    const chunks = await Promise.all(
      [a, b].map(async (sealed) => (await chunksOf(sealed?.blob ?? '')).toArray()),
    );
    expect(chunks.map((each) => each.length)).toEqual([1, 1]);
    expect(`${chunks[0]?.[0]?.data.buffer}`).not.toBe(`${chunks[1]?.[0]?.data.buffer}`);
  });

  it('writes every access down before a byte is out: who, and why', async () => {
    const vault = vaultWith();
    const wish = upload();
    await vault.store(wish, of('x'));
    await vault.open(wish._id, DESK);
    await vault.open(wish._id, { who: 'buyer', why: 'looked at it on the portal' });
    expect(await timelineOf(wish)).toEqual([
      `buyer: paper pan (${wish._id}) is in the vault, application/pdf (uploaded, portal)`,
      `Riya: paper pan (${wish._id}) opened (review)`,
      `buyer: paper pan (${wish._id}) opened (looked at it on the portal)`,
    ]);
    const append = models.timeline.append.bind(models.timeline);
    models.timeline.append = async () => {
      throw new Error('the database is away');
    };
    try {
      await expect(vault.open(wish._id, DESK)).rejects.toThrow('the database is away');
    } finally {
      models.timeline.append = append;
    }
    expect(await vault.open('no such paper', DESK)).toBeUndefined();
  });

  it('is stored once under its id, by two at once as well', async () => {
    const vault = vaultWith();
    const wish = upload();
    const results = await Promise.all([1, 2, 3].map(() => vault.store(wish, of('x'))));
    results.push(await vault.store(wish, of('something else')));
    expect(results.map(({ kind, document }) => [kind, document._id])).toEqual(
      Array(4).fill(['stored', wish._id]),
    );
    expect((await contentOf(vault, wish._id)).toString()).toBe('x');
    expect(await models.files.model.countDocuments({ _id: /^vault:/, length: 1 + 16 })).toBeGreaterThan(0);
    const { sealed, blobs, untidySince } = await record(wish._id);
    expect([blobs, untidySince]).toEqual([undefined, undefined]);
    expect(await (await chunksOf(sealed?.blob ?? '')).toArray()).toHaveLength(1);
    expect((await timelineOf(wish)).filter((line) => line.includes('in the vault'))).toHaveLength(1);
  });

  it('leaves nothing when its source breaks, and can be sent again', async () => {
    const vault = vaultWith();
    const wish = upload();
    const files = await models.files.model.countDocuments();
    await expect(vault.store(wish, broken(randomBytes(700_000)))).rejects.toThrow('the line broke');
    expect(await models.documents.byId(wish._id)).toBeUndefined();
    expect(await models.files.model.countDocuments()).toBe(files);
    expect((await vault.store(wish, of('x'))).kind).toBe('stored');
  });

  it('that was cut short by a crash is stored by the next attempt, and tidied after an hour', async () => {
    const vault = vaultWith();
    const wish = upload();
    // As a process leaves it that dies between announcing a blob and completing it.
    await models.documents.begin(wish, 'vault:lost', clock.now);
    await models.files.write('vault:lost', of('half'), AbortSignal.timeout(5_000));
    expect(await models.documents.ofBuyer(wish.buyer)).toEqual([]);
    expect(await vault.open(wish._id, DESK)).toBeUndefined();
    await vault.store(wish, of('whole'));
    expect((await contentOf(vault, wish._id)).toString()).toBe('whole');
    clock.now = new Date(clock.now.getTime() + HOUR_MS + 1);
    expect(await vault.tidy()).toBeGreaterThan(0);
    expect(await (await chunksOf('vault:lost')).toArray()).toEqual([]);
    expect(await record(wish._id)).not.toHaveProperty('untidySince');
    expect((await contentOf(vault, wish._id)).toString()).toBe('whole');
    const given = upload();
    await models.documents.begin(given, 'vault:given-up', clock.now);
    clock.now = new Date(clock.now.getTime() + HOUR_MS + 1);
    await vault.tidy();
    expect(await models.documents.byId(given._id)).toBeUndefined();
  });

  it('goes through without ever being whole in memory', async () => {
    const vault = vaultWith();
    const wish = upload();
    const total = 48 * 1024 * 1024;
    const piece = randomBytes(64 * 1024);
    const source = async function* () {
      for (let drawn = 0; drawn < total; drawn += piece.length) yield piece;
    };
    globalThis.gc?.();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watched = async function* () {
      for await (const each of source()) {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
        yield each;
      }
    };
    const { document } = await vault.store(wish, watched());
    expect(document.sizeBytes).toBe(total);
    let seen = 0;
    const opened = await vault.open(wish._id, DESK);
    for await (const plain of opened?.bytes ?? []) {
      expect(piece.equals(plain)).toBe(true);
      seen += plain.length;
    }
    expect(seen).toBe(total);
    // Garbage counts as well: far from the whole is what can be told.
    expect(most).toBeLessThan(total);
  });
});

describe('the same file again', () => {
  it('is recognised, for the same purpose only', async () => {
    const vault = vaultWith();
    const wish = upload({ applicant: 'asha' });
    const { document } = await vault.store(wish, of('scan'));
    const again = await vault.store({ ...wish, _id: `${wish._id}.2` }, of('scan'));
    expect(again).toMatchObject({ kind: 'duplicate', document: { _id: document._id } });
    expect(await models.documents.byId(`${wish._id}.2`)).toBeUndefined();
    for (const other of [{ kind: 'aadhaar' as const }, { applicant: 'rohan' }, { booking: 'b1' }]) {
      const stored = await vault.store(
        { ...wish, ...other, _id: `${wish._id}.${JSON.stringify(other)}` },
        of('scan'),
      );
      expect(stored.kind).toBe('stored');
    }
  });

  it('is stored once when it comes several times at the same moment', async () => {
    const vault = vaultWith();
    const wish = upload();
    const results = await Promise.all(
      [1, 2, 3, 4].map((n) => vault.store({ ...wish, _id: `${wish._id}.${n}` }, of('scan'))),
    );
    const ids = new Set(results.map(({ document }) => document._id));
    expect(ids.size).toBe(1);
    expect(results.filter(({ kind }) => kind === 'stored')).toHaveLength(1);
    expect(await models.documents.ofBuyer(wish.buyer)).toHaveLength(1);
  });

  it('that a person has rejected is told apart; one that the machine rejected may come again', async () => {
    const vault = vaultWith();
    const wish = upload();
    const dark = { status: 'rejected', reason: 'kyc_retake_dark' } as const;
    expect((await vault.store(wish, of('scan'), dark)).document).toMatchObject(dark);
    const second = await vault.store({ ...wish, _id: `${wish._id}.2` }, of('scan'));
    expect(second.kind).toBe('stored');
    await vault.review(
      second.document._id,
      'received',
      { status: 'rejected', reason: 'kyc_retake_expired' },
      RIYA,
    );
    const third = await vault.store({ ...wish, _id: `${wish._id}.3` }, of('scan'));
    expect(third).toMatchObject({
      kind: 'rejectedBefore',
      document: { _id: second.document._id, reason: 'kyc_retake_expired' },
    });
  });

  it('is known by a keyed hash, which nobody can compute without the secret', async () => {
    const vault = vaultWith();
    const wish = upload();
    await vault.store(wish, of('scan'));
    const { digest } = await record(wish._id);
    const hashes = new Keyring({ current: SECOND }).hashes();
    hashes.update(Buffer.from('scan'));
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes.digests()).not.toContain(digest);
  });
});

describe('an upload', () => {
  const declared = { mimeType: 'image/png', fileName: 'pan.png' };
  const { mimeType: _type, warnings: _warnings, ...wish } = upload();

  it('is checked before it is kept, and answered in copy', async () => {
    const vault = vaultWith();
    const take = async (id: string, bytes: Buffer) => takeIn(vault, { ...wish, _id: id }, bytes, declared);
    const picture = await card();
    expect(await take('up1', Buffer.from('504b030414000000', 'hex'))).toEqual({
      kind: 'retake',
      copy: 'kyc_retake_archive',
      data: {},
    });
    expect(await models.documents.ofBuyer(wish.buyer)).toEqual([]);
    expect(await take('up2', picture)).toMatchObject({ kind: 'stored', document: { mimeType: 'image/png' } });
    expect(await take('up2', picture)).toMatchObject({ kind: 'stored' });
    expect(await take('up3', picture)).toMatchObject({ kind: 'duplicate', copy: 'kyc_already_received' });
    await vault.review('up2', 'received', { status: 'rejected', reason: 'kyc_retake_expired' }, RIYA);
    expect(await take('up4', picture)).toMatchObject({
      kind: 'retake',
      copy: 'kyc_retake_same_again',
      document: { reason: 'kyc_retake_expired' },
    });
    expect((await models.documents.ofBuyer(wish.buyer)).map(({ _id }) => _id)).toEqual(['up2']);
  });
});

describe('a review', () => {
  it('accepts, or rejects with what to do about it; the same again is a no-op', async () => {
    const vault = vaultWith();
    const wish = upload();
    await vault.store(wish, of('x'));
    const rejection = { status: 'rejected', reason: 'kyc_retake_blurred' } as const;
    for (let times = 0; times < 2; times += 1)
      expect(await vault.review(wish._id, 'received', rejection, RIYA)).toMatchObject({
        ...rejection,
        reviewedBy: RIYA,
      });
    expect(await vault.review(wish._id, 'rejected', { status: 'accepted' }, RIYA)).toMatchObject({
      status: 'accepted',
    });
    expect(await record(wish._id)).not.toHaveProperty('reason');
    expect((await timelineOf(wish)).slice(1)).toEqual([
      `Riya: paper pan (${wish._id}) rejected (kyc_retake_blurred)`,
      `Riya: paper pan (${wish._id}) accepted (reviewed)`,
    ]);
  });

  it('of two people at once is decided by one of them', async () => {
    const vault = vaultWith();
    const wish = upload();
    await vault.store(wish, of('x'));
    const rohan = { id: 'U2', name: 'Rohan' };
    const reviews = await Promise.all([
      vault.review(wish._id, 'received', { status: 'accepted' }, RIYA),
      vault.review(wish._id, 'received', { status: 'rejected', reason: 'kyc_retake_dark' }, rohan),
    ]);
    expect(reviews.filter(Boolean)).toHaveLength(1);
    expect((await timelineOf(wish)).slice(1)).toHaveLength(1);
  });

  it('may call the paper another kind, to which its key is bound then', async () => {
    const vault = vaultWith();
    const wish = upload({ kind: 'other' });
    await vault.store(wish, of('x'));
    expect(await vault.reclassify(wish._id, 'aadhaar', RIYA)).toBe(true);
    expect(await vault.reclassify(wish._id, 'aadhaar', RIYA)).toBe(true);
    expect(await record(wish._id)).toMatchObject({ kind: 'aadhaar' });
    expect((await contentOf(vault, wish._id)).toString()).toBe('x');
    expect(await timelineOf(wish)).toContain('Riya: a paper is called aadhaar (was sent as other)');
  });
});

describe('erasing', () => {
  it('destroys key and bytes, and leaves the record with who and why', async () => {
    const vault = vaultWith();
    const wish = upload();
    await vault.store(wish, of('x'));
    const { sealed } = await record(wish._id);
    const access = { who: 'Riya', why: 'the buyer asked for it' };
    for (let times = 0; times < 2; times += 1) await vault.erase(wish._id, access);
    const left = await record(wish._id);
    expect(left).toMatchObject({ status: 'erased', erasedBy: 'Riya', reason: access.why, kind: 'pan' });
    for (const gone of ['sealed', 'digest', 'handedIn', 'fileName', 'blobs', 'untidySince'])
      expect(left).not.toHaveProperty(gone);
    expect(await (await chunksOf(sealed?.blob ?? '')).toArray()).toEqual([]);
    expect(await vault.open(wish._id, DESK)).toBeUndefined();
    expect(await vault.review(wish._id, 'received', { status: 'accepted' }, RIYA)).toBeUndefined();
    expect((await timelineOf(wish)).slice(1)).toEqual([
      `Riya: paper pan (${wish._id}) erased (the buyer asked for it)`,
    ]);
    expect(await vault.erase('no such paper', access)).toBeUndefined();
    expect((await vault.store({ ...wish, _id: `${wish._id}.2` }, of('x'))).kind).toBe('stored');
  });

  it('that was cut short after the key was destroyed is finished later', async () => {
    const vault = vaultWith();
    const wish = upload();
    await vault.store(wish, of('x'));
    const before = await record(wish._id);
    await models.documents.erase(before, { who: 'Riya', why: 'asked' }, clock.now);
    expect(await vault.open(wish._id, DESK)).toBeUndefined();
    clock.now = new Date(clock.now.getTime() + HOUR_MS + 1);
    await vault.tidy();
    expect(await (await chunksOf(before.sealed?.blob ?? '')).toArray()).toEqual([]);
    await vault.erase(wish._id, { who: 'Rohan', why: 'asked again' });
    expect((await timelineOf(wish)).at(-1)).toContain('Riya: ');
  });
});

describe('tampering', () => {
  async function twoPapers(vault: Vault): Promise<[VaultDocument, VaultDocument]> {
    const [one, other] = [upload(), upload()];
    await vault.store(one, of('one'));
    await vault.store(other, of('other'));
    return [await record(one._id), await record(other._id)];
  }

  async function expectTampered(vault: Vault, { _id, buyer }: VaultDocument): Promise<void> {
    await expect(contentOf(vault, _id)).rejects.toMatchObject({ code: 'vault_tampered' });
    const lines = await timelineOf({ buyer });
    expect(lines.at(-1)).toContain('cannot be opened (it was altered since it was stored)');
    expect(logged.at(-1)).toContain('vault_tampered');
  }

  const set = (id: string, change: object) => models.documents.model.updateOne({ _id: id }, { $set: change });

  it('with the bytes is found out', async () => {
    const vault = vaultWith();
    const [one] = await twoPapers(vault);
    const blob = one.sealed?.blob ?? '';
    const [chunk] = await (await chunksOf(blob)).toArray();
    const bytes = Buffer.from(chunk?.data.buffer ?? []);
    bytes.writeUInt8((bytes[0] ?? 0) ^ 1, 0);
    await connection
      .collection('files.chunks')
      .updateOne({ files_id: blob as never }, { $set: { data: new mongoose.mongo.Binary(bytes) } });
    await expectTampered(vault, one);
  });

  it('by swapping keys, blobs, or both, between two papers is found out', async () => {
    const vault = vaultWith();
    const [one, other] = await twoPapers(vault);
    for (const sealed of [
      { ...one.sealed, key: other.sealed?.key },
      { ...one.sealed, blob: other.sealed?.blob },
      other.sealed,
    ]) {
      await set(one._id, { sealed });
      await expectTampered(vault, one);
    }
    await set(one._id, { sealed: one.sealed });
    expect((await contentOf(vault, one._id)).toString()).toBe('one');
  });

  it('by giving a paper to another buyer, or another kind, is found out', async () => {
    const vault = vaultWith();
    const [one, other] = await twoPapers(vault);
    await set(one._id, { buyer: other.buyer });
    await expectTampered(vault, { ...one, buyer: other.buyer });
    await set(one._id, { buyer: one.buyer, kind: 'photo' });
    await expectTampered(vault, one);
  });

  it('by taking the bytes away is found out', async () => {
    const vault = vaultWith();
    const [one] = await twoPapers(vault);
    await models.files.drop(one.sealed?.blob ?? '');
    await expectTampered(vault, one);
    const [two] = await twoPapers(vault);
    await connection.collection('files.chunks').deleteMany({ files_id: two.sealed?.blob as never });
    await expectTampered(vault, two);
  });

  it('is not what a wrong secret is called', async () => {
    const [one] = await twoPapers(vaultWith());
    const stranger = vaultWith({ current: SECOND });
    await expect(stranger.open(one._id, DESK)).rejects.toMatchObject({ code: 'vault_key_unknown' });
    expect((await timelineOf(one)).at(-1)).toContain('cannot be opened (SECRET_KEY is another one)');
    expect((await contentOf(vaultWith(), one._id)).toString()).toBe('one');
  });
});

describe('a new SECRET_KEY', () => {
  it('opens what the previous one wrapped, and after rewrapping without it', async () => {
    await inOwnDatabase(async () => {
      const wishes = [upload(), upload(), upload()];
      const [one, two, three] = wishes.map(({ _id }) => _id) as [string, string, string];
      const old = vaultWith({ current: FIRST });
      for (const wish of wishes) await old.store(wish, of(`content of ${wish._id}`));
      await old.erase(three, DESK);
      const both = vaultWith({ current: SECOND, previous: FIRST });
      expect((await contentOf(both, one)).toString()).toBe(`content of ${one}`);
      const again = { ...(wishes[0] as Upload), _id: 'again' };
      expect((await both.store(again, of(`content of ${one}`))).kind).toBe('duplicate');
      expect(await both.rewrap()).toEqual({ rewrapped: 2, failed: 0 });
      expect(await both.rewrap()).toEqual({ rewrapped: 0, failed: 0 });
      const alone = vaultWith({ current: SECOND });
      expect((await contentOf(alone, two)).toString()).toBe(`content of ${two}`);
      expect((await alone.store(again, of(`content of ${one}`))).kind).toBe('duplicate');
      await expect(old.open(one, DESK)).rejects.toMatchObject({ code: 'vault_key_unknown' });
    });
  });

  it('leaves what it cannot open, and says how many those are', async () => {
    await inOwnDatabase(async () => {
      const [lost, altered, good] = [upload(), upload(), upload()];
      await vaultWith({ current: 'a secret that nobody knows any more' }).store(lost, of('x'));
      await vaultWith().store(altered, of('x'));
      await vaultWith().store(good, of('x'));
      await models.files.drop((await record(altered._id)).sealed?.blob ?? '');
      const both = vaultWith({ current: SECOND, previous: FIRST });
      expect(await both.rewrap()).toEqual({ rewrapped: 1, failed: 2 });
      expect((await record(altered._id)).sealed?.secret).toBe(new Keyring({ current: FIRST }).current);
    });
  });
});

describe('two buyers who are one', () => {
  it('have one another’s papers, sealed for the one who stays', async () => {
    const vault = vaultWith();
    const from = { buyer: 'young', conversation: 'sandbox/young' };
    const to = { buyer: 'old', conversation: 'sandbox/old' };
    await vault.store(upload({ ...from, _id: 'moving', applicant: 'young' }), of('scan'));
    await vault.store(upload({ ...from, _id: 'same', kind: 'photo' }), of('photo'));
    await vault.store(upload({ ...to, _id: 'kept', kind: 'photo' }), of('photo'));
    await vault.store(upload({ ...from, _id: 'gone', kind: 'passport' }), of('passport'));
    const third = { buyer: 'ravi', conversation: 'sandbox/ravi' };
    await vault.store(upload({ ...third, _id: 'for them', applicant: 'young' }), of('scan of theirs'));
    await vault.erase('gone', DESK);
    for (let times = 0; times < 2; times += 1) await vault.move(from, to);
    const papers = await models.documents.ofBuyer('old');
    expect(papers.map(({ _id }) => _id).sort()).toEqual(['gone', 'kept', 'moving', 'same']);
    expect(await record('moving')).toMatchObject({ ...to, applicant: 'old' });
    expect(await record('for them')).toMatchObject({ ...third, applicant: 'old' });
    for (const [id, words] of [
      ['moving', 'scan'],
      ['same', 'photo'],
      ['kept', 'photo'],
    ] as const)
      expect((await contentOf(vault, id)).toString()).toBe(words);
    expect(await models.documents.ofBuyer('young')).toEqual([]);
  });
});

describe('the secret of a sandbox', () => {
  it('is made once, for its owner alone, and is the same for processes that start together', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'baton-secret-'));
    const dataDir = join(folder, 'data');
    const config = { dataDir, secretKey: undefined, secretKeyPrevious: undefined };
    try {
      const made = await Promise.all([1, 2, 3, 4].map(() => secretsOf(config)));
      expect(new Set(made.map(({ current }) => current)).size).toBe(1);
      const path = join(dataDir, 'secret.key');
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect((await readFile(path, 'utf8')).length).toBeGreaterThanOrEqual(43);
      expect(await secretsOf(config)).toEqual(made[0]);
      expect(await secretsOf({ ...config, secretKey: FIRST, secretKeyPrevious: SECOND })).toEqual({
        current: FIRST,
        previous: SECOND,
      });
      await writeFile(path, 'short');
      await expect(secretsOf(config)).rejects.toMatchObject({ code: 'secret_key' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('keeps keys apart by their purpose', () => {
    expect(derivedKey(FIRST, 'links').equals(derivedKey(FIRST, 'vault'))).toBe(false);
    expect(derivedKey(FIRST, 'links').equals(derivedKey(SECOND, 'links'))).toBe(false);
    expect(derivedKey(FIRST, 'links')).toHaveLength(32);
  });
});
