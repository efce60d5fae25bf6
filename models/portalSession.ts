import { type Connection, type Model, Schema } from 'mongoose';

/**
 * A browser in which a buyer has opened their link. `_id` is a hash of what its cookie holds: who reads the database
 * cannot go on in its place.
 */
export type PortalSession = {
  _id: string;
  buyer: string;
  /** Which of the buyer's links counted when it began: once those are revoked, so is this. */
  generation: number;
  openedAt: Date;
  expiresAt: Date;
  /** Until then a code from WhatsApp has shown that it is the buyer who looks. */
  provenUntil?: Date;
};

const schema = new Schema<PortalSession>(
  {
    _id: { type: String, required: true },
    buyer: { type: String, required: true },
    generation: { type: Number, required: true },
    openedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    provenUntil: Date,
  },
  { collection: 'portalSessions', versionKey: false },
);
schema.index({ expiresAt: 1 });

/** Sessions of the buyers' pages. */
export class PortalSessions {
  readonly model: Model<PortalSession>;

  constructor(connection: Connection) {
    this.model = connection.model<PortalSession>('PortalSession', schema);
  }

  /** Begins one, and takes those that have ended out of the way: links are opened rarely enough for both. */
  async begin(session: PortalSession): Promise<void> {
    await this.model.collection.insertOne(session as never);
    await this.model.deleteMany({ expiresAt: { $lte: session.openedAt } });
  }

  /** The session with this id, unless it has ended. */
  async at(id: string, now: Date): Promise<PortalSession | undefined> {
    const found = await this.model.findById(id).lean<PortalSession>();
    return found && found.expiresAt > now ? found : undefined;
  }

  /** The buyer has typed the code that their WhatsApp showed. */
  async prove(id: string, until: Date): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { provenUntil: until } });
  }

  async end(id: string): Promise<void> {
    await this.model.deleteOne({ _id: id });
  }
}
