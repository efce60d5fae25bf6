import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { Booking } from '../models/booking.ts';
import { type Buyer, type Product, startProduct } from './product.ts';
import { listUnit, PROJECT } from './sale.ts';
import {
  ARJUN,
  blocksOf,
  buttonsOf,
  type Card,
  FARAH,
  MEERA,
  openForm,
  readBy,
  settled,
  submit,
} from './teamwork.ts';
import { until } from './until.ts';

/** Units and their money in Slack: booked from a card, asked for by command, confirmed in a form. */

const { collections, sales } = TEAM_CHANNELS;
const TODAY = () => new Date().toLocaleDateString('en-CA', { timeZone: 'Asia/Kolkata' });
const UTR = 'SBIN426011234567';

const understander = readBy([
  ['person', 'human_request'],
  ['paid twice', 'payment_claim', { amountPaise: 5_00_000_00, utr: 'HDFC52026120912345' }],
  ['paid', 'payment_claim', { amountPaise: 10_60_800_00, utr: UTR }],
]);

let product: Product;
let units = 1_300;
beforeAll(async () => {
  product = await startProduct({ understander });
  await until('Slack is connected', () => product.baton.context.inbox.health() === 'ready');
  // Each team's people are in the channel of their own team.
  for (const [member, own] of [
    [ARJUN, sales],
    [FARAH, collections],
    [MEERA, TEAM_CHANNELS.legal],
  ] as const)
    for (const channel of Object.values(TEAM_CHANNELS))
      if (channel !== own) product.slack.leaveAs(member, channel);
});
afterAll(() => product.stop());

/** What a command was answered with, in a channel of the member's own. */
async function ask(member: string, channel: string, text: string): Promise<string> {
  const ephemerals = () => product.slack.ephemerals(member);
  const before = ephemerals().length;
  expect(await product.slack.slash(member, channel, '/baton', text)).toEqual({ ok: true });
  return until(`an answer to ${text}`, () => ephemerals()[before]?.text);
}

/** A card of sales about a new buyer, claimed by Arjun. */
async function salesCard(): Promise<{ buyer: Buyer; card: Card }> {
  const buyer = product.buyer();
  await buyer.write('a person please');
  const { ts } = await buyer.card(sales);
  const card = { channel: sales, ts };
  await product.slack.click(ARJUN, sales, ts, 'case_claim');
  await until('the button of a booking', () => buttonsOf(cardAt(card)).includes('case_book'));
  return { buyer, card };
}

function cardAt({ channel, ts }: Card) {
  return product.slack.messages(channel).find((message) => message.ts === ts);
}

/** A buyer who has booked the next unit by the form. */
async function booked(): Promise<{ buyer: Buyer; booking: Booking; door: string }> {
  units += 1;
  const door = `B-${units}`;
  const unit = await listUnit(product.models, door);
  const { buyer, card } = await salesCard();
  await openForm(product, ARJUN, card, { button: 'case_book' });
  expect(await submit(product, ARJUN, { unit, price: '10,000' })).toEqual({ outcome: 'updated' });
  await product.slack.closeView(ARJUN);
  const booking = await until('the booking', () => product.models.bookings.ofUnit(unit));
  await settled(product);
  return { buyer, booking, door };
}

/** The card of collections about what a buyer says they paid. */
async function claimed(buyer: Buyer, words: string): Promise<Card> {
  await buyer.write(words);
  const { ts } = await buyer.card(collections);
  await until(
    'the claim in the books',
    async () => (await product.models.payments.model.countDocuments()) > 0,
  );
  await settled(product);
  return { channel: collections, ts };
}

describe('a unit', () => {
  it('is booked by sales from the card of a buyer, by the form', async () => {
    const { buyer, booking, door } = await booked();
    expect(booking).toMatchObject({
      plan: { kind: 'construction_linked' },
      agreementValuePaise: 1_02_00_000_00,
      rm: { name: 'Arjun Nair' },
    });
    const lead = await until('the lead', async () => {
      const found = await product.models.leads.latestOf(booking.buyers[0] ?? '');
      return found?.stage === 'Booked' ? found : undefined;
    });
    expect(lead.project).toBe(PROJECT);
    expect(await product.models.units.byId(`${PROJECT}/${door}`)).toMatchObject({ status: 'booked' });
    expect(buyer.name).toContain('Buyer');
  });

  it('that was taken meanwhile, or has no price, is refused in the form', async () => {
    units += 1;
    const unit = await listUnit(product.models, `B-${units}`);
    const { card } = await salesCard();
    await openForm(product, ARJUN, card, { button: 'case_book' });
    expect(await submit(product, ARJUN, { unit, price: 'ten thousand' })).toMatchObject({
      errors: { price: expect.stringContaining('rupees in figures') },
    });
    expect(await submit(product, ARJUN, { unit, price: '9,000', discount: '9,000' })).toMatchObject({
      errors: { price: expect.stringContaining('more than nothing') },
    });
    expect(await submit(product, ARJUN, { unit, price: '9,000', coBuyers: '99999' })).toMatchObject({
      errors: { coBuyers: expect.stringContaining('+91') },
    });
    await product.models.units.book(unit, 'somebody', 'else', product.now());
    expect(await submit(product, ARJUN, { unit, price: '9,000' })).toMatchObject({
      errors: { unit: expect.stringContaining('just been taken') },
    });
    await product.slack.closeView(ARJUN);
  });

  it('is booked by nobody but sales', async () => {
    const { buyer } = await salesCard();
    await ask(FARAH, collections, `book ${buyer.number}`);
    const view = await until('a modal', () => product.slack.views(FARAH).at(-1));
    expect(JSON.stringify(view.view)).toContain('Only sales can book a unit');
    await product.slack.closeView(FARAH);
    expect(await ask(ARJUN, sales, 'book Nobody At All')).toContain('No buyer’s name begins with');
  });
});

describe('a demand', () => {
  it('is raised by command, with every refusal in words', async () => {
    const { booking, door } = await booked();
    const demand = (words: string) => ask(FARAH, collections, `demand ${words}`);
    expect(await demand('Z-9 booking')).toContain('No unit Z-9 is known');
    expect(await demand(`${door} roof_garden`)).toContain('its plan has no such milestone');
    expect(await demand(`${door} plinth`)).toContain('this milestone needs a certificate');
    expect(await demand(`${door} plinth certificate:"Anand Rao",2099-01-01`)).toContain(
      'dated in the future',
    );
    expect(await demand(`${door} plinth certificate:"Anand Rao",soon`)).toContain('is not understood');
    expect(await demand(`${door} booking`)).toContain(
      `demand ${booking._id}:1 for booking, ₹10,71,000 with GST`,
    );
    expect(await demand(`${door} booking`)).toContain('It stood already: nothing was sent again');
    expect(await demand(`${door} agreement`)).toContain('at most ₹10,20,000 may be asked for in all');
    expect(await ask(ARJUN, sales, `demand ${door} booking`)).toContain('Only collections and operations');

    expect(await ask(MEERA, TEAM_CHANNELS.legal, `agreement ${door} 2099-01-01`)).toContain('in the future');
    expect(await ask(MEERA, TEAM_CHANNELS.legal, `agreement ${door} 2020-01-01`)).toContain('before the day');
    expect(await ask(MEERA, TEAM_CHANNELS.legal, `agreement ${door} ${TODAY()}`)).toContain(
      'on record as registered',
    );
    expect(await demand(`${door} agreement`)).toContain('The letter is on its way');
  });

  it('is raised for a tower only after it has been shown for how many', async () => {
    const { door } = await booked();
    const words = 'tower:B lifts certificate:"Anand Rao",2026-11-01';
    const shown = await ask(FARAH, collections, `demand ${words}`);
    expect(shown).toContain('of tower B would be asked for lifts');
    expect(shown).toContain(door);
    expect(await product.models.demands.model.countDocuments({ milestone: 'lifts' })).toBe(0);
    await ask(FARAH, collections, `demand ${door} booking`);
    const done = await ask(FARAH, collections, `demand ${words} confirm`);
    expect(done).toMatch(/raised: \d+ \(B-/);
    expect(done).toContain('before the agreement is registered at most');
    expect(await ask(FARAH, collections, 'demand tower:Q lifts')).toContain('has no tower Q');
  });

  it('is among what is due, by its age', async () => {
    const dues = await ask(FARAH, collections, 'dues');
    expect(dues).toContain('not due yet: ₹');
    expect(await ask(FARAH, collections, 'dues nowhere')).toContain('Nothing is due for nowhere');
    expect(await ask(ARJUN, sales, 'dues')).toContain('Only collections and operations');
  });
});

describe('a payment that a buyer claims', () => {
  it('stands with the books on the card, and is confirmed with what the bank shows', async () => {
    const { buyer, booking, door } = await booked();
    await ask(FARAH, collections, `demand ${door} booking`);
    const card = await claimed(buyer, 'I have paid');
    await until('the claim on the card', () => blocksOf(cardAt(card)).includes('Says they paid: ₹10,60,800'));
    expect(buttonsOf(cardAt(card))).toContain('case_payment_received');

    await openForm(product, FARAH, card, { button: 'case_payment_received' });
    const entered = { amount: '10,60,800', received: TODAY() };
    expect(await submit(product, FARAH, { ...entered, received: '2099-01-01' })).toMatchObject({
      errors: { received: expect.stringContaining('future') },
    });
    expect(await submit(product, FARAH, { ...entered, amount: '60,00,000' })).toMatchObject({
      errors: { amount: expect.stringContaining('RERA Act s. 13(1)') },
    });
    expect(await submit(product, FARAH, entered)).toMatchObject({ outcome: 'closed' });
    const receipt = await until('the receipt', () =>
      buyer.heard().find((words) => words.startsWith('[receipt-')),
    );
    expect(receipt).toContain('.pdf');
    expect(buyer.heard().join()).toContain('confirms that your payment has been received');
    const [payment] = await product.models.payments.model.find({ booking: booking._id }).lean();
    expect(payment).toMatchObject({ status: 'confirmed', utr: UTR, decidedBy: { id: FARAH } });
    await until('the case to be closed', () => blocksOf(cardAt(card)).includes('Payment received'));
  });

  it('is decided by nobody but collections, also where another team has the case', async () => {
    const { buyer, booking, door } = await booked();
    await ask(FARAH, collections, `demand ${door} booking`);
    const card = await claimed(buyer, 'I have paid twice');
    const claims = () => product.models.payments.claimed(booking._id);
    await until('the claim', async () => (await claims()).length === 1);
    await openForm(product, FARAH, card, { choice: 'handOff' });
    expect(await submit(product, FARAH, { team: 'sales', note: 'They ask about parking' })).toMatchObject({
      outcome: 'closed',
    });
    const isHanded = ({ text, ...rest }: object & { text?: string }) =>
      `${text}${JSON.stringify(rest)}`.includes('They ask about parking');
    const { ts } = await until('their card', () => product.slack.messages(sales).find(isHanded));
    await until('the case to know it', () => product.models.cases.byThread(sales, ts));
    await openForm(product, ARJUN, { channel: sales, ts }, { button: 'case_payment_received' });
    expect(await submit(product, ARJUN, { amount: '5,00,000', received: TODAY() })).toMatchObject({
      errors: { claim: expect.stringContaining('Only collections') },
    });
    await product.slack.closeView(ARJUN);
    expect(await claims()).toHaveLength(1);
    const [{ _id: payment = '' } = {}] = await claims();
    const by = { id: FARAH, name: 'Farah Khan' };
    const { paymentDesk } = product.baton.context;
    await paymentDesk.reject({ payment, by, reason: 'it does not show' }, product.now());
    await settled(product);
  });

  it('is told politely not to show yet, and of several the one that is meant', async () => {
    const { buyer, booking, door } = await booked();
    await ask(FARAH, collections, `demand ${door} booking`);
    // The reference of the first test's payment is taken.
    const card = await claimed(buyer, 'I have paid twice');
    await until('the claim', async () => (await product.models.payments.claimed(booking._id)).length === 1);
    await product.slack.click(FARAH, card.channel, card.ts, 'case_payment_missing');
    await until('the words', () =>
      buyer.heard().find((words) => words.includes('does not show in our account yet')),
    );
    await until(
      'the rejection',
      async () => (await product.models.payments.claimed(booking._id)).length === 0,
    );
  });

  it('is chosen in a form where several are told of', async () => {
    const { buyer, booking, door } = await booked();
    await ask(FARAH, collections, `demand ${door} booking`);
    const card = await claimed(buyer, 'I have paid twice');
    const order = { buyer: booking.buyers[0] ?? '', booking: booking._id, amountPaise: 7_00_000_00 };
    const { paymentDesk } = product.baton.context;
    await paymentDesk.claim(
      { ...order, utr: 'ICIC5202611010001', key: 'k', source: 'portal' },
      product.now(),
    );
    await settled(product);
    await product.slack.click(FARAH, card.channel, card.ts, 'case_payment_missing');
    const form = await until('the form', () => product.slack.views(FARAH).at(-1));
    expect(JSON.stringify(form.view)).toContain('ref. ICIC5202611010001');
    const claims = await product.models.payments.claimed(booking._id);
    const meant = claims.find(({ utr }) => utr === 'ICIC5202611010001');
    const submitted = await submit(product, FARAH, { claim: `${booking._id} ${meant?._id}` });
    expect(submitted).toMatchObject({ outcome: 'closed' });
    await until(
      'one claim left',
      async () => (await product.models.payments.claimed(booking._id)).length === 1,
    );
  });
});
