import { describe, expect, it } from '@jest/globals';
import { formatInr, formatInrShort } from '../templates/money.ts';
import { amountInWords } from '../templates/words.ts';

describe('formatInr', () => {
  it.each([
    [0, '₹0'],
    [100, '₹1'],
    [99_999_00, '₹99,999'],
    [1_00_000_00, '₹1,00,000'],
    [12_34_56_789_00, '₹12,34,56,789'],
    [149_50, '₹149.50'],
    [13_315_07, '₹13,315.07'],
    [5, '₹0.05'],
    [-2_50_000_00, '-₹2,50,000'],
    [-50, '-₹0.50'],
  ])('writes %d paise as %s', (amountPaise, expected) => {
    expect(formatInr(amountPaise)).toBe(expected);
  });

  it('writes whole rupees with their zeros for ledgers', () => {
    expect(formatInr(12_34_56_789_00, { decimals: 'always' })).toBe('₹12,34,56,789.00');
    expect(formatInr(149_50, { decimals: 'always' })).toBe('₹149.50');
  });

  it('loses no paisa, up to the largest amount it accepts', () => {
    for (const amountPaise of [1, 99, 101, 7_77_77_777_77, Number.MAX_SAFE_INTEGER]) {
      const digits = formatInr(amountPaise, { decimals: 'always' }).replace(/\D/g, '');
      expect(Number(digits)).toBe(amountPaise);
    }
  });

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1])(
    'refuses %d',
    (amount) => {
      expect(() => formatInr(amount)).toThrow(RangeError);
      expect(() => formatInrShort(amount, 'en')).toThrow(RangeError);
    },
  );
});

describe('formatInrShort', () => {
  it.each([
    [1_25_00_000_00, '₹1.25 Cr'],
    [1_50_00_000_00, '₹1.5 Cr'],
    [2_00_00_000_00, '₹2 Cr'],
    [85_00_000_00, '₹85 lakh'],
    [92_50_000_00, '₹92.5 lakh'],
    [1_00_000_00, '₹1 lakh'],
    [99_999_00, '₹99,999'],
    [-85_00_000_00, '-₹85 lakh'],
    [1_25_000_00_00_000_00, '₹1,25,000 Cr'],
  ])('says %d paise as %s', (amountPaise, expected) => {
    expect(formatInrShort(amountPaise, 'en')).toBe(expected);
    expect(formatInrShort(amountPaise, 'hinglish')).toBe(expected);
  });

  it('says one crore, never a hundred lakh', () => {
    expect(formatInrShort(99_99_999_00, 'en')).toBe('₹1 Cr');
    expect(formatInrShort(99_99_000_00, 'en')).toBe('₹99.99 lakh');
  });

  it('speaks Hindi', () => {
    expect(formatInrShort(1_25_00_000_00, 'hi')).toBe('₹1.25 करोड़');
    expect(formatInrShort(85_00_000_00, 'hi')).toBe('₹85 लाख');
  });
});

describe('amountInWords', () => {
  it.each([
    [0, 'Rupees Zero Only', 'रुपये शून्य मात्र'],
    [1_00, 'Rupees One Only', 'रुपये एक मात्र'],
    [50, 'Rupees Zero and Fifty Paise Only', 'रुपये शून्य और पचास पैसे मात्र'],
    [19_00, 'Rupees Nineteen Only', 'रुपये उन्नीस मात्र'],
    [20_00, 'Rupees Twenty Only', 'रुपये बीस मात्र'],
    [99_99, 'Rupees Ninety-Nine and Ninety-Nine Paise Only', 'रुपये निन्यानवे और निन्यानवे पैसे मात्र'],
    [100_00, 'Rupees One Hundred Only', 'रुपये एक सौ मात्र'],
    [1_001_00, 'Rupees One Thousand One Only', 'रुपये एक हज़ार एक मात्र'],
    [1_00_000_00, 'Rupees One Lakh Only', 'रुपये एक लाख मात्र'],
    [
      12_34_56_789_00,
      'Rupees Twelve Crore Thirty-Four Lakh Fifty-Six Thousand Seven Hundred Eighty-Nine Only',
      'रुपये बारह करोड़ चौंतीस लाख छप्पन हज़ार सात सौ नवासी मात्र',
    ],
    [
      13_315_07,
      'Rupees Thirteen Thousand Three Hundred Fifteen and Seven Paise Only',
      'रुपये तेरह हज़ार तीन सौ पंद्रह और सात पैसे मात्र',
    ],
    [
      1_25_000_00_00_000_00,
      'Rupees One Lakh Twenty-Five Thousand Crore Only',
      'रुपये एक लाख पच्चीस हज़ार करोड़ मात्र',
    ],
  ])('writes %d paise', (amountPaise, english, hindi) => {
    expect(amountInWords(amountPaise, 'en')).toBe(english);
    expect(amountInWords(amountPaise, 'hi')).toBe(hindi);
  });

  it('has a word of its own for every number below a hundred', () => {
    for (const language of ['en', 'hi'] as const) {
      const words = Array.from({ length: 100 }, (_, rupees) => amountInWords(rupees * 100, language));
      expect(new Set(words).size).toBe(100);
      expect(words.filter((each) => / {2}|undefined/.test(each))).toEqual([]);
    }
  });

  it.each([-1, 0.5, Number.NaN, Number.MAX_SAFE_INTEGER + 1])('refuses %d', (amount) => {
    expect(() => amountInWords(amount, 'en')).toThrow(RangeError);
  });
});
