import { fileURLToPath } from 'node:url';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { ApiError } from './apiArguments.ts';
import { type MemberActions, MemberMistake } from './memberActions.ts';
import type { PageStream } from './pageStream.ts';
import type { Screens } from './screens.ts';
import { sendFile, type TransferParts } from './transfers.ts';

/** The page on which people use the team's side: its files, its stream, and what its buttons do. */

export type PageParts = Pick<TransferParts, 'workspace' | 'store'> & {
  members: MemberActions;
  screens: Screens;
  stream: PageStream;
};

const STATIC = fileURLToPath(new URL('./static', import.meta.url));
const MAX_BODY = '70mb';

/** Only this server's own scripts and styles run; the page may be framed by pages of this server. */
const POLICY = [
  "default-src 'self'",
  "img-src 'self' data: https:",
  "frame-ancestors 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const entry = z.union([z.string(), z.array(z.string()), z.null()]);
const entries = z.record(z.string(), z.record(z.string(), entry));
const use = { actionId: z.string(), blockId: z.string().optional(), entry: entry.optional(), entries };
const inChannel = { as: z.string(), channel: z.string() };
const onMessage = { ...inChannel, ts: z.string() };
const onView = { as: z.string(), viewId: z.string() };

type PageAction = (body: unknown) => unknown;

export function pageRouter(parts: PageParts): Router {
  const router = express.Router();
  const actions = pageActions(parts);
  router.get('/', (request, response, next) => showPage(request, response, next));
  router.get('/archives/:channel/:link', (request, response) => followPermalink(request, response));
  router.get('/page/stream', (request, response) => parts.stream.open(String(request.query.as), response));
  router.get('/page/file/:id', (request, response) => sendFile(parts, request.params.id, response));
  router.post('/page/do/:action', express.json({ limit: MAX_BODY }), async (request, response) => {
    const action = actions[String(request.params.action)];
    if (!action) response.status(404).json({ error: 'There is no such action.' });
    else await answer(response, () => action(request.body));
  });
  router.use(express.static(STATIC, { index: false }));
  return router;
}

function pageActions({ members, workspace, screens }: PageParts): Record<string, PageAction> {
  const attached = z.object({ name: z.string().min(1).max(255), base64: z.string() });
  const post = z.object({
    ...inChannel,
    text: z.string().max(40_000),
    threadTs: z.string().optional(),
    files: z.array(attached).max(10).default([]),
  });
  return {
    post: action(post, ({ as, channel, text, threadTs, files }) => {
      const bytes = files.map(({ name, base64 }) => ({ name, bytes: Buffer.from(base64, 'base64') }));
      const message = members.post(as, channel, text, { files: bytes, ...(threadTs ? { threadTs } : {}) });
      return { ts: message.ts };
    }),
    edit: action(z.object({ ...onMessage, text: z.string().min(1).max(40_000) }), (given) =>
      members.edit(given.as, given.channel, given.ts, given.text),
    ),
    delete: action(z.object(onMessage), ({ as, channel, ts }) => members.delete(as, channel, ts)),
    react: action(z.object({ ...onMessage, name: z.string().regex(/^[\w+-]+$/) }), (given) =>
      members.toggleReaction(given.as, given.channel, given.ts, given.name),
    ),
    read: action(z.object(onMessage), ({ as, channel, ts }) => workspace.markRead(as, channel, ts)),
    dismiss: action(z.object({ as: z.string(), ts: z.string() }), ({ as, ts }) =>
      screens.dismissEphemeral(as, ts),
    ),
    click: action(z.object({ ...onMessage, ...use }), (given) =>
      members.click(given.as, given.channel, given.ts, given),
    ),
    clickInView: action(z.object({ ...onView, ...use }), (given) =>
      members.clickInView(given.as, given.viewId, given),
    ),
    submit: action(z.object({ ...onView, entries }), ({ as, viewId, entries }) =>
      members.submit(as, viewId, entries),
    ),
    closeView: action(z.object({ ...onView, all: z.boolean().default(false) }), ({ as, viewId, all }) =>
      members.closeView(as, viewId, all),
    ),
    command: action(z.object({ ...inChannel, command: z.string(), text: z.string() }), (given) =>
      members.command(given.as, given.channel, given.command, given.text),
    ),
    shortcut: action(z.object({ ...onMessage, callbackId: z.string() }), (given) =>
      members.messageShortcut(given.as, given.channel, given.ts, given.callbackId),
    ),
    openHome: action(z.object({ as: z.string() }), ({ as }) => members.openHome(as)),
  };
}

function action<T>(schema: z.ZodType<T>, perform: (given: T) => unknown): PageAction {
  return (body) => {
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw new MemberMistake('The page sent something unexpected.');
    return perform(parsed.data);
  };
}

async function answer(response: Response, perform: () => unknown): Promise<void> {
  try {
    response.json((await perform()) ?? {});
  } catch (error) {
    if (!(error instanceof MemberMistake || error instanceof ApiError)) throw error;
    response.status(400).json({ error: error.message });
  }
}

function showPage(request: Request, response: Response, next: NextFunction): void {
  // The page's links are relative, so its address must end in a slash.
  const [path = '', query] = request.originalUrl.split('?');
  if (!path.endsWith('/')) {
    response.redirect(`${path}/${query ? `?${query}` : ''}`);
    return;
  }
  response.set('Content-Security-Policy', POLICY);
  response.sendFile('index.html', { root: STATIC }, (error) => (error ? next(error) : undefined));
}

function followPermalink(request: Request, response: Response): void {
  const digits = String(request.params.link).slice(1);
  const ts = `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  const thread = typeof request.query.thread_ts === 'string' ? `/${request.query.thread_ts}` : '';
  const channel = encodeURIComponent(String(request.params.channel));
  response.redirect(`${request.baseUrl}/#/${channel}/${ts}${encodeURI(thread)}`);
}
