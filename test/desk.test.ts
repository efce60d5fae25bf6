import { EventEmitter } from 'node:events';
import { get, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { pino } from 'pino';
import request from 'supertest';
import { type Browser, chromiumArguments } from '../bot/channels/web/browser.ts';
import { type PairingDisplay, showPairing } from '../bot/pairing.ts';
import { securityHeaders } from '../bot/server.ts';
import type { Pairing, PairingSource } from '../inbox/desk/connect.ts';
import { createDesk, type DeskParts, type TransportState } from '../inbox/desk/desk.ts';
import { chromiumFor } from './chromium.ts';
import { until } from './until.ts';

const START = new Date('2026-11-23T04:30:00Z');
const PASSWORD = 'a long enough password';
const QR_TEXT = '2@invented-and-secret-reference,AbCdEf';

type Page = Awaited<ReturnType<Browser['newPage']>>;

const CHROMIUM = chromiumFor("the desk's pages");
const describeWithBrowser = CHROMIUM ? describe : describe.skip;

/** A transport that a phone could be paired with: it does at once what it is asked, or refuses. */
class PairedPhone implements PairingSource {
  asked: string[] = [];
  refusal: Error | undefined;
  private state: Pairing = { health: 'starting', since: START };
  private readonly events = new EventEmitter();

  pairing(): Pairing {
    return this.state;
  }

  onPairing(listener: (pairing: Pairing) => void): () => void {
    this.events.on('change', listener);
    return () => this.events.off('change', listener);
  }

  listeners(): number {
    return this.events.listenerCount('change');
  }

  become(state: Omit<Pairing, 'since'>): void {
    this.state = { ...state, since: START };
    this.events.emit('change', this.state);
  }

  showQr(text = QR_TEXT): void {
    this.become({ health: 'pairing', qr: { text, expiresAt: later(20_000) } });
  }

  retry = () => this.do('retry');
  pairWithCode = (phone: string) => this.do(`code for ${phone}`);
  logout = () => this.do('logout');

  private async do(what: string): Promise<void> {
    this.asked.push(what);
    if (this.refusal) throw this.refusal;
  }
}

function later(ms: number): Date {
  return new Date(START.getTime() + ms);
}

type Site = { url: string; phone: PairedPhone; logged: () => string; pass(ms: number): void };
const servers: Server[] = [];

/** The desk on a server of its own; `from` is the address that its callers seem to have. */
async function open(
  parts: Partial<DeskParts> & { from?: () => string; realTime?: boolean } = {},
): Promise<Site> {
  const { from, realTime, ...desk } = parts;
  const phone = new PairedPhone();
  let now = START;
  const lines = new PassThrough();
  const app = express();
  app.use(securityHeaders());
  if (from) {
    app.use(({ socket }, _response, next) => {
      Object.defineProperty(socket, 'remoteAddress', { value: from(), configurable: true });
      next();
    });
  }
  const transports = (): TransportState[] => [
    { id: 'web', kind: 'web', health: phone.pairing().health, since: START },
  ];
  const defaults = {
    transports,
    pairing: phone,
    password: undefined,
    papers: { look: async () => undefined, open: async () => undefined },
    timeZone: 'Asia/Kolkata',
    now: () => (realTime ? new Date() : now),
    log: pino({}, lines),
  };
  app.use('/desk', createDesk({ ...defaults, ...desk }));
  const server = app.listen(0);
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  let logged = '';
  lines.on('data', (chunk) => {
    logged += chunk;
  });
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    phone,
    logged: () => logged,
    pass(ms) {
      now = new Date(now.getTime() + ms);
    },
  };
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

function press(url: string, button: string, body: object = {}) {
  return request(url).post(`/desk/connect/${button}`).set('sec-fetch-site', 'same-origin').send(body);
}

describe('the desk without a password', () => {
  it.each(['', '/', '/connect', '/connect/', '/desk.css', '/connect.js', '/state', '/connect/state'])(
    'opens to this machine and is stored nowhere: /desk%s',
    async (path) => {
      const { url } = await open();
      const { headers } = await request(url).get(`/desk${path}`).expect(200);
      expect(headers['cache-control']).toBe('no-store');
    },
  );

  it.each(['localhost', 'localhost:3000', '127.0.0.1', '127.0.0.1:3000', '[::1]', '[::1]:3000', 'LOCALHOST'])(
    'opens under the name %s',
    async (host) => {
      const { url } = await open();
      await request(url).get('/desk').set('host', host).expect(200);
    },
  );

  it.each(['10.0.0.7', '172.17.0.1', '::ffff:10.0.0.7', '2001:db8::1', ''])(
    'stays shut to the address %j, whatever the name',
    async (address) => {
      const { url } = await open({ from: () => address });
      for (const path of ['', '/connect', '/connect/state', '/connect/stream', '/desk.css', '/nothing']) {
        const { text } = await request(url).get(`/desk${path}`).expect(403);
        expect(text).toContain('DESK_PASSWORD');
        expect(text.trim().split('\n')).toHaveLength(1);
      }
      await press(url, 'retry').expect(403);
    },
  );

  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])(
    'opens to the address %s',
    async (address) => {
      const { url } = await open({ from: () => address });
      await request(url).get('/desk').expect(200);
    },
  );

  it.each([
    ['forwarded', 'for=10.0.0.7'],
    ['x-forwarded-for', '10.0.0.7'],
    ['x-forwarded-proto', 'https'],
    ['x-real-ip', '10.0.0.7'],
    ['via', '1.1 proxy'],
  ])('stays shut to what a proxy passes on: %s', async (name, value) => {
    const { url } = await open();
    await request(url).get('/desk/connect/state').set(name, value).expect(403);
  });

  it('stays shut to HTTP 1.0, which only a proxy speaks', async () => {
    const { url } = await open();
    expect(await statusLineOf(url, 'GET /desk HTTP/1.1')).toContain(' 200 ');
    expect(await statusLineOf(url, 'GET /desk HTTP/1.0')).toContain(' 403 ');
  });

  it.each(['desk.example', 'localhost.example', '127.0.0.1.example:3000', '10.0.0.7', 'localhost:3000@x'])(
    'stays shut under a name that is made to point here: %s',
    async (host) => {
      const { url } = await open();
      await request(url).get('/desk/connect/state').set('host', host).expect(403);
    },
  );
});

describe('the desk with a password', () => {
  it('opens to whoever gives it, from anywhere and under any user name', async () => {
    const { url } = await open({ password: PASSWORD, from: () => '10.0.0.7' });
    for (const user of ['any', '', 'priya']) {
      const asked = request(url).get('/desk').set('host', 'desk.example').set('x-forwarded-for', '10.0.0.8');
      await asked.auth(user, PASSWORD).expect(200);
    }
  });

  it('takes a password with a colon and beyond ASCII', async () => {
    const { url } = await open({ password: 'नमस्ते: a:b' });
    await request(url).get('/desk').auth('any', 'नमस्ते: a:b').expect(200);
    await request(url).get('/desk').auth('any', 'नमस्ते').expect(401);
  });

  it.each([
    undefined,
    'Basic',
    'Basic %%%',
    'Bearer abc',
    `Basic ${Buffer.from('any:wrong').toString('base64')}`,
  ])('asks for it, on this machine too, when it is given %j', async (authorization) => {
    const { url } = await open({ password: PASSWORD });
    const asked = request(url).get('/desk/connect/state');
    const { headers, text } = await (authorization
      ? asked.set('authorization', authorization)
      : asked
    ).expect(401);
    expect(headers['www-authenticate']).toMatch(/^Basic realm=/);
    expect(text).not.toContain(PASSWORD);
  });

  it('slows an address down after five wrong tries, more with each further one, and no other address', async () => {
    let address = '10.0.0.7';
    const { url, pass } = await open({ password: PASSWORD, from: () => address });
    const attempt = (password: string) =>
      request(url).get('/desk').set('connection', 'close').auth('any', password);
    for (let tries = 0; tries < 5; tries += 1) await attempt('wrong').expect(401);
    const { headers } = await attempt(PASSWORD).expect(429);
    expect(headers['retry-after']).toBe('1');
    pass(1_001);
    await attempt('wrong').expect(401);
    pass(1_001);
    await attempt(PASSWORD).expect(429);
    address = '10.0.0.8';
    await attempt(PASSWORD).expect(200);
    address = '10.0.0.7';
    pass(1_001);
    await attempt(PASSWORD).expect(200);
    await attempt('wrong').expect(401);
    await attempt(PASSWORD).expect(200);
  });

  it('never makes anybody wait for more than a minute, and counts no try that was not compared', async () => {
    const { url, pass } = await open({ password: PASSWORD });
    const attempt = (password: string) => request(url).get('/desk').auth('any', password);
    for (let tries = 0; tries < 15; tries += 1) {
      await attempt('wrong').expect(401);
      pass(60_000);
    }
    await attempt('wrong').expect(401);
    await attempt('wrong').expect(429);
    await attempt('wrong').expect(429);
    pass(60_000);
    await attempt(PASSWORD).expect(200);
  });

  it('counts asking without a password as no try', async () => {
    const { url } = await open({ password: PASSWORD });
    for (let asked = 0; asked < 20; asked += 1) await request(url).get('/desk').expect(401);
    await request(url).get('/desk').auth('any', PASSWORD).expect(200);
  });
});

describe('the overview', () => {
  it('names every way to WhatsApp with its state', async () => {
    const transports: TransportState[] = [
      { id: 'web', kind: 'web', health: 'degraded', since: START },
      { id: 'cloud', kind: 'cloud', health: 'ready', since: START },
    ];
    const { url } = await open({ transports: () => transports });
    const { body } = await request(url).get('/desk/state').expect(200);
    expect(body).toEqual({
      now: START.toISOString(),
      transports: transports.map((transport) => ({ ...transport, since: START.toISOString() })),
    });
  });

  it('has no inline script or style, which the security headers would refuse', async () => {
    const { url } = await open();
    for (const path of ['/desk', '/desk/connect']) {
      const { text } = await request(url).get(path);
      expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
    }
  });
});

describe('the connect page’s state', () => {
  it('draws the QR code and keeps its text to itself', async () => {
    const { url, phone, logged } = await open();
    phone.showQr();
    const { body, text } = await request(url).get('/desk/connect/state').expect(200);
    expect(body.pairing).toEqual({
      health: 'pairing',
      since: START.toISOString(),
      qr: { svg: expect.stringMatching(/^<svg [^>]*viewBox/), expiresAt: later(20_000).toISOString() },
    });
    expect(text + logged()).not.toContain('secret');
  });

  it('tells code, reason and account as they are', async () => {
    const { url, phone } = await open();
    const code = { code: 'ABCD1234', phone: '+919999900001', expiresAt: later(180_000) };
    phone.become({ health: 'pairing', code, reason: 'the browser ended' });
    const first = await request(url).get('/desk/connect/state');
    expect(first.body.pairing).toMatchObject({
      code: { code: 'ABCD1234', phone: '+919999900001' },
      reason: 'the browser ended',
    });
    phone.become({ health: 'ready', account: { name: 'Meridian Homes' } });
    const second = await request(url).get('/desk/connect/state');
    expect(second.body.pairing).toEqual({
      health: 'ready',
      account: { name: 'Meridian Homes' },
      since: START.toISOString(),
    });
  });

  it('is empty where no transport pairs a phone, and there is nothing to press', async () => {
    const { url } = await open({ pairing: undefined });
    const { body } = await request(url).get('/desk/connect/state').expect(200);
    expect(body).toEqual({ now: START.toISOString(), pairing: null });
    await press(url, 'retry').expect(404);
  });

  it('streams every change, from the present one on, and lets go of a page that left', async () => {
    const { url, phone } = await open();
    const stream = await openStream(`${url}/desk/connect/stream`);
    await until('the present', () => stream.views().length === 1);
    phone.showQr();
    phone.become({ health: 'syncing' });
    phone.become({ health: 'ready', account: { name: 'Meridian Homes' } });
    await until('the changes', () => stream.views().length === 4);
    expect(stream.views()[0]).toMatchObject({ pairing: { health: 'starting' } });
    expect(stream.views()[3]).toMatchObject({ pairing: { health: 'ready' } });
    expect(phone.listeners()).toBe(1);
    stream.close();
    await until('nobody listens', () => phone.listeners() === 0);
  });
});

describe('the buttons', () => {
  it.each([
    ['retry', 'pairing', {}, 'retry'],
    ['retry', 'blocked', {}, 'retry'],
    ['code', 'pairing', { phone: '+91 99999-00001' }, 'code for +919999900001'],
    ['code', 'pairing', { phone: '0091 (99999) 00001' }, 'code for +919999900001'],
    ['logout', 'ready', {}, 'logout'],
  ] as const)('do what they say: %s when %s', async (button, health, body, asked) => {
    const { url, phone } = await open();
    phone.become({ health });
    await press(url, button, body).expect(202);
    expect(phone.asked).toEqual([asked]);
  });

  it.each([
    ['retry', 'ready'],
    ['retry', 'stopped'],
    ['code', 'ready'],
    ['code', 'starting'],
    ['logout', 'pairing'],
    ['logout', 'loggedOut'],
  ] as const)('do nothing where it makes no sense: %s when %s', async (button, health) => {
    const { url, phone } = await open();
    phone.become({ health });
    await press(url, button, { phone: '+919999900001' }).expect(409);
    expect(phone.asked).toEqual([]);
  });

  it.each([
    {},
    { phone: '' },
    { phone: '99999 00001' },
    { phone: '+0 1' },
    { phone: 919999900001 },
    { phone: '+9'.repeat(30) },
    [],
  ])('want a phone number for a code, not %j', async (body) => {
    const { url, phone } = await open();
    phone.showQr();
    const answer = await press(url, 'code', body).expect(400);
    expect(answer.body.message).toContain('+91');
    expect(phone.asked).toEqual([]);
    await press(url, 'code', { phone: '+919999900001' }).expect(202);
  });

  it('ask WhatsApp for a code at most every 30 seconds, even when it refused', async () => {
    const { url, phone, pass } = await open();
    phone.showQr();
    phone.refusal = new Error('no');
    const body = { phone: '+919999900001' };
    await press(url, 'code', body).expect(502);
    phone.refusal = undefined;
    pass(29_000);
    const { headers } = await press(url, 'code', body).expect(429);
    expect(headers['retry-after']).toBe('1');
    pass(1_000);
    await press(url, 'code', body).expect(202);
    expect(phone.asked).toHaveLength(2);
  });

  it('say that something failed without its details, which the log has', async () => {
    const { url, phone, logged } = await open();
    phone.showQr();
    phone.refusal = new Error('Protocol error of /srv/chromium');
    const { text } = await press(url, 'retry').expect(502);
    expect(text).not.toContain('Protocol');
    await until('the log', () => logged().includes('Protocol error'));
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:9' }],
    ['an address bar', { 'sec-fetch-site': 'none' }],
    ['another site, over plain http', { origin: 'http://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['no page at all', {}],
  ])('are not pressed by %s', async (_who, headers) => {
    const { url, phone } = await open({ password: PASSWORD });
    phone.become({ health: 'ready' });
    await request(url).post('/desk/connect/logout').auth('any', PASSWORD).set(headers).expect(403);
    expect(phone.asked).toEqual([]);
  });

  it('are pressed by the desk’s own page, over plain http too', async () => {
    const { url, phone } = await open();
    phone.become({ health: 'ready' });
    await request(url).post('/desk/connect/logout').set('origin', url).expect(202);
  });
});

describeWithBrowser('the pages in a browser', () => {
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    // The driver that whatsapp-web.js brings along.
    const { launch } = createRequire(createRequire(import.meta.url).resolve('whatsapp-web.js'))('puppeteer');
    browser = await launch({ executablePath: CHROMIUM, headless: true, args: chromiumArguments([]) });
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  });
  afterAll(() => browser?.close());

  const read = (selector: string) => page.$eval(selector, ({ textContent }) => textContent);

  it('walk a phone through pairing without a reload, up to its log out', async () => {
    const { url, phone } = await open({ realTime: true });
    await page.goto(`${url}/desk`);
    await page.waitForSelector('#connect:not([hidden])');
    await Promise.all([page.waitForNavigation(), page.click('#connect')]);
    await until('the first state', async () => (await read('#pill')) === 'Starting');
    phone.showQr();
    await page.waitForSelector('#qr[src^="data:image/svg"]', { visible: true });
    const first = await page.$eval('#qr', (image) => image.getAttribute('src'));
    phone.showQr('2@the-next-one');
    await until(
      'the next code',
      async () => (await page.$eval('#qr', (image) => image.getAttribute('src'))) !== first,
    );

    await page.click('summary');
    await page.type('#phone', '99999');
    await page.click('#phone-form button');
    await until('a complaint', async () => (await read('#phone-trouble'))?.includes('+91'));
    await page.$eval('#phone', (input) => {
      (input as never as { value: string }).value = '';
    });
    await page.type('#phone', '+91 99999 00001');
    await page.click('#phone-form button');
    await until('the wish', () => phone.asked.includes('code for +919999900001'));
    const code = { code: 'ABCD1234', phone: '+919999900001', expiresAt: new Date(Date.now() + 180_000) };
    phone.become({ health: 'pairing', code });
    await until('the code', async () => (await read('#code')) === 'ABCD-1234');
    await until('the countdown', async () => /^Valid for [23]:\d\d$/.test((await read('#countdown')) ?? ''));

    phone.become({ health: 'ready', account: { name: 'Meridian <b>Homes' } });
    await until('the account', async () =>
      (await read('#since'))?.startsWith('Meridian <b>Homes, connected since'),
    );
    await page.click('#logout');
    await page.click('dialog button[value=stay]');
    await page.click('#logout');
    await page.click('dialog button[value=logout]');
    await until('the log out', () => phone.asked.includes('logout'));
    expect(phone.asked.filter((what) => what === 'logout')).toHaveLength(1);
    phone.become({ health: 'loggedOut', reason: 'unlinked on the phone' });
    await until('why', async () => (await read('#reason'))?.includes('unlinked on the phone'));
    expect(complaints.filter((words) => !words.includes('400 (Bad Request)'))).toEqual([]);
  });

  it('shows an expired code as what it is', async () => {
    const { url, phone } = await open({ realTime: true });
    phone.become({ health: 'pairing', qr: { text: QR_TEXT, expiresAt: new Date(Date.now() - 1_000) } });
    await page.goto(`${url}/desk/connect`);
    await until('the word', async () => (await read('#qr-over')) === 'Expired');
  });

  it('say kindly that no phone is needed', async () => {
    const { url } = await open({ pairing: undefined, realTime: true });
    await page.goto(`${url}/desk/connect`);
    await until('the words', async () => (await read('#words'))?.includes('without a paired phone'));
    expect(await (await page.$('#pair'))?.isVisible()).toBe(false);
  });
});

describe('the terminal', () => {
  type Seen = { shown: () => string[]; logged: () => string; phone: PairedPhone; stop: () => void };

  function watch(isTTY: boolean): Seen {
    const phone = new PairedPhone();
    const shown: string[] = [];
    const lines: string[] = [];
    const log = pino({}, { write: (line) => lines.push(line) });
    const terminal: PairingDisplay['terminal'] = { isTTY, write: (text) => shown.push(text) };
    const stop = showPairing(phone, { terminal, pageUrl: 'http://localhost:3000/desk/connect', log });
    return { shown: () => shown, logged: () => lines.join(''), phone, stop };
  }

  it('shows each QR code once, then once who is paired', async () => {
    const { shown, logged, phone } = watch(true);
    phone.showQr();
    phone.showQr();
    await until('a code', () => shown().length === 1);
    phone.showQr('2@the-next-one');
    await until('the next code', () => shown().length === 2);
    expect(shown()[0]).toContain('▄');
    expect(shown()[0]).not.toBe(shown()[1]);
    phone.become({ health: 'syncing' });
    for (const health of ['ready', 'degraded', 'ready'] as const)
      phone.become({ health, account: { name: 'Meridian Homes' } });
    await until('the name', () => shown().length === 3);
    expect(shown()[2]).toContain('Meridian Homes');
    expect(shown().join('') + logged()).not.toContain('secret');
    phone.showQr('2@a-third');
    await until('the third code', () => shown().length === 4);
  });

  it('spells a pairing code', async () => {
    const { shown, phone } = watch(true);
    const code = { code: 'ABCD1234', phone: '+919999900001', expiresAt: later(180_000) };
    phone.become({ health: 'pairing', code, qr: { text: QR_TEXT, expiresAt: later(20_000) } });
    await until('the code', () => shown().length === 1);
    expect(shown()[0]).toContain('A B C D 1 2 3 4');
  });

  it('logs only the page’s address, once, where it is none', async () => {
    const { shown, logged, phone } = watch(false);
    phone.showQr();
    phone.showQr('2@the-next-one');
    const code = { code: 'ABCD1234', phone: '+919999900001', expiresAt: later(180_000) };
    phone.become({ health: 'pairing', code });
    phone.become({ health: 'ready', account: { name: 'Meridian Homes' } });
    await until('the name', () => logged().includes('paired as Meridian Homes'));
    expect(logged().match(/localhost:3000\/desk\/connect/g)).toHaveLength(1);
    expect(logged()).not.toMatch(/2@|ABCD1234|\+91/);
    expect(shown()).toEqual([]);
  });

  it('is told nothing more after its end', async () => {
    const { phone, stop } = watch(true);
    stop();
    expect(phone.listeners()).toBe(0);
  });
});

/** What a stream of server-sent views has brought so far. */
async function openStream(url: string): Promise<{ views: () => unknown[]; close: () => void }> {
  let text = '';
  const asked = get(url, (response) => {
    response.setEncoding('utf8');
    response.on('data', (chunk) => {
      text += chunk;
    });
    response.on('error', () => undefined);
  });
  asked.on('error', () => undefined);
  return {
    views: () => [...text.matchAll(/^event: view\ndata: (.*)$/gm)].map(([, data = '']) => JSON.parse(data)),
    close: () => asked.destroy(),
  };
}

/** The first line of the answer to a request that Node's own client would not make. */
function statusLineOf(url: string, requestLine: string): Promise<string> {
  const { hostname, port, host } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', reject);
    socket.once('data', (bytes) => {
      resolve(bytes.toString('latin1').split('\r\n')[0] ?? '');
      socket.destroy();
    });
    socket.write(`${requestLine}\r\nHost: ${host}\r\n\r\n`);
  });
}
