import type { Case, FormerCard } from '../../models/case.ts';
import {
  ACTIONS,
  type Block,
  type Button,
  clipped,
  detail,
  escaped,
  type Markdown,
  type Menu,
  markdown,
  type Option,
  type Overflow,
  plain,
  quoted,
  rupees,
  shortTime,
} from './blocks.ts';
import { briefOf, stageText } from './brief.ts';
import { consentText } from './consentWords.ts';
import type { CaseFacts, UnitFacts } from './facts.ts';
import { paperBlocks } from './paperBlocks.ts';
import { MATTER, MEANING, OUTCOME, reasonText, teamName } from './words.ts';

/** The card of a case, its buttons and its menus. */

export type CardContext = { facts: CaseFacts; timeZone: string; now: Date };

/** What the menu on a card offers besides its buttons. */
export const MORE = {
  assign: 'Assign…',
  handOff: 'Hand off…',
  callNote: 'Call note…',
  pause: 'Pause the bot',
  giveBack: 'Give back to the bot',
  timeline: 'Timeline',
} as const;
export type MoreChoice = keyof typeof MORE;

const WORDS_CHARACTERS = 300;
/** Slack shows ten fields; somebody with more units is looked up in the books. */
const MOST_UNITS = 3;

/** The card of a case: updated in place, its thread holds the conversation. */
export function caseCard(found: Case, context: CardContext): { text: string; blocks: Block[] } {
  const title = titleOf(found);
  return {
    text: escaped(`${title}: ${buyerName(found)}`),
    blocks: [
      { type: 'header', text: plain(title.slice(0, 150)) },
      ...quotes(found),
      ...origin(found),
      // Beside the stage: the menu is full.
      {
        type: 'section',
        fields: fields(found, context),
        accessory: button(found, ACTIONS.journey, 'Journey…'),
      },
      ...brief(context),
      ...paperBlocks(found, context),
      small(whyHere(found)),
      ...lastWords(context),
      ...(found.status === 'resolved'
        ? []
        : [...meaning(found), ...payment(found, context.facts), ...visit(found, context), ...erasure(found)]),
      buttons(found, context.facts),
      small(hint(found, context.timeZone)),
    ],
  };
}

/** What is left of a card when its case has gone to another team. `link` leads to the new card, if it is known. */
export function formerCard(
  found: Case,
  { to, by, note }: FormerCard,
  link: string,
): { text: string; blocks: Block[] } {
  const title = titleOf(found);
  const team = link ? `<${link}|${teamName(to)}>` : teamName(to);
  const words = `Handed to ${team} by ${escaped(by.name)}: ${escaped(clipped(note, 1_000))}`;
  return {
    text: escaped(`${title}: ${buyerName(found)}`),
    blocks: [
      { type: 'header', text: plain(title.slice(0, 150)) },
      ...quotes(found),
      { type: 'section', text: markdown(words) },
      small('What you write in this thread stays in Slack.'),
    ],
  };
}

/** What becomes of words in the thread. */
function hint({ status, windowUntil, windowClosedAt }: Case, timeZone: string): string {
  if (status === 'resolved') return 'Resolved. What you write in this thread stays in Slack.';
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

function titleOf({ ticket, intent }: Case): string {
  return `${ticket} · ${MATTER[intent]}`;
}

function buyerName({ buyerName: name }: Case): string {
  return clipped(name || 'Unknown buyer', 200);
}

function quotes({ quotes: texts, reopened }: Case): Block[] {
  const again = reopened?.words === undefined ? [] : [reopened.words];
  const all = [...texts, ...again];
  return all.length > 0 ? [{ type: 'section', text: markdown(quoted(all)) }] : [];
}

/** The team that had it before, and what its people say about it. */
function origin({ former = [] }: Case): Block[] {
  const last = former.at(-1);
  if (!last) return [];
  const words = `Handed over by ${escaped(last.by.name)} of ${teamName(last.from)}: ${escaped(clipped(last.note, 1_000))}`;
  return [{ type: 'section', text: markdown(words) }];
}

function fields(found: Case, { facts, timeZone, now }: CardContext): Markdown[] {
  const stage = [stageText(facts, timeZone), facts.lead?.project].filter(Boolean).join('\n');
  // The brief names the day of a promise, and when they gave it.
  const { promisedAt: _promise, ...told } = found.details;
  const details = Object.entries(told).map(([name, value]) => detail(name, value, timeZone));
  return [
    markdown(`*Buyer*\n${escaped(buyerName(found))}${tagText(facts)}`),
    markdown(`*Team*\n${teamName(found.team)}`),
    markdown(`*Owner*\n${found.owner ? escaped(found.owner.name) : '_unassigned_'}`),
    markdown(`*Status*\n${statusText(found, timeZone, now)}`),
    ...(stage ? [markdown(`*Stage*\n${escaped(clipped(stage, WORDS_CHARACTERS))}`)] : []),
    ...(facts.units ?? []).slice(0, MOST_UNITS).map((unit) => markdown(unitText(unit))),
    ...details,
  ].slice(0, 10);
}

function tagText({ tags = [] }: CaseFacts): string {
  return tags.length > 0 ? `\n:label: ${escaped(clipped(tags.join(', '), WORDS_CHARACTERS))}` : '';
}

/** By the books, not by what anybody said. */
function unitText({ unit, overduePaise, duePaise, next, interestPaise = 0, claims = [] }: UnitFacts): string {
  const lines = [
    overduePaise > 0 && `Overdue: ${rupees(overduePaise)}`,
    duePaise > 0 && `Due: ${rupees(duePaise)}`,
    next &&
      `Next: ${rupees(next.outstandingPaise)} by ${next.dueOn}, ${escaped(clipped(next.milestone, 100))}`,
    interestPaise > 0 && `Interest by the rules: ${rupees(interestPaise)}, for people to decide`,
    ...claims.map((claim) => `Says they paid: ${claimText(claim)}`),
  ].filter(Boolean);
  return `*Unit ${escaped(unit)}*\n${lines.join('\n') || 'Nothing is due'}`;
}

function claimText({ amountPaise, reference }: NonNullable<UnitFacts['claims']>[number]): string {
  const sum = amountPaise > 0 ? rupees(amountPaise) : 'no amount named';
  return reference ? `${sum}, ref. ${escaped(clipped(reference, 40))}` : sum;
}

function statusText(found: Case, timeZone: string, now: Date): string {
  const reopened = found.reopened && `Reopened ${shortTime(found.reopened.at, timeZone)}`;
  return [reopened, restText(found, timeZone), clockText(found, timeZone, now)].filter(Boolean).join('\n');
}

function restText({ status, snoozedUntil }: Case, timeZone: string): string {
  if (status !== 'snoozed') return '';
  return `Snoozed until ${snoozedUntil ? shortTime(snoozedUntil, timeZone) : 'the buyer writes'}`;
}

function clockText(found: Case, timeZone: string, now: Date): string {
  if (found.status === 'resolved') return resolvedText(found, timeZone);
  if (found.respondedAt) return `Answered ${shortTime(found.respondedAt, timeZone)}`;
  const due = shortTime(found.dueAt, timeZone);
  const isBreached = found.breachedAt !== undefined && found.breachedAt >= found.dueAt;
  return isBreached || found.dueAt <= now ? `:red_circle: *Late*: was due ${due}` : `Answer by ${due}`;
}

function resolvedText({ resolvedAt, outcome, outcomeNote }: Case, timeZone: string): string {
  const when = `Resolved ${resolvedAt ? shortTime(resolvedAt, timeZone) : ''}`.trim();
  const how = outcome ? `\n${OUTCOME[outcome]}` : '';
  return `${when}${how}${outcomeNote ? `: ${escaped(clipped(outcomeNote, WORDS_CHARACTERS))}` : ''}`;
}

function brief({ facts, timeZone, now }: CardContext): Block[] {
  const lines = briefOf(facts, timeZone, now).map((line) => `• ${escaped(clipped(line, WORDS_CHARACTERS))}`);
  return lines.length > 0 ? [{ type: 'section', text: markdown(`*In short*\n${lines.join('\n')}`) }] : [];
}

/** Why a person was asked, and what the bot took the words for. */
function whyHere({ reason, read }: Case): string {
  const taken = read && `read as ${MEANING[read.name]}, ${Math.round(read.confidence * 100)} % sure`;
  return `Why here: ${[escaped(reasonText(reason)), taken].filter(Boolean).join('; ')}`;
}

function lastWords({ facts, timeZone }: CardContext): Block[] {
  const { lastSaid, lastReply, word, consent } = facts;
  const lines = [
    lastSaid &&
      `The bot said last (${shortTime(lastSaid.at, timeZone)}): ${escaped(clipped(oneLine(lastSaid.words), WORDS_CHARACTERS))}`,
    lastReply && `Last reply: ${replyText(lastReply, timeZone)}`,
    consent && `Consent: ${consentText(consent, timeZone)}`,
    word && `The bot is silent until ${shortTime(word.until, timeZone)}: ${escaped(word.name)} has the word`,
  ].filter((line) => line !== undefined);
  return lines.length > 0 ? [{ type: 'context', elements: lines.map(markdown) }] : [];
}

function replyText({ by, status, at, error }: NonNullable<CaseFacts['lastReply']>, timeZone: string): string {
  const words = { waiting: 'waiting', queued: 'waiting', sending: 'being sent', accepted: 'sent' };
  const state = status in words ? words[status as keyof typeof words] : status;
  const failed = status === 'failed' && error ? ` (${escaped(clipped(error, 200))})` : '';
  return `${escaped(by)}, ${shortTime(at, timeZone)}: *${state === 'unknown' ? 'not certain whether it went out' : state}*${failed}`;
}

/** The reasons for which a case's intent is what the bot read in its first words. */
const READ: ReadonlySet<string> = new Set(['policy', 'unsure']);

/** What the bot took the buyer's words for, with a menu for those who know better; none where it read nothing. */
function meaning(found: Case): Block[] {
  if (found.quotes.length === 0 || !READ.has(found.reason)) return [];
  const accessory: Menu = {
    type: 'static_select',
    action_id: ACTIONS.meaning,
    placeholder: plain('Meant something else?'),
    options: Object.entries(MEANING).map(([value, text]) => ({ text: plain(text), value })),
  };
  return [
    { type: 'section', block_id: 'meaning', text: markdown(`Read as: ${MEANING[found.intent]}`), accessory },
  ];
}

/** Whether money has come is for people to say, by one press. */
function payment(found: Case, facts: CaseFacts): Block[] {
  const { units = [] } = facts;
  const isCollections = found.team === 'collections';
  const isToldOf = units.some(({ claims = [] }) => claims.length > 0);
  const isClaimed = found.intent === 'payment_claim' || (isCollections && isToldOf);
  // Money of who has booked may come without a word.
  if (!isClaimed && !(isCollections && units.length > 0)) return [];
  const missing: Button = {
    ...button(found, ACTIONS.paymentMissing, 'Not received yet'),
    confirm: {
      title: plain('Not received yet'),
      text: plain('The buyer is told in your name that the payment does not show yet.'),
      confirm: plain('Tell the buyer'),
      deny: plain('Cancel'),
    },
  };
  return [
    {
      type: 'actions',
      block_id: 'payment',
      elements: [
        button(found, ACTIONS.paymentReceived, 'Payment received', 'primary'),
        ...(isClaimed ? [missing] : []),
      ],
    },
  ];
}

/** Begins the id of the block that asks for a visit's outcome; the visit's own id follows. */
export const VISIT_BLOCK = 'visit:';

/** What became of a visit is for the team to say, by one press. */
function visit(found: Case, { facts: { visitToLog }, timeZone }: CardContext): Block[] {
  if (!visitToLog) return [];
  const { visit: id, project, at, associate } = visitToLog;
  const led = associate ? ` with ${escaped(associate)}` : '';
  const words = `:calendar: *Visit to ${escaped(project)}*, ${shortTime(at, timeZone)}${led}: what became of it?`;
  return [
    { type: 'section', text: markdown(words) },
    {
      type: 'actions',
      block_id: `${VISIT_BLOCK}${id}`,
      elements: [
        button(found, ACTIONS.visitTookPlace, 'They came', 'primary'),
        button(found, ACTIONS.visitMissed, 'Did not come'),
        button(found, ACTIONS.visitMoved, 'Moved by phone…'),
      ],
    },
  ];
}

/** Whether data goes is for people to say, after they have seen what goes and what must stay. */
function erasure(found: Case): Block[] {
  if (found.intent !== 'data_erasure') return [];
  return [{ type: 'actions', block_id: 'erasure', elements: [button(found, ACTIONS.erase, 'Erase data…')] }];
}

/** At most five buttons are on a card, those about a payment included: the rest is in the menu. */
function buttons(found: Case, facts: CaseFacts): Block {
  const elements =
    found.status === 'resolved'
      ? [button(found, ACTIONS.reopen, 'Reopen'), more(['timeline'])]
      : [
          ...(isClaimable(found) ? [button(found, ACTIONS.claim, 'Claim', 'primary' as const)] : []),
          button(found, ACTIONS.resolve, 'Resolve…'),
          button(found, ACTIONS.templates, 'Templates'),
          ...resting(found, facts),
          ...selling(found),
          more(['assign', 'handOff', 'callNote', facts.word ? 'giveBack' : 'pause', 'timeline']),
        ];
  return { type: 'actions', block_id: 'case', elements };
}

/** What fell to somebody by itself may be claimed from them until they answer. */
function isClaimable({ owner, respondedAt, routedTo }: Case): boolean {
  return !owner || (!respondedAt && owner.id === routedTo);
}

/** A payment that nobody has looked at yet is not put off. */
function resting(found: Case, facts: CaseFacts): Button[] {
  if (found.status === 'snoozed') return [button(found, ACTIONS.wake, 'Wake up')];
  if (payment(found, facts).length > 0 && isClaimable(found)) return [];
  return [button(found, ACTIONS.snooze, 'Snooze…')];
}

/** Who has a buyer in hand can sell them a unit. */
function selling(found: Case): Button[] {
  return found.team === 'sales' && !isClaimable(found) ? [button(found, ACTIONS.book, 'Book a unit…')] : [];
}

function more(choices: MoreChoice[]): Overflow {
  const options = choices.map((value): Option => ({ text: plain(MORE[value]), value }));
  return { type: 'overflow', action_id: ACTIONS.more, options };
}

function button({ _id }: Case, action_id: string, text: string, style?: 'primary'): Button {
  return { type: 'button', action_id, text: plain(text), value: _id, ...(style && { style }) };
}

function small(text: string): Block {
  return { type: 'context', elements: [markdown(text)] };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
