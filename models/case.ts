import { type Connection, type Model, type QueryFilter, Schema } from 'mongoose';
import type { CardPlace, CaseOutcome, Intent, ScoredIntent, StaffRef, Team } from '../flows/types.ts';
import { isDuplicateKey } from './error.ts';
import { hasEnded } from './instance.ts';

/** One line for the case's thread. */
export type CasePost = {
  /** Id of the effect that owes it; posting it twice is refused by this id. */
  id: string;
  who: 'buyer' | 'bot' | 'note';
  text: string;
  /** Facts to show with it, by name, as on a case. */
  details?: Record<string, string>;
  /** A person who is to be told of it, by their Slack id. */
  mention?: string;
  /** What did not arrive, something a person said or a buyer's file, and which failure that was: Retry is offered. */
  retry?: { reply?: string; upload?: string; failure: string };
  at: Date;
};

/** A card that the case has left for another team's channel, and whether it says so yet. */
export type FormerCard = CardPlace & { from: Team; to: Team; by: StaffRef; note: string; isTold: boolean };

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
  /** What the first quote was taken for, and how surely. */
  read?: ScoredIntent;
  status: 'open' | 'snoozed' | 'resolved';
  /** Who has it: they claimed it, were given it, or answered. */
  owner?: StaffRef;
  /** To whom it fell by itself; others may still claim it from them until they answer. */
  routedTo?: string;
  /** While it is snoozed; without a date, until the buyer writes. */
  snoozedUntil?: Date;
  openedAt: Date;
  /** When a person should have answered. */
  dueAt: Date;
  /** Its time runs at night and on holidays too. */
  roundTheClock?: true;
  /** Since when the time for which deadline runs, and how far people have been told that it runs out. */
  clock?: { from: Date; dueAt: Date; told: number };
  /** When people were told that nobody had answered in time; of an earlier deadline when it lies before `dueAt`. */
  breachedAt?: Date;
  respondedAt?: Date;
  resolvedAt?: Date;
  resolvedBy?: StaffRef;
  outcome?: CaseOutcome;
  outcomeNote?: string;
  /** Present once it was opened again, with what the buyer wrote, if that was why. */
  reopened?: { at: Date; words?: string };
  /** Until when the buyer may be written to freely, where WhatsApp sets an end; `windowClosedAt` once it is over. */
  windowUntil?: Date;
  windowClosedAt?: Date;
  /** Where the team sees it. */
  slack?: CardPlace;
  /** Slack's link to the card, while it stands there. */
  link?: CardPlace & { url: string };
  /** Where other teams saw it before, oldest first. */
  former?: FormerCard[];
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
  /** Of the card as Slack shows it: what is equal is not sent again. */
  shownHash?: string;
  /** Who is telling Slack; one that was never given back means that an attempt was cut short. */
  telling?: { by: string; until: Date };
};

/** What decides when Slack is told of a case; of its posts only the first. */
export type OwedCase = Pick<
  Case,
  | '_id'
  | 'ticket'
  | 'team'
  | 'slack'
  | 'former'
  | 'slackOwedAt'
  | 'cardRevision'
  | 'shownRevision'
  | 'telling'
  | 'posts'
>;

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
    read: Schema.Types.Mixed,
    status: { type: String, required: true },
    owner: Schema.Types.Mixed,
    snoozedUntil: Date,
    openedAt: { type: Date, required: true },
    dueAt: { type: Date, required: true },
    routedTo: String,
    roundTheClock: Boolean,
    clock: Schema.Types.Mixed,
    breachedAt: Date,
    respondedAt: Date,
    resolvedAt: Date,
    resolvedBy: Schema.Types.Mixed,
    outcome: String,
    outcomeNote: String,
    reopened: Schema.Types.Mixed,
    windowUntil: Date,
    windowClosedAt: Date,
    slack: Schema.Types.Mixed,
    link: Schema.Types.Mixed,
    former: { type: [Schema.Types.Mixed], default: undefined } as never,
    posts: { type: [Schema.Types.Mixed], default: [] } as never,
    postIds: { type: [String], default: [] },
    slackOwedAt: Date,
    cardRevision: { type: Number, default: 1 },
    shownRevision: { type: Number, default: 0 },
    shownHash: String,
    telling: Schema.Types.Mixed,
  },
  { collection: 'cases', versionKey: false, minimize: false },
);
schema.index({ ticket: 1 }, { unique: true });
schema.index(
  { 'slack.channel': 1, 'slack.ts': 1 },
  { partialFilterExpression: { slack: { $exists: true } } },
);
schema.index(
  { 'former.channel': 1, 'former.ts': 1 },
  { partialFilterExpression: { former: { $exists: true } } },
);
schema.index({ slackOwedAt: 1 }, { partialFilterExpression: { slackOwedAt: { $exists: true } } });
schema.index({ status: 1, dueAt: 1, _id: 1 });
schema.index({ windowUntil: 1 }, { partialFilterExpression: { windowUntil: { $exists: true } } });
schema.index({ buyer: 1, openedAt: 1 });
// A person's list, soonest deadline first; a case without an owner is under null.
schema.index({ status: 1, 'owner.id': 1, dueAt: 1, _id: 1 });
schema.index(
  { 'details.promisedAt': 1 },
  { partialFilterExpression: { 'details.promisedAt': { $exists: true } } },
);
schema.index({ 'owner.id': 1, status: 1 });

const OWED = { $exists: true } as const;
const OWED_FIELDS = {
  _id: 1,
  ticket: 1,
  team: 1,
  slack: 1,
  former: 1,
  slackOwedAt: 1,
  cardRevision: 1,
  shownRevision: 1,
  telling: 1,
  posts: { $slice: 1 },
} satisfies Record<keyof OwedCase, unknown>;
/** Of so many that wait longest it is decided who comes next. */
const OWED_READ = 500;

/** Whether a case has left the card that stands there. */
export function leftFrom({ former = [] }: Pick<Case, 'former'>, { channel, ts }: CardPlace) {
  return former.find((each) => each.channel === channel && each.ts === ts);
}

const NOT_CLOSED: { status: { $in: Case['status'][] } } = { status: { $in: ['open', 'snoozed'] } };

/** What the card shows has changed: Slack is owed the new one. */
function changed(now: Date, to: Partial<Case>) {
  return { $set: { ...to, slackOwedAt: now }, $inc: { cardRevision: 1 } };
}

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

  /** Opens the case, its owner's from the first if one is given, or returns the one opened under this id before. */
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
      | 'roundTheClock'
      | 'read'
    >,
    owner?: StaffRef,
  ): Promise<Case> {
    const known = await this.byId(opening._id);
    if (known) return known;
    const opened: Case = {
      ...opening,
      ticket: `${TICKET_LETTER[opening.team]}-${await this.nextNumber()}`,
      status: 'open',
      clock: { from: opening.openedAt, dueAt: opening.dueAt, told: 0 },
      ...ownedFrom(opening, owner),
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
    // One status at a time, and all of it: so no index has to sort.
    const each = (['open', 'snoozed'] as const).map((status) =>
      this.model.find({ status }).sort({ dueAt: -1 }).limit(limit).lean<Case[]>(),
    );
    const found = (await Promise.all(each)).flat().filter(({ slack }) => slack);
    return found.sort((one, other) => other.dueAt.getTime() - one.dueAt.getTime()).slice(0, limit);
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

  /** Something has become known of its matter: it stands beside what was known, or instead of it; '' takes it away. */
  async learn(id: string, details: Record<string, string>, now: Date): Promise<void> {
    const all = Object.entries(details).map(([name, value]) => [`details.${name}`, value] as const);
    const known = all.filter(([, value]) => value !== '');
    const gone = all.filter(([, value]) => value === '');
    await this.model.updateOne(
      { _id: id, ...NOT_CLOSED },
      {
        $set: { ...Object.fromEntries(known), slackOwedAt: now },
        ...(gone.length > 0 && { $unset: Object.fromEntries(gone) }),
        $inc: { cardRevision: 1 },
      },
    );
  }

  /** Owes the thread one more line; the same id twice is a no-op. */
  async owePost(id: string, post: CasePost): Promise<void> {
    await this.model.updateOne(
      { _id: id, postIds: { $ne: post.id } },
      { $push: { posts: post, postIds: { $each: [post.id], $slice: -200 } }, $set: { slackOwedAt: post.at } },
    );
  }

  /** The case whose card stood there before another team took it over. */
  async byFormerCard(channel: string, ts: string): Promise<Case | null> {
    return this.model.findOne({ former: { $exists: true, $elemMatch: { channel, ts } } }).lean<Case>();
  }

  /** Gives a case that is not closed to `staff`; undefined when someone else has it already. */
  async claim(id: string, staff: StaffRef, now: Date): Promise<Case | undefined> {
    const claimed = await this.model
      .findOneAndUpdate(
        {
          _id: id,
          ...NOT_CLOSED,
          $or: [
            { owner: { $exists: false } },
            { 'owner.id': staff.id },
            // It fell to somebody who has not answered: whoever claims it takes it over.
            { $expr: { $eq: ['$owner.id', '$routedTo'] }, respondedAt: { $exists: false } },
          ],
        },
        { ...changed(now, { owner: staff }), $unset: { routedTo: '' } },
        { returnDocument: 'after' },
      )
      .lean<Case>();
    return claimed ?? undefined;
  }

  /** Gives a case that is not closed to `staff`, whoever had it. */
  async assign(id: string, staff: StaffRef, now: Date): Promise<void> {
    await this.model.updateOne(
      { _id: id, ...NOT_CLOSED },
      { ...changed(now, { owner: staff }), $unset: { routedTo: '' } },
    );
  }

  /** A person answered the buyer: the case is theirs, and its clock has stopped. */
  async respond(id: string, staff: StaffRef, now: Date): Promise<void> {
    await this.model.updateOne(
      { _id: id, respondedAt: { $exists: false } },
      changed(now, { respondedAt: now, owner: staff }),
    );
  }

  /**
   * Moves a case to another team: it leaves its card for one in that team's channel, and waits for an answer
   * until `dueAt`. It falls to `owner`, if there is one. Leaving the same card twice is a no-op.
   */
  async handOff(
    id: string,
    { from, team, staff, note }: { from: CardPlace; team: Team; staff: StaffRef; note: string },
    { dueAt, owner }: { dueAt: Date; owner?: StaffRef },
    now: Date,
  ): Promise<void> {
    const found = await this.byId(id);
    if (!found || leftFrom(found, from)) return;
    const { channel, ts } = from;
    const clock = { from: now, dueAt, told: 0 };
    const routed = owner && { owner, routedTo: owner.id };
    const left: FormerCard = { channel, ts, from: found.team, to: team, by: staff, note, isTold: false };
    await this.model.updateOne(
      { _id: id, former: { $not: { $elemMatch: { channel, ts } } } },
      {
        ...changed(now, { team, dueAt, clock, status: 'open', ...routed }),
        $unset: {
          ...{ slack: '', shownHash: '', respondedAt: '', snoozedUntil: '' },
          ...(!routed && { owner: '', routedTo: '' }),
        },
        $push: { former: left },
      },
    );
  }

  /** Lets an open case rest, until a moment or until the buyer writes. */
  async snooze(id: string, until: Date | undefined, now: Date): Promise<void> {
    await this.model.updateOne(
      { _id: id, ...NOT_CLOSED },
      {
        ...changed(now, { status: 'snoozed', ...(until && { snoozedUntil: until }) }),
        ...(!until && { $unset: { snoozedUntil: '' } }),
      },
    );
  }

  /** A case that rested is open again. */
  async wake(id: string, now: Date): Promise<void> {
    await this.model.updateOne(
      { _id: id, status: 'snoozed' },
      { ...changed(now, { status: 'open' }), $unset: { snoozedUntil: '' } },
    );
  }

  /** Closes it; closing twice is a no-op. */
  async resolve(
    id: string,
    staff: StaffRef,
    now: Date,
    how: { outcome?: CaseOutcome; note?: string } = {},
  ): Promise<void> {
    const { outcome, note } = how;
    const said = { ...(outcome && { outcome }), ...(note !== undefined && { outcomeNote: note }) };
    await this.model.updateOne(
      { _id: id, ...NOT_CLOSED },
      {
        ...changed(now, { status: 'resolved', resolvedAt: now, resolvedBy: staff, owner: staff, ...said }),
        $unset: { snoozedUntil: '' },
      },
    );
  }

  /** Opens a closed case again, to be answered by `dueAt`; its owner stays. Repeating it is a no-op. */
  async reopen(
    id: string,
    { dueAt, words, roundTheClock }: { dueAt: Date; words?: string; roundTheClock?: true },
    now: Date,
  ): Promise<void> {
    const reopened = { at: now, ...(words !== undefined && { words }) };
    const clock = { from: now, dueAt, told: 0 };
    await this.model.updateOne(
      { _id: id, status: 'resolved' },
      {
        ...changed(now, { status: 'open', dueAt, clock, reopened, ...(roundTheClock && { roundTheClock }) }),
        $unset: {
          resolvedAt: '',
          resolvedBy: '',
          outcome: '',
          outcomeNote: '',
          respondedAt: '',
          routedTo: '',
        },
      },
    );
  }

  /** The cards of these cases show something that has changed elsewhere: they are shown anew by `at`. */
  async refresh(ids: string[], at: Date): Promise<void> {
    if (ids.length === 0) return;
    await this.model.updateMany(
      { _id: { $in: ids }, ...NOT_CLOSED },
      { $inc: { cardRevision: 1 }, $min: { slackOwedAt: at } },
    );
  }

  /** A buyer's cases that are not closed, oldest first. */
  async openOf(buyer: string): Promise<Case[]> {
    return this.model
      .find({ buyer, ...NOT_CLOSED })
      .sort({ openedAt: 1 })
      .lean<Case[]>();
  }

  /** One case of each channel and team that Slack is behind with: where there is something to be told. */
  async owedToSlack(now: Date): Promise<string[]> {
    const owed = await this.model.aggregate<{ first: string }>([
      { $match: { slackOwedAt: { ...OWED, $lte: now } } },
      { $group: { _id: { channel: '$slack.channel', team: '$team' }, first: { $first: '$_id' } } },
    ]);
    return owed.map(({ first }) => first);
  }

  /** Cases that a channel may be told of now by `by`: those whose card is there, and those of `teams` without one. */
  async owedIn(channel: string, teams: Team[], by: string, now: Date): Promise<OwedCase[]> {
    const here = [{ 'slack.channel': channel }, { slack: { $exists: false }, team: { $in: teams } }];
    return this.owed({ $or: here }, by, now);
  }

  /** Cases of which a card, the present one or one they have left, may be brought up to date now by `by`. */
  async owedUpdates(by: string, now: Date): Promise<OwedCase[]> {
    const outdated = [
      { $expr: { $lt: ['$shownRevision', '$cardRevision'] } },
      { former: { $elemMatch: { isTold: false } } },
    ];
    return this.owed({ slack: { $exists: true }, $or: outdated }, by, now);
  }

  /** Teams with cases that have no card yet and may have one now. */
  async teamsUnposted(now: Date): Promise<Team[]> {
    return this.model.distinct('team', { slackOwedAt: { ...OWED, $lte: now }, slack: { $exists: false } });
  }

  /** How many cases Slack is behind with. */
  async countOwed(): Promise<number> {
    return this.model.countDocuments({ slackOwedAt: OWED });
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

  /**
   * The card is in Slack at `slack`, as of `revision`; what it says there is unknown without `hash`. One that the case
   * has left meanwhile is not its card.
   */
  async shown(id: string, slack: CardPlace, revision: number, hash?: string): Promise<void> {
    const { channel, ts } = slack;
    await this.model.updateOne(
      { _id: id, former: { $not: { $elemMatch: { channel, ts } } } },
      {
        $set: { slack, shownRevision: revision, ...(hash && { shownHash: hash }) },
        ...(!hash && { $unset: { shownHash: '' } }),
      },
    );
  }

  /** A card that the case has left says so. */
  async formerTold(id: string, { channel, ts }: CardPlace): Promise<void> {
    await this.model.updateOne(
      { _id: id, former: { $elemMatch: { channel, ts } } },
      { $set: { 'former.$.isTold': true } },
    );
  }

  /** One line has been posted. */
  async posted(id: string, post: string): Promise<void> {
    await this.model.updateOne({ _id: id }, { $pull: { posts: { id: post } } as never });
  }

  /** Slack shows everything up to `revision`; false when more is owed, or has come in meanwhile. */
  async caughtUp(id: string, revision: number): Promise<boolean> {
    const done = await this.model.updateOne(
      {
        _id: id,
        cardRevision: revision,
        posts: { $size: 0 },
        former: { $not: { $elemMatch: { isTold: false } } },
      },
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

  private async owed(where: QueryFilter<Case>, by: string, now: Date): Promise<OwedCase[]> {
    const owed = await this.model
      .find({ slackOwedAt: { ...OWED, $lte: now }, ...where }, OWED_FIELDS)
      .sort({ slackOwedAt: 1 })
      .limit(OWED_READ)
      .lean<OwedCase[]>();
    const isFree = ({ telling }: OwedCase) =>
      !telling || telling.by === by || telling.until <= now || hasEnded(telling.by);
    return owed.filter(isFree);
  }

  private async nextNumber(): Promise<number> {
    const counter = await this.counters
      .findOneAndUpdate({ _id: 'case' }, { $inc: { value: 1 } }, { upsert: true, returnDocument: 'after' })
      .lean<Counter>();
    return counter?.value ?? 1;
  }
}

/** Whose it is from its first moment, and the line of its thread that tells them. */
function ownedFrom({ _id, openedAt }: Pick<Case, '_id' | 'openedAt'>, owner: StaffRef | undefined) {
  if (!owner) return { posts: [], postIds: [] };
  const told: CasePost = {
    id: `${_id}:owner`,
    who: 'bot',
    text: 'this case is yours',
    mention: owner.id,
    at: openedAt,
  };
  return { owner, routedTo: owner.id, posts: [told], postIds: [told.id] };
}
