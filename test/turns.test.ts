import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Answers } from '../bot/answers.ts';
import { auditDatabase } from '../models/audit.ts';
import type { Case } from '../models/case.ts';
import type { Send } from '../models/send.ts';
import { World } from './world.ts';

const ASHA = '+919999900001';
const ROHAN = '+919999900002';
const HOUR_MS = 3_600_000;
const RIYA = { id: 'U1', name: 'Riya' };

const worlds: World[] = [];
async function open(options: Parameters<typeof World.open>[0] = {}): Promise<World> {
  const world = await World.open(options);
  worlds.push(world);
  return world;
}
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** What the team does, as Slack would have it done. */
function answersOf({ context }: World, now: () => Date): Answers {
  const wake = (id: string) => context.turns.wake(id);
  return new Answers({ ...context.models, contextOf: context.decisionContext, wake, now });
}

async function caseOf(world: World, number: string): Promise<Case> {
  const { buyer } = await world.conversation(number);
  const found = await world.context.models.cases.model.findOne({ buyer }).lean<Case>();
  if (!found) throw new Error('no case');
  return found;
}

async function sendsOf(world: World): Promise<Send[]> {
  return world.context.models.sends.model.find().sort({ _id: 1 }).lean<Send[]>();
}

describe('a turn', () => {
  it('answers a new lead with the brochure and one question, and owes nothing afterwards', async () => {
    const world = await open();
    await world.write(ASHA, 'Hi, brochure of 2BHK?');
    const [brochure, question, ...more] = world.answers(ASHA);
    expect(brochure).toMatch(/^\[Greenfield-Heights-brochure\.pdf\] Namaste Asha Verma!/);
    expect(question).toMatch(/budget/);
    expect(more).toEqual([]);
    const conversation = await world.conversation(ASHA);
    expect(conversation).toMatchObject({ outbox: [], outcomes: [], timeline: [] });
    const lead = await world.context.models.leads.model.findOne().lean();
    expect(lead).toMatchObject({ stage: 'New', answers: { configuration: '2BHK' }, source: 'sandbox' });
  });

  it('handles the same message once, however often it is delivered', async () => {
    const world = await open();
    await world.phone.writeAs(ASHA, 'price of 3BHK?', { key: 'dup-1' });
    await deliverThrice(world, 'dup-1', 'price of 3BHK?');
    expect(await world.context.models.inbound.model.countDocuments()).toBe(1);
    expect(world.answers(ASHA).filter((text) => text.startsWith('['))).toHaveLength(1);
  });

  it('takes two first messages at once as one buyer, one turn and one brochure', async () => {
    const world = await open({
      config: { burstWindowMs: 60 },
      overrides: { now: () => new Date() },
    });
    await Promise.all([world.phone.writeAs(ASHA, 'hi'), world.phone.writeAs(ASHA, 'brochure please')]);
    await world.rest();
    expect(await world.context.models.buyers.model.countDocuments()).toBe(1);
    expect(world.answers(ASHA).filter((text) => text.startsWith('['))).toHaveLength(1);
    const outcomes = await world.context.models.inbound.model.find().lean();
    expect(outcomes.map((each) => each.outcome?.kind).sort()).toEqual(['flow', 'reply']);
  });

  it('reads a burst in the order of the channel, not of arrival', async () => {
    const world = await open();
    const at = (seconds: number) => new Date(world.now.getTime() + seconds * 1_000);
    const inbound = (key: string, text: string, seconds: number) => ({
      key,
      from: { kind: 'pn' as const, value: ASHA },
      alsoKnownAs: [],
      at: at(seconds),
      content: { kind: 'text' as const, text },
      raw: null,
    });
    await world.context.receiver.receive('sandbox', [
      inbound('b', 'no, the location', 2),
      inbound('a', 'brochure', 1),
    ]);
    await world.rest();
    const said = (await world.timeline(ASHA)).filter((entry) => entry.who === 'buyer');
    expect(said.map((entry) => entry.what)).toEqual(['brochure', 'no, the location']);
  });

  it('keeps harmless what looks like markup, operators or another script', async () => {
    const world = await open();
    const texts = [
      '<!channel> {{template}} $where {name}',
      '\u0000\u202Eעברית',
      '😀😀😀',
      'x'.repeat(65_000),
    ];
    for (const text of texts) await world.write(ROHAN, text);
    const stored = await world.context.models.inbound.model.find().sort({ seq: 1 }).lean();
    expect(stored.map((each) => each.content.text)).toEqual(texts);
    expect(stored.every((each) => each.outcome)).toBe(true);
  });
});

/** Three deliveries of one message, as a provider that saw no acknowledgement would make. */
async function deliverThrice(world: World, key: string, text: string) {
  const message = {
    key,
    from: { kind: 'pn' as const, value: ASHA },
    alsoKnownAs: [],
    at: world.now,
    content: { kind: 'text' as const, text },
    raw: null,
  };
  const { receiver } = world.context;
  await Promise.all([1, 2, 3].map(() => receiver.receive('sandbox', [message])));
  await world.rest();
}

describe('after a crash', () => {
  it('between storing and deciding, the sweep of the next process answers', async () => {
    const dead = await open();
    await dead.context.turns.drain(); // takes no more work, as a killed process
    await dead.phone.writeAs(ASHA, 'brochure please');
    expect(await auditDatabase(dead.context.models, new Date(dead.now.getTime() + HOUR_MS))).toHaveLength(1);
    const next = await open({ joins: dead });
    await next.pass(10_000);
    expect(next.answers(ASHA)[0]).toMatch(/brochure/);
    expect(await auditDatabase(next.context.models, new Date(next.now.getTime() + HOUR_MS / 2))).toEqual([]);
  });

  it('between the decision and its effects, they are paid once', async () => {
    const dead = await open();
    jest.spyOn(dead.phone, 'send').mockImplementation(async () => {
      throw new Error('the process died');
    });
    await dead.write(ASHA, 'brochure please');
    expect((await dead.conversation(ASHA)).outbox.length).toBeGreaterThan(0);
    // The mark `sending` stands: nobody knows whether the provider was called.
    jest.restoreAllMocks();
    const next = await open({ joins: dead });
    for (let waited = 0; waited < 6; waited += 1) await next.pass(10_000);
    expect(next.answers(ASHA).filter((text) => text.startsWith('['))).toHaveLength(1);
    expect((await next.conversation(ASHA)).outbox).toEqual([]);
    const [first] = await sendsOf(next);
    expect(first?.deliveries.map((each) => each.state)).toContain('unknown');
  });

  it('between sending and writing it down, nothing is sent again once the provider has reported', async () => {
    const world = await open();
    const { sends } = world.context.models;
    const accepted = jest.spyOn(sends, 'accepted').mockRejectedValueOnce(new Error('the database went away'));
    await world.write(ASHA, 'brochure please');
    accepted.mockRestore();
    for (let waited = 0; waited < 6; waited += 1) await world.pass(10_000);
    expect(world.answers(ASHA).filter((text) => text.startsWith('['))).toHaveLength(1);
    expect((await world.conversation(ASHA)).outbox).toEqual([]);
  });

  it('between two writes of the settlement, messages and timeline are written once', async () => {
    const world = await open();
    const { timeline } = world.context.models;
    const append = jest.spyOn(timeline, 'append').mockRejectedValueOnce(new Error('the database went away'));
    await world.write(ASHA, 'brochure please');
    append.mockRestore();
    for (let waited = 0; waited < 3; waited += 1) await world.pass(10_000);
    expect(world.answers(ASHA).filter((text) => text.startsWith('['))).toHaveLength(1);
    const entries = await world.timeline(ASHA);
    expect(new Set(entries.map((entry) => entry._id)).size).toBe(entries.length);
    expect(entries.filter((entry) => entry.who === 'buyer')).toHaveLength(1);
  });

  it('two processes at one conversation pay each effect once', async () => {
    const one = await open();
    await one.write(ASHA, 'brochure please');
    const [two, three] = [await open({ joins: one }), await open({ joins: one })];
    const { _id } = await one.conversation(ASHA);
    // Both know the conversation, so that each works from its own copy.
    for (const each of [two, three]) await each.context.models.conversations.latest(_id);
    await one.context.turns.drain();
    await one.phone.writeAs(ASHA, 'where is the site?');
    two.context.turns.wake(_id);
    three.context.turns.wake(_id);
    await Promise.all([two.rest(), three.rest()]);
    for (let waited = 0; waited < 4; waited += 1) await two.pass(10_000);
    expect(one.answers(ASHA).filter((text) => text.includes('Sector 150'))).toHaveLength(1);
    expect((await two.conversation(ASHA)).outbox).toEqual([]);
  });
});

describe('sending', () => {
  it('keeps the order through an outage and loses nothing', async () => {
    const world = await open();
    world.phone.failNextSend('retry');
    await world.write(ASHA, 'brochure please');
    expect(world.answers(ASHA)).toEqual([]);
    await world.write(ASHA, 'where is the site?');
    await world.pass(5_000);
    const [brochure, question, place] = world.answers(ASHA);
    expect(brochure).toMatch(/brochure/);
    expect(question).toMatch(/size of home/);
    expect(place).toMatch(/Sector 150/);
  });

  it('does not repeat what may have gone out when its report comes in', async () => {
    const world = await open();
    world.phone.failNextSend('unknown');
    await world.write(ASHA, 'brochure please');
    for (let waited = 0; waited < 6; waited += 1) await world.pass(5_000);
    expect(world.answers(ASHA).filter((text) => text.startsWith('['))).toHaveLength(1);
    expect((await sendsOf(world)).every((send) => send.rank > 2)).toBe(true);
  });

  it('hands an undeliverable message to a person', async () => {
    const world = await open();
    world.phone.failNextSend('recipient');
    await world.write(ASHA, 'brochure please');
    const found = await caseOf(world, ASHA);
    expect(found).toMatchObject({ reason: 'undelivered', team: 'support', status: 'open' });
    expect((await world.timeline(ASHA)).some((entry) => entry.what.startsWith('Not delivered'))).toBe(true);
  });

  it('tells the person when nobody knows whether their words arrived, and never repeats them', async () => {
    const world = await open();
    await world.write(ASHA, 'I will go to RERA');
    const found = await caseOf(world, ASHA);
    jest.spyOn(world.phone, 'send').mockImplementation(async () => {
      const { ChannelError } = await import('../bot/channels/channel.ts');
      throw new ChannelError({ class: 'unknown', code: 'timeout', message: 'no answer' });
    });
    jest.spyOn(world.phone, 'reconcile').mockResolvedValue({ kind: 'unclear' });
    const send = world.phone.send as unknown as { mock: { calls: unknown[] } };
    await answersOf(world, () => world.now).reply({
      caseId: found._id,
      inputId: 'm1',
      text: 'Hello',
      staff: RIYA,
    });
    await world.rest();
    for (let waited = 0; waited < 9; waited += 1) await world.pass(10_000);
    expect(send.mock.calls).toHaveLength(1);
    const posts = (await caseOf(world, ASHA)).posts.map((post) => post.text);
    expect(posts.some((text) => text.includes('Nobody knows whether this went out: "Hello"'))).toBe(true);
  });
});

describe('one voice at a time', () => {
  it("holds the bot's words back when a person took the conversation before they went out", async () => {
    const world = await open();
    await world.write(ASHA, 'I will go to RERA');
    const found = await caseOf(world, ASHA);
    world.phone.failNextSend('retry');
    await world.write(ASHA, 'where is the site?');
    await answersOf(world, () => world.now).reply({
      caseId: found._id,
      inputId: 'm1',
      text: 'Riya here',
      staff: RIYA,
    });
    await world.rest();
    await world.pass(5_000);
    expect(world.answers(ASHA).at(-1)).toBe('Riya here');
    expect(world.answers(ASHA).some((text) => text.includes('Sector 150'))).toBe(false);
    const held = (await world.timeline(ASHA)).find((entry) => entry.what.startsWith('held back'));
    expect(held?.why).toBe('a person has the conversation');
  });

  it('takes a repeated delivery of the same reply once', async () => {
    const world = await open();
    await world.write(ASHA, 'I will go to RERA');
    const { _id: caseId } = await caseOf(world, ASHA);
    const answers = answersOf(world, () => world.now);
    const reply = { caseId, inputId: 'slack:C1:1.0', text: 'Riya here', staff: RIYA };
    const outcomes = await Promise.all([answers.reply(reply), answers.reply(reply), answers.reply(reply)]);
    await world.rest();
    expect(outcomes.sort()).toEqual(['done', 'repeated', 'repeated']);
    expect(world.answers(ASHA).filter((text) => text === 'Riya here')).toHaveLength(1);
  });
});

describe('reminders', () => {
  /** Books the slot 24 h and more ahead, so that both reminders are still to come. */
  async function bookVisit(world: World): Promise<Date> {
    await world.write(ASHA, 'I want to visit the site');
    const asked = world.phone.transcript(ASHA).at(-1);
    const choices = asked?.body.kind === 'choices' ? asked.body.choices : [];
    const slot = choices.find((choice) => choice.id.includes('2026-11-26T04:30'))?.id ?? '';
    await world.tap(ASHA, slot);
    return new Date(slot.split('.').slice(3).join('.'));
  }

  it('go out 24 h and 2 h before a visit, the second as a template once the window is closed', async () => {
    const world = await open();
    const at = await bookVisit(world);
    expect(world.answers(ASHA).at(-2)).toMatch(/is booked: \*Thursday, 26 November, 10 am\*/);
    expect(world.answers(ASHA).at(-1)).toMatch(/visit\.ics/);
    const before = world.answers(ASHA).length;
    await world.pass(at.getTime() - 24 * HOUR_MS - world.now.getTime());
    expect(world.answers(ASHA)).toHaveLength(before + 1);
    await world.pass(22 * HOUR_MS);
    expect(world.answers(ASHA)).toHaveLength(before + 2);
    expect(world.answers(ASHA).at(-1)).toMatch(/A reminder of your visit/);
  });

  it('after an outage over both, only the latest goes out; after the visit, none', async () => {
    const world = await open();
    const at = await bookVisit(world);
    const before = world.answers(ASHA).length;
    await world.pass(at.getTime() - HOUR_MS - world.now.getTime());
    expect(world.answers(ASHA)).toHaveLength(before + 1);
    const late = await open();
    const lateAt = await bookVisit(late);
    const lateBefore = late.answers(ASHA).length;
    await late.pass(lateAt.getTime() + 2 * HOUR_MS - late.now.getTime());
    expect(late.answers(ASHA)).toHaveLength(lateBefore);
  });

  it('are dropped for a buyer who opted out, with the reason on the timeline', async () => {
    const world = await open();
    const at = await bookVisit(world);
    await world.write(ASHA, 'STOP');
    const before = world.answers(ASHA).length;
    await world.pass(at.getTime() - 24 * HOUR_MS - world.now.getTime());
    expect(world.answers(ASHA)).toHaveLength(before);
    const reasons = (await world.timeline(ASHA)).map((entry) => entry.why);
    expect(reasons).toContain('the buyer opted out');
  });

  it('wait for the morning at night', async () => {
    const world = await open();
    await world.pass(12.5 * HOUR_MS); // 22:30
    await world.write(ASHA, 'I want to visit the site');
    const before = world.answers(ASHA).length;
    await world.pass(3 * HOUR_MS); // 01:30: the reminder of the offer is due
    expect(world.answers(ASHA)).toHaveLength(before);
    await world.pass(6 * HOUR_MS + 1_800_000); // 08:00
    expect(world.answers(ASHA)).toHaveLength(before + 1);
  });

  it('that are stale because the buyer has answered meanwhile stay silent', async () => {
    const world = await open();
    await world.write(ASHA, 'I want to visit the site');
    await world.pass(2 * HOUR_MS);
    await world.write(ASHA, 'cancel the visit');
    const before = world.answers(ASHA).length;
    await world.pass(10 * HOUR_MS);
    expect(world.answers(ASHA)).toHaveLength(before);
  });
});

describe('visits', () => {
  it('are never booked beyond the capacity of a slot, whoever taps first', async () => {
    const world = await open();
    const numbers = [1, 2, 3, 4, 5].map((digit) => `+91999990010${digit}`);
    for (const number of numbers) await world.write(number, 'I want to visit the site');
    const asked = world.phone.transcript(numbers[0] ?? '').at(-1);
    const slot = asked?.body.kind === 'choices' ? (asked.body.choices[2]?.id ?? '') : '';
    await Promise.all(numbers.map((number) => world.phone.tapAs(number, slot)));
    await world.rest();
    const visits = await world.context.models.visits.model.countDocuments({ status: 'booked' });
    expect(visits).toBe(2);
    const refused = numbers.filter((number) =>
      world.answers(number).at(-1)?.includes('just booked that time'),
    );
    expect(refused).toHaveLength(3);
  });

  it('refuse a slot that is past or was never offered', async () => {
    const world = await open();
    await world.write(ASHA, 'I want to visit the site');
    const asked = world.phone.transcript(ASHA).at(-1);
    const slot = asked?.body.kind === 'choices' ? (asked.body.choices[0]?.id ?? '') : '';
    await world.pass(26 * HOUR_MS);
    await world.tap(ASHA, slot);
    expect(world.answers(ASHA).at(-1)).toMatch(/already passed/);
    expect(await world.context.models.visits.model.countDocuments()).toBe(0);
  });
});
