import { visitSlots } from '../bot/calendar.ts';
import { DEMO_PROJECT } from '../bot/demo.ts';
import { factsOf } from '../bot/portfolio.ts';
import type { Understander } from '../bot/understand/understander.ts';
import {
  type Decision,
  type DecisionContext,
  decideEvent,
  decideReply,
  decideResolve,
  decideTimers,
  decideTurn,
  newConversation,
} from '../flows/decide.ts';
import type { ConversationState, Effect, FlowEvent, HeardMessage, LabelledChoice } from '../flows/types.ts';
import { renderMessage } from '../templates/messages/message.ts';

/**
 * Plays a readable script of a conversation on the real understanding, policy and flows, with time and the world
 * in its hand. Lines that begin with `> ` are inputs (several in one burst are joined by ` && `), lines indented
 * by two spaces are what came of them, everything else is comment. Inputs in brackets act on the world:
 * `[tap 2]`, `[wait 25h]`, `[image]`, `[sticker 👍]`, `[team <words>]`, `[resolve]` (the latest case) or `[resolve T-1]`, `[slot taken]`.
 */

const ZONE = 'Asia/Kolkata';
const START = new Date('2026-11-23T04:30:00Z'); // Monday, 10:00 in the project's zone
const STAFF = { id: 'U1', name: 'Riya' };
const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Plays the inputs of `script` and returns the script with what really came of each. */
export async function playScript(script: string, understander: Understander): Promise<string> {
  const world = new ScriptWorld(understander);
  const played: string[] = [];
  for (const line of script.split('\n')) {
    if (line.startsWith('  ')) continue;
    played.push(line);
    if (line.startsWith('> ')) played.push(...(await world.take(line.slice(2))).map((each) => `  ${each}`));
  }
  return played.join('\n');
}

class ScriptWorld {
  private state: ConversationState = newConversation();
  private now = START;
  private revision = 0;
  private messages = 0;
  private lastChoices: LabelledChoice[] = [];
  private slotsTaken = 0;
  private lines: string[] = [];
  private readonly caseNames = new Map<string, string>();
  private readonly understander: Understander;

  constructor(understander: Understander) {
    this.understander = understander;
  }

  async take(input: string): Promise<string[]> {
    this.lines = [];
    const [, verb = '', rest = ''] = /^\[(\w+)\s*(.*)\]$/su.exec(input) ?? [];
    if (verb === 'wait') this.wait(rest);
    else if (verb === 'team')
      this.follow(
        decideReply(this.state, { caseId: this.caseNamed(''), text: rest, staff: STAFF }, this.context()),
      );
    else if (verb === 'resolve')
      this.follow(decideResolve(this.state, { caseId: this.caseNamed(rest), staff: STAFF }, this.context()));
    else if (verb === 'slot') this.slotsTaken += 1;
    else await this.hear(input.split(' && '));
    return this.lines;
  }

  private async hear(texts: string[]): Promise<void> {
    const heard: HeardMessage[] = [];
    for (const text of texts) heard.push(await this.message(text));
    const decision = decideTurn(this.state, heard, this.context());
    for (const message of heard) {
      const outcome = decision.outcomes.find((each) => each.message === message.id)?.outcome;
      const told =
        outcome?.kind === 'flow'
          ? `flow ${outcome.run.split(':')[0]} ${outcome.stage}`
          : outcome?.kind === 'reply'
            ? `reply ${outcome.template}`
            : (outcome?.kind ?? 'NONE');
      this.lines.push(`= ${message.understanding.intents[0]?.name} -> ${told}`);
    }
    this.follow(decision);
  }

  private async message(text: string): Promise<HeardMessage> {
    this.messages += 1;
    const common = { id: `m${this.messages}`, at: this.now, shown: text };
    const [, verb = '', rest = ''] = /^\[(tap|image|sticker)\s*(.*)\]$/u.exec(text) ?? [];
    const question = this.state.runs.find((run) => run.question)?.question;
    const words = verb === 'sticker' ? rest : verb === '' ? text : '';
    const understanding = await this.understander.understand(words, {
      now: this.now,
      timeZone: ZONE,
      ...(question && { question }),
    });
    const choice = verb === 'tap' ? this.lastChoices[Number(rest) - 1] : undefined;
    if (verb === 'tap' && !choice) throw new Error(`there is no choice ${rest} to tap`);
    if (choice)
      return {
        ...common,
        content: 'choice',
        text: this.words(choice.label, choice.data ?? {}),
        shown: this.words(choice.label, choice.data ?? {}),
        choiceId: choice.id,
        understanding,
      };
    if (verb === 'image') return { ...common, content: 'media', text: '', understanding };
    return { ...common, content: verb === 'sticker' ? 'reaction' : 'text', text: words, understanding };
  }

  private wait(duration: string): void {
    const [, amount = '', unit = ''] = /^(\d+)([mhd])$/.exec(duration) ?? [];
    const until = this.now.getTime() + Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
    for (;;) {
      const leases = this.state.owner.kind === 'staff' ? [this.state.owner.until.getTime()] : [];
      const due = [...this.state.runs.flatMap((run) => (run.dueAt ? [run.dueAt.getTime()] : [])), ...leases];
      const next = Math.min(...due);
      if (!(next <= until)) break;
      this.now = new Date(Math.max(next, this.now.getTime()));
      this.lines.push(`-- ${this.now.toISOString().slice(0, 16)}Z`);
      this.follow(decideTimers(this.state, this.context()));
    }
    this.now = new Date(until);
  }

  private follow(decision: Decision): void {
    this.revision += 1;
    this.state = decision.state;
    for (const note of decision.notes) this.lines.push(`note: ${note.what} (${note.why})`);
    const events: FlowEvent[] = [];
    for (const effect of decision.effects) {
      this.lines.push(this.tell(effect));
      if (effect.kind === 'sendTemplate' && effect.choices?.length) this.lastChoices = effect.choices;
      if (effect.kind === 'scheduleVisit') events.push(this.book(effect));
    }
    for (const event of events) this.follow(decideEvent(this.state, event, this.context()));
  }

  private book({ run, at }: Extract<Effect, { kind: 'scheduleVisit' }>): FlowEvent {
    if (this.slotsTaken === 0) return { name: 'visitBooked', run, visit: `visit${this.revision}`, at };
    this.slotsTaken -= 1;
    return { name: 'slotTaken', run, at };
  }

  private tell(effect: Effect): string {
    switch (effect.kind) {
      case 'sendTemplate': {
        const data = {
          ...effect.data,
          ...(effect.ticketOf && { ticket: this.caseNames.get(effect.ticketOf) ?? 'T' }),
        };
        const choices = (effect.choices ?? []).map((choice) => this.words(choice.label, choice.data ?? {}));
        const shown = choices.length > 0 ? ` {${choices.join(' | ')}}` : '';
        return `bot${effect.category === 'reminder' ? ' reminds' : ''}: ${this.words(effect.template, data)}${shown}`;
      }
      case 'sendDocument':
        return `bot: [${effect.document}] ${this.words(effect.caption, effect.data)}`;
      case 'sendText':
        return `${effect.staff.name}: ${effect.text}`;
      case 'openCase':
        this.caseNames.set(effect.caseId, `T-${this.caseNames.size + 1}`);
        return `case ${this.caseNames.get(effect.caseId)} ${effect.team}: ${effect.intent}, ${effect.reason} ${written(effect.quotes)} ${written(effect.details)}`;
      case 'postToCase':
        return `case ${this.caseNames.get(effect.caseId)} + ${effect.who}: ${effect.text}${effect.details ? ` ${written(effect.details)}` : ''}`;
      case 'claimCase':
      case 'resolveCase':
        return `${effect.kind} ${this.caseNames.get(effect.caseId)}`;
      case 'updateLead':
        return `lead ${effect.stage} ${written(effect.answers)}`;
      case 'scheduleVisit':
        return `visit requested ${effect.at.toISOString().slice(0, 16)}Z`;
      case 'cancelVisit':
        return `visit freed`;
    }
  }

  private words(key: string, data: Record<string, unknown>): string {
    return renderMessage(key, this.state.language, data, ZONE).text.replaceAll('\n', ' / ');
  }

  /** The case people call `name`, or the latest. */
  private caseNamed(name: string): string {
    const named = [...this.caseNames].find(([, each]) => each === name)?.[0];
    return named ?? this.state.cases.at(-1)?.id ?? '';
  }

  private context(): DecisionContext {
    const openSlots = { [DEMO_PROJECT.slug]: visitSlots(DEMO_PROJECT.visits, this.now, ZONE) };
    return {
      scope: `script:${this.revision + 1}`,
      now: this.now,
      facts: { projects: [factsOf(DEMO_PROJECT)], openSlots, buyerName: 'Asha', timeZone: ZONE },
    };
  }
}

function written(value: unknown): string {
  return JSON.stringify(value);
}
