import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import mongoose from 'mongoose';
import pino from 'pino';
import {
  ChannelError,
  type DeliveryReport,
  type Echo,
  type FetchedMedia,
  type Health,
  type Inbound,
  type OutboundContent,
} from '../bot/channels/channel.ts';
import { errorClassOf } from '../bot/channels/cloud/errors.ts';
import { createClient } from '../bot/channels/cloud/request.ts';
import { type CloudOptions, createCloudChannel } from '../bot/channels/cloud.ts';
import { Uploads } from '../models/upload.ts';
import { type Fault, type GraphStandInOptions, startGraphStandIn } from './standins/graph.ts';
import { graphError } from './standins/graphRules.ts';
import { signedWebhook, textValue, webhookPayload } from './standins/graphWebhooks.ts';
import { until } from './until.ts';
import { databaseUri } from './world.ts';

const FIXTURES = new URL('./fixtures/cloud/', import.meta.url);
const NUMBER = '200000000000001';
const APP_SECRET = 'app-secret';
const VERIFY_TOKEN = 'verify-token';
const NOW = new Date('2026-11-23T06:00:00Z');
const BUYER = { kind: 'pn', value: '+919999900001' } as const;
const TEXT: OutboundContent = { kind: 'text', text: 'Namaste' };
const PDF = {
  fileName: 'brochure.pdf',
  mimeType: 'application/pdf',
  bytes: Buffer.from('%PDF-1.7 brochure'),
};

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A channel in front of Graph's stand-in, with its webhook served on a local port and all it hands over kept. */
async function createWorld(overrides: Partial<CloudOptions> = {}, graphOptions: GraphStandInOptions = {}) {
  const graph = await startGraphStandIn({ retryDelaysMs: [1, 1, 1], ...graphOptions });
  open.push(() => graph.stop());
  const messages: Inbound[] = [];
  const echoes: Echo[] = [];
  const reports: DeliveryReport[] = [];
  const states: Health[] = [];
  const rejected: { reason: string; body: string }[] = [];
  const store = { failures: 0 };
  const channel = createCloudChannel({
    apiUrl: graph.url,
    version: 'v25.0',
    phoneNumberId: NUMBER,
    accessToken: 'stand-in-token',
    appSecret: APP_SECRET,
    verifyToken: VERIFY_TOKEN,
    log: pino({ level: 'silent' }),
    now: () => NOW,
    keepRejected: async ({ reason, body }) => {
      rejected.push({ reason, body: body.toString('utf8') });
    },
    ...overrides,
  });
  await channel.start({
    async inbound(batch) {
      if (store.failures-- > 0) throw new Error('the database is away');
      messages.push(...batch);
    },
    async delivery(batch) {
      reports.push(...batch);
    },
    async echo(batch) {
      echoes.push(...batch);
    },
    state: (health) => states.push(health),
  });
  const url = await serve(express().use('/webhooks/whatsapp', channel.router));
  const webhookUrl = `${url}/webhooks/whatsapp`;
  graph.webhook(webhookUrl, APP_SECRET);
  const send = (content: OutboundContent = TEXT, to: Inbound['from'] = BUYER) =>
    channel.send({ to, outboxId: 'c1:7:0', content });
  return { graph, channel, messages, echoes, reports, states, rejected, store, webhookUrl, send };
}

async function serve(app: express.Express): Promise<string> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return `http://127.0.0.1:${address.port}`;
}

/** The error of a send that must fail. */
async function failureOf(sending: Promise<unknown>): Promise<ChannelError> {
  const outcome = await sending.catch((error: unknown) => error);
  if (!(outcome instanceof ChannelError)) throw new Error(`expected a ChannelError, got ${outcome}`);
  return outcome;
}

function inboundPayload(text: string, id = 'wamid.X1'): object {
  return webhookPayload(NUMBER, textValue({ from: '919999900001', id, text, at: NOW }));
}

describe('webhook payloads', () => {
  const names = readdirSync(FIXTURES).filter((name) => name.endsWith('.json'));

  it.each(names)('%s is read as expected', async (name) => {
    const { payload, expected } = JSON.parse(readFileSync(new URL(name, FIXTURES), 'utf8'));
    const { graph, channel, messages, echoes, reports, rejected } = await createWorld();

    expect(await graph.post(payload)).toBe(200);

    const withoutRaw = messages.map(({ raw: _raw, ...message }) => message);
    expect(JSON.parse(JSON.stringify(withoutRaw))).toEqual(expected.messages);
    expect(JSON.parse(JSON.stringify(echoes))).toEqual(expected.echoes ?? []);
    expect(JSON.parse(JSON.stringify(reports))).toEqual(expected.reports);
    expect(Object.fromEntries(channel.rejections)).toEqual(expected.rejections);
    const { 'unknown status': _notKept, ...kept } = expected.rejections;
    expect(tally(rejected.map(({ reason }) => reason))).toEqual(kept);
  });

  it('keeps the message as it came', async () => {
    const { graph, messages } = await createWorld();
    const payload = JSON.parse(readFileSync(new URL('image.json', FIXTURES), 'utf8')).payload;
    await graph.post(payload);
    expect(messages[0]?.raw).toEqual(payload.entry[0].changes[0].value.messages[0]);
  });

  it.each([
    ['malformed JSON', '{"object":"whatsapp_business_account","entry":['],
    ['malformed JSON', ''],
    ['unknown shape', '{"object":"page","entry":[]}'],
    ['unknown shape', 'null'],
  ])('keeps and counts %s: %s', async (reason, body) => {
    const { channel, rejected, webhookUrl } = await createWorld();
    const response = await post(webhookUrl, body, signatureOf(body));
    expect(response.status).toBe(200);
    expect(rejected).toEqual([{ reason, body }]);
    expect(channel.rejections.get(reason)).toBe(1);
  });
});

describe('webhook requests', () => {
  it.each([
    ['missing', undefined],
    ['of another secret', signatureOf('{}', 'another secret')],
    ['too short', 'sha256=abcd'],
    ['of another algorithm', `sha1=${createHmac('sha1', APP_SECRET).update('{}').digest('hex')}`],
  ])('refuses a signature that is %s', async (_name, signature) => {
    const { messages, rejected, webhookUrl } = await createWorld();
    const body = JSON.stringify(inboundPayload('forged'));
    expect((await post(webhookUrl, body, signature)).status).toBe(401);
    expect([messages, rejected]).toEqual([[], []]);
  });

  it('refuses a signed body that was changed by one byte', async () => {
    const { messages, webhookUrl } = await createWorld();
    const { body, headers } = signedWebhook(inboundPayload('pay 100'), APP_SECRET);
    const changed = body.replace('pay 100', 'pay 900');
    expect((await post(webhookUrl, changed, headers['x-hub-signature-256'])).status).toBe(401);
    expect(messages).toEqual([]);
  });

  it('checks the signature over the bytes, not over what they parse to', async () => {
    const { messages, webhookUrl } = await createWorld();
    const spaced = JSON.stringify(inboundPayload('नमस्ते'), null, 3).replace('न', '\\u0928');
    expect((await post(webhookUrl, spaced, signatureOf(spaced))).status).toBe(200);
    expect(messages[0]?.content).toEqual({ kind: 'text', text: 'नमस्ते' });
  });

  it('refuses more than 3 MB with 413 and takes just under it', async () => {
    const { messages, webhookUrl } = await createWorld();
    const big = JSON.stringify(inboundPayload('x'.repeat(3 * 1024 * 1024)));
    expect((await post(webhookUrl, big, signatureOf(big))).status).toBe(413);
    const fits = JSON.stringify(inboundPayload('x'.repeat(3 * 1024 * 1024 - 1000)));
    expect((await post(webhookUrl, fits, signatureOf(fits))).status).toBe(200);
    expect(messages).toHaveLength(1);
  });

  it('refuses compressed bodies', async () => {
    const { webhookUrl } = await createWorld();
    const headers = { 'content-encoding': 'gzip', 'x-hub-signature-256': signatureOf('{}') };
    expect((await fetch(webhookUrl, { method: 'POST', body: '{}', headers })).status).toBe(415);
  });

  it('answers 503 while messages cannot be stored, and takes them when Meta sends them again', async () => {
    const { graph, messages, store } = await createWorld();
    store.failures = 2;
    expect(await graph.post(inboundPayload('first try'))).toBe(503);
    expect(await graph.inboundText({ from: '919999900001', id: 'wamid.X2', text: 'kept' })).toBe(200);
    expect(messages.map(({ key }) => key)).toEqual(['wamid.X2']);
  });

  it('answers 503 when what it cannot use cannot be kept', async () => {
    const keepRejected = () => Promise.reject(new Error('the disk is full'));
    const { channel, webhookUrl } = await createWorld({ keepRejected });
    expect((await post(webhookUrl, 'odd', signatureOf('odd'))).status).toBe(503);
    expect(channel.rejections.size).toBe(0);
  });

  it('answers 503 before it is started and after it is stopped', async () => {
    const { channel, graph } = await createWorld();
    await channel.stop();
    expect(await graph.post(inboundPayload('too late'))).toBe(503);
    expect(channel.health()).toBe('stopped');
  });

  it('answers the challenge to the right token only', async () => {
    const { webhookUrl } = await createWorld();
    const verify = (mode: string, token: string) =>
      fetch(`${webhookUrl}?hub.mode=${mode}&hub.verify_token=${token}&hub.challenge=1158201444`);

    const right = await verify('subscribe', VERIFY_TOKEN);
    expect([right.status, await right.text()]).toEqual([200, '1158201444']);
    expect(right.headers.get('content-type')).toMatch(/^text\/plain/);
    expect((await verify('subscribe', 'wrong')).status).toBe(403);
    expect((await verify('unsubscribe', VERIFY_TOKEN)).status).toBe(403);
    expect((await fetch(webhookUrl)).status).toBe(403);
  });

  it('cannot be built without its secrets', () => {
    const options = { apiUrl: 'http://127.0.0.1', version: 'v25.0', phoneNumberId: NUMBER, accessToken: 'x' };
    const build = () =>
      createCloudChannel({
        ...options,
        appSecret: '',
        verifyToken: VERIFY_TOKEN,
        log: pino({ level: 'silent' }),
        keepRejected: async () => {},
      });
    expect(build).toThrow('appSecret');
  });
});

describe('sending', () => {
  it('sends a text with its outbox id and gives back the id of the message', async () => {
    const { graph, channel, send } = await createWorld();
    const { providerId, state } = await send();
    expect(state).toBe('accepted');
    expect(graph.sent).toMatchObject([
      { wamid: providerId, to: '919999900001', biz_opaque_callback_data: 'c1:7:0' },
    ]);
    expect(graph.sent[0]?.body).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '919999900001',
      type: 'text',
      text: { body: 'Namaste', preview_url: false },
      biz_opaque_callback_data: 'c1:7:0',
    });
    expect(channel.health()).toBe('ready');
  });

  it('writes to a person without a phone number by their user id', async () => {
    const { graph, send } = await createWorld();
    await send(TEXT, { kind: 'bsuid', value: 'IN.13491208655302741918' });
    expect(graph.sent[0]?.body).toMatchObject({ recipient: 'IN.13491208655302741918' });
    expect(graph.sent[0]?.body).not.toHaveProperty('to');
  });

  it('cannot write to a LID', async () => {
    const { graph, send } = await createWorld();
    const failure = await failureOf(send(TEXT, { kind: 'lid', value: '123@lid' }));
    expect([failure.class, failure.code]).toEqual(['recipient', 'unreachable_handle']);
    expect(graph.sent).toEqual([]);
  });

  it('offers up to three short choices as buttons', async () => {
    const { graph, send } = await createWorld();
    const choices = ['2 BHK', '3 BHK', 'Twenty characters ok'].map((title, id) => ({ id: `q.${id}`, title }));
    await send({ kind: 'choices', text: 'Which home?', choices });
    expect(graph.sent[0]?.body.interactive).toEqual({
      type: 'button',
      body: { text: 'Which home?' },
      action: { buttons: choices.map((reply) => ({ type: 'reply', reply })) },
    });
  });

  it.each([
    ['four choices', 'Which?', ['A', 'B', 'C', 'D']],
    ['a title over 20 characters', 'Which?', ['Twenty-one characters', 'B']],
    ['two equal titles', 'Which?', ['Same', 'Same']],
    ['a text over 1,024 characters', 'x'.repeat(1025), ['A', 'B']],
    ['ten choices', 'Which?', Array.from({ length: 10 }, (_, index) => `Choice ${index}`)],
  ])('offers %s as a list', async (_name, text, titles) => {
    const { graph, send } = await createWorld();
    const choices = titles.map((title, id) => ({ id: `q.${id}`, title }));
    await send({ kind: 'choices', text, choices });
    expect(graph.sent[0]?.body.interactive).toMatchObject({
      type: 'list',
      action: { sections: [{ rows: choices }] },
    });
  });

  it('keeps a long title whole in the description and cuts between letters', async () => {
    const { graph, send } = await createWorld();
    const title = 'शनिवार सुबह ग्यारह बजे साइट पर';
    await send({ kind: 'choices', text: 'कब?', choices: [{ id: 'a', title }] });
    const rows = graph.sent[0]?.body.interactive;
    expect(rows).toMatchObject({
      action: { sections: [{ rows: [{ id: 'a', title: 'शनिवार सुबह ग्यारह बजे…', description: title }] }] },
    });
  });

  it('sends a message with no choices as a text', async () => {
    const { graph, send } = await createWorld();
    await send({ kind: 'choices', text: 'Hello', choices: [] });
    expect(graph.sent[0]?.body).toMatchObject({ type: 'text', text: { body: 'Hello' } });
  });

  it('sends a template with flat parameters', async () => {
    const { graph, send } = await createWorld();
    const parameters = ['Asha', '₹ 12,00,000', 'Tower B\n\tunit  1203'];
    await send({ kind: 'template', name: 'payment_overdue', languageCode: 'en', parameters });
    expect(graph.sent[0]?.body.template).toEqual({
      name: 'payment_overdue',
      language: { code: 'en' },
      components: [
        {
          type: 'body',
          parameters: ['Asha', '₹ 12,00,000', 'Tower B unit 1203'].map((text) => ({ type: 'text', text })),
        },
      ],
    });
  });

  it('sends a template with a document in its header', async () => {
    const { graph, send } = await createWorld();
    await send({ kind: 'template', name: 'demand', languageCode: 'hi', parameters: [], document: PDF });
    const [id] = graph.media.keys();
    expect(graph.sent[0]?.body.template).toMatchObject({
      components: [
        { type: 'header', parameters: [{ type: 'document', document: { id, filename: 'brochure.pdf' } }] },
      ],
    });
  });

  it('sends a one-time code a second time, for the button that copies it', async () => {
    const { graph, send } = await createWorld();
    const code = { type: 'text', text: '048213' };
    const parameters = [code.text];
    await send({ kind: 'template', name: 'portal_code', languageCode: 'en', parameters, hasCode: true });
    expect(graph.sent[0]?.body.template).toMatchObject({
      components: [
        { type: 'body', parameters: [code] },
        { type: 'button', sub_type: 'url', index: '0', parameters: [code] },
      ],
    });
  });

  it('uploads a document byte for byte, once for two sends at the same time and one later', async () => {
    const { graph, send } = await createWorld();
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 251));
    const content: OutboundContent = {
      kind: 'document',
      document: { ...PDF, bytes },
      caption: 'Your brochure',
    };
    await Promise.all([send(content), send(content)]);
    await send({ ...content, caption: '' });

    const stored = { bytes, mimeType: 'application/pdf', filename: 'brochure.pdf' };
    expect([...graph.media.values()]).toEqual([stored]);
    const [id] = graph.media.keys();
    const document = { id, filename: 'brochure.pdf', caption: 'Your brochure' };
    expect(graph.sent.map(({ body }) => body.document)).toEqual([
      document,
      document,
      { id, filename: 'brochure.pdf' },
    ]);
  });

  it('uploads a file with quotes and line breaks in its name as one file', async () => {
    const { graph, send } = await createWorld();
    const document = { ...PDF, fileName: 'टावर "B"\r\nplan.pdf' };
    await send({ kind: 'document', document, caption: '' });
    expect([...graph.media.values()]).toMatchObject([{ bytes: PDF.bytes, mimeType: PDF.mimeType }]);
    expect([...graph.media.values()][0]?.filename).toContain('टावर "B"');
  });

  it('uploads again after 25 days', async () => {
    let nowMs = NOW.getTime();
    const { graph, send } = await createWorld({ now: () => new Date(nowMs) });
    const content: OutboundContent = { kind: 'document', document: PDF, caption: '' };
    await send(content);
    nowMs += 25 * 24 * 3600 * 1000;
    await send(content);
    expect(graph.media.size).toBe(2);
  });

  it('uploads once more when Graph has lost the file', async () => {
    const { graph, send } = await createWorld();
    const content: OutboundContent = { kind: 'document', document: PDF, caption: '' };
    await send(content);
    graph.media.clear();
    await Promise.all([send(content), send(content)]);
    expect(graph.media.size).toBe(1);
    expect(graph.sent).toHaveLength(3);
  });

  it('forgets uploads when a delivery report blames the file', async () => {
    const { graph, send } = await createWorld();
    const content: OutboundContent = { kind: 'document', document: PDF, caption: '' };
    await send(content);
    const [message] = graph.sent;
    if (!message) throw new Error('nothing was sent');
    await graph.status(message, 'failed', { code: 131053, title: 'Media upload error' });
    await send(content);
    expect(graph.media.size).toBe(2);
  });

  it.each<[string, string, OutboundContent]>([
    ['text_too_long', 'text', { kind: 'text', text: 'x'.repeat(4097) }],
    ['text_too_long', 'choices', { kind: 'choices', text: 'x'.repeat(4097), choices: [] }],
    [
      'too_many_choices',
      'choices',
      {
        kind: 'choices',
        text: 'x',
        choices: Array.from({ length: 11 }, (_, id) => ({ id: `${id}`, title: 'x' })),
      },
    ],
    ['caption_too_long', 'document', { kind: 'document', document: PDF, caption: 'x'.repeat(1025) }],
    [
      'document_too_large',
      'document',
      { kind: 'document', document: { ...PDF, bytes: Buffer.alloc(100 * 1024 * 1024 + 1) }, caption: '' },
    ],
  ])('refuses %s of a %s before asking Graph', async (code, _kind, content) => {
    const { graph, send } = await createWorld();
    const failure = await failureOf(send(content));
    expect([failure.class, failure.code]).toEqual(['template', code]);
    expect([graph.sent.length, graph.media.size]).toEqual([0, 0]);
  });

  it('takes a text of 4,096 characters', async () => {
    const { graph, send } = await createWorld();
    await send({ kind: 'text', text: 'x'.repeat(4096) });
    expect(graph.sent).toHaveLength(1);
  });

  it('hears of the delivery with its outbox id', async () => {
    const { graph, reports, send } = await createWorld({}, { statuses: ['sent', 'delivered', 'read'] });
    const { providerId } = await send();
    await graph.idle();
    expect(reports.map(({ state }) => state)).toEqual(['sent', 'delivered', 'read']);
    expect(reports[0]).toMatchObject({ providerId, outboxId: 'c1:7:0' });
  });
});

describe('failures', () => {
  it.each([
    [131047, 'window', undefined],
    [131026, 'recipient', undefined],
    [131049, 'recipient', 24 * 3600_000],
    [131050, 'recipient', undefined],
    [132000, 'template', undefined],
    [132001, 'template', undefined],
    [132012, 'template', undefined],
    [132015, 'template', undefined],
    [132016, 'template', undefined],
    [100, 'template', undefined],
    [131056, 'rate', 4000],
    [190, 'auth', undefined],
    [0, 'auth', undefined],
    [200, 'auth', undefined],
    [368, 'blocked', undefined],
    [131031, 'blocked', undefined],
    [131000, 'unknown', undefined],
    [131016, 'unknown', undefined],
    [999999, 'template', undefined],
  ])('error %i is of class %s', async (code, expectedClass, retryAfterMs) => {
    const { graph, send } = await createWorld();
    graph.faults.push({ kind: 'error', status: 400, errorBody: graphError(code, 'details of it') });
    const failure = await failureOf(send());
    expect(failure).toMatchObject({ class: expectedClass, code: String(code), message: 'details of it' });
    expect(failure.retryAfterMs).toBe(retryAfterMs);
  });

  it.each([
    [130429, 1_000],
    [80007, 60_000],
    [4, 60_000],
    [131048, 3600_000],
  ])('error %i slows down, with jitter', async (code, leastMs) => {
    const { graph, send } = await createWorld();
    graph.faults.push({ kind: 'error', status: 429, errorBody: graphError(code, 'slow down') });
    const failure = await failureOf(send());
    expect(failure.class).toBe('rate');
    expect(failure.retryAfterMs).toBeGreaterThanOrEqual(leastMs);
    expect(failure.retryAfterMs).toBeLessThanOrEqual(1.5 * leastMs);
  });

  it.each<[number, unknown, ChannelError['class'], string]>([
    [500, 'oops', 'unknown', 'http_500'],
    [503, {}, 'unknown', 'http_503'],
    [401, {}, 'auth', 'http_401'],
    [403, {}, 'auth', 'http_403'],
    [429, {}, 'rate', 'http_429'],
    [404, '<html>', 'retry', 'http_404'],
    [500, graphError(131026, 'undeliverable'), 'recipient', '131026'],
    [500, graphError(999999, 'new'), 'unknown', '999999'],
    [400, { error: { code: 100, error_subcode: 33, message: 'Object does not exist' } }, 'auth', '100'],
  ])('status %i with %j is of class %s', async (status, errorBody, expectedClass, code) => {
    const { graph, send } = await createWorld();
    graph.faults.push({ kind: 'error', status, errorBody });
    expect(await failureOf(send())).toMatchObject({ class: expectedClass, code });
  });

  it('honours Retry-After over its own waits', async () => {
    const { graph, send } = await createWorld();
    const errorBody = graphError(130429, 'slow down');
    graph.faults.push({ kind: 'error', status: 429, errorBody, headers: { 'retry-after': '17' } });
    expect((await failureOf(send())).retryAfterMs).toBe(17_000);
  });

  it.each([
    ['cut before the answer', { kind: 'cut' }],
    ['cut in mid-answer', { kind: 'cut', midAnswer: true }],
    ['answered with something unreadable', { kind: 'garbled' }],
    ['not answered in time', { kind: 'timeout', accept: true }],
  ] as const)('a message %s may have gone out', async (_name, fault) => {
    const { graph, reports, send } = await createWorld({ timeoutMs: 300 });
    graph.faults.push(fault);
    expect((await failureOf(send())).class).toBe('unknown');
    await graph.idle();
    expect(graph.sent).toMatchObject([{ cut: true, biz_opaque_callback_data: 'c1:7:0' }]);
    expect(reports).toMatchObject([{ outboxId: 'c1:7:0', state: 'sent' }, { state: 'delivered' }]);
  });

  it('a timeout says so', async () => {
    const { graph, send } = await createWorld({ timeoutMs: 100 });
    graph.faults.push({ kind: 'timeout' });
    expect(await failureOf(send())).toMatchObject({ class: 'unknown', code: 'timeout' });
    expect(graph.sent).toEqual([]);
  });

  it('waits for a slow answer', async () => {
    const { graph, send } = await createWorld({ timeoutMs: 5000 });
    graph.faults.push({ kind: 'slow', delayMs: 50 });
    expect((await send()).state).toBe('accepted');
  });

  it('a message that cannot have been sent is to be tried again', async () => {
    const { graph, send } = await createWorld();
    await graph.stop();
    expect(await failureOf(send())).toMatchObject({ class: 'retry', code: 'ECONNREFUSED' });
    const lost = await createWorld({ apiUrl: 'http://graph.invalid' });
    expect((await failureOf(lost.send())).class).toBe('retry');
  });

  it.each([
    [{ kind: 'cut', on: 'media' }, 'retry'],
    [{ kind: 'garbled', on: 'media' }, 'retry'],
    [{ kind: 'timeout', on: 'media' }, 'retry'],
    [{ kind: 'error', on: 'media', status: 500, errorBody: {} }, 'retry'],
    [{ kind: 'error', on: 'media', status: 400, errorBody: graphError(131000, 'broken') }, 'retry'],
    [{ kind: 'error', on: 'media', status: 401, errorBody: graphError(190, 'expired') }, 'auth'],
    [{ kind: 'error', on: 'media', status: 400, errorBody: graphError(100, 'bad type') }, 'template'],
  ] as const)(
    'an upload that fails by %j is of class %s and is not remembered',
    async (fault, expectedClass) => {
      const { graph, send } = await createWorld({ timeoutMs: 300 });
      const content: OutboundContent = { kind: 'document', document: PDF, caption: '' };
      graph.faults.push(fault);
      expect((await failureOf(send(content))).class).toBe(expectedClass);
      expect(graph.sent).toEqual([]);
      expect((await send(content)).state).toBe('accepted');
    },
  );

  it('reads the codes of delivery reports by the same table', () => {
    expect(['131047', '131026', '190', '12345', 'odd', ''].map(errorClassOf)).toEqual([
      'window',
      'recipient',
      'auth',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('health', () => {
  it('falls with the account and recovers with the next success', async () => {
    const { graph, channel, states, send } = await createWorld();
    const refuse = (code: number) =>
      graph.faults.push({ kind: 'error', status: 400, errorBody: graphError(code, 'x') });
    refuse(190);
    await failureOf(send());
    expect(channel.health()).toBe('degraded');
    refuse(368);
    await failureOf(send());
    expect(channel.health()).toBe('blocked');
    refuse(131026);
    await failureOf(send());
    expect(channel.health()).toBe('blocked');
    await send();
    expect(channel.health()).toBe('ready');
    await channel.stop();
    expect(states).toEqual(['ready', 'degraded', 'blocked', 'ready', 'stopped']);
  });

  it.each([
    ['190', 'degraded'],
    ['0', 'degraded'],
    ['368', 'blocked'],
    ['131031', 'blocked'],
  ])('is told once and logged once when %s refuses again and again', async (code, state) => {
    const lines: string[] = [];
    const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
    const { graph, states, send } = await createWorld({ log });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      graph.faults.push({ kind: 'error', status: 400, errorBody: graphError(Number(code), 'x') });
      await failureOf(send());
    }
    expect(states).toEqual(['ready', state]);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ code, state }]);
  });

  it('falls when the account is locked by webhook', async () => {
    const { graph, channel, send } = await createWorld();
    await send();
    const [message] = graph.sent;
    if (!message) throw new Error('nothing was sent');
    await graph.status(message, 'failed', { code: 131031, title: 'Account has been locked' });
    expect(channel.health()).toBe('blocked');
  });

  it('falls when the account itself is said to be locked', async () => {
    const { graph, channel } = await createWorld();
    await graph.post(webhookPayload(NUMBER, { errors: [{ code: 368, title: 'Temporarily blocked' }] }));
    expect(channel.health()).toBe('blocked');
  });

  it('recovers by itself once Graph takes the token again', async () => {
    const { graph, states, send } = await createWorld({ probeEveryMs: 5 });
    const refused = { kind: 'error', status: 401, errorBody: graphError(190, 'expired') } as const;
    graph.faults.push(refused, ...Array.from({ length: 6 }, () => ({ ...refused, on: 'number' as const })));
    await failureOf(send());
    await until('a recovery', () => states.length === 3);
    expect(states).toEqual(['ready', 'degraded', 'ready']);
    expect(graph.faults).toEqual([]);
  });

  it.each<[string, Fault]>([
    ['does not know the question', { on: 'number', kind: 'error', status: 404, errorBody: '<html>' }],
    [
      'dislikes the question',
      { on: 'number', kind: 'error', status: 400, errorBody: graphError(100, 'fields') },
    ],
    [
      'lets the token send but not see how the account is',
      { on: 'number', kind: 'error', status: 403, errorBody: graphError(10, 'no permission') },
    ],
  ])('recovers where a gateway %s', async (_name, fault) => {
    const { graph, states, send } = await createWorld({ probeEveryMs: 5 });
    graph.faults.push({ kind: 'error', status: 401, errorBody: graphError(190, 'expired') }, fault);
    await failureOf(send());
    await until('a recovery', () => states.at(-1) === 'ready');
    expect(states).toEqual(['ready', 'degraded', 'ready']);
  });

  it.each<[string, Fault]>([
    ['is broken', { on: 'number', kind: 'error', status: 500, errorBody: {} }],
    ['is busy', { on: 'number', kind: 'error', status: 429, errorBody: graphError(80007, 'slow down') }],
    ['is silent', { on: 'number', kind: 'timeout' }],
  ])('takes nothing for granted while Graph %s', async (_name, fault) => {
    const { graph, states, send } = await createWorld({ probeEveryMs: 5, timeoutMs: 200 });
    graph.faults.push({ kind: 'error', status: 401, errorBody: graphError(190, 'expired') }, fault);
    await failureOf(send());
    await until('the question after the failed one', () => states.at(-1) === 'ready');
    expect(graph.faults).toEqual([]);
    expect(graph.number.asked.length).toBeGreaterThan(0);
  });

  it('stays blocked while Graph says that the number may not send', async () => {
    const { graph, channel, states, send } = await createWorld({ probeEveryMs: 5 });
    graph.number.canSend = 'BLOCKED';
    graph.faults.push({ kind: 'error', status: 401, errorBody: graphError(190, 'expired') });
    await failureOf(send());
    await until('three questions', () => graph.number.asked.length >= 3);
    expect(channel.health()).toBe('blocked');
    await channel.markRead('wamid.X1', false);
    expect(channel.health()).toBe('blocked');
    graph.number.canSend = 'LIMITED';
    await until('a recovery', () => channel.health() === 'ready');
    expect(states).toEqual(['ready', 'degraded', 'blocked', 'ready']);
  });

  it('asks no more once it is stopped, and takes no late answer', async () => {
    const { graph, channel, states, send } = await createWorld({ probeEveryMs: 5 });
    graph.faults.push({ kind: 'error', status: 401, errorBody: graphError(190, 'expired') });
    graph.faults.push({ on: 'number', kind: 'slow', delayMs: 30 });
    await failureOf(send());
    await until('a question', () => graph.number.asked.length > 0);
    await channel.stop();
    const asked = graph.number.asked.length;
    // The answer is on its way all the while that another, asked for later, takes longer.
    graph.faults.push({ kind: 'slow', delayMs: 60 });
    await channel.markRead('wamid.X1', false);
    expect(graph.number.asked.length).toBe(asked);
    expect([...states, channel.health()]).toEqual(['ready', 'degraded', 'stopped', 'stopped']);
  });
});

describe("buyers' files", () => {
  const PHOTO = { bytes: Buffer.from('a photo'), mimeType: 'image/jpeg', filename: 'photo.jpg' };

  /** A world in which a buyer has sent a file. */
  async function withFile(overrides: Partial<CloudOptions> = {}, file = PHOTO) {
    const world = await createWorld(overrides);
    await world.graph.inboundFile({ from: '919999900001', type: 'document', ...file });
    const content = world.messages[0]?.content;
    if (content?.kind !== 'media') throw new Error('no file came in');
    const { ref } = content;
    return { ...world, content, ref, fetchFile: () => world.channel.fetchMedia(ref) };
  }

  async function opened(fetching: Promise<FetchedMedia>): Promise<Readable> {
    const media = await fetching;
    if (media.kind !== 'media') throw new Error(`expected a file, got ${media.kind}: ${media.reason}`);
    return media.bytes;
  }

  const address = (body: object): Fault => ({ on: 'address', kind: 'error', status: 200, errorBody: body });

  it('are fetched byte for byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
    const file = { bytes, mimeType: 'application/pdf', filename: 'kyc.pdf' };
    const { content, fetchFile } = await withFile({}, file);
    expect(content).toMatchObject({ media: 'document', mimeType: 'application/pdf', fileName: 'kyc.pdf' });
    const media = await fetchFile();
    expect(media).toMatchObject({ kind: 'media', mimeType: 'application/pdf' });
    expect((await buffer(await opened(fetchFile()))).equals(bytes)).toBe(true);
  });

  it('are never held whole: what is not read is not taken off the line', async () => {
    const bytes = Buffer.alloc(48 * 1024 * 1024, 'x');
    const { fetchFile } = await withFile({}, { ...PHOTO, bytes });
    const stream = await opened(fetchFile());
    let [readBytes, mostHeld] = [0, 0];
    for await (const chunk of stream) {
      readBytes += chunk.length;
      mostHeld = Math.max(mostHeld, chunk.length + stream.readableLength);
    }
    expect(readBytes).toBe(bytes.length);
    expect(mostHeld).toBeLessThan(1024 * 1024);
  });

  it('are gone when their id has expired', async () => {
    const { graph, channel, fetchFile } = await withFile();
    graph.files.clear();
    expect(await fetchFile()).toMatchObject({ kind: 'gone', reason: expect.stringContaining('7 days') });
    expect(channel.health()).toBe('ready');
  });

  it('are asked for once more when the address has run out, and gone when that leads nowhere either', async () => {
    const { graph, fetchFile } = await withFile();
    const notFound: Fault = { on: 'file', kind: 'error', status: 404, errorBody: {} };
    graph.faults.push(notFound);
    expect(await buffer(await opened(fetchFile()))).toEqual(PHOTO.bytes);
    graph.faults.push(notFound, notFound);
    expect((await fetchFile()).kind).toBe('gone');
  });

  it.each<[string, Fault]>([
    ['Graph is broken', { on: 'address', kind: 'error', status: 500, errorBody: {} }],
    [
      'Graph is busy',
      { on: 'address', kind: 'error', status: 429, errorBody: graphError(80007, 'slow down') },
    ],
    ['Graph talks nonsense', { on: 'address', kind: 'garbled' }],
    ['the answer has no address', address({ id: 'x' })],
    ['the address is none', address({ url: 'somewhere' })],
    ['Graph hangs up', { on: 'address', kind: 'cut' }],
    ['Graph is silent', { on: 'address', kind: 'timeout' }],
    ['the file host is broken', { on: 'file', kind: 'error', status: 503, errorBody: {} }],
    ['the file host refuses', { on: 'file', kind: 'error', status: 403, errorBody: {} }],
    ['the file host hangs up', { on: 'file', kind: 'cut' }],
    ['the file host is silent', { on: 'file', kind: 'timeout' }],
  ])('come later when %s', async (_name, fault) => {
    const { graph, fetchFile } = await withFile({ timeoutMs: 300 });
    graph.faults.push(fault);
    expect((await fetchFile()).kind).toBe('later');
    expect(await buffer(await opened(fetchFile()))).toEqual(PHOTO.bytes);
  });

  it('come later when nobody is there', async () => {
    const { graph, fetchFile } = await withFile();
    await graph.stop();
    expect((await fetchFile()).kind).toBe('later');
  });

  it.each<Fault>([
    { on: 'file', kind: 'short' },
    { on: 'file', kind: 'stalled', delayMs: 60_000 },
  ])('fail as a stream when the line does: %j', async (fault) => {
    const { graph, fetchFile } = await withFile({ timeoutMs: 300 });
    graph.faults.push(fault);
    await expect(buffer(await opened(fetchFile()))).rejects.toThrow();
  });

  it('are not opened when they are larger than what is taken', async () => {
    const { graph, fetchFile } = await withFile({ maxMediaBytes: PHOTO.bytes.length - 1 });
    expect(await fetchFile()).toEqual({
      kind: 'gone',
      reason: 'the file has 7 bytes, more than the 6 allowed here',
    });
    // Graph's word alone is not enough: the file host may say otherwise.
    const [path] = graph.addresses.keys();
    graph.faults.push(address({ url: `${graph.url}${path}` }));
    expect((await fetchFile()).kind).toBe('gone');
    graph.faults.push(address({ url: `${graph.url}${path}`, file_size: '6' }));
    expect((await fetchFile()).kind).toBe('gone');
  });

  it('degrade the channel when it is the token that is refused', async () => {
    const { graph, channel, fetchFile } = await withFile();
    graph.faults.push({ on: 'address', kind: 'error', status: 401, errorBody: graphError(190, 'expired') });
    expect((await fetchFile()).kind).toBe('later');
    expect(channel.health()).toBe('degraded');
    expect((await fetchFile()).kind).toBe('media');
    expect(channel.health()).toBe('ready');
  });

  it('never take the access token to another host, whatever the answer says', async () => {
    const visits: string[] = [];
    const thief = await serve(
      express().use((request, response) => {
        visits.push(request.get('authorization') ?? 'no token');
        response.send('stolen');
      }),
    );
    const { graph, fetchFile } = await withFile();
    graph.faults.push(address({ url: `${thief}/file`, mime_type: 'image/jpeg' }));
    expect((await fetchFile()).kind).toBe('later');
    const headers = { location: `${thief}/file` };
    graph.faults.push({ on: 'file', kind: 'error', status: 302, errorBody: {}, headers });
    expect((await fetchFile()).kind).toBe('later');
    expect(visits).toEqual([]);
  });

  it.each<[string, string, boolean]>([
    ['https://graph.facebook.com', 'https://graph.facebook.com/v25.0/file', true],
    ['https://graph.facebook.com', 'https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1', true],
    ['https://graph.facebook.com', 'https://mmg.whatsapp.net/a', true],
    ['https://graph.facebook.com', 'https://scontent.xx.fbcdn.net/a', true],
    ['https://graph.facebook.com', 'http://graph.facebook.com/v25.0/file', false],
    ['https://graph.facebook.com', 'http://lookaside.fbsbx.com/a', false],
    ['https://graph.facebook.com', 'https://lookaside.fbsbx.com:8443/a', false],
    ['https://graph.facebook.com', 'https://lookaside.fbsbx.com.example.com/a', false],
    ['https://graph.facebook.com', 'https://lookaside.fbsbx.com@example.com/a', false],
    ['https://graph.facebook.com', 'https://notfbcdn.net/a', false],
    ['https://graph.facebook.com', 'https://fbcdn.net.example.com/a', false],
    ['https://graph.facebook.com', 'https://127.0.0.1/a', false],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4000/a', true],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4001/a', false],
    ['http://127.0.0.1:4000', 'http://localhost:4000/a', false],
  ])('with the API at %s, trust %s with the token: %s', (apiUrl, url, expected) => {
    expect(createClient(apiUrl, 'secret').trusts(new URL(url))).toBe(expected);
  });
});

describe('uploads', () => {
  const BROCHURE: OutboundContent = { kind: 'document', document: PDF, caption: '' };

  async function openStore(): Promise<Uploads> {
    const connection = mongoose.createConnection();
    await connection.openUri(databaseUri());
    open.push(() => connection.close());
    return new Uploads(connection);
  }

  it('outlive the process', async () => {
    const uploads = await openStore();
    const before = await createWorld({ uploads });
    await before.send(BROCHURE);
    await before.channel.stop();
    // The next process talks to the same Graph.
    const after = await createWorld({ uploads, apiUrl: before.graph.url });
    await Promise.all([after.send(BROCHURE), after.send(BROCHURE)]);
    expect(before.graph.media.size).toBe(1);
    expect(before.graph.sent).toHaveLength(3);
  });

  it('are those of one number, one content and one type', async () => {
    const uploads = await openStore();
    const { graph, send } = await createWorld({ uploads });
    await send(BROCHURE);
    await send({ kind: 'document', document: { ...PDF, bytes: Buffer.from('%PDF-1.7 plan') }, caption: '' });
    await send({ kind: 'document', document: { ...PDF, mimeType: 'text/plain' }, caption: '' });
    expect(graph.media.size).toBe(3);
    const other = { phoneNumberId: '200000000000002' };
    const neighbour = await createWorld({ uploads, ...other }, other);
    await neighbour.send(BROCHURE);
    expect(neighbour.graph.media.size).toBe(1);
    expect(await uploads.model.countDocuments()).toBe(4);
  });

  it('are forgotten when Graph has lost them, also by a process that had never used them', async () => {
    const uploads = await openStore();
    const { graph, send } = await createWorld({ uploads });
    await send(BROCHURE);
    graph.media.clear();
    const after = await createWorld({ uploads, apiUrl: graph.url });
    await after.send(BROCHURE);
    expect([...graph.media.keys()]).toEqual((await uploads.model.find().lean()).map((each) => each.mediaId));
  });

  it('are all forgotten when a delivery report blames the file', async () => {
    const uploads = await openStore();
    const { graph, send } = await createWorld({ uploads });
    await send(BROCHURE);
    const [message] = graph.sent;
    if (!message) throw new Error('nothing was sent');
    await graph.status(message, 'failed', { code: 131053, title: 'Media upload error' });
    expect(await uploads.model.countDocuments()).toBe(0);
  });

  it('expire, and are taken out of the way by the next', async () => {
    const uploads = await openStore();
    let nowMs = NOW.getTime();
    const now = () => new Date(nowMs);
    const { graph, send } = await createWorld({ uploads, now });
    await send(BROCHURE);
    nowMs += 25 * 24 * 3600 * 1000;
    const after = await createWorld({ uploads, now, apiUrl: graph.url });
    await after.send({ kind: 'document', document: { ...PDF, bytes: Buffer.from('new') }, caption: '' });
    expect(await uploads.model.countDocuments()).toBe(1);
    await after.send(BROCHURE);
    expect(graph.media.size).toBe(3);
  });

  it('cost no message while their store is away', async () => {
    const uploads = await openStore();
    const { graph, send } = await createWorld({ uploads });
    await uploads.model.db.close();
    await send(BROCHURE);
    await send(BROCHURE);
    expect([graph.sent.length, graph.media.size]).toEqual([2, 1]);
  });
});

describe('read receipts', () => {
  it('shows that a message was read, and typing when asked', async () => {
    const { graph, channel } = await createWorld();
    await channel.markRead('wamid.X1', true);
    await channel.markRead('wamid.X2', false);
    expect(graph.reads).toEqual([
      { messageId: 'wamid.X1', typing: true },
      { messageId: 'wamid.X2', typing: false },
    ]);
  });

  it('never throws', async () => {
    const { graph, channel } = await createWorld();
    await graph.stop();
    await expect(channel.markRead('wamid.X1', true)).resolves.toBeUndefined();
  });
});

describe("Graph's stand-in", () => {
  const valid = { messaging_product: 'whatsapp', to: '919999900001', type: 'text', text: { body: 'x' } };
  const button = { type: 'reply', reply: { id: 'a', title: 'A' } };

  it.each<[string, object, number]>([
    ['no product', { ...valid, messaging_product: undefined }, 100],
    ['nobody to write to', { ...valid, to: undefined }, 100],
    ['an unknown type', { ...valid, type: 'hologram' }, 100],
    ['an empty text', { ...valid, text: { body: '' } }, 100],
    [
      'four buttons',
      {
        ...valid,
        type: 'interactive',
        interactive: {
          type: 'button',
          body: { text: 'x' },
          action: { buttons: [button, button, button, button] },
        },
      },
      100,
    ],
    ['a long caption', { ...valid, type: 'document', document: { id: 'm', caption: 'x'.repeat(1025) } }, 100],
    ['an unknown file', { ...valid, type: 'document', document: { id: 'm' } }, 131009],
  ])('refuses a message with %s as Meta does', async (_name, body, code) => {
    const { graph } = await createWorld();
    const response = await fetch(`${graph.url}/v25.0/${NUMBER}/messages`, {
      method: 'POST',
      headers: { authorization: 'Bearer stand-in-token' },
      body: JSON.stringify(body),
    });
    const fbtrace_id = expect.any(String);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code, type: 'OAuthException', fbtrace_id } });
    expect(graph.sent).toEqual([]);
  });

  it('refuses another token', async () => {
    const { send } = await createWorld({ accessToken: 'expired' });
    expect(await failureOf(send())).toMatchObject({ class: 'auth', code: '190' });
  });
});

function post(url: string, body: string, signature: string | undefined): Promise<Response> {
  const headers = {
    'content-type': 'application/json',
    ...(signature && { 'x-hub-signature-256': signature }),
  };
  return fetch(url, { method: 'POST', body, headers });
}

function signatureOf(body: string, secret = APP_SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

function tally(reasons: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
