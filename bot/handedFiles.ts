import type { Readable } from 'node:stream';
import type { Files } from '../models/file.ts';
import { Checked, Refusal } from './checked.ts';
import { safeName } from './fileType.ts';

/** What a person's file is, once its bytes are here; or why it cannot go to a buyer. */
export type KeptFile =
  | { kind: 'kept'; fileId: string; name: string; mimeType: string; sizeBytes: number }
  | { kind: 'refused'; reason: string };

/** Keeps the files that people hand to buyers, until they have gone out and after. */
export class HandedFiles {
  private readonly files: Files;
  private readonly maxBytes: number;

  constructor(files: Files, maxBytes: number) {
    this.files = files;
    this.maxBytes = maxBytes;
  }

  /**
   * Writes the bytes under `id`; what an earlier attempt left there goes first. Its type is told by its content.
   * Rejects when the source fails or `signal` aborts.
   */
  async keep(
    { id, name: fileName, mimeType, bytes }: { id: string; name: string; mimeType: string; bytes: Readable },
    signal: AbortSignal,
  ): Promise<KeptFile> {
    await this.files.drop(id);
    const checked = new Checked(bytes, { mimeType, fileName }, this.maxBytes);
    try {
      const { sizeBytes } = await this.files.write(id, checked.bytes(), signal);
      const found = checked.type.mimeType;
      return {
        kind: 'kept',
        fileId: id,
        name: safeName(fileName, 'file', found),
        mimeType: found,
        sizeBytes,
      };
    } catch (error) {
      await this.files.drop(id);
      if (error instanceof Refusal) return { kind: 'refused', reason: error.message };
      throw error;
    } finally {
      bytes.destroy();
    }
  }
}
