import { buffer } from 'node:stream/consumers';
import { type DecisionContext, decideVoiceNote } from '../flows/decide.ts';
import type { Outcome } from '../flows/types.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import type { InboundRecord, Inbounds } from '../models/inbound.ts';
import type { Media, MediaLease, MediaRecords } from '../models/media.ts';
import { decideOnce } from './once.ts';
import { heardMark } from './turn.ts';
import { masked } from './understand/identity.ts';
import type { Transcriber } from './understand/transcriber.ts';

export type VoiceParts = {
  media: MediaRecords;
  inbound: Inbounds;
  conversations: Conversations;
  transcriber: Pick<Transcriber, 'takes' | 'transcribe'>;
  contextOf: (conversation: Conversation, now: Date) => Promise<DecisionContext>;
  wake: (conversation: string) => void;
  now: () => Date;
};

/** What a file that was asked for came to, in the hands of whoever holds the lease. */
type Ended = Media & { lease: MediaLease };

/**
 * Has voice notes written down, and gives their words to the turn that decides the message; where that turn could
 * not wait for them, to the people of its case. Never to both: the deciding turn marks what it has used.
 */
export class VoiceNotes {
  private readonly parts: VoiceParts;

  constructor(parts: VoiceParts) {
    this.parts = parts;
  }

  /**
   * Takes a voice note as far as it goes now; other files, and those not yet there, are none of its business. False
   * while it has to be looked at again. Idempotent. Throws when `stop` aborts.
   */
  async attend(record: Ended, stop: AbortSignal): Promise<boolean> {
    if (!record.voice || record.status === 'owed') return true;
    const transcript = record.transcript ?? (await this.heard(record, stop));
    return transcript !== undefined && this.handOver(record, transcript);
  }

  /** Its words, asked for once and then on record, empty when there are none; undefined when the lease was lost. */
  private async heard(record: Ended, stop: AbortSignal): Promise<string | undefined> {
    const transcript = await this.transcribe(record, stop);
    stop.throwIfAborted();
    return (await this.parts.media.hear(record, transcript)) ? transcript : undefined;
  }

  private async transcribe({ _id }: Ended, stop: AbortSignal): Promise<string> {
    const { media, transcriber } = this.parts;
    // As it is now: the bytes may have moved to another file.
    const file = await media.open(_id);
    if (!file || !transcriber.takes(file)) return '';
    try {
      const words = await transcriber.transcribe(await buffer(file.bytes), file.mimeType, stop);
      return masked(words ?? '');
    } catch (error) {
      if (isMissing(error)) return '';
      throw error;
    }
  }

  /** False until a message whose words are known has been decided: only then is it certain who has them. */
  private async handOver({ _id, conversation }: Ended, transcript: string): Promise<boolean> {
    const { inbound, wake } = this.parts;
    const [message] = await inbound.byIds([_id]);
    if (!message) return true;
    const outcome = await this.outcomeOf(message, conversation);
    if (outcome) {
      if (transcript !== '') await this.post(message, transcript, outcome);
      return true;
    }
    await inbound.hear(_id, transcript);
    wake(conversation);
    return transcript === '';
  }

  /** An outcome moves from the conversation to the message: whoever looks in this order cannot miss it for good. */
  private async outcomeOf(
    { _id, outcome }: InboundRecord,
    conversation: string,
  ): Promise<Outcome | undefined> {
    if (outcome) return outcome;
    const current = await this.parts.conversations.fresh(conversation);
    return current?.outcomes.find((each) => each.message === _id)?.outcome;
  }

  private async post(
    { _id, conversation, revokedAt }: InboundRecord,
    words: string,
    outcome: Outcome,
  ): Promise<void> {
    const inputs = [`voice:${_id}`, heardMark(_id)] as const;
    const caseId = outcome.kind === 'case' ? outcome.caseId : undefined;
    const voiceNote = { words, ...(caseId && { caseId }), isRevoked: revokedAt !== undefined };
    await decideOnce(this.parts, conversation, inputs, (state, context) =>
      decideVoiceNote(state, voiceNote, context),
    );
  }
}

/** GridFS has no such file: it will not come back. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
