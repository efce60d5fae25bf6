import type { CaseOutcome, Intent, LeadStage, Team } from '../../flows/types.ts';

/** The product's codes in the words of the people who work with them. */

/** What a case is about: its title. */
export const MATTER: Record<Intent, string> = {
  greeting: 'Greeting',
  thanks: 'Thanks',
  affirm: 'Agreement',
  deny: 'Refusal',
  opt_in: 'Wants messages again',
  project_query: 'New lead',
  price_query: 'Price question',
  brochure_request: 'Brochure request',
  location_query: 'Location question',
  visit_book: 'Site visit',
  visit_reschedule: 'Visit to be moved',
  visit_cancel: 'Visit to be cancelled',
  not_interested: 'Not interested',
  human_request: 'Wants to talk to a person',
  opt_out: 'Wants no messages',
  wrong_number: 'Wrong number',
  data_erasure: 'Data erasure request',
  complaint: 'Complaint',
  progress_query: 'Progress question',
  payment_claim: 'Says they have paid',
  payment_promise: 'Promise to pay',
  payment_extension: 'Wants more time to pay',
  payment_how: 'How to pay',
  payment_dispute: 'Disputes a demand',
  interest_waiver: 'Wants interest waived',
  receipt_request: 'Receipt request',
  tax_query: 'Tax question',
  refund_query: 'Refund question',
  payee_check: 'Suspected payment fraud',
  kyc_submit: 'KYC documents',
  kyc_query: 'KYC question',
  loan_query: 'Loan question',
  booking_cancel: 'Wants to cancel the booking',
  details_change: 'Change of details',
  document_request: 'Document request',
  registration_query: 'Registration question',
  legal_question: 'Legal question',
  legal_threat: 'Legal threat',
  misselling_claim: 'Claims mis-selling',
  bereavement: 'Bereavement',
  defect_report: 'Defect',
  inspection_book: 'Inspection',
  other: 'Needs a person',
};

/** What a message can mean, where a case's title would not say it. */
export const MEANING: Record<Intent, string> = {
  ...MATTER,
  project_query: 'Question about the project',
  other: 'Something else',
};

const REASON: Record<string, string> = {
  assigned: 'the case is yours now',
  policy: 'policy sends this to people',
  unsure: 'the bot was not sure what was meant',
  bargaining: 'they ask for a better price',
  parked: 'a flow could not go on',
  unreadable_media: 'a file or picture, which only people look at',
  unreadable_location: 'a location',
  unreadable_contacts: 'contacts, which only people look at',
  unreadable_unsupported: 'a kind of message that the bot cannot read',
  unclear_vote: 'it is not clear which option they chose',
  call: 'the buyer rang; this number takes no calls',
  late: 'it came in long after it was written',
  phone_conversation: 'they are talking with somebody on the paired phone',
  voice_note: 'a voice note of theirs was heard late',
  media_unavailable: 'a file of theirs could not be kept',
  in_doubt: 'nobody knows whether a message went out',
  undelivered: 'a message could not be delivered',
  no_project: 'no project is on sale',
  lead_qualified: 'the lead answered the questions',
  lead_went_quiet: 'the lead stopped answering',
  lead_silent: 'nobody has spoken with this lead for five days',
  lead_back: 'a lost lead has written again',
  owner_asks: 'somebody who has bought there asks',
  referral: 'the buyer names somebody who may be interested: please ask before you call',
  care_poor: 'the buyer is not satisfied',
  paper_to_review: 'a paper has come in, to be looked at',
  kyc_missing: 'papers are still missing after the last reminder',
  kyc_complete: 'every paper has been looked at and accepted',
  kyc_barred: 'the law does not allow this purchase',
  visit_booked: 'a visit was booked',
  visit_cancelled: 'a visit was cancelled',
  visit_not_chosen: 'no visiting time was chosen',
  visit_no_slots: 'no visiting time is free',
  two_visits: 'two phones that have booked a visit turned out to be one person’s',
  visit_outcome: 'the visit is over: please press on the card what became of it',
  visit_outcome_missing: 'nobody has said yet what became of the visit: please press it on the card',
  visit_overtaken: 'the buyer asks for another time before anybody has said what became of the visit',
  visit_late: 'the buyer says they are late for the visit',
  visit_poor: 'the buyer was not happy with the visit',
  milestone_late: 'a milestone is late',
  run_paused: 'a person has paused what they ask about',
  maybe_payment_proof: 'a picture or file, perhaps the proof of a payment that is due',
  claim_undecided: 'the case was closed, and whether the payment came has not been said',
  claimed_on_page: 'they told us on their page that they paid',
  reference_known: 'the reference of their payment has been told to us before',
  payment_overdue: 'a demand is not paid days after its due date',
  promise_broken: 'the day by which they said they would pay is over',
};

/** A reason code in words. */
export function reasonText(code: string): string {
  return REASON[code] ?? code;
}

const MILESTONE: Record<string, string> = {
  kyc_complete: 'KYC complete',
  kyc_handed_in: 'papers handed in',
  kyc_reviewed: 'papers reviewed',
  visit_outcome_logged: 'outcome of the visit logged',
  first_contact: 'first contact',
  handed_to_sales: 'handed to sales',
};

/** A milestone as people call it; one that has no words of its own by its name. */
export function milestoneName(name: string): string {
  return (
    MILESTONE[name] ??
    name
      .replaceAll('_', ' ')
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
  );
}

const FLOW: Record<string, string> = { kyc: 'KYC' };

/** A flow as people call it. */
export function flowName(name: string): string {
  return FLOW[name] ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** How a case can end. */
export const OUTCOME: Record<CaseOutcome, string> = {
  answered: 'Answered',
  handed_over: 'Handed over to somebody outside this inbox',
  payment_received: 'Payment received',
  payment_not_received: 'Payment not received',
  duplicate: 'Duplicate of another case',
  no_action: 'Nothing to do',
};

/** A team as people call it. */
export function teamName(team: Team): string {
  return team.charAt(0).toUpperCase() + team.slice(1);
}

/** Where a lead stands, as people say it. */
export const STAGE: Record<LeadStage, string> = {
  New: 'New lead',
  Engaged: 'Engaged lead',
  Qualified: 'Qualified lead',
  Visit: 'Visit booked',
  Negotiation: 'In negotiation',
  Booked: 'Has booked',
  Lost: 'Lost lead',
};

/** Why a lead was lost: a code of ours in words, or the words of the person who said so. */
export function reasonOfLoss(reason: string): string {
  return reason === 'not_interested' ? 'not interested any more' : reason;
}
