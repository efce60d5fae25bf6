import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AppProcess, freePort, removeData, startApp } from './app.ts';
import { type GraphStandIn, startGraphStandIn } from './standins/graph.ts';
import { type PlainCall, PlainSlack } from './standins/plainSlack.ts';
import { until } from './until.ts';

/** By the real clock, so with few cases; `pace.test.ts` shows the same of 50 with a clock of its own. */
const CASES = 10;
/** What a channel takes at once; after that one a second. */
const BURST = 3;
/** Between our decision to post and its arrival; the first call opens a connection as well. */
const TOLERANCE_MS = 400;
const LEGAL = 'C0LEGAL';
const SALES = 'C0SALES';
const RETRY_AFTER_S = 6;

describe('any server in the place of Slack', () => {
  let dataDir: string;
  let app: AppProcess;
  let graph: GraphStandIn & { url: string };
  const slack = new PlainSlack();

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'baton-pace-'));
    const port = await freePort();
    const webhook = { url: `http://127.0.0.1:${port}/webhooks/whatsapp`, appSecret: 'app-secret' };
    graph = await startGraphStandIn({ webhook });
    const teams = { collections: SALES, operations: SALES, site: SALES, support: SALES };
    const env = {
      ...(await slack.listen({ ...teams, legal: LEGAL, sales: SALES })),
      WHATSAPP_TRANSPORT: 'cloud',
      WHATSAPP_CLOUD_API_URL: graph.url,
      WHATSAPP_CLOUD_PHONE_NUMBER_ID: '200000000000001',
      WHATSAPP_CLOUD_ACCESS_TOKEN: 'stand-in-token',
      WHATSAPP_CLOUD_APP_SECRET: 'app-secret',
      WHATSAPP_CLOUD_VERIFY_TOKEN: 'verify-token',
      BURST_WINDOW_MS: '0',
      LOG_LEVEL: 'warn',
    };
    app = startApp({ dataDir, port, env });
    await app.ready();
  });

  afterAll(async () => {
    await app?.end('SIGTERM');
    await graph?.stop();
    await slack.close();
    removeData(dataDir);
  });

  it('gets cases that open at once in the order of their numbers, at Slack’s pace', async () => {
    await Promise.all(Array.from({ length: CASES }, (_, index) => threaten(`91999990700${index}`)));
    await until('every card', () => cards(LEGAL).length === CASES, 30_000);
    const numbers = cards(LEGAL).map(numberOf);
    expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
    const [first = 0, ...later] = cards(LEGAL).map(({ at }) => at);
    // The fourth has its turn after a second; its arrival may be seen a little closer to the first one's.
    const earliest = later.map((_at, index) => first + Math.max(0, index + 1 - BURST) * 1_000);
    for (const [index, at] of later.entries()) expect(at).toBeGreaterThanOrEqual(earliest[index] ?? 0);
    expect(slack.calls.filter(({ status }) => status === 429)).toEqual([]);
  }, 60_000);

  it('is left alone by one channel for as long as it asks; no other channel and no modal waits', async () => {
    const [known] = cards(LEGAL);
    slack.limit(LEGAL, RETRY_AFTER_S);
    const limitedAt = Date.now();
    await threaten('919999907101');
    await until('a refusal', () => slack.calls.some(({ status }) => status === 429));

    await graph.inboundText({ from: '919999907102', text: 'I want to talk to a person' });
    await until('a card elsewhere', () => cards(SALES).length === 1, RETRY_AFTER_S * 500);
    expect(await slack.interact(app.url, timelinePress(known))).toBe(200);
    await until('a modal', () => slack.callsOf('views.open').length === 1, RETRY_AFTER_S * 250);
    expect(Date.now() - limitedAt).toBeLessThan(RETRY_AFTER_S * 1_000);

    await until('the card', () => cards(LEGAL).length === CASES + 1, 15_000);
    const tried = slack.callsOf('chat.postMessage', LEGAL).filter(({ at }) => at >= limitedAt);
    expect(tried.map(({ status }) => status)).toEqual([429, 200]);
    expect((tried[1]?.at ?? 0) - limitedAt).toBeGreaterThan(RETRY_AFTER_S * 1_000 - TOLERANCE_MS);
  }, 60_000);

  function threaten(from: string): Promise<number> {
    return graph.inboundText({ from, text: 'I will go to RERA' });
  }

  function cards(channel: string): PlainCall[] {
    return slack
      .callsOf('chat.postMessage', channel)
      .filter(({ args, status }) => status === 200 && !args.thread_ts);
  }

  function numberOf({ args }: PlainCall): number {
    return Number(/^\w-(\d+)/.exec(args.text ?? '')?.[1]);
  }

  /** The card's timeline button. */
  function timelinePress(card: PlainCall | undefined): object {
    const blocks = JSON.parse(card?.args.blocks ?? '[]') as {
      elements?: { action_id?: string; value?: string }[];
    }[];
    const menu = blocks
      .flatMap(({ elements = [] }) => elements)
      .find(({ action_id }) => action_id === 'case_more');
    const chosen = { ...menu, type: 'overflow', selected_option: { value: 'timeline' } };
    const ts = card?.ts;
    return {
      type: 'block_actions',
      team: { id: 'T0PLAIN' },
      user: { id: 'U0MEERA', team_id: 'T0PLAIN' },
      channel: { id: LEGAL },
      container: { type: 'message', message_ts: ts, channel_id: LEGAL },
      message: { ts, type: 'message' },
      trigger_id: '1.2.3',
      actions: [{ ...chosen, block_id: 'case', action_ts: '1700000001.000001' }],
    };
  }
});
