import { afterEach, describe, expect, it } from '@jest/globals';
import { auditDatabase } from '../models/audit.ts';
import type { Models } from '../models/models.ts';
import { type Ended, runCommand } from './cli.ts';
import { databaseUri, World } from './world.ts';

const ASHA = '+919999900001';
const MINUTE_MS = 60_000;

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** A buyer with a visit under way and a legal case. */
async function open(): Promise<World> {
  const world = await World.open();
  worlds.push(world);
  await world.write(ASHA, 'I want to visit the site');
  await world.write(ASHA, 'I will file a complaint with RERA and my lawyer');
  return world;
}

const audit = ({ context }: World, now: Date) => auditDatabase(context.models, now);
const soon = ({ now }: World) => new Date(now.getTime() + MINUTE_MS);

describe('the audit', () => {
  it('finds nothing in a world in order, then or later', async () => {
    const world = await open();
    expect(await audit(world, world.now)).toEqual([]);
    expect(await audit(world, soon(world))).toEqual([]);
    await world.pass(24 * 60 * MINUTE_MS);
    expect(await audit(world, soon(world))).toEqual([]);
  });

  it.each<[string, (models: Models, now: Date) => Promise<string>]>([
    [
      'message without an outcome',
      async ({ inbound }) => {
        const [last] = await inbound.model.find().sort({ seq: -1 }).lean();
        await inbound.model.updateOne({ _id: `${last?._id}` }, { $unset: { outcome: '' } });
        return `${last?._id}`;
      },
    ],
    [
      'case without a team or a deadline',
      async ({ cases }) => {
        await cases.model.updateOne({ team: 'legal' }, { $unset: { dueAt: '' } });
        return `${(await cases.model.findOne({ team: 'legal' }).lean())?._id}`;
      },
    ],
    [
      'case without a team or a deadline',
      async ({ cases }) => {
        const found = await cases.model.findOne({ team: 'legal' }).lean();
        await cases.model.updateOne({ _id: `${found?._id}` }, { $unset: { team: '' } });
        return `${found?._id}`;
      },
    ],
    [
      'case that is neither open, snoozed nor resolved',
      async ({ cases }) => {
        const found = await cases.model
          .findOneAndUpdate({ team: 'legal' }, { status: 'lost' as never })
          .lean();
        return `${found?._id}`;
      },
    ],
    [
      'snoozed case was not woken at its time',
      async ({ cases }, now) => {
        const asleep = { status: 'snoozed', snoozedUntil: now } as const;
        return `${(await cases.model.findOneAndUpdate({ team: 'legal' }, asleep).lean())?._id}`;
      },
    ],
    [
      'message handed to a case that does not exist',
      async ({ inbound, cases }) => {
        const found = await cases.model.findOneAndDelete({ team: 'legal' }).lean();
        const message = await inbound.model.findOne({ 'outcome.caseId': found?._id }).lean();
        return `${message?._id}`;
      },
    ],
    [
      'conversation overdue',
      async ({ conversations }, now) => {
        const found = await conversations.model.findOne().lean();
        await conversations.model.updateOne({ _id: `${found?._id}` }, { $set: { dueAt: now } });
        return `${found?._id}`;
      },
    ],
    [
      'send left without an end',
      async ({ sends }) => {
        const found = await sends.model.findOne().lean();
        await sends.model.updateOne({ _id: `${found?._id}` }, { $set: { status: 'sending' } });
        return `${found?._id}`;
      },
    ],
    [
      'send left without an end',
      async ({ sends }) => {
        const found = await sends.model.findOne().lean();
        await sends.model.updateOne({ _id: `${found?._id}` }, { $set: { status: 'unknown' } });
        return `${found?._id}`;
      },
    ],
    [
      'merge left undone',
      async ({ buyers }, now) => {
        const merged = { _id: 'b2', name: '', handles: ['lid:2'], createdAt: now, mergedInto: 'b1' };
        await buyers.model.collection.insertOne({ ...merged, mergeOwedAt: now } as never);
        return 'b2';
      },
    ],
    [
      'conversation goes on under a buyer who was merged',
      async ({ buyers, conversations }) => {
        const found = await conversations.model.findOne().lean();
        await buyers.model.updateOne({ _id: `${found?.buyer}` }, { $set: { mergedInto: 'b1' } });
        return `${found?._id}`;
      },
    ],
    [
      'outage without an end although its transport is ready',
      async ({ outages, channelStates }, now) => {
        const { _id } = await outages.begin('sandbox', new Date(now.getTime() - 2 * MINUTE_MS));
        await channelStates.ready('sandbox', now, undefined);
        return _id;
      },
    ],
    [
      'notice owed for more than an hour',
      async ({ notices }, now) => {
        await notices.raise('told yesterday', 'sales', 'x', new Date(now.getTime() - 60 * MINUTE_MS));
        return 'told yesterday';
      },
    ],
  ])('finds a %s, and only that', async (rule, damage) => {
    const world = await open();
    const id = await damage(world.context.models, world.now);
    expect(await audit(world, soon(world))).toEqual([{ rule, id }]);
  });

  it('has patience with what has just come in', async () => {
    const world = await open();
    const { inbound } = world.context.models;
    await inbound.model.updateMany({}, { $unset: { outcome: '' } });
    expect(await audit(world, new Date(world.now.getTime() + MINUTE_MS - 1))).toEqual([]);
    expect(await audit(world, soon(world))).toHaveLength(2);
  });

  it('lists at most a thousand', async () => {
    const world = await open();
    const { inbound } = world.context.models;
    const [message] = await inbound.model.find().lean();
    const { outcome: _outcome, ...waiting } = message ?? {};
    await inbound.model.collection.insertMany(
      Array.from({ length: 1_005 }, (_, n) => ({ ...waiting, _id: `sandbox:lost${n}` })) as never[],
    );
    expect(await audit(world, soon(world))).toHaveLength(1_000);
  });
});

describe('npm run audit', () => {
  it('says that all is well with code 0, and lists what is not with code 1', async () => {
    const world = await World.open({ overrides: { now: () => new Date(Date.now() - 5 * MINUTE_MS) } });
    worlds.push(world);
    await world.write(ASHA, 'thanks');
    expect(await runAudit(world.uri)).toEqual({
      code: 0,
      out: '1 messages, 0 without an outcome, owner or end\n',
      err: '',
    });
    const [message] = await world.context.models.inbound.model.find().lean();
    await world.context.models.inbound.model.updateOne(
      { _id: `${message?._id}` },
      { $unset: { outcome: '' } },
    );
    expect(await runAudit(world.uri)).toEqual({
      code: 1,
      out: `message without an outcome: ${message?._id}\n1 messages, 1 without an outcome, owner or end\n`,
      err: '',
    });
  });

  it('says in one line what is out of reach with code 2, without the password', async () => {
    const away = 'mongodb://baton:secret@127.0.0.1:9/baton?serverSelectionTimeoutMS=200';
    const { code, out, err } = await runAudit(away);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^audit: MONGODB_URI: no connection to 127\.0\.0\.1:9: .+\n$/);
    expect(err).not.toContain('secret');
  });

  it('says in one line which setting is wrong with code 2', async () => {
    const { code, err } = await runAudit(databaseUri(), { PORT: 'many' });
    expect(code).toBe(2);
    expect(err).toMatch(/^audit: PORT .+\n$/);
  });
});

function runAudit(uri: string, more: Record<string, string> = {}): Promise<Ended> {
  return runCommand('bot/audit.ts', [], { MONGODB_URI: uri, ...more });
}
