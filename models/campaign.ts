import { type Connection, type Model, Schema } from 'mongoose';
import type { Purpose, StaffRef, Team } from '../flows/types.ts';
import { isDuplicateKey } from './error.ts';
import { hasEnded } from './instance.ts';

/**
 * Whom to remind, as typed: `overdue >7d`, `due 5d`, `kyc missing`, `visits tomorrow`.
 * Example: `{kind: 'overdue', moreThanDays: 7}` of `remind overdue >7d`
 */
export type CampaignAudience =
  | { kind: 'overdue'; moreThanDays: number }
  | { kind: 'due'; withinDays: number }
  | { kind: 'kycMissing' }
  | { kind: 'visits'; day: 'today' | 'tomorrow' };

/**
 * A campaign to begin; `at` is a time of today, `HH:MM`.
 * Example: `{kind: 'remind', audience: {…}, filters: {project: 'greenfield', tower: 'B'}, at: '10:00'}`
 */
export type RemindCommand = {
  kind: 'remind';
  audience: CampaignAudience;
  filters: { project?: string; tower?: string; template?: string };
  at?: string;
};

export type CampaignStatus = 'rehearsed' | 'confirmed' | 'running' | 'paused' | 'stopped' | 'done';

/** What a rehearsal showed, as it was when the audience was frozen. */
export type Rehearsal = {
  total: number;
  waiting: number;
  excluded: Record<string, number>;
  /** Real messages, in the reader's language. `name` is in short. */
  samples: { name: string; language: string; text: string }[];
  /** When the last one will have gone out, if it begins as planned. */
  endsAt: Date;
  /** How many are written to without having written in the last 24 hours. */
  cold: number;
  risk: 'low' | 'medium' | 'high';
  riskWords: string;
};

/** One order to remind many; its recipients are documents of their own. */
export type Campaign = {
  /** What people type: `k-12`. */
  _id: string;
  command: RemindCommand;
  /** What it does, in one string; present while it may still do it, so that nobody starts the same twice. */
  matter?: string;
  team: Team;
  template: string;
  purpose: Purpose;
  status: CampaignStatus;
  createdBy: StaffRef;
  createdAt: Date;
  /** A rehearsal that nobody confirms by then is void. */
  expiresAt: Date;
  /** Not before. */
  startsAt?: Date;
  /** Absent while the audience is still being written down: it cannot be confirmed. */
  audienceFrozenAt?: Date;
  rehearsal?: Rehearsal;
  approvalsNeeded: number;
  approvals: (StaffRef & { at: Date })[];
  startedAt?: Date;
  endedAt?: Date;
  endedBy?: string;
  endedWhy?: 'cancelled' | 'expired' | 'nobody' | 'stopped';
  pausedBy?: string;
  /** When a worker must look at it. */
  dueAt?: Date;
  /** Who owes its reminders at the moment. */
  lease?: { by: string; until: Date };
  /** Where the team sees it, when its message was last written, and from when it is to be written again. */
  board?: { channel: string; ts: string };
  boardShownAt?: Date;
  boardOwedAt?: Date;
  telling?: { by: string; until: Date };
  /** The list of results has been handed over. */
  resultsAt?: Date;
};

const schema = new Schema<Campaign>(
  {
    _id: { type: String, required: true },
    command: { type: Schema.Types.Mixed, required: true },
    matter: String,
    team: { type: String, required: true },
    template: { type: String, required: true },
    purpose: { type: String, required: true },
    status: { type: String, required: true },
    createdBy: { type: Schema.Types.Mixed, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    startsAt: Date,
    audienceFrozenAt: Date,
    rehearsal: Schema.Types.Mixed,
    approvalsNeeded: { type: Number, required: true },
    approvals: { type: [Schema.Types.Mixed], default: [] } as never,
    startedAt: Date,
    endedAt: Date,
    endedBy: String,
    endedWhy: String,
    pausedBy: String,
    dueAt: Date,
    lease: Schema.Types.Mixed,
    board: Schema.Types.Mixed,
    boardShownAt: Date,
    boardOwedAt: Date,
    telling: Schema.Types.Mixed,
    resultsAt: Date,
  },
  { collection: 'campaigns', versionKey: false, minimize: false },
);
schema.index({ matter: 1 }, { unique: true, partialFilterExpression: { matter: { $exists: true } } });
schema.index({ dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } });
schema.index({ boardOwedAt: 1 }, { partialFilterExpression: { boardOwedAt: { $exists: true } } });

/** Longer than a batch of reminders takes to be owed. */
const LEASE_MS = 15_000;
/** Longer than any single attempt to tell Slack takes. */
const TELLING_LEASE_MS = 60_000;

const ENDED: CampaignStatus[] = ['stopped', 'done'];

type Counter = { _id: string; value: number };

/** Campaigns: every change of state is one conditional write, so that of two people or processes one wins. */
export class Campaigns {
  readonly model: Model<Campaign>;
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
    this.model = connection.model<Campaign>('Campaign', schema);
  }

  /** A short name that nobody has had before. */
  async nextId(): Promise<string> {
    const counters = this.connection.collection<Counter>('counters');
    const counter = await counters.findOneAndUpdate(
      { _id: 'campaign' },
      { $inc: { value: 1 } },
      { upsert: true, returnDocument: 'after' },
    );
    return `k-${counter?.value ?? 1}`;
  }

  /** Puts it on record; or gives the one that does the same and has not ended. */
  async begin(campaign: Campaign): Promise<Campaign | undefined> {
    try {
      await this.model.collection.insertOne(campaign as never, { ignoreUndefined: true });
      return undefined;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const other = await this.model
      .findOne({ matter: { $exists: true, $eq: campaign.matter ?? '' } })
      .lean<Campaign>();
    // It ended between the two questions: then this one may begin.
    return other ?? this.begin(campaign);
  }

  async byId(id: string): Promise<Campaign | undefined> {
    return (await this.model.findById(id).lean<Campaign>()) ?? undefined;
  }

  /** The audience is complete, this is what was found, and so many people have to confirm. */
  async frozen(
    id: string,
    { rehearsal, approvalsNeeded }: Required<Pick<Campaign, 'rehearsal' | 'approvalsNeeded'>>,
    now: Date,
  ): Promise<Campaign | undefined> {
    return this.change(
      { _id: id, status: 'rehearsed' },
      { $set: { audienceFrozenAt: now, rehearsal, approvalsNeeded, boardOwedAt: now } },
    );
  }

  /** One more person confirms; the last one that is needed lets it begin. Undefined when somebody was quicker. */
  async approve(known: Campaign, staff: StaffRef, now: Date): Promise<Campaign | undefined> {
    const approvals = [...known.approvals, { ...staff, at: now }];
    const isEnough = approvals.length >= known.approvalsNeeded;
    const begins = { status: 'confirmed' as const, dueAt: later(known.startsAt, now) };
    return this.change(
      {
        _id: known._id,
        status: 'rehearsed',
        audienceFrozenAt: { $exists: true },
        expiresAt: { $gt: now },
        approvals: { $size: known.approvals.length },
      },
      { $set: { approvals, boardOwedAt: now, ...(isEnough && begins) } },
    );
  }

  /** Nothing more goes out until it is resumed. Undefined when it is not under way. */
  async pause(id: string, staff: StaffRef, now: Date): Promise<Campaign | undefined> {
    return this.change(
      { _id: id, status: { $in: ['confirmed', 'running'] } },
      {
        $set: { status: 'paused', pausedBy: staff.name, boardOwedAt: now },
        $unset: { dueAt: '', lease: '' },
      },
    );
  }

  async resume(id: string, now: Date): Promise<Campaign | undefined> {
    return this.change(
      { _id: id, status: 'paused' },
      { $set: { status: 'confirmed', dueAt: now, boardOwedAt: now }, $unset: { pausedBy: '' } },
    );
  }

  /** Ends it for good, at whatever it stands; with the `rehearsal` that found nobody. Undefined when it had ended before. */
  async stop(
    id: string,
    by: string,
    why: NonNullable<Campaign['endedWhy']>,
    now: Date,
    rehearsal?: Rehearsal,
  ): Promise<Campaign | undefined> {
    const only = why === 'stopped' ? { $nin: ENDED } : { $eq: 'rehearsed' as const };
    return this.change(
      { _id: id, status: only },
      {
        $set: {
          ...{ status: 'stopped', endedBy: by, endedWhy: why, endedAt: now, boardOwedAt: now },
          ...(rehearsal && { rehearsal }),
        },
        $unset: { matter: '', dueAt: '', lease: '' },
      },
    );
  }

  /** Every recipient has come to an end. */
  async finish(id: string, now: Date): Promise<void> {
    await this.model.updateOne(
      { _id: id, status: 'running' },
      {
        $set: { status: 'done', endedAt: now, boardOwedAt: now },
        $unset: { matter: '', dueAt: '', lease: '' },
      },
    );
  }

  /** Campaigns that a worker must look at by `now`; at most `limit`. */
  async due(now: Date, limit: number): Promise<string[]> {
    const due = await this.model
      .find({ dueAt: { $exists: true, $lte: now } }, { _id: 1 })
      .sort({ dueAt: 1 })
      .limit(limit)
      .lean<{ _id: string }[]>();
    return due.map(({ _id }) => _id);
  }

  /** Takes the right to owe its next reminders; undefined when another process is at it, or it is not to go on. */
  async take(id: string, by: string, now: Date): Promise<Campaign | undefined> {
    const holder = (await this.byId(id))?.lease?.by;
    const mine = holder !== undefined && hasEnded(holder) ? [by, holder] : [by];
    return this.change(
      {
        _id: id,
        status: { $in: ['confirmed', 'running'] },
        dueAt: { $exists: true },
        $or: [{ lease: { $exists: false } }, { 'lease.by': { $in: mine } }, { 'lease.until': { $lte: now } }],
      },
      { $set: { status: 'running', lease: { by, until: new Date(now.getTime() + LEASE_MS) } } },
    );
  }

  /** It goes on at `at`; it has certainly begun. */
  async goOnAt(id: string, at: Date, now: Date): Promise<void> {
    await this.model.updateOne(
      { _id: id, status: 'running' },
      { $set: { dueAt: at }, $min: { startedAt: now }, $unset: { lease: '' } },
    );
  }

  /** The message of this campaign is to be written again at `at`, unless that is due earlier. */
  async oweBoard(id: string, at: Date): Promise<void> {
    await this.model.updateOne({ _id: id }, { $min: { boardOwedAt: at } });
  }

  /** Campaigns whose message is to be written by `now`; at most `limit`. */
  async boardsOwed(now: Date, limit: number): Promise<string[]> {
    const owed = await this.model
      .find({ boardOwedAt: { $exists: true, $lte: now } }, { _id: 1 })
      .sort({ boardOwedAt: 1 })
      .limit(limit)
      .lean<{ _id: string }[]>();
    return owed.map(({ _id }) => _id);
  }

  /**
   * Takes the right to write its message. `interrupted` says that an earlier attempt was cut short, so that it may
   * be there already; undefined when nothing is owed or another process is at it.
   */
  async startTelling(
    id: string,
    by: string,
    now: Date,
  ): Promise<{ campaign: Campaign; interrupted: boolean } | undefined> {
    const until = new Date(now.getTime() + TELLING_LEASE_MS);
    const before = await this.byId(id);
    const holder = before?.telling?.by;
    const mine = holder !== undefined && hasEnded(holder) ? [by, holder] : [by];
    const campaign = await this.change(
      {
        _id: id,
        boardOwedAt: { $exists: true, $lte: now },
        $or: [
          { telling: { $exists: false } },
          { 'telling.by': { $in: mine } },
          { 'telling.until': { $lte: now } },
        ],
      },
      // Still owed until it is shown, and sooner if something changes meanwhile.
      { $set: { telling: { by, until }, boardOwedAt: until } },
    );
    return campaign && { campaign, interrupted: before?.telling !== undefined };
  }

  /** It stands there as of `now`; what has changed since it was read stays owed. */
  async shown(told: Campaign, board: { channel: string; ts: string }, now: Date): Promise<void> {
    const { _id, boardOwedAt = now } = told;
    await this.model.updateOne({ _id }, { $set: { board, boardShownAt: now }, $unset: { telling: '' } });
    await this.model.updateOne({ _id, boardOwedAt }, { $unset: { boardOwedAt: '' } });
  }

  /** It was written a moment ago: not before `at`, unless it has become due for another reason meanwhile. */
  async spaceBoard({ _id, boardOwedAt }: Campaign, at: Date): Promise<void> {
    if (boardOwedAt) await this.model.updateOne({ _id, boardOwedAt }, { $set: { boardOwedAt: at } });
  }

  /** It was certainly not written: to be tried again at `at`. */
  async postponeBoard(id: string, at: Date): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { boardOwedAt: at }, $unset: { telling: '' } });
  }

  /** Nobody knows whether it was written; the next attempt, at `at`, looks first. */
  async doubtBoard(id: string, at: Date): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { boardOwedAt: at, 'telling.until': at } });
  }

  /** The list of results has been handed over. */
  async resultsGiven(id: string, now: Date): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { resultsAt: now } });
  }

  private async change(filter: object, update: object): Promise<Campaign | undefined> {
    const changed = await this.model
      .findOneAndUpdate(filter, update, { returnDocument: 'after' })
      .lean<Campaign>();
    return changed ?? undefined;
  }
}

function later(one: Date | undefined, other: Date): Date {
  return one && one > other ? one : other;
}
