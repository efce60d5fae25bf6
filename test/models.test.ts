import { afterEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { StaffRef } from '../flows/types.ts';
import type { Case, CasePost } from '../models/case.ts';
import { connectDatabase, type Database } from '../models/connect.ts';
import type { Conversation } from '../models/conversation.ts';
import type { InboundRecord } from '../models/inbound.ts';
import { createModels, type Models } from '../models/models.ts';
import type { Letter, Send, SendStatus, SpentSend } from '../models/send.ts';
import { databaseUri, MONDAY } from './world.ts';

const NOW = MONDAY;
const later = (ms: number) => new Date(NOW.getTime() + ms);
const times = (count: number) => Array.from({ length: count }, (_, index) => index);

const databases: Database[] = [];
afterEach(async () => {
  for (const database of databases.splice(0)) await database.close();
});

/** Models of one process on `uri`, with the indexes of those named in `indexed`. */
async function open(
  indexed: (keyof Models)[],
  { uri = databaseUri(), instance = 'here' }: { uri?: string; instance?: string } = {},
): Promise<Models & { uri: string }> {
  const database = await connectDatabase({ uri, dataDir: '', log: pino({ level: 'silent' }) });
  databases.push(database);
  const models = createModels(database.connection, instance);
  for (const name of indexed) await models[name].model.createIndexes();
  return { ...models, uri };
}

describe('buyers', () => {
  const PHONE = 'pn:+919999900001';
  const LID = 'lid:100000000000001';
  const USERNAME = 'bsuid:IN.100000000000001';

  it('are made once, however many first messages come at once', async () => {
    const { buyers } = await open(['buyers']);
    const met = await Promise.all(times(20).map((n) => buyers.withHandles([PHONE], 'Asha', `b${n}`, NOW)));
    expect(new Set(met.map((buyer) => buyer._id)).size).toBe(1);
    expect(await buyers.model.countDocuments()).toBe(1);
    expect(await buyers.byId(met[0]?._id ?? '')).toEqual({
      _id: met[0]?._id,
      name: 'Asha',
      handles: [PHONE],
      createdAt: NOW,
    });
  });

  it('are known by every handle they were met with', async () => {
    const { buyers } = await open(['buyers']);
    await buyers.withHandles([PHONE], 'Asha', 'b1', NOW);
    await buyers.withHandles([PHONE, LID], '', 'b2', NOW);
    expect((await buyers.withHandles([LID], '', 'b3', NOW))._id).toBe('b1');
    expect((await buyers.byId('b1'))?.handles).toEqual([PHONE, LID]);
  });

  it('learn what the loser of two first messages knew', async () => {
    const { buyers } = await open(['buyers']);
    await Promise.all(times(10).map((n) => buyers.withHandles([PHONE, `lid:${n}`], '', `b${n}`, NOW)));
    expect(await buyers.model.countDocuments()).toBe(1);
    const [buyer] = await buyers.model.find().lean();
    expect([...(buyer?.handles ?? [])].sort()).toEqual([...times(10).map((n) => `lid:${n}`), PHONE]);
  });

  it('keep the name they came with, and get one when they had none', async () => {
    const { buyers } = await open(['buyers']);
    await buyers.withHandles([PHONE], '', 'b1', NOW);
    expect((await buyers.withHandles([PHONE], 'Asha', 'b2', NOW)).name).toBe('Asha');
    expect((await buyers.withHandles([PHONE], 'Somebody Else', 'b3', NOW)).name).toBe('Asha');
    expect((await buyers.byId('b1'))?.name).toBe('Asha');
  });

  it('are one person once a message comes with handles of both: the older absorbs the younger', async () => {
    const { buyers } = await open(['buyers']);
    const later = new Date(NOW.getTime() + 1_000);
    await buyers.withHandles([PHONE], '', 'asha', NOW);
    await buyers.withHandles([LID], 'Ravi', 'ravi', later);
    const merged: string[] = [];
    const met = await buyers.withHandles([LID, PHONE, USERNAME], 'Asha', 'b3', later, (absorbed, into) =>
      merged.push(`${absorbed._id} -> ${into._id}`),
    );
    expect(met).toMatchObject({ _id: 'asha', name: 'Asha' });
    expect(merged).toEqual(['ravi -> asha']);
    expect((await buyers.withHandles([LID], '', 'b4', later))._id).toBe('asha');
    expect((await buyers.byId('ravi'))?._id).toBe('asha');
    expect(await buyers.handlesOf('ravi')).toEqual([PHONE, USERNAME, LID]);
    // Handles stay where they are.
    expect(await buyers.model.findById('ravi').lean()).toMatchObject({ name: 'Ravi', handles: [LID] });
  });

  it('merge once, however many messages show it at once, and along a chain', async () => {
    const { buyers } = await open(['buyers']);
    const at = (second: number) => new Date(NOW.getTime() + second * 1_000);
    await buyers.withHandles([PHONE], 'Asha', 'a', at(0));
    await buyers.withHandles([LID], '', 'b', at(1));
    await buyers.withHandles([USERNAME], '', 'c', at(2));
    const pairs = [
      [LID, USERNAME],
      [PHONE, LID],
      [USERNAME, PHONE],
      [LID, USERNAME],
    ];
    let merges = 0;
    const met = await Promise.all(
      pairs.map((pair) =>
        buyers.withHandles(pair, '', 'new', at(3), () => {
          merges += 1;
        }),
      ),
    );
    expect(merges).toBe(2);
    expect(await buyers.model.countDocuments()).toBe(3);
    for (const { _id } of met) expect((await buyers.byId(_id))?._id).toBe('a');
    expect((await buyers.handlesOf('c')).sort()).toEqual([LID, PHONE, USERNAME].sort());
  });
});

describe('inbound messages', () => {
  const record = (id: string, more: Partial<InboundRecord> = {}): InboundRecord => ({
    _id: `sandbox:${id}`,
    channel: 'sandbox',
    conversation: 'sandbox/asha',
    buyer: 'asha',
    from: 'pn:+919999900001',
    at: NOW,
    receivedAt: NOW,
    seq: 1,
    content: { kind: 'text', text: id },
    raw: '{}',
    pendingSince: NOW,
    ...more,
  });

  it('are stored once; the first words stay', async () => {
    const { inbound } = await open(['inbound']);
    const stored = await Promise.all(
      times(10).map((n) => inbound.storeOnce(record('m1', { content: { kind: 'text', text: `${n}` } }))),
    );
    expect(stored.filter(Boolean)).toHaveLength(1);
    const text = `${stored.indexOf(true)}`;
    expect(await inbound.storeOnce(record('m1'))).toBe(false);
    expect((await inbound.pendingOf('sandbox/asha')).map((each) => each.content)).toEqual([
      { kind: 'text', text },
    ]);
  });

  it('wait in the order of the channel, then of arrival', async () => {
    const { inbound } = await open(['inbound']);
    await inbound.storeOnce(record('third', { at: later(1_000), seq: 1 }));
    await inbound.storeOnce(record('second', { seq: 8 }));
    await inbound.storeOnce(record('first', { seq: 7 }));
    await inbound.storeOnce(record('another', { conversation: 'sandbox/ravi' }));
    const ids = (await inbound.pendingOf('sandbox/asha')).map((each) => each._id);
    expect(ids).toEqual(['sandbox:first', 'sandbox:second', 'sandbox:third']);
  });

  it('keep their first outcome, and wait no more', async () => {
    const { inbound } = await open(['inbound']);
    await inbound.storeOnce(record('m1'));
    await inbound.storeOnce(record('m2'));
    const outcome = { kind: 'reply', template: 'courtesy' } as const;
    await inbound.conclude([{ message: 'sandbox:m1', outcome }]);
    await inbound.conclude([{ message: 'sandbox:m1', outcome: { kind: 'case', caseId: 'c1' } }]);
    await inbound.conclude([]);
    const concluded = await inbound.model.findById('sandbox:m1').lean();
    expect(concluded?.outcome).toEqual(outcome);
    expect(concluded).not.toHaveProperty('pendingSince');
    expect((await inbound.pendingOf('sandbox/asha')).map((each) => each._id)).toEqual(['sandbox:m2']);
  });

  it('tell which conversations have waited too long', async () => {
    const { inbound } = await open(['inbound']);
    await inbound.storeOnce(record('m1'));
    await inbound.storeOnce(record('m2'));
    await inbound.storeOnce(record('m3', { conversation: 'sandbox/ravi', pendingSince: later(5_000) }));
    expect(await inbound.conversationsWaiting(later(4_999), 10)).toEqual(['sandbox/asha']);
    expect((await inbound.conversationsWaiting(later(5_000), 10)).sort()).toEqual([
      'sandbox/asha',
      'sandbox/ravi',
    ]);
    expect(await inbound.conversationsWaiting(later(5_000), 1)).toHaveLength(1);
  });
});

describe('conversations', () => {
  const ID = 'sandbox/asha';
  const blank = (): Conversation => ({
    _id: ID,
    channel: 'sandbox',
    buyer: 'asha',
    replyTo: 'pn:+919999900001',
    v: 0,
    state: { owner: { kind: 'bot' }, language: 'en', runs: [], cases: [] },
    outbox: [],
    outcomes: [],
    timeline: [],
    seen: [],
    changedAt: NOW,
  });
  const seeing = (id: string) => (current: Conversation) => ({ ...current, seen: [...current.seen, id] });

  it('begin at revision one, and every change raises it', async () => {
    const { conversations } = await open(['conversations']);
    expect((await conversations.change(ID, seeing('a'), blank)).v).toBe(1);
    expect((await conversations.change(ID, seeing('b'), blank)).v).toBe(2);
    expect(await conversations.fresh(ID)).toMatchObject({ v: 2, seen: ['a', 'b'] });
  });

  it('stay as they are when nothing was decided', async () => {
    const { conversations } = await open(['conversations']);
    await conversations.change(ID, seeing('a'), blank);
    expect((await conversations.change(ID, () => undefined)).v).toBe(1);
    expect((await conversations.fresh(ID))?.v).toBe(1);
  });

  it('are decided again after a lost race', async () => {
    const here = await open(['conversations']);
    const there = await open([], { uri: here.uri });
    await here.conversations.change(ID, seeing('first'), blank);
    await there.conversations.latest(ID);
    const seen: string[][] = [];
    await here.conversations.change(ID, async (current) => {
      seen.push(current.seen);
      if (seen.length === 1) await there.conversations.change(ID, seeing('theirs'));
      return seeing('ours')(current);
    });
    expect(seen).toEqual([['first'], ['first', 'theirs']]);
    expect(await here.conversations.fresh(ID)).toMatchObject({ v: 3, seen: ['first', 'theirs', 'ours'] });
  });

  it('are begun by one of two first messages, and the other one decides again', async () => {
    const here = await open(['conversations']);
    const there = await open([], { uri: here.uri });
    await Promise.all([
      here.conversations.change(ID, seeing('here'), blank),
      there.conversations.change(ID, seeing('there'), blank),
    ]);
    const found = await here.conversations.fresh(ID);
    expect(found?.v).toBe(2);
    expect([...(found?.seen ?? [])].sort()).toEqual(['here', 'there']);
  });

  it('take fifty changes at once, each exactly once', async () => {
    const here = await open(['conversations']);
    const there = await open([], { uri: here.uri });
    await here.conversations.change(ID, (current) => current, blank);
    const changes = times(50).map((n) => async () => {
      const { conversations } = n % 2 === 0 ? here : there;
      for (;;) {
        try {
          return await conversations.change(ID, seeing(`${n}`));
        } catch (error) {
          // Twenty lost races in a row: whoever asked is told, and asks again.
          expect(error).toMatchObject({ code: 'conversation_contended' });
        }
      }
    });
    await Promise.all(changes.map((change) => change()));
    const found = await here.conversations.fresh(ID);
    expect(found?.v).toBe(51);
    expect([...(found?.seen ?? [])].map(Number).sort((a, b) => a - b)).toEqual(times(50));
  });

  it('give up when the race is lost again and again', async () => {
    const here = await open(['conversations']);
    const there = await open([], { uri: here.uri });
    await here.conversations.change(ID, seeing('first'), blank);
    let count = 0;
    const losing = here.conversations.change(ID, async (current) => {
      count += 1;
      await there.conversations.change(ID, seeing(`${count}`));
      return current;
    });
    await expect(losing).rejects.toMatchObject({
      code: 'conversation_contended',
      info: { conversation: ID },
    });
  });

  it('are an error when nobody knows them', async () => {
    const { conversations } = await open([]);
    await expect(conversations.change('sandbox/nobody', seeing('a'))).rejects.toMatchObject({
      code: 'conversation_unknown',
    });
    expect(await conversations.latest('sandbox/nobody')).toBeUndefined();
  });

  it('remember the last fifty inputs', async () => {
    const { conversations } = await open(['conversations']);
    const seen = times(60).map(String);
    await conversations.change(ID, (current) => ({ ...current, seen }), blank);
    expect((await conversations.fresh(ID))?.seen).toEqual(seen.slice(-50));
  });

  it('are due at the earliest timer, lease or debt', async () => {
    const { conversations } = await open(['conversations']);
    const dueAt = async (change: (current: Conversation) => Conversation) =>
      (await conversations.change(ID, change, blank)).dueAt;
    expect(await dueAt((current) => current)).toBeUndefined();
    const run = { id: 'r1', flow: 'visit', version: 1, stage: 'offering', data: {}, reminded: [] };
    const withRun = (current: Conversation): Conversation => ({
      ...current,
      state: { ...current.state, runs: [{ ...run, enteredAt: NOW, dueAt: later(90_000) }] },
    });
    expect(await dueAt(withRun)).toEqual(later(90_000));
    const lease = { kind: 'staff', id: 'U1', name: 'Riya', caseId: 'c1', until: later(60_000) } as const;
    expect(await dueAt((current) => ({ ...current, state: { ...current.state, owner: lease } }))).toEqual(
      later(60_000),
    );
    const owed = { id: 'o1', effect: { kind: 'cancelVisit', visit: 'v1' }, owedAt: NOW } as const;
    const held = { ...owed, notBefore: later(30_000) };
    expect(await dueAt((current) => ({ ...current, outbox: [held] }))).toEqual(later(30_000));
    expect(await dueAt((current) => ({ ...current, outbox: [held, owed] }))).toEqual(later(3_000));
    expect(await conversations.due(later(2_999), 10)).toEqual([]);
    expect(await conversations.due(later(3_000), 10)).toEqual([ID]);
  });

  it('found due are read anew when another process has changed them', async () => {
    const here = await open(['conversations']);
    const there = await open([], { uri: here.uri });
    await here.conversations.change(ID, (current) => current, blank);
    const owed = { id: 'o1', effect: { kind: 'cancelVisit', visit: 'v1' }, owedAt: NOW } as const;
    await there.conversations.change(ID, (current) => ({ ...current, outbox: [owed] }));
    expect(await here.conversations.due(later(3_000), 10)).toEqual([ID]);
    expect((await here.conversations.latest(ID))?.outbox).toEqual([owed]);
  });
});

describe('sends', () => {
  const LETTER: Letter = {
    conversation: 'sandbox/asha',
    buyer: 'asha',
    channel: 'sandbox',
    to: 'pn:+919999900001',
    effect: { kind: 'sendTemplate', template: 'courtesy', data: {}, category: 'reply' },
    as: 'free',
    language: 'en',
  };
  const CLAIM = ['o1', LETTER] as const;
  type More = { error?: string; errorCode?: string; outboxId?: string; pricing?: unknown };
  const report = (state: SendStatus, more: More = {}) => ({
    providerId: 'p1',
    state,
    at: NOW,
    ...more,
  });
  const stored = async (models: Models): Promise<Send | null> =>
    models.sends.model.findById('o1').lean<Send>();

  it('are claimed by one of ten processes', async () => {
    const first = await open(['sends'], { instance: 'p0' });
    const others = await Promise.all(
      times(9).map((n) => open([], { uri: first.uri, instance: `p${n + 1}` })),
    );
    const claims = await Promise.all([first, ...others].map(({ sends }) => sends.claim(...CLAIM, NOW)));
    const kinds = claims.map((claim) => claim.kind).sort();
    expect(kinds).toEqual(['go', ...times(9).map(() => 'wait')]);
    expect(await stored(first)).toMatchObject({ status: 'sending', attempts: 1 });
  });

  it('put back are claimed again, by one', async () => {
    const models = await open(['sends']);
    const { sends } = models;
    await sends.claim(...CLAIM, NOW);
    expect(await sends.putBack('o1', 'rate 130429')).toBe(1);
    expect(await stored(models)).toMatchObject({ status: 'queued', error: 'rate 130429' });
    const there = await open([], { uri: models.uri, instance: 'there' });
    const claims = await Promise.all([sends.claim(...CLAIM, NOW), there.sends.claim(...CLAIM, NOW)]);
    expect(claims.filter((claim) => claim.kind === 'go')).toHaveLength(1);
    expect((await stored(models))?.attempts).toBe(2);
    expect(await there.sends.putBack('unheard of', 'no')).toBe(0);
  });

  it('keep what is needed to say the same again, written before the provider is called', async () => {
    const models = await open(['sends']);
    const choices = [{ id: 'enquiry.loan.yes', title: 'Yes' }];
    const letter: Letter = { ...LETTER, choices, cold: true };
    await models.sends.claim('o1', letter, NOW);
    expect(await stored(models)).toMatchObject({ ...letter, status: 'sending', startedAt: NOW });
    expect(await models.sends.byId('o1')).toEqual(await stored(models));
  });

  it('go by another transport only after they were put back, and then say so', async () => {
    const models = await open(['sends']);
    const { sends } = models;
    const byCloud: Letter = { ...LETTER, channel: 'cloud', to: 'bsuid:IN.1', as: 'template' };
    await sends.claim('o1', { ...LETTER, cold: true, choices: [{ id: 'a', title: 'A' }] }, NOW);
    expect((await sends.claim('o1', byCloud, NOW)).kind).toBe('wait');
    const deadline = await sends.outcomeUnknown('o1', NOW);
    expect((await sends.claim('o1', byCloud, deadline)).kind).toBe('unknown');
    expect(await stored(models)).toMatchObject({ channel: 'sandbox', to: LETTER.to });
    await sends.sendAgain('o1', deadline);
    await sends.claim('o1', LETTER, deadline);
    await sends.putBack('o1', 'retry offline', 'offline');
    expect((await sends.claim('o1', byCloud, deadline)).kind).toBe('go');
    const kept = await stored(models);
    expect(kept).toMatchObject({ ...byCloud, attempts: 3 });
    for (const gone of ['cold', 'choices', 'errorCode']) expect(kept).not.toHaveProperty(gone);
  });

  it('keep what they cost, also when the report that says so was overtaken', async () => {
    const models = await open(['sends']);
    const { sends } = models;
    const pricing = { billable: true, category: 'utility' };
    await sends.claim(...CLAIM, NOW);
    await sends.report(report('delivered', { outboxId: 'o1' }));
    expect(await sends.report(report('sent', { outboxId: 'o1', pricing }))).toBeUndefined();
    expect(await stored(models)).toMatchObject({ status: 'delivered', pricing });
    await sends.report(report('read', { pricing: { billable: false } }));
    expect((await stored(models))?.pricing).toEqual({ billable: false });
  });

  it('say whether later ones were reported: then reports come in', async () => {
    const { sends } = await open(['sends']);
    const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);
    await sends.claim('o1', LETTER, NOW);
    await sends.report(report('sent', { outboxId: 'o1' }));
    expect(await sends.hasReportsSince('sandbox', NOW)).toBe(false);
    await sends.claim('o2', LETTER, at(1));
    await sends.accepted('o2', 'p2');
    await sends.claim('o3', { ...LETTER, channel: 'web' }, at(1));
    await sends.report({ ...report('sent', { outboxId: 'o3' }), providerId: 'p3' });
    expect(await sends.hasReportsSince('sandbox', NOW)).toBe(false);
    await sends.report({ ...report('sent'), providerId: 'p2' });
    expect(await sends.hasReportsSince('sandbox', NOW)).toBe(true);
  });

  it('are found by what limits and refusals ask of them', async () => {
    const { sends } = await open(['sends']);
    const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);
    const ids = async (list: AsyncIterable<SpentSend>) => {
      const found: string[] = [];
      for await (const { _id } of list) found.push(_id);
      return found;
    };
    await sends.claim('o1', { ...LETTER, cold: true }, at(2));
    await sends.failed('o1', 'recipient 463', '463');
    await sends.claim('o2', LETTER, at(1));
    await sends.claim('o3', { ...LETTER, channel: 'web', cold: true }, at(1));
    await sends.claim('o4', { ...LETTER, conversation: 'sandbox/rohan' }, NOW);
    expect(await ids(sends.startedSince('sandbox', NOW))).toEqual(['o4', 'o2', 'o1']);
    expect(await ids(sends.startedSince('sandbox', at(1)))).toEqual(['o2', 'o1']);
    expect(await ids(sends.coldSince('sandbox', NOW))).toEqual(['o1']);
    expect(await sends.refusedAt('sandbox', '463')).toEqual(at(2));
    expect(await sends.refusedAt('web', '463')).toBeUndefined();
    expect((await sends.latestRefusal('sandbox/asha', ['463', '131049'], NOW))?._id).toBe('o1');
    expect(await sends.latestRefusal('sandbox/asha', ['463'], at(3))).toBeNull();
    expect((await sends.latestTemplate('sandbox/asha', 'courtesy', NOW))?._id).toBe('o1');
    expect(await sends.latestTemplate('sandbox/asha', 'person_waiting', NOW)).toBeNull();
  });

  it('are settled once the provider took them', async () => {
    const { sends } = await open(['sends']);
    await sends.claim(...CLAIM, NOW);
    await sends.accepted('o1', 'p1');
    expect(await sends.claim(...CLAIM, NOW)).toMatchObject({ kind: 'settled', send: { status: 'accepted' } });
    expect(await sends.putBack('o1', 'too late')).toBe(0);
  });

  it('only rise, in whatever order the reports come', async () => {
    const models = await open(['sends']);
    const { sends } = models;
    await sends.claim(...CLAIM, NOW);
    expect(await sends.report(report('delivered', { outboxId: 'o1' }))).toMatchObject({
      status: 'delivered',
    });
    await sends.accepted('o1', 'p1');
    expect(await sends.report(report('sent'))).toBeUndefined();
    expect(await sends.report(report('delivered'))).toBeUndefined();
    expect(await stored(models)).toMatchObject({ status: 'delivered', providerId: 'p1' });
    expect(await sends.report(report('read'))).toMatchObject({ status: 'read' });
    expect((await stored(models))?.deliveries.map((each) => each.state)).toEqual(['delivered', 'read']);
  });

  it('delivered are not failed by a late report', async () => {
    const models = await open(['sends']);
    const { sends } = models;
    await sends.claim(...CLAIM, NOW);
    await sends.accepted('o1', 'p1');
    await sends.report(report('delivered'));
    expect(await sends.report(report('failed', { error: '131026' }))).toBeUndefined();
    await sends.failed('o1', '131026');
    const kept = await stored(models);
    expect(kept?.status).toBe('delivered');
    expect(kept).not.toHaveProperty('error');
  });

  it('sent and then refused are failed, with the reason', async () => {
    const models = await open(['sends']);
    const { sends } = models;
    await sends.claim(...CLAIM, NOW);
    await sends.accepted('o1', 'p1');
    await sends.report(report('sent'));
    expect(await sends.report(report('failed', { error: '131026' }))).toMatchObject({ _id: 'o1' });
    expect(await stored(models)).toMatchObject({ status: 'failed', error: '131026' });
  });

  it('know no report of a message that is not ours', async () => {
    const { sends } = await open(['sends']);
    expect(await sends.report(report('read'))).toBeUndefined();
    expect(await sends.report(report('read', { outboxId: 'nobody' }))).toBeUndefined();
  });

  it('of unknown outcome wait for a report, then are asked about, then sent again', async () => {
    const models = await open(['sends']);
    const { sends } = models;
    await sends.claim(...CLAIM, NOW);
    const deadline = await sends.outcomeUnknown('o1', NOW);
    expect(deadline.getTime()).toBeGreaterThan(NOW.getTime());
    expect(await sends.claim(...CLAIM, NOW)).toEqual({ kind: 'wait', until: deadline });
    expect(await sends.claim(...CLAIM, deadline)).toMatchObject({
      kind: 'unknown',
      send: { _id: 'o1', ...LETTER },
    });
    expect(await sends.sendAgain('o1', deadline)).toBe(true);
    expect(await sends.sendAgain('o1', deadline)).toBe(false);
    expect(await sends.claim(...CLAIM, deadline)).toEqual({ kind: 'go' });
    expect(await stored(models)).toMatchObject({
      attempts: 2,
      deliveries: [{ state: 'unknown', at: deadline }],
    });
  });

  it('of unknown outcome are settled by a report that comes in time', async () => {
    const { sends } = await open(['sends']);
    await sends.claim(...CLAIM, NOW);
    const deadline = await sends.outcomeUnknown('o1', NOW);
    await sends.report(report('sent', { outboxId: 'o1' }));
    expect(await sends.claim(...CLAIM, deadline)).toMatchObject({
      kind: 'settled',
      send: { status: 'sent' },
    });
    expect(await sends.sendAgain('o1', deadline)).toBe(false);
  });

  it('of a dead process become unknown after a while, and at once in their own', async () => {
    const here = await open(['sends'], { instance: 'here' });
    const there = await open([], { uri: here.uri, instance: 'there' });
    await here.sends.claim(...CLAIM, NOW);
    const wait = await there.sends.claim(...CLAIM, NOW);
    if (wait.kind !== 'wait') throw new Error(`claimed: ${wait.kind}`);
    expect((await stored(here))?.status).toBe('sending');
    expect((await there.sends.claim(...CLAIM, wait.until)).kind).toBe('wait');
    expect(await stored(here)).toMatchObject({ status: 'unknown', unknownAt: wait.until });

    await here.sends.claim('o2', LETTER, NOW);
    await here.sends.claim('o2', LETTER, NOW);
    expect(await here.sends.model.findById('o2').lean()).toMatchObject({ status: 'unknown' });
  });
});

describe('cases', () => {
  const RIYA: StaffRef = { id: 'U1', name: 'Riya' };
  const DEV: StaffRef = { id: 'U2', name: 'Dev' };
  const CARD = { channel: 'C1', ts: '1.000001' };
  const opening = (id: string, team: Case['team'] = 'legal') => ({
    _id: id,
    conversation: 'sandbox/asha',
    buyer: 'asha',
    buyerName: 'Asha',
    team,
    intent: 'legal_threat' as const,
    reason: 'policy',
    details: {},
    quotes: ['I will go to RERA'],
    openedAt: NOW,
    dueAt: later(7_200_000),
  });
  const post = (id: string): CasePost => ({ id, who: 'buyer', text: id, at: NOW });
  const stored = async ({ cases }: Models, id = 'c1') => {
    const found = await cases.byId(id);
    if (!found) throw new Error(`no case ${id}`);
    return found;
  };

  it('are opened once, whoever repeats it', async () => {
    const { cases } = await open(['cases']);
    const opened = await Promise.all(times(10).map(() => cases.open(opening('c1'))));
    expect(new Set(opened.map((each) => each.ticket)).size).toBe(1);
    expect(await cases.model.countDocuments()).toBe(1);
    expect(await cases.open({ ...opening('c1'), reason: 'another' })).toMatchObject({ reason: 'policy' });
  });

  it('get ticket numbers of their own, however many are opened at once', async () => {
    const { cases } = await open(['cases']);
    const opened = await Promise.all(
      times(20).map((n) => cases.open(opening(`c${n}`, n % 2 ? 'sales' : 'collections'))),
    );
    const numbers = opened.map(({ ticket }) => Number(ticket.split('-')[1]));
    expect(numbers.sort((a, b) => a - b)).toEqual(times(20).map((n) => n + 1));
    expect(opened.map(({ ticket }) => ticket[0]).join('')).toBe('CR'.repeat(10));
  });

  it('are claimed by one of several, who may claim again', async () => {
    const models = await open(['cases']);
    const { cases } = models;
    await cases.open(opening('c1'));
    const people = times(10).map((n) => ({ id: `U${n}`, name: `Person ${n}` }));
    const claims = await Promise.all(people.map((person) => cases.claim('c1', person, NOW)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    const { owner, cardRevision } = await stored(models);
    expect(cardRevision).toBe(2);
    expect(await cases.claim('c1', owner ?? RIYA, NOW)).toMatchObject({ owner });
    await cases.resolve('c1', RIYA, NOW);
    expect(await cases.claim('c1', owner ?? RIYA, NOW)).toBeUndefined();
  });

  it('belong to whoever answered, and their clock stops once', async () => {
    const models = await open(['cases']);
    const { cases } = models;
    await cases.open(opening('c1'));
    await cases.claim('c1', DEV, NOW);
    await cases.respond('c1', RIYA, later(1));
    await cases.respond('c1', DEV, later(2));
    expect(await stored(models)).toMatchObject({ owner: RIYA, respondedAt: later(1), cardRevision: 3 });
  });

  it('are closed once', async () => {
    const models = await open(['cases']);
    const { cases } = models;
    await cases.open(opening('c1'));
    await cases.resolve('c1', RIYA, later(1));
    await cases.resolve('c1', DEV, later(2));
    expect(await stored(models)).toMatchObject({
      status: 'resolved',
      owner: RIYA,
      resolvedAt: later(1),
      cardRevision: 2,
    });
  });

  it('owe a line once, also after it was posted', async () => {
    const models = await open(['cases']);
    const { cases } = models;
    await cases.open(opening('c1'));
    await Promise.all(times(10).map(() => cases.owePost('c1', post('p1'))));
    await cases.owePost('c1', post('p2'));
    expect((await stored(models)).posts.map(({ id }) => id)).toEqual(['p1', 'p2']);
    await cases.posted('c1', 'p1');
    await cases.owePost('c1', post('p1'));
    expect((await stored(models)).posts.map(({ id }) => id)).toEqual(['p2']);
  });

  it('are told to Slack by one process at a time', async () => {
    const { cases } = await open(['cases']);
    await cases.open(opening('c1'));
    const started = await Promise.all(times(10).map((n) => cases.startTelling('c1', `process ${n}`, NOW)));
    expect(started.filter(Boolean)).toEqual([
      { found: expect.objectContaining({ _id: 'c1' }), interrupted: false },
    ]);
    const winner = `process ${started.findIndex(Boolean)}`;
    expect(await cases.startTelling('c1', 'another', later(59_999))).toBeUndefined();
    expect(await cases.startTelling('c1', winner, NOW)).toMatchObject({ interrupted: true });
    expect(await cases.startTelling('c1', 'another', later(60_000))).toMatchObject({ interrupted: true });
  });

  it('are settled with Slack only when nothing came in meanwhile', async () => {
    const models = await open(['cases']);
    const { cases } = models;
    await cases.open(opening('c1'));
    expect(await cases.owedToSlack(NOW)).toEqual(['c1']);
    await cases.startTelling('c1', 'here', NOW);
    await cases.shown('c1', CARD, 1);
    await cases.owePost('c1', post('p1'));
    expect(await cases.caughtUp('c1', 1)).toBe(false);
    await cases.posted('c1', 'p1');
    await cases.claim('c1', RIYA, NOW);
    expect(await cases.caughtUp('c1', 1)).toBe(false);
    expect(await cases.caughtUp('c1', 2)).toBe(true);
    expect(await stored(models)).not.toHaveProperty('telling');
    expect(await cases.owedToSlack(later(60_000))).toEqual([]);
    expect(await cases.byThread(CARD.channel, CARD.ts)).toMatchObject({ _id: 'c1' });
    expect(await cases.byThread(CARD.channel, '2.000002')).toBeNull();
  });

  it('wait after a refusal, and are looked for after a doubt', async () => {
    const { cases } = await open(['cases']);
    await cases.open(opening('c1'));
    await cases.startTelling('c1', 'here', NOW);
    await cases.postpone('c1', later(5_000));
    expect(await cases.owedToSlack(later(4_999))).toEqual([]);
    expect(await cases.owedToSlack(later(5_000))).toEqual(['c1']);
    expect(await cases.startTelling('c1', 'there', later(5_000))).toMatchObject({ interrupted: false });
    await cases.doubt('c1', later(10_000));
    expect(await cases.startTelling('c1', 'here', later(9_999))).toBeUndefined();
    expect(await cases.startTelling('c1', 'here', later(10_000))).toMatchObject({ interrupted: true });
  });
});

describe('leads', () => {
  const lead = (stage: 'New' | 'Engaged' | 'Qualified' | 'Visit' | 'Booked' | 'Lost', answers = {}) => ({
    buyer: 'asha',
    project: 'greenfield-heights',
    stage,
    answers,
    source: 'sandbox',
  });
  const stored = async ({ leads }: Models) => leads.model.findById('asha/greenfield-heights').lean();

  it('only move forward', async () => {
    const models = await open(['leads']);
    const { leads } = models;
    for (const [stage, then] of [
      ['Engaged', 'Engaged'],
      ['New', 'Engaged'],
      ['Visit', 'Visit'],
      ['Qualified', 'Visit'],
      ['Visit', 'Visit'],
    ] as const) {
      await leads.advance(lead(stage), NOW);
      expect(await stored(models)).toMatchObject({ stage: then });
    }
  });

  it('can be lost at any time, and come back', async () => {
    const models = await open(['leads']);
    const { leads } = models;
    await leads.advance(lead('Visit'), NOW);
    await leads.advance(lead('Lost'), NOW);
    expect(await stored(models)).toMatchObject({ stage: 'Lost' });
    await leads.advance(lead('New'), NOW);
    expect(await stored(models)).toMatchObject({ stage: 'Lost' });
    await leads.advance(lead('Engaged'), NOW);
    expect(await stored(models)).toMatchObject({ stage: 'Engaged' });
  });

  it('keep why they were lost, until they are back', async () => {
    const models = await open(['leads']);
    const { leads } = models;
    await leads.advance({ ...lead('Lost'), reason: 'not_interested' }, NOW);
    expect(await stored(models)).toMatchObject({ stage: 'Lost', lostReason: 'not_interested' });
    await leads.advance(lead('Lost'), NOW);
    expect(await stored(models)).toMatchObject({ lostReason: 'not_interested' });
    await leads.advance(lead('New'), NOW);
    expect(await stored(models)).toMatchObject({ stage: 'Lost', lostReason: 'not_interested' });
    await leads.advance(lead('Engaged'), NOW);
    expect(await stored(models)).not.toHaveProperty('lostReason');
  });

  it('stand where a person puts them, also backwards', async () => {
    const models = await open(['leads']);
    const { leads } = models;
    const by = { id: 'U1', name: 'Riya' };
    await leads.advance(lead('Visit'), NOW);
    await leads.advance({ ...lead('Engaged'), by }, NOW);
    expect(await stored(models)).toMatchObject({ stage: 'Engaged' });
    await leads.advance({ ...lead('Lost'), by, reason: 'too far away' }, NOW);
    expect(await stored(models)).toMatchObject({ stage: 'Lost', lostReason: 'too far away' });
  });

  it('stay booked, whatever a person says who has not heard of it', async () => {
    const models = await open(['leads']);
    const { leads } = models;
    const by = { id: 'U1', name: 'Riya' };
    await leads.advance(lead('Booked'), NOW);
    await leads.advance({ ...lead('Lost'), by, reason: 'too far away' }, NOW);
    await leads.advance({ ...lead('Visit'), by }, NOW);
    expect(await stored(models)).toMatchObject({ stage: 'Booked' });
    expect(await stored(models)).not.toHaveProperty('lostReason');
  });

  it('gather answers; repeating one changes nothing', async () => {
    const models = await open(['leads']);
    const { leads } = models;
    await leads.advance(lead('New', { configuration: '2BHK' }), NOW);
    await leads.advance(lead('Engaged', { budget: '9000000000' }), later(1));
    const before = await stored(models);
    await leads.advance(lead('Engaged', { budget: '9000000000' }), later(1));
    expect(await stored(models)).toEqual(before);
    expect(before).toEqual({
      _id: 'asha/greenfield-heights',
      ...lead('Engaged', { configuration: '2BHK', budget: '9000000000' }),
      createdAt: NOW,
      updatedAt: later(1),
    });
  });

  it('are one, however many first words come at once', async () => {
    const models = await open(['leads']);
    const stages = ['New', 'Visit', 'Engaged', 'Qualified', 'New'] as const;
    await Promise.all(stages.map((stage) => models.leads.advance(lead(stage), NOW)));
    expect(await models.leads.model.countDocuments()).toBe(1);
    expect(await stored(models)).toMatchObject({ stage: 'Visit' });
  });
});

describe('visits', () => {
  const wish = (id: string, at = later(86_400_000)) => ({
    _id: id,
    project: 'greenfield-heights',
    buyer: 'asha',
    conversation: 'sandbox/asha',
    at,
    bookedAt: NOW,
  });
  const booked = async ({ visits }: Models) =>
    (await visits.takenSeats('greenfield-heights', NOW, later(2 * 86_400_000))).get(
      later(86_400_000).getTime(),
    ) ?? 0;

  it('never exceed the seats of a slot, whoever races', async () => {
    const models = await open(['visits']);
    const results = await Promise.all(times(20).map((n) => models.visits.book(wish(`v${n}`), 3)));
    expect(results.filter(Boolean)).toHaveLength(3);
    expect(new Set(results.flatMap((visit) => visit?.seat ?? [])).size).toBe(3);
    expect(await booked(models)).toBe(3);
  });

  it('booked twice under one id take one seat', async () => {
    const models = await open(['visits']);
    const results = await Promise.all(times(10).map(() => models.visits.book(wish('v1'), 5)));
    expect(new Set(results.map((visit) => visit?.seat)).size).toBe(1);
    expect(await booked(models)).toBe(1);
  });

  it('find their own booking, also when the slot is full or closed by then', async () => {
    const { visits } = await open(['visits']);
    const mine = await visits.book(wish('v1'), 1);
    expect(await visits.book(wish('v2'), 1)).toBeUndefined();
    expect(await visits.book(wish('v1'), 1)).toEqual(mine);
    expect(await visits.book(wish('v1'), 0)).toEqual(mine);
    expect(await visits.book(wish('v2'), 0)).toBeUndefined();
  });

  it('cancelled free their seat and stay on record', async () => {
    const models = await open(['visits']);
    const { visits } = models;
    await visits.book(wish('v1'), 1);
    await visits.cancel('v1');
    await visits.cancel('v1');
    expect(await booked(models)).toBe(0);
    expect(await visits.book(wish('v2'), 1)).toMatchObject({ _id: 'v2' });
    const kept = await visits.model.findById('v1').lean();
    expect(kept).toMatchObject({ status: 'cancelled', at: later(86_400_000) });
    expect(kept).not.toHaveProperty('seat');
  });

  it('are counted per slot, from the first moment up to the last', async () => {
    const { visits } = await open(['visits']);
    const slots = [later(0), later(3_600_000), later(7_200_000)] as const;
    for (const [n, at] of slots.entries()) await visits.book(wish(`v${n}`, at), 2);
    await visits.book(wish('more', slots[1]), 2);
    expect([...(await visits.takenSeats('greenfield-heights', slots[0], slots[2]))]).toEqual([
      [slots[0].getTime(), 1],
      [slots[1].getTime(), 2],
    ]);
    expect((await visits.takenSeats('elsewhere', slots[0], slots[2])).size).toBe(0);
  });
});

describe('visits with associates', () => {
  const HOUR_MS = 3_600_000;
  const AT = later(86_400_000);
  const wish = (id: string, more: { project?: string; at?: Date; replaces?: string } = {}) => ({
    _id: id,
    project: 'greenfield-heights',
    buyer: id,
    conversation: `sandbox/${id}`,
    at: AT,
    minutes: 60,
    bookedAt: NOW,
    ...more,
  });
  const riya = { name: 'Riya', key: 'U1', staff: 'U1' };
  const arun = { name: 'Arun', key: 'U2', staff: 'U2' };

  it('never give an associate two visits at once, whoever races', async () => {
    const models = await open(['visits']);
    const { visits } = models;
    const results = await Promise.all(times(40).map((n) => visits.book(wish(`v${n}`), 10, [riya, arun])));
    const booked = results.flatMap((visit) => visit ?? []);
    expect(booked.map(({ associate }) => associate?.name).sort()).toEqual(['Arun', 'Riya']);
    expect(new Set(booked.map(({ seat }) => seat)).size).toBe(2);
    expect(await visits.model.countDocuments({ status: 'booked' })).toBe(2);
  });

  it('are no more than the seats, however many associates there are', async () => {
    const { visits } = await open(['visits']);
    const many = times(9).map((n) => ({ name: `A${n}`, key: `A${n}` }));
    const results = await Promise.all(times(40).map((n) => visits.book(wish(`v${n}`), 3, many)));
    const booked = results.flatMap((visit) => visit ?? []);
    expect(booked).toHaveLength(3);
    expect(new Set(booked.map(({ associate }) => associate?.key)).size).toBe(3);
  });

  it('of two projects that overlap by a quarter of an hour are not both led by one person', async () => {
    const { visits } = await open(['visits']);
    const elsewhere = (id: string, ms: number) =>
      visits.book(wish(id, { project: 'lakeside', at: new Date(AT.getTime() + ms) }), 5, [riya]);
    expect(await visits.book(wish('v1'), 5, [riya])).toMatchObject({ associate: riya });
    expect(await elsewhere('v2', HOUR_MS - 15 * 60_000)).toBeUndefined();
    expect(await elsewhere('v3', -HOUR_MS + 15 * 60_000)).toBeUndefined();
    expect(await elsewhere('v4', HOUR_MS)).toMatchObject({ associate: riya });
    await visits.cancel('v1');
    expect(await elsewhere('v5', -HOUR_MS)).toMatchObject({ _id: 'v5' });
    const held = await visits.heldTime(['U1'], AT, later(2 * 86_400_000));
    expect(held.size).toBe(24);
    expect([...(await visits.loadOf(['U1', 'U2'], NOW, later(2 * 86_400_000)))]).toEqual([['U1', 2]]);
  });

  it('that replace another go on in its calendar entry', async () => {
    const { visits } = await open(['visits']);
    const first = await visits.book(wish('v1'), 5);
    const moved = await visits.book(wish('v2', { at: later(2 * 86_400_000), replaces: 'v1' }), 5);
    await visits.cancel('v1');
    await visits.cancel('v1');
    const old = await visits.byId('v1');
    expect([first, old, moved].map((visit) => visit?.calendar)).toEqual([
      { uid: 'v1', sequence: 0 },
      { uid: 'v1', sequence: 1 },
      { uid: 'v1', sequence: 2 },
    ]);
    expect(old).not.toHaveProperty('holds');
  });

  it('have one outcome, and none once they are cancelled', async () => {
    const { visits } = await open(['visits']);
    const by = { id: 'U1', name: 'Riya' };
    await visits.book(wish('v1'), 5, [riya]);
    expect(await visits.conclude('v1', 'visited', by, NOW)).toBe(true);
    expect(await visits.conclude('v1', 'no_show', by, NOW)).toBe(false);
    await visits.cancel('v1');
    expect(await visits.byId('v1')).toMatchObject({ status: 'visited', outcome: { by, at: NOW } });
    await visits.book(wish('v2', { at: later(2 * 86_400_000) }), 5, [riya]);
    await visits.cancel('v2');
    expect(await visits.conclude('v2', 'visited', by, NOW)).toBe(false);
    expect((await visits.ofBuyer('v2')).map(({ status }) => status)).toEqual(['cancelled']);
  });
});

describe('satisfaction', () => {
  it('is what a run was told first', async () => {
    const { satisfactions } = await open(['satisfactions']);
    const answer = {
      _id: 'visit:1',
      buyer: 'asha',
      subject: 'greenfield-heights',
      phase: 'visit',
      at: NOW,
    } as const;
    await satisfactions.record({ ...answer, score: 5 });
    await satisfactions.record({ ...answer, score: 1, words: 'no' });
    expect(await satisfactions.model.find().lean()).toEqual([{ ...answer, score: 5 }]);
  });
});

describe('staff', () => {
  it('are put on record by their first action, with every team they act for', async () => {
    const { staff } = await open(['staff']);
    await staff.meet('U1', 'Riya', 'sales');
    expect(await staff.meet('U1', 'Riya Malhotra', 'legal')).toEqual({
      _id: 'U1',
      name: 'Riya Malhotra',
      teams: ['sales', 'legal'],
      active: true,
    });
    expect(await staff.meet('U1', '', 'legal')).toMatchObject({ name: 'Riya Malhotra' });
    expect(await staff.byId('U2')).toBeNull();
  });

  it('who left stay inactive when they act again', async () => {
    const { staff } = await open(['staff']);
    await staff.meet('U1', 'Riya', 'sales');
    await staff.model.updateOne({ _id: 'U1' }, { $set: { active: false } });
    expect(await staff.meet('U1', 'Riya', 'sales')).toMatchObject({ active: false });
  });

  it('without a name go by their id', async () => {
    const { staff } = await open(['staff']);
    expect(await staff.meet('U1', '', 'sales')).toMatchObject({ name: 'U1' });
  });

  it('are one, however often they are met at once', async () => {
    const { staff } = await open(['staff']);
    await Promise.all(times(10).map(() => staff.meet('U1', 'Riya', 'sales')));
    expect(await staff.model.find().lean()).toMatchObject([{ _id: 'U1', teams: ['sales'] }]);
  });
});

describe('projects', () => {
  it('are on sale from publication to withdrawal, with their latest facts', async () => {
    const { projects } = await open(['projects']);
    await projects.publish('north', { name: 'North' });
    await projects.publish('east', { name: 'East' });
    await projects.publish('north', { name: 'North Two' });
    const east = { _id: 'east', active: true, facts: { name: 'East' } };
    const north = { _id: 'north', active: true, facts: { name: 'North Two' } };
    expect(await projects.onSale()).toEqual([east, north]);
    expect(await projects.withdraw('north')).toBe(true);
    expect(await projects.withdraw('north')).toBe(false);
    expect(await projects.withdraw('south')).toBe(false);
    expect(await projects.onSale()).toEqual([east]);
    await projects.publish('north', north.facts);
    expect(await projects.onSale()).toEqual([east, north]);
  });
});

describe('payloads that could not be read', () => {
  it('are kept byte by byte until their time is over', async () => {
    const { rejected } = await open(['rejected']);
    const body = Buffer.from([0x7b, 0xff, 0x00]);
    const keep = (id: string, at: Date) =>
      rejected.keep({ _id: id, source: 'whatsapp', reason: 'not_json', body, at });
    await keep('old', NOW);
    await keep('young', later(1));
    expect(await rejected.purge(later(1))).toBe(1);
    expect(await rejected.purge(later(1))).toBe(0);
    const [kept] = await rejected.model.find();
    expect(kept).toMatchObject({ _id: 'young', reason: 'not_json' });
    expect(kept?.body.equals(body)).toBe(true);
  });
});

describe('the timeline', () => {
  const entry = (id: string, at: Date, buyer = 'asha') => ({
    _id: id,
    buyer,
    conversation: `sandbox/${buyer}`,
    at,
    who: 'bot',
    kind: 'message' as const,
    what: id,
  });

  it('takes every entry once and never rewrites it', async () => {
    const { timeline } = await open(['timeline']);
    await timeline.append([entry('a', NOW), entry('b', later(1))]);
    await timeline.append([{ ...entry('a', NOW), what: 'rewritten' }, entry('c', later(2))]);
    await timeline.append([]);
    expect((await timeline.latest('asha', 10)).map((each) => each.what)).toEqual(['a', 'b', 'c']);
  });

  it('shows the latest of one buyer, oldest first', async () => {
    const { timeline } = await open(['timeline']);
    await timeline.append([entry('c', later(2)), entry('a', NOW), entry('b', later(1))]);
    await timeline.append([entry('other', later(1), 'ravi')]);
    expect((await timeline.latest('asha', 2)).map((each) => each._id)).toEqual(['b', 'c']);
  });
});
