import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decideVoiceNote, newConversation } from '../flows/decide.ts';
import type { Case } from '../models/case.ts';
import type { Media } from '../models/media.ts';
import type { Send } from '../models/send.ts';
import { createOpenAiStandIn, type OpenAiStandIn } from './standins/openai.ts';
import { until } from './until.ts';
import { MONDAY, World } from './world.ts';

/** Voice notes, from the buyer's mouth to the bot or to a person, with everything that can come between. */

const ASHA = '+919999900001';
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const SOUND = Buffer.concat([Buffer.from('OggS'), Buffer.alloc(24), Buffer.from('OpusHead')]);
const BROCHURE = 'Please send me the brochure';
const NOTE = '[voice note PTT-20261123.opus]';
const POSTED = `Voice note, as a machine heard it: "${BROCHURE}"`;

let standIn: OpenAiStandIn;
let baseUrl: string;
const worlds: World[] = [];

beforeEach(async () => {
  standIn = createOpenAiStandIn();
  standIn.transcribe = ({ bytes }) => bytes.subarray(SOUND.length).toString();
  baseUrl = await standIn.start();
});
afterEach(async () => {
  for (const world of worlds.splice(0).reverse()) await world.close();
  await standIn.stop();
});

async function open(options: Parameters<typeof World.open>[0] = {}): Promise<World> {
  const openai = { apiKey: 'stand-in-key', baseUrl, model: 'reader', transcriptionModel: 'ear' };
  const world = await World.open({ ...options, config: { openai, ...options.config } });
  worlds.push(world);
  return world;
}

/** A buyer speaks; the words are in the recording, where the stand-in finds them. */
async function speak(world: World, words: string, key = 'key-0001', sound = SOUND): Promise<void> {
  const bytes = Buffer.concat([sound, Buffer.from(words)]);
  const note = { fileName: 'PTT-20261123.opus', mimeType: 'audio/ogg; codecs=opus', caption: '' };
  await world.phone.attachAs(ASHA, { ...note, bytes, voice: true }, key);
}

/** Lets the stand-in hear nothing until it is released. */
function holdHearing(): () => void {
  const { transcribe } = standIn;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  standIn.transcribe = async (recording) => {
    await released;
    return transcribe(recording);
  };
  return release;
}

async function record(world: World, key = 'key-0001'): Promise<Media> {
  const found = await world.context.models.media.model.findById(`sandbox:${key}`).lean<Media>();
  if (!found) throw new Error('the file is not on record');
  return found;
}

async function cases(world: World): Promise<Case[]> {
  return world.context.models.cases.model.find().lean<Case[]>();
}

/** What the people of this buyer's cases see, quotes first. */
async function told(world: World): Promise<string[]> {
  return (await cases(world)).flatMap(({ quotes, posts }) => [...quotes, ...posts.map(({ text }) => text)]);
}

async function said(world: World): Promise<string[]> {
  return (await world.timeline(ASHA)).filter(({ who }) => who === 'buyer').map(({ what }) => what);
}

/** Again and again, as the sweep would: what is done twice shows. */
async function goOn(world: World): Promise<void> {
  for (let seconds = 0; seconds < 30; seconds += 6) await world.pass(6 * SECOND_MS);
  expect((await record(world)).nextAt).toBeUndefined();
}

describe('a voice note', () => {
  it('that asks for the brochure is answered by the bot, and no person is asked', async () => {
    const world = await open();
    await speak(world, BROCHURE);
    await world.rest();
    expect(world.now).toEqual(MONDAY);
    expect(world.answers(ASHA)[0]).toMatch(/^\[Greenfield-Heights-brochure\.pdf\]/);
    expect(standIn.heard).toMatchObject([{ model: 'ear', mimeType: 'audio/ogg' }]);
    const before = world.answers(ASHA);
    await goOn(world);
    expect(await said(world)).toEqual([`🎤 "${BROCHURE}" (voice note, as a machine heard it)`]);
    expect(world.answers(ASHA)).toEqual(before);
    expect(await cases(world)).toEqual([]);
    expect(standIn.heard).toHaveLength(1);
    expect((await world.conversation(ASHA)).seen).toEqual(['heard:sandbox:key-0001']);
    const metrics = await world.context.metrics.registry.metrics();
    expect(metrics).toContain('baton_openai_transcription_seconds_count{outcome="answered"} 1');
    const timeline = (await world.timeline(ASHA)).map(({ what }) => what);
    expect(timeline.filter((what) => what.startsWith('voice note stored'))).toHaveLength(1);
  });

  it('that nobody can make sense of goes to a person, with its words on the card', async () => {
    const world = await open();
    await speak(world, 'the thing with the other thing you know');
    await world.rest();
    await goOn(world);
    expect(await cases(world)).toMatchObject([{ reason: 'unsure' }]);
    expect(await told(world)).toEqual([
      '🎤 "the thing with the other thing you know" (voice note, as a machine heard it)',
    ]);
  });

  it('answers the question that was asked', async () => {
    const world = await open();
    await world.write(ASHA, 'Hi, brochure of 2BHK?');
    expect(world.answers(ASHA).at(-1)).toMatch(/budget/);
    await speak(world, '85 lakh');
    await world.rest();
    expect(await world.context.models.leads.model.findOne().lean()).toMatchObject({
      answers: { budget: expect.anything() },
    });
    expect(await cases(world)).toEqual([]);
  });

  it('may end all messages, but not begin them again: that takes more than hearing', async () => {
    const world = await open();
    await speak(world, 'please stop sending me messages');
    await world.rest();
    expect((await world.conversation(ASHA)).state.optedOutAt).toEqual(MONDAY);
    await speak(world, 'start sending messages again', 'key-0002');
    await world.rest();
    expect((await world.conversation(ASHA)).state.optedOutAt).toEqual(MONDAY);
    expect(await told(world)).toEqual([
      '🎤 "start sending messages again" (voice note, as a machine heard it)',
    ]);
    await world.write(ASHA, 'start sending messages again');
    expect((await world.conversation(ASHA)).state.optedOutAt).toBeUndefined();
  });

  it('is treated like text where it names identity numbers: the model that reads gets none', async () => {
    const world = await open();
    await speak(world, 'the thing you know 2345 6789 0123 with the other thing');
    await world.rest();
    expect(standIn.asked.map(({ message }) => message)).toEqual([
      'the thing you know #### #### #### with the other thing',
    ]);
  });

  it('decides the language only of who has written nothing yet', async () => {
    const world = await open();
    await speak(world, 'ब्रोशर भेज दीजिए');
    await world.rest();
    expect((await world.conversation(ASHA)).state.language).toBe('hi');
    await world.write(ASHA, 'what is the price of the bigger homes please');
    await speak(world, 'ब्रोशर भेज दीजिए', 'key-0002');
    await world.rest();
    expect((await world.conversation(ASHA)).state.language).toBe('en');
  });

  it('is heard once and answered once, however often it is delivered', async () => {
    const world = await open();
    const release = holdHearing();
    await speak(world, BROCHURE);
    const inbound = await world.context.models.inbound.model.findOne().lean();
    const message = {
      key: 'key-0001',
      from: { kind: 'pn', value: ASHA } as const,
      alsoKnownAs: [],
      at: world.now,
      content: inbound?.content as never,
      raw: {},
    };
    await world.context.receiver.receive('sandbox', [message, message]);
    release();
    await world.rest();
    await world.context.receiver.receive('sandbox', [message]);
    await goOn(world);
    expect(standIn.heard).toHaveLength(1);
    expect(world.answers(ASHA).filter((text) => text.startsWith('['))).toHaveLength(1);
    expect(await cases(world)).toEqual([]);
  });

  it('and what is written 200 ms later are one turn, in order', async () => {
    const world = await open();
    const release = holdHearing();
    await speak(world, BROCHURE);
    const passing = world.pass(200);
    await until('the question', () => standIn.heard.length === 1);
    await world.phone.writeAs(ASHA, '2BHK');
    await until('both', async () => (await world.context.models.inbound.model.countDocuments()) === 2);
    expect(world.answers(ASHA)).toEqual([]);
    release();
    await passing;
    await world.rest();
    expect(await said(world)).toEqual([expect.stringContaining(BROCHURE), '2BHK']);
    expect(world.answers(ASHA)).toEqual([
      expect.stringMatching(/^\[Greenfield-Heights-brochure\.pdf\]/),
      expect.stringMatching(/budget/),
    ]);
    const sends = await world.context.models.sends.model.find().lean<Send[]>();
    expect(new Set(sends.map(({ _id }) => _id.split(':').at(-2)))).toEqual(new Set(['1']));
  });
});

describe('without a model', () => {
  it('nothing waits, and a voice note goes to a person as ever', async () => {
    const world = await open({ config: { openai: undefined } });
    await speak(world, BROCHURE);
    await world.rest();
    expect(world.now).toEqual(MONDAY);
    expect(await told(world)).toEqual([NOTE]);
    expect(await record(world)).not.toHaveProperty('transcript');
    expect((await record(world)).nextAt).toBeUndefined();
    expect(standIn.heard).toEqual([]);
  });
});

describe('a voice note that cannot be heard', () => {
  async function expectAPerson(world: World): Promise<void> {
    await world.rest();
    expect(world.now).toEqual(MONDAY);
    expect((await told(world))[0]).toBe(NOTE);
    await goOn(world);
    expect(await record(world)).toMatchObject({ transcript: '' });
    expect((await told(world)).join()).not.toContain('heard');
  }

  it('because the model fails goes to a person at once, and the model is not asked again', async () => {
    const world = await open();
    standIn.voiceFaults.push({ kind: 'status', status: 500 }, { kind: 'status', status: 500 });
    await speak(world, BROCHURE);
    await expectAPerson(world);
    expect(standIn.heard).toHaveLength(2);
  });

  it('because nobody speaks in it goes to a person at once', async () => {
    const world = await open();
    await speak(world, ' ');
    await expectAPerson(world);
  });

  it('because the model does not take its kind goes to a person at once', async () => {
    const world = await open();
    await speak(world, 'words', 'key-0001', Buffer.from('#!AMR\n'));
    await expectAPerson(world);
    expect(standIn.heard).toEqual([]);
  });

  it('because it is not to be had goes to a person at once', async () => {
    const world = await open();
    world.phone.answerNextFetch({ kind: 'gone', reason: 'the provider has it no more' });
    await speak(world, BROCHURE);
    await expectAPerson(world);
    expect(standIn.heard).toEqual([]);
  });

  it('because it is none goes to a person at once', async () => {
    const world = await open();
    await speak(world, BROCHURE, 'key-0001', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(500)]));
    await expectAPerson(world);
    expect((await record(world)).status).toBe('refused');
  });

  it('because its bytes are lost goes to a person, and is not tried for ever', async () => {
    const world = await open();
    const { media, files } = world.context.models;
    const openMedia = media.open.bind(media);
    media.open = async (id) => {
      await files.drop((await record(world)).fileId ?? '');
      return openMedia(id);
    };
    await speak(world, BROCHURE);
    await expectAPerson(world);
  });
});

describe('words that come too late', () => {
  /** The model is at it when the wait is over: a person has the voice note, and the words come afterwards. */
  async function speakSlowly(world: World): Promise<void> {
    const release = holdHearing();
    await speak(world, BROCHURE);
    await until('the question', () => standIn.heard.length === 1);
    const early = world.pass(19 * SECOND_MS);
    const inbound = await world.context.models.inbound.model.findOne().lean();
    await world.context.merges.take(inbound?.conversation ?? '');
    expect(await cases(world)).toEqual([]);
    const passing = world.pass(SECOND_MS);
    await until('a person', async () => (await told(world)).length === 1);
    release();
    await Promise.all([early, passing]);
  }

  it('stand in the thread of the case, once', async () => {
    const world = await open();
    await speakSlowly(world);
    expect(await told(world)).toEqual([NOTE, POSTED]);
    await goOn(world);
    const other = await open({ joins: world });
    await goOn(other);
    expect(await told(world)).toEqual([NOTE, POSTED]);
    expect(world.answers(ASHA).join()).not.toContain('brochure.pdf');
    expect(standIn.heard).toHaveLength(1);
  });

  it('stand there once, too, when they come at the very moment of the decision', async () => {
    const world = await open();
    const { inbound } = world.context.models;
    const hear = inbound.hear.bind(inbound);
    let passing: Promise<void> | undefined;
    inbound.hear = async (message, transcript) => {
      passing ??= world.pass(20 * SECOND_MS);
      await until('a person', async () => (await told(world)).length === 1);
      await hear(message, transcript);
    };
    await speak(world, BROCHURE);
    await until('the decision', () => passing !== undefined);
    await passing;
    await goOn(world);
    expect(await told(world)).toEqual([NOTE, POSTED]);
  });

  it('are shown in the case of the message, else in an open one, else a person is asked', () => {
    const context = { scope: 'c:2', facts: {} as never, now: MONDAY };
    const open = (id: string) => ({
      id,
      team: 'sales' as const,
      openedAt: MONDAY,
      pausesReminders: false,
      acknowledged: [],
      acknowledgedAt: MONDAY,
    });
    const state = { ...newConversation(), cases: [open('c:1.1'), open('c:1.2')] };
    const late = { words: BROCHURE, isRevoked: false };
    const effects = (caseId: string, from = state, voiceNote = late) =>
      decideVoiceNote(from, { ...voiceNote, caseId }, context).effects;
    expect(effects('c:1.1')).toEqual([{ kind: 'postToCase', caseId: 'c:1.1', who: 'bot', text: POSTED }]);
    expect(effects('closed')).toMatchObject([{ kind: 'postToCase', caseId: 'c:1.2' }]);
    expect(effects('closed', newConversation() as typeof state)).toMatchObject([
      { kind: 'openCase', reason: 'voice_note', details: { message: POSTED } },
    ]);
    expect(effects('closed', newConversation() as typeof state, { ...late, isRevoked: true })).toEqual([]);
  });
});

describe('a process that ends', () => {
  it('between storing a voice note and hearing it is made up for by the next one', async () => {
    const world = await open();
    world.context.models.media.open = () => new Promise(() => undefined);
    await speak(world, BROCHURE);
    await until('the file', async () => (await record(world)).status === 'stored');
    await world.context.turns.drain();
    // The stopped one would never come to rest.
    world.context.media.drain = async () => undefined;
    const other = await open({ joins: world });
    await other.pass(20 * SECOND_MS);
    expect(await told(other)).toEqual([NOTE]);
    await other.pass(6 * MINUTE_MS);
    await goOn(other);
    expect(await told(other)).toEqual([NOTE, POSTED]);
    expect(standIn.heard).toHaveLength(1);
  });

  it('in good order while the model listens leaves it to the next one, in time for the turn', async () => {
    const world = await open();
    standIn.voiceFaults.push({ kind: 'silent' });
    await speak(world, BROCHURE);
    await until('the question', () => standIn.heard.length === 1);
    await world.context.media.drain();
    await world.context.turns.drain();
    expect(await record(world)).not.toHaveProperty('transcript');
    const other = await open({ joins: world });
    await other.pass(5 * SECOND_MS);
    await goOn(other);
    expect(world.answers(ASHA)[0]).toMatch(/^\[Greenfield-Heights-brochure\.pdf\]/);
    expect(await cases(other)).toEqual([]);
  });

  it('between hearing and handing over does not ask the model again', async () => {
    const world = await open();
    const { inbound } = world.context.models;
    const hear = inbound.hear.bind(inbound);
    inbound.hear = async () => {
      inbound.hear = hear;
      throw new Error('the line to the database broke');
    };
    await speak(world, BROCHURE);
    await world.context.media.idle();
    expect(await record(world)).toMatchObject({ transcript: BROCHURE });
    expect(world.answers(ASHA)).toEqual([]);
    await world.pass(5 * SECOND_MS);
    await goOn(world);
    expect(world.answers(ASHA)[0]).toMatch(/^\[Greenfield-Heights-brochure\.pdf\]/);
    expect(await cases(world)).toEqual([]);
    expect(standIn.heard).toHaveLength(1);
  });
});
