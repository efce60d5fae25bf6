import { type Connection, type Model, Schema } from 'mongoose';
import type { PersonEffect, StaffRef } from '../flows/types.ts';
import { isDuplicateKey } from './error.ts';

/** A file in Slack, as Slack describes it. */
export type SlackFileRef = { id: string; url: string; name: string; mimeType: string; sizeBytes: number };

/** How far what a person said is known to have come. */
export type ReplyState = 'owed' | 'sent' | 'delivered' | 'read' | 'failed' | 'inDoubt' | 'cancelled';

/** Something that a person said to a buyer, and what the thread has been shown of what became of it. */
export type Reply = {
  /** Names the input, such as `slack:C1:17.5`; each further file of one message has an id of its own. */
  _id: string;
  caseId: string;
  staff: StaffRef;
  /** The message in Slack that it is; unknown of a template until its line in the thread has been found. */
  place?: { channel: string; ts: string };
  /** Its position among those of one message. */
  part: number;
  takenAt: Date;
  /** What goes out; absent of a file until its bytes are here. */
  effect?: PersonEffect;
  file?: SlackFileRef;
  caption?: string;
  /** Present while the file has to be fetched: when to try. */
  fetchAt?: Date;
  /** Attempts to fetch that failed; each Retry begins anew. */
  attempts: number;
  /** How often people were told that it cannot be had. */
  failures: number;
  /** Why its file cannot be had. */
  failure?: string;
  cancelled?: true;
  /** Present while the thread may have to be shown something: when to look. */
  tellAt?: Date;
  /** Present until nothing more can become of it. */
  isOpen?: true;
  /** The marks that the message bears. */
  marks: string[];
};

const schema = new Schema<Reply>(
  {
    _id: { type: String, required: true },
    caseId: { type: String, required: true },
    staff: { type: Schema.Types.Mixed, required: true },
    place: Schema.Types.Mixed,
    part: { type: Number, required: true },
    takenAt: { type: Date, required: true },
    effect: Schema.Types.Mixed,
    file: Schema.Types.Mixed,
    caption: String,
    fetchAt: Date,
    attempts: { type: Number, required: true },
    failures: { type: Number, required: true },
    failure: String,
    cancelled: Boolean,
    tellAt: Date,
    isOpen: Boolean,
    marks: { type: [String], default: [] },
  },
  { collection: 'replies', versionKey: false, minimize: false },
);
schema.index({ caseId: 1, takenAt: 1 });
schema.index(
  { 'place.channel': 1, 'place.ts': 1 },
  { partialFilterExpression: { place: { $exists: true } }, name: 'place' },
);
schema.index({ tellAt: 1 }, { partialFilterExpression: { tellAt: { $exists: true } } });
schema.index({ fetchAt: 1 }, { partialFilterExpression: { fetchAt: { $exists: true } } });
schema.index({ isOpen: 1, takenAt: 1 }, { partialFilterExpression: { isOpen: { $exists: true } } });

type NewReply = Pick<Reply, '_id' | 'caseId' | 'staff' | 'takenAt'> &
  Partial<Pick<Reply, 'place' | 'part' | 'effect' | 'file' | 'caption' | 'fetchAt' | 'tellAt'>>;

/** What people said to buyers. */
export class Replies {
  readonly model: Model<Reply>;

  constructor(connection: Connection) {
    this.model = connection.model<Reply>('Reply', schema);
  }

  /** Puts it on record before anything is done about it; false when it is there already. */
  async take(reply: NewReply): Promise<boolean> {
    try {
      const taken = { part: 0, attempts: 0, failures: 0, marks: [], isOpen: true, ...reply };
      await this.model.collection.insertOne(taken as never, { ignoreUndefined: true });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** It came to nothing: the case was closed. */
  async forget(id: string): Promise<void> {
    await this.model.deleteOne({ _id: id });
  }

  async byId(id: string): Promise<Reply | null> {
    return this.model.findById(id).lean<Reply>();
  }

  /** What one message in Slack said, in its order. */
  async at(place: { channel: string; ts: string }): Promise<Reply[]> {
    const found = await this.model
      .find({ place: { $exists: true }, 'place.channel': place.channel, 'place.ts': place.ts })
      .lean<Reply[]>();
    return found.sort((a, b) => a.part - b.part);
  }

  /** Whether anybody has said anything in a case yet. */
  async hasAny(caseId: string): Promise<boolean> {
    return (await this.model.exists({ caseId })) !== null;
  }

  /** The latest of a case that was taken before `before`. */
  async lastOf(caseId: string, before: Date): Promise<Reply | null> {
    return this.model
      .findOne({ caseId, takenAt: { $lt: before } })
      .sort({ takenAt: -1 })
      .lean<Reply>();
  }

  /** Which of these are on record. */
  async known(ids: string[]): Promise<Set<string>> {
    const found = await this.model.find({ _id: { $in: ids } }, { _id: 1 }).lean<{ _id: string }[]>();
    return new Set(found.map(({ _id }) => _id));
  }

  /** Something has become of it: the thread is owed a look. */
  async owe(id: string, at: Date): Promise<void> {
    await this.model.updateOne({ _id: id, isOpen: true }, { $set: { tellAt: at } });
  }

  /** Owes a look at everything that is open and younger than `since`: what was learnt during a crash is seen then. */
  async oweAll(since: Date, at: Date): Promise<void> {
    await this.model.updateMany(
      { isOpen: { $exists: true }, takenAt: { $gte: since } },
      { $set: { tellAt: at } },
    );
    await this.model.updateMany({ fetchAt: { $exists: true } }, { $set: { fetchAt: at } });
  }

  /** Whose thread has to be looked at by `now`; at most `limit`. */
  async toTell(now: Date, limit: number): Promise<string[]> {
    const due = await this.dueBy('tellAt', now, limit);
    return due.map(({ _id }) => _id);
  }

  /** Messages in Slack, `slack:<channel>:<ts>`, with files to be fetched by `now`; at most `limit` files are looked at. */
  async messagesToFetch(now: Date, limit: number): Promise<string[]> {
    const due = await this.dueBy('fetchAt', now, limit);
    return [...new Set(due.map(({ place }) => `slack:${place?.channel}:${place?.ts}`))];
  }

  /** The thread shows these marks, as of the look that was owed at `tellAt`. */
  async told(id: string, marks: string[], tellAt: Date | undefined, isOver: boolean): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { marks } });
    const asSeen = { _id: id, ...(tellAt && { tellAt }) };
    await this.model.updateOne(asSeen, { $unset: { tellAt: '', ...(isOver && { isOpen: '' }) } });
  }

  async placed(id: string, place: { channel: string; ts: string }): Promise<void> {
    await this.model.updateOne({ _id: id, place: { $exists: false } }, { $set: { place } });
  }

  /** Its file is here: this goes out. False when it was called off meanwhile. */
  async fetched(id: string, effect: PersonEffect): Promise<boolean> {
    const done = await this.model.updateOne(
      { _id: id, cancelled: { $exists: false } },
      { $set: { effect }, $unset: { fetchAt: '', failure: '' } },
    );
    return done.matchedCount === 1;
  }

  /** An attempt to fetch failed; the next one is at `at`. */
  async fetchLater(id: string, at: Date): Promise<void> {
    await this.model.updateOne(
      { _id: id, fetchAt: { $exists: true } },
      { $inc: { attempts: 1 }, $set: { fetchAt: at } },
    );
  }

  /** The file cannot be had until a person says so again; returns how many times that has come about. */
  async fetchFailed(id: string, failure: string): Promise<number> {
    const failed = await this.model
      .findOneAndUpdate(
        { _id: id, fetchAt: { $exists: true } },
        { $set: { failure }, $inc: { failures: 1 }, $unset: { fetchAt: '' } },
        { returnDocument: 'after' },
      )
      .lean<Reply>();
    return failed?.failures ?? 0;
  }

  /** Has the file fetched once more after its failure number `failure`; false when that was done before. */
  async fetchAgain(id: string, failures: number, now: Date): Promise<boolean> {
    const again = await this.model.updateOne(
      { _id: id, failures, failure: { $exists: true }, cancelled: { $exists: false } },
      { $set: { fetchAt: now, attempts: 0 }, $unset: { failure: '' } },
    );
    return again.modifiedCount === 1;
  }

  /** Calls off a file that is not on its way to the buyer yet; false when it is, or when it was called off before. */
  async cancelFetch(id: string): Promise<boolean> {
    const cancelled = await this.model.updateOne(
      { _id: id, file: { $exists: true }, effect: { $exists: false }, cancelled: { $exists: false } },
      { $set: { cancelled: true }, $unset: { fetchAt: '' } },
    );
    return cancelled.modifiedCount === 1;
  }

  /** It will not go out. */
  async cancel(id: string, at: Date): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { cancelled: true, tellAt: at } });
  }

  /** Other words than before are going out. */
  async reword(id: string, effect: PersonEffect): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { effect } });
  }

  /** Another caption goes out with a file that is not here yet; false when it is. */
  async recaption(id: string, caption: string): Promise<boolean> {
    const done = await this.model.updateOne(
      { _id: id, file: { $exists: true }, effect: { $exists: false } },
      { $set: { caption } },
    );
    return done.matchedCount === 1;
  }

  private async dueBy(field: 'tellAt' | 'fetchAt', now: Date, limit: number): Promise<Reply[]> {
    return this.model
      .find({ [field]: { $exists: true, $lte: now } }, { place: 1 })
      .sort({ [field]: 1 })
      .limit(limit)
      .lean<Reply[]>();
  }
}
