import type { Choice } from '../../flows/types.ts';
import type { SendStatus } from '../../models/send.ts';

/** The transport-neutral contract that WhatsApp's two gateways and the sandbox meet. */

/** One way to reach a person. A phone is E.164 (`+919999900001`); the phone may be unknown. */
export type Handle = { kind: 'pn' | 'lid' | 'bsuid' | 'group'; value: string };

export type { SendStatus as Delivery } from '../../models/send.ts';

export type MediaKind = 'image' | 'document' | 'audio' | 'video' | 'sticker';

/** What a message carries. Unknown kinds become `unsupported` and are shown to a person. */
export type Content =
  | { kind: 'text'; text: string }
  | { kind: 'choice'; id: string; title: string }
  | { kind: 'media'; media: MediaKind; ref: string; mimeType: string; fileName?: string; caption?: string }
  | { kind: 'location'; latitudeDeg: number; longitudeDeg: number; name?: string }
  | { kind: 'reaction'; to: string; emoji: string | null }
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
  /** Key of the message this one answers. */
  quoted?: string;
  /** The provider's payload, kept as it came. */
  raw: unknown;
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
      document?: OutboundDocument;
    }
  | { kind: 'document'; document: OutboundDocument; caption: string };

export type OutboundDocument = { fileName: string; mimeType: string; bytes: Buffer };

export type Outbound = { to: Handle; outboxId: string; content: OutboundContent };

/** A delivery report; `outboxId` when the provider echoes it, which is how unknown outcomes are settled. */
export type DeliveryReport = {
  providerId: string;
  outboxId?: string;
  state: Exclude<SendStatus, 'queued' | 'sending' | 'unknown'>;
  at: Date;
  error?: { code: string; detail: string };
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
  maxDocumentBytes: number;
};

export type ChannelEvents = {
  /** Handlers are awaited: the channel acknowledges to the provider only after they resolve. */
  inbound: (messages: Inbound[]) => Promise<void>;
  delivery: (reports: DeliveryReport[]) => Promise<void>;
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
  /** Shows the buyer that the message was read and, if asked, that an answer is being written. Best effort. */
  markRead(messageKey: string, typing: boolean): Promise<void>;
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
