import { ApiError, type Arguments } from './apiArguments.ts';
import type { Channel, Workspace } from './workspace.ts';

/** What the app was installed for: a method outside of it is refused with `missing_scope`. */

/** The bot scopes of the app's manifest, the optional ones included. */
export const DEFAULT_SCOPES = [
  'chat:write',
  'chat:write.customize',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'im:write',
  'reactions:read',
  'reactions:write',
  'users:read',
  'users:read.email',
];

const HISTORY: Record<Channel['kind'], string> = {
  private: 'groups:history',
  im: 'im:history',
  mpim: 'mpim:history',
};
const READ: Record<Channel['kind'], string> = { private: 'groups:read', im: 'im:read', mpim: 'mpim:read' };

/** What each method needs, where it needs anything; for some it depends on the kind of channel. */
const NEEDED: Record<string, string | Record<Channel['kind'], string>> = {
  'chat.delete': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'conversations.history': HISTORY,
  'conversations.info': READ,
  'conversations.list': 'groups:read',
  'conversations.members': READ,
  'conversations.open': 'im:write',
  'conversations.replies': HISTORY,
  'files.completeUploadExternal': 'files:write',
  'files.getUploadURLExternal': 'files:write',
  'files.info': 'files:read',
  'reactions.add': 'reactions:write',
  'reactions.remove': 'reactions:write',
  'users.info': 'users:read',
  'users.list': 'users:read',
  'users.lookupByEmail': 'users:read.email',
};

/** Checks a call against the scopes. @throws ApiError `missing_scope`, which names what is needed and what is there */
export function checkScopes(workspace: Workspace, scopes: string[], method: string, args: Arguments): void {
  const needed = neededFor(workspace, method, args);
  if (method === 'chat.postMessage' && args.username !== undefined) needed.push('chat:write.customize');
  const missing = needed.filter((scope) => !scopes.includes(scope));
  if (missing.length === 0) return;
  throw new ApiError('missing_scope', [], { needed: missing.join(','), provided: scopes.join(',') });
}

/** Whether events of this kind reach the app: who may not read reactions hears of none. */
export function mayHear(scopes: string[], type: string, channelKind: Channel['kind'] | undefined): boolean {
  if (type.startsWith('reaction_')) return scopes.includes('reactions:read');
  // Slack tells of direct messages only who may read them.
  if (type === 'message' && channelKind !== undefined) return scopes.includes(HISTORY[channelKind]);
  return true;
}

function neededFor(workspace: Workspace, method: string, args: Arguments): string[] {
  const needed = NEEDED[method];
  if (needed === undefined) return [];
  if (typeof needed === 'string') return [needed];
  const channel = workspace.channels.get(String(args.channel));
  return [needed[channel?.kind ?? 'private']];
}
