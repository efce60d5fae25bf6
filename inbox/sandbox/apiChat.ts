import { z } from 'zod';
import {
  ApiError,
  type ApiMethod,
  type Arguments,
  channelOf,
  flag,
  joinedChannel,
  messageOf,
  readArgs,
} from './apiArguments.ts';
import { appMessage, MAX_POST_LENGTH, MAX_UPDATE_LENGTH, readContent, updateOf } from './content.ts';
import { type Events, isApps } from './events.ts';
import type { Screens } from './screens.ts';
import { APP } from './seeds.ts';
import type { WireFormat } from './wire.ts';
import type { Channel, Message, MessageDraft, Workspace } from './workspace.ts';

/** `chat.*` and `reactions.*`. */

export type ChatParts = { workspace: Workspace; screens: Screens; events: Events; wire: WireFormat };

const postArgs = z.object({
  thread_ts: z.string().optional(),
  reply_broadcast: flag,
  username: z.string().optional(),
});
const messageArgs = z.object({ ts: z.string() });
const ephemeralArgs = z.object({ user: z.string(), thread_ts: z.string().optional() });
const permalinkArgs = z.object({ message_ts: z.string() });
const reactionArgs = z.object({ name: z.string().regex(/^[\w+'-]+$/), timestamp: z.string() });

export function chatMethods(parts: ChatParts): Record<string, ApiMethod> {
  return {
    'chat.postMessage': (args) => postMessage(parts, args),
    'chat.update': (args) => update(parts, args),
    'chat.delete': (args) => remove(parts, args),
    'chat.postEphemeral': (args) => postEphemeral(parts, args),
    'chat.getPermalink': (args) => {
      const channel = channelOf(parts.workspace, args.channel);
      const message = messageOf(parts.workspace, channel, readArgs(permalinkArgs, args).message_ts);
      return { channel: channel.id, permalink: parts.wire.permalink(message) };
    },
    'reactions.add': (args) => addReaction(parts, args),
    'reactions.remove': (args) => removeReaction(parts, args),
  };
}

function postMessage({ workspace, events, wire }: ChatParts, args: Arguments): Record<string, unknown> {
  const channel = joinedChannel(workspace, args.channel);
  const given = readArgs(postArgs, args);
  const content = readContent(workspace, args, MAX_POST_LENGTH);
  const draft: MessageDraft = {
    ...appMessage(content),
    channel: channel.id,
    ...threadOf(workspace, channel, given.thread_ts),
    ...(given.reply_broadcast ? { broadcast: true } : {}),
    ...(given.username ? { username: given.username } : {}),
  };
  const message = workspace.addMessage(draft);
  events.messagePosted(message);
  return { channel: channel.id, ts: message.ts, message: wire.message(message, true) };
}

function update({ workspace, events, wire }: ChatParts, args: Arguments): Record<string, unknown> {
  const channel = joinedChannel(workspace, args.channel);
  const message = ownMessage(workspace, channel, args, 'cant_update_message');
  const content = readContent(workspace, args, MAX_UPDATE_LENGTH);
  const before = wire.message(message);
  workspace.changeMessage(message, updateOf(workspace, content));
  events.messageChanged(message, before);
  return { channel: channel.id, ts: message.ts, text: message.text, message: wire.message(message, true) };
}

function remove({ workspace, events, wire }: ChatParts, args: Arguments): Record<string, unknown> {
  const channel = joinedChannel(workspace, args.channel);
  const message = ownMessage(workspace, channel, args, 'cant_delete_message');
  const before = wire.message(message);
  workspace.removeMessage(message);
  events.messageDeleted(message, before);
  return { channel: channel.id, ts: message.ts };
}

function postEphemeral({ workspace, screens }: ChatParts, args: Arguments): Record<string, unknown> {
  const channel = joinedChannel(workspace, args.channel);
  const given = readArgs(ephemeralArgs, args);
  if (!channel.members.includes(given.user)) throw new ApiError('user_not_in_channel');
  const content = readContent(workspace, args, MAX_POST_LENGTH);
  const thread = threadOf(workspace, channel, given.thread_ts);
  const message = workspace.newMessage({ ...appMessage(content), channel: channel.id, ...thread });
  screens.showEphemeral(given.user, message);
  return { message_ts: message.ts };
}

function addReaction({ workspace, events }: ChatParts, args: Arguments): Record<string, unknown> {
  const { message, name } = reactionTarget(workspace, args);
  if (!react(workspace, message, APP.botUserId, name)) throw new ApiError('already_reacted');
  events.reactionAdded(message, APP.botUserId, name);
  return {};
}

function removeReaction({ workspace, events }: ChatParts, args: Arguments): Record<string, unknown> {
  const { message, name } = reactionTarget(workspace, args);
  if (!unreact(workspace, message, APP.botUserId, name)) throw new ApiError('no_reaction');
  events.reactionRemoved(message, APP.botUserId, name);
  return {};
}

/** Adds someone's reaction; false when it was there already. */
export function react(workspace: Workspace, message: Message, userId: string, name: string): boolean {
  const known = message.reactions.find((reaction) => reaction.name === name);
  if (known?.users.includes(userId)) return false;
  const others = message.reactions.filter((reaction) => reaction !== known);
  const users = [...(known?.users ?? []), userId];
  workspace.changeMessage(message, { reactions: [...others, { name, users }] });
  return true;
}

/** Takes someone's reaction away; false when there was none. */
export function unreact(workspace: Workspace, message: Message, userId: string, name: string): boolean {
  const known = message.reactions.find((reaction) => reaction.name === name);
  if (!known?.users.includes(userId)) return false;
  const users = known.users.filter((user) => user !== userId);
  const reactions = message.reactions
    .map((reaction) => (reaction === known ? { name, users } : reaction))
    .filter((reaction) => reaction.users.length > 0);
  workspace.changeMessage(message, { reactions });
  return true;
}

/** The thread a message joins; a reply's ts leads to its thread. @throws ApiError `thread_not_found` */
export function threadOf(
  workspace: Workspace,
  channel: Channel,
  ts: string | undefined,
): { threadTs?: string } {
  if (!ts) return {};
  const [root] = workspace.thread(channel.id, ts);
  if (!root) throw new ApiError('thread_not_found');
  return { threadTs: root.ts };
}

function ownMessage(workspace: Workspace, channel: Channel, args: Arguments, refusal: string): Message {
  const message = messageOf(workspace, channel, readArgs(messageArgs, args).ts);
  if (!isApps(message) || message.subtype === 'tombstone') throw new ApiError(refusal);
  return message;
}

function reactionTarget(workspace: Workspace, args: Arguments): { message: Message; name: string } {
  const channel = joinedChannel(workspace, args.channel);
  const { name, timestamp } = readArgs(reactionArgs, args);
  return { message: messageOf(workspace, channel, timestamp), name };
}
