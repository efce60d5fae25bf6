import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { StaffRef } from '../../flows/types.ts';
import type { Buyers } from '../../models/buyer.ts';
import type { Cases } from '../../models/case.ts';
import type { CaseLists } from '../../models/caseLists.ts';
import type { Corrections } from '../../models/correction.ts';
import type { Leads } from '../../models/lead.ts';
import type { StaffMembers } from '../../models/staff.ts';
import type { Timeline } from '../../models/timeline.ts';
import type { Visits } from '../../models/visit.ts';
import type { Authority } from './authority.ts';
import type { Commands } from './command.ts';
import type { HomeTabs } from './home.ts';
import type { Lines } from './lines.ts';
import type { CardLinks } from './links.ts';
import type { People } from './people.ts';
import type { CaseThreads } from './threads.ts';

/** What the team's input does to a conversation; given by the bot's side. */
export type TeamActions = {
  reply(input: { caseId: string; inputId: string; text: string; staff: StaffRef }): Promise<TeamOutcome>;
  resolve(input: { caseId: string; inputId: string; staff: StaffRef }): Promise<TeamOutcome>;
};
export type TeamOutcome = 'done' | 'repeated' | 'closed';

/** Where a pause or its end leaves a buyer: `by` a person until then, or with the bot. */
export type BotHold = { outcome: 'done' | 'unknown'; by?: string; until?: Date };
/** Pauses or resumes the bot for a buyer; given by the bot's side. */
export type HoldBot = (input: {
  buyer: string;
  act: 'pause' | 'resume';
  inputId: string;
  staff: StaffRef;
}) => Promise<BotHold>;

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
  holdBot: HoldBot;
  buyers: Buyers;
  leads: Leads;
  staff: StaffMembers;
  visits: Visits;
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
