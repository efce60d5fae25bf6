import { type Connection, type Model, Schema } from 'mongoose';

/** A webhook body that was authentic but not understood, kept as it came for a person to look at. */
export type Rejected = { _id: string; source: string; reason: string; body: Buffer; at: Date };

const schema = new Schema<Rejected>(
  {
    _id: { type: String, required: true },
    source: { type: String, required: true },
    reason: { type: String, required: true },
    body: { type: Buffer, required: true },
    at: { type: Date, required: true },
  },
  { collection: 'rejected', versionKey: false },
);
schema.index({ at: 1 });

/** What could not be read is never thrown away before its time. */
export class RejectedPayloads {
  readonly model: Model<Rejected>;

  constructor(connection: Connection) {
    this.model = connection.model<Rejected>('Rejected', schema);
  }

  async keep(rejected: Rejected): Promise<void> {
    await this.model.collection.insertOne(rejected as never);
  }

  /** Removes payloads from before `before`; returns how many. */
  async purge(before: Date): Promise<number> {
    const { deletedCount } = await this.model.deleteMany({ at: { $lt: before } });
    return deletedCount;
  }
}
