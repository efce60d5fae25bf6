import type { Day } from './days.ts';
import { readNumber } from './numbers.ts';
import { keySet, type Token } from './tokens.ts';

/** A time of day and the tokens it was read from; `isGuessed` when morning or evening was not said. */
export type ClockTime = { hour: number; minute: number; isGuessed: boolean; start: number; next: number };

type Part = 'morning' | 'noon' | 'evening' | 'night';

const OCLOCK = keySet('baje bje baj bajey oclock bajkar baje_tak vajta vajata vajtaa vaje vajtha');
const PARTS: Record<Part, string> = {
  morning: 'subah subeh subha savere morning mrng mrning savera early sakali sakaali sakal',
  noon: 'dopahar dopaher dophar afternoon noon dopehar dupari dupaari',
  evening: 'shaam sham evening eve evng saanjh sandhyakali sandhyakaali sanjkali',
  night: 'raat rat night tonight',
};
const PART_OF = new Map(
  Object.entries(PARTS).flatMap(([part, names]) => [...keySet(names)].map((name) => [name, part as Part])),
);
/** Spoken hours at which a part of the day named elsewhere in the message may be meant. */
const USUAL_HOURS: Record<Part, ReadonlySet<number>> = {
  morning: new Set([6, 7, 8, 9, 10, 11, 12]),
  noon: new Set([11, 12, 1, 2, 3, 4, 5]),
  evening: new Set([3, 4, 5, 6, 7, 8, 9, 10, 11]),
  night: new Set([7, 8, 9, 10, 11]),
};
const AT = keySet('at by around @ ~ about after before approx');
const RANGE = keySet('- – to se');
/** After "Saturday 4" these make the four something else than an hour. */
const COUNTED = keySet(
  'log logo people person persons members member adults bhk bedroom bed flat flats lakh lac cr crore din days day tarikh tarik st nd rd th hafte mahine of family families % / units ghante hours hrs min mins minutes floor k l baar times',
);

/** The time of day at a token, or undefined. Without am or pm the hours that a sales office is open are assumed. */
export function readClock(tokens: Token[], start: number, day: Day | undefined): ClockTime | undefined {
  const marked = readMarked(tokens, start);
  if (marked !== undefined) return marked;
  if (tokens[start]?.raw === 'noon') {
    return { hour: 12, minute: 0, isGuessed: false, start, next: start + 1 };
  }
  return readBareHour(tokens, start, day);
}

/** A time that says it is one: "5 pm", "17:30", "half past 4", "1600 hrs", "sadhe paanch baje", "4 to 5 pm". */
function readMarked(tokens: Token[], start: number): ClockTime | undefined {
  const spoken = readPastOrTo(tokens, start) ?? readFourDigits(tokens, start);
  const time = spoken ?? readHourAndMinute(tokens, start);
  if (time === undefined) return undefined;
  const mark = tokens[time.next]?.key ?? '';
  const next = OCLOCK.has(mark) ? time.next + 1 : time.next;
  const half = readHalfOfDay(tokens, next);
  if (half !== undefined) return settled(time, half.part, start, half.next);
  if (next > time.next || spoken !== undefined)
    return settled(time, partNear(tokens, time.hour, start, next), start, next);
  if (time.hasColon) return settled(time, partNear(tokens, time.hour, start, time.next), start, time.next);
  const end = RANGE.has(mark) ? readMarked(tokens, time.next + 1) : undefined;
  if (end === undefined) return undefined;
  const hour =
    time.hour <= 12 && end.hour >= 12 && time.hour % 12 <= end.hour % 12 ? (time.hour % 12) + 12 : time.hour;
  return { ...end, hour, minute: time.minute, start };
}

/** "am", "pm" and "p.m." */
function readHalfOfDay(tokens: Token[], at: number): { part: Part; next: number } | undefined {
  const [first, dot, second, lastDot] = tokens.slice(at, at + 4).map(({ raw }) => raw);
  if (first === 'am' || first === 'pm') return { part: first === 'pm' ? 'evening' : 'morning', next: at + 1 };
  if ((first !== 'a' && first !== 'p') || dot !== '.' || second !== 'm') return undefined;
  return { part: first === 'p' ? 'evening' : 'morning', next: at + (lastDot === '.' ? 4 : 3) };
}

/** "Half past 4", "quarter to five". */
function readPastOrTo(tokens: Token[], start: number): HourAndMinute | undefined {
  const [share, joint] = tokens.slice(start, start + 2).map(({ raw }) => raw);
  const shareMinutes = share === 'half' ? 30 : share === 'quarter' ? 15 : undefined;
  const sign = joint === 'past' ? 1 : joint === 'to' ? -1 : undefined;
  const hour = readNumber(tokens, start + 2);
  if (shareMinutes === undefined || sign === undefined || hour === undefined) return undefined;
  if (!Number.isInteger(hour.value) || hour.value < 1 || hour.value > 12) return undefined;
  const minutes = hour.value * 60 + sign * shareMinutes;
  const inHalfDay = minutes < 60 ? minutes + 12 * 60 : minutes;
  return {
    hour: Math.floor(inHalfDay / 60),
    minute: inHalfDay % 60,
    next: hour.next,
    hasColon: false,
  };
}

/** "1600 hrs". */
function readFourDigits(tokens: Token[], start: number): HourAndMinute | undefined {
  const digits = /^(\d{2})(\d{2})$/u.exec(tokens[start]?.raw ?? '');
  if (digits === null || !/^(?:hrs?|hours?)$/u.test(tokens[start + 1]?.raw ?? '')) return undefined;
  return checked({ hour: Number(digits[1]), minute: Number(digits[2]), next: start + 2, hasColon: true });
}

/** An hour that only its place makes one: "Saturday 4", "subah 10", "at 5", "at three", "5 in the evening", "5ish". */
function readBareHour(tokens: Token[], start: number, day: Day | undefined): ClockTime | undefined {
  const isWord = tokens[start]?.value === undefined;
  // A number word is an hour only where English says so: "at three" beside a day, but not "Saturday do".
  const isRead = !isWord || (tokens[start - 1]?.raw === 'at' && day !== undefined);
  const time = isRead ? readHourAndMinute(tokens, start) : undefined;
  if (time === undefined || time.hour < 1 || time.hour > 12) return undefined;
  const after = tokens[time.next]?.key ?? '';
  const before = tokens[start - 1]?.key ?? '';
  const followsPart = PART_OF.has(before);
  const isInPart = tokens[time.next]?.raw === 'in' && partAt(tokens, time.next + 2) !== undefined;
  const hasPlace =
    AT.has(before) || followsPart || isInPart || after === 'ish' || (day !== undefined && day.next === start);
  if (!hasPlace || COUNTED.has(after)) return undefined;
  if (AT.has(before) && before !== 'at' && before !== '@' && day === undefined && after !== 'ish')
    return undefined;
  return settled(time, partNear(tokens, time.hour, start, time.next), start, time.next);
}

type HourAndMinute = { hour: number; minute: number; next: number; hasColon: boolean };

function readHourAndMinute(tokens: Token[], start: number): HourAndMinute | undefined {
  const [hour, colon, minute] = tokens.slice(start, start + 3);
  if (hour?.value !== undefined && colon?.key === ':' && minute?.value !== undefined && minute.glued) {
    return checked({ hour: hour.value, minute: minute.value, next: start + 3, hasColon: true });
  }
  const dotted = /^(\d{1,2})\.(\d{2})$/u.exec(hour?.raw ?? '');
  if (dotted !== null) {
    return checked({ hour: Number(dotted[1]), minute: Number(dotted[2]), next: start + 1, hasColon: false });
  }
  const number = readNumber(tokens, start);
  if (number === undefined) return undefined;
  const whole = Math.floor(number.value);
  return checked({
    hour: whole,
    minute: Math.round((number.value - whole) * 60),
    next: number.next,
    hasColon: false,
  });
}

function checked(time: HourAndMinute): HourAndMinute | undefined {
  return time.hour <= 23 && time.minute <= 59 ? time : undefined;
}

/** Morning, noon or evening, where the message says it: beside the time, or else anywhere if it suits the hour. */
function partNear(tokens: Token[], hour: number, start: number, next: number): Part | undefined {
  for (const i of [start - 1, start - 2, next, next + 1, next + 2]) {
    const part = partAt(tokens, i);
    if (part !== undefined) return part;
  }
  for (const i of tokens.keys()) {
    const part = partAt(tokens, i);
    if (part !== undefined && USUAL_HOURS[part].has(hour)) return part;
  }
  return undefined;
}

function partAt(tokens: Token[], at: number): Part | undefined {
  return PART_OF.get(tokens[at]?.key ?? '');
}

/** Turns a spoken hour into one of twenty-four. */
function settled(
  { hour, minute }: { hour: number; minute: number },
  part: Part | undefined,
  start: number,
  next: number,
): ClockTime {
  const at = (value: number) => ({ hour: value, minute, isGuessed: part === undefined, start, next });
  if (hour > 12 || hour === 0) return at(hour);
  if (part === 'morning') return at(hour % 12);
  if (part === 'evening') return at((hour % 12) + 12);
  // "Raat 12 baje" is the midnight at that day's end, "raat 2 baje" the hours behind it.
  if (part === 'night') return at((hour % 12) + (hour === 12 || hour < 4 ? 24 : 12));
  if (part === 'noon') return at(hour <= 5 ? hour + 12 : hour);
  return at(hour <= 7 ? hour + 12 : hour);
}
