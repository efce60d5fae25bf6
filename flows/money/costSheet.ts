import { PAISA_ROUNDING, proportion, requirePaise, sumPaise } from './rounding.ts';

/** What a line of the cost sheet counts for. */
export type CostFlag = 'rera_cost' | 'gst_base' | 'tds_base' | 'stamp_base' | 'refundable';

/** The items that make the consideration, then those that stand apart from it. */
export const COST_ITEMS = [
  'basic_price',
  'floor_rise',
  'plc',
  'parking',
  'club',
  'edc_idc',
  'utilities',
  'ifms',
  'maintenance',
  'legal',
  'stamp_duty',
  'registration',
] as const;
export type CostItem = (typeof COST_ITEMS)[number];

const PRICE: readonly CostFlag[] = ['rera_cost', 'gst_base', 'tds_base', 'stamp_base'];

/**
 * What counts for what (domain.md section 2; general knowledge, so a chartered accountant confirms it): the
 * consideration for all; a maintenance advance for TDS as well, since charges of that nature belong to its base;
 * IFMS or corpus is a deposit. GST on maintenance and legal charges has rates of its own, which are not here.
 */
const FLAGS: Record<CostItem, readonly CostFlag[]> = {
  basic_price: PRICE,
  floor_rise: PRICE,
  plc: PRICE,
  parking: PRICE,
  club: PRICE,
  edc_idc: PRICE,
  utilities: PRICE,
  ifms: ['refundable'],
  maintenance: ['tds_base'],
  legal: [],
  stamp_duty: [],
  registration: [],
};
const SEPARATE: readonly CostItem[] = ['ifms', 'maintenance', 'legal', 'stamp_duty', 'registration'];

/** A sum, or so much per square foot of carpet area. */
export type Charge = { amountPaise: number } | { paisePerSqFt: number };

/** What a unit costs, before it is added up. The carpet area may have up to two decimals. */
export type CostInput = {
  carpetAreaSqFt: number;
  basicPaisePerSqFt: number;
  floorRise?: Charge;
  /** Preferential location: corner, park, view. */
  plc?: readonly Charge[];
  /** Only covered parking can be sold; open parking belongs to all (general knowledge). */
  parking?: { kind: 'covered' | 'open'; amountPaise: number };
  clubPaise?: number;
  edcIdc?: Charge;
  utilitiesPaise?: number;
  ifms?: Charge;
  maintenance?: Charge;
  legalPaise?: number;
  stampDutyPaise?: number;
  registrationPaise?: number;
};

/** One item with its sum. */
export type CostLine = { item: CostItem; amountPaise: number; flags: readonly CostFlag[] };

/** A cost sheet: what is paid for the home, what is paid besides, and the bases of tax, duty and caps. */
export type CostSheet = {
  lines: CostLine[];
  considerationPaise: number;
  separatePaise: number;
  totalPaise: number;
  bases: Record<CostFlag, number>;
};

/**
 * Adds up a cost sheet: basic price x carpet area + floor rise + preferential location + parking + club + EDC/IDC +
 * utilities is the consideration; IFMS, maintenance, legal, stamp duty and registration stand apart. Items of 0 are
 * left out. Throws RangeError for open parking, an area that is none, or a sum that is not paise.
 */
export function costSheet(input: CostInput): CostSheet {
  if (input.parking?.kind === 'open') throw new RangeError('Open parking cannot be sold');
  const areaHundredths = hundredthsOf(input.carpetAreaSqFt);
  const lines = COST_ITEMS.flatMap((item): CostLine[] => {
    const amountPaise = sumPaise(chargesFor(input, item).map((charge) => amountOf(charge, areaHundredths)));
    return amountPaise === 0 ? [] : [{ item, amountPaise, flags: FLAGS[item] }];
  });
  const totalOf = (counts: (line: CostLine) => boolean) =>
    sumPaise(lines.filter(counts).map(({ amountPaise }) => amountPaise));
  const baseOf = (flag: CostFlag) => totalOf(({ flags }) => flags.includes(flag));
  return {
    lines,
    considerationPaise: totalOf(({ item }) => !SEPARATE.includes(item)),
    separatePaise: totalOf(({ item }) => SEPARATE.includes(item)),
    totalPaise: totalOf(() => true),
    bases: {
      rera_cost: baseOf('rera_cost'),
      gst_base: baseOf('gst_base'),
      tds_base: baseOf('tds_base'),
      stamp_base: baseOf('stamp_base'),
      refundable: baseOf('refundable'),
    },
  };
}

function chargesFor(input: CostInput, item: CostItem): readonly Charge[] {
  const charges: Record<CostItem, readonly (Charge | undefined)[]> = {
    basic_price: [{ paisePerSqFt: input.basicPaisePerSqFt }],
    floor_rise: [input.floorRise],
    plc: input.plc ?? [],
    parking: [input.parking],
    club: [sum(input.clubPaise)],
    edc_idc: [input.edcIdc],
    utilities: [sum(input.utilitiesPaise)],
    ifms: [input.ifms],
    maintenance: [input.maintenance],
    legal: [sum(input.legalPaise)],
    stamp_duty: [sum(input.stampDutyPaise)],
    registration: [sum(input.registrationPaise)],
  };
  return charges[item].filter((charge) => charge !== undefined);
}

function sum(amountPaise: number | undefined): Charge | undefined {
  return amountPaise === undefined ? undefined : { amountPaise };
}

function amountOf(charge: Charge, areaHundredths: number): number {
  return 'amountPaise' in charge
    ? requirePaise(charge.amountPaise)
    : proportion(charge.paisePerSqFt, [areaHundredths], [100], PAISA_ROUNDING);
}

function hundredthsOf(areaSqFt: number): number {
  const hundredths = Math.round(areaSqFt * 100);
  if (areaSqFt > 0 && Math.abs(hundredths / 100 - areaSqFt) < 1e-9) return hundredths;
  throw new RangeError(`A carpet area is in square feet with at most two decimals, unlike ${areaSqFt}`);
}
