import { type Checklist, checklistFor, type HandedIn, missing } from '../flows/kyc/checklist.ts';
import { outstandingOf, tdsAwaited } from '../flows/money/account.ts';
import type { BookingFacts, DemandFacts, PaperFacts } from '../flows/types.ts';
import type { Account } from '../models/account.ts';
import type { Booking } from '../models/booking.ts';
import type { VaultDocument } from '../models/document.ts';
import type { Models } from '../models/models.ts';

export type SalesParts = {
  models: Pick<Models, 'accounts' | 'bookings' | 'documents'>;
};

/** What was sold to a buyer, as far as flows may know it. */
export class Sales {
  private readonly parts: SalesParts;

  constructor(parts: SalesParts) {
    this.parts = parts;
  }

  /** A buyer's open bookings, oldest first, with their demands and how their papers stand. */
  async factsOf(buyer: string): Promise<BookingFacts[]> {
    const { accounts, bookings } = this.parts.models;
    const open = await bookings.of(buyer);
    if (open.length === 0) return [];
    const accountOf = await accounts.several(open.map(({ _id }) => _id));
    return Promise.all(
      open.map(async (booking) => ({
        id: booking._id,
        project: booking.project,
        unit: booking.unit.split('/').at(-1) ?? booking.unit,
        isFirstApplicant: booking.buyers[0] === buyer,
        agreementRegistered: booking.agreement !== undefined,
        demands: demandsIn(accountOf.get(booking._id)),
        papers: await this.papersOf(booking),
      })),
    );
  }

  private async papersOf(booking: Booking): Promise<PaperFacts> {
    const checklist = checklistOf(booking);
    if (checklist.kind === 'barred') return { isComplete: false, withBuyer: [], withUs: 0 };
    const documents = (await this.parts.models.documents.ofBooking(booking._id)).flatMap(handedIn);
    const standing = missing(checklist.requirements, documents);
    return {
      isComplete: standing.isComplete,
      withBuyer: standing.withBuyer.map((each) => ({
        label: each.requirement.label,
        ...(each.requirement.applicant && { applicant: each.requirement.applicant }),
        ...(each.state === 'rejected' && { reason: each.reason }),
      })),
      withUs: standing.withUs.length,
    };
  }
}

/** The papers that a booking needs. */
export function checklistOf({ buyerKind, buyers, loan }: Booking): Checklist {
  return checklistFor({ buyerKind, applicants: buyers, unitUse: 'residential', loan });
}

function handedIn({ _id, kind, applicant, status, reason, uploadedAt }: VaultDocument): HandedIn[] {
  if (status === 'uploading') return [];
  return [{ id: _id, kind, status, uploadedAt, ...(applicant && { applicant }), ...(reason && { reason }) }];
}

function demandsIn(account: Account | undefined): DemandFacts[] {
  return (account?.demands ?? [])
    .filter(({ status }) => status !== 'withdrawn')
    .map((demand) => {
      const outstandingPaise = account ? Math.max(0, outstandingOf(demand) - tdsAwaited(account, demand)) : 0;
      const { _id: id, milestone, dueOn } = demand;
      return { id, milestone, dueOn, outstandingPaise, isSettled: outstandingPaise === 0 };
    });
}
