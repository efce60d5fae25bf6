import { type Decision, type DecisionContext, Draft } from '../draft.ts';
import { POLICY } from '../policy.ts';
import type { ConversationState, HeardMessage, Intent } from '../types.ts';
import type { DocumentKind } from './documents.ts';

/**
 * Papers that come by chat: which files are to be moved into the vault, and what the team and the flows are told
 * once they are. Moving one too many costs a click on the desk; leaving one costs a buyer's identity.
 */

/** A picture that clearly shows one of these is for another team, also while papers are asked for. */
const NO_PAPERS: ReadonlySet<Intent> = new Set([
  'payment_claim',
  'payment_dispute',
  'receipt_request',
  'defect_report',
  'progress_query',
  'complaint',
]);

/** Owes the vault every file of this turn that is, or may well be, an identity paper. */
export function owePapers(draft: Draft, messages: readonly HeardMessage[]): void {
  for (const message of messages) {
    const as = paperIn(message, draft.state);
    if (as) draft.owe({ kind: 'vaultFile', message: message.id, as });
  }
}

/**
 * A file without words of its own, while papers are asked for and nothing else is: the vault takes it, and the run
 * that asks answers once it has. False for any other.
 */
export function heardBarePaper(draft: Draft, message: HeardMessage): boolean {
  const { state } = draft;
  const asking = state.runs.filter(
    ({ flow, paused }) => !paused && (flow === 'kyc' || flow === 'collections'),
  );
  const [run] = asking;
  const isOnlyPapers = run !== undefined && asking.every(({ flow }) => flow === 'kyc');
  if (!isOnlyPapers || message.text.trim() !== '' || !paperIn(message, state)) return false;
  return draft.advance(run, { kind: 'intent', intent: 'kyc_submit', message }, message);
}

/** A file that its name or caption, its meaning, or a run that asks for papers, makes a paper. */
function paperIn(
  { file, understanding }: HeardMessage,
  { runs }: ConversationState,
): DocumentKind | undefined {
  if (!file) return undefined;
  if (file.names) return file.names;
  const [surest] = understanding.intents;
  const meant = surest && surest.confidence >= POLICY[surest.name].confidenceFloor ? surest.name : undefined;
  if (meant === 'kyc_submit') return 'other';
  const isAskedFor = runs.some(({ flow }) => flow === 'kyc');
  return isAskedFor && !(meant && NO_PAPERS.has(meant)) ? 'other' : undefined;
}

/** A paper that was moved into the vault. `problem` is why the machine says it cannot be used, as a copy key. */
export type VaultedPaper = {
  message: string;
  document: string;
  as: DocumentKind;
  /** Where staff may look at it. */
  link: string;
  problem?: string;
};

/** Tells the open case where the file has gone, and the runs that wait for one. */
export function decidePaper(
  state: ConversationState,
  { message, document, as, link, problem }: VaultedPaper,
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  const kind = as === 'other' ? 'A paper' : `A paper (${as})`;
  const verdict = problem ? `; the check says ${problem}` : '';
  const text = `${kind} that the buyer sent is in the vault, and no longer in the chat: ${link}${verdict}`;
  draft.note(text, 'identity papers do not live in the chat');
  const open = state.cases.find(({ team }) => team === 'operations') ?? state.cases.at(-1);
  if (open) draft.owe({ kind: 'postToCase', caseId: open.id, who: 'bot', text });
  const event = { name: 'paperVaulted' as const, message, document, as, ...(problem && { problem }) };
  // Of several bookings, one says where papers belong.
  const [, ...others] = draft.state.runs.filter(({ flow }) => flow === 'kyc');
  for (const run of draft.state.runs.filter((each) => !others.includes(each)))
    draft.advance(run, { kind: 'event', event });
  return draft.done();
}
