import type { Leases } from '../../models/lease.ts';

export type TellerParts = { leases: Leases; instance: string; now: () => Date };

/** Long enough for any call, short enough that another process takes over soon when this one falls silent. */
const LEASE_MS = 30_000;
const ASK_AGAIN_MS = 1_000;
const LEASE = 'slack';

/**
 * Which of several processes tells Slack: one at a time, because Slack counts updates over the whole workspace, and
 * so that each channel has one order. The others find their cases told by it.
 */
export class Teller {
  private readonly parts: TellerParts;
  private known: { isHeld: boolean; until: number } = { isHeld: false, until: 0 };

  constructor(parts: TellerParts) {
    this.parts = parts;
  }

  /** Takes or keeps the right. The database is asked when half of the time has passed, or a second after a refusal. */
  async isTeller(): Promise<boolean> {
    const { leases, instance, now } = this.parts;
    const at = now();
    if (at.getTime() < this.known.until) return this.known.isHeld;
    const isHeld = await leases.hold(LEASE, instance, at, LEASE_MS);
    this.known = { isHeld, until: at.getTime() + (isHeld ? LEASE_MS / 2 : ASK_AGAIN_MS) };
    return isHeld;
  }

  /** Lets another process take over at once. */
  async resign(): Promise<void> {
    if (this.known.isHeld) await this.parts.leases.release(LEASE, this.parts.instance);
    this.known = { isHeld: false, until: 0 };
  }
}
