import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { connectDatabase } from '../models/connect.ts';
import { createModels } from '../models/models.ts';
import { endApps, removeData } from './app.ts';
import { type Kills, killAgainAndAgain } from './crash/chaos.ts';
import { Crowd, drawFrom, makeBuyers } from './crash/crowd.ts';
import { countInDoubt, isQuiet, type Proof, prove } from './crash/proof.ts';
import { startSurroundings } from './surroundings.ts';
import { until } from './until.ts';

/** Set CRASH_SEED for other messages, other moments. */
const SEED = Number(process.env.CRASH_SEED ?? 20_261_123);
const BUYERS = 200;
const MESSAGES_EACH = 10;
const CHAOS = { lives: 8, messagesPerLife: 40 };
const HANDS = 24;
/** Meta goes on for days; here nothing is given up while the test lasts. */
const RETRY_DELAYS_MS = [50, 100, 200, ...new Array<number>(300).fill(400)];

afterEach(endApps);

it('loses, forgets and doubles nothing, however often the app and the engine are killed', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'baton-crash-'));
  const surroundings = await startSurroundings({ retryDelaysMs: RETRY_DELAYS_MS, statuses: ['sent'] });
  const { graph, slack } = surroundings;
  const buyers = makeBuyers(BUYERS, MESSAGES_EACH, drawFrom(SEED));
  const crowd = new Crowd(graph, buyers, drawFrom(SEED + 1));
  const chaos = { surroundings, crowd, dataDir, draw: drawFrom(SEED + 2), ...CHAOS };
  const [{ app, kills }] = await Promise.all([killAgainAndAgain(chaos), crowd.write(HANDS)]);
  await graph.idle();

  const database = await connectDatabase({ dataDir, log: pino({ level: 'silent' }) });
  const models = createModels(database.connection, 'proof');
  await until('nothing is owed any more', () => isQuiet(models), 60_000);
  const evidence = { models, buyers, sent: graph.sent, slack };
  const proof = await prove(evidence);
  report(kills, crowd, proof, graph.sent.length, await countInDoubt(evidence));
  await app.end('SIGTERM');
  await database.close();
  await surroundings.stop();
  removeData(dataDir);

  expect(kills).toEqual({ app: CHAOS.lives, starting: CHAOS.lives * 1.5, engine: 1 });
  expect(proof).toEqual({
    lost: [],
    unanswered: [],
    doubled: [],
    doubledCards: [],
    outOfOrder: [],
    audit: [],
  } satisfies Proof);
}, 400_000);

function report(
  { app, starting, engine }: Kills,
  { taken, duplicates }: Crowd,
  { lost, unanswered, doubled }: Proof,
  sent: number,
  { sentAgain, asked }: { sentAgain: number; asked: number },
): void {
  process.stdout.write(
    `crash: ${app} kills at work, ${starting} while starting, ${engine} of the engine; ${taken} messages, ` +
      `${duplicates} delivered twice; ${sent} sends; ${lost.length} lost, ${unanswered.length} unanswered, ` +
      `${doubled.length} doubled; ${sentAgain} found lost and sent again, ${asked} asked of a person\n`,
  );
}
