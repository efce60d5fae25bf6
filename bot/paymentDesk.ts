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
import type { SaleNews } from '../models/saleNews.ts';
import type { Project } from '../templates/documents/project.ts';
import type { Answers } from './answers.ts';
import type { Telling } from './bookingDesk.ts';

export type PaymentDeskParts = {
  models: Pick<Models, 'accounts' | 'bookings' | 'cases' | 'demands' | 'payments' | 'saleNews'>;
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
      return await this.told(
        { kind: 'demand', booking: booking._id, about: order.milestone },
        now,
        () => models.demands.raise({ ...order, dueInDays }, momentOf(now, timeZone)),
        (result) => this.tellDemand(booking, result.demand),
      );
    } catch (error) {
      if (!(error instanceof MissingRate)) throw error;
      return { kind: 'refused', reason: 'missing_rate', missing: error.missing };
    }
  }

  /** A buyer says that they paid. Nothing is confirmed by it: a person looks, with the books beside it. */
  async claim(order: ClaimOrder, now: Date): Promise<ClaimOutcome> {
    const { models } = this.parts;
    const booking = await models.bookings.byId(order.booking);
    if (booking?.status !== 'open' || !booking.buyers.includes(order.buyer))
      return { kind: 'refused', reason: 'no_booking' };
    const id = paymentIdOf(order.key);
    const { amountPaise, utr, paidOn } = order;
    const demand = order.demand ?? (await this.claimedDemand(booking._id, amountPaise, now));
    const claim = {
      _id: id,
      booking: booking._id,
      project: booking.project,
      claimedBy: order.buyer,
      ...(demand !== undefined && { demand }),
      amountPaise,
      ...(utr !== undefined && { utr }),
      ...(paidOn !== undefined && { paidOn }),
    };
    // What was said in the chat its flow has heard already.
    const news = { kind: 'claimed', booking: booking._id, about: id } as const;
    const result =
      order.source === 'chat'
        ? await models.payments.tellOf(claim, now)
        : await this.told(
            news,
            now,
            () => models.payments.tellOf(claim, now),
            (claimed) =>
              claimed.kind === 'known' ? undefined : this.tellClaimed(booking, id, claimed.payment),
          );
    return result.kind === 'refused'
      ? { kind: 'refused', reason: 'utr_used', isOwn: result.claim.isOwn }
      : result;
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
    const result = await this.told(
      { kind: 'confirmed', booking: booking._id, about: id },
      now,
      () => models.payments.confirm(id, confirmation, momentOf(now, timeZone)),
      (confirmed) => this.tellConfirmed(booking, confirmed.payment, now),
    );
    // What nobody claimed was written down for this confirmation alone.
    if (result.kind === 'refused' && order.payment === undefined && result.reason !== 'rejected')
      await models.payments.reject(id, by, `not taken: ${result.reason}`, momentOf(now, timeZone));
    return result;
  }

  /** A person does not find it: the buyer is told so politely, and reminders go on. */
  async reject(order: { payment: string; by: StaffRef; reason: string }, now: Date): Promise<RejectResult> {
    const { models, timeZone } = this.parts;
    const { payment: id, by, reason } = order;
    const booking = (await models.payments.byId(id))?.booking ?? '';
    return this.told(
      { kind: 'rejected', booking, about: id },
      now,
      () => models.payments.reject(id, by, reason, momentOf(now, timeZone)),
      (rejected) => this.tellRejected(rejected.payment, now),
    );
  }

  /** Tells what was done and may not have been told: after a crash, or a failure in between. */
  async tellLeft({ kind, booking: id, about = '' }: SaleNews, now: Date): Promise<void> {
    const { accounts, bookings, payments } = this.parts.models;
    const booking = await bookings.byId(id);
    if (!booking) return;
    if (kind === 'demand') {
      const { demands } = await accounts.of(id);
      const demand = demands.find(({ milestone, status }) => milestone === about && status !== 'withdrawn');
      return demand && this.tellDemand(booking, demand);
    }
    const payment = await payments.byId(about);
    if (kind === 'claimed' && payment?.status === 'claimed') await this.tellClaimed(booking, about, payment);
    if (kind === 'confirmed' && payment?.status === 'confirmed')
      await this.tellConfirmed(booking, payment, now);
    if (kind === 'rejected' && payment?.status === 'rejected') await this.tellRejected(payment, now);
  }

  /**
   * An act on the books and what the buyer's conversation hears of it. It is noted before the act, so that a crash
   * in between leaves nothing untold; nothing is told of what was refused.
   */
  private async told<Result extends { kind: string }>(
    news: Omit<SaleNews, '_id' | 'owedSince'>,
    now: Date,
    act: () => Promise<Result>,
    tell: (done: Exclude<Result, { kind: 'refused' }>) => Promise<void> | undefined,
  ): Promise<Result> {
    const { saleNews } = this.parts.models;
    const _id = `${news.kind}:${news.booking}:${news.about}`;
    await saleNews.owe({ _id, ...news, owedSince: now });
    const result = await act();
    if (result.kind !== 'refused') await tell(result as Exclude<Result, { kind: 'refused' }>);
    await saleNews.settle(_id);
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

  /** `key` names what was said: a claim may be told of twice, first without its reference. */
  private async tellClaimed(booking: Booking, key: string, payment: Payment): Promise<void> {
    const { _id, demand, amountPaise, utr } = payment;
    await this.parts.happenings.tell(claimantOf(booking, payment), `claimed:${key}`, {
      name: 'paymentClaimed',
      subject: booking._id,
      payment: _id,
      ...(demand !== undefined && { demand }),
      amountPaise,
      ...(utr !== undefined && { utr }),
    });
  }

  /** First in the person's name, then the receipt. */
  private async tellConfirmed(booking: Booking, payment: Payment, now: Date): Promise<void> {
    const { _id, receiptNo: receipt, decidedBy: by, amountPaise, utr } = payment;
    if (receipt === undefined || !by) throw new AppError('no_receipt', `payment ${_id} has no receipt`);
    const check = { received: true as const, amountPaise, ...(utr && { reference: utr }) };
    await this.closeClaim(booking, payment, by, check, now);
    const event = { name: 'paymentConfirmed', subject: booking._id, payment: _id, receipt, by } as const;
    for (const buyer of concernedBy(booking, payment))
      await this.parts.happenings.tell(buyer, `confirmed:${_id}`, event);
  }

  /** Only who told us of it is told that it is not seen; the first applicant's reminders go on all the same. */
  private async tellRejected(payment: Payment, now: Date): Promise<void> {
    const { _id, booking: id, decidedBy: by, reason = '' } = payment;
    const booking = await this.parts.models.bookings.byId(id);
    if (!booking || !by) return;
    const claimant = claimantOf(booking, payment);
    const isSaid = await this.closeClaim(booking, payment, by, { received: false }, now);
    const event = { name: 'paymentRejected', subject: id, payment: _id, reason } as const;
    for (const buyer of concernedBy(booking, payment))
      await this.parts.happenings.tell(buyer, `rejected:${_id}`, {
        ...event,
        ...((isSaid || buyer !== claimant) && { isSaid: true as const }),
      });
  }

  /** Money that came without a word of the buyer gets a claim of its own to be decided on. */
  private async noteUnclaimed({ _id, project }: Booking, order: ReceivedOrder, now: Date): Promise<string> {
    const { key, amountPaise, receivedOn, utr = '' } = order;
    // A person who corrects what they entered means another payment than the one that was refused.
    const id = paymentIdOf(`${key} ${amountPaise} ${receivedOn} ${utr}`);
    await this.parts.models.payments.claim(
      { _id: id, booking: _id, project, amountPaise: 0, isFound: true },
      now,
    );
    return id;
  }

  /**
   * What the person found, said under the open case of who told us of it with collections. A claim's case is closed by the money
   * unless others of theirs wait there too; a promise's, or one about what is overdue, when nothing is overdue any
   * more. True when the buyer has been told.
   */
  private async closeClaim(
    booking: Booking,
    payment: Payment,
    staff: StaffRef,
    check: PaymentCheck,
    now: Date,
  ): Promise<boolean> {
    const { models, answers } = this.parts;
    const open = await models.cases.openOf(claimantOf(booking, payment));
    const found = open.find(({ intent, team }) => team === 'collections' && ABOUT_PAYING.has(intent));
    if (!found || (check.received && !(await this.isClosedBy(found, booking, payment._id, now))))
      return false;
    const inputId = `payment:${payment._id}:${check.received ? 'received' : 'missing'}`;
    const outcome = await answers.checkPayment({ caseId: found._id, inputId, staff, check });
    return outcome === 'done';
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
function paymentIdOf(key: string): string {
  return `p-${createHash('sha256').update(key).digest('hex').slice(0, 20)}`;
}

/** Who told us of a payment; the first applicant when nobody is known to, or no longer buys. */
function claimantOf(booking: Booking, { claimedBy }: Payment): string {
  return claimedBy !== undefined && booking.buyers.includes(claimedBy) ? claimedBy : firstOf(booking);
}

/** Who hears what became of a payment: the first applicant, and who told us of it. */
function concernedBy(booking: Booking, payment: Payment): Set<string> {
  return new Set([firstOf(booking), claimantOf(booking, payment)]);
}

function firstOf({ buyers }: Booking): string {
  return buyers[0] ?? '';
}
