import {
  type Checklist,
  checklistFor,
  type HandedIn,
  type Missing,
  missing,
  type Requirement,
  type Standing,
} from '../../flows/kyc/checklist.ts';
import type { PaperFacts } from '../../flows/types.ts';
import type { Booking } from '../../models/booking.ts';
import type { Buyers } from '../../models/buyer.ts';
import type { Documents, VaultDocument } from '../../models/document.ts';
import { purchaseOf } from './purchase.ts';

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
  /** What people have accepted of what is needed, each once, in the order of the list. */
  accepted: Pick<HandedIn, 'id' | 'kind' | 'applicant'>[];
  barred?: string;
};

export type FolderSources = { documents: Documents; buyers: Pick<Buyers, 'byId'> };

/** The folders of these bookings: each checklist, with what was handed in for it and sent in chat by its applicants. */
export async function foldersOf(
  { documents }: Pick<FolderSources, 'documents'>,
  bookings: readonly Booking[],
): Promise<Folder[]> {
  if (bookings.length === 0) return [];
  const ids = bookings.map(({ _id }) => _id);
  const buyers = new Set(bookings.flatMap((booking) => booking.buyers));
  const found = await documents.ofBookings(ids, [...buyers]);
  return bookings.map((booking) => folderWith(booking, found));
}

/** The folder of one booking. */
export async function folderOf(sources: Pick<FolderSources, 'documents'>, booking: Booking): Promise<Folder> {
  const { _id, buyers } = booking;
  return folderWith(booking, await sources.documents.ofBookings([_id], buyers));
}

function folderWith(booking: Booking, found: readonly VaultDocument[]): Folder {
  const papers = papersFor(booking, found);
  const checklist = checklistFor(purchaseOf(booking));
  const requirements = checklist.kind === 'needed' ? checklist.requirements : [];
  const isUnsorted = ({ kind, status }: HandedIn) => kind === 'other' && status === 'received';
  const items = requirements.map((requirement) => itemOf(requirement, papers));
  const accepted = new Set(items.flatMap(({ state, document }) => (state === 'accepted' ? document : [])));
  return {
    booking,
    items,
    accepted: [...accepted].flatMap((id) => papers.filter((each) => each.id === id)),
    standing: standingOf(checklist, papers),
    unsorted: papers.filter(isUnsorted).map(({ id }) => id),
    ...(checklist.kind === 'barred' && { barred: checklist.why }),
  };
}

/** What flows may know of a folder; applicants by their names, where there are several, `buyer` being who asks. */
export async function paperFactsOf(
  { buyers }: FolderSources,
  { booking, standing, unsorted, accepted, barred }: Folder,
  buyer?: string,
): Promise<PaperFacts> {
  const lackOf = async (each: Missing) => {
    const { label, applicant } = each.requirement;
    const whose = await applicantName({ buyers }, booking, applicant);
    const isOwn = buyer !== undefined && applicant === buyer;
    const rejected = each.state === 'rejected' && { reason: each.reason };
    return { label, ...rejected, ...whose, ...(isOwn && { isOwn: true as const }) };
  };
  const acceptedOf = async ({ id: document, kind, applicant }: Folder['accepted'][number]) => {
    return { document, kind, ...(await applicantName({ buyers }, booking, applicant)) };
  };
  return {
    isComplete: standing.isComplete,
    accepted: await Promise.all(accepted.map(acceptedOf)),
    withBuyer: await Promise.all(standing.withBuyer.map(lackOf)),
    withUs: standing.withUs.length,
    ...(unsorted.length > 0 && { unsorted: unsorted.length }),
    ...(barred !== undefined && { barred }),
  };
}

/** The name of the person whose paper it is, where a booking has several. */
export async function applicantName(
  { buyers }: Pick<FolderSources, 'buyers'>,
  booking: Booking,
  applicant: string | undefined,
): Promise<{ applicant?: string }> {
  if (applicant === undefined || booking.buyers.length === 1) return {};
  const name = (await buyers.byId(applicant))?.name.trim();
  return name ? { applicant: name } : {};
}

/** Whether a paper is one that the requirement asks for, of the person whom it asks. */
export function isAnsweredBy(
  { anyOf, applicant }: Requirement,
  { kind, applicant: whose }: Pick<HandedIn, 'kind' | 'applicant'>,
): boolean {
  return anyOf.includes(kind) && (applicant === undefined || applicant === whose);
}

/** Those of the booking, and of its applicants where none is named. */
function papersFor({ _id, buyers }: Booking, found: readonly VaultDocument[]): HandedIn[] {
  const only = buyers.length === 1 ? buyers[0] : undefined;
  return found
    .filter(({ booking, buyer }) => booking === _id || (booking === undefined && buyers.includes(buyer)))
    .flatMap((each) => handedIn(each, only));
}

function handedIn(document: VaultDocument, only: string | undefined): HandedIn[] {
  const { _id: id, kind, status, reason, uploadedAt, applicant = only } = document;
  if (status === 'uploading') return [];
  const paper = { id, kind, status, uploadedAt, ...(applicant !== undefined && { applicant }) };
  return [{ ...paper, ...(status === 'rejected' && reason !== undefined && { reason }) }];
}

/** Nothing completes the papers of a purchase that may not be. */
function standingOf(checklist: Checklist, papers: HandedIn[]): Standing {
  if (checklist.kind === 'needed') return missing(checklist.requirements, papers);
  return { missing: [], withBuyer: [], withUs: [], isComplete: false };
}

function itemOf(requirement: Requirement, papers: HandedIn[]): FolderItem {
  const [open] = missing([requirement], papers).missing;
  if (open?.state === 'rejected') {
    const { document, reason } = open;
    return { requirement, state: 'rejected', document, reason };
  }
  if (open?.state === 'waiting') return { requirement, state: 'waiting', document: open.document };
  const accepted = papers.find((each) => each.status === 'accepted' && isAnsweredBy(requirement, each));
  return accepted
    ? { requirement, state: 'accepted', document: accepted.id }
    : { requirement, state: 'not_sent' };
}
