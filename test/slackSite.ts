import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { pino } from 'pino';
import { createLocalSlack, type LocalSlack, TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';

/** A local Slack on a server of its own, which can go away and come back at the same address. */
export type SlackSite = {
  slack: LocalSlack;
  /** What the product must be told: the `SLACK_*` variables. */
  env: Record<string, string>;
  /** Begins to answer. */
  open(): Promise<void>;
  /** Refuses connections and cuts those that exist. */
  shut(): Promise<void>;
  close(): Promise<void>;
};

/** A short time before Slack's retries, so that a test need not wait for a minute. */
const RETRY_DELAYS_MS = [100, 200, 400];

/** Slack's pace has its own tests; everywhere else nobody waits for it. */
const UNHURRIED_SLACK = { SLACK_CHANNEL_PER_SECOND: '1000', SLACK_UPDATES_PER_MINUTE: '100000' };

/** Makes a local Slack that is not open yet; with `eventsUrl` it uses HTTP mode. */
export async function createSlackSite(eventsUrl?: string): Promise<SlackSite> {
  const app = express();
  const server = createServer(app);
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  await end(server);
  const base = `http://127.0.0.1:${port}/sandbox/slack`;
  const slack = createLocalSlack({
    log: pino({ level: 'silent' }),
    publicUrl: base,
    retryDelaysMs: RETRY_DELAYS_MS,
    ...(eventsUrl && { eventsUrl }),
  });
  app.use('/sandbox/slack', slack.router);
  slack.attach(server);
  return {
    slack,
    env: environmentOf(slack, base, eventsUrl ? 'http' : 'socket'),
    open: () => listen(server, port),
    async shut() {
      const ended = end(server);
      slack.faults.disconnect('cut');
      await ended;
    },
    async close() {
      await slack.close();
      if (server.listening) await end(server);
    },
  };
}

function environmentOf(slack: LocalSlack, base: string, mode: 'socket' | 'http'): Record<string, string> {
  const channels = Object.entries(TEAM_CHANNELS).map(([team, id]) => [
    `SLACK_CHANNEL_${team.toUpperCase()}`,
    id,
  ]);
  return {
    SLACK_MODE: mode,
    SLACK_API_URL: `${base}/api/`,
    SLACK_BOT_TOKEN: slack.tokens.botToken,
    SLACK_APP_TOKEN: slack.tokens.appToken,
    SLACK_SIGNING_SECRET: slack.tokens.signingSecret,
    ...UNHURRIED_SLACK,
    ...Object.fromEntries(channels),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
}

async function end(server: Server): Promise<void> {
  const ended = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await ended;
}
