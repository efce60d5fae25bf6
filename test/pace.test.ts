import { afterEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createCommands } from '../bot/commandRunner.ts';
import type { Team } from '../flows/types.ts';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import { type InboxParts, SlackInbox } from '../inbox/slack/app.ts';
import { Pace } from '../inbox/slack/pace.ts';
import { connectDatabase, type Database } from '../models/connect.ts';
import { buildIndexes, createModels, type Models } from '../models/models.ts';
import { createSlackSite, type SlackSite } from './slackSite.ts';
import { databaseUri, MONDAY } from './world.ts';

const { legal, sales } = TEAM_CHANNELS;
const RIYA = { id: 'U0RIYASALES', name: 'Riya Malhotra' };
const REAL_PACE = { postsPerSecond: 1, updatesPerMinute: 50 };
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** What a process logs, as objects. */
type Logged = Record<string, unknown> & { level: number; msg: string };

/** One process with the inbox role: the real inbox and database, a clock that only the test moves. */
class Process {
  readonly inbox: SlackInbox;
  readonly logged: Logged[] = [];
  private readonly office: Office;
  private wakes: { key: string; at: number }[] = [];

  constructor(office: Office, instance: string) {
    this.office = office;
    const log = pino({ level: 'info' }, { write: (line: string) => this.logged.push(JSON.parse(line)) });
    const { models, site } = office;
    const { SLACK_API_URL: apiUrl = '', SLACK_SIGNING_SECRET: signingSecret = '' } = site.env;
    this.inbox = new SlackInbox({
      ...models,
      slack: {
        mode: 'http',
        apiUrl,
        signingSecret,
        botToken: site.slack.tokens.botToken,
        channels: TEAM_CHANNELS,
      },
      pace: REAL_PACE,
      factsOf: async () => ({ openQuestions: [], otherCases: [] }),
      nextWorkday: async () => undefined,
      holdBot: async () => ({ outcome: 'unknown' }),
      commands: createCommands({ run: async () => '' }, { run: async () => '' }),
      campaigns: { teamOf: async () => undefined, act: async () => undefined },
      // Nobody writes or presses anything here.
      actions: {} as InboxParts['actions'],
      words: {} as InboxParts['words'],
      canned: {} as InboxParts['canned'],
      papers: {} as InboxParts['papers'],
      runs: {} as InboxParts['runs'],
      milestoneDebt: {} as InboxParts['milestoneDebt'],
      namesPaper: () => false,
      sales: {} as InboxParts['sales'],
      consent: {} as InboxParts['consent'],
      erasure: {} as InboxParts['erasure'],
      keepFile: async () => ({ kind: 'refused', reason: 'nobody hands files over here' }),
      maxFileBytes: 1,
      replyChanged: () => undefined,
      fileOwed: () => undefined,
      mediaOwed: () => undefined,
      caseChanged: () => undefined,
      wakeChannelAfter: (key, delayMs) => this.wakes.push({ key, at: office.now.getTime() + delayMs }),
      instance,
      timeZone: 'Asia/Kolkata',
      now: () => office.now,
      log,
    } satisfies InboxParts);
  }

  /** What the sweep does once a second. */
  async sweep(): Promise<void> {
    const { models, now } = this.office;
    const owed = await models.cases.owedToSlack(now);
    const teams = await models.notices.teamsOwed(now);
    await Promise.all([
      ...owed.map((id) => this.inbox.tell(id)),
      ...teams.map((team) => this.inbox.tellTeam(team)),
    ]);
  }

  /** Wakes what asked to be woken by now. */
  async wake(): Promise<void> {
    const at = this.office.now.getTime();
    const due = this.wakes.filter((wake) => wake.at <= at);
    this.wakes = this.wakes.filter((wake) => wake.at > at);
    await Promise.all([...new Set(due.map(({ key }) => key))].map((key) => this.inbox.tellChannel(key)));
  }

  errors(): Logged[] {
    return this.logged.filter(({ level }) => level >= 50);
  }
}

/** A workspace, a database, and as many processes as a test wants. */
class Office {
  readonly site: SlackSite;
  readonly models: Models;
  now = MONDAY;
  private readonly database: Database;
  private opened = 0;
  private changes = 0;

  private constructor(site: SlackSite, database: Database) {
    this.site = site;
    this.database = database;
    this.models = createModels(database.connection, 'test');
  }

  static async open(): Promise<Office> {
    const site = await createSlackSite('http://127.0.0.1:9/slack/events');
    await site.open();
    const database = await connectDatabase({
      uri: databaseUri(),
      dataDir: '',
      log: pino({ level: 'silent' }),
    });
    const office = new Office(site, database);
    await buildIndexes(office.models);
    offices.push(office);
    return office;
  }

  /** Lets time pass in steps, with a sweep and whatever was to be woken after each. */
  async pass(ms: number, process: Process, stepMs = 250): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.now = new Date(this.now.getTime() + stepMs);
      await process.wake();
      if (this.now.getTime() % SECOND_MS === 0) await process.sweep();
    }
  }

  /** Opens a case; its ticket's number is its place in the order of all. */
  async openCase(team: Team = 'legal'): Promise<string> {
    this.opened += 1;
    const id = `case-${this.opened}`;
    await this.models.cases.open({
      _id: id,
      conversation: `sandbox/${id}`,
      buyer: id,
      buyerName: `Buyer ${this.opened}`,
      team,
      intent: 'legal_threat',
      reason: 'policy',
      details: {},
      quotes: ['I will go to RERA'],
      openedAt: this.now,
      dueAt: new Date(this.now.getTime() + MINUTE_MS),
    });
    return id;
  }

  async openCases(count: number, team: Team = 'legal'): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) ids.push(await this.openCase(team));
    return ids;
  }

  async say(id: string, ...texts: string[]): Promise<void> {
    for (const text of texts)
      await this.models.cases.owePost(id, { id: `${id} ${text}`, who: 'buyer', text, at: this.now });
  }

  /** Changes what the card shows. */
  async change(id: string): Promise<void> {
    this.changes += 1;
    await this.models.cases.model.updateOne(
      { _id: id },
      { $inc: { cardRevision: 1 }, $set: { slackOwedAt: this.now, 'details.change': `${this.changes}` } },
    );
  }

  /** What stands in a channel, oldest first: tickets of cards, words of lines and notices. */
  shown(channel: string = legal): string[] {
    return this.site.slack
      .messages(channel)
      .flatMap(({ text, metadata }) => (metadata ? [/^\w-\d+/.exec(text)?.[0] ?? text] : []));
  }

  /** The channels of the calls of one method, refused ones too. */
  calls(method: string): string[] {
    return this.site.slack.calls
      .filter((call) => call.method === method)
      .map(({ args }) => String(args.channel));
  }

  async isQuiet(): Promise<boolean> {
    return (await this.models.cases.countOwed()) + (await this.models.notices.countOwed()) === 0;
  }

  async close(): Promise<void> {
    await this.database.connection.dropDatabase();
    await this.database.close();
    await this.site.close();
  }
}

const offices: Office[] = [];
afterEach(async () => {
  for (const office of offices.splice(0)) await office.close();
});

async function open(): Promise<{ office: Office; process: Process }> {
  const office = await Office.open();
  return { office, process: new Process(office, 'one') };
}

const tickets = (from: number, to: number, letter = 'L') =>
  Array.from({ length: to - from + 1 }, (_, index) => `${letter}-${from + index}`);

describe('the pace of a channel', () => {
  it('lets 50 cases that open at once reach it in the order in which they opened, one a second', async () => {
    const { office, process } = await open();
    await office.openCases(50);
    await process.sweep();
    expect(office.shown()).toEqual(tickets(1, 3));
    for (let second = 1; second <= 47; second += 1) {
      await office.pass(SECOND_MS, process);
      expect(office.shown()).toHaveLength(3 + second);
    }
    expect(office.shown()).toEqual(tickets(1, 50));
    expect(await office.isQuiet()).toBe(true);
    expect(office.calls('chat.postMessage')).toHaveLength(50);
    expect(office.calls('chat.update')).toEqual([]);
  });

  it('is its own: what one channel waits for, another one gets', async () => {
    const { office, process } = await open();
    await office.openCases(10, 'legal');
    await office.openCases(3, 'sales');
    await process.sweep();
    expect(office.shown(sales)).toEqual(tickets(11, 13, 'R'));
    expect(office.shown(legal)).toEqual(tickets(1, 3));
  });

  it('is shared fairly by the threads in it: a long one does not hold up a short one, and each keeps its order', async () => {
    const { office, process } = await open();
    const [first = '', second = '', third = ''] = await office.openCases(3);
    await process.sweep();
    await office.say(first, ...Array.from({ length: 20 }, (_, index) => `first ${index}`));
    await office.say(second, 'second 0', 'second 1');
    await office.say(third, 'third 0');
    await office.pass(5 * SECOND_MS, process);
    const lines = office.shown().slice(3);
    expect(lines).toEqual(['first 0', 'second 0', 'third 0', 'first 1', 'second 1']);
    await office.pass(18 * SECOND_MS, process);
    const ofFirst = office.shown().filter((line) => line.startsWith('first'));
    expect(ofFirst).toEqual(Array.from({ length: 20 }, (_, index) => `first ${index}`));
  });

  it('gives new cards, threads and notices their turns', async () => {
    const { office, process } = await open();
    const [old = ''] = await office.openCases(1);
    await process.sweep();
    await office.pass(5 * SECOND_MS, process);
    await office.openCases(6);
    await office.say(old, 'line 1', 'line 2');
    await office.models.notices.raise('n1', 'legal', 'notice 1', office.now);
    await process.sweep();
    await office.pass(3 * SECOND_MS, process);
    expect(office.shown().slice(1).sort()).toEqual(
      ['L-2', 'L-3', 'L-4', 'line 1', 'line 2', 'notice 1'].sort(),
    );
  });
});

describe('a card that changes', () => {
  it('ten times within a second is updated once, and shows the last state', async () => {
    const { office, process } = await open();
    const [id = ''] = await office.openCases(1);
    await process.sweep();
    for (let changes = 0; changes < 10; changes += 1) {
      await office.change(id);
      await process.inbox.tell(id);
      await office.pass(95, process, 95);
    }
    await office.models.cases.claim(id, RIYA, office.now);
    await process.inbox.tell(id);
    await office.pass(2 * SECOND_MS, process);
    expect(office.calls('chat.update')).toHaveLength(1);
    expect(JSON.stringify(office.site.slack.messages(legal)[0]?.blocks)).toContain('Riya Malhotra');
    expect(await office.isQuiet()).toBe(true);
  });

  it('waits for a new case’s first card, which Slack was kept from taking', async () => {
    const { office, process } = await open();
    const old = await office.openCases(3);
    await process.sweep();
    await office.pass(5 * SECOND_MS, process);
    await office.site.shut();
    for (const id of old) await office.change(id);
    await office.openCases(2);
    await office.pass(10 * SECOND_MS, process);
    await office.site.open();
    const before = office.site.slack.calls.length;
    office.now = new Date(office.now.getTime() + 10 * SECOND_MS);
    // The turn of the cards comes, by another channel's doing, before that of this channel.
    await process.inbox.tellChannel('updates');
    await office.pass(10 * SECOND_MS, process);
    const methods = office.site.slack.calls.slice(before).map(({ method }) => method);
    const taken = methods.filter((method) => method === 'chat.postMessage' || method === 'chat.update');
    expect(taken).toEqual([...Array(2).fill('chat.postMessage'), ...Array(3).fill('chat.update')]);
  });

  it('is left as it is, at no cost to the others, when it would show what it shows already', async () => {
    const { office, process } = await open();
    const ids = await office.openCases(20);
    await process.sweep();
    await office.pass(20 * SECOND_MS, process);
    for (let times = 0; times < 3; times += 1) {
      await office.models.cases.refresh(ids, office.now);
      await office.pass(3 * SECOND_MS, process);
    }
    expect(office.calls('chat.update')).toEqual([]);
    expect(await office.isQuiet()).toBe(true);
    await office.change(ids[0] ?? '');
    await office.models.cases.refresh(ids.slice(1), office.now);
    await office.pass(2 * SECOND_MS, process);
    expect(office.calls('chat.update')).toEqual([legal]);
  });

  it('is told again after an attempt of which nobody knows what became, even if it shows what it did before', async () => {
    const { office, process } = await open();
    const [id = ''] = await office.openCases(1);
    await process.sweep();
    office.site.slack.faults.api({ kind: 'dropAnswer' }, { method: 'chat.update' });
    await office.change(id);
    await office.pass(3 * SECOND_MS, process);
    await office.models.cases.model.updateOne(
      { _id: id },
      { $unset: { 'details.change': '' }, $set: { slackOwedAt: office.now }, $inc: { cardRevision: 1 } },
    );
    await office.pass(15 * SECOND_MS, process);
    const [card] = office.site.slack.messages(legal);
    expect(JSON.stringify(card?.blocks)).not.toContain('*Change*');
    expect(await office.isQuiet()).toBe(true);
  });

  it('takes its turn among all: no minute of the workspace has more than 50 updates, and no channel has them alone', async () => {
    const { office, process } = await open();
    const ids = [...(await office.openCases(40, 'legal')), ...(await office.openCases(40, 'sales'))];
    await process.sweep();
    await office.pass(MINUTE_MS, process);
    expect(await office.isQuiet()).toBe(true);
    for (const id of ids) await office.change(id);
    const updates: { at: number; channel: string }[] = [];
    for (let second = 0; second < 110; second += 1) {
      await office.pass(SECOND_MS, process);
      const calls = office.calls('chat.update').slice(updates.length);
      updates.push(...calls.map((channel) => ({ at: office.now.getTime(), channel })));
    }
    expect(updates).toHaveLength(80);
    for (const { at } of updates) {
      const ofMinute = updates.filter((other) => other.at >= at && other.at < at + MINUTE_MS);
      expect(ofMinute.length).toBeLessThanOrEqual(50);
    }
    const firstMinute = updates.slice(0, 40).filter(({ channel }) => channel === legal);
    expect(firstMinute.length).toBeGreaterThan(10);
    expect(firstMinute.length).toBeLessThan(30);
    expect(await office.isQuiet()).toBe(true);
  });
});

describe('when Slack says to wait', () => {
  it('the channel is left alone for that long, in order, and no other channel waits', async () => {
    const { office, process } = await open();
    office.site.slack.faults.api(
      { kind: 'rateLimit', retryAfterS: 30 },
      { method: 'chat.postMessage', channel: legal },
    );
    await office.openCases(3, 'legal');
    await process.sweep();
    await office.models.notices.raise('n1', 'legal', 'a notice', office.now);
    await office.openCases(2, 'sales');
    await office.pass(29 * SECOND_MS, process);
    expect(office.shown(sales)).toEqual(tickets(4, 5, 'R'));
    expect(office.calls('chat.postMessage').filter((channel) => channel === legal)).toHaveLength(1);
    await office.pass(5 * SECOND_MS, process);
    expect(office.shown(legal).filter((text) => text !== 'a notice')).toEqual(tickets(1, 3));
    expect(office.shown(legal)).toContain('a notice');
  });

  it('about an update, only that channel’s cards wait', async () => {
    const { office, process } = await open();
    const [one = ''] = await office.openCases(1, 'legal');
    const [two = ''] = await office.openCases(1, 'sales');
    await process.sweep();
    office.site.slack.faults.api(
      { kind: 'rateLimit', retryAfterS: 20 },
      { method: 'chat.update', channel: legal },
    );
    await office.change(one);
    await office.change(two);
    await office.pass(10 * SECOND_MS, process);
    expect(office.calls('chat.update')).toEqual([legal, sales]);
    await office.pass(15 * SECOND_MS, process);
    expect(office.calls('chat.update')).toEqual([legal, sales, legal]);
    expect(await office.isQuiet()).toBe(true);
  });
});

describe('when Slack refuses one message', () => {
  it('the others go on, and it is tried ever more rarely', async () => {
    const { office, process } = await open();
    const refusal = { kind: 'apiError', error: 'invalid_blocks' } as const;
    office.site.slack.faults.api(refusal, { method: 'chat.postMessage' });
    await office.openCases(3);
    await process.sweep();
    expect(office.shown()).toEqual(tickets(2, 3));
    office.site.slack.faults.api(refusal, { method: 'chat.postMessage', times: 100 });
    await office.pass(10 * MINUTE_MS, process, SECOND_MS);
    const attempts = office.calls('chat.postMessage').length - 2;
    expect(attempts).toBeGreaterThan(5);
    expect(attempts).toBeLessThan(10);
    expect(process.errors()).toEqual([]);
    office.site.slack.faults.clear();
    await office.pass(5 * MINUTE_MS, process, SECOND_MS);
    expect(office.shown()).toEqual(['L-2', 'L-3', 'L-1']);
  });
});

describe('when Slack is away', () => {
  it('one alert says so and how much waits; when it is back everything is posted once and in order', async () => {
    const { office, process } = await open();
    const [known = ''] = await office.openCases(1);
    await process.sweep();
    await office.site.shut();
    await office.openCases(20);
    await office.say(known, 'one', 'two');
    await office.pass(MINUTE_MS, process);
    expect(process.errors()).toEqual([
      expect.objectContaining({ code: 'slack_away', waiting: { cases: 21, notices: 0 } }),
    ]);
    await office.site.open();
    await office.pass(MINUTE_MS, process);
    expect(process.logged.filter(({ code }) => code === 'slack_back')).toHaveLength(1);
    const shown = office.shown();
    expect(shown.filter((text) => text.startsWith('L-'))).toEqual(tickets(1, 21));
    expect(shown.filter((text) => !text.startsWith('L-'))).toEqual(['one', 'two']);
    expect(await office.isQuiet()).toBe(true);

    await office.site.shut();
    await office.openCase();
    await office.pass(10 * SECOND_MS, process);
    expect(process.errors()).toHaveLength(2);
  });

  it.each(['invalid_auth', 'not_in_channel', 'internal_error'])(
    'because of %s, the channel waits instead of being asked for every case',
    async (error) => {
      const { office, process } = await open();
      office.site.slack.faults.api({ kind: 'apiError', error }, { method: 'chat.postMessage', times: 2 });
      await office.openCases(5);
      await process.sweep();
      await office.pass(4 * SECOND_MS, process);
      expect(office.calls('chat.postMessage')).toHaveLength(1);
      expect(process.errors()).toEqual([expect.objectContaining({ code: 'slack_away', reason: error })]);
      await office.pass(20 * SECOND_MS, process);
      expect(office.shown()).toEqual(tickets(1, 5));
    },
  );

  it('an attempt whose answer was lost is looked for, and the order stays', async () => {
    const { office, process } = await open();
    office.site.slack.faults.api({ kind: 'dropAnswer' }, { method: 'chat.postMessage' });
    await office.openCases(5);
    await process.sweep();
    await office.pass(20 * SECOND_MS, process);
    expect(office.shown()).toEqual(tickets(1, 5));
    expect(await office.isQuiet()).toBe(true);
  });
});

describe('of two processes', () => {
  it('one tells Slack, at the pace of one; the other takes over when it resigns, or falls silent', async () => {
    const { office, process: one } = await open();
    const two = new Process(office, 'two');
    await office.openCases(9);
    await Promise.all([one.sweep(), two.sweep()]);
    expect(office.shown()).toEqual(tickets(1, 3));
    await office.pass(2 * SECOND_MS, two);
    const [teller, other] = office.shown().length === 3 ? [one, two] : [two, one];
    await office.pass(SECOND_MS, teller);
    const before = office.shown().length;
    await teller.inbox.stop();
    await office.pass(SECOND_MS, other);
    expect(office.shown().length).toBeGreaterThan(before);

    const third = new Process(office, 'three');
    await office.openCases(6);
    await office.pass(29 * SECOND_MS, third, SECOND_MS);
    const asFar = office.shown().length;
    await office.pass(2 * SECOND_MS, third, SECOND_MS);
    expect(office.shown().length).toBeGreaterThan(asFar);
    await office.pass(30 * SECOND_MS, third, SECOND_MS);
    expect(office.shown()).toEqual(tickets(1, 15));
    expect(office.calls('chat.postMessage')).toHaveLength(15);
  });
});

describe('the updates of a minute', () => {
  it('go to a campaign that people watch before any number of cards', () => {
    let atMs = 0;
    const pace = new Pace({ postsPerSecond: 1, updatesPerMinute: 60 }, () => new Date(atMs));
    const drain = () => {
      let cards = 0;
      for (; pace.waitToUpdate() === 0; cards += 1) pace.update();
      return cards;
    };
    expect(drain()).toBe(12);
    expect(pace.waitToUpdateCampaign()).toBeGreaterThan(0);
    atMs += 1_300;
    expect(drain()).toBe(0);
    expect(pace.waitToUpdateCampaign()).toBe(0);
    pace.update();
    atMs += 1_300;
    expect(drain()).toBe(1);
    // One that never came back holds nobody up.
    expect(pace.waitToUpdateCampaign()).toBeGreaterThan(0);
    atMs += 11_000;
    expect(drain()).toBe(8);
  });
});
