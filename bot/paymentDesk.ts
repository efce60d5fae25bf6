import { createHash } from 'node:crypto';
import type { PaymentCheck } from '../flows/casework.ts';
import type { Demand, PaymentMode } from '../flows/money/account.ts';
import { type Day, isDay, momentOf } from '../flows/money/day.ts';
import { MissingRate } from '../flows/money/rates.ts';
import type { Intent, StaffRef } from '../flows/types.ts';
import type { Booking } from '../models/booking.ts';
import type { Case } from '../models/case.ts';
import type { RaiseResult } from '../models/demand.ts';
import { AppError } from '../models/error.ts';
import type { Models } from '../models/models.ts';
import type { ConfirmResult, Payment, RejectResult } from '../models/payment.ts';
import type { Project } from '../templates/documents/project.ts';
import type { Answers } from './answers.ts';
import type { Telling } from './bookingDesk.ts';

export type PaymentDeskParts = {
  models: Pick<Models, 'bookings' | 'cases' | 'conversations' | 'demands' | 'payments'>;
  projectOf: (slug: string) => Promise<Project | undefined>;
  happenings: Pick<Telling, 'tell'>;
  /** Tells the buyer in the person's name, and closes the case of the claim. */
  answers: Pick<Answers, 'checkPayment'>;
  timeZone: string;
};

/** What a buyer says they paid. `amountPaise` is 0 when they named no sum; `key` names this very statement. */
export type ClaimOrder = {
  buyer: string;
  booking: string;
  demand?: string;
  amountPaise: number;
  utr?: string;
  paidOn?: Day;
  key: string;
  source: 'chat' | 'portal';
};

export type ClaimOutcome =
  /** `added`: said before, and now with its reference or its sum. */
  | { kind: 'claimed' | 'known' | 'added'; payment: Payment }
  | { kind: 'refused'; reason: 'no_booking' }
  /** `isOwn`: told before for this very booking. */
  | { kind: 'refused'; reason: 'utr_used'; isOwn: boolean };

/** An instalment that a person asks for, once its milestone is reached. */
export type DemandOrder = {
  booking: string;
  milestone: string;
  certificate?: { by: string; date: Day };
  dueInDays?: number;
};

export type DemandOutcome =
  | RaiseResult
  | { kind: 'refused'; reason: 'no_terms' | 'bad_certificate_day' }
  | { kind: 'refused'; reason: 'missing_rate'; missing: string };

/** What a person has seen in the bank's record. `payment` is the claim; without one, what they found by themselves. */
export type ReceivedOrder = {
  booking: string;
  payment?: string;
  amountPaise: number;
  mode: PaymentMode;
  receivedOn: Day;
  utr?: string;
  by: StaffRef;
  /** Names the person's input, for money that nobody claimed. */
  key: string;
};

export type ReceivedOutcome =
  | Extract<ConfirmResult, { kind: 'confirmed' | 'known' }>
  | Extract<ConfirmResult, { kind: 'refused' }>
  | { kind: 'refused'; reason: 'no_booking' | 'bad_day' };

/**
 * Where money is asked for, claimed and decided. Buyers claim, people decide; each step is one idempotent act on the
 * books, then an event to the buyer's conversation, whose flow writes to them.
 */
export class PaymentDesk {
  private readonly parts: PaymentDeskParts;

  constructor(parts: PaymentDeskParts) {
    this.parts = parts;
  }

  /** Asks for an instalment; the buyer gets the demand letter. The same milestone again finds the demand that stands. */
  async raise(order: DemandOrder, now: Date): Promise<DemandOutcome> {
    const { models, projectOf, timeZone } = this.parts;
    const booking = await models.bookings.byId(order.booking);
    if (!booking) return { kind: 'refused', reason: 'no_booking' };
    const terms = (await projectOf(booking.project))?.money;
    if (!terms) return { kind: 'refused', reason: 'no_terms' };
    if (order.certificate && !isDay(order.certificate.date))
      return { kind: 'refused', reason: 'bad_certificate_day' };
    try {
      const dueInDays = order.dueInDays ?? terms.demandDueDays;
      const result = await models.demands.raise({ ...order, dueInDays }, momentOf(now, timeZone));
      if (result.kind === 'raised' || result.kind === 'known') await this.tellDemand(booking, result.demand);
      return result;
    } catch (error) {
      if (!(error instanceof MissingRate)) throw error;
      return { kind: 'refused', reason: 'missing_rate', missing: error.missing };
    }
  }

  /** A buyer says that they paid. Nothing is confirmed by it: a person looks, with the books beside it. */
  async claim(order: ClaimOrder, now: Date): Promise<ClaimOutcome> {
    const { models, happenings } = this.parts;
    const booking = await models.bookings.byId(order.booking);
    if (booking?.status !== 'open' || !booking.buyers.includes(order.buyer))
      return { kind: 'refused', reason: 'no_booking' };
    const id = paymentIdOf(order.key);
    const { amountPaise, utr, paidOn } = order;
    const demand = order.demand ?? (await this.claimedDemand(booking._id, amountPaise, now));
    const result = await models.payments.tellOf(
      {
        _id: id,
        booking: booking._id,
        project: booking.project,
        ...(demand !== undefined && { demand }),
        amountPaise,
        ...(utr !== undefined && { utr }),
        ...(paidOn !== undefined && { paidOn }),
      },
      now,
    );
    if (result.kind === 'refused') return { kind: 'refused', reason: 'utr_used', isOwn: result.claim.isOwn };
    if (order.source === 'portal' && result.kind !== 'known')
      await happenings.tell(order.buyer, `claimed:${id}`, {
        name: 'paymentClaimed',
        subject: booking._id,
        payment: result.payment._id,
        ...(demand !== undefined && { demand }),
        amountPaise,
        ...(utr !== undefined && { utr }),
      });
    return result;
  }

  /** A person confirms what the bank shows: receipt to the buyer, and the case of the claim is closed. */
  async confirm(order: ReceivedOrder, now: Date): Promise<ReceivedOutcome> {
    const { models, timeZone } = this.parts;
    const booking = await models.bookings.byId(order.booking);
    if (!booking) return { kind: 'refused', reason: 'no_booking' };
    if (!isDay(order.receivedOn)) return { kind: 'refused', reason: 'bad_day' };
    const id = order.payment ?? (await this.noteUnclaimed(booking, order, now));
    const { by, amountPaise, mode, receivedOn, utr } = order;
    const confirmation = { by, amountPaise, mode, receivedOn, ...(utr !== undefined && { utr }) };
    const result = await models.payments.confirm(id, confirmation, momentOf(now, timeZone));
    if (result.kind === 'refused') {
      // What nobody claimed was written down for this confirmation alone.
      if (order.payment === undefined && result.reason !== 'rejected')
        await models.payments.reject(id, by, `not taken: ${result.reason}`, momentOf(now, timeZone));
      return result;
    }
    await this.closeClaim(
      booking,
      id,
      by,
      { received: true, amountPaise, ...(utr && { reference: utr }) },
      now,
    );
    await this.tellConfirmed(booking, result.payment);
    return result;
  }

  /** A person does not find it: the buyer is told so politely, and reminders go on. */
  async reject(order: { payment: string; by: StaffRef; reason: string }, now: Date): Promise<RejectResult> {
    const { models, happenings, timeZone } = this.parts;
    const { payment: id, by, reason } = order;
    const result = await models.payments.reject(id, by, reason, momentOf(now, timeZone));
    if (result.kind === 'refused') return result;
    const booking = await models.bookings.byId(result.payment.booking);
    if (!booking) return result;
    const isSaid = await this.closeClaim(booking, id, by, { received: false }, now);
    await happenings.tell(firstOf(booking), `rejected:${id}`, {
      name: 'paymentRejected',
      subject: booking._id,
      payment: id,
      reason,
      ...(isSaid && { isSaid: true as const }),
    });
    return result;
  }

  /** The demand that is likeliest meant: of exactly that amount, else the first that nobody claims to have paid. */
  private async claimedDemand(booking: string, amountPaise: number, now: Date): Promise<string | undefined> {
    const { models, timeZone } = this.parts;
    const open = (await models.demands.outstanding(booking, momentOf(now, timeZone).on)).map((each) => ({
      id: each.demand._id,
      toPayPaise: each.outstandingPaise - each.tdsAwaitedPaise,
    }));
    const claims = await models.payments.claimed(booking);
    const free = open.filter(
      ({ id, toPayPaise }) => toPayPaise > 0 && !claims.some(({ demand }) => demand === id),
    );
    return (free.find(({ toPayPaise }) => toPayPaise === amountPaise) ?? free[0])?.id;
  }

  private async tellDemand(booking: Booking, demand: Demand): Promise<void> {
    if (demand.status === 'withdrawn') return;
    const event = { name: 'demandRaised', subject: booking._id, demand: demand._id } as const;
    await this.parts.happenings.tell(firstOf(booking), `demand:${demand._id}`, event);
  }

  private async tellConfirmed(booking: Booking, payment: Payment): Promise<void> {
    const { _id, receiptNo: receipt, decidedBy: by } = payment;
    if (receipt === undefined || !by) throw new AppError('no_receipt', `payment ${_id} has no receipt`);
    const event = { name: 'paymentConfirmed', subject: booking._id, payment: _id, receipt, by } as const;
    await this.parts.happenings.tell(firstOf(booking), `confirmed:${payment._id}`, event);
  }

  /** Money that came without a word of the buyer gets a claim of its own to be decided on. */
  private async noteUnclaimed({ _id, project }: Booking, order: ReceivedOrder, now: Date): Promise<string> {
    const { key, amountPaise, receivedOn, utr = '' } = order;
    // A person who corrects what they entered means another payment than the one that was refused.
    const id = paymentIdOf(`${key} ${amountPaise} ${receivedOn} ${utr}`);
    await this.parts.models.payments.claim({ _id: id, booking: _id, project, amountPaise: 0 }, now);
    return id;
  }

  /**
   * What the person found, said under the buyer's open case with collections. A claim's case is closed by the money
   * unless others of theirs wait there too; a promise's, or one about what is overdue, when nothing is overdue any
   * more. True when the buyer has been told.
   */
  private async closeClaim(
    booking: Booking,
    payment: string,
    staff: StaffRef,
    check: PaymentCheck,
    now: Date,
  ): Promise<boolean> {
    const { models, answers } = this.parts;
    const open = await models.cases.openOf(firstOf(booking));
    const found = open.find(({ intent, team }) => team === 'collections' && ABOUT_PAYING.has(intent));
    if (!found || (check.received && !(await this.isClosedBy(found, booking, payment, now)))) return false;
    const inputId = `payment:${payment}:${check.received ? 'received' : 'missing'}`;
    const outcome = await answers.checkPayment({ caseId: found._id, inputId, staff, check });
    return outcome === 'done' || outcome === 'repeated';
  }

  private async isClosedBy(found: Case, booking: Booking, payment: string, now: Date): Promise<boolean> {
    const { models, timeZone } = this.parts;
    const claims = await models.payments.claimed(booking._id);
    if (claims.some(({ _id }) => _id !== payment)) return false;
    if (found.intent === 'payment_claim') return true;
    const dues = await models.demands.dues(booking._id, momentOf(now, timeZone).on);
    return dues.overduePaise === 0;
  }
}

/** What a case is about that money may close; a dispute or a refund stays with its person. */
const ABOUT_PAYING: ReadonlySet<Intent> = new Set(['payment_claim', 'payment_promise', 'payment_extension']);

/** Ids of payments stand in the books for years: they name nobody. */
export function paymentIdOf(key: string): string {
  return `p-${createHash('sha256').update(key).digest('hex').slice(0, 20)}`;
}

function firstOf({ buyers }: Booking): string {
  return buyers[0] ?? '';
}
