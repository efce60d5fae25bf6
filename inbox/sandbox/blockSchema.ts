import { z } from 'zod';

/**
 * The shapes of Block Kit as Slack checks them. Objects are strict, because Slack refuses properties it does not know and a
 * misspelt one should fail here too.
 */

const plain = (max: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(max),
    emoji: z.boolean().optional(),
  });

const marked = (max: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(max),
    verbatim: z.boolean().optional(),
  });

const anyText = (max: number) => z.discriminatedUnion('type', [plain(max), marked(max)]);

const confirm = z.strictObject({
  title: plain(100),
  text: anyText(300),
  confirm: plain(30),
  deny: plain(30),
  style: z.enum(['primary', 'danger']).optional(),
});

const option = z.strictObject({
  text: anyText(75),
  value: z.string().max(150),
  description: anyText(75).optional(),
  url: z.string().max(3000).optional(),
});

const optionGroup = z.strictObject({ label: plain(75), options: z.array(option).min(1).max(100) });

const acting = {
  action_id: z.string().min(1).max(255).optional(),
  confirm: confirm.optional(),
  focus_on_load: z.boolean().optional(),
};
const placeholder = { placeholder: plain(150).optional() };

const choosing = {
  ...acting,
  ...placeholder,
  options: z.array(option).min(1).max(100).optional(),
  option_groups: z.array(optionGroup).min(1).max(100).optional(),
};

const button = z.strictObject({
  type: z.literal('button'),
  text: plain(75),
  action_id: acting.action_id,
  confirm: acting.confirm,
  url: z.string().max(3000).optional(),
  value: z.string().max(2000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  accessibility_label: z.string().max(75).optional(),
});

const typing = {
  ...acting,
  ...placeholder,
  initial_value: z.string().optional(),
  dispatch_action_config: z
    .strictObject({ trigger_actions_on: z.array(z.enum(['on_enter_pressed', 'on_character_entered'])) })
    .optional(),
};

const image = {
  type: z.literal('image'),
  image_url: z.string().min(1).max(3000),
  alt_text: z.string().max(2000),
};

const element = z.discriminatedUnion('type', [
  button,
  z.strictObject({ type: z.literal('static_select'), ...choosing, initial_option: option.optional() }),
  z.strictObject({
    type: z.literal('multi_static_select'),
    ...choosing,
    initial_options: z.array(option).optional(),
    max_selected_items: z.number().int().min(1).optional(),
  }),
  z.strictObject({ type: z.literal('overflow'), ...acting, options: z.array(option).min(1).max(5) }),
  z.strictObject({
    type: z.literal('radio_buttons'),
    ...acting,
    options: z.array(option).min(1).max(10),
    initial_option: option.optional(),
  }),
  z.strictObject({
    type: z.literal('checkboxes'),
    ...acting,
    options: z.array(option).min(1).max(10),
    initial_options: z.array(option).optional(),
  }),
  z.strictObject({
    type: z.literal('users_select'),
    ...acting,
    ...placeholder,
    initial_user: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('multi_users_select'),
    ...acting,
    ...placeholder,
    initial_users: z.array(z.string()).optional(),
    max_selected_items: z.number().int().min(1).optional(),
  }),
  z.strictObject({
    type: z.literal('conversations_select'),
    ...acting,
    ...placeholder,
    initial_conversation: z.string().optional(),
    default_to_current_conversation: z.boolean().optional(),
    filter: z.looseObject({}).optional(),
  }),
  z.strictObject({
    type: z.literal('datepicker'),
    ...acting,
    ...placeholder,
    initial_date: z.iso.date().optional(),
  }),
  z.strictObject({
    type: z.literal('timepicker'),
    ...acting,
    ...placeholder,
    initial_time: z
      .string()
      .regex(/^\d\d:\d\d$/)
      .optional(),
    timezone: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('datetimepicker'),
    ...acting,
    initial_date_time: z.number().int().optional(),
  }),
  z.strictObject({
    type: z.literal('plain_text_input'),
    ...typing,
    multiline: z.boolean().optional(),
    min_length: z.number().int().min(0).max(3000).optional(),
    max_length: z.number().int().min(1).max(3000).optional(),
  }),
  z.strictObject({ type: z.literal('email_text_input'), ...typing }),
  z.strictObject({ type: z.literal('url_text_input'), ...typing }),
  z.strictObject({
    type: z.literal('number_input'),
    ...typing,
    is_decimal_allowed: z.boolean(),
    min_value: z.string().optional(),
    max_value: z.string().optional(),
  }),
  z.strictObject(image),
]);

const blockId = { block_id: z.string().min(1).max(255).optional() };

/** One block, as an app sends it. */
export const blockSchema = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('section'),
      ...blockId,
      text: anyText(3000).optional(),
      fields: z.array(anyText(2000)).min(1).max(10).optional(),
      accessory: element.optional(),
      expand: z.boolean().optional(),
    })
    .refine((section) => section.text || section.fields, { error: 'missing required field: text or fields' }),
  z.strictObject({ type: z.literal('header'), ...blockId, text: plain(150) }),
  z.strictObject({ type: z.literal('divider'), ...blockId }),
  z.strictObject({
    type: z.literal('context'),
    ...blockId,
    elements: z
      .array(z.discriminatedUnion('type', [plain(3000), marked(3000), z.strictObject(image)]))
      .min(1)
      .max(10),
  }),
  z.strictObject({ type: z.literal('actions'), ...blockId, elements: z.array(element).min(1).max(25) }),
  z.strictObject({ ...image, ...blockId, title: plain(2000).optional() }),
  z.strictObject({
    type: z.literal('input'),
    ...blockId,
    label: plain(2000),
    element,
    hint: plain(2000).optional(),
    optional: z.boolean().optional(),
    dispatch_action: z.boolean().optional(),
  }),
  z.looseObject({ type: z.literal('rich_text'), ...blockId, elements: z.array(z.unknown()) }),
]);

export type Block = z.infer<typeof blockSchema>;
export type Element = z.infer<typeof element>;
export type Option = z.infer<typeof option>;
