import { type Connection, type Model, Schema } from 'mongoose';
import type { LedgerEntry } from '../flows/money/account.ts';
import { AppError, isDuplicateKey } from './error.ts';

const schema = new Schema<LedgerEntry>(
  {
    _id: { type: String, required: true },
    booking: { type: String, required: true },
    of: { type: String, required: true },
    what: { type: String, required: true },
    at: { type: Date, required: true },
    lines: { type: [Schema.Types.Mixed], required: true } as never,
  },
  { collection: 'ledger', versionKey: false },
);
schema.index({ booking: 1, at: 1 });

/** The ledger: balanced entries, appended and never changed. Their ids make writing one twice a no-op. */
export class Ledger {
  readonly model: Model<LedgerEntry>;

  constructor(connection: Connection) {
    this.model = connection.model<LedgerEntry>('LedgerEntry', schema);
  }

  /** Appends entries. Throws AppError `unbalanced` for one whose debits and credits differ; then none is written. */
  async append(entries: readonly LedgerEntry[]): Promise<void> {
    for (const entry of entries) requireBalanced(entry);
    if (entries.length === 0) return;
    try {
      await this.model.collection.insertMany(entries as never[], { ordered: false });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  /** The entries of a booking, oldest first. */
  async of(booking: string): Promise<LedgerEntry[]> {
    return this.model.find({ booking }).sort({ at: 1 }).lean<LedgerEntry[]>();
  }
}

/** Whether the debits of an entry equal its credits, in whole paise. */
export function isBalanced({ lines }: LedgerEntry): boolean {
  const sums = lines.flatMap(({ debitPaise, creditPaise }) => [debitPaise, creditPaise]);
  if (!sums.every((sum) => Number.isSafeInteger(sum) && sum >= 0)) return false;
  return lines.reduce((sum, line) => sum + line.debitPaise - line.creditPaise, 0) === 0;
}

function requireBalanced(entry: LedgerEntry): void {
  if (isBalanced(entry)) return;
  throw new AppError('unbalanced', `the entry ${entry._id} is not balanced`, { info: { entry: entry._id } });
}
