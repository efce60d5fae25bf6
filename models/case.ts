import { type Connection, type Model, Schema } from 'mongoose';
import type { Intent, StaffRef, Team } from '../flows/types.ts';
import { isDuplicateKey } from './error.ts';
import { hasEnded } from './instance.ts';

/** One line for the case's thread. */
export type CasePost = {
  /** Id of the effect that owes it; posting it twice is refused by this id. */
  id: string;
  who: 'buyer' | 'bot';
  text: string;
  /** Facts to show with it, by name, as on a case. */
  details?: Record<string, string>;
  /** What did not arrive, something a person said or a buyer's file, and which failure that was: Retry is offered. */
  retry?: { reply?: string; upload?: string; failure: string };
  at: Date;
};

/** An exception with an owner and a deadline, and what its Slack thread still has to be told. */
export type Case = {
  _id: string;
  /** What people call it: `L-12`. */
  ticket: string;
  conversation: string;
  buyer: string;
  buyerName: string;
  team: Team;
  intent: Intent;
  /** Why a person was asked, as a code. */
  reason: string;
  details: Record<string, string>;
  quotes: string[];
  status: 'open' | 'resolved';
  owner?: StaffRef;
  openedAt: Date;
  /** When a person should have answered. */
  dueAt: Date;
  respondedAt?: Date;
  resolvedAt?: Date;
  /** Until when the buyer may be written to freely, where WhatsApp sets an end; `windowClosedAt` once it is over. */
  windowUntil?: Date;
  windowClosedAt?: Date;
  /** Where the team sees it. */
  slack?: { channel: string; ts: string };
  /** What the thread has not been told yet, in order. */
  posts: CasePost[];
  /** Ids of the posts already taken in, so that a repeated effect is a no-op. */
  postIds: string[];
  /** Present while Slack is behind: the card is missing or stale, or posts are waiting. */
  slackOwedAt?: Date;
  /** Raised with every change the card shows. */
  cardRevision: number;
  /** The revision that Slack shows. */
  shownRevision: number;
  /** Who is telling Slack; one that was never given back means that an attempt was cut short. */
  telling?: { by: string; until: Date };
};

const schema = new Schema<Case>(
  {
    _id: { type: String, required: true },
    ticket: { type: String, required: true },
    conversation: { type: String, required: true },
    buyer: { type: String, required: true },
    buyerName: { type: String, default: '' },
    team: { type: String, required: true },
    intent: { type: String, required: true },
    reason: { type: String, required: true },
    details: { type: Schema.Types.Mixed, default: {} },
    quotes: { type: [String], default: [] },
    status: { type: String, required: true },
    owner: Schema.Types.Mixed,
    openedAt: { type: Date, required: true },
    dueAt: { type: Date, required: true },
    respondedAt: Date,
    resolvedAt: Date,
    windowUntil: Date,
    windowClosedAt: Date,
    slack: Schema.Types.Mixed,
    posts: { type: [Schema.Types.Mixed], default: [] } as never,
    postIds: { type: [String], default: [] },
    slackOwedAt: Date,
    cardRevision: { type: Number, default: 1 },
    shownRevision: { type: Number, default: 0 },
    telling: Schema.Types.Mixed,
  },
  { collection: 'cases', versionKey: false, minimize: false },
);
schema.index({ ticket: 1 }, { unique: true });
schema.index(
  { 'slack.channel': 1, 'slack.ts': 1 },
  { partialFilterExpression: { slack: { $exists: true } } },
);
schema.index({ slackOwedAt: 1 }, { partialFilterExpression: { slackOwedAt: { $exists: true } } });
schema.index({ status: 1, dueAt: 1 });
schema.index({ windowUntil: 1 }, { partialFilterExpression: { windowUntil: { $exists: true } } });
schema.index({ buyer: 1 });

/** Longer than any single attempt to tell Slack takes. */
const TELLING_LEASE_MS = 60_000;

const TICKET_LETTER: Record<Team, string> = {
  sales: 'R',
  collections: 'C',
  operations: 'O',
  legal: 'L',
  site: 'S',
  support: 'H',
};

type Counter = { _id: string; value: number };
const counterSchema = new Schema<Counter>(
  { _id: { type: String, required: true }, value: { type: Number, required: true } },
  { collection: 'counters', versionKey: false },
);

/** Cases: opened once per id, told to Slack in order, closed by people. */
export class Cases {
  readonly model: Model<Case>;
  private readonly counters: Model<Counter>;

  constructor(connection: Connection) {
    this.model = connection.model<Case>('Case', schema);
    this.counters = connection.model<Counter>('Counter', counterSchema);
  }

  /** Opens the case, or returns the one that was opened under this id before. */
  async open(
    opening: Pick<
      Case,
      | '_id'
      | 'conversation'
      | 'buyer'
      | 'buyerName'
      | 'team'
      | 'intent'
      | 'reason'
      | 'details'
      | 'quotes'
      | 'openedAt'
      | 'dueAt'
    >,
  ): Promise<Case> {
    const known = await this.byId(opening._id);
    if (known) return known;
    const opened: Case = {
      ...opening,
      ticket: `${TICKET_LETTER[opening.team]}-${await this.nextNumber()}`,
      status: 'open',
      posts: [],
      postIds: [],
      slackOwedAt: opening.openedAt,
      cardRevision: 1,
      shownRevision: 0,
    };
    try {
      await this.model.collection.insertOne(opened as never);
      return opened;
    } catch (error) {
      const other = isDuplicateKey(error) ? await this.byId(opening._id) : null;
      if (!other) throw error;
      return other;
    }
  }

  async byId(id: string): Promise<Case | null> {
    return this.model.findById(id).lean<Case>();
  }

  /** Whether any case has no known place in Slack yet. */
  async hasUnposted(): Promise<boolean> {
    const unposted = { slackOwedAt: { $exists: true }, slack: { $exists: false } };
    return (await this.model.exists(unposted)) !== null;
  }

  async byThread(channel: string, ts: string): Promise<Case | null> {
    return this.model
      .findOne({ slack: { $exists: true }, 'slack.channel': channel, 'slack.ts': ts })
      .lean<Case>();
  }

  /** Open cases that stand in Slack, those due latest first; at most `limit`. */
  async openInSlack(limit: number): Promise<Case[]> {
    const open: Record<string, unknown> = { status: { $in: ['open', 'snoozed'] }, slack: { $exists: true } };
    return this.model.find(open).sort({ dueAt: -1 }).limit(limit).lean<Case[]>();
  }

  /** The buyer wrote: they may be written to freely until `windowUntil`, where that has an end. */
  async heard(id: string, windowUntil: Date | undefined, now: Date): Promise<void> {
    if (!windowUntil) return;
    const isOpen = { _id: id, windowClosedAt: { $exists: false } };
    const open = await this.model.updateOne(isOpen, { $set: { windowUntil } });
    if (open.matchedCount === 1) return;
    await this.model.updateOne(
      { _id: id, windowClosedAt: { $exists: true } },
      { $set: { windowUntil, slackOwedAt: now }, $unset: { windowClosedAt: '' }, $inc: { cardRevision: 1 } },
    );
  }

  /** Lets the cards say whose buyers may be written to in templates only by now. Returns their ids. */
  async closeWindows(now: Date, limit: number): Promise<string[]> {
    const over = await this.model
      .find({ windowUntil: { $exists: true, $lte: now } }, { _id: 1 })
      .limit(limit)
      .lean<{ _id: string }[]>();
    for (const { _id } of over) {
      await this.model.updateOne(
        { _id, windowUntil: { $exists: true, $lte: now } },
        {
          $set: { windowClosedAt: now, slackOwedAt: now },
          $unset: { windowUntil: '' },
          $inc: { cardRevision: 1 },
        },
      );
    }
    return over.map(({ _id }) => _id);
  }

  /** Owes the thread one more line; the same id twice is a no-op. */
  async owePost(id: string, post: CasePost): Promise<void> {
    await this.model.updateOne(
      { _id: id, postIds: { $ne: post.id } },
      { $push: { posts: post, postIds: { $each: [post.id], $slice: -200 } }, $set: { slackOwedAt: post.at } },
    );
  }

  /** Gives an open case to `staff`; undefined when someone else has it already. */
  async claim(id: string, staff: StaffRef, now: Date): Promise<Case | undefined> {
    const claimed = await this.model
      .findOneAndUpdate(
        { _id: id, status: 'open', $or: [{ owner: { $exists: false } }, { 'owner.id': staff.id }] },
        { $set: { owner: staff, slackOwedAt: now }, $inc: { cardRevision: 1 } },
        { returnDocument: 'after' },
      )
      .lean<Case>();
    return claimed ?? undefined;
  }

  /** A person answered the buyer: the case is theirs, and its clock has stopped. */
  async respond(id: string, staff: StaffRef, now: Date): Promise<void> {
    await this.model.updateOne(
      { _id: id, respondedAt: { $exists: false } },
      { $set: { respondedAt: now, owner: staff, slackOwedAt: now }, $inc: { cardRevision: 1 } },
    );
  }

  /** Closes it; closing twice is a no-op. */
  async resolve(id: string, staff: StaffRef, now: Date): Promise<void> {
    await this.model.updateOne(
      { _id: id, status: 'open' },
      {
        $set: { status: 'resolved', resolvedAt: now, owner: staff, slackOwedAt: now },
        $inc: { cardRevision: 1 },
      },
    );
  }

  /** Cases that Slack is behind with, longest first; at most `limit`. */
  async owedToSlack(now: Date, limit: number): Promise<string[]> {
    const owed = await this.model
      .find({ slackOwedAt: { $exists: true, $lte: now } }, { _id: 1 })
      .sort({ slackOwedAt: 1 })
      .limit(limit)
      .lean<{ _id: string }[]>();
    return owed.map((each) => each._id);
  }

  /**
   * Takes the right to tell Slack about this case. `interrupted` says that an earlier attempt was cut short, so
   * that what is owed may be there already; undefined when another process is at it.
   */
  async startTelling(
    id: string,
    by: string,
    now: Date,
  ): Promise<{ found: Case; interrupted: boolean } | undefined> {
    const until = new Date(now.getTime() + TELLING_LEASE_MS);
    const holder = (await this.byId(id))?.telling?.by;
    const mine = holder !== undefined && hasEnded(holder) ? [by, holder] : [by];
    const found = await this.model
      .findOneAndUpdate(
        {
          _id: id,
          $or: [
            { telling: { $exists: false } },
            { 'telling.by': { $in: mine } },
            { 'telling.until': { $lte: now } },
          ],
        },
        { $set: { telling: { by, until } } },
      )
      .lean<Case>();
    return found ? { found, interrupted: found.telling !== undefined } : undefined;
  }

  /** The card is in Slack at `slack`, as of `revision`. */
  async shown(id: string, slack: { channel: string; ts: string }, revision: number): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { slack, shownRevision: revision } });
  }

  /** One line has been posted. */
  async posted(id: string, post: string): Promise<void> {
    await this.model.updateOne({ _id: id }, { $pull: { posts: { id: post } } as never });
  }

  /** Slack shows everything up to `revision`; false when more has come in meanwhile. */
  async caughtUp(id: string, revision: number): Promise<boolean> {
    const done = await this.model.updateOne(
      { _id: id, cardRevision: revision, posts: { $size: 0 } },
      { $unset: { slackOwedAt: '', telling: '' } },
    );
    return done.modifiedCount === 1;
  }

  /** Slack certainly was not told; to be tried again at `at`. */
  async postpone(id: string, at: Date): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { slackOwedAt: at }, $unset: { telling: '' } });
  }

  /** Nobody knows whether Slack was told; the next attempt, at `at`, looks first. */
  async doubt(id: string, at: Date): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { slackOwedAt: at, 'telling.until': at } });
  }

  private async nextNumber(): Promise<number> {
    const counter = await this.counters
      .findOneAndUpdate({ _id: 'case' }, { $inc: { value: 1 } }, { upsert: true, returnDocument: 'after' })
      .lean<Counter>();
    return counter?.value ?? 1;
  }
}
