import { type Connection, type Model, Schema } from 'mongoose';
import { isDuplicateKey } from './error.ts';

/** A home, shop or office of a project. `_id` is `<project>/<number>`, such as `greenfield-heights/B-1203`. */
export type Unit = {
  _id: string;
  project: string;
  tower: string;
  floor: number;
  number: string;
  unitType: string;
  carpetAreaSqFt: number;
  status: 'available' | 'held' | 'booked';
  /** For whom it is held (a buyer), and until when; past that moment it is available. */
  hold?: { by: string; until: Date };
  booking?: string;
};

/** `greenfield-heights/B-1204` is the unit behind the door B-1204. */
export function doorOf(unit: string): string {
  return unit.slice(unit.lastIndexOf('/') + 1);
}

/** What became of a wish for a unit. A refusal never says who has it. */
export type UnitResult =
  | { kind: 'held' | 'booked'; unit: Unit }
  | { kind: 'refused'; reason: 'held' | 'booked' | 'unknown'; until?: Date };

const schema = new Schema<Unit>(
  {
    _id: { type: String, required: true },
    project: { type: String, required: true },
    tower: { type: String, required: true },
    floor: { type: Number, required: true },
    number: { type: String, required: true },
    unitType: { type: String, required: true },
    carpetAreaSqFt: { type: Number, required: true },
    status: { type: String, required: true },
    hold: Schema.Types.Mixed,
    booking: String,
  },
  { collection: 'units', versionKey: false },
);
schema.index({ project: 1, _id: 1 });
schema.index({ 'hold.by': 1 }, { partialFilterExpression: { hold: { $exists: true } } });

/** The inventory. Each change of hands is one conditional write on the unit, so that it is never given twice. */
export class Units {
  readonly model: Model<Unit>;

  constructor(connection: Connection) {
    this.model = connection.model<Unit>('Unit', schema);
  }

  /** Puts units on the grid as available; those that are on it stay as they are. */
  async list(units: readonly Omit<Unit, '_id' | 'status' | 'hold' | 'booking'>[]): Promise<void> {
    if (units.length === 0) return;
    const rows = units.map((unit) => ({
      ...unit,
      _id: `${unit.project}/${unit.number}`,
      status: 'available',
    }));
    try {
      await this.model.collection.insertMany(rows as never[], { ordered: false });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  /** Holds a unit for a buyer until a moment. Who holds it already extends the hold; a hold that expired is none. */
  async hold(id: string, buyer: string, until: Date, now: Date): Promise<UnitResult> {
    const unit = await this.model
      .findOneAndUpdate(
        { _id: id, $or: [...freeFor(buyer, now)] },
        { $set: { status: 'held', hold: { by: buyer, until } } },
        { returnDocument: 'after' },
      )
      .lean<Unit>();
    return unit ? { kind: 'held', unit } : this.refusal(id, now);
  }

  /** Gives a hold back; somebody else's, or none, is left alone. */
  async release(id: string, buyer: string): Promise<void> {
    await this.model.updateOne(
      { _id: id, status: 'held', 'hold.by': buyer },
      { $set: { status: 'available' }, $unset: { hold: '' } },
    );
  }

  /** Books a unit that is available or held for this buyer. The same booking again finds its own. */
  async book(id: string, booking: string, buyer: string, now: Date): Promise<UnitResult> {
    const unit = await this.model
      .findOneAndUpdate(
        { _id: id, $or: [...freeFor(buyer, now), { status: 'booked', booking }] },
        { $set: { status: 'booked', booking }, $unset: { hold: '' } },
        { returnDocument: 'after' },
      )
      .lean<Unit>();
    return unit ? { kind: 'booked', unit } : this.refusal(id, now);
  }

  async byId(id: string): Promise<Unit | undefined> {
    return (await this.model.findById(id).lean<Unit>()) ?? undefined;
  }

  /** The units of a project as they stand at `now`: a hold that expired is shown as available. */
  async grid(project: string, now: Date): Promise<Unit[]> {
    const units = await this.model.find({ project }).sort({ _id: 1 }).lean<Unit[]>();
    return units.map((unit) => asOf(unit, now));
  }

  /** What one buyer holds is another's: the two turned out to be one person. */
  async passTo(from: string, to: string): Promise<void> {
    await this.model.updateMany({ hold: { $exists: true }, 'hold.by': from }, { $set: { 'hold.by': to } });
  }

  private async refusal(id: string, now: Date): Promise<UnitResult> {
    const unit = await this.byId(id);
    if (!unit) return { kind: 'refused', reason: 'unknown' };
    if (unit.status === 'booked') return { kind: 'refused', reason: 'booked' };
    // Free again since: still a refusal, and "until now" says that another try is worth it.
    return { kind: 'refused', reason: 'held', until: unit.hold?.until ?? now };
  }
}

/** When a buyer may take a unit. */
function freeFor(buyer: string, now: Date): object[] {
  return [
    { status: 'available' },
    { status: 'held', 'hold.until': { $lte: now } },
    { status: 'held', 'hold.by': buyer },
  ];
}

function asOf({ hold, ...unit }: Unit, now: Date): Unit {
  if (unit.status !== 'held' || !hold) return unit;
  return hold.until > now ? { ...unit, hold } : { ...unit, status: 'available' };
}
