import { DateTime } from 'luxon';
import { z } from 'zod';
import { projectOf } from './asking.ts';
import { defineFlow, type Move, type Stage, type StageContext } from './engine.ts';
import { minutesThatHold } from './hours.ts';
import { agingBucket } from './money/aging.ts';
import { addDays, dayOf, daysBetween } from './money/day.ts';
import { POLICY, WORKING_DAY_MINUTES } from './policy.ts';
import { readPromise } from './promise.ts';
import type { BookingFacts, DemandFacts, Effect, FlowEvent, HeardMessage, TemplateData } from './types.ts';

/**
 * collections: the money of one booking, demand by demand. Each is sent as a letter, then reminded of 5 days before
 * its due date, on the day and 3 days after it; then people take over. What the buyer says about paying goes to
 * people: a claim rests the reminders of its demand, a promise those of its booking until its day is over. All is
 * looked up in the books at the moment it fires; nothing here confirms, grants or computes money.
 */

/** Reminders go out at this hour of the project's zone. */
const HOUR = 10;
/** When each step of a demand is due, in days after its due date; `escalate` is for people alone. */
const STEPS = { soon: -5, today: 0, late: 3, escalate: 3 } as const;
type Step = keyof typeof STEPS;
const STEP_NAMES = Object.keys(STEPS) as Step[];
const TEMPLATE: Record<Exclude<Step, 'escalate'>, string> = {
  soon: 'demand_due_soon',
  today: 'demand_due_today',
  late: 'demand_not_seen',
};
/** A last reminder that could not go out within so many days is none any more. */
const LATE_HOLDS_DAYS = 7;

const dataSchema = z.object({
  project: z.string(),
  /** The booking's id; it is the run's subject too. */
  booking: z.string(),
  /** As on the door. */
  unit: z.string(),
  /** Steps that are over, by demand: taken, or overtaken by what happened. */
  done: z.record(z.string(), z.array(z.string())).default({}),
  /** No reminder before this moment: a person has just written to them about it. */
  restsUntil: z.date().optional(),
  /** The day by which the buyer said they would pay, YYYY-MM-DD. */
  promise: z.object({ date: z.string(), saidAt: z.date() }).optional(),
  /** What became of earlier promises and claims, for whoever takes over. */
  promisesBroken: z.number().int().default(0),
  claimsRejected: z.number().int().default(0),
});
type Data = z.infer<typeof dataSchema>;
type Context = StageContext<Data>;
type Heard = Context & { message: HeardMessage };
type Told = Context & { event: FlowEvent };

export const collections = defineFlow<Data>({
  name: 'collections',
  version: 1,
  data: dataSchema,
  first: 'waiting',
  stages: {
    /** Nothing has been paid yet. */
    waiting: collecting(['paying', 'closed']),

    /** The first demand is paid: further ones follow as the building grows. */
    paying: collecting(['closed']),

    closed: { owner: 'collections', leadsTo: [], ends: true },
  },
  milestones: {
    first_demand_paid: {
      owner: 'collections',
      dueAt: (context) => firstDue(context),
      reachedIn: ['paying'],
      droppedIn: ['closed'],
    },
  },
  migrations: {},
  copy: [
    'demand_letter',
    'demand_due_soon',
    'demand_due_today',
    'demand_not_seen',
    'promise_day_passed',
    'payment_page',
    'payment_claim_noted',
    'payment_reference_known',
    'payment_not_seen',
    'payment_receipt',
  ],
});

/** A stage in which demands may be open. */
function collecting(leadsTo: string[]): Stage<Data> {
  return {
    owner: 'collections',
    intents: {
      payment_how: (context) => ({ effects: [showPage(context)] }),
      payment_claim: claim,
      payment_promise: promise,
    },
    events: {
      demandRaised,
      paymentClaimed,
      claimRefused,
      paymentConfirmed,
      paymentRejected,
      bookingCancelled: () => ({ to: 'closed' }),
    },
    deadline: { at: nextMoment, move: fire },
    leadsTo,
  };
}

/** The letter, and nothing of its schedule that is past already. */
function demandRaised(context: Told): Move<Data> {
  const { event, now, data } = context;
  const demand = event.name === 'demandRaised' ? demandIn(context, event.demand) : undefined;
  if (!demand || demand.isSettled) return {};
  const past = STEP_NAMES.filter((step) => momentOf(context, demand, step) <= now);
  return {
    data: { done: { ...data.done, [demand.id]: past } },
    effects: [
      {
        kind: 'sendDocument',
        document: 'demandLetter',
        project: data.project,
        about: demand.id,
        caption: 'demand_letter',
        data: { name: context.facts.buyerName, ...asked(context, demand) },
        link: page(context),
        category: 'reminder',
      },
    ],
  };
}

/** "I have paid": written down against the demand it fits; people check it. Its reminders rest until then. */
function claim(context: Heard): Move<Data> {
  const { message, data, facts } = context;
  const { amountPaise = 0, utr, date } = message.understanding.entities;
  const demand = claimedDemand(context, amountPaise);
  const paidOn = date !== undefined && date <= dayOf(message.at, facts.timeZone) ? date : undefined;
  return {
    effects: [
      {
        kind: 'claimPayment',
        booking: data.booking,
        ...(demand && { demand: demand.id }),
        amountPaise,
        ...(utr && { utr }),
        ...(paidOn && { paidOn }),
        message: message.id,
      },
    ],
    toPeople: {
      reason: 'policy',
      // Only the demand that was paid rests; another one that is due is still due.
      ...(demand && { pausesReminders: false }),
      details: claimDetails(context, { demand, amountPaise, utr, paidOn }),
    },
  };
}

/** A claim that was made on the buyer's page: people check it all the same. */
function paymentClaimed(context: Told): Move<Data> {
  const { event, data, facts, now } = context;
  if (event.name !== 'paymentClaimed') return {};
  const { amountPaise, utr } = event;
  const demand = event.demand ? demandIn(context, event.demand) : claimedDemand(context, amountPaise);
  const { respondWithinMinutes } = POLICY.payment_claim;
  return {
    effects: [
      forCollections('payment_claim', 'claimed_on_page', respondWithinMinutes, {
        unit: data.unit,
        ...claimDetails(context, { demand, amountPaise, utr, paidOn: undefined }),
      }),
      say('payment_claim_noted', {
        unit: data.unit,
        respondWithinMinutes: minutesThatHold(now, respondWithinMinutes, facts.hours.collections),
      }),
    ],
  };
}

/** The reference is in the books already, for this booking or for another: only people may look further. */
function claimRefused(context: Told): Move<Data> {
  const { event, data } = context;
  if (event.name !== 'claimRefused') return {};
  const { utr, isOwn } = event;
  return {
    effects: [
      say('payment_reference_known', { unit: data.unit }),
      forCollections('payment_claim', 'reference_known', POLICY.payment_claim.respondWithinMinutes, {
        unit: data.unit,
        reference: utr,
        knownFrom: isOwn ? 'this booking: told before' : 'another booking',
      }),
    ],
  };
}

/** A person has confirmed it: the receipt goes out, and what is settled is not asked for any more. */
function paymentConfirmed(context: Told): Move<Data> {
  const { event, data } = context;
  if (event.name !== 'paymentConfirmed') return {};
  const receipt: Effect = {
    kind: 'sendDocument',
    document: 'receipt',
    project: data.project,
    about: event.receipt,
    caption: 'payment_receipt',
    data: { unit: data.unit, project: projectOf(context).name },
    category: 'receipt',
  };
  const isFirstPaid = demandsOf(context).some(({ isSettled }) => isSettled);
  const isAllPaid = dueDemands(context).length === 0;
  return {
    ...(isFirstPaid && context.run.stage === 'waiting' && { to: 'paying' }),
    ...(isAllPaid && { data: { promise: undefined } }),
    effects: [receipt],
  };
}

/** It does not show in the bank's record: reminders go on, but not on the day on which the buyer is told so. */
function paymentRejected(context: Told): Move<Data> {
  const { event, data, facts, now } = context;
  if (event.name !== 'paymentRejected') return {};
  const tomorrow = addDays(dayOf(now, facts.timeZone), 1);
  return {
    data: { restsUntil: at(tomorrow, facts.timeZone), claimsRejected: data.claimsRejected + 1 },
    effects: event.isSaid ? [] : [say('payment_not_seen', { unit: data.unit })],
  };
}

/** Said to people, who answer; the day is kept here, and what was promised before is overtaken. */
function promise(context: Heard): Move<Data> {
  const { message, facts } = context;
  const said = readPromise(message, facts.timeZone);
  const details = { unit: context.data.unit, outstanding: rupees(sumOf(dueDemands(context))) };
  return { ...(said && { data: { promise: said } }), toPeople: { reason: 'policy', details } };
}

/** What is due by now, looked up in the books: at most one reminder per demand, and people where it is their turn. */
function fire(context: Context): Move<Data> {
  const { data, now } = context;
  const due = pending(context).filter((each) => each.at <= now);
  const isBroken = brokenAt(context, data.promise) <= now.getTime();
  const done = due.reduce((all, { demand, step }) => withDone(all, demand, step), data.done);
  const lastOf = new Map(due.flatMap(({ demand, step }) => (step === 'escalate' ? [] : [[demand, step]])));
  return {
    data: { done, ...(isBroken && { promise: undefined, promisesBroken: data.promisesBroken + 1 }) },
    effects: [
      ...(isBroken ? promiseBroken(context) : [...lastOf].map(([demand, step]) => remind(context, demand, step))),
      ...due.flatMap(({ demand, step }) => (step === 'escalate' ? [escalate(context, demand)] : [])),
    ],
  };
}
