import { jest } from '@jest/globals';
import type { Understander } from '../bot/understand/understander.ts';
import type { Intent } from '../flows/types.ts';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { Message } from '../inbox/sandbox/workspace.ts';
import { type Buyer, type Product, type ProductOptions, startProduct } from './product.ts';
import { until } from './until.ts';

/** What the tests of threads have in common: a case, and what is seen of it in Slack. */

export const MEERA = 'U0MEERALEGL';
export const ARJUN = 'U0ARJUNSALE';
export const { legal } = TEAM_CHANNELS;

/** Understanding has its own tests; here a word decides. */
const byWord: Understander = {
  async understand(text) {
    const meanings: [string, Intent][] = [
      ['RERA', 'legal_threat'],
      ['aadhaar', 'kyc_submit'],
    ];
    const name = meanings.find(([word]) => text.includes(word))?.[1] ?? 'other';
    return { intents: [{ name, confidence: 0.97 }], entities: {}, language: 'en', sentiment: 'neutral' };
  },
};

const products: Product[] = [];

/** A product of the test's own, connected to Slack; `stopAll` ends it. */
export async function start(options: ProductOptions = {}): Promise<Product> {
  const product = await startProduct({ understander: byWord, ...options });
  products.push(product);
  await until('Slack is connected', () => product.baton.context.inbox.health() === 'ready');
  return product;
}

export async function stopAll(): Promise<void> {
  jest.restoreAllMocks();
  for (const product of products.splice(0)) await product.stop();
}

/** Somebody of the team writes under a card. */
export function reply(product: Product, ts: string, text: string, member = MEERA) {
  return product.slack.postAs(member, legal, text, { threadTs: ts });
}

/** A case of the legal team whose buyer has been told so; `ts` is its card. */
export async function openCase(product: Product): Promise<{ buyer: Buyer; ts: string; caseId: string }> {
  const buyer = product.buyer();
  await buyer.write('I will go to RERA');
  const { ts } = await buyer.card(legal);
  await until('the acknowledgement', () => buyer.heard().length === 1);
  const found = await until('the case', () => product.models.cases.byThread(legal, ts));
  return { buyer, ts, caseId: found._id };
}

/** Resolves when every event has been taken in and all that follows from it is done. */
export async function settled({ slack, baton }: Product): Promise<void> {
  const { turns, caseTurns, replyTurns, handOnTurns, showTurns, inbox } = baton.context;
  for (let round = 0; round < 2; round += 1) {
    await slack.idle();
    await inbox.idle();
    await handOnTurns.idle();
    await turns.idle();
    await showTurns.idle();
    await caseTurns.idle();
    await replyTurns.idle();
  }
}

/** What the app posted under a card, as its blocks say it. */
export function linesOf({ slack }: Product, ts: string): string[] {
  return slack
    .thread(legal, ts)
    .slice(1)
    .filter((message) => message.metadata)
    .map(textOf);
}

/** The line of a thread that says something, as a message. */
export function lineSaying({ slack }: Product, ts: string, words: string): Message | undefined {
  return slack.thread(legal, ts).findLast((message) => textOf(message).includes(words));
}

export function textOf(message: Message | undefined): string {
  return JSON.stringify(message?.blocks ?? []);
}

export function whispers({ slack }: Product, member: string, ts: string): string[] {
  return slack
    .ephemerals(member)
    .filter((message) => message.threadTs === ts)
    .map((message) => message.text);
}

/** The names of the app's marks on a message. */
export function marksOf({ slack }: Product, ts: string): string[] {
  const message = [...slack.messages(legal)].find((each) => each.ts === ts);
  return (message?.reactions ?? []).map(({ name }) => name).sort();
}
