import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { CodeBook } from '../bot/portal/codes.ts';
import { html, safeUrl } from '../bot/portal/html.ts';
import { upiUrl } from '../bot/portal/pages/pay.ts';
import { paiseIn } from '../bot/portal/payRoutes.ts';
import { STYLE_HASH } from '../bot/portal/style.ts';
import { momentOf } from '../flows/money/day.ts';
import { dayInWords } from '../templates/documents/papers/phrases.ts';
import { PAGE_WORDS } from '../templates/portal/words.ts';
import { card, page as pdfPage } from './papers.ts';
import { type Agent, PortalSite, submit, tokenIn } from './portalSite.ts';
import { COLLECTOR, LAKH, morning, PROJECT } from './sale.ts';

/** The buyers' pages over HTTP, as a browser without any script uses them. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const { en, hi } = PAGE_WORDS;

let site: PortalSite;
/** Whom a test is about, their number, the booking they may have, and its unit. */
let asha: string;
let ASHA: string;
let home: string;
let unit: string;
let serial = 0;
beforeAll(async () => {
  site = await PortalSite.open();
});
afterAll(() => site.close());
beforeEach(async () => {
  serial += 1;
  ASHA = `+9199999${String(serial).padStart(5, '0')}`;
  home = `b-${serial}`;
  unit = `B-${1_000 + serial}`;
  asha = await site.buyer(ASHA);
});

/** Somebody else who has written to us, with their number. */
async function another(words?: string): Promise<{ id: string; number: string }> {
  serial += 1;
  const number = `+9199999${String(serial).padStart(5, '0')}`;
  return { id: await site.buyer(number, words), number };
}

const sellHome = () => site.sell([asha], { _id: home, number: unit });

/** The papers page's form for one requirement, filled with a file. */
async function upload(
  agent: Agent,
  file: { bytes: Buffer; name: string },
  fields: Record<string, string> = {},
): Promise<request.Response> {
  const form = await tokenIn(agent, '/portal/papers');
  const sent = agent.post('/portal/papers');
  const all = { form, key: 'k1', booking: home, requirement: `pan:${asha}`, ...fields };
  for (const [name, value] of Object.entries(all)) sent.field(name, value);
  return sent.attach('file', file.bytes, { filename: file.name });
}

describe('a link', () => {
  it('opens a session, and is gone from the address', async () => {
    const response = await request(site.server)
      .get(await site.link(asha, 'papers'))
      .expect(303);
    expect(response.headers.location).toBe('/portal/papers');
    const [cookie = ''] = response.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^baton_portal=[\w-]{43};/);
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(cookie).toMatch(/Path=\/portal/);
    expect(cookie).not.toMatch(/Secure/);
    expect(response.headers['referrer-policy']).toBe('no-referrer');
    expect(response.headers['cache-control']).toBe('no-store');
  });

  it('gives a cookie for https alone where the pages are served so', async () => {
    const secure = await PortalSite.open({
      joins: site.world,
      config: { publicUrl: 'https://homes.example' },
    });
    const response = await request(secure.server)
      .get(await secure.link(asha))
      .expect(303);
    expect(response.headers['set-cookie']?.[0]).toMatch(/; Secure/);
    await secure.close();
  });

  it('leads to the times of the project it is for', async () => {
    const path = await site.link(asha, 'visits', { project: PROJECT });
    const { headers } = await request(site.server).get(path).expect(303);
    expect(headers.location).toBe(`/portal/visits?project=${PROJECT}`);
  });

  it('begins no session for a preview that asks for its head', async () => {
    const { headers } = await request(site.server).head(await site.link(asha));
    expect(headers['set-cookie']).toBeUndefined();
  });

  it.each([
    ['another letter', (token: string) => `A${token.slice(1)}`],
    ['another signature', (token: string) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
    ['no signature', (token: string) => token.split('.')[0] ?? ''],
    ['nothing', () => 'x'],
    ['something long', () => 'x'.repeat(5_000)],
  ])('that was tampered with (%s) opens nothing and says so in both languages', async (_what, tamper) => {
    const [, token = ''] = (await site.link(asha)).split('/l/');
    const { text, headers } = await request(site.server)
      .get(`/portal/l/${tamper(token)}`)
      .expect(404);
    expect(text).toContain(en.problems.tampered.title);
    expect(text).toContain(hi.problems.tampered.title);
    expect(text).not.toContain(asha);
    expect(headers['set-cookie']).toBeUndefined();
  });

  it('that has expired opens nothing, and a new one comes to the same WhatsApp at the press of a button', async () => {
    const path = await site.link(asha, 'pay');
    await site.world.pass(7 * DAY_MS + 1);
    const { text } = await request(site.server).get(path).expect(410);
    expect(text).toContain(en.problems.expired.title);
    expect(text).toContain(hi.problems.expired.title);
    const token = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const again = () => request(site.server).post('/portal/link').type('form').send({ token });
    expect((await again().expect(200)).text).toContain(en.problems.sent.title);
    await again().expect(200);
    await site.world.rest();
    const sent = site.world.answers(ASHA).filter((words) => words.includes('/portal/l/'));
    expect(sent).toHaveLength(1);
    const fresh = /\/portal\/l\/\S+/.exec(sent[0] ?? '')?.[0] ?? '';
    await request(site.server).get(fresh).expect(303).expect('location', '/portal/pay');
    await again().expect(200);
    await again().expect(429);
    const timeline = JSON.stringify(await site.world.timeline(ASHA));
    expect(timeline).toContain('[link to their page]');
    expect(timeline).not.toContain('/portal/l/');
  });

  it('asks for nothing with a token that is not ours, or still works', async () => {
    const [, token = ''] = (await site.link(asha)).split('/l/');
    for (const wrong of [token, 'x.y', '']) {
      await request(site.server).post('/portal/link').type('form').send({ token: wrong }).expect(404);
    }
  });

  it('that was revoked opens nothing, nor do the sessions that began with it', async () => {
    const path = await site.link(asha);
    const agent = await site.browser(asha);
    await agent.get('/portal').expect(200);
    await site.links.revoke(asha, site.world.now);
    expect((await request(site.server).get(path).expect(410)).text).toContain(en.problems.revoked.title);
    await agent.get('/portal').expect(401);
    await (await site.browser(asha)).get('/portal').expect(200);
  });

  it('of two people who turn out to be one opens the pages of that one, and revoked ones stay revoked', async () => {
    const { id: rohan, number } = await another();
    const [before, later] = [await site.link(rohan), await site.link(rohan)];
    const { buyers } = site.world.context.models;
    await buyers.withHandles([`pn:${ASHA}`, `pn:${number}`], '', 'x', site.world.now);
    const agent = request.agent(site.server);
    await agent.get(before).expect(303);
    await agent.get('/portal').expect(200);
    await site.links.revoke(asha, site.world.now);
    await request(site.server).get(later).expect(410);
    await agent.get('/portal').expect(401);
  });

  it('cannot be opened over and over', async () => {
    const path = await site.link(asha);
    for (let times = 0; times < 60; times += 1) await request(site.server).get(path).expect(303);
    await request(site.server).get(path).expect(429);
  });
});

describe('every page', () => {
  const PATHS = [
    '/portal',
    '/portal/papers',
    '/portal/papers/file?document=x',
    '/portal/pay',
    '/portal/pay/letter.pdf?demand=x',
    '/portal/receipts',
    '/portal/receipts/receipt.pdf?number=x',
    '/portal/visits',
    '/portal/visits/visit.ics?visit=x',
    '/portal/history',
    '/portal/code',
    '/portal/leave',
  ];
  const POSTS = ['papers', 'pay/claim', 'visits', 'visits/cancel', 'code', 'code/send', 'leave'];

  it.each(PATHS)('is closed without a session: %s', async (path) => {
    const { text } = await request(site.server).get(path).expect(401);
    expect(text).toContain(en.problems.noSession.title);
    expect(text).toContain(hi.problems.noSession.title);
  });

  it.each(POSTS)(
    'takes no form without a session, without its token, or from elsewhere: %s',
    async (path) => {
      await request(site.server).post(`/portal/${path}`).type('form').send({ form: 'x' }).expect(401);
      const agent = await site.proven(asha, ASHA);
      await agent.post(`/portal/${path}`).type('form').send({}).expect(403);
      await agent.post(`/portal/${path}`).type('form').send({ form: 'wrong' }).expect(403);
      const form = await tokenIn(agent);
      const foreign = agent.post(`/portal/${path}`).set('Sec-Fetch-Site', 'cross-site').type('form');
      await foreign.send({ form }).expect(403);
      await agent.post(`/portal/${path}`).send({ form }).expect(400);
      const rohan = await site.browser((await another()).id);
      await agent
        .post(`/portal/${path}`)
        .type('form')
        .send({ form: await tokenIn(rohan) })
        .expect(403);
    },
  );

  it('runs nothing, is framed by nobody and kept nowhere', async () => {
    const agent = await site.browser(asha);
    for (const path of ['/portal', '/portal/pay', '/portal/visits', '/portal/privacy', '/portal/nothing']) {
      const { headers, text } = await agent.get(path);
      const policy = headers['content-security-policy'];
      expect(policy).toBe(
        `default-src 'none';style-src '${STYLE_HASH}';img-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'`,
      );
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'x-robots-tag': 'noindex, nofollow',
      });
      expect(text).not.toMatch(/<script| style=| on\w+=|javascript:/i);
    }
  });

  it('is drawn in the language of the conversation, or the one that the browser was switched to', async () => {
    const { id: rohan } = await another('नमस्ते, मुझे घर देखना है');
    const agent = await site.browser(rohan);
    expect((await agent.get('/portal')).text).toMatch(/<html lang="hi">/);
    const switched = await agent.get('/portal/visits?project=greenfield-heights&language=en').expect(303);
    expect(switched.headers.location).toBe('/portal/visits?project=greenfield-heights');
    expect((await agent.get('/portal')).text).toMatch(/<html lang="en">/);
    expect((await (await site.browser(asha)).get('/portal')).text).toMatch(/<html lang="en">/);
  });

  it('names the developer, the RERA number, and where to complain', async () => {
    const { text } = await (await site.browser(asha)).get('/portal').expect(200);
    expect(text).toContain('Meridian Homes');
    expect(text).toContain('UPRERAPRJ000000');
    expect(text).toContain('/portal/privacy');
    expect((await request(site.server).get('/portal/privacy').expect(200)).text).toContain(
      'Data Protection Board',
    );
  });

  it('says what is not there, and shows nothing of a failure', async () => {
    const agent = await site.browser(asha);
    expect((await agent.get('/portal/nothing').expect(404)).text).toContain(en.problems.notFound.title);
    await sellHome();
    const { payments } = site.world.context.models;
    const books = jest.spyOn(payments, 'ofBooking').mockRejectedValue(new Error('secret of the books'));
    const { text } = await agent.get('/portal').expect(500);
    books.mockRestore();
    expect(text).toContain(en.problems.failed.title);
    expect(text).not.toMatch(/secret|at \w/);
  });

  it('can be left, here or with all links ended', async () => {
    const [agent, other] = [await site.browser(asha), await site.browser(asha)];
    const path = await site.link(asha);
    expect((await agent.get('/portal/leave').expect(200)).text).toContain(en.leave.everywhere);
    expect((await submit(agent, '/portal/leave', { where: 'here' })).text).toContain(en.leave.leftHere);
    await agent.get('/portal').expect(401);
    await other.get('/portal').expect(200);
    const ended = await submit(other, '/portal/leave', { where: 'everywhere' });
    expect(ended.text).toContain(en.leave.leftEverywhere);
    await request(site.server).get(path).expect(410);
  });

  it('escapes what buyers and projects are called', async () => {
    const { buyers } = site.world.context.models;
    await buyers.model.updateOne({ _id: asha }, { $set: { name: '<img src=x onerror=alert(1)>"&' } });
    const { text } = await (await site.browser(asha)).get('/portal');
    expect(text).not.toContain('<img');
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&amp;');
  });

  it('shows nothing of the team’s timeline', async () => {
    await site.world.write(ASHA, 'I will take you to court');
    await site.world.pass(1_000);
    expect(await site.world.timeline(ASHA)).toContainEqual(expect.objectContaining({ kind: 'case' }));
    const { text } = await (await site.browser(asha)).get('/portal/history').expect(200);
    expect(text).not.toMatch(/\bcases?\b|court|legal/i);
  });
});

describe('the code', () => {
  it('comes to the same WhatsApp, and stands nowhere else', async () => {
    const agent = await site.browser(asha);
    await site.sendCode(agent);
    const code = site.codeOn(ASHA);
    expect(code).toMatch(/^\d{6}$/);
    const { connection } = site.world.context.database;
    for (const { name } of await connection.listCollections()) {
      const records = await connection.collection(name).find({}).toArray();
      expect(JSON.stringify(records)).not.toContain(code);
    }
    expect(JSON.stringify(await site.world.timeline(ASHA))).toContain('••••••');
  });

  it('opens for 30 minutes what it is asked for, once', async () => {
    const agent = await site.browser(asha);
    await sellHome();
    expect((await agent.get('/portal/papers')).text).not.toContain('name="file"');
    await site.sendCode(agent);
    const code = site.codeOn(ASHA);
    const typed = await submit(agent, '/portal/code', {
      code: `${code.slice(0, 3)} ${code.slice(3)}`,
      next: 'pay',
    });
    expect([typed.status, typed.headers.location]).toEqual([303, '/portal/pay']);
    expect((await agent.get('/portal/papers')).text).toContain('name="file"');
    expect((await submit(agent, '/portal/code', { code, next: 'pay' })).status).toBe(422);
    await site.world.pass(30 * 60_000);
    expect((await agent.get('/portal/papers')).text).not.toContain('name="file"');
  });

  it('goes out though a person has the word and the buyer wants no messages', async () => {
    await site.world.write(ASHA, 'STOP');
    await site.world.context.models.conversations.change(`${site.world.phone.id}/${asha}`, (current) => ({
      ...current,
      state: {
        ...current.state,
        owner: {
          kind: 'staff',
          ...COLLECTOR,
          caseId: '',
          until: new Date(site.world.now.getTime() + HOUR_MS),
        },
      },
    }));
    await site.sendCode(await site.browser(asha));
    expect(site.codeOn(ASHA)).toMatch(/^\d{6}$/);
  });

  it('may be mistyped five times', async () => {
    const agent = await site.browser(asha);
    await site.sendCode(agent);
    const code = site.codeOn(ASHA);
    const wrong = code === '000000' ? '000001' : '000000';
    for (const left of [4, 3, 2, 1]) {
      const { status, text } = await submit(agent, '/portal/code', { code: wrong, next: 'papers' });
      expect(status).toBe(422);
      expect(text).toContain(en.code.wrong(left));
      expect(text).toMatch(/aria-invalid="true"/);
    }
    expect((await submit(agent, '/portal/code', { code: wrong, next: 'papers' })).text).toContain(
      en.code.over,
    );
    expect((await submit(agent, '/portal/code', { code, next: 'papers' })).text).toContain(en.code.over);
  });

  it('has five tries however many requests come at once', async () => {
    const agent = await site.browser(asha);
    await site.sendCode(agent);
    const form = await tokenIn(agent);
    const wrong = site.codeOn(ASHA) === '000000' ? '000001' : '000000';
    const tries = Array.from({ length: 12 }, () =>
      agent.post('/portal/code').type('form').send({ form, code: wrong, next: 'papers' }),
    );
    const answers = (await Promise.all(tries)).map(({ text }) => text);
    expect(answers.filter((text) => text.includes('That is not the code')).length).toBeLessThanOrEqual(4);
    expect((await submit(agent, '/portal/code', { code: site.codeOn(ASHA), next: 'papers' })).status).toBe(
      422,
    );
  });

  it('can be used for ten minutes', async () => {
    const agent = await site.browser(asha);
    await site.sendCode(agent);
    await site.world.pass(10 * 60_000);
    const { status, text } = await submit(agent, '/portal/code', { code: site.codeOn(ASHA), next: 'papers' });
    expect(status).toBe(422);
    expect(text).toContain(en.code.over);
  });

  it('counts in the session that asked for it, and only the latest one does', async () => {
    const [one, other] = [await site.browser(asha), await site.browser(asha)];
    await site.sendCode(one);
    const first = site.codeOn(ASHA);
    expect((await submit(other, '/portal/code', { code: first, next: 'papers' })).status).toBe(422);
    await site.world.pass(1_000);
    await site.sendCode(one);
    const second = site.codeOn(ASHA);
    if (first !== second)
      expect((await submit(one, '/portal/code', { code: first, next: 'papers' })).status).toBe(422);
    expect((await submit(one, '/portal/code', { code: second, next: 'papers' })).status).toBe(303);
  });

  it('is sent three times an hour, whichever browser asks', async () => {
    for (let times = 0; times < 3; times += 1) await site.sendCode(await site.browser(asha));
    const agent = await site.browser(asha);
    const { status, text } = await submit(agent, '/portal/code/send', { next: 'papers' });
    expect(status).toBe(429);
    expect(text).toContain(en.code.tooMany);
    await site.world.pass(HOUR_MS);
    await site.sendCode(agent);
  });

  it('leads only to pages of ours', async () => {
    const agent = await site.browser(asha);
    await site.sendCode(agent);
    const typed = await submit(agent, '/portal/code', { code: site.codeOn(ASHA), next: '//evil.example' });
    expect(typed.headers.location).toBe('/portal/papers');
  });

  it('follows from its id and the secret alone', () => {
    const book = new CodeBook('only for the tests of this project');
    const codes = Array.from({ length: 200 }, (_, index) => book.digitsOf(`code ${index}`));
    expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
    expect(new Set(codes).size).toBeGreaterThan(190);
    expect(new CodeBook('another secret, as long as any other').digitsOf('code 1')).not.toBe(codes[1]);
    const devanagari = (codes[3] ?? '').replace(/\d/g, (digit) =>
      String.fromCharCode(0x0966 + Number(digit)),
    );
    expect(book.isTyped('code 3', devanagari)).toBe(true);
    for (const typed of ['', '12345', '1234567', 'abcdef', `${codes[3]}0`])
      expect(book.isTyped('code 3', typed)).toBe(false);
  });
});

describe('papers', () => {
  let agent: Agent;
  beforeEach(async () => {
    await sellHome();
    agent = await site.proven(asha, ASHA);
  });

  it('are listed with what each is for', async () => {
    const { text } = await agent.get('/portal/papers').expect(200);
    for (const paper of ['PAN card', 'Address proof', 'Passport-size photograph'])
      expect(text).toContain(paper);
    expect(text).toContain(en.papers.states.not_sent);
    expect(text).toContain('0 of 4 accepted');
  });

  it('are sealed in the vault, seen as being checked, and looked at again by whoever sent them', async () => {
    const bytes = await card();
    const sent = await upload(agent, { bytes, name: 'पैन ABCPE1234F.png' });
    expect([sent.status, sent.headers.location]).toEqual([303, '/portal/papers?done=sent']);
    const { text } = await agent.get('/portal/papers?done=sent');
    expect(text).toContain(en.papers.sent);
    expect(text).toContain(en.papers.states.waiting);
    const [document] = await site.world.context.models.documents.ofBuyer(asha);
    expect(document).toMatchObject({ kind: 'pan', status: 'received', source: 'portal', booking: home });
    expect(document?.fileName).not.toContain('ABCPE1234F');
    const path = `/portal/papers/file?document=${encodeURIComponent(document?._id ?? '')}`;
    expect(text).toContain(path);
    const looked = await agent.get(path).buffer().expect(200).expect('content-type', 'image/png');
    expect(Buffer.compare(looked.body, bytes)).toBe(0);
    expect(await site.world.context.models.timeline.latest(asha, 50)).toContainEqual(
      expect.objectContaining({ who: 'buyer', why: 'looked at it on their page' }),
    );
    expect((await agent.get('/portal/history')).text).toContain(en.history.paperSent('PAN card'));
  });

  it('that are sent twice are there once', async () => {
    const file = { bytes: await card(), name: 'pan.png' };
    const both = await Promise.all([upload(agent, file), upload(agent, file)]);
    expect(both.map(({ status }) => status)).toEqual([303, 303]);
    expect((await upload(agent, file, { key: 'k2' })).headers.location).toBe('/portal/papers?done=known');
    expect(await site.world.context.models.documents.ofBuyer(asha)).toHaveLength(1);
  });

  it('another file by a form that came back is another paper', async () => {
    await upload(agent, { bytes: await card(), name: 'pan.png' });
    const sent = await upload(agent, { bytes: await pdfPage(), name: 'pan.pdf' });
    expect(sent.headers.location).toBe('/portal/papers?done=sent');
    expect(await site.world.context.models.documents.ofBuyer(asha)).toHaveLength(2);
  });

  it.each([
    ['an empty file', () => Buffer.alloc(0), 'pan.png', 'The file is empty'],
    ['a ZIP that is called PDF', zipBomb, 'pan.pdf', 'This is an archive (ZIP)'],
    ['a program', () => Buffer.from('MZ\u0090\u0000this is no paper'), 'pan.png', 'This kind of file'],
    ['a page of HTML', () => Buffer.from('<html><script>alert(1)</script>'), 'pan.png', 'This kind of file'],
    ['a broken PDF', () => Buffer.from('%PDF-1.7\nnothing'), 'pan.pdf', 'The PDF cannot be opened'],
    ['a black picture', black, 'pan.png', 'The picture is too dark'],
    ['too large a file', () => Buffer.alloc(15 * 1024 * 1024 + 1, 1), 'pan.pdf', 'larger than 15 MB'],
  ])('say what to do about %s, beside the field', async (_what, bytes, name, words) => {
    const { status, text } = await upload(agent, { bytes: await bytes(), name });
    expect(status).toBe(422);
    expect(text).toContain(words);
    expect(text).toMatch(/<details open>/);
    expect(text).toMatch(/type="file"[^>]* aria-describedby="[^"]*-error"[^>]* aria-invalid="true"/);
    expect(await site.world.context.models.documents.ofBuyer(asha)).toEqual([]);
  });

  it('need a file', async () => {
    const form = await tokenIn(agent, '/portal/papers');
    const { status, text } = await agent
      .post('/portal/papers')
      .type('form')
      .send({ form, booking: home, requirement: `pan:${asha}` });
    expect(status).toBe(422);
    expect(text).toContain(en.papers.noFile);
  });

  it.each([
    ['ABCPE1234', 'A PAN has five letters'],
    ['ABCCE1234F', 'The fourth letter of this PAN'],
  ])('check the number that is typed beside them: %s', async (number, words) => {
    const { status, text } = await upload(agent, { bytes: await card(), name: 'pan.png' }, { number });
    expect(status).toBe(422);
    expect(text).toContain(words);
    expect(await site.world.context.models.documents.ofBuyer(asha)).toEqual([]);
  });

  it('keep nothing of a number that is right', async () => {
    const sent = await upload(
      agent,
      { bytes: await card(), name: 'a.png' },
      {
        requirement: `identity:${asha}`,
        kind: 'aadhaar',
        number: '9999 4105 7058',
      },
    );
    expect(sent.status).toBe(303);
    const [document] = await site.world.context.models.documents.ofBuyer(asha);
    expect(document?.kind).toBe('aadhaar');
    expect(JSON.stringify(document)).not.toContain('7058');
  });

  it('show why one has to be sent again', async () => {
    await upload(agent, { bytes: await card(), name: 'pan.png' });
    const [document] = await site.world.context.models.documents.ofBuyer(asha);
    const reason = { status: 'rejected', reason: 'kyc_retake_expired' } as const;
    await site.world.context.vault.review(document?._id ?? '', 'received', reason, COLLECTOR);
    const { text } = await agent.get('/portal/papers');
    expect(text).toContain(en.papers.states.rejected);
    expect(text).toContain('This paper has expired');
    expect((await agent.get('/portal')).text).toContain(en.home.papersAgain(1));
  });

  it('are sent only with a code', async () => {
    const plain = await site.browser(asha);
    const { status, headers } = await upload(plain, { bytes: await card(), name: 'pan.png' });
    expect([status, headers.location]).toEqual([303, '/portal/code?next=papers']);
    const path = '/portal/papers/file?document=x';
    expect((await plain.get(path).expect(303)).headers.location).toBe('/portal/code?next=papers');
  });

  it.each([
    ['a booking that is not there', { booking: 'b9' }],
    ['a line that is not on the list', { requirement: 'passport:x' }],
    ['nothing', { booking: '', requirement: '' }],
  ])('for %s are taken nowhere', async (_what, fields) => {
    expect((await upload(agent, { bytes: await card(), name: 'pan.png' }, fields)).status).toBe(404);
  });

  it('come in whole or not at all', async () => {
    const form = await tokenIn(agent, '/portal/papers');
    const head = (name: string) => `--b\r\nContent-Disposition: form-data; name="${name}"`;
    const cut = `${head('form')}\r\n\r\n${form}\r\n${head('file')}; filename="a.png"\r\n\r\nabc`;
    for (const type of [
      'multipart/form-data; boundary=b',
      'multipart/form-data',
      'application/json',
      'text/plain',
    ])
      await agent.post('/portal/papers').set('Content-Type', type).send(cut).expect(400);
    const packed = agent.post('/portal/papers').set('Content-Encoding', 'gzip');
    await packed.type('form').send({ form }).expect(400);
  });
});

describe('payments', () => {
  let agent: Agent;
  beforeEach(async () => {
    await sellHome();
    const { models } = site.world.context;
    const order = { booking: home, milestone: 'booking', dueInDays: 15 };
    await models.demands.raise(order, morning('2026-11-20'));
    agent = await site.browser(asha);
  });

  const utr = () => `HDFCR520261123${String(serial).padStart(8, '0')}`;

  /** Sends "I have paid". */
  async function claim(fields: Record<string, string> = {}): Promise<request.Response> {
    const typed = { for: `${home} ${home}:1`, amount: '1,50,000', utr: utr(), paidOn: '2026-11-22' };
    return submit(agent, '/portal/pay/claim', { key: 'k1', ...typed, ...fields });
  }

  it('show what is due, and how to pay only with a code', async () => {
    const { text } = await agent.get('/portal/pay').expect(200);
    expect(text).toContain(en.pay.toPay);
    expect(text).toContain('5\u00a0December\u00a02026');
    expect(text).not.toMatch(/EXMPGH|EXMP0000000|upi:/);
    const proven = await site.proven(asha, ASHA);
    const opened = (await proven.get('/portal/pay')).text;
    expect(opened).toContain(`EXMPGH${unit.replace('-', '')}`);
    expect(opened).toContain('EXMP0000000');
  });

  it('take what the buyer says they paid, once, and confirm nothing by it', async () => {
    const both = await Promise.all([claim(), claim()]);
    expect(both.map(({ status }) => status)).toEqual([303, 303]);
    const payments = await site.world.context.models.payments.ofBooking(home);
    expect(payments).toEqual([
      expect.objectContaining({ status: 'claimed', amountPaise: 1_50_000_00, demand: `${home}:1` }),
    ]);
    const { on: today } = momentOf(site.world.now, 'Asia/Kolkata');
    const { text } = await agent.get('/portal/pay?done=told');
    expect(text).toContain(en.pay.told);
    expect(text).toContain(en.pay.checkingText('₹1,50,000', dayInWords(today, 'en')));
    expect((await agent.get('/portal')).text).toContain('₹1,50,000');
  });

  it('refuse a reference that another payment has, without a word about whose', async () => {
    const taken = utr();
    const { id: rohan } = await another();
    await site.sell([rohan], { _id: 'taken', number: 'A-7777' });
    await site.world.context.models.payments.claim(
      { _id: 'p9', booking: 'taken', project: PROJECT, amountPaise: LAKH, utr: taken },
      site.world.now,
    );
    const { status, text } = await claim({ utr: taken });
    expect(status).toBe(409);
    expect(text).toContain(en.pay.utrUsed);
    expect(text).not.toContain('7777');
  });

  it.each([
    ['no amount', { amount: '' }, 'amount'],
    ['an amount of nothing', { amount: '0' }, 'amount'],
    ['less than nothing', { amount: '-5' }, 'amount'],
    ['words', { amount: 'all of it' }, 'amount'],
    ['far too much', { amount: '99999999999' }, 'amount'],
    ['a short reference', { utr: '123' }, 'utr'],
    ['signs in the reference', { utr: '<script>alert' }, 'utr'],
    ['a day to come', { paidOn: '2027-11-24' }, 'paidOn'],
    ['no day', { paidOn: '2026-02-30' }, 'paidOn'],
    ['long ago', { paidOn: '1999-01-01' }, 'paidOn'],
  ])('say what is wrong with %s, beside the field', async (_what, fields, name) => {
    const { status, text } = await claim(fields);
    expect(status).toBe(422);
    const error = en.pay.errors[name as keyof typeof en.pay.errors];
    expect(text).toContain(`id="${name}-error">${error}`);
    expect(text).not.toContain('<script');
    expect(await site.world.context.models.payments.ofBooking(home)).toEqual([]);
  });

  it('make letter and receipt as PDF, with a code', async () => {
    await claim();
    const { models } = site.world.context;
    const [payment] = await models.payments.ofBooking(home);
    const seen = { by: COLLECTOR, amountPaise: 1_50_000_00, mode: 'neft', receivedOn: '2026-11-22' } as const;
    await models.payments.confirm(payment?._id ?? '', seen, morning('2026-11-23'));
    const receiptNo = (await models.payments.byId(payment?._id ?? ''))?.receiptNo ?? '';
    const number = encodeURIComponent(receiptNo);
    for (const path of [
      `/portal/pay/letter.pdf?demand=${home}:1`,
      `/portal/receipts/receipt.pdf?number=${number}`,
    ]) {
      expect((await agent.get(path).expect(303)).headers.location).toMatch(/^\/portal\/code\?next=/);
    }
    expect((await agent.get('/portal/receipts')).text).toContain(en.receipts.locked);
    const proven = await site.proven(asha, ASHA);
    expect((await proven.get('/portal/receipts')).text).toContain('₹1,50,000');
    for (const path of [
      `/portal/pay/letter.pdf?demand=${home}:1`,
      `/portal/receipts/receipt.pdf?number=${number}`,
    ]) {
      const { body } = await proven.get(path).buffer().expect(200).expect('content-type', 'application/pdf');
      expect(body.subarray(0, 5).toString()).toBe('%PDF-');
    }
    expect((await proven.get('/portal/history')).text).toContain(receiptNo);
  });

  it('read amounts as people write them', () => {
    expect(paiseIn('₹1,50,000.50')).toBe(1_50_000_50);
    expect(paiseIn('Rs. 1,50,000/-')).toBe(1_50_000_00);
    expect(paiseIn('१५००')).toBe(1_500_00);
    expect(paiseIn('149.5')).toBe(149_50);
    for (const wrong of ['', '1.505', '1e5', '1.5.0', '٣', '0x10']) expect(paiseIn(wrong)).toBeUndefined();
  });

  it('write UPI addresses as its apps read them', () => {
    const url = upiUrl({
      vpa: 'green.field@example',
      beneficiary: 'Meridian & Sons',
      number: 'B-1203',
      payable: 149_50,
    });
    expect(url).toBe(
      'upi://pay?pa=green.field@example&pn=Meridian%20%26%20Sons&am=149.50&cu=INR&tr=B1203&tn=Unit%20B-1203',
    );
  });
});

describe('visits', () => {
  let agent: Agent;
  beforeEach(async () => {
    agent = await site.browser(asha);
  });

  async function slots(): Promise<string[]> {
    const { text } = await agent.get('/portal/visits').expect(200);
    return [...text.matchAll(/name="at" value="([^"]+)"/g)].map(([, at]) => at ?? '');
  }

  const bookedNow = () =>
    site.world.context.models.visits.model.countDocuments({ buyer: asha, status: 'booked' });
  const book = (at: string, key = 'k1') => submit(agent, '/portal/visits', { key, project: PROJECT, at });

  it('are booked, moved, put into a calendar, and cancelled', async () => {
    const [first = '', second = ''] = await slots();
    expect((await book(first)).status).toBe(303);
    await site.world.rest();
    const booked = (await agent.get('/portal/visits?done=booked')).text;
    expect(booked).toContain(en.visits.booked);
    expect(booked).toContain(en.visits.move);
    const path = /\/portal\/visits\/visit\.ics\?visit=[^"]+/.exec(booked)?.[0] ?? '';
    const { text: calendar } = await agent
      .get(path)
      .buffer()
      .expect('content-type', /^text\/calendar/);
    expect(calendar).toContain(`DTSTART:${first.replace(/[-:]|\.\d{3}/g, '')}`);

    expect((await book(second, 'k2')).status).toBe(303);
    await site.world.rest();
    const { visits } = site.world.context.models;
    const next = await visits.nextOf(asha, site.world.now);
    expect(next?.at.toISOString()).toBe(second);
    expect(await bookedNow()).toBe(1);

    const gone = await submit(agent, '/portal/visits/cancel', { key: 'k3', visit: next?._id ?? '' });
    expect([gone.status, gone.headers.location]).toEqual([303, '/portal/visits?done=cancelled']);
    await site.world.rest();
    expect(await visits.nextOf(asha, site.world.now)).toBeUndefined();
    expect((await submit(agent, '/portal/visits/cancel', { key: 'k4', visit: next?._id ?? '' })).status).toBe(
      303,
    );
  });

  it('that are booked twice by one form are one', async () => {
    const [first = ''] = await slots();
    const both = await Promise.all([book(first), book(first)]);
    expect(both.map(({ status }) => status)).toEqual([303, 303]);
    await site.world.rest();
    expect(await bookedNow()).toBe(1);
  });

  it.each([
    ['the past', '2020-01-01T10:00:00.000Z', 409],
    ['the middle of the night', '2027-01-05T20:30:00.000Z', 409],
    ['no time', 'soon', 422],
    ['nothing', '', 422],
  ])('in %s are not possible', async (_what, at, status) => {
    expect((await book(at)).status).toBe(status);
    expect(await bookedNow()).toBe(0);
  });

  it('to a project that is not there are not possible', async () => {
    const [at = ''] = await slots();
    expect((await submit(agent, '/portal/visits', { key: 'k', project: 'nowhere', at })).status).toBe(404);
    await agent.get('/portal/visits?project=nowhere').expect(200);
  });
});

describe('what belongs to somebody else', () => {
  let rohan: Agent;
  let rohansId: string;
  let rohansHome: string;
  beforeEach(async () => {
    await sellHome();
    await site.world.context.models.demands.raise(
      { booking: home, milestone: 'booking', dueInDays: 15 },
      morning('2026-11-20'),
    );
    const { id, number } = await another();
    rohansId = id;
    rohansHome = `${home}-2`;
    await site.sell([rohansId], { _id: rohansHome, number: `${unit}9` });
    rohan = await site.proven(rohansId, number);
  });

  it('is on none of a buyer’s pages', async () => {
    for (const path of ['', '/papers', '/pay', '/receipts', '/visits', '/history']) {
      const { text } = await rohan.get(`/portal${path}`).expect(200);
      for (const word of [`${unit}<`, `${home}:1`, `EXMPGH${unit.replace('-', '')}<`])
        expect(text).not.toContain(word);
      expect(text).not.toContain(asha);
    }
  });

  it('cannot be reached by its id', async () => {
    const agent = await site.proven(asha, ASHA);
    await upload(agent, { bytes: await card(), name: 'pan.png' });
    const { models } = site.world.context;
    const [document] = await models.documents.ofBuyer(asha);
    await models.payments.claim(
      { _id: `p-${home}`, booking: home, project: PROJECT, amountPaise: LAKH },
      site.world.now,
    );
    const seen = { by: COLLECTOR, amountPaise: LAKH, mode: 'neft', receivedOn: '2026-11-22' } as const;
    await models.payments.confirm(`p-${home}`, seen, morning('2026-11-23'));
    const receipt = (await models.payments.byId(`p-${home}`))?.receiptNo ?? '';
    const slot = (await site.world.context.portfolio.facts('', site.world.now)).openSlots[PROJECT]?.[0];
    const wish = {
      _id: `v-${home}`,
      project: PROJECT,
      buyer: asha,
      conversation: 'c',
      at: slot ?? new Date(0),
    };
    await models.visits.book({ ...wish, bookedAt: site.world.now }, 2);

    const id = encodeURIComponent(document?._id ?? '');
    await rohan.get(`/portal/papers/file?document=${id}`).expect(404);
    await rohan.get(`/portal/pay/letter.pdf?demand=${home}:1`).expect(404);
    await rohan.get(`/portal/receipts/receipt.pdf?number=${encodeURIComponent(receipt)}`).expect(404);
    await rohan.get(`/portal/visits/visit.ics?visit=v-${home}`).expect(404);
    expect((await submit(rohan, '/portal/visits/cancel', { key: 'k', visit: `v-${home}` })).status).toBe(404);
    expect((await models.visits.byId(`v-${home}`))?.status).toBe('booked');
    const paid = { key: 'k', amount: '100', utr: 'ABCD12345678', paidOn: '2026-11-22' };
    for (const what of [home, `${home} ${home}:1`, `${rohansHome} ${home}:1`, ''])
      expect((await submit(rohan, '/portal/pay/claim', { ...paid, for: what })).status).toBe(404);
    for (const fields of [{ booking: home }, { booking: rohansHome, requirement: `pan:${asha}` }])
      expect((await upload(rohan, { bytes: await card(), name: 'a.png' }, fields)).status).toBe(404);
    await agent.get(`/portal/papers/file?document=${id}`).expect(200);
  });

  it('is not looked at by who buys together with them', async () => {
    await site.sell([asha, rohansId], { _id: `${home}-3`, number: `${unit}8`, buyerKind: 'joint' });
    const agent = await site.proven(asha, ASHA);
    await upload(agent, { bytes: await card(), name: 'pan.png' }, { booking: `${home}-3` });
    const [document] = await site.world.context.models.documents.ofBuyer(asha);
    await rohan.get(`/portal/papers/file?document=${encodeURIComponent(document?._id ?? '')}`).expect(404);
    expect((await rohan.get('/portal/papers')).text).toContain(en.papers.states.waiting);
  });
});

describe('markup', () => {
  it('escapes every value, and no markup of its own', () => {
    const name = `<b title="x" data='y'>&`;
    expect(
      `${html`<p title="${name}">${name}${html`<i>${1}</i>`}${undefined}${false}${[name, 2]}</p>`}`,
    ).toBe(
      '<p title="&lt;b title=&quot;x&quot; data=&#39;y&#39;&gt;&amp;">&lt;b title=&quot;x&quot; data=&#39;y&#39;&gt;&amp;<i>1</i>&lt;b title=&quot;x&quot; data=&#39;y&#39;&gt;&amp;2</p>',
    );
  });

  it('follows no address that could run something', () => {
    for (const url of ['javascript:alert(1)', ' javascript:x', 'data:text/html,x', '//x', ''])
      expect(safeUrl(url)).toBeUndefined();
    expect(safeUrl('https://maps.example/?q=1')).toBe('https://maps.example/?q=1');
  });
});

describe('the words of the pages', () => {
  it('exist in both languages, each in its own letters', () => {
    const keys = (of: unknown): string[] =>
      typeof of === 'object' && of !== null
        ? Object.entries(of).flatMap(([key, value]) => [key, ...keys(value).map((each) => `${key}.${each}`)])
        : [];
    expect(keys(hi)).toEqual(keys(en));
    expect(JSON.stringify(en.problems)).not.toMatch(/[\u0900-\u097f]/);
    expect(JSON.stringify({ ...hi.problems, ...hi.privacy })).toMatch(/[\u0900-\u097f]/);
  });
});

/** 4 GiB of zeros in a few kilobytes, as a ZIP says of itself: its header is all that anybody looks at. */
function zipBomb(): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(8, 8);
  header.writeUInt32LE(0xffffffff, 22);
  header.writeUInt16LE(5, 26);
  return Buffer.concat([header, Buffer.from('a.txt'), Buffer.alloc(4_000, 1)]);
}

async function black(): Promise<Buffer> {
  const { default: sharp } = await import('sharp');
  return sharp({ create: { width: 1_200, height: 800, channels: 3, background: '#000' } })
    .png()
    .toBuffer();
}
