import { outstandingOf, tdsAwaited } from '../flows/money/account.ts';
import type { BookingFacts, DemandFacts } from '../flows/types.ts';
import type { Account } from '../models/account.ts';
import type { Booking } from '../models/booking.ts';
import type { Models } from '../models/models.ts';
import type { Payment } from '../models/payment.ts';
import { doorOf } from '../models/unit.ts';
import { folderOf, paperFactsOf } from './documents/folder.ts';

export type SalesParts = {
  models: Pick<Models, 'accounts' | 'bookings' | 'buyers' | 'documents' | 'payments'>;
};

/** What was sold to a buyer, as far as flows may know it. */
export class Sales {
  private readonly parts: SalesParts;

  constructor(parts: SalesParts) {
    this.parts = parts;
  }

  /** A buyer's open bookings, oldest first, with their demands and how their papers stand. */
  async factsOf(buyer: string): Promise<BookingFacts[]> {
    const { models } = this.parts;
    const { accounts, bookings, payments } = models;
    const open = await bookings.of(buyer);
    if (open.length === 0) return [];
    const ids = open.map(({ _id }) => _id);
    const [accountOf, claims] = await Promise.all([accounts.several(ids), payments.claimedOf(ids)]);
    const firsts = await this.parts.models.buyers.namesOf(open.flatMap(({ buyers }) => buyers.slice(0, 1)));
    return Promise.all(
      open.map(async (booking) => ({
        id: booking._id,
        project: booking.project,
        unit: doorOf(booking.unit),
        ...placeOf(booking, buyer, firsts),
        agreementRegistered: booking.agreement !== undefined,
        demands: demandsIn(
          accountOf.get(booking._id),
          // What a person has begun to confirm is no word of the buyer's.
          claims.filter((claim) => claim.booking === booking._id && !claim.isFound),
        ),
        papers: await paperFactsOf(models, await folderOf(models, booking), buyer),
      })),
    );
  }
}

/** First applicant, or one who buys with the one of that name. */
function placeOf(
  { buyers: [first = ''] }: Booking,
  buyer: string,
  names: Map<string, string>,
): Pick<BookingFacts, 'isFirstApplicant' | 'firstApplicant'> {
  if (first === buyer) return { isFirstApplicant: true };
  return { isFirstApplicant: false, firstApplicant: names.get(first) ?? '' };
}

/** A claim that names no demand may be for any of them. */
function demandsIn(account: Account | undefined, claims: Payment[]): DemandFacts[] {
  return (account?.demands ?? [])
    .filter(({ status }) => status !== 'withdrawn')
    .map((demand) => {
      const outstandingPaise = account ? Math.max(0, outstandingOf(demand) - tdsAwaited(account, demand)) : 0;
      const { _id: id, milestone, dueOn } = demand;
      const isClaimed = claims.some((claim) => claim.demand === undefined || claim.demand === id);
      return { id, milestone, dueOn, outstandingPaise, isSettled: outstandingPaise === 0, isClaimed };
    });
}
