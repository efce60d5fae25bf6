import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { readConfig, VARIABLES } from '../bot/config.ts';
import { TEAMS } from '../flows/types.ts';
import { AppError } from '../models/error.ts';

const SECRET_KEY = 'a secret of thirty-two characters';
const cloud = {
  SECRET_KEY,
  WHATSAPP_TRANSPORT: 'cloud',
  WHATSAPP_CLOUD_PHONE_NUMBER_ID: '200000000000001',
  WHATSAPP_CLOUD_ACCESS_TOKEN: 'token',
  WHATSAPP_CLOUD_APP_SECRET: 'secret',
  WHATSAPP_CLOUD_VERIFY_TOKEN: 'verify',
};
const http = {
  SLACK_MODE: 'http',
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_SIGNING_SECRET: 'signing',
  SLACK_CHANNEL: 'C1',
};
const socket = {
  SLACK_MODE: 'socket',
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  SLACK_CHANNEL: 'C1',
};

describe('a good environment', () => {
  it('may leave SECRET_KEY out: the installation makes its own, whatever the transport', () => {
    expect(readConfig({ WHATSAPP_TRANSPORT: 'web' }).secretKey).toBeUndefined();
    expect(readConfig({ ...cloud, SECRET_KEY: ' ' }).secretKey).toBeUndefined();
  });

  it('is the empty one: everything in the sandbox', () => {
    expect(readConfig({})).toEqual({
      mongodbUri: undefined,
      dataDir: 'data',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      logLevel: 'info',
      timeZone: 'Asia/Kolkata',
      burstWindowMs: 1200,
      roles: new Set(['gateway', 'worker', 'inbox']),
      whatsapp: { transport: 'sandbox' },
      limits: {
        coldPerDay: 20,
        coldPauseHours: 24,
        cloudPerSecond: 80,
        cloudBuyerBurst: 45,
        cloudBuyerSeconds: 6,
      },
      campaigns: { secondPersonAbove: 50, remindedWithinDays: 3 },
      failoverSeconds: 120,
      staleAfterMinutes: 15,
      mediaMaxBytes: 100 * 1024 * 1024,
      secretKey: undefined,
      secretKeyPrevious: undefined,
      deskPassword: undefined,
      openai: undefined,
      slack: { mode: 'sandbox' },
      slackPace: { postsPerSecond: 1, updatesPerMinute: 50 },
    });
  });

  it('takes empty and blank values for missing ones', () => {
    const names = [
      'MONGODB_URI',
      'PORT',
      'TIMEZONE',
      'ROLES',
      'WHATSAPP_TRANSPORT',
      'CHROMIUM_PATH',
      'CHROMIUM_ARGS',
      'WHATSAPP_WEB_PAIR_PHONE',
      'WHATSAPP_WEB_DELAY_MS',
      'WHATSAPP_FAILOVER_SECONDS',
      'SECRET_KEY',
      'SECRET_KEY_PREVIOUS',
      'DESK_PASSWORD',
      'OPENAI_API_KEY',
      'OPENAI_BASE_URL',
      'OPENAI_MODEL',
      'OPENAI_TRANSCRIPTION_MODEL',
      'SLACK_MODE',
      'LOG_LEVEL',
    ];
    expect(readConfig(Object.fromEntries(names.map((name, index) => [name, index % 2 ? '' : '  '])))).toEqual(
      readConfig({}),
    );
  });

  it('reads every setting', () => {
    const config = readConfig({
      MONGODB_URI: 'mongodb://db.example:27017/baton?replicaSet=rs0',
      DATA_DIR: '/srv/baton',
      PORT: '8080',
      PUBLIC_URL: 'https://homes.example.com/',
      LOG_LEVEL: 'debug',
      TIMEZONE: 'Asia/Dubai',
      BURST_WINDOW_MS: '0',
      ROLES: 'gateway, worker',
      ...cloud,
      WHATSAPP_TRANSPORT: 'web,cloud',
      CHROMIUM_PATH: '/opt/chromium/chrome',
      CHROMIUM_ARGS: '--lang=en',
      WHATSAPP_WEB_PAIR_PHONE: '+919999900001',
      WHATSAPP_WEB_DELAY_MS: '0-0',
      WHATSAPP_WEB_COLD_PER_DAY: '0',
      WHATSAPP_WEB_COLD_PAUSE_HOURS: '48',
      WHATSAPP_CLOUD_PER_SECOND: '20',
      WHATSAPP_CLOUD_BUYER_BURST: '10',
      WHATSAPP_CLOUD_BUYER_SECONDS: '9',
      WHATSAPP_FAILOVER_SECONDS: '0',
      STALE_AFTER_MINUTES: '30',
      MEDIA_MAX_MEGABYTES: '16',
      SECRET_KEY_PREVIOUS: 'the secret that was in use before it',
      DESK_PASSWORD: 'a long enough password',
      WHATSAPP_CLOUD_API_URL: 'http://127.0.0.1:4000/',
      WHATSAPP_CLOUD_API_VERSION: 'v26.0',
      OPENAI_API_KEY: 'sk-1',
      OPENAI_BASE_URL: 'http://127.0.0.1:8000/v1',
      OPENAI_MODEL: 'small',
      OPENAI_TRANSCRIPTION_MODEL: 'ear',
      ...socket,
      SLACK_API_URL: 'http://127.0.0.1:5000/api',
      SLACK_CHANNEL_LEGAL: 'C2',
      SLACK_CHANNEL_PER_SECOND: '2',
      SLACK_UPDATES_PER_MINUTE: '40',
      CAMPAIGN_SECOND_PERSON_ABOVE: '200',
      CAMPAIGN_REMINDED_WITHIN_DAYS: '0',
    });
    expect(config).toEqual({
      mongodbUri: 'mongodb://db.example:27017/baton?replicaSet=rs0',
      dataDir: '/srv/baton',
      port: 8080,
      publicUrl: 'https://homes.example.com',
      logLevel: 'debug',
      timeZone: 'Asia/Dubai',
      burstWindowMs: 0,
      roles: new Set(['gateway', 'worker']),
      whatsapp: {
        transport: 'web,cloud',
        web: {
          chromiumPath: '/opt/chromium/chrome',
          chromiumArgs: ['--lang=en'],
          pairPhone: '+919999900001',
          delayMs: { least: 0, most: 0 },
        },
        cloud: {
          apiUrl: 'http://127.0.0.1:4000',
          version: 'v26.0',
          phoneNumberId: '200000000000001',
          accessToken: 'token',
          appSecret: 'secret',
          verifyToken: 'verify',
        },
      },
      limits: {
        coldPerDay: 0,
        coldPauseHours: 48,
        cloudPerSecond: 20,
        cloudBuyerBurst: 10,
        cloudBuyerSeconds: 9,
      },
      campaigns: { secondPersonAbove: 200, remindedWithinDays: 0 },
      failoverSeconds: 0,
      staleAfterMinutes: 30,
      mediaMaxBytes: 16 * 1024 * 1024,
      secretKey: SECRET_KEY,
      secretKeyPrevious: 'the secret that was in use before it',
      deskPassword: 'a long enough password',
      openai: {
        apiKey: 'sk-1',
        baseUrl: 'http://127.0.0.1:8000/v1',
        model: 'small',
        transcriptionModel: 'ear',
      },
      slackPace: { postsPerSecond: 2, updatesPerMinute: 40 },
      slack: {
        mode: 'socket',
        apiUrl: 'http://127.0.0.1:5000/api/',
        botToken: 'xoxb-1',
        appToken: 'xapp-1',
        channels: { ...Object.fromEntries(TEAMS.map((team) => [team, 'C1'])), legal: 'C2' },
      },
    });
  });

  it('needs no common channel when every team has its own', () => {
    const { SLACK_CHANNEL: _common, ...rest } = http;
    const own = Object.fromEntries(TEAMS.map((team) => [`SLACK_CHANNEL_${team.toUpperCase()}`, `C-${team}`]));
    expect(readConfig({ ...rest, ...own }).slack).toMatchObject({
      mode: 'http',
      signingSecret: 'signing',
      channels: Object.fromEntries(TEAMS.map((team) => [team, `C-${team}`])),
    });
  });

  it('needs a secret and nothing more for a paired phone: Chromium is looked for, sends keep a person’s pace', () => {
    expect(readConfig({ SECRET_KEY, WHATSAPP_TRANSPORT: 'web' }).whatsapp).toEqual({
      transport: 'web',
      web: {
        chromiumPath: undefined,
        chromiumArgs: [],
        pairPhone: undefined,
        delayMs: { least: 1000, most: 3000 },
      },
    });
  });

  it('asks OpenAI with no more than a key, and a server of one’s own without one', () => {
    expect(readConfig({ OPENAI_API_KEY: 'sk-1' }).openai).toEqual({
      apiKey: 'sk-1',
      baseUrl: 'https://api.openai.com/v1',
      model: 'gpt-4.1-mini',
      transcriptionModel: 'gpt-4o-mini-transcribe',
    });
    expect(readConfig({ OPENAI_BASE_URL: 'http://127.0.0.1:8000/v1' }).openai).toEqual({
      apiKey: 'none',
      baseUrl: 'http://127.0.0.1:8000/v1',
      model: 'gpt-4.1-mini',
      transcriptionModel: 'gpt-4o-mini-transcribe',
    });
    expect(readConfig({ OPENAI_MODEL: 'small', OPENAI_TRANSCRIPTION_MODEL: 'ear' }).openai).toBeUndefined();
  });

  it.each([
    ['--lang=en   --mute-audio', ['--lang=en', '--mute-audio']],
    [
      '--ignore-certificate-errors "--host-resolver-rules=MAP web.whatsapp.com 127.0.0.1:4433, EXCLUDE 127.0.0.1"',
      [
        '--ignore-certificate-errors',
        '--host-resolver-rules=MAP web.whatsapp.com 127.0.0.1:4433, EXCLUDE 127.0.0.1',
      ],
    ],
    ['--user-agent=\'A b "c"\' --x=a\\ b', ['--user-agent=A b "c"', '--x=a b']],
    ['--flag=$HOME', ['--flag=$HOME']],
    ["'--proxy-bypass-list=<-loopback>;*.local'", ['--proxy-bypass-list=<-loopback>;*.local']],
    ['--remote-allow-origins=*', ['--remote-allow-origins=*']],
  ])('splits CHROMIUM_ARGS as a shell splits words: %s', (text, words) => {
    const { whatsapp } = readConfig({ SECRET_KEY, WHATSAPP_TRANSPORT: 'web', CHROMIUM_ARGS: text });
    expect(whatsapp).toMatchObject({ web: { chromiumArgs: words } });
  });

  it.each(['all', 'gateway,worker', 'worker,gateway,inbox'])(
    'may pair a phone in a process with ROLES=%s',
    (roles) => {
      expect(() => readConfig({ SECRET_KEY, WHATSAPP_TRANSPORT: 'web', ROLES: roles })).not.toThrow();
    },
  );

  it.each([
    ['mongodb+srv address', { MONGODB_URI: 'mongodb+srv://cluster.example/baton' }],
    ['single role', { ROLES: 'inbox' }],
    ['longest burst', { BURST_WINDOW_MS: '60000' }],
    ['free port', { PORT: '0' }],
  ])('may be a %s', (_what, env) => {
    expect(() => readConfig(env)).not.toThrow();
  });
});

describe('a bad environment', () => {
  it.each([
    ['PORT', { PORT: 'http' }, 'whole number'],
    ['PORT', { PORT: '70000' }, '65535'],
    ['PORT', { PORT: '-1' }, 'whole number'],
    ['PORT', { PORT: '3000.5' }, 'whole number'],
    ['BURST_WINDOW_MS', { BURST_WINDOW_MS: '60001' }, '60000'],
    ['BURST_WINDOW_MS', { BURST_WINDOW_MS: '1s' }, 'whole number'],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }, 'info'],
    ['TIMEZONE', { TIMEZONE: 'India' }, 'Asia/Kolkata'],
    ['ROLES', { ROLES: 'gateway,cook' }, 'gateway,worker,inbox'],
    ['ROLES', { ROLES: 'gateway,' }, 'gateway,worker,inbox'],
    ['MONGODB_URI', { MONGODB_URI: 'localhost:27017' }, 'mongodb://'],
    ['WHATSAPP_TRANSPORT', { WHATSAPP_TRANSPORT: 'fax' }, 'sandbox, web, cloud'],
    ['WHATSAPP_TRANSPORT', { ...cloud, WHATSAPP_TRANSPORT: 'cloud,web' }, 'web,cloud'],
    ['CHROMIUM_ARGS', { CHROMIUM_ARGS: '--lang=en; reboot' }, 'words and quotes'],
    ['CHROMIUM_ARGS', { CHROMIUM_ARGS: '--mute-audio && true' }, 'words and quotes'],
    ['WHATSAPP_WEB_PAIR_PHONE', { WHATSAPP_WEB_PAIR_PHONE: '99999 00001' }, '+919999900001'],
    ['WHATSAPP_WEB_DELAY_MS', { WHATSAPP_WEB_DELAY_MS: '1000' }, '1000-3000'],
    ['WHATSAPP_WEB_DELAY_MS', { WHATSAPP_WEB_DELAY_MS: '3000-1000' }, '1000-3000'],
    ['WHATSAPP_WEB_COLD_PER_DAY', { WHATSAPP_WEB_COLD_PER_DAY: '1001' }, '1000'],
    ['WHATSAPP_WEB_COLD_PAUSE_HOURS', { WHATSAPP_WEB_COLD_PAUSE_HOURS: 'a day' }, 'whole number'],
    ['WHATSAPP_CLOUD_PER_SECOND', { WHATSAPP_CLOUD_PER_SECOND: '-1' }, 'whole number'],
    ['WHATSAPP_CLOUD_BUYER_BURST', { WHATSAPP_CLOUD_BUYER_BURST: '4.5' }, 'whole number'],
    ['WHATSAPP_CLOUD_BUYER_SECONDS', { WHATSAPP_CLOUD_BUYER_SECONDS: '601' }, '600'],
    ['WHATSAPP_FAILOVER_SECONDS', { WHATSAPP_FAILOVER_SECONDS: '86401' }, '86400'],
    ['STALE_AFTER_MINUTES', { STALE_AFTER_MINUTES: '15m' }, 'whole number'],
    ['MEDIA_MAX_MEGABYTES', { MEDIA_MAX_MEGABYTES: '2001' }, '2000'],
    ['SECRET_KEY', { SECRET_KEY: 'x'.repeat(31) }, '32 characters'],
    ['SECRET_KEY_PREVIOUS', { SECRET_KEY_PREVIOUS: 'x'.repeat(31) }, '32 characters'],
    ['DESK_PASSWORD', { DESK_PASSWORD: 'short' }, '12 characters'],
    ['ROLES', { WHATSAPP_TRANSPORT: 'web', ROLES: 'gateway' }, 'gateway and worker'],
    ['ROLES', { ...cloud, WHATSAPP_TRANSPORT: 'web,cloud', ROLES: 'worker,inbox' }, 'gateway and worker'],
    ['WHATSAPP_CLOUD_API_URL', { ...cloud, WHATSAPP_CLOUD_API_URL: 'graph' }, 'URL'],
    ['WHATSAPP_CLOUD_API_VERSION', { ...cloud, WHATSAPP_CLOUD_API_VERSION: '25' }, 'v25.0'],
    ['OPENAI_BASE_URL', { OPENAI_BASE_URL: 'localhost' }, 'URL'],
    ['SLACK_MODE', { SLACK_MODE: 'email' }, 'socket or http'],
    ['SLACK_API_URL', { ...http, SLACK_API_URL: 'slack' }, 'URL'],
    ['SLACK_CHANNEL', { ...http, SLACK_CHANNEL: '' }, 'SLACK_CHANNEL_SALES'],
  ])('names %s in %j', (variable, env, reason) => {
    expectRefusal(env, variable, reason);
  });

  it.each([
    'WHATSAPP_CLOUD_PHONE_NUMBER_ID',
    'WHATSAPP_CLOUD_ACCESS_TOKEN',
    'WHATSAPP_CLOUD_APP_SECRET',
    'WHATSAPP_CLOUD_VERIFY_TOKEN',
  ])('lacks %s, which the Cloud API needs', (variable) => {
    for (const transport of ['cloud', 'web,cloud']) {
      const env = { ...cloud, WHATSAPP_TRANSPORT: transport, [variable]: ' ' };
      expectRefusal(env, variable, `WHATSAPP_TRANSPORT=${transport}`);
    }
  });

  it.each([
    ['SLACK_BOT_TOKEN', http],
    ['SLACK_SIGNING_SECRET', http],
    ['SLACK_BOT_TOKEN', socket],
    ['SLACK_APP_TOKEN', socket],
  ])('lacks %s, which %j needs', (variable, env) => {
    expectRefusal({ ...env, [variable]: undefined }, variable, `SLACK_MODE=${env.SLACK_MODE}`);
  });

  it('is never quoted: a wrong value may be a secret', () => {
    for (const variable of [
      'PORT',
      'MONGODB_URI',
      'SLACK_API_URL',
      'OPENAI_BASE_URL',
      'TIMEZONE',
      'ROLES',
      'LOG_LEVEL',
      'SLACK_MODE',
      'WHATSAPP_WEB_PAIR_PHONE',
      'WHATSAPP_WEB_DELAY_MS',
      'SECRET_KEY',
      'SECRET_KEY_PREVIOUS',
      'DESK_PASSWORD',
    ]) {
      expect(refusal({ [variable]: 'hunter2' }).message).not.toContain('hunter2');
    }
  });
});

function expectRefusal(env: Record<string, string | undefined>, variable: string, reason: string): void {
  const { message, code, info } = refusal(env);
  expect(code).toBe('config');
  expect(info).toMatchObject({ variable });
  expect(message.startsWith(`${variable} `)).toBe(true);
  expect(message).toContain(reason);
  expect(message).not.toContain('\n');
}

function refusal(env: Record<string, string | undefined>): AppError {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('the environment was taken');
}

describe('.env.example', () => {
  it('names every variable once, and none that nobody reads', async () => {
    const text = await readFile(new URL('../.env.example', import.meta.url), 'utf8');
    const named = [...text.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual([...VARIABLES].sort());
  });
});
