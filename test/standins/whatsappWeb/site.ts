import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import type { PageEvent } from './account.ts';

/** What the page may ask, by name; each answers with JSON. A `SiteError` becomes its status. */
export type Answers = Record<string, (question: unknown) => unknown>;

export type SiteOptions = {
  answers: Answers;
  /** Keeps an uploaded file. */
  upload: (bytes: Buffer) => Promise<{ directPath: string }>;
  /** The bytes of a file; throws a `SiteError` where there is none. */
  download: (directPath: string) => Promise<Buffer>;
  /** The first thing that a page which has just loaded hears; `sessionKey` is what it kept of a pairing. */
  greet: (sessionKey: string) => PageEvent;
  /** The page loads, but its script does not start. */
  isDead: () => boolean;
  /** 0 is a free port. */
  port: number;
};

/** Refuses what a page asked, with an HTTP status. */
export class SiteError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Page = {
  response: ServerResponse;
  /** Cut off: what happens meanwhile is told later, as the past. */
  isDeaf: boolean;
  missed: PageEvent[];
};

const PAGE_FILES = new URL('./page/', import.meta.url);
const HTML = '<!doctype html><meta charset="utf-8"><title>WhatsApp</title>';
const SCRIPT = '<script type="module" src="/page/main.js"></script>';

/** Serves the page, talks to the newest one that is open, and answers it. */
export async function startSite(options: SiteOptions) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'web.whatsapp.com' }], {
    keyType: 'ec',
    algorithm: 'sha256',
  });
  const server = createServer({ key, cert }, (request, response) => {
    answer(request, response).catch((error: unknown) => refuse(response, error));
  });
  const receipts = new Map<number, () => void>();
  const opened = new Set<() => void>();
  const still = new Set<ServerResponse>();
  let page: Page | undefined;
  let lastReceipt = 0;
  let onStill = () => {};
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(options.port, '127.0.0.1', resolve));

  return {
    port: (server.address() as AddressInfo).port,

    isOpen: (): boolean => page !== undefined,

    /** Tells the open page; one that is cut off hears of it later, as the past. */
    push,

    /** Tells the open page, however deaf. */
    announce(event: PageEvent): void {
      if (page) write(page, event);
    },

    /** As `announce`, and resolves when it has taken it; at once without a page. */
    async tell(event: PageEvent): Promise<void> {
      const heard = page;
      if (!heard) return;
      lastReceipt += 1;
      const receipt = lastReceipt;
      await new Promise<void>((resolve) => {
        receipts.set(receipt, resolve);
        heard.response.once('close', resolve);
        write(heard, { ...event, receipt });
      });
      receipts.delete(receipt);
    },

    /** Resolves when a page has opened after this call. */
    nextOpen: (): Promise<void> => new Promise((resolve) => opened.add(resolve)),

    /** Resolves when the open page is gone. */
    async gone(): Promise<void> {
      const leaving = page;
      if (leaving) await new Promise((resolve) => leaving.response.once('close', resolve));
    },

    deafen(): void {
      if (page) page.isDeaf = true;
    },

    /** Tells what was missed, as the past; the page hears again from now on. */
    mend(): void {
      if (!page) return;
      page.isDeaf = false;
      for (const event of page.missed.splice(0)) write(page, { ...event, silent: true });
    },

    /** The page's own thread waits; resolves when it does. */
    async standStill(): Promise<void> {
      if (!page || still.size > 0) return;
      const stands = new Promise<void>((resolve) => {
        onStill = resolve;
      });
      write(page, { kind: 'standStill' });
      await stands;
    },

    release(): void {
      for (const response of still) response.end();
      still.clear();
    },

    async stop(): Promise<void> {
      server.close();
      server.closeAllConnections();
    },
  };

  function push(event: PageEvent): void {
    if (page?.isDeaf) page.missed.push(event);
    else if (page) write(page, event);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://web.whatsapp.com');
    if (url.pathname === '/stand-in/events') return open(response, url.searchParams.get('session') ?? '');
    if (url.pathname === '/stand-in/stillness') return hold(response);
    if (url.pathname === '/stand-in/media') {
      const bytes = await options.download(url.searchParams.get('path') ?? '');
      return end(response, 'application/octet-stream', bytes);
    }
    if (url.pathname.startsWith('/stand-in/')) {
      const bytes = await readAll(request);
      return end(response, 'application/json', JSON.stringify(await answerOf(url.pathname.slice(10), bytes)));
    }
    if (/^\/page\/\w+\.js$/.test(url.pathname)) {
      const script = readFileSync(new URL(url.pathname.slice(6), PAGE_FILES));
      return end(response, 'text/javascript', script);
    }
    if (url.pathname !== '/') throw new SiteError(404, 'not here');
    end(response, 'text/html', options.isDead() ? HTML : HTML + SCRIPT);
  }

  async function answerOf(action: string, bytes: Buffer): Promise<unknown> {
    if (action === 'upload') return options.upload(bytes);
    const question: unknown = JSON.parse(bytes.toString('utf8'));
    if (action === 'receipt') {
      receipts.get((question as { receipt: number }).receipt)?.();
      return {};
    }
    const answerTo = options.answers[action];
    if (!answerTo) throw new SiteError(404, `the stand-in does not know ${action}`);
    return (await answerTo(question)) ?? {};
  }

  function open(response: ServerResponse, sessionKey: string): void {
    const mine: Page = { response, isDeaf: false, missed: [] };
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    if (page) write(page, { kind: 'state', state: 'CONFLICT' });
    page = mine;
    response.once('close', () => {
      if (page === mine) page = undefined;
    });
    write(mine, options.greet(sessionKey));
    for (const tell of opened) tell();
    opened.clear();
  }

  function hold(response: ServerResponse): void {
    still.add(response);
    response.once('close', () => still.delete(response));
    onStill();
  }
}

function write(page: Page, event: PageEvent): void {
  page.response.write(`data: ${JSON.stringify(event)}\n\n`);
}

function end(response: ServerResponse, type: string, body: string | Buffer): void {
  response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' });
  response.end(body);
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(error instanceof SiteError ? error.status : 500, { 'Content-Type': 'text/plain' });
  response.end(error instanceof Error ? error.message : String(error));
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}
