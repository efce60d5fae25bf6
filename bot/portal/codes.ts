import { createHmac, timingSafeEqual } from 'node:crypto';
import { derivedKey } from '../documents/keys.ts';

const DIGITS = 6;

/**
 * The digits of one-time codes. They follow from a code's id and SECRET_KEY: they stand neither in the database nor
 * in the outbox, and are made again at the moment of sending and at the moment of comparing.
 */
export class CodeBook {
  private readonly key: Buffer;

  constructor(secret: string) {
    this.key = derivedKey(secret, 'portal codes');
  }

  /** Six digits. Example: `digitsOf('5f0c…') === '048213'` */
  digitsOf(code: string): string {
    // 48 bits over a million: no digit is likelier than another by more than 1 in 10⁸.
    const number = createHmac('sha256', this.key).update(code).digest().readUIntBE(0, 6);
    return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
  }

  /** Whether somebody typed this code, in a time that tells nothing about where they were wrong. */
  isTyped(code: string, typed: string): boolean {
    const given = Buffer.from(plainDigits(typed));
    const right = Buffer.from(this.digitsOf(code));
    return given.length === right.length && timingSafeEqual(given, right);
  }
}

/** As people type them: blanks and hyphens between, or Devanagari digits. */
function plainDigits(typed: string): string {
  return typed
    .slice(0, 40)
    .replace(/[०-९]/g, (digit) => String(digit.charCodeAt(0) - 0x0966))
    .replace(/[\s-]/g, '');
}
