import type { Facts, Language, PersonEffect, StaffRef, TemplateData } from '../flows/types.ts';
import type { Case, Cases } from '../models/case.ts';
import type { Conversation, Conversations } from '../models/conversation.ts';
import { CANNED } from '../templates/messages/canned.ts';
import type { VariableType } from '../templates/messages/copy.ts';
import { COPY, previewMessage } from '../templates/messages/message.ts';

export type CannedParts = {
  cases: Cases;
  conversations: Conversations;
  contextOf: (conversation: Conversation, now: Date) => Promise<{ facts: Facts }>;
  timeZone: string;
  now: () => Date;
};

/** Something that the person who sends it has to say: words, a moment in seconds since 1970, or whole hours. */
export type CannedField = { name: string; label: string; kind: 'text' | 'moment' | 'hours' };

/**
 * Approved copy on its way to a buyer. `preview` shows what is missing in brackets; `effect` is there once nothing
 * is missing and nothing is wrong, and `errors` say what is, by field.
 */
export type CannedDraft = {
  key: string;
  title: string;
  language: Language;
  fields: CannedField[];
  preview: string;
  errors: Record<string, string>;
  effect?: PersonEffect;
};

const HOUR_MINUTES = 60;
const MOST_HOURS = 168;
const TEXT_CHARACTERS = 200;
const LATEST_MS = 366 * 24 * 3_600_000;

/** Approved copy that people choose, filled from what is known and from what they say. */
export class CannedReplies {
  private readonly parts: CannedParts;

  constructor(parts: CannedParts) {
    this.parts = parts;
  }

  list(): { key: string; title: string }[] {
    return Object.entries(CANNED).map(([key, { title }]) => ({ key, title }));
  }

  /** The copy as it would reach the buyer of that case; undefined when there is no such copy or case. */
  async draft(
    { caseId, key, staff, input }: { caseId: string; key: string; staff: StaffRef; input: string },
    given: Record<string, string | undefined>,
  ): Promise<CannedDraft | undefined> {
    const { cases, conversations, contextOf, timeZone, now } = this.parts;
    const canned = Object.hasOwn(CANNED, key) ? CANNED[key] : undefined;
    const found = await cases.byId(caseId);
    const conversation = found && (await conversations.latest(found.conversation));
    if (!canned || !conversation) return undefined;
    const { facts } = await contextOf(conversation, now());
    const fields = fieldsOf(key);
    const errors: Record<string, string> = {};
    const data = knownOf(found, conversation, facts, staff);
    for (const field of fields) this.read(field, given[field.name], data, errors);
    const missing = Object.keys(COPY[key]?.variables ?? {}).filter((name) => data[name] === undefined);
    const { language } = conversation.state;
    const preview = previewMessage(key, language, data, timeZone, (name) => `[${canned.asks[name] ?? name}]`);
    const unknown = missing.find((name) => !fields.some((field) => field.name === name));
    if (unknown) errors.choice = `This cannot be filled in: ${unknown} is not known.`;
    const isReady = missing.length === 0 && Object.keys(errors).length === 0;
    const effect: PersonEffect = {
      kind: 'sendTemplate',
      template: key,
      data: pick(key, data),
      category: 'reply',
      staff,
      caseId,
      input,
    };
    return { key, title: canned.title, language, fields, preview, errors, ...(isReady && { effect }) };
  }

  /** Puts what a person said into `data`, or what is wrong with it into `errors`. */
  private read(
    { name, kind }: CannedField,
    given: string | undefined,
    data: TemplateData,
    errors: Record<string, string>,
  ): void {
    const value = given?.trim() ?? '';
    if (value === '') {
      errors[name] = 'Please fill this in.';
    } else if (kind === 'text') {
      if (value.length > TEXT_CHARACTERS || /[\r\n\t]| {4,}/.test(value))
        errors[name] = `One line of at most ${TEXT_CHARACTERS} characters, please.`;
      else data[name] = value;
    } else if (kind === 'hours') {
      const hours = Number(value);
      if (!Number.isInteger(hours) || hours < 1 || hours > MOST_HOURS)
        errors[name] = `A whole number of hours from 1 to ${MOST_HOURS}, please.`;
      else data[name] = hours * HOUR_MINUTES;
    } else {
      const at = new Date(Number(value) * 1_000);
      const aheadMs = at.getTime() - this.parts.now().getTime();
      if (!(aheadMs > 0 && aheadMs < LATEST_MS)) errors[name] = 'A time to come, within a year, please.';
      else data[name] = at;
    }
  }
}

function fieldsOf(key: string): CannedField[] {
  const variables: Record<string, VariableType> = COPY[key]?.variables ?? {};
  return Object.entries(CANNED[key]?.asks ?? {}).map(([name, label]) => ({
    name,
    label,
    kind: kindOf(variables[name]),
  }));
}

function kindOf(type: VariableType | undefined): CannedField['kind'] {
  if (type === 'dateTime' || type === 'shortDateTime') return 'moment';
  return type === 'durationMinutes' ? 'hours' : 'text';
}

/** Everything that copy can be filled with and nobody has to be asked for. */
function knownOf(found: Case, { state }: Conversation, facts: Facts, staff: StaffRef): TemplateData {
  const named = state.runs.map((run) => run.data.project).find((each) => typeof each === 'string');
  const [only, ...others] = facts.projects;
  const project =
    facts.projects.find(({ slug }) => slug === named) ?? (others.length === 0 ? only : undefined);
  return {
    name: facts.buyerName,
    ticket: found.ticket,
    team: found.team,
    staff: staff.name,
    ...(project && {
      project: project.name,
      address: project.address,
      mapUrl: project.mapUrl,
      rera: project.reraNumber,
    }),
  };
}

function pick(key: string, data: TemplateData): TemplateData {
  const names = new Set(Object.keys(COPY[key]?.variables ?? {}));
  return Object.fromEntries(Object.entries(data).filter(([name]) => names.has(name)));
}
