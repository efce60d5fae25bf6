import type { StaffRef } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
import type { ListenerParts } from './listening.ts';
import { mark } from './marks.ts';
import type { Place } from './posts.ts';

/** Words of the team that never reach the buyer. */

export type Note = {
  /** Names the input, so that a repeated delivery is a no-op. */
  id: string;
  found: Case;
  staff: StaffRef;
  text: string;
  /** The message that becomes unmistakable as a note. */
  place: Place;
  /** The card's timestamp. */
  thread: string;
};

/** Puts a note on the buyer's timeline and marks it in the thread. */
export async function takeNote(parts: ListenerParts, note: Note): Promise<void> {
  const { found, staff, text, place, id } = note;
  await parts.timeline.append([
    {
      _id: `note:${id}`,
      buyer: found.buyer,
      conversation: found.conversation,
      at: parts.now(),
      who: staff.name,
      kind: 'note',
      what: text,
      why: found.ticket,
    },
  ]);
  const isMarked = await mark(parts.client, place, 'memo').catch(() => false);
  if (!isMarked) {
    const words = 'Kept as a note: the buyer does not see it.';
    await parts.authority.whisper(place.channel, staff.id, note.thread, words);
  }
}
