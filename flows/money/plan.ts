import type { Day } from './day.ts';
import { type RateRow, rateOn } from './rates.ts';
import { INSTALMENT_ROUNDING, requirePaise, shareOf, sumPaise, WHOLE_BPS } from './rounding.ts';

/** The steps of a building, in their order, as the model agreement of Maharashtra counts them. */
export const BUILDING_STEPS = [
  'booking',
  'agreement',
  'plinth',
  'slabs',
  'walls',
  'sanitary',
  'external',
  'lifts',
  'possession',
] as const;
export type BuildingStep = (typeof BUILDING_STEPS)[number];

/**
 * One instalment of a plan: its share of the consideration, and what it waits for. Construction waits for the
 * certificate of the architect or engineer. A payment by a day after the booking counts, for the caps, as made at
 * `step`: the last one that is certain to be reached by then.
 */
export type PlanStage = {
  /** Names it within its plan: `slab_2`. */
  milestone: string;
  step: BuildingStep;
  shareBps: number;
  daysAfterBooking?: number;
};

/** A payment plan, which is data: the shares of its stages add up to 100 %. */
export type PaymentPlan = {
  name: string;
  kind: 'construction_linked' | 'possession_linked' | 'flexi' | 'down_payment';
  stages: readonly PlanStage[];
};

/** An instalment of one booking. */
export type Instalment = {
  /** From 1, in the order of the plan. */
  number: number;
  milestone: string;
  step: BuildingStep;
  amountPaise: number;
  daysAfterBooking?: number;
  /** Asked for only once the milestone is certified. */
  needsCertificate: boolean;
};

/**
 * The plans of the trade (domain.md section 2, general knowledge): construction linked 10, 20, slabs 40, finishing 25,
 * possession 5; possession linked 20:80; flexi 40:60; down payment 95 % within 60 days. A project has its own: these
 * are where it begins. Subvention is not among them: it is funded by a lender and needs legal approval.
 */
export const PAYMENT_PLANS: readonly PaymentPlan[] = [
  {
    name: 'Construction linked',
    kind: 'construction_linked',
    stages: [
      { milestone: 'booking', step: 'booking', shareBps: 1_000 },
      { milestone: 'agreement', step: 'agreement', shareBps: 2_000 },
      { milestone: 'plinth', step: 'plinth', shareBps: 1_000 },
      { milestone: 'slab_1', step: 'slabs', shareBps: 750 },
      { milestone: 'slab_2', step: 'slabs', shareBps: 750 },
      { milestone: 'slab_3', step: 'slabs', shareBps: 750 },
      { milestone: 'slab_4', step: 'slabs', shareBps: 750 },
      { milestone: 'walls', step: 'walls', shareBps: 500 },
      { milestone: 'sanitary', step: 'sanitary', shareBps: 500 },
      { milestone: 'external', step: 'external', shareBps: 500 },
      { milestone: 'lifts', step: 'lifts', shareBps: 1_000 },
      { milestone: 'possession', step: 'possession', shareBps: 500 },
    ],
  },
  {
    name: 'Possession linked 20:80',
    kind: 'possession_linked',
    stages: [
      { milestone: 'booking', step: 'booking', shareBps: 1_000 },
      { milestone: 'agreement', step: 'agreement', shareBps: 1_000 },
      { milestone: 'possession', step: 'possession', shareBps: 8_000 },
    ],
  },
  {
    name: 'Flexi 40:60',
    kind: 'flexi',
    stages: [
      { milestone: 'booking', step: 'booking', shareBps: 1_000 },
      { milestone: 'agreement', step: 'agreement', shareBps: 2_000 },
      { milestone: 'plinth', step: 'plinth', shareBps: 1_000 },
      { milestone: 'possession', step: 'possession', shareBps: 6_000 },
    ],
  },
  {
    name: 'Down payment',
    kind: 'down_payment',
    stages: [
      { milestone: 'booking', step: 'booking', shareBps: 1_000 },
      { milestone: 'down_payment', step: 'agreement', shareBps: 8_500, daysAfterBooking: 60 },
      { milestone: 'possession', step: 'possession', shareBps: 500 },
    ],
  },
];

const UNCERTIFIED: readonly BuildingStep[] = ['booking', 'agreement'];

/**
 * The instalments of a consideration by a plan: each its share in whole rupees, the last one what is left, so that
 * they add up exactly. Throws RangeError when the shares do not make 100 %, or a name comes twice.
 */
export function instalmentsOf(plan: PaymentPlan, considerationPaise: number): Instalment[] {
  requireWhole(plan);
  requirePaise(considerationPaise, 'A consideration');
  const amounts = plan.stages
    .slice(0, -1)
    .map(({ shareBps }) => shareOf(considerationPaise, shareBps, INSTALMENT_ROUNDING));
  amounts.push(considerationPaise - sumPaise(amounts));
  return plan.stages.map(({ milestone, step, daysAfterBooking }, index) => ({
    number: index + 1,
    milestone,
    step,
    amountPaise: amounts[index] ?? 0,
    ...(daysAfterBooking !== undefined && { daysAfterBooking }),
    needsCertificate: !UNCERTIFIED.includes(step),
  }));
}

/** A stage by which a plan asks for more than is allowed. `reason` is for people. */
export type CapBreach = {
  milestone: string;
  inAllBps: number;
  mostBps: number;
  reason: string;
  row: RateRow;
};

/**
 * Where a plan asks for more than the cumulative caps of Maharashtra's model agreement allow, or, before the
 * agreement, than s. 13(1) of the RERA Act does; empty when nowhere. Throws MissingRate on a day without caps.
 */
export function maharashtraBreaches(rows: readonly RateRow[], plan: PaymentPlan, on: Day): CapBreach[] {
  requireWhole(plan);
  let inAllBps = 0;
  return plan.stages.flatMap(({ milestone, step, shareBps }) => {
    inAllBps += shareBps;
    const row = rateOn(rows, capFor(step), on);
    if (inAllBps <= row.valueBps) return [];
    const reason = `${percent(inAllBps)} would have been asked for by "${milestone}", of which ${percent(row.valueBps)} are allowed up to ${step} (${row.source})`;
    return [{ milestone, inAllBps, mostBps: row.valueBps, reason, row }];
  });
}

function capFor(step: BuildingStep): Pick<RateRow, 'kind' | 'jurisdiction' | 'variant'> {
  return step === 'booking'
    ? { kind: 'rera_cap', jurisdiction: 'IN', variant: 'before_registered_agreement' }
    : { kind: 'plan_cap', jurisdiction: 'MH', variant: step };
}

function requireWhole({ name, stages }: PaymentPlan): void {
  const inAllBps = stages.reduce((total, { shareBps }) => total + requirePaise(shareBps, 'A share'), 0);
  if (inAllBps !== WHOLE_BPS)
    throw new RangeError(`The shares of the plan "${name}" make ${percent(inAllBps)}`);
  if (new Set(stages.map(({ milestone }) => milestone)).size !== stages.length)
    throw new RangeError(`A milestone of the plan "${name}" comes twice`);
}

function percent(bps: number): string {
  return `${bps / 100} %`;
}
