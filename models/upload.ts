import { type Connection, type Model, Schema } from 'mongoose';

/** A document that lies at a provider under an id until it expires. */
export type Upload = {
  /** `<channel>:<sha256>:<mime type>` */
  _id: string;
  channel: string;
  mediaId: string;
  expiresAt: Date;
};

const schema = new Schema<Upload>(
  {
    _id: { type: String, required: true },
    channel: { type: String, required: true },
    mediaId: { type: String, required: true },
    expiresAt: { type: Date, required: true },
  },
  { collection: 'uploads', versionKey: false },
);
schema.index({ channel: 1 });
schema.index({ expiresAt: 1 });

/** Which documents need not be uploaded again; losing one costs an upload, no message. */
export class Uploads {
  readonly model: Model<Upload>;

  constructor(connection: Connection) {
    this.model = connection.model<Upload>('Upload', schema);
  }

  async find(channel: string, key: string, now: Date): Promise<Upload | undefined> {
    const upload = await this.model.findById(`${channel}:${key}`).lean<Upload>();
    return upload && upload.expiresAt > now ? upload : undefined;
  }

  /** Remembers the id, and takes what has expired out of the way: uploads are rare enough for both. */
  async keep(
    channel: string,
    key: string,
    { mediaId, expiresAt }: { mediaId: string; expiresAt: Date },
    now: Date,
  ): Promise<void> {
    const _id = `${channel}:${key}`;
    await this.model.updateOne({ _id }, { $set: { channel, mediaId, expiresAt } }, { upsert: true });
    await this.model.deleteMany({ expiresAt: { $lte: now } });
  }

  /** Forgets the id, unless another has taken its place since. */
  async drop(channel: string, key: string, mediaId: string): Promise<void> {
    await this.model.deleteOne({ _id: `${channel}:${key}`, mediaId });
  }

  async dropAll(channel: string): Promise<void> {
    await this.model.deleteMany({ channel });
  }
}
