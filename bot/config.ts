import { parse as splitWords } from 'shell-quote';
import { z } from 'zod';
import { TEAMS, type Team } from '../flows/types.ts';
import type { SlackOptions } from '../inbox/slack/app.ts';
import type { PaceOptions } from '../inbox/slack/pace.ts';
import { AppError } from '../models/error.ts';
import type { CloudOptions } from './channels/cloud.ts';
import { LEAST_SECRET_CHARACTERS } from './documents/secretKey.ts';
import type { OpenAiConfig } from './understand/modelServer.ts';

/** The environment, read once and checked: names in `.env.example`. Empty means the default. */

const ROLES = ['gateway', 'worker', 'inbox'] as const;
export type Role = (typeof ROLES)[number];

/**
 * https://docs.slack.dev/apis/web-api/rate-limits: `chat.postMessage` "generally allows posting one message per
 * second per channel"; `chat.update` is of tier 3, "50+ per minute" over the workspace.
 */
const SLACK_PACE: PaceOptions = { postsPerSecond: 1, updatesPerMinute: 50 };

const wholeNumber = (most: number) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().max(most));
const secret = z.string().min(1);
const secretKey = z
  .string()
  .min(LEAST_SECRET_CHARACTERS, `must have at least ${LEAST_SECRET_CHARACTERS} characters`);

const environmentSchema = z.object({
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must start with mongodb:// or mongodb+srv://')
    .optional(),
  DATA_DIR: z.string().default('data'),
  PORT: wholeNumber(65_535).default(3000),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be a web address such as https://homes.example.com' })
    .optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  TIMEZONE: z.string().refine(isTimeZone, 'must be a time zone such as Asia/Kolkata').default('Asia/Kolkata'),
  BURST_WINDOW_MS: wholeNumber(60_000).default(1200),
  ROLES: z.string().default('all').transform(parseRoles),
  WHATSAPP_TRANSPORT: z
    .enum(['sandbox', 'web', 'cloud', 'web,cloud'], 'must be sandbox, web, cloud, or web,cloud')
    .default('sandbox'),
  CHROMIUM_PATH: z.string().optional(),
  CHROMIUM_ARGS: z.string().default('').transform(parseWords),
  WHATSAPP_WEB_PAIR_PHONE: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/, 'must be a phone number such as +919999900001')
    .optional(),
  WHATSAPP_WEB_DELAY_MS: z.string().default('1000-3000').transform(parseRange),
  WHATSAPP_WEB_COLD_PER_DAY: wholeNumber(1_000).default(20),
  WHATSAPP_WEB_COLD_PAUSE_HOURS: wholeNumber(720).default(24),
  WHATSAPP_CLOUD_PER_SECOND: wholeNumber(1_000).default(80),
  WHATSAPP_CLOUD_BUYER_BURST: wholeNumber(1_000).default(45),
  WHATSAPP_CLOUD_BUYER_SECONDS: wholeNumber(600).default(6),
  WHATSAPP_FAILOVER_SECONDS: wholeNumber(86_400).default(120),
  STALE_AFTER_MINUTES: wholeNumber(10_080).default(15),
  CAMPAIGN_SECOND_PERSON_ABOVE: wholeNumber(1_000_000).default(50),
  CAMPAIGN_REMINDED_WITHIN_DAYS: wholeNumber(90).default(3),
  MEDIA_MAX_MEGABYTES: wholeNumber(2_000).default(100),
  SECRET_KEY: secretKey.optional(),
  SECRET_KEY_PREVIOUS: secretKey.optional(),
  DESK_PASSWORD: z.string().min(12, 'must have at least 12 characters').optional(),
  WHATSAPP_CLOUD_API_URL: z.url().default('https://graph.facebook.com'),
  WHATSAPP_CLOUD_API_VERSION: z
    .string()
    .regex(/^v\d+\.\d+$/, 'must look like v25.0')
    .default('v25.0'),
  WHATSAPP_CLOUD_PHONE_NUMBER_ID: secret.optional(),
  WHATSAPP_CLOUD_ACCESS_TOKEN: secret.optional(),
  WHATSAPP_CLOUD_APP_SECRET: secret.optional(),
  WHATSAPP_CLOUD_VERIFY_TOKEN: secret.optional(),
  OPENAI_API_KEY: secret.optional(),
  OPENAI_BASE_URL: z.url().optional(),
  OPENAI_MODEL: z.string().default('gpt-4.1-mini'),
  OPENAI_TRANSCRIPTION_MODEL: z.string().default('gpt-4o-mini-transcribe'),
  SLACK_MODE: z.enum(['sandbox', 'socket', 'http'], 'must be sandbox, socket or http').default('sandbox'),
  SLACK_BOT_TOKEN: secret.optional(),
  SLACK_APP_TOKEN: secret.optional(),
  SLACK_SIGNING_SECRET: secret.optional(),
  SLACK_API_URL: z.url().default('https://slack.com/api/'),
  SLACK_CHANNEL_PER_SECOND: wholeNumber(1_000).pipe(z.number().min(1)).default(SLACK_PACE.postsPerSecond),
  SLACK_UPDATES_PER_MINUTE: wholeNumber(100_000).pipe(z.number().min(2)).default(SLACK_PACE.updatesPerMinute),
  SLACK_CHANNEL: secret.optional(),
  SLACK_CHANNEL_SALES: secret.optional(),
  SLACK_CHANNEL_COLLECTIONS: secret.optional(),
  SLACK_CHANNEL_OPERATIONS: secret.optional(),
  SLACK_CHANNEL_LEGAL: secret.optional(),
  SLACK_CHANNEL_SITE: secret.optional(),
  SLACK_CHANNEL_SUPPORT: secret.optional(),
});
type Environment = z.infer<typeof environmentSchema>;

/** The names of all that is read; `.env.example` says what each means. */
export const VARIABLES: readonly string[] = Object.keys(environmentSchema.shape);

/** What the environment says of the Cloud API. */
export type CloudConfig = Pick<
  CloudOptions,
  'apiUrl' | 'version' | 'phoneNumberId' | 'accessToken' | 'appSecret' | 'verifyToken'
>;

/** What the environment says of the paired phone and the browser it is paired with. */
export type WebConfig = {
  /** Absent: looked for where systems put it. */
  chromiumPath: string | undefined;
  chromiumArgs: string[];
  /** Pairs by a code typed on this phone instead of a QR code. */
  pairPhone: string | undefined;
  /** Each send waits between these, with typing shown. */
  delayMs: { least: number; most: number };
};

/** How much may be sent, by transport; see `bot/limits.ts`. */
export type LimitsConfig = {
  /** Conversations that we begin on the paired phone, per 24 hours, and the pause after a refused one. */
  coldPerDay: number;
  coldPauseHours: number;
  cloudPerSecond: number;
  /** One buyer gets this many at once and then one every so many seconds. */
  cloudBuyerBurst: number;
  cloudBuyerSeconds: number;
};

/** What holds for reminders to many. */
export type CampaignsConfig = {
  /** More recipients than this are confirmed by two people. */
  secondPersonAbove: number;
  /** Nobody is reminded of the same matter twice within so many days; 0 allows it. */
  remindedWithinDays: number;
};

/** Slack as configured; the sandbox brings its own tokens, channels and address. */
type SlackConfig = { mode: 'sandbox' } | SlackOptions;

export type Config = {
  mongodbUri: string | undefined;
  dataDir: string;
  port: number;
  /** Where buyers reach us, without a slash at its end. */
  publicUrl: string;
  logLevel: Environment['LOG_LEVEL'];
  timeZone: string;
  burstWindowMs: number;
  roles: ReadonlySet<Role>;
  whatsapp:
    | { transport: 'sandbox' }
    | { transport: 'web'; web: WebConfig }
    | { transport: 'cloud'; cloud: CloudConfig }
    | { transport: 'web,cloud'; web: WebConfig; cloud: CloudConfig };
  limits: LimitsConfig;
  campaigns: CampaignsConfig;
  /** How long the paired phone may be away before an approved template goes out by the Cloud API instead. */
  failoverSeconds: number;
  /** A question older than this that comes in after an outage goes to a person. */
  staleAfterMinutes: number;
  mediaMaxBytes: number;
  /** Without it the desk opens to this machine only. */
  /** Opens the vault. Absent: one is made and kept in DATA_DIR; see `bot/documents/secretKey.ts`. */
  secretKey: string | undefined;
  /** What SECRET_KEY was before, until `npm run rewrap` has run. */
  secretKeyPrevious: string | undefined;
  deskPassword: string | undefined;
  /** Absent: what a message means is read on this machine alone, and voice notes go to people. */
  openai: OpenAiConfig | undefined;
  slack: SlackConfig;
  slackPace: PaceOptions;
};

/**
 * Reads and checks the environment. Throws an AppError `config` whose message names the first wrong variable
 * and what is wrong with it.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw wrong(String(issue?.path[0]), issue?.message ?? 'is wrong');
  }
  const { data } = parsed;
  return {
    mongodbUri: data.MONGODB_URI,
    dataDir: data.DATA_DIR,
    port: data.PORT,
    publicUrl: (data.PUBLIC_URL ?? `http://localhost:${data.PORT}`).replace(/\/+$/, ''),
    logLevel: data.LOG_LEVEL,
    timeZone: data.TIMEZONE,
    burstWindowMs: data.BURST_WINDOW_MS,
    roles: data.ROLES,
    whatsapp: whatsappConfig(data),
    limits: {
      coldPerDay: data.WHATSAPP_WEB_COLD_PER_DAY,
      coldPauseHours: data.WHATSAPP_WEB_COLD_PAUSE_HOURS,
      cloudPerSecond: data.WHATSAPP_CLOUD_PER_SECOND,
      cloudBuyerBurst: data.WHATSAPP_CLOUD_BUYER_BURST,
      cloudBuyerSeconds: data.WHATSAPP_CLOUD_BUYER_SECONDS,
    },
    campaigns: {
      secondPersonAbove: data.CAMPAIGN_SECOND_PERSON_ABOVE,
      remindedWithinDays: data.CAMPAIGN_REMINDED_WITHIN_DAYS,
    },
    failoverSeconds: data.WHATSAPP_FAILOVER_SECONDS,
    staleAfterMinutes: data.STALE_AFTER_MINUTES,
    mediaMaxBytes: data.MEDIA_MAX_MEGABYTES * 1024 * 1024,
    secretKey: data.SECRET_KEY,
    secretKeyPrevious: data.SECRET_KEY_PREVIOUS,
    deskPassword: data.DESK_PASSWORD,
    openai: openAiConfig(data),
    slack: slackConfig(data),
    slackPace: {
      postsPerSecond: data.SLACK_CHANNEL_PER_SECOND,
      updatesPerMinute: data.SLACK_UPDATES_PER_MINUTE,
    },
  };
}

function wrong(variable: string, reason: string): AppError {
  return new AppError('config', `${variable} ${reason}`, { info: { variable } });
}

function whatsappConfig(data: Environment): Config['whatsapp'] {
  switch (data.WHATSAPP_TRANSPORT) {
    case 'sandbox':
      return { transport: 'sandbox' };
    case 'web':
      return { transport: 'web', web: webConfig(data) };
    case 'cloud':
      return { transport: 'cloud', cloud: cloudConfig(data) };
    case 'web,cloud':
      return { transport: 'web,cloud', web: webConfig(data), cloud: cloudConfig(data) };
  }
}

/** The browser lives in one process, and what is owed can only be sent from there. */
function webConfig(data: Environment): WebConfig {
  if (!data.ROLES.has('gateway') || !data.ROLES.has('worker'))
    throw wrong('ROLES', `must have gateway and worker when WHATSAPP_TRANSPORT=${data.WHATSAPP_TRANSPORT}`);
  return {
    chromiumPath: data.CHROMIUM_PATH,
    chromiumArgs: data.CHROMIUM_ARGS,
    pairPhone: data.WHATSAPP_WEB_PAIR_PHONE,
    delayMs: data.WHATSAPP_WEB_DELAY_MS,
  };
}

function cloudConfig(data: Environment): CloudConfig {
  const needs = (name: keyof Environment) =>
    required(data, name, `WHATSAPP_TRANSPORT=${data.WHATSAPP_TRANSPORT}`);
  return {
    apiUrl: data.WHATSAPP_CLOUD_API_URL.replace(/\/$/, ''),
    version: data.WHATSAPP_CLOUD_API_VERSION,
    phoneNumberId: needs('WHATSAPP_CLOUD_PHONE_NUMBER_ID'),
    accessToken: needs('WHATSAPP_CLOUD_ACCESS_TOKEN'),
    appSecret: needs('WHATSAPP_CLOUD_APP_SECRET'),
    verifyToken: needs('WHATSAPP_CLOUD_VERIFY_TOKEN'),
  };
}

/** A key or an address configures it: servers of one's own often want no key. */
function openAiConfig(data: Environment): OpenAiConfig | undefined {
  if (data.OPENAI_API_KEY === undefined && data.OPENAI_BASE_URL === undefined) return undefined;
  return {
    apiKey: data.OPENAI_API_KEY ?? 'none',
    baseUrl: data.OPENAI_BASE_URL ?? 'https://api.openai.com/v1',
    model: data.OPENAI_MODEL,
    transcriptionModel: data.OPENAI_TRANSCRIPTION_MODEL,
  };
}

function slackConfig(data: Environment): SlackConfig {
  if (data.SLACK_MODE === 'sandbox') return { mode: 'sandbox' };
  const needs = (name: keyof Environment) => required(data, name, `SLACK_MODE=${data.SLACK_MODE}`);
  return {
    mode: data.SLACK_MODE,
    apiUrl: data.SLACK_API_URL.endsWith('/') ? data.SLACK_API_URL : `${data.SLACK_API_URL}/`,
    botToken: needs('SLACK_BOT_TOKEN'),
    ...(data.SLACK_MODE === 'socket'
      ? { appToken: needs('SLACK_APP_TOKEN') }
      : { signingSecret: needs('SLACK_SIGNING_SECRET') }),
    channels: teamChannels(data),
  };
}

/** Each team's own channel, or the common one for teams without. */
function teamChannels(data: Environment): Record<Team, string> {
  const channelOf = (team: Team): string => {
    const name = `SLACK_CHANNEL_${team.toUpperCase()}` as keyof Environment;
    const own = data[name];
    if (typeof own === 'string') return own;
    if (data.SLACK_CHANNEL) return data.SLACK_CHANNEL;
    throw wrong('SLACK_CHANNEL', `must be set, or ${name}: there is no channel for the ${team} team`);
  };
  return Object.fromEntries(TEAMS.map((team) => [team, channelOf(team)])) as Record<Team, string>;
}

function required(data: Environment, name: keyof Environment, because: string): string {
  const value = data[name];
  if (typeof value !== 'string') throw wrong(name, `must be set when ${because}`);
  return value;
}

function parseRoles(text: string, context: z.RefinementCtx): ReadonlySet<Role> {
  if (text.trim() === 'all') return new Set(ROLES);
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!(ROLES as readonly string[]).includes(name)) {
      context.addIssue({ code: 'custom', message: `must be all, or any of ${ROLES.join(',')}` });
      return z.NEVER;
    }
  }
  return new Set(names as Role[]);
}

/** `1000-3000` */
function parseRange(text: string, context: z.RefinementCtx): { least: number; most: number } {
  const [, least, most] = /^(\d{1,6})-(\d{1,6})$/.exec(text) ?? [];
  if (least !== undefined && most !== undefined && Number(least) <= Number(most))
    return { least: Number(least), most: Number(most) };
  context.addIssue({ code: 'custom', message: 'must be two whole numbers such as 1000-3000' });
  return z.NEVER;
}

/** Splits as a shell splits words; quotes are honoured, nothing is expanded. */
function parseWords(text: string, context: z.RefinementCtx): string[] {
  const words = splitWords(text, (name) => `$${name}`).map((word) =>
    typeof word === 'object' && 'pattern' in word ? word.pattern : word,
  );
  if (words.every((word) => typeof word === 'string')) return words;
  context.addIssue({
    code: 'custom',
    message: 'must be words and quotes only; quote what a shell would act on',
  });
  return z.NEVER;
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
