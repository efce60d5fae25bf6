import { type Connection, type Model, Schema } from 'mongoose';
import type { StaffRef } from '../flows/types.ts';
import { isDuplicateKey } from './error.ts';

/** A person, with every handle under which they have written. */
export type Buyer = {
  _id: string;
  /** As they call themselves on WhatsApp; empty when unknown. */
  name: string;
  /** `kind:value`, such as `pn:+919999900001`. */
  handles: string[];
  createdAt: Date;
  /** The buyer who turned out to be the same person. Set once; always older than this one, so that no ring forms. */
  mergedInto?: string;
  /** Present while what this one left behind (conversation, leads, visits ...) still has to be moved. */
  mergeOwedAt?: Date;
  /** What people have marked them with, such as `nri`; small letters. */
  tags?: string[];
  /** Raised when the buyer's links to the portal are revoked: what was made before then opens nothing. */
  portalGeneration?: number;
  portalRevokedAt?: Date;
  /** A person has decided that the data of this buyer goes; see `bot/erasure.ts`. */
  erasure?: Erasure;
  /** Moved once: what other processes still had in their hands then is moved by a second look. */
  movedAt?: Date;
};

/**
 * An erasure: decided once, done in steps. `input` names the decision, so that it is taken once. Present while something
 * is left to do or to look at again: `owedAt`, which is when a record comes past its retention.
 */
export type Erasure = {
  input: string;
  decidedAt: Date;
  by: StaffRef;
  reason: string;
  caseId?: string;
  owedAt?: Date;
  doneAt?: Date;
};

/** Letters alone count, not their case or accents. */
const BY_NAME = { locale: 'en', strength: 1 } as const;
/** Sorts behind every other character. */
const LAST_CHARACTER = '\uffff';

const schema = new Schema<Buyer>(
  {
    _id: { type: String, required: true },
    name: { type: String, default: '' },
    handles: { type: [String], required: true },
    createdAt: { type: Date, required: true },
    mergedInto: String,
    mergeOwedAt: Date,
    movedAt: Date,
    portalGeneration: Number,
    tags: { type: [String], default: undefined } as never,
    portalRevokedAt: Date,
    erasure: Schema.Types.Mixed,
  },
  { collection: 'buyers', versionKey: false },
);
// Unique over all buyers' lists: one handle belongs to one person.
schema.index({ handles: 1 }, { unique: true });
// Names as people look for them: whatever the capitals and the accents.
schema.index({ name: 1 }, { collation: BY_NAME });
schema.index({ mergedInto: 1 }, { partialFilterExpression: { mergedInto: { $exists: true } } });
schema.index({ mergeOwedAt: 1 }, { partialFilterExpression: { mergeOwedAt: { $exists: true } } });

schema.index({ 'erasure.owedAt': 1 }, { partialFilterExpression: { 'erasure.owedAt': { $exists: true } } });

/** Others may learn the same handles at the same moment; each attempt sees what they did. */
const MOST_ATTEMPTS = 10;

/** Buyers, found or made by the handles a message came with. */
export class Buyers {
  readonly model: Model<Buyer>;

  constructor(connection: Connection) {
    this.model = connection.model<Buyer>('Buyer', schema);
  }

  /**
   * The buyer who owns `handles`, made on first contact; handles that are new are learnt. Handles of different
   * buyers show that these are one person: the oldest absorbs the others. That is decided by one write on each
   * of the others; `onMerged` names them before this resolves, and what they left behind is owed from then on.
   */
  async withHandles(
    handles: string[],
    name: string,
    id: string,
    now: Date,
    onMerged: (absorbed: Buyer, into: Buyer) => void = () => undefined,
  ): Promise<Buyer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const [oldest, ...others] = await this.ownersOf(handles);
        if (!oldest) return await this.make({ _id: id, name, handles, createdAt: now });
        if (others.length === 0) return await this.learn(oldest, handles, name);
        for (const other of others) if (await this.merge(other, oldest, now)) onMerged(other, oldest);
      } catch (error) {
        // Somebody else made the buyer, or gave one of the handles to another one: look again.
        if (!isDuplicateKey(error) || attempt >= MOST_ATTEMPTS) throw error;
      }
    }
  }

  /** The person known under this id, today perhaps as part of another buyer. */
  async byId(id: string): Promise<Buyer | null> {
    let found = await this.model.findById(id).lean<Buyer>();
    while (found?.mergedInto !== undefined) found = await this.model.findById(found.mergedInto).lean<Buyer>();
    return found;
  }

  /**
   * Which of the links that were made for this id count; undefined for nobody. Of an absorbed buyer those of whoever
   * absorbed them count with their own, so that a link once revoked by either never opens anything again.
   */
  async portalGeneration(id: string): Promise<number | undefined> {
    let found = await this.model.findById(id).lean<Buyer>();
    if (!found) return undefined;
    let generation = found.portalGeneration ?? 0;
    while (found?.mergedInto !== undefined) {
      found = await this.model.findById(found.mergedInto).lean<Buyer>();
      generation += found?.portalGeneration ?? 0;
    }
    return generation;
  }

  /** Ends the links of a person, also those that were made for somebody whom they absorbed. */
  async revokePortal(id: string, now: Date): Promise<void> {
    const today = await this.byId(id);
    await this.model.updateOne(
      { _id: today?._id ?? id },
      { $inc: { portalGeneration: 1 }, $set: { portalRevokedAt: now } },
    );
  }

  /** Who is known under this phone number, given as E.164. */
  async byPhone(phone: string): Promise<Buyer | undefined> {
    const [owner] = await this.ownersOf([`pn:${phone}`]);
    return owner;
  }

  /** People whose name begins like this, in any case; at most `limit`, by name. */
  async named(beginning: string, limit: number): Promise<Buyer[]> {
    const known = await this.model
      .find({ name: { $gte: beginning, $lt: `${beginning}${LAST_CHARACTER}` } })
      .collation(BY_NAME)
      .sort({ name: 1 })
      // Those who turned out to be the same person may stand here more than once.
      .limit(limit * 2)
      .lean<Buyer[]>();
    return (await this.peopleOf(known)).slice(0, limit);
  }

  /** The names of buyers, by id. */
  async namesOf(ids: string[]): Promise<Map<string, string>> {
    const known = await this.model.find({ _id: { $in: ids } }, { name: 1 }).lean<Buyer[]>();
    return new Map(known.map(({ _id, name }) => [_id, name]));
  }

  /** Many at once, by the ids asked for; of those who were absorbed, the person they are today. */
  async several(ids: string[]): Promise<Map<string, Buyer>> {
    const found = await this.model.find({ _id: { $in: ids } }).lean<Buyer[]>();
    const known = new Map(found.map((each) => [each._id, each]));
    for (const { _id, mergedInto } of found) {
      const today = mergedInto === undefined ? null : await this.byId(_id);
      if (today) known.set(_id, { ...today, handles: await this.handlesOf(today._id) });
    }
    return known;
  }

  /** Every handle of a person: their own first, then those of the buyers that they absorbed. */
  async handlesOf(id: string): Promise<string[]> {
    const root = await this.byId(id);
    const handles: string[] = [];
    let some = root ? [root] : [];
    while (some.length > 0) {
      handles.push(...some.flatMap((each) => each.handles));
      const ids = some.map((each) => each._id);
      some = await this.model
        .find({ mergedInto: { $exists: true, $in: ids } })
        .sort({ mergedInto: 1 })
        .lean<Buyer[]>();
    }
    return handles;
  }

  /** The ids under which a person is or was known: their own first, then those of the buyers that they absorbed. */
  async idsOf(id: string): Promise<string[]> {
    const root = await this.byId(id);
    const ids: string[] = [];
    let some = root ? [root._id] : [];
    while (some.length > 0) {
      ids.push(...some);
      const absorbed = await this.model
        .find({ mergedInto: { $exists: true, $in: some } }, { _id: 1 })
        .lean<{ _id: string }[]>();
      some = absorbed.map(({ _id }) => _id);
    }
    return ids;
  }

  /** Puts on record that a person's data goes. False while an earlier erasure of theirs is under way, or was this one. */
  async oweErasure(id: string, erasure: Erasure): Promise<boolean> {
    const owed = await this.model.updateOne(
      {
        _id: id,
        'erasure.input': { $ne: erasure.input },
        $or: [{ erasure: { $exists: false } }, { 'erasure.doneAt': { $exists: true } }],
      },
      { $set: { erasure } },
    );
    return owed.modifiedCount === 1;
  }

  /** People of whose erasure something is to be done by `now`, longest owed first; at most `limit`. */
  async erasuresOwed(now: Date, limit: number): Promise<string[]> {
    const owed = await this.model
      .find({ 'erasure.owedAt': { $exists: true, $lte: now } }, { _id: 1 })
      .sort({ 'erasure.owedAt': 1 })
      .limit(limit)
      .lean<{ _id: string }[]>();
    return owed.map(({ _id }) => _id);
  }

  /** How far an erasure has come: done, or not yet, and when it is to be looked at again, if ever. */
  async erasureStands(
    id: string,
    input: string,
    { doneAt, owedAt }: { doneAt?: Date | undefined; owedAt?: Date | undefined },
  ): Promise<void> {
    await this.model.updateOne(
      { _id: id, 'erasure.input': input },
      {
        ...((doneAt || owedAt) && {
          $set: { ...(doneAt && { 'erasure.doneAt': doneAt }), ...(owedAt && { 'erasure.owedAt': owedAt }) },
        }),
        ...(!owedAt && { $unset: { 'erasure.owedAt': '' } }),
      },
    );
  }

  /** What these were called is forgotten. Idempotent. */
  async forgetNames(ids: string[]): Promise<void> {
    await this.model.updateMany({ _id: { $in: ids } }, { $set: { name: '' } });
  }

  /** Absorbed buyers of whom something still has to be moved by `now`, longest first; at most `limit`. */
  async mergesOwed(now: Date, limit: number): Promise<Buyer[]> {
    return this.model
      .find({ mergeOwedAt: { $exists: true, $lte: now } })
      .sort({ mergeOwedAt: 1 })
      .limit(limit)
      .lean<Buyer[]>();
  }

  /** The absorbed buyer itself, when something of it still has to be moved by `now`. */
  async mergeOwedBy(id: string, now: Date): Promise<Buyer | undefined> {
    const found = await this.model.findById(id).lean<Buyer>();
    return found?.mergeOwedAt && found.mergeOwedAt <= now ? found : undefined;
  }

  /** Adds and takes away tags, and returns those that they have then. */
  async tag(id: string, { add, remove }: { add: string[]; remove: string[] }): Promise<string[]> {
    const _id = (await this.byId(id))?._id ?? id;
    if (add.length > 0) await this.model.updateOne({ _id }, { $addToSet: { tags: { $each: add } } });
    if (remove.length > 0) await this.model.updateOne({ _id }, { $pull: { tags: { $in: remove } } });
    return (await this.model.findById(_id).lean<Buyer>())?.tags ?? [];
  }

  /** A person without a name gets the one under which they were known as somebody else. */
  async inheritName(id: string, name: string): Promise<void> {
    if (name) await this.model.updateOne({ _id: id, name: '' }, { $set: { name } });
  }

  /** Everything has been moved: for the first time, to be looked at again at `again`, or for good. */
  async moved(id: string, now: Date, again: Date): Promise<void> {
    const first = await this.model.updateOne(
      { _id: id, movedAt: { $exists: false } },
      { $set: { movedAt: now, mergeOwedAt: again } },
    );
    if (first.modifiedCount === 0) {
      await this.model.updateOne({ _id: id, mergeOwedAt: { $lte: now } }, { $unset: { mergeOwedAt: '' } });
    }
  }

  /** Who owns any of `handles` today, the oldest buyer first. */
  private async ownersOf(handles: string[]): Promise<Buyer[]> {
    const known = await this.model.find({ handles: { $in: handles } }).lean<Buyer[]>();
    return (await this.peopleOf(known)).sort(
      (a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a._id < b._id ? -1 : 1),
    );
  }

  /** Who these are today, each once, in the same order. */
  private async peopleOf(known: Buyer[]): Promise<Buyer[]> {
    const people = new Map<string, Buyer>();
    for (const each of known) {
      const person = each.mergedInto === undefined ? each : await this.byId(each._id);
      if (person) people.set(person._id, person);
    }
    return [...people.values()];
  }

  private async make(buyer: Buyer): Promise<Buyer> {
    await this.model.collection.insertOne(buyer as never);
    return buyer;
  }

  /** The one write that decides it; false when this buyer was absorbed by somebody a moment before. */
  private async merge(absorbed: Buyer, into: Buyer, now: Date): Promise<boolean> {
    const merged = await this.model.updateOne(
      { _id: absorbed._id, mergedInto: { $exists: false } },
      { $set: { mergedInto: into._id, mergeOwedAt: now } },
    );
    return merged.modifiedCount === 1;
  }

  /** One write per handle. Throws a duplicate key when one of them belongs to somebody else by now. */
  private async learn(known: Buyer, handles: string[], name: string): Promise<Buyer> {
    if (name && !known.name) await this.model.updateOne({ _id: known._id, name: '' }, { $set: { name } });
    const held = await this.handlesOf(known._id);
    for (const handle of handles.filter((each) => !held.includes(each))) {
      await this.model.updateOne({ _id: known._id }, { $addToSet: { handles: handle } });
    }
    return { ...known, name: known.name || name };
  }
}

/** A phone number as people may see it: enough to tell two apart. `+919999900001` -> `…001` */
export function maskedPhone(phone: string): string {
  return `…${phone.slice(-3)}`;
}
