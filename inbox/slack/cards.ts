import { z } from 'zod';
import { type CardPlace, INTENTS, type StaffRef } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
import { ACTIONS, escaped } from './blocks.ts';
import { MORE, type MoreChoice, VISIT_BLOCK } from './card.ts';
import { erasureForm } from './erasureForm.ts';
import type { ListenerParts, TeamOutcome } from './listening.ts';
import { caseForm, type FormName } from './modals.ts';
import { isOvertaken, overtakenText } from './overtaken.ts';
import { NOT_SHOWN } from './saleModal.ts';
import { openTimeline } from './timeline.ts';

/** What people press and choose on a case's card. */

const cardAction = z.object({
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: z.string() }),
  response_url: z.string().optional(),
});
type CardAction = z.infer<typeof cardAction>;

/** A button of a card. */
export const press = cardAction.extend({
  trigger_id: z.string(),
  actions: z
    .array(z.object({ action_ts: z.string(), value: z.string().optional(), block_id: z.string().optional() }))
    .min(1),
});
export type Press = z.infer<typeof press>;

/** A menu holds what may be chosen of it, and nothing of the case it stands under. */
const moreChoice = press.extend({
  actions: z.tuple([
    z.object({ action_ts: z.string(), selected_option: z.object({ value: z.string() }) }).loose(),
  ]),
});

const meaningChoice = cardAction.extend({
  actions: z.tuple([z.object({ selected_option: z.object({ value: z.enum(INTENTS) }) })]),
});
type MeaningChoice = z.infer<typeof meaningChoice>;

/** What is done on a card, for the person on record who did it. */
export type Handle<Action> = (
  parts: ListenerParts,
  action: Action,
  found: Case,
  staff: StaffRef,
) => Promise<unknown>;

/** Takes in every press and choice on a card, in the order in which they were made. */
export function listenToCards(parts: ListenerParts): void {
  for (const [action, handle] of Object.entries(PRESSES)) {
    parts.app.action(action, async ({ ack, body }) => {
      const pressed = press.parse(body);
      await parts.lines.run(pressed.message.ts, () =>
        onCaseOf(parts, pressed, handle, pressed.actions[0]?.value),
      );
      await ack();
    });
  }
  parts.app.action(ACTIONS.more, async ({ ack, body }) => {
    const { actions, ...chosen } = moreChoice.parse(body);
    const [{ selected_option: option, action_ts }] = actions;
    const handle = Object.hasOwn(MORE, option.value) ? MORE_CHOICES[option.value as MoreChoice] : undefined;
    const pressed = { ...chosen, actions: [{ action_ts }] };
    if (handle) await parts.lines.run(chosen.message.ts, () => onCaseOf(parts, pressed, handle));
    await ack();
  });
  parts.app.action(ACTIONS.meaning, async ({ ack, body }) => {
    const choice = meaningChoice.parse(body);
    await parts.lines.run(choice.message.ts, () => onCaseOf(parts, choice, takeMeaning));
    await ack();
  });
}

const PRESSES: Record<string, Handle<Press>> = {
  [ACTIONS.claim]: takeClaim,
  [ACTIONS.resolve]: form('resolve'),
  [ACTIONS.snooze]: form('snooze'),
  [ACTIONS.wake]: (parts, action, found, staff) =>
    tellOutcome(parts, action, found, parts.actions.wake(inputOf(action, found, staff, 'wake'))),
  [ACTIONS.reopen]: (parts, action, found, staff) =>
    tellOutcome(parts, action, found, parts.actions.reopen(inputOf(action, found, staff, 'reopen'))),
  [ACTIONS.paymentReceived]: form('payment'),
  [ACTIONS.paymentMissing]: takePaymentMissing,
  [ACTIONS.visitTookPlace]: visitOutcome('visited'),
  [ACTIONS.visitMissed]: visitOutcome('no_show'),
  [ACTIONS.visitMoved]: form('visitMoved'),
  [ACTIONS.erase]: showErasure,
  // On cards that were posted before the menu had it.
  [ACTIONS.timeline]: showTimeline,
};

const MORE_CHOICES: Record<MoreChoice, Handle<Press>> = {
  assign: form('assign'),
  handOff: form('handOff'),
  callNote: form('callNote'),
  pause: hold('pause'),
  giveBack: hold('resume'),
  timeline: showTimeline,
};

/**
 * Finds the case under the card and the person who acted; the channel must be the case's own. `caseId` is the
 * case that a button says it belongs to.
 */
export async function onCaseOf<Action extends CardAction>(
  parts: ListenerParts,
  action: Action,
  handle: Handle<Action>,
  caseId?: string,
): Promise<void> {
  const found = await parts.threads.caseAt(placeOf(action));
  if (!found || (caseId !== undefined && found._id !== caseId)) {
    const left = await parts.threads.formerAt(placeOf(action));
    return tellActor(parts, action, left ? await overtakenText(parts, left, placeOf(action)) : UNKNOWN);
  }
  const permission = await parts.authority.permit(found, action.user.id);
  if ('refusal' in permission) return tellActor(parts, action, permission.refusal);
  await handle(parts, action, found, permission.staff);
}

const UNKNOWN = 'This card is not known any more.';

async function takeClaim(parts: ListenerParts, action: Press, found: Case, staff: StaffRef): Promise<void> {
  const { cases, leads, timeline, now, caseChanged } = parts;
  const claimed = await cases.claim(found._id, staff, now());
  if (!claimed) {
    const latest = await cases.byId(found._id);
    const owner = escaped(latest?.owner?.name ?? 'someone else');
    const isClosed = latest?.status === 'resolved';
    const words = isClosed
      ? await overtakenText(parts, found, placeOf(action))
      : `${found.ticket} belongs to ${owner}.`;
    return tellActor(parts, action, words);
  }
  if (found.team === 'sales') await leads.nameManager(found.buyer, staff, now());
  await timeline.append([
    {
      _id: `${found._id}:claim:${action.actions[0]?.action_ts}`,
      buyer: claimed.buyer,
      conversation: claimed.conversation,
      at: now(),
      who: staff.name,
      kind: 'case',
      what: `case ${found.ticket} claimed`,
    },
  ]);
  caseChanged(found._id);
}

function hold(act: 'pause' | 'resume'): Handle<Press> {
  return ({ holdBot }, action, found, staff) => {
    const { caseId, inputId } = inputOf(action, found, staff, act);
    return holdBot({ buyer: found.buyer, act, inputId, staff, caseId });
  };
}

/** A form about the case, opened for the person who asked for it. */
function form(name: FormName): Handle<Press> {
  return async (parts, action, found) => {
    // Slack would show a form that can only fail.
    if (found.status === 'resolved')
      return tellActor(parts, action, await overtakenText(parts, found, placeOf(action)));
    const visit = visitOf(action);
    const metadata = JSON.stringify({ caseId: found._id, ...placeOf(action), ...(visit && { visit }) });
    const isAboutMoney = name === 'payment' || name === 'paymentMissing';
    const claims = isAboutMoney ? await parts.sales.claims(found.buyer) : [];
    const view = caseForm(name, found, metadata, claims);
    await inTime(parts, action, () => parts.client.views.open({ trigger_id: action.trigger_id, view }));
  };
}

async function takePaymentMissing(parts: ListenerParts, action: Press, found: Case, staff: StaffRef) {
  const claims = (await parts.sales.claims(found.buyer)).filter(({ payment }) => payment !== undefined);
  if (claims.length > 1) return form('paymentMissing')(parts, action, found, staff);
  const payment = claims[0]?.payment;
  if (payment !== undefined) {
    const refusal = await parts.sales.reject({ payment, staff, reason: NOT_SHOWN });
    return refusal === undefined ? undefined : tellActor(parts, action, refusal);
  }
  const input = inputOf(action, found, staff, 'payment_missing');
  const outcome = await parts.actions.checkPayment({ ...input, check: { received: false } });
  if (outcome !== 'done') await tellActor(parts, action, await overtakenText(parts, found, placeOf(action)));
}

/** Of the visit that the person saw on the card: it may ask for the next one by now. */
function visitOutcome(outcome: 'visited' | 'no_show'): Handle<Press> {
  return async (parts, action, found, staff) => {
    const visit = visitOf(action);
    if (!visit) return;
    const input = inputOf(action, found, staff, outcome);
    const logged = await parts.actions.logVisit({ ...input, visit, outcome });
    if (logged === 'repeated') return tellActor(parts, action, VISIT_KNOWN);
    if (logged !== 'done') await tellActor(parts, action, await overtakenText(parts, found, placeOf(action)));
  };
}

const VISIT_KNOWN = 'It is known already what became of this visit.';

function visitOf({ actions }: Press): string | undefined {
  const block = actions[0]?.block_id;
  return block?.startsWith(VISIT_BLOCK) ? block.slice(VISIT_BLOCK.length) : undefined;
}

async function showTimeline(parts: ListenerParts, action: Press, found: Case): Promise<void> {
  const about = { buyer: found.buyer, title: `${found.ticket} timeline` };
  await inTime(parts, action, () => openTimeline(parts, action.trigger_id, about));
}

async function showErasure(parts: ListenerParts, action: Press, found: Case): Promise<void> {
  await inTime(parts, action, async () => {
    const view = await erasureForm(parts, { buyer: found.buyer, caseId: found._id });
    if (view) await parts.client.views.open({ trigger_id: action.trigger_id, view });
  });
}

/** Slack gives three seconds from the press: whoever was unlucky is asked to press again. */
export async function inTime(
  parts: ListenerParts,
  action: Press,
  open: () => Promise<unknown>,
): Promise<void> {
  try {
    await open();
  } catch (error) {
    parts.log.warn({ err: error }, 'a dialog was not opened');
    await tellActor(parts, action, 'Slack did not open the dialog in time: please press again.');
  }
}

/** What the person says the message means is remembered, for the next training; the case stays where it is. */
async function takeMeaning(
  parts: ListenerParts,
  choice: MeaningChoice,
  found: Case,
  staff: StaffRef,
): Promise<void> {
  const [{ selected_option: meant }] = choice.actions;
  await parts.corrections.correct(found, meant.value, staff, parts.now());
  parts.caseChanged(found._id);
}

async function tellOutcome(
  parts: ListenerParts,
  action: Press,
  found: Case,
  outcome: Promise<TeamOutcome>,
): Promise<void> {
  if (isOvertaken(await outcome))
    await tellActor(parts, action, await overtakenText(parts, found, placeOf(action)));
}

/** The press as an input to the case: delivered twice, it is one. */
export function inputOf(action: Press, { _id: caseId }: Case, staff: StaffRef, name: string) {
  const inputId = `slack:${name}:${caseId}:${action.actions[0]?.action_ts}`;
  return { caseId, inputId, staff, at: placeOf(action) };
}

export function placeOf({ channel, message }: CardAction): CardPlace {
  return { channel: channel.id, ts: message.ts };
}

/** A person who only looks into a public channel gets no ephemeral there: Slack's answer URL reaches them. */
export async function tellActor(
  { authority, log }: ListenerParts,
  { channel, user, message, response_url: url }: CardAction,
  text: string,
): Promise<void> {
  const isTold = await authority.whisper(channel.id, user.id, message.ts, text);
  if (isTold || !url) return;
  const body = JSON.stringify({ response_type: 'ephemeral', replace_original: false, text });
  const headers = { 'content-type': 'application/json' };
  await fetch(url, { method: 'POST', headers, body }).catch((error: unknown) =>
    log.warn({ err: error }, 'an answer to a press was not shown'),
  );
}
