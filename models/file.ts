import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import mongoose, { type Connection, type Model, Schema } from 'mongoose';
import { AppError, isDuplicateKey } from './error.ts';

/** A file whose bytes lie in chunks of their own, beside the documents (GridFS). */
export type StoredFile = {
  _id: string;
  /** In bytes. */
  length: number;
  chunkSize: number;
  uploadDate: Date;
  filename: string;
  /** Set once all bytes are there; no two files have the same. */
  metadata?: { sha256?: string };
};

const schema = new Schema<StoredFile>(
  {
    _id: { type: String, required: true },
    length: Number,
    chunkSize: Number,
    uploadDate: Date,
    filename: String,
    metadata: Schema.Types.Mixed,
  },
  { collection: 'files.files', versionKey: false },
);
schema.index(
  { 'metadata.sha256': 1 },
  { unique: true, partialFilterExpression: { 'metadata.sha256': { $exists: true } } },
);

const BUCKET = 'files';
const CHUNK_BYTES = 512 * 1024;

/** Files of any size, written and read as streams; the same content is kept once. */
export class Files {
  readonly model: Model<StoredFile>;
  private readonly connection: Connection;
  private opened: mongoose.mongo.GridFSBucket | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
    this.model = connection.model<StoredFile>('StoredFile', schema);
  }

  /**
   * Writes the bytes under `id`, a name that nobody used before. Rejects when the source fails or `signal`
   * aborts: what is there of it by then stays until `drop`.
   */
  async write(
    id: string,
    bytes: AsyncIterable<Buffer>,
    signal: AbortSignal,
  ): Promise<{ sizeBytes: number; sha256: string }> {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const measured = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of bytes) {
        // One large piece would be sent to the database in many writes at once, all of them in memory.
        for (let from = 0; from < chunk.length; from += CHUNK_BYTES) {
          const slice = chunk.subarray(from, from + CHUNK_BYTES);
          sizeBytes += slice.length;
          hash.update(slice);
          yield slice;
        }
      }
    };
    const upload = this.bucket.openUploadStreamWithId(id as never, id, { chunkSizeBytes: CHUNK_BYTES });
    await pipeline(measured, upload, { signal });
    return { sizeBytes, sha256: hash.digest('hex') };
  }

  /**
   * Names the file by its content; returns the id of the file with this content, which is another one's when
   * the content was here before. Whoever uses another one's must see afterwards that it still `holds`.
   */
  async claim(id: string, sha256: string): Promise<string> {
    try {
      await this.model.collection.updateOne({ _id: id as never }, { $set: { 'metadata.sha256': sha256 } });
      return id;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const holder = await this.model.collection.findOne(
        { 'metadata.sha256': sha256 },
        { projection: { _id: 1 } },
      );
      return holder ? `${holder._id}` : id;
    }
  }

  /** Whether the file is there under its content's name. */
  async holds(id: string, sha256: string): Promise<boolean> {
    return (await this.model.exists({ _id: id, 'metadata.sha256': sha256 })) !== null;
  }

  /** Takes the content's name off the file, so that from now on nobody new comes to use it. */
  async disown(id: string): Promise<void> {
    await this.model.collection.updateOne({ _id: id as never }, { $unset: { 'metadata.sha256': '' } });
  }

  /** Removes the file, or what an upload that was cut short has left of it. */
  async drop(id: string): Promise<void> {
    await this.model.collection.deleteOne({ _id: id as never });
    await this.database.collection(`${BUCKET}.chunks`).deleteMany({ files_id: id as never });
  }

  /** The bytes of a file; the stream fails when there is no such file. */
  read(id: string): Readable {
    return this.bucket.openDownloadStream(id as never);
  }

  private get bucket(): mongoose.mongo.GridFSBucket {
    this.opened ??= new mongoose.mongo.GridFSBucket(this.database, {
      bucketName: BUCKET,
      // In the journal, like every write: a file that is called stored survives a crash.
      writeConcern: { w: 'majority', journal: true },
    });
    return this.opened;
  }

  private get database(): mongoose.mongo.Db {
    const { db } = this.connection;
    if (!db) throw new AppError('database_closed', 'the database is not connected');
    return db;
  }
}
