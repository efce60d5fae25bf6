import { z } from 'zod';
import { TEAMS, type Team } from '../flows/types.ts';
import type { SlackOptions } from '../inbox/slack/app.ts';
import { AppError } from '../models/error.ts';
import type { CloudOptions } from './channels/cloud.ts';

/** The environment, read once and checked: names in `.env.example`. Empty means the default. */

const ROLES = ['gateway', 'worker', 'inbox'] as const;
export type Role = (typeof ROLES)[number];

const wholeNumber = (most: number) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().max(most));
const secret = z.string().min(1);

const environmentSchema = z.object({
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must start with mongodb:// or mongodb+srv://')
    .optional(),
  DATA_DIR: z.string().default('data'),
  PORT: wholeNumber(65_535).default(3000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  TIMEZONE: z.string().refine(isTimeZone, 'must be a time zone such as Asia/Kolkata').default('Asia/Kolkata'),
  BURST_WINDOW_MS: wholeNumber(60_000).default(1200),
  ROLES: z.string().default('all').transform(parseRoles),
  WHATSAPP_TRANSPORT: z.enum(['sandbox', 'cloud'], 'must be sandbox or cloud').default('sandbox'),
  WHATSAPP_CLOUD_API_URL: z.url().default('https://graph.facebook.com'),
  WHATSAPP_CLOUD_API_VERSION: z
    .string()
    .regex(/^v\d+\.\d+$/, 'must look like v25.0')
    .default('v25.0'),
  WHATSAPP_CLOUD_PHONE_NUMBER_ID: secret.optional(),
  WHATSAPP_CLOUD_ACCESS_TOKEN: secret.optional(),
  WHATSAPP_CLOUD_APP_SECRET: secret.optional(),
  WHATSAPP_CLOUD_VERIFY_TOKEN: secret.optional(),
  SLACK_MODE: z.enum(['sandbox', 'socket', 'http'], 'must be sandbox, socket or http').default('sandbox'),
  SLACK_BOT_TOKEN: secret.optional(),
  SLACK_APP_TOKEN: secret.optional(),
  SLACK_SIGNING_SECRET: secret.optional(),
  SLACK_API_URL: z.url().default('https://slack.com/api/'),
  SLACK_CHANNEL: secret.optional(),
  SLACK_CHANNEL_SALES: secret.optional(),
  SLACK_CHANNEL_COLLECTIONS: secret.optional(),
  SLACK_CHANNEL_OPERATIONS: secret.optional(),
  SLACK_CHANNEL_LEGAL: secret.optional(),
  SLACK_CHANNEL_SITE: secret.optional(),
  SLACK_CHANNEL_SUPPORT: secret.optional(),
});
type Environment = z.infer<typeof environmentSchema>;

/** What the environment says of the Cloud API. */
type CloudConfig = Pick<
  CloudOptions,
  'apiUrl' | 'version' | 'phoneNumberId' | 'accessToken' | 'appSecret' | 'verifyToken'
>;

/** Slack as configured; the sandbox brings its own tokens, channels and address. */
type SlackConfig = { mode: 'sandbox' } | SlackOptions;

export type Config = {
  mongodbUri: string | undefined;
  dataDir: string;
  port: number;
  logLevel: Environment['LOG_LEVEL'];
  timeZone: string;
  burstWindowMs: number;
  roles: ReadonlySet<Role>;
  whatsapp: { transport: 'sandbox' } | { transport: 'cloud'; cloud: CloudConfig };
  slack: SlackConfig;
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
    logLevel: data.LOG_LEVEL,
    timeZone: data.TIMEZONE,
    burstWindowMs: data.BURST_WINDOW_MS,
    roles: data.ROLES,
    whatsapp: whatsappConfig(data),
    slack: slackConfig(data),
  };
}

function wrong(variable: string, reason: string): AppError {
  return new AppError('config', `${variable} ${reason}`, { info: { variable } });
}

function whatsappConfig(data: Environment): Config['whatsapp'] {
  if (data.WHATSAPP_TRANSPORT === 'sandbox') return { transport: 'sandbox' };
  const needs = (name: keyof Environment) => required(data, name, 'WHATSAPP_TRANSPORT=cloud');
  return {
    transport: 'cloud',
    cloud: {
      apiUrl: data.WHATSAPP_CLOUD_API_URL.replace(/\/$/, ''),
      version: data.WHATSAPP_CLOUD_API_VERSION,
      phoneNumberId: needs('WHATSAPP_CLOUD_PHONE_NUMBER_ID'),
      accessToken: needs('WHATSAPP_CLOUD_ACCESS_TOKEN'),
      appSecret: needs('WHATSAPP_CLOUD_APP_SECRET'),
      verifyToken: needs('WHATSAPP_CLOUD_VERIFY_TOKEN'),
    },
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

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
