import { readdir, readFile, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { checkFlows, drawFlows } from '../bot/flowchart.ts';
import { createLocalUnderstander } from '../bot/understand/local.ts';
import type { Understander } from '../bot/understand/understander.ts';
import { defineFlow } from '../flows/engine.ts';
import { FLOWS } from '../flows/registry.ts';
import { playScript } from './script.ts';

/** `UPDATE=1 npm test -- flows` records the scripts anew; review the difference like code. */
const isUpdate = process.env.UPDATE === '1';
const SCRIPTS = new URL('./scripts/', import.meta.url);
const STAGES_FILE = new URL('./fixtures/stages.json', import.meta.url);

const scripts = (await readdir(SCRIPTS)).filter((name) => name.endsWith('.txt')).sort();

describe('conversation scripts', () => {
  let understander: Understander;
  beforeAll(() => {
    understander = createLocalUnderstander();
  });

  it.each(scripts)('%s', async (name) => {
    const recorded = await readFile(new URL(name, SCRIPTS), 'utf8');
    const played = await playScript(recorded, understander);
    if (isUpdate) await writeFile(new URL(name, SCRIPTS), played);
    else expect(played).toBe(recorded);
    expect(played).not.toContain('NONE');
  });
});

describe('flow definitions', () => {
  it('are whole: every stage reachable, every way out, owner and copy there', () => {
    expect(checkFlows()).toEqual([]);
  });

  it('finds what is wrong with a flow', () => {
    const broken = defineFlow<object>({
      name: 'broken',
      version: 1,
      data: z.object({}),
      first: 'a',
      stages: {
        a: { owner: 'sales', leadsTo: ['nowhere'] },
        island: { owner: 'sales', leadsTo: [] },
      },
      migrations: {},
      copy: ['no_such_copy'],
    });
    expect(checkFlows([broken])).toEqual([
      'broken.a leads to nowhere, which does not exist',
      'broken.island can never be reached',
      'broken.island has no way out',
      'broken uses copy no_such_copy, which does not exist',
    ]);
  });

  it('finds what is wrong with milestones', () => {
    const milestone = { owner: 'sales' as const, dueAt: () => undefined, reachedIn: ['done'] };
    const broken = defineFlow<object>({
      name: 'late',
      version: 1,
      data: z.object({}),
      first: 'a',
      milestones: {
        fine: { ...milestone, droppedIn: ['a'] },
        stray: { ...milestone, reachedIn: ['nowhere'], droppedIn: ['gone'], after: ['nothing'] },
        apart: { ...milestone, reachedIn: ['island'], owner: 'nobody' as 'sales' },
        egg: { ...milestone, after: ['hen'] },
        hen: {
          ...milestone,
          after: ['egg'],
          escalation: { team: 'crew' as 'sales', respondWithinMinutes: 5 },
        },
      },
      stages: {
        a: { owner: 'sales', leadsTo: ['done'] },
        done: { owner: 'sales', leadsTo: [], ends: true },
        island: { owner: 'sales', leadsTo: [], ends: true },
      },
      migrations: {},
      copy: [],
    });
    expect(checkFlows([broken])).toEqual([
      'late.island can never be reached',
      'milestone late.stray names stage nowhere, which does not exist',
      'milestone late.stray names stage gone, which does not exist',
      'milestone late.stray is after nothing, which does not exist',
      'milestone late.stray can never be reached',
      'milestone late.apart can never be reached',
      'milestone late.apart belongs to nobody, which is no team',
      'milestone late.egg waits for itself',
      'milestone late.hen waits for itself',
      'milestone late.hen belongs to crew, which is no team',
    ]);
  });

  it('show their milestones below the stages', () => {
    const drawn = drawFlows([
      defineFlow<object>({
        name: 'signing',
        version: 2,
        data: z.object({}),
        first: 'a',
        milestones: {
          papers: { owner: 'operations', dueAt: () => undefined, reachedIn: ['b'], droppedIn: ['end'] },
          signed: {
            owner: 'legal',
            dueAt: () => undefined,
            reachedIn: ['end'],
            after: ['papers'],
            escalation: { team: 'sales', respondWithinMinutes: 60 },
          },
        },
        stages: {
          a: { owner: 'operations', leadsTo: ['b', 'end'] },
          b: { owner: 'legal', leadsTo: ['end'] },
          end: { owner: 'legal', leadsTo: [], ends: true },
        },
        migrations: {},
        copy: [],
      }),
    ]);
    expect(drawn).toContain('## signing (version 2)');
    expect(drawn).toContain('| papers | operations | - | b | end | operations |');
    expect(drawn).toContain('| signed | legal | papers | end | - | sales |');
  });

  it('are drawn as the docs show them', async () => {
    expect(await readFile(new URL('../docs/flows.md', import.meta.url), 'utf8')).toBe(drawFlows());
  });

  it('do not rename or drop a stage of a saved version', async () => {
    const current = Object.fromEntries(
      Object.values(FLOWS).map((flow) => [`${flow.name}@${flow.version}`, Object.keys(flow.stages)]),
    );
    const saved: Record<string, string[]> = JSON.parse(await readFile(STAGES_FILE, 'utf8'));
    if (isUpdate) {
      await writeFile(STAGES_FILE, `${JSON.stringify({ ...saved, ...current }, null, 2)}\n`);
      return;
    }
    for (const [version, stages] of Object.entries(current)) {
      // A new version needs its line here and a migration from the one before.
      expect(saved[version]).toEqual(stages);
    }
    for (const flow of Object.values(FLOWS)) {
      for (let old = 1; old < flow.version; old += 1) expect(flow.migrations[old]).toBeDefined();
    }
  });
});
