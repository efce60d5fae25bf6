import { z } from 'zod';
import { ask, chosenValue, isForPeople, projectOf, say, sayLocation } from './asking.ts';
import { defineFlow, type Move, type Stage, type StageContext } from './engine.ts';
import { dueAt } from './hours.ts';
import { POLICY, WORKING_DAY_MINUTES } from './policy.ts';
import { subjectOf } from './subjects.ts';
import type {
  Effect,
  Facts,
  FlowEvent,
  HeardMessage,
  LabelledChoice,
  LeadStage,
  ProjectFacts,
} from './types.ts';

/**
 * enquiry: answers a new lead within seconds with the project's brochure, learns what they look for in at
 * most four questions, and hands them to sales with the answers. Whoever stops answering is handed over too. From
 * then on it keeps count of the silence: after five days the buyer is asked and sales reminded, twice, then sales
 * alone. A lost lead that writes again is with sales again; a booking ends it.
 */

const QUESTION_NAMES = ['project', 'configuration', 'budget', 'timeline', 'purpose', 'loan'] as const;
type QuestionName = (typeof QUESTION_NAMES)[number];

const MOST_QUESTIONS = 4;
const PATIENCE_MINUTES = 30;
const FIRST_CALL_MINUTES = 4 * 60;
const DAY_MS = 24 * 3_600_000;
/** So long nobody has said a word, in either direction. */
const SILENCE_DAYS = 5;
const MOST_CHECK_INS = 2;
/** A check-in that could not go out by then is left to the next one. */
const CHECK_IN_EXPIRES_DAYS = 2;
const LONGEST_OWN_WORDS = 60;
const BUDGET_STEP_PAISE = 5_00_000_00;

const dataSchema = z.object({
  project: z.string(),
  answers: z.partialRecord(z.enum(QUESTION_NAMES), z.string()),
  asked: z.array(z.enum(QUESTION_NAMES)),
  /** Handed to sales because no answer came, not because the questions were answered. */
  wentQuiet: z.boolean().default(false),
  /** The buyer has said more than their first words. */
  isEngaged: z.boolean().default(false),
  /** They were lost, and wrote again. */
  isBack: z.boolean().default(false),
  lostReason: z.string().optional(),
  hasPersonSpoken: z.boolean().default(false),
  /** When anybody spoke last, since it is with sales. */
  quietSince: z.date().optional(),
  /** How often the present silence has been told of. */
  checkIns: z.number().default(0),
});
type Data = z.infer<typeof dataSchema>;
type Context = StageContext<Data>;
type Happened = Context & { event: FlowEvent };

/** Until it is over, whatever the lead has come to. */
const ENDINGS = {
  bookingOpened: () => ({ to: 'booked' }),
} as const satisfies Stage<Data>['events'];

export const enquiry = defineFlow<Data>({
  name: 'enquiry',
  version: 2,
  data: dataSchema,
  first: 'welcome',
  stages: {
    welcome: {
      owner: 'sales',
      enter: (context) => ({
        to: 'qualifying',
        effects: [brochure(context, 'brochure_caption'), lead(context, 'New')],
      }),
      leadsTo: ['qualifying'],
    },

    qualifying: {
      owner: 'sales',
      enter: askNext,
      answer: takeAnswer,
      intents: { ...productAnswers(), not_interested: notInterested },
      events: {
        ...ENDINGS,
        contacted: ({ event, ...context }) => {
          if (event.name !== 'contacted' || event.by === 'bot') return {};
          return event.by === 'person' ? { data: { hasPersonSpoken: true } } : engage(context);
        },
        leadMoved,
      },
      deadline: {
        at: ({ run }) => new Date(run.enteredAt.getTime() + PATIENCE_MINUTES * 60_000),
        move: () => ({ to: 'withSales', data: { wentQuiet: true } }),
      },
      leadsTo: ['qualified', 'withSales', 'inTouch', 'lost', 'booked'],
    },

    qualified: {
      owner: 'sales',
      enter: (context) => ({
        to: 'withSales',
        effects: [
          lead(context, 'Qualified'),
          {
            kind: 'sendTemplate',
            template: 'qualified',
            data: { project: projectOf(context).name },
            category: 'reply',
            choices: [
              { id: `visit.book.${context.data.project}`, label: 'choice_book_visit' },
              { id: 'policy.human_request', label: 'choice_talk_to_us' },
            ],
          },
        ],
      }),
      leadsTo: ['withSales'],
    },

    withSales: {
      owner: 'sales',
      enter: (context) => ({
        ...(context.data.hasPersonSpoken && { to: 'inTouch' }),
        data: { quietSince: context.now, checkIns: 0 },
        effects: [handOver(context)],
      }),
      ...followedUp(),
      leadsTo: ['inTouch', 'lost', 'booked'],
    },

    inTouch: {
      owner: 'sales',
      ...followedUp(),
      leadsTo: ['lost', 'booked'],
    },

    lost: {
      owner: 'sales',
      enter: (context) => {
        const { lostReason: reason } = context.data;
        return { effects: [{ ...lead(context, 'Lost'), ...(reason && { reason }) }] };
      },
      events: { ...ENDINGS, contacted: comeBack, leadMoved },
      leadsTo: ['withSales', 'inTouch', 'booked'],
    },

    booked: { owner: 'sales', leadsTo: [], ends: true },
  },
  milestones: {
    handed_to_sales: {
      owner: 'sales',
      dueAt: () => undefined,
      reachedIn: ['withSales', 'inTouch'],
      droppedIn: ['lost', 'booked'],
    },
    first_contact: {
      owner: 'sales',
      dueAt: ({ now, facts }) => dueAt(now, WORKING_DAY_MINUTES, facts.hours.sales),
      reachedIn: ['inTouch'],
      droppedIn: ['lost', 'booked'],
      after: ['handed_to_sales'],
    },
  },
  // What it counts begins with the next word that is said.
  migrations: { 1: (run) => run },
  copy: [
    'brochure_caption',
    'brochure_again',
    'ask_project',
    'ask_configuration',
    'ask_budget',
    'ask_timeline',
    'ask_purpose',
    'ask_loan',
    'qualified',
    'not_interested',
    'enquiry_check_in',
    'price_range',
    'location',
    'project_summary',
    'greeting_again',
    'choice_value',
    'choice_book_visit',
    'choice_talk_to_us',
    'choice_yes',
    'choice_no',
    'choice_budget_up_to',
    'choice_budget_above',
    'choice_timeline_now',
    'choice_timeline_half_year',
    'choice_timeline_later',
    'choice_purpose_live',
    'choice_purpose_invest',
  ],
});

/**
 * What an enquiry starts from: the project the buyer named (or the only one), and what their first message
 * already answered.
 */
export function enquiryData(message: HeardMessage, facts: Facts): Data | undefined {
  const named = facts.projects.find((project) => mentions(message.text, project));
  const project = named ?? facts.projects[0];
  if (!project) return undefined;
  const answers: Data['answers'] = {};
  if (named || facts.projects.length === 1) answers.project = project.slug;
  const { configuration, budgetPaise } = message.understanding.entities;
  if (configuration && offers(project, configuration)) answers.configuration = configuration;
  if (budgetPaise) answers.budget = `${budgetPaise}`;
  return {
    ...{ project: project.slug, answers, asked: [], wentQuiet: false },
    ...{ isEngaged: false, isBack: false, hasPersonSpoken: false, checkIns: 0 },
  };
}

function mentions(text: string, project: ProjectFacts): boolean {
  const folded = text.toLowerCase();
  return folded.includes(project.name.toLowerCase()) || folded.includes(project.slug);
}

function offers(project: ProjectFacts, configuration: string): boolean {
  return project.configurations.some((each) => each.name === configuration);
}

function askNext(context: Context): Move<Data> {
  const { answers, asked } = context.data;
  const next = QUESTION_NAMES.find((name) => answers[name] === undefined && !asked.includes(name));
  const again = asked.find((name) => answers[name] === undefined && name === context.run.question?.name);
  const name = again ?? next;
  if (!name || (!again && asked.length >= MOST_QUESTIONS)) return { to: 'qualified' };
  return {
    data: { asked: again ? asked : [...asked, name] },
    ...ask(
      context.run,
      `ask_${name}`,
      {},
      { name, kind: name === 'loan' ? 'yesNo' : 'choice', choices: choices(name, context) },
    ),
  };
}

function choices(name: QuestionName, context: Context): LabelledChoice[] {
  const id = (value: string) => `enquiry.${name}.${value}`;
  switch (name) {
    case 'project':
      return context.facts.projects.map((project) => ({
        id: id(project.slug),
        label: 'choice_value',
        data: { value: project.name },
      }));
    case 'configuration':
      return projectOf(context).configurations.map((each) => ({
        id: id(each.name),
        label: 'choice_value',
        data: { value: each.name },
      }));
    case 'budget':
      return budgetChoices(context, id);
    case 'timeline':
      return ['now', 'half_year', 'later'].map((value) => ({
        id: id(value),
        label: `choice_timeline_${value}`,
      }));
    case 'purpose':
      return ['live', 'invest'].map((value) => ({ id: id(value), label: `choice_purpose_${value}` }));
    case 'loan':
      return [
        { id: id('yes'), label: 'choice_yes' },
        { id: id('no'), label: 'choice_no' },
      ];
  }
}

/** Two thresholds that split the price range of what the buyer looks for, so that every project asks sensible sums. */
function budgetChoices(context: Context, id: (value: string) => string): LabelledChoice[] {
  const homes = wantedHomes(context);
  const lowest = Math.min(...homes.map((each) => each.priceFromPaise));
  const highest = Math.max(...homes.map((each) => each.priceToPaise));
  const third = (highest - lowest) / 3;
  const low = Math.ceil((lowest + third) / BUDGET_STEP_PAISE) * BUDGET_STEP_PAISE;
  const middle = Math.max(
    Math.ceil((lowest + 2 * third) / BUDGET_STEP_PAISE) * BUDGET_STEP_PAISE,
    low + BUDGET_STEP_PAISE,
  );
  return [
    { id: id(`${low}`), label: 'choice_budget_up_to', data: { amountPaise: low } },
    { id: id(`${middle}`), label: 'choice_budget_up_to', data: { amountPaise: middle } },
    { id: id(`above.${middle}`), label: 'choice_budget_above', data: { amountPaise: middle } },
  ];
}

/** The configuration asked for, or all of them. */
function wantedHomes(context: Context): ProjectFacts['configurations'] {
  const { configurations } = projectOf(context);
  const wanted = configurations.filter((each) => each.name === context.data.answers.configuration);
  return wanted.length > 0 ? wanted : configurations;
}

/**
 * A tapped choice, its number, or an entity that answers the question asked. Answers to earlier questions
 * (an old button) are taken too. Anything else is left for the other handlers.
 */
function takeAnswer(context: Context & { message: HeardMessage }): Move<Data> | undefined {
  const { message, run, data } = context;
  const tapped = /^enquiry\.([a-z]+)\.(.+)$/.exec(message.choiceId ?? '');
  const name = (tapped?.[1] ?? run.question?.name) as QuestionName | undefined;
  if (!name || !QUESTION_NAMES.includes(name)) return undefined;
  const value = tapped?.[2] ?? readAnswer(name, context);
  if (value === undefined) return undefined;
  const answers = { ...data.answers, [name]: value };
  const project = name === 'project' ? value : data.project;
  const next: Partial<Data> = { answers, project };
  if (run.stage !== 'qualifying')
    return { data: next, effects: [lead({ ...context, data: { ...data, ...next } }, 'Qualified')] };
  return {
    to: 'qualifying',
    data: next,
    effects: [lead({ ...context, data: { ...data, ...next } }, 'Engaged')],
  };
}

function readAnswer(name: QuestionName, context: Context & { message: HeardMessage }): string | undefined {
  const { message, run } = context;
  const { entities, intents } = message.understanding;
  const numbered = run.question && chosenValue(run.question, message.text);
  if (numbered) return numbered.split('.').slice(2).join('.');
  if (isForPeople(message)) return undefined;
  switch (name) {
    case 'project':
      return context.facts.projects.find((project) => mentions(message.text, project))?.slug;
    case 'configuration':
      return entities.configuration;
    case 'budget':
      return budgetOf(entities.budgetPaise ?? entities.amountPaise);
    case 'loan':
      if (intents[0]?.name === 'affirm') return 'yes';
      return intents[0]?.name === 'deny' ? 'no' : undefined;
    case 'timeline':
    case 'purpose':
      return ownWords(message);
  }
}

/** A short reply that means nothing else is taken as it stands: sales reads it in the buyer's own words. */
function ownWords({ text, understanding }: HeardMessage): string | undefined {
  const surest = understanding.intents[0];
  const meansElse =
    surest && surest.name !== 'other' && surest.confidence >= POLICY[surest.name].confidenceFloor;
  return !meansElse && text.length <= LONGEST_OWN_WORDS && /\p{L}/u.test(text) ? text : undefined;
}

function budgetOf(paise: number | undefined): string | undefined {
  return paise === undefined ? undefined : `${paise}`;
}

/** Questions about the product that approved copy answers at any time, without losing the buyer's place. */
function productAnswers() {
  const price = (context: Context): Move<Data> => ({ effects: [priceRange(context)] });
  return {
    brochure_request: (context: Context): Move<Data> => ({ effects: [brochure(context, 'brochure_again')] }),
    price_query: price,
    location_query: (context: Context): Move<Data> => ({ effects: [sayLocation(context)] }),
    project_query: (context: Context): Move<Data> => {
      const { name, address, reraNumber, configurations } = projectOf(context);
      const homes = configurations.map((each) => each.name).join(', ');
      return { effects: [say('project_summary', { project: name, address, homes, rera: reraNumber })] };
    },
    greeting: (): Move<Data> => ({ effects: [say('greeting_again', {})] }),
  };
}

function priceRange(context: Context): Effect {
  const project = projectOf(context);
  const shown = wantedHomes(context);
  return say('price_range', {
    project: project.name,
    homes: shown.map((each) => each.name).join(', '),
    fromPaise: Math.min(...shown.map((each) => each.priceFromPaise)),
    toPaise: Math.max(...shown.map((each) => each.priceToPaise)),
    rera: project.reraNumber,
  });
}

function brochure(context: Context, caption: string): Effect {
  const project = projectOf(context);
  return {
    kind: 'sendDocument',
    document: 'brochure',
    project: project.slug,
    caption,
    data: { name: context.facts.buyerName, project: project.name, rera: project.reraNumber },
  };
}

/** What a lead is followed by while it is with sales, whether or not a person has spoken yet. */
function followedUp(): Pick<Stage<Data>, 'answer' | 'intents' | 'events' | 'deadline'> {
  return {
    answer: takeAnswer,
    intents: { ...productAnswers(), not_interested: notInterested },
    events: { ...ENDINGS, contacted: keepCount, leadMoved },
    deadline: { at: silentAt, move: breakSilence },
  };
}

function notInterested(): Move<Data> {
  return { to: 'lost', data: { lostReason: 'not_interested' }, effects: [say('not_interested', {})] };
}

/** Any reply is more than a first word. */
function engage(context: Context): Move<Data> {
  return context.data.isEngaged ? {} : { data: { isEngaged: true }, effects: [lead(context, 'Engaged')] };
}

/** Whoever speaks ends the silence; a person of ours has made contact. */
function keepCount({ event, ...context }: Happened): Move<Data> {
  if (event.name !== 'contacted') return {};
  const { by, at } = event;
  const { quietSince, checkIns } = context.data;
  const since = { quietSince: quietSince && quietSince > at ? quietSince : at };
  if (by === 'bot') return { data: since };
  if (by === 'buyer') {
    const engaged = engage(context);
    return { ...engaged, data: { ...engaged.data, ...since, checkIns: 0 } };
  }
  // The buyer was asked often enough: of another silence sales alone is told.
  const data = { ...since, checkIns: Math.min(checkIns, MOST_CHECK_INS), hasPersonSpoken: true };
  return context.run.stage === 'withSales' ? { to: 'inTouch', data } : { data };
}

function silentAt({ data, run }: Context): Date | undefined {
  if (data.checkIns > MOST_CHECK_INS) return undefined;
  return new Date((data.quietSince ?? run.enteredAt).getTime() + SILENCE_DAYS * DAY_MS);
}

/** Who has a visit before them knows when we will speak next. */
function breakSilence(context: Context): Move<Data> {
  const { data, beside = [], now } = context;
  const isVisiting = beside.some((run) => run.flow === 'visit' && subjectOf(run) === data.project);
  if (isVisiting) return { data: { quietSince: now } };
  const checkIns = data.checkIns + 1;
  const asks = checkIns <= MOST_CHECK_INS ? [checkIn(context)] : [];
  return { data: { quietSince: now, checkIns }, effects: [...asks, remindSales(context)] };
}

/** About what they asked us themselves, so that it is no offer. */
function checkIn(context: Context): Effect {
  const { data, facts, now } = context;
  return {
    kind: 'sendTemplate',
    template: 'enquiry_check_in',
    data: { name: facts.buyerName, project: projectOf(context).name },
    category: 'reminder',
    purpose: 'service',
    choices: [
      { id: `visit.book.${data.project}`, label: 'choice_book_visit' },
      { id: 'policy.human_request', label: 'choice_talk_to_us' },
    ],
    expiresAt: new Date(now.getTime() + CHECK_IN_EXPIRES_DAYS * DAY_MS),
  };
}

function remindSales(context: Context): Effect {
  const { quietSince } = context.data;
  return {
    kind: 'openCase',
    caseId: '',
    team: 'sales',
    intent: 'project_query',
    reason: 'lead_silent',
    respondWithinMinutes: FIRST_CALL_MINUTES,
    quotes: [],
    details: {
      project: projectOf(context).name,
      ...(quietSince && { lastContactAt: quietSince.toISOString() }),
    },
    callsOwner: true,
  };
}

/** Who was lost and writes again, more than thanks or another no. */
function comeBack({ event, ...context }: Happened): Move<Data> {
  if (event.name !== 'contacted' || event.by !== 'buyer' || !event.isOfSubstance) return {};
  const data = {
    isBack: true,
    isEngaged: true,
    wentQuiet: false,
    hasPersonSpoken: false,
    lostReason: undefined,
  };
  return { to: 'withSales', data, effects: [lead(context, 'Engaged')] };
}

/** A person says where the lead stands, and has written it down: lost, or in their hands. */
function leadMoved({ event, run, now }: Happened): Move<Data> {
  if (event.name !== 'leadMoved') return {};
  const { stage, reason: lostReason } = event;
  if (stage === 'Lost') return run.stage === 'lost' ? {} : { to: 'lost', data: { lostReason } };
  const data = { quietSince: now, hasPersonSpoken: true, isEngaged: true };
  return run.stage === 'inTouch' ? { data } : { to: 'inTouch', data };
}

function lead(context: Context, stage: LeadStage): Extract<Effect, { kind: 'updateLead' }> {
  const { project, ...answers } = context.data.answers;
  return { kind: 'updateLead', project: project ?? context.data.project, stage, answers };
}

function handOver(context: Context): Effect {
  const { project: _project, ...answers } = context.data.answers;
  return {
    kind: 'openCase',
    caseId: '',
    team: 'sales',
    intent: 'project_query',
    reason: context.data.isBack ? 'lead_back' : context.data.wentQuiet ? 'lead_went_quiet' : 'lead_qualified',
    respondWithinMinutes: FIRST_CALL_MINUTES,
    quotes: [],
    details: { project: projectOf(context).name, ...answers },
  };
}
