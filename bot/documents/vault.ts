import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Logger } from 'pino';
import type { DocumentKind } from '../../flows/kyc/documents.ts';
import type { StaffRef } from '../../flows/types.ts';
import type { Whose } from '../../models/belongings.ts';
import {
  type Documents,
  handInOf,
  type ReviewStatus,
  type Sealed,
  type Upload,
  type VaultDocument,
} from '../../models/document.ts';
import { AppError } from '../../models/error.ts';
import type { Files } from '../../models/file.ts';
import type { Timeline } from '../../models/timeline.ts';
import type { Keyring } from './keys.ts';
import { seal, unseal } from './sealing.ts';

export type VaultParts = {
  documents: Documents;
  files: Files;
  timeline: Timeline;
  keys: Keyring;
  now: () => Date;
  newId: () => string;
  log: Logger;
};

/** Who opens a document, or erases it, and what for: both stand on the timeline. */
export type Access = { who: string; why: string };

/**
 * What became of an upload. `duplicate`: the same file was handed in for the same purpose, and is `document`.
 * `rejectedBefore`: the same file was handed in and a person could not accept it; it is kept no second time.
 */
export type Stored = { kind: 'stored' | 'duplicate' | 'rejectedBefore'; document: VaultDocument };

/** What the machine's checks already say: a file that cannot be used is kept as rejected. */
export type Verdict = { status: 'received' } | { status: 'rejected'; reason: string };

const KEY_BYTES = 32;
const TIDY_AFTER_MS = 60 * 60_000;
const STORE_LIMIT_MS = 5 * 60_000;

/**
 * Papers of buyers, each sealed with a key of its own. The key is wrapped by one that follows from SECRET_KEY and is
 * bound to document, buyer and kind, so that neither keys nor bytes can be swapped between records. Every access is
 * written down before a byte of it is handed out.
 */
export class Vault {
  private readonly parts: VaultParts;

  constructor(parts: VaultParts) {
    this.parts = parts;
  }

  /**
   * Seals and stores a paper under the id of `upload`. Doing it again under this id is a no-op, also after a crash
   * half way. Rejects when the source fails; nothing can be read of it then.
   */
  async store(
    upload: Upload,
    bytes: AsyncIterable<Buffer>,
    verdict: Verdict = { status: 'received' },
  ): Promise<Stored> {
    const { documents } = this.parts;
    const known = await documents.byId(upload._id);
    if (known && known.status !== 'uploading') return this.storedNow(known);
    const blob = `vault:${this.parts.newId()}`;
    await documents.begin(upload, blob, this.parts.now());
    try {
      return await this.fill(upload, blob, bytes, verdict);
    } catch (error) {
      await this.giveUp(upload._id, blob);
      throw error;
    }
  }

  /**
   * Opens a paper. Undefined when there is none, or it has been erased. The stream fails with `vault_tampered`
   * before it hands out anything that is not as it was sealed; `vault_key_unknown` means that SECRET_KEY is another.
   */
  async open(id: string, access: Access): Promise<{ document: VaultDocument; bytes: Readable } | undefined> {
    const document = await this.parts.documents.byId(id);
    if (!document?.sealed || document.status === 'erased') return undefined;
    const { sealed } = document;
    await this.note(document, `opened:${this.parts.newId()}`, access, `${labelOf(document)} opened`);
    const key = await this.reporting(document, async () => this.parts.keys.unwrap(sealed, boundTo(document)));
    return { document, bytes: Readable.from(this.verified(document, sealed, key), { objectMode: false }) };
  }

  /** What is on record of a paper: nothing of the paper itself, so that nobody is written down for it. */
  async look(id: string): Promise<VaultDocument | undefined> {
    return this.parts.documents.byId(id);
  }

  /**
   * A person's decision on a paper that they saw as `seen`; `reason` is a copy key that says how to send it again.
   * Undefined when somebody has decided otherwise meanwhile. The same decision again is a no-op.
   */
  async review(
    id: string,
    seen: ReviewStatus,
    decision: { status: 'accepted' } | { status: 'rejected'; reason: string },
    staff: StaffRef,
  ): Promise<VaultDocument | undefined> {
    const { documents, now } = this.parts;
    const reviewed =
      (await documents.review(id, seen, decision, staff, now())) ??
      (await this.sameReview(id, decision, staff));
    if (!reviewed) return undefined;
    const why = decision.status === 'rejected' ? decision.reason : 'reviewed';
    const what = `${labelOf(reviewed)} ${decision.status}`;
    await this.note(
      reviewed,
      `${decision.status}:${reviewed.reviewedAt?.getTime()}`,
      { who: staff.name, why },
      what,
    );
    return reviewed;
  }

  /** Destroys the key and then the bytes; the record stays, with who and why. Undefined when there is no such paper. */
  async erase(id: string, access: Access): Promise<VaultDocument | undefined> {
    const { documents, now } = this.parts;
    const document = await documents.byId(id);
    if (!document) return undefined;
    const erased = document.status === 'erased' ? document : await documents.erase(document, access, now());
    // Its bytes have moved meanwhile: from the beginning.
    if (!erased) return this.erase(id, access);
    const { erasedBy = access.who, reason: why = access.why } = erased;
    await this.note(erased, 'erased', { who: erasedBy, why }, `${labelOf(erased)} erased`);
    await this.tidyOne(erased);
    return documents.byId(id);
  }

  /** The paper is of another kind than was said: its key is bound anew. False when it has changed meanwhile. */
  async reclassify(id: string, kind: DocumentKind, staff: StaffRef): Promise<boolean> {
    const document = await this.parts.documents.byId(id);
    if (!document?.sealed || document.kind === kind) return document?.kind === kind;
    if (!(await this.rebind(document, { ...document, kind }))) return false;
    const access = { who: staff.name, why: `was sent as ${document.kind}` };
    await this.note(document, `kind:${kind}:${this.parts.newId()}`, access, `a paper is called ${kind}`);
    return true;
  }

  /**
   * Gives the papers of one conversation to another one, when both buyers are one person. Repeating it does no harm.
   * A paper that neither secret opens stays where it is.
   */
  async move(from: Whose, to: Whose): Promise<void> {
    const { documents, log } = this.parts;
    for (const document of await documents.model.find(from).lean<VaultDocument[]>()) {
      const isApplicant = document.applicant === from.buyer;
      const whose = { ...to, ...(isApplicant && { applicant: to.buyer }) };
      try {
        if (document.sealed) await this.rebind(document, { ...document, ...whose });
        else
          await documents.model.updateOne({ _id: document._id, sealed: { $exists: false } }, { $set: whose });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        log.error({ document: document._id, code: error.code }, 'a document could not follow its buyer');
      }
    }
    // Those that somebody else has sent for them.
    await documents.passApplicant(from.buyer, to.buyer);
  }

  /**
   * After a change of SECRET_KEY: wraps every key that SECRET_KEY_PREVIOUS had wrapped, and hashes its content anew.
   * Those that neither secret opens, or that were altered, are left and counted as `failed`.
   */
  async rewrap(): Promise<{ rewrapped: number; failed: number }> {
    const { documents, keys, log } = this.parts;
    const counted = { rewrapped: 0, failed: 0 };
    for await (const document of documents.wrappedByOthers(keys.current)) {
      try {
        if (await this.renew(document)) counted.rewrapped += 1;
      } catch (error) {
        log.error({ err: error, document: document._id }, 'a document could not be wrapped anew');
        counted.failed += 1;
      }
    }
    return counted;
  }

  /** Removes what uploads and erasures that were cut short have left; returns how many documents were tidied. */
  async tidy(): Promise<number> {
    const before = new Date(this.parts.now().getTime() - TIDY_AFTER_MS);
    const untidy = await this.parts.documents.untidy(before);
    for (const document of untidy) await this.tidyOne(document);
    return untidy.length;
  }

  private async fill(
    upload: Upload,
    blob: string,
    bytes: AsyncIterable<Buffer>,
    verdict: Verdict,
  ): Promise<Stored> {
    const { documents, files, keys } = this.parts;
    const key = randomBytes(KEY_BYTES);
    const hashes = keys.hashes();
    let sizeBytes = 0;
    const measured = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of bytes) {
        hashes.update(chunk);
        sizeBytes += chunk.length;
        yield chunk;
      }
    };
    const sealed: Sealed = { ...keys.wrap(key, boundTo(upload)), blob };
    const limit = AbortSignal.timeout(STORE_LIMIT_MS);
    await files.write(blob, seal(key, upload._id, measured()), limit);
    const digests = hashes.digests();
    const before = await this.handedInBefore(upload, digests);
    if (before) {
      await this.giveUp(upload._id, blob);
      return before;
    }
    const completion = { ...verdict, sealed, digest: digests[0], sizeBytes };
    const completed = await documents.complete(upload, completion);
    if (typeof completed === 'object') return this.storedNow(completed);
    return this.overtaken(upload, blob, digests);
  }

  /** Somebody else was faster, with the same document or with the same content. */
  private async overtaken(upload: Upload, blob: string, digests: string[]): Promise<Stored> {
    const other = await this.parts.documents.byId(upload._id);
    await this.giveUp(upload._id, blob);
    if (other && other.status !== 'uploading') return this.storedNow(other);
    const before = await this.handedInBefore(upload, digests);
    if (before) return before;
    throw new AppError('vault_upload_lost', 'the upload was overtaken: please repeat it', {
      info: { document: upload._id },
    });
  }

  private async handedInBefore(upload: Upload, digests: string[]): Promise<Stored | undefined> {
    const same = (await this.parts.documents.withContent(upload.buyer, digests)).filter(
      (each) => each._id !== upload._id && handInOf(each, '') === handInOf(upload, ''),
    );
    const duplicate = same.find(({ status }) => status === 'received' || status === 'accepted');
    if (duplicate) return { kind: 'duplicate', document: duplicate };
    const rejected = same.find(({ status, reviewedBy }) => status === 'rejected' && reviewedBy);
    return rejected && { kind: 'rejectedBefore', document: rejected };
  }

  private async storedNow(document: VaultDocument): Promise<Stored> {
    const { source, uploadedAt, mimeType } = document;
    const who = source === 'team' ? 'team' : 'buyer';
    const why = source === 'chat' ? 'sent in chat' : `uploaded, ${source}`;
    const what = `${labelOf(document)} is in the vault, ${mimeType || 'of unknown type'}`;
    await this.note(document, 'stored', { who, why }, what, uploadedAt);
    return { kind: 'stored', document };
  }

  private async giveUp(id: string, blob: string): Promise<void> {
    await this.parts.files.drop(blob);
    await this.parts.documents.abandon(id, blob);
  }

  private async sameReview(
    id: string,
    decision: { status: ReviewStatus; reason?: string },
    staff: StaffRef,
  ): Promise<VaultDocument | undefined> {
    const found = await this.parts.documents.byId(id);
    const isSame =
      found?.status === decision.status &&
      found.reason === decision.reason &&
      found.reviewedBy?.id === staff.id;
    return isSame ? found : undefined;
  }

  private async *verified(document: VaultDocument, { blob }: Sealed, key: Buffer): AsyncGenerator<Buffer> {
    try {
      yield* unseal(key, document._id, this.parts.files.read(blob));
    } catch (error) {
      throw await this.reported(document, asTampering(error));
    }
  }

  private async reporting<T>(document: VaultDocument, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw await this.reported(document, error);
    }
  }

  /** What makes a paper unreadable stands on the timeline and in the log, without anything of the paper. */
  private async reported(document: VaultDocument, error: unknown): Promise<unknown> {
    if (!(error instanceof AppError)) return error;
    const { log, newId } = this.parts;
    log.error({ document: document._id, code: error.code }, 'a document in the vault cannot be opened');
    const why =
      error.code === 'vault_tampered' ? 'it was altered since it was stored' : 'SECRET_KEY is another one';
    const what = `${labelOf(document)} cannot be opened`;
    await this.note(document, `unreadable:${newId()}`, { who: 'bot', why }, what);
    return error;
  }

  /** Puts `moved` in the place of `document`, its key bound to what it says now. */
  private async rebind(document: VaultDocument, moved: VaultDocument): Promise<boolean> {
    const { documents, keys } = this.parts;
    const { sealed, digest = '' } = document;
    if (!sealed) return false;
    const key = keys.unwrap(sealed, boundTo(document));
    const { buyer, conversation, kind, applicant } = moved;
    return documents.rewrap(document._id, sealed, {
      buyer,
      conversation,
      kind,
      ...(applicant && { applicant }),
      sealed: { ...keys.wrap(key, boundTo(moved)), blob: sealed.blob },
      ...(document.handedIn && { handedIn: handInOf(moved, digest) }),
    });
  }

  private async renew(document: VaultDocument): Promise<boolean> {
    const { documents, keys, files } = this.parts;
    const { sealed } = document;
    if (!sealed) return false;
    const key = keys.unwrap(sealed, boundTo(document));
    const hashes = keys.hashes();
    try {
      for await (const plain of unseal(key, document._id, files.read(sealed.blob))) hashes.update(plain);
    } catch (error) {
      throw asTampering(error);
    }
    const [digest] = hashes.digests();
    const isRenewed = await documents.rewrap(document._id, sealed, {
      sealed: { ...keys.wrap(key, boundTo(document)), blob: sealed.blob },
      digest,
      ...(document.handedIn && { handedIn: handInOf(document, digest) }),
    });
    const access = { who: 'bot', why: 'SECRET_KEY has changed' };
    if (isRenewed)
      await this.note(document, `renewed:${keys.current}`, access, `${labelOf(document)}: key renewed`);
    return isRenewed;
  }

  private async tidyOne(document: VaultDocument): Promise<void> {
    for (const blob of document.blobs ?? []) await this.parts.files.drop(blob);
    await this.parts.documents.tidied(document);
  }

  private async note(
    { _id, buyer, conversation }: VaultDocument,
    key: string,
    { who, why }: Access,
    what: string,
    at = this.parts.now(),
  ): Promise<void> {
    await this.parts.timeline.append([
      { _id: `document:${_id}:${key}`, buyer, conversation, at, who, kind: 'document', what, why },
    ]);
  }
}

/** What a key belongs to. */
function boundTo({ _id, buyer, kind }: Pick<Upload, '_id' | 'buyer' | 'kind'>): string {
  return JSON.stringify(['vault 1', _id, buyer, kind]);
}

function labelOf({ kind, _id }: VaultDocument): string {
  return `paper ${kind} (${_id})`;
}

/** Bytes that are gone were taken away: erasing a paper takes its key first. */
function asTampering(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  const isMissing = ('code' in error && error.code === 'ENOENT') || error.name === 'MongoGridFSChunkError';
  return isMissing ? new AppError('vault_tampered', 'the bytes are missing', { cause: error }) : error;
}
