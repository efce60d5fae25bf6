import type { DocumentKind } from '../../flows/kyc/documents.ts';
import type { Day } from '../../flows/money/day.ts';
import type { PageMessage } from '../../flows/portal.ts';
import type { Visit } from '../../models/visit.ts';
import type { Folder } from '../documents/folders.ts';
import type { Intake } from '../documents/intake.ts';

/** What the portal needs of the rest of the product: it shows what others decide, and hands on what buyers do. */

/** A file that a buyer sends; `key` names this very upload, and the same key again is a no-op. */
export type PaperUpload = {
  booking: string;
  requirement: string;
  kind?: DocumentKind;
  uploadedBy: string;
  key: string;
  name: string;
  mimeType: string;
  bytes: Buffer;
};

export type PaperDesk = {
  ofBuyer(buyer: string): Promise<Folder[]>;
  takeIn(upload: PaperUpload): Promise<Intake>;
};

export type VisitBook = {
  /** Free times of a project, soonest first. */
  openSlots(project: string): Promise<Date[]>;
  visitsOf(buyer: string): Promise<Visit[]>;
  /** Books, or moves the visit that is booked there already, through the visit flow. */
  choose(wish: {
    buyer: string;
    project: string;
    at: Date;
    key: string;
  }): Promise<'booked' | 'taken' | 'closed'>;
  cancel(wish: { buyer: string; visit: string; key: string }): Promise<void>;
};

/** What a buyer says they paid. */
export type PaymentClaim = {
  buyer: string;
  booking: string;
  demand?: string;
  amountPaise: number;
  utr: string;
  paidOn: Day;
  key: string;
  source: 'portal';
};

export type ClaimDesk = {
  claim(
    claim: PaymentClaim,
  ): Promise<
    { kind: 'claimed' | 'known' | 'added' } | { kind: 'refused'; reason: 'utr_used' | 'no_booking' }
  >;
};

/** A PDF made from the books. Rejects when it cannot be made. */
export type Letters = {
  demandLetter(demand: string, language: 'en' | 'hi'): Promise<PortalFile>;
  receipt(number: string, language: 'en' | 'hi'): Promise<PortalFile>;
};

export type PortalFile = { fileName: string; mimeType: string; bytes: Buffer };

/** Sends to the buyer's conversation what they asked for here. */
export type Messenger = { answerPage(buyer: string, key: string, message: PageMessage): Promise<void> };
