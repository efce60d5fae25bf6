import { z } from 'zod';
import type { StaffRef } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
import { ACTIONS } from './blocks.ts';
import { blockOf, CANNED_CHOICE, CANNED_FIELD, CANNED_VIEW, cannedModal } from './cannedModal.ts';
import type { CannedDraft, ListenerParts } from './listening.ts';
import { isOvertaken, overtakenText } from './overtaken.ts';
import { readFailure } from './posts.ts';
import { lineOf } from './replyStates.ts';

/** Approved copy from a menu: chosen, filled in, seen as the buyer will see it, and sent in a person's name. */

const press = z.object({
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: z.string(), thread_ts: z.string().optional() }),
  trigger_id: z.string(),
});
const metadata = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'no JSON' });
      return z.NEVER;
    }
  })
  .pipe(
    z.object({ channel: z.string(), thread: z.string(), caseId: z.string(), key: z.string().optional() }),
  );
const element = z.object({
  value: z.string().nullish(),
  selected_date_time: z.number().nullish(),
  selected_option: z.object({ value: z.string() }).nullish(),
});
const view = z.object({
  id: z.string(),
  hash: z.string(),
  private_metadata: metadata,
  state: z.object({ values: z.record(z.string(), z.record(z.string(), element)) }),
});
const inView = z.object({ user: z.object({ id: z.string() }), view });
/** What was just chosen or typed, which the state of the view may not know yet. */
const inViewAction = inView.extend({
  actions: z.array(element.extend({ block_id: z.string(), action_id: z.string() })).min(1),
});
type InView = z.infer<typeof inView>;

const CLOSED = 'This case is resolved: nothing was sent.';

/** Takes in the button on the card, every choice in the modal, and Send. */
export function listenToCanned(parts: ListenerParts): void {
  parts.app.action(ACTIONS.templates, async ({ ack, body }) => {
    await ack();
    await openMenu(parts, press.parse(body));
  });
  for (const action of [CANNED_CHOICE, CANNED_FIELD]) {
    parts.app.action(action, async ({ ack, body }) => {
      await ack();
      await refresh(parts, withChosen(inViewAction.parse(body)));
    });
  }
  parts.app.view(CANNED_VIEW, async ({ ack, body }) => {
    const errors = await send(parts, inView.parse(body));
    if (errors) await ack({ response_action: 'errors', errors });
    else await ack({ response_action: 'clear' });
  });
}

async function openMenu(parts: ListenerParts, pressed: z.infer<typeof press>): Promise<void> {
  const { channel, message, user, trigger_id } = pressed;
  const thread = message.thread_ts ?? message.ts;
  const found = await parts.threads.caseAt({ channel: channel.id, ts: thread });
  const whisper = async (words: string) => {
    await parts.authority.whisper(channel.id, user.id, thread, words);
  };
  if (!found) {
    const card = { channel: channel.id, ts: thread };
    const left = await parts.threads.formerAt(card);
    return whisper(left ? await overtakenText(parts, left, card) : 'This card is not known any more.');
  }
  const permission = await parts.authority.permit(found, user.id);
  if ('refusal' in permission) return whisper(permission.refusal);
  if (found.status === 'resolved') return whisper(CLOSED);
  const about = { channel: channel.id, thread, caseId: found._id };
  await parts.client.views.open({ trigger_id, view: cannedModal(parts.canned.list(), about) });
}

function withChosen({ user, view: shown, actions }: z.infer<typeof inViewAction>): InView {
  const values = { ...shown.state.values };
  for (const { block_id: block, action_id: action, ...chosen } of actions)
    values[block] = { ...values[block], [action]: chosen };
  return { user, view: { ...shown, state: { values } } };
}

/** The preview as of what is filled in now. A view that has moved on meanwhile is left to whoever moved it. */
async function refresh(parts: ListenerParts, body: InView): Promise<void> {
  const known = await draftOf(parts, body);
  if (!known) return;
  const { view: shown } = body;
  try {
    await parts.client.views.update({
      view_id: shown.id,
      hash: shown.hash,
      view: cannedModal(parts.canned.list(), shown.private_metadata, known.draft),
    });
  } catch (error) {
    if (!readFailure(error).isOnlyThis) throw error;
    parts.log.info({ view: shown.id }, 'a preview was overtaken');
  }
}

/** Resolves with what is wrong, by block. Sending the same view twice sends once. */
async function send(parts: ListenerParts, body: InView): Promise<Record<string, string> | undefined> {
  const known = await draftOf(parts, body);
  if (!known) return { choice: 'Only active staff can answer buyers.' };
  const { draft, found, staff } = known;
  if (!draft) return { choice: 'Please choose one.' };
  const { effect } = draft;
  if (!effect)
    return Object.fromEntries(
      Object.entries(draft.errors).map(([name, words]) => [
        name === 'choice' ? name : blockOf(draft.key, name),
        words,
      ]),
    );
  const id = effect.input;
  const now = parts.now();
  await parts.replies.take({ _id: id, caseId: found._id, staff, takenAt: now, effect });
  const { channel, thread: ts } = body.view.private_metadata;
  const at = { channel, ts };
  const outcome = await parts.words.say({ caseId: found._id, inputId: id, staff, effect, at });
  if (isOvertaken(outcome)) {
    await parts.replies.forget(id);
    return { choice: `${await overtakenText(parts, found, at)} Nothing was sent.` };
  }
  const text = `${staff.name} sent "${draft.title}":\n${draft.preview}`;
  await parts.cases.owePost(found._id, { id: lineOf(id), who: 'bot', text, at: now });
  parts.caseChanged(found._id);
  return undefined;
}

/** What is chosen and filled in, for a person who may send it; no draft before anything is chosen. */
async function draftOf(
  parts: ListenerParts,
  { user, view: shown }: InView,
): Promise<{ found: Case; staff: StaffRef; draft?: CannedDraft } | undefined> {
  const { caseId, key: before } = shown.private_metadata;
  const found = await parts.cases.byId(caseId);
  const permission = found && (await parts.authority.permit(found, user.id));
  if (!permission || 'refusal' in permission) return undefined;
  const { staff } = permission;
  const { values } = shown.state;
  const key = values.choice?.[CANNED_CHOICE]?.selected_option?.value ?? before;
  if (!key) return { found, staff };
  const given = givenOf(key, values);
  const draft = await parts.canned.draft({ caseId, key, staff, input: `slack:view:${shown.id}` }, given);
  return { found, staff, ...(draft && { draft }) };
}

function givenOf(key: string, values: InView['view']['state']['values']): Record<string, string | undefined> {
  const prefix = blockOf(key, '');
  return Object.fromEntries(
    Object.entries(values).flatMap(([block, elements]) => {
      if (!block.startsWith(prefix)) return [];
      const given = elements[CANNED_FIELD];
      const value = given?.value ?? given?.selected_date_time?.toString();
      return [[block.slice(prefix.length), value]];
    }),
  );
}
