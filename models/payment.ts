import { type Connection, type Model, Schema } from 'mongoose';
import {
  type AccountState,
  type Decision,
  type PaymentMode,
  receivedIn,
  takeIn,
  turnDown,
} from '../flows/money/account.ts';
import { type Day, type Moment, requireDay } from '../flows/money/day.ts';
import type { RateRow } from '../flows/money/rates.ts';
import { capBeforeAgreement } from '../flows/money/reraCap.ts';
import type { StaffRef } from '../flows/types.ts';
import type { AccountDecision, Accounts } from './account.ts';
import type { Booking, Bookings } from './booking.ts';
import type { Demands } from './demand.ts';
import { AppError, isDuplicateKey } from './error.ts';
import type { Rates } from './rate.ts';
import type { Receipts } from './receipt.ts';

/** Money that somebody says was paid, and what a person decided about it. The id must not name the buyer. */
export type Payment = {
  _id: string;
  booking: string;
  project: string;
  demand?: string;
  /** As claimed, 0 when the buyer named no sum; once confirmed, what the bank shows. */
  amountPaise: number;
  /** As the buyer wrote it. */
  utr?: string;
  /** The reference without blanks, in capitals: unique as long as the claim is not rejected. */
  utrKey?: string;
  mode?: PaymentMode;
  claimedAt?: Date;
  /** The buyer who told us of it, by id; one of several who buy together. */
  claimedBy?: string;
  claimedPaise?: number;
  /** Nobody told us of it: a person found it in the bank's record. */
  isFound?: true;
  /** The day on which the buyer says they paid. */
  paidOn?: Day;
  receivedOn?: Day;
  status: 'claimed' | 'confirmed' | 'rejected';
  decidedBy?: StaffRef;
  decidedAt?: Date;
  reason?: string;
  receiptNo?: string;
};

/** What somebody says was paid. */
export type Claim = Pick<
  Payment,
  | '_id'
  | 'booking'
  | 'project'
  | 'demand'
  | 'amountPaise'
  | 'utr'
  | 'mode'
  | 'paidOn'
  | 'isFound'
  | 'claimedBy'
>;

/** The claim that has a reference already: enough for the team to find it, nothing about whose it is. */
export type OtherClaim = {
  payment: string;
  status: Payment['status'];
  /** It is of the same booking: the buyer has told us before. Otherwise only the team may look further. */
  isOwn: boolean;
};

export type ClaimResult =
  /** `added`: told before without its reference or its sum, and now with it. */
  | { kind: 'claimed' | 'known' | 'added'; payment: Payment }
  | { kind: 'refused'; reason: 'utr_used'; claim: OtherClaim };

/** What a person has seen in the bank's record, or on the certificate. */
export type Confirmation = {
  by: StaffRef;
  amountPaise: number;
  mode: PaymentMode;
  /** When it was realised. */
  receivedOn: Day;
  /** Where the claim had none. */
  utr?: string;
};

export type ConfirmResult =
  | { kind: 'confirmed' | 'known'; payment: Payment; parts: Decision['parts']; advancePaise: number }
  | { kind: 'refused'; reason: 'no_payment' | 'rejected' | 'in_future' }
  | { kind: 'refused'; reason: 'utr_used'; claim: OtherClaim }
  /** Above 10 % before the registered agreement (RERA Act s. 13(1)): register first, or give it back. */
  | { kind: 'refused'; reason: 'above_cap'; mostPaise: number };

export type RejectResult =
  | { kind: 'rejected' | 'known'; payment: Payment }
  | { kind: 'refused'; reason: 'no_payment' | 'confirmed' };

const schema = new Schema<Payment>(
  {
    _id: { type: String, required: true },
    booking: { type: String, required: true },
    project: { type: String, required: true },
    demand: String,
    amountPaise: { type: Number, required: true },
    utr: String,
    utrKey: String,
    mode: String,
    claimedAt: Date,
    claimedBy: String,
    claimedPaise: Number,
    isFound: Boolean,
    paidOn: String,
    receivedOn: String,
    status: { type: String, required: true },
    decidedBy: Schema.Types.Mixed,
    decidedAt: Date,
    reason: String,
    receiptNo: String,
  },
  { collection: 'payments', versionKey: false },
);
schema.index({ utrKey: 1 }, { unique: true, partialFilterExpression: { utrKey: { $exists: true } } });
schema.index({ booking: 1, status: 1 });

type Parts = {
  accounts: Accounts;
  bookings: Bookings;
  demands: Demands;
  rates: Rates;
  receipts: Receipts;
};

/**
 * Payments: claimed by anybody, decided by people only. The decision is one write on the booking's account; receipt,
 * ledger and records follow from it, and a sweep finishes what a crash cut short.
 */
export class Payments {
  readonly model: Model<Payment>;
  private readonly parts: Parts;

  constructor(connection: Connection, parts: Parts) {
    this.model = connection.model<Payment>('Payment', schema);
    this.parts = parts;
  }

  /**
   * Notes that somebody says they paid; nothing is confirmed by it. The same id again is a no-op. A reference that
   * another claim has, and that was not rejected, is refused.
   */
  async claim(claim: Claim, claimedAt: Date): Promise<ClaimResult> {
    const payment: Payment = {
      ...claim,
      ...(claim.utr !== undefined && { utrKey: keyOf(claim.utr) }),
      claimedPaise: claim.amountPaise,
      claimedAt,
      status: 'claimed',
    };
    for (;;) {
      try {
        await this.model.collection.insertOne(payment as never);
        return { kind: 'claimed', payment };
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        const known = await this.byId(claim._id);
        if (known) return { kind: 'known', payment: known };
        const other = await this.otherClaim(payment);
        if (other) return { kind: 'refused', reason: 'utr_used', claim: other };
        // It was rejected between the two looks: the reference is free.
      }
    }
  }

  /**
   * As `claim`; but what was said before of the same payment, without its reference or its sum, is only added to:
   * "I have paid", then the reference, is one claim.
   */
  async tellOf(claim: Claim, claimedAt: Date): Promise<ClaimResult> {
    const known = await this.byId(claim._id);
    if (known) return { kind: 'known', payment: known };
    const before = (await this.claimed(claim.booking)).find((each) => isSamePayment(each, claim));
    return before ? this.addTo(before, claim) : this.claim(claim, claimedAt);
  }

  /** What one buyer told us of payments for these bookings is another's: the two turned out to be one person. */
  async passTo(from: string, to: string, bookings: string[]): Promise<void> {
    const told = { booking: { $in: bookings }, claimedBy: from };
    await this.model.updateMany(told, { $set: { claimedBy: to } });
  }

  private async addTo(before: Payment, { utr, amountPaise, paidOn, demand }: Claim): Promise<ClaimResult> {
    const news = {
      ...(before.utr === undefined && utr !== undefined && { utr, utrKey: keyOf(utr) }),
      ...(before.amountPaise === 0 && amountPaise > 0 && { amountPaise, claimedPaise: amountPaise }),
      // The sum tells better than the due date which demand was paid.
      ...(before.amountPaise === 0 && amountPaise > 0 && demand !== undefined && { demand }),
      ...(before.paidOn === undefined && paidOn !== undefined && { paidOn }),
    };
    if (Object.keys(news).length === 0) return { kind: 'known', payment: before };
    try {
      await this.model.updateOne({ _id: before._id, status: 'claimed' }, { $set: news });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const other = await this.otherClaim({ ...before, ...news });
      if (other) return { kind: 'refused', reason: 'utr_used', claim: other };
    }
    return { kind: 'added', payment: await this.required(before._id) };
  }

  /**
   * A person confirms what the bank shows: it goes to the demands that were due first, into the ledger, and gets a
   * receipt. Confirming again, by whomever, finds the first decision. Throws AppError `nobody_confirms` without a
   * person, `no_amount` without money.
   */
  async confirm(id: string, confirmation: Confirmation, when: Moment): Promise<ConfirmResult> {
    requirePerson(confirmation.by);
    if (!(confirmation.amountPaise > 0))
      throw new AppError('no_amount', 'a payment of nothing', { info: { id } });
    const payment = await this.byId(id);
    const booking = payment && (await this.parts.bookings.byId(payment.booking));
    if (!payment || !booking) return { kind: 'refused', reason: 'no_payment' };
    if (requireDay(confirmation.receivedOn) > when.on) return { kind: 'refused', reason: 'in_future' };
    const other = await this.learnUtr(payment, confirmation.utr);
    if (other) return { kind: 'refused', reason: 'utr_used', claim: other };
    const rows = booking.agreement ? [] : await this.parts.rates.rows();
    const decided = await this.parts.accounts.change(booking._id, when.at, (state) =>
      decideConfirm(state, id, confirmation, { booking, rows, when }),
    );
    if (decided.kind === 'refused') return decided;
    await this.publish(booking._id);
    const { parts, advancePaise } = await this.decisionOn(payment);
    return { kind: decided.kind, payment: await this.required(id), parts, advancePaise };
  }

  /** A person finds that it did not come in. Its reference is free again; a confirmed payment stays confirmed. */
  async reject(id: string, by: StaffRef, reason: string, when: Moment): Promise<RejectResult> {
    requirePerson(by);
    const payment = await this.byId(id);
    if (!payment) return { kind: 'refused', reason: 'no_payment' };
    const kind = await this.parts.accounts.change<'rejected' | 'known' | 'confirmed'>(
      payment.booking,
      when.at,
      (state) => {
        const known = decisionIn(state, id);
        if (known) return { result: known.status === 'confirmed' ? 'confirmed' : 'known' };
        const { mode = 'neft' } = payment;
        const claim = { payment: id, by, ...when, mode, receivedOn: when.on, reason };
        return { result: 'rejected', change: turnDown(state, claim) };
      },
    );
    await this.publish(payment.booking);
    return kind === 'confirmed'
      ? { kind: 'refused', reason: kind }
      : { kind, payment: await this.required(id) };
  }

  async byId(id: string): Promise<Payment | undefined> {
    return (await this.model.findById(id).lean<Payment>()) ?? undefined;
  }

  /** What was claimed for a booking and waits for a person, in the order of the claims. */
  async claimed(booking: string): Promise<Payment[]> {
    const found = await this.model.find({ booking, status: 'claimed' }).lean<Payment[]>();
    return found.sort((one, other) => (one.claimedAt?.getTime() ?? 0) - (other.claimedAt?.getTime() ?? 0));
  }

  /** Everything that was said to be paid for a booking, whatever was decided about it. */
  async ofBooking(booking: string): Promise<Payment[]> {
    return this.model.find({ booking }).lean<Payment[]>();
  }

  /** What was claimed for any of these bookings and waits for a person. */
  async claimedOf(bookings: string[]): Promise<Payment[]> {
    return this.model.find({ booking: { $in: bookings }, status: 'claimed' }).lean<Payment[]>();
  }

  /** What went to which demands, as it stands; undefined until a person has confirmed it. */
  async allocation(payment: Payment): Promise<Pick<Decision, 'parts' | 'advancePaise'> | undefined> {
    return decisionIn(await this.parts.accounts.of(payment.booking), payment._id);
  }

  /** Writes down all that an account owes: ledger, demands, payments and receipts. Idempotent: the sweep repeats it. */
  async publish(booking: string): Promise<void> {
    const account = await this.parts.demands.publish(booking);
    const owed = account.owed.filter(({ kind }) => kind === 'decision');
    for (const { id } of owed) {
      const decision = decisionIn(account, id);
      if (decision) await this.record(decision);
    }
    await this.parts.accounts.written(booking, owed);
  }

  private async record(decision: Decision): Promise<void> {
    const { payment, status, by, at, amountPaise, mode, receivedOn, reason } = decision;
    const confirmed = { amountPaise, mode, receivedOn };
    const shown = {
      status,
      decidedBy: by,
      decidedAt: at,
      ...(status === 'confirmed' ? confirmed : { reason }),
    };
    await this.model.updateOne(
      { _id: payment, status: 'claimed' },
      { $set: shown, ...(status === 'rejected' && { $unset: { utrKey: '' } }) },
    );
    const record = await this.required(payment);
    if (status === 'rejected' || record.receiptNo !== undefined) return;
    const { _id: receiptNo } = await this.parts.receipts.issue(record, decision);
    await this.model.updateOne({ _id: payment }, { $set: { receiptNo } });
  }

  /** The reference that the bank shows, noted on a claim that had none; or the claim that has it already. */
  private async learnUtr(payment: Payment, utr: string | undefined): Promise<OtherClaim | undefined> {
    if (utr === undefined || payment.utrKey !== undefined) return undefined;
    const known = { ...payment, utr, utrKey: keyOf(utr) };
    try {
      await this.model.updateOne(
        { _id: payment._id, status: 'claimed', utrKey: { $exists: false } },
        { $set: { utr, utrKey: known.utrKey } },
      );
      return undefined;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return this.otherClaim(known);
    }
  }

  private async otherClaim({ _id, booking, utrKey }: Payment): Promise<OtherClaim | undefined> {
    const other = utrKey && (await this.model.findOne({ utrKey }).lean<Payment>());
    if (!other || other._id === _id) return undefined;
    return { payment: other._id, status: other.status, isOwn: other.booking === booking };
  }

  private async required(id: string): Promise<Payment> {
    const payment = await this.byId(id);
    if (payment) return payment;
    throw new AppError('no_payment', `there is no payment ${id}`, { info: { payment: id } });
  }

  private async decisionOn(payment: Payment): Promise<Pick<Decision, 'parts' | 'advancePaise'>> {
    return (await this.allocation(payment)) ?? { parts: [], advancePaise: 0 };
  }
}

type ConfirmDecision =
  | { kind: 'confirmed' | 'known' }
  | { kind: 'refused'; reason: 'rejected' }
  | { kind: 'refused'; reason: 'above_cap'; mostPaise: number };

function decideConfirm(
  state: AccountState,
  payment: string,
  { by, amountPaise, mode, receivedOn }: Confirmation,
  { booking, rows, when }: { booking: Booking; rows: RateRow[]; when: Moment },
): AccountDecision<ConfirmDecision> {
  const known = decisionIn(state, payment);
  if (known)
    return {
      result: known.status === 'confirmed' ? { kind: 'known' } : { kind: 'refused', reason: 'rejected' },
    };
  if (!booking.agreement) {
    // The cap is of the cost: tax that was asked for does not count.
    const asked = state.demands.filter(({ status }) => status !== 'withdrawn');
    const gstPaise = asked.reduce((total, demand) => total + demand.gstPaise, 0);
    const inAllPaise = Math.max(0, receivedIn(state) + amountPaise - gstPaise);
    const reraCostPaise = booking.costSheet.bases.rera_cost;
    const cap = capBeforeAgreement(rows, { reraCostPaise, inAllPaise }, when.on);
    if (!cap.isWithin) return { result: { kind: 'refused', reason: 'above_cap', mostPaise: cap.mostPaise } };
  }
  const taken = { payment, by, ...when, amountPaise, mode, receivedOn };
  return { result: { kind: 'confirmed' }, change: takeIn(state, booking._id, taken) };
}

function decisionIn(state: AccountState, payment: string): Decision | undefined {
  return state.decisions.find((decision) => decision.payment === payment);
}

/** Machines never confirm money (invariant 2): a decision names the person who made it. */
function requirePerson({ id, name }: StaffRef): void {
  if (id.trim() !== '' && name.trim() !== '') return;
  throw new AppError('nobody_confirms', 'a payment is decided by a named person');
}

/** Nothing in them differs, and at least one of them leaves out what names a payment. */
function isSamePayment(before: Payment, { utr, amountPaise }: Claim): boolean {
  const isUtrOpen = before.utrKey === undefined || utr === undefined;
  const isSumOpen = before.amountPaise === 0 || amountPaise === 0 || before.amountPaise === amountPaise;
  return isUtrOpen && isSumOpen;
}

/** Banks write references in groups and in either case. */
function keyOf(utr: string): string {
  return utr.replace(/[\s-]/g, '').toUpperCase();
}
