import { type Connection, type Model, Schema } from 'mongoose';

/** Something done to a booking or its money that the buyer's conversation must hear of; `about` names what. */
export type SaleNews = {
  /** The act's own name: the same act again is the same news. */
  _id: string;
  kind: 'booked' | 'agreement' | 'demand' | 'claimed' | 'confirmed' | 'rejected';
  booking: string;
  /** A demand's milestone, or a payment. */
  about?: string;
  /** Since when it may have been done without having been told. */
  owedSince: Date;
};

const schema = new Schema<SaleNews>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    booking: { type: String, required: true },
    about: String,
    owedSince: { type: Date, required: true },
  },
  { collection: 'saleNews', versionKey: false },
);
schema.index({ owedSince: 1 });

/**
 * What is being done and not yet told: written down before the act, taken away once the conversation knows. After a
 * crash in between, whoever finds it looks whether the act was done, and tells.
 */
export class SaleNewsList {
  readonly model: Model<SaleNews>;

  constructor(connection: Connection) {
    this.model = connection.model<SaleNews>('SaleNews', schema);
  }

  /** Written before the act. */
  async owe({ _id, ...news }: SaleNews): Promise<void> {
    await this.model.updateOne({ _id }, { $set: news }, { upsert: true });
  }

  /** Told, or not done at all. */
  async settle(id: string): Promise<void> {
    await this.model.deleteOne({ _id: id });
  }

  /** What was left before `before`, oldest first; each is looked at again only after a while. */
  async left(before: Date, now: Date, limit: number): Promise<SaleNews[]> {
    const found = await this.model
      .find({ owedSince: { $lte: before } })
      .sort({ owedSince: 1 })
      .limit(limit)
      .lean<SaleNews[]>();
    const ids = found.map(({ _id }) => _id);
    if (ids.length > 0) await this.model.updateMany({ _id: { $in: ids } }, { $set: { owedSince: now } });
    return found;
  }
}
