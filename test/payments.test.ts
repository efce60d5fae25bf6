import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { BookingOrder } from '../bot/bookingDesk.ts';
import { DEMO_PROJECT } from '../bot/demo.ts';
import { MoneyPapers } from '../bot/documents/moneyPapers.ts';
import type { ReceivedOrder } from '../bot/paymentDesk.ts';
import { Sales } from '../bot/sales.ts';
import type { Booking } from '../models/booking.ts';
import { Dues } from '../models/dues.ts';
import { allText, readPdf } from './pdf.ts';
import { COLLECTOR, listUnit, PROJECT } from './sale.ts';
import { World } from './world.ts';

/** The money of a booking on the real books, flows and outbox: what desks do, and what buyers hear of it. */

const BUYER = '+919999900701';
const DAY_MS = 86_400_000;
const BANK = { mode: 'neft', utr: 'SBIN426011234567', by: COLLECTOR } as const;

const RIYA = { id: 'U1', name: 'Riya' };
/** As their page tells it. */
const CLAIM = {
  amountPaise: 10_60_800_00,
  utr: 'SBIN426011234567',
  key: 'page:1',
  source: 'portal',
} as const;

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await world.close();
});

/** The buyer behind a number, who has written. */
async function buyerOf(number: string): Promise<string> {
  world.phone.addBuyer(number, 'Asha Verma');
  await world.write(number, 'hi');
  return (await world.conversation(number)).buyer;
}

/** A buyer who has written, and has booked at ₹10,000 per square foot. */
async function booked(number = BUYER, unit = 'B-1203'): Promise<Booking> {
  const buyer = await buyerOf(number);
  const outcome = await world.context.bookingDesk.book(
    {
      buyers: [buyer],
      unit: await listUnit(world.context.models, unit),
      plan: 'construction_linked',
      ratePaisePerSqFt: 10_000_00,
      buyerKind: 'resident',
      loan: 'none',
      by: RIYA,
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
    expect(heard().join('\n')).toContain(
      'Your booking of unit B-1203 at *Greenfield Heights* is recorded. Riya',
    );

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

describe('a booking', () => {
  const order = async (more: Partial<BookingOrder> = {}) => ({
    buyers: [await buyerOf(BUYER)],
    unit: `${PROJECT}/B-1203`,
    plan: 'construction_linked',
    ratePaisePerSqFt: 10_000_00,
    buyerKind: 'resident' as const,
    loan: 'none' as const,
    by: RIYA,
    ...more,
  });

  it('is refused in clear terms, and nothing of it is left', async () => {
    const { bookingDesk: desk, models } = world.context;
    await listUnit(models);
    const refusals: [Partial<BookingOrder>, string][] = [
      [{ unit: `${PROJECT}/Z-9` }, 'unit_unknown'],
      [{ plan: 'pay whenever' }, 'no_plan'],
      [{ ratePaisePerSqFt: 0 }, 'no_price'],
      [{ discountPaisePerSqFt: 10_000_00 }, 'no_price'],
      [{ ratePaisePerSqFt: 10_000_00.5 }, 'no_price'],
      [{ buyers: [] }, 'no_buyer'],
      [{ buyers: ['nobody'] }, 'no_buyer'],
    ];
    for (const [more, reason] of refusals)
      expect(await desk.book(await order(more), world.now)).toEqual({ kind: 'refused', reason });
    expect(await models.bookings.model.countDocuments()).toBe(0);
    expect((await models.units.byId(`${PROJECT}/B-1203`))?.status).toBe('available');
  });

  it('is refused where the project has no terms of sale', async () => {
    const { money: _none, ...facts } = DEMO_PROJECT;
    await listUnit(world.context.models);
    await world.context.models.projects.publish(PROJECT, facts);
    const outcome = await world.context.bookingDesk.book(await order(), world.now);
    expect(outcome).toEqual({ kind: 'refused', reason: 'no_terms' });
  });

  it('of one unit by two people at once is one booking', async () => {
    await listUnit(world.context.models);
    const orders = [await order(), await order({ buyers: [await buyerOf('+919999900702')] })];
    const outcomes = await Promise.all(orders.map((each) => world.context.bookingDesk.book(each, world.now)));
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['booked', 'refused']);
    expect(outcomes).toContainEqual({ kind: 'refused', reason: 'unit_taken' });
  });

  it('that is pressed twice is one, and is told once', async () => {
    await listUnit(world.context.models);
    const pressed = await order({ key: 'slack:view:V1' });
    const outcomes = [await world.context.bookingDesk.book(pressed, world.now)];
    outcomes.push(await world.context.bookingDesk.book(pressed, world.now));
    await world.rest();
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(heard().filter((words) => words.includes('is recorded'))).toHaveLength(1);
    const lead = await world.context.models.leads.latestOf(await buyerOf(BUYER));
    expect(lead?.stage).toBe('Booked');
  });

  it('knows when its agreement is registered, by people and not in the future', async () => {
    const booking = await booked();
    const { bookingDesk: desk, models } = world.context;
    const say = (registeredOn: string) =>
      desk.registerAgreement({ booking: booking._id, registeredOn, by: RIYA }, world.now);
    expect(await say('2026-11-24')).toEqual({ kind: 'refused', reason: 'in_future' });
    expect(await say('2026-11-22')).toEqual({ kind: 'refused', reason: 'before_booking' });
    expect(await say('yesterday')).toEqual({ kind: 'refused', reason: 'bad_day' });
    expect((await say('2026-11-23')).kind).toBe('registered');
    expect((await say('2026-11-23')).kind).toBe('known');
    const nobody = { booking: 'none', registeredOn: '2026-11-23', by: RIYA };
    expect(await desk.registerAgreement(nobody, world.now)).toEqual({
      kind: 'refused',
      reason: 'no_booking',
    });
    const [milestone] = await models.milestones.model.find({ name: 'agreement_registered' }).lean();
    expect(milestone).toMatchObject({ owner: 'legal', isOpen: false });
  });
});

describe('a demand', () => {
  it('is refused without what it needs, and raised once', async () => {
    const booking = await booked();
    const { paymentDesk: desk } = world.context;
    const raise = (milestone: string, certificate?: { by: string; date: string }) =>
      desk.raise({ booking: booking._id, milestone, ...(certificate && { certificate }) }, world.now);
    const by = 'Anand Rao, architect';
    const reasons = [
      await raise('plinth'),
      await raise('plinth', { by, date: '2026-11-24' }),
      await raise('plinth', { by, date: '24/11/2026' }),
      await raise('roof garden'),
      await desk.raise({ booking: 'none', milestone: 'booking' }, world.now),
    ].map((outcome) => ('reason' in outcome ? outcome.reason : outcome.kind));
    expect(reasons).toEqual([
      'no_certificate',
      'certificate_in_future',
      'bad_certificate_day',
      'no_milestone',
      'no_booking',
    ]);
    expect((await raise('booking')).kind).toBe('raised');
    expect((await raise('booking')).kind).toBe('known');
    await world.rest();
    expect(heard().filter((words) => words.includes('demand-letter'))).toHaveLength(1);
    // 10 % is asked for: nothing more before the agreement is registered.
    expect(await raise('agreement')).toMatchObject({
      kind: 'refused',
      reason: 'above_cap',
      mostPaise: 10_20_000_00,
    });
    const registered = { booking: booking._id, registeredOn: '2026-11-23', by: RIYA };
    await world.context.bookingDesk.registerAgreement(registered, world.now);
    expect((await raise('agreement')).kind).toBe('raised');
  });

  it('is not sent to who wants no messages: people learn of it', async () => {
    const booking = await booked();
    await world.write(BUYER, 'STOP');
    const before = heard().length;
    await demanded(booking);
    expect(heard(before)).toEqual([]);
    const open = await world.context.models.cases.openOf(booking.buyers[0] ?? '');
    const told = JSON.stringify(open.map(({ details, posts }) => [details, posts]));
    expect(told).toContain('demandLetter');
    expect(told).toContain('opted out');
  });

  it('is reminded of before, on and after its day, each once, and then given to people', async () => {
    const booking = await booked();
    await demanded(booking);
    const before = heard().length;
    for (let day = 0; day < 25; day += 1) await world.pass(DAY_MS);
    const reminders = heard(before).filter((words) => words.includes('₹10,60,800'));
    expect(reminders).toEqual([
      expect.stringContaining('is due on 8 December 2026'),
      expect.stringContaining('is due today'),
      expect.stringContaining('was due on 8 December 2026 and is not yet in our records'),
    ]);
    const open = await world.context.models.cases.openOf(booking.buyers[0] ?? '');
    expect(open.find(({ team }) => team === 'collections')).toMatchObject({
      reason: 'payment_overdue',
      details: { unit: 'B-1203', unpaid: '₹10,60,800', aging: '1-30 days' },
    });
  });

  it('that is claimed while its reminder waits for a person to finish is not reminded of', async () => {
    const booking = await booked();
    await demanded(booking);
    const buyer = booking.buyers[0] ?? '';
    await world.pass(10 * DAY_MS - 3_600_000);
    // Nine in the morning of the reminder's day: somebody takes the word, and the reminder waits.
    await world.context.holds.hold({ buyer, act: 'pause', inputId: 'h1', staff: RIYA });
    await world.pass(2 * 3_600_000);
    const before = heard().length;
    await world.context.paymentDesk.claim({ ...CLAIM, buyer, booking: booking._id }, world.now);
    await world.pass(2 * DAY_MS);
    expect(heard(before).filter((words) => words.includes('due'))).toEqual([]);
    expect((await world.timeline(BUYER)).map(({ why }) => why)).toContain('the buyer says that it is paid');
  });
});

describe('what buyers say they paid', () => {
  it('is one claim, in words first and with its reference later', async () => {
    const booking = await booked();
    await demanded(booking);
    await world.write(BUYER, 'I have paid');
    await world.write(BUYER, 'UTR SBIN426011234567');
    const claims = await world.context.models.payments.claimed(booking._id);
    expect(claims).toEqual([
      expect.objectContaining({ utr: 'SBIN426011234567', demand: `${booking._id}:1` }),
    ]);
  });

  it('stands beside what the books ask for', async () => {
    const booking = await booked();
    await demanded(booking);
    await world.write(BUYER, 'Paid 5 lakh, UTR HDFC52026120912345');
    const [open] = (await world.context.models.cases.openOf(booking.buyers[0] ?? '')).filter(
      ({ team }) => team === 'collections',
    );
    expect(open?.details).toMatchObject({
      claimed: '₹5,00,000',
      outstanding: `₹10,60,800 (${booking._id}:1)`,
      difference: '-₹5,60,800',
    });
  });

  it('is no second payment under a reference that is known', async () => {
    const booking = await booked();
    await demanded(booking);
    await world.write(BUYER, 'Paid 10,60,800, UTR SBIN426011234567');
    await world.write(BUYER, 'I have paid, UTR SBIN426011234567');
    expect(heard().join('\n')).toContain('has been told to us already');
    expect(await world.context.models.payments.claimed(booking._id)).toHaveLength(1);

    // Somebody else's: only the team is told that there is one.
    const other = await booked('+919999900702', 'B-1204');
    const theirs = { ...CLAIM, buyer: other.buyers[0] ?? '', booking: other._id };
    expect(await world.context.paymentDesk.claim(theirs, world.now)).toEqual({
      kind: 'refused',
      reason: 'utr_used',
      isOwn: false,
    });
  });

  it('is taken of nobody for the booking of another', async () => {
    const booking = await booked();
    const claim = { ...CLAIM, buyer: await buyerOf('+919999900702'), booking: booking._id };
    const outcome = await world.context.paymentDesk.claim(claim, world.now);
    expect(outcome).toEqual({ kind: 'refused', reason: 'no_booking' });
  });

  it('on their page reaches collections too, and is acknowledged', async () => {
    const booking = await booked();
    await demanded(booking);
    const claim = { ...CLAIM, buyer: booking.buyers[0] ?? '', booking: booking._id };
    expect((await world.context.paymentDesk.claim(claim, world.now)).kind).toBe('claimed');
    expect((await world.context.paymentDesk.claim(claim, world.now)).kind).toBe('known');
    await world.rest();
    expect(heard().filter((words) => words.includes('You have told us on your page'))).toHaveLength(1);
    const open = await world.context.models.cases.openOf(claim.buyer);
    expect(open.find(({ team }) => team === 'collections')).toMatchObject({
      intent: 'payment_claim',
      reason: 'claimed_on_page',
    });
  });
});

describe('what people find', () => {
  it('is not in the future, not above the cap, and confirmed once', async () => {
    const booking = await booked();
    await demanded(booking);
    const { paymentDesk: desk, models } = world.context;
    const found = { booking: booking._id, amountPaise: 10_60_800_00, receivedOn: '2026-11-23', ...BANK };
    const confirm = (more: Partial<ReceivedOrder>) =>
      desk.confirm({ ...found, key: 'k', ...more }, world.now);
    expect(await confirm({ receivedOn: '2026-11-24' })).toEqual({ kind: 'refused', reason: 'in_future' });
    expect(await confirm({ receivedOn: '23 Nov' })).toEqual({ kind: 'refused', reason: 'bad_day' });
    expect(await confirm({ amountPaise: 50_00_000_00 })).toMatchObject({
      kind: 'refused',
      reason: 'above_cap',
    });
    expect(await confirm({ booking: 'none' })).toEqual({ kind: 'refused', reason: 'no_booking' });
    expect(await models.receipts.model.countDocuments()).toBe(0);
    expect((await confirm({})).kind).toBe('confirmed');
    expect((await confirm({})).kind).toBe('known');
    await world.rest();
    expect(heard().filter((words) => words.includes('Here is the receipt'))).toHaveLength(1);
    expect(await confirm({ key: 'k2' })).toMatchObject({ kind: 'refused', reason: 'utr_used' });
  });

  it('or do not find is said politely, and reminders go on', async () => {
    const booking = await booked();
    await demanded(booking);
    await world.pass(16 * DAY_MS);
    await world.write(BUYER, 'Paid 10,60,800, UTR SBIN426011234567');
    const [claim] = await world.context.models.payments.claimed(booking._id);
    const before = heard().length;
    const order = { payment: claim?._id ?? '', by: COLLECTOR, reason: 'not in the statement' };
    expect((await world.context.paymentDesk.reject(order, world.now)).kind).toBe('rejected');
    expect((await world.context.paymentDesk.reject(order, world.now)).kind).toBe('known');
    await world.rest();
    expect(heard(before)).toEqual([expect.stringContaining('your payment does not show in our account yet')]);
    for (let day = 0; day < 6; day += 1) await world.pass(DAY_MS);
    expect(heard(before).at(-1)).toContain('is not yet in our records');
    // The reference is free again.
    await world.write(BUYER, 'Paid 10,60,800, UTR SBIN426011234567');
    expect(await world.context.models.payments.claimed(booking._id)).toHaveLength(1);
  });

  it('closes a promise when nothing is overdue any more', async () => {
    const booking = await booked();
    await demanded(booking);
    await world.write(BUYER, 'I will pay on 30 November');
    await world.write(BUYER, 'sorry, I will pay by 2 December');
    const openCase = async () =>
      (await world.context.models.cases.openOf(booking.buyers[0] ?? '')).find(
        ({ team }) => team === 'collections',
      );
    expect((await openCase())?.details.promisedAt).toBe('2026-12-01T18:30:00.000Z');
    await world.context.paymentDesk.confirm(
      { booking: booking._id, amountPaise: 10_60_800_00, receivedOn: '2026-11-23', key: 'k', ...BANK },
      world.now,
    );
    await world.rest();
    expect(await openCase()).toBeUndefined();
    const before = heard().length;
    await world.pass(30 * DAY_MS);
    expect(heard(before).filter((words) => words.includes('told us about'))).toEqual([]);
  });
});

describe('the papers', () => {
  it('say what the books say, and the receipt where the money went', async () => {
    const { models, portfolio } = world.context;
    const papers = new MoneyPapers({
      models,
      projectOf: (slug) => portfolio.project(slug, world.now),
      timeZone: 'Asia/Kolkata',
    });
    const booking = await booked();
    const demand = await demanded(booking);
    const letter = await papers.demandLetter(demand._id, 'en', 'https://homes.example.com/pay');
    const words = allText(readPdf(letter.document.bytes));
    for (const each of [
      'Asha Verma',
      'B-1203',
      'UPRERAPRJ000000',
      '10,71,000.00',
      '10,200.00',
      'EXMPGHB1203',
    ])
      expect(words).toContain(each);
    expect(words).not.toContain('Interest');

    const found = { booking: booking._id, amountPaise: 10_00_000_00, receivedOn: '2026-11-23', ...BANK };
    const confirmed = await world.context.paymentDesk.confirm({ ...found, key: 'k' }, world.now);
    if (confirmed.kind === 'refused') throw new Error(confirmed.reason);
    const { document, facts } = await papers.receipt(confirmed.payment.receiptNo ?? '', 'hi');
    expect(facts).toEqual({ amountPaise: 10_00_000_00, receipt: 'greenfield-heights/2026-27/000001' });
    const receipt = allText(readPdf(document.bytes));
    for (const each of ['SBIN426011234567', '10,00,000.00', demand._id]) expect(receipt).toContain(each);
    await expect(papers.receipt('none', 'en')).rejects.toThrow('no receipt none');
    await expect(papers.demandLetter(`${booking._id}:9`, 'en', '')).rejects.toThrow('does not stand');
  });
});

describe('a crash between the books and the buyer', () => {
  it('leaves nothing untold: not the booking, the letter or the receipt', async () => {
    const { bookingDesk, happenings, models, paymentDesk } = world.context;
    const crash = () => jest.spyOn(happenings, 'tell').mockRejectedValueOnce(new Error('killed'));
    const order: BookingOrder = {
      buyers: [await buyerOf(BUYER)],
      unit: await listUnit(models),
      plan: 'construction_linked',
      ratePaisePerSqFt: 10_000_00,
      buyerKind: 'resident',
      loan: 'none',
      by: RIYA,
      key: 'k',
    };
    crash();
    await expect(bookingDesk.book(order, world.now)).rejects.toThrow('killed');
    expect(heard().join()).not.toContain('is recorded');
    await world.pass(61_000);
    expect(heard().filter((words) => words.includes('is recorded'))).toHaveLength(1);

    const [booking] = await models.bookings.of(order.buyers[0] ?? '');
    crash();
    const demand = { booking: booking?._id ?? '', milestone: 'booking' };
    await expect(paymentDesk.raise(demand, world.now)).rejects.toThrow('killed');
    await world.pass(61_000);
    expect(heard().filter((words) => words.includes('demand-letter'))).toHaveLength(1);

    crash();
    const found = {
      booking: booking?._id ?? '',
      amountPaise: 10_60_800_00,
      receivedOn: '2026-11-23',
      ...BANK,
    };
    await expect(paymentDesk.confirm({ ...found, key: 'k' }, world.now)).rejects.toThrow('killed');
    await world.pass(61_000);
    await world.pass(61_000);
    expect(heard().filter((words) => words.includes('Here is the receipt'))).toHaveLength(1);
    expect(await models.saleNews.model.countDocuments()).toBe(0);
  });

  it('between the note of a payment that nobody claimed and its confirmation rests no reminder', async () => {
    const booking = await booked();
    const { _id: demand } = await demanded(booking);
    const { models } = world.context;
    const { _id, project } = booking;
    const cut = { _id: 'p-cut', booking: _id, project, amountPaise: 0, isFound: true as const };
    await models.payments.claim(cut, world.now);
    const [sold] = await new Sales({ models }).factsOf(booking.buyers[0] ?? '');
    expect(sold?.demands.find(({ id }) => id === demand)).toMatchObject({ isClaimed: false });
    expect(await new Dues(models).demand(demand)).toMatchObject({ isClaimed: false });
  });

  it('tells nothing of what was never done', async () => {
    const booking = await booked();
    const { models } = world.context;
    const news = { _id: 'demand:x', kind: 'demand', booking: booking._id, about: 'plinth' } as const;
    await models.saleNews.owe({ ...news, owedSince: world.now });
    const before = heard().length;
    await world.pass(61_000);
    expect(heard(before)).toEqual([]);
    expect(await models.saleNews.model.countDocuments()).toBe(0);
  });
});
