import { z } from 'zod';
import { ApiError, type Arguments, json, readArgs } from './apiArguments.ts';
import type { Block } from './blockSchema.ts';
import { judgeBlocks } from './blocks.ts';
import { APP } from './seeds.ts';
import type { Message, Workspace } from './workspace.ts';

/** What an app puts into a message, checked as Slack checks it; for posting, updating and response URLs alike. */

/** Checked content. A field is undefined when the app did not give it. */
export type Content = {
  text?: string;
  blocks?: Block[];
  attachments?: Message['attachments'];
  metadata?: Message['metadata'];
};

const contentArgs = z.object({
  text: z.string().optional(),
  blocks: json.optional(),
  attachments: json.optional(),
  metadata: json.optional(),
});

const attachmentSchema = z.array(
  z.looseObject({ color: z.string().optional(), blocks: z.unknown().optional() }),
);

const metadataSchema = z.object({
  event_type: z.string().min(1).max(255),
  event_payload: z.record(z.string(), z.unknown()),
});

const MAX_METADATA_BYTES = 8000;

/** The longest `text` of a new message; an update takes only 4,000 characters. */
export const MAX_POST_LENGTH = 40_000;
export const MAX_UPDATE_LENGTH = 4000;

/** Reads the content of a call. @throws ApiError `no_text`, `msg_too_long`, `invalid_blocks` and their kin */
export function readContent(workspace: Workspace, args: Arguments, maxLength: number): Content {
  const given = readArgs(contentArgs, args);
  const content: Content = {};
  if (given.text !== undefined) content.text = given.text;
  if (given.blocks !== undefined) content.blocks = checkedBlocks(workspace, given.blocks);
  if (given.attachments !== undefined) content.attachments = checkedAttachments(workspace, given.attachments);
  if (given.metadata !== undefined) content.metadata = checkedMetadata(given.metadata);
  if ((content.text ?? '').length > maxLength) throw new ApiError('msg_too_long');
  const says = content.text?.trim() || content.blocks?.length || content.attachments?.length;
  if (!says) throw new ApiError('no_text');
  return content;
}

/** Content as the app's own message in a channel. */
export function appMessage(content: Content): Pick<Message, 'user' | 'botId' | 'text'> & Content {
  return { user: APP.botUserId, botId: APP.botId, ...content, text: content.text ?? '' };
}

/**
 * What an update changes. As in Slack, text without blocks takes the blocks away, and only such a change of
 * words is marked as edited.
 */
export function updateOf(workspace: Workspace, content: Content): Partial<Message> {
  const reworded = content.text !== undefined && content.blocks === undefined;
  return {
    ...content,
    ...(reworded ? { blocks: [], edited: { user: APP.botUserId, ts: workspace.nextTs() } } : {}),
  };
}

function checkedBlocks(workspace: Workspace, input: unknown): Block[] {
  const judged = judgeBlocks(input, 50, () => workspace.nextId('x'));
  if (!judged.ok) throw new ApiError(judged.code, judged.messages);
  return judged.value;
}

function checkedAttachments(workspace: Workspace, input: unknown): Message['attachments'] {
  const parsed = attachmentSchema.safeParse(input);
  if (!parsed.success) throw new ApiError('invalid_attachments');
  return parsed.data.map(({ blocks, ...rest }) =>
    blocks === undefined ? rest : { ...rest, blocks: checkedBlocks(workspace, blocks) },
  );
}

function checkedMetadata(input: unknown): Message['metadata'] {
  if (typeof input === 'object' && input !== null && Object.keys(input).length === 0) return undefined;
  const parsed = metadataSchema.safeParse(input);
  if (!parsed.success) throw new ApiError('invalid_metadata_format');
  if (JSON.stringify(parsed.data).length > MAX_METADATA_BYTES) throw new ApiError('metadata_too_large');
  return parsed.data;
}
