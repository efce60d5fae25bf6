import { type Connection, type Model, Schema } from 'mongoose';
import { type AccountState, type Demand, demandFor, raise, withdraw } from '../flows/money/account.ts';
import { addDays, type Day, daysBetween, type Moment, requireDay } from '../flows/money/day.ts';
import { type Dues, duesOn, type OutstandingDemand, outstandingDemands } from '../flows/money/dues.ts';
import { gstOn } from '../flows/money/gst.ts';
import type { Instalment } from '../flows/money/plan.ts';
import type { RateRow } from '../flows/money/rates.ts';
import { capBeforeAgreement } from '../flows/money/reraCap.ts';
import { tdsOn } from '../flows/money/tds.ts';
import type { StaffRef } from '../flows/types.ts';
import type { Account, AccountDecision, Accounts } from './account.ts';
import type { Booking, Bookings } from './booking.ts';
import { AppError, isDuplicateKey } from './error.ts';
import type { Rates } from './rate.ts';

/** What is asked for: an instalment of a booking, by its milestone. */
export type DemandOrder = {
  booking: string;
  milestone: string;
  /** Of the architect or engineer; needed wherever something had to be built. */
  certificate?: { by: string; date: Day };
  /** Days to pay, from the agreement for sale. */
  dueInDays: number;
};

export type RaiseResult =
  | { kind: 'raised' | 'known'; demand: Demand }
  | {
      kind: 'refused';
      reason: 'no_booking' | 'no_milestone' | 'no_certificate' | 'certificate_in_future';
    }
  /** More than 10 % before the registered agreement (RERA Act s. 13(1)): so much may be asked for in all. */
  | { kind: 'refused'; reason: 'above_cap'; mostPaise: number };

export type WithdrawResult = { kind: 'withdrawn' | 'known' } | { kind: 'refused'; reason: 'no_demand' };

/** `rev` is the revision of the account that the record shows. */
type DemandRecord = Demand & { rev: number };

const schema = new Schema<DemandRecord>(
  {
    _id: { type: String, required: true },
    booking: { type: String, required: true },
    project: { type: String, required: true },
    instalment: { type: Number, required: true },
    milestone: { type: String, required: true },
    certificate: Schema.Types.Mixed,
    principalPaise: { type: Number, required: true },
    gstPaise: { type: Number, required: true },
    gstBps: { type: Number, required: true },
    tdsPaise: { type: Number, required: true },
    dueOn: { type: String, required: true },
    raisedOn: { type: String, required: true },
    raisedAt: { type: Date, required: true },
    status: { type: String, required: true },
    paidPaise: { type: Number, required: true },
    withdrawn: Schema.Types.Mixed,
    rev: { type: Number, required: true },
  },
  { collection: 'demands', versionKey: false },
);
schema.index({ booking: 1, dueOn: 1 });
schema.index({ project: 1, status: 1, dueOn: 1 });
schema.index({ status: 1, dueOn: 1 });

/** Demands: decided on the booking's account, kept here for whoever looks by project and due date. */
export class Demands {
  readonly model: Model<DemandRecord>;
  private readonly accounts: Accounts;
  private readonly bookings: Bookings;
  private readonly rates: Rates;

  constructor(connection: Connection, parts: { accounts: Accounts; bookings: Bookings; rates: Rates }) {
    this.model = connection.model<DemandRecord>('Demand', schema);
    this.accounts = parts.accounts;
    this.bookings = parts.bookings;
    this.rates = parts.rates;
  }

  /**
   * Asks for an instalment, once: the same milestone again finds the demand that stands for it. GST and TDS are those
   * of the day on which it is raised. Throws MissingRate when a rate of that day is not known.
   */
  async raise(order: DemandOrder, when: Moment): Promise<RaiseResult> {
    const booking = await this.bookings.byId(order.booking);
    if (booking?.status !== 'open') return { kind: 'refused', reason: 'no_booking' };
    const instalment = booking.plan.instalments.find(({ milestone }) => milestone === order.milestone);
    if (!instalment) return { kind: 'refused', reason: 'no_milestone' };
    const { certificate } = order;
    if (instalment.needsCertificate && !certificate) return { kind: 'refused', reason: 'no_certificate' };
    if (certificate && requireDay(certificate.date) > when.on)
      return { kind: 'refused', reason: 'certificate_in_future' };
    const rows = await this.rates.rows();
    const demand = newDemand(order, { booking, instalment, rows }, when);
    const result = await this.accounts.change(booking._id, when.at, (state) =>
      decideRaise(state, demand, booking, rows),
    );
    if (result.kind !== 'refused') await this.publish(booking._id);
    return result;
  }

  /** A person takes a demand back; what was paid for it goes to others. Twice is a no-op. */
  async withdraw(id: string, by: StaffRef, reason: string, at: Date): Promise<WithdrawResult> {
    const booking = id.slice(0, id.lastIndexOf(':'));
    const result = await this.accounts.change<WithdrawResult>(booking, at, (state) => {
      const demand = state.demands.find(({ _id }) => _id === id);
      if (!demand) return { result: { kind: 'refused', reason: 'no_demand' } };
      if (demand.status === 'withdrawn') return { result: { kind: 'known' } };
      return { result: { kind: 'withdrawn' }, change: withdraw(state, id, { by, at, reason }) };
    });
    if (result.kind !== 'refused') await this.publish(booking);
    return result;
  }

  /** What is outstanding of a booking on a day, the one that was due first before others. */
  async outstanding(booking: string, on: Day): Promise<OutstandingDemand[]> {
    return outstandingDemands(await this.accounts.of(booking), on);
  }

  /** Where a booking stands on a day. Throws AppError `no_booking`. */
  async dues(booking: string, on: Day): Promise<Dues> {
    const found = await this.bookings.byId(booking);
    if (!found) throw new AppError('no_booking', `there is no booking ${booking}`, { info: { booking } });
    return this.duesFor(found, await this.rates.rows(), on);
  }

  /** Where each open booking of a buyer stands on a day. */
  async duesOfBuyer(buyer: string, on: Day): Promise<{ booking: Booking; dues: Dues }[]> {
    const bookings = await this.bookings.of(buyer);
    // Most buyers have booked nothing, and need no rates.
    const rows = bookings.length > 0 ? await this.rates.rows() : [];
    return Promise.all(
      bookings.map(async (booking) => ({ booking, dues: await this.duesFor(booking, rows, on) })),
    );
  }

  /** Open demands of a project that were due before a day, longest first, at most `limit`. */
  async overdue(project: string, on: Day, limit: number): Promise<Demand[]> {
    return this.model
      .find({ project, status: 'open', dueOn: { $lt: on } })
      .sort({ dueOn: 1 })
      .limit(limit)
      .lean<Demand[]>();
  }

  /** Open demands that are due in [from, before), one at a time; of one project if it is named. */
  eachOpen({ from, before, project }: { from?: Day; before: Day; project?: string }): AsyncIterable<Demand> {
    const dueOn = { ...(from && { $gte: from }), $lt: before };
    return this.model
      .find({ ...(project && { project }), status: 'open', dueOn })
      .lean<Demand>()
      .cursor() as AsyncIterable<Demand>;
  }

  async byId(id: string): Promise<Demand | undefined> {
    return (await this.model.findById(id).lean<Demand>()) ?? undefined;
  }

  /** Writes down what the account owes to ledger and demands. Idempotent, and safe beside others that do the same. */
  async publish(booking: string): Promise<Account> {
    const account = await this.accounts.of(booking);
    await this.accounts.writeEntries(account);
    const owed = account.owed.filter(({ kind }) => kind === 'demand');
    const ids = new Set(owed.map(({ id }) => id));
    for (const demand of account.demands) if (ids.has(demand._id)) await this.record(demand, account.v);
    await this.accounts.written(booking, owed);
    return account;
  }

  private async duesFor(booking: Booking, rows: RateRow[], on: Day): Promise<Dues> {
    const { plan, interest } = booking;
    const account = await this.accounts.of(booking._id);
    return duesOn(account, { instalments: plan.instalments, interest, rows }, on);
  }

  /** A record that shows a later revision stays. */
  private async record(demand: Demand, rev: number): Promise<void> {
    const { _id, ...shown } = demand;
    try {
      await this.model.collection.updateOne(
        { _id: _id as never, rev: { $lt: rev } },
        { $set: { ...shown, rev } },
        { upsert: true },
      );
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}

type NewDemand = Omit<Demand, '_id' | 'status' | 'paidPaise'>;

function newDemand(
  { certificate, dueInDays }: DemandOrder,
  { booking, instalment, rows }: { booking: Booking; instalment: Instalment; rows: RateRow[] },
  { at, on }: Moment,
): NewDemand {
  const { milestone, number, amountPaise: principalPaise, daysAfterBooking } = instalment;
  const gst = gstOn(rows, booking.gst, principalPaise, on);
  const base = { considerationPaise: booking.agreementValuePaise, stampValuePaise: booking.stampValuePaise };
  const inDays = addDays(on, dueInDays);
  const byPlan = daysAfterBooking === undefined ? inDays : addDays(booking.bookedOn, daysAfterBooking);
  return {
    booking: booking._id,
    project: booking.project,
    instalment: number,
    milestone,
    ...(certificate && { certificate }),
    principalPaise,
    gstPaise: gst.taxPaise,
    gstBps: gst.row.valueBps,
    tdsPaise: tdsOn(rows, base, principalPaise, on)?.tdsPaise ?? 0,
    // Nobody is asked to pay sooner than the agreement allows.
    dueOn: daysBetween(inDays, byPlan) > 0 ? byPlan : inDays,
    raisedOn: on,
    raisedAt: at,
  };
}

function decideRaise(
  state: AccountState,
  demand: NewDemand,
  booking: Booking,
  rows: RateRow[],
): AccountDecision<RaiseResult> {
  const known = demandFor(state, demand.instalment);
  if (known) return { result: { kind: 'known', demand: known } };
  if (!booking.agreement) {
    const asked = state.demands.filter(({ status }) => status !== 'withdrawn');
    const inAllPaise = asked.reduce((total, each) => total + each.principalPaise, demand.principalPaise);
    const reraCostPaise = booking.costSheet.bases.rera_cost;
    const cap = capBeforeAgreement(rows, { reraCostPaise, inAllPaise }, demand.raisedOn);
    if (!cap.isWithin) return { result: { kind: 'refused', reason: 'above_cap', mostPaise: cap.mostPaise } };
  }
  const { raised, ...change } = raise(state, demand);
  return { result: { kind: 'raised', demand: raised }, change };
}
