import { describe, expect, it } from '@jest/globals';
import { officeHours } from '../flows/hours.ts';
import { type Candidate, type Need, ownerFor, type Route } from '../flows/routing.ts';

/** Monday, 12:00 in the team's zone. */
const NOW = new Date('2026-11-23T12:00:00+05:30');
const SUNDAY = new Date('2026-11-29T12:00:00+05:30');
const HOURS = officeHours('Asia/Kolkata');
const AFTERNOONS = { ...HOURS, week: HOURS.week.map(() => [{ fromMinute: 14 * 60, toMinute: 19 * 60 }]) };

const someone = (id: string, more: Partial<Candidate> = {}): Candidate => ({
  id,
  name: id,
  languages: [],
  projects: [],
  isActive: true,
  hours: HOURS,
  openCases: 0,
  turn: 0,
  ...more,
});
const need = (more: Partial<Need> = {}): Need => ({ language: 'en', ...more });

const later = (hours: number) => new Date(NOW.getTime() + hours * 3_600_000);

describe('a new case falls to', () => {
  it.each<[string, Candidate[], Partial<Need>, string | undefined]>([
    ['nobody, where nobody is', [], {}, undefined],
    ['the only one', [someone('riya')], {}, 'riya'],
    ['nobody who has left', [someone('riya', { isActive: false }), someone('arjun')], {}, 'arjun'],
    ['nobody who is away', [someone('riya', { awayUntil: later(1) }), someone('arjun')], {}, 'arjun'],
    ['who is back', [someone('riya', { awayUntil: later(-1) }), someone('arjun')], {}, 'riya'],
    ['who is back this very moment', [someone('riya', { awayUntil: NOW }), someone('arjun')], {}, 'riya'],
    [
      'nobody outside their own hours',
      [someone('riya', { hours: AFTERNOONS }), someone('arjun')],
      {},
      'arjun',
    ],
    ['nobody, when all are away', [someone('riya', { awayUntil: later(1) })], {}, undefined],
    [
      'the buyer’s own, however much they have and whatever they speak',
      [someone('arjun'), someone('riya', { openCases: 40, turn: 9, languages: ['hi'], projects: ['other'] })],
      { relationshipManager: 'riya', project: 'heights', language: 'en' },
      'riya',
    ],
    [
      'another one while the buyer’s own is away',
      [someone('riya', { awayUntil: later(1) }), someone('arjun')],
      { relationshipManager: 'riya' },
      'arjun',
    ],
    [
      'another one when the buyer’s own is of another team',
      [someone('arjun')],
      { relationshipManager: 'meera' },
      'arjun',
    ],
    [
      'who knows the project, before who speaks the language',
      [
        someone('speaker', { projects: ['other'], languages: ['hi'] }),
        someone('knower', { projects: ['heights'], languages: ['en'], openCases: 7 }),
      ],
      { project: 'heights', language: 'hi' },
      'knower',
    ],
    [
      'who speaks the language, among those who know the project',
      [
        someone('other', { projects: ['heights'], languages: ['en'] }),
        someone('speaker', { projects: ['heights', 'lawns'], languages: ['hi'], openCases: 7 }),
      ],
      { project: 'heights', language: 'hi' },
      'speaker',
    ],
    [
      'somebody, although nobody knows the project or speaks the language',
      [someone('arjun', { projects: ['other'], languages: ['en'] })],
      { project: 'heights', language: 'hi' },
      'arjun',
    ],
    ['anybody, when the project is not known', [someone('riya', { projects: ['lawns'] })], {}, 'riya'],
    [
      'who reads Hindi, for Hinglish',
      [someone('e', { languages: ['en'] }), someone('h', { languages: ['hi'] })],
      { language: 'hinglish' },
      'h',
    ],
    [
      'nobody for Hindi alone, for English',
      [someone('h', { languages: ['hi'] }), someone('e', { languages: ['en'] })],
      { language: 'en' },
      'e',
    ],
    [
      'who has the fewest',
      [someone('riya', { openCases: 2 }), someone('arjun', { openCases: 1, turn: 9 })],
      {},
      'arjun',
    ],
    [
      'who has waited longest, of equals',
      [someone('riya', { turn: 5 }), someone('arjun', { turn: 4 })],
      {},
      'arjun',
    ],
    ['the first of the file, when nothing tells them apart', [someone('riya'), someone('arjun')], {}, 'riya'],
  ])('%s', (_what, candidates, needed, expected) => {
    expect(ownerFor(candidates, need(needed), NOW)?.id).toBe(expected);
  });

  it('nobody on the day on which nobody works', () => {
    expect(ownerFor([someone('riya')], need({ relationshipManager: 'riya' }), SUNDAY)).toBeUndefined();
  });

  it('everybody in turn, when many come at once', () => {
    const team = ['riya', 'arjun', 'leela'].map((id) => someone(id));
    const given = Array.from({ length: 7 }, (_case, index) => {
      const owner = ownerFor(team, need(), NOW);
      if (owner) Object.assign(owner, { turn: index + 1 });
      return owner?.id;
    });
    expect(given).toEqual(['riya', 'arjun', 'leela', 'riya', 'arjun', 'leela', 'riya']);
  });
});

describe('a route', () => {
  const CRORE_PAISE = 1_00_00_000_00;
  const ROUTES: Route[] = [
    { when: { budgetFromPaise: 2 * CRORE_PAISE }, to: ['riya'] },
    { when: { source: ['lead_form'], project: ['heights'] }, to: ['arjun', 'leela'] },
    { when: { city: ['Noida'], budgetBelowPaise: CRORE_PAISE }, to: ['leela'] },
    { when: { language: ['hi', 'hinglish'] }, to: ['leela'] },
  ];
  const TEAM = [
    someone('other'),
    someone('riya', { openCases: 9 }),
    someone('arjun', { openCases: 2 }),
    someone('leela', { openCases: 3 }),
  ];

  it.each<[string, Partial<Need>, string]>([
    [
      'is the first that fits, however much they have',
      { budgetPaise: 2 * CRORE_PAISE, language: 'hi' },
      'riya',
    ],
    [
      'gives to the freest of those it names',
      { sources: ['cloud', 'lead_form'], project: 'heights' },
      'arjun',
    ],
    ['wants all of its criteria', { sources: ['lead_form'], project: 'lawns' }, 'other'],
    ['goes by the city, whatever its capitals', { city: 'noida', budgetPaise: CRORE_PAISE - 1 }, 'leela'],
    ['ends before its upper sum', { city: 'Noida', budgetPaise: CRORE_PAISE }, 'other'],
    ['takes nobody of whom the budget is not known', { city: 'Noida' }, 'other'],
    ['goes by the language', { language: 'hinglish' }, 'leela'],
    ['leaves those who have a manager with them', { relationshipManager: 'other', language: 'hi' }, 'other'],
  ])('%s', (_what, needed, expected) => {
    expect(ownerFor(TEAM, need(needed), NOW, ROUTES)?.id).toBe(expected);
  });

  it('whose people are all away leaves it to the others', () => {
    const team = TEAM.map((each) => (each.id === 'leela' ? { ...each, awayUntil: later(1) } : each));
    expect(ownerFor(team, need({ language: 'hi' }), NOW, ROUTES)?.id).toBe('other');
  });

  it('gives to each of its people in turn', () => {
    const team = ['arjun', 'leela', 'other'].map((id) => someone(id));
    const given = Array.from({ length: 4 }, (_case, index) => {
      const owner = ownerFor(team, need({ sources: ['lead_form'], project: 'heights' }), NOW, ROUTES);
      if (owner) Object.assign(owner, { turn: index + 1 });
      return owner?.id;
    });
    expect(given).toEqual(['arjun', 'leela', 'arjun', 'leela']);
  });
});
