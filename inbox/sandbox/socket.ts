import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { APP } from './seeds.ts';
import { type Attempt, type Envelope, NotAcknowledged, type Transport } from './transport.ts';

/** Socket Mode: the app dials in, events go down the socket and acknowledgements come up. */

const PING_EVERY_MS = 10_000;
const CLOSE_WITHIN_MS = 1000;

const ackSchema = z.object({ envelope_id: z.string(), payload: z.unknown().optional() });

type Waiting = { settle: (payload: unknown) => void; fail: (error: Error) => void; socket: WebSocket };

export class SocketMode implements Transport {
  readonly #log: Logger;
  readonly #ackTimeoutMs: number;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #tickets = new Set<string>();
  readonly #sockets: WebSocket[] = [];
  readonly #waiting = new Map<string, Waiting>();
  #arrivals: (() => void)[] = [];
  #path = '/sandbox/slack/socket';

  constructor(ackTimeoutMs: number, log: Logger) {
    this.#ackTimeoutMs = ackTimeoutMs;
    this.#log = log;
  }

  get connections(): number {
    return this.#sockets.length;
  }

  /** Answers upgrades at `path` of this server; all other upgrades are left to others. */
  attach(server: Server, path: string): void {
    this.#path = path;
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** The address for one connection, on the host the app used; works once. */
  issueUrl(host: string, secure: boolean): string {
    const ticket = randomUUID();
    this.#tickets.add(ticket);
    return `${secure ? 'wss' : 'ws'}://${host}${this.#path}?ticket=${ticket}&app_id=${APP.appId}`;
  }

  async send(envelope: Envelope, attempt: Attempt): Promise<unknown> {
    const socket = this.#nextSocket();
    if (!socket) throw new NotAcknowledged('not_connected');
    const envelopeId = randomUUID();
    const acknowledged = this.#acknowledgement(envelopeId, socket);
    socket.send(
      JSON.stringify({
        type: envelope.type,
        envelope_id: envelopeId,
        payload: envelope.payload,
        accepts_response_payload: envelope.type !== 'events_api',
        ...(envelope.type === 'events_api'
          ? { retry_attempt: attempt.number, retry_reason: attempt.reason ?? '' }
          : {}),
      }),
    );
    return acknowledged;
  }

  reachable(): Promise<void> {
    if (this.#sockets.length > 0) return Promise.resolve();
    return new Promise((resolve) => this.#arrivals.push(resolve));
  }

  /** Ends all connections: `warned` asks the app to reconnect, `cut` just goes away. */
  disconnect(manner: 'warned' | 'cut'): void {
    for (const socket of this.#sockets) {
      if (manner === 'warned')
        socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }));
      else socket.terminate();
    }
  }

  /** Ends connections in an orderly way, so that an app that is itself stopping sees no failure. */
  async close(): Promise<void> {
    const open = [...this.#sockets];
    const left = Promise.all(open.map((socket) => once(socket, 'close')));
    for (const socket of open) socket.close(1001);
    await Promise.race([left, delay(CLOSE_WITHIN_MS, undefined, { ref: false })]);
    for (const socket of this.#sockets) socket.terminate();
    this.#server.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname !== this.#path) return;
    if (!this.#tickets.delete(url.searchParams.get('ticket') ?? '')) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#welcome(webSocket));
  }

  #welcome(socket: WebSocket): void {
    const pinging = setInterval(() => socket.ping(), PING_EVERY_MS);
    pinging.unref();
    socket.on('message', (data) => this.#receive(data));
    socket.on('error', (error) => this.#log.warn({ err: error }, 'The Socket Mode connection failed'));
    socket.on('close', () => {
      clearInterval(pinging);
      this.#leave(socket);
    });
    this.#sockets.push(socket);
    const hello = {
      type: 'hello',
      num_connections: this.#sockets.length,
      connection_info: { app_id: APP.appId },
    };
    socket.send(JSON.stringify(hello));
    this.#log.info({ connections: this.#sockets.length }, 'The app is connected by Socket Mode');
    for (const arrived of this.#arrivals.splice(0)) arrived();
  }

  #leave(socket: WebSocket): void {
    this.#sockets.splice(this.#sockets.indexOf(socket), 1);
    for (const [id, waiting] of this.#waiting) {
      if (waiting.socket !== socket) continue;
      this.#waiting.delete(id);
      waiting.fail(new NotAcknowledged('connection_failed'));
    }
  }

  #receive(data: RawData): void {
    const ack = ackSchema.safeParse(parseJson(data.toString()));
    if (!ack.success) return;
    const waiting = this.#waiting.get(ack.data.envelope_id);
    this.#waiting.delete(ack.data.envelope_id);
    waiting?.settle(ack.data.payload);
  }

  #acknowledgement(envelopeId: string, socket: WebSocket): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(envelopeId);
        reject(new NotAcknowledged('timeout'));
      }, this.#ackTimeoutMs);
      const ended =
        <T>(finish: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          finish(value);
        };
      this.#waiting.set(envelopeId, { settle: ended(resolve), fail: ended(reject), socket });
    });
  }

  /** Slack gives each event to any one of the connections. */
  #nextSocket(): WebSocket | undefined {
    const socket = this.#sockets.shift();
    if (socket) this.#sockets.push(socket);
    return socket?.readyState === WebSocket.OPEN ? socket : this.#sockets.find(isOpen);
  }
}

function isOpen(socket: WebSocket): boolean {
  return socket.readyState === WebSocket.OPEN;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
