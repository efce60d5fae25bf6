import type { Models } from '../models/models.ts';
import type { Visit } from '../models/visit.ts';
import type { Portfolio } from './portfolio.ts';

/** Where visits are booked from outside the chat. */
export class VisitDesk {
  private readonly parts: {
    models: Pick<Models, 'visits'>;
    portfolio: Portfolio;
    line: string;
    now: () => Date;
  };

  constructor(parts: VisitDesk['parts']) {
    this.parts = parts;
  }

  async openSlots(project: string): Promise<Date[]> {
    const { portfolio, now } = this.parts;
    return (await portfolio.facts('', now())).openSlots[project] ?? [];
  }

  async visitsOf(buyer: string): Promise<Visit[]> {
    return this.parts.models.visits.model.find({ buyer }).sort({ at: -1 }).limit(50).lean<Visit[]>();
  }

  async choose({
    buyer,
    project: slug,
    at,
    key,
  }: {
    buyer: string;
    project: string;
    at: Date;
    key: string;
  }): Promise<'booked' | 'taken' | 'closed'> {
    const { models, portfolio, line, now } = this.parts;
    const project = await portfolio.project(slug, now());
    const seats = project ? portfolio.seats(project, at, now()) : 0;
    if (seats === 0) return 'closed';
    const before = (await this.visitsOf(buyer)).filter(
      (each) => each.status === 'booked' && each.project === slug,
    );
    const wish = {
      _id: key,
      project: slug,
      buyer,
      conversation: `${line}/${buyer}`,
      at,
      bookedAt: now(),
    };
    const booked = await models.visits.book(wish, seats);
    portfolio.slotsChanged(slug);
    if (!booked) return 'taken';
    for (const each of before)
      if (each._id !== booked._id && each.at > now()) await models.visits.cancel(each._id);
    return 'booked';
  }

  async cancel({ buyer, visit }: { buyer: string; visit: string; key: string }): Promise<void> {
    const found = await this.parts.models.visits.byId(visit);
    if (found?.buyer === buyer) await this.parts.models.visits.cancel(visit);
  }
}
