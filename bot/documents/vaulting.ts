import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { DecisionContext } from '../../flows/decide.ts';
import { decidePaper } from '../../flows/kyc/papers.ts';
import type { Conversation, Conversations } from '../../models/conversation.ts';
import type { Upload, VaultDocument } from '../../models/document.ts';
import type { Inbounds } from '../../models/inbound.ts';
import type { Media, MediaLease, MediaRecords, OpenMedia } from '../../models/media.ts';
import { payloadWithoutFile } from '../masking.ts';
import { decideOnce } from '../once.ts';
import { checkDocument, MOST_DOCUMENT_BYTES } from './check.ts';
import type { Vault, Verdict } from './vault.ts';

export type VaultingParts = {
  vault: Vault;
  media: MediaRecords;
  inbound: Inbounds;
  conversations: Conversations;
  /** Where staff may look at a document. */
  linkOf: (document: string) => string;
  /** Lets the folders that a paper counts for know of it. */
  arrived: (document: VaultDocument) => Promise<void>;
  contextOf: (conversation: Conversation, now: Date) => Promise<DecisionContext>;
  wake: (conversation: string) => void;
  now: () => Date;
};

type Held = Media & { lease: MediaLease };

/**
 * Moves papers that came by chat into the vault: sealed there, then the message's file and what its payload shows of
 * it removed, then the team told. Each step finds what the one before left, so that a crash anywhere repeats only
 * what does no harm; until the last one is done the file stays due.
 */
export class Vaulting {
  private readonly parts: VaultingParts;

  constructor(parts: VaultingParts) {
    this.parts = parts;
  }

  /** Takes a file as far as it goes now; one that is no paper is none of its business. False: look again. */
  async attend(record: Held): Promise<boolean> {
    if (!record.vault || record.status !== 'stored') return true;
    const moved = record.vaulted ? record : await this.move(record);
    if (!moved?.vaulted) return false;
    await this.forgetFile(moved, moved.vaulted);
    return this.tell(moved, moved.vaulted);
  }

  /** The vault has it, and the message points there. Undefined when the file, or the lease, is another's meanwhile. */
  private async move(record: Held): Promise<Media | undefined> {
    const { media, now } = this.parts;
    const { _id: document } = await this.seal(record);
    // Whoever else sent the same bytes sent the same paper.
    if (record.fileId) await media.oweVaultAlso(record.fileId, now());
    return media.moveToVault(record, document, now());
  }

  private async seal(record: Held): Promise<VaultDocument> {
    const { vault, media } = this.parts;
    const upload = uploadOf(record);
    const opened = await media.open(record._id);
    const { bytes, verdict } = opened ? await judged(opened) : NOTHING;
    return (await vault.store(upload, bytes, verdict)).document;
  }

  /** The lease is ours and the download has ended: nobody writes any of these files. */
  private async forgetFile({ _id, uploads = [] }: Media, document: string): Promise<void> {
    const { media, inbound } = this.parts;
    const [message] = await inbound.byIds([_id]);
    if (message) await inbound.vaulted(_id, document, payloadWithoutFile(message.raw));
    for (const file of uploads) await media.discard(file);
  }

  /** False while the message itself has not been taken up: then there is no conversation to tell. */
  private async tell({ _id, conversation, vault: as = 'other' }: Media, id: string): Promise<boolean> {
    const { conversations, vault, linkOf } = this.parts;
    if (!(await conversations.latest(conversation))) return false;
    const document = await vault.look(id);
    const problem = document?.status === 'rejected' ? document.reason : undefined;
    const paper = { message: _id, document: id, as, link: linkOf(id), ...(problem && { problem }) };
    await decideOnce(this.parts, conversation, [`vaulted:${_id}`], (state, context) =>
      decidePaper(state, paper, context),
    );
    if (document) await this.parts.arrived(document);
    return true;
  }
}

const NOTHING: { bytes: AsyncIterable<Buffer>; verdict: Verdict } = {
  bytes: Readable.from([]),
  verdict: { status: 'rejected', reason: 'kyc_retake_empty' },
};

/** What the machine says of it. Too large a file is not looked into, but goes to the vault like any other. */
async function judged(opened: OpenMedia): Promise<typeof NOTHING> {
  const { bytes, sizeBytes, mimeType, fileName } = opened;
  if (sizeBytes > MOST_DOCUMENT_BYTES)
    return { bytes, verdict: { status: 'rejected', reason: 'kyc_retake_too_large' } };
  const whole = await buffer(bytes);
  const check = await checkDocument(whole, { mimeType, fileName });
  const verdict: Verdict = check.isUsable
    ? { status: 'received' }
    : { status: 'rejected', reason: check.retake.copy };
  return { bytes: Readable.from([whole]), verdict };
}

function uploadOf({ _id, buyer, conversation, vault = 'other', ...record }: Held): Upload {
  const { safeName, mimeType = '', receivedAt, mismatch } = record;
  return {
    _id: `chat:${_id}`,
    buyer,
    conversation,
    applicant: buyer,
    kind: vault,
    source: 'chat',
    ...(safeName && { fileName: safeName }),
    mimeType,
    warnings: mismatch ? ['mismatch'] : [],
    uploadedAt: receivedAt,
  };
}
