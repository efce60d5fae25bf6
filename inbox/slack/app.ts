import { type App, ExpressReceiver, SocketModeReceiver } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Router } from 'express';
import type { Logger } from 'pino';
import type { Team } from '../../flows/types.ts';
import type { Case, Cases } from '../../models/case.ts';
import type { Corrections } from '../../models/correction.ts';
import type { Notices } from '../../models/notice.ts';
import type { StaffMembers } from '../../models/staff.ts';
import type { Timeline } from '../../models/timeline.ts';
import { Authority } from './authority.ts';
import { boltApp, httpReceiver, socketReceiver, webClient } from './bolt.ts';
import { listenToCards } from './cards.ts';
import type { CaseFacts } from './facts.ts';
import { listenToForms } from './forms.ts';
import { Lines } from './lines.ts';
import type { TeamActions } from './listening.ts';
import { TeamNotices } from './notices.ts';
import { listenToThreads } from './replies.ts';
import { CaseThreads } from './threads.ts';

export type SlackOptions = {
  mode: 'socket' | 'http';
  /** `https://slack.com/api/`, or the local Slack's. */
  apiUrl: string;
  botToken: string;
  appToken?: string;
  signingSecret?: string;
  channels: Record<Team, string>;
};

export type InboxParts = {
  slack: SlackOptions;
  cases: Cases;
  corrections: Corrections;
  notices: Notices;
  staff: StaffMembers;
  timeline: Timeline;
  actions: TeamActions;
  /** What is known of a case besides its record, for its card. */
  factsOf: (found: Case) => Promise<CaseFacts>;
  /** Lets Slack be told of a change; returns at once. */
  caseChanged: (caseId: string) => void;
  instance: string;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

export type InboxHealth = 'starting' | 'ready' | 'degraded' | 'stopped';

const RECONNECT_MS = 5_000;

/** The team's side: cases go to Slack as cards, and what people write or press there comes back. */
export class SlackInbox {
  private readonly parts: InboxParts;
  private readonly app: App;
  private readonly client: WebClient;
  private readonly receiver: ExpressReceiver | SocketModeReceiver;
  private readonly threads: CaseThreads;
  private readonly notices: TeamNotices;
  private readonly authority: Authority;
  private state: InboxHealth = 'starting';
  private retry: NodeJS.Timeout | undefined;

  constructor(parts: InboxParts) {
    this.parts = parts;
    this.receiver = parts.slack.mode === 'http' ? httpReceiver(parts) : socketReceiver(parts);
    this.app = boltApp(parts, this.receiver);
    this.client = webClient(parts);
    const { slack, cases, notices, instance, timeZone, now, log } = parts;
    const shared = { client: this.client, channelOf: slack.channels, instance, now, log };
    this.threads = new CaseThreads({ ...shared, cases, factsOf: parts.factsOf, timeZone });
    this.notices = new TeamNotices({ ...shared, notices });
    this.authority = new Authority({ ...shared, staff: parts.staff });
    this.listen();
  }

  /** `POST /slack/events` in HTTP mode; to be mounted before any body parser. */
  get router(): Router | undefined {
    return this.receiver instanceof ExpressReceiver ? (this.receiver.router as Router) : undefined;
  }

  health(): InboxHealth {
    return this.state;
  }

  /** Begins to connect. Slack being away delays nobody: cases wait, and the connection is tried again. */
  async start(): Promise<void> {
    await this.app.init();
    if (this.receiver instanceof SocketModeReceiver) {
      this.receiver.client.on('disconnected', () => this.connectAgain());
    }
    void this.connect();
  }

  async stop(): Promise<void> {
    clearTimeout(this.retry);
    this.state = 'stopped';
    if (this.parts.slack.mode === 'socket') await this.app.stop().catch(() => undefined);
  }

  /** Tells Slack what it does not know of a case yet. */
  async tell(caseId: string): Promise<void> {
    await this.threads.tell(caseId);
  }

  /** Tells a team what it is owed besides cases. */
  async tellTeam(team: Team): Promise<void> {
    await this.notices.tell(team);
  }

  private async connect(): Promise<void> {
    try {
      if (this.parts.slack.mode === 'socket') await this.app.start();
      else await this.client.auth.test();
      if (this.state === 'stopped') return await this.stop();
      this.state = 'ready';
    } catch (error) {
      if (this.state === 'stopped') return;
      if (this.state !== 'degraded')
        this.parts.log.error({ err: error }, 'Slack is out of reach; cases wait');
      this.state = 'degraded';
      this.retry = setTimeout(() => this.connect(), RECONNECT_MS);
    }
  }

  /** A connection that never was, or that we end ourselves, has been dealt with where it was asked for. */
  private connectAgain(): void {
    if (this.state !== 'ready') return;
    this.parts.log.warn('the connection to Slack ended; connecting again');
    this.state = 'degraded';
    void this.connect();
  }

  private listen(): void {
    const { mode } = this.parts.slack;
    const parts = { ...this.parts, app: this.app, client: this.client, mode, threads: this.threads };
    const listening = { ...parts, authority: this.authority, lines: new Lines() };
    listenToThreads(listening);
    listenToCards(listening);
    listenToForms(listening);
    this.app.error(async (error) => {
      this.parts.log.error({ err: error }, 'input from Slack failed');
      // Thrown on, so that over HTTP Slack delivers it again.
      throw error;
    });
  }
}
