import { z } from 'zod';
import type { StaffRef, Team } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
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
import { flowName } from './words.ts';

/** A buyer's journey, opened from a card: who is authorised pauses a run, resumes it or moves it on, and says why. */

const press = z.object({
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: z.string() }),
  trigger_id: z.string(),
});
const formMetadata = z.object({ caseId: z.string(), channel: z.string(), ts: z.string() });
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
    await openJourney(parts, press.parse(body));
  });
  parts.app.view(JOURNEY_VIEW, async ({ ack, body }) => {
    const submitted = submission.parse(body);
    const { channel, ts, caseId } = formMetadata.parse(JSON.parse(submitted.view.private_metadata));
    const errors = await parts.lines.run(ts, () => take(parts, submitted, { caseId, at: { channel, ts } }));
    if (errors) await ack({ response_action: 'errors', errors });
    else await ack();
  });
}

async function openJourney(
  parts: ListenerParts,
  { user, channel, message, trigger_id }: z.infer<typeof press>,
) {
  const at = { channel: channel.id, ts: message.ts };
  const whisper = async (words: string) => {
    await parts.authority.whisper(at.channel, user.id, at.ts, words);
  };
  const found = await parts.threads.caseAt(at);
  if (!found) {
    const left = await parts.threads.formerAt(at);
    return whisper(left ? await overtakenText(parts, left, at) : 'This card is not known any more.');
  }
  const runs = await parts.runs.of(found.conversation);
  const permission = await permit(parts, found, user.id, owners(runs));
  if ('refusal' in permission) return whisper(permission.refusal);
  const metadata = JSON.stringify({ caseId: found._id, ...at });
  const { timeZone, now } = parts;
  const view = journeyModal(runs, { title: `${found.ticket} journey`, metadata, timeZone, now: now() });
  try {
    await parts.client.views.open({ trigger_id, view });
  } catch (error) {
    parts.log.warn({ err: error }, 'a journey was not opened');
    await whisper('Slack did not open the dialog in time: please press again.');
  }
}

/** Resolves with what is wrong, by input. Submitting the same view twice does it once. */
async function take(
  parts: ListenerParts,
  { user, view }: Submission,
  { caseId, at }: { caseId: string; at: { channel: string; ts: string } },
): Promise<Record<string, string> | undefined> {
  const { what, reason } = JOURNEY_INPUTS;
  const { values } = view.state;
  const choice = journeyChoice(values[what].value.selected_option?.value ?? '');
  if (!choice) return { [what]: 'Please choose one.' };
  const why = plainText(values[reason].value.value ?? '');
  if (!why) return { [reason]: 'Please say why.' };
  const found = await parts.cases.byId(caseId);
  if (!found) return { [what]: 'This case is not known any more.' };
  const run = (await parts.runs.of(found.conversation)).find(({ id }) => id === choice.run);
  const permission = await permit(parts, found, user.id, owners(run ? [run] : []));
  if ('refusal' in permission) return { [what]: permission.refusal };
  const { staff } = permission;
  const input = `slack:view:${view.id}`;
  const isDone = await parts.runs.change(found.conversation, input, changeOf(choice, staff, why));
  if (!isDone) return { [what]: movedText(run, choice) };
  await tellThread(parts, found, { input, staff, choice, why, ...(run && { run }) });
  parts.log.info({ case: found._id, at, act: choice.act }, 'a person changed a run');
  return undefined;
}

function changeOf({ act, stage, run }: JourneyChoice, staff: StaffRef, reason: string) {
  return act === 'skip' ? { run, staff, reason, act, stage } : { run, staff, reason, act };
}

/** The members of the case's team, and those of a team that owns the stage. */
async function permit(parts: ListenerParts, found: Case, user: string, stageOwners: Team[]) {
  const permission = await parts.authority.permit(found, user);
  if ('staff' in permission) return permission;
  for (const team of stageOwners) {
    const staff = await parts.authority.permitFor(team, user);
    if (staff) return { staff };
  }
  return permission;
}

function owners(runs: TeamRun[]): Team[] {
  return [...new Set(runs.flatMap(({ owner }) => owner ?? []))];
}

/** Colleagues read in the thread what was done; once per form. */
async function tellThread(
  { cases, caseChanged, now }: ListenerParts,
  found: Case,
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
  await cases.owePost(found._id, { id: `journey:${input}`, who: 'bot', text, at: now() });
  caseChanged(found._id);
}

/** Why nothing was changed: it has come elsewhere since the form was opened. */
function movedText(run: TeamRun | undefined, { act }: JourneyChoice): string {
  if (!run) return 'It has ended meanwhile: nothing was changed.';
  if (act === 'pause' && run.paused) return `${run.paused.by.name} has paused it already.`;
  if (act === 'resume' && !run.paused) return 'It goes on already.';
  return `It stands at “${inWords(run.stage)}” now: please open the journey again.`;
}
