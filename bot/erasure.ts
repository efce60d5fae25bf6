import { decideErasure } from '../flows/consent/erase.ts';
import type { DecisionContext } from '../flows/decide.ts';
import { dayOf } from '../flows/money/day.ts';
import { keptUntil, paperKeptUntil, RETAINED, type Retained, retentionOf } from '../flows/retention.ts';
import type { StaffRef } from '../flows/types.ts';
import type { ErasurePlan, TeamErasure } from '../inbox/slack/listening.ts';
import type { Booking } from '../models/booking.ts';
import type { Buyer, Erasure } from '../models/buyer.ts';
import type { Conversation } from '../models/conversation.ts';
import type { VaultDocument } from '../models/document.ts';
import { type Erasing, eraseFiles, eraseInterest, eraseWords } from '../models/erasing.ts';
import type { Models } from '../models/models.ts';
import type { Vault } from './documents/vault.ts';
import { apply, blankConversation } from './turn.ts';

export type ErasureParts = {
  models: Models;
  vault: Pick<Vault, 'erase'>;
  /** The line that buyers' conversations belong to. */
  line: string;
  contextOf: (conversation: Conversation, now: Date) => Promise<DecisionContext>;
  /** Has the conversation pay what it owes. */
  wake: (conversation: string) => void;
  /** Lets Slack be told of a case that has changed. */
  caseChanged: (caseId: string) => void;
  timeZone: string;
  now: () => Date;
};

/** What is still on its way writes words down: looked for again so soon. */
const LOOK_AGAIN_MS = 30_000;
/** While a booking stands nobody knows when its retention ends: asked again so often. */
const REVIEW_MS = 90 * 86_400_000;
const SWEEP_BATCH = 20;

/** A booking as retention sees it; `endedOn` while it stands is unknown. */
type Sale = { id: string; endedOn?: string };

/**
 * Erasure at a buyer's request. A person decides it; that is one write. What follows is owed from then on, and every
 * step may be repeated: marketing data, words and files go, what the law retains stays until its day, and the record
 * of what happened stays without words.
 */
export class Erasures implements TeamErasure {
  private readonly parts: ErasureParts;

  constructor(parts: ErasureParts) {
    this.parts = parts;
  }

  /** What goes and what stays, and until when, if it were decided now. Undefined for nobody. */
  async plan(id: string): Promise<ErasurePlan | undefined> {
    const { models, now } = this.parts;
    const buyer = await models.buyers.byId(id);
    if (!buyer) return undefined;
    const ids = await models.buyers.idsOf(buyer._id);
    const sales = await this.salesOf(ids);
    const papers = await this.papersOf(ids);
    const kept = papers.filter((paper) => !this.isPast(paper, sales, now()));
    const { erasure } = buyer;
    return {
      buyer: buyer._id,
      name: buyer.name,
      goes: [
        'every message, photograph and voice note, the team’s answers and notes',
        'the enquiry with its answers, visits (one that is booked is cancelled) and what campaigns know',
        ...(kept.length < papers.length ? ['identity papers that no booking needs'] : []),
        ...(sales.length === 0 ? ['the name'] : []),
      ],
      stays: RETAINED.flatMap((kind) => this.stays(kind, sales, kept, now())),
      ...(erasure && { erasure: { decidedAt: erasure.decidedAt, by: erasure.by.name } }),
      ...(erasure?.doneAt && { erasedAt: erasure.doneAt }),
    };
  }

  /** Decides it, once per input: one write. The sweep does the rest. */
  async erase(input: {
    buyer: string;
    inputId: string;
    staff: StaffRef;
    reason: string;
    caseId?: string;
  }): Promise<'decided' | 'known' | 'unknown'> {
    const { models, now } = this.parts;
    const buyer = await models.buyers.byId(input.buyer);
    if (!buyer) return 'unknown';
    const { inputId, staff, reason, caseId } = input;
    const at = now();
    const isNew = await models.buyers.oweErasure(buyer._id, {
      input: inputId,
      decidedAt: at,
      by: staff,
      reason,
      ...(caseId && { caseId }),
      owedAt: at,
    });
    return isNew ? 'decided' : 'known';
  }

  /** For the sweep: buyers of whose erasure something is to be done. */
  async owed(): Promise<string[]> {
    return this.parts.models.buyers.erasuresOwed(this.parts.now(), SWEEP_BATCH);
  }

  /** Everything that can be done now. Idempotent: safe to call at any time, also by two processes. */
  async step(id: string): Promise<void> {
    const { models } = this.parts;
    const buyer = await models.buyers.model.findById(id).lean<Buyer>();
    const { erasure } = buyer ?? {};
    if (!buyer || !erasure?.owedAt) return;
    const person = (await models.buyers.byId(id))?._id ?? id;
    const ids = await models.buyers.idsOf(person);
    const sales = await this.salesOf(ids);
    await this.erasePapers(ids, sales, erasure);
    // Looked at again for what has come past its retention: whoever has come back since keeps what they say.
    const isSettled = erasure.doneAt !== undefined || (await this.eraseAll(person, ids, sales, erasure));
    await this.settle(buyer, { person, ids, sales, isSettled });
  }

  /** True when nothing of it is left, nor on its way. */
  private async eraseAll(person: string, ids: string[], sales: Sale[], erasure: Erasure): Promise<boolean> {
    const { models, now } = this.parts;
    const conversations = await this.close(person, ids, sales, erasure);
    let isSettled = true;
    for (const buyer of ids) {
      const erasing: Erasing = { buyer, conversations, until: erasure.decidedAt };
      await eraseFiles(models, erasing);
      await eraseInterest(models, erasing);
      isSettled = (await eraseWords(models, erasing)) && isSettled;
    }
    if (sales.length === 0) await models.buyers.forgetNames(ids);
    await models.buyers.revokePortal(person, now());
    return isSettled;
  }

  /** Ends what a conversation has under way, opts out, and tells the buyer: once, whatever crashes. */
  private async close(person: string, ids: string[], sales: Sale[], erasure: Erasure): Promise<string[]> {
    const { models, line, contextOf, wake, now } = this.parts;
    const { input, by: staff, reason, caseId } = erasure;
    const id = `${line}/${person}`;
    const key = `erasure:${input}`;
    const [replyTo = ''] = await models.buyers.handlesOf(person);
    await models.conversations.change(
      id,
      async (current) => {
        if (current.seen.includes(key)) return undefined;
        const decision = { staff, reason, bookings: sales.map((sale) => sale.id), ...(caseId && { caseId }) };
        const decided = decideErasure(current.state, decision, await contextOf(current, now()));
        return { ...apply(current, decided, now()), seen: [...current.seen, key] };
      },
      () => blankConversation(id, { channel: line, buyer: person, replyTo }, now()),
    );
    wake(id);
    const own = await Promise.all(ids.map((each) => models.conversations.idsOf(each)));
    return [...new Set([id, ...own.flat()])];
  }

  /** What was handed in since it was decided is somebody's who has come back. */
  private async erasePapers(ids: string[], sales: Sale[], { by, reason, decidedAt }: Erasure): Promise<void> {
    const { vault, now } = this.parts;
    for (const paper of await this.papersOf(ids))
      if (paper.uploadedAt <= decidedAt && this.isPast(paper, sales, now()))
        await vault.erase(paper._id, { who: by.name, why: `erasure: ${reason}` });
  }

  private async settle(
    { _id, erasure }: Buyer,
    { person, ids, sales, isSettled }: { person: string; ids: string[]; sales: Sale[]; isSettled: boolean },
  ): Promise<void> {
    const { models, line, now, caseChanged } = this.parts;
    if (!erasure) return;
    const { input, caseId, by, doneAt } = erasure;
    if (!isSettled && !doneAt) {
      const owedAt = new Date(now().getTime() + LOOK_AGAIN_MS);
      return models.buyers.erasureStands(_id, input, { owedAt });
    }
    const kept = await this.papersOf(ids);
    const stays = RETAINED.flatMap((kind) => this.stays(kind, sales, kept, erasure.decidedAt));
    const words = stays.map(({ what, until }) => `${what} (${until})`).join('; ');
    await models.timeline.append([
      {
        _id: `erasure:${input}`,
        buyer: person,
        conversation: `${line}/${person}`,
        at: now(),
        who: by.name,
        kind: 'decision',
        what: 'personal data erased',
        why: `kept: ${words}`,
      },
    ]);
    const found = caseId ? await models.cases.byId(caseId) : null;
    if (found && caseId && !doneAt) {
      const text = `Personal data erased. Kept: ${words}. This thread is Slack’s: delete what is in it there.`;
      await models.cases.owePost(caseId, { id: `erasure:${input}`, who: 'bot', text, at: now() });
      caseChanged(caseId);
    }
    const reviewAt = kept.length > 0 ? new Date(now().getTime() + REVIEW_MS) : undefined;
    await models.buyers.erasureStands(_id, input, { doneAt: doneAt ?? now(), owedAt: reviewAt });
  }

  private async salesOf(ids: string[]): Promise<Sale[]> {
    const bookings = await this.parts.models.bookings.model
      .find({ buyers: { $in: ids } })
      .lean<(Booking & { endedOn?: string })[]>();
    return bookings
      .filter(({ status }) => status !== 'refused')
      .map(({ _id, endedOn }) => ({ id: _id, ...(endedOn && { endedOn }) }));
  }

  private async papersOf(ids: string[]): Promise<VaultDocument[]> {
    const papers = await this.parts.models.documents.model
      .find({ buyer: { $in: ids } })
      .lean<VaultDocument[]>();
    return papers.filter(({ status }) => status !== 'erased');
  }

  /** A paper of no booking is kept for nobody; one of a booking until its time has passed. */
  private isPast(paper: VaultDocument, sales: Sale[], now: Date): boolean {
    const today = dayOf(now, this.parts.timeZone);
    return concerned(paper, sales).every((sale) => {
      const until = paperKeptUntil(paper.kind, { ...sale, erasedOn: today });
      return until !== undefined && until < today;
    });
  }

  private stays(kind: Retained, sales: Sale[], papers: VaultDocument[], at: Date): ErasurePlan['stays'] {
    const isOfSale = kind !== 'audit_trail' && kind !== 'objection';
    if (isOfSale && sales.length === 0) return [];
    if (kind === 'identity_papers' && papers.length === 0) return [];
    const erasedOn = dayOf(at, this.parts.timeZone);
    const row = retentionOf(kind, erasedOn);
    const days =
      kind === 'identity_papers'
        ? papers.flatMap((paper) =>
            concerned(paper, sales).map((sale) => paperKeptUntil(paper.kind, { ...sale, erasedOn })),
          )
        : sales.map((sale) => keptUntil(row, { ...sale, erasedOn }));
    const latest = days.includes(undefined) ? undefined : days.sort().at(-1);
    const until = isOfSale ? latest : keptUntil(row, { erasedOn });
    const words = until ? `until ${until}` : `${row.keepYears} years from when the booking ends`;
    return [{ what: row.what, until: words, source: row.source }];
  }
}

/** The sales that a paper is kept for; one that names no booking may be of any of them. */
function concerned({ booking }: VaultDocument, sales: Sale[]): Sale[] {
  return booking === undefined ? sales : sales.filter(({ id }) => id === booking);
}
