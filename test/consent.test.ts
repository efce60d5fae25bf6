import { afterEach, describe, expect, it } from '@jest/globals';
import type { Effect } from '../flows/types.ts';
import type { CampaignCommand } from '../inbox/slack/command.ts';
import type { Conversation } from '../models/conversation.ts';
import type { Recipient } from '../models/recipient.ts';
import { World } from './world.ts';

/** What may be sent unasked: by kind, by source, at once after a refusal, in flows and campaigns alike. */

const HOUR = 3_600_000;
const RIYA = { id: 'U-RIYA', name: 'Riya' };
const ASHA = '+919999908001';
const ROHAN = '+919999908002';
/** Tuesday, 11:00: the day after the world's Monday. */
const TOMORROW = new Date('2026-11-24T05:30:00Z');
const OFFER: CampaignCommand = {
  kind: 'remind',
  audience: { kind: 'visits', day: 'tomorrow' },
  filters: { template: 'visit_bring_friends' },
};

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function open(options: Parameters<typeof World.open>[0] = {}): Promise<World> {
  const world = await World.open(options);
  worlds.push(world);
  await world.context.models.staff.meet(RIYA.id, RIYA.name, 'sales');
  world.phone.addBuyer(ASHA, 'Asha Verma');
  world.phone.addBuyer(ROHAN, 'Rohan Mehta');
  return world;
}

/** Owes something of the bot's own account, as a flow would, and lets it be paid. */
async function owe(world: World, number: string, effect: Effect, id = `owed-${world.now.getTime()}`) {
  const { _id } = await world.conversation(number);
  await world.context.models.conversations.change(_id, (current) => ({
    ...current,
    outbox: [...current.outbox, { id, effect, owedAt: world.now }],
  }));
  world.context.turns.wake(_id);
  await world.rest();
}

function reminder(more: Partial<Extract<Effect, { kind: 'sendTemplate' }>> = {}): Effect {
  return {
    kind: 'sendTemplate',
    template: 'visit_offer_reminder',
    data: { project: 'Greenfield Heights' },
    category: 'reminder',
    ...more,
  };
}

async function heldBack(world: World, number: string): Promise<(string | undefined)[]> {
  const entries = await world.timeline(number);
  return entries.filter(({ what }) => what.startsWith('held back')).map(({ why }) => why);
}

async function bookVisit(world: World, { buyer, _id }: Conversation, id: string): Promise<void> {
  const at = new Date(TOMORROW.getTime() + Number(id.slice(-1)) * 60_000);
  const visit = { _id: id, project: 'greenfield-heights', buyer, conversation: _id, at, bookedAt: world.now };
  await world.context.models.visits.book(visit, 1);
}

async function results(world: World): Promise<Record<string, string>> {
  const all = await world.context.models.recipients.model.find().lean<Recipient[]>();
  return Object.fromEntries(
    all.map(({ about, status, reason }) => [about, [status, reason].join(' ').trim()]),
  );
}

async function record(world: World, number: string, change: object, inputId = 'entry-1') {
  const { buyer } = await world.conversation(number);
  const { consents } = world.context;
  return consents.record({
    buyer,
    inputId,
    change: { why: 'said so at the site', by: RIYA, ...change } as never,
  });
}

describe('consent', () => {
  it('keeps where it came from and since when, and an inbound message is none to offers', async () => {
    const world = await open();
    const wroteAt = world.now;
    await world.write(ASHA, 'Hi, please send the brochure');
    await world.pass(HOUR);
    await world.write(ASHA, 'thanks');
    const { state } = await world.conversation(ASHA);
    expect(state.consent).toEqual({ service: { at: wroteAt, source: 'inbound_message' } });
    await owe(world, ASHA, reminder({ purpose: 'promotion' }));
    expect(await heldBack(world, ASHA)).toEqual(['the buyer has not agreed to offers']);
    await owe(world, ASHA, reminder({ purpose: 'promotion', category: 'reply' }), 'called an answer');
    expect(await heldBack(world, ASHA)).toHaveLength(2);
    await owe(world, ASHA, reminder(), 'service');
    expect(world.answers(ASHA).at(-1)).toContain('Greenfield Heights');
  });

  it('to offers is given in chat, and taken back there without losing what concerns the buyer', async () => {
    const world = await open();
    await world.write(ASHA, 'Yes you can send me offers and news on whatsapp, I agree');
    expect((await world.conversation(ASHA)).state.consent?.promotion).toMatchObject({ source: 'chat' });
    await owe(world, ASHA, reminder({ purpose: 'promotion' }), 'offer-1');
    expect(world.answers(ASHA).at(-1)).toContain('Greenfield Heights');
    await world.write(ASHA, 'ऑफर मत भेजो');
    await owe(world, ASHA, reminder({ purpose: 'promotion' }), 'offer-2');
    expect(await heldBack(world, ASHA)).toEqual(['the buyer wants no offers']);
    await owe(world, ASHA, reminder(), 'service');
    expect(await heldBack(world, ASHA)).toHaveLength(1);
  });

  it('by an advertisement is named so, and is none to offers either', async () => {
    const world = await open();
    const [line] = world.context.channels;
    await world.context.gateway.receive(line, [
      {
        key: 'ad-1',
        from: { kind: 'pn', value: ASHA },
        alsoKnownAs: [],
        at: world.now,
        content: { kind: 'text', text: 'Is this still available?' },
        fromAdvertisement: true,
        raw: {},
      },
    ]);
    await world.rest();
    expect((await world.conversation(ASHA)).state.consent).toEqual({
      service: { at: world.now, source: 'click_to_chat' },
    });
    await owe(world, ASHA, reminder({ purpose: 'promotion' }));
    expect(await heldBack(world, ASHA)).toEqual(['the buyer has not agreed to offers']);
  });

  it('of copy that Meta calls marketing is asked for, whatever a flow forgot to say', async () => {
    const world = await open();
    await world.write(ASHA, 'Hi');
    const data = { project: 'Greenfield Heights', at: TOMORROW };
    await owe(world, ASHA, reminder({ template: 'visit_bring_friends', data }));
    expect(await heldBack(world, ASHA)).toEqual(['the buyer has not agreed to offers']);
  });

  it('of a stranger is needed for reminders, unless they have bought', async () => {
    const world = await open();
    const { buyers, conversations } = world.context.models;
    const buyer = await buyers.withHandles([`pn:${ASHA}`], 'Asha Verma', 'asha', world.now);
    await world.context.happenings.tell(buyer._id, 'k1', { name: 'caseResolved', caseId: 'none' });
    await owe(world, ASHA, reminder());
    expect(await heldBack(world, ASHA)).toEqual([
      'the buyer has never written, bought or agreed to messages',
    ]);
    await conversations.change((await world.conversation(ASHA))._id, (current) => ({
      ...current,
      hasBookings: true as const,
    }));
    await owe(world, ASHA, reminder(), 'customer');
    expect(world.answers(ASHA)).toHaveLength(1);
  });
});

describe('after a stop', () => {
  it.each(['STOP', 'मुझे मैसेज मत भेजो', 'please stop sending me messages'])(
    '(%s) the very next message that nobody asked for is held back',
    async (words) => {
      const world = await open();
      await world.write(ASHA, 'Hi, please send the brochure');
      await world.write(ASHA, words);
      const before = world.answers(ASHA).length;
      await owe(world, ASHA, reminder(), 'a-reminder');
      // A flow's own words, not called a reminder, that come of no message.
      await world.pass(60_000);
      await owe(world, ASHA, { ...reminder(), category: 'reply' } as Effect, 'no-reminder');
      expect(world.answers(ASHA)).toHaveLength(before);
      expect(await heldBack(world, ASHA)).toEqual(['the buyer opted out', 'the buyer opted out']);
      // What they ask is answered.
      await world.write(ASHA, 'what is the price of 3bhk?');
      expect(world.answers(ASHA).length).toBeGreaterThan(before);
    },
  );

  it('what was on its way already is held back too, and START lets messages go again, but no offers', async () => {
    const world = await open();
    await world.write(ASHA, 'Yes you can send me offers and news on whatsapp, I agree');
    world.phone.goOffline();
    await owe(world, ASHA, reminder(), 'waiting');
    const { _id } = await world.conversation(ASHA);
    await world.context.models.conversations.change(_id, (current) => ({
      ...current,
      state: { ...current.state, optedOutAt: world.now },
    }));
    await world.phone.goOnline();
    await world.pass(2 * 60_000);
    expect(await heldBack(world, ASHA)).toEqual(['the buyer opted out']);
    await world.write(ASHA, 'STOP');
    await world.write(ASHA, 'START');
    const { state } = await world.conversation(ASHA);
    expect(state.optedOutAt).toBeUndefined();
    expect(state.consent).toMatchObject({ service: { source: 'chat' } });
    expect(state.consent).not.toHaveProperty('promotion');
    await owe(world, ASHA, reminder(), 'again');
    expect(await heldBack(world, ASHA)).toHaveLength(1);
    await owe(world, ASHA, reminder({ purpose: 'promotion' }), 'offer');
    expect(await heldBack(world, ASHA)).toHaveLength(2);
  });

  it('said while a person has the word it counts at once', async () => {
    const world = await open();
    await world.write(ASHA, 'I want to talk to a person');
    const { _id } = await world.conversation(ASHA);
    await world.context.models.conversations.change(_id, (current) => ({
      ...current,
      state: {
        ...current.state,
        owner: { kind: 'staff', caseId: '', until: new Date(world.now.getTime() + HOUR), ...RIYA },
      },
    }));
    await world.write(ASHA, 'STOP');
    expect((await world.conversation(ASHA)).state.optedOutAt).toEqual(world.now);
    await world.pass(2 * HOUR);
    await owe(world, ASHA, reminder());
    // The person alone speaks: the bot does not even confirm it.
    expect(await heldBack(world, ASHA)).toEqual(['a person has the conversation', 'the buyer opted out']);
  });
});

describe('quiet hours', () => {
  it('hold for a flow’s reminder that names no purpose, and for offers later in the morning', async () => {
    const world = await open();
    await world.write(ASHA, 'Yes you can send me offers and news on whatsapp, I agree');
    await world.pass(12 * HOUR);
    await owe(world, ASHA, reminder(), 'service');
    await owe(world, ASHA, reminder({ purpose: 'promotion' }), 'offer');
    const before = world.answers(ASHA).length;
    await world.pass(10 * HOUR);
    expect(world.answers(ASHA)).toHaveLength(before + 1);
    await world.pass(2 * HOUR);
    expect(world.answers(ASHA)).toHaveLength(before + 2);
  });
});

describe('an offer to many', () => {
  it('leaves out who has not agreed, with the reason, and whoever stops it between rehearsal and sending', async () => {
    const world = await open();
    for (const [index, number] of [ASHA, ROHAN].entries()) {
      await world.write(number, 'Yes you can send me offers and news on whatsapp, I agree');
      await bookVisit(world, await world.conversation(number), `visit-${index}`);
    }
    world.phone.addBuyer('+919999908003', 'Kavita Rao');
    await world.write('+919999908003', 'Hi');
    await bookVisit(world, await world.conversation('+919999908003'), 'visit-2');
    const { campaigns } = world.context;
    const answer = await campaigns.run(OFFER, RIYA);
    expect(answer).toContain('2 of 3 will be reminded');
    expect(answer).toContain('1 left out: has not agreed to offers');
    const id = /^(k-\d+)/.exec(answer)?.[1] ?? '';
    expect(await world.context.models.campaigns.byId(id)).toMatchObject({ purpose: 'promotion' });
    await world.write(ASHA, 'no offers please');
    expect(await campaigns.act('confirm', id, RIYA)).toBeUndefined();
    for (let rounds = 0; rounds < 3; rounds += 1) await world.pass(1_000);
    expect(await results(world)).toEqual({
      'visit-0': 'saved no_offers',
      'visit-1': expect.stringMatching(/^(sent|delivered)$/),
      'visit-2': 'excluded no_promotion_consent',
    });
  });

  it('keeps the hours of offers, also when it is begun', async () => {
    const world = await open();
    const { campaigns } = world.context;
    expect(await campaigns.run({ ...OFFER, at: '21:00' } as CampaignCommand, RIYA)).toMatch(
      /between 10:00 and 21:00/,
    );
  });
});

describe('what the team enters', () => {
  it('stands on the timeline with its source, once, and lifts no refusal that came after it', async () => {
    const world = await open();
    await world.write(ASHA, 'Hi');
    const promotion = { act: 'optIn', kinds: ['service', 'promotion'], source: 'staff_entry' };
    expect(await record(world, ASHA, promotion)).toBe('done');
    expect(await record(world, ASHA, promotion)).toBe('done');
    const { state } = await world.conversation(ASHA);
    expect(state.consent).toMatchObject({
      service: { source: 'inbound_message' },
      promotion: { source: 'staff_entry', by: RIYA },
    });
    const lines = (await world.timeline(ASHA)).filter(({ what }) => what.startsWith('opted in'));
    expect(lines).toEqual([
      expect.objectContaining({
        who: 'Riya',
        what: 'opted in: service, promotion',
        why: 'staff_entry: said so at the site',
      }),
    ]);
    await world.pass(1_000);
    await world.write(ASHA, 'STOP');
    const earlier = new Date(world.now.getTime() - HOUR);
    expect(await record(world, ASHA, { ...promotion, at: earlier }, 'entry-2')).toBe('refused');
    expect(await record(world, ASHA, { ...promotion, source: 'import' }, 'entry-3')).toBe('refused');
    expect((await world.conversation(ASHA)).state.optedOutAt).toBeDefined();
    await world.pass(1_000);
    expect(await record(world, ASHA, promotion, 'entry-4')).toBe('done');
    expect((await world.conversation(ASHA)).state.optedOutAt).toBeUndefined();
  });

  it('of a buyer who never wrote makes a conversation; of nobody it makes none', async () => {
    const world = await open();
    const buyer = await world.context.models.buyers.withHandles([`pn:${ASHA}`], 'Asha', 'asha', world.now);
    const change = { act: 'optIn', kinds: ['promotion'], source: 'import', why: 'fair of November' } as const;
    const { consents } = world.context;
    expect(await consents.record({ buyer: buyer._id, inputId: 'i1', change })).toBe('done');
    expect(await consents.of(buyer._id)).toEqual({
      consent: { promotion: { at: world.now, source: 'import' } },
    });
    expect(await consents.record({ buyer: 'nobody', inputId: 'i1', change })).toBe('unknown');
    expect(await consents.of('nobody')).toBeUndefined();
  });
});

describe('one person under two handles', () => {
  it('has refused what either of them has refused', async () => {
    const world = await open();
    await world.write(ASHA, 'Yes you can send me offers and news on whatsapp, I agree');
    await world.write(ROHAN, 'STOP');
    const { buyers } = world.context.models;
    await buyers.withHandles([`pn:${ASHA}`, `pn:${ROHAN}`], '', 'other', world.now, (absorbed, into) =>
      world.context.merges.owe(absorbed, into),
    );
    await world.sweep();
    const { buyer } = await world.conversation(ASHA);
    const merged = await world.context.consents.of(buyer);
    expect(merged?.optedOutAt).toBeDefined();
    expect(merged).not.toHaveProperty('consent');
  });
});
