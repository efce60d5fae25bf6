import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { z } from 'zod';

/**
 * A stand-in for a server that speaks OpenAI's chat completions with structured outputs, and its transcriptions: it
 * checks what is asked, answers as it is told, and misbehaves on request.
 * Plain node, no test framework: it also runs in a process of its own.
 */
export type OpenAiStandIn = {
  /** Listens on a free local port; resolves with the address to use as `baseUrl`. */
  start(): Promise<string>;
  stop(): Promise<void>;
  /** Every question that reached it, in order, also those that met a fault. */
  asked: Question[];
  /** What is answered to a question from now on, as the content of the answer. */
  answer: (question: Question) => object;
  /** Misbehaviour to come: each question takes the first. */
  faults: Fault[];
  /** Every recording that reached it, in order, also those that met a fault. */
  heard: Recording[];
  /** What is heard in a recording from now on; it answers when that is there. */
  transcribe: (recording: Recording) => string | Promise<string>;
  /** Misbehaviour to come: each recording takes the first. */
  voiceFaults: Exclude<Fault, { kind: 'refusal' | 'truncated' | 'content' }>[];
};

/** A file to be written down, as it came in the form. */
type Recording = { model: string; fileName: string; mimeType: string; bytes: Buffer };

type Question = z.infer<typeof Body> & {
  /** What stands in the user's turn. */
  asked: unknown;
  message: string;
};

/**
 * silent: never answers. slow: headers, and then a body that never ends. cut: drops the connection within the body.
 * status: refuses. refusal: the model would not. truncated: the answer ran into its limit. content: this instead of
 * the answer. body: this instead of a completion.
 */
export type Fault =
  | { kind: 'silent' | 'slow' | 'cut' | 'refusal' | 'truncated' }
  | { kind: 'status'; status: number; retryAfterSeconds?: number }
  | { kind: 'content'; content: string }
  | { kind: 'body'; body: string };

const Turn = z.object({ role: z.enum(['system', 'user']), content: z.string() });
const Body = z.object({
  model: z.string(),
  temperature: z.number(),
  messages: z.tuple([Turn, Turn]),
  response_format: z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({ strict: z.literal(true), schema: z.looseObject({ type: z.literal('object') }) }),
  }),
});
const Form = z.object({ model: z.string(), response_format: z.literal('json'), file: z.instanceof(File) });
const UserTurn = z.object({ asked: z.unknown(), message: z.string() });

/** Not yet listening; see `OpenAiStandIn`. */
export function createOpenAiStandIn({ apiKey = 'stand-in-key' } = {}): OpenAiStandIn {
  const asked: Question[] = [];
  const faults: Fault[] = [];
  const heard: Recording[] = [];
  const voiceFaults: OpenAiStandIn['voiceFaults'] = [];
  const server = createServer((request, response) => {
    if (request.headers.authorization !== `Bearer ${apiKey}`) return refuse(response, 401);
    if (request.method !== 'POST') return refuse(response, 404);
    if (request.url === '/v1/chat/completions') return complete(request, response);
    if (request.url === '/v1/audio/transcriptions') return transcribe(request, response);
    refuse(response, 404);
  });
  async function complete(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Body.safeParse(JSON.parse(await text(request)));
    if (!body.success) return refuse(response, 400);
    const question = { ...body.data, ...UserTurn.parse(JSON.parse(body.data.messages[1].content)) };
    asked.push(question);
    const content = () => JSON.stringify(standIn.answer(question));
    reply(response, faults.shift(), content);
  }
  async function transcribe(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = Form.safeParse(Object.fromEntries(await formOf(request)));
    if (!form.success) return refuse(response, 400);
    const { model, file } = form.data;
    const recording = {
      model,
      fileName: file.name,
      mimeType: file.type,
      bytes: Buffer.from(await file.arrayBuffer()),
    };
    heard.push(recording);
    const fault = voiceFaults.shift();
    if (fault) return misbehave(response, fault);
    send(response, transcription(await standIn.transcribe(recording)));
  }
  const standIn: OpenAiStandIn = {
    asked,
    faults,
    heard,
    voiceFaults,
    transcribe: () => '',
    answer: () => ({
      intent: 'other',
      confidence: 'low',
      also: [],
      sentiment: 'neutral',
      amount: null,
      when: null,
    }),
    async start() {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return standIn;
}

function reply(response: ServerResponse, fault: Fault | undefined, content: () => string): void {
  if (!fault) return send(response, completion({ content: content() }));
  switch (fault.kind) {
    case 'refusal':
      return send(response, completion({ content: null, refusal: 'I cannot help with that.' }));
    case 'truncated':
      return send(response, completion({ content: content().slice(0, 20) }, 'length'));
    case 'content':
      return send(response, completion({ content: fault.content }));
    default:
      return misbehave(response, fault);
  }
}

/** What can go wrong whatever was asked. */
function misbehave(response: ServerResponse, fault: OpenAiStandIn['voiceFaults'][number]): void {
  switch (fault.kind) {
    case 'silent':
      return;
    case 'slow':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"choices":');
      return;
    case 'cut':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '900' });
      response.write('{"choices":', () => response.destroy());
      return;
    case 'body':
      return send(response, fault.body);
    case 'status':
      return refuse(response, fault.status, fault.retryAfterSeconds);
  }
}

function completion(message: { content: string | null; refusal?: string }, reason = 'stop'): string {
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 0,
    model: 'stand-in',
    choices: [{ index: 0, finish_reason: reason, message: { role: 'assistant', refusal: null, ...message } }],
    usage: {
      prompt_tokens: 1_200,
      completion_tokens: 40,
      total_tokens: 1_240,
      prompt_tokens_details: { cached_tokens: 1_024 },
    },
  });
}

function transcription(words: string): string {
  const usage = { type: 'tokens', input_tokens: 30, output_tokens: 9, total_tokens: 39 };
  return JSON.stringify({ text: words, usage });
}

function refuse(response: ServerResponse, status: number, retryAfterSeconds?: number): void {
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
  send(response, JSON.stringify({ error: { message: 'no', type: 'error' } }), status);
}

function send(response: ServerResponse, body: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

async function formOf(request: IncomingMessage): Promise<FormData> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  return new Response(await buffer(request), { headers }).formData();
}
