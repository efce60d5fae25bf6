import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { Message } from '../inbox/sandbox/workspace.ts';
import { type Buyer, type Product, startProduct } from './product.ts';
import { ARJUN, blocksOf, FARAH, openForm, readBy, settled, submit } from './teamwork.ts';
import { until } from './until.ts';

/** Consent and erasure as the team sees and decides them in Slack. */

const { support, legal, sales } = TEAM_CHANNELS;

let product: Product;
beforeAll(async () => {
  const understander = readBy([
    ['delete', 'data_erasure'],
    ['STOP', 'opt_out'],
    ['person', 'human_request'],
    ['brochure', 'brochure_request'],
  ]);
  product = await startProduct({ understander });
  for (const channel of [support, legal]) product.slack.leaveAs(ARJUN, channel);
});
afterAll(() => product.stop());

async function idOf({ number }: Buyer): Promise<string> {
  const known = await product.models.buyers.model.findOne({ handles: `pn:${number}` }).lean();
  return `${known?._id}`;
}

/** What `/baton buyer` shows of somebody. */
async function lookUp(member: string, { number }: Buyer): Promise<Message> {
  const before = product.slack.ephemerals(member);
  expect(await product.slack.slash(member, sales, '/baton', `buyer ${number}`)).toEqual({ ok: true });
  return until('an answer', () => product.slack.ephemerals(member).find((each) => !before.includes(each)));
}

async function lookedUp(member: string, buyer: Buyer): Promise<string> {
  return blocksOf(await lookUp(member, buyer));
}

describe('consent', () => {
  it('is shown to whoever looks a buyer up, and entered by a form', async () => {
    const buyer = product.buyer();
    await buyer.write('brochure please');
    await until('an answer', () => buyer.heard().length > 0);
    const answer = await lookUp(ARJUN, buyer);
    expect(blocksOf(answer)).toMatch(/Consent: .*they wrote to us.*no opt-in to offers/);
    await product.slack.click(ARJUN, sales, answer.ts, 'buyer_consent');
    await until('the form', () => product.slack.views(ARJUN).at(-1));
    expect(
      await submit(product, ARJUN, { entry: 'promotion', source: 'staff_entry', why: '  ' }),
    ).toMatchObject({
      outcome: 'errors',
    });
    await submit(product, ARJUN, {
      entry: 'promotion',
      source: 'staff_entry',
      why: 'asked at the site today',
    });
    expect(await lookedUp(ARJUN, buyer)).toMatch(/offers \(entered by the team, Arjun Nair/);
    await buyer.write('STOP');
    await settled(product);
    expect(await lookedUp(ARJUN, buyer)).toContain('wants no messages');
  });
});

describe('erasure', () => {
  it('is decided on the card of who asked for it: shown, explained, confirmed once more, and told', async () => {
    const buyer = product.buyer();
    await buyer.write('please delete all my zebra data');
    const card = { channel: support, ts: (await buyer.card(support)).ts };
    await until('the case to know its card', () => product.models.cases.byThread(support, card.ts));
    const plan = await openForm(product, FARAH, card, { button: 'case_erase' });
    const shown = JSON.stringify(plan.view);
    for (const words of [
      'Goes for good',
      'every message',
      'Stays',
      'DPDP Rules 2025 r. 8(3)',
      'Slack’s threads',
    ])
      expect(shown).toContain(words);
    expect(await submit(product, FARAH, { reason: ' ' })).toMatchObject({ outcome: 'errors' });
    expect(await submit(product, FARAH, { reason: 'asked in chat, number checked' })).toEqual({
      outcome: 'updated',
    });
    // Nothing has gone yet.
    expect((await product.models.buyers.byId(await idOf(buyer)))?.erasure).toBeUndefined();
    const confirm = JSON.stringify(product.slack.views(FARAH).at(-1)?.view);
    expect(confirm).toMatch(/Erase for good.*cannot be brought back.*asked in chat/);
    expect(await submit(product, FARAH, {})).toEqual({ outcome: 'updated' });
    expect(JSON.stringify(product.slack.views(FARAH).at(-1)?.view)).toContain('Decided.');
    await until(
      'it is done',
      async () => {
        product.advance(31_000);
        return (await product.models.buyers.byId(await idOf(buyer)))?.erasure?.doneAt;
      },
      30_000,
    );
    await settled(product);
    await until('the card without words', () => {
      const latest = product.slack.messages(support).find(({ ts }) => ts === card.ts);
      return !blocksOf(latest).includes('zebra');
    });
    const thread = await until('the thread', () => {
      const said = product.slack.thread(support, card.ts).map(blocksOf).join();
      return said.includes('Personal data erased') && said;
    });
    expect(thread).toContain('phone number');
    expect(buyer.heard().filter((text) => text.includes('has been erased'))).toHaveLength(1);
    expect(await lookedUp(FARAH, buyer)).toMatch(/Personal data: erased .* as Farah/);
  }, 60_000);

  it('without a case is for support and legal alone', async () => {
    const buyer = product.buyer();
    await buyer.write('brochure please');
    await until('an answer', () => buyer.heard().length > 0);
    const { ts } = await lookUp(ARJUN, buyer);
    const before = product.slack.views(ARJUN).length;
    await product.slack.click(ARJUN, sales, ts, 'buyer_erase');
    await settled(product);
    expect(product.slack.views(ARJUN)).toHaveLength(before);
    expect(JSON.stringify(product.slack.ephemerals(ARJUN).at(-1))).toContain('Only support and legal');
  });
});
