import { type Connection, type Model, Schema } from 'mongoose';
import type { Team } from '../flows/types.ts';
import { AppError } from './error.ts';

/** A member of the developer's staff, known by their Slack user id. */
export type Staff = {
  _id: string;
  name: string;
  teams: Team[];
  active: boolean;
  /** Teams whose lead or deputy they are. */
  leadOf?: Team[];
  /** Out of office until then: they are given no cases. */
  awayUntil?: Date;
  /** Present until their unanswered cases have gone to others: when to see to it (again). */
  passOnOwedAt?: Date;
  /** Grows with every case that they are given: the lowest of a team is next. */
  turn?: number;
  /** E.164. What comes from it in the chat is a command if it reads like one. */
  phone?: string;
  /** The team whose file names the number: that file takes it away again. */
  phoneOf?: Team;
};

/** Those whom a team file names. */
export type Appointed = {
  leads: string[];
  members: { id: string; name: string; awayUntil?: Date | undefined; phone?: string | undefined }[];
};

const schema = new Schema<Staff>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    teams: { type: [String], default: [] } as never,
    active: { type: Boolean, required: true },
    leadOf: { type: [String], default: undefined } as never,
    awayUntil: Date,
    passOnOwedAt: Date,
    turn: Number,
    phone: String,
    phoneOf: String,
  },
  { collection: 'staff', versionKey: false },
);
schema.index({ passOnOwedAt: 1 }, { partialFilterExpression: { passOnOwedAt: { $exists: true } } });
schema.index({ leadOf: 1 }, { partialFilterExpression: { leadOf: { $exists: true } } });
schema.index({ phone: 1 }, { unique: true, partialFilterExpression: { phone: { $exists: true } } });

/** Staff. Being in a team's private channel is the authority; the first action puts a person on record. */
export class StaffMembers {
  readonly model: Model<Staff>;

  constructor(connection: Connection) {
    this.model = connection.model<Staff>('Staff', schema);
  }

  /**
   * The person, put on record for `team` if they were not; their name is kept fresh when one is given, and is
   * their id until then.
   */
  async meet(id: string, name: string, team: Team): Promise<Staff> {
    const staff = await this.model
      .findOneAndUpdate(
        { _id: id },
        {
          $addToSet: { teams: team },
          $setOnInsert: { active: true, ...(name ? {} : { name: id }) },
          ...(name ? { $set: { name } } : {}),
        },
        { upsert: true, returnDocument: 'after' },
      )
      .lean<Staff>();
    return staff ?? { _id: id, name: name || id, teams: [team], active: true };
  }

  /** The active member of staff whose number this is, or undefined: then it is a buyer's. */
  async byPhone(phone: string): Promise<Staff | undefined> {
    const found = await this.model.findOne({ phone: { $exists: true, $eq: phone } }).lean<Staff>();
    return found?.active ? found : undefined;
  }

  /** The active people who lead a team. */
  async leadsOf(team: Team): Promise<Staff[]> {
    return this.model.find({ leadOf: { $exists: true, $eq: team }, active: true }).lean<Staff[]>();
  }

  async byId(id: string): Promise<Staff | null> {
    return this.model.findById(id).lean<Staff>();
  }

  async byIds(ids: string[]): Promise<Staff[]> {
    return this.model.find({ _id: { $in: ids } }).lean<Staff[]>();
  }

  /**
   * Puts those on record whom a team's file names, and takes the lead from everybody else. Repeating it changes
   * nothing; who stands down stays on record for the cases that name them. Throws AppError `phone_taken` before
   * anything is written when a number is that of somebody in another team's file.
   */
  async appoint(team: Team, { leads, members }: Appointed, now: Date): Promise<void> {
    await this.requireFreePhones(team, members);
    for (const { id, name, awayUntil } of members) {
      await this.meet(id, name, team);
      if (awayUntil && awayUntil > now) await this.away(id, awayUntil, now);
    }
    await this.givePhones(team, members);
    for (const id of leads) {
      await this.meet(id, '', team);
      await this.model.updateOne({ _id: id }, { $addToSet: { leadOf: team } });
    }
    await this.model.updateMany(
      { leadOf: { $exists: true, $eq: team }, _id: { $nin: leads } },
      { $pull: { leadOf: team } as never },
    );
  }

  private async requireFreePhones(team: Team, members: Appointed['members']): Promise<void> {
    for (const { id, phone } of members) {
      const holder =
        phone && (await this.model.findOne({ phone: { $exists: true, $eq: phone } }).lean<Staff>());
      if (!holder || holder._id === id || holder.phoneOf === team) continue;
      const info = { staff: id, holder: holder._id };
      throw new AppError('phone_taken', `the phone of ${id} is that of ${holder._id} in another team`, {
        info,
      });
    }
  }

  /** Numbers that this team's file does not name any more are nobody's: only then others can have them. */
  private async givePhones(team: Team, members: Appointed['members']): Promise<void> {
    const named = members.filter(({ phone }) => phone !== undefined);
    const known = await this.model.find({ phone: { $exists: true }, phoneOf: team }).lean<Staff[]>();
    const stale = known.filter(
      (each) => !named.some(({ id, phone }) => id === each._id && phone === each.phone),
    );
    await this.model.updateMany(
      { _id: { $in: stale.map(({ _id }) => _id) }, phoneOf: team },
      { $unset: { phone: '', phoneOf: '' } },
    );
    for (const { id, phone } of named)
      await this.model.updateOne({ _id: id }, { $set: { phone, phoneOf: team } });
  }

  /**
   * Somebody is out of office until then: they are given no cases, and their unanswered ones go to others. Saying
   * the same again is a no-op. Without a date they are back. Undefined when nobody is on record under this id.
   */
  async away(id: string, until: Date | undefined, now: Date): Promise<Staff | undefined> {
    const change = until
      ? { $set: { awayUntil: until, passOnOwedAt: now } }
      : { $unset: { awayUntil: '', passOnOwedAt: '' } };
    const isNews = until ? { awayUntil: { $ne: until } } : {};
    await this.model.updateOne({ _id: id, ...isNews }, change);
    return (await this.byId(id)) ?? undefined;
  }

  /** Those whose cases still have to go to others; at most `limit`. */
  async owingPassOn(now: Date, limit: number): Promise<Staff[]> {
    return this.model
      .find({ passOnOwedAt: { $exists: true, $lte: now } })
      .limit(limit)
      .lean<Staff[]>();
  }

  /** Their cases have gone to others, or, with a date, are looked at again then. */
  async passedOn({ _id, awayUntil }: Staff, againAt?: Date): Promise<void> {
    const change = againAt ? { $set: { passOnOwedAt: againAt } } : { $unset: { passOnOwedAt: '' } };
    // Who has gone away anew meanwhile is looked at anew.
    await this.model.updateOne({ _id, ...(awayUntil && { awayUntil }) }, change);
  }

  /** Takes a member's turn for a case; false when another case took it first: then the choice is made again. */
  async takeTurn(id: string, before: number, next: number): Promise<boolean> {
    const isBefore = before === 0 ? { turn: { $exists: false } } : { turn: before };
    const taken = await this.model.updateOne({ _id: id, ...isBefore }, { $set: { turn: next } });
    return taken.modifiedCount === 1;
  }
}
