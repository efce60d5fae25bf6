import { type Decision, type DecisionContext, Draft } from './draft.ts';
import { enquiryData } from './enquiry.ts';
import { COURTESIES, POLICY, TEAM_PRIORITY } from './policy.ts';
import type { FlowName } from './registry.ts';
import type { ConversationState, FlowEvent, HeardMessage, Intent, StaffRef, Team } from './types.ts';
import { visitData } from './visit.ts';

/**
 * The one pure decision behind every change of a conversation: what was heard (messages, a timer, an event,
 * a person) in, the new state and everything owed out. Policy is asked first, then the run that asked a
 * question, then the other runs, then policy's default.
 */

export type { Decision, DecisionContext } from './draft.ts';

/** A conversation of which nothing is known yet. */
export function newConversation(): ConversationState {
  return { owner: { kind: 'bot' }, language: 'en', runs: [], cases: [] };
}

/** Decides one turn: every message that arrived in the burst, oldest first. Each gets exactly one outcome. */
export function decideTurn(
  state: ConversationState,
  messages: HeardMessage[],
  context: DecisionContext,
): Decision {
  const draft = new Draft(withExpiredLeaseReturned(state, context.now), context);
  draft.listen(messages);
  const owner = draft.state.owner;
  const meanings =
    owner.kind === 'staff' ? messages.filter(isOptOut).flatMap(meaningsOf) : turnMeanings(messages);
  for (const meaning of meanings) route(draft, meaning);
  if (owner.kind === 'staff') {
    for (const message of messages) draft.showIn(owner.caseId, message);
  } else {
    draft.mirror(messages);
  }
  return draft.done();
}

/** Decides what is due by now: an expired lease, reminders and deadlines of every run. */
export function decideTimers(state: ConversationState, context: DecisionContext): Decision {
  const draft = new Draft(withExpiredLeaseReturned(state, context.now), context);
  if (draft.state.owner !== state.owner) draft.note('returned to the bot', 'the lease of the person ended');
  for (const run of draft.state.runs) {
    if (run.dueAt && run.dueAt <= context.now) draft.advance(run, { kind: 'due' });
  }
  return draft.done();
}

/** Decides what an event from outside the chat (a visit was booked, a slot was taken) means to its run. */
export function decideEvent(state: ConversationState, event: FlowEvent, context: DecisionContext): Decision {
  const draft = new Draft(state, context);
  const runs = draft.state.runs.filter((run) => !('run' in event) || run.id === event.run);
  for (const run of runs) draft.advance(run, { kind: 'event', event });
  return draft.done();
}

/** A person's words to the buyer: they take the conversation, and the case is theirs from now on. */
export function decideReply(
  state: ConversationState,
  reply: { caseId: string; text: string; staff: StaffRef },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  const { caseId, staff, text } = reply;
  draft.take(caseId, staff);
  draft.owe({ kind: 'sendText', text, staff, caseId });
  draft.owe({ kind: 'claimCase', caseId, staff });
  return draft.done();
}

/** A person closes a case; the conversation goes back to the bot, which picks up its runs where they stood. */
export function decideResolve(
  state: ConversationState,
  resolve: { caseId: string; staff: StaffRef },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  draft.close(resolve.caseId);
  draft.owe({ kind: 'resolveCase', ...resolve });
  draft.note(
    draft.state.owner.kind === 'bot' ? 'case resolved, the bot has the word' : 'case resolved',
    resolve.staff.name,
  );
  for (const run of draft.state.runs) {
    draft.advance(run, { kind: 'event', event: { name: 'caseResolved', caseId: resolve.caseId } });
  }
  return draft.done();
}

/** Something could not be delivered: the team of the open case learns it, or a person is asked to call. */
export function decideUndelivered(
  state: ConversationState,
  undelivered: { what: string; reason: string; caseId?: string },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  const caseId = undelivered.caseId ?? state.cases.at(-1)?.id;
  const text = `Not delivered: ${undelivered.what} (${undelivered.reason})`;
  draft.note(text, 'the channel refused it');
  if (caseId) draft.owe({ kind: 'postToCase', caseId, who: 'bot', text });
  else draft.askPerson('undelivered', { what: undelivered.what, reason: undelivered.reason });
  return draft.done();
}

/** One matter of one message. */
type Meaning = { message: HeardMessage; intent: Intent; confidence: number };

function withExpiredLeaseReturned(state: ConversationState, now: Date): ConversationState {
  const expired = state.owner.kind === 'staff' && state.owner.until <= now;
  return expired ? { ...state, owner: { kind: 'bot' } } : state;
}

function isOptOut(message: HeardMessage): boolean {
  return message.understanding.intents.some(
    (each) => each.name === 'opt_out' && each.confidence >= POLICY.opt_out.confidenceFloor,
  );
}

/** All matters of a turn; courtesies fall away when something of substance was said as well. */
function turnMeanings(messages: HeardMessage[]): Meaning[] {
  const all = messages.flatMap(meaningsOf);
  const substance = all.filter((each) => !COURTESIES.has(each.intent) || each.message.choiceId);
  const kept = substance.length > 0 ? substance : all;
  return messages.flatMap((message) => {
    const ofMessage = all.filter((each) => each.message === message);
    const keptOfMessage = kept.filter((each) => each.message === message);
    return keptOfMessage.length > 0 ? keptOfMessage : ofMessage.map((each) => ({ ...each, confidence: -1 }));
  });
}

/** The matters of one message, surest first, at most one per team so that one case per owner is opened. */
function meaningsOf(message: HeardMessage): Meaning[] {
  const [surest, ...others] = message.understanding.intents;
  if (!surest) return [];
  const further = others.filter(
    (each) =>
      each.confidence >= Math.max(0.5, POLICY[each.name].confidenceFloor) && !COURTESIES.has(each.name),
  );
  const teams = new Set<Team>([POLICY[surest.name].owner]);
  const meanings: Meaning[] = [{ message, intent: surest.name, confidence: surest.confidence }];
  for (const each of further) {
    if (teams.has(POLICY[each.name].owner)) continue;
    teams.add(POLICY[each.name].owner);
    meanings.push({ message, intent: each.name, confidence: each.confidence });
  }
  return meanings.sort(
    (a, b) => TEAM_PRIORITY[POLICY[a.intent].owner] - TEAM_PRIORITY[POLICY[b.intent].owner],
  );
}

function route(draft: Draft, meaning: Meaning): void {
  const { message, intent, confidence } = meaning;
  const policy = POLICY[intent];
  if (confidence < 0) return draft.courtesy(message, false);
  if (message.content === 'choice' && routeChoice(draft, message)) return;
  if (needsEyes(message)) return draft.case(message, 'other', `unreadable_${message.content}`);
  if (policy.handling === 'first' && confidence >= policy.confidenceFloor) return handleFirst(draft, meaning);
  if (draft.answered(message)) return;
  if (confidence < policy.confidenceFloor) return draft.case(message, 'other', 'unsure');
  if (draft.heard(message, intent)) return;
  applyDefault(draft, meaning);
}

/** What no rule can read: shown to a person. A reaction is read by its emoji like a one-word reply. */
function needsEyes(message: HeardMessage): boolean {
  return ['media', 'location', 'unsupported'].includes(message.content) && message.text.trim() === '';
}

/** A tapped quick reply goes to the flow that offered it, even when that flow has moved on. */
function routeChoice(draft: Draft, message: HeardMessage): boolean {
  const [prefix, name] = (message.choiceId ?? '').split('.');
  if (prefix === 'policy' && name && name in POLICY) {
    applyDefault(draft, { message, intent: name as Intent, confidence: 1 });
    return true;
  }
  const run = draft.state.runs.find((each) => each.flow === prefix);
  if (run) return draft.advance(run, { kind: 'answer', message }, message);
  if (prefix !== 'visit') return false;
  applyDefault(draft, { message, intent: 'visit_book', confidence: 1 });
  return true;
}

function handleFirst(draft: Draft, { message, intent }: Meaning): void {
  if (intent === 'opt_out') return draft.optOut(message);
  if (intent === 'opt_in') return draft.optIn(message);
  draft.case(message, intent, 'policy');
}

function applyDefault(draft: Draft, { message, intent }: Meaning): void {
  const { handling, acknowledge } = POLICY[intent];
  if (typeof handling === 'object') return startFlow(draft, handling.starts, message, intent);
  if (handling === 'case') return draft.case(message, intent, 'policy');
  if (COURTESIES.has(intent)) return draft.courtesy(message);
  draft.reply(message, acknowledge);
}

function startFlow(draft: Draft, name: FlowName, message: HeardMessage, intent: Intent): void {
  const { facts } = draft.context;
  const enquiry = enquiryData(message, facts);
  const current = draft.state.runs.find((run) => run.flow === 'enquiry')?.data.project;
  const project = typeof current === 'string' ? current : enquiry?.project;
  if (!project || !enquiry) return draft.case(message, intent, 'no_project');
  if (name === 'visit') {
    if (draft.state.runs.every((run) => run.flow !== 'enquiry')) draft.lead(project);
    draft.begin('visit', visitData(message, project), message);
    return;
  }
  if (draft.state.runs.some((run) => run.flow === 'enquiry')) return draft.case(message, intent, 'policy');
  draft.begin('enquiry', enquiry, message);
  const run = draft.state.runs.find((each) => each.flow === 'enquiry');
  // "Price of 2BHK?" as the first words: the brochure goes out, and the question itself is answered too.
  if (run && !['greeting', 'brochure_request', 'project_query'].includes(intent)) {
    draft.advance(run, { kind: 'intent', intent, message }, message);
  }
}
