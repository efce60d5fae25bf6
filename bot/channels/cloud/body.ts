import type { Choice } from '../../../flows/types.ts';
import {
  ChannelError,
  type Handle,
  type Outbound,
  type OutboundContent,
  type OutboundDocument,
} from '../channel.ts';

/** Our messages in Graph's words, within WhatsApp's limits. Pure. */

const MAX_TEXT = 4096;
const MAX_CAPTION = 1024;
const MAX_BUTTONS = 3;
const MAX_BUTTON_TITLE = 20;
/** A message with buttons has less room for text than one with a list. */
const MAX_TEXT_WITH_BUTTONS = 1024;
const MAX_ROWS = 10;
const MAX_ROW_TITLE = 24;
const MAX_ROW_DESCRIPTION = 72;

/** Opens the list; one label for every language, at most 20 characters. */
const LIST_LABEL = '☰ Options';

/** The file that must be uploaded before the message can be sent, if there is one. */
export function documentOf(content: OutboundContent): OutboundDocument | undefined {
  return content.kind === 'document' || content.kind === 'template' ? content.document : undefined;
}

/** Throws `ChannelError` (template) for a message WhatsApp would never take; nothing is cut short silently. */
export function assertWithinLimits(content: OutboundContent, maxDocumentBytes: number): void {
  const refuse = (code: string, message: string): never => {
    throw new ChannelError({ class: 'template', code, message });
  };
  if ((content.kind === 'text' || content.kind === 'choices') && content.text.length > MAX_TEXT) {
    refuse('text_too_long', `a text has at most ${MAX_TEXT} characters`);
  }
  if (content.kind === 'choices' && content.choices.length > MAX_ROWS) {
    refuse('too_many_choices', `a message has at most ${MAX_ROWS} choices`);
  }
  if (content.kind === 'document' && content.caption.length > MAX_CAPTION) {
    refuse('caption_too_long', `a caption has at most ${MAX_CAPTION} characters`);
  }
  if ((documentOf(content)?.bytes.length ?? 0) > maxDocumentBytes) {
    refuse('document_too_large', `a document has at most ${maxDocumentBytes} bytes`);
  }
}

/**
 * The JSON for `/messages`; `mediaId` is the uploaded document of a message that has one.
 * Throws `ChannelError` (recipient) for a handle the Cloud API cannot write to.
 */
export function messageBody(message: Outbound, mediaId?: string): object {
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...addressOf(message.to),
    ...typedBody(message.content, mediaId),
    biz_opaque_callback_data: message.outboxId,
  };
}

function addressOf(handle: Handle): object {
  switch (handle.kind) {
    case 'pn':
      return { to: handle.value.replace(/^\+/, '') };
    case 'bsuid':
      return { recipient: handle.value };
    default:
      throw new ChannelError({
        class: 'recipient',
        code: 'unreachable_handle',
        message: `the Cloud API cannot write to a ${handle.kind}`,
      });
  }
}

function typedBody(content: OutboundContent, mediaId: string | undefined): object {
  switch (content.kind) {
    case 'text':
      return textBody(content.text);
    case 'choices':
      return choicesBody(content.text, content.choices);
    case 'template':
      return templateBody(content, mediaId);
    case 'document':
      return {
        type: 'document',
        document: {
          id: mediaId,
          filename: content.document.fileName,
          ...(content.caption ? { caption: content.caption } : {}),
        },
      };
  }
}

function textBody(text: string): object {
  return { type: 'text', text: { body: text, preview_url: false } };
}

function choicesBody(text: string, choices: Choice[]): object {
  if (choices.length === 0) return textBody(text);
  const interactive = fitsButtons(text, choices) ? buttons(choices) : list(choices);
  return { type: 'interactive', interactive: { ...interactive, body: { text } } };
}

/** Buttons must differ in their titles; rows of a list need not. */
function fitsButtons(text: string, choices: Choice[]): boolean {
  return (
    choices.length <= MAX_BUTTONS &&
    text.length <= MAX_TEXT_WITH_BUTTONS &&
    choices.every(({ title }) => title.length <= MAX_BUTTON_TITLE) &&
    new Set(choices.map(({ title }) => title)).size === choices.length
  );
}

function buttons(choices: Choice[]): object {
  const replies = choices.map(({ id, title }) => ({ type: 'reply', reply: { id, title } }));
  return { type: 'button', action: { buttons: replies } };
}

function list(choices: Choice[]): object {
  const rows = choices.map(({ id, title }) =>
    title.length <= MAX_ROW_TITLE
      ? { id, title }
      : { id, title: shorten(title, MAX_ROW_TITLE), description: shorten(title, MAX_ROW_DESCRIPTION) },
  );
  return { type: 'list', action: { button: LIST_LABEL, sections: [{ rows }] } };
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Cut between whole letters (an Indic syllable is several code points), with an ellipsis within `max`. */
function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (kept.length + segment.length > max - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

function templateBody(
  content: Extract<OutboundContent, { kind: 'template' }>,
  mediaId: string | undefined,
): object {
  const { name, languageCode, parameters, hasCode, document } = content;
  const file = document && { type: 'document', document: { id: mediaId, filename: document.fileName } };
  const texts = parameters.map((text) => ({ type: 'text', text: oneLine(text) }));
  const components = [
    ...(file ? [{ type: 'header', parameters: [file] }] : []),
    ...(texts.length > 0 ? [{ type: 'body', parameters: texts }] : []),
    // Meta's authentication templates have a button that copies the code, and want the code for it once more.
    ...(hasCode ? [{ type: 'button', sub_type: 'url', index: '0', parameters: texts.slice(0, 1) }] : []),
  ];
  return { type: 'template', template: { name, language: { code: languageCode }, components } };
}

/** WhatsApp refuses a template's parameter with line breaks, tabs or long runs of spaces. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
