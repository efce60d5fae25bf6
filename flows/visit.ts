import { z } from 'zod';
import { ask, chosenValue, isForPeople, projectOf, say, sayLocation } from './asking.ts';
import { defineFlow, type Move, type StageContext } from './engine.ts';
import { dueAt } from './hours.ts';
import { readLateness } from './lateness.ts';
import { POLICY, WORKING_DAY_MINUTES } from './policy.ts';
import { projectNamed } from './subjects.ts';
import type { Effect, Facts, FlowEvent, HeardMessage, LabelledChoice, Run } from './types.ts';
import {
  hoursText,
  isOnlyTime,
  localDay,
  namesImpossibleDay,
  UNFIT,
  type WishedTime,
  whyUnfit,
} from './visitTimes.ts';

/**
 * visit: offers free slots, books the chosen one, confirms it with place, associate and an entry for the calendar,
 * and reminds 24 h and 2 h before. A time that was read out of a sentence is confirmed with the buyer before it is
 * booked. Afterwards the team says what became of it: who came is asked how it was, who did not may choose anew.
 */

const SLOTS_OFFERED = 6;
const OFFER_REMINDER_HOURS = 3;
const OFFER_EXPIRES_HOURS = 48;
const KEEP_VISIT_HOURS = 3;
const BOOKING_PATIENCE_MINUTES = 10;
/** From so long before a visit "I am late" is about it. */
const LATE_FROM_HOURS = 4;
const OUTCOME_ASKED_AGAIN_DAYS = 3;
const OUTCOME_PATIENCE_DAYS = 14;
const FEEDBACK_HOURS = 72;
const FEEDBACK_CHARACTERS = 600;
const POOR_SCORE = 2;
const HOUR_MS = 3_600_000;

const dataSchema = z.object({
  project: z.string(),
  /** A time that the buyer asked for, not yet booked. */
  wanted: z.date().optional(),
  /** They chose `wanted` themselves elsewhere, or agreed on it: it is booked unasked. */
  isAgreed: z.boolean().optional(),
  /** Why the offer is made again: told to the buyer with it. */
  offer: z
    .enum(['first', 'not_open', 'taken', 'reschedule', 'other_day', 'missed', ...UNFIT])
    .default('first'),
  /** Only slots of this local day (YYYY-MM-DD) are offered. */
  day: z.string().optional(),
  visit: z.string().optional(),
  at: z.date().optional(),
  associate: z.object({ name: z.string(), staff: z.string().optional() }).optional(),
  /** A visit that is over or dropped, whose entry in the calendar the next one takes. */
  replaces: z.string().optional(),
  /** What the buyer said of the visit. */
  score: z.number().optional(),
  words: z.string().optional(),
});
type Data = z.infer<typeof dataSchema>;
type Context = StageContext<Data>;
type Heard = Context & { message: HeardMessage };
type Happened = Context & { event: FlowEvent };

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

/** What a visit starts from: the project that is meant, and a time if one was named. */
export function visitData(
  message: HeardMessage,
  project: string,
  { facts, now }: { facts: Facts; now: Date },
): Data {
  const [, of, tapped] = SLOT.exec(message.choiceId ?? '') ?? [];
  const at = new Date(tapped ?? '');
  // The offer that it was tapped in is over, but it says exactly what is wanted.
  if (of === project && !Number.isNaN(at.getTime())) return chosenVisitData(project, at);
  return { project, offer: 'first', ...wishOf(message, { facts, now }) };
}

/** What a visit starts from whose time was chosen already. */
export function chosenVisitData(project: string, at: Date): Data {
  return { project, offer: 'first', wanted: at, isAgreed: true };
}

/** The visit that is over and of which nobody has said what became of it; undefined for any other run. */
export function visitToLog({ flow, stage, data }: Run): string | undefined {
  return flow === 'visit' && stage === 'awaitingOutcome' && typeof data.visit === 'string'
    ? data.visit
    : undefined;
}

function after(hours: number) {
  return ({ run }: Context): Date => new Date(run.enteredAt.getTime() + hours * HOUR_MS);
}

function before(hours: number) {
  return ({ data }: Context): Date | undefined => data.at && new Date(data.at.getTime() - hours * HOUR_MS);
}

function endOf(context: Context): Date {
  return new Date((context.data.at ?? context.run.enteredAt).getTime() + visitMinutes(context) * 60_000);
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
  if (data.wanted && data.isAgreed) return { to: 'booking' };
  if (data.wanted && slotAt(context, data.wanted)) return { to: 'confirming' };
  if (data.wanted) return offerInstead(context, { at: data.wanted });
  if (data.day && data.offer === 'other_day' && unfit(context, { day: data.day }))
    return offerInstead(context, { day: data.day });
  const slots = slotsToOffer(context);
  const { name, visiting } = projectOf(context);
  if (slots.length === 0 && data.day) {
    const isFull = data.offer === 'other_day';
    return { to: 'offering', data: { day: undefined, ...(isFull && { offer: 'not_open' }) } };
  }
  if (slots.length === 0)
    return { effects: [say('visit_no_slots', { project: name }), task(context, 'visit_no_slots')] };
  const choices: LabelledChoice[] = slots.map((at) => ({
    id: `visit.slot.${data.project}.${at.toISOString()}`,
    label: 'choice_slot',
    data: { at },
  }));
  const variables = {
    project: name,
    ...(data.offer === 'outside_hours' && { hours: hoursText(visiting) }),
    ...(data.offer === 'too_far' && { days: `${visiting.daysAhead}` }),
  };
  const asked = ask<Data>(run, `visit_offer_${data.offer}`, variables, {
    name: 'slot',
    kind: 'dateTime',
    choices,
  });
  if (data.offer === 'missed') return unasked(asked, after(OFFER_EXPIRES_HOURS)(context));
  return data.offer === 'first' ? withLink(asked, data.project) : asked;
}

/** More times than fit in a message are on the buyer's own page. */
function withLink(move: Move<Data>, project: string): Move<Data> {
  const effects = (move.effects ?? []).map((effect) =>
    effect.kind === 'sendTemplate' ? { ...effect, link: { page: 'visits' as const, project } } : effect,
  );
  return { ...move, effects };
}

/** Nobody waits for it: it keeps to the hours and limits of what we begin ourselves. */
function unasked(move: Move<Data>, expiresAt: Date): Move<Data> {
  const effects = (move.effects ?? []).map((effect) =>
    effect.kind === 'sendTemplate' ? { ...effect, category: 'reminder' as const, expiresAt } : effect,
  );
  return { ...move, effects };
}

/** Other times, with the reason why the wished one cannot be; of the same day where it has any. */
function offerInstead(context: Context, wished: WishedTime): Move<Data> {
  const day = 'day' in wished ? wished.day : localDay(wished.at, context.facts.timeZone);
  return {
    to: 'offering',
    data: { wanted: undefined, isAgreed: undefined, day, offer: unfit(context, wished) ?? 'not_open' },
  };
}

function unfit(context: Context, wished: WishedTime) {
  return whyUnfit(wished, projectOf(context), { now: context.now, timeZone: context.facts.timeZone });
}

/** Spread over days: the first free hour of the next days, then more hours, so that most people find one. */
function slotsToOffer({ data, facts }: Context): Date[] {
  const open = facts.openSlots[data.project] ?? [];
  const dayOf = (at: Date) => localDay(at, facts.timeZone);
  if (data.day) return open.filter((at) => dayOf(at) === data.day).slice(0, SLOTS_OFFERED);
  const byDay = new Map<string, Date[]>();
  for (const at of open) byDay.set(dayOf(at), [...(byDay.get(dayOf(at)) ?? []), at]);
  const days = [...byDay.values()].slice(0, SLOTS_OFFERED / 2);
  const picked = days.flatMap((slots) => [slots[0], slots[Math.floor(slots.length / 2)]]);
  return [...new Set(picked.filter((at) => at !== undefined))];
}

function slotAt({ data, facts }: Context, wanted: Date): Date | undefined {
  return (facts.openSlots[data.project] ?? []).find((at) => at.getTime() === wanted.getTime());
}

/** `visit.slot.<project>.<iso>`; before several visits were possible, without the project. */
const SLOT = /^visit\.slot\.(?:([a-z0-9-]+)\.)?(\d{4}-\d\d-\d\dT.+)$/;

function takeTime(context: Heard): Move<Data> | undefined {
  const { message, run, data } = context;
  const id = message.choiceId ?? (run.question && chosenValue(run.question, message.text));
  const [, project = data.project, slot] = SLOT.exec(id ?? '') ?? [];
  if (project !== data.project) return undefined;
  if (slot) return book(context, new Date(slot));
  if (id?.startsWith('visit.book.'))
    return id === `visit.book.${data.project}`
      ? { to: 'offering', data: { offer: 'first', day: undefined } }
      : undefined;
  if ((isForPeople(message) && !isOnlyTime(message.text)) || isElsewhere(context)) return undefined;
  const wished = wishOf(message, context);
  return wished.offer
    ? { to: 'offering', data: { wanted: undefined, day: undefined, ...wished } }
    : undefined;
}

/** A tapped or numbered slot is exact, so it is booked without asking again. */
function book(context: Context, at: Date): Move<Data> | undefined {
  if (Number.isNaN(at.getTime())) return undefined;
  const { data } = context;
  if (data.visit && data.at?.getTime() === at.getTime()) return { to: 'booked', data: { wanted: undefined } };
  return unfit(context, { at }) ? offerInstead(context, { at }) : { to: 'booking', data: { wanted: at } };
}

/** A new wish for a time; a booked visit is kept until its successor is booked. */
function wish(context: Heard): Move<Data> | undefined {
  if (isElsewhere(context)) return undefined;
  const again = context.data.visit ? 'reschedule' : 'first';
  return {
    to: 'offering',
    data: { wanted: undefined, day: undefined, offer: again, ...wishOf(context.message, context) },
  };
}

/** True when the buyer names another project than that of this visit. */
function isElsewhere({ message, data, facts }: Heard): boolean {
  const named = projectNamed(message, facts);
  return named !== undefined && named !== data.project;
}

function wishOf(
  { text, understanding: { entities } }: HeardMessage,
  { facts, now }: Pick<Context, 'facts' | 'now'>,
): Pick<Partial<Data>, 'wanted' | 'day' | 'offer'> {
  if (namesImpossibleDay(text, now, facts.timeZone)) return { offer: 'impossible' };
  if (entities.at) return { wanted: entities.at, offer: 'other_day' };
  return entities.date ? { day: entities.date, offer: 'other_day' } : {};
}

function confirmTime(context: Context): Move<Data> {
  const { data, run, now } = context;
  return ask(
    run,
    'visit_confirm_time',
    { at: data.wanted ?? now, project: projectOf(context).name },
    {
      name: 'confirm',
      kind: 'yesNo',
      choices: [
        { id: `visit.confirm.${data.project}.yes`, label: 'choice_yes' },
        { id: `visit.confirm.${data.project}.no`, label: 'choice_other_time' },
      ],
    },
  );
}

const CONFIRM = /^visit\.confirm\.(?:([a-z0-9-]+)\.)?(yes|no)$/;

function takeConfirmation(context: Heard): Move<Data> | undefined {
  const { message, run, data } = context;
  const id = message.choiceId ?? (run.question && chosenValue(run.question, message.text));
  const [, project = data.project, chosen] = CONFIRM.exec(id ?? '') ?? [];
  if (project !== data.project) return undefined;
  const meant = message.understanding.intents[0]?.name;
  const other = takeTime(context);
  if (other) return other;
  if (chosen === 'yes' || (!id && meant === 'affirm')) return { to: 'booking' };
  if (chosen === 'no' || meant === 'deny') {
    return { to: 'offering', data: { wanted: undefined, day: undefined, offer: 'first' } };
  }
  return undefined;
}

/** A time that the buyer chose on their own page. */
function slotChosen(context: Happened): Move<Data> {
  const { at } = chosenAt(context.event);
  return at ? (book(context, at) ?? {}) : {};
}

function chosenAt(event: FlowEvent): { at?: Date } {
  return event.name === 'slotChosen' ? { at: event.at } : {};
}

function chosen(event: FlowEvent): Partial<Data> {
  const { at } = chosenAt(event);
  return at ? { wanted: at, isAgreed: true } : {};
}

function visitDropped({ event, data }: Happened): Move<Data> {
  return event.name === 'visitDropped' && event.visit === data.visit ? { to: 'cancelled' } : {};
}

function cancelled(context: Heard): Move<Data> | undefined {
  return isElsewhere(context) ? undefined : { to: 'cancelled' };
}

function bookingEffects(context: Context): Effect[] {
  const { data, run } = context;
  const { wanted: at, project, visit: current, replaces = current } = data;
  const minutes = visitMinutes(context);
  return at
    ? [{ kind: 'scheduleVisit', run: run.id, project, at, minutes, ...(replaces && { replaces }) }]
    : [];
}

function visitBooked({ event, data }: Happened): Move<Data> {
  if (event.name !== 'visitBooked') return {};
  const { visit: id, at, associate } = event;
  const replaced = data.visit && data.visit !== id ? [cancel(data.visit)] : [];
  return {
    to: 'booked',
    data: { visit: id, at, associate, wanted: undefined, isAgreed: undefined, replaces: undefined },
    effects: replaced,
  };
}

/** Somebody was faster, or it was not offered any more. */
function slotTaken(context: Happened): Move<Data> {
  const { event } = context;
  const why = event.name === 'slotTaken' ? unfit(context, { at: event.at }) : undefined;
  return {
    to: 'offering',
    data: { offer: why ?? 'taken', wanted: undefined, isAgreed: undefined, day: undefined },
  };
}

function bookedEffects(context: Context): Effect[] {
  const { data } = context;
  const project = projectOf(context);
  const { name, slug, address, mapUrl } = project;
  const at = data.at ?? context.now;
  return [
    say('visit_confirmed', { project: name, at, address, mapUrl, associate: associateOf(context) }),
    ...(data.visit ? [calendar(context, data.visit, 'visit_calendar')] : []),
    { kind: 'updateLead', project: slug, stage: 'Visit', answers: {} },
    task(context, 'visit_booked'),
  ];
}

/** The entry for the buyer's calendar, as the visit stands when it is sent. */
function calendar(context: Context, id: string, caption: string): Effect {
  const { slug, name } = projectOf(context);
  return {
    kind: 'sendDocument',
    document: 'visitCalendar',
    project: slug,
    about: id,
    caption,
    data: { project: name },
    link: { page: 'visits', project: slug },
  };
}

function visitReminder(context: Context): Effect {
  const { name, slug, mapUrl } = projectOf(context);
  const at = context.data.at ?? context.now;
  return {
    kind: 'sendTemplate',
    template: 'visit_upcoming',
    data: { project: name, at, mapUrl, associate: associateOf(context) },
    category: 'reminder',
    expiresAt: at,
    link: { page: 'visits', project: slug },
  };
}

function location(context: Heard): Move<Data> | undefined {
  return isElsewhere(context) ? undefined : { effects: [sayLocation(context)] };
}

/** "Stuck in traffic", on the day of the visit: the associate is told, and the visit stays as it is. */
function late(context: Heard): Move<Data> | undefined {
  const { message, data, now } = context;
  if (!data.at || message.content !== 'text' || isForPeople(message)) return undefined;
  const fromMs = data.at.getTime() - LATE_FROM_HOURS * HOUR_MS;
  const lateness = now.getTime() >= fromMs ? readLateness(message.text) : undefined;
  if (!lateness) return undefined;
  const { minutes } = lateness;
  const said = { said: message.shown, ...(minutes && { lateByMinutes: `${minutes}` }) };
  return {
    effects: [
      task(context, 'visit_late', said),
      say('visit_late_noted', {
        project: projectOf(context).name,
        at: data.at,
        associate: associateOf(context),
      }),
    ],
  };
}

/** What the team says became of the visit. */
function visitOutcome({ event, data }: Happened): Move<Data> {
  if (event.name !== 'visitOutcome' || !data.visit) return {};
  const { outcome, by, at } = event;
  const conclude = (status: 'visited' | 'no_show'): Effect[] => [
    { kind: 'concludeVisit', visit: data.visit ?? '', status, by },
  ];
  if (outcome === 'visited') return { to: 'feedback', effects: conclude('visited') };
  if (outcome === 'no_show') return { to: 'missed', effects: conclude('no_show') };
  if (outcome === 'late' || !at) return {};
  const next = anew(data, { wanted: at, isAgreed: true, replaces: data.visit });
  return { to: 'moved', effects: [cancel(data.visit), next] };
}

/** The buyer asks for another time before the team has said what became of this one: it was none. */
function overtaken(context: Heard): Move<Data> | undefined {
  const { data, message } = context;
  if (isElsewhere(context)) return undefined;
  return overtakenBy(data, wishOf(message, context));
}

function overtakenElsewhere({ data, event }: Happened): Move<Data> {
  return overtakenBy(data, chosen(event));
}

function overtakenBy(data: Data, next: Partial<Data>): Move<Data> {
  const { visit: id } = data;
  return { to: 'overtaken', effects: [...(id ? [cancel(id)] : []), anew(data, { ...next, replaces: id })] };
}

function anotherVisit(context: Heard): Move<Data> | undefined {
  const { data, message } = context;
  return isElsewhere(context)
    ? undefined
    : { to: 'visited', effects: [anew(data, wishOf(message, context))] };
}

/** The next visit to the same project, in a run of its own. */
function anew({ project }: Data, data: Partial<Data>): Effect {
  return { kind: 'beginRun', flow: 'visit', subject: project, data: { project, offer: 'first', ...data } };
}

function askFeedback(context: Context): Move<Data> {
  const { data, run } = context;
  const choices: LabelledChoice[] = ['1', '2', '3', '4', '5'].map((score) => ({
    id: `visit.feedback.${data.project}.${score}`,
    label: 'choice_value',
    data: { value: score },
  }));
  const variables = { project: projectOf(context).name, associate: associateOf(context) };
  return unasked(
    ask(run, 'visit_feedback', variables, { name: 'feedback', kind: 'choice', choices }),
    after(FEEDBACK_HOURS)(context),
  );
}

const SCORE = /^\s*([1-5])(?:\s*(?:\/|out of)\s*5)?\s*(?:stars?|⭐)?\s*[.!]*\s*$/iu;

/** A score, or what they say in their own words; what is clearly about something else is left to others. */
function takeFeedback(context: Heard): Move<Data> | undefined {
  const { message, run, data } = context;
  const id = message.choiceId ?? (run.question && chosenValue(run.question, message.text));
  const [, project, tapped] = /^visit\.feedback\.([a-z0-9-]+)\.([1-5])$/.exec(id ?? '') ?? [];
  if (id && project !== data.project) return undefined;
  const score = tapped ?? SCORE.exec(message.text)?.[1];
  if (score) return rated(context, { score: Number(score) });
  if (message.content !== 'text' || isForPeople(message) || meansElse(message)) return undefined;
  return rated(context, { words: message.text.slice(0, FEEDBACK_CHARACTERS) });
}

const KIND_WORDS = new Set(['other', 'thanks', 'affirm', 'deny', 'greeting']);

function meansElse({ text, understanding: { intents } }: HeardMessage): boolean {
  const surest = intents[0];
  const isSure = surest && surest.confidence >= POLICY[surest.name].confidenceFloor;
  return !/\p{L}/u.test(text) || (isSure === true && !KIND_WORDS.has(surest.name));
}

function rated(context: Heard, said: { score?: number; words?: string }): Move<Data> {
  const { data, run, message } = context;
  const isPoor =
    said.score === undefined ? message.understanding.sentiment === 'negative' : said.score <= POOR_SCORE;
  const poor = task(context, 'visit_poor', {
    ...(said.score && { score: `${said.score}` }),
    said: message.shown,
  });
  return {
    to: 'visited',
    data: said,
    effects: [
      { kind: 'recordSatisfaction', run: run.id, phase: 'visit', subject: data.project, ...said },
      ...(isPoor ? [poor] : []),
    ],
  };
}

function thank({ data }: Context): Move<Data> {
  return data.score || data.words ? { effects: [say('visit_feedback_thanks', {})] } : {};
}

function sayCancelled(context: Context): Move<Data> {
  const { visit: id } = context.data;
  return {
    effects: [
      ...(id ? [cancel(id)] : []),
      say('visit_cancelled', { project: projectOf(context).name }),
      ...(id ? [calendar(context, id, 'visit_calendar_cancelled')] : []),
      task(context, 'visit_cancelled'),
    ],
  };
}

function visitMinutes(context: Context): number {
  return projectOf(context).visitMinutes;
}

function associateOf(context: Context): string {
  return context.data.associate?.name ?? projectOf(context).associate;
}

/** Something for the sales team to know or do, on the buyer's case; the associate of the visit is called. */
function task(
  context: Context,
  reason: string,
  more: Record<string, string> = {},
): Extract<Effect, { kind: 'openCase' }> {
  const { at, associate } = context.data;
  return {
    kind: 'openCase',
    caseId: '',
    team: 'sales',
    intent: 'visit_book',
    reason,
    respondWithinMinutes: WORKING_DAY_MINUTES,
    quotes: [],
    details: {
      project: projectOf(context).name,
      ...(at && { visitAt: at.toISOString() }),
      ...(associate?.staff && { associate: associate.name }),
      ...more,
    },
    ...(associate?.staff && { mention: associate.staff }),
  };
}

function cancel(id: string): Effect {
  return { kind: 'cancelVisit', visit: id };
}
