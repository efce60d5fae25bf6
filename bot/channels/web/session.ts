import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { AppError } from '../../../models/error.ts';
import { ChannelError } from '../channel.ts';
import { chromiumArguments, freeProfile, userAgentOf } from './browser.ts';
import type { WebClient } from './client.ts';
import { type Ending, Life } from './life.ts';
import { within } from './limit.ts';
import { lockSession } from './lock.ts';
import { unlink } from './page.ts';
import { CODE_MS, type PairingState } from './pairing.ts';
import type { WebTimings } from './timings.ts';

export type SessionParts = {
  sessionDir: string;
  chromium: string;
  chromiumArgs: string[];
  /** Pairs by a code on this phone instead of a QR code. */
  pairPhone: string | undefined;
  timings: WebTimings;
  pairing: PairingState;
  /** Ties a new client's events to who takes them. */
  listen: (client: WebClient) => void;
  log: Logger;
};

const CLIENT_ID = 'baton';

/** The paired session: one client after the other, each until it breaks, is logged out or is replaced. */
export class Session {
  readonly #parts: SessionParts;
  #release: (() => Promise<void>) | undefined;
  #running: Promise<void> | undefined;
  #life: Life | undefined;
  #pause = new AbortController();
  #isStopping = false;
  #failures = 0;
  #pairPhone: string | undefined;
  #begun: (() => void)[] = [];

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#pairPhone = parts.pairPhone;
  }

  /** Begins the first client and returns. Throws AppError `session_in_use` when another process has the session. */
  async start(): Promise<void> {
    this.#release = await lockSession(this.#parts.sessionDir, randomUUID());
    if (!this.#isStopping) this.#running = this.#run();
    else await this.#unlock();
  }

  /** Ends the browser, which saves the session, and gives the session back. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#end({ kind: 'stop', reason: 'stopped' });
    await this.#running;
    await this.#unlock();
    this.#parts.pairing.become('stopped');
  }

  /** Replaces the client; resolves when the next one has begun. */
  async restart(reason: string): Promise<void> {
    const next = this.#next();
    this.#end({ kind: 'restart', reason });
    await next;
  }

  /** Begins anew as it was set up: with a fresh QR code where no phone is paired. */
  async retry(): Promise<void> {
    this.#pairPhone = this.#parts.pairPhone;
    this.#failures = 0;
    await this.restart('asked for at the desk');
  }

  /** Shows a code to be typed on this phone. Throws AppError when no phone is to be paired, or WhatsApp refuses. */
  async pairWithCode(phone: string): Promise<void> {
    if (this.#parts.pairing.get().health !== 'pairing' || !this.#life)
      throw new AppError('not_pairing', 'WhatsApp is not waiting for a phone to be paired');
    this.#pairPhone = phone;
    try {
      await this.#life.askForCode(phone.replace(/\D/g, ''), CODE_MS);
    } catch (cause) {
      throw new AppError('no_pairing_code', 'WhatsApp gave no pairing code', { cause });
    }
  }

  /** Unlinks the phone and forgets the session; the phone still lists us when WhatsApp could not be told. */
  async logout(): Promise<void> {
    const page = this.#life?.client.pupPage;
    const { callLimitMs } = this.#parts.timings;
    const told = page && within(callLimitMs, 'unlinking', unlink(page));
    await told?.catch(() => this.#parts.log.warn('WhatsApp could not be told of the logout'));
    const next = this.#next();
    this.#end({ kind: 'loggedOut', reason: 'Logged out at the desk.' });
    await next;
  }

  /** The chat that the paired phone has with itself. */
  ownChat(): string | undefined {
    return this.#life?.client.info?.wid._serialized;
  }

  browserPid(): number | undefined {
    return this.#life?.client.pupBrowser?.process()?.pid;
  }

  /** Asks the paired page something within a time limit. Throws ChannelError `retry` while there is none. */
  async ask<T>(what: string, question: (client: WebClient) => Promise<T>, limitMs?: number): Promise<T> {
    const life = this.#life;
    if (!life?.isReady)
      throw new ChannelError({
        class: 'retry',
        code: 'not_ready',
        message: `WhatsApp is not ready (${this.#parts.pairing.get().health})`,
        retryAfterMs: NOT_READY_MS,
      });
    return within(limitMs ?? this.#parts.timings.callLimitMs, what, question(life.client));
  }

  /** One client at a time: the next begins when the last one's browser is gone. */
  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const life = await this.#begin().catch((error: unknown) => this.#couldNotBegin(error));
      if (life) {
        const begunAt = performance.now();
        const ending = await life.ended;
        if (!this.#isStopping) this.#report(ending);
        await life.close();
        if (ending.kind === 'loggedOut') await this.#forget();
        if (performance.now() - begunAt > this.#parts.timings.backoff.mostMs) this.#failures = 0;
        await this.#rest(ending.kind);
      } else {
        await this.#rest('lost');
      }
    }
    this.#tellBegun();
  }

  async #begin(): Promise<Life> {
    const { sessionDir, chromium, chromiumArgs, timings, pairing, listen } = this.#parts;
    pairing.begin();
    this.#pause = new AbortController();
    const life = new Life({
      options: {
        sessionDir,
        clientId: CLIENT_ID,
        authTimeoutMs: timings.authTimeoutMs,
        userAgent: await userAgentOf(chromium),
        puppeteer: {
          executablePath: chromium,
          headless: true,
          protocolTimeout: timings.protocolTimeoutMs,
          handleSIGINT: false,
          handleSIGTERM: false,
          handleSIGHUP: false,
          args: chromiumArguments(chromiumArgs),
        },
      },
      timings,
      beforeLaunch: () => freeProfile(this.#profileDir),
      news: {
        qr: (text) => this.#showQr(text),
        code: (code) => pairing.showCode(code, this.#pairPhone ?? ''),
        syncing: () => pairing.become('syncing'),
        ready: () => this.#ready(),
        degraded: (reason) => pairing.become('degraded', reason),
      },
    });
    this.#life = life;
    listen(life.client);
    life.start();
    if (this.#isStopping) life.end({ kind: 'stop', reason: 'stopped' });
    this.#tellBegun();
    return life;
  }

  #couldNotBegin(error: unknown): undefined {
    this.#parts.log.error({ err: error }, 'WhatsApp Web could not be started');
    this.#parts.pairing.become('degraded', error instanceof Error ? error.message : String(error));
  }

  /** A phone that is to be paired by code gets one in place of the first QR code. */
  #showQr(text: string): void {
    const life = this.#life;
    const phone = this.#pairPhone;
    if (!life || !phone) {
      this.#parts.pairing.showQr(text);
      return;
    }
    life.askForCode(phone.replace(/\D/g, ''), CODE_MS).catch((error: unknown) => {
      this.#parts.log.error({ err: error }, 'WhatsApp gave no pairing code');
      this.#parts.pairing.showQr(text);
    });
  }

  #ready(): void {
    this.#parts.pairing.ready(this.#life?.client.info?.pushname ?? '');
  }

  #report({ kind, reason }: Ending): void {
    const { pairing, log } = this.#parts;
    if (kind === 'blocked') pairing.become('blocked', reason);
    else if (kind === 'loggedOut' || kind === 'unpaired') pairing.become('loggedOut', reason);
    else if (kind === 'lost') pairing.become('degraded', reason);
    log.warn({ kind, reason }, 'the WhatsApp client has ended');
  }

  /** The phone has ended the session: what is kept of it would only be refused. */
  async #forget(): Promise<void> {
    await rm(this.#profileDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }).catch(
      (error: unknown) => this.#parts.log.error({ err: error }, 'the old session could not be removed'),
    );
  }

  /** Waits before the next client, longer each time one was lost; a call for a new one ends it. */
  async #rest(kind: Ending['kind']): Promise<void> {
    const { backoff, blockedRetryMs } = this.#parts.timings;
    const signal = this.#pause.signal;
    let restMs = 0;
    if (kind === 'blocked') restMs = blockedRetryMs;
    if (kind === 'lost') restMs = Math.min(backoff.leastMs * 2 ** this.#failures++, backoff.mostMs);
    if (this.#isStopping || restMs === 0) return;
    await delay(restMs, undefined, { signal, ref: false }).catch(() => undefined);
  }

  #end(ending: Ending): void {
    this.#life?.end(ending);
    this.#pause.abort();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#running && !this.#isStopping) this.#begun.push(resolve);
      else resolve();
    });
  }

  #tellBegun(): void {
    for (const resolve of this.#begun.splice(0)) resolve();
  }

  async #unlock(): Promise<void> {
    await this.#release?.();
    this.#release = undefined;
  }

  get #profileDir(): string {
    return join(this.#parts.sessionDir, `session-${CLIENT_ID}`);
  }
}

/** A client that broke is usually back by then. */
const NOT_READY_MS = 5_000;
