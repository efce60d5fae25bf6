import { z } from 'zod';
import type { Block } from './blockSchema.ts';
import { type Judged, judgeBlocks, placedElements, slackMessages } from './blocks.ts';
import type { StateValues } from './inputs.ts';

/** Modals and Home tabs as Slack checks them. */

const short = z.strictObject({
  type: z.literal('plain_text'),
  text: z.string().min(1).max(24),
  emoji: z.boolean().optional(),
});

const shared = {
  callback_id: z.string().max(255).optional(),
  private_metadata: z.string().max(3000).optional(),
  external_id: z.string().max(255).optional(),
  blocks: z.array(z.unknown()),
};

const viewSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('modal'),
    ...shared,
    title: short,
    submit: short.optional(),
    close: short.optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    submit_disabled: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('home'), ...shared }),
]);

/** A checked view, as the app sent it, with ids filled in. */
export type View = WithBlocks<z.infer<typeof viewSchema>>;

type WithBlocks<V> = V extends unknown ? Omit<V, 'blocks'> & { blocks: Block[] } : never;

/** A view that is on a member's screen. */
export type ShownView = {
  id: string;
  /** Changes with every update; an app may pass it to refuse overwriting a newer one. */
  hash: string;
  userId: string;
  rootId: string;
  previousId?: string;
  view: View;
  values: StateValues;
};

const MAX_VIEW_BYTES = 250_000;

/** Checks a view of the given type; the error code is the one Slack answers with. */
export function judgeView(input: unknown, type: 'modal' | 'home', newId: () => string): Judged<View> {
  const parsed = viewSchema.safeParse(input);
  if (!parsed.success) return refused(slackMessages(parsed.error, '/view'));
  const { blocks: given, ...rest } = parsed.data;
  if (rest.type !== type) return refused([`[ERROR] must be of type ${type} [json-pointer:/view/type]`]);
  if (JSON.stringify(input).length > MAX_VIEW_BYTES) {
    return { ok: false, code: 'view_too_large', messages: [] };
  }
  const blocks = judgeBlocks(given, 100, newId);
  if (!blocks.ok) return refused(blocks.messages);
  const focused = placedElements(blocks.value).filter(
    ({ element }) => 'focus_on_load' in element && element.focus_on_load,
  );
  if (focused.length > 1)
    return refused(['[ERROR] only one element may have focus_on_load [json-pointer:/view]']);
  const asks = blocks.value.some((block) => block.type === 'input');
  if (asks && rest.type === 'modal' && !rest.submit) {
    return refused(['[ERROR] missing required field: submit [json-pointer:/view/submit]']);
  }
  return { ok: true, value: { ...rest, blocks: blocks.value } };
}

function refused(messages: string[]): Judged<View> {
  return { ok: false, code: 'invalid_arguments', messages };
}
