import { type Demand, outstandingOf, totalOf } from '../flows/money/account.ts';
import type { Account } from './account.ts';
import type { Finding } from './audit.ts';
import { isBalanced } from './ledger.ts';
import type { Models } from './models.ts';

const MOST_FINDINGS = 1_000;

/**
 * Proves the books over the whole database: every entry balances, every booking's ledger says what its demands less
 * its payments make, every paisa of a payment is with a demand or waits, records and account agree, every confirmed
 * payment has one receipt and no series a gap, and every open booking its unit. What has been half written since
 * before `late` is a finding too; what changes just now is left to the next audit.
 */
export async function auditMoney(models: Models, late: Date): Promise<Finding[]> {
  const { accounts, bookings } = models;
  const findings: Finding[] = [];
  const note = (rule: string, id: string) => findings.push({ rule, id });
  for (const id of await accounts.owing(late, MOST_FINDINGS)) note('account with records owed', id);
  for (const id of await bookings.unfinished(late, MOST_FINDINGS)) note('booking half opened', id);
  const known = new Set<string>();
  for await (const { _id } of accounts.model.find({}, { _id: 1 }).lean().cursor()) {
    known.add(`${_id}`);
    findings.push(...(await auditAccount(models, `${_id}`)));
  }
  await withoutAccount(models, known, note);
  await unitsOfOthers(models, note);
  await gapsInSeries(models, note);
  return findings.slice(0, MOST_FINDINGS);
}

type Note = (rule: string, id: string) => void;

async function auditAccount(models: Models, id: string): Promise<Finding[]> {
  const account = await models.accounts.of(id);
  if (account.owedSince !== undefined) return [];
  const findings: Finding[] = [];
  const note = (rule: string, of: string) => findings.push({ rule, id: of });
  await ledgerOf(models, account, note);
  await demandsOf(models, account, note);
  await paymentsOf(models, account, note);
  const { v } = await models.accounts.of(id);
  return v === account.v ? findings : [];
}

async function ledgerOf({ ledger }: Models, account: Account, note: Note): Promise<void> {
  const entries = await ledger.of(account._id);
  for (const entry of entries) if (!isBalanced(entry)) note('ledger entry out of balance', entry._id);
  const confirmed = account.decisions.filter(({ status }) => status === 'confirmed');
  const expected = [
    ...account.demands.map(({ _id }) => `demand:${_id}`),
    ...account.demands.filter(isWithdrawn).map(({ _id }) => `withdrawal:${_id}`),
    ...confirmed.map(({ payment }) => `payment:${payment}`),
  ];
  const written = new Set(entries.map(({ _id }) => _id));
  for (const id of expected) if (!written.delete(id)) note('ledger entry missing', id);
  for (const id of written) note('ledger entry of nothing', id);
  const lines = entries.flatMap((entry) => entry.lines).filter((line) => line.account === 'receivable');
  const balancePaise = sum(lines.map(({ debitPaise, creditPaise }) => debitPaise - creditPaise));
  const standing = account.demands.filter((demand) => !isWithdrawn(demand));
  const owedPaise = sum(standing.map(totalOf)) - sum(confirmed.map(({ amountPaise }) => amountPaise));
  if (balancePaise !== owedPaise) note('ledger is not demands less payments', account._id);
}

async function demandsOf({ demands }: Models, account: Account, note: Note): Promise<void> {
  for (const demand of account.demands) {
    const parts = account.decisions.flatMap((decision) => decision.parts);
    const paid = parts.filter((part) => part.demand === demand._id).map(({ amountPaise }) => amountPaise);
    if (sum(paid) !== demand.paidPaise || outstandingOf(demand) < 0) note('demand wrongly paid', demand._id);
  }
  const records = await demands.model.find({ booking: account._id }).lean<Demand[]>();
  const decided = new Map(account.demands.map((demand) => [demand._id, demand]));
  for (const { _id, status, paidPaise, principalPaise, gstPaise } of records) {
    const demand = decided.get(_id);
    const agrees =
      demand?.status === status &&
      demand.paidPaise === paidPaise &&
      demand.principalPaise === principalPaise &&
      demand.gstPaise === gstPaise;
    if (!agrees) note('demand differs from its account', _id);
    decided.delete(_id);
  }
  for (const id of decided.keys()) note('demand without a record', id);
}

async function paymentsOf({ payments, receipts }: Models, account: Account, note: Note): Promise<void> {
  for (const { payment, amountPaise, advancePaise, parts } of account.decisions) {
    const givenPaise = sum(parts.map((part) => part.amountPaise));
    if (givenPaise + advancePaise !== amountPaise) note('payment not wholly allocated', payment);
  }
  const records = await payments.model.find({ booking: account._id }).lean();
  const decided = new Map(account.decisions.map((decision) => [decision.payment, decision]));
  for (const { _id, status, amountPaise, decidedBy, receiptNo } of records) {
    const decision = decided.get(_id);
    decided.delete(_id);
    if (status === 'claimed' && !decision) continue;
    if (decision?.status !== status || !decidedBy) note('payment differs from its account', _id);
    if (status !== 'confirmed') continue;
    if (decision?.amountPaise !== amountPaise) note('payment differs from its account', _id);
    const receipt = await receipts.of(_id);
    if (!receipt || receipt._id !== receiptNo) note('payment without its receipt', _id);
  }
  for (const id of decided.keys()) note('decision without a payment', id);
}

/** Money that no account knows of: also not one that was opened since `known` was listed. */
async function withoutAccount(
  { accounts, payments, ledger, receipts }: Models,
  known: Set<string>,
  note: Note,
): Promise<void> {
  const isKnown = async (booking: string) =>
    known.has(booking) || (await accounts.model.exists({ _id: booking })) !== null;
  const decided = payments.model
    .find({ status: { $ne: 'claimed' } }, { booking: 1 })
    .lean()
    .cursor();
  for await (const { _id, booking } of decided)
    if (!(await isKnown(booking))) note('payment decided without an account', `${_id}`);
  for await (const { _id, booking } of ledger.model.find({}, { booking: 1 }).lean().cursor())
    if (!(await isKnown(booking))) note('ledger entry without an account', `${_id}`);
  for await (const { _id, payment } of receipts.model.find({}, { payment: 1 }).lean().cursor()) {
    const paid = await payments.model.exists({ _id: payment, status: 'confirmed' });
    if (!paid) note('receipt without a confirmed payment', `${_id}`);
  }
}

async function unitsOfOthers({ bookings, units }: Models, note: Note): Promise<void> {
  const open = bookings.model.find({ status: 'open' }, { unit: 1 }).lean().cursor();
  for await (const { _id, unit } of open) {
    if ((await units.byId(unit))?.booking !== `${_id}`) note('booking without its unit', `${_id}`);
  }
}

async function gapsInSeries({ receipts }: Models, note: Note): Promise<void> {
  let before = { series: '', number: 0 };
  const all = receipts.model
    .find({}, { series: 1, number: 1 })
    .sort({ series: 1, number: 1 })
    .lean()
    .cursor();
  for await (const { series, number } of all) {
    const expected = series === before.series ? before.number + 1 : 1;
    if (number !== expected) note('gap in a series of receipts', `${series}/${expected}`);
    before = { series, number };
  }
}

function isWithdrawn({ status }: Demand): boolean {
  return status === 'withdrawn';
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
