import { z } from 'zod';
import type { StaffRef } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
import type { Reply } from '../../models/reply.ts';
import { ACTIONS, escaped } from './blocks.ts';
import type { ListenerParts } from './listening.ts';
import { overtakenText } from './overtaken.ts';

/** The buttons of a line that says that something a person said, or a buyer's file, did not arrive. */

const press = z.object({
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: z.string(), thread_ts: z.string(), text: z.string().default('') }),
  actions: z.tuple([z.object({ value: z.string() })]),
});
type Press = z.infer<typeof press>;

/** `<what> <which failure of it>`; ids hold no blanks. */
const retryValue = z
  .string()
  .regex(/^\S+ \S+$/)
  .transform((value) => value.split(' ') as [string, string]);

type Answer = { words: string; isOver: boolean };
type Take = (parts: ListenerParts, value: string, found: Case, staff: StaffRef) => Promise<Answer>;

const REPEATED = { words: 'This has been decided already.', isOver: false };

/** Takes in every press, each failure once. */
export function listenToRetries(parts: ListenerParts): void {
  const takes: Record<string, Take> = {
    [ACTIONS.retry]: takeRetry,
    [ACTIONS.giveUp]: takeGiveUp,
    [ACTIONS.retryUpload]: takeRetryUpload,
  };
  for (const [action, take] of Object.entries(takes)) {
    parts.app.action(action, async ({ ack, body }) => {
      const pressed = press.parse(body);
      await parts.lines.run(pressed.message.thread_ts, () => onLine(parts, pressed, take));
      await ack();
    });
  }
}

async function onLine(parts: ListenerParts, pressed: Press, take: Take): Promise<void> {
  const { channel, message, user, actions } = pressed;
  const whisper = async (words: string) => {
    await parts.authority.whisper(channel.id, user.id, message.thread_ts, words);
  };
  const card = { channel: channel.id, ts: message.thread_ts };
  const found = await parts.threads.caseAt(card);
  if (!found) {
    const left = await parts.threads.formerAt(card);
    return whisper(left ? await overtakenText(parts, left, card) : 'This line is not known any more.');
  }
  const permission = await parts.authority.permit(found, user.id);
  if ('refusal' in permission) return whisper(permission.refusal);
  const { staff } = permission;
  const { words, isOver } = await take(parts, actions[0].value, found, staff);
  if (isOver) await closeLine(parts, pressed, `${words} (${staff.name})`);
  else await whisper(words);
}

async function takeRetry(parts: ListenerParts, value: string, found: Case, staff: StaffRef): Promise<Answer> {
  const [id, failure] = retryValue.parse(value);
  const reply = await replyOf(parts, id, found);
  if (!reply || reply.cancelled) return REPEATED;
  if (!reply.effect) {
    if (!(await parts.replies.fetchAgain(id, Number(failure), parts.now()))) return REPEATED;
    parts.fileOwed(id);
    return { words: 'Trying again', isOver: true };
  }
  // One name for both decisions about this failure: whichever comes first holds.
  const inputId = `again:${failure}`;
  const again = { caseId: found._id, inputId, staff, effect: reply.effect };
  const outcome = await parts.words.say(again);
  if (outcome === 'closed') return { words: `${found.ticket} is resolved: nothing was sent.`, isOver: false };
  if (outcome === 'repeated') return REPEATED;
  await parts.replies.owe(id, parts.now());
  parts.replyChanged(id);
  return { words: 'Sending again', isOver: true };
}

async function takeGiveUp(
  parts: ListenerParts,
  value: string,
  found: Case,
  staff: StaffRef,
): Promise<Answer> {
  const [id, failure] = retryValue.parse(value);
  const reply = await replyOf(parts, id, found);
  if (!reply || reply.cancelled) return REPEATED;
  if (reply.effect) {
    const change = { caseId: found._id, inputId: `again:${failure}`, of: id, staff };
    if ((await parts.words.giveUp(change)) !== 'done') return REPEATED;
  } else if (reply.failures !== Number(failure) || !(await parts.replies.cancelFetch(id))) return REPEATED;
  await parts.replies.cancel(id, parts.now());
  parts.replyChanged(id);
  return { words: 'Cancelled: the buyer does not get it', isOver: true };
}

async function takeRetryUpload(parts: ListenerParts, value: string): Promise<Answer> {
  const [id, failure] = retryValue.parse(value);
  if (!(await parts.media.showAgain(id, Number(failure), parts.now()))) return REPEATED;
  const again = await parts.media.byId(id);
  if (again) parts.mediaOwed(again.conversation);
  return { words: 'Trying again', isOver: true };
}

/** The reply that the button stands for, unless it belongs to another case. */
async function replyOf(parts: ListenerParts, id: string, found: Case): Promise<Reply | undefined> {
  const reply = await parts.replies.byId(id);
  return reply?.caseId === found._id ? reply : undefined;
}

/** The line loses its buttons and says what was decided. Best effort: pressing again does nothing. */
async function closeLine(parts: ListenerParts, { channel, message }: Press, words: string): Promise<void> {
  const text = `${message.text}\n_${escaped(words)}_`.slice(0, 2_900);
  const blocks = [{ type: 'section', text: { type: 'mrkdwn', text } }];
  try {
    await parts.client.chat.update({ channel: channel.id, ts: message.ts, text, blocks });
  } catch (error) {
    parts.log.warn({ err: error }, 'a line kept its buttons');
  }
}
