import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { CardPlace, CaseOutcome, StaffRef, Team } from '../../flows/types.ts';
import type { Cases } from '../../models/case.ts';
import type { Corrections } from '../../models/correction.ts';
import type { Timeline } from '../../models/timeline.ts';
import type { Authority } from './authority.ts';
import type { Lines } from './lines.ts';
import type { CaseThreads } from './threads.ts';

/** A person's input to a case; `at` is the card under which it was made, which the case may have left. */
type CaseInput = { caseId: string; inputId: string; staff: StaffRef; at?: CardPlace };
/** A person takes the word, or gives it back, in a conversation: under a case, or without one. */
type WordInput = { conversation: string; inputId: string; staff: StaffRef; caseId?: string };

/** What the team's input does to a conversation; given by the bot's side. */
export type TeamActions = {
  reply(input: CaseInput & { text: string }): Promise<TeamOutcome>;
  resolve(input: CaseInput & { outcome?: CaseOutcome; note?: string }): Promise<TeamOutcome>;
  assign(input: CaseInput & { to: StaffRef; note?: string }): Promise<TeamOutcome>;
  handOff(input: CaseInput & { at: CardPlace; team: Team; note: string }): Promise<TeamOutcome>;
  snooze(input: CaseInput & { until?: Date }): Promise<TeamOutcome>;
  wake(input: CaseInput): Promise<TeamOutcome>;
  noteCall(input: CaseInput & { words: string; promise?: string }): Promise<TeamOutcome>;
  checkPayment(input: CaseInput & { check: PaymentCheck }): Promise<TeamOutcome>;
  reopen(input: CaseInput): Promise<TeamOutcome>;
  pauseBot(input: WordInput): Promise<TeamOutcome>;
  resumeBot(input: WordInput): Promise<TeamOutcome>;
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

/** What those who listen to Slack work with. */
export type ListenerParts = {
  app: App;
  client: WebClient;
  mode: 'socket' | 'http';
  threads: CaseThreads;
  authority: Authority;
  /** What people do under one card is taken in the order in which they did it. */
  lines: Lines;
  cases: Cases;
  corrections: Corrections;
  timeline: Timeline;
  actions: TeamActions;
  /** Lets Slack be told of a change; returns at once. */
  caseChanged: (caseId: string) => void;
  timeZone: string;
  now: () => Date;
  log: Logger;
};
