import { describe, expect, it } from '@jest/globals';
import { formatInr, formatInrShort } from '../templates/money.ts';

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
