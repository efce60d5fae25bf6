import type { Requirement } from '../../flows/kyc/checklist.ts';
import { type DocumentKind, identityPaperIn } from '../../flows/kyc/documents.ts';
import { paperRetention, type Retention } from '../../flows/retention.ts';
import type { FlowEvent, StaffRef } from '../../flows/types.ts';
import type { Booking, Bookings } from '../../models/booking.ts';
import type { Buyers } from '../../models/buyer.ts';
import type { Cases } from '../../models/case.ts';
import type { Conversations } from '../../models/conversation.ts';
import type { Documents, VaultDocument } from '../../models/document.ts';
import { doorOf } from '../../models/unit.ts';
import { applicantName, type Folder, folderOf, foldersOf, isAnsweredBy } from './folder.ts';
import { type Intake, takeIn } from './intake.ts';
import type { Vault } from './vault.ts';

export type { Folder } from './folder.ts';

/** A file for one line of a folder. `requirement` is its id, or its rule's with the `applicant` beside it. */
export type Handing = {
  booking: string;
  requirement: string;
  applicant?: string;
  /** Which of the papers that will do it is; by its name, else the first of them, when nobody says. */
  kind?: DocumentKind;
  uploadedBy: string;
  /** Names this upload: the same key again is the same upload. */
  key: string;
  name: string;
  mimeType: string;
  bytes: Buffer;
};

/** What a person says of a paper that they looked at. `kind`: it is another paper than was said. */
export type Review = { status: 'accepted'; kind?: DocumentKind } | { status: 'rejected'; reason: string };

/**
 * What became of a review. `decided`: a colleague was faster, `by` whom and how; `unsorted`: nobody has said what it
 * is; `gone`: there is no such paper any more.
 */
export type Reviewed =
  | { kind: 'reviewed'; document: VaultDocument }
  | { kind: 'decided'; status: VaultDocument['status']; by?: StaffRef }
  | { kind: 'unsorted' | 'gone' };

export type FolderParts = {
  vault: Vault;
  documents: Documents;
  bookings: Bookings;
  conversations: Conversations;
  buyers: Pick<Buyers, 'byId'>;
  cases: Pick<Cases, 'openOf' | 'refresh'>;
  /** Tells the inbox that a case has something to show. */
  caseChanged: (caseId: string) => void;
  happenings: { tell: (buyer: string, key: string, event: FlowEvent) => Promise<void> };
  now: () => Date;
};

/** Who erases a paper, why, and whose word stands against the law's wish to keep it. */
export type Erasing = { who: string; why: string; despite?: string };

export type Erased = { kind: 'erased' | 'gone' } | { kind: 'kept'; retention: Retention };

/** A paper as the team is shown it; nothing of what it shows. */
export type ShownPaper = Pick<VaultDocument, 'kind' | 'uploadedAt' | 'source' | 'warnings'> & {
  document: string;
  unit: string;
  applicant?: string;
};

type Change = Omit<Extract<FlowEvent, { name: 'papersChanged' }>, 'name' | 'subject'>;

/** The folders of booked units: what is needed, what is there, what is missing and on whose side. */
export class Folders {
  private readonly parts: FolderParts;

  constructor(parts: FolderParts) {
    this.parts = parts;
  }

  /** Undefined when there is no such booking, or it is not open. */
  async ofBooking(id: string): Promise<Folder | undefined> {
    const booking = await this.parts.bookings.byId(id);
    return booking?.status === 'open' ? folderOf(this.parts, booking) : undefined;
  }

  /** Of every open booking of a buyer, oldest first. */
  async ofBuyer(buyer: string): Promise<Folder[]> {
    return foldersOf(this.parts, await this.parts.bookings.of(buyer));
  }

  /**
   * Takes a file in: checked, sealed in the vault, and told to the conversations of the booking. Nothing is kept of
   * a file that cannot be used, or that is for nobody's folder.
   */
  async takeIn(handing: Handing): Promise<Intake> {
    const { vault, now } = this.parts;
    const { booking, uploadedBy, key, name: fileName, mimeType, bytes } = handing;
    const folder = await this.ofBooking(booking);
    if (!folder?.booking.buyers.includes(uploadedBy)) return retake('kyc_no_such_booking');
    const requirement = requirementOf(folder, handing);
    if (!requirement) return retake('kyc_not_on_list');
    const upload = {
      _id: `portal:${booking}:${key}`,
      buyer: uploadedBy,
      conversation: await this.conversationOf(uploadedBy),
      booking,
      ...(requirement.applicant !== undefined && { applicant: requirement.applicant }),
      kind: kindOf(requirement, handing),
      source: 'portal' as const,
      fileName,
      uploadedAt: now(),
    };
    const intake = await takeIn(vault, upload, bytes, { mimeType, fileName });
    // Also of one that was stored by an attempt which broke off before it was told.
    if (intake.kind === 'stored') await this.arrived(intake.document);
    return intake;
  }

  /** Lets the flows know of a paper that has come in, whichever way; once, however often it is said. */
  async arrived(document: VaultDocument): Promise<void> {
    const { _id, kind, applicant, status } = document;
    if (status !== 'received') return;
    for (const booking of await this.bookingsOf(document)) {
      const whose = await applicantName(this.parts, booking, applicant);
      await this.tell(booking, document, `papers:${_id}:in`, { cameIn: { document: _id, kind, ...whose } });
    }
  }

  /**
   * A person's decision on a paper that waits, told to the buyer. Repeated by the same person it is a no-op, and
   * tells what an attempt that was cut short has left untold.
   */
  async review(document: string, review: Review, staff: StaffRef): Promise<Reviewed> {
    const { vault } = this.parts;
    const found = await vault.look(document);
    if (!found || found.status === 'erased' || found.status === 'uploading') return { kind: 'gone' };
    const kind = (review.status === 'accepted' && review.kind) || found.kind;
    if (review.status === 'accepted' && kind === 'other') return { kind: 'unsorted' };
    if (found.status === 'received' && kind !== found.kind) await vault.reclassify(document, kind, staff);
    const decision =
      review.status === 'accepted'
        ? { status: review.status }
        : { status: review.status, reason: review.reason };
    const reviewed = await vault.review(document, 'received', decision, staff);
    if (!reviewed) return decidedOtherwise(await vault.look(document));
    await this.tellReview(reviewed);
    return { kind: 'reviewed', document: reviewed };
  }

  /** What the law says of a paper's erasure today; undefined when there is no such paper. */
  async retentionOf(id: string): Promise<Retention | undefined> {
    const found = await this.parts.vault.look(id);
    if (!found || found.status === 'erased') return undefined;
    const { kind, status, booking } = found;
    const named = booking === undefined ? undefined : await this.parts.bookings.byId(booking);
    const [sale = named] = await this.bookingsOf(found);
    // A sale that came to nothing because the unit was another's never was one; any other counts as long as it is kept.
    const isSale = sale !== undefined && sale.status !== 'refused' && sale.status !== 'opening';
    const today = this.parts.now().toISOString().slice(0, 10);
    return paperRetention({ kind, isAccepted: status === 'accepted' }, isSale ? {} : undefined, today);
  }

  /**
   * Erases a paper because a person has decided so. One that the law wants kept is erased only with the word of
   * counsel, `despite`: it stands on the timeline beside the rule.
   */
  async erase(id: string, { who, why, despite }: Erasing): Promise<Erased> {
    const retention = await this.retentionOf(id);
    if (!retention) return { kind: 'gone' };
    if (retention.kind === 'kept' && !despite) return { kind: 'kept', retention };
    const rules = retention.kind === 'kept' ? retention.rules.map((rule) => rule.id).join(', ') : '';
    const reason = rules ? `${why}; kept by ${rules}, erased on the word of ${despite}` : why;
    return (await this.parts.vault.erase(id, { who, why: reason })) ? { kind: 'erased' } : { kind: 'gone' };
  }

  /** Papers of a buyer's bookings as people are shown them: each once, in the order in which they came. */
  async shown(buyer: string, which: 'waiting' | 'accepted'): Promise<ShownPaper[]> {
    const papers = new Map<string, ShownPaper>();
    for (const folder of await this.ofBuyer(buyer)) {
      const { booking } = folder;
      for (const id of which === 'waiting' ? waitingIn(folder) : folder.accepted.map(({ id }) => id)) {
        const found = papers.has(id) ? undefined : await this.parts.documents.byId(id);
        if (!found) continue;
        const { kind, uploadedAt, source, warnings, applicant } = found;
        const whose = await applicantName(this.parts, booking, applicant);
        const unit = doorOf(booking.unit);
        papers.set(id, { document: id, kind, unit, uploadedAt, source, warnings, ...whose });
      }
    }
    return [...papers.values()].sort((a, b) => a.uploadedAt.getTime() - b.uploadedAt.getTime());
  }

  private async tellReview(document: VaultDocument): Promise<void> {
    const { _id, status, reason = 'kyc_retake_unclear', applicant, reviewedAt } = document;
    const key = `papers:${_id}:${status}:${reviewedAt?.getTime() ?? 0}`;
    for (const booking of await this.bookingsOf(document)) {
      const label = labelOf(await folderOf(this.parts, booking), document);
      const whose = await applicantName(this.parts, booking, applicant);
      const change: Change = status === 'rejected' ? { rejected: { label, reason, ...whose } } : {};
      await this.tell(booking, document, key, change);
    }
  }

  /** The open bookings that a paper counts for. */
  private async bookingsOf({ booking, buyer }: VaultDocument): Promise<Booking[]> {
    const { bookings } = this.parts;
    if (booking === undefined) return bookings.of(buyer);
    return [...(await bookings.openOf([booking])).values()];
  }

  /** To the first applicant, who is asked for the papers, and to whoever sent this one. */
  private async tell(
    { _id, buyers }: Booking,
    { buyer }: VaultDocument,
    key: string,
    change: Change,
  ): Promise<void> {
    const event: FlowEvent = { name: 'papersChanged', subject: _id, ...change };
    for (const each of new Set([...buyers.slice(0, 1), buyer])) {
      await this.parts.happenings.tell(each, `${key}:${_id}`, event);
      await this.refreshCards(each);
    }
  }

  /** Cards show papers as they stand: those of who looks at them are made anew. */
  private async refreshCards(buyer: string): Promise<void> {
    const { cases, caseChanged, now } = this.parts;
    const open = (await cases.openOf(buyer)).filter(({ team }) => team === 'operations');
    await cases.refresh(
      open.map(({ _id }) => _id),
      now(),
    );
    for (const { _id } of open) caseChanged(_id);
  }

  private async conversationOf(buyer: string): Promise<string> {
    return (await this.parts.conversations.idsOf(buyer))[0] ?? '';
  }
}

/** Those on the lists, and those of which nobody has said yet what they are. */
function waitingIn({ items, unsorted }: Folder): string[] {
  const listed = items.flatMap(({ state, document }) => (state === 'waiting' && document ? [document] : []));
  return [...listed, ...unsorted];
}

/** By its id, or by its rule and the person whose it is; undefined when it is not on the list. */
function requirementOf({ items }: Folder, { requirement: id, applicant }: Handing): Requirement | undefined {
  const whole = applicant !== undefined && !id.includes(':') ? `${id}:${applicant}` : id;
  const all = items.map(({ requirement }) => requirement);
  const found = all.find((each) => each.id === whole) ?? all.find((each) => each.id === id);
  const isTheirs = applicant === undefined || (found?.applicant ?? applicant) === applicant;
  return isTheirs ? found : undefined;
}

function kindOf({ anyOf }: Requirement, { kind, name }: Handing): DocumentKind {
  const named = kind ?? identityPaperIn(name);
  const [usual = 'other'] = anyOf;
  return named && anyOf.includes(named) ? named : usual;
}

/** What the buyer calls the line that this paper answers. */
function labelOf({ items }: Folder, { kind, buyer, applicant = buyer }: VaultDocument): string {
  const answered = items.find(({ requirement }) => isAnsweredBy(requirement, { kind, applicant }));
  return answered?.requirement.label ?? 'kyc_paper_other';
}

function decidedOtherwise(document: VaultDocument | undefined): Reviewed {
  if (!document || document.status === 'erased') return { kind: 'gone' };
  const { status, reviewedBy } = document;
  return { kind: 'decided', status, ...(reviewedBy && { by: reviewedBy }) };
}

function retake(copy: string): Intake {
  return { kind: 'retake', copy, data: {} };
}
