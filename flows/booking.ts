import { z } from 'zod';
import { projectOf } from './asking.ts';
import { defineFlow, type StageContext } from './engine.ts';
import type { Effect } from './types.ts';

/**
 * booking: what a sale sets going. It is confirmed in approved words, the flows of its papers, its money and its care
 * begin, and the agreement for sale is waited for: that is its legal team's, and only people say that it is registered.
 */

/** By then the agreement should be registered; no law names a day, and the project's legal team owns it. */
const AGREEMENT_DAYS = 30;
const DAY_MS = 24 * 3_600_000;

const dataSchema = z.object({
  project: z.string(),
  booking: z.string(),
  /** As on the door. */
  unit: z.string(),
  /** Who looks after the buyer. */
  manager: z.string(),
});
type Data = z.infer<typeof dataSchema>;
type Context = StageContext<Data>;

export const booking = defineFlow<Data>({
  name: 'booking',
  version: 1,
  data: dataSchema,
  first: 'recorded',
  stages: {
    recorded: {
      owner: 'sales',
      enter: (context) => ({ to: 'agreement', effects: [...confirm(context), ...begin(context)] }),
      leadsTo: ['agreement'],
    },

    agreement: {
      owner: 'legal',
      events: {
        agreementRegistered: () => ({ to: 'registered' }),
        bookingCancelled: () => ({ to: 'cancelled' }),
      },
      leadsTo: ['registered', 'cancelled'],
    },

    registered: { owner: 'legal', leadsTo: [], ends: true },

    cancelled: { owner: 'operations', leadsTo: [], ends: true },
  },
  milestones: {
    agreement_registered: {
      owner: 'legal',
      dueAt: ({ now }) => new Date(now.getTime() + AGREEMENT_DAYS * DAY_MS),
      reachedIn: ['registered'],
      droppedIn: ['cancelled'],
    },
  },
  migrations: {},
  copy: ['booking_recorded'],
});

/** Not said into a person's conversation, nor at night: nobody waits for it within the minute. */
function confirm(context: Context): Effect[] {
  const { data, facts } = context;
  const { name, slug } = projectOf(context);
  return [
    {
      kind: 'sendTemplate',
      template: 'booking_recorded',
      data: { name: facts.buyerName, unit: data.unit, project: name, manager: data.manager },
      category: 'reminder',
      purpose: 'service',
    },
    { kind: 'updateLead', project: slug, stage: 'Booked', answers: {} },
  ];
}

/** A flow that this version does not know is left out by the decision, with a note. */
function begin({ data }: Context): Effect[] {
  const { project, booking: subject, unit } = data;
  const about = { project, booking: subject, unit };
  return ['kyc', 'collections', 'care'].map((flow) => ({ kind: 'beginRun', flow, subject, data: about }));
}
