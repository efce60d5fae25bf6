import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { ChannelError } from '../bot/channels/channel.ts';
import type { Understander } from '../bot/understand/understander.ts';
import type { Intent } from '../flows/types.ts';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { ShownView } from '../inbox/sandbox/views.ts';
import { type Product, type ProductOptions, startProduct } from './product.ts';
import {
  ARJUN,
  blocksOf,
  buttonsOf,
  choose,
  linesOf,
  MEERA,
  resolveAs,
  settled,
  whispers,
} from './teamwork.ts';
import { until } from './until.ts';

const { legal, sales } = TEAM_CHANNELS;
const HOUR = 3_600_000;

/** Understanding has its own tests; here a word decides, so that the inbox alone is judged. */
const byWord: Understander = {
  async understand(text) {
    const meanings: [string, Intent][] = [
      ['RERA', 'legal_threat'],
      ['brochure', 'brochure_request'],
      ['person', 'human_request'],
      ['complaint', 'complaint'],
    ];
    const name = meanings.find(([word]) => text.includes(word))?.[1] ?? 'other';
    return { intents: [{ name, confidence: 0.97 }], entities: {}, language: 'en', sentiment: 'neutral' };
  },
};

const products: Product[] = [];

async function start(options: ProductOptions = {}): Promise<Product> {
  const product = await startProduct({ understander: byWord, ...options });
  products.push(product);
  return product;
}

describe.each(['socket', 'http'] as const)('the inbox in %s mode', (slackMode) => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ understander: byWord, slackMode });
    await until('Slack is connected', () => product.baton.context.inbox.health() === 'ready');
  });
  afterAll(() => product.stop());

  it('shows a case as one card in its team’s channel and everything further in its thread, in order', async () => {
    const buyer = product.buyer();
    await buyer.write('I will go to RERA');
    const { ts } = await buyer.card(legal);
    for (const text of ['RERA one', 'RERA two', 'RERA three', 'RERA four']) await buyer.write(text);

    const lines = await until(
      'four lines',
      () => linesOf(product, { channel: legal, ts }).length === 4 && linesOf(product, { channel: legal, ts }),
    );
    expect(lines.map((line) => /RERA (\w+)/.exec(line)?.[1])).toEqual(['one', 'two', 'three', 'four']);
    expect(buyer.cards(legal)).toHaveLength(1);
    expect(buyer.cards(sales)).toHaveLength(0);
    expect(blocksOf(buyer.cards(legal)[0])).toContain('> I will go to RERA');
    expect(buyer.heard()).toHaveLength(1);
  });

  it('sends a member’s reply to the buyer once, although Slack delivers it three times', async () => {
    const { buyer, ts } = await openCase(product);
    product.slack.faults.duplicateEvents(3);
    product.slack.postAs(MEERA, legal, 'We will call you at 5, see <https://example.com> & wait', {
      threadTs: ts,
    });
    await until('the reply', () => buyer.heard().at(-1)?.startsWith('We will call'));
    await settled(product);

    expect(buyer.heard().slice(1)).toEqual(['We will call you at 5, see <https://example.com> & wait']);
    const card = await until('the answered card', () => {
      const text = blocksOf(buyer.cards(legal)[0]);
      return text.includes('Answered') && text;
    });
    expect(card).toContain('Meera Iyer');
    expect(buttonsOf(buyer.cards(legal)[0])).toEqual([
      'case_resolve',
      'case_templates',
      'case_snooze',
      'case_more',
    ]);
  });

  it('keeps notes, bots, edits and other threads away from the buyer', async () => {
    const { buyer, ts } = await openCase(product);
    const client = new WebClient(product.slack.tokens.botToken, {
      slackApiUrl: product.site.env.SLACK_API_URL ?? '',
    });
    const top = product.slack.postAs(MEERA, legal, 'A message in the channel');
    product.slack.postAs(MEERA, legal, 'A reply to that', { threadTs: top.ts });
    product.slack.postAs(MEERA, legal, '// careful with this one', { threadTs: ts });
    const slip = product.slack.postAs(MEERA, legal, '//no space', { threadTs: ts });
    product.slack.editAs(MEERA, legal, slip.ts, 'edited into an answer');
    product.slack.deleteAs(MEERA, legal, slip.ts);
    await client.chat.postMessage({ channel: legal, thread_ts: ts, text: 'I am another bot' });
    product.slack.postAs(MEERA, legal, 'The answer', { threadTs: ts });
    await until('the answer', () => buyer.heard().includes('The answer'));
    await settled(product);

    expect(buyer.heard().slice(1)).toEqual(['The answer']);
  });

  it('gives a case to exactly one of two who claim it at once, and tells the other who won', async () => {
    const { buyer, ts } = await openCase(product);
    const members = [MEERA, ARJUN];
    await Promise.all(members.map((member) => product.slack.click(member, legal, ts, 'case_claim')));
    const owned = await until('an owner on the card', () => {
      const text = blocksOf(buyer.cards(legal)[0]);
      return !text.includes('unassigned') && text;
    });
    await settled(product);

    const [won, lost] = owned.includes('Meera') ? [MEERA, ARJUN] : [ARJUN, MEERA];
    const winner = won === MEERA ? 'Meera Iyer' : 'Arjun Nair';
    expect(whispers(product, lost, { ts })).toEqual([expect.stringContaining(winner)]);
    expect(whispers(product, won, { ts })).toEqual([]);
    expect(buttonsOf(buyer.cards(legal)[0])).toEqual([
      'case_resolve',
      'case_templates',
      'case_snooze',
      'case_more',
    ]);
  });

  it('closes the card on Resolve, gives the word back to the bot, and sends nothing written there later', async () => {
    const { buyer, ts } = await openCase(product);
    product.slack.postAs(MEERA, legal, 'All settled.', { threadTs: ts });
    await until('the reply', () => buyer.heard().includes('All settled.'));
    expect(await resolveAs(product, MEERA, { channel: legal, ts })).toEqual({ outcome: 'closed' });
    await until('a closed card', () => blocksOf(buyer.cards(legal)[0]).includes('Resolved'));
    expect(buttonsOf(buyer.cards(legal)[0])).toEqual(['case_reopen', 'case_more']);

    product.slack.postAs(MEERA, legal, 'One more thing', { threadTs: ts });
    await until('a refusal', () =>
      whispers(product, MEERA, { ts }).some((text) => text.includes('is resolved')),
    );
    await buyer.write('brochure please');
    await until('the bot', () => buyer.heard().some((text) => text.endsWith('brochure.pdf]')));
    expect(buyer.heard()).not.toContain('One more thing');
  });

  it('stays silent while a person has the word: what the buyer writes goes to the thread', async () => {
    const { buyer, ts } = await openCase(product);
    product.slack.postAs(MEERA, legal, 'This is Meera.', { threadTs: ts });
    await until('the reply', () => buyer.heard().includes('This is Meera.'));
    await buyer.write('brochure please');
    await until('the line', () =>
      linesOf(product, { channel: legal, ts }).some((line) => line.includes('brochure please')),
    );
    await settled(product);

    expect(buyer.heard().slice(1)).toEqual(['This is Meera.']);
  });

  it('opens the buyer’s timeline in a modal', async () => {
    const { buyer, ts } = await openCase(product);
    await settled(product);
    expect(await choose(product, MEERA, { channel: legal, ts }, 'timeline')).toEqual({ ok: true });
    const view = await until('a modal', () => product.slack.views(MEERA).at(-1));
    expect(JSON.stringify((view as ShownView).view)).toContain('I will go to RERA');
    expect(JSON.stringify((view as ShownView).view)).toContain('opened for legal');
    expect(buyer.heard()).toHaveLength(1);
    await product.slack.closeView(MEERA);
  });

  it('refuses staff who are not active any more', async () => {
    const left = 'U0VIKRAMOPS';
    await product.models.staff.model.create({
      _id: left,
      name: 'Vikram Joshi',
      teams: ['legal'],
      active: false,
    });
    const { buyer, ts } = await openCase(product);
    product.slack.postAs(left, legal, 'I still know the password', { threadTs: ts });
    await until('a refusal', () => whispers(product, left, { ts }).length === 1);
    for (const button of ['case_claim', 'case_resolve']) await product.slack.click(left, legal, ts, button);
    await choose(product, left, { channel: legal, ts }, 'timeline');
    await until('refusals', () => whispers(product, left, { ts }).length === 4);
    await settled(product);

    expect(whispers(product, left, { ts }).join()).not.toContain('undefined');
    expect(buyer.heard()).toHaveLength(1);
    expect(blocksOf(buyer.cards(legal)[0])).toContain('unassigned');
    expect(product.slack.views(left)).toEqual([]);
  });

  it.each([
    [
      'mentions and markup',
      'RERA <!channel> & <@U0MEERALEGL> *b* {{1}} $where',
      '&lt;!channel&gt; &amp; &lt;@U0',
    ],
    ['65,000 characters', `RERA ${'long words '.repeat(6_000)}`.slice(0, 65_000), '> RERA long words'],
    ['65,000 characters that grow when escaped', `RERA ${'&'.repeat(65_000)}`, '&amp;&amp;'],
    ['emoji only, cut in the middle of one', `RERA${'😀'.repeat(20_000)}`, '😀😀😀'],
    ['right to left', 'RERA مرحبا \u202egnp.exe', 'مرحبا'],
    ['null bytes', 'RERA \u0000null\u0000', 'null'],
    ['thousands of lines', `RERA${'\n>'.repeat(5_000)}`, '> RERA'],
  ])('shows %s harmlessly, on the card, in the thread and on the timeline', async (_what, text, shown) => {
    const { buyer, ts } = await openCase(product, text);
    expect(blocksOf(buyer.cards(legal)[0])).toContain(shown);
    await buyer.write(`${text} again`);
    await until('the line', () =>
      linesOf(product, { channel: legal, ts }).some((line) => line.includes(shown)),
    );
    await settled(product);
    for (const message of product.slack.thread(legal, ts)) {
      // A half of an emoji shows as an escape in JSON, or as a replacement character.
      expect(`${message.text} ${blocksOf(message)}`).not.toMatch(/<!|<@|\u0000|\ufffd|\\ud[89a-f]/);
    }
    expect(await choose(product, MEERA, { channel: legal, ts }, 'timeline')).toEqual({ ok: true });
    await until('a modal', () => product.slack.views(MEERA).length > 0);
    await product.slack.closeView(MEERA);
  });

  it('takes what is done under one card in order, though the first of it takes its time', async () => {
    const { buyer, ts } = await openCase(product);
    const newcomer = 'U0SANJAYSIT';
    product.slack.faults.api({ kind: 'latency', delayMs: 300 }, { method: 'users.info' });
    product.slack.postAs(newcomer, legal, 'first', { threadTs: ts });
    await until('the name to be asked for', () =>
      product.slack.calls.some(({ method, args }) => method === 'users.info' && args.user === newcomer),
    );
    product.slack.postAs(newcomer, legal, 'second', { threadTs: ts });
    await settled(product);
    await until('both replies', () => buyer.heard().length === 3);
    expect(buyer.heard().slice(1)).toEqual(['first', 'second']);
  });

  it('takes a reply and a button that are quicker than Slack’s answer to our own posting', async () => {
    // Else a card of before would be the one that is held up.
    await settled(product);
    const { cases } = product.models;
    // Cards of earlier tests that are still to be shown anew would be the first to be waited for.
    await until(
      'Slack to know it all',
      async () => !(await cases.model.exists({ slackOwedAt: { $exists: true } })),
    );
    let answerComes = () => {};
    const answer = new Promise<void>((resolve) => {
      answerComes = resolve;
    });
    const shown = cases.shown.bind(cases);
    const waiting = jest.spyOn(cases, 'shown').mockImplementationOnce(async (...known) => {
      await answer;
      await shown(...known);
    });
    const { buyer, ts } = await openCase(product);
    product.slack.postAs(MEERA, legal, 'I am quick.', { threadTs: ts });
    await until('the reply', () => buyer.heard().includes('I am quick.'));
    expect(await choose(product, MEERA, { channel: legal, ts }, 'timeline')).toEqual({ ok: true });
    await until('a modal', () => product.slack.views(MEERA).at(-1));
    await product.slack.closeView(MEERA);
    answerComes();
    await settled(product);
    waiting.mockRestore();
    expect(blocksOf(buyer.cards(legal)[0])).toContain('Meera');
  });

  it('loses no reply while the database fails: it is taken up again', async () => {
    const { buyer, ts } = await openCase(product);
    const failing = jest.spyOn(product.models.cases, 'byThread').mockRejectedValueOnce(new Error('away'));
    product.slack.postAs(MEERA, legal, 'Did this arrive?', { threadTs: ts });
    await until('the reply', () => buyer.heard().includes('Did this arrive?'));
    expect(whispers(product, MEERA, { ts })).toEqual([]);
    failing.mockRestore();
  });
});

describe('when Slack is in trouble', () => {
  afterEach(stopAll);

  it.each(['socket', 'http'] as const)(
    'away at start (%s): buyers are answered, and their case is shown once later',
    async (slackMode) => {
      const product = await start({ slackMode, slackIsOpen: false });
      const { site } = product;
      const { inbox } = product.baton.context;
      const buyer = product.buyer();
      await buyer.write('I will go to RERA');
      await until('the acknowledgement', () => buyer.heard().length === 1);
      await buyer.write('RERA again');
      await settled(product);
      await site.open();
      product.advance(6_000);
      const { ts } = await buyer.card(legal);
      await until('the line', () => linesOf(product, { channel: legal, ts }).length === 1);
      expect(buyer.cards(legal)).toHaveLength(1);

      if (slackMode === 'socket') await until('a connection', () => inbox.health() === 'ready');
      product.slack.postAs(MEERA, legal, 'Here we are.', { threadTs: ts });
      await until('the reply', () => buyer.heard().includes('Here we are.'));
    },
  );

  it('connects again when the socket is cut and Slack refuses the first attempt', async () => {
    const product = await start({ slackMode: 'socket' });
    const { inbox } = product.baton.context;
    await until('a connection', () => inbox.health() === 'ready');
    const { buyer, ts } = await openCase(product);
    product.slack.faults.api({ kind: 'httpError', status: 503 }, { method: 'apps.connections.open' });
    product.slack.faults.disconnect('cut');
    await until('the loss to be noticed', () => inbox.health() === 'degraded');
    await until('a new connection', () => inbox.health() === 'ready', 15_000);
    product.slack.postAs(MEERA, legal, 'Back again.', { threadTs: ts });
    await until('the reply', () => buyer.heard().includes('Back again.'));
  });

  it('fails twice with 503: the buyer is answered, and one card comes', async () => {
    const product = await start();
    const buyer = product.buyer();
    product.slack.faults.api({ kind: 'httpError', status: 503 }, { method: 'chat.postMessage', times: 2 });
    await buyer.write('I will go to RERA');
    await until('the acknowledgement', () => buyer.heard().length === 1);
    await failures(product, 1);
    product.advance(6_000);
    await failures(product, 2);
    product.advance(6_000);
    await buyer.card(legal);
    await settled(product);
    expect(buyer.cards(legal)).toHaveLength(1);
  });

  it('drops answers after the work is done: card and lines are there once each, in order', async () => {
    const product = await start();
    const buyer = product.buyer();
    product.slack.faults.api({ kind: 'dropAnswer' }, { method: 'chat.postMessage' });
    await buyer.write('I will go to RERA');
    await failures(product, 1);
    await buyer.write('RERA one');
    product.advance(6_000);
    const { ts } = await buyer.card(legal);
    await until('a line', () => linesOf(product, { channel: legal, ts }).length === 1);

    product.slack.faults.api({ kind: 'dropAnswer' }, { method: 'chat.postMessage' });
    await buyer.write('RERA two');
    await failures(product, 2);
    await buyer.write('RERA three');
    product.advance(6_000);
    await until('all lines', () => linesOf(product, { channel: legal, ts }).length === 3);
    await settled(product);
    expect(linesOf(product, { channel: legal, ts }).map((line) => /RERA (\w+)/.exec(line)?.[1])).toEqual([
      'one',
      'two',
      'three',
    ]);
    expect(buyer.cards(legal)).toHaveLength(1);
  });

  it('refuses to be asked whether an interrupted card is there: the question stays open, and no second card comes', async () => {
    const product = await start();
    const buyer = product.buyer();
    product.slack.faults.api({ kind: 'dropAnswer' }, { method: 'chat.postMessage' });
    product.slack.faults.api({ kind: 'rateLimit', retryAfterS: 3 }, { method: 'conversations.history' });
    await buyer.write('I will go to RERA');
    await failures(product, 1);
    product.advance(6_000);
    await failures(product, 2);
    product.advance(6_000);
    await until('the card to be known', async () => (await product.models.cases.model.findOne())?.slack);
    expect(buyer.cards(legal)).toHaveLength(1);
  });

  it('finds an interrupted line in a long thread', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    for (let note = 0; note < 205; note += 1) {
      product.slack.postAs(MEERA, legal, `// note ${note}`, { threadTs: ts });
    }
    await settled(product);
    product.slack.faults.api({ kind: 'dropAnswer' }, { method: 'chat.postMessage' });
    await buyer.write('RERA one');
    await failures(product, 1);
    product.advance(6_000);
    await until(
      'Slack to be up to date',
      async () => !(await product.models.cases.model.findOne())?.slackOwedAt,
    );
    expect(linesOf(product, { channel: legal, ts })).toHaveLength(1);
  });

  it('asks to wait: the channel is left alone for that long, and nothing is lost or out of order', async () => {
    const product = await start();
    const [one, two] = [product.buyer(), product.buyer()];
    const isPost = ({ method, args }: { method: string; args: Record<string, unknown> }) =>
      method === 'chat.postMessage' && args.channel === legal;
    product.slack.faults.api({ kind: 'rateLimit', retryAfterS: 30 }, { method: 'chat.postMessage' });
    await one.write('I will go to RERA');
    await failures(product, 1);
    for (const text of ['RERA one', 'RERA two']) await one.write(text);
    await two.write('I will go to RERA too');
    await until('acknowledgements', () => one.heard().length === 1 && two.heard().length === 1);
    product.advance(20_000);
    await one.write('RERA three');
    await settled(product);
    expect(product.slack.calls.filter(isPost)).toHaveLength(1);

    product.advance(11_000);
    const { ts } = await one.card(legal);
    await two.card(legal);
    await until('all lines', () => linesOf(product, { channel: legal, ts }).length === 3);
    expect(linesOf(product, { channel: legal, ts }).map((line) => /RERA (\w+)/.exec(line)?.[1])).toEqual([
      'one',
      'two',
      'three',
    ]);
    expect([one, two].map((buyer) => buyer.cards(legal).length)).toEqual([1, 1]);
  });
});

describe('when WhatsApp is in trouble', () => {
  afterEach(stopAll);

  it('refuses all sends: the team still sees every message', async () => {
    const product = await start();
    const buyer = product.buyer();
    const refusal = new ChannelError({ class: 'auth', code: '190', message: 'The token has expired' });
    const sending = jest.spyOn(product.phone, 'send').mockRejectedValue(refusal);
    await buyer.write('I will go to RERA');
    const { ts } = await buyer.card(legal);
    await buyer.write('RERA, do you hear me?');
    await until('the line', () =>
      linesOf(product, { channel: legal, ts }).some((line) => line.includes('do you hear')),
    );
    sending.mockRestore();
    product.advance(60_000);
    await until('the acknowledgement', () => buyer.heard().length === 1);
  });

  it('reports a failure that we cannot take in at first: the thread says so when it is reported again', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    const providerId = product.phone.transcript(buyer.number).at(-1)?.id ?? '';
    const error = { code: '131026', detail: 'Message undeliverable' };
    const report = { providerId, state: 'failed' as const, at: product.now(), error };
    const { deliveries } = product.baton.context;
    // The sandbox reports "delivered", which a later failure would not undo: take that back.
    const reported = { providerId, status: 'delivered' as const };
    const asSent = { $set: { status: 'sent', rank: 4 } };
    const { model } = product.models.sends;
    await until('its report', async () => (await model.updateOne(reported, asSent)).modifiedCount === 1);
    const failing = jest
      .spyOn(product.models.conversations, 'change')
      .mockRejectedValueOnce(new Error('away'));
    await expect(deliveries.report([report])).rejects.toThrow('away');
    failing.mockRestore();
    for (const _again of [1, 2]) await deliveries.report([report]);
    await until('the line', () =>
      linesOf(product, { channel: legal, ts }).some((line) => line.includes('131026')),
    );
    await settled(product);
    expect(linesOf(product, { channel: legal, ts })).toHaveLength(1);
  });

  it('refuses a person’s reply: the thread says so', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    product.phone.failNextSend('recipient');
    product.slack.postAs(MEERA, legal, 'Lost words', { threadTs: ts });
    await until('the line', () =>
      linesOf(product, { channel: legal, ts }).some((line) => line.includes('Not delivered')),
    );
    expect(buyer.heard()).toHaveLength(1);
  });
});

describe('with time passing', () => {
  afterEach(stopAll);

  it('gives the word back to the bot twelve hours after a person’s last message', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    product.slack.postAs(MEERA, legal, 'This is Meera.', { threadTs: ts });
    await until('the reply', () => buyer.heard().includes('This is Meera.'));
    product.advance(11.9 * HOUR);
    await buyer.write('brochure please');
    await until('the line', () =>
      linesOf(product, { channel: legal, ts }).some((line) => line.includes('brochure please')),
    );
    await settled(product);
    expect(buyer.heard()).toHaveLength(2);

    product.advance(0.2 * HOUR);
    await until('the bot to have the word', async () =>
      (await ownersOf(product)).every((owner) => owner === 'bot'),
    );
    await buyer.write('brochure please');
    await until('the bot', () => buyer.heard().some((text) => text.endsWith('brochure.pdf]')));
  });
});

async function stopAll(): Promise<void> {
  jest.restoreAllMocks();
  for (const product of products.splice(0)) await product.stop();
}

/** Resolves when so many calls of Slack's Web API have failed and the product has drawn its conclusions. */
async function failures(product: Product, count: number): Promise<void> {
  const failed = () => product.slack.calls.filter(({ error }) => error !== undefined).length;
  await until(`${count} failures`, () => failed() === count);
  await settled(product);
}

async function ownersOf({ models }: Product): Promise<string[]> {
  const all = await models.conversations.model.find().lean();
  return all.map(({ state }) => state.owner.kind);
}

async function openCase(product: Product, text = 'I will go to RERA') {
  const buyer = product.buyer();
  await buyer.write(text);
  const { ts } = await buyer.card(legal);
  await until('the acknowledgement', () => buyer.heard().length === 1);
  return { buyer, ts };
}
