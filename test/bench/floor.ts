import { performance } from 'node:perf_hooks';
import { json } from 'node:stream/consumers';
import mongoose from 'mongoose';
import { pino } from 'pino';
import { connectDatabase } from '../../models/connect.ts';
import { buildIndexes, createModels } from '../../models/models.ts';
import { type Cost, costing, enginePidOf, type Figures, figuresOf } from './figures.ts';
import type { Sample } from './sample.ts';

/**
 * The least that a message costs: the driver alone, doing the reads and the durable writes that the product does,
 * with its documents, indexes and write concern, and nothing else. Started with the data folder as argument, the
 * `FloorOrder` on standard input; prints the `Cost` of each run as JSON.
 */
export type FloorOrder = {
  sample: string;
  buyers: number;
  runs: { messages: number; concurrency: number }[];
};

const { EJSON } = mongoose.mongo.BSON;
type Document = mongoose.mongo.Document & { _id: string };

/** Latencies end where the product would call the channel; what is written after that goes on in the background. */
class Floor {
  private readonly db: mongoose.mongo.Db;
  private readonly sample: Sample;
  private readonly buyers: number;
  private readonly revisions: number[];
  private readonly afterwards = new Set<Promise<void>>();
  private count = 0;

  constructor(db: mongoose.mongo.Db, sample: Sample, buyers: number) {
    this.db = db;
    this.sample = sample;
    this.buyers = buyers;
    this.revisions = new Array(buyers).fill(1);
  }

  async begin(): Promise<void> {
    const all = this.revisions.map((v, buyer) => ({
      ...this.sample.settled,
      _id: `conversation-${buyer}`,
      v,
    }));
    await this.conversations.insertMany(all);
  }

  async run(messages: number, concurrency: number): Promise<Figures> {
    const latenciesMs: number[] = [];
    let asked = 0;
    const worker = async (index: number): Promise<void> => {
      for (let buyer = index; asked < messages; buyer = (buyer + concurrency) % this.buyers) {
        asked += 1;
        const start = performance.now();
        await this.message(buyer);
        latenciesMs.push(performance.now() - start);
      }
    };
    const start = performance.now();
    await Promise.all(Array.from({ length: concurrency }, (_, index) => worker(index)));
    const figures = figuresOf(latenciesMs, performance.now() - start);
    await Promise.all(this.afterwards);
    return figures;
  }

  private async message(buyer: number): Promise<void> {
    this.count += 1;
    const id = `message-${this.count}`;
    const conversation = `conversation-${buyer}`;
    await this.db
      .collection<Document>('inbound')
      .insertOne({ ...this.sample.inbound, _id: id, conversation });
    const pending = { conversation, pendingSince: { $exists: true } };
    await this.db.collection<Document>('inbound').find(pending).toArray();
    const v = await this.replace(buyer, this.sample.owing);
    await this.conversations.findOne({ _id: conversation });
    const send = `${conversation}:${v}:0`;
    await this.db.collection<Document>('sends').insertOne({ ...this.sample.send, _id: send, conversation });
    const rest = this.afterSend(buyer, id, send).finally(() => this.afterwards.delete(rest));
    this.afterwards.add(rest);
  }

  private async afterSend(buyer: number, id: string, send: string): Promise<void> {
    const { accepted, outcome, timeline, settled } = this.sample;
    await this.db
      .collection<Document>('sends')
      .updateOne({ _id: send, rank: { $lt: 3 } }, { $set: { ...accepted, providerId: `wamid-${send}` } });
    const conclusion = {
      filter: { _id: id, outcome: { $exists: false } },
      update: { $set: { outcome }, $unset: { pendingSince: '' } },
    } as const;
    const entries = timeline.map((entry, index) => ({ ...entry, _id: `${send}-${index}` }));
    await Promise.all([
      this.db.collection<Document>('inbound').bulkWrite([{ updateOne: conclusion }], { ordered: false }),
      this.db.collection<Document>('timeline').insertMany(entries, { ordered: false }),
    ]);
    await this.replace(buyer, settled);
  }

  private async replace(buyer: number, next: object): Promise<number> {
    const before = this.revisions[buyer] ?? 0;
    this.revisions[buyer] = before + 1;
    const _id = `conversation-${buyer}`;
    await this.conversations.replaceOne({ _id, v: before }, { ...next, _id, v: before + 1 });
    return before + 1;
  }

  private get conversations() {
    return this.db.collection<Document>('conversations');
  }
}

async function measure(dataDir: string): Promise<Cost[]> {
  const order = (await json(process.stdin)) as FloorOrder;
  const database = await connectDatabase({ dataDir, log: pino({ level: 'warn' }, pino.destination(2)) });
  const { connection } = database;
  await buildIndexes(createModels(connection, 'floor'));
  const floor = new Floor(connection.getClient().db('baton'), EJSON.parse(order.sample), order.buyers);
  await floor.begin();
  const enginePid = enginePidOf(dataDir);
  const runs: Cost[] = [];
  for (const { messages, concurrency } of order.runs) {
    runs.push(
      await costing({ appPid: process.pid, enginePid, connection, messages }, () =>
        floor.run(messages, concurrency),
      ),
    );
  }
  await database.close();
  return runs;
}

process.stdout.write(JSON.stringify(await measure(process.argv[2] ?? '')));
