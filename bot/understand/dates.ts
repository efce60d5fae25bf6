import { DateTime } from 'luxon';
import type { Entities } from '../../flows/types.ts';
import { type ClockTime, readClock } from './clock.ts';
import { type Day, readDay } from './days.ts';
import { namesRareDate, readEnglishDate } from './english-dates.ts';
import { keySet, type Token } from './tokens.ts';

const PAST = keySet(
  'kiya kiye kari diya diye bheja bheji gaya gayi gaye tha thi hua hui chuka chuki chuke paid sent transferred done was were did had ' +
    'visited came debited credited deposited yesterday daala dala daal_diya submitted received mila mili called',
);
const FUTURE =
  /^(?:will|shall|gonna|aana|aau|aaun|dekhna|want|visit|book|arrange|schedule|reschedule)$|(?:unga|ungi|enge|oge|egi|ega)$/u;

/**
 * The day (`date`) or moment (`at`) a message speaks of, read in the project's zone, or nothing.
 * Talk of the future is rolled forward, never answered with the past; "kal" is yesterday only in talk of the past.
 */
export function readMoment(
  text: string,
  tokens: Token[],
  { now, timeZone }: { now: Date; timeZone: string },
): Pick<Entities, 'date' | 'at'> {
  // Zone arithmetic is the dear part of reading, and most messages name no moment: only when one is met.
  const here = once(() => DateTime.fromJSDate(now, { zone: timeZone }));
  const today = once(() => here().startOf('day'));
  const context = {
    isPast: speaksOfThePast(tokens),
    get today() {
      return today();
    },
  };
  const { isPast } = context;
  const day = firstKept(tokens, (i) => readDay(tokens, i, context));
  const clock = firstKept(tokens, (i) => readClock(tokens, i, day));
  if (day === undefined && clock === undefined)
    return namesRareDate(text) ? readEnglishDate(text, here()) : {};
  if (clock === undefined) return day === undefined ? {} : { date: day.date.toISODate() ?? '' };
  return momentOf(day, clock, here(), isPast);
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function momentOf(
  day: Day | undefined,
  clock: ClockTime,
  here: DateTime,
  isPast: boolean,
): Pick<Entities, 'date' | 'at'> {
  const at = (day?.date ?? here.startOf('day')).set({ hour: clock.hour, minute: clock.minute });
  if (at > here) return { at: at.toJSDate() };
  // A day that is named and over is meant, whatever is talked of: only an hour of today goes on to tomorrow.
  if (isPast || (day && day.date < here.startOf('day'))) return { at: at.toJSDate() };
  const later = clock.isGuessed && clock.hour < 12 ? at.plus({ hours: 12 }) : at;
  return { at: (later > here ? later : at.plus({ days: 1 })).toJSDate() };
}

/** The first reading that the message does not itself set aside ("Saturday ki jagah Sunday" keeps Sunday). */
function firstKept<T extends { start: number; next: number; isVague?: boolean }>(
  tokens: Token[],
  read: (start: number) => T | undefined,
): T | undefined {
  for (let i = 0; i < tokens.length; ) {
    const found = read(i);
    if (found !== undefined && !found.isVague && !isSetAside(tokens, found)) return found;
    i = found?.next ?? i + 1;
  }
  return undefined;
}

function isSetAside(tokens: Token[], { start, next }: { start: number; next: number }): boolean {
  const [after, afterNext, third] = tokens.slice(next, next + 3).map(({ key }) => key);
  const before = tokens[start - 1]?.key;
  const beforeThat = tokens[start - 2]?.key;
  if (before === 'not' || (before === 'of' && beforeThat === 'instead')) return true;
  if (
    tokens.slice(Math.max(0, start - 3), start).some(({ key }) => /^(?:cant|cannot|vont|couldnt)$/u.test(key))
  )
    return true;
  const refuses = (word: string | undefined) =>
    word !== undefined && /^(?:nahi|nahin|nhi|nai|mat)$/u.test(word);
  const replaces =
    after === 'ki' || after === 'ke' ? /^(?:jagah|jaga|bajay|bajaye)$/u.test(afterNext ?? '') : false;
  const refused =
    refuses(after) || (after === 'ko' && refuses(afterNext)) || (after === 'to' && refuses(afterNext));
  const moved = after === 'se' && /^(?:badha|barha|hata|badal|aage|shift|change)/u.test(afterNext ?? '');
  return replaces || refused || moved || (after === 'vali' && third === 'ki');
}

function speaksOfThePast(tokens: Token[]): boolean {
  return (
    tokens.some(({ key }) => PAST.has(key)) &&
    !tokens.some(({ raw, key }) => FUTURE.test(raw) || FUTURE.test(key))
  );
}
