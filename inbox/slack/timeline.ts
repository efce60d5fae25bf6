import { z } from 'zod';
import type { TimelineEntry, TimelinePage } from '../../models/timeline.ts';
import { type Block, clipped, escaped, markdown, shortTime } from './blocks.ts';
import type { ListenerParts } from './listening.ts';
import { isHashConflict } from './posts.ts';

/** A buyer's timeline in a modal: both sides and every decision, a page at a time, newest first. */

const PAGE_ENTRIES = 20;
const WHAT_CHARACTERS = 600;
const WHY_CHARACTERS = 200;
/** Slack's own limit for the title of a modal. */
const TITLE_CHARACTERS = 24;

const SIDES = { timeline_older: 'older', timeline_newer: 'newer' } as const;

const cursor = z.object({ at: z.coerce.date(), id: z.string() });
/** What the modal remembers: whose timeline, and where its page begins and ends. */
const remembered = z.object({ buyer: z.string(), title: z.string(), first: cursor, last: cursor });
type Remembered = z.infer<typeof remembered>;

const pagePress = z.object({
  user: z.object({ id: z.string() }),
  view: z.object({ id: z.string(), hash: z.string(), private_metadata: z.string() }),
  actions: z.array(z.object({ action_id: z.enum(['timeline_older', 'timeline_newer']) })).min(1),
});

/** Takes in the buttons that turn the pages. */
export function listenToTimelines(parts: ListenerParts): void {
  for (const action of Object.keys(SIDES)) {
    parts.app.action(action, async ({ ack, body }) => {
      await ack();
      await turnPage(parts, pagePress.parse(body));
    });
  }
}

/** Shows the latest page of a buyer's timeline. Throws what the client throws, such as for a trigger that expired. */
export async function openTimeline(
  parts: ListenerParts,
  triggerId: string,
  { buyer, title }: { buyer: string; title: string },
): Promise<void> {
  const page = await parts.timeline.page(buyer, PAGE_ENTRIES);
  const view = timelineView({ buyer, title }, page, parts.timeZone);
  await parts.client.views.open({ trigger_id: triggerId, view });
}

async function turnPage(parts: ListenerParts, press: z.infer<typeof pagePress>): Promise<void> {
  // Who has left the team since the modal was opened sees nothing more.
  if (!(await parts.people.member(press.user.id))) return;
  const { buyer, title, first, last }: Remembered = remembered.parse(JSON.parse(press.view.private_metadata));
  const side = SIDES[press.actions[0]?.action_id ?? 'timeline_older'];
  const from = { side, cursor: side === 'older' ? last : first };
  const page = await parts.timeline.page(buyer, PAGE_ENTRIES, from);
  const view = timelineView({ buyer, title }, page, parts.timeZone);
  try {
    await parts.client.views.update({ view_id: press.view.id, hash: press.view.hash, view });
  } catch (error) {
    // Pressed twice: the first press has turned the page already.
    if (!isHashConflict(error)) throw error;
  }
}

function timelineView(
  { buyer, title }: { buyer: string; title: string },
  { entries, hasOlder, hasNewer }: TimelinePage,
  timeZone: string,
) {
  const [first, last] = [entries[0], entries.at(-1)];
  const memory = first && last && { buyer, title, first: cursorOf(first), last: cursorOf(last) };
  const empty: Block = { type: 'section', text: markdown('Nothing has happened yet.') };
  return {
    type: 'modal' as const,
    title: { type: 'plain_text' as const, text: clipped(title, TITLE_CHARACTERS) },
    close: { type: 'plain_text' as const, text: 'Close' },
    private_metadata: memory ? JSON.stringify(memory) : '',
    blocks: [
      ...(entries.length > 0 ? entries.map((entry) => entryBlock(entry, timeZone)) : [empty]),
      ...pageButtons(hasOlder, hasNewer),
    ],
  };
}

function entryBlock({ at, who, kind, what, why }: TimelineEntry, timeZone: string): Block {
  const head = `${ICON[kind]} *${shortTime(at, timeZone)} · ${escaped(speaker(who))}*`;
  const reason = why ? `\nWhy: ${clipped(escaped(why), WHY_CHARACTERS)}` : '';
  return {
    type: 'context',
    elements: [markdown(`${head}\n${clipped(escaped(what), WHAT_CHARACTERS)}${reason}`)],
  };
}

const ICON: Record<TimelineEntry['kind'], string> = {
  message: ':speech_balloon:',
  decision: ':gear:',
  case: ':clipboard:',
  visit: ':house:',
  delivery: ':incoming_envelope:',
  note: ':memo:',
  document: ':card_index_dividers:',
  call: ':telephone_receiver:',
  payment: ':receipt:',
};

function speaker(who: string): string {
  return who === 'buyer' ? 'Buyer' : who === 'bot' ? 'Bot' : who;
}

function pageButtons(hasOlder: boolean, hasNewer: boolean): Block[] {
  const button = (action_id: keyof typeof SIDES, text: string) => ({
    type: 'button' as const,
    action_id,
    text: { type: 'plain_text' as const, text },
    value: action_id,
  });
  const elements = [
    ...(hasNewer ? [button('timeline_newer', 'Newer')] : []),
    ...(hasOlder ? [button('timeline_older', 'Older')] : []),
  ];
  return elements.length > 0 ? [{ type: 'actions', block_id: 'timeline_pages', elements }] : [];
}

function cursorOf({ at, _id: id }: TimelineEntry): { at: Date; id: string } {
  return { at, id };
}
