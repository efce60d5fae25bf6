import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { StaffRef } from '../../flows/types.ts';
import type { Cases } from '../../models/case.ts';
import type { Corrections } from '../../models/correction.ts';
import type { Leads } from '../../models/lead.ts';
import type { Timeline } from '../../models/timeline.ts';
import type { Authority } from './authority.ts';
import type { Lines } from './lines.ts';
import type { CaseThreads } from './threads.ts';

/** What the team's input does to a conversation; given by the bot's side. */
export type TeamActions = {
  reply(input: { caseId: string; inputId: string; text: string; staff: StaffRef }): Promise<TeamOutcome>;
  resolve(input: { caseId: string; inputId: string; staff: StaffRef }): Promise<TeamOutcome>;
};
export type TeamOutcome = 'done' | 'repeated' | 'closed';

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
  leads: Leads;
  timeline: Timeline;
  actions: TeamActions;
  /** Lets Slack be told of a change; returns at once. */
  caseChanged: (caseId: string) => void;
  timeZone: string;
  now: () => Date;
  log: Logger;
};
