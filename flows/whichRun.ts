import { chosenValue, runsAsking, runThatOffers } from './asking.ts';
import type { Draft } from './draft.ts';
import { step } from './engine.ts';
import { POLICY } from './policy.ts';
import { flowNamed } from './registry.ts';
import { isOther, labelOf, onlyNames, projectNamed, runsNamed } from './subjects.ts';
import {
  type ConversationState,
  type Facts,
  type HeardMessage,
  INTENTS,
  type Intent,
  type Run,
} from './types.ts';

/** Which run a message is for: the one that asked, the one that it names, or the one that the buyer is asked about. */

/** What a message that does no more than name a project or unit may be taken for. */
const MAY_ONLY_NAME: ReadonlySet<Intent> = new Set([
  'affirm',
  'greeting',
  'other',
  'project_query',
  'thanks',
]);

/**
 * A reply to the question asked: the run whose question is quoted is heard first, then the one that asked last. What
 * names a project or unit answers no question about another one.
 */
export function answered(draft: Draft, message: HeardMessage): boolean {
  const { facts } = draft.context;
  const quoted = runThatOffers(message.about?.choices ?? [], draft.state.runs);
  const asking = runsAsking(draft.state.runs).filter(
    (run) => run !== quoted && couldAnswer(message, run) && isAskedOf(message, run, facts),
  );
  const inTurn = quoted ? [quoted, ...asking] : asking;
  return inTurn.some((run) => draft.advance(run, { kind: 'answer', message }, message));
}

/** A gesture at the question that a run still asks: a yes or a no. At anything else it is no answer. */
export function answeredByGesture(draft: Draft, message: HeardMessage): boolean {
  const run = runThatOffers(message.about?.choices ?? [], draft.state.runs);
  const meant = message.understanding.intents[0];
  if (!run || !meant || meant.confidence === 0) return false;
  return (
    draft.advance(run, { kind: 'answer', message }, message) ||
    draft.advance(run, { kind: 'intent', intent: meant.name, message }, message)
  );
}

/** Puts the question that a run still asks once more, as its answer was none; false when no run asks it. */
export function askedAgain(draft: Draft, message: HeardMessage): boolean {
  const run = runThatOffers(message.about?.choices ?? [], draft.state.runs);
  if (!run?.question) return false;
  const { choices } = run.question;
  draft.owe({
    kind: 'sendTemplate',
    template: 'choose_one',
    data: {},
    category: 'reply',
    choices,
    asks: run.id,
  });
  draft.settle(message, { kind: 'flow', run: run.id, stage: run.stage });
  return true;
}

/**
 * Offers a meaning to the runs, the newest first; of several of one flow to the one that the message, or what it
 * quotes, names. A run about another project or unit than the message names does not hear it.
 */
export function heardByRun(draft: Draft, message: HeardMessage, intent: Intent): boolean {
  const { facts } = draft.context;
  const newestFirst = draft.state.runs
    .filter((run) => couldHear(run, intent) && !isOther(run, message.text, facts))
    .reverse();
  for (const flow of new Set(newestFirst.map((run) => run.flow))) {
    const rivals = newestFirst.filter((run) => run.flow === flow);
    const named = runsNamed(`${message.text} ${message.about?.words ?? ''}`, rivals, facts);
    const [only, ...others] = named.length > 0 ? named : rivals;
    if (!only) continue;
    if (others.length > 0) return askWhich(draft, message, intent, [only, ...others]);
    if (heardBy(draft, only, message, intent)) return true;
  }
  return false;
}

/**
 * The answer to which of several runs was meant: what was said then is heard by that one now. A matter of its own
 * that only names one of them is none. `said` is what was said back then, where that run has moved on meanwhile.
 */
export function clarified(
  draft: Draft,
  message: HeardMessage,
): { isHeard: boolean; intent: Intent; said: HeardMessage } | undefined {
  const { unclear } = draft.state;
  const tapped = whichTapped(message.choiceId);
  const intent = tapped?.intent ?? unclear?.intent;
  if (!intent) return undefined;
  const run = tapped ? draft.state.runs.find(({ id }) => id === tapped.run) : runMeant(draft, message);
  // What else is tapped answers another question.
  if (!tapped && (!run || message.choiceId)) return undefined;
  const isAsked = unclear?.intent === intent;
  const said = isAsked ? { ...unclear.message, id: message.id } : message;
  if (isAsked) delete draft.state.unclear;
  return { isHeard: run !== undefined && heardBy(draft, run, said, intent), intent, said };
}

/**
 * That they have paid is written down also when a person has the word, or when it came late: whoever answers, the
 * demand must not be reminded of. Where it is not clear which unit is meant, that is left to the person.
 */
export function overhear(draft: Draft, message: HeardMessage): void {
  const intent = 'payment_claim';
  const isSaid = message.understanding.intents.some(
    ({ name, confidence }) => name === intent && confidence >= POLICY[intent].confidenceFloor,
  );
  const isTakenBack = message.isQuiet || message.isRevoked || message.content === 'reaction';
  if (!isSaid || message.choiceId || isTakenBack) return;
  const rivals = draft.state.runs.filter((run) => !run.paused && couldHear(run, intent));
  const named = rivals.length > 1 ? runsNamed(message.text, rivals, draft.context.facts) : rivals;
  const [run, ...others] = named;
  const flow = run && flowNamed(run.flow);
  if (!flow || others.length > 0) return;
  const stepped = step(flow, run, { kind: 'intent', intent, message }, draft.context);
  if (stepped.handled) draft.follow(run, stepped);
}

/** The buyer has spoken of something else: which run they meant back then does not matter any more. */
export function forgetUnclear(draft: Draft, before: ConversationState['unclear']): void {
  if (before && draft.state.unclear === before) delete draft.state.unclear;
}

/** What concerns a run that a person has paused is for people. */
function heardBy(draft: Draft, run: Run, message: HeardMessage, intent: Intent): boolean {
  if (!run.paused) return draft.advance(run, { kind: 'intent', intent, message }, message);
  draft.case(message, intent, 'run_paused');
  return true;
}

/** Which of the runs that were asked about a typed answer means. */
function runMeant(draft: Draft, message: HeardMessage): Run | undefined {
  const { unclear, runs } = draft.state;
  if (!unclear || !couldAnswer(message, { askedAt: unclear.askedAt })) return undefined;
  const { facts } = draft.context;
  const asked = runs.filter(({ id }) =>
    unclear.choices.some((each) => each.id === whichId(unclear.intent, id)),
  );
  const chosen = chosenValue(unclear, message.text);
  if (chosen) {
    // A number answers what was asked last.
    const isLast = runsAsking(runs).every(({ askedAt }) => !askedAt || askedAt <= unclear.askedAt);
    return isLast ? asked.find(({ id }) => whichId(unclear.intent, id) === chosen) : undefined;
  }
  if (!onlyNames(message.text, facts) && speaksOfElse(message, unclear.intent)) return undefined;
  const [only, ...others] = runsNamed(message.text, asked, facts);
  return others.length === 0 ? only : undefined;
}

function askWhich(draft: Draft, message: HeardMessage, intent: Intent, runs: Run[]): true {
  const choices = runs.map((run) => ({
    id: whichId(intent, run.id),
    label: 'choice_value',
    data: { value: labelOf(run, draft.context.facts) },
  }));
  draft.state.unclear = { intent, message, choices, askedAt: draft.context.now };
  draft.owe({ kind: 'sendTemplate', template: 'which_one', data: {}, category: 'reply', choices });
  draft.settle(message, { kind: 'reply', template: 'which_one' });
  return true;
}

/** The choice that names a run, and what it is to hear: it is understood whenever it is tapped. */
function whichId(intent: Intent, run: string): string {
  return `which.${intent}.${run}`;
}

function whichTapped(choiceId: string | undefined): { intent: Intent; run: string } | undefined {
  const [, name, run] = /^which\.(\w+)\.(.+)$/.exec(choiceId ?? '') ?? [];
  const intent = INTENTS.find((each) => each === name);
  return intent && run ? { intent, run } : undefined;
}

/** Surely another matter than the one that was asked about; asking about a project may be no more than naming it. */
function speaksOfElse({ understanding }: HeardMessage, intent: Intent): boolean {
  const [surest] = understanding.intents;
  if (!surest || surest.name === intent || MAY_ONLY_NAME.has(surest.name)) return false;
  return surest.confidence >= POLICY[surest.name].confidenceFloor;
}

/** Whether the stage that a run is in takes a meaning. */
function couldHear({ flow, stage }: Run, intent: Intent): boolean {
  return flowNamed(flow)?.stages[stage]?.intents?.[intent] !== undefined;
}

/** Whether a message may be about what a run is about; or names a project that the run asks to choose. */
function isAskedOf({ text }: HeardMessage, run: Run, facts: Facts): boolean {
  if (!isOther(run, text, facts)) return true;
  const named = projectNamed({ text }, facts);
  return named !== undefined && (run.question?.choices ?? []).some(({ id }) => id.endsWith(`.${named}`));
}

/**
 * What quotes another question is an answer to that one. What was edited answers only what had been asked when
 * it was first written.
 */
function couldAnswer({ content, about }: HeardMessage, { askedAt }: Pick<Run, 'askedAt'>): boolean {
  if (!about) return true;
  if (content === 'edited') return askedAt !== undefined && askedAt < about.at;
  return about.choices.length === 0;
}
