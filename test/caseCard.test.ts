import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { nextWorkday, officeHours } from '../flows/hours.ts';
import { INTENTS } from '../flows/types.ts';
import { judgeBlocks } from '../inbox/sandbox/blocks.ts';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import { briefOf } from '../inbox/slack/brief.ts';
import { caseCard, formerCard } from '../inbox/slack/card.ts';
import type { CaseFacts } from '../inbox/slack/facts.ts';
import { caseForm, FORMS, type FormName, snoozedUntil } from '../inbox/slack/modals.ts';
import { paiseOf } from '../inbox/slack/rupees.ts';
import type { Case } from '../models/case.ts';
import { type Product, startProduct } from './product.ts';
import { ARJUN, blocksOf, linesOf, MEERA, openForm, readBy, submit } from './teamwork.ts';
import { until } from './until.ts';

const ZONE = 'Asia/Kolkata';
const { legal, collections } = TEAM_CHANNELS;
const at = (time: string, day = '2026-11-23') => new Date(`${day}T${time}:00+05:30`);
const RIYA = { id: 'U1', name: 'Riya Malhotra' };

const FOUND: Case = {
  _id: 'sandbox/b1:1.1',
  ticket: 'L-12',
  conversation: 'sandbox/b1',
  buyer: 'b1',
  buyerName: 'Asha',
  team: 'legal',
  intent: 'legal_threat',
  reason: 'policy',
  details: {},
  quotes: ['I will go to RERA'],
  read: { name: 'legal_threat', confidence: 0.934 },
  status: 'open',
  openedAt: at('10:00'),
  dueAt: at('12:00'),
  posts: [],
  postIds: [],
  cardRevision: 1,
  shownRevision: 0,
};
const FORMER = {
  channel: 'C1',
  ts: '1.1',
  from: 'sales',
  to: 'legal',
  by: RIYA,
  note: 'why',
  isTold: false,
} as const;
const NOTHING: CaseFacts = { openQuestions: [], otherCases: [] };
const ALL: CaseFacts = {
  lead: {
    project: 'Greenfield Heights',
    stage: 'Qualified',
    answers: { configuration: '3BHK', budget: '1300000000' },
  },
  visit: { at: at('16:00', '2026-11-28'), isCancelled: false },
  lastSaid: { words: 'Will you need\na home loan?', at: at('09:58') },
  lastReply: { by: 'Riya Malhotra', status: 'read', at: at('10:20') },
  openQuestions: ['loan'],
  promise: { date: '2026-11-27', saidAt: at('09:00', '2026-11-20') },
  otherCases: [{ ticket: 'C-11', team: 'collections', intent: 'payment_claim' }],
  word: { name: 'Riya Malhotra', until: at('22:20') },
};

function shown(found: Partial<Case> = {}, facts: CaseFacts = NOTHING, now = at('10:30')) {
  return caseCard({ ...FOUND, ...found }, { facts, timeZone: ZONE, now });
}

function textOf(...card: Parameters<typeof shown>): string {
  return JSON.stringify(shown(...card).blocks);
}

function buttonsOf(...card: Parameters<typeof shown>): string[] {
  return shown(...card).blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.flatMap((each) => (each.type === 'button' ? [each.text.text] : []))
      : [],
  );
}

function menuOf(...card: Parameters<typeof shown>): string[] {
  return shown(...card).blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.flatMap((each) =>
          each.type === 'overflow' ? each.options.map(({ text }) => text.text) : [],
        )
      : [],
  );
}

let ids = 0;
const newId = () => {
  ids += 1;
  return `id${ids}`;
};

describe('a card', () => {
  it('tells who, what they asked in their words, why it came here and how sure that is', () => {
    const text = textOf();
    expect(shown().text).toBe('L-12 · Legal threat: Asha');
    for (const part of ['*Buyer*\\nAsha', '> I will go to RERA', 'Read as: Legal threat', '*Team*\\nLegal'])
      expect(text).toContain(part);
    expect(text).toContain('Why here: policy sends this to people; read as Legal threat, 93 % sure');
    expect(text).toContain('_unassigned_');
  });

  it('tells stage, visit, promise and other cases in at most three lines, and nothing where nothing is known', () => {
    expect(briefOf(NOTHING, ZONE, at('10:30'))).toEqual([]);
    expect(briefOf(ALL, ZONE, at('10:30'))).toEqual([
      'Qualified lead: 3BHK, ₹1,30,00,000; visit on 28 Nov, 4:00 PM',
      'Not answered yet: loan; Promised to pay by 27 Nov (said on 20 Nov, 9:00 AM)',
      'Also open: C-11 (Says they have paid)',
    ]);
    const { lead: _lead, ...others } = ALL;
    const past = { ...others, openQuestions: [], visit: { at: at('09:00'), isCancelled: true } };
    expect(briefOf(past, ZONE, at('10:30'))[0]).toBe('visit of 23 Nov, 9:00 AM cancelled');
    expect(textOf()).not.toContain('In short');
    expect(textOf({}, ALL)).toContain('*Stage*\\nQualified lead: 3BHK, ₹1,30,00,000\\nGreenfield Heights');
  });

  it('tells by the books where each booked unit stands', () => {
    const next = { milestone: 'plinth <2>', dueOn: '2026-12-04', outstandingPaise: 10_50_000_00 };
    const units = [
      { unit: 'B-1204', overduePaise: 10_00_000_00, duePaise: 10_50_000_00, next },
      { unit: 'B-1205', overduePaise: 0, duePaise: 0 },
    ];
    const text = textOf({}, { ...ALL, units });
    expect(text).toContain(
      '*Unit B-1204*\\nOverdue: ₹10,00,000\\nDue: ₹10,50,000\\nNext: ₹10,50,000 by 2026-12-04, plinth &lt;2&gt;',
    );
    expect(text).toContain('*Unit B-1205*\\nNothing is due');
    expect(textOf({}, ALL)).not.toContain('*Unit');
  });

  it('tells what was said last, how far the last reply came, and who has the word', () => {
    const text = textOf({}, ALL);
    expect(text).toContain('The bot said last (23 Nov, 9:58 AM): Will you need a home loan?');
    expect(text).toContain('Last reply: Riya Malhotra, 23 Nov, 10:20 AM: *read*');
    expect(text).toContain('silent until 23 Nov, 10:20 PM: Riya Malhotra has the word');
    const failed = {
      ...ALL,
      lastReply: { by: 'Riya', status: 'failed', at: at('10:20'), error: '131026 <gone>' },
    };
    expect(textOf({}, failed as CaseFacts)).toContain('*failed* (131026 &lt;gone&gt;)');
  });

  it.each<[string, Partial<Case>, Date]>([
    ['Answer by 23 Nov, 12:00 PM', {}, at('11:59')],
    [':red_circle: *Late*: was due 23 Nov, 12:00 PM', {}, at('12:00')],
    // People were told of an earlier deadline.
    ['Answer by 23 Nov, 12:00 PM', { breachedAt: at('11:00') }, at('11:59')],
    ['Answered 23 Nov, 11:00 AM', { respondedAt: at('11:00') }, at('13:00')],
    [
      'Snoozed until 24 Nov, 10:00 AM\\nAnswer by 23 Nov, 12:00 PM',
      { status: 'snoozed', snoozedUntil: at('10:00', '2026-11-24') },
      at('11:00'),
    ],
    ['Snoozed until the buyer writes\\nAnswer by 23 Nov, 12:00 PM', { status: 'snoozed' }, at('11:00')],
    [
      'Reopened 23 Nov, 11:30 AM\\nAnswer by 23 Nov, 12:00 PM',
      { reopened: { at: at('11:30') } },
      at('11:40'),
    ],
    [
      'Resolved 23 Nov, 11:00 AM\\nAnswered: by &lt;phone&gt;',
      { status: 'resolved', resolvedAt: at('11:00'), outcome: 'answered', outcomeNote: 'by <phone>' },
      at('13:00'),
    ],
    // Closed before there were outcomes.
    ['Resolved 23 Nov, 11:00 AM', { status: 'resolved', resolvedAt: at('11:00') }, at('13:00')],
  ])('says %s', (words, found, now) => {
    expect(textOf(found, NOTHING, now)).toContain(`*Status*\\n${words}"`);
  });

  it('offers what can be done in every state, with at most five buttons', () => {
    expect(buttonsOf()).toEqual(['Claim', 'Resolve…', 'Templates', 'Snooze…']);
    expect(buttonsOf({ owner: RIYA })).toEqual(['Resolve…', 'Templates', 'Snooze…']);
    // It fell to her by itself: until she answers others may claim it.
    const routed = { owner: RIYA, routedTo: RIYA.id };
    expect(buttonsOf(routed)).toEqual(['Claim', 'Resolve…', 'Templates', 'Snooze…']);
    expect(buttonsOf({ ...routed, respondedAt: at('11:00') })).toEqual(['Resolve…', 'Templates', 'Snooze…']);
    expect(buttonsOf({ owner: RIYA, status: 'snoozed' })).toEqual(['Resolve…', 'Templates', 'Wake up']);
    expect(buttonsOf({ status: 'resolved' })).toEqual(['Reopen']);
    const claim = { intent: 'payment_claim' } as const;
    expect(buttonsOf(claim)).toEqual([
      'Payment received',
      'Not received yet',
      'Claim',
      'Resolve…',
      'Templates',
    ]);
    expect(buttonsOf({ ...claim, owner: RIYA })).toEqual([
      'Payment received',
      'Not received yet',
      'Resolve…',
      'Templates',
      'Snooze…',
    ]);
    expect(buttonsOf({ ...claim, status: 'resolved' })).toEqual(['Reopen']);
    expect(menuOf()).toEqual(['Assign…', 'Hand off…', 'Call note…', 'Pause the bot', 'Timeline']);
    expect(menuOf({}, ALL)).toContain('Give back to the bot');
    expect(menuOf({ status: 'resolved' })).toEqual(['Timeline']);
  });

  it.each(INTENTS)('about %s is one that Slack takes, however much it holds', (intent) => {
    const long = '<!channel> & 😀'.repeat(4_000);
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`fact${n}`, long]));
    const lead = { project: long, stage: 'Lost' as const, answers: many };
    const facts = {
      ...ALL,
      lead,
      lastSaid: { words: long, at: at('09:00') },
      lastReply: { by: long.slice(0, 60), status: 'failed' as const, at: at('09:00'), error: long },
      otherCases: Array.from({ length: 30 }, () => ({ ticket: 'C-1', team: 'legal' as const, intent })),
    };
    const former = { ...FORMER, note: long };
    const found = {
      intent,
      quotes: [long],
      buyerName: long,
      details: many,
      reopened: { at: at('09:00'), words: long },
      former: [former],
      outcomeNote: long,
    };
    for (const status of ['open', 'snoozed', 'resolved'] as const) {
      const card = shown({ ...found, status, outcome: 'answered' }, facts);
      expect(judgeBlocks(card.blocks, 50, newId)).toMatchObject({ ok: true });
      expect(`${card.text}${JSON.stringify(card.blocks)}`).not.toContain('<!');
    }
    const left = formerCard({ ...FOUND, ...found }, former, 'https://example.com/p1');
    expect(judgeBlocks(left.blocks, 50, newId)).toMatchObject({ ok: true });
  });

  it('says where its case went, also when nobody knows the address', () => {
    expect(JSON.stringify(formerCard(FOUND, FORMER, ''))).toContain('Handed to Legal by Riya Malhotra: why');
  });
});

describe('what is known of a unit', () => {
  it('says what the books have: interest for people alone, and what the buyer says they paid', () => {
    const units = [
      {
        unit: 'B-1203',
        overduePaise: 10_00_000_00,
        duePaise: 0,
        interestPaise: 13_315_07,
        claims: [{ amountPaise: 5_00_000_00, reference: '<SBIN1>' }, { amountPaise: 0 }],
      },
    ];
    const text = textOf({ team: 'collections' }, { ...NOTHING, units });
    expect(text).toContain('Interest by the rules: ₹13,315.07, for people to decide');
    expect(text).toContain('Says they paid: ₹5,00,000, ref. &lt;SBIN1&gt;');
    expect(text).toContain('Says they paid: no amount named');
    const buttons = buttonsOf({ team: 'collections' }, { ...NOTHING, units });
    expect(buttons).toEqual(['Payment received', 'Not received yet', 'Claim', 'Resolve…', 'Templates']);
    const quiet = [{ unit: 'B-1203', overduePaise: 0, duePaise: 0 }];
    expect(buttonsOf({ team: 'collections' }, { ...NOTHING, units: quiet })).toEqual([
      'Payment received',
      'Claim',
      'Resolve…',
      'Templates',
    ]);
    expect(buttonsOf({ team: 'sales', owner: RIYA })).toEqual([
      'Resolve…',
      'Templates',
      'Snooze…',
      'Book a unit…',
    ]);
  });
});

describe('the forms', () => {
  it.each(Object.keys(FORMS) as FormName[])('%s is one that Slack takes', (name) => {
    const found = { ...FOUND, ticket: 'L-1234567' };
    const claims = [{ booking: 'B-1203-ab12cd34', payment: 'p-1', text: 'B-1203: told of ₹5,00,000' }];
    const form = caseForm(name, found, '{}', claims);
    expect(judgeBlocks(form.blocks, 50, newId)).toMatchObject({ ok: true });
    // Of a buyer who has booked nothing, a payment has no booking to go to.
    if (name === 'payment')
      expect(judgeBlocks(caseForm(name, found, '{}').blocks, 50, newId)).toMatchObject({ ok: true });
    expect(form.title.text.length).toBeLessThanOrEqual(24);
  });

  it.each([
    ['hour', '2026-11-23T10:30', '2026-11-23T11:30'],
    ['hours3', '2026-11-23T10:30', '2026-11-23T13:30'],
    ['tomorrow', '2026-11-23T23:59', '2026-11-24T10:00'],
    ['tomorrow', '2026-11-28T10:30', '2026-11-29T10:00'],
    // From Saturday to Monday.
    ['workday', '2026-11-28T10:30', '2026-11-30T10:00'],
    ['workday', '2026-11-27T10:30', '2026-11-28T10:00'],
    // A holiday, then a day on which the team opens late.
    ['workday', '2026-11-23T10:30', '2026-11-25T11:30'],
  ] as const)('snooze %s from %s to %s', (choice, from, to) => {
    const { week, ...hours } = officeHours(ZONE);
    const late = [{ fromMinute: 11 * 60 + 30, toMinute: 20 * 60 }];
    const atWork = { ...hours, week: week.with(2, late), holidays: ['2026-11-24'] };
    const now = new Date(`${from}:00+05:30`);
    const until = snoozedUntil(choice, now, ZONE, nextWorkday(now, atWork, 10));
    expect(until).toEqual(new Date(`${to}:00+05:30`));
  });

  it.each([
    ['1,25,000', 1_25_000_00],
    ['₹ 1,25,000.5', 1_25_000_50],
    ['Rs. 500/-', 500_00],
    ['0.01', 1],
    ['125000.50', 125_000_50],
    ['1e5', undefined],
    ['1.234', undefined],
    ['', undefined],
    ['0', undefined],
    ['5 lakh', undefined],
  ])('read %p as %p paise', (typed, paise) => {
    expect(paiseOf(typed)).toBe(paise);
  });
});

const understander = readBy([
  ['RERA', 'legal_threat'],
  ['will pay', 'payment_promise', { date: '2026-11-27' }],
  ['brochure', 'brochure_request'],
]);

describe('a card in Slack', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ understander });
    await until('Slack is reached', () => product.baton.context.inbox.health() === 'ready');
  });
  afterAll(() => product.stop());

  it('follows the last reply until it was read, and what the bot says', async () => {
    const buyer = product.buyer();
    await buyer.write('brochure please');
    await until('the brochure', () => buyer.heard().some((text) => text.endsWith('brochure.pdf]')));
    await buyer.write('RERA!');
    const { ts } = await buyer.card(legal);
    const card = () => blocksOf(buyer.cards(legal)[0]);
    // Their second message has engaged the lead.
    await until('the stage', () => card().includes('Engaged lead'));
    expect(card()).toContain('The bot said last');
    expect(card()).toContain('Not answered yet: configuration');
    product.slack.postAs(MEERA, legal, 'Hello', { threadTs: ts });
    await until('delivered', () => /Last reply: Adv. Meera Iyer.*\*delivered\*/.test(card()));
    product.phone.readAs(buyer.number);
    await until('read', () => card().includes('*read*'));
  });

  it('remembers the day that was promised, and names the other cases', async () => {
    const buyer = product.buyer();
    await buyer.write('I will pay on Friday');
    const { ts } = await buyer.card(collections);
    const card = () => blocksOf(buyer.cards(collections)[0]);
    expect(card()).toContain('Promised to pay by 27 Nov');
    expect(card()).not.toContain('Promised at');
    const found = await until('the record', () => product.models.cases.byThread(collections, ts));
    expect(found.details).toEqual({ promisedAt: new Date('2026-11-27T00:00:00+05:30').toISOString() });
    await buyer.write('else RERA');
    const other = await buyer.card(legal);
    expect(blocksOf(other)).toMatch(/Also open: C-\d+ \(Promise to pay\)/);
    await openForm(product, ARJUN, { channel: collections, ts }, { button: 'case_resolve' });
    await submit(product, ARJUN, {});
    await until('a closed card', () => card().includes('Resolved'));
  });
});

describe('a card when time passes', () => {
  const products: Product[] = [];
  afterEach(async () => {
    for (const product of products.splice(0)) await product.stop();
  });

  it('says by itself that nobody has answered in time', async () => {
    const product = await startProduct({ understander });
    products.push(product);
    const buyer = product.buyer();
    await buyer.write('RERA!');
    const { ts } = await buyer.card(legal);
    product.advance(2 * 3_600_000 + 1_000);
    await until('the warning', () => blocksOf(buyer.cards(legal)[0]).includes('*Late*: was due'));
    expect(linesOf(product, { channel: legal, ts })).toEqual([]);
  });
});
