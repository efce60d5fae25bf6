import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { signature } from '../../inbox/sandbox/httpEvents.ts';
import { TEAM_CHANNELS } from '../../inbox/sandbox/localSlack.ts';
import { startApp } from '../app.ts';
import { type Surroundings, startSurroundings } from '../surroundings.ts';
import { until } from '../until.ts';
import { enginePidOf, type Figures, figuresOf, type Usage, usageOf } from './figures.ts';
import { UNHURRIED } from './lines.ts';

/** What the team's side does, with the whole product behind it and Slack's pace switched off. */
export type InboxMeasured = {
  /** From a buyer's webhook to the card in Slack. */
  cases: Figures;
  /** From a member's reply, as an event, to its send to the buyer, at `perS` events a second. */
  replies: Figures & { perS: number; sent: number };
  /** Until the app has acknowledged an event. */
  acks: Figures;
  /** Per reply, all that follows from it included. */
  cpuMs: { app: number; engine: number };
  rssMb: { app: number; engine: number };
};

const CASES = 120;
const CASES_AT_ONCE = 8;
const WARM_UP_S = 1;
const REPLIES = { perS: 100, forS: 10 };
const WITHIN_MS = 60_000;
const MEMBER = 'U0MEERALEGL';
const { legal } = TEAM_CHANNELS;

/** Runs the product with data of its own in `dataDir`. */
export async function measureInbox(dataDir: string): Promise<InboxMeasured> {
  mkdirSync(dataDir);
  const replies = new Replies();
  const surroundings = await startSurroundings({ statuses: [], onSent: ({ body }) => replies.sent(body) });
  try {
    const app = startApp({ dataDir, port: surroundings.port, env: { ...surroundings.env, ...UNHURRIED } });
    await app.ready();
    const cases = await openCases(surroundings);
    const threads = surroundings.slack.messages(legal).map(({ ts }) => ts);
    const send = (text: string, index: number) =>
      postReply(surroundings, app.url, threads[index % threads.length] ?? '', text);
    await replies.run(send, REPLIES.perS, WARM_UP_S);
    const pids = { app: app.pid, engine: enginePidOf(dataDir) };
    const before = usagesOf(pids);
    const figures = await replies.run(send, REPLIES.perS, REPLIES.forS);
    const { app: ours, engine } = usagesOf(pids);
    await app.end('SIGTERM');
    const cpuMs = {
      app: (ours.cpuMs - before.app.cpuMs) / figures.replies.sent,
      engine: (engine.cpuMs - before.engine.cpuMs) / figures.replies.sent,
    };
    return { cases, ...figures, cpuMs, rssMb: { app: ours.rssMb, engine: engine.rssMb } };
  } finally {
    connections.destroy();
    await surroundings.stop();
  }
}

function usagesOf(pids: { app: number; engine: number }): { app: Usage; engine: Usage } {
  return { app: usageOf(pids.app), engine: usageOf(pids.engine) };
}

/** So many buyers, a few at a time, write what only a person answers; each waits for the card. */
async function openCases({ graph, slack }: Surroundings): Promise<Figures> {
  const latenciesMs: number[] = [];
  const isShown = (name: string) => slack.messages(legal).some(({ text }) => text.endsWith(`: ${name}`));
  let opened = 0;
  const lane = async () => {
    while (opened < CASES) {
      opened += 1;
      const [from, name] = [`9199998${String(opened).padStart(5, '0')}`, `Buyer ${opened}`];
      const start = performance.now();
      await graph.inboundText({ from, text: 'I will go to RERA', profileName: name });
      await until(`the card of ${name}`, () => isShown(name), WITHIN_MS);
      latenciesMs.push(performance.now() - start);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: CASES_AT_ONCE }, lane));
  return figuresOf(latenciesMs, performance.now() - start);
}

type SendReply = (text: string, index: number) => Promise<void>;

/** Replies at a fixed rate, whether the product keeps up or not. */
class Replies {
  private readonly waiting = new Map<string, () => void>();
  private count = 0;

  /** To be called with every message that reaches the buyers. */
  sent(body: Record<string, unknown>): void {
    const { text } = body;
    const words = typeof text === 'object' && text !== null && 'body' in text ? String(text.body) : '';
    this.waiting.get(words)?.();
    this.waiting.delete(words);
  }

  async run(send: SendReply, perS: number, forS: number): Promise<Pick<InboxMeasured, 'replies' | 'acks'>> {
    const [latenciesMs, acksMs]: [number[], number[]] = [[], []];
    const start = performance.now();
    const underway: Promise<void>[] = [];
    for (let index = 0; index < perS * forS; index += 1) {
      const dueAt = start + (index * 1_000) / perS;
      await delay(Math.max(0, dueAt - performance.now()));
      underway.push(this.reply(send, index, { dueAt, latenciesMs, acksMs }));
    }
    await Promise.all(underway);
    const totalMs = performance.now() - start;
    const replies = { ...figuresOf(latenciesMs, totalMs), perS, sent: latenciesMs.length };
    return { replies, acks: figuresOf(acksMs, totalMs) };
  }

  /** Measured from when it was due: what waits for a free connection has begun to wait. */
  private async reply(
    send: SendReply,
    index: number,
    { dueAt, latenciesMs, acksMs }: { dueAt: number; latenciesMs: number[]; acksMs: number[] },
  ): Promise<void> {
    this.count += 1;
    const words = `Reply number ${this.count}`;
    const arrived = new Promise<void>((resolve) => this.waiting.set(words, resolve));
    await send(words, index);
    acksMs.push(performance.now() - dueAt);
    await Promise.race([arrived, lateness()]);
    latenciesMs.push(performance.now() - dueAt);
  }
}

/** Better than a bench without an end. */
async function lateness(): Promise<never> {
  await delay(WITHIN_MS, undefined, { ref: false });
  throw new Error(`a reply was not sent within ${WITHIN_MS} ms`);
}

const DELIVERIES = 4;
/** An app that cannot keep up is not asked by ever more connections. */
const connections = new Agent({ keepAlive: true, maxSockets: 64 });

async function postReply(
  { slack }: Surroundings,
  appUrl: string,
  threadTs: string,
  text: string,
): Promise<void> {
  const nowS = Math.floor(Date.now() / 1_000);
  const ts = `${nowS}.${String(Math.floor(Math.random() * 1_000_000)).padStart(6, '0')}`;
  const message = { type: 'message', user: MEMBER, text, ts, thread_ts: threadTs };
  const event = { ...message, channel: legal, channel_type: 'group' };
  const id = `Ev${randomUUID()}`;
  const told = { token: 't', team_id: 'T0BATON0001', type: 'event_callback', event_id: id, event };
  const body = JSON.stringify(told);
  const headers = {
    'content-type': 'application/json',
    'x-slack-request-timestamp': `${nowS}`,
    'x-slack-signature': signature(slack.tokens.signingSecret, `${nowS}`, body),
  };
  let status = 0;
  // Slack too delivers again what was cut off, under the same id.
  for (let attempts = 0; status === 0 && attempts < DELIVERIES; attempts += 1)
    status = await statusOf(`${appUrl}/slack/events`, body, headers);
  if (status !== 200) throw new Error(`the event was answered with ${status}`);
}

/** The HTTP status; 0 when the connection was cut, as an idle one is by the app. */
function statusOf(url: string, body: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const asked = request(url, { method: 'POST', headers, agent: connections }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.on('error', () => resolve(0));
    asked.end(body);
  });
}
