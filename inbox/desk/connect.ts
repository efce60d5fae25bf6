import express, { type Request, type Response, Router } from 'express';
import type { Logger } from 'pino';
import { toString as draw } from 'qrcode';
import { z } from 'zod';

/** Pairing a phone with WhatsApp: what `/desk/connect` shows, and what its buttons do. */

export type Health =
  | 'starting'
  | 'pairing'
  | 'syncing'
  | 'ready'
  | 'degraded'
  | 'loggedOut'
  | 'blocked'
  | 'stopped';

/**
 * How far the pairing is. The text of the QR code is a secret: it is drawn, never logged.
 * Example: `{health: 'pairing', qr: {text: '2@Ab…', expiresAt: …}, since: …}`
 */
export type Pairing = {
  health: Health;
  qr?: { text: string; expiresAt: Date };
  /** Asked for with `pairWithCode`, to be typed on that phone. */
  code?: { code: string; phone: string; expiresAt: Date };
  /** In plain words, why no phone is paired or what failed last. */
  reason?: string;
  account?: { name: string };
  /** Since when it has this health. */
  since: Date;
};

/** The transport that a phone is paired with. Its promises reject when WhatsApp did not do what was asked. */
export type PairingSource = {
  pairing(): Pairing;
  /** Calls on every change; returns how to stop that. */
  onPairing(listener: (pairing: Pairing) => void): () => void;
  /** Begins anew, with a fresh QR code where no phone is paired. */
  retry(): Promise<void>;
  /** `phone` as `+919999900001`. */
  pairWithCode(phone: string): Promise<void>;
  /** Unlinks the phone. */
  logout(): Promise<void>;
};

export type ConnectParts = {
  /** Undefined where no transport pairs a phone. */
  pairing: PairingSource | undefined;
  now: () => Date;
  log: Logger;
};

/** What the page gets: times as ISO texts, `now` beside them because the browser's clock may be wrong. */
type View = {
  now: Date;
  pairing: (Omit<Pairing, 'qr'> & { qr?: { svg: string; expiresAt: Date } }) | null;
};

/** One button: when it may be pressed, and what it does with the page's JSON; undefined when that is wrong. */
type Button = {
  path: string;
  when: readonly Health[];
  everyMs: number;
  deed: (body: unknown) => (() => Promise<void>) | undefined;
};

const HEARTBEAT_MS = 20_000;
const PRESS_EVERY_MS = 5_000;
/** WhatsApp refuses who asks for codes too often. */
const CODE_EVERY_MS = 30_000;

const codeRequest = z.object({
  phone: z
    .string()
    .max(40)
    .transform((text) => text.replace(/[\s().-]/g, '').replace(/^00/, '+'))
    .pipe(z.string().regex(/^\+[1-9]\d{6,14}$/)),
});

/** The page's `state` and `stream`, and its buttons. The caller keeps out who may not see them. */
export function createConnectRouter(parts: ConnectParts): Router {
  const { pairing: source, now } = parts;
  const router = Router();
  const view = () => viewOf(source?.pairing(), now());
  router.get('/state', async (_request, response) => {
    response.json(await view());
  });
  router.get('/stream', (_request, response) => follow(parts, view, response));
  for (const button of source ? buttonsOf(source) : []) {
    router.post(button.path, express.json({ limit: '1kb' }), pressing(button, parts));
  }
  return router;
}

function buttonsOf(source: PairingSource): Button[] {
  return [
    {
      path: '/retry',
      when: ['starting', 'pairing', 'syncing', 'degraded', 'loggedOut', 'blocked'],
      everyMs: PRESS_EVERY_MS,
      deed: () => () => source.retry(),
    },
    {
      path: '/code',
      when: ['pairing'],
      everyMs: CODE_EVERY_MS,
      deed: (body) => {
        const { data } = codeRequest.safeParse(body);
        return data && (() => source.pairWithCode(data.phone));
      },
    },
    {
      path: '/logout',
      when: ['ready', 'degraded'],
      everyMs: PRESS_EVERY_MS,
      deed: () => () => source.logout(),
    },
  ];
}

function pressing({ path, when, everyMs, deed }: Button, parts: ConnectParts) {
  const { pairing: source, now, log } = parts;
  let openAtMs = 0;
  return async (request: Request, response: Response): Promise<void> => {
    const perform = deed(request.body);
    const atMs = now().getTime();
    if (!perform) {
      refuse(response, 400, 'Write the phone number with its country, such as +91 99999 00001.');
    } else if (!source || !when.includes(source.pairing().health)) {
      refuse(response, 409, 'That is not possible at this moment.');
    } else if (atMs < openAtMs) {
      const seconds = Math.ceil((openAtMs - atMs) / 1_000);
      refuse(response.set('Retry-After', String(seconds)), 429, `Please wait ${seconds} seconds.`);
    } else {
      openAtMs = atMs + everyMs;
      try {
        await perform();
        response.sendStatus(202);
      } catch (error) {
        log.error({ err: error, path }, 'WhatsApp did not do what the connect page asked');
        refuse(response, 502, 'WhatsApp did not do that. Please try again in a minute.');
      }
    }
  };
}

const REFUSALS = { 400: 'bad_request', 409: 'not_now', 429: 'too_often', 502: 'not_done' } as const;

function refuse(response: Response, status: keyof typeof REFUSALS, message: string): void {
  response.status(status).json({ error: REFUSALS[status], message });
}

async function viewOf(pairing: Pairing | undefined, now: Date): Promise<View> {
  if (!pairing) return { now, pairing: null };
  const { qr, ...rest } = pairing;
  if (!qr) return { now, pairing: rest };
  const svg = await draw(qr.text, { type: 'svg', errorCorrectionLevel: 'L', margin: 4 });
  return { now, pairing: { ...rest, qr: { svg, expiresAt: qr.expiresAt } } };
}

/** Server-sent events: the whole view at once and after every change, so that a page that comes back misses nothing. */
function follow({ pairing: source, log }: ConnectParts, view: () => Promise<View>, response: Response): void {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  // One after the other: a QR code takes a moment to draw, and an older view must not come last.
  let line = Promise.resolve();
  const tell = () => {
    line = line
      .then(async () => void response.write(`event: view\ndata: ${JSON.stringify(await view())}\n\n`))
      .catch((error: unknown) => log.error({ err: error }, 'the connect page could not be told'));
  };
  tell();
  const unsubscribe = source?.onPairing(tell);
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS).unref();
  response.on('close', () => {
    clearInterval(heartbeat);
    unsubscribe?.();
  });
}
