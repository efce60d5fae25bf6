import { runsAsking } from './asking.ts';
import { dueAt, newRun, type StepInput, type Stepped, step } from './engine.ts';
import { POLICY } from './policy.ts';
import { FLOWS, type FlowName, flowNamed } from './registry.ts';
import type {
  ConversationState,
  Effect,
  Facts,
  HeardMessage,
  Intent,
  Note,
  Outcome,
  Run,
  StaffRef,
  Team,
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
    const last = messages.at(-1);
    if (!last) return;
    const telling = messages.filter((each) => each.content === 'text' && this.tellsLanguage(each)).at(-1);
    this.state.language = telling?.understanding.language ?? this.state.language;
    this.state.lastInboundAt = last.at;
  }

  note(what: string, why: string): void {
    this.notes.push({ what, why });
  }

  /** Adds an effect; the same words twice in one turn, or a question that was overtaken, go out once. */
  owe(effect: Effect): void {
    if (effect.kind === 'sendTemplate' && effect.asks) {
      this.effects = this.effects.filter(
        (each) => !(each.kind === 'sendTemplate' && each.asks === effect.asks),
      );
    }
    if (effect.kind === 'openCase') return this.openOrFollow(effect);
    if (!this.effects.some((each) => JSON.stringify(each) === JSON.stringify(effect)))
      this.effects.push(effect);
  }

  take(caseId: string, staff: StaffRef): void {
    const until = new Date(this.context.now.getTime() + LEASE_HOURS * 3_600_000);
    this.state.owner = { kind: 'staff', caseId, until, ...staff };
  }

  /** Closes a case; a person who speaks under another case keeps the word. */
  close(caseId: string): void {
    this.state.cases = this.state.cases.filter((each) => each.id !== caseId);
    const { owner } = this.state;
    if (owner.kind === 'staff' && owner.caseId === caseId) this.state.owner = { kind: 'bot' };
  }

  /** A word or two ("ok", "85 lakh") say little about the language a buyer wants to be answered in. */
  private tellsLanguage({ text, understanding }: HeardMessage): boolean {
    const isFirst = this.state.lastInboundAt === undefined;
    return isFirst || understanding.language === 'hi' || text.trim().split(/\s+/).length >= WORDS_THAT_TELL;
  }

  /** A reply to the question asked: the run that asked last is heard first. */
  answered(message: HeardMessage): boolean {
    return runsAsking(this.state.runs).some((run) => this.advance(run, { kind: 'answer', message }, message));
  }

  heard(message: HeardMessage, intent: Intent): boolean {
    const newestFirst = [...this.state.runs].reverse();
    return newestFirst.some((run) => this.advance(run, { kind: 'intent', intent, message }, message));
  }

  begin(name: FlowName, data: Record<string, unknown>, message: HeardMessage): void {
    const flow = FLOWS[name];
    const before = this.state.runs.find((run) => run.flow === name);
    if (before) this.state.runs = this.state.runs.filter((run) => run !== before);
    const run = newRun(flow, `${name}:${this.newId()}`, data, this.context.now);
    this.state.runs.push(run);
    this.advance(run, { kind: 'start' }, message);
  }

  /** Steps one run; false when it had nothing to say. */
  advance(run: Run, input: StepInput, message?: HeardMessage): boolean {
    const flow = flowNamed(run.flow);
    const stepped: Stepped = flow
      ? step(flow, run, input, this.context)
      : { handled: true, run: undefined, effects: [], parked: `no flow ${run.flow}` };
    if (!stepped.handled) return false;
    this.state.runs = this.state.runs.flatMap((each) =>
      each.id !== run.id ? [each] : stepped.run ? [stepped.run] : [],
    );
    for (const effect of stepped.effects) this.owe(effect);
    if (stepped.parked) this.park(run, stepped.parked, message);
    else if (message)
      this.settle(message, { kind: 'flow', run: run.id, stage: stepped.run?.stage ?? run.stage });
    return true;
  }

  /** A person answers: opens the team's case or adds to the one that is open. */
  case(message: HeardMessage, intent: Intent, reason: string): void {
    const policy = POLICY[intent];
    const isLead = this.state.runs.some((run) => run.flow === 'enquiry' || run.flow === 'visit');
    const isNew = this.state.runs.length === 0 && this.state.cases.length === 0;
    const team = intent === 'other' && (isLead || isNew) ? 'sales' : policy.owner;
    const caseId = this.caseOf(team) ?? this.newId();
    this.settle(message, { kind: 'case', caseId });
    this.owe({
      kind: 'openCase',
      caseId,
      team,
      intent,
      reason,
      respondWithinMinutes: policy.respondWithinMinutes,
      quotes: [message.shown],
      details: {},
    });
    if (policy.pausesReminders) this.pauseReminders(caseId);
    this.acknowledge(caseId, policy.acknowledge, policy.respondWithinMinutes);
    this.shown.add(message.id);
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

  optOut(message: HeardMessage): void {
    this.state.optedOutAt = this.context.now;
    this.note('opted out', 'the buyer asked for no more messages');
    this.reply(message, 'opted_out');
  }

  optIn(message: HeardMessage): void {
    delete this.state.optedOutAt;
    this.note('opted in', 'the buyer asked for messages');
    this.reply(message, 'opted_in');
  }

  lead(project: string): void {
    this.owe({ kind: 'updateLead', project, stage: 'New', answers: {} });
  }

  showIn(caseId: string, message: HeardMessage): void {
    if (!this.outcomes.has(message.id)) this.settle(message, { kind: 'case', caseId });
    this.owe({ kind: 'postToCase', caseId, who: 'buyer', text: message.shown });
  }

  /** While a case is open its team sees everything the buyer writes, also what the bot could answer. */
  mirror(messages: HeardMessage[]): void {
    const caseId = this.state.cases.at(-1)?.id;
    const wasOpen = !this.effects.some((each) => each.kind === 'openCase' && each.caseId === caseId);
    if (!caseId || !wasOpen) return;
    for (const message of messages) {
      if (!this.shown.has(message.id)) {
        this.owe({ kind: 'postToCase', caseId, who: 'buyer', text: message.shown });
      }
    }
  }

  done(): Decision {
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
  private settle(message: HeardMessage, outcome: Outcome): void {
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
    this.effects.splice(others < 0 ? this.effects.length : others, 0, { ...effect, caseId });
  }

  private followUp(caseId: string, { quotes, reason, details }: Extract<Effect, { kind: 'openCase' }>): void {
    for (const text of quotes) this.effects.push({ kind: 'postToCase', caseId, who: 'buyer', text });
    if (quotes.length > 0) return;
    this.effects.push({ kind: 'postToCase', caseId, who: 'bot', text: reason, details });
  }

  private pauseReminders(caseId: string): void {
    const open = this.state.cases.find((each) => each.id === caseId);
    if (open) open.pausesReminders = true;
  }

  /** Every kind of matter is acknowledged once per case; more of the same only after a while, and shortly. */
  private acknowledge(caseId: string, template: string, respondWithinMinutes: number): void {
    const open = this.state.cases.find((each) => each.id === caseId);
    if (!open) return;
    const sinceMs = this.context.now.getTime() - open.acknowledgedAt.getTime();
    const isKnown = open.acknowledged.includes(template);
    if (isKnown && sinceMs < ACKNOWLEDGE_AGAIN_MINUTES * 60_000) return;
    open.acknowledgedAt = this.context.now;
    if (!isKnown) open.acknowledged.push(template);
    this.owe({
      kind: 'sendTemplate',
      template: isKnown ? 'added_to_case' : template,
      data: { team: open.team, respondWithinMinutes },
      category: 'reply',
      ticketOf: caseId,
    });
  }

  private park(run: Run, reason: string, message: HeardMessage | undefined): void {
    this.note(`flow ${run.flow} parked`, reason);
    if (message) return this.case(message, 'other', 'parked');
    this.askPerson('parked', { flow: run.flow, stage: run.stage });
  }
}
