import type { StaffRef } from '../types.ts';
import { type AllocatedPart, allocate } from './allocation.ts';
import type { Day } from './day.ts';
import { requirePaise, sumPaise } from './rounding.ts';

/** How money comes in. Cash is not among it (Income-tax Act 2025, ss. 185 and 186); a TDS certificate is a credit. */
export const PAYMENT_MODES = [
  'neft',
  'rtgs',
  'imps',
  'upi',
  'cheque',
  'demand_draft',
  'loan_disbursement',
  'tds_certificate',
] as const;
export type PaymentMode = (typeof PAYMENT_MODES)[number];

/** An instalment that was asked for. `_id` is `<booking>:<n>`, n counted per booking. */
export type Demand = {
  _id: string;
  booking: string;
  project: string;
  /** The instalment's number in the booking's plan. */
  instalment: number;
  milestone: string;
  /** Who certified the milestone, and when. */
  certificate?: { by: string; date: Day };
  principalPaise: number;
  gstPaise: number;
  gstBps: number;
  /** What the buyer deducts of the principal and owes the government; 0 when none is due. */
  tdsPaise: number;
  dueOn: Day;
  raisedOn: Day;
  raisedAt: Date;
  status: 'open' | 'paid' | 'withdrawn';
  paidPaise: number;
  withdrawn?: { by: StaffRef; at: Date; reason: string };
};

/** What a person decided about a payment, and which demands its money went to. */
export type Decision = {
  payment: string;
  status: 'confirmed' | 'rejected';
  by: StaffRef;
  at: Date;
  /** The day of the decision: that of the receipt. */
  on: Day;
  /** Of the bank, or of the certificate; 0 when rejected. */
  amountPaise: number;
  mode: PaymentMode;
  receivedOn: Day;
  parts: AllocatedPart[];
  /** Waits for the next demand. */
  advancePaise: number;
  reason?: string;
};

/** The money of one booking. Everything about it is decided on this. */
export type AccountState = { demands: Demand[]; decisions: Decision[] };

/** Accounts of the ledger. */
export type LedgerAccount = 'receivable' | 'price' | 'gst' | 'bank' | 'tds';

/** A balanced entry: debits and credits are equal. Example: `{_id: 'demand:b1:1', booking: 'b1', of: 'b1:1', what: 'demand', at, lines: [{account: 'receivable', debitPaise: 105, creditPaise: 0}, …]}` */
export type LedgerEntry = {
  _id: string;
  booking: string;
  /** The demand or payment. */
  of: string;
  what: 'demand' | 'withdrawal' | 'payment';
  at: Date;
  lines: { account: LedgerAccount; debitPaise: number; creditPaise: number }[];
};

/** What a decision makes of an account, and what the ledger is told. */
export type AccountChange = { state: AccountState; entries: LedgerEntry[] };

/** Principal and tax. */
export function totalOf({ principalPaise, gstPaise }: Demand): number {
  return principalPaise + gstPaise;
}

/** What is still to come for a demand; nothing for one that was withdrawn. */
export function outstandingOf(demand: Demand): number {
  return demand.status === 'withdrawn' ? 0 : totalOf(demand) - demand.paidPaise;
}

/** The part of what is outstanding that only a TDS certificate is expected to settle. */
export function tdsAwaited(state: AccountState, demand: Demand): number {
  const creditedPaise = sumPaise(
    state.decisions.filter(isCertificate).map((decision) => partOf(decision, demand)),
  );
  return Math.min(outstandingOf(demand), Math.max(0, demand.tdsPaise - creditedPaise));
}

/** A demand that stands for an instalment, if one was raised. */
export function demandFor(state: AccountState, instalment: number): Demand | undefined {
  return state.demands.find((demand) => demand.instalment === instalment && demand.status !== 'withdrawn');
}

/** Asks for an instalment; an advance goes to it at once. */
export function raise(
  state: AccountState,
  demand: Omit<Demand, '_id' | 'status' | 'paidPaise'>,
): AccountChange & { raised: Demand } {
  const _id = `${demand.booking}:${state.demands.length + 1}`;
  requirePaise(demand.principalPaise + demand.gstPaise);
  const raised: Demand = { ...demand, _id, status: 'open', paidPaise: 0 };
  const settled = settle({ ...state, demands: [...state.demands, raised] });
  return { state: settled, entries: [demandEntry(raised)], raised: byId(settled, _id) ?? raised };
}

/** Takes a demand back; what was paid for it goes to others, or waits as an advance. */
export function withdraw(
  state: AccountState,
  id: string,
  withdrawn: NonNullable<Demand['withdrawn']>,
): AccountChange {
  const demands = state.demands.map(
    (demand): Demand =>
      demand._id === id ? { ...demand, status: 'withdrawn', paidPaise: 0, withdrawn } : demand,
  );
  const decisions = state.decisions.map((decision): Decision => {
    const freedPaise = sumPaise(
      decision.parts.filter((part) => part.demand === id).map((part) => part.amountPaise),
    );
    const parts = decision.parts.filter((part) => part.demand !== id);
    return { ...decision, parts, advancePaise: decision.advancePaise + freedPaise };
  });
  const taken = byId(state, id);
  const entries = taken ? [withdrawalEntry(taken, withdrawn.at)] : [];
  return { state: settle({ demands, decisions }), entries };
}

/** Takes a confirmed payment in: to the demands that were due first, the rest is an advance. */
export function takeIn(
  state: AccountState,
  booking: string,
  payment: Omit<Decision, 'status' | 'parts' | 'advancePaise'>,
): AccountChange {
  const { amountPaise } = payment;
  requirePaise(amountPaise, 'A payment');
  const decision: Decision = { ...payment, status: 'confirmed', parts: [], advancePaise: amountPaise };
  const decisions = [...state.decisions, decision];
  return { state: settle({ ...state, decisions }), entries: [paymentEntry(booking, decision)] };
}

/** Turns a claim down; no money moves. */
export function turnDown(
  state: AccountState,
  claim: Pick<Decision, 'payment' | 'by' | 'at' | 'on' | 'mode' | 'receivedOn'> & { reason: string },
): AccountChange {
  const decision: Decision = { ...claim, status: 'rejected', amountPaise: 0, parts: [], advancePaise: 0 };
  return { state: { ...state, decisions: [...state.decisions, decision] }, entries: [] };
}

/** What was received in all, TDS certificates included. */
export function receivedIn({ decisions }: AccountState): number {
  return sumPaise(decisions.map(({ amountPaise }) => amountPaise));
}

/**
 * Gives what waits to what is open, oldest payment first. Money goes to what the buyer pays, of all demands, before
 * it goes to what awaits a TDS certificate, and a certificate the other way round: otherwise the money of the second
 * instalment would fill the gap that TDS left in the first, and the second would look unpaid.
 */
function settle(state: AccountState): AccountState {
  return state.decisions.reduce((before, { payment }) => {
    const decision = before.decisions.find((each) => each.payment === payment);
    if (!decision || decision.advancePaise === 0) return before;
    const own = isCertificate(decision) ? 'certificate' : 'money';
    return ([own, 'any'] as const).reduce((now, kind) => give(now, payment, kind), before);
  }, state);
}

function give(state: AccountState, payment: string, kind: 'money' | 'certificate' | 'any'): AccountState {
  const waiting = state.decisions.find((each) => each.payment === payment)?.advancePaise ?? 0;
  const room = state.demands.map((demand) => {
    const awaitedPaise = tdsAwaited(state, demand);
    const outstandingPaise =
      kind === 'any'
        ? outstandingOf(demand)
        : kind === 'certificate'
          ? awaitedPaise
          : outstandingOf(demand) - awaitedPaise;
    return { id: demand._id, dueOn: demand.dueOn, outstandingPaise };
  });
  const { parts, advancePaise } = allocate(waiting, room);
  return {
    demands: state.demands.map((demand) => credited(demand, parts)),
    decisions: state.decisions.map((decision) =>
      decision.payment === payment
        ? { ...decision, parts: merged(decision.parts, parts), advancePaise }
        : decision,
    ),
  };
}

function credited(demand: Demand, parts: readonly AllocatedPart[]): Demand {
  const part = parts.find((each) => each.demand === demand._id);
  if (!part) return demand;
  const paidPaise = demand.paidPaise + part.amountPaise;
  return { ...demand, paidPaise, status: paidPaise === totalOf(demand) ? 'paid' : 'open' };
}

/** One part per demand. */
function merged(parts: readonly AllocatedPart[], more: readonly AllocatedPart[]): AllocatedPart[] {
  const amounts = new Map<string, number>();
  for (const { demand, amountPaise } of [...parts, ...more])
    amounts.set(demand, (amounts.get(demand) ?? 0) + amountPaise);
  return [...amounts].map(([demand, amountPaise]) => ({ demand, amountPaise }));
}

function partOf(decision: Decision, demand: Demand): number {
  return decision.parts.find((part) => part.demand === demand._id)?.amountPaise ?? 0;
}

function isCertificate({ mode }: Decision): boolean {
  return mode === 'tds_certificate';
}

function byId(state: AccountState, id: string): Demand | undefined {
  return state.demands.find((demand) => demand._id === id);
}

const debit = (account: LedgerAccount, debitPaise: number) => ({ account, debitPaise, creditPaise: 0 });
const credit = (account: LedgerAccount, creditPaise: number) => ({ account, debitPaise: 0, creditPaise });

function demandEntry(demand: Demand): LedgerEntry {
  const { _id, booking, principalPaise, gstPaise, raisedAt: at } = demand;
  const lines = [
    debit('receivable', totalOf(demand)),
    credit('price', principalPaise),
    credit('gst', gstPaise),
  ];
  return { _id: `demand:${_id}`, booking, of: _id, what: 'demand', at, lines };
}

function withdrawalEntry(demand: Demand, at: Date): LedgerEntry {
  const { _id, booking, principalPaise, gstPaise } = demand;
  const lines = [
    credit('receivable', totalOf(demand)),
    debit('price', principalPaise),
    debit('gst', gstPaise),
  ];
  return { _id: `withdrawal:${_id}`, booking, of: _id, what: 'withdrawal', at, lines };
}

function paymentEntry(booking: string, decision: Decision): LedgerEntry {
  const { payment, amountPaise, at } = decision;
  const lines = [
    debit(isCertificate(decision) ? 'tds' : 'bank', amountPaise),
    credit('receivable', amountPaise),
  ];
  return { _id: `payment:${payment}`, booking, of: payment, what: 'payment', at, lines };
}
