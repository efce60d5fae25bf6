import { type Connection, type Model, Schema } from 'mongoose';
import { LEAD_STAGES, type LeadStage, type StaffRef } from '../flows/types.ts';

/** A buyer's interest in one project, before a booking. */
export type Lead = {
  /** `<buyer>/<project>`. */
  _id: string;
  buyer: string;
  project: string;
  stage: LeadStage;
  /** Qualifying answers by question. */
  answers: Record<string, string>;
  source: string;
  /** Why it was lost, as long as it is: a code of ours or a person's words. */
  lostReason?: string;
  /** The relationship manager: who answered this buyer last in a case of sales, and when. */
  rm?: StaffRef & { at: Date };
  createdAt: Date;
  updatedAt: Date;
};

const schema = new Schema<Lead>(
  {
    _id: { type: String, required: true },
    buyer: { type: String, required: true },
    project: { type: String, required: true },
    stage: { type: String, required: true },
    answers: { type: Schema.Types.Mixed, default: {} },
    source: { type: String, required: true },
    lostReason: String,
    rm: Schema.Types.Mixed,
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'leads', versionKey: false, minimize: false },
);
schema.index({ stage: 1, updatedAt: 1 });

/** The pipeline. A lead only moves forward, except that any lead can be lost and a lost one can come back. */
export class Leads {
  readonly model: Model<Lead>;

  constructor(connection: Connection) {
    this.model = connection.model<Lead>('Lead', schema);
  }

  /** A buyer's interest that moved last, or undefined when they have none. */
  async latestOf(buyer: string): Promise<Lead | undefined> {
    // `0` follows `/`: the ids that begin with `<buyer>/`.
    const leads = await this.model.find({ _id: { $gte: `${buyer}/`, $lt: `${buyer}0` } }).lean<Lead[]>();
    return leads.sort((a, b) => a.updatedAt.getTime() - b.updatedAt.getTime()).at(-1);
  }

  /**
   * Records interest and what is newly known; repeating it changes nothing. What a person says of the stage stands,
   * except of one who has booked in the meantime.
   */
  async advance(
    lead: {
      buyer: string;
      project: string;
      stage: LeadStage;
      answers: Record<string, string>;
      source: string;
      reason?: string;
      by?: StaffRef;
    },
    now: Date,
  ): Promise<void> {
    const _id = `${lead.buyer}/${lead.project}`;
    const lost = lead.stage === 'Lost' && lead.reason !== undefined ? { lostReason: lead.reason } : {};
    const answers = Object.entries(lead.answers).map(([name, value]) => [`answers.${name}`, value]);
    await this.model.updateOne(
      { _id },
      {
        $set: { updatedAt: now, ...Object.fromEntries(answers) },
        $setOnInsert: {
          buyer: lead.buyer,
          project: lead.project,
          stage: lead.stage,
          source: lead.source,
          createdAt: now,
          ...lost,
        },
      },
      { upsert: true },
    );
    await this.model.updateOne(
      { _id, stage: lead.by ? { $ne: 'Booked' } : { $in: stagesBefore(lead.stage) } },
      {
        $set: { stage: lead.stage, ...lost },
        ...(lead.stage !== 'Lost' && { $unset: { lostReason: '' } }),
      },
    );
  }

  /** A buyer's interests, the latest change last. */
  async ofBuyer(buyer: string): Promise<Lead[]> {
    const found = await this.model.find(idsOf(buyer)).lean<Lead[]>();
    return found.sort((one, other) => one.updatedAt.getTime() - other.updatedAt.getTime());
  }

  /** This buyer is looked after by `staff` from `at` on; what is older than what is known changes nothing. */
  async nameManager(buyer: string, staff: StaffRef, at: Date): Promise<void> {
    await this.model.updateMany(
      { ...idsOf(buyer), $or: [{ rm: { $exists: false } }, { 'rm.at': { $lt: at } }] },
      { $set: { rm: { id: staff.id, name: staff.name, at } } },
    );
  }
}

/** `0` follows `/`: the ids that begin with `<buyer>/`. */
function idsOf(buyer: string) {
  return { _id: { $gte: `${buyer}/`, $lt: `${buyer}0` } };
}

function stagesBefore(stage: LeadStage): LeadStage[] {
  if (stage === 'Lost') return LEAD_STAGES.filter((each) => each !== 'Lost');
  return [
    ...LEAD_STAGES.slice(0, LEAD_STAGES.indexOf(stage)),
    ...(stage === 'New' ? [] : (['Lost'] as const)),
  ];
}
