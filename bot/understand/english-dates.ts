import { casual } from 'chrono-node/en';
import type { DateTime } from 'luxon';
import type { Entities } from '../../flows/types.ts';
import { readLanguage } from './language.ts';

/** Turns of phrase that our own grammar leaves to chrono; others it must not see, for it reads "80-85" as a date. */
const HINT =
  /\b(?:fortnight|from now|from today|end of|first week|second week|third week|last week of|mid)\b/iu;

/** True when the message may name a day in one of these ways. */
export function namesRareDate(text: string): boolean {
  return HINT.test(text) && readLanguage(text) === 'en';
}

/** Reads the rarer English ways to name a day ("in a fortnight", "end of next week"). */
export function readEnglishDate(text: string, here: DateTime): Pick<Entities, 'date' | 'at'> {
  const reference = { instant: here.toJSDate(), timezone: here.offset };
  const [found] = casual.parse(text.replace(/\ba fortnight\b/giu, '2 weeks'), reference, {
    forwardDate: true,
  });
  if (found === undefined) return {};
  const at = found.start.date();
  if (at <= here.toJSDate()) return {};
  if (found.start.isCertain('hour')) return { at };
  return { date: here.plus({ milliseconds: at.getTime() - here.toMillis() }).toISODate() ?? '' };
}
