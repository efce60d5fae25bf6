import { fileTypeFromBuffer } from 'file-type';

/** What a file is, by its first bytes. What its sender says of it only decides where bytes cannot tell. */

/** As many first bytes as it takes to tell. */
export const HEAD_BYTES = 4_100;

/** What the sender says: the declared type may be empty, and so may the name. */
export type Declared = { mimeType: string; fileName: string };

/** `mismatch` names what the sender said otherwise, such as `declared image/png, named .exe`. */
export type FileType =
  | { isKept: true; mimeType: string; extension: string; mismatch?: string }
  | { isKept: false; reason: string };

/** What is kept, with the endings that go with it, the usual one first. Nothing here can run by itself. */
const KEPT: Record<string, string[]> = {
  'application/pdf': ['pdf'],
  'application/rtf': ['rtf'],
  'application/msword': ['doc'],
  'application/vnd.ms-excel': ['xls'],
  'application/vnd.ms-powerpoint': ['ppt'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['docx'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['xlsx'],
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': ['pptx'],
  'application/vnd.oasis.opendocument.text': ['odt'],
  'application/vnd.oasis.opendocument.spreadsheet': ['ods'],
  'application/vnd.oasis.opendocument.presentation': ['odp'],
  'audio/aac': ['aac'],
  'audio/amr': ['amr'],
  'audio/flac': ['flac'],
  'audio/mp4': ['m4a', 'mp4'],
  'audio/mpeg': ['mp3'],
  'audio/ogg': ['ogg', 'oga', 'opus'],
  'audio/wav': ['wav'],
  'audio/webm': ['weba', 'webm'],
  'image/avif': ['avif'],
  'image/bmp': ['bmp'],
  'image/gif': ['gif'],
  'image/heic': ['heic', 'heif'],
  'image/heif': ['heif', 'heic'],
  'image/jpeg': ['jpg', 'jpeg', 'jfif'],
  'image/png': ['png'],
  'image/tiff': ['tif', 'tiff'],
  'image/webp': ['webp'],
  'text/calendar': ['ics'],
  'text/csv': ['csv'],
  'text/plain': ['txt', 'text', 'log', 'md'],
  'text/vcard': ['vcf'],
  'video/3gpp': ['3gp'],
  'video/mp4': ['mp4', 'm4v'],
  'video/mpeg': ['mpg', 'mpeg'],
  'video/quicktime': ['mov'],
  'video/webm': ['webm'],
};

/** Other names of the same. */
const ALIASES: Record<string, string> = {
  'application/csv': 'text/csv',
  'application/ogg': 'audio/ogg',
  'audio/mp3': 'audio/mpeg',
  'audio/opus': 'audio/ogg',
  'audio/x-m4a': 'audio/mp4',
  'audio/x-wav': 'audio/wav',
  'image/apng': 'image/png',
  'image/jpg': 'image/jpeg',
  'text/rtf': 'application/rtf',
  'text/x-vcard': 'text/vcard',
  'video/ogg': 'audio/ogg',
  'video/x-m4v': 'video/mp4',
};

/** Containers that hold sound as well as pictures: the sender knows which. */
const SOUND_OF: Record<string, string> = {
  'video/mp4': 'audio/mp4',
  'video/webm': 'audio/webm',
  'video/3gpp': 'audio/3gpp',
};

const OLD_OFFICE = ['application/msword', 'application/vnd.ms-excel', 'application/vnd.ms-powerpoint'];
const NEW_OFFICE = Object.keys(KEPT).filter((type) => type.includes('openxmlformats'));
const SCRIPT_NAMES =
  /\.(bat|cmd|com|hta|htm|html|jar|js|jse|lnk|mjs|php|ps1|py|rb|reg|scr|sh|svg|vbe|vbs|wsf|xhtml|xml)$/i;
const MARKUP = /<(!doctype\s+html|html|head|body|script|svg|iframe|object|embed|\?php|\?xml)[\s>/]/i;
/** The byte order marks of UTF-16. */
const WIDE_MARKS = [0xfffe, 0xfeff];

/** Reads the type from the first `HEAD_BYTES` of a file, or from all of a shorter one. */
export async function fileTypeOf(head: Buffer, declared: Declared): Promise<FileType> {
  if (head.length === 0) return refused('it is empty');
  const said = canonical(declared.mimeType);
  const found = await typeByContent(head, said, extensionOf(declared.fileName));
  const extension = found && KEPT[found]?.[0];
  if (!found || !extension) return refused(found ? `${found} is not kept` : 'its type is not known');
  const mismatch = contradiction(found, said, extensionOf(declared.fileName));
  return { isKept: true, mimeType: found, extension, ...(mismatch && { mismatch }) };
}

/**
 * The name under which the file may be handed out: without what a file system or a reader's eye could be
 * deceived by, and ending as its content does.
 */
export function safeName(fileName: string, fallback: string, mimeType: string): string {
  const clean = fileName.replace(/[\p{Cc}\p{Cf}/\\:*?"<>|]+/gu, '_').replace(/^[.\s]+|[.\s]+$/g, '');
  const name = [...(clean || fallback)].slice(0, 180).join('');
  const endings = KEPT[mimeType] ?? [];
  return !endings[0] || endings.includes(extensionOf(name)) ? name : `${name}.${endings[0]}`;
}

function refused(reason: string): FileType {
  return { isKept: false, reason };
}

async function typeByContent(head: Buffer, said: string, extension: string): Promise<string | undefined> {
  // The mark that wide text begins with looks like the beginning of sound.
  if (isWide(head)) return textType(head, said, extension);
  // Some programs write a line break or a mark before the first byte that counts, and readers skip it.
  const found = await fileTypeFromBuffer(head.subarray(leadingBlanks(head)));
  if (!found) return textType(head, said, extension);
  const type = canonical(found.mime);
  if (type === 'application/x-cfb') return oneOf(OLD_OFFICE, said, extension) ?? type;
  if (type === 'application/zip' && isNewOffice(head)) return oneOf(NEW_OFFICE, said, extension) ?? type;
  return SOUND_OF[type] === said ? said : type;
}

/** Text has no signature: it is what reads as text and neither marks up a page nor is named as a script. */
function textType(head: Buffer, said: string, extension: string): string | undefined {
  const text = decoded(head);
  if (text === undefined) return undefined;
  if (MARKUP.test(text)) return 'text/html';
  if (/^#!|^\s*@echo off/i.test(text) || SCRIPT_NAMES.test(`.${extension}`)) return 'text/x-script';
  if (/^\s*BEGIN:VCARD/i.test(text)) return 'text/vcard';
  return oneOf(['text/csv', 'text/plain'], said, extension) ?? 'text/plain';
}

/** The head as text, or undefined when it is none. Its last character may be cut. */
function decoded(head: Buffer): string | undefined {
  const encoding = !isWide(head) ? 'utf-8' : head[0] === 0xff ? 'utf-16le' : 'utf-16be';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(head, { stream: true });
    return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function isWide(head: Buffer): boolean {
  return head.length > 1 && WIDE_MARKS.includes(head.readUInt16BE(0));
}

/** The one of `types` that the sender means, by the declared type or else by the name. */
function oneOf(types: string[], said: string, extension: string): string | undefined {
  return (
    types.find((type) => KEPT[type]?.includes(extension)) ?? types.find((type) => type === said) ?? undefined
  );
}

/** A zip whose first entry is one that office programs write first. */
function isNewOffice(head: Buffer): boolean {
  const nameLength = head.length > 30 ? head.readUInt16LE(26) : 0;
  const first = head.subarray(30, 30 + nameLength).toString('latin1');
  return /^(\[Content_Types\]\.xml|_rels\/|docProps\/|word\/|xl\/|ppt\/)/.test(first);
}

function leadingBlanks(head: Buffer): number {
  let at = head.subarray(0, 3).toString('hex') === 'efbbbf' ? 3 : 0;
  while (at < Math.min(head.length, 64) && [0x09, 0x0a, 0x0d, 0x20].includes(head[at] ?? 0)) at += 1;
  return at;
}

function contradiction(found: string, said: string, extension: string): string {
  const wrongType = said !== '' && said !== 'application/octet-stream' && said !== found;
  const wrongName = extension !== '' && !KEPT[found]?.includes(extension);
  return [wrongType && `declared ${said}`, wrongName && `named .${extension}`].filter(Boolean).join(', ');
}

/** `Audio/OPUS; rate=16000` -> `audio/ogg` */
function canonical(mimeType: string): string {
  const type = mimeType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return ALIASES[type] ?? type;
}

/** `KYC form.PDF` -> `pdf`; empty when the name has none. */
function extensionOf(fileName: string): string {
  return /\.([a-z0-9]{1,5})$/i.exec(fileName)?.[1]?.toLowerCase() ?? '';
}
