import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { pino } from 'pino';
import request from 'supertest';
import { securityHeaders } from '../bot/server.ts';
import { createDesk } from '../inbox/desk/desk.ts';
import type { VaultDocument } from '../models/document.ts';
import { card } from './papers.ts';
import { World } from './world.ts';

/** Papers on the desk, out of a real vault: who may open one, what a browser is told of it, and what is written down. */

const PASSWORD = 'a long enough password';
const ASHA = '+919999900001';

let world: World;
let server: Server;
let url: string;
let buyer: { buyer: string; conversation: string };
const PICTURE = await card();

beforeAll(async () => {
  world = await World.open();
  await world.phone.writeAs(ASHA, 'hello');
  await world.rest();
  const known = await world.context.models.buyers.byPhone(ASHA);
  const id = known?._id ?? '';
  buyer = { buyer: id, conversation: (await world.context.models.conversations.idsOf(id))[0] ?? '' };
  const app = express();
  app.use(securityHeaders());
  app.use('/desk', desk(PASSWORD));
  server = app.listen(0);
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await world.close();
});

function desk(password: string | undefined) {
  return createDesk({
    transports: () => [],
    pairing: undefined,
    password,
    papers: world.context.vault,
    timeZone: 'Asia/Kolkata',
    now: () => new Date(),
    log: pino({ level: 'silent' }),
  });
}

let stored = 0;

async function store(more: Partial<VaultDocument> = {}, bytes: Buffer = PICTURE): Promise<string> {
  stored += 1;
  const upload = {
    ...{ _id: `paper ${stored}/ü`, ...buyer, kind: 'pan', source: 'portal', mimeType: 'image/png' },
    ...{
      warnings: [],
      uploadedAt: world.now,
      fileName: `pan "${stored}".png`,
      booking: `b-${stored}`,
      ...more,
    },
  } as Parameters<typeof world.context.vault.store>[0];
  return (await world.context.vault.store(upload, Readable.from([bytes]))).document._id;
}

function ask(path: string, user = 'Riya') {
  return request(url).get(`/desk/documents/${path}`).auth(user, PASSWORD).redirects(0);
}

function pathOf(id: string): string {
  return encodeURIComponent(id);
}

async function opened(): Promise<{ who: string; why?: string }[]> {
  const entries = await world.timeline(ASHA);
  return entries
    .filter(({ kind, what }) => kind === 'document' && what.endsWith('opened'))
    .map(({ who, why }) => ({ who, ...(why && { why }) }));
}

describe('a paper on the desk', () => {
  it('stays shut without the password, and where there is none, to other machines', async () => {
    const id = await store();
    const before = (await opened()).length;
    for (const path of [pathOf(id), `${pathOf(id)}/paper?why=review`]) {
      await request(url).get(`/desk/documents/${path}`).expect(401);
      await request(url).get(`/desk/documents/${path}`).auth('Riya', 'wrong').expect(401);
    }
    const local = express().use('/desk', desk(undefined));
    const elsewhere = { host: 'baton.example.com', 'x-forwarded-for': '203.0.113.9' };
    await request(local)
      .get(`/desk/documents/${pathOf(id)}/paper?why=review`)
      .set(elsewhere)
      .expect(403);
    expect(await opened()).toHaveLength(before);
  });

  it('has a page that says what is on record and asks why, and shows nothing of it', async () => {
    const id = await store({ kind: 'address_proof' });
    const before = (await opened()).length;
    const { text, headers } = await ask(pathOf(id)).expect(200);
    expect(text).toContain('address proof');
    expect(text).toContain('<option value="review">');
    expect(text).toContain(`action="/desk/documents/${pathOf(id)}/paper"`);
    expect(headers['cache-control']).toBe('no-store');
    expect(await opened()).toHaveLength(before);
  });

  it('is handed out as it was stored, by headers that let nothing run or stay, and written down first', async () => {
    const id = await store();
    const { body, headers } = await ask(`${pathOf(id)}/paper?why=agreement`, 'Meera Iyer').expect(200);
    expect(Buffer.from(body).equals(PICTURE)).toBe(true);
    expect(headers).toMatchObject({
      'content-type': 'image/png',
      'cache-control': 'no-store, private',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/);
    expect(headers['content-disposition']).toBe(`inline; filename*=UTF-8''pan%20%22${stored}%22.png`);
    expect((await opened()).at(-1)).toEqual({ who: 'Meera Iyer', why: 'Agreement or registration' });
  });

  it('that a browser should not show is only handed over as a file', async () => {
    const page = Buffer.from('<script>alert(1)</script>');
    const id = await store({ mimeType: 'text/html', fileName: 'pan.html' }, page);
    const { headers } = await ask(`${pathOf(id)}/paper?why=review`).expect(200);
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(headers['content-disposition']).toMatch(/^attachment;/);
  });

  it.each([
    ['without a reason', '', {}],
    ['for a reason that is none', '?why=curiosity', {}],
    ['from another site', '?why=review', { 'sec-fetch-site': 'cross-site' }],
    ['by a browser that reads ahead', '?why=review', { 'sec-purpose': 'prefetch' }],
  ])('is not opened %s: its page asks', async (_what, query, headers) => {
    const id = await store();
    const before = (await opened()).length;
    const response = await ask(`${pathOf(id)}/paper${query}`)
      .set(headers)
      .expect(303);
    expect(response.headers.location).toBe(`/desk/documents/${pathOf(id)}`);
    expect(await opened()).toHaveLength(before);
  });

  it('of which nothing is known is not there, and an erased one is gone for everybody', async () => {
    await ask('nothing').expect(404);
    await ask('nothing/paper?why=review').expect(404);
    await ask(`${encodeURIComponent('../../etc/passwd')}/paper?why=review`).expect(404);
    const id = await store();
    await world.context.vault.erase(id, { who: 'Riya', why: 'the buyer asked for it' });
    expect((await ask(pathOf(id)).expect(410)).text).toContain('erased');
    await ask(`${pathOf(id)}/paper?why=review`).expect(410);
  });

  it('that was altered since it was stored says so, and hands nothing out', async () => {
    const id = await store();
    const { sealed } = (await world.context.models.documents.byId(id)) ?? {};
    await world.context.models.documents.model.updateOne(
      { _id: id },
      { 'sealed.key': `${sealed?.key}`.replace(/^.{4}/, 'AAAA') },
    );
    const { text } = await ask(`${pathOf(id)}/paper?why=review`).expect(409);
    expect(text).toContain('cannot be opened');
  });
});
