import { type CaseAgain, lastClosed, wakes, withCaseAgain, withoutCase } from './caseState.ts';
import { withInbound, withOptIn, withOptOut, withoutPromotions } from './consent/consent.ts';
import { dueAt, newRun, type StepInput, type Stepped, step, subjectOf, type ToPeople } from './engine.ts';
import { isSameDay, minutesThatHold, nextOpening } from './hours.ts';
import { dropped } from './milestones.ts';
import { dayOf } from './money/day.ts';
import { POLICY, type Policy, SAID_AT_ANY_HOUR } from './policy.ts';
import { dayBegins, readPromise } from './promise.ts';
import { flowNamed } from './registry.ts';
import { retentionNote } from './retention.ts';
import { isAboutRun } from './subjects.ts';
import type {
  CaseOutcome,
  ConversationState,
  Effect,
  Facts,
  FlowEvent,
  HeardMessage,
  Intent,
  Note,
  OpenCase,
  Outcome,
  Run,
  ScoredIntent,
  StaffRef,
  Team,
  TemplateData,
  WorkingHours,
} from './types.ts';

/** `scope` makes the ids of what this decision creates: unique per conversation and revision. */
export type DecisionContext = { scope: string; facts: Facts; now: Date };

export type Decision = {
  state: ConversationState;
  effects: Effect[];
  outcomes: { message: string; outcome: Outcome }[];
  notes: Note[];
};

/** How long a person keeps the word after their last message, unless they resolve the case earlier. */
const LEASE_HOURS = 12;
/** A courtesy ("thanks", "ok") is answered at most once in this time; between, silence is the approved reply. */
const COURTESY_HOURS = 6;
/** A shorter message keeps the language of the conversation. */
const WORDS_THAT_TELL = 3;
/** A matter that is already with its team is acknowledged again only after this time. */
const ACKNOWLEDGE_AGAIN_MINUTES = 30;
/** Acknowledged in the same words each time: to whoever rings, nothing has been added. */
const SAID_AGAIN: ReadonlySet<string> = new Set(['call_missed']);
/** The outcome of what is left without a word. */
const SILENCE = 'silence';
/** Does not reopen WhatsApp's 24-hour window: nothing was written. */
const WRITES_NOTHING: ReadonlySet<HeardMessage['content']> = new Set(['reaction', 'edited', 'revoked']);
/** Alone they are no matter for a person. */
const GESTURES: ReadonlySet<HeardMessage['content']> = new Set(['reaction', 'sticker']);

/** Somebody who writes on the paired phone: WhatsApp does not say who. */
export const PHONE: StaffRef = { id: 'phone', name: 'Paired phone' };

/** Gathers what one decision changes and owes. Mutable on purpose, and gone when the decision is made. */
export class Draft {
  state: ConversationState;
  readonly context: DecisionContext;
  private effects: Effect[] = [];
  private readonly outcomes = new Map<string, Outcome>();
  private readonly notes: Note[] = [];
  private readonly shown = new Set<string>();
  private created = 0;

  constructor(state: ConversationState, context: DecisionContext) {
    this.state = {
      ...state,
      runs: [...state.runs],
      cases: state.cases.map((each) => ({ ...each, acknowledged: [...each.acknowledged] })),
    };
    this.context = context;
  }

  listen(messages: HeardMessage[]): void {
    const telling = messages.filter((each) => this.tellsLanguage(each)).at(-1);
    this.state.language = telling?.understanding.language ?? this.state.language;
    const before = this.state.lastInboundAt;
    const last = messages.filter((each) => !WRITES_NOTHING.has(each.content)).at(-1);
    // What was backfilled may be older than what came in meanwhile.
    if (last && !(before && before > last.at)) this.state.lastInboundAt = last.at;
    if (last) this.state = withInbound(this.state, last);
  }

  note(what: string, why: string, by: Pick<Note, 'who' | 'kind'> = {}): void {
    this.notes.push({ what, why, ...by });
  }

  /** Adds an effect; the same words twice in one turn, or a question that was overtaken, go out once. */
  owe(effect: Effect): void {
    if (effect.kind === 'sendTemplate' && effect.asks) {
      this.effects = this.effects.filter(
        (each) => !(each.kind === 'sendTemplate' && each.asks === effect.asks),
      );
    }
    if (effect.kind === 'openCase') return this.openOrFollow(effect);
    if (effect.kind === 'beginRun') return this.begin(effect);
    if (!this.effects.some((each) => JSON.stringify(each) === JSON.stringify(effect)))
      this.effects.push(effect);
  }

  take(caseId: string, staff: StaffRef): void {
    this.state.owner = { kind: 'staff', caseId, until: leaseOf(this.context.now), ...staff };
  }

  /**
   * Somebody wrote on the paired phone at `at`: they have the word as long as after any person's words. What was
   * found too late for that, or before a colleague took over, changes no owner.
   */
  takeByPhone(at: Date, words: string): void {
    const until = leaseOf(at);
    const { owner } = this.state;
    this.contacted('person', at);
    if (until <= this.context.now) return;
    const caseId = this.caseInHand() ?? '';
    if (caseId) {
      this.owe({ kind: 'claimCase', caseId, staff: PHONE });
      this.owe({ kind: 'postToCase', caseId, who: 'bot', text: `answered from the paired phone: ${words}` });
    }
    if (owner.kind === 'staff' && owner.until > until) return;
    if (owner.kind === 'bot') this.note('a person has the word', 'they answered from the paired phone');
    this.state.owner = { kind: 'staff', caseId, until, ...PHONE };
  }

  /** Closes a case; a person who speaks under another case keeps the word. */
  close(caseId: string, how: { by: StaffRef; outcome?: CaseOutcome }): void {
    this.state = { ...this.state, ...withoutCase(this.state, caseId, { ...how, at: this.context.now }) };
    const { owner } = this.state;
    if (owner.kind === 'staff' && owner.caseId === caseId) this.state.owner = { kind: 'bot' };
  }

  /** Opens a case again, also one that was closed longer ago than the conversation remembers. */
  openAgain(closed: CaseAgain, owed: Omit<Extract<Effect, { kind: 'reopenCase' }>, 'kind' | 'caseId'>): void {
    this.state = { ...this.state, ...withCaseAgain(this.state, closed, this.context.now) };
    this.owe({ kind: 'reopenCase', caseId: closed.id, ...owed });
  }

  /** Changes an open case; nothing happens to one that is not open. */
  changeCase(caseId: string, change: (open: OpenCase) => OpenCase): void {
    this.state.cases = this.state.cases.map((each) => (each.id === caseId ? change(each) : each));
  }

  /** Wakes the cases that rest, if anything that was heard is worth it. */
  wakeFor(heard: HeardMessage[]): void {
    if (heard.some(wakes)) this.wake(() => true, 'the buyer wrote');
  }

  /** Wakes the cases whose time has come. */
  wakeDue(): void {
    this.wake(({ until }) => until !== undefined && until <= this.context.now, 'its time has come');
  }

  private wake(isToWake: (snoozed: NonNullable<OpenCase['snoozed']>) => boolean, why: string): void {
    for (const { id, snoozed } of this.state.cases) {
      if (!snoozed || !isToWake(snoozed)) continue;
      this.changeCase(id, ({ snoozed: _rested, ...open }) => open);
      this.owe({ kind: 'wakeCase', caseId: id });
      this.note('snoozed case is back', why, { kind: 'case' });
    }
  }

  /**
   * A word or two ("ok", "85 lakh") say little about the language a buyer wants to be answered in. What is spoken
   * has no letters: those are the machine's choice, and count only while the buyer has written nothing.
   */
  private tellsLanguage({ content, text, isSpoken, understanding }: HeardMessage): boolean {
    const isFirst = this.state.lastInboundAt === undefined;
    if (content !== 'text') return isFirst && isSpoken === true;
    return isFirst || understanding.language === 'hi' || text.trim().split(/\s+/).length >= WORDS_THAT_TELL;
  }

  /** What a run takes up without having asked. */
  remarked(message: HeardMessage): boolean {
    const newestFirst = [...this.state.runs].reverse();
    return newestFirst.some((run) => this.advance(run, { kind: 'remark', message }, message));
  }

  /** True before anything is under way, or while only this very turn has begun something. */
  isNewBuyer(): boolean {
    return this.state.runs.every((run) => run.id.startsWith(`${run.flow}:${this.context.scope}.`));
  }

  /** Begins a run; one of the same flow about the same subject ends. */
  begin(
    { flow: name, subject, data }: { flow: string; subject: string; data: Record<string, unknown> },
    message?: HeardMessage,
  ): void {
    const flow = flowNamed(name);
    if (!flow) return this.note(`flow ${name} not begun`, 'this version does not know it');
    const before = this.state.runs.find((run) => run.flow === name && subjectOf(run) === subject);
    if (before) this.end(before);
    const run = newRun(flow, `${name}:${this.newId()}`, { subject, data }, this.context.now);
    this.state.runs.push(run);
    this.advance(run, { kind: 'start' }, message);
  }

  /** Ends a run where it stands: nobody owes its milestones any more. */
  end(run: Run): void {
    this.state.runs = this.state.runs.filter(({ id }) => id !== run.id);
    for (const effect of dropped(flowNamed(run.flow)?.milestones ?? {}, run, this.context.now))
      this.owe(effect);
  }

  /** Lets every run that it concerns hear of an event. */
  tell(event: FlowEvent): void {
    this.advanceAll({ kind: 'event', event }, (run) => isAboutRun(event, run));
  }

  /** Lets the runs that keep count of it know that somebody spoke. */
  contacted(by: 'buyer' | 'person' | 'bot', at: Date, isOfSubstance = true): void {
    const event = { name: 'contacted', by, at, isOfSubstance } as const;
    this.advanceAll({ kind: 'event', event }, (run) => hearsEvent(run, event.name));
  }

  /** Steps every run under way that it concerns, each as the ones before have left it; not what they begin. */
  advanceAll(input: StepInput, concerns: (run: Run) => boolean): void {
    for (const { id } of this.state.runs) {
      const run = this.state.runs.find((each) => each.id === id);
      if (run && concerns(run)) this.advance(run, input);
    }
  }

  /** Steps one run; false when it had nothing to say. */
  advance(run: Run, input: StepInput, message?: HeardMessage): boolean {
    const flow = flowNamed(run.flow);
    const stepped: Stepped = flow
      ? step(flow, run, input, { ...this.context, beside: this.state.runs.filter(({ id }) => id !== run.id) })
      : { handled: true, run: undefined, effects: [], parked: `no flow ${run.flow}` };
    if (!stepped.handled) return false;
    if (run.paused && !stepped.run) this.note(`flow ${run.flow} ended while it was paused`, 'without a word');
    this.follow(run, stepped, message);
    const meant = input.kind === 'intent' ? input.intent : stepped.toPeople?.intent;
    if (stepped.toPeople && meant && 'message' in input) this.pass(input.message, meant, stepped.toPeople);
    return true;
  }

  /** Takes over what stepping a run came to. */
  follow(run: Run, stepped: Stepped, message?: HeardMessage): true {
    this.state.runs = this.state.runs.flatMap((each) =>
      each.id !== run.id ? [each] : stepped.run ? [stepped.run] : [],
    );
    for (const effect of stepped.effects) this.owe(effect);
    if (stepped.parked) this.park(run, stepped.parked, message);
    else if (message)
      this.settle(message, { kind: 'flow', run: run.id, stage: stepped.run?.stage ?? run.stage });
    return true;
  }

  /**
   * What only people can look at. While a payment is due a picture may be its proof: collections look, and reminders
   * rest until then. While papers are asked for it may be one of those, and nobody guesses.
   */
  look(message: HeardMessage): void {
    const isProof = message.file !== undefined && !message.file.names && this.isPaymentDue();
    if (!isProof) return this.case(message, 'other', `unreadable_${message.content}`);
    const caseId = this.handOver(message, 'payment_claim', { reason: 'maybe_payment_proof' });
    this.acknowledge(caseId, 'passed_to_person', POLICY.payment_claim);
  }

  private isPaymentDue(): boolean {
    const { runs } = this.state;
    if (runs.some(({ flow }) => flow === 'kyc') || !runs.some(({ flow }) => flow === 'collections'))
      return false;
    const demands = this.context.facts.bookings.flatMap((booking) => booking.demands);
    return demands.some(({ isSettled, isClaimed }) => !isSettled && !isClaimed);
  }

  /** A person answers: opens the team's case or adds to the one that is open, and tells the buyer so. */
  case(
    message: HeardMessage,
    intent: Intent,
    reason: string,
    acknowledge: string = POLICY[intent].acknowledge,
  ): void {
    const caseId = this.handOver(message, intent, { reason });
    this.acknowledge(caseId, acknowledge, POLICY[intent]);
  }

  /** A flow has taken note of it, and a person answers. */
  private pass(message: HeardMessage, intent: Intent, how: ToPeople): void {
    const caseId = this.handOver(message, intent, how);
    this.acknowledge(caseId, POLICY[intent].acknowledge, POLICY[intent]);
  }

  reply(message: HeardMessage, template: string): void {
    this.owe({ kind: 'sendTemplate', template, data: {}, category: 'reply' });
    this.settle(message, { kind: 'reply', template });
  }

  courtesy(message: HeardMessage, isAlone = true): void {
    const last = this.state.lastCourtesyAt;
    const silent = last && this.context.now.getTime() - last.getTime() < COURTESY_HOURS * 3_600_000;
    if (!silent && isAlone) {
      this.owe({ kind: 'sendTemplate', template: 'courtesy', data: {}, category: 'reply' });
      this.state.lastCourtesyAt = this.context.now;
    }
    this.settle(message, { kind: 'reply', template: 'courtesy' });
  }

  /** Nothing is said, and that is what is approved. */
  stayQuiet(message: HeardMessage): void {
    this.settle(message, { kind: 'reply', template: SILENCE });
  }

  /** A message that another one of this turn has overtaken ends as that one did. */
  concludeWith(message: HeardMessage): void {
    const outcome = this.outcomes.get(message.partOf ?? '');
    this.settle(message, outcome ?? { kind: 'reply', template: SILENCE });
  }

  /** The buyer wants no more messages, or no more offers where it is those alone that they name. */
  optOut(message: HeardMessage): void {
    const { now } = this.context;
    if (message.understanding.entities.offersOnly && !this.state.optedOutAt) {
      this.state = withoutPromotions(this.state, now);
      this.note('opted out of offers', 'the buyer asked for no more offers');
      return this.reply(message, 'offers_stopped');
    }
    this.state = withOptOut(this.state, now);
    this.note('opted out', 'the buyer asked for no more messages');
    this.reply(message, 'opted_out');
  }

  /** The buyer wants our messages again; offers only where they say so. */
  optIn(message: HeardMessage): void {
    const { offersOnly: wantsOffers } = message.understanding.entities;
    const kinds = wantsOffers ? (['service', 'promotion'] as const) : (['service'] as const);
    this.state = withOptIn(this.state, { kinds, source: 'chat', at: message.at });
    this.note(wantsOffers ? 'opted in, with offers' : 'opted in', 'the buyer asked for messages');
    this.reply(message, wantsOffers ? 'offers_started' : 'opted_in');
  }

  lead(project: string): void {
    this.owe({ kind: 'updateLead', project, stage: 'New', answers: {} });
  }

  /**
   * Shows a message to the person who has the word. Somebody who writes on the paired phone has no thread: what
   * the buyer writes to them opens a case, so that it reaches a person whoever looks at that phone.
   */
  showToOwner(message: HeardMessage): void {
    const { owner } = this.state;
    if (owner.kind === 'bot' || isTakenBack(message)) return this.stayQuiet(message);
    const caseId = this.caseInHand();
    if (caseId) {
      this.showIn(caseId, message);
      this.state.owner = { ...owner, caseId };
    } else if (message.isQuiet || GESTURES.has(message.content)) {
      this.stayQuiet(message);
    } else if (!this.outcomes.has(message.id)) {
      const meant = message.understanding.intents[0];
      const isSure = meant && meant.confidence >= POLICY[meant.name].confidenceFloor;
      const opened = this.handOver(message, isSure ? meant.name : 'other', {
        reason: 'phone_conversation',
      });
      this.state.owner = { ...owner, caseId: opened };
    }
  }

  /** Shows where a buyer is who is expected at the site; false when nobody there has a case of theirs. */
  showedPlace(message: HeardMessage): boolean {
    const isExpected = this.state.runs.some((run) => run.flow === 'visit' && run.stage === 'booked');
    const caseId = this.caseOf('sales');
    if (!isExpected || !caseId) return false;
    this.showIn(caseId, message);
    return true;
  }

  /** While a case is open its team sees everything the buyer writes, also what the bot could answer. */
  mirror(messages: HeardMessage[]): void {
    const caseId = this.state.cases.at(-1)?.id;
    const wasOpen = !this.effects.some((each) => each.kind === 'openCase' && each.caseId === caseId);
    if (!caseId || !wasOpen) return;
    for (const message of messages) {
      if (!this.shown.has(message.id) && this.isForPeopleToSee(message)) {
        this.owe({ kind: 'postToCase', caseId, who: 'buyer', text: message.shown });
      }
    }
  }

  /** A reaction says something to a flow that asked or to the person it is for, and nothing to others. */
  private isForPeopleToSee(message: HeardMessage): boolean {
    if (isTakenBack(message)) return false;
    if (message.content !== 'reaction') return true;
    return message.about?.by === 'staff' || this.outcomes.get(message.id)?.kind === 'flow';
  }

  private showIn(caseId: string, message: HeardMessage): void {
    const promisedAt = this.hearPromise(message);
    if (promisedAt) this.owe({ kind: 'detailCase', caseId, details: { promisedAt } });
    if (!this.outcomes.has(message.id)) this.settle(message, { kind: 'case', caseId });
    this.owe({ kind: 'postToCase', caseId, who: 'buyer', text: message.shown });
    this.shown.add(message.id);
  }

  /** The case that the person who has the word speaks under, else the newest one. */
  private caseInHand(): string | undefined {
    const { owner, cases } = this.state;
    return (owner.kind === 'staff' && owner.caseId) || cases.at(-1)?.id;
  }

  /** Gives a message to the case of a team, open or new, without a word to the buyer. */
  private handOver(
    message: HeardMessage,
    intent: Intent,
    {
      reason,
      details,
      pausesReminders = POLICY[intent].pausesReminders,
    }: Omit<ToPeople, 'pausesReminders'> & {
      pausesReminders?: boolean;
    },
  ): string {
    const policy = POLICY[intent];
    const team = intent === 'other' ? this.teamForUnclear() : policy.owner;
    const caseId = this.caseOf(team) ?? this.reopened(team, message, intent) ?? this.newId();
    const read = readingOf(message, intent);
    const promise = this.hearPromise(message);
    this.settle(message, { kind: 'case', caseId });
    this.owe({
      kind: 'openCase',
      caseId,
      team,
      intent,
      reason,
      respondWithinMinutes: policy.respondWithinMinutes,
      quotes: [message.shown],
      details: {
        ...details,
        ...(promise && { promisedAt: promise }),
        ...(intent === 'data_erasure' && { lawKeeps: retentionNote(this.today()) }),
      },
      ...(read && { read }),
    });
    if (pausesReminders) this.pauseReminders(caseId);
    // Said again, it is looked for again.
    if (intent === 'payment_claim') this.changeCase(caseId, ({ paymentMissing: _before, ...open }) => open);
    this.shown.add(message.id);
    return caseId;
  }

  /** The day in the project's zone. */
  private today(): string {
    return dayOf(this.context.now, this.context.facts.timeZone);
  }

  /**
   * A promise to pay that reaches a person is remembered: no flow has taken it for something else. Returns when its
   * day begins.
   */
  private hearPromise(message: HeardMessage): string | undefined {
    const { timeZone } = this.context.facts;
    const promise = readPromise(message, timeZone);
    if (!promise) return undefined;
    this.state.promise = promise;
    return dayBegins(promise, timeZone).toISOString();
  }

  /** Whoever looks at what is not clear: of a lead sales, else the team that dealt with this buyer last. */
  private teamForUnclear(): Team {
    const { runs, cases } = this.state;
    if (runs.some((run) => run.flow === 'enquiry' || run.flow === 'visit')) return 'sales';
    if (cases.length > 0) return POLICY.other.owner;
    const before = lastClosed(this.state, this.context.now);
    return before?.team ?? (runs.length === 0 ? 'sales' : POLICY.other.owner);
  }

  /** The team's case that was closed not long ago, opened again for this message; undefined when there is none. */
  private reopened(team: Team, { shown }: HeardMessage, intent: Intent): string | undefined {
    const closed = lastClosed(this.state, this.context.now, team);
    if (!closed) return undefined;
    const { respondWithinMinutes, clock } = POLICY[intent];
    const isUrgent = clock === 'always';
    this.openAgain(closed, {
      respondWithinMinutes,
      words: shown,
      ...(isUrgent && { roundTheClock: true as const }),
    });
    this.note('case reopened', 'the buyer wrote again', { kind: 'case' });
    return closed.id;
  }

  done(): Decision {
    if (this.effects.some(saysUnasked)) this.contacted('bot', this.context.now);
    const runs = this.state.runs.map((run) => this.withDue(run));
    return {
      state: { ...this.state, runs },
      effects: this.effects,
      outcomes: [...this.outcomes].map(([message, outcome]) => ({ message, outcome })),
      notes: this.notes,
    };
  }

  /** Opens a case that no message asked for. */
  askPerson(reason: string, details: Record<string, string>): void {
    const { owner: team, respondWithinMinutes } = POLICY.other;
    this.owe({
      kind: 'openCase',
      caseId: this.newId(),
      team,
      intent: 'other',
      reason,
      respondWithinMinutes,
      quotes: [],
      details,
    });
  }

  private withDue(run: Run): Run {
    const flow = flowNamed(run.flow);
    const due = flow && run.dueAt === undefined ? dueAt(flow, run, this.context.facts) : undefined;
    return due ? { ...run, dueAt: due } : run;
  }

  private newId(): string {
    this.created += 1;
    return `${this.context.scope}.${this.created}`;
  }

  private caseOf(team: Team): string | undefined {
    return this.state.cases.find((each) => each.team === team)?.id;
  }

  /** A case is the strongest outcome, then a flow, then a reply; the first of equals stays. */
  settle(message: HeardMessage, outcome: Outcome): void {
    const strength: Outcome['kind'][] = ['reply', 'flow', 'case'];
    const before = this.outcomes.get(message.id);
    if (!before || strength.indexOf(outcome.kind) > strength.indexOf(before.kind)) {
      this.outcomes.set(message.id, outcome);
    }
  }

  private openOrFollow(effect: Extract<Effect, { kind: 'openCase' }>): void {
    const open = this.caseOf(effect.team);
    if (open) return this.followUp(open, effect);
    const caseId = effect.caseId || this.newId();
    const { now } = this.context;
    this.state.cases.push({
      id: caseId,
      team: effect.team,
      openedAt: now,
      pausesReminders: false,
      acknowledged: [],
      acknowledgedAt: now,
    });
    // Before everything else: what is said to the buyer may name its ticket.
    const others = this.effects.findIndex((each) => each.kind !== 'openCase');
    const details = Object.fromEntries(Object.entries(effect.details).filter(([, value]) => value !== ''));
    this.effects.splice(others < 0 ? this.effects.length : others, 0, { ...effect, details, caseId });
  }

  private followUp(
    caseId: string,
    { quotes, reason, details, mention, callsOwner, changesCard }: Extract<Effect, { kind: 'openCase' }>,
  ): void {
    for (const text of quotes) this.effects.push({ kind: 'postToCase', caseId, who: 'buyer', text });
    // The latest is what counts: a promise that was moved, another payment.
    if (quotes.length > 0 && Object.keys(details).length > 0)
      this.effects.push({ kind: 'detailCase', caseId, details });
    if (quotes.length > 0) return;
    this.effects.push({
      kind: 'postToCase',
      caseId,
      who: 'bot',
      text: reason,
      details,
      ...(mention && { mention }),
      ...(callsOwner && { callsOwner }),
    });
    if (changesCard) this.effects.push({ kind: 'refreshCase', caseId });
  }

  private pauseReminders(caseId: string): void {
    const open = this.state.cases.find((each) => each.id === caseId);
    if (open) open.pausesReminders = true;
  }

  /** Every kind of matter is acknowledged once per case; more of the same only after a while, and shortly. */
  private acknowledge(caseId: string, template: string, policy: Policy): void {
    const open = this.state.cases.find((each) => each.id === caseId);
    if (!open) return;
    const sinceMs = this.context.now.getTime() - open.acknowledgedAt.getTime();
    const isKnown = open.acknowledged.includes(template);
    if (isKnown && sinceMs < ACKNOWLEDGE_AGAIN_MINUTES * 60_000) return;
    open.acknowledgedAt = this.context.now;
    if (!isKnown) open.acknowledged.push(template);
    const said = isKnown && !SAID_AGAIN.has(template) ? 'added_to_case' : template;
    this.owe({
      kind: 'sendTemplate',
      ...this.promise(said, open.team, policy),
      category: 'reply',
      ticketOf: caseId,
    });
  }

  /**
   * What a team is said to do, with a time that will hold. While it is not at work, the buyer learns when it will
   * be instead: once a day at most and once until then, and never instead of words that cannot wait.
   */
  private promise(
    template: string,
    team: Team,
    { clock, respondWithinMinutes: minutes }: Policy,
  ): { template: string; data: TemplateData } {
    const { now, facts } = this.context;
    const hours = facts.hours[team];
    if (clock === 'always') return { template, data: { team, respondWithinMinutes: minutes } };
    const opensAt = nextOpening(now, hours);
    const isClosed = opensAt !== undefined && opensAt > now;
    if (!isClosed || SAID_AT_ANY_HOUR.has(template) || this.knowsHours(hours, opensAt)) {
      return { template, data: { team, respondWithinMinutes: minutesThatHold(now, minutes, hours) } };
    }
    this.state.outsideHoursAt = now;
    const respondWithinMinutes = minutesThatHold(opensAt, minutes, hours);
    return { template: 'outside_hours', data: { team, opensAt, respondWithinMinutes } };
  }

  /** Whether the buyer was told today, or of this very opening, that a team is not at work. */
  private knowsHours(hours: WorkingHours, opensAt: Date): boolean {
    const { outsideHoursAt } = this.state;
    if (!outsideHoursAt) return false;
    const isSameOpening = nextOpening(outsideHoursAt, hours)?.getTime() === opensAt.getTime();
    return isSameOpening || isSameDay(outsideHoursAt, this.context.now, hours.timeZone);
  }

  private park(run: Run, reason: string, message: HeardMessage | undefined): void {
    this.end(run);
    this.note(`flow ${run.flow} parked`, reason);
    if (message) return this.case(message, 'other', 'parked');
    this.askPerson('parked', { flow: run.flow, stage: run.stage });
  }
}

function hearsEvent({ flow, stage }: Run, event: FlowEvent['name']): boolean {
  return flowNamed(flow)?.stages[stage]?.events?.[event] !== undefined;
}

/** What a message was taken for, and how surely; undefined for what was not read. */
function readingOf({ understanding }: HeardMessage, intent: Intent): ScoredIntent | undefined {
  const read = understanding.intents.find(({ name }) => name === intent) ?? understanding.intents[0];
  return read && read.confidence > 0 ? read : undefined;
}

function leaseOf(saidAt: Date): Date {
  return new Date(saidAt.getTime() + LEASE_HOURS * 3_600_000);
}

/** What the bot begins of itself to say to the buyer, such as what is due of a visit. */
function saysUnasked(effect: Effect): boolean {
  const isSaid = effect.kind === 'sendTemplate' || effect.kind === 'sendDocument';
  return isSaid && effect.category === 'reminder';
}

/** A reaction or a vote that the buyer has taken back: for the timeline alone. */
function isTakenBack({ content, text }: HeardMessage): boolean {
  return (content === 'reaction' || content === 'vote') && text === '';
}
