import { createHash } from 'node:crypto';
import { type CostSheet, costSheet } from '../flows/money/costSheet.ts';
import { type Day, isDay, momentOf } from '../flows/money/day.ts';
import { instalmentsOf, PAYMENT_PLANS, type PaymentPlan } from '../flows/money/plan.ts';
import { rupees } from '../flows/money/rupees.ts';
import type { FlowEvent, StaffRef } from '../flows/types.ts';
import type { Booking, NewBooking } from '../models/booking.ts';
import type { Models } from '../models/models.ts';
import type { SaleNews } from '../models/saleNews.ts';
import { doorOf, type Unit } from '../models/unit.ts';
import type { Project, ProjectMoney } from '../templates/documents/project.ts';

/** What is told to a buyer's conversation; given by `bot/happenings.ts`. */
export type Telling = {
  tell(buyer: string, key: string, event: FlowEvent): Promise<void>;
  begin(
    buyer: string,
    key: string,
    run: { flow: string; subject: string; data: Record<string, unknown> },
  ): Promise<void>;
};

export type BookingDeskParts = {
  models: Pick<Models, 'bookings' | 'buyers' | 'conversations' | 'leads' | 'saleNews' | 'timeline' | 'units'>;
  projectOf: (slug: string) => Promise<Project | undefined>;
  happenings: Telling;
  timeZone: string;
  now: () => Date;
};

/**
 * What a person books. `unit` is its id (`greenfield-heights/B-1203`); `plan` a plan's kind or name; the price is per
 * square foot of carpet area, `discountPaisePerSqFt` comes off it. `key` names the person's input: the same one
 * again is the same booking.
 */
export type BookingOrder = {
  /** First applicant first. */
  buyers: string[];
  unit: string;
  plan: string;
  ratePaisePerSqFt: number;
  discountPaisePerSqFt?: number;
  /** Covered parking is sold with it. */
  withParking?: boolean;
  buyerKind: Booking['buyerKind'];
  loan: Booking['loan'];
  stampValuePaise?: number;
  by: StaffRef;
  /** Who looks after the buyer; the manager of their lead, else who books. */
  rm?: StaffRef;
  key?: string;
};

export type BookingOutcome =
  | { kind: 'booked'; booking: Booking }
  | {
      kind: 'refused';
      reason: 'unit_taken' | 'unit_unknown' | 'no_plan' | 'no_terms' | 'no_price' | 'no_buyer';
    };

export type AgreementOutcome =
  | { kind: 'registered' | 'known'; booking: Booking }
  | { kind: 'refused'; reason: 'no_booking' | 'bad_day' | 'in_future' | 'before_booking' };

/** Where people sell units and register agreements; the buyer hears of both through their booking's flow. */
export class BookingDesk {
  private readonly parts: BookingDeskParts;

  constructor(parts: BookingDeskParts) {
    this.parts = parts;
  }

  /** Books a unit for its buyers by the project's terms; it is never given twice, whoever races. */
  async book(order: BookingOrder, now: Date): Promise<BookingOutcome> {
    const { models, timeZone } = this.parts;
    const unit = await models.units.byId(order.unit);
    if (!unit) return refused('unit_unknown');
    const terms = (await this.parts.projectOf(unit.project))?.money;
    if (!terms) return refused('no_terms');
    const plan = planNamed(order.plan);
    if (!plan) return refused('no_plan');
    const basicPaisePerSqFt = order.ratePaisePerSqFt - (order.discountPaisePerSqFt ?? 0);
    if (!Number.isSafeInteger(basicPaisePerSqFt) || basicPaisePerSqFt <= 0) return refused('no_price');
    const buyers = await this.peopleOf(order.buyers);
    if (!buyers) return refused('no_buyer');
    const sheet = sheetOf(unit, terms, { ...order, basicPaisePerSqFt });
    const rm = order.rm ?? (await this.managerOf(buyers[0] ?? '', unit.project)) ?? order.by;
    const wish = wishOf({ ...order, buyers, rm }, { unit, terms, plan, sheet, now });
    const news = { _id: `booked:${wish._id}`, kind: 'booked' as const, booking: wish._id, owedSince: now };
    await models.saleNews.owe(news);
    const result = await models.bookings.open(wish, momentOf(now, timeZone));
    if (result.kind === 'opened') await this.announce(result.booking, order.by);
    await models.saleNews.settle(news._id);
    return result.kind === 'refused' ? result : { kind: 'booked', booking: result.booking };
  }

  /** A person says when the agreement for sale was registered; the first statement stands. */
  async registerAgreement(
    order: { booking: string; registeredOn: Day; by: StaffRef },
    now: Date,
  ): Promise<AgreementOutcome> {
    const { models, timeZone } = this.parts;
    const { booking: id, registeredOn, by } = order;
    const known = await models.bookings.byId(id);
    if (known?.status !== 'open') return { kind: 'refused', reason: 'no_booking' };
    if (!isDay(registeredOn)) return { kind: 'refused', reason: 'bad_day' };
    if (registeredOn > momentOf(now, timeZone).on) return { kind: 'refused', reason: 'in_future' };
    if (registeredOn < known.bookedOn) return { kind: 'refused', reason: 'before_booking' };
    const news = { _id: `agreement:${id}`, kind: 'agreement' as const, booking: id, owedSince: now };
    await models.saleNews.owe(news);
    await models.bookings.registerAgreement(id, registeredOn, by);
    const booking = (await models.bookings.byId(id)) ?? known;
    await this.tellAgreement(booking);
    await models.saleNews.settle(news._id);
    return { kind: known.agreement ? 'known' : 'registered', booking };
  }

  /** Tells what was done and may not have been told: after a crash, or a failure in between. */
  async tellLeft({ kind, booking: id }: SaleNews): Promise<void> {
    const booking = await this.parts.models.bookings.byId(id);
    if (kind === 'booked' && booking?.status === 'open') await this.announce(booking);
    if (kind === 'agreement' && booking?.agreement) await this.tellAgreement(booking);
  }

  /** Begins the booking's flow for the first applicant, and the others' share in it; repeating it is a no-op. */
  private async announce(booking: Booking, by?: StaffRef): Promise<void> {
    const { _id, project, unit, rm, agreementValuePaise, plan } = booking;
    const data = { project, booking: _id, unit: doorOf(unit), manager: rm?.name ?? '' };
    const { happenings } = this.parts;
    await happenings.tell(firstOf(booking), `booked:${_id}`, {
      name: 'bookingOpened',
      subject: _id,
      project,
    });
    await happenings.begin(firstOf(booking), `booking:${_id}`, { flow: 'booking', subject: _id, data });
    for (const buyer of booking.buyers.slice(1)) await this.tellCoBuyer(booking, buyer);
    await this.note(booking, `booked:${_id}`, by ?? rm, {
      what: `booked unit ${doorOf(unit)}: ${rupees(agreementValuePaise)}, ${plan.name}`,
      at: booking.bookedAt,
    });
  }

  /** Of papers and money they may ask and tell in their own chat; one who cannot be written to has none. */
  private async tellCoBuyer({ _id: subject, project, unit }: Booking, buyer: string): Promise<void> {
    const { happenings, models } = this.parts;
    if ((await models.buyers.handlesOf(buyer)).length === 0) return;
    const opened = { name: 'bookingOpened', subject, project } as const;
    await happenings.tell(buyer, `booked:${subject}`, opened);
    const data = { project, booking: subject, unit: doorOf(unit), isCoBuyer: true };
    for (const flow of ['collections', 'kyc'])
      await happenings.begin(buyer, `${flow}:${subject}`, { flow, subject, data });
  }

  private async tellAgreement(booking: Booking): Promise<void> {
    const { _id, agreement, unit } = booking;
    if (!agreement) return;
    const what = `agreement for sale of unit ${doorOf(unit)} registered on ${agreement.registeredOn}`;
    const event = { name: 'agreementRegistered', subject: _id } as const;
    await this.parts.happenings.tell(firstOf(booking), `agreement:${_id}`, event);
    await this.note(booking, `agreement:${_id}`, agreement.by, { what, at: this.parts.now() });
  }

  /** People's acts stand on the timeline of the first applicant, once. */
  private async note(
    { _id, buyers: [buyer = ''] }: Booking,
    id: string,
    by: StaffRef | undefined,
    { what, at }: { what: string; at: Date },
  ): Promise<void> {
    const { conversations, timeline } = this.parts.models;
    const [conversation = ''] = await conversations.idsOf(buyer);
    const who = by?.name ?? 'a person';
    await timeline.append([
      { _id: id, buyer, conversation, at, who, kind: 'decision', what, why: `booking ${_id}` },
    ]);
  }

  private async managerOf(buyer: string, project: string): Promise<StaffRef | undefined> {
    const leads = await this.parts.models.leads.ofBuyer(buyer);
    const rm = leads.find((lead) => lead.project === project)?.rm;
    return rm && { id: rm.id, name: rm.name };
  }

  /** The buyers as they are known today; undefined when one is not known, or nobody was named. */
  private async peopleOf(ids: string[]): Promise<string[] | undefined> {
    const found = await Promise.all(ids.map((id) => this.parts.models.buyers.byId(id)));
    const people = [...new Set(found.flatMap((buyer) => (buyer ? [buyer._id] : [])))];
    return people.length > 0 && found.every(Boolean) ? people : undefined;
  }
}

/** The plan of this kind or name, whatever its case; undefined when there is none. */
function planNamed(name: string): PaymentPlan | undefined {
  const asked = name.trim().toLowerCase();
  return PAYMENT_PLANS.find((plan) => plan.kind === asked || plan.name.toLowerCase() === asked);
}

function sheetOf(
  { carpetAreaSqFt }: Unit,
  { clubPaise, coveredParkingPaise, ifmsPaisePerSqFt }: ProjectMoney,
  { basicPaisePerSqFt, withParking }: { basicPaisePerSqFt: number; withParking?: boolean },
): CostSheet {
  return costSheet({
    carpetAreaSqFt,
    basicPaisePerSqFt,
    clubPaise,
    ...(withParking && { parking: { kind: 'covered', amountPaise: coveredParkingPaise } }),
    ifms: { paisePerSqFt: ifmsPaisePerSqFt },
  });
}

function wishOf(
  order: BookingOrder & { rm: StaffRef },
  made: { unit: Unit; terms: ProjectMoney; plan: PaymentPlan; sheet: CostSheet; now: Date },
): NewBooking {
  const { unit, terms, plan, sheet, now } = made;
  const { buyers, buyerKind, loan, stampValuePaise, rm } = order;
  const key = order.key ?? `${unit._id} ${buyers[0]} ${now.toISOString()}`;
  return {
    _id: bookingIdOf(unit, key),
    project: unit.project,
    unit: unit._id,
    buyers,
    buyerKind,
    loan,
    unitType: unit.unitType,
    agreementValuePaise: sheet.considerationPaise,
    ...(stampValuePaise !== undefined && { stampValuePaise }),
    costSheet: sheet,
    plan: {
      name: plan.name,
      kind: plan.kind,
      instalments: instalmentsOf(plan, sheet.considerationPaise),
    },
    gst: { category: terms.gstCategory, soldAfterCompletion: terms.soldAfterCompletion },
    interest: { state: terms.state, rateOf: 'dueDate' },
    rm,
  };
}

/** Short, as it is printed on letters; it names the door and nobody. */
function bookingIdOf({ number }: Unit, key: string): string {
  return `${number}-${createHash('sha256').update(key).digest('hex').slice(0, 8)}`;
}

function firstOf({ buyers }: Booking): string {
  return buyers[0] ?? '';
}

function refused(reason: Extract<BookingOutcome, { kind: 'refused' }>['reason']): BookingOutcome {
  return { kind: 'refused', reason };
}
