import { createHash } from 'node:crypto';

/** A visit as an entry for the buyer's calendar: iCalendar, RFC 5545, with the methods of RFC 5546. */

export const CALENDAR_MIME_TYPE = 'text/calendar';

/**
 * What the entry says. `uid` stays the same when a visit is moved, `sequence` rises with every change;
 * `stampedAt` is when this file is made.
 */
export type VisitEntry = {
  uid: string;
  sequence: number;
  at: Date;
  minutes: number;
  isCancelled: boolean;
  project: string;
  developer: string;
  address: string;
  mapUrl: string;
  associate: string;
  language: 'en' | 'hi' | 'hinglish';
  stampedAt: Date;
};

/** A line is at most so many octets long (RFC 5545, 3.1), the blank that continues it included. */
const LINE_OCTETS = 75;
const CRLF = '\r\n';
/** So long before the visit the calendar speaks up. */
const ALARM = '-PT2H';

const WORDS = {
  en: {
    summary: (project: string) => `Visit: ${project}`,
    description: (associate: string, mapUrl: string) => `${associate} will meet you.\nMap: ${mapUrl}`,
  },
  hi: {
    summary: (project: string) => `विज़िट: ${project}`,
    description: (associate: string, mapUrl: string) => `${associate} आपसे मिलेंगे।\nमैप: ${mapUrl}`,
  },
  hinglish: {
    summary: (project: string) => `Visit: ${project}`,
    description: (associate: string, mapUrl: string) => `${associate} aapse milenge.\nMap: ${mapUrl}`,
  },
};

/** The text of an .ics file that puts the visit into a calendar, moves it there, or takes it out when cancelled. */
export function visitCalendar(entry: VisitEntry): string {
  const { uid, sequence, at, minutes, isCancelled, stampedAt } = entry;
  const { project, developer, address, mapUrl, associate, language } = entry;
  const words = WORDS[language];
  const ends = new Date(at.getTime() + minutes * 60_000);
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Baton//Visits//EN',
    'CALSCALE:GREGORIAN',
    `METHOD:${isCancelled ? 'CANCEL' : 'PUBLISH'}`,
    'BEGIN:VEVENT',
    // What we call a visit is nobody else's business.
    `UID:${createHash('sha256').update(uid).digest('hex').slice(0, 32)}@baton`,
    `SEQUENCE:${sequence}`,
    `DTSTAMP:${utc(stampedAt)}`,
    `DTSTART:${utc(at)}`,
    `DTEND:${utc(ends)}`,
    `STATUS:${isCancelled ? 'CANCELLED' : 'CONFIRMED'}`,
    `SUMMARY:${escaped(words.summary(project))}`,
    `LOCATION:${escaped(`${project}, ${address}`)}`,
    `DESCRIPTION:${escaped(words.description(associate, mapUrl))}`,
    `URL:${mapUrl}`,
    // The organizer is asked for by RFC 5546; there is no mailbox that could take an answer.
    `ORGANIZER;CN=${quoted(developer)}:invalid:nomail`,
    ...(isCancelled ? [] : alarm(words.summary(project))),
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return lines.map((line) => folded(line) + CRLF).join('');
}

function alarm(summary: string): string[] {
  return [
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    `TRIGGER:${ALARM}`,
    `DESCRIPTION:${escaped(summary)}`,
    'END:VALARM',
  ];
}

/** `20261125T053000Z` */
function utc(at: Date): string {
  return at.toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function escaped(text: string): string {
  return text
    .replace(/[\\;,]/g, (sign) => `\\${sign}`)
    .replace(/\r\n|\r|\n/g, '\\n')
    .replace(CONTROLS, '');
}

/** The value of a parameter can hold neither quotes nor line ends. */
function quoted(text: string): string {
  return `"${text
    .replaceAll('"', "'")
    .replace(/[\r\n]+/g, ' ')
    .replace(CONTROLS, '')}"`;
}

const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Cut by octets, and never through a letter. */
function folded(line: string): string {
  const pieces: string[] = [];
  let piece = '';
  let octets = 0;
  for (const letter of line) {
    const length = Buffer.byteLength(letter);
    if (octets + length > LINE_OCTETS) {
      pieces.push(piece);
      piece = '';
      // The blank that begins the next line counts.
      octets = 1;
    }
    piece += letter;
    octets += length;
  }
  return [...pieces, piece].join(`${CRLF} `);
}
