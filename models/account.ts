import { type Connection, type Model, Schema } from 'mongoose';
import type { AccountChange, AccountState, LedgerEntry } from '../flows/money/account.ts';
import { isDuplicateKey } from './error.ts';
import type { Ledger } from './ledger.ts';

/** Something that a change of the account still has to be written to, as of revision `v`. */
export type OwedRecord =
  | { kind: 'entry'; id: string; v: number; entry: LedgerEntry }
  | { kind: 'demand' | 'decision'; id: string; v: number };

/**
 * The money of one booking in one document: what was asked for, and what people decided about payments. Every
 * decision is one compare-and-swap write on it (no transactions are needed), and writes down what it owes: ledger
 * entries, and the records that others query. Those follow, as often as it takes.
 */
export type Account = AccountState & {
  /** The booking. */
  _id: string;
  v: number;
  owed: OwedRecord[];
  /** Present while something is owed. */
  owedSince?: Date;
};

const schema = new Schema<Account>(
  {
    _id: { type: String, required: true },
    v: { type: Number, required: true },
    demands: { type: [Schema.Types.Mixed], default: [] } as never,
    decisions: { type: [Schema.Types.Mixed], default: [] } as never,
    owed: { type: [Schema.Types.Mixed], default: [] } as never,
    owedSince: Date,
  },
  { collection: 'accounts', versionKey: false },
);
schema.index({ owedSince: 1 }, { partialFilterExpression: { owedSince: { $exists: true } } });

/** What a decision comes to: a result for the caller, and a change when there is one. */
export type AccountDecision<Result> = { result: Result; change?: AccountChange };

/** Accounts: one document per booking. */
export class Accounts {
  readonly model: Model<Account>;
  private readonly ledger: Ledger;

  constructor(connection: Connection, ledger: Ledger) {
    this.model = connection.model<Account>('Account', schema);
    this.ledger = ledger;
  }

  /** The account of a booking; an empty one (revision 0) before anything happened. */
  async of(booking: string): Promise<Account> {
    const found = await this.model.findById(booking).lean<Account>();
    return found ?? { _id: booking, v: 0, demands: [], decisions: [], owed: [] };
  }

  /** Many at once, by booking; those in which nothing has happened are left out. */
  async several(bookings: string[]): Promise<Map<string, Account>> {
    const found = await this.model.find({ _id: { $in: bookings } }).lean<Account[]>();
    return new Map(found.map((account) => [account._id, account]));
  }

  /** Decides on the account as it stands; who was overtaken decides again, so `decide` must be pure. */
  async change<Result>(
    booking: string,
    now: Date,
    decide: (state: AccountState) => AccountDecision<Result>,
  ): Promise<Result> {
    for (;;) {
      const account = await this.of(booking);
      const { result, change } = decide(account);
      if (!change || (await this.write(account, change, now))) return result;
    }
  }

  /** Appends the ledger entries that an account owes. */
  async writeEntries({ _id, owed }: Account): Promise<void> {
    const entries = owed.flatMap((each) => (each.kind === 'entry' ? [each.entry] : []));
    await this.ledger.append(entries);
    await this.written(
      _id,
      owed.filter(({ kind }) => kind === 'entry'),
    );
  }

  /** These records are written. A newer debt for the same record, which is of a later revision, stays. */
  async written(booking: string, records: readonly OwedRecord[]): Promise<void> {
    if (records.length === 0) return;
    const done = records.map(({ kind, id, v }) => ({ kind, id, v }));
    await this.model.collection.updateOne(
      { _id: booking as never },
      { $pull: { owed: { $or: done } } as never },
    );
    await this.model.collection.updateOne(
      { _id: booking as never, owed: { $size: 0 } },
      { $unset: { owedSince: '' } },
    );
  }

  /** Accounts that have owed something since before `before`, at most `limit`. */
  async owing(before: Date, limit: number): Promise<string[]> {
    const found = await this.model
      .find({ owedSince: { $exists: true, $lte: before } }, { _id: 1 })
      .limit(limit)
      .lean<{ _id: string }[]>();
    return found.map(({ _id }) => _id);
  }

  private async write(account: Account, { state, entries }: AccountChange, now: Date): Promise<boolean> {
    const v = account.v + 1;
    const { demands, decisions } = state;
    const owed = [
      ...entries.map((entry): OwedRecord => ({ kind: 'entry', id: entry._id, v, entry })),
      ...recordsOf(account, state, v),
    ];
    if (account.v === 0)
      return this.insert({ _id: account._id, v, demands, decisions, owed, owedSince: now });
    const written = await this.model.collection.updateOne(
      { _id: account._id as never, v: account.v },
      {
        $set: { v, demands, decisions, owedSince: account.owedSince ?? now },
        $push: { owed: { $each: owed } } as never,
      },
    );
    return written.modifiedCount === 1;
  }

  private async insert(account: Account): Promise<boolean> {
    try {
      await this.model.collection.insertOne(account as never);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }
}

/** Demands that are new or not what they were (one that is untouched is the same object), and new decisions. */
function recordsOf(before: AccountState, after: AccountState, v: number): OwedRecord[] {
  const known = new Set(before.demands);
  const decided = new Set(before.decisions.map(({ payment }) => payment));
  const demands = after.demands.filter((demand) => !known.has(demand));
  const decisions = after.decisions.filter(({ payment }) => !decided.has(payment));
  return [
    ...demands.map(({ _id }): OwedRecord => ({ kind: 'demand', id: _id, v })),
    ...decisions.map(({ payment }): OwedRecord => ({ kind: 'decision', id: payment, v })),
  ];
}
