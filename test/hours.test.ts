import { describe, expect, it } from '@jest/globals';
import { dueAt, isWithin, minutesThatHold, nextOpening, officeHours, shareUsed } from '../flows/hours.ts';
import type { Shift, WorkingHours } from '../flows/types.ts';

const ZONE = 'Asia/Kolkata';
const HOUR = 60;

/** 2026-11-23 is a Monday. */
const at = (day: string, time: string) => new Date(`${day}T${time}:00+05:30`);
const local = (moment: Date | undefined, zone = ZONE) =>
  moment?.toLocaleString('sv-SE', { timeZone: zone }).slice(0, 16);

const shift = (from: number, to: number): Shift => ({ fromMinute: from * HOUR, toMinute: to * HOUR });
const everyDay = (...shifts: Shift[]): Shift[][] => Array<Shift[]>(7).fill(shifts);
const hours = (more: Partial<WorkingHours> = {}): WorkingHours => ({ ...officeHours(ZONE), ...more });

const OFFICE = hours();
const NEVER = hours({ week: everyDay() });
const ALWAYS = hours({ week: everyDay(shift(0, 24)) });
const WITH_LUNCH = hours({ week: everyDay(shift(10, 13), shift(14, 19)) });
/** Friday to Tuesday, a weekend in between, over the end of a month. */
const FESTIVAL = hours({ holidays: ['2026-11-27', '2026-11-28', '2026-11-30', '2026-12-01'] });

describe('a team is at work', () => {
  it.each<[string, WorkingHours, Date, boolean]>([
    ['at the stroke of opening', OFFICE, at('2026-11-23', '10:00'), true],
    ['not a moment before', OFFICE, new Date(at('2026-11-23', '10:00').getTime() - 1), false],
    ['until the last moment', OFFICE, new Date(at('2026-11-23', '19:00').getTime() - 1), true],
    ['not at closing time', OFFICE, at('2026-11-23', '19:00'), false],
    ['not at midnight', OFFICE, at('2026-11-24', '00:00'), false],
    ['on Saturday', OFFICE, at('2026-11-28', '12:00'), true],
    ['not on Sunday', OFFICE, at('2026-11-29', '12:00'), false],
    ['not on a holiday', FESTIVAL, at('2026-11-27', '12:00'), false],
    ['not at lunch', WITH_LUNCH, at('2026-11-23', '13:00'), false],
    ['after lunch', WITH_LUNCH, at('2026-11-23', '14:00'), true],
    ['at midnight, when it never closes', ALWAYS, at('2026-11-24', '00:00'), true],
    ['never, without hours', NEVER, at('2026-11-23', '12:00'), false],
  ])('%s', (_what, of, moment, expected) => {
    expect(isWithin(moment, of)).toBe(expected);
  });

  it('by the clock of its own zone, whatever the day is here', () => {
    const newYork = hours({ timeZone: 'America/New_York' });
    // Saturday, 20:30 in India; 10:00 in New York.
    expect(isWithin(new Date('2026-11-28T15:00:00Z'), newYork)).toBe(true);
    expect(isWithin(new Date('2026-11-28T15:00:00Z'), OFFICE)).toBe(false);
    // Monday, 00:30 in India; still Sunday in New York.
    expect(isWithin(new Date('2026-11-29T19:00:00Z'), newYork)).toBe(false);
  });
});

describe('the next opening', () => {
  it.each<[string, WorkingHours, Date, string | undefined]>([
    ['is now, while it is open', OFFICE, at('2026-11-23', '12:34'), '2026-11-23 12:34'],
    ['is this morning', OFFICE, at('2026-11-23', '00:00'), '2026-11-23 10:00'],
    ['is tomorrow, from closing time on', OFFICE, at('2026-11-23', '19:00'), '2026-11-24 10:00'],
    ['is Monday, from Saturday evening on', OFFICE, at('2026-11-28', '19:00'), '2026-11-30 10:00'],
    ['is after lunch', WITH_LUNCH, at('2026-11-23', '13:30'), '2026-11-23 14:00'],
    ['is after holidays and the Sunday between', FESTIVAL, at('2026-11-26', '20:00'), '2026-12-02 10:00'],
    ['is next year', OFFICE, at('2026-12-31', '23:59'), '2027-01-01 10:00'],
    ['does not exist without hours', NEVER, at('2026-11-23', '12:00'), undefined],
  ])('%s', (_what, of, moment, expected) => {
    expect(local(nextOpening(moment, of))).toBe(expected);
  });
});

describe('an answer is due', () => {
  it.each<[string, WorkingHours | undefined, Date, number, string]>([
    ['the same day', OFFICE, at('2026-11-23', '10:00'), 4 * HOUR, '2026-11-23 14:00'],
    ['at closing time', OFFICE, at('2026-11-23', '15:00'), 4 * HOUR, '2026-11-23 19:00'],
    ['a minute into the next day', OFFICE, at('2026-11-23', '15:01'), 4 * HOUR, '2026-11-24 10:01'],
    ['the next day at noon', OFFICE, at('2026-11-23', '17:00'), 4 * HOUR, '2026-11-24 12:00'],
    ['from the opening on, at night', OFFICE, at('2026-11-23', '22:00'), 4 * HOUR, '2026-11-24 14:00'],
    ['from the opening on, before dawn', OFFICE, at('2026-11-24', '04:00'), 4 * HOUR, '2026-11-24 14:00'],
    ['over a Sunday', OFFICE, at('2026-11-28', '18:00'), 2 * HOUR, '2026-11-30 11:00'],
    ['over the end of a month', OFFICE, at('2026-11-30', '18:00'), 2 * HOUR, '2026-12-01 11:00'],
    ['over a February', OFFICE, at('2027-02-27', '18:00'), 2 * HOUR, '2027-03-01 11:00'],
    ['after a row of holidays', FESTIVAL, at('2026-11-26', '18:00'), 2 * HOUR, '2026-12-02 11:00'],
    ['after lunch', WITH_LUNCH, at('2026-11-23', '12:00'), 2 * HOUR, '2026-11-23 15:00'],
    ['a working day later at the same time', OFFICE, at('2026-11-23', '12:30'), 9 * HOUR, '2026-11-24 12:30'],
    ['three working days later', OFFICE, at('2026-11-27', '12:30'), 27 * HOUR, '2026-12-01 12:30'],
    [
      'through the night, when it never closes',
      ALWAYS,
      at('2026-11-23', '22:00'),
      4 * HOUR,
      '2026-11-24 02:00',
    ],
    [
      'by the clock on the wall, without hours',
      NEVER,
      at('2026-11-29', '22:00'),
      4 * HOUR,
      '2026-11-30 02:00',
    ],
    [
      'around the clock, when it is urgent',
      undefined,
      at('2026-11-29', '22:00'),
      2 * HOUR,
      '2026-11-30 00:00',
    ],
  ])('%s', (_what, of, openedAt, minutes, expected) => {
    expect(local(dueAt(openedAt, minutes, of))).toBe(expected);
  });

  it('by the clock on the wall of its zone, also where clocks change at night', () => {
    // In New York clocks went forward on 2026-03-08 and back on 2026-11-01.
    const zone = 'America/New_York';
    const office = hours({ timeZone: zone, week: everyDay(shift(10, 19)) });
    for (const [saturdayEvening, expected] of [
      ['2026-03-07T18:00:00-05:00', '2026-03-08 11:00'],
      ['2026-10-31T18:00:00-04:00', '2026-11-01 11:00'],
    ] as const)
      expect(local(dueAt(new Date(saturdayEvening), 2 * HOUR, office), zone)).toBe(expected);
    const nights = hours({ timeZone: zone, week: everyDay(shift(0, 24)) });
    // A night with an hour less, and one with an hour more.
    expect(local(dueAt(new Date('2026-03-07T22:00:00-05:00'), 6 * HOUR, nights), zone)).toBe(
      '2026-03-08 05:00',
    );
    expect(local(dueAt(new Date('2026-10-31T22:00:00-04:00'), 6 * HOUR, nights), zone)).toBe(
      '2026-11-01 03:00',
    );
  });
});

describe('the share of the time that is used', () => {
  const opened = at('2026-11-23', '17:00');
  const clock = { openedAt: opened, dueAt: dueAt(opened, 4 * HOUR, OFFICE) };

  it.each<[string, Date, number]>([
    ['is nothing at first', opened, 0],
    ['grows while the team is there', at('2026-11-23', '18:00'), 0.25],
    ['is half at closing time', at('2026-11-23', '19:00'), 0.5],
    ['stands still at night', at('2026-11-24', '03:00'), 0.5],
    ['goes on in the morning', at('2026-11-24', '11:12'), 0.8],
    ['is all of it at the deadline', at('2026-11-24', '12:00'), 1],
    ['is all of it ever after', at('2026-12-24', '12:00'), 1],
  ])('%s', (_what, moment, expected) => {
    expect(shareUsed(clock, moment, OFFICE)).toBeCloseTo(expected, 6);
  });

  it('grows at night when it is urgent', () => {
    const urgent = { openedAt: opened, dueAt: dueAt(opened, 4 * HOUR) };
    expect(shareUsed(urgent, at('2026-11-23', '20:00'))).toBe(0.75);
  });

  it('is nothing before a deadline that lies within no hours any more', () => {
    expect(shareUsed(clock, at('2026-11-23', '18:00'), NEVER)).toBe(0);
    expect(shareUsed(clock, clock.dueAt, NEVER)).toBe(1);
  });
});

describe('the time that a buyer is told', () => {
  it.each<[string, Date, number, number]>([
    ['is the promise itself, while it fits into the day', at('2026-11-23', '15:00'), 4 * HOUR, 4 * HOUR],
    ['lasts into the next day, when it does not', at('2026-11-23', '17:00'), 4 * HOUR, 19 * HOUR],
    ['is rounded up, never down', at('2026-11-23', '17:10'), 4 * HOUR, 19 * HOUR],
    ['is rounded up to the full hour', at('2026-11-23', '19:59'), 4 * HOUR, 19 * HOUR],
    ['lasts over Sunday', at('2026-11-28', '17:00'), 4 * HOUR, 43 * HOUR],
    ['keeps its minutes', at('2026-11-23', '10:00'), 45, 45],
  ])('%s', (_what, from, minutes, expected) => {
    expect(minutesThatHold(from, minutes, OFFICE)).toBe(expected);
    expect(from.getTime() + expected * 60_000).toBeGreaterThanOrEqual(dueAt(from, minutes, OFFICE).getTime());
  });
});
