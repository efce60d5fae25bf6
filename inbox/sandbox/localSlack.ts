import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import express, { type Router } from 'express';
import type { Logger } from 'pino';
import { type ApiCall, apiRouter, type Installation, type Tokens } from './api.ts';
import type { ApiMethod, Arguments } from './apiArguments.ts';
import { chatMethods } from './apiChat.ts';
import { directoryMethods } from './apiDirectory.ts';
import { fileMethods, Uploads } from './apiFiles.ts';
import { viewMethods } from './apiViews.ts';
import { Deliver } from './deliver.ts';
import { Events } from './events.ts';
import { Faults } from './faults.ts';
import { FileStore } from './fileStore.ts';
import { HttpEvents } from './httpEvents.ts';
import type { Entries } from './inputs.ts';
import { Interactions, type Outcome, type Submission, type Use } from './interactions.ts';
import { type Attached, MemberActions } from './memberActions.ts';
import { pageRouter } from './page.ts';
import { PageStream } from './pageStream.ts';
import { ResponseUrls } from './responseUrls.ts';
import { checkScopes, DEFAULT_SCOPES, mayHear } from './scopes.ts';
import { Screens } from './screens.ts';
import { APP, type ChannelSeed, DEFAULT_CHANNELS, DEFAULT_MEMBERS, type Member, WORKSPACE } from './seeds.ts';
import { SocketMode } from './socket.ts';
import { loadState, StateWriter } from './stateFile.ts';
import { transferRouter } from './transfers.ts';
import type { Transport } from './transport.ts';
import { Triggers } from './triggers.ts';
import type { ShownView } from './views.ts';
import { type Origin, WireFormat } from './wire.ts';
import { type Message, Workspace } from './workspace.ts';

export { TEAM_CHANNELS } from './seeds.ts';

/** How a local Slack is set up. Everything but the log has a default. */
export type LocalSlackOptions = {
  log: Logger;
  /** Where the workspace is kept between starts; without it, in memory. Files stand in a folder beside it. */
  stateFile?: string;
  now?: () => Date;
  members?: Member[];
  channels?: ChannelSeed[];
  /** Tokens and the signing secret; those left out are invented. */
  tokens?: Partial<Tokens>;
  /** The app's address in HTTP mode, e.g. `http://127.0.0.1:3000/slack/events`. Without it, Socket Mode. */
  eventsUrl?: string;
  /** Where the router is reached, until the first request tells. */
  publicUrl?: string;
  /** What the app is installed for; all of its manifest unless told. */
  scopes?: string[];
  /** Slash commands the page offers. */
  commands?: string[];
  /** Message shortcuts the page offers. */
  messageShortcuts?: { callbackId: string; name: string }[];
  /** How long the app may take to acknowledge; Slack's 3 seconds unless told. */
  ackTimeoutMs?: number;
  /** Waits before the retries of an event; as in Slack, almost at once, after a minute and after five. */
  retryDelaysMs?: number[];
};

/** Where in a message or view something was clicked, beyond its action id. */
type ClickDetail = Omit<Use, 'actionId'>;

/** A Slack on this machine: Web API, Socket Mode or HTTP events, a page, and hands for tests. */
export type LocalSlack = {
  /** To be mounted, by convention at `/sandbox/slack`: Web API under `/api/`, the page at its root. */
  router: Router;
  /** Serves Socket Mode on this server's upgrades at `path`. */
  attach(server: Server, path?: string): void;
  tokens: Tokens;
  /** The app's ids, which Bolt may be given to save a call of `auth.test`. */
  identity: { botId: string; botUserId: string; teamId: string };
  faults: Faults;
  /** The latest calls of the Web API, oldest first. */
  calls: readonly ApiCall[];
  /** Socket Mode connections now open. */
  connections(): number;
  messages(channel: string): Message[];
  thread(channel: string, ts: string): Message[];
  ephemerals(userId: string): Message[];
  /** A member's modals, the topmost last. */
  views(userId: string): ShownView[];
  home(userId: string): ShownView | undefined;
  postAs(
    userId: string,
    channel: string,
    text: string,
    how?: { threadTs?: string; files?: Attached[] },
  ): Message;
  editAs(userId: string, channel: string, ts: string, text: string): void;
  deleteAs(userId: string, channel: string, ts: string): void;
  /** Takes the member out of a channel. */
  leaveAs(userId: string, channel: string): void;
  /** Adds the member's reaction, or takes it away. */
  reactAs(userId: string, channel: string, ts: string, name: string): void;
  click(
    userId: string,
    channel: string,
    ts: string,
    actionId: string,
    detail?: ClickDetail,
  ): Promise<Outcome>;
  clickInView(userId: string, viewId: string, actionId: string, detail?: ClickDetail): Promise<Outcome>;
  /** Submits the member's topmost modal; entries by block id and action id. @throws MemberMistake without a modal */
  submitView(userId: string, entries: Entries): Promise<Submission>;
  /** Closes the member's topmost modal. @throws MemberMistake without a modal */
  closeView(userId: string): Promise<void>;
  slash(userId: string, channel: string, command: string, text: string): Promise<Outcome>;
  messageAction(userId: string, channel: string, ts: string, callbackId: string): Promise<Outcome>;
  openHome(userId: string): void;
  /** Lets someone, or the app (`identity.botUserId`), into a channel or out of it. */
  setMembership(channel: string, userId: string, isMember: boolean): void;
  /** Takes the app out of the workspace: it hears of it, and its token is refused until `install`. */
  uninstall(): void;
  install(): void;
  /** HTTP mode: whether the app's address answers Slack's challenge. Always true in Socket Mode. */
  verifyEventsUrl(): Promise<boolean>;
  /** Resolves when every event so far is acknowledged or given up. */
  idle(): Promise<void>;
  /** Saves the state, ends connections and streams. */
  close(): Promise<void>;
};

const ACK_TIMEOUT_MS = 3000;
const RETRY_DELAYS_MS = [1000, 60_000, 300_000];

/** Makes a local Slack. Mount its router and attach it to the server that listens. */
export function createLocalSlack(options: LocalSlackOptions): LocalSlack {
  const parts = assemble(options);
  const { workspace, screens, members, deliver, stream, socket, writer } = parts;
  const top = (userId: string) => screens.stack(userId).at(-1)?.id ?? '';
  return {
    router: parts.router,
    attach: (server, path = '/sandbox/slack/socket') => socket.attach(server, path),
    tokens: parts.tokens,
    identity: { botId: APP.botId, botUserId: APP.botUserId, teamId: WORKSPACE.id },
    faults: parts.faults,
    calls: parts.calls,
    connections: () => socket.connections,
    messages: (channel) => workspace.messages(channel),
    thread: (channel, ts) => workspace.thread(channel, ts),
    ephemerals: (userId) => screens.ephemerals(userId),
    views: (userId) => screens.stack(userId),
    home: (userId) => workspace.homes.get(userId),
    postAs: (userId, channel, text, how) => members.post(userId, channel, text, how),
    editAs: (userId, channel, ts, text) => members.edit(userId, channel, ts, text),
    deleteAs: (userId, channel, ts) => members.delete(userId, channel, ts),
    leaveAs: (userId, channel) => members.leave(userId, channel),
    reactAs: (userId, channel, ts, name) => members.toggleReaction(userId, channel, ts, name),
    click: (userId, channel, ts, actionId, detail) =>
      members.click(userId, channel, ts, { ...detail, actionId }),
    clickInView: (userId, viewId, actionId, detail) =>
      members.clickInView(userId, viewId, { ...detail, actionId }),
    submitView: async (userId, entries) => members.submit(userId, top(userId), entries),
    closeView: async (userId) => members.closeView(userId, top(userId)),
    slash: (userId, channel, command, text) => members.command(userId, channel, command, text),
    messageAction: (userId, channel, ts, callbackId) =>
      members.messageShortcut(userId, channel, ts, callbackId),
    openHome: (userId) => members.openHome(userId),
    setMembership: (channel, userId, isMember) => workspace.setMembership(channel, userId, isMember),
    uninstall: () => {
      parts.events.appUninstalled();
      parts.installation.isInstalled = false;
    },
    install: () => {
      parts.installation.isInstalled = true;
    },
    verifyEventsUrl: async () => (await parts.http?.verify(randomBytes(16).toString('hex'))) ?? true,
    idle: () => deliver.idle(),
    close: async () => {
      await deliver.close();
      stream.close();
      await writer?.close();
    },
  };
}

function assemble(options: LocalSlackOptions) {
  const { log, retryDelaysMs = RETRY_DELAYS_MS, commands = [], messageShortcuts = [] } = options;
  const now = options.now ?? (() => new Date());
  const tokens = tokensOf(options.tokens);
  const { workspace, writer, store } = remember(options, now);
  const origin: Origin = { url: options.publicUrl ?? 'http://localhost:3000/sandbox/slack' };
  const wire = new WireFormat(workspace, origin);
  const screens = new Screens(workspace);
  const triggers = new Triggers(now);
  const { socket, http, transport } = connect(options, tokens, now);
  const faults = new Faults({
    expireTriggers: (times) => {
      triggers.bornExpired = times;
    },
    disconnect: (manner) => socket.disconnect(manner),
  });
  const deliver = new Deliver({ workspace, transport, faults, retryDelaysMs, log });
  const installation: Installation = { isInstalled: true, scopes: options.scopes ?? DEFAULT_SCOPES };
  const events = new Events(workspace, wire, {
    // An app that is gone, or may not read this, hears nothing.
    event: (event) => {
      const kind = workspace.channels.get(String(event.channel))?.kind;
      const isHeard = mayHear(installation.scopes, String(event.type), kind);
      if (installation.isInstalled && isHeard) deliver.event(event);
    },
  });
  const responseUrls = new ResponseUrls({ workspace, screens, events, wire, origin });
  const interactions = new Interactions({ workspace, screens, triggers, responseUrls, wire, deliver });
  const members = new MemberActions({ workspace, screens, store, events, wire, interactions });
  const stream = new PageStream({ workspace, screens, wire, commands, messageShortcuts });
  const calls: ApiCall[] = [];
  const uploads = new Uploads();
  const methods: Record<string, ApiMethod> = {
    'auth.test': () => authTest(origin),
    ...chatMethods({ workspace, screens, events, wire }),
    ...directoryMethods({ workspace, wire }),
    ...viewMethods({ workspace, screens, triggers, wire }),
    ...fileMethods({ workspace, store, events, wire, origin, uploads }),
  };
  const socketUrl = (host: string, secure: boolean) => socket.issueUrl(host, secure);
  const router = express.Router();
  const checks = {
    installation,
    checkScopes: (method: string, args: Arguments) =>
      checkScopes(workspace, installation.scopes, method, args),
  };
  const api = { methods, socketUrl, tokens, faults, responseUrls, origin, calls, now, log };
  router.use(apiRouter({ ...api, ...checks }));
  router.use(transferRouter({ workspace, store, uploads, botToken: tokens.botToken }));
  router.use(pageRouter({ workspace, store, members, screens, stream }));
  return {
    router,
    tokens,
    faults,
    calls,
    workspace,
    writer,
    screens,
    members,
    deliver,
    stream,
    socket,
    http,
    events,
    installation,
  };
}

function remember(options: LocalSlackOptions, now: () => Date) {
  const { stateFile, log } = options;
  const saved = stateFile ? loadState(stateFile, log) : undefined;
  const seeds = {
    members: options.members ?? DEFAULT_MEMBERS,
    channels: options.channels ?? DEFAULT_CHANNELS,
  };
  const workspace = new Workspace(seeds, now, saved);
  const writer = stateFile ? new StateWriter(stateFile, () => workspace.save(), log) : undefined;
  if (writer) workspace.onChange(() => writer.touch());
  return { workspace, writer, store: new FileStore(stateFile ? `${stateFile}.files` : undefined) };
}

function connect(options: LocalSlackOptions, tokens: Tokens, now: () => Date) {
  const { eventsUrl, ackTimeoutMs = ACK_TIMEOUT_MS } = options;
  const socket = new SocketMode(ackTimeoutMs, options.log);
  const { signingSecret } = tokens;
  const http = eventsUrl ? new HttpEvents({ eventsUrl, signingSecret, ackTimeoutMs, now }) : undefined;
  const transport: Transport = http ?? socket;
  return { socket, http, transport };
}

function tokensOf(given: Partial<Tokens> = {}): Tokens {
  const invent = () => randomBytes(16).toString('hex');
  return {
    botToken: `xoxb-local-${invent()}`,
    appToken: `xapp-local-${invent()}`,
    signingSecret: invent(),
    ...given,
  };
}

function authTest(origin: Origin): Record<string, unknown> {
  return {
    url: `${origin.url}/`,
    team: WORKSPACE.name,
    user: APP.name.toLowerCase(),
    team_id: WORKSPACE.id,
    user_id: APP.botUserId,
    bot_id: APP.botId,
    app_id: APP.appId,
    is_enterprise_install: false,
  };
}
