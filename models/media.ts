import type { Readable } from 'node:stream';
import { type Connection, type Model, Schema } from 'mongoose';
import type { DocumentKind } from '../flows/kyc/documents.ts';
import { isDuplicateKey } from './error.ts';
import type { Files } from './file.ts';
import { hasEnded } from './instance.ts';

/** The file of a buyer's message: owed until it is stored, or until it is certain that it never will be. */
export type Media = {
  /** Id of the message that carries it. */
  _id: string;
  buyer: string;
  conversation: string;
  channel: string;
  /** Under which the channel hands it over. */
  ref: string;
  kind: 'image' | 'document' | 'audio' | 'video' | 'sticker';
  /** A voice note. */
  voice?: true;
  /** What the sender's phone says of it; the content is believed instead. */
  declaredMimeType: string;
  declaredBytes?: number;
  /** As the sender's phone calls it. */
  fileName?: string;
  status: 'owed' | MediaEnd['status'];
  /** Attempts that failed. */
  attempts: number;
  receivedAt: Date;
  /** Present while something has to be done: the next attempt, or telling people how it ended. */
  nextAt?: Date;
  /** Who is at it, and the file that this attempt writes: whoever lost the lease cannot end it. */
  lease?: MediaLease;
  /** Files that attempts began. Present until it is certain that none of them is left lying. */
  uploads?: string[];
  untidySince?: Date;
  /** People know that it keeps failing. */
  toldLate?: true;
  sizeBytes?: number;
  sha256?: string;
  /** By content. */
  mimeType?: string;
  /** What the phone said of it that the content contradicts. */
  mismatch?: string;
  fileId?: string;
  /** Under which it is handed out. */
  safeName?: string;
  /** What a machine heard in a voice note, empty when that came to nothing. Present once it has been asked. */
  transcript?: string;
  /** It is an identity paper, of this kind as far as known: owed to the vault, or there. */
  vault?: DocumentKind;
  /** The document in the vault that it has become; its bytes are nowhere else. */
  vaulted?: string;
  /** Why it is not to be had, or why the last attempt failed. */
  reason?: string;
  /** Present while the team may have to be shown it: when to look. */
  showAt?: Date;
  /** Attempts to show it that Slack refused, since the last Retry. */
  showAttempts?: number;
  /** How often people were told that it cannot be shown. */
  showFailures?: number;
  /** Slack's id of the file, named before it is shared; `sharedAt` once it stands in the thread. */
  slackFile?: { id: string; sharedAt?: Date };
};

export type MediaLease = { by: string; until: Date; file: string };

/** How it ended. */
export type MediaEnd =
  | {
      status: 'stored';
      fileId: string;
      safeName: string;
      sizeBytes: number;
      sha256: string;
      mimeType: string;
      mismatch?: string;
    }
  | { status: 'refused' | 'gone'; reason: string };

/** A stored file, opened. */
export type OpenMedia = { bytes: Readable; mimeType: string; fileName: string; sizeBytes: number };

const schema = new Schema<Media>(
  {
    _id: { type: String, required: true },
    buyer: { type: String, required: true },
    conversation: { type: String, required: true },
    channel: { type: String, required: true },
    ref: { type: String, required: true },
    kind: { type: String, required: true },
    voice: Boolean,
    declaredMimeType: { type: String, default: '' },
    declaredBytes: Number,
    fileName: String,
    status: { type: String, required: true },
    attempts: { type: Number, required: true },
    receivedAt: { type: Date, required: true },
    nextAt: Date,
    lease: Schema.Types.Mixed,
    uploads: { type: [String], default: undefined },
    untidySince: Date,
    toldLate: Boolean,
    sizeBytes: Number,
    sha256: String,
    mimeType: String,
    mismatch: String,
    fileId: String,
    safeName: String,
    transcript: String,
    vault: String,
    vaulted: String,
    reason: String,
    showAt: Date,
    showAttempts: Number,
    showFailures: Number,
    slackFile: Schema.Types.Mixed,
  },
  { collection: 'media', versionKey: false },
);
schema.index({ nextAt: 1 }, { partialFilterExpression: { nextAt: { $exists: true } } });
const TO_SHOW = { partialFilterExpression: { showAt: { $exists: true } } };
schema.index({ showAt: 1 }, { ...TO_SHOW, name: 'to_show' });
schema.index({ conversation: 1, showAt: 1 }, { ...TO_SHOW, name: 'to_show_of_conversation' });
schema.index({ untidySince: 1 }, { partialFilterExpression: { untidySince: { $exists: true } } });
schema.index({ fileId: 1 }, { partialFilterExpression: { fileId: { $exists: true } } });
schema.index({ status: 1, receivedAt: 1 });
schema.index({ buyer: 1, receivedAt: 1 });

/** Files that come within this time of each other are shown together. */
const GROUP_MS = 2_000;

/** The files of buyers' messages: which are owed, who fetches them, how each ended, and where its bytes are. */
export class MediaRecords {
  readonly model: Model<Media>;
  private readonly files: Files;

  constructor(connection: Connection, files: Files) {
    this.model = connection.model<Media>('Media', schema);
    this.files = files;
  }

  /** Owes the file of a message; a no-op when it is owed or ended already. */
  async owe(
    media: Omit<Media, 'status' | 'attempts' | 'nextAt' | 'lease' | 'uploads' | 'untidySince' | 'toldLate'>,
  ): Promise<void> {
    try {
      const owed = { ...media, status: 'owed', attempts: 0, nextAt: media.receivedAt };
      await this.model.collection.insertOne(owed as never);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  /** Files of which something has to be done by `now`, longest due first; at most `limit`. */
  async due(now: Date, limit: number): Promise<string[]> {
    const due = await this.model
      .find({ nextAt: { $exists: true, $lte: now } }, { _id: 1 })
      .sort({ nextAt: 1 })
      .limit(limit)
      .lean<{ _id: string }[]>();
    return due.map(({ _id }) => _id);
  }

  /**
   * Takes the right to work on a file until the lease ends; undefined when nothing is due or somebody else is
   * at it. A process that has certainly ended holds nothing.
   */
  async take(id: string, lease: MediaLease, now: Date): Promise<(Media & { lease: MediaLease }) | undefined> {
    const holder = (await this.model.findById(id, { lease: 1 }).lean<Media>())?.lease?.by;
    const mine = holder !== undefined && hasEnded(holder) ? [lease.by, holder] : [lease.by];
    const free = [
      { lease: { $exists: false } },
      { 'lease.by': { $in: mine } },
      { 'lease.until': { $lte: now } },
    ];
    const taken = await this.model
      .findOneAndUpdate(
        { _id: id, nextAt: { $exists: true, $lte: now }, $or: free },
        { $set: { lease, untidySince: now }, $push: { uploads: lease.file } },
        { returnDocument: 'after' },
      )
      .lean<Media>();
    return taken ? { ...taken, lease } : undefined;
  }

  /** The attempt failed; the next one is at `at`. Undefined when the lease was lost. */
  async retry({ _id, lease }: Held, reason: string, at: Date): Promise<Media | undefined> {
    return this.held(_id, lease, {
      $inc: { attempts: 1 },
      $set: { reason, nextAt: at },
      $unset: { lease: '' },
    });
  }

  /** How it ended; people have still to be told. Undefined when the lease was lost. */
  async end({ _id, lease, uploads }: Held, end: MediaEnd, now: Date): Promise<Media | undefined> {
    const isTidy = end.status === 'stored' && uploads?.length === 1 && uploads[0] === end.fileId;
    return this.held(_id, lease, {
      $set: {
        ...end,
        nextAt: now,
        ...(end.status === 'stored' && { showAt: new Date(now.getTime() + GROUP_MS) }),
      },
      $unset: {
        ...(isTidy && { uploads: '', untidySince: '' }),
        ...(end.status === 'stored' && { reason: '' }),
      },
    });
  }

  /** What a machine heard in it. False when the lease was lost. */
  async hear({ _id, lease }: Held, transcript: string): Promise<boolean> {
    return (await this.held(_id, lease, { $set: { transcript } })) !== undefined;
  }

  /** Another file has the bytes. */
  async moveTo(id: string, fileId: string): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { fileId } });
  }

  /** People know that it keeps failing. */
  async toldLate(id: string): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { toldLate: true } });
  }

  /**
   * People know how it ended: nothing is left to do. False when it has become a paper since whoever says so looked:
   * `wasPaper` is what they saw.
   */
  async toldEnd(id: string, wasPaper: boolean): Promise<boolean> {
    const asSeen: object = wasPaper
      ? {}
      : { $or: [{ status: { $ne: 'stored' } }, { vault: { $exists: false } }] };
    const ended = await this.model.updateOne(
      { _id: id, status: { $ne: 'owed' }, ...asSeen },
      { $unset: { nextAt: '', lease: '' } },
    );
    return ended.matchedCount === 1;
  }

  /** Owes a file to the vault, whether it is here yet or not. False when no such file is on record. */
  async oweVault(id: string, as: DocumentKind, now: Date): Promise<boolean> {
    await this.model.updateOne({ _id: id, vault: { $exists: false } }, { $set: { vault: as } });
    await this.model.updateOne(
      { _id: id, status: 'stored', vaulted: { $exists: false } },
      { $set: { nextAt: now } },
    );
    return (await this.model.exists({ _id: id })) !== null;
  }

  /** Every other message with the same bytes carries the same paper. */
  async oweVaultAlso(fileId: string, now: Date): Promise<void> {
    const others = await this.model.find({ fileId }, { _id: 1 }).lean<{ _id: string }[]>();
    for (const { _id } of others) await this.oweVault(_id, 'other', now);
  }

  /**
   * The vault has the bytes: the message points there, and its own file is litter. Undefined when the lease was
   * lost, or the bytes have moved to another file meanwhile.
   */
  async moveToVault({ _id, lease, fileId }: Held, document: string, now: Date): Promise<Media | undefined> {
    const held = { _id, 'lease.file': lease.file, fileId: fileId ?? { $exists: false } };
    const change = {
      $set: { vaulted: document, untidySince: now },
      $unset: { fileId: '', sha256: '' },
      ...(fileId && { $push: { uploads: fileId } }),
    };
    const moved = await this.model
      .findOneAndUpdate(held, change as object, { returnDocument: 'after' })
      .lean<Media>();
    return moved ?? undefined;
  }

  /** Conversations with files that the team may have to be shown by `now`; at most `limit` files are looked at. */
  async conversationsToShow(now: Date, limit: number): Promise<string[]> {
    const due = await this.model
      .find({ showAt: { $exists: true, $lte: now } }, { conversation: 1 })
      .sort({ showAt: 1 })
      .limit(limit)
      .lean<{ conversation: string }[]>();
    return [...new Set(due.map(({ conversation }) => conversation))];
  }

  async byId(id: string): Promise<Media | null> {
    return this.model.findById(id).lean<Media>();
  }

  /** The files of a conversation that the team may have to be shown, oldest first. */
  async toShow(conversation: string): Promise<Media[]> {
    const owed = await this.model.find({ conversation, showAt: { $exists: true } }).lean<Media[]>();
    return owed.sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime());
  }

  /** Slack has named the file: whether it was shared can be found out by that. */
  async named(id: string, slackFileId: string): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { slackFile: { id: slackFileId } } });
  }

  /** They stand in the thread, or need not. */
  async shown(ids: string[], sharedAt?: Date): Promise<void> {
    const shared = sharedAt && { $set: { 'slackFile.sharedAt': sharedAt } };
    await this.model.updateMany({ _id: { $in: ids } }, { $unset: { showAt: '' }, ...shared });
  }

  /** To be shown at `at`; `isRefused` counts towards giving up. */
  async showLater(ids: string[], at: Date, isRefused: boolean): Promise<void> {
    const attempt = isRefused && { $inc: { showAttempts: 1 } };
    await this.model.updateMany({ _id: { $in: ids } }, { $set: { showAt: at }, ...attempt });
  }

  /** They cannot be shown until a person says so again; returns how many times that has come about. */
  async notShown(id: string): Promise<number> {
    const failed = await this.model
      .findOneAndUpdate(
        { _id: id, showAt: { $exists: true } },
        { $inc: { showFailures: 1 }, $unset: { showAt: '', slackFile: '' } },
        { returnDocument: 'after' },
      )
      .lean<Media>();
    return failed?.showFailures ?? 0;
  }

  /** Has it shown once more after its failure number `failures`; false when that was done before. */
  async showAgain(id: string, failures: number, now: Date): Promise<boolean> {
    const again = await this.model.updateOne(
      {
        _id: id,
        showFailures: failures,
        showAt: { $exists: false },
        'slackFile.sharedAt': { $exists: false },
      },
      { $set: { showAt: now, showAttempts: 0 } },
    );
    return again.modifiedCount === 1;
  }

  /** Gives it back as it is, to be looked at again at `at`. */
  async giveBack({ _id, lease }: Held, at: Date): Promise<void> {
    await this.held(_id, lease, { $set: { nextAt: at }, $unset: { lease: '' } });
  }

  /** Opens the file of a message; undefined while, or when, there is none. */
  async open(id: string): Promise<OpenMedia | undefined> {
    const media = await this.model.findById(id).lean<Media>();
    if (media?.status !== 'stored' || media.vaulted) return undefined;
    const { fileId = '', mimeType = '', safeName = '', sizeBytes = 0 } = media;
    return { bytes: this.files.read(fileId), mimeType, fileName: safeName, sizeBytes };
  }

  /**
   * Removes what attempts from before `before` left behind: cut short by a crash, or by losing the lease.
   * Returns how many files went.
   */
  async tidy(before: Date): Promise<number> {
    const untidy = this.model.find({ untidySince: { $exists: true, $lte: before } }).lean<Media[]>();
    let removed = 0;
    for await (const { _id, uploads, untidySince } of untidy.cursor()) {
      for (const file of uploads ?? []) if (await this.discard(file)) removed += 1;
      await this.model.updateOne(
        { _id, ...(untidySince && { untidySince }) },
        { $unset: { uploads: '', untidySince: '' } },
      );
    }
    return removed;
  }

  /**
   * Removes a file unless a message uses it; true when it is gone. Somebody with the same content may be about
   * to use it: so first it can no longer be found, then its users are looked for once more.
   */
  async discard(file: string): Promise<boolean> {
    if (await this.userOf(file)) return false;
    await this.files.disown(file);
    const user = await this.userOf(file);
    if (user?.sha256) {
      await this.files.claim(file, user.sha256);
      return false;
    }
    await this.files.drop(file);
    return true;
  }

  private async userOf(fileId: string): Promise<Media | null> {
    return this.model.findOne({ fileId }, { sha256: 1 }).lean<Media>();
  }

  private async held(id: string, lease: MediaLease, change: object): Promise<Media | undefined> {
    const changed = await this.model
      .findOneAndUpdate({ _id: id, 'lease.file': lease.file }, change, { returnDocument: 'after' })
      .lean<Media>();
    return changed ?? undefined;
  }
}

type Held = Media & { lease: MediaLease };
