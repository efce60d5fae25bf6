import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readEntities } from './entities.ts';

/**
 * Phrases with the days, moments, amounts and references that they name. `known` grew with the rules; each `unseen` file
 * was written by somebody else after the rules were frozen, and `firstRead` is how many of them the rules of that day
 * read exactly as written there.
 */
export const PHRASE_FILES = {
  known: { firstRead: 131 },
  'unseen-1': { firstRead: 104 },
  'unseen-2': { firstRead: 105 },
  'unseen-3': { firstRead: 111 },
} as const;

export type PhraseFile = keyof typeof PHRASE_FILES;

/** Example: `{"id":"s001","now":"2026-11-23T10:00:00+05:30","text":"main kal nahi, parso aaunga","date":"2026-11-25"}` */
const Phrase = z.object({
  id: z.string(),
  now: z.iso.datetime({ offset: true }),
  text: z.string(),
  date: z.iso.date().optional(),
  at: z.iso.datetime({ offset: true }).optional(),
  amountPaise: z.int().optional(),
  budgetPaise: z.int().optional(),
  utr: z.string().optional(),
  configuration: z.string().optional(),
  identity: z.array(z.enum(['pan', 'aadhaar', 'card', 'account'])).optional(),
});
type Phrase = z.infer<typeof Phrase>;

const TIME_ZONE = 'Asia/Kolkata';

/** How many phrases a file has, and of each that is not read exactly what was expected and what was read. */
export function readPhrases(file: PhraseFile): { count: number; misses: string[] } {
  const path = fileURLToPath(new URL(`./phrases/${file}.jsonl`, import.meta.url));
  const phrases = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => Phrase.parse(JSON.parse(line)));
  return { count: phrases.length, misses: phrases.map(missOf).filter((miss) => miss !== undefined) };
}

function missOf({ id, now, text, ...expected }: Phrase): string | undefined {
  const { bargains: _, ...read } = readEntities(text, { now: new Date(now), timeZone: TIME_ZONE });
  const wanted = sorted({
    // A budget is the amount that the message names as well.
    ...(expected.budgetPaise === undefined ? {} : { amountPaise: expected.budgetPaise }),
    ...expected,
    ...(expected.at === undefined ? {} : { at: new Date(expected.at) }),
  });
  const got = sorted(read);
  return wanted === got ? undefined : `${id} "${text}": expected ${wanted}, read ${got}`;
}

function sorted(entities: object): string {
  return JSON.stringify(Object.fromEntries(Object.entries(entities).sort(([a], [b]) => a.localeCompare(b))));
}
