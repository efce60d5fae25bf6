import type { View } from '@slack/web-api';
import { escaped } from './blocks.ts';
import type { CannedDraft } from './listening.ts';

/** The modal in which approved copy is chosen and filled in. */

export const CANNED_VIEW = 'canned';
export const CANNED_CHOICE = 'canned_choice';
export const CANNED_FIELD = 'canned_field';

/** Slack's limits. */
const TITLE_CHARACTERS = 75;
const PREVIEW_CHARACTERS = 2_900;

const LANGUAGE = { en: 'English', hi: 'Hindi', hinglish: 'Hinglish' };

type About = { channel: string; thread: string; caseId: string };
type Field = CannedDraft['fields'][number];
type ModalBlock = View['blocks'][number];

/** Before anything is chosen there is nothing to send. */
export function cannedModal(
  list: { key: string; title: string }[],
  { channel, thread, caseId }: About,
  draft?: CannedDraft,
): View {
  const options = list.map(({ key, title }) => ({
    text: plain(title.slice(0, TITLE_CHARACTERS)),
    value: key,
  }));
  const chosen = options.find(({ value }) => value === draft?.key);
  const element = {
    type: 'static_select' as const,
    action_id: CANNED_CHOICE,
    placeholder: plain('Choose'),
    options,
    ...(chosen && { initial_option: chosen }),
  };
  return {
    type: 'modal',
    callback_id: CANNED_VIEW,
    private_metadata: JSON.stringify({ channel, thread, caseId, ...(draft && { key: draft.key }) }),
    title: plain('Templates'),
    close: plain('Close'),
    ...(draft && { submit: plain('Send') }),
    blocks: [
      // Slack takes no input where there is nothing to submit.
      draft
        ? {
            type: 'input',
            block_id: 'choice',
            dispatch_action: true,
            label: plain('Approved words'),
            element,
          }
        : { type: 'actions', block_id: 'choice', elements: [element] },
      ...(draft ? draft.fields.map((field) => input(draft.key, field)) : []),
      ...(draft ? preview(draft) : []),
    ],
  };
}

/** Of its own for each copy: Slack keeps what was typed in a block of the same name. */
export function blockOf(key: string, field: string): string {
  return `field:${key}:${field}`;
}

function input(key: string, field: Field): ModalBlock {
  return {
    type: 'input',
    block_id: blockOf(key, field.name),
    dispatch_action: true,
    label: plain(field.label),
    element: elementOf(field),
  };
}

function elementOf({ kind }: Field) {
  switch (kind) {
    case 'moment':
      return { type: 'datetimepicker' as const, action_id: CANNED_FIELD };
    case 'hours':
      return {
        ...{ type: 'number_input' as const, action_id: CANNED_FIELD, is_decimal_allowed: false },
        ...{ min_value: '1', max_value: '168', dispatch_action_config: ON_ENTER },
      };
    case 'text':
      return {
        ...{ type: 'plain_text_input' as const, action_id: CANNED_FIELD, max_length: 200 },
        dispatch_action_config: ON_ENTER,
      };
  }
}

const ON_ENTER = { trigger_actions_on: ['on_enter_pressed' as const] };

function preview({ preview: words, language }: CannedDraft): ModalBlock[] {
  const quoted = escaped(words).replace(/^/gm, '> ').slice(0, PREVIEW_CHARACTERS);
  return [
    { type: 'divider' },
    {
      type: 'section',
      text: { type: 'mrkdwn', text: `*The buyer reads* (${LANGUAGE[language]})\n${quoted}` },
    },
  ];
}

function plain(text: string) {
  return { type: 'plain_text' as const, text };
}
