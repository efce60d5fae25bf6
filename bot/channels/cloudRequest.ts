import http from 'node:http';
import https from 'node:https';
import { connectionFailure } from './cloudErrors.ts';

/** One POST to Graph. Node's own client: the same call by `fetch` costs over three times the CPU. */

/** What came back; `body` is undefined when it was cut off or is not JSON. */
export type Answer = { status: number; retryAfter: string | undefined; body: unknown };

/** A body as pieces that are written one after the other, so that a file is not copied into its envelope. */
export type PostRequest = {
  path: string;
  contentType: string;
  pieces: (string | Buffer)[];
  timeoutMs: number;
};

/** Resolves with any answer; rejects with a `ChannelError` when there is none. */
export type Post = (request: PostRequest) => Promise<Answer>;

/** Shorter than a server's own limit, so that a request rarely meets a connection that is just being closed. */
const IDLE_CONNECTION_MS = 4000;

/** Connections to `apiUrl` are kept and shared; `path`s are appended to it. */
export function createPost(apiUrl: string, accessToken: string): Post {
  const base = new URL(apiUrl);
  const { request, Agent } = base.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS });
  const target = { hostname: base.hostname, port: base.port, method: 'POST', agent };
  const prefix = base.pathname.replace(/\/+$/, '');
  const authorization = `Bearer ${accessToken}`;

  return ({ path, contentType, pieces, timeoutMs }) => {
    const length = pieces.reduce((total, piece) => total + Buffer.byteLength(piece), 0);
    const headers = { authorization, 'content-type': contentType, 'content-length': length };
    return exchange(request({ ...target, path: prefix + path, headers }), pieces, timeoutMs);
  };
}

function exchange(
  request: http.ClientRequest,
  pieces: (string | Buffer)[],
  timeoutMs: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const connecting = request.socket === null || request.socket.connecting;
      request.destroy(Object.assign(new Error('timeout'), { code: connecting ? 'ECONNTIMEOUT' : 'timeout' }));
    }, timeoutMs);
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
