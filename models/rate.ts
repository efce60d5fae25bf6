import { type Connection, type Model, Schema } from 'mongoose';
import { RATE_KINDS, type RateRow } from '../flows/money/rates.ts';
import { AppError, isDuplicateKey } from './error.ts';

/** A rate as published. `_id` is `<kind>/<jurisdiction>/<variant>/<effectiveFrom>`. */
export type PublishedRate = RateRow & { _id: string; publishedAt: Date };

const schema = new Schema<PublishedRate>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    jurisdiction: { type: String, required: true },
    variant: { type: String, required: true },
    effectiveFrom: { type: String, required: true },
    valueBps: { type: Number, required: true },
    terms: Schema.Types.Mixed,
    source: { type: String, required: true },
    verified: { type: Boolean, required: true },
    note: String,
    publishedAt: { type: Date, required: true },
  },
  { collection: 'rates', versionKey: false },
);
schema.index({ kind: 1 });

/** Dated rates. A row is never changed: what was computed by it must be computed again the same way. */
export class Rates {
  readonly model: Model<PublishedRate>;

  constructor(connection: Connection) {
    this.model = connection.model<PublishedRate>('Rate', schema);
  }

  /** Adds the rows that are not there yet; those that are stay as they are. */
  async seed(rows: readonly RateRow[], now: Date): Promise<void> {
    const documents = rows.map((row) => ({ ...row, _id: idOf(row), publishedAt: now }));
    try {
      await this.model.collection.insertMany(documents as never[], { ordered: false });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  /**
   * Publishes a row; the same row again is a no-op. Throws AppError `rate_published` when another value stands for
   * that day: a mistake is corrected by a row of a later day, or by hand with all that was computed from it.
   */
  async publish(row: RateRow, now: Date): Promise<void> {
    const _id = idOf(row);
    try {
      await this.model.collection.insertOne({ ...row, _id, publishedAt: now } as never);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const known = await this.model.findById(_id).lean<PublishedRate>();
      if (known?.valueBps === row.valueBps) return;
      throw new AppError('rate_published', `another value stands for ${_id}`, { info: { rate: _id } });
    }
  }

  /** Every row, for the lookups of flows/money. */
  async rows(): Promise<RateRow[]> {
    return this.model.find({ kind: { $in: [...RATE_KINDS] } }).lean<RateRow[]>();
  }
}

function idOf({ kind, jurisdiction, variant, effectiveFrom }: RateRow): string {
  return [kind, jurisdiction, variant, effectiveFrom].join('/');
}
