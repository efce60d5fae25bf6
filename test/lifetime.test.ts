import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Actor } from '../bot/seed/actor.ts';
import { Player, type Story } from '../bot/seed/player.ts';
import { UNITS } from '../bot/seed/units.ts';
import type { TimelineEntry } from '../models/timeline.ts';
import { World } from './world.ts';

/** One buyer from the first message to a paid demand, on the real product, in 120 days of a clock of its own. */

const ASHA = { name: 'Asha Rao', number: '+919999900061', language: 'en', wants: '3BHK' } as const;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 120;
const PAPERS = ['pan', 'aadhaar', 'photo'] as const;

describe('a buyer in 120 days', () => {
  let world: World;
  let entries: TimelineEntry[];
  let playedInMs: number;

  beforeAll(async () => {
    world = await World.open();
    const { context, phone, clock } = world;
    await context.models.units.list(UNITS);
    const person = { ...ASHA, ending: 'paidUp' as const };
    const actor = new Actor(person, { context, phone, clock });
    const until = new Date(clock.now.getTime() + DAYS * DAY_MS);
    const startedMs = Date.now();
    // Nothing but what is due wakes anybody.
    const player = new Player(context, clock, DAYS * DAY_MS);
    await player.play([{ story: life(actor), at: clock.now }], until);
    playedInMs = Date.now() - startedMs;
    entries = await world.timeline(ASHA.number);
  });
  afterAll(() => world.close());

  it('is on one timeline, from the enquiry to the receipt', () => {
    const lines = [...entries].sort(inOrderOfTime).map(lineOf);
    process.stdout.write(`${lines.join('\n')}\n${DAYS} days in ${(playedInMs / 1_000).toFixed(1)} s\n`);
    const told = lines.join('\n');
    const inOrder = [
      'details of the 3BHK',
      'Here is the brochure',
      'visit booked for',
      'A reminder of your visit',
      'How was your visit',
      'booking of unit A-1002',
      'we need these papers',
      'These papers are still missing',
      'All papers for unit A-1002 have been checked',
      'How was the booking for you',
      'Here is the demand letter for unit A-1002',
      'is due on',
      'is due today',
      'Payment done by NEFT',
      'checking the bank record',
      'Here is the receipt',
    ];
    const places = inOrder.map((words) => told.indexOf(words));
    expect(inOrder.filter((_, index) => (places[index] ?? -1) < 0)).toEqual([]);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('leaves nothing owed: the demand is settled, no reminder follows, nobody was asked twice', async () => {
    const { models } = world.context;
    const { state, outbox, buyer } = await world.conversation(ASHA.number);
    const [sold] = await models.demands.duesOfBuyer(buyer, '2027-03-23');
    expect(sold?.dues).toMatchObject({ overduePaise: 0, duePaise: 0 });
    expect(outbox).toEqual([]);
    expect(state.runs.map(({ flow }) => flow)).not.toContain('kyc');
    const paidAt = entries.find(({ what }) => what.includes('receipt-greenfield'))?.at ?? world.now;
    expect(entries.filter(({ at, what }) => at > paidAt && /is due|was due/.test(what))).toEqual([]);
    const once = [
      'we need these papers',
      'demand-letter-A-1002-booking',
      'receipt-greenfield',
      'is due today',
    ];
    for (const words of once) expect(entries.filter(({ what }) => what.includes(words))).toHaveLength(1);
  });
});

/** Nothing goes smoothly: the papers come late, and so does the money. */
async function* life(actor: Actor): Story {
  await actor.says('Hi, please send details of the 3BHK at Greenfield Heights');
  yield MINUTE_MS;
  for (let question = 0; question < 3; question += 1) {
    await actor.chooses(1);
    yield MINUTE_MS;
  }
  await actor.says('I would like to visit the site');
  yield MINUTE_MS;
  await actor.chooses(4);
  yield 4 * DAY_MS;
  await actor.visitIsOver('visited');
  yield HOUR_MS;
  await actor.says('5');
  yield 12 * DAY_MS;
  await actor.isClosed('sales', 'Agreed on the unit and the price.');
  await actor.books();
  yield 2 * DAY_MS;
  await actor.handsIn(PAPERS);
  yield 5 * HOUR_MS;
  await actor.isReviewed();
  yield 40 * DAY_MS;
  await actor.isAskedToPay('booking');
  yield 16 * DAY_MS;
  await actor.says(`Payment done by NEFT. UTR ${actor.utr()}`);
  yield 20 * HOUR_MS;
  await actor.isFoundToHavePaid();
}

/** Under a clock that stands still between two steps, what the buyer said comes before what followed from it. */
function inOrderOfTime(one: TimelineEntry, other: TimelineEntry): number {
  const isAnswer = ({ who }: TimelineEntry) => (who === 'buyer' ? 0 : 1);
  return one.at.getTime() - other.at.getTime() || isAnswer(one) - isAnswer(other);
}

function lineOf({ at, who, kind, what, why }: TimelineEntry): string {
  const words = what.replaceAll('\n', ' ').slice(0, 140);
  return `${at.toISOString().slice(0, 16)}  ${who.padEnd(14)} ${kind.padEnd(9)} ${words}${why ? `  (${why.slice(0, 60)})` : ''}`;
}
