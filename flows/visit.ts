import { projectOf } from './asking.ts';
import { defineFlow } from './engine.ts';
import { dueAt } from './hours.ts';
import { WORKING_DAY_MINUTES } from './policy.ts';
import type { Run } from './types.ts';
import {
  bookedEffects,
  bookingEffects,
  cancelled,
  endOf,
  late,
  location,
  sayCancelled,
  slotTaken,
  visitBooked,
  visitDropped,
  visitReminder,
} from './visit/booking.ts';
import { after, anew, before, type Data, dataSchema, task } from './visit/data.ts';
import {
  confirmTime,
  giveUp,
  OFFER_EXPIRES_HOURS,
  offer,
  offerExpires,
  slotChosen,
  takeConfirmation,
  takeTime,
  wish,
} from './visit/offering.ts';
import {
  anotherVisit,
  askFeedback,
  FEEDBACK_HOURS,
  overtaken,
  overtakenElsewhere,
  takeFeedback,
  thank,
  visitOutcome,
} from './visit/outcome.ts';
import { UNFIT } from './visit/times.ts';
import { chosen } from './visit/wish.ts';

/**
 * visit: offers free slots, books the chosen one, confirms it with place, associate and an entry for the calendar,
 * and reminds 24 h and 2 h before. A time that was read out of a sentence is confirmed with the buyer before it is
 * booked. Afterwards the team says what became of it: who came is asked how it was, who did not may choose anew.
 */

const OFFER_REMINDER_HOURS = 3;
const BOOKING_PATIENCE_MINUTES = 10;
const OUTCOME_ASKED_AGAIN_DAYS = 3;
const OUTCOME_PATIENCE_DAYS = 14;

export const visit = defineFlow<Data>({
  name: 'visit',
  version: 2,
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
        visit_cancel: cancelled,
        not_interested: () => ({ to: 'cancelled' }),
        location_query: location,
        // "Yes" to a choice of times is no choice: they are shown again.
        affirm: () => ({ to: 'offering', data: { offer: 'first' } }),
      },
      events: { slotChosen, visitDropped },
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
      intents: { visit_cancel: cancelled, visit_reschedule: wish, visit_book: wish },
      events: { slotChosen, visitDropped },
      deadline: { at: offerExpires, move: giveUp },
      leadsTo: ['booking', 'offering', 'cancelled', 'abandoned', 'booked'],
    },

    booking: {
      owner: 'sales',
      enter: (context) => ({ effects: bookingEffects(context) }),
      // Tapped twice, or another one at once: the first is being booked.
      answer: ({ message }) => (message.choiceId ? {} : undefined),
      events: { visitBooked, slotTaken, slotChosen: () => ({}) },
      deadline: {
        at: ({ run }) => new Date(run.enteredAt.getTime() + BOOKING_PATIENCE_MINUTES * 60_000),
        move: () => ({ to: 'abandoned' }),
      },
      leadsTo: ['booked', 'offering', 'abandoned'],
    },

    booked: {
      owner: 'sales',
      enter: (context) => ({ effects: bookedEffects(context) }),
      remark: late,
      intents: {
        visit_reschedule: wish,
        visit_book: wish,
        visit_cancel: cancelled,
        location_query: location,
      },
      events: { slotChosen, visitDropped, visitOutcome },
      reminders: [
        { name: '24h', at: before(24), move: (context) => ({ effects: [visitReminder(context)] }) },
        { name: '2h', at: before(2), move: (context) => ({ effects: [visitReminder(context)] }) },
      ],
      deadline: { at: endOf, move: () => ({ to: 'awaitingOutcome' }) },
      leadsTo: [
        'offering',
        'confirming',
        'booking',
        'cancelled',
        'awaitingOutcome',
        'feedback',
        'missed',
        'moved',
      ],
    },

    awaitingOutcome: {
      owner: 'sales',
      enter: (context) => ({ effects: [{ ...task(context, 'visit_outcome'), changesCard: true }] }),
      intents: { visit_book: overtaken, visit_reschedule: overtaken },
      events: { visitOutcome, slotChosen: overtakenElsewhere },
      reminders: [
        {
          name: 'again',
          at: after(OUTCOME_ASKED_AGAIN_DAYS * 24),
          move: (context) => ({ effects: [task(context, 'visit_outcome_missing')] }),
        },
      ],
      deadline: { at: after(OUTCOME_PATIENCE_DAYS * 24), move: () => ({ to: 'unlogged' }) },
      leadsTo: ['feedback', 'missed', 'moved', 'overtaken', 'unlogged'],
    },

    feedback: {
      owner: 'sales',
      enter: askFeedback,
      answer: takeFeedback,
      intents: { visit_book: anotherVisit, visit_reschedule: anotherVisit },
      events: { slotChosen: ({ data, event }) => ({ to: 'visited', effects: [anew(data, chosen(event))] }) },
      deadline: { at: after(FEEDBACK_HOURS), move: () => ({ to: 'visited' }) },
      leadsTo: ['visited'],
    },

    visited: { owner: 'sales', enter: thank, leadsTo: [], ends: true },

    missed: {
      owner: 'sales',
      enter: ({ data }) => ({ effects: [anew(data, { offer: 'missed' })] }),
      leadsTo: [],
      ends: true,
    },

    moved: { owner: 'sales', leadsTo: [], ends: true },

    overtaken: {
      owner: 'sales',
      enter: (context) => ({ effects: [{ ...task(context, 'visit_overtaken'), changesCard: true }] }),
      leadsTo: [],
      ends: true,
    },

    cancelled: { owner: 'sales', enter: sayCancelled, leadsTo: [], ends: true },

    abandoned: {
      owner: 'sales',
      enter: (context) => ({ effects: [task(context, 'visit_not_chosen')] }),
      leadsTo: [],
      ends: true,
    },

    unlogged: { owner: 'sales', leadsTo: [], ends: true },
  },
  milestones: {
    visit_over: {
      owner: 'sales',
      dueAt: () => undefined,
      reachedIn: ['awaitingOutcome', 'feedback', 'missed', 'moved'],
      droppedIn: ['cancelled', 'abandoned'],
    },
    visit_outcome_logged: {
      owner: 'sales',
      // It opens when the visit is over.
      dueAt: ({ now, facts }) => dueAt(now, WORKING_DAY_MINUTES, facts.hours.sales),
      reachedIn: ['feedback', 'missed', 'moved'],
      droppedIn: ['overtaken', 'unlogged'],
      after: ['visit_over'],
    },
  },
  // The stages of version 1 are all still there; what ended with `visited` waits for its outcome now.
  migrations: { 1: (run: Run): Run => ({ ...run, subject: run.subject ?? `${run.data.project}` }) },
  copy: [
    'visit_offer_first',
    'visit_offer_not_open',
    'visit_offer_taken',
    'visit_offer_reschedule',
    'visit_offer_other_day',
    'visit_offer_missed',
    ...UNFIT.map((why) => `visit_offer_${why}`),
    'visit_no_slots',
    'visit_confirm_time',
    'visit_confirmed',
    'visit_calendar',
    'visit_calendar_cancelled',
    'visit_calendar_link',
    'visit_upcoming',
    'visit_offer_reminder',
    'visit_late_noted',
    'visit_cancelled',
    'visit_feedback',
    'visit_feedback_thanks',
    'location',
    'choice_slot',
    'choice_yes',
    'choice_other_time',
    'choice_value',
  ],
});
