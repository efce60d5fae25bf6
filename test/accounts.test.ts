import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { factsOfCase } from '../bot/caseFacts.ts';
import { RATES } from '../flows/money/rates.ts';
import type { Case } from '../models/case.ts';
import { connectDatabase, type Database } from '../models/connect.ts';
import { createModels, type Models } from '../models/models.ts';
import { auditMoney } from '../models/moneyAudit.ts';
import { healMoney } from '../models/moneyHealing.ts';
import type { Claim, Confirmation } from '../models/payment.ts';
import type { Unit } from '../models/unit.ts';
import { COLLECTOR, LAKH, listUnit, morning, PROJECT, sell, wishFor } from './sale.ts';
import { databaseUri } from './world.ts';

const NOW = morning('2026-03-01');
const later = (ms: number) => new Date(NOW.at.getTime() + ms);
const times = (count: number) => Array.from({ length: count }, (_, index) => index);

const MONEY = ['accounts', 'bookings', 'demands', 'ledger', 'payments', 'receipts', 'units'] as const;

const databases: Database[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const database of databases.splice(0)) await database.close();
});

async function open(): Promise<Models> {
  const database = await connectDatabase({
    uri: databaseUri(),
    dataDir: '',
    log: pino({ level: 'silent' }),
  });
  databases.push(database);
  const models = createModels(database.connection, 'here');
  for (const name of MONEY) await models[name].model.createIndexes();
  await models.rates.seed(RATES, NOW.at);
  return models;
}

/** Everything that was left half written is finished, and the books are right. */
async function settle(models: Models): Promise<void> {
  await healMoney(models, later(60_000), later(60_000), 100);
  expect(await auditMoney(models, later(120_000))).toEqual([]);
}

const raise = (models: Models, milestone: string, on = NOW, booking = 'b1') =>
  models.demands.raise(
    { booking, milestone, certificate: { by: 'Ar. Meera Nair', date: on.on }, dueInDays: 15 },
    on,
  );

const claimOf = (id: string, more: Partial<Claim> = {}): Claim => ({
  _id: id,
  booking: 'b1',
  project: PROJECT,
  amountPaise: 5 * LAKH,
  ...more,
});

const seen = (more: Partial<Confirmation> = {}): Confirmation => ({
  by: COLLECTOR,
  amountPaise: 5 * LAKH,
  mode: 'neft',
  receivedOn: NOW.on,
  ...more,
});

async function pay(models: Models, id: string, more: Partial<Confirmation> = {}, when = NOW, booking = 'b1') {
  await models.payments.claim(claimOf(id, { booking }), when.at);
  return models.payments.confirm(id, seen({ receivedOn: when.on, ...more }), when);
}

describe('units', () => {
  const held = (unit: Unit | undefined) => unit?.hold?.by;

  it('are held by one of twenty who want them at once', async () => {
    const models = await open();
    const unit = await listUnit(models);
    const results = await Promise.all(
      times(20).map((n) => models.units.hold(unit, `buyer${n}`, later(60_000), NOW.at)),
    );
    expect(results.filter(({ kind }) => kind === 'held')).toHaveLength(1);
    const winner = results.findIndex(({ kind }) => kind === 'held');
    expect(held(await models.units.byId(unit))).toBe(`buyer${winner}`);
    const [loser] = results.filter(({ kind }) => kind === 'refused');
    expect(loser).toEqual({ kind: 'refused', reason: 'held', until: later(60_000) });
  });

  it('are free at the moment at which the hold ends, not before', async () => {
    const models = await open();
    const unit = await listUnit(models);
    await models.units.hold(unit, 'asha', later(60_000), NOW.at);
    expect((await models.units.hold(unit, 'ravi', later(90_000), later(59_999))).kind).toBe('refused');
    expect((await models.units.grid(PROJECT, later(59_999)))[0]?.status).toBe('held');
    expect((await models.units.grid(PROJECT, later(60_000)))[0]).not.toHaveProperty('hold');
    expect((await models.units.hold(unit, 'ravi', later(90_000), later(60_000))).kind).toBe('held');
    expect((await models.units.book(unit, 'b1', 'asha', later(60_001))).kind).toBe('refused');
  });

  it('can be held longer, given back by their holder only, and are listed once', async () => {
    const models = await open();
    const unit = await listUnit(models);
    await models.units.hold(unit, 'asha', later(1_000), NOW.at);
    await listUnit(models);
    expect(await models.units.hold(unit, 'asha', later(9_000), NOW.at)).toMatchObject({
      unit: { hold: { until: later(9_000) } },
    });
    await models.units.release(unit, 'ravi');
    expect(held(await models.units.byId(unit))).toBe('asha');
    await models.units.release(unit, 'asha');
    expect(await models.units.byId(unit)).not.toHaveProperty('hold');
    expect(await models.units.hold('nowhere/1', 'asha', later(1), NOW.at)).toEqual({
      kind: 'refused',
      reason: 'unknown',
    });
  });
});

describe('bookings', () => {
  it('take a unit once, however many are opened at once', async () => {
    const models = await open();
    const unit = await listUnit(models);
    const results = await Promise.all(
      times(12).map((n) => models.bookings.open(wishFor(unit, { _id: `b${n}`, buyers: [`buyer${n}`] }), NOW)),
    );
    expect(results.filter(({ kind }) => kind === 'opened')).toHaveLength(1);
    expect(results).toContainEqual({ kind: 'refused', reason: 'unit_taken' });
    expect(await models.bookings.model.countDocuments({ status: 'open' })).toBe(1);
    await settle(models);
  });

  it('have the same result when opened again, also of a unit that was held for them', async () => {
    const models = await open();
    const unit = await listUnit(models);
    await models.units.hold(unit, 'asha', later(60_000), NOW.at);
    expect(await models.bookings.open(wishFor(unit, { _id: 'b2', buyers: ['ravi'] }), NOW)).toEqual({
      kind: 'refused',
      reason: 'unit_taken',
    });
    const first = await models.bookings.open(wishFor(unit), NOW);
    const again = await models.bookings.open(wishFor(unit), morning('2026-04-01'));
    expect(again).toEqual(first);
    expect(first).toMatchObject({ kind: 'opened', booking: { status: 'open', bookedOn: '2026-03-01' } });
    expect(await models.units.hold(unit, 'ravi', later(1), NOW.at)).toEqual({
      kind: 'refused',
      reason: 'booked',
    });
    expect(await models.bookings.open(wishFor('nowhere/1', { _id: 'b3' }), NOW)).toEqual({
      kind: 'refused',
      reason: 'unit_unknown',
    });
  });

  it.each([0, 1])('heal when a crash comes between their writes (%d)', async (step) => {
    const models = await open();
    const unit = await listUnit(models);
    const crash = async () => {
      throw new Error('crash');
    };
    if (step === 0) jest.spyOn(models.units, 'book').mockImplementationOnce(crash);
    else jest.spyOn(models.bookings.model, 'updateOne').mockImplementationOnce(crash as never);
    await expect(models.bookings.open(wishFor(unit), NOW)).rejects.toThrow('crash');
    expect(await models.bookings.unfinished(later(-1), 10)).toEqual([]);
    expect(await auditMoney(models, NOW.at)).toContainEqual({ rule: 'booking half opened', id: 'b1' });
    await settle(models);
    expect((await models.bookings.byId('b1'))?.status).toBe('open');
  });

  it('are refused, not stuck, when another took the unit before they healed', async () => {
    const models = await open();
    const unit = await listUnit(models);
    jest.spyOn(models.units, 'book').mockRejectedValueOnce(new Error('crash'));
    await expect(models.bookings.open(wishFor(unit), NOW)).rejects.toThrow('crash');
    await models.bookings.open(wishFor(unit, { _id: 'b2', buyers: ['ravi'] }), NOW);
    await settle(models);
    expect((await models.bookings.byId('b1'))?.status).toBe('refused');
  });

  it('are one sum, and somebody’s', async () => {
    const models = await open();
    const wish = wishFor(await listUnit(models));
    const wrong = [
      { ...wish, agreementValuePaise: wish.agreementValuePaise - 1 },
      { ...wish, buyers: [] },
      { ...wish, buyers: ['asha', 'asha'] },
      { ...wish, plan: { ...wish.plan, instalments: wish.plan.instalments.slice(1) } },
    ];
    for (const each of wrong)
      await expect(models.bookings.open(each, NOW)).rejects.toMatchObject({ code: 'booking_unbalanced' });
    expect(await models.bookings.model.countDocuments()).toBe(0);
  });

  it('follow buyers who turn out to be one person', async () => {
    const models = await open();
    await sell(models, { buyers: ['old', 'ravi'] });
    await sell(models, { _id: 'b2', number: 'B-1204', buyers: ['ravi', 'old'] });
    const free = await listUnit(models, 'B-1205');
    await models.units.hold(free, 'old', later(60_000), NOW.at);
    for (let twice = 0; twice < 2; twice += 1) {
      await models.bookings.passTo('old', 'ravi');
      await models.units.passTo('old', 'ravi');
    }
    expect((await models.bookings.of('ravi')).map(({ buyers }) => buyers)).toEqual([['ravi'], ['ravi']]);
    expect(await models.bookings.of('old')).toEqual([]);
    expect((await models.units.byId(free))?.hold?.by).toBe('ravi');
  });
});

describe('demands', () => {
  it('ask for an instalment with the taxes of their day', async () => {
    const models = await open();
    await sell(models);
    expect(await raise(models, 'plinth', morning('2026-04-01'))).toMatchObject({
      kind: 'raised',
      demand: {
        _id: 'b1:1',
        instalment: 3,
        principalPaise: 10 * LAKH,
        gstPaise: 50_000_00,
        tdsPaise: 10_000_00,
        dueOn: '2026-04-16',
        certificate: { by: 'Ar. Meera Nair', date: '2026-04-01' },
        status: 'open',
        paidPaise: 0,
      },
    });
    expect(await models.ledger.of('b1')).toMatchObject([
      {
        _id: 'demand:b1:1',
        lines: [
          { account: 'receivable', debitPaise: 10_50_000_00, creditPaise: 0 },
          { account: 'price', debitPaise: 0, creditPaise: 10_00_000_00 },
          { account: 'gst', debitPaise: 0, creditPaise: 50_000_00 },
        ],
      },
    ]);
    expect((await models.demands.overdue(PROJECT, '2026-04-16', 10)).length).toBe(0);
    expect((await models.demands.overdue(PROJECT, '2026-04-17', 10)).map(({ _id }) => _id)).toEqual(['b1:1']);
    await settle(models);
  });

  it('are raised once, however often and by how many', async () => {
    const models = await open();
    await sell(models);
    const results = await Promise.all(times(10).map(() => raise(models, 'plinth')));
    expect(results.filter(({ kind }) => kind === 'raised')).toHaveLength(1);
    expect(results.filter(({ kind }) => kind === 'known')).toHaveLength(9);
    expect(await raise(models, 'plinth', morning('2026-06-01'))).toMatchObject({
      kind: 'known',
      demand: { raisedOn: '2026-03-01' },
    });
    expect(await models.demands.model.countDocuments()).toBe(1);
    expect(await models.ledger.model.countDocuments()).toBe(1);
    await settle(models);
  });

  it('of different milestones at once all stand', async () => {
    const models = await open();
    await sell(models);
    const milestones = ['plinth', 'slab_1', 'slab_2', 'slab_3', 'walls'];
    await Promise.all(milestones.map((milestone) => raise(models, milestone)));
    const { demands } = await models.accounts.of('b1');
    expect(demands.map(({ _id }) => _id)).toEqual(times(5).map((n) => `b1:${n + 1}`));
    expect(demands.map(({ milestone }) => milestone).sort()).toEqual([...milestones].sort());
    await settle(models);
  });

  it('need a certificate, and not one of tomorrow', async () => {
    const models = await open();
    await sell(models);
    const order = { booking: 'b1', milestone: 'slab_1', dueInDays: 15 };
    expect(await models.demands.raise(order, NOW)).toEqual({ kind: 'refused', reason: 'no_certificate' });
    const certificate = { by: 'Ar. Meera Nair', date: '2026-03-02' };
    expect(await models.demands.raise({ ...order, certificate }, NOW)).toEqual({
      kind: 'refused',
      reason: 'certificate_in_future',
    });
    expect(await raise(models, 'swimming pool')).toEqual({ kind: 'refused', reason: 'no_milestone' });
    expect(await raise(models, 'plinth', NOW, 'b9')).toEqual({ kind: 'refused', reason: 'no_booking' });
    expect(await models.accounts.model.countDocuments()).toBe(0);
  });

  it('are refused above 10 % before the agreement is registered, also two at once', async () => {
    const models = await open();
    await sell(models, { unregistered: true });
    const refused = { kind: 'refused', reason: 'above_cap', mostPaise: 10 * LAKH };
    expect(await raise(models, 'agreement')).toEqual(refused);
    const both = await Promise.all([raise(models, 'booking'), raise(models, 'slab_1')]);
    expect(both.filter(({ kind }) => kind === 'raised')).toHaveLength(1);
    await models.bookings.registerAgreement('b1', NOW.on, COLLECTOR);
    expect((await raise(models, 'agreement')).kind).toBe('raised');
    await settle(models);
  });

  it('throw when a rate of their day is not known, and nothing is half done', async () => {
    const models = await open();
    await sell(models);
    await expect(raise(models, 'plinth', morning('2019-03-01'))).rejects.toMatchObject({
      code: 'missing_rate',
      missing: 'gst IN other on 2019-03-01',
    });
    expect(await models.accounts.model.countDocuments()).toBe(0);
  });

  it('are due when the plan says, if that is later', async () => {
    const models = await open();
    const wish = wishFor('');
    const instalments = wish.plan.instalments.map((each) =>
      each.number === 2 ? { ...each, daysAfterBooking: 60 } : each,
    );
    await sell(models, { plan: { ...wish.plan, instalments } });
    expect(await raise(models, 'agreement')).toMatchObject({ demand: { dueOn: '2026-04-02' } });
  });

  it.each(['insertMany', 'updateOne'] as const)(
    'heal after a crash at the %s of what follows',
    async (step) => {
      const models = await open();
      await sell(models);
      const { collection } = step === 'insertMany' ? models.ledger.model : models.demands.model;
      jest.spyOn(collection, step).mockImplementationOnce(async () => {
        throw new Error('crash');
      });
      await expect(raise(models, 'plinth')).rejects.toThrow('crash');
      expect(await auditMoney(models, NOW.at)).toContainEqual({
        rule: 'account with records owed',
        id: 'b1',
      });
      expect((await raise(models, 'plinth')).kind).toBe('known');
      expect(await models.accounts.owing(later(60_000), 10)).toEqual([]);
      await settle(models);
    },
  );

  it('that are withdrawn give their money to others, and can be raised again', async () => {
    const models = await open();
    await sell(models);
    await raise(models, 'plinth');
    await raise(models, 'slab_1', morning('2026-03-05'));
    await pay(models, 'p1', { amountPaise: 4 * LAKH });
    for (const kind of ['withdrawn', 'known'] as const)
      expect(await models.demands.withdraw('b1:1', COLLECTOR, 'certified too early', NOW.at)).toEqual({
        kind,
      });
    expect(await models.demands.outstanding('b1', NOW.on)).toMatchObject([
      { demand: { _id: 'b1:2' }, outstandingPaise: 7_87_500_00 - 4_00_000_00 },
    ]);
    expect(await raise(models, 'plinth', morning('2026-05-01'))).toMatchObject({ demand: { _id: 'b1:3' } });
    expect(await models.demands.withdraw('b1:9', COLLECTOR, '', NOW.at)).toEqual({
      kind: 'refused',
      reason: 'no_demand',
    });
    await settle(models);
  });
});

describe('claims', () => {
  it('hold a reference once, whoever claims it and however it is written', async () => {
    const models = await open();
    await sell(models);
    const utr = 'SBIN426011234567';
    expect((await models.payments.claim(claimOf('p1', { utr }), NOW.at)).kind).toBe('claimed');
    expect((await models.payments.claim(claimOf('p1', { utr }), NOW.at)).kind).toBe('known');
    const again = await models.payments.claim(claimOf('p2', { utr: 'sbin 4260-1123 4567' }), NOW.at);
    expect(again).toEqual({
      kind: 'refused',
      reason: 'utr_used',
      claim: { payment: 'p1', status: 'claimed', isOwn: true },
    });
    const other = await models.payments.claim(claimOf('p3', { utr, booking: 'b2' }), NOW.at);
    expect(other).toMatchObject({ kind: 'refused', claim: { payment: 'p1', isOwn: false } });
    expect(JSON.stringify(other)).not.toMatch(/b1|asha|500000/);
    expect(await models.payments.model.countDocuments()).toBe(1);
  });

  it('race for a reference: one has it', async () => {
    const models = await open();
    await sell(models);
    const results = await Promise.all(
      times(10).map((n) => models.payments.claim(claimOf(`p${n}`, { utr: '426011234567' }), NOW.at)),
    );
    expect(results.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
    expect(results.filter(({ kind }) => kind === 'refused')).toHaveLength(9);
  });

  it('without a reference do not stand in each other’s way', async () => {
    const models = await open();
    await sell(models);
    for (const id of ['p1', 'p2'])
      expect((await models.payments.claim(claimOf(id, { amountPaise: 0 }), NOW.at)).kind).toBe('claimed');
    expect((await models.payments.claimed('b1')).map(({ _id }) => _id)).toEqual(['p1', 'p2']);
  });

  it('that are rejected free their reference, and cannot be confirmed any more', async () => {
    const models = await open();
    await sell(models);
    const utr = '426011234567';
    await models.payments.claim(claimOf('p1', { utr }), NOW.at);
    const rejected = await models.payments.reject('p1', COLLECTOR, 'not in the bank record', NOW);
    expect(rejected).toMatchObject({
      kind: 'rejected',
      payment: { status: 'rejected', reason: 'not in the bank record', decidedBy: COLLECTOR },
    });
    expect((await models.payments.reject('p1', COLLECTOR, 'again', NOW)).kind).toBe('known');
    expect(await models.payments.confirm('p1', seen(), NOW)).toEqual({ kind: 'refused', reason: 'rejected' });
    expect((await models.payments.claim(claimOf('p2', { utr }), NOW.at)).kind).toBe('claimed');
    expect((await models.payments.claimed('b1')).map(({ _id }) => _id)).toEqual(['p2']);
    expect(await models.receipts.model.countDocuments()).toBe(0);
    await settle(models);
  });
});

describe('confirmed payments', () => {
  it('go to what was due first, into the ledger, and get a receipt', async () => {
    const models = await open();
    await sell(models, { rupeesPerSqFt: 4_900 });
    await raise(models, 'plinth');
    await raise(models, 'slab_1', morning('2026-03-05'));
    const paid = await pay(models, 'p1', { amountPaise: 6 * LAKH, utr: '426011234567' });
    expect(paid).toMatchObject({
      kind: 'confirmed',
      payment: {
        status: 'confirmed',
        amountPaise: 6 * LAKH,
        claimedPaise: 5 * LAKH,
        utr: '426011234567',
        receiptNo: 'greenfield-heights/2025-26/000001',
        decidedBy: COLLECTOR,
        receivedOn: '2026-03-01',
      },
      parts: [
        { demand: 'b1:1', amountPaise: 5_14_500_00 },
        { demand: 'b1:2', amountPaise: 85_500_00 },
      ],
      advancePaise: 0,
    });
    expect((await models.demands.model.find().sort({ _id: 1 }).lean()).map(({ status }) => status)).toEqual([
      'paid',
      'open',
    ]);
    expect((await models.ledger.model.findById('payment:p1').lean())?.lines).toEqual([
      { account: 'bank', debitPaise: 6 * LAKH, creditPaise: 0 },
      { account: 'receivable', debitPaise: 0, creditPaise: 6 * LAKH },
    ]);
    await settle(models);
  });

  it('are decided by a named person, about some money, that has come', async () => {
    const models = await open();
    await sell(models);
    await models.payments.claim(claimOf('p1', { utr: '426011234567' }), NOW.at);
    const confirm = (more: Partial<Confirmation>, id = 'p1') => models.payments.confirm(id, seen(more), NOW);
    await expect(confirm({ by: { id: '', name: '' } })).rejects.toMatchObject({ code: 'nobody_confirms' });
    await expect(confirm({ amountPaise: 0 })).rejects.toMatchObject({ code: 'no_amount' });
    await expect(confirm({ amountPaise: 0.5 })).rejects.toThrow(RangeError);
    expect(await confirm({ receivedOn: '2026-03-02' })).toEqual({ kind: 'refused', reason: 'in_future' });
    expect(await confirm({}, 'p9')).toEqual({ kind: 'refused', reason: 'no_payment' });
    await models.payments.claim(claimOf('p2'), NOW.at);
    expect(await confirm({ utr: '4260 1123 4567' }, 'p2')).toEqual({
      kind: 'refused',
      reason: 'utr_used',
      claim: { payment: 'p1', status: 'claimed', isOwn: true },
    });
    expect(await models.accounts.model.countDocuments()).toBe(0);
  });

  it('have one decision, whoever decides at once', async () => {
    const models = await open();
    await sell(models);
    await raise(models, 'plinth');
    await models.payments.claim(claimOf('p1'), NOW.at);
    const people = times(8).map((n) => ({ id: `U${n}`, name: `Person ${n}` }));
    const results = await Promise.all(
      people.map((by, n) =>
        n % 2 === 0
          ? models.payments.confirm('p1', seen({ by, amountPaise: (n + 1) * LAKH }), NOW)
          : models.payments.reject('p1', by, 'not seen', NOW),
      ),
    );
    const first = results.filter(({ kind }) => kind === 'confirmed' || kind === 'rejected');
    expect(first).toHaveLength(1);
    const { decisions } = await models.accounts.of('b1');
    expect(decisions).toHaveLength(1);
    const payment = await models.payments.byId('p1');
    expect([payment?.status, payment?.decidedBy]).toEqual([decisions[0]?.status, decisions[0]?.by]);
    expect(await models.receipts.model.countDocuments()).toBe(payment?.status === 'confirmed' ? 1 : 0);
    await settle(models);
  });

  it('in numbers at once lose and double nothing, and number their receipts without a gap', async () => {
    const models = await open();
    await sell(models);
    await sell(models, { _id: 'b2', number: 'B-1204', buyers: ['ravi'] });
    for (const booking of ['b1', 'b2']) {
      await raise(models, 'plinth', NOW, booking);
      await raise(models, 'slab_1', morning('2026-03-05'), booking);
    }
    const results = await Promise.all(
      times(24).map((n) =>
        pay(models, `p${n}`, { amountPaise: (n + 1) * 10_000_00 }, NOW, n % 2 === 0 ? 'b1' : 'b2'),
      ),
    );
    const numbers = results.map((paid) => ('payment' in paid ? paid.payment.receiptNo : undefined));
    expect(numbers.sort()).toEqual(
      times(24).map((n) => `greenfield-heights/2025-26/${`${n + 1}`.padStart(6, '0')}`),
    );
    for (const booking of ['b1', 'b2']) {
      const { demands, decisions } = await models.accounts.of(booking);
      const parts = decisions.flatMap((decision) => decision.parts);
      for (const { _id, paidPaise } of demands) {
        const paid = parts
          .filter(({ demand }) => demand === _id)
          .reduce((sum, part) => sum + part.amountPaise, 0);
        expect(paid).toBe(paidPaise);
      }
    }
    await settle(models);
  });

  const STEPS: [string, (models: Models) => [object, string]][] = [
    ['ledger', (models) => [models.ledger.model.collection, 'insertMany']],
    ['ledger written', (models) => [models.accounts, 'written']],
    ['demands', (models) => [models.demands.model.collection, 'updateOne']],
    ['payment', (models) => [models.payments.model, 'updateOne']],
    ['receipt', (models) => [models.receipts, 'issue']],
    ['receipt number', (models) => [models.receipts.model.collection, 'insertOne']],
  ];
  it.each(STEPS)('heal after a crash at: %s', async (_, step) => {
    const models = await open();
    await sell(models);
    await raise(models, 'plinth');
    await models.payments.claim(claimOf('p1'), NOW.at);
    const [object, method] = step(models);
    jest.spyOn(object as { [name: string]: () => Promise<void> }, method).mockImplementationOnce(async () => {
      throw new Error('crash');
    });
    await expect(models.payments.confirm('p1', seen(), NOW)).rejects.toThrow('crash');
    await settle(models);
    expect(await models.payments.byId('p1')).toMatchObject({
      status: 'confirmed',
      receiptNo: 'greenfield-heights/2025-26/000001',
    });
    expect(await models.payments.confirm('p1', seen({ amountPaise: 9 * LAKH }), NOW)).toMatchObject({
      kind: 'known',
      payment: { amountPaise: 5 * LAKH },
    });
    expect((await models.demands.outstanding('b1', NOW.on))[0]?.outstandingPaise).toBe(5_50_000_00);
  });

  it('heal when the receipt was written and its number was not noted', async () => {
    const models = await open();
    await sell(models);
    await models.payments.claim(claimOf('p1'), NOW.at);
    const { updateOne } = models.payments.model;
    let calls = 0;
    jest.spyOn(models.payments.model, 'updateOne').mockImplementation(((
      ...given: Parameters<typeof updateOne>
    ) => {
      calls += 1;
      if (calls === 2) throw new Error('crash');
      return updateOne.apply(models.payments.model, given);
    }) as never);
    await expect(models.payments.confirm('p1', seen(), NOW)).rejects.toThrow('crash');
    expect((await models.payments.byId('p1'))?.receiptNo).toBeUndefined();
    await pay(models, 'p2');
    await settle(models);
    expect((await models.payments.byId('p1'))?.receiptNo).toBe('greenfield-heights/2025-26/000001');
    expect((await models.payments.byId('p2'))?.receiptNo).toBe('greenfield-heights/2025-26/000002');
  });

  it('begin a new series with the financial year of the decision', async () => {
    const models = await open();
    await sell(models);
    const eve = { at: new Date('2026-03-31T23:59:00+05:30'), on: '2026-03-31' };
    const next = { at: new Date('2026-04-01T00:00:00+05:30'), on: '2026-04-01' };
    const paid = [await pay(models, 'p1', {}, eve), await pay(models, 'p2', {}, next)];
    expect(paid.map((each) => 'payment' in each && each.payment.receiptNo)).toEqual([
      'greenfield-heights/2025-26/000001',
      'greenfield-heights/2026-27/000001',
    ]);
  });

  it('beyond what was asked for wait, and go to the next demand', async () => {
    const models = await open();
    await sell(models);
    expect(await pay(models, 'p1')).toMatchObject({ parts: [], advancePaise: 5 * LAKH });
    expect(await raise(models, 'plinth')).toMatchObject({ demand: { paidPaise: 5 * LAKH, status: 'open' } });
    const payment = await models.payments.byId('p1');
    expect(payment && (await models.payments.allocation(payment))).toMatchObject({
      parts: [{ demand: 'b1:1', amountPaise: 5 * LAKH }],
      advancePaise: 0,
    });
    expect((await models.demands.dues('b1', NOW.on)).duePaise).toBe(5_50_000_00);
    await settle(models);
  });

  it('are refused above 10 % before the agreement is registered, GST aside', async () => {
    const models = await open();
    await sell(models, { unregistered: true });
    await raise(models, 'booking');
    await models.payments.claim(claimOf('p1'), NOW.at);
    await models.payments.claim(claimOf('p2'), NOW.at);
    const both = await Promise.all(
      ['p1', 'p2'].map((id) => models.payments.confirm(id, seen({ amountPaise: 5_25_000_01 }), NOW)),
    );
    expect(both).toContainEqual({ kind: 'refused', reason: 'above_cap', mostPaise: 10 * LAKH });
    expect(both.filter(({ kind }) => kind === 'confirmed')).toHaveLength(1);
    const left = both[0]?.kind === 'confirmed' ? 'p2' : 'p1';
    expect((await models.payments.confirm(left, seen({ amountPaise: 5_24_999_99 }), NOW)).kind).toBe(
      'confirmed',
    );
    await settle(models);
  });
});

describe('TDS', () => {
  it('that awaits its certificate is not overdue, and is not filled by the next payment', async () => {
    const models = await open();
    await sell(models);
    await raise(models, 'plinth');
    await raise(models, 'slab_1', morning('2026-03-05'));
    await pay(models, 'p1', { amountPaise: 10_40_000_00 });
    await pay(models, 'p2', { amountPaise: 7_80_000_00 });
    const dues = await models.demands.dues('b1', '2026-05-01');
    expect(dues).toMatchObject({ overduePaise: 0, duePaise: 0, tdsAwaitedPaise: 17_500_00, advancePaise: 0 });
    expect(dues.interest).toEqual({ kind: 'known', paise: 0, lines: [] });
    const may = morning('2026-05-10');
    expect(await pay(models, 'c1', { amountPaise: 17_500_00, mode: 'tds_certificate' }, may)).toMatchObject({
      parts: [
        { demand: 'b1:1', amountPaise: 10_000_00 },
        { demand: 'b1:2', amountPaise: 7_500_00 },
      ],
    });
    expect(await models.demands.dues('b1', '2026-06-01')).toMatchObject({
      outstanding: [],
      interest: { kind: 'known', paise: 0 },
    });
    expect((await models.ledger.of('b1')).at(-1)?.lines[0]).toMatchObject({ account: 'tds' });
    await settle(models);
  });

  it('that was not deducted is paid like the rest', async () => {
    const models = await open();
    await sell(models);
    await raise(models, 'plinth');
    expect(await pay(models, 'p1', { amountPaise: 10_50_000_00 })).toMatchObject({ advancePaise: 0 });
    expect((await models.accounts.of('b1')).demands[0]?.status).toBe('paid');
  });
});

describe('dues', () => {
  it('say what is overdue, due, next, and how much interest has come about so far', async () => {
    const models = await open();
    await sell(models);
    await raise(models, 'agreement', morning('2026-02-20'));
    await raise(models, 'plinth', morning('2026-03-20'));
    await pay(models, 'p1', { amountPaise: 11 * LAKH }, morning('2026-03-17'));
    const dues = await models.demands.dues('b1', '2026-04-04');
    expect(dues).toMatchObject({
      overduePaise: 10 * LAKH,
      duePaise: 10_50_000_00,
      next: { demand: 'b1:2', milestone: 'plinth', dueOn: '2026-04-04', outstandingPaise: 10_50_000_00 },
      upcoming: { milestone: 'booking', amountPaise: 10 * LAKH },
      aging: { current: 10_50_000_00, '1-30': 10 * LAKH, '31-60': 0 },
    });
    // 11 lakh for 10 days, and of what is left all but the TDS for 28.
    const lines = dues.interest.kind === 'known' ? dues.interest.lines : [];
    expect(lines.map(({ overduePaise, days, rateBps }) => [overduePaise, days, rateBps])).toEqual([
      [11 * LAKH, 10, 1_080],
      [9_80_000_00, 28, 1_080],
    ]);
    expect(dues.interest).toMatchObject({ paise: 3_254_79 + 8_119_23 });
    const all = await models.demands.duesOfBuyer('asha', '2026-04-04');
    expect(all.map(({ booking, dues: each }) => [booking._id, each.overduePaise])).toEqual([
      ['b1', 10 * LAKH],
    ]);
  });

  it('stand on the card of a case of the buyer, and nothing does on that of somebody who has booked nothing', async () => {
    const models = await open();
    await sell(models);
    await raise(models, 'agreement', morning('2026-02-20'));
    await raise(models, 'plinth', morning('2026-03-20'));
    const parts = {
      models,
      folders: { shown: async () => [] },
      linkOf: (document: string) => document,
      projectName: async () => '',
      timeZone: 'Asia/Kolkata',
    };
    const factsOn = (buyer: string) => {
      const found = { _id: 'c1', conversation: `sandbox/${buyer}`, buyer } as Case;
      return factsOfCase({ ...parts, now: () => morning('2026-04-04').at }, found);
    };
    const [unit] = (await factsOn('asha')).units ?? [];
    const { overduePaise, duePaise, next } = await models.demands.dues('b1', '2026-04-04');
    expect(overduePaise).toBeGreaterThan(0);
    expect(unit).toMatchObject({ overduePaise, duePaise, next: { milestone: 'plinth', dueOn: next?.dueOn } });
    expect(unit?.unit).not.toContain('/');
    expect(await factsOn('ravi')).not.toHaveProperty('units');
  });

  it('count a demand as overdue from the day after', async () => {
    const models = await open();
    await sell(models);
    await raise(models, 'plinth');
    const at = async (day: string) => (await models.demands.dues('b1', day)).overduePaise;
    expect([await at('2026-03-16'), await at('2026-03-17')]).toEqual([0, 10_50_000_00]);
  });

  it('stand without the interest where its rate is not known', async () => {
    const models = await open();
    await sell(models, { interest: { state: 'GJ', rateOf: 'dueDate' } });
    await raise(models, 'plinth');
    expect(await models.demands.dues('b1', '2026-04-01')).toMatchObject({
      overduePaise: 10_50_000_00,
      interest: { kind: 'unknown', missing: 'interest_margin GJ allottee on 2026-03-16' },
    });
  });

  it('of nothing are nothing, and of no booking an error', async () => {
    const models = await open();
    await sell(models);
    expect(await models.demands.dues('b1', NOW.on)).toMatchObject({ overduePaise: 0, outstanding: [] });
    await expect(models.demands.dues('b9', NOW.on)).rejects.toMatchObject({ code: 'no_booking' });
    expect(await models.demands.duesOfBuyer('nobody', NOW.on)).toEqual([]);
  });
});

describe('rates in the database', () => {
  const row = {
    kind: 'interest_base',
    jurisdiction: 'IN',
    variant: 'sbi_mclr_highest',
    effectiveFrom: '2026-03-15',
    valueBps: 870,
    source: 'an invented reset',
    verified: true,
  } as const;

  it('are those that came with the product, and newer ones that were published', async () => {
    const models = await open();
    await models.rates.seed(RATES, NOW.at);
    expect(await models.rates.rows()).toHaveLength(RATES.length);
    await sell(models);
    await raise(models, 'plinth');
    await models.rates.publish(row, NOW.at);
    await models.rates.publish(row, NOW.at);
    const { interest } = await models.demands.dues('b1', '2026-04-01');
    expect(interest.kind === 'known' && interest.lines[0]?.rateBps).toBe(1_070);
  });

  it('are never changed', async () => {
    const models = await open();
    await models.rates.publish(row, NOW.at);
    await expect(models.rates.publish({ ...row, valueBps: 860 }, NOW.at)).rejects.toMatchObject({
      code: 'rate_published',
    });
  });
});

describe('the audit of the books', () => {
  async function books(): Promise<Models> {
    const models = await open();
    await sell(models);
    await raise(models, 'plinth');
    await pay(models, 'p1');
    await pay(models, 'p2', { amountPaise: LAKH });
    expect(await auditMoney(models, later(60_000))).toEqual([]);
    return models;
  }

  it.each<[string, (models: Models) => Promise<unknown>, string[]]>([
    [
      'an entry that was tampered with',
      ({ ledger }) => ledger.model.updateOne({ _id: 'payment:p1' }, { $set: { 'lines.0.debitPaise': 1 } }),
      ['ledger entry out of balance'],
    ],
    [
      'an entry that is gone',
      ({ ledger }) => ledger.model.deleteOne({ _id: 'payment:p1' }),
      ['ledger entry missing', 'ledger is not demands less payments'],
    ],
    [
      'an entry that nothing stands for',
      ({ ledger }) =>
        ledger.append([{ _id: 'x', booking: 'b1', of: 'x', what: 'payment', at: NOW.at, lines: [] }]),
      ['ledger entry of nothing'],
    ],
    [
      'a demand that says it is paid',
      ({ demands }) => demands.model.updateOne({ _id: 'b1:1' }, { $set: { status: 'paid' } }),
      ['demand differs from its account'],
    ],
    [
      'a claim that was confirmed by hand',
      async ({ payments }) => {
        await payments.claim(claimOf('p3'), NOW.at);
        await payments.model.updateOne(
          { _id: 'p3' },
          { $set: { status: 'confirmed', decidedBy: COLLECTOR } },
        );
      },
      ['payment differs from its account', 'payment without its receipt'],
    ],
    [
      'a number missing in the series',
      ({ receipts }) => receipts.model.deleteOne({ number: 1 }),
      ['payment without its receipt', 'gap in a series of receipts'],
    ],
    [
      'a unit that is another’s',
      ({ units }) => units.model.updateMany({ project: PROJECT }, { $set: { booking: 'b9' } }),
      ['booking without its unit'],
    ],
    [
      'an account that is gone',
      ({ accounts }) => accounts.model.deleteOne({ _id: 'b1' }),
      ['ledger entry without an account', 'payment decided without an account'],
    ],
  ])('finds %s', async (_, tamper, rules) => {
    const models = await books();
    await tamper(models);
    const found = new Set((await auditMoney(models, later(60_000))).map(({ rule }) => rule));
    expect([...found].sort()).toEqual([...rules].sort());
  });

  it('lets no unbalanced entry in', async () => {
    const { ledger } = await open();
    const lines = [{ account: 'bank' as const, debitPaise: 1, creditPaise: 0 }];
    const entry = { _id: 'x', booking: 'b1', of: 'x', what: 'payment' as const, at: NOW.at, lines };
    await expect(ledger.append([entry])).rejects.toMatchObject({ code: 'unbalanced' });
    expect(await ledger.of('b1')).toEqual([]);
  });
});
