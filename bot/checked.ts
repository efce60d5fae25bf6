import type { Readable } from 'node:stream';
import { fileTypeOf, HEAD_BYTES } from './fileType.ts';

/** The file is not wanted: no further attempt will change that. */
export class Refusal extends Error {}

/** A file's bytes on their way: counted, and held back until the first of them have told what it is. */
export class Checked {
  private readonly source: Readable;
  private readonly declared: { mimeType: string; fileName: string };
  private readonly limitBytes: number;
  type = { mimeType: '', mismatch: '' };

  constructor(source: Readable, declared: { mimeType: string; fileName: string }, limitBytes: number) {
    this.source = source;
    this.declared = declared;
    this.limitBytes = limitBytes;
  }

  /** Throws `Refusal` before anything of a file that is not kept has gone through. */
  async *bytes(): AsyncGenerator<Buffer> {
    let head: Buffer | undefined = Buffer.alloc(0);
    let seenBytes = 0;
    for await (const chunk of this.source) {
      seenBytes += chunk.length;
      if (seenBytes > this.limitBytes) throw tooLarge(this.limitBytes);
      if (!head) {
        yield chunk;
        continue;
      }
      head = Buffer.concat([head, chunk]);
      if (head.length < HEAD_BYTES) continue;
      await this.judge(head);
      yield head;
      head = undefined;
    }
    if (!head) return;
    await this.judge(head);
    yield head;
  }

  private async judge(head: Buffer): Promise<void> {
    const found = await fileTypeOf(head.subarray(0, HEAD_BYTES), this.declared);
    if (!found.isKept) throw new Refusal(found.reason);
    this.type = { mimeType: found.mimeType, mismatch: found.mismatch ?? '' };
  }
}

export function tooLarge(limitBytes: number): Refusal {
  return new Refusal(`larger than ${Math.round(limitBytes / 1024 / 1024)} MB`);
}
