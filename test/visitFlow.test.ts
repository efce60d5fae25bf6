import { describe, expect, it } from '@jest/globals';
import { ledSlots } from '../bot/calendar.ts';
import { DEMO_PROJECT } from '../bot/demo.ts';
import { factsOf } from '../bot/portfolio.ts';
import {
  type Decision,
  type DecisionContext,
  decideEvent,
  decideTimers,
  decideTurn,
  newConversation,
} from '../flows/decide.ts';
import { allTeams, officeHours } from '../flows/hours.ts';
import { decideDropped, decideSlot, decideVisitOutcome } from '../flows/runs.ts';
import type { ConversationState, Effect, Entities, HeardMessage, Intent, Run } from '../flows/types.ts';
import { type Project, projectSchema } from '../templates/documents/project.ts';

const ZONE = 'Asia/Kolkata';
/** A Monday, 10:00 in the zone. */
const START = new Date('2026-11-23T04:30:00Z');
const HOUR_MS = 3_600_000;
const RIYA = { id: 'U1', name: 'Riya' };
const LAKESIDE: Project = { ...DEMO_PROJECT, slug: 'lakeside', name: 'Lakeside' };
const WEDNESDAY = new Date('2026-11-25T05:30:00Z');
const THURSDAY = new Date('2026-11-26T05:30:00Z');

/** One conversation with two projects on sale; what is scheduled is booked at once. */
class Chat {
  state: ConversationState = newConversation();
  effects: Effect[] = [];
  private now = START;
  private revision = 0;

  hear(text: string, intent: Intent, more: { choiceId?: string; entities?: Entities } = {}): Decision {
    this.revision += 1;
    const { choiceId, entities = {} } = more;
    const message: HeardMessage = {
      id: `m${this.revision}`,
      at: this.now,
      content: choiceId ? 'choice' : 'text',
      text,
      shown: text,
      ...(choiceId && { choiceId }),
      understanding: {
        intents: [{ name: intent, confidence: 0.97 }],
        entities,
        language: 'en',
        sentiment: 'neutral',
      },
    };
    return this.follow(decideTurn(this.state, [message], this.context()));
  }

  choose(project: string, at: Date): Decision {
    return this.follow(decideSlot(this.state, { project, at }, this.context()));
  }

  drop(visit: string): Decision {
    return this.follow(decideDropped(this.state, visit, this.context()));
  }

  log(visit: string, outcome: 'visited' | 'no_show' | 'moved', movedTo?: Date) {
    const said = { visit, outcome, caseId: 'c1', staff: RIYA, ...(movedTo && { movedTo }) };
    const decided = decideVisitOutcome(this.state, said, this.context());
    return typeof decided === 'object' ? this.follow(decided) : decided;
  }

  pass(hours: number): Decision {
    this.now = new Date(this.now.getTime() + hours * HOUR_MS);
    return this.follow(decideTimers(this.state, this.context()));
  }

  visit(project: string): Run | undefined {
    return this.state.runs.find(({ flow, subject }) => flow === 'visit' && subject === project);
  }

  said(): string[] {
    return this.effects.flatMap((effect) => (effect.kind === 'sendTemplate' ? [effect.template] : []));
  }

  private follow(decision: Decision): Decision {
    this.revision += 1;
    this.state = decision.state;
    this.effects = decision.effects;
    for (const effect of decision.effects) {
      if (effect.kind !== 'scheduleVisit') continue;
      const { run, at, project } = effect;
      const event = { name: 'visitBooked', run, at, visit: `${project}@${at.toISOString()}` } as const;
      const before = this.effects;
      this.follow(decideEvent(this.state, event, this.context()));
      this.effects = [...before, ...this.effects];
    }
    return decision;
  }

  private context(): DecisionContext {
    const projects = [DEMO_PROJECT, LAKESIDE];
    return {
      scope: `test:${this.revision}`,
      now: this.now,
      facts: {
        projects: projects.map(factsOf),
        bookings: [],
        openSlots: Object.fromEntries(projects.map((each) => [each.slug, ledSlots(each, this.now, ZONE)])),
        buyerName: 'Asha',
        timeZone: ZONE,
        hours: allTeams(officeHours(ZONE)),
      },
    };
  }
}

describe('visits to two projects', () => {
  function twoVisits(): Chat {
    const chat = new Chat();
    chat.choose('greenfield-heights', WEDNESDAY);
    chat.choose('lakeside', THURSDAY);
    return chat;
  }

  it('are two runs that do not mix', () => {
    const chat = twoVisits();
    expect(chat.visit('greenfield-heights')).toMatchObject({ stage: 'booked', data: { at: WEDNESDAY } });
    expect(chat.visit('lakeside')).toMatchObject({ stage: 'booked', data: { at: THURSDAY } });
    chat.hear('Please cancel the Lakeside visit', 'visit_cancel');
    expect(chat.visit('lakeside')).toBeUndefined();
    expect(chat.visit('greenfield-heights')).toMatchObject({ stage: 'booked' });
  });

  it('are asked apart when nothing tells which is meant', () => {
    const chat = twoVisits();
    chat.hear('cancel my visit', 'visit_cancel');
    expect(chat.said()).toEqual(['which_one']);
    chat.hear('2', 'other');
    expect(chat.state.runs.filter(({ flow }) => flow === 'visit')).toHaveLength(1);
  });

  it('begin by the name of the project, and leave the other one alone', () => {
    const chat = new Chat();
    chat.choose('greenfield-heights', WEDNESDAY);
    chat.hear('I want to visit Lakeside', 'visit_book');
    expect(chat.visit('lakeside')).toMatchObject({ stage: 'offering' });
    expect(chat.visit('greenfield-heights')).toMatchObject({ stage: 'booked', data: { at: WEDNESDAY } });
    chat.hear('Book a visit', 'other', { choiceId: 'visit.book.greenfield-heights' });
    expect(chat.visit('greenfield-heights')).toMatchObject({ stage: 'offering', data: { at: WEDNESDAY } });
    expect(chat.visit('lakeside')).toMatchObject({ stage: 'offering' });
  });

  it('take a tapped time for the project that it was offered for', () => {
    const chat = new Chat();
    chat.hear('visit Greenfield Heights', 'visit_book');
    chat.hear('visit Lakeside', 'visit_book');
    const slot = (project: string) => `visit.slot.${project}.${THURSDAY.toISOString()}`;
    chat.hear('Thu 26 Nov, 11 am', 'other', { choiceId: slot('greenfield-heights') });
    expect(chat.visit('greenfield-heights')).toMatchObject({ stage: 'booked', data: { at: THURSDAY } });
    expect(chat.visit('lakeside')).toMatchObject({ stage: 'offering' });
  });
});

describe('a visit', () => {
  it('is booked by a time of an offer that has ended', () => {
    const chat = new Chat();
    const choiceId = `visit.slot.lakeside.${THURSDAY.toISOString()}`;
    chat.hear('Thu 26 Nov, 11 am', 'other', { choiceId });
    expect(chat.visit('lakeside')).toMatchObject({ stage: 'booked', data: { at: THURSDAY } });
  });

  it('stays as it is when its own time is chosen again', () => {
    const chat = new Chat();
    chat.choose('lakeside', WEDNESDAY);
    chat.choose('lakeside', WEDNESDAY);
    expect(chat.effects.map(({ kind }) => kind)).not.toContain('scheduleVisit');
    expect(chat.said()).toEqual(['visit_confirmed']);
  });

  it('that no run knows of is freed all the same when the buyer drops it', () => {
    const chat = new Chat();
    chat.drop('v-old');
    expect(chat.effects).toEqual([{ kind: 'cancelVisit', visit: 'v-old' }]);
    chat.choose('lakeside', WEDNESDAY);
    chat.drop(`lakeside@${WEDNESDAY.toISOString()}`);
    expect(chat.said()).toEqual(['visit_cancelled']);
    expect(chat.visit('lakeside')).toBeUndefined();
  });

  it('that is over has one outcome, and moves to free times only', () => {
    const chat = new Chat();
    chat.choose('lakeside', WEDNESDAY);
    const visit = `lakeside@${WEDNESDAY.toISOString()}`;
    expect(chat.log(visit, 'visited')).toBeUndefined();
    chat.pass(50);
    expect(chat.visit('lakeside')).toMatchObject({ stage: 'awaitingOutcome' });
    expect(chat.log(visit, 'moved', WEDNESDAY)).toBe('notFree');
    chat.log(visit, 'moved', THURSDAY);
    expect(chat.visit('lakeside')).toMatchObject({ stage: 'booked', data: { at: THURSDAY } });
    expect(chat.effects).toContainEqual({ kind: 'cancelVisit', visit });
    expect(chat.effects).toContainEqual(expect.objectContaining({ kind: 'scheduleVisit', replaces: visit }));
    expect(chat.log(visit, 'no_show')).toBeUndefined();
  });

  it('of which nobody says what became of it ends after two weeks, and its milestone with it', () => {
    const chat = new Chat();
    chat.choose('lakeside', WEDNESDAY);
    chat.pass(50);
    chat.pass(24);
    expect(chat.visit('lakeside')?.milestones?.visit_outcome_logged?.escalatedAt).toBeDefined();
    chat.pass(14 * 24);
    expect(chat.visit('lakeside')).toBeUndefined();
    expect(chat.effects).toContainEqual(
      expect.objectContaining({
        kind: 'recordMilestone',
        name: 'visit_outcome_logged',
        state: expect.objectContaining({ droppedAt: expect.any(Date) }),
      }),
    );
  });
});

describe('a visit that was stored by version 1', () => {
  const stored = (stage: string, more: Partial<Run> = {}): Run => ({
    id: 'visit:old',
    flow: 'visit',
    version: 1,
    stage,
    data: { project: 'greenfield-heights', offer: 'first' },
    enteredAt: START,
    reminded: [],
    ...more,
  });

  it('takes its old choices', () => {
    const chat = new Chat();
    const choiceId = `visit.slot.${WEDNESDAY.toISOString()}`;
    const choices = [{ id: choiceId, label: 'choice_slot', data: { at: WEDNESDAY } }];
    const question = { name: 'slot', kind: 'dateTime' as const, choices };
    chat.state.runs.push(stored('offering', { question, askedAt: START }));
    chat.hear('Wed 25 Nov, 11 am', 'other', { choiceId });
    expect(chat.visit('greenfield-heights')).toMatchObject({ version: 2, stage: 'booked' });
  });

  it('is confirmed by its old yes', () => {
    const chat = new Chat();
    const choices = [
      { id: 'visit.confirm.yes', label: 'choice_yes' },
      { id: 'visit.confirm.no', label: 'choice_other_time' },
    ];
    const question = { name: 'confirm', kind: 'yesNo' as const, choices };
    const data = { project: 'greenfield-heights', offer: 'first', wanted: WEDNESDAY };
    chat.state.runs.push(stored('confirming', { question, askedAt: START, data }));
    chat.hear('Yes', 'affirm', { choiceId: 'visit.confirm.yes' });
    expect(chat.visit('greenfield-heights')).toMatchObject({ stage: 'booked', data: { at: WEDNESDAY } });
  });

  it('is asked about when it is over', () => {
    const chat = new Chat();
    const data = { project: 'greenfield-heights', offer: 'first', visit: 'v1', at: WEDNESDAY };
    chat.state.runs.push(stored('booked', { data, dueAt: new Date(WEDNESDAY.getTime() + HOUR_MS) }));
    chat.pass(50);
    expect(chat.visit('greenfield-heights')).toMatchObject({ version: 2, stage: 'awaitingOutcome' });
    expect(chat.visit('greenfield-heights')?.milestones?.visit_outcome_logged?.dueAt).toBeDefined();
  });
});

describe("a project's calendar", () => {
  const project: Project = {
    ...DEMO_PROJECT,
    associates: [
      { name: 'Divya', days: [3], hours: { fromHour: 14, toHour: 16 } },
      { name: 'Arun', staff: 'U2', days: [4] },
    ],
    visits: { ...DEMO_PROJECT.visits, holidays: ['2026-12-03'] },
  };
  const local = (at: Date) => at.toLocaleString('sv-SE', { timeZone: ZONE }).slice(0, 16);

  it('has the times at which somebody is there to lead a visit', () => {
    const slots = ledSlots(project, START, ZONE).map(local);
    expect(slots.slice(0, 3)).toEqual(['2026-11-25 14:00', '2026-11-25 15:00', '2026-11-26 10:00']);
    expect(slots.some((slot) => slot.startsWith('2026-12-03'))).toBe(false);
    expect(slots).toHaveLength(2 * 2 + 8);
  });

  it('is checked when the project is published', () => {
    const isValid = (more: object) => projectSchema.safeParse({ ...project, ...more }).success;
    expect(isValid({})).toBe(true);
    expect(isValid({ associates: [] })).toBe(false);
    expect(isValid({ associates: [{ name: 'A', days: [8] }] })).toBe(false);
    expect(isValid({ visits: { ...project.visits, holidays: ['31 Feb'] } })).toBe(false);
    expect(projectSchema.safeParse(DEMO_PROJECT).success).toBe(true);
  });
});
