import { describe, expect, it } from '@jest/globals';
import { DEMO_PROJECT } from '../bot/demo.ts';
import { POLICY } from '../flows/policy.ts';
import { LANGUAGES, TEAMS } from '../flows/types.ts';
import type { Copy, VariableType } from '../templates/messages/copy.ts';
import { COPY, COPY_LANGUAGES, renderMessage, templateText } from '../templates/messages/message.ts';

const ZONE = 'Asia/Kolkata';
const KEYS = Object.keys(COPY);

/** Local time in the project's zone; 2026-11-28 is a Saturday. */
const at = (time: string, day = '2026-11-28') => new Date(`${day}T${time}:00+05:30`);

const SAMPLE: Record<VariableType, string | number | Date> = {
  text: 'Sample',
  buyerName: 'Asha',
  moneyPaise: 1_35_00_000_00,
  exactPaise: 12_34_567_50,
  day: at('00:00'),
  dateTime: at('16:00'),
  shortDateTime: at('16:00'),
  durationMinutes: 240,
  team: 'sales',
  papers:
    '[{"label":"kyc_paper_pan","applicant":"Ravi"},{"label":"kyc_paper_photo","reason":"kyc_retake_dark"}]',
};

const WRONG: Record<VariableType, unknown[]> = {
  text: [7, undefined, null, at('16:00')],
  buyerName: [7, undefined, null],
  moneyPaise: ['7', 7.5, Number.NaN, undefined],
  exactPaise: ['7', 7.5, Number.NaN, undefined],
  day: ['2026-11-28', 7, new Date('never'), undefined],
  dateTime: ['2026-11-28', 7, new Date('never'), undefined],
  shortDateTime: ['2026-11-28', 7, new Date('never'), undefined],
  durationMinutes: ['4 hours', 0, -1, undefined],
  team: [7, undefined],
  papers: [
    7,
    undefined,
    'PAN card',
    '[]',
    '[{"label":"choice_yes"}]',
    '[{"label":"kyc_paper_pan","reason":"late"}]',
  ],
};

function copyOf(key: string): Copy {
  const copy = COPY[key];
  if (!copy) throw new Error(`no copy ${key}`);
  return copy;
}

function sample(key: string): Record<string, unknown> {
  const variables = Object.entries(copyOf(key).variables);
  return Object.fromEntries(variables.map(([name, type]) => [name, SAMPLE[type]]));
}

describe('every piece of copy', () => {
  it('is written in the languages that flows speak', () => {
    expect([...COPY_LANGUAGES]).toEqual([...LANGUAGES]);
    expect(KEYS.length).toBeGreaterThan(40);
  });

  it.each(KEYS)('%s reads well in every language', (key) => {
    for (const language of COPY_LANGUAGES) {
      const { text, template } = renderMessage(key, language, sample(key), ZONE);
      expect(text.trim()).toBe(text);
      expect(text).not.toBe('');
      expect(text).not.toMatch(/[{}]|undefined|null|NaN|\[object|Invalid| {2}/);
      expect(template.parameters).toHaveLength(Object.keys(copyOf(key).variables).length);
    }
  });

  it.each(KEYS)('%s says the same in every language, with what it declares', (key) => {
    const used = (language: (typeof COPY_LANGUAGES)[number]) =>
      new Set([...copyOf(key)[language].matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    expect(Object.keys(copyOf(key).variables)).toEqual(expect.arrayContaining([...used('en')]));
    for (const language of COPY_LANGUAGES) expect(used(language)).toEqual(used('en'));
  });

  it.each(KEYS)('%s is the same as a template', (key) => {
    for (const language of COPY_LANGUAGES) {
      const { text, template } = renderMessage(key, language, sample(key), ZONE);
      expect(template.name).toBe(language === 'hinglish' ? `baton_${key}_hinglish` : `baton_${key}`);
      expect(template.languageCode).toBe(language === 'hi' ? 'hi' : 'en');
      expect(templateText(template.name, template.languageCode, template.parameters)).toBe(text);
    }
  });

  it.each(KEYS)('%s holds no number to call or to pay to', (key) => {
    for (const language of COPY_LANGUAGES) {
      expect(copyOf(key)[language]).not.toMatch(/\+?\p{Nd}[\p{Nd}\s-]{4,}/u);
      expect(copyOf(key)[language]).not.toMatch(/@|\bIFSC\b|\bUPI\b/i);
    }
  });

  it.each(KEYS)('%s names what is missing or wrong', (key) => {
    for (const [name, type] of Object.entries(copyOf(key).variables)) {
      for (const value of WRONG[type]) {
        const data = { ...sample(key), [name]: value };
        const words = new RegExp(`${key}\\b.*\\b${name}\\b`);
        expect(() => renderMessage(key, 'en', data, ZONE)).toThrow(words);
      }
      const { [name]: _missing, ...rest } = sample(key);
      expect(() => renderMessage(key, 'hi', rest, ZONE)).toThrow(new RegExp(`${key}\\b.*\\b${name}\\b`));
    }
  });

  it('keeps names of keys unique', () => {
    expect(new Set(KEYS.map((key) => key.toLowerCase())).size).toBe(KEYS.length);
    // A key with this ending would be read as another one's Hinglish template.
    expect(KEYS.filter((key) => key.endsWith('_hinglish'))).toEqual([]);
  });

  it('is an error under an unknown key', () => {
    expect(() => renderMessage('no_such_copy', 'en', {}, ZONE)).toThrow('no_such_copy');
    expect(templateText('baton_no_such_copy', 'en', [])).toBeUndefined();
    expect(templateText('hello_world', 'en', [])).toBeUndefined();
  });
});

describe('acknowledgements', () => {
  it.each(Object.entries(POLICY))('of %s exist and need only what a case has', (_intent, policy) => {
    const { variables } = copyOf(policy.acknowledge);
    const known = policy.handling === 'reply' || policy.acknowledge.startsWith('opted_') ? {} : TICKET;
    expect(variables).toEqual(known);
  });

  const TICKET = { ticket: 'text', team: 'team', respondWithinMinutes: 'durationMinutes' };

  it.each(TEAMS)('name the %s team in the language of the buyer', (team) => {
    const data = { ticket: 'R-1', team, respondWithinMinutes: 240 };
    expect(renderMessage('passed_to_person', 'hi', data, ZONE).text).toMatch(/^[^a-z]+R-1।$/);
    expect(renderMessage('passed_to_person', 'en', data, ZONE).text).toContain(team);
  });
});

describe('values', () => {
  const HOSTILE = ['{project}', '{{1}}', '{{template}}', '$&', '$1 $$', '{name}', '*_~`', '\u202Egnp.exe'];

  it.each(HOSTILE)('of a buyer stay as they are: %s', (name) => {
    const data = { name, project: 'Greenfield Heights', rera: 'UPRERAPRJ000000' };
    const { text, template } = renderMessage('brochure_caption', 'en', data, ZONE);
    expect(text).toBe(
      `Namaste ${name}! Thank you for asking about *Greenfield Heights*. Here is the brochure.\nRERA: UPRERAPRJ000000`,
    );
    expect(template.parameters).toEqual([name, 'Greenfield Heights', 'UPRERAPRJ000000']);
    expect(templateText(template.name, template.languageCode, template.parameters)).toBe(text);
  });

  it('are parameters of the template in the order in which they are declared', () => {
    const data = {
      rera: 'UPRERAPRJ000000',
      toPaise: 92_00_000_00,
      fromPaise: 78_00_000_00,
      homes: '2BHK',
      project: 'Greenfield Heights',
    };
    expect(renderMessage('price_range', 'en', data, ZONE).template.parameters).toEqual([
      'Greenfield Heights',
      '2BHK',
      '₹78 lakh',
      '₹92 lakh',
      'UPRERAPRJ000000',
    ]);
  });

  it.each([
    ['en', 'Namaste ji! Thank you'],
    ['hi', 'नमस्ते जी! *'],
    ['hinglish', 'Namaste ji! *'],
  ] as const)(
    'in %s address a buyer without a name politely, and no template parameter is empty',
    (language, words) => {
      for (const name of ['', '   ']) {
        const data = { name, project: 'Greenfield Heights', rera: 'UPRERAPRJ000000' };
        const { text, template } = renderMessage('brochure_caption', language, data, ZONE);
        expect(text.startsWith(words)).toBe(true);
        expect(template.parameters).not.toContain('');
      }
    },
  );
});

describe('quick replies', () => {
  const LONGEST = 20;
  const HALF_HOURS = Array.from({ length: 48 }, (_, index) => index / 2);
  const CHOICES = KEYS.filter((key) => key.startsWith('choice_') && key !== 'choice_value');

  it.each(LANGUAGES)('fit on a button in %s', (language) => {
    for (const key of CHOICES) {
      const longest = realisticValues(key)
        .map((data) => renderMessage(key, language, data, ZONE).text)
        .reduce((a, b) => (a.length >= b.length ? a : b));
      expect(`${key}: ${longest}`.length).toBeLessThanOrEqual(`${key}: `.length + LONGEST);
    }
  });

  it.each(LANGUAGES)('for homes fit on a button in %s', (language) => {
    for (const { name } of DEMO_PROJECT.configurations) {
      expect(renderMessage('choice_value', language, { value: name }, ZONE).text).toBe(name);
    }
  });

  it.each(LANGUAGES)('for times differ from each other in %s', (language) => {
    const fortnight = times(14, HALF_HOURS);
    const labels = fortnight.map((time) => renderMessage('choice_slot', language, { at: time }, ZONE).text);
    expect(new Set(labels).size).toBe(fortnight.length);
  });

  /** Every sum that a budget can name, and the longest times of every day of a year. */
  function realisticValues(key: string): Record<string, unknown>[] {
    const [name, type] = Object.entries(copyOf(key).variables)[0] ?? [];
    if (!name) return [{}];
    if (type === 'shortDateTime') return times(366, [10.5, 12.5, 22.5]).map((time) => ({ [name]: time }));
    const step = 5_00_000_00;
    return Array.from({ length: 400 }, (_, index) => ({ [name]: (index + 1) * step }));
  }

  function times(days: number, hours: number[]): Date[] {
    const midnight = at('00:00').getTime();
    return Array.from({ length: days }, (_, day) =>
      hours.map((hour) => new Date(midnight + (day * 24 + hour) * 3_600_000)),
    ).flat();
  }
});

describe('times', () => {
  const written = (time: Date, language: (typeof LANGUAGES)[number], zone = ZONE) =>
    renderMessage('visit_confirm_time', language, { at: time, project: 'X' }, zone).template.parameters[0];
  const short = (time: Date, language: (typeof LANGUAGES)[number]) =>
    renderMessage('choice_slot', language, { at: time }, ZONE).text;

  it.each([
    ['00:00', '12 am', 'रात 12 बजे'],
    ['00:05', '12:05 am', 'रात 12:05 बजे'],
    ['03:59', '3:59 am', 'रात 3:59 बजे'],
    ['04:00', '4 am', 'सुबह 4 बजे'],
    ['11:59', '11:59 am', 'सुबह 11:59 बजे'],
    ['12:00', '12 pm', 'दोपहर 12 बजे'],
    ['12:30', '12:30 pm', 'दोपहर 12:30 बजे'],
    ['15:45', '3:45 pm', 'दोपहर 3:45 बजे'],
    ['16:00', '4 pm', 'शाम 4 बजे'],
    ['19:30', '7:30 pm', 'शाम 7:30 बजे'],
    ['20:00', '8 pm', 'रात 8 बजे'],
    ['23:59', '11:59 pm', 'रात 11:59 बजे'],
  ])('of day at %s', (time, latin, hindi) => {
    expect(written(at(time), 'en')).toBe(`Saturday, 28 November, ${latin}`);
    expect(written(at(time), 'hinglish')).toBe(`Saturday, 28 November, ${latin}`);
    expect(written(at(time), 'hi')).toBe(`शनिवार, 28 नवंबर, ${hindi}`);
  });

  it('are short on a button', () => {
    expect(short(at('16:00'), 'en')).toBe('Sat 28 Nov, 4 pm');
    expect(short(at('16:30'), 'hinglish')).toBe('Sat 28 Nov, 4:30 pm');
    expect(short(at('10:30', '2026-09-10'), 'en')).toBe('Thu 10 Sep, 10:30 am');
    expect(short(at('16:00'), 'hi')).toBe('शनि 28/11 4 pm');
    expect(short(at('12:30', '2026-12-11'), 'hi')).toBe('शुक्र 11/12 12:30 pm');
  });

  it('are of the day in the zone of the project', () => {
    const lateInLondon = new Date('2026-11-27T19:00:00Z');
    expect(written(lateInLondon, 'en')).toBe('Saturday, 28 November, 12:30 am');
    expect(written(lateInLondon, 'en', 'Europe/London')).toBe('Friday, 27 November, 7 pm');
    expect(written(new Date('2026-12-31T18:30:00Z'), 'hi')).toBe('शुक्रवार, 1 जनवरी, रात 12 बजे');
  });
});

describe('durations', () => {
  it.each([
    [1, '1 minute', '1 मिनट', '1 minute'],
    [30, '30 minutes', '30 मिनट', '30 minute'],
    [59, '59 minutes', '59 मिनट', '59 minute'],
    [60, '1 hour', '1 घंटे', '1 ghante'],
    [90, '90 minutes', '90 मिनट', '90 minute'],
    [240, '4 hours', '4 घंटे', '4 ghante'],
    [1_440, '24 hours', '24 घंटे', '24 ghante'],
  ])('of %d minutes', (minutes, en, hi, hinglish) => {
    const data = { ticket: 'R-1', team: 'sales', respondWithinMinutes: minutes };
    const parameter = (language: (typeof LANGUAGES)[number]) =>
      renderMessage('human_request', language, data, ZONE).template.parameters[2];
    expect([parameter('en'), parameter('hi'), parameter('hinglish')]).toEqual([en, hi, hinglish]);
  });
});
