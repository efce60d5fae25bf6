import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { isMissingFile } from './files.ts';

const WRITE_DELAY_MS = 200;

/** One JSON file, written a moment after the last change and replaced whole, so that a crash never halves it. */
export class StateFile<State> {
  readonly #path: string;
  readonly #read: () => State;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** `read` gives the state to write at the moment of writing. */
  constructor(options: { path: string; read: () => State; log: Logger }) {
    this.#path = options.path;
    this.#read = options.read;
    this.#log = options.log;
    mkdirSync(dirname(options.path), { recursive: true });
  }

  /** Asks for a write soon; calls within the delay share one write. */
  touch(): void {
    this.#timer ??= setTimeout(() => {
      this.flush().catch((error) => this.#log.error({ err: error }, 'sandbox phones were not saved'));
    }, WRITE_DELAY_MS).unref();
  }

  /** Writes now, after any write under way. Rejects when the disk refuses. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.catch(() => {}).then(() => this.#replace());
    return this.#writing;
  }

  async #replace(): Promise<void> {
    const next = `${this.#path}.next`;
    await mkdir(dirname(this.#path), { recursive: true });
    await writeFile(next, JSON.stringify(this.#read()), { mode: 0o600 });
    await rename(next, this.#path);
  }
}

/**
 * What an earlier run saved; undefined when there is no file. A file that cannot be understood is set aside
 * under a `.broken` name and logged, so that a damaged sandbox still starts.
 */
export function loadState<State>(path: string, schema: z.ZodType<State>, log: Logger): State | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    renameSync(path, `${path}.broken`);
    // Only the kind of error: its text may quote a message.
    log.error(
      { reason: error instanceof Error ? error.name : 'unknown' },
      'saved sandbox phones were unreadable and were set aside',
    );
    return undefined;
  }
}
