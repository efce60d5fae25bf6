import { afterEach, describe, expect, it } from '@jest/globals';
import { auditDatabase } from '../models/audit.ts';
import type { InboundRecord } from '../models/inbound.ts';
import type { Notice } from '../models/notice.ts';
import type { ChannelState, Outage } from '../models/outage.ts';
import { LineStandIn } from './standins/line.ts';
import { until } from './until.ts';
import { databaseUri, MONDAY, World } from './world.ts';

const ASHA = '+919999900001';
const ROHAN = '+919999900002';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A product whose buyers write over a line that may go away; `restart` is what follows a kill. */
class Site {
  readonly world: World;
  readonly line: LineStandIn;

  private constructor(world: World, line: LineStandIn) {
    this.world = world;
    this.line = line;
  }

  static async open(options: { line?: LineStandIn; backfill?: boolean; uri?: string; now?: Date } = {}) {
    const clock: { world?: World } = {};
    const now = () => clock.world?.now ?? options.now ?? MONDAY;
    const { line = new LineStandIn(now, options.backfill), uri = databaseUri() } = options;
    const world = await World.open({
      config: { mongodbUri: uri },
      overrides: {
        channels: { channels: [line], sandbox: line },
        // Until the world is there and its clock is set.
        now,
      },
    });
    if (options.now) await world.pass(options.now.getTime() - world.now.getTime());
    clock.world = world;
    const site = new Site(world, line);
    sites.push(site);
    return site;
  }

  get models() {
    return this.world.context.models;
  }

  /** The line changes its health, and the product has drawn its conclusions. */
  async become(health: Parameters<LineStandIn['become']>[0]): Promise<void> {
    this.line.become(health);
    await this.rest();
  }

  async rest(): Promise<void> {
    await this.world.context.outages.idle();
    await this.world.rest();
  }

  async pass(ms: number): Promise<void> {
    await this.world.pass(ms);
    await this.rest();
  }

  async write(number: string, text: string): Promise<void> {
    await this.line.write(number, text, this.world.now);
    await this.rest();
  }

  async notices(): Promise<Notice[]> {
    return this.models.notices.model.find().sort({ at: 1, _id: 1 }).lean<Notice[]>();
  }

  async words(): Promise<string[]> {
    return (await this.notices()).map(({ text }) => text);
  }

  async outages(): Promise<Outage[]> {
    return this.models.outages.model.find({ channel: 'web' }).sort({ from: 1 }).lean<Outage[]>();
  }

  async state(): Promise<ChannelState | null> {
    return this.models.channelStates.model.findById('web').lean<ChannelState>();
  }

  async texts(): Promise<string[]> {
    const records = await this.models.inbound.model.find().sort({ at: 1 }).lean<InboundRecord[]>();
    return records.map(({ content }) => `${content.text}`);
  }

  said(): string[] {
    return this.line.sent.flatMap(({ content }) => ('text' in content ? [content.text] : []));
  }

  /** Ends this process without a word and starts another one on the same database, `ms` later. */
  async killAndRestart(ms: number): Promise<Site> {
    await this.world.context.turns.drain();
    return Site.open({ line: this.line, uri: this.world.uri, now: new Date(this.world.now.getTime() + ms) });
  }
}

const sites: Site[] = [];
afterEach(async () => {
  for (const { world } of sites.splice(0)) await world.close();
});

/** A line that has been up for a while, with one answered buyer. */
async function open(options: Parameters<typeof Site.open>[0] = {}): Promise<Site> {
  const site = await Site.open(options);
  await site.become('ready');
  await site.pass(HOUR_MS);
  await site.write(ASHA, 'brochure please');
  return site;
}

describe('what is written while the line is away', () => {
  it('is fetched when it is ready again, in order, and answered once', async () => {
    const site = await open();
    await site.become('degraded');
    await site.write(ASHA, 'where is the site?');
    await site.pass(30_000);
    await site.write(ASHA, 'thanks');
    await site.write(ROHAN, 'I will go to RERA');
    expect(await site.texts()).toEqual(['brochure please']);
    await site.become('ready');
    await site.pass(10_000);
    expect(await site.texts()).toEqual([
      'brochure please',
      'where is the site?',
      'thanks',
      'I will go to RERA',
    ]);
    expect(site.said().filter((text) => text.includes('Sector 150'))).toHaveLength(1);
    expect(await auditDatabase(site.models, new Date(site.world.now.getTime() + 2 * MINUTE_MS))).toEqual([]);
  });

  it('is looked for on every ready, also without an outage, and changes nothing the second time', async () => {
    const site = await open();
    const before = site.line.sent.length;
    await site.become('ready');
    await site.become('ready');
    expect(site.line.lookedSince.length).toBeGreaterThanOrEqual(3);
    expect(await site.texts()).toEqual(['brochure please']);
    expect(site.line.sent).toHaveLength(before);
  });

  it('is looked for since the last message or the begin of the outage, with ten minutes of overlap', async () => {
    const site = await open();
    const lastMessageAt = site.world.now;
    await site.pass(2 * HOUR_MS);
    await site.become('degraded');
    await site.pass(HOUR_MS);
    await site.become('ready');
    expect(site.line.lookedSince.at(-1)).toEqual(new Date(lastMessageAt.getTime() - 10 * MINUTE_MS));
  });

  it('is not looked for before the phone was paired, nor further back than seven days', async () => {
    const site = await Site.open();
    await site.line.write(ASHA, 'from before the pairing', new Date(site.world.now.getTime() - HOUR_MS));
    await site.become('ready');
    expect(site.line.lookedSince).toEqual([site.world.now]);
    expect(await site.texts()).toEqual([]);
    await site.write(ASHA, 'hello');
    await site.become('degraded');
    await site.pass(20 * DAY_MS);
    await site.become('ready');
    expect(site.line.lookedSince.at(-1)).toEqual(new Date(site.world.now.getTime() - 7 * DAY_MS));
  });

  it('is looked for again when that fails, and people are told once it goes on', async () => {
    const site = await open();
    await site.become('degraded');
    await site.write(ASHA, 'where is the site?');
    site.line.failHistory(6);
    await site.become('ready');
    for (let waited = 0; waited < 4; waited += 1) await site.pass(MINUTE_MS);
    expect((await site.state())?.backfillFrom).toBeDefined();
    expect(await site.words()).toContainEqual(expect.stringMatching(/cannot be fetched at the moment/));
    await site.pass(MINUTE_MS);
    await site.pass(MINUTE_MS);
    expect(await site.texts()).toContain('where is the site?');
    expect((await site.state())?.backfillFrom).toBeUndefined();
  });

  it('is still looked for when the process dies before it was found', async () => {
    const site = await open();
    await site.become('degraded');
    await site.write(ASHA, 'where is the site?');
    site.line.failHistory(1);
    await site.become('ready');
    await site.pass(500);
    // Live messages go on meanwhile: they say nothing about the gap.
    await site.write(ROHAN, 'hello');
    await site.pass(20);
    const owed = (await site.state())?.backfillFrom;
    const next = await site.killAndRestart(HOUR_MS);
    await next.become('ready');
    await next.pass(10_000);
    expect(owed && next.line.lookedSince.some((since) => since <= owed)).toBe(true);
    expect(await next.texts()).toContain('where is the site?');
  });

  it('that the owner has answered on the phone is not answered by the bot as well', async () => {
    const site = await open();
    const before = site.line.sent.length;
    await site.become('degraded');
    await site.write(ASHA, 'where is the site?');
    await site.line.answer(ASHA, 'In Sector 150, see you there!', site.world.now);
    await site.become('ready');
    await site.pass(10_000);
    expect(site.line.sent).toHaveLength(before);
    expect(await site.texts()).toContain('where is the site?');
  });
});

describe('an outage', () => {
  it('is on record while it lasts and when it is over', async () => {
    const site = await open();
    const from = site.world.now;
    await site.become('degraded');
    expect(await site.outages()).toEqual([expect.objectContaining({ from, isOpen: true })]);
    await site.pass(5 * MINUTE_MS);
    await site.become('ready');
    expect(await site.outages()).toEqual([expect.objectContaining({ from, to: site.world.now })]);
    expect((await site.outages())[0]?.isOpen).toBeUndefined();
  });

  it('that makes no event is noticed by looking', async () => {
    const site = await open();
    await site.pass(1_000);
    Object.assign(site.line, { state: 'degraded' });
    await site.pass(1_000);
    expect(await site.outages()).toHaveLength(1);
  });

  it('is none while the phone has never been paired', async () => {
    const site = await Site.open();
    for (const health of ['starting', 'pairing', 'syncing'] as const) await site.become(health);
    await site.pass(HOUR_MS);
    expect(await site.outages()).toEqual([]);
    expect(await site.words()).toEqual([]);
  });

  it('begins when the line was last seen ready, if it was the process that was away', async () => {
    const site = await open();
    await site.pass(15_000);
    const seen = site.world.now;
    const next = await site.killAndRestart(3 * HOUR_MS);
    expect(await next.outages()).toEqual([expect.objectContaining({ from: seen, isOpen: true })]);
    await next.line.write(ASHA, 'where is the site?', new Date(seen.getTime() + HOUR_MS));
    await next.become('ready');
    const [record] = await next.models.inbound.model.find().sort({ at: -1 }).limit(1).lean<InboundRecord[]>();
    expect(record && next.world.context.outages.isLate(record)).toBe(true);
  });

  it('does not begin with an orderly end of the process', async () => {
    const site = await open();
    await site.pass(9_000);
    await site.world.context.gateway.stop();
    expect(await site.outages()).toEqual([]);
    expect((await site.state())?.lastReadyAt).toEqual(site.world.now);
  });

  it('writes down at most every ten seconds that all is well', async () => {
    const site = await open();
    await site.pass(10_000);
    const saved = (await site.state())?.lastReadyAt;
    await site.pass(9_000);
    expect((await site.state())?.lastReadyAt).toEqual(saved);
    await site.pass(1_000);
    expect((await site.state())?.lastReadyAt).toEqual(site.world.now);
  });
});

describe('a message is late', () => {
  it('when it was written during an outage of its line and came in long after', async () => {
    const site = await open();
    const { outages } = site.world.context;
    const at = (minutes: number) => new Date(site.world.now.getTime() + minutes * MINUTE_MS);
    const [before, during, received] = [at(-1), at(1), at(31)];
    await site.become('degraded');
    await site.pass(30 * MINUTE_MS);
    await site.become('ready');
    const late = { channel: 'web', at: during, receivedAt: received };
    expect(outages.isLate(late)).toBe(true);
    expect(outages.isLate({ ...late, at: before })).toBe(false);
    expect(outages.isLate({ ...late, channel: 'sandbox' })).toBe(false);
    expect(outages.isLate({ ...late, receivedAt: new Date(during.getTime() + 15 * MINUTE_MS) })).toBe(false);
    expect(outages.isLate({ ...late, receivedAt: new Date(during.getTime() + 15 * MINUTE_MS + 1) })).toBe(
      true,
    );
  });

  it('also for another process, which has not seen the outage itself', async () => {
    const site = await open();
    const during = new Date(site.world.now.getTime() + MINUTE_MS);
    await site.become('degraded');
    const other = await World.open({ joins: site.world });
    await site.pass(30 * MINUTE_MS);
    await other.sweep();
    expect(other.context.outages.isLate({ channel: 'web', at: during, receivedAt: site.world.now })).toBe(
      true,
    );
    await other.close();
  });
});

describe('people are told', () => {
  it('while it lasts, and what arrived when it is over: once each', async () => {
    const site = await open();
    await site.become('degraded');
    await site.pass(MINUTE_MS + 59_000);
    expect(await site.words()).toEqual([]);
    await site.pass(1_000);
    const down = 'WhatsApp (paired phone) has been unreachable since 11:00; messages are held.';
    expect(await site.words()).toEqual([down]);
    await site.write(ASHA, 'where is the site?');
    await site.write(ROHAN, 'I will go to RERA');
    await site.pass(2 * MINUTE_MS);
    await site.become('ready');
    await site.pass(10_000);
    expect(await site.words()).toEqual([down]);
    for (let waited = 0; waited < 3; waited += 1) await site.pass(10_000);
    const back =
      'WhatsApp (paired phone) is back. 2 messages arrived during a 4-minute outage of WhatsApp (paired phone); 1 needs you: L-1.';
    expect(await site.words()).toEqual([down, back]);
    expect((await site.notices()).map(({ team }) => team)).toEqual(['sales', 'sales']);
    await site.pass(HOUR_MS);
    expect(await site.words()).toHaveLength(2);
    expect(await site.models.outages.model.countDocuments({ summaryOwedAt: { $exists: true } })).toBe(0);
  });

  it('nothing of a short one, nor of one in which nobody wrote', async () => {
    const site = await open();
    await site.become('degraded');
    await site.write(ASHA, 'thanks');
    await site.pass(50_000);
    await site.become('ready');
    await site.pass(MINUTE_MS);
    await site.become('degraded');
    await site.pass(90_000);
    await site.become('ready');
    for (let waited = 0; waited < 3; waited += 1) await site.pass(MINUTE_MS);
    expect(await site.words()).toEqual([]);
  });

  it('that it is back, when they know that it was away, although nobody wrote', async () => {
    const site = await open();
    await site.become('loggedOut');
    await site.pass(3 * MINUTE_MS);
    await site.become('pairing');
    await site.pass(3 * HOUR_MS);
    await site.become('ready');
    await site.pass(MINUTE_MS);
    expect((await site.words()).slice(1)).toEqual([
      'WhatsApp (paired phone) is back. No message arrived during the outage of 3 hours.',
    ]);
  });

  it('only when what arrived has been answered or handed over, or after ten minutes', async () => {
    const site = await open();
    await site.become('degraded');
    await site.write(ASHA, 'thanks');
    await site.pass(90_000);
    await site.world.context.turns.drain();
    await site.become('ready');
    for (let waited = 0; waited < 9; waited += 1) await site.pass(MINUTE_MS);
    expect(await site.words()).toEqual([]);
    await site.pass(MINUTE_MS);
    expect(await site.words()).toEqual([
      '1 message arrived during a 2-minute outage of WhatsApp (paired phone); none needs you.',
    ]);
  });

  it('once, although the process is killed between the notice and its record, and others look too', async () => {
    const site = await open();
    await site.become('degraded');
    await site.write(ROHAN, 'I will go to RERA');
    await site.pass(4 * MINUTE_MS);
    const next = await site.killAndRestart(1_000);
    next.line.become('degraded');
    await next.pass(4 * MINUTE_MS);
    await next.become('ready');
    await next.pass(MINUTE_MS);
    const [outage] = await next.outages();
    await next.models.outages.model.updateOne(
      { _id: outage?._id ?? '' },
      { $set: { summaryOwedAt: MONDAY } },
    );
    await Promise.all([next.pass(MINUTE_MS), site.world.sweep()]);
    const words = await next.words();
    expect(words.filter((text) => text.includes('unreachable'))).toHaveLength(1);
    expect(words.filter((text) => text.includes('arrived during'))).toHaveLength(1);
    expect(await next.outages()).toHaveLength(1);
  });

  it('of a restart only what arrived, not that it was away: nobody could have told them then', async () => {
    const site = await open();
    await site.pass(15_000);
    const next = await site.killAndRestart(HOUR_MS);
    await next.line.write(ROHAN, 'I will go to RERA', new Date(next.world.now.getTime() - 10 * MINUTE_MS));
    await next.pass(MINUTE_MS);
    await next.become('ready');
    await next.pass(MINUTE_MS);
    expect(await next.words()).toEqual([
      expect.stringMatching(
        /^1 message arrived during a 61-minute outage of WhatsApp \(paired phone\); 1 needs you: L-\d\.$/,
      ),
    ]);
  });

  it('of what a provider delivers again by itself, where nothing can be fetched', async () => {
    const site = await open({ backfill: false });
    await site.become('degraded');
    const during = site.world.now;
    await site.pass(5 * MINUTE_MS);
    await site.become('ready');
    await site.pass(MINUTE_MS);
    await site.line.write(ROHAN, 'I will go to RERA', new Date(during.getTime() + MINUTE_MS));
    await site.rest();
    await site.pass(2 * MINUTE_MS);
    expect(site.line.lookedSince).toEqual([]);
    await until('a summary', async () =>
      (await site.words()).some((text) => /^.*1 message arrived/.test(text)),
    );
  });
});
