import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { z } from 'zod';
import { COMMAND_NAME } from '../inbox/slack/commands.ts';
import { SHORTCUTS } from '../inbox/slack/shortcuts.ts';
import { type Product, startProduct } from './product.ts';
import { postSigned } from './signed.ts';
import { until } from './until.ts';

/** A manifest that forgets something is noticed only by who installs the app: so it is compared with the code. */

const SLACK = fileURLToPath(new URL('../inbox/slack', import.meta.url));
const NAMES = ['production', 'staging', 'development'] as const;

const manifest = z.object({
  display_information: z.object({ name: z.string().max(35), description: z.string().max(140) }),
  features: z.object({
    app_home: z.object({ home_tab_enabled: z.literal(true) }),
    bot_user: z.object({ display_name: z.string().max(80) }),
    shortcuts: z
      .array(
        z.object({
          name: z.string().max(24),
          type: z.literal('message'),
          callback_id: z.string(),
          description: z.string().max(150),
        }),
      )
      .max(5),
    slash_commands: z.tuple([
      z.object({ command: z.string().max(32), url: z.url().optional(), description: z.string().max(2000) }),
    ]),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({
    event_subscriptions: z.object({ request_url: z.url().optional(), bot_events: z.array(z.string()) }),
    interactivity: z.object({ is_enabled: z.literal(true), request_url: z.url().optional() }),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.literal(false),
  }),
});

/** What each method of the Web API needs in private channels; none for those that need only a token. */
const SCOPE_OF_METHOD: Record<string, string | undefined> = {
  'auth.test': undefined,
  'chat.delete': 'chat:write',
  'chat.getPermalink': undefined,
  'chat.postEphemeral': 'chat:write',
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'conversations.history': 'groups:history',
  'conversations.info': 'groups:read',
  'conversations.members': 'groups:read',
  'conversations.open': 'im:write',
  'conversations.replies': 'groups:history',
  'files.completeUploadExternal': 'files:write',
  'files.getUploadURLExternal': 'files:write',
  'files.info': 'files:read',
  'files.uploadV2': 'files:write',
  'reactions.add': 'reactions:write',
  'reactions.remove': 'reactions:write',
  'users.info': 'users:read',
  'users.list': 'users:read',
  'views.open': undefined,
  'views.publish': undefined,
  'views.push': undefined,
  'views.update': undefined,
};
const EVENT_IN_MANIFEST: Record<string, string> = { message: 'message.groups' };
const SCOPE_OF_EVENT: Record<string, string | undefined> = {
  app_home_opened: undefined,
  app_uninstalled: undefined,
  'message.groups': 'groups:history',
  reaction_added: 'reactions:read',
  tokens_revoked: undefined,
};

const code = await readCode();

describe('what the code calls', () => {
  it('is seen: methods on the client, taken off it, and by name', () => {
    const found = methodsIn(`
      await this.client.views.open({});
      const { conversations } = client; conversations.replies({});
      client.paginate('conversations.members', {});
      parts.client.apiCall('files.info');
      await client . chat . update ({});`);
    expect(found).toEqual([
      'chat.update',
      'conversations.members',
      'conversations.replies',
      'files.info',
      'views.open',
    ]);
  });

  it('is known, with the scope that it needs', () => {
    const methods = methodsIn(code);
    expect(methods.filter((method) => !(method in SCOPE_OF_METHOD))).toEqual([]);
    for (const used of ['chat.postMessage', 'conversations.members', 'views.publish', 'chat.getPermalink']) {
      expect(methods).toContain(used);
    }
  });
});

describe.each(NAMES)('the manifest for %s', (name) => {
  it('has every scope that the methods and events need, and every event that is listened to', async () => {
    const { settings, oauth_config } = await readManifest(name);
    const { bot: scopes } = oauth_config.scopes;
    const events = eventsIn(code).map((event) => EVENT_IN_MANIFEST[event] ?? event);
    expect(settings.event_subscriptions.bot_events).toEqual(expect.arrayContaining(events));
    const needed = [
      ...methodsIn(code).map((method) => SCOPE_OF_METHOD[method]),
      ...settings.event_subscriptions.bot_events.map((event) => SCOPE_OF_EVENT[event]),
      'commands',
    ];
    expect(scopes).toEqual(
      expect.arrayContaining([...new Set(needed.filter((scope) => scope !== undefined))]),
    );
  });

  it('asks for no event or scope that nobody knows, and for each once', async () => {
    const { settings, oauth_config } = await readManifest(name);
    const { bot_events: events } = settings.event_subscriptions;
    const { bot: scopes } = oauth_config.scopes;
    expect(events.filter((event) => !(event in SCOPE_OF_EVENT))).toEqual([]);
    const known = ['commands', ...Object.values(SCOPE_OF_METHOD), ...Object.values(SCOPE_OF_EVENT)];
    expect(scopes.filter((scope) => !known.includes(scope))).toEqual([]);
    expect(new Set(events).size).toBe(events.length);
    expect(new Set(scopes).size).toBe(scopes.length);
  });

  it('offers the command and the shortcuts that are listened to', async () => {
    const { features } = await readManifest(name);
    expect(features.slash_commands[0].command).toMatch(COMMAND_NAME);
    expect(features.shortcuts.map(({ callback_id }) => callback_id).sort()).toEqual(
      Object.values(SHORTCUTS).sort(),
    );
  });

  it('is reached over the socket on a developer’s machine, and at one address elsewhere', async () => {
    const { settings, features } = await readManifest(name);
    const urls = [
      settings.event_subscriptions.request_url,
      settings.interactivity.request_url,
      features.slash_commands[0].url,
    ];
    expect(settings.socket_mode_enabled).toBe(name === 'development');
    if (name === 'development') expect(urls).toEqual([undefined, undefined, undefined]);
    else expect(new Set(urls)).toEqual(new Set([expect.stringMatching(/^https:\/\/[^/]+\/slack\/events$/)]));
  });
});

describe('the manifests', () => {
  it('are apps of their own: neither the name nor the command is that of another', async () => {
    const all = await Promise.all(NAMES.map(readManifest));
    expect(new Set(all.map((each) => each.display_information.name)).size).toBe(NAMES.length);
    expect(new Set(all.map((each) => each.features.slash_commands[0].command)).size).toBe(NAMES.length);
  });

  it('are all there are', async () => {
    const files = await readdir(join(SLACK, 'manifests'));
    expect(files.sort()).toEqual(NAMES.map((name) => `${name}.json`).sort());
  });
});

describe('when Slack takes the access back', () => {
  let product: Product;
  afterEach(async () => {
    jest.restoreAllMocks();
    await product.stop();
  });

  it.each([
    ['app_uninstalled', { type: 'app_uninstalled' }],
    ['tokens_revoked', { type: 'tokens_revoked', tokens: { oauth: [], bot: ['U0BATONBOT1'] } }],
  ])(
    '%s: an alert is logged, the inbox is degraded, and recovers once it is let in',
    async (event, payload) => {
      product = await startProduct();
      const { inbox, log } = product.baton.context;
      await until('Slack is reached', () => inbox.health() === 'ready');
      const logged = jest.spyOn(log, 'error');
      product.slack.faults.api({ kind: 'apiError', error: 'account_inactive' }, { method: 'auth.test' });
      expect(await sendEvent(product, payload)).toBe(200);
      await until('the trouble', () => inbox.health() === 'degraded');
      expect(logged).toHaveBeenCalledWith(
        expect.objectContaining({ alert: 'slack_revoked', event }),
        expect.stringContaining('Install it again'),
      );
      await until('the refusal', () => product.slack.calls.some(({ error }) => error === 'account_inactive'));
      await until('the end of it', () => inbox.health() === 'ready');
    },
  );

  it('minds nothing when the tokens were those of single people', async () => {
    product = await startProduct();
    const { inbox } = product.baton.context;
    await until('Slack is reached', () => inbox.health() === 'ready');
    expect(await sendEvent(product, { type: 'tokens_revoked', tokens: { oauth: ['U1'] } })).toBe(200);
    expect(inbox.health()).toBe('ready');
  });
});

/** What the app is answered with. */
async function sendEvent(product: Product, event: object): Promise<number> {
  const envelope = {
    type: 'event_callback',
    event_id: 'Ev1',
    team_id: 'T0BATON0001',
    api_app_id: 'A1',
    event,
  };
  return (await postSigned(product, JSON.stringify(envelope), 'application/json')).status;
}

async function readManifest(name: string): Promise<z.infer<typeof manifest>> {
  return manifest.parse(JSON.parse(await readFile(join(SLACK, 'manifests', `${name}.json`), 'utf8')));
}

async function readCode(): Promise<string> {
  const files = (await readdir(SLACK)).filter((file) => file.endsWith('.ts'));
  return (await Promise.all(files.map((file) => readFile(join(SLACK, file), 'utf8')))).join('\n');
}

/** The methods of the Web API in a source, whichever way they are called. */
function methodsIn(source: string): string[] {
  const called = [
    /(?<![\w$])client\s*\.\s*(\w+)\s*\.\s*(\w+)\s*\(/g,
    // Taken off the client before; our own `files` and `users` are no methods of Slack.
    /(?<![\w$.])(chat|conversations|views|reactions)\s*\.\s*(\w+)\s*\(/g,
    /['"`](chat|conversations|files|reactions|users|views)\.(\w+)['"`]/g,
  ];
  const found = called.flatMap((form) => [...source.matchAll(form)]);
  return [...new Set(found.map(([, family, method]) => `${family}.${method}`))].sort();
}

function eventsIn(source: string): string[] {
  return [...new Set([...source.matchAll(/\.event\('(\w+)'/g)].map(([, event]) => `${event}`))];
}
