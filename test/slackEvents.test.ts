import { createHmac, randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Product } from './product.ts';
import {
  ARJUN,
  legal,
  MEERA,
  openCase,
  reply,
  settled,
  start,
  stopAll,
  textOf,
  whispers,
} from './threadDesk.ts';
import { until } from './until.ts';

const DAY = 24 * 3_600_000;

describe.each(['socket', 'http'] as const)('input in %s mode', (slackMode) => {
  afterEach(stopAll);

  it('has one effect when it is delivered three times, also long after it was handled', async () => {
    const product = await start({ slackMode });
    const { buyer, ts } = await openCase(product);
    product.slack.faults.duplicateEvents(3);
    reply(product, ts, 'Once only');
    await until('the reply', () => buyer.heard().includes('Once only'));
    await settled(product);
    expect(buyer.heard()).toHaveLength(2);
    const { model } = product.models.slackEvents;
    expect(await model.countDocuments()).toBe(1);
    expect(await model.findOne().lean()).not.toHaveProperty('body');
  });

  it('is kept without what our own app posts', async () => {
    const product = await start({ slackMode });
    await openCase(product);
    await settled(product);
    expect(await product.models.slackEvents.model.countDocuments()).toBe(0);
  });

  it('is handled after a failure, before what was written after it', async () => {
    const product = await start({ slackMode });
    const { buyer, ts } = await openCase(product);
    const { replies } = product.models;
    const failing = jest.spyOn(replies, 'hasAny').mockRejectedValueOnce(new Error('away'));
    reply(product, ts, 'first');
    await until('the failure', () => failing.mock.calls.length > 0);
    reply(product, ts, 'second');
    await until('both', () => buyer.heard().length === 3);
    expect(buyer.heard().slice(1)).toEqual(['first', 'second']);
  });

  it('that keeps failing is given up, and its writer is told; the next one goes', async () => {
    const product = await start({ slackMode });
    const { buyer, ts } = await openCase(product);
    const { replies } = product.models;
    const failing = jest.spyOn(replies, 'hasAny');
    for (let attempt = 0; attempt < 5; attempt += 1) failing.mockRejectedValueOnce(new Error('broken'));
    reply(product, ts, 'poison');
    await until(
      'a word',
      () => whispers(product, MEERA, ts).some((words) => words.includes('again')),
      20_000,
    );
    reply(product, ts, 'healthy');
    await until('the next one', () => buyer.heard().includes('healthy'));
    expect(buyer.heard()).not.toContain('poison');
  });

  it('that a process took with it when it died is handled by the next one', async () => {
    const product = await start({ slackMode });
    const { buyer, ts } = await openCase(product);
    const event = {
      type: 'message',
      user: MEERA,
      channel: legal,
      text: 'Left behind',
      ts: '1900000000.000100',
      thread_ts: ts,
      event_ts: '1900000000.000100',
    };
    const body = JSON.stringify({ type: 'event_callback', event_id: 'EvLEFT', event });
    const now = product.now();
    await product.models.slackEvents.storeOnce(
      { _id: 'EvLEFT', line: `${legal}:${ts}`, order: event.ts, body },
      'another process',
      now,
    );
    await settled(product);
    expect(buyer.heard()).toHaveLength(1);
    product.advance(61_000);
    await until('the reply', () => buyer.heard().includes('Left behind'));
    await settled(product);
    expect(await product.models.slackEvents.due(new Date(8e15), 10)).toEqual([]);
  });

  it('pressed twice at once counts once each, and the card belongs to one', async () => {
    const product = await start({ slackMode });
    const { buyer, ts } = await openCase(product);
    await Promise.all([MEERA, ARJUN, MEERA].map((who) => product.slack.click(who, legal, ts, 'case_claim')));
    await until('an owner', () => !textOf(buyer.cards(legal)[0]).includes('unassigned'));
    await settled(product);
    expect(await product.models.slackEvents.due(new Date(8e15), 10)).toEqual([]);
  });

  it('is kept for seven days', async () => {
    const product = await start({ slackMode });
    const { ts } = await openCase(product);
    reply(product, ts, 'old');
    await settled(product);
    const { slackEvents } = product.models;
    expect(await slackEvents.purge(new Date(product.now().getTime() - 7 * DAY))).toBe(0);
    expect(await slackEvents.purge(new Date(product.now().getTime() + 1))).toBe(1);
  });
});

describe('events over HTTP', () => {
  afterEach(stopAll);

  it('are acknowledged once they are kept, however long handling them takes', async () => {
    const product = await start({ slackMode: 'http' });
    const { buyer, ts } = await openCase(product);
    product.slack.faults.api({ kind: 'latency', delayMs: 4_000 }, { method: 'users.info' });
    const event = {
      type: 'message',
      user: 'U0SANJAYSIT',
      channel: legal,
      text: 'Slow',
      ts: '1900000000.000200',
    };
    const body = {
      type: 'event_callback',
      event_id: `Ev${randomUUID()}`,
      event: { ...event, thread_ts: ts, event_ts: event.ts },
    };
    for (let delivery = 0; delivery < 3; delivery += 1) {
      const began = Date.now();
      const response = await deliver(product, body);
      expect(response.status).toBe(200);
      expect(Date.now() - began).toBeLessThan(2_500);
    }
    await until('the reply', () => buyer.heard().includes('Slow'));
    await settled(product);
    expect(buyer.heard()).toHaveLength(2);
  });

  it('that cannot be kept are refused, so that Slack delivers them again', async () => {
    const product = await start({ slackMode: 'http' });
    const { buyer, ts } = await openCase(product);
    const failing = jest
      .spyOn(product.models.slackEvents, 'storeOnce')
      .mockRejectedValueOnce(new Error('away'));
    reply(product, ts, 'Did this arrive?');
    await until('the reply', () => buyer.heard().includes('Did this arrive?'));
    expect(failing).toHaveBeenCalledTimes(2);
  });
});

describe('while the socket is down', () => {
  afterEach(stopAll);

  it('what people write is fetched when it is up again, in order and once', async () => {
    const product = await start({ slackMode: 'socket' });
    const { buyer, ts } = await openCase(product);
    reply(product, ts, 'before');
    await until('the reply', () => buyer.heard().includes('before'));
    product.slack.faults.api({ kind: 'httpError', status: 503 }, { method: 'apps.connections.open' });
    const { inbox } = product.baton.context;
    product.slack.faults.disconnect('cut');
    await until('the loss', () => inbox.health() === 'degraded');
    for (const text of ['one', '// a note', 'two', 'three']) reply(product, ts, text);
    await until('a new connection', () => inbox.health() === 'ready', 15_000);
    await until('all of them', () => buyer.heard().length === 5);
    await settled(product);
    expect(buyer.heard().slice(1)).toEqual(['before', 'one', 'two', 'three']);
  });

  it('what could not be kept is found in its thread', async () => {
    const product = await start({ slackMode: 'socket' });
    const { buyer, ts } = await openCase(product);
    jest.spyOn(product.models.slackEvents, 'storeOnce').mockRejectedValueOnce(new Error('away'));
    reply(product, ts, 'Nearly lost');
    await until('the reply', () => buyer.heard().includes('Nearly lost'));
    await settled(product);
    expect(buyer.heard()).toHaveLength(2);
  });
});

/** As Slack would: signed. */
async function deliver(product: Product, body: unknown): Promise<Response> {
  const text = JSON.stringify(body);
  const at = `${Math.floor(Date.now() / 1_000)}`;
  const secret = product.slack.tokens.signingSecret;
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${at}:${text}`).digest('hex')}`;
  return fetch(`${product.url}/slack/events`, {
    method: 'POST',
    body: text,
    headers: {
      'content-type': 'application/json',
      'x-slack-request-timestamp': at,
      'x-slack-signature': signature,
    },
  });
}
