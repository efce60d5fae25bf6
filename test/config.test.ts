import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../bot/config.ts';
import { TEAMS } from '../flows/types.ts';
import { AppError } from '../models/error.ts';

const cloud = {
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
  it('is the empty one: everything in the sandbox', () => {
    expect(readConfig({})).toEqual({
      mongodbUri: undefined,
      dataDir: 'data',
      port: 3000,
      logLevel: 'info',
      timeZone: 'Asia/Kolkata',
      burstWindowMs: 1200,
      roles: new Set(['gateway', 'worker', 'inbox']),
      whatsapp: { transport: 'sandbox' },
      slack: { mode: 'sandbox' },
    });
  });

  it('takes empty and blank values for missing ones', () => {
    const names = [
      'MONGODB_URI',
      'PORT',
      'TIMEZONE',
      'ROLES',
      'WHATSAPP_TRANSPORT',
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
      LOG_LEVEL: 'debug',
      TIMEZONE: 'Asia/Dubai',
      BURST_WINDOW_MS: '0',
      ROLES: 'gateway, worker',
      ...cloud,
      WHATSAPP_CLOUD_API_URL: 'http://127.0.0.1:4000/',
      WHATSAPP_CLOUD_API_VERSION: 'v26.0',
      ...socket,
      SLACK_API_URL: 'http://127.0.0.1:5000/api',
      SLACK_CHANNEL_LEGAL: 'C2',
    });
    expect(config).toEqual({
      mongodbUri: 'mongodb://db.example:27017/baton?replicaSet=rs0',
      dataDir: '/srv/baton',
      port: 8080,
      logLevel: 'debug',
      timeZone: 'Asia/Dubai',
      burstWindowMs: 0,
      roles: new Set(['gateway', 'worker']),
      whatsapp: {
        transport: 'cloud',
        cloud: {
          apiUrl: 'http://127.0.0.1:4000',
          version: 'v26.0',
          phoneNumberId: '200000000000001',
          accessToken: 'token',
          appSecret: 'secret',
          verifyToken: 'verify',
        },
      },
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
    ['WHATSAPP_TRANSPORT', { WHATSAPP_TRANSPORT: 'fax' }, 'sandbox or cloud'],
    ['WHATSAPP_CLOUD_API_URL', { ...cloud, WHATSAPP_CLOUD_API_URL: 'graph' }, 'URL'],
    ['WHATSAPP_CLOUD_API_VERSION', { ...cloud, WHATSAPP_CLOUD_API_VERSION: '25' }, 'v25.0'],
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
    expectRefusal({ ...cloud, [variable]: ' ' }, variable, 'WHATSAPP_TRANSPORT=cloud');
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
      'TIMEZONE',
      'ROLES',
      'LOG_LEVEL',
      'SLACK_MODE',
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
