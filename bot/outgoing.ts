import type { Effect, Language } from '../flows/types.ts';
import { type Message, renderMessage } from '../templates/messages/message.ts';
import type { Caps, OutboundContent } from './channels/channel.ts';
import type { Portfolio } from './portfolio.ts';

export type SendEffect = Extract<Effect, { kind: 'sendTemplate' | 'sendDocument' | 'sendText' }>;

/** What goes out, and the words that the timeline keeps of it. */
export type Outgoing = { content: OutboundContent; said: string };

export type OutgoingContext = {
  language: Language;
  timeZone: string;
  caps: Caps;
  /** False when 24 h have passed since the buyer last wrote and only approved templates are allowed. */
  windowOpen: boolean;
  /** Ticket number of the case that an acknowledgement names. */
  ticket?: string;
  now: Date;
};

/** Puts an effect into words for the channel. Throws when its copy, project or document does not exist. */
export async function composeOutgoing(
  effect: SendEffect,
  context: OutgoingContext,
  portfolio: Portfolio,
): Promise<Outgoing> {
  switch (effect.kind) {
    case 'sendText':
      return { content: { kind: 'text', text: effect.text }, said: effect.text };
    case 'sendDocument':
      return composeDocument(effect, context, portfolio);
    case 'sendTemplate':
      return composeTemplate(effect, context);
  }
}

async function composeDocument(
  effect: Extract<Effect, { kind: 'sendDocument' }>,
  context: OutgoingContext,
  portfolio: Portfolio,
): Promise<Outgoing> {
  const project = await portfolio.project(effect.project, context.now);
  if (!project) throw new Error(`project ${effect.project} is not on sale`);
  const message = renderMessage(effect.caption, context.language, effect.data, context.timeZone);
  const document = {
    fileName: `${project.name.replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')}-brochure.pdf`,
    mimeType: 'application/pdf',
    bytes: await portfolio.brochure(project, context.language, context.now),
  };
  const said = `${message.text} [${document.fileName}]`;
  return needsTemplate(context)
    ? { content: { kind: 'template', ...message.template, document }, said }
    : { content: { kind: 'document', document, caption: message.text }, said };
}

function composeTemplate(
  effect: Extract<Effect, { kind: 'sendTemplate' }>,
  context: OutgoingContext,
): Outgoing {
  const { language, timeZone, ticket } = context;
  const message = renderMessage(
    effect.template,
    language,
    { ...effect.data, ...(ticket && { ticket }) },
    timeZone,
  );
  if (needsTemplate(context))
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

function needsTemplate({ caps, windowOpen }: OutgoingContext): boolean {
  return caps.window24h && !windowOpen && caps.templates;
}
