import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Demand } from '../flows/money/account.ts';
import type { Booking } from '../models/booking.ts';
import { card } from './papers.ts';
import { PortalSite, submit } from './portalSite.ts';
import { COLLECTOR, listUnit } from './sale.ts';
import type { World } from './world.ts';

/** Two who buy together: the first applicant is asked, the other may ask and tell. */

const ASHA = '+919999900711';
const ROHAN = '+919999900712';
const DAY_MS = 86_400_000;
const RIYA = { id: 'U1', name: 'Riya' };
const PAID = { mode: 'neft', amountPaise: 10_60_800_00, receivedOn: '2026-11-23', by: COLLECTOR } as const;

let site: PortalSite;
let world: World;
let asha: string;
let rohan: string;
beforeEach(async () => {
  site = await PortalSite.open();
  world = site.world;
  world.phone.addBuyer(ASHA, 'Asha Verma');
  world.phone.addBuyer(ROHAN, 'Rohan Verma');
  asha = await site.buyer(ASHA, 'hi');
  // He has never written: a person has typed his number in.
  const { buyers } = world.context.models;
  rohan = (await buyers.withHandles([`pn:${ROHAN}`], 'Rohan Verma', 'rohan', world.now))._id;
});
afterEach(() => site.close());

/** Sold to both, or to whom else is named beside the first. */
async function booked(other = rohan): Promise<Booking> {
  const order = {
    buyers: [asha, other],
    unit: await listUnit(world.context.models),
    plan: 'construction_linked',
    ratePaisePerSqFt: 10_000_00,
    buyerKind: 'joint' as const,
    loan: 'none' as const,
    by: RIYA,
    key: 'sold',
  };
  const outcome = await world.context.bookingDesk.book(order, world.now);
  // Told again, as after a crash.
  await world.context.bookingDesk.book(order, world.now);
  await world.rest();
  if (outcome.kind !== 'booked') throw new Error(`not booked: ${outcome.reason}`);
  return outcome.booking;
}

async function demanded({ _id }: Booking): Promise<Demand> {
  const outcome = await world.context.paymentDesk.raise({ booking: _id, milestone: 'booking' }, world.now);
  await world.rest();
  if (outcome.kind !== 'raised') throw new Error(`not raised: ${outcome.kind}`);
  return outcome.demand;
}

/** Day by day, as reminders hold only so long. */
async function pass(days: number): Promise<void> {
  for (let day = 0; day < days; day += 1) await world.pass(DAY_MS);
}

const told = (number: string, words: string) =>
  world.answers(number).filter((each) => each.includes(words)).length;

async function confirm(booking: Booking): Promise<void> {
  const [claim] = await world.context.models.payments.claimed(booking._id);
  const order = { booking: booking._id, payment: claim?._id ?? '', ...PAID, key: 'k' };
  expect((await world.context.paymentDesk.confirm(order, world.now)).kind).toBe('confirmed');
  await world.rest();
}

describe('a co-applicant', () => {
  it('hears of the booking once, and is neither sent letters nor reminded', async () => {
    const booking = await booked();
    expect(told(ROHAN, 'You are a co-applicant of unit B-1203')).toBe(1);
    expect(told(ROHAN, 'go to Asha Verma, the first applicant')).toBe(1);
    expect(told(ASHA, 'co-applicant')).toBe(0);
    await demanded(booking);
    await pass(25);
    expect(told(ASHA, 'demand letter')).toBeGreaterThan(0);
    expect(told(ASHA, 'is due')).toBeGreaterThan(0);
    expect(world.answers(ROHAN)).toHaveLength(1);
    expect(await world.context.models.cases.openOf(rohan)).toEqual([]);
    expect(await world.context.models.milestones.model.countDocuments({ buyer: rohan })).toBe(0);
  });

  it('tells of a payment: its demand rests, and both get the receipt', async () => {
    const booking = await booked();
    const demand = await demanded(booking);
    await world.write(ROHAN, 'Paid 10,60,800, UTR SBIN426011234567');
    const [claim] = await world.context.models.payments.claimed(booking._id);
    expect(claim).toMatchObject({ demand: demand._id, claimedBy: rohan });
    const [open] = await world.context.models.cases.openOf(rohan);
    expect(open).toMatchObject({ team: 'collections', details: { saidBy: 'Rohan Verma (co-applicant)' } });

    await pass(20);
    expect(told(ASHA, 'is due')).toBe(0);
    await confirm(booking);
    for (const number of [ASHA, ROHAN]) expect(told(number, 'Here is the receipt')).toBe(1);
    expect(told(ROHAN, 'Kiran of our collections team confirms')).toBe(1);
    expect(await world.context.models.cases.openOf(rohan)).toEqual([]);
  });

  it('is told alone that what they told us of is not seen; the first applicant is reminded again', async () => {
    const booking = await booked();
    await demanded(booking);
    await world.write(ROHAN, 'I have paid 10,60,800');
    const before = world.answers(ASHA).length;
    const [claim] = await world.context.models.payments.claimed(booking._id);
    const rejection = { payment: claim?._id ?? '', by: COLLECTOR, reason: 'not in the bank record' };
    await world.context.paymentDesk.reject(rejection, world.now);
    await world.rest();
    expect(world.answers(ASHA)).toHaveLength(before);
    expect(world.answers(ROHAN).at(-1)).toMatch(/do(es)? not (show|see)|not yet|cannot see/);
    await pass(20);
    expect(told(ASHA, 'is due')).toBeGreaterThan(0);
  });

  it('gets no receipt of what the first applicant told us of', async () => {
    const booking = await booked();
    await demanded(booking);
    await world.write(ASHA, 'Paid 10,60,800, UTR SBIN426011234567');
    await confirm(booking);
    expect(told(ASHA, 'Here is the receipt')).toBe(1);
    expect(told(ROHAN, 'receipt')).toBe(0);
  });

  it('has a page of their own with the unit, tells there of payments, and hands in their own papers', async () => {
    const booking = await booked();
    const demand = await demanded(booking);
    const agent = await site.proven(rohan, ROHAN);
    for (const path of ['', '/papers', '/pay'])
      expect((await agent.get(`/portal${path}`).expect(200)).text).toContain('B-1203');

    const before = world.answers(ASHA).length;
    const paid = { amount: '10,60,800', utr: 'SBIN426011234567', paidOn: '2026-11-22' };
    const form = { key: 'k1', for: `${booking._id} ${demand._id}`, ...paid };
    expect((await submit(agent, '/portal/pay/claim', form)).status).toBe(303);
    await world.rest();
    expect(told(ROHAN, 'You have told us on your page about a payment')).toBe(1);
    expect(world.answers(ASHA)).toHaveLength(before);

    const { folders, models } = world.context;
    const handing = { booking: booking._id, uploadedBy: rohan, name: 'pan.png', mimeType: 'image/png' };
    const bytes = await card();
    const intake = await folders.takeIn({ ...handing, requirement: `pan:${rohan}`, key: 'k2', bytes });
    await world.rest();
    expect(intake).toMatchObject({ kind: 'stored', document: { applicant: rohan } });
    // People look at it once, on the case of who is asked for all papers.
    expect((await models.cases.openOf(asha)).map(({ team }) => team)).toContain('operations');
    expect((await models.cases.openOf(rohan)).map(({ team }) => team)).not.toContain('operations');
    await world.write(ROHAN, 'which documents are pending?');
    const pending = world.answers(ROHAN).at(-1) ?? '';
    expect(pending).toContain('Passport-size photograph, Rohan Verma');
    expect(pending).not.toMatch(/PAN card|Asha/);
  });

  it('who turns out to be the first applicant goes on as that one', async () => {
    const booking = await booked();
    await demanded(booking);
    await world.write(ROHAN, 'Paid 10,60,800, UTR SBIN426011234567');
    const handles = [ASHA, ROHAN].map((value) => ({ kind: 'pn' as const, value }));
    const [from, other] = handles;
    if (!from || !other) throw new Error('two handles');
    await world.context.receiver.receive('sandbox', [
      {
        ...{ key: 'link-1', from, alsoKnownAs: [other], at: world.now, raw: null },
        content: { kind: 'text', text: 'hello' },
      },
    ]);
    await world.rest();
    const { runs } = (await world.conversation(ASHA)).state;
    expect(runs.filter(({ flow }) => flow === 'collections').map(({ stage }) => stage)).toEqual(['asking']);
    expect(runs.filter(({ flow }) => flow === 'kyc').map(({ stage }) => stage)).toEqual(['collecting']);
    const sold = await world.context.models.bookings.byId(booking._id);
    expect(sold?.buyers).toHaveLength(1);
    const [claim] = await world.context.models.payments.claimed(booking._id);
    expect(claim?.claimedBy).toBe(sold?.buyers[0]);
    await confirm(booking);
    expect(told(ASHA, 'Here is the receipt') + told(ROHAN, 'Here is the receipt')).toBe(1);
  });

  it('who has no handle is written to by nobody, and nothing breaks', async () => {
    const nobody = (await world.context.models.buyers.withHandles([], 'Meera', 'meera', world.now))._id;
    const booking = await booked(nobody);
    await demanded(booking);
    expect(told(ASHA, 'demand letter')).toBeGreaterThan(0);
    expect(await world.context.models.conversations.idsOf(nobody)).toEqual([]);
  });
});
