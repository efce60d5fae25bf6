import express, { type Request, type Response, type Router } from 'express';
import { bearer } from './api.ts';
import type { Uploads } from './apiFiles.ts';
import type { FileStore } from './fileStore.ts';
import type { Workspace } from './workspace.ts';

/** The hosts that take and give files' bytes. */

export type TransferParts = { workspace: Workspace; store: FileStore; uploads: Uploads; botToken: string };

const MAX_UPLOAD = '50mb';

/** Types a browser may show inside the page; everything else is only downloaded. */
const SHOWN_INLINE = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** Answered to a download without a valid token, with status 200, as Slack does. */
const SIGN_IN_PAGE =
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in first.</body></html>';

/** Uploads at the announced addresses, and downloads for holders of the bot's token. */
export function transferRouter(parts: TransferParts): Router {
  const router = express.Router();
  router.post('/upload/:secret', express.raw({ type: () => true, limit: MAX_UPLOAD }), (request, response) =>
    receiveUpload(parts, request, response),
  );
  router.get('/files/:id/:name', (request, response) => download(parts, request, response));
  return router;
}

/** Sends a file's bytes; only pictures are shown in place. */
export function sendFile(
  parts: Pick<TransferParts, 'workspace' | 'store'>,
  id: string,
  response: Response,
): void {
  const file = parts.workspace.files.get(id);
  const bytes = file && parts.store.get(file.id);
  if (!file || !bytes) {
    response.status(404).type('text/plain').send('There is no such file.');
    return;
  }
  const manner = SHOWN_INLINE.has(file.mimeType) ? 'inline' : 'attachment';
  response.set('X-Content-Type-Options', 'nosniff');
  response.set('Content-Disposition', `${manner}; filename*=UTF-8''${encodeURIComponent(file.name)}`);
  response.type(file.mimeType).send(bytes);
}

async function receiveUpload(parts: TransferParts, request: Request, response: Response): Promise<void> {
  const announced = parts.uploads.bySecret(String(request.params.secret));
  const bytes = await uploadedBytes(request);
  if (!announced || bytes.length !== announced.sizeBytes) {
    response
      .status(announced ? 400 : 404)
      .type('text/plain')
      .send('The upload was not accepted.');
    return;
  }
  parts.store.put(announced.fileId, bytes);
  announced.received = true;
  response.type('text/plain').send(`OK - ${bytes.length}`);
}

function download(parts: TransferParts, request: Request, response: Response): void {
  if (bearer(request) !== parts.botToken) {
    response.type('html').send(SIGN_IN_PAGE);
    return;
  }
  sendFile(parts, String(request.params.id), response);
}

/** The bytes of an upload, sent as they are or as the one file of a form. */
async function uploadedBytes(request: Request): Promise<Buffer> {
  const body: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const contentType = request.get('content-type') ?? '';
  if (!contentType.startsWith('multipart/form-data')) return body;
  const form = await new globalThis.Response(new Uint8Array(body), {
    headers: { 'content-type': contentType },
  }).formData();
  for (const part of form.values()) {
    if (typeof part !== 'string') return Buffer.from(await part.arrayBuffer());
  }
  return Buffer.alloc(0);
}
