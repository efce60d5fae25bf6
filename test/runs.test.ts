import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DEMO_PROJECT } from '../bot/demo.ts';
import type { Run } from '../flows/types.ts';
import type { Conversation } from '../models/conversation.ts';
import { sell } from './sale.ts';
import { register, SIGNING, signing } from './signing.ts';
import { World } from './world.ts';

const ASHA = '+919999900001';
const SECOND = '+919999900002';
const RIYA = { id: 'U1', name: 'Riya' };
const OM = { id: 'U2', name: 'Om' };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SKYLINE = { ...DEMO_PROJECT, slug: 'skyline-residency', name: 'Skyline Residency' };
const BOTH = ['Greenfield Heights', 'Skyline Residency'];

let forget = () => {};
beforeAll(() => {
  forget = register(signing);
});
afterAll(() => forget());

const worlds: World[] = [];
async function open(options: Parameters<typeof World.open>[0] = {}): Promise<World> {
  const world = await World.open(options);
  worlds.push(world);
  return world;
}
afterEach(async () => {
  jest.restoreAllMocks();
  for (const world of worlds.splice(0)) await world.close();
});

async function runsOf(world: World, number = ASHA): Promise<Run[]> {
  return (await world.conversation(number)).state.runs;
}

async function last(world: World, number = ASHA): Promise<string> {
  return world.answers(number).at(-1) ?? '';
}

async function buyerOf({ context }: World, number = ASHA): Promise<string> {
  return (await context.models.buyers.byPhone(number))?._id ?? '';
}

/** Somebody on record who has not written. */
async function known({ context }: World): Promise<string> {
  const from = { kind: 'pn' as const, value: ASHA };
  const { buyer } = await context.receiver.conversationOf({ from, alsoKnownAs: [], profileName: 'Asha' });
  return buyer;
}

/** A message that carries both numbers: they are one person's. */
async function link(world: World): Promise<void> {
  const from = { kind: 'pn' as const, value: ASHA };
  const alsoKnownAs = [{ kind: 'pn' as const, value: SECOND }];
  const content = { kind: 'text' as const, text: 'hello again' };
  await world.context.receiver.receive('sandbox', [
    { key: 'link', from, alsoKnownAs, at: world.now, content, raw: null },
  ]);
  await world.rest();
}

/** A buyer who has asked to visit two projects. */
async function twoVisits(): Promise<World> {
  const world = await open();
  await world.context.models.projects.publish(SKYLINE.slug, SKYLINE);
  await world.write(ASHA, 'I want to visit Greenfield Heights');
  await world.pass(1_000);
  await world.write(ASHA, 'I want to visit Skyline Residency');
  await world.pass(1_000);
  return world;
}

async function visitsOf(world: World): Promise<Record<string, string>> {
  const visits = (await runsOf(world)).filter(({ flow }) => flow === 'visit');
  return Object.fromEntries(visits.map(({ subject = '', stage }) => [subject, stage]));
}

/** The ids of the choices that the question on the way offers. */
async function asked(world: World): Promise<{ id: string; value: unknown }[]> {
  const { unclear } = (await world.conversation(ASHA)).state;
  return (unclear?.choices ?? []).map(({ id, data }) => ({ id, value: data?.value }));
}

/** A buyer with two flats, and the same flow under way for each. */
async function twoFlats(): Promise<World> {
  const world = await open();
  const buyers = [await known(world)];
  const { models, happenings } = world.context;
  for (const [_id, number] of [
    ['b1', 'B-1203'],
    ['b2', 'B-1204'],
  ] as const) {
    await sell(models, { _id, buyers, number });
    await happenings.begin(buyers[0] ?? '', `sold:${_id}`, { flow: SIGNING, subject: _id, data: {} });
  }
  await world.rest();
  return world;
}

async function signingOf(world: World, subject: string, number = ASHA): Promise<Run> {
  const found = (await runsOf(world, number)).find((run) => run.flow === SIGNING && run.subject === subject);
  if (!found) throw new Error(`nothing is under way about ${subject}`);
  return found;
}

async function askedOf(world: World): Promise<unknown[]> {
  const counts = ['b1', 'b2'].map(async (subject) => (await signingOf(world, subject)).data.asked ?? 0);
  return Promise.all(counts);
}

describe('two visits of one buyer', () => {
  it('are booked one beside the other: a tapped time is that of the project it was offered for', async () => {
    const world = await twoVisits();
    expect(await visitsOf(world)).toEqual({
      'greenfield-heights': 'offering',
      'skyline-residency': 'offering',
    });
    const skyline = (await runsOf(world)).find(({ subject }) => subject === SKYLINE.slug);
    await world.tap(ASHA, skyline?.question?.choices[1]?.id ?? '');
    expect(await visitsOf(world)).toEqual({
      'greenfield-heights': 'offering',
      'skyline-residency': 'booked',
    });
    const booked = await world.context.models.visits.model.find().lean();
    expect(booked.map(({ project }) => project)).toEqual([SKYLINE.slug]);
    const leads = await world.context.models.leads.ofBuyer(await buyerOf(world));
    expect(leads.map(({ project }) => project).sort()).toEqual(['greenfield-heights', 'skyline-residency']);
  });

  it('take a time that is typed with the name of one of them', async () => {
    const world = await twoVisits();
    await world.write(ASHA, 'Greenfield Heights on Wednesday 10 am');
    expect(await visitsOf(world)).toEqual({
      'greenfield-heights': 'confirming',
      'skyline-residency': 'offering',
    });
    await world.write(ASHA, 'yes');
    expect((await visitsOf(world))['greenfield-heights']).toBe('booked');
  });

  it('need the project’s name where nothing else tells which is meant', async () => {
    const world = await twoVisits();
    await world.write(ASHA, 'cancel my visit to Skyline Residency');
    expect(await visitsOf(world)).toEqual({ 'greenfield-heights': 'offering' });
  });

  it.each([
    ['a tap', async (world: World) => world.tap(ASHA, (await asked(world))[1]?.id ?? '')],
    ['a number', (world: World) => world.write(ASHA, '2')],
    ['its name', (world: World) => world.write(ASHA, 'the Greenfield Heights one')],
    ['a word of its name', (world: World) => world.write(ASHA, 'Greenfield wala')],
  ])('are asked about, and %s tells which', async (_how, answer) => {
    const world = await twoVisits();
    await world.write(ASHA, 'please cancel my visit');
    expect(await last(world)).toContain('Which one do you mean?');
    const choices = await asked(world);
    expect(choices.map(({ value }) => value).sort()).toEqual(BOTH);
    expect(choices[1]?.value).toBe('Greenfield Heights');
    await answer(world);
    expect(await visitsOf(world)).toEqual({ 'skyline-residency': 'offering' });
    expect((await world.conversation(ASHA)).state.unclear).toBeUndefined();
  });

  it('keep what was asked to themselves when the buyer speaks of something else', async () => {
    const world = await twoVisits();
    await world.write(ASHA, 'please cancel my visit');
    const [choice] = await asked(world);
    await world.write(ASHA, 'I want to talk to a person about Greenfield Heights');
    const { unclear, cases } = (await world.conversation(ASHA)).state;
    expect(unclear).toBeUndefined();
    expect(cases.map(({ team }) => team)).toEqual(['sales']);
    expect(Object.keys(await visitsOf(world))).toHaveLength(2);
    // Whoever taps it all the same is understood.
    await world.tap(ASHA, choice?.id ?? '');
    expect(await visitsOf(world)).toEqual({ 'greenfield-heights': 'offering' });
  });

  it('wait for no answer of who wants no more messages', async () => {
    const world = await twoVisits();
    await world.write(ASHA, 'please cancel my visit');
    await world.write(ASHA, 'STOP');
    const { unclear, optedOutAt } = (await world.conversation(ASHA)).state;
    expect(optedOutAt).toBeDefined();
    expect(unclear).toBeUndefined();
  });

  it('are asked about only once more by a number that answers a later question', async () => {
    const world = await twoVisits();
    await world.write(ASHA, 'please cancel my visit');
    // A flow asks meanwhile: the number is for that question.
    await world.pass(1_000);
    const { models, turns } = world.context;
    const { _id } = await world.conversation(ASHA);
    await models.conversations.change(_id, (current) => {
      const [first, ...others] = current.state.runs;
      if (!first) return undefined;
      const asking = { ...first, question: choiceOf('enquiry.budget'), askedAt: world.now };
      return { ...current, state: { ...current.state, runs: [asking, ...others] } };
    });
    turns.wake(_id);
    await world.write(ASHA, '1');
    expect(Object.keys(await visitsOf(world))).toHaveLength(2);
  });

  it('keep no identity number of what was said', async () => {
    const world = await twoVisits();
    await world.write(ASHA, 'please cancel my visit, my PAN is ABCPE1234F and my card 4111 1111 1111 1111');
    const stored = JSON.stringify(await world.conversation(ASHA));
    expect(stored).toContain('which.visit_cancel');
    expect(stored).not.toMatch(/ABCPE1234F|4111 ?1111/);
  });

  it('leave the project alone that the message does not name', async () => {
    const world = await open();
    await world.context.models.projects.publish(SKYLINE.slug, SKYLINE);
    await world.write(ASHA, 'brochure of Greenfield Heights please');
    await world.write(ASHA, 'and a brochure of Skyline Residency');
    const enquiries = (await runsOf(world)).filter(({ flow }) => flow === 'enquiry');
    expect(enquiries.map(({ subject, data }) => [subject, data.project])).toEqual([
      ['greenfield-heights', 'greenfield-heights'],
      ['skyline-residency', 'skyline-residency'],
    ]);
    expect(
      world.answers(ASHA).filter((text) => text.includes('Skyline-Residency-brochure.pdf')),
    ).toHaveLength(1);
  });
});

function choiceOf(id: string) {
  return { name: 'x', kind: 'choice' as const, choices: [{ id, label: 'choice_yes' }] };
}

describe('two flats of one buyer', () => {
  it.each([
    ['When is the registration of B-1204?', [0, 1]],
    ['registration of b1203 please, when is it?', [1, 0]],
  ])('are told apart by their number: %s', async (text, expected) => {
    const world = await twoFlats();
    await world.write(ASHA, text);
    expect(await askedOf(world)).toEqual(expected);
  });

  it('are asked about by project and number', async () => {
    const world = await twoFlats();
    await world.write(ASHA, 'When is the registration?');
    expect(await last(world)).toContain('Which one do you mean?');
    expect((await asked(world)).map(({ value }) => value)).toEqual([
      'Greenfield Heights, B-1204',
      'Greenfield Heights, B-1203',
    ]);
    await world.write(ASHA, 'B 1203');
    expect(await askedOf(world)).toEqual([1, 0]);
  });

  it('are not taken for what a fresh matter is about, though it names one of them', async () => {
    const world = await twoFlats();
    await world.write(ASHA, 'When is the registration?');
    await world.write(ASHA, 'I paid for B-1203 yesterday');
    expect(await askedOf(world)).toEqual([0, 0]);
    expect((await world.conversation(ASHA)).state.cases.map(({ team }) => team)).toContain('collections');
  });

  it('hear each of what concerns it alone', async () => {
    const world = await twoFlats();
    const buyer = await buyerOf(world);
    await world.context.happenings.tell(buyer, 'papers:1', { name: 'papersChanged', subject: 'b2' });
    await world.rest();
    expect((await signingOf(world, 'b1')).stage).toBe('collecting');
    expect((await signingOf(world, 'b2')).stage).toBe('signing');
  });

  it('are told to people by project and number', async () => {
    const world = await twoFlats();
    const shown = await world.context.runs.of((await world.conversation(ASHA))._id);
    expect(shown.filter(({ flow }) => flow === SIGNING)).toMatchObject([
      {
        about: 'Greenfield Heights, B-1203',
        owner: 'operations',
        ahead: ['signing', 'withdrawn', 'signed'],
        owed: [{ name: 'papers' }],
      },
      { about: 'Greenfield Heights, B-1204', stage: 'collecting' },
    ]);
  });

  it('begin anew where they began before', async () => {
    const world = await twoFlats();
    const before = await signingOf(world, 'b1');
    const buyer = await buyerOf(world);
    await world.context.happenings.begin(buyer, 'again', { flow: SIGNING, subject: 'b1', data: {} });
    await world.rest();
    const after = await signingOf(world, 'b1');
    expect(after.id).not.toBe(before.id);
    const milestones = await world.context.models.milestones.ofBuyer(buyer);
    expect(milestones.filter(({ run }) => run === before.id)).toMatchObject([{ isOpen: false }]);
    expect(milestones.filter(({ run }) => run === after.id)).toMatchObject([{ isOpen: true }]);
  });
});

describe('what happens outside the chat', () => {
  const PAID = { name: 'paymentConfirmed', subject: 'b1', payment: 'p1', receipt: 'r1', by: RIYA } as const;

  async function oneFlat(world: World, buyer: string): Promise<void> {
    await sell(world.context.models, { _id: 'b1', buyers: [buyer] });
    await world.context.happenings.begin(buyer, 'sold:b1', { flow: SIGNING, subject: 'b1', data: {} });
    await world.rest();
  }

  it('is decided once per key, whoever repeats it and when', async () => {
    const world = await open();
    const buyer = await known(world);
    await oneFlat(world, buyer);
    const { happenings } = world.context;
    await Promise.all(['k1', 'k1', 'k2'].map((key) => happenings.tell(buyer, key, PAID)));
    await happenings.tell(buyer, 'k1', PAID);
    expect((await signingOf(world, 'b1')).data.heard).toEqual(['paymentConfirmed', 'paymentConfirmed']);
  });

  it('is decided once by two processes at once', async () => {
    const one = await open();
    const other = await open({ joins: one });
    const buyer = await known(one);
    await oneFlat(one, buyer);
    await Promise.all([one, other].map(({ context }) => context.happenings.tell(buyer, 'k1', PAID)));
    expect((await signingOf(one, 'b1')).data.heard).toEqual(['paymentConfirmed']);
  });

  it('reaches a buyer who has never written', async () => {
    const world = await open();
    const buyer = await known(world);
    expect(await world.context.models.conversations.idsOf(buyer)).toEqual([]);
    await oneFlat(world, buyer);
    await world.context.happenings.tell(buyer, 'k1', PAID);
    await world.rest();
    expect(world.answers(ASHA)).toHaveLength(1);
    expect((await world.conversation(ASHA)).hasBookings).toBe(true);
  });

  it('that happens to nobody on record does nothing', async () => {
    const world = await open();
    await world.context.happenings.tell('nobody', 'k1', PAID);
    expect(await world.context.models.conversations.model.countDocuments()).toBe(0);
  });

  it('reaches a buyer who has become part of another one, also under the old name', async () => {
    const world = await open();
    await world.write(ASHA, 'hello');
    await world.pass(1_000);
    await world.write(SECOND, 'hello');
    const young = await buyerOf(world, SECOND);
    await oneFlat(world, young);
    await link(world);
    const together = await world.conversation(ASHA);
    expect(together.hasBookings).toBe(true);
    expect(together.state.runs.filter(({ flow }) => flow === SIGNING)).toHaveLength(1);
    await world.context.happenings.tell(young, 'k1', PAID);
    await world.context.happenings.tell(young, 'sold:b1', {
      name: 'bookingCancelled',
      subject: 'b1',
      reason: 'x',
    });
    // The key was used before they were one person.
    expect((await signingOf(world, 'b1')).data.heard).toEqual(['paymentConfirmed']);
    // What is known of the flat is still known.
    await world.context.happenings.tell(young, 'k2', { name: 'papersChanged', subject: 'b1' });
    expect((await signingOf(world, 'b1')).stage).toBe('signing');
    await world.rest();
    const known = await world.context.models.milestones.ofBuyer(together.buyer);
    const milestones = known.filter(({ flow }) => flow === SIGNING);
    expect(milestones.map(({ name, isOpen }) => [name, isOpen])).toEqual([
      ['papers', false],
      ['signature', true],
    ]);
    expect(await world.context.models.milestones.ofBuyer(young)).toEqual([]);
  });
});

describe('two buyers who turn out to be one', () => {
  it('keep what a person has paused at rest', async () => {
    const world = await open();
    for (const number of [ASHA, SECOND]) {
      await world.write(number, 'I want to visit Greenfield Heights');
      await world.pass(1_000);
    }
    const { _id } = await world.conversation(SECOND);
    const [run] = await runsOf(world, SECOND);
    const pause = { run: run?.id ?? '', act: 'pause' as const, staff: RIYA, reason: 'a dispute' };
    await world.context.runs.change(_id, 'i1', pause);
    await link(world);
    const visits = (await runsOf(world)).filter(({ flow }) => flow === 'visit');
    expect(visits).toMatchObject([{ paused: { by: RIYA, reason: 'a dispute' } }]);
  });
});

describe('what people do with a run', () => {
  async function change(
    world: World,
    input: string,
    act: 'pause' | 'resume',
    staff = RIYA,
  ): Promise<boolean> {
    const { _id } = await world.conversation(ASHA);
    const run = (await signingOf(world, 'b1')).id;
    return world.context.runs.change(_id, input, { run, act, staff, reason: `${act} by ${input}` });
  }

  async function decisions(world: World): Promise<string[]> {
    await world.rest();
    const entries = await world.timeline(ASHA);
    return entries
      .filter(({ what }) => what.startsWith(SIGNING))
      .map(({ who, what, why }) => `${who}: ${what} (${why})`);
  }

  it('is done once per input, and tells on the timeline who did it and why', async () => {
    const world = await twoFlats();
    expect(await change(world, 'i1', 'pause')).toBe(true);
    expect(await change(world, 'i2', 'resume')).toBe(true);
    // Delivered again, it does not pause it anew.
    expect(await change(world, 'i1', 'pause')).toBe(true);
    expect((await signingOf(world, 'b1')).paused).toBeUndefined();
    expect(await change(world, 'i3', 'resume')).toBe(false);
    expect((await decisions(world)).sort()).toEqual([
      'Riya: signing of Greenfield Heights, B-1203 paused at collecting (pause by i1)',
      'Riya: signing of Greenfield Heights, B-1203 resumed at collecting (resume by i2)',
    ]);
  });

  it('is done by one of two who do it at the same moment', async () => {
    const one = await twoFlats();
    const other = await open({ joins: one });
    const done = await Promise.all([change(one, 'i1', 'pause'), change(other, 'i2', 'pause', OM)]);
    expect(done.sort()).toEqual([false, true]);
    expect(await decisions(one)).toHaveLength(1);
  });

  it('keeps a paused run silent, and as much time as it had', async () => {
    const world = await twoFlats();
    const before = world.answers(ASHA).length;
    await world.pass(HOUR_MS);
    await change(world, 'i1', 'pause');
    await world.pass(4 * DAY_MS);
    await world.context.happenings.tell(await buyerOf(world), 'k1', {
      ...{ name: 'paymentConfirmed', subject: 'b1', payment: 'p1', receipt: 'r1', by: RIYA },
    });
    await world.rest();
    const of = async () => world.answers(ASHA).length - before;
    // The other flat's run has reminded once.
    expect(await of()).toBe(1);
    expect((await signingOf(world, 'b1')).data.heard).toEqual(['paymentConfirmed']);
    await change(world, 'i2', 'resume');
    await world.rest();
    expect(await of()).toBe(2);
    await world.pass(DAY_MS - HOUR_MS - 1_000);
    expect(await of()).toBe(2);
    await world.pass(2_000);
    expect(await of()).toBe(3);
  });

  it('leaves what concerns a paused run to people', async () => {
    const world = await twoFlats();
    await change(world, 'i1', 'pause');
    await world.write(ASHA, 'When is the registration of B-1203?');
    expect(await askedOf(world)).toEqual([0, 0]);
    const { cases } = (await world.conversation(ASHA)).state;
    expect(cases).toHaveLength(1);
    const [found] = await world.context.models.cases.model.find().lean();
    expect(found?.reason).toBe('run_paused');
  });

  it('begins no second visit beside one that is paused', async () => {
    const world = await open();
    await world.write(ASHA, 'I want to visit Greenfield Heights');
    const { _id } = await world.conversation(ASHA);
    const [visit] = (await runsOf(world)).filter(({ flow }) => flow === 'visit');
    const pause = {
      run: visit?.id ?? '',
      act: 'pause' as const,
      staff: RIYA,
      reason: 'a death in the family',
    };
    expect(await world.context.runs.change(_id, 'i1', pause)).toBe(true);
    await world.write(ASHA, 'I want to visit on Saturday');
    expect((await runsOf(world)).filter(({ flow }) => flow === 'visit')).toMatchObject([
      { id: visit?.id, paused: { reason: 'a death in the family' } },
    ]);
  });

  it('moves a run on, and not back or where it does not lead', async () => {
    const world = await twoFlats();
    const { _id } = await world.conversation(ASHA);
    const { id: run } = await signingOf(world, 'b1');
    const { runs, models } = world.context;
    const skip = (input: string, stage: string) =>
      runs.change(_id, input, { run, act: 'skip', stage, staff: RIYA, reason: 'They brought them along' });
    expect(await skip('i1', 'nowhere')).toBe(false);
    expect(await skip('i2', 'signing')).toBe(true);
    expect(await skip('i3', 'collecting')).toBe(false);
    expect(await skip('i4', 'signed')).toBe(true);
    expect(await skip('i5', 'signed')).toBe(false);
    await world.rest();
    const all = await models.milestones.ofBuyer(await buyerOf(world));
    expect(
      all.filter((each) => each.run === run).map(({ name, reachedAt }) => [name, Boolean(reachedAt)]),
    ).toEqual([
      ['papers', true],
      ['signature', true],
    ]);
    expect(await decisions(world)).toContain(
      'Riya: signing of Greenfield Heights, B-1203 moved on from collecting to signing (They brought them along)',
    );
  });
});

describe('milestones that nobody reaches', () => {
  it('are told once to their owner, and are debt until they are reached', async () => {
    const world = await twoFlats();
    const { models, happenings } = world.context;
    const buyer = await buyerOf(world);
    await world.pass(3 * DAY_MS + 1_000);
    expect(await models.milestones.debt(world.now)).toMatchObject([{ owner: 'operations', late: 2 }]);
    const late = await models.milestones.late(world.now, 10, ['operations']);
    expect(late.map(({ name, subject }) => [name, subject]).sort()).toEqual([
      ['papers', 'b1'],
      ['papers', 'b2'],
    ]);
    expect(await models.milestones.late(world.now, 10, ['legal'])).toEqual([]);
    expect(await models.milestones.late(world.now, 1)).toHaveLength(1);
    const cases = await models.cases.model.find({ reason: 'milestone_late' }).lean();
    expect(cases.map(({ team }) => team)).toEqual(['operations']);
    await world.pass(DAY_MS);
    expect(await models.cases.model.countDocuments({ reason: 'milestone_late' })).toBe(1);
    await happenings.tell(buyer, 'k1', { name: 'papersChanged', subject: 'b1' });
    await happenings.tell(buyer, 'k2', { name: 'bookingCancelled', subject: 'b2', reason: 'they moved' });
    await world.rest();
    expect(await models.milestones.debt(world.now)).toEqual([]);
    expect((await models.milestones.ofBuyer(buyer)).map(({ name, isOpen }) => [name, isOpen])).toEqual([
      ['papers', false],
      ['papers', false],
      ['signature', true],
    ]);
  });

  it('are owed no more when their run cannot go on', async () => {
    const world = await twoFlats();
    const { models, happenings } = world.context;
    const buyer = await buyerOf(world);
    const spoil = (current: Conversation): Conversation => ({
      ...current,
      state: {
        ...current.state,
        runs: current.state.runs.map((run) =>
          run.flow === SIGNING ? { ...run, data: { asked: 'often' } } : run,
        ),
      },
    });
    await models.conversations.change((await world.conversation(ASHA))._id, spoil);
    await happenings.tell(buyer, 'k1', { name: 'papersChanged', subject: 'b1' });
    await world.rest();
    const papers = await models.milestones.ofBuyer(buyer);
    expect(papers.map(({ subject, isOpen }) => [subject, isOpen])).toEqual([
      ['b1', false],
      ['b2', true],
    ]);
  });

  it('stand as they were decided last, in whatever order that is written down', async () => {
    const { models } = (await open()).context;
    const { milestones } = models;
    const whose = { buyer: 'asha', conversation: 'c', run: 'r', flow: 'kyc', subject: 'b1' };
    const openedAt = new Date('2026-11-23T04:30:00Z');
    const later = (hours: number) => new Date(openedAt.getTime() + hours * 3_600_000);
    const record = (state: object, at: Date) =>
      milestones.record(
        { ...whose, name: 'papers', owner: 'legal', state: { openedAt, dueAt: later(1), ...state } },
        at,
      );
    await record({ reachedAt: later(5) }, later(5));
    await record({ escalatedAt: later(2) }, later(2));
    await record({}, openedAt);
    expect(await milestones.debt(later(9))).toEqual([]);
    expect(await milestones.ofBuyer('asha')).toMatchObject([{ isOpen: false, reachedAt: later(5) }]);
    await Promise.all([1, 2, 3, 4].map((hour) => record({ escalatedAt: later(hour) }, later(hour))));
    expect(await milestones.ofBuyer('asha')).toMatchObject([{ isOpen: false }]);
  });
});
