import type { Logger } from 'pino';
import { runsAsking } from '../flows/asking.ts';
import {
  type Decision,
  type DecisionContext,
  decideTimers,
  decideTurn,
  newConversation,
} from '../flows/decide.ts';
import type { HeardMessage } from '../flows/types.ts';
import type { Buyers } from '../models/buyer.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import type { InboundRecord, Inbounds } from '../models/inbound.ts';
import type { TimelineEntry } from '../models/timeline.ts';
import type { Content } from './channels/channel.ts';
import type { Portfolio } from './portfolio.ts';
import type { Understander } from './understand/understander.ts';

export type TurnParts = {
  buyers: Buyers;
  conversations: Conversations;
  inbound: Inbounds;
  portfolio: Portfolio;
  understander: Understander;
  /** Pays what the conversation owes. */
  perform: (conversation: string) => Promise<void>;
  /** Wakes the conversation again after a while. */
  wakeAfter: (conversation: string, delayMs: number) => void;
  /** Tells the buyer that their message was read and is being answered; best effort. */
  showReading: (channel: string, messageKey: string) => void;
  burstWindowMs: number;
  timeZone: string;
  now: () => Date;
  log: Logger;
};

/** A burst that never ends is cut after this many windows. */
const LONGEST_BURST_WINDOWS = 4;
const READ_CHARACTERS = 4_000;

/** One buyer's turn: wait out the burst, understand, decide, commit, then pay what is owed. */
export class Turns {
  private readonly parts: TurnParts;
  private readonly names = new Map<string, string>();

  constructor(parts: TurnParts) {
    this.parts = parts;
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
    if (!first || this.isBursting(id, waiting)) return;
    await conversations.change(
      id,
      async (current) => {
        const isKnown = current.v === (known?.v ?? 0);
        return this.decide(current, isKnown ? waiting : await inbound.pendingOf(id));
      },
      () => blank(id, first, now()),
    );
  }

  /** True while more may be coming: then the turn is woken again at the end of the window. */
  private isBursting(id: string, waiting: InboundRecord[]): boolean {
    const { burstWindowMs, now, wakeAfter, showReading } = this.parts;
    const arrivals = waiting.map((each) => each.receivedAt.getTime());
    const quietAt = Math.max(...arrivals) + burstWindowMs;
    const cutAt = Math.min(...arrivals) + burstWindowMs * LONGEST_BURST_WINDOWS;
    const leftMs = Math.min(quietAt, cutAt) - now().getTime();
    if (leftMs <= 0) return false;
    const last = waiting.at(-1);
    if (last) showReading(last.channel, last._id.slice(last.channel.length + 1));
    wakeAfter(id, leftMs);
    return true;
  }

  private async decide(current: Conversation, pending: InboundRecord[]): Promise<Conversation | undefined> {
    const owed = new Set(current.outcomes.map((each) => each.message));
    const records = pending.filter((each) => !owed.has(each._id));
    const last = records.at(-1);
    if (!last) return undefined;
    const now = this.parts.now();
    const heard: HeardMessage[] = [];
    for (const record of records) heard.push(await this.hear(current, record, now));
    const context = await this.context(current, now);
    const decision = decideTurn(current.state, heard, context);
    const said = heard.map((message) => saidEntry(current, message, decision));
    const next = apply({ ...current, timeline: [...current.timeline, ...said] }, decision, now);
    // Answers go the way the last message came.
    return { ...next, channel: last.channel, replyTo: last.from };
  }

  private async hear(current: Conversation, record: InboundRecord, now: Date): Promise<HeardMessage> {
    const content = record.content as Content;
    const text = textOf(content);
    const question = runsAsking(current.state.runs)[0]?.question;
    const understanding = await this.parts.understander.understand(text.slice(0, READ_CHARACTERS), {
      now,
      timeZone: this.parts.timeZone,
      ...(question && { question }),
    });
    return {
      id: record._id,
      at: record.at,
      content: content.kind,
      text,
      shown: shownOf(content),
      ...(content.kind === 'choice' && { choiceId: content.id }),
      understanding,
    };
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
    const facts = await this.parts.portfolio.facts(await this.nameOf(current.buyer), now);
    return { scope: `${current._id}:${current.v + 1}`, facts, now };
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
  const owe = decision.effects.map((effect, index) => ({
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

function blank(id: string, first: InboundRecord, now: Date): Conversation {
  return {
    _id: id,
    channel: first.channel,
    buyer: first.buyer,
    replyTo: first.from,
    v: 0,
    state: newConversation(),
    outbox: [],
    outcomes: [],
    timeline: [],
    seen: [],
    changedAt: now,
  };
}

function hasTimerDue({ state }: Conversation, now: Date): boolean {
  if (state.owner.kind === 'staff' && state.owner.until <= now) return true;
  return state.runs.some((run) => run.dueAt && run.dueAt <= now);
}

/** The words of a message, whatever it is; empty when it has none. */
function textOf(content: Content): string {
  switch (content.kind) {
    case 'text':
      return content.text;
    case 'choice':
      return content.title;
    case 'media':
      return content.caption ?? '';
    case 'location':
      return content.name ?? '';
    case 'contacts':
      return content.contacts.map(({ name }) => name).join(', ');
    case 'reaction':
      return content.emoji ?? '';
    case 'vote':
      return content.titles.join(', ');
    case 'edited':
      return content.text;
    case 'revoked':
    case 'call':
    case 'unsupported':
      return '';
  }
}

/** What a person is shown of a message: its words, and what else it carried. */
function shownOf(content: Content): string {
  const text = textOf(content);
  switch (content.kind) {
    case 'media':
      return `[${content.media}${content.fileName ? ` ${content.fileName}` : ''}] ${text}`.trim();
    case 'location':
      return `[location ${content.latitudeDeg}, ${content.longitudeDeg}] ${text}`.trim();
    case 'unsupported':
      return `[a message that cannot be shown: ${content.reason}]`;
    default:
      return text === '' ? `[${content.kind}]` : text;
  }
}

function saidEntry(conversation: Conversation, message: HeardMessage, decision: Decision): TimelineEntry {
  const intent = message.understanding.intents[0];
  const outcome = decision.outcomes.find((each) => each.message === message.id)?.outcome;
  const understood = intent ? `${intent.name} ${intent.confidence.toFixed(2)}` : 'nothing';
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
  }
}
