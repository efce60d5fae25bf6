import type { Day } from './days.ts';
import { readNumber } from './numbers.ts';
import { keySet, type Token } from './tokens.ts';

/** A time of day and the tokens it was read from; `isGuessed` when morning or evening was not said. */
export type ClockTime = { hour: number; minute: number; isGuessed: boolean; start: number; next: number };

type Part = 'morning' | 'noon' | 'evening';

const OCLOCK = keySet('baje bje baj bajey oclock bajkar baje_tak');
const AM = keySet('am');
const PM = keySet('pm');
const PARTS: ReadonlyArray<readonly [ReadonlySet<string>, Part]> = [
  [keySet('subah subeh subha savere morning mrng mrning savera early'), 'morning'],
  [keySet('dopahar dopaher dophar afternoon noon dopehar'), 'noon'],
  [keySet('shaam sham evening eve evng raat rat night tonight saanjh'), 'evening'],
];
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

/** A time that says it is one: "5 pm", "17:30", "sadhe paanch baje", "4 to 5 pm". */
function readMarked(tokens: Token[], start: number): ClockTime | undefined {
  const time = readHourAndMinute(tokens, start);
  if (time === undefined) return undefined;
  const mark = tokens[time.next]?.key ?? '';
  if (AM.has(mark) || PM.has(mark))
    return settled(time, PM.has(mark) ? 'evening' : 'morning', start, time.next + 1);
  if (OCLOCK.has(mark)) {
    const second = tokens[time.next + 1]?.key ?? '';
    if (AM.has(second) || PM.has(second))
      return settled(time, PM.has(second) ? 'evening' : 'morning', start, time.next + 2);
    return settled(time, partNear(tokens, start, time.next + 1), start, time.next + 1);
  }
  if (time.hasColon) return settled(time, partNear(tokens, start, time.next), start, time.next);
  const end = RANGE.has(mark) ? readMarked(tokens, time.next + 1) : undefined;
  if (end === undefined) return undefined;
  const hour =
    time.hour <= 12 && end.hour >= 12 && time.hour % 12 <= end.hour % 12 ? (time.hour % 12) + 12 : time.hour;
  return { ...end, hour, minute: time.minute, start };
}

/** An hour that only its place makes one: "Saturday 4", "subah 10", "at 5", "5ish". */
function readBareHour(tokens: Token[], start: number, day: Day | undefined): ClockTime | undefined {
  const time = tokens[start]?.value === undefined ? undefined : readHourAndMinute(tokens, start);
  if (time === undefined || time.hour < 1 || time.hour > 12) return undefined;
  const after = tokens[start + 1]?.key ?? '';
  const before = tokens[start - 1]?.key ?? '';
  const followsPart = PARTS.some(([names]) => names.has(before));
  const hasPlace =
    AT.has(before) || followsPart || after === 'ish' || (day !== undefined && day.next === start);
  if (!hasPlace || COUNTED.has(after)) return undefined;
  if (AT.has(before) && before !== 'at' && before !== '@' && day === undefined && after !== 'ish')
    return undefined;
  return settled(time, partNear(tokens, start, start + 1), start, start + 1);
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

/** Morning, noon or evening, where the message says it: beside the time first, then anywhere. */
function partNear(tokens: Token[], start: number, next: number): Part | undefined {
  const order = [start - 1, start - 2, next, next + 1, ...tokens.keys()];
  for (const i of order) {
    const part = PARTS.find(([names]) => names.has(tokens[i]?.key ?? ''));
    if (part !== undefined) return part[1];
  }
  return undefined;
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
  if (part === 'noon') return at(hour <= 5 ? hour + 12 : hour);
  return at(hour <= 7 ? hour + 12 : hour);
}
