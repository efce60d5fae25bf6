import { type App, ExpressReceiver, SocketModeReceiver } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Router } from 'express';
import type { Logger } from 'pino';
import type { Team } from '../../flows/types.ts';
import type { Buyers } from '../../models/buyer.ts';
import type { Case, Cases } from '../../models/case.ts';
import { CaseLists } from '../../models/caseLists.ts';
import type { Conversations } from '../../models/conversation.ts';
import type { Corrections } from '../../models/correction.ts';
import type { Homes } from '../../models/home.ts';
import type { Inbounds } from '../../models/inbound.ts';
import type { Leads } from '../../models/lead.ts';
import type { Leases } from '../../models/lease.ts';
import type { MediaRecords } from '../../models/media.ts';
import type { Notices } from '../../models/notice.ts';
import type { Replies } from '../../models/reply.ts';
import type { SlackEvents } from '../../models/slackEvent.ts';
import type { StaffMembers } from '../../models/staff.ts';
import type { Timeline } from '../../models/timeline.ts';
import type { Visits } from '../../models/visit.ts';
import { SlackAlarm } from './alarm.ts';
import { Authority } from './authority.ts';
import { boltApp, httpReceiver, socketReceiver, webClient } from './bolt.ts';
import { BuyerFiles } from './buyerFiles.ts';
import type { CampaignActions, CampaignBoard } from './campaignBoard.ts';
import { listenToCampaigns, SlackCampaignBoard } from './campaigns.ts';
import { listenToCanned } from './canned.ts';
import { listenToCards } from './cards.ts';
import type { Commands } from './command.ts';
import { listenToCommands } from './commands.ts';
import { listenToConsent } from './consentForm.ts';
import { listenToEdits } from './edits.ts';
import { listenToErasure } from './erasureForm.ts';
import { SlackInput } from './events.ts';
import type { CaseFacts } from './facts.ts';
import { PersonFiles } from './files.ts';
import { listenToForms } from './forms.ts';
import { HomeTabs, listenToHome } from './home.ts';
import { listenToInstallation } from './installation.ts';
import { listenToJourneys } from './journey.ts';
import { Lines } from './lines.ts';
import { CardLinks } from './links.ts';
import type {
  HoldBot,
  KeepFile,
  ListenerParts,
  TeamActions,
  TeamCanned,
  TeamConsent,
  TeamErasure,
  TeamMilestones,
  TeamPapers,
  TeamRuns,
  TeamWords,
} from './listening.ts';
import { MissedMessages } from './missed.ts';
import { TeamNotices } from './notices.ts';
import { Outbox } from './outbox.ts';
import { Pace, type PaceOptions } from './pace.ts';
import { listenToPapers } from './papers.ts';
import { People } from './people.ts';
import { readFailure } from './posts.ts';
import { apologise, listenToThreads, messageOf } from './replies.ts';
import { ReplyStates } from './replyStates.ts';
import { listenToRetries } from './retries.ts';
import { listenToSales, type TeamSales } from './sales.ts';
import { listenToShortcuts } from './shortcuts.ts';
import { Teller } from './teller.ts';
import { CaseThreads } from './threads.ts';
import { listenToTimelines } from './timeline.ts';

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
  pace: PaceOptions;
  cases: Cases;
  corrections: Corrections;
  leads: Leads;
  leases: Leases;
  notices: Notices;
  staff: StaffMembers;
  timeline: Timeline;
  replies: Replies;
  media: MediaRecords;
  inbound: Inbounds;
  conversations: Conversations;
  slackEvents: SlackEvents;
  actions: TeamActions;
  /** What is known of a case besides its record, for its card. */
  factsOf: (found: Case) => Promise<CaseFacts>;
  /** When a team is at work again, not today; undefined when it never is. */
  nextWorkday: (team: Team) => Promise<Date | undefined>;
  holdBot: HoldBot;
  runs: TeamRuns;
  milestoneDebt: TeamMilestones;
  consent: TeamConsent;
  erasure: TeamErasure;
  commands: Commands;
  sales: TeamSales;
  buyers: Buyers;
  homes: Homes;
  visits: Visits;
  /** Calls `tellChannel` with this key, that much later; returns at once. */
  wakeChannelAfter: (key: string, delayMs: number) => void;
  words: TeamWords;
  canned: TeamCanned;
  papers: TeamPapers;
  keepFile: KeepFile;
  /** Whether the words about a buyer's file name one that Slack is never shown. */
  namesPaper: (words: string) => boolean;
  /** No file may be larger. */
  maxFileBytes: number;
  campaigns: CampaignActions;
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
  /** Shows campaigns in the channel of their team. */
  readonly campaignBoard: CampaignBoard;
  private readonly threads: CaseThreads;
  private readonly outbox: Outbox;
  private readonly teller: Teller;
  private readonly alarm: SlackAlarm;
  private readonly authority: Authority;
  private readonly people: People;
  private readonly lists: CaseLists;
  private readonly links: CardLinks;
  private readonly homes: HomeTabs;
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
    const pace = new Pace(parts.pace, now);
    this.threads = new CaseThreads({ ...shared, cases, factsOf: parts.factsOf, pace, timeZone });
    this.teller = new Teller(parts);
    this.alarm = new SlackAlarm({
      countWaiting: async () => ({ cases: await cases.countOwed(), notices: await notices.countOwed() }),
      log,
    });
    this.outbox = new Outbox({
      pace,
      alarm: this.alarm,
      lanes: [new TeamNotices({ ...shared, pace, notices, timeZone }).lane, this.threads.postings],
      updates: this.threads.updates,
      isTeller: () => this.teller.isTeller(),
      wakeAfter: parts.wakeChannelAfter,
      now,
    });
    this.authority = new Authority({ ...shared, staff: parts.staff });
    this.people = new People({ ...shared, authority: this.authority, staff: parts.staff });
    this.lists = new CaseLists(cases);
    this.links = new CardLinks({ ...shared, lists: this.lists });
    const { people, lists, links } = this;
    this.homes = new HomeTabs({ ...parts, ...shared, people, lists, links });
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
    this.campaignBoard = new SlackCampaignBoard({
      ...{ ...shared, pace, timeZone },
      isTeller: () => this.teller.isTeller(),
    });
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
    await this.teller.resign();
    this.personFiles.stop();
    await this.missed.stop();
    await this.input.drain();
    if (this.parts.slack.mode === 'socket') await this.app.stop().catch(() => undefined);
  }

  /** Tells Slack what it does not know of a case yet, as far as it may be told now. */
  async tell(caseId: string): Promise<void> {
    const changed = await this.parts.cases.byId(caseId);
    if (changed) await this.homes.caseChanged(changed);
    const channel = await this.threads.channelToTell(caseId);
    if (channel !== undefined) await this.outbox.empty(channel);
    // Only now there is a card to link to.
    if (changed && !changed.slack) await this.homes.caseChanged(changed);
  }

  /** Shows a person on their Home tab how things stand. */
  async refreshHome(user: string): Promise<void> {
    await this.homes.refresh(user);
  }

  /** Tells a team what it is owed besides cases. */
  async tellTeam(team: Team): Promise<void> {
    await this.outbox.empty(this.parts.slack.channels[team]);
  }

  /** Goes on telling where the pace was waited for; see `wakeChannelAfter`. */
  async tellChannel(key: string): Promise<void> {
    await this.outbox.empty(key);
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

  /** Whether somebody leads a team or is in its channel; while Slack does not say, as on record. */
  async isInTeam(user: string, team: Team): Promise<boolean> {
    const { slack, staff, log } = this.parts;
    const onRecord = await staff.byId(user);
    if (onRecord && !onRecord.active) return false;
    if (onRecord?.leadOf?.includes(team)) return true;
    try {
      return await this.authority.isMember(slack.channels[team], user);
    } catch (error) {
      log.warn({ err: error, team }, 'Slack did not say who is in a channel');
      return onRecord?.teams.includes(team) ?? false;
    }
  }

  private async connect(): Promise<void> {
    try {
      if (this.parts.slack.mode === 'socket') await this.app.start();
      else await this.client.auth.test();
      if (this.state === 'stopped') return await this.stop();
      this.state = 'ready';
      void this.alarm.clear();
      // Over HTTP Slack delivers again what we could not take.
      if (this.parts.slack.mode === 'socket') void this.catchUp();
    } catch (error) {
      if (this.state === 'stopped') return;
      void this.alarm.raise(readFailure(error).reason);
      this.state = 'degraded';
      this.retry = setTimeout(() => this.connect(), RECONNECT_MS);
    }
  }

  /** The app was taken out of the workspace: only who put it back makes it work, which is looked for. */
  private revoked(): void {
    if (this.state === 'stopped') return;
    this.state = 'degraded';
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.recover(), RECONNECT_MS);
  }

  private async recover(): Promise<void> {
    try {
      await this.client.auth.test();
      if (this.parts.slack.mode === 'socket') await this.app.stop().catch(() => undefined);
      await this.connect();
    } catch {
      // As long as it is not allowed in again.
      this.revoked();
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
      ...{ authority: this.authority, people: this.people, lists: this.lists, links: this.links },
      ...{ homes: this.homes, lines: new Lines() },
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
    listenToForms(listening);
    listenToPapers(listening);
    listenToJourneys(listening);
    listenToTimelines(listening);
    listenToCommands(listening);
    listenToSales(listening);
    listenToConsent(listening);
    listenToErasure(listening);
    listenToShortcuts(listening);
    listenToHome(listening);
    listenToInstallation({ ...listening, onRevoked: () => this.revoked() });
    const { campaigns, slack } = this.parts;
    const isInTeam = (user: string, team: Team) => this.isInTeam(user, team);
    listenToCampaigns({ ...listening, campaigns, channelOf: slack.channels, isInTeam });
    this.app.error(async (error) => {
      this.parts.log.error({ err: error }, 'input from Slack failed');
      // Thrown on, so that over HTTP Slack delivers it again.
      throw error;
    });
  }
}
