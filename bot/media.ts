import { addAbortSignal } from 'node:stream';
import type { Logger } from 'pino';
import { type DecisionContext, decideMedia } from '../flows/decide.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import type { Files } from '../models/file.ts';
import type { InboundRecord } from '../models/inbound.ts';
import type { Media, MediaEnd, MediaLease, MediaRecords } from '../models/media.ts';
import type { Timeline } from '../models/timeline.ts';
import { type Channel, ChannelError, type Content, type FetchedMedia } from './channels/channel.ts';
import { Checked, Refusal, tooLarge } from './checked.ts';
import type { Vaulting } from './documents/vaulting.ts';
import { safeName } from './fileType.ts';
import { maskedName } from './masking.ts';
import { decideOnce } from './once.ts';
import type { VoiceNotes } from './voice.ts';

export type MediaParts = {
  media: MediaRecords;
  files: Files;
  conversations: Conversations;
  timeline: Timeline;
  channels: ReadonlyMap<string, Channel>;
  /** Moves papers to the vault. */
  vaulting: Pick<Vaulting, 'attend'>;
  /** Absent: voice notes are left to people. */
  voiceNotes?: VoiceNotes | undefined;
  contextOf: (conversation: Conversation, now: Date) => Promise<DecisionContext>;
  /** Has the conversation pay what it owes. */
  wake: (conversation: string) => void;
  onAttempt: (outcome: MediaOutcome) => void;
  /** No file may be larger. */
  maxBytes: number;
  /** A download that takes longer has stopped; five minutes unless told otherwise. */
  fetchLimitMs?: number;
  /** Names this process on the leases. */
  instance: string;
  now: () => Date;
  newId: () => string;
  log: Logger;
};

/** What an attempt came to; `retry`: not this time. */
export type MediaOutcome = MediaEnd['status'] | 'retry';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** After this attempt and the next ones; then every hour. */
const RETRY_AFTER_MS = [5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, HOUR_MS];
/** WhatsApp keeps a file for seven days. */
const KEPT_MS = 7 * 24 * HOUR_MS;
/** People learn of it then: shorter troubles pass by themselves. */
const TROUBLING_ATTEMPTS = 3;
const FETCH_LIMIT_MS = 5 * MINUTE_MS;
/** Outlasts the longest download, and the hearing of it. */
const LEASE_MS = 6 * MINUTE_MS;
const LOOK_AGAIN_MS = 5 * SECOND_MS;
const LITTER_MS = HOUR_MS;
const AT_ONCE = 3;
/** More are left to the sweep. */
const MOST_WAITING = 100;
/** Pictures on WhatsApp have 5 MB at most; what a phone calls a picture and is larger is none. */
const MAX_PICTURE_BYTES = 16 * 1024 * 1024;

type Taken = Media & { lease: MediaLease };
type Attempt = MediaEnd | { status: 'retry'; reason: string };

/** Fetches the files of buyers' messages, a few at a time, each until it is stored or certainly lost. */
export class MediaFetcher {
  private readonly parts: MediaParts;
  private readonly waiting = new Set<string>();
  private readonly running = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();

  constructor(parts: MediaParts) {
    this.parts = parts;
  }

  /** Owes the file of a message that was stored just now, or before: owing it twice is a no-op. */
  async owe(
    { _id, buyer, conversation, channel, receivedAt }: InboundRecord,
    content: Extract<Content, { kind: 'media' }>,
  ): Promise<void> {
    const { media: kind, ref, mimeType, fileName, sizeBytes, voice } = content;
    await this.parts.media.owe({
      _id,
      buyer,
      conversation,
      channel,
      ref,
      kind,
      ...(voice && { voice }),
      declaredMimeType: mimeType,
      ...(fileName && { fileName }),
      ...(sizeBytes !== undefined && { declaredBytes: sizeBytes }),
      receivedAt,
    });
  }

  /** Does soon what is due for this file. When there is too much to do, the sweep comes back to it. */
  wake(id: string): void {
    if (this.stopping.signal.aborted || this.running.has(id) || this.waiting.size >= MOST_WAITING) return;
    this.waiting.add(id);
    this.startNext();
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running.values());
  }

  /** Breaks off what runs, which is owed as before, and takes nothing more. */
  async drain(): Promise<void> {
    this.waiting.clear();
    this.stopping.abort();
    await this.idle();
  }

  /** Removes what broken attempts left behind; returns how many files. */
  async tidy(): Promise<number> {
    return this.parts.media.tidy(new Date(this.parts.now().getTime() - LITTER_MS));
  }

  private startNext(): void {
    for (const id of this.waiting) {
      if (this.running.size >= AT_ONCE) return;
      this.waiting.delete(id);
      const done = this.attend(id).finally(() => {
        this.running.delete(id);
        this.startNext();
      });
      this.running.set(id, done);
    }
  }

  /** Everything that is due for one file. Never rejects. */
  private async attend(id: string): Promise<void> {
    const { media, instance, newId, now, log } = this.parts;
    let taken: Taken | undefined;
    try {
      const lease = { by: instance, until: this.later(LEASE_MS), file: newId() };
      taken = await media.take(id, lease, now());
      const after = taken?.status === 'owed' ? await this.fetch(taken) : taken;
      const isDone = !taken || !after || (await this.finish({ ...after, lease: taken.lease }));
      if (taken && !isDone) await media.giveBack(taken, this.later(LOOK_AGAIN_MS));
    } catch (error) {
      const isStopping = this.stopping.signal.aborted;
      if (!isStopping) log.error({ err: error }, 'a file could not be attended to and will be tried again');
      // If the database is away the lease ends by itself.
      if (taken)
        await media.giveBack(taken, this.later(isStopping ? 0 : LOOK_AGAIN_MS)).catch(() => undefined);
    }
  }

  /** One attempt, written down; undefined when another process has taken over meanwhile. */
  private async fetch(taken: Taken): Promise<Media | undefined> {
    const { media, now, onAttempt, log } = this.parts;
    const attempt = this.orGone(taken, await this.attempt(taken));
    this.stopping.signal.throwIfAborted();
    onAttempt(attempt.status);
    log.info({ channel: taken.channel, kind: taken.kind, outcome: attempt.status }, 'a file was asked for');
    if (attempt.status === 'retry') return media.retry(taken, attempt.reason, this.nextAttempt(taken));
    const ended = await media.end(taken, attempt, now());
    if (ended && attempt.status === 'stored') await this.keepOne(taken, attempt);
    return ended;
  }

  private async attempt(taken: Taken): Promise<Attempt> {
    const { media, log } = this.parts;
    const limit = AbortSignal.timeout(this.parts.fetchLimitMs ?? FETCH_LIMIT_MS);
    try {
      return await this.download(taken, AbortSignal.any([this.stopping.signal, limit]));
    } catch (error) {
      await media.discard(taken.lease.file);
      if (error instanceof Refusal) return { status: 'refused', reason: error.message };
      if (limit.aborted) return { status: 'retry', reason: 'it took too long' };
      if (!this.stopping.signal.aborted) log.warn({ err: error, kind: taken.kind }, 'a download failed');
      return {
        status: 'retry',
        reason: error instanceof ChannelError ? error.message : 'the download failed',
      };
    }
  }

  private async download(taken: Taken, signal: AbortSignal): Promise<Attempt> {
    const { files, channels } = this.parts;
    const limitBytes = this.limitOf(taken);
    if ((taken.declaredBytes ?? 0) > limitBytes) throw tooLarge(limitBytes);
    const fetched = await opened(channels.get(taken.channel), taken.ref, signal);
    if (fetched.kind === 'gone') return { status: 'gone', reason: fetched.reason };
    if (fetched.kind === 'later') return { status: 'retry', reason: fetched.reason };
    const fileName = taken.fileName ?? maskedName(fetched.fileName ?? '');
    const declared = { mimeType: taken.declaredMimeType || fetched.mimeType, fileName };
    // A stream that has stopped without an end would be waited for, whatever the signal says.
    const checked = new Checked(addAbortSignal(signal, fetched.bytes), declared, limitBytes);
    try {
      const written = await files.write(taken.lease.file, checked.bytes(), signal);
      if (written.sizeBytes < (taken.declaredBytes ?? 0)) throw new Error('the file came in part only');
      const { mimeType, mismatch } = checked.type;
      return {
        status: 'stored',
        fileId: await files.claim(taken.lease.file, written.sha256),
        safeName: safeName(fileName, taken.voice ? 'voice note' : taken.kind, mimeType),
        ...written,
        mimeType,
        ...(mismatch && { mismatch }),
      };
    } finally {
      fetched.bytes.destroy();
    }
  }

  /** The same content is kept once: its own copy goes, if the other one is certain to stay. */
  private async keepOne({ _id, lease }: Taken, { fileId, sha256 }: Stored): Promise<void> {
    const { media, files } = this.parts;
    if (fileId === lease.file) return;
    if (await files.holds(fileId, sha256)) return files.drop(lease.file);
    await media.moveTo(_id, lease.file);
    await files.claim(lease.file, sha256);
  }

  private orGone({ receivedAt }: Taken, attempt: Attempt): Attempt {
    const isOver = this.parts.now().getTime() >= receivedAt.getTime() + KEPT_MS;
    return attempt.status === 'retry' && isOver ? { status: 'gone', reason: 'gone after 7 days' } : attempt;
  }

  private nextAttempt({ attempts, receivedAt }: Taken): Date {
    const next = this.parts.now().getTime() + (RETRY_AFTER_MS[attempts] ?? HOUR_MS);
    return new Date(Math.min(next, receivedAt.getTime() + KEPT_MS));
  }

  private limitOf({ kind }: Media): number {
    const isPicture = kind === 'image' || kind === 'sticker';
    return isPicture ? Math.min(this.parts.maxBytes, MAX_PICTURE_BYTES) : this.parts.maxBytes;
  }

  /** What follows from how it stands; false while something of that has to wait. */
  private async finish(record: Taken): Promise<boolean> {
    const { media, voiceNotes, vaulting } = this.parts;
    // First of all: a turn waits for it.
    const isHeard = !voiceNotes || (await voiceNotes.attend(record, this.stopping.signal));
    const isTold = await this.tell(record);
    const isVaulted = await vaulting.attend(record);
    if (!isHeard || !isTold || !isVaulted) return false;
    // A paper that was recognised meanwhile is not at its end.
    return record.status === 'owed' || media.toldEnd(record._id, record.vault !== undefined);
  }

  /**
   * Says how it stands where people look: on the timeline, and when something is wrong, in a case. False while
   * the message itself has not been taken up: then there is no conversation to tell.
   */
  private async tell(record: Media): Promise<boolean> {
    const { media, timeline, now } = this.parts;
    const isLate = record.status === 'owed';
    if (isLate && (record.attempts < TROUBLING_ATTEMPTS || record.toldLate)) return true;
    if (record.status === 'stored') await timeline.append([storedEntry(record, now())]);
    const concernsPeople = record.status !== 'stored' || record.toldLate;
    if (concernsPeople && !(await this.decide(record))) return false;
    if (isLate) await media.toldLate(record._id);
    return true;
  }

  private async decide(record: Media): Promise<boolean> {
    if (!(await this.parts.conversations.latest(record.conversation))) return false;
    const { _id, conversation, status, reason = '' } = record;
    await decideOnce(this.parts, conversation, [`media:${_id}:${status}`], (state, context) =>
      decideMedia(state, { name: labelOf(record), status, reason }, context),
    );
    return true;
  }

  private later(ms: number): Date {
    return new Date(this.parts.now().getTime() + ms);
  }
}

type Stored = Extract<MediaEnd, { status: 'stored' }>;

/** What the channel hands over, or the reason of `signal` when that comes first. */
async function opened(channel: Channel | undefined, ref: string, signal: AbortSignal): Promise<FetchedMedia> {
  if (!channel) return { kind: 'later', reason: 'the transport it came by is not connected' };
  signal.throwIfAborted();
  const asked = channel.fetchMedia(ref);
  return new Promise((resolve, reject) => {
    const stop = () => {
      reject(signal.reason);
      asked.then((late) => late.kind === 'media' && late.bytes.destroy()).catch(() => undefined);
    };
    signal.addEventListener('abort', stop, { once: true });
    asked.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function storedEntry(record: Media, at: Date) {
  const { _id, buyer, conversation, mimeType, sizeBytes = 0, mismatch } = record;
  return {
    _id: `media:${_id}:stored`,
    buyer,
    conversation,
    at,
    who: 'bot',
    kind: 'delivery' as const,
    what: `${labelOf(record)} stored, ${mimeType}, ${sizeText(sizeBytes)}`,
    ...(mismatch && { why: mismatch }),
  };
}

/** `document kyc.pdf` */
function labelOf({ kind, voice, fileName }: Media): string {
  if (voice) return 'voice note';
  return fileName ? `${kind} ${fileName.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 120)}` : kind;
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`;
  return `${Math.round(bytes / 100_000) / 10} MB`;
}
