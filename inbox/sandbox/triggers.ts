import { randomBytes } from 'node:crypto';
import { WORKSPACE } from './seeds.ts';

/** Trigger ids: the right to open one modal within three seconds of a member's action. */

const LIFETIME_MS = 3000;
const KEPT = 500;

/** What a trigger was given for. `viewId` is set when the action came from a modal. */
export type Trigger = { userId: string; viewId?: string };

/** The outcome of using a trigger id, with Slack's error codes. */
export type Exchange =
  | { ok: true; trigger: Trigger }
  | { ok: false; code: 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id' };

type Issued = { trigger: Trigger; expiresAtMs: number; used: boolean };

export class Triggers {
  readonly #now: () => Date;
  readonly #issued = new Map<string, Issued>();
  /** How many of the next triggers are born expired; see `Faults.expireTriggers`. */
  bornExpired = 0;

  constructor(now: () => Date) {
    this.#now = now;
  }

  issue(trigger: Trigger): string {
    const id = `${this.#now().getTime()}.${WORKSPACE.id}.${randomBytes(12).toString('hex')}`;
    const expired = this.bornExpired > 0;
    if (expired) this.bornExpired -= 1;
    const expiresAtMs = this.#now().getTime() + (expired ? -1 : LIFETIME_MS);
    this.#issued.set(id, { trigger, expiresAtMs, used: false });
    this.#forgetOldest();
    return id;
  }

  /** Uses a trigger id up. */
  exchange(id: string): Exchange {
    const issued = this.#issued.get(id);
    if (!issued) return { ok: false, code: 'invalid_trigger_id' };
    if (issued.used) return { ok: false, code: 'exchanged_trigger_id' };
    if (this.#now().getTime() > issued.expiresAtMs) return { ok: false, code: 'expired_trigger_id' };
    issued.used = true;
    return { ok: true, trigger: issued.trigger };
  }

  #forgetOldest(): void {
    const oldest = this.#issued.keys().next().value;
    if (this.#issued.size > KEPT && oldest !== undefined) this.#issued.delete(oldest);
  }
}
