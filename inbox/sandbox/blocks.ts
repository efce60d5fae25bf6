import { z } from 'zod';
import { type Block, blockSchema, type Element } from './blockSchema.ts';
import { elementFaults, elementsOf } from './elementRules.ts';

/** Judging blocks as Slack does, and finding the elements in them. */

/** Where an element stands: its block's id and its own id, both present once `withIds` has run. */
export type PlacedElement = { blockId: string; actionId: string; element: Element };

/** Characters of text that all blocks of one message may hold together. */
const MAX_TEXT_OF_MESSAGE = 13_200;

/** Blocks as Slack judged them: usable, or its error code with one message per fault. */
export type Judged<T> = { ok: true; value: T } | { ok: false; code: string; messages: string[] };

/**
 * Checks blocks for a message (`max` 50) or a view (`max` 100) and fills missing ids.
 * @param newId gives a fresh block or action id
 */
export function judgeBlocks(input: unknown, max: 50 | 100, newId: () => string): Judged<Block[]> {
  const parsed = z.array(blockSchema).max(max).safeParse(input);
  if (!parsed.success) return refused(slackMessages(parsed.error, '/blocks'));
  const blocks = withIds(parsed.data, newId);
  const faults = [...repeatedIds(blocks), ...blocks.flatMap(elementFaults)];
  if (faults.length > 0) return refused(faults);
  if (max === 50 && textLength(blocks) > MAX_TEXT_OF_MESSAGE) {
    return { ok: false, code: 'msg_blocks_too_long', messages: [] };
  }
  return { ok: true, value: blocks };
}

/** Every element with an action id, in reading order. */
export function placedElements(blocks: Block[]): PlacedElement[] {
  return blocks.flatMap((block) =>
    elementsOf(block).map((item) => ({
      blockId: block.block_id ?? '',
      actionId: 'action_id' in item ? (item.action_id ?? '') : '',
      element: item,
    })),
  );
}

/** A zod error in the words of `response_metadata.messages`, each with its JSON pointer. */
export function slackMessages(error: z.ZodError, root: string): string[] {
  return error.issues.map((issue) => `[ERROR] ${issue.message} [json-pointer:${root}${pointer(issue.path)}]`);
}

function refused(messages: string[]): Judged<Block[]> {
  return { ok: false, code: 'invalid_blocks', messages };
}

function pointer(path: PropertyKey[]): string {
  return path.map((part) => `/${String(part)}`).join('');
}

function withIds(blocks: Block[], newId: () => string): Block[] {
  return blocks.map((block): Block => {
    const named = { ...block, block_id: block.block_id ?? newId() };
    if (named.type === 'actions') {
      return { ...named, elements: named.elements.map((item) => withActionId(item, newId)) };
    } else if (named.type === 'section' && named.accessory) {
      return { ...named, accessory: withActionId(named.accessory, newId) };
    } else if (named.type === 'input') {
      return { ...named, element: withActionId(named.element, newId) };
    }
    return named;
  });
}

function withActionId(item: Element, newId: () => string): Element {
  return item.type === 'image' ? item : { ...item, action_id: item.action_id ?? newId() };
}

function repeatedIds(blocks: Block[]): string[] {
  const blockIds = blocks.map((block) => block.block_id ?? '');
  const faults = repeated(blockIds).map((id) => `[ERROR] \`block_id\` "${id}" already exists`);
  for (const block of blocks) {
    const actionIds = elementsOf(block).flatMap((item) =>
      'action_id' in item ? [item.action_id ?? ''] : [],
    );
    faults.push(...repeated(actionIds).map((id) => `[ERROR] \`action_id\` "${id}" already exists`));
  }
  return faults;
}

function repeated(ids: string[]): string[] {
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
}

function textLength(blocks: Block[]): number {
  let length = 0;
  JSON.stringify(blocks, (key, value: unknown) => {
    if (key === 'text' && typeof value === 'string') length += value.length;
    return value;
  });
  return length;
}
