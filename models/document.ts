import { type Connection, type Model, Schema } from 'mongoose';
import type { DocumentKind } from '../flows/kyc/documents.ts';
import type { StaffRef } from '../flows/types.ts';
import { isDuplicateKey } from './error.ts';

/**
 * A paper in the vault. Its bytes lie in GridFS, sealed with a key of its own; the key lies here, wrapped by one that
 * is derived from SECRET_KEY. Nothing here says what the paper shows.
 */
export type VaultDocument = {
  _id: string;
  buyer: string;
  conversation: string;
  booking?: string;
  /** The buyer of a joint purchase whose paper it is. */
  applicant?: string;
  kind: DocumentKind;
  /** `uploading` until every byte is sealed and stored. */
  status: 'uploading' | ReviewStatus | 'erased';
  /** Of a rejection: a copy key that says how to send it again. Of an erasure: why. */
  reason?: string;
  source: 'portal' | 'chat' | 'team';
  /** Under which it is handed out, identity numbers masked. */
  fileName?: string;
  mimeType: string;
  sizeBytes: number;
  /** What the reviewer should look at, as copy keys. */
  warnings: string[];
  uploadedAt: Date;
  reviewedBy?: StaffRef;
  reviewedAt?: Date;
  erasedBy?: string;
  erasedAt?: Date;
  /** Keyed hash of the content, so that the same file is recognised without a hash that anybody could compute. */
  digest?: string;
  /** Who has handed in what, once: present while it is received or accepted, and unique. */
  handedIn?: string;
  sealed?: Sealed;
  /** Blobs that were begun or given up. Present until it is certain that none of them is left lying. */
  blobs?: string[];
  untidySince?: Date;
};

export type ReviewStatus = 'received' | 'accepted' | 'rejected';

/** Which secret wrapped the key of the bytes, the wrapped key in base64, and where the bytes are. */
export type Sealed = { secret: string; key: string; blob: string };

/** What is known of a paper before its bytes are. */
export type Upload = Pick<
  VaultDocument,
  | '_id'
  | 'buyer'
  | 'conversation'
  | 'booking'
  | 'applicant'
  | 'kind'
  | 'source'
  | 'fileName'
  | 'mimeType'
  | 'warnings'
  | 'uploadedAt'
>;

/** Everything that the last byte decides. */
export type Completion = Required<Pick<VaultDocument, 'sealed' | 'digest' | 'sizeBytes'>> & {
  status: ReviewStatus;
  reason?: string;
};

const schema = new Schema<VaultDocument>(
  {
    _id: { type: String, required: true },
    buyer: { type: String, required: true },
    conversation: { type: String, required: true },
    booking: String,
    applicant: String,
    kind: { type: String, required: true },
    status: { type: String, required: true },
    reason: String,
    source: { type: String, required: true },
    fileName: String,
    mimeType: { type: String, default: '' },
    sizeBytes: { type: Number, default: 0 },
    warnings: { type: [String], default: [] },
    uploadedAt: { type: Date, required: true },
    reviewedBy: Schema.Types.Mixed,
    reviewedAt: Date,
    erasedBy: String,
    erasedAt: Date,
    digest: String,
    handedIn: String,
    sealed: Schema.Types.Mixed,
    blobs: { type: [String], default: undefined },
    untidySince: Date,
  },
  { collection: 'documents', versionKey: false },
);
schema.index({ buyer: 1, uploadedAt: 1 });
schema.index({ booking: 1, uploadedAt: 1 }, { partialFilterExpression: { booking: { $exists: true } } });
schema.index({ status: 1, uploadedAt: 1 });
schema.index({ applicant: 1 }, { partialFilterExpression: { applicant: { $exists: true } } });
schema.index({ buyer: 1, digest: 1 }, { partialFilterExpression: { digest: { $exists: true } } });
schema.index({ handedIn: 1 }, { unique: true, partialFilterExpression: { handedIn: { $exists: true } } });
schema.index({ 'sealed.secret': 1 }, { partialFilterExpression: { sealed: { $exists: true } } });
schema.index({ untidySince: 1 }, { partialFilterExpression: { untidySince: { $exists: true } } });

/** The records of the vault. Who may change them is `bot/documents/vault.ts`, which writes the timeline as well. */
export class Documents {
  readonly model: Model<VaultDocument>;

  constructor(connection: Connection) {
    this.model = connection.model<VaultDocument>('Document', schema);
  }

  async byId(id: string): Promise<VaultDocument | undefined> {
    return (await this.model.findById(id).lean<VaultDocument>()) ?? undefined;
  }

  /** Papers of a buyer that are all there, oldest first, erased ones too. */
  async ofBuyer(buyer: string): Promise<VaultDocument[]> {
    const found = await this.model.find({ buyer }).sort({ uploadedAt: 1 }).lean<VaultDocument[]>();
    return found.filter(isThere);
  }

  /** Papers of a booking that are all there, oldest first, erased ones too. */
  async ofBooking(booking: string): Promise<VaultDocument[]> {
    const found = await this.model.find({ booking }).sort({ uploadedAt: 1 }).lean<VaultDocument[]>();
    return found.filter(isThere);
  }

  /** Papers of these bookings, and those of these buyers that name no booking; all there, in no order. */
  async ofBookings(bookings: string[], buyers: string[]): Promise<VaultDocument[]> {
    const found = await this.model
      .find({
        $or: [{ booking: { $in: bookings } }, { buyer: { $in: buyers }, booking: { $exists: false } }],
      })
      .lean<VaultDocument[]>();
    return found.filter(isThere);
  }

  /** Papers that wait for a person, longest first; at most `limit`. */
  async waiting(limit: number): Promise<VaultDocument[]> {
    return this.model
      .find({ status: 'received' })
      .sort({ uploadedAt: 1 })
      .limit(limit)
      .lean<VaultDocument[]>();
  }

  /** The papers of a buyer with this content by any of its keyed hashes, newest first. */
  async withContent(buyer: string, digests: string[]): Promise<VaultDocument[]> {
    const found = await this.model.find({ buyer, digest: { $in: digests } }).lean<VaultDocument[]>();
    return found.sort((a, b) => b.uploadedAt.getTime() - a.uploadedAt.getTime());
  }

  /** Announces a blob that is about to be written, so that it is found if the attempt breaks off. */
  async begin(upload: Upload, blob: string, now: Date): Promise<void> {
    const { _id, ...rest } = upload;
    await this.model.updateOne(
      { _id },
      {
        $setOnInsert: { ...rest, status: 'uploading', sizeBytes: 0 },
        $set: { untidySince: now },
        $push: { blobs: blob },
      },
      { upsert: true },
    );
  }

  /**
   * The bytes are there. `taken` when the same paper has been handed in before; `lost` when another attempt at this
   * document was faster, or it was given up.
   */
  async complete(
    upload: Upload,
    { sealed, digest, sizeBytes, status, reason }: Completion,
  ): Promise<VaultDocument | 'taken' | 'lost'> {
    const handedIn = status === 'rejected' ? undefined : handInOf(upload, digest);
    const set = {
      sealed,
      digest,
      sizeBytes,
      status,
      ...(reason && { reason }),
      ...(handedIn && { handedIn }),
    };
    try {
      const completed = await this.model
        .findOneAndUpdate(
          // A buyer who has become another one meanwhile has moved the record: the key is bound to who it was.
          { _id: upload._id, status: 'uploading', buyer: upload.buyer, kind: upload.kind },
          { $set: set, $pull: { blobs: sealed.blob } },
          { returnDocument: 'after' },
        )
        .lean<VaultDocument>();
      if (!completed) return 'lost';
      await this.settle(upload._id);
      const { blobs: _blobs, untidySince: _since, ...settled } = completed;
      return settled;
    } catch (error) {
      if (isDuplicateKey(error)) return 'taken';
      throw error;
    }
  }

  /** An attempt that came to nothing: its record goes, unless another attempt is at it. */
  async abandon(id: string, blob: string): Promise<void> {
    await this.model.updateOne({ _id: id }, { $pull: { blobs: blob } });
    await this.model.deleteOne({ _id: id, status: 'uploading', blobs: { $size: 0 } });
    await this.settle(id);
  }

  /**
   * A person's decision on a paper that they saw as `seen`. Undefined when it has changed meanwhile: whoever was
   * first has decided.
   */
  async review(
    id: string,
    seen: ReviewStatus,
    decision: { status: 'accepted' } | { status: 'rejected'; reason: string },
    staff: StaffRef,
    now: Date,
  ): Promise<VaultDocument | undefined> {
    const isRejected = decision.status === 'rejected';
    const reviewed = await this.model
      .findOneAndUpdate(
        { _id: id, status: seen },
        {
          $set: { ...decision, reviewedBy: staff, reviewedAt: now },
          $unset: isRejected ? { handedIn: '' } : { reason: '' },
        },
        { returnDocument: 'after' },
      )
      .lean<VaultDocument>();
    return reviewed ?? undefined;
  }

  /** Destroys the key: from this write on nobody can read the bytes, which are dropped after it. */
  async erase(
    { _id, sealed, blobs = [] }: VaultDocument,
    by: { who: string; why: string },
    now: Date,
  ): Promise<VaultDocument | undefined> {
    const erased = await this.model
      .findOneAndUpdate(
        { _id, status: { $ne: 'erased' }, ...(sealed && { 'sealed.blob': sealed.blob }) },
        {
          $set: {
            status: 'erased',
            reason: by.why,
            erasedBy: by.who,
            erasedAt: now,
            blobs: [...blobs, ...(sealed ? [sealed.blob] : [])],
            untidySince: now,
          },
          $unset: { sealed: '', digest: '', handedIn: '', fileName: '' },
        },
        { returnDocument: 'after' },
      )
      .lean<VaultDocument>();
    return erased ?? undefined;
  }

  /** Papers of one applicant, whoever sent them, become another's: the two turned out to be one person. */
  async passApplicant(from: string, to: string): Promise<void> {
    await this.model.updateMany({ applicant: from }, { $set: { applicant: to } });
  }

  /** Puts a key that was wrapped anew in the place of `before`; false when that is no longer there. */
  async rewrap(
    id: string,
    before: Sealed,
    change: Partial<
      Pick<VaultDocument, 'sealed' | 'digest' | 'handedIn' | 'buyer' | 'conversation' | 'applicant' | 'kind'>
    >,
  ): Promise<boolean> {
    const filter = { _id: id, 'sealed.key': before.key };
    try {
      return (await this.model.updateOne(filter, { $set: change })).modifiedCount === 1;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // The other one of two buyers who are one person has handed in the same paper: both stay.
      const { handedIn: _taken, ...rest } = change;
      const changed = await this.model.updateOne(filter, { $set: rest, $unset: { handedIn: '' } });
      return changed.modifiedCount === 1;
    }
  }

  /** Papers whose key is wrapped by another secret than `secret`. */
  wrappedByOthers(secret: string): AsyncIterable<VaultDocument> {
    return this.model
      .find({ sealed: { $exists: true }, 'sealed.secret': { $ne: secret } })
      .lean<VaultDocument[]>()
      .cursor();
  }

  /** Papers with blobs that were begun or given up by `before`. */
  async untidy(before: Date): Promise<VaultDocument[]> {
    return this.model.find({ untidySince: { $exists: true, $lte: before } }).lean<VaultDocument[]>();
  }

  /** Its blobs are gone; an upload that never ended goes with them. */
  async tidied({ _id, untidySince, blobs = [] }: VaultDocument): Promise<void> {
    const same = { _id, ...(untidySince && { untidySince }) };
    await this.model.deleteOne({ ...same, status: 'uploading' });
    await this.model.updateOne(same, { $pullAll: { blobs } as never });
    await this.settle(_id);
  }

  private async settle(id: string): Promise<void> {
    await this.model.updateOne(
      { _id: id, status: { $ne: 'uploading' }, blobs: { $size: 0 } },
      { $unset: { blobs: '', untidySince: '' } },
    );
  }
}

/** One buyer hands in one content once for each purpose. */
export function handInOf(
  { buyer, booking = '', applicant = '', kind }: Pick<Upload, 'buyer' | 'booking' | 'applicant' | 'kind'>,
  digest: string,
): string {
  return [buyer, booking, applicant, kind, digest].join('/');
}

function isThere({ status }: VaultDocument): boolean {
  return status !== 'uploading';
}
