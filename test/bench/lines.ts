import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { GraphStandIn } from '../standins/graph.ts';
import { startWhatsAppWeb } from '../standins/whatsappWeb.ts';
import { type Surroundings, startSurroundings } from '../surroundings.ts';
import type { Line } from './load.ts';

/** Each transport's other end, for the app in a process of its own: buyers who write, and what they are sent. */

export type Transport = 'sandbox' | 'cloud' | 'web';

export type LineSetup = Line & {
  /** The channel's id, which begins the keys of its messages in the database. */
  channel: string;
  port: number;
  /** The settings of an app on this transport. */
  env: Record<string, string>;
  /** To be called once the app runs. */
  connect(app: { url: string }): Promise<void>;
  /** Memory of the browser with all its processes; undefined where there is none. */
  browserMb(appPid: number): number | undefined;
  stop(): Promise<void>;
};

/** What is measured is us: Meta's own limits and the pauses for a real number are left out. */
export const UNHURRIED = {
  BURST_WINDOW_MS: '0',
  WHATSAPP_CLOUD_PER_SECOND: '1000',
  WHATSAPP_CLOUD_BUYER_BURST: '1000',
  WHATSAPP_WEB_DELAY_MS: '0-0',
};

/** Buyers by the webhooks of a stand-in for Graph. */
export function cloudLine(graph: GraphStandIn): Line {
  return {
    async write(from, words) {
      const id = `wamid.in.${randomUUID()}`;
      const status = await graph.inboundText({ from, text: words, id });
      if (status !== 200) throw new Error(`the webhook was answered with ${status}`);
      return id;
    },
  };
}

/** `heard` is called with each buyer (phone in digits) whom an answer reaches. */
export function setUpLine(transport: Transport, heard: (to: string) => void): Promise<LineSetup> {
  switch (transport) {
    case 'sandbox':
      return setUpSandbox(heard);
    case 'cloud':
      return setUpCloud(heard);
    case 'web':
      return setUpWeb(heard);
  }
}

async function setUpSandbox(heard: (to: string) => void): Promise<LineSetup> {
  const surroundings = await startSurroundings();
  const phones = new SandboxPhones(heard);
  return {
    ...plainSetup('sandbox', surroundings),
    write: (from, words) => phones.write(from, words),
    connect: ({ url }) => phones.connect(url),
    async stop() {
      phones.disconnect();
      await surroundings.stop();
    },
  };
}

async function setUpCloud(heard: (to: string) => void): Promise<LineSetup> {
  const surroundings = await startSurroundings({ statuses: ['delivered'], onSent: ({ to }) => heard(to) });
  const channel = `cloud-${surroundings.env.WHATSAPP_CLOUD_PHONE_NUMBER_ID}`;
  return { ...plainSetup('cloud', surroundings), channel, ...cloudLine(surroundings.graph) };
}

async function setUpWeb(heard: (to: string) => void): Promise<LineSetup> {
  const surroundings = await startSurroundings();
  const site = await startWhatsAppWeb({ linked: true });
  // The stand-in keeps what it is sent in a list and tells nobody.
  const keep = site.sent.push.bind(site.sent);
  site.sent.push = (...sent) => {
    for (const { chat } of sent) heard(chat.split('@')[0] ?? '');
    return keep(...sent);
  };
  const setup = plainSetup('web', surroundings);
  const quoted = site.chromiumArgs.map((argument) => `"${argument}"`);
  return {
    ...setup,
    env: { ...setup.env, CHROMIUM_ARGS: quoted.join(' ') },
    write: (from, words) => site.buyer(`+${from}`).text(words),
    browserMb: (appPid) => descendantsOf(appPid).filter(isBrowser).reduce(addMemory, 0),
    async stop() {
      await site.stop();
      await surroundings.stop();
    },
  };
}

function plainSetup(transport: Transport, { port, env, stop }: Surroundings): Omit<LineSetup, 'write'> {
  return {
    channel: transport,
    port,
    env: {
      ...env,
      ...UNHURRIED,
      SECRET_KEY: 'only for this bench and its data',
      WHATSAPP_TRANSPORT: transport,
    },
    connect: async () => undefined,
    browserMb: () => undefined,
    stop,
  };
}

const phoneEvent = z.object({
  number: z.string(),
  last: z.object({ text: z.string(), at: z.string(), from: z.string() }).optional(),
});

/** The sandbox's phones over HTTP, as its page uses them. */
class SandboxPhones {
  private readonly heard: (to: string) => void;
  private readonly hangUp = new AbortController();
  private readonly latest = new Map<string, string>();
  private api = '';

  constructor(heard: (to: string) => void) {
    this.heard = heard;
  }

  /** Listens to the list of phones: each change of any of them tells its latest message. */
  async connect(url: string): Promise<void> {
    this.api = `${url}/sandbox/phone/api`;
    const address = `${this.api}/stream?phone=%2B919999900001`;
    const { body } = await fetch(address, { signal: this.hangUp.signal });
    if (body) this.listen(body).catch(() => undefined);
  }

  async write(from: string, text: string): Promise<string> {
    const key = `phone-${randomUUID()}`;
    const response = await fetch(`${this.api}/chats/%2B${from}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key, text }),
    });
    if (response.status !== 200) throw new Error(`the sandbox answered ${await response.text()}`);
    await response.arrayBuffer();
    return key;
  }

  disconnect(): void {
    this.hangUp.abort();
  }

  /** Until the line is cut. */
  private async listen(body: ReadableStream<Uint8Array>): Promise<void> {
    let rest = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const events = `${rest}${chunk}`.split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) this.take(event);
    }
  }

  /** A message is told again with each new state of delivery. */
  private take(event: string): void {
    const data = /^event: phone\ndata: (.*)$/.exec(event)?.[1];
    const { number, last } = data ? phoneEvent.parse(JSON.parse(data)) : {};
    if (number === undefined || last?.from !== 'desk') return;
    const mark = `${last.at} ${last.text}`;
    if (this.latest.get(number) === mark) return;
    this.latest.set(number, mark);
    this.heard(number.slice(1));
  }
}

/** Every process below this one, from Linux's books. */
function descendantsOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = parentOf(Number(name));
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (parent: number): number[] =>
    (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

/** Undefined when the process has just ended. */
function parentOf(pid: number): number | undefined {
  try {
    const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    return Number(rest.split(' ')[1]);
  } catch {
    return undefined;
  }
}

function isBrowser(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('chrom');
}

/** Each process's own share of what they share, so that the sum is what the machine gives. */
function addMemory(sumMb: number, pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return sumMb + Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1]) / 1024;
}
