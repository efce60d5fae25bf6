import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  defineFlow,
  newRun,
  pauseRun,
  resumeRun,
  type StepContext,
  type Stepped,
  skipRun,
  stagesAhead,
  step,
} from '../flows/engine.ts';
import { allTeams, officeHours } from '../flows/hours.ts';
import type { Run } from '../flows/types.ts';

const DAY_MS = 86_400_000;
const START = new Date('2026-11-23T04:30:00Z');
const RIYA = { id: 'U1', name: 'Riya' };

/** Papers within three days, then a signature within two. */
const signing = defineFlow<object>({
  name: 'signing',
  version: 1,
  data: z.object({}),
  first: 'collecting',
  milestones: {
    papers: { owner: 'operations', dueAt: inDays(3), reachedIn: ['signing'], droppedIn: ['ended'] },
    signature: {
      owner: 'legal',
      dueAt: inDays(2),
      reachedIn: ['done'],
      droppedIn: ['ended'],
      after: ['papers'],
      escalation: { team: 'sales', respondWithinMinutes: 60 },
    },
  },
  stages: {
    collecting: {
      owner: 'operations',
      events: { papersChanged: () => ({ to: 'signing' }) },
      reminders: [{ name: 'day', at: after(1), move: () => ({}) }],
      leadsTo: ['signing', 'ended'],
    },
    signing: {
      owner: 'legal',
      deadline: { at: after(30), move: () => ({ to: 'ended' }) },
      leadsTo: ['done', 'ended'],
    },
    done: { owner: 'legal', leadsTo: [], ends: true },
    ended: { owner: 'legal', leadsTo: [], ends: true },
  },
  migrations: {},
  copy: [],
});

function inDays(days: number) {
  return ({ now }: { now: Date }) => new Date(now.getTime() + days * DAY_MS);
}

function after(days: number) {
  return ({ run }: { run: Run }) => new Date(run.enteredAt.getTime() + days * DAY_MS);
}

function at(days: number): StepContext {
  return {
    now: new Date(START.getTime() + days * DAY_MS),
    facts: {
      projects: [],
      bookings: [],
      openSlots: {},
      buyerName: 'Asha',
      timeZone: 'Asia/Kolkata',
      hours: allTeams(officeHours('Asia/Kolkata')),
    },
  };
}

function begun(): Run {
  const run = newRun(signing, 'signing:1', { subject: 'b1', data: {} }, START);
  return runOf(step(signing, run, { kind: 'start' }, at(0)));
}

function runOf({ run }: Stepped): Run {
  if (!run) throw new Error('the run has ended');
  return run;
}

const CHANGED = { kind: 'event', event: { name: 'papersChanged', subject: 'b1' } } as const;

describe('milestones', () => {
  it('open with the run, and a later one only when the one before is reached', () => {
    const run = begun();
    expect(run.milestones).toEqual({ papers: { openedAt: START, dueAt: at(3).now } });
    const next = runOf(step(signing, run, CHANGED, at(2)));
    expect(next.milestones).toEqual({
      papers: { openedAt: START, dueAt: at(3).now, reachedAt: at(2).now },
      signature: { openedAt: at(2).now, dueAt: at(4).now },
    });
  });

  it('wakes the run when one is late, tells its owner once, and keeps the debt open', () => {
    const reminded = runOf(step(signing, begun(), { kind: 'due' }, at(1)));
    expect(reminded.dueAt).toEqual(at(3).now);
    const late = step(signing, reminded, { kind: 'due' }, at(3));
    expect(late.effects).toEqual([
      expect.objectContaining({ kind: 'recordMilestone', name: 'papers', owner: 'operations' }),
      expect.objectContaining({ kind: 'openCase', team: 'operations', reason: 'milestone_late' }),
    ]);
    expect(runOf(late).milestones?.papers).toMatchObject({ escalatedAt: at(3).now });
    expect(runOf(late).dueAt).toBeUndefined();
    expect(step(signing, runOf(late), { kind: 'due' }, at(5)).effects).toEqual([]);
  });

  it('tells whom the flow names instead of the owner', () => {
    const run = runOf(step(signing, begun(), CHANGED, at(1)));
    expect(step(signing, run, { kind: 'due' }, at(3)).effects).toContainEqual(
      expect.objectContaining({ kind: 'openCase', team: 'sales', respondWithinMinutes: 60 }),
    );
  });

  it('are dropped where the run goes another way', () => {
    const run = runOf(step(signing, begun(), CHANGED, at(1)));
    const ended = step(signing, run, { kind: 'due' }, at(40));
    expect(ended.run).toBeUndefined();
    expect(ended.effects).toContainEqual(
      expect.objectContaining({
        kind: 'recordMilestone',
        name: 'signature',
        state: expect.objectContaining({ droppedAt: at(40).now }),
      }),
    );
  });
});

describe('a run that a person pauses', () => {
  it('does nothing until it is resumed, and then has as much time as it had', () => {
    const paused = pauseRun(begun(), RIYA, 'the family is travelling', at(0.5).now);
    expect(paused.dueAt).toBeUndefined();
    expect(step(signing, paused, { kind: 'due' }, at(9))).toMatchObject({ handled: false, effects: [] });
    const resumed = runOf(resumeRun(signing, paused, at(10.5)));
    expect(resumed.paused).toBeUndefined();
    expect(resumed.dueAt).toEqual(at(3).now);
    const due = runOf(step(signing, resumed, { kind: 'due' }, at(10.5)));
    expect(due.dueAt).toEqual(at(11).now);
  });

  it('takes note of what has happened', () => {
    const paused = pauseRun(begun(), RIYA, 'the family is travelling', at(1).now);
    expect(runOf(step(signing, paused, CHANGED, at(2))).stage).toBe('signing');
  });
});

describe('a run that a person moves on', () => {
  it('goes to any stage that lies before it, as if it had come there', () => {
    expect(stagesAhead(signing, begun())).toEqual(['signing', 'ended', 'done']);
    const skipped = skipRun(signing, begun(), 'signing', at(1));
    expect(runOf(skipped)).toMatchObject({
      stage: 'signing',
      enteredAt: at(1).now,
      milestones: { papers: { reachedAt: at(1).now } },
    });
  });

  it('leaves behind what it passes, and what comes after that opens', () => {
    const longer = defineFlow<object>({
      ...signing,
      stages: {
        ...signing.stages,
        signing: { owner: 'legal', leadsTo: ['waiting'] },
        waiting: { owner: 'legal', leadsTo: ['done', 'ended'] },
      },
    } as Parameters<typeof defineFlow<object>>[0]);
    const run = runOf(skipRun(longer, begun(), 'waiting', at(1)));
    expect(run.milestones).toEqual({
      papers: { openedAt: START, dueAt: at(3).now, droppedAt: at(1).now, isPassed: true },
      signature: { openedAt: at(1).now, dueAt: at(3).now },
    });
  });

  it('is not touched where what it has saved does not fit any more', () => {
    const unknown = { ...begun(), version: 7 };
    expect(skipRun(signing, unknown, 'signing', at(1)).parked).toBe('no stage collecting in signing@7');
    const paused = pauseRun(unknown, RIYA, 'x', at(1).now);
    expect(resumeRun(signing, paused, at(2)).parked).toBeDefined();
  });

  it('never goes back, nor to a stage that it does not have', () => {
    const run = runOf(step(signing, begun(), CHANGED, at(1)));
    expect(skipRun(signing, run, 'collecting', at(2)).handled).toBe(false);
    expect(skipRun(signing, run, 'nowhere', at(2)).handled).toBe(false);
  });
});

describe('a run that was saved before its flow had milestones', () => {
  const { milestones: _none, ...plain } = begun();

  it('gets those that lie ahead when it next enters a stage, counted from then', () => {
    const { milestones, ...old } = runOf(step(signing, plain, CHANGED, at(6)));
    expect(milestones).toEqual({
      // It has just got there.
      papers: { openedAt: at(6).now, reachedAt: at(6).now },
      signature: { openedAt: at(6).now, dueAt: at(8).now },
    });
    expect(old.dueAt).toEqual(at(8).now);
  });

  it('is owed nothing that lies behind it, and what comes after that opens', () => {
    const longer = defineFlow<object>({
      ...signing,
      stages: {
        ...signing.stages,
        signing: {
          owner: 'legal',
          events: { agreementRegistered: () => ({ to: 'waiting' }) },
          leadsTo: ['waiting'],
        },
        waiting: { owner: 'legal', leadsTo: ['done', 'ended'] },
      },
    } as Parameters<typeof defineFlow<object>>[0]);
    const saved = { ...plain, stage: 'signing' };
    const event = { name: 'agreementRegistered', subject: 'b1' } as const;
    const run = runOf(step(longer, saved, { kind: 'event', event }, at(6)));
    expect(run.milestones).toEqual({ signature: { openedAt: at(6).now, dueAt: at(8).now } });
  });

  it('is left as it was while it stays where it is', () => {
    expect(runOf(step(signing, plain, { kind: 'due' }, at(1))).milestones).toBeUndefined();
  });

  it('keeps them through a migration, which may rename them and its stage', () => {
    const renamed = defineFlow<object>({
      ...signing,
      version: 2,
      milestones: { documents: { owner: 'legal', dueAt: inDays(3), reachedIn: ['done'] } },
      stages: {
        gathering: {
          owner: 'operations',
          events: { papersChanged: () => ({ to: 'done' }) },
          leadsTo: ['done'],
        },
        done: { owner: 'legal', leadsTo: [], ends: true },
      },
      first: 'gathering',
      migrations: {
        1: (run) => {
          const { papers } = run.milestones ?? {};
          return { ...run, stage: 'gathering', ...(papers && { milestones: { documents: papers } }) };
        },
      },
    } as Parameters<typeof defineFlow<object>>[0]);
    const ended = step(renamed, begun(), CHANGED, at(2));
    expect(ended.run).toBeUndefined();
    expect(ended.effects).toEqual([
      expect.objectContaining({
        kind: 'recordMilestone',
        name: 'documents',
        state: { openedAt: START, dueAt: at(3).now, reachedAt: at(2).now },
      }),
    ]);
    const nowhere = step({ ...renamed, migrations: {} }, begun(), CHANGED, at(2));
    expect(nowhere.parked).toBe('no stage collecting in signing@1');
  });
});

describe('a milestone that was taken away from its flow', () => {
  it('never wakes the runs that still have it', () => {
    const { milestones: _gone, ...without } = signing;
    const woken = runOf(step(without, begun(), { kind: 'due' }, at(4)));
    expect(woken.dueAt).toBeUndefined();
  });
});

describe('the end of a run', () => {
  it('drops what nothing else has reached or dropped', () => {
    const careless = defineFlow<object>({
      ...signing,
      milestones: { papers: { owner: 'operations', dueAt: inDays(3), reachedIn: ['signing'] } },
    } as Parameters<typeof defineFlow<object>>[0]);
    const run = runOf(
      step(
        careless,
        newRun(careless, 'signing:1', { subject: 'b1', data: {} }, START),
        { kind: 'start' },
        at(0),
      ),
    );
    const ended = skipRun(careless, run, 'ended', at(1));
    expect(ended.run).toBeUndefined();
    expect(ended.effects).toEqual([
      expect.objectContaining({ name: 'papers', state: expect.objectContaining({ droppedAt: at(1).now }) }),
    ]);
  });
});
