import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INTENTS, type Intent } from '../../flows/types.ts';

/** One message that a buyer could write, and what it means. */
export type Example = { text: string; intent: Intent };

const DIRECTORY = fileURLToPath(new URL('./examples', import.meta.url));

/**
 * Reads `<intent>.txt` files: one message per line, `#` starts a comment line, blank lines are skipped.
 * Throws when a file is not named after an intent.
 */
export function readExamples(directory = DIRECTORY): Example[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .flatMap((file) => {
      const intent = intentNamed(basename(file, '.txt'));
      return readLines(join(directory, file)).map((text) => ({ text, intent }));
    });
}

/** A fingerprint of the examples, kept in the model so that a stale model is noticed. */
export function fingerprint(examples: Example[]): string {
  const hash = createHash('sha256');
  for (const { text, intent } of examples) hash.update(`${intent}\t${text}\n`);
  return hash.digest('hex').slice(0, 16);
}

function intentNamed(name: string): Intent {
  const intent = INTENTS.find((known) => known === name);
  if (intent === undefined) throw new Error(`examples/${name}.txt is not named after an intent`);
  return intent;
}

function readLines(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
