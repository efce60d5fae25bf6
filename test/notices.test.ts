import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { Notice } from '../models/notice.ts';
import { type Product, type ProductOptions, startProduct } from './product.ts';
import { until } from './until.ts';

const { sales, support } = TEAM_CHANNELS;
const DAY_MS = 24 * 3_600_000;

const products: Product[] = [];
async function start(options: ProductOptions = {}): Promise<Product> {
  const product = await startProduct(options);
  products.push(product);
  return product;
}
afterEach(async () => {
  jest.restoreAllMocks();
  for (const product of products.splice(0)) await product.stop();
});

/** Raises notices for the sales team, a millisecond apart. */
async function raise({ models, now }: Product, ...texts: string[]): Promise<void> {
  const from = now().getTime();
  for (const [index, text] of texts.entries())
    await models.notices.raise(`key ${text}`, 'sales', text, new Date(from + index));
}

function posted({ slack }: Product, channel: string = sales): string[] {
  return slack.messages(channel).flatMap(({ metadata, text }) => (metadata ? [text] : []));
}

/** How many calls of Slack's Web API have failed so far. */
function failures({ slack }: Product): number {
  return slack.calls.filter(({ error }) => error !== undefined).length;
}

async function owed({ models }: Product): Promise<number> {
  return models.notices.model.countDocuments({ slackOwedAt: { $exists: true } });
}

describe('a notice', () => {
  it('is posted once in its team’s channel, whoever raises it and however often', async () => {
    const product = await start();
    const { notices } = product.models;
    const raised = await Promise.all(
      [1, 2, 3, 4, 5].map(() => notices.raise('outage:1', 'sales', 'WhatsApp is back', product.now())),
    );
    expect(raised.filter(Boolean)).toHaveLength(1);
    await until('the notice', () => posted(product).length > 0);
    await Promise.all([1, 2, 3].map(() => product.baton.context.inbox.tellTeam('sales')));
    expect(posted(product)).toEqual(['WhatsApp is back']);
    const kept = await until('its place', async () => {
      const found = await notices.model.findById('outage:1').lean<Notice>();
      return found?.slackOwedAt === undefined && found;
    });
    expect(kept.slack).toMatchObject({ channel: sales });
    expect(kept.telling).toBeUndefined();
  });

  it('follows those raised before it, although Slack takes the first of them only later', async () => {
    const product = await start();
    product.slack.faults.api({ kind: 'httpError', status: 503 }, { method: 'chat.postMessage', times: 2 });
    await raise(product, 'one', 'two', 'three');
    await until('a failure', () => failures(product) === 1);
    expect(posted(product)).toEqual([]);
    product.advance(6_000);
    await until('another failure', () => failures(product) === 2);
    product.advance(6_000);
    await until('all three', () => posted(product).length === 3);
    expect(posted(product)).toEqual(['one', 'two', 'three']);
  });

  it('waits while Slack is away, without holding up other teams', async () => {
    const product = await start({ slackIsOpen: false });
    await raise(product, 'one', 'two');
    await product.models.notices.raise('other', 'support', 'to support', product.now());
    await until(
      'attempts',
      async () => (await product.models.notices.model.countDocuments({ telling: { $exists: true } })) === 2,
    );
    await product.site.open();
    product.advance(6_000);
    await until('all', () => posted(product).length === 2 && posted(product, support).length === 1);
    expect(posted(product)).toEqual(['one', 'two']);
    expect(await until('nothing to be owed', async () => (await owed(product)) === 0)).toBe(true);
  });

  it('whose answer got lost is recognised and not posted again', async () => {
    const product = await start();
    product.slack.faults.api({ kind: 'dropAnswer' }, { method: 'chat.postMessage' });
    await raise(product, 'one', 'two');
    await until('a failure', () => failures(product) === 1);
    product.advance(6_000);
    await until('both', () => posted(product).length === 2);
    expect(posted(product)).toEqual(['one', 'two']);
    expect(await until('nothing to be owed', async () => (await owed(product)) === 0)).toBe(true);
  });

  it('that was posted by a process which died before it could write so down is not posted again', async () => {
    const product = await start();
    const { notices } = product.models;
    jest.spyOn(notices, 'posted').mockRejectedValueOnce(new Error('the process died'));
    await raise(product, 'one');
    await until('the notice', () => posted(product).length === 1);
    await until('doubt', async () => (await notices.model.findOne().lean<Notice>())?.telling);
    product.advance(70_000);
    expect(await until('nothing to be owed', async () => (await owed(product)) === 0)).toBe(true);
    expect(posted(product)).toEqual(['one']);
  });

  it('waits for as long as Slack asks', async () => {
    const product = await start();
    product.slack.faults.api({ kind: 'rateLimit', retryAfterS: 30 }, { method: 'chat.postMessage' });
    await raise(product, 'one');
    await until('a refusal', () => failures(product) === 1);
    const at = await until('a date', async () => {
      const [next] = await product.models.notices.model.find().lean<Notice[]>();
      return next?.telling === undefined && next?.slackOwedAt;
    });
    expect(at.getTime() - product.now().getTime()).toBeGreaterThan(25_000);
    product.advance(31_000);
    await until('the notice', () => posted(product).length === 1);
  });

  it('shows what looks like markup or a mention as it is written', async () => {
    const product = await start();
    await raise(product, '<!channel> a & b <https://example.com|here>');
    await until('the notice', () => posted(product).length === 1);
    expect(posted(product)).toEqual(['&lt;!channel&gt; a &amp; b &lt;https://example.com|here&gt;']);
  });
});

describe('an alert', () => {
  it('reaches the support team at most once per key and day', async () => {
    const product = await start();
    const { alert } = product.baton.context;
    for (const text of ['first', 'again']) alert('held:web', text);
    alert('spam:web', 'another matter');
    await until('both', () => posted(product, support).length === 2);
    product.advance(DAY_MS);
    alert('held:web', 'the next day');
    await until('the next one', () => posted(product, support).includes('the next day'));
    expect([...posted(product, support)].sort()).toEqual(['another matter', 'first', 'the next day']);
  });
});
