import { type Connection, type Model, Schema } from 'mongoose';
import { isDuplicateKey } from './error.ts';
import { hasEnded } from './instance.ts';

/** The right of one process to do something that must be done by one at a time. */
export type Lease = { _id: string; by: string; until: Date };

const schema = new Schema<Lease>(
  {
    _id: { type: String, required: true },
    by: { type: String, required: true },
    until: { type: Date, required: true },
  },
  { collection: 'leases', versionKey: false },
);

/** Leases: held by one process, taken over by another when it ends or falls silent. */
export class Leases {
  readonly model: Model<Lease>;

  constructor(connection: Connection) {
    this.model = connection.model<Lease>('Lease', schema);
  }

  /** Takes or keeps the lease for `ms` from `now`; false while another process has it. */
  async hold(id: string, by: string, now: Date, ms: number): Promise<boolean> {
    const holder = (await this.model.findById(id).lean<Lease>())?.by;
    const mine = holder !== undefined && hasEnded(holder) ? [by, holder] : [by];
    try {
      await this.model.updateOne(
        { _id: id, $or: [{ by: { $in: mine } }, { until: { $lte: now } }] },
        { $set: { by, until: new Date(now.getTime() + ms) } },
        { upsert: true },
      );
      return true;
    } catch (error) {
      // It is there, and not for us.
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** Gives it back, so that the next process need not wait. */
  async release(id: string, by: string): Promise<void> {
    await this.model.deleteOne({ _id: id, by });
  }
}
