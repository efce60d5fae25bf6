import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { Case } from '../models/case.ts';
import type { TimelineEntry } from '../models/timeline.ts';
import { type Product, startProduct } from './product.ts';
import {
  ARJUN,
  blocksOf,
  buttonsOf,
  type Card,
  choose,
  FARAH,
  interact,
  linesOf,
  MEERA,
  openForm,
  pressOf,
  readBy,
  resolveAs,
  settled,
  submit,
  VIKRAM,
  whispers,
} from './teamwork.ts';
import { until } from './until.ts';

const OUTSIDER = 'U0OUTSIDER1';
const { legal, sales, collections } = TEAM_CHANNELS;
const HOUR = 3_600_000;

const understander = readBy([
  ['RERA', 'legal_threat'],
  ['paid', 'payment_claim'],
  ['thanks', 'thanks'],
  ['brochure', 'brochure_request'],
  ['person', 'human_request'],
]);

type Opened = Card & {
  buyer: ReturnType<Product['buyer']>;
  record: () => Promise<Case>;
  card: () => string;
  entries: () => Promise<TimelineEntry[]>;
};

/** A case with its card, and the acknowledgement on its way to the buyer. */
async function openCase(
  product: Product,
  words = 'I will go to RERA',
  channel: string = legal,
): Promise<Opened> {
  const buyer = product.buyer();
  await buyer.write(words);
  const { ts } = await buyer.card(channel);
  const found = await until('the case to know its card', () => product.models.cases.byThread(channel, ts));
  await until('the acknowledgement', () => buyer.heard().length === 1);
  const record = async () => (await product.models.cases.byId(found._id)) ?? found;
  const card = () => blocksOf(product.slack.messages(channel).find((each) => each.ts === ts));
  const entries = async () => product.models.timeline.latest((await record()).buyer, 100);
  return { channel, ts, buyer, record, card, entries };
}

/** Resolves with a card of the buyer's in another channel, once the case knows it. */
async function movedCard(product: Product, { buyer }: Opened, channel: string, index = 0): Promise<Card> {
  const { ts } = await until('the new card', () => buyer.cards(channel)[index]);
  await until('the case to know it', () => product.models.cases.byThread(channel, ts));
  return { channel, ts };
}

async function handOff(product: Product, member: string, card: Card, team: string, note: string) {
  await openForm(product, member, card, { choice: 'handOff' });
  return submit(product, member, { team, note });
}

describe.each(['socket', 'http'] as const)('what is done on a card in %s mode', (slackMode) => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ understander, slackMode });
    await until('Slack is connected', () => product.baton.context.inbox.health() === 'ready');
  });
  afterAll(() => product.stop());

  it('closes a case with an outcome and a note, on the card, on record and on the timeline', async () => {
    const opened = await openCase(product);
    expect(await resolveAs(product, MEERA, opened, { outcome: 'no_action', note: 'A slip' })).toEqual({
      outcome: 'closed',
    });
    await until('a closed card', () => opened.card().includes('Nothing to do: A slip'));
    expect(await opened.record()).toMatchObject({
      status: 'resolved',
      outcome: 'no_action',
      outcomeNote: 'A slip',
      resolvedBy: { id: MEERA },
    });
    const entries = await until('the timeline', async () => {
      const all = (await opened.entries()).map(({ what }) => what);
      return all.some((what) => what.includes('no action: A slip')) && all;
    });
    expect(entries.filter((what) => what.startsWith('case resolved'))).toHaveLength(1);
  });

  it('tells in the form who closed the case meanwhile', async () => {
    const opened = await openCase(product);
    await openForm(product, ARJUN, opened, { button: 'case_resolve' });
    await resolveAs(product, MEERA, opened, { outcome: 'duplicate' });
    const late = await submit(product, ARJUN, { outcome: 'answered' });
    expect(late).toMatchObject({ outcome: 'errors' });
    expect(JSON.stringify(late)).toMatch(/L-\d+ is resolved: Adv\. Meera Iyer .*duplicate/);
    expect(await opened.record()).toMatchObject({ outcome: 'duplicate' });
    await product.slack.closeView(ARJUN);
  });

  it('closes a case once when two do so at the same moment', async () => {
    const opened = await openCase(product);
    for (const member of [MEERA, ARJUN]) await openForm(product, member, opened, { button: 'case_resolve' });
    const ended = await Promise.all([MEERA, ARJUN].map((member) => submit(product, member, {})));
    expect(ended.map(({ outcome }) => outcome).sort()).toEqual(['closed', 'errors']);
    const loser = ended[0]?.outcome === 'errors' ? MEERA : ARJUN;
    await product.slack.closeView(loser);
    await settled(product);
    const entries = await opened.entries();
    expect(entries.filter(({ what }) => what.startsWith('case resolved'))).toHaveLength(1);
  });

  it('hands a case to another team: same ticket, a card there with note and quotes, the old one closed', async () => {
    const opened = await openCase(product);
    const before = await opened.record();
    product.advance(HOUR);
    expect(await handOff(product, MEERA, opened, 'sales', 'Only about the price')).toEqual({
      outcome: 'closed',
    });
    const moved = await movedCard(product, opened, sales);
    const text = blocksOf(opened.buyer.cards(sales)[0]);
    for (const part of [
      before.ticket,
      'I will go to RERA',
      'Only about the price',
      'Meera Iyer',
      'unassigned',
    ])
      expect(text).toContain(part);
    await until('the old card', () => opened.card().includes('Handed to <http'));
    expect(opened.card()).toContain(`/archives/${sales}/p${moved.ts.replace('.', '')}|Sales>`);
    expect(buttonsOf(opened.buyer.cards(legal)[0])).toEqual([]);
    const record = await opened.record();
    expect(record).toMatchObject({ ticket: before.ticket, team: 'sales', status: 'open' });
    expect(record.dueAt.getTime()).toBeGreaterThan(before.dueAt.getTime());

    product.slack.postAs(MEERA, legal, 'Too late', { threadTs: opened.ts });
    await until('a refusal', () =>
      whispers(product, MEERA, opened).some((told) => told.includes('handed to Sales')),
    );
    product.slack.postAs(ARJUN, sales, 'Sales here', { threadTs: moved.ts });
    await until('the reply', () => opened.buyer.heard().includes('Sales here'));
    await opened.buyer.write('RERA once more');
    await until('the line', () => linesOf(product, moved).some((line) => line.includes('once more')));
    expect(opened.buyer.heard()).not.toContain('Too late');
    expect(linesOf(product, opened)).toEqual([]);
  });

  it('confirms a payment once, in the person’s name, when two say so at the same moment', async () => {
    const opened = await openCase(product, 'I have paid', collections);
    for (const member of [FARAH, ARJUN])
      await openForm(product, member, opened, { button: 'case_payment_received' });
    const entered = { amount: '1,25,000.50', reference: 'UTR 4711' };
    const ended = await Promise.all([FARAH, ARJUN].map((member) => submit(product, member, entered)));
    expect(ended.map(({ outcome }) => outcome).sort()).toEqual(['closed', 'errors']);
    const [loser, winner] = ended[0]?.outcome === 'errors' ? [FARAH, 'Arjun'] : [ARJUN, 'Farah'];
    expect(JSON.stringify(ended)).toContain(`is resolved: ${winner}`);
    await product.slack.closeView(loser);
    await until('the word', () => opened.buyer.heard().length === 2);
    await until('the closed card', () => opened.card().includes('Payment received'));
    await settled(product);

    expect(opened.buyer.heard().at(-1)).toMatch(
      new RegExp(`^${winner} .* confirms that your payment has been`),
    );
    expect(opened.buyer.heard()).toHaveLength(2);
    expect(await opened.record()).toMatchObject({ status: 'resolved', outcome: 'payment_received' });
    const money = (await opened.entries()).filter(({ kind }) => kind === 'payment');
    expect(money).toEqual([
      expect.objectContaining({ what: 'payment received', why: '₹1,25,000.50, reference UTR 4711' }),
    ]);
    expect(money[0]?.who).toContain(winner);
  });
});

describe('what is done on a card', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ understander });
    await until('Slack is reached', () => product.baton.context.inbox.health() === 'ready');
  });
  afterAll(() => product.stop());

  it('gives a case to a member of the channel, and tells them in the thread by a mention', async () => {
    const opened = await openCase(product);
    await openForm(product, MEERA, opened, { choice: 'assign' });
    expect(await submit(product, MEERA, { who: ARJUN, note: 'You know <them> & me' })).toEqual({
      outcome: 'closed',
    });
    const lines = await until(
      'the mention',
      () => linesOf(product, opened).length > 0 && linesOf(product, opened),
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`<@${ARJUN}>`);
    expect(lines[0]).toContain('You know &lt;them&gt; &amp; me');
    expect(await opened.record()).toMatchObject({ owner: { id: ARJUN, name: 'Arjun Nair' } });
    await until('the owner', () => opened.card().includes('Arjun Nair'));
  });

  it('tells nobody of what they did themselves', async () => {
    const opened = await openCase(product);
    await openForm(product, MEERA, opened, { choice: 'assign' });
    await submit(product, MEERA, { who: MEERA });
    await until('the owner', () => opened.card().includes('Meera Iyer'));
    await settled(product);
    expect(linesOf(product, opened)).toEqual([]);
  });

  it('gives a case to nobody who is not in the channel, or does not work here any more', async () => {
    const left = { _id: VIKRAM, name: 'Vikram Joshi', teams: ['legal'], active: false };
    await product.models.staff.model.create(left as never);
    const opened = await openCase(product);
    await openForm(product, MEERA, opened, { choice: 'assign' });
    for (const who of [OUTSIDER, VIKRAM]) {
      expect(await submit(product, MEERA, { who })).toMatchObject({ errors: { who: expect.any(String) } });
    }
    await product.slack.closeView(MEERA);
    expect(await opened.record()).not.toHaveProperty('owner');
  });

  it('hands a case there and back: each time a card of its own, and the latest one counts', async () => {
    const opened = await openCase(product);
    await openForm(product, ARJUN, opened, { choice: 'callNote' });
    await handOff(product, MEERA, opened, 'sales', 'there');
    const moved = await movedCard(product, opened, sales);
    await until('the old card', () => opened.card().includes('Handed to'));
    expect(JSON.stringify(await submit(product, ARJUN, { words: 'hello' }))).toContain('handed to Sales by');
    await product.slack.closeView(ARJUN);
    await handOff(product, ARJUN, moved, 'legal', 'and back');
    const back = await movedCard(product, opened, legal, 1);
    expect(back.ts).not.toBe(opened.ts);
    product.slack.postAs(MEERA, legal, 'It is mine again', { threadTs: back.ts });
    await until('the reply', () => opened.buyer.heard().includes('It is mine again'));
    await until('what was left', () => blocksOf(opened.buyer.cards(sales)[0]).includes('Handed to'));
    await settled(product);
    expect((await opened.record()).former?.map(({ to, isTold }) => `${to} ${isTold}`)).toEqual([
      'sales true',
      'legal true',
    ]);
    expect([opened.buyer.cards(legal).length, opened.buyer.cards(sales).length]).toEqual([2, 1]);
  });

  it('tells whoever presses something on a card that its case has left', async () => {
    const opened = await openCase(product);
    await handOff(product, MEERA, opened, 'sales', 'for you');
    await movedCard(product, opened, sales);
    await interact(product, pressOf(MEERA, opened, 'case_claim', { value: (await opened.record())._id }));
    expect(whispers(product, MEERA, opened)).toEqual([expect.stringContaining('handed to Sales by')]);
    expect(await opened.record()).not.toHaveProperty('owner');
  });

  it('finds a new card whose answer was lost, and posts no second one', async () => {
    const opened = await openCase(product);
    product.slack.faults.api({ kind: 'dropAnswer' }, { method: 'chat.postMessage' });
    await handOff(product, MEERA, opened, 'sales', 'for you');
    await until('a failure', () =>
      product.slack.calls.some(({ method, error }) => method === 'chat.postMessage' && error !== undefined),
    );
    await settled(product);
    product.advance(6_000);
    await movedCard(product, opened, sales);
    await until('the old card', () => opened.card().includes('Handed to'));
    expect(opened.buyer.cards(sales)).toHaveLength(1);
  });

  it('lets the new card count also when the old one has been deleted', async () => {
    const opened = await openCase(product);
    product.slack.faults.api({ kind: 'apiError', error: 'message_not_found' }, { method: 'chat.update' });
    await handOff(product, MEERA, opened, 'sales', 'for you');
    await movedCard(product, opened, sales);
    await until('Slack to know it all', async () => !(await opened.record()).slackOwedAt);
    expect((await opened.record()).former).toMatchObject([{ isTold: true }]);
  });

  it('takes a call for an answer: a note in the thread, the word and the case are the caller’s', async () => {
    const opened = await openCase(product);
    await openForm(product, MEERA, opened, { choice: 'callNote' });
    await submit(product, MEERA, { words: 'They want the draft', promise: 'The draft by Friday' });
    const [line] = await until(
      'the note',
      () => linesOf(product, opened).length > 0 && linesOf(product, opened),
    );
    for (const part of ['Note for the team', 'They want the draft', 'The draft by Friday', 'Meera Iyer'])
      expect(line).toContain(part);
    await until('the answered card', () => /Answered.*Meera Iyer|Meera Iyer.*Answered/.test(opened.card()));
    expect(await opened.record()).toMatchObject({ owner: { id: MEERA }, respondedAt: expect.any(Date) });
    expect((await opened.entries()).filter(({ kind }) => kind === 'call')).toMatchObject([
      { who: 'Adv. Meera Iyer', what: 'call: They want the draft', why: 'promised: The draft by Friday' },
    ]);
    await opened.buyer.write('brochure please');
    await until('the line', () => linesOf(product, opened).some((each) => each.includes('brochure')));
    await settled(product);
    expect(opened.buyer.heard()).toHaveLength(1);
  });

  it.each(['many', '0', '-5', '1.234', '99999999999999'])('takes no payment of %p', async (amount) => {
    const opened = await openCase(product, 'I have paid', collections);
    await openForm(product, FARAH, opened, { button: 'case_payment_received' });
    const ended = await submit(product, FARAH, { amount });
    expect(ended).toMatchObject({ outcome: 'errors', errors: { amount: expect.any(String) } });
    await product.slack.closeView(FARAH);
    expect(await opened.record()).toMatchObject({ status: 'open' });
    expect(opened.buyer.heard()).toHaveLength(1);
  });

  it('says once that a payment is not there yet, until the buyer says again that they paid', async () => {
    const opened = await openCase(product, 'I have paid', collections);
    const told = () => opened.buyer.heard().filter((text) => text.includes('does not show'));
    const presses = [FARAH, FARAH, ARJUN, ARJUN];
    await Promise.all(
      presses.map((member) => product.slack.click(member, collections, opened.ts, 'case_payment_missing')),
    );
    await until('the word', () => told().length === 1);
    await settled(product);
    expect(told()).toHaveLength(1);
    const [owner, other] = (await opened.record()).owner?.id === FARAH ? [FARAH, ARJUN] : [ARJUN, FARAH];
    const who = owner === FARAH ? 'Farah Khan' : 'Arjun Nair';
    expect(whispers(product, other, opened)).toEqual(
      Array(2).fill(expect.stringContaining(`${who} has told`)),
    );
    expect(await opened.record()).toMatchObject({ status: 'open', respondedAt: expect.any(Date) });

    await choose(product, FARAH, opened, 'giveBack');
    await settled(product);
    await opened.buyer.write('I have paid, look again');
    await until('the line', () => linesOf(product, opened).some((line) => line.includes('look again')));
    await product.slack.click(FARAH, collections, opened.ts, 'case_payment_missing');
    await until('the word again', () => told().length === 2);
  });

  it('takes a press that is delivered three times once', async () => {
    const opened = await openCase(product, 'I have paid', collections);
    const press = pressOf(FARAH, opened, 'case_payment_missing', { value: (await opened.record())._id });
    for (const _time of [1, 2, 3]) expect((await interact(product, press)).status).toBe(200);
    await until('the word', () => opened.buyer.heard().length === 2);
    await settled(product);
    expect(opened.buyer.heard()).toHaveLength(2);
  });

  it('takes the word from the bot and gives it back, and the card says who has it', async () => {
    const opened = await openCase(product);
    await choose(product, MEERA, opened, 'pause');
    await until('the card', () => opened.card().includes('Adv. Meera Iyer has the word'));
    expect(opened.card()).toContain('Give back to the bot');
    await opened.buyer.write('brochure please');
    await until('the line', () => linesOf(product, opened).some((line) => line.includes('brochure')));
    await settled(product);
    expect(opened.buyer.heard()).toHaveLength(1);

    await choose(product, ARJUN, opened, 'giveBack');
    await until('the card', () => !opened.card().includes('has the word'));
    await opened.buyer.write('brochure please');
    await until('the bot', () => opened.buyer.heard().some((text) => text.endsWith('brochure.pdf]')));
    expect((await opened.record()).status).toBe('open');
  });

  it('asks to press again when Slack did not open the form in time', async () => {
    const opened = await openCase(product);
    product.slack.faults.expireTriggers(1);
    await product.slack.click(MEERA, legal, opened.ts, 'case_resolve');
    await until('a hint', () =>
      whispers(product, MEERA, opened).some((told) => told.includes('press again')),
    );
  });

  it('puts every claim on the timeline', async () => {
    const opened = await openCase(product);
    await product.slack.click(MEERA, legal, opened.ts, 'case_claim');
    const claims = async () => (await opened.entries()).filter(({ what }) => what.includes('claimed'));
    await until('the entry', async () => (await claims()).length === 1);
    expect((await claims())[0]).toMatchObject({ who: 'Adv. Meera Iyer', kind: 'case' });
  });
});

describe('snoozing', () => {
  const products: Product[] = [];
  afterEach(async () => {
    for (const product of products.splice(0)) await product.stop();
  });

  async function snoozed(entered: Record<string, string>) {
    const product = await startProduct({ understander });
    products.push(product);
    const opened = await openCase(product);
    await openForm(product, MEERA, opened, { button: 'case_snooze' });
    return { product, opened, ended: await submit(product, MEERA, entered) };
  }

  it('brings a case back at its time, once', async () => {
    const { product, opened } = await snoozed({ until: 'hour' });
    await until('the card', () => opened.card().includes('Snoozed until'));
    expect(await opened.record()).toMatchObject({ status: 'snoozed' });
    product.advance(59 * 60_000);
    await settled(product);
    expect(await opened.record()).toMatchObject({ status: 'snoozed' });
    product.advance(2 * 60_000);
    await until('it to wake', async () => (await opened.record()).status === 'open');
    await until('the card', () => !opened.card().includes('Snoozed'));
    const back = async () => (await opened.entries()).filter(({ what }) => what.includes('is back'));
    await until('the entry', async () => (await back()).length === 1);
    expect(await back()).toMatchObject([{ why: 'its time has come' }]);
  });

  it('brings a case back when the buyer writes, but not for their thanks', async () => {
    const { product, opened } = await snoozed({ until: 'buyer' });
    await until('the card', () => opened.card().includes('until the buyer writes'));
    await opened.buyer.write('thanks');
    await settled(product);
    expect(await opened.record()).toMatchObject({ status: 'snoozed' });
    await opened.buyer.write('and RERA?');
    await until('it to wake', async () => (await opened.record()).status === 'open');
  });

  it('ends by hand, by anybody of the team', async () => {
    const { product, opened } = await snoozed({ until: 'tomorrow' });
    await until('the card', () => opened.card().includes('Wake up'));
    await product.slack.click(ARJUN, legal, opened.ts, 'case_wake');
    await until('it to wake', async () => (await opened.record()).status === 'open');
    expect(await opened.record()).not.toHaveProperty('snoozedUntil');
  });

  it.each([
    ['nothing is chosen', {}],
    ['it has passed', { at: '1600000000' }],
    ['it is a year ahead', { at: `${Math.floor(Date.now() / 1_000) + 366 * 86_400}` }],
  ])('needs a time that can be meant: %s', async (_what, at: Record<string, string>) => {
    const { opened, ended } = await snoozed({ until: 'chosen', ...at });
    expect(ended).toMatchObject({ outcome: 'errors', errors: { at: expect.any(String) } });
    expect(await opened.record()).toMatchObject({ status: 'open' });
  });

  it('lasts until a chosen time', async () => {
    const at = Math.floor(Date.now() / 1_000) + 2 * 86_400;
    const { opened } = await snoozed({ until: 'chosen', at: `${at}` });
    await until('it to rest', async () => (await opened.record()).status === 'snoozed');
    expect((await opened.record()).snoozedUntil).toEqual(new Date(at * 1_000));
  });
});

describe('who may act', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ understander });
    await until('Slack is reached', () => product.baton.context.inbox.health() === 'ready');
  });
  afterAll(() => product.stop());

  const toldTo = (user: string) =>
    product.slack.calls
      .filter(({ method, args }) => method === 'chat.postEphemeral' && args.user === user)
      .map(({ args }) => `${args.text}`);

  it('is no outsider of a public channel: they hear whom to ask, and are not put on record', async () => {
    const opened = await openCase(product);
    const value = (await opened.record())._id;
    for (const action of ['case_claim', 'case_resolve', 'case_snooze', 'case_reopen'])
      await interact(product, pressOf(OUTSIDER, opened, action, { value }));
    expect(toldTo(OUTSIDER)).toHaveLength(4);
    expect(toldTo(OUTSIDER)[0]).toMatch(new RegExp(`members of <#${legal}> .*ask somebody there`));
    await product.slack.click(MEERA, legal, opened.ts, 'case_claim');
    await interact(product, pressOf(OUTSIDER, opened, 'case_claim', { value }));
    expect(toldTo(OUTSIDER).at(-1)).toContain('ask Adv. Meera Iyer, who has it');
    expect(await product.models.staff.byId(OUTSIDER)).toBeNull();
    expect(await opened.record()).toMatchObject({ owner: { id: MEERA }, status: 'open' });
  });

  it('is answered by Slack’s own address where no ephemeral reaches', async () => {
    const heard: string[] = [];
    const server = createServer((request, response) => {
      request.on('data', (part) => heard.push(`${part}`)).on('end', () => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const response_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const opened = await openCase(product);
    const value = (await opened.record())._id;
    await interact(product, { ...pressOf(OUTSIDER, opened, 'case_claim', { value }), response_url });
    server.close();
    expect(heard.join('')).toContain('Only active members of');
  });

  it('is no outsider with a form either: it says so', async () => {
    const opened = await openCase(product);
    const form = await openForm(product, MEERA, opened, { button: 'case_resolve' });
    const view = {
      id: 'V1',
      type: 'modal',
      callback_id: 'case_form_resolve',
      private_metadata: 'private_metadata' in form.view ? form.view.private_metadata : '',
      state: {
        values: {
          outcome: { value: { type: 'static_select', selected_option: { value: 'answered' } } },
          note: { value: { type: 'plain_text_input', value: null } },
        },
      },
    };
    const submission = { type: 'view_submission', user: { id: OUTSIDER }, view };
    expect((await interact(product, submission)).answer).toContain('Only active members of');
    const faulty = { ...submission, view: { ...view, private_metadata: '{"caseId":7}' } };
    expect((await interact(product, faulty)).status).toBe(500);
    expect(await opened.record()).toMatchObject({ status: 'open' });
    await product.slack.closeView(MEERA);
  });

  it('is the lead of the team, wherever they are, and outsiders hear their name', async () => {
    const lead = { _id: 'U0THELEAD01', name: 'Lata Rao', teams: ['legal'], active: true, leadOf: ['legal'] };
    await product.models.staff.model.create(lead as never);
    const opened = await openCase(product);
    const value = (await opened.record())._id;
    await interact(product, pressOf(OUTSIDER, opened, 'case_claim', { value }));
    expect(toldTo(OUTSIDER).at(-1)).toContain('ask Lata Rao, who leads the team');
    await interact(product, pressOf(lead._id, opened, 'case_claim', { value }));
    expect(await opened.record()).toMatchObject({ owner: { name: 'Lata Rao' } });
  });
});
