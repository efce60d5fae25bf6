import { type Connection, type Model, Schema } from 'mongoose';
import type { SatisfactionPhase } from '../flows/types.ts';

/** What a buyer said when they were asked how a phase was: a score from 1 to 5, words of their own, or both. */
export type Satisfaction = {
  /** The run that asked. */
  _id: string;
  buyer: string;
  /** What it was about: a project's slug, or a booking's id. */
  subject: string;
  phase: SatisfactionPhase;
  score?: number;
  words?: string;
  at: Date;
};

const schema = new Schema<Satisfaction>(
  {
    _id: { type: String, required: true },
    buyer: { type: String, required: true },
    subject: { type: String, required: true },
    phase: { type: String, required: true },
    score: Number,
    words: String,
    at: { type: Date, required: true },
  },
  { collection: 'satisfactions', versionKey: false },
);
schema.index({ buyer: 1, at: 1 });

/** How satisfied buyers are, by phase. */
export class Satisfactions {
  readonly model: Model<Satisfaction>;

  constructor(connection: Connection) {
    this.model = connection.model<Satisfaction>('Satisfaction', schema);
  }

  /** Puts an answer on record; the same run's again replaces nothing. */
  async record({ _id, ...answer }: Satisfaction): Promise<void> {
    await this.model.updateOne({ _id }, { $setOnInsert: answer }, { upsert: true });
  }
}
