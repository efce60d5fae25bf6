import { type Connection, type Model, Schema } from 'mongoose';
import type { Team } from '../flows/types.ts';
import { isDuplicateKey } from './error.ts';
import { hasEnded } from './instance.ts';

/** A word to a team that belongs to no case: posted once in its channel. */
export type Notice = {
  /** Names the occasion: a notice is raised once per key. */
  _id: string;
  team: Team;
  text: string;
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

/** Longer than any single attempt to tell Slack takes. */
const TELLING_LEASE_MS = 60_000;

/** Notices: raised once per key, posted in the order in which they were raised. */
export class Notices {
  readonly model: Model<Notice>;

  constructor(connection: Connection) {
    this.model = connection.model<Notice>('Notice', schema);
  }

  /** Owes a team a word; false when this was raised before. */
  async raise(key: string, team: Team, text: string, at: Date): Promise<boolean> {
    try {
      await this.model.collection.insertOne({ _id: key, team, text, at, slackOwedAt: at } as never);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
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
}
