import { type Block, type Option, plain } from './blocks.ts';

/** The inputs of forms: each has its name as block id, and `value` as action id. */

/** A note or an answer, unless told otherwise. */
const NOTE_CHARACTERS = 1_000;
/** What an option may say. */
const OPTION_CHARACTERS = 75;

/** Something to be typed: of several lines and needed, unless `how` says otherwise. `most` in characters. */
export function typed(
  name: string,
  label: string,
  how: { optional?: boolean; most?: number; isLine?: boolean } = {},
): Block {
  const { optional = false, most = NOTE_CHARACTERS, isLine = false } = how;
  return {
    type: 'input',
    block_id: name,
    label: plain(label),
    element: { type: 'plain_text_input', action_id: 'value', multiline: !isLine, max_length: most },
    optional,
  };
}

/** One of several options; the one with the value `initial` is chosen at first, if there is one. */
export function chosen(name: string, label: string, options: Option[], initial?: string): Block {
  const first = options.find(({ value }) => value === initial);
  return {
    type: 'input',
    block_id: name,
    label: plain(label),
    element: {
      type: 'static_select',
      action_id: 'value',
      options,
      ...(first && { initial_option: first }),
    },
  };
}

/** An option; what is too long for Slack is cut. */
export function option(value: string, text: string): Option {
  return { value, text: plain(text.slice(0, OPTION_CHARACTERS)) };
}
