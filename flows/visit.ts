import { DateTime } from 'luxon';
import { z } from 'zod';
import { ask, chosenValue, isForPeople, projectOf, say, sayLocation } from './asking.ts';
import { defineFlow, type Move, type StageContext } from './engine.ts';
import { WORKING_DAY_MINUTES } from './policy.ts';
import type { Effect, Entities, Facts, FlowEvent, HeardMessage, LabelledChoice } from './types.ts';

/**
 * visit: offers free slots, books the chosen one, confirms it with place and associate, and reminds 24 h and
 * 2 h before. A time that was read out of a sentence is confirmed with the buyer before it is booked.
 */

const SLOTS_OFFERED = 6;
const OFFER_REMINDER_HOURS = 3;
const OFFER_EXPIRES_HOURS = 48;
const KEEP_VISIT_HOURS = 3;
const BOOKING_PATIENCE_MINUTES = 10;
const HOUR_MS = 3_600_000;

const dataSchema = z.object({
  project: z.string(),
  /** A time that the buyer asked for, not yet booked. */
  wanted: z.date().optional(),
  /** Why the offer is made again: told to the buyer with it. */
  offer: z.enum(['first', 'not_open', 'taken', 'reschedule', 'other_day']).default('first'),
  /** Only slots of this local day (YYYY-MM-DD) are offered. */
  day: z.string().optional(),
  visit: z.string().optional(),
  at: z.date().optional(),
});
type Data = z.infer<typeof dataSchema>;
type Context = StageContext<Data>;
type Heard = Context & { message: HeardMessage };

export const visit = defineFlow<Data>({
  name: 'visit',
  version: 1,
  data: dataSchema,
  first: 'offering',
  stages: {
    offering: {
      owner: 'sales',
      enter: offer,
      answer: takeTime,
      intents: {
        visit_book: wish,
        visit_reschedule: wish,
        visit_cancel: () => ({ to: 'cancelled' }),
        not_interested: () => ({ to: 'cancelled' }),
        location_query: location,
        // "Yes" to a choice of times is no choice: they are shown again.
        affirm: () => ({ to: 'offering', data: { offer: 'first' } }),
      },
      reminders: [
        {
          name: 'offer',
          at: after(OFFER_REMINDER_HOURS),
          move: (context) => ({
            effects: [
              {
                kind: 'sendTemplate',
                template: 'visit_offer_reminder',
                data: { project: projectOf(context).name },
                category: 'reminder',
                expiresAt: after(OFFER_EXPIRES_HOURS)(context),
              },
            ],
          }),
        },
      ],
      deadline: { at: offerExpires, move: giveUp },
      leadsTo: ['confirming', 'booking', 'cancelled', 'abandoned', 'booked'],
    },

    confirming: {
      owner: 'sales',
      enter: confirmTime,
      answer: takeConfirmation,
      intents: { visit_cancel: () => ({ to: 'cancelled' }), visit_reschedule: wish, visit_book: wish },
      deadline: { at: offerExpires, move: giveUp },
      leadsTo: ['booking', 'offering', 'cancelled', 'abandoned', 'booked'],
    },

    booking: {
      owner: 'sales',
      enter: (context) => ({ effects: bookingEffects(context) }),
      events: {
        visitBooked,
        slotTaken: () => ({ to: 'offering', data: { offer: 'taken', wanted: undefined } }),
      },
      deadline: {
        at: ({ run }) => new Date(run.enteredAt.getTime() + BOOKING_PATIENCE_MINUTES * 60_000),
        move: () => ({ to: 'abandoned' }),
      },
      leadsTo: ['booked', 'offering', 'abandoned'],
    },

    booked: {
      owner: 'sales',
      enter: (context) => ({ effects: bookedEffects(context) }),
      intents: {
        visit_reschedule: wish,
        visit_book: wish,
        visit_cancel: () => ({ to: 'cancelled' }),
        location_query: location,
      },
      reminders: [
        { name: '24h', at: before(24), move: (context) => ({ effects: [visitReminder(context)] }) },
        { name: '2h', at: before(2), move: (context) => ({ effects: [visitReminder(context)] }) },
      ],
      deadline: {
        at: (context) =>
          new Date((context.data.at ?? context.run.enteredAt).getTime() + visitMinutes(context) * 60_000),
        move: () => ({ to: 'visited' }),
      },
      leadsTo: ['offering', 'confirming', 'cancelled', 'visited'],
    },

    visited: {
      owner: 'sales',
      enter: (context) => ({ effects: [task(context, 'visit_outcome')] }),
      leadsTo: [],
      ends: true,
    },

    cancelled: {
      owner: 'sales',
      enter: (context) => ({
        effects: [
          ...(context.data.visit ? [cancel(context.data.visit)] : []),
          say('visit_cancelled', { project: projectOf(context).name }),
          task(context, 'visit_cancelled'),
        ],
      }),
      leadsTo: [],
      ends: true,
    },

    abandoned: {
      owner: 'sales',
      enter: (context) => ({ effects: [task(context, 'visit_not_chosen')] }),
      leadsTo: [],
      ends: true,
    },
  },
  migrations: {},
  copy: [
    'visit_offer_first',
    'visit_offer_not_open',
    'visit_offer_taken',
    'visit_offer_reschedule',
    'visit_offer_other_day',
    'visit_no_slots',
    'visit_confirm_time',
    'visit_confirmed',
    'visit_reminder',
    'visit_offer_reminder',
    'visit_cancelled',
    'location',
    'choice_slot',
    'choice_yes',
    'choice_other_time',
  ],
});

/** What a visit starts from: the project of the enquiry under way, and a time if one was named. */
export function visitData(message: HeardMessage, project: string): Data {
  return { project, offer: 'first', ...wishOf(message.understanding.entities) };
}

function after(hours: number) {
  return ({ run }: Context): Date => new Date(run.enteredAt.getTime() + hours * HOUR_MS);
}

function before(hours: number) {
  return ({ data }: Context): Date | undefined => data.at && new Date(data.at.getTime() - hours * HOUR_MS);
}

/** A buyer who wanted another time but never chose keeps the visit that is booked, in time to be reminded. */
function offerExpires(context: Context): Date {
  const latest = after(OFFER_EXPIRES_HOURS)(context);
  const lastCall = before(KEEP_VISIT_HOURS)(context);
  return lastCall && lastCall < latest ? lastCall : latest;
}

function giveUp({ data }: Context): Move<Data> {
  return { to: data.visit ? 'booked' : 'abandoned' };
}

function offer(context: Context): Move<Data> {
  const { data, run } = context;
  if (data.wanted) {
    return slotAt(context, data.wanted)
      ? { to: 'confirming' }
      : {
          to: 'offering',
          data: { wanted: undefined, offer: 'not_open', day: dayOf(data.wanted, context.facts) },
        };
  }
  const slots = slotsToOffer(context);
  if (slots.length === 0 && data.day) return { to: 'offering', data: { day: undefined, offer: 'not_open' } };
  if (slots.length === 0) {
    return {
      effects: [say('visit_no_slots', { project: projectOf(context).name }), task(context, 'visit_no_slots')],
    };
  }
  const choices: LabelledChoice[] = slots.map((at) => ({
    id: `visit.slot.${at.toISOString()}`,
    label: 'choice_slot',
    data: { at },
  }));
  return ask(
    run,
    `visit_offer_${data.offer}`,
    { project: projectOf(context).name },
    {
      name: 'slot',
      kind: 'dateTime',
      choices,
    },
  );
}

/** Spread over days: the first free hour of the next days, then more hours, so that most people find one. */
function slotsToOffer({ data, facts }: Context): Date[] {
  const open = facts.openSlots[data.project] ?? [];
  if (data.day) return open.filter((at) => dayOf(at, facts) === data.day).slice(0, SLOTS_OFFERED);
  const byDay = new Map<string, Date[]>();
  for (const at of open) byDay.set(dayOf(at, facts), [...(byDay.get(dayOf(at, facts)) ?? []), at]);
  const days = [...byDay.values()].slice(0, SLOTS_OFFERED / 2);
  const picked = days.flatMap((slots) => [slots[0], slots[Math.floor(slots.length / 2)]]);
  return [...new Set(picked.filter((at) => at !== undefined))];
}

function slotAt({ data, facts }: Context, wanted: Date): Date | undefined {
  return (facts.openSlots[data.project] ?? []).find((at) => at.getTime() === wanted.getTime());
}

function dayOf(at: Date, facts: Facts): string {
  return DateTime.fromJSDate(at, { zone: facts.timeZone }).toISODate() ?? '';
}

function takeTime(context: Heard): Move<Data> | undefined {
  const { message, run } = context;
  const chosen = message.choiceId ?? (run.question && chosenValue(run.question, message.text));
  const slot = /^visit\.slot\.(.+)$/.exec(chosen ?? '')?.[1];
  if (slot) return book(new Date(slot));
  if (chosen?.startsWith('visit.book.')) return { to: 'offering', data: { offer: 'first', day: undefined } };
  if (isForPeople(message)) return undefined;
  const wanted = wishOf(message.understanding.entities);
  return wanted.wanted || wanted.day ? { to: 'offering', data: wanted } : undefined;
}

/** A tapped or numbered slot is exact, so it is booked without asking again. */
function book(at: Date): Move<Data> | undefined {
  return Number.isNaN(at.getTime()) ? undefined : { to: 'booking', data: { wanted: at } };
}

/** A new wish for a time; a booked visit is kept until its successor is booked. */
function wish(context: Heard): Move<Data> {
  const wanted = wishOf(context.message.understanding.entities);
  const again = context.data.visit ? 'reschedule' : 'first';
  return { to: 'offering', data: { wanted: undefined, day: undefined, offer: again, ...wanted } };
}

function wishOf(entities: Entities): Pick<Data, 'wanted' | 'day' | 'offer'> | Record<string, never> {
  if (entities.at) return { wanted: entities.at, offer: 'other_day' };
  return entities.date ? { day: entities.date, offer: 'other_day' } : {};
}

function confirmTime({ data, run, ...context }: Context): Move<Data> {
  const at = data.wanted ?? context.now;
  return ask(
    run,
    'visit_confirm_time',
    { at, project: projectOf({ data, run, ...context }).name },
    {
      name: 'confirm',
      kind: 'yesNo',
      choices: [
        { id: 'visit.confirm.yes', label: 'choice_yes' },
        { id: 'visit.confirm.no', label: 'choice_other_time' },
      ],
    },
  );
}

function takeConfirmation(context: Heard): Move<Data> | undefined {
  const { message, run } = context;
  const chosen = message.choiceId ?? (run.question && chosenValue(run.question, message.text));
  const meant = message.understanding.intents[0]?.name;
  const other = takeTime(context);
  if (other) return other;
  if (chosen === 'visit.confirm.yes' || (!chosen && meant === 'affirm')) return { to: 'booking' };
  if (chosen === 'visit.confirm.no' || meant === 'deny') {
    return { to: 'offering', data: { wanted: undefined, day: undefined, offer: 'first' } };
  }
  return undefined;
}

function bookingEffects(context: Context): Effect[] {
  const { data, run } = context;
  const at = data.wanted;
  return at
    ? [{ kind: 'scheduleVisit', run: run.id, project: data.project, at, minutes: visitMinutes(context) }]
    : [];
}

function visitBooked(context: Context & { event: FlowEvent }): Move<Data> {
  const { event, data } = context;
  if (event.name !== 'visitBooked') return {};
  const replaced = data.visit && data.visit !== event.visit ? [cancel(data.visit)] : [];
  return { to: 'booked', data: { visit: event.visit, at: event.at, wanted: undefined }, effects: replaced };
}

function bookedEffects(context: Context): Effect[] {
  const project = projectOf(context);
  const at = context.data.at ?? context.now;
  return [
    say('visit_confirmed', {
      project: project.name,
      at,
      address: project.address,
      mapUrl: project.mapUrl,
      associate: project.associate,
    }),
    { kind: 'updateLead', project: project.slug, stage: 'Visit', answers: {} },
    task(context, 'visit_booked'),
  ];
}

function visitReminder(context: Context): Effect {
  const project = projectOf(context);
  const at = context.data.at ?? context.now;
  return {
    kind: 'sendTemplate',
    template: 'visit_reminder',
    data: { project: project.name, at, mapUrl: project.mapUrl, associate: project.associate },
    category: 'reminder',
    expiresAt: at,
  };
}

function location(context: Context): Move<Data> {
  return { effects: [sayLocation(context)] };
}

function visitMinutes(context: Context): number {
  return projectOf(context).visitMinutes;
}

/** Something for the sales team to know or do, on the buyer's case. */
function task(context: Context, reason: string): Effect {
  const at = context.data.at;
  return {
    kind: 'openCase',
    caseId: '',
    team: 'sales',
    intent: 'visit_book',
    reason,
    respondWithinMinutes: WORKING_DAY_MINUTES,
    quotes: [],
    details: { project: projectOf(context).name, ...(at && { visitAt: at.toISOString() }) },
  };
}

function cancel(id: string): Effect {
  return { kind: 'cancelVisit', visit: id };
}
