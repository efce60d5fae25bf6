import { DateTime } from 'luxon';
import type { Intent } from '../../flows/types.ts';
import type { CasePost } from '../../models/case.ts';
import { flowName, MEANING, milestoneName, reasonText } from './words.ts';

/** Slack's own limits: a section holds 3,000 characters, a message 50 blocks. */
const SECTION_CHARACTERS = 2_900;

/** The parts of Block Kit that the inbox uses. */
export type Block =
  | { type: 'header'; text: PlainText }
  | { type: 'section'; text: Markdown; block_id?: string; accessory?: Menu | Button }
  | { type: 'section'; fields: Markdown[]; accessory?: Button }
  | { type: 'context'; elements: Markdown[] }
  | { type: 'divider' }
  | { type: 'actions'; block_id: string; elements: (Button | Overflow)[] }
  | {
      type: 'input';
      block_id: string;
      label: PlainText;
      element: TextInput | Choosing;
      hint?: PlainText;
      optional?: boolean;
    };
type PlainText = { type: 'plain_text'; text: string };
export type Markdown = { type: 'mrkdwn'; text: string };
export type Button = {
  type: 'button';
  action_id: string;
  text: PlainText;
  value: string;
  style?: 'primary' | 'danger';
  confirm?: { title: PlainText; text: PlainText; confirm: PlainText; deny: PlainText };
};
/** At most five options. */
export type Overflow = { type: 'overflow'; action_id: string; options: Option[] };
export type Menu = { type: 'static_select'; action_id: string; placeholder: PlainText; options: Option[] };
export type Option = { text: PlainText; value: string };
type TextInput = { type: 'plain_text_input'; action_id: string; multiline?: boolean; max_length: number };
type Choosing =
  | { type: 'static_select' | 'radio_buttons'; action_id: string; options: Option[]; initial_option?: Option }
  | { type: 'users_select'; action_id: string; initial_user?: string }
  | { type: 'datepicker' | 'datetimepicker'; action_id: string };

/** A dialog, as `views.open` takes it. */
export type Modal = {
  type: 'modal';
  callback_id?: string;
  private_metadata?: string;
  title: PlainText;
  submit?: PlainText;
  close: PlainText;
  blocks: Block[];
};

/** Ids of the card's buttons and of its menus. */
export const ACTIONS = {
  claim: 'case_claim',
  resolve: 'case_resolve',
  snooze: 'case_snooze',
  wake: 'case_wake',
  reopen: 'case_reopen',
  paymentReceived: 'case_payment_received',
  paymentMissing: 'case_payment_missing',
  visitTookPlace: 'visit_took_place',
  visitMissed: 'visit_missed',
  visitMoved: 'visit_moved',
  more: 'case_more',
  timeline: 'case_timeline',
  journey: 'case_journey',
  meaning: 'case_meaning',
  templates: 'case_templates',
  erase: 'case_erase',
  retry: 'reply_retry',
  giveUp: 'reply_give_up',
  retryUpload: 'upload_retry',
  paperAccept: 'paper_accept',
  paperSort: 'paper_sort',
  paperReject: 'paper_reject',
  book: 'case_book',
  bookBuyer: 'buyer_book',
} as const;

/** One line of a case's thread. */
export function threadPost(
  post: Omit<CasePost, 'id' | 'at'>,
  timeZone: string,
): { text: string; blocks: Block[] } {
  const words = post.who === 'buyer' ? post.text : reasonText(post.text);
  const details = Object.entries(post.details ?? {}).map(([name, value]) => detail(name, value, timeZone));
  const called = post.mention ? `<@${post.mention}> ` : '';
  const body = {
    buyer: `:bust_in_silhouette: *Buyer*\n${quoted([words])}`,
    bot: `${post.retry ? ':rotating_light:' : ':robot_face:'} ${called}${clipped(escaped(words))}`,
    note: `:memo: ${called || '*Note for the team*\n'}${clipped(escaped(words))}`,
  }[post.who];
  return {
    text: escaped(clipped(words, 200)),
    blocks: [
      { type: 'section', text: markdown(body) },
      ...(details.length > 0 ? [{ type: 'section' as const, fields: details.slice(0, 10) }] : []),
      ...(post.retry ? [retryButtons(post.retry)] : []),
    ],
  };
}

/** For what certainly did not arrive; the value names which failure is meant, so that each is decided once. */
function retryButtons({ reply, upload, failure }: NonNullable<CasePost['retry']>): Block {
  const value = `${reply ?? upload} ${failure}`;
  const button = (action_id: string, text: string): Button => ({
    type: 'button',
    action_id,
    text: plain(text),
    value,
  });
  const elements = reply
    ? [button(ACTIONS.retry, 'Retry'), button(ACTIONS.giveUp, 'Cancel')]
    : [button(ACTIONS.retryUpload, 'Retry')];
  return { type: 'actions', block_id: 'retry', elements };
}

/** Text in which Slack sees no markup and no mentions: `<!channel>` stays what the buyer typed. */
export function escaped(text: string): string {
  return text
    .replaceAll('\u0000', '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** What a person typed in Slack, as the buyer shall read it: links and entities as plain text. */
export function plainText(text: string): string {
  return text
    .replace(/<(?:https?:|mailto:|tel:)[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<((?:https?:|mailto:|tel:)[^>]*)>/g, '$1')
    .replace(/<[@#!][^|>]*\|([^>]*)>/g, '$1')
    .replace(/<[@#!][^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim();
}

/** A fact by its name, as a field of a section. */
export function detail(name: string, value: string, timeZone: string): Markdown {
  const title = inWords(name);
  return markdown(
    `*${title.charAt(0).toUpperCase()}${title.slice(1)}*\n${escaped(detailValue(name, value, timeZone))}`,
  );
}

/** `visitAt` as `visit at`. */
export function inWords(name: string): string {
  return name.replace(/([A-Z])/g, ' $1').toLowerCase();
}

/** A fact's value as people write it: moments, amounts, meanings. */
export function detailValue(name: string, value: string, timeZone: string): string {
  if (name === 'correctedTo') return MEANING[value as Intent];
  if (name === 'milestone') return milestoneName(value);
  if (name === 'flow') return flowName(value);
  if (name.endsWith('At')) return shortTime(new Date(value), timeZone);
  const [, above = '', sum] = (name === 'budget' && /^(above\.)?(\d+)$/.exec(value)) || [];
  return sum ? `${above && 'above '}${rupees(Number(sum))}` : clipped(value, 300);
}

/** `₹1,25,000` */
export function rupees(paise: number): string {
  return `₹${(paise / 100).toLocaleString('en-IN')}`;
}

/** `25 Nov, 3:00 PM` */
export function shortTime(at: Date, timeZone: string): string {
  return DateTime.fromJSDate(at, { zone: timeZone }).toFormat('d MMM, h:mm a');
}

/** A text that Slack marks up: what people wrote in it must be `escaped`. */
export function markdown(text: string): Markdown {
  return { type: 'mrkdwn', text };
}

export function plain(text: string): PlainText {
  return { type: 'plain_text', text };
}

export function quoted(texts: string[]): string {
  return clipped(texts.map((text) => escaped(clipped(text, 1_200)).replace(/^/gm, '> ')).join('\n'));
}

/** At most `most` characters; an entity or an emoji that the cut would go through falls away. */
export function clipped(text: string, most = SECTION_CHARACTERS): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/&\w{0,3}$|[\uD800-\uDBFF]$/, '')}…`;
}
