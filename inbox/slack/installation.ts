import { z } from 'zod';
import type { ListenerParts } from './listening.ts';

/** The app's own standing in the workspace. */

const revoked = z.object({ tokens: z.object({ bot: z.array(z.string()).default([]) }) });

/** Notices that the app was taken out of the workspace, or that its token was taken back: nothing works until it is put back. */
export function listenToInstallation({
  app,
  log,
  onRevoked,
}: Pick<ListenerParts, 'app' | 'log'> & { onRevoked: () => void }): void {
  const alarm = (event: string) => {
    log.error(
      { alert: 'slack_revoked', event },
      'Slack has taken the app’s access back: cases wait. Install it again and set SLACK_BOT_TOKEN.',
    );
    onRevoked();
  };
  app.event('app_uninstalled', async () => alarm('app_uninstalled'));
  app.event('tokens_revoked', async ({ event }) => {
    // The tokens of single people are no concern of ours: we use the bot's.
    if (revoked.parse(event).tokens.bot.length > 0) alarm('tokens_revoked');
  });
}
