import { setTimeout as delay } from 'node:timers/promises';
import type wweb from 'whatsapp-web.js';
import { type Browser, endBrowser } from './browser.ts';
import { WebClient } from './client.ts';
import { within } from './limit.ts';
import { lookAt, type PageState, takeOver } from './page.ts';
import type { WebTimings } from './timings.ts';

/**
 * Why a client ended: lost (the browser, the page or the connection broke), idle (nobody scanned the code), unpaired
 * and loggedOut (the phone ended the session; after loggedOut its profile goes too), blocked (WhatsApp refuses this
 * account or network), restart and stop (asked for).
 */
export type Ending = {
  kind: 'lost' | 'idle' | 'unpaired' | 'loggedOut' | 'blocked' | 'restart' | 'stop';
  /** In plain words. */
  reason: string;
};

/** What a life tells while it lasts. */
export type LifeNews = {
  qr(text: string): void;
  code(code: string): void;
  syncing(): void;
  /** Messages are heard, perhaps again. */
  ready(): void;
  /** Not at the moment; `reason` in plain words. */
  degraded(reason: string): void;
};

export type LifeParts = {
  options: wweb.ClientOptions & { sessionDir: string; clientId: string };
  timings: WebTimings;
  beforeLaunch: () => Promise<void>;
  news: LifeNews;
};

/** States in which WhatsApp will not have us, in plain words. */
const REFUSALS: Record<string, string> = {
  PROXYBLOCK: 'WhatsApp refuses this network: it may take us for a proxy.',
  TOS_BLOCK: 'WhatsApp has blocked this account for breaking its terms.',
  SMB_TOS_BLOCK: 'WhatsApp has blocked this business account for breaking its terms.',
  DEPRECATED_VERSION: 'WhatsApp wants a newer version of its page.',
};

const PROBE_FAILURES = 2;

/** One client and its browser, from start to end. It never begins again: who made it makes another. */
export class Life {
  /** Resolves once, with the first reason. */
  readonly ended: Promise<Ending>;
  readonly client: WebClient;
  readonly #parts: LifeParts;
  readonly #over = new AbortController();
  readonly #browser: Promise<Browser | undefined>;
  #resolveEnded: (ending: Ending) => void = () => undefined;
  #resolveBrowser: (browser: Browser | undefined) => void = () => undefined;
  #isReady = false;
  /** The library is in the page: there is something to ask. */
  #isLoaded = false;
  /** Since when it has been on its way from paired to ready, or without a connection. */
  #waitingSince: number | undefined;
  /** A pairing code was asked for: QR codes do not matter. */
  #showsCode = false;

  constructor(parts: LifeParts) {
    this.#parts = parts;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#browser = new Promise((resolve) => {
      this.#resolveBrowser = resolve;
    });
    this.client = new WebClient({
      ...parts.options,
      hooks: {
        beforeLaunch: parts.beforeLaunch,
        launched: async (browser) => this.#watchBrowser(browser),
        loading: () => this.#reloading(),
        loaded: () => this.#loaded(),
        failed: (error) => this.end({ kind: 'lost', reason: failureOf(error) }),
      },
    });
    this.#hear();
  }

  /** Messages are heard and can be sent. */
  get isReady(): boolean {
    return this.#isReady && !this.#over.signal.aborted;
  }

  start(): void {
    const { startLimitMs } = this.#parts.timings;
    within(startLimitMs, 'starting WhatsApp Web', this.client.initialize()).catch((error: unknown) => {
      this.end({ kind: 'lost', reason: failureOf(error) });
      this.#resolveBrowser(this.client.pupBrowser ?? undefined);
    });
    void this.#watch();
  }

  /** Shows a pairing code for this phone (digits) instead of the QR code. */
  async askForCode(digits: string, everyMs: number): Promise<void> {
    this.#showsCode = true;
    const { callLimitMs } = this.#parts.timings;
    try {
      const asked = this.client.requestPairingCode(digits, true, everyMs);
      await within(callLimitMs, 'asking for a pairing code', asked);
    } catch (error) {
      this.#showsCode = false;
      throw error;
    }
  }

  end(ending: Ending): void {
    this.#isReady = false;
    this.#resolveEnded(ending);
    this.#over.abort();
  }

  /** Ends the browser: by closing it, which saves the session, else by killing it. Also one that is just starting. */
  async close(): Promise<void> {
    const browser = await this.#browser;
    if (browser) await endBrowser(browser, this.#parts.timings.closeLimitMs);
  }

  /** A browser or a page that dies tells the library nothing. */
  async #watchBrowser(browser: Browser): Promise<void> {
    this.#resolveBrowser(browser);
    const lost = (reason: string) => () => this.end({ kind: 'lost', reason });
    browser.once('disconnected', lost('Chromium has ended.'));
    this.client.pupPage?.once('error', lost('The page of WhatsApp has crashed.'));
    this.client.pupPage?.once('close', lost('The page of WhatsApp was closed.'));
    if (!this.#over.signal.aborted) return;
    await endBrowser(browser, this.#parts.timings.closeLimitMs);
    throw new Error('ended while it started');
  }

  #hear(): void {
    const { client } = this;
    const { news } = this.#parts;
    client.on('qr', (text) => {
      if (!this.#showsCode) news.qr(text);
    });
    client.on('code', (code) => news.code(code));
    client.on('authenticated', () => {
      this.#showsCode = false;
      if (!this.#isReady) this.#await(() => news.syncing());
    });
    client.on('ready', () => this.#hears());
    client.on('auth_failure', () =>
      this.end({ kind: 'lost', reason: 'WhatsApp did not accept the session.' }),
    );
    client.on('change_state', (state) => this.#stateChanged(state));
    client.on('disconnected', (state) => this.#disconnected(state));
  }

  #hears(): void {
    if (this.#over.signal.aborted) return;
    this.#isReady = true;
    this.#waitingSince = undefined;
    this.#parts.news.ready();
  }

  #stateChanged(state: string): void {
    if (state === 'CONNECTED') void this.#look().catch(() => undefined);
    if (state === 'CONFLICT') void this.#takeOver();
    if (state === 'TIMEOUT' || state === 'OPENING')
      this.#pause('WhatsApp cannot be reached: the network may be down.');
  }

  /** The library would do this too, without waiting for the outcome. */
  async #takeOver(): Promise<void> {
    this.#pause('WhatsApp Web was opened elsewhere with this session; taking it back.');
    const page = this.client.pupPage;
    const { callLimitMs } = this.#parts.timings;
    if (page) await within(callLimitMs, 'taking over', takeOver(page)).catch(() => undefined);
  }

  #disconnected(state: string): void {
    const refusal = REFUSALS[state];
    if (refusal) this.end({ kind: 'blocked', reason: refusal });
    else if (state === 'LOGOUT') this.end({ kind: 'loggedOut', reason: 'The phone has ended the session.' });
    else if (state === 'UNPAIRED')
      this.end({ kind: 'unpaired', reason: 'The phone is not paired any more.' });
    else if (state === 'UNPAIRED_IDLE')
      this.end({ kind: 'idle', reason: 'Nobody scanned the code in time.' });
    else if (state !== 'CONFLICT')
      this.end({ kind: 'lost', reason: `WhatsApp ended the connection (${state}).` });
  }

  #loaded(): void {
    this.#isLoaded = true;
    void this.#look().catch(() => undefined);
  }

  #reloading(): void {
    this.#isLoaded = false;
    if (!this.#isReady) return;
    this.#isReady = false;
    this.#await(() => this.#parts.news.syncing());
  }

  #pause(reason: string): void {
    this.#isReady = false;
    this.#await(() => this.#parts.news.degraded(reason));
  }

  /** From here on it is on its way to ready, within a limit. */
  #await(tell: () => void): void {
    if (this.#over.signal.aborted) return;
    this.#waitingSince ??= performance.now();
    tell();
  }

  /** Asks the page now and then how it is: one that hangs or is deaf says nothing by itself. */
  async #watch(): Promise<void> {
    const { probeEveryMs, pairingProbeEveryMs } = this.#parts.timings;
    const { signal } = this.#over;
    let isPaired = false;
    let failures = 0;
    while (!signal.aborted) {
      const pauseMs = isPaired ? probeEveryMs : Math.min(pairingProbeEveryMs, probeEveryMs);
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
      // Loading has a limit of its own.
      if (signal.aborted || !this.#isLoaded) continue;
      const state = await this.#look().catch(() => undefined);
      isPaired = state !== undefined && !state.startsWith('UNPAIRED');
      failures = state === undefined ? failures + 1 : 0;
      if (failures === 1 && this.#isReady) this.#pause('The page of WhatsApp does not answer.');
      if (failures >= PROBE_FAILURES)
        this.end({ kind: 'lost', reason: 'The page of WhatsApp does not answer.' });
      this.#checkPatience();
    }
  }

  /** Acts on how the page stands and resolves with its state; rejects when it is silent or stays deaf. */
  async #look(): Promise<string> {
    const page = this.client.pupPage;
    if (!page) throw new Error('there is no page');
    const { probeLimitMs } = this.#parts.timings;
    const seen: PageState = await within(probeLimitMs, 'the probe', lookAt(page));
    const state = seen.state ?? '';
    if (state === 'UNPAIRED_IDLE' && !this.#showsCode)
      this.end({ kind: 'idle', reason: 'Nobody scanned the code in time.' });
    if (state !== 'CONNECTED') {
      if (this.#isReady) this.#pause(`WhatsApp is not connected (${state}).`);
      return state;
    }
    if (!seen.synced) {
      if (!this.#isReady) this.#await(() => this.#parts.news.syncing());
    } else if (this.client.isListening) {
      if (!this.#isReady) this.#hears();
    } else if (!(await within(probeLimitMs, 'healing', this.client.heal())) && !this.client.isListening) {
      throw new Error('the page is synced, but not heard');
    }
    return state;
  }

  #checkPatience(): void {
    const { syncLimitMs, offlineLimitMs } = this.#parts.timings;
    if (this.#isReady || this.#waitingSince === undefined) return;
    const limitMs = this.client.isListening ? offlineLimitMs : syncLimitMs;
    if (performance.now() - this.#waitingSince > limitMs)
      this.end({ kind: 'lost', reason: 'WhatsApp did not come back in time.' });
  }
}

/** What went wrong, in plain words where the library or the browser has its own. */
function failureOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (text === 'auth timeout') return 'The page of WhatsApp did not load in time.';
  if (text.includes('net::ERR_'))
    return `WhatsApp cannot be reached: ${/net::(ERR_\w+)/.exec(text)?.[1] ?? 'no network'}.`;
  if (text.includes('Failed to launch the browser'))
    return `Chromium did not start: ${text.split('\n').slice(0, 3).join(' ').trim()}`;
  return `WhatsApp Web did not start: ${text.split('\n')[0]}`;
}
