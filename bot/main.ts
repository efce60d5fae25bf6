import type { Server } from 'node:http';
import { pathToFileURL } from 'node:url';
import { type Logger, pino } from 'pino';
import { LANGUAGES } from '../flows/types.ts';
import { AppError } from '../models/error.ts';
import { type Config, readConfig } from './config.ts';
import { type Context, createContext, type Overrides, prepareDatabase } from './context.ts';
import { boundHeap } from './heap.ts';
import { showPairing } from './pairing.ts';
import { createHttpServer, listen } from './server.ts';
import { Sweep } from './sweep.ts';

const DRAIN_MS = 10_000;
/** Drawing a brochure holds everything up for a moment: what an earlier run left unfinished goes first. */
const WARM_AFTER_MS = 5_000;
const EXIT_WRONG_SETUP = 2;

/** The running product: made, started and ended on one screen. */
export class Baton {
  readonly context: Context;
  private readonly server: Server;
  private readonly sweep: Sweep;
  private warmUp: NodeJS.Timeout | undefined;
  private warming: Promise<void> = Promise.resolve();

  private constructor(context: Context) {
    this.context = context;
    this.server = createHttpServer(context);
    this.sweep = new Sweep(context.sweepTasks, context.log);
  }

  /** Connects the database and makes every part. Throws with one clear line when something is set up wrong. */
  static async create(config: Config, log: Logger, overrides: Overrides = {}): Promise<Baton> {
    const context = await createContext(config, log, overrides);
    await prepareDatabase(context);
    return new Baton(context);
  }

  /** Opens the doors, then goes on with what an earlier run left unfinished. */
  async start(): Promise<void> {
    const { config, gateway, inbox, scheduler, portfolio, web, log } = this.context;
    // A first enquiry must find its brochure made.
    await portfolio.warm('en', new Date());
    await listen(this.server, config.port);
    const pageUrl = `http://localhost:${config.port}/desk/connect`;
    if (web) showPairing(web, { terminal: process.stderr, pageUrl, log });
    await gateway.start();
    if (config.roles.has('inbox')) await inbox.start();
    if (config.roles.has('worker')) await scheduler.start();
    this.sweep.start();
    this.warmUp = setTimeout(() => {
      this.warming = this.warm();
    }, WARM_AFTER_MS);
  }

  /** The remaining brochures, one after the other, so that none keeps an answer waiting for long. */
  private async warm(): Promise<void> {
    const { portfolio, log } = this.context;
    try {
      for (const language of LANGUAGES) await portfolio.warm(language, new Date());
    } catch (error) {
      log.error({ err: error }, 'the brochures could not be made ahead');
    }
  }

  /** Takes nothing new, ends what is under way, and closes. What is unfinished is owed in the database. */
  async destroy(): Promise<void> {
    const { turns, caseTurns, noticeTurns, homeTurns, channelTurns } = this.context;
    const { replyTurns, handOnTurns, showTurns, campaignTurns, boardTurns } = this.context;
    const { media, scheduler, inbox, gateway, localSlack, database, config } = this.context;
    await this.sweep.stop();
    clearTimeout(this.warmUp);
    await this.warming;
    await campaignTurns.drain();
    await this.context.erasureTurns.drain();
    await turns.drain();
    await media.drain();
    await caseTurns.drain();
    await noticeTurns.drain();
    await homeTurns.drain();
    await channelTurns.drain();
    await boardTurns.drain();
    if (config.roles.has('worker')) await scheduler.stop();
    await inbox.stop();
    for (const shown of [replyTurns, handOnTurns, showTurns]) await shown.drain();
    await gateway.stop();
    await localSlack?.close();
    await closeServer(this.server);
    await database.close();
  }
}

/** Idle and streaming connections are cut; a request under way gets a moment to end. */
async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), 1_000);
  await closed;
  clearTimeout(cut);
}

/** Runs the product until SIGTERM or SIGINT. Exit code 2 and one line when it is set up wrong. */
async function run(): Promise<void> {
  boundHeap();
  const config = readConfig(process.env);
  const log = createLog(config.logLevel);
  const baton = await Baton.create(config, log);
  const starting = baton.start();
  let isStopping = false;
  const stop = async (signal: string) => {
    // Ctrl-C reaches us twice under npm: once from the terminal, once passed on.
    if (isStopping) return;
    isStopping = true;
    log.info({ signal }, 'draining');
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    // A signal during the start waits for it: half-open doors cannot be closed in order.
    await starting.catch(() => undefined);
    await baton.destroy();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      stop(signal).catch((error: unknown) => {
        log.error({ err: error }, 'the drain failed');
        process.exit(1);
      });
    });
  }
  try {
    await starting;
  } catch (error) {
    await baton.destroy();
    throw error;
  }
  announce(config, log);
}

/** Logs with identifiers only: bodies, tokens and phone numbers are cut out wherever they turn up. */
function createLog(level: string): Logger {
  const secret = ['token', 'authorization', 'phone', 'text', 'body', 'from', 'to', 'content', 'raw'];
  return pino({
    level,
    serializers: { err: withoutNumbers },
    redact: { paths: secret.flatMap((name) => [name, `*.${name}`, `err.*.${name}`]), censor: '[redacted]' },
  });
}

/** An error as it may be logged: a database error can quote the very document, and so a buyer's number. */
function withoutNumbers(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: masked(String(error)) };
  const { code, info } = error as Partial<AppError>;
  return {
    type: error.name,
    message: masked(error.message),
    ...(code !== undefined && { code }),
    ...(info !== undefined && { info }),
    stack: masked(error.stack ?? ''),
    ...(error.cause !== undefined && { cause: withoutNumbers(error.cause) }),
  };
}

function masked(text: string): string {
  return text.replace(/\+?\d{10,15}/g, '[number]');
}

function announce(config: Config, log: Logger): void {
  const isSandbox = config.whatsapp.transport === 'sandbox' || config.slack.mode === 'sandbox';
  const page = isSandbox ? `http://localhost:${config.port}/sandbox` : `port ${config.port}`;
  log.info({ transport: config.whatsapp.transport, slack: config.slack.mode }, `Baton is ready: ${page}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  run().catch((error: unknown) => {
    const isSetup = error instanceof AppError && error.code === 'config';
    const words = error instanceof Error ? error.message : String(error);
    process.stderr.write(`baton: ${words}\n`);
    process.exit(isSetup || error instanceof Error ? EXIT_WRONG_SETUP : 1);
  });
}
