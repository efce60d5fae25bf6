import { visitSlots } from '../bot/calendar.ts';
import type { Content } from '../bot/channels/channel.ts';
import { DEMO_PROJECT } from '../bot/demo.ts';
import { type KnownEarlier, reference, targetOf } from '../bot/earlier.ts';
import { hearTurn } from '../bot/hearing.ts';
import { withoutNumbers } from '../bot/masking.ts';
import { factsOf } from '../bot/portfolio.ts';
import { shownOf } from '../bot/shown.ts';
import type { Understander } from '../bot/understand/understander.ts';
import { decideSnooze } from '../flows/casework.ts';
import {
  type Decision,
  type DecisionContext,
  decideEvent,
  decidePhone,
  decideReply,
  decideResolve,
  decideTimers,
  decideTurn,
  newConversation,
} from '../flows/decide.ts';
import { decideHold } from '../flows/hold.ts';
import { allTeams, officeHours } from '../flows/hours.ts';
import { decidePaper } from '../flows/kyc/papers.ts';
import { flowNamed } from '../flows/registry.ts';
import { decideBegin, decideHappening, decideLead } from '../flows/runs.ts';
import {
  type ConversationState,
  type Earlier,
  type Effect,
  type FlowEvent,
  type LabelledChoice,
  LEAD_STAGES,
  type MilestoneState,
  type TemplateData,
} from '../flows/types.ts';
import { type InboundRecord, withEdit } from '../models/inbound.ts';
import { renderMessage } from '../templates/messages/message.ts';
import { ScriptBooks } from './scriptBooks.ts';
import { SCRIPT_BOOKING, ScriptPapers } from './scriptPapers.ts';

/**
 * Plays a readable script of a conversation on the real understanding, policy and flows, with time and the world
 * in its hand. Lines that begin with `> ` are inputs (several in one burst are joined by ` && `), lines indented
 * by two spaces are what came of them, everything else is comment.
 *
 * Inputs in brackets are a buyer's other messages. Those about an earlier message name it by some of its words
 * after a bar, else they are about our last one (an edit: about the buyer's last one):
 * `[tap 2]`, `[image]`, `[voice]`, `[sticker]`, `[location]`, `[contact Ravi]`, `[call]`, `[late <words>]`,
 * `[quote <words> | of home]`, `[react 👍 | of home]`, `[react | of home]` (taken back), `[vote 2BHK, 3BHK]`, `[vote]`
 * (taken back), `[edit <new words> | old]`, `[delete old]`.
 *
 * Or they act on the world: `[wait 25h]`, `[team <words>]`, `[phone <words>]`, `[phone | 13h]` (found so long
 * after), `[resolve]` (the latest case) or `[resolve T-1]`, `[snooze 3h]`, `[snooze]` (until the buyer writes), `[pause]`,
 * `[giveback]`, `[slot taken]`, `[book B-1203]`, `[demand 5,00,000 by 2026-12-08]`, `[demand B-1204: 5,00,000 by …]`,
 * `[lead Negotiation]`, `[lead Lost too far away]` (a person says where the lead stands),
 * `[join B-1203 Meera]` (a co-applicant's), `[owed 5,00,000 by 2026-12-08]` (a demand of which the first applicant
 * alone hears), `[handed]` (the co-applicant's papers are in),
 * `[paid]` or `[paid b-1203:1]` (a person confirms it), `[notfound]` (or does not find it), on the papers of a booking
 * (`scriptPapers.ts`) `[kyc upload pan]`, …, and anything else that happens outside the chat:
 * `[event agreementRegistered subject=b-1203]`, `[event visitOutcome outcome=no_show]` (to the run that waits).
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
  private readonly records: InboundRecord[] = [];
  private readonly said: { id: string; earlier: Earlier }[] = [];
  private lastChoices: LabelledChoice[] = [];
  private slotsTaken = 0;
  private readonly books = new ScriptBooks();
  private readonly papers = new ScriptPapers(DEMO_PROJECT.slug);
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
    else if (verb === 'snooze') this.snooze(rest);
    else if (verb === 'pause')
      this.follow(decideHold(this.state, { act: 'pause', staff: STAFF }, this.context()));
    else if (verb === 'giveback')
      this.follow(decideHold(this.state, { act: 'resume', staff: STAFF }, this.context()));
    else if (verb === 'phone') this.phone(rest);
    else if (verb === 'slot') this.slotsTaken += 1;
    else if (verb === 'book') this.book(rest);
    else if (verb === 'join') this.join(rest);
    else if (verb === 'handed') this.books.handedIn();
    else if (verb === 'owed') this.books.demand(rest);
    else if (verb === 'demand') this.happen(this.books.demand(rest));
    else if (verb === 'paid') this.happen(this.books.paid(rest));
    else if (verb === 'notfound') this.happen(this.books.notFound(rest));
    else if (verb === 'event') this.happen(this.eventIn(rest));
    else if (verb === 'kyc') this.changePapers(rest);
    else if (verb === 'lead') this.moveLead(rest);
    else await this.hear(input.split(' && '));
    return this.lines;
  }

  private book(unit: string): void {
    const run = this.books.book(unit, DEMO_PROJECT.slug);
    this.happen({ name: 'bookingOpened', subject: run.subject, project: DEMO_PROJECT.slug });
    this.follow(decideBegin(this.state, run, this.context()));
  }

  /** `B-1203 Meera`: the buyer is a co-applicant of a unit whose first applicant is Meera. */
  private join(words: string): void {
    const [unit = '', first = ''] = words.split(' ');
    const runs = this.books.bookWith(unit, DEMO_PROJECT.slug, first);
    const subject = runs[0]?.subject ?? '';
    this.happen({ name: 'bookingOpened', subject, project: DEMO_PROJECT.slug });
    for (const run of runs) this.follow(decideBegin(this.state, run, this.context()));
  }

  /** `Negotiation`, or `Lost too far away`: a person says so. */
  private moveLead(words: string): void {
    const [said = '', ...reason] = words.split(' ');
    const stage = LEAD_STAGES.find((each) => each === said) ?? 'New';
    const moved = { project: DEMO_PROJECT.slug, stage, staff: STAFF };
    const why = reason.length > 0 ? { reason: reason.join(' ') } : {};
    this.follow(decideLead(this.state, { ...moved, ...why }, this.context()));
  }

  /**
   * `agreementRegistered subject=b-1203` or `visitOutcome outcome=no_show`: by the team, and where no subject is
   * named to the run that waits for it.
   */
  private eventIn(words: string): FlowEvent {
    const [name = '', ...pairs] = words.split(' ');
    const values = pairs.map((pair): [string, unknown] => {
      const [key = '', value = ''] = pair.split('=');
      return [key, /^\d{4}-\d\d-\d\dT/.test(value) ? new Date(value) : value];
    });
    const fields = Object.fromEntries(values);
    const run = this.state.runs.findLast(
      ({ flow, stage }) => flowNamed(flow)?.stages[stage]?.events?.[name as FlowEvent['name']],
    );
    const whom = 'subject' in fields ? {} : { run: run?.id };
    return { name, by: STAFF, ...whom, ...fields } as FlowEvent;
  }

  private happen(event: FlowEvent): void {
    this.follow(decideHappening(this.state, event, this.context()));
  }

  private async hear(texts: string[]): Promise<void> {
    const turn = texts.map((text) => this.record(text));
    const { understander, state, now } = this;
    const isLate = ({ raw }: InboundRecord) => raw === 'late';
    const context = { understander, state, now, timeZone: ZONE, isLate };
    const heard = await hearTurn(turn, this.known(), context);
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

  /** What the buyer did, as it would have been stored. */
  private record(input: string): InboundRecord {
    const [, verb = '', words = '', about = ''] =
      /^\[(\w+)\s*([^|]*?)\s*(?:\|\s*(.*))?\]$/u.exec(input) ?? [];
    const key = `m${this.records.length + 1}`;
    const record: InboundRecord = {
      _id: `script:${key}`,
      channel: 'script',
      conversation: 'script/b1',
      buyer: 'b1',
      from: 'pn:+919999900001',
      at: this.now,
      receivedAt: this.now,
      seq: this.records.length,
      content: withoutNumbers(
        this.content(verb, words, about) ?? { kind: 'text', text: verb === '' ? input : words },
      ),
      ...(verb === 'quote' && { quoted: this.keyOfOurs(about) }),
      raw: verb,
    };
    this.records.push(record);
    return record;
  }

  private content(verb: string, words: string, about: string): Content | undefined {
    const file = { kind: 'media', ref: 'r1', mimeType: 'application/octet-stream' } as const;
    switch (verb) {
      case 'tap':
        return this.tap(Number(words) - 1);
      case 'image':
      case 'sticker':
        return { ...file, media: verb, ...(words && { caption: words }) };
      case 'voice':
        return { ...file, media: 'audio', voice: true };
      case 'location':
        return { kind: 'location', latitudeDeg: 28.41, longitudeDeg: 77.46, name: 'Pari Chowk' };
      case 'contact':
        return { kind: 'contacts', contacts: [{ name: words, phones: ['+919999900011'] }] };
      case 'call':
        return { kind: 'call', video: false };
      case 'react':
        return { kind: 'reaction', to: this.keyOfOurs(about), emoji: words || null };
      case 'vote':
        return { kind: 'vote', to: this.keyOfOurs(about), titles: words.split(', ').filter(Boolean) };
      case 'edit':
        return { kind: 'edited', to: this.keyOfTheirs(about), text: words };
      case 'delete':
        return { kind: 'revoked', to: this.keyOfTheirs(words) };
      default:
        return undefined;
    }
  }

  private tap(index: number): Content {
    const choice = this.lastChoices[index];
    if (!choice) throw new Error(`there is no choice ${index + 1} to tap`);
    return { kind: 'choice', id: choice.id, title: this.words(choice.label, choice.data ?? {}) };
  }

  private keyOfOurs(words: string): string {
    return this.said.findLast(({ earlier }) => earlier.words.includes(words))?.id ?? 'unknown';
  }

  private keyOfTheirs(words: string): string {
    const standing = this.records.filter((each) => !targetOf(each));
    const found = standing.findLast(({ content }) => shownOf(content as Content).includes(words));
    return found?._id.slice('script:'.length) ?? 'unknown';
  }

  /** What is known of earlier messages; edits and deletions are written down as the database would. */
  private known(): KnownEarlier {
    const events = this.records.filter((each) => targetOf(each));
    for (const event of events) {
      const index = this.records.findIndex(({ _id }) => _id === reference(event, targetOf(event) ?? ''));
      const target = this.records[index];
      if (!target) continue;
      const { _id: id, at, content } = event;
      if (content.kind === 'revoked') this.records[index] = { ...target, revokedAt: at };
      if (content.kind === 'edited')
        this.records[index] = withEdit(target, { id, at, text: `${content.text}` });
    }
    return {
      theirs: new Map(this.records.map((each) => [each._id, each])),
      ours: new Map(this.said.map(({ id, earlier }) => [`script:${id}`, earlier])),
      events,
      missing: [],
    };
  }

  private snooze(duration: string): void {
    const until = duration ? { until: new Date(this.now.getTime() + durationMs(duration)) } : {};
    this.follow(
      decideSnooze(this.state, { caseId: this.caseNamed(''), staff: STAFF, ...until }, this.context()),
    );
  }

  private changePapers(line: string): void {
    const happened = this.papers.take(line, this.now);
    if ('begin' in happened) return this.follow(decideBegin(this.state, happened.begin, this.context()));
    if ('vaulted' in happened) {
      const paper = { message: this.records.at(-1)?._id ?? '', link: '[desk]', ...happened.vaulted };
      this.follow(decidePaper(this.state, paper, this.context()));
      if (!happened.cameIn) return;
    }
    if ('unheard' in happened) return;
    if ('cancelled' in happened) {
      const cancelled = {
        name: 'bookingCancelled' as const,
        subject: SCRIPT_BOOKING,
        reason: 'asked for',
      };
      return this.follow(decideHappening(this.state, cancelled, this.context()));
    }
    const { cameIn, rejected } = { rejected: undefined, ...happened };
    const changed = { ...(cameIn && { cameIn }), ...(rejected && { rejected }) };
    const event = { name: 'papersChanged' as const, subject: SCRIPT_BOOKING, ...changed };
    this.follow(decideHappening(this.state, event, this.context()));
  }

  private phone(input: string): void {
    const [words = '', ago] = input.split(' | ');
    const at = new Date(this.now.getTime() - (ago ? durationMs(ago) : 0));
    this.remember({ by: 'staff', words, at, choices: [] });
    this.follow(decidePhone(this.state, { words, at }, this.context()));
  }

  private remember(earlier: Earlier): void {
    this.said.push({ id: `s${this.said.length + 1}`, earlier });
  }

  /** Something from outside the chat: `<name> <key>=<value> …`, with moments as ISO text. */
  private wait(duration: string): void {
    const until = this.now.getTime() + durationMs(duration);
    for (;;) {
      const leases = this.state.owner.kind === 'staff' ? [this.state.owner.until.getTime()] : [];
      const rests = this.state.cases.flatMap(({ snoozed }) => snoozed?.until?.getTime() ?? []);
      const runs = this.state.runs.flatMap((run) => run.dueAt?.getTime() ?? []);
      const due = [...runs, ...leases, ...rests];
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
      this.keep(effect);
      if (effect.kind === 'scheduleVisit') events.push(this.visit(effect));
      if (effect.kind === 'claimPayment') events.push(...this.books.claim(effect));
    }
    for (const event of events) this.follow(decideEvent(this.state, event, this.context()));
  }

  /** Keeps what is said to the buyer, so that they can quote it, react to it and vote on it. */
  private keep(effect: Effect): void {
    const common = { at: this.now, choices: [] };
    if (effect.kind === 'sendText') this.remember({ ...common, by: 'staff', words: effect.text });
    if (effect.kind === 'sendDocument')
      this.remember({ ...common, by: 'bot', words: this.words(effect.caption, filled(effect)) });
    if (effect.kind !== 'sendTemplate') return;
    const ticket = effect.ticketOf && (this.caseNames.get(effect.ticketOf) ?? 'T');
    const choices = (effect.choices ?? []).map(({ id, label, data = {} }) => ({
      id,
      title: this.words(label, data),
    }));
    const words = this.words(effect.template, { ...filled(effect), ...(ticket && { ticket }) });
    this.remember({ ...common, by: 'bot', words, choices });
  }

  private visit({ run, at }: Extract<Effect, { kind: 'scheduleVisit' }>): FlowEvent {
    if (this.slotsTaken === 0) return { name: 'visitBooked', run, visit: `visit${this.revision}`, at };
    this.slotsTaken -= 1;
    return { name: 'slotTaken', run, at };
  }

  private tell(effect: Effect): string {
    switch (effect.kind) {
      case 'sendTemplate': {
        const data = {
          ...filled(effect),
          ...(effect.ticketOf && { ticket: this.caseNames.get(effect.ticketOf) ?? 'T' }),
        };
        const choices = (effect.choices ?? []).map((choice) => this.words(choice.label, choice.data ?? {}));
        const shown = choices.length > 0 ? ` {${choices.join(' | ')}}` : '';
        return `bot${effect.category === 'reminder' ? ' reminds' : ''}: ${this.words(effect.template, data)}${shown}`;
      }
      case 'sendDocument':
        return `bot: [${effect.document}] ${this.words(effect.caption, filled(effect))}`;
      case 'sendText':
        return `${effect.staff.name}: ${effect.text}`;
      case 'sendFile':
        return `${effect.staff.name}: [${effect.name}] ${effect.caption}`;
      case 'openCase':
        this.caseNames.set(effect.caseId, `T-${this.caseNames.size + 1}`);
        return `case ${this.caseNames.get(effect.caseId)} ${effect.team}: ${effect.intent}, ${effect.reason} ${written(effect.quotes)} ${written(effect.details)}`;
      case 'postToCase':
        return `case ${this.caseNames.get(effect.caseId)} + ${effect.who}: ${effect.text}${effect.details ? ` ${written(effect.details)}` : ''}`;
      case 'claimCase':
      case 'wakeCase':
      case 'reopenCase':
      case 'refreshCase':
        return `${effect.kind} ${this.caseNames.get(effect.caseId)}`;
      case 'assignCase':
        return `assignCase ${this.caseNames.get(effect.caseId)} to ${effect.to.name}`;
      case 'handOffCase':
        return `handOffCase ${this.caseNames.get(effect.caseId)} to ${effect.team}, within ${effect.respondWithinMinutes} min: ${effect.note}`;
      case 'snoozeCase':
        return `snoozeCase ${this.caseNames.get(effect.caseId)} until ${effect.until ? `${effect.until.toISOString().slice(0, 16)}Z` : 'they write'}`;
      case 'resolveCase':
        return ['resolveCase', this.caseNames.get(effect.caseId), effect.outcome, effect.note]
          .filter(Boolean)
          .join(' ');
      case 'updateLead':
        return [
          'lead',
          effect.stage,
          written(effect.answers),
          effect.reason,
          effect.by && `says ${effect.by.name}`,
        ]
          .filter(Boolean)
          .join(' ');
      case 'scheduleVisit':
        return `visit requested ${effect.at.toISOString().slice(0, 16)}Z`;
      case 'cancelVisit':
        return `visit freed`;
      case 'detailCase':
        return `case ${this.caseNames.get(effect.caseId)}: ${written(effect.details)}`;
      case 'claimPayment': {
        const { kind: _kind, booking: _booking, ...claim } = effect;
        return `claims payment ${written(claim)}`;
      }
      case 'concludeVisit':
        return `visit ${effect.status}, says ${effect.by.name}`;
      case 'recordSatisfaction':
        return `satisfaction, ${effect.phase}: ${[effect.score, effect.words].filter(Boolean).join(' ')}`;
      case 'beginRun':
        return `begin ${effect.flow}`;
      case 'recordMilestone':
        return `milestone ${effect.name} of ${effect.owner}: ${standing(effect.state)}`;
      case 'vaultFile':
        return `vault takes the file, ${effect.as}`;
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
      facts: {
        projects: [factsOf(DEMO_PROJECT)],
        bookings: [...this.books.bookings, ...this.papers.bookings()],
        openSlots,
        buyerName: 'Asha',
        timeZone: ZONE,
        hours: allTeams(officeHours(ZONE)),
      },
    };
  }
}

function standing({ reachedAt, droppedAt, escalatedAt, dueAt }: MilestoneState): string {
  if (reachedAt) return 'reached';
  if (droppedAt) return 'dropped';
  if (escalatedAt) return 'late';
  return dueAt ? `due ${dueAt.toISOString().slice(0, 16)}Z` : 'open';
}

/** With what is filled in at the moment of sending. */
function filled(effect: Extract<Effect, { kind: 'sendTemplate' | 'sendDocument' }>): TemplateData {
  const { data, link } = effect;
  const isReceipt = effect.kind === 'sendDocument' && effect.document === 'receipt';
  return {
    ...data,
    ...(link && { link: `<page ${link.page}${link.booking ? ` of ${link.booking}` : ''}>` }),
    ...(isReceipt && { receipt: effect.about ?? '', amountPaise: 10_60_800_00 }),
  };
}

function written(value: unknown): string {
  return JSON.stringify(value);
}

/** `25h` in milliseconds. */
function durationMs(duration: string): number {
  const [, amount = '', unit = ''] = /^(\d+)([mhd])$/.exec(duration) ?? [];
  return Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
}
