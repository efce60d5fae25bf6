import type { StaffRef } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
import { clipped, escaped } from './blocks.ts';
import type { ListenerParts } from './listening.ts';
import { post } from './posts.ts';

const NOTE_CHARACTERS = 2_500;
const QUOTE_CHARACTERS = 200;

/**
 * Puts a person's note on the buyer's timeline and into the case's thread, marked as theirs; the buyer never sees
 * it. `id` names this very note, `about` is what it was written on.
 */
export async function addNote(
  { timeline, client, now }: Pick<ListenerParts, 'timeline' | 'client' | 'now'>,
  found: Case,
  note: { id: string; text: string; about: string; staff: StaffRef },
): Promise<void> {
  const { id, text, about, staff } = note;
  const { buyer, conversation, ticket, slack } = found;
  const entry = { _id: id, buyer, conversation, at: now(), who: staff.name, kind: 'note' as const };
  await timeline.append([{ ...entry, what: text, why: ticket }]);
  if (!slack) return;
  const head = `:memo: *Internal note by ${escaped(staff.name)}* (the buyer does not see it)`;
  const quote = about
    ? `\n${clipped(escaped(about.replace(/\s+/g, ' ')), QUOTE_CHARACTERS).replace(/^/gm, '> ')}`
    : '';
  const words = `${head}${quote}\n${clipped(escaped(text), NOTE_CHARACTERS)}`;
  await post(client, { channel: slack.channel, thread: slack.ts, id }, { text: words });
}
