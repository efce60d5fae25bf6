import { describe, expect, it } from '@jest/globals';
import { COMMAND_HELP, parseCommand } from '../bot/commands.ts';
import type { RemindCommand } from '../models/campaign.ts';
import { commandWords } from '../models/campaignWords.ts';

const OVERDUE = { kind: 'remind', audience: { kind: 'overdue', moreThanDays: 7 }, filters: {} };

/** The message of a mistake; fails when the line is understood. */
function mistake(text: string, surface?: 'slack' | 'whatsapp'): string {
  const parsed = parseCommand(text, surface);
  if (!('error' in parsed)) throw new Error(`was understood as ${JSON.stringify(parsed)}`);
  return parsed.error;
}

describe('a command', () => {
  it.each<[string, object]>([
    [
      'remind overdue >7d project:greenfield tower:B template:payment_overdue',
      { ...OVERDUE, filters: { project: 'greenfield', tower: 'B', template: 'payment_overdue' } },
    ],
    [
      'remind overdue >7d project:greenfield tower:B template:payment_overdue at 10:00',
      {
        ...OVERDUE,
        filters: { project: 'greenfield', tower: 'B', template: 'payment_overdue' },
        at: '10:00',
      },
    ],
    ['  REMIND   Overdue  >7D  ', OVERDUE],
    ['remind overdue > 7 days', OVERDUE],
    ['remind overdue 1w', OVERDUE],
    ['remind overdue', { ...OVERDUE, audience: { kind: 'overdue', moreThanDays: 0 } }],
    [
      'remind overdue project:greenfield-heights',
      {
        ...OVERDUE,
        audience: { kind: 'overdue', moreThanDays: 0 },
        filters: { project: 'greenfield-heights' },
      },
    ],
    ['remind overdue at 9am >7d', { error: expect.stringContaining('“>7d”') }],
    ['remind due 5d', { kind: 'remind', audience: { kind: 'due', withinDays: 5 }, filters: {} }],
    [
      'remind due 2 weeks at 4:30 pm',
      { kind: 'remind', audience: { kind: 'due', withinDays: 14 }, filters: {}, at: '16:30' },
    ],
    ['remind kyc missing', { kind: 'remind', audience: { kind: 'kycMissing' }, filters: {} }],
    [
      'remind visits tomorrow at 9.05',
      { kind: 'remind', audience: { kind: 'visits', day: 'tomorrow' }, filters: {}, at: '09:05' },
    ],
    [
      'remind visits today tower:"Block 2" at 12am',
      {
        kind: 'remind',
        audience: { kind: 'visits', day: 'today' },
        filters: { tower: 'BLOCK 2' },
        at: '00:00',
      },
    ],
    [
      'remind kyc missing “tower:block 2”',
      { kind: 'remind', audience: { kind: 'kycMissing' }, filters: { tower: 'BLOCK 2' } },
    ],
    ['status Overdue-2026-11', { kind: 'campaign', act: 'status', campaign: 'overdue-2026-11' }],
    ['pause overdue_1', { kind: 'campaign', act: 'pause', campaign: 'overdue_1' }],
    ['resume 17', { kind: 'campaign', act: 'resume', campaign: '17' }],
    ['stop 17', { kind: 'campaign', act: 'stop', campaign: '17' }],
    ['case L-12', { kind: 'case', ticket: 'L-12' }],
    ['case l12', { kind: 'case', ticket: 'L-12' }],
    ['case L 0012', { kind: 'case', ticket: 'L-12' }],
    ['inbox mine', { kind: 'inbox', list: 'mine' }],
    ['inbox Unassigned', { kind: 'inbox', list: 'unassigned' }],
    ['inbox snoozed', { kind: 'inbox', list: 'snoozed' }],
    ['inbox', { kind: 'inbox', list: 'mine' }],
    ['buyer Asha', { kind: 'buyer', search: { kind: 'name', name: 'Asha' } }],
    ['buyer "Asha  Verma"', { kind: 'buyer', search: { kind: 'name', name: 'Asha Verma' } }],
    ['buyer Asha Verma', { kind: 'buyer', search: { kind: 'name', name: 'Asha Verma' } }],
    ['buyer आशा वर्मा', { kind: 'buyer', search: { kind: 'name', name: 'आशा वर्मा' } }],
    ["buyer O'Brien & Sons", { kind: 'buyer', search: { kind: 'name', name: "O'Brien & Sons" } }],
    ['buyer Buyer 001', { kind: 'buyer', search: { kind: 'name', name: 'Buyer 001' } }],
    ['buyer b-1204', { kind: 'buyer', search: { kind: 'unit', unit: 'B-1204' } }],
    ['buyer B 1204', { kind: 'buyer', search: { kind: 'unit', unit: 'B-1204' } }],
    ['buyer 1204', { kind: 'buyer', search: { kind: 'unit', unit: '1204' } }],
    ['bot pause Asha', { kind: 'bot', act: 'pause', search: { kind: 'name', name: 'Asha' } }],
    [
      'bot resume 99999 00001',
      { kind: 'bot', act: 'resume', search: { kind: 'phone', phone: '+919999900001' } },
    ],
    ['milestones', { kind: 'milestones' }],
    ['Milestones LEGAL', { kind: 'milestones', team: 'legal' }],
    [
      'lead 99999 00001 negotiation',
      { kind: 'lead', search: { kind: 'phone', phone: '+919999900001' }, stage: 'Negotiation' },
    ],
    [
      'Lead Asha Verma project:greenfield-heights LOST bought elsewhere, near Visit Road',
      {
        kind: 'lead',
        search: { kind: 'name', name: 'Asha Verma' },
        stage: 'Lost',
        project: 'greenfield-heights',
        reason: 'bought elsewhere, near Visit Road',
      },
    ],
    [
      'tag +91 99999 00001 +NRI -vip +call-later +nri',
      {
        kind: 'tag',
        search: { kind: 'phone', phone: '+919999900001' },
        add: ['nri', 'call-later'],
        remove: ['vip'],
      },
    ],
    ['tag आशा +प्रवासी', { kind: 'tag', search: { kind: 'name', name: 'आशा' }, add: ['प्रवासी'], remove: [] }],
    ['who T2/304', { kind: 'buyer', search: { kind: 'unit', unit: 'T2/304' } }],
    ['help', { kind: 'help' }],
    ['?', { kind: 'help' }],
    ['', { kind: 'help' }],
    [' \u00a0 ', { kind: 'help' }],
  ])('%j is read', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  it.each([
    '+919999900001',
    '+91 99999 00001',
    '+91-99999-00001',
    '919999900001',
    '0091 9999900001',
    '9999900001',
    '09999900001',
    '(0)99999.00001',
    '९९९९९ ००००१',
    '９９９９９００００１',
  ])('finds the same person under %s', (number) => {
    const search = { kind: 'phone', phone: '+919999900001' };
    expect(parseCommand(`buyer ${number}`)).toEqual({ kind: 'buyer', search });
    expect(parseCommand(`who "${number}"`)).toEqual({ kind: 'buyer', search });
  });

  it('leaves a number of another country as it is', () => {
    const search = { kind: 'phone', phone: '+6591234567' };
    expect(parseCommand('buyer +65 9123 4567')).toEqual({ kind: 'buyer', search });
  });
});

describe('a mistake', () => {
  it.each<[string, string[]]>([
    ['remnid overdue', ['“remnid”', 'Did you mean “remind”?']],
    ['inbx', ['Did you mean “inbox”?']],
    ['buyr Asha', ['Did you mean “buyer”?']],
    ['remind', ['missing at the end', 'overdue, due, kyc or visits']],
    ['remind overdu', ['“overdu”', 'Did you mean “overdue”?']],
    ['remind visit tomorrow', ['“visit”', 'Did you mean “visits”?']],
    ['remind visits tomorow', ['“tomorow”', 'Did you mean “tomorrow”?']],
    ['remind visits', ['missing at the end', 'today']],
    ['remind kyc', ['missing', '“missing” after “kyc”']],
    ['remind due', ['missing at the end', '5d']],
    ['remind due 0d', ['“0d”', 'from 1 to 365']],
    ['remind due 366d', ['“366d”']],
    ['remind due 53w', ['“53w”']],
    ['remind due 5', ['“5”', 'duration']],
    ['remind due 5h', ['“5h”', 'duration']],
    ['remind due -5d', ['“-5d”']],
    ['remind overdue >7d projct:greenfield', ['“projct:”', 'Did you mean “project:”?']],
    ['remind overdue >7d project:', ['“project:”', 'project:greenfield-heights']],
    ['remind overdue >7d project:green/field', ['project:green/field']],
    ['remind overdue >7d project:../../etc', ['project such as']],
    ['remind overdue >7d template:$where', ['template such as']],
    ['remind overdue >7d greenfield', ['“greenfield”', 'tower:']],
    ['remind overdue >7d tower:A tower:B', ['“tower:” is there twice']],
    ['remind overdue >7d at 10:00 at 11:00', ['two times']],
    ['remind overdue >7d at', ['missing', 'time of day']],
    ['remind overdue >7d at 25:00', ['“25:00”', 'time of day']],
    ['remind overdue >7d at 10:60', ['“10:60”']],
    ['remind overdue >7d at 13pm', ['“13pm”']],
    ['remind overdue >7d at 10', ['“10”']],
    ['remind overdue >7d att 10:00', ['“att”', 'Did you mean “at”?']],
    ['remind "overdue', ['quotation mark']],
    ['status', ['missing', 'name of a campaign']],
    ['pause my campaign', ['“campaign”', 'nothing more']],
    ['case', ['missing', 'L-12']],
    ['case twelve', ['“twelve”', 'L-12']],
    ['buyer', ['missing']],
    ['buyer x', ['“x”']],
    ['who Asha', ['“Asha”', 'unit']],
    ['inbox mien', ['“mien”', 'Did you mean “mine”?']],
    ['inbox mine please', ['“please”', 'nothing more']],
    ['bot', ['missing', 'pause']],
    ['milestones leagl', ['“leagl”', 'Did you mean “legal”?']],
    ['milestones legal now', ['“now”']],
    ['bot puase Asha', ['“puase”', 'Did you mean “pause”?']],
    ['bot pause', ['missing']],
    ['lead', ['missing', 'negotiation']],
    ['lead Asha negotiaton', ['Did you mean “negotiation”?']],
    ['lead Asha booked', ['“booked”', 'a stage']],
    ['lead Asha constructor', ['“constructor”', 'a stage']],
    ['lead Asha lost', ['say why']],
    ['lead Asha visit tomorrow', ['“tomorrow”', 'nothing more']],
    ['lead Asha project:Ä! lost far', ['project:greenfield-heights']],
    ['lead negotiation', ['missing']],
    ['tag Asha', ['missing', '+nri']],
    ['tag Asha nri', ['“nri”', '+nri']],
    ['tag +nri', ['missing', 'phone number']],
    ['tag Asha +nri -nri', ['“nri”', 'one of them']],
    ['help me', ['“me”']],
  ])('%j: names what is wrong and what was expected', (text, said) => {
    const error = mistake(text);
    for (const words of said) expect(error).toContain(words);
  });

  it('offers nothing when nothing is near', () => {
    expect(mistake('xylophone')).toBe('I do not know “xylophone”.');
    expect(mistake('a')).not.toContain('Did you mean');
  });

  it('never repeats a number of anybody in full', () => {
    for (const text of [
      '9999900001',
      '+919999900001',
      'case 9999900001',
      'inbox 99999 00001',
      'bot 9999900001',
      'lead 9999900001 9999900001',
      'tag 9999900001 9999900001',
      'remind due 9999900001',
      'pause x 9999900001',
      'buyer 99999000019999900001',
    ]) {
      // What follows the colon is an example of ours.
      const [named = ''] = mistake(text).split(': expected');
      expect(named.replace(/\D/g, '')).not.toContain('99999');
    }
  });

  it.each<[string, string]>([
    ['a novel', 'lorem ipsum '.repeat(10_000)],
    ['one endless word', 'x'.repeat(499)],
    ['endless quotes', '"'.repeat(400)],
    ['nothing but spaces in quotes', `buyer "${' '.repeat(400)}"`],
    ['control characters', '\u0000\u0001\u202e\u200b'],
    ['an operator of the database', 'buyer {"$gt":""}'],
    ['emoji', '😀'.repeat(100)],
    ['half an emoji', '\ud83d'],
    ['markup', 'buyer <!channel>'],
    ['a prototype', '__proto__ constructor'],
    ['a filter that is a prototype', 'remind due 5d __proto__:x'],
    ['digits without end', `buyer ${'9'.repeat(490)}`],
  ])('is told, or taken for a name, in no time: %s', (_what, text) => {
    const begun = performance.now();
    const parsed = parseCommand(text);
    expect(performance.now() - begun).toBeLessThan(100);
    if ('error' in parsed) expect(parsed.error.length).toBeLessThan(300);
    else expect(['buyer', 'help']).toContain(parsed.kind);
  });
});

describe('on WhatsApp', () => {
  it('knows what both sides know, and nothing of Slack', () => {
    expect(parseCommand('remind kyc missing', 'whatsapp')).toEqual(
      parseCommand('remind kyc missing', 'slack'),
    );
    expect(parseCommand('who 1204', 'whatsapp')).toMatchObject({ kind: 'buyer' });
    for (const text of ['case L-12', 'inbox mine', 'bot pause Asha', 'buyer Asha']) {
      expect(mistake(text, 'whatsapp')).toContain('I do not know');
    }
    expect(COMMAND_HELP.whatsapp.join()).not.toContain('inbox');
  });
});

describe('a campaign', () => {
  it.each<[string, string]>([
    [
      'remind overdue >1d project:greenfield tower:b template:payment_overdue at 10:00',
      'buyers whose payment is overdue by more than 1 day, project greenfield, tower B, at 10:00',
    ],
    ['remind due 5d', 'buyers whose payment is due within 5 days'],
    ['remind kyc missing', 'buyers whose KYC papers are missing'],
    ['remind visits tomorrow', 'buyers with a visit tomorrow'],
    ['remind overdue', 'buyers with an overdue payment'],
  ])('%j is said in words', (text, words) => {
    expect(commandWords(parseCommand(text) as RemindCommand)).toBe(words);
  });
});

describe('a command about what is sold', () => {
  const certificate = { by: 'Anand Rao, architect', date: '2026-11-20' };

  it.each<[string, object]>([
    ['demand b-1203 booking', { whose: { unit: 'B-1203' }, milestone: 'booking' }],
    [
      'demand B-1203 slab_2 certificate:"Anand Rao, architect",2026-11-20',
      { whose: { unit: 'B-1203' }, milestone: 'slab_2', certificate },
    ],
    [
      'demand tower:"Block 2" plinth project:greenfield certificate:“Anand Rao, architect”,2026-11-20 confirm',
      {
        whose: { tower: 'BLOCK 2' },
        milestone: 'plinth',
        project: 'greenfield',
        certificate,
        isConfirmed: true,
      },
    ],
  ])('%s', (text, meant) => {
    expect(parseCommand(text)).toEqual({ kind: 'sale', act: 'demand', ...meant });
  });

  it('registers agreements, lists dues and begins bookings', () => {
    const agreement = { kind: 'sale', act: 'agreement', unit: 'B-1203', date: '2026-11-20' };
    expect(parseCommand('agreement b-1203 2026-11-20')).toEqual(agreement);
    expect(parseCommand('agreement b-1203 2026-11-20 project:x')).toEqual({ ...agreement, project: 'x' });
    expect(parseCommand('dues')).toEqual({ kind: 'sale', act: 'dues' });
    expect(parseCommand('dues greenfield-heights')).toMatchObject({ project: 'greenfield-heights' });
    const phone = { kind: 'phone', phone: '+919999900001' };
    expect(parseCommand('book 99999 00001')).toEqual({ kind: 'book', search: phone });
  });

  it.each([
    ['demand', 'a unit such as B-1203'],
    ['demand everybody booking', 'a unit such as B-1203, or tower:B'],
    ['demand B-1203', 'a milestone of its plan'],
    ['demand B-1203 <!channel>', 'a milestone of its plan'],
    ['demand B-1203 slab_2 certificate:soon', 'who certified it'],
    ['demand B-1203 slab_2 certificate:"Anand Rao",2026-02-30', 'who certified it'],
    ['demand B-1203 slab_2 at once', 'certificate:, project: or confirm'],
    ['demand B-1203 slab_2 cnfirm', 'Did you mean “confirm”'],
    ['agreement B-1203', 'the day of registration'],
    ['agreement B-1203 tomorrow', 'the day of registration'],
    ['agreement B-1203 2026-11-20 please', 'project:greenfield-heights'],
    ['dues !', 'a project such as'],
  ])('says what is wrong with %s', (text, words) => {
    expect(mistake(text)).toContain(words);
  });

  it('is for Slack, where it can be seen who may', () => {
    for (const text of ['demand B-1203 booking', 'agreement B-1203 2026-11-20', 'dues', 'book Asha'])
      expect(mistake(text, 'whatsapp')).toContain('I do not know');
  });
});
