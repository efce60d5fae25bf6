import { DateTime } from 'luxon';
import { z } from 'zod';
import { projectOf } from './asking.ts';
import { defineFlow, type Move, type Stage, type StageContext } from './engine.ts';
import { minutesThatHold } from './hours.ts';
import { agingBucket } from './money/aging.ts';
import { addDays, dayOf, daysBetween } from './money/day.ts';
import { rupees } from './money/rupees.ts';
import { POLICY, WORKING_DAY_MINUTES } from './policy.ts';
import { readPromise } from './promise.ts';
import type {
  BookingFacts,
  DemandFacts,
  Effect,
  FlowEvent,
  HeardMessage,
  Intent,
  TemplateData,
} from './types.ts';

/**
 * collections: the money of one booking, demand by demand. Each is sent as a letter, then reminded of 5 days before
 * its due date, on the day and 3 days after it; then people take over. What the buyer says about paying goes to
 * people: a claim rests the reminders of its demand, a promise those of its booking until its day is over. All is
 * looked up in the books at the moment it fires; nothing here confirms, grants or computes money.
 *
 * Who buys with the first applicant has a run of their own: they may ask and tell, and are never asked to pay.
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
const BEFORE_PAYING: ReadonlySet<string> = new Set(['waiting', 'asking']);
const RECEIPTS_KEPT = 20;
/** No promise rests reminders for longer. */
const PROMISE_RESTS_DAYS = 15;

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
  /** The last receipts that were sent: none goes out twice. */
  receipts: z.array(z.string()).default([]),
  /** What became of earlier promises and claims, for whoever takes over. */
  promisesBroken: z.number().int().default(0),
  claimsRejected: z.number().int().default(0),
  /** It is not the first applicant's: letters and reminders go to them. */
  isCoBuyer: z.boolean().default(false),
});
type Data = z.infer<typeof dataSchema>;
type Context = StageContext<Data>;
type Heard = Context & { message: HeardMessage };
type Told = Context & { event: FlowEvent };

/** What every buyer of the unit may ask and tell. */
const INTENTS: NonNullable<Stage<Data>['intents']> = {
  payment_how: (context) => ({ effects: [showPage(context)] }),
  payment_claim: claim,
  payment_promise: promise,
  payment_extension: withHistory,
  payment_dispute: withHistory,
  interest_waiver: withHistory,
};

export const collections = defineFlow<Data>({
  name: 'collections',
  version: 1,
  data: dataSchema,
  first: 'waiting',
  stages: {
    /** Of a co-applicant. It stands first, so that of two people who are one the first applicant's run goes on. */
    co_applicant: {
      owner: 'collections',
      enter: (context) => ({ effects: [welcomeCoBuyer(context)] }),
      intents: INTENTS,
      events: {
        paymentClaimed,
        claimRefused,
        paymentConfirmed,
        paymentRejected,
        caseResolved,
        bookingCancelled: () => ({ to: 'closed' }),
      },
      leadsTo: ['closed'],
    },

    /** Nothing has been asked for yet; a run that begins late finds what was. */
    waiting: { ...collecting(['co_applicant', 'asking', 'paying', 'closed']), enter: takeUp },

    /** The first demands are out, and none is paid. */
    asking: collecting(['paying', 'closed']),

    /** The first demand is paid: further ones follow as the building grows. */
    paying: collecting(['closed']),

    closed: { owner: 'collections', leadsTo: [], ends: true },
  },
  milestones: {
    first_demand_raised: {
      owner: 'collections',
      isOwedBy: ({ isCoBuyer }) => !isCoBuyer,
      dueAt: () => undefined,
      reachedIn: ['asking', 'paying'],
      droppedIn: ['closed'],
    },
    first_demand_paid: {
      owner: 'collections',
      isOwedBy: ({ isCoBuyer }) => !isCoBuyer,
      after: ['first_demand_raised'],
      dueAt: firstPaidBy,
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
    'co_applicant_recorded',
  ],
});

/** A stage in which demands may be open. */
function collecting(leadsTo: string[]): Stage<Data> {
  return {
    owner: 'collections',
    intents: INTENTS,
    events: {
      demandRaised,
      paymentClaimed,
      claimRefused,
      paymentConfirmed,
      paymentRejected,
      caseResolved,
      bookingCancelled: () => ({ to: 'closed' }),
    },
    deadline: { at: nextMoment, move: fire },
    leadsTo,
  };
}

/** Demands that were raised before this run began have had their letters; what is past of their schedule is over. */
function takeUp(context: Context): Move<Data> {
  if (context.data.isCoBuyer) return { to: 'co_applicant' };
  const demands = demandsOf(context);
  if (demands.length === 0) return {};
  const done = Object.fromEntries(demands.map((demand) => [demand.id, pastSteps(context, demand)]));
  return { to: demands.some(({ isSettled }) => isSettled) ? 'paying' : 'asking', data: { done } };
}

/** Once, at the hours of service: who is asked to pay, and what is theirs to do. */
function welcomeCoBuyer(context: Context): Effect {
  const { data, facts } = context;
  const first = bookingOf(context)?.firstApplicant ?? '';
  const of = { name: facts.buyerName, unit: data.unit, project: projectOf(context).name, first };
  const link = { page: 'home', booking: data.booking } as const;
  return { ...say('co_applicant_recorded', of), link };
}

/** The letter, and nothing of its schedule that is past already. */
function demandRaised(context: Told): Move<Data> {
  const { event, data, run } = context;
  const demand = event.name === 'demandRaised' ? demandIn(context, event.demand) : undefined;
  // Told again: its letter has gone out.
  if (!demand || data.done[demand.id]) return {};
  const isFirst = run.stage === 'waiting';
  // An advance has paid for it already.
  if (demand.isSettled) return isFirst ? { to: 'paying' } : {};
  // What they said while nothing was to be paid was not about this demand.
  const isAlone = demandsOf(context).every(({ id, isSettled }) => isSettled || id === demand.id);
  return {
    ...(isFirst && { to: 'asking' }),
    data: {
      done: { ...data.done, [demand.id]: pastSteps(context, demand) },
      ...(isAlone && { promise: undefined }),
    },
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
        purpose: 'dunning',
      },
    ],
  };
}

/**
 * "I have paid": written down against the demand it fits; people check it. That demand's reminders rest until then,
 * and no other's. A reference that comes after the words is of the same payment: the books add it to their claim.
 */
function claim(context: Heard): Move<Data> {
  const { message, data, facts } = context;
  const { amountPaise = 0, utr, date } = message.understanding.entities;
  const isMore =
    amountPaise === 0 && demandsOf(context).some(({ isClaimed, isSettled }) => isClaimed && !isSettled);
  const demand = isMore ? undefined : claimedDemand(context, amountPaise);
  const paidOn = date !== undefined && date <= dayOf(message.at, facts.timeZone) ? date : undefined;
  const known = { ...(utr && { utr }), ...(paidOn && { paidOn }) };
  return {
    effects: [
      {
        kind: 'claimPayment',
        booking: data.booking,
        ...(demand && { demand: demand.id }),
        amountPaise,
        ...known,
      },
    ],
    toPeople: {
      reason: 'policy',
      pausesReminders: false,
      details: isMore
        ? { ...(utr && { reference: utr }), ...(paidOn && { paidOn }), ...saidBy(context) }
        : claimDetails(context, { demand, amountPaise, ...known }),
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
        ...claimDetails(context, { demand, amountPaise, ...(utr && { utr }) }),
      }),
      answer('payment_claim_noted', {
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
      answer('payment_reference_known', { unit: data.unit }),
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
  const { event, data, run } = context;
  if (event.name !== 'paymentConfirmed' || data.receipts.includes(event.receipt)) return {};
  const receipt: Effect = {
    kind: 'sendDocument',
    document: 'receipt',
    project: data.project,
    about: event.receipt,
    caption: 'payment_receipt',
    data: { unit: data.unit, project: projectOf(context).name },
    staff: event.by,
  };
  const isFirstPaid = demandsOf(context).some(({ isSettled }) => isSettled);
  const isAllPaid = dueDemands(context).length === 0;
  return {
    ...(isFirstPaid && BEFORE_PAYING.has(run.stage) && { to: 'paying' }),
    data: {
      receipts: [...data.receipts, event.receipt].slice(-RECEIPTS_KEPT),
      ...(isAllPaid && { promise: undefined }),
    },
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

/** A case that is closed leaves no claim undecided: its demand would never be reminded of again. */
function caseResolved(context: Told): Move<Data> {
  const { event, data } = context;
  const isOurs = event.name === 'caseResolved' && event.team === 'collections';
  const claimed = demandsOf(context).filter(({ isClaimed, isSettled }) => isClaimed && !isSettled);
  if (!isOurs || claimed.length === 0) return {};
  const details = { unit: data.unit, claimed: claimed.map(({ id }) => id).join(', ') };
  return {
    effects: [forCollections('payment_claim', 'claim_undecided', WORKING_DAY_MINUTES, details)],
  };
}

/** Said to people, who answer; the day is kept here, and what was promised before is overtaken. */
function promise(context: Heard): Move<Data> {
  const said = readPromise(context.message, context.facts.timeZone);
  return { ...(said && { data: { promise: said } }), ...withHistory(context) };
}

/** Asked of people, with how the booking's money stands and stood. */
function withHistory(context: Context): Move<Data> {
  return { toPeople: { reason: 'policy', details: historyOf(context) } };
}

/** What is due by now, looked up in the books: at most one reminder per demand, and people where it is their turn. */
function fire(context: Context): Move<Data> {
  const { data, now } = context;
  const due = pending(context).filter((each) => each.at <= now);
  const broken = brokenAt(context);
  const isBroken = broken !== undefined && broken <= now;
  const done = due.reduce((all, { demand, step }) => withDone(all, demand, step), data.done);
  const timely = due.flatMap(({ demand, step }) =>
    step !== 'escalate' && holdsUntil(context, demand, step) > now ? [[demand, step] as const] : [],
  );
  const latest = new Map(timely);
  return {
    data: { done, ...(isBroken && { promise: undefined, promisesBroken: data.promisesBroken + 1 }) },
    effects: [
      ...(isBroken
        ? promiseBroken(context)
        : [...latest].map(([demand, step]) => remind(context, demand, step))),
      ...due.flatMap(({ demand, step }) => (step === 'escalate' ? [escalate(context, demand)] : [])),
    ],
  };
}

/** When something is due next, as the books stand; undefined while nothing is. */
function nextMoment(context: Context): Date | undefined {
  const broken = brokenAt(context);
  const moments = [...pending(context).map((each) => each.at), ...(broken ? [broken] : [])];
  return moments.length === 0 ? undefined : new Date(Math.min(...moments.map((each) => each.getTime())));
}

/** The steps that are still to come of demands that are to be paid, soonest first. */
function pending(context: Context): { demand: DemandFacts; step: Step; at: Date }[] {
  const { done } = context.data;
  return dueDemands(context)
    .flatMap((demand) =>
      // A demand whose letter has not gone out is not reminded of.
      STEP_NAMES.filter((step) => done[demand.id] && !done[demand.id]?.includes(step)).map((step) => ({
        demand,
        step,
        at: step === 'escalate' ? momentOf(context, demand, step) : restedMoment(context, demand, step),
      })),
    )
    .sort((one, other) => one.at.getTime() - other.at.getTime());
}

function momentOf({ facts }: Context, { dueOn }: DemandFacts, step: Step): Date {
  return at(addDays(dueOn, STEPS[step]), facts.timeZone);
}

/** Later while a promise holds, and after the buyer has just been written to. */
function restedMoment(context: Context, demand: DemandFacts, step: Step): Date {
  const { restsUntil } = context.data;
  const moments = [momentOf(context, demand, step), restsUntil, promiseRests(context)];
  return new Date(Math.max(...moments.map((each) => each?.getTime() ?? 0)));
}

/** Until when a promise rests reminders: what lies far ahead is a wish for more time, which only people grant. */
function promiseRests({ data, facts }: Context): Date | undefined {
  if (!data.promise) return undefined;
  const { date, saidAt } = data.promise;
  const said = dayOf(saidAt, facts.timeZone);
  const days = Math.min(daysBetween(said, date), PROMISE_RESTS_DAYS);
  return at(addDays(said, days + 1), facts.timeZone);
}

/**
 * When a promise has come to nothing: the day after its day, while something is still to be paid; later where the buyer
 * has just been written to.
 */
function brokenAt(context: Context): Date | undefined {
  const { data, facts } = context;
  if (!data.promise || dueDemands(context).length === 0) return undefined;
  const dayAfter = at(addDays(data.promise.date, 1), facts.timeZone);
  return data.restsUntil && data.restsUntil > dayAfter ? data.restsUntil : dayAfter;
}

function pastSteps(context: Context, demand: DemandFacts): Step[] {
  return STEP_NAMES.filter((step) => momentOf(context, demand, step) <= context.now);
}

function withDone(done: Data['done'], { id }: DemandFacts, step: Step): Data['done'] {
  return { ...done, [id]: [...(done[id] ?? []), step] };
}

function remind(context: Context, demand: DemandFacts, step: Exclude<Step, 'escalate'>): Effect {
  const { facts } = context;
  return {
    kind: 'sendTemplate',
    template: TEMPLATE[step],
    data: { ...(step === 'soon' && { name: facts.buyerName }), ...asked(context, demand) },
    category: 'reminder',
    purpose: 'dunning',
    about: demand.id,
    link: page(context),
    expiresAt: holdsUntil(context, demand, step),
  };
}

/** What a reminder says is true until then. */
function holdsUntil({ facts }: Context, { dueOn }: DemandFacts, step: Exclude<Step, 'escalate'>): Date {
  const dayAfter = { soon: 0, today: 1, late: STEPS.late + LATE_HOLDS_DAYS }[step];
  return at(addDays(dueOn, dayAfter), facts.timeZone, 0);
}

/** The day that they named is over: a gentle word to the buyer, and collections know. */
function promiseBroken(context: Context): Effect[] {
  const { data, facts } = context;
  const { unit, project } = { unit: data.unit, project: projectOf(context).name };
  const promised = at(data.promise?.date ?? '', facts.timeZone);
  return [
    {
      kind: 'sendTemplate',
      template: 'promise_day_passed',
      data: { unit, project, promised },
      category: 'reminder',
      purpose: 'dunning',
      ...(dueDemands(context)[0] && { about: dueDemands(context)[0]?.id ?? '' }),
      link: page(context),
      expiresAt: at(addDays(data.promise?.date ?? '', LATE_HOLDS_DAYS), facts.timeZone),
    },
    forCollections('payment_promise', 'promise_broken', WORKING_DAY_MINUTES, historyOf(context)),
  ];
}

/** Unpaid days after its due date: people take over, with all that is known. */
function escalate(context: Context, demand: DemandFacts): Effect {
  const { dueOn, milestone, outstandingPaise, id } = demand;
  const details = {
    demand: id,
    milestone: milestone.replaceAll('_', ' '),
    dueOn,
    unpaid: rupees(outstandingPaise),
    ...historyOf(context),
  };
  return forCollections('other', 'payment_overdue', WORKING_DAY_MINUTES, details);
}

/** How the booking's money stands, and what was said about it, for people. */
function historyOf(context: Context): Record<string, string> {
  const { data, facts, now } = context;
  const today = dayOf(now, facts.timeZone);
  const open = dueDemands(context);
  const overdue = open.filter(({ dueOn }) => dueOn < today);
  const [oldest] = overdue;
  return {
    unit: data.unit,
    ...saidBy(context),
    toBePaid: rupees(sumOf(open)),
    ...(oldest && {
      overdue: `${rupees(sumOf(overdue))}, since ${daysBetween(oldest.dueOn, today)} days`,
      aging: `${agingBucket(oldest.dueOn, today)} days`,
    }),
    ...(data.promise && { promisedFor: data.promise.date }),
    ...(data.promisesBroken > 0 && { promisesNotKept: `${data.promisesBroken}` }),
    ...(data.claimsRejected > 0 && { paymentsNotFound: `${data.claimsRejected}` }),
  };
}

/** What the buyer says beside what the books ask for. */
function claimDetails(
  context: Context,
  claim: {
    demand: DemandFacts | undefined;
    amountPaise: number;
    utr?: string;
    paidOn?: string;
  },
): Record<string, string> {
  const { data } = context;
  const { demand, amountPaise, utr, paidOn } = claim;
  const isDifferent = demand && amountPaise > 0 && amountPaise !== demand.outstandingPaise;
  return {
    unit: data.unit,
    claimed: amountPaise > 0 ? rupees(amountPaise) : 'no amount named',
    ...(demand && { outstanding: `${rupees(demand.outstandingPaise)} (${demand.id})` }),
    // Nothing of an earlier claim may stand beside this one.
    difference: isDifferent ? rupees(amountPaise - demand.outstandingPaise) : '',
    ...(utr && { reference: utr }),
    ...(paidOn && { paidOn }),
    ...saidBy(context),
  };
}

/** People see when it is not the first applicant who speaks. */
function saidBy({ data, facts }: Context): Record<string, string> {
  return data.isCoBuyer ? { saidBy: `${facts.buyerName.trim()} (co-applicant)`.trim() } : {};
}

/** The demand that a claim is about: of exactly that amount, else the one that was due first. */
function claimedDemand(context: Context, amountPaise: number): DemandFacts | undefined {
  const open = dueDemands(context);
  return open.find(({ outstandingPaise }) => outstandingPaise === amountPaise) ?? open[0];
}

/** Demands that the buyer has still to pay and does not say to have paid, the one that was due first before others. */
function dueDemands(context: Context): DemandFacts[] {
  return demandsOf(context)
    .filter(({ isSettled, isClaimed }) => !isSettled && !isClaimed)
    .sort((one, other) => (one.dueOn < other.dueOn ? -1 : 1));
}

function demandsOf(context: Context): DemandFacts[] {
  return bookingOf(context)?.demands ?? [];
}

function demandIn(context: Context, id: string): DemandFacts | undefined {
  return demandsOf(context).find((demand) => demand.id === id);
}

function bookingOf({ data, facts }: Context): BookingFacts | undefined {
  return facts.bookings.find(({ id }) => id === data.booking);
}

/** When the first demand should be paid at the latest before managers see it as debt. */
function firstPaidBy(context: Context): Date | undefined {
  const [first] = dueDemands(context);
  return first && at(addDays(first.dueOn, LATE_HOLDS_DAYS), context.facts.timeZone);
}

function asked(context: Context, { dueOn, outstandingPaise: amountPaise }: DemandFacts): TemplateData {
  const { data, facts } = context;
  return {
    unit: data.unit,
    project: projectOf(context).name,
    amountPaise,
    dueOn: at(dueOn, facts.timeZone),
  };
}

function showPage(context: Context): Effect {
  const data = { unit: context.data.unit, project: projectOf(context).name };
  return { kind: 'sendTemplate', template: 'payment_page', data, category: 'reply', link: page(context) };
}

function page({ data }: Context) {
  return { page: 'pay', booking: data.booking } as const;
}

/** Said about something that happened outside the chat: at the hours of service. */
function say(template: string, data: TemplateData): Extract<Effect, { kind: 'sendTemplate' }> {
  return { kind: 'sendTemplate', template, data, category: 'reminder', purpose: 'service' };
}

/** Said at once: the buyer has just told us something. */
function answer(template: string, data: TemplateData): Effect {
  return { kind: 'sendTemplate', template, data, category: 'reply' };
}

function forCollections(
  intent: Intent,
  reason: string,
  respondWithinMinutes: number,
  details: Record<string, string>,
): Effect {
  return {
    kind: 'openCase',
    caseId: '',
    team: 'collections',
    intent,
    reason,
    respondWithinMinutes,
    quotes: [],
    details,
  };
}

function sumOf(demands: DemandFacts[]): number {
  return demands.reduce((total, { outstandingPaise }) => total + outstandingPaise, 0);
}

/** That hour of a day in the project's zone. */
function at(day: string, zone: string, hour = HOUR): Date {
  return DateTime.fromISO(day, { zone }).set({ hour }).toJSDate();
}
