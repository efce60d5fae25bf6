import { type Connection, type Model, Schema } from 'mongoose';
import type { ConversationState, Effect, Outcome } from '../flows/types.ts';
import { AppError, isDuplicateKey } from './error.ts';
import type { TimelineEntry } from './timeline.ts';

/** An effect that is owed, in the order of the outbox. */
export type Owed = {
  /** Also the idempotency key towards the provider. */
  id: string;
  effect: Effect;
  owedAt: Date;
  /** Not before this moment: after a failed attempt, or through quiet hours. */
  notBefore?: Date;
};

/**
 * The aggregate: one small document per buyer and number. Whatever changes it (a message, a timer, a person)
 * is one decision and one compare-and-swap write of the whole document, which therefore also holds what is
 * still owed to other collections and to the world.
 */
export type Conversation = {
  /** `<line>/<buyer>`: one per buyer, whichever of our transports they write on. */
  _id: string;
  /** The transport on which the buyer wrote last. */
  channel: string;
  buyer: string;
  /** The handle that wrote last, as `kind:value`; answers go there. */
  replyTo: string;
  /** Revision: every write raises it by one. */
  v: number;
  state: ConversationState;
  outbox: Owed[];
  /** Outcomes decided but not yet written to the messages. */
  outcomes: { message: string; outcome: Outcome }[];
  /** Timeline entries decided but not yet appended. */
  timeline: TimelineEntry[];
  /** Ids of the last inputs from people (Slack message ids), so that a repeated delivery is a no-op. */
  seen: string[];
  /** The buyer has bought, or is a co-buyer: decisions must know of what was sold. Set once. */
  hasBookings?: true;
  /** Keys of messages that were edited, deleted or reacted to before they came in. */
  awaited?: string[];
  /**
   * The conversation that this one has become part of, when two buyers turned out to be one person. Nothing is
   * decided here any more: whoever asks for this one gets that one.
   */
  movedTo?: string;
  /** Conversations that have become part of this one, each taken in once. */
  absorbed?: string[];
  /** When the last decision was made; what it owes is paid at once, or by the sweep a little later. */
  changedAt: Date;
  /** When the sweep must look at it, whatever happens to this process. */
  dueAt?: Date;
};

const schema = new Schema<Conversation>(
  {
    _id: { type: String, required: true },
    channel: { type: String, required: true },
    buyer: { type: String, required: true },
    replyTo: { type: String, required: true },
    v: { type: Number, required: true },
    state: { type: Schema.Types.Mixed, required: true },
    outbox: { type: [Schema.Types.Mixed], default: [] } as never,
    outcomes: { type: [Schema.Types.Mixed], default: [] } as never,
    timeline: { type: [Schema.Types.Mixed], default: [] } as never,
    seen: { type: [String], default: [] },
    hasBookings: { type: Boolean, default: undefined },
    awaited: { type: [String], default: undefined },
    movedTo: String,
    absorbed: { type: [String], default: undefined },
    changedAt: { type: Date, required: true },
    dueAt: Date,
  },
  { collection: 'conversations', versionKey: false, minimize: false },
);
schema.index({ dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } });
schema.index({ buyer: 1 });

const SEEN_KEPT = 50;
/** Those that are being spoken in: a campaign passes through thousands, and comes back to none of them. */
const CACHED_CONVERSATIONS = 1_000;
const MOST_LOST_RACES = 20;
const SWEEP_GRACE_MS = 3_000;

/** The conversations of this process, with their latest known revision kept at hand. */
export class Conversations {
  readonly model: Model<Conversation>;
  private readonly cache = new Map<string, Conversation>();

  constructor(connection: Connection) {
    this.model = connection.model<Conversation>('Conversation', schema);
  }

  /**
   * Changes one conversation: `decide` sees the latest document and returns its successor, or undefined to
   * leave it. A lost race reads again and decides again. `make` gives the first document of a conversation
   * that does not exist yet; without it an unknown id is an error. Where this one has become part of another,
   * `decide` sees that one.
   */
  async change(
    id: string,
    decide: (conversation: Conversation) => Promise<Conversation | undefined> | Conversation | undefined,
    make?: () => Conversation,
  ): Promise<Conversation> {
    for (let lost = 0; lost < MOST_LOST_RACES; lost += 1) {
      const current = (await this.latest(id)) ?? make?.();
      if (!current) throw new AppError('conversation_unknown', `no conversation ${id}`);
      const next = await decide(current);
      if (!next) return current;
      const written = withDue({
        ...next,
        v: Math.max(current.v, next.v) + 1,
        seen: next.seen.slice(-seenKept(next)),
      });
      if (await this.swap(current.v, written)) return written;
      this.forget(id);
      this.forget(current._id);
    }
    throw contended(id);
  }

  /**
   * Ends a conversation whose buyer turned out to be another one: from this write on whoever asks for it gets
   * `to`. Returns its last state; one that has ended before stays as it is. `make` as in `change`.
   */
  async moveTo(id: string, to: string, make: () => Conversation): Promise<Conversation> {
    for (let lost = 0; lost < MOST_LOST_RACES; lost += 1) {
      const current = (await this.own(id)) ?? make();
      if (current.movedTo !== undefined) return current;
      const ended = withDue({ ...current, v: current.v + 1, movedTo: to });
      if (await this.swap(current.v, ended)) return ended;
      this.forget(id);
    }
    throw contended(id);
  }

  /** The newest revision this process knows, from the database when it knows none; of one that moved, where it is. */
  async latest(id: string): Promise<Conversation | undefined> {
    return this.follow(await this.own(id));
  }

  /** The revision in the database. */
  async fresh(id: string): Promise<Conversation | undefined> {
    const found = await this.read(id);
    return found?.movedTo === undefined ? found : this.fresh(found.movedTo);
  }

  /** Many at once, by the ids asked for: those that exist, each where it goes on. Nothing of it is kept at hand. */
  async several(ids: string[]): Promise<Map<string, Conversation>> {
    const found = await this.model.find({ _id: { $in: ids } }).lean<Conversation[]>();
    const known = new Map(found.map((each) => [each._id, each]));
    for (const { _id, movedTo } of found) {
      const goesOn = movedTo === undefined ? undefined : await this.fresh(movedTo);
      if (goesOn) known.set(_id, goesOn);
    }
    return known;
  }

  /** The document under this very id, also when it has moved. */
  async own(id: string): Promise<Conversation | undefined> {
    return this.cache.get(id) ?? this.read(id);
  }

  /** Ids of a buyer's own conversations, one per line that we have had. */
  async idsOf(buyer: string): Promise<string[]> {
    const found = await this.model.find({ buyer }, { _id: 1 }).lean<{ _id: string }[]>();
    return found.map((each) => each._id);
  }

  /** Which of these have changed since then. */
  async changedSince(ids: string[], since: Date): Promise<Set<string>> {
    const found = await this.model
      .find({ _id: { $in: ids }, changedAt: { $gte: since } }, { _id: 1 })
      .lean<{ _id: string }[]>();
    return new Set(found.map(({ _id }) => _id));
  }

  /** Forgets what is at hand: after a failure nobody knows which revision the database holds. */
  forget(id: string): void {
    this.cache.delete(id);
  }

  /**
   * Conversations that something is due in by `now`, longest due first; at most `limit`. A revision at hand
   * that another process has overtaken is forgotten: else what that process owes would never be seen here.
   */
  async due(now: Date, limit: number): Promise<string[]> {
    const due = await this.model
      .find({ dueAt: { $exists: true, $lte: now } }, { v: 1 })
      .sort({ dueAt: 1 })
      .limit(limit)
      .lean<{ _id: string; v: number }[]>();
    for (const { _id, v } of due) if (this.cache.get(_id)?.v !== v) this.forget(_id);
    return due.map((each) => each._id);
  }

  private async follow(conversation: Conversation | undefined): Promise<Conversation | undefined> {
    let found = conversation;
    while (found?.movedTo !== undefined) found = await this.own(found.movedTo);
    return found;
  }

  private async read(id: string): Promise<Conversation | undefined> {
    const found = await this.model.collection.findOne({ _id: id as never });
    if (!found) return undefined;
    const conversation = found as unknown as Conversation;
    this.remember(conversation);
    return conversation;
  }

  private async swap(before: number, next: Conversation): Promise<boolean> {
    if (before === 0) return this.insert(next);
    const result = await this.model.collection.replaceOne(
      { _id: next._id as never, v: before },
      next as never,
      { ignoreUndefined: true },
    );
    if (result.modifiedCount !== 1) return false;
    this.remember(next);
    return true;
  }

  private async insert(next: Conversation): Promise<boolean> {
    try {
      await this.model.collection.insertOne(next as never, { ignoreUndefined: true });
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
    this.remember(next);
    return true;
  }

  private remember(conversation: Conversation): void {
    this.cache.delete(conversation._id);
    this.cache.set(conversation._id, conversation);
    if (this.cache.size <= CACHED_CONVERSATIONS) return;
    const oldest = this.cache.keys().next().value;
    if (oldest !== undefined) this.cache.delete(oldest);
  }
}

function contended(id: string): AppError {
  return new AppError('conversation_contended', 'too many writers at one conversation', {
    info: { conversation: id },
  });
}

/** What was seen in a conversation that moved here must not be taken for new. */
function seenKept({ absorbed = [] }: Conversation): number {
  return SEEN_KEPT * (1 + absorbed.length);
}

/** The sweep's date: the earliest timer, lease, snooze or debt. Fresh debts are left to the process that made them. */
function withDue(conversation: Conversation): Conversation {
  const { dueAt: _before, ...rest } = conversation;
  if (conversation.movedTo !== undefined) return rest;
  const { state, outbox, outcomes, timeline, changedAt } = conversation;
  const soon = changedAt.getTime() + SWEEP_GRACE_MS;
  const moments = state.runs.flatMap((run) => (run.dueAt ? [run.dueAt.getTime()] : []));
  if (state.owner.kind === 'staff') moments.push(state.owner.until.getTime());
  for (const { snoozed } of state.cases) if (snoozed?.until) moments.push(snoozed.until.getTime());
  for (const owed of outbox) moments.push(owed.notBefore?.getTime() ?? soon);
  if (outcomes.length > 0 || timeline.length > 0) moments.push(soon);
  return moments.length === 0 ? rest : { ...rest, dueAt: new Date(Math.min(...moments)) };
}
