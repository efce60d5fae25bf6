import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Answers } from '../bot/answers.ts';
import type { Content, Echo, Inbound, OutboundContent } from '../bot/channels/channel.ts';
import { auditDatabase } from '../models/audit.ts';
import type { Case } from '../models/case.ts';
import type { InboundRecord } from '../models/inbound.ts';
import { World } from './world.ts';

/** Everything a chat carries besides words, through the whole product on a real database. */

const ASHA = '+919999900001';
const ROHAN = '+919999900002';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const RIYA = { id: 'U1', name: 'Riya' };

const worlds: World[] = [];
async function open(): Promise<World> {
  const world = await World.open();
  worlds.push(world);
  return world;
}
afterEach(async () => {
  jest.restoreAllMocks();
  for (const world of worlds.splice(0)) {
    expect(await auditDatabase(world.context.models, new Date(world.now.getTime() + MINUTE_MS + 1))).toEqual(
      [],
    );
    await world.close();
  }
});

type More = { key?: string; quoted?: string; from?: string; at?: Date };

function inbound(world: World, content: Content, more: More = {}): Inbound {
  const { key = `k${Math.random()}`, quoted, from = ASHA, at = world.now } = more;
  return {
    key,
    from: { kind: 'pn', value: from },
    alsoKnownAs: [],
    at,
    content,
    ...(quoted && { quoted }),
    raw: null,
  };
}

/** The channel hands over what a buyer did, all at once, and the world comes to rest. */
async function receive(world: World, ...messages: Inbound[]): Promise<void> {
  await world.context.receiver.receive('sandbox', messages);
  await world.rest();
}

async function say(world: World, text: string, more: More = {}): Promise<void> {
  await receive(world, inbound(world, { kind: 'text', text }, more));
}

async function record(world: World, key: string): Promise<InboundRecord> {
  const found = await world.context.models.inbound.model.findById(`sandbox:${key}`).lean<InboundRecord>();
  if (!found) throw new Error(`no message ${key}`);
  return found;
}

/** Provider id of the latest message of ours whose words match. */
function idOf(world: World, words: RegExp): string {
  const found = world.phone.transcript(ASHA).findLast(({ body }) => 'text' in body && words.test(body.text));
  if (!found) throw new Error(`nothing was said like ${words}`);
  return found.id;
}

async function cases(world: World): Promise<Case[]> {
  return world.context.models.cases.model.find().sort({ _id: 1 }).lean<Case[]>();
}

/** The lines that a case's thread was told, its first quotes among them. */
function told(found: Case | undefined): string[] {
  return [...(found?.quotes ?? []), ...(found?.posts ?? []).map(({ text }) => text)];
}

async function said(world: World): Promise<string[]> {
  return (await world.timeline(ASHA)).map(({ who, what }) => `${who}: ${what}`);
}

function answersOf({ context }: World, now: () => Date): Answers {
  const wake = (id: string) => context.turns.wake(id);
  return new Answers({ ...context.models, contextOf: context.decisionContext, wake, now });
}

describe('a quoted reply', () => {
  it('shows people what was quoted, and answers the question that it quotes', async () => {
    const world = await open();
    await world.write(ASHA, 'Hi');
    const size = idOf(world, /size of home/);
    await say(world, '1', { quoted: size });
    await say(world, '2', { quoted: size });
    const { state } = await world.conversation(ASHA);
    expect(state.runs[0]?.data.answers).toMatchObject({ configuration: '3BHK' });
    expect(await said(world)).toContain(
      'buyer: ↩ "Which size of home are you looking for? 1. 2BHK 2. 3BHK 3. 4BHK": 2',
    );
  });

  it('of their own words shows these, and keeps a long one short', async () => {
    const world = await open();
    await say(world, `I will go to RERA ${'again and '.repeat(20)}`, { key: 'threat' });
    await say(world, 'did you read this?', { quoted: 'threat' });
    const line = (await said(world)).find((each) => each.includes('↩'));
    expect(line).toMatch(/^buyer: ↩ "I will go to RERA again and .{52}…": did you read this\?$/);
  });
});

describe('a reaction', () => {
  it('to the question asked is its answer, once', async () => {
    const world = await open();
    await world.write(ASHA, 'I want to visit on Thursday at 2 pm');
    const question = idOf(world, /shall we book/);
    const thumb = inbound(world, { kind: 'reaction', to: question, emoji: '👍🏾' });
    await receive(world, thumb);
    await receive(world, thumb);
    expect(await world.context.models.visits.model.countDocuments({ status: 'booked' })).toBe(1);
    expect(await said(world)).toContainEqual(expect.stringMatching(/^buyer: 👍🏾 to "Thursday, 26 November/));
  });

  it('of somebody who never wrote begins nothing and asks nobody', async () => {
    const world = await open();
    await receive(world, inbound(world, { kind: 'reaction', to: 'unknown', emoji: '❤️' }));
    await world.pass(1_000);
    await receive(world, inbound(world, { kind: 'reaction', to: 'unknown', emoji: null }));
    expect(world.answers(ASHA)).toEqual([]);
    expect(await cases(world)).toEqual([]);
    expect((await world.conversation(ASHA)).state).toMatchObject({ runs: [] });
    expect(await said(world)).toEqual(['buyer: ❤️', 'buyer: [took back a reaction]']);
  });
});

describe('a vote', () => {
  const vote = (world: World, to: string, ...titles: string[]) =>
    inbound(world, { kind: 'vote', to, titles });

  it('is a tap on the quick reply of that name, also on an old poll', async () => {
    const world = await open();
    await world.write(ASHA, 'Hi');
    const size = idOf(world, /size of home/);
    await receive(world, vote(world, size, '2BHK'));
    expect(world.answers(ASHA).at(-1)).toMatch(/budget/);
    await receive(world, vote(world, size, '4BHK'));
    const { state } = await world.conversation(ASHA);
    expect(state.runs[0]?.data.answers).toMatchObject({ configuration: '4BHK' });
  });

  it('delivered twice at once counts once; taken back it is only noted', async () => {
    const world = await open();
    await world.write(ASHA, 'Hi');
    const size = idOf(world, /size of home/);
    const twice = vote(world, size, '2BHK');
    await Promise.all([receive(world, twice), receive(world, twice)]);
    expect(world.answers(ASHA).filter((text) => /budget/.test(text))).toHaveLength(1);
    const before = world.answers(ASHA).length;
    await receive(world, vote(world, size));
    expect(world.answers(ASHA)).toHaveLength(before);
    expect(await said(world)).toContainEqual(
      expect.stringMatching(/^buyer: \[took back a vote on "Which size/),
    );
  });
});

describe('an edit', () => {
  const edit = (world: World, to: string, text: string, more: More = {}) =>
    inbound(world, { kind: 'edited', to, text }, more);

  it('before the answer: the newest words count, the old ones are kept, both have an outcome', async () => {
    const world = await open();
    await receive(
      world,
      inbound(world, { kind: 'text', text: 'hello' }, { key: 'first' }),
      edit(world, 'first', 'price of 3bhk?', { key: 'edit' }),
    );
    expect(world.answers(ASHA).at(-1)).toMatch(/3BHK/);
    const [first, second] = [await record(world, 'first'), await record(world, 'edit')];
    expect(first.content).toMatchObject({ kind: 'text', text: 'price of 3bhk?' });
    expect(first.edits).toMatchObject([{ before: 'hello' }]);
    expect(second.outcome).toEqual(first.outcome);
    expect(await said(world)).toContain('buyer: ✏️ edited: "hello" -> "price of 3bhk?"');
  });

  it('after the answer: the same meaning says nothing, another one is understood anew', async () => {
    const world = await open();
    await say(world, 'Hi');
    await say(world, 'where is the site?', { key: 'q' });
    const before = world.answers(ASHA).length;
    await receive(world, edit(world, 'q', 'where is the site please?'));
    expect(world.answers(ASHA)).toHaveLength(before);
    await receive(world, edit(world, 'q', 'send me the brochure'));
    expect(world.answers(ASHA).at(-1)).toMatch(/brochure/);
    const { content, edits } = await record(world, 'q');
    expect(content.text).toBe('send me the brochure');
    expect(edits?.map((each) => each.before)).toEqual(['where is the site?', 'where is the site please?']);
  });

  it('delivered twice, also under another key, is answered once', async () => {
    const world = await open();
    await say(world, 'Hi', { key: 'q' });
    const first = edit(world, 'q', 'I will go to RERA');
    await Promise.all([receive(world, first), receive(world, first)]);
    await receive(world, edit(world, 'q', 'I will go to RERA'));
    expect(told((await cases(world))[0])).toHaveLength(2);
    expect(world.answers(ASHA).filter((text) => /legal/.test(text))).toHaveLength(1);
  });

  it.each(['at once', 'in the wrong order'])('two %s end in the newest words', async (how) => {
    const world = await open();
    await say(world, 'Hi', { key: 'q' });
    const newer = edit(world, 'q', 'brochure', { at: new Date(world.now.getTime() + 1_000) });
    const older = edit(world, 'q', 'price');
    if (how === 'at once') await Promise.all([receive(world, newer), receive(world, older)]);
    else for (const each of [newer, older]) await receive(world, each);
    expect((await record(world, 'q')).content.text).toBe('brochure');
  });

  it('that comes in before its message is answered, and the message itself no more', async () => {
    const world = await open();
    await receive(world, edit(world, 'q', 'price of 3bhk?', { at: new Date(world.now.getTime() + 1_000) }));
    const before = world.answers(ASHA);
    expect(before.at(-1)).toMatch(/3BHK/);
    await say(world, 'hello', { key: 'q' });
    expect(world.answers(ASHA)).toEqual(before);
    expect(await record(world, 'q')).toMatchObject({
      content: { text: 'price of 3bhk?' },
      edits: [{ before: 'hello' }],
      outcome: { kind: 'reply', template: 'silence' },
    });
  });

  it('that comes in while its message is being read is left to the next turn', async () => {
    const world = await open();
    const { inbound: model } = world.context.models;
    const pendingOf = model.pendingOf.bind(model);
    jest.spyOn(model, 'pendingOf').mockImplementationOnce(async (id) => {
      const waiting = await pendingOf(id);
      await world.context.receiver.receive('sandbox', [edit(world, 'q', 'I will go to RERA')]);
      return waiting;
    });
    await say(world, 'where is the site?', { key: 'q' });
    expect((await cases(world)).map(({ intent }) => intent)).toEqual(['legal_threat']);
    expect(world.answers(ASHA).filter((text) => text.startsWith('['))).toHaveLength(1);
  });

  it('that is read while its message is coming in is answered, and the message itself no more', async () => {
    const world = await open();
    const { inbound: model } = world.context.models;
    const about = model.about.bind(model);
    const original = inbound(world, { kind: 'text', text: 'I will go to RERA' }, { key: 'q' });
    jest.spyOn(model, 'about').mockImplementationOnce(async (keys) => {
      await world.context.receiver.receive('sandbox', [original]);
      return about(keys);
    });
    await receive(
      world,
      edit(world, 'q', 'I will go to the RERA', { at: new Date(world.now.getTime() + 1_000) }),
    );
    expect(world.answers(ASHA).filter((text) => /legal/.test(text))).toHaveLength(1);
    expect(await record(world, 'q')).toMatchObject({ content: { text: 'I will go to the RERA' } });
  });

  it('of a caption is an edit of the file', async () => {
    const world = await open();
    const file = { kind: 'media', media: 'image', ref: 'r', mimeType: 'image/png' } as const;
    world.phone.answerNextFetch({ kind: 'later', reason: 'busy' });
    await receive(
      world,
      inbound(world, { ...file, caption: 'hello' }, { key: 'q' }),
      edit(world, 'q', 'leakage in the bathroom'),
    );
    expect(await record(world, 'q')).toMatchObject({
      content: { ...file, caption: 'leakage in the bathroom' },
      edits: [{ before: 'hello' }],
    });
    expect(await cases(world)).toMatchObject([{ quotes: ['[image] leakage in the bathroom'], team: 'site' }]);
  });

  it('reaches the person who has the word, with both wordings', async () => {
    const world = await open();
    await say(world, 'I will go to RERA');
    const [threat] = await cases(world);
    await answersOf(world, () => world.now).reply({
      caseId: threat?._id ?? '',
      inputId: 'm1',
      text: 'Riya here',
      staff: RIYA,
    });
    await say(world, 'my flat is B-12', { key: 'q' });
    await receive(world, edit(world, 'q', 'my flat is B-14'));
    expect(told((await cases(world))[0]).at(-1)).toBe('✏️ edited: "my flat is B-12" -> "my flat is B-14"');
  });
});

describe('a deletion', () => {
  const revoke = (world: World, to: string, more: More = {}) => inbound(world, { kind: 'revoked', to }, more);

  it('before the answer leaves the message unanswered, kept and flagged', async () => {
    const world = await open();
    await receive(
      world,
      inbound(world, { kind: 'text', text: 'brochure please' }, { key: 'q' }),
      revoke(world, 'q', { key: 'r' }),
    );
    expect(world.answers(ASHA)).toEqual([]);
    const silence = { kind: 'reply', template: 'silence' };
    expect(await record(world, 'q')).toMatchObject({
      content: { text: 'brochure please' },
      revokedAt: world.now,
      outcome: silence,
    });
    expect((await record(world, 'r')).outcome).toEqual(silence);
    expect(await said(world)).toContain('buyer: 🗑 deleted by the buyer: brochure please');
  });

  it('that comes in before its message counts; an edit after it is not answered', async () => {
    const world = await open();
    await receive(world, revoke(world, 'q'));
    await say(world, 'brochure please', { key: 'q' });
    await receive(world, inbound(world, { kind: 'edited', to: 'q', text: 'price of 3bhk?' }));
    expect(world.answers(ASHA)).toEqual([]);
    expect(await cases(world)).toEqual([]);
    expect((await record(world, 'q')).revokedAt).toEqual(world.now);
  });

  it('takes no opt-out and no threat back', async () => {
    const world = await open();
    await receive(
      world,
      inbound(world, { kind: 'text', text: 'STOP' }, { key: 'a' }),
      revoke(world, 'a'),
      inbound(world, { kind: 'text', text: 'I will go to RERA' }, { key: 'b' }),
      revoke(world, 'b'),
    );
    expect((await world.conversation(ASHA)).state.optedOutAt).toEqual(world.now);
    expect(told((await cases(world))[0])).toEqual(['🗑 deleted by the buyer: I will go to RERA']);
  });

  it('after the answer is shown to the team of the open case, once', async () => {
    const world = await open();
    await say(world, 'I will go to RERA', { key: 'q' });
    const deletion = revoke(world, 'q');
    await receive(world, deletion);
    await receive(world, deletion);
    expect(told((await cases(world))[0])).toEqual([
      'I will go to RERA',
      '🗑 deleted by the buyer: "I will go to RERA"',
    ]);
  });
});

describe('what the bot cannot read', () => {
  it('is told: calls by a text and one case, however often it rings', async () => {
    const world = await open();
    for (const key of ['c1', 'c2', 'c3'])
      await receive(world, inbound(world, { kind: 'call', video: false }, { key }));
    expect(world.answers(ASHA)).toEqual([expect.stringMatching(/cannot take calls/)]);
    expect(await cases(world)).toMatchObject([{ intent: 'human_request', reason: 'call', team: 'sales' }]);
    await world.pass(31 * MINUTE_MS);
    await receive(world, inbound(world, { kind: 'call', video: true }));
    expect(world.answers(ASHA)).toHaveLength(2);
    expect(told((await cases(world))[0]).at(-1)).toBe('[video call]');
  });

  it('goes to a person, well described', async () => {
    const world = await open();
    const file = { kind: 'media', ref: 'r', mimeType: 'audio/ogg' } as const;
    world.phone.answerNextFetch({ kind: 'later', reason: 'busy' });
    const contacts = [{ name: 'Ravi', phones: ['+919999900011', '+14155550100'] }];
    await receive(world, inbound(world, { kind: 'contacts', contacts }));
    await receive(world, inbound(world, { ...file, media: 'audio', voice: true }));
    await receive(
      world,
      inbound(world, { kind: 'location', latitudeDeg: 28.4, longitudeDeg: 77.5, name: 'STOP' }),
    );
    expect((await cases(world)).flatMap(told)).toEqual([
      '[contact Ravi, +91 99999 00011, +14155550100]',
      '[voice note]',
      '[location 28.4, 77.5] STOP',
    ]);
    expect((await world.conversation(ASHA)).state.optedOutAt).toBeUndefined();
  });

  it('is a courtesy when it is a sticker', async () => {
    const world = await open();
    const sticker = { kind: 'media', media: 'sticker', ref: 'r', mimeType: 'image/webp' } as const;
    for (const key of ['s1', 's2']) {
      world.phone.answerNextFetch({ kind: 'later', reason: 'busy' });
      await receive(world, inbound(world, sticker, { key }));
    }
    expect(world.answers(ASHA)).toEqual([expect.stringMatching(/Thank you/)]);
    expect(await cases(world)).toEqual([]);
  });
});

describe('after an outage', () => {
  it('a late question goes to a person with one apology, a late opt-out counts at once', async () => {
    const world = await open();
    await world.write(ASHA, 'Hi');
    const before = world.answers(ASHA).length;
    jest.spyOn(world.context.outages, 'isLate').mockReturnValue(true);
    await say(world, 'where is the site?');
    await say(world, 'and the price?');
    expect(world.answers(ASHA).slice(before)).toEqual([expect.stringMatching(/could not be reached/)]);
    expect(await cases(world)).toMatchObject([{ reason: 'late', intent: 'location_query', team: 'sales' }]);
    await say(world, 'STOP');
    expect((await world.conversation(ASHA)).state.optedOutAt).toEqual(world.now);
  });
});

describe('the paired phone', () => {
  const echo = (world: World, text: string, more: Partial<Echo> = {}): Echo => ({
    key: `p${Math.random()}`,
    to: { kind: 'pn', value: ASHA },
    alsoKnownAs: [],
    at: world.now,
    content: { kind: 'text', text },
    ...more,
  });
  async function type(world: World, ...echoes: Echo[]): Promise<void> {
    await world.context.echoes.take('sandbox', echoes);
    await world.rest();
  }

  it('takes the word, and the timeline shows what was typed', async () => {
    const world = await open();
    await say(world, 'Hi');
    const before = world.answers(ASHA).length;
    await type(world, echo(world, 'Namaste, this is Riya'));
    await say(world, 'what is the price of 3bhk?');
    expect(world.answers(ASHA)).toHaveLength(before);
    expect(await said(world)).toContain('phone: Namaste, this is Riya');
    expect((await world.conversation(ASHA)).state.owner).toMatchObject({ kind: 'staff', id: 'phone' });
    const [opened, ...others] = await cases(world);
    expect(opened).toMatchObject({ reason: 'phone_conversation', intent: 'price_query', team: 'sales' });
    expect(others).toEqual([]);
    await say(world, 'hello?');
    expect(told((await cases(world))[0])).toEqual(['what is the price of 3bhk?', 'hello?']);
    await world.pass(12 * HOUR_MS);
    await say(world, 'where is the site?');
    expect(world.answers(ASHA).at(-1)).toMatch(/Sector 150/);
  });

  it('answers the open case and tells its thread', async () => {
    const world = await open();
    await say(world, 'I will go to RERA');
    await type(world, echo(world, 'I will call you'));
    const [threat] = await cases(world);
    expect(threat).toMatchObject({ owner: { id: 'phone', name: 'Paired phone' }, respondedAt: world.now });
    expect(told(threat)).toEqual(['I will go to RERA', 'answered from the paired phone: I will call you']);
    await answersOf(world, () => world.now).resolve({ caseId: threat?._id ?? '', inputId: 'r', staff: RIYA });
    await say(world, 'where is the site?');
    expect(world.answers(ASHA).at(-1)).toMatch(/Sector 150|Greenfield/);
  });

  it('holds back what the bot still owes', async () => {
    const world = await open();
    await say(world, 'Hi');
    const before = world.answers(ASHA).length;
    world.phone.failNextSend('retry');
    await say(world, 'where is the site?');
    await type(world, echo(world, 'It is in Noida'));
    await world.pass(5_000);
    expect(world.answers(ASHA)).toHaveLength(before);
    const held = (await world.timeline(ASHA)).find(({ what }) => what.startsWith('held back'));
    expect(held?.why).toBe('a person has the conversation');
  });

  it('is taken once, whoever delivers it again, at once or years later', async () => {
    const world = await open();
    await say(world, 'I will go to RERA');
    const typed = echo(world, 'Namaste');
    await Promise.all([type(world, typed), type(world, typed), type(world, typed)]);
    const taken = async () => [...(await said(world)), ...told((await cases(world))[0])];
    const once = ['phone: Namaste', 'answered from the paired phone: Namaste'];
    expect((await taken()).filter((line) => line.includes('Namaste'))).toEqual(once);
    // More than the conversation remembers by itself.
    await type(world, ...Array.from({ length: 60 }, (_, n) => echo(world, `more ${n}`)));
    await type(world, typed);
    expect((await taken()).filter((line) => line.includes('Namaste'))).toEqual(once);
  });

  it('found long after it was used goes on the timeline and takes nothing', async () => {
    const world = await open();
    await type(world, echo(world, 'Our old talk', { at: new Date(world.now.getTime() - 13 * HOUR_MS) }));
    expect(await said(world)).toEqual(['phone: Our old talk']);
    expect((await world.conversation(ASHA)).state.owner).toEqual({ kind: 'bot' });
    await say(world, 'Hi');
    expect(world.answers(ASHA)[0]).toMatch(/brochure/);
    expect(await world.context.models.buyers.model.countDocuments()).toBe(1);
  });

  it('is not mistaken for the bot, whose words come back as well', async () => {
    const world = await open();
    await say(world, 'Hi');
    await type(world, echo(world, 'whatever it says', { key: idOf(world, /size of home/) }));
    expect((await world.conversation(ASHA)).state.owner).toEqual({ kind: 'bot' });
    expect((await said(world)).some((line) => line.startsWith('phone:'))).toBe(false);
  });

  it("is not mistaken for the bot's own send that is still on its way", async () => {
    const world = await open();
    const send = world.phone.send.bind(world.phone);
    jest.spyOn(world.phone, 'send').mockImplementation(async (message) => {
      // The provider tells of it before the ledger has its id.
      await world.context.echoes.take('sandbox', [echo(world, '', { content: echoed(message.content) })]);
      return send(message);
    });
    await world.write(ASHA, 'I will go to RERA');
    await world.write(ASHA, 'price of 3bhk?');
    expect(world.answers(ASHA)).toHaveLength(4);
    expect((await world.conversation(ASHA)).state.owner).toEqual({ kind: 'bot' });
    expect((await said(world)).some((line) => line.startsWith('phone:'))).toBe(false);
  });

  /** How the words of a send come back; a file is a file, and a poll cannot be read. */
  function echoed(content: OutboundContent): Content {
    if (content.kind === 'text') return { kind: 'text', text: content.text };
    if (content.kind !== 'document') return { kind: 'unsupported', reason: content.kind };
    return { kind: 'media', media: 'document', ref: 'r', mimeType: content.document.mimeType };
  }

  it('is heard while a send of the bot is on its way', async () => {
    const world = await open();
    const send = world.phone.send.bind(world.phone);
    jest.spyOn(world.phone, 'send').mockImplementationOnce(async (message) => {
      const sent = await send(message);
      await world.context.echoes.take('sandbox', [echo(world, 'I take this one')]);
      return sent;
    });
    await world.write(ASHA, 'I will go to RERA');
    expect((await world.conversation(ASHA)).state.owner).toMatchObject({ id: 'phone' });
  });

  it('makes the buyer whom it writes to, and a reaction from it takes no word', async () => {
    const world = await open();
    const to = { kind: 'pn', value: ROHAN } as const;
    await type(world, echo(world, 'Namaste Rohan', { to }));
    expect((await world.conversation(ROHAN)).state.owner).toMatchObject({ id: 'phone', caseId: '' });
    await say(world, 'Hi');
    await type(world, echo(world, '', { content: { kind: 'reaction', to: 'x', emoji: '👍' } }));
    expect((await world.conversation(ASHA)).state.owner).toEqual({ kind: 'bot' });
    expect(await said(world)).toContain('phone: 👍');
  });
});
