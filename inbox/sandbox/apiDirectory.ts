import { z } from 'zod';
import {
  ApiError,
  type ApiMethod,
  type Arguments,
  channelOf,
  flag,
  joinedChannel,
  page,
  pageArgs,
  readArgs,
} from './apiArguments.ts';
import { APP } from './seeds.ts';
import { botUser, type WireFormat } from './wire.ts';
import type { Message, Workspace } from './workspace.ts';

/** `conversations.*` and `users.*`. */

export type DirectoryParts = { workspace: Workspace; wire: WireFormat };

const rangeArgs = z.object({
  ...pageArgs,
  oldest: z.string().optional(),
  latest: z.string().optional(),
  inclusive: flag,
  include_all_metadata: flag,
});
const repliesArgs = rangeArgs.extend({ ts: z.string() });
const openArgs = z.object({
  users: z.string().optional(),
  channel: z.string().optional(),
  return_im: flag,
});
const listArgs = z.object(pageArgs);
const userArgs = z.object({ user: z.string() });
const emailArgs = z.object({ email: z.string() });

export function directoryMethods(parts: DirectoryParts): Record<string, ApiMethod> {
  const { workspace, wire } = parts;
  return {
    'conversations.info': (args) => ({ channel: wire.channel(channelOf(workspace, args.channel)) }),
    'conversations.list': (args) => {
      const listed = page([...workspace.channels.values()], readArgs(listArgs, args));
      return { channels: listed.items.map((channel) => wire.channel(channel)), ...cursor(listed.nextCursor) };
    },
    'conversations.members': (args) => {
      const listed = page(joinedChannel(workspace, args.channel).members, readArgs(listArgs, args));
      return { members: listed.items, ...cursor(listed.nextCursor) };
    },
    'conversations.open': (args) => openConversation(parts, args),
    'conversations.history': (args) => history(parts, args),
    'conversations.replies': (args) => replies(parts, args),
    'users.info': (args) => ({ user: user(parts, readArgs(userArgs, args).user) }),
    'users.list': (args) => {
      const listed = page([...workspace.members.keys(), APP.botUserId], readArgs(listArgs, args));
      return { members: listed.items.map((id) => user(parts, id)), ...cursor(listed.nextCursor) };
    },
    'users.lookupByEmail': (args) => {
      const { email } = readArgs(emailArgs, args);
      const found = [...workspace.members.values()].find((member) => member.email === email.toLowerCase());
      if (!found) throw new ApiError('users_not_found');
      return { user: wire.user(found) };
    },
  };
}

function openConversation({ workspace, wire }: DirectoryParts, args: Arguments): Record<string, unknown> {
  const given = readArgs(openArgs, args);
  if (given.channel) return { channel: wire.channel(channelOf(workspace, given.channel)) };
  const userIds = (given.users ?? '').split(',').filter(Boolean);
  if (userIds.length === 0) throw new ApiError('users_list_not_supplied');
  if (!userIds.every((id) => workspace.members.has(id))) throw new ApiError('user_not_found');
  const direct = workspace.openDirect(userIds);
  return { channel: given.return_im ? wire.channel(direct) : { id: direct.id } };
}

function history({ workspace, wire }: DirectoryParts, args: Arguments): Record<string, unknown> {
  const channel = joinedChannel(workspace, args.channel);
  const given = readArgs(rangeArgs, args);
  const shown = workspace.messages(channel.id).filter((message) => !message.threadTs || message.broadcast);
  const listed = page(within(shown, given).reverse(), given);
  return {
    messages: listed.items.map((message) => wire.message(message, given.include_all_metadata)),
    has_more: listed.nextCursor !== '',
    pin_count: 0,
    ...cursor(listed.nextCursor),
  };
}

function replies({ workspace, wire }: DirectoryParts, args: Arguments): Record<string, unknown> {
  const channel = joinedChannel(workspace, args.channel);
  const given = readArgs(repliesArgs, args);
  const [root, ...rest] = workspace.thread(channel.id, given.ts);
  if (!root) throw new ApiError('thread_not_found');
  const listed = page([root, ...within(rest, given)], given);
  return {
    messages: listed.items.map((message) => wire.message(message, given.include_all_metadata)),
    has_more: listed.nextCursor !== '',
    ...cursor(listed.nextCursor),
  };
}

function within(messages: Message[], range: z.infer<typeof rangeArgs>): Message[] {
  const oldest = Number(range.oldest ?? 0);
  const latest = Number(range.latest ?? Number.POSITIVE_INFINITY);
  return messages.filter(({ ts }) => {
    const at = Number(ts);
    return range.inclusive ? at >= oldest && at <= latest : at > oldest && at < latest;
  });
}

function user({ workspace, wire }: DirectoryParts, id: string): Record<string, unknown> {
  if (id === APP.botUserId) return botUser();
  const member = workspace.members.get(id);
  if (!member) throw new ApiError('user_not_found');
  return wire.user(member);
}

function cursor(nextCursor: string): Record<string, unknown> {
  return { response_metadata: { next_cursor: nextCursor } };
}
