import { type AccountState, type Demand, outstandingOf, tdsAwaited, totalOf } from './account.ts';
import { type Aging, agingOf } from './aging.ts';
import type { Day } from './day.ts';
import { type InterestLine, type InterestTerms, interestOnDemand } from './interest.ts';
import type { Instalment } from './plan.ts';
import { MissingRate, type RateRow } from './rates.ts';
import { sumPaise } from './rounding.ts';

/** A demand that is not settled. */
export type OutstandingDemand = {
  demand: Demand;
  outstandingPaise: number;
  /** Of that, what only a TDS certificate is expected to settle. */
  tdsAwaitedPaise: number;
  /** Past its due date with more than TDS open. */
  isOverdue: boolean;
};

/**
 * Where a booking stands on a day. `overduePaise + duePaise + tdsAwaitedPaise` is all that is outstanding, less an
 * advance, what demands minus payments make. Interest is what the dated rules give so far, for people to decide upon;
 * where a rate is missing it is not known, and `missing` says which.
 */
export type Dues = {
  overduePaise: number;
  /** Asked for and not past its due date. */
  duePaise: number;
  /** All that is left of some demands: the buyer has paid, the certificate has not come. */
  tdsAwaitedPaise: number;
  advancePaise: number;
  outstanding: OutstandingDemand[];
  /** The next demand to be paid, of those that are not overdue. */
  next?: { demand: string; milestone: string; dueOn: Day; outstandingPaise: number };
  /** The next instalment that has not been asked for. */
  upcoming?: Instalment;
  interest: { kind: 'known'; paise: number; lines: InterestLine[] } | { kind: 'unknown'; missing: string };
  aging: Aging;
};

/** What is outstanding, the one that was due first before others. */
export function outstandingDemands(state: AccountState, on: Day): OutstandingDemand[] {
  return state.demands
    .filter((demand) => outstandingOf(demand) > 0)
    .map((demand) => {
      const outstandingPaise = outstandingOf(demand);
      const tdsAwaitedPaise = tdsAwaited(state, demand);
      const isOverdue = demand.dueOn < on && outstandingPaise > tdsAwaitedPaise;
      return { demand, outstandingPaise, tdsAwaitedPaise, isOverdue };
    })
    .sort((one, other) => (one.demand.dueOn < other.demand.dueOn ? -1 : 1));
}

/** Where a booking stands on a day. Throws RangeError when it is no day. */
export function duesOn(
  state: AccountState,
  booking: { instalments: readonly Instalment[]; interest: InterestTerms; rows: readonly RateRow[] },
  on: Day,
): Dues {
  const outstanding = outstandingDemands(state, on);
  const onlyTds = outstanding.filter(isOnlyTds);
  const open = outstanding.filter((each) => !isOnlyTds(each));
  const next = open.find((each) => !each.isOverdue);
  const asked = new Set(
    state.demands.filter(({ status }) => status !== 'withdrawn').map(({ instalment }) => instalment),
  );
  const upcoming = booking.instalments.find(({ number }) => !asked.has(number));
  return {
    overduePaise: amountOf(open.filter((each) => each.isOverdue)),
    duePaise: amountOf(open.filter((each) => !each.isOverdue)),
    tdsAwaitedPaise: amountOf(onlyTds),
    advancePaise: sumPaise(state.decisions.map(({ advancePaise }) => advancePaise)),
    outstanding,
    ...(next && {
      next: {
        demand: next.demand._id,
        milestone: next.demand.milestone,
        dueOn: next.demand.dueOn,
        outstandingPaise: next.outstandingPaise,
      },
    }),
    ...(upcoming && { upcoming }),
    interest: interestSoFar(state, booking.rows, booking.interest, on),
    aging: agingOf(
      open.map(({ demand, outstandingPaise }) => ({ dueOn: demand.dueOn, outstandingPaise })),
      on,
    ),
  };
}

function isOnlyTds({ outstandingPaise, tdsAwaitedPaise }: OutstandingDemand): boolean {
  return outstandingPaise === tdsAwaitedPaise;
}

function amountOf(demands: readonly OutstandingDemand[]): number {
  return sumPaise(demands.map(({ outstandingPaise }) => outstandingPaise));
}

function interestSoFar(
  state: AccountState,
  rows: readonly RateRow[],
  terms: InterestTerms,
  on: Day,
): Dues['interest'] {
  try {
    const each = state.demands
      .filter(({ status }) => status !== 'withdrawn')
      .map((demand) => interestOnDemand(rows, terms, moneyOf(state, demand), on));
    const paise = sumPaise(each.map(({ interestPaise }) => interestPaise));
    return { kind: 'known', paise, lines: each.flatMap(({ lines }) => lines) };
  } catch (error) {
    if (error instanceof MissingRate) return { kind: 'unknown', missing: error.missing };
    throw error;
  }
}

/**
 * A demand without its TDS: the certificate comes weeks after the buyer has paid the tax, so neither what awaits it
 * nor what it settled late bears interest.
 */
function moneyOf(
  state: AccountState,
  demand: Demand,
): { dueOn: Day; totalPaise: number; receipts: { receivedOn: Day; amountPaise: number }[] } {
  const parts = state.decisions.flatMap(({ mode, receivedOn, parts }) =>
    parts
      .filter((part) => part.demand === demand._id)
      .map(({ amountPaise }) => ({ mode, receivedOn, amountPaise })),
  );
  const certified = parts.filter(({ mode }) => mode === 'tds_certificate');
  const certifiedPaise = sumPaise(certified.map(({ amountPaise }) => amountPaise));
  return {
    dueOn: demand.dueOn,
    totalPaise: totalOf(demand) - certifiedPaise - tdsAwaited(state, demand),
    receipts: parts.filter(({ mode }) => mode !== 'tds_certificate'),
  };
}
