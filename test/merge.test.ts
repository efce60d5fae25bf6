import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Answers } from '../bot/answers.ts';
import type { Inbound } from '../bot/channels/channel.ts';
import { auditDatabase } from '../models/audit.ts';
import type { Buyer } from '../models/buyer.ts';
import type { Case } from '../models/case.ts';
import type { Conversation } from '../models/conversation.ts';
import type { InboundRecord } from '../models/inbound.ts';
import type { Lead } from '../models/lead.ts';
import type { Models } from '../models/models.ts';
import type { Visit } from '../models/visit.ts';
import { World } from './world.ts';

/** Two phones of one person, which nobody knows until a message comes with both handles. */
const FIRST = '+919999900001';
const SECOND = '+919999900002';
const THIRD = '+919999900003';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const RIYA = { id: 'U1', name: 'Riya' };

const worlds: World[] = [];
async function open(options: Parameters<typeof World.open>[0] = {}): Promise<World> {
  const world = await World.open(options);
  worlds.push(world);
  return world;
}
afterEach(async () => {
  jest.restoreAllMocks();
  for (const world of worlds.splice(0)) await world.close();
});

let keys = 0;
/** A message that carries handles of several buyers. */
function linking(world: World, numbers: string[], text: string): Inbound {
  const [from = '', ...others] = numbers;
  keys += 1;
  return {
    key: `link-${keys}`,
    from: { kind: 'pn', value: from },
    alsoKnownAs: others.map((value) => ({ kind: 'pn', value })),
    at: world.now,
    content: { kind: 'text', text },
    raw: null,
  };
}

async function link(world: World, numbers: string[], text: string): Promise<void> {
  await world.context.receiver.receive('sandbox', [linking(world, numbers, text)]);
  await world.rest();
}

/** Both phones have written, the first one earlier. */
async function meet(world: World, first = 'brochure please', second = 'I will go to RERA'): Promise<void> {
  await world.write(FIRST, first);
  await world.pass(1_000);
  await world.write(SECOND, second);
}

async function buyerOf({ context }: World, number: string): Promise<Buyer> {
  const found = await context.models.buyers.model.findOne({ handles: `pn:${number}` }).lean<Buyer>();
  if (!found) throw new Error(`nobody has ${number}`);
  return found;
}

/** The document that ended, or goes on, under a number's own buyer. */
async function ownConversation(world: World, number: string): Promise<Conversation> {
  const own = await world.context.models.conversations.model
    .findOne({ buyer: (await buyerOf(world, number))._id })
    .lean<Conversation>();
  if (!own) throw new Error(`no conversation of ${number}`);
  return own;
}

async function audit({ context, now }: World) {
  return auditDatabase(context.models, new Date(now.getTime() + MINUTE_MS));
}

async function casesOf({ context }: World): Promise<Case[]> {
  return context.models.cases.model.find().sort({ openedAt: 1 }).lean<Case[]>();
}

async function takeByStaff(world: World, number: string): Promise<void> {
  const { context } = world;
  const { buyer } = await ownConversation(world, number);
  const found = await context.models.cases.model.findOne({ buyer }).lean<Case>();
  const wake = (id: string) => context.turns.wake(id);
  const answers = new Answers({
    ...context.models,
    contextOf: context.decisionContext,
    wake,
    now: () => world.now,
  });
  await answers.reply({ caseId: found?._id ?? '', inputId: 'reply', text: 'This is Riya.', staff: RIYA });
  await world.rest();
}

/** Books the visit slot that is offered at this place of the list. */
async function bookVisit(world: World, number: string, index: number): Promise<void> {
  await world.write(number, 'I want to visit the site');
  const { state } = await ownConversation(world, number);
  const choices = state.runs.find((run) => run.flow === 'visit')?.question?.choices ?? [];
  await world.tap(number, choices[index]?.id ?? '');
}

/** Everything that must hold once two phones are known to be one person's. */
async function expectOne(world: World, numbers: string[], messages: number): Promise<Conversation> {
  const { models } = world.context;
  const survivor = await buyerOf(world, numbers[0] ?? '');
  const conversation = await ownConversation(world, numbers[0] ?? '');
  expect(conversation.movedTo).toBeUndefined();
  for (const number of numbers.slice(1)) {
    expect((await models.buyers.byId((await buyerOf(world, number))._id))?._id).toBe(survivor._id);
    const ended = await ownConversation(world, number);
    expect(ended.dueAt).toBeUndefined();
    expect((await models.conversations.fresh(ended._id))?._id).toBe(conversation._id);
  }
  const whose = { buyer: survivor._id, conversation: conversation._id };
  for (const { model } of [models.inbound, models.sends, models.cases, models.visits, models.timeline]) {
    const strangers = await (model as typeof models.inbound.model)
      .find({ $or: [{ buyer: { $ne: whose.buyer } }, { conversation: { $ne: whose.conversation } }] })
      .lean();
    expect(strangers).toEqual([]);
  }
  const records = await models.inbound.model.find().lean<InboundRecord[]>();
  expect(records).toHaveLength(messages);
  expect(records.filter((each) => !each.outcome)).toEqual([]);
  expect(conversation).toMatchObject({ outbox: [], outcomes: [], timeline: [] });
  expect(await models.leads.model.countDocuments({ buyer: { $ne: survivor._id } })).toBe(0);
  expect(await audit(world)).toEqual([]);
  return conversation;
}

describe('two buyers who turn out to be one person', () => {
  it('have one conversation from then on, with the runs, cases and timeline of both', async () => {
    const world = await open();
    await meet(world);
    const before = await ownConversation(world, SECOND);
    await link(world, [SECOND, FIRST], 'where is the site?');
    const conversation = await expectOne(world, [FIRST, SECOND], 3);

    expect(conversation.absorbed).toEqual([before._id]);
    expect(conversation.replyTo).toBe(`pn:${SECOND}`);
    expect(conversation.state.runs.map((run) => run.flow)).toEqual(['enquiry']);
    expect(conversation.state.cases).toEqual(before.state.cases);
    expect(world.answers(SECOND).filter((text) => text.includes('Sector 150'))).toHaveLength(1);
    expect(world.answers(FIRST).some((text) => text.includes('Sector 150'))).toBe(false);
    const entries = await world.timeline(FIRST);
    expect(entries.map((each) => each.what)).toEqual(
      expect.arrayContaining(['brochure please', 'I will go to RERA', 'where is the site?']),
    );
    const merged = entries.filter((each) => each.what.startsWith('one person, two handles'));
    expect(merged).toEqual([expect.objectContaining({ why: expect.stringContaining(`pn:${SECOND}`) })]);
  });

  it('stay one, however often that is shown, and whichever phone writes', async () => {
    const world = await open();
    await meet(world);
    for (const pair of [
      [SECOND, FIRST],
      [FIRST, SECOND],
      [SECOND, FIRST],
    ])
      await link(world, pair, 'thanks');
    await world.write(FIRST, 'thanks');
    await world.pass(2 * MINUTE_MS);
    const conversation = await expectOne(world, [FIRST, SECOND], 6);
    expect(conversation.absorbed).toHaveLength(1);
    expect(conversation.replyTo).toBe(`pn:${FIRST}`);
    expect(await world.context.models.buyers.mergesOwed(new Date(world.now.getTime() + HOUR_MS), 10)).toEqual(
      [],
    );
  });

  it('are one although neither has a conversation yet', async () => {
    const before = await open();
    // Takes no more work: the messages wait.
    await before.context.turns.drain();
    await link(before, [FIRST], 'hi');
    await before.pass(1_000);
    await link(before, [SECOND], 'brochure please');
    await link(before, [SECOND, FIRST], 'of 2BHK');
    const next = await open({ joins: before });
    await next.pass(MINUTE_MS);
    await expectOne(next, [FIRST, SECOND], 3);
    const documents = await next.context.models.sends.model.find({ 'effect.kind': 'sendDocument' }).lean();
    expect(documents).toHaveLength(1);
  });

  it('three of them become one, in a chain', async () => {
    const world = await open();
    await meet(world);
    await world.pass(1_000);
    await world.write(THIRD, 'I want to visit the site');
    await link(world, [THIRD, SECOND], 'thanks');
    expect((await ownConversation(world, SECOND)).absorbed).toHaveLength(1);
    await link(world, [SECOND, FIRST], 'thanks');
    const conversation = await expectOne(world, [FIRST, SECOND, THIRD], 5);
    expect(conversation.state.runs.map((run) => run.flow).sort()).toEqual(['enquiry', 'visit']);
    expect(await world.context.models.buyers.handlesOf((await buyerOf(world, THIRD))._id)).toEqual(
      [FIRST, SECOND, THIRD].map((number) => `pn:${number}`),
    );
  });

  it('three of them become one by a single message', async () => {
    const world = await open();
    await meet(world);
    await world.pass(1_000);
    await world.write(THIRD, 'I want to visit the site');
    await link(world, [THIRD, FIRST, SECOND], 'thanks');
    const conversation = await expectOne(world, [FIRST, SECOND, THIRD], 4);
    expect([...(conversation.absorbed ?? [])].sort()).toEqual(
      [(await ownConversation(world, SECOND))._id, (await ownConversation(world, THIRD))._id].sort(),
    );
  });
});

describe('what counts for one counts for both', () => {
  it('a person who has the word keeps it: the bot is silent on the other phone too', async () => {
    const world = await open();
    await meet(world);
    await takeByStaff(world, SECOND);
    const before = [FIRST, SECOND].map((number) => world.answers(number).length);
    await link(world, [FIRST, SECOND], 'where is the site?');
    const conversation = await expectOne(world, [FIRST, SECOND], 3);
    expect(conversation.state.owner).toMatchObject({ kind: 'staff', name: 'Riya' });
    expect([FIRST, SECOND].map((number) => world.answers(number).length)).toEqual(before);
    const [legal] = await casesOf(world);
    expect(legal?.posts.map((each) => each.text)).toContain('where is the site?');
  });

  it('a person’s answer given under the card of the younger reaches the phone that wrote last', async () => {
    const world = await open();
    await meet(world);
    await link(world, [FIRST, SECOND], 'thanks');
    const [legal] = await casesOf(world);
    const wake = (id: string) => world.context.turns.wake(id);
    const { models, decisionContext } = world.context;
    const answers = new Answers({ ...models, contextOf: decisionContext, wake, now: () => world.now });
    const input = { caseId: legal?._id ?? '', staff: RIYA };
    expect(await answers.reply({ ...input, inputId: 'r1', text: 'Hello, Riya here.' })).toBe('done');
    expect(await answers.reply({ ...input, inputId: 'r1', text: 'Hello, Riya here.' })).toBe('repeated');
    await world.rest();
    expect(world.answers(FIRST).filter((text) => text === 'Hello, Riya here.')).toHaveLength(1);
    expect(await answers.resolve({ ...input, inputId: 'r2' })).toBe('done');
    await world.rest();
    expect((await expectOne(world, [FIRST, SECOND], 3)).state.cases).toEqual([]);
  });

  it('an opt-out on one phone stops the reminders for both', async () => {
    const world = await open();
    await meet(world, 'I want to visit the site', 'STOP');
    const { optedOutAt } = (await ownConversation(world, SECOND)).state;
    await link(world, [FIRST, SECOND], 'thanks');
    const before = world.answers(FIRST).length;
    await world.pass(5 * HOUR_MS);
    expect(world.answers(FIRST)).toHaveLength(before);
    expect((await expectOne(world, [FIRST, SECOND], 3)).state.optedOutAt).toEqual(optedOutAt);
  });

  it('a booked visit is kept, reminded of and cancelled from either phone', async () => {
    const world = await open();
    await world.write(FIRST, 'thanks');
    await world.pass(1_000);
    await bookVisit(world, SECOND, 3);
    await link(world, [FIRST, SECOND], 'thanks');
    const conversation = await expectOne(world, [FIRST, SECOND], 4);
    expect(conversation.state.runs).toEqual([expect.objectContaining({ flow: 'visit', stage: 'booked' })]);
    await world.write(FIRST, 'please cancel my visit');
    const visits = await world.context.models.visits.model.find().lean<Visit[]>();
    expect(visits.map(({ status, buyer }) => ({ status, buyer }))).toEqual([
      { status: 'cancelled', buyer: conversation.buyer },
    ]);
    await expectOne(world, [FIRST, SECOND], 5);
  });

  it('of two visit flows about one project the further goes on', async () => {
    const world = await open();
    await world.write(FIRST, 'I want to visit the site');
    await world.pass(1_000);
    await bookVisit(world, SECOND, 3);
    await link(world, [FIRST, SECOND], 'thanks');
    const { state } = await expectOne(world, [FIRST, SECOND], 4);
    expect(state.runs.filter((run) => run.flow === 'visit')).toEqual([
      expect.objectContaining({ stage: 'booked' }),
    ]);
    const ended = (await world.timeline(FIRST)).filter((each) => each.what.startsWith('flow visit ended'));
    expect(ended).toHaveLength(1);
    expect((await casesOf(world)).filter((each) => each.reason === 'two_visits')).toEqual([]);
  });

  it('two booked visits to one project are left to people', async () => {
    const world = await open();
    await bookVisit(world, FIRST, 2);
    await world.pass(1_000);
    await bookVisit(world, SECOND, 4);
    await link(world, [FIRST, SECOND], 'thanks');
    const { state } = await expectOne(world, [FIRST, SECOND], 5);
    expect(state.runs.filter((run) => run.flow === 'visit')).toHaveLength(1);
    expect(await world.context.models.visits.model.countDocuments({ status: 'booked' })).toBe(2);
    const [asked, ...more] = (await casesOf(world)).filter((each) => each.reason === 'two_visits');
    expect(more).toEqual([]);
    expect(Object.keys(asked?.details ?? {}).sort()).toEqual(['otherVisitAt', 'visitAt']);
  });

  it('of two leads in one project the further stage stands, with the answers of both', async () => {
    const world = await open();
    const { leads } = world.context.models;
    await meet(world, 'thanks', 'hello');
    const [older, younger] = [await buyerOf(world, FIRST), await buyerOf(world, SECOND)];
    const at = (minutes: number) => new Date(world.now.getTime() + minutes * MINUTE_MS);
    const lead = (buyer: string, project: string, stage: Lead['stage'], answers: Lead['answers']) => ({
      buyer,
      project,
      stage,
      answers,
      source: buyer === older._id ? 'web' : 'portal',
    });
    await leads.model.deleteMany({});
    await leads.advance(lead(older._id, 'one', 'Visit', { budget: '1', loan: 'yes' }), at(2));
    await leads.advance(lead(younger._id, 'one', 'Lost', { budget: '2', purpose: 'live' }), at(1));
    await leads.advance(lead(older._id, 'two', 'New', { budget: '3' }), at(1));
    await leads.advance(lead(younger._id, 'two', 'Qualified', { budget: '4' }), at(2));
    await leads.advance(lead(younger._id, 'three', 'Engaged', {}), at(3));
    await link(world, [FIRST, SECOND], 'thanks');
    // The word that links them is a reply as well: it engages the lead that the enquiry itself keeps.
    const found = await leads.model
      .find({ project: { $in: ['one', 'two', 'three'] } })
      .sort({ project: 1 })
      .lean<Lead[]>();
    expect(
      found.map(({ buyer, project, stage, answers, source }) => ({ buyer, project, stage, answers, source })),
    ).toEqual([
      {
        buyer: older._id,
        project: 'one',
        stage: 'Visit',
        answers: { budget: '1', loan: 'yes', purpose: 'live' },
        source: 'web',
      },
      { buyer: older._id, project: 'three', stage: 'Engaged', answers: {}, source: 'portal' },
      { buyer: older._id, project: 'two', stage: 'Qualified', answers: { budget: '4' }, source: 'web' },
    ]);
    expect(found[0]?.createdAt).toEqual(at(1));
  });
});

/** One method of one collection that the merge goes through, and at which of its calls the process dies. */
type Step = { name: string; of: (models: Models) => object; method: string; call?: number };
const STEPS: Step[] = [
  { name: 'the place to go to is made', of: ({ conversations }) => conversations, method: 'change' },
  { name: 'the conversation ended', of: ({ conversations }) => conversations, method: 'moveTo' },
  { name: 'the other took it in', of: ({ conversations }) => conversations, method: 'change', call: 2 },
  { name: 'the messages moved', of: ({ inbound }) => inbound.model, method: 'updateMany' },
  { name: 'the sends moved', of: ({ sends }) => sends.model, method: 'updateMany' },
  { name: 'the cases moved', of: ({ cases }) => cases.model, method: 'updateMany' },
  { name: 'the visits moved', of: ({ visits }) => visits.model, method: 'updateMany' },
  { name: 'the files moved', of: ({ media }) => media.model, method: 'updateMany' },
  { name: 'the timeline moved', of: ({ timeline }) => timeline.model, method: 'updateMany' },
  { name: 'a lead was joined', of: ({ leads }) => leads, method: 'advance' },
  { name: 'a lead was removed', of: ({ leads }) => leads.model, method: 'deleteOne' },
  { name: 'the name was passed on', of: ({ buyers }) => buyers, method: 'inheritName' },
  { name: 'it was put on record', of: ({ buyers }) => buyers, method: 'moved' },
];

/** Lets a call do its work and then fail, as if the process had died right after it. */
function dieAfter(models: Models, { of, method, call = 1 }: Step): { died: () => boolean } {
  const target = of(models) as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const real = target[method]?.bind(target);
  let calls = 0;
  jest.spyOn(target, method as never).mockImplementation((async (...args: unknown[]) => {
    const result = await real?.(...args);
    calls += 1;
    if (calls === call) throw new Error('the process died');
    return result;
  }) as never);
  return { died: () => calls >= call };
}

describe('a crash', () => {
  it.each(STEPS)('right after $name: the next process finishes the merge, once', async (step) => {
    const before = await open();
    await bookVisit(before, FIRST, 2);
    await before.pass(1_000);
    await before.write(SECOND, 'brochure please');
    await before.write(SECOND, 'I will go to RERA');
    // Takes no more work, as a killed process: the merge has been decided and the message stored, no more.
    await before.context.turns.drain();
    await link(before, [SECOND, FIRST], 'where is the site?');
    const dying = await open({ joins: before });
    const { died } = dieAfter(dying.context.models, step);
    await dying.sweep();
    await dying.context.turns.drain();
    expect(died()).toBe(true);
    jest.restoreAllMocks();

    const next = await open({ joins: before });
    for (let waited = 0; waited < 4; waited += 1) await next.pass(20_000);
    const conversation = await expectOne(next, [FIRST, SECOND], 5);
    expect(conversation.absorbed).toEqual([(await ownConversation(next, SECOND))._id]);
    expect(conversation.state.runs.map((run) => run.flow).sort()).toEqual(['enquiry', 'visit']);
    expect(conversation.state.cases.filter((each) => each.team === 'legal')).toHaveLength(1);
    expect(before.answers(SECOND).filter((text) => text.includes('Sector 150'))).toHaveLength(1);
    const notes = (await next.timeline(FIRST)).filter((each) => each.what.startsWith('one person'));
    expect(notes).toHaveLength(1);
    expect(await next.context.models.buyers.model.countDocuments({ mergeOwedAt: { $exists: true } })).toBe(0);
  });

  it('with messages owed on both sides: each goes out once', async () => {
    const world = await open();
    await meet(world, 'thanks', 'thanks');
    world.phone.goOffline();
    await world.write(FIRST, 'x');
    const texts = ['where is the site?', 'I will go to RERA'];
    const { receiver } = world.context;
    await receiver.receive('sandbox', [linking(world, [FIRST], texts[0] ?? '')]);
    await receiver.receive('sandbox', [linking(world, [SECOND], texts[1] ?? '')]);
    await world.rest();
    await link(world, [SECOND, FIRST], 'thanks');
    expect((await world.conversation(FIRST)).outbox.length).toBeGreaterThan(1);
    await world.phone.goOnline();
    for (let waited = 0; waited < 6; waited += 1) await world.pass(60_000);
    const said = [...world.answers(FIRST), ...world.answers(SECOND)];
    expect(said.filter((text) => text.includes('Sector 150'))).toHaveLength(1);
    expect(said.filter((text) => /L-\d+/.test(text))).toHaveLength(1);
    expect((await world.conversation(FIRST)).outbox).toEqual([]);
  });
});

describe('while two become one', () => {
  it('messages on both phones are neither lost nor answered twice, with several processes at work', async () => {
    const one = await open();
    await meet(one, 'thanks', 'hello');
    const [two, three] = [await open({ joins: one }), await open({ joins: one })];
    const all = [one, two, three];
    // Each knows both as two people.
    for (const world of all) {
      for (const number of [FIRST, SECOND]) {
        await world.context.receiver.conversationOf({ from: { kind: 'pn', value: number }, alsoKnownAs: [] });
        await world.context.models.conversations.latest((await ownConversation(one, number))._id);
      }
    }
    const questions = ['where is the site?', 'I will go to RERA', 'what is the price of 2BHK?'];
    await Promise.all([
      link(one, [SECOND, FIRST], questions[0] ?? ''),
      two.context.receiver.receive('sandbox', [linking(two, [SECOND], questions[1] ?? '')]),
      three.context.receiver.receive('sandbox', [linking(three, [FIRST], questions[2] ?? '')]),
    ]);
    for (let waited = 0; waited < 5; waited += 1) {
      await Promise.all(all.map((world) => world.sweep()));
      await one.pass(20_000);
    }
    await expectOne(one, [FIRST, SECOND], 5);
    const said = [...one.answers(FIRST), ...one.answers(SECOND)];
    expect(said.filter((text) => text.includes('Sector 150'))).toHaveLength(1);
    expect(said.filter((text) => /L-\d+/.test(text))).toHaveLength(1);
  });

  it('what a process that has not heard of it stores under the younger is answered by the survivor, once', async () => {
    const one = await open();
    await meet(one, 'thanks', 'hello');
    const two = await open({ joins: one });
    await two.context.receiver.conversationOf({ from: { kind: 'pn', value: SECOND }, alsoKnownAs: [] });
    await two.context.models.conversations.latest((await ownConversation(one, SECOND))._id);
    await link(one, [SECOND, FIRST], 'thanks');
    await one.pass(2 * MINUTE_MS);
    await two.context.receiver.receive('sandbox', [linking(two, [SECOND], 'where is the site?')]);
    await two.rest();
    for (let waited = 0; waited < 3; waited += 1) {
      await one.pass(20_000);
      await two.sweep();
    }
    expect(one.answers(SECOND).filter((text) => text.includes('Sector 150'))).toHaveLength(1);
    const [last] = await one.context.models.inbound.model
      .find()
      .sort({ seq: -1 })
      .limit(1)
      .lean<InboundRecord[]>();
    expect(last).toMatchObject({ content: { text: 'where is the site?' }, outcome: { kind: 'flow' } });
  });
});

describe('a delivery report', () => {
  const userId = { kind: 'bsuid', value: 'IN.13491208655302741918' } as const;

  /** The first message to this number was taken, and is reported as delivered to these handles. */
  async function report(world: World, recipient: Inbound['alsoKnownAs']): Promise<void> {
    const send = await world.context.models.sends.model.findOne().lean<{ _id: string; providerId: string }>();
    const { _id: outboxId = '', providerId = '' } = send ?? {};
    const delivery = { outboxId, providerId, state: 'read', at: world.now, recipient } as const;
    await world.context.deliveries.report([delivery]);
  }

  it('names the buyer by an id that they may write under later', async () => {
    const world = await open();
    await world.write(FIRST, 'brochure please');
    await report(world, [{ kind: 'pn', value: FIRST }, userId]);
    await world.context.receiver.receive('sandbox', [
      { ...linking(world, [FIRST], 'and the price?'), from: userId },
    ]);
    await world.rest();
    const { models } = world.context;
    expect(await models.buyers.model.countDocuments()).toBe(1);
    const { _id } = await buyerOf(world, FIRST);
    expect(await models.buyers.handlesOf(_id)).toEqual([`pn:${FIRST}`, `bsuid:${userId.value}`]);
  });

  it('about somebody else makes nobody one person', async () => {
    const world = await open();
    await world.write(FIRST, 'brochure please');
    await world.write(SECOND, 'brochure please');
    await report(world, [{ kind: 'pn', value: THIRD }, userId]);
    const { models } = world.context;
    expect(await models.buyers.model.countDocuments({ mergedInto: { $exists: true } })).toBe(0);
    expect(await models.buyers.model.countDocuments({ handles: `bsuid:${userId.value}` })).toBe(0);
  });
});
