import type { Logger } from 'pino';
import {
  type Decision,
  type DecisionContext,
  decideDoubt,
  decideEvent,
  decideUndelivered,
} from '../flows/decide.ts';
import { dueAt } from '../flows/hours.ts';
import type { DocumentKind } from '../flows/kyc/documents.ts';
import { rupees } from '../flows/money/rupees.ts';
import { POLICY } from '../flows/policy.ts';
import type { Effect, FlowEvent, PortalLink } from '../flows/types.ts';
import type { Conversation, Owed } from '../models/conversation.ts';
import type { OpenDemand } from '../models/dues.ts';
import type { Models } from '../models/models.ts';
import type { TimelineEntry } from '../models/timeline.ts';
import type { Assigner } from './assigning.ts';
import type { Guard } from './campaigns/guard.ts';
import type { Outcomes, ReminderOutcome } from './campaigns/outcomes.ts';
import { type CaseEffect, changeCase } from './caseEffects.ts';
import type { Channel } from './channels/channel.ts';
import type { MoneyPapers } from './documents/moneyPapers.ts';
import type { Limits } from './limits.ts';
import type { Lines } from './lines.ts';
import { inputOf, isOwnWords, isReminder } from './outgoing.ts';
import type { PaymentDesk } from './paymentDesk.ts';
import type { Portfolio } from './portfolio.ts';
import { isWindowOpen, windowEndOf } from './route.ts';
import { Sender } from './sender.ts';
import type { TeamBook } from './teams.ts';
import { apply } from './turn.ts';
import type { CalendarOf } from './visitCalendars.ts';

export type EffectParts = {
  models: Models;
  channels: ReadonlyMap<string, Channel>;
  lines: Lines;
  limits: Limits;
  /** How long a transport may be away before another one takes over. */
  failoverMs: number;
  portfolio: Portfolio;
  papers: MoneyPapers;
  /** A demand as the books have it at this moment. */
  demandOf: (id: string, now: Date) => Promise<Pick<OpenDemand, 'duePaise' | 'isClaimed'> | undefined>;
  claimPayment: PaymentDesk['claim'];
  teams: TeamBook;
  assigner: Assigner;
  /** Asks about each reminder of a campaign once more, at the moment of sending. */
  guard: Pick<Guard, 'check'>;
  campaignOutcomes: Pick<Outcomes, 'settled'>;
  /** The entry of a visit for the buyer's calendar; undefined when there is no such visit. */
  calendarOf: CalendarOf;
  /** A signed link to one of the buyer's pages: of one moment it is one and the same. */
  linkOf: (target: { buyer: string } & PortalLink, at: Date) => Promise<string>;
  /** The digits of a one-time code, by its id. */
  codeOf: (code: string) => string;
  /** What a decision about this conversation may know. */
  contextOf: (conversation: Conversation, now: Date) => Promise<DecisionContext>;
  /** Owes a message's file to the vault; false while that file is not on record. */
  vaultFile: (message: string, as: DocumentKind) => Promise<boolean>;
  /** Tells the inbox that a case has something to show. */
  caseChanged: (caseId: string) => void;
  /** Lets the thread of a case be shown what became of something that a person said. */
  replyChanged: (input: string) => Promise<void>;
  onSend: (outcome: string, sinceOwedMs: number) => void;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

/**
 * What became of one owed effect. `result`: of a message that did not go out, for the campaign it belongs to. `first`: owed before it is looked at again. `doubtful`: nobody knows whether
 * these words went out.
 */
export type Paid =
  | {
      kind: 'done';
      entry?: Omit<TimelineEntry, '_id' | 'buyer' | 'conversation' | 'at'>;
      event?: FlowEvent;
      result?: ReminderOutcome;
    }
  | {
      kind: 'undelivered';
      what: string;
      reason: string;
      caseId?: string;
      retry?: { reply: string; failure: string };
    }
  | { kind: 'doubtful'; words: string; caseId?: string }
  | { kind: 'later'; at: Date; first?: Owed[] };

const FILE_COMES_WITHIN_MS = 10 * 60_000;
const LOOK_AGAIN_MS = 5_000;

type Leading =
  | Extract<Paid, { kind: 'undelivered' | 'doubtful' }>
  | (Extract<Paid, { kind: 'done' }> & { event: FlowEvent });

/** How long a card may show less than was said, so that several things that are said are one update. */
export const SHOWN_AFTER_MS = 2_000;

/** Pays what a conversation owes: in order, each effect once, whatever crashed before. */
export class Effects {
  private readonly parts: EffectParts;
  private readonly sender: Sender;

  constructor(parts: EffectParts) {
    this.parts = parts;
    this.sender = new Sender(parts);
  }

  /**
   * Performs what is due, writes the outcomes down, then takes both off the conversation in one write. What an
   * effect leads to (a visit that is booked is confirmed) is performed as well.
   */
  async perform(id: string): Promise<void> {
    let isMoving = true;
    while (isMoving) {
      const conversation = await this.parts.models.conversations.latest(id);
      if (!conversation || !owesAnything(conversation)) return;
      const results = await this.performOutbox(conversation);
      await this.showSaid(conversation, results);
      await this.settle(conversation, results);
      await this.showReplies(results);
      isMoving = [...results.values()].some((paid) => leadsOn(paid) || owesFirst(paid));
    }
  }

  /** A message that has to wait holds back what is said after it, but nothing that the team must see. */
  private async performOutbox(conversation: Conversation): Promise<Map<Owed, Paid>> {
    const results = new Map<Owed, Paid>();
    const now = this.parts.now();
    let isLineHeld = false;
    for (const owed of conversation.outbox) {
      if (isLineHeld && isSaid(owed.effect)) continue;
      const isWaiting =
        owed.notBefore !== undefined && owed.notBefore > now && !isAwaited(conversation, owed);
      const paid = isWaiting ? undefined : await this.pay(conversation, owed);
      if (paid) results.set(owed, paid);
      if ((isWaiting || paid?.kind === 'later') && holdsLine(conversation, owed, now)) isLineHeld = true;
    }
    return results;
  }

  private async pay(conversation: Conversation, owed: Owed): Promise<Paid> {
    const { effect } = owed;
    switch (effect.kind) {
      case 'sendTemplate':
      case 'sendDocument':
      case 'sendText':
      case 'sendFile':
        return this.sender.send(conversation, owed, effect);
      case 'openCase':
        return this.openCase(conversation, effect);
      case 'postToCase':
      case 'claimCase':
      case 'assignCase':
      case 'handOffCase':
      case 'snoozeCase':
      case 'wakeCase':
      case 'resolveCase':
      case 'reopenCase':
      case 'refreshCase':
      case 'detailCase':
        return this.changeCase(conversation, owed, effect);
      case 'updateLead':
        await this.parts.models.leads.advance(
          { ...effect, buyer: conversation.buyer, source: conversation.channel },
          owed.owedAt,
        );
        return { kind: 'done' };
      case 'scheduleVisit':
        return this.scheduleVisit(conversation, owed.id, effect);
      case 'cancelVisit':
        await this.parts.models.visits.cancel(effect.visit);
        await this.visitChanged(effect.visit);
        return { kind: 'done', entry: { who: 'bot', kind: 'visit', what: 'visit cancelled' } };
      case 'concludeVisit':
        return this.concludeVisit(effect);
      case 'recordSatisfaction':
        return this.recordSatisfaction(conversation, effect);
      case 'vaultFile':
        return this.vaultFile(owed, effect);
      case 'claimPayment':
        return this.claimPayment(conversation, owed, effect);
      case 'recordMilestone':
        await this.recordMilestone(conversation, owed, effect);
        return { kind: 'done' };
      case 'beginRun':
        throw new Error(`run of ${effect.flow} owed: a decision begins runs itself`);
    }
  }

  private async openCase(
    conversation: Conversation,
    { kind: _kind, caseId, respondWithinMinutes, ...opening }: Extract<Effect, { kind: 'openCase' }>,
  ): Promise<Paid> {
    const { models, teams, assigner } = this.parts;
    const now = this.parts.now();
    const buyer = await models.buyers.byId(conversation.buyer);
    const isUrgent = POLICY[opening.intent].clock === 'always';
    const { hours } = await teams.team(opening.team, now);
    const owner = await assigner.ownerOf(caseId, opening.team, conversation, now);
    const opened = await models.cases.open(
      {
        _id: caseId,
        conversation: conversation._id,
        buyer: conversation.buyer,
        buyerName: buyer?.name ?? '',
        ...opening,
        openedAt: now,
        dueAt: dueAt(now, respondWithinMinutes, isUrgent ? undefined : hours),
        ...(isUrgent && { roundTheClock: true }),
      },
      owner,
    );
    await this.heard(conversation, caseId);
    this.parts.caseChanged(caseId);
    return {
      kind: 'done',
      entry: {
        who: 'bot',
        kind: 'case',
        what: `case ${opened.ticket} opened for ${opening.team}${opened.owner ? `: ${opened.owner.name}` : ''}`,
        why: `${opening.intent}: ${opening.reason}`,
      },
    };
  }

  private async changeCase(conversation: Conversation, owed: Owed, effect: CaseEffect): Promise<Paid> {
    await changeCase(this.parts, conversation, effect, owed);
    const isHeard = effect.kind === 'reopenCase' || (effect.kind === 'postToCase' && effect.who === 'buyer');
    if (isHeard) await this.heard(conversation, effect.caseId);
    this.parts.caseChanged(effect.caseId);
    return { kind: 'done' };
  }

  /** Until when people may write freely in this case. */
  private async heard({ channel, state }: Conversation, caseId: string): Promise<void> {
    const { channels, models, now } = this.parts;
    const hasWindow = channels.get(channel)?.caps.window24h ?? false;
    const until = hasWindow ? windowEndOf(state) : undefined;
    await models.cases.heard(caseId, until, now());
  }

  /** A message is stored a moment before its file is owed; one whose file never is has none. */
  private async vaultFile(
    { owedAt }: Owed,
    { message, as }: Extract<Effect, { kind: 'vaultFile' }>,
  ): Promise<Paid> {
    const now = this.parts.now();
    const isOwed = await this.parts.vaultFile(message, as);
    const isGivenUp = now.getTime() - owedAt.getTime() > FILE_COMES_WITHIN_MS;
    if (isOwed || isGivenUp) return { kind: 'done' };
    return { kind: 'later', at: new Date(now.getTime() + LOOK_AGAIN_MS) };
  }

  /** The buyer's words go into the books as what they are: a claim, under the id of this very effect. */
  private async claimPayment(
    { buyer }: Conversation,
    { id }: Owed,
    { kind: _kind, ...claim }: Extract<Effect, { kind: 'claimPayment' }>,
  ): Promise<Paid> {
    const order = { ...claim, buyer, key: id, source: 'chat' as const };
    const claimed = await this.parts.claimPayment(order, this.parts.now());
    const { booking, amountPaise, utr = '' } = claim;
    const what = `says they paid ${amountPaise > 0 ? rupees(amountPaise) : 'an amount not named'}`;
    const entry = { who: 'buyer', kind: 'payment' as const, what: utr ? `${what}, reference ${utr}` : what };
    if (claimed.kind !== 'refused') return { kind: 'done', entry };
    const why = claimed.reason === 'utr_used' ? 'this reference is in the books already' : 'no such booking';
    if (claimed.reason !== 'utr_used') return { kind: 'done', entry: { ...entry, why } };
    const event = { name: 'claimRefused', subject: booking, utr, isOwn: claimed.isOwn } as const;
    return { kind: 'done', entry: { ...entry, why }, event };
  }

  private async recordMilestone(
    { buyer, _id: conversation }: Conversation,
    { owedAt }: Owed,
    { kind: _kind, ...milestone }: Extract<Effect, { kind: 'recordMilestone' }>,
  ): Promise<void> {
    await this.parts.models.milestones.record({ buyer, conversation, ...milestone }, owedAt);
  }

  private async scheduleVisit(
    conversation: Conversation,
    id: string,
    effect: Extract<Effect, { kind: 'scheduleVisit' }>,
  ): Promise<Paid> {
    const { portfolio, models } = this.parts;
    const now = this.parts.now();
    const { project: slug, at, minutes, replaces } = effect;
    const project = await portfolio.project(slug, now);
    const seats = project ? portfolio.seats(project, at, now) : 0;
    const guides = project && seats > 0 ? await portfolio.guides(project, at) : [];
    const { buyer, _id } = conversation;
    const visit = await models.visits.book(
      {
        ...{ _id: id, project: slug, buyer, conversation: _id, at, minutes, bookedAt: now },
        ...(replaces && { replaces }),
      },
      seats,
      guides,
    );
    portfolio.slotsChanged(slug);
    if (!visit) return { kind: 'done', event: { name: 'slotTaken', run: effect.run, at } };
    const { associate } = visit;
    const led = associate && { name: associate.name, ...(associate.staff && { staff: associate.staff }) };
    return {
      kind: 'done',
      entry: {
        who: 'bot',
        kind: 'visit',
        what: `visit booked for ${at.toISOString()}${led ? ` with ${led.name}` : ''}`,
      },
      event: { name: 'visitBooked', run: effect.run, visit: id, at, ...(led && { associate: led }) },
    };
  }

  /** What the team says became of a visit; said twice, it is written down once. */
  private async concludeVisit({
    visit,
    status,
    by,
  }: Extract<Effect, { kind: 'concludeVisit' }>): Promise<Paid> {
    await this.parts.models.visits.conclude(visit, status, by, this.parts.now());
    const what = status === 'visited' ? 'the visit took place' : 'the buyer did not come to the visit';
    return { kind: 'done', entry: { who: by.name, kind: 'visit', what } };
  }

  private async recordSatisfaction(
    { buyer }: Conversation,
    { kind: _kind, run, ...answer }: Extract<Effect, { kind: 'recordSatisfaction' }>,
  ): Promise<Paid> {
    const { models, now } = this.parts;
    await models.satisfactions.record({ _id: run, buyer, ...answer, at: now() });
    const said = [answer.score && `${answer.score} of 5`, answer.words].filter(Boolean).join(': ');
    return {
      kind: 'done',
      entry: { who: 'buyer', kind: 'message', what: `rated the ${answer.phase}: ${said}` },
    };
  }

  /** Its seat is free again, and is offered at once. */
  private async visitChanged(id: string): Promise<void> {
    const visit = await this.parts.models.visits.byId(id);
    if (visit) this.parts.portfolio.slotsChanged(visit.project);
  }

  /**
   * What has been said stands on the cards of open cases: they are shown anew, a moment later, so that a burst is
   * one update. A case that is only being opened has its card anyway.
   */
  private async showSaid({ state, outbox }: Conversation, results: Map<Owed, Paid>): Promise<void> {
    const isSomethingSaid = [...results].some(([{ effect }, { kind }]) => isSaid(effect) && kind === 'done');
    if (!isSomethingSaid) return;
    const opening = outbox.flatMap(({ effect }) => (effect.kind === 'openCase' ? [effect.caseId] : []));
    const open = state.cases.map(({ id }) => id).filter((id) => !opening.includes(id));
    await this.parts.models.cases.refresh(open, new Date(this.parts.now().getTime() + SHOWN_AFTER_MS));
  }

  /** People are shown what became of what they said, once it is settled: until then it counts as owed. */
  private async showReplies(results: Map<Owed, Paid>): Promise<void> {
    for (const [{ effect }, { kind }] of results) {
      const input = inputOf(effect);
      if (input && kind !== 'later') await this.parts.replyChanged(input);
    }
  }

  /**
   * Outcomes, timeline and campaigns first (all idempotent), then one write that takes them and the paid effects off
   * the conversation and lets events move its runs. A crash in between repeats only what does no harm.
   */
  private async settle(conversation: Conversation, results: Map<Owed, Paid>): Promise<void> {
    const { models, now } = this.parts;
    const entries = entriesOf(conversation, results, now());
    await Promise.all([
      models.inbound.conclude(conversation.outcomes),
      models.timeline.append([...conversation.timeline, ...entries]),
      ...[...results].map(([owed, paid]) => this.tellCampaign(owed, paid)),
    ]);
    await models.conversations.change(conversation._id, async (current) => {
      let next = withoutPaid(current, conversation, results);
      for (const [owed, paid] of results) {
        // What is off the outbox was settled, and followed, before a failure or by another process.
        if (current.outbox.some(({ id }) => id === owed.id)) next = await this.follow(next, paid);
      }
      return next;
    });
  }

  /** What became of a campaign's reminder, with its recipient. */
  private async tellCampaign({ effect }: Owed, paid: Paid): Promise<void> {
    if (effect.kind !== 'sendTemplate' || !effect.campaign || paid.kind !== 'done') return;
    await this.parts.campaignOutcomes.settled(effect.campaign, paid.result ?? { status: 'sent' });
  }

  /** What a paid effect means to the flows: an event, or an undelivered message that a person must know of. */
  private async follow(current: Conversation, paid: Paid): Promise<Conversation> {
    if (!leadsOn(paid)) return current;
    const now = this.parts.now();
    // Ids of what this makes must differ from those of another result in the same write.
    const context = await this.parts.contextOf(current, now);
    const scoped = { ...context, scope: `${context.scope}.${current.outbox.length}` };
    return apply(current, decisionOn(current, paid, scoped), now);
  }
}

function decisionOn({ state }: Conversation, paid: Leading, context: DecisionContext): Decision {
  switch (paid.kind) {
    case 'undelivered':
      return decideUndelivered(state, paid, context);
    case 'doubtful':
      return decideDoubt(state, paid, context);
    case 'done':
      return decideEvent(state, paid.event, context);
  }
}

/** True when a paid effect makes the conversation owe something new. */
function leadsOn(paid: Paid): paid is Leading {
  if (paid.kind === 'done') return paid.event !== undefined;
  return paid.kind === 'undelivered' || paid.kind === 'doubtful';
}

function owesFirst(paid: Paid): boolean {
  return paid.kind === 'later' && paid.first !== undefined;
}

function owesAnything({ outbox, outcomes, timeline }: Conversation): boolean {
  return outbox.length + outcomes.length + timeline.length > 0;
}

function isSaid(effect: Effect): boolean {
  return effect.kind === 'sendTemplate' || effect.kind === 'sendDocument' || isOwnWords(effect);
}

/** A buyer who writes opens the window: a person's words that may have waited for that are looked at again. */
function isAwaited({ state }: Conversation, { effect, owedAt }: Owed): boolean {
  return isOwnWords(effect) && state.lastInboundAt !== undefined && state.lastInboundAt > owedAt;
}

/**
 * A failed send keeps its place in line. What waits for courtesy (a reminder) or for the buyer to write (a
 * person's words outside the window) holds nothing else back.
 */
function holdsLine({ state }: Conversation, { effect }: Owed, now: Date): boolean {
  return !isReminder(effect) && (!isOwnWords(effect) || isWindowOpen(state, now));
}

function entriesOf(conversation: Conversation, results: Map<Owed, Paid>, now: Date): TimelineEntry[] {
  return [...results].flatMap(([owed, paid]) =>
    paid.kind === 'done' && paid.entry
      ? [{ _id: owed.id, buyer: conversation.buyer, conversation: conversation._id, at: now, ...paid.entry }]
      : [],
  );
}

/** The latest document without what `paid` settled; what came in meanwhile stays. */
function withoutPaid(current: Conversation, paid: Conversation, results: Map<Owed, Paid>): Conversation {
  const outcome = new Map([...results].map(([owed, result]) => [owed.id, result]));
  const flushed = new Set(paid.timeline.map((entry) => entry._id));
  const concluded = new Set(paid.outcomes.map((each) => each.message));
  return {
    ...current,
    outbox: current.outbox.flatMap((owed) => {
      const result = outcome.get(owed.id);
      if (!result) return [owed];
      if (result.kind !== 'later') return [];
      const first = (result.first ?? []).filter(({ id }) => !current.outbox.some((each) => each.id === id));
      return [...first, { ...owed, notBefore: result.at }];
    }),
    outcomes: current.outcomes.filter((each) => !concluded.has(each.message)),
    timeline: current.timeline.filter((entry) => !flushed.has(entry._id)),
  };
}
