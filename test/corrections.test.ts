import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readCorrections } from '../bot/understand/corrections.ts';
import { masked } from '../bot/understand/identity.ts';
import type { Understander } from '../bot/understand/understander.ts';
import { INTENTS, type Intent } from '../flows/types.ts';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { Message } from '../inbox/sandbox/workspace.ts';
import type { Case } from '../models/case.ts';
import type { Correction } from '../models/correction.ts';
import { type Ended, runCommand } from './cli.ts';
import { type Product, startProduct } from './product.ts';
import { blocksOf, interact, pressOf, resolveAs } from './teamwork.ts';
import { until } from './until.ts';
import { databaseUri, World } from './world.ts';

const MEERA = 'U0MEERALEGL';
const ARJUN = 'U0ARJUNSALE';
const OUTSIDER = 'U0OUTSIDER1';
const { legal, sales } = TEAM_CHANNELS;
const ASHA = '+919999900001';

/** A word decides, so that it does not matter how well messages are read. */
const byWord: Understander = {
  async understand(text) {
    const [name, confidence]: [Intent, number] = text.includes('RERA')
      ? ['legal_threat', 0.97]
      : ['other', 0.2];
    return { intents: [{ name, confidence }], entities: {}, language: 'en', sentiment: 'neutral' };
  },
};

describe('the menu on a card', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ understander: byWord });
    await until('Slack is reached', () => product.baton.context.inbox.health() === 'ready');
  });
  afterAll(() => product.stop());

  it('says what was understood and offers every meaning once, in words', async () => {
    const { card } = await openCase(product);
    const { text, words, values } = menuOf(card());
    expect(text).toBe('Read as: Legal threat');
    expect(values.sort()).toEqual([...INTENTS].sort());
    expect(new Set(words).size).toBe(INTENTS.length);
    expect(words.join()).not.toContain('_');
  });

  it('keeps what a person says the words mean, with who, when and what was understood, and shows it', async () => {
    const { card, found, ts } = await openCase(product, 'I will go to RERA, ring 98765 43210');
    expect(await choose(product, MEERA, ts, 'misselling_claim')).toEqual({ ok: true });
    await until('the card', () => blocksOf(card()).includes('*Corrected to*\\nClaims mis-selling'));
    expect(await correctionsOf(product, found)).toEqual([
      {
        _id: `${found._id}/${MEERA}`,
        case: found._id,
        text: 'I will go to RERA, ring [number]',
        understood: 'legal_threat',
        meant: 'misselling_claim',
        by: { id: MEERA, name: 'Adv. Meera Iyer' },
        at: expect.any(Date),
      },
    ]);
  });

  it('lets the last word of a person count, and each person have one', async () => {
    const { card, found, ts } = await openCase(product);
    for (const [member, meant] of [
      [MEERA, 'complaint'],
      [ARJUN, 'refund_query'],
      [MEERA, 'payment_dispute'],
      [MEERA, 'payment_dispute'],
    ] as const) {
      await choose(product, member, ts, meant);
    }
    await until('the card', () => blocksOf(card()).includes('*Corrected to*\\nDisputes a demand'));
    const kept = await correctionsOf(product, found);
    expect(kept.map(({ by, meant }) => `${by.id} ${meant}`).sort()).toEqual([
      `${ARJUN} refund_query`,
      `${MEERA} payment_dispute`,
    ]);
  });

  it('takes a correction back when what was understood is chosen', async () => {
    const { card, found, ts } = await openCase(product);
    await choose(product, MEERA, ts, 'complaint');
    await until('the correction', () => blocksOf(card()).includes('Corrected to'));
    await choose(product, MEERA, ts, 'legal_threat');
    await until('the card without it', () => !blocksOf(card()).includes('Corrected to'));
    expect((await correctionsOf(product, found)).map(({ meant }) => meant)).toEqual(['legal_threat']);
  });

  it('moves nothing: the case stays with its team, and the buyer hears nothing of it', async () => {
    const { buyer, found, ts } = await openCase(product);
    await choose(product, MEERA, ts, 'price_query');
    await product.baton.context.caseTurns.idle();
    const after = await product.models.cases.byId(found._id);
    expect(after).toMatchObject({ team: 'legal', intent: 'legal_threat', status: 'open' });
    expect(buyer.cards(sales)).toEqual([]);
    expect(buyer.heard()).toHaveLength(1);
  });

  it('refuses staff who are not active any more', async () => {
    const left = 'U0VIKRAMOPS';
    const staff = { _id: left, name: 'Vikram Joshi', teams: ['legal'], active: false };
    await product.models.staff.model.create(staff as never);
    const { found, ts } = await openCase(product);
    await choose(product, left, ts, 'complaint');
    await until('a refusal', () => whispers(product, left, ts).length === 1);
    expect(await correctionsOf(product, found)).toEqual([]);
  });

  it('refuses who can see a public channel without being in it, and tells only them', async () => {
    const { found, ts } = await openCase(product);
    expect(await chooseFromOutside(product, ts)).toBe(200);
    const told = product.slack.calls.filter(
      ({ method, args }) => method === 'chat.postEphemeral' && args.user === OUTSIDER,
    );
    expect(told.map(({ args }) => args.text)).toEqual([
      `Only active members of <#${legal}> can act on ${found.ticket}: please ask somebody there.`,
    ]);
    expect(await correctionsOf(product, found)).toEqual([]);
  });

  it('is not on a closed card, nor on one about something that was not read', async () => {
    const { card, ts } = await openCase(product);
    await resolveAs(product, MEERA, { channel: legal, ts });
    await until('a closed card', () => blocksOf(card()).includes('Resolved'));
    expect(blocksOf(card())).not.toContain('case_meaning');

    const buyer = product.buyer();
    const photo = {
      mimeType: 'image/jpeg',
      fileName: 'photo.jpg',
      bytes: Buffer.from('a photo'),
      caption: '',
    };
    await product.phone.attachAs(buyer.number, photo);
    expect(blocksOf(await buyer.card(sales))).not.toContain('case_meaning');
  });
});

describe('what has been corrected', () => {
  const worlds: World[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
  });

  async function open(): Promise<World> {
    const world = await World.open({ overrides: { understander: byWord } });
    worlds.push(world);
    return world;
  }

  it('comes out as examples: of one case the latest word, the oldest case first', async () => {
    const world = await open();
    const { corrections } = world.context.models;
    const [one, two] = [await caseAbout(world, 'RERA one'), await caseAbout(world, 'RERA two')];
    const at = (minute: number) => new Date(world.now.getTime() + minute * 60_000);
    await corrections.correct(one, 'complaint', { id: 'U1', name: 'Riya' }, at(1));
    await corrections.correct(two, 'refund_query', { id: 'U1', name: 'Riya' }, at(2));
    await corrections.correct(one, 'payment_dispute', { id: 'U2', name: 'Farah' }, at(0));
    const examples = [
      { text: 'RERA one', intent: 'complaint' },
      { text: 'RERA two', intent: 'refund_query' },
    ];
    expect(await readCorrections({ MONGODB_URI: world.uri })).toEqual(examples);
    expect(await runExport(world.uri)).toEqual({
      code: 0,
      out: examples.map((each) => `${JSON.stringify(each)}\n`).join(''),
      err: '',
    });
  });

  it('is nothing yet in a new database, and code 2 says that there is none', async () => {
    expect(await readCorrections({ MONGODB_URI: databaseUri() })).toEqual([]);
    const { code, out, err } = await runExport(
      'mongodb://baton:secret@127.0.0.1:9/baton?serverSelectionTimeoutMS=200',
    );
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^corrections: MONGODB_URI: no connection to 127\.0\.0\.1:9: .+\n$/);
  });

  it.each([
    ['RERA 9876543210', 'RERA [number]'],
    // A card's number is masked before the message is stored.
    ['RERA 1234 5678 9012, RERA 4111-1111-1111-1111', 'RERA [number], RERA [card]'],
    ['RERA +91 98765 43210', 'RERA +91 [number]'],
    ['RERA ९८७६५४३२१०', 'RERA [number]'],
    ['RERA HDFCR52026112300451278', 'RERA HDFCR[number]'],
    [
      'RERA 28-11-2026 10:30, 1,20,000 for 1204, PIN 560001',
      'RERA 28-11-2026 10:30, 1,20,000 for 1204, PIN 560001',
    ],
  ])('is kept without long numbers: %s', async (text, kept) => {
    const world = await open();
    const { corrections } = world.context.models;
    await corrections.correct(
      await caseAbout(world, text),
      'complaint',
      { id: 'U1', name: 'Riya' },
      world.now,
    );
    expect((await corrections.all()).map((each) => each.text)).toEqual([kept]);
  });

  it('needs words: a case that quotes nobody teaches nothing', async () => {
    const world = await open();
    const found = await caseAbout(world, 'RERA');
    const { corrections, cases } = world.context.models;
    await corrections.correct({ ...found, quotes: [] }, 'complaint', { id: 'U1', name: 'Riya' }, world.now);
    expect(await corrections.all()).toEqual([]);
    expect((await cases.byId(found._id))?.details).toEqual({});
  });
});

let phones = 0;

/** The case that a new buyer's message opens. */
async function caseAbout(world: World, text: string): Promise<Case> {
  phones += 1;
  const number = `${ASHA.slice(0, -3)}${String(phones).padStart(3, '0')}`;
  await world.write(number, text);
  const found = await world.context.models.cases.model.findOne({ quotes: masked(text) }).lean<Case>();
  if (!found) throw new Error(`no case about ${text}`);
  return found;
}

async function openCase(product: Product, text = 'I will go to RERA') {
  const buyer = product.buyer();
  await buyer.write(text);
  const { ts } = await buyer.card(legal);
  const found = await until('the case to know its card', () => product.models.cases.byThread(legal, ts));
  await until('the acknowledgement', () => buyer.heard().length === 1);
  return { buyer, ts, found, card: () => buyer.cards(legal)[0] };
}

function choose({ slack }: Product, member: string, ts: string, meant: Intent) {
  return slack.click(member, legal, ts, 'case_meaning', { entry: meant });
}

async function chooseFromOutside(product: Product, ts: string): Promise<number> {
  const option = { text: { type: 'plain_text', text: 'Complaint' }, value: 'complaint' };
  const chosen = { type: 'static_select', block_id: 'meaning', selected_option: option };
  const press = pressOf(OUTSIDER, { channel: legal, ts }, 'case_meaning', chosen);
  return (await interact(product, press)).status;
}

async function correctionsOf({ models }: Product, found: Case): Promise<Correction[]> {
  return (await models.corrections.all()).filter((each) => each.case === found._id);
}

function menuOf(card: Message | undefined): { text: string; words: string[]; values: string[] } {
  for (const block of card?.blocks ?? []) {
    if (block.type !== 'section' || block.accessory?.type !== 'static_select') continue;
    const options = block.accessory.options ?? [];
    return {
      text: block.text?.text ?? '',
      words: options.map(({ text }) => text.text),
      values: options.map(({ value }) => value),
    };
  }
  throw new Error('this card has no menu');
}

function whispers({ slack }: Product, member: string, ts: string): string[] {
  return slack.ephemerals(member).flatMap(({ threadTs, text }) => (threadTs === ts ? [text] : []));
}

function runExport(uri: string): Promise<Ended> {
  return runCommand('bot/understand/corrections.ts', [], { MONGODB_URI: uri });
}
