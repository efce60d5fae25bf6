import { ask, chosenValue, isForPeople, projectOf, say } from '../asking.ts';
import type { Move } from '../engine.ts';
import type { LabelledChoice } from '../types.ts';
import { after, before, type Context, type Data, type Happened, type Heard, task, unasked } from './data.ts';
import { hoursText, isOnlyTime, localDay, type WishedTime, whyUnfit } from './times.ts';
import { chosenAt, isElsewhere, SLOT, wishOf } from './wish.ts';

/** A visit before it is booked: times are offered, chosen and confirmed. */

const SLOTS_OFFERED = 6;
/** An offer that nobody takes up ends after this. */
export const OFFER_EXPIRES_HOURS = 48;
const KEEP_VISIT_HOURS = 3;

/** Offers free times, or asks whether the wished one is meant; with the reason where it cannot be. */
export function offer(context: Context): Move<Data> {
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

/** A time that the buyer taps, numbers or writes; undefined when the message names none. */
export function takeTime(context: Heard): Move<Data> | undefined {
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

/** A new wish for a time; a booked visit is kept until its successor is booked. */
export function wish(context: Heard): Move<Data> | undefined {
  if (isElsewhere(context)) return undefined;
  const again = context.data.visit ? 'reschedule' : 'first';
  return {
    to: 'offering',
    data: { wanted: undefined, day: undefined, offer: again, ...wishOf(context.message, context) },
  };
}

/** Asks whether a time that was read out of a sentence is meant. */
export function confirmTime(context: Context): Move<Data> {
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

/** The answer to that, or another time. */
export function takeConfirmation(context: Heard): Move<Data> | undefined {
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
export function slotChosen(context: Happened): Move<Data> {
  const { at } = chosenAt(context.event);
  return at ? (book(context, at) ?? {}) : {};
}

/** A buyer who wanted another time but never chose keeps the visit that is booked, in time to be reminded. */
export function offerExpires(context: Context): Date {
  const latest = after(OFFER_EXPIRES_HOURS)(context);
  const lastCall = before(KEEP_VISIT_HOURS)(context);
  return lastCall && lastCall < latest ? lastCall : latest;
}

/** No time was chosen: what is booked stays, else people take over. */
export function giveUp({ data }: Context): Move<Data> {
  return { to: data.visit ? 'booked' : 'abandoned' };
}

/** Why no visit can begin at a wished time; undefined when one could. */
export function unfit(context: Context, wished: WishedTime) {
  return whyUnfit(wished, projectOf(context), { now: context.now, timeZone: context.facts.timeZone });
}

/** More times than fit in a message are on the buyer's own page. */
function withLink(move: Move<Data>, project: string): Move<Data> {
  const effects = (move.effects ?? []).map((effect) =>
    effect.kind === 'sendTemplate' ? { ...effect, link: { page: 'visits' as const, project } } : effect,
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

/** A tapped or numbered slot is exact, so it is booked without asking again. */
function book(context: Context, at: Date): Move<Data> | undefined {
  if (Number.isNaN(at.getTime())) return undefined;
  const { data } = context;
  if (data.visit && data.at?.getTime() === at.getTime()) return { to: 'booked', data: { wanted: undefined } };
  return unfit(context, { at }) ? offerInstead(context, { at }) : { to: 'booking', data: { wanted: at } };
}

const CONFIRM = /^visit\.confirm\.(?:([a-z0-9-]+)\.)?(yes|no)$/;
