import { respondWithinMinutes } from './caseState.ts';
import { type Decision, type DecisionContext, Draft } from './draft.ts';
import { rupees } from './money/rupees.ts';
import { POLICY } from './policy.ts';
import type { CardPlace, CaseOutcome, ConversationState, Intent, StaffRef, Team } from './types.ts';

/** What people do with a case besides answering the buyer: each a pure decision, as in `decide.ts`. */

/** A case as it stands on record, beside what the conversation knows of it. */
export type CaseOnRecord = { caseId: string; team: Team; intent: Intent; openedAt: Date };

/** Closes a case in a decision that may do more; the runs that waited for it hear of it. */
export function resolveIn(
  draft: Draft,
  resolve: { caseId: string; staff: StaffRef; outcome?: CaseOutcome; note?: string },
): void {
  const { caseId, staff, outcome, note } = resolve;
  const team = draft.state.cases.find(({ id }) => id === caseId)?.team;
  draft.close(caseId, { by: staff, ...(outcome && { outcome }) });
  draft.owe({
    kind: 'resolveCase',
    caseId,
    staff,
    ...(outcome && { outcome }),
    ...(note !== undefined && { note }),
  });
  const how = [outcome?.replaceAll('_', ' '), note].filter(Boolean).join(': ');
  const what = draft.state.owner.kind === 'bot' ? 'case resolved, the bot has the word' : 'case resolved';
  draft.note(how ? `${what} (${how})` : what, staff.name);
  draft.tell({ name: 'caseResolved', caseId, ...(team && { team }) });
}

/** A person gives a case to somebody, who is told unless they did it themselves. */
export function decideAssign(
  state: ConversationState,
  { caseId, staff, to, note }: { caseId: string; staff: StaffRef; to: StaffRef; note?: string },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  draft.owe({ kind: 'assignCase', caseId, to });
  draft.note(`case assigned to ${to.name}`, note ?? 'as they chose', { who: staff.name, kind: 'case' });
  if (to.id !== staff.id) {
    const details = { assignedBy: staff.name, ...(note && { note }) };
    draft.owe({ kind: 'postToCase', caseId, who: 'note', text: 'assigned', details, mention: to.id });
  }
  return draft.done();
}

/** A person hands a case to another team, which answers by its own clock. */
export function decideHandOff(
  state: ConversationState,
  handOff: { onRecord: CaseOnRecord; staff: StaffRef; team: Team; note: string; from: CardPlace },
  context: DecisionContext,
): Decision {
  const { onRecord, staff, team, note, from } = handOff;
  const { caseId, intent } = onRecord;
  const draft = new Draft(state, context);
  draft.changeCase(caseId, ({ snoozed: _rested, ...open }) => ({
    ...open,
    team,
    left: [...(open.left ?? []), { ...from, to: team, by: staff }],
  }));
  const minutes = respondWithinMinutes(team, intent);
  draft.owe({ kind: 'handOffCase', caseId, from, team, staff, note, respondWithinMinutes: minutes });
  draft.note(`case handed to ${team}`, note, { who: staff.name, kind: 'case' });
  return draft.done();
}

/** A person lets a case rest until a moment, or until the buyer writes. */
export function decideSnooze(
  state: ConversationState,
  { caseId, staff, until }: { caseId: string; staff: StaffRef; until?: Date },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  const rest = until ? { until } : {};
  draft.changeCase(caseId, (open) => ({ ...open, snoozed: rest }));
  draft.owe({ kind: 'snoozeCase', caseId, ...rest });
  const what = until ? `until ${until.toISOString()}` : 'until the buyer writes';
  draft.note(`case snoozed ${what}`, 'as they chose', { who: staff.name, kind: 'case' });
  return draft.done();
}

/** A person takes a case up again before its time. */
export function decideWake(
  state: ConversationState,
  { caseId, staff }: { caseId: string; staff: StaffRef },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  draft.changeCase(caseId, ({ snoozed: _rested, ...open }) => open);
  draft.owe({ kind: 'wakeCase', caseId });
  draft.note('snoozed case is back', 'as they chose', { who: staff.name, kind: 'case' });
  return draft.done();
}

/** A person opens a closed case again: its clock starts anew. */
export function decideReopen(
  state: ConversationState,
  { onRecord, staff }: { onRecord: CaseOnRecord; staff: StaffRef },
  context: DecisionContext,
): Decision {
  const { caseId: id, team, intent, openedAt } = onRecord;
  const { pausesReminders } = POLICY[intent];
  const draft = new Draft(state, context);
  const minutes = respondWithinMinutes(team, intent);
  draft.openAgain({ id, team, openedAt, pausesReminders }, { respondWithinMinutes: minutes });
  draft.note('case reopened', 'as they chose', { who: staff.name, kind: 'case' });
  return draft.done();
}

/** A person has rung the buyer: a call is an answer, and what was said is kept. */
export function decideCallNote(
  state: ConversationState,
  call: { caseId: string; staff: StaffRef; words: string; promise?: string },
  context: DecisionContext,
): Decision {
  const { caseId, staff, words, promise } = call;
  const draft = new Draft(state, context);
  draft.take(caseId, staff);
  draft.contacted('person', context.now);
  draft.note(`call: ${words}`, promise ? `promised: ${promise}` : 'noted after a call', {
    who: staff.name,
    kind: 'call',
  });
  const details = { calledBy: staff.name, ...(promise && { promised: promise }) };
  draft.owe({ kind: 'postToCase', caseId, who: 'note', text: words, details });
  draft.owe({ kind: 'claimCase', caseId, staff });
  return draft.done();
}

/** What a person found out about a payment that the buyer says they made. */
export type PaymentCheck = { received: true; amountPaise?: number; reference?: string } | { received: false };

/** A person says whether a payment has arrived: the buyer hears it as their word, in approved copy. */
export function decidePaymentCheck(
  state: ConversationState,
  { caseId, staff, check }: { caseId: string; staff: StaffRef; check: PaymentCheck },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  const team = state.cases.find(({ id }) => id === caseId)?.team ?? 'collections';
  if (!check.received) draft.take(caseId, staff);
  draft.owe({
    kind: 'sendTemplate',
    template: check.received ? 'payment_confirmed' : 'payment_not_received',
    data: { staff: staff.name, team },
    category: 'reply',
    ticketOf: caseId,
    staff,
    caseId,
  });
  draft.owe({ kind: 'claimCase', caseId, staff });
  draft.note(check.received ? 'payment received' : 'payment not received yet', paymentText(check), {
    who: staff.name,
    kind: 'payment',
  });
  if (check.received) resolveIn(draft, { caseId, staff, outcome: 'payment_received' });
  else draft.changeCase(caseId, (open) => ({ ...open, paymentMissing: staff }));
  return draft.done();
}

function paymentText(check: PaymentCheck): string {
  if (!check.received) return 'checked by a person';
  const { amountPaise, reference } = check;
  const amount = amountPaise === undefined ? undefined : rupees(amountPaise);
  return [amount, reference && `reference ${reference}`].filter(Boolean).join(', ') || 'checked by a person';
}
