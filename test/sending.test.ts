import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { Answers } from '../bot/answers.ts';
import { ChannelError, type ChannelErrorClass, type Health } from '../bot/channels/channel.ts';
import type { SandboxChannel } from '../bot/channels/sandbox/sandboxChannel.ts';
import { readConfig } from '../bot/config.ts';
import { Lines } from '../bot/lines.ts';
import type { Case } from '../models/case.ts';
import type { Send } from '../models/send.ts';
import { World } from './world.ts';

const ASHA = '+919999900001';
const ROHAN = '+919999900002';
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const RIYA = { id: 'U1', name: 'Riya' };

const worlds: World[] = [];
async function open(options: Parameters<typeof World.open>[0] = {}): Promise<World> {
  const world = await World.open(options);
  worlds.push(world);
  return world;
}
afterEach(async () => {
  jest.restoreAllMocks();
  for (const world of worlds.splice(0)) await world.close();
});

/** A buyer writes on one of our numbers, which takes the message in although it cannot send. */
let written = 0;
async function arrives(world: World, line: SandboxChannel, text: string, number = ASHA): Promise<void> {
  written += 1;
  const from = { kind: 'pn' as const, value: number };
  const content = { kind: 'text' as const, text };
  const message = { key: `in-${written}`, from, alsoKnownAs: [], at: world.now, content, raw: null };
  await world.context.receiver.receive(line.id, [message]);
  await world.rest();
}

async function passInSteps(world: World, ms: number, stepMs: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) await world.pass(stepMs);
}

async function sendsOf(world: World): Promise<Send[]> {
  return world.context.models.sends.model.find().sort({ startedAt: 1, _id: 1 }).lean<Send[]>();
}

async function caseOf(world: World, number = ASHA): Promise<Case> {
  const { buyer } = await world.conversation(number);
  const found = await world.context.models.cases.model.findOne({ buyer }).lean<Case>();
  if (!found) throw new Error('no case');
  return found;
}

async function postsOf(world: World): Promise<string[]> {
  return (await caseOf(world)).posts.map(({ text }) => text);
}

let replies = 0;
async function reply(world: World, text: string): Promise<void> {
  const { context } = world;
  const wake = (id: string) => context.turns.wake(id);
  const parts = { ...context.models, contextOf: context.decisionContext, wake, now: () => world.now };
  replies += 1;
  const { _id: caseId } = await caseOf(world);
  await new Answers(parts).reply({ caseId, inputId: `reply-${replies}`, text, staff: RIYA });
  await world.rest();
}

const error = (errorClass: ChannelErrorClass, code: string) =>
  new ChannelError({ class: errorClass, code, message: 'told to fail' });

const isBrochure = (text: string) => text.startsWith('[');

describe('with two lines', () => {
  it('a buyer is answered on the one they wrote to last', async () => {
    const world = await open({ lines: ['web', 'cloud'] });
    await world.write(ASHA, 'brochure please');
    expect(world.answers(ASHA)[0]).toMatch(/brochure/);
    expect(world.answers(ASHA, world.cloud)).toEqual([]);
    const onPhone = world.answers(ASHA).length;
    await world.cloud.writeAs(ASHA, 'where is the site?');
    await world.rest();
    expect(world.answers(ASHA, world.cloud).at(-1)).toMatch(/Sector 150/);
    expect(world.answers(ASHA)).toHaveLength(onPhone);
    expect(await sendsOf(world)).toMatchObject([
      { channel: 'web', to: `pn:${ASHA}`, as: 'free', language: 'en' },
      { channel: 'web' },
      { channel: 'cloud', as: 'free' },
    ]);
  });

  it('a short outage is waited for: nothing goes by the other, everything once it is over', async () => {
    const world = await open({ lines: ['web', 'cloud'] });
    world.phone.goOffline();
    await arrives(world, world.phone, 'brochure please');
    await passInSteps(world, MINUTE_MS, 10 * SECOND_MS);
    expect(await sendsOf(world)).toEqual([]);
    await world.phone.goOnline();
    await world.pass(MINUTE_MS);
    expect(world.answers(ASHA).filter(isBrochure)).toHaveLength(1);
    expect(world.answers(ASHA, world.cloud)).toEqual([]);
  });

  it('a long one is bridged by the approved template, once, by the Cloud API', async () => {
    const world = await open({ lines: ['web', 'cloud'] });
    world.phone.goOffline();
    await arrives(world, world.phone, 'brochure please');
    await passInSteps(world, 3 * MINUTE_MS, 20 * SECOND_MS);
    expect(world.answers(ASHA, world.cloud).filter(isBrochure)).toHaveLength(1);
    await world.phone.goOnline();
    await passInSteps(world, 3 * MINUTE_MS, 30 * SECOND_MS);
    expect(world.answers(ASHA)).toEqual([]);
    const [brochure] = await sendsOf(world);
    expect(brochure).toMatchObject({ channel: 'cloud', as: 'template', cold: true, attempts: 1 });
    const entry = (await world.timeline(ASHA)).find(({ _id }) => _id === brochure?._id);
    expect(entry?.why).toBe('sent as an approved template');
  });

  it('what may have gone out by one never goes by the other before the first has said that it did not', async () => {
    const world = await open({ lines: ['web', 'cloud'] });
    world.phone.failNextSend('unknown');
    jest.spyOn(world.context.deliveries, 'report').mockResolvedValue();
    const asked = jest.spyOn(world.phone, 'reconcile').mockResolvedValue({ kind: 'unclear' });
    await world.write(ASHA, 'brochure please');
    world.phone.goOffline();
    await passInSteps(world, 10 * MINUTE_MS, MINUTE_MS);
    expect(world.answers(ASHA, world.cloud)).toEqual([]);
    expect(asked).toHaveBeenCalled();
    asked.mockRestore();
    await passInSteps(world, 2 * MINUTE_MS, 20 * SECOND_MS);
    expect(world.answers(ASHA).filter(isBrochure)).toHaveLength(1);
    const messages = [...world.answers(ASHA), ...world.answers(ASHA, world.cloud)];
    expect(messages.filter(isBrochure)).toHaveLength(1);
  });

  it('a process killed while sending leaves nothing that two others send twice', async () => {
    const dead = await open({ lines: ['web', 'cloud'] });
    jest.spyOn(dead.phone, 'send').mockRejectedValue(new Error('the process died'));
    await dead.write(ASHA, 'brochure please');
    await dead.context.turns.drain();
    jest.restoreAllMocks();
    dead.phone.goOffline();
    const others = [await open({ joins: dead }), await open({ joins: dead })];
    for (let looked = 0; looked < 20; looked += 1) for (const each of others) await each.pass(10 * SECOND_MS);
    expect(dead.answers(ASHA, dead.cloud).filter(isBrochure)).toHaveLength(1);
    expect(dead.answers(ASHA)).toEqual([]);
    const [first] = await sendsOf(dead);
    expect(first).toMatchObject({ channel: 'cloud', deliveries: expect.arrayContaining([]) });
    expect(first?.deliveries.map(({ state }) => state)).toContain('unknown');
  });

  it('two processes that bridge an outage at the same moment send one message', async () => {
    const one = await open({ lines: ['web', 'cloud'] });
    one.phone.goOffline();
    await arrives(one, one.phone, 'brochure please');
    const others = [await open({ joins: one }), await open({ joins: one })];
    const { _id } = await one.conversation(ASHA);
    for (const each of others) each.context.turns.wake(_id);
    await Promise.all(others.map((each) => each.rest()));
    await one.context.turns.drain();
    for (let looked = 0; looked < 12; looked += 1) {
      for (const each of others) each.context.turns.wake(_id);
      await Promise.all(others.map((each) => each.pass(10 * SECOND_MS)));
    }
    expect(one.answers(ASHA, one.cloud).filter(isBrochure)).toHaveLength(1);
  });

  it('a person’s words wait behind one request to read them, and go by whichever line comes back first', async () => {
    const world = await open({ lines: ['web', 'cloud'] });
    await world.write(ASHA, 'I will go to RERA');
    const before = world.answers(ASHA).length;
    world.phone.goOffline();
    await reply(world, 'I am Riya.');
    await passInSteps(world, 5 * MINUTE_MS, 20 * SECOND_MS);
    expect(world.answers(ASHA, world.cloud)).toEqual([
      'Riya from our legal team has a message for you. Please reply here to read it.',
    ]);
    await world.phone.goOnline();
    await passInSteps(world, 10 * MINUTE_MS, MINUTE_MS);
    expect(world.answers(ASHA).slice(before)).toEqual(['I am Riya.']);
    expect(world.answers(ASHA, world.cloud)).toHaveLength(1);
  });
});

describe('when nothing can be sent', () => {
  it('an outage of hours loses nothing, and is told once', async () => {
    const world = await open();
    const refusing = jest.spyOn(world.phone, 'send').mockRejectedValue(error('auth', '190'));
    await world.write(ASHA, 'brochure please');
    await passInSteps(world, 10 * HOUR_MS, 15 * MINUTE_MS);
    expect(refusing.mock.calls.length).toBeGreaterThan(30);
    const held = async () =>
      (await world.context.metrics.registry.getSingleMetric('baton_channel_held')?.get())?.values;
    expect(await held()).toMatchObject([{ value: 1, labels: { channel: 'sandbox' } }]);
    refusing.mockRestore();
    await passInSteps(world, 3 * MINUTE_MS, MINUTE_MS);
    expect(world.answers(ASHA).filter(isBrochure)).toHaveLength(1);
    expect(await held()).toMatchObject([{ value: 0 }]);
    const told = (await world.timeline(ASHA)).filter(({ what }) => what.startsWith('Not delivered'));
    expect(told).toEqual([]);
  });

  it('a transport that is down is not tried at all', async () => {
    const world = await open();
    world.phone.goOffline();
    const send = jest.spyOn(world.phone, 'send');
    await arrives(world, world.phone, 'brochure please');
    await passInSteps(world, HOUR_MS, MINUTE_MS);
    expect(send).not.toHaveBeenCalled();
  });

  it('an answer older than a day goes to a person instead', async () => {
    const world = await open();
    world.phone.goOffline();
    await arrives(world, world.phone, 'brochure please');
    await passInSteps(world, DAY_MS + HOUR_MS, HOUR_MS);
    expect(await postsOf(world)).toContain(
      'Not delivered: brochure (it could not go out for 24 hours: degraded)',
    );
    expect((await world.conversation(ASHA)).outbox).toEqual([]);
  });

  it('people hear of it once per outage, and the metric follows', () => {
    let health: Health = 'ready';
    let now = new Date();
    const told: string[] = [];
    const shown: boolean[] = [];
    const channel = { id: 'web', caps: {}, health: () => health } as unknown as SandboxChannel;
    const lines = new Lines({
      channels: new Map([['web', channel]]),
      alert: (key) => told.push(key),
      onHeld: (_channel, isHeld) => shown.push(isHeld),
      now: () => now,
      log: pino({ level: 'silent' }),
    });
    const change = (next: Health, afterMs: number) => {
      now = new Date(now.getTime() + afterMs);
      health = next;
      return lines.look(channel).since;
    };
    lines.look(channel);
    const wentDown = change('degraded', 1_000);
    expect(wentDown).toEqual(now);
    expect(change('pairing', 1_000)).toEqual(wentDown);
    for (const _again of [1, 2, 3]) lines.held('web', 'pairing');
    change('ready', 1_000);
    lines.held('web', 'blocked 368');
    lines.free('web');
    expect(told).toEqual(['held:web', 'held:web']);
    expect(shown).toEqual([true, false, true, false]);
    expect(lines.all()).toMatchObject([{ id: 'web', health: 'ready', since: now }]);
  });
});

describe('the window', () => {
  it('closed while a message was on its way to WhatsApp: it goes as its template at once', async () => {
    const world = await open();
    world.phone.failNextSend('window');
    await world.write(ASHA, 'brochure please');
    expect(world.answers(ASHA).filter(isBrochure)).toHaveLength(1);
    const [first] = await sendsOf(world);
    expect(first).toMatchObject({ as: 'template', attempts: 2 });
  });

  /** Takes back the sandbox's own report, and reports 131047 as Meta does for what it had accepted. */
  async function reportClosed(world: World, send: Send): Promise<void> {
    const { sends } = world.context.models;
    await sends.model.updateOne({ _id: send._id }, { $set: { status: 'accepted', rank: 3 } });
    const failure = { code: '131047', detail: 'Re-engagement message' };
    const report = {
      providerId: `${send.providerId}`,
      state: 'failed' as const,
      at: world.now,
      error: failure,
    };
    for (const _again of [1, 2, 3]) await world.context.deliveries.report([report]);
    await world.rest();
  }

  it('found closed after WhatsApp had accepted it: the template goes out once, however often it is reported', async () => {
    const world = await open();
    await world.write(ASHA, 'where is the site?');
    await world.write(ASHA, 'thanks');
    const place = (await sendsOf(world)).find(
      ({ effect }) => effect.kind === 'sendTemplate' && effect.template === 'location',
    );
    if (!place) throw new Error('no location was sent');
    await reportClosed(world, place);
    await world.pass(MINUTE_MS);
    expect(world.answers(ASHA).filter((text) => text.includes('Sector 150'))).toHaveLength(2);
    const again = await world.context.models.sends.byId(`${place._id}:t`);
    expect(again).toMatchObject({ as: 'template', effect: place.effect });
    expect(await world.context.models.sends.byId(place._id)).toMatchObject({
      status: 'failed',
      errorCode: '131047',
    });
    if (again) await reportClosed(world, again);
    expect(world.answers(ASHA).filter((text) => text.includes('Sector 150'))).toHaveLength(2);
    expect((await caseOf(world)).details.what).toBe('location');
  });

  it('found closed for a person’s words: there is no template, and their thread says so', async () => {
    const world = await open();
    await world.write(ASHA, 'I will go to RERA');
    await reply(world, 'Riya here');
    const words = (await sendsOf(world)).find(({ effect }) => effect.kind === 'sendText');
    if (!words) throw new Error('nothing was sent');
    await reportClosed(world, words);
    const told = (await postsOf(world)).filter((text) => text.startsWith('Not delivered'));
    expect(told).toEqual(["Not delivered: Riya's message (131047 Re-engagement message)"]);
  });

  it('closed: a person’s words wait behind one request to read them, and go out when the buyer writes', async () => {
    const world = await open();
    await world.write(ASHA, 'I will go to RERA');
    await world.pass(2 * DAY_MS);
    const before = world.answers(ASHA).length;
    for (const text of ['I am Riya.', 'I will call you at 5.']) await reply(world, text);
    await passInSteps(world, 20 * HOUR_MS, HOUR_MS);
    expect(world.answers(ASHA).slice(before)).toEqual([
      'Riya from our legal team has a message for you. Please reply here to read it.',
    ]);
    const told = (await postsOf(world)).filter((text) => text.includes('goes out as soon as they write'));
    expect(told).toHaveLength(1);
    await world.write(ASHA, 'yes?');
    expect(world.answers(ASHA).slice(before + 1, before + 3)).toEqual([
      'I am Riya.',
      'I will call you at 5.',
    ]);
    expect((await world.conversation(ASHA)).outbox).toEqual([]);
  });

  it('closed, and nobody answers for 72 hours: the thread hears that the words did not go out', async () => {
    const world = await open();
    await world.write(ASHA, 'I will go to RERA');
    await world.pass(2 * DAY_MS);
    await reply(world, 'I am Riya.');
    await passInSteps(world, 73 * HOUR_MS, HOUR_MS);
    expect((await postsOf(world)).filter((text) => text.startsWith('Not delivered'))).toEqual([
      "Not delivered: Riya's message (it could not go out for 72 hours: the buyer did not write)",
    ]);
    expect(world.answers(ASHA)).not.toContain('I am Riya.');
    expect((await world.conversation(ASHA)).outbox).toEqual([]);
  });

  it('closed, and the request itself is refused: the thread hears that at once', async () => {
    const world = await open();
    await world.write(ASHA, 'I will go to RERA');
    await world.pass(2 * DAY_MS);
    world.phone.failNextSend('recipient');
    await reply(world, 'I am Riya.');
    await passInSteps(world, 73 * HOUR_MS, 12 * HOUR_MS);
    const told = (await postsOf(world)).filter((text) => text.startsWith('Not delivered'));
    expect(told[0]).toBe('Not delivered: person_waiting (recipient 131026)');
    expect(world.answers(ASHA)).not.toContain('I am Riya.');
  });
});

describe('a refusal', () => {
  /** Books a visit three days ahead; resolves with its time. Its reminders come 24 h and 2 h before. */
  async function bookVisit(world: World, number = ASHA): Promise<Date> {
    await world.write(number, 'I want to visit the site');
    const asked = world.phone.transcript(number).at(-1);
    const choices = asked?.body.kind === 'choices' ? asked.body.choices : [];
    const slot = choices.find(({ id }) => id.includes('2026-11-26T04:30'))?.id ?? '';
    await world.tap(number, slot);
    return new Date(slot.split('.').slice(3).join('.'));
  }

  const reminders = (world: World, number = ASHA) =>
    world.answers(number).filter((text) => text.includes('A reminder of your visit'));

  it.each([
    ['131026', 'recipient'],
    ['132001', 'template'],
  ] as const)('%s is final: a person learns of it', async (code, errorClass) => {
    const world = await open();
    const send = jest.spyOn(world.phone, 'send').mockRejectedValueOnce(error(errorClass, code));
    await world.write(ASHA, 'where is the site?');
    expect(await caseOf(world)).toMatchObject({ reason: 'undelivered' });
    const [first] = await sendsOf(world);
    expect(first).toMatchObject({ status: 'failed', errorCode: code });
    const calls = send.mock.calls.filter(([{ outboxId }]) => outboxId === first?._id);
    expect(calls).toHaveLength(1);
  });

  it('131048 holds reminders for an hour; answers go', async () => {
    const world = await open();
    const at = await bookVisit(world);
    jest.spyOn(world.phone, 'send').mockRejectedValueOnce(error('rate', '131048'));
    await world.pass(at.getTime() - DAY_MS - world.now.getTime());
    await passInSteps(world, 50 * MINUTE_MS, 10 * MINUTE_MS);
    expect(reminders(world)).toEqual([]);
    await world.write(ASHA, 'where is the site?');
    expect(world.answers(ASHA).at(-1)).toMatch(/Sector 150/);
    await passInSteps(world, 20 * MINUTE_MS, 10 * MINUTE_MS);
    expect(reminders(world)).toHaveLength(1);
  });

  it('131049 lets no reminder go to this buyer for 24 hours', async () => {
    const world = await open();
    const at = await bookVisit(world);
    const send = jest.spyOn(world.phone, 'send').mockRejectedValueOnce(error('recipient', '131049'));
    await world.pass(at.getTime() - DAY_MS - world.now.getTime());
    await passInSteps(world, 25 * HOUR_MS, HOUR_MS);
    expect(send).toHaveBeenCalledTimes(1);
    expect(reminders(world)).toEqual([]);
    const reasons = (await world.timeline(ASHA)).map(({ why }) => why);
    expect(reasons).toContain('WhatsApp allows this buyer no more such messages for now');
  });

  it('131050 is noted, and no reminder goes until the buyer writes again', async () => {
    const world = await open();
    const at = await bookVisit(world);
    const send = jest.spyOn(world.phone, 'send').mockRejectedValueOnce(error('recipient', '131050'));
    await world.pass(at.getTime() - DAY_MS - world.now.getTime());
    const reasons = (await world.timeline(ASHA)).map(({ why }) => why);
    expect(reasons).toContain('the buyer has stopped such messages in WhatsApp');
    await world.pass(HOUR_MS);
    await world.write(ASHA, 'where is the site?');
    await world.pass(at.getTime() - 2 * HOUR_MS - world.now.getTime());
    expect(reminders(world)).toHaveLength(1);
    expect(send.mock.calls.length).toBeGreaterThan(1);
  });

  it('131056 lets this buyer wait four times as long each time; others do not wait', async () => {
    const world = await open();
    const refusals = [1, 2, 3];
    const send = jest.spyOn(world.phone, 'send');
    for (const _each of refusals) send.mockRejectedValueOnce(error('rate', '131056'));
    await world.write(ASHA, 'where is the site?');
    await passInSteps(world, 4 * SECOND_MS + 16 * SECOND_MS, SECOND_MS);
    expect(send).toHaveBeenCalledTimes(3);
    await passInSteps(world, 60 * SECOND_MS, 10 * SECOND_MS);
    expect(send).toHaveBeenCalledTimes(3);
    await world.write(ROHAN, 'where is the site?');
    expect(world.answers(ROHAN)[0]).toBeDefined();
    await passInSteps(world, 10 * SECOND_MS, SECOND_MS);
    expect(world.answers(ASHA).some((text) => text.includes('Sector 150'))).toBe(true);
  });

  it('130429 slows every buyer of this number down', async () => {
    const world = await open();
    jest.spyOn(world.phone, 'send').mockRejectedValueOnce(error('rate', '130429'));
    await world.write(ASHA, 'where is the site?');
    await world.write(ROHAN, 'where is the site?');
    expect([...world.answers(ASHA), ...world.answers(ROHAN)]).toEqual([]);
    await passInSteps(world, 6 * SECOND_MS, SECOND_MS);
    for (const number of [ASHA, ROHAN]) expect(world.answers(number)[0]).toBeDefined();
  });

  it('463 of a conversation that we begin pauses all such on the paired phone', async () => {
    const world = await open({ lines: ['web'] });
    const at = await bookVisit(world);
    await bookVisit(world, ROHAN);
    const send = jest.spyOn(world.phone, 'send').mockRejectedValue(error('recipient', '463'));
    await world.pass(at.getTime() - DAY_MS - world.now.getTime());
    await passInSteps(world, 20 * HOUR_MS, HOUR_MS);
    expect(send).toHaveBeenCalledTimes(1);
    expect((await sendsOf(world)).filter(({ cold }) => cold)).toMatchObject([{ errorCode: '463' }]);
  });

  it('of more conversations than the paired phone may begin: the rest wait', async () => {
    const limits = { ...readConfig({}).limits, coldPerDay: 1 };
    const world = await open({ lines: ['web'], config: { limits } });
    const at = await bookVisit(world);
    await bookVisit(world, ROHAN);
    await world.pass(at.getTime() - DAY_MS - world.now.getTime());
    await passInSteps(world, 21 * HOUR_MS, HOUR_MS);
    const reached = [ASHA, ROHAN].filter((number) => reminders(world, number).length > 0);
    expect(reached).toHaveLength(1);
  });
});

describe('an unknown outcome', () => {
  /** Every send is lost on the way, or goes out and nobody hears of it. */
  function loseSends(world: World, times: number) {
    const send = jest.spyOn(world.phone, 'send');
    for (let n = 0; n < times; n += 1) send.mockRejectedValueOnce(error('unknown', 'timeout'));
    return send;
  }

  it('that the channel knows to be sent is settled, and later reports match', async () => {
    const world = await open();
    const reports = jest.spyOn(world.context.deliveries, 'report').mockResolvedValue();
    world.phone.failNextSend('unknown');
    await world.write(ASHA, 'where is the site?');
    expect((await sendsOf(world))[0]).toMatchObject({ status: 'unknown' });
    await passInSteps(world, 11 * SECOND_MS, SECOND_MS);
    const [settled] = await sendsOf(world);
    expect(settled).toMatchObject({ status: 'accepted', attempts: 1 });
    expect((await world.timeline(ASHA)).some(({ _id }) => _id === settled?._id)).toBe(true);
    reports.mockRestore();
    await world.context.deliveries.report([
      { providerId: `${settled?.providerId}`, state: 'read', at: world.now },
    ]);
    expect((await sendsOf(world))[0]).toMatchObject({ status: 'read' });
  });

  it('is looked for in the words in which it went out, with the link that it held', async () => {
    const world = await open();
    jest.spyOn(world.context.deliveries, 'report').mockResolvedValue();
    const asked = jest.spyOn(world.phone, 'reconcile');
    await world.write(ASHA, 'brochure please');
    world.phone.failNextSend('unknown');
    await world.write(ASHA, 'I want to visit the site');
    await passInSteps(world, 11 * SECOND_MS, SECOND_MS);
    const sent = world.answers(ASHA).find((text) => text.includes('/portal/l/'));
    const looked = asked.mock.calls.map(([{ content }]) => ('text' in content ? content.text : ''));
    expect(looked.filter((text) => text.includes('/portal/l/'))).toEqual([sent]);
  });

  it('that the channel knows to be lost is sent again, a few times, and then told to a person', async () => {
    const world = await open();
    const send = loseSends(world, 1);
    await world.write(ASHA, 'where is the site?');
    await passInSteps(world, 30 * SECOND_MS, SECOND_MS);
    expect(world.answers(ASHA).filter((text) => text.includes('Sector 150'))).toHaveLength(1);
    send.mockRestore();

    const other = await open();
    const lost = loseSends(other, 100);
    await other.write(ASHA, 'brochure please');
    await passInSteps(other, 2 * MINUTE_MS, 5 * SECOND_MS);
    const [first] = await sendsOf(other);
    expect(lost.mock.calls.filter(([{ outboxId }]) => outboxId === first?._id)).toHaveLength(3);
    expect(first).toMatchObject({ status: 'failed' });
    expect((await caseOf(other)).details.reason).toBe('it never arrived, in 3 attempts');
  });

  it('that the channel cannot tell waits a minute for its report; then a person is asked, with the words', async () => {
    const world = await open();
    jest.spyOn(world.phone, 'reconcile').mockResolvedValue({ kind: 'unclear' });
    const send = loseSends(world, 1);
    await world.write(ASHA, 'where is the site?');
    const [doubtful] = await sendsOf(world);
    await passInSteps(world, 55 * SECOND_MS, 5 * SECOND_MS);
    expect(await world.context.models.cases.model.countDocuments()).toBe(0);
    await passInSteps(world, 20 * SECOND_MS, 5 * SECOND_MS);
    const found = await caseOf(world);
    expect(found).toMatchObject({ reason: 'in_doubt' });
    expect(found.details.question).toMatch(/^Nobody knows whether this went out: ".*Send it again\?$/s);
    expect(send.mock.calls.filter(([{ outboxId }]) => outboxId === doubtful?._id)).toHaveLength(1);
  });

  it('is settled by the report that comes in time', async () => {
    const world = await open();
    jest.spyOn(world.phone, 'reconcile').mockResolvedValue({ kind: 'unclear' });
    world.phone.failNextSend('unknown');
    await world.write(ASHA, 'where is the site?');
    await passInSteps(world, 2 * MINUTE_MS, 10 * SECOND_MS);
    expect(world.answers(ASHA).filter((text) => text.includes('Sector 150'))).toHaveLength(1);
    expect(await world.context.models.cases.model.countDocuments()).toBe(0);
  });

  it('of the bot’s words goes again once later messages were reported, of a person’s words never', async () => {
    const world = await open();
    jest.spyOn(world.phone, 'reconcile').mockResolvedValue({ kind: 'unclear' });
    await world.write(ROHAN, 'I will go to RERA');
    const lost = loseSends(world, 2);
    await world.write(ASHA, 'where is the site?');
    const { _id: caseId } = await caseOf(world, ROHAN);
    const { context } = world;
    const wake = (id: string) => context.turns.wake(id);
    const parts = { ...context.models, contextOf: context.decisionContext, wake, now: () => world.now };
    await new Answers(parts).reply({ caseId, inputId: 'r1', text: 'Riya here', staff: RIYA });
    await world.rest();
    expect(lost).toHaveBeenCalledTimes(2);
    await world.pass(SECOND_MS);
    await world.write('+919999900003', 'where is the site?');
    await passInSteps(world, 80 * SECOND_MS, 5 * SECOND_MS);
    expect(world.answers(ASHA).filter((text) => text.includes('Sector 150'))).toHaveLength(1);
    expect(world.answers(ROHAN)).not.toContain('Riya here');
    const posts = (await caseOf(world, ROHAN)).posts.map(({ text }) => text);
    expect(
      posts.filter((text) => text.startsWith('Nobody knows whether this went out: "Riya here"')),
    ).toHaveLength(1);
  });
});

describe('delivery reports', () => {
  it('keep what a message cost, and never fall back', async () => {
    const world = await open();
    await world.write(ASHA, 'where is the site?');
    world.phone.readAs(ASHA);
    await world.rest();
    const [send] = await sendsOf(world);
    const about = { providerId: `${send?.providerId}`, at: world.now };
    const pricing = { billable: true, category: 'service' };
    const failure = { code: '131026', detail: 'Message undeliverable' };
    await world.context.deliveries.report([
      { ...about, state: 'read' },
      { ...about, state: 'sent', pricing },
      { ...about, state: 'failed', error: failure },
    ]);
    expect((await sendsOf(world))[0]).toMatchObject({ status: 'read', pricing });
    expect(await world.context.models.cases.model.countDocuments()).toBe(0);
  });
});
