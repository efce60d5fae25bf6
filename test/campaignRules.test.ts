import { describe, expect, it } from '@jest/globals';
import { isRepetition, reasonAgainst } from '../bot/campaigns/checks.ts';
import { endOf, type Pace, type Plan, paceOf, riskOf } from '../bot/campaigns/pace.ts';
import { missingVariables } from '../bot/campaigns/templates.ts';
import { readConfig } from '../bot/config.ts';
import { newConversation } from '../flows/decide.ts';
import { endOfQuiet, hoursOf } from '../flows/quietHours.ts';
import { type ConversationState, PURPOSES, type Purpose } from '../flows/types.ts';

/** The rules of campaigns without a database: hours, pace, and who is left alone. */

const ZONE = 'Asia/Kolkata';
const at = (time: string, day = '2026-11-23') => new Date(`${day}T${time}:00+05:30`);
const NOW = at('10:00');

describe('the hours', () => {
  it.each([
    ['dunning', '07:59', '08:00', '2026-11-23'],
    ['dunning', '19:00', '08:00', '2026-11-24'],
    ['promotion', '09:59', '10:00', '2026-11-23'],
    ['promotion', '21:00', '10:00', '2026-11-24'],
    ['service', '23:59', '08:00', '2026-11-24'],
  ] as const)('of %s are over at %s', (purpose, time, until, day) => {
    expect(endOfQuiet(purpose, at(time), ZONE)).toEqual(at(until, day));
  });

  it.each([
    ['dunning', '08:00'],
    ['dunning', '18:59'],
    ['promotion', '20:59'],
    ['service', '20:59'],
  ] as const)('of %s have not ended at %s', (purpose, time) => {
    expect(endOfQuiet(purpose, at(time), ZONE)).toBeUndefined();
  });

  it('name their source, and hold over the end of a month, a leap day and before their first day', () => {
    for (const purpose of PURPOSES) expect(hoursOf(purpose, NOW, ZONE).source).not.toBe('');
    expect(endOfQuiet('dunning', at('20:00', '2026-11-30'), ZONE)).toEqual(at('08:00', '2026-12-01'));
    expect(endOfQuiet('dunning', at('20:00', '2028-02-28'), ZONE)).toEqual(at('08:00', '2028-02-29'));
    expect(hoursOf('dunning', at('10:00', '2001-01-01'), ZONE).toHour).toBe(19);
  });
});

describe('the variables of a template', () => {
  it('that an audience does not fill, or fills with something else, are named', () => {
    const gives = { project: 'text', unit: 'text', dueOn: 'dateTime' } as const;
    expect(missingVariables('payment_overdue', { gives })).toEqual(['amountPaise', 'dueOn']);
    expect(missingVariables('visit_reminder', { gives: {} })).toContain('at');
  });
});

describe('the end of a campaign', () => {
  const plan: Plan = { count: 600, cold: 0, purpose: 'dunning', startsAt: NOW, timeZone: ZONE };
  const fast: Pace = { perSecond: 1, inFlight: 10 };

  it('follows from the pace', () => {
    expect(endOf(plan, fast)).toEqual(at('10:10'));
    expect(endOf({ ...plan, count: 0 }, fast)).toEqual(NOW);
  });

  it('leaves out the night', () => {
    expect(endOf({ ...plan, startsAt: at('18:55') }, fast)).toEqual(at('08:05', '2026-11-24'));
    expect(endOf({ ...plan, startsAt: at('03:00') }, fast)).toEqual(at('08:10'));
  });

  it('counts the days that a cap on new conversations takes, and never runs for ever', () => {
    const phone: Pace = { perSecond: 1, inFlight: 5, coldPerDay: 20 };
    expect(endOf({ ...plan, count: 50, cold: 50 }, phone)).toEqual(
      new Date(at('08:00', '2026-11-25').getTime() + 10_000),
    );
    const stuck = endOf({ ...plan, count: 5, cold: 5 }, { ...phone, coldPerDay: 0 });
    expect(Number.isFinite(stuck.getTime())).toBe(true);
  });

  it('is judged by the transport', () => {
    const config = readConfig({ WHATSAPP_CLOUD_PER_SECOND: '5' });
    expect(paceOf('cloud', config).perSecond).toBe(5);
    expect(paceOf('web', config)).toMatchObject({ perSecond: 0.5, coldPerDay: 20 });
    const pace = paceOf('web', config);
    expect(riskOf('web', { count: 400, cold: 0 }, pace).risk).toBe('high');
    expect(riskOf('web', { count: 9, cold: 9 }, pace).risk).toBe('medium');
    expect(riskOf('web', { count: 9, cold: 0 }, pace).risk).toBe('low');
    expect(riskOf('cloud', { count: 9_000, cold: 9_000 }, paceOf('cloud', config)).risk).toBe('medium');
  });
});

describe('who is left alone', () => {
  const open = (acknowledged: string[], more: object = {}): ConversationState => ({
    ...newConversation(),
    cases: [
      {
        id: 'c1',
        team: 'collections',
        openedAt: NOW,
        pausesReminders: true,
        acknowledged,
        acknowledgedAt: NOW,
        ...more,
      },
    ],
  });
  const ask = (state: ConversationState, facts = {}, purpose: Purpose = 'dunning') =>
    reasonAgainst({
      state,
      facts: { hasConsent: true, ...facts },
      purpose,
      wasReminded: false,
      timeZone: ZONE,
      now: NOW,
    });

  it.each([
    ['payment_claim', 'said_paid'],
    ['payment_request', 'dispute'],
    ['bereavement', 'bereavement'],
    ['legal_concern', 'legal'],
    ['complaint', 'complaint'],
    ['wrong_number', 'wrong_number'],
    ['data_erasure', 'erasure'],
    ['refund_of_a_later_day', 'open_case'],
  ])('is who was told %s', (told, reason) => {
    expect(ask(open([told]))).toBe(reason);
  });

  it('is whose matter is with legal, and not whose papers are there as a matter of course', () => {
    const routine = { team: 'legal', pausesReminders: false } as const;
    const handedOver = [{ channel: 'C1', ts: '1', to: 'legal' as const, by: { id: 'U1', name: 'Riya' } }];
    expect(ask(open([], routine))).toBeUndefined();
    expect(ask(open(['passed_to_person'], routine))).toBe('legal');
    expect(ask(open([], { ...routine, left: handedOver }))).toBe('legal');
  });

  it('is judged by the gravest of several matters', () => {
    expect(ask(open(['complaint', 'payment_claim', 'bereavement']), { isPaid: true })).toBe('bereavement');
  });

  it('is not who asked about money when a visit is to be remembered', () => {
    expect(ask(open(['payment_request'], { pausesReminders: false }), {}, 'service')).toBeUndefined();
    expect(ask(open(['payment_request'], { pausesReminders: false }))).toBe('dispute');
  });

  it('is who promised until the promise is over, who paid, and who never agreed', () => {
    const promised = (date: string, purpose: Purpose = 'dunning') =>
      ask({ ...newConversation(), promise: { date, saidAt: NOW } }, {}, purpose);
    expect(promised('2026-11-24')).toBe('promised');
    expect(promised('2026-11-23')).toBe('promised');
    expect(promised('2026-11-22')).toBeUndefined();
    expect(promised('2026-11-24', 'service')).toBeUndefined();
    expect(ask(newConversation(), { isPaid: true, saidPaid: true })).toBe('paid');
    expect(ask(newConversation(), { hasConsent: false })).toBe('no_consent');
  });

  it('is, of an offer, whoever has not agreed to offers, customer or not', () => {
    const service = { service: { at: NOW, source: 'inbound_message' as const } };
    const written = { ...newConversation(), lastInboundAt: NOW, consent: service };
    const agreed = { ...written, consent: { ...service, promotion: { at: NOW, source: 'chat' as const } } };
    expect(ask(written, {}, 'service')).toBeUndefined();
    expect(ask(written, {}, 'promotion')).toBe('no_promotion_consent');
    expect(ask(agreed, {}, 'promotion')).toBeUndefined();
    expect(ask({ ...agreed, promotionsOffAt: NOW }, {}, 'promotion')).toBe('no_offers');
    expect(ask({ ...agreed, promotionsOffAt: NOW }, {}, 'service')).toBeUndefined();
    expect(ask({ ...agreed, optedOutAt: NOW }, {}, 'service')).toBe('opted_out');
  });

  it('is who was reminded of the same, not of another unit', () => {
    const sent = (campaign: object | undefined, data = {}) => [
      { _id: 's1', conversation: 'c', effect: { data, ...(campaign && { campaign: campaign as never }) } },
    ];
    const matter = { about: 'demand-1', data: { unit: 'B-1' } };
    expect(isRepetition(sent({ about: 'demand-1' }), matter)).toBe(true);
    expect(isRepetition(sent({ about: 'demand-2' }), matter)).toBe(false);
    expect(isRepetition(sent(undefined, { unit: 'B-1' }), matter)).toBe(true);
    expect(isRepetition(sent(undefined, { unit: 'B-1', amountPaise: 1 }), matter)).toBe(true);
    expect(isRepetition(sent(undefined, { unit: 'B-2' }), matter)).toBe(false);
    expect(isRepetition(sent({ about: 'demand-1' }), { ...matter, own: 's1' })).toBe(false);
  });
});
