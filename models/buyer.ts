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
   * The buyer who owns the first of `handles` (or, when nobody does, one of the others), made on first contact.
   * Further handles are learnt; one that already belongs to somebody else stays theirs.
   */
  async withHandles(handles: string[], name: string, id: string, now: Date): Promise<Buyer> {
    const known = await this.ownerOf(handles);
    if (known) return this.learn(known, handles, name);
    const buyer: Buyer = { _id: id, name, handles, createdAt: now };
    try {
      await this.model.collection.insertOne(buyer as never);
      return buyer;
    } catch (error) {
      // Two first messages at once: the other one made the buyer.
      const made = isDuplicateKey(error) ? await this.ownerOf(handles) : undefined;
      if (!made) throw error;
      return this.learn(made, handles, name);
    }
  }

  async byId(id: string): Promise<Buyer | null> {
    return this.model.findById(id).lean<Buyer>();
  }

  private async ownerOf(handles: string[]): Promise<Buyer | undefined> {
    const owners = await this.model.find({ handles: { $in: handles } }).lean<Buyer[]>();
    return owners.find((owner) => owner.handles.includes(handles[0] ?? '')) ?? owners[0];
  }

  /** One write per handle: one that belongs to somebody else must not keep the others from being learnt. */
  private async learn(known: Buyer, handles: string[], name: string): Promise<Buyer> {
    if (name && !known.name) await this.model.updateOne({ _id: known._id, name: '' }, { $set: { name } });
    for (const handle of handles.filter((each) => !known.handles.includes(each))) {
      try {
        await this.model.updateOne({ _id: known._id }, { $addToSet: { handles: handle } });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    }
    return { ...known, name: known.name || name };
  }
}
