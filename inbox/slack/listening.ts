import type { Readable } from 'node:stream';
import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { RunChange } from '../../flows/runs.ts';
import type {
  CardPlace,
  CaseOutcome,
  ConsentKind,
  ConsentSource,
  ConversationState,
  DocumentKind,
  Language,
  PersonEffect,
  Run,
  StaffRef,
  Team,
} from '../../flows/types.ts';
import type { Buyers } from '../../models/buyer.ts';
import type { Cases } from '../../models/case.ts';
import type { CaseLists } from '../../models/caseLists.ts';
import type { Corrections } from '../../models/correction.ts';
import type { VaultDocument } from '../../models/document.ts';
import type { Leads } from '../../models/lead.ts';
import type { MediaRecords } from '../../models/media.ts';
import type { Replies, Reply, ReplyState } from '../../models/reply.ts';
import type { StaffMembers } from '../../models/staff.ts';
import type { Timeline } from '../../models/timeline.ts';
import type { Visits } from '../../models/visit.ts';
import type { Authority } from './authority.ts';
import type { Commands } from './command.ts';
import type { HomeTabs } from './home.ts';
import type { Lines } from './lines.ts';
import type { CardLinks } from './links.ts';
import type { People } from './people.ts';
import type { TeamSales } from './sales.ts';
import type { CaseThreads } from './threads.ts';

/** A person's input to a case; `at` is the card under which it was made, which the case may have left. */
type CaseInput = { caseId: string; inputId: string; staff: StaffRef; at?: CardPlace };

/** What the team's input does to a conversation; given by the bot's side. */
export type TeamActions = {
  resolve(input: CaseInput & { outcome?: CaseOutcome; note?: string }): Promise<TeamOutcome>;
  assign(input: CaseInput & { to: StaffRef; note?: string }): Promise<TeamOutcome>;
  handOff(input: CaseInput & { at: CardPlace; team: Team; note: string }): Promise<TeamOutcome>;
  snooze(input: CaseInput & { until?: Date }): Promise<TeamOutcome>;
  wake(input: CaseInput): Promise<TeamOutcome>;
  noteCall(input: CaseInput & { words: string; promise?: string }): Promise<TeamOutcome>;
  checkPayment(input: CaseInput & { check: PaymentCheck }): Promise<TeamOutcome>;
  /** What became of a visit; `notFree` when it cannot move to that time. */
  logVisit(
    input: CaseInput & { visit: string; outcome: 'visited' | 'no_show' | 'moved'; movedTo?: Date },
  ): Promise<TeamOutcome | 'notFree'>;
  reopen(input: CaseInput): Promise<TeamOutcome>;
  /** Who did what before an input that came too late. */
  overtaken(input: Pick<CaseInput, 'caseId' | 'at'>): Promise<{
    closed?: { by: StaffRef; outcome?: CaseOutcome };
    moved?: { to: Team; by: StaffRef };
    paymentMissing?: StaffRef;
  }>;
};
/** Done now, done before, or too late: the case is closed, or another team has it. */
export type TeamOutcome = 'done' | 'repeated' | 'closed' | 'moved';
type PaymentCheck = { received: true; amountPaise?: number; reference?: string } | { received: false };

/** Where a pause or its end leaves a buyer: `by` a person until then, or with the bot. */
export type BotHold = { outcome: 'done' | 'unknown'; by?: string; until?: Date };
/** Pauses or resumes the bot for a buyer, under a case or without one; given by the bot's side. */
export type HoldBot = (input: {
  buyer: string;
  act: 'pause' | 'resume';
  inputId: string;
  staff: StaffRef;
  caseId?: string;
}) => Promise<BotHold>;

/** What people say to buyers; given by the bot's side. */
export type TeamWords = {
  /** Says it once per `inputId`. */
  say(input: CaseInput & { effect: PersonEffect }): Promise<TeamOutcome>;
  /** Calls off what has not gone out; `late` when it has, or may have. */
  callOff(change: Change): Promise<TeamOutcome | 'late'>;
  /** Says other words instead of those that have not gone out. */
  reword(change: Change & { effect: PersonEffect }): Promise<TeamOutcome | 'late'>;
  /** Leaves something that certainly did not go out as it is. */
  giveUp(change: Change): Promise<TeamOutcome>;
  stateOf(reply: Reply): Promise<ReplyState>;
  /** Whether the buyer may be written to in a person's own words. */
  isWindowOpen(caseId: string): Promise<boolean>;
};
type Change = { caseId: string; inputId: string; of: string; staff: StaffRef };

/** Approved copy on its way to a buyer; `effect` once it may go, `errors` by field until then. */
export type CannedDraft = {
  key: string;
  title: string;
  language: Language;
  fields: { name: string; label: string; kind: 'text' | 'moment' | 'hours' }[];
  preview: string;
  errors: Record<string, string>;
  effect?: PersonEffect;
};

/** Approved copy for people; given by the bot's side. */
export type TeamCanned = {
  list(): { key: string; title: string }[];
  /** Undefined when there is no such copy, or no such case. */
  draft(
    choice: { caseId: string; key: string; staff: StaffRef; input: string },
    given: Record<string, string | undefined>,
  ): Promise<CannedDraft | undefined>;
};

/**
 * Looks at papers of buyers; given by the bot's side. `decided`: somebody was faster; `unsorted`: it has to be said
 * what it is; `gone`: it is not there any more.
 */
export type TeamPapers = {
  review(
    document: string,
    review: { status: 'accepted'; kind?: DocumentKind } | { status: 'rejected'; reason: string },
    staff: StaffRef,
  ): Promise<
    | { kind: 'reviewed'; document: VaultDocument }
    | { kind: 'decided'; status: VaultDocument['status']; by?: StaffRef }
    | { kind: 'unsorted' | 'gone' }
  >;
  shown(buyer: string, which: 'waiting'): Promise<{ document: string; kind: DocumentKind }[]>;
};

/** A run as people are shown it: what it is about, whose its stage is, and where it may be moved on to. */
export type TeamRun = Pick<Run, 'id' | 'flow' | 'stage' | 'enteredAt' | 'paused' | 'milestones'> & {
  about: string;
  owner?: Team;
  ahead: string[];
};

/** The runs of a buyer, and what people do with them; given by the bot's side. */
export type TeamRuns = {
  /** Those under way, the oldest first. */
  of(conversation: string): Promise<TeamRun[]>;
  /** Once per `input`; false where it stands so already, has ended, or cannot be moved there. */
  change(conversation: string, input: string, change: RunChange): Promise<boolean>;
};

/** A milestone past its date, in the words of people. */
export type LateMilestone = {
  buyer: string;
  about: string;
  flow: string;
  name: string;
  owner: Team;
  dueAt: Date;
};

/** What teams owe to the journeys of buyers; given by the bot's side. */
export type TeamMilestones = {
  /** How many are late per team, and since when the oldest is; teams that owe nothing are left out. */
  debt(): Promise<{ owner: Team; late: number; oldestDueAt: Date }[]>;
  /** The oldest first, at most `limit`; of these teams, or of all. */
  late(limit: number, owners?: Team[]): Promise<LateMilestone[]>;
};

/** Keeps a file for a buyer under `id`, or says why it cannot go to one. Rejects when the source fails. */
export type KeepFile = (
  file: { id: string; name: string; mimeType: string; bytes: Readable },
  signal: AbortSignal,
) => Promise<
  | { kind: 'kept'; fileId: string; name: string; mimeType: string; sizeBytes: number }
  | { kind: 'refused'; reason: string }
>;

/** What a buyer has agreed to and refused. */
export type BuyerConsent = Pick<ConversationState, 'consent' | 'optedOutAt' | 'promotionsOffAt'>;

/** What a member of the team enters of a buyer's consent; `why` is how the buyer said so. */
export type ConsentEntry =
  | { act: 'optIn'; kinds: ConsentKind[]; source: ConsentSource; why: string }
  | { act: 'optOut' | 'noPromotions'; why: string };

/** Consent, as the team sees and enters it. */
export type TeamConsent = {
  /** Undefined for a buyer of whom nothing is known yet. */
  of(buyer: string): Promise<BuyerConsent | undefined>;
  /** Once per input; `refused`: the buyer's own word stands against it. */
  enter(input: {
    buyer: string;
    inputId: string;
    staff: StaffRef;
    entry: ConsentEntry;
  }): Promise<'done' | 'refused' | 'unknown'>;
};

/** What an erasure would take, and what it must leave, with until when and why; once decided, by whom. */
export type ErasurePlan = {
  buyer: string;
  name: string;
  goes: string[];
  stays: { what: string; until: string; source: string }[];
  erasure?: { decidedAt: Date; by: string };
  erasedAt?: Date;
};

/** Erasure of a buyer's data, decided by a person. */
export type TeamErasure = {
  /** Undefined for nobody. */
  plan(buyer: string): Promise<ErasurePlan | undefined>;
  /** `known`: it was decided before. */
  erase(input: {
    buyer: string;
    inputId: string;
    staff: StaffRef;
    reason: string;
    caseId?: string;
  }): Promise<'decided' | 'known' | 'unknown'>;
};

/** What those who listen to Slack work with. */
export type ListenerParts = {
  app: App;
  client: WebClient;
  mode: 'socket' | 'http';
  threads: CaseThreads;
  authority: Authority;
  /** What people do under one card is taken in the order in which they did it. */
  lines: Lines;
  /** Who somebody is outside of any case. */
  people: People;
  links: CardLinks;
  lists: CaseLists;
  homes: HomeTabs;
  commands: Commands;
  /** Units that are sold, and their money. */
  sales: TeamSales;
  holdBot: HoldBot;
  runs: TeamRuns;
  milestoneDebt: TeamMilestones;
  consent: TeamConsent;
  erasure: TeamErasure;
  /** When a team is at work again, not today; undefined when it never is. */
  nextWorkday: (team: Team) => Promise<Date | undefined>;
  buyers: Buyers;
  leads: Leads;
  staff: StaffMembers;
  visits: Visits;
  cases: Cases;
  corrections: Corrections;
  timeline: Timeline;
  replies: Replies;
  media: MediaRecords;
  actions: TeamActions;
  words: TeamWords;
  canned: TeamCanned;
  papers: TeamPapers;
  /** Lets the thread be shown what became of something said; returns at once. */
  replyChanged: (reply: string) => void;
  /** Has the files of the message fetched that a reply is a part of; returns at once. */
  fileOwed: (reply: string) => void;
  /** Has the files of a conversation's buyer shown; returns at once. */
  mediaOwed: (conversation: string) => void;
  /** Lets Slack be told of a change; returns at once. */
  caseChanged: (caseId: string) => void;
  timeZone: string;
  now: () => Date;
  log: Logger;
};
