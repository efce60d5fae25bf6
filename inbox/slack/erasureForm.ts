import { z } from 'zod';
import { type Block, clipped, escaped, type Modal, markdown, plain, plainText, shortTime } from './blocks.ts';
import type { ErasurePlan, ListenerParts } from './listening.ts';

/** Erasure in Slack: what goes and what stays is shown and a reason asked, then it is confirmed once more. */

export const ERASE_BUTTON = 'buyer_erase';
const PLAN_VIEW = 'erasure_plan';
const CONFIRM_VIEW = 'erasure_confirm';
const REASON_CHARACTERS = 500;
/** Whose members may erase what no case asks for. */
const MAY_ERASE = ['support', 'legal'] as const;

/** `reason` once it has been given. */
const metadata = z.object({
  buyer: z.string(),
  caseId: z.string().optional(),
  reason: z.string().optional(),
});
type Metadata = z.infer<typeof metadata>;

const submission = z.object({
  user: z.object({ id: z.string() }),
  view: z.object({
    root_view_id: z.string().nullish(),
    id: z.string(),
    private_metadata: z.string(),
    state: z.object({
      values: z.object({
        reason: z.object({ value: z.object({ value: z.string().nullish() }) }).optional(),
      }),
    }),
  }),
});

/** The first form; undefined for a buyer who is not known. */
export async function erasureForm(
  { erasure, timeZone }: Pick<ListenerParts, 'erasure' | 'timeZone'>,
  about: Pick<Metadata, 'buyer' | 'caseId'>,
): Promise<Modal | undefined> {
  const plan = await erasure.plan(about.buyer);
  return plan && planModal(plan, about, timeZone);
}

/** Takes in both forms; whether somebody may is asked again each time. */
export function listenToErasure(parts: ListenerParts): void {
  parts.app.view(PLAN_VIEW, async ({ ack, body }) => {
    const { user, view } = submission.parse(body);
    const about = metadata.parse(JSON.parse(view.private_metadata));
    const reason = plainText(view.state.values.reason?.value.value ?? '');
    const refusal = await refusalFor(parts, about, user.id);
    if (refusal) return ack({ response_action: 'errors', errors: { reason: refusal } });
    if (reason === '')
      return ack({ response_action: 'errors', errors: { reason: 'Please say what it rests on.' } });
    const plan = await parts.erasure.plan(about.buyer);
    if (!plan) return ack({ response_action: 'errors', errors: { reason: GONE } });
    return ack({ response_action: 'update', view: confirmModal(plan, { ...about, reason }) });
  });
  parts.app.view(CONFIRM_VIEW, async ({ ack, body }) => {
    const { user, view } = submission.parse(body);
    const about = metadata.parse(JSON.parse(view.private_metadata));
    const refusal = await refusalFor(parts, about, user.id);
    const member = await parts.people.member(user.id);
    if (refusal || !member) return ack({ response_action: 'update', view: wordsModal(refusal ?? GONE) });
    const { buyer, caseId, reason = '' } = about;
    const staff = { id: member.id, name: member.name };
    const inputId = `slack:view:${view.root_view_id ?? view.id}`;
    const outcome = await parts.erasure.erase({ buyer, inputId, staff, reason, ...(caseId && { caseId }) });
    return ack({ response_action: 'update', view: wordsModal(OUTCOME[outcome]) });
  });
}

const GONE = 'This buyer is not known any more.';
const OUTCOME = {
  decided: 'Decided. The data is being erased; the timeline and the case say when it is done.',
  known: 'This was decided before: nothing was done twice.',
  unknown: GONE,
};

/** Why somebody may not; undefined when they may. */
async function refusalFor(
  { authority, cases, people }: ListenerParts,
  { caseId }: Metadata,
  user: string,
): Promise<string | undefined> {
  const found = caseId ? await cases.byId(caseId) : null;
  if (found) {
    const permission = await authority.permit(found, user);
    return 'refusal' in permission ? permission.refusal : undefined;
  }
  const member = await people.member(user);
  return mayErase(member?.teams ?? []) ? undefined : 'Only support and legal may erase a buyer’s data.';
}

/** Whether members of these teams may erase what no case asks for. */
export function mayErase(teams: readonly string[]): boolean {
  return MAY_ERASE.some((team) => teams.includes(team));
}

function planModal(plan: ErasurePlan, about: Metadata, timeZone: string): Modal {
  return {
    type: 'modal',
    callback_id: PLAN_VIEW,
    private_metadata: JSON.stringify(about),
    title: plain('Erase personal data'),
    submit: plain('Continue'),
    close: plain('Cancel'),
    blocks: [
      ...before(plan, timeZone),
      ...planBlocks(plan),
      {
        type: 'input',
        block_id: 'reason',
        label: plain('What does it rest on?'),
        hint: plain('It stands on the timeline. Do not repeat the buyer’s data here.'),
        element: { type: 'plain_text_input', action_id: 'value', max_length: REASON_CHARACTERS },
      },
    ],
  };
}

function before({ erasure, erasedAt }: ErasurePlan, timeZone: string): Block[] {
  if (!erasure) return [];
  const done = erasedAt ? `, done ${shortTime(erasedAt, timeZone)}` : ', under way';
  const words = `Decided before by ${escaped(erasure.by)}, ${shortTime(erasure.decidedAt, timeZone)}${done}.`;
  return [section(`:information_source: ${words}`)];
}

function planBlocks({ name, goes, stays }: ErasurePlan): Block[] {
  const kept = stays.map(({ what, until, source }) => `• ${what}: *${until}*\n_${escaped(source)}_`);
  return [
    section(`*${escaped(clipped(name || 'Unknown buyer', 100))}*`),
    section(`*Goes for good*\n${goes.map((each) => `• ${each}`).join('\n')}`),
    section(`*Stays*\n${kept.join('\n')}`),
    section('What stands in Slack’s threads is Slack’s: it is not changed, delete it there.'),
  ];
}

function confirmModal({ name, goes }: ErasurePlan, about: Metadata): Modal {
  const words = `Erase the data of *${escaped(clipped(name || 'this buyer', 100))}*? It cannot be brought back: ${goes.join('; ')}.`;
  return {
    type: 'modal',
    callback_id: CONFIRM_VIEW,
    private_metadata: JSON.stringify(about),
    title: plain('Erase for good?'),
    submit: plain('Erase'),
    close: plain('Cancel'),
    blocks: [section(words), section(`Because: ${escaped(about.reason ?? '')}`)],
  };
}

function wordsModal(words: string): Modal {
  return { type: 'modal', title: plain('Erasure'), close: plain('Close'), blocks: [section(words)] };
}

function section(text: string): Block {
  return { type: 'section', text: markdown(text) };
}
