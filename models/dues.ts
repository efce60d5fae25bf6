import { type AccountState, type Demand, outstandingOf, tdsAwaited } from '../flows/money/account.ts';
import type { Day } from '../flows/money/day.ts';
import type { Accounts } from './account.ts';
import type { Booking, Bookings } from './booking.ts';
import type { Demands } from './demand.ts';
import type { Payments } from './payment.ts';
import { doorOf } from './unit.ts';

/** What campaigns read of the books: whom money is expected from. It only reads. */

/** A demand that stands, with whom it is addressed to: the first applicant. */
export type OpenDemand = {
  _id: string;
  booking: string;
  project: string;
  /** As on the door. */
  unit: string;
  buyer: string;
  /** What the buyer still has to pay: without what only a TDS certificate will settle. */
  duePaise: number;
  dueOn: Day;
  /** A payment has been claimed that nobody has decided on yet. */
  isClaimed: boolean;
};

/** Which demands: due in [from, before), days of the project's zone. */
export type DueBetween = { from?: Day; before: Day; project?: string };

export type DuesParts = {
  accounts: Accounts;
  bookings: Bookings;
  demands: Demands;
  payments: Payments;
};

const BATCH = 500;

/** Reads in batches, so that memory does not grow with the portfolio. */
export class Dues {
  private readonly parts: DuesParts;

  constructor(parts: DuesParts) {
    this.parts = parts;
  }

  /** Demands in a range of due dates for which the buyer has something to pay, a batch at a time. */
  async *openDemands(range: DueBetween): AsyncGenerator<OpenDemand[]> {
    for await (const batch of inBatches(this.parts.demands.eachOpen(range))) {
      const known = await this.asTheyStand(batch);
      yield known.filter(({ duePaise }) => duePaise > 0);
    }
  }

  /** A demand as it stands now, paid or not; undefined when it was withdrawn or nobody knows it. */
  async demand(id: string): Promise<OpenDemand | undefined> {
    const record = await this.parts.demands.byId(id);
    return record ? (await this.asTheyStand([record]))[0] : undefined;
  }

  /** The record of a demand is for finding it; the booking's account says how it stands. */
  private async asTheyStand(records: Demand[]): Promise<OpenDemand[]> {
    const { accounts, bookings, payments } = this.parts;
    const ids = [...new Set(records.map(({ booking }) => booking))];
    const [books, sold, claims] = await Promise.all([
      accounts.several(ids),
      bookings.openOf(ids),
      payments.claimedOf(ids),
    ]);
    const claimed = new Set(
      claims.flatMap(({ booking, demand, isFound }) => (isFound ? [] : (demand ?? `/${booking}`))),
    );
    return records.flatMap(({ _id, booking: id }) => {
      const booking = sold.get(id);
      const [buyer] = booking ? firstOf(booking) : [];
      const state = books.get(id);
      const demand = state?.demands.find((each) => each._id === _id);
      if (!booking || !state || !demand || demand.status === 'withdrawn' || buyer === undefined) return [];
      const isClaimed = claimed.has(_id) || claimed.has(`/${id}`);
      return [{ ...openDemand(state, demand, booking), buyer, isClaimed }];
    });
  }
}

function openDemand(state: AccountState, demand: Demand, { project, unit }: Booking) {
  const { _id, booking, dueOn } = demand;
  const duePaise = outstandingOf(demand) - tdsAwaited(state, demand);
  return { _id, booking, project, unit: doorOf(unit), duePaise, dueOn };
}

function firstOf({ buyers }: Booking): string[] {
  return buyers.slice(0, 1);
}

/** Rows in batches, as they come. */
export async function* inBatches<T>(rows: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
