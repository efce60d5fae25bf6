import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import express, { type ErrorRequestHandler, type Router } from 'express';
import type { Logger } from 'pino';

/** Meta allows 3 MB per webhook. */
const MAX_BODY = '3mb';

/**
 * The webhook's HTTP side: verification, signature, size, and when to let Meta retry.
 * `receive` gets the signed bytes; 200 is answered once it resolves, 503 when it throws.
 * Mount it before any body parser: the signature covers the raw bytes.
 */
export function cloudWebhook(options: {
  appSecret: string;
  verifyToken: string;
  log: Logger;
  receive: (body: Buffer) => Promise<void>;
}): Router {
  const { appSecret, verifyToken, log, receive } = options;
  const router = express.Router();

  router.get('/', (request, response) => {
    const { 'hub.mode': mode, 'hub.verify_token': token, 'hub.challenge': challenge } = request.query;
    const verified = mode === 'subscribe' && typeof token === 'string' && sameText(token, verifyToken);
    if (verified && typeof challenge === 'string') response.type('text/plain').send(challenge);
    else response.sendStatus(403);
  });

  // Compressed bodies are refused (415): Meta sends none, and a bomb would be inflated before the signature is checked.
  const rawBody = express.raw({ type: () => true, limit: MAX_BODY, inflate: false });
  router.post('/', rawBody, async (request, response) => {
    const body: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (!isSigned(body, request.get('x-hub-signature-256'), appSecret)) {
      log.warn('webhook refused: signature missing or wrong');
      response.sendStatus(401);
      return;
    }
    try {
      await receive(body);
      response.sendStatus(200);
    } catch (error) {
      log.error({ err: error }, 'webhook not stored; the provider will send it again');
      response.sendStatus(503);
    }
  });

  router.use(answerBodyErrors);
  return router;
}

function isSigned(body: Buffer, header: string | undefined, appSecret: string): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(header ?? '')?.[1];
  if (hex === undefined) return false;
  return timingSafeEqual(createHmac('sha256', appSecret).update(body).digest(), Buffer.from(hex, 'hex'));
}

/** Compares digests: equal lengths, so that the time taken tells nothing about the secret. */
function sameText(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/** The body reader's refusals (413 too large, 415 compressed, 400 cut off) are answers, not faults of ours. */
const answerBodyErrors: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (typeof status === 'number' && status >= 400 && status < 500) response.sendStatus(status);
  else next(error);
};
