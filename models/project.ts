import { type Connection, type Model, Schema } from 'mongoose';

/** Where a project record keeps its published facts; the shape inside is checked by its zod schema at the border. */
export type ProjectRecord = { _id: string; active: boolean; facts: unknown };

const schema = new Schema<ProjectRecord>(
  {
    _id: { type: String, required: true },
    active: { type: Boolean, required: true },
    facts: { type: Schema.Types.Mixed, required: true },
  },
  { collection: 'projects', versionKey: false, minimize: false },
);
schema.index({ active: 1 });

/** The portfolio. */
export class Projects {
  readonly model: Model<ProjectRecord>;

  constructor(connection: Connection) {
    this.model = connection.model<ProjectRecord>('Project', schema);
  }

  /** Facts of every project on sale, by slug. */
  async onSale(): Promise<ProjectRecord[]> {
    return this.model.find({ active: true }).sort({ _id: 1 }).lean<ProjectRecord[]>();
  }

  /** Also one that has been taken off sale. */
  async byId(slug: string): Promise<ProjectRecord | undefined> {
    return (await this.model.findById(slug).lean<ProjectRecord>()) ?? undefined;
  }

  /** Publishes a project, replacing what was known of it. */
  async publish(slug: string, facts: unknown): Promise<void> {
    await this.model.updateOne({ _id: slug }, { $set: { facts, active: true } }, { upsert: true });
  }

  /** Takes a project off sale; false when it was not on sale. Its record stays for what refers to it. */
  async withdraw(slug: string): Promise<boolean> {
    const withdrawn = await this.model.updateOne({ _id: slug, active: true }, { $set: { active: false } });
    return withdrawn.modifiedCount === 1;
  }
}
