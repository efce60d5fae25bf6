import type { Logger } from 'pino';
import type { PersonEffect } from '../../flows/types.ts';
import type { Cases } from '../../models/case.ts';
import type { Replies, Reply } from '../../models/reply.ts';
import { openSlackFile, type TransferParts, TransferRefusal } from './download.ts';
import type { KeepFile, TeamWords } from './listening.ts';

/** Files that people drop into a thread: fetched from Slack, kept, and handed on to the buyer in their order. */

export type PersonFileParts = {
  transfer: TransferParts;
  replies: Replies;
  cases: Cases;
  words: Pick<TeamWords, 'say'>;
  keepFile: KeepFile;
  /** No file may be larger. */
  maxFileBytes: number;
  caseChanged: (caseId: string) => void;
  replyChanged: (reply: string) => void;
  now: () => Date;
  log: Logger;
};

const SECOND_MS = 1_000;
const FETCH_LIMIT_MS = 120 * SECOND_MS;
/** After each attempt; then people are told. */
const RETRY_AFTER_MS = [2 * SECOND_MS, 10 * SECOND_MS, 30 * SECOND_MS];

export class PersonFiles {
  private readonly parts: PersonFileParts;
  private readonly stopping = new AbortController();

  constructor(parts: PersonFileParts) {
    this.parts = parts;
  }

  /** Breaks off what is being fetched, which is owed as before. */
  stop(): void {
    this.stopping.abort();
  }

  /** Hands on the files of one message, `slack:<channel>:<ts>`, in order: what has to wait holds the next ones back. */
  async handOn(message: string): Promise<void> {
    const { replies, now } = this.parts;
    const [, channel = '', ts = ''] = message.split(':');
    for (const reply of await replies.at({ channel, ts })) {
      if (!reply.fetchAt || !reply.file) continue;
      if (reply.fetchAt > now() || this.stopping.signal.aborted) return;
      if (!(await this.handOnOne(reply, reply.file))) return;
    }
  }

  /** False when it has to be tried again first. */
  private async handOnOne(reply: Reply, file: NonNullable<Reply['file']>): Promise<boolean> {
    const { replies, log } = this.parts;
    try {
      const kept = await this.fetch(reply, file);
      if (kept.kind === 'refused') await this.fail(reply, kept.reason);
      else await this.say(reply, kept);
      return true;
    } catch (error) {
      if (this.stopping.signal.aborted) return false;
      log.warn({ err: error, reply: reply._id }, 'a file of the team could not be fetched');
      if (error instanceof TransferRefusal) {
        await this.fail(reply, error.message);
        return true;
      }
      const pauseMs = RETRY_AFTER_MS[reply.attempts];
      if (pauseMs === undefined) {
        await this.fail(reply, 'Slack did not hand it over');
        return true;
      }
      await replies.fetchLater(reply._id, new Date(this.parts.now().getTime() + pauseMs));
      return false;
    }
  }

  private async fetch({ _id: id }: Reply, file: NonNullable<Reply['file']>) {
    const { transfer, keepFile, maxFileBytes } = this.parts;
    if (file.sizeBytes > maxFileBytes)
      throw new TransferRefusal(`larger than ${Math.round(maxFileBytes / 1024 / 1024)} MB`);
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(FETCH_LIMIT_MS)]);
    const bytes = await openSlackFile(transfer, file.url, signal);
    const { name, mimeType } = file;
    return keepFile({ id, name, mimeType, bytes }, signal);
  }

  private async say(
    { _id: id, caseId }: Reply,
    { fileId, name, mimeType }: { fileId: string; name: string; mimeType: string },
  ): Promise<void> {
    const { replies, words } = this.parts;
    // The caption may have been changed meanwhile.
    const latest = await replies.byId(id);
    if (!latest || latest.cancelled) return;
    const { caption = '', staff } = latest;
    const effect: PersonEffect = {
      ...{ kind: 'sendFile', fileId, name, mimeType, caption },
      ...{ staff, caseId, input: id },
    };
    const outcome = await words.say({ caseId, inputId: id, staff, effect });
    if (outcome === 'closed') return this.fail(latest, 'the case has been resolved meanwhile');
    await replies.fetched(id, effect);
    this.parts.replyChanged(id);
  }

  /** Loud, with a button to try again. */
  private async fail({ _id: id, caseId, file }: Reply, reason: string): Promise<void> {
    const { replies, cases, caseChanged, replyChanged, now } = this.parts;
    const failures = await replies.fetchFailed(id, reason);
    if (failures === 0) return;
    const at = now();
    const text = `Not sent to the buyer: ${file?.name || 'a file'} (${reason})`;
    const retry = { reply: id, failure: `${failures}` };
    await cases.owePost(caseId, { id: `${id}:failed${failures}`, who: 'bot', text, retry, at });
    await replies.owe(id, at);
    caseChanged(caseId);
    replyChanged(id);
  }
}
