import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The bytes of uploaded files: in a folder when one is given, otherwise in memory. */
export class FileStore {
  readonly #folder: string | undefined;
  readonly #memory = new Map<string, Buffer>();

  constructor(folder?: string) {
    this.#folder = folder;
    if (folder) mkdirSync(folder, { recursive: true });
  }

  put(id: string, bytes: Buffer): void {
    if (this.#folder) writeFileSync(join(this.#folder, id), bytes);
    else this.#memory.set(id, bytes);
  }

  /** The bytes, or undefined when nothing was uploaded under this id. `id` must be one the workspace gave out. */
  get(id: string): Buffer | undefined {
    if (!this.#folder) return this.#memory.get(id);
    const path = join(this.#folder, id);
    return existsSync(path) ? readFileSync(path) : undefined;
  }
}
