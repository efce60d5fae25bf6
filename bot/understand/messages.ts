import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { INTENTS } from '../../flows/types.ts';

/** A line of a file of messages. Example: `{"id":"t2","text":"hii","intent":"greeting","language":"en"}` */
const LabelledMessage = z.object({
  id: z.string(),
  text: z.string(),
  intent: z.enum(INTENTS),
  language: z.string(),
});
export type LabelledMessage = z.infer<typeof LabelledMessage>;

/** Messages that were written apart from the examples, none of which is ever trained on. */
const FILES = {
  /** What the figures are measured on. */
  test: fileURLToPath(new URL('./test.jsonl', import.meta.url)),
  /** What the scale of confidence is chosen on. */
  calibration: fileURLToPath(new URL('./calibration.jsonl', import.meta.url)),
};

/** The messages of a file in order. Throws when a line is not one. */
export function readMessages(file: keyof typeof FILES): LabelledMessage[] {
  const lines = readFileSync(FILES[file], 'utf8').trim().split('\n');
  return lines.map((line) => LabelledMessage.parse(JSON.parse(line)));
}
