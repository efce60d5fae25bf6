import { performance } from 'node:perf_hooks';
import { type Figures, figuresOf } from './figures.ts';

/** How buyers reach us: the other end of one transport. */
export type Line = {
  /** A buyer (phone in digits) writes; resolves with the message's own key once it is taken. */
  write(from: string, text: string): Promise<string>;
};

const ENQUIRY = 'Please send the brochure';
const QUESTION = 'Where is the site?';
/** What an enquiry is answered with: the brochure and the first question. */
const ANSWERS_TO_ENQUIRY = 2;
const ANSWER_WITHIN_MS = 30_000;

/** Buyers in mid-conversation who ask and wait for the answer, a few at a time. */
export class Load {
  private readonly line: Line;
  private readonly buyers: string[];
  private readonly counts = new Map<string, number>();
  private readonly waiting = new Map<string, () => void>();

  constructor(line: Line, buyers: number) {
    this.line = line;
    this.buyers = Array.from(
      { length: buyers },
      (_, index) => `9199999${String(index + 1).padStart(5, '0')}`,
    );
  }

  /** To be called with the buyer (phone in digits) whom each answer reaches. */
  heard(to: string): void {
    this.counts.set(to, (this.counts.get(to) ?? 0) + 1);
    this.waiting.get(to)?.();
  }

  /** Every buyer starts an enquiry, so many at a time; the figures are per brochure. */
  async begin(concurrency = 1): Promise<Figures> {
    const latenciesMs: number[] = [];
    const start = performance.now();
    await this.inLanes(concurrency, async (buyers) => {
      for (const from of buyers) latenciesMs.push(await this.enquire(from));
    });
    return figuresOf(latenciesMs, performance.now() - start);
  }

  /** `messages` questions, `concurrency` at a time; each buyer has the answer before they ask again. */
  async run(messages: number, concurrency: number): Promise<Figures> {
    const latenciesMs: number[] = [];
    let asked = 0;
    const start = performance.now();
    await this.inLanes(concurrency, async (buyers) => {
      for (let turn = 0; asked < messages; turn += 1) {
        asked += 1;
        latenciesMs.push(await this.ask(buyers[turn % buyers.length] ?? ''));
      }
    });
    return figuresOf(latenciesMs, performance.now() - start);
  }

  /** `messages` questions, all buyers at once, each writing on without waiting for answers: their keys, in order. */
  async flood(messages: number): Promise<string[][]> {
    return Promise.all(
      this.buyers.map(async (from) => {
        const keys: string[] = [];
        while (keys.length < messages / this.buyers.length) keys.push(await this.line.write(from, QUESTION));
        return keys;
      }),
    );
  }

  /** Every buyer belongs to one of the lanes, so that nobody writes twice at a time. */
  private async inLanes(count: number, work: (buyers: string[]) => Promise<void>): Promise<void> {
    const lanes = Array.from({ length: count }, (_, lane) =>
      this.buyers.filter((_buyer, position) => position % count === lane),
    );
    await Promise.all(lanes.map(work));
  }

  private async enquire(from: string): Promise<number> {
    const start = performance.now();
    await this.line.write(from, ENQUIRY);
    while ((this.counts.get(from) ?? 0) < ANSWERS_TO_ENQUIRY) await this.answer(from);
    return performance.now() - start;
  }

  /** From the message's departure to the arrival of the answer, in milliseconds. */
  private async ask(from: string): Promise<number> {
    const start = performance.now();
    const answered = this.answer(from).then(() => performance.now() - start);
    await this.line.write(from, QUESTION);
    return answered;
  }

  /** Rejects when no answer comes: better than a bench without an end. */
  private answer(to: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`no answer came within ${ANSWER_WITHIN_MS} ms`));
      const timer = setTimeout(late, ANSWER_WITHIN_MS);
      this.waiting.set(to, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
