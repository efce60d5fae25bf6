import { setTimeout as delay } from 'node:timers/promises';
import type { GraphStandIn } from '../standins/graph.ts';

/** What a message is about, and so what must come of it. */
export type Matter = 'brochure' | 'price' | 'location' | 'thanks' | 'threat' | 'gibberish';

/** A message as its buyer writes it; `key` is Meta's id of it. */
export type Said = { key: string; at: Date; matter: Matter };

/** One buyer and everything they write, in order; `from` in digits. */
export type Buyer = { from: string; messages: Said[] };

const WORDS: Record<Matter, string> = {
  brochure: 'Please send the brochure',
  price: 'What is the price?',
  location: 'Where is the site?',
  thanks: 'Thank you',
  threat: 'I will take you to RERA court, my lawyer is sending a legal notice',
  gibberish: 'qwxz plmk zzvbn',
};

/** Draws a number in [0, 1); the same seed draws the same numbers. */
export type Draw = () => number;

/** Mulberry32. */
export function drawFrom(seed: number): Draw {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const CHAT: Matter[] = ['price', 'price', 'location', 'thanks', 'brochure'];
const SECOND_MS = 1_000;

/** `count` buyers with `each` messages: all begin with the brochure, a quarter end with a threat, a quarter in gibberish. */
export function makeBuyers(count: number, each: number, draw: Draw): Buyer[] {
  const begin = Date.now() - each * SECOND_MS;
  return Array.from({ length: count }, (_, buyer) => {
    const last = each - 1 - Math.floor(draw() * 3);
    const ending = ([undefined, 'threat', 'gibberish', undefined] as const)[buyer % 4];
    const messages = Array.from({ length: each }, (_message, place) => ({
      key: `wamid.in.${buyer}.${place}`,
      at: new Date(begin + place * SECOND_MS),
      matter: place === 0 ? 'brochure' : ending && place === last ? ending : pick(CHAT, draw),
    }));
    return { from: `9199999${String(buyer).padStart(5, '0')}`, messages };
  });
}

function pick<T>(values: readonly T[], draw: Draw): T {
  return values[Math.floor(draw() * values.length)] as T;
}

/** How many webhooks come a second time, and how much later at most. */
const REPEATED = 0.1;
const LATEST_REPEAT_MS = 3_000;

/** Buyers who write all at once; Meta tries each message until it is taken, and delivers some twice. */
export class Crowd {
  /** Messages that were answered with 200. */
  taken = 0;
  duplicates = 0;
  private readonly graph: GraphStandIn;
  private readonly draw: Draw;
  private readonly waiting: { buyer: Buyer; next: number }[];
  private readonly repeats: Promise<void>[] = [];

  constructor(graph: GraphStandIn, buyers: Buyer[], draw: Draw) {
    this.graph = graph;
    this.draw = draw;
    this.waiting = buyers.map((buyer) => ({ buyer, next: 0 }));
  }

  /**
   * Resolves when every message, and every repetition, was taken. `hands` messages are on their way at a time; a
   * buyer writes the next one when the one before was taken.
   */
  async write(hands: number): Promise<void> {
    await Promise.all(Array.from({ length: hands }, () => this.hand()));
    await Promise.all(this.repeats);
  }

  private async hand(): Promise<void> {
    for (let turn = this.anyTurn(); turn; turn = this.anyTurn()) {
      const { buyer, next } = turn;
      const said = buyer.messages[next];
      if (!said) continue;
      if (this.draw() < REPEATED) this.repeats.push(this.repeat(buyer, said));
      await this.deliver(buyer, said);
      this.taken += 1;
      this.waiting.push({ buyer, next: next + 1 });
    }
  }

  private anyTurn() {
    return this.waiting.splice(Math.floor(this.draw() * this.waiting.length), 1)[0];
  }

  /** Half of the repetitions race with the first delivery, the others come later. */
  private async repeat(buyer: Buyer, said: Said): Promise<void> {
    this.duplicates += 1;
    const later = this.draw();
    if (later > 0.5) await delay((later - 0.5) * 2 * LATEST_REPEAT_MS);
    await this.deliver(buyer, said);
  }

  private async deliver({ from }: Buyer, { key, at, matter }: Said): Promise<void> {
    const status = await this.graph.inboundText({ from, id: key, at, text: WORDS[matter] });
    if (status !== 200) throw new Error(`${key} was given up with ${status}`);
  }
}
