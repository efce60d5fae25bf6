import wweb from 'whatsapp-web.js';
import type { OutboundContent } from '../channel.ts';
import { numbered } from './parse.ts';
import { refusal } from './refusal.ts';

/** What WhatsApp allows in a poll. */
const POLL = { fewest: 2, most: 12, questionLength: 255, optionLength: 100 };

export const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;
const MAX_TEXT = 65_536;

/** What the library is given. */
export type Shape = { content: wweb.MessageContent; options?: wweb.MessageSendOptions };

/** How the library is given the content, and how else where WhatsApp refuses it so. */
export function shapesOf(content: OutboundContent): [Shape, Shape?] {
  if (content.kind === 'document') {
    const { fileName, mimeType, bytes } = content.document;
    const media = new wweb.MessageMedia(mimeType, bytes.toString('base64'), fileName, bytes.length);
    return [{ content: media, options: { sendMediaAsDocument: true, caption: content.caption } }];
  }
  if (content.kind === 'text') return [{ content: content.text }];
  if (content.kind === 'template') throw noTemplates();
  const text: Shape = { content: numbered(content) };
  if (!fitsPoll(content)) return [text];
  const poll = new wweb.Poll(
    content.text,
    content.choices.map(({ title }) => title),
    { messageSecret: undefined },
  );
  return [{ content: poll }, text];
}

function fitsPoll({ text, choices }: Extract<OutboundContent, { kind: 'choices' }>): boolean {
  const titles = choices.map(({ title }) => title.trim());
  return (
    titles.length >= POLL.fewest &&
    titles.length <= POLL.most &&
    new Set(titles).size === titles.length &&
    titles.every((title) => title.length > 0 && title.length <= POLL.optionLength) &&
    text.trim().length <= POLL.questionLength
  );
}

/** Throws `ChannelError` (template) for what no channel of this kind can send. */
export function assertSendable(content: OutboundContent): void {
  if (content.kind === 'template') throw noTemplates();
  if (content.kind === 'document' && content.document.bytes.length > MAX_DOCUMENT_BYTES)
    throw refusal('template', 'document_too_large', `a document has at most ${MAX_DOCUMENT_BYTES} bytes`);
  if (content.kind !== 'document' && content.text.length > MAX_TEXT)
    throw refusal('template', 'text_too_long', `a text has at most ${MAX_TEXT} characters`);
}

function noTemplates(): Error {
  return refusal('template', 'no_templates', 'WhatsApp Web has no templates');
}
