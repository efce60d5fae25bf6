import { type Connection, type Model, Schema } from 'mongoose';
import type { CostSheet } from '../flows/money/costSheet.ts';
import type { Day, Moment } from '../flows/money/day.ts';
import type { GstCategory } from '../flows/money/gst.ts';
import type { InterestTerms } from '../flows/money/interest.ts';
import type { Instalment, PaymentPlan } from '../flows/money/plan.ts';
import type { StaffRef } from '../flows/types.ts';
import { AppError, isDuplicateKey } from './error.ts';
import type { Units } from './unit.ts';

/** A unit sold to one or more buyers. */
export type Booking = {
  _id: string;
  project: string;
  unit: string;
  /** The first is the first applicant. */
  buyers: string[];
  buyerKind: 'resident' | 'joint' | 'nri' | 'company' | 'huf';
  loan: 'none' | 'applied' | 'sanctioned';
  unitType: string;
  /** What is paid for the home: the consideration of the cost sheet. */
  agreementValuePaise: number;
  /** The value for stamp duty, where it is known: it counts for TDS. */
  stampValuePaise?: number;
  costSheet: CostSheet;
  plan: Pick<PaymentPlan, 'name' | 'kind'> & { instalments: Instalment[] };
  gst: { category: GstCategory; soldAfterCompletion: boolean };
  /** As the agreement for sale has it; names the state. */
  interest: InterestTerms;
  bookedOn: Day;
  bookedAt: Date;
  /** `opening` until its unit is certainly its own, `refused` when that went to another. */
  status: 'opening' | 'open' | 'refused';
  /** The registered agreement for sale: before it only 10 % may be asked for (RERA Act s. 13(1)). */
  agreement?: { registeredOn: Day; by: StaffRef };
  rm?: StaffRef;
  /** Present until the unit has answered. */
  pendingSince?: Date;
};

/** What is needed to open a booking. */
export type NewBooking = Omit<Booking, 'bookedOn' | 'bookedAt' | 'status' | 'agreement' | 'pendingSince'>;

export type BookingResult =
  | { kind: 'opened'; booking: Booking }
  | { kind: 'refused'; reason: 'unit_taken' | 'unit_unknown' };

const schema = new Schema<Booking>(
  {
    _id: { type: String, required: true },
    project: { type: String, required: true },
    unit: { type: String, required: true },
    buyers: { type: [String], required: true },
    buyerKind: { type: String, required: true },
    loan: { type: String, required: true },
    unitType: { type: String, required: true },
    agreementValuePaise: { type: Number, required: true },
    stampValuePaise: Number,
    costSheet: { type: Schema.Types.Mixed, required: true },
    plan: { type: Schema.Types.Mixed, required: true },
    gst: { type: Schema.Types.Mixed, required: true },
    interest: { type: Schema.Types.Mixed, required: true },
    bookedOn: { type: String, required: true },
    bookedAt: { type: Date, required: true },
    status: { type: String, required: true },
    agreement: Schema.Types.Mixed,
    rm: Schema.Types.Mixed,
    pendingSince: Date,
  },
  { collection: 'bookings', versionKey: false },
);
schema.index({ buyers: 1 });
schema.index({ project: 1, status: 1 });
schema.index({ status: 1, project: 1 });
schema.index({ unit: 1, status: 1 });
schema.index({ pendingSince: 1 }, { partialFilterExpression: { pendingSince: { $exists: true } } });

/** Bookings. One is written down before it takes its unit: a crash between the two is finished by the sweep. */
export class Bookings {
  readonly model: Model<Booking>;
  private readonly units: Units;

  constructor(connection: Connection, units: Units) {
    this.model = connection.model<Booking>('Booking', schema);
    this.units = units;
  }

  /**
   * Opens a booking and books its unit; the same id again has the same result, whatever it says. Throws AppError
   * `booking_unbalanced` when instalments, agreement value and cost sheet are not one sum, or no buyer is named.
   */
  async open(wish: NewBooking, when: Moment): Promise<BookingResult> {
    requireBalanced(wish);
    const booking: Booking = {
      ...wish,
      bookedOn: when.on,
      bookedAt: when.at,
      status: 'opening',
      pendingSince: when.at,
    };
    try {
      await this.model.collection.insertOne(booking as never);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    return this.finish(wish._id, when.at);
  }

  /** Takes the unit of a booking that was being opened, or finds out that it went to another. Idempotent. */
  async finish(id: string, now: Date): Promise<BookingResult> {
    const booking = await this.byId(id);
    if (!booking) throw new AppError('no_booking', `there is no booking ${id}`, { info: { booking: id } });
    if (booking.status === 'opening') {
      const taken = await this.units.book(booking.unit, id, booking.buyers[0] ?? '', now);
      const status = taken.kind === 'booked' ? 'open' : 'refused';
      await this.model.updateOne(
        { _id: id, status: 'opening' },
        { $set: { status }, $unset: { pendingSince: '' } },
      );
    }
    const finished = await this.byId(id);
    if (finished?.status === 'open') return { kind: 'opened', booking: finished };
    const unit = await this.units.byId(booking.unit);
    return { kind: 'refused', reason: unit ? 'unit_taken' : 'unit_unknown' };
  }

  /** Bookings left between their two writes before `before`, at most `limit`. */
  async unfinished(before: Date, limit: number): Promise<string[]> {
    const found = await this.model
      .find({ pendingSince: { $exists: true, $lte: before } }, { _id: 1 })
      .limit(limit)
      .lean<{ _id: string }[]>();
    return found.map(({ _id }) => _id);
  }

  /** The agreement for sale is registered, says this person; the first statement stands. */
  async registerAgreement(id: string, registeredOn: Day, by: StaffRef): Promise<void> {
    await this.model.updateOne(
      { _id: id, agreement: { $exists: false } },
      { $set: { agreement: { registeredOn, by } } },
    );
  }

  async byId(id: string): Promise<Booking | undefined> {
    return (await this.model.findById(id).lean<Booking>()) ?? undefined;
  }

  /** The open bookings of a buyer, as first applicant or with others, oldest first. */
  async of(buyer: string): Promise<Booking[]> {
    const found = await this.model.find({ buyers: buyer }).lean<Booking[]>();
    return found
      .filter(({ status }) => status === 'open')
      .sort((one, other) => one.bookedAt.getTime() - other.bookedAt.getTime());
  }

  /** The open booking of a unit, if it is sold. */
  async ofUnit(unit: string): Promise<Booking | undefined> {
    return (await this.model.findOne({ unit, status: 'open' }).lean<Booking>()) ?? undefined;
  }

  /** The open bookings of a project, by unit. */
  async ofProject(project: string): Promise<Booking[]> {
    const found = await this.model.find({ project, status: 'open' }).lean<Booking[]>();
    return found.sort((one, other) => (one.unit < other.unit ? -1 : 1));
  }

  /** Those of these bookings that are open, by id. */
  async openOf(ids: string[]): Promise<Map<string, Booking>> {
    const found = await this.model.find({ _id: { $in: ids }, status: 'open' }).lean<Booking[]>();
    return new Map(found.map((booking) => [booking._id, booking]));
  }

  /** Every open booking, of one project where it is named; one at a time, however many there are. */
  eachOpen(project?: string): AsyncIterable<Booking> {
    const query = { status: 'open' as const, ...(project !== undefined && { project }) };
    return this.model.find(query).lean<Booking>().cursor() as AsyncIterable<Booking>;
  }

  /** Bookings of one buyer become another's: the two turned out to be one person. Idempotent. */
  async passTo(from: string, to: string): Promise<void> {
    await this.model.updateMany({ buyers: from, $and: [{ buyers: to }] }, { $pull: { buyers: from } });
    await this.model.updateMany({ buyers: from }, { $set: { 'buyers.$': to } });
  }
}

function requireBalanced({ _id, buyers, agreementValuePaise, costSheet, plan }: NewBooking): void {
  const inAllPaise = plan.instalments.reduce((total, { amountPaise }) => total + amountPaise, 0);
  const isBalanced =
    inAllPaise === agreementValuePaise && costSheet.considerationPaise === agreementValuePaise;
  if (isBalanced && buyers.length > 0 && new Set(buyers).size === buyers.length) return;
  throw new AppError(
    'booking_unbalanced',
    'a booking needs buyers, and one sum for its instalments, its agreement and the consideration of its cost sheet',
    { info: { booking: _id } },
  );
}
