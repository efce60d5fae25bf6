import {
  type BuyerKind,
  checklistFor,
  type HandedIn,
  type Missing,
  missing,
  type Requirement,
} from '../flows/kyc/checklist.ts';
import type { DocumentKind } from '../flows/kyc/documents.ts';
import type { ArrivedPaper, BookingFacts, MissingPaper } from '../flows/types.ts';

/** What a script line about papers comes to: a flow that begins, or something that happened to the booking. */
export type PaperHappening =
  | { begin: { flow: string; subject: string; data: Record<string, unknown> } }
  | { cameIn?: ArrivedPaper; rejected?: MissingPaper }
  | { cancelled: true }
  | { unheard: true }
  | { vaulted: { document: string; as: DocumentKind; problem?: string }; cameIn?: ArrivedPaper };

const BOOKING = 'b-1';
const PEOPLE: Record<string, string> = { asha: 'Asha', ravi: 'Ravi' };

/**
 * The papers of the one booking of a script: `[kyc begin]`, `[kyc begin joint]`, `[kyc upload pan]`,
 * `[kyc upload pan ravi]`, `[kyc accept pan]`, `[kyc accept pan unheard]` (the word of it is lost), `[kyc reject pan
 * blurred]`, `[kyc begin barred]` (an NRI and farmland), `[kyc cancel]` (the booking), and of a file that was sent in chat
 * `[kyc vaulted pan]`, `[kyc vaulted pan blurred]`.
 */
export class ScriptPapers {
  private readonly project: string;
  private applicants: string[] = [];
  private kind: BuyerKind = 'resident';
  private readonly papers: HandedIn[] = [];

  constructor(project: string) {
    this.project = project;
  }

  /** The booking as flows see it; none before `[kyc begin]`. */
  bookings(): BookingFacts[] {
    if (this.applicants.length === 0) return [];
    const isBarred = this.kind === 'nri';
    const { isComplete, withBuyer, withUs } = isBarred
      ? { isComplete: false, withBuyer: [], withUs: [] }
      : missing(this.requirements(), this.papers);
    const unsorted = this.papers.filter(
      ({ kind, status }) => kind === 'other' && status === 'received',
    ).length;
    return [
      {
        id: BOOKING,
        project: this.project,
        unit: 'B-1203',
        isFirstApplicant: true,
        agreementRegistered: false,
        demands: [],
        papers: {
          isComplete,
          withBuyer: withBuyer.map((each) => this.lack(each)),
          withUs: withUs.length,
          accepted: this.accepted(),
          ...(unsorted > 0 && { unsorted }),
          ...(isBarred && { barred: 'kyc_barred_farmland' }),
        },
      },
    ];
  }

  /** Takes a line in. */
  take(line: string, now: Date): PaperHappening {
    const [act = '', what = '', ...words] = line.split(' ');
    if (act === 'begin') return this.begin(what);
    if (act === 'cancel') return { cancelled: true };
    const kind = what as DocumentKind;
    const [word = ''] = words;
    if (act === 'upload') return { cameIn: this.handIn(kind, word || 'asha', now) };
    if (act === 'vaulted') {
      if (word) return { vaulted: { document: 'chat', as: kind, problem: `kyc_retake_${word}` } };
      const cameIn = this.handIn(kind, 'asha', now);
      return { vaulted: { document: cameIn.document, as: kind }, cameIn };
    }
    return this.decide(act, kind, word);
  }

  private begin(kind: string): PaperHappening {
    this.applicants = kind === 'joint' ? ['asha', 'ravi'] : ['asha'];
    const kinds: Record<string, BuyerKind> = { joint: 'joint', barred: 'nri' };
    this.kind = kinds[kind] ?? 'resident';
    return { begin: { flow: 'kyc', subject: BOOKING, data: { project: this.project, booking: BOOKING } } };
  }

  private handIn(kind: DocumentKind, applicant: string, now: Date): ArrivedPaper {
    const document = `d${this.papers.length + 1}`;
    // A later one is later also within the same moment.
    const uploadedAt = new Date(now.getTime() + this.papers.length);
    this.papers.push({ id: document, kind, applicant, status: 'received', uploadedAt });
    return { document, kind, ...this.whose(applicant) };
  }

  private decide(act: string, kind: DocumentKind, word: string): PaperHappening {
    const waiting = this.papers.find((each) => each.kind === kind && each.status === 'received');
    if (!waiting) throw new Error(`no ${kind} waits`);
    if (act === 'accept') waiting.status = 'accepted';
    if (act !== 'reject') return word === 'unheard' ? { unheard: true } : {};
    waiting.status = 'rejected';
    waiting.reason = `kyc_retake_${word}`;
    const label = this.requirements().find(({ anyOf }) => anyOf.includes(kind))?.label ?? 'kyc_paper_other';
    return { rejected: { label, reason: waiting.reason, ...this.whose(waiting.applicant) } };
  }

  private accepted(): ArrivedPaper[] {
    return this.papers
      .filter(({ status }) => status === 'accepted')
      .map(({ id: document, kind, applicant }) => ({ document, kind, ...this.whose(applicant) }));
  }

  private requirements(): Requirement[] {
    const purchase = {
      buyerKind: this.kind,
      applicants: this.applicants,
      loan: 'none',
      unitUse: 'residential',
    } as const;
    const checklist = checklistFor(purchase);
    return checklist.kind === 'needed' ? checklist.requirements : [];
  }

  private lack(each: Missing): MissingPaper {
    const { label, applicant } = each.requirement;
    return { label, ...(each.state === 'rejected' && { reason: each.reason }), ...this.whose(applicant) };
  }

  private whose(applicant: string | undefined): { applicant?: string } {
    const name = this.applicants.length > 1 && applicant ? PEOPLE[applicant] : undefined;
    return name ? { applicant: name } : {};
  }
}

/** The booking that script lines about papers are about. */
export const SCRIPT_BOOKING = BOOKING;
