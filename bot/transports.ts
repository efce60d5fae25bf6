import { join } from 'node:path';
import type { Logger } from 'pino';
import { createLocalSlack, type LocalSlack, TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { SlackOptions } from '../inbox/slack/app.ts';
import type { Models } from '../models/models.ts';
import { templateText } from '../templates/messages/message.ts';
import type { Channel } from './channels/channel.ts';
import { type CloudChannel, createCloudChannel } from './channels/cloud.ts';
import { SandboxChannel } from './channels/sandbox/sandboxChannel.ts';
import type { WebChannel } from './channels/web.ts';
import type { CloudConfig, Config, WebConfig } from './config.ts';
import type { Metrics } from './metrics.ts';

/** The transports in use, the primary one first; each is named again for what only it can do. */
export type Channels = {
  channels: [Channel, ...Channel[]];
  sandbox?: SandboxChannel;
  cloud?: CloudChannel;
  web?: WebChannel;
};

export type ChannelParts = {
  config: Config;
  log: Logger;
  models: Models;
  metrics: Metrics;
  now: () => Date;
  newId: () => string;
};

/** Makes the configured WhatsApp transports. Throws AppError `config` when the browser that one needs is missing. */
export async function createChannels(parts: ChannelParts): Promise<Channels> {
  const { whatsapp } = parts.config;
  switch (whatsapp.transport) {
    case 'sandbox': {
      const sandbox = createSandbox(parts);
      return { channels: [sandbox], sandbox };
    }
    case 'web': {
      const web = await createWeb(parts, whatsapp.web);
      return { channels: [web], web };
    }
    case 'cloud': {
      const cloud = createCloud(parts, whatsapp.cloud);
      return { channels: [cloud], cloud };
    }
    case 'web,cloud': {
      const web = await createWeb(parts, whatsapp.web);
      const cloud = createCloud(parts, whatsapp.cloud);
      return { channels: [web, cloud], web, cloud };
    }
  }
}

function createSandbox({ config, log, now, newId }: ChannelParts): SandboxChannel {
  const stateFile = join(config.dataDir, 'sandbox', 'phones.json');
  return new SandboxChannel({ log, stateFile, now, newId, templateText, deskName: 'Meridian Homes' });
}

/** The library is loaded only where it is used: it takes half a second of every start. */
async function createWeb({ config, log, now }: ChannelParts, web: WebConfig): Promise<WebChannel> {
  const { createWebChannel } = await import('./channels/web.ts');
  return createWebChannel({ ...web, sessionDir: join(config.dataDir, 'whatsapp'), log, now });
}

function createCloud(
  { config, log, models, metrics, now, newId }: ChannelParts,
  cloud: CloudConfig,
): CloudChannel {
  return createCloudChannel({
    ...cloud,
    log,
    now,
    maxMediaBytes: config.mediaMaxBytes,
    uploads: models.uploads,
    keepRejected: async ({ reason, body }) => {
      metrics.keptRejected(reason);
      await models.rejected.keep({ _id: newId(), source: 'whatsapp', reason, body, at: now() });
    },
  });
}

/** How to reach Slack: as configured, or the local one that this process serves itself. */
export function createSlack(
  config: Config,
  log: Logger,
  now: () => Date,
): { options: SlackOptions; local: LocalSlack | undefined } {
  if (config.slack.mode !== 'sandbox') return { options: config.slack, local: undefined };
  const base = `http://127.0.0.1:${config.port}/sandbox/slack`;
  const local = createLocalSlack({
    log,
    now,
    stateFile: join(config.dataDir, 'sandbox', 'slack.json'),
    publicUrl: base,
    commands: ['/baton'],
    messageShortcuts: [
      { callbackId: 'baton_note', name: 'Internal note' },
      { callbackId: 'baton_resend', name: 'Send to buyer again' },
    ],
  });
  const options: SlackOptions = {
    mode: 'socket',
    apiUrl: `${base}/api/`,
    botToken: local.tokens.botToken,
    appToken: local.tokens.appToken,
    channels: TEAM_CHANNELS,
  };
  return { options, local };
}
