import { z } from 'zod';
import { projectOf } from './asking.ts';
import { defineFlow, type Move, type Stage, type StageContext } from './engine.ts';
import { dueAt } from './hours.ts';
import { POLICY, WORKING_DAY_MINUTES } from './policy.ts';
import type {
  BookingFacts,
  Effect,
  FlowEvent,
  HeardMessage,
  MissingPaper,
  PaperFacts,
  Team,
  TemplateData,
} from './types.ts';

/**
 * kyc: the papers of one booking. Says once what is needed and why, with the buyer's own page to upload it, reminds
 * of exactly what is missing, has people look at what came in, and hands the complete set to legal. What came in and
 * what people said of it are facts; the run only remembers what it is about.
 *
 * Who buys with the first applicant has a run of their own: it tells what of theirs is missing, and asks for nothing.
 */

const REMINDER_HOURS = [24, 72, 120] as const;
/** After the last reminder nobody is written to any more: a person takes over. */
const [, , LAST_HOURS] = REMINDER_HOURS;
/** Should the word of what people decided be lost on its way, the facts still have it. */
const LOOK_HOURS = [1, 12, 48] as const;
const COMPLETE_WITHIN_DAYS = 7;
const HOUR_MS = 3_600_000;

const dataSchema = z.object({
  project: z.string(),
  booking: z.string(),
  /** It is not the first applicant's, who is asked for everybody's papers. */
  isCoBuyer: z.boolean().default(false),
});
type Data = z.infer<typeof dataSchema>;
type Context = StageContext<Data>;
type Heard = Context & { message: HeardMessage };
type Happened = Context & { event: FlowEvent };

/** What holds wherever papers are still being gathered. */
const GATHERING: Pick<Stage<Data>, 'owner' | 'intents' | 'events'> = {
  owner: 'operations',
  intents: { kyc_query: (context) => standing(context), kyc_submit: (context) => standing(context) },
  events: { papersChanged, paperVaulted, bookingCancelled: () => ({ to: 'cancelled' }) },
};

/** While the buyer has something to send. */
const WITH_BUYER: Pick<Stage<Data>, 'owner' | 'intents' | 'events' | 'reminders'> = {
  ...GATHERING,
  reminders: REMINDER_HOURS.map((hours) => ({
    name: `${hours}h`,
    at: afterHours(hours),
    move: remind(hours),
  })),
};

export const kyc = defineFlow<Data>({
  name: 'kyc',
  version: 1,
  data: dataSchema,
  first: 'collecting',
  milestones: {
    kyc_complete: {
      owner: 'operations',
      isOwedBy,
      dueAt: ({ now }) => new Date(now.getTime() + COMPLETE_WITHIN_DAYS * 24 * HOUR_MS),
      reachedIn: ['complete'],
      droppedIn: ['barred', 'cancelled'],
    },
    kyc_handed_in: {
      owner: 'operations',
      isOwedBy,
      dueAt: () => undefined,
      reachedIn: ['reviewing'],
      droppedIn: ['barred', 'cancelled'],
    },
    kyc_reviewed: {
      owner: 'operations',
      isOwedBy,
      after: ['kyc_handed_in'],
      dueAt: reviewedBy,
      reachedIn: ['retaking', 'complete'],
      droppedIn: ['barred', 'cancelled'],
    },
  },
  stages: {
    /** Of a co-applicant. It stands first, so that of two people who are one the first applicant's run goes on. */
    co_applicant: {
      owner: 'operations',
      intents: { kyc_query: ownStanding, kyc_submit: ownStanding },
      events: { papersChanged: ownPaper, paperVaulted, bookingCancelled: () => ({ to: 'cancelled' }) },
      leadsTo: ['cancelled'],
    },

    collecting: {
      ...WITH_BUYER,
      enter: askForPapers,
      leadsTo: ['co_applicant', 'retaking', 'reviewing', 'complete', 'barred', 'cancelled'],
    },

    /** A paper was sent back: its buyer knows why, and the reminders count from now. */
    retaking: { ...WITH_BUYER, leadsTo: ['reviewing', 'complete', 'barred', 'cancelled'] },

    reviewing: {
      ...GATHERING,
      enter: (context) => ({ effects: [allWithUs(context)] }),
      reminders: LOOK_HOURS.map((hours) => ({ name: `look ${hours}h`, at: hoursIn(hours), move: lookAgain })),
      leadsTo: ['retaking', 'collecting', 'complete', 'barred', 'cancelled'],
    },

    complete: {
      owner: 'legal',
      enter: (context) => ({
        effects: [
          say(context, 'kyc_complete', { team: 'legal' }),
          task(context, { team: 'legal', reason: 'kyc_complete', details: acceptedIn(context) }),
        ],
      }),
      leadsTo: [],
      ends: true,
    },

    barred: {
      owner: 'legal',
      enter: (context) => ({
        effects: [
          {
            kind: 'sendTemplate',
            template: papersOf(context)?.barred ?? 'kyc_barred_farmland',
            data: {},
            category: 'reply',
          },
          task(context, { team: 'legal', reason: 'kyc_barred' }),
        ],
      }),
      leadsTo: [],
      ends: true,
    },

    cancelled: { owner: 'operations', leadsTo: [], ends: true },
  },
  migrations: {},
  copy: [
    'kyc_needed',
    'kyc_reminder',
    'kyc_still_needed',
    'kyc_retake',
    'kyc_all_with_us',
    'kyc_complete',
    'kyc_chat_taken',
    'kyc_chat_retake',
    'kyc_numbers_on_page',
    'kyc_barred_farmland',
    'kyc_own_not_missing',
  ],
});

function askForPapers(context: Context): Move<Data> {
  if (context.data.isCoBuyer) return { to: 'co_applicant' };
  const papers = papersOf(context);
  if (!papers) return {};
  const next = stageFor(context, papers);
  if (next !== 'collecting') return { to: next };
  // Nobody waits for it: who books late in the evening is asked in the morning.
  return {
    effects: [{ ...list(context, 'kyc_needed', papers), category: 'reminder', during: stayOf(context) }],
  };
}

/** Where the facts say that the run belongs. */
function stageFor({ run }: Context, papers: PaperFacts): string {
  if (papers.barred !== undefined) return 'barred';
  if (papers.isComplete) return 'complete';
  if (papers.withBuyer.length > 0) return run.stage === 'reviewing' ? 'collecting' : run.stage;
  return 'reviewing';
}

/** A paper came in, or a person has decided on one. */
function papersChanged(context: Happened): Move<Data> {
  const { event, run } = context;
  const papers = papersOf(context);
  if (event.name !== 'papersChanged' || !papers) return {};
  const effects: Effect[] = [];
  if (event.rejected) effects.push(retake(context, event.rejected));
  if (event.cameIn) {
    const { kind, applicant } = event.cameIn;
    const details = { paper: inWords(kind), ...(applicant && { applicant }) };
    effects.push(task(context, { team: 'operations', reason: 'paper_to_review', details }));
  }
  const next = stageFor(context, papers);
  // The reminders of what was sent back start over.
  if (event.rejected && papers.withBuyer.length > 0) return { to: 'retaking', effects };
  return next === run.stage ? { effects } : { to: next, effects };
}

/** A paper that was sent in chat is taken all the same; next time it belongs on the page. */
function paperVaulted(context: Happened): Move<Data> {
  const { event } = context;
  if (event.name !== 'paperVaulted') return {};
  const { problem } = event;
  if (!problem) return { effects: [say(context, 'kyc_chat_taken', {}, true)] };
  const papers = listed([{ label: labelOf(event.as), reason: problem }]);
  return { effects: [say(context, 'kyc_chat_retake', { papers }, true)] };
}

/** Told to who sent it; that it came in people learn from the first applicant's run. */
function ownPaper(context: Happened): Move<Data> {
  const { event } = context;
  const rejected = event.name === 'papersChanged' ? event.rejected : undefined;
  return { effects: rejected ? [retake(context, rejected)] : [] };
}

/** What of a co-applicant's own papers is missing. */
function ownStanding(context: Heard): Move<Data> {
  const papers = papersOf(context);
  if (!papers) return standing(context);
  const withBuyer = papers.withBuyer.filter(({ isOwn }) => isOwn);
  if (withBuyer.length > 0 || context.message.file || typesNumber(context.message))
    return standing(context, { ...papers, withBuyer });
  const first = bookingOf(context)?.firstApplicant ?? '';
  return { effects: [say(context, 'kyc_own_not_missing', { first }, true)] };
}

/** How the papers stand, to whoever asks or wants to send some here. */
function standing(context: Heard, papers = papersOf(context)): Move<Data> {
  const { message } = context;
  // What came with a file is answered once the vault has it.
  if (message.file) return {};
  if (typesNumber(message)) return { effects: [say(context, 'kyc_numbers_on_page', {}, true)] };
  if (!papers) return { effects: [askPerson(context)] };
  return papers.withBuyer.length > 0
    ? { effects: [list(context, 'kyc_still_needed', papers)] }
    : { effects: [allWithUs(context)] };
}

/** True for a number of an identity paper in the words of a message; what is stored of it is masked. */
export function typesNumber({ understanding, file }: HeardMessage): boolean {
  const { identity = [] } = understanding.entities;
  return !file && (identity.includes('pan') || identity.includes('aadhaar'));
}

function afterHours(hours: number) {
  return (context: Context): Date | undefined => {
    // What was sent in chat may be just what is missing: people look at it first.
    if ((papersOf(context)?.unsorted ?? 0) > 0) return undefined;
    return hoursIn(hours)(context);
  };
}

function hoursIn(hours: number) {
  return ({ run }: Context): Date => new Date(run.enteredAt.getTime() + hours * HOUR_MS);
}

/** Says nothing, and moves on where the facts have. */
function lookAgain(context: Context): Move<Data> {
  const papers = papersOf(context);
  const next = papers ? stageFor(context, papers) : context.run.stage;
  return next === context.run.stage ? {} : { to: next };
}

function remind(hours: number) {
  return (context: Context): Move<Data> => {
    const papers = papersOf(context);
    if (!papers) return {};
    const next = stageFor(context, papers);
    if (next !== context.run.stage) return { to: next };
    const reminder: Effect = {
      ...list(context, 'kyc_reminder', papers),
      category: 'reminder',
      during: stayOf(context),
    };
    if (hours < LAST_HOURS) return { effects: [reminder] };
    const details = { missing: papers.withBuyer.map(describe).join('; ') };
    return { effects: [reminder, task(context, { team: 'sales', reason: 'kyc_missing', details })] };
  };
}

function stayOf({ run }: Context): { run: string; stage: string; since: Date } {
  return { run: run.id, stage: run.stage, since: run.enteredAt };
}

type Said = Extract<Effect, { kind: 'sendTemplate' }>;

function retake(context: Context, rejected: MissingPaper): Said {
  return say(context, 'kyc_retake', { papers: listed([rejected]) }, true);
}

function list(context: Context, template: string, { withBuyer }: PaperFacts): Said {
  return say(context, template, { project: projectOf(context).name, papers: listed(withBuyer) }, true);
}

function allWithUs(context: Context): Said {
  return say(context, 'kyc_all_with_us', { team: 'operations', by: toldBy(context) });
}

/** Approved copy about the unit, with the link to its page of papers where it names one. */
function say(context: Context, template: string, data: TemplateData, withLink = false): Said {
  const unit = bookingOf(context)?.unit ?? '';
  const { booking } = context.data;
  return {
    kind: 'sendTemplate',
    template,
    data: { unit, ...data },
    category: 'reply',
    ...(withLink && { link: { page: 'papers', booking } }),
  };
}

/** Copy data is plain: the list is read in the buyer's language when it is written out. */
function listed(papers: readonly MissingPaper[]): string {
  return JSON.stringify(papers);
}

function isOwedBy({ isCoBuyer }: Data): boolean {
  return !isCoBuyer;
}

/** Each paper is looked at within a working day of those who look. */
function reviewedBy({ facts, now }: Pick<Context, 'facts' | 'now'>): Date {
  return dueAt(now, WORKING_DAY_MINUTES, facts.hours.operations);
}

/** The day that was named when the last paper came in; a new one only once that has passed. */
function toldBy(context: Context): Date {
  const { facts, now, run } = context;
  const by = run.stage === 'reviewing' ? reviewedBy({ facts, now: run.enteredAt }) : now;
  return by > now ? by : reviewedBy(context);
}

/** Something for a team to do, on the buyer's case. */
function task(
  context: Context,
  { team, reason, details = {} }: { team: Team; reason: string; details?: Record<string, string> },
): Effect {
  const unit = bookingOf(context)?.unit;
  return {
    kind: 'openCase',
    caseId: '',
    team,
    intent: 'kyc_submit',
    reason,
    respondWithinMinutes: WORKING_DAY_MINUTES,
    quotes: [],
    details: { ...(unit && { unit }), ...details },
  };
}

/** The complete set, for those who take it over. */
function acceptedIn(context: Context): Record<string, string> {
  const { accepted = [] } = papersOf(context) ?? {};
  const papers = accepted.map(
    ({ kind, applicant }) => `${inWords(kind)}${applicant ? ` (${applicant})` : ''}`,
  );
  return papers.length > 0 ? { papers: papers.join(', ') } : {};
}

/** Nothing is known of the booking any more: a person answers. */
function askPerson({ message }: Heard): Effect {
  const { owner: team, respondWithinMinutes } = POLICY.kyc_query;
  return {
    kind: 'openCase',
    caseId: '',
    team,
    intent: 'kyc_query',
    reason: 'policy',
    respondWithinMinutes,
    quotes: [message.shown],
    details: {},
  };
}

function bookingOf({ data, facts }: Context): BookingFacts | undefined {
  return facts.bookings.find(({ id }) => id === data.booking);
}

function papersOf(context: Context): PaperFacts | undefined {
  return bookingOf(context)?.papers;
}

/** For the team: `pan (Ravi): blurred`. */
function describe({ label, reason, applicant }: MissingPaper): string {
  const whose = applicant ? ` (${applicant})` : '';
  const why = reason ? `: ${inWords(reason.replace('kyc_retake_', ''))}` : '';
  return `${inWords(label.replace('kyc_paper_', ''))}${whose}${why}`;
}

function inWords(key: string): string {
  return key.replaceAll('_', ' ');
}

/** The kinds that are named as the papers that ask for them. */
const NAMED: ReadonlySet<string> = new Set(['pan', 'passport']);

function labelOf(kind: string): string {
  return NAMED.has(kind) ? `kyc_paper_${kind}` : 'kyc_paper_other';
}
