import { type Connection, type Model, Schema } from 'mongoose';
import { isDuplicateKey } from './error.ts';

/** A person, with every handle under which they have written. */
export type Buyer = {
  _id: string;
  /** As they call themselves on WhatsApp; empty when unknown. */
  name: string;
  /** `kind:value`, such as `pn:+919999900001`. */
  handles: string[];
  createdAt: Date;
};

const schema = new Schema<Buyer>(
  {
    _id: { type: String, required: true },
    name: { type: String, default: '' },
    handles: { type: [String], required: true },
    createdAt: { type: Date, required: true },
  },
  { collection: 'buyers', versionKey: false },
);
// Unique over all buyers' lists: one handle belongs to one person.
schema.index({ handles: 1 }, { unique: true });

/** Buyers, found or made by the handles a message came with. */
export class Buyers {
  readonly model: Model<Buyer>;

  constructor(connection: Connection) {
    this.model = connection.model<Buyer>('Buyer', schema);
  }

  /**
   * The buyer who owns the first of `handles`, made on first contact. Further handles are learnt; one that
   * already belongs to somebody else stays theirs.
   */
  async withHandles(handles: string[], name: string, id: string, now: Date): Promise<Buyer> {
    const known = await this.model.findOne({ handles: { $in: handles } }).lean<Buyer>();
    if (!known) return this.create({ _id: id, name, handles, createdAt: now });
    const fresh = handles.filter((handle) => !known.handles.includes(handle));
    if (fresh.length > 0 || (name && !known.name)) await this.learn(known, fresh, name);
    return { ...known, name: known.name || name };
  }

  async byId(id: string): Promise<Buyer | null> {
    return this.model.findById(id).lean<Buyer>();
  }

  private async create(buyer: Buyer): Promise<Buyer> {
    try {
      await this.model.collection.insertOne(buyer as never);
      return buyer;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // Two first messages at once: the other one made the buyer.
      const made = await this.model.findOne({ handles: { $in: buyer.handles } }).lean<Buyer>();
      if (!made) throw error;
      return made;
    }
  }

  private async learn(known: Buyer, fresh: string[], name: string): Promise<void> {
    try {
      await this.model.updateOne(
        { _id: known._id },
        { $addToSet: { handles: { $each: fresh } }, ...(known.name ? {} : { $set: { name } }) },
      );
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}
