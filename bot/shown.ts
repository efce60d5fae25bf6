import type { Content } from './channels/channel.ts';

/** What a message says in words, and what people are shown of it. */

const QUOTED_CHARACTERS = 80;

/** The words of a message, whatever it is; empty when it has none. */
export function textOf(content: Content): string {
  switch (content.kind) {
    case 'text':
    case 'edited':
      return content.text;
    case 'choice':
      return content.title;
    case 'media':
      return content.transcript || (content.caption ?? '');
    case 'location':
      return content.name ?? '';
    case 'reaction':
      return content.emoji ?? '';
    case 'vote':
      return content.titles.join(', ');
    case 'contacts':
    case 'revoked':
    case 'call':
    case 'unsupported':
      return '';
  }
}

/** What people are shown of a message by itself: its words, and what else it carried. */
export function shownOf(content: Content): string {
  const text = textOf(content);
  switch (content.kind) {
    case 'media':
      if (content.transcript) return `🎤 "${text}" (voice note, as a machine heard it)`;
      return `[${fileText(content)}] ${text}`.trim();
    case 'location':
      return `[location ${content.latitudeDeg}, ${content.longitudeDeg}] ${text}`.trim();
    case 'contacts':
      return content.contacts.map(({ name, phones }) => `[contact ${cardText(name, phones)}]`).join(' ');
    case 'call':
      return content.video ? '[video call]' : '[voice call]';
    case 'edited':
      return `✏️ edited: ${text}`;
    case 'revoked':
      return '[deleted a message]';
    case 'unsupported':
      return `[a message that cannot be shown: ${content.reason}]`;
    default:
      return text === '' ? `[${content.kind}]` : text;
  }
}

/** The beginning of earlier words, on one line and in quotation marks. */
export function quotation(words: string): string {
  const line = words.replace(/\s+/g, ' ').trim();
  const characters = [...line];
  const clipped = characters.slice(0, QUOTED_CHARACTERS).join('');
  return `"${clipped}${characters.length > QUOTED_CHARACTERS ? '…' : ''}"`;
}

function fileText({ media, voice, fileName }: Extract<Content, { kind: 'media' }>): string {
  return [voice ? 'voice note' : media, fileName].filter(Boolean).join(' ');
}

function cardText(name: string, phones: string[]): string {
  return [name, ...phones.map(phoneText)].filter(Boolean).join(', ');
}

/** Indian numbers are read in two halves of five digits. */
function phoneText(phone: string): string {
  return phone.replace(/^\+91(\d{5})(\d{5})$/, '+91 $1 $2');
}
