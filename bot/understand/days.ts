import type { DateTime } from 'luxon';
import { type DayContext, NEXT, type Reading, readCalendarDate, UNITS } from './calendar.ts';
import { readNumber } from './numbers.ts';
import { keySet, type Token } from './tokens.ts';

/** A day that a message names, and the tokens it was read from. */
export type Day = { date: DateTime; start: number; next: number };

const WEEKDAYS = [
  'monday somvar somvaar mon somavar mande manday',
  'tuesday mangalvar mangal mangalvaar tue tues tyuzade tuesde tyujde mangalbar',
  'wednesday budhvar budh budhvaar wed vednesde budhbar vensde wednesde',
  'thursday guruvar guruvaar brihaspativar veervar virvar jumerat thu thur thurs tharsde brihaspati',
  'friday shukravar shukrvar shukravaar shukr juma jumma fri fraide shukrbar fraaide fraiday',
  'saturday shanivar shanivaar shani sat saitarde saiterde saturde sanichar shanichar setarde',
  'sunday ravivar ravivaar itvar itvaar sun sande sanday ravi ravibar',
].map(keySet);
const TODAY = keySet('today aaj tdy tonight aj');
const TOMORROW = keySet(
  'tomorrow tomorow tommorow tommorrow tomorro tmrw tmr tmrow tom 2moro tmorrow tumaro',
);
const AFTER_TOMORROW = keySet('parso parson parsu parsun');
const THIRD_DAY = keySet('narso narson tarso tarson');
const YESTERDAY = keySet('yesterday ystrday yest');
const LATER = keySet('baad bad later ke k me mein se');

/** The day named at a token, or undefined. A day of the past is named only in talk of the past. */
export function readDay(tokens: Token[], start: number, context: DayContext): Day | undefined {
  const read =
    readRelativeDay(tokens, start, context) ??
    readWeekday(tokens, start, context) ??
    readCalendarDate(tokens, start, context) ??
    readInterval(tokens, start, context) ??
    readPeriod(tokens, start, context);
  return read === undefined || !read.date.isValid ? undefined : { ...read, start };
}

function readRelativeDay(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  const key = tokens[start]?.key ?? '';
  const inDays = (days: number, words = 1) => ({ date: context.today.plus({ days }), next: start + words });
  if (key === 'day' && tokens[start + 1]?.key === 'after') {
    return inDays(2, TOMORROW.has(tokens[start + 2]?.key ?? '') ? 3 : 2);
  }
  if (TODAY.has(key)) return inDays(0);
  if (TOMORROW.has(key)) return inDays(1);
  if (key === 'kal') return inDays(context.isPast ? -1 : 1);
  if (AFTER_TOMORROW.has(key)) return inDays(context.isPast ? -2 : 2);
  if (THIRD_DAY.has(key)) return inDays(context.isPast ? -3 : 3);
  return YESTERDAY.has(key) ? inDays(-1) : undefined;
}

function readWeekday(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  const token = tokens[start];
  const isNext = token !== undefined && NEXT.has(token.key) && tokens[start + 1] !== undefined;
  const at = isNext ? start + 1 : start;
  const weekday = WEEKDAYS.findIndex((names) => names.has(tokens[at]?.key ?? '')) + 1;
  if (weekday === 0 || !isMeantAsWeekday(tokens, at)) return undefined;
  const ahead = (weekday - context.today.weekday + 7) % 7 || 7;
  const word = tokens[start]?.key;
  // In English "next Saturday" is the one of next week; "agle shanivar" and "coming Saturday" are simply the coming one.
  const isWeekLater = isNext && word === 'next' && weekday > context.today.weekday;
  const days = context.isPast ? ahead - 7 : ahead + (isWeekLater ? 7 : 0);
  return { date: context.today.plus({ days }), next: at + 1 };
}

/** "Sat", "sun", "mon", "ravi" are also Hindi words or names, so they need a date-like neighbour. */
function isMeantAsWeekday(tokens: Token[], at: number): boolean {
  const { raw = '', key = '' } = tokens[at] ?? {};
  // A short name must be typed as such: "saat" is seven and "free" is not Friday.
  if (key.length <= 3 && /aa|ee|oo/u.test(raw)) return false;
  if (!/^(?:sat|sun|mon|wed|ravi|shani|mangal|budh|shukr|juma|jumma|brihaspati)$/u.test(raw)) return true;
  const after = tokens[at + 1];
  const before = tokens[at - 1]?.raw ?? '';
  if (after?.key === 'baje' || (raw === 'sat' && after?.key === 'sri')) return false;
  if (/^(?:on|this|next|coming|by|is|agle|or|ya|and|aur|every|till|tak|until)$/u.test(before)) return true;
  if (after === undefined) return raw === 'sat' || raw === 'mon' || tokens.length === 1;
  return (
    after.value !== undefined ||
    /^(?:ko|ke|ka|ki|morning|evening|afternoon|night|subah|sham|dopahar|at|ya|or|and|aur|please|pls|plz|visit|slot|ok|tak|noon|around|after|[?.,!/&])$/u.test(
      after.raw,
    )
  );
}

/** "2 din baad", "ek hafte baad", "after 3 days", "in two weeks". */
function readInterval(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  const opener = tokens[start]?.raw ?? '';
  const isOpened = /^(?:after|in|within)$/u.test(opener);
  const number = readNumber(tokens, isOpened ? start + 1 : start);
  if (number === undefined || number.value > 90 || context.isPast) return undefined;
  const unit = UNITS.find(([names]) => names.has(tokens[number.next]?.key ?? ''));
  const closer = tokens[number.next + 1]?.key ?? '';
  if (unit === undefined || !(isOpened || LATER.has(closer))) return undefined;
  return { date: context.today.plus({ [unit[1]]: Math.ceil(number.value) }), next: number.next + 1 };
}

/** "Next week", "agle mahine", "this weekend", "month end". */
function readPeriod(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  const [first, second, third] = tokens.slice(start, start + 3).map(({ key }) => key);
  if (first === undefined || context.isPast) return undefined;
  if (first === 'vikend' || first === 'weekend' || first === 'veekend' || first === 'vikand') {
    return {
      date: context.today.weekday >= 6 ? context.today : context.today.set({ weekday: 6 }),
      next: start + 1,
    };
  }
  const unit = NEXT.has(first) ? UNITS.find(([names]) => names.has(second ?? '')) : undefined;
  if (unit !== undefined) return { date: context.today.plus({ [unit[1]]: 1 }), next: start + 2 };
  const isMonth = UNITS[2]?.[0].has(first) ?? false;
  const endsAt =
    second === 'end'
      ? 2
      : (second === 'ke' || second === 'k') && /^(?:end|akhir|aakhir|akhri)$/u.test(third ?? '')
        ? 3
        : 0;
  return isMonth && endsAt > 0
    ? { date: context.today.endOf('month').startOf('day'), next: start + endsAt }
    : undefined;
}
