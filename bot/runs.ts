import type { DecisionContext } from '../flows/decide.ts';
import { stagesAhead } from '../flows/engine.ts';
import { flowNamed } from '../flows/registry.ts';
import { decideRun, type RunChange } from '../flows/runs.ts';
import { labelOf } from '../flows/subjects.ts';
import type { TeamRun } from '../inbox/slack/listening.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import { apply } from './turn.ts';

export type RunsParts = {
  conversations: Conversations;
  contextOf: (conversation: Conversation, now: Date) => Promise<DecisionContext>;
  wake: (conversation: string) => void;
  now: () => Date;
};

/** What people do with the runs of a buyer: let them rest, go on, or move on. */
export class Runs {
  private readonly parts: RunsParts;

  constructor(parts: RunsParts) {
    this.parts = parts;
  }

  /** The runs under way in a conversation, the oldest first. */
  async of(conversation: string): Promise<TeamRun[]> {
    const current = await this.parts.conversations.fresh(conversation);
    if (!current) return [];
    const { facts } = await this.parts.contextOf(current, this.parts.now());
    return current.state.runs.map((run) => {
      const { id, flow, stage, enteredAt, paused, milestones } = run;
      const known = flowNamed(flow);
      return {
        ...{ id, flow, stage, enteredAt, about: labelOf(run, facts) },
        ahead: known ? stagesAhead(known, run) : [],
        ...(known?.stages[stage] && { owner: known.stages[stage].owner }),
        ...(paused && { paused }),
        ...(milestones && { milestones }),
      };
    });
  }

  /** Changes a run, once per `input`; false where it stands so already, has ended, or cannot be moved there. */
  async change(conversation: string, input: string, change: RunChange): Promise<boolean> {
    const { conversations, contextOf, wake, now } = this.parts;
    let isDone = false;
    const changed = await conversations.change(conversation, async (current) => {
      isDone = current.seen.includes(input);
      if (isDone) return undefined;
      const at = now();
      const decision = decideRun(current.state, change, await contextOf(current, at));
      isDone = decision !== undefined;
      return decision && { ...apply(current, decision, at), seen: [...current.seen, input] };
    });
    if (isDone) wake(changed._id);
    return isDone;
  }
}
