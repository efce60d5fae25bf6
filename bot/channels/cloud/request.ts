import http from 'node:http';
import https from 'node:https';
import { connectionFailure } from './errors.ts';

/** Calls to Graph. Node's own client: the same call by `fetch` costs over three times the CPU. */

/** What came back; `body` is undefined when it was cut off or is not JSON. */
export type Answer = { status: number; retryAfter: string | undefined; body: unknown };

/** A body as pieces that are written one after the other, so that a file is not copied into its envelope. */
export type PostRequest = {
  path: string;
  contentType: string;
  pieces: (string | Buffer)[];
  timeoutMs: number;
};

/** Everything that carries the access token. No redirect is ever followed with it. */
export type Client = {
  /** Resolves with any answer; rejects with a `ChannelError` when there is none. */
  post(request: PostRequest): Promise<Answer>;
  /** As `post`; safe to repeat. */
  get(request: { path: string; timeoutMs: number }): Promise<Answer>;
  /** Whether the token may be sent to this address: the API itself, or a host of Meta's. */
  trusts(url: URL): boolean;
  /**
   * Opens a file; resolves once its headers are in, whatever the status, and rejects with a `ChannelError`
   * without them. Throws when the address is not to be trusted.
   */
  open(url: URL, timeoutMs: number): Promise<http.IncomingMessage>;
};

/** Shorter than a server's own limit, so that a request rarely meets a connection that is just being closed. */
const IDLE_CONNECTION_MS = 4000;

/** Where Meta keeps the files that Graph points to. */
const META_HOSTS = /^(lookaside\.fbsbx\.com|([a-z0-9-]+\.)+(whatsapp\.net|fbcdn\.net))$/;

/** Meta's file hosts turn away a request without one. */
const USER_AGENT = 'Baton';

/** Connections to `apiUrl` are kept and shared; `path`s are appended to it. */
export function createClient(apiUrl: string, accessToken: string): Client {
  const base = new URL(apiUrl);
  const { request, Agent } = base.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS });
  const target = { hostname: base.hostname, port: base.port, agent };
  const prefix = base.pathname.replace(/\/+$/, '');
  const authorization = `Bearer ${accessToken}`;
  const trusts = (url: URL): boolean =>
    url.origin === base.origin ||
    (url.protocol === 'https:' && url.port === '' && META_HOSTS.test(url.hostname));

  return {
    post({ path, contentType, pieces, timeoutMs }) {
      const length = pieces.reduce((total, piece) => total + Buffer.byteLength(piece), 0);
      const headers = { authorization, 'content-type': contentType, 'content-length': length };
      const call = request({ ...target, method: 'POST', path: prefix + path, headers });
      return exchange(call, pieces, timeoutMs);
    },
    get({ path, timeoutMs }) {
      return exchange(request({ ...target, path: prefix + path, headers: { authorization } }), [], timeoutMs);
    },
    trusts,
    async open(url, timeoutMs) {
      if (!trusts(url)) throw new Error('the access token is not for this host');
      const headers = { authorization, 'user-agent': USER_AGENT };
      return answered((url.protocol === 'https:' ? https : http).get(url, { headers }), timeoutMs);
    },
  };
}

function exchange(
  request: http.ClientRequest,
  pieces: (string | Buffer)[],
  timeoutMs: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = limit(request, timeoutMs);
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(connectionFailure(error));
    });
    request.on('response', (response) => {
      readAnswer(response, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
    for (const piece of pieces.slice(0, -1)) request.write(piece);
    request.end(pieces.at(-1));
  });
}

/** The beginning of an answer; reading the rest, within a time, is the caller's. */
function answered(request: http.ClientRequest, timeoutMs: number): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = limit(request, timeoutMs);
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(connectionFailure(error));
    });
    request.on('response', (response) => {
      clearTimeout(timer);
      resolve(response);
    });
  });
}

function limit(request: http.ClientRequest, timeoutMs: number): NodeJS.Timeout {
  return setTimeout(() => {
    const connecting = request.socket === null || request.socket.connecting;
    request.destroy(Object.assign(new Error('timeout'), { code: connecting ? 'ECONNTIMEOUT' : 'timeout' }));
  }, timeoutMs);
}

/** A cut or garbled answer reads as undefined: its status still counts, its words do not. */
function readAnswer(response: http.IncomingMessage, done: (answer: Answer) => void): void {
  const status = response.statusCode ?? 0;
  const retryAfter = response.headers['retry-after'];
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
  });
  response.on('end', () => done({ status, retryAfter, body: parseJson(text) }));
  response.on('error', () => done({ status, retryAfter, body: undefined }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
