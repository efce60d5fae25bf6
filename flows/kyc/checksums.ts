/** Check digits of the numbers on Indian papers, cards and passports. Pure arithmetic, each by its published rule. */

/** Luhn's check of payment cards (ISO/IEC 7812-1). `digits` holds ASCII digits only. */
export function passesLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/**
 * Verhoeff's check, which ends every Aadhaar number: multiplication in the symmetries of a pentagon, each place
 * permuted once more than the last. `digits` holds ASCII digits only.
 */
export function passesVerhoeff(digits: string): boolean {
  const check = [...digits].reverse().reduce((product, digit, i) => {
    let value = Number(digit);
    for (let times = i % 8; times > 0; times--) value = PERMUTED[value] ?? 0;
    return timesInPentagon(product, value);
  }, 0);
  return check === 0;
}

/**
 * The fifteenth character of a GSTIN, from its first fourteen: base 36, every second place doubled, the digits of
 * each product added. Undefined when one of them is no capital letter or digit.
 * Example: `gstinCheckCharacter('27AAPFU0939F1Z') === 'V'`
 */
export function gstinCheckCharacter(first14: string): string | undefined {
  let sum = 0;
  for (const [i, character] of [...first14].entries()) {
    const value = BASE_36.indexOf(character);
    if (value < 0) return undefined;
    const product = value * (i % 2 === 0 ? 1 : 2);
    sum += Math.floor(product / 36) + (product % 36);
  }
  return BASE_36[(36 - (sum % 36)) % 36];
}

/**
 * The check digit of a field of a machine-readable zone: weights 7, 3, 1, modulo 10 (ICAO Doc 9303-3, 4.9).
 * Undefined when a character does not belong into one.
 * Example: `mrzCheckDigit('L898902C3') === '6'`
 */
export function mrzCheckDigit(field: string): string | undefined {
  let sum = 0;
  for (const [i, character] of [...field].entries()) {
    const value = character === '<' ? 0 : BASE_36.indexOf(character);
    if (value < 0) return undefined;
    sum += value * (MRZ_WEIGHTS[i % 3] ?? 0);
  }
  return `${sum % 10}`;
}

const BASE_36 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const MRZ_WEIGHTS = [7, 3, 1];
const PERMUTED = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/** Digits 0 to 4 are the pentagon's turns, 5 to 9 its reflections. */
function timesInPentagon(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : ((a + b - 5) % 5) + 5;
  return b < 5 ? ((a - 5 - b + 5) % 5) + 5 : (a - b + 5) % 5;
}
