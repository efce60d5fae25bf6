import { z } from 'zod';
import { defineFlow, type Flow } from '../flows/engine.ts';
import { FLOWS } from '../flows/registry.ts';
import type { BookingFacts, Run } from '../flows/types.ts';

/**
 * An invented flow about a booking, to see several runs of one flow, and what people and happenings do with them:
 * papers within three days, then a signature within two.
 */
export const SIGNING = 'signing';

const DAY_MS = 86_400_000;
const dataSchema = z.object({ asked: z.number().default(0), heard: z.array(z.string()).default([]) });
type Data = z.infer<typeof dataSchema>;

export const signing = defineFlow<Data>({
  name: SIGNING,
  version: 1,
  data: dataSchema,
  first: 'collecting',
  milestones: {
    papers: { owner: 'operations', dueAt: inDays(3), reachedIn: ['signing'], droppedIn: ['withdrawn'] },
    signature: { owner: 'legal', dueAt: inDays(2), reachedIn: ['signed'], after: ['papers'] },
  },
  stages: {
    collecting: {
      owner: 'operations',
      intents: { registration_query: told },
      events: {
        papersChanged: ({ facts, run }) => (isComplete(facts.bookings, run) ? { to: 'signing' } : {}),
        paymentConfirmed: ({ data, event }) => ({
          data: { heard: [...data.heard, event.name] },
          effects: [{ kind: 'sendTemplate', template: 'courtesy', data: {}, category: 'reply' }],
        }),
        bookingCancelled: () => ({ to: 'withdrawn' }),
      },
      reminders: [
        {
          name: 'day',
          at: ({ run }) => new Date(run.enteredAt.getTime() + DAY_MS),
          move: () => ({
            effects: [
              {
                kind: 'sendTemplate',
                template: 'passed_to_person',
                data: acknowledgement,
                category: 'reminder',
              },
            ],
          }),
        },
      ],
      leadsTo: ['signing', 'withdrawn'],
    },
    signing: {
      owner: 'legal',
      intents: { registration_query: told },
      events: {
        agreementRegistered: () => ({ to: 'signed' }),
        bookingCancelled: () => ({ to: 'withdrawn' }),
      },
      leadsTo: ['signed', 'withdrawn'],
    },
    signed: { owner: 'legal', leadsTo: [], ends: true },
    withdrawn: { owner: 'legal', leadsTo: [], ends: true },
  },
  migrations: {},
  copy: ['courtesy', 'passed_to_person'],
});

const acknowledgement = { team: 'legal', respondWithinMinutes: 60, ticket: 'L-1' };

/** Makes a flow known for as long as a test needs it; returns how to undo that. */
export function register(flow: Flow): () => void {
  const flows = FLOWS as Record<string, Flow>;
  flows[flow.name] = flow;
  return () => delete flows[flow.name];
}

function told({ data }: { data: Data }) {
  return { data: { asked: data.asked + 1 } };
}

function isComplete(bookings: BookingFacts[], { subject }: Run): boolean {
  return bookings.some(({ id, unit }) => id === subject && unit !== '');
}

function inDays(days: number) {
  return ({ now }: { now: Date }) => new Date(now.getTime() + days * DAY_MS);
}
