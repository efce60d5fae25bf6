import { type Decision, type DecisionContext, Draft } from './draft.ts';
import { pauseRun, resumeRun, skipRun } from './engine.ts';
import { flowNamed } from './registry.ts';
import type { ConversationState, FlowEvent, StaffRef } from './types.ts';

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
  if (act === 'skip') {
    const stepped = skipRun(flow, run, change.stage, context);
    if (!stepped.handled) return undefined;
    draft.note(`${run.flow} moved on from ${run.stage} to ${change.stage}`, reason, by);
    draft.follow(run, stepped);
    return draft.done();
  }
  if ((act === 'pause') === (run.paused !== undefined)) return undefined;
  const next = act === 'pause' ? pauseRun(run, staff, reason, context.now) : resumeRun(flow, run, context);
  draft.state.runs = draft.state.runs.map((each) => (each.id === run.id ? next : each));
  draft.note(`${run.flow} ${act === 'pause' ? 'paused' : 'resumed'} at ${run.stage}`, reason, by);
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
