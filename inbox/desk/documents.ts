import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import type { Logger } from 'pino';
import type { VaultDocument } from '../../models/document.ts';
import { AppError } from '../../models/error.ts';
import { userIn } from './lock.ts';

/** Where papers lie: to be looked up without a trace, or opened by somebody for a reason. */
export type PaperSource = {
  look(id: string): Promise<VaultDocument | undefined>;
  open(
    id: string,
    access: { who: string; why: string },
  ): Promise<{ document: VaultDocument; bytes: Readable } | undefined>;
};

export type DocumentsParts = { papers: PaperSource; timeZone: string; log: Logger };

/** Why somebody opens a paper: stands on the buyer's timeline beside their name. */
const REASONS = {
  review: 'Review of the paper',
  question: 'A question of the buyer',
  agreement: 'Agreement or registration',
  audit: 'Audit',
} as const;
type Reason = keyof typeof REASONS;

/** What a browser may show by itself; anything else is only handed over as a file. */
const SHOWN: ReadonlySet<string> = new Set(['application/pdf', 'image/jpeg', 'image/png', 'image/webp']);

const GONE_WORDS = 'This paper has been erased. Nobody can open it any more.';
const UNKNOWN_WORDS = 'There is no such paper.';
const UNREADABLE_WORDS =
  'This paper cannot be opened: it was altered since it was stored, or SECRET_KEY is another one. The log says which.';

/**
 * Papers of buyers for the desk, to be mounted behind its lock at `/documents`: a page that says what is on record
 * and asks why, and the paper itself, each opening written down before a byte of it is handed out.
 */
export function createDocumentsRouter(parts: DocumentsParts): Router {
  const router = Router();
  router.get('/:id', async (request, response) => {
    const document = await parts.papers.look(request.params.id);
    if (!document || document.status === 'uploading') return refuse(response, 404, UNKNOWN_WORDS);
    if (document.status === 'erased') return refuse(response, 410, GONE_WORDS);
    response.type('html').send(pageOf(document, parts.timeZone));
  });
  router.get('/:id/paper', async (request, response) => {
    const why = reasonIn(request);
    // A link from elsewhere, or a browser that reads ahead, opens nothing: people press the button on the page.
    if (!why || !isPressed(request.headers)) return response.redirect(303, pathOf(request.params.id));
    if (request.method === 'HEAD') return refuse(response, 405, '');
    await hand(parts, request.params.id, { who: whoAsks(request), why: REASONS[why] }, response);
  });
  return router;
}

async function hand(
  { papers, log }: DocumentsParts,
  id: string,
  access: { who: string; why: string },
  response: Response,
): Promise<void> {
  try {
    const opened = await papers.open(id, access);
    if (!opened) {
      const known = await papers.look(id);
      return known?.status === 'erased'
        ? refuse(response, 410, GONE_WORDS)
        : refuse(response, 404, UNKNOWN_WORDS);
    }
    await send(opened.document, opened.bytes, response);
  } catch (error) {
    if (response.headersSent) {
      log.warn({ err: error, document: id }, 'a paper was not handed out as a whole');
      response.destroy();
    } else if (error instanceof AppError) {
      refuse(response, 409, UNREADABLE_WORDS);
    } else throw error;
  }
}

/** The first piece is there, and found to be as it was sealed, before anything is said of the whole. */
async function send(document: VaultDocument, bytes: Readable, response: Response): Promise<void> {
  const pieces = bytes[Symbol.asyncIterator]();
  const first = await pieces.next();
  response.set(headersOf(document));
  await pipeline(async function* () {
    if (!first.done) yield first.value;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
  }, response);
}

function headersOf({ mimeType, fileName, kind, _id }: VaultDocument): Record<string, string> {
  const isShown = SHOWN.has(mimeType);
  const name = encodeURIComponent(fileName ?? `${kind}-${_id}`).replace(/['()*]/g, escape);
  return {
    'Content-Type': isShown ? mimeType : 'application/octet-stream',
    'Content-Disposition': `${isShown ? 'inline' : 'attachment'}; filename*=UTF-8''${name}`,
    'Content-Security-Policy':
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store, private',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'X-Robots-Tag': 'noindex',
  };
}

function reasonIn({ query }: Request): Reason | undefined {
  const why = typeof query.why === 'string' ? query.why : '';
  return Object.hasOwn(REASONS, why) ? (why as Reason) : undefined;
}

/** True for the button on our own page; browsers without these headers are believed. */
function isPressed(headers: IncomingHttpHeaders): boolean {
  const { 'sec-fetch-site': site = 'same-origin', 'sec-purpose': purpose = '' } = headers;
  return site === 'same-origin' && !`${purpose}`.includes('prefetch');
}

/** The name that was typed with the desk's password; on this machine nobody is asked for one. */
function whoAsks({ headers }: Request): string {
  return userIn(headers.authorization) || 'somebody at the desk';
}

function refuse(response: Response, status: number, words: string): void {
  response.status(status).type('text').send(`${words}\n`);
}

function pathOf(id: string): string {
  return `/desk/documents/${encodeURIComponent(id)}`;
}

function pageOf(document: VaultDocument, timeZone: string): string {
  const rows = Object.entries(recordOf(document, timeZone))
    .map(([name, value]) => `<dt>${safe(name)}</dt><dd>${safe(value)}</dd>`)
    .join('');
  const reasons = Object.entries(REASONS)
    .map(([value, words]) => `<option value="${value}">${safe(words)}</option>`)
    .join('');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Paper: ${safe(document.kind)}</title>
    <link rel="icon" href="/desk/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/desk/desk.css" />
  </head>
  <body>
    <header class="top">
      <a class="brand" href="/desk"><img src="/desk/icon.svg" alt="" width="24" height="24" />Baton desk</a>
    </header>
    <main>
      <h1>A buyer’s paper</h1>
      <p class="lead">Opening it is written down on the buyer’s timeline, with your name and the reason.</p>
      <dl class="record">${rows}</dl>
      <form class="opening" method="get" action="${safe(`${pathOf(document._id)}/paper`)}" target="_blank">
        <label>Why do you open it? <select name="why">${reasons}</select></label>
        <p class="links"><button class="button" type="submit">Open the paper</button></p>
      </form>
    </main>
  </body>
</html>
`;
}

/** Nothing of what the paper shows. */
function recordOf(document: VaultDocument, timeZone: string): Record<string, string> {
  const { kind, status, source, mimeType, sizeBytes, uploadedAt, booking, reviewedBy, warnings } = document;
  return {
    Paper: kind.replaceAll('_', ' '),
    Status: reviewedBy ? `${status} by ${reviewedBy.name}` : status,
    ...(booking !== undefined && { Booking: booking }),
    Came: `${uploadedAt.toLocaleString('en-IN', { timeZone, dateStyle: 'medium', timeStyle: 'short' })}, by ${source}`,
    File: `${mimeType || 'of unknown type'}, ${Math.ceil(sizeBytes / 1024)} KB`,
    ...(warnings.includes('mismatch') && { Note: 'its name says another type than it is' }),
  };
}

const UNSAFE: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function safe(text: string): string {
  return text.replace(/[&<>"']/g, (character) => UNSAFE[character] ?? '');
}
