import { type Connection, type Model, Schema } from 'mongoose';
import { financialYear, type Moment } from '../flows/money/day.ts';
import { isDuplicateKey } from './error.ts';

/** A number of the series, given to a confirmed payment for good. `_id` is what is printed: `greenfield-heights/2026-27/000042`. */
export type Receipt = {
  _id: string;
  /** `<project>/<financial year>`. */
  series: string;
  number: number;
  payment: string;
  booking: string;
  issuedAt: Date;
};

const DIGITS = 6;

const schema = new Schema<Receipt>(
  {
    _id: { type: String, required: true },
    series: { type: String, required: true },
    number: { type: Number, required: true },
    payment: { type: String, required: true },
    booking: { type: String, required: true },
    issuedAt: { type: Date, required: true },
  },
  { collection: 'receipts', versionKey: false },
);
schema.index({ series: 1, number: -1 }, { unique: true });
schema.index({ payment: 1 }, { unique: true });

/**
 * Receipt numbers: without gaps, never twice, never changed, and without transactions. A counter would leave a gap
 * where a process dies between counting and using the number. Here a number exists only as the record that gives it
 * to a payment: the next one is the last plus one, and of two who want it one is refused and looks again.
 */
export class Receipts {
  readonly model: Model<Receipt>;

  constructor(connection: Connection) {
    this.model = connection.model<Receipt>('Receipt', schema);
  }

  /** The receipt of a payment, issued on first asking, in the series of its project and financial year. */
  async issue(
    payment: { _id: string; booking: string; project: string },
    { at, on }: Moment,
  ): Promise<Receipt> {
    const series = `${payment.project}/${financialYear(on)}`;
    for (;;) {
      const known = await this.of(payment._id);
      if (known) return known;
      const last = await this.model.findOne({ series }).sort({ number: -1 }).lean<Receipt>();
      const number = (last?.number ?? 0) + 1;
      const receipt: Receipt = {
        _id: `${series}/${`${number}`.padStart(DIGITS, '0')}`,
        series,
        number,
        payment: payment._id,
        booking: payment.booking,
        issuedAt: at,
      };
      try {
        await this.model.collection.insertOne(receipt as never);
        return receipt;
      } catch (error) {
        // Either the number or the payment has been taken care of meanwhile; who lost looks again.
        if (!isDuplicateKey(error)) throw error;
      }
    }
  }

  async byId(number: string): Promise<Receipt | undefined> {
    return (await this.model.findById(number).lean<Receipt>()) ?? undefined;
  }

  async of(payment: string): Promise<Receipt | undefined> {
    return (await this.model.findOne({ payment }).lean<Receipt>()) ?? undefined;
  }
}
