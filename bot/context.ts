import { randomUUID } from 'node:crypto';
import type { Router } from 'express';
import type { Logger } from 'pino';
import { nextWorkday } from '../flows/hours.ts';
import { identityPaperIn } from '../flows/kyc/documents.ts';
import { RATES } from '../flows/money/rates.ts';
import type { Team } from '../flows/types.ts';
import { createDesk } from '../inbox/desk/desk.ts';
import type { LocalSlack } from '../inbox/sandbox/localSlack.ts';
import { type InboxParts, SlackInbox } from '../inbox/slack/app.ts';
import { Caseload } from '../models/caseload.ts';
import { connectDatabase, type Database } from '../models/connect.ts';
import { Dues } from '../models/dues.ts';
import { nameInstance } from '../models/instance.ts';
import { buildIndexes, createModels, type Models } from '../models/models.ts';
import type { Scheduler } from '../scheduler/agenda.ts';
import { Answers } from './answers.ts';
import { Assigner } from './assigning.ts';
import { BookingDesk } from './bookingDesk.ts';
import { StaffCommands } from './campaigns/fromStaff.ts';
import { type CampaignService, createCampaigns } from './campaigns/service.ts';
import type { CampaignDesk } from './campaigns.ts';
import { CannedReplies } from './canned.ts';
import { factsOfCase } from './caseFacts.ts';
import { createCommands } from './commandRunner.ts';
import type { Config } from './config.ts';
import { Consents } from './consents.ts';
import { Deliveries } from './deliveries.ts';
import { DEMO_PROJECT } from './demo.ts';
import { Folders } from './documents/folders.ts';
import { Keyring } from './documents/keys.ts';
import { documentLink } from './documents/links.ts';
import { MoneyPapers } from './documents/moneyPapers.ts';
import { secretsOf } from './documents/secretKey.ts';
import { Vault } from './documents/vault.ts';
import { Vaulting } from './documents/vaulting.ts';
import { createScheduler, sweepTasks } from './duties.ts';
import { Echoes } from './echoes.ts';
import { Effects } from './effects.ts';
import { Erasures } from './erasure.ts';
import { Gateway } from './gateway.ts';
import { HandedFiles } from './handedFiles.ts';
import { Happenings } from './happenings.ts';
import { Holds } from './hold.ts';
import { LateMilestones } from './lateMilestones.ts';
import { LeadDesk } from './leadDesk.ts';
import { Limits } from './limits.ts';
import { LINE_NAME, Lines } from './lines.ts';
import { MediaFetcher } from './media.ts';
import { Merges } from './merge.ts';
import { Metrics } from './metrics.ts';
import { Announcer } from './notices.ts';
import { Nudges } from './nudging.ts';
import { OutageWatch } from './outages.ts';
import { PaymentDesk } from './paymentDesk.ts';
import { CodeBook } from './portal/codes.ts';
import { PortalLinks } from './portal/links.ts';
import { createPortalOf } from './portal/making.ts';
import { Portfolio } from './portfolio.ts';
import { Receiver } from './receive.ts';
import { Runs } from './runs.ts';
import { saleNewsTask } from './saleNews.ts';
import { Sales } from './sales.ts';
import { Says } from './says.ts';
import type { SweepTask } from './sweep.ts';
import { TeamSales } from './teamSales.ts';
import { TeamBook } from './teams.ts';
import { type Channels, createChannels, createSlack } from './transports.ts';
import { Turns } from './turn.ts';
import { createCascade } from './understand/cascade.ts';
import { createLocalUnderstander } from './understand/local.ts';
import { loadTaughtModel } from './understand/model.ts';
import type { Transcriber } from './understand/transcriber.ts';
import type { Understander } from './understand/understander.ts';
import { createCalendarOf } from './visitCalendars.ts';
import { VisitDesk } from './visitDesk.ts';
import { VoiceNotes } from './voice.ts';
import { Wakeups } from './wakeups.ts';

/** So long a buyer's turn waits for a voice note to be fetched and heard; then it goes on without. */
const VOICE_WAIT_MS = 20_000;
/** A case that rests until a day of work comes back at this hour, where its team is there by then. */
const BACK_AT_HOUR = 10;

/** No paper of the vault, and with an account number nothing to be shown around either. */
const CHEQUE = /cheque|चेक/iu;

/** Everything of one running process, made once and handed to whoever needs it. */
export type Context = Channels & {
  config: Config;
  log: Logger;
  database: Database;
  models: Models;
  metrics: Metrics;
  localSlack: LocalSlack | undefined;
  inbox: SlackInbox;
  /** The managers' pages. */
  desk: Router;
  /** The buyers' pages. */
  portal: Router;
  portalLinks: PortalLinks;
  gateway: Gateway;
  receiver: Receiver;
  deliveries: Deliveries;
  echoes: Echoes;
  media: MediaFetcher;
  /** Papers of buyers, sealed, and the folders of booked units that they belong to. */
  vault: Vault;
  folders: Folders;
  turns: Wakeups;
  caseTurns: Wakeups;
  noticeTurns: Wakeups;
  homeTurns: Wakeups;
  /** Channels of Slack whose pace is waited for. */
  channelTurns: Wakeups;
  /** What became of people's words, their files, and buyers' files, each to be shown or handed on. */
  replyTurns: Wakeups;
  handOnTurns: Wakeups;
  showTurns: Wakeups;
  /** Steps campaigns on. */
  campaignTurns: Wakeups;
  /** Shows campaigns to their teams. */
  boardTurns: Wakeups;
  /** What the team does with campaigns. */
  campaigns: CampaignDesk;
  /** What happens outside the chat, on its way to the flows. */
  happenings: Happenings;
  /** Where people sell units, and ask for and decide about money. */
  bookingDesk: BookingDesk;
  paymentDesk: PaymentDesk;
  /** What people say and do in cases. */
  answers: Answers;
  holds: Holds;
  /** What people do with the runs of a buyer. */
  runs: Runs;
  /** Visits as buyers book them on their own page. */
  visitDesk: VisitDesk;
  /** What buyers have agreed to, from outside the chat, and the erasure of their data. */
  consents: Consents;
  erasures: Erasures;
  erasureTurns: Wakeups;
  merges: Merges;
  outages: OutageWatch;
  /** Tells people of a trouble, at most once per key and day. */
  alert: (key: string, text: string) => void;
  portfolio: Portfolio;
  assigner: Assigner;
  nudges: Nudges;
  /** What a decision about a conversation may know. */
  decisionContext: Turns['context'];
  sweepTasks: SweepTask[];
  scheduler: Scheduler;
};

/** Parts a test replaces: time, ids, what a model would say, a database it watches, a transport it shares. */
export type Overrides = {
  now?: () => Date;
  newId?: () => string;
  understander?: Understander;
  database?: Database;
  channels?: Channels;
};

/** Connects the database and makes every part; nothing runs or listens yet. */
export async function createContext(
  config: Config,
  log: Logger,
  overrides: Overrides = {},
): Promise<Context> {
  const now = overrides.now ?? (() => new Date());
  const newId = overrides.newId ?? randomUUID;
  const instance = nameInstance(randomUUID());
  const database =
    overrides.database ?? (await connectDatabase({ uri: config.mongodbUri, dataDir: config.dataDir, log }));
  const models = createModels(database.connection, instance);
  const secrets = await secretsOf(config);
  const keys = new Keyring(secrets);
  if (!config.secretKey && config.whatsapp.transport !== 'sandbox')
    log.warn(
      'SECRET_KEY is not set: identity papers are sealed with DATA_DIR/secret.key, lost with that folder',
    );
  const vault = new Vault({ ...models, keys, now, newId: randomUUID, log });
  const metrics = new Metrics();
  const transports =
    overrides.channels ?? (await createChannels({ config, log, models, metrics, now, newId }));
  const channels = new Map(transports.channels.map((channel) => [channel.id, channel]));
  const portfolio = new Portfolio(models.projects, models.visits, config.timeZone, log);
  const transcriber = await createTranscriber(config, metrics, now, log);
  const teams = new TeamBook(models.teams, config.timeZone, log);
  const caseload = new Caseload(models.cases);
  metrics.watchCases(() => caseload.openByTeam());
  metrics.watchMilestones(() => models.milestones.debt(now()));
  const understander = overrides.understander ?? (await createUnderstander(config, metrics, now, log));

  // Without the inbox role another process tells Slack; it finds the debt by its own sweep.
  const caseChanged = (id: string) => {
    if (config.roles.has('inbox')) caseTurns.wake(id);
  };
  const turns = new Wakeups((id) => merges.take(id), log);
  const caseTurns = new Wakeups((id) => inbox.tell(id), log);
  const noticeTurns = new Wakeups((team) => inbox.tellTeam(team as Team), log);
  const homeTurns = new Wakeups((user) => inbox.refreshHome(user), log);
  const channelTurns = new Wakeups((key) => inbox.tellChannel(key), log);
  const replyTurns = new Wakeups((id) => inbox.tellReply(id), log);
  const handOnTurns = new Wakeups((message) => inbox.handOnFiles(message), log);
  const showTurns = new Wakeups((conversation) => inbox.showFiles(conversation), log);
  const replyChanged = async (id: string) => {
    await models.replies.owe(id, now());
    if (config.roles.has('inbox')) replyTurns.wake(id);
  };
  const sales = new Sales({ models });
  const portalLinks = new PortalLinks({
    buyers: models.buyers,
    secret: secrets.current,
    publicUrl: config.publicUrl,
  });
  const codeBook = new CodeBook(secrets.current);
  const turn: Turns = new Turns({
    staffCommands: { take: (records) => staffCommands.take(records) },
    ...models,
    portfolio,
    sales,
    teams,
    understander,
    perform: (id) => effects.perform(id),
    wakeAfter: (id, delayMs) => turns.wakeAfter(id, delayMs),
    isLate: (record) => outages.isLate(record),
    showReading: (channel, key) => void channels.get(channel)?.markRead(key, true),
    burstWindowMs: config.burstWindowMs,
    voiceWaitMs: transcriber ? VOICE_WAIT_MS : 0,
    timeZone: config.timeZone,
    now,
    log,
  });
  const shared = {
    ...models,
    contextOf: turn.context.bind(turn),
    wake: (id: string) => {
      if (config.roles.has('worker')) turns.wake(id);
    },
    now,
    log,
  };
  const announcer = new Announcer({
    notices: models.notices,
    noticeRaised: (team) => {
      if (config.roles.has('inbox')) noticeTurns.wake(team);
    },
    timeZone: config.timeZone,
    now,
    log,
  });
  const alert = (key: string, text: string) => {
    log.error({ alert: key }, text);
    void announcer.alert(key, text);
  };
  const lines = new Lines({ channels, alert, onHeld: metrics.held.bind(metrics), now, log });
  const limits = new Limits({
    sends: models.sends,
    config: config.limits,
    onSpam: (channel) => {
      metrics.sent('spam', 0);
      const name = LINE_NAME[channels.get(channel)?.kind ?? 'cloud'];
      alert(`spam:${channel}`, `Buyers have reported messages of ${name}: reminders pause for an hour.`);
    },
  });
  const cityOf = async (slug: string) => (await portfolio.project(slug, now()))?.city;
  const assigner = new Assigner({ ...models, teams, cityOf, caseChanged, timeZone: config.timeZone, now });
  const nudges = new Nudges({
    ...models,
    teams,
    assigner,
    caseChanged,
    onBreach: metrics.breached.bind(metrics),
    now,
    log,
  });
  const dues = new Dues(models);
  const campaigns: CampaignService = createCampaigns({
    models,
    dues,
    channels: transports.channels,
    lines,
    limits,
    portfolio,
    config,
    instance,
    wakeConversation: shared.wake,
    board: () => inbox.campaignBoard,
    isInTeam: (user, team) => inbox.isInTeam(user, team),
    now,
    log,
  });
  // Also of one that is not on sale any more: its buyers still pay.
  const projectOf = (slug: string) => portfolio.published(slug, now());
  const projectName = async (slug: string) => (await projectOf(slug))?.name ?? slug;
  const moneyPapers = new MoneyPapers({ models, projectOf, timeZone: config.timeZone });
  const leadDesk = new LeadDesk({
    models,
    decide: (...about) => happenings.decide(...about),
    projectName,
  });
  const staffCommands = new StaffCommands({ ...models, desk: campaigns.desk, leads: leadDesk });
  const effects = new Effects({
    models,
    channels,
    lines,
    limits,
    failoverMs: config.failoverSeconds * 1_000,
    portfolio,
    teams,
    assigner,
    guard: campaigns.guard,
    papers: moneyPapers,
    demandOf: dues.demand.bind(dues),
    claimPayment: (order, at) => paymentDesk.claim(order, at),
    linkOf: portalLinks.issue.bind(portalLinks),
    calendarOf: createCalendarOf(models.visits, portfolio),
    codeOf: codeBook.digitsOf.bind(codeBook),
    campaignOutcomes: campaigns.outcomes,
    contextOf: shared.contextOf,
    vaultFile: async (message, as) => {
      const isOwed = await models.media.oweVault(message, as, now());
      if (isOwed && config.roles.has('worker')) media.wake(message);
      return isOwed;
    },
    caseChanged,
    replyChanged,
    onSend: metrics.sent.bind(metrics),
    timeZone: config.timeZone,
    now,
    log,
  });
  const linkOf = (document: string) => documentLink(config.publicUrl, document);
  const media: MediaFetcher = new MediaFetcher({
    ...models,
    channels,
    vaulting: new Vaulting({
      ...{ ...shared, vault, linkOf },
      arrived: (document) => folders.arrived(document),
    }),
    voiceNotes: transcriber && new VoiceNotes({ ...shared, transcriber }),
    contextOf: shared.contextOf,
    wake: shared.wake,
    onAttempt: metrics.fetched.bind(metrics),
    maxBytes: config.mediaMaxBytes,
    instance,
    now,
    newId: randomUUID,
    log,
  });
  const line = transports.channels[0].id;
  const happenings: Happenings = new Happenings({ ...shared, line });
  const folders: Folders = new Folders({ ...models, vault, happenings, caseChanged, now });
  const runs = new Runs(shared);
  const answers = new Answers(shared);
  const sale = { models, projectOf, happenings, timeZone: config.timeZone, now };
  const bookingDesk = new BookingDesk(sale);
  const paymentDesk: PaymentDesk = new PaymentDesk({ ...sale, answers });
  const visitDesk = new VisitDesk({ ...shared, portfolio, happenings });
  const consents = new Consents({ ...shared, line });
  const erasures = new Erasures({ ...shared, models, vault, line, caseChanged, timeZone: config.timeZone });
  const erasureTurns = new Wakeups((buyer) => erasures.step(buyer), log);
  const merges: Merges = new Merges({
    ...shared,
    models,
    moveDocuments: vault.move.bind(vault),
    line,
    takeTurn: (id) => turn.take(id),
    forget: (buyer) => receiver.forget(buyer),
  });
  const receiver = new Receiver({
    ...models,
    line,
    wake: shared.wake,
    onMerged: (absorbed, into) => merges.owe(absorbed, into),
    onStored: metrics.stored.bind(metrics),
    oweMedia: async (record, content) => {
      await media.owe(record, content);
      if (config.roles.has('worker')) media.wake(record._id);
    },
    now,
    newId,
  });
  const echoes = new Echoes({
    ...shared,
    conversationOf: receiver.conversationOf.bind(receiver),
    timeZone: config.timeZone,
  });
  const deliveries = new Deliveries({
    ...shared,
    channels,
    limits,
    replyChanged,
    campaignOutcomes: campaigns.outcomes,
    learnHandles: (from, alsoKnownAs) => receiver.conversationOf({ from, alsoKnownAs }),
  });
  const outages: OutageWatch = new OutageWatch({
    ...shared,
    channels: transports.channels,
    isGateway: config.roles.has('gateway'),
    receive: (channel, messages) => gateway.receive(channel, messages),
    echoed: (channel, taken) => echoes.take(channel.id, taken),
    raise: (key, team, text) => announcer.raise(key, team, text),
    alert,
    staleAfterMs: config.staleAfterMinutes * 60_000,
    timeZone: config.timeZone,
  });
  const gateway = new Gateway({
    channels: transports.channels,
    receiver,
    deliveries,
    outages,
    echoed: (channel, taken) => echoes.take(channel.id, taken),
    stateChanged: (channel, health) => {
      lines.look(channel);
      outages.stateChanged(channel, health);
    },
  });
  const slack = createSlack(config, log, now);
  const holds = new Holds(shared);
  const handedFiles = new HandedFiles(models.files, config.mediaMaxBytes);
  const milestoneDebt = new LateMilestones({ models, projectName, now });
  const inbox: SlackInbox = new SlackInbox({
    ...models,
    slack: slack.options,
    pace: config.slackPace,
    actions: answers,
    factsOf: (found) =>
      factsOfCase({ models, folders, linkOf, projectName, timeZone: config.timeZone, now }, found),
    nextWorkday: async (team) => nextWorkday(now(), (await teams.team(team, now())).hours, BACK_AT_HOUR),
    words: new Says({ ...shared, answers, channels }),
    canned: new CannedReplies({ ...shared, timeZone: config.timeZone }),
    holdBot: holds.hold.bind(holds),
    runs,
    milestoneDebt,
    consent: consents,
    erasure: erasures,
    commands: createCommands(campaigns.desk, leadDesk),
    papers: folders,
    namesPaper: (words) => identityPaperIn(words) !== undefined || CHEQUE.test(words),
    sales: new TeamSales({
      ...{ models, dues, projectOf, bookingDesk, paymentDesk, now, timeZone: config.timeZone },
      isInTeam: (user, team) => inbox.isInTeam(user, team),
    }),
    keepFile: handedFiles.keep.bind(handedFiles),
    maxFileBytes: Math.min(
      config.mediaMaxBytes,
      ...transports.channels.map(({ caps }) => caps.maxDocumentBytes),
    ),
    campaigns: campaigns.desk,
    caseChanged,
    wakeChannelAfter: (key, delayMs) => channelTurns.wakeAfter(key, delayMs),
    replyChanged: (id) => replyTurns.wake(id),
    fileOwed: (message) => handOnTurns.wake(message),
    mediaOwed: (conversation) => showTurns.wake(conversation),
    instance,
    timeZone: config.timeZone,
    now,
    log,
  } satisfies InboxParts);

  return {
    config,
    log,
    database,
    models,
    metrics,
    ...transports,
    localSlack: slack.local,
    inbox,
    desk: createDesk({
      transports: () =>
        transports.channels.map((channel) => {
          const { health, since } = lines.look(channel);
          return { id: channel.id, kind: channel.kind, health, since };
        }),
      pairing: transports.web,
      password: config.deskPassword,
      papers: vault,
      timeZone: config.timeZone,
      now,
      log,
    }),
    portalLinks,
    portal: createPortalOf({
      ...{ models, config, portfolio, vault, happenings, portalLinks, codeBook, now, log },
      ...{ folders, visitDesk, paymentDesk, moneyPapers },
      secret: secrets.current,
    }),
    gateway,
    receiver,
    deliveries,
    echoes,
    media,
    vault,
    folders,
    portfolio,
    assigner,
    nudges,
    decisionContext: shared.contextOf,
    turns,
    caseTurns,
    noticeTurns,
    homeTurns,
    channelTurns,
    replyTurns,
    handOnTurns,
    showTurns,
    campaignTurns: campaigns.turns,
    boardTurns: campaigns.boardTurns,
    campaigns: campaigns.desk,
    happenings,
    bookingDesk,
    paymentDesk,
    answers,
    holds,
    runs,
    visitDesk,
    consents,
    erasures,
    erasureTurns,
    merges,
    outages,
    alert,
    sweepTasks: [
      ...sweepTasks({
        ...{ config, models, turns, caseTurns, noticeTurns, homeTurns, replyTurns, handOnTurns, showTurns },
        ...{ inbox, nudges, media, merges, erasures, erasureTurns, outages, now },
      }),
      saleNewsTask({ saleNews: models.saleNews, bookingDesk, paymentDesk, now, log }),
      ...campaigns.sweepTasks,
    ],
    scheduler: createScheduler({ config, database, models, media, vault, web: transports.web, now, log }),
  };
}

/** Our own classifier, with a model behind it where one is configured. */
async function createUnderstander(
  config: Config,
  metrics: Metrics,
  now: () => Date,
  log: Logger,
): Promise<Understander> {
  const { model, stale } = loadTaughtModel(config.dataDir);
  if (stale)
    log.warn(
      'the model with the corrections was made by another version: run npm run train -- --corrections',
    );
  const local = createLocalUnderstander(model);
  if (!config.openai) return local;
  // The client takes most of a second to load: only who has a model waits for it.
  const { OpenAiReader } = await import('./understand/openai.ts');
  const onCall = metrics.asked.bind(metrics);
  return createCascade({ local, model: new OpenAiReader({ ...config.openai, onCall, now, log }) });
}

/** What hears voice notes, where a model is configured. */
async function createTranscriber(
  config: Config,
  metrics: Metrics,
  now: () => Date,
  log: Logger,
): Promise<Transcriber | undefined> {
  if (!config.openai) return undefined;
  const { Transcriber } = await import('./understand/transcriber.ts');
  const { transcriptionModel: model } = config.openai;
  const onCall = metrics.transcribed.bind(metrics);
  return new Transcriber({ ...config.openai, model, onCall, now, log });
}

/**
 * Prepares an empty or older database: indexes, the rates that came with this version, and the demo project while
 * nothing else is on sale, so that a new installation answers from its first minute.
 */
export async function prepareDatabase({ models, log }: Context): Promise<void> {
  await buildIndexes(models);
  await models.rates.seed(RATES, new Date());
  if ((await models.projects.onSale()).length > 0) return;
  await models.projects.publish(DEMO_PROJECT.slug, DEMO_PROJECT);
  log.warn(
    'no project is on sale: the demo project stands in until you run npm run project -- publish <file>',
  );
}
