import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type RequestHandler } from 'express';
import { pino } from 'pino';
import { z } from 'zod';
import type { Channel, Handle } from '../bot/channels/channel.ts';
import { createCloudChannel } from '../bot/channels/cloud.ts';
import type { PhoneMessage } from '../bot/channels/sandbox/message.ts';
import { SandboxChannel } from '../bot/channels/sandbox/sandboxChannel.ts';
import { createWebChannel, type WebChannel } from '../bot/channels/web.ts';
import { chromiumFor } from './chromium.ts';
import { type SentMessage, startGraphStandIn } from './standins/graph.ts';
import type { StoredMedia } from './standins/graphFiles.ts';
import { type SentByWeb, startWhatsAppWeb } from './standins/whatsappWeb.ts';
import { until } from './until.ts';

/**
 * The transports under one contract (channels.test.ts). A transport joins by one `ChannelCase`: its provider, one
 * buyer on the other side, and how to break and restore the line.
 */
export type ChannelCase = {
  name: string;
  /** False where it cannot run. */
  isHere: boolean;
  open(now: () => Date): Promise<Provider>;
};

/** The other side of a transport, with one buyer. It outlives the channels that are made in front of it. */
export type Provider = {
  /** The handle to write to, as the buyer's messages come from it. */
  buyer: Handle;
  /** A channel as a new process makes it, not started; the one before has been stopped. */
  makeChannel(): Channel;
  /** The buyer writes, also while nobody is there; resolves when the provider has it, with a name for `again`. */
  write(message: BuyerWrites): Promise<string>;
  /** The provider hands an earlier message over again, several times at once where it may. */
  again(name: string): Promise<void>;
  /** The buyer taps, or votes for, a choice of our newest message. */
  tap(title: string, at: Date): Promise<void>;
  /** What the buyer sees of us, oldest first. */
  seen(): Promise<Seen[]>;
  /** Our newest message has reached the buyer, or was read: said again, and in any order, as providers do. */
  report(state: 'delivered' | 'read'): Promise<void>;
  /** From now on the provider refuses us. */
  cut(): void;
  restore(): void;
  close(): Promise<void>;
};

export type BuyerWrites = { at: Date } & ({ text: string } | { file: BuyerFile });

type BuyerFile = { bytes: Buffer; mimeType: string; fileName: string; caption: string };

export type Seen =
  | { kind: 'text'; text: string; choices: string[] }
  | { kind: 'file'; bytes: Buffer; fileName: string; caption: string };

/** Every transport there is. */
export const CHANNEL_CASES: ChannelCase[] = [
  { name: 'sandbox', open: openSandbox, isHere: true },
  { name: 'cloud', open: openCloud, isHere: true },
  { name: 'web', open: openWeb, isHere: chromiumFor('the web transport') !== undefined },
];

const BUYER = '+919999900001';
const log = pino({ level: 'silent' });

async function openSandbox(now: () => Date): Promise<Provider> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-channels-'));
  const stateFile = join(folder, 'phones.json');
  const make = () => new SandboxChannel({ log, stateFile, now, newId: randomUUID });
  let channel = make();

  /** What is written while nobody is there waits on the phones of the next channel. */
  function makeChannel(): SandboxChannel {
    if (channel.health() === 'stopped') channel = make();
    return channel;
  }

  return {
    buyer: { kind: 'pn', value: BUYER },
    makeChannel,
    async write(message) {
      const name = randomUUID();
      if ('file' in message) await makeChannel().attachAs(BUYER, message.file, name);
      else await makeChannel().writeAs(BUYER, message.text, { key: name });
      return name;
    },
    // On the sandbox it is the buyer who tries again.
    async again(name) {
      await channel.writeAs(BUYER, '', { key: name });
    },
    async tap(title) {
      const body = channel.transcript(BUYER).findLast(({ from }) => from === 'desk')?.body;
      const choice = body?.kind === 'choices' && body.choices.find((each) => each.title === title);
      if (!choice) throw new Error(`the buyer is not offered ${title}`);
      await channel.tapAs(BUYER, choice.id);
    },
    async seen() {
      const ours = channel.transcript(BUYER).filter(({ from }) => from === 'desk');
      return Promise.all(ours.map(({ body }) => seenOnSandbox(body, `${stateFile}.files`)));
    },
    // A message is delivered as soon as it is sent.
    async report(state) {
      if (state === 'read') channel.readAs(BUYER);
    },
    cut: () => channel.goOffline(),
    restore: () => void channel.goOnline(),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function seenOnSandbox(body: PhoneMessage['body'], folder: string): Promise<Seen> {
  switch (body.kind) {
    case 'text':
      return { kind: 'text', text: body.text, choices: [] };
    case 'choices':
      return { kind: 'text', text: body.text, choices: body.choices.map(({ title }) => title) };
    case 'file': {
      const bytes = await readFile(join(folder, body.sha256));
      return { kind: 'file', bytes, fileName: body.fileName, caption: body.caption };
    }
    default:
      throw new Error(`a ${body.kind} is nothing that we send`);
  }
}

const CLOUD = { version: 'v25.0', phoneNumberId: '200000000000001', accessToken: 'stand-in-token' };
const APP_SECRET = 'app-secret';

async function openCloud(now: () => Date): Promise<Provider> {
  const retryDelaysMs = Array.from({ length: 200 }, () => 20);
  const graph = await startGraphStandIn({ ...CLOUD, statuses: [], retryDelaysMs });
  const webhook = await serveWebhook();
  graph.webhook(webhook.url, APP_SECRET);
  const from = BUYER.slice(1);
  const told = new Map<string, () => Promise<number>>();

  /** Tells the app in the background, as often as it takes: Meta does not wait for it either. */
  function tell(message: (id: string) => Promise<number>): string {
    const id = `wamid.in.${randomUUID()}`;
    told.set(id, () => message(id));
    void message(id);
    return id;
  }

  function newest(): SentMessage {
    const message = graph.sent.at(-1);
    if (!message) throw new Error('nothing was sent');
    return message;
  }

  return {
    buyer: { kind: 'pn', value: BUYER },
    makeChannel() {
      const secrets = { appSecret: APP_SECRET, verifyToken: 'verify-token' };
      const options = { ...CLOUD, ...secrets, apiUrl: graph.url, probeEveryMs: 20, log, now };
      const channel = createCloudChannel({ ...options, keepRejected: async () => undefined });
      webhook.serve(channel.router);
      return channel;
    },
    async write(message) {
      if (!('file' in message)) return tell((id) => graph.inboundText({ from, id, ...message }));
      const { fileName: filename, ...file } = message.file;
      const { at } = message;
      return tell((id) => graph.inboundFile({ from, id, at, type: 'document', filename, ...file }));
    },
    async again(name) {
      await Promise.all([1, 2, 3].map(() => told.get(name)?.()));
    },
    async tap(title, at) {
      const reply = choicesOf(newest()).find((each) => each.title === title);
      if (!reply) throw new Error(`the buyer is not offered ${title}`);
      const interactive = { type: 'button_reply', button_reply: reply };
      tell((id) => graph.inbound({ from, id, at, type: 'interactive', interactive }));
    },
    seen: async () => graph.sent.map((message) => seenOnCloud(message, graph.media)),
    async report(state) {
      await graph.status(newest(), state);
    },
    cut() {
      graph.number.isTokenRevoked = true;
    },
    restore() {
      graph.number.isTokenRevoked = false;
    },
    async close() {
      await graph.stop();
      await webhook.close();
    },
  };
}

const replySchema = z.object({ id: z.string(), title: z.string() });
const sentSchema = z.object({
  text: z.object({ body: z.string() }).optional(),
  document: z.object({ id: z.string(), filename: z.string(), caption: z.string().default('') }).optional(),
  interactive: z
    .object({
      body: z.object({ text: z.string() }),
      action: z.object({
        buttons: z.array(z.object({ reply: replySchema })).default([]),
        sections: z.array(z.object({ rows: z.array(replySchema) })).default([]),
      }),
    })
    .optional(),
});

function choicesOf({ body }: SentMessage): { id: string; title: string }[] {
  const action = sentSchema.parse(body).interactive?.action;
  const rows = action?.sections.flatMap((section) => section.rows) ?? [];
  return [...(action?.buttons.map(({ reply }) => reply) ?? []), ...rows];
}

function seenOnCloud(message: SentMessage, media: ReadonlyMap<string, StoredMedia>): Seen {
  const { text, document, interactive } = sentSchema.parse(message.body);
  if (document) {
    const bytes = media.get(document.id)?.bytes ?? Buffer.alloc(0);
    return { kind: 'file', bytes, fileName: document.filename, caption: document.caption };
  }
  const choices = choicesOf(message).map(({ title }) => title);
  return { kind: 'text', text: text?.body ?? interactive?.body.text ?? '', choices };
}

/** The app's address, at which one channel after the other listens. */
async function serveWebhook() {
  let router: RequestHandler = (_request, response) => response.sendStatus(503);
  const app = express().use('/webhooks/whatsapp', (...call) => router(...call));
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return {
    url: `http://127.0.0.1:${address.port}/webhooks/whatsapp`,
    serve(next: RequestHandler) {
      router = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A paired phone behind a page, in a real browser. */
async function openWeb(now: () => Date): Promise<Provider> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-channels-'));
  const page = await startWhatsAppWeb({ linked: true, acks: [1], now });
  const buyer = page.buyer(BUYER, { name: 'A Buyer' });
  let channel: WebChannel;

  function newest(): SentByWeb {
    const message = page.sent.at(-1);
    if (!message) throw new Error('nothing was sent');
    return message;
  }

  return {
    buyer: { kind: 'pn', value: BUYER },
    makeChannel() {
      channel = createWebChannel({
        sessionDir: folder,
        chromiumArgs: page.chromiumArgs,
        delayMs: { least: 0, most: 0 },
        timings: { probeEveryMs: 500, handOverAgainMs: { least: 20, most: 100 } },
        log,
        now,
      });
      return channel;
    },
    write(message) {
      const { at } = message;
      if (!('file' in message)) return buyer.text(message.text, { at });
      const { caption, ...file } = message.file;
      return buyer.media({ kind: 'document', ...file, ...(caption && { caption }) }, { at });
    },
    // Whatever is in the chat comes once more with every new page.
    async again() {
      await page.reloadPage();
      await until('the channel to be back', () => channel.health() === 'ready', 30_000);
    },
    tap: (title) => buyer.vote(newest().id, [title]),
    seen: async () => page.sent.map(seenOnWeb),
    report: (state) => page.ack(newest().id, state === 'read' ? 3 : 2),
    cut: () => page.drop(),
    restore: () => void page.restore(),
    async close() {
      await page.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function seenOnWeb({ body, bytes, caption = '', fileName = '', pollOptions = [] }: SentByWeb): Seen {
  return bytes
    ? { kind: 'file', bytes, fileName, caption }
    : { kind: 'text', text: body, choices: pollOptions };
}
