import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type wweb from 'whatsapp-web.js';
import { chromiumArguments } from '../bot/channels/web/browser.ts';
import { PAGE_WORDS } from '../templates/portal/words.ts';
import { chromiumFor } from './chromium.ts';
import { card } from './papers.ts';
import { PortalSite } from './portalSite.ts';
import { COLLECTOR, morning, PROJECT } from './sale.ts';

/** The buyers' pages in a real browser that runs no script at all. */

type Browser = NonNullable<wweb.Client['pupBrowser']>;
type Page = NonNullable<wweb.Client['pupPage']>;

const ASHA = '+919999900001';
type Scrolled = { scrollIntoView(where: { block: 'center' }): void };

const { en } = PAGE_WORDS;
const CHROMIUM = chromiumFor('the buyers’ pages');
const describeWithBrowser = CHROMIUM ? describe : describe.skip;
const MOST_BYTES = 30_000;

describeWithBrowser('the buyers’ pages, without JavaScript', () => {
  let site: PortalSite;
  let browser: Browser;
  let page: Page;
  let base: string;
  let folder: string;
  let asha: string;

  beforeAll(async () => {
    site = await PortalSite.open();
    await new Promise<void>((resolve) => site.server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(site.server.address() as AddressInfo).port}`;
    folder = mkdtempSync(join(tmpdir(), 'baton-portal-'));
    const { launch } = createRequire(createRequire(import.meta.url).resolve('whatsapp-web.js'))('puppeteer');
    const args = [...chromiumArguments([]), '--no-sandbox'];
    browser = await launch({ executablePath: CHROMIUM, args });
    asha = await site.buyer(ASHA);
    await furnish(site, asha);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await site?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    page = await browser.newPage();
    await page.setJavaScriptEnabled(false);
    await page.setViewport({ width: 360, height: 740, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  });

  const text = () => page.$eval('main', (main) => (main as unknown as { textContent: string }).textContent);
  const press = async (selector: string) => {
    // The bar at the foot stays where it is: what lies under it is not what is pressed.
    await page.$eval(selector, (button) =>
      (button as unknown as Scrolled).scrollIntoView({ block: 'center' }),
    );
    await Promise.all([page.waitForNavigation(), page.click(selector)]);
  };

  const prove = async () => {
    await page.goto(`${base}/portal/papers`);
    await press('.locked button');
    await site.world.rest();
    await page.type('#code', site.codeOn(ASHA));
    await press('form[action="/portal/code"] button');
  };

  it('are opened by a link; a code from WhatsApp lets a paper be sent, which is then listed', async () => {
    await page.goto(`${base}${await site.link(asha, 'papers')}`);
    expect(page.url()).toBe(`${base}/portal/papers`);
    await prove();
    expect(page.url()).toBe(`${base}/portal/papers`);

    const file = join(folder, 'photo.png');
    writeFileSync(file, await card());
    const place = 'li[id^="p-b1-photo"]';
    await page.click(`${place} summary`);
    const input = await page.$(`${place} input[type="file"]`);
    await (input as unknown as { uploadFile(path: string): Promise<void> }).uploadFile(file);
    await press(`${place} form button`);
    expect(page.url()).toBe(`${base}/portal/papers?done=sent`);
    expect(await text()).toContain(en.papers.sent);
    expect(await page.$eval(`${place} .chip`, ({ textContent }) => textContent)).toBe(
      en.papers.states.waiting,
    );
  }, 60_000);

  it('fit a phone of 360 points, have one heading each, labels for all fields, and weigh less than 30 kB', async () => {
    await page.goto(`${base}${await site.link(asha)}`);
    await prove();
    for (const path of [
      '',
      '/papers',
      '/pay',
      '/receipts',
      `/visits?project=${PROJECT}`,
      '/history',
      '/code',
      '/leave',
      '/privacy',
    ]) {
      for (const language of ['en', 'hi']) {
        await page.goto(`${base}/portal/privacy?language=${language}`);
        const bytes: Promise<number>[] = [];
        page.on('response', (response) => {
          if (response.ok()) bytes.push(response.buffer().then(({ length }) => length));
        });
        await page.setCacheEnabled(false);
        await page.goto(`${base}/portal${path}`);
        page.removeAllListeners('response');
        const found = await page.evaluate(lookOver);
        expect({ path, language, ...found }).toEqual({
          ...{ path, language, lang: language, tooWide: 0, headings: 1, unlabelled: 0, small: [], twice: [] },
        });
        const weight = (await Promise.all(bytes)).reduce((total, each) => total + each, 0);
        expect(weight).toBeLessThan(MOST_BYTES);
      }
    }
  }, 120_000);
});

/** Runs in the page: what a person with a small screen, or without one, would stumble over. */
function lookOver() {
  type Box = { top: number; bottom: number; width: number; height: number };
  type Found = {
    id: string;
    labels?: { length: number };
    textContent: string;
    getBoundingClientRect(): Box;
    checkVisibility(): boolean;
    closest(selector: string): object | null;
  };
  const { document, innerWidth } = globalThis as unknown as {
    innerWidth: number;
    document: {
      documentElement: { lang: string; scrollWidth: number };
      querySelectorAll(selector: string): Iterable<Found>;
    };
  };
  const all = (selector: string) => [...document.querySelectorAll(selector)];
  const ids = all('[id]').map(({ id }) => id);
  const targets = all(
    'main a, main button, nav a, main input:not([type="hidden"], [type="radio"]), select, summary',
  );
  return {
    lang: document.documentElement.lang,
    tooWide: Math.max(0, document.documentElement.scrollWidth - innerWidth),
    headings: all('h1').length,
    unlabelled: all('input:not([type="hidden"]), select').filter(({ labels }) => !labels?.length).length,
    small: targets
      .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 43)
      .map(({ textContent }) => textContent),
    twice: ids.filter((id, index) => ids.indexOf(id) !== index),
  };
}

/** A home with papers in every state, dues, a claim, a receipt and a visit. */
async function furnish(site: PortalSite, buyer: string): Promise<void> {
  const { models, vault, portfolio } = site.world.context;
  await models.buyers.model.updateOne({ _id: buyer }, { $set: { name: 'Asha Verma' } });
  await site.sell([buyer]);
  await models.demands.raise({ booking: 'b1', milestone: 'booking', dueInDays: 15 }, morning('2026-02-02'));
  await models.demands.raise({ booking: 'b1', milestone: 'agreement', dueInDays: 30 }, morning('2026-11-02'));
  await models.payments.claim(
    { _id: 'p1', booking: 'b1', project: PROJECT, amountPaise: 10_40_000_00, utr: 'HDFCR52026021512345678' },
    morning('2026-02-15').at,
  );
  const seen = { by: COLLECTOR, amountPaise: 10_40_000_00, mode: 'neft', receivedOn: '2026-02-15' } as const;
  await models.payments.confirm('p1', seen, morning('2026-02-16'));
  await models.payments.claim(
    { _id: 'p2', booking: 'b1', project: PROJECT, amountPaise: 1_50_000_00, utr: 'HDFCR52026112212345678' },
    morning('2026-11-22').at,
  );
  for (const [kind, status] of [
    ['pan', 'accepted'],
    ['address_proof', 'rejected'],
  ] as const) {
    const upload = {
      ...{ _id: `d-${kind}`, buyer, conversation: 'c', booking: 'b1', applicant: buyer, kind, warnings: [] },
      ...{ source: 'portal' as const, mimeType: 'image/png', uploadedAt: morning('2026-11-20').at },
    };
    await vault.store(upload, bytesOf(await card(), kind));
    const decision =
      status === 'accepted' ? ({ status } as const) : ({ status, reason: 'kyc_retake_blurred' } as const);
    await vault.review(`d-${kind}`, 'received', decision, COLLECTOR);
  }
  const slots = (await portfolio.facts('', site.world.now)).openSlots[PROJECT] ?? [];
  const wish = { _id: 'v1', project: PROJECT, buyer, conversation: 'c', at: slots[9] ?? new Date(0) };
  await models.visits.book({ ...wish, bookedAt: site.world.now }, 2);
}

async function* bytesOf(picture: Buffer, end: string): AsyncGenerator<Buffer> {
  yield Buffer.concat([picture, Buffer.from(end)]);
}
