import { type Day, daysBetween } from './day.ts';
import { requirePaise } from './rounding.ts';

/** How long something has been due, in days: the convention of domain.md section 2. */
export const AGING_BUCKETS = ['current', '1-30', '31-60', '61-90', '91-180', '>180'] as const;
export type AgingBucket = (typeof AGING_BUCKETS)[number];

/** Paise per bucket. */
export type Aging = Record<AgingBucket, number>;

const LAST_DAY: readonly [number, AgingBucket][] = [
  [0, 'current'],
  [30, '1-30'],
  [60, '31-60'],
  [90, '61-90'],
  [180, '91-180'],
];

/** The bucket on a day of what was due on another; on its due date it is still current. */
export function agingBucket(dueOn: Day, on: Day): AgingBucket {
  const days = daysBetween(dueOn, on);
  return LAST_DAY.find(([last]) => days <= last)?.[1] ?? '>180';
}

/** What is outstanding on a day, by how long it has been due. */
export function agingOf(demands: readonly { dueOn: Day; outstandingPaise: number }[], on: Day): Aging {
  const aging: Aging = { current: 0, '1-30': 0, '31-60': 0, '61-90': 0, '91-180': 0, '>180': 0 };
  for (const { dueOn, outstandingPaise } of demands)
    aging[agingBucket(dueOn, on)] += requirePaise(outstandingPaise);
  return aging;
}
