import { consentOfBoth } from '../flows/consent/consent.ts';
import type { DecisionContext } from '../flows/decide.ts';
import { Draft } from '../flows/draft.ts';
import { pauseRun, subjectOf } from '../flows/engine.ts';
import { flowNamed } from '../flows/registry.ts';
import type { ConversationState, Owner, PaymentPromise, Run } from '../flows/types.ts';
import type { Conversation } from '../models/conversation.ts';
import { apply } from './turn.ts';

/**
 * Two conversations of one person become one: `current` as it is after it has taken in everything of `moved`,
 * which has ended. What is owed keeps its ids, so that what was begun there is not begun again here. Pure.
 */
export function absorb(
  current: Conversation,
  moved: Conversation,
  why: string,
  context: DecisionContext,
): Conversation {
  const latest = wroteLast(current, moved);
  const both: Conversation = {
    ...current,
    channel: latest.channel,
    replyTo: latest.replyTo,
    v: revisionOfBoth(current, moved),
    outbox: [...current.outbox, ...moved.outbox].sort((a, b) => a.owedAt.getTime() - b.owedAt.getTime()),
    outcomes: [...current.outcomes, ...moved.outcomes],
    timeline: [...current.timeline, ...moved.timeline].map((entry) => ({
      ...entry,
      buyer: current.buyer,
      conversation: current._id,
    })),
    seen: [...moved.seen, ...current.seen],
    ...((current.hasBookings || moved.hasBookings) && { hasBookings: true as const }),
    absorbed: [...(current.absorbed ?? []), moved._id],
  };
  const draft = new Draft(stateOfBoth(current, moved, context.now), context);
  draft.note('one person, two handles: the younger conversation goes on here', why);
  for (const { kept, dropped } of rivals([...current.state.runs, ...moved.state.runs], both))
    drop(draft, kept, dropped);
  return apply(both, draft.done(), context.now);
}

/** Beyond both, so that no decision that was made for either of them fits by chance. */
export function revisionOfBoth(current: Conversation, moved: Conversation): number {
  return Math.max(current.v, moved.v);
}

/** The one to which the buyer wrote last: answers go there. */
function wroteLast(one: Conversation, other: Conversation): Conversation {
  return timeOf(other.state.lastInboundAt) > timeOf(one.state.lastInboundAt) ? other : one;
}

function stateOfBoth(current: Conversation, moved: Conversation, now: Date): ConversationState {
  const one = current.state;
  const other = moved.state;
  const latest = wroteLast(current, moved).state;
  const lastCourtesyAt = latestOf(one.lastCourtesyAt, other.lastCourtesyAt);
  const outsideHoursAt = latestOf(one.outsideHoursAt, other.outsideHoursAt);
  const closed = [...(one.closed ?? []), ...(other.closed ?? [])];
  const promise = laterPromise(one.promise, other.promise);
  const {
    consent: _consent,
    optedOutAt: _out,
    promotionsOffAt: _off,
    ...merged
  } = { ...one, ...other, ...latest };
  return {
    ...merged,
    owner: ownerOfBoth(one.owner, other.owner, now),
    runs: [...one.runs, ...other.runs].sort((a, b) => a.enteredAt.getTime() - b.enteredAt.getTime()),
    cases: [...one.cases, ...other.cases].sort((a, b) => a.openedAt.getTime() - b.openedAt.getTime()),
    ...(closed.length > 0 && { closed: closed.sort((a, b) => a.closedAt.getTime() - b.closedAt.getTime()) }),
    ...(promise && { promise }),
    ...consentOfBoth(one, other),
    ...(lastCourtesyAt && { lastCourtesyAt }),
    ...(outsideHoursAt && { outsideHoursAt }),
  };
}

/** A person's word counts in both; of two people the one who spoke last has it. */
function ownerOfBoth(one: Owner, other: Owner, now: Date): Owner {
  const people = [one, other].flatMap((owner) =>
    owner.kind === 'staff' && owner.until > now ? [owner] : [],
  );
  const [first] = people.sort((a, b) => b.until.getTime() - a.until.getTime());
  return first ?? { kind: 'bot' };
}

type Rivals = { kept: Run; dropped: Run };

/** Pairs of runs of one flow about one subject: only the further one goes on. One that is waited for stays. */
function rivals(runs: Run[], { outbox }: Conversation): Rivals[] {
  const isWaitedFor = (run: Run) => outbox.some(({ effect }) => 'run' in effect && effect.run === run.id);
  const furthest = new Map<string, Run>();
  const found: Rivals[] = [];
  for (const run of runs) {
    const matter = JSON.stringify([run.flow, subjectOf(run)]);
    const rival = furthest.get(matter);
    const kept = rival && isFurther(rival, run) ? rival : run;
    const dropped = kept === run ? rival : run;
    if (dropped && isWaitedFor(dropped)) continue;
    furthest.set(matter, kept);
    if (dropped) found.push({ kept, dropped });
  }
  return found;
}

/** By the order of the flow's stages; of equals the one that moved last. */
function isFurther(one: Run, other: Run): boolean {
  const stages = Object.keys(flowNamed(one.flow)?.stages ?? {});
  const lead = stages.indexOf(one.stage) - stages.indexOf(other.stage);
  return lead === 0 ? one.enteredAt >= other.enteredAt : lead > 0;
}

/** Two visits of one person to one project may be a mistake or a wish: people ask. */
function drop(draft: Draft, kept: Run, dropped: Run): void {
  draft.end(dropped);
  // What a person has paused does not go on by itself.
  const { paused } = dropped;
  if (paused && !kept.paused) {
    const run = pauseRun(kept, paused.by, paused.reason, paused.at);
    draft.follow(kept, { handled: true, run, effects: [] });
  }
  draft.note(
    `flow ${dropped.flow} ended at ${dropped.stage}: the same one goes on at ${kept.stage}`,
    'one person',
  );
  const { at, visit } = dropped.data;
  if (typeof visit !== 'string' || visit === kept.data.visit) return;
  draft.askPerson('two_visits', {
    ...(at instanceof Date && { visitAt: at.toISOString() }),
    ...(kept.data.at instanceof Date && { otherVisitAt: kept.data.at.toISOString() }),
  });
}

function timeOf(at: Date | undefined): number {
  return at?.getTime() ?? Number.NEGATIVE_INFINITY;
}

function laterPromise(one: PaymentPromise | undefined, other: PaymentPromise | undefined) {
  return one && other ? (one.saidAt > other.saidAt ? one : other) : (one ?? other);
}

function latestOf(one: Date | undefined, other: Date | undefined): Date | undefined {
  return one && other ? (one > other ? one : other) : (one ?? other);
}
