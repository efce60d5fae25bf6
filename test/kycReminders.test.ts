import { afterEach, describe, expect, it } from '@jest/globals';
import { pdf } from './pdfPaper.ts';
import { sell } from './sale.ts';
import { World } from './world.ts';

/** Reminders of papers and erasure, on the real product with time in the test's hand. */

const ASHA = '+919999900001';
const RIYA = { id: 'U1', name: 'Riya' };
const HOUR_MS = 3_600_000;

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    await world.context.media.drain();
    await world.close();
  }
});

type Asked = { world: World; id: string; booking: string };

/** A buyer who was asked for papers at this many hours after ten in the morning. */
async function asked(hoursLater = 0): Promise<Asked> {
  const world = await World.open();
  worlds.push(world);
  await world.write(ASHA, 'hello');
  const id = (await world.context.models.buyers.byPhone(ASHA))?._id ?? '';
  // The enquiry has nothing to say any more.
  const [conversation = ''] = await world.context.models.conversations.idsOf(id);
  await world.context.models.conversations.change(conversation, (current) => ({
    ...current,
    state: { ...current.state, runs: [] },
  }));
  await world.pass(hoursLater * HOUR_MS);
  const booking = await sell(world.context.models, { buyers: [id] });
  const data = { project: 'greenfield-heights', booking };
  await world.context.happenings.begin(id, 'begin', { flow: 'kyc', subject: booking, data });
  await world.rest();
  return { world, id, booking };
}

async function uploadAll({ world, id, booking }: Asked): Promise<string[]> {
  const stored: string[] = [];
  for (const [rule, kind] of [
    ['pan', 'pan'],
    ['identity', 'aadhaar'],
    ['photo', 'photo'],
  ] as const) {
    const intake = await world.context.folders.takeIn({
      ...{ booking, requirement: rule, applicant: id, kind, uploadedBy: id, key: rule },
      ...{ name: `${rule}.pdf`, mimeType: 'application/pdf', bytes: await pdf() },
    });
    if (intake.kind !== 'stored') throw new Error(intake.kind);
    stored.push(intake.document._id);
  }
  await world.rest();
  return stored;
}

function reminders({ world }: Asked): string[] {
  return world.answers(ASHA).filter((text) => text.includes('still missing'));
}

describe('reminders of papers', () => {
  it('go out three times, name what is missing and lead to the page; then a person is told', async () => {
    const sale = await asked();
    const { world, id } = sale;
    for (let day = 0; day < 14; day += 1) await world.pass(24 * HOUR_MS);
    const sent = reminders(sale);
    expect(sent).toHaveLength(3);
    expect(sent[0]).toContain('• PAN card: needed for the agreement');
    expect(sent[0]).toMatch(/http:\/\/localhost:3000\/portal\/l\/[\w-]+\.[\w-]+/);
    const cases = await world.context.models.cases.openOf(id);
    expect(cases.map(({ team, reason }) => `${team} ${reason}`)).toEqual([
      'sales kyc_missing',
      'operations milestone_late',
    ]);
    const kept = await world.context.models.timeline.latest(id, 200);
    expect(JSON.stringify(kept)).not.toContain('/portal/l/');
  });

  it('that wait for the morning do not go out when the papers came in the night', async () => {
    // Asked at ten in the evening, so that the reminder falls into the quiet hours of the next one.
    const sale = await asked(12);
    await sale.world.pass(24 * HOUR_MS);
    expect(reminders(sale)).toEqual([]);
    await uploadAll(sale);
    await sale.world.pass(14 * HOUR_MS);
    expect(reminders(sale)).toEqual([]);
    expect(sale.world.answers(ASHA).at(-1)).toContain('Every paper for unit B-1203 has reached us');
  });

  it('that wait for the morning go out when nothing came', async () => {
    const sale = await asked(12);
    await sale.world.pass(24 * HOUR_MS);
    await sale.world.pass(14 * HOUR_MS);
    expect(reminders(sale)).toHaveLength(1);
  });
});

describe('a paper that is to be erased', () => {
  it('is kept where the law says so, erased on the word of counsel, and both stand on the timeline', async () => {
    const sale = await asked();
    const { folders, vault, models } = sale.world.context;
    const [pan = '', aadhaar = ''] = await uploadAll(sale);
    await folders.review(pan, { status: 'accepted' }, RIYA);
    await folders.review(aadhaar, { status: 'rejected', reason: 'kyc_retake_blurred' }, RIYA);
    const why = { who: 'Riya', why: 'the buyer asked for it' };
    expect(await folders.erase(pan, why)).toMatchObject({
      kind: 'kept',
      retention: { rules: [{ id: 'pmla' }, {}] },
    });
    expect((await vault.look(pan))?.status).toBe('accepted');
    expect(await folders.erase(aadhaar, why)).toEqual({ kind: 'erased' });
    expect(await folders.erase(pan, { ...why, despite: 'Meera of legal' })).toEqual({ kind: 'erased' });
    expect(await folders.erase(pan, why)).toEqual({ kind: 'gone' });
    expect(await folders.retentionOf('nothing')).toBeUndefined();
    const entries = await models.timeline.latest(sale.id, 100);
    expect(entries.find(({ _id }) => _id === `document:${pan}:erased`)).toMatchObject({
      who: 'Riya',
      why: 'the buyer asked for it; kept by pmla, tax, erased on the word of Meera of legal',
    });
  });
});
