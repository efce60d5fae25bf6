import { z } from 'zod';
import { slackMessages } from './blocks.ts';
import { APP } from './seeds.ts';
import type { Channel, Message, Workspace } from './workspace.ts';

/** Arguments of the Web API: JSON bodies and forms alike (in a form, objects are JSON text and flags are words). */

/** A refused call. `code` is Slack's error code, `messages` go into `response_metadata`, `more` beside the code. */
export class ApiError extends Error {
  readonly code: string;
  readonly messages: string[];
  readonly more: Record<string, string>;

  constructor(code: string, messages: string[] = [], more: Record<string, string> = {}) {
    super(code);
    this.name = 'ApiError';
    this.code = code;
    this.messages = messages;
    this.more = more;
  }
}

/** Arguments as they came. */
export type Arguments = Record<string, unknown>;

/** One method: answers with what follows `ok: true`. @throws ApiError */
export type ApiMethod = (args: Arguments) => Record<string, unknown>;

export const flag = z.preprocess((given) => given === true || given === 'true' || given === '1', z.boolean());

export const json = z.preprocess(
  (given) => (typeof given === 'string' ? parseJson(given) : given),
  z.unknown(),
);

export const pageArgs = {
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(0).max(1000).optional(),
};

/** Reads arguments by a schema. @throws ApiError `invalid_arguments` */
export function readArgs<T>(schema: z.ZodType<T>, args: Arguments): T {
  const parsed = schema.safeParse(args);
  if (!parsed.success) throw new ApiError('invalid_arguments', slackMessages(parsed.error, ''));
  return parsed.data;
}

/** The channel an argument names. @throws ApiError `channel_not_found` */
export function channelOf(workspace: Workspace, ref: unknown): Channel {
  const channel = typeof ref === 'string' ? workspace.findChannel(ref) : undefined;
  if (!channel) throw new ApiError('channel_not_found');
  return channel;
}

/** The channel an argument names, which the app must have been invited to. @throws ApiError `not_in_channel` */
export function joinedChannel(workspace: Workspace, ref: unknown): Channel {
  const channel = channelOf(workspace, ref);
  if (!channel.members.includes(APP.botUserId)) throw new ApiError('not_in_channel');
  return channel;
}

/** The message an argument names. @throws ApiError `message_not_found` */
export function messageOf(workspace: Workspace, channel: Channel, ts: string): Message {
  const message = workspace.message(channel.id, ts);
  if (!message) throw new ApiError('message_not_found');
  return message;
}

/** One page of a list, with Slack's opaque cursor to the next; an empty cursor ends it. @throws ApiError `invalid_cursor` */
export function page<T>(
  items: T[],
  args: { cursor?: string | undefined; limit?: number | undefined },
): { items: T[]; nextCursor: string } {
  const from = args.cursor ? Number(Buffer.from(args.cursor, 'base64').toString().replace('next:', '')) : 0;
  if (!Number.isInteger(from) || from < 0) throw new ApiError('invalid_cursor');
  const to = from + (args.limit || 100);
  const nextCursor = to < items.length ? Buffer.from(`next:${to}`).toString('base64') : '';
  return { items: items.slice(from, to), nextCursor };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
