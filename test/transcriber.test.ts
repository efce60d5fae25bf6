import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Metrics } from '../bot/metrics.ts';
import type { ModelCall } from '../bot/understand/modelServer.ts';
import { Transcriber } from '../bot/understand/transcriber.ts';
import { createOpenAiStandIn, type OpenAiStandIn } from './standins/openai.ts';
import { until } from './until.ts';

/** How a recording is put to the model, and everything that can come back. */

const RECORDING = Buffer.from('OggS and what Sunita said');

let standIn: OpenAiStandIn;
let baseUrl: string;
let calls: ModelCall[];
let logged: string;
let clock: Date;
let transcriber: Transcriber;

beforeEach(async () => {
  standIn = createOpenAiStandIn();
  standIn.transcribe = () => ' Sunita wants the brochure \n';
  baseUrl = await standIn.start();
  calls = [];
  logged = '';
  clock = new Date('2026-11-23T10:00:00+05:30');
  transcriber = newTranscriber();
});
afterEach(() => standIn.stop());

function newTranscriber(options: { limitMs?: number; attemptLimitMs?: number } = {}): Transcriber {
  return new Transcriber({
    apiKey: 'stand-in-key',
    baseUrl,
    model: 'ear',
    ...options,
    onCall: (call) => calls.push(call),
    now: () => clock,
    log: pino({ level: 'trace' }, { write: (line) => (logged += line) }),
  });
}

function outcomes(): string[] {
  return calls.map(({ outcome }) => outcome);
}

describe('a recording', () => {
  it('goes to the model byte for byte, under a name of ours, and comes back as words with what they cost', async () => {
    expect(await transcriber.transcribe(RECORDING, 'audio/ogg')).toBe('Sunita wants the brochure');
    expect(standIn.heard).toEqual([
      { model: 'ear', fileName: 'voice.ogg', mimeType: 'audio/ogg', bytes: RECORDING },
    ]);
    expect(calls).toEqual([
      {
        outcome: 'answered',
        tookMs: expect.any(Number),
        tokens: { prompt: 30, cached: 0, completion: 9 },
      },
    ]);
    expect(logged).not.toContain('Sunita');
  });

  it('in which nobody speaks has no words, and that is an answer', async () => {
    standIn.transcribe = () => ' ';
    expect(await transcriber.transcribe(RECORDING, 'audio/mp4')).toBe('');
    expect(outcomes()).toEqual(['answered']);
  });

  it.each([
    ['of more than 24 MB', 'audio/ogg', 24 * 1024 * 1024 + 1],
    ['of a kind that the model does not take', 'audio/amr', 5],
    ['that is no sound', 'application/pdf', 5],
    ['that is empty', 'audio/ogg', 0],
  ])('%s is not sent', async (_what, mimeType, sizeBytes) => {
    expect(transcriber.takes({ mimeType, sizeBytes })).toBe(false);
    expect(await transcriber.transcribe(Buffer.alloc(sizeBytes), mimeType)).toBeUndefined();
    expect(standIn.heard).toEqual([]);
    expect(calls).toEqual([]);
  });

  it.each<[string, OpenAiStandIn['voiceFaults'][number]]>([
    ['failed', { kind: 'status', status: 500 }],
    ['limited', { kind: 'status', status: 429, retryAfterSeconds: 0 }],
    ['unreachable', { kind: 'cut' }],
    ['timeout', { kind: 'silent' }],
    ['timeout', { kind: 'slow' }],
  ])('is sent whole once more when the first attempt is %s, and not a third time', async (outcome, fault) => {
    const impatient = newTranscriber({ attemptLimitMs: 1_500 });
    standIn.voiceFaults.push(fault);
    expect(await impatient.transcribe(RECORDING, 'audio/ogg')).toBe('Sunita wants the brochure');
    expect(standIn.heard.map(({ bytes }) => bytes)).toEqual([RECORDING, RECORDING]);
    standIn.voiceFaults.push(fault, fault);
    expect(await impatient.transcribe(RECORDING, 'audio/ogg')).toBeUndefined();
    expect(standIn.heard).toHaveLength(4);
    expect(outcomes()).toEqual(['answered', outcome]);
  });

  it.each<[string, OpenAiStandIn['voiceFaults'][number]]>([
    ['rejected', { kind: 'status', status: 400 }],
    ['rejected', { kind: 'status', status: 404 }],
    ['misshapen', { kind: 'body', body: '{}' }],
    ['misshapen', { kind: 'body', body: '{"text":7}' }],
    ['misshapen', { kind: 'body', body: '<html>' }],
  ])('is not sent again when it is %s: it would be the same', async (outcome, fault) => {
    standIn.voiceFaults.push(fault);
    expect(await transcriber.transcribe(RECORDING, 'audio/ogg')).toBeUndefined();
    expect(standIn.heard).toHaveLength(1);
    expect(outcomes()).toEqual([outcome]);
    expect(logged).toContain(outcome);
    expect(logged).not.toContain('Sunita');
  });

  it('is not waited for longer than the limit', async () => {
    standIn.voiceFaults.push({ kind: 'silent' });
    expect(await newTranscriber({ limitMs: 200 }).transcribe(RECORDING, 'audio/ogg')).toBeUndefined();
    expect(outcomes()).toEqual(['timeout']);
  });

  it('may be broken off, which says nothing of the model', async () => {
    const stop = new AbortController();
    standIn.voiceFaults.push({ kind: 'silent' });
    const asked = transcriber.transcribe(RECORDING, 'audio/ogg', stop.signal);
    await until('the question', () => standIn.heard.length === 1);
    stop.abort();
    expect(await asked).toBeUndefined();
    expect(await transcriber.transcribe(RECORDING, 'audio/ogg', stop.signal)).toBeUndefined();
    expect(standIn.heard).toHaveLength(1);
    expect(calls).toEqual([]);
    expect(logged).toBe('');
  });

  it('is not sent for half a minute after five failures in a row', async () => {
    for (let failures = 0; failures < 5; failures += 1) {
      standIn.voiceFaults.push({ kind: 'status', status: 404 });
      await transcriber.transcribe(RECORDING, 'audio/ogg');
    }
    expect(await transcriber.transcribe(RECORDING, 'audio/ogg')).toBeUndefined();
    expect(standIn.heard).toHaveLength(5);
    expect(outcomes().at(-1)).toBe('skipped');
    clock = new Date(clock.getTime() + 30_000);
    expect(await transcriber.transcribe(RECORDING, 'audio/ogg')).toBe('Sunita wants the brochure');
  });

  it('is counted apart from what is read', async () => {
    const metrics = new Metrics();
    const tokens = { prompt: 30, cached: 0, completion: 9 };
    metrics.transcribed({ outcome: 'answered', tookMs: 1_500, tokens });
    metrics.transcribed({ outcome: 'timeout', tookMs: 15_000 });
    const text = await metrics.registry.metrics();
    expect(text).toContain('baton_openai_transcription_seconds_sum{outcome="answered"} 1.5');
    expect(text).toContain('baton_openai_transcription_seconds_count{outcome="timeout"} 1');
    expect(text).toContain('baton_openai_transcription_tokens_total{kind="completion"} 9');
    expect(text).not.toContain('baton_openai_seconds_count{outcome="answered"}');
  });
});
