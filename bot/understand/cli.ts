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
 */

const USAGE = 'usage: npm run --silent understand -- [--engine local] [--now <ISO time>] < messages.jsonl';
const Line = z.object({ id: z.union([z.string(), z.number()]), text: z.string() });

type Settings = { understander: Understander; now: Date; timeZone: string };

async function run(): Promise<number> {
  const settings = readSettings();
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
  return badLines > 0 ? 2 : 0;
}

/** The settings of this run, or what is wrong with them. */
function readSettings(): Settings | string {
  const timeZone = process.env.TIMEZONE || 'Asia/Kolkata';
  if (!IANAZone.isValidZone(timeZone)) return `TIMEZONE is not a known time zone: ${timeZone}`;
  try {
    const { values } = parseArgs({ options: { engine: { type: 'string' }, now: { type: 'string' } } });
    const { engine = 'local' } = values;
    if (engine !== 'local') return `--engine must be local, not ${engine}`;
    const now = values.now === undefined ? DateTime.now() : DateTime.fromISO(values.now, { zone: timeZone });
    if (!now.isValid) return `--now must be an ISO time such as 2026-11-23T10:00:00+05:30, not ${values.now}`;
    return { understander: createLocalUnderstander(), now: now.toJSDate(), timeZone };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
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
