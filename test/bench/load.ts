import { performance } from 'node:perf_hooks';
import type { GraphStandIn, SentMessage } from '../standins/graph.ts';
import { type Figures, figuresOf } from './figures.ts';

/** Buyers in mid-conversation who ask and wait for the answer, a few at a time. */
export class Load {
  private readonly graph: GraphStandIn;
  private readonly buyers: string[];
  private readonly waiting = new Map<string, () => void>();

  constructor(graph: GraphStandIn, buyers: number) {
    this.graph = graph;
    this.buyers = Array.from({ length: buyers }, (_, index) => `9199999${String(index).padStart(5, '0')}`);
  }

  /** To be called with each message that arrives at Graph. */
  heard({ to }: SentMessage): void {
    this.waiting.get(to)?.();
  }

  /** Every buyer starts an enquiry: a brochure and the first question. */
  async begin(): Promise<void> {
    for (const from of this.buyers) {
      const before = this.graph.sent.length;
      await this.taken(from, 'Please send the brochure');
      while (this.graph.sent.length < before + 2) await this.answer(from);
    }
  }

  /** `messages` questions, `concurrency` at a time; each buyer has the answer before they ask again. */
  async run(messages: number, concurrency: number): Promise<Figures> {
    const latenciesMs: number[] = [];
    let asked = 0;
    const worker = async (buyers: string[]): Promise<void> => {
      for (let turn = 0; asked < messages; turn += 1) {
        asked += 1;
        latenciesMs.push(await this.ask(buyers[turn % buyers.length] ?? ''));
      }
    };
    const start = performance.now();
    await Promise.all(
      Array.from({ length: concurrency }, (_, index) =>
        worker(this.buyers.filter((_buyer, position) => position % concurrency === index)),
      ),
    );
    return figuresOf(latenciesMs, performance.now() - start);
  }

  /** From the webhook's departure to the arrival of the answer at Graph, in milliseconds. */
  private async ask(from: string): Promise<number> {
    const start = performance.now();
    const answered = this.answer(from).then(() => performance.now() - start);
    await this.taken(from, 'Where is the site?');
    return answered;
  }

  private answer(to: string): Promise<void> {
    return new Promise((resolve) => this.waiting.set(to, resolve));
  }

  private async taken(from: string, text: string): Promise<void> {
    const status = await this.graph.inboundText({ from, text });
    if (status !== 200) throw new Error(`the webhook was answered with ${status}`);
  }
}
