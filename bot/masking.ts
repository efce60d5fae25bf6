import type { Content } from './channels/channel.ts';
import { masked } from './understand/identity.ts';

/** Identity, card and account numbers do not live in the chat: what is stored of a message is without them. */

/** The content without such numbers; itself when it has none. */
export function withoutNumbers(content: Content): Content {
  switch (content.kind) {
    case 'text':
    case 'edited':
      return { ...content, text: masked(content.text) };
    case 'media': {
      const { caption, fileName } = content;
      return {
        ...content,
        ...(caption !== undefined && { caption: masked(caption) }),
        ...(fileName !== undefined && { fileName: maskedName(fileName) }),
      };
    }
    default:
      return content;
  }
}

/** Where providers put what a person wrote; other fields are ids and times, whose digits mean nothing. */
const WORDS = new Set([
  'body',
  'text',
  'caption',
  'filename',
  'fileName',
  'title',
  'description',
  'matchedText',
]);

/** The provider's payload as JSON, without such numbers in what the buyer wrote. */
export function payloadWithoutNumbers(raw: unknown): string {
  return JSON.stringify(raw ?? null, (key, value: unknown) =>
    typeof value === 'string' && WORDS.has(key) ? maskedName(value) : value,
  );
}

/** What a payload holds of the file itself: its preview, its hashes, and the keys and places to fetch it by. */
const OF_THE_FILE = /thumb|preview|jpeg|mediakey|directpath|url|hash|sha256|link|secret/i;

/** A stored payload without anything of the file that it came with. */
export function payloadWithoutFile(raw: unknown): string {
  const payload: unknown = typeof raw === 'string' ? parsed(raw) : raw;
  return JSON.stringify(payload ?? null, (key, value: unknown) =>
    OF_THE_FILE.test(key) ? undefined : value,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A file's name without such numbers; its words may hang together by underscores: `AADHAAR_9999_4105_7058.pdf`. */
export function maskedName(name: string): string {
  const plain = masked(name);
  const spaced = plain.replace(/_/g, ' ');
  return masked(spaced) === spaced ? plain : masked(spaced);
}
