import type { Block, Element, Option } from './blockSchema.ts';
import type { PlacedElement } from './blocks.ts';
import { placedElements } from './blocks.ts';
import { optionsOf } from './elementRules.ts';

/** What members put into inputs, and the shape in which Slack reports it to the app. */

/** A member's entry: text, date or option value; several for multiple choice; null when emptied. */
export type Entry = string | string[] | null;

/** Entries by block id and action id. */
export type Entries = Record<string, Record<string, Entry>>;

/** `state.values` of a payload: one entry per input, e.g. `{type: 'datepicker', selected_date: '2026-11-23'}`. */
export type StateValues = Record<string, Record<string, Record<string, unknown>>>;

/** The state of all inputs of a message or view, with initial values where nothing was entered. */
export function stateValues(blocks: Block[], entries: Entries): StateValues {
  const values: StateValues = {};
  for (const placed of placedElements(blocks)) {
    if (!holdsValue(placed.element)) continue;
    const entry = entries[placed.blockId]?.[placed.actionId];
    const block = values[placed.blockId] ?? {};
    block[placed.actionId] = elementState(placed.element, entry);
    values[placed.blockId] = block;
  }
  return values;
}

/**
 * One element with its value; an undefined entry means its initial value.
 * Example: `{type: 'static_select', selected_option: {text: {…}, value: 'snooze'}}`
 */
export function elementState(element: Element, entry: Entry | undefined): Record<string, unknown> {
  const given = entry === undefined ? initialEntry(element) : entry;
  const one = Array.isArray(given) ? (given[0] ?? null) : given;
  const many = Array.isArray(given) ? given : given === null ? [] : [given];
  switch (element.type) {
    case 'static_select':
    case 'radio_buttons':
    case 'overflow':
      return { type: element.type, selected_option: optionOf(element, one) };
    case 'multi_static_select':
    case 'checkboxes':
      return {
        type: element.type,
        selected_options: many.flatMap((value) => optionOf(element, value) ?? []),
      };
    case 'users_select':
      return { type: element.type, selected_user: one };
    case 'multi_users_select':
      return { type: element.type, selected_users: many };
    case 'conversations_select':
      return { type: element.type, selected_conversation: one };
    case 'datepicker':
      return { type: element.type, selected_date: one };
    case 'timepicker':
      return { type: element.type, selected_time: one };
    case 'datetimepicker':
      return { type: element.type, selected_date_time: one === null ? null : Number(one) };
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return { type: element.type, value: one === '' ? null : one };
    default:
      return { type: element.type };
  }
}

/** What Slack's own client refuses before the app hears of a submission, by block id; empty when all is well. */
export function inputErrors(blocks: Block[], entries: Entries): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const placed of placedElements(blocks)) {
    const block = blocks.find((candidate) => candidate.block_id === placed.blockId);
    if (block?.type !== 'input') continue;
    const error = inputError(placed, entries, block.optional ?? false);
    if (error) errors[placed.blockId] = error;
  }
  return errors;
}

function holdsValue(element: Element): boolean {
  return !['button', 'image', 'overflow'].includes(element.type);
}

function optionOf(element: Element, value: string | null): Option | null {
  return optionsOf(element).find((candidate) => candidate.value === value) ?? null;
}

function initialEntry(element: Element): Entry {
  switch (element.type) {
    case 'static_select':
    case 'radio_buttons':
      return element.initial_option?.value ?? null;
    case 'multi_static_select':
    case 'checkboxes':
      return element.initial_options?.map((chosen) => chosen.value) ?? [];
    case 'users_select':
      return element.initial_user ?? null;
    case 'multi_users_select':
      return element.initial_users ?? [];
    case 'conversations_select':
      return element.initial_conversation ?? null;
    case 'datepicker':
      return element.initial_date ?? null;
    case 'timepicker':
      return element.initial_time ?? null;
    case 'datetimepicker':
      return element.initial_date_time === undefined ? null : String(element.initial_date_time);
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return element.initial_value ?? null;
    default:
      return null;
  }
}

function inputError(placed: PlacedElement, entries: Entries, optional: boolean): string | undefined {
  const { element } = placed;
  const entry = entries[placed.blockId]?.[placed.actionId];
  const value = entry === undefined ? initialEntry(element) : entry;
  const empty = value === null || value === '' || (Array.isArray(value) && value.length === 0);
  if (empty) return optional ? undefined : 'Please complete this required field.';
  if (element.type === 'plain_text_input' && typeof value === 'string') {
    if (value.length < (element.min_length ?? 0))
      return `Please use at least ${element.min_length} characters.`;
    if (value.length > (element.max_length ?? 3000)) {
      return `Please use at most ${element.max_length ?? 3000} characters.`;
    }
  }
  if (element.type === 'number_input' && typeof value === 'string') return numberError(element, value);
  return undefined;
}

function numberError(element: Extract<Element, { type: 'number_input' }>, value: string): string | undefined {
  const number = Number(value);
  if (!Number.isFinite(number)) return 'Please enter a number.';
  if (!element.is_decimal_allowed && !Number.isInteger(number)) return 'Please enter a whole number.';
  if (element.min_value !== undefined && number < Number(element.min_value)) {
    return `Please enter at least ${element.min_value}.`;
  }
  if (element.max_value !== undefined && number > Number(element.max_value)) {
    return `Please enter at most ${element.max_value}.`;
  }
  return undefined;
}
