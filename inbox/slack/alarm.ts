import type { Logger } from 'pino';

export type AlarmParts = {
  /** How much waits for Slack. */
  countWaiting: () => Promise<{ cases: number; notices: number }>;
  log: Logger;
};

/** Whether Slack can be reached, told once when it is lost and once when it is back. */
export class SlackAlarm {
  private readonly parts: AlarmParts;
  private isRaised = false;

  constructor(parts: AlarmParts) {
    this.parts = parts;
  }

  /** Slack is out of reach; `reason` is the code of what failed. Nothing is lost: cases wait, buyers are answered. */
  async raise(reason: string): Promise<void> {
    if (this.isRaised) return;
    this.isRaised = true;
    this.parts.log.error(
      { code: 'slack_away', reason, waiting: await this.waiting() },
      'Slack is out of reach; cases wait',
    );
  }

  /** Slack has taken something. */
  async clear(): Promise<void> {
    if (!this.isRaised) return;
    this.isRaised = false;
    this.parts.log.info(
      { code: 'slack_back', waiting: await this.waiting() },
      'Slack is back; what waits is posted in order',
    );
  }

  /** A database that is away as well does not keep the alarm from being heard. */
  private waiting(): Promise<{ cases: number; notices: number } | undefined> {
    return this.parts.countWaiting().catch(() => undefined);
  }
}
