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
