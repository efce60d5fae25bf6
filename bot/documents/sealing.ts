import { createCipheriv, createDecipheriv } from 'node:crypto';
import { AppError } from '../../models/error.ts';

/**
 * Bytes sealed with AES-256-GCM piece by piece, so that a large file never lies in memory and nothing of it is
 * handed out before it has been verified. Each piece is bound to its place and to the file by its nonce and its
 * additional data; the last one is marked, so that a file that was cut short is found out (the STREAM construction:
 * Hoang, Reyhanitabar, Rogaway, Vizár 2015). A key seals one file and never another.
 */

const PIECE_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const CIPHER = 'aes-256-gcm';

/** Seals `plain` for the file that `bound` names. `key` has 32 bytes and was never used before. */
export async function* seal(
  key: Buffer,
  bound: string,
  plain: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  for await (const { piece, index, isLast } of pieces(plain, PIECE_BYTES)) {
    const cipher = createCipheriv(CIPHER, sized(key), nonceOf(index, isLast), { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(bound));
    yield Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()]);
  }
}

/** Opens what `seal` made. Throws `AppError` `vault_tampered` at the first piece that is not as it was sealed. */
export async function* unseal(
  key: Buffer,
  bound: string,
  sealed: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  for await (const { piece, index, isLast } of pieces(sealed, PIECE_BYTES + TAG_BYTES)) {
    if (piece.length < TAG_BYTES) throw tampered();
    const decipher = createDecipheriv(CIPHER, sized(key), nonceOf(index, isLast), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(bound));
    decipher.setAuthTag(piece.subarray(-TAG_BYTES));
    const plain = decipher.update(piece.subarray(0, -TAG_BYTES));
    try {
      decipher.final();
    } catch (error) {
      throw tampered(error);
    }
    yield plain;
  }
}

/** Pieces of one size, the last one shorter or of that size; of nothing at all one empty piece. */
async function* pieces(
  source: AsyncIterable<Buffer>,
  size: number,
): AsyncGenerator<{ piece: Buffer; index: number; isLast: boolean }> {
  let held = Buffer.alloc(0);
  let index = 0;
  for await (const chunk of source) {
    held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
    // What fills a piece exactly may be the last one: it waits for what follows.
    while (held.length > size) {
      yield { piece: held.subarray(0, size), index, isLast: false };
      held = held.subarray(size);
      index += 1;
    }
  }
  yield { piece: held, index, isLast: true };
}

/** The number of the piece, then whether it is the last one: 12 bytes. */
function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(index), 3);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
}

function sized(key: Buffer): Buffer {
  if (key.length !== KEY_BYTES) throw new RangeError('a key has 32 bytes');
  return key;
}

function tampered(cause?: unknown): AppError {
  return new AppError('vault_tampered', 'the bytes are not as they were sealed', { cause });
}
