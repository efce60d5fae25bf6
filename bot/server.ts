import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { AppError } from '../models/error.ts';
import type { Context } from './context.ts';

const PING_MS = 2_000;
const PAGES = fileURLToPath(new URL('./sandbox', import.meta.url));

/** The HTTP side: webhooks, health, metrics, and in sandbox mode the pages. Listens when `listen` is called. */
export function createHttpServer(context: Context): Server {
  const app = express();
  app.disable('x-powered-by');
  // Webhooks first: their signatures are over the raw bytes, so nothing may parse the body before them, and a
  // browser's security headers mean nothing to a machine.
  if (context.cloud && context.config.roles.has('gateway'))
    app.use('/webhooks/whatsapp', context.cloud.router);
  if (context.inbox.router && context.config.roles.has('inbox')) app.use(context.inbox.router);
  app.use(securityHeaders());
  mountSandbox(app, context);
  if (context.config.roles.has('gateway')) {
    app.use('/desk', context.desk);
    app.use('/portal', context.portal);
  }
  mountState(app, context);
  app.use(notFound);
  app.use(errorHandler(context.log));
  const server = createServer(app);
  context.localSlack?.attach(server);
  return server;
}

/** Resolves when the server listens. Throws an AppError `config` naming PORT when the port is taken. */
export async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? 'is already in use' : `cannot be opened (${cause.code})`;
      reject(new AppError('config', `PORT ${port} ${reason}`, { cause }));
    });
    server.listen(port, () => resolve());
  });
}

/** For everything that a browser is shown: only this server's own scripts and styles run, and only it may frame them. */
export function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'"],
      },
    },
    // TLS ends at the proxy in front; in a sandbox there is none.
    strictTransportSecurity: false,
    xFrameOptions: { action: 'sameorigin' },
  });
}

function mountSandbox(app: Express, { sandbox, localSlack }: Context): void {
  if (!sandbox && !localSlack) return;
  if (sandbox) app.use('/sandbox/phone', sandbox.router);
  if (localSlack) app.use('/sandbox/slack', localSlack.router);
  app.use('/sandbox', express.static(PAGES));
  app.get('/', (_request, response) => response.redirect('/sandbox/'));
}

function mountState(app: Express, context: Context): void {
  const { database, channels, inbox, metrics } = context;
  app.get('/health', (_request, response) => {
    response.json({ status: 'alive' });
  });
  app.get('/ready', async (_request, response) => {
    const isDatabaseUp = await database.ping(PING_MS);
    const states = {
      database: isDatabaseUp ? 'ready' : 'down',
      channel: channels[0].health(),
      slack: inbox.health(),
    };
    // Slack being away holds nobody up: cases wait for it.
    const isReady = isDatabaseUp && states.channel === 'ready';
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not ready', ...states });
  });
  app.get('/metrics', async (_request, response) => {
    const figures = await metrics.registry.metrics();
    response.type(metrics.registry.contentType).send(figures);
  });
}

const notFound: RequestHandler = (request, response) => {
  response
    .status(404)
    .json({ error: 'not_found', message: `nothing is at ${request.method} ${request.path}` });
};

/** The one place where a request's error is logged and turned into an answer. */
function errorHandler(log: Logger): ErrorRequestHandler {
  return (error: Error & { status?: number; code?: string }, request, response, next) => {
    if (response.headersSent) return next(error);
    const status = error.status && error.status >= 400 && error.status < 500 ? error.status : 500;
    if (status === 500) log.error({ err: error, path: request.path }, 'request failed');
    response.status(status).json({
      error: status === 500 ? 'internal' : 'bad_request',
      message: status === 500 ? 'try again later' : error.message,
    });
  };
}
