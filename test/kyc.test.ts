import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DateTime } from 'luxon';
import sharp from 'sharp';
import type { Handing } from '../bot/documents/folders.ts';
import { TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { Case } from '../models/case.ts';
import { card, page } from './papers.ts';
import { type Buyer, type Product, startProduct } from './product.ts';
import { sell } from './sale.ts';
import {
  blocksOf,
  buttonsOf,
  type Card,
  interact,
  linesOf,
  pressOf,
  readBy,
  submit,
  VIKRAM,
  whispers,
} from './teamwork.ts';
import { until } from './until.ts';

/** Papers of a booking from the bytes to the buyer's chat, and what operations decide about them in Slack. */

const { operations, legal } = TEAM_CHANNELS;

const OUTSIDER = 'U0OUTSIDER1';

const understander = readBy([
  ['pending', 'kyc_query'],
  ['hello', 'greeting'],
]);

let product: Product;
let serial = 0;
beforeAll(async () => {
  product = await startProduct({ understander });
  product.advance(untilNoonMs());
  await until('Slack is connected', () => product.baton.context.inbox.health() === 'ready');
});
afterAll(() => product.stop());

/** Papers are asked for at a decent hour, and the machine's clock may show any. */
function untilNoonMs(): number {
  const noon = DateTime.fromMillis(Date.now(), { zone: 'Asia/Kolkata' }).set({ hour: 12, minute: 0 });
  const next = noon.toMillis() < Date.now() ? noon.plus({ days: 1 }) : noon;
  return next.toMillis() - Date.now();
}

type Sold = { buyer: Buyer; id: string; booking: string };

/** A buyer who has booked a unit and was asked for its papers. */
async function sold(more: Parameters<typeof sell>[1] = {}): Promise<Sold> {
  serial += 1;
  const buyer = product.buyer();
  const id = await idOf(buyer);
  const booking = await sell(product.models, {
    _id: `b-${serial}`,
    number: `K-${100 + serial}`,
    ...more,
    buyers: [id, ...(more.buyers ?? [])],
  });
  const data = { project: 'greenfield-heights', booking };
  await product.baton.context.happenings.begin(id, `begin:${booking}`, {
    flow: 'kyc',
    subject: booking,
    data,
  });
  await until('the list', () => last(buyer).includes('we need these papers'));
  return { buyer, id, booking };
}

async function idOf(buyer: Buyer): Promise<string> {
  await buyer.write('hello');
  await until('an answer', () => buyer.heard().length > 0);
  const known = await until('the buyer', () => product.models.buyers.byPhone(buyer.number));
  return known._id;
}

function last(buyer: Buyer): string {
  return buyer.heard().at(-1) ?? '';
}

let uploads = 0;

/** A picture that nobody has sent before. */
async function picture(): Promise<Buffer> {
  uploads += 1;
  return sharp(await card())
    .composite([
      {
        input: { create: { width: 8 + uploads, height: 8, channels: 3, background: '#123' } },
        left: 5,
        top: 5,
      },
    ])
    .png()
    .toBuffer();
}

async function upload({ id, booking }: Sold, requirement: string, more: Partial<Handing> = {}) {
  const bytes = await picture();
  const file = { name: `scan-${uploads}.png`, mimeType: 'image/png', bytes };
  const handing = { booking, requirement, uploadedBy: id, key: `k${uploads}`, ...file, ...more };
  return product.baton.context.folders.takeIn(handing);
}

async function uploaded(sale: Sold, requirement: string, more: Partial<Handing> = {}): Promise<string> {
  const intake = await upload(sale, requirement, more);
  if (intake.kind !== 'stored') throw new Error(`not stored: ${intake.kind}`);
  return intake.document._id;
}

/** All that a resident needs; an Aadhaar is identity and address at once. */
async function uploadAll(sale: Sold): Promise<{ pan: string; aadhaar: string; photo: string }> {
  return {
    pan: await uploaded(sale, 'pan', { applicant: sale.id }),
    aadhaar: await uploaded(sale, `identity:${sale.id}`, { kind: 'aadhaar' }),
    photo: await uploaded(sale, 'photo', { applicant: sale.id }),
  };
}

async function cardOf({ buyer }: Sold, channel: string): Promise<Card> {
  const { ts } = await buyer.card(channel);
  await until('the case to know its card', () => product.models.cases.byThread(channel, ts));
  return { channel, ts };
}

function shown({ channel, ts }: Card): string {
  return blocksOf(product.slack.messages(channel).find((each) => each.ts === ts));
}

function press(member: string, at: Card, action: string, document: string) {
  return product.slack.click(member, at.channel, at.ts, action, { blockId: `paper ${document}` });
}

async function status(document: string): Promise<string | undefined> {
  return (await product.models.documents.byId(document))?.status;
}

describe('a paper that is uploaded', () => {
  it('is sealed, waits on the card of operations, and is told to the buyer only when all are there', async () => {
    const sale = await sold();
    const heard = sale.buyer.heard().length;
    const pan = await uploaded(sale, 'pan', { applicant: sale.id });
    const at = await cardOf(sale, operations);
    await until('the paper on the card', () => shown(at).includes('look at it'));
    expect(shown(at)).toContain(`/desk/documents/${encodeURIComponent(pan)}`);
    expect(shown(at)).toContain('a paper has come in');
    expect(await product.models.documents.byId(pan)).toMatchObject({
      buyer: sale.id,
      booking: sale.booking,
      applicant: sale.id,
      kind: 'pan',
      source: 'portal',
      status: 'received',
    });
    const folder = await product.baton.context.folders.ofBooking(sale.booking);
    expect(folder?.items.map(({ requirement, state }) => [requirement.id, state])).toEqual([
      [`pan:${sale.id}`, 'waiting'],
      [`identity:${sale.id}`, 'not_sent'],
      [`address:${sale.id}`, 'not_sent'],
      [`photo:${sale.id}`, 'not_sent'],
    ]);
    expect(sale.buyer.heard()).toHaveLength(heard);
    await uploaded(sale, `identity:${sale.id}`, { kind: 'aadhaar' });
    await uploaded(sale, 'photo', { applicant: sale.id });
    await until('that all are there', () => last(sale.buyer).includes('Every paper for unit'));
    expect(sale.buyer.heard()).toHaveLength(heard + 1);
  }, 60_000);

  it('is one paper however often its upload is repeated', async () => {
    const sale = await sold();
    const bytes = await picture();
    const same = { key: 'same', bytes, applicant: sale.id };
    const first = await upload(sale, 'pan', same);
    expect(first.kind).toBe('stored');
    expect(await upload(sale, 'pan', same)).toMatchObject({ kind: 'stored' });
    // The same file by another upload.
    expect(await upload(sale, 'pan', { ...same, key: 'other' })).toMatchObject({
      kind: 'duplicate',
      copy: 'kyc_already_received',
    });
    expect(await product.models.documents.ofBooking(sale.booking)).toHaveLength(1);
  });

  it('that cannot be used, or is for nobody, is refused with what to do, and nothing is kept', async () => {
    const sale = await sold();
    const other = await sold();
    const zip = Buffer.concat([Buffer.from('504b0304140000000800', 'hex'), Buffer.alloc(4_000)]);
    const wrong: [string, string, Partial<Handing>][] = [
      ['kyc_retake_empty', 'pan', { bytes: Buffer.alloc(0) }],
      ['kyc_retake_archive', 'pan', { bytes: zip, name: 'pan.pdf', mimeType: 'application/pdf' }],
      ['kyc_retake_wrong_type', 'pan', { bytes: Buffer.from('<html>no</html>'), name: 'pan.jpg' }],
      ['kyc_not_on_list', 'pan', { applicant: other.id }],
      ['kyc_not_on_list', `pan:${other.id}`, {}],
      ['kyc_not_on_list', 'company_pan', {}],
      ['kyc_no_such_booking', 'pan', { uploadedBy: other.id }],
      ['kyc_no_such_booking', 'pan', { booking: other.booking }],
      ['kyc_no_such_booking', 'pan', { booking: 'nothing' }],
    ];
    for (const [copy, requirement, more] of wrong) {
      const intake = await upload(sale, requirement, { applicant: sale.id, ...more });
      expect({ copy, intake }).toMatchObject({ copy, intake: { kind: 'retake', copy } });
    }
    expect(await product.models.documents.ofBooking(sale.booking)).toEqual([]);
    expect(await product.models.documents.ofBooking(other.booking)).toEqual([]);
  });

  it('under another name than it is, is taken and marked for those who look', async () => {
    const sale = await sold();
    await uploaded(sale, 'pan', { applicant: sale.id, name: 'pan.pdf', mimeType: 'application/pdf' });
    const at = await cardOf(sale, operations);
    await until('the mark', () => shown(at).includes('another type than it is'));
  });

  it('of a joint purchase names whose it is, and what the other still lacks', async () => {
    const ravi = product.buyer();
    const second = await idOf(ravi);
    const sale = await sold({ buyerKind: 'joint', buyers: [second] });
    expect(last(sale.buyer)).toContain(`PAN card, ${sale.buyer.name}, ${ravi.name}:`);
    await uploadAll(sale);
    await uploaded(sale, 'pan', { applicant: second, uploadedBy: second });
    const at = await cardOf(sale, operations);
    await until('his paper', () => shown(at).includes(ravi.name));
    await sale.buyer.write('what is pending');
    await until('what is missing', () => last(sale.buyer).includes('we still need'));
    const words = last(sale.buyer);
    expect(words).not.toContain('PAN card');
    expect(words).toContain(`Passport-size photograph, ${ravi.name}:`);
    expect(words).not.toContain(sale.buyer.name);
  });
});

describe('operations', () => {
  it('accept papers on the card until the set is complete: the buyer is told, and legal goes on with it', async () => {
    const sale = await sold();
    const { pan, aadhaar, photo } = await uploadAll(sale);
    const at = await cardOf(sale, operations);
    await until('three papers', () => shown(at).split('paper_accept').length === 4);
    for (const document of [pan, aadhaar, photo]) {
      await press(VIKRAM, at, 'paper_accept', document);
      await until('it is accepted', async () => (await status(document)) === 'accepted');
      await until('its buttons are gone', () => !shown(at).includes(`paper ${document}`));
    }
    await until('that it is complete', () => last(sale.buyer).includes('checked and accepted'));
    const handed = await cardOf(sale, legal);
    await until('the set', () => shown(handed).includes('Accepted papers'));
    for (const document of [pan, aadhaar, photo])
      expect(shown(handed)).toContain(encodeURIComponent(document));
    expect(buttonsOf(product.slack.messages(legal).find(({ ts }) => ts === handed.ts))).not.toContain(
      'paper_accept',
    );
    expect(linesOf(product, at).join()).toContain('accepted a paper: pan');
    const found = await until('the case is closed', async () => {
      const latest = await product.models.cases.byThread(operations, at.ts);
      return latest?.status === 'resolved' && latest;
    });
    expect(found).toMatchObject({ outcome: 'answered' });
    const milestones = await product.models.milestones.model.find({ subject: sale.booking }).lean();
    expect(
      milestones.filter(({ name }) => name !== 'kyc_handed_in').every(({ reachedAt }) => reachedAt),
    ).toBe(true);
    const entries = await product.models.timeline.latest(sale.id, 60);
    expect(entries.filter(({ what }) => what.startsWith('paper pan')).map(({ who }) => who)).toContain(
      'Vikram Joshi',
    );
  }, 60_000);

  it('send a paper back with a reason: the buyer learns exactly how to take it again', async () => {
    const sale = await sold();
    const { pan } = await uploadAll(sale);
    const at = await cardOf(sale, operations);
    await until('the paper', () => shown(at).includes(`paper ${pan}`));
    await press(VIKRAM, at, 'paper_reject', pan);
    await until('the form', () => product.slack.views(VIKRAM).at(-1));
    expect(await submit(product, VIKRAM, { choice: 'kyc_retake_blurred' })).toMatchObject({});
    await until('the instruction', () => last(sale.buyer).includes('The picture is blurred'));
    expect(last(sale.buyer)).toContain('• PAN card: please send it again.');
    expect(last(sale.buyer)).toMatch(/http:\/\/localhost:\d+\/portal\/l\//);
    expect(await product.models.documents.byId(pan)).toMatchObject({
      status: 'rejected',
      reason: 'kyc_retake_blurred',
      reviewedBy: { id: VIKRAM },
    });
    const conversation = await product.models.conversations.fresh(
      (await product.models.conversations.idsOf(sale.id))[0] ?? '',
    );
    expect(conversation?.state.runs.find(({ flow }) => flow === 'kyc')).toMatchObject({
      stage: 'retaking',
      reminded: [],
    });
  }, 60_000);

  it('are told who was faster, and nobody outside the team decides anything', async () => {
    const sale = await sold();
    const pan = await uploaded(sale, 'pan', { applicant: sale.id });
    const at = await cardOf(sale, operations);
    await until('the paper', () => shown(at).includes(`paper ${pan}`));
    await interact(product, pressOf(OUTSIDER, at, 'paper_accept', { value: pan }));
    expect(await status(pan)).toBe('received');
    await product.baton.context.folders.review(pan, { status: 'accepted' }, { id: 'U9', name: 'Ilse' });
    await interact(product, pressOf(VIKRAM, at, 'paper_accept', { value: pan }));
    await until('who it was', () =>
      whispers(product, VIKRAM, at).some((text) => text.includes('Ilse has accepted')),
    );
    await interact(product, pressOf(VIKRAM, at, 'paper_accept', { value: 'nothing' }));
    await until('that it is gone', () =>
      whispers(product, VIKRAM, at).some((text) => text.includes('not there any more')),
    );
  }, 60_000);

  it('say what a paper is that came in chat, and it counts from then on', async () => {
    const sale = await sold();
    await product.phone.attachAs(sale.buyer.number, {
      bytes: await page(),
      fileName: 'scan.png',
      mimeType: 'image/png',
      caption: '',
    });
    await until(
      'that it was taken',
      () => last(sale.buyer).includes('It is now in our secure folder'),
      20_000,
    );
    const at = await cardOf(sale, operations);
    await until('the paper', () => shown(at).includes('paper_sort'));
    const [waiting] = await product.baton.context.folders.shown(sale.id, 'waiting');
    await press(VIKRAM, at, 'paper_sort', waiting?.document ?? '');
    await until('the form', () => product.slack.views(VIKRAM).at(-1));
    await submit(product, VIKRAM, { choice: 'pan' });
    await until('it counts', async () => {
      const folder = await product.baton.context.folders.ofBooking(sale.booking);
      return folder?.items[0]?.state === 'accepted';
    });
    expect(await product.models.documents.byId(waiting?.document ?? '')).toMatchObject({ kind: 'pan' });
    const found: Case | null = await product.models.cases.byThread(operations, at.ts);
    expect(found?.intent).toBe('kyc_submit');
  }, 60_000);
});
