import { type Day, daysBetween } from './day.ts';
import { type RateRow, rateOn, type State } from './rates.ts';
import { PAISA_ROUNDING, proportion, sumPaise, WHOLE_BPS } from './rounding.ts';

/**
 * What the agreement for sale says about interest. No law was found that prescribes the day whose MCLR counts, or
 * the length of a year: both are the agreement's.
 */
export type InterestTerms = {
  state: State;
  /** The day whose rates count: the due date, or the day until which interest is computed. */
  rateOf: 'dueDate' | 'lastDay';
  /** Days of a year: 365 unless the agreement says otherwise. */
  yearDays?: 365 | 360;
};

/** How an amount of interest came about: enough to compute it again. */
export type InterestLine = {
  overduePaise: number;
  from: Day;
  until: Day;
  days: number;
  rateBps: number;
  interestPaise: number;
  /** The rows used: MCLR, then the margin. */
  rows: readonly [base: RateRow, margin: RateRow];
};

/**
 * Simple interest on an overdue amount, P x (MCLR + margin) x days / 365, to the nearest paisa; days are counted from
 * the due date to the day of payment (RERA Act s. 2(za)). Nothing on or before the due date. Throws MissingRate when
 * the state's margin or that day's MCLR is not known.
 */
export function interestOn(
  rows: readonly RateRow[],
  terms: InterestTerms,
  overdue: { overduePaise: number; dueOn: Day; until: Day },
): InterestLine {
  const { overduePaise, dueOn, until } = overdue;
  const rateDay = terms.rateOf === 'dueDate' ? dueOn : until;
  const base = { kind: 'interest_base', jurisdiction: 'IN', variant: 'sbi_mclr_highest' } as const;
  const margin = { kind: 'interest_margin', jurisdiction: terms.state, variant: 'allottee' } as const;
  const used = [rateOn(rows, base, rateDay), rateOn(rows, margin, rateDay)] as const;
  const days = Math.max(0, daysBetween(dueOn, until));
  const rateBps = used[0].valueBps + used[1].valueBps;
  const yearDays = terms.yearDays ?? 365;
  const interestPaise = proportion(overduePaise, [rateBps, days], [WHOLE_BPS, yearDays], PAISA_ROUNDING);
  return { overduePaise, from: dueOn, until, days, rateBps, interestPaise, rows: used };
}

/** Money that came in for a demand, and when it was realised. */
export type Receipt = { receivedOn: Day; amountPaise: number };

/**
 * Interest on a demand of which parts came late: each part for its own days, what is still open until `until`. Parts
 * in time bear none; a part that came after `until` counts as open on it.
 */
export function interestOnDemand(
  rows: readonly RateRow[],
  terms: InterestTerms,
  demand: { dueOn: Day; totalPaise: number; receipts: readonly Receipt[] },
  until: Day,
): { interestPaise: number; lines: InterestLine[] } {
  const { dueOn, totalPaise, receipts } = demand;
  const received = receipts.filter(({ receivedOn }) => receivedOn <= until);
  const late = received.filter(({ receivedOn }) => receivedOn > dueOn);
  const openPaise = totalPaise - sumPaise(received.map(({ amountPaise }) => amountPaise));
  const owed = [
    ...late.map(({ amountPaise, receivedOn }) => ({ overduePaise: amountPaise, dueOn, until: receivedOn })),
    ...(openPaise > 0 && until > dueOn ? [{ overduePaise: openPaise, dueOn, until }] : []),
  ];
  const lines = owed.map((each) => interestOn(rows, terms, each));
  return { interestPaise: sumPaise(lines.map((line) => line.interestPaise)), lines };
}
