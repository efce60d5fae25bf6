import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';

const FREE_TRIES = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Who stayed away for so long starts anew. */
const FORGOTTEN_AFTER_MS = 3_600_000;
/** More addresses than ever mistype at once; the oldest is forgotten, so that guessing costs us no memory. */
const MOST_ADDRESSES = 10_000;

const LOCAL_ONLY =
  'The desk opens only in a browser on the machine that Baton runs on, as http://localhost, until DESK_PASSWORD is set.\n';

/**
 * Who may see the desk: whoever has the page can link the number. Without a password only a browser on this very
 * machine; with one, whoever gives it as HTTP Basic, under any user name.
 */
export function createLock(password: string | undefined, now: () => Date): RequestHandler {
  return password === undefined ? localOnly : passwordOnly(password, new WrongTries(now));
}

const localOnly: RequestHandler = (request, response, next) => {
  if (isLocal(request)) next();
  else response.status(403).type('text').send(LOCAL_ONLY);
};

const LOOPBACK = /^(::ffff:)?127\.|^::1$/;
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
const PASSED_ON = /^(forwarded|x-forwarded-.*|x-real-ip|via)$/;

/**
 * True when somebody at this machine asks. A proxy beside us connects from this machine too, for anybody: it is known
 * by the headers it adds or by HTTP 1.0, which no browser speaks. A foreign page whose name was made to point here
 * (DNS rebinding) is known by its Host.
 */
function isLocal({ socket, headers, httpVersion }: IncomingMessage): boolean {
  return (
    LOOPBACK.test(socket.remoteAddress ?? '') &&
    LOCAL_HOST.test(headers.host ?? '') &&
    httpVersion !== '1.0' &&
    !Object.keys(headers).some((name) => PASSED_ON.test(name))
  );
}

function passwordOnly(password: string, tries: WrongTries): RequestHandler {
  const wanted = digest(password);
  return (request, response, next) => {
    const address = request.socket.remoteAddress ?? '';
    const given = passwordIn(request.headers.authorization);
    const waitMs = tries.waitMs(address);
    // A browser asks without a password first: that is no try.
    if (given !== undefined && waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1_000);
      response.status(429).set('Retry-After', String(seconds)).type('text');
      response.send(`Too many wrong passwords: try again in ${seconds} seconds.\n`);
    } else if (given !== undefined && timingSafeEqual(digest(given), wanted)) {
      tries.forget(address);
      next();
    } else {
      if (given !== undefined) tries.add(address);
      response.status(401).set('WWW-Authenticate', 'Basic realm="Baton desk", charset="UTF-8"').type('text');
      response.send('The desk needs its password.\n');
    }
  };
}

/** `Basic YW55OnBhc3M=` -> `pass`; undefined when it is something else. */
function passwordIn(authorization: string | undefined): string | undefined {
  const pair = pairIn(authorization);
  return pair?.slice(pair.indexOf(':') + 1);
}

/** The name that was typed with the password, as HTTP Basic has it: `Basic YW55OnBhc3M=` -> `any`. */
export function userIn(authorization: string | undefined): string | undefined {
  const pair = pairIn(authorization);
  return pair?.slice(0, Math.max(0, pair.indexOf(':'))).trim();
}

function pairIn(authorization: string | undefined): string | undefined {
  const [, encoded] = /^basic +([\w+/=-]+)$/i.exec(authorization ?? '') ?? [];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}

/** Equal lengths for a comparison that takes the same time whatever was typed. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Wrong passwords by address: after a few, each one makes the address wait longer. What comes meanwhile is not even compared. */
class WrongTries {
  private readonly now: () => Date;
  private readonly addresses = new Map<string, { count: number; openAtMs: number }>();

  constructor(now: () => Date) {
    this.now = now;
  }

  waitMs(address: string): number {
    return (this.addresses.get(address)?.openAtMs ?? 0) - this.now().getTime();
  }

  add(address: string): void {
    const atMs = this.now().getTime();
    const before = this.addresses.get(address);
    const isOld = before === undefined || atMs - before.openAtMs > FORGOTTEN_AFTER_MS;
    const count = isOld ? 1 : before.count + 1;
    this.addresses.delete(address);
    this.addresses.set(address, { count, openAtMs: atMs + pauseMs(count) });
    const [oldest] = this.addresses.keys();
    if (this.addresses.size > MOST_ADDRESSES && oldest !== undefined) this.addresses.delete(oldest);
  }

  forget(address: string): void {
    this.addresses.delete(address);
  }
}

function pauseMs(count: number): number {
  return count < FREE_TRIES ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (count - FREE_TRIES), LONGEST_PAUSE_MS);
}
