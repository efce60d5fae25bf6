import { runOfChoice } from './asking.ts';
import { resolveIn } from './casework.ts';
import { type Decision, type DecisionContext, Draft } from './draft.ts';
import { subjectOf } from './engine.ts';
import { enquiryData } from './enquiry.ts';
import { heardBarePaper, owePapers } from './kyc/papers.ts';
import { typesNumber } from './kyc.ts';
import { COURTESIES, POLICY, TEAM_PRIORITY } from './policy.ts';
import type { FlowName } from './registry.ts';
import { isOther, onlyNames, projectNamed } from './subjects.ts';
import type {
  CaseOutcome,
  ConversationState,
  Effect,
  FlowEvent,
  HeardMessage,
  Intent,
  Run,
  StaffRef,
  Team,
} from './types.ts';
import { visitData } from './visit/wish.ts';
import {
  answered,
  answeredByGesture,
  askedAgain,
  clarified,
  forgetUnclear,
  heardByRun,
  overhear,
} from './whichRun.ts';

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
  const heard = messages.filter((each) => !each.partOf);
  draft.listen(heard);
  // By what was under way when they came, whatever becomes of that now, and whoever has the word.
  owePapers(draft, messages);
  const { unclear } = draft.state;
  draft.wakeFor(heard);
  hearOfContact(draft, heard);
  if (draft.state.owner.kind === 'staff') {
    for (const message of heard)
      if (isOptOut(message) || isOptInAgain(message, draft.state))
        for (const meaning of meaningsOf(message)) route(draft, meaning);
    for (const message of heard) {
      overhear(draft, message);
      draft.showToOwner(message);
    }
  } else {
    const meanings = turnMeanings(heard.filter(speaks));
    for (const message of heard) {
      const said = meanings.filter((each) => each.message === message);
      for (const meaning of said) route(draft, meaning);
      if (said.length === 0) answerGesture(draft, message);
    }
    draft.mirror(heard);
  }
  for (const message of messages) if (message.partOf) draft.concludeWith(message);
  if (heard.some(speaks)) forgetUnclear(draft, unclear);
  return draft.done();
}

/** Decides what is due by now: an expired lease, reminders and deadlines of every run. */
export function decideTimers(state: ConversationState, context: DecisionContext): Decision {
  const draft = new Draft(withExpiredLeaseReturned(state, context.now), context);
  if (draft.state.owner !== state.owner) draft.note('returned to the bot', 'the lease of the person ended');
  draft.wakeDue();
  draft.advanceAll({ kind: 'due' }, ({ dueAt }) => dueAt !== undefined && dueAt <= context.now);
  return draft.done();
}

/** Decides what an event from outside the chat (a visit was booked, a slot was taken) means to its run. */
export function decideEvent(state: ConversationState, event: FlowEvent, context: DecisionContext): Decision {
  const draft = new Draft(state, context);
  draft.tell(event);
  return draft.done();
}

/** A person's words to the buyer: they take the conversation, and the case is theirs from now on. */
export function decideReply(
  state: ConversationState,
  { caseId, staff, text }: { caseId: string; text: string; staff: StaffRef },
  context: DecisionContext,
): Decision {
  return decideSaid(state, { caseId, staff, effect: { kind: 'sendText', text, staff, caseId } }, context);
}

/** As a reply: words, a file, or approved copy that a person says to the buyer. */
export function decideSaid(
  state: ConversationState,
  { caseId, staff, effect }: { caseId: string; staff: StaffRef; effect: Effect },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  draft.take(caseId, staff);
  draft.contacted('person', context.now);
  draft.owe(effect);
  draft.owe({ kind: 'claimCase', caseId, staff });
  return draft.done();
}

/** A person calls off what they said before it went out, or changes it; what is owed is changed with it. */
export function decideCalledOff(
  state: ConversationState,
  { staff, words }: { staff: StaffRef; words?: string },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  if (words === undefined) draft.note('a message was called off before it went out', staff.name);
  else draft.note(`a message was changed before it went out: ${words}`, staff.name);
  return draft.done();
}

/**
 * Somebody wrote to the buyer on the paired phone: they have the word, and the team of the open case is told.
 * Words that were found long after they were said change nothing.
 */
export function decidePhone(
  state: ConversationState,
  said: { words: string; at: Date },
  context: DecisionContext,
): Decision {
  const draft = new Draft(withExpiredLeaseReturned(state, context.now), context);
  draft.takeByPhone(said.at, said.words);
  return draft.done();
}

/** A person closes a case; the conversation goes back to the bot, which picks up its runs where they stood. */
export function decideResolve(
  state: ConversationState,
  resolve: { caseId: string; staff: StaffRef; outcome?: CaseOutcome; note?: string },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  resolveIn(draft, resolve);
  return draft.done();
}

/** Something could not be delivered: the team of the open case learns it, or a person is asked to call. */
export function decideUndelivered(
  state: ConversationState,
  undelivered: {
    what: string;
    reason: string;
    caseId?: string;
    /** A person said it, and may say it again in that case. */
    retry?: { reply: string; failure: string };
  },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  const { retry } = undelivered;
  const caseId = undelivered.caseId ?? state.cases.at(-1)?.id;
  const text = `Not delivered: ${undelivered.what} (${undelivered.reason})`;
  draft.note(text, 'the channel refused it');
  if (caseId) draft.owe({ kind: 'postToCase', caseId, who: 'bot', text, ...(retry && { retry }) });
  else draft.askPerson('undelivered', { what: undelivered.what, reason: undelivered.reason });
  return draft.done();
}

/** Nobody can tell whether these words reached the buyer: a person looks, and decides whether to say them again. */
export function decideDoubt(
  state: ConversationState,
  doubt: { words: string; caseId?: string },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  const caseId = doubt.caseId ?? state.cases.at(-1)?.id;
  const text = `Nobody knows whether this went out: "${doubt.words}". Please look at the chat. Send it again?`;
  draft.note(`in doubt: ${doubt.words}`, 'WhatsApp did not say whether it went out');
  if (caseId) draft.owe({ kind: 'postToCase', caseId, who: 'bot', text });
  else draft.askPerson('in_doubt', { message: doubt.words, question: text });
  return draft.done();
}

/** Whoever asks to be erased says so in clear words. */
const SURE_ERASURE = 0.95;
const LIKELY_PAPERS = 0.25;
const GESTURES: ReadonlySet<HeardMessage['content']> = new Set(['reaction', 'sticker', 'revoked', 'edited']);
/** What nobody means who is interested after all. */
const NO_INTEREST: ReadonlySet<Intent> = new Set([
  'thanks',
  'affirm',
  'deny',
  'not_interested',
  'opt_out',
  'wrong_number',
  'data_erasure',
]);
/** Flows about a unit that the buyer has bought. */
const SALE_FLOWS: ReadonlySet<string> = new Set(['booking', 'kyc', 'collections', 'care']);

/** One matter of one message. */
type Meaning = { message: HeardMessage; intent: Intent; confidence: number };

function withExpiredLeaseReturned(state: ConversationState, now: Date): ConversationState {
  const expired = state.owner.kind === 'staff' && state.owner.until <= now;
  return expired ? { ...state, owner: { kind: 'bot' } } : state;
}

function isOptOut(message: HeardMessage): boolean {
  return !message.isQuiet && means(message, 'opt_out');
}

/** Who has opted out and wants to hear from us again is heard whoever has the word. */
function isOptInAgain(message: HeardMessage, { optedOutAt, promotionsOffAt }: ConversationState): boolean {
  const { offersOnly } = message.understanding.entities;
  const hasRefused = optedOutAt !== undefined || (offersOnly && promotionsOffAt !== undefined);
  return Boolean(hasRefused) && !message.isQuiet && means(message, 'opt_in');
}

function means({ understanding }: HeardMessage, intent: Intent): boolean {
  return understanding.intents.some(
    ({ name, confidence }) => name === intent && confidence >= POLICY[intent].confidenceFloor,
  );
}

/** The buyer has written, rung or sent something, if it is no mere gesture. */
function hearOfContact(draft: Draft, heard: HeardMessage[]): void {
  const said = heard.filter((each) => !each.isQuiet && !GESTURES.has(each.content));
  const at = said.at(-1)?.at;
  if (at) draft.contacted('buyer', at, said.some(isOfSubstance));
}

function isOfSubstance({ understanding }: HeardMessage): boolean {
  const [surest] = understanding.intents;
  if (!surest) return true;
  const { name, confidence } = surest;
  return !(NO_INTEREST.has(name) && confidence >= POLICY[name].confidenceFloor);
}

/** True for what is read for its meaning; the rest is answered by what it is. */
function speaks({ content, isQuiet }: HeardMessage): boolean {
  return !isQuiet && content !== 'reaction' && content !== 'call';
}

/** A ring, a reaction, or nothing that wants an answer. A reaction never opens a case and begins nothing. */
function answerGesture(draft: Draft, message: HeardMessage): void {
  if (message.content === 'call' && !message.isQuiet)
    return draft.case(message, 'human_request', 'call', 'call_missed');
  if (message.content === 'reaction' && !message.isQuiet && answeredByGesture(draft, message)) return;
  draft.stayQuiet(message);
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
  const hasStop = means(message, 'opt_out');
  // A stop is done at once, whatever else is said, and takes no team's attention from that.
  const teams = new Set<Team>(surest.name === 'opt_out' ? [] : [POLICY[surest.name].owner]);
  const meanings: Meaning[] = [{ message, intent: surest.name, confidence: surest.confidence }];
  // A tap or a vote is one answer, whatever its words may mean besides.
  if (message.choiceId || message.content === 'vote') return meanings;
  for (const each of further) {
    const isStop = each.name === 'opt_out';
    if (!isStop && (teams.has(POLICY[each.name].owner) || (hasStop && isForBot(each.name)))) continue;
    if (!isStop) teams.add(POLICY[each.name].owner);
    meanings.push({ message, intent: each.name, confidence: each.confidence });
  }
  return meanings.sort(
    (a, b) => TEAM_PRIORITY[POLICY[a.intent].owner] - TEAM_PRIORITY[POLICY[b.intent].owner],
  );
}

/** What the bot would answer by itself, at length: not to somebody who has just said stop. */
function isForBot(intent: Intent): boolean {
  const { handling } = POLICY[intent];
  return typeof handling === 'object' || handling === 'reply';
}

function route(draft: Draft, meaning: Meaning): void {
  const { message, intent, confidence } = meaning;
  const policy = POLICY[intent];
  // A name alone, as the answer to a question, is no matter that comes before everything else.
  const isFirst =
    policy.handling === 'first' &&
    confidence >= policy.confidenceFloor &&
    !onlyNames(message.text, draft.context.facts);
  if (message.isRevoked && !isFirst) return draft.stayQuiet(message);
  if (confidence < 0) return draft.courtesy(message, false);
  if (!isFirst && takeClarification(draft, message)) return;
  if (message.choiceId && routeChoice(draft, message)) return;
  if (isUnclearVote(message)) return chooseAgain(draft, message);
  if (message.content === 'location' && draft.showedPlace(message)) return;
  if (heardBarePaper(draft, message)) return;
  if (needsEyes(message)) return draft.look(message);
  if (saysNumberOnly(meaning) && heardByRun(draft, message, 'kyc_submit')) return;
  if (isFirst) return handleFirst(draft, meaning);
  if (answered(draft, message)) return;
  if (!message.isLate && draft.remarked(message)) return;
  if (isBareReference(meaning) && heardByRun(draft, message, 'payment_claim')) return;
  if (message.isLate && handledLate(draft, meaning)) return;
  if (isLikelyPapers(meaning) && heardByRun(draft, message, intent)) return;
  if (confidence < policy.confidenceFloor) return draft.case(message, 'other', 'unsure');
  if (intent === 'price_query' && message.understanding.entities.bargains)
    return draft.case(message, 'human_request', 'bargaining');
  if (heardByRun(draft, message, intent)) return;
  applyDefault(draft, meaning);
}

/** The answer to which run was meant. Where that one does not take it any more, policy's default does. */
function takeClarification(draft: Draft, message: HeardMessage): boolean {
  const meant = clarified(draft, message);
  if (!meant) return false;
  const { isHeard, intent, said } = meant;
  if (!isHeard) applyDefault(draft, { message: said, intent, confidence: 1 });
  return true;
}

/** What no rule can read: shown to a person. The name of a place or of a contact is not the buyer's own words. */
function needsEyes({ content, text }: HeardMessage): boolean {
  if (content === 'location' || content === 'contacts') return true;
  return (content === 'media' || content === 'unsupported') && text.trim() === '';
}

/**
 * A number of an identity paper, and no other matter that its words would make certain. "Mera aadhaar number …"
 * alone reads a little like a wish to have it erased.
 */
function saysNumberOnly({ message, intent, confidence }: Meaning): boolean {
  const { confidenceFloor } = POLICY[intent];
  const floor = intent === 'data_erasure' ? SURE_ERASURE : confidenceFloor;
  return typesNumber(message) && (intent === 'other' || confidence < floor);
}

/**
 * Who was asked for papers most likely means them, where no other team's matter is as likely: to be told again what is
 * missing does no harm.
 */
function isLikelyPapers({ message, intent, confidence }: Meaning): boolean {
  if ((intent !== 'kyc_query' && intent !== 'kyc_submit') || confidence < LIKELY_PAPERS) return false;
  const { owner } = POLICY[intent];
  return message.understanding.intents.every(
    ({ name, confidence: rival }) => POLICY[name].owner === owner || rival < confidence / 2,
  );
}

/** A bank reference and nothing else: to a buyer with a booking it is about a payment. */
function isBareReference({ message, intent }: Meaning): boolean {
  return intent === 'other' && message.understanding.entities.utr !== undefined;
}

/** More than one option of a known poll, or none that it has. */
function isUnclearVote({ content, choiceId, about }: HeardMessage): boolean {
  return content === 'vote' && !choiceId && about !== undefined && about.choices.length > 0;
}

function chooseAgain(draft: Draft, message: HeardMessage): void {
  if (!askedAgain(draft, message)) draft.case(message, 'other', 'unclear_vote');
}

/**
 * An answer of the bot would come too late to a question of back then: a person looks at it. A courtesy is past
 * and gets none. False for what is answered late as well: a first enquiry, and what approved copy closes.
 */
function handledLate(draft: Draft, { message, intent, confidence }: Meaning): boolean {
  const { handling, confidenceFloor } = POLICY[intent];
  const isSure = confidence >= confidenceFloor;
  const isEnquiry = typeof handling === 'object' && handling.starts === 'enquiry';
  if (isSure && isEnquiry && draft.isNewBuyer()) return false;
  if (isSure && COURTESIES.has(intent)) draft.stayQuiet(message);
  else if (isSure && handling === 'reply') return false;
  else {
    overhear(draft, message);
    draft.case(message, isSure ? intent : 'other', 'late', 'late_reply');
  }
  return true;
}

/** A tapped quick reply goes to the flow that offered it, even when that flow has moved on. */
function routeChoice(draft: Draft, message: HeardMessage): boolean {
  const [prefix, name] = (message.choiceId ?? '').split('.');
  if (prefix === 'policy' && name && Object.hasOwn(POLICY, name)) {
    applyDefault(draft, { message, intent: name as Intent, confidence: 1 });
    return true;
  }
  const choiceId = message.choiceId ?? '';
  // "Book a visit" to another project than the one that is being booked is a wish of its own.
  const runs = choiceId.startsWith('visit.book.')
    ? draft.state.runs.filter((run) => !isOther(run, choiceId, draft.context.facts))
    : draft.state.runs;
  const run = prefix && runOfChoice(prefix, choiceId, runs);
  if (run && draft.advance(run, { kind: 'answer', message }, message)) return true;
  if (prefix !== 'visit') return false;
  if (name === 'feedback') {
    // It came too late to count; what they say besides is read.
    draft.courtesy(message);
    return true;
  }
  const project = projectNamed(message, draft.context.facts);
  if (run && (project === undefined || project === subjectOf(run)))
    return draft.advance(run, { kind: 'intent', intent: 'visit_book', message }, message);
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

/** A flow about the project that the message names; else about the one that was asked for last. */
function startFlow(draft: Draft, name: FlowName, message: HeardMessage, intent: Intent): void {
  const { facts } = draft.context;
  const data = enquiryData(message, facts);
  if (!data) return draft.case(message, intent, 'no_project');
  const enquiries = draft.state.runs.filter((run) => run.flow === 'enquiry');
  const named = projectNamed(message, facts);
  const sales = draft.state.runs.filter((run) => SALE_FLOWS.has(run.flow));
  const project = named ?? projectOfRun(enquiries.at(-1)) ?? projectOfRun(sales.at(-1)) ?? data.project;
  const enquiry = enquiries.findLast((run) => projectOfRun(run) === project);
  if (name === 'visit') {
    const paused = draft.state.runs.find((run) => isVisitTo(run, project) && run.paused);
    if (paused) return draft.case(message, intent, 'run_paused');
    if (!enquiry) draft.lead(project);
    draft.begin(
      { flow: 'visit', subject: project, data: visitData(message, project, draft.context) },
      message,
    );
    return;
  }
  if (enquiry) return draft.case(message, intent, 'policy');
  // Who has bought there asks as an owner: no brochure, and no questions about what they look for.
  if (sales.some((run) => projectOfRun(run) === project)) {
    if (intent === 'greeting') return draft.reply(message, 'greeting_again');
    return draft.case(message, intent, 'owner_asks');
  }
  draft.begin({ flow: 'enquiry', subject: project, data: { ...data, project } }, message);
  const run = draft.state.runs.findLast((each) => each.flow === 'enquiry');
  // "Price of 2BHK?" as the first words: the brochure goes out, and the question itself is answered too.
  if (run && !['greeting', 'brochure_request', 'project_query'].includes(intent)) {
    draft.advance(run, { kind: 'intent', intent, message }, message);
  }
}

function projectOfRun(run: Run | undefined): string | undefined {
  return typeof run?.data.project === 'string' ? run.data.project : undefined;
}

function isVisitTo(run: Run, project: string): boolean {
  return run.flow === 'visit' && projectOfRun(run) === project;
}

/**
 * How the file of a buyer's message came out, where people must know: it keeps failing, it is lost or was
 * refused and has to be asked for again, or it came in after all.
 */
export function decideMedia(
  state: ConversationState,
  file: { name: string; status: 'owed' | 'stored' | 'refused' | 'gone'; reason: string },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  const text = {
    owed: `The buyer's ${file.name} could not be downloaded yet (${file.reason}): it is tried again and again`,
    stored: `The buyer's ${file.name} has been downloaded after all`,
    refused: `The buyer's ${file.name} was not kept (${file.reason}): please ask for it in another form`,
    gone: `The buyer's ${file.name} could not be downloaded (${file.reason}): please ask for it again`,
  }[file.status];
  draft.note(text, 'what became of a file');
  const caseId = state.cases.at(-1)?.id;
  if (caseId) draft.owe({ kind: 'postToCase', caseId, who: 'bot', text });
  else if (file.status !== 'stored') draft.askPerson('media_unavailable', { file: text });
  return draft.done();
}

/**
 * What a machine heard in a voice note, when the message was decided without it: shown where the message is, else
 * in the open case. Where no case is open any more a person is asked to look,
 * unless the buyer has deleted it.
 */
export function decideVoiceNote(
  state: ConversationState,
  voiceNote: { words: string; caseId?: string; isRevoked: boolean },
  context: DecisionContext,
): Decision {
  const draft = new Draft(state, context);
  const text = `Voice note, as a machine heard it: "${voiceNote.words}"`;
  draft.note(text, 'it was heard after the message had been decided');
  const open = state.cases.find(({ id }) => id === voiceNote.caseId) ?? state.cases.at(-1);
  if (open) draft.owe({ kind: 'postToCase', caseId: open.id, who: 'bot', text });
  else if (!voiceNote.isRevoked) draft.askPerson('voice_note', { message: text });
  return draft.done();
}
