import type { BookingFacts, DemandFacts, Effect, FlowEvent } from '../flows/types.ts';

/** What the books of a script's world say of units that the buyer has booked; invented, and in memory. */
export class ScriptBooks {
  readonly bookings: BookingFacts[] = [];
  private readonly references = new Map<string, string>();

  /** Books a unit: its id is its door in small letters. */
  book(unit: string, project: string): { flow: string; subject: string; data: Record<string, unknown> } {
    const id = unit.toLowerCase();
    // The papers have scripts of their own.
    const papers = { isComplete: true, withBuyer: [], withUs: 0 };
    this.bookings.push({
      id,
      project,
      unit,
      isFirstApplicant: true,
      agreementRegistered: false,
      demands: [],
      papers,
    });
    return { flow: 'booking', subject: id, data: { project, booking: id, unit, manager: 'Riya' } };
  }

  /** Books a unit for somebody of that name, with whom the script's buyer buys it; they lack a paper each. */
  bookWith(unit: string, project: string, firstApplicant: string) {
    const { subject } = this.book(unit, project);
    const papers = {
      isComplete: false,
      withBuyer: [
        { label: 'kyc_paper_pan', applicant: firstApplicant },
        { label: 'kyc_paper_photo', applicant: 'Asha', isOwn: true as const },
      ],
      withUs: 0,
    };
    Object.assign(this.bookingOf(unit), { isFirstApplicant: false, firstApplicant, papers });
    const data = { project, booking: subject, unit, isCoBuyer: true };
    return ['collections', 'kyc'].map((flow) => ({ flow, subject, data }));
  }

  /** They have handed in theirs. */
  handedIn(): void {
    const { papers } = this.bookingOf(undefined);
    papers.withBuyer = papers.withBuyer.filter(({ isOwn }) => !isOwn);
  }

  /** `B-1203: 5,00,000 by 2026-12-08`, of the latest booking where no door is named. */
  demand(words: string): FlowEvent {
    const [, unit, rupees = '', dueOn = ''] =
      /^(?:([\w-]+): )?([\d,]+) by (\d{4}-\d{2}-\d{2})$/.exec(words) ?? [];
    const booking = this.bookingOf(unit);
    const demand: DemandFacts = {
      id: `${booking.id}:${booking.demands.length + 1}`,
      milestone: booking.demands.length === 0 ? 'booking' : `slab_${booking.demands.length}`,
      dueOn,
      outstandingPaise: Number(rupees.replaceAll(',', '')) * 100,
      isSettled: false,
      isClaimed: false,
    };
    booking.demands.push(demand);
    return { name: 'demandRaised', subject: booking.id, demand: demand.id };
  }

  /** A person confirms that a demand (`b-1203:1`; the latest booking's first open one) is paid. */
  paid(id: string): FlowEvent {
    const demand = this.demandOf(id);
    Object.assign(demand, { outstandingPaise: 0, isSettled: true, isClaimed: false });
    const by = { id: 'U7', name: 'Kiran' };
    const subject = this.bookingWith(demand).id;
    return { name: 'paymentConfirmed', subject, payment: `p-${demand.id}`, receipt: `R-${demand.id}`, by };
  }

  /** A person does not find what was claimed. */
  notFound(id: string): FlowEvent {
    const claimed = this.bookings.flatMap(({ demands }) => demands).find((each) => each.isClaimed);
    const demand = id ? this.demandOf(id) : (claimed ?? this.demandOf(''));
    demand.isClaimed = false;
    const subject = this.bookingWith(demand).id;
    return { name: 'paymentRejected', subject, payment: `p-${demand.id}`, reason: 'not in the bank record' };
  }

  /** What the books make of a claim; an event when its reference is known. */
  claim({ booking, demand, utr }: Extract<Effect, { kind: 'claimPayment' }>): FlowEvent[] {
    const known = utr && this.references.get(utr);
    if (utr && known) return [{ name: 'claimRefused', subject: booking, utr, isOwn: known === booking }];
    if (utr) this.references.set(utr, booking);
    for (const each of this.bookingOf(booking).demands) if (demand === each.id) each.isClaimed = true;
    return [];
  }

  private bookingOf(unit: string | undefined): BookingFacts {
    const found = unit ? this.bookings.find(({ id }) => id === unit.toLowerCase()) : this.bookings.at(-1);
    if (!found) throw new Error(`the script has booked no unit ${unit ?? ''}`);
    return found;
  }

  private bookingWith(demand: DemandFacts): BookingFacts {
    return this.bookingOf(demand.id.split(':')[0]);
  }

  private demandOf(id: string): DemandFacts {
    const all = id ? this.bookings.flatMap(({ demands }) => demands) : this.bookingOf(undefined).demands;
    const found = all.find((each) => (id ? each.id === id : !each.isSettled));
    if (!found) throw new Error(`the script has no demand ${id}`);
    return found;
  }
}
