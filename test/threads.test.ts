import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Product } from './product.ts';
import { resolveAs } from './teamwork.ts';
import {
  ARJUN,
  legal,
  lineSaying,
  linesOf,
  MEERA,
  marksOf,
  openCase,
  reply,
  settled,
  start,
  stopAll,
  textOf,
  whispers,
} from './threadDesk.ts';
import { until } from './until.ts';

const HOUR = 3_600_000;

describe.each(['socket', 'http'] as const)('a thread in %s mode', (slackMode) => {
  let product: Product;
  beforeAll(async () => {
    product = await start({ slackMode });
  });
  afterAll(stopAll);

  it('keeps a note in Slack, marked, and on the timeline as that person’s', async () => {
    const { buyer, ts } = await openCase(product);
    const note = reply(product, ts, '// ask the lawyer <first>');
    await until('the mark', () => marksOf(product, note.ts).includes('memo'));
    await settled(product);
    const { timeline } = product.models;
    const notes = await timeline.model.find({ kind: 'note' }).lean();
    expect(notes.map(({ who, what }) => ({ who, what }))).toContainEqual({
      who: 'Adv. Meera Iyer',
      what: 'ask the lawyer <first>',
    });
    expect(buyer.heard()).toHaveLength(1);
  });

  it('says once, at the first reply, where replies go', async () => {
    const { buyer, ts } = await openCase(product);
    reply(product, ts, '// only a note');
    await settled(product);
    expect(linesOf(product, ts)).toEqual([]);
    reply(product, ts, 'First words');
    reply(product, ts, 'Second words');
    await until('both', () => buyer.heard().length === 3);
    await until('the line', () => linesOf(product, ts).length === 1);
    await settled(product);
    expect(linesOf(product, ts)).toEqual([expect.stringContaining('goes to the buyer on WhatsApp')]);
    expect(buyer.heard().slice(1)).toEqual(['First words', 'Second words']);
  });

  it('shows on a reply that it was sent, and that it was read', async () => {
    const { buyer, ts } = await openCase(product);
    const said = reply(product, ts, 'Please read this');
    await until('the tick', () => marksOf(product, said.ts).includes('white_check_mark'));
    expect(marksOf(product, said.ts)).toEqual(['white_check_mark']);
    product.phone.readAs(buyer.number);
    await until('the eyes', () => marksOf(product, said.ts).includes('eyes'));
    expect(marksOf(product, said.ts)).toEqual(['eyes', 'white_check_mark']);
  });

  it('refuses to have a sent reply changed or deleted: what the buyer got stays', async () => {
    const { buyer, ts } = await openCase(product);
    const said = reply(product, ts, 'Come at 5');
    await until('the reply', () => buyer.heard().includes('Come at 5'));
    product.slack.editAs(MEERA, legal, said.ts, 'Come at 6');
    await until('a word', () => whispers(product, MEERA, ts).length === 1);
    product.slack.deleteAs(MEERA, legal, said.ts);
    await until('another word', () => whispers(product, MEERA, ts).length === 2);
    await settled(product);
    for (const words of whispers(product, MEERA, ts)) expect(words).toContain('stays as it was');
    expect(buyer.heard().slice(1)).toEqual(['Come at 5']);
  });

  it('keeps a note a note when it is edited into an answer', async () => {
    const { buyer, ts } = await openCase(product);
    const slip = reply(product, ts, '// not for them');
    product.slack.editAs(MEERA, legal, slip.ts, 'not for them');
    await until('a word', () => whispers(product, MEERA, ts).some((words) => words.includes('was a note')));
    await settled(product);
    expect(buyer.heard()).toHaveLength(1);
  });
});

describe('a reply that does not arrive', () => {
  afterEach(stopAll);

  it('is loud, and goes out exactly once when Retry is pressed twice by two', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    product.phone.failNextSend('recipient');
    const said = reply(product, ts, 'Lost words');
    const line = await until('the line', () => lineSaying(product, ts, 'Not delivered'));
    expect(textOf(line)).toContain('reply_retry');
    await until('the cross', () => marksOf(product, said.ts).includes('x'));
    expect(buyer.heard()).toHaveLength(1);

    await Promise.all(
      [MEERA, ARJUN].map((member) => product.slack.click(member, legal, line.ts, 'reply_retry')),
    );
    await until('the words', () => buyer.heard().includes('Lost words'));
    await settled(product);
    expect(buyer.heard().slice(1)).toEqual(['Lost words']);
    await until('the tick', () => marksOf(product, said.ts).join() === 'white_check_mark');
    expect(textOf(lineSaying(product, ts, 'Not delivered'))).not.toContain('reply_retry');
  });

  it('stays lost when it is cancelled, whoever presses Retry on a stale line', async () => {
    const product = await start();
    const { buyer, ts, caseId } = await openCase(product);
    product.phone.failNextSend('recipient');
    reply(product, ts, 'Lost words');
    const line = await until('the line', () => lineSaying(product, ts, 'Not delivered'));
    const update = { method: 'chat.update' };
    product.slack.faults.api({ kind: 'apiError', error: 'internal_error' }, { ...update, times: 5 });
    await product.slack.click(MEERA, legal, line.ts, 'reply_give_up');
    await until(
      'the end',
      async () => (await product.models.replies.lastOf(caseId, new Date(8e15)))?.cancelled,
    );
    await product.slack.click(ARJUN, legal, line.ts, 'reply_retry');
    await until('a word', () => whispers(product, ARJUN, ts).some((words) => words.includes('decided')));
    await settled(product);
    expect(buyer.heard()).toHaveLength(1);
  });

  it('is sent again once more after a second failure, each failure with a line of its own', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    product.phone.failNextSend('recipient');
    product.phone.failNextSend('recipient');
    reply(product, ts, 'Stubborn words');
    const first = await until('the line', () => lineSaying(product, ts, 'reply_retry'));
    await product.slack.click(MEERA, legal, first.ts, 'reply_retry');
    const second = await until('another line', () => {
      const line = lineSaying(product, ts, 'reply_retry');
      return line && line.ts !== first.ts ? line : undefined;
    });
    await product.slack.click(MEERA, legal, second.ts, 'reply_retry');
    await until('the words', () => buyer.heard().includes('Stubborn words'));
    await settled(product);
    expect(buyer.heard()).toHaveLength(2);
  });
});

describe('a reply that has not gone out yet', () => {
  afterEach(stopAll);

  it('shows that it waits; an edit replaces it and is said', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    product.phone.goOffline();
    const said = reply(product, ts, 'Come at 5');
    await settled(product);
    product.advance(4_000);
    await until('the hourglass', () => marksOf(product, said.ts).includes('hourglass_flowing_sand'));
    product.slack.editAs(MEERA, legal, said.ts, 'Come at 6');
    await until('a word', () => whispers(product, MEERA, ts).some((words) => words.includes('new words')));
    await product.phone.goOnline();
    product.advance(60_000);
    await until('the reply', () => buyer.heard().length === 2);
    await settled(product);
    expect(buyer.heard()[1]).toBe('Come at 6');
    await until('the tick', () => marksOf(product, said.ts).join() === 'white_check_mark');
  });

  it('is called off when it is deleted', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    product.phone.goOffline();
    const first = reply(product, ts, 'Never mind this');
    reply(product, ts, 'But this');
    await settled(product);
    product.slack.deleteAs(MEERA, legal, first.ts);
    await until('a word', () => whispers(product, MEERA, ts).some((words) => words.includes('called off')));
    await product.phone.goOnline();
    product.advance(60_000);
    await until('the other one', () => buyer.heard().includes('But this'));
    await settled(product);
    expect(buyer.heard().slice(1)).toEqual(['But this']);
  });

  it('is called off once although we are cut short between the ledger and the outbox', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    product.phone.goOffline();
    const said = reply(product, ts, 'Come at 5');
    await settled(product);
    const { conversations } = product.models;
    const failing = jest.spyOn(conversations, 'change').mockRejectedValueOnce(new Error('away'));
    product.slack.editAs(MEERA, legal, said.ts, 'Come at 6');
    await until('the failure', () => failing.mock.calls.length > 0);
    failing.mockRestore();
    await until('a word', () => whispers(product, MEERA, ts).some((words) => words.includes('new words')));
    await product.phone.goOnline();
    product.advance(60_000);
    await until('the reply', () => buyer.heard().length === 2);
    await settled(product);
    expect(buyer.heard().slice(1)).toEqual(['Come at 6']);
  });
});

describe('when 24 hours have passed', () => {
  afterEach(stopAll);

  it('says so on the card and to whoever writes, whose words wait for the buyer', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    expect(textOf(buyer.cards(legal)[0])).toContain('Free words until');
    product.advance(24.1 * HOUR);
    await until('the card', () => textOf(buyer.cards(legal)[0]).includes('More than 24 hours'));
    reply(product, ts, 'Are you there?');
    await until('a word', () => whispers(product, MEERA, ts).some((words) => words.includes('Templates')));
    await settled(product);
    expect(buyer.heard()).not.toContain('Are you there?');
    await buyer.write('RERA yes');
    await until('the words', () => buyer.heard().includes('Are you there?'));
    await until('the card', () => textOf(buyer.cards(legal)[0]).includes('Free words until'));
  });
});

describe('approved words', () => {
  afterEach(stopAll);

  it('are chosen, filled in, seen and sent in a person’s name, once, also outside the window', async () => {
    const product = await start();
    const { buyer, ts, caseId } = await openCase(product);
    product.advance(25 * HOUR);
    await until('the card', () => textOf(buyer.cards(legal)[0]).includes('More than 24 hours'));
    const shown = await openTemplates(product, ts);
    await product.slack.clickInView(MEERA, shown.id, 'canned_choice', { entry: 'call_back_time' });
    await until('the preview', () => modal(product).includes('Meera Iyer from our legal team'));
    expect(modal(product)).toContain('[When you will call]');

    const past = `${Math.floor(product.now().getTime() / 1_000) - 60}`;
    const at = `${Math.floor(product.now().getTime() / 1_000) + 7_200}`;
    const field = 'field:call_back_time:at';
    const choice = { choice: { canned_choice: 'call_back_time' } };
    const refused = await product.slack.submitView(MEERA, { ...choice, [field]: { canned_field: past } });
    expect(refused).toEqual({ outcome: 'errors', errors: { [field]: expect.stringContaining('to come') } });
    await product.slack.clickInView(MEERA, shown.id, 'canned_field', { blockId: field, entry: at });
    await until('the whole preview', () => !modal(product).includes('[When you will call]'));
    const sent = await product.slack.submitView(MEERA, { ...choice, [field]: { canned_field: at } });
    expect(sent).toEqual({ outcome: 'cleared' });

    await until('the words', () => buyer.heard().some((text) => text.includes('Meera Iyer from our legal')));
    const line = await until('the line', () => lineSaying(product, ts, 'We call back at a time'));
    await settled(product);
    product.advance(6_000);
    await until('its tick', () => marksOf(product, line.ts).includes('white_check_mark'));
    const found = await product.models.cases.byId(caseId);
    expect(found).toMatchObject({ owner: { id: MEERA }, respondedAt: expect.any(Date) });
    expect(buyer.heard().filter((text) => text.includes('will call you'))).toHaveLength(1);
  });

  it('are not sent by strangers, for unknown copy, or for a closed case', async () => {
    const product = await start();
    const { buyer, ts } = await openCase(product);
    const shown = await openTemplates(product, ts);
    await product.slack.clickInView(MEERA, shown.id, 'canned_choice', { entry: 'closing_check' });
    await until('the preview', () => modal(product).includes('settled for you'));
    await resolveAs(product, ARJUN, { channel: legal, ts });
    await until('a closed card', () => textOf(buyer.cards(legal)[0]).includes('Resolved'));
    const refused = await product.slack.submitView(MEERA, { choice: { canned_choice: 'closing_check' } });
    expect(refused).toMatchObject({
      outcome: 'errors',
      errors: { choice: expect.stringContaining('resolved') },
    });
    await settled(product);
    expect(buyer.heard()).toHaveLength(1);
  });

  it('leave a view alone that has moved on', async () => {
    const product = await start();
    const { ts } = await openCase(product);
    const shown = await openTemplates(product, ts);
    product.slack.faults.api({ kind: 'apiError', error: 'hash_conflict' }, { method: 'views.update' });
    await product.slack.clickInView(MEERA, shown.id, 'canned_choice', { entry: 'closing_check' });
    await settled(product);
    await product.slack.clickInView(MEERA, shown.id, 'canned_choice', { entry: 'visit_follow_up' });
    await until('the preview', () => modal(product).includes('about your visit'));
  });
});

async function openTemplates(product: Product, ts: string) {
  expect(await product.slack.click(MEERA, legal, ts, 'case_templates')).toEqual({ ok: true });
  return until('a modal', () => product.slack.views(MEERA).at(-1));
}

function modal({ slack }: Product): string {
  return JSON.stringify(slack.views(MEERA).at(-1)?.view ?? {});
}
