import { type App, ExpressReceiver, SocketModeReceiver } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Router } from 'express';
import type { Logger } from 'pino';
import { z } from 'zod';
import { INTENTS, type StaffRef, type Team } from '../../flows/types.ts';
import type { Case, Cases } from '../../models/case.ts';
import type { Corrections } from '../../models/correction.ts';
import type { Notices } from '../../models/notice.ts';
import type { StaffMembers } from '../../models/staff.ts';
import type { Timeline } from '../../models/timeline.ts';
import { ACTIONS, escaped, plainText, timelineModal } from './blocks.ts';
import { boltApp, httpReceiver, socketReceiver, webClient } from './bolt.ts';
import { Lines } from './lines.ts';
import { TeamNotices } from './notices.ts';
import { CaseThreads } from './threads.ts';

/** What the team's input does to a conversation; given by the bot's side. */
export type TeamActions = {
  reply(input: { caseId: string; inputId: string; text: string; staff: StaffRef }): Promise<TeamOutcome>;
  resolve(input: { caseId: string; inputId: string; staff: StaffRef }): Promise<TeamOutcome>;
};
export type TeamOutcome = 'done' | 'repeated' | 'closed';

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
  /** Lets Slack be told of a change; returns at once. */
  caseChanged: (caseId: string) => void;
  instance: string;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

export type InboxHealth = 'starting' | 'ready' | 'degraded' | 'stopped';

const RECONNECT_MS = 5_000;
const TIMELINE_ENTRIES = 40;
const MEMBERS_PER_PAGE = 200;

/** A person's message in a thread. Bots, edits and joins carry a bot id or another subtype, and are not it. */
const threadMessage = z.object({
  channel: z.string(),
  user: z.string(),
  text: z.string().default(''),
  ts: z.string(),
  thread_ts: z.string(),
  bot_id: z.undefined().optional(),
  files: z.array(z.unknown()).default([]),
  subtype: z.enum(['file_share', 'thread_broadcast']).optional(),
});
type ThreadMessage = z.infer<typeof threadMessage>;

const cardAction = z.object({
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: z.string() }),
});
type CardAction = z.infer<typeof cardAction>;

const buttonPress = cardAction.extend({
  trigger_id: z.string(),
  actions: z.array(z.object({ value: z.string(), action_ts: z.string() })).min(1),
});
type ButtonPress = z.infer<typeof buttonPress>;

/** A menu holds what may be chosen of it, and nothing of the case it stands under. */
const menuChoice = cardAction.extend({
  actions: z.tuple([z.object({ selected_option: z.object({ value: z.enum(INTENTS) }) })]),
});
type MenuChoice = z.infer<typeof menuChoice>;

const membersPage = z.object({ members: z.array(z.string()) });

/** The team's side: cases go to Slack as cards, and what people write or press there comes back. */
export class SlackInbox {
  private readonly parts: InboxParts;
  private readonly app: App;
  private readonly client: WebClient;
  private readonly receiver: ExpressReceiver | SocketModeReceiver;
  private readonly threads: CaseThreads;
  private readonly notices: TeamNotices;
  /** What people do under one card is taken in the order in which they did it. */
  private readonly lines = new Lines();
  private state: InboxHealth = 'starting';
  private retry: NodeJS.Timeout | undefined;

  constructor(parts: InboxParts) {
    this.parts = parts;
    this.receiver = parts.slack.mode === 'http' ? httpReceiver(parts) : socketReceiver(parts);
    this.app = boltApp(parts, this.receiver);
    this.client = webClient(parts);
    const { slack, cases, notices, instance, timeZone, now, log } = parts;
    const shared = { client: this.client, channelOf: slack.channels, instance, now, log };
    this.threads = new CaseThreads({ ...shared, cases, timeZone });
    this.notices = new TeamNotices({ ...shared, notices });
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
    this.app.event('message', async ({ event }) => {
      const message = threadMessage.safeParse(event);
      if (message.success) await this.lines.run(message.data.thread_ts, () => this.hear(message.data));
    });
    for (const [action, handle] of [
      [ACTIONS.claim, this.takeClaim],
      [ACTIONS.resolve, this.takeResolve],
      [ACTIONS.timeline, this.showTimeline],
    ] as const) {
      this.app.action(action, async ({ ack, body }) => {
        const press = buttonPress.parse(body);
        const [pressed] = press.actions;
        await this.lines.run(press.message.ts, () => this.onCaseOf(press, handle.bind(this), pressed?.value));
        await ack();
      });
    }
    this.app.action(ACTIONS.meaning, async ({ ack, body }) => {
      const choice = menuChoice.parse(body);
      await this.lines.run(choice.message.ts, () => this.takeChoice(choice));
      await ack();
    });
    this.app.error(async (error) => {
      this.parts.log.error({ err: error }, 'input from Slack failed');
      // Thrown on, so that over HTTP Slack delivers it again.
      throw error;
    });
  }

  private async hear(message: ThreadMessage): Promise<void> {
    try {
      await this.takeReply(message);
    } catch (error) {
      // Over HTTP Slack delivers it again. A socket has acknowledged it already: its writer must know.
      if (this.parts.slack.mode === 'socket') {
        await this.answer(message, 'Something went wrong: your message was not sent. Please write it again.');
      }
      throw error;
    }
  }

  private async takeReply(message: ThreadMessage): Promise<void> {
    const found = await this.threads.caseAt({ channel: message.channel, ts: message.thread_ts });
    const text = plainText(message.text);
    if (!found || text.startsWith('//')) return;
    const staff = await this.staffMember(message.user, found.team);
    if (!staff) return this.answer(message, 'Only active staff can answer buyers.');
    if (message.files.length > 0) {
      await this.answer(message, 'Files are not sent to buyers from here: the file stays in Slack.');
    }
    if (text === '') return;
    const inputId = `slack:${message.channel}:${message.ts}`;
    const outcome = await this.parts.actions.reply({ caseId: found._id, inputId, text, staff });
    if (outcome === 'closed') {
      await this.answer(message, `${found.ticket} is resolved: your message was not sent to the buyer.`);
    }
  }

  private answer({ channel, user, thread_ts: thread }: ThreadMessage, text: string): Promise<void> {
    return this.whisper(channel, user, thread, text);
  }

  /**
   * Finds the case under the card and the person who acted; the channel must be the case's own. `caseId` is the
   * case that a button says it belongs to.
   */
  private async onCaseOf<Action extends CardAction>(
    action: Action,
    handle: (action: Action, found: Case, staff: StaffRef) => Promise<void>,
    caseId?: string,
  ): Promise<void> {
    const found = await this.threads.caseAt({ channel: action.channel.id, ts: action.message.ts });
    if (!found || (caseId !== undefined && found._id !== caseId)) {
      return this.tellActor(action, 'This card is not known any more.');
    }
    const staff = await this.staffMember(action.user.id, found.team);
    if (!staff) return this.tellActor(action, 'Only active staff can do this.');
    await handle(action, found, staff);
  }

  private async takeClaim(press: ButtonPress, found: Case, staff: StaffRef): Promise<void> {
    const claimed = await this.parts.cases.claim(found._id, staff, this.parts.now());
    if (claimed) return this.parts.caseChanged(found._id);
    const latest = await this.parts.cases.byId(found._id);
    const words =
      latest?.status === 'resolved'
        ? `${found.ticket} is resolved already.`
        : `${found.ticket} belongs to ${escaped(latest?.owner?.name ?? 'someone else')}.`;
    await this.tellActor(press, words);
  }

  private async takeResolve(press: ButtonPress, found: Case, staff: StaffRef): Promise<void> {
    const outcome = await this.parts.actions.resolve({
      caseId: found._id,
      inputId: `slack:resolve:${found._id}`,
      staff,
    });
    if (outcome === 'closed') {
      await this.tellActor(press, `${found.ticket} is resolved already.`);
    }
  }

  private async showTimeline(press: ButtonPress, found: Case): Promise<void> {
    const entries = await this.parts.timeline.latest(found.buyer, TIMELINE_ENTRIES);
    await this.client.views.open({
      trigger_id: press.trigger_id,
      view: timelineModal(found, entries, this.parts.timeZone),
    });
  }

  /** A stranger teaches nothing, and is not put on record for having tried. */
  private async takeChoice(choice: MenuChoice): Promise<void> {
    if (await this.isMember(choice)) await this.onCaseOf(choice, this.takeMeaning.bind(this));
    else await this.tellActor(choice, 'Only members of this channel can do this.');
  }

  /** What the person says the message means is remembered, for the next training; the case stays where it is. */
  private async takeMeaning(choice: MenuChoice, found: Case, staff: StaffRef): Promise<void> {
    const [{ selected_option: meant }] = choice.actions;
    await this.parts.corrections.correct(found, meant.value, staff, this.parts.now());
    this.parts.caseChanged(found._id);
  }

  /** A public channel's cards may be seen, and used, by people who are not in it. */
  private async isMember({ channel, user }: CardAction): Promise<boolean> {
    const inChannel = { channel: channel.id, limit: MEMBERS_PER_PAGE };
    for await (const page of this.client.paginate('conversations.members', inChannel)) {
      if (membersPage.parse(page).members.includes(user.id)) return true;
    }
    return false;
  }

  /** The person on record, or undefined when they no longer work here. Slack's directory is asked once. */
  private async staffMember(userId: string, team: Team): Promise<StaffRef | undefined> {
    const known = await this.parts.staff.byId(userId);
    const staff = known?.teams.includes(team)
      ? known
      : await this.parts.staff.meet(userId, known?.name ?? ((await this.nameOf(userId)) || userId), team);
    return staff.active ? { id: staff._id, name: staff.name } : undefined;
  }

  private async nameOf(userId: string): Promise<string> {
    try {
      const { user } = await this.client.users.info({ user: userId });
      return user?.real_name ?? user?.name ?? '';
    } catch {
      // The name is a courtesy; the message must not wait for it.
      return '';
    }
  }

  private tellActor({ channel, user, message }: CardAction, text: string): Promise<void> {
    return this.whisper(channel.id, user.id, message.ts, text);
  }

  /** Only the person who acted sees it. Best effort: what they did has been taken in or refused already. */
  private async whisper(channel: string, user: string, thread: string, text: string): Promise<void> {
    try {
      await this.client.chat.postEphemeral({ channel, user, text, thread_ts: thread });
    } catch (error) {
      this.parts.log.warn({ err: error }, 'an ephemeral message was not shown');
    }
  }
}
