import { isForPeople, projectOf, say, sayLocation } from '../asking.ts';
import type { Move } from '../engine.ts';
import type { Effect } from '../types.ts';
import {
  associateOf,
  type Context,
  cancel,
  type Data,
  type Happened,
  type Heard,
  HOUR_MS,
  task,
  visitMinutes,
} from './data.ts';
import { readLateness } from './lateness.ts';
import { unfit } from './offering.ts';
import { isElsewhere } from './wish.ts';

/** A visit that is booked: confirmed, reminded of, and cancelled. */

/** From so long before a visit "I am late" is about it. */
const LATE_FROM_HOURS = 4;

/** Asks for the seat. */
export function bookingEffects(context: Context): Effect[] {
  const { data, run } = context;
  const { wanted: at, project, visit: current, replaces = current } = data;
  const minutes = visitMinutes(context);
  return at
    ? [{ kind: 'scheduleVisit', run: run.id, project, at, minutes, ...(replaces && { replaces }) }]
    : [];
}

/** The seat is theirs: what was booked before is freed. */
export function visitBooked({ event, data }: Happened): Move<Data> {
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
export function slotTaken(context: Happened): Move<Data> {
  const { event } = context;
  const why = event.name === 'slotTaken' ? unfit(context, { at: event.at }) : undefined;
  return {
    to: 'offering',
    data: { offer: why ?? 'taken', wanted: undefined, isAgreed: undefined, day: undefined },
  };
}

/** What the buyer and the team are told of a booked visit. */
export function bookedEffects(context: Context): Effect[] {
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

/** Reminds of a visit, with the way to change it. */
export function visitReminder(context: Context): Effect {
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

/** When the visit is over. */
export function endOf(context: Context): Date {
  return new Date((context.data.at ?? context.run.enteredAt).getTime() + visitMinutes(context) * 60_000);
}

/** Where the project is. */
export function location(context: Heard): Move<Data> | undefined {
  return isElsewhere(context) ? undefined : { effects: [sayLocation(context)] };
}

/** "Stuck in traffic", on the day of the visit: the associate is told, and the visit stays as it is. */
export function late(context: Heard): Move<Data> | undefined {
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

/** The buyer writes that they do not come. */
export function cancelled(context: Heard): Move<Data> | undefined {
  return isElsewhere(context) ? undefined : { to: 'cancelled' };
}

/** The buyer cancels the visit on their own page. */
export function visitDropped({ event, data }: Happened): Move<Data> {
  return event.name === 'visitDropped' && event.visit === data.visit ? { to: 'cancelled' } : {};
}

/** The visit is off: in the books, to the buyer, in their calendar and to the team. */
export function sayCancelled(context: Context): Move<Data> {
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
