import { type Decision, type DecisionContext, Draft } from './draft.ts';
import { pauseRun, resumeRun, skipRun, subjectOf } from './engine.ts';
import { flowNamed } from './registry.ts';
import { labelOf } from './subjects.ts';
import type { ConversationState, FlowEvent, LeadStage, StaffRef } from './types.ts';
import { visitToLog } from './visit/outcome.ts';
import { chosenVisitData } from './visit/wish.ts';

/** What becomes of runs by people and from outside the chat: each a pure decision, as in `decide.ts`. */

/** What a person may do with a run: `skip` moves it on to `stage`. */
export type RunChange = { run: string; staff: StaffRef; reason: string } & (
  | { act: 'pause' | 'resume' }
  | { act: 'skip'; stage: string }
);

/** A person lets a run rest, go on, or move on, and says why. Undefined where that run cannot do so. */
export function decideRun(
  state: ConversationState,
  change: RunChange,
  context: DecisionContext,
): Decision | undefined {
  const draft = new Draft(state, context);
  const run = draft.state.runs.find(({ id }) => id === change.run);
  const flow = run && flowNamed(run.flow);
  if (!run || !flow) return undefined;
  const { staff, reason, act } = change;
  const by = { who: staff.name };
  const about = `${run.flow} of ${labelOf(run, context.facts)}`;
  if (act === 'pause') {
    if (run.paused) return undefined;
    draft.note(`${about} paused at ${run.stage}`, reason, by);
    const next = pauseRun(run, staff, reason, context.now);
    draft.follow(run, { handled: true, run: next, effects: [] });
    return draft.done();
  }
  const stepped = act === 'skip' ? skipRun(flow, run, change.stage, context) : resumeRun(flow, run, context);
  if (!stepped.handled) return undefined;
  const what = act === 'skip' ? `moved on from ${run.stage} to ${change.stage}` : `resumed at ${run.stage}`;
  draft.note(`${about} ${what}`, reason, by);
  draft.follow(run, stepped);
  return draft.done();
}

/** A person says where a lead stands; the bot follows it accordingly, and says nothing of it to the buyer. */
export function decideLead(
  state: ConversationState,
  moved: { project: string; stage: LeadStage; reason?: string; staff: StaffRef },
  context: DecisionContext,
): Decision {
  const { project, stage, reason, staff: by } = moved;
  const draft = new Draft(state, context);
  const why = reason === undefined ? {} : { reason };
  draft.owe({ kind: 'updateLead', project, stage, answers: {}, ...why, by });
  draft.note(`lead to ${project} is ${stage}`, reason ?? 'as they said', { who: by.name });
  draft.tell({ name: 'leadMoved', subject: project, stage, ...why, by });
  for (const { id } of draft.state.cases) draft.owe({ kind: 'refreshCase', caseId: id });
  return draft.done();
}

/** A person has tagged a buyer: it is written down, and shown on the cards. */
export function decideTags(
  state: ConversationState,
  { tags, staff }: { tags: string[]; staff: StaffRef },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  draft.note(`tags: ${tags.join(', ') || 'none'}`, 'as they said', { who: staff.name });
  for (const { id } of draft.state.cases) draft.owe({ kind: 'refreshCase', caseId: id });
  return draft.done();
}

/** A flow begins by something that happened outside the chat. */
export function decideBegin(
  state: ConversationState,
  run: { flow: string; subject: string; data: Record<string, unknown> },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  draft.begin(run);
  return draft.done();
}

/** Every run that an event concerns hears of it. */
export function decideHappening(
  state: ConversationState,
  event: FlowEvent,
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  draft.tell(event);
  return draft.done();
}

/** A buyer chose a time for a visit on their own page: their visit to that project moves there, or one begins. */
export function decideSlot(
  state: ConversationState,
  { project, at }: { project: string; at: Date },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  const visit = draft.state.runs.find((run) => run.flow === 'visit' && subjectOf(run) === project);
  draft.note('chose a time for a visit on their page', at.toISOString());
  if (visit && draft.advance(visit, { kind: 'event', event: { name: 'slotChosen', run: visit.id, at } }))
    return draft.done();
  if (draft.state.runs.every(({ flow }) => flow !== 'enquiry')) draft.lead(project);
  draft.begin({ flow: 'visit', subject: project, data: chosenVisitData(project, at) });
  return draft.done();
}

/** A buyer drops a visit on their own page; one that no run knows of is freed all the same. */
export function decideDropped(state: ConversationState, visit: string, context: DecisionContext): Decision {
  const draft = new Draft(state, context);
  draft.note('dropped a visit on their page', visit);
  const run = draft.state.runs.find(({ flow, data }) => flow === 'visit' && data.visit === visit);
  const event = run && { name: 'visitDropped' as const, run: run.id, visit };
  if (!run || !event || !draft.advance(run, { kind: 'event', event }))
    draft.owe({ kind: 'cancelVisit', visit });
  return draft.done();
}

/** What a person says became of a visit: it took place, the buyer did not come, or another time was agreed on. */
export type VisitOutcome = { visit: string; outcome: 'visited' | 'no_show' | 'moved'; movedTo?: Date };

/**
 * A person says what became of a visit. Undefined when that has been said; `notFree` when a visit should move to a
 * time at which none can be booked.
 */
export function decideVisitOutcome(
  state: ConversationState,
  said: VisitOutcome & { caseId: string; staff: StaffRef },
  context: DecisionContext,
): Decision | 'notFree' | undefined {
  const { visit, outcome, movedTo: at, caseId, staff } = said;
  const draft = new Draft(state, context);
  const run = draft.state.runs.find((each) => visitToLog(each) === visit);
  if (!run) return undefined;
  const free = context.facts.openSlots[subjectOf(run)] ?? [];
  if (outcome === 'moved' && !free.some((slot) => slot.getTime() === at?.getTime())) return 'notFree';
  const event = { name: 'visitOutcome' as const, run: run.id, outcome, by: staff, ...(at && { at }) };
  draft.advance(run, { kind: 'event', event });
  draft.note(`visit: ${outcome.replace('_', ' ')}`, 'said on the card', { who: staff.name, kind: 'case' });
  draft.owe({ kind: 'refreshCase', caseId });
  return draft.done();
}
