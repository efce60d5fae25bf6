import { z } from 'zod';
import type { PersonEffect, StaffRef } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
import type { Reply } from '../../models/reply.ts';
import { plainText } from './blocks.ts';
import type { ListenerParts } from './listening.ts';
import { isNote } from './replies.ts';

/** What people change or delete in the thread of a case after they wrote it. */

const written = z.object({
  user: z.string(),
  text: z.string().default(''),
  ts: z.string(),
  thread_ts: z.string(),
  bot_id: z.undefined().optional(),
});
const changed = z.object({
  subtype: z.literal('message_changed'),
  channel: z.string(),
  message: written.extend({ edited: z.object({ ts: z.string() }) }),
  previous_message: z.object({ text: z.string().default('') }),
});
const deleted = z.object({
  subtype: z.literal('message_deleted'),
  channel: z.string(),
  previous_message: written,
});

/** `text` is absent of a message that was deleted. */
type Edit = {
  channel: string;
  user: string;
  ts: string;
  thread: string;
  id: string;
  before: string;
  text?: string;
};
type Editing = { found: Case; staff: StaffRef; edit: Edit };
type Outcome = 'done' | 'late';

const LATE =
  'The buyer has got this already, or may have: what they got stays as it was. WhatsApp does not let us take it ' +
  'back from here. Write again in this thread to correct it.';

/** Takes in every change and deletion in a thread, in the order of the thread. */
export function listenToEdits(parts: ListenerParts): void {
  parts.app.event('message', async ({ event }) => {
    const edit = readEdit(event);
    if (edit) await parts.lines.run(edit.thread, () => takeEdit(parts, edit));
  });
}

/** Undefined for anything else: Slack reports previews of links as changes too. */
function readEdit(event: unknown): Edit | undefined {
  const change = changed.safeParse(event);
  if (change.success) {
    const { channel, message, previous_message: before } = change.data;
    if (message.text === before.text) return undefined;
    return {
      ...{ channel, user: message.user, ts: message.ts, thread: message.thread_ts },
      id: `edit:${channel}:${message.ts}:${message.edited.ts}`,
      before: plainText(before.text),
      text: plainText(message.text),
    };
  }
  const deletion = deleted.safeParse(event);
  if (!deletion.success) return undefined;
  const { channel, previous_message: message } = deletion.data;
  return {
    ...{ channel, user: message.user, ts: message.ts, thread: message.thread_ts },
    id: `delete:${channel}:${message.ts}`,
    before: plainText(message.text),
  };
}

async function takeEdit(parts: ListenerParts, edit: Edit): Promise<void> {
  const { channel, user, thread, text, before } = edit;
  const card = { channel, ts: thread };
  // What was said is changed where it was said, also when the case has left since.
  const found = (await parts.threads.caseAt(card)) ?? (await parts.threads.formerAt(card));
  if (!found) return;
  const staff = await parts.authority.staffMember(user, found.team);
  if (!staff) return;
  const replies = await parts.replies.at({ channel, ts: edit.ts });
  const said = replies.filter(({ cancelled }) => !cancelled);
  const whisper = async (words: string) => {
    await parts.authority.whisper(channel, user, thread, words);
  };
  if (isNote(before)) return editNote(parts, { found, staff, edit }, whisper);
  if (said.length === 0) return;
  const isCalledOff = text === undefined || text === '' || isNote(text);
  const outcomes: Outcome[] = [];
  for (const reply of said) {
    const isItsText = reply.effect?.kind === 'sendText' || reply.caption !== '';
    if (isCalledOff) outcomes.push(await callOff(parts, { found, staff, edit }, reply));
    else if (isItsText) outcomes.push(await reword(parts, { found, staff, edit }, reply, text));
  }
  if (outcomes.length === 0) return;
  if (outcomes.includes('late')) return whisper(LATE);
  await whisper(
    isCalledOff
      ? 'It had not gone out yet: it was called off, and the buyer does not get it.'
      : 'It had not gone out yet: the buyer gets the new words.',
  );
}

/** A note stays a note: words that were meant for the team reach no buyer by a slip of the pen. */
async function editNote(
  parts: ListenerParts,
  { found, staff, edit }: Editing,
  whisper: (words: string) => Promise<void>,
): Promise<void> {
  const { text, id } = edit;
  const what = text === undefined ? 'deleted a note' : `changed a note: ${text}`;
  const { buyer, conversation, ticket: why } = found;
  const who = staff.name;
  const at = parts.now();
  await parts.timeline.append([{ _id: `note:${id}`, buyer, conversation, at, who, kind: 'note', what, why }]);
  if (text !== undefined && !isNote(text))
    await whisper(
      'This was a note and stays one: it was not sent. To answer the buyer, write a new message.',
    );
}

async function callOff(
  parts: ListenerParts,
  { found, staff, edit }: Editing,
  reply: Reply,
): Promise<Outcome> {
  if (await parts.replies.cancelFetch(reply._id)) return 'done';
  const change = { caseId: found._id, inputId: `${edit.id}:${reply.part}`, of: reply._id, staff };
  const outcome = await parts.words.callOff(change);
  if (outcome !== 'done' && outcome !== 'repeated') return 'late';
  await parts.replies.cancel(reply._id, parts.now());
  parts.replyChanged(reply._id);
  return 'done';
}

async function reword(
  parts: ListenerParts,
  { found, staff, edit }: Editing,
  reply: Reply,
  text: string,
): Promise<Outcome> {
  if (reply.file && (await parts.replies.recaption(reply._id, text))) return 'done';
  const effect = reply.effect && reworded(reply.effect, text);
  if (!effect) return 'late';
  const change = { caseId: found._id, inputId: `${edit.id}:${reply.part}`, of: reply._id, staff, effect };
  const outcome = await parts.words.reword(change);
  if (outcome !== 'done' && outcome !== 'repeated') return 'late';
  await parts.replies.reword(reply._id, effect);
  return 'done';
}

function reworded(effect: PersonEffect, text: string): PersonEffect | undefined {
  if (effect.kind === 'sendText') return { ...effect, text };
  return effect.kind === 'sendFile' ? { ...effect, caption: text } : undefined;
}
