import wweb from 'whatsapp-web.js';
import type { Browser } from './browser.ts';
import { announceSynced, lookAt } from './page.ts';

/** What is told of the library's insides, as they happen. */
export type ClientHooks = {
  /** Before each start of the browser. */
  beforeLaunch(): Promise<void>;
  /** The browser runs; its page is still empty. */
  launched(browser: Browser): Promise<void>;
  /** The page was loaded, again perhaps, and the library is about to enter it. */
  loading(): void;
  /** The library is in the page. */
  loaded(): void;
  /** The library could not enter the page. */
  failed(error: unknown): void;
};

/** The library's client as it is; its types leave these methods out. */
type Inner = wweb.Client & {
  inject(): Promise<void>;
  attachEventListeners(): Promise<void>;
};
const InnerClient = wweb.Client as unknown as new (options: wweb.ClientOptions) => Inner;

/**
 * The library's client, kept from harming the process. It works in listeners that nobody awaits, where an error would
 * end us; it closes the browser by itself; and it misses what happened before it listened.
 */
export class WebClient extends InnerClient {
  readonly #hooks: ClientHooks;
  #attaching: Promise<void> | undefined;
  #isListening = false;
  #wasTold = false;

  constructor(options: wweb.ClientOptions & { sessionDir: string; clientId: string; hooks: ClientHooks }) {
    const { sessionDir, clientId, hooks, ...rest } = options;
    super({
      ...rest,
      authStrategy: keptSession(sessionDir, clientId, hooks, () => this.pupBrowser),
      webVersionCache: { type: 'none' },
    });
    this.#hooks = hooks;
    this.on('authenticated', () => {
      this.#wasTold = true;
    });
  }

  /** Whether messages are heard: the library's listeners are on the page that is loaded now. */
  get isListening(): boolean {
    return this.#isListening;
  }

  /** The library calls this for every page that is loaded, from a listener that nobody awaits. */
  override async inject(): Promise<void> {
    this.#hooks.loading();
    this.#isListening = false;
    this.#wasTold = false;
    try {
      await super.inject();
      await this.heal();
    } catch (error) {
      this.#hooks.failed(error);
      return;
    }
    this.#hooks.loaded();
  }

  /** The library keeps a copy of the page, without need for it and from a listener that nobody awaits. */
  async initWebVersionCache(): Promise<void> {}

  /** Once for each page: a second time would hand over everything twice. */
  override async attachEventListeners(): Promise<void> {
    this.#attaching ??= super.attachEventListeners();
    await this.#attaching;
    this.#isListening = true;
  }

  /** Who made this client closes the browser. The library would on every state that it does not like. */
  override async destroy(): Promise<void> {}

  /**
   * Makes the library listen on a page whose history came before it could: it waits for a change that has already
   * been. Resolves with whether that was so.
   */
  async heal(): Promise<boolean> {
    const page = this.pupPage;
    if (!page) return false;
    const { synced, injected } = await lookAt(page);
    if (!injected) this.#attaching = undefined;
    // Only a frame within the page was loaded anew.
    else if (this.#attaching) await this.attachEventListeners();
    // What the page said before it answered is delivered first.
    await new Promise(setImmediate);
    if (!synced || injected || this.#wasTold) return false;
    await announceSynced(page);
    return true;
  }
}

/**
 * The session in a folder, as the library keeps it, but for what the library does on a logout: it deletes the profile
 * under a running browser.
 */
function keptSession(
  dataPath: string,
  clientId: string,
  hooks: ClientHooks,
  browser: () => Browser | undefined,
): wweb.AuthStrategy {
  const strategy = new wweb.LocalAuth({ clientId, dataPath });
  let hasLaunched = false;
  const prepare = strategy.beforeBrowserInitialized.bind(strategy);
  return Object.assign(strategy, {
    async beforeBrowserInitialized() {
      // The library asks again after a logout, with the browser up.
      if (hasLaunched) return;
      await prepare();
      await hooks.beforeLaunch();
    },
    async afterBrowserInitialized() {
      const launched = browser();
      if (hasLaunched || !launched) return;
      hasLaunched = true;
      await hooks.launched(launched);
    },
    async logout() {},
  });
}
