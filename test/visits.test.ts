import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEMO_PROJECT } from '../bot/demo.ts';
import { composeOutgoing } from '../bot/outgoing.ts';
import type { CalendarOf } from '../bot/visitCalendars.ts';
import type { Chosen } from '../bot/visitDesk.ts';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { Visit } from '../models/visit.ts';
import type { Project } from '../templates/documents/project.ts';
import { type Buyer, type Product, startProduct } from './product.ts';
import {
  ARJUN,
  blocksOf,
  buttonsOf,
  interact,
  linesOf,
  openForm,
  pressOf,
  readBy,
  settled,
  submit,
  whispers,
} from './teamwork.ts';
import { until } from './until.ts';

const { sales } = TEAM_CHANNELS;
const SLUG = DEMO_PROJECT.slug;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const understander = readBy([
  ['brochure', 'brochure_request'],
  ['visit', 'visit_book'],
]);

/** Open every day, so that it does not matter on which one the tests run. */
const OPEN: Project = { ...DEMO_PROJECT, visits: { ...DEMO_PROJECT.visits, closedWeekdays: [] } };

async function publish(product: Product, project: Project): Promise<void> {
  await product.models.projects.publish(project.slug, project);
  // What is on sale is kept at hand for half a minute.
  product.advance(60_000);
}

/** A buyer whom the product knows, with their id. */
async function known(product: Product): Promise<Buyer & { id: string }> {
  const buyer = product.buyer();
  await buyer.write('brochure please');
  await until('an answer', () => buyer.heard().length > 0);
  const id = await until('the buyer on record', async () => {
    const found = await product.models.buyers.model.findOne({ name: buyer.name }).lean();
    return found?._id;
  });
  return { ...buyer, id };
}

let keys = 0;

function choose(product: Product, buyer: { id: string }, at: Date, project = SLUG): Promise<Chosen> {
  keys += 1;
  return product.baton.context.visitDesk.choose({ buyer: buyer.id, project, at, key: `portal:${keys}` });
}

async function slot(product: Product, index: number, project = SLUG): Promise<Date> {
  const found = (await product.baton.context.visitDesk.openSlots(project))[index];
  if (!found) throw new Error('no such slot');
  return found;
}

/** The calendar files that a buyer was sent, lines joined. */
async function calendars(product: Product, { number }: Buyer): Promise<string[]> {
  const files = product.phone
    .transcript(number)
    .filter(({ body }) => body.kind === 'file' && body.mimeType === 'text/calendar');
  return Promise.all(
    files.map(async ({ id }) => {
      const response = await fetch(`${product.url}/sandbox/phone/api/files/${id}`);
      return (await response.text()).replaceAll('\r\n ', '');
    }),
  );
}

describe('visits that buyers book on their own page', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ understander });
    await publish(product, OPEN);
  });
  afterAll(() => product.stop());

  const bookedOf = async ({ id }: { id: string }): Promise<Visit[]> =>
    (await product.baton.context.visitDesk.visitsOf(id)).filter(({ status }) => status === 'booked');

  it('are confirmed in the chat, with an entry for the calendar', async () => {
    const buyer = await known(product);
    const at = await slot(product, 5);
    expect(await choose(product, buyer, at)).toBe('booked');
    const heard = await until('the confirmation', () => {
      const words = buyer.heard().join('\n');
      return words.includes('visit.ics') && words;
    });
    expect(heard).toContain(`Your visit to *${OPEN.name}* is booked`);
    expect(heard).toContain(`${OPEN.associate.name} will meet you`);
    expect(heard).toContain(OPEN.mapUrl);
    expect(await bookedOf(buyer)).toMatchObject([{ at, associate: { name: OPEN.associate.name } }]);
    const [entry] = await calendars(product, buyer);
    expect(entry).toContain(`DTSTART:${at.toISOString().replace(/[-:]|\.\d{3}/g, '')}\r\n`);
    expect(entry).toContain('METHOD:PUBLISH\r\n');
  });

  it('are one, however often the same choice comes', async () => {
    const buyer = await known(product);
    const at = await slot(product, 8);
    const choice = { buyer: buyer.id, project: SLUG, at, key: 'portal:same' };
    const desk = product.baton.context.visitDesk;
    const outcomes = await Promise.all([desk.choose(choice), desk.choose(choice), desk.choose(choice)]);
    expect(outcomes).toEqual(['booked', 'booked', 'booked']);
    expect(await desk.choose(choice)).toBe('booked');
    expect(await bookedOf(buyer)).toHaveLength(1);
  });

  it('move, and keep their place until the new time is booked', async () => {
    const buyer = await known(product);
    const [first, second] = [await slot(product, 10), await slot(product, 12)];
    expect(await choose(product, buyer, first)).toBe('booked');
    expect(await choose(product, buyer, second)).toBe('booked');
    await settled(product);
    const visits = await product.baton.context.visitDesk.visitsOf(buyer.id);
    expect(visits.map(({ at, status }) => [at, status])).toEqual([
      [second, 'booked'],
      [first, 'cancelled'],
    ]);
    const [moved, old] = visits;
    expect(moved?.calendar).toEqual({ uid: old?._id, sequence: 2 });
    expect((await product.baton.context.visitDesk.openSlots(SLUG)).map(Number)).toContain(Number(first));
  });

  it('cannot begin at a time that is over, closed, a holiday, or no slot at all', async () => {
    const buyer = await known(product);
    const at = await slot(product, 20);
    const nowhere = [
      new Date(product.now().getTime() - DAY),
      new Date(product.now().getTime() + 60_000),
      new Date(at.getTime() + 7 * 60_000),
      new Date(at.getTime() + 3 * 365 * DAY),
    ];
    for (const each of nowhere) expect(await choose(product, buyer, each)).toBe('closed');
    expect(await choose(product, buyer, at, 'no-such-project')).toBe('closed');
    expect(await bookedOf(buyer)).toEqual([]);
    expect(await product.baton.context.visitDesk.openSlots('no-such-project')).toEqual([]);
  });

  it('are cancelled there by the buyer whose they are, and nobody else', async () => {
    const [buyer, stranger] = [await known(product), await known(product)];
    const at = await slot(product, 14);
    await choose(product, buyer, at);
    const [visit] = await bookedOf(buyer);
    const desk = product.baton.context.visitDesk;
    await desk.cancel({ buyer: stranger.id, visit: visit?._id ?? '', key: 'portal:stranger' });
    expect(await bookedOf(buyer)).toHaveLength(1);
    await desk.cancel({ buyer: buyer.id, visit: visit?._id ?? '', key: 'portal:cancel' });
    await until('the visit to be freed', async () => (await bookedOf(buyer)).length === 0);
    await until('the word of it', () => buyer.heard().some((each) => each.includes('is cancelled')));
    const [booked, gone] = await until('both entries', async () => {
      const all = await calendars(product, buyer);
      return all.length === 2 && all;
    });
    expect(gone).toContain('METHOD:CANCEL\r\n');
    expect(gone).toContain('SEQUENCE:1\r\n');
    expect(/UID:(.*)/.exec(gone ?? '')?.[1]).toBe(/UID:(.*)/.exec(booked ?? '')?.[1]);
  });

  it('never exceed the seats of a slot, with many who race in the portal and the chat', async () => {
    const at = await slot(product, 24);
    const racers: Awaited<ReturnType<typeof known>>[] = [];
    for (let each = 0; each < 12; each += 1) racers.push(await known(product));
    const outcomes = await Promise.all(racers.map((racer) => choose(product, racer, at)));
    await settled(product);
    expect(outcomes.filter((outcome) => outcome === 'booked')).toHaveLength(OPEN.visits.capacity);
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(12 - OPEN.visits.capacity);
    expect(await product.models.visits.model.countDocuments({ at, status: 'booked' })).toBe(
      OPEN.visits.capacity,
    );
    expect((await product.baton.context.visitDesk.openSlots(SLUG)).map(Number)).not.toContain(Number(at));
  });
});

describe('visits with associates of their own', () => {
  let product: Product;
  const LAKESIDE: Project = {
    ...OPEN,
    slug: 'lakeside',
    name: 'Lakeside',
    visits: { ...OPEN.visits, capacity: 5 },
    associates: [{ name: 'Arjun Mehta', staff: ARJUN }],
  };
  const GREENFIELD: Project = {
    ...OPEN,
    visits: { ...OPEN.visits, capacity: 5 },
    associates: [
      { name: 'Arjun Mehta', staff: ARJUN },
      { name: 'Divya Rao', hours: { fromHour: 14, toHour: 18 } },
    ],
  };
  beforeAll(async () => {
    product = await startProduct({ understander });
    await product.models.projects.publish(LAKESIDE.slug, LAKESIDE);
    await publish(product, GREENFIELD);
  });
  afterAll(() => product.stop());

  it('are as many as associates are there, each with one of them, in two projects together', async () => {
    const slots = await product.baton.context.visitDesk.openSlots(SLUG);
    const morning = slots.find((each) => hourIn(each) === 10) ?? slots[0];
    const afternoon = slots.find((each) => hourIn(each) === 15) ?? slots[0];
    if (!morning || !afternoon) throw new Error('no slots');
    const racers: Awaited<ReturnType<typeof known>>[] = [];
    for (let each = 0; each < 8; each += 1) racers.push(await known(product));
    const racing = (at: Date) =>
      Promise.all(racers.map((racer, index) => choose(product, racer, at, index % 2 ? SLUG : 'lakeside')));
    const inTheMorning = await racing(morning);
    await settled(product);
    expect(inTheMorning.filter((each) => each === 'booked')).toHaveLength(1);
    const later = await racing(afternoon);
    await settled(product);
    expect(later.filter((each) => each === 'booked').length).toBeLessThanOrEqual(2);
    const visits = await product.models.visits.model.find({ status: 'booked' }).lean<Visit[]>();
    const pairs = visits.map(({ at, associate }) => `${at.toISOString()} ${associate?.name}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(visits.every(({ associate }) => associate !== undefined)).toBe(true);
  });

  it('of two projects go on side by side, and the associate is called in the case', async () => {
    const buyer = await known(product);
    const slots = await product.baton.context.visitDesk.openSlots(SLUG);
    const [here, there] = [slots[20], slots[22]];
    if (!here || !there) throw new Error('no slots');
    expect(await choose(product, buyer, here)).toBe('booked');
    expect(await choose(product, buyer, there, 'lakeside')).toBe('booked');
    await settled(product);
    const visits = await product.baton.context.visitDesk.visitsOf(buyer.id);
    expect(visits.map(({ project, status }) => [project, status]).sort()).toEqual([
      [SLUG, 'booked'],
      ['lakeside', 'booked'],
    ]);
    const { ts } = await buyer.card(sales);
    await until('the associate called', () =>
      linesOf(product, { channel: sales, ts }).some((line) => line.includes(`<@${ARJUN}>`)),
    );
  });
});

function hourIn(at: Date): number {
  return Number(at.toLocaleString('en-GB', { timeZone: 'Asia/Kolkata', hour: '2-digit', hour12: false }));
}

describe('what became of a visit', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ understander });
    await publish(product, OPEN);
    await until('Slack is connected', () => product.baton.context.inbox.health() === 'ready');
  });
  afterAll(() => product.stop());

  /** A visit that is over, whose card asks what became of it. */
  async function held() {
    const buyer = await known(product);
    const at = await slot(product, 0);
    expect(await choose(product, buyer, at)).toBe('booked');
    await settled(product);
    product.advance(at.getTime() - product.now().getTime() + 2 * HOUR);
    const { ts } = await buyer.card(sales);
    const card = () => buyer.cards(sales)[0];
    await until('the card to ask', () => buttonsOf(card()).includes('visit_took_place'));
    const visit = async () => (await product.baton.context.visitDesk.visitsOf(buyer.id)).at(-1);
    return { buyer, at, card, visit, channel: sales, ts };
  }

  it('is asked on the card, pressed once, and the buyer asked how it was', async () => {
    const { buyer, card, visit, channel, ts } = await held();
    expect(blocksOf(card())).toContain('what became of it?');
    await product.slack.click(ARJUN, channel, ts, 'visit_took_place');
    await until('the question', () => buyer.heard().some((each) => each.includes('How was your visit')));
    expect(await visit()).toMatchObject({ status: 'visited', outcome: { by: { id: ARJUN } } });
    await until('a card that asks no more', () => !buttonsOf(card()).includes('visit_took_place'));
    await buyer.write('4');
    await until('the thanks', () => buyer.heard().some((each) => each.includes('Thank you for telling us')));
    const answers = await product.models.satisfactions.model.find({ buyer: buyer.id }).lean();
    expect(answers).toMatchObject([{ phase: 'visit', subject: SLUG, score: 4 }]);
    await until('both on the timeline', async () => {
      const entries = (await product.models.timeline.latest(buyer.id, 100)).map(({ what }) => what);
      return entries.includes('the visit took place') && entries.includes('rated the visit: 4 of 5');
    });
  });

  it('is an offer of other times to who did not come', async () => {
    const { buyer, visit, channel, ts } = await held();
    await product.slack.click(ARJUN, channel, ts, 'visit_missed');
    await until('the offer', () => buyer.heard().some((each) => each.includes('sorry that we missed you')));
    expect(await visit()).toMatchObject({ status: 'no_show' });
  });

  it('is another time that was agreed on by phone, if that is free', async () => {
    const opened = await held();
    const { buyer } = opened;
    const free = await slot(product, 6);
    await openForm(product, ARJUN, opened, { button: 'visit_moved' });
    const seconds = (at: Date) => `${at.getTime() / 1_000}`;
    const odd = await submit(product, ARJUN, { at: seconds(new Date(free.getTime() + 7 * 60_000)) });
    expect(JSON.stringify(odd)).toContain('No visit can begin at this time');
    const past = await submit(product, ARJUN, { at: seconds(new Date(product.now().getTime() - DAY)) });
    expect(JSON.stringify(past)).toContain('This time has passed');
    expect(await submit(product, ARJUN, { at: seconds(free) })).toEqual({ outcome: 'closed' });
    const moved = await until('the new visit', async () => {
      const [latest] = await product.baton.context.visitDesk.visitsOf(buyer.id);
      return latest?.status === 'booked' && latest.at.getTime() === free.getTime() && latest;
    });
    // Above that of the one that was dropped.
    expect(moved.calendar?.sequence).toBe(3);
    await until(
      'the confirmation',
      () => buyer.heard().filter((each) => each.includes('is booked')).length === 2,
    );
  });

  it('is not for people of other teams to say, and is said once', async () => {
    const opened = await held();
    const { visit, channel, ts } = opened;
    const asked = await visit();
    const { _id: caseId } = (await product.models.cases.byThread(channel, ts)) ?? {};
    const press = { block_id: `visit:${asked?._id}`, value: caseId };
    await interact(product, pressOf('U0OUTSIDER1', { channel, ts }, 'visit_missed', press));
    await settled(product);
    expect(await visit()).toMatchObject({ status: 'booked' });
    await Promise.all([
      product.slack.click(ARJUN, channel, ts, 'visit_took_place'),
      product.slack.click(ARJUN, channel, ts, 'visit_missed'),
    ]);
    await until('one of them to be told', () =>
      whispers(product, ARJUN, { ts }).some((each) => each.includes('known already')),
    );
    expect(['visited', 'no_show']).toContain((await visit())?.status);
  });

  it('is told to the associate when the buyer is late', async () => {
    const buyer = await known(product);
    const at = await slot(product, 2);
    expect(await choose(product, buyer, at)).toBe('booked');
    await settled(product);
    product.advance(at.getTime() - product.now().getTime() - HOUR);
    await buyer.write('stuck in traffic, 20 min late');
    await until('the acknowledgement', () => buyer.heard().some((each) => each.includes('stays booked')));
    const { ts } = await buyer.card(sales);
    await until('the line in the case', () =>
      linesOf(product, { channel: sales, ts }).some((line) => line.includes('late for the visit')),
    );
  });
});

describe('the entry for the calendar', () => {
  const effect = {
    kind: 'sendDocument' as const,
    document: 'visitCalendar' as const,
    project: SLUG,
    about: 'v1',
    caption: 'visit_calendar',
    data: { project: 'Greenfield Heights' },
  };
  const caps = { templates: true, maxChoices: 10, window24h: true, backfill: false, maxDocumentBytes: 1_000 };
  const file = { fileName: 'visit.ics', mimeType: 'text/calendar', bytes: Buffer.from('BEGIN:VCALENDAR') };
  const compose = (more: object, calendarOf: CalendarOf = async () => file) =>
    composeOutgoing(
      effect,
      {
        language: 'en',
        timeZone: 'Asia/Kolkata',
        caps,
        as: 'free',
        link: 'https://homes.example/l',
        now: new Date(),
        ...more,
      },
      { calendarOf } as never,
      async () => Buffer.alloc(0),
    );

  it('is a file where files of its type are carried, and a link to it elsewhere', async () => {
    expect((await compose({})).content).toMatchObject({ kind: 'document', document: file });
    const cloud = { caps: { ...caps, documentTypes: ['application/pdf'] } };
    expect((await compose(cloud)).content).toEqual({
      kind: 'text',
      text: 'Your visits to *Greenfield Heights*, also for your calendar: https://homes.example/l',
    });
    expect((await compose({ as: 'template' })).content).toMatchObject({
      kind: 'template',
      name: 'baton_visit_calendar_link',
    });
    expect((await compose(cloud)).said).not.toContain('https://');
  });

  it('is not sent for a visit that there is none of', async () => {
    await expect(compose({}, async () => undefined)).rejects.toThrow('no such visit');
  });
});
