import { DateTime } from 'luxon';
import type { Intent, Team } from '../../flows/types.ts';
import type { Case, CasePost } from '../../models/case.ts';

/** Slack's own limits: a section holds 3,000 characters, a message 50 blocks. */
const SECTION_CHARACTERS = 2_900;

/** The parts of Block Kit that the inbox uses. */
export type Block =
  | { type: 'header'; text: PlainText }
  | { type: 'section'; text: Markdown; block_id?: string; accessory?: Menu | Button }
  | { type: 'section'; fields: Markdown[] }
  | { type: 'context'; elements: Markdown[] }
  | { type: 'divider' }
  | { type: 'actions'; block_id: string; elements: Button[] }
  | { type: 'input'; block_id: string; label: PlainText; element: TextInput };
type PlainText = { type: 'plain_text'; text: string };
type Markdown = { type: 'mrkdwn'; text: string };
type Button = {
  type: 'button';
  action_id: string;
  text: PlainText;
  value: string;
  style?: 'primary' | 'danger';
};

type TextInput = { type: 'plain_text_input'; action_id: string; multiline: boolean; max_length: number };

type Menu = { type: 'static_select'; action_id: string; placeholder: PlainText; options: Option[] };
type Option = { text: PlainText; value: string };

/** Ids of the card's buttons and of its menu. */
export const ACTIONS = {
  claim: 'case_claim',
  resolve: 'case_resolve',
  timeline: 'case_timeline',
  meaning: 'case_meaning',
  templates: 'case_templates',
  retry: 'reply_retry',
  giveUp: 'reply_give_up',
  retryUpload: 'upload_retry',
} as const;

/** What a case is about, as its title says it. */
export const MATTER: Record<Intent, string> = {
  greeting: 'Greeting',
  thanks: 'Thanks',
  affirm: 'Agreement',
  deny: 'Refusal',
  opt_in: 'Wants messages again',
  project_query: 'New lead',
  price_query: 'Price question',
  brochure_request: 'Brochure request',
  location_query: 'Location question',
  visit_book: 'Site visit',
  visit_reschedule: 'Visit to be moved',
  visit_cancel: 'Visit to be cancelled',
  not_interested: 'Not interested',
  human_request: 'Wants to talk to a person',
  opt_out: 'Wants no messages',
  wrong_number: 'Wrong number',
  data_erasure: 'Data erasure request',
  complaint: 'Complaint',
  progress_query: 'Progress question',
  payment_claim: 'Says they have paid',
  payment_promise: 'Promise to pay',
  payment_extension: 'Wants more time to pay',
  payment_how: 'How to pay',
  payment_dispute: 'Disputes a demand',
  interest_waiver: 'Wants interest waived',
  receipt_request: 'Receipt request',
  tax_query: 'Tax question',
  refund_query: 'Refund question',
  payee_check: 'Suspected payment fraud',
  kyc_submit: 'KYC documents',
  kyc_query: 'KYC question',
  loan_query: 'Loan question',
  booking_cancel: 'Wants to cancel the booking',
  details_change: 'Change of details',
  document_request: 'Document request',
  registration_query: 'Registration question',
  legal_question: 'Legal question',
  legal_threat: 'Legal threat',
  misselling_claim: 'Claims mis-selling',
  bereavement: 'Bereavement',
  defect_report: 'Defect',
  inspection_book: 'Inspection',
  other: 'Needs a person',
};

/** What a message can mean, where a case's title would not say it. */
const MEANING: Record<Intent, string> = {
  ...MATTER,
  project_query: 'Question about the project',
  other: 'Something else',
};

const REASON: Record<string, string> = {
  policy: 'policy sends this to people',
  unsure: 'the bot was not sure what was meant',
  bargaining: 'they ask for a better price',
  parked: 'a flow could not go on',
  unreadable_media: 'a file or picture, which only people look at',
  unreadable_location: 'a location',
  unreadable_contacts: 'contacts, which only people look at',
  unreadable_unsupported: 'a kind of message that the bot cannot read',
  unclear_vote: 'it is not clear which option they chose',
  call: 'the buyer rang; this number takes no calls',
  late: 'it came in long after it was written',
  phone_conversation: 'they are talking with somebody on the paired phone',
  voice_note: 'a voice note of theirs was heard late',
  media_unavailable: 'a file of theirs could not be kept',
  in_doubt: 'nobody knows whether a message went out',
  undelivered: 'a message could not be delivered',
  no_project: 'no project is on sale',
  lead_qualified: 'the lead answered the questions',
  lead_went_quiet: 'the lead stopped answering',
  visit_booked: 'a visit was booked',
  visit_cancelled: 'a visit was cancelled',
  visit_not_chosen: 'no visiting time was chosen',
  visit_no_slots: 'no visiting time is free',
  two_visits: 'two phones that have booked a visit turned out to be one person’s',
  visit_outcome: 'the visit is over: please log its outcome',
};

/** A reason code in words. */
function reasonText(code: string): string {
  return REASON[code] ?? code;
}

/** The card of a case: updated in place, its thread holds the conversation. */
export function caseCard(found: Case, timeZone: string): { text: string; blocks: Block[] } {
  const title = `${found.ticket} · ${MATTER[found.intent]}`;
  const who = found.buyerName || 'Unknown buyer';
  const quotes: Block[] =
    found.quotes.length > 0 ? [{ type: 'section', text: markdown(quoted(found.quotes)) }] : [];
  const details = Object.entries(found.details).map(([name, value]) => detail(name, value, timeZone));
  return {
    text: escaped(`${title}: ${clipped(who, 200)}`),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title.slice(0, 150) } },
      ...quotes,
      {
        type: 'section',
        fields: [
          markdown(`*Buyer*\n${escaped(clipped(who, 200))}`),
          markdown(`*Team*\n${teamName(found.team)}`),
          markdown(`*Owner*\n${found.owner ? escaped(found.owner.name) : '_unassigned_'}`),
          markdown(`*Status*\n${statusText(found, timeZone)}`),
          ...details,
        ].slice(0, 10),
      },
      { type: 'context', elements: [markdown(`Why here: ${escaped(reasonText(found.reason))}`)] },
      ...(found.status === 'open' ? [...meaning(found), buttons(found)] : []),
      {
        type: 'context',
        elements: [
          markdown(
            found.status === 'open'
              ? howToAnswer(found, timeZone)
              : 'Resolved. What you write in this thread stays in Slack.',
          ),
        ],
      },
    ],
  };
}

function howToAnswer({ windowUntil, windowClosedAt }: Case, timeZone: string): string {
  if (windowClosedAt)
    return (
      ':hourglass: More than 24 hours have passed since the buyer wrote: press *Templates* for approved words that ' +
      'go out now. What you write in this thread waits until they write again. Start with `//` for a note.'
    );
  const until = windowUntil
    ? ` Free words until ${shortTime(windowUntil, timeZone)}, templates after that.`
    : '';
  return `Your reply in this thread goes to the buyer on WhatsApp.${until} Start with \`//\` for a note that stays here.`;
}

/** One line of a case's thread. */
export function threadPost(
  post: Omit<CasePost, 'id' | 'at'>,
  timeZone: string,
): { text: string; blocks: Block[] } {
  const isBuyer = post.who === 'buyer';
  const words = isBuyer ? post.text : reasonText(post.text);
  const details = Object.entries(post.details ?? {}).map(([name, value]) => detail(name, value, timeZone));
  const body = isBuyer
    ? `:bust_in_silhouette: *Buyer*\n${quoted([words])}`
    : `${post.retry ? ':rotating_light:' : ':robot_face:'} ${post.mention ? `<@${post.mention}> ` : ''}${clipped(escaped(words))}`;
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
    text: { type: 'plain_text', text },
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

/** The reasons for which a case's intent is what the bot read in its first words. */
const READ: ReadonlySet<string> = new Set(['policy', 'unsure']);

/** What the bot took the buyer's words for, with a menu for those who know better; none where it read nothing. */
function meaning(found: Case): Block[] {
  if (found.quotes.length === 0 || !READ.has(found.reason)) return [];
  const accessory: Menu = {
    type: 'static_select',
    action_id: ACTIONS.meaning,
    placeholder: { type: 'plain_text', text: 'Meant something else?' },
    options: Object.entries(MEANING).map(([value, text]) => ({ text: { type: 'plain_text', text }, value })),
  };
  return [
    { type: 'section', block_id: 'meaning', text: markdown(`Read as: ${MEANING[found.intent]}`), accessory },
  ];
}

function buttons(found: Case): Block {
  const button = (action_id: string, text: string, style?: 'primary'): Button => ({
    type: 'button',
    action_id,
    text: { type: 'plain_text', text },
    value: found._id,
    ...(style && { style }),
  });
  return {
    type: 'actions',
    block_id: 'case',
    elements: [
      // What fell to somebody by itself may be claimed from them until they answer.
      ...(found.owner && (found.respondedAt || found.owner.id !== found.routedTo)
        ? []
        : [button(ACTIONS.claim, 'Claim', 'primary')]),
      button(ACTIONS.resolve, 'Resolve'),
      button(ACTIONS.templates, 'Templates'),
      button(ACTIONS.timeline, 'Timeline'),
    ],
  };
}

function statusText(found: Case, timeZone: string): string {
  if (found.status === 'resolved')
    return `Resolved ${found.resolvedAt ? shortTime(found.resolvedAt, timeZone) : ''}`;
  if (found.respondedAt) return `Answered ${shortTime(found.respondedAt, timeZone)}`;
  if (found.breachedAt && found.breachedAt >= found.dueAt)
    return `:red_circle: *Late*: was due ${shortTime(found.dueAt, timeZone)}`;
  return `Answer by ${shortTime(found.dueAt, timeZone)}`;
}

function detail(name: string, value: string, timeZone: string): Markdown {
  const title = name.replace(/([A-Z])/g, ' $1').toLowerCase();
  return markdown(
    `*${title.charAt(0).toUpperCase()}${title.slice(1)}*\n${escaped(detailValue(name, value, timeZone))}`,
  );
}

function detailValue(name: string, value: string, timeZone: string): string {
  if (name === 'correctedTo') return MEANING[value as Intent];
  if (name.endsWith('At')) return shortTime(new Date(value), timeZone);
  const paise = name === 'budget' ? Number(value) : Number.NaN;
  return Number.isFinite(paise) ? `₹${(paise / 100).toLocaleString('en-IN')}` : clipped(value, 300);
}

/** `25 Nov, 3:00 PM` */
export function shortTime(at: Date, timeZone: string): string {
  return DateTime.fromJSDate(at, { zone: timeZone }).toFormat('d MMM, h:mm a');
}

/** `Legal` */
export function teamName(team: Team): string {
  return team.charAt(0).toUpperCase() + team.slice(1);
}

/** A text that Slack marks up: what people wrote in it must be `escaped`. */
export function markdown(text: string): Markdown {
  return { type: 'mrkdwn', text };
}

function quoted(texts: string[]): string {
  return clipped(texts.map((text) => escaped(clipped(text, 1_200)).replace(/^/gm, '> ')).join('\n'));
}

/** At most `most` characters; an entity or an emoji that the cut would go through falls away. */
export function clipped(text: string, most = SECTION_CHARACTERS): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/&\w{0,3}$|[\uD800-\uDBFF]$/, '')}…`;
}
