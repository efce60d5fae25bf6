import { describe, expect, it } from '@jest/globals';
import { AGING_BUCKETS, agingBucket, agingOf } from '../flows/money/aging.ts';
import { allocate } from '../flows/money/allocation.ts';
import { type CostInput, costSheet } from '../flows/money/costSheet.ts';
import { addDays, dayOf, daysBetween, financialYear, monthEnd, requireDay } from '../flows/money/day.ts';
import { gstOn, gstOnInterest, homeCategory, isSoldAfterCompletion } from '../flows/money/gst.ts';
import { interestOn, interestOnDemand } from '../flows/money/interest.ts';
import { instalmentsOf, maharashtraBreaches, PAYMENT_PLANS, type PaymentPlan } from '../flows/money/plan.ts';
import { MissingRate, RATE_KINDS, RATES, type RateRow, rateOn, STATES } from '../flows/money/rates.ts';
import { capBeforeAgreement } from '../flows/money/reraCap.ts';
import {
  INSTALMENT_ROUNDING,
  PAISA_ROUNDING,
  proportion,
  shareOf,
  sumPaise,
  TAX_ROUNDING,
} from '../flows/money/rounding.ts';
import { type StampCase, stampDuty } from '../flows/money/stampDuty.ts';
import { tdsDates, tdsOn } from '../flows/money/tds.ts';

const LAKH = 1_00_000_00;
const CRORE = 100 * LAKH;
const TODAY = '2026-11-23';

describe('days', () => {
  it.each([
    ['2026-11-23', '2026-11-23', 0],
    ['2028-02-28', '2028-03-01', 2],
    ['2026-02-28', '2026-03-01', 1],
    ['2026-12-31', '2027-01-01', 1],
    ['2026-03-01', '2026-02-28', -1],
    ['2025-12-15', '2026-01-29', 45],
  ])('from %s to %s are %d', (from, to, days) => {
    expect(daysBetween(from, to)).toBe(days);
    expect(addDays(from, days)).toBe(to);
  });

  it('end with the month, also in February', () => {
    expect([monthEnd('2028-02-01'), monthEnd('2026-02-28'), monthEnd('2026-12-31')]).toEqual([
      '2028-02-29',
      '2026-02-28',
      '2026-12-31',
    ]);
  });

  it('begin at midnight of the zone, not of UTC', () => {
    expect(dayOf(new Date('2026-11-22T18:29:59Z'), 'Asia/Kolkata')).toBe('2026-11-22');
    expect(dayOf(new Date('2026-11-22T18:30:00Z'), 'Asia/Kolkata')).toBe('2026-11-23');
  });

  it('belong to a financial year from April', () => {
    expect([financialYear('2026-03-31'), financialYear('2026-04-01'), financialYear('2099-12-31')]).toEqual([
      '2025-26',
      '2026-27',
      '2099-00',
    ]);
  });

  it.each(['2026-02-29', '2026-13-01', '23-11-2026', '2026-11-23T00:00', ''])('are not %s', (day) => {
    expect(() => requireDay(day)).toThrow(RangeError);
  });
});

describe('rounding', () => {
  it('of tax is to the nearest rupee, 50 paise up (CGST s. 170)', () => {
    expect([49, 50, 149, 150, 0].map((paise) => shareOf(paise, 10_000, TAX_ROUNDING))).toEqual([
      0, 100, 100, 200, 0,
    ]);
  });

  it('happens once, at the end, and without floats', () => {
    expect(proportion(9_007_199_254_740_991, [7, 3], [21], PAISA_ROUNDING)).toBe(9_007_199_254_740_991);
    expect(proportion(1, [1], [3], PAISA_ROUNDING)).toBe(0);
    expect(proportion(5, [1], [10], PAISA_ROUNDING)).toBe(1);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (amount) => {
    expect(() => shareOf(amount, 500, TAX_ROUNDING)).toThrow(RangeError);
    expect(() => sumPaise([100, amount])).toThrow(RangeError);
  });

  it('names each rule with its source', () => {
    for (const rule of [TAX_ROUNDING, PAISA_ROUNDING, INSTALMENT_ROUNDING]) expect(rule.source).not.toBe('');
  });
});

describe('rates', () => {
  it('are dated rows with a source, each once, in whole basis points', () => {
    const keys = RATES.map((row) => [row.kind, row.jurisdiction, row.variant, row.effectiveFrom].join('/'));
    expect(new Set(keys).size).toBe(keys.length);
    for (const row of RATES) {
      expect(requireDay(row.effectiveFrom)).toBe(row.effectiveFrom);
      expect(row.source).toMatch(/\w{4}/);
      expect(Number.isSafeInteger(row.valueBps) && row.valueBps >= 0).toBe(true);
      expect(typeof row.verified).toBe('boolean');
    }
    expect(new Set(RATES.map((row) => row.kind))).toEqual(new Set(RATE_KINDS));
  });

  it('hold from their day until the next, whatever the order of the rows', () => {
    const asked = { kind: 'interest_base', jurisdiction: 'IN', variant: 'sbi_mclr_highest' } as const;
    const newer: RateRow = {
      ...asked,
      effectiveFrom: '2026-11-23',
      valueBps: 865,
      source: 'an invented reset',
      verified: true,
    };
    const rows = [newer, ...RATES];
    expect(rateOn(rows, asked, '2026-11-22').valueBps).toBe(880);
    expect(rateOn(rows, asked, '2026-11-23').valueBps).toBe(865);
    expect(rateOn(RATES, asked, '2025-12-15').verified).toBe(true);
    expect(rateOn(RATES, asked, '2026-01-15').verified).toBe(false);
  });

  it('name what is missing: the day, or the state', () => {
    const asked = { kind: 'interest_base', jurisdiction: 'IN', variant: 'sbi_mclr_highest' } as const;
    expect(() => rateOn(RATES, asked, '2025-12-14')).toThrow(
      'no rate is known for interest_base IN sbi_mclr_highest on 2025-12-14: the first row is of 2025-12-15',
    );
    const margin = { kind: 'interest_margin', jurisdiction: 'GJ', variant: 'allottee' } as const;
    expect(() => rateOn(RATES, margin, TODAY)).toThrow(MissingRate);
    expect(() => rateOn(RATES, margin, TODAY)).toThrow('interest_margin GJ allottee');
    expect(() => rateOn(RATES, asked, '2026-02-30')).toThrow(RangeError);
  });
});

describe('GST', () => {
  const sale = { category: 'other', soldAfterCompletion: false } as const;

  it.each([
    ['affordable', 1_00_000],
    ['other', 5_00_000],
    ['commercial', 12_00_000],
    ['commercial_rrep', 5_00_000],
  ] as const)('on 1 crore of a unit that counts as %s', (category, rupees) => {
    for (const on of ['2019-04-01', '2025-09-30', TODAY]) {
      const { taxPaise } = gstOn(RATES, { ...sale, category }, CRORE, on);
      expect(taxPaise).toBe(rupees * 100);
    }
  });

  it('says that the rates after September 2025 are not verified', () => {
    expect(gstOn(RATES, sale, CRORE, '2025-09-30').row.verified).toBe(true);
    expect(gstOn(RATES, sale, CRORE, TODAY).row.verified).toBe(false);
  });

  it('is to the nearest rupee', () => {
    expect(gstOn(RATES, sale, 1_009_00, TODAY).taxPaise).toBe(50_00);
    expect(gstOn(RATES, sale, 1_010_00, TODAY).taxPaise).toBe(51_00);
  });

  it('is nothing only when all was paid after completion', () => {
    expect(gstOn(RATES, { ...sale, soldAfterCompletion: true }, CRORE, TODAY).taxPaise).toBe(0);
    expect(isSoldAfterCompletion('2026-11-23', '2026-11-23')).toBe(true);
    expect(isSoldAfterCompletion('2026-11-22', '2026-11-23')).toBe(false);
    expect(isSoldAfterCompletion('2026-11-22', undefined)).toBe(false);
  });

  it('is affordable up to 45 lakh and 60 or 90 square metres, both', () => {
    const home = { grossPaise: 45 * LAKH, carpetAreaSqM: 60, isMetro: true };
    expect(homeCategory(RATES, home, TODAY)).toBe('affordable');
    expect(homeCategory(RATES, { ...home, carpetAreaSqM: 60.01 }, TODAY)).toBe('other');
    expect(homeCategory(RATES, { ...home, carpetAreaSqM: 90, isMetro: false }, TODAY)).toBe('affordable');
    expect(homeCategory(RATES, { ...home, grossPaise: 45 * LAKH + 1 }, TODAY)).toBe('other');
  });

  it('is due on collected interest at the same rate (CGST s. 15(2)(d))', () => {
    expect(gstOnInterest(RATES, sale, 13_315_07, TODAY).taxPaise).toBe(666_00);
  });

  it('is not known before April 2019', () => {
    expect(() => gstOn(RATES, sale, CRORE, '2019-03-31')).toThrow('gst IN other on 2019-03-31');
  });
});

describe('TDS', () => {
  const base = { considerationPaise: CRORE };

  it('is 1 % of each instalment, by the section and form of its day', () => {
    expect(tdsOn(RATES, base, 10 * LAKH, '2026-03-31')).toMatchObject({
      tdsPaise: 10_000_00,
      section: 'section 194-IA, Income-tax Act 1961',
      form: 'Form 26QB',
      certificate: 'Form 16B',
    });
    expect(tdsOn(RATES, base, 10 * LAKH, '2026-04-01')).toMatchObject({
      tdsPaise: 10_000_00,
      section: 'section 393(1), Table Sl. 3(i), Income-tax Act 2025',
      form: 'Form 141 (Schedule B)',
      certificate: 'Form 132',
    });
  });

  it.each([
    [49_99_999_99, undefined, false],
    [50_00_000_00, undefined, true],
    [49_00_000_00, 50_00_000_00, true],
    [49_00_000_00, 49_99_999_99, false],
  ])(
    'with a consideration of %d and a stamp value of %s: %s',
    (considerationPaise, stampValuePaise, applies) => {
      const tds = tdsOn(RATES, { considerationPaise, stampValuePaise }, 10 * LAKH, TODAY);
      expect(tds !== undefined).toBe(applies);
    },
  );

  it('is in all that of the higher value', () => {
    const higher = { considerationPaise: 80 * LAKH, stampValuePaise: CRORE };
    const parts = [10, 20, 50].map((lakhs) => tdsOn(RATES, higher, lakhs * LAKH, TODAY)?.tdsPaise ?? 0);
    expect(parts).toEqual([12_500_00, 25_000_00, 62_500_00]);
    expect(sumPaise(parts)).toBe(1 * LAKH);
  });

  it('is 20 % when the PAN of the seller is inoperative', () => {
    expect(tdsOn(RATES, { ...base, sellerPanInoperative: true }, 10 * LAKH, TODAY)?.tdsPaise).toBe(2 * LAKH);
  });

  it('is deposited 30 days from the end of the month, in a leap year too', () => {
    expect(tdsDates(RATES, '2028-01-01')).toEqual({ depositBy: '2028-03-01', certificateBy: '2028-03-16' });
    expect(tdsDates(RATES, '2026-11-30')).toEqual({ depositBy: '2026-12-30', certificateBy: '2027-01-14' });
  });

  it('is not known of days before its rows', () => {
    expect(() => tdsOn(RATES, base, LAKH, '2022-03-31')).toThrow(MissingRate);
  });
});

describe('interest', () => {
  const terms = { state: 'MH', rateOf: 'dueDate' } as const;

  it('on Rs 10,00,000 at 10.80 % for 45 days is Rs 13,315.07', () => {
    const line = interestOn(RATES, terms, {
      overduePaise: 10 * LAKH,
      dueOn: '2025-12-15',
      until: '2026-01-29',
    });
    expect(line).toMatchObject({ days: 45, rateBps: 1_080, interestPaise: 13_315_07 });
    expect(line.rows.map((row) => [row.kind, row.jurisdiction, row.valueBps])).toEqual([
      ['interest_base', 'IN', 880],
      ['interest_margin', 'MH', 200],
    ]);
    expect(line.rows.every((row) => row.source !== '')).toBe(true);
  });

  it('has the margin of the state', () => {
    const overdue = { overduePaise: 10 * LAKH, dueOn: '2026-02-01', until: '2026-03-01' };
    const rates = (['MH', 'KA', 'HR', 'UP'] as const).map(
      (state) => interestOn(RATES, { ...terms, state }, overdue).rateBps,
    );
    expect(rates).toEqual([1_080, 1_080, 1_080, 980]);
    for (const state of STATES.filter((each) => !['MH', 'KA', 'HR', 'UP'].includes(each))) {
      expect(() => interestOn(RATES, { ...terms, state }, overdue)).toThrow(`interest_margin ${state}`);
    }
  });

  it('takes the rate of the day that the agreement names', () => {
    const newer: RateRow = {
      kind: 'interest_base',
      jurisdiction: 'IN',
      variant: 'sbi_mclr_highest',
      effectiveFrom: '2026-02-15',
      valueBps: 900,
      source: 'an invented reset',
      verified: true,
    };
    const overdue = { overduePaise: 365_00, dueOn: '2026-02-01', until: '2026-03-01' };
    expect(interestOn([...RATES, newer], terms, overdue).rateBps).toBe(1_080);
    expect(interestOn([...RATES, newer], { ...terms, rateOf: 'lastDay' }, overdue).rateBps).toBe(1_100);
    expect(interestOn(RATES, { ...terms, yearDays: 360 }, overdue).interestPaise).toBe(3_07);
  });

  it('begins the day after the due date, and counts the leap day', () => {
    const at = (until: string) =>
      interestOn(RATES, terms, { overduePaise: 10 * LAKH, dueOn: '2028-02-28', until }).days;
    expect([at('2028-02-27'), at('2028-02-28'), at('2028-02-29'), at('2028-03-01')]).toEqual([0, 0, 1, 2]);
  });

  it('is counted for each part of a demand until it came', () => {
    const demand = {
      dueOn: '2026-02-01',
      totalPaise: 10 * LAKH,
      receipts: [
        { receivedOn: '2026-02-01', amountPaise: 4 * LAKH },
        { receivedOn: '2026-02-11', amountPaise: 3 * LAKH },
        { receivedOn: '2026-04-01', amountPaise: 1 * LAKH },
      ],
    };
    const { lines, interestPaise } = interestOnDemand(RATES, terms, demand, '2026-03-03');
    expect(lines.map((line) => [line.overduePaise, line.days])).toEqual([
      [3 * LAKH, 10],
      [3 * LAKH, 30],
    ]);
    expect(interestPaise).toBe(887_67 + 2_663_01);
    expect(interestOnDemand(RATES, terms, demand, '2026-02-01')).toEqual({ interestPaise: 0, lines: [] });
  });

  it('is not asked for a rate when nothing is late', () => {
    const demand = {
      dueOn: '2020-01-01',
      totalPaise: 100,
      receipts: [{ receivedOn: '2019-12-31', amountPaise: 100 }],
    };
    expect(interestOnDemand(RATES, terms, demand, TODAY).interestPaise).toBe(0);
    expect(() => interestOnDemand(RATES, terms, { ...demand, receipts: [] }, TODAY)).toThrow(
      'interest_base IN sbi_mclr_highest on 2020-01-01',
    );
  });
});

describe('the cap before the registered agreement', () => {
  it('is 10 % of the cost, rounded down', () => {
    expect(capBeforeAgreement(RATES, { reraCostPaise: 1_00_09, inAllPaise: 10_00 }, TODAY)).toMatchObject({
      isWithin: true,
      mostPaise: 10_00,
    });
    expect(capBeforeAgreement(RATES, { reraCostPaise: 1_00_09, inAllPaise: 10_01 }, TODAY).isWithin).toBe(
      false,
    );
    expect(() => capBeforeAgreement(RATES, { reraCostPaise: CRORE, inAllPaise: 0 }, '2017-04-30')).toThrow(
      MissingRate,
    );
  });
});

describe('the cost sheet', () => {
  const input: CostInput = {
    carpetAreaSqFt: 742.5,
    basicPaisePerSqFt: 11_000_00,
    floorRise: { paisePerSqFt: 40_00 },
    plc: [{ paisePerSqFt: 100_00 }, { amountPaise: 50_000_00 }],
    parking: { kind: 'covered', amountPaise: 4 * LAKH },
    clubPaise: 1 * LAKH,
    edcIdc: { paisePerSqFt: 200_00 },
    utilitiesPaise: 75_000_00,
    ifms: { paisePerSqFt: 50_00 },
    maintenance: { amountPaise: 60_000_00 },
    legalPaise: 15_000_00,
    stampDutyPaise: 6_00_000_00,
    registrationPaise: 90_000_00,
  };

  it('adds up', () => {
    const sheet = costSheet(input);
    expect(Object.fromEntries(sheet.lines.map((line) => [line.item, line.amountPaise]))).toEqual({
      basic_price: 81_67_500_00,
      floor_rise: 29_700_00,
      plc: 1_24_250_00,
      parking: 4_00_000_00,
      club: 1_00_000_00,
      edc_idc: 1_48_500_00,
      utilities: 75_000_00,
      ifms: 37_125_00,
      maintenance: 60_000_00,
      legal: 15_000_00,
      stamp_duty: 6_00_000_00,
      registration: 90_000_00,
    });
    expect(sheet.considerationPaise).toBe(90_44_950_00);
    expect(sheet.separatePaise).toBe(8_02_125_00);
    expect(sheet.totalPaise).toBe(sheet.considerationPaise + sheet.separatePaise);
    expect(sheet.bases).toEqual({
      rera_cost: 90_44_950_00,
      gst_base: 90_44_950_00,
      tds_base: 91_04_950_00,
      stamp_base: 90_44_950_00,
      refundable: 37_125_00,
    });
  });

  it('leaves out what is nothing', () => {
    const { lines } = costSheet({ carpetAreaSqFt: 500, basicPaisePerSqFt: 10_000_00, clubPaise: 0 });
    expect(lines.map((line) => line.item)).toEqual(['basic_price']);
  });

  it.each([
    ['open parking', { parking: { kind: 'open', amountPaise: LAKH } }],
    ['no area', { carpetAreaSqFt: 0 }],
    ['an area of three decimals', { carpetAreaSqFt: 500.125 }],
    ['a negative charge', { clubPaise: -1 }],
    ['a part of a paisa', { legalPaise: 0.5 }],
    ['an area that is no number', { carpetAreaSqFt: Number.NaN }],
  ] as const)('refuses %s', (_, wrong) => {
    expect(() => costSheet({ ...input, ...wrong })).toThrow(RangeError);
  });
});

describe('payment plans', () => {
  it.each(PAYMENT_PLANS)('$kind: instalments add up to the paisa', (plan) => {
    for (const consideration of [90_44_950_00, CRORE + 1, 77_77_777_77, 1_00, 99]) {
      const instalments = instalmentsOf(plan, consideration);
      expect(sumPaise(instalments.map((each) => each.amountPaise))).toBe(consideration);
      for (const { amountPaise } of instalments.slice(0, -1)) expect(amountPaise % 100).toBe(0);
    }
  });

  it('never ask for more by a milestone than its share', () => {
    for (const plan of PAYMENT_PLANS) {
      const [booking] = instalmentsOf(plan, 90_44_955_50);
      expect(booking?.amountPaise).toBe(9_04_495_00);
    }
  });

  it('ask for a certificate wherever something must be built', () => {
    const [linked] = PAYMENT_PLANS;
    const certified = linked && instalmentsOf(linked, CRORE).filter((each) => each.needsCertificate);
    expect(certified?.map((each) => each.milestone)).toEqual(
      linked?.stages.slice(2).map((stage) => stage.milestone),
    );
  });

  it('that are wrong are refused', () => {
    const stage = { milestone: 'booking', step: 'booking', shareBps: 9_999 } as const;
    const plan: PaymentPlan = { name: 'odd', kind: 'flexi', stages: [stage] };
    expect(() => instalmentsOf(plan, CRORE)).toThrow('The shares of the plan "odd" make 99.99 %');
    const twice = { ...plan, stages: [5_000, 5_000].map((shareBps) => ({ ...stage, shareBps })) };
    expect(() => instalmentsOf(twice, CRORE)).toThrow('comes twice');
    expect(() => instalmentsOf({ ...plan, stages: [{ ...stage, shareBps: 10_000 }] }, -1)).toThrow(
      RangeError,
    );
  });

  it('keep the caps of Maharashtra, or say where they do not', () => {
    const breaches = PAYMENT_PLANS.map((plan) =>
      maharashtraBreaches(RATES, plan, TODAY).map((breach) => [
        breach.milestone,
        breach.inAllBps,
        breach.mostBps,
      ]),
    );
    expect(breaches).toEqual([[], [], [], [['down_payment', 9_500, 3_000]]]);
    const [, , , down] = PAYMENT_PLANS;
    expect(down && maharashtraBreaches(RATES, down, TODAY)[0]?.reason).toBe(
      '95 % would have been asked for by "down_payment", of which 30 % are allowed up to agreement (Maharashtra agreement for sale, cumulative caps; domain.md section 1 (drafts; high))',
    );
  });

  it('may ask for 10 % before the agreement, whatever comes later', () => {
    const plan: PaymentPlan = {
      name: '20:80',
      kind: 'possession_linked',
      stages: [
        { milestone: 'booking', step: 'booking', shareBps: 2_000 },
        { milestone: 'possession', step: 'possession', shareBps: 8_000 },
      ],
    };
    expect(maharashtraBreaches(RATES, plan, TODAY)).toMatchObject([{ milestone: 'booking', mostBps: 1_000 }]);
  });
});

describe('allocation', () => {
  const demands = [
    { id: 'b', dueOn: '2026-03-01', outstandingPaise: 500 },
    { id: 'a', dueOn: '2026-02-01', outstandingPaise: 300 },
    { id: 'c', dueOn: '2026-03-01', outstandingPaise: 0 },
    { id: 'd', dueOn: '2026-03-01', outstandingPaise: 100 },
  ];

  it.each([
    [0, [], 0],
    [200, [['a', 200]], 0],
    [300, [['a', 300]], 0],
    [
      301,
      [
        ['a', 300],
        ['b', 1],
      ],
      0,
    ],
    [
      1_000,
      [
        ['a', 300],
        ['b', 500],
        ['d', 100],
      ],
      100,
    ],
  ])('gives %d to what was due first', (amount, parts, advancePaise) => {
    expect(allocate(amount, demands)).toEqual({
      parts: parts.map(([demand, amountPaise]) => ({ demand, amountPaise })),
      advancePaise,
    });
  });
});

describe('aging', () => {
  it.each([
    ['2026-11-24', 'current'],
    ['2026-11-23', 'current'],
    ['2026-11-22', '1-30'],
    ['2026-10-24', '1-30'],
    ['2026-10-23', '31-60'],
    ['2026-09-24', '31-60'],
    ['2026-09-23', '61-90'],
    ['2026-08-25', '61-90'],
    ['2026-08-24', '91-180'],
    ['2026-05-27', '91-180'],
    ['2026-05-26', '>180'],
  ] as const)('puts what was due on %s into %s', (dueOn, bucket) => {
    expect(agingBucket(dueOn, TODAY)).toBe(bucket);
    const aging = agingOf([{ dueOn, outstandingPaise: 7 }], TODAY);
    expect(AGING_BUCKETS.filter((each) => aging[each] > 0)).toEqual([bucket]);
  });
});

describe('stamp duty and registration', () => {
  const mumbai: StampCase = { state: 'MH', area: 'mumbai', owners: 'men', valuePaise: CRORE };
  const inAll = (sale: Partial<StampCase>, on = TODAY) => {
    const { dutyPaise, registrationPaise } = stampDuty(RATES, { ...mumbai, ...sale }, on);
    return [dutyPaise / 100, registrationPaise / 100];
  };

  it.each<[string, Partial<StampCase>, [number, number]]>([
    ['Mumbai', {}, [6_00_000, 30_000]],
    ['Mumbai, women only', { owners: 'women' }, [5_00_000, 30_000]],
    ['Mumbai, jointly: no concession', { owners: 'joint' }, [6_00_000, 30_000]],
    ['Mumbai, 20 lakh', { valuePaise: 20 * LAKH }, [1_20_000, 20_000]],
    ['Pune', { area: 'urban' }, [7_00_000, 30_000]],
    ['UP', { state: 'UP', area: 'urban' }, [7_00_000, 1_00_000]],
    ['UP, women', { state: 'UP', owners: 'women' }, [6_00_000, 1_00_000]],
    [
      'UP, women, above 1 crore',
      { state: 'UP', owners: 'women', valuePaise: CRORE + 100_00 },
      [7_00_007, 1_00_001],
    ],
    ['Karnataka', { state: 'KA', area: 'urban' }, [5_60_000, 2_00_000]],
    ['Delhi, joint', { state: 'DL', owners: 'joint' }, [5_00_000, 1_00_000]],
    ['Tamil Nadu', { state: 'TN' }, [7_00_000, 4_00_000]],
    ['Tamil Nadu, women, 10 lakh', { state: 'TN', owners: 'women', valuePaise: 10 * LAKH }, [70_000, 30_000]],
    ['Tamil Nadu, women, 11 lakh', { state: 'TN', owners: 'women', valuePaise: 11 * LAKH }, [77_000, 44_000]],
    ['Telangana', { state: 'TG' }, [7_00_000, 50_000]],
    ['Gujarat, women', { state: 'GJ', owners: 'women' }, [4_90_000, 0]],
  ])('in %s', (_, sale, rupees) => {
    expect(inAll(sale)).toEqual(rupees);
  });

  it('had no rebate before July 2025 in UP', () => {
    expect(inAll({ state: 'UP', owners: 'women' }, '2025-06-30')).toEqual([7_00_000, 1_00_000]);
  });

  it('says what a person must know who confirms it', () => {
    expect(stampDuty(RATES, mumbai, TODAY)).toMatchObject({
      verified: true,
      notes: ['Includes the metro cess.'],
    });
    expect(stampDuty(RATES, { ...mumbai, state: 'TG' }, TODAY)).toMatchObject({
      verified: false,
      notes: ['Sources conflict.', 'Transfer duty. Sources conflict.', 'Sources conflict.'],
    });
  });

  it.each<[string, Partial<StampCase>, string]>([
    ['a place without a row', { area: 'rural' }, 'stamp_duty MH rural/men'],
    ['the fee of Haryana', { state: 'HR', area: 'urban' }, 'registration_fee HR men'],
    ['the cess of a lower slab in Karnataka', { state: 'KA', valuePaise: 45 * LAKH }, 'stamp_cess KA 2'],
  ])('names %s as missing instead of guessing', (_, sale, missing) => {
    expect(() => stampDuty(RATES, { ...mumbai, ...sale }, TODAY)).toThrow(missing);
  });

  it('is not known before its rows', () => {
    expect(() => stampDuty(RATES, mumbai, '2025-03-31')).toThrow(MissingRate);
    expect(() => stampDuty(RATES, { ...mumbai, state: 'KA' }, '2025-08-30')).toThrow(
      'registration_fee KA any',
    );
  });
});
