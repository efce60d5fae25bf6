import { z } from 'zod';
import type { StaffRef, Team } from '../../flows/types.ts';
import type { Permission } from './authority.ts';
import { ACTIONS, inWords, plainText } from './blocks.ts';
import {
  JOURNEY_INPUTS,
  JOURNEY_VIEW,
  type JourneyChoice,
  journeyChoice,
  journeyModal,
} from './journeyModal.ts';
import type { ListenerParts, TeamRun } from './listening.ts';
import { overtakenText } from './overtaken.ts';
import { flowName, teamName } from './words.ts';

/**
 * A buyer's journey, opened from a card or beside a buyer: who is authorised pauses a run, resumes it or moves it on,
 * and says why.
 */

const press = z.object({
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: z.string() }),
  trigger_id: z.string(),
});
/** Whose journey it is; `caseId` where it was opened from a card. */
const formMetadata = z.object({ buyer: z.string(), conversation: z.string(), caseId: z.string().optional() });
type Whose = z.infer<typeof formMetadata>;
const submission = z.object({
  user: z.object({ id: z.string() }),
  view: z.object({
    id: z.string(),
    private_metadata: z.string(),
    state: z.object({
      values: z.object({
        [JOURNEY_INPUTS.what]: z.object({
          value: z.object({ selected_option: z.object({ value: z.string() }).nullish() }),
        }),
        [JOURNEY_INPUTS.reason]: z.object({ value: z.object({ value: z.string().nullish() }) }),
      }),
    }),
  }),
});
type Submission = z.infer<typeof submission>;

/** Takes in the button on the card, and the form. */
export function listenToJourneys(parts: ListenerParts): void {
  parts.app.action(ACTIONS.journey, async ({ ack, body }) => {
    await ack();
    await openFromCard(parts, press.parse(body));
  });
  parts.app.view(JOURNEY_VIEW, async ({ ack, body }) => {
    const submitted = submission.parse(body);
    const whose = formMetadata.parse(JSON.parse(submitted.view.private_metadata));
    const errors = await parts.lines.run(whose.conversation, () => take(parts, submitted, whose));
    if (errors) await ack({ response_action: 'errors', errors });
    else await ack();
  });
}

/** Opens a buyer's journey without a case. Resolves with why not, in words. */
export async function openJourneyOf(
  parts: ListenerParts,
  asked: { buyer: string; title: string; user: string; triggerId: string },
): Promise<string | undefined> {
  const conversation = await parts.runs.conversationOf(asked.buyer);
  if (conversation === undefined) return 'No journey is under way.';
  return openJourney(parts, { ...asked, whose: { buyer: asked.buyer, conversation } });
}

async function openFromCard(
  parts: ListenerParts,
  { user, channel, message, trigger_id: triggerId }: z.infer<typeof press>,
): Promise<void> {
  const at = { channel: channel.id, ts: message.ts };
  const found = await parts.threads.caseAt(at);
  const left = found ? null : await parts.threads.formerAt(at);
  const refusal = found
    ? await openJourney(parts, {
        ...{ user: user.id, triggerId, title: `${found.ticket} journey` },
        whose: { buyer: found.buyer, conversation: found.conversation, caseId: found._id },
      })
    : left
      ? await overtakenText(parts, left, at)
      : 'This card is not known any more.';
  if (refusal) await parts.authority.whisper(at.channel, user.id, at.ts, refusal);
}

async function openJourney(
  parts: ListenerParts,
  { whose, title, user, triggerId }: { whose: Whose; title: string; user: string; triggerId: string },
): Promise<string | undefined> {
  const runs = await parts.runs.of(whose.conversation);
  const permission = await permit(parts, whose, user, owners(runs));
  if ('refusal' in permission) return permission.refusal;
  const { timeZone, now, log } = parts;
  const view = journeyModal(runs, { title, metadata: JSON.stringify(whose), timeZone, now: now() });
  try {
    await parts.client.views.open({ trigger_id: triggerId, view });
    return undefined;
  } catch (error) {
    log.warn({ err: error }, 'a journey was not opened');
    return 'Slack did not open the dialog in time: please press again.';
  }
}

/** Resolves with what is wrong, by input. Submitting the same view twice does it once. */
async function take(
  parts: ListenerParts,
  { user, view }: Submission,
  whose: Whose,
): Promise<Record<string, string> | undefined> {
  const { what, reason } = JOURNEY_INPUTS;
  const { values } = view.state;
  const choice = journeyChoice(values[what].value.selected_option?.value ?? '');
  if (!choice) return { [what]: 'Please choose one.' };
  const why = plainText(values[reason].value.value ?? '');
  if (!why) return { [reason]: 'Please say why.' };
  const run = (await parts.runs.of(whose.conversation)).find(({ id }) => id === choice.run);
  const permission = await permit(parts, whose, user.id, owners(run ? [run] : []));
  if ('refusal' in permission) return { [what]: permission.refusal };
  const { staff } = permission;
  const input = `slack:view:${view.id}`;
  const isDone = await parts.runs.change(whose.conversation, input, changeOf(choice, staff, why));
  if (!isDone) return { [what]: movedText(run, choice) };
  if (whose.caseId !== undefined)
    await tellThread(parts, whose.caseId, { input, staff, choice, why, ...(run && { run }) });
  return undefined;
}

function changeOf({ act, stage, run }: JourneyChoice, staff: StaffRef, reason: string) {
  return act === 'skip' ? { run, staff, reason, act, stage } : { run, staff, reason, act };
}

/** The members of a team that has a case of the buyer's, and those of a team that owns the stage. */
async function permit(
  parts: ListenerParts,
  { buyer, caseId }: Whose,
  user: string,
  stageOwners: Team[],
): Promise<Permission> {
  const { authority, cases, lists } = parts;
  const found = caseId === undefined ? null : await cases.byId(caseId);
  const permission = found && (await authority.permit(found, user));
  if (permission && 'staff' in permission) return permission;
  const open = found ? [] : (await lists.openOf([buyer])).map(({ team }) => team);
  const teams = [...new Set([...stageOwners, ...open])];
  for (const team of teams) {
    const staff = await authority.permitFor(team, user);
    if (staff) return { staff };
  }
  const whose = teams.map(teamName).join(', ') || 'the team of the case';
  return permission ?? { refusal: `Only ${whose} may change this journey.` };
}

function owners(runs: TeamRun[]): Team[] {
  return [...new Set(runs.flatMap(({ owner }) => owner ?? []))];
}

/** Colleagues read in the thread what was done; once per form. */
async function tellThread(
  { cases, caseChanged, now }: ListenerParts,
  caseId: string,
  done: { input: string; staff: StaffRef; choice: JourneyChoice; why: string; run?: TeamRun },
): Promise<void> {
  const { input, staff, choice, why, run } = done;
  const name = run ? `${flowName(run.flow)}, ${run.about}` : 'the journey';
  const did = {
    pause: `paused ${name}`,
    resume: `resumed ${name}`,
    skip: `moved ${name} on to “${inWords(choice.stage)}”`,
  }[choice.act];
  const text = `${staff.name} ${did}: ${why}`;
  await cases.owePost(caseId, { id: `journey:${input}`, who: 'bot', text, at: now() });
  caseChanged(caseId);
}

/** Why nothing was changed: it has come elsewhere since the form was opened. */
function movedText(run: TeamRun | undefined, { act }: JourneyChoice): string {
  if (!run) return 'It has ended meanwhile: nothing was changed.';
  if (act === 'pause' && run.paused) return `${run.paused.by.name} has paused it already.`;
  if (act === 'resume' && !run.paused) return 'It goes on already.';
  return `It stands at “${inWords(run.stage)}” now: please open the journey again.`;
}
