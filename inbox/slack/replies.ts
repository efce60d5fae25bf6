import { z } from 'zod';
import type { CardPlace, PersonEffect, StaffRef } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
import type { SlackFileRef } from '../../models/reply.ts';
import { plainText } from './blocks.ts';
import type { ListenerParts } from './listening.ts';
import { takeNote } from './notes.ts';
import { isOvertaken, overtakenText } from './overtaken.ts';

/** What people write in the thread of a case: a reply to the buyer, files for them, or a note that stays in Slack. */

const file = z.object({
  id: z.string(),
  name: z.string().nullish(),
  mimetype: z.string().nullish(),
  size: z.number().nullish(),
  url_private_download: z.string().nullish(),
  url_private: z.string().nullish(),
});

/** A person's message in a thread. Bots, edits and joins carry a bot id or another subtype, and are not it. */
const threadMessage = z.object({
  channel: z.string(),
  user: z.string(),
  text: z.string().default(''),
  ts: z.string(),
  thread_ts: z.string(),
  bot_id: z.undefined().optional(),
  files: z.array(file).default([]),
  subtype: z.enum(['file_share', 'thread_broadcast']).optional(),
});
type ThreadMessage = z.infer<typeof threadMessage>;

const NOTE = '//';
/** WhatsApp's own limit: a longer one goes out as a message of its own. */
const CAPTION_CHARACTERS = 1_024;
/** A reply that goes out at once needs no hourglass. */
const SHOW_OWED_AFTER_MS = 3_000;
const HOW_IT_WORKS =
  'What you write in this thread goes to the buyer on WhatsApp. Begin with // for a note that stays here.';
const WAITS_FOR_BUYER =
  'More than 24 hours have passed since the buyer wrote, and WhatsApp takes no free text then: this waits until ' +
  'they write again, and they are asked to. Press *Templates* on the card for approved words that go out now.';

type Said = { found: Case; staff: StaffRef; message: ThreadMessage };

/** Takes in every message that a person writes in the thread of a case, in the order in which they were written. */
export function listenToThreads(parts: ListenerParts): void {
  parts.app.event('message', async ({ event }) => {
    const message = threadMessage.safeParse(event);
    if (message.success)
      await parts.lines.run(message.data.thread_ts, () => takeMessage(parts, message.data));
  });
}

/** Tells the writer of a message that it could not be taken in. Nothing for anything else. */
export async function apologise(parts: ListenerParts, body: unknown): Promise<void> {
  const delivered = z.object({ event: threadMessage }).safeParse(body);
  if (delivered.success)
    await answer(
      parts,
      delivered.data.event,
      'Something went wrong: your message was not sent. Please write it again.',
    );
}

/** The id of what a message says; further files of it have their own. */
export function inputIdOf({ channel, ts }: { channel: string; ts: string }): string {
  return `slack:${channel}:${ts}`;
}

/** The id of the message that a reply is a part of. */
export function messageOf(reply: string): string {
  return reply.split(':').slice(0, 3).join(':');
}

/** True for words that stay in Slack. */
export function isNote(text: string): boolean {
  return text.startsWith(NOTE);
}

async function takeMessage(parts: ListenerParts, message: ThreadMessage): Promise<void> {
  const card = { channel: message.channel, ts: message.thread_ts };
  const found = await parts.threads.caseAt(card);
  const text = plainText(message.text);
  if (!found) return isNote(text) ? undefined : refuseMoved(parts, message, card);
  const staff = await parts.authority.staffMember(message.user, found.team);
  if (!staff) return answer(parts, message, 'Only active staff can answer buyers.');
  if (isNote(text)) {
    const { channel, ts } = message;
    const note = { id: inputIdOf(message), text: text.slice(NOTE.length).trim(), place: { channel, ts } };
    return takeNote(parts, { ...note, found, staff, thread: message.thread_ts });
  }
  if (text === '' && message.files.length === 0) return;
  const isFirst = !(await parts.replies.hasAny(found._id));
  if (!(await takeWords(parts, { found, staff, message }, text))) {
    const overtaken = await overtakenText(parts, found, card);
    return answer(parts, message, `${overtaken} Your message was not sent to the buyer.`);
  }
  if (isFirst) await explain(parts, found);
  if (!(await parts.words.isWindowOpen(found._id))) await answer(parts, message, WAITS_FOR_BUYER);
}

/** False when the case is closed, or has left this thread. A caption goes with the first file. */
async function takeWords(parts: ListenerParts, said: Said, text: string): Promise<boolean> {
  const { message } = said;
  const isCaption = message.files.length > 0 && text.length <= CAPTION_CHARACTERS;
  if (text !== '' && !isCaption && !(await takeText(parts, said, text))) return false;
  if (message.files.length === 0) return true;
  if (said.found.status === 'resolved') return false;
  for (const [index, each] of message.files.entries()) {
    await takeFile(parts, said, { index, file: refOf(each), caption: index === 0 && isCaption ? text : '' });
  }
  parts.fileOwed(inputIdOf(message));
  return true;
}

/** On record first: whatever is cut short then is found, and done again to no harm. */
async function takeText(
  parts: ListenerParts,
  { found, staff, message }: Said,
  text: string,
): Promise<boolean> {
  const { channel, ts } = message;
  const id = inputIdOf(message);
  const effect: PersonEffect = { kind: 'sendText', text, staff, caseId: found._id, input: id };
  const takenAt = parts.now();
  const tellAt = new Date(takenAt.getTime() + SHOW_OWED_AFTER_MS);
  const reply = { _id: id, caseId: found._id, staff, takenAt, tellAt, place: { channel, ts }, effect };
  await parts.replies.take(reply);
  const at = { channel, ts: message.thread_ts };
  const outcome = await parts.words.say({ caseId: found._id, inputId: id, staff, effect, at });
  if (isOvertaken(outcome)) await parts.replies.forget(id);
  return !isOvertaken(outcome);
}

async function takeFile(
  parts: ListenerParts,
  { found, staff, message }: Said,
  part: { index: number; file: SlackFileRef; caption: string },
): Promise<void> {
  const { channel, ts } = message;
  const takenAt = parts.now();
  await parts.replies.take({
    _id: `${inputIdOf(message)}:${part.file.id}`,
    caseId: found._id,
    staff,
    place: { channel, ts },
    // Behind the words, where those are too many for a caption.
    part: part.index + 1,
    takenAt,
    file: part.file,
    caption: part.caption,
    fetchAt: takenAt,
    tellAt: new Date(takenAt.getTime() + SHOW_OWED_AFTER_MS),
  });
}

/** Once per thread. */
async function explain(parts: ListenerParts, { _id: caseId }: Case): Promise<void> {
  const id = `${caseId}:how`;
  await parts.cases.owePost(caseId, { id, who: 'bot', text: HOW_IT_WORKS, at: parts.now() });
  parts.caseChanged(caseId);
}

function refOf({ id, name, mimetype, size, ...urls }: z.infer<typeof file>): SlackFileRef {
  return {
    id,
    url: urls.url_private_download ?? urls.url_private ?? '',
    name: name ?? '',
    mimeType: mimetype ?? '',
    sizeBytes: size ?? 0,
  };
}

/** The thread of a card that its case has left is closed. */
async function refuseMoved(parts: ListenerParts, message: ThreadMessage, card: CardPlace): Promise<void> {
  const left = await parts.threads.formerAt(card);
  if (!left) return;
  const words = await overtakenText(parts, left, card);
  await answer(parts, message, `${words} Your message was not sent to the buyer.`);
}

async function answer(
  { authority }: ListenerParts,
  { channel, user, thread_ts: thread }: ThreadMessage,
  text: string,
): Promise<void> {
  await authority.whisper(channel, user, thread, text);
}
