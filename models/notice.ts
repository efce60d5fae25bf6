import { type Connection, type Model, Schema } from 'mongoose';
import type { StaffRef, Team } from '../flows/types.ts';
import { isDuplicateKey } from './error.ts';
import { hasEnded } from './instance.ts';

/** A case whose time runs out, as it stood when people were told. */
export type NudgeLine = {
  caseId: string;
  ticket: string;
  buyerName: string;
  owner?: StaffRef;
  dueAt: Date;
  /** 1: half of its time is used, 2: four fifths, 3: all of it. */
  level: number;
  slack?: { channel: string; ts: string };
};

/** What a nudge adds to a notice: whom it calls and the cases it is about. */
export type Nudge = {
  /** Raised whenever cases are added. */
  revision: number;
  mentions: string[];
  lines: NudgeLine[];
  /** Present until every case knows that it was told of. */
  isUnmarked?: true;
};

/** A word to a team that belongs to no case: posted once in its channel. */
export type Notice = {
  /** Names the occasion: a notice is raised once per key. */
  _id: string;
  team: Team;
  text: string;
  /** The Slack user id of the one person whom it is for, in their direct messages. */
  to?: string;
  nudge?: Nudge;
  /** The team whose cases the nudge is about; absent on what follows from it. */
  nudges?: Team;
  at: Date;
  /** Present until it is in Slack: when to try (again). */
  slackOwedAt?: Date;
  /** Where the team sees it. */
  slack?: { channel: string; ts: string };
  /** Who is posting it; one that was never given back means that an attempt was cut short. */
  telling?: { by: string; until: Date };
};

const schema = new Schema<Notice>(
  {
    _id: { type: String, required: true },
    team: { type: String, required: true },
    text: { type: String, required: true },
    to: String,
    nudge: Schema.Types.Mixed,
    nudges: String,
    at: { type: Date, required: true },
    slackOwedAt: Date,
    slack: Schema.Types.Mixed,
    telling: Schema.Types.Mixed,
  },
  { collection: 'notices', versionKey: false },
);
const OWED = { partialFilterExpression: { slackOwedAt: { $exists: true } } };
schema.index({ slackOwedAt: 1 }, { ...OWED, name: 'owed' });
schema.index({ team: 1, at: 1, _id: 1 }, { ...OWED, name: 'owed_to_team' });

schema.index({ nudges: 1, at: -1 }, { partialFilterExpression: { nudges: { $exists: true } } });

/** Longer than any single attempt to tell Slack takes. */
const TELLING_LEASE_MS = 60_000;

/** Notices: raised once per key, posted in the order in which they were raised. */
export class Notices {
  readonly model: Model<Notice>;

  constructor(connection: Connection) {
    this.model = connection.model<Notice>('Notice', schema);
  }

  /** Owes a team a word; false when this was raised before. */
  async raise(
    key: string,
    team: Team,
    text: string,
    at: Date,
    more: Pick<Notice, 'to' | 'nudge' | 'nudges'> = {},
  ): Promise<boolean> {
    try {
      await this.model.collection.insertOne({ _id: key, team, text, at, slackOwedAt: at, ...more } as never);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** The last nudge about a team's cases. */
  async lastNudge(team: Team): Promise<Notice | undefined> {
    const last = await this.model
      .findOne({ nudges: { $exists: true, $eq: team } })
      .sort({ at: -1 })
      .lean<Notice>();
    return last ?? undefined;
  }

  /**
   * Says more in a nudge that Slack has not been told yet, or only perhaps, and that nobody else has added to; false
   * when it is too late, or just being told.
   */
  async amend({ _id, nudge: before }: Notice, text: string, nudge: Nudge, now: Date): Promise<boolean> {
    const amended = await this.model.updateOne(
      {
        _id,
        slackOwedAt: { $exists: true },
        $or: [{ telling: { $exists: false } }, { 'telling.until': { $lte: now } }],
        'nudge.revision': before?.revision ?? 0,
      },
      { $set: { text, nudge } },
    );
    return amended.modifiedCount === 1;
  }

  /** Every case of the nudge knows that it was told of, unless cases were added meanwhile. */
  async marked(id: string, { revision }: Nudge): Promise<void> {
    const isSame = { _id: id, 'nudge.revision': revision };
    await this.model.updateOne(isSame, { $unset: { 'nudge.isUnmarked': '' } });
  }

  /** Teams to which something is owed by `now`. */
  async teamsOwed(now: Date): Promise<Team[]> {
    const owed = await this.model
      .find({ slackOwedAt: { $exists: true, $lte: now } }, { team: 1 })
      .limit(200)
      .lean<{ team: Team }[]>();
    return [...new Set(owed.map((each) => each.team))];
  }

  /** The oldest notice that a team has not been given, due or not: nothing overtakes it. */
  async nextOf(team: Team): Promise<Notice | undefined> {
    const next = await this.model
      .findOne({ team, slackOwedAt: { $exists: true } })
      .sort({ at: 1, _id: 1 })
      .lean<Notice>();
    return next ?? undefined;
  }

  /** How many notices Slack is behind with. */
  async countOwed(): Promise<number> {
    return this.model.countDocuments({ slackOwedAt: { $exists: true } });
  }

  /**
   * Takes the right to post it. `interrupted` says that an earlier attempt was cut short, so that it may be there
   * already; undefined when another process is at it, or done.
   */
  async startTelling(
    id: string,
    by: string,
    now: Date,
  ): Promise<{ notice: Notice; interrupted: boolean } | undefined> {
    const until = new Date(now.getTime() + TELLING_LEASE_MS);
    const holder = (await this.model.findById(id).lean<Notice>())?.telling?.by;
    const mine = holder !== undefined && hasEnded(holder) ? [by, holder] : [by];
    const notice = await this.model
      .findOneAndUpdate(
        {
          _id: id,
          slackOwedAt: { $exists: true },
          $or: [
            { telling: { $exists: false } },
            { 'telling.by': { $in: mine } },
            { 'telling.until': { $lte: now } },
          ],
        },
        { $set: { telling: { by, until } } },
      )
      .lean<Notice>();
    return notice ? { notice, interrupted: notice.telling !== undefined } : undefined;
  }

  /** It is in Slack. */
  async posted(id: string, slack: { channel: string; ts: string }): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { slack }, $unset: { slackOwedAt: '', telling: '' } });
  }

  /** Slack certainly was not told; to be tried again at `at`. */
  async postpone(id: string, at: Date): Promise<void> {
    await this.model.updateOne(
      { _id: id, slackOwedAt: { $exists: true } },
      { $set: { slackOwedAt: at }, $unset: { telling: '' } },
    );
  }

  /** Nobody knows whether Slack was told; the next attempt, at `at`, looks first. */
  async doubt(id: string, at: Date): Promise<void> {
    await this.model.updateOne(
      { _id: id, slackOwedAt: { $exists: true } },
      { $set: { slackOwedAt: at, 'telling.until': at } },
    );
  }

  /** It cannot be posted, ever: it ends untold. */
  async abandon(id: string): Promise<void> {
    await this.model.updateOne({ _id: id }, { $unset: { slackOwedAt: '', telling: '' } });
  }
}
