import type { Logger } from 'pino';
import {
  type Decision,
  type DecisionContext,
  decideTimers,
  decideTurn,
  newConversation,
} from '../flows/decide.ts';
import type { Effect, HeardMessage } from '../flows/types.ts';
import type { Buyers } from '../models/buyer.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import type { InboundRecord, Inbounds } from '../models/inbound.ts';
import type { Sends } from '../models/send.ts';
import type { Timeline, TimelineEntry } from '../models/timeline.ts';
import type { StaffCommands } from './campaigns/fromStaff.ts';
import { EarlierMessages, targetOf } from './earlier.ts';
import { hearTurn } from './hearing.ts';
import type { Portfolio } from './portfolio.ts';
import type { Sales } from './sales.ts';
import type { TeamBook } from './teams.ts';
import type { Understander } from './understand/understander.ts';

export type TurnParts = {
  buyers: Buyers;
  conversations: Conversations;
  inbound: Inbounds;
  sends: Sends;
  timeline: Timeline;
  portfolio: Portfolio;
  sales: Pick<Sales, 'factsOf'>;
  teams: TeamBook;
  understander: Understander;
  /** Carries out what members of staff type as commands. */
  staffCommands: Pick<StaffCommands, 'take'>;
  /** Pays what the conversation owes. */
  perform: (conversation: string) => Promise<void>;
  /** Wakes the conversation again after a while. */
  wakeAfter: (conversation: string, delayMs: number) => void;
  /** Tells the buyer that their message was read and is being answered; best effort. */
  showReading: (channel: string, messageKey: string) => void;
  /** True for a message that came in long after it was written, because we could not be reached. */
  isLate?: (record: InboundRecord) => boolean;
  burstWindowMs: number;
  /** So long a voice note may wait for its words; 0 where no machine hears them. */
  voiceWaitMs: number;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

/** A burst that never ends is cut after this many windows. */
const LONGEST_BURST_WINDOWS = 4;
const AWAITED_KEPT = 50;
/** Who answers commands on the timeline; of no case. */
const COMMANDS = { id: 'commands', name: 'Baton' };

/** One buyer's turn: wait out the burst and what is being heard, understand, decide, commit, then pay what is owed. */
export class Turns {
  private readonly parts: TurnParts;
  private readonly earlier: EarlierMessages;
  private readonly names = new Map<string, string>();

  constructor(parts: TurnParts) {
    this.parts = parts;
    this.earlier = new EarlierMessages(parts);
  }

  /** Does everything that can be done for a conversation now. Idempotent: safe to call at any time. */
  async take(id: string): Promise<void> {
    await this.answer(id);
    await this.fireTimers(id);
    await this.parts.perform(id);
  }

  private async answer(id: string): Promise<void> {
    const { conversations, inbound, now } = this.parts;
    // The conversation first: whoever answers these messages meanwhile raises its revision.
    const known = await conversations.latest(id);
    const waiting = await inbound.pendingOf(id);
    const first = waiting[0];
    if (!first || this.isHeld(id, waiting)) return;
    await conversations.change(
      id,
      async (current) => {
        const isKnown = current._id === (known?._id ?? id) && current.v === (known?.v ?? 0);
        const pending = isKnown ? waiting : await inbound.pendingOf(id);
        return this.isHeld(id, pending) ? undefined : this.decide(current, pending);
      },
      () => blankConversation(id, { ...first, replyTo: first.from }, now()),
    );
  }

  /** True while more may be coming or being heard: then the turn is woken again when that is over. */
  private isHeld(id: string, waiting: InboundRecord[]): boolean {
    const { now, wakeAfter, showReading } = this.parts;
    const leftMs = Math.max(this.burstEndsMs(waiting), this.hearingEndsMs(waiting)) - now().getTime();
    if (leftMs <= 0) return false;
    const last = waiting.filter((each) => !targetOf(each)).at(-1);
    if (last) showReading(last.channel, last._id.slice(last.channel.length + 1));
    wakeAfter(id, leftMs);
    return true;
  }

  private burstEndsMs(waiting: InboundRecord[]): number {
    const { burstWindowMs } = this.parts;
    const arrivals = waiting.map(arrivalMs);
    const quietAt = Math.max(...arrivals) + burstWindowMs;
    const cutAt = Math.min(...arrivals) + burstWindowMs * LONGEST_BURST_WINDOWS;
    return Math.min(quietAt, cutAt);
  }

  /** Counted from the first voice note, so that somebody who goes on talking is answered. */
  private hearingEndsMs(waiting: InboundRecord[]): number {
    const voiceNotes = waiting.filter(isVoiceNote);
    const isHearing = voiceNotes.some(({ content }) => content.transcript === undefined);
    return isHearing ? Math.min(...voiceNotes.map(arrivalMs)) + this.parts.voiceWaitMs : 0;
  }

  /** What members of staff command is answered by itself; everything else is a buyer's. */
  private async decide(current: Conversation, pending: InboundRecord[]): Promise<Conversation | undefined> {
    const owed = new Set(current.outcomes.map((each) => each.message));
    const records = pending.filter((each) => !owed.has(each._id));
    const answers = await this.parts.staffCommands.take(records);
    if (answers.size === 0) return this.decideFor(current, records, owed);
    const [last] = records.filter(({ _id }) => answers.has(_id)).slice(-1);
    if (!last) return undefined;
    const way = { channel: last.channel, replyTo: last.from };
    const answered = { ...apply(current, commanded(current, answers, last.at), this.parts.now()), ...way };
    const others = records.filter((each) => !answers.has(each._id));
    return (await this.decideFor(answered, others, owed)) ?? answered;
  }

  private async decideFor(
    current: Conversation,
    records: InboundRecord[],
    owed: Set<string>,
  ): Promise<Conversation | undefined> {
    const last = records.at(-1);
    if (!last) return undefined;
    const now = this.parts.now();
    const { understander, isLate, timeZone } = this.parts;
    const hearing = { state: current.state, understander, isLate, timeZone, now };
    const earlier = await this.earlier.of(records, owed, current.awaited ?? []);
    const heard = await hearTurn(records, earlier, hearing);
    const context = await this.context(current, now);
    const decision = decideTurn(current.state, heard, context);
    const said = heard.map((message) => saidEntry(current, message, decision));
    const marks = heard.filter((message) => message.isSpoken).map(({ id }) => heardMark(id));
    const known = { timeline: [...current.timeline, ...said], seen: [...current.seen, ...marks] };
    const next = apply({ ...current, ...known }, decision, now);
    // Answers go the way the last message came.
    const way = { channel: last.channel, replyTo: last.from };
    if (earlier.missing.length === 0) return { ...next, ...way };
    return { ...next, ...way, awaited: [...(next.awaited ?? []), ...earlier.missing].slice(-AWAITED_KEPT) };
  }

  private async fireTimers(id: string): Promise<void> {
    const now = this.parts.now();
    const known = await this.parts.conversations.latest(id);
    if (!known || !hasTimerDue(known, now)) return;
    await this.parts.conversations.change(id, async (current) => {
      if (!hasTimerDue(current, now)) return undefined;
      return apply(current, decideTimers(current.state, await this.context(current, now)), now);
    });
  }

  /** What a decision about this conversation may know; ids it makes carry the revision it will write. */
  async context(current: Conversation, now: Date): Promise<DecisionContext> {
    const { portfolio, teams, sales } = this.parts;
    const facts = await portfolio.facts(await this.nameOf(current.buyer), now);
    const hours = await teams.hours(now);
    const bookings = current.hasBookings ? await sales.factsOf(current.buyer) : [];
    return { scope: `${current._id}:${current.v + 1}`, facts: { ...facts, bookings, hours }, now };
  }

  private async nameOf(buyer: string): Promise<string> {
    const known = this.names.get(buyer);
    if (known !== undefined) return known;
    const name = (await this.parts.buyers.byId(buyer))?.name ?? '';
    if (this.names.size >= 20_000) this.names.clear();
    this.names.set(buyer, name);
    return name;
  }
}

/** The conversation as a decision leaves it: the state, and everything owed behind what was owed before. */
export function apply(current: Conversation, decision: Decision, now: Date): Conversation {
  const prefix = `${current._id}:${current.v + 1}:`;
  // Several decisions may go into one write: they count on.
  const owedBefore = current.outbox.filter((owed) => owed.id.startsWith(prefix)).length;
  const notesBefore = current.timeline.filter((entry) => entry._id.startsWith(prefix)).length;
  const owe = [...decision.effects, ...cardsOfWord(current, decision)].map((effect, index) => ({
    id: `${prefix}${owedBefore + index}`,
    effect,
    owedAt: now,
  }));
  const notes = decision.notes.map((note, index) => ({
    _id: `${prefix}note${notesBefore + index}`,
    buyer: current.buyer,
    conversation: current._id,
    at: now,
    who: 'bot',
    kind: 'decision' as const,
    ...note,
  }));
  return {
    ...current,
    state: decision.state,
    outbox: [...current.outbox, ...owe],
    outcomes: [...current.outcomes, ...decision.outcomes],
    timeline: [...current.timeline, ...notes],
    changedAt: now,
  };
}

/** A conversation before its first message. */
export function blankConversation(
  id: string,
  { channel, buyer, replyTo }: Pick<Conversation, 'channel' | 'buyer' | 'replyTo'>,
  now: Date,
): Conversation {
  return {
    _id: id,
    channel,
    buyer,
    replyTo,
    v: 0,
    state: newConversation(),
    outbox: [],
    outcomes: [],
    timeline: [],
    seen: [],
    changedAt: now,
  };
}

/** Stands among a conversation's seen inputs when the words of this voice note were part of a decision. */
export function heardMark(message: string): string {
  return `heard:${message}`;
}

/** The answers to commands: of all that a buyer's conversation knows, only that they wrote changes. */
function commanded({ state }: Conversation, answers: Map<string, string>, at: Date): Decision {
  const { lastInboundAt = at } = state;
  return {
    state: { ...state, lastInboundAt: lastInboundAt > at ? lastInboundAt : at },
    effects: [...answers.values()].map((text) => ({ kind: 'sendText', text, staff: COMMANDS, caseId: '' })),
    outcomes: [...answers.keys()].map((message) => ({ message, outcome: { kind: 'command' } })),
    notes: [...answers].map(() => ({ what: 'a command was carried out', why: 'typed by a member of staff' })),
  };
}

function arrivalMs({ receivedAt }: InboundRecord): number {
  return receivedAt.getTime();
}

function isVoiceNote({ content }: InboundRecord): boolean {
  return content.kind === 'media' && content.voice === true;
}

/** Who has the word stands on the cards of the cases that it is had under: they are shown anew when that changes. */
function cardsOfWord({ state: { owner: before } }: Conversation, { state }: Decision): Effect[] {
  const { owner, cases } = state;
  if (JSON.stringify(before) === JSON.stringify(owner)) return [];
  const concerned = [before, owner].map((each) => (each.kind === 'staff' ? each.caseId : undefined));
  return cases
    .filter(({ id }) => concerned.includes(id))
    .map(({ id }) => ({ kind: 'refreshCase', caseId: id }));
}

function hasTimerDue({ state }: Conversation, now: Date): boolean {
  if (state.owner.kind === 'staff' && state.owner.until <= now) return true;
  if (state.cases.some(({ snoozed }) => snoozed?.until && snoozed.until <= now)) return true;
  return state.runs.some((run) => run.dueAt && run.dueAt <= now);
}

function saidEntry(conversation: Conversation, message: HeardMessage, decision: Decision): TimelineEntry {
  const intent = message.understanding.intents[0];
  const outcome = decision.outcomes.find((each) => each.message === message.id)?.outcome;
  const understood = intent?.confidence ? `${intent.name} ${intent.confidence.toFixed(2)}` : 'nothing';
  return {
    _id: message.id,
    buyer: conversation.buyer,
    conversation: conversation._id,
    at: message.at,
    who: 'buyer',
    kind: 'message',
    what: message.shown,
    why: `${understood} -> ${outcome ? outcomeText(outcome) : 'none'}`,
  };
}

function outcomeText(outcome: NonNullable<Decision['outcomes'][number]>['outcome']): string {
  switch (outcome.kind) {
    case 'flow':
      return `${outcome.run.split(':')[0]}, ${outcome.stage}`;
    case 'reply':
      return outcome.template;
    case 'case':
      return 'case';
    case 'command':
      return 'command';
  }
}
