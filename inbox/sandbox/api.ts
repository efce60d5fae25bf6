import { setTimeout as delay } from 'node:timers/promises';
import express, { type Request, type Response, type Router } from 'express';
import type { Logger } from 'pino';
import { ApiError, type ApiMethod, type Arguments } from './apiArguments.ts';
import type { ApiFault, Faults } from './faults.ts';
import type { ResponseUrls } from './responseUrls.ts';
import type { Origin } from './wire.ts';

/** The Web API over HTTP: tokens, forms and JSON, faults, a log of calls, and response URLs. */

/** One call, for tests. Tokens are left out. `error` is Slack's code, `http_<status>` or `dropped`. */
export type ApiCall = { method: string; args: Arguments; at: Date; error?: string };

/** What the app may do in the workspace, and whether it is still in it. */
export type Installation = { isInstalled: boolean; scopes: string[] };

export type Tokens = { botToken: string; appToken: string; signingSecret: string };

export type ApiParts = {
  methods: Record<string, ApiMethod>;
  /** Refuses a call that the app was not installed for. @throws ApiError `missing_scope` */
  checkScopes: (method: string, args: Arguments) => void;
  installation: Installation;
  /** The address for a Socket Mode connection on the given host. */
  socketUrl: (host: string, secure: boolean) => string;
  tokens: Tokens;
  faults: Faults;
  responseUrls: ResponseUrls;
  origin: Origin;
  calls: ApiCall[];
  now: () => Date;
  log: Logger;
};

const MAX_CALLS_KEPT = 2000;
const MAX_BODY = '4mb';

export function apiRouter(parts: ApiParts): Router {
  const router = express.Router();
  const bodies = [
    express.urlencoded({ extended: false, limit: MAX_BODY }),
    express.json({ limit: MAX_BODY }),
  ];
  router.all('/api/:method', ...bodies, (request, response) => callMethod(parts, request, response));
  router.post('/response/:id', express.json({ limit: MAX_BODY }), (request, response) =>
    useResponseUrl(parts, request, response),
  );
  return router;
}

async function callMethod(parts: ApiParts, request: Request, response: Response): Promise<void> {
  const method = String(request.params.method);
  const args = argumentsOf(request);
  learnOrigin(parts.origin, request);
  const call: ApiCall = { method, args: withoutToken(args), at: parts.now() };
  parts.calls.push(call);
  if (parts.calls.length > MAX_CALLS_KEPT) parts.calls.shift();
  const fault = parts.faults.takeApiFault(
    method,
    typeof args.channel === 'string' ? args.channel : undefined,
  );
  if (fault && !(await passes(fault, call, response))) return;
  const answer = perform(parts, request, method, args);
  if (!answer.ok) call.error = String(answer.error);
  if (fault?.kind === 'dropAnswer') {
    call.error = 'dropped';
    request.socket.destroy();
    return;
  }
  response.set('x-oauth-scopes', parts.installation.scopes.join(',')).json(answer);
}

/** Whether the work is done in spite of the fault; if not, the fault has answered. */
async function passes(fault: ApiFault, call: ApiCall, response: Response): Promise<boolean> {
  switch (fault.kind) {
    case 'rateLimit':
      call.error = 'ratelimited';
      response
        .status(429)
        .set('Retry-After', String(fault.retryAfterS))
        .json({ ok: false, error: 'ratelimited' });
      return false;
    case 'httpError':
      call.error = `http_${fault.status}`;
      response.status(fault.status).type('text/plain').send('Something went wrong on our side.');
      return false;
    case 'apiError':
      call.error = fault.error;
      response.json({ ok: false, error: fault.error });
      return false;
    case 'latency':
      await delay(fault.delayMs);
      return true;
    case 'dropAnswer':
      return true;
  }
}

function perform(parts: ApiParts, request: Request, method: string, args: Arguments): Arguments {
  try {
    checkToken(parts, request, method, args);
    if (method === 'apps.connections.open') {
      return { ok: true, url: parts.socketUrl(request.get('host') ?? 'localhost', request.secure) };
    }
    const perform = parts.methods[method];
    if (!perform) throw new ApiError('unknown_method');
    parts.checkScopes(method, args);
    return { ok: true, ...perform(args) };
  } catch (error) {
    if (!(error instanceof ApiError)) {
      parts.log.error({ err: error, method }, 'A method of the local Slack failed');
      return { ok: false, error: 'internal_error' };
    }
    const { code, messages, more } = error;
    const metadata = messages.length > 0 ? { response_metadata: { messages } } : {};
    return { ok: false, error: code, ...more, ...metadata };
  }
}

function checkToken(
  { tokens, installation }: ApiParts,
  request: Request,
  method: string,
  args: Arguments,
): void {
  const token = bearer(request) ?? args.token;
  if (token === undefined || token === '') throw new ApiError('not_authed');
  if (token !== tokens.botToken && token !== tokens.appToken) throw new ApiError('invalid_auth');
  const wanted = method.startsWith('apps.connections') ? tokens.appToken : tokens.botToken;
  if (token !== wanted) throw new ApiError('not_allowed_token_type');
  if (token === tokens.botToken && !installation.isInstalled) throw new ApiError('account_inactive');
}

function useResponseUrl(parts: ApiParts, request: Request, response: Response): void {
  learnOrigin(parts.origin, request);
  try {
    parts.responseUrls.use(String(request.params.id), argumentsOf(request));
    response.type('text/plain').send('ok');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const status = error.code.endsWith('_url') ? 404 : 400;
    response.status(status).json({ ok: false, error: error.code });
  }
}

function learnOrigin(origin: Origin, request: Request): void {
  const host = request.get('host');
  if (host) origin.url = `${request.protocol}://${host}${request.baseUrl}`;
}

function argumentsOf(request: Request): Arguments {
  const body: unknown = request.body;
  return { ...request.query, ...(typeof body === 'object' && body !== null ? body : {}) };
}

function withoutToken({ token: _token, ...args }: Arguments): Arguments {
  return args;
}

/** The token of an Authorization header. */
export function bearer(request: Request): string | undefined {
  return request.get('authorization')?.match(/^Bearer (.+)$/)?.[1];
}
