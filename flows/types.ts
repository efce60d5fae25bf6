import { DOCUMENT_KINDS, type DocumentKind } from './kyc/documents.ts';

/** The words of the trade, shared by every folder. Pure types and closed lists: nothing here does anything. */

/** The teams that own cases. */
export const TEAMS = ['sales', 'collections', 'operations', 'legal', 'site', 'support'] as const;
export type Team = (typeof TEAMS)[number];

/** The papers of a purchase: also for those who see no more of the flows than this. */
export { DOCUMENT_KINDS, type DocumentKind };

/** The languages that approved copy exists in. Hinglish is Hindi in Latin letters. */
export const LANGUAGES = ['en', 'hi', 'hinglish'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What a buyer's message can mean. `flows/policy.ts` says what follows from each. */
export const INTENTS = [
  'greeting',
  'thanks',
  'affirm',
  'deny',
  'opt_in',
  'project_query',
  'price_query',
  'brochure_request',
  'location_query',
  'visit_book',
  'visit_reschedule',
  'visit_cancel',
  'not_interested',
  'human_request',
  'opt_out',
  'wrong_number',
  'data_erasure',
  'complaint',
  'progress_query',
  'payment_claim',
  'payment_promise',
  'payment_extension',
  'payment_how',
  'payment_dispute',
  'interest_waiver',
  'receipt_request',
  'tax_query',
  'refund_query',
  'payee_check',
  'kyc_submit',
  'kyc_query',
  'loan_query',
  'booking_cancel',
  'details_change',
  'document_request',
  'registration_query',
  'legal_question',
  'legal_threat',
  'misselling_claim',
  'bereavement',
  'defect_report',
  'inspection_book',
  'other',
] as const;
export type Intent = (typeof INTENTS)[number];

export type Sentiment = 'positive' | 'neutral' | 'negative';

/**
 * What code (never a model) read out of a message. Absent means not mentioned.
 * Example: `{at: new Date('2026-11-28T10:30:00Z'), configuration: '2BHK'}`
 */
export type Entities = {
  amountPaise?: number;
  /** Highest price the buyer named as a budget. */
  budgetPaise?: number;
  /** A day without a time of day, as YYYY-MM-DD in the project's zone. */
  date?: string;
  /** A day and a time of day. */
  at?: Date;
  /** Bank transfer or UPI reference. */
  utr?: string;
  /** Such as `2BHK`. */
  configuration?: string;
  /** It asks for less than the price: a person answers, never a list price. */
  bargains?: true;
  /** What it wants no more of, or again, are offers and advertisements alone, not messages altogether. */
  offersOnly?: true;
  /** Kinds of identity and payment numbers that the message contains, and that must not be shown or passed on. */
  identity?: ('pan' | 'aadhaar' | 'card' | 'account')[];
};

export type ScoredIntent = { name: Intent; confidence: number };

/** What a message was understood to mean; intents are sorted, surest first, and there is at least one. */
export type Understanding = {
  intents: ScoredIntent[];
  entities: Entities;
  language: Language;
  sentiment: Sentiment;
};

/** A quick reply as the buyer sees it; its id comes back verbatim when tapped. */
export type Choice = { id: string; title: string };

/** A quick reply before it has words: `label` is a copy key, `data` fills it. */
export type LabelledChoice = { id: string; label: string; data?: TemplateData };

/**
 * A question a run has put to the buyer: it decides what a bare "yes", "2" or "kal" means.
 * Example: `{name: 'configuration', kind: 'choice', choices: [{id: 'enquiry.configuration.2BHK', label: 'choice_value', data: {value: '2BHK'}}]}`
 */
export type Question = {
  name: string;
  kind: 'choice' | 'yesNo' | 'dateTime';
  choices: LabelledChoice[];
};

/** Values that fill a piece of copy; dates and amounts are formatted for the reader when it is rendered. */
export type TemplateData = Record<string, string | number | Date>;

/** What a message that nobody asked for is for: it decides at which hours it may go out (`flows/quietHours.ts`). */
export const PURPOSES = ['service', 'dunning', 'promotion'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** What a buyer may agree to hear: what concerns them, and offers. */
export const CONSENT_KINDS = ['service', 'promotion'] as const;
export type ConsentKind = (typeof CONSENT_KINDS)[number];

/** Where an opt-in came from; `chat` is the buyer's own word there. */
export const CONSENT_SOURCES = [
  'lead_form',
  'click_to_chat',
  'inbound_message',
  'chat',
  'staff_entry',
  'import',
] as const;
export type ConsentSource = (typeof CONSENT_SOURCES)[number];

/**
 * What a buyer has agreed to, since when and by what; every change of it stands on the timeline.
 * Example: `{service: {at: …, source: 'inbound_message'}, promotion: {at: …, source: 'staff_entry', by: {…}}}`
 */
export type Consent = Partial<Record<ConsentKind, { at: Date; source: ConsentSource; by?: StaffRef }>>;

/**
 * The campaign that a reminder belongs to, its recipient there, and what it reminds of (a demand, a visit).
 * Example: `{id: 'k-7', recipient: 'k-7:b-12:3', about: 'b-12:3'}`
 */
export type CampaignRef = { id: string; recipient: string; about: string };

/** A member of the developer's staff, as named on the timeline. */
export type StaffRef = { id: string; name: string };

/** Where a card stands: a channel, and Slack's timestamp in it. */
export type CardPlace = { channel: string; ts: string };

/** How a case ended, as the person who closed it says. */
export const CASE_OUTCOMES = [
  'answered',
  'handed_over',
  'payment_received',
  'payment_not_received',
  'duplicate',
  'no_action',
] as const;
export type CaseOutcome = (typeof CASE_OUTCOMES)[number];

/**
 * Who speaks in a conversation. A person's turn is a lease: after `until` the bot may speak again. `caseId` is
 * empty while somebody writes on the paired phone and no case is open.
 */
export type Owner = { kind: 'bot' } | ({ kind: 'staff'; caseId: string; until: Date } & StaffRef);

/**
 * How a milestone of a run stands: open until it is reached, or dropped with what it belonged to. Past `dueAt` it is
 * milestone debt, and `escalatedAt` is when a person was told so.
 */
export type MilestoneState = {
  openedAt: Date;
  dueAt?: Date;
  reachedAt?: Date;
  droppedAt?: Date;
  escalatedAt?: Date;
  /** Dropped because a person moved the run on beyond it: what comes after it opens. */
  isPassed?: true;
};

/**
 * One flow under way for one lead or booking; plain data, so that it survives restarts and upgrades.
 * Example: `{id: 'visit.7', flow: 'visit', subject: 'greenfield-heights', version: 1, stage: 'offering', data: {project: 'greenfield-heights'}, enteredAt: …, dueAt: …}`
 */
export type Run = {
  id: string;
  flow: string;
  /** What it is about: a project's slug, or a booking's id. Of each flow there is one run per subject. */
  subject?: string;
  version: number;
  stage: string;
  data: Record<string, unknown>;
  /** When the current stage was entered: the base of its reminders and deadline. */
  enteredAt: Date;
  /** Reminders of the current stage that have gone out or were skipped. */
  reminded: string[];
  question?: Question;
  askedAt?: Date;
  /** The next moment at which something happens by itself. */
  dueAt?: Date;
  milestones?: Record<string, MilestoneState>;
  /**
   * It rests because a person said so: it says nothing and hears no messages, until it is resumed. `held` is what it
   * would have said meanwhile.
   */
  paused?: { at: Date; by: StaffRef; reason: string; held?: Effect[] };
};

/** An open case as the conversation knows it. */
export type OpenCase = {
  id: string;
  team: Team;
  openedAt: Date;
  /** While it is open no reminders go to this buyer. */
  pausesReminders: boolean;
  /** Copy keys with which the buyer was told of it, and when last. */
  acknowledged: string[];
  acknowledgedAt: Date;
  /** It rests until then, and without a date until the buyer writes. */
  snoozed?: { until?: Date };
  /** The cards of teams that handed it over, oldest first: what is done there comes too late. */
  left?: (CardPlace & { to: Team; by: StaffRef })[];
  /** Who told the buyer that their payment is not there yet; gone when the buyer says again that they paid. */
  paymentMissing?: StaffRef;
};

/**
 * A case that was closed not long ago: what the buyer writes about it opens it again.
 * Example: `{id: 'c:8.0', team: 'legal', openedAt: …, pausesReminders: true, closedAt: …, by: {…}, outcome: 'answered'}`
 */
export type ClosedCase = {
  id: string;
  team: Team;
  openedAt: Date;
  pausesReminders: boolean;
  closedAt: Date;
  by: StaffRef;
  outcome?: CaseOutcome;
};

/** A day by which the buyer said they would pay, as YYYY-MM-DD in the project's zone, and when they said so. */
export type PaymentPromise = { date: string; saidAt: Date };

/** What a conversation stands at: the part that decisions read and write. */
export type ConversationState = {
  owner: Owner;
  language: Language;
  runs: Run[];
  cases: OpenCase[];
  /** The last few that were closed, oldest first. */
  closed?: ClosedCase[];
  promise?: PaymentPromise;
  lastInboundAt?: Date;
  lastCourtesyAt?: Date;
  /** When the buyer was last told that a team is not at work, and when it will be. */
  outsideHoursAt?: Date;
  consent?: Consent;
  /** The buyer wants no messages that they have not asked for; `promotionsOffAt`: no offers. */
  optedOutAt?: Date;
  promotionsOffAt?: Date;
  /** What the buyer said, when two runs of one flow could take it and they were asked which is meant. */
  unclear?: { intent: Intent; message: HeardMessage; choices: LabelledChoice[]; askedAt: Date };
};

/**
 * The earlier message that a message is about: what it quotes, reacts to, votes on or edits. `choices` are the
 * quick replies that it offered.
 * Example: `{by: 'bot', words: 'Will you need a home loan?', at: …, choices: [{id: 'enquiry.loan.yes', title: 'Yes'}]}`
 */
export type Earlier = { by: 'buyer' | 'bot' | 'staff'; words: string; at: Date; choices: Choice[] };

/** A buyer's message as a decision sees it. `text` is what they wrote or tapped, `shown` what people are shown of it. */
export type HeardMessage = {
  id: string;
  at: Date;
  content:
    | 'text'
    | 'choice'
    | 'media'
    | 'sticker'
    | 'location'
    | 'contacts'
    | 'reaction'
    | 'vote'
    | 'edited'
    | 'revoked'
    | 'call'
    | 'unsupported';
  text: string;
  shown: string;
  choiceId?: string;
  understanding: Understanding;
  about?: Earlier;
  /** It carries a picture or a document; `names` is the identity paper that its name or caption speaks of. */
  file?: { names?: DocumentKind };
  /** Its words are what a machine heard in a voice note. */
  isSpoken?: true;
  /** Another message of the same turn says it all, and this one gets its outcome. */
  partOf?: string;
  /** Nothing in it asks for an answer: a deletion, an edit that means the same, a reaction that was taken back. */
  isQuiet?: true;
  /** The buyer deleted it before anybody answered. */
  isRevoked?: true;
  /** It came in long after it was written, through no fault of the buyer. */
  isLate?: boolean;
  /** They came by a click-to-chat advertisement. */
  fromAdvertisement?: true;
};

/** What the product knows for certain and flows may use. */
export type ProjectFacts = {
  slug: string;
  name: string;
  reraNumber: string;
  address: string;
  mapUrl: string;
  configurations: { name: string; priceFromPaise: number; priceToPaise: number }[];
  associate: string;
  visitMinutes: number;
  visiting: VisitingHours;
};

/** When a project can be visited, in whole hours and days (YYYY-MM-DD) of its zone; ISO weekdays, 1 is Monday. */
export type VisitingHours = {
  fromHour: number;
  toHour: number;
  closedWeekdays: number[];
  holidays: string[];
  /** So many days can be booked from today on, and so long before it begins. */
  daysAhead: number;
  noticeHours: number;
};

/** A stretch of a working day, in minutes after midnight of the team's zone. */
export type Shift = { fromMinute: number; toMinute: number };

/**
 * When a team, or one of its members, is at work. `week` begins with Monday; days without shifts are closed, and so
 * are holidays (YYYY-MM-DD in the zone).
 * Example: `{timeZone: 'Asia/Kolkata', week: [[{fromMinute: 600, toMinute: 1140}], …], holidays: ['2026-11-08']}`
 */
export type WorkingHours = { timeZone: string; week: Shift[][]; holidays: string[] };

/** A demand as flows may know it: `outstandingPaise` leaves out what only a TDS certificate is expected to settle. */
export type DemandFacts = {
  id: string;
  milestone: string;
  /** YYYY-MM-DD in the project's zone. */
  dueOn: string;
  outstandingPaise: number;
  isSettled: boolean;
  /** The buyer says that it is paid, and no person has looked yet. */
  isClaimed: boolean;
};

/**
 * A paper that has still to be handed in: copy keys of what it is and of why the last one was sent back, and whose, by
 * name; `isOwn` when it is the very buyer's whose facts these are.
 */
export type MissingPaper = { label: string; reason?: string; applicant?: string; isOwn?: true };

/** A paper that has come in; `applicant` by name, where there are several. */
export type ArrivedPaper = { document: string; kind: DocumentKind; applicant?: string };

/** How the papers of a booking stand: what the buyer has to do, and how many a person has still to look at. */
export type PaperFacts = {
  isComplete: boolean;
  withBuyer: MissingPaper[];
  withUs: number;
  /** What people have accepted of what is needed. */
  accepted?: ArrivedPaper[];
  /** Came in chat, and nobody has said yet which papers they are. */
  unsorted?: number;
  /** The law does not allow this purchase, in words by copy key. */
  barred?: string;
};

/** An open booking of the buyer. `unit` as people call it: `B-1203`. */
export type BookingFacts = {
  id: string;
  project: string;
  unit: string;
  isFirstApplicant: boolean;
  /** By name, to the others who buy with them. */
  firstApplicant?: string;
  agreementRegistered: boolean;
  demands: DemandFacts[];
  papers: PaperFacts;
};

export type Facts = {
  projects: ProjectFacts[];
  /** The buyer's open bookings, oldest first; read only where a run, or what has happened, is about one. */
  bookings: BookingFacts[];
  /** Free visit slots per project slug, soonest first. */
  openSlots: Record<string, Date[]>;
  buyerName: string;
  /** The zone in which days begin and visits happen. */
  timeZone: string;
  /** When the people of each team are there to answer. */
  hours: Record<Team, WorkingHours>;
};

/**
 * Something that is owed to the world. Committed together with the state; performed once, in order.
 * - sendTemplate: `{kind: 'sendTemplate', template: 'visit_confirmed', data: {…}, category: 'reply'}`; of a campaign,
 *   `{kind: 'sendTemplate', template: 'payment_overdue', data: {…}, category: 'reminder', purpose: 'dunning', campaign: {…}}`
 *   chosen by a person, as their word: with `staff: {…}, caseId: '…'`
 * - sendDocument: `{kind: 'sendDocument', document: 'brochure', project: 'greenfield-heights', caption: 'brochure_caption', data: {…}}`
 *   as a person's: `{…, template: 'call_back_time', staff: {…}, caseId: '…', input: 'slack:view:V1'}`
 * - sendText: a person's own words, `{kind: 'sendText', text: 'I will call you at 5.', staff: {…}, caseId: '…', input: 'slack:C1:17.5'}`
 * - sendFile: a person's own file, `{kind: 'sendFile', fileId: 'slack:C1:17.5', name: 'plan.pdf', mimeType: 'application/pdf', caption: 'The plan', staff: {…}, caseId: '…', input: '…'}`
 * - openCase: `{kind: 'openCase', caseId: 'c:8.0', team: 'legal', intent: 'legal_threat', reason: 'policy', respondWithinMinutes: 120, quotes: ['I will go to RERA'], details: {}}`
 * - postToCase: `{kind: 'postToCase', caseId: 'c:8.0', who: 'buyer', text: 'Any update?'}`
 * - claimCase: `{kind: 'claimCase', caseId: 'c:8.0', staff: {…}}`
 * - assignCase: `{kind: 'assignCase', caseId: 'c:8.0', to: {…}}`
 * - handOffCase: `{kind: 'handOffCase', caseId: 'c:8.0', from: {channel: 'C0SALES', ts: '1.000001'}, team: 'legal', staff: {…}, note: 'They ask about the clause on delay', respondWithinMinutes: 480}`
 * - snoozeCase: `{kind: 'snoozeCase', caseId: 'c:8.0', until: …}`, wakeCase: `{kind: 'wakeCase', caseId: 'c:8.0'}`
 * - resolveCase: `{kind: 'resolveCase', caseId: 'c:8.0', staff: {…}, outcome: 'answered', note: 'Agreed on Friday'}`
 * - reopenCase: `{kind: 'reopenCase', caseId: 'c:8.0', respondWithinMinutes: 120, words: 'And the refund?'}`
 * - refreshCase: `{kind: 'refreshCase', caseId: 'c:8.0'}`: its card shows something that has changed elsewhere
 * - detailCase: `{kind: 'detailCase', caseId: 'c:8.0', details: {promisedAt: '…'}}`: what has become known of its matter; what is empty is not known any more
 * - claimPayment: `{kind: 'claimPayment', booking: 'b-12', demand: 'b-12:1', amountPaise: 50000000, utr: 'SBIN426011234567'}`: the buyer says so
 * - updateLead: `{kind: 'updateLead', project: 'greenfield-heights', stage: 'Lost', answers: {}, reason: 'not_interested'}`
 * - vaultFile: `{kind: 'vaultFile', message: 'cloud:wamid.A1', as: 'pan'}`: the file of this message is an identity paper
 * - scheduleVisit, cancelVisit: `{kind: 'scheduleVisit', run: 'visit.7', project: 'greenfield-heights', at: …}`
 * - concludeVisit: `{kind: 'concludeVisit', visit: 'cloud/b-1:7:2', status: 'visited', by: {…}}`
 * - recordSatisfaction: `{kind: 'recordSatisfaction', run: 'visit:…', phase: 'visit', subject: 'greenfield-heights', score: 5}`
 * - beginRun: `{kind: 'beginRun', flow: 'kyc', subject: 'b-12', data: {…}}`, carried out within the same decision
 * - recordMilestone: `{kind: 'recordMilestone', run: 'kyc:…', flow: 'kyc', subject: 'b-12', name: 'kyc_complete', owner: 'operations', state: {…}}`
 */
export type Effect =
  | {
      kind: 'sendTemplate';
      template: string;
      data: TemplateData;
      category: 'reply' | 'reminder';
      choices?: LabelledChoice[];
      /** The ticket number of this case is filled in as `ticket`. */
      ticketOf?: string;
      /** The run whose question this is: replaced when the run asks again in the same turn. */
      asks?: string;
      /** A reminder is worthless after this moment. */
      expiresAt?: Date;
      /** The person whose word this is, under the case `caseId`; absent when the bot speaks. */
      staff?: StaffRef;
      caseId?: string;
      input?: string;
      /** Of a reminder; `service` without. */
      purpose?: Purpose;
      /** What becomes of it is written down with the recipient, and no case is opened over it. */
      campaign?: CampaignRef;
      link?: PortalLink;
      /** The demand that it reminds of: looked up once more before it goes out. */
      about?: string;
      /** A reminder is worthless once its run has left the stage in which it was owed. */
      during?: { run: string; stage: string; since: Date };
      /** The id of a one-time code: its digits fill `code` at the moment of sending, and are written down nowhere. */
      code?: string;
      /** The buyer waits for it on their own page: whoever has the word in the chat, it goes out. */
      isAskedOnPage?: true;
    }
  | {
      kind: 'sendDocument';
      document: SentDocument;
      project: string;
      /** The id of the demand, receipt or visit that it is about. */
      about?: string;
      caption: string;
      data: TemplateData;
      link?: PortalLink;
      /** Nobody waits for it: it keeps to the hours of its purpose, and people learn when it may not go out at all. */
      category?: 'reply' | 'reminder';
      purpose?: Purpose;
      /** The person whose doing it is, such as who confirmed what a receipt is for. */
      staff?: StaffRef;
    }
  | {
      kind: 'sendText';
      text: string;
      staff: StaffRef;
      caseId: string;
      /** Names the person's input that this is, so that they can be shown what becomes of it. */
      input?: string;
    }
  | {
      kind: 'sendFile';
      fileId: string;
      name: string;
      mimeType: string;
      caption: string;
      staff: StaffRef;
      caseId: string;
      input?: string;
    }
  | {
      kind: 'openCase';
      caseId: string;
      team: Team;
      intent: Intent;
      reason: string;
      respondWithinMinutes: number;
      quotes: string[];
      details: Record<string, string>;
      /** What the first quote was taken for, and how surely. */
      read?: ScoredIntent;
      /** Who is told where the case is open already, by their Slack id. */
      mention?: string;
      /** Where it is open already, whoever has it is told. */
      callsOwner?: true;
      /** The card of a case that is open already shows something else now. */
      changesCard?: true;
    }
  | {
      kind: 'postToCase';
      caseId: string;
      /** `note`: what a person has put down, for the team alone. */
      who: 'buyer' | 'bot' | 'note';
      text: string;
      details?: Record<string, string>;
      /** What a person said that certainly did not go out, and which attempt that was: they may say it again. */
      retry?: { reply: string; failure: string };
      /** A person who is to be told of it, by their Slack id. */
      mention?: string;
      /** Whoever has the case is to be told of it. */
      callsOwner?: true;
    }
  | { kind: 'claimCase'; caseId: string; staff: StaffRef }
  | { kind: 'assignCase'; caseId: string; to: StaffRef }
  | {
      kind: 'handOffCase';
      caseId: string;
      /** The card that the case leaves. */
      from: CardPlace;
      team: Team;
      staff: StaffRef;
      note: string;
      respondWithinMinutes: number;
    }
  | { kind: 'snoozeCase'; caseId: string; until?: Date }
  | { kind: 'wakeCase'; caseId: string }
  | { kind: 'resolveCase'; caseId: string; staff: StaffRef; outcome?: CaseOutcome; note?: string }
  | {
      kind: 'reopenCase';
      caseId: string;
      respondWithinMinutes: number;
      /** What the buyer wrote, if that was why; `roundTheClock` when it cannot wait for working hours. */
      words?: string;
      roundTheClock?: true;
    }
  | { kind: 'refreshCase'; caseId: string }
  | { kind: 'detailCase'; caseId: string; details: Record<string, string> }
  | {
      kind: 'claimPayment';
      booking: string;
      demand?: string;
      /** 0 when no sum was named. */
      amountPaise: number;
      utr?: string;
      /** YYYY-MM-DD */
      paidOn?: string;
    }
  | {
      kind: 'updateLead';
      project: string;
      stage: LeadStage;
      answers: Record<string, string>;
      /** Of a loss: a code of ours, or a person's words. */
      reason?: string;
      /** The person who says so: their word puts the lead there, also backwards. */
      by?: StaffRef;
    }
  | {
      kind: 'scheduleVisit';
      run: string;
      project: string;
      at: Date;
      minutes: number;
      /** The visit whose entry in the buyer's calendar this one takes over. */
      replaces?: string;
    }
  | { kind: 'cancelVisit'; visit: string }
  | { kind: 'concludeVisit'; visit: string; status: 'visited' | 'no_show'; by: StaffRef }
  | {
      kind: 'recordSatisfaction';
      run: string;
      phase: SatisfactionPhase;
      subject: string;
      /** From 1 to 5. */
      score?: number;
      words?: string;
    }
  | { kind: 'vaultFile'; message: string; as: DocumentKind }
  | { kind: 'beginRun'; flow: string; subject: string; data: Record<string, unknown> }
  | {
      kind: 'recordMilestone';
      run: string;
      flow: string;
      subject: string;
      name: string;
      owner: Team;
      state: MilestoneState;
    };

/** The documents that are made for one buyer or project, and sent by the bot. */
export const SENT_DOCUMENTS = ['brochure', 'demandLetter', 'receipt', 'visitCalendar'] as const;
export type SentDocument = (typeof SENT_DOCUMENTS)[number];

/** The pages of the buyer's portal. */
export const PORTAL_PAGES = ['home', 'papers', 'pay', 'visits'] as const;
export type PortalPage = (typeof PORTAL_PAGES)[number];

/**
 * A page of the buyer's portal that a message leads to. The signed link is made at the moment of sending and fills
 * the copy's variable `link`, so that none is stored.
 * Example: `{page: 'pay', booking: 'b-12'}`
 */
export type PortalLink = { page: PortalPage; booking?: string; project?: string };

/** What a person says to a buyer. */
export type PersonEffect = Extract<Effect, { kind: 'sendText' | 'sendFile' | 'sendTemplate' }> & {
  input: string;
};

/** Where a lead stands on the pipeline. */
export const LEAD_STAGES = ['New', 'Engaged', 'Qualified', 'Visit', 'Negotiation', 'Booked', 'Lost'] as const;
export type LeadStage = (typeof LEAD_STAGES)[number];

/** What buyers are asked about with one question each. */
export const SATISFACTION_PHASES = ['enquiry', 'visit', 'booking', 'kyc', 'collections', 'care'] as const;
export type SatisfactionPhase = (typeof SATISFACTION_PHASES)[number];

/**
 * What became of an inbound message: exactly one of these. The template of a reply is a copy key, or `silence`
 * where saying nothing is what is approved: to a reaction, to a message that the buyer has deleted.
 */
export type Outcome =
  | { kind: 'flow'; run: string; stage: string }
  | { kind: 'reply'; template: string }
  | { kind: 'case'; caseId: string }
  /** Of a member of staff, on their own WhatsApp: it was carried out and answered. */
  | { kind: 'command' };

/**
 * Something that happened outside the chat. One with a `run` is heard by that run alone, one with a `subject` by
 * the runs about it (a sale also by those about its project).
 */
export type FlowEvent =
  | {
      name: 'visitBooked';
      run: string;
      visit: string;
      at: Date;
      associate?: { name: string; staff?: string };
    }
  | { name: 'slotTaken'; run: string; at: Date }
  /** The buyer chose a time, or dropped a visit, on their own page. */
  | { name: 'slotChosen'; run: string; at: Date }
  | { name: 'visitDropped'; run: string; visit: string }
  /** What the team says of a visit; `at` is the time that was agreed on when it was moved. */
  | {
      name: 'visitOutcome';
      run: string;
      outcome: 'visited' | 'no_show' | 'late' | 'moved';
      at?: Date;
      by: StaffRef;
    }
  /**
   * Somebody spoke: the buyer, a person of ours, or the bot. `isOfSubstance`: the buyer's words are more than a
   * courtesy or another refusal.
   */
  | { name: 'contacted'; by: 'buyer' | 'person' | 'bot'; at: Date; isOfSubstance: boolean }
  /** A person puts the lead to a project where it stands; the run about that project hears it. */
  | { name: 'leadMoved'; subject: string; stage: LeadStage; reason?: string; by: StaffRef }
  /** A unit was sold to the buyer: `subject` is the booking, here and below. */
  | { name: 'bookingOpened'; subject: string; project: string }
  | { name: 'bookingCancelled'; subject: string; reason: string }
  | { name: 'agreementRegistered'; subject: string }
  /** A paper came in, or was accepted or sent back: the facts tell how they stand now. */
  | { name: 'papersChanged'; subject: string; cameIn?: ArrivedPaper; rejected?: MissingPaper }
  | { name: 'demandRaised'; subject: string; demand: string }
  /** Claimed on the buyer's page; in chat the flow hears the words themselves. */
  | {
      name: 'paymentClaimed';
      subject: string;
      payment: string;
      demand?: string;
      amountPaise: number;
      utr?: string;
    }
  /** The reference of a claim is in the books already: `isOwn`, told before for this booking. */
  | { name: 'claimRefused'; subject: string; utr: string; isOwn: boolean }
  | { name: 'paymentConfirmed'; subject: string; payment: string; receipt: string; by: StaffRef }
  /** `isSaid`: the buyer has been told already, in the name of the person who looked. */
  | { name: 'paymentRejected'; subject: string; payment: string; reason: string; isSaid?: true }
  | { name: 'caseResolved'; caseId: string; team?: Team }
  /** A paper that came by chat is in the vault; `problem` is a copy key when it cannot be used. */
  | { name: 'paperVaulted'; message: string; document: string; as: DocumentKind; problem?: string };

/** One line of the buyer's timeline that a decision leaves: the bot's, or that of the person who decided. */
export type Note = { what: string; why: string; who?: string; kind?: 'case' | 'call' | 'payment' };
