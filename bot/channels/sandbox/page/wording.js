import { formatted } from './markup.js';

const CLOCK = new Intl.DateTimeFormat('en-IN', { hour: 'numeric', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-IN', { day: 'numeric', month: 'long', year: 'numeric' });
const SHORT_DAY = new Intl.DateTimeFormat('en-IN', { day: 'numeric', month: 'short' });
const DAY_MS = 24 * 60 * 60 * 1000;

/** Time of day, such as `4:30 pm`. */
export function clockOf(at) {
  return CLOCK.format(new Date(at));
}

/** `Today`, `Yesterday` or the date in full. */
export function dayOf(at) {
  const day = DAY.format(new Date(at));
  if (day === DAY.format(new Date())) return 'Today';
  if (day === DAY.format(new Date(Date.now() - DAY_MS))) return 'Yesterday';
  return day;
}

/** Today's time of day, or the short date. */
export function whenOf(at) {
  return dayOf(at) === 'Today' ? clockOf(at) : SHORT_DAY.format(new Date(at));
}

/** `+919999900001` as `+91 99999 00001`; other numbers as they are. */
export function spaced(number) {
  return number.replace(/^\+91(\d{5})(\d{5})$/, '+91 $1 $2');
}

/** What a phone is called: its owner's name, or its number. */
export function ownerOf(phone) {
  return phone.name ?? spaced(phone.number);
}

/** A size such as `340 KB` or `1.2 MB`. */
export function sizeOf(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A file's kind as a short sign, such as `PDF`. */
export function signOf({ fileName, mimeType }) {
  if (mimeType === 'application/pdf') return 'PDF';
  const ending = /\.([a-z0-9]{1,4})$/i.exec(fileName);
  return ending ? ending[1].toUpperCase() : 'FILE';
}

const GIST_CHARS = 300;

/** A line or two that stand for a message, in quotes and announcements: plain text, without the marks. */
export function gist({ body, revoked }) {
  if (revoked) return 'Deleted message';
  switch (body.kind) {
    case 'choice':
      return body.title;
    case 'location':
      return `Location: ${body.name ?? coordinatesOf(body)}`;
    case 'contact':
      return `Contact: ${body.name}`;
    case 'call':
      return callOf(body);
    case 'reaction':
      return body.emoji === null ? 'You took a reaction back' : `You reacted ${body.emoji}`;
    case 'revoked':
      return 'You deleted a message';
    case 'edited':
      return `Edited: ${formatted(body.text.slice(0, GIST_CHARS)).textContent}`;
    case 'file': {
      const name = body.voice ? 'Voice note' : body.fileName;
      return formatted([name, body.caption].filter(Boolean).join(': ').slice(0, GIST_CHARS)).textContent;
    }
    default:
      return formatted(body.text.slice(0, GIST_CHARS)).textContent;
  }
}

/** `Voice call` or `Video call`. */
export function callOf({ video }) {
  return video ? 'Video call' : 'Voice call';
}

/** `19.06690, 72.86560` */
export function coordinatesOf({ latitudeDeg, longitudeDeg }) {
  return `${latitudeDeg.toFixed(5)}, ${longitudeDeg.toFixed(5)}`;
}

/** Whether a message changes an earlier one and, once it has gone out, has no bubble of its own. */
export function isGesture({ body }) {
  return ['reaction', 'edited', 'revoked'].includes(body.kind);
}
