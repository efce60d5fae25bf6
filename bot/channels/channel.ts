import type { Readable } from 'node:stream';
import type { Choice } from '../../flows/types.ts';
import type { SendStatus } from '../../models/send.ts';

/** The transport-neutral contract that WhatsApp's two gateways and the sandbox meet. */

/** One way to reach a person. A phone is E.164 (`+919999900001`); the phone may be unknown. */
export type Handle = { kind: 'pn' | 'lid' | 'bsuid' | 'group'; value: string };

export type { SendStatus as Delivery } from '../../models/send.ts';

export type MediaKind = 'image' | 'document' | 'audio' | 'video' | 'sticker';

/**
 * What a message carries. Unknown kinds become `unsupported` and are shown to a person.
 * - media: a file, fetched later by its `ref`; `voice` marks a voice note. Its `transcript` is no part of what came
 *   in: it is what a machine heard in it since, empty when that came to nothing.
 * - reaction, vote, edited, revoked: about an earlier message, `to` is its key or provider id. A reaction without
 *   emoji was taken back; a vote carries every option that is ticked now.
 * - call: somebody rang; this number cannot be called.
 */
export type Content =
  | { kind: 'text'; text: string }
  | { kind: 'choice'; id: string; title: string }
  | {
      kind: 'media';
      media: MediaKind;
      ref: string;
      mimeType: string;
      fileName?: string;
      caption?: string;
      sizeBytes?: number;
      voice?: true;
      transcript?: string;
    }
  | { kind: 'location'; latitudeDeg: number; longitudeDeg: number; name?: string }
  | { kind: 'contacts'; contacts: { name: string; phones: string[] }[] }
  | { kind: 'reaction'; to: string; emoji: string | null }
  | { kind: 'vote'; to: string; titles: string[] }
  | { kind: 'edited'; to: string; text: string }
  | { kind: 'revoked'; to: string }
  | { kind: 'call'; video: boolean }
  | { kind: 'unsupported'; reason: string };

/**
 * One message from a buyer, live or backfilled.
 * Example: `{key: 'wamid.A1', from: {kind: 'pn', value: '+919999900001'}, alsoKnownAs: [], at: …, content: …, raw: {…}}`
 */
export type Inbound = {
  /** Unique within the channel; the same message always carries the same key. */
  key: string;
  /** The handle that wrote, and to which answers go. */
  from: Handle;
  alsoKnownAs: Handle[];
  profileName?: string;
  /** The channel's own time of the message. */
  at: Date;
  content: Content;
  /** Key or provider id of the message this one answers. */
  quoted?: string;
  /** They came by a click-to-chat advertisement. */
  fromAdvertisement?: true;
  /** The provider's payload, kept as it came. */
  raw: unknown;
};

/**
 * A message from our own number that this program did not send: somebody typed it on the paired phone. The
 * channel has left out what it sent itself in this run; what an earlier run sent is known by the ledger.
 */
export type Echo = {
  /** The provider's id, under which the ledger would know it. */
  key: string;
  to: Handle;
  alsoKnownAs: Handle[];
  at: Date;
  content: Content;
};

/** What goes out. A document carries its bytes; `template` only on channels whose caps allow it. */
export type OutboundContent =
  | { kind: 'text'; text: string }
  | { kind: 'choices'; text: string; choices: Choice[] }
  | {
      kind: 'template';
      name: string;
      languageCode: string;
      parameters: string[];
      /** The first parameter is a one-time code: the template has a button that copies it. */
      hasCode?: true;
      document?: OutboundDocument;
    }
  | { kind: 'document'; document: OutboundDocument; caption: string };

export type OutboundDocument = { fileName: string; mimeType: string; bytes: Buffer };

export type Outbound = { to: Handle; outboxId: string; content: OutboundContent };

/**
 * A file being fetched: its bytes as a stream, or why there is none. `later`: not at this moment, try again;
 * `gone`: the provider has it no more, or it is larger than the channel can hand over.
 */
export type FetchedMedia =
  | { kind: 'media'; bytes: Readable; mimeType: string; fileName?: string }
  | { kind: 'later'; reason: string }
  | { kind: 'gone'; reason: string };

/** What a provider can say of a send whose outcome is unknown; `unclear` when it cannot tell yet. */
export type Reconciled = { kind: 'sent'; providerId: string } | { kind: 'absent' } | { kind: 'unclear' };

/** A delivery report; `outboxId` when the provider echoes it, which is how unknown outcomes are settled. */
export type DeliveryReport = {
  providerId: string;
  outboxId?: string;
  state: Exclude<SendStatus, 'queued' | 'sending' | 'unknown'>;
  at: Date;
  error?: { code: string; detail: string };
  /** Who got it, by every name the provider gives them: one of these may be new to us. */
  recipient?: Handle[];
  /** What the provider charges for it, kept as it came. */
  pricing?: unknown;
};

export type Health =
  | 'starting'
  | 'pairing'
  | 'syncing'
  | 'ready'
  | 'degraded'
  | 'loggedOut'
  | 'blocked'
  | 'stopped';

export type Caps = {
  templates: boolean;
  /** Most quick replies in one message; 0 where the channel has none and choices become numbered text. */
  maxChoices: number;
  window24h: boolean;
  /** True when messages can be fetched that arrived while we were away. */
  backfill: boolean;
  maxDocumentBytes: number;
  /** The types of documents that it carries; absent where it carries any. */
  documentTypes?: readonly string[];
};

export type ChannelEvents = {
  /** Handlers are awaited: the channel acknowledges to the provider only after they resolve. */
  inbound: (messages: Inbound[]) => Promise<void>;
  delivery: (reports: DeliveryReport[]) => Promise<void>;
  /** Somebody answered from the paired phone. */
  echo: (echoes: Echo[]) => Promise<void>;
  /** Called on every change of health, and on every `ready` even without one; must not throw. */
  state: (health: Health) => void;
};

export interface Channel {
  readonly id: string;
  readonly kind: 'web' | 'cloud' | 'sandbox';
  readonly caps: Caps;
  start(events: ChannelEvents): Promise<void>;
  stop(): Promise<void>;
  health(): Health;
  /** Hands one message to the provider. Throws `ChannelError`; class `unknown` means it may have gone out. */
  send(message: Outbound): Promise<{ providerId: string; state: SendStatus }>;
  /** Looks for a send of unknown outcome at the provider. `since` is when it was begun. Never throws. */
  reconcile(message: Outbound, since: Date): Promise<Reconciled>;
  /** Opens the file of a media message by its `ref`. Throws only what is worth another attempt. */
  fetchMedia(ref: string): Promise<FetchedMedia>;
  /** Shows the buyer that the message was read and, if asked, that an answer is being written. Best effort. */
  markRead(messageKey: string, typing: boolean): Promise<void>;
  /** What arrived or was typed on the phone since then, a batch per chat, oldest first; nothing without `caps.backfill`. */
  backfill(since: Date): AsyncIterable<{ messages: Inbound[]; echoes: Echo[] }>;
}

/**
 * Why a send failed, by what can be done about it:
 * retry (not sent, try again), rate (not sent, slow down), window (24 h over: a template is needed),
 * recipient and template (final), auth and blocked (the channel is down), unknown (it may have gone out).
 */
export type ChannelErrorClass =
  | 'retry'
  | 'rate'
  | 'window'
  | 'recipient'
  | 'template'
  | 'auth'
  | 'blocked'
  | 'unknown';

/** A send that failed; `class` decides what happens to the outbox item. */
export class ChannelError extends Error {
  readonly class: ChannelErrorClass;
  readonly code: string;
  readonly retryAfterMs: number | undefined;

  constructor(options: {
    class: ChannelErrorClass;
    code: string;
    message: string;
    retryAfterMs?: number;
    cause?: unknown;
  }) {
    super(options.message, { cause: options.cause });
    this.name = 'ChannelError';
    this.class = options.class;
    this.code = options.code;
    this.retryAfterMs = options.retryAfterMs;
  }
}
