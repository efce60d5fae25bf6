import { describe, expect, it } from '@jest/globals';
import { readLateness } from '../flows/visit/lateness.ts';
import { isOnlyTime, namesImpossibleDay, whyUnfit } from '../flows/visit/times.ts';

const ZONE = 'Asia/Kolkata';
/** A Monday, 10:00 in the zone. */
const NOW = new Date('2026-11-23T04:30:00Z');
const at = (day: string, time: string) => new Date(`${day}T${time}:00+05:30`);

describe('running late', () => {
  it.each([
    ["I'm 20 mins late", 20],
    ['running late, sorry', undefined],
    ['Running 15 minutes late', 15],
    ['will be a bit late', undefined],
    ['might be late by 10-15 min', 15],
    ['stuck in traffic', undefined],
    ['stuck in heavy traffic near sector 62, will reach in 30 min', 30],
    ['We are held up on the expressway', undefined],
    ['reaching in half an hour', 30],
    ['be there in 1 hour', 60],
    ['10 min me pahunch raha hu', 10],
    ['10min mein pahunchta hoon', 10],
    ['bas 5 minute mein aa raha hoon', 5],
    ['thodi der ho jayegi', undefined],
    ['traffic me phas gaya hu', undefined],
    ['bahut traffic hai, aadha ghanta lagega', 30],
    ['ek ghanta late ho jaunga', 60],
    ['late ho raha hu 20 min', 20],
    ['थोड़ी देर हो जाएगी', undefined],
    ['मैं २० मिनट लेट हूँ', 20],
    ['ट्रैफ़िक में फँस गया हूँ', undefined],
    ['15 मिनट में पहुँच रहा हूँ', 15],
  ])('%s', (words, minutes) => {
    expect(readLateness(words)).toEqual(minutes === undefined ? {} : { minutes });
  });

  it.each([
    'is it too late to book?',
    'why is possession late?',
    'late payment interest kitna hai',
    'cancel my visit, getting late',
    'kal late aaunga',
    'can we reschedule, stuck in traffic',
    'thanks, see you',
    'where is the site exactly?',
    'how far is the metro from the site',
    'I will visit later',
    'yes',
    'kal 4 baje',
  ])('is not said by: %s', (words) => {
    expect(readLateness(words)).toBeUndefined();
  });
});

describe('days that no calendar has', () => {
  it.each([
    '31 February',
    'book 31st feb at 11 am',
    'Feb 30 please',
    '31/4 ko aana hai',
    '31-04-2027',
    '31 nov',
    '31 जून को',
    '३१ फरवरी',
    '29 Feb',
    '29 February 2027',
    '32 tareek',
    '45 December',
    '0 January',
  ])('%s', (words) => {
    expect(namesImpossibleDay(words, NOW, ZONE)).toBe(true);
  });

  it.each([
    '28 Feb',
    '29 February 2028',
    '30 November 4 pm',
    '31/12',
    'Dec 31 at 11',
    'may I come at 32?',
    'may 4 pm work',
    'call me 24/7',
    'flat 31/4/2 is not a date but 50/50',
    'budget 45 lakh',
    'Saturday 4 pm',
  ])('but not: %s', (words) => {
    expect(namesImpossibleDay(words, NOW, ZONE)).toBe(false);
  });
});

describe('why a time is none for a visit', () => {
  const project = {
    visitMinutes: 60,
    visiting: {
      fromHour: 10,
      toHour: 18,
      closedWeekdays: [2],
      holidays: ['2026-11-26'],
      daysAhead: 14,
      noticeHours: 2,
    },
  };
  const why = (wished: Parameters<typeof whyUnfit>[0]) =>
    whyUnfit(wished, project, { now: NOW, timeZone: ZONE });

  it('is the first thing that a buyer would want to know', () => {
    expect(why({ at: at('2026-11-22', '11:00') })).toBe('past');
    expect(why({ at: at('2026-11-23', '09:30') })).toBe('past');
    expect(why({ day: '2026-11-22' })).toBe('past');
    expect(why({ at: at('2026-11-23', '11:00') })).toBe('too_soon');
    expect(why({ at: at('2026-11-23', '12:00') })).toBeUndefined();
    expect(why({ at: at('2029-11-25', '11:00') })).toBe('too_far');
    expect(why({ day: '2026-12-07' })).toBe('too_far');
    expect(why({ day: '2026-12-06' })).toBeUndefined();
    expect(why({ at: at('2026-11-24', '11:00') })).toBe('closed_day');
    expect(why({ day: '2026-11-26' })).toBe('holiday');
    expect(why({ at: at('2026-11-25', '09:00') })).toBe('outside_hours');
    expect(why({ at: at('2026-11-25', '17:00') })).toBeUndefined();
    expect(why({ at: at('2026-11-25', '17:30') })).toBe('outside_hours');
    expect(why({ at: at('2026-11-25', '22:00') })).toBe('outside_hours');
    expect(why({ day: 'nonsense' })).toBe('impossible');
  });
});

describe('a time and nothing else', () => {
  it('is told from words that say more', () => {
    for (const text of ['yesterday 5 pm', 'Sat 4pm', '25 Nov at 11', 'kal subah 11 baje', '31/12'])
      expect([text, isOnlyTime(text)]).toEqual([text, true]);
    for (const text of ['paid yesterday 5 pm', 'refund kab', '', 'stop', '4 pm nahi'])
      expect([text, isOnlyTime(text)]).toEqual([text, false]);
  });
});
