import { type Connection, type Model, Schema } from 'mongoose';
import { isDuplicateKey } from './error.ts';

/** A time during which a transport took nothing in: it was down, or our process was. */
export type Outage = {
  /** `<channel>/<when it began, in epoch milliseconds>` */
  _id: string;
  channel: string;
  from: Date;
  /** Absent while it lasts. */
  to?: Date;
  /** Present while it lasts: at most one per channel. */
  isOpen?: true;
  /** People were told that it lasts. */
  toldAt?: Date;
  /** Messages that were written meanwhile, by the id of their record; at most `MESSAGES_KEPT`. */
  messages: string[];
  /** Present until what came of it has been summed up. */
  summaryOwedAt?: Date;
};

/** What is known of a transport from one run to the next. */
export type ChannelState = {
  _id: string;
  /** When it was ready for the first time: nothing older than this is looked for. */
  firstReadyAt: Date;
  /** When it was last seen ready; an outage begins here, also when the process died. */
  lastReadyAt: Date;
  /** The newest time of any message that was stored. */
  lastMessageAt?: Date;
  /** Present while messages since then must still be looked for. */
  backfillFrom?: Date;
};

const outageSchema = new Schema<Outage>(
  {
    _id: { type: String, required: true },
    channel: { type: String, required: true },
    from: { type: Date, required: true },
    to: Date,
    isOpen: Boolean,
    toldAt: Date,
    messages: { type: [String], default: [] },
    summaryOwedAt: Date,
  },
  { collection: 'outages', versionKey: false },
);
outageSchema.index(
  { channel: 1, isOpen: 1 },
  { unique: true, partialFilterExpression: { isOpen: { $exists: true } } },
);
outageSchema.index({ from: 1 });
outageSchema.index({ summaryOwedAt: 1 }, { partialFilterExpression: { summaryOwedAt: { $exists: true } } });

const channelSchema = new Schema<ChannelState>(
  {
    _id: { type: String, required: true },
    firstReadyAt: { type: Date, required: true },
    lastReadyAt: { type: Date, required: true },
    lastMessageAt: Date,
    backfillFrom: Date,
  },
  { collection: 'channels', versionKey: false },
);

/** More are counted by nobody: the summary says "more than". */
export const MESSAGES_KEPT = 2_000;

/** How long outages are of interest: messages are not looked for further back. */
const RECENT_MS = 8 * 86_400_000;

/** Outages of the transports, remembered over restarts. */
export class Outages {
  readonly model: Model<Outage>;

  constructor(connection: Connection) {
    this.model = connection.model<Outage>('Outage', outageSchema);
  }

  /** Opens an outage, or finds the one that is open. */
  async begin(channel: string, from: Date): Promise<Outage> {
    const outage: Outage = { _id: `${channel}/${from.getTime()}`, channel, from, isOpen: true, messages: [] };
    try {
      await this.model.collection.insertOne(outage as never);
      return outage;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const open = await this.openOf(channel);
    // One that began at the same moment and has ended since: it goes on.
    return open ?? ((await this.reopen(outage._id)) || outage);
  }

  /** Ends it; false when another process has ended it. With `isToBeSummedUp` a summary is owed from `to` on. */
  async end(id: string, to: Date, isToBeSummedUp: boolean): Promise<boolean> {
    const ended = await this.model.updateOne(
      { _id: id, isOpen: true },
      { $set: { to, ...(isToBeSummedUp && { summaryOwedAt: to }) }, $unset: { isOpen: '' } },
    );
    return ended.modifiedCount === 1;
  }

  /** People know that it lasts. */
  async told(id: string, now: Date): Promise<void> {
    await this.model.updateOne({ _id: id, toldAt: { $exists: false } }, { $set: { toldAt: now } });
  }

  /** These messages were written while it lasted; noting one again changes nothing. */
  async noteMessages(id: string, messages: string[]): Promise<void> {
    await this.model.updateOne(
      { _id: id, [`messages.${MESSAGES_KEPT}`]: { $exists: false } },
      { $addToSet: { messages: { $each: messages } } },
    );
  }

  /** Outages that may concern a message which comes in now, without their messages. */
  async recent(now: Date): Promise<Outage[]> {
    return this.model
      .find({ from: { $gte: new Date(now.getTime() - RECENT_MS) } }, { messages: 0 })
      .sort({ from: 1 })
      .lean<Outage[]>();
  }

  /** Those of `channels` that have ended and are to be summed up by now. */
  async toSumUp(channels: string[], now: Date): Promise<Outage[]> {
    return this.model
      .find({ summaryOwedAt: { $exists: true, $lte: now }, channel: { $in: channels } })
      .sort({ summaryOwedAt: 1 })
      .lean<Outage[]>();
  }

  /** Not yet: what arrived is still being answered. */
  async sumUpLater(id: string, at: Date): Promise<void> {
    await this.model.updateOne(
      { _id: id, summaryOwedAt: { $exists: true } },
      { $set: { summaryOwedAt: at } },
    );
  }

  /** It has been summed up. */
  async summedUp(id: string): Promise<void> {
    await this.model.updateOne({ _id: id }, { $unset: { summaryOwedAt: '' } });
  }

  /** The outage of a channel that lasts, if one does. */
  private async openOf(channel: string): Promise<Outage | undefined> {
    return (
      (await this.model.findOne({ channel, isOpen: { $exists: true, $eq: true } }).lean<Outage>()) ??
      undefined
    );
  }

  private async reopen(id: string): Promise<Outage | null> {
    return this.model
      .findOneAndUpdate(
        { _id: id },
        { $set: { isOpen: true }, $unset: { to: '', summaryOwedAt: '' } },
        { returnDocument: 'after' },
      )
      .lean<Outage>();
  }
}

/** What is known of each transport from one run to the next. */
export class ChannelStates {
  readonly model: Model<ChannelState>;

  constructor(connection: Connection) {
    this.model = connection.model<ChannelState>('ChannelState', channelSchema);
  }

  /** Undefined for a transport that has never been ready. */
  async of(channel: string): Promise<ChannelState | undefined> {
    return (await this.model.findById(channel).lean<ChannelState>()) ?? undefined;
  }

  /** It is ready at `now`, and messages up to `lastMessageAt` have been stored. */
  async ready(channel: string, now: Date, lastMessageAt: Date | undefined): Promise<void> {
    await this.model.updateOne(
      { _id: channel },
      {
        $setOnInsert: { firstReadyAt: now },
        $max: { lastReadyAt: now, ...(lastMessageAt && { lastMessageAt }) },
      },
      { upsert: true },
    );
  }

  /** Messages since `from` must be looked for; an earlier date that is still owed stays. Returns what is owed. */
  async oweBackfill(channel: string, from: Date): Promise<Date> {
    const owing = await this.model
      .findOneAndUpdate({ _id: channel }, { $min: { backfillFrom: from } }, { returnDocument: 'after' })
      .lean<ChannelState>();
    return owing?.backfillFrom ?? from;
  }

  /** Messages since `from` have been looked for. */
  async backfilled(channel: string, from: Date): Promise<void> {
    await this.model.updateOne(
      { _id: channel, backfillFrom: { $gte: from } },
      { $unset: { backfillFrom: '' } },
    );
  }
}
