import { setTimeout } from 'node:timers/promises';
import { subjectOf } from '../flows/engine.ts';
import { decideDropped, decideSlot } from '../flows/runs.ts';
import type { Conversations } from '../models/conversation.ts';
import { AppError } from '../models/error.ts';
import type { Visit, Visits } from '../models/visit.ts';
import type { Happenings } from './happenings.ts';
import type { Portfolio } from './portfolio.ts';

export type VisitDeskParts = {
  portfolio: Portfolio;
  visits: Visits;
  conversations: Conversations;
  happenings: Pick<Happenings, 'decide'>;
  now: () => Date;
};

/** What became of a chosen time: `closed` when no visit can begin then, or not any more. */
export type Chosen = 'booked' | 'taken' | 'closed';

const LOOK_EVERY_MS = 50;
const LOOKS = 200;

/**
 * Visits as buyers book them on their own page. Everything goes through the visit flow, so that confirmation,
 * calendar and reminders are those of the chat.
 */
export class VisitDesk {
  private readonly parts: VisitDeskParts;

  constructor(parts: VisitDeskParts) {
    this.parts = parts;
  }

  /** Times that can be booked at this moment, soonest first; none for a project that is not on sale. */
  async openSlots(project: string): Promise<Date[]> {
    return this.parts.portfolio.freeSlots(project, this.parts.now());
  }

  /** All visits of a buyer, the latest first. */
  async visitsOf(buyer: string): Promise<Visit[]> {
    return this.parts.visits.ofBuyer(buyer);
  }

  /**
   * Books a time for the buyer, or moves their visit to that project there, once per `key`; what was booked before
   * stays until the new time is. Throws AppError `visit_pending` when nothing has become of it for ten seconds: the
   * same call again tells.
   */
  async choose({
    buyer,
    project,
    at,
    key,
  }: {
    buyer: string;
    project: string;
    at: Date;
    key: string;
  }): Promise<Chosen> {
    const { portfolio, happenings, now } = this.parts;
    if (await this.hasBooked(buyer, project, at)) return 'booked';
    const onSale = await portfolio.project(project, now());
    if (!onSale || portfolio.seats(onSale, at, now()) === 0) return 'closed';
    const free = await portfolio.freeSlots(project, now());
    if (!free.some((slot) => slot.getTime() === at.getTime())) return 'taken';
    const conversation = await happenings.decide(buyer, key, false, (state, context) =>
      decideSlot(state, { project, at }, context),
    );
    return conversation ? this.outcome(conversation, project, at) : 'closed';
  }

  /** Cancels a visit of this buyer that is still to come, once per `key`; any other is left alone. */
  async cancel({ buyer, visit, key }: { buyer: string; visit: string; key: string }): Promise<void> {
    const { visits, happenings, now } = this.parts;
    const found = await visits.byId(visit);
    if (found?.buyer !== buyer || found.status !== 'booked' || found.at <= now()) return;
    await happenings.decide(buyer, key, false, (state, context) => decideDropped(state, visit, context));
  }

  private async hasBooked(buyer: string, project: string, at: Date): Promise<boolean> {
    const visits = await this.parts.visits.ofBuyer(buyer);
    return visits.some(
      (each) => each.status === 'booked' && each.project === project && each.at.getTime() === at.getTime(),
    );
  }

  /** The flow's word on it: the worker that books may be another process, so it is looked for. */
  private async outcome(conversation: string, project: string, at: Date): Promise<Chosen> {
    for (let look = 0; look < LOOKS; look += 1) {
      const current = await this.parts.conversations.fresh(conversation);
      const run = current?.state.runs.find((each) => each.flow === 'visit' && subjectOf(each) === project);
      const { at: booked } = run?.data ?? {};
      if (run?.stage === 'booked' && booked instanceof Date && booked.getTime() === at.getTime())
        return 'booked';
      if (run?.stage !== 'booking') return 'taken';
      await setTimeout(LOOK_EVERY_MS);
    }
    throw new AppError('visit_pending', 'nothing has become of a chosen visit yet', {
      info: { conversation, project },
    });
  }
}
