import type { Connection } from 'mongoose';

/**
 * What campaigns read of demands, payments, bookings and documents: whom money or papers are expected from. It only
 * reads, and knows no more of those collections than this.
 */

/** A demand that is not paid, with whom it is addressed to: the first applicant. */
export type OpenDemand = {
  _id: string;
  booking: string;
  project: string;
  unit: string;
  buyer: string;
  /** Principal and GST, less what was paid. */
  duePaise: number;
  dueOn: Date;
  /** A payment has been claimed that nobody has decided on yet. */
  isClaimed: boolean;
  promisedUntil?: Date;
};

/** Papers that a booking lacks, by kind. */
export type MissingPapers = {
  booking: string;
  project: string;
  unit: string;
  buyer: string;
  kinds: string[];
};

/** Which demands: due in [from, to), YYYY-MM-DD in the project's zone, with the moments at which those days begin. */
export type DueBetween = {
  from?: { day: string; at: Date };
  to: { day: string; at: Date };
  project?: string;
};

type DemandRow = {
  _id: string;
  booking: string;
  project: string;
  principalPaise: number;
  gstPaise: number;
  paidPaise?: number;
  dueOn: Date | string;
  status: string;
  promisedUntil?: Date;
};
type BookingRow = { _id: string; project: string; unit: string; buyers: string[]; status?: string };
type PaymentRow = { _id: string; demand?: string; booking: string; status: string };
type DocumentRow = { _id: string; booking: string; kind: string; status: string };

const BATCH = 500;
/** A document in one of these states is still expected. */
const LACKING = ['missing', 'rejected'];
const OVER = ['cancelled'];

/** Reads in batches, so that memory does not grow with the portfolio. */
export class Dues {
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Open demands in a range of due dates, a batch at a time. */
  async *openDemands(range: DueBetween): AsyncGenerator<OpenDemand[]> {
    const rows = this.demands
      .find({ status: 'open', ...(range.project && { project: range.project }), $or: dueIn(range) })
      .batchSize(BATCH);
    for await (const batch of inBatches(rows)) yield this.withBookings(batch);
  }

  /** A demand as it stands now; undefined when it is paid, withdrawn or unknown. */
  async openDemand(id: string): Promise<OpenDemand | undefined> {
    const row = await this.demands.findOne({ _id: id, status: 'open' });
    return row ? (await this.withBookings([row]))[0] : undefined;
  }

  /** Whether it is paid: then nothing was withdrawn or lost. */
  async isPaid(id: string): Promise<boolean> {
    return (await this.demands.findOne({ _id: id, status: 'paid' })) !== null;
  }

  /** Bookings with papers missing, a batch at a time. */
  async *missingPapers(project?: string): AsyncGenerator<MissingPapers[]> {
    const groups = this.documents.aggregate<{ _id: string; kinds: string[] }>([
      { $match: { status: { $in: LACKING } } },
      { $group: { _id: '$booking', kinds: { $addToSet: '$kind' } } },
    ]);
    for await (const batch of inBatches(groups)) {
      const bookings = await this.bookingsOf(batch.map(({ _id }) => _id));
      yield batch.flatMap(({ _id, kinds }) => papersOf(bookings.get(_id), kinds, project));
    }
  }

  /** What a booking lacks now; undefined when nothing. */
  async missingPapersOf(booking: string): Promise<MissingPapers | undefined> {
    const rows = await this.documents.find({ booking, status: { $in: LACKING } }).toArray();
    const found = (await this.bookingsOf([booking])).get(booking);
    return papersOf(
      found,
      rows.map(({ kind }) => kind),
    )[0];
  }

  private async withBookings(rows: DemandRow[]): Promise<OpenDemand[]> {
    const bookings = await this.bookingsOf([...new Set(rows.map(({ booking }) => booking))]);
    const claims = await this.claims(rows);
    return rows.flatMap((row) => {
      const booking = bookings.get(row.booking);
      const [buyer] = booking?.buyers ?? [];
      if (!booking || buyer === undefined) return [];
      return [
        {
          _id: row._id,
          booking: row.booking,
          project: row.project,
          unit: doorOf(booking.unit),
          buyer,
          duePaise: row.principalPaise + row.gstPaise - (row.paidPaise ?? 0),
          dueOn: new Date(row.dueOn),
          isClaimed: claims.has(row._id) || claims.has(`/${row.booking}`),
          ...(row.promisedUntil && { promisedUntil: row.promisedUntil }),
        },
      ];
    });
  }

  /** Demands, and as `/<booking>` bookings, for which a payment waits to be checked. */
  private async claims(rows: DemandRow[]): Promise<Set<string>> {
    const bookings = [...new Set(rows.map(({ booking }) => booking))];
    const claimed = this.connection
      .collection<PaymentRow>('payments')
      .find({ booking: { $in: bookings }, status: 'claimed' });
    const found = new Set<string>();
    for await (const { demand, booking } of claimed) found.add(demand ?? `/${booking}`);
    return found;
  }

  private async bookingsOf(ids: string[]): Promise<Map<string, BookingRow>> {
    const rows = await this.connection
      .collection<BookingRow>('bookings')
      .find({ _id: { $in: ids }, status: { $nin: OVER } })
      .toArray();
    return new Map(rows.map((row) => [row._id, row]));
  }

  private get demands() {
    return this.connection.collection<DemandRow>('demands');
  }

  private get documents() {
    return this.connection.collection<DocumentRow>('documents');
  }
}

/** A due date may be kept as a moment or as a day: each is compared with its own kind. */
function dueIn({ from, to }: DueBetween): object[] {
  return [
    { dueOn: { ...(from && { $gte: from.at }), $lt: to.at } },
    { dueOn: { ...(from && { $gte: from.day }), $lt: to.day } },
  ];
}

function papersOf(booking: BookingRow | undefined, kinds: string[], project?: string): MissingPapers[] {
  const [buyer] = booking?.buyers ?? [];
  if (!booking || buyer === undefined || kinds.length === 0) return [];
  if (project !== undefined && booking.project !== project) return [];
  return [
    {
      booking: booking._id,
      project: booking.project,
      unit: doorOf(booking.unit),
      buyer,
      kinds: [...kinds].sort(),
    },
  ];
}

/** `greenfield-heights/B-1204` and `B-1204` are the same door. */
function doorOf(unit: string): string {
  return unit.slice(unit.lastIndexOf('/') + 1);
}

async function* inBatches<T>(rows: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
