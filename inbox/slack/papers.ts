import { z } from 'zod';
import type { CardPlace, StaffRef } from '../../flows/types.ts';
import { DOCUMENT_KINDS } from '../../flows/types.ts';
import type { Case } from '../../models/case.ts';
import type { VaultDocument } from '../../models/document.ts';
import { ACTIONS, escaped } from './blocks.ts';
import { inputOf, inTime, onCaseOf, type Press, placeOf, press, tellActor } from './cards.ts';
import type { ListenerParts, TeamPapers } from './listening.ts';
import { PAPER_FORMS, paperName, REJECTIONS, rejectForm, sortForm } from './paperBlocks.ts';

/** What people decide about papers on a case's card: the buyer is told of it, and the card shows the next one. */

type Review = Parameters<TeamPapers['review']>[1];
/** The person, and the case and its card under which they decided. */
type Deciding = { found: Case; staff: StaffRef; inputId: string; at: CardPlace };

const metadata = z.object({ caseId: z.string(), channel: z.string(), ts: z.string(), document: z.string() });
const submission = z.object({
  user: z.object({ id: z.string() }),
  view: z.object({
    id: z.string(),
    private_metadata: z.string(),
    state: z.object({
      values: z.object({
        choice: z.object({ value: z.object({ selected_option: z.object({ value: z.string() }).nullish() }) }),
      }),
    }),
  }),
});

const chosenKind = z.enum(DOCUMENT_KINDS).exclude(['other']);

/** Takes in the buttons of papers, and the forms behind two of them. */
export function listenToPapers(parts: ListenerParts): void {
  onPress(parts, ACTIONS.paperAccept, async (action, found, staff, document) => {
    const { inputId, at } = inputOf(action, found, staff, 'paper');
    const deciding = { found, staff, inputId: `${inputId}:${document}`, at };
    const refusal = await decide(parts, deciding, document, { status: 'accepted' });
    if (refusal) await tellActor(parts, action, refusal);
  });
  onPress(parts, ACTIONS.paperSort, (action, found, _staff, document) =>
    open(parts, action, sortForm(metadataOf(action, found, document))),
  );
  onPress(parts, ACTIONS.paperReject, (action, found, _staff, document) =>
    open(parts, action, rejectForm(metadataOf(action, found, document))),
  );
  onSubmit(parts, PAPER_FORMS.sort, (choice) => {
    const kind = chosenKind.safeParse(choice);
    return kind.success ? { status: 'accepted', kind: kind.data } : undefined;
  });
  onSubmit(parts, PAPER_FORMS.reject, (choice) =>
    Object.hasOwn(REJECTIONS, choice) ? { status: 'rejected', reason: choice } : undefined,
  );
}

function onPress(
  parts: ListenerParts,
  action: string,
  handle: (pressed: Press, found: Case, staff: StaffRef, document: string) => Promise<unknown>,
): void {
  parts.app.action(action, async ({ ack, body }) => {
    const pressed = press.parse(body);
    const document = pressed.actions[0]?.value ?? '';
    await parts.lines.run(pressed.message.ts, () =>
      onCaseOf(parts, pressed, (_parts, _action, found, staff) => handle(pressed, found, staff, document)),
    );
    await ack();
  });
}

function onSubmit(
  parts: ListenerParts,
  callbackId: string,
  read: (choice: string) => Review | undefined,
): void {
  parts.app.view(callbackId, async ({ ack, body }) => {
    const { user, view } = submission.parse(body);
    const review = read(view.state.values.choice.value.selected_option?.value ?? '');
    const { caseId, document, ...at } = metadata.parse(JSON.parse(view.private_metadata));
    const refusal = review
      ? await parts.lines.run(at.ts, () =>
          submitted(parts, { caseId, at, user: user.id, view: view.id, document, review }),
        )
      : 'Please choose one.';
    if (refusal) await ack({ response_action: 'errors', errors: { choice: refusal } });
    else await ack();
  });
}

async function submitted(
  parts: ListenerParts,
  form: { caseId: string; at: CardPlace; user: string; view: string; document: string; review: Review },
): Promise<string | undefined> {
  const { caseId, at, user, view, document, review } = form;
  const found = await parts.cases.byId(caseId);
  if (!found) return 'This case is not known any more.';
  const permission = await parts.authority.permit(found, user);
  if ('refusal' in permission) return permission.refusal;
  const deciding = { found, staff: permission.staff, inputId: `slack:view:${view}`, at };
  return decide(parts, deciding, document, review);
}

/** Undefined once it is done; else what the person is told instead. */
async function decide(
  parts: ListenerParts,
  deciding: Deciding,
  document: string,
  review: Review,
): Promise<string | undefined> {
  const { papers, caseChanged } = parts;
  const { found, staff } = deciding;
  const waiting = await papers.shown(found.buyer, 'waiting');
  const outcome = await papers.review(document, review, staff);
  if (outcome.kind === 'reviewed') await note(parts, deciding, outcome.document);
  caseChanged(found._id);
  switch (outcome.kind) {
    case 'reviewed':
      if (waiting.some((each) => each.document === document)) await closeWhenDone(parts, deciding);
      return undefined;
    case 'decided':
      return `${escaped(outcome.by?.name ?? 'Somebody')} has ${outcome.status} it already.`;
    case 'unsorted':
      return 'Please say first which paper it is.';
    case 'gone':
      return 'This paper is not there any more.';
  }
}

/** A case that was opened for papers alone is over with the last of them. */
async function closeWhenDone(parts: ListenerParts, { found, staff, inputId, at }: Deciding): Promise<void> {
  const { papers, actions } = parts;
  const { _id: caseId, reason, quotes, status, buyer } = found;
  if (reason !== 'paper_to_review' || quotes.length > 0 || status === 'resolved') return;
  if ((await papers.shown(buyer, 'waiting')).length > 0) return;
  await actions.resolve({
    caseId,
    inputId,
    staff,
    at,
    outcome: 'answered',
    note: 'every paper was looked at',
  });
}

/** Says in the thread what became of a paper. */
async function note(
  { cases, now }: ListenerParts,
  { found, staff, inputId }: Deciding,
  { kind, status }: VaultDocument,
): Promise<void> {
  const text = `${staff.name} has ${status} a paper: ${paperName(kind)}`;
  await cases.owePost(found._id, { id: `${inputId}:note`, who: 'bot', text, at: now() });
}

async function open(parts: ListenerParts, action: Press, view: ReturnType<typeof sortForm>): Promise<void> {
  await inTime(parts, action, () => parts.client.views.open({ trigger_id: action.trigger_id, view }));
}

function metadataOf(action: Press, { _id: caseId }: Case, document: string): string {
  return JSON.stringify({ caseId, ...placeOf(action), document });
}
