import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Run } from '../flows/types.ts';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import { judgeView, type ShownView } from '../inbox/sandbox/views.ts';
import { journeyModal } from '../inbox/slack/journeyModal.ts';
import type { TimelineEntry } from '../models/timeline.ts';
import { type Product, startProduct } from './product.ts';
import {
  ARJUN,
  type Card,
  FARAH,
  interact,
  linesOf,
  MEERA,
  openForm,
  pressOf,
  readBy,
  settled,
  submit,
  VIKRAM,
} from './teamwork.ts';
import { until } from './until.ts';

const { legal, sales } = TEAM_CHANNELS;
const PROJECT = 'Greenfield Heights';
const DAY_MS = 86_400_000;

const understander = readBy([
  ['RERA', 'legal_threat'],
  ['price', 'price_query'],
  ['brochure', 'brochure_request'],
]);

type Opened = Card & {
  buyer: ReturnType<Product['buyer']>;
  run: () => Promise<Run | undefined>;
  notes: () => Promise<TimelineEntry[]>;
};

/** An enquiry that waits for its first answer, and a case of legal. */
async function open(product: Product): Promise<Opened> {
  const buyer = product.buyer();
  await buyer.write('brochure please');
  await until('the brochure', () => buyer.heard().some((text) => text.includes('brochure.pdf]')));
  await buyer.write('I will go to RERA');
  const { ts } = await buyer.card(legal);
  await until('the case to know its card', () => product.models.cases.byThread(legal, ts));
  await settled(product);
  const { models } = product;
  const conversation = async () => {
    const [id = ''] = await models.conversations.idsOf(
      (await models.buyers.byPhone(buyer.number))?._id ?? '',
    );
    return models.conversations.fresh(id);
  };
  return {
    ...{ channel: legal, ts, buyer },
    run: async () => (await conversation())?.state.runs[0],
    notes: async () => {
      const all = await models.timeline.latest((await conversation())?.buyer ?? '', 200);
      return all.filter(({ kind, what }) => kind === 'decision' && what.startsWith('enquiry of'));
    },
  };
}

const journey = { button: 'case_journey' };

function textOf({ view }: ShownView): string {
  return JSON.stringify(view.blocks);
}

/** What may be chosen in the form, by its words. */
function choicesOf({ view }: ShownView): Map<string, string> {
  const options = view.blocks.flatMap((block) =>
    block.type === 'input' && block.element.type === 'static_select' ? (block.element.options ?? []) : [],
  );
  return new Map(options.map(({ text, value }) => [text.text, value]));
}

function choice(view: ShownView, words: string): string {
  const choices = choicesOf(view);
  const found = [...choices].find(([text]) => text.startsWith(words))?.[1];
  if (!found) throw new Error(`no choice ${words} among ${[...choices.keys()].join('; ')}`);
  return found;
}

describe.each(['socket', 'http'] as const)('the journey of a buyer in %s mode', (slackMode) => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ understander, slackMode });
    await until('Slack is connected', () => product.baton.context.inbox.health() === 'ready');
  });
  afterAll(() => product.stop());

  it('shows what is under way: the flow, what it is about, its stage and whose it is', async () => {
    const opened = await open(product);
    const view = await openForm(product, MEERA, opened, journey);
    expect(textOf(view)).toContain(`*Enquiry · ${PROJECT}*`);
    expect(textOf(view)).toMatch(/Stage: qualifying, since \d+ \w+, \d+:\d\d [AP]M, with Sales/);
    expect([...choicesOf(view).keys()]).toEqual([
      `Pause: Enquiry, ${PROJECT}`,
      `On to “qualified”: Enquiry, ${PROJECT}`,
      `On to “with sales”: Enquiry, ${PROJECT}`,
      `On to “in touch”: Enquiry, ${PROJECT}`,
      `On to “lost”: Enquiry, ${PROJECT}`,
      `On to “booked”: Enquiry, ${PROJECT}`,
    ]);
    await product.slack.closeView(MEERA);
  });

  it('is paused and resumed with a reason, by name, on the timeline and in the thread', async () => {
    const opened = await open(product);
    const form = await openForm(product, MEERA, opened, journey);
    const pause = { what: choice(form, 'Pause'), reason: 'Their lawyer asked us to wait' };
    expect(await submit(product, MEERA, pause)).toEqual({ outcome: 'closed' });
    expect((await opened.run())?.paused).toMatchObject({
      by: { id: MEERA },
      reason: 'Their lawyer asked us to wait',
    });
    await settled(product);
    expect(linesOf(product, opened).some((line) => line.includes('Their lawyer asked us to wait'))).toBe(
      true,
    );

    // Sales does not answer by machine while it rests: the question goes to people.
    const before = opened.buyer.heard().length;
    await opened.buyer.write('what is the price?');
    await until('a case of sales', () => opened.buyer.cards(sales).length === 1);
    await settled(product);
    expect(opened.buyer.heard().slice(before).join()).not.toContain('₹');

    const again = await openForm(product, ARJUN, opened, journey);
    expect(textOf(again)).toMatch(/Paused by Adv\. Meera Iyer on .*: Their lawyer asked us to wait/);
    await submit(product, ARJUN, { what: choice(again, 'Resume'), reason: 'Settled by phone' });
    expect((await opened.run())?.paused).toBeUndefined();
    const notes = await until('the timeline', async () => {
      const found = await opened.notes();
      return found.length === 2 && found;
    });
    expect(notes.map(({ who, what, why }) => `${who}: ${what} (${why})`).sort()).toEqual([
      `Adv. Meera Iyer: enquiry of ${PROJECT} paused at qualifying (Their lawyer asked us to wait)`,
      `Arjun Nair: enquiry of ${PROJECT} resumed at qualifying (Settled by phone)`,
    ]);
  });

  it('is moved on, and never without a reason', async () => {
    const opened = await open(product);
    const form = await openForm(product, MEERA, opened, journey);
    const what = choice(form, 'On to “with sales”');
    for (const reason of ['', '   '])
      expect(await submit(product, MEERA, { what, reason })).toMatchObject({
        outcome: 'errors',
        errors: { reason: expect.any(String) },
      });
    expect((await opened.run())?.stage).toBe('qualifying');
    expect(await submit(product, MEERA, { what, reason: 'They rang us' })).toEqual({ outcome: 'closed' });
    expect((await opened.run())?.stage).toBe('withSales');
    await until('a case of sales', () => opened.buyer.cards(sales).length === 1);
  });

  it('tells in the form what a colleague has done meanwhile', async () => {
    const opened = await open(product);
    const [mine, theirs] = [
      await openForm(product, MEERA, opened, journey),
      await openForm(product, ARJUN, opened, journey),
    ];
    await submit(product, ARJUN, { what: choice(theirs, 'Pause'), reason: 'First' });
    const late = await submit(product, MEERA, { what: choice(mine, 'Pause'), reason: 'Second' });
    expect(JSON.stringify(late)).toContain('Arjun Nair has paused it already');
    const ended = await submit(product, MEERA, { what: choice(mine, 'On to “booked”'), reason: 'Gave up' });
    expect(ended).toEqual({ outcome: 'closed' });
    const gone = await openForm(product, ARJUN, opened, journey);
    expect(textOf(gone)).toContain('No journey is under way');
    expect(choicesOf(gone).size).toBe(0);
    await product.slack.closeView(ARJUN);
  });
});

describe('a journey form', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ understander });
    await until('Slack is connected', () => product.baton.context.inbox.health() === 'ready');
  });
  afterAll(() => product.stop());

  it('that Slack delivers twice changes one thing once', async () => {
    const opened = await open(product);
    const view = await openForm(product, MEERA, opened, journey);
    const submission = submissionOf(MEERA, view, { what: choice(view, 'Pause'), reason: 'Once' });
    for (let times = 0; times < 2; times += 1)
      expect(await interact(product, submission)).toEqual({ status: 200, answer: '' });
    await settled(product);
    expect(await opened.notes()).toHaveLength(1);
    expect(linesOf(product, opened).filter((line) => line.includes('Once'))).toHaveLength(1);
    await product.slack.closeView(MEERA);
  });

  it('of somebody who may not, or about what is not there, changes nothing', async () => {
    const opened = await open(product);
    const view = await openForm(product, MEERA, opened, journey);
    const entered = { what: choice(view, 'Pause'), reason: 'Mine' };
    const stranger = submissionOf('U0OUTSIDER1', view, entered);
    expect((await interact(product, stranger)).answer).toContain('Only active members of');
    for (const what of ['pause||visit:nowhere', 'skip|nowhere|x', 'rubbish'])
      expect((await interact(product, submissionOf(MEERA, view, { ...entered, what }))).answer).toContain(
        'errors',
      );
    const run = (await opened.run())?.id;
    const back = submissionOf(MEERA, view, { ...entered, what: `skip|welcome|${run}` });
    expect((await interact(product, back)).answer).toContain('It stands at “qualifying” now');
    expect(await opened.notes()).toEqual([]);
    await product.slack.closeView(MEERA);
  });

  it('may also be sent by members of the team that owns the stage', async () => {
    const opened = await open(product);
    const view = await openForm(product, MEERA, opened, journey);
    for (const channel of Object.values(TEAM_CHANNELS)) {
      if (channel !== sales) product.slack.leaveAs(FARAH, channel);
      if (channel !== TEAM_CHANNELS.operations) product.slack.leaveAs(VIKRAM, channel);
    }
    product.advance(DAY_MS / 24);
    const entered = { what: choice(view, 'Pause'), reason: 'Sales asks to wait' };
    const refused = await interact(product, submissionOf(VIKRAM, view, entered));
    expect(refused.answer).toContain('Only active members of');
    expect((await opened.run())?.paused).toBeUndefined();
    const taken = await interact(product, submissionOf(FARAH, view, entered));
    expect(taken).toEqual({ status: 200, answer: '' });
    expect((await opened.run())?.paused?.by.id).toBe(FARAH);
    await product.slack.closeView(MEERA);
  });

  it('is opened beside a buyer who has no case, by who owns a stage', async () => {
    const buyer = product.buyer();
    await buyer.write('brochure please');
    await until('the brochure', () => buyer.heard().some((text) => text.includes('brochure.pdf]')));
    await settled(product);
    expect(await product.slack.slash(ARJUN, sales, '/baton', `buyer ${buyer.number}`)).toEqual({ ok: true });
    const answer = await until('an answer', () => product.slack.ephemerals(ARJUN).at(-1));
    await product.slack.click(ARJUN, sales, answer.ts, 'buyer_journey');
    const form = await until('a form', () => product.slack.views(ARJUN).at(-1));
    expect(textOf(form)).toContain(`*Enquiry · ${PROJECT}*`);
    const entered = { what: choice(form, 'Pause'), reason: 'They travel' };
    const refused = await interact(product, submissionOf('U0OUTSIDER1', form, entered));
    expect(refused.answer).toContain('Only Sales may change this journey');
    expect(await submit(product, ARJUN, entered)).toEqual({ outcome: 'closed' });
    const again = await product.slack.click(ARJUN, sales, answer.ts, 'buyer_journey');
    expect(again).toEqual({ ok: true });
    const shown = await until('the pause', () => product.slack.views(ARJUN).at(-1));
    expect(textOf(shown)).toContain('They travel');
    await product.slack.closeView(ARJUN);
  });

  it('is not opened by a press on a card that is not known, nor by who is in no team', async () => {
    const opened = await open(product);
    await interact(product, pressOf('U0OUTSIDER1', opened, 'case_journey'));
    await interact(product, pressOf(MEERA, { ...opened, ts: '1.000001' }, 'case_journey'));
    await settled(product);
    expect(product.slack.views(MEERA)).toEqual([]);
    expect(
      JSON.stringify(product.slack.calls.filter(({ method }) => method === 'chat.postEphemeral')),
    ).toMatch(/Only active members of .*This card is not known any more/);
  });
});

/** Slack's own request for a form that was submitted. */
function submissionOf(user: string, shown: ShownView, { what, reason }: { what: string; reason: string }) {
  return {
    type: 'view_submission',
    user: { id: user },
    view: {
      ...shown.view,
      id: shown.id,
      state: {
        values: {
          what: { value: { type: 'static_select', selected_option: { text: {}, value: what } } },
          reason: { value: { type: 'plain_text_input', value: reason } },
        },
      },
    },
  };
}

describe('the journey modal', () => {
  const now = new Date('2026-11-23T04:30:00Z');
  const about = { title: 'L-1 journey', metadata: '{}', timeZone: 'Asia/Kolkata', now };
  const run = {
    id: 'kyc:c:1.1',
    flow: 'kyc',
    stage: 'inReview',
    enteredAt: now,
    about: 'B-1203',
    ahead: ['done'],
  };

  it('shows what is owed, and what is late', () => {
    const dueAt = (days: number) => new Date(now.getTime() + days * DAY_MS);
    const owed = [
      { name: 'papers_complete', dueAt: dueAt(-3) },
      { name: 'kyc_reviewed', dueAt: dueAt(2) },
      { name: 'signed_by_buyer' },
    ];
    const text = JSON.stringify(journeyModal([{ ...run, owner: 'operations', owed }], about));
    expect(text).toContain('*KYC · B-1203*');
    expect(text).toContain('in review, since 23 Nov, 10:00 AM, with Operations');
    expect(text).toContain(':red_circle: papers complete: late by 3 d');
    expect(text).toContain('papers reviewed: due 25 Nov, 10:00 AM');
    expect(text).toContain('signed by buyer: open');
  });

  it('is one that Slack takes, however much it holds', () => {
    const long = '<!channel> & 😀'.repeat(400);
    const many = Array.from({ length: 30 }, (_, index) => ({
      ...run,
      id: `kyc:${'c'.repeat(80)}:${index}`,
      about: long,
      ahead: Array.from({ length: 12 }, (_stage, at) => `stage${at}`),
      paused: { at: now, by: { id: 'U1', name: long }, reason: long },
      owed: Array.from({ length: 40 }, (_milestone, at) => ({ name: `milestone_${at}` })),
    }));
    const view = journeyModal(many, { ...about, title: long });
    expect(judgeView(view, 'modal', randomUUID)).toEqual({ ok: true, value: expect.anything() });
    const marked = view.blocks.filter(({ type }) => type === 'section');
    expect(JSON.stringify(marked)).not.toMatch(/<!/);
    expect(JSON.stringify(view)).not.toMatch(/\\ud[89a-f]/);
  });
});
