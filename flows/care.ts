import { z } from 'zod';
import { chosenValue, isForPeople, projectOf, say } from './asking.ts';
import { defineFlow, type Move, type Stage, type StageContext, type ToPeople } from './engine.ts';
import { WORKING_DAY_MINUTES } from './policy.ts';
import { isUnhappy, namesSomebody, readScore, readsAsOwnWords } from './satisfaction.ts';
import type { Effect, HeardMessage, LabelledChoice, SatisfactionPhase } from './types.ts';

/**
 * care: looks after who has booked. Thanks on the next day, a request for referrals, which is an offer and goes only
 * to who agreed to hear offers; after a week and after a month a check-in with one question. Who is not satisfied
 * gets a person. Whom a buyer names is for sales to call: the bot never writes to a friend.
 */

const DAY_MS = 24 * 3_600_000;
const THANKS_DAYS = 1;
const REFERRAL_DAYS = 2;
const WEEK_DAYS = 7;
const MONTH_DAYS = 30;
/** An answer to the last question is waited for as long. */
const ANSWER_DAYS = 7;
/** Who has answered it may still name somebody. */
const LISTENING_DAYS = 30;
/** A check-in that could not go out by then says the wrong time. */
const EXPIRES_DAYS = 2;
/** Nobody is asked for referrals more often than this. */
const REFERRAL_AGAIN_DAYS = 14;
const POOR_SCORE = 2;
const GOOD_SCORE = 4;
const WORDS_CHARACTERS = 500;

const dataSchema = z.object({
  project: z.string(),
  booking: z.string(),
  /** As on the door. */
  unit: z.string(),
  bookedAt: z.date().optional(),
  referralAskedAt: z.date().optional(),
});
type Data = z.infer<typeof dataSchema>;
type Context = StageContext<Data>;
type Heard = Context & { message: HeardMessage };

const CARED_FOR = {
  remark: takeReferral,
  events: { bookingCancelled: () => ({ to: 'cancelled' }) },
} satisfies Partial<Stage<Data>>;

export const care = defineFlow<Data>({
  name: 'care',
  version: 1,
  data: dataSchema,
  first: 'booked',
  stages: {
    booked: {
      owner: 'support',
      enter: ({ now }) => ({ data: { bookedAt: now } }),
      ...CARED_FOR,
      reminders: [
        { name: 'thanks', at: after(THANKS_DAYS), move: (context) => ({ effects: [thank(context)] }) },
        { name: 'referral', at: after(REFERRAL_DAYS), move: requestReferral },
      ],
      deadline: { at: after(WEEK_DAYS), move: () => ({ to: 'weekCheck' }) },
      leadsTo: ['weekCheck', 'cancelled'],
    },

    weekCheck: {
      owner: 'support',
      enter: (context) => askHow(context, 'booking'),
      answer: (context) => takeAnswer(context, 'booking', 'settled'),
      ...CARED_FOR,
      deadline: { at: after(MONTH_DAYS), move: () => ({ to: 'monthCheck' }) },
      leadsTo: ['settled', 'monthCheck', 'cancelled'],
    },

    settled: {
      owner: 'support',
      ...CARED_FOR,
      deadline: { at: after(MONTH_DAYS), move: () => ({ to: 'monthCheck' }) },
      leadsTo: ['monthCheck', 'cancelled'],
    },

    monthCheck: {
      owner: 'support',
      enter: (context) => askHow(context, 'care'),
      answer: (context) => takeAnswer(context, 'care', 'listening'),
      ...CARED_FOR,
      deadline: { at: after(MONTH_DAYS + ANSWER_DAYS), move: () => ({ to: 'done' }) },
      leadsTo: ['listening', 'done', 'cancelled'],
    },

    listening: {
      owner: 'support',
      ...CARED_FOR,
      deadline: { at: after(MONTH_DAYS + LISTENING_DAYS), move: () => ({ to: 'done' }) },
      leadsTo: ['done', 'cancelled'],
    },

    done: { owner: 'support', leadsTo: [], ends: true },

    cancelled: { owner: 'support', leadsTo: [], ends: true },
  },
  migrations: {},
  copy: [
    'care_thanks',
    'care_referral',
    'care_referral_noted',
    'care_week',
    'care_month',
    'care_answer_noted',
    'choice_value',
  ],
});

/** So long after the booking was recorded. */
function after(days: number) {
  return ({ data, run }: Context): Date =>
    new Date((data.bookedAt ?? run.enteredAt).getTime() + days * DAY_MS);
}

function thank(context: Context): Effect {
  return checkIn(context, 'care_thanks');
}

/** What we begin ourselves, in the hours for it. */
function checkIn(context: Context, template: string): Extract<Effect, { kind: 'sendTemplate' }> {
  const { data, facts, now } = context;
  return {
    kind: 'sendTemplate',
    template,
    data: { name: facts.buyerName, unit: data.unit, project: projectOf(context).name },
    category: 'reminder',
    purpose: 'service',
    expiresAt: new Date(now.getTime() + EXPIRES_DAYS * DAY_MS),
  };
}

/** An offer, also in the middle of a conversation: it keeps to what the buyer agreed to hear. */
function requestReferral(context: Context): Move<Data> {
  const { now } = context;
  if (wasAskedOfLate(context)) return {};
  const request: Effect = { ...checkIn(context, 'care_referral'), purpose: 'promotion' };
  return { data: { referralAskedAt: now }, effects: [request] };
}

/** Also about another unit of theirs. */
function wasAskedOfLate({ data, beside = [], now }: Context): boolean {
  const others = beside.flatMap((run) => (run.flow === 'care' ? [run.data.referralAskedAt] : []));
  const since = now.getTime() - REFERRAL_AGAIN_DAYS * DAY_MS;
  return [data.referralAskedAt, ...others].some((at) => at instanceof Date && at.getTime() > since);
}

/** Who is being asked about another unit is asked once. */
function askHow(context: Context, phase: SatisfactionPhase): Move<Data> {
  const { data, run, beside = [] } = context;
  const isBeingAsked = beside.some((each) => each.flow === 'care' && each.question?.name === phase);
  if (isBeingAsked) return { to: phase === 'booking' ? 'settled' : 'listening' };
  const choices: LabelledChoice[] = ['1', '2', '3', '4', '5'].map((score) => ({
    id: `care.${phase}.${data.booking}.${score}`,
    label: 'choice_value',
    data: { value: score },
  }));
  const template = phase === 'booking' ? 'care_week' : 'care_month';
  return {
    question: { name: phase, kind: 'choice', choices },
    effects: [{ ...checkIn(context, template), choices, asks: run.id }],
  };
}

/** A score, or what they say in their own words; what is clearly about something else is left to others. */
function takeAnswer(context: Heard, phase: SatisfactionPhase, next: string): Move<Data> | undefined {
  const { message, run, data } = context;
  const referral = takeReferral(context);
  if (referral) return referral;
  const id = message.choiceId ?? (run.question && chosenValue(run.question, message.text));
  const [, asked, booking, tapped] = /^care\.(booking|care)\.(.+)\.([1-5])$/.exec(id ?? '') ?? [];
  if (id && (booking !== data.booking || asked !== phase)) return undefined;
  const score = Number(tapped ?? readScore(message.text)) || undefined;
  if (score === undefined && !readsAsOwnWords(message)) return undefined;
  const said = score ? { score } : { words: message.text.slice(0, WORDS_CHARACTERS) };
  // A run asks twice, and each answer counts.
  const recorded: Effect = {
    ...{ kind: 'recordSatisfaction', run: `${run.id}:${phase}`, phase, subject: data.booking },
    ...said,
  };
  return rated(context, { score, recorded, next });
}

function rated(
  context: Heard,
  { score, recorded, next: to }: { score: number | undefined; recorded: Effect; next: string },
): Move<Data> {
  const { message, data } = context;
  const isPoor = score === undefined ? isUnhappy(message) : score <= POOR_SCORE;
  if (isPoor) return { to, effects: [recorded], toPeople: unhappy(data, score) };
  const request = score !== undefined && score >= GOOD_SCORE ? requestReferral(context) : {};
  return {
    to,
    ...(request.data && { data: request.data }),
    effects: [recorded, say('care_answer_noted', {}), ...(request.effects ?? [])],
  };
}

function unhappy({ unit }: Data, score: number | undefined): ToPeople {
  return { reason: 'care_poor', intent: 'complaint', details: { unit, ...(score && { score: `${score}` }) } };
}

/** "My friend Rohit, 99999 01234, wants a flat": sales may call, the bot never does by itself. */
function takeReferral(context: Heard): Move<Data> | undefined {
  const { message, data } = context;
  if (message.content !== 'text' || isForPeople(message)) return undefined;
  if (!namesSomebody(message.text, wasAskedOfLate(context))) return undefined;
  const { name } = projectOf(context);
  const told: Effect = {
    kind: 'openCase',
    caseId: '',
    team: 'sales',
    intent: 'project_query',
    reason: 'referral',
    respondWithinMinutes: WORKING_DAY_MINUTES,
    quotes: [],
    details: { project: name, referredBy: data.unit, said: message.shown },
    callsOwner: true,
  };
  return { effects: [told, say('care_referral_noted', {})] };
}
