import type { Buyer, Buyers } from '../models/buyer.ts';
import type { InboundRecord, Inbounds } from '../models/inbound.ts';
import type { Content, Handle, Inbound } from './channels/channel.ts';
import { payloadWithoutNumbers, withoutNumbers } from './masking.ts';

/** What receiving needs; `wake` starts the buyer's turn and returns at once. */
export type ReceiveParts = {
  buyers: Buyers;
  inbound: Inbounds;
  /** Names the line that a buyer's one conversation belongs to, whichever transport they write on. */
  line: string;
  wake: (conversation: string) => void;
  /** Two buyers turned out to be one person: what the absorbed one has must be moved. Returns at once. */
  onMerged: (absorbed: Buyer, into: Buyer) => void;
  onStored: (isNew: boolean) => void;
  /** Owes the file of a message; resolves when that is durable. */
  oweMedia: (record: InboundRecord, content: Extract<Content, { kind: 'media' }>) => Promise<void>;
  now: () => Date;
  newId: () => string;
};

/** Who wrote, or to whom somebody wrote, as far as the channel says. */
type Person = Pick<Inbound, 'from' | 'alsoKnownAs' | 'profileName'>;

const KNOWN_HANDLES = 20_000;

/** Where every message of every channel comes in, live, by webhook or backfilled: stored, then acknowledged. */
export class Receiver {
  private readonly parts: ReceiveParts;
  private readonly buyerOf = new Map<string, string>();
  private lastSeq = 0;

  constructor(parts: ReceiveParts) {
    this.parts = parts;
  }

  /**
   * Stores messages, without the identity and account numbers that they may hold, in the order they came and wakes their turns. Resolves when all are durable: only then may
   * the channel acknowledge. A message that was stored before is a no-op.
   */
  async receive(channel: string, messages: Inbound[]): Promise<void> {
    const woken = new Set<string>();
    for (const sent of messages) {
      const message = { ...sent, content: withoutNumbers(sent.content) };
      const record = await this.recordOf(channel, message);
      const isNew = await this.parts.inbound.storeOnce(record);
      this.parts.onStored(isNew);
      // A duplicate owes it too, for the same reason as it wakes.
      if (message.content.kind === 'media') await this.parts.oweMedia(record, message.content);
      // A duplicate wakes too: its first delivery may have come in just before a crash.
      woken.add(record.conversation);
    }
    for (const conversation of woken) this.parts.wake(conversation);
  }

  /** The person behind a handle and their conversation with us; a person nobody knew is put on record. */
  async conversationOf(person: Person): Promise<{ buyer: string; conversation: string; replyTo: string }> {
    const buyer = await this.buyerFor(person);
    return { buyer, conversation: `${this.parts.line}/${buyer}`, replyTo: handleKey(person.from) };
  }

  /** Forgets who is behind the handles of a buyer who has become part of another one. */
  forget(buyer: string): void {
    for (const [handle, known] of this.buyerOf) if (known === buyer) this.buyerOf.delete(handle);
  }

  private async recordOf(channel: string, message: Inbound): Promise<InboundRecord> {
    const receivedAt = this.parts.now();
    const { buyer, conversation, replyTo } = await this.conversationOf(message);
    // It only rises, also within one millisecond and when the clock is set back.
    this.lastSeq = Math.max(this.lastSeq + 1, receivedAt.getTime() * 1_000);
    return {
      _id: `${channel}:${message.key}`,
      channel,
      conversation,
      buyer,
      from: replyTo,
      at: message.at,
      receivedAt,
      seq: this.lastSeq,
      content: message.content,
      ...(message.quoted && { quoted: message.quoted }),
      ...(message.fromAdvertisement && { fromAdvertisement: true as const }),
      // As text: a provider's field names may be none that a database takes.
      raw: payloadWithoutNumbers(message.raw),
      pendingSince: receivedAt,
    };
  }

  /** Asks the database only when a message brings a handle, or a pair of them, that is new to this process. */
  private async buyerFor({ from, alsoKnownAs, profileName = '' }: Person): Promise<string> {
    const handles = [...new Set([from, ...alsoKnownAs].map(handleKey))];
    const [known, ...others] = new Set(handles.map((handle) => this.buyerOf.get(handle)));
    if (known !== undefined && others.length === 0) return known;
    const { buyers, newId, now, onMerged } = this.parts;
    const buyer = await buyers.withHandles(handles, profileName, newId(), now(), onMerged);
    if (this.buyerOf.size >= KNOWN_HANDLES) this.buyerOf.clear();
    for (const handle of handles) this.buyerOf.set(handle, buyer._id);
    return buyer._id;
  }
}

/** `pn:+919999900001` */
export function handleKey(handle: Handle): string {
  return `${handle.kind}:${handle.value}`;
}

/** The handle that `handleKey` wrote. */
export function handleOf(key: string): Handle {
  const split = key.indexOf(':');
  return { kind: key.slice(0, split) as Handle['kind'], value: key.slice(split + 1) };
}
