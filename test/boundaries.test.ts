import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parse } from '@swc/core';
import { z } from 'zod';

/** Who may import whom: read out of the sources themselves, types included. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['bot', 'inbox', 'flows', 'models', 'scheduler', 'templates', 'test'] as const;
type Folder = (typeof FOLDERS)[number];

/** One import of a file; `target` is a path below the root, or a package's name with what follows it. */
type Import = { from: string; target: string; typeOnly: boolean };
type Source = { path: string; code: string; tree: unknown };

/** The files that make the process and hand instances over: they see everything. */
const COMPOSITION = ['bot/main.ts', 'bot/context.ts', 'bot/transports.ts', 'bot/duties.ts'];

/** Run in a browser, with modules of their own. */
const PAGES = /^(bot\/channels\/sandbox\/page|inbox\/sandbox\/static|inbox\/desk\/page)\//;

/** Where a vendor's client may be touched; tests may always. */
const VENDORS: { client: RegExp; where: RegExp }[] = [
  { client: /^@slack\//, where: /^inbox\/slack\// },
  { client: /^(@agendajs\/.+|agenda)$/, where: /^scheduler\// },
  { client: /^(mongoose|mongodb|@0q\/embedded-mongodb)$/, where: /^models\// },
  { client: /^openai$/, where: /^bot\/understand\// },
  { client: /^(whatsapp-web\.js|puppeteer.*)$/, where: /^bot\/channels\// },
  { client: /^(pdfkit|@expo-google-fonts\/.+)$/, where: /^templates\/documents\// },
];

const sources = await readSources();

describe('the folders', () => {
  it('import only whom they may', () => {
    expect(sources.flatMap(importsOf).flatMap(whyForbidden)).toEqual([]);
  });

  it('are all read: every kind of import is seen', async () => {
    const files = sources.map((source) => source.path);
    for (const folder of FOLDERS) expect(files.some((path) => path.startsWith(`${folder}/`))).toBe(true);
    const found = importsOf(
      await sourceOf(
        'bot/invented.ts',
        `import { a } from './a.ts';
         import type { B } from '../flows/b.ts';
         import { type C, type D } from '../models/c.ts';
         import { type E, e } from '../templates/e.ts';
         import '../inbox/effect.ts';
         export * from '../scheduler/all.ts';
         export type { F } from '../inbox/f.ts';
         const late = await import('openai');
         const later: typeof import('agenda') = require('mongoose');
         require.resolve('@slack/bolt/package.json');`,
      ),
    );
    expect(found.map(({ target, typeOnly }) => `${typeOnly ? 'type ' : ''}${target}`)).toEqual([
      'bot/a.ts',
      'type flows/b.ts',
      'type models/c.ts',
      'templates/e.ts',
      'inbox/effect.ts',
      'scheduler/all.ts',
      'type inbox/f.ts',
      'openai',
      'type agenda',
      'mongoose',
      '@slack/bolt/package.json',
    ]);
  });

  it.each([
    ['flows/x.ts', `import type { Models } from '../models/models.ts';`, 'flows imports no other folder'],
    ['templates/x.ts', `import { TEAMS } from '../flows/types.ts';`, 'templates imports no other folder'],
    ['scheduler/x.ts', `import '../bot/main.ts';`, 'scheduler imports no other folder'],
    ['models/x.ts', `import { POLICY } from '../flows/policy.ts';`, 'models imports only the types of flows'],
    ['models/x.ts', `import type { C } from '../bot/config.ts';`, 'models imports only the types of flows'],
    [
      'inbox/x.ts',
      `import { POLICY } from '../flows/policy.ts';`,
      'inbox imports models and the types of flows',
    ],
    [
      'inbox/x.ts',
      `import type { C } from '../bot/config.ts';`,
      'inbox imports models and the types of flows',
    ],
    ['bot/x.ts', `import { SlackInbox } from '../inbox/slack/app.ts';`, 'bot imports of inbox only types'],
    [
      'bot/x.ts',
      `import { RECURRING } from '../scheduler/recurring.ts';`,
      'bot imports of scheduler only types',
    ],
    ['bot/x.ts', `import { until } from '../test/until.ts';`, 'nothing imports test'],
    ['bot/x.ts', `import { up } from '../../elsewhere.ts';`, 'nothing imports from outside'],
    ['inbox/x.ts', `import { App } from '@slack/bolt';`, '@slack/bolt belongs elsewhere'],
    ['bot/main.ts', `import mongoose from 'mongoose';`, 'mongoose belongs elsewhere'],
    ['bot/channels/x.ts', `const later = import('openai');`, 'openai belongs elsewhere'],
  ])('find it in %s: %s', async (path, code, reason) => {
    const found = importsOf(await sourceOf(path, code)).flatMap(whyForbidden);
    expect(found).toEqual([expect.stringContaining(reason)]);
  });
});

describe('the flows', () => {
  const PURE_PACKAGES = ['luxon', 'zod'];

  it('do no I/O: they import only each other and what computes', () => {
    const packages = flowsOf(sources)
      .flatMap(importsOf)
      .filter(({ target }) => !target.startsWith('flows/'))
      .map(({ target }) => target);
    expect([...new Set(packages)].sort()).toEqual(PURE_PACKAGES);
  });

  it('read no clock and throw no dice', () => {
    expect(flowsOf(sources).flatMap(impurities)).toEqual([]);
  });

  it('would be found out', async () => {
    const code = `const a = Date.now(); const b = new Date(); const c = Math.random();
      const d = DateTime.now(); const e = DateTime.local(); const f = new Date(0);`;
    expect(impurities(await sourceOf('flows/x.ts', code))).toEqual([
      'flows/x.ts: Date.now',
      'flows/x.ts: new Date()',
      'flows/x.ts: Math.random',
      'flows/x.ts: DateTime.now',
      'flows/x.ts: DateTime.local',
    ]);
  });
});

function flowsOf(all: Source[]): Source[] {
  return all.filter(({ path }) => path.startsWith('flows/'));
}

/** The rule that an import breaks, in words, with both ends; none when it may. */
function whyForbidden({ from, target, typeOnly }: Import): string[] {
  const folder = folderOf(from);
  const reason = forbiddenVendor(folder, from, target) ?? forbiddenFolder(folder, from, target, typeOnly);
  return reason ? [`${from} -> ${target}: ${reason}`] : [];
}

function forbiddenVendor(folder: Folder | undefined, from: string, target: string): string | undefined {
  const vendor = VENDORS.find(({ client }) => client.test(packageOf(target)));
  return vendor && folder !== 'test' && !vendor.where.test(from)
    ? `${packageOf(target)} belongs elsewhere`
    : undefined;
}

function forbiddenFolder(
  folder: Folder | undefined,
  from: string,
  target: string,
  typeOnly: boolean,
): string | undefined {
  if (target.startsWith('../')) return 'nothing imports from outside';
  const to = folderOf(target);
  if (!to || to === folder || folder === 'test') return undefined;
  if (to === 'test') return 'nothing imports test';
  const isFlowTypes = target === 'flows/types.ts' || (to === 'flows' && typeOnly);
  switch (folder) {
    case 'models':
      // Sums on money are pure, and what is decided on a record must be decided where it is written.
      return isFlowTypes || target.startsWith('flows/money/')
        ? undefined
        : 'models imports only the types of flows';
    case 'inbox':
      return isFlowTypes || to === 'models' ? undefined : 'inbox imports models and the types of flows';
    case 'bot':
      if (to === 'flows' || to === 'models' || to === 'templates') return undefined;
      return typeOnly || COMPOSITION.includes(from) ? undefined : `bot imports of ${to} only types`;
    default:
      return `${folder} imports no other folder`;
  }
}

function folderOf(path: string): Folder | undefined {
  return FOLDERS.find((folder) => path.startsWith(`${folder}/`));
}

/** `@slack/bolt/package.json` -> `@slack/bolt` */
function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}

async function readSources(): Promise<Source[]> {
  const found: Source[] = [];
  for (const folder of FOLDERS) {
    for (const entry of await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      const path = relative(ROOT, join(entry.parentPath, entry.name));
      if (!entry.isFile() || !/\.[cm]?[jt]s$/.test(path) || PAGES.test(path)) continue;
      found.push(await sourceOf(path, await readFile(join(ROOT, path), 'utf8')));
    }
  }
  return found;
}

async function sourceOf(path: string, code: string): Promise<Source> {
  const syntax = /\.[cm]?js$/.test(path) ? 'ecmascript' : 'typescript';
  return { path, code, tree: await parse(code, { syntax, target: 'es2022' }) };
}

const sourceNode = z.object({ value: z.string() });
const declaration = z.object({
  type: z.enum(['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration']),
  source: sourceNode,
  typeOnly: z.boolean().optional(),
  specifiers: z.array(z.object({ isTypeOnly: z.boolean().optional() })).default([]),
});
const typeImport = z.object({ type: z.literal('TsImportType'), argument: sourceNode });
const call = z.object({
  type: z.literal('CallExpression'),
  callee: z.union([
    z.object({ type: z.literal('Import') }),
    z.object({ type: z.literal('Identifier'), value: z.literal('require') }),
    z.object({
      type: z.literal('MemberExpression'),
      object: z.object({ value: z.literal('require') }),
      property: z.object({ value: z.literal('resolve') }),
    }),
  ]),
  arguments: z.tuple([z.object({ expression: sourceNode })], z.unknown()),
});

const IMPORTING = [...declaration.shape.type.options, 'TsImportType'];
/** Most sources call neither: looking at all their calls would take seconds. */
const CALLS_FOR_MODULES = /\bimport\s*\(|\brequire\s*[(.]/;

/** Every import of a source, in the order in which they stand. */
function importsOf({ path, code, tree }: Source): Import[] {
  const types = CALLS_FOR_MODULES.test(code) ? [...IMPORTING, 'CallExpression'] : IMPORTING;
  return nodesOf(tree, types).flatMap((node) => {
    const found = readImport(node);
    if (!found) return [];
    const target = found.name.startsWith('.') ? normalize(join(dirname(path), found.name)) : found.name;
    return [{ from: path, target, typeOnly: found.typeOnly }];
  });
}

function readImport(node: unknown): { name: string; typeOnly: boolean } | undefined {
  const stated = declaration.safeParse(node).data;
  if (stated) {
    const { source, specifiers, typeOnly } = stated;
    const onlyTypes = specifiers.length > 0 && specifiers.every((each) => each.isTypeOnly);
    return { name: source.value, typeOnly: typeOnly === true || onlyTypes };
  }
  const type = typeImport.safeParse(node).data;
  if (type) return { name: type.argument.value, typeOnly: true };
  const called = call.safeParse(node).data;
  return called && { name: called.arguments[0].expression.value, typeOnly: false };
}

const bareDate = z.object({
  type: z.literal('NewExpression'),
  callee: z.object({ value: z.literal('Date') }),
  arguments: z.array(z.unknown()).max(0).nullish(),
});
const member = z.object({
  type: z.literal('MemberExpression'),
  object: z.object({ value: z.string() }),
  property: z.object({ value: z.string() }),
});
const IMPURE = [
  'Date.now',
  'Math.random',
  'DateTime.now',
  'DateTime.local',
  'DateTime.utc',
  'performance.now',
];

/** Where a source asks the machine for the time or for chance. */
function impurities({ path, tree }: Source): string[] {
  return nodesOf(tree, ['NewExpression', 'MemberExpression']).flatMap((node) => {
    if (bareDate.safeParse(node).success) return [`${path}: new Date()`];
    const asked = member.safeParse(node).data;
    const name = asked && `${asked.object.value}.${asked.property.value}`;
    return name && IMPURE.includes(name) ? [`${path}: ${name}`] : [];
  });
}

/** The nodes of a syntax tree that are of one of `types`, in the order of the text. */
function nodesOf(tree: unknown, types: readonly unknown[], found: object[] = []): object[] {
  if (typeof tree !== 'object' || tree === null) return found;
  if ('type' in tree && types.includes(tree.type)) found.push(tree);
  for (const below of Object.values(tree)) nodesOf(below, types, found);
  return found;
}
