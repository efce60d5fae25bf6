import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { z } from 'zod';
import { EXAMPLE_TEAM, setupOf, teamSchema } from '../bot/teamFile.ts';
import { TeamBook } from '../bot/teams.ts';
import { officeHours } from '../flows/hours.ts';
import { connectDatabase, type Database } from '../models/connect.ts';
import { buildIndexes, createModels, type Models } from '../models/models.ts';
import { type Ended, runCommand } from './cli.ts';
import { databaseUri } from './world.ts';

const ZONE = 'Asia/Kolkata';
const NOW = new Date('2026-11-23T04:30:00Z');
const RIYA = 'U0RIYASALES';
const ARJUN = 'U0ARJUNSALE';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-team-'));
});
afterAll(() => rm(folder, { recursive: true }));

const databases: Database[] = [];
afterEach(async () => {
  for (const database of databases.splice(0)) await database.close();
});

async function open(uri: string = databaseUri()): Promise<Models> {
  const database = await connectDatabase({ uri, dataDir: '', log: pino({ level: 'silent' }) });
  databases.push(database);
  return createModels(database.connection, 'here');
}

/** `npm run team` with a file, if one is given, against a database. */
async function run(uri: string, command: string, file?: unknown): Promise<Ended> {
  const path = join(folder, 'team.json');
  if (file !== undefined) await writeFile(path, typeof file === 'string' ? file : JSON.stringify(file));
  const args = file === undefined ? [command] : [command, path];
  return runCommand('bot/team.ts', args, { MONGODB_URI: uri, DATA_DIR: folder });
}

describe('npm run team', () => {
  it('prints an example, publishes it, and shows what was published so that it can be published again', async () => {
    const uri = databaseUri();
    const example = await run(uri, 'example');
    expect(example).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(example.out)).toEqual(EXAMPLE_TEAM);

    expect(await run(uri, 'show')).toMatchObject({
      code: 0,
      out: expect.stringContaining('no team is published'),
    });
    const published = await run(uri, 'publish', example.out);
    expect(published).toEqual({ code: 0, out: 'sales is published, with 2 members\n', err: '' });
    const shown = await run(uri, 'show');
    expect(JSON.parse(shown.out)).toEqual(EXAMPLE_TEAM);
    expect(await run(uri, 'publish', shown.out)).toMatchObject({ code: 0 });

    const { staff } = await open(uri);
    expect(await staff.byId(RIYA)).toMatchObject({
      name: 'Riya Malhotra',
      teams: ['sales'],
      leadOf: ['sales'],
    });
    expect(await staff.byId(ARJUN)).toMatchObject({ active: true, leadOf: ['sales'] });
  });

  it('refuses a file that is wrong, naming the field and the reason, and leaves what was published', async () => {
    const uri = databaseUri();
    await run(uri, 'publish', EXAMPLE_TEAM);
    const wrong = await run(uri, 'publish', { ...EXAMPLE_TEAM, lead: 'riya', hours: { 'mon-sat': '10-19' } });
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toMatch(/^team: /);
    expect(wrong.err).toMatch(/Slack user id[^\n]*\n[^\n]*lead/);
    expect(wrong.err).toContain('hours["mon-sat"]');
    expect(wrong.err).not.toMatch(/^ +at .*\.ts/m);
    const models = await open(uri);
    expect(await models.teams.published()).toEqual([{ _id: 'sales', file: EXAMPLE_TEAM }]);
  });

  it.each([
    ['no JSON', 'publish', '{"team":', 'JSON'],
    ['no such command', 'withdraw', EXAMPLE_TEAM, 'usage: npm run team'],
    ['no file', 'publish', undefined, 'usage: npm run team'],
  ])('ends with exit code 2 for %s', async (_what, command, file, reason) => {
    const ended = await run(databaseUri(), command, file);
    expect(ended).toMatchObject({ code: 2, out: '', err: expect.stringContaining(reason) });
  });
});

describe('a team file', () => {
  const team = (more: Record<string, unknown>) =>
    teamSchema.safeParse({ ...EXAMPLE_TEAM, routes: [], ...more });
  const member = (more: Record<string, unknown>) => team({ members: [{ id: RIYA, name: 'Riya', ...more }] });

  it('says when its people are there, a day or a range of days at a time', () => {
    const { hours, members } = setupOf(teamSchema.parse(EXAMPLE_TEAM), ZONE);
    const office = [{ fromMinute: 600, toMinute: 1_140 }];
    expect(hours).toEqual({
      timeZone: ZONE,
      week: [...Array(6).fill(office), [{ fromMinute: 660, toMinute: 960 }]],
      holidays: ['2026-12-25', '2027-01-26'],
    });
    expect(members[0]?.hours).toEqual(hours);
    const halves = [
      { fromMinute: 600, toMinute: 780 },
      { fromMinute: 840, toMinute: 1_140 },
    ];
    expect(members[1]?.hours.week).toEqual([[], halves, halves, halves, halves, halves, []]);
    expect(members[1]?.hours.holidays).toEqual(hours.holidays);
  });

  it.each([
    ['2026-12-01', '2026-11-30T18:30:00.000Z'],
    ['2026-12-01T14:00:00+05:30', '2026-12-01T08:30:00.000Z'],
  ])('reads "away until %s" in its zone', (awayUntil, expected) => {
    const parsed = member({ awayUntil }).data;
    const [away] = parsed ? setupOf(parsed, ZONE).members : [];
    expect(away?.awayUntil?.toISOString()).toBe(expected);
  });

  it.each<[string, ReturnType<typeof team>, string]>([
    ['an unknown team', team({ team: 'marketing' }), 'team'],
    ['a field nobody knows', team({ holiday: [] }), 'holiday'],
    ['a lead by name', team({ lead: 'Riya' }), 'lead'],
    ['a day that is none', team({ hours: { someday: '10:00-19:00' } }), 'someday'],
    ['a range that runs backwards', team({ hours: { 'sat-mon': '10:00-19:00' } }), 'sat-mon'],
    ['a day twice', team({ hours: { 'mon-fri': '10:00-19:00', wed: '10:00-12:00' } }), 'wed'],
    ['hours that end before they begin', team({ hours: { mon: '19:00-10:00' } }), 'mon'],
    ['hours past midnight', team({ hours: { mon: '22:00-24:30' } }), 'mon'],
    ['hours that overlap', team({ hours: { mon: '10:00-14:00, 13:00-19:00' } }), 'mon'],
    ['a holiday that is no day', team({ holidays: [{ date: '2026-02-30', name: 'None' }] }), 'date'],
    ['a holiday without a name', team({ holidays: [{ date: '2026-02-28', name: ' ' }] }), 'name'],
    [
      'a member twice',
      team({
        members: [
          { id: RIYA, name: 'Riya' },
          { id: RIYA, name: 'R' },
        ],
      }),
      'already',
    ],
    ['a language that no copy is written in', member({ languages: ['ta'] }), 'languages'],
    ['a project by name', member({ projects: ['Greenfield Heights'] }), 'projects'],
    ['a phone without its country', member({ phone: '99999 00001' }), 'phone'],
    [
      'a phone of two members',
      team({
        members: [
          { id: RIYA, name: 'Riya', phone: '+919999900001' },
          { id: ARJUN, name: 'Arjun', phone: '+919999900001' },
        ],
      }),
      'another member',
    ],
    ['away until a time without a zone', member({ awayUntil: '2026-12-01T14:00' }), 'awayUntil'],
  ])('may not hold %s', (_what, parsed, named) => {
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toContain(named);
  });

  it.each<[string, object, string | undefined]>([
    ['by source', { when: { source: ['lead_form'] }, to: [RIYA] }, undefined],
    [
      'by all there is',
      {
        when: {
          ...{ source: ['cloud'], project: ['greenfield-heights'], city: ['Noida'], language: ['hi'] },
          ...{ budgetFromPaise: 1, budgetBelowPaise: 2 },
        },
        to: [RIYA],
      },
      undefined,
    ],
    ['without a criterion', { when: {}, to: [RIYA] }, 'at least one criterion'],
    ['to nobody', { when: { city: ['Noida'] }, to: [] }, 'to'],
    ['to somebody else’s', { when: { city: ['Noida'] }, to: ['U0NOBODY'] }, 'U0NOBODY is not in the team'],
    ['by an empty list', { when: { city: [] }, to: [RIYA] }, 'city'],
    ['by what there is not', { when: { mood: ['good'] }, to: [RIYA] }, 'mood'],
    ['by a language that we do not write', { when: { language: ['fr'] }, to: [RIYA] }, 'language'],
    [
      'by a budget that nobody has',
      { when: { budgetFromPaise: 2, budgetBelowPaise: 2 }, to: [RIYA] },
      'must have a budget',
    ],
    ['by a part of a paisa', { when: { budgetFromPaise: 1.5 }, to: [RIYA] }, 'budgetFromPaise'],
  ])('routes %s', (_what, route, problem) => {
    const parsed = team({ routes: [route] });
    if (problem === undefined) expect(parsed.success).toBe(true);
    else expect(z.prettifyError(parsed.error as z.ZodError)).toContain(problem);
  });

  it('may be open around the clock, or on no day at all', () => {
    expect(team({ hours: { 'mon-sun': '00:00-24:00' } }).success).toBe(true);
    expect(team({ hours: {}, members: [] }).success).toBe(true);
  });
});

describe('the teams at hand', () => {
  const later = (ms: number) => new Date(NOW.getTime() + ms);
  const bookOf = ({ teams }: Models) => new TeamBook(teams, ZONE, pino({ level: 'silent' }));

  it('work Monday to Saturday, 10 to 7, until they are published; half a minute later they work as published', async () => {
    const models = await open();
    const book = bookOf(models);
    expect(await book.team('sales', NOW)).toEqual({
      team: 'sales',
      hours: officeHours(ZONE),
      members: [],
      routes: [],
    });
    await models.teams.publish('sales', EXAMPLE_TEAM);
    expect((await book.team('sales', later(29_999))).lead).toBeUndefined();
    expect((await book.team('sales', later(30_000))).lead).toBe(RIYA);
    const hours = await book.hours(later(30_000));
    expect(hours.legal).toEqual(officeHours(ZONE));
    expect(hours.sales.week[6]).toEqual([{ fromMinute: 660, toMinute: 960 }]);
  });

  it('survive a damaged record: that team works as if nothing were published', async () => {
    const models = await open();
    await models.teams.publish('sales', { team: 'sales', hours: 'always' });
    await models.teams.publish('legal', { ...EXAMPLE_TEAM, team: 'legal' });
    const book = bookOf(models);
    expect((await book.team('sales', NOW)).hours).toEqual(officeHours(ZONE));
    expect((await book.team('legal', NOW)).lead).toBe(RIYA);
  });
});

describe('those whom a file names', () => {
  const appointed = (
    leads: string[],
    ...members: { id: string; name: string; awayUntil?: Date; phone?: string }[]
  ) => ({
    leads,
    members,
  });

  it('lead until another file names others, in this team only', async () => {
    const { staff } = await open();
    const both = [
      { id: RIYA, name: 'Riya' },
      { id: ARJUN, name: 'Arjun' },
    ];
    await staff.appoint('sales', appointed([RIYA], ...both), NOW);
    await staff.appoint('site', appointed([RIYA]), NOW);
    await staff.appoint('sales', appointed([ARJUN], ...both), NOW);
    expect((await staff.byId(RIYA))?.leadOf).toEqual(['site']);
    expect((await staff.byId(ARJUN))?.leadOf).toEqual(['sales']);
    expect(await staff.byId(RIYA)).toMatchObject({ name: 'Riya', teams: ['sales', 'site'] });
  });

  it('are known by the number that their file names, until it names it no more', async () => {
    const models = await open();
    const { staff } = models;
    await buildIndexes(models);
    const [riya, arjun] = [
      { id: RIYA, name: 'Riya' },
      { id: ARJUN, name: 'Arjun' },
    ] as const;
    const phone = '+919999907001';
    await staff.appoint('sales', appointed([], { ...riya, phone }, arjun), NOW);
    expect(await staff.byPhone(phone)).toMatchObject({ _id: RIYA });
    // The file of another team has no say in it, and cannot give the number to somebody else.
    await staff.appoint('site', appointed([], riya), NOW);
    const taken = staff.appoint('site', appointed([ARJUN], { ...arjun, phone }), NOW);
    await expect(taken).rejects.toMatchObject({ code: 'phone_taken' });
    await expect(taken).rejects.not.toThrow('99999');
    expect(await staff.byId(ARJUN)).not.toHaveProperty('leadOf');
    expect(await staff.byPhone(phone)).toMatchObject({ _id: RIYA });
    await staff.appoint('sales', appointed([], riya, { ...arjun, phone }), NOW);
    expect(await staff.byPhone(phone)).toMatchObject({ _id: ARJUN });
    await staff.appoint('sales', appointed([], arjun), NOW);
    expect(await staff.byPhone(phone)).toBeUndefined();
  });

  it('who have left stay so, whatever a file says', async () => {
    const { staff } = await open();
    await staff.meet(RIYA, 'Riya', 'sales');
    await staff.model.updateOne({ _id: RIYA }, { $set: { active: false } });
    await staff.appoint('sales', appointed([], { id: RIYA, name: 'Riya' }), NOW);
    expect((await staff.byId(RIYA))?.active).toBe(false);
  });

  it('are away as the file says; a date that has passed says nothing', async () => {
    const { staff } = await open();
    const tomorrow = new Date(NOW.getTime() + 86_400_000);
    const riya = { id: RIYA, name: 'Riya', awayUntil: tomorrow };
    const arjun = { id: ARJUN, name: 'Arjun', awayUntil: new Date(NOW.getTime() - 1) };
    await staff.appoint('sales', appointed([], riya, arjun), NOW);
    expect(await staff.byId(RIYA)).toMatchObject({ awayUntil: tomorrow, passOnOwedAt: NOW });
    expect((await staff.byId(ARJUN))?.awayUntil).toBeUndefined();
  });

  it('are back when they say so, and nobody unknown goes away', async () => {
    const { staff } = await open();
    const tomorrow = new Date(NOW.getTime() + 86_400_000);
    await staff.meet(RIYA, 'Riya', 'sales');
    expect(await staff.away(RIYA, tomorrow, NOW)).toMatchObject({ awayUntil: tomorrow });
    const back = await staff.away(RIYA, undefined, NOW);
    expect(back?.awayUntil ?? back?.passOnOwedAt).toBeUndefined();
    expect(await staff.away(ARJUN, tomorrow, NOW)).toBeUndefined();
    expect(await staff.byId(ARJUN)).toBeNull();
  });
});
