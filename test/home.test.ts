import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { Case } from '../models/case.ts';
import type { Home } from '../models/home.ts';
import { type Product, type ProductOptions, startProduct } from './product.ts';
import { byWord, seedCases, settled } from './team.ts';
import { until } from './until.ts';

const MEERA = 'U0MEERALEGL';
const ARJUN = 'U0ARJUNSALE';
const VIKRAM = 'U0VIKRAMOPS';
const { legal, sales } = TEAM_CHANNELS;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const understander = byWord({ RERA: 'legal_threat' });

const products: Product[] = [];
async function start(options: ProductOptions = {}): Promise<Product> {
  const product = await startProduct({ understander, ...options });
  products.push(product);
  if (options.slackIsOpen !== false) {
    await until('Slack is connected', () => product.baton.context.inbox.health() === 'ready');
  }
  return product;
}
afterEach(async () => {
  jest.restoreAllMocks();
  for (const product of products.splice(0)) await product.stop();
});

describe.each(['socket', 'http'] as const)('the Home tab in %s mode', (slackMode) => {
  it('is published when it is opened: what is mine, nobody’s, asleep, at risk, and today’s visits', async () => {
    const product = await start({ slackMode });
    const { buyer } = await openCase(product);
    const now = product.now().getTime();
    const mine = { id: MEERA, name: 'Adv. Meera Iyer' };
    await seedCases(product, [
      { _id: 'mine', ticket: 'L-901', owner: mine, respondedAt: new Date(now - HOUR) },
      { _id: 'asleep', ticket: 'L-902', status: 'snoozed', snoozedUntil: new Date(now + DAY) },
      { _id: 'half', ticket: 'L-903', openedAt: new Date(now - 3 * HOUR), dueAt: new Date(now + HOUR) },
      { _id: 'over', ticket: 'L-904', openedAt: new Date(now - 3 * HOUR), dueAt: new Date(now - HOUR) },
      { _id: 'calm', ticket: 'L-905', openedAt: new Date(now - HOUR), dueAt: new Date(now + 3 * HOUR) },
      { _id: 'done', ticket: 'L-906', status: 'resolved', owner: mine },
    ]);
    await visitToday(product, await idOf(product, buyer.number));
    product.slack.openHome(MEERA);
    const sections = await until('Home', () => sectionsOf(product, MEERA));
    expect(ticketsIn(sections, 'Mine')).toEqual(['L-901']);
    expect(ticketsIn(sections, 'Unassigned').sort()).toEqual(['L-1', 'L-903', 'L-904', 'L-905']);
    expect(ticketsIn(sections, 'Snoozed')).toEqual(['L-902']);
    expect(ticketsIn(sections, 'At risk')).toEqual(['L-904', 'L-903']);
    expect(sections.get('Visits today (1)')?.join()).toContain(buyer.name);
    expect(sections.get('Promised for today (0)')?.join()).toContain('No payment is promised');
    expect(homeText(product, MEERA)).toContain('*1* mine');
    expect(homeText(product, MEERA)).toContain('*4* unassigned');
    expect(homeText(product, MEERA)).toMatch(/overdue by (1 h|59 min)/);
    const card = await buyer.card(legal);
    expect(homeText(product, MEERA)).toContain(`/archives/${legal}/p${card.ts.replace('.', '')}|L-1>`);
  });

  it('hears of a change of a case of its teams, and not of what is none of theirs', async () => {
    const product = await start({ slackMode });
    for (const channel of Object.values(TEAM_CHANNELS)) {
      if (channel !== sales) product.slack.leaveAs(ARJUN, channel);
    }
    for (const member of [MEERA, ARJUN]) product.slack.openHome(member);
    await until('both', () => [MEERA, ARJUN].every((member) => shows(product, member)));
    await settled(product);
    const { ts } = await openCase(product);
    product.advance(6_000);
    await until('the case on Home', () => homeText(product, MEERA).includes('*1* unassigned'));
    await product.slack.click(MEERA, legal, ts, 'case_claim');
    await until('the claim', async () => (await caseOf(product)).owner);
    product.advance(6_000);
    await until('the claim on Home', () => homeText(product, MEERA).includes('*1* mine'));
    expect(homeText(product, MEERA)).toContain('*0* unassigned');
    expect(publications(product, ARJUN)).toHaveLength(1);
  });

  it('tells people who are not of the team what it is, and shows them nothing', async () => {
    const product = await start({ slackMode });
    for (const channel of Object.values(TEAM_CHANNELS)) product.slack.leaveAs(VIKRAM, channel);
    await openCase(product);
    product.slack.openHome(VIKRAM);
    const text = await until('Home', () => shows(product, VIKRAM) && homeText(product, VIKRAM));
    expect(text).toContain('This is for the team');
    expect(text).not.toMatch(/L-\d/);
    expect(await product.models.staff.byId(VIKRAM)).toBeNull();
  });
});

describe('the Home tab', () => {
  it('has a button that brings it up to date at once, and publishes nothing that is shown already', async () => {
    const product = await start();
    product.slack.openHome(MEERA);
    const view = await until('Home', () => product.slack.home(MEERA));
    await settled(product);
    for (let times = 0; times < 3; times += 1) {
      expect(await product.slack.clickInView(MEERA, view.id, 'home_refresh')).toEqual({ ok: true });
      product.slack.openHome(MEERA);
    }
    await settled(product);
    await looked(product, MEERA);
    expect(publications(product, MEERA)).toHaveLength(1);
    await seedCases(product, [{ _id: 'new', ticket: 'L-901' }]);
    await product.slack.clickInView(MEERA, view.id, 'home_refresh');
    await until('the new case', () => homeText(product, MEERA).includes('L-901'));
    expect(publications(product, MEERA)).toHaveLength(2);
  });

  it('is looked at once in five seconds at most, however much happens', async () => {
    const product = await start();
    product.slack.openHome(MEERA);
    await until('Home', () => shows(product, MEERA));
    await settled(product);
    const { homes } = product.models;
    const looks = jest.spyOn(homes, 'look');
    for (let count = 0; count < 30; count += 1) {
      await seedCases(product, [{ _id: `c${count}`, ticket: `L-${800 + count}` }]);
      await homes.caseChanged({ id: `c${count}`, team: 'legal' }, product.now());
    }
    expect(await homes.due(product.now(), 10)).toEqual([]);
    expect(looks).not.toHaveBeenCalled();
    product.advance(6_000);
    await until('the change', () => homeText(product, MEERA).includes('*30* unassigned'));
    expect(looks).toHaveBeenCalledTimes(1);
    const sections = sectionsOf(product, MEERA);
    expect(ticketsIn(sections ?? new Map(), 'Unassigned')).toHaveLength(8);
    expect(homeText(product, MEERA)).toContain('and 22 more');
  });

  it('stays below a hundred blocks and Slack’s sizes when everything is full', async () => {
    const product = await start();
    const long = `${'<!channel> & 😀 '.repeat(400)}`;
    const now = product.now().getTime();
    const owner = { id: MEERA, name: 'Adv. Meera Iyer' };
    await seedCases(
      product,
      Array.from({ length: 60 }, (_, index) => ({
        _id: `full${index}`,
        ticket: `L-${500 + index}`,
        buyerName: long,
        ...(index % 4 === 0 && { owner }),
        ...(index % 4 === 1 && { status: 'snoozed' as const }),
        ...(index % 4 === 2 && { dueAt: new Date(now - HOUR) }),
        slack: { channel: legal, ts: `${index}.1` },
        link: { channel: legal, ts: `${index}.1`, url: `https://example.com/${index}` },
      })),
    );
    for (let count = 0; count < 12; count += 1) await visitToday(product, 'somebody', count);
    product.slack.openHome(MEERA);
    const view = await until('Home', () => product.slack.home(MEERA));
    expect(view.view.blocks.length).toBeLessThan(100);
    expect(homeText(product, MEERA)).not.toMatch(/<!|<@|\\ud[89a-f]/);
    expect(homeText(product, MEERA)).toContain('*12* visits today');
  });

  it('shows a promise once its case names the day, and finds none today', async () => {
    const product = await start();
    const promise = { intent: 'payment_promise' as const };
    const at = (ms: number) => ({ promisedAt: new Date(product.now().getTime() + ms).toISOString() });
    await seedCases(product, [
      { _id: 'undated', ticket: 'L-901', ...promise },
      { _id: 'today', ticket: 'L-902', ...promise, details: at(0) },
      { _id: 'later', ticket: 'L-903', ...promise, details: at(3 * DAY) },
      { _id: 'kept', ticket: 'L-904', ...promise, details: at(0), status: 'resolved' },
    ]);
    product.slack.openHome(MEERA);
    const sections = await until('Home', () => sectionsOf(product, MEERA));
    expect(ticketsIn(sections, 'Promised')).toEqual(['L-902']);
  });

  it('tells former owners and teams of a case that has left them', async () => {
    const product = await start();
    for (const channel of Object.values(TEAM_CHANNELS)) {
      if (channel !== legal) product.slack.leaveAs(MEERA, channel);
    }
    await openCase(product);
    product.slack.openHome(MEERA);
    await until('the case', () => homeText(product, MEERA).includes('L-1'));
    await settled(product);
    const { _id: id } = await caseOf(product);
    await product.models.cases.model.updateOne({ _id: id }, { $set: { team: 'support' } });
    await product.models.homes.caseChanged({ id, team: 'support' }, product.now());
    product.advance(6_000);
    await until('it to be gone', () => homeText(product, MEERA).includes('*0* unassigned'));
  });

  it('shows what becomes at risk by time alone', async () => {
    const product = await start();
    const now = product.now().getTime();
    const half = { openedAt: new Date(now), dueAt: new Date(now + HOUR) };
    await seedCases(product, [{ _id: 'slow', ticket: 'L-901', ...half }]);
    product.slack.openHome(MEERA);
    await until('Home', () => homeText(product, MEERA).includes('*0* at risk'));
    await settled(product);
    product.advance(31 * 60_000);
    await until('the risk', () => homeText(product, MEERA).includes('*1* at risk'));
  });

  it('is left alone a week after it was opened last', async () => {
    const product = await start();
    product.slack.openHome(MEERA);
    await until('Home', () => shows(product, MEERA));
    await settled(product);
    product.advance(8 * DAY);
    const { homes } = product.models;
    await homes.caseChanged({ id: 'x', team: 'legal' }, product.now());
    expect(await homes.due(product.now(), 10)).toEqual([]);
    product.slack.openHome(MEERA);
    await until('a look', async () => (await homes.due(product.now(), 10)).length === 0);
  });

  it('is tried again when Slack is away, and holds up nothing else', async () => {
    const product = await start();
    product.slack.faults.api({ kind: 'httpError', status: 503 }, { method: 'views.publish', times: 2 });
    product.slack.openHome(MEERA);
    await until('a failure', () => failures(product) === 1);
    await openCase(product);
    product.advance(6_000);
    await until('another failure', () => failures(product) === 2);
    expect(product.slack.home(MEERA)).toBeUndefined();
    product.advance(6_000);
    await until('Home', () => homeText(product, MEERA).includes('*1* unassigned'));
  });

  it('waits as long as Slack asks for, whatever changes meanwhile', async () => {
    const product = await start();
    product.slack.faults.api({ kind: 'rateLimit', retryAfterS: 30 }, { method: 'views.publish' });
    product.slack.openHome(MEERA);
    await until('a failure', () => failures(product) === 1);
    await until('its date', async () => {
      const home = await product.models.homes.byId(MEERA);
      return home && home.dueAt.getTime() > product.now().getTime() + 20_000;
    });
    await product.models.homes.caseChanged({ id: 'x', team: 'legal' }, product.now());
    product.advance(20_000);
    expect(await product.models.homes.due(product.now(), 10)).toEqual([]);
    product.advance(11_000);
    await until('Home', () => shows(product, MEERA));
  });

  it('does not overwrite what was published in between, and comes out right after a race', async () => {
    const product = await start();
    product.slack.openHome(MEERA);
    await until('Home', () => shows(product, MEERA));
    await settled(product);
    await looked(product, MEERA);
    const client = new WebClient(product.slack.tokens.botToken, {
      slackApiUrl: product.site.env.SLACK_API_URL ?? '',
    });
    const other = { type: 'section' as const, text: { type: 'mrkdwn' as const, text: 'another process' } };
    await client.views.publish({ user_id: MEERA, view: { type: 'home', blocks: [other] } });
    await seedCases(product, [{ _id: 'new', ticket: 'L-901' }]);
    await product.baton.context.inbox.refreshHome(MEERA);
    expect(homeText(product, MEERA)).toContain('another process');
    product.advance(6_000);
    await until('ours', () => homeText(product, MEERA).includes('L-901'));
  });

  it('comes out right when Slack published it and its answer was lost', async () => {
    const product = await start();
    product.slack.faults.api({ kind: 'dropAnswer' }, { method: 'views.publish' });
    product.slack.openHome(MEERA);
    await until('a failure', () => failures(product) === 1);
    await seedCases(product, [{ _id: 'new', ticket: 'L-901' }]);
    product.advance(6_000);
    await until('the new case', () => homeText(product, MEERA).includes('L-901'));
  });

  it('is published again when Slack shows nothing of ours, whatever we believe', async () => {
    const product = await start();
    await product.baton.context.inbox.refreshHome(MEERA);
    expect(product.slack.home(MEERA)).toBeUndefined();
    product.slack.openHome(MEERA);
    await until('Home', () => shows(product, MEERA));
    await looked(product, MEERA);
    await product.models.homes.open(MEERA, product.now(), true);
    await product.baton.context.inbox.refreshHome(MEERA);
    expect(publications(product, MEERA)).toHaveLength(2);
  });
});

type Blocks = NonNullable<ReturnType<Product['slack']['home']>>['view']['blocks'];

function homeText({ slack }: Product, member: string): string {
  const blocks = slack.home(member)?.view.blocks;
  return blocks ? JSON.stringify(blocks) : '';
}

function shows({ slack }: Product, member: string): boolean {
  return slack.home(member) !== undefined;
}

/** The rows of each section, by its title. */
function sectionsOf({ slack }: Product, member: string): Map<string, string[]> | undefined {
  const blocks = slack.home(member)?.view.blocks;
  if (!blocks) return undefined;
  const sections = new Map<string, string[]>();
  let title = '';
  for (const text of blocks.flatMap(textOf)) {
    const heading = /^\*([^*<]+ \(\d+\))\*$/.exec(text)?.[1];
    if (heading) sections.set(heading, []);
    title = heading ?? title;
    if (!heading && title) sections.get(title)?.push(text);
  }
  return sections;
}

function textOf(block: Blocks[number]): string[] {
  if (block.type === 'section') return [block.text?.text ?? ''];
  if (block.type === 'context') return block.elements.map((each) => ('text' in each ? each.text : ''));
  return [];
}

function ticketsIn(sections: Map<string, string[]>, title: string): string[] {
  const rows = [...sections].find(([name]) => name.startsWith(title))?.[1] ?? [];
  return rows.flatMap((row) => /^\*(?:<[^|]*\|)?(\w-\d+)/.exec(row)?.[1] ?? []);
}

function publications({ slack }: Product, member: string) {
  return slack.calls.filter(({ method, args }) => method === 'views.publish' && args.user_id === member);
}

function failures({ slack }: Product): number {
  return slack.calls.filter(({ error }) => error !== undefined).length;
}

/** Resolves when the last look at this tab is on record. */
async function looked({ models, now }: Product, member: string): Promise<void> {
  await until('a look', async () => {
    const home = await models.homes.model.findById(member).lean<Home>();
    return home?.viewHash !== undefined && home.dueAt > now();
  });
}

async function visitToday({ models, now }: Product, buyer: string, serial = 0): Promise<void> {
  const visit = { _id: `v${serial}`, project: 'greenfield-heights', buyer, conversation: 'none' };
  await models.visits.book({ ...visit, at: now(), bookedAt: now() }, 99);
}

async function openCase(product: Product) {
  const buyer = product.buyer();
  await buyer.write('I will go to RERA');
  const { ts } = await buyer.card(legal);
  await until('the card on record', async () => (await caseOf(product)).slack);
  return { buyer, ts };
}

async function idOf({ models }: Product, number: string): Promise<string> {
  return (await models.buyers.byPhone(number))?._id ?? '';
}

async function caseOf({ models }: Product): Promise<Case> {
  const found = await models.cases.model.findOne({ ticket: 'L-1' }).lean<Case>();
  if (!found) throw new Error('no case');
  return found;
}
