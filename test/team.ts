import type { Understander } from '../bot/understand/understander.ts';
import type { Intent } from '../flows/types.ts';
import type { Case } from '../models/case.ts';
import type { Product } from './product.ts';

/** What tests of the team's screens share. */

/** A word decides what a message means, so that it does not matter how well messages are read. */
export function byWord(meanings: Record<string, Intent>): Understander {
  return {
    async understand(text) {
      const [, name = 'other'] = Object.entries(meanings).find(([word]) => text.includes(word)) ?? [];
      return { intents: [{ name, confidence: 0.97 }], entities: {}, language: 'en', sentiment: 'neutral' };
    },
  };
}

/** Puts cases on record that nobody has to tell Slack: legal questions of two days, unless said otherwise. */
export async function seedCases({ models, now }: Product, seeds: Partial<Case>[]): Promise<void> {
  const cases = seeds.map((seed) => ({
    conversation: 'none',
    buyer: 'none',
    buyerName: 'Seeded',
    team: 'legal',
    intent: 'legal_question',
    reason: 'policy',
    details: {},
    quotes: [],
    status: 'open',
    openedAt: now(),
    dueAt: new Date(now().getTime() + 48 * 3_600_000),
    posts: [],
    postIds: [],
    cardRevision: 1,
    shownRevision: 1,
    ...seed,
  }));
  await models.cases.model.collection.insertMany(cases as never[]);
}

/** Resolves when every event has been taken in and all that follows from it is done. */
export async function settled({ slack, baton }: Product): Promise<void> {
  const { turns, caseTurns, homeTurns, inbox } = baton.context;
  await slack.idle();
  await inbox.idle();
  for (const each of [turns, caseTurns, homeTurns]) await each.idle();
}
