import type { PortalCodes } from '../../models/portalCode.ts';
import type { PortalSession, PortalSessions } from '../../models/portalSession.ts';
import type { CodeBook } from './codes.ts';

const MINUTE_MS = 60_000;
const CODE_MINUTES = 10;
const PROVEN_MINUTES = 30;

export type StepUpParts = {
  codes: PortalCodes;
  sessions: PortalSessions;
  book: CodeBook;
  /** Owes the code to the buyer's conversation on WhatsApp; it is worthless after `expiresAt`. */
  send: (buyer: string, code: string, expiresAt: Date) => Promise<void>;
  newId: () => string;
};

/** What came of a typed code. `over`: there is none (any more) that could be typed. */
export type Typed = { kind: 'proven' } | { kind: 'wrong'; triesLeft: number } | { kind: 'over' };

/**
 * Step-up: that it is the buyer who looks, and not somebody who came by their link, is shown by a code that goes to
 * the conversation on WhatsApp which the link came from. A code counts in the session that asked for it alone.
 */
export class StepUp {
  private readonly parts: StepUpParts;

  constructor(parts: StepUpParts) {
    this.parts = parts;
  }

  /** Sends a code; false when this buyer was sent too many within the hour. The latest one counts. */
  async send({ _id: session, buyer }: PortalSession, now: Date): Promise<boolean> {
    const { codes, newId, send } = this.parts;
    const expiresAt = new Date(now.getTime() + CODE_MINUTES * MINUTE_MS);
    const issued = await codes.issue({ buyer, session, code: newId(), sentAt: now, expiresAt });
    if (issued) await send(buyer, issued.code, expiresAt);
    return issued !== undefined;
  }

  /** Until when the code that was sent last may be typed; undefined when there is none. */
  async awaits({ _id: session, buyer }: PortalSession, now: Date): Promise<Date | undefined> {
    return (await this.parts.codes.latest(buyer, session, now))?.expiresAt;
  }

  /** Takes what somebody typed. Every attempt counts before it is compared. */
  async type(session: PortalSession, typed: string, now: Date): Promise<Typed> {
    const { codes, sessions, book } = this.parts;
    const latest = await codes.latest(session.buyer, session._id, now);
    const triesLeft = latest && (await codes.useTry(latest));
    if (!latest || triesLeft === undefined) return { kind: 'over' };
    if (!book.isTyped(latest.code, typed))
      return triesLeft > 0 ? { kind: 'wrong', triesLeft } : { kind: 'over' };
    if (!(await codes.spend(latest, now))) return { kind: 'over' };
    await sessions.prove(session._id, new Date(now.getTime() + PROVEN_MINUTES * MINUTE_MS));
    return { kind: 'proven' };
  }
}
