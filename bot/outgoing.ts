import type { Choice, Effect, Language, Purpose, SentDocument, StaffRef } from '../flows/types.ts';
import type { SendEffect } from '../models/send.ts';
import { COPY, type Message, renderMessage } from '../templates/messages/message.ts';
import type { Caps, OutboundContent } from './channels/channel.ts';
import type { MoneyPaper, MoneyPapers } from './documents/moneyPapers.ts';
import type { Portfolio } from './portfolio.ts';
import type { CalendarOf } from './visitCalendars.ts';

/** The approved template that asks a buyer to write, so that a person's own words may follow. */
export const INVITATION = 'person_waiting';

/** Stands for a buyer's own link wherever people read what was said. */
const LINK_SHOWN = '[link to their page]';
/** Stands for the digits of a one-time code. */
const CODE_SHOWN = '••••••';

/** What goes out, and the words that the timeline keeps of it. */
export type Outgoing = { content: OutboundContent; said: string };

export type OutgoingContext = {
  language: Language;
  timeZone: string;
  caps: Caps;
  /** Free words, or the approved template that says the same. */
  as: 'free' | 'template';
  /** Ticket number of the case that an acknowledgement names. */
  ticket?: string;
  /** The signed link to the buyer's portal that the copy names. */
  link?: string;
  /** The digits of the one-time code that the copy names. */
  code?: string;
  now: Date;
};

/** Where documents come from: what a project is sold by, and the papers of a booking's money. */
export type DocumentSources = { portfolio: Portfolio; papers: MoneyPapers; calendarOf: CalendarOf };

/**
 * Puts an effect into words for the channel. Throws when its copy, project or document does not exist, or when
 * a person's words should become a template.
 */
export async function composeOutgoing(
  effect: SendEffect,
  context: OutgoingContext,
  documents: DocumentSources,
  readFile: (fileId: string) => Promise<Buffer>,
): Promise<Outgoing> {
  const outgoing = await compose(effect, context, documents, readFile);
  // Link and code are the buyer's alone: nobody else is shown them.
  const { link, code } = context;
  const withoutLink = link ? outgoing.said.replaceAll(link, LINK_SHOWN) : outgoing.said;
  return { ...outgoing, said: code ? withoutLink.replaceAll(code, CODE_SHOWN) : withoutLink };
}

async function compose(
  effect: SendEffect,
  context: OutgoingContext,
  documents: DocumentSources,
  readFile: (fileId: string) => Promise<Buffer>,
): Promise<Outgoing> {
  switch (effect.kind) {
    case 'sendText':
      if (context.as === 'template') throw new Error("a person's words are no approved template");
      return { content: { kind: 'text', text: effect.text }, said: effect.text };
    case 'sendDocument':
      return composeDocument(effect, context, documents);
    case 'sendFile':
      if (context.as === 'template') throw new Error("a person's file is no approved template");
      return composeFile(effect, await readFile(effect.fileId));
    case 'sendTemplate':
      return composeTemplate(effect, context);
  }
}

/** The quick replies that went out with a message, if any. */
export function choicesOf({ content }: Outgoing): Choice[] | undefined {
  return content.kind === 'choices' ? content.choices : undefined;
}

/** An effect as people call it, on the timeline and in a case. */
export function nameOf(effect: SendEffect): string {
  if (effect.kind === 'sendText') return `${effect.staff.name}'s message`;
  if (effect.kind === 'sendFile') return `${effect.staff.name}'s file ${effect.name}`;
  return effect.kind === 'sendTemplate' ? effect.template : effect.document;
}

/** The case whose thread must hear what becomes of it. */
export function caseOf(effect: SendEffect): string | undefined {
  if (effect.kind === 'sendText' || effect.kind === 'sendFile') return effect.caseId;
  return effect.kind === 'sendTemplate' ? (effect.caseId ?? effect.ticketOf) : undefined;
}

/** The person whose word it is; undefined when the bot speaks. */
export function personOf(effect: SendEffect): StaffRef | undefined {
  return 'staff' in effect ? effect.staff : undefined;
}

/** Whether an approved template says the same: of everything but a person's own words and files. */
export function hasTemplate(effect: SendEffect): boolean {
  return !isOwnWords(effect);
}

/** What a person wrote, or a file of theirs: it waits for the buyer to write where it may not go out. */
export function isOwnWords(effect: Effect): effect is Extract<Effect, { kind: 'sendText' | 'sendFile' }> {
  return effect.kind === 'sendText' || effect.kind === 'sendFile';
}

/** The person's input that an effect is, if it is one. */
export function inputOf(effect: Effect): string | undefined {
  return 'input' in effect ? effect.input : undefined;
}

/**
 * What a reminder is for: as its flow or campaign says, else an offer where Meta's category of its copy is marketing,
 * and service where it is not.
 */
export function purposeOf(effect: SendEffect): Purpose {
  if (effect.kind === 'sendDocument') return effect.purpose ?? 'service';
  if (effect.kind !== 'sendTemplate') return 'service';
  return effect.purpose ?? purposeOfCopy(effect.template) ?? 'service';
}

/** Copy that Meta approves as marketing is an offer, whoever sends it; undefined of any other. */
export function purposeOfCopy(template: string): Purpose | undefined {
  return COPY[template]?.category === 'marketing' ? 'promotion' : undefined;
}

/** A message that nobody waits for: it respects quiet hours, opt-out and every limit first. */
export function isReminder(effect: Effect): boolean {
  if (effect.kind !== 'sendTemplate' && effect.kind !== 'sendDocument') return false;
  // An offer is an answer to nobody, whatever its flow calls it.
  return effect.category === 'reminder' || effect.purpose === 'promotion';
}

type DocumentEffect = Extract<Effect, { kind: 'sendDocument' }>;
/** All but the calendar's file come as PDF, in the language of the buyer. */
type PaperEffect = DocumentEffect & { document: Exclude<SentDocument, 'visitCalendar'> };

async function composeDocument(
  effect: Extract<Effect, { kind: 'sendDocument' }>,
  context: OutgoingContext,
  documents: DocumentSources,
): Promise<Outgoing> {
  const { document: asked } = effect;
  if (asked === 'visitCalendar') return composeCalendar(effect, context, documents);
  const paper = { ...effect, document: asked };
  const { document, facts } = await documentOf(paper, context, documents);
  const data = { ...effect.data, ...facts, ...(context.link && { link: context.link }) };
  const message = renderMessage(effect.caption, context.language, data, context.timeZone);
  const said = `${message.text} [${document.fileName}]`;
  return context.as === 'template'
    ? { content: { kind: 'template', ...message.template, document }, said }
    : { content: { kind: 'document', document, caption: message.text }, said };
}

/** The document as it is now, with what it adds to its caption. */
async function documentOf(
  { document, project: slug, about = '' }: PaperEffect,
  { language, link = '', now }: OutgoingContext,
  { portfolio, papers }: DocumentSources,
): Promise<MoneyPaper> {
  switch (document) {
    case 'brochure': {
      const project = await portfolio.project(slug, now);
      if (!project) throw new Error(`project ${slug} is not on sale`);
      const fileName = `${project.name.replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')}-brochure.pdf`;
      const bytes = await portfolio.brochure(project, language, now);
      return { document: { fileName, mimeType: 'application/pdf', bytes }, facts: {} };
    }
    case 'demandLetter':
      return papers.demandLetter(about, language, link);
    case 'receipt':
      return papers.receipt(about, language);
  }
}

/** Where a calendar's file cannot go, the buyer is led to it on their own page. */
async function composeCalendar(
  { caption, about = '', data }: DocumentEffect,
  { language, timeZone, caps, as, link, now }: OutgoingContext,
  { calendarOf }: DocumentSources,
): Promise<Outgoing> {
  const document = await calendarOf(about, language, now);
  if (!document) throw new Error('there is no such visit');
  const isCarried = as === 'free' && (caps.documentTypes?.includes(document.mimeType) ?? true);
  const message = renderMessage(
    isCarried ? caption : 'visit_calendar_link',
    language,
    { ...data, ...(link && { link }) },
    timeZone,
  );
  if (isCarried)
    return {
      content: { kind: 'document', document, caption: message.text },
      said: `${message.text} [${document.fileName}]`,
    };
  const content =
    as === 'template'
      ? { kind: 'template' as const, ...message.template }
      : { kind: 'text' as const, text: message.text };
  return { content, said: message.text };
}

function composeFile(effect: Extract<Effect, { kind: 'sendFile' }>, bytes: Buffer): Outgoing {
  const { name: fileName, mimeType, caption } = effect;
  const said = `${caption} [${fileName}]`.trim();
  return { content: { kind: 'document', document: { fileName, mimeType, bytes }, caption }, said };
}

function composeTemplate(
  effect: Extract<Effect, { kind: 'sendTemplate' }>,
  context: OutgoingContext,
): Outgoing {
  const { language, timeZone, ticket, link, code } = context;
  const data = { ...effect.data, ...(ticket && { ticket }), ...(link && { link }), ...(code && { code }) };
  const message = renderMessage(effect.template, language, data, timeZone);
  if (context.as === 'template')
    return { content: { kind: 'template', ...message.template }, said: message.text };
  return composeChoices(message, effect.choices ?? [], context);
}

function composeChoices(
  message: Message,
  labelled: NonNullable<Extract<Effect, { kind: 'sendTemplate' }>['choices']>,
  context: OutgoingContext,
): Outgoing {
  const choices = labelled.map(({ id, label, data }) => ({
    id,
    title: renderMessage(label, context.language, data ?? {}, context.timeZone).text,
  }));
  if (choices.length === 0) return { content: { kind: 'text', text: message.text }, said: message.text };
  const numbered = choices.map((choice, index) => `${index + 1}. ${choice.title}`).join('\n');
  const said = `${message.text}\n${numbered}`;
  return choices.length <= context.caps.maxChoices
    ? { content: { kind: 'choices', text: message.text, choices }, said }
    : { content: { kind: 'text', text: said }, said };
}
