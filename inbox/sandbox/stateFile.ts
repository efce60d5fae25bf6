import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { type Saved, savedSchema } from './workspace.ts';

/** Saves the workspace in one JSON file, so that a restart finds channels, messages and threads again. */

/** Changes within this time are written together. */
const DEBOUNCE_MS = 200;

/** Reads the state; undefined on a fresh start. An unreadable file is set aside, not overwritten. */
export function loadState(path: string, log: Logger): Saved | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return savedSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    renameSync(path, `${path}.unreadable`);
    log.warn({ err: error, path }, 'The workspace file could not be read and was set aside');
    return undefined;
  }
}

/** Writes the state soon after a change, whole files only (a temporary file is renamed over the old one). */
export class StateWriter {
  readonly #path: string;
  readonly #save: () => Saved;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, save: () => Saved, log: Logger) {
    this.#path = path;
    this.#save = save;
    this.#log = log;
    mkdirSync(dirname(path), { recursive: true });
  }

  /** Notes that something changed. */
  touch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#writing = this.#writing.then(() => this.#write());
    }, DEBOUNCE_MS);
    this.#timer.unref();
  }

  /** Writes at once what is still owed. Synchronous at its end, so that it also works while a process ends. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
    const temporary = `${this.#path}.tmp`;
    writeFileSync(temporary, JSON.stringify(this.#save()));
    renameSync(temporary, this.#path);
  }

  async #write(): Promise<void> {
    const temporary = `${this.#path}.tmp`;
    try {
      await writeFile(temporary, JSON.stringify(this.#save()));
      await rename(temporary, this.#path);
    } catch (error) {
      this.#log.error({ err: error, path: this.#path }, 'The workspace could not be saved');
    }
  }
}
