import { type Day, requireDay } from './day.ts';
import { requirePaise } from './rounding.ts';

/** A demand that money may go to. */
export type OpenDemand = { id: string; dueOn: Day; outstandingPaise: number };

/** The part of a payment that went to a demand. */
export type AllocatedPart = { demand: string; amountPaise: number };

/**
 * Gives an amount to demands, the one that was due first before others, and of one day in the order given. What is
 * left when all are paid is an advance. Parts and advance add up to the amount.
 */
export function allocate(
  amountPaise: number,
  demands: readonly OpenDemand[],
): { parts: AllocatedPart[]; advancePaise: number } {
  const oldestFirst = [...demands].sort((one, other) =>
    requireDay(one.dueOn) === other.dueOn ? 0 : one.dueOn < requireDay(other.dueOn) ? -1 : 1,
  );
  const parts: AllocatedPart[] = [];
  let leftPaise = requirePaise(amountPaise);
  for (const { id, outstandingPaise } of oldestFirst) {
    const partPaise = Math.min(leftPaise, requirePaise(outstandingPaise));
    if (partPaise === 0) continue;
    parts.push({ demand: id, amountPaise: partPaise });
    leftPaise -= partPaise;
  }
  return { parts, advancePaise: leftPaise };
}
