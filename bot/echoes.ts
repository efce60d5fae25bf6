import { type DecisionContext, decidePhone } from '../flows/decide.ts';
import type { Cases } from '../models/case.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import type { Send, Sends } from '../models/send.ts';
import type { Timeline } from '../models/timeline.ts';
import { renderMessage } from '../templates/messages/message.ts';
import type { Content, Echo } from './channels/channel.ts';
import type { Receiver } from './receive.ts';
import { shownOf, textOf } from './shown.ts';
import { apply, blankConversation } from './turn.ts';
import { masked } from './understand/identity.ts';

export type EchoParts = {
  cases: Cases;
  conversations: Conversations;
  sends: Sends;
  timeline: Timeline;
  conversationOf: Receiver['conversationOf'];
  contextOf: (conversation: Conversation, now: Date) => Promise<DecisionContext>;
  wake: (conversation: string) => void;
  timeZone: string;
  now: () => Date;
};

/** Events about another message: on the timeline, but nobody has spoken. */
const NOT_SAID: ReadonlySet<Content['kind']> = new Set(['reaction', 'vote', 'edited', 'revoked', 'call']);

/** Takes in what somebody typed on the paired phone: on the timeline, and with the word for that person. */
export class Echoes {
  private readonly parts: EchoParts;

  constructor(parts: EchoParts) {
    this.parts = parts;
  }

  /**
   * Takes messages from our own number, oldest first. What the ledger knows as sent by this product is left out;
   * one that was taken before is a no-op, however long ago.
   */
  async take(channel: string, echoes: Echo[]): Promise<void> {
    const woken = new Set<string>();
    for (const echo of echoes) {
      const conversation = await this.takeOne(channel, echo);
      if (conversation) woken.add(conversation);
    }
    for (const conversation of woken) this.parts.wake(conversation);
  }

  /** The conversation that it changed, if it did. */
  private async takeOne(channel: string, echo: Echo): Promise<string | undefined> {
    const { conversations, timeline, now } = this.parts;
    const id = `${channel}:${echo.key}`;
    if ((await this.isOnLedger(echo)) || (await timeline.byIds([id])).length > 0) return undefined;
    const person = { from: echo.to, alsoKnownAs: echo.alsoKnownAs };
    const { buyer, conversation, replyTo } = await this.parts.conversationOf(person);
    let isTaken = false;
    await conversations.change(
      conversation,
      async (current) => {
        isTaken = !current.seen.includes(id) && !(await this.isOurs(current, echo));
        return isTaken ? this.taken(current, id, echo) : undefined;
      },
      () => blankConversation(conversation, { channel, buyer, replyTo }, now()),
    );
    return isTaken ? conversation : undefined;
  }

  private async taken(current: Conversation, id: string, { at, content }: Echo): Promise<Conversation> {
    const now = this.parts.now();
    const words = masked(shownOf(content));
    const said = {
      _id: id,
      buyer: current.buyer,
      conversation: current._id,
      at,
      who: 'phone',
      kind: 'message' as const,
      what: words,
    };
    const next = { ...current, timeline: [...current.timeline, said], seen: [...current.seen, id] };
    if (NOT_SAID.has(content.kind)) return { ...next, changedAt: now };
    const decision = decidePhone(current.state, { words, at }, await this.parts.contextOf(current, now));
    return apply(next, decision, now);
  }

  /**
   * True for a send of ours. One that the provider has not confirmed to us yet is not known by its id and is told
   * by its words; those are looked at first, since the id may become known meanwhile.
   */
  private async isOurs(current: Conversation, echo: Echo): Promise<boolean> {
    const unconfirmed = await this.parts.sends.model
      .find({ conversation: current._id, status: { $in: ['sending', 'unknown'] } })
      .lean<Send[]>();
    for (const send of unconfirmed) if (await this.reads(send, echo.content)) return true;
    return this.isOnLedger(echo);
  }

  private async isOnLedger({ key }: Echo): Promise<boolean> {
    return (await this.parts.sends.model.exists({ providerId: key })) !== null;
  }

  /** True when `content` may be this very send. A poll or a file of ours comes back without its words. */
  private async reads({ effect, language }: Send, content: Content): Promise<boolean> {
    if (effect.kind === 'sendDocument' || effect.kind === 'sendFile')
      return content.kind === 'media' && content.media === 'document';
    if (content.kind !== 'text') return content.kind === 'unsupported';
    const text = textOf(content);
    if (effect.kind === 'sendText') return text === effect.text;
    const ticket = effect.ticketOf && (await this.parts.cases.byId(effect.ticketOf))?.ticket;
    const data = { ...effect.data, ...(ticket && { ticket }) };
    return text.startsWith(renderMessage(effect.template, language, data, this.parts.timeZone).text);
  }
}
