import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseCommand } from '../bot/commands.ts';
import type { Team } from '../flows/types.ts';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import { milestoneName, reasonText } from '../inbox/slack/words.ts';
import { type Product, startProduct } from './product.ts';
import { sell } from './sale.ts';
import { ARJUN, MEERA, VIKRAM } from './teamwork.ts';
import { until } from './until.ts';

const { sales, operations } = TEAM_CHANNELS;
const DAY_MS = 86_400_000;
const PROJECT = 'greenfield-heights';

describe('milestone debt', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct();
    await until('Slack is connected', () => product.baton.context.inbox.health() === 'ready');
    // Vikram is in the channel of operations alone.
    for (const channel of Object.values(TEAM_CHANNELS))
      if (channel !== operations) product.slack.leaveAs(VIKRAM, channel);
  });
  afterAll(() => product.stop());
  beforeEach(async () => {
    await product.models.milestones.model.deleteMany({});
  });

  it('is none while nothing is late', async () => {
    await owe(product, 'a', 'operations', -1);
    expect(await ask(product, ARJUN, 'milestones')).toBe('No milestone is late.');
    expect(await ask(product, ARJUN, 'milestones legal')).toBe('No milestone of Legal is late.');
    expect(await home(product, MEERA)).toContain('*Milestones late (0)*');
  });

  it('is listed with buyer, unit, age and owner, the oldest first', async () => {
    const asha = await buyerNamed(product, 'Asha <Verma>');
    await sell(product.models, { _id: 'b-late', buyers: [asha] });
    await owe(product, 'papers', 'operations', 3, {
      buyer: asha,
      subject: 'b-late',
      name: 'papers_complete',
    });
    await owe(product, 'older', 'operations', 9, { name: 'signedByBuyer' });
    await owe(product, 'other', 'legal', 5);
    const said = await ask(product, ARJUN, 'milestones operations');
    expect(said).toContain('*Milestones late of Operations: 2*');
    expect(said).toContain('*Operations*: 2 late, the oldest by 9 d');
    expect(said).toMatch(
      /Asha &lt;Verma&gt;\* · Greenfield Heights, B-1203 · papers complete \(KYC\)\n.*late by 3 d, was due .* · Operations/,
    );
    expect(said.indexOf('signed by buyer')).toBeLessThan(said.indexOf('papers complete'));
    expect(said).not.toContain('Legal');
  });

  it('is that of one’s own teams, where no team is named', async () => {
    await owe(product, 'a', 'operations', 1);
    await owe(product, 'b', 'legal', 2);
    const own = await ask(product, VIKRAM, 'milestones', operations);
    expect(own).toContain('*Milestones late: 1*');
    expect(own).not.toContain('Legal');
    expect(await ask(product, ARJUN, 'milestones')).toContain('*Milestones late: 2*');
  });

  it('is cut where there is much of it', async () => {
    for (let index = 0; index < 23; index += 1) await owe(product, `m${index}`, 'site', index + 1);
    const said = await ask(product, ARJUN, 'milestones site');
    expect(said).toContain('*Milestones late of Site: 23*');
    expect(said).toContain('and 3 more');
  });

  it('stands on Home, per team and with the five oldest, and in the figures', async () => {
    for (let index = 0; index < 6; index += 1) await owe(product, `m${index}`, 'operations', index + 1);
    await owe(product, 'l', 'legal', 20);
    const text = await home(product, MEERA);
    expect(text).toContain('*Milestones late (7)*');
    expect(text).toContain('*Legal*: 1 late, the oldest by 20 d\\n*Operations*: 6 late, the oldest by 6 d');
    expect(text.match(/late by \d+ d/g)).toHaveLength(5);
    expect(text).toContain('and 2 more');
    const figures = await product.baton.context.metrics.registry.metrics();
    expect(figures).toContain('baton_late_milestones{team="operations"} 6');
    expect(figures).toContain('baton_late_milestones{team="legal"} 1');
  });

  it('is explained in the help, and a team that nobody knows is named', async () => {
    expect(await ask(product, ARJUN, 'help')).toContain('milestones');
    expect(await ask(product, ARJUN, 'milestones operatoins')).toContain('Did you mean “operations”?');
    expect(parseCommand('milestones', 'whatsapp')).toMatchObject({ help: true });
  });
});

describe('the words for milestones', () => {
  it.each([
    ['papers_complete', 'papers complete'],
    ['kyc_complete', 'KYC complete'],
    ['hand_over_keys', 'hand over keys'],
    ['handOverKeys', 'hand over keys'],
  ])('%s is called “%s”', (name, words) => {
    expect(milestoneName(name)).toBe(words);
  });

  it('say why a person is asked', () => {
    expect(reasonText('milestone_late')).toBe('a milestone is late');
  });
});

/** A milestone that is so many days late; a negative number of days is still to come. */
async function owe(
  { models, now }: Product,
  name: string,
  owner: Team,
  daysLate: number,
  more: { buyer?: string; subject?: string; name?: string } = {},
): Promise<void> {
  const openedAt = new Date(now().getTime() - 30 * DAY_MS);
  const state = { openedAt, dueAt: new Date(now().getTime() - daysLate * DAY_MS - 1_000) };
  const whose = { buyer: 'nobody', conversation: 'none', run: `kyc:${name}`, flow: 'kyc', subject: PROJECT };
  await models.milestones.record({ ...whose, name, owner, ...more, state }, openedAt);
}

async function buyerNamed({ models, now }: Product, name: string): Promise<string> {
  const _id = `buyer of ${name}`;
  await models.buyers.model.create({ _id, name, handles: [`lid:${name}`], createdAt: now() } as never);
  return _id;
}

/** What a member is answered, all of it. */
async function ask(
  { slack }: Product,
  member: string,
  text: string,
  channel: string = sales,
): Promise<string> {
  const before = slack.ephemerals(member);
  expect(await slack.slash(member, channel, '/baton', text)).toEqual({ ok: true });
  const { blocks, text: plain } = await until(`an answer to ${text}`, () =>
    slack.ephemerals(member).find((message) => !before.includes(message)),
  );
  const shown = blocks.flatMap((block) => {
    if (block.type === 'section') return block.text?.text ?? '';
    return block.type === 'context' ? block.elements.map((each) => ('text' in each ? each.text : '')) : [];
  });
  return shown.length > 0 ? shown.join('\n') : plain;
}

/** The Home tab of a member as it is after it was brought up to date. */
async function home(product: Product, member: string): Promise<string> {
  await product.models.homes.model.deleteMany({});
  product.slack.openHome(member);
  await until('a look', async () => {
    const known = await product.models.homes.byId(member);
    return known?.viewHash !== undefined && known.dueAt > product.now();
  });
  return JSON.stringify(product.slack.home(member)?.view.blocks);
}
