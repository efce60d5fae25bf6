import { join } from 'node:path';
import type { Logger } from 'pino';
import { createLocalSlack, type LocalSlack, TEAM_CHANNELS } from '../inbox/sandbox/localSlack.ts';
import type { SlackOptions } from '../inbox/slack/app.ts';
import type { Models } from '../models/models.ts';
import { templateText } from '../templates/messages/message.ts';
import type { Channel } from './channels/channel.ts';
import { type CloudChannel, createCloudChannel } from './channels/cloud.ts';
import { SandboxChannel } from './channels/sandbox/sandboxChannel.ts';
import { createWebChannel, type WebChannel } from './channels/web.ts';
import type { Config } from './config.ts';
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
export function createChannels({ config, log, models, metrics, now, newId }: ChannelParts): Channels {
  if (config.whatsapp.transport === 'sandbox') {
    const stateFile = join(config.dataDir, 'sandbox', 'phones.json');
    const sandbox = new SandboxChannel({
      log,
      stateFile,
      now,
      newId,
      templateText,
      deskName: 'Meridian Homes',
    });
    return { channels: [sandbox], sandbox };
  }
  const { whatsapp } = config;
  const sessionDir = join(config.dataDir, 'whatsapp');
  if (whatsapp.transport === 'web') {
    const web = createWebChannel({ ...whatsapp.web, sessionDir, log, now });
    return { channels: [web], web };
  }
  const cloud = createCloudChannel({
    ...whatsapp.cloud,
    log,
    now,
    maxMediaBytes: config.mediaMaxBytes,
    uploads: models.uploads,
    keepRejected: async ({ reason, body }) => {
      metrics.keptRejected(reason);
      await models.rejected.keep({ _id: newId(), source: 'whatsapp', reason, body, at: now() });
    },
  });
  if (whatsapp.transport === 'cloud') return { channels: [cloud], cloud };
  const web = createWebChannel({ ...whatsapp.web, sessionDir, log, now });
  return { channels: [web, cloud], web, cloud };
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
