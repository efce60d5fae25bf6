import { DateTime } from 'luxon';
import { endOfQuiet, hoursOf } from '../../flows/quietHours.ts';
import type { Purpose } from '../../flows/types.ts';
import type { Rehearsal } from '../../models/campaign.ts';
import type { Channel } from '../channels/channel.ts';
import type { Config } from '../config.ts';

/** How fast a campaign may go, how long it takes, and what it risks. Pure. */

export type Pace = {
  perSecond: number;
  /** So many may be on their way at a time: what stops a campaign stops it within these. */
  inFlight: number;
  /** Conversations that we may begin in 24 hours; absent where there is no such cap. */
  coldPerDay?: number;
};

/** What the outbox itself manages on a small machine. */
const MOST_PER_SECOND = 60;
const IN_FLIGHT = { cloud: 200, sandbox: 200, web: 5 };
/** A forecast further ahead than this is a "no". */
const MOST_DAYS = 366;
/** Users of whatsapp-web.js report bans after so many messages in a row (wwebjs/whatsapp-web.js issue 3966). */
const BAN_REPORTED_AT = 150;
/** A new business portfolio may begin so many conversations in 24 hours on the Cloud API. */
const FIRST_TIER = 250;

/** The pace of the transport that a campaign goes out by. */
export function paceOf(kind: Channel['kind'], config: Pick<Config, 'limits' | 'whatsapp'>): Pace {
  const inFlight = IN_FLIGHT[kind];
  if (kind === 'cloud')
    return { perSecond: Math.min(config.limits.cloudPerSecond, MOST_PER_SECOND), inFlight };
  if (kind === 'sandbox') return { perSecond: MOST_PER_SECOND, inFlight };
  const delayMs = 'web' in config.whatsapp ? config.whatsapp.web.delayMs : { least: 1_000, most: 3_000 };
  const eachMs = Math.max((delayMs.least + delayMs.most) / 2, 1_000 / MOST_PER_SECOND);
  return { perSecond: 1_000 / eachMs, inFlight, coldPerDay: config.limits.coldPerDay };
}

export type Plan = { count: number; cold: number; purpose: Purpose; startsAt: Date; timeZone: string };

/** When the last of them will have gone out, quiet hours and the cap on new conversations included. */
export function endOf({ count, cold, purpose, startsAt, timeZone }: Plan, pace: Pace): Date {
  let at = startsAt;
  let left = { warm: count - cold, cold };
  for (let days = 0; days < MOST_DAYS && left.warm + left.cold > 0; days += 1) {
    at = endOfQuiet(purpose, at, timeZone) ?? at;
    const evening = DateTime.fromJSDate(at, { zone: timeZone })
      .set({ hour: hoursOf(purpose, at, timeZone).toHour, minute: 0, second: 0, millisecond: 0 })
      .toJSDate();
    const room = Math.floor(((evening.getTime() - at.getTime()) / 1_000) * pace.perSecond);
    const coldToday = Math.min(left.cold, pace.coldPerDay ?? left.cold, room);
    const warmToday = Math.min(left.warm, room - coldToday);
    left = { warm: left.warm - warmToday, cold: left.cold - coldToday };
    if (left.warm + left.cold === 0)
      return new Date(at.getTime() + ((coldToday + warmToday) / pace.perSecond) * 1_000);
    at = evening;
  }
  return at;
}

/** What the number risks, in words for who confirms. */
export function riskOf(
  kind: Channel['kind'],
  { count, cold }: { count: number; cold: number },
  pace: Pace,
): Pick<Rehearsal, 'risk' | 'riskWords'> {
  if (kind === 'web') return riskOfPhone(count, cold, pace.coldPerDay ?? 0);
  if (cold <= FIRST_TIER)
    return { risk: 'low', riskWords: 'Approved templates, few at once: no unusual risk for the number.' };
  return {
    risk: 'medium',
    riskWords: `${cold} have not written in the last 24 hours. A new Cloud API portfolio may begin ${FIRST_TIER} conversations in 24 hours; reports of spam lower its rating and pause all reminders for an hour.`,
  };
}

function riskOfPhone(count: number, cold: number, perDay: number): Pick<Rehearsal, 'risk' | 'riskWords'> {
  if (count > BAN_REPORTED_AT)
    return {
      risk: 'high',
      riskWords: `A paired phone: WhatsApp has banned numbers that sent ${BAN_REPORTED_AT} messages in a row. Use the Cloud API, or a narrower audience.`,
    };
  if (cold > 0)
    return {
      risk: 'medium',
      riskWords: `A paired phone, unofficial: ${cold} have not written in the last 24 hours, and at most ${perDay} such conversations are begun a day.`,
    };
  return {
    risk: 'low',
    riskWords: 'A paired phone, unofficial; all of them have written in the last 24 hours.',
  };
}
