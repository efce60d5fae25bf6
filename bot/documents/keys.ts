import { createCipheriv, createDecipheriv, createHmac, type Hmac, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '../../models/error.ts';

/** What SECRET_KEY and SECRET_KEY_PREVIOUS hold. */
export type Secrets = { current: string; previous?: string };

/** A document's key as the database holds it: the secret that wrapped it, by its name, and the wrapped key. */
export type WrappedKey = { secret: string; key: string };

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/**
 * The keys that follow from SECRET_KEY: one that wraps the keys of documents, one that hashes their content. A
 * secret is known by a name that follows from it and tells nothing of it, so that after a change of SECRET_KEY
 * each document still says which secret opens it.
 */
export class Keyring {
  /** The name of the secret that wraps what is new. */
  readonly current: string;
  private readonly keys: ReadonlyMap<string, { wrapping: Buffer; hashing: Buffer }>;

  constructor({ current, previous }: Secrets) {
    this.current = nameOf(current);
    this.keys = new Map(
      [current, previous]
        .filter((secret) => secret !== undefined)
        .map((secret) => [
          nameOf(secret),
          {
            wrapping: derivedKey(secret, 'vault: wrapping of document keys, 1'),
            hashing: derivedKey(secret, 'vault: hashing of content, 1'),
          },
        ]),
    );
  }

  /** Wraps a document's key. `bound` is what it belongs to: it opens only together with the same words. */
  wrap(key: Buffer, bound: string): WrappedKey {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.of(this.current).wrapping, nonce, {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(Buffer.from(bound));
    const wrapped = Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
    return { secret: this.current, key: wrapped.toString('base64') };
  }

  /**
   * The document's key. Throws `vault_key_unknown` when neither secret wrapped it, and `vault_tampered` when it, or
   * what it is bound to, was altered.
   */
  unwrap({ secret, key }: WrappedKey, bound: string): Buffer {
    const bytes = Buffer.from(key, 'base64');
    const { wrapping } = this.of(secret);
    try {
      const decipher = createDecipheriv(CIPHER, wrapping, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(bound));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch (error) {
      throw new AppError('vault_tampered', 'the key is not as it was wrapped', { cause: error });
    }
  }

  /** Hashes of one content under every known secret, the current one first: feed all, then `digests`. */
  hashes(): ContentHashes {
    const names = [this.current, ...[...this.keys.keys()].filter((name) => name !== this.current)];
    return new ContentHashes(names.map((name) => createHmac('sha256', this.of(name).hashing)));
  }

  private of(name: string): { wrapping: Buffer; hashing: Buffer } {
    const known = this.keys.get(name);
    if (known) return known;
    throw new AppError(
      'vault_key_unknown',
      'neither SECRET_KEY nor SECRET_KEY_PREVIOUS opens this document',
      {
        info: { secret: name },
      },
    );
  }
}

/** Keyed hashes of bytes that pass by. */
export class ContentHashes {
  private readonly hashes: Hmac[];

  constructor(hashes: Hmac[]) {
    this.hashes = hashes;
  }

  update(bytes: Buffer): void {
    for (const hash of this.hashes) hash.update(bytes);
  }

  /** In hexadecimal, the current secret's first. Once. */
  digests(): [string, ...string[]] {
    const [first = '', ...others] = this.hashes.map((hash) => hash.digest('hex'));
    return [first, ...others];
  }
}

/**
 * A key of 32 bytes for one purpose, from SECRET_KEY by HKDF-SHA256 (RFC 5869). Each purpose has a key of its own:
 * whoever learns one of them learns nothing of the others.
 */
export function derivedKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'baton', purpose, 32));
}

function nameOf(secret: string): string {
  return derivedKey(secret, 'vault: name of this secret, 1').toString('hex').slice(0, 12);
}
