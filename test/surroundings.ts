import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { pino } from 'pino';
import { createLocalSlack, type LocalSlack, TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import { freePort } from './app.ts';
import { type GraphStandIn, type GraphStandInOptions, startGraphStandIn } from './standins/graph.ts';

/** What the app talks to, on this machine: Meta's Graph with its webhooks, and a Slack. */
export type Surroundings = {
  graph: GraphStandIn;
  slack: LocalSlack;
  /** Where the app has to listen: webhooks are sent there. */
  port: number;
  /** The settings that point the app here. */
  env: Record<string, string>;
  stop(): Promise<void>;
};

const APP_SECRET = 'an-app-secret';

/** Starts both; the app itself is the caller's to start, at `port` with `env`. */
export async function startSurroundings(options: GraphStandInOptions = {}): Promise<Surroundings> {
  const port = await freePort();
  const webhook = { url: `http://127.0.0.1:${port}/webhooks/whatsapp`, appSecret: APP_SECRET };
  const graph = await startGraphStandIn({ ...options, webhook });
  const eventsUrl = `http://127.0.0.1:${port}/slack/events`;
  const slack = createLocalSlack({ log: pino({ level: 'silent' }), eventsUrl, retryDelaysMs: [] });
  const server = createServer(express().use(slack.router));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const slackPort = (server.address() as AddressInfo).port;
  return {
    graph,
    slack,
    port,
    env: {
      LOG_LEVEL: 'warn',
      WHATSAPP_TRANSPORT: 'cloud',
      WHATSAPP_CLOUD_API_URL: graph.url,
      WHATSAPP_CLOUD_PHONE_NUMBER_ID: '200000000000001',
      WHATSAPP_CLOUD_ACCESS_TOKEN: 'stand-in-token',
      WHATSAPP_CLOUD_APP_SECRET: APP_SECRET,
      WHATSAPP_CLOUD_VERIFY_TOKEN: 'a-verify-token',
      SLACK_MODE: 'http',
      SLACK_API_URL: `http://127.0.0.1:${slackPort}/api/`,
      SLACK_BOT_TOKEN: slack.tokens.botToken,
      SLACK_SIGNING_SECRET: slack.tokens.signingSecret,
      ...channelSettings(),
    },
    async stop() {
      await graph.stop();
      await slack.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function channelSettings(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(TEAM_CHANNELS).map(([team, id]) => [`SLACK_CHANNEL_${team.toUpperCase()}`, id]),
  );
}
