import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Keeps the bytes of documents and attachments by their SHA-256: in a folder, or in memory without one. */
export class Files {
  readonly #folder: string | undefined;
  readonly #memory = new Map<string, Buffer>();

  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** Keeps the bytes and gives their SHA-256 in hex. The same bytes are kept once. */
  async keep(bytes: Buffer): Promise<string> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (this.#folder === undefined) {
      this.#memory.set(sha256, Buffer.from(bytes));
    } else {
      await this.#write(this.#folder, sha256, bytes);
    }
    return sha256;
  }

  /** The bytes kept under a SHA-256, or undefined when there are none. */
  async get(sha256: string): Promise<Buffer | undefined> {
    // A reference comes from outside: only a digest may name a file.
    if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined;
    if (this.#folder === undefined) return this.#memory.get(sha256);
    try {
      return await readFile(join(this.#folder, sha256));
    } catch (error) {
      if (isMissingFile(error)) return undefined;
      throw error;
    }
  }

  async #write(folder: string, sha256: string, bytes: Buffer): Promise<void> {
    const path = join(folder, sha256);
    await mkdir(folder, { recursive: true });
    // Written under another name first: a crash must not leave half a file under the full file's digest.
    const next = `${path}.${process.hrtime.bigint()}`;
    await writeFile(next, bytes, { mode: 0o600 });
    await rename(next, path);
  }
}

/** Whether an error says that a file does not exist. */
export function isMissingFile(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
