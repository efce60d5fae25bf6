import type { Intent, LeadStage, Team } from '../../flows/types.ts';
import type { SendStatus } from '../../models/send.ts';

/** What is known for certain about a case's buyer while its card is made; nothing here is a guess. */
export type CaseFacts = {
  /** The interest that moved last. */
  lead?: { project: string; stage: LeadStage; answers: Record<string, string> };
  /** The next visit, else the last one. */
  visit?: { at: Date; isCancelled: boolean };
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
  /** Who has the word, so that the bot is silent; absent while the bot speaks. */
  word?: { name: string; until: Date };
};
