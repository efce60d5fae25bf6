import type { Understander } from '../bot/understand/understander.ts';
import type { Entities, Intent } from '../flows/types.ts';
import type { Entries } from '../inbox/sandbox/inputs.ts';
import type { Submission } from '../inbox/sandbox/interactions.ts';
import type { ShownView } from '../inbox/sandbox/views.ts';
import type { Message } from '../inbox/sandbox/workspace.ts';
import type { Product } from './product.ts';
import { postSigned } from './signed.ts';
import { until } from './until.ts';

/** What members of the team do on a case's card, and what they see of it. */

/** People of the local Slack. */
export const MEERA = 'U0MEERALEGL';
export const ARJUN = 'U0ARJUNSALE';
export const FARAH = 'U0FARAHCOLL';
export const VIKRAM = 'U0VIKRAMOPS';

/** Understanding has its own tests: here a word decides, the first that is in the text; `other` where none is. */
export function readBy(words: [word: string, intent: Intent, entities?: Entities][]): Understander {
  return {
    async understand(text) {
      const [, name = 'other', entities = {}] = words.find(([word]) => text.includes(word)) ?? [];
      const intents = [{ name: name as Intent, confidence: 0.97 }];
      return { intents, entities, language: 'en', sentiment: 'neutral' };
    },
  };
}

type Site = Pick<Product, 'slack'>;

/** A card: its channel and its timestamp. */
export type Card = { channel: string; ts: string };

/** Chooses in the menu of a card. */
export function choose({ slack }: Site, member: string, { channel, ts }: Card, choice: string) {
  return slack.click(member, channel, ts, 'case_more', { entry: choice });
}

/** Opens a form from a card, by a button's action id or a choice of its menu. */
export async function openForm(
  product: Site,
  member: string,
  card: Card,
  by: { button: string } | { choice: string },
): Promise<ShownView> {
  const { slack } = product;
  if ('button' in by) await slack.click(member, card.channel, card.ts, by.button);
  else await choose(product, member, card, by.choice);
  return until('a form', () => slack.views(member).at(-1));
}

/** Submits the member's topmost form; entries by the name of the input. */
export function submit(
  { slack }: Site,
  member: string,
  entered: Record<string, string>,
): Promise<Submission> {
  const entries: Entries = Object.fromEntries(
    Object.entries(entered).map(([name, value]) => [name, { value }]),
  );
  return slack.submitView(member, entries);
}

/** Closes a case by its form, with the outcome that stands there first. */
export async function resolveAs(
  product: Site,
  member: string,
  card: Card,
  entered: Record<string, string> = {},
): Promise<Submission> {
  await openForm(product, member, card, { button: 'case_resolve' });
  return submit(product, member, entered);
}

/** What a message's blocks say. */
export function blocksOf(message: Message | undefined): string {
  return JSON.stringify(message?.blocks ?? []);
}

/** Ids of the elements in a card's rows of buttons. */
export function buttonsOf(message: Message | undefined): string[] {
  return (message?.blocks ?? []).flatMap((block) =>
    block.type === 'actions'
      ? block.elements.map((element) => String('action_id' in element && element.action_id))
      : [],
  );
}

/** What the app posted under a card, as its blocks say it. */
export function linesOf({ slack }: Product, { channel, ts }: Card): string[] {
  return slack
    .thread(channel, ts)
    .slice(1)
    .filter((message) => message.metadata)
    .map(blocksOf);
}

/** What a member alone was told under a card. */
export function whispers({ slack }: Product, member: string, { ts }: Pick<Card, 'ts'>): string[] {
  return slack.ephemerals(member).flatMap(({ threadTs, text }) => (threadTs === ts ? [text] : []));
}

/** Resolves when every event has been taken in and all that follows from it is done. */
export async function settled({ slack, baton }: Product): Promise<void> {
  const { turns, caseTurns, channelTurns, inbox } = baton.context;
  await slack.idle();
  await inbox.idle();
  await turns.idle();
  await caseTurns.idle();
  await channelTurns.idle();
}

/**
 * Slack's own request for what somebody did who could: the local Slack lets nobody use what they cannot see. In
 * HTTP mode only; resolves with the status and what the app answered, once it has been handled.
 */
export async function interact(
  product: Product,
  payload: Record<string, unknown>,
): Promise<{ status: number; answer: string }> {
  const whole = { team: { id: product.slack.identity.teamId }, ...payload };
  const body = new URLSearchParams({ payload: JSON.stringify(whole) }).toString();
  const response = await postSigned(product, body);
  await product.baton.context.inbox.idle();
  return { status: response.status, answer: await response.text() };
}

let presses = 0;

/** The press of a button, as Slack reports it: each call is another press. */
export function pressOf(user: string, { channel, ts }: Card, actionId: string, more: object = {}) {
  presses += 1;
  const action_ts = `1.${presses}`;
  const action = { type: 'button', action_id: actionId, block_id: 'case', action_ts, ...more };
  return {
    type: 'block_actions',
    trigger_id: '1.1.expired',
    user: { id: user },
    channel: { id: channel },
    message: { ts },
    actions: [action],
  };
}
