import { z } from 'zod';
import type { CardPlace } from '../../flows/types.ts';
import { plainText } from './blocks.ts';
import type { ListenerParts } from './listening.ts';
import { overtakenText } from './overtaken.ts';

/** What people write in the thread of a case: a reply to the buyer, or a note that stays in Slack. */

/** A person's message in a thread. Bots, edits and joins carry a bot id or another subtype, and are not it. */
const threadMessage = z.object({
  channel: z.string(),
  user: z.string(),
  text: z.string().default(''),
  ts: z.string(),
  thread_ts: z.string(),
  bot_id: z.undefined().optional(),
  files: z.array(z.unknown()).default([]),
  subtype: z.enum(['file_share', 'thread_broadcast']).optional(),
});
type ThreadMessage = z.infer<typeof threadMessage>;

/** Takes in every message that a person writes in the thread of a case, in the order in which they were written. */
export function listenToThreads(parts: ListenerParts): void {
  parts.app.event('message', async ({ event }) => {
    const message = threadMessage.safeParse(event);
    if (message.success) await parts.lines.run(message.data.thread_ts, () => hear(parts, message.data));
  });
}

async function hear(parts: ListenerParts, message: ThreadMessage): Promise<void> {
  try {
    await takeReply(parts, message);
  } catch (error) {
    // Over HTTP Slack delivers it again. A socket has acknowledged it already: its writer must know.
    if (parts.mode === 'socket') {
      await answer(parts, message, 'Something went wrong: your message was not sent. Please write it again.');
    }
    throw error;
  }
}

async function takeReply(parts: ListenerParts, message: ThreadMessage): Promise<void> {
  const card = { channel: message.channel, ts: message.thread_ts };
  const found = await parts.threads.caseAt(card);
  const text = plainText(message.text);
  if (text.startsWith('//')) return;
  if (!found) return refuseMoved(parts, message, card);
  const staff = await parts.authority.staffMember(message.user, found.team);
  if (!staff) return answer(parts, message, 'Only active staff can answer buyers.');
  if (message.files.length > 0) {
    await answer(parts, message, 'Files are not sent to buyers from here: the file stays in Slack.');
  }
  if (text === '') return;
  const inputId = `slack:${message.channel}:${message.ts}`;
  const outcome = await parts.actions.reply({ caseId: found._id, inputId, text, staff });
  if (outcome === 'closed') {
    await answer(parts, message, `${found.ticket} is resolved: your message was not sent to the buyer.`);
  }
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
