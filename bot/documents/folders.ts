import {
  type Checklist,
  checklistFor,
  type HandedIn,
  type Missing,
  missing,
  type Requirement,
  type Standing,
} from '../../flows/kyc/checklist.ts';
import { type DocumentKind, identityPaperIn } from '../../flows/kyc/documents.ts';
import type { FlowEvent, PaperFacts, StaffRef } from '../../flows/types.ts';
import type { Booking, Bookings } from '../../models/booking.ts';
import type { Buyers } from '../../models/buyer.ts';
import type { Conversations } from '../../models/conversation.ts';
import type { Documents, VaultDocument } from '../../models/document.ts';
import { type Intake, takeIn } from './intake.ts';
import { purchaseOf } from './purchase.ts';
import type { Vault } from './vault.ts';

/** One line of a folder: `document` is the paper that decides its state, `reason` a copy key of a rejection. */
export type FolderItem = {
  requirement: Requirement;
  state: 'not_sent' | 'waiting' | 'accepted' | 'rejected';
  document?: string;
  reason?: string;
};

/** The papers of one booking. `barred`: the law does not allow this purchase, in words by copy key. */
export type Folder = {
  booking: Booking;
  items: FolderItem[];
  standing: Standing;
  /** Papers that came in chat, and that nobody has yet said what they are. */
  unsorted: string[];
  barred?: string;
};

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
  happenings: { tell: (buyer: string, key: string, event: FlowEvent) => Promise<void> };
  now: () => Date;
};

/** The folders of booked units: what is needed, what is there, what is missing and on whose side. */
export class Folders {
  private readonly parts: FolderParts;

  constructor(parts: FolderParts) {
    this.parts = parts;
  }

  /** Undefined when there is no such booking, or it is not open. */
  async ofBooking(id: string): Promise<Folder | undefined> {
    const booking = await this.parts.bookings.byId(id);
    return booking?.status === 'open' ? this.open(booking) : undefined;
  }

  /** Of every open booking of a buyer, oldest first. */
  async ofBuyer(buyer: string): Promise<Folder[]> {
    const bookings = await this.parts.bookings.of(buyer);
    return Promise.all(bookings.map((booking) => this.open(booking)));
  }

  /** What flows may know of a booking's papers; applicants by their names, where there are several. */
  async factsOf({ booking, standing, unsorted, barred }: Folder): Promise<PaperFacts> {
    const withBuyer = await Promise.all(standing.withBuyer.map((each) => this.lackOf(each, booking)));
    return {
      isComplete: standing.isComplete,
      withBuyer,
      withUs: standing.withUs.length,
      ...(unsorted.length > 0 && { unsorted: unsorted.length }),
      ...(barred !== undefined && { barred }),
    };
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
    const intake = await takeIn(
      vault,
      {
        _id: `portal:${booking}:${key}`,
        buyer: uploadedBy,
        conversation: await this.conversationOf(uploadedBy),
        booking,
        ...(requirement.applicant !== undefined && { applicant: requirement.applicant }),
        kind: kindOf(requirement, handing),
        source: 'portal',
        fileName,
        uploadedAt: now(),
      },
      bytes,
      { mimeType, fileName },
    );
    if (intake.kind === 'stored') await this.tell(folder.booking, `papers:${intake.document._id}`);
    return intake;
  }

  /**
   * A person's decision on a paper that waits, told to the buyer. Repeated by the same person it is a no-op, and
   * tells what an attempt that was cut short has left untold.
   */
  async review(document: string, review: Review, staff: StaffRef): Promise<Reviewed> {
    const { vault } = this.parts;
    const found = await vault.look(document);
    if (!found || found.status === 'erased' || found.status === 'uploading') return { kind: 'gone' };
    const kind = review.status === 'accepted' ? (review.kind ?? found.kind) : found.kind;
    if (review.status === 'accepted' && kind === 'other') return { kind: 'unsorted' };
    if (found.status === 'received' && kind !== found.kind) await vault.reclassify(document, kind, staff);
    const decision =
      review.status === 'accepted'
        ? ({ status: 'accepted' } as const)
        : ({ status: 'rejected', reason: review.reason } as const);
    const reviewed = await vault.review(document, 'received', decision, staff);
    if (!reviewed) return decidedOtherwise(await vault.look(document));
    await this.tellReview(reviewed);
    return { kind: 'reviewed', document: reviewed };
  }

  /** The bookings that a paper counts for, open ones only. */
  async bookingsOf({ booking, buyer }: Pick<VaultDocument, 'booking' | 'buyer'>): Promise<Booking[]> {
    const { bookings } = this.parts;
    if (booking === undefined) return bookings.of(buyer);
    return [...(await bookings.openOf([booking])).values()];
  }

  private async open(booking: Booking): Promise<Folder> {
    const papers = await this.papersOf(booking);
    const checklist = checklistFor(purchaseOf(booking));
    const requirements = checklist.kind === 'needed' ? checklist.requirements : [];
    const standing = standingOf(checklist, papers);
    return {
      booking,
      items: requirements.map((requirement) => itemOf(requirement, papers)),
      standing,
      unsorted: papers.filter(({ kind, status }) => kind === 'other' && status === 'received').map(idOf),
      ...(checklist.kind === 'barred' && { barred: checklist.why }),
    };
  }

  /** Those handed in for it, and what its applicants sent in chat, where no booking is named. */
  private async papersOf({ _id, buyers }: Booking): Promise<HandedIn[]> {
    const { documents } = this.parts;
    const [own, ...theirs] = await Promise.all([
      documents.ofBooking(_id),
      ...buyers.map((buyer) => documents.ofBuyer(buyer)),
    ]);
    const unnamed = theirs.flat().filter(({ booking }) => booking === undefined);
    const only = buyers.length === 1 ? buyers[0] : undefined;
    return [...(own ?? []), ...unnamed].flatMap((each) => handedIn(each, only));
  }

  private async lackOf(each: Missing, { buyers }: Booking): Promise<PaperFacts['withBuyer'][number]> {
    const { label, applicant } = each.requirement;
    const isNamed = buyers.length > 1 && applicant !== undefined;
    return {
      label,
      ...(each.state === 'rejected' && { reason: each.reason }),
      ...(isNamed && { applicant: await this.nameOf(applicant) }),
    };
  }

  private async tellReview(document: VaultDocument): Promise<void> {
    const { status, reason, applicant, reviewedAt } = document;
    for (const booking of await this.bookingsOf(document)) {
      const label = labelOf(await this.open(booking), document);
      const isNamed = booking.buyers.length > 1 && applicant !== undefined;
      const told = status === 'rejected' && {
        rejected: {
          label: label ?? 'kyc_paper_other',
          reason: reason ?? 'kyc_retake_unclear',
          ...(isNamed && { applicant: await this.nameOf(applicant) }),
        },
      };
      const key = `papers:${document._id}:${status}:${reviewedAt?.getTime() ?? 0}`;
      await this.tell(booking, key, told || {});
    }
  }

  private async tell(
    { _id, buyers }: Booking,
    key: string,
    more: Omit<Extract<FlowEvent, { name: 'papersChanged' }>, 'name' | 'subject'> = {},
  ): Promise<void> {
    for (const buyer of buyers)
      await this.parts.happenings.tell(buyer, `${key}:${_id}`, {
        name: 'papersChanged',
        subject: _id,
        ...more,
      });
  }

  private async nameOf(buyer: string): Promise<string> {
    return (await this.parts.buyers.byId(buyer))?.name ?? '';
  }

  private async conversationOf(buyer: string): Promise<string> {
    return (await this.parts.conversations.idsOf(buyer))[0] ?? '';
  }
}

function handedIn(document: VaultDocument, only: string | undefined): HandedIn[] {
  const { _id: id, kind, status, reason, uploadedAt, applicant = only } = document;
  if (status === 'uploading') return [];
  return [
    {
      id,
      kind,
      status,
      uploadedAt,
      ...(applicant !== undefined && { applicant }),
      ...(status === 'rejected' && reason !== undefined && { reason }),
    },
  ];
}

/** Nothing completes the papers of a purchase that may not be. */
function standingOf(checklist: Checklist, papers: HandedIn[]): Standing {
  if (checklist.kind === 'needed') return missing(checklist.requirements, papers);
  return { missing: [], withBuyer: [], withUs: [], isComplete: false };
}

function itemOf(requirement: Requirement, papers: HandedIn[]): FolderItem {
  const [open] = missing([requirement], papers).missing;
  if (open?.state === 'rejected')
    return { requirement, state: 'rejected', document: open.document, reason: open.reason };
  if (open?.state === 'waiting') return { requirement, state: 'waiting', document: open.document };
  const accepted = papers.find((each) => each.status === 'accepted' && isAnsweredBy(requirement, each));
  return accepted
    ? { requirement, state: 'accepted', document: accepted.id }
    : { requirement, state: 'not_sent' };
}

function isAnsweredBy(
  { anyOf, applicant }: Requirement,
  { kind, applicant: whose }: Pick<HandedIn, 'kind' | 'applicant'>,
): boolean {
  return anyOf.includes(kind) && (applicant === undefined || applicant === whose);
}

/** By its id, or by its rule and the person whose it is; undefined when it is not on the list. */
function requirementOf({ items }: Folder, { requirement: id, applicant }: Handing): Requirement | undefined {
  const whole = applicant !== undefined && !id.includes(':') ? `${id}:${applicant}` : id;
  const found = items
    .map(({ requirement }) => requirement)
    .find((each) => each.id === whole || each.id === id);
  const isTheirs = applicant === undefined || (found?.applicant ?? applicant) === applicant;
  return isTheirs ? found : undefined;
}

function kindOf({ anyOf }: Requirement, { kind, name }: Handing): DocumentKind {
  const named = kind ?? identityPaperIn(name);
  const [usual = 'other'] = anyOf;
  return named && anyOf.includes(named) ? named : usual;
}

/** What the buyer calls the line that this paper answers. */
function labelOf({ items }: Folder, document: VaultDocument): string | undefined {
  const { applicant = document.buyer, kind } = document;
  return items.find(({ requirement }) => isAnsweredBy(requirement, { kind, applicant }))?.requirement.label;
}

function decidedOtherwise(document: VaultDocument | undefined): Reviewed {
  if (!document || document.status === 'erased') return { kind: 'gone' };
  const { status, reviewedBy } = document;
  return { kind: 'decided', status, ...(reviewedBy && { by: reviewedBy }) };
}

function idOf({ id }: HandedIn): string {
  return id;
}

function retake(copy: string): Intake {
  return { kind: 'retake', copy, data: {} };
}
