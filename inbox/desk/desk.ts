import type { IncomingHttpHeaders } from 'node:http';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, Router } from 'express';
import { type ConnectParts, createConnectRouter, type Health } from './connect.ts';
import { createDocumentsRouter, type PaperSource } from './documents.ts';
import { createLock } from './lock.ts';

/** One way to WhatsApp, as the desk shows it. */
export type TransportState = {
  id: string;
  kind: 'web' | 'cloud' | 'sandbox';
  health: Health;
  /** Since when it is connected, or is not. */
  since: Date;
};

export type DeskParts = ConnectParts & {
  /** The primary one first. */
  transports: () => TransportState[];
  /** Undefined: the desk opens on this machine only. */
  password: string | undefined;
  /** Papers of buyers. */
  papers: PaperSource;
  timeZone: string;
};

const PAGE_FOLDER = fileURLToPath(new URL('./page/', import.meta.url));

/** The managers' pages, to be mounted at `/desk`. Nobody gets past the lock; what nobody knows is passed on. */
export function createDesk({ transports, password, papers, timeZone, ...connect }: DeskParts): Router {
  const router = Router();
  router.use(createLock(password, connect.now), notStored, onlyOwnPages);
  router.get('/', page('overview.html'));
  router.get('/state', (_request, response) => {
    response.json({ now: connect.now(), transports: transports() });
  });
  router.get('/connect', page('connect.html'));
  router.use('/connect', createConnectRouter(connect));
  router.use('/documents', createDocumentsRouter({ papers, timeZone, log: connect.log }));
  router.use(express.static(PAGE_FOLDER, { index: false, redirect: false }));
  return router;
}

const notStored: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

/** A browser gives its password to any page that makes it ask us: only our own pages may change something. */
const onlyOwnPages: RequestHandler = ({ method, headers }, response, next) => {
  if (method === 'GET' || method === 'HEAD' || isFromOwnPage(headers)) next();
  else response.status(403).json({ error: 'forbidden', message: 'Only the desk itself may ask for this.' });
};

function isFromOwnPage({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  if (site !== undefined) return site === 'same-origin';
  // Over plain http from another machine browsers say only where the page came from.
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

function page(name: string): RequestHandler {
  return (_request, response, next) => {
    response.sendFile(name, { root: PAGE_FOLDER }, (error) => error && next(error));
  };
}
