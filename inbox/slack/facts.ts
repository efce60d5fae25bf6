import type { Intent, LeadStage, Team } from '../../flows/types.ts';
import type { SendStatus } from '../../models/send.ts';
import type { BuyerConsent } from './listening.ts';

/** One booked unit. Example: `{unit: 'B-1204', overduePaise: 0, duePaise: 45000000, next: {…}}` */
export type UnitFacts = {
  unit: string;
  overduePaise: number;
  duePaise: number;
  /** The next demand to be paid that is not overdue; `dueOn` as YYYY-MM-DD. */
  next?: { milestone: string; dueOn: string; outstandingPaise: number };
  /** By the dated rules, up to today; 0 where there is none. People decide upon it, and no buyer is shown it. */
  interestPaise?: number;
  /** What the buyer says they paid, and no person has looked for yet; 0 where they named no sum. */
  claims?: { amountPaise: number; reference?: string }[];
};

/** A paper in the vault. Example: `{document: 'portal:b-12:3', kind: 'pan', unit: 'B-1204', state: 'waiting', link: 'https://…', …}` */
export type PaperShown = {
  document: string;
  kind: string;
  unit: string;
  /** Whose it is, where a unit has several buyers. */
  applicant?: string;
  state: 'waiting' | 'accepted';
  uploadedAt: Date;
  source: 'portal' | 'chat' | 'team';
  /** Its name says another type than it is. */
  isMisnamed: boolean;
  /** Where staff may look at it. */
  link: string;
};

/** What is known for certain about a case's buyer while its card is made; nothing here is a guess. */
export type CaseFacts = {
  /** The interest that moved last. */
  lead?: { project: string; stage: LeadStage; answers: Record<string, string>; lostReason?: string };
  /** What people have marked the buyer with. */
  tags?: string[];
  /** What they have booked, and where its money stands by the books on the day; interest is for people to decide. */
  units?: UnitFacts[];
  /** Papers for the team of this case: those to be looked at, or the set that was accepted. */
  papers?: PaperShown[];
  /** The next visit, else the last one. */
  visit?: { at: Date; isCancelled: boolean };
  /** The visit that is over and of which nobody has said what became of it. */
  visitToLog?: { visit: string; project: string; at: Date; associate?: string };
  /** What the bot said last. */
  lastSaid?: { words: string; at: Date };
  /** How far the last reply under this case has come; `waiting` before any transport has taken it. */
  lastReply?: { by: string; status: SendStatus | 'waiting'; at: Date; error?: string };
  /** What the bot has asked and the buyer has not answered. */
  openQuestions: string[];
  /** The day by which the buyer said they would pay, as YYYY-MM-DD. */
  promise?: { date: string; saidAt: Date };
  /** Other cases of this buyer that are not closed. */
  otherCases: { ticket: string; team: Team; intent: Intent }[];
  /** What they have agreed to and refused; absent while nothing beyond their having written is known. */
  consent?: BuyerConsent;
  /** Who has the word, so that the bot is silent; absent while the bot speaks. */
  word?: { name: string; until: Date };
};
