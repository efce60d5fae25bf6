import { type App, ExpressReceiver, SocketModeReceiver } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Router } from 'express';
import type { Logger } from 'pino';
import type { Team } from '../../flows/types.ts';
import type { Cases } from '../../models/case.ts';
import type { Conversations } from '../../models/conversation.ts';
import type { Corrections } from '../../models/correction.ts';
import type { Inbounds } from '../../models/inbound.ts';
import type { MediaRecords } from '../../models/media.ts';
import type { Notices } from '../../models/notice.ts';
import type { Replies } from '../../models/reply.ts';
import type { SlackEvents } from '../../models/slackEvent.ts';
import type { StaffMembers } from '../../models/staff.ts';
import type { Timeline } from '../../models/timeline.ts';
import { Authority } from './authority.ts';
import { boltApp, httpReceiver, socketReceiver, webClient } from './bolt.ts';
import { BuyerFiles } from './buyerFiles.ts';
import { listenToCanned } from './canned.ts';
import { listenToCards } from './cards.ts';
import { listenToEdits } from './edits.ts';
import { SlackInput } from './events.ts';
import { PersonFiles } from './files.ts';
import { Lines } from './lines.ts';
import type { KeepFile, ListenerParts, TeamActions, TeamCanned, TeamWords } from './listening.ts';
import { MissedMessages } from './missed.ts';
import { TeamNotices } from './notices.ts';
import { apologise, listenToThreads, messageOf } from './replies.ts';
import { ReplyStates } from './replyStates.ts';
import { listenToRetries } from './retries.ts';
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
  replies: Replies;
  media: MediaRecords;
  inbound: Inbounds;
  conversations: Conversations;
  slackEvents: SlackEvents;
  actions: TeamActions;
  words: TeamWords;
  canned: TeamCanned;
  keepFile: KeepFile;
  /** No file may be larger. */
  maxFileBytes: number;
  /** Lets Slack be told of a change; returns at once. */
  caseChanged: (caseId: string) => void;
  /** Lets `tellReply` run for a reply; returns at once, as do the next two. */
  replyChanged: (reply: string) => void;
  /** Lets `handOnFiles` run for a message. */
  fileOwed: (message: string) => void;
  /** Lets `showFiles` run for a conversation. */
  mediaOwed: (conversation: string) => void;
  instance: string;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

export type InboxHealth = 'starting' | 'ready' | 'degraded' | 'stopped';

const RECONNECT_MS = 5_000;
const CATCH_UP_AFTER_MS = 3_000;
/** A connection may have been dead for this long before anybody notices. */
const UNNOTICED_MS = 60_000;
/** What becomes of a reply later than this is on the timeline only. */
const SHOWN_FOR_MS = 3 * 24 * 3_600_000;

/** The team's side: cases go to Slack as cards, and what people write or press there comes back. */
export class SlackInbox {
  private readonly parts: InboxParts;
  private readonly app: App;
  private readonly client: WebClient;
  private readonly receiver: ExpressReceiver | SocketModeReceiver;
  private readonly threads: CaseThreads;
  private readonly notices: TeamNotices;
  private readonly authority: Authority;
  private readonly listening: ListenerParts;
  private readonly input: SlackInput;
  private readonly missed: MissedMessages;
  private readonly replyStates: ReplyStates;
  private readonly personFiles: PersonFiles;
  private readonly buyerFiles: BuyerFiles;
  /** Until when everything that people wrote is known to have come in. */
  private heardUntil: Date;
  private state: InboxHealth = 'starting';
  private retry: NodeJS.Timeout | undefined;
  private catchingUp: NodeJS.Timeout | undefined;

  constructor(parts: InboxParts) {
    this.parts = parts;
    this.receiver = parts.slack.mode === 'http' ? httpReceiver(parts) : socketReceiver(parts);
    this.app = boltApp(parts, this.receiver);
    this.client = webClient(parts);
    const { slack, cases, notices, instance, timeZone, now, log } = parts;
    const shared = { client: this.client, channelOf: slack.channels, instance, now, log };
    this.threads = new CaseThreads({ ...shared, cases, timeZone });
    this.notices = new TeamNotices({ ...shared, notices });
    this.authority = new Authority({ client: this.client, staff: parts.staff, log });
    this.heardUntil = now();
    const transfer = { apiUrl: slack.apiUrl, botToken: slack.botToken };
    this.listening = this.listeningParts();
    this.input = new SlackInput({
      ...{ app: this.app, events: parts.slackEvents, instance, now, log },
      missed: () => this.catchUpSoon(),
      apologise: (event) => apologise(this.listening, event),
    });
    const take = (body: unknown) => this.input.take(body);
    this.missed = new MissedMessages({ ...parts, client: this.client, take });
    this.replyStates = new ReplyStates({ ...parts, client: this.client });
    this.personFiles = new PersonFiles({ ...parts, transfer });
    this.buyerFiles = new BuyerFiles({ ...parts, client: this.client, transfer });
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
    await this.input.release();
    // What was learnt while nobody could show it is shown now.
    const { replies, now } = this.parts;
    await replies.oweAll(new Date(now().getTime() - SHOWN_FOR_MS), now());
    void this.connect();
  }

  async stop(): Promise<void> {
    clearTimeout(this.retry);
    clearTimeout(this.catchingUp);
    this.state = 'stopped';
    this.personFiles.stop();
    await this.missed.stop();
    await this.input.drain();
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

  /** Shows in the thread what became of something that a person said. */
  async tellReply(id: string): Promise<void> {
    await this.replyStates.tell(id);
  }

  /** Hands the files of a message in a thread on to the buyer. */
  async handOnFiles(message: string): Promise<void> {
    await this.personFiles.handOn(message);
  }

  /** Shows the files of a buyer in the thread of their case. */
  async showFiles(conversation: string): Promise<void> {
    await this.buyerFiles.show(conversation);
  }

  /** Ids of what Slack delivered and nobody has handled. */
  async inputDue(): Promise<string[]> {
    return this.input.due();
  }

  /** Handles something of that; returns at once. */
  wakeInput(id: string): void {
    this.input.wake(id);
  }

  /** Resolves when nothing that Slack delivered is being handled. */
  async idle(): Promise<void> {
    await this.input.idle();
  }

  private async connect(): Promise<void> {
    try {
      if (this.parts.slack.mode === 'socket') await this.app.start();
      else await this.client.auth.test();
      if (this.state === 'stopped') return await this.stop();
      this.state = 'ready';
      // Over HTTP Slack delivers again what we could not take.
      if (this.parts.slack.mode === 'socket') void this.catchUp();
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
    this.heardUntil = new Date(this.parts.now().getTime() - UNNOTICED_MS);
    void this.connect();
  }

  private async catchUp(): Promise<void> {
    const since = this.heardUntil;
    await this.missed.catchUp(since);
  }

  /** Something that a socket has acknowledged could not be kept: it stands in its thread. */
  private catchUpSoon(): void {
    if (this.parts.slack.mode !== 'socket' || this.state === 'stopped') return;
    this.heardUntil = new Date(this.parts.now().getTime() - UNNOTICED_MS);
    clearTimeout(this.catchingUp);
    this.catchingUp = setTimeout(() => void this.catchUp(), CATCH_UP_AFTER_MS);
  }

  private listeningParts(): ListenerParts {
    const { slack, fileOwed } = this.parts;
    return {
      ...{ ...this.parts, app: this.app, client: this.client, mode: slack.mode, threads: this.threads },
      ...{ authority: this.authority, lines: new Lines() },
      fileOwed: (reply) => fileOwed(messageOf(reply)),
    };
  }

  private listen(): void {
    const { listening } = this;
    this.input.listen();
    listenToThreads(listening);
    listenToEdits(listening);
    listenToRetries(listening);
    listenToCanned(listening);
    listenToCards(listening);
    this.app.error(async (error) => {
      this.parts.log.error({ err: error }, 'input from Slack failed');
      // Thrown on, so that over HTTP Slack delivers it again.
      throw error;
    });
  }
}
