import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { App, ExpressReceiver } from '@slack/bolt';
import { type Logger, LogLevel, WebClient, type WebClientOptions } from '@slack/web-api';
import express from 'express';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { signature } from '../inbox/sandbox/httpEvents.ts';
import {
  createLocalSlack,
  type LocalSlack,
  type LocalSlackOptions,
  TEAM_CHANNELS,
} from '../inbox/sandbox/localSlack.ts';

const RIYA = 'U0RIYASALES';
const ARJUN = 'U0ARJUNSALE';
const { sales, legal } = TEAM_CHANNELS;

const button = {
  type: 'button',
  text: { type: 'plain_text', text: 'Claim' },
  action_id: 'claim',
  value: 'case-7',
};
const card = [
  { type: 'header', text: { type: 'plain_text', text: 'Meena Rao' } },
  { type: 'actions', block_id: 'bar', elements: [button] },
];
const modal = {
  type: 'modal',
  callback_id: 'handoff',
  private_metadata: 'case-7',
  title: { type: 'plain_text', text: 'Hand off' },
  submit: { type: 'plain_text', text: 'Hand off' },
  blocks: [
    {
      type: 'input',
      block_id: 'note',
      label: { type: 'plain_text', text: 'Note' },
      element: { type: 'plain_text_input', action_id: 'text', min_length: 3 },
    },
  ],
};

const choices = [
  { text: { type: 'plain_text', text: 'One' }, value: 'one' },
  { text: { type: 'plain_text', text: 'Two' }, value: 'two' },
];
const everyElement = [
  {
    type: 'actions',
    elements: [
      { type: 'static_select', action_id: 'menu', options: choices },
      { type: 'overflow', action_id: 'more', options: choices },
      { type: 'users_select', action_id: 'person' },
      { type: 'datepicker', action_id: 'day' },
      { type: 'datetimepicker', action_id: 'moment' },
      { type: 'timepicker', action_id: 'time' },
      { type: 'checkboxes', action_id: 'ticks', options: choices },
      { type: 'radio_buttons', action_id: 'radio', options: choices },
    ],
  },
  {
    type: 'section',
    text: { type: 'mrkdwn', text: 'Who comes?' },
    accessory: { type: 'multi_users_select', action_id: 'people' },
  },
  {
    type: 'input',
    label: { type: 'plain_text', text: 'Words' },
    dispatch_action: true,
    element: { type: 'plain_text_input', action_id: 'words' },
  },
];

const silent: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  setName() {},
  getLevel: () => LogLevel.ERROR,
};

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe('with the real Bolt app', () => {
  describe.each(['socket', 'http'] as const)('in %s mode', (mode) => {
    it('carries a case: card, thread reply, claim, update', async () => {
      const { slack, app } = await world(mode);
      const heard: unknown[] = [];
      app.message(async ({ message, client }) => {
        heard.push(message);
        if (!('thread_ts' in message) || !message.thread_ts) return;
        await client.chat.postMessage({ channel: sales, thread_ts: message.thread_ts, text: 'Sent.' });
      });
      app.action('claim', async ({ ack, body, client, action }) => {
        await ack();
        if (body.type !== 'block_actions' || !body.message) throw new Error('no message');
        const value = action.type === 'button' ? action.value : '';
        const text = `${value} is with <@${body.user.id}>`;
        await client.chat.update({ channel: sales, ts: body.message.ts, text });
      });

      const posted = await app.client.chat.postMessage({ channel: sales, text: 'New case', blocks: card });
      const ts = String(posted.ts);
      const reply = slack.postAs(RIYA, sales, 'Hello <b> & welcome, @arjun', { threadTs: ts });
      await until(() => slack.thread(sales, ts).length === 3);

      expect(heard).toContainEqual(
        expect.objectContaining({
          type: 'message',
          user: RIYA,
          text: 'Hello &lt;b&gt; &amp; welcome, <@U0ARJUNSALE>',
          ts: reply.ts,
          thread_ts: ts,
          channel: sales,
          channel_type: 'group',
        }),
      );
      expect(
        slack
          .thread(sales, ts)
          .map((message) => message.text)
          .slice(2),
      ).toEqual(['Sent.']);

      expect(await slack.click(ARJUN, sales, ts, 'claim')).toEqual({ ok: true });
      await until(() => slack.thread(sales, ts)[0]?.text === `case-7 is with <@${ARJUN}>`);
      expect(slack.thread(sales, ts)[0]?.blocks).toEqual([]);
    });

    it('opens a modal, refuses and takes its submission', async () => {
      const { slack, app } = await world(mode);
      const notes: unknown[] = [];
      app.command('/baton', async ({ ack, command, client }) => {
        await ack(`You said ${command.text}`);
        await client.views.open({ trigger_id: command.trigger_id, view: modal as never });
      });
      app.view('handoff', async ({ ack, view, body }) => {
        const note = view.state.values.note?.text?.value;
        if (note === 'bad') return ack({ response_action: 'errors', errors: { note: 'Say more' } });
        notes.push([body.user.id, view.private_metadata, note]);
        await ack();
      });

      expect(await slack.slash(RIYA, sales, '/baton', 'hand off')).toEqual({ ok: true });
      await until(() => slack.views(RIYA).length === 1);
      expect(slack.ephemerals(RIYA).map((message) => message.text)).toEqual(['You said hand off']);

      expect(await slack.submitView(RIYA, { note: { text: 'x' } })).toMatchObject({ outcome: 'errors' });
      expect(await slack.submitView(RIYA, { note: { text: 'bad' } })).toEqual({
        outcome: 'errors',
        errors: { note: 'Say more' },
      });
      expect(slack.views(RIYA)).toHaveLength(1);
      expect(await slack.submitView(RIYA, { note: { text: 'on leave' } })).toEqual({ outcome: 'closed' });
      expect(notes).toEqual([[RIYA, 'case-7', 'on leave']]);
      expect(slack.views(RIYA)).toHaveLength(0);
    });

    it('pushes, updates and clears modals from the answer to a submission', async () => {
      const { slack, app } = await world(mode);
      const answers = ['push', 'update', 'clear'] as const;
      let step = 0;
      app.shortcut('transfer', async ({ ack, shortcut, client }) => {
        await ack();
        await client.views.open({ trigger_id: shortcut.trigger_id, view: modal as never });
      });
      app.view('handoff', async ({ ack }) => {
        const response_action = answers[step++] ?? 'clear';
        await ack(
          response_action === 'clear' ? { response_action } : { response_action, view: modal as never },
        );
      });
      const { ts } = slack.postAs(RIYA, sales, 'please take this');

      await slack.messageAction(RIYA, sales, ts, 'transfer');
      await until(() => slack.views(RIYA).length === 1);
      const entries = { note: { text: 'fine' } };
      expect(await slack.submitView(RIYA, entries)).toEqual({ outcome: 'pushed' });
      expect(slack.views(RIYA)).toHaveLength(2);
      expect(await slack.submitView(RIYA, entries)).toEqual({ outcome: 'updated' });
      expect(await slack.submitView(RIYA, entries)).toEqual({ outcome: 'cleared' });
      expect(slack.views(RIYA)).toEqual([]);
    });

    it('tells of edits, deletions, reactions, files and the Home tab', async () => {
      const { slack, app } = await world(mode);
      const heard: string[] = [];
      app.message(async ({ message }) => void heard.push(message.subtype ?? 'message'));
      app.event('reaction_added', async ({ event }) => void heard.push(event.reaction));
      app.event('app_home_opened', async ({ event, client }) => {
        heard.push(String(event.tab));
        const view = { type: 'home' as const, blocks: [{ type: 'divider' as const }] };
        await client.views.publish({ user_id: event.user, view });
      });

      const { ts } = slack.postAs(RIYA, sales, 'one');
      slack.editAs(RIYA, sales, ts, 'two');
      slack.reactAs(ARJUN, sales, ts, 'eyes');
      slack.postAs(RIYA, sales, '', { files: [{ name: 'plan.pdf', bytes: Buffer.from('%PDF') }] });
      slack.deleteAs(RIYA, sales, ts);
      slack.openHome(RIYA);
      await until(() => slack.home(RIYA) !== undefined);
      const expected = ['message', 'message_changed', 'eyes', 'file_share', 'message_deleted', 'home'];
      expect(heard.sort()).toEqual(expected.sort());
    });
  });

  it.each(['socket', 'http'] as const)(
    'says when it is uninstalled, and is deaf until it is back, in %s mode',
    async (mode) => {
      const { slack, app } = await world(mode);
      const heard: string[] = [];
      app.event('tokens_revoked', async ({ event }) => void heard.push(event.type));
      app.event('app_uninstalled', async ({ event }) => void heard.push(event.type));
      app.message(async () => void heard.push('message'));
      slack.uninstall();
      slack.postAs(RIYA, sales, 'is anybody there?');
      await until(() => heard.length === 2);
      await slack.idle();
      expect(heard.sort()).toEqual(['app_uninstalled', 'tokens_revoked']);
      expect(await code(app.client.auth.test())).toBe('account_inactive');
      slack.install();
      expect(await app.client.auth.test()).toMatchObject({ ok: true });
      slack.postAs(RIYA, sales, 'welcome back');
      await until(() => heard.includes('message'));
    },
  );

  it.each(['socket', 'http'] as const)(
    'hears what was chosen in each kind of element, in %s mode',
    async (mode) => {
      const { slack, app } = await world(mode);
      const heard: Record<string, unknown> = {};
      app.action(/.*/, async ({ ack, action }) => {
        await ack();
        if ('action_id' in action) heard[action.action_id] = action;
      });
      const posted = await app.client.chat.postMessage({
        channel: sales,
        text: 'x',
        blocks: everyElement as never,
      });
      const ts = String(posted.ts);
      const choices: [string, string | string[]][] = [
        ['menu', 'two'],
        ['more', 'one'],
        ['person', ARJUN],
        ['day', '2026-11-30'],
        ['moment', '1795000000'],
        ['time', '10:30'],
        ['ticks', ['one', 'two']],
        ['radio', 'two'],
        ['people', [RIYA, ARJUN]],
        ['words', 'said & done'],
      ];
      for (const [actionId, entry] of choices)
        expect(await slack.click(RIYA, sales, ts, actionId, { entry })).toEqual({ ok: true });
      expect(heard).toMatchObject({
        menu: { type: 'static_select', selected_option: { value: 'two', text: { text: 'Two' } } },
        more: { type: 'overflow', selected_option: { value: 'one' } },
        person: { type: 'users_select', selected_user: ARJUN },
        day: { type: 'datepicker', selected_date: '2026-11-30' },
        moment: { type: 'datetimepicker', selected_date_time: 1795000000 },
        time: { type: 'timepicker', selected_time: '10:30' },
        ticks: { type: 'checkboxes', selected_options: [{ value: 'one' }, { value: 'two' }] },
        radio: { type: 'radio_buttons', selected_option: { value: 'two' } },
        people: { type: 'multi_users_select', selected_users: [RIYA, ARJUN] },
        words: { type: 'plain_text_input', value: 'said & done' },
      });
    },
  );

  it('hears that a modal was closed, where it asked to', async () => {
    const { slack, app } = await world('http');
    const closed: unknown[] = [];
    app.command('/baton', async ({ ack, command, client }) => {
      await ack();
      await client.views.open({
        trigger_id: command.trigger_id,
        view: { ...modal, notify_on_close: true } as never,
      });
    });
    app.view({ callback_id: 'handoff', type: 'view_closed' }, async ({ ack, body, view }) => {
      closed.push([body.user.id, view.private_metadata]);
      await ack();
    });
    await slack.slash(RIYA, sales, '/baton', '');
    await until(() => slack.views(RIYA).length === 1);
    await slack.closeView(RIYA);
    expect(closed).toEqual([[RIYA, 'case-7']]);
    expect(slack.views(RIYA)).toEqual([]);
  });

  it('delivers an event again over HTTP until it is acknowledged', async () => {
    const attempts: unknown[] = [];
    const { slack, site } = await world('none', { retryDelaysMs: [5, 5, 5] }, '/events');
    site.post('/events', express.text({ type: () => true }), (request, response) => {
      const timestampS = String(request.get('x-slack-request-timestamp'));
      const signed = signature(slack.tokens.signingSecret, timestampS, request.body);
      expect(request.get('x-slack-signature')).toBe(signed);
      attempts.push([request.get('x-slack-retry-num'), request.get('x-slack-retry-reason')]);
      response.status(attempts.length < 3 ? 503 : 200).end();
    });
    slack.postAs(RIYA, sales, 'hello?');
    await slack.idle();
    expect(attempts).toEqual([
      [undefined, undefined],
      ['1', 'http_error'],
      ['2', 'http_error'],
    ]);
  });

  it('delivers an event again over the socket until it is acknowledged', async () => {
    const { slack, base } = await world('none', { ackTimeoutMs: 30, retryDelaysMs: [5, 5, 5] });
    const opened = await new WebClient(slack.tokens.appToken, quiet(base)).apps.connections.open();
    const socket = new WebSocket(String(opened.url));
    cleanups.push(() => socket.terminate());
    const attempts: unknown[] = [];
    socket.on('message', (data) => {
      const { type, envelope_id, retry_attempt, retry_reason } = JSON.parse(String(data));
      if (type !== 'events_api') return;
      attempts.push([retry_attempt, retry_reason]);
      if (attempts.length === 3) socket.send(JSON.stringify({ envelope_id }));
    });
    slack.postAs(RIYA, sales, 'hello?');
    await slack.idle();
    expect(attempts).toEqual([
      [0, ''],
      [1, 'timeout'],
      [2, 'timeout'],
    ]);
    const again = new WebSocket(String(opened.url));
    const refusal = await new Promise((resolve) => again.on('error', resolve));
    expect(String(refusal)).toContain('401');
  });

  it('answers through the response URL, in place and in the channel', async () => {
    const { slack, app } = await world('socket');
    app.action('claim', async ({ ack, respond }) => {
      await ack();
      await respond({ text: 'only for you' });
      await respond({ text: 'taken', replace_original: true });
    });
    const posted = await app.client.chat.postMessage({ channel: sales, text: 'New case', blocks: card });
    await slack.click(RIYA, sales, String(posted.ts), 'claim');
    await until(() => slack.messages(sales)[0]?.text === 'taken');
    expect(slack.ephemerals(RIYA).map((message) => message.text)).toEqual(['only for you']);
    expect(slack.ephemerals(ARJUN)).toEqual([]);
  });

  it('sends files both ways, and a sign-in page to a stranger', async () => {
    const { slack, app, base } = await world('socket');
    const bytes = Buffer.from('%PDF-1.7 brochure');
    await app.client.filesUploadV2({
      channel_id: sales,
      file: bytes,
      filename: 'b.pdf',
      initial_comment: 'Here',
    });
    expect(slack.messages(sales)).toMatchObject([{ text: 'Here', subtype: 'file_share' }]);
    const { file } = await app.client.files.info({ file: String(slack.messages(sales)[0]?.files[0]) });
    const url = String(file?.url_private_download);
    expect(url.startsWith(base)).toBe(true);
    const signedIn = await fetch(url, { headers: { authorization: `Bearer ${slack.tokens.botToken}` } });
    expect(Buffer.from(await signedIn.arrayBuffer())).toEqual(bytes);
    const stranger = await fetch(url);
    expect([stranger.status, stranger.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
  });

  it('repeats and turns round events on demand, under their ids', async () => {
    const { slack, app } = await world('socket');
    const heard: string[] = [];
    app.event(
      'message',
      async ({ event, body }) => void heard.push(`${'text' in event ? event.text : ''} ${body.event_id}`),
    );
    slack.faults.duplicateEvents(3);
    slack.postAs(RIYA, sales, 'm0');
    await slack.idle();
    await until(() => heard.length === 3);
    expect(new Set(heard).size).toBe(1);

    slack.faults.reorderEvents(3);
    for (const text of ['m1', 'm2', 'm3']) slack.postAs(RIYA, sales, text);
    await until(() => heard.length === 6);
    expect(heard.slice(3).map((line) => line.slice(0, 2))).toEqual(['m3', 'm2', 'm1']);
  });

  it('delivers after a reconnection what happened while the app was away', async () => {
    const { slack, app } = await world('socket', { retryDelaysMs: [10, 10, 10] });
    const heard: string[] = [];
    app.message(async ({ message }) => void heard.push('text' in message ? String(message.text) : ''));
    slack.faults.disconnect('cut');
    await until(() => slack.connections() === 0);
    slack.postAs(RIYA, sales, 'are you there?');
    expect(await slack.slash(RIYA, sales, '/baton', 'help')).toMatchObject({ ok: false });
    await until(() => heard.length === 1, 15_000);
    expect(heard).toEqual(['are you there?']);
  }, 20_000);
});

describe('the Web API', () => {
  it('refuses what Slack refuses', async () => {
    const { client } = await world('none');
    const long = (length: number) => 'x'.repeat(length);
    const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
    const post = (blocks: unknown[]) =>
      client.chat.postMessage({ channel: sales, text: 'x', blocks: blocks as never });
    const actions = (elements: unknown[]) => post([{ type: 'actions', elements }]);

    expect(await code(client.chat.postMessage({ channel: 'C404', text: 'x' }))).toBe('channel_not_found');
    expect(await code(client.chat.postMessage({ channel: sales, text: ' ' }))).toBe('no_text');
    expect(await code(client.chat.postMessage({ channel: sales, text: long(40_001) }))).toBe('msg_too_long');
    expect(await code(post(Array(51).fill({ type: 'divider' })))).toBe('invalid_blocks');
    expect(await code(post([section(long(3001))]))).toBe('invalid_blocks');
    expect(await code(post(Array(5).fill(section(long(2900)))))).toBe('msg_blocks_too_long');
    expect(await code(post([{ type: 'header', text: { type: 'plain_text', text: long(151) } }]))).toBe(
      'invalid_blocks',
    );
    expect(await code(actions([{ ...button, text: { type: 'plain_text', text: long(76) } }]))).toBe(
      'invalid_blocks',
    );
    expect(await code(actions([{ ...button, action_id: long(256) }]))).toBe('invalid_blocks');
    expect(await code(actions([button, button]))).toBe('invalid_blocks');
    expect(await code(actions([{ ...button, colour: 'red' }]))).toBe('invalid_blocks');
    expect(await code(client.chat.update({ channel: sales, ts: '1.0', text: 'x' }))).toBe(
      'message_not_found',
    );
    expect(await code(client.conversations.replies({ channel: sales, ts: '1.0' }))).toBe('thread_not_found');
    expect(await code(client.views.open({ trigger_id: 'made.up', view: modal as never }))).toBe(
      'invalid_trigger_id',
    );
    expect(await code(client.users.lookupByEmail({ email: 'no@example.com' }))).toBe('users_not_found');
    await expect(post([section(long(3001))])).rejects.toMatchObject({
      data: {
        response_metadata: { messages: [expect.stringContaining('json-pointer:/blocks/0/text/text')] },
      },
    });
  });

  it('judges what stands in elements: counts, places, choices that fit', async () => {
    const { client } = await world('none');
    const option = (value: string) => ({ text: { type: 'plain_text', text: value }, value });
    const options = (count: number) => Array.from({ length: count }, (_, index) => option(`o${index}`));
    const menu = { type: 'static_select', action_id: 'menu' };
    const post = (...elements: unknown[]) =>
      client.chat.postMessage({
        channel: sales,
        text: 'x',
        blocks: [{ type: 'actions', elements }] as never,
      });
    const group = (count: number) => ({
      label: { type: 'plain_text', text: 'All' },
      options: options(count),
    });

    expect(await code(post({ ...menu, options: options(100) }))).toBe('ok');
    expect(await code(post({ ...menu, option_groups: [group(100), group(2)] }))).toBe('ok');
    expect(await code(post({ ...menu, options: options(2), initial_option: option('o1') }))).toBe('ok');
    const refused = [
      { ...menu, options: options(101) },
      { ...menu, options: [] },
      { ...menu, options: [option('x'.repeat(151))] },
      { ...menu, options: [option('x'.repeat(76))] },
      { ...menu },
      { ...menu, options: options(1), option_groups: [group(1)] },
      { ...menu, options: options(2), initial_option: option('o2') },
      { type: 'overflow', action_id: 'more', options: options(6) },
      { type: 'radio_buttons', action_id: 'radio', options: options(11) },
      { type: 'plain_text_input', action_id: 'words' },
      { ...button, value: 'x'.repeat(2001) },
    ];
    for (const element of refused)
      expect([element, await code(post(element))]).toEqual([element, 'invalid_blocks']);
    expect(
      await code(post(...Array.from({ length: 26 }, (_, index) => ({ ...button, action_id: `b${index}` })))),
    ).toBe('invalid_blocks');
    const inputOf = (element: unknown) =>
      client.chat.postMessage({
        channel: sales,
        text: 'x',
        blocks: [{ type: 'input', label: { type: 'plain_text', text: 'L' }, element }] as never,
      });
    expect(await code(inputOf(button))).toBe('invalid_blocks');
    expect(
      await code(inputOf({ type: 'datetimepicker', action_id: 'at', initial_date_time: 1795000000 })),
    ).toBe('ok');
  });

  it('refuses what the app has no scope for, and names it', async () => {
    const { slack, client } = await world('none', { scopes: ['chat:write', 'groups:history'] });
    const posted = await client.chat.postMessage({ channel: sales, text: 'x' });
    const message = { channel: sales, timestamp: String(posted.ts), name: 'eyes' };
    await expect(client.reactions.add(message)).rejects.toMatchObject({
      data: { error: 'missing_scope', needed: 'reactions:write', provided: 'chat:write,groups:history' },
    });
    expect(await code(client.conversations.members({ channel: sales }))).toBe('missing_scope');
    expect(await code(client.conversations.replies({ channel: sales, ts: message.timestamp }))).toBe('ok');
    expect(await code(client.users.info({ user: RIYA }))).toBe('missing_scope');
    expect(await code(client.files.info({ file: 'F1' }))).toBe('missing_scope');
    expect(await code(client.chat.postMessage({ channel: sales, text: 'x', username: 'Somebody' }))).toBe(
      'missing_scope',
    );
    expect((await client.auth.test()).response_metadata?.scopes).toEqual(['chat:write', 'groups:history']);
    // Direct messages have a scope of their own.
    const direct = await client.chat.postMessage({ channel: RIYA, text: 'for you' });
    expect(await code(client.conversations.history({ channel: String(direct.channel) }))).toBe(
      'missing_scope',
    );
    expect(slack.messages(String(direct.channel))).toHaveLength(1);
  });

  it('lets the app into no private channel to which it was not invited', async () => {
    const { slack, client } = await world('none');
    const { ts = '' } = await client.chat.postMessage({ channel: sales, text: 'x' });
    slack.setMembership(sales, slack.identity.botUserId, false);
    const calls = [
      client.chat.postMessage({ channel: sales, text: 'x' }),
      client.chat.update({ channel: sales, ts, text: 'x' }),
      client.chat.postEphemeral({ channel: sales, user: RIYA, text: 'x' }),
      client.conversations.history({ channel: sales }),
      client.conversations.replies({ channel: sales, ts }),
      client.conversations.members({ channel: sales }),
      client.reactions.add({ channel: sales, timestamp: ts, name: 'eyes' }),
    ];
    expect(await Promise.all(calls.map(code))).toEqual(calls.map(() => 'not_in_channel'));
    slack.setMembership(sales, slack.identity.botUserId, true);
    expect(await code(client.chat.postMessage({ channel: sales, text: 'x' }))).toBe('ok');
  });

  it('posts, deletes and reacts, shows to one person alone, and gives links', async () => {
    const { slack, client, base } = await world('none');
    const { ts = '' } = await client.chat.postMessage({ channel: sales, text: 'card' });
    const { permalink } = await client.chat.getPermalink({ channel: sales, message_ts: ts });
    expect(permalink).toBe(`${base}/archives/${sales}/p${ts.replace('.', '')}`);
    await client.reactions.add({ channel: sales, timestamp: ts, name: 'eyes' });
    expect(await code(client.reactions.add({ channel: sales, timestamp: ts, name: 'eyes' }))).toBe(
      'already_reacted',
    );
    expect(slack.messages(sales)[0]?.reactions).toEqual([
      { name: 'eyes', users: [slack.identity.botUserId] },
    ]);
    await client.reactions.remove({ channel: sales, timestamp: ts, name: 'eyes' });
    expect(await code(client.reactions.remove({ channel: sales, timestamp: ts, name: 'eyes' }))).toBe(
      'no_reaction',
    );

    await client.chat.postEphemeral({ channel: sales, user: RIYA, text: 'psst', thread_ts: ts });
    expect(slack.ephemerals(RIYA)).toMatchObject([{ text: 'psst', threadTs: ts }]);
    expect([slack.ephemerals(ARJUN), slack.messages(sales).length]).toEqual([[], 1]);
    expect(await code(client.chat.postEphemeral({ channel: sales, user: 'U0NOBODY', text: 'x' }))).toBe(
      'user_not_in_channel',
    );
    const theirs = slack.postAs(RIYA, sales, 'mine');
    expect(await code(client.chat.update({ channel: sales, ts: theirs.ts, text: 'x' }))).toBe(
      'cant_update_message',
    );
    expect(await code(client.chat.delete({ channel: sales, ts: theirs.ts }))).toBe('cant_delete_message');
    await client.chat.delete({ channel: sales, ts });
    expect(slack.messages(sales).map(({ text }) => text)).toEqual(['mine']);
  });

  it('lists people, members and messages page by page', async () => {
    const { slack, client } = await world('none');
    const lists = (page: unknown) => page as { members: unknown[] };
    const people: string[] = [];
    for await (const page of client.paginate('users.list', { limit: 3 }))
      people.push(...(lists(page).members as { id: string }[]).map(({ id }) => id));
    const members: string[] = [];
    for await (const page of client.paginate('conversations.members', { channel: sales, limit: 3 }))
      members.push(...(lists(page).members as string[]));
    expect(people.sort()).toEqual(members.sort());
    expect(await client.users.info({ user: RIYA })).toMatchObject({ user: { real_name: 'Riya Malhotra' } });
    expect(await client.users.lookupByEmail({ email: 'riya@example.com' })).toMatchObject({
      user: { id: RIYA },
    });
    expect(await client.conversations.info({ channel: sales })).toMatchObject({
      channel: { id: sales, is_private: true, is_member: true },
    });
    for (const text of ['one', 'two', 'three']) slack.postAs(RIYA, sales, text);
    const first = await client.conversations.history({ channel: sales, limit: 2 });
    const cursor = first.response_metadata?.next_cursor ?? '';
    const rest = await client.conversations.history({ channel: sales, limit: 2, cursor });
    expect([...(first.messages ?? []), ...(rest.messages ?? [])].map(({ text }) => text)).toEqual([
      'three',
      'two',
      'one',
    ]);
    expect(rest.has_more).toBe(false);
  });

  it('publishes a Home tab, and keeps a stale one from taking its place', async () => {
    const { client } = await world('none');
    const view = { type: 'home' as const, blocks: [{ type: 'divider' as const }] };
    const first = await client.views.publish({ user_id: RIYA, view });
    const hash = String(first.view?.hash);
    expect(await code(client.views.publish({ user_id: RIYA, view, hash }))).toBe('ok');
    expect(await code(client.views.publish({ user_id: RIYA, view, hash }))).toBe('hash_conflict');
    const tooMany = { ...view, blocks: Array(101).fill({ type: 'divider' }) };
    expect(await code(client.views.publish({ user_id: RIYA, view: tooMany }))).toBe('invalid_arguments');
  });

  it('answers late on demand, one method of one channel', async () => {
    const { slack, client } = await world('none');
    slack.faults.api({ kind: 'latency', delayMs: 200 }, { method: 'chat.postMessage', channel: sales });
    const order: string[] = [];
    await Promise.all([
      client.chat.postMessage({ channel: sales, text: 'x' }).then(() => order.push('sales')),
      client.chat.postMessage({ channel: legal, text: 'x' }).then(() => order.push('legal')),
    ]);
    expect(order).toEqual(['legal', 'sales']);
  });

  it('refuses forged tokens, and each token where the other belongs', async () => {
    const { slack, base, client } = await world('none');
    const as = (token: string) => new WebClient(token, { ...quiet(base) });
    expect(await code(as('xoxb-forged').auth.test())).toBe('invalid_auth');
    expect(await code(as('').auth.test())).toBe('not_authed');
    expect(await code(as(slack.tokens.appToken).auth.test())).toBe('not_allowed_token_type');
    expect(await code(client.apps.connections.open())).toBe('not_allowed_token_type');
    expect(await client.auth.test()).toMatchObject({ ok: true, bot_id: slack.identity.botId });
    expect(JSON.stringify(slack.calls)).not.toContain(slack.tokens.botToken);
  });

  it('takes JSON bodies as well as forms', async () => {
    const { slack, base } = await world('none');
    const response = await fetch(`${base}/api/chat.postMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${slack.tokens.botToken}` },
      body: JSON.stringify({ channel: '#legal', blocks: card }),
    });
    expect(await response.json()).toMatchObject({ ok: true, channel: legal });
  });

  it('keeps metadata for reconciliation and shows it only when asked', async () => {
    const { client } = await world('none');
    const metadata = { event_type: 'outbox', event_payload: { id: 'o-1' } };
    const root = await client.chat.postMessage({ channel: sales, text: 'card' });
    const thread = { channel: sales, ts: String(root.ts) };
    await client.chat.postMessage({ channel: sales, thread_ts: thread.ts, text: 'reply', metadata });
    const plain = await client.conversations.replies(thread);
    const full = await client.conversations.replies({ ...thread, include_all_metadata: true });
    expect(plain.messages?.[1]).not.toHaveProperty('metadata');
    expect(full.messages?.[1]).toMatchObject({ metadata, thread_ts: root.ts });
    expect(full.messages?.[0]).toMatchObject({ reply_count: 1 });
  });

  it('lets one channel be rate limited, with Retry-After', async () => {
    const { slack, client } = await world('none');
    slack.faults.api({ kind: 'rateLimit', retryAfterS: 7 }, { method: 'chat.postMessage', channel: sales });
    await expect(client.chat.postMessage({ channel: sales, text: 'x' })).rejects.toMatchObject({
      retryAfter: 7,
    });
    expect(await client.chat.postMessage({ channel: legal, text: 'x' })).toMatchObject({ ok: true });
    expect(await client.chat.postMessage({ channel: sales, text: 'x' })).toMatchObject({ ok: true });
    const posts = slack.calls.filter((call) => call.method === 'chat.postMessage');
    expect(posts.map((call) => call.error)).toEqual(['ratelimited', undefined, undefined]);
  });

  it('can commit and then lose the answer, fail, and lose its patience', async () => {
    const { slack, client } = await world('none');
    slack.faults.api({ kind: 'dropAnswer' }, { method: 'chat.postMessage' });
    await expect(client.chat.postMessage({ channel: sales, text: 'once' })).rejects.toThrow();
    expect(slack.messages(sales).map((message) => message.text)).toEqual(['once']);
    slack.faults.api({ kind: 'httpError', status: 503 });
    await expect(client.auth.test()).rejects.toMatchObject({ statusCode: 503 });
    slack.faults.api({ kind: 'apiError', error: 'invalid_auth' });
    expect(await code(client.auth.test())).toBe('invalid_auth');
  });

  it('writes to a person, and keeps a stale update from a modal', async () => {
    const { slack, client, app } = await world('socket');
    const direct = await client.chat.postMessage({ channel: RIYA, text: 'for you' });
    expect(String(direct.channel)).toMatch(/^D/);
    expect(slack.messages(String(direct.channel))).toMatchObject([{ text: 'for you' }]);

    app.command('/baton', async ({ ack, command }) => {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: modal as never });
    });
    await slack.slash(RIYA, sales, '/baton', '');
    await until(() => slack.views(RIYA).length === 1);
    const [shown] = slack.views(RIYA);
    const update = { view_id: String(shown?.id), hash: String(shown?.hash), view: modal as never };
    expect(await client.views.update(update)).toMatchObject({ ok: true });
    expect(await code(client.views.update(update))).toBe('hash_conflict');
  });

  it('lets a trigger be used once and in time', async () => {
    const { slack, app } = await world('socket');
    const outcomes: string[] = [];
    app.command('/baton', async ({ ack, command, client }) => {
      await ack();
      const open = () => client.views.open({ trigger_id: command.trigger_id, view: modal as never });
      outcomes.push(await code(open()), await code(open()));
    });
    await slack.slash(RIYA, sales, '/baton', '');
    slack.faults.expireTriggers();
    await slack.slash(RIYA, sales, '/baton', '');
    await until(() => outcomes.length === 4);
    expect(outcomes).toEqual(['ok', 'exchanged_trigger_id', 'expired_trigger_id', 'expired_trigger_id']);
  });
});

describe('the workspace', () => {
  it('is the same after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'local-slack-'));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const stateFile = join(folder, 'slack.json');
    const first = await world('none', { stateFile });
    const root = await first.client.chat.postMessage({ channel: sales, text: 'card', blocks: card as never });
    first.slack.postAs(RIYA, sales, 'mine', {
      threadTs: String(root.ts),
      files: [{ name: 'a.txt', bytes: Buffer.from('a') }],
    });
    const direct = await first.client.conversations.open({ users: RIYA });
    const before = first.slack.thread(sales, String(root.ts));
    await first.slack.close();

    const second = await world('none', { stateFile });
    expect(second.slack.thread(sales, String(root.ts))).toEqual(before);
    expect(await second.client.conversations.open({ users: RIYA })).toMatchObject({
      channel: direct.channel,
    });
    const later = await second.client.chat.postMessage({ channel: sales, text: 'later' });
    expect(Number(later.ts)).toBeGreaterThan(Number(before.at(-1)?.ts));
  });

  it('sets an unreadable state aside and starts anew', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'local-slack-'));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const stateFile = join(folder, 'slack.json');
    writeFileSync(stateFile, '{"version":1,');
    const { slack } = await world('none', { stateFile });
    expect(slack.messages(sales)).toEqual([]);
    expect(existsSync(`${stateFile}.unreadable`)).toBe(true);
  });

  it('serves a page that streams what its member may see', async () => {
    const { slack, base } = await world('none');
    const html = await fetch(`${base}/`);
    expect(html.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(await html.text()).toMatch(/<title>Team inbox<\/title>(?![\s\S]*<script>)(?![\s\S]* style=)/);

    const aborting = new AbortController();
    const stream = await fetch(`${base}/page/stream?as=${RIYA}`, { signal: aborting.signal });
    const posted = await fetch(`${base}/page/do/post`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ as: ARJUN, channel: sales, text: 'from the page' }),
    });
    expect(posted.status).toBe(200);
    let seen = '';
    for await (const chunk of stream.body ?? []) {
      seen += Buffer.from(chunk).toString();
      if (seen.includes('from the page')) break;
    }
    expect(seen).toContain('"kind":"snapshot"');
    aborting.abort();
    const refused = await fetch(`${base}/page/do/delete`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ as: RIYA, channel: sales, ts: slack.messages(sales)[0]?.ts }),
    });
    expect([refused.status, await refused.json()]).toEqual([400, { error: 'This message is not yours.' }]);
  });
});

type Mode = 'socket' | 'http' | 'none';
type World = { slack: LocalSlack; base: string; client: WebClient; app: App; site: express.Express };

/** A local Slack on a port of its own, with a started Bolt app unless the mode is none. */
async function world(
  mode: Mode,
  options: Partial<LocalSlackOptions> = {},
  eventsPath = mode === 'http' ? '/slack/events' : undefined,
): Promise<World> {
  const site = express();
  const server = createServer(site);
  const { port } = await listening(server);
  const origin = `http://127.0.0.1:${port}`;
  const base = `${origin}/sandbox/slack`;
  const log = pino({ level: 'silent' });
  const http = eventsPath ? { eventsUrl: `${origin}${eventsPath}` } : {};
  const slack = createLocalSlack({ log, publicUrl: base, ...http, ...options });
  site.use('/sandbox/slack', slack.router);
  slack.attach(server);
  cleanups.push(
    () => closed(server),
    () => slack.close(),
  );
  const client = new WebClient(slack.tokens.botToken, quiet(base));
  return { slack, base, client, site, app: await boltApp(mode, slack, base, site) };
}

async function boltApp(mode: Mode, slack: LocalSlack, base: string, site: express.Express): Promise<App> {
  const { botToken, appToken, signingSecret } = slack.tokens;
  const receiver = new ExpressReceiver({ signingSecret, logger: silent });
  const app = new App({
    token: botToken,
    ...slack.identity,
    deferInitialization: true,
    clientOptions: quiet(base),
    logger: silent,
    ...(mode === 'socket' ? { socketMode: true, appToken } : { receiver }),
  });
  await app.init();
  if (mode === 'http') site.use(receiver.router);
  if (mode === 'http') expect(await slack.verifyEventsUrl()).toBe(true);
  if (mode === 'socket') {
    await app.start();
    cleanups.push(() => app.stop());
  }
  return app;
}

function quiet(base: string): WebClientOptions {
  return {
    slackApiUrl: `${base}/api/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silent,
  };
}

async function listening(server: Server): Promise<AddressInfo> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address;
}

async function closed(server: Server): Promise<void> {
  const done = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await done;
}

/** Slack's error code of a failed call, `ok` otherwise. */
async function code(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    return String((error as { data?: { error?: string } }).data?.error ?? error);
  }
}

async function until(condition: () => boolean, withinMs = 5000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('The awaited state did not come about');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
