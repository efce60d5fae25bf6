import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Answers } from '../bot/answers.ts';
import { readConfig } from '../bot/config.ts';
import type { EXAMPLE_TEAM } from '../bot/teamFile.ts';
import type { Understander } from '../bot/understand/understander.ts';
import { dueAt } from '../flows/hours.ts';
import { POLICY } from '../flows/policy.ts';
import { type Intent, type Language, TEAMS, type Team } from '../flows/types.ts';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { Message } from '../inbox/sandbox/workspace.ts';
import { moveLeads } from '../models/belongings.ts';
import type { Case } from '../models/case.ts';
import type { Notice } from '../models/notice.ts';
import { createSlackSite, type SlackSite } from './slackSite.ts';
import { resolveAs } from './teamwork.ts';
import { until } from './until.ts';
import { World } from './world.ts';

const RIYA = 'U0RIYASALES';
const ARJUN = 'U0ARJUNSALE';
const LEELA = 'U0LEELASUPP';
const FARAH = 'U0FARAHCOLL';
const { sales, support, collections } = TEAM_CHANNELS;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Understanding has its own tests; here a word decides. */
const byWord: Understander = {
  async understand(text) {
    const meanings: [string, Intent][] = [
      ['person', 'human_request'],
      ['complaint', 'complaint'],
      ['fraud', 'payee_check'],
    ];
    const name = meanings.find(([word]) => text.includes(word))?.[1] ?? 'other';
    const language: Language = text.includes('mujhe') ? 'hinglish' : 'en';
    return { intents: [{ name, confidence: 0.97 }], entities: {}, language, sentiment: 'neutral' };
  },
};

/** A world whose cases are shown in a local Slack by the real app; Monday, 10:00. */
type Office = { world: World; site: SlackSite };

const worlds: World[] = [];
const sites: SlackSite[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const { context } of worlds) {
    await context.caseTurns.drain();
    await context.noticeTurns.drain();
    await context.inbox.stop();
  }
  for (const world of worlds.splice(0).reverse()) await world.close();
  for (const site of sites.splice(0)) await site.close();
});

async function open(joins?: Office): Promise<Office> {
  const site = joins?.site ?? (await createSlackSite());
  if (!joins) {
    await site.open();
    sites.push(site);
  }
  const { slack, roles } = readConfig({ ...site.env, ROLES: 'all' });
  const world = await World.open({
    ...(joins && { joins: joins.world }),
    config: { slack, roles },
    overrides: { understander: byWord },
  });
  worlds.push(world);
  return { world, site };
}

type Published = Partial<typeof EXAMPLE_TEAM>;

/** Publishes a team as `npm run team -- publish` does. */
async function publish({ world }: Office, team: Team, more: Published = {}): Promise<void> {
  const { staff, teams } = world.context.models;
  const { lead, deputy, members = [] } = more;
  const leads = [lead, deputy].filter((each) => each !== undefined);
  const named = members.map(({ id, name }) => ({ id, name }));
  await staff.appoint(team, { leads, members: named }, world.now);
  await teams.publish(team, { team, hours: { 'mon-sat': '10:00-19:00' }, members: [], ...more });
}

const member = (id: string, more: Record<string, unknown> = {}) => ({ id, name: NAMES[id] ?? id, ...more });
const NAMES: Record<string, string> = {
  [RIYA]: 'Riya',
  [ARJUN]: 'Arjun',
  [LEELA]: 'Leela',
  [FARAH]: 'Farah',
};

/** Lets time pass, and everything come to rest that has become due. */
async function pass({ world }: Office, ms: number): Promise<void> {
  await world.pass(ms);
  await rest({ world });
}

/** Slack has its own pace: cards are posted, and changes of a card are gathered, as the seconds go by. */
async function settle(office: Office): Promise<void> {
  for (let times = 0; times < 6; times += 1) await pass(office, 3_000);
}

async function rest({ world }: Pick<Office, 'world'>): Promise<void> {
  const { caseTurns, noticeTurns } = world.context;
  await world.rest();
  await caseTurns.idle();
  await noticeTurns.idle();
}

/** What people do on cards, without Slack. */
function answersOf({ world }: Office): Answers {
  const { models, decisionContext, turns } = world.context;
  const wake = (id: string) => turns.wake(id);
  return new Answers({ ...models, contextOf: decisionContext, wake, now: () => world.now });
}

/** A new buyer writes; the case that comes of it. */
async function ask(office: Office, serial: number, text = 'a person please'): Promise<Case> {
  const number = `+91999990${String(7_000 + serial)}`;
  office.world.phone.addBuyer(number, `Buyer ${serial}`);
  await office.world.write(number, text);
  await rest(office);
  const { buyer } = await office.world.conversation(number);
  const found = await office.world.context.models.cases.model.find({ buyer }).lean<Case[]>();
  const last = found.sort((a, b) => Number(a.ticket.slice(2)) - Number(b.ticket.slice(2))).at(-1);
  if (!last) throw new Error(`no case came of ${text}`);
  return last;
}

async function fresh({ world }: Office, { _id }: Case): Promise<Case> {
  const found = await world.context.models.cases.byId(_id);
  if (!found) throw new Error(`no case ${_id}`);
  return found;
}

/** What a channel was told besides cards. */
function notices({ site }: Office, channel: string = sales): string[] {
  return site.slack
    .messages(channel)
    .filter(({ metadata, threadTs, text }) => metadata && !threadTs && /waiting|in time/.test(text))
    .map(words);
}

/** What the app wrote under a card. */
async function linesOf(office: Office, found: Case): Promise<string[]> {
  const { slack } = await fresh(office, found);
  if (!slack) return [];
  return office.site.slack.thread(slack.channel, slack.ts).slice(1).map(words);
}

/** What a member was told in person. */
async function direct({ world, site }: Office, to: string): Promise<string[]> {
  const told = await world.context.models.notices.model.find({ to }).lean<Notice[]>();
  const channels = new Set(told.flatMap(({ slack }) => slack?.channel ?? []));
  return [...channels].flatMap((channel) => site.slack.messages(channel).map(words));
}

async function cardOf({ site }: Office, found: Case): Promise<string> {
  const { slack } = found;
  const card = slack && site.slack.messages(slack.channel).find(({ ts }) => ts === slack.ts);
  return words(card);
}

function words(message: Message | undefined): string {
  return JSON.stringify(message?.blocks ?? message?.text);
}

async function answer({ world }: Office, found: Case, id: string): Promise<void> {
  await world.context.models.cases.respond(found._id, { id, name: NAMES[id] ?? id }, world.now);
}

describe('a new case', () => {
  const TWO = { members: [member(RIYA), member(ARJUN)] };

  it('is nobody’s without a team file', async () => {
    const office = await open();
    const found = await ask(office, 1);
    expect(found.owner).toBeUndefined();
    expect(await linesOf(office, found)).toEqual([]);
  });

  it('is a member’s from its first moment, who is told so once in its thread', async () => {
    const office = await open();
    await publish(office, 'sales', TWO);
    const found = await ask(office, 1);
    expect(found).toMatchObject({ owner: { id: RIYA, name: 'Riya' }, dueAt: hoursAfter(found.openedAt, 4) });
    await pass(office, MINUTE);
    expect(await linesOf(office, found)).toEqual([expect.stringContaining(`<@${RIYA}> this case is yours`)]);
    expect(await cardOf(office, await fresh(office, found))).toContain('*Owner*\\nRiya');
    const [entry] = (await office.world.context.models.timeline.latest(found.buyer, 50)).filter(
      ({ kind }) => kind === 'case',
    );
    expect(entry?.what).toBe(`case ${found.ticket} opened for sales: Riya`);
  });

  it('goes to everybody in turn, although many come at once, in two processes', async () => {
    const office = await open();
    await publish(office, 'sales', TWO);
    const other = await open(office);
    const { posts: _posts, postIds: _ids, ...first } = await ask(office, 1);
    const conversation = await office.world.conversation('+919999907001');
    const owners = await Promise.all(
      Array.from({ length: 7 }, async (_case, index) => {
        const { assigner, models } = (index % 2 === 0 ? office : other).world.context;
        const _id = `case:${index}`;
        const owner = await assigner.ownerOf(_id, 'sales', conversation, office.world.now);
        return (await models.cases.open({ ...first, _id }, owner)).owner?.id;
      }),
    );
    expect(owners.filter((each) => each === RIYA)).toHaveLength(3);
    expect(owners.filter((each) => each === ARJUN)).toHaveLength(4);
  });

  it('goes along the team’s routes, each in turn, also when two come at once in two processes', async () => {
    const office = await open();
    const routes = [
      { when: { budgetFromPaise: 2_00_00_000_00 }, to: [LEELA] },
      { when: { source: ['sandbox'], city: ['Noida'] }, to: [RIYA, ARJUN] },
    ];
    await publish(office, 'sales', { members: [member(LEELA), member(RIYA), member(ARJUN)], routes });
    const other = await open(office);
    const [one, two] = [office, other].map(({ world }) => world.context.assigner);
    await ask(office, 1);
    const conversation = await office.world.conversation('+919999907001');
    const { leads } = office.world.context.models;
    const lead = { buyer: conversation.buyer, project: 'greenfield-heights', stage: 'New' as const };
    await leads.advance({ ...lead, answers: {}, source: 'sandbox' }, office.world.now);
    const owners = await Promise.all([
      one?.ownerOf('case:1', 'sales', conversation, office.world.now),
      two?.ownerOf('case:2', 'sales', conversation, office.world.now),
    ]);
    expect(owners.map((each) => each?.id).sort()).toEqual([RIYA, ARJUN].sort());
    await leads.advance(
      { ...lead, answers: { budget: 'above.2500000000' }, source: 'sandbox' },
      office.world.now,
    );
    const rich = await one?.ownerOf('case:3', 'sales', conversation, office.world.now);
    expect(rich?.id).toBe(LEELA);
  });

  it('goes to who reads the buyer’s language, and to nobody outside the hours', async () => {
    const office = await open();
    await publish(office, 'sales', {
      members: [member(RIYA, { languages: ['en'] }), member(ARJUN, { languages: ['hi'] })],
    });
    expect((await ask(office, 1, 'mujhe person se baat karni hai')).owner?.id).toBe(ARJUN);
    await pass(office, 10 * HOUR);
    const atNight = await ask(office, 2);
    expect(atNight.owner).toBeUndefined();
    expect(atNight.dueAt).toEqual(new Date('2026-11-24T14:00:00+05:30'));
  });

  it('goes to the relationship manager: who answered this buyer last in a case of sales', async () => {
    const office = await open();
    const { world } = office;
    await publish(office, 'sales', TWO);
    const first = await ask(office, 1);
    expect(first.owner?.id).toBe(RIYA);
    await world.context.inbox.start();
    const { slack } = await until('the card', async () => {
      const found = await fresh(office, first);
      return found.slack && found;
    });
    await until('Slack is connected', () => world.context.inbox.health() === 'ready');
    office.site.slack.postAs(ARJUN, sales, 'Arjun here', { threadTs: slack?.ts ?? '' });
    await until('the reply', () => world.answers('+919999907001').includes('Arjun here'));
    await resolveAs(office.site, ARJUN, { channel: sales, ts: slack?.ts ?? '' });
    await until('the end', async () => (await fresh(office, first)).status === 'resolved');
    // What they write sooner opens that case again.
    await pass(office, 73 * HOUR);

    for (const serial of [2, 3, 4]) await ask(office, serial);
    const again = await ask(office, 1, 'a person, once more');
    expect(again._id).not.toBe(first._id);
    expect(again.owner?.id).toBe(ARJUN);
  });

  it('that another team takes over falls to one of its members, by their hours; opened again, it has a new deadline', async () => {
    const office = await open();
    const { world } = office;
    await publish(office, 'support', { hours: { 'mon-sat': '14:00-20:00' }, members: [member(LEELA)] });
    const { models } = world.context;
    const found = await ask(office, 1);
    const answers = answersOf(office);
    await pass(office, 5 * HOUR);
    const input = { caseId: found._id, staff: { id: ARJUN, name: 'Arjun' } };
    const { slack } = await fresh(office, found);
    const at = slack ?? { channel: sales, ts: '' };
    await answers.handOff({ ...input, inputId: 'h', at, team: 'support', note: 'for you' });
    await rest(office);
    const moved = await fresh(office, found);
    expect(moved).toMatchObject({
      owner: { id: LEELA },
      routedTo: LEELA,
      clock: { from: world.now, told: 0 },
    });
    const { respondWithinMinutes } = POLICY.other;
    expect(moved.dueAt).toEqual(
      dueAt(
        world.now,
        respondWithinMinutes,
        (await world.context.decisionContext(await world.conversation('+919999907001'), world.now)).facts
          .hours.support,
      ),
    );
    await expect(answers.reply({ ...input, inputId: 'late', at, text: 'I have it' })).resolves.toBe('moved');

    await answers.resolve({ ...input, inputId: 'r' });
    await rest(office);
    await pass(office, 24 * HOUR);
    await answers.reopen({ ...input, inputId: 'o' });
    await rest(office);
    const again = await fresh(office, found);
    expect(again.dueAt > moved.dueAt).toBe(true);
    expect(again).toMatchObject({ status: 'open', clock: { from: world.now, dueAt: again.dueAt, told: 0 } });
    expect(await models.cases.claim(found._id, { id: RIYA, name: 'Riya' }, world.now)).toBeUndefined();
  });

  it('may be claimed from whom it fell to until they answer; then the next one is told who has it', async () => {
    const office = await open();
    await publish(office, 'sales', { members: [member(RIYA)] });
    const { cases } = office.world.context.models;
    const [found, answered] = [await ask(office, 1), await ask(office, 2)];
    expect(await cases.claim(found._id, { id: ARJUN, name: 'Arjun' }, office.world.now)).toMatchObject({
      owner: { id: ARJUN },
    });
    expect(await cases.claim(found._id, { id: LEELA, name: 'Leela' }, office.world.now)).toBeUndefined();
    await answer(office, answered, RIYA);
    expect(await cases.claim(answered._id, { id: ARJUN, name: 'Arjun' }, office.world.now)).toBeUndefined();
  });

  it('makes who claims it the relationship manager', async () => {
    const office = await open();
    const { world, site } = office;
    await publish(office, 'sales', TWO);
    const found = await ask(office, 1);
    const { leads } = world.context.models;
    const lead = { buyer: found.buyer, project: 'greenfield-heights', stage: 'New' as const, answers: {} };
    await leads.advance({ ...lead, source: 'sandbox' }, world.now);
    await world.context.inbox.start();
    await until('Slack is connected', () => world.context.inbox.health() === 'ready');
    await pass(office, MINUTE);
    const { slack } = await fresh(office, found);
    await site.slack.click(ARJUN, sales, slack?.ts ?? '', 'case_claim');
    await until('an owner', async () => (await fresh(office, found)).owner?.id === ARJUN);
    await until('a manager', async () => (await leads.ofBuyer(found.buyer))[0]?.rm?.id === ARJUN);
  });

  it('goes to whom the lead record names, also when two buyers turn out to be one', async () => {
    const office = await open();
    const { leads, cases } = office.world.context.models;
    await publish(office, 'sales', TWO);
    const found = await ask(office, 1);
    const lead = { buyer: found.buyer, project: 'greenfield-heights', stage: 'New' as const };
    await leads.advance({ ...lead, answers: {}, source: 'sandbox' }, office.world.now);
    await leads.nameManager(found.buyer, { id: ARJUN, name: 'Arjun' }, office.world.now);
    const earlier = new Date(office.world.now.getTime() - 1);
    await leads.nameManager(found.buyer, { id: RIYA, name: 'Riya' }, earlier);
    expect((await leads.ofBuyer(found.buyer))[0]?.rm).toMatchObject({ id: ARJUN });
    await moveLeads(office.world.context.models, found.buyer, 'another', office.world.now);
    await moveLeads(office.world.context.models, 'another', found.buyer, office.world.now);
    const conversation = await office.world.conversation('+919999907001');
    const owner = await office.world.context.assigner.ownerOf('new', 'sales', conversation, office.world.now);
    expect(owner?.id).toBe(ARJUN);
    expect(await cases.byId('new')).toBeNull();
  });
});

describe('out of office', () => {
  it('gives the unanswered cases to the others, with a line in the thread, and new ones too', async () => {
    const office = await open();
    const { staff } = office.world.context.models;
    await publish(office, 'sales', { members: [member(RIYA)] });
    const [waiting, answered] = [await ask(office, 1), await ask(office, 2)];
    await answer(office, answered, RIYA);
    await publish(office, 'sales', { members: [member(RIYA), member(ARJUN)] });
    await pass(office, MINUTE);
    await staff.away(RIYA, new Date('2026-11-25T10:00:00+05:30'), office.world.now);
    await pass(office, MINUTE);

    expect((await fresh(office, waiting)).owner?.id).toBe(ARJUN);
    expect((await fresh(office, answered)).owner?.id).toBe(RIYA);
    const lines = await linesOf(office, waiting);
    expect(lines.at(-1)).toContain(
      `<@${ARJUN}> Riya is away until 25 Nov, 10:00 AM: Arjun has this case now`,
    );
    expect((await ask(office, 3)).owner?.id).toBe(ARJUN);
    await pass(office, MINUTE);
    expect(await linesOf(office, waiting)).toHaveLength(lines.length);
    expect((await staff.byId(RIYA))?.passOnOwedAt).toBeUndefined();
  });

  it('leaves a case free when nobody else is there, and waits for the morning when nobody is there at all', async () => {
    const office = await open();
    const { staff } = office.world.context.models;
    await publish(office, 'sales', { members: [member(RIYA)] });
    await publish(office, 'collections', { members: [member(RIYA)] });
    const [waiting, urgent] = [await ask(office, 1), await ask(office, 2, 'is this a fraud?')];
    expect(urgent).toMatchObject({ owner: { id: RIYA }, roundTheClock: true });
    await pass(office, 10 * HOUR);
    await staff.away(RIYA, new Date('2026-11-25T10:00:00+05:30'), office.world.now);
    await pass(office, MINUTE);
    expect((await fresh(office, waiting)).owner?.id).toBe(RIYA);
    expect((await fresh(office, urgent)).owner).toBeUndefined();
    await pass(office, 14 * HOUR);
    expect((await fresh(office, waiting)).owner).toBeUndefined();
    expect((await linesOf(office, waiting)).at(-1)).toContain('whoever claims this case has it');
  });

  it('passes nothing on of who is back before it was seen to', async () => {
    const office = await open();
    const { staff } = office.world.context.models;
    await publish(office, 'sales', { members: [member(RIYA), member(ARJUN)] });
    const found = await ask(office, 1);
    await staff.away(RIYA, new Date(office.world.now.getTime() + HOUR), office.world.now);
    await staff.away(RIYA, undefined, office.world.now);
    await pass(office, MINUTE);
    expect((await fresh(office, found)).owner?.id).toBe(RIYA);
  });
});

describe('a case that waits for an answer', () => {
  const LED = { lead: RIYA, deputy: ARJUN };

  it('that nobody owns is told to its team at half of its time, all of them in one message, once', async () => {
    const office = await open();
    await publish(office, 'sales', LED);
    const found = [await ask(office, 1), await ask(office, 2), await ask(office, 3)];
    await pass(office, 2 * HOUR - MINUTE);
    expect(notices(office)).toEqual([]);
    await pass(office, 2 * MINUTE);
    await pass(office, 30 * MINUTE);
    const [notice, ...more] = notices(office);
    expect(more).toEqual([]);
    for (const { ticket } of found) expect(notice).toContain(`|${ticket}>`);
    expect(notice).toContain('3 cases waiting for an answer');
    expect(notice).toContain('_unassigned_');
    expect(notice).not.toContain('<@');
  });

  it('is told every ten minutes at most, however the cases come', async () => {
    const office = await open();
    await publish(office, 'sales', LED);
    for (const serial of [1, 2, 3, 4]) {
      await ask(office, serial);
      await pass(office, 3 * MINUTE);
    }
    const seen: number[] = [];
    for (let minute = 0; minute < 130; minute += 1) {
      await pass(office, MINUTE);
      if (notices(office).length > seen.length) seen.push(minute);
    }
    expect(seen.length).toBe(2);
    expect((seen[1] ?? 0) - (seen[0] ?? 0)).toBeGreaterThanOrEqual(10);
    expect(
      notices(office)
        .join()
        .match(/\|R-\d+>/g),
    ).toHaveLength(4);
  });

  it('calls its owner in the thread at half of its time, once, and leaves the team alone', async () => {
    const office = await open();
    await publish(office, 'sales', { ...LED, members: [member(ARJUN)] });
    const found = await ask(office, 1);
    for (let times = 0; times < 4; times += 1) await pass(office, 40 * MINUTE);
    const called = (await linesOf(office, found)).filter((line) => line.includes('half of the time'));
    expect(called).toEqual([expect.stringContaining(`<@${ARJUN}>`)]);
    expect(notices(office)).toEqual([]);
  });

  it('calls the lead at four fifths, and whoever leads when its time has run out: the card says so', async () => {
    const office = await open();
    await publish(office, 'sales', { ...LED, members: [member(ARJUN)] });
    const found = await ask(office, 1);
    await pass(office, 3.2 * HOUR);
    expect(notices(office)).toEqual([expect.stringContaining(`<@${RIYA}>`)]);
    expect(notices(office)[0]).not.toContain(`<@${ARJUN}> 1 case`);
    expect(await direct(office, RIYA)).toHaveLength(1);
    expect(await cardOf(office, await fresh(office, found))).toContain('Answer by');

    await pass(office, HOUR);
    await pass(office, HOUR);
    const [, breach, ...more] = notices(office);
    expect(more).toEqual([]);
    expect(breach).toContain('1 case not answered in time');
    expect(breach).toContain(`<@${RIYA}> <@${ARJUN}>`);
    expect(await direct(office, RIYA)).toHaveLength(2);
    expect(await direct(office, ARJUN)).toHaveLength(1);
    expect((await fresh(office, found)).breachedAt).toBeDefined();
    expect(await cardOf(office, await fresh(office, found))).toContain('*Late*');
    const figures = await office.world.context.metrics.registry.metrics();
    expect(figures).toContain('baton_case_breaches_total{team="sales"} 1');
    expect(figures).toContain('baton_open_cases{team="sales"} 1');
    const timeline = await office.world.context.models.timeline.latest(found.buyer, 50);
    expect(timeline.filter(({ what }) => what.includes('not answered in time'))).toHaveLength(1);
  });

  it.each<[string, Published, Published, string[]]>([
    ['the lead of support, where nobody leads', {}, { lead: LEELA }, [LEELA]],
    ['nobody, where nobody leads at all', {}, {}, []],
    ['the deputy alone, where nobody else leads', { deputy: ARJUN }, { lead: LEELA }, [ARJUN]],
  ])('calls %s', async (_what, ofSales, ofSupport, expected) => {
    const office = await open();
    await publish(office, 'support', ofSupport);
    await publish(office, 'sales', ofSales);
    await ask(office, 1);
    await pass(office, 5 * HOUR);
    const [notice] = notices(office);
    expect([...new Set(notice?.match(/U0[A-Z]+/g) ?? [])]).toEqual(expected);
  });

  it('spares a lead who is away', async () => {
    const office = await open();
    await publish(office, 'sales', LED);
    const { staff } = office.world.context.models;
    await staff.away(RIYA, new Date(office.world.now.getTime() + 24 * HOUR), office.world.now);
    await ask(office, 1);
    await pass(office, 5 * HOUR);
    expect(notices(office)[0]).toContain(`<@${ARJUN}>`);
    expect(notices(office)[0]).not.toContain(`<@${RIYA}>`);
    expect(await direct(office, RIYA)).toEqual([]);
  });

  it('is left alone when it is answered, snoozed or resolved; a snooze that ends goes on counting', async () => {
    const office = await open();
    await publish(office, 'sales', LED);
    const { cases } = office.world.context.models;
    const [answered, snoozed, resolved] = [await ask(office, 1), await ask(office, 2), await ask(office, 3)];
    await answer(office, answered, ARJUN);
    await cases.resolve(resolved._id, { id: ARJUN, name: 'Arjun' }, office.world.now);
    const set = (status: string) =>
      cases.model.collection.updateOne({ _id: snoozed._id as never }, { $set: { status } });
    await set('snoozed');
    await pass(office, 3 * HOUR);
    expect(notices(office)).toEqual([]);
    await set('open');
    await pass(office, MINUTE);
    expect(notices(office)).toEqual([expect.stringContaining(snoozed.ticket)]);
    expect(notices(office)[0]).not.toContain(answered.ticket);
  });

  it('that is opened again, or goes to another team, has a time of its own for its new deadline', async () => {
    const office = await open();
    await publish(office, 'sales', LED);
    await publish(office, 'support', { lead: LEELA });
    const { cases } = office.world.context.models;
    const [late, moved] = [await ask(office, 1), await ask(office, 2)];
    await pass(office, 4 * HOUR);
    expect(notices(office)).toHaveLength(1);
    const dueAt = hoursAfter(office.world.now, 4);
    await cases.model.updateOne({ _id: late._id }, { $set: { dueAt } });
    await cases.model.updateOne({ _id: moved._id }, { $set: { dueAt, team: 'support' } });
    await pass(office, MINUTE);
    for (let times = 0; times < 5; times += 1) await pass(office, 20 * MINUTE);
    expect([notices(office).length, notices(office, support).length]).toEqual([1, 0]);
    await pass(office, 30 * MINUTE);
    expect(notices(office)[1]).toContain(late.ticket);
    expect(notices(office, support)).toEqual([expect.stringContaining(moved.ticket)]);
    await pass(office, 18 * HOUR);
    expect((await fresh(office, late)).breachedAt?.getTime()).toBeGreaterThan(dueAt.getTime());
    await settle(office);
    expect(await cardOf(office, await fresh(office, late))).toContain('*Late*');
  });

  it('waits through the night without a word, and is told in the morning', async () => {
    const office = await open();
    await publish(office, 'sales', LED);
    await pass(office, 7.5 * HOUR);
    await ask(office, 1);
    // Three of four hours are used at eleven the next morning.
    for (let hour = 0; hour < 16; hour += 1) {
      await pass(office, HOUR);
      expect(notices(office)).toEqual([]);
    }
    await pass(office, 1.5 * HOUR);
    expect(notices(office)).toHaveLength(1);
  });

  it('is told at night when it cannot wait for the morning', async () => {
    const office = await open();
    await publish(office, 'collections', { lead: FARAH });
    await pass(office, 12 * HOUR);
    const found = await ask(office, 1, 'is this a fraud?');
    expect(found.dueAt).toEqual(hoursAfter(found.openedAt, 1));
    await pass(office, 31 * MINUTE);
    expect(notices(office, collections)).toEqual([expect.stringContaining('1 case waiting')]);
    await pass(office, 31 * MINUTE);
    expect(notices(office, collections).at(-1)).toContain(`<@${FARAH}>`);
  });
});

describe('nudges happen once', () => {
  it('in two processes that look at the same moment', async () => {
    const office = await open();
    await publish(office, 'sales', { lead: RIYA, members: [member(ARJUN)] });
    await publish(office, 'support', { lead: LEELA });
    const other = await open(office);
    const [owned] = [await ask(office, 1), await ask(office, 2, 'a complaint')];
    await office.world.pass(2.1 * HOUR);
    await Promise.all([other.world.sweep(), rest(office), rest(other)]);
    await pass(office, 2 * HOUR);
    await Promise.all([other.world.sweep(), pass(office, MINUTE)]);
    await Promise.all([rest(office), rest(other)]);

    const called = (await linesOf(office, owned)).filter((line) => line.includes('half of the time'));
    expect(called).toHaveLength(1);
    expect(notices(office).filter((line) => line.includes('not answered'))).toHaveLength(1);
    expect(notices(office, support)).toHaveLength(2);
    expect(await direct(office, RIYA)).toHaveLength(1);
    expect(await direct(office, LEELA)).toHaveLength(1);
  });

  it('although the process died between the notice and what follows from it', async () => {
    const office = await open();
    await publish(office, 'sales', { lead: RIYA });
    const found = await ask(office, 1);
    const { cases, notices: kept } = office.world.context.models;
    const raised = jest.spyOn(kept, 'raise');
    raised.mockImplementationOnce(async (...args) => {
      raised.mockRestore();
      await kept.raise(...args);
      throw new Error('the process died');
    });
    await pass(office, 5 * HOUR);
    expect((await fresh(office, found)).breachedAt).toBeUndefined();
    await pass(office, MINUTE);
    await pass(office, HOUR);
    expect(notices(office)).toHaveLength(1);
    expect(await direct(office, RIYA)).toHaveLength(1);
    expect((await cases.byId(found._id))?.breachedAt).toBeDefined();
  });

  it('in one message per team after a long outage of everything', async () => {
    const office = await open();
    for (const team of TEAMS) await publish(office, team, { lead: LEELA });
    for (let serial = 1; serial <= 30; serial += 1)
      await ask(office, serial, serial % 2 === 0 ? 'a person please' : 'a complaint');
    await settle(office);
    await pass(office, 48 * HOUR);
    await pass(office, 30 * MINUTE);
    const [ofSales, ...moreOfSales] = notices(office);
    const [ofSupport, ...moreOfSupport] = notices(office, support);
    expect([moreOfSales, moreOfSupport]).toEqual([[], []]);
    expect(ofSales).toContain('15 cases not answered in time');
    expect(ofSupport?.match(/\|H-\d+>/g)).toHaveLength(15);
    expect(await direct(office, LEELA)).toHaveLength(2);
  });

  it('in one message when Slack is back after hours, with all that came due meanwhile', async () => {
    const office = await open();
    await publish(office, 'sales', { lead: RIYA });
    const [early] = [await ask(office, 1)];
    await office.site.shut();
    await pass(office, 2.1 * HOUR);
    const late = await ask(office, 2);
    for (let times = 0; times < 6; times += 1) await pass(office, 30 * MINUTE);
    expect(notices(office)).toEqual([]);
    await office.site.open();
    for (let times = 0; times < 3; times += 1) await pass(office, 61_000);
    const [notice, ...more] = notices(office);
    expect(more).toEqual([]);
    expect(notice).toContain(early.ticket);
    expect(notice).toContain(late.ticket);
    expect(notice).toContain('1 of them late');
  });

  it('although a lead takes no direct messages: the channel is told, and what comes after too', async () => {
    const office = await open();
    await publish(office, 'sales', { lead: RIYA });
    office.site.slack.faults.api(
      { kind: 'apiError', error: 'missing_scope' },
      { method: 'conversations.open', times: 100 },
    );
    await ask(office, 1);
    await pass(office, 5 * HOUR);
    const { notices: kept } = office.world.context.models;
    await kept.raise('another', 'sales', 'still waiting for nobody', office.world.now);
    await pass(office, MINUTE);
    expect(notices(office)).toHaveLength(2);
    expect(await direct(office, RIYA)).toEqual([]);
    expect(await kept.teamsOwed(office.world.now)).toEqual([]);
  });

  it('and shows a buyer’s name as it is written, however long and whatever it says', async () => {
    const office = await open();
    const hostile = `<!channel> *a* & <@${RIYA}> ${'&'.repeat(500)}`;
    for (let serial = 1; serial <= 25; serial += 1) await ask(office, serial);
    await office.world.context.models.cases.model.updateMany({}, { $set: { buyerName: hostile } });
    await pass(office, 2.1 * HOUR);
    const [notice] = notices(office);
    expect(notice).toContain('&lt;!channel&gt; *a* &amp; &lt;@');
    expect(notice).not.toContain('<!channel>');
    expect(notice).toContain('and 5 more');
  });
});

function hoursAfter(at: Date, hours: number): Date {
  return new Date(at.getTime() + hours * HOUR);
}
