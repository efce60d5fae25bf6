import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DateTime } from 'luxon';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { Message } from '../inbox/sandbox/workspace.ts';
import type { CampaignCommand } from '../inbox/slack/command.ts';
import { type Buyer, type Product, startProduct } from './product.ts';
import { postSigned } from './signed.ts';
import { until } from './until.ts';

/** Campaigns as the sales team sees and steers them in Slack. */

const ARJUN = { id: 'U0ARJUNSALE', name: 'Arjun Nair' };
const RIYA = 'U0RIYASALES';
const FARAH = 'U0FARAHCOLL';
const { sales } = TEAM_CHANNELS;
const VISITS: CampaignCommand = {
  kind: 'remind',
  audience: { kind: 'visits', day: 'tomorrow' },
  filters: {},
};

describe('a campaign in Slack', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ slackMode: 'http', env: { CAMPAIGN_SECOND_PERSON_ABOVE: '2' } });
    await until('Slack is connected', () => product.baton.context.inbox.health() === 'ready');
    // Ten in the morning of the project's zone, whatever time it is here.
    const local = DateTime.fromJSDate(product.now(), { zone: 'Asia/Kolkata' });
    product.advance(local.plus({ days: 1 }).startOf('day').set({ hour: 10 }).toMillis() - local.toMillis());
  });
  afterAll(() => product.stop());

  it('is rehearsed as one message with buttons, confirmed there, and ends with a report and the results', async () => {
    const buyers = [await visitor(product), await visitor(product)];
    const { id, message } = await rehearsed(product);
    const shown = textOf(message);
    expect(shown).toContain('2 of 2 will be reminded.');
    expect(shown).toContain('A reminder of your visit');
    expect(shown).not.toContain('+9199');
    expect(buttonsOf(message)).toEqual(['campaign_confirm', 'campaign_cancel']);

    await product.slack.click(RIYA, sales, message.ts, 'campaign_confirm');
    await until('a refusal', () =>
      whispers(product, RIYA, message.ts).some((text) => text.includes('has to confirm')),
    );
    await product.slack.click(ARJUN.id, sales, message.ts, 'campaign_confirm');
    const report = await until(
      'the report',
      () => {
        const latest = messageOf(product, id);
        return (
          latest && textOf(latest).includes(`${id} · done`) && textOf(latest).includes('2 sent') && latest
        );
      },
      20_000,
    );
    expect(buttonsOf(report)).toEqual([]);
    for (const buyer of buyers) expect(buyer.heard().at(-1)).toContain('A reminder of your visit');
    const thread = await until('the results', () => {
      const files = product.slack.thread(sales, report.ts).filter(({ files = [] }) => files.length > 0);
      return files.length > 0 && files;
    });
    expect(thread).toHaveLength(1);
    expect(messagesOf(product, id)).toHaveLength(1);
    // Written again at most every three seconds.
    const edits = product.slack.calls.filter(({ method }) => method === 'chat.update');
    expect(edits.length).toBeLessThanOrEqual(4);
  }, 60_000);

  it('of a size that needs two people shows who is missing; stopped by a colleague it sends nothing more', async () => {
    for (let count = 0; count < 3; count += 1) await visitor(product);
    const { id, message } = await rehearsed(product);
    expect(textOf(message)).toContain('then a second person');
    await product.slack.click(ARJUN.id, sales, message.ts, 'campaign_confirm');
    await until(
      'one approval',
      () => textOf(messageOf(product, id)).includes('Arjun Nair has confirmed'),
      15_000,
    );
    await product.slack.click(ARJUN.id, sales, message.ts, 'campaign_confirm');
    await until('a refusal', () =>
      whispers(product, ARJUN.id, message.ts).some((text) => text.includes('second person')),
    );
    await product.slack.click(RIYA, sales, message.ts, 'campaign_cancel');
    await until('the end', () => textOf(messageOf(product, id)).includes(`${id} · cancelled`), 15_000);
    expect(buttonsOf(messageOf(product, id))).toEqual([]);
  }, 60_000);

  it('is confirmed by a lead who is not in the channel, and by no outsider', async () => {
    for (let count = 0; count < 3; count += 1) await visitor(product);
    const { id, message } = await rehearsed(product);
    await product.slack.click(ARJUN.id, sales, message.ts, 'campaign_confirm');
    await until('one approval', () => textOf(messageOf(product, id)).includes('has confirmed'), 15_000);
    product.slack.leaveAs(FARAH, sales);
    await pressAs(product, FARAH, { id, ts: message.ts });
    const { campaigns, staff } = product.models;
    expect((await campaigns.byId(id))?.approvals).toHaveLength(1);
    await staff.appoint('sales', { leads: [FARAH], members: [] }, product.now());
    await pressAs(product, FARAH, { id, ts: message.ts });
    await until('the end', () => textOf(messageOf(product, id)).includes(`${id} · done`), 20_000);
  }, 60_000);

  it('is posted once although the answer to the posting was lost', async () => {
    await visitor(product);
    product.slack.faults.api({ kind: 'dropAnswer' }, { method: 'chat.postMessage', channel: sales });
    const { id } = await rehearsed(product);
    const { campaigns } = product.models;
    await until('its place is known', async () => (await campaigns.byId(id))?.board, 20_000);
    expect(messagesOf(product, id)).toHaveLength(1);
    await product.baton.context.campaigns.act('cancel', id, ARJUN);
  }, 60_000);
});

async function visitor(product: Product): Promise<Buyer> {
  const buyer = product.buyer();
  await buyer.write('Hi, please send the brochure');
  await until('an answer', () => buyer.heard().length > 0);
  const known = await product.models.buyers.model.findOne({ handles: `pn:${buyer.number}` }).lean();
  const tomorrow = DateTime.fromJSDate(product.now(), { zone: 'Asia/Kolkata' }).plus({ days: 1 });
  const id = `visit-of-${buyer.number}`;
  await product.models.visits.book(
    {
      _id: id,
      project: 'greenfield-heights',
      buyer: `${known?._id}`,
      conversation: `sandbox/${known?._id}`,
      at: tomorrow
        .startOf('day')
        .set({ hour: 11, second: Number(buyer.number.slice(-2)) })
        .toJSDate(),
      bookedAt: product.now(),
    },
    1,
  );
  return buyer;
}

async function rehearsed(product: Product): Promise<{ id: string; message: Message }> {
  const answer = await product.baton.context.campaigns.run(VISITS, ARJUN);
  const id = /^(k-\d+) is rehearsed/.exec(answer)?.[1];
  if (!id) throw new Error(answer);
  return { id, message: await until('the rehearsal in Slack', () => messageOf(product, id), 15_000) };
}

/** Confirms, as Slack would say it, for somebody who is not in the channel. */
async function pressAs(product: Product, user: string, { id, ts }: { id: string; ts: string }) {
  const payload = {
    type: 'block_actions',
    user: { id: user },
    channel: { id: sales },
    message: { ts },
    actions: [{ type: 'button', action_id: 'campaign_confirm', block_id: 'acts', value: id }],
  };
  const answered = await postSigned(product, `payload=${encodeURIComponent(JSON.stringify(payload))}`);
  expect(answered.status).toBe(200);
}

function messagesOf({ slack }: Product, id: string): Message[] {
  return slack.messages(sales).filter(({ metadata }) => metadata?.event_payload.id === id);
}

function messageOf(product: Product, id: string): Message | undefined {
  return messagesOf(product, id)[0];
}

function textOf(message: Message | undefined): string {
  return JSON.stringify(message?.blocks ?? []);
}

function buttonsOf(message: Message | undefined): string[] {
  return [...textOf(message).matchAll(/"action_id":"(campaign_\w+)"/g)].map(([, id = '']) => id);
}

function whispers({ slack }: Product, member: string, ts: string): string[] {
  return slack.ephemerals(member).flatMap((each) => (each.threadTs === ts ? [each.text] : []));
}
