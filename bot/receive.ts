import type { Buyers } from '../models/buyer.ts';
import type { InboundRecord, Inbounds } from '../models/inbound.ts';
import type { Handle, Inbound } from './channels/channel.ts';

/** What receiving needs; `wake` starts the buyer's turn and returns at once. */
export type ReceiveParts = {
  buyers: Buyers;
  inbound: Inbounds;
  /** Names the line that a buyer's one conversation belongs to, whichever transport they write on. */
  line: string;
  wake: (conversation: string) => void;
  onStored: (isNew: boolean) => void;
  now: () => Date;
  newId: () => string;
};

const KNOWN_HANDLES = 20_000;

/** Where every message of every channel comes in, live, by webhook or backfilled: stored, then acknowledged. */
export class Receiver {
  private readonly parts: ReceiveParts;
  private readonly buyerOf = new Map<string, string>();
  private arrivals = 0;

  constructor(parts: ReceiveParts) {
    this.parts = parts;
  }

  /**
   * Stores messages in the order they came and wakes their turns. Resolves when all are durable: only then may
   * the channel acknowledge. A message that was stored before is a no-op.
   */
  async receive(channel: string, messages: Inbound[]): Promise<void> {
    const woken = new Set<string>();
    for (const message of messages) {
      const record = await this.recordOf(channel, message);
      const isNew = await this.parts.inbound.storeOnce(record);
      this.parts.onStored(isNew);
      // A duplicate wakes too: its first delivery may have come in just before a crash.
      woken.add(record.conversation);
    }
    for (const conversation of woken) this.parts.wake(conversation);
  }

  private async recordOf(channel: string, message: Inbound): Promise<InboundRecord> {
    const receivedAt = this.parts.now();
    const buyer = await this.buyerFor(message, receivedAt);
    this.arrivals = (this.arrivals + 1) % 1_000_000;
    return {
      _id: `${channel}:${message.key}`,
      channel,
      conversation: `${this.parts.line}/${buyer}`,
      buyer,
      from: handleKey(message.from),
      at: message.at,
      receivedAt,
      seq: receivedAt.getTime() * 1_000 + (this.arrivals % 1_000),
      content: message.content,
      ...(message.quoted && { quoted: message.quoted }),
      // As text: a provider's field names may be none that a database takes.
      raw: JSON.stringify(message.raw ?? null),
      pendingSince: receivedAt,
    };
  }

  /** The person behind the handle that wrote; further handles of the message are learnt on first contact. */
  private async buyerFor(message: Inbound, now: Date): Promise<string> {
    const from = handleKey(message.from);
    const known = this.buyerOf.get(from);
    if (known) return known;
    const handles = [from, ...message.alsoKnownAs.map(handleKey)];
    const buyer = await this.parts.buyers.withHandles(
      [...new Set(handles)],
      message.profileName ?? '',
      this.parts.newId(),
      now,
    );
    if (this.buyerOf.size >= KNOWN_HANDLES) this.buyerOf.clear();
    this.buyerOf.set(from, buyer._id);
    return buyer._id;
  }
}

/** `pn:+919999900001` */
function handleKey(handle: Handle): string {
  return `${handle.kind}:${handle.value}`;
}

/** The handle that `handleKey` wrote. */
export function handleOf(key: string): Handle {
  const split = key.indexOf(':');
  return { kind: key.slice(0, split) as Handle['kind'], value: key.slice(split + 1) };
}
