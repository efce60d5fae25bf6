import { buffer } from 'node:stream/consumers';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Case, Cases } from '../../models/case.ts';
import type { Conversations } from '../../models/conversation.ts';
import type { InboundRecord, Inbounds } from '../../models/inbound.ts';
import type { Media, MediaRecords } from '../../models/media.ts';
import type { Timeline } from '../../models/timeline.ts';
import { sendSlackFile, type TransferParts } from './download.ts';
import { type Place, readFailure } from './posts.ts';

/** Files of buyers, shown in the thread of their case: a burst together, each once, identity papers never. */

export type BuyerFileParts = {
  client: WebClient;
  transfer: TransferParts;
  media: MediaRecords;
  inbound: Inbounds;
  cases: Cases;
  conversations: Conversations;
  timeline: Timeline;
  /** Whether a file's name or caption speaks of an identity paper, or of a cheque, which shows an account. */
  namesPaper: (words: string) => boolean;
  caseChanged: (caseId: string) => void;
  now: () => Date;
  log: Logger;
};

const SECOND_MS = 1_000;
const TRANSFER_LIMIT_MS = 120 * SECOND_MS;
const LOOK_AGAIN_MS = 2 * SECOND_MS;
/** Slack's refusals; while it is away, files wait as everything else does. */
const MOST_ATTEMPTS = 4;
const MOST_TOGETHER = 10;
/** The lines of a thread go first, unless they wait for too long. */
const WAITS_FOR_LINES_MS = 30 * SECOND_MS;

const named = z.object({ upload_url: z.string(), file_id: z.string() });
const threadPage = z.object({
  messages: z.array(z.object({ files: z.array(z.object({ id: z.string() })).default([]) })).default([]),
});

type Showing = { media: Media; message: InboundRecord; found: Case };

export class BuyerFiles {
  private readonly parts: BuyerFileParts;

  constructor(parts: BuyerFileParts) {
    this.parts = parts;
  }

  /** Shows what is due of a conversation's files. A failure is kept and tried again. */
  async show(conversation: string): Promise<void> {
    const { media, now } = this.parts;
    const owed = await media.toShow(conversation);
    if (!owed.some(({ showAt }) => showAt && showAt <= now())) return;
    const showing: Showing[] = [];
    for (const each of owed) {
      const belongs = await this.belonging(each);
      if (belongs) showing.push(belongs);
    }
    for (const together of groupsOf(showing)) await this.showIn(together);
  }

  /** The case in whose thread the file belongs; undefined when it is not (yet) to be shown. */
  private async belonging(media: Media): Promise<Showing | undefined> {
    const { inbound, cases } = this.parts;
    const [message] = await inbound.byIds([media._id]);
    if (!message || message.pendingSince) {
      await this.later([media]);
      return undefined;
    }
    const { outcome } = message;
    const state = (await this.parts.conversations.fresh(media.conversation))?.state;
    const caseId = outcome?.kind === 'case' ? outcome.caseId : state?.cases.at(-1)?.id;
    const found = caseId && (await cases.byId(caseId));
    // What came before anybody had to see it stays where it is.
    if (found) return { media, message, found };
    await this.parts.media.shown([media._id]);
    return undefined;
  }

  private async showIn(together: Showing[]): Promise<void> {
    const [first] = together;
    if (!first) return;
    const { found } = first;
    const isBehind = found.posts.some(
      ({ at }) => at.getTime() > this.parts.now().getTime() - WAITS_FOR_LINES_MS,
    );
    if (!found.slack || isBehind) return this.later(together.map(({ media }) => media));
    const kept: Showing[] = [];
    for (const each of together) {
      // Of what goes to the vault the thread hears from there.
      if (each.media.vault) await this.parts.media.shown([each.media._id]);
      else if (await this.isIdentityPaper(each)) await this.announce(each);
      else kept.push(each);
    }
    if (kept.length > 0) await this.attempt(kept, found.slack);
  }

  private async attempt(together: Showing[], thread: Place): Promise<void> {
    const { media, now, log } = this.parts;
    const ids = together.map((each) => each.media._id);
    try {
      await this.share(together, thread);
    } catch (error) {
      const { code, retryAfterMs } = readFailure(error);
      // Also a scope that files alone need is a word about files, and none about Slack being away.
      const isRefused = code === 'slack_webapi_platform_error';
      log.warn({ files: ids.length, code }, 'files of a buyer could not be shown');
      const attempts = Math.max(...together.map((each) => each.media.showAttempts ?? 0)) + 1;
      if (isRefused && attempts >= MOST_ATTEMPTS) return this.fail(together);
      await media.showLater(ids, new Date(now().getTime() + retryAfterMs), isRefused);
    }
  }

  /** What an attempt that was cut short has shared already is found in the thread by Slack's id of the file. */
  private async share(together: Showing[], thread: Place): Promise<void> {
    const { client, media, now } = this.parts;
    const shared = together.some((each) => each.media.slackFile) ? await this.sharedIn(thread) : new Set();
    const isShared = (each: Showing) => shared.has(each.media.slackFile?.id ?? '');
    const done = together.filter(isShared).map((each) => each.media._id);
    if (done.length > 0) await media.shown(done, now());
    const open = together.filter((each) => !isShared(each));
    if (open.length === 0) return;
    const files: { id: string; title: string }[] = [];
    for (const each of open) files.push(await this.upload(each.media));
    await client.files.completeUploadExternal({
      // The library wants at least one by its types.
      files: files as [{ id: string; title: string }],
      channel_id: thread.channel,
      thread_ts: thread.ts,
      initial_comment: ':bust_in_silhouette: *Buyer*',
    });
    await media.shown(
      open.map((each) => each.media._id),
      now(),
    );
  }

  /** Its bytes at Slack, not shared yet: shown only once it is complete. */
  private async upload(record: Media): Promise<{ id: string; title: string }> {
    const { client, media, transfer } = this.parts;
    const opened = await media.open(record._id);
    if (!opened) throw new Error('the file is not stored');
    const bytes = await buffer(opened.bytes);
    const answer = await client.files.getUploadURLExternal({
      filename: opened.fileName,
      length: bytes.length,
    });
    const { upload_url: url, file_id: id } = named.parse(answer);
    await sendSlackFile(transfer, url, bytes, AbortSignal.timeout(TRANSFER_LIMIT_MS));
    await media.named(record._id, id);
    return { id, title: opened.fileName };
  }

  private async sharedIn({ channel, ts }: Place): Promise<Set<string>> {
    const ids = new Set<string>();
    for await (const page of this.parts.client.paginate('conversations.replies', {
      channel,
      ts,
      limit: 200,
    })) {
      for (const { files } of threadPage.parse(page).messages) for (const { id } of files) ids.add(id);
    }
    return ids;
  }

  /** By what the buyer calls it, by what they say it is, or as it was read. */
  private async isIdentityPaper({ media, message, found }: Showing): Promise<boolean> {
    const words = [media.fileName, message.content.caption].join(' ').replaceAll('_', ' ');
    if (found.intent === 'kyc_submit' || this.parts.namesPaper(words)) return true;
    const [entry] = await this.parts.timeline.byIds([media._id]);
    return entry?.why?.startsWith('kyc_submit') ?? false;
  }

  private async announce({ media, found }: Showing): Promise<void> {
    const text = `The buyer sent a file that looks like an identity paper (${media.kind}): kept out of Slack.`;
    const at = this.parts.now();
    await this.parts.cases.owePost(found._id, { id: `${media._id}:kept`, who: 'bot', text, at });
    await this.parts.media.shown([media._id]);
    this.parts.caseChanged(found._id);
  }

  private async fail(together: Showing[]): Promise<void> {
    const { media, cases, caseChanged, now } = this.parts;
    for (const { media: record, found } of together) {
      const failure = await media.notShown(record._id);
      if (failure === 0) continue;
      const text = `A file of the buyer's could not be shown here: ${record.fileName || record.kind}`;
      const retry = { upload: record._id, failure: `${failure}` };
      await cases.owePost(found._id, {
        id: `${record._id}:unshown${failure}`,
        who: 'bot',
        text,
        retry,
        at: now(),
      });
      caseChanged(found._id);
    }
  }

  private async later(records: Media[]): Promise<void> {
    const at = new Date(this.parts.now().getTime() + LOOK_AGAIN_MS);
    await this.parts.media.showLater(
      records.map(({ _id }) => _id),
      at,
      false,
    );
  }
}

/** Those of one case together, as many as one post takes. */
function groupsOf(showing: Showing[]): Showing[][] {
  const groups: Showing[][] = [];
  for (const each of showing) {
    const group = groups.at(-1);
    const fits = group && group.length < MOST_TOGETHER && group[0]?.found._id === each.found._id;
    if (fits) group.push(each);
    else groups.push([each]);
  }
  return groups;
}
