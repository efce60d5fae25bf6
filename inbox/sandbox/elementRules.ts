import type { Block, Element, Option } from './blockSchema.ts';

/** What Slack asks of elements beyond their shape: where each may stand, and that its choices fit together. */

/** Where elements may stand. A text input, for one, stands in no row of buttons. */
const ALLOWED: Partial<Record<Block['type'], ReadonlySet<Element['type']>>> = {
  actions: new Set([
    'button',
    'checkboxes',
    'conversations_select',
    'datepicker',
    'datetimepicker',
    'overflow',
    'radio_buttons',
    'static_select',
    'timepicker',
    'users_select',
  ]),
  section: new Set([
    'button',
    'checkboxes',
    'conversations_select',
    'datepicker',
    'image',
    'multi_static_select',
    'multi_users_select',
    'overflow',
    'radio_buttons',
    'static_select',
    'timepicker',
    'users_select',
  ]),
  input: new Set([
    'checkboxes',
    'conversations_select',
    'datepicker',
    'datetimepicker',
    'email_text_input',
    'multi_static_select',
    'multi_users_select',
    'number_input',
    'plain_text_input',
    'radio_buttons',
    'static_select',
    'timepicker',
    'url_text_input',
    'users_select',
  ]),
};

/** The elements of a block; none where it has no place for any. */
export function elementsOf(block: Block): Element[] {
  if (block.type === 'actions') return block.elements;
  if (block.type === 'section') return block.accessory ? [block.accessory] : [];
  if (block.type === 'input') return [block.element];
  return [];
}

/** What is wrong with the elements of a block, in Slack's words. */
export function elementFaults(block: Block): string[] {
  const allowed = ALLOWED[block.type];
  return elementsOf(block).flatMap((element) => [
    ...(allowed && !allowed.has(element.type) ? [`[ERROR] unsupported type: ${element.type}`] : []),
    ...choiceFaults(element),
  ]);
}

/** The options of a choosing element, groups flattened. */
export function optionsOf(element: Element): Option[] {
  const direct = 'options' in element ? (element.options ?? []) : [];
  const grouped = 'option_groups' in element ? (element.option_groups ?? []) : [];
  return [...direct, ...grouped.flatMap((group) => group.options)];
}

function choiceFaults(element: Element): string[] {
  const faults: string[] = [];
  if (element.type === 'static_select' || element.type === 'multi_static_select') {
    const given = [element.options, element.option_groups].filter((list) => list !== undefined);
    if (given.length !== 1) faults.push('[ERROR] exactly one of options and option_groups is needed');
  }
  const options = optionsOf(element);
  const known = new Set(options.map((option) => JSON.stringify(option)));
  const isUnknown = (option: Option) => !known.has(JSON.stringify(option));
  if (initialOptions(element).some(isUnknown)) {
    faults.push('[ERROR] initial options must be among the options, word for word');
  }
  return faults;
}

function initialOptions(element: Element): Option[] {
  if ('initial_options' in element) return element.initial_options ?? [];
  if ('initial_option' in element) return element.initial_option ? [element.initial_option] : [];
  return [];
}
