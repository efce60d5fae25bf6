import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEMO_PROJECT } from '../bot/demo.ts';
import { factsOf } from '../bot/portfolio.ts';
import {
  type DecisionContext,
  decideReply,
  decideTimers,
  decideTurn,
  newConversation,
} from '../flows/decide.ts';
import { allTeams, officeHours } from '../flows/hours.ts';
import { decideHappening, decideLead } from '../flows/runs.ts';
import type { ConversationState, Effect, HeardMessage, Intent } from '../flows/types.ts';
import { listUnit } from './sale.ts';
import { World } from './world.ts';

/** A lead from the first word to the booking and the weeks after it: what is said, asked, counted and kept on record. */

const ZONE = 'Asia/Kolkata';
const DAY_MS = 86_400_000;
const RIYA = { id: 'U1', name: 'Riya' };
const [HEIGHTS, LAWNS] = ['greenfield-heights', 'greenfield-lawns'];

/** A conversation in memory, decided step by step. */
class Talk {
  state: ConversationState = newConversation();
  now: Date;
  private steps = 0;

  constructor(start: string) {
    this.now = new Date(start);
  }

  says(text: string, name: Intent): Effect[] {
    const understanding = {
      ...{ intents: [{ name, confidence: 0.9 }], entities: {} },
      ...{ language: 'en' as const, sentiment: 'neutral' as const },
    };
    const message: HeardMessage = {
      ...{ id: `m${this.steps}`, at: this.now, content: 'text', text, shown: text, understanding },
    };
    return this.follow(decideTurn(this.state, [message], this.context()));
  }

  booked(project: string): Effect[] {
    const event = { name: 'bookingOpened', subject: 'b-1', project } as const;
    return this.follow(decideHappening(this.state, event, this.context()));
  }

  person(text: string): Effect[] {
    const caseId = this.state.cases[0]?.id ?? '';
    return this.follow(decideReply(this.state, { caseId, text, staff: RIYA }, this.context()));
  }

  moves(project: string, reason: string): Effect[] {
    const moved = { project, stage: 'Lost' as const, reason, staff: RIYA };
    return this.follow(decideLead(this.state, moved, this.context()));
  }

  /** Up to this moment, one due time after the other. */
  until(moment: string): Effect[] {
    const effects: Effect[] = [];
    const end = new Date(moment);
    for (;;) {
      const due = this.state.runs
        .flatMap(({ dueAt }) => dueAt ?? [])
        .sort((a, b) => Number(a) - Number(b))[0];
      if (!due || due > end) break;
      this.now = due;
      effects.push(...this.follow(decideTimers(this.state, this.context())));
    }
    this.now = end;
    return effects;
  }

  stageOf(project: string): string | undefined {
    return this.state.runs.find(({ flow, subject }) => flow === 'enquiry' && subject === project)?.stage;
  }

  private follow(decision: { state: ConversationState; effects: Effect[] }): Effect[] {
    this.steps += 1;
    this.state = decision.state;
    return decision.effects;
  }

  private context(): DecisionContext {
    const lawns = { ...factsOf(DEMO_PROJECT), slug: LAWNS, name: 'Greenfield Lawns' };
    return {
      scope: `talk:${this.steps}`,
      now: this.now,
      facts: {
        projects: [factsOf(DEMO_PROJECT), lawns],
        bookings: [],
        openSlots: {},
        buyerName: 'Asha',
        timeZone: ZONE,
        hours: allTeams(officeHours(ZONE)),
      },
    };
  }
}

function asked(effects: Effect[]): number {
  return effects.filter((each) => each.kind === 'sendTemplate' && each.template === 'enquiry_check_in')
    .length;
}

function leadsIn(effects: Effect[]): string[] {
  return effects.flatMap((each) => (each.kind === 'updateLead' ? [`${each.project} ${each.stage}`] : []));
}

describe('a silence', () => {
  it('is five days long, also over the end of a month and of a year', () => {
    const talk = new Talk('2026-12-27T10:00:00+05:30');
    talk.says('brochure of Greenfield Heights', 'brochure_request');
    expect(asked(talk.until('2027-01-01T10:29:00+05:30'))).toBe(0);
    expect(asked(talk.until('2027-01-01T10:31:00+05:30'))).toBe(1);
  });

  it('ends with a person’s word, and after two questions to the buyer sales alone is told of it', () => {
    const talk = new Talk('2026-02-24T10:00:00+05:30');
    talk.says('brochure of Greenfield Heights', 'brochure_request');
    talk.until('2026-02-28T10:00:00+05:30');
    talk.person('The plan is on its way.');
    // February has 28 days: the fifth of March.
    expect(asked(talk.until('2026-03-05T09:59:00+05:30'))).toBe(0);
    const effects = talk.until('2026-04-30T10:00:00+05:30');
    expect(asked(effects)).toBe(2);
    const told = effects.filter((each) => each.kind === 'postToCase' && each.text === 'lead_silent');
    expect(told).toHaveLength(3);
    expect(told.every((each) => 'callsOwner' in each)).toBe(true);
  });

  it('goes by what was heard, not by when it was decided', () => {
    const talk = new Talk('2026-11-23T10:00:00+05:30');
    talk.says('brochure of Greenfield Heights', 'brochure_request');
    talk.until('2026-11-25T10:00:00+05:30');
    talk.says('where is it?', 'location_query');
    expect(asked(talk.until('2026-11-30T09:59:00+05:30'))).toBe(0);
    expect(asked(talk.until('2026-11-30T10:00:00+05:30'))).toBe(1);
  });
});

describe('two projects', () => {
  it('are two leads: what becomes of one leaves the other alone', () => {
    const talk = new Talk('2026-11-23T10:00:00+05:30');
    expect(leadsIn(talk.says('brochure of Greenfield Heights', 'brochure_request'))).toEqual([
      `${HEIGHTS} New`,
    ]);
    const second = leadsIn(talk.says('and a brochure of Greenfield Lawns', 'brochure_request'));
    expect(second).toEqual([`${HEIGHTS} Engaged`, `${LAWNS} New`]);
    expect(leadsIn(talk.moves(LAWNS ?? '', 'too far'))).toContain(`${LAWNS} Lost`);
    expect([talk.stageOf(HEIGHTS ?? ''), talk.stageOf(LAWNS ?? '')]).toEqual(['qualifying', 'lost']);
    talk.booked(HEIGHTS ?? '');
    expect([talk.stageOf(HEIGHTS ?? ''), talk.stageOf(LAWNS ?? '')]).toEqual([undefined, 'lost']);
    expect(talk.until('2027-01-23T10:00:00+05:30')).toEqual([]);
  });
});

describe('on record', () => {
  const BUYER = '+919999900711';
  let world: World;
  beforeEach(async () => {
    world = await World.open();
    world.phone.addBuyer(BUYER, 'Asha Verma');
  });
  afterEach(async () => {
    await world.close();
  });

  const stands = async () => {
    const { buyer } = await world.conversation(BUYER);
    return world.context.models.leads.latestOf(buyer);
  };
  const days = async (count: number) => {
    for (let day = 0; day < count; day += 1) await world.pass(DAY_MS);
  };
  const heard = (words: string) => world.answers(BUYER).filter((each) => each.includes(words)).length;

  it('a lead moves with what is said: engaged, silent, lost with the reason, and back', async () => {
    await world.write(BUYER, 'brochure please');
    expect(await stands()).toMatchObject({ stage: 'New' });
    await world.write(BUYER, 'where is the site?');
    expect(await stands()).toMatchObject({ stage: 'Engaged' });
    await days(6);
    expect(heard('just checking in')).toBe(1);
    await world.write(BUYER, 'not interested');
    expect(await stands()).toMatchObject({ stage: 'Lost', lostReason: 'not_interested' });
    await days(12);
    expect(heard('just checking in')).toBe(1);
    await world.write(BUYER, 'is the 2BHK still available?');
    const back = await stands();
    expect(back?.stage).toBe('Engaged');
    expect(back?.lostReason).toBeUndefined();
  });

  it('a buyer is thanked and asked twice; offers go to who wants them, and answers are kept by phase', async () => {
    await world.write(BUYER, 'hi');
    const { buyer } = await world.conversation(BUYER);
    const { models, bookingDesk } = world.context;
    const order = {
      plan: 'construction_linked',
      ratePaisePerSqFt: 10_000_00,
      loan: 'none' as const,
      by: RIYA,
    };
    await bookingDesk.book(
      { ...order, buyers: [buyer], unit: await listUnit(models, 'B-1203'), buyerKind: 'resident' },
      world.now,
    );
    await world.rest();
    expect(await stands()).toMatchObject({ stage: 'Booked' });
    await days(8);
    expect(heard('thank you for choosing unit B-1203')).toBe(1);
    // Nobody has agreed to offers.
    expect(heard('do you know somebody')).toBe(0);
    expect(heard('a week ago you booked')).toBe(1);
    await world.write(BUYER, '5');
    await days(24);
    expect(heard('it is a month since')).toBe(1);
    await world.write(BUYER, '1');
    const found = await models.satisfactions.model.find({ buyer }).sort({ at: 1 }).lean();
    expect(found.map(({ phase, score }) => ({ phase, score }))).toEqual([
      { phase: 'booking', score: 5 },
      { phase: 'care', score: 1 },
    ]);
    const cases = await models.cases.openOf(buyer);
    expect(cases.filter(({ reason }) => reason === 'care_poor').map(({ team }) => team)).toEqual(['support']);
    expect(heard('just checking in')).toBe(0);
  });
});
