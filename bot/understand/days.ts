import { type DayContext, NEXT, type Reading, readCalendarDate, UNITS } from './calendar.ts';
import { readNumber } from './numbers.ts';
import { keySet, type Token } from './tokens.ts';

/** A day that a message names, and the tokens it was read from. */
export type Day = Reading & { start: number };

const WEEKDAYS = [
  'monday somvar somvaar mon somavar mande manday somvari somavari somwari',
  'tuesday mangalvar mangal mangalvaar tue tues tyuzade tuesde tyujde mangalbar mangalvari mangalavari',
  'wednesday budhvar budh budhvaar wed vednesde budhbar vensde wednesde budhvari budhavari',
  'thursday guruvar guruvaar brihaspativar veervar virvar jumerat thu thur thurs tharsde brihaspati guruvari guruwari',
  'friday shukravar shukrvar shukravaar shukr juma jumma fri fraide shukrbar fraaide fraiday shukravari shukrvari',
  'saturday shanivar shanivaar shani sat saitarde saiterde saturde sanichar shanichar setarde shanivari shanwari shaniwari',
  'sunday ravivar ravivaar itvar itvaar sun sande sanday ravi ravibar ravivari raviwari',
].map(keySet);
const TODAY = keySet('today aaj tdy tonight aj');
const TOMORROW = keySet(
  'tomorrow tomorrows tomorow tommorow tommorrow tomorro tmrw tmr tmrow tom 2moro tmorrow tumaro udya udyala udhya',
);
const AFTER_TOMORROW = keySet('parso parson parsu parsun parva parwa parvaa');
const THIRD_DAY = keySet('narso narson tarso tarson');
const YESTERDAY = keySet('yesterday ystrday yest');
const LATER = keySet('baad bad later');
const WITHIN = keySet('baad bad andar bheetar bhitar');
const AGO = keySet('ago back pehle pahle pehele phle');
const PREVIOUS = keySet('last pichle pichhle pichla pichli past gaye bite');
const NOW = keySet('today now aaj abhi');

/** The day named at a token, or undefined. A day of the past is named only in talk of the past. */
export function readDay(tokens: Token[], start: number, context: DayContext): Day | undefined {
  const read =
    readInterval(tokens, start, context) ??
    readRelativeDay(tokens, start, context) ??
    readWeekday(tokens, start, context) ??
    readCalendarDate(tokens, start, context) ??
    readPeriod(tokens, start, context);
  return read === undefined || !read.date.isValid ? undefined : { ...read, start };
}

function readRelativeDay(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  const key = tokens[start]?.key ?? '';
  const inDays = (days: number, words = 1) => ({ date: context.today.plus({ days }), next: start + words });
  if (key === 'day' && /^aft?e?r$/u.test(tokens[start + 1]?.key ?? '')) {
    return inDays(2, TOMORROW.has(tokens[start + 2]?.key ?? '') ? 3 : 2);
  }
  const after = tokens[start + 1];
  // "Aaj kal" is "these days" or "one of these days", never a day.
  if (key === 'aaj' || key === 'aj') {
    return after?.key === 'kal' ? { ...inDays(0, 2), isVague: true } : inDays(0);
  }
  if (TODAY.has(key)) return inDays(0);
  if (tokens[start]?.value === 2 && after?.glued && /^mo?r+o*w*$/u.test(after.raw)) return inDays(1, 2);
  if (TOMORROW.has(key)) return inDays(1);
  if (key === 'kal' || key === 'kl') return inDays(context.isPast ? -1 : 1);
  if (AFTER_TOMORROW.has(key)) return inDays(context.isPast ? -2 : 2);
  if (THIRD_DAY.has(key)) return inDays(context.isPast ? -3 : 3);
  return YESTERDAY.has(key) ? inDays(-1) : undefined;
}

function readWeekday(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  const opener = tokens[start]?.key ?? '';
  const weekOpens = isNextWeekAt(tokens, start);
  const skipped = weekOpens
    ? 2 + (/^(?:ke|ki|ka|me|mein|k|on)$/u.test(tokens[start + 2]?.raw ?? '') ? 1 : 0)
    : NEXT.has(opener) || PREVIOUS.has(opener)
      ? 1
      : 0;
  const at = start + skipped;
  const weekday = WEEKDAYS.findIndex((names) => names.has(tokens[at]?.key ?? '')) + 1;
  if (weekday === 0 || !isMeantAsWeekday(tokens, at)) return undefined;
  const { today } = context;
  const weekCloses = isNextWeekAt(tokens, at + 1);
  if (weekOpens || weekCloses) {
    const date = today
      .plus({ weeks: 1 })
      .startOf('week')
      .plus({ days: weekday - 1 });
    return { date, next: at + (weekCloses ? 3 : 1) };
  }
  const ahead = (weekday - today.weekday + 7) % 7 || 7;
  if (context.isPast || PREVIOUS.has(opener)) {
    return { date: today.minus({ days: (7 - ahead) % 7 || 7 }), next: at + 1 };
  }
  // In English "next Saturday" is the one of next week; "agle shanivar" and "coming Saturday" are simply the coming one.
  const isWeekLater = opener === 'next' && weekday > today.weekday;
  return { date: today.plus({ days: ahead + (isWeekLater ? 7 : 0) }), next: at + 1 };
}

function isNextWeekAt(tokens: Token[], at: number): boolean {
  return NEXT.has(tokens[at]?.key ?? '') && (UNITS[1]?.[0].has(tokens[at + 1]?.key ?? '') ?? false);
}

/** "Sat", "sun", "mon", "ravi" are also Hindi words or names, so they need a date-like neighbour. */
function isMeantAsWeekday(tokens: Token[], at: number): boolean {
  const { raw = '', key = '' } = tokens[at] ?? {};
  // A short name must be typed as such: "saat" is seven and "free" is not Friday.
  if (key.length <= 3 && /aa|ee|oo/u.test(raw)) return false;
  // Quarters of old towns are named after their market day: "Somwar Peth".
  if (tokens[at + 1]?.key === 'peth') return false;
  if (!/^(?:sat|sun|mon|wed|ravi|shani|mangal|budh|shukr|juma|jumma|brihaspati)$/u.test(raw)) return true;
  const after = tokens[at + 1];
  const before = tokens[at - 1]?.raw ?? '';
  if (after?.key === 'baje' || (raw === 'sat' && after?.key === 'sri')) return false;
  if (/^(?:on|this|next|coming|by|is|agle|or|ya|and|aur|every|till|tak|until)$/u.test(before)) return true;
  if (after === undefined) return raw === 'sat' || raw === 'mon' || tokens.length === 1;
  return (
    after.value !== undefined ||
    /^(?:ko|ke|ka|ki|morning|evening|afternoon|night|subah|sham|dopahar|at|ya|or|and|aur|please|pls|plz|visit|slot|ok|tak|noon|around|after|[?.,!/&@-])$/u.test(
      after.raw,
    )
  );
}

/** "2 din baad", "hafte baad", "after 3 days", "aaj se 10 din", "10 days from today", "3 days ago". */
function readInterval(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  const isSince = NOW.has(tokens[start]?.key ?? '') && tokens[start + 1]?.key === 'se';
  const isOpened = isSince || /^(?:after|in|within)$/u.test(tokens[start]?.raw ?? '');
  const number = numberOrOne(tokens, start + (isSince ? 2 : isOpened ? 1 : 0));
  if (number === undefined || number.value > 90) return undefined;
  const unit = UNITS.find(([names]) => names.has(tokens[number.next]?.key ?? ''))?.[1];
  if (unit === undefined) return undefined;
  const count = { [unit]: Math.ceil(number.value) };
  const [closer, afterCloser] = tokens.slice(number.next + 1, number.next + 3).map(({ key }) => key);
  if (AGO.has(closer ?? '') && (context.isPast || closer === 'ago')) {
    return { date: context.today.minus(count), next: number.next + 2 };
  }
  if (context.isPast) return undefined;
  const isFromNow = closer === 'from' && NOW.has(afterCloser ?? '');
  if (isFromNow) return { date: context.today.plus(count), next: number.next + 3 };
  if (LATER.has(closer ?? '')) return { date: context.today.plus(count), next: number.next + 2 };
  // "2 din ke baad", "2 din me"; but "2 din ke liye" and "2 din se" tell how long, not when.
  const isWithin = closer === 'ke' || closer === 'k' ? WITHIN.has(afterCloser ?? '') : closer === 'me';
  if (!isOpened && !isWithin) return undefined;
  return { date: context.today.plus(count), next: number.next + 1 };
}

/** "A week later" and "hafte baad" mean one; "din baad" without a number means nothing. */
function numberOrOne(tokens: Token[], at: number): { value: number; next: number } | undefined {
  const isUnit = (i: number) =>
    UNITS.some(([names, unit]) => unit !== 'days' && names.has(tokens[i]?.key ?? ''));
  const raw = tokens[at]?.raw;
  if ((raw === 'a' || raw === 'an') && isUnit(at + 1)) return { value: 1, next: at + 1 };
  const standsAlone = isUnit(at) && /^(?:baad|bad)$/u.test(tokens[at + 1]?.key ?? '');
  return standsAlone ? { value: 1, next: at } : readNumber(tokens, at);
}

/** "Next week", "agle mahine", "this weekend". */
function readPeriod(tokens: Token[], start: number, context: DayContext): Reading | undefined {
  const [first, second] = tokens.slice(start, start + 2).map(({ key }) => key);
  if (first === undefined || context.isPast) return undefined;
  if (first === 'vikend' || first === 'weekend' || first === 'veekend' || first === 'vikand') {
    return {
      date: context.today.weekday >= 6 ? context.today : context.today.set({ weekday: 6 }),
      next: start + 1,
    };
  }
  const unit = NEXT.has(first) ? UNITS.find(([names]) => names.has(second ?? '')) : undefined;
  if (unit === undefined) return undefined;
  const date = context.today.plus({ [unit[1]]: 1 });
  // A week that is named by itself is meant from its Monday on.
  return { date: unit[1] === 'weeks' ? date.startOf('week') : date, next: start + 2 };
}
