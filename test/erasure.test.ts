import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { keptUntil, paperKeptUntil, RETAINED, retentionOf } from '../flows/retention.ts';
import { auditDatabase } from '../models/audit.ts';
import type { Upload } from '../models/document.ts';
import { card } from './papers.ts';
import { sell } from './sale.ts';
import { World } from './world.ts';

/** A buyer's data goes when a person says so: all of it that no law retains, whatever crashes in between. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FARAH = { id: 'U-FARAH', name: 'Farah' };
const ASHA = '+919999909001';
const NAME = 'Asha Vermaji';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** A buyer who has told us a good deal: an enquiry, a photograph, a complaint. */
async function met(): Promise<World> {
  const world = await World.open();
  worlds.push(world);
  world.phone.addBuyer(ASHA, NAME);
  await world.write(ASHA, 'Hi, please send the brochure');
  await world.write(ASHA, 'zebra budget is 90 lakh');
  await world.phone.attachAs(ASHA, {
    bytes: await card(),
    mimeType: 'image/png',
    fileName: 'zebra-wall.png',
    caption: 'zebra wall',
  } as never);
  await world.rest();
  await world.write(ASHA, 'Your staff is rude, zebra complaint, very poor service');
  await world.write(ASHA, 'मेरी सारी जानकारी डिलीट करें');
  await world.pass(HOUR);
  // Nobody is in Slack here: what waits for it is not what is looked at.
  await told(world);
  return world;
}

async function told(world: World): Promise<void> {
  await world.context.models.cases.model.updateMany({}, { $set: { posts: [] } });
}

async function decided(world: World, inputId = 'view-1'): Promise<string> {
  const { buyer } = await world.conversation(ASHA);
  return world.context.erasures.erase({ buyer, inputId, staff: FARAH, reason: 'asked for it in writing' });
}

/** Until it is done, as the sweep does it. */
async function finish(world: World): Promise<void> {
  for (let rounds = 0; rounds < 4; rounds += 1) {
    await told(world);
    await world.pass(60_000);
  }
}

/** Every document of the database in which this stands, by its collection and name. */
async function mentions({ context }: World, words: RegExp): Promise<string[]> {
  const { connection } = context.database;
  const found: string[] = [];
  for (const { name } of (await connection.db?.listCollections().toArray()) ?? [])
    for (const document of await connection.collection(name).find().toArray())
      if (words.test(JSON.stringify(document))) found.push(`${name} ${document._id}`);
  return found;
}

async function vaulted(world: World, more: Partial<Upload>): Promise<string> {
  const { buyer, _id: conversation } = await world.conversation(ASHA);
  const upload: Upload = {
    ...{ _id: randomUUID(), buyer, conversation, kind: 'pan', source: 'portal' },
    ...{ fileName: 'pan.png', mimeType: 'image/png', warnings: [], uploadedAt: world.now },
    ...more,
  };
  await world.context.vault.store(upload, Readable.from([Buffer.from(upload._id)]));
  return upload._id;
}

async function statusOf(world: World, paper: string): Promise<string | undefined> {
  return (await world.context.models.documents.byId(paper))?.status;
}

describe('an erasure', () => {
  it('of somebody who has not bought leaves no word, name or file of theirs, and the record of what happened', async () => {
    const world = await met();
    const pan = await vaulted(world, {});
    const { models } = world.context;
    const { buyer } = await world.conversation(ASHA);
    const said = { subject: 'b-1', phase: 'visit', words: 'the zebra tour was fine' } as const;
    await models.satisfactions.record({ _id: 'visit:1', buyer, ...said, at: world.now });
    expect((await mentions(world, /zebra/)).length).toBeGreaterThan(5);
    expect(await world.context.erasures.plan(buyer)).toMatchObject({
      name: NAME,
      goes: expect.arrayContaining(['identity papers that no booking needs', 'the name']),
      stays: [
        { what: expect.stringContaining('timeline') },
        { what: expect.stringContaining('phone number') },
      ],
    });
    const before = await auditDatabase(models, world.now);
    expect(await decided(world)).toBe('decided');
    await finish(world);

    expect((await auditDatabase(models, world.now)).length).toBeLessThanOrEqual(before.length);
    expect(await mentions(world, /zebra|Vermaji|डिलीट/i)).toEqual([]);
    expect(await statusOf(world, pan)).toBe('erased');
    expect(await models.files.model.countDocuments()).toBe(0);
    expect(await models.leads.ofBuyer(buyer)).toEqual([]);
    const { state } = await world.conversation(ASHA);
    expect(state).toMatchObject({ runs: [], optedOutAt: expect.any(Date) });
    expect(state).not.toHaveProperty('consent');
    const entries = await world.timeline(ASHA);
    expect(
      entries
        .filter(({ kind }) => kind === 'message')
        .slice(0, 3)
        .map(({ what }) => what),
    ).toEqual(['[erased]', '[erased]', '[erased]']);
    expect(entries).toContainEqual(
      expect.objectContaining({
        who: 'Farah',
        what: 'erasure of personal data decided',
        why: 'asked for it in writing',
      }),
    );
    expect(entries.find(({ what }) => what === 'personal data erased')).toMatchObject({
      who: 'Farah',
      why: expect.stringMatching(/^kept: the timeline without any words.*until 2027-11-23.*phone number/),
    });
    expect((await models.buyers.byId(buyer))?.erasure).toMatchObject({ doneAt: expect.any(Date) });
    expect((await models.buyers.byId(buyer))?.erasure).not.toHaveProperty('owedAt');
    // They are told once, and no promise looks broken.
    expect(world.answers(ASHA).filter((text) => text.includes('डेटा') && text.includes('मिटा'))).toHaveLength(
      1,
    );
  });

  it('of a customer keeps the papers of the booking and what is owed, and goes on with it', async () => {
    const world = await met();
    const { models } = world.context;
    const { buyer } = await world.conversation(ASHA);
    const booking = await sell(models, { _id: 'b-77', number: 'B-1277', buyers: [buyer] });
    const ofBooking = await vaulted(world, { booking, kind: 'pan' });
    const plan = await world.context.erasures.plan(buyer);
    expect(plan?.goes).not.toContain('the name');
    expect(plan?.stays.map(({ what, until }) => `${what}: ${until}`)).toEqual([
      expect.stringMatching(/^identity papers.*5 years from when the booking ends$/),
      expect.stringMatching(/^demands, payments.*8 years/),
      expect.stringMatching(/^the booking.*5 years/),
      expect.stringContaining('timeline'),
      expect.stringContaining('phone number'),
    ]);
    await decided(world);
    await finish(world);
    expect(await statusOf(world, ofBooking)).toBe('received');
    expect((await models.buyers.byId(buyer))?.name).toBe(NAME);
    expect(await models.bookings.of(buyer)).toHaveLength(1);
    expect(await mentions(world, /zebra/i)).toEqual([]);
    // It is looked at again, and nothing else is taken then.
    const { erasure } = (await models.buyers.byId(buyer)) ?? {};
    expect(erasure?.owedAt?.getTime()).toBeGreaterThan(world.now.getTime() + 80 * DAY);
    await world.write(ASHA, 'START');
    await world.write(ASHA, 'Hi, zebra question: please send the brochure');
    await world.pass(91 * DAY);
    expect(await mentions(world, /zebra question/)).not.toEqual([]);
    expect(await statusOf(world, ofBooking)).toBe('received');
  });

  it('that was cut short anywhere is finished by the sweep, each step once', async () => {
    const world = await met();
    const { models } = world.context;
    const { buyer } = await world.conversation(ASHA);
    const appended = models.timeline.append.bind(models.timeline);
    const forgetting = models.buyers.forgetNames.bind(models.buyers);
    models.buyers.forgetNames = async () => {
      throw new Error('killed here');
    };
    expect(await decided(world)).toBe('decided');
    await world.sweep();
    expect((await models.buyers.byId(buyer))?.erasure).toMatchObject({ by: FARAH, owedAt: expect.any(Date) });
    models.buyers.forgetNames = forgetting;
    models.timeline.append = async (entries) => {
      if (entries.some(({ what }) => what === 'personal data erased')) throw new Error('killed there');
      return appended(entries);
    };
    await finish(world);
    expect((await models.buyers.byId(buyer))?.erasure).not.toHaveProperty('doneAt');
    models.timeline.append = appended;
    await finish(world);
    expect((await models.buyers.byId(buyer))?.erasure).toHaveProperty('doneAt');
    const entries = await world.timeline(ASHA);
    for (const once of ['erasure of personal data decided', 'personal data erased'])
      expect(entries.filter(({ what }) => what === once)).toHaveLength(1);
    expect(await mentions(world, /zebra/i)).toEqual([]);
  });

  it('waits for what is on its way: no word is written down behind it', async () => {
    const world = await met();
    world.phone.goOffline();
    await world.write(ASHA, 'one more zebra question').catch(() => undefined);
    await decided(world);
    await world.pass(60_000);
    const { buyer } = await world.conversation(ASHA);
    expect((await world.context.models.buyers.byId(buyer))?.erasure).not.toHaveProperty('doneAt');
    await world.phone.goOnline();
    await world.rest();
    await finish(world);
    await finish(world);
    expect((await world.context.models.buyers.byId(buyer))?.erasure).toHaveProperty('doneAt');
  });

  it('is decided once, by whom it was first, and of nobody never', async () => {
    const world = await met();
    const twice = await Promise.all([decided(world), decided(world)]);
    expect(twice.sort()).toEqual(['decided', 'known']);
    expect(await decided(world, 'view-2')).toBe('known');
    await finish(world);
    expect(await decided(world)).toBe('known');
    // Asked again of what was said since, it is another decision.
    expect(await decided(world, 'view-3')).toBe('decided');
    const { erasures } = world.context;
    expect(await erasures.erase({ buyer: 'nobody', inputId: 'v', staff: FARAH, reason: 'a mistake' })).toBe(
      'unknown',
    );
    expect(await erasures.plan('nobody')).toBeUndefined();
  });
});

describe('retention', () => {
  it('names a source for everything, and is there before its first day', () => {
    for (const kind of RETAINED) {
      expect(retentionOf(kind, '2026-11-23').source).not.toBe('');
      expect(retentionOf(kind, '1999-01-01')).toEqual(retentionOf(kind, '2026-11-23'));
    }
  });

  it.each([
    ['identity_papers', '2026-03-31', '2031-03-31'],
    ['money_records', '2026-03-31', '2034-03-31'],
    ['money_records', '2026-04-01', '2035-03-31'],
    ['booking_records', '2028-02-29', '2033-02-28'],
    ['audit_trail', '2020-01-01', '2027-11-23'],
  ] as const)('of %s of a booking that ended on %s is over after %s', (kind, endedOn, until) => {
    const erasedOn = '2026-11-23';
    expect(keptUntil(retentionOf(kind, erasedOn), { endedOn, erasedOn })).toBe(until);
  });

  it.each([
    // The numbers of a PAN stand on invoices: a year longer than the law on identity papers wants.
    ['pan', '2026-03-31', '2032-03-31'],
    ['aadhaar', '2026-03-31', '2031-03-31'],
    ['other', '2026-03-31', '2031-03-31'],
    ['pan', undefined, undefined],
  ] as const)('of a paper, %s, of a booking that ended on %s is over after %s', (kind, endedOn, until) => {
    expect(paperKeptUntil(kind, { endedOn, erasedOn: '2026-11-23' })).toBe(until);
  });

  it('of a booking that stands has no end yet', () => {
    expect(
      keptUntil(retentionOf('identity_papers', '2026-11-23'), { erasedOn: '2026-11-23' }),
    ).toBeUndefined();
  });
});
