import { afterEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import type { LimitsConfig } from '../bot/config.ts';
import { Limits, type Permit, type Wish } from '../bot/limits.ts';
import { type Letter, Sends } from '../models/send.ts';
import { databaseUri } from './world.ts';

const NOW = new Date('2026-11-23T04:30:00Z');
const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);
const HOUR = 3_600;
const DAY = 24 * HOUR;

const CLOUD = { id: 'cloud-1', kind: 'cloud' } as const;
const WEB = { id: 'web', kind: 'web' } as const;
const REPLY: Wish = { cold: false, isReminder: false };
const REMINDER: Wish = { cold: false, isReminder: true };
const COLD: Wish = { cold: true, isReminder: false };

const CONFIG: LimitsConfig = {
  coldPerDay: 2,
  coldPauseHours: 24,
  cloudPerSecond: 10,
  cloudBuyerBurst: 3,
  cloudBuyerSeconds: 6,
};

const connections: mongoose.Connection[] = [];
afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close();
});

/** Limits on a ledger of their own; `restart` makes them again on the same ledger, as the next process does. */
async function open(config: Partial<LimitsConfig> = {}) {
  const connection = await mongoose.createConnection(databaseUri()).asPromise();
  connections.push(connection);
  const sends = new Sends(connection, 'here');
  const spam: string[] = [];
  const parts = {
    sends,
    config: { ...CONFIG, ...config },
    onSpam: (id: string) => spam.push(id),
    random: () => 0,
  };
  return { limits: new Limits(parts), restart: () => new Limits(parts), sends, spam };
}

function letter(channel: string, conversation: string, more: Partial<Letter> = {}): Letter {
  return {
    conversation,
    buyer: conversation,
    channel,
    to: 'pn:+919999900001',
    effect: { kind: 'sendTemplate', template: 'courtesy', data: {}, category: 'reply' },
    as: 'free',
    language: 'en',
    ...more,
  };
}

const isOk = (permit: Permit) => 'ok' in permit;
const waitOf = (permit: Permit) => ('waitUntil' in permit ? permit.waitUntil : undefined);

describe('the number of the Cloud API', () => {
  it('sends one second’s worth at once and then evenly', async () => {
    const { limits } = await open();
    for (let n = 0; n < 10; n += 1)
      expect(await limits.take(CLOUD, `b${n}`, REPLY, NOW)).toEqual({ ok: true });
    expect(waitOf(await limits.take(CLOUD, 'b10', REPLY, NOW))).toEqual(at(0.1));
    expect(isOk(await limits.take(CLOUD, 'b10', REPLY, at(0.1)))).toBe(true);
    expect(waitOf(await limits.take(CLOUD, 'b11', REPLY, at(0.1)))).toEqual(at(0.2));
  });

  it('writes to one buyer a burst, and then one message every few seconds; others do not wait', async () => {
    const { limits } = await open();
    for (let n = 0; n < 3; n += 1) expect(isOk(await limits.take(CLOUD, 'asha', REPLY, NOW))).toBe(true);
    expect(waitOf(await limits.take(CLOUD, 'asha', REPLY, NOW))).toEqual(at(6));
    expect(isOk(await limits.take(CLOUD, 'rohan', REPLY, NOW))).toBe(true);
    expect(isOk(await limits.take(CLOUD, 'asha', REPLY, at(6)))).toBe(true);
    expect(waitOf(await limits.take(CLOUD, 'asha', REPLY, at(6)))).toEqual(at(12));
  });

  it('goes on counting after a restart, from the ledger', async () => {
    const { restart, sends } = await open();
    for (let n = 0; n < 10; n += 1)
      await sends.claim(`o${n}`, letter(CLOUD.id, n < 3 ? 'asha' : `b${n}`), NOW);
    await sends.claim('other', letter('cloud-2', 'asha'), NOW);
    const limits = restart();
    expect(waitOf(await limits.take(CLOUD, 'b9', REPLY, NOW))).toEqual(at(0.1));
    expect(waitOf(await limits.take(CLOUD, 'asha', REPLY, at(1)))).toEqual(at(6));
    expect(isOk(await limits.take(CLOUD, 'asha', REPLY, at(6)))).toBe(true);
  });

  it('takes back what was not sent after all', async () => {
    const { limits } = await open({ cloudBuyerBurst: 1 });
    await limits.take(CLOUD, 'asha', REPLY, NOW);
    await limits.giveBack(CLOUD, 'asha', REPLY, NOW);
    expect(isOk(await limits.take(CLOUD, 'asha', REPLY, NOW))).toBe(true);
    expect(isOk(await limits.take(CLOUD, 'asha', REPLY, NOW))).toBe(false);
  });
});

describe('told to slow down', () => {
  it.each(['130429', '80007', '4', 'http_429'])(
    'by %s, the whole number waits, longer each time',
    async (code) => {
      const { limits } = await open();
      let now = NOW;
      for (const seconds of [1, 2, 4, 8]) {
        for (const buyer of ['asha', 'rohan']) await limits.refused(CLOUD, buyer, { code }, now);
        const until = new Date(now.getTime() + seconds * 1_000);
        expect(waitOf(await limits.take(CLOUD, 'meera', REPLY, now))).toEqual(until);
        now = until;
      }
      await limits.accepted(CLOUD, 'meera', now);
      await limits.refused(CLOUD, 'asha', { code }, now);
      expect(waitOf(await limits.take(CLOUD, 'meera', REPLY, now))).toEqual(new Date(now.getTime() + 1_000));
    },
  );

  it('waits at least as long as asked, never longer than five minutes and half of that', async () => {
    const { sends } = await open();
    const parts = { sends, config: CONFIG, onSpam: () => undefined, random: () => 0.999 };
    const limits = new Limits(parts);
    await limits.refused(CLOUD, 'asha', { code: '130429', retryAfterMs: 30_000 }, NOW);
    const first = waitOf(await limits.take(CLOUD, 'asha', REPLY, NOW))?.getTime() ?? 0;
    expect(first - NOW.getTime()).toBeGreaterThanOrEqual(30_000);
    expect(first - NOW.getTime()).toBeLessThan(45_000);
    await limits.refused(CLOUD, 'asha', { code: '4', retryAfterMs: DAY * 1_000 }, new Date(first));
    const second = waitOf(await limits.take(CLOUD, 'asha', REPLY, NOW))?.getTime() ?? 0;
    expect(second - first).toBeLessThan(450_000);
  });

  it('about one buyer, only that buyer waits 4^n s, up to 4^6', async () => {
    const { limits } = await open();
    let now = NOW;
    for (const seconds of [4, 16, 64, 256, 1_024, 4_096, 4_096]) {
      await limits.refused(CLOUD, 'asha', { code: '131056' }, now);
      const until = new Date(now.getTime() + seconds * 1_000);
      expect(waitOf(await limits.take(CLOUD, 'asha', REPLY, now))).toEqual(until);
      expect(isOk(await limits.take(CLOUD, 'rohan', REPLY, now))).toBe(true);
      now = until;
    }
    await limits.accepted(CLOUD, 'asha', now);
    await limits.refused(CLOUD, 'asha', { code: '131056' }, now);
    expect(waitOf(await limits.take(CLOUD, 'asha', REPLY, now))).toEqual(new Date(now.getTime() + 4_000));
  });
});

describe('after spam reports', () => {
  it('reminders pause for an hour, also after a restart, and answers go', async () => {
    const { limits, restart, sends, spam } = await open();
    await sends.claim('o1', letter(CLOUD.id, 'asha'), NOW);
    await sends.putBack('o1', 'rate 131048', '131048');
    for (const buyer of ['asha', 'rohan']) await limits.refused(CLOUD, buyer, { code: '131048' }, NOW);
    expect(spam).toEqual(['cloud-1']);
    for (const each of [limits, restart()]) {
      expect(waitOf(await each.take(CLOUD, 'meera', REMINDER, at(1)))).toEqual(at(HOUR));
      expect(isOk(await each.take(CLOUD, 'meera', REPLY, at(1)))).toBe(true);
      expect(isOk(await each.take(CLOUD, 'meera', REMINDER, at(HOUR)))).toBe(true);
    }
  });
});

describe('the paired phone', () => {
  it('begins so many conversations in any 24 hours; more in one of them is no other', async () => {
    const { limits } = await open();
    expect(isOk(await limits.take(WEB, 'asha', COLD, NOW))).toBe(true);
    expect(isOk(await limits.take(WEB, 'rohan', COLD, at(60)))).toBe(true);
    expect(isOk(await limits.take(WEB, 'asha', COLD, at(120)))).toBe(true);
    expect(waitOf(await limits.take(WEB, 'meera', COLD, at(120)))).toEqual(at(DAY));
    expect(isOk(await limits.take(WEB, 'meera', REPLY, at(120)))).toBe(true);
    expect(isOk(await limits.take(WEB, 'meera', COLD, at(DAY)))).toBe(true);
    expect(waitOf(await limits.take(WEB, 'dev', COLD, at(DAY)))).toEqual(at(DAY + 60));
  });

  it('counts on after a restart, from the ledger', async () => {
    const { restart, sends } = await open();
    await sends.claim('o1', letter('web', 'asha', { cold: true }), NOW);
    await sends.claim('o2', letter('web', 'rohan', { cold: true }), at(60));
    await sends.claim('o3', letter('web', 'dev'), at(60));
    const limits = restart();
    expect(waitOf(await limits.take(WEB, 'meera', COLD, at(61)))).toEqual(at(DAY));
    expect(isOk(await limits.take(WEB, 'asha', COLD, at(61)))).toBe(true);
  });

  it('begins one at a time: the next one waits until the first was taken or refused', async () => {
    const { limits } = await open();
    await limits.take(WEB, 'asha', COLD, NOW);
    expect(waitOf(await limits.take(WEB, 'rohan', COLD, NOW))).toEqual(at(15));
    await limits.accepted(WEB, 'asha', NOW);
    expect(isOk(await limits.take(WEB, 'rohan', COLD, NOW))).toBe(true);
  });

  it('gives back only a conversation that this message would have begun', async () => {
    const { limits } = await open({ coldPerDay: 1 });
    await limits.take(WEB, 'asha', COLD, NOW);
    await limits.take(WEB, 'asha', COLD, at(1));
    await limits.giveBack(WEB, 'asha', COLD, at(1));
    expect(isOk(await limits.take(WEB, 'rohan', COLD, at(2)))).toBe(false);
    await limits.giveBack(WEB, 'asha', COLD, NOW);
    expect(isOk(await limits.take(WEB, 'rohan', COLD, at(2)))).toBe(true);
  });

  it('begins none at all when none is allowed', async () => {
    const { limits } = await open({ coldPerDay: 0 });
    expect(isOk(await limits.take(WEB, 'asha', COLD, NOW))).toBe(false);
  });

  it('pauses after a refused first message, also after a restart, and goes on answering', async () => {
    const { limits, restart, sends } = await open({ coldPauseHours: 48, coldPerDay: 5 });
    await limits.refused(WEB, 'dev', { code: '463' }, NOW);
    expect(isOk(await limits.take(WEB, 'dev', COLD, NOW))).toBe(true);
    await sends.claim('o1', letter('web', 'asha', { cold: true }), NOW);
    await sends.failed('o1', 'recipient 463', '463');
    await limits.refused(WEB, 'asha', { code: '463', cold: true }, NOW);
    for (const each of [limits, restart()]) {
      expect(waitOf(await each.take(WEB, 'rohan', COLD, at(60)))).toEqual(at(2 * DAY));
      expect(isOk(await each.take(WEB, 'rohan', REPLY, at(60)))).toBe(true);
    }
    expect(isOk(await limits.take(WEB, 'rohan', COLD, at(2 * DAY)))).toBe(true);
  });
});
