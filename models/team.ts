import { type Connection, type Model, Schema } from 'mongoose';
import { TEAMS, type Team } from '../flows/types.ts';

/** A team as it was published; the shape inside is checked by its zod schema at the border. */
export type TeamRecord = { _id: Team; file: unknown };

const schema = new Schema<TeamRecord>(
  {
    _id: { type: String, required: true },
    file: { type: Schema.Types.Mixed, required: true },
  },
  { collection: 'teams', versionKey: false, minimize: false },
);

/** The teams of which hours, lead and members were published. The others work as if nobody had. */
export class Teams {
  readonly model: Model<TeamRecord>;

  constructor(connection: Connection) {
    this.model = connection.model<TeamRecord>('Team', schema);
  }

  /** What was published, in the order in which the product names its teams. */
  async published(): Promise<TeamRecord[]> {
    const found = await this.model.find({ _id: { $in: TEAMS } }).lean<TeamRecord[]>();
    return found.sort((a, b) => TEAMS.indexOf(a._id) - TEAMS.indexOf(b._id));
  }

  /** Publishes a team, replacing what was known of it. */
  async publish(team: Team, file: unknown): Promise<void> {
    await this.model.updateOne({ _id: team }, { $set: { file } }, { upsert: true });
  }
}
