import { fileURLToPath } from 'node:url';
import { type ErrorRequestHandler, type RequestHandler, Router } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { Vault } from '../documents/vault.ts';
import { codeRoutes } from './codeRoutes.ts';
import type { ClaimDesk, Letters, Messenger, PaperDesk, VisitBook } from './desks.ts';
import { Door, type DoorParts } from './door.ts';
import { linkRoutes } from './linkRoutes.ts';
import type { PortalLinks } from './links.ts';
import { historyPage } from './pages/history.ts';
import { homePage } from './pages/home.ts';
import { privacyPage } from './pages/privacy.ts';
import { paperRoutes } from './paperRoutes.ts';
import { payRoutes } from './payRoutes.ts';
import type { StepUp } from './stepUp.ts';
import { STYLE, STYLE_HASH } from './style.ts';
import { visitRoutes } from './visitRoutes.ts';

export type PortalParts = Omit<DoorParts, 'style'> & {
  papers: PaperDesk;
  visits: VisitBook;
  claims: ClaimDesk;
  letters: Letters;
  messenger: Messenger;
  vault: Pick<Vault, 'open'>;
  links: PortalLinks;
  stepUp: StepUp;
  /** Names uploads without telling what is in them. */
  secret: string;
  newId: () => string;
  log: Logger;
};

const ICON_FILE = fileURLToPath(new URL('./icon.svg', import.meta.url));
const YEAR_MS = 365 * 24 * 3_600_000;

/**
 * The buyer's pages, to be mounted at `/portal`: drawn here, readable and usable without any script. Whoever has the
 * link sees them; identity papers, receipts and the account open with a code from the same WhatsApp besides.
 */
export function createPortal(parts: PortalParts): Router {
  const door = new Door({ ...parts, style: STYLE });
  const router = Router();
  router.use(headers());
  router.get('/icon.svg', kept(ICON_FILE));
  router.use(neverKept, switchLanguage(door));
  linkRoutes(router, door, parts);
  codeRoutes(router, door, parts);
  paperRoutes(router, door, parts);
  payRoutes(router, door, parts);
  visitRoutes(router, door, parts);
  plainPages(router, door);
  router.use((request, response) => door.refuse(request, response, 404, 'notFound'));
  router.use(failed(door, parts.log));
  return router;
}

function plainPages(router: Router, door: Door): void {
  router.get('/', async (request, response) => {
    const caller = await door.enter(request, response);
    if (!caller) return;
    const { view, facts } = caller;
    const title = view.words.home.greeting(facts.buyer.name.trim());
    door.show(response, caller, { title, tab: 'home', content: homePage(view, facts) });
  });
  router.get('/history', async (request, response) => {
    const caller = await door.enter(request, response);
    if (!caller) return;
    const { view, facts } = caller;
    const content = historyPage(view, facts);
    door.show(response, caller, { title: view.words.history.title, tab: 'history', content });
  });
  router.get('/privacy', async (request, response) => {
    await door.open(request, response, (view) => ({
      title: view.words.privacy.title,
      content: privacyPage(view),
    }));
  });
}

/** Nothing runs on these pages, nothing of them is framed, and no other page learns where a buyer came from. */
function headers(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: [`'${STYLE_HASH}'`],
        imgSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    // TLS ends at the proxy in front; in a sandbox there is none.
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
  });
}

const neverKept: RequestHandler = (_request, response, next) => {
  response.set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex, nofollow' });
  next();
};

/** `?language=hi` on any page: remembered in the browser, and gone from the address. */
function switchLanguage(door: Door): RequestHandler {
  return (request, response, next) => {
    const { language } = request.query;
    if (request.method !== 'GET' || (language !== 'en' && language !== 'hi')) return next();
    door.parts.cookies.rememberLanguage(response, language);
    const url = new URL(request.originalUrl, 'http://portal');
    url.searchParams.delete('language');
    response.redirect(303, `${url.pathname}${url.search}`);
  };
}

function kept(file: string): RequestHandler {
  return (_request, response, next) => {
    response.sendFile(file, { maxAge: YEAR_MS, immutable: true }, (error) => error && next(error));
  };
}

function failed(door: Door, log: Logger): ErrorRequestHandler {
  return (error: Error & { status?: number }, request, response, next) => {
    if (response.headersSent) return next(error);
    const isTheirs = error.status !== undefined && error.status >= 400 && error.status < 500;
    // Ids of buyers may stand in the query: the path alone is logged.
    if (!isTheirs) log.error({ err: error, path: request.path.slice(0, 20) }, 'a page of the portal failed');
    door.refuse(request, response, isTheirs ? 400 : 500, isTheirs ? 'broken' : 'failed');
  };
}
