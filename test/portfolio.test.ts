import { afterEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { visitSlots } from '../bot/calendar.ts';
import { DEMO_PROJECT } from '../bot/demo.ts';
import { factsOf, Portfolio } from '../bot/portfolio.ts';
import { connectDatabase, type Database } from '../models/connect.ts';
import { createModels, type Models } from '../models/models.ts';
import type { Project } from '../templates/documents/project.ts';
import { databaseUri } from './world.ts';

const ZONE = 'Asia/Kolkata';
const NEW_YORK = 'America/New_York';
const HOUR_MS = 3_600_000;

/** 2026-11-23 is a Monday. */
const at = (day: string, time: string) => new Date(`${day}T${time}:00+05:30`);

const visits = (more: Partial<Project['visits']> = {}): Project['visits'] => ({
  fromHour: 10,
  toHour: 18,
  slotMinutes: 60,
  capacity: 2,
  closedWeekdays: [],
  ...more,
});

/** `2026-11-23 10:00`, as a clock in `zone` shows it. */
function local(slot: Date, zone = ZONE): string {
  return slot.toLocaleString('sv-SE', { timeZone: zone }).slice(0, 16);
}

function slotsOf(more: Partial<Project['visits']>, now: Date, zone = ZONE): string[] {
  return visitSlots(visits(more), now, zone).map((slot) => local(slot, zone));
}

const ofDay = (slots: string[], day: string) =>
  slots.filter((slot) => slot.startsWith(day)).map((slot) => slot.slice(11));

describe('slots for visits', () => {
  it('fill the opening hours of two weeks, soonest first', () => {
    const slots = slotsOf({}, at('2026-11-23', '00:30'));
    expect(slots).toHaveLength(14 * 8);
    expect(ofDay(slots, '2026-11-23')).toEqual([
      ...['10:00', '11:00', '12:00', '13:00', '14:00', '15:00', '16:00', '17:00'],
    ]);
    expect(slots.at(-1)).toBe('2026-12-06 17:00');
    expect(slots).toEqual([...slots].sort());
  });

  it('need two hours of notice, to the minute', () => {
    const today = (time: string) => ofDay(slotsOf({}, at('2026-11-23', time)), '2026-11-23')[0];
    expect(today('08:00')).toBe('10:00');
    expect(today('08:01')).toBe('11:00');
    expect(today('15:00')).toBe('17:00');
    expect(today('15:01')).toBeUndefined();
    expect(slotsOf({}, at('2026-11-23', '15:01'))[0]).toBe('2026-11-24 10:00');
  });

  it('begin with the next day at midnight, and not a second earlier', () => {
    const lastMoment = new Date(at('2026-11-24', '00:00').getTime() - 1);
    const late = slotsOf({}, lastMoment);
    const midnight = slotsOf({}, at('2026-11-24', '00:00'));
    expect([late[0], late.at(-1)]).toEqual(['2026-11-24 10:00', '2026-12-06 17:00']);
    expect([midnight[0], midnight.at(-1)]).toEqual(['2026-11-24 10:00', '2026-12-07 17:00']);
  });

  it('go on over the end of a month, a year and a February', () => {
    expect(slotsOf({}, at('2026-11-30', '20:00'))[0]).toBe('2026-12-01 10:00');
    expect(slotsOf({}, at('2026-12-31', '20:00'))[0]).toBe('2027-01-01 10:00');
    expect(slotsOf({}, at('2027-02-28', '20:00'))[0]).toBe('2027-03-01 10:00');
    expect(slotsOf({}, at('2028-02-28', '20:00'))[0]).toBe('2028-02-29 10:00');
  });

  it('leave out the days on which the site is closed', () => {
    const slots = slotsOf({ closedWeekdays: [2, 7] }, at('2026-11-23', '07:00'));
    expect(slots).toHaveLength(10 * 8);
    const weekdays = new Set(slots.map((slot) => new Date(`${slot.slice(0, 10)}T00:00:00Z`).getUTCDay()));
    expect([...weekdays].sort()).toEqual([1, 3, 4, 5, 6]);
    expect(slotsOf({ closedWeekdays: [1, 2, 3, 4, 5, 6, 7] }, at('2026-11-23', '07:00'))).toEqual([]);
  });

  it('end before closing time', () => {
    const day = (more: Partial<Project['visits']>) =>
      ofDay(slotsOf(more, at('2026-11-23', '20:00')), '2026-11-24');
    expect(day({ slotMinutes: 90, fromHour: 10, toHour: 14 })).toEqual(['10:00', '11:30']);
    expect(day({ slotMinutes: 45, fromHour: 10, toHour: 12 })).toEqual(['10:00', '10:45']);
    expect(day({ slotMinutes: 240, fromHour: 16, toHour: 18 })).toEqual([]);
    expect(day({ slotMinutes: 120, fromHour: 20, toHour: 24 })).toEqual(['20:00', '22:00']);
    expect(day({ slotMinutes: 60, fromHour: 0, toHour: 2 })).toEqual(['00:00', '01:00']);
  });

  it('are at the opening hours of the zone, also on the day on which its clocks change', () => {
    // In New York clocks went forward on 2026-03-08 and back on 2026-11-01.
    for (const [before, day] of [
      ['2026-03-07T18:00:00Z', '2026-03-08'],
      ['2026-10-31T18:00:00Z', '2026-11-01'],
    ] as const) {
      const slots = slotsOf({ fromHour: 9, toHour: 12 }, new Date(before), NEW_YORK);
      expect(ofDay(slots, day)).toEqual(['09:00', '10:00', '11:00']);
    }
    const untilMidnight = slotsOf({ fromHour: 22, toHour: 24 }, new Date('2026-10-31T18:00:00Z'), NEW_YORK);
    expect(ofDay(untilMidnight, '2026-11-01')).toEqual(['22:00', '23:00']);
  });

  it('are of the day that it is in the zone', () => {
    const now = new Date('2026-11-23T20:00:00Z');
    expect(slotsOf({}, now)[0]).toBe('2026-11-24 10:00');
    expect(slotsOf({}, now, NEW_YORK)[0]).toBe('2026-11-23 17:00');
  });
});

describe('the portfolio', () => {
  const NOW = at('2026-11-23', '07:00');
  const later = (ms: number) => new Date(NOW.getTime() + ms);
  const SLUG = DEMO_PROJECT.slug;
  const databases: Database[] = [];

  afterEach(async () => {
    for (const database of databases.splice(0)) await database.close();
  });

  async function open(...projects: Project[]): Promise<Models & { portfolio: Portfolio }> {
    const database = await connectDatabase({
      uri: databaseUri(),
      dataDir: '',
      log: pino({ level: 'silent' }),
    });
    databases.push(database);
    const models = createModels(database.connection, 'here');
    await models.visits.model.createIndexes();
    for (const project of projects) await models.projects.publish(project.slug, project);
    return {
      ...models,
      portfolio: new Portfolio(models.projects, models.visits, ZONE, pino({ level: 'silent' })),
    };
  }

  const book = (models: Models, id: string, slot: Date) =>
    models.visits.book(
      { _id: id, project: SLUG, buyer: 'asha', conversation: 'sandbox/asha', at: slot, bookedAt: NOW },
      DEMO_PROJECT.visits.capacity,
    );

  it('tells flows what is on sale, and nothing that they do not need', async () => {
    const { portfolio } = await open(DEMO_PROJECT);
    const facts = await portfolio.facts('Asha', NOW);
    expect(facts).toMatchObject({ buyerName: 'Asha', timeZone: ZONE, projects: [factsOf(DEMO_PROJECT)] });
    expect(facts.openSlots).toEqual({ [SLUG]: visitSlots(DEMO_PROJECT.visits, NOW, ZONE) });
    expect(facts.projects[0]).not.toHaveProperty('visits');
  });

  it('offers no slot whose seats are all taken', async () => {
    const { portfolio, ...models } = await open(DEMO_PROJECT);
    const [first, second, third] = visitSlots(DEMO_PROJECT.visits, NOW, ZONE);
    if (!first || !second || !third) throw new Error('there are no slots');
    await book(models, 'v1', first);
    await book(models, 'v2', second);
    await book(models, 'v3', second);
    const open1 = (await portfolio.facts('', NOW)).openSlots[SLUG] ?? [];
    expect(open1.slice(0, 2)).toEqual([first, third]);

    await models.visits.cancel('v3');
    portfolio.slotsChanged(SLUG);
    const open2 = (await portfolio.facts('', NOW)).openSlots[SLUG] ?? [];
    expect(open2.slice(0, 3)).toEqual([first, second, third]);
  });

  it('counts seats again after five seconds, as another process may have given one away', async () => {
    const { portfolio, ...models } = await open(DEMO_PROJECT);
    const offered = async (now: Date) => (await portfolio.facts('', now)).openSlots[SLUG]?.[0];
    const first = await offered(NOW);
    if (!first) throw new Error('there are no slots');
    await book(models, 'v1', first);
    await book(models, 'v2', first);
    expect(await offered(later(4_999))).toEqual(first);
    expect(await offered(later(5_000))).not.toEqual(first);
  });

  it('has seats only in a slot that can still be booked', async () => {
    const { portfolio } = await open(DEMO_PROJECT);
    const ten = at('2026-11-23', '10:00');
    expect(portfolio.seats(DEMO_PROJECT, ten, NOW)).toBe(2);
    expect(portfolio.seats(DEMO_PROJECT, ten, at('2026-11-23', '08:01'))).toBe(0);
    expect(portfolio.seats(DEMO_PROJECT, at('2026-11-23', '10:30'), NOW)).toBe(0);
    expect(portfolio.seats(DEMO_PROJECT, at('2026-11-24', '10:00'), NOW)).toBe(0);
    expect(portfolio.seats(DEMO_PROJECT, at('2027-11-23', '10:00'), NOW)).toBe(0);
  });

  it('learns of a publication or a withdrawal within half a minute', async () => {
    const { portfolio, projects } = await open(DEMO_PROJECT);
    expect(await portfolio.project(SLUG, NOW)).toEqual(DEMO_PROJECT);
    await projects.withdraw(SLUG);
    expect(await portfolio.project(SLUG, later(29_999))).toEqual(DEMO_PROJECT);
    expect(await portfolio.project(SLUG, later(30_000))).toBeUndefined();
    expect((await portfolio.facts('', later(30_000))).projects).toEqual([]);
  });

  it('makes a brochure once per project, language and day', async () => {
    const { portfolio } = await open(DEMO_PROJECT);
    const brochure = await portfolio.brochure(DEMO_PROJECT, 'en', NOW);
    expect(brochure.subarray(0, 5).toString()).toBe('%PDF-');
    expect(await portfolio.brochure(DEMO_PROJECT, 'en', later(16 * HOUR_MS))).toBe(brochure);
    expect(await portfolio.brochure({ ...DEMO_PROJECT }, 'en', NOW)).toBe(brochure);
    expect(await portfolio.brochure(DEMO_PROJECT, 'en', later(17 * HOUR_MS))).not.toBe(brochure);
    expect(await portfolio.brochure(DEMO_PROJECT, 'hi', NOW)).not.toBe(brochure);
    const renamed = { ...DEMO_PROJECT, name: 'Greenfield Lawns' };
    expect(await portfolio.brochure(renamed, 'en', NOW)).not.toBe(brochure);
  });

  it('makes one brochure for two who ask at once', async () => {
    const { portfolio } = await open(DEMO_PROJECT);
    const [one, two] = await Promise.all([
      portfolio.brochure(DEMO_PROJECT, 'en', NOW),
      portfolio.brochure(DEMO_PROJECT, 'en', NOW),
    ]);
    expect(one).toBe(two);
  });
});
