import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import PDFDocument from 'pdfkit';
import { maskedName, payloadWithoutFile, payloadWithoutNumbers, withoutNumbers } from '../bot/masking.ts';
import { masked, readIdentity } from '../bot/understand/identity.ts';
import { auditDatabase } from '../models/audit.ts';
import type { Case } from '../models/case.ts';
import type { VaultDocument } from '../models/document.ts';
import type { InboundRecord } from '../models/inbound.ts';
import type { Media } from '../models/media.ts';
import { card } from './papers.ts';
import { World } from './world.ts';

/** Papers that come by chat, from the channel to the vault, and the numbers that buyers type. */

const ASHA = '+919999900001';
const ROHAN = '+919999900002';
const MINUTE_MS = 60_000;
const PAN = 'ABCPE1234F';
const AADHAAR = '999941057058';

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

function pdf(): Promise<Buffer> {
  return new Promise((resolve) => {
    const document = new PDFDocument();
    const pieces: Buffer[] = [];
    document.on('data', (piece) => pieces.push(piece));
    document.on('end', () => resolve(Buffer.concat(pieces)));
    document.rect(50, 50, 200, 100).fill('#333');
    document.end();
  });
}

const PAPER = await pdf();
const FILE = { bytes: PAPER, fileName: 'scan.pdf', mimeType: 'application/pdf', caption: '' };

/** A buyer sends a file, and everything that follows from it soon has come to rest. */
async function send(world: World, file: Partial<typeof FILE>, number = ASHA, key?: string): Promise<string> {
  const { id } = await world.phone.attachAs(number, { ...FILE, ...file }, key);
  await settle(world);
  return `sandbox:${id}`;
}

async function settle(world: World): Promise<void> {
  for (let rounds = 0; rounds < 3; rounds += 1) {
    await world.rest();
    await world.pass(5_000);
  }
}

async function media(world: World, id: string): Promise<Media> {
  const found = await world.context.models.media.model.findById(id).lean<Media>();
  if (!found) throw new Error('the file is not on record');
  return found;
}

async function documents(world: World): Promise<VaultDocument[]> {
  return world.context.models.documents.model.find().sort({ _id: 1 }).lean<VaultDocument[]>();
}

async function contentOf(world: World, id: string): Promise<Buffer> {
  const opened = await world.context.vault.open(id, { who: 'Riya', why: 'review' });
  if (!opened) throw new Error('the document cannot be opened');
  return buffer(opened.bytes);
}

/** Every file in the clear: the bytes that lie in GridFS outside the vault. */
async function clearFiles(world: World): Promise<string[]> {
  const found = await world.context.models.files.model.find().lean();
  return found.map(({ _id }) => _id).filter((id) => !id.startsWith('vault:'));
}

async function caseTexts(world: World): Promise<string[]> {
  const cases = await world.context.models.cases.model.find().lean<Case[]>();
  return cases.flatMap(({ quotes, posts, details }) => [
    ...quotes,
    ...posts.map(({ text }) => text),
    ...Object.values(details),
  ]);
}

async function inbound(world: World, id: string): Promise<InboundRecord> {
  const [found] = await world.context.models.inbound.byIds([id]);
  if (!found) throw new Error('the message is not stored');
  return found;
}

/** Everything that the database holds, the bytes of files excepted. */
async function written(world: World): Promise<string> {
  const { connection } = world.context.database;
  const parts: string[] = [];
  for (const { name } of (await connection.db?.listCollections().toArray()) ?? []) {
    if (name !== 'files.chunks')
      parts.push(JSON.stringify(await connection.collection(name).find().toArray()));
  }
  return parts.join('\n');
}

async function expectVaulted(world: World, message: string, bytes = PAPER): Promise<VaultDocument> {
  const record = await media(world, message);
  expect(record).toMatchObject({ status: 'stored', vaulted: expect.any(String) });
  for (const gone of ['fileId', 'sha256', 'nextAt', 'lease']) expect(record).not.toHaveProperty(gone);
  expect(await world.context.models.media.open(message)).toBeUndefined();
  expect((await contentOf(world, record.vaulted ?? '')).equals(bytes)).toBe(true);
  expect(await clearFiles(world)).toEqual([]);
  const found = await world.context.models.documents.byId(record.vaulted ?? '');
  if (!found) throw new Error('the vault does not have it');
  return found;
}

/** A run that asks for papers, in the conversation of a buyer who has enquired. */
async function askForPapers(world: World, number: string): Promise<void> {
  await world.write(number, 'Hi, please send the brochure');
  const { _id } = await world.conversation(number);
  const plain = { flow: 'kyc', version: 1, stage: 'asking', data: {}, enteredAt: world.now, reminded: [] };
  await world.context.models.conversations.change(_id, (current) => ({
    ...current,
    state: { ...current.state, runs: [...current.state.runs, { id: `kyc:${number}`, ...plain }] },
  }));
}

describe('a paper that comes by chat', () => {
  it('by its file’s name is moved into the vault, and the team is told where it is', async () => {
    const world = await open();
    const message = await send(world, { fileName: 'PAN card.pdf' });
    const document = await expectVaulted(world, message);
    expect(document).toMatchObject({
      _id: `chat:${message}`,
      kind: 'pan',
      status: 'received',
      source: 'chat',
    });
    const told = (await caseTexts(world)).filter((text) => text.includes('in the vault'));
    expect(told).toEqual([
      `A paper (pan) that the buyer sent is in the vault, and no longer in the chat: http://localhost:3000/desk/documents/${encodeURIComponent(document._id)}`,
    ]);
    const lines = (await world.timeline(ASHA)).map(({ what }) => what);
    expect(lines.filter((what) => what.startsWith('paper pan'))).toHaveLength(2);
    await world.pass(MINUTE_MS);
    expect(await auditDatabase(world.context.models, world.now)).toEqual([]);
  });

  it('by its caption, by what is said of it, and with a picture as well', async () => {
    const world = await open();
    const picture = await card();
    const jpg = { bytes: picture, fileName: 'IMG_1.png', mimeType: 'image/png' };
    const one = await send(world, { ...jpg, caption: 'मेरा आधार कार्ड' });
    expect(await expectVaulted(world, one, picture)).toMatchObject({ kind: 'aadhaar', status: 'received' });
    const other = await send(world, { caption: 'sending my documents for kyc' }, ROHAN);
    expect(await expectVaulted(world, other)).toMatchObject({ buyer: expect.any(String), kind: 'other' });
  });

  it('while a run asks for papers needs no name; what shows a payment stays', async () => {
    const world = await open();
    for (const number of [ASHA, ROHAN]) await askForPapers(world, number);
    const payment = await send(world, { caption: 'I have paid the booking amount, screenshot attached' });
    expect(await media(world, payment)).not.toHaveProperty('vault');
    expect(await clearFiles(world)).toHaveLength(1);
    await world.context.models.media.model.deleteOne({ _id: payment });
    await world.context.models.files.model.deleteMany({});
    const picture = await card();
    const paper = await send(world, { bytes: picture, fileName: 'IMG_2.png', mimeType: 'image/png' }, ROHAN);
    await expectVaulted(world, paper, picture);
  });

  it('is left alone when nothing says that it is one', async () => {
    const world = await open();
    const message = await send(world, { fileName: 'floor plan.pdf', caption: 'is this the 2BHK?' });
    expect(await media(world, message)).not.toHaveProperty('vault');
    expect(await documents(world)).toEqual([]);
    expect(await clearFiles(world)).toHaveLength(1);
  });

  it('and cannot be read is in the vault all the same, with what is wrong for the team', async () => {
    const world = await open();
    const broken = Buffer.from('%PDF-1.7\nnothing of it is true');
    const message = await send(world, { fileName: 'aadhaar.pdf', bytes: broken });
    const document = await expectVaulted(world, message, broken);
    expect(document).toMatchObject({ status: 'rejected', reason: 'kyc_retake_pdf_broken' });
    expect((await caseTexts(world)).join()).toContain('the check says kyc_retake_pdf_broken');
  });

  it('leaves neither a preview nor a key nor a number in what the provider sent', async () => {
    const world = await open();
    const thumbnail = randomBytes(300).toString('base64');
    await world.context.gateway.receive(world.phone, [
      {
        key: 'key-raw',
        from: { kind: 'pn', value: ASHA },
        alsoKnownAs: [],
        at: world.now,
        content: {
          kind: 'media',
          media: 'document',
          ref: 'none',
          mimeType: 'application/pdf',
          fileName: `PAN_${PAN}.pdf`,
          caption: `pan ${PAN}`,
        },
        raw: {
          document: {
            id: 'm1',
            filename: `PAN_${PAN}.pdf`,
            caption: `pan ${PAN}`,
            sha256: 'abc',
            mediaKey: 'k',
          },
          message: { jpegThumbnail: thumbnail, directPath: '/v/t62', timestamp: 1_795_000_000 },
        },
      },
    ]);
    world.phone.fetchMedia = async () => ({
      kind: 'media',
      bytes: (await import('node:stream')).Readable.from([PAPER]),
      mimeType: 'application/pdf',
    });
    await settle(world);
    await world.pass(60 * MINUTE_MS);
    await settle(world);
    await expectVaulted(world, 'sandbox:key-raw');
    const message = await inbound(world, 'sandbox:key-raw');
    expect(JSON.parse(`${message.raw}`)).toEqual({
      document: { id: 'm1', filename: 'PAN_[pan].pdf', caption: 'pan [pan]' },
      message: { timestamp: 1_795_000_000 },
    });
    expect(message.content).toMatchObject({ fileName: 'PAN_[pan].pdf', vaulted: 'chat:sandbox:key-raw' });
    const all = await written(world);
    expect(all).not.toContain(PAN);
    expect(all).not.toContain(thumbnail.slice(0, 40));
  });
});

describe('the same paper', () => {
  it('sent again is one document, and no copy of it stays in the clear', async () => {
    const world = await open();
    const first = await send(world, { fileName: 'pan card.pdf' });
    const second = await send(world, { fileName: 'pan card.pdf' });
    const document = await expectVaulted(world, second);
    expect(document._id).toBe(`chat:${first}`);
    expect(await documents(world)).toHaveLength(1);
  });

  it('sent without a word before goes to the vault with it, whoever sent it', async () => {
    const world = await open();
    const before = await send(world, { fileName: 'scan.pdf', caption: 'is this the 2BHK?' }, ROHAN);
    expect(await clearFiles(world)).toHaveLength(1);
    const named = await send(world, { fileName: 'pan card.pdf' });
    await settle(world);
    await expectVaulted(world, named);
    expect((await expectVaulted(world, before)).buyer).not.toBe((await expectVaulted(world, named)).buyer);
    expect(await documents(world)).toHaveLength(2);
  });

  it('delivered twice is vaulted once', async () => {
    const world = await open();
    const message = await send(world, { fileName: 'pan card.pdf' }, ASHA, 'key-twice');
    const stored = await inbound(world, message);
    const again = { ...stored, key: 'key-twice', from: { kind: 'pn', value: ASHA }, alsoKnownAs: [] };
    await world.context.receiver.receive('sandbox', [again as never, again as never]);
    await settle(world);
    await expectVaulted(world, message);
    expect((await caseTexts(world)).filter((text) => text.includes('in the vault'))).toHaveLength(1);
  });
});

describe('a crash', () => {
  /** The step after which the process is gone. */
  const STEPS: [string, (world: World) => () => void][] = [
    ['before the bytes are sealed', (world) => failing(world.context.models.documents, 'complete')],
    ['before the message points to the vault', (world) => failing(world.context.models.media, 'moveToVault')],
    ['before the payload is cleaned', (world) => failing(world.context.models.inbound, 'vaulted')],
    ['before the clear copy is removed', (world) => failing(world.context.models.media, 'discard')],
    ['before the team is told', (world) => failing(world.context.models.conversations, 'latest', 'vaulted')],
    ['before it is known to be over', (world) => failing(world.context.models.media, 'toldEnd')],
  ];

  it.each(STEPS)('%s loses nothing and leaves nothing', async (_step, breakIt) => {
    const world = await open();
    await world.write(ASHA, 'Hi, please send the brochure');
    const mend = breakIt(world);
    const message = await send(world, { fileName: 'pan card.pdf' });
    mend();
    const next = await open({ joins: world });
    await next.pass(7 * MINUTE_MS);
    await settle(next);
    await next.pass(61 * MINUTE_MS);
    await next.context.vault.tidy();
    await next.context.media.tidy();
    const document = await expectVaulted(next, message);
    expect(document).not.toHaveProperty('untidySince');
    expect(await documents(next)).toHaveLength(1);
    expect(await next.context.models.files.model.countDocuments()).toBe(1);
    expect((await caseTexts(next)).filter((text) => text.includes('in the vault'))).toHaveLength(1);
    expect(await auditDatabase(next.context.models, next.now)).toEqual([]);
  });

  /** The database is gone at this step, as long as it lasts. */
  function failing<T extends object>(model: T, method: keyof T & string, _why = ''): () => void {
    const original = model[method];
    let calls = 0;
    model[method] = (async (...args: unknown[]) => {
      calls += 1;
      // Turns read conversations as well: only what the vault does after them is cut.
      if (method === 'latest' && !new Error().stack?.includes('Vaulting')) {
        return (original as (...all: unknown[]) => unknown).apply(model, args);
      }
      throw new Error(`the process is gone (${calls})`);
    }) as never;
    return () => {
      model[method] = original;
    };
  }
});

describe('an audit', () => {
  it('finds a paper that has stayed in the clear', async () => {
    const world = await open();
    const message = await send(world, { fileName: 'floor plan.pdf', caption: 'is this the 2BHK?' });
    await world.context.models.media.model.updateOne({ _id: message }, { $set: { vault: 'pan' } });
    await world.pass(2 * MINUTE_MS);
    expect(await auditDatabase(world.context.models, world.now)).toEqual([
      { rule: 'identity paper is not in the vault', id: message },
    ]);
  });
});

describe('numbers that a buyer types', () => {
  it('are nowhere in the database: not in the message, the payload, the timeline or the case', async () => {
    const world = await open();
    await world.write(ASHA, `my pan is ${PAN} and aadhaar 9999 4105 7058 for kyc`);
    await world.write(ASHA, 'a/c no. 50100123456789, refund there please');
    await settle(world);
    const all = await written(world);
    for (const number of [PAN, AADHAAR, '9999 4105 7058', '50100123456789'])
      expect(all).not.toContain(number);
    expect((await world.timeline(ASHA)).map(({ what }) => what)).toContain(
      'my pan is [pan] and aadhaar [aadhaar] for kyc',
    );
    expect((await caseTexts(world)).join()).toContain('my pan is [pan]');
    const [message] = await world.context.models.inbound.model
      .find()
      .sort({ seq: 1 })
      .lean<InboundRecord[]>();
    expect(JSON.parse(`${message?.raw}`)).toMatchObject({ sandbox: { number: ASHA } });
  });

  it('are hidden in what replaces them as well: an edited message', async () => {
    const content = { kind: 'edited' as const, to: 'm1', text: `sorry, ${PAN}` };
    expect(withoutNumbers(content)).toEqual({ ...content, text: 'sorry, [pan]' });
  });

  it('are still known to have been there', () => {
    const text = `pan ${PAN}, aadhaar ${AADHAAR}`;
    expect(readIdentity(masked(text))).toEqual(['pan', 'aadhaar']);
    expect(masked(masked(text))).toBe(masked(text));
  });

  it('are not mistaken for the reference of a payment, which collections needs', () => {
    for (const text of [`paid 5 lakh, ${AADHAAR}`, `${AADHAAR} payment kar diya`, `पैसे भेज दिए ${AADHAAR}`])
      expect(masked(text)).toBe(text);
    for (const text of [`payment done, aadhaar ${AADHAAR}`, 'paid 9999 4105 7058', AADHAAR])
      expect(masked(text)).not.toContain('4105');
  });

  it('are cut out of payloads by field, so that ids and times stay', () => {
    const raw = { id: '4111111111111111', from: '4111111111111111', text: { body: 'card 4111111111111111' } };
    expect(JSON.parse(payloadWithoutNumbers(raw))).toEqual({ ...raw, text: { body: 'card [card]' } });
    expect(payloadWithoutNumbers(undefined)).toBe('null');
    expect(payloadWithoutFile('{not json')).toBe('null');
    expect(maskedName('AADHAAR_9999_4105_7058.pdf')).toBe('AADHAAR [aadhaar].pdf');
    expect(maskedName('site_plan_2026.pdf')).toBe('site_plan_2026.pdf');
  });
});
