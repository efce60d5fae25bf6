import { type Connection, type Model, Schema } from 'mongoose';
import type { Outcome } from '../flows/types.ts';
import { isDuplicateKey } from './error.ts';

/** How a message reached us and what it said, as stored before it is acknowledged. */
export type InboundRecord = {
  /** `<channel>:<message key>`: storing the same message twice is refused by this key. */
  _id: string;
  channel: string;
  conversation: string;
  buyer: string;
  /** Handle that wrote, as `kind:value`. */
  from: string;
  /** The channel's own time. */
  at: Date;
  receivedAt: Date;
  /** Order of arrival within the same channel time. */
  seq: number;
  content: Record<string, unknown> & { kind: string };
  /** Key or provider id of the message this one answers. */
  quoted?: string;
  /** The buyer came by a click-to-chat advertisement. */
  fromAdvertisement?: true;
  /** What it said before each time the buyer edited it, oldest first; `id` is the record of that edit. */
  edits?: Edit[];
  /** When the buyer deleted it; what it said is kept. */
  revokedAt?: Date;
  raw: unknown;
  /** Present until the message has its outcome. */
  pendingSince?: Date;
  outcome?: Outcome;
};

type Edit = { id: string; at: Date; before: string };

const schema = new Schema<InboundRecord>(
  {
    _id: { type: String, required: true },
    channel: { type: String, required: true },
    conversation: { type: String, required: true },
    buyer: { type: String, required: true },
    from: { type: String, required: true },
    at: { type: Date, required: true },
    receivedAt: { type: Date, required: true },
    seq: { type: Number, required: true },
    content: { type: Schema.Types.Mixed, required: true },
    quoted: String,
    fromAdvertisement: { type: Boolean, default: undefined },
    edits: { type: [Schema.Types.Mixed], default: undefined } as never,
    revokedAt: Date,
    raw: Schema.Types.Mixed,
    pendingSince: Date,
    outcome: Schema.Types.Mixed,
  },
  { collection: 'inbound', versionKey: false, minimize: false },
);
// $type in a partial index is ignored by the planner; $exists is used.
const PENDING = { partialFilterExpression: { pendingSince: { $exists: true } } };
schema.index({ conversation: 1, pendingSince: 1 }, { ...PENDING, name: 'pending_of_conversation' });
schema.index({ pendingSince: 1 }, { ...PENDING, name: 'pending' });
schema.index({ buyer: 1, at: 1 });
schema.index({ 'content.to': 1 }, { partialFilterExpression: { 'content.to': { $exists: true } } });

/** Inbound messages: stored once, and pending until they have exactly one outcome. */
export class Inbounds {
  readonly model: Model<InboundRecord>;

  constructor(connection: Connection) {
    this.model = connection.model<InboundRecord>('Inbound', schema);
  }

  /** Stores a message; false when the same message was stored before. */
  async storeOnce(record: InboundRecord): Promise<boolean> {
    try {
      await this.model.collection.insertOne(record as never);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** What a conversation has not answered yet, oldest first by the channel's time. */
  async pendingOf(conversation: string): Promise<InboundRecord[]> {
    const records = await this.model.collection
      .find<InboundRecord>({ conversation, pendingSince: { $exists: true } })
      .toArray();
    return records.sort(inOrder);
  }

  async byIds(ids: string[]): Promise<InboundRecord[]> {
    if (ids.length === 0) return [];
    return this.model.collection.find<InboundRecord>({ _id: { $in: ids as never[] } }).toArray();
  }

  /** Edits, deletions, reactions and votes about the messages with these keys, on any channel, oldest first. */
  async about(keys: string[]): Promise<InboundRecord[]> {
    if (keys.length === 0) return [];
    const found = await this.model.collection.find<InboundRecord>({ 'content.to': { $in: keys } }).toArray();
    return found.sort(inOrder);
  }

  /**
   * Writes the new words of `message` down and keeps the old ones. The same edit again, or one that is older than
   * the newest, changes nothing. Returns the message as it stands, undefined when there is none.
   */
  async edit(
    message: string,
    edit: { id: string; at: Date; text: string },
  ): Promise<InboundRecord | undefined> {
    for (;;) {
      const [found] = await this.byIds([message]);
      const edited = found && withEdit(found, edit);
      if (!found || edited === found) return found;
      const unchanged = { _id: message as never, edits: found.edits ?? { $exists: false } };
      const written = await this.model.collection.updateOne(unchanged, {
        $set: { content: edited?.content, edits: edited?.edits },
      });
      if (written.modifiedCount === 1) return edited;
    }
  }

  /** The buyer deleted `message`; the first time counts. */
  async revoke(message: string, at: Date): Promise<void> {
    await this.model.updateOne({ _id: message, revokedAt: { $exists: false } }, { $set: { revokedAt: at } });
  }

  /** Writes down what is said in a voice note, empty when it cannot be heard. A message with an outcome stays as it is. */
  async hear(message: string, transcript: string): Promise<void> {
    await this.model.collection.updateOne(
      { _id: message as never, outcome: { $exists: false } },
      { $set: { 'content.transcript': transcript } },
    );
  }

  /** The file of a message is in the vault: `raw` is what may stay of the provider's payload. */
  async vaulted(message: string, document: string, raw: string): Promise<void> {
    await this.model.collection.updateOne(
      { _id: message as never },
      { $set: { raw, 'content.vaulted': document } },
    );
  }

  /** Conversations with a message that arrived by `before` and still has no outcome; at most `limit`. */
  async conversationsWaiting(before: Date, limit: number): Promise<string[]> {
    const waiting = await this.model
      .find({ pendingSince: { $exists: true, $lte: before } }, { conversation: 1 })
      .limit(limit)
      .lean<{ conversation: string }[]>();
    return [...new Set(waiting.map((each) => each.conversation))];
  }

  /** Writes outcomes down; idempotent, the first outcome of a message stays. */
  async conclude(outcomes: { message: string; outcome: Outcome }[]): Promise<void> {
    if (outcomes.length === 0) return;
    await this.model.collection.bulkWrite(
      outcomes.map(({ message, outcome }) => ({
        updateOne: {
          filter: { _id: message as never, outcome: { $exists: false } },
          update: { $set: { outcome }, $unset: { pendingSince: '' } },
        },
      })),
      { ordered: false },
    );
  }
}

/** The message as it reads after an edit; itself when it has that edit, or a newer one, already. */
export function withEdit(
  message: InboundRecord,
  edit: { id: string; at: Date; text: string },
): InboundRecord {
  const edits = message.edits ?? [];
  if (edits.some(({ id, at }) => id === edit.id || at > edit.at)) return message;
  // Of a file only the caption can be edited.
  const words = message.content.kind === 'media' ? 'caption' : 'text';
  const before = `${message.content[words] ?? ''}`;
  return {
    ...message,
    content: { ...message.content, [words]: edit.text },
    edits: [...edits, { id: edit.id, at: edit.at, before }],
  };
}

/** By the channel's time, then by arrival. */
function inOrder(a: InboundRecord, b: InboundRecord): number {
  return a.at.getTime() - b.at.getTime() || a.seq - b.seq;
}
