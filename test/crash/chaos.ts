import { setTimeout as delay } from 'node:timers/promises';
import { type AppProcess, startApp } from '../app.ts';
import { enginePidOf } from '../bench/figures.ts';
import type { Surroundings } from '../surroundings.ts';
import { until } from '../until.ts';
import type { Crowd, Draw } from './crowd.ts';

/** How often what was killed. */
export type Kills = { app: number; starting: number; engine: number };

export type ChaosOptions = {
  surroundings: Surroundings;
  crowd: Crowd;
  dataDir: string;
  draw: Draw;
  /**
   * Kills of the app at work, after about `messagesPerLife` messages; after each, one or two successors are
   * killed while they start.
   */
  lives: number;
  messagesPerLife: number;
};

const PATIENCE_MS = 60_000;

/**
 * While the crowd writes: starts the app and kills it, again and again, at moments that the seed decides.
 * Resolves with the app that is left running.
 */
export async function killAgainAndAgain(options: ChaosOptions): Promise<{ app: AppProcess; kills: Kills }> {
  const { surroundings, crowd, draw, lives, messagesPerLife } = options;
  const { graph } = surroundings;
  const kills: Kills = { app: 0, starting: 0, engine: 0 };
  for (let life = 1; life <= lives; life += 1) {
    const app = await begin(options);
    const target = crowd.taken + messagesPerLife * (0.5 + draw());
    // Sometimes Graph takes a message and its answer is lost on the way.
    if (life % 3 === 0) graph.faults.push({ kind: 'cut', midAnswer: life % 2 === 0 });
    if (life === Math.ceil(lives / 2)) {
      await takenBy(app, crowd, (crowd.taken + target) / 2);
      process.kill(enginePidOf(options.dataDir), 'SIGKILL');
      kills.engine += 1;
    }
    await takenBy(app, crowd, target);
    await delay(draw() * 50);
    await app.end('SIGKILL');
    kills.app += 1;
    kills.starting += await killWhileStarting(options);
    if (life % 2 === 0) kills.starting += await killWhileStarting(options);
  }
  return { app: await begin(options), kills };
}

async function begin(options: ChaosOptions): Promise<AppProcess> {
  const app = start(options);
  await app.ready();
  return app;
}

async function killWhileStarting(options: ChaosOptions): Promise<number> {
  const app = start(options);
  await delay(200 + options.draw() * 1_200);
  await app.end('SIGKILL');
  return 1;
}

function start({ surroundings: { port, env }, dataDir }: ChaosOptions): AppProcess {
  // Buyers here write as fast as they can: what a real number may send would only make the test longer.
  const limits = { WHATSAPP_CLOUD_PER_SECOND: '1000', WHATSAPP_CLOUD_BUYER_BURST: '1000' };
  return startApp({ dataDir, port, env: { ...env, ...limits, BURST_WINDOW_MS: '50' } });
}

async function takenBy(app: AppProcess, crowd: Crowd, messages: number): Promise<void> {
  await until(
    'the next messages are taken',
    () => {
      if (!app.isRunning()) throw new Error('the app ended by itself');
      return crowd.taken >= messages;
    },
    PATIENCE_MS,
  );
}
