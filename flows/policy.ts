import type { Intent, Team } from './types.ts';

/**
 * What follows from each intent when no running flow takes it: the one table that decides what a machine
 * may say. `acknowledge` is a copy key; `owner` answers when the bot cannot close it.
 */
export type Policy = {
  owner: Team;
  /** How long until a person will have answered; told to the buyer and counted on the case. */
  respondWithinMinutes: number;
  /** working: only the owner's hours count; always: nights and holidays too, for what cannot wait for morning. */
  clock: 'working' | 'always';
  acknowledge: string;
  /**
   * first: seen before any flow, whoever asked a question; flow: starts the named flow;
   * reply: closed by approved copy; case: a person answers.
   */
  handling: 'first' | 'reply' | 'case' | { starts: 'enquiry' | 'visit' };
  /** Reminders to this buyer stop until a person has dealt with it. */
  pausesReminders: boolean;
  /** Below this calibrated confidence the message goes to a person instead. */
  confidenceFloor: number;
};

const HOUR = 60;
/** From one day to the same time of the next one, when only the hours of work count. */
export const WORKING_DAY_MINUTES = 9 * HOUR;

const asking = (
  owner: Team,
  acknowledge: string,
  respondWithinMinutes = 4 * HOUR,
  pausesReminders = false,
): Policy => ({
  owner,
  acknowledge,
  respondWithinMinutes,
  clock: 'working',
  pausesReminders,
  handling: 'case',
  confidenceFloor: 0.5,
});

const urgent = (owner: Team, acknowledge: string, respondWithinMinutes: number): Policy => ({
  owner,
  acknowledge,
  respondWithinMinutes,
  clock: 'always',
  pausesReminders: true,
  // A threat or a death that is read wrongly costs a person one look; one that is missed costs far more.
  confidenceFloor: 0.4,
  handling: 'first',
});

const closing = (acknowledge: string): Policy => ({
  owner: 'support',
  acknowledge,
  respondWithinMinutes: WORKING_DAY_MINUTES,
  clock: 'working',
  pausesReminders: false,
  handling: 'reply',
  confidenceFloor: 0.5,
});

const starting = (flow: 'enquiry' | 'visit'): Policy => ({
  owner: 'sales',
  acknowledge: 'passed_to_person',
  respondWithinMinutes: 4 * HOUR,
  clock: 'working',
  pausesReminders: false,
  handling: { starts: flow },
  confidenceFloor: 0.45,
});

export const POLICY: Record<Intent, Policy> = {
  greeting: starting('enquiry'),
  thanks: closing('courtesy'),
  affirm: closing('courtesy'),
  deny: closing('courtesy'),
  opt_in: { ...closing('opted_in'), handling: 'first', confidenceFloor: 0.8 },
  project_query: starting('enquiry'),
  price_query: starting('enquiry'),
  brochure_request: starting('enquiry'),
  location_query: starting('enquiry'),
  visit_book: starting('visit'),
  visit_reschedule: starting('visit'),
  visit_cancel: asking('sales', 'passed_to_person'),
  not_interested: closing('not_interested'),
  human_request: asking('sales', 'human_request'),
  opt_out: { ...closing('opted_out'), handling: 'first', confidenceFloor: 0.6 },
  wrong_number: asking('support', 'wrong_number', WORKING_DAY_MINUTES, true),
  data_erasure: { ...asking('support', 'data_erasure', WORKING_DAY_MINUTES, true), handling: 'first' },
  complaint: asking('support', 'complaint', 4 * HOUR, true),
  progress_query: asking('support', 'passed_to_person'),
  payment_claim: asking('collections', 'payment_claim', 4 * HOUR, true),
  payment_promise: asking('collections', 'payment_request'),
  payment_extension: asking('collections', 'payment_request'),
  payment_how: asking('collections', 'payment_how'),
  payment_dispute: asking('collections', 'payment_request', 4 * HOUR, true),
  interest_waiver: asking('collections', 'payment_request', 4 * HOUR, true),
  receipt_request: asking('collections', 'passed_to_person'),
  tax_query: asking('collections', 'passed_to_person'),
  refund_query: asking('collections', 'passed_to_person', 4 * HOUR, true),
  payee_check: urgent('collections', 'payee_check', HOUR),
  kyc_submit: asking('operations', 'kyc_channel'),
  kyc_query: asking('operations', 'kyc_channel'),
  loan_query: asking('operations', 'passed_to_person'),
  booking_cancel: asking('operations', 'passed_to_person', 4 * HOUR, true),
  details_change: asking('operations', 'passed_to_person'),
  document_request: asking('operations', 'passed_to_person'),
  registration_query: asking('operations', 'passed_to_person'),
  legal_question: asking('legal', 'passed_to_person', 8 * HOUR),
  legal_threat: urgent('legal', 'legal_concern', 2 * HOUR),
  misselling_claim: urgent('legal', 'legal_concern', 4 * HOUR),
  bereavement: urgent('legal', 'bereavement', 4 * HOUR),
  defect_report: asking('site', 'defect_report', WORKING_DAY_MINUTES),
  inspection_book: asking('site', 'passed_to_person'),
  other: asking('support', 'passed_to_person'),
};

/**
 * Order of teams when one message raises several matters: the lead of the timeline and of acknowledgements.
 * Legal before money before site before service.
 */
export const TEAM_PRIORITY: Record<Team, number> = {
  legal: 0,
  collections: 1,
  operations: 2,
  site: 3,
  support: 4,
  sales: 5,
};

/** Copy that says more than when a person answers, and what it says cannot wait until they are back. */
export const SAID_AT_ANY_HOUR: ReadonlySet<string> = new Set(['call_missed', 'kyc_channel', 'payment_how']);

/** Intents that only carry courtesy: dropped when the same turn says something of substance. */
export const COURTESIES: ReadonlySet<Intent> = new Set(['greeting', 'thanks', 'affirm', 'deny']);
