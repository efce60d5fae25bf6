import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { App, LogLevel } from '@slack/bolt';
import express from 'express';
import { pino } from 'pino';
import type wweb from 'whatsapp-web.js';
import { chromiumArguments } from '../bot/channels/web/browser.ts';
import { createLocalSlack, type LocalSlack, TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { Message } from '../inbox/sandbox/workspace.ts';
import { chromiumFor } from './chromium.ts';
import { until } from './until.ts';

type Browser = NonNullable<wweb.Client['pupBrowser']>;
type Page = NonNullable<wweb.Client['pupPage']>;

const RIYA = 'U0RIYASALES';
const ARJUN = 'U0ARJUNSALE';
const { legal, sales } = TEAM_CHANNELS;
const CHROMIUM = chromiumFor('the page of the local Slack');
const describeWithBrowser = CHROMIUM ? describe : describe.skip;

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const option = (text: string) => ({ text: plain(text), value: text.toLowerCase() });
const input = (id: string, element: object, more: object = {}) => ({
  type: 'input',
  block_id: id,
  label: plain(id),
  element: { action_id: id, ...element },
  ...more,
});
const handOff = (words: string) => ({
  type: 'modal' as const,
  callback_id: 'hand off',
  title: plain('Hand off'),
  submit: plain('Hand off'),
  blocks: [
    { type: 'section', text: plain(words) },
    input(
      'team',
      { type: 'static_select', options: [option('Sales'), option('Legal')] },
      { dispatch_action: true },
    ),
    input('person', { type: 'users_select' }, { optional: true }),
    input('day', { type: 'datepicker' }, { optional: true }),
    input('moment', { type: 'datetimepicker' }, { optional: true }),
    input('note', { type: 'plain_text_input', multiline: true }),
  ],
});
const card = [
  {
    type: 'section',
    text: plain('L-12 · Legal threat, with words that are long enough to need a second line'),
  },
  {
    type: 'actions',
    elements: [
      { type: 'button', action_id: 'claim', text: plain('Claim'), style: 'primary' },
      {
        type: 'button',
        action_id: 'resolve',
        text: plain('Resolve'),
        confirm: {
          title: plain('Sure?'),
          text: plain('The bot has the word again.'),
          confirm: plain('Yes'),
          deny: plain('No'),
        },
      },
      { type: 'static_select', action_id: 'menu', options: [option('One'), option('Two')] },
      { type: 'users_select', action_id: 'person' },
      { type: 'datepicker', action_id: 'day' },
      { type: 'datetimepicker', action_id: 'moment' },
      { type: 'overflow', action_id: 'more', options: [option('Snooze'), option('Pause')] },
    ],
  },
];

/** What the app heard, as `claim`, `menu=two`, `submitted note=…`. */
const heard: string[] = [];

describeWithBrowser('the page of the local Slack', () => {
  let slack: LocalSlack;
  let base: string;
  let app: App;
  let browser: Browser;
  let page: Page;
  let end: () => Promise<void>;
  const complaints: string[] = [];

  beforeAll(async () => {
    const site = express();
    const server = createServer(site);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sandbox/slack`;
    const messageShortcuts = [{ callbackId: 'note', name: 'Internal note' }];
    const log = pino({ level: 'silent' });
    slack = createLocalSlack({ log, publicUrl: base, commands: ['/baton'], messageShortcuts });
    site.use('/sandbox/slack', slack.router);
    slack.attach(server);
    app = await startApp(slack, base);
    const { launch } = createRequire(createRequire(import.meta.url).resolve('whatsapp-web.js'))('puppeteer');
    browser = await launch({ executablePath: CHROMIUM, headless: true, args: chromiumArguments([]) });
    end = async () => {
      await browser.close();
      await app.stop();
      await slack.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
  });
  afterAll(() => end?.());

  beforeEach(async () => {
    heard.length = 0;
    complaints.length = 0;
    await page?.close();
    page = await open(RIYA);
  });

  async function open(member: string): Promise<Page> {
    const opened = await browser.newPage();
    opened.on('pageerror', (error) => complaints.push(String(error)));
    opened.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await opened.setViewport({ width: 1280, height: 800 });
    await opened.goto(`${base}/?as=${member}#/${legal}`);
    await opened.waitForSelector('.composer textarea');
    return opened;
  }

  async function postCard(): Promise<string> {
    const { ts = '' } = await app.client.chat.postMessage({
      channel: legal,
      text: 'card',
      blocks: card as never,
    });
    await page.waitForSelector(messageOf(ts));
    return ts;
  }

  const messageOf = (ts: string, pane = 'm') => `[id="${pane}${ts}"]`;
  const read = (selector: string) => page.$eval(selector, ({ textContent }) => textContent ?? '');
  const hears = (what: string) => until(what, () => heard.includes(what));
  const newest = (channel: string = legal): Message | undefined => slack.messages(channel).at(-1);

  /** Presses what carries this text or label. */
  async function press(within: string, words: string): Promise<void> {
    await page.waitForSelector(within);
    await page.evaluate(
      `[...document.querySelectorAll(${JSON.stringify(`${within} button`)})].find((button) =>
        (button.getAttribute('aria-label') ?? button.textContent).trim() === ${JSON.stringify(words)}).click()`,
    );
  }

  async function say(words: string, within = '.main'): Promise<void> {
    await page.type(`${within} .composer textarea`, words);
    await page.keyboard.press('Enter');
  }

  it('tells the app what is pressed and chosen in a message', async () => {
    const ts = await postCard();
    const within = messageOf(ts);
    await press(within, 'Claim');
    await hears('claim');
    await press(within, 'Resolve');
    await press('dialog', 'No');
    await press(within, 'Resolve');
    await press('dialog', 'Yes');
    await hears('resolve');
    await page.select(`${within} select`, 'two');
    await hears('menu=two');
    await page.select(`${within} select:nth-of-type(2)`, ARJUN);
    await hears(`person=${ARJUN}`);
    await page.type(`${within} input[type=date]`, '11302026');
    await page.keyboard.press('Enter');
    await hears('day=2026-11-30');
    await page.type(`${within} input[type=datetime-local]`, '11302026');
    await page.keyboard.press('Tab');
    await page.keyboard.type('1030AM');
    await page.keyboard.press('Enter');
    await until('a moment', () => heard.find((what) => /^moment=\d{10}$/.test(what)));
    await press(within, 'More actions');
    await press('.menu', 'Pause');
    await hears('more=pause');
    expect(heard).toHaveLength(7);
    expect(complaints).toEqual([]);
  });

  it('opens a modal by a command, shows errors and updates, and keeps what was entered', async () => {
    await say('/baton hand off');
    await page.waitForSelector('dialog select');
    expect(await read('dialog .section')).toBe('opened');
    await press('dialog', 'Hand off');
    await until('errors', async () => (await page.$$('dialog .wrong')).length === 2);
    await page.type('dialog textarea', 'bad');
    await page.select('dialog select', 'legal');
    await until('an update', async () => (await read('dialog .section')) === 'updated');
    expect(await page.$eval('dialog textarea', (area) => (area as never as { value: string }).value)).toBe(
      'bad',
    );
    await page.select('dialog .field:nth-of-type(3) select', ARJUN);
    await page.type('dialog input[type=date]', '11302026');
    await press('dialog', 'Hand off');
    await until(
      'the app’s error',
      async () => (await page.$('dialog .wrong')) && /Say more/.test(await read('dialog .wrong')),
    );
    await page.type('dialog textarea', ', then good');
    await press('dialog', 'Hand off');
    await hears(`submitted legal ${ARJUN} 2026-11-30 bad, then good`);
    await until('it to close', async () => !(await page.$('dialog')));
    expect(complaints).toEqual([]);
  });

  it('shows what only one person may see, until it is dismissed', async () => {
    await app.client.chat.postEphemeral({ channel: legal, user: RIYA, text: 'It belongs to Meera.' });
    await page.waitForSelector('.message.ephemeral');
    const other = await open(ARJUN);
    expect(await other.$('.message.ephemeral')).toBeNull();
    await other.close();
    await press('.message.ephemeral', 'Dismiss');
    await until('it to go', async () => !(await page.$('.message.ephemeral')));
  });

  it('replies in a thread, edits, reacts and deletes', async () => {
    const ts = await postCard();
    await press(messageOf(ts), 'Reply in thread');
    await page.waitForSelector('.thread .composer textarea');
    await say('first words', '.thread');
    const reply = await until('the reply', () => slack.thread(legal, ts)[1]);
    const row = messageOf(reply.ts, 't');
    await page.waitForSelector(row);
    await press(row, 'Add a reaction');
    await page.click('.menu button:nth-child(2)');
    await until('the reaction', () => slack.thread(legal, ts)[1]?.reactions[0]?.name === 'eyes');
    await press(row, 'More');
    await press('.menu', 'Edit');
    await page.type('dialog textarea', ' and more');
    await press('dialog', 'Save');
    await until('the edit', () => slack.thread(legal, ts)[1]?.text.includes('and more'));
    await press(row, 'More');
    await press('.menu', 'Delete');
    await until('the deletion', () => slack.thread(legal, ts).length === 1);
    expect(complaints).toEqual([]);
  });

  it('offers the app’s shortcuts in a message’s menu', async () => {
    const ts = await postCard();
    await press(messageOf(ts), 'More');
    await press('.menu', 'Internal note');
    await hears(`shortcut note ${ts}`);
  });

  it('shows the Home tab, and takes what is chosen in it', async () => {
    await page.click('.sidebar a[href="#/home"]');
    await page.waitForSelector('.home-body .button');
    await press('.home-body', 'Open the case');
    await hears('home');
  });

  it('takes files by the picker and by dropping them, and shows them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slack-page-'));
    const paths = ['plan.pdf', 'voice.ogg'].map((name) => join(folder, name));
    for (const path of paths) writeFileSync(path, 'bytes');
    const picker = await page.$('.main input[type=file]');
    await (picker as never as { uploadFile(...paths: string[]): Promise<void> }).uploadFile(...paths);
    await until('chips', async () => (await page.$$('.main .chip')).length === 2);
    await page.evaluate(`{
      const dropped = new DataTransfer();
      const bytes = Uint8Array.from(atob('${PIXEL}'), (letter) => letter.charCodeAt(0));
      dropped.items.add(new File([bytes], 'photo.png', { type: 'image/png' }));
      const told = { dataTransfer: dropped, bubbles: true, cancelable: true };
      document.querySelector('.main .stage').dispatchEvent(new DragEvent('dragover', told));
      document.querySelector('.main .stage').dispatchEvent(new DragEvent('drop', told));
    }`);
    await until('a preview', async () => (await page.$$('.main .chip img[src^="data:"]')).length === 1);
    await say('three files');
    const sent = await until('the message', () => newest()?.files.length === 3 && newest());
    await page.waitForSelector(`${messageOf(sent.ts)} .shot img`);
    expect(await page.$(`${messageOf(sent.ts)} audio`)).not.toBeNull();
    expect(await read(`${messageOf(sent.ts)} .file strong`)).toBe('plan.pdf');
    rmSync(folder, { recursive: true });
    expect(complaints).toEqual([]);
  });

  it('lets one act as anybody, and shows who is here', async () => {
    const other = await open(ARJUN);
    await until('two to be here', async () => (await page.$$('.presence.here')).length === 2);
    await other.close();
    await until('one to be here', async () => (await page.$$('.presence.here')).length === 1);
    await page.click('.team button[title="Act as Arjun Nair"]');
    await until('to be Arjun', async () => (await read('.you strong')) === 'Arjun Nair');
    await say('Arjun speaking');
    await until('the words', () => newest()?.text === 'Arjun speaking' && newest()?.user === ARJUN);
  });

  it('counts what is new in other channels', async () => {
    slack.postAs(ARJUN, sales, 'one');
    slack.postAs(ARJUN, sales, 'two');
    const count = `.sidebar a[href="#/${sales}"] .count`;
    await until('a count', async () => (await page.$(count)) && (await read(count)) === '2');
    await page.click(`.sidebar a[href="#/${sales}"]`);
    await until('it to be read', async () => !(await page.$(count)));
  });

  it('fits a phone: nothing is wider than the screen, menus and modals neither', async () => {
    await page.setViewport({ width: 390, height: 844 });
    const ts = await postCard();
    const tooWide = () =>
      page.evaluate(`[...document.querySelectorAll('body *')].filter((node) => {
        const { right, width } = node.getBoundingClientRect();
        return width > 0 && right > innerWidth + 1;
      }).length`);
    expect(await tooWide()).toBe(0);
    await press(messageOf(ts), 'More');
    expect(await tooWide()).toBe(0);
    await page.keyboard.press('Escape');
    await press(messageOf(ts), 'Reply in thread');
    await page.waitForSelector('.thread .composer');
    expect(await tooWide()).toBe(0);
    await press('.thread', 'Close the thread');
    await say('/baton hand off');
    await page.waitForSelector('dialog select');
    expect(await tooWide()).toBe(0);
  });
});

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNkYPhfz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC';

/** An app that writes down what it hears. */
async function startApp(slack: LocalSlack, base: string): Promise<App> {
  const { botToken: token, appToken } = slack.tokens;
  const clientOptions = { slackApiUrl: `${base}/api/` };
  const options = { token, appToken, socketMode: true, deferInitialization: true, logLevel: LogLevel.ERROR };
  const app = new App({ ...options, ...slack.identity, clientOptions });
  app.command('/baton', async ({ ack, command, client }) => {
    await ack();
    await client.views.open({ trigger_id: command.trigger_id, view: handOff('opened') as never });
  });
  app.action(/.*/, async ({ ack, action, body, client }) => {
    await ack();
    const chosen = Object.entries(action).find(([name]) => name.startsWith('selected_'))?.[1];
    const value = typeof chosen === 'object' ? chosen?.value : chosen;
    if ('action_id' in action)
      heard.push(value === undefined ? action.action_id : `${action.action_id}=${value}`);
    const view = 'view' in body && body.view?.type === 'modal' ? body.view : undefined;
    if (view)
      await client.views.update({ view_id: view.id, hash: view.hash, view: handOff('updated') as never });
  });
  app.view('hand off', async ({ ack, view }) => {
    const { team, person, day, note } = view.state.values;
    const words = note?.note?.value ?? '';
    if (words === 'bad') return ack({ response_action: 'errors', errors: { note: 'Say more' } });
    const chosen = [
      team?.team?.selected_option?.value,
      person?.person?.selected_user,
      day?.day?.selected_date,
    ];
    heard.push(['submitted', ...chosen, words].join(' '));
    await ack();
  });
  app.shortcut('note', async ({ ack, shortcut }) => {
    await ack();
    heard.push(`shortcut ${shortcut.callback_id} ${'message_ts' in shortcut ? shortcut.message_ts : ''}`);
  });
  app.event('app_home_opened', async ({ event, client }) => {
    const button = { type: 'button' as const, action_id: 'home', text: plain('Open the case') };
    const view = { type: 'home' as const, blocks: [{ type: 'actions' as const, elements: [button] }] };
    await client.views.publish({ user_id: event.user, view });
  });
  await app.init();
  await app.start();
  return app;
}
