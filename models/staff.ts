import { type Connection, type Model, Schema } from 'mongoose';
import type { Team } from '../flows/types.ts';

/** A member of the developer's staff, known by their Slack user id. */
export type Staff = { _id: string; name: string; teams: Team[]; active: boolean; leadOf?: Team[] };

const schema = new Schema<Staff>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    teams: { type: [String], default: [] } as never,
    active: { type: Boolean, required: true },
    leadOf: { type: [String], default: undefined } as never,
  },
  { collection: 'staff', versionKey: false },
);

schema.index({ leadOf: 1 }, { partialFilterExpression: { leadOf: { $exists: true } } });

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

  /** The active people who lead a team. */
  async leadsOf(team: Team): Promise<Staff[]> {
    return this.model.find({ leadOf: { $exists: true, $eq: team }, active: true }).lean<Staff[]>();
  }

  async byId(id: string): Promise<Staff | null> {
    return this.model.findById(id).lean<Staff>();
  }
}
