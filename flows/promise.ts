import { DateTime } from 'luxon';
import { POLICY } from './policy.ts';
import type { HeardMessage, PaymentPromise } from './types.ts';

/**
 * The day by which a buyer says they will pay; undefined when they promise nothing, or name no day. A tap on a
 * time that was offered is none, whatever its words look like.
 */
export function readPromise(message: HeardMessage, zone: string): PaymentPromise | undefined {
  const { at, choiceId, understanding, isQuiet, isRevoked } = message;
  const { intents, entities } = understanding;
  const isPromise = intents.some(
    ({ name, confidence }) =>
      name === 'payment_promise' && confidence >= POLICY.payment_promise.confidenceFloor,
  );
  if (!isPromise || choiceId || isQuiet || isRevoked) return undefined;
  const date = entities.date ?? (entities.at && dayOf(entities.at, zone));
  return date === undefined ? undefined : { date, saidAt: at };
}

/** When the day of a promise begins. */
export function dayBegins({ date }: PaymentPromise, zone: string): Date {
  return DateTime.fromISO(date, { zone }).startOf('day').toJSDate();
}

/** Whether the day of a promise is still to come, or is today: until it is over the buyer keeps their word. */
export function isStanding({ date }: PaymentPromise, now: Date, zone: string): boolean {
  return dayOf(now, zone) <= date;
}

function dayOf(at: Date, zone: string): string {
  return DateTime.fromJSDate(at, { zone }).toFormat('yyyy-MM-dd');
}
