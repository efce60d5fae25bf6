import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CardPlace, PersonEffect, StaffRef } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
import { type Block, clipped, escaped, markdown, plainText } from './blocks.ts';
import type { ListenerParts } from './listening.ts';
import { isOvertaken, overtakenText } from './overtaken.ts';
import { lineOf } from './replyStates.ts';
import { addNote } from './shortcutNotes.ts';

/** What people choose in the menu of a message: to note something on it, or to send it to the buyer once more. */

export const SHORTCUTS = { note: 'baton_note', resend: 'baton_resend' } as const;

const MOST_NOTE_CHARACTERS = 3_000;
const ABOUT_CHARACTERS = 300;
const SHOWN_CHARACTERS = 2_800;

const messageAction = z.object({
  trigger_id: z.string(),
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({
    ts: z.string(),
    thread_ts: z.string().optional(),
    user: z.string().optional(),
    bot_id: z.string().optional(),
    subtype: z.string().optional(),
    text: z.string().default(''),
    files: z.array(z.unknown()).default([]),
  }),
});
type MessageAction = z.infer<typeof messageAction>;

const submission = z.object({
  user: z.object({ id: z.string() }),
  view: z.object({ id: z.string(), private_metadata: z.string() }),
});
const noteEntry = z.object({
  view: z.object({
    state: z.object({ values: z.object({ note: z.object({ text: z.object({ value: z.string() }) }) }) }),
  }),
});
const aboutMessage = z.object({
  channel: z.string(),
  thread: z.string(),
  ts: z.string(),
  about: z.string(),
});
type AboutMessage = z.infer<typeof aboutMessage>;
const threadPage = z.object({
  messages: z.array(z.object({ ts: z.string(), user: z.string().optional(), text: z.string().default('') })),
});

/** A person who may act on the case of a thread; or why they may not. */
type Acting = { found: Case; staff: StaffRef };
type Refusal = { refusal: string };

/** Takes in both shortcuts and the modals that they open. */
export function listenToShortcuts(parts: ListenerParts): void {
  const { app } = parts;
  app.shortcut({ type: 'message_action', callback_id: SHORTCUTS.note }, async ({ ack, body }) => {
    await ack();
    await askForNote(parts, messageAction.parse(body));
  });
  app.shortcut({ type: 'message_action', callback_id: SHORTCUTS.resend }, async ({ ack, body }) => {
    await ack();
    await askToResend(parts, messageAction.parse(body));
  });
  app.view(SHORTCUTS.note, async ({ ack, body }) => {
    const { view, user } = submission.parse(body);
    const text = noteEntry.parse(body).view.state.values.note.text.value;
    const refusal = await takeNote(parts, { user: user.id, id: view.id, text, ...remembered(view) });
    await ack(refusal === undefined ? undefined : { response_action: 'errors', errors: { note: refusal } });
  });
  app.view(SHORTCUTS.resend, async ({ ack, body }) => {
    const { view, user } = submission.parse(body);
    const refusal = await resend(parts, { user: user.id, id: view.id, ...remembered(view) });
    await ack(
      refusal === undefined
        ? undefined
        : { response_action: 'update', view: modal('Not sent', [section(escaped(refusal))]) },
    );
  });
}

async function askForNote(parts: ListenerParts, action: MessageAction): Promise<void> {
  const thread = action.message.thread_ts ?? action.message.ts;
  const acting = await actingOn(parts, { user: action.user.id, channel: action.channel.id, thread });
  if ('refusal' in acting) return refuse(parts, action, acting.refusal);
  const about = clipped(plainText(action.message.text), ABOUT_CHARACTERS);
  const memory = {
    channel: action.channel.id,
    thread,
    ts: action.message.ts,
    about,
  };
  const blocks: Block[] = [
    section(`A note on ${acting.found.ticket} stays in the team: the buyer never sees it.${quoted(about)}`),
    {
      type: 'input',
      block_id: 'note',
      label: { type: 'plain_text', text: 'Note' },
      element: {
        type: 'plain_text_input',
        action_id: 'text',
        multiline: true,
        max_length: MOST_NOTE_CHARACTERS,
      },
    },
  ];
  await open(parts, action, {
    ...modal('Internal note', blocks),
    ...submitted(SHORTCUTS.note, 'Add note', memory),
  });
}

/** Why the note was not taken, or undefined when it was. */
async function takeNote(
  parts: ListenerParts,
  { id, text, ...asked }: AboutMessage & { user: string; id: string; text: string },
): Promise<string | undefined> {
  const acting = await actingOn(parts, asked);
  if ('refusal' in acting) return acting.refusal;
  if (text.trim() === '') return 'There is nothing in this note.';
  const note = { id: `slack:note:${id}`, text: text.trim(), about: asked.about, staff: acting.staff };
  try {
    await addNote(parts, acting.found, note);
    return undefined;
  } catch (error) {
    parts.log.error({ err: error, caseId: acting.found._id }, 'a note was not posted');
    return 'Slack did not take the note into the thread. Please press Add note again.';
  }
}

async function askToResend(parts: ListenerParts, action: MessageAction): Promise<void> {
  const { user, channel, message } = action;
  const thread = message.thread_ts ?? message.ts;
  const acting = await actingOn(parts, { user: user.id, channel: channel.id, thread });
  const refusal = 'refusal' in acting ? acting.refusal : whyNotAgain(action, acting.found);
  if ('refusal' in acting || refusal !== undefined) return refuse(parts, action, refusal ?? '');
  const words = plainText(message.text);
  const memory = { channel: channel.id, thread, ts: message.ts, about: digest(words) };
  const blocks = [
    section(`*${escaped(clipped(acting.found.buyerName || 'The buyer', 100))}* gets these words once more:`),
    section(clipped(escaped(words).replace(/^/gm, '> '), SHOWN_CHARACTERS)),
  ];
  await open(parts, action, {
    ...modal('Send again?', blocks),
    ...submitted(SHORTCUTS.resend, 'Send again', memory),
  });
}

/** Why these words cannot be sent to the buyer once more, or undefined when they can. */
function whyNotAgain({ user, message }: MessageAction, { ticket, status }: Case): string | undefined {
  const text = plainText(message.text);
  if (message.bot_id !== undefined || message.user !== user.id) {
    return 'Only your own replies can be sent again, by you.';
  }
  if (message.thread_ts === undefined || message.thread_ts === message.ts)
    return 'This is not a reply in a thread.';
  if (text.startsWith('//')) return 'This is a note: notes never go to the buyer.';
  if (text === '') return 'There are no words in this message.';
  if (status === 'resolved') return `${ticket} is resolved: nothing more is sent from its thread.`;
  return undefined;
}

/** Sends the same words as a new reply; why not, or undefined when it was done. */
async function resend(
  parts: ListenerParts,
  { id, ...asked }: AboutMessage & { user: string; id: string },
): Promise<string | undefined> {
  const acting = await actingOn(parts, asked);
  if ('refusal' in acting) return acting.refusal;
  const message = await messageAt(parts, asked);
  const text = plainText(message?.text ?? '');
  // What was confirmed is what is sent: an edit in between is confirmed anew.
  if (message?.user !== asked.user || text === '' || digest(text) !== asked.about) {
    return 'The message was changed or deleted meanwhile: nothing was sent. Please begin again.';
  }
  return sendAgain(
    parts,
    { id: `slack:resend:${id}`, text, at: { channel: asked.channel, ts: asked.thread } },
    acting,
  );
}

/** As a reply of its own, with a line in the thread that shows what becomes of it. */
async function sendAgain(
  parts: ListenerParts,
  { id, text, at }: { id: string; text: string; at: CardPlace },
  { found, staff }: Acting,
): Promise<string | undefined> {
  const { _id: caseId } = found;
  const effect: PersonEffect = { kind: 'sendText', text, staff, caseId, input: id };
  const takenAt = parts.now();
  await parts.replies.take({ _id: id, caseId, staff, takenAt, effect });
  const outcome = await parts.words.say({ caseId, inputId: id, staff, effect, at });
  if (isOvertaken(outcome)) {
    await parts.replies.forget(id);
    return `${await overtakenText(parts, found, at)} Nothing was sent.`;
  }
  const line = `${staff.name} sent again:\n${text}`;
  await parts.cases.owePost(caseId, { id: lineOf(id), who: 'bot', text: line, at: takenAt });
  parts.caseChanged(caseId);
  return undefined;
}

function digest(words: string): string {
  return createHash('sha256').update(words).digest('hex');
}

/** The case of a thread and the person on record; only members of the channel may act in it. */
async function actingOn(
  parts: ListenerParts,
  { user, channel, thread }: { user: string; channel: string; thread: string },
): Promise<Acting | Refusal> {
  const found = await parts.threads.caseAt({ channel, ts: thread });
  if (!found) return { refusal: 'This is not the thread of a case.' };
  if (!(await parts.authority.isMember(channel, user))) {
    return { refusal: 'Only members of this channel can do this.' };
  }
  const staff = await parts.authority.staffMember(user, found.team);
  return staff ? { found, staff } : { refusal: 'Only active staff can do this.' };
}

async function messageAt({ client }: ListenerParts, { channel, thread, ts }: AboutMessage) {
  const range = { oldest: ts, latest: ts, inclusive: true, limit: 5 };
  const page = threadPage.parse(await client.conversations.replies({ channel, ts: thread, ...range }));
  return page.messages.find((message) => message.ts === ts);
}

/** A modal is unmistakable; when there is no time left for one, a word in the thread has to do. */
async function refuse(parts: ListenerParts, action: MessageAction, refusal: string): Promise<void> {
  await open(parts, action, modal('Not possible', [section(escaped(refusal))]), refusal);
}

async function open(
  { client, authority, log }: ListenerParts,
  { trigger_id, channel, user, message }: MessageAction,
  view: ReturnType<typeof modal>,
  otherwise = 'That took too long. Please choose it again.',
): Promise<void> {
  try {
    await client.views.open({ trigger_id, view });
  } catch (error) {
    log.warn({ err: error }, 'a modal was not opened');
    await authority.whisper(channel.id, user.id, message.thread_ts ?? message.ts, otherwise);
  }
}

function modal(title: string, blocks: Block[]) {
  return {
    type: 'modal' as const,
    title: { type: 'plain_text' as const, text: title },
    close: { type: 'plain_text' as const, text: 'Close' },
    blocks,
  };
}

function submitted(callbackId: string, label: string, memory: AboutMessage) {
  return {
    callback_id: callbackId,
    private_metadata: JSON.stringify(memory),
    submit: { type: 'plain_text' as const, text: label },
  };
}

function remembered(view: { private_metadata: string }): AboutMessage {
  return aboutMessage.parse(JSON.parse(view.private_metadata));
}

function section(text: string): Block {
  return { type: 'section', text: markdown(text) };
}

function quoted(about: string): string {
  return about ? `\n${escaped(about).replace(/^/gm, '> ')}` : '';
}
