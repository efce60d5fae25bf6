import {
  type CaseOnRecord,
  decideAssign,
  decideCallNote,
  decideHandOff,
  decidePaymentCheck,
  decideReopen,
  decideSnooze,
  decideWake,
  type PaymentCheck,
} from '../flows/casework.ts';
import { type Decision, type DecisionContext, decideReply, decideResolve } from '../flows/decide.ts';
import { decideVisitOutcome, type VisitOutcome } from '../flows/runs.ts';
import type { CardPlace, CaseOutcome, ClosedCase, OpenCase, StaffRef, Team } from '../flows/types.ts';
import type { Case, Cases } from '../models/case.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import { apply } from './turn.ts';

export type AnswerParts = {
  cases: Cases;
  conversations: Conversations;
  contextOf: (conversation: Conversation, now: Date) => Promise<DecisionContext>;
  wake: (conversation: string) => void;
  now: () => Date;
};

/**
 * A person's input to a case. `inputId` names this very input, so that a repeated delivery is a no-op; `at` is
 * the card under which it was made, which the case may have left.
 */
export type CaseInput = { caseId: string; inputId: string; staff: StaffRef; at?: CardPlace };

/**
 * What became of it: done now, done before (a repeated delivery, or by somebody else), or it came too late: the
 * case is closed, or moved to another team.
 */
export type AnswerOutcome = 'done' | 'repeated' | 'closed' | 'moved';

/** What overtook an input that came too late, as far as it is known. */
export type Overtaken = {
  closed?: Pick<ClosedCase, 'by' | 'outcome'>;
  moved?: { to: Team; by: StaffRef };
  paymentMissing?: StaffRef;
};

type Decide = (current: Conversation, context: DecisionContext) => Decision | AnswerOutcome;

/** What the team does to a conversation: each is one decision and one write, then the turn is woken. */
export class Answers {
  private readonly parts: AnswerParts;

  constructor(parts: AnswerParts) {
    this.parts = parts;
  }

  /** A person's reply to the buyer. */
  async reply(input: CaseInput & { text: string }): Promise<AnswerOutcome> {
    return this.commit(input, ({ state }, context) => decideReply(state, input, context));
  }

  /** A person closes the case; the bot has the word again. */
  async resolve(input: CaseInput & { outcome?: CaseOutcome; note?: string }): Promise<AnswerOutcome> {
    return this.commit(input, ({ state }, context) => decideResolve(state, input, context));
  }

  /** A person gives the case to somebody. */
  async assign(input: CaseInput & { to: StaffRef; note?: string }): Promise<AnswerOutcome> {
    return this.commit(input, ({ state }, context) => decideAssign(state, input, context));
  }

  /** A person hands the case to another team; it leaves the card at which that was done. */
  async handOff(input: CaseInput & { at: CardPlace; team: Team; note: string }): Promise<AnswerOutcome> {
    const { at: from, ...rest } = input;
    return this.commit(input, ({ state }, context, found) =>
      decideHandOff(state, { ...rest, from, onRecord: recordOf(found) }, context),
    );
  }

  /** A person lets the case rest; without `until`, until the buyer writes. */
  async snooze(input: CaseInput & { until?: Date }): Promise<AnswerOutcome> {
    return this.commit(input, ({ state }, context) => decideSnooze(state, input, context));
  }

  /** A person takes up a case that rests. */
  async wake(input: CaseInput): Promise<AnswerOutcome> {
    return this.commit(input, ({ state }, context) =>
      caseIn(state.cases, input)?.snoozed ? decideWake(state, input, context) : 'repeated',
    );
  }

  /** A person puts down what was said in a call to the buyer. */
  async noteCall(input: CaseInput & { words: string; promise?: string }): Promise<AnswerOutcome> {
    return this.commit(input, ({ state }, context) => decideCallNote(state, input, context));
  }

  /** A person says whether the buyer's payment has arrived: that it has, once and for all; that it has not, once. */
  async checkPayment(input: CaseInput & { check: PaymentCheck }): Promise<AnswerOutcome> {
    return this.commit(input, ({ state }, context) => {
      const isKnown = !input.check.received && caseIn(state.cases, input)?.paymentMissing;
      return isKnown ? 'repeated' : decidePaymentCheck(state, input, context);
    });
  }

  /** A person says what became of a visit, once; `notFree` when it cannot move to that time. */
  async logVisit(input: CaseInput & VisitOutcome): Promise<AnswerOutcome | 'notFree'> {
    let isFree = true;
    const outcome = await this.commit(input, ({ state }, context) => {
      const decided = decideVisitOutcome(state, input, context);
      isFree = decided !== 'notFree';
      return decided === 'notFree' || !decided ? 'repeated' : decided;
    });
    return isFree ? outcome : 'notFree';
  }

  /** A person opens a closed case again. */
  async reopen(input: CaseInput): Promise<AnswerOutcome> {
    const found = await this.parts.cases.byId(input.caseId);
    if (!found) return 'closed';
    return this.change(found.conversation, input.inputId, ({ state }, context) => {
      if (caseIn(state.cases, input)) return 'repeated';
      return decideReopen(state, { ...input, onRecord: recordOf(found) }, context);
    });
  }

  /** Who did what before an input that was not done any more. */
  async overtaken({ caseId, at }: Pick<CaseInput, 'caseId' | 'at'>): Promise<Overtaken> {
    const { cases, conversations } = this.parts;
    const found = await cases.byId(caseId);
    const state = found && (await conversations.latest(found.conversation))?.state;
    const open = state?.cases.find(({ id }) => id === caseId);
    const closed = state?.closed?.find(({ id }) => id === caseId) ?? closedOnRecord(found);
    const moved = at && open?.left?.find((each) => isSamePlace(each, at));
    return {
      ...(!open && closed && { closed }),
      ...(moved && { moved }),
      ...(open?.paymentMissing && { paymentMissing: open.paymentMissing }),
    };
  }

  /** One decision about the conversation of an open case, made once per `inputId`. */
  async commit(
    input: Pick<CaseInput, 'caseId' | 'inputId' | 'at'>,
    decide: (current: Conversation, context: DecisionContext, found: Case) => Decision | 'repeated',
  ): Promise<AnswerOutcome> {
    const found = await this.parts.cases.byId(input.caseId);
    if (!found) return 'closed';
    return this.change(found.conversation, input.inputId, (current, context) => {
      const open = caseIn(current.state.cases, input);
      if (!open) return 'closed';
      const { at } = input;
      const isMoved = at && open.left?.some((each) => isSamePlace(each, at));
      return isMoved ? 'moved' : decide(current, context, found);
    });
  }

  private async change(conversation: string, inputId: string, decide: Decide): Promise<AnswerOutcome> {
    let outcome: AnswerOutcome = 'repeated';
    await this.parts.conversations.change(conversation, async (current) => {
      outcome = 'repeated';
      if (current.seen.includes(inputId)) return undefined;
      const now = this.parts.now();
      const decided = decide(current, await this.parts.contextOf(current, now));
      outcome = typeof decided === 'string' ? decided : 'done';
      if (typeof decided === 'string') return undefined;
      return { ...apply(current, decided, now), seen: [...current.seen, inputId] };
    });
    this.parts.wake(conversation);
    return outcome;
  }
}

function caseIn(cases: OpenCase[], { caseId }: Pick<CaseInput, 'caseId'>): OpenCase | undefined {
  return cases.find(({ id }) => id === caseId);
}

function recordOf({ _id: caseId, team, intent, openedAt }: Case): CaseOnRecord {
  return { caseId, team, intent, openedAt };
}

/** What the record says of a case that was closed longer ago than its conversation remembers. */
function closedOnRecord(found: Case | null): Overtaken['closed'] {
  if (found?.status !== 'resolved') return undefined;
  const by = found.resolvedBy ?? found.owner;
  return by && { by, ...(found.outcome && { outcome: found.outcome }) };
}

function isSamePlace(one: CardPlace, other: CardPlace): boolean {
  return one.channel === other.channel && one.ts === other.ts;
}
