import { createHmac } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { signature } from '../inbox/sandbox/httpEvents.ts';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { Message } from '../inbox/sandbox/workspace.ts';
import { connectDatabase, type Database } from '../models/connect.ts';
import { createModels, type Models } from '../models/models.ts';
import { type AppProcess, freePort, startApp } from './app.ts';
import { processesWith, removeData, runToEnd } from './blackBox/ending.ts';
import { createSlackSite, type SlackSite } from './slackSite.ts';
import { type GraphStandIn, startGraphStandIn } from './standins/graph.ts';
import { webhookPayload } from './standins/graphWebhooks.ts';
import { until } from './until.ts';

const APP_SECRET = 'app-secret';
const PHONE_NUMBER_ID = '200000000000001';
const MEERA = 'U0MEERALEGL';
const { legal } = TEAM_CHANNELS;

describe('the product, from outside', () => {
  let dataDir: string;
  let app: AppProcess;
  let graph: GraphStandIn & { url: string };
  let site: SlackSite;
  let database: Database;
  let models: Models;
  let webhookUrl: string;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'baton-box-'));
    const port = await freePort();
    webhookUrl = `http://127.0.0.1:${port}/webhooks/whatsapp`;
    graph = await startGraphStandIn({ webhook: { url: webhookUrl, appSecret: APP_SECRET } });
    site = await createSlackSite(`http://127.0.0.1:${port}/slack/events`);
    await site.open();
    app = startApp({ dataDir, port, env: { ...cloudEnvironment(graph.url), ...site.env } });
    await app.ready();
    database = await connectDatabase({ dataDir, log: pino({ level: 'silent' }) });
    models = createModels(database.connection, 'the test');
  });

  afterAll(async () => {
    await database?.close();
    await app?.end('SIGTERM');
    await site?.close();
    await graph?.stop();
    removeData(dataDir);
  });

  it('proves itself to Meta, and to nobody else', async () => {
    const query = (token: string) =>
      `${webhookUrl}?hub.mode=subscribe&hub.challenge=4711&hub.verify_token=${token}`;
    const [good, bad] = await Promise.all([fetch(query('verify-token')), fetch(query('guess'))]);
    expect([good.status, await good.text()]).toEqual([200, '4711']);
    expect(bad.status).toBe(403);
  });

  it('refuses what is not signed by Meta, and keeps nothing of it', async () => {
    const before = await stored();
    const body = JSON.stringify(textPayload('919999906003', 'forged'));
    const right = sign(body);
    expect(await post(body, {})).toBe(401);
    expect(await post(body, { 'x-hub-signature-256': sign(body, 'another secret') })).toBe(401);
    expect(await post(`${body} `, { 'x-hub-signature-256': right })).toBe(401);
    expect(await post(body, { 'x-hub-signature-256': right.slice(0, -2) })).toBe(401);
    expect(await postSigned(slackReply('1.1', 'forged'), 0, 'another secret')).toBe(401);
    expect(await stored()).toEqual(before);
  });

  it.each([
    ['malformed JSON', '{"object":"whatsapp_business_account","entry":[', 'malformed JSON'],
    ['an empty body', '', 'malformed JSON'],
    ['a shape nobody knows', '{"object":"page","entry":[{"$where":"1"}]}', 'unknown shape'],
    ['a list', '[1,2,3]', 'unknown shape'],
    ['bytes that are no text', Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d]), 'malformed JSON'],
  ])('takes and keeps %s as it came', async (_what, body, reason) => {
    const before = await models.rejected.model.countDocuments();
    expect(await post(body, { 'x-hub-signature-256': sign(body) })).toBe(200);
    const kept = await models.rejected.model.find().sort({ at: 1 }).lean();
    expect(kept).toHaveLength(before + 1);
    expect(kept.at(-1)).toMatchObject({ source: 'whatsapp', reason });
    expect(Buffer.from(body).equals(Buffer.from(String(kept.at(-1)?.body.toString('hex')), 'hex'))).toBe(
      true,
    );
  });

  it('refuses what is too large', async () => {
    const body = 'x'.repeat(3 * 1024 * 1024 + 1);
    expect(await post(body, { 'x-hub-signature-256': sign(body) })).toBe(413);
  });

  it('answers a first enquiry with the brochure as a document, and has a new lead', async () => {
    const from = '919999906001';
    expect(await graph.inboundText({ from, text: 'Hi, brochure of 2BHK?' })).toBe(200);
    const { body } = await until('a document', () =>
      sentTo(from).find(({ body }) => body.type === 'document'),
    );
    const { id, filename } = body.document as { id: string; filename: string };
    expect(filename).toMatch(/brochure\.pdf$/);
    expect(graph.media.get(id)?.bytes.subarray(0, 5).toString()).toBe('%PDF-');

    const lead = await until('a lead', async () => {
      const buyer = await models.buyers.model.findOne({ handles: `pn:+${from}` }).lean();
      return buyer && (await models.leads.model.findOne({ buyer: buyer._id }).lean());
    });
    expect(lead.project).toBe('greenfield-heights');
    expect(sentTo(from).filter(({ body }) => body.type === 'document')).toHaveLength(1);
  });

  it('shows a threat to the legal team as one card, acknowledges it once, and carries the answer back once', async () => {
    const from = '919999906002';
    await graph.inboundText({ from, text: 'I will go to RERA', profileName: 'Asha Threat' });
    const { ts } = await until('a card', () => cardsOf('Asha Threat')[0]);
    await until('an acknowledgement', () => sentTo(from).length > 0);

    const event = slackReply(ts, 'I have your file &amp; call at 5.');
    for (const retry of [0, 1, 2]) expect(await postSigned(event, retry)).toBe(200);
    await until('the answer', () => sentTo(from).length > 1);
    await graph.inboundText({ from, text: 'I will go to RERA tomorrow' });
    await until('the line', () =>
      site.slack.thread(legal, ts).some((line) => line.text.includes('tomorrow')),
    );
    expect(sentTo(from).map(({ body }) => body.type)).toEqual(['text', 'text']);
    expect(sentTo(from)[1]?.body.text).toMatchObject({ body: 'I have your file & call at 5.' });
    expect(cardsOf('Asha Threat')).toHaveLength(1);
  });

  it('shows messages of kinds that it cannot read to a person', async () => {
    const kinds: Record<string, object> = {
      contacts: {
        contacts: [{ name: { formatted_name: 'A Friend' }, phones: [{ phone: '+919999906999' }] }],
      },
      order: { order: { catalog_id: '1', product_items: [] } },
      unsupported: { errors: [{ code: 131051, title: 'Message type unknown' }] },
      a_new_kind: { a_new_kind: { $set: { a: 1 }, 'dotted.key': true } },
    };
    const tell = async ([type, content]: [string, object]) => {
      const [from, id] = [`9199999061${type.length + 10}`, `wamid.kind.${type}`];
      const message = { from, id, timestamp: nowS(), type, ...content };
      const value = contacts(from, `Kind ${type}`, [message]);
      expect(await graph.post(webhookPayload(PHONE_NUMBER_ID, value))).toBe(200);
      expect(JSON.parse(String((await record(id))?.raw))).toMatchObject(message);
      await until('a card', () => cardsOf(`Kind ${type}`)[0]);
      await until('an outcome', async () => (await record(id))?.outcome?.kind === 'case');
      await until('an acknowledgement', () => sentTo(from).length === 1);
    };
    await Promise.all(Object.entries(kinds).map(tell));
  });

  it('takes any text: stored as it came, answered, and shown harmlessly', async () => {
    const texts: Record<string, string> = {
      long: 'buy '.repeat(16_250),
      emoji: '😀🏠👍🏽',
      rightToLeft: 'أريد شقة \u202eevil',
      nullBytes: 'flat\u0000 2BHK\u0000',
      mention: 'hello <!channel> & <@U0MEERALEGL>',
      template: '{{template}} {{1}}',
      operator: '{"$where": "sleep(1000)"}',
      query: '$where',
      halfEmoji: 'broken \ud83d',
      blank: ' \n\t',
    };
    const names = Object.keys(texts);
    const fromOf = (name: string) => `9199999062${String(names.indexOf(name)).padStart(2, '0')}`;
    const tell = (name: string, id: string, text: string) =>
      graph.post(textPayload(fromOf(name), text, id, `Text ${name}`));
    for (const name of names) expect(await tell(name, `wamid.open.${name}`, 'I will go to RERA')).toBe(200);
    for (const name of names) await until(`a card for ${name}`, () => cardsOf(`Text ${name}`)[0]);
    for (const name of names) expect(await tell(name, `wamid.${name}`, texts[name] ?? '')).toBe(200);
    for (const name of names) {
      await until(`an outcome of ${name}`, async () => (await record(`wamid.${name}`))?.outcome);
      await until(`the words of ${name}`, () => shownOf(`Text ${name}`).length > 1);
      expect(sentTo(fromOf(name)).length).toBeGreaterThan(0);
    }
    const kept = await record('wamid.mention');
    expect(kept?.content).toEqual({ kind: 'text', text: texts.mention });
    expect((await record('wamid.long'))?.content).toEqual({ kind: 'text', text: texts.long });
    for (const message of Object.values(TEAM_CHANNELS).flatMap((channel) => site.slack.messages(channel))) {
      expect(JSON.stringify(message)).not.toMatch(/<!|<@|\\u0000|\\ud[89a-f]/);
    }
  });

  it('leaves no message without an outcome, and counts what it took', async () => {
    await until('no message to wait', async () => !(await models.inbound.model.exists({ outcome: null })));
    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    expect(metrics).toContain('baton_rejected_payloads_total{reason="malformed JSON"} 3');
    expect((await fetch(`${app.url}/sandbox/`)).status).toBe(404);
  });

  function sentTo(from: string) {
    return graph.sent.filter(({ to }) => to === from || to === `+${from}`);
  }

  function cardsOf(name: string): Message[] {
    return Object.values(TEAM_CHANNELS)
      .flatMap((channel) => site.slack.messages(channel))
      .filter((message) => !message.threadTs && message.text.endsWith(`: ${name}`));
  }

  /** Everything that Slack shows about a buyer: the cards and what stands under them. */
  function shownOf(name: string): Message[] {
    return cardsOf(name).flatMap(({ channel, ts }) => site.slack.thread(channel, ts));
  }

  async function stored(): Promise<number[]> {
    return Promise.all([
      models.inbound.model.countDocuments(),
      models.rejected.model.countDocuments(),
      models.buyers.model.countDocuments(),
    ]);
  }

  async function record(id: string) {
    return models.inbound.model.findById(`cloud-${PHONE_NUMBER_ID}:${id}`).lean();
  }

  function post(body: string | Buffer, headers: Record<string, string>): Promise<number> {
    const type = { 'content-type': 'application/json' };
    return fetch(webhookUrl, {
      method: 'POST',
      body: Uint8Array.from(Buffer.from(body)),
      headers: { ...type, ...headers },
    }).then(({ status }) => status);
  }

  function postSigned(
    body: string,
    retry: number,
    secret = site.slack.tokens.signingSecret,
  ): Promise<number> {
    const timestamp = nowS();
    const headers = {
      'content-type': 'application/json',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature(secret, timestamp, body),
      ...(retry > 0 && { 'x-slack-retry-num': `${retry}`, 'x-slack-retry-reason': 'http_timeout' }),
    };
    return fetch(`${app.url}/slack/events`, { method: 'POST', body, headers }).then(({ status }) => status);
  }
});

describe('an end', () => {
  it.each([
    ['SIGTERM', 1],
    ['SIGINT', 3],
  ] as const)(
    'by %s, sent %i times, drains, has code 0 and leaves no database engine behind',
    async (signal, times) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'baton-end-'));
      const port = await freePort();
      const env = { DATA_DIR: dataDir, PORT: `${port}`, LOG_LEVEL: 'silent' };
      const ending = await runToEnd(env, async (kill) => {
        const isReady = () =>
          fetch(`http://127.0.0.1:${port}/ready`).then(
            ({ ok }) => ok,
            () => false,
          );
        await until('a start', isReady, 30_000);
        expect(processesWith(dataDir)).toHaveLength(1);
        for (let sent = 0; sent < times; sent += 1) {
          kill(signal);
          // Answered or refused: the signal has been seen by then.
          await isReady();
        }
      });
      expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
      expect(processesWith(dataDir)).toEqual([]);
      removeData(dataDir);
    },
  );
});

describe('a wrong setup ends with code 2 and one line', () => {
  it('that names PORT when the port is taken, and leaves no database engine behind', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'baton-taken-'));
    const other = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => other.listen(port, () => resolve()));
    const ending = await runToEnd({ DATA_DIR: dataDir, PORT: `${port}`, LOG_LEVEL: 'silent' });
    expect(ending).toMatchObject({ code: 2, stderr: `baton: PORT ${port} is already in use\n` });
    await until('the engine to end', () => processesWith(dataDir).length === 0);
    other.close();
    removeData(dataDir);
  });

  it('that names MONGODB_URI and its host, without the password, when nobody answers there', async () => {
    const port = await freePort();
    const uri = `mongodb://baton:hunter2@127.0.0.1:${port}/baton?serverSelectionTimeoutMS=500`;
    const { code, stderr } = await runToEnd({ MONGODB_URI: uri, LOG_LEVEL: 'silent' });
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`^baton: MONGODB_URI: .*127\\.0\\.0\\.1:${port}.*\n$`));
    expect(stderr).not.toContain('hunter2');
  });

  it.each([
    ['TIMEZONE', { TIMEZONE: 'India' }],
    [
      'WHATSAPP_CLOUD_APP_SECRET',
      { ...cloudEnvironment('http://127.0.0.1:1'), WHATSAPP_CLOUD_APP_SECRET: '' },
    ],
  ])('that names %s', async (variable, env) => {
    const { code, stderr } = await runToEnd({ ...env, LOG_LEVEL: 'silent' });
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`^baton: ${variable} .*\n$`));
  });
});

function cloudEnvironment(apiUrl: string): Record<string, string> {
  return {
    WHATSAPP_TRANSPORT: 'cloud',
    WHATSAPP_CLOUD_API_URL: apiUrl,
    WHATSAPP_CLOUD_PHONE_NUMBER_ID: PHONE_NUMBER_ID,
    WHATSAPP_CLOUD_ACCESS_TOKEN: 'stand-in-token',
    WHATSAPP_CLOUD_APP_SECRET: APP_SECRET,
    WHATSAPP_CLOUD_VERIFY_TOKEN: 'verify-token',
  };
}

function sign(body: string | Buffer, secret = APP_SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

function nowS(): string {
  return String(Math.floor(Date.now() / 1000));
}

function contacts(from: string, name: string, messages: object[]): object {
  return { contacts: [{ profile: { name }, wa_id: from }], messages };
}

function textPayload(from: string, body: string, id = `wamid.${from}`, name = 'A Buyer'): object {
  const message = { from, id, timestamp: nowS(), type: 'text', text: { body } };
  return webhookPayload(PHONE_NUMBER_ID, contacts(from, name, [message]));
}

/** A member's reply in a thread, as Slack posts it. */
function slackReply(threadTs: string, text: string): string {
  const ts = `${nowS()}.000100`;
  const event = {
    type: 'message',
    user: MEERA,
    text,
    ts,
    thread_ts: threadTs,
    channel: legal,
    channel_type: 'group',
  };
  return JSON.stringify({
    token: 't',
    team_id: 'T0BATON0001',
    type: 'event_callback',
    event_id: 'Ev1',
    event,
  });
}
