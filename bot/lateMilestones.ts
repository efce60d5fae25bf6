import type { Team } from '../flows/types.ts';
import type { LateMilestone } from '../inbox/slack/listening.ts';
import type { MilestoneDebt } from '../models/milestone.ts';
import type { Models } from '../models/models.ts';
import { doorOf } from '../models/unit.ts';

export type LateMilestonesParts = {
  models: Pick<Models, 'bookings' | 'buyers' | 'milestones'>;
  projectName: (slug: string) => Promise<string>;
  now: () => Date;
};

/** Milestone debt as managers see it: which teams owe how much, since when, and to whom. */
export class LateMilestones {
  private readonly parts: LateMilestonesParts;

  constructor(parts: LateMilestonesParts) {
    this.parts = parts;
  }

  /** What each team owes now; teams that owe nothing are left out. */
  async debt(): Promise<MilestoneDebt[]> {
    const { models, now } = this.parts;
    return models.milestones.debt(now());
  }

  /** The oldest first, at most `limit`; of these teams, or of all. */
  async late(limit: number, owners?: Team[]): Promise<LateMilestone[]> {
    const { models, now } = this.parts;
    const found = await models.milestones.late(now(), limit, owners);
    const [names, bookings] = await Promise.all([
      models.buyers.namesOf(found.map(({ buyer }) => buyer)),
      models.bookings.openOf(found.map(({ subject }) => subject)),
    ]);
    return Promise.all(
      found.map(async ({ buyer, subject, flow, name, owner, dueAt, openedAt }) => {
        const booking = bookings.get(subject);
        const project = await this.parts.projectName(booking?.project ?? subject);
        const unit = booking && doorOf(booking.unit);
        const about = unit ? `${project}, ${unit}` : project;
        return { ...{ flow, name, owner, about }, buyer: names.get(buyer) ?? '', dueAt: dueAt ?? openedAt };
      }),
    );
  }
}
