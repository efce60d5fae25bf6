import { gzipSync } from 'node:zlib';
import type { Request, Response } from 'express';
import type { Buyers } from '../../models/buyer.ts';
import type { PortalSession } from '../../models/portalSession.ts';
import type { Project } from '../../templates/documents/project.ts';
import {
  PAGE_LANGUAGES,
  PAGE_WORDS,
  type PageLanguage,
  type PageWords,
} from '../../templates/portal/words.ts';
import type { Cookies } from './cookies.ts';
import { type BuyerFacts, type FactsParts, factsOf } from './facts.ts';
import { type Form, readForm } from './forms.ts';
import type { Html, Piece } from './html.ts';
import { type Brand, drawPage, drawProblem, type Page, type View } from './page.ts';

export type DoorParts = FactsParts & {
  cookies: Cookies;
  buyers: Pick<Buyers, 'portalGeneration' | 'byId'>;
  /** The language of the buyer's conversation. */
  languageOf: (buyer: string) => Promise<PageLanguage>;
  style: Html;
  now: () => Date;
};

/** A buyer who is let in: their session, what they may see, and how it is drawn. */
export type Caller = { session: PortalSession; facts: BuyerFacts; view: View; brand: Brand };

export type Problem = keyof Omit<PageWords['problems'], 'sendNew'>;

/** Before anything is on sale. */
const NO_BRAND = 'Baton';
const MOST_NUMBERS = 4;

/** Who is let in. Whatever a page shows comes from the facts of the buyer whose session it is. */
export class Door {
  readonly parts: DoorParts;

  constructor(parts: DoorParts) {
    this.parts = parts;
  }

  /** The buyer whose session this browser has. Without one it is told so, and this is undefined. */
  async enter(request: Request, response: Response, path = pathOf(request)): Promise<Caller | undefined> {
    const { cookies, now, timeZone, style } = this.parts;
    const at = now();
    const session = await cookies.session(request, at);
    const facts = session && (await this.factsOf(session, at));
    if (!session || !facts) {
      this.refuse(request, response, 401, 'noSession');
      return undefined;
    }
    const language = cookies.language(request) ?? (await this.parts.languageOf(facts.buyer.id));
    const isProven = session.provenUntil !== undefined && session.provenUntil > at;
    const formToken = cookies.formToken(session);
    const words = PAGE_WORDS[language];
    const view = { language, words, timeZone, now: at, style, formToken, path, isProven };
    return { session, facts, view, brand: brandOf(projectsShown(facts), facts.homes.length > 0) };
  }

  /**
   * The form that a buyer has sent from one of their own pages; a file in it has at most `mostFileBytes`. Undefined
   * when it is something else, which the browser has been told.
   */
  async form(
    request: Request,
    response: Response,
    { session }: Caller,
    mostFileBytes = 0,
  ): Promise<(Form & { isTooLarge: boolean }) | undefined> {
    const site = request.headers['sec-fetch-site'];
    const read =
      site === undefined || site === 'same-origin' ? await readForm(request, mostFileBytes) : FOREIGN;
    if (read.kind === 'broken') {
      this.refuse(request, response, 400, 'broken');
      return undefined;
    }
    const token = read.kind === 'foreign' ? '' : (read.form.fields.get('form') ?? '');
    if (read.kind === 'foreign' || !this.parts.cookies.isOwnForm(session, token)) {
      this.refuse(request, response, 403, 'forbidden');
      return undefined;
    }
    return { ...read.form, isTooLarge: read.kind === 'too_large' };
  }

  /** Shows a page to a buyer. */
  show(
    response: Response,
    { view, brand }: Pick<Caller, 'view' | 'brand'>,
    page: Omit<Page, 'brand'>,
    status = 200,
  ): void {
    send(response, status, drawPage(view, { ...page, brand }));
  }

  /** A page for whoever has no session: no tabs, and the developer whose homes are on sale. */
  async open(request: Request, response: Response, draw: (view: View) => Omit<Page, 'brand'>): Promise<void> {
    const { cookies, timeZone, style, now } = this.parts;
    const language = cookies.language(request) ?? 'en';
    const words = PAGE_WORDS[language];
    const view = {
      language,
      words,
      timeZone,
      style,
      now: now(),
      formToken: '',
      path: pathOf(request),
      isProven: false,
    };
    const brand = brandOf(await this.parts.projectsOnSale(), false);
    send(response, 200, drawPage(view, { ...draw(view), brand, isSession: false }));
  }

  /** Says in both languages what is the matter; in one, where the browser has chosen it. */
  refuse(
    request: Request,
    response: Response,
    status: number,
    problem: Problem,
    action?: (language: PageLanguage) => Piece,
  ): void {
    // What is still coming in is read and thrown away: a browser shows an answer only then.
    request.resume();
    const chosen = this.parts.cookies.language(request);
    const languages = chosen ? [chosen] : PAGE_LANGUAGES;
    send(response, status, drawProblem(this.parts.style, languages, problem, action));
  }

  /** What the session's buyer may see; undefined once their links have been revoked. */
  private async factsOf({ buyer, generation }: PortalSession, now: Date): Promise<BuyerFacts | undefined> {
    const { buyers } = this.parts;
    if ((await buyers.portalGeneration(buyer)) !== generation) return undefined;
    const today = await buyers.byId(buyer);
    return today ? factsOf(this.parts, today._id, now) : undefined;
  }
}

const FOREIGN = { kind: 'foreign' } as const;

/** The path that a browser shows, for the language switch: without what was said of the last form. */
function pathOf({ originalUrl }: Request): string {
  const url = new URL(originalUrl, 'http://portal');
  for (const passing of ['language', 'done', 'problem']) url.searchParams.delete(passing);
  return `${url.pathname}${url.search}`;
}

/** Compressed where the browser takes it; form tokens are masked anew in each page, so that its length tells nothing. */
function send(response: Response, status: number, page: Html): void {
  response.status(status).type('html').vary('Accept-Encoding');
  if (!response.req.acceptsEncodings('gzip')) response.send(page.text);
  else response.set('Content-Encoding', 'gzip').send(gzipSync(page.text));
}

/** Those that the buyer has booked in, else those they have visited, else all. */
function projectsShown({ homes, projects, visits }: BuyerFacts): Project[] {
  const own = homes.flatMap(({ project }) => project ?? []);
  const seen = visits.flatMap(({ project }) => projects.get(project) ?? []);
  return own.length > 0 ? own : seen.length > 0 ? seen : [...projects.values()];
}

function brandOf(projects: readonly Project[], hasHomes: boolean): Brand {
  const reraNumbers = [...new Set(projects.map(({ reraNumber }) => reraNumber))].slice(0, MOST_NUMBERS);
  return { name: projects[0]?.developer ?? NO_BRAND, reraNumbers, hasHomes };
}
