import { type OpenAI, toFile, type Uploadable } from 'openai';
import { z } from 'zod';
import { type Answer, type ModelLimits, ModelServer, type ModelServerOptions } from './modelServer.ts';

/** 15 s in all and 9 s for one attempt, unless told otherwise. */
export type TranscriberOptions = ModelServerOptions & Partial<ModelLimits>;

/** What a file is, by content. */
export type Recording = { mimeType: string; sizeBytes: number };

const LIMITS: ModelLimits = { limitMs: 15_000, attemptLimitMs: 9_000 };
/** OpenAI takes 25 MB, the form around the file included. */
const MOST_BYTES = 24 * 1024 * 1024;
/** More than a buyer says in one note: what a server of one's own goes on to invent is cut off. */
const MOST_CHARACTERS = 20_000;
/** What the model takes, with the ending by which it tells them apart. */
const ENDINGS = new Map([
  ['audio/flac', 'flac'],
  ['audio/mp4', 'm4a'],
  ['audio/mpeg', 'mp3'],
  ['audio/ogg', 'ogg'],
  ['audio/wav', 'wav'],
  ['audio/webm', 'webm'],
]);

const Reply = z.object({
  text: z.string(),
  usage: z
    .object({ type: z.literal('tokens'), input_tokens: z.number(), output_tokens: z.number() })
    .optional()
    // Some models count seconds, and servers of one's own nothing.
    .catch(undefined),
});

/** Has a model write down what is said in a voice note. Never throws, and never takes longer than its limit. */
export class Transcriber {
  private readonly model: string;
  private readonly server: ModelServer;

  constructor(options: TranscriberOptions) {
    this.model = options.model;
    this.server = new ModelServer({ ...LIMITS, ...options });
  }

  /** Whether the model takes such a file at all. */
  takes({ mimeType, sizeBytes }: Recording): boolean {
    return ENDINGS.has(mimeType) && sizeBytes > 0 && sizeBytes <= MOST_BYTES;
  }

  /**
   * The words of a recording, empty when nobody speaks in it; undefined when it was not taken, when the model gave
   * no answer of use, or when `stop` broke it off.
   */
  async transcribe(bytes: Buffer, mimeType: string, stop?: AbortSignal): Promise<string | undefined> {
    if (!this.takes({ mimeType, sizeBytes: bytes.length })) return undefined;
    // A name of our own: the sender's is nobody's business.
    const file = await toFile(bytes, `voice.${ENDINGS.get(mimeType)}`, { type: mimeType });
    return this.server.ask((client, signal) => this.put(file, client, signal), stop);
  }

  private async put(file: Uploadable, client: OpenAI, signal: AbortSignal): Promise<Answer<string>> {
    const response = await client.audio.transcriptions.create(
      { file, model: this.model, response_format: 'json' },
      { signal },
    );
    const reply = Reply.safeParse(response);
    if (!reply.success) return { outcome: 'misshapen' };
    const { text, usage } = reply.data;
    return {
      outcome: 'answered',
      value: text.trim().slice(0, MOST_CHARACTERS),
      ...(usage && {
        tokens: { prompt: usage.input_tokens, cached: 0, completion: usage.output_tokens },
      }),
    };
  }
}
