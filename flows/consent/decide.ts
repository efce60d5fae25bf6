import { type Decision, type DecisionContext, Draft } from '../draft.ts';
import type { ConsentKind, ConsentSource, ConversationState, StaffRef } from '../types.ts';
import { withOptIn, withOptOut, withoutPromotions } from './consent.ts';

/**
 * A change of consent that comes from outside the chat: a form, an import, a member of staff whom the buyer told.
 * `why` is what it rests on, for the timeline.
 * Example: `{act: 'optIn', kinds: ['promotion'], source: 'staff_entry', why: 'asked for launch news at the site', by: {…}}`
 */
export type ConsentChange = { why: string; by?: StaffRef } & (
  | { act: 'optIn'; kinds: readonly ConsentKind[]; source: ConsentSource; at?: Date }
  | { act: 'optOut' }
  | { act: 'noPromotions' }
);

/**
 * Records it, with a line on the timeline. What somebody else enters never lifts what the buyer has refused
 * themselves: then undefined. Only a member of staff to whom the buyer said so may, and only after the refusal.
 */
export function decideConsent(
  state: ConversationState,
  change: ConsentChange,
  context: DecisionContext,
): Decision | undefined {
  const { now } = context;
  const { why, by } = change;
  const draft = new Draft(state, context);
  const who = { ...(by && { who: by.name }) };
  switch (change.act) {
    case 'optOut':
      draft.state = withOptOut(draft.state, now);
      draft.note('opted out', why, who);
      break;
    case 'noPromotions':
      draft.state = withoutPromotions(draft.state, now);
      draft.note('opted out of offers', why, who);
      break;
    case 'optIn': {
      const { kinds, source, at = now } = change;
      if (isRefused(state, change, at)) return undefined;
      draft.state = withOptIn(draft.state, { kinds, source, at, ...(by && { by }) });
      draft.note(`opted in: ${kinds.join(', ')}`, `${source}: ${why}`, who);
    }
  }
  return draft.done();
}

function isRefused(
  { optedOutAt, promotionsOffAt }: ConversationState,
  { kinds, source }: Extract<ConsentChange, { act: 'optIn' }>,
  at: Date,
): boolean {
  const refusals = [optedOutAt, kinds.includes('promotion') ? promotionsOffAt : undefined];
  const mayLift = source === 'staff_entry' || source === 'lead_form';
  return refusals.some((refusedAt) => refusedAt && (!mayLift || at <= refusedAt));
}
