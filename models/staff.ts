import { type Connection, type Model, Schema } from 'mongoose';
import type { Team } from '../flows/types.ts';

/** A member of the developer's staff, known by their Slack user id. */
export type Staff = {
  _id: string;
  name: string;
  teams: Team[];
  active: boolean;
  /** E.164. What comes from it in the chat is a command if it reads like one. */
  phone?: string;
};

const schema = new Schema<Staff>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    teams: { type: [String], default: [] } as never,
    active: { type: Boolean, required: true },
    phone: String,
  },
  { collection: 'staff', versionKey: false },
);
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

  async byId(id: string): Promise<Staff | null> {
    return this.model.findById(id).lean<Staff>();
  }
}
