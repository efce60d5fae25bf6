import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Booking } from '../models/booking.ts';
import { COLLECTOR, listUnit } from './sale.ts';
import { World } from './world.ts';

/** The money of a booking on the real books, flows and outbox: what desks do, and what buyers hear of it. */

const BUYER = '+919999900701';
const DAY_MS = 86_400_000;
const BANK = { mode: 'neft', utr: 'SBIN426011234567', by: COLLECTOR } as const;

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(async () => {
  await world.close();
});

/** A buyer who has written, and has booked at ₹10,000 per square foot. */
async function booked(number = BUYER, unit = 'B-1203'): Promise<Booking> {
  world.phone.addBuyer(number, 'Asha Verma');
  await world.write(number, 'hi');
  const { buyer } = await world.conversation(number);
  const outcome = await world.context.bookingDesk.book(
    {
      buyers: [buyer],
      unit: await listUnit(world.context.models, unit),
      plan: 'construction_linked',
      ratePaisePerSqFt: 10_000_00,
      buyerKind: 'resident',
      loan: 'none',
      by: { id: 'U1', name: 'Riya' },
    },
    world.now,
  );
  await world.rest();
  if (outcome.kind !== 'booked') throw new Error(`not booked: ${outcome.reason}`);
  return outcome.booking;
}

/** The demand for the booking amount. */
async function demanded(booking: Booking, milestone = 'booking') {
  const order = { booking: booking._id, milestone };
  const outcome = await world.context.paymentDesk.raise(order, world.now);
  await world.rest();
  if (outcome.kind !== 'raised') throw new Error(`not raised: ${outcome.kind}`);
  return outcome.demand;
}

const heard = (from = 0) => world.answers(BUYER).slice(from);

describe('the good path', () => {
  it('goes from the booking over the demand letter and the claim to the receipt', async () => {
    const booking = await booked();
    expect(heard().at(-1)).toContain('Your booking of unit B-1203 at *Greenfield Heights* is recorded. Riya');

    const demand = await demanded(booking);
    expect(demand).toMatchObject({ principalPaise: 10_20_000_00, gstPaise: 51_000_00, dueOn: '2026-12-08' });
    const letter = heard().at(-1) ?? '';
    expect(letter).toContain('[demand-letter-B-1203-booking.pdf] Namaste Asha Verma.');
    expect(letter).toContain('₹10,60,800, payable by 8 December 2026');
    expect(letter).toMatch(/https?:\/\/\S+\/portal\/l\/\S+/);

    const before = heard().length;
    await world.write(BUYER, 'Paid 10,60,800, UTR SBIN426011234567');
    expect(heard(before).join()).toContain('You have told us about a payment');
    const [claim] = await world.context.models.payments.claimed(booking._id);
    expect(claim).toMatchObject({ demand: demand._id, amountPaise: 10_60_800_00, utr: 'SBIN426011234567' });

    const order = { booking: booking._id, payment: claim?._id ?? '', amountPaise: 10_60_800_00, ...BANK };
    const confirmed = await world.context.paymentDesk.confirm(
      { ...order, receivedOn: '2026-11-23', key: 'k1' },
      world.now,
    );
    await world.rest();
    expect(confirmed.kind).toBe('confirmed');
    expect(heard(-2).join('\n')).toContain('Kiran of our collections team confirms');
    expect(heard().at(-1)).toContain('Here is the receipt greenfield-heights/2026-27/000001 for ₹10,60,800');

    // Nothing is left to remind of: TDS is awaited, and no reminder speaks of it.
    const after = heard().length;
    await world.pass(30 * DAY_MS);
    expect(heard(after).filter((words) => words.includes('B-1203') && words.includes('due'))).toEqual([]);
    expect(
      (await world.context.models.cases.openOf(booking.buyers[0] ?? '')).map(({ team }) => team),
    ).not.toContain('collections');
  });
});
