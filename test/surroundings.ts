import type { LocalSlack } from '../inbox/sandbox/localSlack.ts';
import { freePort } from './app.ts';
import { createSlackSite } from './slackSite.ts';
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
  const url = `http://127.0.0.1:${port}`;
  const webhook = { url: `${url}/webhooks/whatsapp`, appSecret: APP_SECRET };
  const graph = await startGraphStandIn({ ...options, webhook });
  const site = await createSlackSite(`${url}/slack/events`);
  await site.open();
  return {
    graph,
    slack: site.slack,
    port,
    env: {
      LOG_LEVEL: 'warn',
      SECRET_KEY: 'only for the tests of this project',
      WHATSAPP_TRANSPORT: 'cloud',
      WHATSAPP_CLOUD_API_URL: graph.url,
      WHATSAPP_CLOUD_PHONE_NUMBER_ID: '200000000000001',
      WHATSAPP_CLOUD_ACCESS_TOKEN: 'stand-in-token',
      WHATSAPP_CLOUD_APP_SECRET: APP_SECRET,
      WHATSAPP_CLOUD_VERIFY_TOKEN: 'a-verify-token',
      ...site.env,
    },
    async stop() {
      await graph.stop();
      await site.close();
    },
  };
}
