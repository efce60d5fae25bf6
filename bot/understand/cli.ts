import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { DateTime, IANAZone } from 'luxon';
import { z } from 'zod';
import type { Understanding } from '../../flows/types.ts';
import { createLocalUnderstander } from './local.ts';
import type { Understander } from './understander.ts';

/**
 * `npm run --silent understand -- --engine local --now 2026-11-23T10:00:00+05:30 < in.jsonl`
 * Reads one `{"id","text"}` per line and writes one answer per line, in order. A bad line is reported on stderr with
 * its number and the rest is still answered; the exit code is then 2.
 *
 * `--engine cascade` asks a model (OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL) where the local reading is unsure,
 * `--engine openai` nearly everywhere; at the end stderr says how often it answered, since the local reading stands
 * in for it.
 */

const USAGE =
  'usage: npm run --silent understand -- [--engine local|openai|cascade] [--now <ISO time>] < messages.jsonl';
const ENGINES = ['local', 'openai', 'cascade'] as const;
type Engine = (typeof ENGINES)[number];
const Line = z.object({ id: z.union([z.string(), z.number()]), text: z.string() });

type Settings = {
  understander: Understander;
  /** What became of the questions to a model, by outcome. */
  outcomes: Record<string, number>;
  now: Date;
  timeZone: string;
};

async function run(): Promise<number> {
  const settings = await readSettings();
  if (typeof settings === 'string') {
    process.stderr.write(`${settings}\n${USAGE}\n`);
    return 2;
  }
  let lineNumber = 0;
  let badLines = 0;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    lineNumber++;
    if (line.trim() === '') continue;
    const message = parseLine(line.replace(/^\ufeff/u, ''));
    if (typeof message === 'string') {
      badLines++;
      process.stderr.write(`${JSON.stringify({ line: lineNumber, error: message })}\n`);
    } else {
      await write(await answer(message, settings));
    }
  }
  if (Object.keys(settings.outcomes).length > 0)
    process.stderr.write(`${JSON.stringify({ openai: settings.outcomes })}\n`);
  return badLines > 0 ? 2 : 0;
}

/** The settings of this run, or what is wrong with them. */
async function readSettings(): Promise<Settings | string> {
  const timeZone = process.env.TIMEZONE || 'Asia/Kolkata';
  if (!IANAZone.isValidZone(timeZone)) return `TIMEZONE is not a known time zone: ${timeZone}`;
  try {
    const { values } = parseArgs({ options: { engine: { type: 'string' }, now: { type: 'string' } } });
    const { engine = 'local' } = values;
    if (!isEngine(engine)) return `--engine must be ${ENGINES.join(', ')}, not ${engine}`;
    const now = values.now === undefined ? DateTime.now() : DateTime.fromISO(values.now, { zone: timeZone });
    if (!now.isValid) return `--now must be an ISO time such as 2026-11-23T10:00:00+05:30, not ${values.now}`;
    const outcomes: Settings['outcomes'] = {};
    const understander = await understanderOf(engine, outcomes);
    return { understander, outcomes, now: now.toJSDate(), timeZone };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isEngine(name: string): name is Engine {
  return (ENGINES as readonly string[]).includes(name);
}

/** Counts into `outcomes`. Throws when a model is wanted and none is configured. */
async function understanderOf(engine: Engine, outcomes: Settings['outcomes']): Promise<Understander> {
  const local = createLocalUnderstander();
  if (engine === 'local') return local;
  // The client takes a while to load, which the local engine does not wait for.
  const [{ readConfig }, { createCascade }, { OpenAiReader }, { pino }] = await Promise.all([
    import('../config.ts'),
    import('./cascade.ts'),
    import('./openai.ts'),
    import('pino'),
  ]);
  const { openai } = readConfig(process.env);
  if (!openai) throw new Error(`--engine ${engine} needs OPENAI_API_KEY or OPENAI_BASE_URL`);
  const model = new OpenAiReader({
    ...openai,
    onCall: ({ outcome }) => {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    },
    now: () => new Date(),
    log: pino({ level: 'silent' }),
  });
  return createCascade({ local, model, ...(engine === 'openai' && { sureFrom: Number.POSITIVE_INFINITY }) });
}

/** The message on a line, or what is wrong with the line. */
function parseLine(line: string): z.infer<typeof Line> | string {
  try {
    const parsed = Line.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : 'a line must be an object with "id" and a string "text"';
  } catch {
    return 'the line is not JSON';
  }
}

async function answer(
  { id, text }: z.infer<typeof Line>,
  { understander, now, timeZone }: Settings,
): Promise<object> {
  const { intents, language, sentiment, entities } = await understander.understand(text, { now, timeZone });
  return { id, intents: intents.map(rounded), language, sentiment, ...written(entities, timeZone) };
}

function rounded({ name, confidence }: Understanding['intents'][number]): object {
  return { name, confidence: Math.round(confidence * 1000) / 1000 };
}

function written({ amountPaise, date, at, utr }: Understanding['entities'], timeZone: string): object {
  const moment = at === undefined ? undefined : DateTime.fromJSDate(at, { zone: timeZone });
  return {
    ...(amountPaise === undefined ? {} : { amountPaise }),
    ...(date === undefined ? {} : { date }),
    ...(moment === undefined ? {} : { at: moment.toISO({ suppressMilliseconds: true }) }),
    ...(utr === undefined ? {} : { utr }),
  };
}

/** Waits for a slow reader, so that a long stream is not held in memory. */
async function write(value: object): Promise<void> {
  if (!process.stdout.write(`${JSON.stringify(value)}\n`)) await once(process.stdout, 'drain');
}

process.exitCode = await run();
