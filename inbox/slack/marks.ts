import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Place } from './posts.ts';

/** Reactions by which a message in a thread shows what became of it. */

export type Mark = 'memo' | 'hourglass_flowing_sand' | 'white_check_mark' | 'eyes' | 'x' | 'grey_question';

const platformError = z.object({ data: z.object({ error: z.string() }) });
/** It is as wanted already. */
const DONE: ReadonlySet<string> = new Set(['already_reacted', 'no_reaction']);
/** No further attempt will change these: the message is gone, or the app may not mark anything. */
const NEVER: ReadonlySet<string> = new Set([
  'message_not_found',
  'missing_scope',
  'too_many_reactions',
  'is_archived',
  'not_reactable',
]);

/** Puts a mark on a message; false when that will never be possible. Throws what is worth another attempt. */
export async function mark(client: WebClient, place: Place, name: Mark): Promise<boolean> {
  return attempt(() => client.reactions.add({ channel: place.channel, timestamp: place.ts, name }));
}

/** Takes a mark away, as `mark`. */
export async function unmark(client: WebClient, place: Place, name: Mark): Promise<boolean> {
  return attempt(() => client.reactions.remove({ channel: place.channel, timestamp: place.ts, name }));
}

async function attempt(change: () => Promise<unknown>): Promise<boolean> {
  try {
    await change();
    return true;
  } catch (error) {
    const refused = platformError.safeParse(error);
    const code = refused.success ? refused.data.data.error : '';
    if (DONE.has(code)) return true;
    if (NEVER.has(code)) return false;
    throw error;
  }
}
