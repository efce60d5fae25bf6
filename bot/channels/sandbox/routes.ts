import { fileURLToPath } from 'node:url';
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import helmet from 'helmet';
import { z } from 'zod';
import type { Files } from './files.ts';
import type { FromBuyer } from './fromBuyer.ts';
import type { BuyerMessage } from './message.ts';
import { type Phones, summarize } from './phones.ts';
import { Problem } from './problem.ts';
import * as requests from './requests.ts';
import { PAGE_MESSAGES, type Streams } from './streams.ts';
import type { ToBuyer } from './toBuyer.ts';

const PAGE_FOLDER = fileURLToPath(new URL('./page/', import.meta.url));

type Dependencies = {
  phones: Phones;
  files: Files;
  fromBuyer: FromBuyer;
  toBuyer: ToBuyer;
  streams: Streams;
  isStopped: () => boolean;
};

/** The page at `/` and its endpoints under `/api`. Errors are `{error: {code, field?, message}}`. */
export function createPhoneRouter(deps: Dependencies): Router {
  const router = Router();
  router.use(pageSecurity);
  router.get('/', withTrailingSlash);
  router.use(express.static(PAGE_FOLDER, { index: 'index.html', redirect: false }));
  router.use('/api', refuseWhenStopped(deps.isStopped), readRoutes(deps), express.json({ limit: '512kb' }));
  router.use('/api', writeRoutes(deps), refuseUnknown);
  router.use(tellProblem);
  return router;
}

/** Nothing but this server's own files runs, and only its own pages may frame this one. */
const pageSecurity = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'self'"],
      objectSrc: ["'none'"],
    },
  },
  // The sandbox is served over plain http on a developer's machine.
  strictTransportSecurity: false,
});

/** The page's relative addresses need the slash after the mount path. */
function withTrailingSlash(request: Request, response: Response, next: NextFunction): void {
  const [path = '', query] = request.originalUrl.split('?', 2);
  if (path.endsWith('/')) next();
  else response.redirect(308, `${request.baseUrl}/${query === undefined ? '' : `?${query}`}`);
}

function readRoutes({ phones, files, streams }: Dependencies): Router {
  const router = Router();
  router.get('/stream', (request, response) => {
    streams.open(request, response, requests.streamQuery.parse(request.query).phone);
  });
  router.get('/phones', (_request, response) => {
    response.json({ phones: phones.summaries() });
  });
  router.get('/chats/:number', (request, response) => {
    const { before } = requests.chatPage.parse(request.query);
    response.json(phones.page(numberOf(request), PAGE_MESSAGES, before));
  });
  router.get('/files/:messageId', async (request, response) => {
    const body = phones.message(request.params.messageId)?.message.body;
    const bytes = body?.kind === 'file' ? await files.get(body.sha256) : undefined;
    if (body?.kind !== 'file' || !bytes) {
      throw new Problem({ status: 404, code: 'notFound', message: 'No such file.' });
    }
    sendFile(response, body, bytes);
  });
  return router;
}

function writeRoutes({ phones, fromBuyer, toBuyer }: Dependencies): Router {
  const router = Router();
  router.post('/phones', (request, response) => {
    const phone = phones.add(requests.newPhone.parse(request.body).name);
    if (!phone)
      throw new Problem({ status: 409, code: 'noneFree', message: 'Every invented number is taken.' });
    response.status(201).json({ phone: summarize(phone) });
  });
  router.post('/chats/:number/messages', async (request, response) => {
    const { key, text, quoted } = requests.newText.parse(request.body);
    const writing = { key, body: { kind: 'text' as const, text }, ...(quoted && { quoted }) };
    answer(response, await fromBuyer.write(numberOf(request), writing));
  });
  router.post('/chats/:number/taps', async (request, response) => {
    answer(response, await fromBuyer.tap(numberOf(request), requests.newTap.parse(request.body)));
  });
  router.post('/chats/:number/retries', async (request, response) => {
    answer(response, await fromBuyer.retry(numberOf(request), requests.retry.parse(request.body).key));
  });
  router.post('/chats/:number/read', (request, response) => {
    toBuyer.readUpTo(numberOf(request), requests.readUpTo.parse(request.body).upTo);
    response.status(204).end();
  });
  router.post('/chats/:number/locations', async (request, response) => {
    const { key, ...place } = requests.newLocation.parse(request.body);
    answer(response, await fromBuyer.write(numberOf(request), { key, body: { kind: 'location', ...place } }));
  });
  router.post('/chats/:number/contacts', async (request, response) => {
    const { key, ...card } = requests.newContact.parse(request.body);
    answer(response, await fromBuyer.write(numberOf(request), { key, body: { kind: 'contact', ...card } }));
  });
  router.post('/chats/:number/calls', async (request, response) => {
    const { key, video } = requests.newCall.parse(request.body);
    answer(response, await fromBuyer.write(numberOf(request), { key, body: { kind: 'call', video } }));
  });
  router.post('/chats/:number/reactions', async (request, response) => {
    const { key, ...reaction } = requests.newReaction.parse(request.body);
    answer(response, await fromBuyer.react(numberOf(request), key, reaction));
  });
  router.post('/chats/:number/edits', async (request, response) => {
    const { key, ...edit } = requests.newEdit.parse(request.body);
    answer(response, await fromBuyer.edit(numberOf(request), key, edit));
  });
  router.post('/chats/:number/revocations', async (request, response) => {
    const { key, ...revocation } = requests.newRevocation.parse(request.body);
    answer(response, await fromBuyer.revoke(numberOf(request), key, revocation));
  });
  const rawFile = express.raw({ type: () => true, limit: requests.MAX_ATTACHMENT_BYTES });
  router.post('/chats/:number/attachments', checkAttachment, rawFile, async (request, response) => {
    const { key, ...about } = requests.newAttachment.parse(request.query);
    const bytes: unknown = request.body;
    if (!Buffer.isBuffer(bytes) || bytes.length === 0) {
      throw new Problem({ status: 400, code: 'invalid', field: 'body', message: 'The file is empty.' });
    }
    const mimeType = requests.attachmentType.parse(request.get('content-type'));
    answer(response, await fromBuyer.attach(numberOf(request), key, { ...about, mimeType, bytes }));
  });
  return router;
}

function numberOf(request: Request): string {
  return requests.numberParameter.parse(request.params).number;
}

/** Refuses what can be refused before megabytes are read. */
function checkAttachment(request: Request, _response: Response, next: NextFunction): void {
  requests.newAttachment.parse(request.query);
  if (!requests.attachmentType.safeParse(request.get('content-type')).success) {
    const message = 'Only pictures, videos, recordings, PDFs, office documents and texts can be sent.';
    throw new Problem({ status: 415, code: 'unsupported', field: 'content-type', message });
  }
  next();
}

/** 200 when the app has the message, 202 while it waits for the channel, 502 when the app refused it. */
function answer(response: Response, message: BuyerMessage): void {
  const statuses: Partial<Record<BuyerMessage['state'], number>> = { sent: 202, undelivered: 502 };
  response.status(statuses[message.state] ?? 200).json({ message });
}

/** Types a browser may show in a tab of its own; everything else is only ever saved. */
const SHOWN = /^(application\/pdf|image\/(jpeg|png|webp|gif|heic)|(audio|video)\/[a-z0-9.+-]+)$/;

function sendFile(response: Response, file: { fileName: string; mimeType: string }, bytes: Buffer): void {
  const shown = SHOWN.test(file.mimeType);
  // `attachment` writes the file name safely for any script; the browser is then told to show it.
  response.attachment(file.fileName);
  const disposition = String(response.getHeader('Content-Disposition'));
  response.setHeader(
    'Content-Disposition',
    shown ? disposition.replace(/^attachment/, 'inline') : disposition,
  );
  response.setHeader('Content-Type', shown ? file.mimeType : 'application/octet-stream');
  response.setHeader(
    'Content-Security-Policy',
    "default-src 'self'; object-src 'self'; frame-ancestors 'self'",
  );
  response.setHeader('Cache-Control', 'private, max-age=3600');
  response.end(bytes);
}

function refuseWhenStopped(isStopped: () => boolean) {
  return (_request: Request, _response: Response, next: NextFunction): void => {
    if (isStopped()) throw new Problem({ status: 503, code: 'stopped', message: 'The sandbox has stopped.' });
    next();
  };
}

function refuseUnknown(): void {
  throw new Problem({ status: 404, code: 'notFound', message: 'There is nothing here.' });
}

function tellProblem(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  const problem = toProblem(error);
  if (!problem || response.headersSent) {
    next(error);
    return;
  }
  const { status, code, field, message } = problem;
  response.status(status).json({ error: { code, ...(field && { field }), message } });
}

const bodyParserError = z.object({ status: z.number().min(400).max(499), type: z.string() });

/** What to tell about an error that the request caused; undefined for a fault of ours. */
function toProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof z.ZodError) {
    const issue = error.issues[0];
    const field = issue?.path.join('.') || 'body';
    const tooLarge = issue?.code === 'too_big';
    const [status, code] = tooLarge ? [413, 'tooLarge'] : [400, 'invalid'];
    return new Problem({ status, code, field, message: issue?.message ?? 'Not valid.' });
  }
  const parsed = bodyParserError.safeParse(error);
  if (!parsed.success) return undefined;
  const { status, type } = parsed.data;
  const message = status === 413 ? 'The body is too large.' : 'The body could not be read.';
  return new Problem({
    status,
    code: type === 'entity.too.large' ? 'tooLarge' : 'invalid',
    field: 'body',
    message,
  });
}
