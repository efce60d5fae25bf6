import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { Message } from '../inbox/sandbox/workspace.ts';
import type { Case } from '../models/case.ts';
import { type Buyer, type Product, startProduct } from './product.ts';
import { postSigned } from './signed.ts';
import { byWord, seedCases, settled } from './team.ts';
import { resolveAs } from './teamwork.ts';
import { until } from './until.ts';

const MEERA = 'U0MEERALEGL';
const ARJUN = 'U0ARJUNSALE';
const SANJAY = 'U0SANJAYSIT';
const LEFT = 'U0VIKRAMOPS';
const OUTSIDER = 'U0FARAHCOLL';
const { legal, sales } = TEAM_CHANNELS;
const HOUR = 3_600_000;

const understander = byWord({ RERA: 'legal_threat', brochure: 'brochure_request' });

describe.each(['socket', 'http'] as const)('/baton in %s mode', (slackMode) => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ understander, slackMode });
    await until('Slack is connected', () => product.baton.context.inbox.health() === 'ready');
    // Sanjay is in the channel of the site alone, and one is in none.
    for (const channel of Object.values(TEAM_CHANNELS)) {
      if (channel !== TEAM_CHANNELS.site) product.slack.leaveAs(SANJAY, channel);
    }
    await product.models.staff.model.create({
      _id: LEFT,
      name: 'Vikram Joshi',
      teams: ['legal'],
      active: false,
    } as never);
  });
  afterAll(() => product.stop());
  afterEach(() => {
    jest.restoreAllMocks();
    product.slack.faults.clear();
  });

  it('answers only who asked, with all there is', async () => {
    const answer = await ask(product, ARJUN, 'help');
    for (const words of ['case L-12', 'buyer <phone', 'inbox mine', 'bot pause', 'remind overdue >7d']) {
      expect(said(answer)).toContain(words);
    }
    expect(product.slack.messages(sales).filter(({ text }) => text.includes('baton'))).toEqual([]);
  });

  it('names the nearest of what nobody knows, harmlessly', async () => {
    expect(said(await ask(product, ARJUN, 'inbxo mine'))).toContain('Did you mean “inbox”?');
    const answer = await ask(product, ARJUN, '<!channel> & 99999 00001');
    expect(answer.text).not.toMatch(/<!|<@|9999900001|99999 00001/);
  });

  it('shows a case with a link to its card, for which Slack is asked once', async () => {
    const { buyer, found } = await openCase(product);
    const asked = () => product.slack.calls.filter(({ method }) => method === 'chat.getPermalink').length;
    const before = asked();
    const answer = await ask(product, ARJUN, `case ${found.ticket.toLowerCase()}`);
    const { ts } = await buyer.card(legal);
    expect(said(answer)).toContain(`/archives/${legal}/p${ts.replace('.', '')}`);
    for (const words of ['Legal threat', buyer.name, 'nobody yet', 'open', 'answer by']) {
      expect(said(answer)).toContain(words);
    }
    // The words of the buyer stay in the channel of the team.
    expect(said(answer)).not.toContain('I will go to RERA');
    await ask(product, MEERA, `case ${found.ticket}`);
    expect(asked()).toBe(before + 1);
    expect(said(await ask(product, ARJUN, 'case L-99999'))).toBe('There is no case L-99999.');
  });

  it('shows a case although Slack gives no link', async () => {
    const { found } = await openCase(product);
    product.slack.faults.api({ kind: 'httpError', status: 503 }, { method: 'chat.getPermalink' });
    expect(said(await ask(product, ARJUN, `case ${found.ticket}`))).toContain('Legal threat');
  });

  it('finds a buyer by phone in any writing, and by the beginning of the name in any case', async () => {
    const { buyer, found } = await openCase(product);
    const national = buyer.number.slice(3);
    for (const search of [
      buyer.number,
      national,
      `0${national.slice(0, 5)}-${national.slice(5)}`,
      buyer.name,
      buyer.name.toUpperCase(),
    ]) {
      const answer = said(await ask(product, ARJUN, `buyer ${search}`));
      expect(answer).toContain(buyer.name);
      expect(answer).toContain(found.ticket);
      expect(answer).toContain('/archives/');
      expect(answer).toContain(`…${buyer.number.slice(-3)}`);
      expect(answer).not.toContain(national);
    }
  });

  it('shows the stage, the next visit and the cases, and lists five of many', async () => {
    const { models } = product;
    const makeBuyer = (serial: number) => ({
      _id: `many-${slackMode}-${serial}`,
      name: `Zoya ${slackMode} ${serial}`,
      handles: [`lid:${slackMode}${serial}`],
      createdAt: product.now(),
    });
    await models.buyers.model.insertMany([1, 2, 3, 4, 5, 6].map(makeBuyer));
    const at = new Date(product.now().getTime() + HOUR);
    const booking = { project: 'greenfield-heights', buyer: makeBuyer(1)._id, conversation: 'none' };
    await models.visits.book({ ...booking, _id: `v-${slackMode}`, at, bookedAt: product.now() }, 9);
    const lead = { ...booking, stage: 'Visit' as const, answers: {}, source: 'test' };
    await models.leads.advance(lead, product.now());

    const one = said(await ask(product, ARJUN, `buyer zoya ${slackMode} 1`));
    expect(one).toContain('Stage: Visit (greenfield-heights)');
    expect(one).toContain('greenfield-heights');
    expect(one).not.toContain('Next visit: none');
    const many = await ask(product, ARJUN, `buyer ZOYA ${slackMode}`);
    expect(said(many)).toContain('More than 5');
    expect(said(many).match(/Stage:/g)).toHaveLength(5);
    expect(said(await ask(product, ARJUN, 'buyer Nobody At All'))).toContain('No buyer’s name begins');
    expect(said(await ask(product, ARJUN, 'buyer +91 99999 09999'))).toMatch(/number …999\.$/);
    expect(said(await ask(product, ARJUN, 'buyer B-1204'))).toContain('before there are bookings');
  });

  it('puts a lead where a person says it stands, with the reason, and the card shows it', async () => {
    const { buyer } = await openCase(product);
    const { models } = product;
    const known = await models.buyers.byPhone(buyer.number);
    const id = known?._id ?? '';
    expect(said(await ask(product, ARJUN, `lead ${buyer.number} negotiation`))).toContain(
      'no enquiry on record',
    );
    const lead = { buyer: id, project: 'greenfield-heights', answers: {}, source: 'test' };
    await models.leads.advance({ ...lead, stage: 'Visit' }, product.now());
    expect(
      said(await ask(product, SANJAY, `lead ${buyer.number} negotiation`, TEAM_CHANNELS.site)),
    ).toContain('Only sales');
    const moved = said(await ask(product, ARJUN, `lead ${buyer.number} negotiation`));
    expect(moved).toBe(`${buyer.name}, Greenfield Heights: Visit → Negotiation.`);
    const stage = async () => (await models.leads.latestOf(id))?.stage;
    await until('the lead to move', async () => (await stage()) === 'Negotiation');
    const lost = said(await ask(product, ARJUN, `lead ${buyer.name} lost bought elsewhere`));
    expect(lost).toContain('Negotiation → Lost (bought elsewhere).');
    await until('the lead to be lost', async () => (await stage()) === 'Lost');
    const shown = said(await ask(product, ARJUN, `buyer ${buyer.number}`));
    expect(shown).toContain('Stage: Lost (greenfield-heights): bought elsewhere');
    const card = async () => JSON.stringify((await buyer.card(legal)).blocks);
    await until('the card', async () => (await card()).includes('Lost lead (bought elsewhere)'));
    const notes = (await models.timeline.latest(id, 50)).filter(({ who }) => who === 'Arjun Nair');
    expect(notes.map(({ what, why }) => [what, why])).toEqual([
      ['lead to greenfield-heights is Negotiation', 'as they said'],
      ['lead to greenfield-heights is Lost', 'bought elsewhere'],
    ]);
  });

  it('tags a buyer, on the card and in what is known of them', async () => {
    const { buyer } = await openCase(product);
    expect(said(await ask(product, SANJAY, `tag ${buyer.number} +NRI +vip`, TEAM_CHANNELS.site))).toBe(
      `${buyer.name}: nri, vip.`,
    );
    expect(said(await ask(product, SANJAY, `tag ${buyer.number} -vip +nri`, TEAM_CHANNELS.site))).toBe(
      `${buyer.name}: nri.`,
    );
    expect(said(await ask(product, ARJUN, `who ${buyer.number}`))).toContain('Tags: nri');
    const card = async () => JSON.stringify((await buyer.card(legal)).blocks);
    await until('the card', async () => (await card()).includes(':label: nri'));
    const many = Array.from({ length: 20 }, (_tag, index) => `+t${index}`).join(' ');
    expect(said(await ask(product, ARJUN, `tag ${buyer.number} ${many}`))).toContain('20 tags are the most');
    expect(said(await ask(product, ARJUN, 'tag +91 99999 09999 +nri'))).toContain('No buyer fits');
  });

  it('shows one person once, under whichever of their names', async () => {
    const { models, now } = product;
    const [old, young] = [`old-${slackMode}`, `young-${slackMode}`];
    const born = { createdAt: now() };
    await models.buyers.model.insertMany([
      { _id: old, name: `Xena ${slackMode}`, handles: [`lid:x1${slackMode}`], ...born },
      { _id: young, name: `Xenia ${slackMode}`, handles: [`lid:x2${slackMode}`], ...born, mergedInto: old },
    ]);
    const answer = said(await ask(product, ARJUN, 'buyer xen'));
    expect(answer).toContain('1 buyer');
    expect(answer).toContain(`Xena ${slackMode}`);
  });

  it('lists cases with age, deadline and link, ten at a time', async () => {
    const due = new Date(product.now().getTime() + 3 * HOUR);
    await seedMany(product, 23, (serial) => ({
      _id: `list-${slackMode}-${String(serial).padStart(2, '0')}`,
      ticket: `Q${slackMode.charAt(0)}-${serial}`,
      owner: { id: ARJUN, name: 'Arjun Nair' },
      // Three times the same moment at the border of two pages.
      dueAt: serial >= 9 && serial <= 11 ? due : new Date(due.getTime() + serial * 60_000 - 15 * 60_000),
    }));
    const first = await ask(product, ARJUN, 'inbox mine');
    expect(said(first)).toContain('Mine: 23 cases');
    expect(said(first)).toContain('opened 2 h ago');
    expect(said(first)).toContain('in 2 h');
    const second = await turn(product, ARJUN, first, 'inbox_page:next');
    const third = await turn(product, ARJUN, second, 'inbox_page:next');
    const pages = [first, second, third].map(ticketsIn);
    expect(pages.map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(new Set(pages.flat()).size).toBe(23);
    expect(buttons(third)).toEqual(['inbox_page:first']);
    expect(ticketsIn(await turn(product, ARJUN, third, 'inbox_page:first'))).toEqual(pages[0]);
    await product.models.cases.model.deleteMany({ _id: { $regex: `^list-${slackMode}` } });
    expect(said(await ask(product, ARJUN, 'inbox'))).toContain('Mine: 0 cases');
  });

  it('lists what nobody has, and what sleeps, of one’s own teams only', async () => {
    await seedMany(product, 2, (serial) => ({
      _id: `teams-${slackMode}-${serial}`,
      ticket: `T${slackMode.charAt(0)}-${serial}`,
      team: serial === 1 ? 'site' : 'collections',
    }));
    await seedMany(product, 1, () => ({
      _id: `snoozed-${slackMode}`,
      ticket: `Z${slackMode.charAt(0)}-1`,
      team: 'site',
      status: 'snoozed',
    }));
    const letter = slackMode.charAt(0);
    const unassigned = ticketsIn(await ask(product, SANJAY, 'inbox unassigned', TEAM_CHANNELS.site));
    expect(unassigned).toEqual([`T${letter}-1`]);
    const snoozed = await ask(product, SANJAY, 'inbox snoozed', TEAM_CHANNELS.site);
    expect(ticketsIn(snoozed)).toEqual([`Z${letter}-1`]);
    expect(said(snoozed)).toContain('snoozed until the buyer writes');
    await product.models.cases.model.deleteMany({ _id: { $regex: `^(teams|snoozed)-${slackMode}` } });
  });

  it('pauses the bot and gives it the word again, for one buyer who is meant', async () => {
    const buyer = product.buyer();
    await buyer.write('brochure please');
    await until('the brochure', () => buyer.heard().some((text) => text.endsWith('brochure.pdf]')));
    await settled(product);
    const before = buyer.heard().length;
    expect(said(await ask(product, ARJUN, `bot pause ${buyer.number}`))).toMatch(/silent with .*Arjun Nair/);
    await buyer.write('brochure once more');
    await until('a case, as a person has the word', () => buyer.cards(sales).length === 1);
    await settled(product);
    expect(buyer.heard()).toHaveLength(before);

    expect(said(await ask(product, ARJUN, `bot resume ${buyer.name}`))).toContain('The bot speaks with');
    expect(await ownerOf(product, buyer)).toBe('bot');
    const entries = await product.models.timeline.latest(await idOf(product, buyer), 50);
    const lines = entries.map(({ what, why }) => `${what} ${why}`);
    expect(lines).toContain('the bot is paused by Arjun Nair');
    expect(lines).toContain('the bot has the word again by Arjun Nair');
  });

  it('pauses by a button, once however often it is pressed, and shows the timeline by another', async () => {
    const { buyer } = await openCase(product);
    const answer = await ask(product, ARJUN, `buyer ${buyer.number}`);
    for (let presses = 0; presses < 2; presses += 1) {
      const told = ephemeralsOf(product, ARJUN).length;
      await product.slack.click(ARJUN, sales, answer.ts, 'buyer_bot_pause');
      await until('an answer', () => ephemeralsOf(product, ARJUN).length > told);
    }
    expect(await ownerOf(product, buyer)).toBe('staff');
    await settled(product);
    const entries = await product.models.timeline.latest(await idOf(product, buyer), 50);
    expect(entries.filter(({ what }) => what === 'the bot is paused')).toHaveLength(1);

    await product.slack.click(ARJUN, sales, answer.ts, 'buyer_timeline');
    const view = await until('a modal', () => product.slack.views(ARJUN).at(-1));
    expect(JSON.stringify(view.view)).toContain('I will go to RERA');
    await product.slack.closeView(ARJUN);
  });

  it('lets only teams with a case of that buyer pause the bot, besides sales and support', async () => {
    const { buyer } = await openCase(product);
    const answer = said(await ask(product, SANJAY, `bot pause ${buyer.number}`, TEAM_CHANNELS.site));
    expect(answer).toMatch(/^Only Legal, Sales, Support may pause/);
    expect(await ownerOf(product, buyer)).toBe('bot');
    await seedMany(product, 1, () => ({
      _id: `site-${slackMode}`,
      ticket: `S${slackMode.charAt(0)}-1`,
      team: 'site',
    }));
    await product.models.cases.model.updateOne(
      { _id: `site-${slackMode}` },
      { $set: { buyer: await idOf(product, buyer) } },
    );
    const again = said(await ask(product, SANJAY, `bot pause ${buyer.number}`, TEAM_CHANNELS.site));
    expect(again).toContain('silent with');
  });

  it('asks which buyer is meant when several are', async () => {
    const many = ['A', 'B'].map((letter) => ({
      _id: `two-${slackMode}-${letter}`,
      name: `Yash ${slackMode} ${letter}`,
      handles: [`lid:two${slackMode}${letter}`],
      createdAt: product.now(),
    }));
    await product.models.buyers.model.insertMany(many);
    const answer = said(await ask(product, ARJUN, `bot pause Yash ${slackMode}`));
    expect(answer).toContain('More than one buyer fits');
    expect(said(await ask(product, ARJUN, `bot pause Yash ${slackMode} A`))).toContain('has not written yet');
  });

  it('runs what concerns campaigns, and shows how it was understood', async () => {
    const answer = said(await ask(product, ARJUN, 'remind overdue &gt;7d project:greenfield tower:b at 9am'));
    expect(answer).toContain('overdue by more than 7 days, project greenfield, tower B, at 09:00');
    expect(said(await ask(product, ARJUN, 'stop diwali'))).toBe('There is no campaign diwali.');
  });

  it('is for the team: others are told who may use it', async () => {
    const told = said(await ask(product, LEFT, 'inbox unassigned'));
    expect(told).toContain('This is for the team');
    expect(told).toContain(`<#${legal}>`);
    for (const channel of Object.values(TEAM_CHANNELS)) product.slack.leaveAs(OUTSIDER, channel);
    // Over a socket nobody can speak for somebody who is in no channel of the local Slack.
    if (slackMode === 'http') {
      expect(await askFromOutside(product, OUTSIDER)).toContain('This is for the team');
      expect(await askFromOutside(product, 'U0STRANGER1')).toContain('This is for the team');
      const onRecord = { _id: OUTSIDER, name: 'Farah Khan', teams: ['collections'], active: true };
      await product.models.staff.model.create(onRecord as never);
      expect(await askFromOutside(product, OUTSIDER)).toContain('Mine: 0');
    }
    expect(await product.models.staff.byId('U0STRANGER1')).toBeNull();
  });

  it('answers who is on record although Slack does not say who is where', async () => {
    await ask(product, MEERA, 'help');
    product.advance(2 * 60_000);
    product.slack.faults.api(
      { kind: 'httpError', status: 503 },
      { method: 'conversations.members', times: 6 },
    );
    expect(said(await ask(product, MEERA, 'inbox unassigned'))).toContain('Unassigned');
  });

  it('says so when something goes wrong, and answers late what takes its time', async () => {
    const { buyers } = product.models;
    jest.spyOn(buyers, 'named').mockRejectedValueOnce(new Error('away'));
    expect(said(await ask(product, ARJUN, 'buyer Asha'))).toContain('Something went wrong');
    const named = buyers.named.bind(buyers);
    jest.spyOn(buyers, 'named').mockImplementationOnce(async (...search) => {
      await until('too late for Slack', () => Date.now() > begun + 2_500);
      return named(...search);
    });
    const begun = Date.now();
    expect(said(await ask(product, ARJUN, 'buyer Nobody At All'))).toContain('No buyer’s name');
    expect(Date.now() - begun).toBeGreaterThan(2_400);
  });
});

describe('a shortcut on a message', () => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ understander });
    await until('Slack is reached', () => product.baton.context.inbox.health() === 'ready');
  });
  afterAll(() => product.stop());
  afterEach(async () => {
    product.slack.faults.clear();
    for (const member of [MEERA, ARJUN]) {
      if (product.slack.views(member).length > 0) await product.slack.closeView(member);
    }
  });

  it('notes something: marked in the thread as whose it is, on the timeline, and never sent', async () => {
    const { buyer, ts } = await openCase(product);
    await buyer.write('RERA, do you <!here> me?');
    const line = await until('the line', () =>
      product.slack.thread(legal, ts).find(({ text }) => text.includes('do you')),
    );
    const heard = buyer.heard().length;
    await product.slack.messageAction(MEERA, legal, line.ts, 'baton_note');
    await until('a modal', () => product.slack.views(MEERA).length === 1);
    expect(JSON.stringify(product.slack.views(MEERA)[0]?.view)).toContain('do you &lt;!here&gt; me');
    const entries = { note: { text: 'Careful: <!channel> & lawyers' } };
    expect(await product.slack.submitView(MEERA, entries)).toEqual({ outcome: 'closed' });
    const note = await until('the note', () =>
      product.slack.thread(legal, ts).find(({ text }) => text.includes('Internal note')),
    );
    expect(note.text).toContain('Internal note by Adv. Meera Iyer');
    expect(note.text).toContain('Careful: &lt;!channel&gt; &amp; lawyers');
    await settled(product);
    expect(buyer.heard()).toHaveLength(heard);
    const timeline = await product.models.timeline.latest(await idOf(product, buyer), 50);
    expect(timeline).toContainEqual(
      expect.objectContaining({
        who: 'Adv. Meera Iyer',
        what: expect.stringContaining('Careful: <!channel> & lawyers'),
      }),
    );
  });

  it('keeps a note once, although Slack refuses it at first', async () => {
    const { buyer, ts } = await openCase(product);
    await product.slack.messageAction(MEERA, legal, ts, 'baton_note');
    await until('a modal', () => product.slack.views(MEERA).length === 1);
    product.slack.faults.api({ kind: 'httpError', status: 503 }, { method: 'chat.postMessage' });
    const entries = { note: { text: 'twice pressed' } };
    expect(await product.slack.submitView(MEERA, entries)).toMatchObject({ outcome: 'errors' });
    expect(await product.slack.submitView(MEERA, entries)).toEqual({ outcome: 'closed' });
    const timeline = await product.models.timeline.latest(await idOf(product, buyer), 50);
    expect(timeline.filter(({ what }) => what.includes('twice pressed'))).toHaveLength(1);
    const notes = product.slack.thread(legal, ts).filter(({ text }) => text.includes('twice pressed'));
    expect(notes).toHaveLength(1);
  });

  it('sends one’s own reply once more, after asking', async () => {
    const { buyer, ts } = await openCase(product);
    const long = `Please see <https://example.com> & ${'this '.repeat(700)}`.trim();
    const reply = product.slack.postAs(MEERA, legal, long, { threadTs: ts });
    await until('the reply', () => buyer.heard().at(-1)?.startsWith('Please see'));
    const [first] = buyer.heard().slice(-1);
    await product.slack.messageAction(MEERA, legal, reply.ts, 'baton_resend');
    await until('a modal', () => product.slack.views(MEERA).length === 1);
    expect(JSON.stringify(product.slack.views(MEERA)[0]?.view)).toContain(buyer.name);
    const heard = buyer.heard().length;
    expect(await product.slack.submitView(MEERA, {})).toEqual({ outcome: 'closed' });
    await until('the same words', () => buyer.heard().length === heard + 1);
    expect(buyer.heard().at(-1)).toBe(first);
  });

  it('sends nothing that was changed after it was confirmed, nor what was deleted', async () => {
    const { buyer, ts } = await openCase(product);
    const reply = product.slack.postAs(MEERA, legal, 'We will call you.', { threadTs: ts });
    await until('the reply', () => buyer.heard().includes('We will call you.'));
    const heard = buyer.heard().length;
    for (const change of [
      () => product.slack.editAs(MEERA, legal, reply.ts, 'We will pay you.'),
      () => product.slack.deleteAs(MEERA, legal, reply.ts),
    ]) {
      await product.slack.messageAction(MEERA, legal, reply.ts, 'baton_resend');
      await until('a modal', () => product.slack.views(MEERA).length === 1);
      change();
      expect(await product.slack.submitView(MEERA, {})).toEqual({ outcome: 'updated' });
      expect(JSON.stringify(product.slack.views(MEERA)[0]?.view)).toContain('changed or deleted');
      await product.slack.closeView(MEERA);
    }
    await settled(product);
    expect(buyer.heard()).toHaveLength(heard);
  });

  it('refuses to send what is not one’s own reply', async () => {
    const { buyer, ts } = await openCase(product);
    const theirs = product.slack.postAs(ARJUN, legal, 'From Arjun', { threadTs: ts });
    const note = product.slack.postAs(MEERA, legal, '// a note', { threadTs: ts });
    const elsewhere = product.slack.postAs(MEERA, legal, 'Not in a thread');
    await until('the reply', () => buyer.heard().includes('From Arjun'));
    const heard = buyer.heard().length;
    for (const [at, why] of [
      [theirs.ts, 'Only your own replies'],
      [note.ts, 'This is a note'],
      [elsewhere.ts, 'not the thread of a case'],
      [ts, 'Only your own replies'],
    ] as const) {
      expect(await refusalOf(product, MEERA, at)).toContain(why);
    }
    await settled(product);
    expect(buyer.heard()).toHaveLength(heard);
  });

  it('refuses closed cases, also one that closes while it asks, and who has left', async () => {
    const { buyer, ts } = await openCase(product);
    const reply = product.slack.postAs(MEERA, legal, 'All is well.', { threadTs: ts });
    await until('the reply', () => buyer.heard().includes('All is well.'));
    await product.slack.messageAction(MEERA, legal, reply.ts, 'baton_resend');
    await until('a modal', () => product.slack.views(MEERA).length === 1);
    await resolveAs(product, ARJUN, { channel: legal, ts });
    await until('the end', async () => (await caseOf(product, buyer)).status === 'resolved');
    expect(await product.slack.submitView(MEERA, {})).toEqual({ outcome: 'updated' });
    expect(JSON.stringify(product.slack.views(MEERA)[0]?.view)).toContain('is resolved');
    await product.slack.closeView(MEERA);
    expect(await refusalOf(product, MEERA, reply.ts)).toContain('is resolved');

    const staff = { _id: LEFT, name: 'Vikram Joshi', teams: ['legal'], active: false };
    await product.models.staff.model.create(staff as never);
    expect(await refusalOf(product, LEFT, reply.ts)).toContain('Only active staff');
    await settled(product);
    expect(buyer.heard().filter((text) => text === 'All is well.')).toHaveLength(1);
  });

  it('is told by a whisper what there was no time to show', async () => {
    const { ts } = await openCase(product);
    product.slack.faults.expireTriggers(1);
    await product.slack.messageAction(MEERA, legal, ts, 'baton_note');
    await until('a whisper', () =>
      product.slack
        .ephemerals(MEERA)
        .some(({ threadTs, text }) => threadTs === ts && text.includes('too long')),
    );
  });
});

/** Cases of sales, two hours old and due in one, unless said otherwise. */
async function seedMany(product: Product, count: number, make: (serial: number) => Partial<Case>) {
  const now = product.now().getTime();
  const usual = {
    team: 'sales' as const,
    openedAt: new Date(now - 2 * HOUR - 1_000),
    dueAt: new Date(now + HOUR),
  };
  await seedCases(
    product,
    Array.from({ length: count }, (_, index) => ({ ...usual, ...make(index + 1) })),
  );
}

/** What a member is told by one command. */
async function ask(
  product: Product,
  member: string,
  text: string,
  channel: string = sales,
): Promise<Message> {
  const before = ephemeralsOf(product, member);
  expect(await product.slack.slash(member, channel, '/baton', text)).toEqual({ ok: true });
  return until(`an answer to ${text}`, () =>
    ephemeralsOf(product, member).find((message) => !before.includes(message)),
  );
}

/** The same answer after one of its buttons was pressed. */
async function turn(product: Product, member: string, answer: Message, actionId: string): Promise<Message> {
  await product.slack.click(member, answer.channel, answer.ts, actionId);
  return until('another page', () =>
    ephemeralsOf(product, member).find((message) => message.ts === answer.ts && message !== answer),
  );
}

/** A signed command as Slack would send it for somebody who is in no channel; the immediate answer. */
async function askFromOutside(product: Product, user: string): Promise<string> {
  const fields = {
    command: '/baton',
    text: 'inbox mine',
    user_id: user,
    trigger_id: `t.${randomUUID()}`,
    team_id: 'T1',
  };
  const body = new URLSearchParams({ ...fields, response_url: 'http://127.0.0.1:9/none' }).toString();
  const response = await postSigned(product, body);
  return response.text();
}

async function refusalOf(product: Product, member: string, ts: string): Promise<string> {
  await product.slack.messageAction(member, legal, ts, 'baton_resend');
  const view = await until('a modal', () => product.slack.views(member)[0]);
  const text = JSON.stringify(view.view);
  expect(text).toContain('Not possible');
  await product.slack.closeView(member);
  return text;
}

function ephemeralsOf({ slack }: Product, member: string): Message[] {
  return slack.ephemerals(member);
}

/** Everything that stands in a message. */
function said({ text, blocks }: Message): string {
  const shown = blocks.flatMap((block) => {
    if (block.type === 'section') return block.text?.text ?? '';
    return block.type === 'context' ? block.elements.map((each) => ('text' in each ? each.text : '')) : [];
  });
  const all = shown.length > 0 ? shown.join('\n') : text;
  return all.replaceAll('&lt;', '<').replaceAll('&gt;', '>');
}

function ticketsIn(message: Message): string[] {
  return [...said(message).matchAll(/^\*(?:<[^|]*\|)?(\w+-\d+)/gm)].map(([, ticket]) => ticket ?? '');
}

function buttons({ blocks }: Message): string[] {
  return blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.map((each) => ('action_id' in each ? `${each.action_id}` : ''))
      : [],
  );
}

async function openCase(product: Product) {
  const buyer = product.buyer();
  await buyer.write('I will go to RERA');
  const { ts } = await buyer.card(legal);
  await until('the acknowledgement', () => buyer.heard().length === 1);
  const found = await until('the card on record', async () => {
    const known = await caseOf(product, buyer);
    return known.slack && known;
  });
  return { buyer, ts, found };
}

async function idOf({ models }: Product, { number }: Buyer): Promise<string> {
  return (await models.buyers.byPhone(number))?._id ?? '';
}

async function caseOf(product: Product, buyer: Buyer): Promise<Case> {
  const id = await idOf(product, buyer);
  const found = await product.models.cases.model.findOne({ buyer: id, team: 'legal' }).lean<Case>();
  if (!found) throw new Error('no case');
  return found;
}

async function ownerOf(product: Product, buyer: Buyer): Promise<string | undefined> {
  const [id = ''] = await product.models.conversations.idsOf(await idOf(product, buyer));
  return (await product.models.conversations.fresh(id))?.state.owner.kind;
}
