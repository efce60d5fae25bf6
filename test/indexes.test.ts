import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose, { type Connection } from 'mongoose';
import { Answers } from '../bot/answers.ts';
import { factsOfCase } from '../bot/caseFacts.ts';
import { EXAMPLE_TEAM } from '../bot/teamFile.ts';
import type { Team } from '../flows/types.ts';
import { countWaiting } from '../models/audit.ts';
import type { Case } from '../models/case.ts';
import { CaseLists } from '../models/caseLists.ts';
import type { Database } from '../models/connect.ts';
import { buildIndexes, createModels, type Models } from '../models/models.ts';
import type { Sends } from '../models/send.ts';
import { card } from './papers.ts';
import { COLLECTOR, morning, PROJECT, sell } from './sale.ts';
import { databaseUri, World } from './world.ts';

/**
 * A query without an index answers at once in a demonstration and never in the fifth year. So a representative
 * life is led, every command that the driver sends is noted, and the engine is asked how it would run each.
 */

type Command = { name: string; document: Record<string, unknown> };

const NOTED = ['find', 'update', 'delete', 'findAndModify', 'count', 'aggregate', 'distinct'];
/** What a plan may not contain: reading everything, or sorting what an index could have given in order. */
const BAD_STAGES = ['COLLSCAN', 'SORT'];
/** A developer's projects are a handful: they may be sorted in memory. */
const FEW_RECORDS = ['projects'];

const ASHA = '+919999900001';
const ROHAN = '+919999900002';
const RIYA = { id: 'U1', name: 'Riya' };
const DAY_MS = 24 * 3_600_000;

class Watched {
  readonly connection: Connection;
  readonly commands: Command[] = [];

  private constructor(connection: Connection) {
    this.connection = connection;
    connection.getClient().on('commandStarted', ({ commandName, command }) => {
      if (NOTED.includes(commandName)) this.commands.push({ name: commandName, document: command });
    });
  }

  static async connect(): Promise<Watched> {
    const connection = mongoose.createConnection();
    await connection.openUri(databaseUri(), { monitorCommands: true, autoIndex: false });
    return new Watched(connection);
  }

  get database(): Database {
    const close = () => this.connection.close();
    return { connection: this.connection, embedded: true, ping: async () => true, close };
  }

  /** Those of `commands` that no index serves, as `find inbound {...}: COLLSCAN`. */
  async unserved(commands: Command[]): Promise<string[]> {
    const kinds = new Map(commands.flatMap(statements).map((each) => [shapeOf(each.command), each]));
    const found: string[] = [];
    for (const [shape, { command, collection }] of kinds) {
      if (isAnyRecord(command)) continue;
      const plan = await this.connection.db?.command({ explain: command, verbosity: 'queryPlanner' });
      const bad = winningStages(plan).filter(
        (stage) => BAD_STAGES.includes(stage) && !(stage === 'SORT' && FEW_RECORDS.includes(collection)),
      );
      if (bad.length > 0) found.push(`${shape}: ${bad.join(', ')}`);
    }
    return found;
  }
}

/** GridFS looks whether there is a file at all: any one will do, and one is read. */
function isAnyRecord({ find, filter, limit }: Record<string, unknown>): boolean {
  return find === 'files.files' && limit === 1 && JSON.stringify(filter) === '{}';
}

/** One command as `explain` takes it. */
type Statement = { collection: string; command: Record<string, unknown> };

/** An update or delete may carry several statements, of which only one can be explained at a time. */
function statements({ name, document }: Command): Statement[] {
  const collection = `${document[name]}`;
  const list = name === 'update' ? 'updates' : 'deletes';
  if (name === 'update' || name === 'delete') {
    const each = document[list] as unknown[];
    return each.map((one) => ({ collection, command: { [name]: collection, [list]: [one] } }));
  }
  const {
    query,
    filter,
    sort,
    limit,
    update,
    remove,
    upsert,
    pipeline,
    key,
    fields,
    projection,
    collation,
    hint,
  } = document;
  const parts = {
    query,
    filter,
    sort,
    limit,
    update,
    remove,
    upsert,
    pipeline,
    key,
    fields,
    projection,
    collation,
    hint,
  };
  const given = Object.entries(parts).filter(([, part]) => part !== undefined);
  const cursor = name === 'aggregate' ? { cursor: {} } : {};
  return [{ collection, command: { [name]: collection, ...Object.fromEntries(given), ...cursor } }];
}

/** What distinguishes one kind of query from another: its fields and operators, without the values. */
function shapeOf(command: Record<string, unknown>): string {
  const [first = ''] = Object.entries(command).map(([name, collection]) => `${name} ${collection}`);
  const { filter, query, updates, deletes, pipeline, sort } = command;
  const asked = filter ?? query ?? pipeline ?? questions(updates) ?? questions(deletes);
  // The driver keeps a sort as a Map: its order counts.
  const order = sort instanceof Map ? ` by ${JSON.stringify([...sort.keys()])}` : '';
  return `${first} ${JSON.stringify(withoutValues(asked))}${order}`;
}

function questions(list: unknown): unknown {
  return Array.isArray(list) ? list.map((each) => each.q) : undefined;
}

function withoutValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 2).map(withoutValues);
  if (typeof value !== 'object' || value === null || value instanceof Date) return '?';
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutValues(each)]));
}

/** Every stage below a winning plan, wherever the engine puts it for this command. */
function winningStages(plan: unknown, inWinner = false): string[] {
  if (typeof plan !== 'object' || plan === null) return [];
  const own = inWinner && 'stage' in plan ? [`${plan.stage}`] : [];
  const below = Object.entries(plan)
    .filter(([name]) => name !== 'rejectedPlans' && name !== 'command')
    .flatMap(([name, each]) => winningStages(each, inWinner || name === 'winningPlan'));
  return [...own, ...below];
}

describe('the main path', () => {
  let watched: Watched;
  let world: World;
  let life: Command[];

  beforeAll(async () => {
    watched = await Watched.connect();
    world = await World.open({ overrides: { database: watched.database } });
    watched.commands.length = 0;
    await leadLife(world);
    life = watched.commands.splice(0);
  });
  afterAll(async () => world.close());

  it('was led in full', async () => {
    const { models } = world.context;
    const collections = Object.values(models).map(({ model }) => model.collection.name);
    const asked = new Set(life.flatMap(statements).map((each) => each.collection));
    expect([...asked].sort()).toEqual([...collections, 'counters', 'files.chunks'].sort());
    expect(await models.visits.model.countDocuments({ status: 'cancelled' })).toBe(1);
    expect(await models.visits.model.countDocuments({ status: 'booked' })).toBe(1);
    expect(await models.cases.model.countDocuments({ team: 'legal', status: 'resolved' })).toBe(1);
    const answers = world.answers(ASHA).join('\n');
    expect(answers).toContain('I am Riya. I will call you at 5.');
    expect(answers).toContain('A reminder of your visit');
  });

  it('has an index for every query', async () => {
    expect(await watched.unserved(life)).toEqual([]);
  });
});

describe('the check itself', () => {
  let watched: Watched;
  let models: Models;

  beforeAll(async () => {
    watched = await Watched.connect();
    models = createModels(watched.connection, 'here');
    await buildIndexes(models);
  });
  beforeEach(() => {
    watched.commands.length = 0;
  });
  afterAll(async () => watched.connection.close());

  it.each<[string, (models: Models) => Promise<unknown>]>([
    ['find inbound {"channel":"?"}: COLLSCAN', ({ inbound }) => inbound.model.find({ channel: 'x' })],
    [
      'aggregate sends [{"$match":{"status":"?"}},{"$group":{"_id":"?","n":{"$sum":"?"}}}]: COLLSCAN',
      ({ sends }) => sends.model.countDocuments({ status: 'sent' }),
    ],
    [
      'update cases [{"team":"?"}]: COLLSCAN',
      ({ cases }) => cases.model.updateOne({ team: 'legal' }, { $set: { reason: 'x' } }),
    ],
    [
      'findAndModify cases {"team":"?"}: COLLSCAN',
      ({ cases }) => cases.model.findOneAndUpdate({ team: 'legal' }, { $set: { reason: 'x' } }),
    ],
    [
      'delete visits [{"bookedAt":"?"}]: COLLSCAN',
      ({ visits }) => visits.model.deleteMany({ bookedAt: new Date() }),
    ],
    [
      'find timeline {"buyer":"?"} by ["what"]: SORT',
      ({ timeline }) => timeline.model.find({ buyer: 'x' }).sort({ what: 1 }),
    ],
  ])('reports %s', async (reported, query) => {
    await query(models);
    expect(await watched.unserved(watched.commands.splice(0))).toEqual([reported]);
  });

  it('reports nothing that an index serves', async () => {
    await models.inbound.pendingOf('sandbox/asha');
    await models.timeline.latest('asha', 10);
    expect(await watched.unserved(watched.commands.splice(0))).toEqual([]);
  });
});

describe('indexes', () => {
  it('are built as declared, and building them again changes nothing', async () => {
    const { connection } = await Watched.connect();
    const models = createModels(connection, 'here');
    await buildIndexes(models);
    await buildIndexes(models);
    for (const { model } of Object.values(models)) {
      const built = await model.collection.indexes();
      expect(built).toHaveLength(model.schema.indexes().length + 1);
      for (const [key, { unique, partialFilterExpression }] of model.schema.indexes()) {
        expect(built).toContainEqual(
          expect.objectContaining({
            key,
            ...(unique && { unique }),
            ...(partialFilterExpression && { partialFilterExpression }),
          }),
        );
      }
    }
    await connection.close();
  });
});

/** A buyer from the first message to a resolved case, with what the sweep, Slack and the clock do around it. */
async function leadLife(world: World): Promise<void> {
  await world.write(ASHA, 'Hi, please send the brochure');
  await Promise.all([world.phone.writeAs(ASHA, 'hello'), world.phone.writeAs(ASHA, 'which sizes?')]);
  await world.rest();
  await world.tap(ASHA, 'enquiry.configuration.2BHK');
  await world.write(ASHA, '85 lakh');
  await world.write(ASHA, 'I want to visit the site');
  await world.tap(ASHA, await slotOffered(world, 3));
  await world.write(ASHA, 'please reschedule my visit');
  await world.tap(ASHA, await slotOffered(world, 4));
  await reportDeliveries(world);
  await sendFiles(world);
  for (let days = 0; days < 2; days += 1) await world.pass(DAY_MS);
  await world.write(ASHA, 'I will file a complaint with RERA and my lawyer');
  const legal = await openCase(world, 'legal');
  await tellSlack(world, legal);
  await answerAsTeam(world, legal);
  await world.pass(DAY_MS);
  await lookAround(world);
  await workInThread(world, legal);
  await remindMany(world);
  await becomeOne(world);
  await beAway(world);
  await runOutOfTime(world);
  await keepAccounts(world);
  await askForMoneyAndPapers(world);
  await openPage(world);
  await forget(world);
  await keepHouse(world);
}

/** The buyer opens their page and proves by a code that it is they. */
async function openPage({ context: { models }, now }: World): Promise<void> {
  const { portalCodes, portalSessions } = models;
  const expiresAt = new Date(now.getTime() + DAY_MS);
  const session = 'session';
  await portalSessions.begin({ _id: session, buyer: 'asha', generation: 0, openedAt: now, expiresAt });
  await portalSessions.at(session, now);
  await portalCodes.issue({ buyer: 'asha', code: 'code', session, sentAt: now, expiresAt });
  const code = await portalCodes.latest('asha', session, now);
  if (!code) throw new Error('no code was sent');
  await portalCodes.useTry(code);
  await portalCodes.spend(code, now);
  await portalSessions.prove(session, expiresAt);
  await portalSessions.end(session);
}

/** What the team asks for by commands, on Home, and of the timeline. */
async function lookAround({ context, now }: World): Promise<void> {
  const { cases, homes, buyers, leads, visits, timeline } = context.models;
  const lists = new CaseLists(cases);
  const viewer = { id: RIYA.id, teams: ['legal', 'sales'] as Team[] };
  const after = { dueAt: now, id: 'c' };
  for (const list of ['mine', 'unassigned', 'snoozed', 'atRisk'] as const) {
    for (const from of [undefined, after]) await lists.page(list, viewer, now, 10, from);
    await lists.count(list, viewer, now);
  }
  await lists.byTicket('L-1');
  await lists.promised(viewer.teams, now, new Date(now.getTime() + DAY_MS));
  await lists.keepLink('unheard of', { channel: 'C1', ts: '1.1', url: 'https://example.com' });
  const [asha] = await buyers.named('ash', 5);
  const buyer = (asha ?? (await buyers.byPhone(ASHA)))?._id ?? '';
  await lists.openOf([buyer, 'another']);
  await buyers.namesOf([buyer, 'another']);
  await leads.ofBuyer(buyer);
  await visits.nextOf(buyer, now);
  await visits.booked(now, new Date(now.getTime() + DAY_MS), 8);
  await visits.countBooked(now, new Date(now.getTime() + DAY_MS));
  const cursor = { at: now, id: 'x' };
  for (const side of ['older', 'newer'] as const) await timeline.page(buyer, 20, { side, cursor });
  await homes.open(RIYA.id, now, true);
  await homes.look(RIYA.id, now, now);
  await homes.caseChanged({ id: 'c', team: 'legal' }, now);
  await homes.seen(RIYA.id, { teams: [], cases: [] });
  await homes.lookAgain(RIYA.id, now, true);
}

/** What the inbox does with a thread: input from Slack, replies and their states, files both ways. */
async function workInThread({ context, now }: World, { _id: caseId, conversation }: Case): Promise<void> {
  const { slackEvents, replies, media, cases, conversations, sends } = context.models;
  const event = { _id: 'Ev1', line: 'C1:1.0', order: '1.1', body: '{}' };
  await slackEvents.storeOnce(event, 'here', now);
  await slackEvents.failed('Ev1', now);
  for (const id of await slackEvents.due(now, 10)) await slackEvents.take(id, 'here', now);
  await slackEvents.release(now);
  await slackEvents.handled('Ev1');
  await slackEvents.purge(now);
  const file = { id: 'F1', url: '', name: 'plan.pdf', mimeType: 'application/pdf', sizeBytes: 1 };
  const place = { channel: 'C1', ts: '1.1' };
  await replies.take({
    _id: 'slack:C1:1.1',
    caseId,
    staff: RIYA,
    place,
    takenAt: now,
    file,
    fetchAt: now,
    tellAt: now,
  });
  await replies.at(place);
  await replies.hasAny(caseId);
  await replies.lastOf(caseId, now);
  await replies.known(['slack:C1:1.1']);
  await replies.owe('slack:C1:1.1', now);
  await replies.oweAll(now, now);
  await replies.toTell(now, 10);
  await replies.messagesToFetch(now, 10);
  await replies.fetchFailed('slack:C1:1.1', 'no');
  await replies.fetchAgain('slack:C1:1.1', 1, now);
  await replies.told('slack:C1:1.1', [], now, true);
  await sends.ofInput('slack:C1:1.1');
  await cases.openInSlack(10);
  await cases.closeWindows(now, 10);
  await conversations.changedSince([conversation], now);
  await media.conversationsToShow(now, 10);
  await media.toShow(conversation);
  await media.shown(['none'], now);
  await media.showAgain('none', 1, now);
}

/** A campaign from the command to its report, with what the inbox does about it. */
async function remindMany(world: World): Promise<void> {
  const { context } = world;
  const { buyer, _id: conversation } = await world.conversation(ASHA);
  const at = new Date(world.now.getTime() + DAY_MS);
  const visit = { _id: 'tomorrow', project: 'greenfield-heights', buyer, conversation, at };
  await context.models.visits.book({ ...visit, bookedAt: world.now }, 1);
  await context.models.staff.meet(RIYA.id, RIYA.name, 'sales');
  await context.models.staff.byPhone('+919999900009');
  const command = { kind: 'remind', audience: { kind: 'visits', day: 'tomorrow' }, filters: {} } as const;
  const [, id = ''] = /^(k-\d+)/.exec(await context.campaigns.run(command, RIYA)) ?? [];
  await context.campaigns.run(command, RIYA);
  await context.campaigns.act('confirm', id, RIYA);
  for (let seconds = 0; seconds < 3; seconds += 1) await world.pass(1_000);
  await context.campaigns.run({ kind: 'campaign', act: 'status', campaign: id }, RIYA);
  await tellBoard(world, id);
  for (const act of ['pause', 'resume', 'stop', 'cancel'] as const)
    await context.campaigns.act(act, id, RIYA);
  await context.models.visits.model.deleteOne({ _id: visit._id });
}

/** Campaigns among those who have bought, rehearsed and called off. */
async function askForMoneyAndPapers({ context }: World): Promise<void> {
  const { campaigns, models } = context;
  await models.staff.meet(RIYA.id, RIYA.name, 'collections');
  for (const audience of [
    { kind: 'kycMissing' },
    { kind: 'overdue', moreThanDays: 0 },
    { kind: 'due', withinDays: 60 },
  ] as const)
    for (const filters of [{}, { project: PROJECT }]) {
      const answer = await campaigns.run({ kind: 'remind', audience, filters }, RIYA);
      const id = /^(k-\d+)/.exec(answer)?.[1];
      if (id) await campaigns.act('cancel', id, RIYA);
    }
}

/** Somebody who has bought nothing wants their data erased. */
async function forget(world: World): Promise<void> {
  const { context } = world;
  const kavita = '+919999900019';
  world.phone.addBuyer(kavita, 'Kavita Rao');
  await world.write(kavita, 'Your staff is rude, I want to complain');
  await world.phone.attachAs(kavita, {
    bytes: await card(),
    mimeType: 'image/png',
    fileName: 'wall.png',
    caption: '',
  });
  await world.rest();
  const { buyer, _id: conversation } = await world.conversation(kavita);
  const change = { act: 'optIn', kinds: ['promotion'], source: 'staff_entry', why: 'said so' } as const;
  await context.consents.record({ buyer, inputId: 'entered', change });
  await context.consents.of(buyer);
  await context.models.documents.model.create({
    ...{ _id: 'forgotten', buyer, conversation, kind: 'pan', status: 'rejected', source: 'chat' },
    ...{ mimeType: 'image/png', sizeBytes: 1, warnings: [], uploadedAt: world.now },
  });
  await context.erasures.plan(buyer);
  await context.erasures.erase({ buyer, inputId: 'asked', staff: RIYA, reason: 'asked for it' });
  for (let rounds = 0; rounds < 2; rounds += 1) await world.pass(60_000);
}

/** The calls that the inbox makes for a campaign's message. */
async function tellBoard({ context, now }: World, id: string): Promise<void> {
  const { campaigns, recipients } = context.models;
  await campaigns.boardsOwed(now, 10);
  await campaigns.startTelling(id, 'inbox', now);
  const told = await campaigns.byId(id);
  if (!told) throw new Error('no campaign');
  await campaigns.shown(told, { channel: 'C1', ts: '1.000003' }, now);
  await campaigns.spaceBoard({ ...told, boardOwedAt: now }, now);
  await campaigns.postponeBoard(id, now);
  await campaigns.doubtBoard(id, now);
  await campaigns.resultsGiven(id, now);
  for await (const _recipient of recipients.each(id));
}

/** A second phone turns out to be the same person's. */
async function becomeOne(world: World): Promise<void> {
  await world.write(ROHAN, 'I want to visit the site');
  await world.context.receiver.receive('sandbox', [
    {
      key: 'both',
      from: { kind: 'pn', value: ROHAN },
      alsoKnownAs: [{ kind: 'pn', value: ASHA }],
      at: world.now,
      content: { kind: 'text', text: 'thanks' },
      raw: null,
    },
  ]);
  await world.rest();
  await world.pass(DAY_MS);
}

/** A unit is held, sold, asked for, paid; a claim is turned down and a demand taken back. */
async function keepAccounts({ context }: World): Promise<void> {
  const { units, bookings, demands, payments, ledger, accounts } = context.models;
  const when = morning('2026-03-01');
  const booking = await sell(context.models);
  const unit = `${PROJECT}/B-1203`;
  await units.hold(unit, 'asha', when.at, when.at);
  await units.release(unit, 'asha');
  await units.grid(PROJECT, when.at);
  const certificate = { by: 'Ar. Meera Nair', date: when.on };
  await demands.raise({ booking, milestone: 'plinth', certificate, dueInDays: 15 }, when);
  const claim = { booking, project: PROJECT, amountPaise: 100, utr: '426011234567' };
  for (const id of ['p1', 'p2', 'p3']) await payments.claim({ ...claim, _id: id }, when.at);
  const seen = { by: COLLECTOR, amountPaise: 100, mode: 'neft', receivedOn: when.on } as const;
  await payments.confirm('p1', seen, when);
  await payments.claim({ ...claim, _id: 'p4', utr: '426011234568' }, when.at);
  await payments.reject('p4', COLLECTOR, 'not seen', when);
  await payments.claimed(booking);
  await demands.withdraw(`${booking}:1`, COLLECTOR, 'too early', when.at);
  await demands.duesOfBuyer('asha', when.on);
  await demands.overdue(PROJECT, when.on, 10);
  await ledger.of(booking);
  await accounts.owing(when.at, 10);
  await bookings.unfinished(when.at, 10);
}

/** The line is away long enough for people to be told, before and after; and what the inbox does with that. */
async function beAway(world: World): Promise<void> {
  const { notices } = world.context.models;
  world.phone.goOffline();
  for (let minutes = 0; minutes < 4; minutes += 1) await world.pass(60_000);
  await world.context.gateway.receive(world.phone, [
    {
      key: 'meanwhile',
      from: { kind: 'pn', value: ROHAN },
      alsoKnownAs: [],
      at: world.now,
      content: { kind: 'text', text: 'thanks' },
      raw: null,
    },
  ]);
  await world.phone.goOnline();
  for (let minutes = 0; minutes < 4; minutes += 1) await world.pass(60_000);
  const [team] = await notices.teamsOwed(world.now);
  const next = team && (await notices.nextOf(team));
  await notices.countOwed();
  if (!next) throw new Error('no notice');
  await notices.startTelling(next._id, 'inbox', world.now);
  await notices.doubt(next._id, world.now);
  await notices.postpone(next._id, world.now);
  await notices.posted(next._id, { channel: 'C1', ts: '1.000002' });
}

/** Cases fall to members of a team, one of whom goes away, and wait until their time has run out. */
async function runOutOfTime(world: World): Promise<void> {
  const { models, nudges, metrics } = world.context;
  const named = [
    { id: 'URIYA', name: 'Riya' },
    { id: 'UARJUN', name: 'Arjun' },
  ];
  const file = {
    ...EXAMPLE_TEAM,
    lead: 'UFARAH',
    deputy: 'ULEELA',
    holidays: [],
    members: named,
    routes: [],
  };
  for (const team of ['sales', 'support'] as const) {
    await models.staff.appoint(team, { leads: ['UFARAH', 'ULEELA'], members: named }, world.now);
    await models.teams.publish(team, { ...file, team });
  }
  for (const number of ['+919999900003', '+919999900004'])
    await world.write(number, 'I want to talk to a person');
  await models.staff.away(named[0]?.id ?? '', new Date(world.now.getTime() + DAY_MS), world.now);
  for (let hours = 0; hours < 5; hours += 1) {
    await world.pass(DAY_MS / 24);
    await nudges.look();
  }
  await metrics.registry.metrics();
  const open = await models.cases.model.find({ status: 'open' }).lean<Case[]>();
  if (open.filter(({ breachedAt }) => breachedAt).length < 2) throw new Error('no case ran out of time');
}

async function slotOffered(world: World, index: number): Promise<string> {
  const { state } = await world.conversation(ASHA);
  const choices = state.runs.find((run) => run.flow === 'visit')?.question?.choices ?? [];
  return choices[index]?.id ?? '';
}

/** The same files twice: each kept once, and opened; one of them is a paper for the vault. */
async function sendFiles(world: World): Promise<void> {
  const file = { bytes: Buffer.from('%PDF-1.7 plan'), mimeType: 'application/pdf', caption: '' };
  for (const fileName of ['plan.pdf', 'plan.pdf']) await sendFile(world, { ...file, fileName });
  const picture = { bytes: await card(), mimeType: 'image/png', caption: '' };
  for (let times = 0; times < 2; times += 1) await sendFile(world, { ...picture, fileName: 'kyc.png' });
  await world.pass(5_000);
  const stored = await world.context.models.media.model.findOne({
    buyer: (await world.conversation(ASHA)).buyer,
  });
  const opened = await world.context.models.media.open(`${stored?._id}`);
  for await (const _bytes of opened?.bytes ?? []);
}

async function sendFile(world: World, file: Parameters<World['phone']['attachAs']>[1]): Promise<void> {
  await world.phone.attachAs(ASHA, file);
  await world.context.media.idle();
  await world.rest();
}

/** The phone's own report, and one that names nothing but the provider's id. */
async function reportDeliveries(world: World): Promise<void> {
  world.phone.readAs(ASHA);
  const { _id: conversation } = await world.conversation(ASHA);
  const sent = await world.context.models.sends.model.collection.findOne({ conversation });
  const report = { providerId: `${sent?.providerId}`, state: 'played' as const, at: world.now };
  await world.context.deliveries.report([report]);
  await world.rest();
}

async function openCase(world: World, team: Team): Promise<Case> {
  const { state } = await world.conversation(ASHA);
  const found = await world.context.models.cases.byId(
    state.cases.find((each) => each.team === team)?.id ?? '',
  );
  if (!found) throw new Error(`no open case of ${team}`);
  return found;
}

async function answerAsTeam(world: World, found: Case): Promise<void> {
  const { context } = world;
  const answers = new Answers({
    cases: context.models.cases,
    conversations: context.models.conversations,
    contextOf: context.decisionContext,
    wake: (id) => context.turns.wake(id),
    now: () => world.now,
  });
  await context.models.staff.byId(RIYA.id);
  await context.models.staff.meet(RIYA.id, RIYA.name, 'legal');
  await context.models.cases.claim(found._id, RIYA, world.now);
  await context.models.corrections.correct(found, 'legal_question', RIYA, world.now);
  await context.models.corrections.all();
  const input = { caseId: found._id, staff: RIYA };
  await answers.reply({ ...input, inputId: 'reply', text: 'I am Riya. I will call you at 5.' });
  await world.rest();
  await answers.resolve({ ...input, inputId: 'resolve' });
  await world.rest();
}

/** The calls that the inbox makes for a case, in its order. */
async function tellSlack(world: World, { _id, team }: Case): Promise<void> {
  const { cases, leases, timeline } = world.context.models;
  const slack = { channel: team, ts: '1.000001' };
  await leases.hold('slack', 'inbox', world.now, 1_000);
  await cases.owedToSlack(world.now);
  await cases.owedIn(slack.channel, [team], 'inbox', world.now);
  await cases.owedUpdates('inbox', world.now);
  await cases.teamsUnposted(world.now);
  await cases.countOwed();
  const started = await cases.startTelling(_id, 'inbox', world.now);
  if (!started) throw new Error('another process is at it');
  await cases.shown(_id, slack, started.found.cardRevision);
  for (const post of started.found.posts) await cases.posted(_id, post.id);
  await cases.owePost(_id, { id: 'late', who: 'buyer', text: 'and?', at: world.now });
  await cases.caughtUp(_id, started.found.cardRevision);
  await cases.doubt(_id, world.now);
  await cases.postpone(_id, world.now);
  await cases.byThread(slack.channel, slack.ts);
  await cases.hasUnposted();
  await cases.byFormerCard(slack.channel, slack.ts);
  await cases.formerTold(_id, slack);
  await cases.refresh([_id], world.now);
  await world.context.models.staff.leadsOf(team);
  const parts = {
    models: world.context.models,
    folders: world.context.folders,
    linkOf: (document: string) => document,
    projectName: async () => '',
    timeZone: 'Asia/Kolkata',
    now: () => world.now,
  };
  await factsOfCase(parts, started.found);
  await timeline.latest(started.found.buyer, 40);
  await leases.release('slack', 'inbox');
}

/** What the clock does, besides waking conversations. */
async function keepHouse({ context, now }: World): Promise<void> {
  const { models } = context;
  for (const task of context.sweepTasks) await task.find();
  await countWaiting(models, now);
  await models.rejected.purge(now);
  await models.sends.sendAgain('unheard of', now);
  await askLedger(models.sends, now);
  await keepUpload(models.uploads, now);
  await models.projects.withdraw('unheard-of');
  await context.media.tidy();
  await keepVault(context);
}

/** The life of a paper that came by chat: found, reviewed, called by its name, wrapped anew, erased. */
async function keepVault({ vault, folders, models }: World['context']): Promise<void> {
  const [paper] = await models.documents.waiting(10);
  if (!paper) throw new Error('the vault is empty');
  const { _id, buyer, conversation } = paper;
  await models.documents.ofBuyer(buyer);
  await models.documents.ofBooking('unheard of');
  await models.documents.ofBookings(['unheard of'], [buyer]);
  await models.documents.passApplicant('nobody', buyer);
  for await (const booking of models.bookings.eachOpen()) await folders.ofBooking(booking._id);
  await vault.look(_id);
  const opened = await vault.open(_id, { who: RIYA.name, why: 'review' });
  for await (const _bytes of opened?.bytes ?? []);
  await vault.reclassify(_id, 'aadhaar', RIYA);
  await vault.review(_id, 'received', { status: 'accepted' }, RIYA);
  await vault.move({ buyer, conversation }, { buyer, conversation });
  await vault.rewrap();
  await vault.erase(_id, { who: RIYA.name, why: 'the buyer asked for it' });
  await vault.tidy();
}

/** The life of an uploaded document: found again, replaced, blamed. */
async function keepUpload(uploads: Models['uploads'], now: Date): Promise<void> {
  await uploads.keep('cloud', 'a brochure', { mediaId: 'm1', expiresAt: now }, now);
  await uploads.find('cloud', 'a brochure', now);
  await uploads.drop('cloud', 'a brochure', 'm1');
  await uploads.dropAll('cloud');
}

/** What limits, doubts and refusals ask of the ledger. */
async function askLedger(sends: Sends, now: Date): Promise<void> {
  const conversation = 'sandbox/asha';
  for await (const _send of sends.startedSince('sandbox', now));
  for await (const _send of sends.coldSince('sandbox', now));
  await sends.refusedAt('sandbox', '463');
  await sends.hasReportsSince('sandbox', now);
  await sends.latestTemplate(conversation, 'person_waiting', now);
  await sends.latestRefusal(conversation, ['131049'], now);
  await sends.report({ providerId: 'unheard of', state: 'sent', at: now, pricing: {} });
}
