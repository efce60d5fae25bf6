import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { ShownView } from '../inbox/sandbox/views.ts';
import type { TimelineEntry } from '../models/timeline.ts';
import { type Product, startProduct } from './product.ts';
import { byWord, settled } from './team.ts';
import { choose } from './teamwork.ts';
import { until } from './until.ts';

const MEERA = 'U0MEERALEGL';
const { legal } = TEAM_CHANNELS;
const MINUTE = 60_000;

describe('the timeline of a buyer', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ understander: byWord({ RERA: 'legal_threat' }) });
    await until('Slack is reached', () => product.baton.context.inbox.health() === 'ready');
  });
  afterAll(() => product.stop());
  afterEach(async () => {
    jest.restoreAllMocks();
    product.slack.faults.clear();
    if (product.slack.views(MEERA).length > 0) await product.slack.closeView(MEERA);
  });

  it('shows both sides: who, when, what and why, newest first', async () => {
    const { buyer, ts, press } = await openCase(product);
    product.slack.postAs(MEERA, legal, 'I will call you at 5.', { threadTs: ts });
    await until('the reply', () => buyer.heard().includes('I will call you at 5.'));
    await settled(product);
    const rows = await until('the reply on the timeline', async () => {
      const shown = rowsOf(await press());
      return shown.some((row) => row.includes('I will call you at 5.')) && shown;
    });
    const at = (words: string) => rows.findIndex((row) => row.includes(words));
    expect(rows[at('I will call you at 5.')]).toMatch(/\d+ \w{3}, \d+:\d\d [AP]M · Adv\. Meera Iyer\*/);
    expect(rows[at('I will go to RERA')]).toMatch(
      /· Buyer\*\nI will go to RERA\nWhy: legal_threat 0\.97 -&gt; case/,
    );
    expect(rows.some((row) => row.includes('· Bot*') && row.includes('speech_balloon'))).toBe(true);
    expect(at('I will call you')).toBeLessThan(at('I will go to RERA'));
  });

  it('turns pages both ways through thousands of entries without missing or repeating any', async () => {
    const { found, press } = await openCase(product);
    await product.models.timeline.model.deleteMany({ buyer: found.buyer });
    await seed(product, found, 2_005);
    let view = await press();
    const forth: string[] = rowsOf(view);
    expect(buttonsOf(view)).toEqual(['timeline_older']);
    for (let page = 1; page < 5; page += 1) {
      view = await turn(product, view, 'timeline_older');
      expect(buttonsOf(view)).toEqual(['timeline_newer', 'timeline_older']);
      forth.push(...rowsOf(view));
    }
    expect(forth.map(serialOf)).toEqual(Array.from({ length: 100 }, (_, index) => 2_005 - index));
    const back: string[] = [];
    while (buttonsOf(view).includes('timeline_newer')) {
      view = await turn(product, view, 'timeline_newer');
      back.unshift(...rowsOf(view));
    }
    expect(back).toEqual(forth.slice(0, 80));
  });

  it('ends with the oldest page, and tells entries of one moment apart', async () => {
    const { found, press } = await openCase(product);
    await product.models.timeline.model.deleteMany({ buyer: found.buyer });
    await seed(product, found, 47, () => product.now());
    let view = await press();
    const all = rowsOf(view);
    for (const [rows, pages] of [
      [20, ['timeline_newer', 'timeline_older']],
      [7, ['timeline_newer']],
    ] as const) {
      view = await turn(product, view, 'timeline_older');
      expect(rowsOf(view)).toHaveLength(rows);
      expect(buttonsOf(view)).toEqual(pages);
      all.push(...rowsOf(view));
    }
    expect(new Set(all.map(serialOf)).size).toBe(47);
  });

  it('shows the whole latest page again, when entries came in meanwhile', async () => {
    const { found, press } = await openCase(product);
    await product.models.timeline.model.deleteMany({ buyer: found.buyer });
    await seed(product, found, 30);
    const view = await turn(product, await press(), 'timeline_older');
    await seed(product, found, 1, () => new Date(product.now().getTime() + MINUTE), 1_000);
    const newest = await turn(product, view, 'timeline_newer');
    // One more than the page was: the next page up has 21, and begins where this one ended.
    expect(rowsOf(newest).map(serialOf)).toEqual(Array.from({ length: 20 }, (_, index) => 30 - index));
    const latest = await turn(product, newest, 'timeline_newer');
    expect(rowsOf(latest).map(serialOf)).toEqual([
      1_000,
      ...Array.from({ length: 19 }, (_, index) => 30 - index),
    ]);
    expect(buttonsOf(latest)).toEqual(['timeline_older']);
  });

  it('cuts long texts, and lets no markup through', async () => {
    const { found, press } = await openCase(product);
    await product.models.timeline.model.deleteMany({ buyer: found.buyer });
    const what = (serial: number) => `${serial} <!channel> ${'&😀'.repeat(20_000)}`;
    await seed(product, found, 20, undefined, 1, what);
    const view = await press();
    const text = JSON.stringify(view.view);
    expect(text).not.toMatch(/<!|\\ud[89a-f]|\ufffd/);
    expect(text.length).toBeLessThan(40_000);
    for (const row of rowsOf(view)) expect(row.length).toBeLessThan(1_000);
  });

  it('turns one page when it is pressed twice at once', async () => {
    const { found, press } = await openCase(product);
    await product.models.timeline.model.deleteMany({ buyer: found.buyer });
    await seed(product, found, 100);
    const view = await press();
    const failing = jest.spyOn(product.baton.context.log, 'error');
    await Promise.all([1, 2].map(() => product.slack.clickInView(MEERA, view.id, 'timeline_older')));
    await settled(product);
    expect(rowsOf(shown(product)).map(serialOf)[0]).toBe(80);
    expect(failing).not.toHaveBeenCalled();
  });

  it('says that nothing has happened yet', async () => {
    const { found, press } = await openCase(product);
    await product.models.timeline.model.deleteMany({ buyer: found.buyer });
    const view = await press();
    expect(JSON.stringify(view.view)).toContain('Nothing has happened yet');
    expect(buttonsOf(view)).toEqual([]);
  });

  it('shows nothing more to who has left meanwhile', async () => {
    const { found, press } = await openCase(product);
    await seed(product, found, 60);
    const view = await press();
    await product.models.staff.model.updateOne({ _id: MEERA }, { $set: { active: false } });
    product.advance(2 * MINUTE);
    expect(await product.slack.clickInView(MEERA, view.id, 'timeline_older')).toEqual({ ok: true });
    await settled(product);
    expect(rowsOf(shown(product))).toEqual(rowsOf(view));
    await product.models.staff.model.updateOne({ _id: MEERA }, { $set: { active: true } });
  });
});

async function openCase(product: Product) {
  const buyer = product.buyer();
  await buyer.write('I will go to RERA');
  const { ts } = await buyer.card(legal);
  await until('the acknowledgement', () => buyer.heard().length === 1);
  await settled(product);
  const found = await until('the case', () => product.models.cases.byThread(legal, ts));
  const press = async (): Promise<ShownView> => {
    const before = product.slack.views(MEERA).at(-1)?.id;
    await choose(product, MEERA, { channel: legal, ts }, 'timeline');
    return until('a modal', () => {
      const view = product.slack.views(MEERA).at(-1);
      return view?.id !== before && view;
    });
  };
  return { buyer, ts, found, press };
}

/** Presses a button of the modal; what it shows then. */
async function turn(product: Product, view: ShownView, actionId: string): Promise<ShownView> {
  await product.slack.clickInView(MEERA, view.id, actionId);
  return until('another page', () => {
    const now = shown(product);
    return now.hash !== view.hash && now;
  });
}

function shown({ slack }: Product): ShownView {
  const view = slack.views(MEERA).at(-1);
  if (!view) throw new Error('no modal');
  return view;
}

function rowsOf({ view }: ShownView): string[] {
  return view.blocks.flatMap((block) =>
    block.type === 'context' ? block.elements.map((each) => ('text' in each ? each.text : '')) : [],
  );
}

function buttonsOf({ view }: ShownView): string[] {
  return view.blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.map((each) => ('action_id' in each ? `${each.action_id}` : ''))
      : [],
  );
}

function serialOf(row: string): number {
  return Number(/\n(\d+) /.exec(row)?.[1]);
}

async function seed(
  { models, now }: Product,
  { buyer, conversation }: { buyer: string; conversation: string },
  count: number,
  at = (serial: number) => new Date(now().getTime() - 10_000 * MINUTE + serial * MINUTE),
  from = 1,
  what = (serial: number) => `${serial} happened`,
): Promise<void> {
  const serials = Array.from({ length: count }, (_, index) => from + index);
  const entries = serials.map((serial): TimelineEntry => {
    const entry = { _id: `${buyer}:${serial}`, buyer, conversation, at: at(serial), who: 'bot' };
    return { ...entry, kind: 'decision', what: what(serial), why: 'a test' };
  });
  await models.timeline.append(entries);
}
