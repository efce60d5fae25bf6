import { decideCalledOff, decideSaid } from '../flows/decide.ts';
import type { Effect, PersonEffect, StaffRef } from '../flows/types.ts';
import type { Case, Cases } from '../models/case.ts';
import type { Conversation, Conversations, Owed } from '../models/conversation.ts';
import type { Reply, ReplyState } from '../models/reply.ts';
import { CALLED_OFF, RANK, type Send, type SendEffect, type Sends } from '../models/send.ts';
import type { AnswerOutcome, AnswerParts, Answers, CaseInput } from './answers.ts';
import type { Channel } from './channels/channel.ts';
import { inputOf } from './outgoing.ts';
import { isWindowOpen } from './route.ts';
import { apply } from './turn.ts';

export type SayParts = Pick<AnswerParts, 'contextOf' | 'wake' | 'now'> & {
  answers: Answers;
  cases: Cases;
  conversations: Conversations;
  sends: Sends;
  channels: ReadonlyMap<string, Channel>;
};

/** `late`: it has gone out, or may have. */
export type ChangeOutcome = AnswerOutcome | 'late';

/** A person's change of something that they said: `of` names what, `inputId` this change. */
export type ChangeInput = { caseId: string; inputId: string; of: string; staff: StaffRef };

/** What people say to buyers, and how far it has come. */
export class Says {
  private readonly parts: SayParts;

  constructor(parts: SayParts) {
    this.parts = parts;
  }

  /** Says it once per `inputId`. */
  async say(input: CaseInput & { effect: PersonEffect }): Promise<AnswerOutcome> {
    return this.parts.answers.commit(input, ({ state }, context) => decideSaid(state, input, context));
  }

  /** Calls off what is owed. */
  async callOff(change: ChangeInput): Promise<ChangeOutcome> {
    return this.replaceOwed(change, undefined);
  }

  /** Says other words instead of those that are owed. */
  async reword(change: ChangeInput & { effect: PersonEffect }): Promise<ChangeOutcome> {
    return this.replaceOwed(change, change.effect);
  }

  /** Leaves what did not go out as it is. */
  async giveUp(change: ChangeInput): Promise<AnswerOutcome> {
    return this.parts.answers.commit(change, ({ state }, context) => decideCalledOff(state, change, context));
  }

  /** How far it has come. */
  async stateOf(reply: Reply): Promise<ReplyState> {
    if (reply.cancelled) return 'cancelled';
    if (reply.failure) return 'failed';
    const sends = await this.parts.sends.ofInput(reply._id);
    const best = sends.filter(({ status }) => status !== 'failed').sort((a, b) => b.rank - a.rank)[0];
    if (best) return stateOfSend(best);
    const last = sends.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime())[0];
    if (!last || (await this.isOwed(reply))) return 'owed';
    if (last.error?.startsWith(CALLED_OFF)) return 'cancelled';
    return last.error === 'unknown' ? 'inDoubt' : 'failed';
  }

  /** Whether the buyer wrote in the last 24 hours; where that does not matter, the window is always open. */
  async isWindowOpen(caseId: string): Promise<boolean> {
    const found = await this.parts.cases.byId(caseId);
    const conversation = found && (await this.parts.conversations.latest(found.conversation));
    if (!conversation) return true;
    const hasWindow = this.parts.channels.get(conversation.channel)?.caps.window24h ?? false;
    return !hasWindow || isWindowOpen(conversation.state, this.parts.now());
  }

  /**
   * The ledger decides first, so that a send under way and this change never both have their way; then what is
   * owed follows. Cut short between the two, it is done by doing it again.
   */
  private async replaceOwed(change: ChangeInput, effect: PersonEffect | undefined): Promise<ChangeOutcome> {
    const { cases, conversations } = this.parts;
    const found = await cases.byId(change.caseId);
    const conversation = found && (await conversations.fresh(found.conversation));
    if (!conversation) return 'closed';
    if (conversation.seen.includes(change.inputId)) return 'repeated';
    if (!(await this.isWithdrawn(conversation, change))) return 'late';
    return this.follow(found, change, effect);
  }

  private async isWithdrawn(conversation: Conversation, { inputId, of }: ChangeInput): Promise<boolean> {
    const { sends, now } = this.parts;
    const reason = `${CALLED_OFF}${inputId}`;
    const owed = conversation.outbox.filter(({ effect }) => inputOf(effect) === of);
    for (const { id, effect } of owed) {
      const letter = letterOf(conversation, effect as SendEffect);
      if (!(await sends.withdraw(id, letter, reason, now()))) return false;
    }
    const begun = await sends.ofInput(of);
    // Without one, it was never owed, or its send has ended in another way.
    return begun.some(({ error }) => error === reason) && begun.every(({ status }) => status === 'failed');
  }

  private async follow(
    found: Case,
    { inputId, of, staff }: ChangeInput,
    effect: PersonEffect | undefined,
  ): Promise<ChangeOutcome> {
    const { conversations, contextOf, wake, now } = this.parts;
    let outcome: ChangeOutcome = 'repeated';
    await conversations.change(found.conversation, async (current) => {
      if (current.seen.includes(inputId)) return undefined;
      outcome = 'done';
      const at = now();
      const words = effect && wordsOf(effect);
      const called = { staff, ...(words !== undefined && { words }) };
      const decision = decideCalledOff(current.state, called, await contextOf(current, at));
      const next = apply(current, decision, at);
      return { ...next, outbox: withReplaced(current, of, effect, at), seen: [...next.seen, inputId] };
    });
    wake(found.conversation);
    return outcome;
  }

  private async isOwed({ _id, caseId }: Reply): Promise<boolean> {
    const found = await this.parts.cases.byId(caseId);
    const conversation = found && (await this.parts.conversations.fresh(found.conversation));
    return conversation?.outbox.some(({ effect }) => inputOf(effect) === _id) ?? false;
  }
}

/** The new words take the place of the old ones in line. */
function withReplaced(
  { _id, v, outbox }: Conversation,
  of: string,
  effect: PersonEffect | undefined,
  now: Date,
): Owed[] {
  const instead: Owed[] = effect ? [{ id: `${_id}:${v + 1}:instead`, effect, owedAt: now }] : [];
  const at = outbox.findIndex((owed) => inputOf(owed.effect) === of);
  const others = outbox.filter((owed) => inputOf(owed.effect) !== of);
  const index = at < 0 ? others.length : at;
  return [...others.slice(0, index), ...instead, ...others.slice(index)];
}

function letterOf({ _id, buyer, channel, replyTo, state }: Conversation, effect: SendEffect) {
  const { language } = state;
  return { conversation: _id, buyer, channel, to: replyTo, effect, as: 'free' as const, language };
}

function stateOfSend({ rank }: Send): ReplyState {
  if (rank >= RANK.read) return 'read';
  if (rank >= RANK.delivered) return 'delivered';
  return rank >= RANK.accepted ? 'sent' : 'owed';
}

function wordsOf(effect: Effect): string {
  if (effect.kind === 'sendText') return effect.text;
  return effect.kind === 'sendFile' ? `${effect.caption} [${effect.name}]`.trim() : 'approved copy';
}
