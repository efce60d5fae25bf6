/** How fast Slack may be told, and which channels are to be left alone for a while. */

/** How much may be told: postings to one channel, updates over the whole workspace. */
export type PaceOptions = { postsPerSecond: number; updatesPerMinute: number };

/** What a channel takes at once after a pause; an answer in three lines comes as one. */
const POST_BURST = 3;
/** This part of a minute's updates may come at once, the rest evenly: no minute has more than its number. */
const UPDATE_BURST_SHARE = 0.2;
/** A campaign that has waited for longer than this without asking again is not waiting any more. */
const CAMPAIGN_WAITS_MS = 10_000;
/** What changes on a card within this time is shown by one update. */
const MOST_SETTLE_MS = 1_000;

/** So many at once, then so many per second; a pause fills it up again. */
class Bucket {
  private readonly perSecond: number;
  private readonly burst: number;
  private level: number;
  private at: Date | undefined;

  constructor(perSecond: number, burst: number) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.level = burst;
  }

  /** Milliseconds until the next one may go and `kept` more are left; 0 when it may go now. */
  waitMs(now: Date, kept = 0): number {
    const elapsedMs = Math.max(0, now.getTime() - (this.at ?? now).getTime());
    this.level = Math.min(this.burst, this.level + (elapsedMs / 1_000) * this.perSecond);
    this.at = now;
    // A rounding error must not cost a millisecond.
    const needed = 1 + kept;
    return this.level > needed - 0.000_001 ? 0 : Math.ceil(((needed - this.level) / this.perSecond) * 1_000);
  }

  take(): void {
    this.level -= 1;
  }

  /** Time until now fills nothing up. */
  skip(now: Date): void {
    this.at = now;
  }

  giveBack(): void {
    this.level = Math.min(this.burst, this.level + 1);
  }
}

/** Slack's limits as this process has used them up. One process at a time tells a workspace. */
export class Pace {
  /** How long a card's changes are gathered before they are shown. */
  readonly settleMs: number;
  private readonly options: PaceOptions;
  private readonly now: () => Date;
  private readonly posts = new Map<string, Bucket>();
  private readonly updates: Bucket;
  private readonly quietUntil = new Map<string, Date>();
  private campaignWaitsSince: Date | undefined;

  constructor(options: PaceOptions, now: () => Date) {
    this.options = options;
    this.now = now;
    const burst = Math.ceil(options.updatesPerMinute * UPDATE_BURST_SHARE);
    this.updates = new Bucket((options.updatesPerMinute - burst) / 60, burst);
    this.settleMs = Math.min(MOST_SETTLE_MS, Math.floor(60_000 / options.updatesPerMinute));
  }

  /** Milliseconds until the channel may be posted to. */
  waitToPost(channel: string): number {
    return this.bucketOf(channel).waitMs(this.now());
  }

  /** The channel's next message has its turn, well or not. */
  post(channel: string): void {
    this.bucketOf(channel).take();
  }

  /** It leaves only now: a slow database must not bring messages closer together where Slack counts them. */
  leaves(channel: string): void {
    this.bucketOf(channel).skip(this.now());
  }

  /** Milliseconds until a card may be updated: while a campaign's message waits, cards leave it the next turn. */
  waitToUpdate(): number {
    const now = this.now();
    const since = this.campaignWaitsSince;
    const isCampaignFirst = since !== undefined && now.getTime() - since.getTime() < CAMPAIGN_WAITS_MS;
    return this.updates.waitMs(now, isCampaignFirst ? 1 : 0);
  }

  /** Milliseconds until a campaign's message may be updated: people watch it, so it goes before cards. */
  waitToUpdateCampaign(): number {
    const now = this.now();
    const waitMs = this.updates.waitMs(now);
    this.campaignWaitsSince = waitMs > 0 ? now : undefined;
    return waitMs;
  }

  /** A message is updated now, well or not. */
  update(): void {
    this.updates.take();
  }

  /** What was to be updated shows everything already: Slack was not told. */
  notUpdated(): void {
    this.updates.giveBack();
  }

  /** Nothing goes to this channel before `until`; others are not concerned. */
  leaveAlone(channel: string, until: Date): void {
    this.quietUntil.set(channel, until);
  }

  isLeftAlone(channel: string): boolean {
    const until = this.quietUntil.get(channel);
    return until !== undefined && until > this.now();
  }

  private bucketOf(channel: string): Bucket {
    const { postsPerSecond } = this.options;
    const bucket =
      this.posts.get(channel) ?? new Bucket(postsPerSecond, Math.max(POST_BURST, postsPerSecond));
    this.posts.set(channel, bucket);
    return bucket;
  }
}
