import { type Connection, type Model, Schema } from 'mongoose';
import { isDuplicateKey } from './error.ts';

/**
 * A one-time code that a buyer was sent for a session of the portal. Its digits are not here: they follow from `code`
 * and a secret that the database does not hold. `_id` is `<buyer>/<n>`: a buyer has so many places as codes may be
 * sent within an hour, and each takes the place of one that is older than that.
 */
export type PortalCode = {
  _id: string;
  code: string;
  session: string;
  sentAt: Date;
  expiresAt: Date;
  triesLeft: number;
};

const schema = new Schema<PortalCode>(
  {
    _id: { type: String, required: true },
    code: { type: String, required: true },
    session: { type: String, required: true },
    sentAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    triesLeft: { type: Number, required: true },
  },
  { collection: 'portalCodes', versionKey: false },
);

const HOUR_MS = 3_600_000;
const MOST_PER_HOUR = 3;
const TRIES = 5;

/** One-time codes, few enough per buyer and hour, each with few enough tries. Both hold whoever races. */
export class PortalCodes {
  readonly model: Model<PortalCode>;

  constructor(connection: Connection) {
    this.model = connection.model<PortalCode>('PortalCode', schema);
  }

  /** Takes a place for a new code; undefined when this buyer was sent too many within the last hour. */
  async issue(
    wish: Pick<PortalCode, 'code' | 'session' | 'sentAt' | 'expiresAt'> & { buyer: string },
  ): Promise<PortalCode | undefined> {
    const { buyer, ...rest } = wish;
    const before = new Date(wish.sentAt.getTime() - HOUR_MS);
    for (const _id of placesOf(buyer)) {
      const issued = { ...rest, triesLeft: TRIES };
      try {
        await this.model.updateOne({ _id, sentAt: { $lte: before } }, { $set: issued }, { upsert: true });
        return { _id, ...issued };
      } catch (error) {
        // The place is there, and its hour is not over.
        if (!isDuplicateKey(error)) throw error;
      }
    }
    return undefined;
  }

  /** The code that counts in a session: the latest that it was sent, while it may still be typed. */
  async latest(buyer: string, session: string, now: Date): Promise<PortalCode | undefined> {
    const sent = await this.model.find({ _id: { $in: placesOf(buyer) } }).lean<PortalCode[]>();
    const [last] = sent
      .filter((each) => each.session === session)
      .sort((one, other) => other.sentAt.getTime() - one.sentAt.getTime());
    return last && last.expiresAt > now && last.triesLeft > 0 ? last : undefined;
  }

  /** Uses up one try, before anything is compared; how many are left then, undefined when none was. */
  async useTry({ _id, code }: PortalCode): Promise<number | undefined> {
    const used = await this.model
      .findOneAndUpdate(
        { _id, code, triesLeft: { $gt: 0 } },
        { $inc: { triesLeft: -1 } },
        { returnDocument: 'after' },
      )
      .lean<PortalCode>();
    return used?.triesLeft;
  }

  /** It was typed rightly: it opens nothing a second time. False when another request was first. */
  async spend({ _id, code }: PortalCode, now: Date): Promise<boolean> {
    const spent = await this.model.updateOne(
      { _id, code, expiresAt: { $gt: now } },
      { $set: { triesLeft: 0, expiresAt: now } },
    );
    return spent.modifiedCount === 1;
  }
}

function placesOf(buyer: string): string[] {
  return Array.from({ length: MOST_PER_HOUR }, (_, index) => `${buyer}/${index + 1}`);
}
