import type { Request, Response } from 'express';
import { type PhoneChange, type Phones, summarize } from './phones.ts';

const HEARTBEAT_MS = 20_000;
const RETRY_MS = 1_000;
/** A page that has stopped reading is cut off; it comes back and gets the whole state anew. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

/** Messages of a chat that a page gets at once. */
export const PAGE_MESSAGES = 200;

/**
 * Live pages as server-sent events. Every connection starts with `snapshot`, so a reconnection needs no memory
 * of what was missed; then come `message`, `typing` and `phone`, each replacing what the page had.
 */
export class Streams {
  readonly #phones: Phones;
  readonly #deskName: string;
  readonly #open = new Set<Response>();

  constructor(phones: Phones, deskName: string) {
    this.#phones = phones;
    this.#deskName = deskName;
  }

  /** Keeps the response open and feeds it with the chat of one phone and the list of all. */
  open(request: Request, response: Response, number: string): void {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    response.write(`retry: ${RETRY_MS}\n\n`);
    const phones = this.#phones.summaries();
    const chat = this.#phones.page(number, PAGE_MESSAGES);
    write(response, 'snapshot', { deskName: this.#deskName, number, phones, ...chat });
    const unsubscribe = this.#phones.subscribe((change) => this.#tell(response, number, change));
    const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS).unref();
    this.#open.add(response);
    request.on('close', () => {
      clearInterval(heartbeat);
      unsubscribe();
      this.#open.delete(response);
    });
  }

  /** Ends every stream, so that the server can close. */
  close(): void {
    for (const response of this.#open) response.end();
  }

  #tell(response: Response, number: string, change: PhoneChange): void {
    if (response.writableLength > MAX_UNREAD_BYTES) {
      response.destroy();
      return;
    }
    if (change.number === number && change.kind === 'message') write(response, 'message', change.message);
    if (change.number === number && change.kind === 'typing') write(response, 'typing', { on: change.on });
    const phone = this.#phones.find(change.number);
    if (phone && change.kind !== 'typing') write(response, 'phone', summarize(phone));
  }
}

/** JSON has no raw line breaks, so one `data:` line carries any text. */
function write(response: Response, event: string, data: unknown): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
