import { type Connection, type Model, Schema } from 'mongoose';
import type { TemplateData } from '../flows/types.ts';
import { isDuplicateKey } from './error.ts';

/** Why somebody is left out of a campaign, or was spared at the last moment; the words are for the team. */
export const SPARED = {
  opted_out: 'wants no messages',
  no_consent: 'no consent on record',
  no_offers: 'wants no offers',
  no_promotion_consent: 'has not agreed to offers',
  wrong_number: 'wrong number',
  bereavement: 'bereavement',
  legal: 'open legal matter',
  complaint: 'open complaint',
  dispute: 'open dispute or request about money',
  erasure: 'asked for their data to be erased',
  open_case: 'open case that pauses reminders',
  person: 'a person is writing with them',
  paid: 'paid',
  said_paid: 'says they have paid',
  promised: 'promised to pay by a date still to come',
  gone: 'nothing to remind of any more',
  reminded: 'reminded of the same a short time ago',
  no_channel: 'no way to reach them',
  window_closed: 'window closed and no template',
  incomplete: 'the message could not be filled in',
  stopped: 'the campaign was stopped first',
} as const;
export type Spared = keyof typeof SPARED;

/** What has become of one recipient; it only rises. `saved`: spared at the moment of sending. */
export type RecipientStatus =
  | 'waiting'
  | 'excluded'
  | 'owed'
  | 'sent'
  | 'failed'
  | 'delivered'
  | 'read'
  | 'saved';

/** One person whom a campaign is to remind of one matter, frozen when it was rehearsed. */
export type Recipient = {
  /** `<campaign>:<about>`: one reminder per matter and campaign. */
  _id: string;
  campaign: string;
  conversation: string;
  buyer: string;
  /** As they call themselves; shown to the team in short. */
  name: string;
  /** What it is about: the id of a demand, a visit, a booking. */
  about: string;
  data: TemplateData;
  /** The reminder is worthless after this. */
  expiresAt?: Date;
  status: RecipientStatus;
  rank: number;
  /** A key of `SPARED`, or a failure in words. */
  reason?: string;
  changedAt: Date;
};

/** A number of recipients who share a status and a reason. */
export type Tally = { status: RecipientStatus; reason?: string; count: number };

/** A failure that is reported after `sent` counts; one after `delivered` is noise. */
const RANK: Record<RecipientStatus, number> = {
  waiting: 0,
  owed: 1,
  sent: 2,
  failed: 3,
  delivered: 4,
  read: 5,
  excluded: 6,
  saved: 6,
};

const schema = new Schema<Recipient>(
  {
    _id: { type: String, required: true },
    campaign: { type: String, required: true },
    conversation: { type: String, required: true },
    buyer: { type: String, required: true },
    name: { type: String, default: '' },
    about: { type: String, required: true },
    data: { type: Schema.Types.Mixed, required: true },
    expiresAt: Date,
    status: { type: String, required: true },
    rank: { type: Number, required: true },
    reason: String,
    changedAt: { type: Date, required: true },
  },
  { collection: 'recipients', versionKey: false, minimize: false },
);
// Who is next, how many are under way, and the tally are all read from this one.
schema.index({ campaign: 1, status: 1, reason: 1 });
schema.index({ buyer: 1 });

/** The recipients of campaigns: many thousands, read in batches. */
export class Recipients {
  readonly model: Model<Recipient>;

  constructor(connection: Connection) {
    this.model = connection.model<Recipient>('Recipient', schema);
  }

  /** Writes a batch of the audience down; those that are there already stay as they are. Returns how many are new. */
  async freeze(recipients: Omit<Recipient, 'rank'>[]): Promise<number> {
    if (recipients.length === 0) return 0;
    const ranked = recipients.map((each) => ({ ...each, rank: RANK[each.status] }));
    try {
      await this.model.collection.insertMany(ranked as never[], { ordered: false, ignoreUndefined: true });
      return recipients.length;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const inserted = (error as { insertedCount?: unknown }).insertedCount;
      return typeof inserted === 'number' ? inserted : 0;
    }
  }

  /** The next of a campaign that are owed nothing yet; at most `limit`. */
  async waiting(campaign: string, limit: number): Promise<Recipient[]> {
    return this.model.find({ campaign, status: 'waiting' }).limit(limit).lean<Recipient[]>();
  }

  /** How many reminders of a campaign are on their way and have come to no end. */
  async countOwed(campaign: string): Promise<number> {
    return this.model.countDocuments({ campaign, status: 'owed' });
  }

  /** These are owed their reminder now. */
  async owed(ids: string[], now: Date): Promise<void> {
    await this.model.updateMany(
      { _id: { $in: ids }, rank: { $lt: RANK.owed } },
      { $set: { status: 'owed', rank: RANK.owed, changedAt: now } },
    );
  }

  /** What has become of one; false when more was known already. */
  async raise(
    id: string,
    outcome: { status: RecipientStatus; reason?: string | undefined },
    now: Date,
  ): Promise<boolean> {
    const { status, reason } = outcome;
    const raised = await this.model.updateOne(
      { _id: id, rank: { $lt: RANK[status] } },
      { $set: { status, rank: RANK[status], changedAt: now, ...(reason !== undefined && { reason }) } },
    );
    return raised.modifiedCount === 1;
  }

  /** How many there are of each status and reason. */
  async tally(campaign: string): Promise<Tally[]> {
    const groups = await this.model.aggregate<{
      _id: { status: RecipientStatus; reason?: string };
      count: number;
    }>([
      { $match: { campaign } },
      { $group: { _id: { status: '$status', reason: '$reason' }, count: { $sum: 1 } } },
    ]);
    return groups.map(({ _id, count }) => ({ ..._id, count }));
  }

  /** All of a campaign, those of one status together; one at a time, however many there are. */
  each(campaign: string): AsyncIterable<Recipient> {
    return this.model.find({ campaign }).lean<Recipient>().cursor() as AsyncIterable<Recipient>;
  }
}
