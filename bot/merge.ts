import type { Logger } from 'pino';
import type { DecisionContext } from '../flows/decide.ts';
import { moveBelongings, moveBookings, moveLeads, type Whose } from '../models/belongings.ts';
import type { Buyer } from '../models/buyer.ts';
import type { Conversation } from '../models/conversation.ts';
import type { Models } from '../models/models.ts';
import { absorb, revisionOfBoth } from './absorb.ts';
import { blankConversation } from './turn.ts';

export type MergeParts = {
  models: Models;
  /** What is sealed for one buyer has to be sealed for the other. */
  moveDocuments: (from: Whose, to: Whose) => Promise<void>;
  /** Names the line that a buyer's one conversation belongs to. */
  line: string;
  takeTurn: (conversation: string) => Promise<void>;
  /** Starts the work of a conversation and returns at once. */
  wake: (conversation: string) => void;
  /** Lets receiving look up a buyer's handles again. */
  forget: (buyer: string) => void;
  contextOf: (conversation: Conversation, now: Date) => Promise<DecisionContext>;
  now: () => Date;
  log: Logger;
};

const SWEEP_BATCH = 50;
/** Longer than another process works on a conversation that it read before it ended. */
const LOOK_AGAIN_MS = 60_000;

/**
 * One person, many handles. That two buyers are one is decided by a single write (`Buyers.withHandles`); what
 * follows is owed from then on, and each step may be repeated: the conversation of the absorbed buyer ends, the
 * surviving one takes in what it holds, and all that belongs to it is given over. Turns go through here, so that
 * in this process none runs while its conversation moves, or before what belongs to it has come.
 */
export class Merges {
  private readonly parts: MergeParts;
  /** Merges that this process knows to be owed: absorbed buyer -> the one who absorbs. */
  private readonly owed = new Map<string, string>();
  private readonly lines = new Map<string, Promise<void>>();

  constructor(parts: MergeParts) {
    this.parts = parts;
  }

  /** Notes that two buyers have become one; the rest follows soon. */
  owe({ _id: absorbed }: Pick<Buyer, '_id'>, { _id: into }: Pick<Buyer, '_id'>): void {
    this.owed.set(absorbed, into);
    this.parts.forget(absorbed);
    this.parts.wake(this.conversationOf(absorbed));
  }

  /** For the sweep: conversations that a merge is still owed for. */
  async findOwed(): Promise<string[]> {
    const found = await this.parts.models.buyers.mergesOwed(this.parts.now(), SWEEP_BATCH);
    for (const { _id, mergedInto = _id } of found) this.owed.set(_id, mergedInto);
    return found.map(({ _id }) => this.conversationOf(_id));
  }

  /** One conversation's turn, after the merges that concern its buyer. Idempotent: safe to call at any time. */
  async take(conversation: string): Promise<void> {
    const buyer = conversation.slice(conversation.lastIndexOf('/') + 1);
    for (const absorbed of this.concerning(buyer)) {
      await this.inLine(this.conversationOf(absorbed), () => this.move(absorbed));
    }
    await this.inLine(conversation, () => this.takeHere(conversation));
  }

  private conversationOf(buyer: string): string {
    return `${this.parts.line}/${buyer}`;
  }

  /** The absorbed among those whom a chain of owed merges connects with this buyer. */
  private concerning(buyer: string): string[] {
    const connected = new Set([buyer]);
    for (let before = 0; before < connected.size; ) {
      before = connected.size;
      for (const [absorbed, into] of this.owed) {
        if (connected.has(absorbed) || connected.has(into)) connected.add(absorbed).add(into);
      }
    }
    return [...connected].filter((each) => this.owed.has(each));
  }

  /** What another process stored here after it had ended follows to where the conversation goes on. */
  private async takeHere(conversation: string): Promise<void> {
    const { models, takeTurn, forget, wake } = this.parts;
    const own = await models.conversations.own(conversation);
    if (own?.movedTo === undefined) return takeTurn(conversation);
    const goesOn = await models.conversations.latest(conversation);
    if (!goesOn) return;
    forget(own.buyer);
    const to = { buyer: goesOn.buyer, conversation: goesOn._id };
    await this.giveAll({ buyer: own.buyer, conversation }, to);
    wake(goesOn._id);
  }

  private async move(absorbed: string): Promise<void> {
    const { models, now, wake, log } = this.parts;
    const { buyers } = models;
    const owing = await buyers.mergeOwedBy(absorbed, now());
    if (owing) {
      let into = await this.survivor(absorbed);
      // Whoever absorbs may be absorbed meanwhile: then once more, to where it all is now.
      for (let before = ''; before !== into._id; into = await this.survivor(absorbed)) {
        before = into._id;
        await this.moveTo(into, owing);
      }
      await buyers.moved(absorbed, now(), new Date(now().getTime() + LOOK_AGAIN_MS));
      log.info({ buyer: absorbed, into: into._id }, 'two buyers are one person: merged');
      wake(this.conversationOf(into._id));
    }
    this.owed.delete(absorbed);
  }

  private async survivor(absorbed: string): Promise<Buyer> {
    const into = await this.parts.models.buyers.byId(absorbed);
    if (!into) throw new Error(`buyer ${absorbed} was merged into one that does not exist`);
    return into;
  }

  private async moveTo(into: Buyer, owing: Buyer): Promise<void> {
    const { models, now } = this.parts;
    const ids = await models.conversations.idsOf(owing._id);
    // Also one that does not exist yet: a turn elsewhere may be about to make it.
    for (const from of new Set([...ids, this.conversationOf(owing._id)])) {
      const to = `${from.slice(0, from.lastIndexOf('/'))}/${into._id}`;
      await this.moveConversation(from, to, owing, into);
      const whose = { buyer: into._id, conversation: to };
      await this.giveAll({ buyer: owing._id, conversation: from }, whose);
    }
    await moveLeads(models, owing._id, into._id, now());
    await moveBookings(models, owing._id, into._id);
    await models.buyers.inheritName(into._id, owing.name);
    await models.buyers.tag(into._id, { add: owing.tags ?? [], remove: [] });
  }

  private async giveAll(from: Whose, to: Whose): Promise<void> {
    const { models, moveDocuments } = this.parts;
    await moveBelongings(models, from, to);
    await moveDocuments(from, to);
  }

  private async moveConversation(from: string, to: string, owing: Buyer, into: Buyer): Promise<void> {
    const { conversations } = this.parts.models;
    const { contextOf, now, line } = this.parts;
    const blank = (id: string, { _id, handles }: Buyer) =>
      blankConversation(id, { channel: line, buyer: _id, replyTo: handles[0] ?? '' }, now());
    // Where it moves to must be there before anybody is sent there.
    await conversations.change(
      to,
      (current) => (current.v === 0 ? current : undefined),
      () => blank(to, into),
    );
    const moved = await conversations.moveTo(from, to, () => blank(from, owing));
    const why = `a message came with handles of both; this one was known by ${owing.handles.join(', ')}`;
    await conversations.change(from, async (current) => {
      if (await this.isTakenIn(moved)) return undefined;
      const revision = { ...current, v: revisionOfBoth(current, moved) };
      return absorb(current, moved, why, await contextOf(revision, now()));
    });
  }

  /** A conversation on the way may have taken it in, and then have moved on itself. */
  private async isTakenIn({ _id, movedTo }: Conversation): Promise<boolean> {
    const { conversations } = this.parts.models;
    for (let next = movedTo; next !== undefined; ) {
      const conversation = await conversations.own(next);
      if (conversation?.absorbed?.includes(_id)) return true;
      next = conversation?.movedTo;
    }
    return false;
  }

  /** In this process one at a time per conversation, in the order in which it was asked for. */
  private async inLine(conversation: string, work: () => Promise<void>): Promise<void> {
    const before = this.lines.get(conversation);
    const current = before ? before.then(work, work) : work();
    this.lines.set(conversation, current);
    try {
      await current;
    } finally {
      if (this.lines.get(conversation) === current) this.lines.delete(conversation);
    }
  }
}
