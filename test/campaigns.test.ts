import { afterEach, describe, expect, it } from '@jest/globals';
import type { Demand } from '../flows/money/account.ts';
import { momentOf } from '../flows/money/day.ts';
import type { CampaignCommand } from '../inbox/slack/command.ts';
import type { Conversation } from '../models/conversation.ts';
import type { Recipient } from '../models/recipient.ts';
import { COLLECTOR, sell, wishFor } from './sale.ts';
import { until } from './until.ts';
import { World } from './world.ts';

/** Reminders to many, on the real engine and outbox: rehearsed, confirmed, run, stopped, and checked at the last moment. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MEERA = { id: 'U-MEERA', name: 'Meera' };
const ARJUN = { id: 'U-ARJUN', name: 'Arjun' };
const SUNIL = { id: 'U-SUNIL', name: 'Sunil' };
const VISITS: CampaignCommand = {
  kind: 'remind',
  audience: { kind: 'visits', day: 'tomorrow' },
  filters: {},
};
const OVERDUE: CampaignCommand = {
  kind: 'remind',
  audience: { kind: 'overdue', moreThanDays: 3 },
  filters: {},
};
/** Tuesday, 11:00: the day after the world's Monday. */
const TOMORROW = new Date('2026-11-24T05:30:00Z');

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** A world with a team: Meera and Arjun in collections and sales, Sunil in operations. */
async function open(options: Parameters<typeof World.open>[0] = {}): Promise<World> {
  const world = await World.open(options);
  worlds.push(world);
  const { staff } = world.context.models;
  for (const { id, name } of [MEERA, ARJUN]) {
    await staff.meet(id, name, 'collections');
    await staff.meet(id, name, 'sales');
  }
  await staff.meet(SUNIL.id, SUNIL.name, 'operations');
  return world;
}

function phoneOf(serial: number): string {
  return `+919999906${String(serial).padStart(3, '0')}`;
}

/** A buyer who has written, and what is known of them afterwards. */
async function met(
  world: World,
  serial: number,
  words = 'Hi, please send the brochure',
): Promise<Conversation> {
  const number = phoneOf(serial);
  world.phone.addBuyer(number, `Asha${serial} Verma`);
  await world.write(number, words);
  return world.conversation(number);
}

/** A visit booked for tomorrow, whose buyer wrote more than a day ago unless it is said otherwise. */
async function visitor(world: World, serial: number, words?: string): Promise<Conversation> {
  const conversation = await met(world, serial, words);
  await bookVisit(world, conversation, serial);
  return conversation;
}

async function bookVisit(
  world: World,
  { buyer, _id }: Conversation,
  serial: number,
  at = TOMORROW,
): Promise<void> {
  await world.context.models.visits.book(
    {
      _id: `visit-${serial}`,
      project: 'greenfield-heights',
      buyer,
      conversation: _id,
      at: new Date(at.getTime() + serial * 60_000),
      bookedAt: world.now,
    },
    1,
  );
}

/** An open demand for the booking amount of a flat of 1 crore, due so many days ago. */
async function oweDemand(
  world: World,
  { buyer }: Pick<Conversation, 'buyer'>,
  serial: number,
  daysAgo: number,
): Promise<Demand> {
  const { models } = world.context;
  const booking = await sell(models, {
    _id: `booking-${serial}`,
    number: `B-${1200 + serial}`,
    buyers: [buyer],
  });
  const [first] = wishFor('any').plan.instalments;
  const order = { booking, milestone: first?.milestone ?? '', dueInDays: 10 - daysAgo };
  const tenDaysAgo = momentOf(new Date(world.now.getTime() - 10 * DAY), 'Asia/Kolkata');
  const raised = await models.demands.raise(order, tenDaysAgo);
  if (raised.kind === 'refused') throw new Error(raised.reason);
  return raised.demand;
}

/** All that the buyer has to pay comes in; of what is the government's, `tds`, nothing. */
async function pay(world: World, demand: Demand): Promise<void> {
  const { payments } = world.context.models;
  const { booking, project, principalPaise, gstPaise, tdsPaise } = demand;
  const amountPaise = principalPaise + gstPaise - tdsPaise;
  const _id = `paid:${demand._id}`;
  const moment = momentOf(world.now, 'Asia/Kolkata');
  await payments.claim({ _id, booking, project, amountPaise, mode: 'neft' }, world.now);
  const confirmation = { by: COLLECTOR, amountPaise, mode: 'neft' as const, receivedOn: moment.on };
  const confirmed = await payments.confirm(_id, confirmation, moment);
  if (confirmed.kind === 'refused') throw new Error(confirmed.reason);
}

/** The buyer has said that they will pay on that day. */
async function promise(world: World, { _id }: Conversation, date: string): Promise<void> {
  await world.context.models.conversations.change(_id, (current) => ({
    ...current,
    state: { ...current.state, promise: { date, saidAt: world.now } },
  }));
}

async function begin(world: World, command: CampaignCommand = VISITS, staff = MEERA): Promise<string> {
  const answer = await world.context.campaigns.run(command, staff);
  const id = /^(k-\d+) is rehearsed/.exec(answer)?.[1];
  if (!id) throw new Error(answer);
  return id;
}

async function confirmed(world: World, command: CampaignCommand = VISITS): Promise<string> {
  const id = await begin(world, command);
  expect(await world.context.campaigns.act('confirm', id, MEERA)).toBeUndefined();
  return id;
}

async function recipients(world: World, id: string): Promise<Record<string, string>> {
  const all = await world.context.models.recipients.model.find({ campaign: id }).lean<Recipient[]>();
  return Object.fromEntries(
    all
      .sort((one, other) => (one.about < other.about ? -1 : 1))
      .map(({ about, status, reason }) => [about, reason ? `${status}: ${reason}` : status]),
  );
}

/** Everything of a running campaign that can happen now. */
async function settle(world: World): Promise<void> {
  for (let rounds = 0; rounds < 3; rounds += 1) await world.pass(1_000);
}

function reminders(world: World, serial: number): string[] {
  return world.answers(phoneOf(serial)).filter((text) => /reminder of your visit|was due on/.test(text));
}

describe('a rehearsal', () => {
  it('freezes the audience, names every exclusion, and shows real messages with names in short', async () => {
    const world = await open();
    await visitor(world, 1);
    await visitor(world, 2, 'कृपया ब्रोशर भेजिए');
    await visitor(world, 3, 'STOP');
    await visitor(world, 4, 'I will file a complaint with RERA, my lawyer is ready');
    await visitor(world, 5, 'Wrong number, I never asked you');
    const id = await begin(world);

    const campaign = await world.context.models.campaigns.byId(id);
    expect(campaign?.rehearsal).toMatchObject({
      total: 5,
      waiting: 2,
      excluded: { opted_out: 1, legal: 1, wrong_number: 1 },
      risk: 'low',
    });
    const [first, second] = campaign?.rehearsal?.samples ?? [];
    expect([first?.language, second?.language].sort()).toEqual(['en', 'hi']);
    expect(first).toMatchObject({ name: 'Asha1 V.' });
    expect(first?.text).toMatch(
      /^A reminder of your visit to \*Greenfield Heights\*: \*Tuesday, 24 November, 11:01 am/,
    );
    // Nothing goes out before somebody says so.
    await settle(world);
    expect(reminders(world, 1)).toEqual([]);
  });

  it('forecasts its end with quiet hours, and says what a paired phone risks', async () => {
    const world = await open({ lines: ['web'] });
    for (const serial of [1, 2]) await visitor(world, serial);
    const warm = await begin(world);
    expect((await world.context.models.campaigns.byId(warm))?.rehearsal).toMatchObject({
      cold: 0,
      risk: 'low',
    });
    await world.context.campaigns.act('cancel', warm, MEERA);
    await world.pass(25 * HOUR);
    for (const serial of [1, 2]) {
      const conversation = await world.conversation(phoneOf(serial));
      await bookVisit(world, conversation, serial + 10, new Date(TOMORROW.getTime() + DAY));
    }
    const cold = await begin(world);
    expect((await world.context.models.campaigns.byId(cold))?.rehearsal).toMatchObject({
      cold: 2,
      risk: 'medium',
      riskWords: expect.stringContaining('paired phone'),
    });
  });

  it('is void after 30 minutes, by itself and for whoever is late', async () => {
    const world = await open();
    await visitor(world, 1);
    const late = await begin(world);
    const { campaigns } = world.context;
    // Before any sweep has looked.
    await world.context.models.campaigns.model.updateOne({ _id: late }, { $set: { expiresAt: world.now } });
    expect(await campaigns.act('confirm', late, MEERA)).toMatch(/older than 30 minutes/);
    const forgotten = await begin(world);
    await world.pass(31 * 60_000);
    expect(await world.context.models.campaigns.byId(forgotten)).toMatchObject({
      status: 'stopped',
      endedWhy: 'expired',
    });
    await settle(world);
    expect(reminders(world, 1)).toEqual([]);
  });

  it('answers what cannot be done, and begins nothing', async () => {
    const world = await open();
    const { campaigns, models } = world.context;
    const remind = (change: object, staff = MEERA) =>
      campaigns.run({ ...VISITS, ...change } as CampaignCommand, staff);
    expect(await remind({})).toMatch(/^There is nobody to remind/);
    const [empty] = await models.campaigns.model.find().lean();
    expect(empty).toMatchObject({ endedWhy: 'nobody', rehearsal: { total: 0, waiting: 0 } });
    expect(await remind({}, SUNIL)).toMatch(/members of the sales team/);
    expect(await remind({ filters: { template: 'bereavement' } })).toMatch(
      /no template bereavement.*visit_reminder/,
    );
    expect(await remind({ filters: { template: 'constructor' } })).toMatch(/no template constructor/);
    expect(await remind({ filters: { tower: 'B' } })).toMatch(/not to a tower/);
    expect(await remind({ filters: { project: 'nowhere' } })).toMatch(/No project nowhere/);
    expect(await remind({ at: '09:59' })).toMatch(/09:59 has passed today: it is 10:00/);
    expect(await remind({ at: '21:00' })).toMatch(/between 8:00 and 21:00/);
    expect(await campaigns.run({ ...OVERDUE, at: '19:00' } as CampaignCommand, MEERA)).toMatch(
      /8:00 and 19:00/,
    );
    expect(await campaigns.run({ kind: 'campaign', act: 'stop', campaign: 'k-99' }, MEERA)).toMatch(
      /no campaign/,
    );
    expect(await models.campaigns.model.countDocuments({ matter: { $exists: true } })).toBe(0);
  });

  it('leaves out whose message lacks something', async () => {
    const world = await open();
    await visitor(world, 1);
    const conversation = await met(world, 2);
    await world.context.models.visits.book(
      {
        _id: 'visit-2',
        project: 'sold-out-project',
        buyer: conversation.buyer,
        conversation: conversation._id,
        at: TOMORROW,
        bookedAt: world.now,
      },
      1,
    );
    const id = await begin(world);
    expect(await recipients(world, id)).toEqual({ 'visit-1': 'waiting', 'visit-2': 'excluded: incomplete' });
  });
});

describe('a confirmation', () => {
  it('is the starter’s, and nobody starts the same campaign twice', async () => {
    const world = await open();
    await visitor(world, 1);
    const id = await begin(world);
    const { campaigns } = world.context;
    expect(await campaigns.run(VISITS, ARJUN)).toMatch(new RegExp(`^${id} does the same.*begun by Meera`));
    expect(await campaigns.act('confirm', id, ARJUN)).toMatch(/^Meera, who began/);
    const twice = await Promise.all([
      campaigns.act('confirm', id, MEERA),
      campaigns.act('confirm', id, MEERA),
    ]);
    expect(twice.filter((words) => words === undefined)).toHaveLength(1);
    await settle(world);
    expect(await campaigns.act('confirm', id, MEERA)).toMatch(/confirmed before, or is over/);
    expect(reminders(world, 1)).toHaveLength(1);
    expect(await campaigns.run(VISITS, ARJUN)).toMatch(/nobody to remind[\s\S]*reminded of the same/);
  });

  it('of a large one needs a second person', async () => {
    const world = await open({ config: { campaigns: { secondPersonAbove: 1, remindedWithinDays: 3 } } });
    for (const serial of [1, 2]) await visitor(world, serial);
    const id = await begin(world);
    const { campaigns } = world.context;
    expect(await campaigns.act('confirm', id, MEERA)).toBeUndefined();
    await settle(world);
    expect(reminders(world, 1)).toEqual([]);
    expect(await campaigns.act('confirm', id, MEERA)).toMatch(/second person/);
    expect(await campaigns.act('confirm', id, ARJUN)).toBeUndefined();
    await settle(world);
    expect(reminders(world, 1)).toHaveLength(1);
    expect(await world.context.models.campaigns.byId(id)).toMatchObject({
      status: 'done',
      approvals: [{ name: 'Meera' }, { name: 'Arjun' }],
    });
  });

  it('waits for the hour that was named', async () => {
    const world = await open();
    await visitor(world, 1);
    await confirmed(world, { ...VISITS, at: '14:30' } as CampaignCommand);
    await settle(world);
    expect(reminders(world, 1)).toEqual([]);
    await world.pass(4 * HOUR + 29 * 60_000);
    expect(reminders(world, 1)).toEqual([]);
    await world.pass(60_000);
    await settle(world);
    expect(reminders(world, 1)).toHaveLength(1);
  });
});

describe('each recipient, at the moment of sending', () => {
  it('is spared what has changed since the rehearsal, and the reason is kept', async () => {
    const world = await open();
    for (let serial = 1; serial <= 6; serial += 1) await visitor(world, serial);
    const id = await begin(world);
    await world.write(phoneOf(1), 'STOP');
    await world.context.models.visits.cancel('visit-2');
    await world.write(phoneOf(3), 'My father has passed away');
    await world.write(phoneOf(4), 'I want to talk to a person');
    await world.context.models.conversations.change(
      (await world.conversation(phoneOf(4)))._id,
      (current) => ({
        ...current,
        state: {
          ...current.state,
          owner: { kind: 'staff', caseId: '', until: new Date(world.now.getTime() + HOUR), ...MEERA },
        },
      }),
    );
    await world.write(phoneOf(5), 'I have paid 2 lakh yesterday by UPI');
    await world.context.campaigns.act('confirm', id, MEERA);
    await settle(world);

    expect(await recipients(world, id)).toMatchObject({
      'visit-1': 'saved: opted_out',
      'visit-2': 'saved: gone',
      'visit-3': 'saved: bereavement',
      'visit-4': 'saved: person',
      'visit-5': 'saved: said_paid',
    });
    expect((await recipients(world, id))['visit-6']).toMatch(/^(sent|delivered)$/);
    for (let serial = 1; serial <= 5; serial += 1) expect(reminders(world, serial)).toEqual([]);
    expect(await world.context.models.campaigns.byId(id)).toMatchObject({ status: 'done' });
    const kept = await world.timeline(phoneOf(2));
    expect(kept.at(-1)).toMatchObject({
      what: 'held back: visit_reminder',
      why: expect.stringContaining('nothing'),
    });
  });

  it('is not reminded of what a flow has reminded of a moment ago', async () => {
    const world = await open();
    const conversation = await visitor(world, 1);
    const id = await begin(world);
    const { models } = world.context;
    const [recipient] = await models.recipients.waiting(id, 1);
    await models.conversations.change(conversation._id, (current) => ({
      ...current,
      outbox: [
        ...current.outbox,
        {
          id: 'the-flow',
          effect: {
            kind: 'sendTemplate',
            template: 'visit_reminder',
            data: recipient?.data ?? {},
            category: 'reminder',
          },
          owedAt: world.now,
        },
      ],
    }));
    world.context.turns.wake(conversation._id);
    await world.rest();
    await world.context.campaigns.act('confirm', id, MEERA);
    await settle(world);
    expect(await recipients(world, id)).toEqual({ 'visit-1': 'saved: reminded' });
    expect(reminders(world, 1)).toHaveLength(1);
  });

  it('does not hold up the others when the number is dead, and nobody gets a case about it', async () => {
    const world = await open();
    for (let serial = 1; serial <= 3; serial += 1) await visitor(world, serial);
    const before = await world.context.models.cases.model.countDocuments();
    world.phone.failNextSend('recipient');
    const id = await confirmed(world);
    await settle(world);
    const results = Object.values(await recipients(world, id));
    expect(results.filter((each) => each.startsWith('failed: recipient 131026'))).toHaveLength(1);
    expect(results.filter((each) => /^(sent|delivered)$/.test(each))).toHaveLength(2);
    expect(await world.context.models.campaigns.byId(id)).toMatchObject({ status: 'done' });
    expect(await world.context.models.cases.model.countDocuments()).toBe(before);
  });

  it('raises its status with the ticks, and the report counts it', async () => {
    const world = await open();
    for (const serial of [1, 2]) await visitor(world, serial);
    const id = await confirmed(world);
    await settle(world);
    world.phone.readAs(phoneOf(1));
    await until('the ticks have come in', async () => {
      const { 'visit-1': one, 'visit-2': other } = await recipients(world, id);
      return one === 'read' && other === 'delivered';
    });
    expect(await world.context.campaigns.run({ kind: 'campaign', act: 'status', campaign: id }, ARJUN)).toBe(
      `${id} done.\n2 of 2 sent, 2 delivered, 1 read, 0 spared, 0 failed, 0 to go.`,
    );
  });
});

describe('a running campaign', () => {
  it('pauses, goes on and stops at once, also for what is on its way already', async () => {
    const world = await open();
    for (let serial = 1; serial <= 3; serial += 1) await visitor(world, serial);
    world.phone.goOffline();
    const id = await confirmed(world);
    await world.pass(1_000);
    expect(Object.values(await recipients(world, id))).toEqual(['owed', 'owed', 'owed']);
    const { campaigns } = world.context;
    expect(await campaigns.run({ kind: 'campaign', act: 'pause', campaign: id }, ARJUN)).toMatch(
      /paused by Arjun/,
    );
    await world.phone.goOnline();
    await world.pass(2 * 60_000);
    expect(reminders(world, 1)).toEqual([]);
    expect(await campaigns.act('resume', id, MEERA)).toBeUndefined();
    world.phone.failNextSend('retry');
    await world.pass(40_000);
    const sent = Object.values(await recipients(world, id)).filter((each) => each !== 'owed').length;
    expect(sent).toBe(2);
    expect(await campaigns.act('stop', id, MEERA)).toBeUndefined();
    await world.pass(60_000);
    expect(Object.values(await recipients(world, id)).sort()).toContain('saved: stopped');
    expect(await campaigns.act('resume', id, MEERA)).toMatch(/not possible/);
    expect(await campaigns.act('stop', id, MEERA)).toMatch(/not possible/);
    expect(world.answers(phoneOf(1)).length + world.answers(phoneOf(2)).length).toBeGreaterThan(0);
  });

  it('keeps the hours: money is asked for until 19:00 and from 8:00 on', async () => {
    const world = await open();
    const conversation = await met(world, 1);
    await oweDemand(world, conversation, 1, 5);
    await world.pass(9 * HOUR);
    await confirmed(world, OVERDUE);
    await world.pass(12 * HOUR);
    expect(reminders(world, 1)).toEqual([]);
    await world.pass(HOUR);
    await settle(world);
    expect(reminders(world, 1)).toHaveLength(1);
  });

  it('run by two processes reminds everybody once', async () => {
    const world = await open();
    const twin = await open({ joins: world });
    for (let serial = 1; serial <= 12; serial += 1) await visitor(world, serial);
    const id = await confirmed(world);
    for (let rounds = 0; rounds < 4; rounds += 1) {
      await Promise.all([world.sweep(), twin.sweep()]);
      await world.pass(1_000);
    }
    expect(Object.values(await recipients(world, id)).every((each) => /^(sent|delivered)$/.test(each))).toBe(
      true,
    );
    for (let serial = 1; serial <= 12; serial += 1) expect(reminders(world, serial)).toHaveLength(1);
  });

  it('owes again under the same id what a crash left between the conversation and its list', async () => {
    const world = await open();
    for (const serial of [1, 2]) await visitor(world, serial);
    const { recipients: list, sends } = world.context.models;
    const owed = list.owed.bind(list);
    list.owed = async () => {
      throw new Error('killed here');
    };
    const id = await confirmed(world);
    await settle(world);
    list.owed = owed;
    await world.pass(20_000);
    await settle(world);
    expect(Object.values(await recipients(world, id)).every((each) => /^(sent|delivered)$/.test(each))).toBe(
      true,
    );
    for (const serial of [1, 2]) expect(reminders(world, serial)).toHaveLength(1);
    expect(await sends.model.countDocuments({ _id: { $in: [`${id}:visit-1`, `${id}:visit-2`] } })).toBe(2);
  });
});

describe('audiences from the ledger', () => {
  it('are the overdue by whole days, with the exact amount, without who paid, said so, or promised', async () => {
    const world = await open();
    const { models } = world.context;
    const demands: Demand[] = [];
    const people: Conversation[] = [];
    for (let serial = 1; serial <= 6; serial += 1) {
      const person = await met(world, serial);
      people.push(person);
      demands.push(await oweDemand(world, person, serial, serial === 1 ? 3 : 4));
    }
    const [, , third, fourth, , sixth] = demands as [Demand, Demand, Demand, Demand, Demand, Demand];
    await pay(world, third);
    const { booking, project, _id: demand } = fourth;
    await models.payments.claim({ _id: 'p1', booking, project, demand, amountPaise: 0 }, world.now);
    await promise(world, people[4] as Conversation, '2026-11-24');
    const id = await confirmed(world, OVERDUE);
    expect(await recipients(world, id)).toEqual({
      'booking-2:1': 'waiting',
      'booking-4:1': 'excluded: said_paid',
      'booking-5:1': 'excluded: promised',
      'booking-6:1': 'waiting',
    });
    // The money of one of them comes in between the confirmation and the sending.
    await pay(world, sixth);
    await settle(world);
    expect(await recipients(world, id)).toMatchObject({ 'booking-6:1': 'saved: paid' });
    // 10 % of a crore and 5 % GST, less the 1 % that only a TDS certificate settles.
    expect(reminders(world, 2)).toEqual([
      expect.stringContaining('unit B-1202 at *Greenfield Heights*, ₹10,40,000 was due on 19 November 2026'),
    ]);
  });

  it('spare who was asked by mistake', async () => {
    const world = await open();
    const demand = await oweDemand(world, await met(world, 1), 1, 4);
    const id = await confirmed(world, OVERDUE);
    await world.context.models.demands.withdraw(demand._id, COLLECTOR, 'by mistake', world.now);
    await settle(world);
    expect(await recipients(world, id)).toEqual({ 'booking-1:1': 'saved: gone' });
  });

  it('are those due soon, and bookings whose papers are missing, in one tower', async () => {
    const world = await open();
    await oweDemand(world, await met(world, 1), 1, -5);
    await oweDemand(world, await met(world, 2), 2, -6);
    const due = await begin(world, {
      kind: 'remind',
      audience: { kind: 'due', withinDays: 5 },
      filters: { tower: 'b' },
    });
    expect(await recipients(world, due)).toEqual({ 'booking-1:1': 'waiting' });
    const papers = { kind: 'remind', audience: { kind: 'kycMissing' }, filters: {} } as const;
    const { bookings, documents } = world.context.models;
    const paper = async (booking: string, kind: string, more: object) => {
      const [buyer = ''] = (await bookings.byId(booking))?.buyers ?? [];
      const whose = { buyer, applicant: buyer, conversation: 'c', source: 'portal', uploadedAt: world.now };
      await documents.model.create({ _id: `${booking}:${kind}`, booking, kind, ...whose, ...more } as never);
    };
    for (const kind of ['pan', 'aadhaar', 'photo']) await paper('booking-2', kind, { status: 'accepted' });
    await paper('booking-1', 'pan', { status: 'rejected', reason: 'kyc_retake_blurred' });
    await paper('booking-1', 'aadhaar', { status: 'received' });
    const kyc = await begin(world, papers);
    const campaign = await world.context.models.campaigns.byId(kyc);
    expect(campaign?.rehearsal?.samples.map(({ text }) => text)).toEqual([
      expect.stringMatching(
        /still need: • PAN card: please send it again\. The picture is blurred\..* • Passport-size photograph: needed/,
      ),
    ]);
    expect(await recipients(world, kyc)).toEqual({ 'booking-1': 'waiting' });
    // The last one came in between: nobody is reminded of what waits for the team.
    await documents.model.updateOne({ _id: 'booking-1:pan' }, { status: 'received' });
    await paper('booking-1', 'photo', { status: 'received' });
    const again = { ...papers, filters: { tower: 'B' } };
    expect(await world.context.campaigns.run(again, MEERA)).toMatch(/nobody to remind/);
    const elsewhere = {
      kind: 'remind',
      audience: { kind: 'due', withinDays: 9 },
      filters: { tower: 'C' },
    } as const;
    expect(await world.context.campaigns.run(elsewhere, MEERA)).toMatch(/nobody to remind/);
  });

  it('reach a buyer of whom there is a booking but no conversation yet', async () => {
    const world = await open();
    const { buyers } = world.context.models;
    const buyer = await buyers.withHandles([`pn:${phoneOf(1)}`], 'Ravi Kumar', 'ravi', world.now);
    await oweDemand(world, { buyer: buyer._id }, 1, 10);
    await confirmed(world, OVERDUE);
    await settle(world);
    expect(reminders(world, 1)).toHaveLength(1);
  });
});

describe('a command from a phone', () => {
  const PHONE = '+919999907001';
  const OTHER = '+919999907002';

  /** Writes as whoever has this number; returns what they are answered, all of it. */
  async function say(world: World, words: string, number = PHONE): Promise<string> {
    const before = world.answers(number).length;
    await world.write(number, words);
    return world.answers(number).slice(before).join('\n');
  }

  async function withStaff(): Promise<World> {
    const world = await open();
    world.phone.addBuyer(PHONE, 'Meera');
    world.phone.addBuyer(OTHER, 'Somebody');
    await visitor(world, 1);
    const members = [{ ...MEERA, phone: PHONE }];
    await world.context.models.staff.appoint('sales', { leads: [], members }, world.now);
    return world;
  }

  it('is taken from staff with the same words, and from nobody else', async () => {
    const world = await withStaff();
    const { campaigns, inbound } = world.context.models;
    expect(await say(world, 'remind visits tomorrow', OTHER)).not.toContain('will be reminded');
    expect(await campaigns.model.countDocuments()).toBe(0);
    const rehearsal = await say(world, 'remind visits tomorrow');
    expect(rehearsal).toMatch(
      /1 of 1 will be reminded[\s\S]*Asha1 V\.: A reminder[\s\S]*Write "confirm k-\d+"/,
    );
    const id = /^(k-\d+)/.exec(rehearsal)?.[1];
    await say(world, `confirm ${id}`, OTHER);
    expect(await campaigns.byId(id ?? '')).toMatchObject({ status: 'rehearsed' });
    expect(await say(world, `Confirm ${id?.toUpperCase()}`)).toMatch(/begins|running/);
    await settle(world);
    expect(reminders(world, 1)).toHaveLength(1);
    const outcomes = await inbound.model.find({ from: `pn:${PHONE}` }).lean();
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([{ kind: 'command' }, { kind: 'command' }]);
  });

  it('says where a lead stands, and tags a buyer', async () => {
    const world = await withStaff();
    const { buyers, leads } = world.context.models;
    await world.write(OTHER, 'brochure please');
    const { buyer } = await world.conversation(OTHER);
    expect(await say(world, `lead ${OTHER} negotiation`)).toContain('Somebody, Greenfield Heights');
    expect(await leads.latestOf(buyer)).toMatchObject({ stage: 'Negotiation' });
    expect(await say(world, `tag ${OTHER} +nri +vip`)).toBe('Somebody: nri, vip.');
    expect((await buyers.byId(buyer))?.tags).toEqual(['nri', 'vip']);
    // A buyer who writes the same words moves nothing.
    await say(world, `lead ${OTHER} visit`, OTHER);
    expect(await leads.latestOf(buyer)).toMatchObject({ stage: 'Negotiation' });
  });

  it('that is none, even of staff, is a buyer’s message', async () => {
    const world = await withStaff();
    const answered = await say(world, 'Hi, please send the brochure');
    expect(answered).not.toBe('');
    expect(answered).not.toContain('I do not know');
    const stored = await world.context.models.inbound.model.findOne({ from: `pn:${PHONE}` }).lean();
    expect(stored?.outcome).toMatchObject({ kind: 'flow' });
  });

  it('ends when the team’s file names the number no more', async () => {
    const world = await withStaff();
    await world.context.models.staff.appoint('sales', { leads: [], members: [MEERA] }, world.now);
    expect(await say(world, 'remind visits tomorrow')).not.toContain('will be reminded');
    expect(await world.context.models.campaigns.model.countDocuments()).toBe(0);
  });
});
