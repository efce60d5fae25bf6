import { z } from 'zod';
import { INTENTS, type StaffRef } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
import { ACTIONS, escaped } from './blocks.ts';
import type { ListenerParts } from './listening.ts';
import { openTimeline } from './timeline.ts';

/** What people press and choose on a case's card. */

const cardAction = z.object({
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: z.string() }),
});
type CardAction = z.infer<typeof cardAction>;

const buttonPress = cardAction.extend({
  trigger_id: z.string(),
  actions: z.array(z.object({ value: z.string(), action_ts: z.string() })).min(1),
});
type ButtonPress = z.infer<typeof buttonPress>;

/** A menu holds what may be chosen of it, and nothing of the case it stands under. */
const menuChoice = cardAction.extend({
  actions: z.tuple([z.object({ selected_option: z.object({ value: z.enum(INTENTS) }) })]),
});
type MenuChoice = z.infer<typeof menuChoice>;

/** What a button of a card does, for the person on record who pressed it. */
type Press = (parts: ListenerParts, press: ButtonPress, found: Case, staff: StaffRef) => Promise<void>;

/** Takes in every press and choice on a card, in the order in which they were made. */
export function listenToCards(parts: ListenerParts): void {
  const presses: Record<string, Press> = {
    [ACTIONS.claim]: takeClaim,
    [ACTIONS.resolve]: takeResolve,
    [ACTIONS.timeline]: showTimeline,
  };
  for (const [action, take] of Object.entries(presses)) {
    parts.app.action(action, async ({ ack, body }) => {
      const press = buttonPress.parse(body);
      await parts.lines.run(press.message.ts, () => onCaseOf(parts, press, take, press.actions[0]?.value));
      await ack();
    });
  }
  parts.app.action(ACTIONS.meaning, async ({ ack, body }) => {
    const choice = menuChoice.parse(body);
    await parts.lines.run(choice.message.ts, () => takeChoice(parts, choice));
    await ack();
  });
}

/**
 * Finds the case under the card and the person who acted; the channel must be the case's own. `caseId` is the
 * case that a button says it belongs to.
 */
async function onCaseOf<Action extends CardAction>(
  parts: ListenerParts,
  action: Action,
  handle: (parts: ListenerParts, action: Action, found: Case, staff: StaffRef) => Promise<void>,
  caseId?: string,
): Promise<void> {
  const found = await parts.threads.caseAt({ channel: action.channel.id, ts: action.message.ts });
  if (!found || (caseId !== undefined && found._id !== caseId)) {
    return tellActor(parts, action, 'This card is not known any more.');
  }
  const staff = await parts.authority.staffMember(action.user.id, found.team);
  if (!staff) return tellActor(parts, action, 'Only active staff can do this.');
  await handle(parts, action, found, staff);
}

async function takeClaim(
  parts: ListenerParts,
  press: ButtonPress,
  found: Case,
  staff: StaffRef,
): Promise<void> {
  const claimed = await parts.cases.claim(found._id, staff, parts.now());
  if (claimed) {
    if (found.team === 'sales') await parts.leads.nameManager(found.buyer, staff, parts.now());
    return parts.caseChanged(found._id);
  }
  const latest = await parts.cases.byId(found._id);
  const words =
    latest?.status === 'resolved'
      ? `${found.ticket} is resolved already.`
      : `${found.ticket} belongs to ${escaped(latest?.owner?.name ?? 'someone else')}.`;
  await tellActor(parts, press, words);
}

async function takeResolve(
  parts: ListenerParts,
  press: ButtonPress,
  found: Case,
  staff: StaffRef,
): Promise<void> {
  const inputId = `slack:resolve:${found._id}`;
  const outcome = await parts.actions.resolve({ caseId: found._id, inputId, staff });
  if (outcome === 'closed') await tellActor(parts, press, `${found.ticket} is resolved already.`);
}

async function showTimeline(parts: ListenerParts, press: ButtonPress, found: Case): Promise<void> {
  await openTimeline(parts, press.trigger_id, { buyer: found.buyer, title: `${found.ticket} timeline` });
}

/** A stranger teaches nothing, and is not put on record for having tried. */
async function takeChoice(parts: ListenerParts, choice: MenuChoice): Promise<void> {
  if (await parts.authority.isMember(choice.channel.id, choice.user.id))
    await onCaseOf(parts, choice, takeMeaning);
  else await tellActor(parts, choice, 'Only members of this channel can do this.');
}

/** What the person says the message means is remembered, for the next training; the case stays where it is. */
async function takeMeaning(
  parts: ListenerParts,
  choice: MenuChoice,
  found: Case,
  staff: StaffRef,
): Promise<void> {
  const [{ selected_option: meant }] = choice.actions;
  await parts.corrections.correct(found, meant.value, staff, parts.now());
  parts.caseChanged(found._id);
}

function tellActor(
  { authority }: ListenerParts,
  { channel, user, message }: CardAction,
  text: string,
): Promise<void> {
  return authority.whisper(channel.id, user.id, message.ts, text);
}
