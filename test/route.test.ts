import { describe, expect, it } from '@jest/globals';
import { type Line, type RouteQuestion, routeOf } from '../bot/route.ts';
import { newConversation } from '../flows/decide.ts';
import type { SendEffect } from '../models/send.ts';

const NOW = new Date('2026-11-23T04:30:00Z');
const FAILOVER_MS = 120_000;
const LID = 'lid:99110';
const PHONE = 'pn:+919999900001';
const BSUID = 'bsuid:IN.134';

const REPLY: SendEffect = { kind: 'sendTemplate', template: 'courtesy', data: {}, category: 'reply' };
const WORDS: SendEffect = { kind: 'sendText', text: 'Hi', staff: { id: 'U1', name: 'Riya' }, caseId: 'c1' };

const ago = (ms: number) => new Date(NOW.getTime() - ms);
const HOUR_MS = 3_600_000;

function line(id: 'web' | 'cloud', more: Partial<Line> = {}): Line {
  const isCloud = id === 'cloud';
  const caps = {
    templates: isCloud,
    window24h: isCloud,
    backfill: !isCloud,
    maxChoices: 10,
    maxDocumentBytes: 1,
  };
  return { id, caps, health: 'ready', since: ago(HOUR_MS), ...more };
}

function away(id: 'web' | 'cloud', forMs: number): Line {
  return line(id, { health: 'degraded', since: ago(forMs) });
}

/** Asked about an answer to a buyer who wrote on the paired phone an hour ago, unless told otherwise. */
function route(more: {
  lines: Line[];
  wroteOn?: 'web' | 'cloud';
  wroteAgoMs?: number | undefined;
  effect?: SendEffect;
  handles?: string[];
}) {
  const { lines, wroteOn = 'web', wroteAgoMs = HOUR_MS, effect = REPLY, handles = [LID, PHONE] } = more;
  const conversation: RouteQuestion['conversation'] = {
    channel: wroteOn,
    replyTo: handles[0] ?? '',
    state: { ...newConversation(), lastInboundAt: ago(wroteAgoMs) },
  };
  return routeOf({ conversation, effect, handles, lines, failoverMs: FAILOVER_MS, now: NOW });
}

const toLid = { kind: 'lid', value: '99110' };
const toPhone = { kind: 'pn', value: '+919999900001' };
const DAY_MS = 24 * HOUR_MS;

describe('while the window is open', () => {
  it('free words go by the transport that the buyer wrote to, to the handle that wrote', () => {
    const lines = [line('web'), line('cloud')];
    expect(route({ lines })).toEqual({ via: 'web', to: toLid, as: 'free', cold: false });
    expect(route({ lines, wroteOn: 'cloud', handles: [PHONE] })).toEqual({
      via: 'cloud',
      to: toPhone,
      as: 'free',
      cold: false,
    });
  });

  it('a transport that is away for a short time is waited for, no longer than until the other takes over', () => {
    const lines = (forMs: number) => [away('web', forMs), line('cloud')];
    expect(route({ lines: lines(0) })).toEqual({ hold: new Date(NOW.getTime() + 1_000) });
    expect(route({ lines: lines(20_000) })).toEqual({ hold: new Date(NOW.getTime() + 10_000) });
    expect(route({ lines: lines(119_000) })).toEqual({ hold: new Date(NOW.getTime() + 1_000) });
  });

  it('the approved template goes by the Cloud API when the paired phone stays away', () => {
    const way = { via: 'cloud', as: 'template', cold: true };
    const lines = [away('web', FAILOVER_MS), line('cloud')];
    expect(route({ lines })).toEqual({ ...way, to: toPhone });
    expect(route({ lines, handles: [LID, BSUID] })).toEqual({
      ...way,
      to: { kind: 'bsuid', value: 'IN.134' },
    });
    expect(route({ lines, effect: WORDS })).toEqual({ ...way, to: toPhone });
  });

  it('with nothing possible it is held, and people are told which transport holds it', () => {
    const held = { hold: new Date(NOW.getTime() + 60_000), alert: { channel: 'web', reason: 'degraded' } };
    expect(route({ lines: [away('web', HOUR_MS)] })).toEqual(held);
    expect(route({ lines: [away('web', HOUR_MS), away('cloud', HOUR_MS)] })).toEqual(held);
    expect(route({ lines: [away('web', HOUR_MS), line('cloud')], handles: [LID] })).toEqual(held);
  });

  it('nothing goes from the Cloud API over to the paired phone, which would write to a stranger', () => {
    const lines = [line('web'), away('cloud', HOUR_MS)];
    expect(route({ lines, wroteOn: 'cloud', handles: [PHONE] })).toMatchObject({
      alert: { channel: 'cloud' },
    });
  });

  it('a transport that is not configured any more is replaced by the template, or held', () => {
    const lines = [line('cloud')];
    expect(route({ lines })).toMatchObject({ via: 'cloud', as: 'template' });
    expect(route({ lines, handles: [LID] })).toMatchObject({
      alert: { channel: 'web', reason: 'not configured' },
    });
  });
});

describe('after the window has closed', () => {
  const wroteAgoMs = DAY_MS;

  it('the Cloud API sends the template to the handle that wrote', () => {
    const own = { lines: [line('cloud')], wroteOn: 'cloud' as const, wroteAgoMs, handles: [BSUID] };
    const way = { via: 'cloud', to: { kind: 'bsuid', value: 'IN.134' }, as: 'template', cold: true };
    expect(route(own)).toEqual(way);
    expect(route({ ...own, effect: WORDS })).toEqual(way);
    expect(route({ ...own, wroteAgoMs: DAY_MS - 1 })).toMatchObject({ as: 'free', cold: false });
  });

  it('the paired phone alone sends free words, as a conversation that we begin', () => {
    const way = { via: 'web', to: toLid, as: 'free', cold: true };
    expect(route({ lines: [line('web')], wroteAgoMs })).toEqual(way);
  });

  it('with both the template goes by the Cloud API', () => {
    const lines = [line('web'), line('cloud')];
    expect(route({ lines, wroteAgoMs })).toEqual({ via: 'cloud', to: toPhone, as: 'template', cold: true });
  });

  it('the paired phone says what no template can: a person’s words, or anything to who has no number', () => {
    const lines = [line('web'), line('cloud')];
    const way = { via: 'web', to: toLid, as: 'free', cold: true };
    expect(route({ lines, wroteAgoMs, effect: WORDS })).toEqual(way);
    expect(route({ lines, wroteAgoMs, handles: [LID] })).toEqual(way);
  });

  it('a Cloud API that is away is waited for, and people are told when that takes long', () => {
    const lines = (forMs: number) => [line('web'), away('cloud', forMs)];
    expect(route({ lines: lines(30_000), wroteAgoMs })).toEqual({ hold: new Date(NOW.getTime() + 15_000) });
    expect(route({ lines: lines(FAILOVER_MS), wroteAgoMs })).toMatchObject({ alert: { channel: 'cloud' } });
  });
});
