import { afterEach, describe, expect, it } from '@jest/globals';
import { Answers } from '../bot/answers.ts';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import { auditDatabase } from '../models/audit.ts';
import type { Case } from '../models/case.ts';
import { type Product, startProduct } from './product.ts';
import { blocksOf, linesOf, MEERA, readBy, resolveAs, settled } from './teamwork.ts';
import { until } from './until.ts';
import { World } from './world.ts';

const ASHA = '+919999900001';
const RIYA = { id: 'U1', name: 'Riya' };
const HOUR = 3_600_000;
const { legal, sales } = TEAM_CHANNELS;

const understander = readBy([
  ['RERA', 'legal_threat'],
  ['thanks', 'thanks'],
  ['ok', 'affirm'],
  ['no', 'deny'],
  ['hello', 'greeting'],
  ['brochure', 'brochure_request'],
  ['person', 'human_request'],
  ['stop', 'opt_out'],
]);

const worlds: World[] = [];
const products: Product[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0).reverse()) await world.close();
  for (const product of products.splice(0)) await product.stop();
});

async function open(options: Parameters<typeof World.open>[0] = {}): Promise<World> {
  const world = await World.open({ ...options, overrides: { understander } });
  worlds.push(world);
  return world;
}

function answersOf(world: World): Answers {
  const { models, turns, decisionContext } = world.context;
  return new Answers({
    ...models,
    contextOf: decisionContext,
    wake: (id) => turns.wake(id),
    now: () => world.now,
  });
}

async function casesOf({ context }: World): Promise<Case[]> {
  return context.models.cases.model.find().sort({ openedAt: 1 }).lean<Case[]>();
}

async function only(world: World): Promise<Case> {
  const [found, ...others] = await casesOf(world);
  if (!found || others.length > 0) throw new Error(`${others.length + 1} cases, not one`);
  return found;
}

/** A case of legal that was answered and closed. */
async function closedCase(world: World): Promise<Case> {
  await world.write(ASHA, 'I will go to RERA');
  const { _id: caseId } = await only(world);
  await answersOf(world).reply({ caseId, inputId: 'reply', text: 'We hear you', staff: RIYA });
  await answersOf(world).resolve({ caseId, inputId: 'resolve', staff: RIYA, outcome: 'answered' });
  await world.rest();
  return only(world);
}

describe('a closed case', () => {
  it('is opened again by what would go to its team: same ticket, a new clock, told anew', async () => {
    const world = await open();
    const before = await closedCase(world);
    await world.pass(71 * HOUR);
    await world.write(ASHA, 'RERA, as nothing came');
    const again = await only(world);
    expect(again).toMatchObject({
      ticket: before.ticket,
      status: 'open',
      owner: RIYA,
      reopened: { words: 'RERA, as nothing came' },
      dueAt: new Date(world.now.getTime() + 2 * HOUR),
    });
    for (const gone of ['resolvedAt', 'resolvedBy', 'outcome', 'respondedAt'])
      expect(again).not.toHaveProperty(gone);
    expect(world.answers(ASHA).at(-1)).toContain(`Ticket ${before.ticket}`);
    const outcomes = await world.context.models.inbound.model.find().lean();
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(
      Array(2).fill({ kind: 'case', caseId: before._id }),
    );
    expect(await auditDatabase(world.context.models, world.now)).toEqual([]);
  });

  it.each(['thanks', 'ok', 'no', 'hello', 'brochure please', 'stop'])('stays closed for %p', async (text) => {
    const world = await open();
    await closedCase(world);
    await world.write(ASHA, text);
    expect(await only(world)).toMatchObject({ status: 'resolved' });
  });

  it('stays closed for a gesture', async () => {
    const world = await open();
    await closedCase(world);
    const said = world.phone.transcript(ASHA).at(-1);
    await world.phone.reactAs(ASHA, said?.id ?? '', '👍');
    await world.rest();
    expect(await only(world)).toMatchObject({ status: 'resolved' });
  });

  it('stays closed after three days, and for a matter of another team', async () => {
    const world = await open();
    await closedCase(world);
    await world.write(ASHA, 'a person from sales please');
    await world.pass(73 * HOUR);
    await world.write(ASHA, 'RERA');
    const statuses = (await casesOf(world)).map(({ team, status }) => `${team} ${status}`);
    expect(statuses).toEqual(['legal resolved', 'sales open', 'legal open']);
  });

  it('is what an unclear message is about, when nothing else is open', async () => {
    const world = await open();
    await closedCase(world);
    await world.write(ASHA, 'what about it');
    expect(await only(world)).toMatchObject({ team: 'legal', status: 'open' });
  });

  it('can be closed and opened again, as often as it takes', async () => {
    const world = await open();
    const { _id: caseId } = await closedCase(world);
    for (const time of [1, 2, 3]) {
      await world.write(ASHA, `RERA ${time}`);
      expect(await only(world)).toMatchObject({ status: 'open' });
      const resolve = { caseId, inputId: `again ${time}`, staff: RIYA };
      expect(await answersOf(world).resolve(resolve)).toBe('done');
      expect(await answersOf(world).resolve(resolve)).toBe('repeated');
      await world.rest();
      expect(await only(world)).toMatchObject({ status: 'resolved' });
    }
  });

  it('is remembered among the last five', async () => {
    const world = await open();
    await closedCase(world);
    const { state } = await world.conversation(ASHA);
    const [closed] = state.closed ?? [];
    expect(closed).toMatchObject({ team: 'legal', by: RIYA, outcome: 'answered', closedAt: world.now });
    const many = Array.from({ length: 5 }, (_, n) => ({ ...closed, id: `old${n}`, team: 'site' }));
    await world.context.models.conversations.model.collection.updateOne(
      {},
      { $set: { 'state.closed': many }, $inc: { v: 1 } },
    );
    world.context.models.conversations.forget((await world.conversation(ASHA))._id);
    await world.write(ASHA, 'RERA');
    const newest = (await casesOf(world)).at(-1);
    await answersOf(world).resolve({ caseId: `${newest?._id}`, inputId: 'last', staff: RIYA });
    const kept = (await world.conversation(ASHA)).state.closed?.map(({ id }) => id);
    expect(kept).toEqual(['old1', 'old2', 'old3', 'old4', newest?._id]);
  });

  it('is unknown to a conversation of an earlier version, which goes on all the same', async () => {
    const world = await open();
    const before = await closedCase(world);
    const { conversations } = world.context.models;
    const drop = { 'state.closed': '', 'state.promise': '' };
    await conversations.model.collection.updateOne({}, { $unset: drop, $inc: { v: 1 } });
    conversations.forget((await world.conversation(ASHA))._id);
    const { _id: caseId } = before;
    expect(await answersOf(world).overtaken({ caseId })).toEqual({
      closed: { by: RIYA, outcome: 'answered' },
    });
    await world.write(ASHA, 'RERA');
    expect((await casesOf(world)).map(({ status }) => status)).toEqual(['resolved', 'open']);
    expect(await answersOf(world).reopen({ caseId, inputId: 'by hand', staff: RIYA })).toBe('done');
    await world.rest();
    expect((await casesOf(world)).map(({ status }) => status)).toEqual(['open', 'open']);
  });

  it('is opened by hand once, however many do so', async () => {
    const world = await open();
    const { _id: caseId } = await closedCase(world);
    const people = [1, 2, 3].map((n) => ({ id: `U${n}`, name: `Person ${n}` }));
    const ended = await Promise.all(
      people.map((staff) => answersOf(world).reopen({ caseId, inputId: `by ${staff.id}`, staff })),
    );
    await world.rest();
    expect(ended.sort()).toEqual(['done', 'repeated', 'repeated']);
    expect((await world.conversation(ASHA)).state.cases.map(({ id }) => id)).toEqual([caseId]);
    expect(await only(world)).toMatchObject({ status: 'open' });
  });
});

describe('a case that rests', () => {
  it('is woken once, though two processes look', async () => {
    const world = await open();
    const other = await open({ joins: world });
    await world.write(ASHA, 'RERA');
    const { _id: caseId } = await only(world);
    const until = new Date(world.now.getTime() + HOUR);
    await answersOf(world).snooze({ caseId, inputId: 'snooze', staff: RIYA, until });
    await world.rest();
    expect((await world.conversation(ASHA)).dueAt).toEqual(until);
    expect(await only(world)).toMatchObject({ status: 'snoozed', snoozedUntil: until });
    await world.pass(HOUR - 1);
    expect(await only(world)).toMatchObject({ status: 'snoozed' });
    await Promise.all([world.pass(1), other.sweep()]);
    await Promise.all([world.sweep(), other.sweep()]);
    expect(await only(world)).toMatchObject({ status: 'open' });
    const back = (await world.timeline(ASHA)).filter(({ what }) => what.includes('is back'));
    expect(back).toHaveLength(1);
    expect(await world.conversation(ASHA)).not.toHaveProperty('dueAt');
  });

  it('is still one that its team has: what comes in goes there, and it can be closed', async () => {
    const world = await open();
    await world.write(ASHA, 'RERA');
    const { _id: caseId } = await only(world);
    await answersOf(world).snooze({ caseId, inputId: 'snooze', staff: RIYA });
    await world.write(ASHA, 'thanks');
    await world.rest();
    expect(await only(world)).toMatchObject({ status: 'snoozed', posts: [{ text: 'thanks' }] });
    await answersOf(world).resolve({ caseId, inputId: 'resolve', staff: RIYA });
    await world.rest();
    expect(await only(world)).toMatchObject({ status: 'resolved' });
    expect(await auditDatabase(world.context.models, world.now)).toEqual([]);
  });
});

describe.each(['socket', 'http'] as const)('opened again in Slack in %s mode', (slackMode) => {
  async function closedCard() {
    const product = await startProduct({ understander, slackMode });
    products.push(product);
    await until('Slack is connected', () => product.baton.context.inbox.health() === 'ready');
    const buyer = product.buyer();
    await buyer.write('RERA!');
    const { ts } = await buyer.card(legal);
    await resolveAs(product, MEERA, { channel: legal, ts });
    const card = () => blocksOf(buyer.cards(legal)[0]);
    await until('a closed card', () => card().includes('Resolved'));
    return { product, buyer, place: { channel: legal, ts }, card };
  }

  it('by the buyer: same card, same thread, and people can answer there again', async () => {
    const { product, buyer, place, card } = await closedCard();
    await buyer.write('RERA again');
    await until('the card', () => card().includes('Reopened'));
    expect(card()).toContain('> RERA again');
    expect(card()).not.toContain('Resolved');
    await until('the line', () => linesOf(product, place).some((line) => line.includes('RERA again')));
    product.slack.postAs(MEERA, legal, 'I am here', { threadTs: place.ts });
    await until('the reply', () => buyer.heard().includes('I am here'));
    expect([buyer.cards(legal).length, buyer.cards(sales).length]).toEqual([1, 0]);
  });

  it('by a press, after which it can be closed again', async () => {
    const { product, place, card } = await closedCard();
    await product.slack.click(MEERA, legal, place.ts, 'case_reopen');
    await until('the card', () => card().includes('Reopened'));
    await settled(product);
    await resolveAs(product, MEERA, place, { outcome: 'duplicate' });
    await until('a closed card', () => card().includes('Duplicate of another case'));
  });
});
