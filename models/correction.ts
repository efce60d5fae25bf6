import { type Connection, type Model, Schema } from 'mongoose';
import type { Intent, StaffRef } from '../flows/types.ts';
import type { Case, Cases } from './case.ts';

/** What a person says a buyer's message means, beside what it was taken for. */
export type Correction = {
  /** `<case>/<staff>`: of what one person says about one case the last word counts. */
  _id: string;
  case: string;
  /** The words that opened the case, without long numbers. */
  text: string;
  understood: Intent;
  meant: Intent;
  by: StaffRef;
  at: Date;
};

const schema = new Schema<Correction>(
  {
    _id: { type: String, required: true },
    case: { type: String, required: true },
    text: { type: String, required: true },
    understood: { type: String, required: true },
    meant: { type: String, required: true },
    by: { type: Schema.Types.Mixed, required: true },
    at: { type: Date, required: true },
  },
  { collection: 'corrections', versionKey: false },
);
schema.index({ at: 1 });

/** Corrections: how people teach the reading of messages. */
export class Corrections {
  readonly model: Model<Correction>;
  private readonly cases: Cases;

  constructor(connection: Connection, cases: Cases) {
    this.model = connection.model<Correction>('Correction', schema);
    this.cases = cases;
  }

  /**
   * Keeps what `by` says the first words of a case mean, and lets its card show it. Choosing what was understood
   * takes a correction back. A case that quotes nobody is left alone.
   */
  async correct(found: Case, meant: Intent, by: StaffRef, now: Date): Promise<void> {
    const [quote] = found.quotes;
    if (quote === undefined) return;
    const { _id: caseId, intent: understood } = found;
    const _id = `${caseId}/${by.id}`;
    const correction = { _id, case: caseId, text: withoutNumbers(quote), understood, meant, by, at: now };
    await this.model.replaceOne({ _id }, correction, { upsert: true });
    const shown = { 'details.correctedTo': meant };
    const changed = { slackOwedAt: now, ...(meant !== understood && shown) };
    await this.cases.model.updateOne(
      { _id: caseId },
      { $set: changed, ...(meant === understood && { $unset: shown }), $inc: { cardRevision: 1 } },
    );
  }

  /** All of them, oldest first. */
  async all(): Promise<Correction[]> {
    return this.model.find().sort({ at: 1 }).lean<Correction[]>();
  }
}

/** Ten digits or more are somebody's phone, card, account or identity number, also when they stand in groups. */
const LONG_NUMBER = /\p{Nd}{10,}|\p{Nd}{3,}(?:[ -]\p{Nd}{3,})+/gu;

function withoutNumbers(text: string): string {
  return text.replace(LONG_NUMBER, (run) => (run.replace(/[ -]/g, '').length >= 10 ? '[number]' : run));
}
